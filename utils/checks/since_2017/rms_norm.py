"""The exercise rms_norm: what must hold, and what each mistake looks like."""

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
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


def _wider(x, gamma, epsilon=1e-6):
    return gamma * x.astype("float32") / _root(x.astype("float32"), epsilon)


def _in_words(normed, x, gamma):
    """The dtype, and what became of numbers whose squares float16 does not hold."""
    if normed.dtype != x.dtype:
        return f"{normed.dtype} came back for {x.dtype}"
    size = np.sqrt(np.mean(np.square(normed.astype("float32") / gamma.astype("float32")), axis=-1))
    return "every word has size 1" if np.allclose(size, 1, atol=0.02) else "the size is lost"


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
            Property("every word for itself: its mean square is 1", 2, _plain),
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
                ],
                read=_in_words,
            ),
        ),
        mistakes=(
            Mistake(
                "the squares are taken in float16, which ends at 65,504: cast to float32 first, and back at the end",
                _narrow,
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
