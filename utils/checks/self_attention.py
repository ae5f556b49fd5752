"""Exercises of lesson 03: one word's attention by hand, then all words at once."""

from functools import partial

import keras
import numpy as np
import tensorflow as tf

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.inputs import normal
from utils.checks.why_attention import cosine_similarity, softmax
from utils.layers.attention import ScaledDotProductAttention, scaled_dot_product_attention


def project_qkv(x, w_q, w_k, w_v) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each word's query, key and value.

    Args:
        x: the words' vectors (T, D).
        w_q: (D, K).
        w_k: (D, K).
        w_v: (D, Dv).

    Returns:
        q (T, K), k (T, K), v (T, Dv).
    """
    return x @ w_q, x @ w_k, x @ w_v


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


def _project_cases(rng, *sizes):
    return [case(normal(rng, T, D), normal(rng, D, K), normal(rng, D, K), normal(rng, D, Dv)) for T, D, K, Dv in sizes]


register(
    Exercise(
        name="project_qkv",
        notebook="03_self_attention",
        reference=project_qkv,
        properties=(
            Property(
                "each word's vector times a matrix of its own for query, key and value",
                2,
                lambda rng: _project_cases(rng, (2, 2, 2, 2), (3, 3, 3, 3)),
            ),
            Property(
                "any number of words, and values of another width than keys",
                1,
                lambda rng: _project_cases(rng, (1, 2, 3, 4), (5, 6, 4, 2)),
            ),
        ),
        mistakes=(
            Mistake(
                "the matrices are transposed: a word is a row of x, so x @ w needs no .T",
                lambda x, w_q, w_k, w_v: (x @ w_q.T, x @ w_k.T, x @ w_v.T),
            ),
            Mistake(
                "the matrix stands on the wrong side: words are the rows of x, so x comes first",
                lambda x, w_q, w_k, w_v: (w_q @ x, w_k @ x, w_v @ x),
            ),
            Mistake(
                "the columns of x are taken for words: leave x as it is, one word a row",
                lambda x, w_q, w_k, w_v: (x.T @ w_q, x.T @ w_k, x.T @ w_v),
            ),
            Mistake(
                "the results stand on their side: one row a word is asked for, as in x",
                lambda x, w_q, w_k, w_v: ((x @ w_q).T, (x @ w_k).T, (x @ w_v).T),
            ),
            Mistake(
                "entry by entry: the matrix product is @, not *",
                lambda x, w_q, w_k, w_v: (x * w_q, x * w_k, x * w_v),
            ),
            Mistake(
                "the key is made from the query: all three start from x",
                lambda x, w_q, w_k, w_v: (x @ w_q, x @ w_q @ w_k, x @ w_v),
            ),
            Mistake(
                "x is replaced on the way: key and value must start from the words, as the query does",
                lambda x, w_q, w_k, w_v: (x @ w_q, x @ w_q @ w_k, x @ w_q @ w_k @ w_v),
            ),
            Mistake(
                "the value is made from the key: all three start from x",
                lambda x, w_q, w_k, w_v: (x @ w_q, x @ w_k, x @ w_k @ w_v),
            ),
            Mistake("all three use w_q", lambda x, w_q, w_k, w_v: (x @ w_q, x @ w_q, x @ w_q)),
            Mistake(
                "the key uses w_q; it has a matrix of its own", lambda x, w_q, w_k, w_v: (x @ w_q, x @ w_q, x @ w_v)
            ),
            Mistake(
                "the value uses w_k; it has a matrix of its own", lambda x, w_q, w_k, w_v: (x @ w_q, x @ w_k, x @ w_k)
            ),
            Mistake(
                "the values are the words themselves: w_v is missing", lambda x, w_q, w_k, w_v: (x @ w_q, x @ w_k, x)
            ),
            Mistake("query and key are swapped", lambda x, w_q, w_k, w_v: (x @ w_k, x @ w_q, x @ w_v)),
            Mistake(
                "the order is query, key, value: here it is query, value, key",
                lambda x, w_q, w_k, w_v: (x @ w_q, x @ w_v, x @ w_k),
            ),
            Mistake(
                "the order is query, key, value: here it is value first",
                lambda x, w_q, w_k, w_v: (x @ w_v, x @ w_k, x @ w_q),
            ),
            Mistake(
                "the words are added to their projections: x @ w alone is asked for",
                lambda x, w_q, w_k, w_v: (x + x @ w_q, x + x @ w_k, x + x @ w_v),
            ),
            Mistake(
                "nothing is scaled yet: √K comes later, with the scores",
                lambda x, w_q, w_k, w_v: (x @ w_q / np.sqrt(w_q.shape[1]), x @ w_k / np.sqrt(w_k.shape[1]), x @ w_v),
            ),
            Mistake(
                "nothing is scaled yet: √K comes later, with the scores",
                lambda x, w_q, w_k, w_v: (x @ w_q / np.sqrt(w_q.shape[1]), x @ w_k, x @ w_v),
            ),
            Mistake(
                "three separate results are asked for, not one array that holds them",
                lambda x, w_q, w_k, w_v: np.stack([x @ w_q, x @ w_k, x @ w_v]),
            ),
            Mistake(
                "three separate results are asked for, not one array that holds them",
                lambda x, w_q, w_k, w_v: np.concatenate([x @ w_q, x @ w_k, x @ w_v], axis=-1),
            ),
            Mistake("only the query came back; return q, k, v", lambda x, w_q, w_k, w_v: x @ w_q),
        ),
        hints=(
            "The same step three times, each time with another matrix. There is no loop.",
            "A word is a row of x, (T, D), and a matrix is (D, K): the product that gives (T, K) is @.",
            "Return three arrays in the order query, key, value; each is made from x itself.",
        ),
    )
)


def _root(n):
    return float(np.sqrt(n))


def _one_word(scores=None, shares=softmax, pool=lambda w, v: w @ v):
    """The function with one step replaced."""
    scores = scores or (lambda q, k, v, i: k @ q[i] / _root(k.shape[1]))

    def answer(q, k, v, i):
        weights = shares(scores(q, k, v, i))
        return pool(weights, v), weights

    return answer


def _scaled_by(factor):
    return _one_word(lambda q, k, v, i: k @ q[i] * factor(q, k, v))


def _without_itself(q, k, v, i):
    scores = k @ q[i] / _root(k.shape[1])
    weights = softmax(np.where(np.arange(len(k)) == i, -np.inf, scores))
    return weights @ v, weights


def _itself_deleted(q, k, v, i):
    weights = softmax(np.delete(k, i, axis=0) @ q[i] / _root(k.shape[1]))
    return weights @ np.delete(v, i, axis=0), weights


def _up_to_itself(q, k, v, i):
    weights = softmax(k[: i + 1] @ q[i] / _root(k.shape[1]))
    return weights @ v[: i + 1], weights


def _later_ones_hidden(q, k, v, i):
    weights = softmax(np.where(np.arange(len(k)) <= i, k @ q[i] / _root(k.shape[1]), -np.inf))
    return weights @ v, weights


def _all_words(q, k, v, i):
    weights = softmax(q @ k.T / _root(k.shape[1]))
    return weights @ v, weights


def _exponentials(scores):
    return np.exp(scores - scores.max(axis=-1, keepdims=True))


def _unstable(scores, dtype="float32"):
    scores = scores.astype(dtype)  # exp of 88 is the last that float32 holds, of 709 that float64 does
    return np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)


def _best_only(scores):
    return np.eye(scores.shape[-1])[scores.argmax(axis=-1)]


def _one_word_cases(rng, *sizes, loud=False):
    """One case for each (T, S, K, Dv, i); where loud, every query's score with key 0 is beyond what exp takes."""
    return [case(*_qkv(rng, T, S, K, Dv, loud=loud), i) for T, S, K, Dv, i in sizes]


def _qkv(rng, *sizes, size=1.0, loud=False):
    *lead, T, S, K, Dv = sizes
    q, k, v = size * normal(rng, *lead, T, K), normal(rng, *lead, S, K), normal(rng, *lead, S, Dv)
    if loud:
        q, k[..., 0, :] = 1000 * (1 + np.abs(q)), 1
    return q, k, v


register(
    Exercise(
        name="attention_for_one_word",
        notebook="03_self_attention",
        reference=attention_for_one_word,
        properties=(
            Property(
                "the weights: softmax of the scaled scores, one for each key",
                2,
                lambda rng: _one_word_cases(rng, (3, 4, 5, 2, 1), (5, 3, 6, 4, 2), (4, 6, 3, 7, 3)),
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
            Mistake("divided by K: its square root is missing", _scaled_by(lambda q, k, v: 1 / k.shape[1])),
            Mistake(
                "divided by √ of the number of words: K is the width of a key",
                _scaled_by(lambda q, k, v: 1 / _root(len(k))),
            ),
            Mistake(
                "divided by √ of the number of words: K is the width of a key",
                _scaled_by(lambda q, k, v: 1 / _root(len(q))),
            ),
            Mistake(
                "divided by √ of the value's width: K is the width of a key",
                _scaled_by(lambda q, k, v: 1 / _root(v.shape[1])),
            ),
            *(
                Mistake(
                    "divided by a fixed number: K is not always 4, take it from a key",
                    _scaled_by(lambda *_, n=n: 1 / n),
                )
                for n in (2, 4)
            ),
            Mistake("multiplied by √K: divide the scores", _scaled_by(lambda q, k, v: _root(k.shape[1]))),
            Mistake(
                "divided by √K after the softmax: it belongs to the scores, before",
                lambda q, k, v, i: tuple(r / _root(k.shape[1]) for r in _scaled_by(lambda *_: 1)(q, k, v, i)),
            ),
            Mistake("the softmax is missing: these weights are raw scores", _one_word(shares=lambda s: s)),
            Mistake("the scores are divided by their sum; take the softmax", _one_word(shares=lambda s: s / s.sum())),
            Mistake(
                "exponentials that do not sum to one: this is not yet the softmax", _one_word(shares=_exponentials)
            ),
            Mistake("exponentials that do not sum to one: this is not yet the softmax", _one_word(shares=np.exp)),
            *(
                Mistake(
                    "exp overflows: use your softmax from lesson 01, which stays finite",
                    _one_word(shares=partial(_unstable, dtype=dtype)),
                )
                for dtype in ("float32", "float64")
            ),
            Mistake("all or nothing: only the best key counts; take the softmax", _one_word(shares=_best_only)),
            Mistake("the word leaves itself out: q_i·k_i belongs to the softmax as well", _without_itself),
            Mistake("the word leaves itself out: q_i·k_i belongs to the softmax as well", _itself_deleted),
            Mistake("it looks only at words up to itself; here every word counts", _up_to_itself),
            Mistake("it looks only at words up to itself; here every word counts", _later_ones_hidden),
            Mistake(
                "asked with word i's key: its query, q[i], does the asking",
                _one_word(lambda q, k, v, i: k @ k[min(i, len(k) - 1)] / _root(k.shape[1])),
            ),
            Mistake(
                "all queries are compared with one key: it is one query, q[i], with all keys",
                lambda q, k, v, i: (lambda w: (w[: len(v)] @ v[: len(w)], w))(
                    softmax(q @ k[min(i, len(k) - 1)] / _root(k.shape[1]))
                ),
            ),
            Mistake(
                "queries are compared with queries: q[i] meets the keys",
                lambda q, k, v, i: (lambda w: (w[: len(v)] @ v[: len(w)], w))(softmax(q @ q[i] / _root(k.shape[1]))),
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
                "this is the attention of all words; word i's alone is asked for",
                _all_words,
            ),
            Mistake(
                "cosines, not dot products: do not divide by the lengths",
                _one_word(lambda q, k, v, i: cosine_similarity(k, q[i])),
            ),
            Mistake(
                "cosines, not dot products: do not divide by the lengths",
                _one_word(lambda q, k, v, i: cosine_similarity(k, q[i]) / _root(k.shape[1])),
            ),
            Mistake(
                "the best fit gets the smallest weight: the sign is turned around",
                _one_word(lambda q, k, v, i: -(k @ q[i]) / _root(k.shape[1])),
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


def _flip(x):
    return np.swapaxes(x, -1, -2)


def _scores(q, k, v):
    return q @ _flip(k) / _root(k.shape[-1])


def _fit(mask, scores):
    return mask[:, None] if mask.ndim == 3 and scores.ndim == 4 else mask


def _hide(scores, mask):
    return np.where(_fit(mask, scores), scores, -1e30)


def _clear(weights, mask):
    return np.where(_fit(mask, weights), weights, 0.0)


def _leave(x, mask):
    return x


def _attention(scores=_scores, hide=_hide, shares=softmax, clear=_clear, pool=lambda w, v, q, k: w @ v):
    """The function with some of its steps replaced."""

    def answer(q, k, v, mask=None):
        s = scores(q, k, v)
        weights = shares(s if mask is None else hide(s, mask))
        weights = weights if mask is None else clear(weights, mask)
        return pool(weights, v, q, k), weights

    return answer


def _factor(factor):
    return _attention(lambda q, k, v: q @ _flip(k) * factor(q, k, v))


def _results(change):
    """The right results, changed at the end."""

    def answer(q, k, v, mask=None):
        output, weights = _attention()(q, k, v, mask)
        return change(output, weights, _root(k.shape[-1]))

    return answer


def _along(axis):
    return _attention(shares=lambda s: softmax(s, axis=axis))


def _lengths(x):
    return np.linalg.norm(x, axis=-1, keepdims=True)


def _below_diagonal(q, k, v):
    return np.where(np.tril(np.ones((q.shape[-2], k.shape[-2]), bool)), _scores(q, k, v), -1e30)


def _off_diagonal(q, k, v):
    return np.where(np.eye(q.shape[-2], k.shape[-2], dtype=bool), -1e30, _scores(q, k, v))


def _keys_as_rows(q, k, v, mask=None):
    weights = softmax(_flip(_scores(q, k, v)))
    return weights @ v, weights


def _dots(q, k, v, mask=None):
    weights = softmax(np.dot(q, _flip(k)) / _root(k.shape[-1]))
    return np.dot(weights, v), weights


def _with(ops, turned=lambda ops, k: ops.swapaxes(k, -1, -2), read=lambda ops, w: w):
    """With the keys turned, or the weights read, in another way, by NumPy or by Keras: they raise different errors."""

    def answer(q, k, v, mask=None):
        weights = keras.ops.softmax(ops.matmul(q, turned(ops, k)) / _root(k.shape[-1]))
        return ops.matmul(read(ops, weights), v), weights

    return answer


def _reshaped(ops, k):
    return ops.reshape(k, (*k.shape[:-2], k.shape[-1], k.shape[-2]))


def _moved(size):
    """Adds a number to the scores that are not to be seen, in float32 as the learner's own would."""
    return lambda s, m: s + np.float32(size) * ~_fit(m, s)


def _values_hidden(q, k, v, mask=None):
    weights = softmax(_scores(q, k, v))
    return (weights if mask is None else _clear(weights, mask)) @ v, weights


def _cleared_too_late(q, k, v, mask=None):
    output, weights = _attention(clear=_leave)(q, k, v, mask)
    return output, weights if mask is None else _clear(weights, mask)


def _uncleared_weights(q, k, v, mask=None):
    return _attention()(q, k, v, mask)[0], _attention(clear=_leave)(q, k, v, mask)[1]


def _sdpa_cases(rng, *sizes, loud=False):
    """One case for each (..., T, S, K, Dv)."""
    return [case(*_qkv(rng, *each, loud=loud)) for each in sizes]


def _masked_case(rng, mask, *sizes):
    return case(*_qkv(rng, *sizes, size=3.0), mask=mask)


def _some(rng, *shape):
    """A mask (..., T, S): the first query may look everywhere, all others not at key 0, all of them at the last."""
    mask = rng.random(shape) < 0.5
    mask[..., 0] = False
    mask[..., -1] = True
    mask[..., 0, :] = True
    if mask.ndim == 3:  # no two sentences that follow each other have the same
        mask[::2, 1, 1], mask[1::2, 1, 1] = True, False
    return mask


def _with_blind_query(mask):
    mask[..., 1, :] = False
    return mask


def _padding(rng, B, S):
    return np.arange(S) < np.array([S - 1 - b for b in range(B)])[:, None, None, None]  # (B, 1, 1, S)


register(
    Exercise(
        name="scaled_dot_product_attention",
        notebook="03_self_attention",
        reference=scaled_dot_product_attention,
        properties=(
            Property(
                "the weights: softmax of q kᵀ / √K, over the keys",
                2,
                lambda rng: _sdpa_cases(rng, (3, 3, 3, 2), (2, 2, 3, 4), (4, 4, 5, 2)),
                run=lambda answer, *args, **kwargs: answer(*args, **kwargs)[1],
            ),
            Property(
                "output and weights, with as many queries and keys as you like",
                2,
                lambda rng: _sdpa_cases(rng, (2, 2, 3, 4), (2, 3, 4, 5), (5, 3, 4, 4), (1, 6, 2, 3)),
            ),
            Property(
                "a batch of sentences, and a batch of heads",
                1,
                lambda rng: _sdpa_cases(rng, (3, 2, 3, 3, 4), (2, 3, 5, 4, 6), (2, 3, 4, 5, 6, 7)),
            ),
            Property(
                "finite for scores of any size",
                1,
                lambda rng: _sdpa_cases(rng, (2, 3, 4, 5), (3, 2, 5, 4), loud=True),
            ),
            Property(
                "a masked key gets weight 0, whatever its score",
                1,
                lambda rng: [
                    _masked_case(rng, _some(rng, 3, 3), 3, 3, 5, 2),
                    _masked_case(rng, _some(rng, 2, 4, 4), 2, 4, 4, 6, 3),
                ],
            ),
            Property(
                "masks for a batch with heads: (B, T, S) and (B, 1, 1, S)",
                1,
                lambda rng: [
                    _masked_case(rng, _some(rng, 2, 3, 4), 2, 2, 3, 4, 5, 6),
                    _masked_case(rng, _padding(rng, 2, 5), 2, 3, 4, 5, 6, 3),
                ],
            ),
            Property(
                "a query that may look nowhere gets zeros",
                1,
                lambda rng: [
                    _masked_case(rng, _with_blind_query(_some(rng, 3, 4)), 3, 4, 5, 2),
                    _masked_case(rng, _with_blind_query(_some(rng, 2, 3, 5)), 2, 3, 5, 4, 6),
                ],
            ),
        ),
        mistakes=(
            Mistake("the scores are not divided by √K", _factor(lambda q, k, v: 1)),
            Mistake("divided by K: its square root is missing", _factor(lambda q, k, v: 1 / k.shape[-1])),
            Mistake(
                "divided by √ of the number of words: K is the width of a key, its last axis",
                _factor(lambda q, k, v: 1 / _root(k.shape[-2])),
            ),
            Mistake(
                "divided by √ of the number of words: K is the width of a key, its last axis",
                _factor(lambda q, k, v: 1 / _root(q.shape[-2])),
            ),
            Mistake(
                "divided by √ of the value's width: K is the width of a key, its last axis",
                _factor(lambda q, k, v: 1 / _root(v.shape[-1])),
            ),
            Mistake(
                "axis 1 holds the width only where there is no batch: count axes from the end, shape[-1]",
                _factor(lambda q, k, v: 1 / _root(k.shape[1])),
            ),
            *(
                Mistake(
                    "divided by a fixed number: K is not always 4, take it from k's shape",
                    _factor(lambda *_, n=n: 1 / n),
                )
                for n in (2, 4, 8)
            ),
            Mistake("multiplied by √K: divide the scores", _factor(lambda q, k, v: _root(k.shape[-1]))),
            Mistake(
                "divided by √K after the softmax: it belongs to the scores, before",
                lambda q, k, v, mask=None: tuple(r / _root(k.shape[-1]) for r in _factor(lambda *_: 1)(q, k, v, mask)),
            ),
            Mistake("the softmax is missing: these weights are raw scores", _attention(shares=lambda s: s)),
            Mistake("the softmax runs over the queries: each query's weights over the keys sum to one", _along(-2)),
            Mistake("the softmax runs over the queries: each query's weights over the keys sum to one", _along(0)),
            Mistake("softmax along axis 1 fits a single matrix only: the keys are the last axis, -1", _along(1)),
            Mistake(
                "the whole matrix sums to one: every query has a softmax of its own, along the last axis",
                _attention(shares=lambda s: np.exp(s - s.max()) / np.exp(s - s.max()).sum()),
            ),
            Mistake(
                "exponentials that do not sum to one: divide by their sum",
                _attention(shares=_exponentials),
            ),
            Mistake("exponentials that do not sum to one: divide by their sum", _attention(shares=np.exp)),
            *(
                Mistake(
                    "exp overflows: take ops.softmax, or subtract the largest score first",
                    _attention(shares=partial(_unstable, dtype=dtype)),
                )
                for dtype in ("float32", "float64")
            ),
            Mistake("all or nothing: only the best key counts; take the softmax", _attention(shares=_best_only)),
            Mistake("the rows are keys: queries ask, so q comes first in q kᵀ", _keys_as_rows),
            Mistake(
                "cosines, not dot products: do not divide by the lengths",
                _attention(lambda q, k, v: q @ _flip(k) / _lengths(q) / _flip(_lengths(k))),
            ),
            Mistake(
                "cosines, not dot products: do not divide by the lengths",
                _attention(lambda q, k, v: _scores(q, k, v) / _lengths(q) / _flip(_lengths(k))),
            ),
            Mistake(
                "the best fit gets the smallest weight: the sign is turned around",
                _attention(lambda q, k, v: -_scores(q, k, v)),
            ),
            Mistake("words leave themselves out: q_i·k_i belongs to the softmax as well", _attention(_off_diagonal)),
            Mistake("no word sees a later one: that is a mask's business, not built in", _attention(_below_diagonal)),
            Mistake(
                "q and k are compared with themselves: it is every query with every key",
                _attention(lambda q, k, v: q @ _flip(q) / _root(k.shape[-1])),
            ),
            Mistake("the keys are summed; the values are handed over", _attention(pool=lambda w, v, q, k: w @ k)),
            Mistake(
                "the mean of the weighted values, not their sum: the weights sum to one already",
                _attention(pool=lambda w, v, q, k: w @ v / v.shape[-2]),
            ),
            Mistake(
                "the output is multiplied with scores, not with weights",
                lambda q, k, v, mask=None: (_scores(q, k, v) @ v, _attention()(q, k, v, mask)[1]),
            ),
            Mistake("the order is (output, weights): here they are swapped", _results(lambda o, w, root: (w, o))),
            Mistake("only the output came back; return (output, weights)", _results(lambda o, w, root: o)),
            Mistake("only the weights came back; return (output, weights)", _results(lambda o, w, root: w)),
            *(
                Mistake("k is not transposed: q kᵀ takes the dot product of every query with every key", wrong)
                for wrong in (_with(np, lambda ops, k: k), _with(keras.ops, lambda ops, k: k))
            ),
            *(
                Mistake("reshape cuts k anew and mixes its words: swap its last two axes instead", wrong)
                for wrong in (_with(np, _reshaped), _with(keras.ops, _reshaped))
            ),
            *(
                Mistake("k is turned around in all its axes: swap the last two only", wrong)
                for wrong in (
                    _with(np, lambda ops, k: ops.transpose(k)),
                    _with(keras.ops, lambda ops, k: ops.transpose(k)),
                )
            ),
            *(
                Mistake("the weights are transposed before they meet the values: leave them as they are", wrong)
                for wrong in (_with(o, read=lambda ops, w: ops.swapaxes(w, -1, -2)) for o in (np, keras.ops))
            ),
            Mistake("np.dot crosses every sentence with every other: @ or matmul keeps to each its own", _dots),
            Mistake("the mask changes nothing: it must reach the scores", _attention(hide=_leave, clear=_leave)),
            Mistake(
                "the mask is turned around: True = may attend", _attention(hide=lambda s, m: _hide(s, ~m), clear=_leave)
            ),
            Mistake(
                "the mask is turned around: True = may attend",
                _attention(hide=lambda s, m: _hide(s, ~m), clear=lambda w, m: _clear(w, ~m)),
            ),
            *(
                Mistake("the mask is turned around: True = may attend", _attention(hide=_moved(size), clear=_leave))
                for size in (1e4, 1e9)
            ),
            Mistake(
                "masked after the softmax: the weights left no longer sum to one. Hide the scores, before",
                _attention(hide=_leave),
            ),
            Mistake(
                "a score of 0 is not hidden, it still gets a share: it must be very low",
                _attention(hide=lambda s, m: s * _fit(m, s), clear=_leave),
            ),
            Mistake(
                "a score of 0 is not hidden, it still gets a share: it must be very low",
                _attention(hide=lambda s, m: s * _fit(m, s)),
            ),
            Mistake(
                "the mask is added as 0 and 1: that moves a score by one; where it is False the score must be very low",
                _attention(hide=lambda s, m: s + _fit(m, s), clear=_leave),
            ),
            Mistake("the masked values are set to zero, but their keys still take a share", _values_hidden),
            Mistake(
                "the mask's axes are swapped: its rows are queries, its columns keys",
                _attention(hide=lambda s, m: _hide(s, _flip(m)), clear=_leave),
            ),
            Mistake(
                "the mask's axes are swapped: its rows are queries, its columns keys",
                _attention(hide=lambda s, m: _hide(s, _flip(m)), clear=lambda w, m: _clear(w, _flip(m))),
            ),
            Mistake(
                "the mask's batch is taken for heads: fit_mask gives it the axes of the scores",
                _attention(hide=lambda s, m: np.where(m, s, -1e30), clear=lambda w, m: np.where(m, w, 0.0)),
            ),
            Mistake(
                "its scores are equally low, so the softmax still gives it shares: set its weights to 0 after it",
                _attention(clear=_leave),
            ),
            *(
                Mistake(
                    "its scores are equally low, so the softmax still gives it shares: set its weights to 0 after it",
                    _attention(hide=_moved(-(10.0**n)), clear=_leave),
                )
                for n in range(3, 9)
            ),
            Mistake(
                "NaN where a query may look nowhere (inf - inf or 0/0): take a finite low score, then zeros",
                _attention(hide=lambda s, m: np.where(_fit(m, s), s, -np.inf), clear=_leave),
            ),
            Mistake("its weights are zeros, but the output was computed before that", _cleared_too_late),
            Mistake("its output is zeros, but its weights are not", _uncleared_weights),
        ),
        hints=(
            "Scores, softmax, weighted sum: the three steps of the loop, each for all words in one product.",
            "ops.swapaxes(k, -2, -1) turns k around so that ops.matmul(q, …) gives (…, T, S); divide by the root of "
            "k.shape[-1], and let the softmax run along the last axis.",
            "The mask comes between scores and softmax: ops.where(mask, scores, lowest(scores.dtype)). A row that is "
            "all False then has equal scores; what must happen to its weights?",
        ),
    )
)


def _layer(call):
    """A layer class with this `call`."""
    return type("ScaledDotProductAttention", (keras.layers.Layer,), {"call": call})


def _wired(attend):
    """The layer with another wiring: attend(query, value, key, mask) -> (output, weights)."""

    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        result = attend(query, value, value if key is None else key, attention_mask)
        return result if return_attention_scores else result[0]

    return _layer(call)


def _always_both(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
    return scaled_dot_product_attention(query, value if key is None else key, value, attention_mask)


def _never_both(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
    return scaled_dot_product_attention(query, value if key is None else key, value, attention_mask)[0]


def _weights_alone(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
    return _always_both(self, query, value, key, attention_mask)[1 if return_attention_scores else 0]


def _query_for_key(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
    result = scaled_dot_product_attention(query, query if key is None else key, value, attention_mask)
    return result if return_attention_scores else result[0]


def _layer_cases(rng, *sizes, with_key=True, mask=False, **options):
    cases = []
    for B, T, S, K, Dv in sizes:
        query, value, key = normal(rng, B, T, K), normal(rng, B, S, Dv if with_key else K), normal(rng, B, S, K)
        masks = {"attention_mask": _some(rng, B, T, S)} if mask else {}
        cases.append(case(query, value, *([key] if with_key else []), **masks, **options))
    return cases


def _called(answer, *args, **kwargs):
    return answer()(*args, **kwargs)


def _gradient(layer, query, value, key):
    """Whether the output's gradient reaches the query."""
    query = tf.convert_to_tensor(query)
    with tf.GradientTape() as tape:
        tape.watch(query)
        output = layer()(query, value, key)
    return "no gradient" if tape.gradient(output, query) is None else "a gradient"


def _in_numpy(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
    arrays = [keras.ops.convert_to_numpy(x) for x in (query, value if key is None else key, value)]
    both = [keras.ops.convert_to_numpy(x) for x in scaled_dot_product_attention(*arrays, attention_mask)]
    return (
        tuple(map(keras.ops.convert_to_tensor, both))
        if return_attention_scores
        else keras.ops.convert_to_tensor(both[0])
    )


register(
    Exercise(
        name="ScaledDotProductAttention",
        notebook="03_self_attention",
        reference=ScaledDotProductAttention,
        properties=(
            Property(
                "the output for query and value; without a key the value serves as one",
                1,
                lambda rng: _layer_cases(rng, (1, 3, 3, 2, 2), (2, 3, 5, 4, 4), with_key=False),
                run=_called,
            ),
            Property(
                "a key of its own: called with query, value, key",
                1,
                lambda rng: _layer_cases(rng, (1, 3, 3, 3, 3), (2, 3, 5, 4, 6)),
                run=_called,
            ),
            Property(
                "the mask arrives",
                1,
                lambda rng: _layer_cases(rng, (1, 3, 3, 3, 3), (2, 3, 5, 4, 6), mask=True),
                run=_called,
            ),
            Property(
                "output and weights where they are asked for",
                1,
                lambda rng: _layer_cases(rng, (2, 3, 5, 4, 6), return_attention_scores=True),
                run=_called,
            ),
            Property(
                "a gradient passes through it",
                1,
                lambda rng: _layer_cases(rng, (2, 3, 5, 4, 6)),
                run=_gradient,
            ),
        ),
        mistakes=(
            Mistake(
                "no gradient passes: NumPy is at work inside, here or in your function; a layer needs keras.ops",
                _layer(_in_numpy),
            ),
            Mistake("it always returns both; without return_attention_scores the output alone", _layer(_always_both)),
            Mistake("return_attention_scores=True asks for (output, weights)", _layer(_never_both)),
            Mistake(
                "return_attention_scores=True asks for (output, weights), not the weights alone", _layer(_weights_alone)
            ),
            Mistake(
                "key and value are swapped: the layer is called with query, value, key; the function takes q, k, v",
                _wired(lambda q, v, k, m: scaled_dot_product_attention(q, v, k, m)),
            ),
            Mistake(
                "the key is not used: it is the value's place only where no key is given",
                _wired(lambda q, v, k, m: scaled_dot_product_attention(q, v, v, m)),
            ),
            Mistake(
                "the key's place is taken by the query; where no key is given, the value takes it",
                _layer(_query_for_key),
            ),
            Mistake(
                "the query is asked, weighted and summed all by itself: value and key are not used",
                _wired(lambda q, v, k, m: scaled_dot_product_attention(q, q, q, m)),
            ),
            Mistake("query and value are swapped", _wired(lambda q, v, k, m: scaled_dot_product_attention(v, k, q, m))),
            Mistake(
                "the keys are handed over; the values should be",
                _wired(lambda q, v, k, m: scaled_dot_product_attention(q, k, k, m)),
            ),
            Mistake(
                "the mask does not arrive: pass it on to the function",
                _wired(lambda q, v, k, m: scaled_dot_product_attention(q, k, v)),
            ),
            Mistake(
                "the mask is turned around: True = may attend",
                _wired(
                    lambda q, v, k, m: scaled_dot_product_attention(
                        q, k, v, None if m is None else keras.ops.logical_not(m)
                    )
                ),
            ),
            Mistake(
                "weights and output are swapped",
                _wired(lambda q, v, k, m: scaled_dot_product_attention(q, k, v, m)[::-1]),
            ),
            Mistake(
                "divided by √K twice: the function does it already",
                _wired(lambda q, v, k, m: scaled_dot_product_attention(q / _root(q.shape[-1]), k, v, m)),
            ),
            Mistake(
                "not divided by √K: let your function do the work",
                _wired(lambda q, v, k, m: scaled_dot_product_attention(q * _root(q.shape[-1]), k, v, m)),
            ),
        ),
        hints=(
            "Your function does the work. The layer only finds out what to give it, and what to give back.",
            "Where `key` is None, `value` takes its place. Mind the order: the layer has query, value, key, the "
            "function q, k, v.",
            "The function returns two things. Pass both on if return_attention_scores is True, the first one if not.",
        ),
    )
)
