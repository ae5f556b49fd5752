"""Unusual right answers to cosine_similarity."""

import keras
import numpy as np
import tensorflow as tf


def cosine_by_tensorflow(a, b):
    return tf.reduce_sum(tf.linalg.normalize(a, axis=-1)[0] * tf.linalg.normalize(b, axis=-1)[0], axis=-1)


def cosine_by_einsum(u, v):
    return np.einsum("...d,...d->...", u, v) / np.sqrt(np.sum(u**2, -1) * np.sum(v**2, -1))


def cosine_by_loops(a, b):
    a, b = np.broadcast_arrays(a, b)
    pairs = zip(a.reshape(-1, a.shape[-1]), b.reshape(-1, b.shape[-1]), strict=True)
    return np.array([np.dot(x, y) / np.sqrt(np.dot(x, x) * np.dot(y, y)) for x, y in pairs]).reshape(a.shape[:-1])


def cosine_by_loss(a, b):
    return -keras.losses.cosine_similarity(a, b)


def cosine_by_matrix_products(a, b):
    """A row times a column, for each pair."""
    a, b = (x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-9) for x in (a, b))
    return np.matmul(a[..., None, :], b[..., :, None])[..., 0, 0].astype("float32")


def cosine_with_a_little_added(a, b):
    return np.sum(a * b, axis=-1) / (np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1) + 1e-8)


def cosine_by_distance(a, b):
    """Of two unit vectors."""
    a, b = (x / np.linalg.norm(x, axis=-1, keepdims=True) for x in (a, b))
    return 1 - np.sum((a - b) ** 2, axis=-1) / 2


ALTERNATIVES = [
    cosine_by_tensorflow,
    cosine_by_einsum,
    cosine_by_loops,
    cosine_by_loss,
    cosine_by_matrix_products,
    cosine_with_a_little_added,
    cosine_by_distance,
]
