"""Unusual right answers to create_look_ahead_mask."""

import numpy as np
import tensorflow as tf
from keras import ops


def look_ahead_by_tril(size):
    return np.tril(np.ones((size, size), bool))


def look_ahead_by_band_part(n):
    return tf.cast(tf.linalg.band_part(tf.ones((n, n)), -1, 0), tf.bool)


def look_ahead_by_triu(size):
    return ~np.triu(np.ones((size, size), dtype=bool), k=1)


def look_ahead_by_loops(size):
    return np.array([[column <= row for column in range(size)] for row in range(size)])


def look_ahead_by_cumsum(size):
    return ops.cumsum(ops.eye(size), axis=0) > 0


def look_ahead_by_sequence_mask(size):
    return tf.sequence_mask(tf.range(1, size + 1), size)


def look_ahead_by_recursion(size):
    if size == 1:
        return np.array([[True]])
    mask = np.pad(look_ahead_by_recursion(size - 1), (0, 1))
    mask[-1] = True
    return mask


def look_ahead_by_outer(size):
    return np.greater_equal.outer(np.arange(size), np.arange(size))


ALTERNATIVES = [
    look_ahead_by_recursion,
    look_ahead_by_outer,
    look_ahead_by_sequence_mask,
    look_ahead_by_tril,
    look_ahead_by_band_part,
    look_ahead_by_triu,
    look_ahead_by_loops,
    look_ahead_by_cumsum,
]
