"""The exercise attention_for_one_word: what must hold, and what each mistake looks like."""

from functools import partial

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.self_attention.shared import (
    OTHERS,
    best_only,
    clipped,
    exponentials,
    less,
    random_qkv,
    root_of,
    unstable,
)
from utils.checks.why_attention.cosine_similarity import cosine_similarity
from utils.checks.why_attention.softmax import softmax


def attention_for_one_word(q, k, v, i: int) -> tuple[np.ndarray, np.ndarray]:
    """What word i takes from all words.

    Args:
        q: queries (T, K).
        k: keys (S, K).
        v: values (S, Dv).
        i: whose turn it is, 0 to T - 1.

    Returns:
        Its new vector (Dv,) and its weights (S,): softmax(k·q_i / √K).
    """
    scores = np.array([np.dot(q[i], k_j) for k_j in k]) / np.sqrt(len(q[i]))  # (S,)
    weights = softmax(scores)
    return sum(w * v_j for w, v_j in zip(weights, v, strict=True)), weights


def _one_word(scores=None, shares=softmax, pool=lambda w, v: w @ v):
    """The function with one step replaced."""
    scores = scores or (lambda q, k, v, i: k @ q[i] / root_of(k.shape[1]))

    def answer(q, k, v, i):
        weights = shares(scores(q, k, v, i))
        return pool(weights, v), weights

    return answer


def _scaled_by(factor):
    return _one_word(lambda q, k, v, i: k @ q[i] * factor(q, k, v))


def _twice(scores):
    return softmax(softmax(scores))


def _rounded(scores, digits):
    """The softmax to so many digits."""
    return np.round(softmax(scores), digits)


def _beside_it(other):
    """The right vector, and something else than its weights."""
    return lambda q, k, v, i: (attention_for_one_word(q, k, v, i)[0], other(q, k, v, i))


def _without_itself(q, k, v, i):
    scores = k @ q[i] / root_of(k.shape[1])
    weights = softmax(np.where(np.arange(len(k)) == i, -np.inf, scores))
    return weights @ v, weights


def _itself_deleted(q, k, v, i):
    weights = softmax(np.delete(k, i, axis=0) @ q[i] / root_of(k.shape[1]))
    return weights @ np.delete(v, i, axis=0), weights


def _up_to_itself(q, k, v, i):
    weights = softmax(k[: i + 1] @ q[i] / root_of(k.shape[1]))
    return weights @ v[: i + 1], weights


def _later_ones_hidden(q, k, v, i):
    weights = softmax(np.where(np.arange(len(k)) <= i, k @ q[i] / root_of(k.shape[1]), -np.inf))
    return weights @ v, weights


def _as_many_as_queries(q, k, v, i):
    weights = softmax(np.array([np.dot(q[i], k[j]) for j in range(len(q))]) / root_of(k.shape[1]))
    return sum(w * v[j] for j, w in enumerate(weights)), weights


def _over_the_queries(q, k, v, i):
    weights = softmax(q @ k.T / root_of(k.shape[1]), axis=0)[i]
    return weights @ v, weights


def _kept_as_a_row(q, k, v, i):
    weights = softmax(q[i : i + 1] @ k.T / root_of(k.shape[1]))
    return weights @ v, weights


def _all_words(q, k, v, i):
    weights = softmax(q @ k.T / root_of(k.shape[1]))
    return weights @ v, weights


def _one_word_cases(rng, *sizes, loud=False):
    """One case for each (T, S, K, Dv, i); where loud, every query's score with key 0 is beyond what exp takes."""
    return [case(*random_qkv(rng, T, S, K, Dv, loud=loud), i) for T, S, K, Dv, i in sizes]


register(
    Exercise(
        name="attention_for_one_word",
        notebook="03_self_attention",
        reference=attention_for_one_word,
        properties=(
            Property(
                "the weights: softmax of the scaled scores, one for each key",
                2,
                lambda rng: _one_word_cases(rng, (3, 4, 5, 5, 1), (5, 3, 6, 4, 2), (4, 6, 3, 7, 3)),
                run=lambda answer, *args: answer(*args)[1],
            ),
            Property(
                "the new vector: the weighted sum of the values",
                2,
                lambda rng: _one_word_cases(rng, (2, 3, 5, 4, 1), (4, 6, 3, 2, 2), (5, 3, 4, 4, 2)),
            ),
            Property(
                "the first word, and one beyond the last key",
                1,
                lambda rng: _one_word_cases(rng, (3, 2, 5, 4, 0), (6, 3, 4, 2, 5)),
            ),
            Property(
                "finite for scores of any size",
                1,
                lambda rng: _one_word_cases(rng, (2, 4, 5, 3, 1), (3, 2, 6, 4, 2), loud=True),
            ),
        ),
        mistakes=(
            Mistake("the scores are not divided by √K", _scaled_by(lambda q, k, v: 1)),
            Mistake(
                "divided by K: its square root is missing, or it is divided by √K twice",
                _scaled_by(lambda q, k, v: 1 / k.shape[1]),
            ),
            Mistake(
                "divided by √ of the number of words: K is the width of a key",
                _scaled_by(lambda q, k, v: 1 / root_of(len(k))),
            ),
            Mistake(
                "divided by √ of the number of words: K is the width of a key",
                _scaled_by(lambda q, k, v: 1 / root_of(len(q))),
            ),
            Mistake(
                "divided by √ of the value's width: K is the width of a key",
                _scaled_by(lambda q, k, v: 1 / root_of(v.shape[1])),
            ),
            *(
                Mistake(
                    "divided by a fixed number: K is not always 4, take it from a key",
                    _scaled_by(lambda *_, n=n: 1 / n),
                )
                for n in (2, 4)
            ),
            *(
                Mistake("`** 1/2` is `** 1`, then a half: the root is `** 0.5`, or np.sqrt", _scaled_by(factor))
                for factor in (lambda q, k, v: 2 / k.shape[1], lambda q, k, v: 1 / (2 * k.shape[1]))
            ),
            Mistake(
                "√K was cut to a whole number: keep its fraction, without int and //",
                _scaled_by(lambda q, k, v: 1 / int(root_of(k.shape[1]))),
            ),
            Mistake("multiplied by √K: divide the scores", _scaled_by(lambda q, k, v: root_of(k.shape[1]))),
            Mistake(
                "divided by √K after the softmax: it belongs to the scores, before",
                lambda q, k, v, i: tuple(r / root_of(k.shape[1]) for r in _scaled_by(lambda *_: 1)(q, k, v, i)),
            ),
            Mistake("the softmax is missing: these weights are raw scores", _one_word(shares=lambda s: s)),
            Mistake(
                "raw scores come back where the weights belong: return what the softmax gives of them",
                _beside_it(lambda q, k, v, i: k @ q[i] / root_of(k.shape[1])),
            ),
            Mistake(
                "raw scores come back where the weights belong: return what the softmax gives of them",
                _beside_it(lambda q, k, v, i: k @ q[i]),
            ),
            Mistake(
                "exponentials come back where the weights belong: these sum to one",
                _beside_it(lambda q, k, v, i: np.exp(k @ q[i] / root_of(k.shape[1]))),
            ),
            Mistake("the softmax is taken twice: once makes weights of the scores", _one_word(shares=_twice)),
            Mistake(
                "each score has a softmax to itself, which is 1: one softmax for all of them",
                _one_word(shares=np.ones_like),
            ),
            Mistake("the scores are divided by their sum; take the softmax", _one_word(shares=lambda s: s / s.sum())),
            Mistake("exponentials that do not sum to one: this is not yet the softmax", _one_word(shares=exponentials)),
            Mistake("exponentials that do not sum to one: this is not yet the softmax", _one_word(shares=np.exp)),
            *(
                Mistake(
                    "exp overflows: use your softmax from lesson 01, which stays finite",
                    _one_word(shares=partial(unstable, dtype=dtype)),
                )
                for dtype in ("float32", "float64")
            ),
            *(
                Mistake(
                    "exp overflows, and NaN is then called 0: use your softmax from lesson 01, which stays finite",
                    _one_word(shares=lambda s, dtype=dtype: np.nan_to_num(unstable(s, dtype))),
                )
                for dtype in ("float32", "float64")
            ),
            *(
                Mistake(
                    "clipped scores are equal where they should differ: subtract the largest, as your softmax does",
                    _one_word(shares=partial(clipped, limit=limit)),
                )
                for limit in (20, 50, 80, 88, 100, 500, 700)
            ),
            *(
                Mistake(
                    "another number than the largest score is subtracted: exp still overflows. Use your softmax",
                    _one_word(shares=partial(less, other=other, dtype=dtype)),
                )
                for other in OTHERS
                for dtype in ("float32", "float64")
            ),
            *(
                Mistake(
                    "the weights are rounded: keep all their digits", _one_word(shares=lambda s, n=n: _rounded(s, n))
                )
                for n in (2, 3)
            ),
            Mistake("all or nothing: only the best key counts; take the softmax", _one_word(shares=best_only)),
            Mistake("the word leaves itself out: q_i·k_i belongs to the softmax as well", _without_itself),
            Mistake("the word leaves itself out: q_i·k_i belongs to the softmax as well", _itself_deleted),
            Mistake("it looks only at words up to itself; here every word counts", _up_to_itself),
            Mistake("it looks only at words up to itself; here every word counts", _later_ones_hidden),
            Mistake(
                "asked with word i's key: its query, q[i], does the asking",
                _one_word(lambda q, k, v, i: k @ k[min(i, len(k) - 1)] / root_of(k.shape[1])),
            ),
            Mistake(
                "all queries are compared with one key: it is one query, q[i], with all keys",
                lambda q, k, v, i: (lambda w: (w[: len(v)] @ v[: len(w)], w))(
                    softmax(q @ k[min(i, len(k) - 1)] / root_of(k.shape[1]))
                ),
            ),
            Mistake(
                "queries are compared with queries: q[i] meets the keys",
                lambda q, k, v, i: (lambda w: (w[: len(v)] @ v[: len(w)], w))(softmax(q @ q[i] / root_of(k.shape[1]))),
            ),
            Mistake(
                "the query meets the values: its scores are its products with the keys",
                _one_word(lambda q, k, v, i: v @ q[i] / root_of(k.shape[1])),
            ),
            Mistake(
                "keys and values have changed places: the query meets the keys, the values are summed",
                lambda q, k, v, i: attention_for_one_word(q, v, k, i),
            ),
            Mistake(
                "i is ignored: this is always the first word's attention",
                lambda q, k, v, i: attention_for_one_word(q, k, v, 0),
            ),
            Mistake(
                "one word too early: Python counts from 0, so word i is q[i]",
                lambda q, k, v, i: attention_for_one_word(q, k, v, i - 1),
            ),
            Mistake(
                "one word too late: Python counts from 0, so word i is q[i]",
                lambda q, k, v, i: attention_for_one_word(q, k, v, i + 1),
            ),
            Mistake(
                "this is the attention of all words; word i's alone is asked for",
                _all_words,
            ),
            Mistake(
                "the loop runs over as many keys as there are queries: it is all S keys, len(k)", _as_many_as_queries
            ),
            Mistake(
                "the softmax runs over the queries: word i's own scores, over the keys, make it", _over_the_queries
            ),
            Mistake(
                "an axis too many, q[i : i + 1] keeps it: the vector is (Dv,), the weights are (S,)", _kept_as_a_row
            ),
            Mistake(
                "cosines, not dot products: do not divide by the lengths",
                _one_word(lambda q, k, v, i: cosine_similarity(k, q[i])),
            ),
            Mistake(
                "cosines, not dot products: do not divide by the lengths",
                _one_word(lambda q, k, v, i: cosine_similarity(k, q[i]) / root_of(k.shape[1])),
            ),
            Mistake(
                "the best fit gets the smallest weight: the sign is turned around",
                _one_word(lambda q, k, v, i: -(k @ q[i]) / root_of(k.shape[1])),
            ),
            Mistake(
                "the keys are summed; the values are handed over",
                lambda q, k, v, i: attention_for_one_word(q, k, k, i),
            ),
            Mistake("the mean of the weighted values, not their sum", _one_word(pool=lambda w, v: w @ v / len(v))),
            Mistake(
                "the word's own value alone: sum the values of all words, each times its weight",
                lambda q, k, v, i: (lambda w: (w[min(i, len(w) - 1)] * v[min(i, len(v) - 1)], w))(
                    attention_for_one_word(q, k, v, i)[1]
                ),
            ),
            Mistake(
                "everything is summed to a single number: sum over the words alone, axis=0",
                _one_word(pool=lambda w, v: np.sum(w @ v)),
            ),
            Mistake(
                "summed along each value instead of over the words: axis=0",
                _one_word(pool=lambda w, v: (w[:, None] * v).sum(axis=1)),
            ),
            Mistake("the values are weighted but not summed", _one_word(pool=lambda w, v: w[:, None] * v)),
            Mistake(
                "the values are summed without their weights",
                _one_word(pool=lambda w, v: v.sum(axis=0)),
            ),
            Mistake(
                "only the last word's share came back: add up over all words",
                _one_word(pool=lambda w, v: w[-1] * v[-1]),
            ),
            Mistake(
                "only the first word's share came back: does the `return` stand inside the loop?",
                _one_word(pool=lambda w, v: w[0] * v[0]),
            ),
            Mistake(
                "the first word's share is left out: the sum runs over all keys, from 0",
                _one_word(pool=lambda w, v: w[1:] @ v[1:]),
            ),
            Mistake(
                "the last word's share is left out: range(n) stops before n",
                _one_word(pool=lambda w, v: w[:-1] @ v[:-1]),
            ),
            Mistake(
                "the values are summed with scores, not with weights: those are what the softmax gives",
                lambda q, k, v, i: (
                    k @ q[i] / root_of(k.shape[1]) @ v,
                    attention_for_one_word(q, k, v, i)[1],
                ),
            ),
            Mistake(
                "the values are summed with scores, not with weights: those are what the softmax gives",
                lambda q, k, v, i: (k @ q[i] @ v, attention_for_one_word(q, k, v, i)[1]),
            ),
            Mistake(
                "the best word's value alone: sum all values, each times its weight",
                _one_word(pool=lambda w, v: v[w.argmax()]),
            ),
            Mistake(
                "the order is (vector, weights): here they are swapped",
                lambda q, k, v, i: attention_for_one_word(q, k, v, i)[::-1],
            ),
            Mistake(
                "only the vector came back; return (vector, weights)",
                lambda q, k, v, i: attention_for_one_word(q, k, v, i)[0],
            ),
            Mistake(
                "one array came back that holds both: return two results, (vector, weights)",
                lambda q, k, v, i: np.concatenate(attention_for_one_word(q, k, v, i)),
            ),
            Mistake(
                "only the weights came back; return (vector, weights)",
                lambda q, k, v, i: attention_for_one_word(q, k, v, i)[1],
            ),
        ),
        hints=(
            "Three steps, as on the page above: a score for each key, shares, a weighted sum.",
            "The score of key j is np.dot(q[i], k[j]) divided by the root of how many numbers a key has.",
            "softmax, which you wrote in lesson 01, makes the weights. Add up weight times value over all j, and "
            "return the vector first.",
        ),
    )
)
