"""Wrong answers to positional_encoding."""

import numpy as np
import tensorflow as tf


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


MUTANTS = [
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
