"""Unusual right answers to get_angles."""

import keras
import numpy as np
import tensorflow as tf


def angles_by_loops(pos, i, d):
    return np.array([[p / 10000 ** ((c - c % 2) / d) for c in i[0]] for p in pos[:, 0]])


def angles_by_matrix_product(pos, i, d):
    return pos @ np.exp(-np.log(10000.0) * 2 * np.floor(i / 2) / d)


def angles_by_tensorflow(positions, columns, width):
    j = tf.cast(columns // 2, tf.float64)
    return tf.cast(positions, tf.float64) / tf.pow(tf.constant(10000.0, tf.float64), 2 * j / width)


def angles_by_keras(pos, i, d):
    j = keras.ops.cast(keras.ops.floor_divide(i, 2), "float64")
    base = keras.ops.cast(10000.0, "float64")
    return keras.ops.matmul(keras.ops.cast(pos, "float64"), keras.ops.power(base, -2 * j / d))


def angles_by_another_base(pos, i, d):
    """The root of 10000 to twice the exponent."""
    return np.outer(pos, 100.0 ** (-2 * (i & ~1) / d))


def angles_from_a_table(pos, i, d):
    speeds = np.logspace(0, -4 * (d - 2) / d, d // 2)
    return pos * speeds[i[0] // 2]


ALTERNATIVES = [
    angles_from_a_table,
    angles_by_another_base,
    angles_by_loops,
    angles_by_matrix_product,
    angles_by_tensorflow,
    angles_by_keras,
]
