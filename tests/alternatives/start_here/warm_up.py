"""Unusual right answers to warm_up."""

import keras
import numpy as np
import tensorflow as tf


def by_tensorflow(x):
    return tf.add(x, x)


def by_keras(x):
    return keras.ops.multiply(x, 2)


def by_sum(x):
    return x + x


def by_stack(x):
    return np.sum([x, x], axis=0)


def with_a_note(x):
    print("doubling", x)
    return x * 2


def by_half(x):
    return x / 0.5


def by_each_number(x):
    return np.vectorize(lambda number: 2.0 * number)(x)


def in_float32(x):
    return 2 * tf.cast(x, "float32")


ALTERNATIVES = [by_tensorflow, by_keras, by_sum, by_stack, with_a_note, by_half, by_each_number, in_float32]
