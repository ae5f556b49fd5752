"""Unusual right answers to mask_to_additive."""

import ml_dtypes
import numpy as np
import tensorflow as tf
from keras import ops

from utils.layers.masks import lowest


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


def additive_by_lowest_times(mask, dtype="float32"):
    return ops.cast(ops.logical_not(mask), dtype) * ops.cast(lowest(dtype), dtype)


def additive_by_nan_to_num(mask, dtype="float32"):
    return ops.nan_to_num(ops.cast(ops.where(mask, 0.0, -1e9), dtype))


def additive_taken_from_a_pair(mask, dtype="float32"):
    return ops.take(ops.cast([lowest(dtype), 0], dtype), ops.cast(mask, "int32"))


def additive_by_numpys_astype(mask, dtype="float32"):
    return np.where(np.asarray(mask), 0.0, -1e4).astype(dtype)


ALTERNATIVES = [
    additive_taken_from_a_pair,
    additive_by_numpys_astype,
    additive_by_nan_to_num,
    additive_by_lowest_times,
    additive_by_finfo,
    additive_by_tensorflow,
    additive_ten_thousand,
    additive_by_numpy,
]
