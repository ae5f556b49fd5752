"""Unusual right answers to LookAheadMask."""

import keras
import tensorflow as tf
from keras import ops


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


class LookAheadByCumsum(keras.layers.Layer):
    def call(self, x):
        ones = ops.ones_like(x if len(x.shape) == 2 else x[..., 0], dtype="int32")
        counted = ops.cumsum(ones, axis=1)[:1]  # (1, T)
        return ops.transpose(counted) >= counted


ALTERNATIVES = [LookAheadByCumsum, LookAheadByComparison, LookAheadByTensorFlow, LookAheadByOnes]
