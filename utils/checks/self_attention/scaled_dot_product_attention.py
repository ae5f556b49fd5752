"""The exercise scaled_dot_product_attention: what must hold, and what each mistake looks like."""

import time
from functools import partial

import keras
import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.self_attention import steps
from utils.checks.self_attention.shared import (
    OTHERS,
    best_only,
    clipped,
    exponentials,
    less,
    random_qkv,
    root_of,
    some_cases,
    unstable,
)
from utils.checks.why_attention.softmax import softmax
from utils.layers.attention import scaled_dot_product_attention

MANY = 768  # words; as matrices they take a hundredth of a second, word by word more than half of one
MOMENT = 0.25  # seconds


def _in_a_moment(answer, q, k, v) -> str:
    """Whether many words take no longer than matrices do; what is counted is the processor's time."""
    answer(q[:2], k, v)  # what is done once, at the first call, does not count
    for queries in (q[: len(q) // 8], q):  # where an eighth takes so long already, nobody waits for the rest
        start = time.process_time()
        answer(queries, k, v)
        if time.process_time() - start > MOMENT:
            return "too slow"
    return "in a moment"


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
                lambda rng: _sdpa_cases(rng, (3, 3, 3, 3), (2, 2, 3, 4), (4, 4, 5, 2)),
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
                lambda rng: _sdpa_cases(rng, (3, 2, 3, 3, 4), (2, 3, 5, 4, 6), (2, 3, 4, 5, 6, 7), (1, 3, 5, 4, 6)),
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
                    _masked_case(rng, some_cases(rng, 4, 4), 2, 4, 4, 5, 6),
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
                    _masked_case(rng, np.zeros((3, 4), bool), 3, 4, 5, 2),
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
            Mistake("a loop over words: right, but slow. q kᵀ gives all scores in one product", steps.word_by_word),
            Mistake("the scores are not divided by √K", steps.scaled_by(lambda q, k, v: 1)),
            Mistake(
                "divided by K: its square root is missing, or it is divided by √K twice",
                steps.scaled_by(lambda q, k, v: 1 / k.shape[-1]),
            ),
            Mistake(
                "divided by √ of the number of words: K is the width of a key, its last axis",
                steps.scaled_by(lambda q, k, v: 1 / root_of(k.shape[-2])),
            ),
            Mistake(
                "divided by √ of the number of words: K is the width of a key, its last axis",
                steps.scaled_by(lambda q, k, v: 1 / root_of(q.shape[-2])),
            ),
            Mistake(
                "divided by √ of the value's width: K is the width of a key, its last axis",
                steps.scaled_by(lambda q, k, v: 1 / root_of(v.shape[-1])),
            ),
            Mistake(
                "axis 1 holds the width only where there is no batch: count axes from the end, shape[-1]",
                steps.scaled_by(lambda q, k, v: 1 / root_of(k.shape[1])),
            ),
            *(
                Mistake(
                    "divided by a fixed number: K is not always 4, take it from k's shape",
                    steps.scaled_by(lambda *_, n=n: 1 / n),
                )
                for n in (2, 4, 8)
            ),
            *(
                Mistake("`** 1/2` is `** 1`, then a half: the root is `** 0.5`, or math.sqrt", steps.scaled_by(factor))
                for factor in (lambda q, k, v: 2 / k.shape[-1], lambda q, k, v: 1 / (2 * k.shape[-1]))
            ),
            Mistake(
                "√K was cut to a whole number: keep its fraction, without int and //",
                steps.scaled_by(lambda q, k, v: 1 / int(root_of(k.shape[-1]))),
            ),
            Mistake("multiplied by √K: divide the scores", steps.scaled_by(lambda q, k, v: root_of(k.shape[-1]))),
            Mistake(
                "divided by √K after the softmax: it belongs to the scores, before",
                lambda q, k, v, mask=None: tuple(
                    r / root_of(k.shape[-1]) for r in steps.scaled_by(lambda *_: 1)(q, k, v, mask)
                ),
            ),
            Mistake("the softmax is missing: these weights are raw scores", steps.attention(shares=lambda s: s)),
            Mistake(
                "raw scores come back where the weights belong: return what the softmax gives of them",
                steps.scores_returned,
            ),
            Mistake(
                "the softmax runs over the queries: each query's weights over the keys sum to one", steps.along(-2)
            ),
            Mistake("the softmax runs over the queries: each query's weights over the keys sum to one", steps.along(0)),
            Mistake("softmax along axis 1 fits a single matrix only: the keys are the last axis, -1", steps.along(1)),
            Mistake(
                "the whole matrix sums to one: every query has a softmax of its own, along the last axis",
                steps.attention(shares=lambda s: np.exp(s - s.max()) / np.exp(s - s.max()).sum()),
            ),
            Mistake(
                "exponentials that do not sum to one: divide by their sum",
                steps.attention(shares=exponentials),
            ),
            Mistake("exponentials that do not sum to one: divide by their sum", steps.attention(shares=np.exp)),
            *(
                Mistake(
                    "exp overflows: take ops.softmax, or subtract the largest score first",
                    steps.attention(shares=partial(unstable, dtype=dtype)),
                )
                for dtype in ("float32", "float64")
            ),
            *(
                Mistake(
                    "exp overflows, and NaN is then called 0: take ops.softmax, or subtract the largest score first",
                    steps.attention(shares=lambda s, dtype=dtype: np.nan_to_num(unstable(s, dtype))),
                )
                for dtype in ("float32", "float64")
            ),
            *(
                Mistake(
                    "clipped scores are equal where they should differ: take ops.softmax, or subtract the largest",
                    steps.attention(shares=partial(clipped, limit=limit)),
                )
                for limit in (20, 50, 60, 80, 88, 100, 500, 700)
            ),
            *(
                Mistake(
                    "another number than the row's largest score is subtracted, so that exp over- or underflows: it is "
                    "max(axis=-1, keepdims=True)",
                    steps.attention(shares=partial(less, other=other, dtype=dtype)),
                )
                for other in (*OTHERS, np.max)
                for dtype in ("float32", "float64")
            ),
            *(
                Mistake(
                    "the sums stand in a row and divide columns, right for no query: keepdims=True is missing",
                    steps.attention(shares=wrong),
                )
                for wrong in (
                    lambda s: exponentials(s) / exponentials(s).sum(axis=-1),
                    lambda s: np.exp(s) / np.exp(s).sum(axis=-1),
                    lambda s: exponentials(s) / exponentials(s).sum(axis=-2, keepdims=True),
                )
            ),
            Mistake("all or nothing: only the best key counts; take the softmax", steps.attention(shares=best_only)),
            Mistake(
                "the softmax is taken twice: once makes weights of the scores", steps.attention(shares=steps.twice)
            ),
            Mistake("the rows are keys: queries ask, so q comes first in q kᵀ", steps.keys_as_rows),
            Mistake(
                "cosines, not dot products: do not divide by the lengths",
                steps.attention(lambda q, k, v: q @ steps.flip(k) / steps.lengths(q) / steps.flip(steps.lengths(k))),
            ),
            Mistake(
                "cosines, not dot products: do not divide by the lengths",
                steps.attention(
                    lambda q, k, v: steps.scores_of(q, k, v) / steps.lengths(q) / steps.flip(steps.lengths(k))
                ),
            ),
            Mistake(
                "the best fit gets the smallest weight: the sign is turned around",
                steps.attention(lambda q, k, v: -steps.scores_of(q, k, v)),
            ),
            Mistake(
                "words leave themselves out: q_i·k_i belongs to the softmax as well",
                steps.attention(steps.off_diagonal),
            ),
            Mistake(
                "no word sees a later one: that is a mask's business, not built in",
                steps.attention(steps.below_diagonal),
            ),
            Mistake(
                "q and k are compared with themselves: it is every query with every key",
                steps.attention(lambda q, k, v: q @ steps.flip(q) / root_of(k.shape[-1])),
            ),
            Mistake("the keys are summed; the values are handed over", steps.attention(pool=lambda w, v, q, k: w @ k)),
            Mistake(
                "the mean of the weighted values, not their sum: the weights sum to one already",
                steps.attention(pool=lambda w, v, q, k: w @ v / v.shape[-2]),
            ),
            Mistake(
                "the output is multiplied with scores, not with weights",
                lambda q, k, v, mask=None: (steps.scores_of(q, k, v) @ v, steps.attention()(q, k, v, mask)[1]),
            ),
            Mistake("the order is (output, weights): here they are swapped", steps.changed(lambda o, w, root: (w, o))),
            Mistake("only the output came back; return (output, weights)", steps.changed(lambda o, w, root: o)),
            Mistake("only the weights came back; return (output, weights)", steps.changed(lambda o, w, root: w)),
            *(
                Mistake("k is not transposed: q kᵀ takes the dot product of every query with every key", wrong)
                for wrong in (steps.with_ops(np, lambda ops, k: k), steps.with_ops(keras.ops, lambda ops, k: k))
            ),
            *(
                Mistake("the query meets the values: its scores are its products with the keys", wrong)
                for wrong in (steps.values_asked(np), steps.values_asked(keras.ops))
            ),
            *(
                Mistake("keys and values have changed places: the query meets the keys, the values are summed", wrong)
                for wrong in (steps.values_asked(ops, lambda k, v: k) for ops in (np, keras.ops))
            ),
            *(
                Mistake("reshape cuts k anew and mixes its words: swap its last two axes instead", wrong)
                for wrong in (steps.with_ops(np, steps.reshaped), steps.with_ops(keras.ops, steps.reshaped))
            ),
            *(
                Mistake("k is turned around in all its axes: swap the last two only", wrong)
                for wrong in (
                    steps.with_ops(np, lambda ops, k: ops.transpose(k)),
                    steps.with_ops(keras.ops, lambda ops, k: ops.transpose(k)),
                )
            ),
            *(
                Mistake(
                    "axes 0 and 1 of k are swapped, which suits a single sentence: count from the end, -2 and -1", w
                )
                for w in (steps.with_ops(o, lambda ops, k: ops.swapaxes(k, 0, 1)) for o in (np, keras.ops))
            ),
            *(
                Mistake("the weights are transposed before they meet the values: leave them as they are", wrong)
                for wrong in (steps.with_ops(o, read=lambda ops, w: ops.swapaxes(w, -1, -2)) for o in (np, keras.ops))
            ),
            Mistake("np.dot crosses every sentence with every other: @ or matmul keeps to each its own", steps.dots),
            Mistake(
                "the mask changes nothing: it must reach the scores",
                steps.attention(hide=steps.unchanged, clear=steps.unchanged),
            ),
            Mistake(
                "the mask is turned around: True = may attend",
                steps.attention(hide=lambda s, m: steps.hidden(s, ~m), clear=steps.unchanged),
            ),
            Mistake(
                "the mask is turned around: True = may attend",
                steps.attention(hide=lambda s, m: steps.hidden(s, ~m), clear=lambda w, m: steps.cleared(w, ~m)),
            ),
            *(
                Mistake(
                    "the hidden keys are raised, not lowered: True = may attend, the others' number needs a minus sign",
                    steps.attention(hide=hide(size), clear=steps.unchanged),
                )
                for size in (1e4, 1e9)
                for hide in (steps.set_to, steps.moved)
            ),
            *(
                Mistake(
                    "a query with a single hidden key gets zeros: the hidden keys are raised, not lowered (a minus "
                    "sign is missing), or `all` stands for `any`",
                    steps.attention(hide=hide(size)),
                )
                for size in (1e4, 1e9)
                for hide in (steps.set_to, steps.moved)
            ),
            Mistake(
                "only a mask that is False everywhere gives zeros: ask query by query, any(axis=-1, keepdims=True)",
                steps.attention(clear=lambda w, m: w * m.any()),
            ),
            Mistake(
                "the mask is turned around: True = may attend", steps.attention(hide=lambda s, m: steps.hidden(s, ~m))
            ),
            *(
                Mistake(
                    "the hidden scores are multiplied by a number, which raises those below 0: put it in their place",
                    steps.attention(
                        hide=lambda s, m, size=size: s * np.where(steps.fitted(m, s), 1, np.float32(size)), clear=clear
                    ),
                )
                for size in (-1e4, -1e9)
                for clear in (steps.unchanged, steps.cleared)
            ),
            Mistake(
                "a mask that is False everywhere counts as none: ask `mask is not None`, nothing else",
                lambda q, k, v, mask=None: steps.attention()(
                    q, k, v, mask if mask is not None and mask.any() else None
                ),
            ),
            *(
                Mistake(
                    "the mask is turned around: True = may attend",
                    steps.attention(hide=lambda s, m, size=size: steps.moved(size)(s, ~m), clear=clear),
                )
                for size in (-1e4, -1e9)
                for clear in (steps.cleared, steps.unchanged)
            ),
            Mistake(
                "the weights that the mask allows are set to 0, the others kept: True = may attend",
                steps.attention(clear=lambda w, m: steps.cleared(w, ~m)),
            ),
            *(
                Mistake(
                    "the hidden scores are not low enough before the softmax, as lowest(scores.dtype) is: where they "
                    "stand far above the allowed ones, hardly anything is left for these",
                    wrong,
                )
                for wrong in (
                    *(
                        steps.attention(hide=hide(-size), clear=clear)
                        for size in (5.0, 10.0, 20.0, 50.0, 100.0, 500.0, 1e3)
                        for clear in (steps.cleared, steps.unchanged)
                        for hide in (steps.set_to, steps.moved)
                    ),
                    *(
                        steps.shared_out_again(tiny, shares, least)
                        for shares in (softmax, exponentials)
                        for tiny in (0.0, 1e-30, 1e-20, 1e-12, 1e-9, 1e-8, 1e-6)
                        for least in (np.add, np.maximum)
                    ),
                )
            ),
            Mistake(
                "masked after the softmax: the weights left no longer sum to one. Hide the scores, before",
                steps.attention(hide=steps.unchanged),
            ),
            Mistake(
                "a score of 0 is not hidden, it still gets a share: it must be very low",
                steps.attention(hide=lambda s, m: s * steps.fitted(m, s), clear=steps.unchanged),
            ),
            Mistake(
                "a score of 0 is not hidden, it still gets a share: it must be very low",
                steps.attention(hide=lambda s, m: s * steps.fitted(m, s)),
            ),
            Mistake(
                "the mask is added as 0 and 1: that moves a score by one; where it is False the score must be very low",
                steps.attention(hide=lambda s, m: s + steps.fitted(m, s), clear=steps.unchanged),
            ),
            Mistake("the masked values are set to zero, but their keys still take a share", steps.values_hidden),
            Mistake(
                "the mask's axes are swapped: its rows are queries, its columns keys",
                steps.attention(hide=lambda s, m: steps.hidden(s, steps.flip(m)), clear=steps.unchanged),
            ),
            Mistake(
                "the mask's axes are swapped: its rows are queries, its columns keys",
                steps.attention(
                    hide=lambda s, m: steps.hidden(s, steps.flip(m)), clear=lambda w, m: steps.cleared(w, steps.flip(m))
                ),
            ),
            Mistake(
                "the mask's batch is taken for heads: fit_mask gives it the axes of the scores",
                steps.attention(hide=lambda s, m: np.where(m, s, -1e30), clear=lambda w, m: np.where(m, w, 0.0)),
            ),
            Mistake(
                "its scores are equally low, so the softmax still gives it shares: set its weights to 0 after it",
                steps.attention(clear=steps.unchanged),
            ),
            *(
                Mistake(
                    "its scores are equally low, so the softmax still gives it shares: set its weights to 0 after it",
                    steps.attention(hide=steps.moved(-(10.0**n)), clear=steps.unchanged),
                )
                for n in range(4, 9)
            ),
            Mistake(
                "NaN where a query may look nowhere (inf - inf or 0/0): take a finite low score, then zeros",
                steps.attention(hide=lambda s, m: np.where(steps.fitted(m, s), s, -np.inf), clear=steps.unchanged),
            ),
            Mistake("its weights are zeros, but the output was computed before that", steps.cleared_too_late),
            Mistake("its output is zeros, but its weights are not", steps.uncleared_weights),
            Mistake("its output is zeros, but its weights are NaN: take a finite low score", steps.nan_in_the_weights),
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
