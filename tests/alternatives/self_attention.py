"""Unusual right answers to lesson 03."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops


def project_by_einsum(x, w_q, w_k, w_v):
    return [np.einsum("td,dk->tk", x, w) for w in (w_q, w_k, w_v)]


def project_by_tensorflow(x, w_q, w_k, w_v):
    return tuple(tf.linalg.matmul(x, w) for w in (w_q, w_k, w_v))


def project_at_once(x, w_q, w_k, w_v):
    K = w_q.shape[1]
    everything = ops.matmul(x, ops.concatenate([w_q, w_k, w_v], axis=1))
    return everything[:, :K], everything[:, K : 2 * K], everything[:, 2 * K :]


def project_by_loops(x, w_q, w_k, w_v):
    def times(w):
        return np.array([sum(a * row for a, row in zip(word, w, strict=True)) for word in x])

    return times(w_q), times(w_k), times(w_v)


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


def by_numpy(q, k, v, mask=None):
    scores = np.matmul(q, np.swapaxes(k, -1, -2)) / np.sqrt(q.shape[-1])
    if mask is not None:
        mask = mask[:, None] if mask.ndim == 3 and scores.ndim == 4 else mask
        scores = np.where(mask, scores, -np.inf)
    top = np.max(scores, axis=-1, keepdims=True)
    e = np.exp(scores - np.where(np.isfinite(top), top, 0))
    weights = e / np.maximum(e.sum(axis=-1, keepdims=True), 1e-30)
    return weights @ v, weights


def by_tensorflow(q, k, v, mask=None):
    scores = tf.matmul(q, k, transpose_b=True) / tf.sqrt(tf.cast(tf.shape(k)[-1], tf.float32))
    if mask is None:
        weights = tf.nn.softmax(scores, axis=-1)
        return tf.matmul(weights, v), weights
    if len(mask.shape) == 3 and len(scores.shape) == 4:
        mask = tf.expand_dims(mask, 1)
    keep = tf.cast(mask, scores.dtype)
    weights = tf.nn.softmax(scores + (1.0 - keep) * -1e9, axis=-1) * keep
    return tf.matmul(weights, v), weights


def by_einsum(q, k, v, mask=None):
    scores = ops.einsum("...tk,...sk->...ts", q * q.shape[-1] ** -0.5, k)
    if mask is not None:
        while len(mask.shape) < len(scores.shape) and len(mask.shape) != 2:
            mask = np.expand_dims(mask, 1)
        scores = ops.where(mask, scores, -1e30)
    weights = ops.softmax(scores)
    if mask is not None:
        weights = weights * ops.cast(mask, weights.dtype)
    return [ops.einsum("...ts,...sv->...tv", weights, v), weights]


def by_loops(q, k, v, mask=None):
    if q.ndim > 2:
        masks = [None] * len(q)
        if mask is not None:
            masks = [mask] * len(q) if mask.ndim == 2 else np.broadcast_to(mask, (len(q), *mask.shape[1:]))
        results = []
        for a, b, c, m in zip(q, k, v, masks, strict=True):
            m = m[0] if m is not None and m.ndim == 3 and len(m) == 1 else m
            results.append(by_loops(a, b, c, m))
        return tuple(np.stack(r) for r in zip(*results, strict=True))
    open_to = np.ones((len(q), len(k)), bool) if mask is None else np.broadcast_to(mask, (len(q), len(k)))
    weights = np.zeros((len(q), len(k)))
    for t in range(len(q)):
        seen = np.flatnonzero(open_to[t])
        if len(seen):
            scores = np.array([np.dot(q[t], k[s]) for s in seen]) / np.sqrt(k.shape[1])
            e = np.exp(scores - scores.max())
            weights[t, seen] = e / e.sum()
    return weights @ v, weights


class ScaledByKeras(keras.layers.Layer):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        inputs = [query / query.shape[-1] ** 0.5, value] + ([] if key is None else [key])
        masks = None if attention_mask is None else ops.where(attention_mask, 0.0, -1e9)
        scores = ops.matmul(inputs[0], ops.transpose(inputs[-1], (0, 2, 1)))
        weights = ops.softmax(scores if masks is None else scores + masks)
        output = ops.matmul(weights, value)
        if return_attention_scores:
            return output, weights
        return output


class ScaledByTensorFlow(keras.layers.Layer):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        if key is None:
            key = value
        output, weights = by_tensorflow(query, key, value, mask=attention_mask)
        return [output, weights] if return_attention_scores else output


class ScaledByEinsum(keras.layers.Layer):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        both = by_einsum(query, key if key is not None else value, value, attention_mask)
        return tuple(both) if return_attention_scores else both[0]


ALTERNATIVES = {
    "project_qkv": [project_by_einsum, project_by_tensorflow, project_at_once, project_by_loops],
    "attention_for_one_word": [word_by_loops, word_by_products, word_by_tensorflow, word_from_all],
    "scaled_dot_product_attention": [by_numpy, by_tensorflow, by_einsum, by_loops],
    "ScaledDotProductAttention": [ScaledByKeras, ScaledByTensorFlow, ScaledByEinsum],
}
