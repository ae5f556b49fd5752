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


def shares_after(x, number, axis):
    exponentials = np.exp(x - number)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


def less_the_mean(x, axis=-1):
    return shares_after(x, np.mean(x, axis=axis, keepdims=True), axis)


def less_the_smallest(x, axis=-1):
    return shares_after(x, np.amin(x, axis=axis, keepdims=True), axis)


def less_the_smallest_of_all(x, axis=-1):
    return shares_after(x, x.min(), axis)


def less_the_largest_size(x, axis=-1):
    return shares_after(x, np.max(abs(x), axis=axis, keepdims=True), axis)


def plus_the_largest(x, axis=-1):
    return shares_after(x, -np.max(x, axis=axis, keepdims=True), axis)


def over_the_largest(x, axis=-1):
    return shares_after(x / np.max(x, axis=axis, keepdims=True), 0, axis)


def shifted_above_only(x, axis=-1):
    top = np.max(x, axis=axis, keepdims=True)
    return np.exp(x - top) / np.sum(np.exp(x), axis=axis, keepdims=True)


def in_double_precision(x, axis=-1):
    return shares_after(np.asarray(x, np.float64), 0, axis)


def hides_the_overflow(x, axis=-1):
    return np.nan_to_num(shares_after(x, 0, axis))


def clips(x, axis=-1):
    return shares_after(np.clip(x, -80, 80), 0, axis)


def shifted_scores(x, axis=-1):
    x = x - x.max(axis=axis, keepdims=True)
    return x / x.sum(axis=axis, keepdims=True)


def over_the_scores(x, axis=-1):
    return np.exp(x) / np.sum(x, axis=axis, keepdims=True)


def over_the_mean(x, axis=-1):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / e.mean(axis=axis, keepdims=True)


def first_axis_unless_told(x, axis=0):
    return shares_after(x, np.max(x, axis=axis, keepdims=True), axis)


def everything_unless_told(x, axis=None):
    return shares_after(x, np.max(x, axis=axis, keepdims=True), axis)


def largest_of_the_last_axis(x, axis=-1):
    return shares_after(x, np.max(x, axis=-1, keepdims=True), axis)


def sum_of_the_last_axis(x, axis=-1):
    return shares_after(x, np.max(x, axis=axis, keepdims=True), -1)


def base_ten(x, axis=-1):
    return shares_after(x * np.log(10), np.max(x * np.log(10), axis=axis, keepdims=True), axis)


def four_decimals(x, axis=-1):
    return np.round(tf.nn.softmax(x, axis=axis), 4)


def comma_at_the_end(x, axis=-1):
    return (tf.nn.softmax(x, axis=axis).numpy(),)


def with_a_little_added(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / (np.sum(e, axis=axis, keepdims=True) + 1e-5)


def taken_twice(x, axis=-1):
    return tf.nn.softmax(tf.nn.softmax(x, axis=axis), axis=axis)


def moved_and_left_there(x, axis=-1):
    return tf.nn.softmax(np.moveaxis(x, axis, -1)).numpy()


MUTANTS = [
    (comma_at_the_end, "a comma after it"),
    (less_the_mean, "mean is subtracted"),
    (less_the_smallest, "smallest score is subtracted"),
    (less_the_smallest_of_all, "smallest score is subtracted"),
    (less_the_largest_size, "absolute value is subtracted"),
    (plus_the_largest, "largest score is added"),
    (over_the_largest, "divided by the largest score"),
    (shifted_above_only, "belongs in both"),
    (in_double_precision, "exp overflows: subtract"),
    (hides_the_overflow, "nan_to_num only hides it"),
    (clips, "clipped"),
    (shifted_scores, "exponential is missing"),
    (over_the_scores, "sum of the scores"),
    (over_the_mean, "mean of the exponentials"),
    (first_axis_unless_told, "the default is -1"),
    (everything_unless_told, "the default is -1"),
    (largest_of_the_last_axis, "found along the last axis"),
    (sum_of_the_last_axis, "sum runs along the last axis"),
    (base_ten, "powers of 10"),
    (four_decimals, "rounded"),
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
    (with_a_little_added, "is added to the sum"),
    (taken_twice, "taken twice"),
    (moved_and_left_there, "axes are in another order"),
]
