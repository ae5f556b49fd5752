"""Wrong answers to create_look_ahead_mask."""

import numpy as np
import tensorflow as tf
from keras import ops


def future_true(size):
    return ops.logical_not(ops.tril(ops.ones((size, size), "bool")))


def upper(size):
    return np.triu(np.ones((size, size), dtype=bool))


def diagonal_missing(size):
    i = np.arange(size)
    return i[:, None] > i[None, :]


def next_word_too(size):
    return np.array([[j <= i + 1 for j in range(size)] for i in range(size)])


def itself(size):
    return tf.eye(size) > 0


def no_limit(size):
    return tf.ones((size, size), tf.bool)


def corner(size):
    i = np.arange(size)
    return i[:, None] + i[None, :] < size


def other_corner(size):
    i = np.arange(size)
    return i[:, None] + i[None, :] >= size - 1


def too_large(size):
    i = np.arange(size + 1)
    return i[:, None] >= i


def too_small(size):
    i = np.arange(1, size)
    return i[:, None] >= i


def three_axes(size):
    return tf.cast(tf.linalg.band_part(tf.ones((1, size, size)), -1, 0), tf.bool)


def four_axes(size):
    return np.tril(np.ones((1, 1, size, size), bool))


def band_part_of_ones(size):
    return tf.linalg.band_part(tf.ones((1, size, size)), -1, 0)


def triangle_of_numbers(size):
    return np.tril(np.ones((size, size), int))


def one_is_future(size):
    return 1 - tf.linalg.band_part(tf.ones((size, size)), -1, 0)


def future_additive(size):
    return np.triu(np.ones((size, size)), k=1) * -1e9


def forgot_return(size):
    np.tril(np.ones((size, size), bool))


def lowered_by_ten_thousand(size):
    return ops.where(ops.arange(size)[:, None] >= ops.arange(size), 0.0, -1e4)


def against_itself(size):
    positions = ops.arange(size)
    return positions >= positions


def counted_from_one(size):
    return np.array([[0 < j <= i for j in range(size)] for i in range(size)])


def first_row_open(size):
    mask = np.tri(size, dtype=bool)
    mask[0] = True
    return mask


def of_seven(size):
    return np.tri(7, dtype=bool)


def of_ten_at_most(size):
    return np.tri(10, dtype=bool)[:size, :size]


def list_of_rows(size):
    return [ops.arange(size) <= i for i in range(size)]


def rows_from_one(size):
    mask = np.zeros((size, size), bool)
    for i in range(1, size):
        mask[i, : i + 1] = True
    return mask


def rows_to_the_last_but_one(size):
    mask = np.zeros((size, size), bool)
    for i in range(size - 1):
        mask[i, : i + 1] = True
    return mask


LONGEST = np.tri(128, dtype=bool)


def cut_from_a_square_that_is_large_enough(size):
    return LONGEST[:size, :size]


MUTANTS = [
    (cut_from_a_square_that_is_large_enough, "the length 128 is written in, and"),
    (of_seven, "the length 7 is written in: take"),
    (of_ten_at_most, "the length 10 is written in, and"),
    (list_of_rows, "a list of rows"),
    (rows_from_one, "not even itself"),
    (rows_to_the_last_but_one, "the last word sees nothing"),
    (lowered_by_ten_thousand, "additive form"),
    (against_itself, "a single row"),
    (counted_from_one, "first word is hidden"),
    (first_row_open, "may look ahead"),
    (future_true, "inverted"),
    (upper, "transposed"),
    (diagonal_missing, "diagonal is left out"),
    (next_word_too, "one step too far"),
    (itself, "sees only itself"),
    (no_limit, "all True"),
    (corner, "wrong corner"),
    (other_corner, "wrong corner"),
    (too_large, "one word too many"),
    (too_small, "one word too few"),
    (three_axes, "one axis too many"),
    (four_axes, "two axes too many"),
    (band_part_of_ones, "numbers 1 and 0"),
    (triangle_of_numbers, "numbers 1 and 0"),
    (one_is_future, "older convention"),
    (future_additive, "additive form"),
    (forgot_return, "`return` missing"),
]
