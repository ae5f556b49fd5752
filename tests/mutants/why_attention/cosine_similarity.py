"""Wrong answers to cosine_similarity."""

import keras
import numpy as np


def dot(a, b):
    return np.einsum("...d,...d->...", a, b)


def one_length(a, b):
    return dot(a, b) / np.sqrt(np.sum(np.square(a), axis=-1))


def no_root(a, b):
    return dot(a, b) / (dot(a, a) * dot(b, b))


def lengths_added(a, b):
    return dot(a, b) / (np.sqrt(dot(a, a)) + np.sqrt(dot(b, b)))


def distance(a, b):
    return 1 - dot(a, b) / np.sqrt(dot(a, a) * dot(b, b))


def one_long_vector(a, b):
    return np.vdot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b))


def norms_of_everything(a, b):
    return (a * b).sum(-1) / np.linalg.norm(a) / np.linalg.norm(b)


def absolute(a, b):
    return abs(dot(a, b)) / np.sqrt(dot(a, a) * dot(b, b))


def angle(a, b):
    return np.arccos(np.clip(dot(a, b) / np.sqrt(dot(a, a) * dot(b, b)), -1, 1))


def average(a, b):
    return (np.asarray(a) * b).mean(-1)


def all_pairs(a, b):
    if np.ndim(a) == 1:
        return dot(a, b) / np.sqrt(dot(a, a) * dot(b, b))
    unit = lambda x: x / np.linalg.norm(x, axis=-1, keepdims=True)  # noqa: E731
    return np.matmul(unit(a), np.moveaxis(unit(b), -1, -2))


def all_pairs_divided_by_columns(a, b):
    return np.dot(a, b.T) / (np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1))


def size(x, axis=-1):
    return np.linalg.norm(x, axis=axis)


def no_brackets(a, b):
    return dot(a, b) / size(a) * size(b)


def times_the_lengths(a, b):
    return dot(a, b) * size(a) * size(b)


def same_length_twice(a, b):
    return dot(a, b) / (size(a) * size(a))


def root_of_the_lengths(a, b):
    return dot(a, b) / np.sqrt(size(a) * size(b))


def length_of_the_product(a, b):
    return np.sum(a * b, axis=-1) / size(a * b)


def sums_for_lengths(a, b):
    return dot(a, b) / (np.abs(a).sum(axis=-1) * np.abs(b).sum(axis=-1))


def bars_for_abs(a, b):
    return np.sum(a * b, axis=-1) / (abs(a) * abs(b))


def len_for_length(a, b):
    return dot(a, b) / (len(a) * len(b))


def products_averaged(a, b):
    return (a * b).mean(axis=-1) / (size(a) * size(b))


def products_not_summed(a, b):
    return a * b / (size(a) * size(b))


def axis_kept(a, b):
    lengths = np.linalg.norm(a, axis=-1, keepdims=True) * np.linalg.norm(b, axis=-1, keepdims=True)
    return np.sum(a * b, axis=-1, keepdims=True) / lengths


def units_without_keepdims(a, b):
    return np.sum((a / size(a)) * (b / size(b)), axis=-1)


def far_apart(a, b):
    return np.sqrt(np.sum((a - b) ** 2, axis=-1))


def correlation(a, b):
    a, b = a - np.mean(a, axis=-1, keepdims=True), b - np.mean(b, axis=-1, keepdims=True)
    return dot(a, b) / (size(a) * size(b))


def sum_of_everything(a, b):
    return np.sum(a * b) / (size(a) * size(b))


def one_norm_of_everything(a, b):
    return dot(a, b) / (size(a) * np.linalg.norm(b))


def first_axis(a, b):
    return np.sum(a * b, axis=0) / (size(a, 0) * size(b, 0))


def norms_along_the_first_axis(a, b):
    return dot(a, b) / (size(a, 0) * size(b, 0))


def products_along_the_first_axis(a, b):
    return sum(a[n] * b[n] for n in range(len(a))) / (size(a) * size(b))


def matrix_product(a, b):
    return a @ b / (np.linalg.norm(a) * np.linalg.norm(b))


def never_negative(a, b):
    return np.clip(dot(a, b) / (size(a) * size(b)), 0, 1)


def loss_of_keras(a, b):
    return keras.losses.cosine_similarity(a, b)


def four_decimals(a, b):
    return np.round(dot(a, b) / (size(a) * size(b)), 4)


def larger_length(a, b):
    return dot(a, b) / np.maximum(size(a), size(b))


def comma_at_the_end(a, b):
    return (dot(a, b) / (size(a) * size(b)),)


def with_a_little_added(a, b):
    return dot(a, b) / (size(a) * size(b) + 1e-5)


def at_least_one(a, b):
    return dot(a, b) / np.maximum(size(a) * size(b), 1)


def from_zero_to_one(a, b):
    return 0.5 + dot(a, b) / (size(a) * size(b)) / 2


def sine(a, b):
    return np.sqrt(1 - np.clip(dot(a, b) / (size(a) * size(b)), -1, 1) ** 2)


def in_degrees(a, b):
    return np.rad2deg(np.arccos(np.clip(dot(a, b) / (size(a) * size(b)), -1, 1)))


MUTANTS = [
    (comma_at_the_end, "a comma after it"),
    (no_brackets, "in brackets"),
    (times_the_lengths, "divide by both"),
    (same_length_twice, "divided out twice"),
    (root_of_the_lengths, "one root too many"),
    (length_of_the_product, "length of a * b"),
    (sums_for_lengths, "sum of squares"),
    (bars_for_abs, "every entry's absolute value"),
    (len_for_length, "number of entries"),
    (products_averaged, "averaged"),
    (products_not_summed, "not summed"),
    (axis_kept, "keepdims=True leaves"),
    (units_without_keepdims, "give the norm keepdims=True"),
    (far_apart, "how far apart"),
    (correlation, "correlation"),
    (sum_of_everything, "sum runs over everything"),
    (one_norm_of_everything, "one of the norms"),
    (first_axis, "sum runs along the first axis"),
    (norms_along_the_first_axis, "norms run along the first axis"),
    (products_along_the_first_axis, "along the first axis, the norms along the last"),
    (matrix_product, "matrix product"),
    (never_negative, "cut off"),
    (loss_of_keras, "sign is turned around"),
    (four_decimals, "rounded"),
    (larger_length, "no mistake known"),
    (dot, "dot product: divide"),
    (one_length, "only one of the two lengths"),
    (no_root, "a root is missing"),
    (lengths_added, "multiplied, not added"),
    (distance, "1 - cosine"),
    (one_long_vector, "one long vector"),
    (norms_of_everything, "norms run over the whole array"),
    (absolute, "sign is lost"),
    (angle, "angle"),
    (average, "number of entries"),
    (all_pairs, "every vector of a"),
    (all_pairs_divided_by_columns, "every vector of a"),
    (with_a_little_added, "is added to the lengths"),
    (at_least_one, "short vectors"),
    (from_zero_to_one, "moved to 0 to 1"),
    (sine, "sine"),
    (in_degrees, "in degrees"),
]
