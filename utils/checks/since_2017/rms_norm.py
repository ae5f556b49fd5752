"""The exercise rms_norm: what must hold, and what each mistake looks like."""

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.in_numpy import fitting
from utils.checks.inputs import normal
from utils.layers.gated import rms_norm


def _mean(x, axis=-1):
    return np.mean(x, axis=axis, keepdims=True)


def _by(size, finish=lambda n, gamma: gamma * n, start=lambda x: x):
    """Divides by `size` of (x in float32, epsilon)."""

    def wrong(x, gamma, epsilon=1e-6):
        wide = start(x.astype("float32"))
        with np.errstate(divide="ignore", invalid="ignore"):
            return finish(wide / size(wide, epsilon), gamma).astype(x.dtype)

    return wrong


def _root(x, epsilon):
    return np.sqrt(_mean(x**2) + epsilon)


def _narrow(x, gamma, epsilon=1e-6):
    with np.errstate(over="ignore"):
        return (gamma * x / np.sqrt(_mean(x * x) + x.dtype.type(epsilon))).astype(x.dtype)


def _mean_narrow(x, gamma, epsilon=1e-6):
    """Squares and mean in float32, and the mean then in x's dtype."""
    with np.errstate(over="ignore"):
        mean_square = _mean(x.astype("float32") ** 2).astype(x.dtype)
        return (gamma * x / np.sqrt(mean_square + x.dtype.type(epsilon))).astype(x.dtype)


def _centred(x, gamma, epsilon=1e-6):
    """The mean taken out above the fraction, and left in below."""
    wide = x.astype("float32")
    return (gamma * (wide - _mean(wide)) / _root(wide, epsilon)).astype(x.dtype)


def _gamma_first(x, gamma, epsilon=1e-6):
    wide = gamma * x.astype("float32")
    return (wide / _root(wide, epsilon)).astype(x.dtype)


def _flat(divide):
    """The mean square without the axis it was taken over."""

    def wrong(x, gamma, epsilon=1e-6):
        wide = x.astype("float32")
        return (gamma * divide(wide, np.sqrt(np.mean(wide**2, axis=-1) + epsilon))).astype(x.dtype)

    return wrong


def _of_axes(*numbers):
    """Right where x has as many axes."""

    def wrong(x, gamma, epsilon=1e-6):
        if x.ndim not in numbers:
            raise ValueError("so many axes are too much for it, or too few")
        return _by(_root)(x, gamma, epsilon)

    return wrong


def _rows(x, gamma, epsilon=1e-6):
    """Right, row by row, in a list."""
    return list(_by(_root)(x, gamma, epsilon))


def _or_rows(result, x, gamma):
    """What came back; in words where it is a list of rows."""
    listed = isinstance(result, tuple) and [getattr(row, "shape", None) for row in result] == [x.shape[1:]] * len(x)
    return LISTED if listed else result


LISTED = "a list of rows"


def _or_error(answer, x, gamma):
    """What came back, or which error."""
    try:
        return answer(x, gamma)
    except NotImplementedError:
        raise  # not started
    except Exception as error:  # noqa: BLE001 - with two axes and three it was right
        return type(error).__name__


def _right(result, x, gamma):
    """Whether words of so many axes are what they should be, in words."""
    right = (
        not isinstance(result, str) and result.shape == x.shape and np.allclose(result, rms_norm(x, gamma), atol=1e-4)
    )
    return f"axes of x: {x.ndim}, {'right' if right else 'it fails, or something else comes back'}"


def _wider(x, gamma, epsilon=1e-6):
    return gamma * x.astype("float32") / _root(x.astype("float32"), epsilon)


def _in_words(normed, x, gamma):
    """The dtype, and what became of numbers whose squares float16 does not hold."""
    if normed.dtype != x.dtype:
        return f"{normed.dtype} came back for {x.dtype}"
    plain, x = normed.astype("float32") / gamma.astype("float32"), x.astype("float32")
    if not np.allclose(np.sqrt(np.mean(np.square(plain), axis=-1)), 1, atol=0.02):
        return "the size is lost"
    right = x / np.sqrt(np.mean(np.square(x), axis=-1, keepdims=True))
    return "every word has size 1" if np.allclose(plain, right, atol=0.02) else "every word has size 1, but is another"


def _plain(rng):
    ones = [np.ones(d, "float32") for d in (4, 5, 3)]
    arrays = np.array([[1, 2, 3, 6]], "float32"), normal(rng, 2, 5, mean=2), normal(rng, 2, 4, 3, mean=-1)
    return [case(x, gamma) for x, gamma in zip(arrays, ones, strict=True)]


register(
    Exercise(
        name="rms_norm",
        notebook="15_since_2017",
        reference=rms_norm,
        properties=(
            Property("every word for itself: its mean square is 1", 1, _plain, read=_or_rows),
            Property(
                "gamma scales the features",
                1,
                lambda rng: [case(normal(rng, 1, 4), normal(rng, 4)), case(normal(rng, 2, 3, 6), normal(rng, 6))],
            ),
            Property(
                "epsilon: added to the mean square, inside the root",
                1,
                lambda rng: [
                    case(normal(rng, 2, 4), normal(rng, 4), epsilon=0.5),
                    case(np.zeros((1, 3), "float32"), normal(rng, 3), epsilon=1e-3),
                    case((1e-3 * normal(rng, 2, 5)).astype("float32"), normal(rng, 5), epsilon=0.5),
                ],
                tolerance=2e-5,
            ),
            Property(
                "half precision: numbers in the hundreds, whose squares float16 does not hold",
                1,
                lambda rng: [
                    case((300 + 100 * rng.random((2, 8))).astype("float16"), np.ones(8, "float16")),
                    case((900 * (1 + rng.random((3, 6)))).astype("float16"), np.full(6, 2, "float16")),
                    case(normal(rng, 3, 6, mean=300), np.full(6, 2, "float32")),
                    case(np.array([[300, 20, -10, 30], [10, 30, 20, -350]], "float16"), np.ones(4, "float16")),
                ],
                read=_in_words,
            ),
            Property(
                "one axis, or four: (…, D)",
                1,
                lambda rng: [case(normal(rng, 4), normal(rng, 4)), case(normal(rng, 2, 3, 1, 5), normal(rng, 5))],
                run=_or_error,
                read=_right,
            ),
        ),
        mistakes=(
            Mistake(
                "the squares are taken in float16, which ends at 65,504: cast to float32 first, and back at the end",
                _narrow,
            ),
            Mistake(
                "the mean of the squares is cast back too early, and float16 does not hold it: take the root in "
                "float32, divide, and cast then",
                _mean_narrow,
            ),
            Mistake("float32 came back for float16: cast to x's dtype at the end", _wider),
            Mistake(
                "float16 comes back whatever x is: cast to x's own dtype at the end",
                lambda x, gamma, epsilon=1e-6: _wider(x, gamma, epsilon).astype("float16"),
            ),
            Mistake("nothing is normalised: x came back as it was", lambda x, gamma, epsilon=1e-6: x),
            Mistake("the root is missing: this divides by the mean square", _by(lambda x, e: _mean(x**2) + e)),
            Mistake(
                "the mean is taken out: that is layer norm",
                _by(_root, start=lambda x: x - _mean(x)),
            ),
            Mistake(
                "it divides by the standard deviation: take the mean of the squares of x itself",
                _by(lambda x, e: np.sqrt(_mean((x - _mean(x)) ** 2) + e)),
            ),
            Mistake(
                "the squares are added up, not averaged: divide the sum by D",
                _by(lambda x, e: np.sqrt(np.sum(x**2, axis=-1, keepdims=True) + e)),
            ),
            *(
                Mistake(
                    "the squares are divided by D - 1: a mean divides by D",
                    _by(lambda x, e, size=size: np.sqrt(np.sum(x**2, axis=-1, keepdims=True) / size(x) + e)),
                )
                for size in (lambda x: x.shape[-1] - 1, lambda x: max(x.shape[-1] - 1, 1))
            ),
            Mistake("it divides by the mean of |x|: square, average, root", _by(lambda x, e: _mean(np.abs(x)) + e)),
            Mistake(
                "all numbers share one mean: axis=-1, each word has its own",
                _by(lambda x, e: np.sqrt(np.mean(x**2) + e)),
            ),
            Mistake(
                "the mean runs over the words: the last axis are the features",
                _by(lambda x, e: np.sqrt(_mean(x**2, axis=-2) + e)),
            ),
            Mistake(
                "the mean runs over the first axis: the last axis are the features",
                _by(lambda x, e: np.sqrt(_mean(x**2, axis=0) + e)),
            ),
            Mistake(
                "the mean runs over the second axis: in (B, T, D) these are the words, the features are the last",
                _by(lambda x, e: np.sqrt(_mean(x**2, axis=1) + e)),
            ),
            Mistake(
                "the mean is squared: square first, then take the mean", _by(lambda x, e: np.sqrt(_mean(x) ** 2 + e))
            ),
            Mistake("gamma is unused", _by(_root, finish=lambda n, gamma: n)),
            Mistake("gamma divides: it multiplies", _by(_root, finish=lambda n, gamma: n / gamma)),
            Mistake("gamma is counted from 1: here 1 + gamma scales", _by(_root, finish=lambda n, g: n * (1 + g))),
            Mistake("gamma is added: it multiplies", _by(_root, finish=lambda n, gamma: n + gamma)),
            Mistake(
                "epsilon is added after the root: it belongs inside",
                _by(lambda x, e: np.sqrt(_mean(x**2)) + e),
            ),
            Mistake("epsilon is unused: a word of zeros is divided by 0", _by(lambda x, e: np.sqrt(_mean(x**2)))),
            Mistake("epsilon is unused", _by(lambda x, e: np.sqrt(_mean(x**2)) + 1e-30)),
            Mistake("epsilon is fixed: use the argument", _by(lambda x, e: _root(x, 1e-6))),
            *(
                Mistake(
                    "the mean has lost its axis, (B, T), and x is (B, T, D): keepdims=True makes it (B, T, 1)",
                    _flat(divide),
                )
                for divide in (lambda x, size: fitting(np.divide, x, size), np.divide)
            ),
            Mistake("the root multiplies: divide by it, or multiply by ops.rsqrt", _by(lambda x, e: 1 / _root(x, e))),
            Mistake("the mean is taken out of x: RMS norm leaves it in, above the fraction too", _centred),
            Mistake(
                "gamma comes in before the norm, which takes it out again: normalise x, then times gamma", _gamma_first
            ),
            Mistake("a list of rows came back: an array is asked for, np.stack makes one", _rows),
            *(
                Mistake(
                    "x is (…, D), with any number of axes in front: axis=-1, and no loop over B and T", _of_axes(*axes)
                )
                for axes in ((2, 3), (1, 2, 3), (2, 3, 4))
            ),
        ),
        hints=(
            "As layer norm, without taking the mean out and without beta: square, average, root, divide, times gamma.",
            "ops.mean(ops.square(x), axis=-1, keepdims=True) is each word's mean square. epsilon is added to it, then "
            "comes the root.",
            'For half precision square a wide copy: wide = ops.cast(x, "float32"). What comes out is cast to x.dtype, '
            "and gamma is cast to it too.",
        ),
    )
)
