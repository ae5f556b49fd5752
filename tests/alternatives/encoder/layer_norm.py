"""Unusual right answers to layer_norm."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops


def norm_by_numpy(x, gamma, beta, epsilon=1e-6):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + epsilon) * gamma + beta


def norm_by_moments(x, gamma, beta, epsilon=1e-6):
    mean, variance = tf.nn.moments(tf.constant(x), axes=[-1], keepdims=True)
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, epsilon)


def norm_by_keras(x, gamma, beta, epsilon=1e-6):
    layer = keras.layers.LayerNormalization(epsilon=epsilon)
    layer.build(x.shape)
    layer.set_weights([gamma, beta])
    return layer(x)


def norm_by_a_loop(x, gamma, beta, epsilon=1e-6):
    words = x.reshape(-1, x.shape[-1]).astype("float64")
    out = np.empty_like(words)
    for n, word in enumerate(words):
        mean = sum(word) / len(word)
        spread = (sum((f - mean) ** 2 for f in word) / len(word) + epsilon) ** 0.5
        out[n] = [g * (f - mean) / spread + b for f, g, b in zip(word, gamma, beta, strict=True)]
    return out.reshape(x.shape).astype("float32")


def norm_by_einsum(x, gamma, beta, epsilon=1e-6):
    D = x.shape[-1]
    left = x - ops.einsum("...d->...", x)[..., None] / D
    return gamma * left * ops.rsqrt(ops.einsum("...d,...d->...", left, left)[..., None] / D + epsilon) + beta


ALTERNATIVES = [norm_by_numpy, norm_by_moments, norm_by_keras, norm_by_a_loop, norm_by_einsum]
