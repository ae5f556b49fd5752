"""Unusual right answers to lesson 02."""

import keras
import numpy as np
import tensorflow as tf

from utils.layers import PositionalEncoding


def angles_by_loops(pos, i, d):
    return np.array([[p / 10000 ** ((c - c % 2) / d) for c in i[0]] for p in pos[:, 0]])


def angles_by_matrix_product(pos, i, d):
    return pos @ np.exp(-np.log(10000.0) * 2 * np.floor(i / 2) / d)


def angles_by_tensorflow(positions, columns, width):
    j = tf.cast(columns // 2, tf.float64)
    return tf.cast(positions, tf.float64) / tf.pow(tf.constant(10000.0, tf.float64), 2 * j / width)


def angles_by_keras(pos, i, d):
    j = keras.ops.cast(keras.ops.floor_divide(i, 2), "float32")
    return keras.ops.matmul(keras.ops.cast(pos, "float32"), keras.ops.power(10000.0, -2 * j / d))


def encoding_by_loops(positions, d):
    table = np.zeros((1, positions, d), "float32")
    for p in range(positions):
        for column in range(0, d, 2):
            table[0, p, column] = np.sin(p / 10000 ** (column / d))
            table[0, p, column + 1] = np.cos(p / 10000 ** (column / d))
    return table


def encoding_by_phase(positions, d):
    """A cosine is a sine, a quarter turn ahead."""
    columns = np.arange(d)
    phase = np.pi / 2 * (columns % 2)
    return np.sin(np.outer(range(positions), 10000.0 ** (-2 * (columns // 2) / d)) + phase)[None].astype(np.float32)


def encoding_by_tensorflow(positions, d):
    rates = tf.pow(10000.0, -tf.range(0, d, 2, dtype=tf.float32) / d)
    angles = tf.range(positions, dtype=tf.float32)[:, tf.newaxis] * rates
    pairs = tf.stack([tf.sin(angles), tf.cos(angles)], axis=-1)
    return tf.reshape(pairs, (1, positions, d))


def encoding_by_keras(positions, d):
    columns = keras.ops.arange(d)
    rates = keras.ops.power(10000.0, keras.ops.cast(columns // 2, "float32") * 2 / d)
    angles = keras.ops.expand_dims(keras.ops.arange(positions, dtype="float32"), 1) / rates
    waves = keras.ops.where(columns % 2 == 0, keras.ops.sin(angles), keras.ops.cos(angles))
    return keras.ops.cast(waves, "float32")[None]


def encoding_by_complex_numbers(positions, d):
    turns = np.exp(1j * np.arange(positions)[:, None] * 10000.0 ** (-np.arange(0, d, 2) / d))
    return np.stack([turns.imag, turns.real], axis=-1).reshape(1, positions, d).astype("float32")


def shift_by_complex_numbers(k, d):
    turns = np.exp(1j * k * 10000.0 ** (-np.arange(0, d, 2) / d))
    here, beside = np.repeat(turns.real, 2), np.zeros(d - 1)
    beside[0::2] = turns.imag
    return np.diag(here) + np.diag(beside, 1) - np.diag(beside, -1)


def shift_by_kron(k, d):
    matrix = np.zeros((d, d))
    for j in range(d // 2):
        angle = k / 10000 ** (2 * j / d)
        one = np.zeros((d // 2, d // 2))
        one[j, j] = 1
        matrix = matrix + np.kron(one, [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return matrix


def shift_by_entries(k, d):
    matrix = [[0.0] * d for _ in range(d)]
    for a in range(0, d, 2):
        angle = k * 10000.0 ** (-a / d)
        matrix[a][a] = matrix[a + 1][a + 1] = np.cos(angle)
        matrix[a][a + 1], matrix[a + 1][a] = np.sin(angle), -np.sin(angle)
    return np.array(matrix)


def shift_by_tensorflow(k, d):
    angles = tf.constant(float(k), tf.float64) * tf.pow(
        tf.constant(10000.0, tf.float64), -tf.range(0, d, 2, dtype=tf.float64) / d
    )
    c, s = tf.cos(angles), tf.sin(angles)
    blocks = tf.reshape(tf.stack([c, s, -s, c], axis=-1), (-1, 2, 2))
    return tf.linalg.LinearOperatorBlockDiag(
        [tf.linalg.LinearOperatorFullMatrix(b) for b in tf.unstack(blocks)]
    ).to_dense()


class BySlice(PositionalEncoding):
    def call(self, x, start=0):
        return x + self.encoding[start : start + x.shape[1]]


class ByGather(PositionalEncoding):
    def call(self, x, start=0):
        rows = keras.ops.arange(keras.ops.shape(x)[1]) + start
        return keras.ops.add(x, keras.ops.take(self.encoding, rows, axis=0)[None])


class ByTensorflow(PositionalEncoding):
    def call(self, inputs, start=0):
        T = tf.shape(inputs)[1]
        return inputs + tf.cast(self.encoding, inputs.dtype)[tf.newaxis, start : start + T, :]


class WordByWord(PositionalEncoding):
    def call(self, x, start=0):
        words = [x[:, t] + self.encoding[start + t] for t in range(x.shape[1])]
        return keras.ops.stack(words, axis=1)


class ComputedAnew(keras.layers.Layer):
    def __init__(self, max_length):
        super().__init__()
        self.max_length = max_length

    def call(self, x, start=0):
        positions = np.arange(start, start + x.shape[1])[:, None]
        columns = np.arange(x.shape[2])
        angles = positions / 10000 ** (2 * (columns // 2) / x.shape[2])
        return x + np.where(columns % 2, np.cos(angles), np.sin(angles)).astype("float32")


ALTERNATIVES = {
    "get_angles": [angles_by_loops, angles_by_matrix_product, angles_by_tensorflow, angles_by_keras],
    "positional_encoding": [
        encoding_by_loops,
        encoding_by_phase,
        encoding_by_tensorflow,
        encoding_by_keras,
        encoding_by_complex_numbers,
    ],
    "shift_matrix": [shift_by_complex_numbers, shift_by_kron, shift_by_entries, shift_by_tensorflow],
    "PositionalEncoding": [BySlice, ByGather, ByTensorflow, WordByWord, ComputedAnew],
}
