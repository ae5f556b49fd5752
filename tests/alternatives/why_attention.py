"""Unusual right answers to lesson 01."""

import keras
import numpy as np
import tensorflow as tf


def softmax_by_tensorflow(x, axis=-1):
    return tf.nn.softmax(x, axis=axis)


def softmax_by_keras(x, axis=-1):
    return keras.ops.softmax(x, axis=axis)


def softmax_through_logarithms(x, axis=-1):
    x = np.asarray(x, "float64")
    top = np.max(x, axis=axis, keepdims=True)
    return np.exp(x - top - np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)))


def softmax_by_slices(scores, axis=-1):
    def one(row):
        e = np.exp(row - max(row))
        return e / sum(e)

    return np.apply_along_axis(one, axis, scores)


def cosine_by_tensorflow(a, b):
    return tf.reduce_sum(tf.linalg.normalize(a, axis=-1)[0] * tf.linalg.normalize(b, axis=-1)[0], axis=-1)


def cosine_by_einsum(u, v):
    return np.einsum("...d,...d->...", u, v) / np.sqrt(np.sum(u**2, -1) * np.sum(v**2, -1))


def cosine_by_loops(a, b):
    a, b = np.broadcast_arrays(a, b)
    pairs = zip(a.reshape(-1, a.shape[-1]), b.reshape(-1, b.shape[-1]), strict=True)
    return np.array([np.dot(x, y) / np.sqrt(np.dot(x, x) * np.dot(y, y)) for x, y in pairs]).reshape(a.shape[:-1])


def pool_by_loops(query, keys, values, temperature=1.0):
    scores = [sum(k * q for k, q in zip(key, query, strict=True)) / temperature for key in keys]
    e = [np.exp(s - max(scores)) for s in scores]
    weights = np.array([x / sum(e) for x in e])
    pooled = np.zeros(values.shape[1])
    for weight, value in zip(weights, values, strict=True):
        pooled = pooled + weight * value
    return pooled, weights


def pool_by_tensorflow(query, keys, values, temperature=1.0):
    weights = tf.nn.softmax(tf.linalg.matvec(keys, query) / temperature)
    return tf.linalg.matvec(values, weights, transpose_a=True), weights


def pool_by_einsum(q, k, v, temperature=1.0):
    weights = keras.ops.softmax(keras.ops.einsum("sd,d->s", k, q) / temperature)
    return [keras.ops.einsum("s,sv->v", weights, v), weights]


ALTERNATIVES = {
    "softmax": [softmax_by_tensorflow, softmax_by_keras, softmax_through_logarithms, softmax_by_slices],
    "cosine_similarity": [cosine_by_tensorflow, cosine_by_einsum, cosine_by_loops],
    "attention_pool": [pool_by_loops, pool_by_tensorflow, pool_by_einsum],
}
