"""Wrong answers to rms_norm."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops


def root(x, epsilon):
    return ops.sqrt(ops.mean(ops.square(x), axis=-1, keepdims=True) + epsilon)


def wide(x):
    return ops.cast(x, "float32")


def squared_in_half(x, gamma, epsilon=1e-6):
    return gamma * x / root(ops.convert_to_tensor(x), epsilon)


def stays_wide(x, gamma, epsilon=1e-6):
    return wide(gamma) * wide(x) / root(wide(x), epsilon)


def always_half(x, gamma, epsilon=1e-6):
    return ops.cast(gamma, "float16") * ops.cast(wide(x) / root(wide(x), epsilon), "float16")


def untouched(x, gamma, epsilon=1e-6):
    return x


def no_root(x, gamma, epsilon=1e-6):
    return ops.cast(gamma * wide(x) / root(wide(x), epsilon) ** 2, x.dtype)


def by_one_less(x, gamma, epsilon=1e-6):
    x32 = wide(x)
    mean = ops.sum(x32**2, axis=-1, keepdims=True) / (x.shape[-1] - 1)
    return ops.cast(wide(gamma) * x32 * ops.rsqrt(mean + epsilon), x.dtype)


def layer_norm(x, gamma, epsilon=1e-6):
    left = wide(x) - ops.mean(wide(x), axis=-1, keepdims=True)
    return ops.cast(gamma * left / root(left, epsilon), x.dtype)


def by_deviation(x, gamma, epsilon=1e-6):
    x32 = x.astype("float32")
    return (gamma * x32 / np.sqrt(x32.var(-1, keepdims=True) + epsilon)).astype(x.dtype)


def summed(x, gamma, epsilon=1e-6):
    x32 = x.astype("float32")
    return (gamma * x32 / np.sqrt((x32 * x32).sum(-1, keepdims=True) + epsilon)).astype(x.dtype)


def by_absolute(x, gamma, epsilon=1e-6):
    x32 = x.astype("float32")
    return (gamma * x32 / (np.abs(x32).mean(-1, keepdims=True) + epsilon)).astype(x.dtype)


def one_for_all(x, gamma, epsilon=1e-6):
    x32 = tf.cast(x, "float32")
    return tf.cast(gamma * x32 * tf.math.rsqrt(tf.reduce_mean(x32**2) + epsilon), x.dtype)


def over_words(x, gamma, epsilon=1e-6):
    x32 = tf.cast(x, "float32")
    return tf.cast(gamma * x32 * tf.math.rsqrt(tf.reduce_mean(x32**2, -2, keepdims=True) + epsilon), x.dtype)


def over_the_batch(x, gamma, epsilon=1e-6):
    return ops.cast(gamma * wide(x) / ops.sqrt(ops.mean(wide(x) ** 2, axis=0, keepdims=True) + epsilon), x.dtype)


def squares_the_mean(x, gamma, epsilon=1e-6):
    return ops.cast(gamma * wide(x) / ops.sqrt(ops.mean(wide(x), axis=-1, keepdims=True) ** 2 + epsilon), x.dtype)


def gamma_forgotten(x, gamma, epsilon=1e-6):
    return ops.cast(wide(x) / root(wide(x), epsilon), x.dtype)


def gamma_divides(x, gamma, epsilon=1e-6):
    return ops.cast(wide(x) / root(wide(x), epsilon) / wide(gamma), x.dtype)


def one_plus_gamma(x, gamma, epsilon=1e-6):
    return ops.cast(wide(x) / root(wide(x), epsilon) * (1 + wide(gamma)), x.dtype)


def epsilon_outside(x, gamma, epsilon=1e-6):
    return ops.cast(wide(gamma) * wide(x) / (root(wide(x), 0.0) + epsilon), x.dtype)


def epsilon_fixed(x, gamma, epsilon=1e-6):
    layer = keras.layers.RMSNormalization(epsilon=1e-6)
    layer.build(x.shape)
    layer.scale.assign(gamma)
    return ops.cast(layer(x.astype("float32")), x.dtype)


def epsilon_unused(x, gamma, epsilon=1e-6):
    return ops.cast(wide(gamma) * wide(x) / ops.sqrt(ops.mean(wide(x) ** 2, axis=-1, keepdims=True)), x.dtype)


def epsilon_unused_in_half(x, gamma, epsilon=1e-6):
    return x / ops.sqrt(ops.mean(x**2, axis=-1, keepdims=True)) * gamma


def forgot_return(x, gamma, epsilon=1e-6):
    ops.cast(wide(gamma) * wide(x) / root(wide(x), epsilon), x.dtype)


def mean_in_half(x, gamma, epsilon=1e-6):
    x = ops.convert_to_tensor(x)
    mean_square = ops.cast(ops.mean(ops.square(wide(x)), -1, keepdims=True), x.dtype)
    return gamma * x / ops.sqrt(mean_square + epsilon)


def a_list_of_rows(x, gamma, epsilon=1e-6):
    return [gamma * row / np.sqrt(np.mean(row.astype("float32") ** 2, -1, keepdims=True) + epsilon) for row in x]


def no_keepdims(x, gamma, epsilon=1e-6):
    return ops.cast(gamma * wide(x) / ops.sqrt(ops.mean(wide(x) ** 2, -1) + epsilon), x.dtype)


def no_keepdims_in_numpy(x, gamma, epsilon=1e-6):
    return (gamma * x / np.sqrt((x.astype("float32") ** 2).mean(-1) + epsilon)).astype(x.dtype)


def times_the_root(x, gamma, epsilon=1e-6):
    return ops.cast(gamma * wide(x) * root(wide(x), epsilon), x.dtype)


def divided_by_rsqrt(x, gamma, epsilon=1e-6):
    return ops.cast(gamma * wide(x) / ops.rsqrt(ops.mean(wide(x) ** 2, -1, keepdims=True) + epsilon), x.dtype)


def centred(x, gamma, epsilon=1e-6):
    left = wide(x) - ops.mean(wide(x), -1, keepdims=True)
    return ops.cast(gamma * left / root(wide(x), epsilon), x.dtype)


def gamma_first(x, gamma, epsilon=1e-6):
    scaled = wide(x) * gamma
    return ops.cast(scaled / root(scaled, epsilon), x.dtype)


def two_or_three_axes(x, gamma, epsilon=1e-6):
    out = np.zeros_like(x)
    texts, normed = (x[None], out[None]) if x.ndim == 2 else (x, out)
    for b in range(texts.shape[0]):
        for t in range(texts.shape[1]):
            word = texts[b, t].astype("float32")
            normed[b, t] = gamma * word / np.sqrt(np.mean(word * word) + epsilon)
    return out


def word_by_word(x, gamma, epsilon=1e-6):
    if x.ndim > 1:
        return np.stack([word_by_word(row, gamma, epsilon) for row in x]) if x.ndim < 4 else x
    return (gamma * x / np.sqrt(np.mean(x.astype("float32") ** 2) + epsilon)).astype(x.dtype)


MUTANTS = [
    (squared_in_half, "float16, which ends"),
    (stays_wide, "float32 came back"),
    (always_half, "float16 comes back whatever"),
    (untouched, "x came back"),
    (no_root, "root is missing"),
    (layer_norm, "that is layer norm"),
    (by_deviation, "standard deviation"),
    (by_one_less, "divided by D - 1"),
    (summed, "added up, not averaged"),
    (by_absolute, "mean of |x|"),
    (one_for_all, "all numbers share"),
    (over_words, "over the words"),
    (over_the_batch, "over the first axis"),
    (squares_the_mean, "the mean is squared"),
    (gamma_forgotten, "gamma is unused"),
    (gamma_divides, "gamma divides"),
    (one_plus_gamma, "1 + gamma"),
    (epsilon_outside, "after the root"),
    (epsilon_fixed, "epsilon is fixed"),
    (epsilon_unused, "epsilon is unused"),
    (epsilon_unused_in_half, "epsilon is unused"),
    (forgot_return, "`return` missing"),
    (mean_in_half, "cast back too early"),
    (a_list_of_rows, "a list of rows came back"),
    (no_keepdims, "keepdims=True"),
    (no_keepdims_in_numpy, "keepdims=True"),
    (times_the_root, "the root multiplies"),
    (divided_by_rsqrt, "the root multiplies"),
    (centred, "the mean is taken out of x"),
    (gamma_first, "gamma comes in before the norm"),
    (two_or_three_axes, "any number of axes"),
    (word_by_word, "any number of axes"),
]
