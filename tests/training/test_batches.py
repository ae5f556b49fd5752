"""Batches: all sentences once an epoch, few shapes, little padding, the same order for the same seed."""

import numpy as np
import pytest

from utils.training import BucketedBatches

from .small import make_pairs


def epoch_of(batches, epoch=0):
    first = epoch * batches.batches_per_epoch
    return [batches.batch(step) for step in range(first, first + batches.batches_per_epoch)]


def rows_of(batch):
    return [(tuple(s[s > 0]), tuple(t[t > 0]), tuple(w[w > 0])) for s, t, w in zip(*batch, strict=True) if s.any()]


@pytest.mark.parametrize("epoch", [0, 3])
def test_every_sentence_is_there_once_an_epoch(epoch):
    sources, targets = make_pairs()
    batches = BucketedBatches(sources, targets, 64)
    seen = [row for batch in epoch_of(batches, epoch) for row in rows_of(batch)]
    expected = [(tuple(s), tuple(t[:-1]), tuple(t[1:])) for s, t in zip(sources, targets, strict=True)]
    assert sorted(seen) == sorted(expected)


def test_a_width_has_one_shape_and_none_is_above_the_budget():
    batches = BucketedBatches(*make_pairs(500), 96)
    shapes = {array.shape for epoch in range(3) for batch in epoch_of(batches, epoch) for array in batch}
    assert shapes == {(12, 8), (6, 16), (4, 24), (3, 32)}


def test_no_batch_is_tiny_but_perhaps_one():
    batches = BucketedBatches(*make_pairs(500), 512)
    sizes = [(len(rows_of(b)), batches.rows_of(b[0].shape[1])) for b in epoch_of(batches)]
    assert sum(got < full for got, full in sizes) <= 1


def test_little_is_padding():
    batches = BucketedBatches(*make_pairs(2000, 60), 1024)
    tokens = np.array([[np.sum(b[0] > 0), b[0].size] for b in epoch_of(batches)]).sum(axis=0)
    assert tokens[0] / tokens[1] > 0.85


def test_the_order_is_the_seeds_and_changes_each_epoch():
    one, same, other = (BucketedBatches(*make_pairs(), 64, seed=seed) for seed in (1, 1, 2))
    first = epoch_of(one)
    assert all(np.array_equal(a, b) for a, b in zip(first, epoch_of(same), strict=True))
    for changed in (epoch_of(other), epoch_of(one, 1)):
        assert any(a[0].shape != b[0].shape or (a[0] != b[0]).any() for a, b in zip(first, changed, strict=True))
    late = BucketedBatches(*make_pairs(), 64, seed=1).batch(5 * one.batches_per_epoch + 2)  # straight to epoch 5
    assert np.array_equal(late[0], epoch_of(one, 5)[2][0])


def test_a_sentence_beyond_the_budget_is_a_batch_of_one():
    batches = BucketedBatches(*make_pairs(10, 60), 8)
    assert all(len(batch[0]) == 1 for batch in epoch_of(batches))


def test_the_fingerprint_tells_data_and_order_apart():
    sources, targets = make_pairs()
    prints = [
        BucketedBatches(sources, targets, 64).fingerprint(),
        BucketedBatches(sources, targets, 64, seed=1).fingerprint(),
        BucketedBatches(sources, targets, 128).fingerprint(),
        BucketedBatches(sources[::-1], targets[::-1], 64).fingerprint(),
    ]
    assert len(set(prints)) == 4 and prints[0] == BucketedBatches(*make_pairs(), 64).fingerprint()


def test_pairs_must_be_pairs():
    sources, targets = make_pairs()
    for wrong in ((sources, targets[1:]), ([], [])):
        with pytest.raises(ValueError, match="as many targets as sources. Received"):
            BucketedBatches(*wrong)
