"""Rows of about one length put together, so that little of the work is padding. NumPy only: no framework."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from tokenizers import Encoding

from utils.text.subwords import pad_batch


class OnDemand(Sequence):
    """Rows of which only the lengths are held: each is made when it is asked for.

    A hundred thousand tokenized texts take gigabytes, and a step of training asks for a few of them.

    Args:
        lengths: of the N rows, whole numbers.
        make: number of a row -> the row.
        mark: () -> a text that changes with the rows; called at most when a training keeps checkpoints.
    """

    def __init__(self, lengths: Sequence[int], make: Callable, mark: Callable[[], str]):
        self.lengths, self.make, self.mark = np.asarray(lengths, int), make, mark

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, index: int):
        return self.make(range(len(self))[index])


class Anew(Sequence):
    """Rows that are other ones each epoch, such as parts cut by chance; by themselves, those of epoch 0.

    Args:
        number: N, how many there are in each.
        make: number of an epoch -> its N rows, perhaps as an `OnDemand`; asked again, it must give the same.
        mark: see `OnDemand`.
    """

    def __init__(self, number: int, make: Callable[[int], Sequence], mark: Callable[[], str]):
        self.number, self.make, self.mark = number, make, mark
        self._epoch, self._rows = None, ()

    def __len__(self) -> int:
        return self.number

    def __getitem__(self, index):
        return self.of_epoch(0)[index]

    def of_epoch(self, epoch: int) -> Sequence:
        """The rows of one epoch; the last one asked for is kept."""
        if epoch != self._epoch:
            self._epoch, self._rows = epoch, self.make(epoch)
        return self._rows


def in_epoch(rows: Sequence, epoch: int) -> Sequence:
    """The rows as they are in an epoch; most are the same in all."""
    return rows.of_epoch(epoch) if isinstance(rows, Anew) else rows


class EncodingBatches:
    """Tokenized texts in batches of about one length, each padded to its own longest row.

    Texts are sorted by length, but for chance: those that differ by little change places. Then they are cut into
    batches, and the batches shuffled. If one batch is smaller, it has the shortest texts.
    Epoch e's order depends on `seed` and e alone.

    Args:
        encodings: N of them, from `tokenizers`, or an `OnDemand` or `Anew` of such.
        batch_size: rows of a batch.
        bucket_width: two texts count as of one length where they differ by less than this, and by less than a tenth.
        seed: of the order.
        pad_id: the id that fills short rows up.
    """

    def __init__(self, encodings: Sequence[Encoding], batch_size: int = 16, bucket_width: int = 8, seed: int = 0,
                 pad_id: int = 0):  # fmt: skip
        for name, value in {"batch_size": batch_size, "bucket_width": bucket_width}.items():
            if not isinstance(value, (int, np.integer)) or value < 1:
                raise ValueError(f"`{name}` must be a whole number of at least 1. Received: {name}={value!r}")
        if not len(encodings):
            raise ValueError("There must be at least one text to make batches of. Received: none")
        self.encodings, self.batch_size, self.bucket_width = encodings, batch_size, bucket_width
        self.seed, self.pad_id = seed, pad_id
        self.lengths = self.lengths_in(0)
        self.batches_per_epoch = -(-len(encodings) // batch_size)
        self._epoch, self._order = None, []

    def lengths_in(self, epoch: int) -> np.ndarray:
        """How long each row is in an epoch, (N,)."""
        rows = in_epoch(self.encodings, epoch)
        return np.array(rows.lengths if isinstance(rows, OnDemand) else [len(encoding) for encoding in rows])

    def order_of_epoch(self, epoch: int) -> list[np.ndarray]:
        """The numbers of the texts in each batch, in the order of training; every text is there once."""
        if epoch != self._epoch:
            random = np.random.default_rng([self.seed, epoch])
            lengths = self.lengths_in(epoch) if isinstance(self.encodings, Anew) else self.lengths
            chance = random.uniform(0, np.minimum(self.bucket_width, lengths / 10))
            nearly = np.argsort(lengths + chance)
            first = len(nearly) % self.batch_size or self.batch_size
            order = np.split(nearly, range(first, len(nearly), self.batch_size))
            self._epoch, self._order = epoch, [order[i] for i in random.permutation(len(order))]
        return self._order

    def batch(self, step: int) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """What step number `step`, from 0 on over all epochs, learns from.

        Returns:
            The numbers (B,) of its rows, and what the encoder takes of them: see `pad_encodings`.
        """
        epoch, index = divmod(step, self.batches_per_epoch)
        rows, encodings = self.order_of_epoch(epoch)[index], in_epoch(self.encodings, epoch)
        return rows, pad_encodings([encodings[i] for i in rows], self.pad_id)

    def in_order(self) -> Iterator[tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]]:
        """Every row once, longest first, for predictions: what is too big for the memory says so at once."""
        order = np.argsort(-self.lengths, kind="stable")
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
