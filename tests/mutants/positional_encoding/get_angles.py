"""Wrong answers to get_angles."""

import numpy as np
import tensorflow as tf


# get_angles
def a_frequency_for_each_column(pos, i, d):
    return pos / np.power(10000, 2 * i / np.float64(d))


def halved_not_floored(pos, i, d):
    return pos / np.power(10000, 2 * (i / 2) / d)


def brackets_too_late(pos, i, d):
    return pos / (10000 ** (2 * i // 2 / d))


def without_the_two(pos, i, d):
    return pos / 10000 ** ((i // 2) / d)


def twice_the_two(pos, i, d):
    return pos * 10000.0 ** (-2 * (i - i % 2) / d)


def lecture_slide(pos, i, d):
    return pos / 1000 ** (2 * (i // 2) / d)


def multiplied(pos, i, d):
    return pos * np.power(10000, 2 * (i // 2) / d)


def no_brackets(pos, i, d):
    return pos / 10000**2 * (i // 2) / d


def brackets_before_d(pos, i, d):
    return pos / 10000 ** (2 * (i // 2)) / d


def power_of_the_quotient(pos, i, d):
    return np.power(pos / 10000, 2 * (i // 2) / d)


def not_divided(pos, i, d):
    return pos / np.power(10000.0, 2 * (i // 2))


def floor_everywhere(pos, i, d):
    return pos / 10000.0 ** (2 * (i // 2) // d)


def whole_exponent(pos, i, d):
    return pos / 10000.0 ** (2 * i // d)


def remainder(pos, i, d):
    return pos / 10000 ** (2 * (i % 2) / d)


def pairs_off_by_one(pos, i, d):
    return pos / 10000 ** (2 * np.ceil(i / 2) / d)


def as_in_tensor2tensor(pos, i, d):
    step = np.log(10000.0) / max(d / 2 - 1, 1)
    return pos * np.exp(-(i // 2) * step)


def in_degrees(pos, i, d):
    return pos / 10000 ** (2 * (i // 2) / d) * 180 / np.pi


def whole_turns(pos, i, d):
    return 2 * np.pi * pos / 10000 ** (2 * (i // 2) / d)


def sine_at_once(pos, i, d):
    return tf.sin(pos / 10000 ** (2 * (i // 2) / d))


def frequencies_only(pos, i, d):
    return np.repeat(1 / 10000 ** (2 * (i // 2) / d), len(pos), axis=0)


def from_one(pos, i, d):
    return (pos + 1) / 10000 ** (2 * (i // 2) / d)


def exchanged(i, pos, d):
    return pos / 10000 ** (2 * (i // 2) / d)


def on_its_side(pos, i, d):
    return (pos / 10000 ** (2 * (i // 2) / d)).T


def half_as_many(pos, i, d):
    j = np.arange(0, d, 2)
    return pos / 10000 ** (j / d)


def own_columns(pos, i, d):
    i = np.arange(d)
    return pos / 10000 ** (2 * (i // 2) / d)


def not_returned(pos, i, d):
    angles = pos / 10000 ** (2 * (i // 2) / d)  # noqa: F841 - the return is forgotten


def spoils_its_input(pos, i, d):
    i //= 2
    return pos / 10000 ** (2 * i / d)


def in_single_precision(pos, i, d):
    j = tf.cast(i // 2, tf.float32)
    return tf.cast(pos, tf.float32) / tf.pow(10000.0, 2 * j / d)


def divided_outside(pos, i, d):
    return pos / 10000.0 ** (2 * i) / d


def power_over_the_width(pos, i, d):
    return pos / (10000.0 ** (2 * (i // 2)) / d)


def square_times_the_pair(pos, i, d):
    return pos / (10000**2 * (i // 2) / d)


def own_rows(pos, i, d):
    return np.arange(len(pos)).reshape(-1, 1) / 10000 ** (2 * (i // 2) / d)


def rows_by_number(pos, i, d):
    return np.array([[p / 10000 ** ((c - c % 2) / d) for c in i[0]] for p in range(len(pos))])


def never_filled(pos, i, d):
    return np.zeros((len(pos), i.shape[1]))


def even_columns_only(pos, i, d):
    angles = np.zeros((pos.shape[0], i.shape[1]))
    even = i[0] % 2 == 0
    angles[:, even] = pos / 10000 ** (i[:, even] / d)
    return angles


def cosine_at_once(pos, i, d):
    return np.cos(pos / 10000 ** (2 * (i // 2) / d))


def once_around(pos, i, d):
    return np.mod(pos / 10000 ** (2 * (i // 2) / d), 2 * np.pi)


def three_decimals(pos, i, d):
    return np.round(pos / 10000 ** (2 * (i // 2) / d), 3)


def eight_decimals(pos, i, d):
    return np.round(pos / 10000 ** (2 * (i // 2) / d), 8)


def exponent_in_single_precision(pos, i, d):
    return pos / 10000.0 ** np.float32(2 * (i // 2) / d)


def with_a_batch_axis(pos, i, d):
    return (pos / 10000 ** (2 * (i // 2) / d))[np.newaxis]


def one_early(pos, i, d):
    return (pos - 1) / 10000 ** (2 * (i // 2) / d)


def a_matrix(pos, i, d):
    return np.matrix(pos) * np.matrix(1 / 10000 ** (2 * (i // 2) / d))


def power_before_the_root(pos, i, d):
    return pos / (10000.0 ** (2 * (i // 2))) ** (1 / d)


def logarithm_of_the_position(pos, i, d):
    return np.exp(np.log(pos) - 2 * (i // 2) / d * np.log(10000))


def sign_taken_off(pos, i, d):
    return abs(pos) / 10000 ** (2 * (i // 2) / d)


def logarithm_to_ten(pos, i, d):
    return pos * np.exp(-2 * (i // 2) / d * np.log10(10000))


def powers_alone(pos, i, d):
    return np.ones(pos.shape) * 10000 ** (2 * (i // 2) / d)


def width_of_the_paper(pos, i, d):
    return pos / 10000 ** (2 * (i // 2) / 512)


def rounded_pairs(pos, i, d):
    return pos / 10000 ** (2 * np.rint(i / 2) / d)


def tiled(pos, i, d):
    return np.tile(pos / 10000 ** (np.arange(0, d, 2) / d), (1, 2))


def rows_in_a_list(pos, i, d):
    return [p / 10000 ** (2 * (i[0] // 2) / d) for p in pos]


def sine_and_cosine_apart(pos, i, d):
    angles = pos / 10000 ** (2 * (i // 2) / d)
    return np.sin(angles), np.cos(angles)


def first_position(pos, i, d):
    return pos[0] / 10000 ** (2 * (i // 2) / d)


def in_half_precision(pos, i, d):
    return (pos / 10000 ** (2 * (i // 2) / d)).astype(np.half)


def four_zeros_in_brackets(pos, i, d):
    return pos / 10**4 * (2 * (i // 2) / d)


MUTANTS = [
    (a_matrix, "np.matrix"),
    (power_before_the_root, "divide 2 * j by d first"),
    (logarithm_of_the_position, "has no logarithm"),
    (sign_taken_off, "sign of a position"),
    (logarithm_to_ten, "natural logarithm"),
    (powers_alone, "powers of 10000 alone"),
    (width_of_the_paper, "fixed number"),
    (rounded_pairs, "pairs by rounding"),
    (tiled, "np.repeat"),
    (rows_in_a_list, "list or tuple"),
    (sine_and_cosine_apart, "two came back"),
    (first_position, "only the first position"),
    (in_half_precision, "float16"),
    (four_zeros_in_brackets, "whole exponent in brackets"),
    (divided_outside, "whole exponent in brackets"),
    (power_over_the_width, "whole exponent in brackets"),
    (square_times_the_pair, "whole exponent in brackets"),
    (own_rows, "pos is not used"),
    (rows_by_number, "pos is not used"),
    (never_filled, "nothing but zeros"),
    (even_columns_only, "left at 0"),
    (cosine_at_once, "these are cosines"),
    (once_around, "wrapped"),
    (three_decimals, "rounded"),
    (eight_decimals, "rounded"),
    (exponent_in_single_precision, "float32"),
    (with_a_batch_axis, "an axis too many"),
    (one_early, "one too early"),
    (in_single_precision, "float32"),
    (a_frequency_for_each_column, "exponent 2i/d"),
    (halved_not_floored, "exponent i/d"),
    (brackets_too_late, "exponent i/d"),
    (without_the_two, "half as fast"),
    (twice_the_two, "twice as fast"),
    (lecture_slide, "base is 1000"),
    (multiplied, "divide pos by the power"),
    (no_brackets, "whole exponent in brackets"),
    (brackets_before_d, "whole exponent in brackets"),
    (power_of_the_quotient, "only 10000 is raised"),
    (not_divided, "divided by d"),
    (floor_everywhere, "cut to a whole number"),
    (whole_exponent, "cut to a whole number"),
    (remainder, "remainder"),
    (pairs_off_by_one, "columns 1 and 2 are paired"),
    (as_in_tensor2tensor, "d - 2"),
    (in_degrees, "degrees"),
    (whole_turns, "2π"),
    (sine_at_once, "these are sines"),
    (frequencies_only, "multiply by pos"),
    (from_one, "one too late"),
    (exchanged, "pos and i have changed places"),
    (on_its_side, "rows and columns"),
    (half_as_many, "one angle for each pair"),
    (own_columns, "i is not used"),
    (not_returned, "is a `return` missing?"),
    (spoils_its_input, "changes the array it was given"),
]
