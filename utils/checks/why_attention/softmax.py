"""The exercise softmax: what must hold, and what each mistake looks like."""

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.inputs import normal


def softmax(x, axis: int = -1) -> np.ndarray:
    """Turns scores into shares: positive, summing to one along an axis, larger for a larger score.

    Args:
        x: scores of any shape.
        axis: the axis along which the shares sum to one.

    Returns:
        The same shape.
    """
    x = np.asarray(x)
    e = np.exp(x - x.max(axis=axis, keepdims=True))  # the largest exponent is 0: nothing overflows
    return e / e.sum(axis=axis, keepdims=True)


def _unstable(x, axis=-1):
    e = np.exp(np.asarray(x))
    return e / e.sum(axis=axis, keepdims=True)


def _shifted(by):
    """The shares after another number than the largest score was subtracted."""

    def wrong(x, axis=-1):
        e = np.exp(x - by(x, axis))
        return e / e.sum(axis=axis, keepdims=True)

    return wrong


def _largest(x, axis=-1):
    return x.max(axis=axis, keepdims=True)


def _with_more(x, axis, n):
    e = np.exp(x - _largest(x, axis))
    return e / (e.sum(axis=axis, keepdims=True) + n)


def _with_axes(of_max, of_sum):
    def wrong(x, axis=-1):
        e = np.exp(x - _largest(x, axis if of_max is None else of_max))
        return e / e.sum(axis=axis if of_sum is None else of_sum, keepdims=True)

    return wrong


def alone(shown, *_, **__):
    """What came back; in words where it is a tuple or a list of arrays, a single one too."""
    return f"a tuple or list of {len(shown)}" if isinstance(shown, tuple) else shown


def _rounded(digits):
    return lambda x, axis=-1: np.round(softmax(x, axis), digits)


def _large(rng, *shape):
    """Scores far from 0 and from each other: float32 rounds two that are near by more than shares bear.

    The first of the first axis has its largest above 0 and all else below, where adding the largest overflows nothing.
    """
    steps = rng.permutation(np.prod(shape)).reshape(shape) + rng.random(shape) / 2
    signs = rng.choice([-1, 1], shape)
    signs[0] = np.where(steps[0] == steps[0].max(), 1, -1)
    return (signs * (1000 + 1000 * steps)).astype("float32")


register(
    Exercise(
        name="softmax",
        notebook="01_why_attention",
        reference=softmax,
        properties=(
            Property(
                "shares: larger scores get more, and they sum to one",
                2,
                lambda rng: [case(np.array([0.0, 1.0, 2.0], "float32")), case(normal(rng, 6) - 3)],
                tolerance=2e-6,
                read=alone,
            ),
            Property(
                "of a matrix, along the last axis",
                1,
                lambda rng: [
                    case(np.array([[0, 1], [2, 0], [1, 1]], "float32")),
                    case(3 * normal(rng, 4, 2, 5)),
                ],
                tolerance=2e-6,
                read=alone,
            ),
            Property(
                "along the axis that is asked for",
                1,
                lambda rng: [case(normal(rng, 3, 2), axis=0), case(normal(rng, 2, 4, 3), axis=1)],
                tolerance=2e-6,
                read=alone,
            ),
            Property(
                "finite for scores of any size",
                1,
                lambda rng: [
                    case(np.array([1000.0, 1001.0], "float32")),
                    case(np.array([-1000.0, -1001.0], "float32")),
                    case(_large(rng, 3, 5)),
                    case(np.array([[0.0, 1.0], [1000.0, 1001.0]], "float32")),
                ],
            ),
        ),
        mistakes=(
            Mistake(
                "the result came back inside a tuple or a list (a comma after it?): return it alone",
                lambda x, axis=-1: (softmax(x, axis),),
            ),
            Mistake(
                "exp overflows: subtract the largest score first, which changes no share",
                _unstable,
            ),
            Mistake(
                "exp overflows: subtract the largest score first, which changes no share",
                lambda x, axis=-1: _unstable(np.asarray(x, "float64"), axis),
            ),
            Mistake(
                "exp overflows, and nan_to_num only hides it: subtract the largest score first",
                lambda x, axis=-1: np.nan_to_num(_unstable(x, axis)),
            ),
            *(
                Mistake("the scores are clipped, so that 1000 and 1001 get the same share: subtract the largest", wrong)
                for wrong in (
                    lambda x, axis=-1: softmax(np.clip(x, -50, 50), axis),
                    lambda x, axis=-1: softmax(np.minimum(x, 50), axis),
                )
            ),
            Mistake(
                "the largest of all scores is subtracted: give max axis=axis, or a row of low scores becomes 0 / 0",
                _shifted(lambda x, axis: x.max()),
            ),
            *(
                Mistake("the mean is subtracted, so that exp can still overflow: subtract the largest score", wrong)
                for wrong in (
                    _shifted(lambda x, axis: x.mean(axis=axis, keepdims=True)),
                    _shifted(lambda x, axis: x.mean()),
                )
            ),
            *(
                Mistake("the smallest score is subtracted, so that exp overflows: subtract the largest", wrong)
                for wrong in (
                    _shifted(lambda x, axis: x.min(axis=axis, keepdims=True)),
                    _shifted(lambda x, axis: x.min()),
                )
            ),
            Mistake(
                "the largest absolute value is subtracted: among negative scores that is not the largest score",
                _shifted(lambda x, axis: np.abs(x).max(axis=axis, keepdims=True)),
            ),
            Mistake(
                "the largest score is added, so that exp overflows: subtract it",
                _shifted(lambda x, axis: -_largest(x, axis)),
            ),
            *(
                Mistake("divided by the largest score, which changes the shares: subtract it", wrong)
                for wrong in (
                    lambda x, axis=-1: softmax(x / _largest(x, axis), axis),
                    lambda x, axis=-1: softmax(x / np.abs(x).max(axis=axis, keepdims=True), axis),
                )
            ),
            *(
                Mistake(
                    "the largest score is subtracted above or below the fraction bar only: it belongs in both", wrong
                )
                for wrong in (
                    lambda x, axis=-1: np.exp(x - _largest(x, axis)) / np.exp(x).sum(axis=axis, keepdims=True),
                    lambda x, axis=-1: np.exp(x) / np.exp(x - _largest(x, axis)).sum(axis=axis, keepdims=True),
                )
            ),
            Mistake(
                "shares of the scores themselves: the exponential is missing",
                lambda x, axis=-1: x / x.sum(axis=axis, keepdims=True),
            ),
            Mistake(
                "shares of the scores themselves: the exponential is missing",
                lambda x, axis=-1: (x - _largest(x, axis)) / (x - _largest(x, axis)).sum(axis=axis, keepdims=True),
            ),
            Mistake(
                "divided by the sum of the scores: divide by the sum of the exponentials",
                lambda x, axis=-1: np.exp(x) / x.sum(axis=axis, keepdims=True),
            ),
            Mistake(
                "divided by the mean of the exponentials: divide by their sum",
                lambda x, axis=-1: softmax(x, axis) * x.shape[axis],
            ),
            Mistake(
                "they do not sum to one: divide by the sum of the exponentials",
                lambda x, axis=-1: np.exp(x - x.max(axis=axis, keepdims=True)),
            ),
            Mistake(
                "they do not sum to one: divide by the sum of the exponentials",
                lambda x, axis=-1: np.exp(x),
            ),
            Mistake(
                "all entries together sum to one, not those along `axis`: sum with axis=…, keepdims=True",
                lambda x, axis=-1: softmax(np.asarray(x).reshape(-1)).reshape(np.shape(x)),
            ),
            Mistake(
                "without `axis` this works along the first axis: the default is -1, the last one",
                lambda x, axis=0: softmax(x, axis),
            ),
            Mistake(
                "without `axis` all entries together sum to one: the default is -1, the last axis",
                lambda x, axis=None: softmax(x.reshape(-1)).reshape(x.shape) if axis is None else softmax(x, axis),
            ),
            Mistake(
                "the largest score is found along the last axis, not along `axis`: give max axis=axis",
                _with_axes(-1, None),
            ),
            Mistake("the sum runs along the last axis, not along `axis`: give it axis=axis", _with_axes(None, -1)),
            Mistake("`axis` is ignored: this always works along the last axis", lambda x, axis=-1: softmax(x)),
            Mistake("this always works along the first axis", lambda x, axis=-1: softmax(x, axis=0)),
            Mistake(
                "the smallest score gets the largest share: the sign is turned around",
                lambda x, axis=-1: softmax(-x, axis),
            ),
            Mistake(
                "this is the logarithm of the shares: leave the log out",
                lambda x, axis=-1: np.log(softmax(x, axis)),
            ),
            Mistake("powers of 2, not of e: use np.exp", lambda x, axis=-1: softmax(np.log(2) * x, axis)),
            Mistake("powers of 10, not of e: use np.exp", lambda x, axis=-1: softmax(np.log(10) * x, axis)),
            *(
                Mistake("the shares are rounded: give them back with all their digits", _rounded(digits))
                for digits in (1, 2, 3, 4, 5)
            ),
            *(
                Mistake(
                    "a number is added to the sum, so that the shares do not sum to one: leave it out, the sum is 1 or "
                    "more once the largest score is subtracted",
                    lambda x, axis=-1, n=n: _with_more(x, axis, n),
                )
                for n in (1e-2, 1e-3, 1e-4, 1e-5)
            ),
            Mistake("the softmax is taken twice", lambda x, axis=-1: softmax(softmax(x, axis), axis)),
            Mistake(
                "all or nothing: the largest score gets everything; softmax leaves the others a share",
                lambda x, axis=-1: (x == x.max(axis=axis, keepdims=True)).astype("float32"),
            ),
            Mistake(
                "each entry on its own: this is the sigmoid; softmax lets the entries compete for a sum of one",
                lambda x, axis=-1: 1 / (1 + np.exp(-x)),
            ),
        ),
        hints=(
            "Two steps: make every score positive so that larger stays larger, then divide by the sum.",
            "np.exp makes positive; np.sum needs axis=axis and keepdims=True, so that the division broadcasts.",
            "exp(1000) is infinite. Subtracting the same number from all scores changes no share: which number "
            "makes the largest exponent 0?",
        ),
    )
)
