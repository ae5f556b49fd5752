"""Unusual right answers to attention_for_one_word."""

import numpy as np
import tensorflow as tf
from keras import ops


def word_by_loops(q, k, v, i):
    scores = []
    for j in range(len(k)):
        score = 0.0
        for a, b in zip(q[i], k[j], strict=True):
            score += float(a) * float(b)
        scores.append(score / len(k[j]) ** 0.5)
    top = max(scores)
    shares = [np.exp(s - top) for s in scores]
    weights = [s / sum(shares) for s in shares]
    vector = [sum(w * value[c] for w, value in zip(weights, v, strict=True)) for c in range(v.shape[1])]
    return np.array(vector), np.array(weights)


def word_by_products(q, k, v, i):
    scores = k @ q[i] * k.shape[-1] ** -0.5
    e = np.exp(scores - scores.max())
    return (e / e.sum()) @ v, e / e.sum()


def word_by_tensorflow(queries, keys, values, i):
    weights = tf.nn.softmax(tf.linalg.matvec(keys, queries[i]) / tf.sqrt(float(keys.shape[1])))
    return tf.linalg.matvec(values, weights, transpose_a=True), weights


def word_from_all(q, k, v, i):
    weights = ops.softmax(ops.einsum("tk,sk->ts", q, k) / np.sqrt(k.shape[1]))
    return [ops.einsum("s,sv->v", weights[i], v), weights[i]]


def word_by_pairs(q, k, v, i):
    """A weight is one over the sum of e to all differences."""
    scores = (k @ q[i] / np.sqrt(k.shape[1])).astype("float64")
    weights = 1 / np.exp(scores[np.newaxis] - scores[:, np.newaxis]).sum(axis=1)
    return np.average(v, axis=0, weights=weights), weights


ALTERNATIVES = [word_by_pairs, word_by_loops, word_by_products, word_by_tensorflow, word_from_all]
