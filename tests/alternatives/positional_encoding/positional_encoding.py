"""Unusual right answers to positional_encoding."""

import keras
import numpy as np
import tensorflow as tf


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


def encoding_in_single_precision(positions, d):
    places = np.arange(positions, dtype="float32")[:, None]
    angles = places * np.exp(-np.float32(np.log(10000) / d) * np.arange(0, d, 2, dtype="float32"))
    table = np.empty((positions, d), "float32")
    table[:, 0::2], table[:, 1::2] = np.sin(angles), np.cos(angles)
    return keras.Variable(table[None])


ALTERNATIVES = [
    encoding_in_single_precision,
    encoding_by_loops,
    encoding_by_phase,
    encoding_by_tensorflow,
    encoding_by_keras,
    encoding_by_complex_numbers,
]
