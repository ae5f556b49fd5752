"""Wrong answers to attention_pool."""

import numpy as np


def shares(scores):
    e = np.exp(scores - scores.max())
    return e / e.sum()


def pool(weights, values):
    return np.sum(weights[:, None] * values, axis=0), weights


def raw_scores(query, keys, values, temperature=1.0):
    return pool(keys.dot(query) / temperature, values)


def temperature_forgotten(query, keys, values, temperature=1.0):
    return pool(shares(keys.dot(query)), values)


def temperature_multiplied(query, keys, values, temperature=1.0):
    return pool(shares(keys.dot(query) * temperature), values)


def temperature_outside(query, keys, values, temperature=1.0):
    return pool(shares(keys.dot(query)) / temperature, values)


def cosines(query, keys, values, temperature=1.0):
    similarity = keys @ query / np.linalg.norm(keys, axis=1) / np.linalg.norm(query)
    return pool(shares(similarity / temperature), values)


def hard(query, keys, values, temperature=1.0):
    weights = np.zeros(len(keys))
    weights[(keys @ query).argmax()] = 1
    return values[(keys @ query).argmax()], weights


def uniform(query, keys, values, temperature=1.0):
    return values.mean(axis=0), np.full(len(keys), 1 / len(keys))


def root_of_width(query, keys, values, temperature=1.0):
    return pool(shares(keys @ query / (temperature * np.sqrt(query.size))), values)


def swapped(query, keys, values, temperature=1.0):
    return pool(shares(keys @ query / temperature), values)[::-1]


def mean_not_sum(query, keys, values, temperature=1.0):
    weights = shares(keys @ query / temperature)
    return np.mean(weights[:, None] * values, axis=0), weights


def keys_pooled(query, keys, values, temperature=1.0):
    return pool(shares(keys @ query / temperature), keys)


def one_result(query, keys, values, temperature=1.0):
    return shares(keys @ query / temperature) @ values


def unstable(query, keys, values, temperature=1.0):
    e = np.exp((keys @ query) / temperature)
    return pool(e / e.sum(), values)


def temperature_fixed(query, keys, values, temperature=1.0):
    return pool(shares(keys @ query / 1.0), values)


def weights_as_column(query, keys, values, temperature=1.0):
    weights = shares(keys @ query[:, None] / temperature)
    return (weights * values).sum(0), weights


MUTANTS = [
    (raw_scores, "softmax is missing"),
    (temperature_forgotten, "temperature is ignored"),
    (temperature_multiplied, "multiplied by the temperature"),
    (temperature_outside, "inside the softmax"),
    (cosines, "cosines, not dot products"),
    (hard, "all or nothing"),
    (uniform, "counts the same"),
    (root_of_width, "scaled by √D"),
    (swapped, "swapped"),
    (mean_not_sum, "not their sum"),
    (keys_pooled, "keys are pooled"),
    (one_result, "only the pooled value"),
    (unstable, "exp overflows"),
    (temperature_fixed, "temperature is ignored"),
    (weights_as_column, "expected (2,)"),
]
