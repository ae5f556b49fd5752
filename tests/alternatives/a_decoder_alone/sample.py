"""Unusual right answers to sample."""

import numpy as np
import tensorflow as tf

from utils.generating import check_sampling


def row_by_row(logits, uniform, temperature=1.0, top_k=None, top_p=None):
    """As it would be written on paper."""
    check_sampling(temperature, top_k, top_p)
    drawn = []
    for x, u in zip(np.asarray(logits, "float64"), np.asarray(uniform, "float64"), strict=True):
        ranked = sorted(range(len(x)), key=lambda token, x=x: -x[token])
        if temperature == 0:
            drawn.append(ranked[0])
            continue
        weights = [np.exp((x[token] - x.max()) / temperature) for token in ranked][:top_k]
        total, kept, so_far = sum(weights), [], 0.0
        for token, weight in zip(ranked, weights, strict=False):
            kept.append((token, weight / total))
            so_far += weight / total
            if top_p is not None and so_far >= top_p - 1e-9:
                break
        reach, number = np.cumsum([share for _, share in kept]), u * sum(share for _, share in kept)
        drawn.append(next((token for (token, _), end in zip(kept, reach, strict=True) if number < end), kept[-1][0]))
    return np.array(drawn)


def by_minus_infinity(logits, uniform, temperature=1.0, top_k=None, top_p=None):
    """As most libraries do: what may not come gets a logit of minus infinity."""
    check_sampling(temperature, top_k, top_p)
    x = tf.convert_to_tensor(logits)
    if temperature == 0:
        return tf.argmax(x, axis=-1, output_type=tf.int32)
    x = x / temperature
    if top_k is not None:
        least = tf.math.top_k(x, min(top_k, x.shape[-1])).values[:, -1:]
        x = tf.where(x < least, -np.inf, x)
    order = tf.argsort(x, axis=-1, direction="DESCENDING", stable=True)
    p = tf.gather(tf.nn.softmax(x), order, batch_dims=1)
    if top_p is not None:
        p = tf.where(tf.cumsum(p, axis=-1, exclusive=True) < top_p, p, 0.0)
        p = p / tf.reduce_sum(p, axis=-1, keepdims=True)
    place = tf.reduce_sum(tf.cast(tf.cumsum(p, axis=-1) <= uniform[:, None], tf.int32), axis=-1)
    last = tf.math.count_nonzero(p, axis=-1, dtype=tf.int32) - 1
    return tf.gather(order, tf.minimum(place, last), batch_dims=1)


def by_top_k_of_tensorflow(logits, uniform, temperature=1.0, top_k=None, top_p=None):
    """All the sorting is done by tf.math.top_k; int64 comes back."""
    check_sampling(temperature, top_k, top_p)
    if temperature == 0:
        return tf.argmax(logits, axis=-1)
    size = min(top_k or 10**6, logits.shape[-1])
    values, order = tf.math.top_k(tf.convert_to_tensor(logits), k=size)
    p = tf.nn.softmax(values / temperature)
    if top_p is not None:
        p = tf.where(tf.cumsum(p, axis=-1, exclusive=True) < top_p, p, 0.0)
        p = p / tf.reduce_sum(p, axis=-1, keepdims=True)
    place = tf.searchsorted(tf.cumsum(p, axis=-1), tf.convert_to_tensor(uniform)[:, None], side="right")[:, 0]
    return tf.cast(tf.gather(order, tf.minimum(place, size - 1), batch_dims=1), tf.int64)


ALTERNATIVES = [by_top_k_of_tensorflow, row_by_row, by_minus_infinity]
