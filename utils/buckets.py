"""Rows of about one length put together, so that little of the work is padding. NumPy only: no framework."""

from collections.abc import Iterator, Sequence

import numpy as np
from tokenizers import Encoding

from utils.text import pad_batch


class LengthBuckets:
    """The order in which rows are learnt from: sorted into buckets by length, shuffled within each, in batches.

    What does not fill a batch moves on to the next wider bucket, so no batch is tiny but perhaps the last.
    Epoch e's order depends on `seed` and e alone.

    Args:
        lengths: of the N rows.
        batch_size: rows of a batch.
        bucket_width: by how much two buckets differ in length.
        seed: of the order.
    """

    def __init__(self, lengths: Sequence[int], batch_size: int = 16, bucket_width: int = 8, seed: int = 0):
        for name, value in {"batch_size": batch_size, "bucket_width": bucket_width}.items():
            if not isinstance(value, (int, np.integer)) or value < 1:
                raise ValueError(f"`{name}` must be a whole number of at least 1. Received: {name}={value!r}")
        if not len(lengths):
            raise ValueError("There must be at least one row to learn from. Received: none")
        self.batch_size, self.bucket_width, self.seed = batch_size, bucket_width, seed
        self.widths = -(-np.array(lengths) // bucket_width) * bucket_width  # (N,)
        self._epoch, self._order = None, []
        self.batches_per_epoch = len(self.order_of_epoch(0))

    def order_of_epoch(self, epoch: int) -> list[tuple[int, np.ndarray]]:
        """Width and row numbers of each batch, in the order of training; every row is there once."""
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
        """How many rows a batch of this width has."""
        return self.batch_size

    def chosen(self, step: int) -> tuple[int, np.ndarray]:
        """Width and row numbers of the batch of step number `step`, from 0 on over all epochs."""
        epoch, index = divmod(step, self.batches_per_epoch)
        return self.order_of_epoch(epoch)[index]


class EncodingBatches(LengthBuckets):
    """Tokenized texts in batches, each padded to its own longest row.

    Args:
        encodings: N of them, from `tokenizers`.
        batch_size, bucket_width, seed: see `LengthBuckets`.
        pad_id: the id that fills short rows up.
    """

    def __init__(self, encodings: Sequence[Encoding], batch_size: int = 16, bucket_width: int = 8, seed: int = 0,
                 pad_id: int = 0):  # fmt: skip
        super().__init__([len(encoding) for encoding in encodings], batch_size, bucket_width, seed)
        self.encodings, self.pad_id = encodings, pad_id

    def batch(self, step: int) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """What step number `step`, from 0 on over all epochs, learns from.

        Returns:
            The numbers (B,) of its rows, and what the encoder takes of them: see `pad_encodings`.
        """
        _, rows = self.chosen(step)
        return rows, pad_encodings([self.encodings[i] for i in rows], self.pad_id)

    def in_order(self) -> Iterator[tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]]:
        """Every row once, longest first, for predictions: what is too big for the memory says so at once."""
        order = np.argsort([-len(encoding) for encoding in self.encodings], kind="stable")
        for start in range(0, len(order), self.batch_size):
            rows = order[start : start + self.batch_size]
            yield rows, pad_encodings([self.encodings[i] for i in rows], self.pad_id)


def pad_encodings(encodings: Sequence[Encoding], pad_id: int = 0, length: int | None = None) -> tuple:
    """What an encoder takes of B tokenized texts: token_ids, token_type_ids and padding_mask, (B, T) each.

    Ids are int32; the mask is bool, True = token. T is the longest, or `length`.
    """
    rows = [encoding.ids for encoding in encodings], [encoding.type_ids for encoding in encodings]
    token_ids, token_type_ids = (pad_batch(part, value, length) for part, value in zip(rows, (pad_id, 0), strict=True))
    lengths = np.array([len(encoding) for encoding in encodings], int)
    return token_ids, token_type_ids, np.arange(token_ids.shape[1]) < lengths[:, np.newaxis]
