"""Exercises of lesson 01: softmax, cosine similarity, attention as a soft dictionary."""

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


def cosine_similarity(a, b) -> np.ndarray:
    """How far two vectors point the same way, whatever their lengths: 1 the same, 0 at right angles, -1 opposite.

    Args:
        a: (..., D).
        b: (..., D).

    Returns:
        (...), between -1 and 1.
    """
    a, b = np.asarray(a), np.asarray(b)
    lengths = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    return np.sum(a * b, axis=-1) / lengths


def attention_pool(query, keys, values, temperature: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """A soft dictionary: the values, weighted by how well their keys fit the query.

    Args:
        query: (D,).
        keys: (S, D), one for each entry.
        values: (S, Dv), one for each entry.
        temperature: near 0 picks the best entry, large ones average all.

    Returns:
        The pooled value (Dv,) and the weights (S,): softmax(keys·query / temperature).
    """
    weights = softmax(np.asarray(keys) @ np.asarray(query) / temperature)  # (S,)
    return weights @ np.asarray(values), weights


def _unstable(x, axis=-1):
    e = np.exp(np.asarray(x))
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
                ],
            ),
        ),
        mistakes=(
            Mistake(
                "exp overflows: subtract the largest score first, which changes no share",
                _unstable,
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

register(
    Exercise(
        name="cosine_similarity",
        notebook="01_why_attention",
        reference=cosine_similarity,
        properties=(
            Property(
                "of two vectors",
                2,
                lambda rng: [
                    case(np.array([3.0, 4.0]), np.array([4.0, 3.0])),
                    case(np.array([1.0, 0.0]), np.array([0.0, 2.0])),
                    case(np.array([1.0, 2.0, 2.0]), np.array([-2.0, -4.0, -4.0])),
                    case(normal(rng, 7), 5 * normal(rng, 7)),
                ],
            ),
            Property(
                "of many pairs at once: the last axis is the vector's",
                1,
                lambda rng: [
                    case(normal(rng, 3, 2), normal(rng, 3, 2)),
                    case(normal(rng, 4, 2, 5), normal(rng, 4, 2, 5)),
                ],
            ),
            Property(
                "one vector against many (it broadcasts)",
                1,
                lambda rng: [
                    case(normal(rng, 3), normal(rng, 2, 3)),
                    case(normal(rng, 2, 1, 4), normal(rng, 5, 4)),
                ],
            ),
        ),
        mistakes=(
            Mistake("this is the dot product: divide by both lengths", lambda a, b: np.sum(a * b, axis=-1)),
            Mistake(
                "only one of the two lengths is divided out",
                lambda a, b: np.sum(a * b, axis=-1) / np.linalg.norm(a, axis=-1),
            ),
            Mistake(
                "only one of the two lengths is divided out",
                lambda a, b: np.sum(a * b, axis=-1) / np.linalg.norm(b, axis=-1),
            ),
            Mistake(
                "divided by the squares of the lengths: a root is missing",
                lambda a, b: np.sum(a * b, axis=-1) / (np.sum(a * a, axis=-1) * np.sum(b * b, axis=-1)),
            ),
            Mistake(
                "the lengths must be multiplied, not added",
                lambda a, b: np.sum(a * b, axis=-1) / (np.linalg.norm(a, axis=-1) + np.linalg.norm(b, axis=-1)),
            ),
            Mistake(
                "this is the distance 1 - cosine; the similarity is asked for",
                lambda a, b: 1 - cosine_similarity(a, b),
            ),
            Mistake(
                "everything is taken as one long vector: give sum and norm axis=-1",
                lambda a, b: np.sum(a * b) / (np.linalg.norm(a) * np.linalg.norm(b)),
            ),
            Mistake(
                "the norms run over the whole array: give np.linalg.norm axis=-1",
                lambda a, b: np.sum(a * b, axis=-1) / (np.linalg.norm(a) * np.linalg.norm(b)),
            ),
            Mistake(
                "the sum runs along the first axis: axis=-1 is the vector's",
                lambda a, b: cosine_similarity(np.swapaxes(a, 0, -1), np.swapaxes(b, 0, -1)),
            ),
            Mistake(
                "the sign is lost: -1 is a possible answer, for opposite vectors",
                lambda a, b: np.abs(cosine_similarity(a, b)),
            ),
            Mistake(
                "this is the angle; its cosine is asked for",
                lambda a, b: np.arccos(np.clip(cosine_similarity(a, b), -1, 1)),
            ),
            Mistake("divided by the number of entries, not by the lengths", lambda a, b: np.mean(a * b, axis=-1)),
        ),
        hints=(
            "The dot product grows with the lengths of both vectors. Divide both lengths out.",
            "The dot product along the last axis is np.sum(a * b, axis=-1); it also broadcasts.",
            "The length of a vector is np.linalg.norm(a, axis=-1). There are two vectors, so two lengths.",
        ),
    )
)


def _pool_with(weights_of):
    def pool(query, keys, values, temperature=1.0):
        weights = weights_of(query, keys, temperature)
        return weights @ values, weights

    return pool


def _best_only(query, keys, temperature):
    return np.eye(len(keys))[np.argmax(keys @ query)]


def _pool_cases(rng, *sizes, **options):
    return [case(normal(rng, d), normal(rng, s, d), normal(rng, s, v), **options) for s, d, v in sizes]


register(
    Exercise(
        name="attention_pool",
        notebook="01_why_attention",
        reference=attention_pool,
        properties=(
            Property(
                "the weights: softmax of keys·query, one for each entry",
                2,
                lambda rng: _pool_cases(rng, (2, 3, 1), (4, 3, 2), (5, 7, 3)),
                run=lambda answer, *args, **kwargs: answer(*args, **kwargs)[1],
            ),
            Property(
                "the pooled value: the weighted sum of the values",
                2,
                lambda rng: _pool_cases(rng, (2, 3, 1), (4, 3, 2), (3, 5, 5)),
            ),
            Property(
                "the temperature sharpens and blurs",
                1,
                lambda rng: _pool_cases(rng, (3, 2, 2), temperature=0.1) + _pool_cases(rng, (4, 3, 2), temperature=5.0),
            ),
        ),
        mistakes=(
            Mistake("the softmax is missing: these weights are raw scores", _pool_with(lambda q, k, t: k @ q / t)),
            Mistake("the temperature is ignored", _pool_with(lambda q, k, t: softmax(k @ q))),
            Mistake(
                "multiplied by the temperature: divide, so that a low one sharpens",
                _pool_with(lambda q, k, t: softmax(k @ q * t)),
            ),
            Mistake(
                "the temperature must act inside the softmax, on the scores",
                _pool_with(lambda q, k, t: softmax(k @ q) / t),
            ),
            Mistake(
                "cosines, not dot products: do not divide by the lengths here",
                _pool_with(lambda q, k, t: softmax(cosine_similarity(q, k) / t)),
            ),
            Mistake(
                "all or nothing: only the best entry counts; take the softmax of the scores",
                _pool_with(_best_only),
            ),
            Mistake(
                "every entry counts the same: the scores do not reach the weights",
                _pool_with(lambda q, k, t: np.ones(len(k)) / len(k)),
            ),
            Mistake(
                "scaled by √D: here the scores are divided by the temperature alone",
                _pool_with(lambda q, k, t: softmax(k @ q / t / np.sqrt(len(q)))),
            ),
            Mistake(
                "the weights of the best fit come out smallest: the sign is turned around",
                _pool_with(lambda q, k, t: softmax(-(k @ q) / t)),
            ),
            Mistake(
                "the order is (pooled, weights): here they are swapped",
                lambda *a, **k: attention_pool(*a, **k)[::-1],
            ),
            Mistake(
                "the mean of the weighted values, not their sum: the weights sum to one already",
                lambda q, k, v, temperature=1.0: (
                    attention_pool(q, k, v, temperature)[0] / len(k),
                    attention_pool(q, k, v, temperature)[1],
                ),
            ),
            Mistake(
                "the keys are pooled; the weighted sum is one of the values",
                lambda q, k, v, temperature=1.0: attention_pool(q, k, k, temperature),
            ),
            Mistake(
                "only the pooled value came back; return (pooled, weights)",
                lambda *a, **k: attention_pool(*a, **k)[0],
            ),
        ),
        hints=(
            "Three steps: a score for each entry, softmax, a weighted sum. You have written the second already.",
            "keys @ query gives a score for each row of keys, (S,). Divide by the temperature before the softmax.",
            "weights @ values sums the rows of values, each times its weight. Return that first, the weights second.",
        ),
    )
)
