"""Sentences on disk, in shards: training on more than the memory holds. NumPy only, no framework.

`write_shards` deals the pairs out by chance, so that each shard is a sample of all, whatever the file's order was.
`ShardedBatches` reads one shard at a time; what is held does not grow with their number.
"""

import json
import os
import re
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from utils.files import write_whole
from utils.layers.contract import check_positive
from utils.training.batches import BucketedBatches

ROWS = 100_000  # pairs of a shard, about
HELD = 1 << 20  # tokens that are held before they are written
INDEX = "shards.json"
KINDS = "lengths", "ids"
UNFINISHED = "unfinished"


def write_shards(pairs: Iterable[tuple[np.ndarray, np.ndarray]], number: int, folder: str | os.PathLike,
                 rows: int = ROWS, seed: int = 0) -> int:  # fmt: skip
    """Writes pairs of token ids into a folder, dealt out to shards by chance; what was there of such is replaced.

    A shard is two files: NNNNN.lengths, two numbers a pair, and NNNNN.ids, the tokens one pair after the other, source
    before target; whole numbers of four bytes, little end first. The index, shards.json, is written last: without it
    there is nothing to read.

    Args:
        pairs: source ids (S,) and target ids (T,), one pair after the other; none is held for long.
        number: how many there are, about: it says how many shards are made.
        folder: made if need be.
        rows: pairs of a shard, about.
        seed: of the dealing out.

    Returns:
        How many pairs were written.

    Raises:
        OSError: the folder cannot be written, holds other files, or the disk is full.
        ValueError: there is no pair.
    """
    check_positive(number=number, rows=rows)
    folder = claim(folder)
    shards, rng = -(-number // rows), np.random.default_rng(seed)
    waiting, held = [[] for _ in range(shards)], 0
    counts, codes = [0] * shards, {kind: [0] * shards for kind in KINDS}

    def flush() -> None:
        for shard, own in enumerate(waiting):
            if own:
                lengths = np.array([[len(s), len(t)] for s, t in own], "<i4").tobytes()
                ids = np.concatenate([side for pair in own for side in pair]).astype("<i4").tobytes()
                for kind, content in zip(KINDS, (lengths, ids), strict=True):
                    with open(_file(folder, shard, kind), "ab") as file:
                        file.write(content)
                    codes[kind][shard] = zlib.crc32(content, codes[kind][shard])
                counts[shard] += len(own)
                own.clear()

    for source, target in pairs:
        waiting[rng.integers(shards)].append((source, target))
        held += len(source) + len(target)
        if held >= HELD:
            flush()
            held = 0
    flush()
    if not sum(counts):
        raise ValueError(f"There must be at least one pair to write into {folder}. Received: none")
    kept = [shard for shard in range(shards) if counts[shard]]
    content = {"shards": kept, "pairs": [counts[s] for s in kept]}
    content |= {f"crc32 of {kind}": [f"{codes[kind][s]:08x}" for s in kept] for kind in KINDS}
    write_whole(folder / INDEX, json.dumps(content, indent=1).encode())
    return sum(counts)


def claim(folder: str | os.PathLike) -> Path:
    """Makes a folder ready for shards: a new or empty one, or one that has held some, which are removed.

    Raises:
        FileExistsError: it is a file, or holds files and no shards; they are left as they are.
    """
    folder = Path(folder)
    if folder.is_dir() and any(folder.iterdir()) and not _is_ours(folder / INDEX):
        raise FileExistsError(f"{folder} holds other files than shards. Name a new folder, or an empty one")
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(f"{folder} is a file. Name a folder for the shards")
    write_whole(folder / INDEX, json.dumps({UNFINISHED: True}).encode())  # what lies there is nobody else's
    for old in folder.iterdir():
        if re.fullmatch(rf"\d{{5}}\.({'|'.join(KINDS)})", old.name):
            old.unlink()
    return folder


def _is_ours(path: Path) -> bool:
    try:
        return bool({UNFINISHED, "shards"} & json.loads(path.read_text("utf-8")).keys())
    except (OSError, ValueError, AttributeError):
        return False


def _file(folder: Path, shard: int, kind: str) -> Path:
    return folder / f"{shard:05}.{kind}"


class ShardedBatches:
    """Batches of the pairs in a folder of shards, as `BucketedBatches` gives them of pairs in memory.

    An epoch takes the shards in an order of its own, and of each its batches, shuffled; every pair is there once.
    Epoch e's order depends on `seed` and e alone. What is held is one shard, and a number for each.

    Args:
        folder: what `write_shards` wrote.
        tokens_per_batch, bucket_width, seed, pad_id: see `BucketedBatches`.

    Raises:
        FileNotFoundError: the folder holds no such shards, or not all of them.
        ValueError: a file holds something else than was written; of a shard when its turn comes.
    """

    def __init__(self, folder: str | os.PathLike, tokens_per_batch: int = 2048, bucket_width: int = 8, seed: int = 0,
                 pad_id: int = 0):  # fmt: skip
        check_positive(tokens_per_batch=tokens_per_batch, bucket_width=bucket_width)
        self.folder, self.seed, self.pad_id = Path(folder), int(seed), int(pad_id)
        self.tokens_per_batch, self.bucket_width = int(tokens_per_batch), int(bucket_width)
        if not (self.folder / INDEX).is_file():
            raise FileNotFoundError(f"There are no shards in {self.folder}: {INDEX} is missing. Write them anew")
        if not _is_ours(self.folder / INDEX):
            raise ValueError(f"{self.folder / INDEX} is damaged, or is another program's. Write the shards anew")
        self.index = json.loads((self.folder / INDEX).read_text("utf-8"))
        if UNFINISHED in self.index:
            raise FileNotFoundError(f"The shards in {self.folder} were not written to the end. Write them anew")
        self.counts = np.array([self._count(self._lengths_of(n)) for n in range(len(self))])
        self.batches_per_epoch = int(self.counts.sum())
        self._shard, self._batches = None, None

    def __len__(self) -> int:
        """How many shards there are."""
        return len(self.index["shards"])

    def batch(self, step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What step number `step`, from 0 on over all epochs, learns from; see `BucketedBatches.batch`."""
        epoch, place = divmod(step, self.batches_per_epoch)
        order = np.random.default_rng([self.seed, epoch]).permutation(len(self))
        ends = np.cumsum(self.counts[order])
        turn = int(np.searchsorted(ends, place, side="right"))
        shard = int(order[turn])
        inside = place - (ends[turn] - self.counts[shard])
        return self._read(shard).batch(int(epoch * self.counts[shard] + inside))

    def tokens(self, batch: tuple) -> int:
        """How many tokens a batch asks for, padding left out."""
        return int(np.sum(batch[2] != self.pad_id))

    def fingerprint(self) -> str:
        """A number that changes with the data and with the order: a checkpoint remembers it."""
        settings = (self.tokens_per_batch, self.bucket_width, self.seed, self.index)
        return f"{zlib.crc32(json.dumps(settings).encode()):08x}"

    def _read(self, number: int) -> BucketedBatches:
        """The batches of one shard; the last one read is kept."""
        if number != self._shard:
            self._shard, self._batches = None, None  # or two are held for a while
            lengths = self._lengths_of(number)
            ids = self._numbers(number, "ids", int(lengths.sum()))
            sides = np.split(ids, np.cumsum(lengths)[:-1])
            own = int(np.random.SeedSequence([self.seed, number]).generate_state(1)[0])
            self._batches = BucketedBatches(sides[::2], sides[1::2], self.tokens_per_batch, self.bucket_width, own,
                                            self.pad_id)  # fmt: skip
            self._shard = number
        return self._batches

    def _lengths_of(self, number: int) -> np.ndarray:
        """Of each pair of a shard, how many tokens source and target have, (N, 2)."""
        return self._numbers(number, "lengths", 2 * self.index["pairs"][number]).reshape(-1, 2)

    def _numbers(self, number: int, kind: str, count: int) -> np.ndarray:
        path = _file(self.folder, self.index["shards"][number], kind)
        if not path.is_file():
            raise FileNotFoundError(f"There is no {path}, which {INDEX} names. Write the shards anew")
        content = path.read_bytes()
        if len(content) != 4 * count or f"{zlib.crc32(content):08x}" != self.index[f"crc32 of {kind}"][number]:
            raise ValueError(f"{path} is damaged: it does not hold what was written. Write the shards anew")
        return np.frombuffer(content, "<i4")

    def _count(self, lengths: np.ndarray) -> int:
        """How many batches `BucketedBatches` makes of pairs of these lengths."""
        longest = np.maximum(lengths[:, 0], lengths[:, 1] - 1)
        widths, pairs = np.unique(-(-longest // self.bucket_width) * self.bucket_width, return_counts=True)
        full, left = 0, 0
        for width, number in zip(widths.tolist(), pairs.tolist(), strict=True):
            more, left = divmod(left + number, max(1, self.tokens_per_batch // width))
            full += more
        return full + (left > 0)
