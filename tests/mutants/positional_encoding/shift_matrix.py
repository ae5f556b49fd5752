"""Wrong answers to shift_matrix."""

import numpy as np
import tensorflow as tf
from scipy.linalg import expm


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


def without_the_last_pair(k, d):
    matrix = np.zeros((d, d))
    for j in range(0, d - 2, 2):
        a = k / 10000 ** (j / d)
        matrix[j : j + 2, j : j + 2] = right_block(np.cos(a), np.sin(a))
    return matrix


def identity_for_the_last_pair(k, d):
    matrix = np.eye(d)
    for j in range(d // 2 - 1):
        a = k / 10000 ** (2 * j / d)
        matrix[2 * j : 2 * j + 2, 2 * j : 2 * j + 2] = right_block(np.cos(a), np.sin(a))
    return matrix


def power_of_all(k, d):
    return blocks_of_angles(lambda j: (k / 10000) ** (2 * j / d), d)


def blocks_of_angles(angle, d):
    matrix = np.zeros((d, d))
    for j in range(d // 2):
        a = angle(j)
        matrix[2 * j : 2 * j + 2, 2 * j : 2 * j + 2] = right_block(np.cos(a), np.sin(a))
    return matrix


def not_over_the_width(k, d):
    return blocks_of_angles(lambda j: k / 10000 ** (2 * j), d)


def whole_exponent(k, d):
    return blocks_of_angles(lambda j: k / 10000 ** (2 * j // d), d)


def over_the_width_less_two(k, d):
    return blocks_of_angles(lambda j: k / 10000 ** (2 * j / max(d - 2, 1)), d)


def no_brackets(k, d):
    return blocks_of_angles(lambda j: k / 10000**2 * j / d, d)


def still_identity(k, d):
    return np.identity(d)


def never_filled(k, d):
    matrix = np.zeros((d, d))
    for j in range(d, 0, 2):
        matrix[j, j] = 1
    return matrix


def second_row_exchanged(k, d):
    return blocks(k, d, lambda c, s: [[c, s], [-c, s]])


def minus_on_the_whole_row(k, d):
    return blocks(k, d, lambda c, s: [[c, s], [-s, -c]])


def first_row_exchanged(k, d):
    return blocks(k, d, lambda c, s: [[s, c], [-s, c]])


def sines_alone(k, d):
    return blocks(k, d, lambda c, s: [[0, s], [-s, 0]])


def without_the_first_pair(k, d):
    matrix = blocks(k, d, right_block)
    matrix[0:2, 0:2] = 0
    return matrix


def in_an_array_of_ones(k, d):
    matrix = np.ones((d, d))
    for j in range(d // 2):
        a = k / 10000 ** (2 * j / d)
        matrix[2 * j : 2 * j + 2, 2 * j : 2 * j + 2] = right_block(np.cos(a), np.sin(a))
    return matrix


def in_an_array_of_integers(k, d):
    return blocks(k, d, right_block).astype(int)


def floored_angles(k, d):
    return blocks_of_angles(lambda j: k // 10000 ** (2 * j / d), d)


def blocks_overlap(k, d):
    matrix = np.zeros((d, d))
    for j in range(d // 2):
        a = k / 10000 ** (2 * j / d)
        matrix[j : j + 2, j : j + 2] = right_block(np.cos(a), np.sin(a))
    return matrix


def halves_backwards(k, d):
    a = k / 10000 ** (np.arange(0, d, 2) / d)
    c, s = np.diag(np.cos(a)), np.diag(np.sin(a))
    return np.block([[c, -s], [s, c]])


def k_times_one_step(k, d):
    return blocks(1, d, right_block) * k


def twice_as_far(k, d):
    return blocks(2 * k, d, right_block)


def odd_columns_speed(k, d):
    return blocks_of_angles(lambda j: k / 10000 ** ((2 * j + 1) / d), d)


def pairs_from_one(k, d):
    return blocks_of_angles(lambda j: k / 10000 ** (2 * (j + 1) / d), d)


def pair_times_angle(k, d):
    return blocks_of_angles(lambda j: k * j / 10000 ** (2 * j / d), d)


def with_a_batch_axis(k, d):
    return blocks(k, d, right_block)[np.newaxis]


def four_decimals(k, d):
    return blocks(k, d, right_block).round(4)


def eleven_decimals(k, d):
    return blocks(k, d, right_block).round(11)


def by_bmat(k, d):
    a, none = k / 10000 ** (np.arange(0, d, 2) / d), np.zeros((2, 2))
    return np.bmat(
        [[right_block(np.cos(x), np.sin(x)) if m == n else none for m in range(d // 2)] for n, x in enumerate(a)]
    )


def power_before_the_root(k, d):
    return blocks_of_angles(lambda j: k / (10000.0 ** (2 * np.arange(d // 2)))[j] ** (1 / d), d)


def whole_power_first(k, d):
    return blocks_of_angles(lambda j: k / (10000 ** (2 * j)) ** (1 / d), d)


def angles_in_single_precision(k, d):
    return blocks_of_angles(lambda j: np.float64(np.float32(k / 10000 ** (2 * j / d))), d)


def step_by_step(k, d):
    matrix = np.eye(d)
    for _ in range(k):
        matrix = matrix @ blocks(1, d, right_block)
    return matrix


def to_the_power_of_k(k, d):
    return blocks(1, d, right_block) ** k


def steps_added(k, d):
    return sum(blocks(1, d, right_block) for _ in range(abs(k))) if k else np.eye(d)


def without_sine_and_cosine(k, d):
    return np.kron(np.diag(k / 10000 ** (np.arange(0, d, 2) / d)), [[1, 1], [-1, 1]])


def width_of_the_paper(k, d):
    return blocks_of_angles(lambda j: k / 10000 ** (2 * j / 512), d)


def rows_in_a_list(k, d):
    return blocks(k, d, right_block).tolist()


def comma_at_the_end(k, d):
    return (blocks(k, d, right_block),)


def shift_by_exponential(k, d):
    """What turns a little, for as long as k: right to ten digits where the matrix is wide."""
    turning = np.zeros((d, d))
    for j in range(0, d, 2):
        turning[j, j + 1], turning[j + 1, j] = 10000 ** (-j / d), -(10000 ** (-j / d))
    return expm(k * turning)


MUTANTS = [
    (by_bmat, "np.matrix"),
    (power_before_the_root, "divide 2 * j by d first"),
    (whole_power_first, "OverflowError"),
    (angles_in_single_precision, "float32"),
    (step_by_step, "for a negative k nothing turns"),
    (to_the_power_of_k, "each entry for itself"),
    (steps_added, "added up"),
    (without_sine_and_cosine, "angles themselves"),
    (width_of_the_paper, "fixed number"),
    (rows_in_a_list, "rows came back in a list"),
    (comma_at_the_end, "a comma after it"),
    (second_row_exchanged, "second row is wrong"),
    (minus_on_the_whole_row, "second row is wrong"),
    (first_row_exchanged, "first row is wrong"),
    (sines_alone, "cosines stand on it"),
    (without_the_first_pair, "first pair is missing"),
    (in_an_array_of_ones, "zeros are missing"),
    (in_an_array_of_integers, "integers"),
    (floored_angles, "angles were cut"),
    (blocks_overlap, "blocks overlap"),
    (halves_backwards, "halves, and backwards"),
    (k_times_one_step, "multiplied by k"),
    (twice_as_far, "twice as far"),
    (odd_columns_speed, "count from 0"),
    (pairs_from_one, "count from 0"),
    (pair_times_angle, "no mistake known"),
    (with_a_batch_axis, "an axis too many"),
    (four_decimals, "fewer than twelve digits"),
    (eleven_decimals, "fewer than twelve digits"),
    (without_the_last_pair, "last pair is missing"),
    (identity_for_the_last_pair, "last pair is missing"),
    (power_of_all, "only 10000 is raised"),
    (not_over_the_width, "divided by d"),
    (whole_exponent, "did // cut"),
    (over_the_width_less_two, "d - 2"),
    (no_brackets, "whole exponent in brackets"),
    (still_identity, "nothing turns"),
    (never_filled, "nothing was written"),
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
    (shift_by_exponential, "an exponential of the whole matrix"),
]
