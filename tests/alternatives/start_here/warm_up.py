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


ALTERNATIVES = [by_tensorflow, by_keras, by_sum, by_stack, with_a_note]
