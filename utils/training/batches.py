"""Batches of sentences of about one length, so that little of the work is padding."""

import zlib
from collections.abc import Sequence

import numpy as np

from utils.layers.contract import check_positive
from utils.text import pad_batch


class BucketedBatches:
    """Pairs of sentences, sorted into buckets by length, shuffled within each, in batches of about equal work.

    Every batch is as wide as its bucket, and a wider one has fewer rows: there are only as many shapes as
    buckets. What does not fill a batch moves on to the next wider bucket, so no batch is tiny but perhaps the
    last; that one is filled up with rows of padding. Epoch e's order depends on `seed` and e alone.

    Args:
        sources: N rows of source ids, end last.
        targets: N rows of target ids, start first and end last.
        tokens_per_batch: rows times width of a batch, at most (a sentence longer than that is a batch of one).
        bucket_width: by how much two buckets differ in length.
        seed: of the order.
        pad_id: the id that fills short sentences up.
    """

    def __init__(self, sources: Sequence[np.ndarray], targets: Sequence[np.ndarray], tokens_per_batch: int = 2048,
                 bucket_width: int = 8, seed: int = 0, pad_id: int = 0):  # fmt: skip
        check_positive(tokens_per_batch=tokens_per_batch, bucket_width=bucket_width)
        if not len(sources) or len(sources) != len(targets):
            raise ValueError(f"Needs as many targets as sources. Received: {len(sources)} and {len(targets)}")
        self.sources, self.targets, self.seed, self.pad_id = sources, targets, seed, pad_id
        self.tokens_per_batch, self.bucket_width = tokens_per_batch, bucket_width
        longest = [max(len(s), len(t) - 1) for s, t in zip(sources, targets, strict=True)]
        self.widths = -(-np.array(longest) // bucket_width) * bucket_width  # (N,)
        self._epoch, self._order = None, []
        self.batches_per_epoch = len(self.order_of_epoch(0))

    def order_of_epoch(self, epoch: int) -> list[tuple[int, np.ndarray]]:
        """Width and sentence numbers of each batch, in the order of training; every sentence is there once."""
        if epoch != self._epoch:
            random = np.random.default_rng([self.seed, epoch])
            order, left = [], np.empty(0, int)
            for width in np.unique(self.widths):
                bucket = np.concatenate([left, random.permutation(np.flatnonzero(self.widths == width))])
                rows = self.rows_of(width)
                full = len(bucket) // rows * rows
                order += [(int(width), batch) for batch in bucket[:full].reshape(-1, rows)]
                left = bucket[full:]
            order += [(int(width), left)] if len(left) else []
            self._epoch, self._order = epoch, [order[i] for i in random.permutation(len(order))]
        return self._order

    def rows_of(self, width: int) -> int:
        """How many sentences a batch of this width has."""
        return max(1, self.tokens_per_batch // int(width))

    def batch(self, step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What step number `step`, from 0 on over all epochs, learns from.

        Returns:
            Source ids, what the decoder reads (start first) and what it should say (end last), (B, width) each.
        """
        epoch, index = divmod(step, self.batches_per_epoch)
        width, chosen = self.order_of_epoch(epoch)[index]
        sources, targets = [self.sources[i] for i in chosen], [self.targets[i] for i in chosen]
        missing = [np.empty(0, "int32")] * (self.rows_of(width) - len(chosen))
        rows = (sources, [t[:-1] for t in targets], [t[1:] for t in targets])
        return tuple(pad_batch([*part, *missing], self.pad_id, width) for part in rows)

    def tokens(self, batch: tuple) -> int:
        """How many tokens a batch asks for, padding left out."""
        return int(np.sum(batch[2] != self.pad_id))

    def fingerprint(self) -> str:
        """A number that changes with the data and with the order: a checkpoint remembers it."""
        settings = (self.tokens_per_batch, self.bucket_width, self.seed)
        code = zlib.crc32(repr(settings).encode())
        for row in (*self.sources, *self.targets):
            code = zlib.crc32(np.asarray(row, "<i4").tobytes() + b"|", code)
        return f"{code:08x}"
