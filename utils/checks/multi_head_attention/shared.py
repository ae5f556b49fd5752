"""What the exercises of this lesson share."""

import math

import numpy as np


def head_count(*shape):
    """Numbers counted up from 0 in that shape, float32: where each goes can be seen."""
    return np.arange(math.prod(shape), dtype="float32").reshape(shape)


def cut(order, shape):
    """Reshapes (B, T, D) as `shape` says of B, T, H and K, then puts the axes into `order`."""

    def split(x, num_heads):
        B, T, D = x.shape
        return x.reshape(shape(B, T, num_heads, D // num_heads)).transpose(order)

    return split


def glue(order, shape):
    """Puts the axes of (B, H, T, K) into `order`, then reshapes as `shape` says of B, H, T and K."""
    return lambda x: x.transpose(order).reshape(shape(*x.shape))
