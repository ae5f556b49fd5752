"""Unusual right answers to cosine_similarity."""

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


ALTERNATIVES = [cosine_by_tensorflow, cosine_by_einsum, cosine_by_loops]
