"""Batches of tokenized texts: every one once, little padding, masks that say what is padding."""

import numpy as np
import pytest

from utils.pretrained import fetch
from utils.pretrained.checkpoint import load_tokenizer
from utils.text.buckets import EncodingBatches, pad_encodings


@pytest.fixture(scope="module")
def encodings():
    """150 of lengths 3 to 62, some of two texts."""
    tokenizer = load_tokenizer(fetch())
    random = np.random.default_rng(0)
    texts = [" ".join(["date"] * n) for n in random.integers(1, 31, 150)]
    return [tokenizer.encode(text, *([text] if n % 3 == 0 else [])) for n, text in enumerate(texts)]


def epoch_of(batches, epoch=0):
    first = epoch * batches.batches_per_epoch
    return [batches.batch(step) for step in range(first, first + batches.batches_per_epoch)]


def test_padding_is_what_the_mask_says(encodings):
    ids, types, mask = pad_encodings(encodings[:5], pad_id=9)
    assert (ids.dtype, types.dtype, mask.dtype) == (np.int32, np.int32, bool)
    assert ids.shape == types.shape == mask.shape == (5, max(map(len, encodings[:5])))
    for n, encoding in enumerate(encodings[:5]):
        assert ids[n][mask[n]].tolist() == encoding.ids and types[n][mask[n]].tolist() == encoding.type_ids
    assert set(ids[~mask]) == {9} and set(types[~mask]) == {0}
    assert pad_encodings(encodings[:5], length=70)[0].shape == (5, 70)
    assert [a.shape for a in pad_encodings([])] == [(0, 0)] * 3


def test_every_text_is_there_once_an_epoch(encodings):
    batches = EncodingBatches(encodings, batch_size=16)
    for epoch in (0, 4):
        seen = epoch_of(batches, epoch)
        assert sorted(np.concatenate([rows for rows, _ in seen])) == list(range(150))
        for rows, (ids, _, mask) in seen:
            assert all(ids[k][mask[k]].tolist() == encodings[i].ids for k, i in enumerate(rows))


def test_little_is_padding_and_no_batch_is_tiny_but_one(encodings):
    seen = epoch_of(EncodingBatches(encodings, batch_size=16))
    lengths = sorted(map(len, encodings))
    best = sum(max(lengths[max(0, end - 16) : end]) * min(16, end) for end in range(150, 0, -16))
    assert sum(mask.size for _, (_, _, mask) in seen) < 1.05 * best
    assert sum(len(rows) < 16 for rows, _ in seen) <= 1
    assert all(mask.any(axis=0).all() for _, (_, _, mask) in seen)  # no column is all padding
    assert min(seen, key=lambda batch: len(batch[0]))[1][0].shape[1] < 15  # the smaller one is of short texts


def test_the_order_is_the_seeds_and_changes_each_epoch(encodings):
    def order(seed, epoch):
        return [rows.tolist() for rows, _ in epoch_of(EncodingBatches(encodings, seed=seed), epoch)]

    assert order(1, 0) == order(1, 0) and order(1, 0) != order(2, 0) and order(1, 0) != order(1, 1)


def test_in_order_is_every_text_once_longest_first(encodings):
    seen = list(EncodingBatches(encodings, batch_size=16).in_order())
    assert sorted(np.concatenate([rows for rows, _ in seen])) == list(range(150))
    widths = [mask.shape[1] for _, (_, _, mask) in seen]
    assert widths == sorted(widths, reverse=True)


def test_what_cannot_be_batched():
    with pytest.raises(ValueError, match="at least one text"):
        EncodingBatches([])
    for name in ("batch_size", "bucket_width"):
        with pytest.raises(ValueError, match=f"`{name}` must be a whole number of at least 1. Received: {name}=0"):
            EncodingBatches([None], **{name: 0})
