"""Unusual right answers to mask_tokens."""

import numpy as np


def place_by_place(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    inputs, labels = token_ids.copy(), np.full_like(token_ids, -100)
    draws = rng.random((2, *token_ids.shape))
    for b, t in zip(*np.nonzero(maskable & (draws[0] < rate)), strict=True):
        labels[b, t] = token_ids[b, t]
        if draws[1, b, t] < 0.8:
            inputs[b, t] = mask_id
        elif draws[1, b, t] < 0.9:
            inputs[b, t] = rng.integers(vocabulary_size)
    return inputs, labels


def an_exact_number(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    """So many places of the whole batch, neither more nor fewer; cut at 80 % and 90 %."""
    places = rng.permutation(np.flatnonzero(maskable))
    places = places[: round(rate * len(places))]
    inputs, labels = token_ids.ravel().copy(), np.full(token_ids.size, -100)
    labels[places] = inputs[places]
    hidden, another, _ = np.split(places, [int(0.8 * len(places)), int(0.9 * len(places))])
    inputs[hidden] = mask_id
    inputs[another] = rng.integers(0, vocabulary_size, len(another))
    return inputs.reshape(token_ids.shape), labels.reshape(token_ids.shape)


def by_choice(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    fate = rng.choice(4, token_ids.shape, p=[1 - rate, 0.8 * rate, 0.1 * rate, 0.1 * rate]) * maskable
    another = rng.integers(vocabulary_size, size=token_ids.shape)
    inputs = np.choose(fate, [token_ids, np.full_like(token_ids, mask_id), another, token_ids])
    return inputs, np.where(fate == 0, -100, token_ids)


def halves(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    """Of those that are not hidden, a second draw takes half; random ids are those of words alone."""
    chosen = maskable & rng.binomial(1, rate, token_ids.shape).astype(bool)
    masked = chosen & (rng.uniform(size=token_ids.shape) < 0.8)
    another = chosen & ~masked & (rng.uniform(size=token_ids.shape) < 0.5)
    inputs = np.array(token_ids)
    inputs[masked] = mask_id
    inputs[another] = rng.integers(5, vocabulary_size, np.count_nonzero(another))
    return inputs, np.where(chosen, token_ids, -100)


ALTERNATIVES = [place_by_place, an_exact_number, by_choice, halves]
