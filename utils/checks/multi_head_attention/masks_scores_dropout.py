"""What goes wrong in MultiHeadAttention with the mask, what is given back, dropout, and before there is data."""

import functools
import math

import numpy as np

from utils.checks.frame import Mistake
from utils.checks.in_numpy import fitted, fitting, hidden, lost_by_chance, softmax_of, weighed
from utils.checks.multi_head_attention.shared import (
    NO_AXES,
    NO_DICE,
    NO_GRADIENT,
    NO_NUMBERS,
    NO_SIZE,
    NO_WIDTH,
    SHAPE_OPEN,
)
from utils.checks.multi_head_attention.variant import variant

UNBRACKETED = "always a pair: `a, b if asked else c` is read as `a, (b if asked else c)`. Put brackets around the pair"


def _masked_by(change):
    """Weights whose mask is used as `change` says: (scores, mask as numbers) -> weights."""
    return lambda scores, mask: (
        softmax_of(scores) if mask is None else change(scores, fitted(mask, scores).astype("float32"))
    )


def _mask_changed(change):
    """Weights under a mask that `change` has turned into another."""
    return lambda scores, mask: hidden(scores, None if mask is None else change(mask))


def _of_some_axes(axes):
    """Weights that only masks of so many axes hide."""
    return lambda scores, mask: hidden(scores, mask if mask is not None and mask.ndim in axes else None)


def _hidden_by(number, added):
    """Weights whose mask puts a number in a score's place, or adds it."""

    def weigh(scores, m):
        return softmax_of(np.where(m > 0, scores, scores + np.float32(number) if added else np.float32(number)))

    return _masked_by(weigh)


def _dropped_and_divided(q, k, v, weigh, drop):
    """What dropout leaves of a row sums to one again."""
    weights = weigh(q, k)
    left = drop(weights)
    return fitting(np.matmul, left / np.maximum(left.sum(axis=-1, keepdims=True), 1e-9), v), weights


def _hidden_by_infinity(scores, mask):
    """Where all is hidden, 0/0."""
    nowhere = mask is not None and ~fitted(mask, scores).any(axis=-1, keepdims=True)
    return np.where(nowhere, np.float32("nan"), hidden(scores, mask))


def _over_the_heads(scores, mask):
    """The mask is laid over the scores without an axis for the heads."""
    return softmax_of(scores if mask is None else fitting(np.where, mask, scores, np.float32(-1e9)))


def _without_scaling_up(rng, rate, x):
    """Dropout whose numbers that stay do not grow."""
    return lost_by_chance(rng, rate, x) * (1 - rate)


def _the_same_for_all(rng, rate, x):
    """Dropout whose chances are drawn once for all heads and sentences."""
    return lost_by_chance(rng, rate, x[:1, :1]) / x[:1, :1] * x


def _before_the_softmax(scale):
    """Gives back scores that no softmax has seen."""

    def attend(q, k, v, weigh, drop):
        return fitting(np.matmul, weigh(q, k), v), fitting(np.matmul, q, k.swapaxes(-1, -2)) / scale(q)

    return attend


def _never_dropped(q, k, v, weigh, drop):
    """No dropout."""
    weights = weigh(q, k)
    return fitting(np.matmul, weights, v), weights


def _output_dropped(q, k, v, weigh, drop):
    """Dropout on the sums over the values."""
    weights = weigh(q, k)
    return drop(fitting(np.matmul, weights, v)), weights


def _values_dropped(q, k, v, weigh, drop):
    """Dropout on the values."""
    weights = weigh(q, k)
    return fitting(np.matmul, weights, drop(v)), weights


def _scores_dropped(q, k, v, weigh, drop, returned=True):
    """Dropout before the softmax; gives back what came of it, or what comes without."""
    weights = weigh(drop(q), k)
    return fitting(np.matmul, weights, v), weights if returned else weigh(q, k)


def _dropped_returned(q, k, v, weigh, drop):
    """Gives back the weights after dropout."""
    weights = drop(weigh(q, k))
    return fitting(np.matmul, weights, v), weights


MASKS_SCORES_DROPOUT = (
    Mistake("the mask is ignored: hand it on to the attention", variant(weigh=lambda s, mask: softmax_of(s))),
    *(
        Mistake(
            f"a mask of {ignored} axes is ignored: those of two, three and four all count",
            variant(weigh=_of_some_axes(axes)),
        )
        for ignored, axes in (
            ("two or four", (3,)),
            ("two or three", (4,)),
            ("three or four", (2,)),
            ("two", (3, 4)),
            ("three", (2, 4)),
            ("four", (2, 3)),
        )
    ),
    *(
        Mistake(
            "the number that hides a score is not low enough: scores may lie in the hundreds and thousands. Take a "
            "very large negative one",
            variant(weigh=_hidden_by(number, added)),
        )
        for number, added in ((-10, False), (-10, True), (-100, False), (-1000, False))
    ),
    Mistake(
        "the mask is turned around: True = may attend",
        variant(weigh=_masked_by(lambda s, m: softmax_of(s - 1e9 * m))),
    ),
    Mistake(
        "the mask is turned around: True = may attend",
        variant(weigh=lambda scores, mask: weighed(scores, None if mask is None else ~mask)),
    ),
    Mistake(
        "the mask is multiplied into the scores: a score of 0 still gets a weight; hide it below all others",
        variant(weigh=_masked_by(lambda s, m: softmax_of(s * m))),
    ),
    Mistake(
        "the mask is multiplied into the weights after the softmax: they no longer sum to one",
        variant(weigh=_masked_by(lambda s, m: softmax_of(s) * m)),
    ),
    Mistake(
        "the mask is added to the scores as 0 and 1: hide a score by a very large negative number",
        variant(weigh=_masked_by(lambda s, m: softmax_of(s + m))),
    ),
    Mistake(
        "masked scores become large positive: the sign of the mask's number is wrong",
        variant(weigh=_masked_by(lambda s, m: softmax_of(s + (1 - m) * 1e9))),
    ),
    Mistake(
        "a word that may look nowhere has become NaN: hide scores by a large negative number, not by minus infinity; "
        "scaled_dot_product_attention does",
        variant(weigh=_hidden_by_infinity),
    ),
    Mistake(
        "the mask's last two axes are swapped: rows are queries, columns are keys",
        variant(weigh=_mask_changed(lambda mask: mask.swapaxes(-2, -1))),
    ),
    Mistake(
        "a mask (B, T, S) is laid over the heads instead of the sentences: give it an axis for the heads, at 1",
        variant(weigh=_over_the_heads),
    ),
    Mistake(
        "the first head's mask is used for all heads",
        variant(weigh=_mask_changed(lambda m: m[:, :1] if m.ndim == 4 else m)),
    ),
    Mistake(
        "the first sentence's mask is used for all sentences",
        variant(weigh=_mask_changed(lambda m: m[:1] if m.ndim > 2 else m)),
    ),
    Mistake(
        "a pair came back although the scores were not asked for: look at return_attention_scores",
        variant(result=lambda output, scores, asked: (output, scores)),
    ),
    *(
        Mistake(
            UNBRACKETED, variant(result=lambda output, scores, asked, b=b: (output, scores if asked else b(output)))
        )
        for b in (lambda output: output, lambda output: None)
    ),
    Mistake(
        "the output came back in a list of its own: without the scores it is returned alone, without brackets or comma",
        variant(result=lambda output, scores, asked: (output, scores) if asked else [output]),
    ),
    Mistake(
        "the scores came back instead of the output",
        variant(result=lambda output, scores, asked: scores),
    ),
    Mistake(
        "only the output came back although the scores were asked for: look at return_attention_scores",
        variant(result=lambda output, scores, asked: output),
    ),
    Mistake(
        "the order is (output, scores): here they are swapped",
        variant(result=lambda output, scores, asked: (scores, output) if asked else output),
    ),
    Mistake(
        "the scores are averaged over the heads: give back one (T, S) for each head",
        variant(result=lambda o, scores, asked: (o, scores.mean(axis=1)) if asked else o),
    ),
    Mistake(
        "the scores are summed over the heads: give back one (T, S) for each head",
        variant(result=lambda o, scores, asked: (o, scores.sum(axis=1)) if asked else o),
    ),
    Mistake(
        "only the first head's scores came back: give back all H of them",
        variant(result=lambda o, scores, asked: (o, scores[:, 0]) if asked else o),
    ),
    Mistake(
        "the scores' last two axes are swapped: (B, H, T, S), rows are queries",
        variant(result=lambda o, scores, asked: (o, scores.swapaxes(-2, -1)) if asked else o),
    ),
    Mistake(
        "the scores' heads stand behind the words: their shape is (B, H, T, S)",
        variant(result=lambda o, scores, asked: (o, scores.swapaxes(1, 2)) if asked else o),
    ),
    Mistake(
        "these scores are from before the softmax: the weights are asked for",
        variant(attend=_before_the_softmax(lambda q: math.sqrt(q.shape[-1]))),
    ),
    Mistake(
        "these scores are from before the softmax: the weights are asked for",
        variant(attend=_before_the_softmax(lambda q: 1.0)),
    ),
    Mistake("dropout is never applied: self.dropout_layer takes the weights", variant(attend=_never_dropped)),
    Mistake("dropout acts outside training too: hand `training` on to it", variant(train=lambda training: True)),
    Mistake(
        "dropout acts where `training` is not given: None is not True, hand it on as it is",
        variant(train=lambda training: training is not False),
    ),
    Mistake(
        "dropout acts where `training` is False: hand it on as it is",
        variant(train=lambda training: training is not None),
    ),
    Mistake("dropout acts outside training, and only there", variant(train=lambda training: not training)),
    Mistake(
        "dropout acts twice on the weights: once is enough",
        variant(lost=lambda rng, rate, x: lost_by_chance(rng, rate, lost_by_chance(rng, rate, x))),
    ),
    Mistake(
        "the rate 0.1 is written in: it is self.dropout, and self.dropout_layer knows it",
        variant(lost=lambda rng, rate, x: lost_by_chance(rng, 0.1, x)),
    ),
    Mistake(
        "as many weights are dropped as should stay: a chance *below* the rate drops, one above it stays",
        variant(lost=lambda rng, rate, x: np.where(rng.random(x.shape) > rate, 0, x / (1 - rate)).astype(x.dtype)),
    ),
    Mistake(
        "the same weights are dropped in all heads and all sentences: each of (B, H, T, S) has a chance of its own",
        variant(lost=_the_same_for_all),
    ),
    Mistake(
        "what dropout leaves of the weights is made to sum to one again: they only grow by 1/(1 - rate), as "
        "self.dropout_layer has it",
        variant(attend=_dropped_and_divided),
    ),
    Mistake(
        "dropout acts after the sum over the values, on what the heads give or on the output: it belongs on the "
        "weights",
        variant(attend=_output_dropped),
    ),
    Mistake("dropout acts on the values: it belongs on the weights", variant(attend=_values_dropped)),
    Mistake(
        "dropout acts before the softmax: it belongs on the weights that come out of it",
        variant(attend=_scores_dropped),
    ),
    Mistake(
        "dropout acts before the softmax: it belongs on the weights that come out of it",
        variant(attend=functools.partial(_scores_dropped, returned=False)),
    ),
    Mistake(
        "the scores that come back are those after dropout: give back the ones from before",
        variant(attend=_dropped_returned),
    ),
    Mistake(
        "the rate says how many to drop, here it is how many to keep",
        variant(lost=lambda rng, rate, x: lost_by_chance(rng, 1 - rate, x)),
    ),
    Mistake(
        "the weights that stay must grow by 1/(1 - rate), so that the expected sum stays: self.dropout_layer does both",
        variant(lost=_without_scaling_up),
    ),
    Mistake(
        "while a model is being built the batch has no size yet, x.shape[0] is None: write -1 for B in a reshape, or "
        "ops.shape(x)[0]; look into your split_heads and merge_heads too",
        variant(weigh=weighed, lacks=NO_SIZE),
    ),
    Mistake(
        "with B from ops.shape, a -1 for the last axis leaves the width of a head open, and √K needs it: write it out; "
        "look into your split_heads too",
        variant(weigh=weighed, lacks=NO_WIDTH),
    ),
    Mistake(SHAPE_OPEN, variant(weigh=weighed, lacks=NO_AXES)),
    Mistake(
        "the gradient is cut off on its way back (by stop_gradient, or by a detour over NumPy): some of the weights "
        "would never learn",
        variant(weigh=weighed, lacks=NO_GRADIENT),
    ),
    Mistake(
        "compiled, dropout fails or drops the same weights at each call: a fixed seed, NumPy's random numbers and a "
        "new Dropout layer all do. self.dropout_layer draws anew",
        variant(weigh=weighed, lacks=NO_DICE),
    ),
    Mistake(
        "it asks for numbers that a model being built has not: keras.ops, not NumPy; in your split_heads and "
        "merge_heads too",
        variant(weigh=weighed, lacks=NO_NUMBERS),
    ),
)
