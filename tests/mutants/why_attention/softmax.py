"""Wrong answers to softmax."""

import numpy as np
import tensorflow as tf


def no_shift(x, axis=-1):
    exponentials = np.exp(np.array(x))
    return exponentials / np.sum(exponentials, axis=axis, keepdims=True)


def no_exponential(x, axis=-1):
    return np.array(x) / np.sum(x, axis=axis, keepdims=True)


def no_sum(x, axis=-1):
    return np.exp(np.array(x) - np.max(x, axis=axis, keepdims=True))


def over_everything(x, axis=-1):
    exponentials = np.exp(x - np.max(x))
    return exponentials / exponentials.sum()


def last_axis_always(x, axis=-1):
    return tf.nn.softmax(x).numpy()


def first_axis_always(x, axis=-1):
    e = np.exp(x - x.max(0))
    return e / e.sum(0)


def negated(x, axis=-1):
    return tf.nn.softmax(-np.array(x), axis=axis)


def logarithm(x, axis=-1):
    return tf.nn.log_softmax(x, axis=axis)


def base_two(x, axis=-1):
    e = 2.0 ** (x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def one_hot(x, axis=-1):
    return np.where(x == np.max(x, axis=axis, keepdims=True), 1.0, 0.0)


def sigmoid(x, axis=-1):
    return tf.sigmoid(x)


def keepdims_forgotten(x, axis=-1):
    x = x - x.max(axis=axis, keepdims=True)
    return np.exp(x) / np.exp(x).sum(axis=axis)


def subtracts_in_place(x, axis=-1):
    x -= x.max(axis=axis, keepdims=True)
    return np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)


def largest_of_all(x, axis=-1):
    e = np.exp(x - np.amax(x))
    return e / np.sum(e, axis, keepdims=True)


MUTANTS = [
    (no_shift, "subtract the largest"),
    (no_exponential, "exponential is missing"),
    (no_sum, "divide by the sum"),
    (over_everything, "all entries together"),
    (last_axis_always, "`axis` is ignored"),
    (first_axis_always, "always works along the first axis"),
    (negated, "sign is turned"),
    (logarithm, "logarithm"),
    (base_two, "powers of 2"),
    (one_hot, "all or nothing"),
    (sigmoid, "sigmoid"),
    (keepdims_forgotten, "it raised ValueError"),
    (subtracts_in_place, "changes the array it was given"),
    (largest_of_all, "largest of all scores"),
]
