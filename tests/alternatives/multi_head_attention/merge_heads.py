"""Unusual right answers to merge_heads."""

import numpy as np
import tensorflow as tf
from keras import ops


def merge_by_tensorflow(x):
    return tf.concat(tf.unstack(x, axis=1), axis=-1)


def merge_by_einsum(x):
    B, H, T, K = x.shape
    return np.einsum("bhtk->bthk", x).reshape(B, T, H * K)


def merge_by_concatenation(x):
    return ops.concatenate([x[:, h] for h in range(x.shape[1])], axis=-1)


def merge_by_the_shape_of_now(x):
    x = ops.swapaxes(x, 1, 2)
    return ops.reshape(x, (*ops.shape(x)[:2], x.shape[2] * x.shape[3]))


ALTERNATIVES = [merge_by_the_shape_of_now, merge_by_tensorflow, merge_by_einsum, merge_by_concatenation]
