"""Unusual right answers to lesson 04."""

import keras
import ml_dtypes
import numpy as np
import tensorflow as tf
from keras import ops


def padding_by_numpy(token_ids, pad_id=0):
    return (np.asarray(token_ids) != pad_id)[:, np.newaxis, np.newaxis, :]


def padding_by_tensorflow(ids, pad_id=0):
    return tf.logical_not(tf.equal(ids, pad_id))[:, tf.newaxis, tf.newaxis, :]


def padding_by_reshape(token_ids, pad_id=0):
    B, S = token_ids.shape
    return ops.reshape(ops.cast(token_ids - pad_id, "bool"), (B, 1, 1, S))


def padding_by_loops(token_ids, pad_id=0):
    mask = np.zeros((len(token_ids), 1, 1, len(token_ids[0])), dtype=bool)
    for b, sentence in enumerate(token_ids):
        for s, token in enumerate(sentence):
            mask[b, 0, 0, s] = token != pad_id
    return mask


def look_ahead_by_tril(size):
    return np.tril(np.ones((size, size), bool))


def look_ahead_by_band_part(n):
    return tf.cast(tf.linalg.band_part(tf.ones((n, n)), -1, 0), tf.bool)


def look_ahead_by_triu(size):
    return ~np.triu(np.ones((size, size), dtype=bool), k=1)


def look_ahead_by_loops(size):
    return np.array([[column <= row for column in range(size)] for row in range(size)])


def look_ahead_by_cumsum(size):
    return ops.cumsum(ops.eye(size), axis=0) > 0


def with_heads(masks):
    masks = [m for m in masks if m is not None]
    four = any(len(m.shape) == 4 for m in masks)
    return [m[:, None] if four and len(m.shape) == 3 else m for m in masks]


def combined_by_numpy(*masks):
    masks = with_heads(masks)
    result = masks[0] if masks else None
    for mask in masks[1:]:
        result = result & mask
    return result


def combined_by_product(*masks):
    product = None
    for mask in with_heads(masks):
        mask = tf.cast(mask, tf.int32)
        product = mask if product is None else product * mask
    return None if product is None else product == 1


def combined_by_stacking(*masks):
    masks = with_heads(masks)
    return np.all(np.stack(np.broadcast_arrays(*masks)), axis=0) if masks else None


def combined_by_what_is_forbidden(*masks):
    masks = with_heads(masks)
    if not masks:
        return None
    forbidden = ops.logical_not(masks[0])
    for mask in masks[1:]:
        forbidden = ops.logical_or(forbidden, ops.logical_not(mask))
    return ops.logical_not(forbidden)


def combined_recursively(*masks):
    masks = with_heads(masks)
    if len(masks) < 2:
        return masks[0] if masks else None
    return combined_recursively(np.minimum(masks[0], masks[1]), *masks[2:])


def additive_by_finfo(mask, dtype="float32"):
    return ops.where(mask, ops.cast(0, dtype), ops.cast(float(ml_dtypes.finfo(dtype).min), dtype))


def additive_by_tensorflow(mask, dtype="float32"):
    return tf.where(mask, tf.zeros((), dtype), tf.as_dtype(dtype).min)


def additive_ten_thousand(mask, dtype="float32"):
    return (1 - ops.cast(mask, dtype)) * -1e4


def additive_by_numpy(mask, dtype="float32"):
    dtype = ml_dtypes.bfloat16 if dtype == "bfloat16" else np.dtype(dtype)
    result = np.zeros(mask.shape, dtype)
    result[~mask] = -30000
    return result


class PaddingAgain(keras.layers.Layer):
    def __init__(self, pad_id=0):
        super().__init__()
        self.pad_id = pad_id

    def call(self, token_ids):
        return ops.not_equal(token_ids, self.pad_id)[:, None, None, :]


class PaddingByTensorFlow(PaddingAgain):
    def call(self, ids):
        return tf.expand_dims(tf.expand_dims(tf.not_equal(ids, self.pad_id), 1), 1)


class LookAheadByComparison(keras.layers.Layer):
    def call(self, x):
        positions = ops.arange(ops.shape(x)[1])
        return positions <= positions[:, None]


class LookAheadByTensorFlow(keras.layers.Layer):
    def call(self, inputs):
        length = tf.shape(inputs)[1]
        return tf.linalg.band_part(tf.ones((length, length)), -1, 0) == 1


class LookAheadByOnes(keras.layers.Layer):
    def call(self, x):
        T = ops.shape(x)[1]
        return ops.tril(ops.ones((T, T), dtype="bool"))


ALTERNATIVES = {
    "create_padding_mask": [padding_by_numpy, padding_by_tensorflow, padding_by_reshape, padding_by_loops],
    "create_look_ahead_mask": [
        look_ahead_by_tril,
        look_ahead_by_band_part,
        look_ahead_by_triu,
        look_ahead_by_loops,
        look_ahead_by_cumsum,
    ],
    "combine_masks": [
        combined_by_numpy,
        combined_by_product,
        combined_by_stacking,
        combined_by_what_is_forbidden,
        combined_recursively,
    ],
    "mask_to_additive": [additive_by_finfo, additive_by_tensorflow, additive_ten_thousand, additive_by_numpy],
    "PaddingMask": [PaddingAgain, PaddingByTensorFlow],
    "LookAheadMask": [LookAheadByComparison, LookAheadByTensorFlow, LookAheadByOnes],
}
