"""Wrong answers to lesson 02. For each exercise: (answer, words that its diagnosis must hold)."""

import keras
import numpy as np
import tensorflow as tf

from utils.layers import PositionalEncoding

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


# positional_encoding


def angles_of(positions, d):
    return np.arange(positions)[:, np.newaxis] / 10000 ** (2 * (np.arange(d) // 2) / d)


def finished(table):
    return tf.cast(table[np.newaxis], tf.float32)


def cosine_first(positions, d):
    table = angles_of(positions, d)
    table[:, 0::2], table[:, 1::2] = np.cos(table[:, 0::2]), np.sin(table[:, 1::2])
    return finished(table)


def in_halves(positions, d):
    angles = angles_of(positions, d)
    return finished(np.concatenate([np.sin(angles[:, 0::2]), np.cos(angles[:, 1::2])], axis=-1))


def half_of_the_columns(positions, d):
    table = angles_of(positions, d)
    table[:, : d // 2] = np.sin(table[:, : d // 2])
    table[:, d // 2 :] = np.cos(table[:, d // 2 :])
    return finished(table)


def row_by_row(positions, d):
    table = angles_of(positions, d)
    table[0::2] = np.sin(table[0::2])
    table[1::2] = np.cos(table[1::2])
    return finished(table)


def loop_with_columns(positions, d):
    table = np.zeros((positions, d))
    for p in range(positions):
        for i in range(0, d, 2):
            table[p, i] = np.sin(p / 10000 ** (2 * i / d))
            table[p, i + 1] = np.cos(p / 10000 ** (2 * (i + 1) / d))
    return finished(table)


def loop_with_even_columns(positions, d):
    table = np.zeros((positions, d))
    for p in range(positions):
        for i in range(0, d, 2):
            table[p, i] = np.sin(p / 10000 ** (2 * i / d))
            table[p, i + 1] = np.cos(p / 10000 ** (2 * i / d))
    return finished(table)


def column_over_width(positions, d):
    i = np.arange(d)
    angles = np.arange(positions)[:, None] / 10000 ** (i / d)
    return finished(np.where(i % 2 == 0, np.sin(angles), np.cos(angles)))


def base_of_the_slide(positions, d):
    i = np.arange(d)
    angles = np.arange(positions)[:, None] / 1000 ** (2 * (i // 2) / d)
    return finished(np.where(i % 2 == 0, np.sin(angles), np.cos(angles)))


def no_waves(positions, d):
    return finished(angles_of(positions, d))


def sine_alone(positions, d):
    return finished(np.sin(angles_of(positions, d)))


def cosine_forgotten(positions, d):
    table = angles_of(positions, d)
    table[:, 0::2] = np.sin(table[:, 0::2])
    return finished(table)


def odd_columns_empty(positions, d):
    table = np.zeros((positions, d))
    table[:, 0::2] = np.sin(angles_of(positions, d)[:, 0::2])
    return finished(table)


def overwritten(positions, d):
    angles = angles_of(positions, d)
    angles[:, 0::2] = np.sin(angles[:, 0::2])
    angles[:, 1::2] = np.cos(angles[:, 0::2])
    return finished(angles)


def to_degrees(positions, d):
    angles = np.rad2deg(angles_of(positions, d))
    return finished(np.stack([np.sin(angles[:, 0::2]), np.cos(angles[:, 1::2])], -1).reshape(positions, d))


def starts_at_one(positions, d):
    angles = np.arange(1, positions + 1)[:, None] / 10000 ** (2 * (np.arange(d) // 2) / d)
    return finished(np.where(np.arange(d) % 2 == 0, np.sin(angles), np.cos(angles)))


def right_table(positions, d):
    return np.where(np.arange(d) % 2 == 0, np.sin(angles_of(positions, d)), np.cos(angles_of(positions, d)))


def no_batch_axis(positions, d):
    return right_table(positions, d).astype("float32")


def batch_axis_second(positions, d):
    return np.expand_dims(right_table(positions, d), 1).astype("float32")


def batch_axis_last(positions, d):
    return tf.cast(right_table(positions, d)[..., tf.newaxis], tf.float32)


def columns_down(positions, d):
    return finished(right_table(positions, d).T)


def left_in_float64(positions, d):
    return right_table(positions, d)[np.newaxis]


def whole_numbers(positions, d):
    table = np.zeros((positions, d), dtype=int)
    table[:, 0::2] = np.sin(angles_of(positions, d)[:, 0::2])
    table[:, 1::2] = np.cos(angles_of(positions, d)[:, 1::2])
    return finished(table)


def unit_length(positions, d):
    table = right_table(positions, d)
    return finished(table / np.linalg.norm(table, axis=-1, keepdims=True))


# shift_matrix


def blocks(k, d, block, base=10000, exponent=2.0):
    matrix = np.zeros((d, d))
    for j in range(d // 2):
        a = k / base ** (exponent * j / d)
        matrix[2 * j : 2 * j + 2, 2 * j : 2 * j + 2] = block(np.cos(a), np.sin(a))
    return matrix


def right_block(c, s):
    return [[c, s], [-s, c]]


def school_rotation(k, d):
    return blocks(k, d, lambda c, s: [[c, -s], [s, c]])


def sines_on_the_diagonal(k, d):
    return blocks(k, d, lambda c, s: [[s, c], [-c, s]])


def no_minus(k, d):
    return blocks(k, d, lambda c, s: [[c, s], [s, c]])


def mirror(k, d):
    return blocks(k, d, lambda c, s: [[c, s], [s, -c]])


def diagonal(k, d):
    return np.diag(np.cos(k / 10000 ** (2 * (np.arange(d) // 2) / d)))


def rolled(k, d):
    return np.roll(np.identity(d), k, axis=0)


def from_zero_only(k, d):
    return np.outer(right_table(abs(k) + 1, d)[k], right_table(1, d)[0]) * 2 / d if k >= 0 else np.zeros((d, d))


def one_step(k, d):
    return blocks(1, d, right_block)


def forward_only(k, d):
    return blocks(abs(k), d, right_block)


def halves(k, d):
    a = k / 10000 ** (np.arange(0, d, 2) / d)
    c, s = np.diag(np.cos(a)), np.diag(np.sin(a))
    return np.vstack([np.hstack([c, s]), np.hstack([-s, c])])


def one_speed(k, d):
    return np.kron(np.eye(d // 2), right_block(np.cos(k), np.sin(k)))


def wrong_column(k, d):
    angles = k / 10000 ** (2 * (np.arange(d) // 2) / d)
    matrix = np.zeros((d, d))
    for j in range(d // 2):
        c, s = np.cos(angles[j]), np.sin(angles[j])
        matrix[2 * j : 2 * j + 2, 2 * j : 2 * j + 2] = [[c, s], [-s, c]]
    return matrix


def slow_hands(k, d):
    return blocks(k, d, right_block, exponent=1.0)


def hasty_hands(k, d):
    return blocks(k, d, right_block, exponent=4.0)


def shift_of_the_slide(k, d):
    return blocks(k, d, right_block, base=1000)


def first_block_only(k, d):
    matrix = np.eye(d)
    matrix[:2, :2] = [[np.cos(k), np.sin(k)], [-np.sin(k), np.cos(k)]]
    return matrix


def step_forgotten(k, d):
    matrix = np.zeros((d, d))
    for i in range(d - 1):
        a = k / 10000 ** (2 * (i // 2) / d)
        matrix[i : i + 2, i : i + 2] = right_block(np.cos(a), np.sin(a))
    return matrix


def whole_rounds(k, d):
    return blocks(2 * np.pi * k, d, right_block)


def stack_of_blocks(k, d):
    a = k / 10000 ** (np.arange(0, d, 2) / d)
    return np.array([[[np.cos(x), np.sin(x)], [-np.sin(x), np.cos(x)]] for x in a])


def single_precision(k, d):
    return tf.constant(blocks(k, d, right_block), tf.float32)


def degrees_of_shift(k, d):
    return blocks(np.rad2deg(k), d, right_block)


# PositionalEncoding


def layer(call):
    return type(call.__name__, (PositionalEncoding,), {"call": call})


@layer
def forgets_the_words(self, x, start=0):
    return tf.zeros_like(x) + self.encoding[start : start + x.shape[1]]


@layer
def only_rows(self, x, start=0):
    return tf.constant(self.encoding[start : start + x.shape[1]])


@layer
def forgets_the_start(self, x, start=0):
    return x + self.encoding[: x.shape[1]]


@layer
def multiplies(self, x, start=0):
    return keras.ops.multiply(x, self.encoding[start : start + x.shape[1]])


@layer
def sets_beside(self, x, start=0):
    rows = tf.repeat(self.encoding[np.newaxis, start : start + x.shape[1]], x.shape[0], axis=0)
    return tf.concat([x, rows], axis=-1)


@layer
def scales_the_words(self, x, start=0):
    return x * x.shape[-1] ** 0.5 + self.encoding[start : start + x.shape[1]]


@layer
def ends_too_early(self, x, start=0):
    return x + self.encoding[start : x.shape[1]]


@layer
def begins_at_zero(self, x, start=0):
    return x + self.encoding[: start + x.shape[1]]


@layer
def counts_pieces(self, x, start=0):
    T = x.shape[1]
    return x + self.encoding[start * T : start * T + T]


@layer
def adds_the_whole_table(self, x, start=0):
    return x + self.encoding[np.newaxis]


@layer
def takes_rows_by_batch(self, x, start=0):
    return x + self.encoding[start : start + len(x)]


@layer
def one_position_a_sentence(self, x, start=0):
    return x + self.encoding[start : start + x.shape[0]][:, None, :]


@layer
def one_position_for_all(self, x, start=0):
    return x + self.encoding[start]


@layer
def one_too_early(self, x, start=0):
    rows = np.arange(x.shape[1]) + start - 1
    return x + self.encoding[rows]


@layer
def backwards(self, x, start=0):
    return x + self.encoding[start : start + x.shape[1]][::-1]


@layer
def adds_the_start(self, x, start=0):
    return x + self.encoding[: x.shape[1]] + start


@layer
def forgets_to_return(self, x, start=0):
    x = x + self.encoding[start : start + x.shape[1]]


@layer
def nothing_added(self, x, start=0):
    keras.ops.add(x, self.encoding[start : start + x.shape[1]])
    return x


MUTANTS = {
    "get_angles": [
        (a_frequency_for_each_column, "exponent 2i/d"),
        (halved_not_floored, "exponent i/d"),
        (brackets_too_late, "exponent i/d"),
        (without_the_two, "factor 2 is missing"),
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
    ],
    "positional_encoding": [
        (cosine_first, "sine and cosine have changed places"),
        (in_halves, "sines on the left half"),
        (half_of_the_columns, "left half sine"),
        (row_by_row, "row to row"),
        (loop_with_columns, "exponent 2i/d"),
        (loop_with_even_columns, "twice as fast"),
        (column_over_width, "exponent i/d"),
        (base_of_the_slide, "base is 1000"),
        (no_waves, "these are the angles"),
        (sine_alone, "no cosine"),
        (cosine_forgotten, "odd columns are still angles"),
        (odd_columns_empty, "left at 0"),
        (overwritten, "cosine of a sine"),
        (to_degrees, "degrees"),
        (starts_at_one, "begin at 1"),
        (no_batch_axis, "batch axis is missing"),
        (batch_axis_second, "wrong place"),
        (batch_axis_last, "wrong place"),
        (columns_down, "rows and columns"),
        (left_in_float64, "float64"),
        (whole_numbers, "whole numbers"),
        (unit_length, "scaled to length 1"),
    ],
    "shift_matrix": [
        (school_rotation, "turns backwards"),
        (sines_on_the_diagonal, "identity"),
        (no_minus, "minus is missing"),
        (mirror, "mirrors"),
        (diagonal, "only the cosines"),
        (rolled, "other columns"),
        (one_step, "k is ignored"),
        (forward_only, "sign of k"),
        (halves, "in halves"),
        (one_speed, "one speed"),
        (wrong_column, "angle of column j"),
        (slow_hands, "factor 2"),
        (hasty_hands, "twice as fast"),
        (shift_of_the_slide, "base is 1000"),
        (first_block_only, "only the first pair"),
        (step_forgotten, "step through the columns by 2"),
        (whole_rounds, "k times around"),
        (stack_of_blocks, "in a stack"),
        (single_precision, "float32"),
        (degrees_of_shift, "degrees"),
    ],
    "PositionalEncoding": [
        (forgets_the_words, "without the words"),
        (only_rows, "without the words"),
        (forgets_the_start, "`start` is ignored"),
        (multiplies, "multiplied"),
        (sets_beside, "set beside"),
        (scales_the_words, "scaled by √D"),
        (ends_too_early, "rows end at T"),
        (begins_at_zero, "begin at 0"),
        (counts_pieces, "not pieces"),
        (adds_the_whole_table, "all max_length rows"),
        (takes_rows_by_batch, "as many rows as there are sentences"),
        (one_position_a_sentence, "each sentence has one position"),
        (one_position_for_all, "position of the first"),
        (one_too_early, "too early"),
        (backwards, "backward"),
        (adds_the_start, "added as a number"),
        (forgets_to_return, "is a `return` missing?"),
        (nothing_added, "nothing is added"),
    ],
}
