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


class LookAheadByMapping(keras.layers.Layer):
    def call(self, x):
        positions = tf.range(tf.shape(x)[1])
        return tf.map_fn(lambda row: positions <= row, positions, fn_output_signature=tf.bool)


class LookAheadAskingKeras(keras.layers.Layer):
    def build(self, shape):
        self.attention = keras.layers.MultiHeadAttention(1, 1)

    def call(self, x):
        x = ops.cast(x if len(x.shape) == 3 else x[..., None], "float32")
        return self.attention._compute_causal_mask(x)[0]


ALTERNATIVES = [
    LookAheadByMapping,
    LookAheadAskingKeras,
    LookAheadByCumsum,
    LookAheadByComparison,
    LookAheadByTensorFlow,
    LookAheadByOnes,
]
