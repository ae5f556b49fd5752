"""Wrong answers to layer_norm."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops


def divided_by_variance(x, gamma, beta, epsilon=1e-6):
    mean, variance = tf.nn.moments(tf.constant(x), [-1], keepdims=True)
    return gamma * (x - mean) / (variance + epsilon) + beta


def only_centred(x, gamma, beta, epsilon=1e-6):
    return gamma * (x - np.mean(x, -1, keepdims=True)) + beta


def only_divided(x, gamma, beta, epsilon=1e-6):
    return gamma * x / np.sqrt(np.var(x, -1, keepdims=True) + epsilon) + beta


def rms_norm(x, gamma, beta, epsilon=1e-6):
    return gamma * x * ops.rsqrt(ops.mean(ops.square(x), axis=-1, keepdims=True) + epsilon) + beta


def mean_of_squares(x, gamma, beta, epsilon=1e-6):
    mean = ops.mean(x, axis=-1, keepdims=True)
    variance = ops.mean(ops.square(x), axis=-1, keepdims=True)
    return gamma * (x - mean) / ops.sqrt(variance + epsilon) + beta


def summed_squares(x, gamma, beta, epsilon=1e-6):
    left = x - np.mean(x, axis=-1, keepdims=True)
    return gamma * left / (np.linalg.norm(left, axis=-1, keepdims=True) + 1e-12) + beta


def bessel(x, gamma, beta, epsilon=1e-6):
    left = x - x.mean(axis=-1, keepdims=True)
    return gamma * left / np.sqrt((left**2).sum(-1, keepdims=True) / (x.shape[-1] - 1) + epsilon) + beta


def everything_at_once(x, gamma, beta, epsilon=1e-6):
    return gamma * (x - np.mean(x)) / np.sqrt(np.var(x) + epsilon) + beta


def over_words(x, gamma, beta, epsilon=1e-6):
    mean, variance = ops.mean(x, axis=-2, keepdims=True), ops.var(x, axis=-2, keepdims=True)
    return gamma * (x - mean) / ops.sqrt(variance + epsilon) + beta


def over_features(x, gamma, beta, epsilon):
    return gamma * (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + epsilon) + beta


def over_the_batch(x, gamma, beta, epsilon=1e-6):
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon) + beta


def over_axes_0_and_1(x, gamma, beta, epsilon=1e-6):
    mean, variance = tf.nn.moments(tf.convert_to_tensor(x), axes=[0, 1], keepdims=True)
    return gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta


def batch_norm(x, gamma, beta, epsilon=1e-6):
    axes = tuple(range(x.ndim - 1))
    return gamma * (x - x.mean(axis=axes)) / np.sqrt(x.var(axis=axes) + epsilon) + beta


def per_sentence(x, gamma, beta, epsilon=1e-6):
    axes = tuple(range(1, x.ndim)) if x.ndim > 2 else -1
    return gamma * (x - np.mean(x, axes, keepdims=True)) / np.sqrt(np.var(x, axes, keepdims=True) + epsilon) + beta


def axis_one(x, gamma, beta, epsilon=1e-6):
    axis = 1 if x.ndim > 1 else 0
    return gamma * (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + epsilon) + beta


def keepdims_forgotten(x, gamma, beta, epsilon=1e-6):
    return gamma * (x - np.mean(x, -1)) / np.sqrt(np.var(x, -1) + epsilon) + beta


def no_gamma_beta(x, gamma, beta, epsilon=1e-6):
    return keras.layers.LayerNormalization(epsilon=epsilon, center=False, scale=False)(x)


def no_beta(x, gamma, beta, epsilon=1e-6):
    return over_features(x, gamma, 0, epsilon)


def no_gamma(x, gamma, beta, epsilon=1e-6):
    return over_features(x, 1, beta, epsilon)


def swapped(x, gamma, beta, epsilon=1e-6):
    return over_features(x, beta, gamma, epsilon)


def beta_inside(x, gamma, beta, epsilon=1e-6):
    return gamma * (over_features(x, 1, 0, epsilon) + beta)


def epsilon_outside(x, gamma, beta, epsilon=1e-6):
    return gamma * (x - x.mean(-1, keepdims=True)) / (x.std(-1, keepdims=True) + epsilon) + beta


def no_epsilon(x, gamma, beta, epsilon=1e-6):
    return over_features(x, gamma, beta, 0.0)


def epsilon_of_keras(x, gamma, beta, epsilon=1e-6):
    return over_features(x, gamma, beta, 1e-3)


def epsilon_fixed(x, gamma, beta, epsilon=1e-6):
    return over_features(x, gamma, beta, 1e-6)


def brackets_forgotten(x, gamma, beta, epsilon=1e-6):
    mean, variance = ops.mean(x, -1, keepdims=True), ops.var(x, -1, keepdims=True)
    return gamma * (x - mean / ops.sqrt(variance + epsilon)) + beta


def forgot_return(x, gamma, beta, epsilon=1e-6):
    over_features(x, gamma, beta, epsilon)


def by_numpy(x, gamma, beta, epsilon=1e-6):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + epsilon) * gamma + beta


def by_asarray(x, gamma, beta, epsilon=1e-6):
    x = np.asarray(x)
    mean, variance = np.mean(x, axis=-1, keepdims=True), np.var(x, axis=-1, keepdims=True)
    return (gamma * (x - mean) / np.sqrt(variance + epsilon) + beta).astype("float32")


def in_ops(formula):
    """As the lesson asks for it, with `ops`: (x, mean, variance, gamma, beta, epsilon) -> result."""

    def answer(x, gamma, beta, epsilon=1e-6):
        mean = ops.mean(x, axis=-1, keepdims=True)
        variance = ops.mean(ops.square(x - mean), axis=-1, keepdims=True)
        return formula(x, mean, variance, gamma, beta, epsilon)

    return answer


def epsilon_outside_in_ops(*given, **named):
    return in_ops(lambda x, m, v, gamma, beta, e: gamma * (x - m) / (ops.sqrt(v) + e) + beta)(*given, **named)


def epsilon_forgotten_in_ops(*given, **named):
    return in_ops(lambda x, m, v, gamma, beta, e: gamma * (x - m) / ops.sqrt(v) + beta)(*given, **named)


def epsilon_as_elsewhere(*given, **named):
    return in_ops(lambda x, m, v, gamma, beta, e: gamma * (x - m) / ops.sqrt(v + 1e-5) + beta)(*given, **named)


def epsilon_subtracted(*given, **named):
    return in_ops(lambda x, m, v, gamma, beta, e: gamma * (x - m) / ops.sqrt(v - e) + beta)(*given, **named)


def epsilon_on_the_result(*given, **named):
    return in_ops(lambda x, m, v, gamma, beta, e: gamma * (x - m) / ops.sqrt(v) + e + beta)(*given, **named)


def root_of_epsilon(*given, **named):
    return in_ops(lambda x, m, v, gamma, beta, e: gamma * (x - m) / (v + e**0.5) + beta)(*given, **named)


def multiplied_by_the_spread(*given, **named):
    return in_ops(lambda x, m, v, gamma, beta, e: gamma * (x - m) * ops.sqrt(v + e) + beta)(*given, **named)


def gamma_inside(*given, **named):
    return in_ops(lambda x, m, v, gamma, beta, e: (gamma * x - m) / ops.sqrt(v + e) + beta)(*given, **named)


def beta_divided(*given, **named):
    return in_ops(lambda x, m, v, gamma, beta, e: (gamma * (x - m) + beta) / ops.sqrt(v + e))(*given, **named)


def tuple_of_one(*given, **named):
    return (in_ops(lambda x, m, v, gamma, beta, e: gamma * (x - m) / ops.sqrt(v + e) + beta)(*given, **named),)


def not_squared(x, gamma, beta, epsilon=1e-6):
    mean = ops.mean(x, axis=-1, keepdims=True)
    variance = ops.square(ops.mean(x - mean, axis=-1, keepdims=True))
    return gamma * (x - mean) / ops.sqrt(variance + epsilon) + beta


def one_variance_for_all(x, gamma, beta, epsilon=1e-6):
    left = x - ops.mean(x, axis=-1, keepdims=True)
    return gamma * left / ops.sqrt(ops.mean(ops.square(left)) + epsilon) + beta


def one_mean_for_all(x, gamma, beta, epsilon=1e-6):
    left = x - ops.mean(x)
    return gamma * left / ops.sqrt(ops.mean(ops.square(left), axis=-1, keepdims=True) + epsilon) + beta


def variance_without_keepdims(x, gamma, beta, epsilon=1e-6):
    mean, variance = ops.mean(x, axis=-1, keepdims=True), ops.var(x, axis=-1)
    return gamma * (x - mean) / ops.sqrt(variance + epsilon) + beta


def mean_without_keepdims(x, gamma, beta, epsilon=1e-6):
    left = x - ops.mean(x, axis=-1)
    return gamma * left / ops.sqrt(ops.mean(ops.square(left), axis=-1, keepdims=True) + epsilon) + beta


def statistics_in_numpy(x, gamma, beta, epsilon=1e-6):
    mean, variance = np.mean(x, axis=-1, keepdims=True), np.var(x, axis=-1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


def left_and_variance(left_of, variance_of):
    """As the lesson asks for it, but for one of the two: (x) -> what is left, (x, left) -> variance."""

    def answer(x, gamma, beta, epsilon=1e-6):
        left = left_of(x)
        return gamma * left / ops.sqrt(variance_of(x, left) + epsilon) + beta

    return answer


def centred(x):
    return x - ops.mean(x, axis=-1, keepdims=True)


def mean_square(x, left):
    return ops.mean(ops.square(left), axis=-1, keepdims=True)


def variance_in_numpy(*given, **named):
    return left_and_variance(centred, lambda x, left: np.var(np.asarray(x), axis=-1, keepdims=True))(*given, **named)


def mean_in_numpy(*given, **named):
    return left_and_variance(lambda x: x - np.asarray(x).mean(axis=-1, keepdims=True), mean_square)(*given, **named)


def root_twice(*given, **named):
    return left_and_variance(centred, lambda x, left: ops.std(x, axis=-1, keepdims=True))(*given, **named)


def mean_unsquared(*given, **named):
    def variance(x, left):
        return ops.mean(x * x, axis=-1, keepdims=True) - ops.mean(x, axis=-1, keepdims=True)

    return left_and_variance(centred, variance)(*given, **named)


def signs_turned(*given, **named):
    return left_and_variance(lambda x: -centred(x), mean_square)(*given, **named)


def axis_by_hand(x, gamma, beta, epsilon=1e-6):
    mean, variance = ops.mean(x, axis=-1)[:, None], ops.var(x, axis=-1)[:, None]
    return gamma * (x - mean) / ops.sqrt(variance + epsilon) + beta


def in_doubles(x, gamma, beta, epsilon=1e-6):
    x, gamma, beta = (ops.cast(array, "float64") for array in (x, gamma, beta))
    return left_and_variance(centred, mean_square)(x, gamma, beta, epsilon)


def other_default(x, gamma, beta, epsilon=1e-5):
    return left_and_variance(centred, mean_square)(x, gamma, beta, epsilon)


def kerass_default(x, gamma, beta, epsilon=1e-3):
    return left_and_variance(centred, mean_square)(x, gamma, beta, epsilon)


def two_roots(x, gamma, beta, epsilon=1e-6):
    return gamma * centred(x) / (ops.std(x, axis=-1, keepdims=True) + np.sqrt(epsilon)) + beta


def largest_of_two(x, gamma, beta, epsilon=1e-6):
    return gamma * centred(x) / ops.maximum(ops.std(x, axis=-1, keepdims=True), epsilon) + beta


def of_length_one(x, gamma, beta, epsilon=1e-6):
    return gamma * tf.math.l2_normalize(x, axis=-1) + beta


def matrix_product(x, gamma, beta, epsilon=1e-6):
    return ops.matmul(centred(x) / ops.sqrt(mean_square(x, centred(x)) + epsilon), gamma) + beta


def beta_multiplied(x, gamma, beta, epsilon=1e-6):
    return gamma * centred(x) / ops.sqrt(mean_square(x, centred(x)) + epsilon) * beta


def gamma_first(x, gamma, beta, epsilon=1e-6):
    x = gamma * x + beta
    return centred(x) / ops.sqrt(mean_square(x, centred(x)) + epsilon)


MUTANTS = [
    (variance_in_numpy, "does not go through the variance"),
    (mean_in_numpy, "does not go through the mean"),
    (root_twice, "root is taken twice"),
    (mean_unsquared, "subtracted unsquared"),
    (signs_turned, "signs are turned"),
    (axis_by_hand, "behind the first"),
    (in_doubles, "float64 came back"),
    (other_default, "epsilon is 1e-05"),
    (kerass_default, "epsilon is 0.001"),
    (two_roots, "two roots are added"),
    (largest_of_two, "by a maximum"),
    (of_length_one, "the word's length"),
    (matrix_product, "a matrix product"),
    (beta_multiplied, "multiplied by beta"),
    (gamma_first, "before the norm"),
    (epsilon_outside_in_ops, "after the root"),
    (epsilon_forgotten_in_ops, "epsilon is unused"),
    (epsilon_as_elsewhere, "epsilon is fixed"),
    (epsilon_subtracted, "epsilon is subtracted"),
    (epsilon_on_the_result, "epsilon is added to the result"),
    (root_of_epsilon, "of epsilon alone"),
    (multiplied_by_the_spread, "multiplied by the spread"),
    (gamma_inside, "gamma multiplies x alone"),
    (beta_divided, "beta is divided"),
    (tuple_of_one, "comma behind"),
    (not_squared, "not squared"),
    (one_variance_for_all, "share one variance"),
    (one_mean_for_all, "share one mean:"),
    (variance_without_keepdims, "the variance has lost"),
    (mean_without_keepdims, "the mean has lost"),
    (statistics_in_numpy, "come from NumPy or are cut off"),
    (by_numpy, "NumPy has no gradients"),
    (by_asarray, "NumPy has no gradients"),
    (divided_by_variance, "square root is missing"),
    (only_centred, "nothing is divided"),
    (only_divided, "not taken out of x"),
    (rms_norm, "RMS norm"),
    (mean_of_squares, "before squaring"),
    (summed_squares, "added up, not averaged"),
    (bessel, "D - 1"),
    (everything_at_once, "all numbers share"),
    (over_words, "over the words"),
    (over_the_batch, "first axis"),
    (over_axes_0_and_1, "axes 0 and 1"),
    (batch_norm, "this is batch norm"),
    (per_sentence, "whole sentence"),
    (axis_one, "axis 1"),
    (keepdims_forgotten, "keepdims"),
    (no_gamma_beta, "both unused"),
    (no_beta, "beta is unused"),
    (no_gamma, "gamma is unused"),
    (swapped, "changed places"),
    (beta_inside, "multiplied too"),
    (epsilon_outside, "after the root"),
    (no_epsilon, "epsilon is unused"),
    (epsilon_of_keras, "epsilon is fixed"),
    (epsilon_fixed, "epsilon is fixed"),
    (brackets_forgotten, "in brackets"),
    (forgot_return, "`return` missing"),
]
