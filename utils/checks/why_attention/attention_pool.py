"""The exercise attention_pool: what must hold, and what each mistake looks like."""

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.inputs import normal
from utils.checks.why_attention.cosine_similarity import cosine_similarity
from utils.checks.why_attention.softmax import softmax


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
            Property(
                "nothing overflows, however low the temperature",
                1,
                lambda rng: [
                    case(np.array([1.0, 2.0]), np.array([[2.0, 0.0], [0.0, 2.0]]), np.eye(2), temperature=1e-3),
                    *_pool_cases(rng, (3, 4, 2), temperature=1e-5),
                ],
            ),
        ),
        mistakes=(
            Mistake("the softmax is missing: these weights are raw scores", _pool_with(lambda q, k, t: k @ q / t)),
            Mistake(
                "exp overflows at a low temperature: your softmax subtracts the largest score first, so call it",
                _pool_with(lambda q, k, t: np.exp(k @ q / t) / np.sum(np.exp(k @ q / t))),
            ),
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
