"""Wrong answers to warm_up."""

import numpy as np


def squared(x):
    return x * x


def halved(x):
    return np.divide(x, 2)


def added(x):
    return 2 + x


def power(x):
    return np.power(2.0, x)


def truncated(x):
    return np.int64(np.asarray(x) * 1) * 2


def total(x):
    return (np.asarray(x) * 2).sum()


def forgot_return(x):
    x * 2


def in_place(x):
    x *= 2
    return x


def repeated(x):
    return [x, x]


def as_text(x):
    return f"{2 * x}"


def first_only(x):
    return 2 * np.ravel(x)[0]


def rounded(x):
    return np.round(np.asarray(x) + x, 4)


def in_half_precision(x):
    return np.float16(x) * np.float16(2)


def three_times(x):
    return x + x + x


def without_sign(x):
    return abs(x) * 2


def nearly(x):
    return 1.99999 * x


kept = {}


def the_first_call_kept(x):
    return kept.setdefault(np.shape(x), 2 * x)


MUTANTS = [
    (squared, "squares x"),
    (halved, "halves x"),
    (added, "adds 2"),
    (power, "power x"),
    (truncated, "whole numbers"),
    (total, "sums the entries"),
    (forgot_return, "`return` missing"),
    (in_place, "changes the array it was given"),
    (repeated, "list came back"),
    (as_text, "got '6'"),
    (first_only, "shape (), expected (3,)"),
    (rounded, "is rounded"),
    (in_half_precision, "is rounded"),
    (three_times, "three times x"),
    (without_sign, "the sign is lost"),
    (nearly, "the numbers differ"),
    (the_first_call_kept, "the numbers differ"),
]
