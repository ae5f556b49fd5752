"""Unusual right answers to perplexity."""

import math

import numpy as np
import tensorflow as tf
from keras import ops


def by_numpy(log_p, is_token, units=None):
    kept = np.asarray(log_p)[np.asarray(is_token)]
    return np.exp(-kept.sum(dtype="float64") / (kept.size if units is None else units))


def by_python(log_p, is_token, units=None):
    kept = [float(x) for x, here in zip(np.ravel(log_p), np.ravel(is_token), strict=True) if here]
    return np.float64(math.exp(-math.fsum(kept) / (units or len(kept))))


def by_tensorflow(log_p, is_token, units=None):
    kept = tf.boolean_mask(log_p, is_token)
    return tf.exp(-tf.reduce_sum(kept) / tf.cast(tf.size(kept) if units is None else units, tf.float32))


def by_power(log_p, is_token, units=None):
    total = ops.sum(ops.where(is_token, log_p, ops.zeros_like(log_p)))
    return ops.power(math.e, -total / (ops.sum(ops.cast(is_token, "float32")) if units is None else float(units)))


def by_mean_where(log_p, is_token, units=None):
    """NumPy leaves out what is not asked for; a Python number comes back."""
    log_p, is_token = np.asarray(log_p), np.asarray(is_token)
    mean = np.mean(log_p, where=is_token) if units is None else np.sum(log_p, where=is_token) / units
    return float(1 / np.exp(mean))


ALTERNATIVES = [by_mean_where, by_numpy, by_python, by_tensorflow, by_power]
