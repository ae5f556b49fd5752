"""Wrong answers to positional_encoding."""

import numpy as np
import tensorflow as tf

from utils.layers.positional_encoding import get_angles


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


def loop(positions, d, rows=None, pairs=None):
    table = np.zeros((positions, d))
    for p in range(positions) if rows is None else rows:
        for j in range(d // 2) if pairs is None else pairs:
            angle = p / 10000 ** (2 * j / d)
            table[p, 2 * j], table[p, 2 * j + 1] = np.sin(angle), np.cos(angle)
    return finished(table)


def four_decimals(positions, d):
    return finished(np.round(right_table(positions, d), 4))


def three_decimals(positions, d):
    return tf.cast(np.around(right_table(positions, d), 3), tf.float32)[tf.newaxis]


def cosines_left(positions, d):
    angles = angles_of(positions, d)
    return finished(np.hstack([np.cos(angles[:, ::2]), np.sin(angles[:, 1::2])]))


def halves_of_the_left(positions, d):
    angles = angles_of(positions, d)[:, : d // 2]
    return finished(np.hstack([np.sin(angles), np.cos(angles)]))


def both_of_every_angle(positions, d):
    angles = angles_of(positions, d)
    return finished(np.hstack([np.sin(angles), np.cos(angles)]))


def pairs_on_an_axis(positions, d):
    angles = angles_of(positions, d)
    return finished(np.stack([np.sin(angles), np.cos(angles)], axis=-1))


def left_half_interleaved(positions, d):
    angles, table = angles_of(positions, d), np.zeros((positions, d))
    table[:, 0::2], table[:, 1::2] = np.sin(angles[:, : d // 2]), np.cos(angles[:, : d // 2])
    return finished(table)


def halved_before(positions, d):
    angles = get_angles(np.arange(positions)[:, np.newaxis], np.arange(d)[np.newaxis] // 2, d)
    return finished(np.where(np.arange(d) % 2 == 0, np.sin(angles), np.cos(angles)))


def half_of_the_numbers(positions, d):
    angles = get_angles(np.arange(positions)[:, np.newaxis], np.arange(d // 2)[np.newaxis], d)
    return finished(np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(positions, d))


def even_numbers_alone(positions, d):
    angles = get_angles(np.arange(positions)[:, np.newaxis], np.arange(0, d, 2)[np.newaxis], d)
    angles[:, 0::2], angles[:, 1::2] = np.sin(angles[:, 0::2]), np.cos(angles[:, 1::2])
    return finished(angles)


def columns_from_one(positions, d):
    angles = get_angles(np.arange(positions)[:, np.newaxis], np.arange(1, d + 1)[np.newaxis], d)
    return finished(np.where(np.arange(d) % 2 == 0, np.sin(angles), np.cos(angles)))


def neighbours_overwritten(positions, d):
    table = np.zeros((positions, d))
    for p in range(positions):
        for j in range(d // 2):
            table[p, j] = np.sin(p / 10000 ** (2 * j / d))
            table[p, j + 1] = np.cos(p / 10000 ** (2 * j / d))
    return finished(table)


def first_row_left_out(positions, d):
    return loop(positions, d, rows=range(1, positions))


def last_row_left_out(positions, d):
    return loop(positions, d, rows=range(positions - 1))


def last_pair_left_out(positions, d):
    return loop(positions, d, pairs=range(d // 2 - 1))


def never_filled(positions, d):
    return loop(positions, d, pairs=range(d, 0, 2))


def minus_cosine(positions, d):
    angles = angles_of(positions, d)
    return finished(np.where(np.arange(d) % 2 == 0, np.sin(angles), -np.cos(angles)))


def share_of_the_way(positions, d):
    angles = angles_of(positions, d) / positions
    return finished(np.where(np.arange(d) % 2 == 0, np.sin(angles), np.cos(angles)))


def number_for_range(positions, d):
    angles = get_angles(np.array([[positions]]), np.arange(d)[np.newaxis], d)
    return finished(np.where(np.arange(d) % 2 == 0, np.sin(angles), np.cos(angles)))


def without_position_zero(positions, d):
    return loop(positions, d)[:, 1:]


def two_axes(positions, d):
    return loop(positions, d)[tf.newaxis]


def root_of_the_width(positions, d):
    return loop(positions, d) * d**0.5


def on_its_side(positions, d):
    angles = angles_of(positions, d).T
    angles[:, 0::2], angles[:, 1::2] = np.sin(angles[:, 0::2]), np.cos(angles[:, 1::2])
    return finished(angles)


def slices_with_one_colon(positions, d):
    table = angles_of(positions, d)
    table[:, 0:2] = np.sin(table[:, 0:2])
    table[:, 1:2] = np.cos(table[:, 1:2])
    return finished(table)


def width_of_the_paper(positions, d):
    i = np.arange(d)
    angles = np.arange(positions)[:, None] / 10000 ** (2 * (i // 2) / 512)
    return finished(np.where(i % 2 == 0, np.sin(angles), np.cos(angles)))


def power_before_the_root(positions, d):
    i = np.arange(d)
    angles = np.arange(positions)[:, None] / (10000.0 ** (2 * (i // 2))) ** (1 / d)
    return finished(np.where(i % 2 == 0, np.sin(angles), np.cos(angles)))


def equal_steps_to_the_end(positions, d):
    angles = np.linspace(0, positions, positions)[:, None] / 10000 ** (2 * (np.arange(d) // 2) / d)
    return finished(np.where(np.arange(d) % 2 == 0, np.sin(angles), np.cos(angles)))


def whole_turns(positions, d):
    angles = angles_of(positions, d) * 2 * np.pi
    return finished(np.where(np.arange(d) % 2 == 0, np.sin(angles), np.cos(angles)))


def half_precision(positions, d):
    return tf.cast(tf.cast(right_table(positions, d)[np.newaxis], tf.float16), tf.float32)


def rounded_angles(positions, d):
    angles = angles_of(positions, d).round(3)
    return finished(np.where(np.arange(d) % 2 == 0, np.sin(angles), np.cos(angles)))


def as_in_tensor2tensor(positions, d):
    rates = np.exp(-np.arange(d // 2) * np.log(10000) / max(d // 2 - 1, 1))
    angles = np.arange(positions)[:, None] * rates
    return finished(np.concatenate([np.sin(angles), np.cos(angles)], axis=1))


def as_in_a_tutorial(positions, d):
    angles = np.arange(positions)[:, None] / 10000 ** (np.arange(d / 2) / (d / 2))
    return tf.cast(np.concatenate([np.sin(angles), np.cos(angles)], axis=-1), tf.float32)


def two_arrays(positions, d):
    angles = angles_of(positions, d)
    return np.sin(angles[:, 0::2]), np.cos(angles[:, 1::2])


def in_a_list(positions, d):
    return [right_table(positions, d).astype("float32")]


def first_table_kept(positions, d, tables={}):  # noqa: B006 - that is the mistake
    if positions == 1 or d not in tables:
        tables[d] = right_table(positions, d)
    return finished(tables[d][:positions])


MUTANTS = [
    (slices_with_one_colon, "only the first pair"),
    (width_of_the_paper, "fixed number"),
    (power_before_the_root, "divide 2 * j by d first"),
    (equal_steps_to_the_end, "np.linspace"),
    (whole_turns, "2π"),
    (half_precision, "float16"),
    (rounded_angles, "rounded"),
    (as_in_tensor2tensor, "d - 2"),
    (as_in_a_tutorial, "batch axis is missing"),
    (two_arrays, "came back apart"),
    (in_a_list, "list or tuple"),
    (first_table_kept, "expected (1, "),
    (four_decimals, "rounded"),
    (three_decimals, "rounded"),
    (cosines_left, "cosines on the left half"),
    (halves_of_the_left, "of the first d / 2 columns"),
    (both_of_every_angle, "2d columns"),
    (pairs_on_an_axis, "2d columns"),
    (left_half_interleaved, "angle of column j"),
    (halved_before, "halves them itself"),
    (half_of_the_numbers, "angle of column j"),
    (even_numbers_alone, "half as many columns"),
    (columns_from_one, "begin at 1"),
    (neighbours_overwritten, "overwrite each other"),
    (first_row_left_out, "first position was left out"),
    (last_row_left_out, "last position was left out"),
    (last_pair_left_out, "last pair was left out"),
    (never_filled, "zeros"),
    (minus_cosine, "wrong sign"),
    (share_of_the_way, "divided by their number"),
    (number_for_range, "one position alone"),
    (without_position_zero, "position 0 is missing"),
    (two_axes, "an axis too many"),
    (root_of_the_width, "√d"),
    (on_its_side, "rows and columns"),
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
]
