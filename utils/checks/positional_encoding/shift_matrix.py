"""The exercise shift_matrix: what must hold, and what each mistake looks like."""

from collections.abc import Callable

import keras
import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.positional_encoding.shared import as_it_came, columns
from utils.layers.positional_encoding import get_angles, shift_matrix


# shift_matrix
def _blocks(block: Callable, angles: Callable | None = None) -> Callable:
    """Matrices with block(cos, sin) for each pair along the diagonal."""

    def shift(k, d):
        turns = get_angles(np.array([[k]]), columns(d), d)[0, 0::2] if angles is None else angles(k, d)
        matrix = np.zeros((d, d))
        for j, angle in enumerate(turns):
            matrix[2 * j : 2 * j + 2, 2 * j : 2 * j + 2] = block(np.cos(angle), np.sin(angle))
        return matrix

    return shift


def _turned(angles: Callable) -> Callable:
    """The right blocks with other angles."""
    return _blocks(lambda c, s: [[c, s], [-s, c]], angles)


def _exact(positions, d: int) -> np.ndarray:
    angles = get_angles(np.reshape(positions, (-1, 1)), columns(d), d)
    return np.where(columns(d) % 2 == 0, np.sin(angles), np.cos(angles))


def _one_position_only(k, d):
    return np.outer(_exact(k, d)[0], _exact(0, d)[0]) / (d / 2)


def _concatenated(k, d):
    angles = get_angles(np.array([[k]]), columns(d), d)[0, 0::2]
    c, s = np.diag(np.cos(angles)), np.diag(np.sin(angles))
    return np.block([[c, s], [-s, c]])


def _move(answer, k: int, d: int, positions: np.ndarray) -> np.ndarray:
    matrix = answer(k, d)
    return _exact(positions, d) @ np.asarray(keras.ops.convert_to_numpy(matrix)).T


def _digits(shown, k: int, d: int, positions: np.ndarray):
    """Whether the moved encodings that came back are right to twelve digits; as they are where they are far off."""
    want = _exact(positions + k, d)
    if getattr(shown, "shape", None) != want.shape or shown.dtype.kind != "f":
        return shown
    largest = np.abs(shown - want).max()
    return "twelve digits" if largest < 1e-12 else "fewer digits" if largest < 1e-3 else shown


def _frequency(exponent: Callable, base: float = 10000.0) -> Callable:
    return lambda k, d: k / base ** exponent(np.arange(d // 2), d)


def _coarse_where_wide(k, d):
    return np.round(shift_matrix(k, d), 10 if d > 128 else 16)


def _floored(k, d):
    return np.floor(get_angles(k, np.arange(0, d, 2), d))


register(
    Exercise(
        name="shift_matrix",
        notebook="02_positional_encoding",
        reference=shift_matrix,
        properties=(
            Property(
                "one clock (d = 2), then two (d = 4): turned k steps on, or back",
                1,
                lambda rng: [
                    case(1, 2),
                    case(2, 2),
                    case(-3, 2),
                    case(0, 2),
                    case(2, 4),
                    case(1, 6),
                    case(int(rng.integers(3, 50)), 4),
                ],
                run=as_it_came,
            ),
            Property(
                "a clock for each pair of columns",
                2,
                lambda rng: [case(2, 4), case(-1, 6), case(5, 10), case(3, 128), case(int(rng.integers(6, 50)), 8)],
                run=as_it_came,
            ),
            Property(
                "moves every encoding, to twelve digits",
                1,
                lambda rng: [
                    *(
                        case(k, d, rng.integers(0, 60, n))
                        for k, d, n in ((3, 4, 2), (-7, 8, 3), (20, 14, 5), (40, 128, 9))
                    ),
                    case(40, 512, np.arange(100)),  # the farthest and widest that the lesson asks for
                ],
                run=_move,
                read=_digits,  # as the lesson asserts of it
                tolerance=1e-12,
            ),
        ),
        mistakes=(
            Mistake(
                "it turns backwards: this is the transpose. R is applied from the left, R @ encoding(p)",
                _blocks(lambda c, s: [[c, -s], [s, c]]),
            ),
            Mistake(
                "sine and cosine have changed places: no shift (k = 0) must give the identity",
                _blocks(lambda c, s: [[s, c], [-c, s]]),
            ),
            Mistake(
                "sine and cosine have changed places: no shift (k = 0) must give the identity",
                _blocks(lambda c, s: [[s, c], [c, -s]]),
            ),
            Mistake(
                "sine and cosine have changed places: no shift (k = 0) must give the identity",
                _blocks(lambda c, s: [[s, -c], [c, s]]),
            ),
            Mistake(
                "sine and cosine have changed places: no shift (k = 0) must give the identity",
                _blocks(lambda c, s: [[-s, c], [c, s]]),
            ),
            *(
                Mistake(
                    "the second row is wrong: the new cosine is c times the old one less s times the old sine", wrong
                )
                for wrong in (
                    _blocks(lambda c, s: [[c, s], [-c, s]]),
                    _blocks(lambda c, s: [[c, s], [c, s]]),
                    _blocks(lambda c, s: [[c, s], [c, -s]]),
                    _blocks(lambda c, s: [[c, s], [-s, -c]]),
                    _blocks(lambda c, s: [[c, s], [0, c]]),
                    _blocks(lambda c, s: [[c, s], [0, 0]]),
                )
            ),
            *(
                Mistake(
                    "the first row is wrong: the new sine is c times the old one plus s times the old cosine", wrong
                )
                for wrong in (
                    _blocks(lambda c, s: [[s, c], [-s, c]]),
                    _blocks(lambda c, s: [[-c, s], [-s, c]]),
                    _blocks(lambda c, s: [[c, 0], [-s, c]]),
                )
            ),
            Mistake(
                "the sines beside the diagonal alone: the cosines stand on it", _blocks(lambda c, s: [[0, s], [-s, 0]])
            ),
            Mistake("a minus is missing: the cosine of a sum has one", _blocks(lambda c, s: [[c, s], [s, c]])),
            Mistake("one minus too many: only one of the sines has it", _blocks(lambda c, s: [[c, -s], [-s, c]])),
            Mistake(
                "this mirrors instead of turning: the cosines have the same sign",
                _blocks(lambda c, s: [[c, s], [s, -c]]),
            ),
            Mistake(
                "this mirrors instead of turning: the cosines have the same sign",
                _blocks(lambda c, s: [[-c, s], [s, c]]),
            ),
            Mistake(
                "only the cosines on the diagonal: the sines stand beside it", _blocks(lambda c, s: [[c, 0], [0, c]])
            ),
            Mistake(
                "this is encoding(k) along the diagonal; a turn takes a 2 x 2 block for each pair",
                _blocks(lambda c, s: [[s, 0], [0, c]]),
            ),
            Mistake(
                "it moves entries to other columns; every hand must turn in its own place",
                lambda k, d: np.roll(np.eye(d), k, axis=0),
            ),
            Mistake("it moves encoding(0) alone to its place: R must be right for every p", _one_position_only),
            Mistake("nothing turns: for every k this is the identity", lambda k, d: np.eye(d)),
            Mistake("nothing was written into the matrix: a loop that never runs?", lambda k, d: np.zeros((d, d))),
            *(
                Mistake(
                    "the last pair is missing: j runs over all d // 2 pairs, range(0, d, 2)",
                    lambda k, d, rest=rest: _without_last(k, d, rest),
                )
                for rest in (0, 1)
            ),
            Mistake("only the first pair turns: every pair needs its block", lambda k, d: _first_pair(k, d)),
            Mistake("only the first pair turns: every pair needs its block", lambda k, d: _first_pair(k, d, rest=0)),
            *(
                Mistake(
                    "only 10000 is raised to the power, not k: k / 10000 ** (2 * j / d)",
                    _turned(lambda k, d, factor=factor: np.power(k / 10000 + 0j, factor * np.arange(d // 2) / d).real),
                )
                for factor in (2, 1)
            ),
            Mistake("the exponent 2j must be divided by d", _turned(_frequency(lambda j, d: 2 * j))),
            Mistake(
                "the exponent divides by d - 2, as some code does; the paper divides by d",
                _turned(_frequency(lambda j, d: 2 * j / max(d - 2, 1))),
            ),
            Mistake(
                "** binds before * and /: put the whole exponent in brackets",
                _turned(lambda k, d: k / 10000**2 * np.arange(d // 2) / d),
            ),
            Mistake(
                "** binds before * and /: put the whole exponent in brackets",
                _turned(lambda k, d: k / 10000.0 ** (2 * np.arange(d // 2)) / d),
            ),
            Mistake(
                "the blocks came back in a stack: they stand along the diagonal of one (d, d) matrix",
                lambda k, d: np.stack([shift_matrix(k, d)[j : j + 2, j : j + 2] for j in range(0, d, 2)]),
            ),
            *(
                Mistake("the first pair is missing: j runs from 0", lambda k, d, rest=rest: _without_first(k, d, rest))
                for rest in (0, 1)
            ),
            *(
                Mistake("the zeros are missing: begin with np.zeros((d, d)), and set the blocks", wrong)
                for wrong in (
                    lambda k, d: np.where(np.kron(np.eye(d // 2), np.ones((2, 2))), shift_matrix(k, d), 1.0),
                    lambda k, d: shift_matrix(k, d) + np.eye(d),
                )
            ),
            Mistake(
                "cut to whole numbers: the array that takes the blocks holds integers",
                lambda k, d: np.trunc(shift_matrix(k, d)),
            ),
            Mistake("the angles were cut to whole numbers: keep the fractions", _turned(_floored)),
            Mistake(
                "the blocks overlap: pair j belongs at columns 2j and 2j+1, [2 * j : 2 * j + 2]",
                lambda k, d: _overlapping(k, d),
            ),
            Mistake(
                "halves, and backwards: the columns are interleaved, so each block is 2 x 2 on the diagonal",
                lambda k, d: _concatenated(-k, d),
            ),
            Mistake(
                "multiplied by k: k steps turn by k times the angle, the sines do not grow",
                lambda k, d: k * shift_matrix(1, d),
            ),
            Mistake("twice as far: the angle is k times the speed", lambda k, d: shift_matrix(2 * k, d)),
            *(
                Mistake("the pairs count from 0: here each hand has the speed of a later column", wrong)
                for wrong in (
                    _turned(_frequency(lambda j, d: (2 * j + 1) / d)),
                    _turned(_frequency(lambda j, d: 2 * (j + 1) / d)),
                )
            ),
            Mistake("an axis too many: (d, d) is asked for", lambda k, d: shift_matrix(k, d)[np.newaxis]),
            *(
                Mistake(
                    "the numbers are rounded: keep all their digits", lambda k, d, n=n: np.round(shift_matrix(k, d), n)
                )
                for n in (2, 3)
            ),
            Mistake("always one step: k is ignored", lambda k, d: shift_matrix(1, d)),
            Mistake("one step too far", lambda k, d: shift_matrix(k + 1, d)),
            Mistake("one step too few", lambda k, d: shift_matrix(k - 1, d)),
            Mistake("the sign of k is lost: it may be negative", lambda k, d: shift_matrix(abs(k), d)),
            Mistake(
                "for a negative k nothing turns: a loop over range(k) never runs then, and max(k, 0) is 0",
                lambda k, d: shift_matrix(max(k, 0), d),
            ),
            Mistake(
                "** raises each entry for itself: np.linalg.matrix_power, or a turn by k times the angle",
                lambda k, d: _power_of_entries(k, d),
            ),
            Mistake(
                "k matrices are added up: one after the other they multiply, or the angle is k times as large",
                lambda k, d: abs(k) * shift_matrix(1, d) if k else np.eye(d),
            ),
            Mistake(
                "the angles themselves stand in the blocks: take their cosine and sine",
                lambda k, d: _of_angles(k, d),
            ),
            Mistake(
                "infinite for later pairs: 10000 ** (2 * j) grows beyond what a float holds; divide 2 * j by d first",
                _turned(lambda k, d: k / (10000.0 ** (2.0 * np.arange(d // 2))) ** (1 / d)),
            ),
            *(
                Mistake(
                    "the exponent divides by a fixed number: d is given, and may be any",
                    _turned(_frequency(lambda j, d, n=n: 2 * j / n)),
                )
                for n in (4, 16, 128, 512)
            ),
            Mistake(
                "an np.matrix came back: np.dot gives matrices of it, not vectors. Give back an array: np.array(…), "
                "np.block instead of np.bmat",
                lambda k, d: np.matrix(shift_matrix(k, d)),
            ),
            Mistake(
                "rows came back in a list or tuple: an array is asked for, np.array(…) makes one of them",
                lambda k, d: list(shift_matrix(k, d)),
            ),
            Mistake(
                "the matrix came back inside a list or tuple (a comma after it?): return it alone",
                lambda k, d: [shift_matrix(k, d)],
            ),
            Mistake(
                "the angles were turned into degrees: sin and cos take radians",
                _turned(lambda k, d: np.degrees(get_angles(k, np.arange(0, d, 2), d))),
            ),
            Mistake(
                "the angles were taken for degrees: they are radians already",
                _turned(lambda k, d: np.radians(get_angles(k, np.arange(0, d, 2), d))),
            ),
            Mistake(
                "the first hand turns k times around and stands still: it should turn k radians",
                _turned(lambda k, d: 2 * np.pi * get_angles(k, np.arange(0, d, 2), d)),
            ),
            Mistake(
                "sines and cosines in halves: the columns are interleaved, so each block is 2 x 2 on the diagonal",
                _concatenated,
            ),
            Mistake(
                "all hands turn at one speed: each pair has its own angle; did // cut 2 * j / d to a whole number?",
                _turned(lambda k, d: k * np.ones(d // 2)),
            ),
            Mistake(
                "pair j took the angle of column j: its columns are 2j and 2j+1",
                _turned(lambda k, d: get_angles(k, np.arange(d // 2), d)),
            ),
            Mistake(
                "the hands slow down half as fast: the exponent is 2j/d, with its factor 2, and the base 10000",
                _turned(_frequency(lambda j, d: j / d)),
            ),
            Mistake(
                "the hands slow down twice as fast: an even column number is 2j already",
                _turned(_frequency(lambda j, d: 4 * j / d)),
            ),
            Mistake("the base is 1000: the paper has 10000", _turned(_frequency(lambda j, d: 2 * j / d, 1000.0))),
            Mistake(
                "the hands get faster from pair to pair: divide by the power",
                _turned(_frequency(lambda j, d: -2 * j / d)),
            ),
            Mistake(
                "one block for each column overwrites its neighbour: step through the columns by 2",
                lambda k, d: _every_column(k, d),
            ),
            *(
                Mistake(
                    "right to fewer than twelve digits, if only in a wide matrix: float32 and rounding lose some, so "
                    "do a fit and an exponential of the whole matrix. Keep float64, take sine and cosine of each angle",
                    wrong,
                )
                for wrong in (lambda k, d: shift_matrix(k, d).astype("float32"), _coarse_where_wide)
            ),
        ),
        hints=(
            "The addition theorems give a hand's new sine and cosine from the old ones: two equations, one block.",
            "For one hand the new sine is c times the old sine plus s times the old cosine: its block's first row.",
            "Begin with np.zeros((d, d)); for j in 0, 2, 4, … the block belongs at [j : j + 2, j : j + 2].",
        ),
    )
)


def _without_last(k, d, rest: int = 1):
    matrix = shift_matrix(k, d)
    matrix[-2:] = rest * np.eye(d)[-2:]
    return matrix


def _without_first(k, d, rest: int = 1):
    matrix = shift_matrix(k, d)
    matrix[:2] = rest * np.eye(d)[:2]
    return matrix


def _overlapping(k, d):
    angles, matrix = get_angles(np.array([[k]]), columns(d), d)[0, 0::2], np.zeros((d, d))
    for j, angle in enumerate(angles):
        c, s = np.cos(angle), np.sin(angle)
        matrix[j : j + 2, j : j + 2] = [[c, s], [-s, c]]
    return matrix


def _power_of_entries(k, d):
    with np.errstate(all="ignore"):
        return shift_matrix(1, d) ** k


def _of_angles(k, d):
    matrix = np.zeros((d, d))
    for j, angle in enumerate(get_angles(k, np.arange(0, d, 2), d)):
        matrix[2 * j : 2 * j + 2, 2 * j : 2 * j + 2] = [[angle, angle], [-angle, angle]]
    return matrix


def _first_pair(k, d, rest: int = 1):
    matrix = rest * np.eye(d)
    matrix[:2, :2] = shift_matrix(k, 2)
    return matrix


def _every_column(k, d):
    angles = get_angles(np.array([[k]]), columns(d), d)[0]
    matrix = np.zeros((d, d))
    for j in range(d - 1):
        c, s = np.cos(angles[j]), np.sin(angles[j])
        matrix[j : j + 2, j : j + 2] = [[c, s], [-s, c]]
    return matrix
