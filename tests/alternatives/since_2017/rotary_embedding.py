"""Unusual right answers to rotary_embedding."""

import numpy as np
import tensorflow as tf
from keras import ops

from utils.layers import shift_matrix
from utils.layers.rotary import check_layout


def by_complex_numbers(x, start=0, base=10000.0, layout="halves"):
    x, half = np.asarray(x), check_layout(x.shape[-1], layout) // 2
    a, b = (x[..., :half], x[..., half:]) if layout == "halves" else (x[..., ::2], x[..., 1::2])
    angles = np.outer(int(start) + np.arange(x.shape[-2]), base ** (-np.arange(half) / half))
    z = (a + 1j * b) * np.exp(1j * angles)
    if layout == "halves":
        return np.concatenate([z.real, z.imag], axis=-1).astype(x.dtype)
    return np.stack([z.real, z.imag], axis=-1).reshape(x.shape).astype(x.dtype)


def by_rotated_halves(x, start=0, base=10000.0, layout="halves"):
    """Each feature times its own cosine, and a second array with the partners times the sines."""
    x = tf.convert_to_tensor(x)
    K = check_layout(x.shape[-1], layout)
    places = tf.cast(tf.range(start, start + x.shape[-2]), "float32")
    angles = places[:, None] / base ** (tf.range(0, K, 2, dtype="float32") / K)
    if layout == "halves":
        angles = tf.concat([angles, angles], axis=-1)
        partner = tf.concat([-x[..., K // 2 :], x[..., : K // 2]], axis=-1)
    else:
        angles = tf.repeat(angles, 2, axis=-1)
        partner = tf.reshape(tf.stack([-x[..., 1::2], x[..., ::2]], axis=-1), tf.shape(x))
    return x * tf.cast(tf.cos(angles), x.dtype) + partner * tf.cast(tf.sin(angles), x.dtype)


def by_matrices(x, start=0, base=10000.0, layout="halves"):
    """Lesson 02's matrices, for its base; another is a matrix made here."""
    x, start = ops.convert_to_numpy(x), int(start)
    K, turned = check_layout(x.shape[-1], layout), np.empty_like(x)
    order = np.arange(K).reshape(2, -1).T.reshape(-1) if layout == "halves" else np.arange(K)
    for t in range(x.shape[-2]):
        matrix = shift_matrix(-(start + t), K)
        if base != 10000.0:
            for j in range(K // 2):
                c, s = np.cos((start + t) / base ** (2 * j / K)), np.sin((start + t) / base ** (2 * j / K))
                matrix[2 * j : 2 * j + 2, 2 * j : 2 * j + 2] = [[c, -s], [s, c]]
        turned[..., t, order] = x[..., t, order] @ matrix.T
    return turned


def by_places_one_by_one(x, start=0, base=10000.0, layout="halves"):
    K, start = check_layout(x.shape[-1], layout), ops.cast(start, "float32")
    rates = ops.power(ops.cast(base, "float32"), -2.0 * ops.arange(K // 2, dtype="float32") / K)
    rows = []
    for t in range(x.shape[-2]):
        c, s, row = ops.cos((start + t) * rates), ops.sin((start + t) * rates), x[..., t, :]
        a, b = (row[..., : K // 2], row[..., K // 2 :]) if layout == "halves" else (row[..., ::2], row[..., 1::2])
        pair = [a * c - b * s, b * c + a * s]
        rows.append(ops.concatenate(pair, -1) if layout == "halves" else ops.reshape(ops.stack(pair, -1), row.shape))
    return ops.cast(ops.stack(rows, axis=-2), x.dtype)


ALTERNATIVES = [by_complex_numbers, by_rotated_halves, by_matrices, by_places_one_by_one]
