"""The exercise get_angles: what must hold, and what each mistake looks like."""

from collections.abc import Callable

import keras
import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.positional_encoding.shared import as_it_came, columns
from utils.layers.positional_encoding import get_angles


def _positions(rng, n: int) -> np.ndarray:
    return rng.permutation(np.arange(1, 40))[:n, np.newaxis]


def _or_zeros(shown, pos, i, d):
    """The angles that came back; in words where all are 0, since tiny ones can hardly be told from them."""
    same = getattr(shown, "shape", None) == np.broadcast_shapes(np.shape(pos), np.shape(i)) and np.any(pos)
    return "nothing but zeros" if same and shown.dtype.kind in "iuf" and not np.any(shown) else shown


def _one_wave(start: int) -> Callable:
    """The angles on every second column, zeros on the others."""
    return lambda pos, i, d: np.where(i % 2 == start, get_angles(pos, i, d), 0)


def _digits(shown, pos, i, d) -> str:
    """Whether the angles that came back are right to ten digits."""
    want = get_angles(pos, i, d)
    if getattr(shown, "shape", None) != want.shape:
        return shown
    return "ten digits" if np.allclose(shown, want, rtol=1e-10, atol=0) else "fewer"


def _power(exponent: Callable, base: float = 10000.0) -> Callable:
    """Angles with another exponent of the base."""
    return lambda pos, i, d: pos / base ** exponent(i, d)


def _rounded(digits: int) -> Callable:
    return lambda pos, i, d: np.round(get_angles(pos, i, d), digits)


register(
    Exercise(
        name="get_angles",
        notebook="02_positional_encoding",
        reference=get_angles,
        properties=(
            Property(
                "one position: each pair of columns has its frequency",
                1,
                lambda rng: [
                    case(np.array([[p]]), columns(d), d)
                    for p, d in ((1, 4), (3, 6), (37, 10), (int(rng.integers(4, 60)), 8))
                ],
                run=as_it_came,
                read=_or_zeros,
                tolerance=1e-5,
            ),
            Property(
                "many positions: a row for each",
                1,
                lambda rng: [
                    *(case(_positions(rng, n), columns(d), d) for n, d in ((2, 2), (3, 8), (7, 12))),
                    case(np.array([[0], [-2], [3]]), columns(6), 6),  # shift_matrix goes back as well
                    case(_positions(rng, 2), columns(512), 512),
                ],
                run=as_it_came,
                read=_or_zeros,
                tolerance=1e-5,
            ),
            Property(
                "only the columns that are asked for",
                1,
                lambda rng: [
                    case(_positions(rng, 1), np.array([[5, 2]]), 8),
                    case(_positions(rng, 2), np.array([[9, 0, 3]]), 10),
                ],
                run=as_it_came,
                read=_or_zeros,
                tolerance=1e-5,
            ),
            Property(
                "float64, right to ten digits",
                1,
                lambda rng: [case(_positions(rng, 3), columns(12), 12), case(np.array([[50]]), columns(14), 14)],
                run=lambda answer, pos, i, d: keras.ops.convert_to_numpy(answer(pos, i, d)),
                read=_digits,
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
                "the hands slow down half as fast: the exponent is 2j/d, with its factor 2, and the base 10000",
                _power(lambda i, d: i // 2 / d),
            ),
            Mistake(
                "the exponent is 2j/d: here it grows twice as fast, as if an even column number were doubled again",
                _power(lambda i, d: 4 * (i // 2) / d),
            ),
            *(
                Mistake(f"the base is {base:.0f}: the paper has 10000", _power(lambda i, d: 2 * (i // 2) / d, base))
                for base in (1000.0, 100000.0)
            ),
            Mistake("the base is e: 10000 is missing", _power(lambda i, d: 2 * (i // 2) / d, np.e)),
            Mistake(
                "10000 as a power of e takes the natural logarithm, np.log; np.log10 belongs to powers of 10",
                _power(lambda i, d: 2 * (i // 2) / d, np.exp(4.0)),
            ),
            Mistake(
                "the hands get faster from column to column: divide pos by the power",
                lambda pos, i, d: pos * 10000.0 ** (2 * (i // 2) / d),
            ),
            *(
                Mistake("** binds before * and /: put the whole exponent in brackets", wrong)
                for wrong in (
                    lambda pos, i, d: pos / 10000**2 * (i // 2) / d,
                    lambda pos, i, d: pos / (10000**2 * (i // 2) / d),
                    lambda pos, i, d: pos / 10000.0 ** (2 * (i // 2)) / d,
                    lambda pos, i, d: pos / (10000.0 ** (2 * (i // 2)) / d),
                    lambda pos, i, d: pos / 10000.0 ** (2 * i) / d,
                    lambda pos, i, d: pos / 10000.0**i / d,
                    lambda pos, i, d: pos / 10000.0 ** (i // 2) / d,
                    lambda pos, i, d: pos / 10000 * (2 * (i // 2) / d),
                )
            ),
            Mistake(
                "infinite for later pairs: 10000 ** (2 * j) grows beyond what a float holds; divide 2 * j by d first",
                lambda pos, i, d: pos / (10000.0 ** (2 * (i // 2))) ** (1 / d),
            ),
            Mistake(
                "NaN where a position is below 0: it has no logarithm. Multiply pos itself by the frequencies",
                lambda p, i, d: np.where(p < 0, np.nan, get_angles(p, i, d)),
            ),
            Mistake(
                "the sign of a position is lost: it may be negative, as shift_matrix's k",
                lambda p, i, d: get_angles(np.abs(p), i, d),
            ),
            Mistake(
                "these are the powers of 10000 alone: divide pos by them",
                lambda p, i, d: np.broadcast_to(10000.0 ** (2 * (i // 2) / d), (len(p), np.shape(i)[1])),
            ),
            Mistake("nothing but zeros came back: is the array ever filled?", lambda p, i, d: p * i * 0.0),
            Mistake(
                "pos is not used: the rows may be any positions, not only 0, 1, 2, … in order",
                lambda p, i, d: get_angles(np.arange(len(p))[:, np.newaxis], i, d),
            ),
            *(
                Mistake("every second column was left at 0: the two columns of a pair have the same angle", wrong)
                for wrong in (_one_wave(0), _one_wave(1))
            ),
            Mistake(
                "the power is taken of pos / 10000: only 10000 is raised",
                lambda pos, i, d: (pos / 10000) ** (2 * (i // 2) / d),
            ),
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
            *(
                Mistake(
                    "the exponent divides by a fixed number: d is given, and may be any",
                    _power(lambda i, d, n=n: 2 * (i // 2) / n),
                )
                for n in (4, 6, 64, 128, 512)
            ),
            Mistake(
                "pairs by rounding, which goes up as well as down: i // 2 goes down",
                _power(lambda i, d: 2 * np.round(i / 2) / d),
            ),
            Mistake(
                "the exponent divides by the number of columns asked for; d is the width",
                _power(lambda i, d: 2 * (i // 2) / np.shape(i)[1]),
            ),
            Mistake(
                "right to seven digits or so: somewhere the numbers are float32, or rounded; keep them float64",
                lambda p, i, d: get_angles(p, i, d).astype("float32"),
            ),
            Mistake(
                "right to three digits or so: somewhere the numbers are float16; keep them float64",
                lambda p, i, d: get_angles(p, i, d).astype("float16"),
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
                "these are cosines: only the angles are asked for, the cosine comes in the next exercise",
                lambda p, i, d: np.cos(get_angles(p, i, d)),
            ),
            Mistake(
                "the angles are wrapped to one turn: leave them as they are",
                lambda p, i, d: get_angles(p, i, d) % (2 * np.pi),
            ),
            *(Mistake("the angles are rounded: keep all their digits", _rounded(digits)) for digits in (1, 2, 3, 4)),
            Mistake(
                "an axis too many: (N, D) is asked for, the batch axis comes in the next exercise",
                lambda p, i, d: get_angles(p, i, d)[np.newaxis],
            ),
            Mistake(
                "sine and cosine are taken already: only the angles are asked for",
                lambda p, i, d: np.where(i % 2 == 0, np.sin(get_angles(p, i, d)), np.cos(get_angles(p, i, d))),
            ),
            Mistake("these are the frequencies: multiply by pos", lambda p, i, d: get_angles(np.ones_like(p), i, d)),
            Mistake("positions count from 0: here each is one too late", lambda p, i, d: get_angles(p + 1, i, d)),
            Mistake("positions count from 0: here each is one too early", lambda p, i, d: get_angles(p - 1, i, d)),
            Mistake(
                "an np.matrix came back: its rows stay matrices, and its * is another. Give back an array, np.array(…)",
                lambda p, i, d: np.matrix(get_angles(p, i, d)),
            ),
            Mistake(
                "rows came back in a list or tuple: an array is asked for, np.array(…) makes one of them",
                lambda p, i, d: list(get_angles(p, i, d)),
            ),
            Mistake(
                "the array came back inside a list or tuple (a comma after it?): return it alone",
                lambda p, i, d: [get_angles(p, i, d)],
            ),
            Mistake(
                "one result is asked for, the angles; two came back",
                lambda p, i, d: (get_angles(p, i, d), get_angles(p, i, d)),
            ),
            Mistake(
                "only the first position's angles: a row for each is asked for",
                lambda p, i, d: get_angles(p[:1], i, d),
            ),
            Mistake("pos and i have changed places", lambda pos, i, d: i / 10000.0 ** (2 * (pos // 2) / d)),
            Mistake("rows and columns have changed places", lambda p, i, d: get_angles(p, i, d).T),
            Mistake(
                "one angle for each pair; one for each column is asked for, so each comes twice",
                lambda pos, i, d: pos / 10000.0 ** (2 * np.arange(d // 2) / d),
            ),
            Mistake(
                "the row of pairs stands there twice: each pair's angle comes twice in a row, np.repeat, not np.tile",
                lambda pos, i, d: np.tile(pos / 10000.0 ** (2 * np.arange(d // 2) / d), 2),
            ),
            Mistake(
                "i is not used: it may hold any columns, not only 0…d-1 in order",
                lambda pos, i, d: get_angles(pos, columns(d), d),
            ),
        ),
        hints=(
            "The angle is the position divided by a power of 10000. The power depends on the pair that a column is in.",
            "Columns 0 and 1 are pair 0, columns 2 and 3 are pair 1: j = i // 2.",
            "The exponent is 2 * j / d, in brackets. Shapes (N, 1) and (1, d) broadcast: no loop is needed.",
        ),
    )
)
