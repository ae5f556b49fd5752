"""Wrong answers to perplexity."""

import math

import numpy as np
from keras import ops


def count_of(is_token, units):
    return ops.sum(ops.cast(is_token, "float32")) if units is None else units


def total_of(log_p, is_token):
    return ops.sum(ops.where(is_token, log_p, 0.0))


def wrong_sign(log_p, is_token, units=None):
    return ops.exp(total_of(log_p, is_token) / count_of(is_token, units))


def the_loss(log_p, is_token, units=None):
    return -total_of(log_p, is_token) / count_of(is_token, units)


def to_two(log_p, is_token, units=None):
    return 2 ** (-float(total_of(log_p, is_token)) / float(count_of(is_token, units)))


def padding_summed(log_p, is_token, units=None):
    return math.exp(-float(np.sum(log_p)) / float(count_of(is_token, units)))


def padding_counted(log_p, is_token, units=None):
    return np.exp(-np.where(is_token, log_p, 0).sum() / (is_token.size if units is None else units))


def plain_mean(log_p, is_token, units=None):
    return np.exp(-log_p.sum() / (log_p.size if units is None else units))


def times_the_mask(log_p, is_token, units=None):
    return ops.exp(-ops.sum(log_p * ops.cast(is_token, "float32")) / count_of(is_token, units))


def mean_of_texts(log_p, is_token, units=None):
    each = [np.exp(-row[kept].mean()) for row, kept in zip(log_p, is_token, strict=True)]
    return np.mean(each)


def mean_of_inverses(log_p, is_token, units=None):
    return np.sum(1 / np.exp(log_p[is_token])) / float(count_of(is_token, units))


def inverse_of_mean(log_p, is_token, units=None):
    return 1 / np.mean(np.exp(log_p[is_token])) if units is None else units / np.sum(np.exp(log_p[is_token]))


def root_of_product(log_p, is_token, units=None):
    p = np.exp(log_p[is_token]).astype("float32")
    return np.float32(1 / np.prod(p)) ** np.float32(1 / float(count_of(is_token, units)))


def units_ignored(log_p, is_token, units=None):
    return ops.exp(-total_of(log_p, is_token) / ops.sum(ops.cast(is_token, "float32")))


def units_again(log_p, is_token, units=None):
    return np.exp(-np.mean(log_p[is_token]) / (units or 1))


def number_of_texts(log_p, is_token, units=None):
    return np.exp(-np.where(is_token, log_p, 0).sum() / (units or len(log_p)))


def not_divided(log_p, is_token, units=None):
    return np.exp(-np.where(is_token, log_p, 0).sum())


def forgot_return(log_p, is_token, units=None):
    ops.exp(-total_of(log_p, is_token) / count_of(is_token, units))


MUTANTS = [
    (wrong_sign, "the sign"),
    (the_loss, "the exponential is missing"),
    (to_two, "not of 2"),
    (padding_summed, "padding is summed"),
    (padding_counted, "padding is counted"),
    (plain_mean, "summed and counted"),
    (times_the_mask, "do not multiply"),
    (mean_of_texts, "each text's perplexity"),
    (mean_of_inverses, "the mean of 1/p"),
    (inverse_of_mean, "one over the mean of p"),
    (root_of_product, "rounds to 0"),
    (units_ignored, "`units` is ignored"),
    (units_again, "once more by `units`"),
    (number_of_texts, "the number of texts"),
    (not_divided, "not divided at all"),
    (forgot_return, "nothing came back"),
]
