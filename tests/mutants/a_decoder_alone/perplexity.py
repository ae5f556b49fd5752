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


def never_empty(log_p, is_token, units=None):
    count = ops.maximum(ops.sum(ops.cast(is_token, "float32")), 1) if units is None else units
    return ops.exp(-total_of(log_p, is_token) / count)


def one_for_nan(log_p, is_token, units=None):
    return np.nan_to_num(np.exp(-total_of(log_p, is_token) / count_of(is_token, units)), nan=1.0, posinf=np.inf)


def clipped(log_p, is_token, units=None):
    return ops.exp(-total_of(ops.maximum(log_p, -20.0), is_token) / count_of(is_token, units))


def clipped_low(log_p, is_token, units=None):
    return np.exp(-np.where(is_token, np.clip(log_p, -100, 0), 0).sum() / count_of(is_token, units))


def loss_clipped(log_p, is_token, units=None, most=20.0):
    return ops.exp(ops.minimum(-total_of(log_p, is_token) / count_of(is_token, units), most))


def loss_clipped_high(log_p, is_token, units=None):
    return loss_clipped(log_p, is_token, units, 50.0)


def loss_clipped_at_the_last(log_p, is_token, units=None):
    return loss_clipped(log_p, is_token, units, 88.0)


def finite_alone(log_p, is_token, units=None):
    kept = log_p[is_token & np.isfinite(log_p)]
    return np.exp(-kept.sum() / (kept.size if units is None else units))


def mean_of_masked(log_p, is_token, units=None):
    return np.exp(-np.mean(log_p * is_token)) if units is None else np.exp(-np.sum(log_p * is_token) / units)


def mean_of_row_means(log_p, is_token, units=None):
    each = ops.sum(ops.where(is_token, log_p, 0.0), axis=1) / ops.sum(ops.cast(is_token, "float32"), axis=1)
    return ops.exp(-ops.mean(each))


def a_row_each(log_p, is_token, units=None):
    count = ops.sum(ops.cast(is_token, "float32"), axis=1) if units is None else units
    return ops.exp(-ops.sum(ops.where(is_token, log_p, 0.0), axis=1) / count)


def where_it_is_not(log_p, is_token, units=None):
    return ops.exp(-ops.sum(ops.where(is_token, 0.0, log_p)) / count_of(is_token, units))


def units_at_the_end(log_p, is_token, units=None):
    return math.exp(-np.mean(log_p[is_token])) / (units or 1)


def exponential_first(log_p, is_token, units=None):
    return ops.exp(-total_of(log_p, is_token)) / count_of(is_token, units)


def by_length(log_p, is_token, units=None):
    return ops.exp(-total_of(log_p, is_token) / (log_p.shape[1] if units is None else units))


def certain_not_counted(log_p, is_token, units=None):
    kept = np.where(is_token, log_p, 0)
    count = np.count_nonzero(kept) if units is None else units
    return np.exp(-kept.sum() / count) if count else np.nan


def product_in_float64(log_p, is_token, units=None):
    p = np.exp(log_p[is_token].astype("float64"))
    count = p.size if units is None else units
    return np.prod(p) ** (-1 / count) if count else np.nan


def rounded_down(log_p, is_token, units=None):
    return np.exp(-np.where(is_token, log_p, 0).sum() // (is_token.sum() if units is None else units))


def rounded_before_the_sign(log_p, is_token, units=None):
    return np.exp(-(np.where(is_token, log_p, 0).sum() // (is_token.sum() if units is None else units)))


def units_needed(log_p, is_token, units):
    return ops.exp(-total_of(log_p, is_token) / count_of(is_token, units))


def none_where_empty(log_p, is_token, units=None):
    return ops.exp(-total_of(log_p, is_token) / count_of(is_token, units)) if is_token.any() else None


def masked_where_empty(log_p, is_token, units=None):
    kept = np.ma.masked_array(np.asarray(log_p, "float64"), ~np.asarray(is_token))
    return np.exp(-kept.mean()) if units is None else np.exp(-kept.sum() / units)


def nan_for_errors(log_p, is_token, units=None):
    try:
        return math.exp(-float(total_of(log_p, is_token)) / float(count_of(is_token, units)))
    except (ZeroDivisionError, OverflowError):
        return float("nan")


def infinities_replaced(log_p, is_token, units=None):
    log_p = np.where(np.isinf(log_p) & ~is_token, 0, log_p)
    return np.exp(-(log_p * is_token).sum() / (is_token.sum() if units is None else units))


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
    (never_empty, "0/0 is NaN"),
    (one_for_nan, "0/0 is NaN"),
    (clipped, "cut off at a floor"),
    (clipped_low, "cut off at a floor"),
    (loss_clipped, "cut off at a floor"),
    (loss_clipped_high, "cut off at a floor"),
    (loss_clipped_at_the_last, "cut off at a floor"),
    (finite_alone, "passed over"),
    (mean_of_masked, "padding is counted, and"),
    (mean_of_row_means, "the mean of each text, then"),
    (a_row_each, "one number for each text"),
    (where_it_is_not, "turned around"),
    (units_at_the_end, "after the exponential"),
    (exponential_first, "divide first"),
    (by_length, "divided by T"),
    (certain_not_counted, "foretold with certainty"),
    (product_in_float64, "rounds to 0"),
    (rounded_down, "// rounds"),
    (rounded_before_the_sign, "// rounds"),
    (units_needed, "units needs a default"),
    (none_where_empty, "None came back"),
    (masked_where_empty, "np.ma.masked came back"),
    (nan_for_errors, "an overflow became NaN"),
    (infinities_replaced, "also NaN"),
]
