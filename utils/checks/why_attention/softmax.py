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


def _largest_of_all(x, axis=-1):
    e = np.exp(x - np.max(x))
    return e / e.sum(axis=axis, keepdims=True)


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
            ),
            Property(
                "of a matrix, along the last axis",
                1,
                lambda rng: [
                    case(np.array([[0, 1], [2, 0], [1, 1]], "float32")),
                    case(3 * normal(rng, 4, 2, 5)),
                ],
            ),
            Property(
                "along the axis that is asked for",
                1,
                lambda rng: [case(normal(rng, 3, 2), axis=0), case(normal(rng, 2, 4, 3), axis=1)],
            ),
            Property(
                "finite for scores of any size",
                1,
                lambda rng: [
                    case(np.array([1000.0, 1001.0], "float32")),
                    case(np.array([-1000.0, -1001.0], "float32")),
                    case(1e4 * normal(rng, 3, 5)),
                    case(np.array([[0.0, 1.0], [1000.0, 1001.0]], "float32")),
                ],
            ),
        ),
        mistakes=(
            Mistake(
                "exp overflows: subtract the largest score first, which changes no share",
                _unstable,
            ),
            Mistake(
                "the largest of all scores is subtracted: give max axis=axis, or a row of low scores becomes 0 / 0",
                _largest_of_all,
            ),
            Mistake(
                "shares of the scores themselves: the exponential is missing",
                lambda x, axis=-1: x / x.sum(axis=axis, keepdims=True),
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
