"""Unusual right answers to mean_pool."""

import keras
import numpy as np
import tensorflow as tf


def pool_by_loops(hidden, padding_mask):
    out = np.zeros((len(hidden), np.shape(hidden)[-1]), "float32")
    for b, (rows, keep) in enumerate(zip(np.asarray(hidden), np.asarray(padding_mask), strict=True)):
        tokens = [row for row, k in zip(rows, keep, strict=True) if k]
        if tokens:
            out[b] = sum(tokens) / len(tokens)
    return out


def pool_by_einsum(hidden, padding_mask):
    m = keras.ops.cast(padding_mask, "float32")
    counts = keras.ops.sum(m, axis=1, keepdims=True)
    return keras.ops.einsum("btd,bt->bd", hidden, m) / keras.ops.where(counts == 0, 1.0, counts)


def pool_by_tensorflow(hidden, padding_mask):
    m = tf.cast(padding_mask, tf.float32)[:, :, tf.newaxis]
    return tf.math.divide_no_nan(tf.reduce_sum(hidden * m, axis=1), tf.reduce_sum(m, axis=1))


def pool_by_weights(hidden, padding_mask):
    weights = padding_mask / np.maximum(padding_mask.sum(axis=-1, keepdims=True), 1)
    return np.squeeze(weights[:, np.newaxis] @ np.asarray(hidden, "float64"), 1)


def pool_by_ragged(hidden, padding_mask):
    tokens = tf.ragged.boolean_mask(hidden, padding_mask)
    return tf.reduce_sum(tokens, axis=1) / tf.cast(tf.maximum(tokens.row_lengths(), 1), tf.float32)[:, None]


def pool_by_nanmean(hidden, padding_mask):
    return np.nan_to_num(np.nanmean(np.where(padding_mask[..., None], hidden, np.nan), axis=1))


def pool_by_a_layer(hidden, padding_mask):
    pooled = keras.layers.GlobalAveragePooling1D()(tf.constant(hidden), mask=tf.constant(padding_mask))
    return tf.where(padding_mask.any(axis=1, keepdims=True), pooled, 0.0)


ALTERNATIVES = [pool_by_ragged, pool_by_nanmean, pool_by_a_layer]
ALTERNATIVES += [pool_by_loops, pool_by_einsum, pool_by_tensorflow, pool_by_weights]
