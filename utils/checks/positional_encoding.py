"""Exercises of lesson 02: the angles, the encoding, the matrix that shifts it, the layer that adds it."""

from collections.abc import Callable

import keras
import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.layers.positional_encoding import PositionalEncoding, get_angles, positional_encoding, shift_matrix

# get_angles


def _columns(d: int) -> np.ndarray:
    return np.arange(d)[np.newaxis]


def _positions(rng, n: int) -> np.ndarray:
    return rng.permutation(np.arange(1, 40))[:n, np.newaxis]


def _power(exponent: Callable, base: float = 10000.0) -> Callable:
    """Angles with another exponent of the base."""
    return lambda pos, i, d: pos / base ** exponent(i, d)


register(
    Exercise(
        name="get_angles",
        notebook="02_positional_encoding",
        reference=get_angles,
        properties=(
            Property(
                "one position: each pair of columns has its frequency",
                2,
                lambda rng: [case(np.array([[p]]), _columns(d), d) for p, d in ((1, 4), (3, 6), (37, 10))],
                tolerance=1e-5,
            ),
            Property(
                "many positions: a row for each",
                1,
                lambda rng: [case(_positions(rng, n), _columns(d), d) for n, d in ((2, 2), (3, 8), (7, 12))],
                tolerance=1e-5,
            ),
            Property(
                "only the columns that are asked for",
                1,
                lambda rng: [
                    case(_positions(rng, 1), np.array([[5, 2]]), 8),
                    case(_positions(rng, 2), np.array([[9, 0, 3]]), 10),
                ],
                tolerance=1e-5,
            ),
        ),
        mistakes=(
            Mistake(
                "every column has a frequency of its own (exponent 2i/d): 2j and 2j+1 share one, so take i // 2 for j",
                _power(lambda i, d: 2 * i / d),
            ),
            Mistake(
                "every column has a frequency of its own (exponent i/d): halve i to a whole number first, (i // 2)",
                _power(lambda i, d: i / d),
            ),
            Mistake(
                "the exponent is 2j/d: the factor 2 is missing, so the hands slow down half as fast",
                _power(lambda i, d: i // 2 / d),
            ),
            Mistake(
                "the exponent is 2j/d: here it grows twice as fast, as if an even column number were doubled again",
                _power(lambda i, d: 4 * (i // 2) / d),
            ),
            Mistake("the base is 1000: the paper has 10000", _power(lambda i, d: 2 * (i // 2) / d, 1000.0)),
            Mistake("the base is e: 10000 is missing", _power(lambda i, d: 2 * (i // 2) / d, np.e)),
            Mistake(
                "the hands get faster from column to column: divide pos by the power",
                lambda pos, i, d: pos * 10000.0 ** (2 * (i // 2) / d),
            ),
            Mistake(
                "** binds before * and /: put the whole exponent in brackets",
                lambda pos, i, d: pos / 10000**2 * (i // 2) / d,
            ),
            Mistake(
                "** binds before * and /: put the whole exponent in brackets",
                lambda pos, i, d: pos / 10000 ** (2 * (i // 2)) / d,
            ),
            Mistake(
                "the power is taken of pos / 10000: only 10000 is raised",
                lambda pos, i, d: (pos / 10000) ** (2 * (i // 2) / d),
            ),
            Mistake("the exponent 2j must be divided by d", lambda pos, i, d: pos / 10000 ** (2 * (i // 2))),
            Mistake("the exponent 2j must be divided by d", _power(lambda i, d: 2 * (i // 2))),
            Mistake(
                "all columns turn alike: the exponent was cut to a whole number; divide by d with /, not //",
                _power(lambda i, d: 2 * (i // 2) // d),
            ),
            Mistake(
                "the exponent was cut to a whole number, 0 or 1: divide by d with /, not //",
                _power(lambda i, d: 2 * i // d),
            ),
            Mistake(
                "the angles were cut to whole numbers: keep the fractions",
                lambda p, i, d: np.trunc(get_angles(p, i, d)),
            ),
            Mistake("i % 2 is the remainder; the pair's number is i // 2", _power(lambda i, d: 2 * (i % 2) / d)),
            Mistake(
                "columns 1 and 2 are paired here: the pairs are 0 and 1, 2 and 3, …: i // 2",
                _power(lambda i, d: 2 * ((i + 1) // 2) / d),
            ),
            Mistake(
                "the exponent divides by d - 2, as some code does to end on 10000 itself; the paper divides by d",
                _power(lambda i, d: 2 * (i // 2) / max(d - 2, 1)),
            ),
            Mistake(
                "the exponent divides by d - 1; the paper divides by d", _power(lambda i, d: 2 * (i // 2) / (d - 1))
            ),
            Mistake(
                "the exponent divides by the number of columns asked for; d is the width",
                _power(lambda i, d: 2 * (i // 2) / np.shape(i)[1]),
            ),
            Mistake("these are degrees: leave them in radians", lambda p, i, d: np.degrees(get_angles(p, i, d))),
            Mistake(
                "these are degrees turned into radians: pos / power is in radians already",
                lambda p, i, d: np.radians(get_angles(p, i, d)),
            ),
            Mistake(
                "multiplied by 2π: the first hand turns one radian a position, not once around",
                lambda p, i, d: 2 * np.pi * get_angles(p, i, d),
            ),
            Mistake(
                "these are sines: only the angles are asked for, the sine comes in the next exercise",
                lambda p, i, d: np.sin(get_angles(p, i, d)),
            ),
            Mistake(
                "sine and cosine are taken already: only the angles are asked for",
                lambda p, i, d: np.where(i % 2 == 0, np.sin(get_angles(p, i, d)), np.cos(get_angles(p, i, d))),
            ),
            Mistake("these are the frequencies: multiply by pos", lambda p, i, d: get_angles(np.ones_like(p), i, d)),
            Mistake("positions count from 0: here each is one too late", lambda p, i, d: get_angles(p + 1, i, d)),
            Mistake("pos and i have changed places", lambda pos, i, d: i / 10000.0 ** (2 * (pos // 2) / d)),
            Mistake("rows and columns have changed places", lambda p, i, d: get_angles(p, i, d).T),
            Mistake(
                "one angle for each pair; one for each column is asked for, so each comes twice",
                lambda pos, i, d: pos / 10000.0 ** (2 * np.arange(d // 2) / d),
            ),
            Mistake(
                "i is not used: it may hold any columns, not only 0…d-1 in order",
                lambda pos, i, d: get_angles(pos, _columns(d), d),
            ),
        ),
        hints=(
            "The angle is the position divided by a power of 10000. The power depends on the pair that a column is in.",
            "Columns 0 and 1 are pair 0, columns 2 and 3 are pair 1: j = i // 2.",
            "The exponent is 2 * j / d, in brackets. Shapes (N, 1) and (1, d) broadcast: no loop is needed.",
        ),
    )
)


# positional_encoding


def _angles(positions: int, d: int, exponent: Callable = lambda i, d: 2 * (i // 2) / d, base: float = 10000.0):
    return np.arange(positions)[:, np.newaxis] / base ** exponent(_columns(d), d)


def _waves(angles: np.ndarray, even=np.sin, odd=np.cos) -> np.ndarray:
    """Sine on even columns and cosine on odd ones, as (1, positions, d) float32."""
    waves = np.where(_columns(angles.shape[1]) % 2 == 0, even(angles), odd(angles))
    return waves[np.newaxis].astype("float32")


def _from(*angles_of, **waves) -> Callable:
    """An encoding made of other angles or other waves."""
    return lambda positions, d: _waves(_angles(positions, d, *angles_of), **waves)


def _halves(positions: int, d: int) -> np.ndarray:
    angles = _angles(positions, d)[:, 0::2]
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)[np.newaxis].astype("float32")


def _halves_of_columns(positions: int, d: int) -> np.ndarray:
    angles = _angles(positions, d)
    waves = np.concatenate([np.sin(angles[:, : d // 2]), np.cos(angles[:, d // 2 :])], axis=1)
    return waves[np.newaxis].astype("float32")


def _by_rows(positions: int, d: int) -> np.ndarray:
    angles = _angles(positions, d)
    angles[0::2], angles[1::2] = np.sin(angles[0::2]), np.cos(angles[1::2])
    return angles[np.newaxis].astype("float32")


def _encoding(positions: int, d: int) -> np.ndarray:
    return _waves(_angles(positions, d))


def _dtype(answer, positions: int, d: int) -> str:
    result = answer(positions, d)
    return keras.backend.standardize_dtype(result.dtype) if hasattr(result, "dtype") else type(result).__name__


register(
    Exercise(
        name="positional_encoding",
        notebook="02_positional_encoding",
        reference=positional_encoding,
        properties=(
            Property(
                "sine on even columns, cosine on odd ones",
                2,
                lambda rng: [case(2, 4), case(3, 2), case(5, 6)],
            ),
            Property(
                "any number of positions, any even width",
                1,
                lambda rng: [case(1, 8), case(40, 10), case(int(rng.integers(6, 30)), 16)],
            ),
            Property("float32", 1, lambda rng: [case(3, 4)], run=_dtype),
        ),
        mistakes=(
            Mistake("sine and cosine have changed places: sine on columns 0, 2, …", _from(even=np.cos, odd=np.sin)),
            Mistake(
                "sines on the left half, cosines on the right: they belong side by side, on columns 0::2 and 1::2",
                _halves,
            ),
            Mistake(
                "left half sine, right half cosine: take every second column, 0::2 and 1::2",
                _halves_of_columns,
            ),
            Mistake("sine and cosine alternate from row to row: columns are the second axis, [:, 0::2]", _by_rows),
            Mistake(
                "each column has a frequency of its own (exponent 2i/d): the two of a pair share one, i // 2",
                _from(lambda i, d: 2 * i / d),
            ),
            Mistake(
                "each column has a frequency of its own (exponent i/d): the two of a pair share one, 2 (i // 2) / d",
                _from(lambda i, d: i / d),
            ),
            Mistake("the factor 2 in the exponent 2j/d is missing", _from(lambda i, d: i // 2 / d)),
            Mistake(
                "the exponent grows twice as fast: an even column number is 2j already",
                _from(lambda i, d: 4 * (i // 2) / d),
            ),
            Mistake("the base is 1000: the paper has 10000", _from(lambda i, d: 2 * (i // 2) / d, 1000.0)),
            Mistake(
                "the exponent divides by d - 2, as some code does; the paper divides by d",
                _from(lambda i, d: 2 * (i // 2) / max(d - 2, 1)),
            ),
            Mistake(
                "the hands get faster from column to column: divide by the power",
                _from(lambda i, d: -2 * (i // 2) / d),
            ),
            Mistake("these are the angles: take their sine and cosine", _from(even=np.asarray, odd=np.asarray)),
            Mistake("there is no cosine: odd columns take it", _from(even=np.sin, odd=np.sin)),
            Mistake("there is no sine: even columns take it", _from(even=np.cos, odd=np.cos)),
            Mistake("the odd columns are still angles: take their cosine", _from(even=np.sin, odd=np.asarray)),
            Mistake("the even columns are still angles: take their sine", _from(even=np.asarray, odd=np.cos)),
            Mistake("the odd columns were left at 0", _from(even=np.sin, odd=np.zeros_like)),
            Mistake("the even columns were left at 0", _from(even=np.zeros_like, odd=np.cos)),
            Mistake(
                "cosine of a sine: the angles were overwritten before the cosine was taken",
                _from(even=np.sin, odd=lambda a: np.cos(np.sin(a))),
            ),
            Mistake(
                "the angles were turned into degrees: sin and cos take radians",
                lambda n, d: _waves(np.degrees(_angles(n, d))),
            ),
            Mistake(
                "the angles were taken for degrees: they are radians already",
                lambda n, d: _waves(np.radians(_angles(n, d))),
            ),
            Mistake("positions count from 0: here they begin at 1", lambda n, d: _encoding(n + 1, d)[:, 1:]),
            Mistake("one position too many", lambda n, d: _encoding(n + 1, d)),
            Mistake("one position too few: np.arange(positions) ends by itself", lambda n, d: _encoding(n - 1, d)),
            Mistake("the batch axis is missing: (1, positions, d) is asked for", lambda n, d: _encoding(n, d)[0]),
            Mistake(
                "the axis of length 1 stands in the wrong place: it comes first",
                lambda n, d: np.swapaxes(_encoding(n, d), 0, 1),
            ),
            Mistake(
                "the axis of length 1 stands in the wrong place: it comes first",
                lambda n, d: _encoding(n, d)[0, :, :, np.newaxis],
            ),
            Mistake(
                "rows and columns have changed places: a row for each position",
                lambda n, d: np.swapaxes(_encoding(n, d), 1, 2),
            ),
            Mistake(
                "`positions` and `d` have changed places",
                lambda n, d: _waves(_angles(d, n + n % 2))[:, :, :n],
            ),
            Mistake(
                "cut to whole numbers: the array that takes the waves holds integers",
                lambda n, d: np.trunc(_encoding(n, d)),
            ),
            Mistake(
                "scaled to length 1: the paper leaves the waves between -1 and 1",
                lambda n, d: _encoding(n, d) * np.float32(np.sqrt(2 / d)),
            ),
            Mistake(
                "the numbers are right but float64: cast to float32 at the end, as embeddings are",
                lambda n, d: _encoding(n, d).astype("float64"),
            ),
        ),
        hints=(
            "Positions as a column, np.arange(positions)[:, np.newaxis]; columns as a row: get_angles does the rest.",
            "In an array of the same shape, columns [:, 0::2] get the sine of those angles, [:, 1::2] the cosine.",
            "At the end one axis in front, [np.newaxis], and float32.",
        ),
    )
)


# shift_matrix


def _blocks(block: Callable, angles: Callable | None = None) -> Callable:
    """Matrices with block(cos, sin) for each pair along the diagonal."""

    def shift(k, d):
        turns = get_angles(np.array([[k]]), _columns(d), d)[0, 0::2] if angles is None else angles(k, d)
        matrix = np.zeros((d, d))
        for j, angle in enumerate(turns):
            matrix[2 * j : 2 * j + 2, 2 * j : 2 * j + 2] = block(np.cos(angle), np.sin(angle))
        return matrix

    return shift


def _turned(angles: Callable) -> Callable:
    """The right blocks with other angles."""
    return _blocks(lambda c, s: [[c, s], [-s, c]], angles)


def _exact(positions, d: int) -> np.ndarray:
    angles = get_angles(np.reshape(positions, (-1, 1)), _columns(d), d)
    return np.where(_columns(d) % 2 == 0, np.sin(angles), np.cos(angles))


def _one_position_only(k, d):
    return np.outer(_exact(k, d)[0], _exact(0, d)[0]) / (d / 2)


def _concatenated(k, d):
    angles = get_angles(np.array([[k]]), _columns(d), d)[0, 0::2]
    c, s = np.diag(np.cos(angles)), np.diag(np.sin(angles))
    return np.block([[c, s], [-s, c]])


def _move(answer, k: int, d: int, positions: np.ndarray) -> np.ndarray:
    matrix = answer(k, d)
    return _exact(positions, d) @ np.asarray(keras.ops.convert_to_numpy(matrix)).T


def _frequency(exponent: Callable, base: float = 10000.0) -> Callable:
    return lambda k, d: k / base ** exponent(np.arange(d // 2), d)


register(
    Exercise(
        name="shift_matrix",
        notebook="02_positional_encoding",
        reference=shift_matrix,
        properties=(
            Property(
                "one clock (d = 2): turned k steps on, or back",
                1,
                lambda rng: [case(1, 2), case(2, 2), case(-3, 2), case(0, 2)],
            ),
            Property(
                "a clock for each pair of columns",
                2,
                lambda rng: [case(2, 4), case(-1, 6), case(5, 10)],
            ),
            Property(
                "moves every encoding, to ten digits",
                1,
                lambda rng: [case(k, d, rng.integers(0, 60, n)) for k, d, n in ((3, 4, 2), (-7, 8, 3), (20, 14, 5))],
                run=_move,
                tolerance=1e-10,
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
            Mistake("the first hand stays where it is: it turns k radians, not k times around", lambda k, d: np.eye(d)),
            Mistake(
                "the blocks came back in a stack: they stand along the diagonal of one (d, d) matrix",
                lambda k, d: np.stack([shift_matrix(k, d)[j : j + 2, j : j + 2] for j in range(0, d, 2)]),
            ),
            Mistake("always one step: k is ignored", lambda k, d: shift_matrix(1, d)),
            Mistake("one step too far", lambda k, d: shift_matrix(k + 1, d)),
            Mistake("one step too few", lambda k, d: shift_matrix(k - 1, d)),
            Mistake("the sign of k is lost: it may be negative", lambda k, d: shift_matrix(abs(k), d)),
            Mistake(
                "the angles were turned into degrees: sin and cos take radians",
                _turned(lambda k, d: np.degrees(get_angles(k, np.arange(0, d, 2), d))),
            ),
            Mistake(
                "the angles were taken for degrees: they are radians already",
                _turned(lambda k, d: np.radians(get_angles(k, np.arange(0, d, 2), d))),
            ),
            Mistake(
                "the first hand stays where it is: it turns k radians, not k times around",
                _turned(lambda k, d: 2 * np.pi * get_angles(k, np.arange(0, d, 2), d)),
            ),
            Mistake(
                "sines and cosines in halves: the columns are interleaved, so each block is 2 x 2 on the diagonal",
                _concatenated,
            ),
            Mistake(
                "all hands turn at one speed: each pair has its own angle",
                _turned(lambda k, d: k * np.ones(d // 2)),
            ),
            Mistake(
                "pair j took the angle of column j: its columns are 2j and 2j+1",
                _turned(lambda k, d: get_angles(k, np.arange(d // 2), d)),
            ),
            Mistake(
                "the hands slow down half as fast: the factor 2 in the exponent 2j/d is missing",
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
            Mistake("only the first pair turns: every pair needs its block", lambda k, d: _first_pair(k, d)),
            Mistake("only the first pair turns: every pair needs its block", lambda k, d: _first_pair(k, d, rest=0)),
            Mistake(
                "one block for each column overwrites its neighbour: step through the columns by 2",
                lambda k, d: _every_column(k, d),
            ),
            Mistake(
                "right to seven digits only: somewhere the numbers are float32; keep them float64",
                lambda k, d: shift_matrix(k, d).astype("float32"),
            ),
        ),
        hints=(
            "The addition theorems give a hand's new sine and cosine from the old ones: two equations, one block.",
            "For one hand the new sine is c times the old sine plus s times the old cosine: its block's first row.",
            "Begin with np.zeros((d, d)); for j in 0, 2, 4, … the block belongs at [j : j + 2, j : j + 2].",
        ),
    )
)


def _first_pair(k, d, rest: int = 1):
    matrix = rest * np.eye(d)
    matrix[:2, :2] = shift_matrix(k, 2)
    return matrix


def _every_column(k, d):
    angles = get_angles(np.array([[k]]), _columns(d), d)[0]
    matrix = np.zeros((d, d))
    for j in range(d - 1):
        c, s = np.cos(angles[j]), np.sin(angles[j])
        matrix[j : j + 2, j : j + 2] = [[c, s], [-s, c]]
    return matrix


# PositionalEncoding


def _layer(call: Callable) -> type:
    """The library's layer with another call(self, x, start=0)."""
    return type("PositionalEncoding", (PositionalEncoding,), {"call": call, "__doc__": call.__doc__})


def _window(self, x, start=0):
    return self.encoding[start : start + x.shape[1]]


def _call(layer_class, max_length: int, x, **options):
    return layer_class(max_length)(x, **options)


def _layer_cases(rng, *sizes) -> list:
    """Cases of (max_length, B, T, D, options)."""
    return [case(n, rng.normal(size=(b, t, d)).astype("float32"), **o) for n, b, t, d, o in sizes]


register(
    Exercise(
        name="PositionalEncoding",
        notebook="02_positional_encoding",
        reference=PositionalEncoding,
        properties=(
            Property(
                "to word t the encoding of position t is added",
                3,
                lambda rng: _layer_cases(
                    rng, (5, 1, 2, 4, {}), (7, 3, 2, 4, {}), (9, 2, 5, 6, {}), (4, 3, 4, 2, {}), (8, 2, 6, 6, {})
                ),
                run=_call,
            ),
            Property(
                "`start` says at which position the first word stands",
                2,
                lambda rng: _layer_cases(
                    rng,
                    (9, 2, 3, 4, {"start": 2}),
                    (11, 2, 4, 6, {"start": 5}),
                    (6, 3, 1, 2, {"start": 4}),
                    (5, 2, 3, 4, {"start": 0}),
                ),
                run=_call,
            ),
        ),
        mistakes=(
            Mistake(
                "the encoding came back without the words: add it to x",
                _layer(lambda self, x, start=0: keras.ops.broadcast_to(_window(self, x, start), x.shape)),
            ),
            Mistake(
                "the encoding came back without the words: add it to x",
                _layer(lambda self, x, start=0: keras.ops.convert_to_tensor(_window(self, x, start))),
            ),
            Mistake("x came back as it was: nothing is added", _layer(lambda self, x, start=0: x)),
            Mistake(
                "`start` is ignored: the rows begin at start, not at 0",
                _layer(lambda self, x, start=0: x + _window(self, x)),
            ),
            Mistake(
                "multiplied: the encoding is added",
                _layer(lambda self, x, start=0: x * _window(self, x, start)),
            ),
            Mistake(
                "subtracted: the encoding is added",
                _layer(lambda self, x, start=0: x - _window(self, x, start)),
            ),
            Mistake("added twice", _layer(lambda self, x, start=0: x + 2 * _window(self, x, start))),
            Mistake(
                "set beside the words: it is added, so that the width stays D",
                _layer(
                    lambda self, x, start=0: keras.ops.concatenate(
                        [x, keras.ops.broadcast_to(_window(self, x, start), x.shape)], axis=-1
                    )
                ),
            ),
            Mistake(
                "x is scaled by √D here: that is done where the words are embedded, not in this layer",
                _layer(lambda self, x, start=0: x * np.sqrt(x.shape[-1]) + _window(self, x, start)),
            ),
            Mistake(
                "the encoding is scaled by 1/√D: add it as it is",
                _layer(lambda self, x, start=0: x + _window(self, x, start) / np.sqrt(x.shape[-1])),
            ),
            Mistake(
                "the sum is halved: add, without a mean",
                _layer(lambda self, x, start=0: (x + _window(self, x, start)) / 2),
            ),
            Mistake(
                "the rows end at T instead of start + T",
                _layer(lambda self, x, start=0: x + self.encoding[start : x.shape[1]]),
            ),
            Mistake(
                "the rows begin at 0 instead of start",
                _layer(lambda self, x, start=0: x + self.encoding[: start + x.shape[1]]),
            ),
            Mistake(
                "`start` counts words, not pieces of T words: the rows begin at start",
                _layer(lambda self, x, start=0: x + self.encoding[start * x.shape[1] : (start + 1) * x.shape[1]]),
            ),
            Mistake(
                "all max_length rows are added: cut out those from start to start + T",
                _layer(lambda self, x, start=0: x + self.encoding),
            ),
            Mistake(
                "all max_length rows are added: cut out those from start to start + T",
                _layer(lambda self, x, start=0: x + self.encoding[start:]),
            ),
            Mistake(
                "as many rows as there are sentences: T is the second axis of x, x.shape[1]",
                _layer(lambda self, x, start=0: x + self.encoding[start : start + x.shape[0]]),
            ),
            Mistake(
                "as many rows as there are columns: T is the second axis of x, x.shape[1]",
                _layer(lambda self, x, start=0: x + self.encoding[start : start + x.shape[2]]),
            ),
            Mistake(
                "each sentence has one position, each word should: the encoding runs along the second axis",
                _layer(lambda self, x, start=0: x + self.encoding[start : start + x.shape[0], np.newaxis]),
            ),
            Mistake(
                "every word has the position of the first: take T rows, from start to start + T",
                _layer(lambda self, x, start=0: x + self.encoding[start]),
            ),
            Mistake(
                "one position too late: the first word stands at start",
                _layer(lambda self, x, start=0: x + _padded(self)[start + 1 : start + 1 + x.shape[1]]),
            ),
            Mistake(
                "one position too early: the first word stands at start",
                _layer(lambda self, x, start=0: x + np.roll(self.encoding, 1, axis=0)[start : start + x.shape[1]]),
            ),
            Mistake(
                "the rows come in backward order",
                _layer(lambda self, x, start=0: x + _window(self, x, start)[::-1]),
            ),
            Mistake(
                "the last T rows of the table: those from start to start + T are asked for",
                _layer(lambda self, x, start=0: x + self.encoding[self.max_length - x.shape[1] :]),
            ),
            Mistake(
                "`start` is added as a number: it says which rows to take",
                _layer(lambda self, x, start=0: x + _window(self, x) + start),
            ),
            Mistake(
                "`start` cuts words off x: it says which rows of the encoding to take",
                _layer(lambda self, x, start=0: x[:, start:] + self.encoding[: x.shape[1]][start:]),
            ),
            Mistake(
                "`start` words are passed over: all words get a position, the first one start",
                _layer(lambda self, x, start=0: x + _window(self, x) * (np.arange(x.shape[1]) >= start)[:, np.newaxis]),
            ),
        ),
        hints=(
            "self.encoding has a row for each position, (max_length, D). x has T words: which rows belong to them?",
            "The rows from start to start + T, where T is the second axis of x. They broadcast over the sentences.",
            "A slice of self.encoding, self.encoding[first:last], can be added to x as it is.",
        ),
    )
)


def _padded(layer) -> np.ndarray:
    """The layer's table, a few rows longer."""
    return np.asarray(positional_encoding(layer.max_length + 4, layer.encoding.shape[1]))[0]
