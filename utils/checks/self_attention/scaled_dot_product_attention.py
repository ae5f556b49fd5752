"""The exercise scaled_dot_product_attention: what must hold, and what each mistake looks like."""

import time
from functools import partial

import keras
import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.self_attention.shared import best_only, exponentials, random_qkv, root_of, some_cases, unstable
from utils.checks.why_attention.softmax import softmax
from utils.layers.attention import scaled_dot_product_attention

MANY = 768  # words; as matrices they take a hundredth of a second, word by word more than half of one
MOMENT = 0.25  # seconds


def _flip(x):
    return np.swapaxes(x, -1, -2)


def _scores(q, k, v):
    return q @ _flip(k) / root_of(k.shape[-1])


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
        return change(output, weights, root_of(k.shape[-1]))

    return answer


def _along(axis):
    return _attention(shares=lambda s: softmax(s, axis=axis))


def _twice(scores):
    return softmax(softmax(scores))


def _scores_returned(q, k, v, mask=None):
    return _attention()(q, k, v, mask)[0], _scores(q, k, v)


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
    weights = softmax(np.dot(q, _flip(k)) / root_of(k.shape[-1]))
    return np.dot(weights, v), weights


def _with(ops, turned=lambda ops, k: ops.swapaxes(k, -1, -2), read=lambda ops, w: w):
    """With the keys turned, or the weights read, in another way, by NumPy or by Keras: they raise different errors."""

    def answer(q, k, v, mask=None):
        weights = keras.ops.softmax(ops.matmul(q, turned(ops, k)) / root_of(k.shape[-1]))
        return ops.matmul(read(ops, weights), v), weights

    return answer


def _reshaped(ops, k):
    return ops.reshape(k, (*k.shape[:-2], k.shape[-1], k.shape[-2]))


def _moved(size):
    """Adds a number to the scores that are not to be seen, in float32 as the learner's own would."""
    return lambda s, m: s + np.float32(size) * ~_fit(m, s)


def _set_to(size):
    """Puts a number in the place of the scores that are not to be seen."""
    return lambda s, m: np.where(_fit(m, s), s, np.float32(size))


def _shared_out_again(tiny, shares, least):
    """Shares of all keys; what the mask leaves of them is divided by its sum, and that by no less than `tiny`."""

    def clear(weights, mask):
        left = _clear(weights, mask)
        return left / least(left.sum(axis=-1, keepdims=True), tiny)

    return _attention(hide=_leave, shares=shares, clear=clear)


def _values_hidden(q, k, v, mask=None):
    weights = softmax(_scores(q, k, v))
    return (weights if mask is None else _clear(weights, mask)) @ v, weights


def _cleared_too_late(q, k, v, mask=None):
    output, weights = _attention(clear=_leave)(q, k, v, mask)
    return output, weights if mask is None else _clear(weights, mask)


def _uncleared_weights(q, k, v, mask=None):
    return _attention()(q, k, v, mask)[0], _attention(clear=_leave)(q, k, v, mask)[1]


def _nan_in_the_weights(q, k, v, mask=None):
    output, weights = _attention(hide=_set_to(-np.inf), clear=_leave)(q, k, v, mask)
    return np.nan_to_num(output), weights


def _in_a_moment(answer, q, k, v) -> str:
    """Whether many words take no longer than matrices do; what is counted is the processor's time."""
    answer(q[:2], k, v)  # what is done once, at the first call, does not count
    start = time.process_time()
    answer(q, k, v)
    return "in a moment" if time.process_time() - start < MOMENT else "too slow"


def _word_by_word(q, k, v, mask=None):
    if q.ndim > 2 or mask is not None:
        return _attention()(q, k, v, mask)
    root = root_of(k.shape[-1])
    weights = np.stack([softmax(np.array([np.dot(one, other) for other in k]) / root) for one in q])
    return weights @ v, weights


def _sdpa_cases(rng, *sizes, loud=False):
    """One case for each (..., T, S, K, Dv)."""
    return [case(*random_qkv(rng, *each, loud=loud)) for each in sizes]


def _masked_case(rng, mask, *sizes):
    return case(*random_qkv(rng, *sizes, size=3.0), mask=mask)


def _far_below_zero(rng):
    """Every query's score with key 0 is 0, with the others -1200 or lower, alike."""
    q, k, v = random_qkv(rng, 4, 4, 5, 3)
    q, k[:] = 40 + 5 * np.abs(q), -rng.integers(15, 20)
    k[0] = 0
    return case(q.round(), k, v, mask=some_cases(rng, 4, 4))


def _with_blind_query(mask):
    mask[..., 1, :] = False
    return mask


def _padding(rng, B, S):
    """(B, 1, 1, S): each sentence is a word shorter than the one before; where B is S, nothing is left of the last."""
    return np.arange(S) < np.array([S - 1 - b for b in range(B)])[:, None, None, None]


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
                1,
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
                    _masked_case(rng, some_cases(rng, 3, 3), 3, 3, 5, 2),
                    _masked_case(rng, some_cases(rng, 2, 4, 4), 2, 4, 4, 6, 3),
                    _far_below_zero(rng),
                ],
            ),
            Property(
                "masks for a batch with heads: (B, T, S), (B, 1, 1, S), (1, H, T, S) and (T, S)",
                1,
                lambda rng: [
                    _masked_case(rng, some_cases(rng, 2, 3, 4), 2, 2, 3, 4, 5, 6),
                    _masked_case(rng, _padding(rng, 2, 5), 2, 3, 4, 5, 6, 3),
                    _masked_case(rng, some_cases(rng, 1, 3, 4, 5), 2, 3, 4, 5, 6, 3),
                    _masked_case(rng, some_cases(rng, 4, 5), 2, 3, 4, 5, 6, 3),
                ],
            ),
            Property(
                "a query that may look nowhere gets zeros",
                1,
                lambda rng: [
                    _masked_case(rng, _with_blind_query(some_cases(rng, 3, 4)), 3, 4, 5, 2),
                    _masked_case(rng, _with_blind_query(some_cases(rng, 2, 3, 5)), 2, 3, 5, 4, 6),
                    _masked_case(rng, _with_blind_query(some_cases(rng, 2, 3, 4)), 2, 2, 3, 4, 5, 6),
                    _masked_case(rng, _padding(rng, 3, 3), 3, 2, 4, 3, 5, 2),
                ],
            ),
            Property(
                f"{MANY} words in a moment",
                1,
                lambda rng: _sdpa_cases(rng, (MANY, MANY, 8, 8)),
                run=_in_a_moment,
            ),
        ),
        mistakes=(
            Mistake("the scores are not divided by √K", _factor(lambda q, k, v: 1)),
            Mistake(
                "divided by K: its square root is missing, or it is divided by √K twice",
                _factor(lambda q, k, v: 1 / k.shape[-1]),
            ),
            Mistake(
                "divided by √ of the number of words: K is the width of a key, its last axis",
                _factor(lambda q, k, v: 1 / root_of(k.shape[-2])),
            ),
            Mistake(
                "divided by √ of the number of words: K is the width of a key, its last axis",
                _factor(lambda q, k, v: 1 / root_of(q.shape[-2])),
            ),
            Mistake(
                "divided by √ of the value's width: K is the width of a key, its last axis",
                _factor(lambda q, k, v: 1 / root_of(v.shape[-1])),
            ),
            Mistake(
                "axis 1 holds the width only where there is no batch: count axes from the end, shape[-1]",
                _factor(lambda q, k, v: 1 / root_of(k.shape[1])),
            ),
            *(
                Mistake(
                    "divided by a fixed number: K is not always 4, take it from k's shape",
                    _factor(lambda *_, n=n: 1 / n),
                )
                for n in (2, 4, 8)
            ),
            Mistake("multiplied by √K: divide the scores", _factor(lambda q, k, v: root_of(k.shape[-1]))),
            Mistake(
                "divided by √K after the softmax: it belongs to the scores, before",
                lambda q, k, v, mask=None: tuple(
                    r / root_of(k.shape[-1]) for r in _factor(lambda *_: 1)(q, k, v, mask)
                ),
            ),
            Mistake("the softmax is missing: these weights are raw scores", _attention(shares=lambda s: s)),
            Mistake(
                "raw scores come back where the weights belong: return what the softmax gives of them",
                _scores_returned,
            ),
            Mistake("the softmax runs over the queries: each query's weights over the keys sum to one", _along(-2)),
            Mistake("the softmax runs over the queries: each query's weights over the keys sum to one", _along(0)),
            Mistake("softmax along axis 1 fits a single matrix only: the keys are the last axis, -1", _along(1)),
            Mistake(
                "the whole matrix sums to one: every query has a softmax of its own, along the last axis",
                _attention(shares=lambda s: np.exp(s - s.max()) / np.exp(s - s.max()).sum()),
            ),
            Mistake(
                "exponentials that do not sum to one: divide by their sum",
                _attention(shares=exponentials),
            ),
            Mistake("exponentials that do not sum to one: divide by their sum", _attention(shares=np.exp)),
            *(
                Mistake(
                    "exp overflows: take ops.softmax, or subtract the largest score first",
                    _attention(shares=partial(unstable, dtype=dtype)),
                )
                for dtype in ("float32", "float64")
            ),
            Mistake("all or nothing: only the best key counts; take the softmax", _attention(shares=best_only)),
            Mistake("the softmax is taken twice: once makes weights of the scores", _attention(shares=_twice)),
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
                _attention(lambda q, k, v: q @ _flip(q) / root_of(k.shape[-1])),
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
                Mistake(
                    "axes 0 and 1 of k are swapped, which suits a single sentence: count from the end, -2 and -1", w
                )
                for w in (_with(o, lambda ops, k: ops.swapaxes(k, 0, 1)) for o in (np, keras.ops))
            ),
            *(
                Mistake("the weights are transposed before they meet the values: leave them as they are", wrong)
                for wrong in (_with(o, read=lambda ops, w: ops.swapaxes(w, -1, -2)) for o in (np, keras.ops))
            ),
            Mistake("np.dot crosses every sentence with every other: @ or matmul keeps to each its own", _dots),
            Mistake("a loop over words: right, but slow. q kᵀ gives all scores in one product", _word_by_word),
            Mistake("the mask changes nothing: it must reach the scores", _attention(hide=_leave, clear=_leave)),
            Mistake(
                "the mask is turned around: True = may attend", _attention(hide=lambda s, m: _hide(s, ~m), clear=_leave)
            ),
            Mistake(
                "the mask is turned around: True = may attend",
                _attention(hide=lambda s, m: _hide(s, ~m), clear=lambda w, m: _clear(w, ~m)),
            ),
            *(
                Mistake(
                    "the hidden keys are raised, not lowered: True = may attend, the others' number needs a minus sign",
                    _attention(hide=hide(size), clear=clear),
                )
                for size in (1e4, 1e9)
                for clear in (_leave, _clear)
                for hide in (_set_to, _moved)
            ),
            Mistake("the mask is turned around: True = may attend", _attention(hide=lambda s, m: _hide(s, ~m))),
            *(
                Mistake(
                    "the mask is turned around: True = may attend",
                    _attention(hide=lambda s, m, size=size: _moved(size)(s, ~m), clear=clear),
                )
                for size in (-1e4, -1e9)
                for clear in (_clear, _leave)
            ),
            Mistake(
                "the weights that the mask allows are set to 0, the others kept: True = may attend",
                _attention(clear=lambda w, m: _clear(w, ~m)),
            ),
            *(
                Mistake(
                    "the hidden scores are not low enough before the softmax, as lowest(scores.dtype) is: where they "
                    "stand far above the allowed ones, hardly anything is left for these",
                    wrong,
                )
                for wrong in (
                    *(
                        _attention(hide=hide(-size), clear=clear)
                        for size in (5.0, 10.0, 20.0, 50.0, 100.0, 500.0, 1e3)
                        for clear in (_clear, _leave)
                        for hide in (_set_to, _moved)
                    ),
                    *(
                        _shared_out_again(tiny, shares, least)
                        for shares in (softmax, exponentials)
                        for tiny in (0.0, 1e-30, 1e-20, 1e-12, 1e-9, 1e-8, 1e-6)
                        for least in (np.add, np.maximum)
                    ),
                )
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
                for n in range(4, 9)
            ),
            Mistake(
                "NaN where a query may look nowhere (inf - inf or 0/0): take a finite low score, then zeros",
                _attention(hide=lambda s, m: np.where(_fit(m, s), s, -np.inf), clear=_leave),
            ),
            Mistake("its weights are zeros, but the output was computed before that", _cleared_too_late),
            Mistake("its output is zeros, but its weights are not", _uncleared_weights),
            Mistake("its output is zeros, but its weights are NaN: take a finite low score", _nan_in_the_weights),
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
