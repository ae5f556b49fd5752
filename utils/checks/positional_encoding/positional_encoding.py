"""The exercise positional_encoding: what must hold, and what each mistake looks like."""

from collections.abc import Callable

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.positional_encoding.shared import as_it_came, columns
from utils.layers.positional_encoding import positional_encoding


# positional_encoding
def _angles(positions: int, d: int, exponent: Callable = lambda i, d: 2 * (i // 2) / d, base: float = 10000.0):
    return np.arange(positions)[:, np.newaxis] / base ** exponent(columns(d), d)


def _waves(angles: np.ndarray, even=np.sin, odd=np.cos) -> np.ndarray:
    """Sine on even columns and cosine on odd ones, as (1, positions, d) float32."""
    waves = np.where(columns(angles.shape[1]) % 2 == 0, even(angles), odd(angles))
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


def _joined(*parts: np.ndarray) -> np.ndarray:
    return np.concatenate(parts, axis=1)[np.newaxis].astype("float32")


def _side_by_side(positions: int, d: int) -> np.ndarray:
    angles = _angles(positions, d)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1)[np.newaxis].astype("float32")


def _of_these_columns(chosen: Callable) -> Callable:
    """Sine and cosine of the angles in other columns: pair j gets those of chosen(angles, d)."""

    def wrong(positions: int, d: int) -> np.ndarray:
        of_sine, of_cosine = chosen(_angles(positions, d), d)
        return np.stack([np.sin(of_sine), np.cos(of_cosine)], axis=-1).reshape(1, positions, d).astype("float32")

    return wrong


def _half_as_many(step: int) -> Callable:
    """The waves of d // 2 columns only, counted one by one or by two."""

    def wrong(positions: int, d: int) -> np.ndarray:
        i = np.arange(0, d, 2) if step == 2 else np.arange(d // 2)
        angles = np.arange(positions)[:, np.newaxis] / 10000.0 ** (2 * (i // 2) / d)
        return _waves(angles)

    return wrong


def _left_out(part: tuple) -> Callable:
    """Part of the encoding was never written."""

    def wrong(positions: int, d: int) -> np.ndarray:
        encoding = _encoding(positions, d)
        encoding[(0, *part)] = 0
        return encoding

    return wrong


def _columns_overwritten(positions: int, d: int) -> np.ndarray:
    encoding, angles = np.zeros((positions, d)), _angles(positions, d)
    for j in range(d // 2):
        encoding[:, j], encoding[:, j + 1] = np.sin(angles[:, 2 * j]), np.cos(angles[:, 2 * j])
    return encoding[np.newaxis].astype("float32")


def _first_slice_only(positions: int, d: int) -> np.ndarray:
    angles = _angles(positions, d)
    angles[:, 0:2] = np.sin(angles[:, 0:2])
    angles[:, 1:2] = np.cos(angles[:, 1:2])
    return angles[np.newaxis].astype("float32")


def _first_pair_only(positions: int, d: int) -> np.ndarray:
    angles = _angles(positions, d)
    angles[:, 0], angles[:, 1] = np.sin(angles[:, 0]), np.cos(angles[:, 1])
    return angles[np.newaxis].astype("float32")


def _rounded(digits: int) -> Callable:
    return lambda positions, d: np.round(_encoding(positions, d), digits)


def _with_other_positions(places: Callable) -> Callable:
    """The encoding of other positions than those that are asked for."""

    def wrong(positions: int, d: int) -> np.ndarray:
        return _waves(places(positions)[:, np.newaxis] / 10000.0 ** (2 * (columns(d) // 2) / d))

    return wrong


def _halves_of_code(positions: int, d: int) -> np.ndarray:
    """As in tensor2tensor."""
    angles = np.arange(positions)[:, np.newaxis] * 10000.0 ** (-np.arange(d // 2) / max(d // 2 - 1, 1))
    return _joined(np.sin(angles), np.cos(angles))


def _too_large_powers(positions: int, d: int) -> np.ndarray:
    with np.errstate(over="ignore"):
        return _waves(np.arange(positions)[:, np.newaxis] / (10000.0 ** (2 * (columns(d) // 2))) ** (1 / d))


def _by_rows(positions: int, d: int) -> np.ndarray:
    angles = _angles(positions, d)
    angles[0::2], angles[1::2] = np.sin(angles[0::2]), np.cos(angles[1::2])
    return angles[np.newaxis].astype("float32")


def _encoding(positions: int, d: int) -> np.ndarray:
    return _waves(_angles(positions, d))


def _alone(positions: int, d: int) -> np.ndarray:
    return _encoding(positions + 1, d)[:, -1:]


def _or_few_digits(shown, positions: int, d: int):
    """What came back; in words where it is right, but not to five digits."""
    want = _encoding(positions, d)
    if getattr(shown, "shape", None) != want.shape or shown.dtype.kind != "f" and shown.dtype.name != "bfloat16":
        return shown
    largest = np.abs(shown.astype("float64") - want).max()
    return "right to three digits or so" if 2e-5 < largest < 1e-3 else shown


def _dtype(shown, positions: int, d: int) -> str:
    """The dtype's name; of what is no array, its type's."""
    return shown.dtype.name if hasattr(shown, "dtype") else type(shown).__name__


register(
    Exercise(
        name="positional_encoding",
        notebook="02_positional_encoding",
        reference=positional_encoding,
        properties=(
            Property(
                "sine on even columns, cosine on odd ones",
                2,
                lambda rng: [
                    case(2, 4),
                    case(3, 2),
                    case(5, 6),
                    case(int(rng.integers(6, 30)), 2 * int(rng.integers(2, 9))),
                ],
                run=as_it_came,
                read=_or_few_digits,
                tolerance=1e-5,
            ),
            Property(
                "any number of positions, any even width",
                1,
                lambda rng: [
                    *(case(1, 8), case(40, 10), case(int(rng.integers(6, 30)), 16)),
                    *(case(9, 8), case(60, 128)),  # 8 columns once more, for more positions
                ],
                run=as_it_came,
                read=_or_few_digits,
                tolerance=1e-5,  # as close as the lesson's loop must be at 60 positions
            ),
            Property("float32", 1, lambda rng: [case(3, 4)], read=_dtype),
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
            Mistake(
                "cosines on the left half, sines on the right: sine on columns 0::2, cosine on columns 1::2",
                lambda n, d: _joined(np.cos(_angles(n, d)[:, 0::2]), np.sin(_angles(n, d)[:, 1::2])),
            ),
            Mistake(
                "left half sine, right half cosine, of the first d / 2 columns: they stand side by side, 0::2 and 1::2",
                lambda n, d: _joined(np.sin(_angles(n, d)[:, : d // 2]), np.cos(_angles(n, d)[:, : d // 2])),
            ),
            *(
                Mistake("sine and cosine of every angle, 2d columns: each column takes one of them", wrong)
                for wrong in (
                    lambda n, d: _joined(np.sin(_angles(n, d)), np.cos(_angles(n, d))),
                    lambda n, d: _side_by_side(n, d).reshape(1, n, 2 * d),
                    _side_by_side,
                )
            ),
            *(
                Mistake(
                    "pair j took the angle of column j: its columns are 2j and 2j+1, and get_angles halves them itself",
                    wrong,
                )
                for wrong in (
                    _of_these_columns(lambda a, d: (a[:, : d // 2], a[:, : d // 2])),
                    _of_these_columns(lambda a, d: (a[:, : d // 2], a[:, d // 2 :])),
                )
            ),
            *(
                Mistake(
                    "half as many columns as are asked for: get_angles takes all numbers 0…d-1 and halves them itself",
                    wrong,
                )
                for wrong in (_half_as_many(1), _half_as_many(2))
            ),
            Mistake("columns count from 0: here they begin at 1", _from(lambda i, d: 2 * ((i + 1) // 2) / d)),
            Mistake(
                "columns j and j + 1 are written for pair j, so that pairs overwrite each other: 2j and 2j+1",
                _columns_overwritten,
            ),
            *(
                Mistake("only the first pair of columns is done: take every second column, 0::2 and 1::2", wrong)
                for wrong in (_first_pair_only, _first_slice_only)
            ),
            Mistake("nothing was written: these are zeros", lambda n, d: 0 * _encoding(n, d)),
            Mistake("the first position was left out: position 0 has sine 0 and cosine 1", _left_out((0,))),
            Mistake("the last position was left out: does the loop end one too early?", _left_out((-1,))),
            Mistake("the last pair was left out: there are d // 2 pairs", _left_out((slice(None), slice(-2, None)))),
            Mistake(
                "sine and cosine are added up: one stands on the even columns, the other on the odd",
                lambda n, d: _waves(_angles(n, d), *2 * [lambda a: np.sin(a) + np.cos(a)]),
            ),
            Mistake("the cosine has the wrong sign", _from(odd=lambda a: -np.cos(a))),
            Mistake("the sine has the wrong sign", _from(even=lambda a: -np.sin(a))),
            Mistake(
                "the positions are divided by their number: p itself is asked for",
                lambda n, d: _waves(_angles(n, d) / n),
            ),
            Mistake(
                "np.linspace(0, positions, positions) ends on positions itself: np.arange(positions) counts 0, 1, 2, …",
                _with_other_positions(lambda n: np.linspace(0, n, n)),
            ),
            Mistake(
                "multiplied by 2π: the first hand turns one radian a position, not once around",
                _with_other_positions(lambda n: 2 * np.pi * np.arange(n)),
            ),
            Mistake("one position alone: give get_angles np.arange(positions) as a column", lambda n, d: _alone(n, d)),
            Mistake("position 0 is missing: np.arange(positions) begins with it", lambda n, d: _encoding(n, d)[:, 1:]),
            Mistake("an axis too many: (1, positions, d) is asked for", lambda n, d: _encoding(n, d)[np.newaxis]),
            *(
                Mistake("scaled with √d: the waves stay between -1 and 1", wrong)
                for wrong in (
                    lambda n, d: _encoding(n, d) * np.float32(d**0.5),
                    lambda n, d: _encoding(n, d) / np.float32(d**0.5),
                )
            ),
            *(Mistake("the waves are rounded: keep all their digits", _rounded(digits)) for digits in (1, 2)),
            *(
                Mistake(
                    "right to three digits or so: the waves or angles are rounded, or float16 on the way",
                    lambda n, d, kind=kind: _rounded(3)(n, d).astype(kind),
                )
                for kind in ("float32", "float16", "float64")
            ),
            *(
                Mistake(
                    "right to three digits or so: the waves or angles are rounded, or float16 on the way",
                    lambda n, d, digits=digits: _waves(np.round(_angles(n, d), digits)),
                )
                for digits in (2, 3, 4)
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
            Mistake(
                "infinite for later pairs: 10000 ** (2 * j) grows beyond what a float holds; divide 2 * j by d first",
                _too_large_powers,
            ),
            *(
                Mistake(
                    "the exponent divides by a fixed number: d is given, and may be any",
                    _from(lambda i, d, n=n: 2 * (i // 2) / n),
                )
                for n in (4, 64, 128, 512)
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
            Mistake(
                "the exponent divides by d - 2, as some code does, and sines stand left, cosines right: divide by d, "
                "and take columns 0::2 and 1::2",
                _halves_of_code,
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
            *(
                Mistake("the batch axis is missing: (1, positions, d) is asked for", lambda n, d, of=of: of(n, d)[0])
                for of in (_encoding, _halves)
            ),
            Mistake(
                "the batch axis is missing, for which np.matrix has no room: take an array, then [np.newaxis]",
                lambda n, d: np.matrix(_encoding(n, d)[0]),
            ),
            *(
                Mistake("a list or tuple came back: an array is asked for, (1, positions, d)", wrong)
                for wrong in (lambda n, d: [_encoding(n, d)], lambda n, d: list(_encoding(n, d)[0]))
            ),
            Mistake(
                "sines and cosines came back apart: one array is asked for, in which they take turns",
                lambda n, d: (_encoding(n, d)[0, :, 0::2], _encoding(n, d)[0, :, 1::2]),
            ),
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
                "rows and columns have changed places: a row for each position",
                lambda n, d: _waves(_angles(n, d).T),
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
