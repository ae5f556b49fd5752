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


def _overflowing(scores):
    return np.exp(scores) / np.exp(scores).sum()


def _best_only(query, keys, temperature):
    return np.eye(len(keys))[np.argmax(keys @ query)]


def _given(results):
    """Another pair, or something else, made of the right weights."""

    def pool(query, keys, values, temperature=1.0):
        weights = softmax(keys @ query / temperature)
        return results(weights, values, keys @ query / temperature, temperature)

    return pool


def _weights(answer, *args, **kwargs):
    """The second of two results; of what is no pair, what came back."""
    results = answer(*args, **kwargs)
    if isinstance(results, (tuple, list)) and len(results) != 2:
        return f"{len(results)} results"
    return results[1] if isinstance(results, (tuple, list, dict)) else results


def _pool_cases(rng, *sizes, **options):
    """Cases of (S, D, Dv)."""
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
                lambda rng: _pool_cases(rng, (2, 3, 1), (3, 3, 3), (4, 3, 2), (5, 7, 3)),
                run=_weights,
                tolerance=1e-5,
            ),
            Property(
                "the pooled value: the weighted sum of the values",
                2,
                lambda rng: _pool_cases(rng, (2, 3, 1), (3, 3, 3), (4, 3, 2), (3, 5, 5)),
                tolerance=1e-5,
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
                    case(np.array([1.0, 2.0]), np.array([[2.0, 0.0], [0.0, 2.0]]), np.eye(2), temperature=1e-5),
                    # two scores 1/512 apart: what is as small as that still counts, and is exact in float32
                    case(np.array([1.0, 2.0]), np.array([[2, 0], [0, 1 + 2**-10]]), np.eye(2), temperature=2**-10),
                    *_pool_cases(rng, (3, 4, 2), temperature=1e-5),
                ],
            ),
        ),
        mistakes=(
            Mistake("the softmax is missing: these weights are raw scores", _pool_with(lambda q, k, t: k @ q / t)),
            Mistake("the softmax is missing: these weights are raw scores", _pool_with(lambda q, k, t: k @ q)),
            *(
                Mistake("the scores came back beside the pooled value: return the weights, after the softmax", wrong)
                for wrong in (_given(lambda w, v, s, t: (w @ v, s)), _given(lambda w, v, s, t: (w @ v, s * t)))
            ),
            Mistake(
                "the values are weighted by the scores: weigh them by what the softmax gives",
                _given(lambda w, v, s, t: (s @ v, w)),
            ),
            Mistake(
                "shares of the scores themselves: call your softmax",
                _pool_with(lambda q, k, t: (k @ q) / np.sum(k @ q)),
            ),
            *(
                Mistake("exponentials of the scores: they must be divided by their sum, so call your softmax", wrong)
                for wrong in (
                    _pool_with(lambda q, k, t: np.exp(k @ q / t)),
                    _given(lambda w, v, s, t: (w @ v, np.exp(s))),
                )
            ),
            Mistake(
                "each score on its own: this is the sigmoid; call your softmax",
                _pool_with(lambda q, k, t: 1 / (1 + np.exp(-(k @ q) / t))),
            ),
            Mistake("the softmax is taken twice", _pool_with(lambda q, k, t: softmax(softmax(k @ q / t)))),
            Mistake(
                "exp overflows at a low temperature: your softmax subtracts the largest score first, so call it",
                _pool_with(lambda q, k, t: np.exp(k @ q / t) / np.sum(np.exp(k @ q / t))),
            ),
            Mistake(
                "exp overflows at a low temperature: your softmax subtracts the largest score first, so call it",
                _pool_with(lambda q, k, t: _overflowing(np.asarray(k @ q / t, "float64"))),
            ),
            *(
                Mistake(
                    "the scores are clipped, so that two high ones get the same weight: leave them as they are", wrong
                )
                for most in (50, 700)
                for wrong in [_pool_with(lambda q, k, t, most=most: softmax(np.clip(k @ q / t, -most, most)))]
            ),
            Mistake(
                "at a low temperature the best entry alone counts: however low, take the softmax",
                _pool_with(lambda q, k, t: _best_only(q, k, t) if t < 1e-2 else softmax(k @ q / t)),
            ),
            *(
                Mistake("the scores are divided by the temperature's square: divide once, the scores alone", wrong)
                for wrong in [_pool_with(lambda q, k, t: softmax(k @ q / t**2))]
            ),
            Mistake(
                "the scores are divided by the temperature's root: by the temperature itself",
                _pool_with(lambda q, k, t: softmax(k @ q / np.sqrt(t))),
            ),
            *(
                Mistake("a number is added to the temperature, which makes a low one another: leave it out", wrong)
                for n in (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
                for wrong in [_pool_with(lambda q, k, t, n=n: softmax(k @ q / (t + n)))]
            ),
            Mistake(
                "the temperature must act inside the softmax, on the scores",
                _pool_with(lambda q, k, t: softmax(k @ q) ** (1 / t)),
            ),
            *(
                Mistake(
                    "without `temperature` the scores are divided by another number than 1: 1.0 is its default", wrong
                )
                for default in (0.1, 0.5)
                for wrong in [
                    lambda q, k, v, temperature=default: attention_pool(q, k, v, temperature),
                ]
            ),
            Mistake(
                "the temperature changes nothing: divide the scores by it before the softmax",
                _pool_with(lambda q, k, t: softmax(k @ q)),
            ),
            Mistake(
                "multiplied by the temperature: divide, so that a low one sharpens",
                _pool_with(lambda q, k, t: softmax(k @ q * t)),
            ),
            *(
                Mistake("the temperature must act inside the softmax, on the scores", wrong)
                for wrong in (
                    _pool_with(lambda q, k, t: softmax(k @ q) / t),
                    _given(lambda w, v, s, t: (softmax(s * t) @ v / t, softmax(s * t))),
                )
            ),
            Mistake(
                "the pooled value is divided by the temperature: only the scores are",
                _given(lambda w, v, s, t: (w @ v / t, w)),
            ),
            *(
                Mistake(f"a low temperature is raised to {lowest:g}: however low, the scores are divided by it", wrong)
                for lowest in (1e-3, 1e-2, 0.1, 0.5, 1.0)
                for wrong in [_pool_with(lambda q, k, t, lowest=lowest: softmax(k @ q / max(t, lowest)))]
            ),
            Mistake(
                "a high temperature is lowered to 1: however high, the scores are divided by it",
                _pool_with(lambda q, k, t: softmax(k @ q / min(t, 1))),
            ),
            Mistake(
                "cosines, not dot products: do not divide by the lengths here",
                _pool_with(lambda q, k, t: softmax(cosine_similarity(q, k) / t)),
            ),
            Mistake(
                "cosines, not dot products, and the softmax is missing",
                _pool_with(lambda q, k, t: cosine_similarity(q, k) / t),
            ),
            *(
                Mistake("distances, not dot products: the score of a key is keys @ query", wrong)
                for wrong in (
                    _pool_with(lambda q, k, t: softmax(-np.linalg.norm(k - q, axis=-1) / t)),
                    _pool_with(lambda q, k, t: softmax(np.linalg.norm(k - q, axis=-1) / t)),
                    _pool_with(lambda q, k, t: softmax(-np.sum((k - q) ** 2, axis=-1) / t)),
                )
            ),
            *(
                Mistake(
                    "the scores are divided by D, as a mean of the products is: the dot product is their sum", wrong
                )
                for wrong in (_pool_with(lambda q, k, t: softmax(np.mean(k * q, axis=-1) / t)),)
            ),
            Mistake(
                "the products of query and key are not summed: each entry has one score, keys @ query",
                _pool_with(lambda q, k, t: softmax(k * q / t)),
            ),
            *(
                Mistake(
                    "the scores run down the columns of keys, or the arguments are exchanged: each row has one score",
                    wrong,
                )
                for wrong in (
                    _pool_with(lambda q, k, t: softmax(np.sum(k * q, axis=0) / t)),
                    _pool_with(lambda q, k, t: softmax(q @ k / t)),
                )
            ),
            Mistake(
                "the scores compare the query with the values: with the keys",
                lambda q, k, v, temperature=1.0: (softmax(v @ q / temperature) @ v, softmax(v @ q / temperature)),
            ),
            Mistake(
                "keys and values have changed places: the order is query, keys, values",
                lambda q, k, v, temperature=1.0: (softmax(v @ q / temperature) @ k, softmax(v @ q / temperature)),
            ),
            Mistake(
                "all or nothing: only the best entry counts; take the softmax of the scores",
                _pool_with(_best_only),
            ),
            Mistake(
                "the value of the best entry alone: weigh all the values and sum them",
                _given(lambda w, v, s, t: (v[np.argmax(w)], w)),
            ),
            Mistake(
                "every entry counts the same: the scores do not reach the weights",
                _pool_with(lambda q, k, t: np.ones(len(k)) / len(k)),
            ),
            *(
                Mistake("every weight is 1: the softmax runs along an axis of length 1, or over one score alone", wrong)
                for wrong in (
                    _pool_with(lambda q, k, t: np.ones(len(k))),
                    _given(lambda w, v, s, t: (v.sum(axis=0), np.ones((len(v), 1)))),
                )
            ),
            *(
                Mistake("scaled by √D: here the scores are divided by the temperature alone", wrong)
                for wrong in (
                    _pool_with(lambda q, k, t: softmax(k @ q / t / np.sqrt(len(q)))),
                    _pool_with(lambda q, k, t: softmax(k @ q / np.sqrt(len(q)))),
                )
            ),
            Mistake(
                "the weights of the best fit come out smallest: the sign is turned around",
                _pool_with(lambda q, k, t: softmax(-(k @ q) / t)),
            ),
            Mistake(
                "these are logarithms of the weights: leave the log out",
                _pool_with(lambda q, k, t: np.log(softmax(k @ q / t))),
            ),
            Mistake(
                "the order is (pooled, weights): here they are swapped",
                lambda *a, **k: attention_pool(*a, **k)[::-1],
            ),
            Mistake(
                "the pooled value came back twice; the second result is the weights",
                _given(lambda w, v, s, t: (w @ v, w @ v)),
            ),
            Mistake(
                "the number of the best entry came back beside the pooled value; the second result is the weights",
                _given(lambda w, v, s, t: (w @ v, np.argmax(w))),
            ),
            *(
                Mistake("the mean of the weighted values, not their sum: the weights sum to one already", wrong)
                for wrong in (
                    _given(lambda w, v, s, t: (w @ v / len(w), w)),
                    _given(lambda w, v, s, t: (np.mean(w[:, np.newaxis] * v), w)),
                )
            ),
            *(
                Mistake("the weighted values are not summed: sum them over the entries, axis 0", wrong)
                for wrong in (
                    _given(lambda w, v, s, t: (w[:, np.newaxis] * v, w)),
                    _given(lambda w, v, s, t: (w * v, w)),
                )
            ),
            Mistake(
                "the weighted values are summed along the wrong axis: over the entries, axis 0",
                _given(lambda w, v, s, t: ((w[:, np.newaxis] * v).sum(axis=1), w)),
            ),
            Mistake(
                "everything is summed to one number: sum over the entries alone, axis 0",
                _given(lambda w, v, s, t: ((w[:, np.newaxis] * v).sum(), w)),
            ),
            Mistake(
                "each weight belongs to a row of values, not to a column: weights @ values",
                _given(lambda w, v, s, t: (v @ w, w)),
            ),
            *(
                Mistake("each weight belongs to a row of values: weights[:, np.newaxis] * values", wrong)
                for wrong in (
                    _given(lambda w, v, s, t: ((w * v).sum(axis=0), w)),
                    _given(lambda w, v, s, t: ((w * v).sum(axis=-1), w)),
                )
            ),
            Mistake("the values themselves came back: return their weighted sum", _given(lambda w, v, s, t: (v, w))),
            Mistake(
                "the keys are pooled; the weighted sum is one of the values",
                lambda q, k, v, temperature=1.0: attention_pool(q, k, k, temperature),
            ),
            Mistake("only the pooled value came back; return (pooled, weights)", _given(lambda w, v, s, t: w @ v)),
            Mistake("only the weights came back; return (pooled, weights)", _given(lambda w, v, s, t: w)),
            Mistake(
                "more than two results came back; return (pooled, weights)",
                _given(lambda w, v, s, t: (w @ v, w, s)),
            ),
            *(
                Mistake("the results are rounded: give them back with all their digits", wrong)
                for digits in (1, 2, 3, 4)
                for wrong in (
                    _given(lambda w, v, s, t, n=digits: (np.round(w @ v, n), np.round(w, n))),
                    _given(lambda w, v, s, t, n=digits: (w @ v, np.round(w, n))),
                )
            ),
        ),
        hints=(
            "Three steps: a score for each entry, softmax, a weighted sum. You have written the second already.",
            "keys @ query gives a score for each row of keys, (S,). Divide by the temperature before the softmax.",
            "weights @ values sums the rows of values, each times its weight. Return that first, the weights second.",
        ),
    )
)
