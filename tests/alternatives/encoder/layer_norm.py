"""Unusual right answers to layer_norm."""

import keras
import tensorflow as tf
from keras import ops


def norm_by_var(x, gamma, beta, epsilon=1e-6):
    mean, variance = ops.mean(x, -1, keepdims=True), ops.var(x, -1, keepdims=True)
    return (x - mean) / (variance + epsilon) ** 0.5 * gamma + beta


def norm_by_moments(x, gamma, beta, epsilon=1e-6):
    mean, variance = tf.nn.moments(tf.convert_to_tensor(x), axes=[-1], keepdims=True)
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, epsilon)


def norm_by_keras(x, gamma, beta, epsilon=1e-6):
    layer = keras.layers.LayerNormalization(epsilon=epsilon)
    layer.build(x.shape)
    layer.set_weights([gamma, beta])
    return layer(x)


def norm_by_a_loop(x, gamma, beta, epsilon=1e-6):
    features = tf.unstack(x, axis=-1)
    mean = sum(features) / len(features)
    spread = (sum((f - mean) ** 2 for f in features) / len(features) + epsilon) ** 0.5
    return tf.stack([g * (f - mean) / spread + b for f, g, b in zip(features, gamma, beta, strict=True)], axis=-1)


def norm_by_einsum(x, gamma, beta, epsilon=1e-6):
    D = x.shape[-1]
    left = x - ops.einsum("...d->...", x)[..., None] / D
    return gamma * left * ops.rsqrt(ops.einsum("...d,...d->...", left, left)[..., None] / D + epsilon) + beta


def norm_with_axes_turned(x, gamma, beta, epsilon=1e-6):
    x = ops.transpose(x)
    x = (x - ops.mean(x, axis=0)) / ops.sqrt(ops.var(x, axis=0) + epsilon)
    return gamma * ops.transpose(x) + beta


ALTERNATIVES = [norm_by_var, norm_by_moments, norm_by_keras, norm_by_a_loop, norm_by_einsum, norm_with_axes_turned]
