"""Shards on disk: every pair once an epoch, one shard held at a time, the same order for the same seed."""

import json

import numpy as np
import pytest

from utils.training import BucketedBatches, shards
from utils.training.shards import INDEX, ShardedBatches, write_shards

from .small import make_pairs
from .test_batches import epoch_of, rows_of


def written(folder, count=300, rows=70, **options):
    """Pairs in shards of about 70: (sources, targets)."""
    sources, targets = make_pairs(count)
    assert write_shards(zip(sources, targets, strict=True), count, folder, rows, **options) == count
    return sources, targets


@pytest.fixture(autouse=True)
def little_is_held(monkeypatch):
    """So that each file is written in many pieces."""
    monkeypatch.setattr(shards, "HELD", 150)


@pytest.mark.parametrize("epoch", [0, 3])
def test_every_pair_is_there_once_an_epoch(tmp_path, epoch):
    sources, targets = written(tmp_path)
    batches = ShardedBatches(tmp_path, 64)
    assert len(batches) == 5
    seen = [row for batch in epoch_of(batches, epoch) for row in rows_of(batch)]
    expected = [(tuple(s), tuple(t[:-1]), tuple(t[1:])) for s, t in zip(sources, targets, strict=True)]
    assert sorted(seen) == sorted(expected)


@pytest.mark.parametrize("tokens_per_batch", [8, 64, 2048])
def test_a_shard_gives_the_batches_of_its_pairs_in_memory(tmp_path, tokens_per_batch):
    sources, targets = written(tmp_path, rows=1000)
    batches, held = ShardedBatches(tmp_path, tokens_per_batch), BucketedBatches(sources, targets, tokens_per_batch)
    assert batches.batches_per_epoch == held.batches_per_epoch
    assert {b[0].shape for b in epoch_of(batches)} == {b[0].shape for b in epoch_of(held)}


def test_a_shard_is_a_sample_of_all_whatever_the_order_was(tmp_path):
    pairs = [(np.array([number, 2]), np.array([1, number, 2])) for number in range(3, 2003)]
    write_shards(pairs, len(pairs), tmp_path, rows=500)
    first = ShardedBatches(tmp_path)._read(0)
    assert np.std([source[0] for source in first.sources]) > 400  # of 2,000 in a row; 144 if it were 500 in a row


def test_the_order_depends_on_seed_and_epoch_alone(tmp_path):
    written(tmp_path)
    one, other, third = (ShardedBatches(tmp_path, 64, seed=seed) for seed in (0, 0, 1))
    last = one.batches_per_epoch + 7  # asked for at once, as after a training that was stopped
    there = [one.batch(step) for step in range(last + 1)][-1]
    for a, b, c in zip(there, other.batch(last), third.batch(last), strict=True):
        assert np.array_equal(a, b) and not np.array_equal(a, c)
    write_shards(zip(*make_pairs(300), strict=True), 300, tmp_path / "one", rows=1000)
    single = ShardedBatches(tmp_path / "one", 64)  # of which an epoch differs by the order within alone
    orders = [[batch[0].tobytes() for batch in epoch_of(single, epoch)] for epoch in range(2)]
    assert orders[0] != orders[1]
    assert one.fingerprint() == other.fingerprint() != third.fingerprint()
    assert ShardedBatches(tmp_path, np.int64(64), seed=np.int64(0)).fingerprint() == one.fingerprint()
    write_shards(zip(*make_pairs(300, seed=1), strict=True), 300, tmp_path, 70)
    assert ShardedBatches(tmp_path, 64).fingerprint() != one.fingerprint()


def test_in_an_epoch_each_shard_is_read_once_and_none_is_kept(tmp_path, monkeypatch):
    written(tmp_path)
    batches, read = ShardedBatches(tmp_path, 64), []
    numbers = batches._numbers
    monkeypatch.setattr(batches, "_numbers", lambda n, kind, count: read.append((n, kind)) or numbers(n, kind, count))
    epoch_of(batches)
    assert sorted(read) == [(n, kind) for n in range(5) for kind in ("ids", "lengths")]
    assert len(batches._batches.sources) < 120


def test_a_number_that_was_guessed_wrong_loses_nothing(tmp_path):
    sources, targets = make_pairs(50)
    assert write_shards(zip(sources, targets, strict=True), 1000, tmp_path, rows=10) == 50  # most shards are empty
    seen = [row for batch in epoch_of(ShardedBatches(tmp_path, 64)) for row in rows_of(batch)]
    assert len(seen) == 50


def test_what_breaks_off_leaves_nothing_to_read(tmp_path):
    written(tmp_path)

    def breaking():
        yield from zip(*make_pairs(20), strict=True)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_shards(breaking(), 100, tmp_path, rows=10)
    with pytest.raises(FileNotFoundError, match="were not written to the end"):
        ShardedBatches(tmp_path)
    assert len(list(tmp_path.iterdir())) > 1
    written(tmp_path, count=30, rows=1000)  # what was left does not mix with what is written then
    assert len(epoch_of(ShardedBatches(tmp_path, 10_000))) < 5
    with pytest.raises(ValueError, match="at least one pair"):
        write_shards([], 10, tmp_path)


@pytest.mark.parametrize("kind", ["ids", "lengths"])
def test_a_damaged_file_is_named(tmp_path, kind):
    written(tmp_path, rows=1000)
    path = tmp_path / f"00000.{kind}"
    whole = path.read_bytes()
    for damaged in (whole[:-4], whole + b"\0\0\0\0", whole[:-1], bytes([whole[0] ^ 1]) + whole[1:]):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=rf"00000\.{kind} is damaged.*anew"):
            ShardedBatches(tmp_path).batch(0)
    path.unlink()
    with pytest.raises(FileNotFoundError, match=rf"00000\.{kind}, which {INDEX} names"):
        ShardedBatches(tmp_path).batch(0)


def test_what_are_no_shards_is_left_alone(tmp_path):
    others = {"2024.ids": "mine", "00001.ids": "mine too", "shards.json": '{"pottery": true}'}
    for kept in (others, {"00001.ids": "mine"}, {"shards.json": "["}):
        folder = tmp_path / str(len(kept)) / next(iter(kept))
        folder.mkdir(parents=True)
        for name, text in kept.items():
            (folder / name).write_text(text)
        with pytest.raises(FileExistsError, match="other files than shards.*new folder"):
            written(folder)
        assert {path.name: path.read_text() for path in folder.iterdir()} == kept
    with pytest.raises(FileExistsError, match="is a file"):
        written(tmp_path / "3" / "2024.ids" / "2024.ids")
    with pytest.raises(ValueError, match=r"shards\.json is damaged, or is another program's"):
        ShardedBatches(folder)


def test_written_again_nothing_of_the_old_is_left(tmp_path):
    written(tmp_path, rows=20)
    (tmp_path / "notes.txt").write_text("mine")
    written(tmp_path, count=30, rows=1000)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["00000.ids", "00000.lengths", "notes.txt", INDEX]
    assert json.loads((tmp_path / INDEX).read_text())["pairs"] == [30]
