"""Unusual right answers to shift_matrix."""

import numpy as np
import tensorflow as tf


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
    gap = tf.zeros_like(s)
    above, below = (tf.reshape(tf.stack(pair, axis=1), (-1,)) for pair in ((s, gap), (-s, gap)))
    return tf.linalg.diag(tf.stack([above, tf.repeat(c, 2), below]), k=(-1, 1), align="LEFT_LEFT")


def shift_by_powers(k, d):
    """One step, k times; backwards with the inverse."""
    matrix = np.eye(d)
    for j in range(0, d, 2):
        c, s = np.cos(1 / 10000 ** (j / d)), np.sin(1 / 10000 ** (j / d))
        matrix[j : j + 2, j : j + 2] = [[c, s], [-s, c]]
    return np.linalg.matrix_power(matrix, k)


def shift_by_einsum(k, d):
    a = k / 10000 ** (np.arange(0, d, 2) / d)
    blocks = np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
    return np.einsum("abj,jl->jalb", blocks, np.eye(d // 2)).reshape(d, d)


ALTERNATIVES = [
    shift_by_einsum,
    shift_by_powers,
    shift_by_complex_numbers,
    shift_by_kron,
    shift_by_entries,
    shift_by_tensorflow,
]
