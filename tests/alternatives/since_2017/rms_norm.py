"""Unusual right answers to rms_norm."""

import keras
import numpy as np
import tensorflow as tf


def by_numpy(x, gamma, epsilon=1e-6):
    x64 = np.asarray(x, "float64")
    return (np.asarray(gamma, "float64") * x64 / np.sqrt((x64**2).mean(-1, keepdims=True) + epsilon)).astype(x.dtype)


def by_length(x, gamma, epsilon=1e-6):
    """The root of the mean square is the length over √D."""
    wide = tf.cast(x, "float32")
    mean_square = tf.norm(wide, axis=-1, keepdims=True) ** 2 / x.shape[-1]
    return tf.cast(tf.cast(gamma, "float32") * wide * tf.math.rsqrt(mean_square + epsilon), x.dtype)


def by_keras(x, gamma, epsilon=1e-6):
    layer = keras.layers.RMSNormalization(epsilon=epsilon)
    layer.build(x.shape)
    layer.scale.assign(gamma)
    return keras.ops.cast(layer(keras.ops.cast(x, "float32")), x.dtype)


ALTERNATIVES = [by_numpy, by_length, by_keras]
