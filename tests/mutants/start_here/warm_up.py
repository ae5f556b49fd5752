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
]
