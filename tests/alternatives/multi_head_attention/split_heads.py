"""Unusual right answers to split_heads."""

import numpy as np
import tensorflow as tf


def split_by_tensorflow(x, num_heads):
    return tf.stack(tf.split(x, num_heads, axis=-1), axis=1)


def split_by_slices(x, num_heads):
    K = x.shape[-1] // num_heads
    return np.stack([x[:, :, h * K : (h + 1) * K] for h in range(num_heads)], axis=1)


def split_by_loops(x, num_heads):
    B, T, D = x.shape
    heads = np.zeros((B, num_heads, T, D // num_heads), x.dtype)
    for d in range(D):
        h, k = divmod(d, D // num_heads)
        heads[:, h, :, k] = x[:, :, d]
    return heads


def split_by_swapping(x, num_heads):
    return np.swapaxes(np.reshape(x, (*x.shape[:-1], num_heads, -1)), -2, -3)


ALTERNATIVES = [split_by_tensorflow, split_by_slices, split_by_loops, split_by_swapping]
