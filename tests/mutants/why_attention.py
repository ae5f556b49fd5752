"""Wrong answers to lesson 01. For each exercise: (answer, words that its diagnosis must hold)."""

import numpy as np
import tensorflow as tf


def no_shift(x, axis=-1):
    exponentials = np.exp(np.array(x))
    return exponentials / np.sum(exponentials, axis=axis, keepdims=True)


def no_exponential(x, axis=-1):
    return np.array(x) / np.sum(x, axis=axis, keepdims=True)


def no_sum(x, axis=-1):
    return np.exp(np.array(x) - np.max(x, axis=axis, keepdims=True))


def over_everything(x, axis=-1):
    exponentials = np.exp(x - np.max(x))
    return exponentials / exponentials.sum()


def last_axis_always(x, axis=-1):
    return tf.nn.softmax(x).numpy()


def first_axis_always(x, axis=-1):
    e = np.exp(x - x.max(0))
    return e / e.sum(0)


def negated(x, axis=-1):
    return tf.nn.softmax(-np.array(x), axis=axis)


def logarithm(x, axis=-1):
    return tf.nn.log_softmax(x, axis=axis)


def base_two(x, axis=-1):
    e = 2.0 ** (x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def one_hot(x, axis=-1):
    return np.where(x == np.max(x, axis=axis, keepdims=True), 1.0, 0.0)


def sigmoid(x, axis=-1):
    return tf.sigmoid(x)


def keepdims_forgotten(x, axis=-1):
    x = x - x.max(axis=axis, keepdims=True)
    return np.exp(x) / np.exp(x).sum(axis=axis)


def subtracts_in_place(x, axis=-1):
    x -= x.max(axis=axis, keepdims=True)
    return np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)


def dot(a, b):
    return np.einsum("...d,...d->...", a, b)


def one_length(a, b):
    return dot(a, b) / np.sqrt(np.sum(np.square(a), axis=-1))


def no_root(a, b):
    return dot(a, b) / (dot(a, a) * dot(b, b))


def lengths_added(a, b):
    return dot(a, b) / (np.sqrt(dot(a, a)) + np.sqrt(dot(b, b)))


def distance(a, b):
    return 1 - dot(a, b) / np.sqrt(dot(a, a) * dot(b, b))


def one_long_vector(a, b):
    return np.vdot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b))


def norms_of_everything(a, b):
    return (a * b).sum(-1) / np.linalg.norm(a) / np.linalg.norm(b)


def absolute(a, b):
    return abs(dot(a, b)) / np.sqrt(dot(a, a) * dot(b, b))


def angle(a, b):
    return np.arccos(np.clip(dot(a, b) / np.sqrt(dot(a, a) * dot(b, b)), -1, 1))


def average(a, b):
    return (np.asarray(a) * b).mean(-1)


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


MUTANTS = {
    "softmax": [
        (no_shift, "subtract the largest"),
        (no_exponential, "exponential is missing"),
        (no_sum, "divide by the sum"),
        (over_everything, "all entries together"),
        (last_axis_always, "`axis` is ignored"),
        (first_axis_always, "always works along the first axis"),
        (negated, "sign is turned"),
        (logarithm, "logarithm"),
        (base_two, "powers of 2"),
        (one_hot, "all or nothing"),
        (sigmoid, "sigmoid"),
        (keepdims_forgotten, "it raised ValueError"),
        (subtracts_in_place, "changes the array it was given"),
    ],
    "cosine_similarity": [
        (dot, "dot product: divide"),
        (one_length, "only one of the two lengths"),
        (no_root, "a root is missing"),
        (lengths_added, "multiplied, not added"),
        (distance, "1 - cosine"),
        (one_long_vector, "one long vector"),
        (norms_of_everything, "norms run over the whole array"),
        (absolute, "sign is lost"),
        (angle, "angle"),
        (average, "number of entries"),
    ],
    "attention_pool": [
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
    ],
}
