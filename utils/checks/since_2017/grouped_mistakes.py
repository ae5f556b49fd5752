"""What goes wrong in GroupedQueryAttention: the layer in NumPy with one of its steps changed."""

import math

import numpy as np

from utils.checks.encoder.shared import NO_SIZE, TOO_EARLY, UNBRACKETED, lacking
from utils.checks.frame import Mistake
from utils.checks.in_numpy import (
    ByChance,
    cut,
    fitted,
    fitting,
    hidden,
    merge_heads,
    projected,
    softmax_of,
    split_heads,
    weighed,
)
from utils.layers.grouped import GroupedQueryAttention


def _turned(x, base):
    """Queries or keys, turned in halves; as they are where there is no base."""
    if base is None:
        return x
    half = x.shape[-1] // 2
    angles = np.outer(np.arange(x.shape[-2]), base ** (-2.0 * np.arange(half) / x.shape[-1]))
    cos, sin = np.cos(angles).astype("float32"), np.sin(angles).astype("float32")
    a, b = x[..., :half], x[..., half:]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)


def _beside(x, share):
    return np.repeat(x, share, axis=1)


def _in_turns(x, share):
    return np.tile(x, (1, share, 1, 1))


def _no_copies(x, share):
    return x


class _Weights:
    """A kernel and a bias, or None, of query, key, value and output."""

    def __init__(self, weights):
        pairs = cut(weights, 2, 2, 2) if len(weights) == 8 else [(kernel, None) for kernel in weights]
        self.query, self.key, self.value, self.output = pairs
        (_, self.H, self.K), self.G = self.query[0].shape, self.key[0].shape[1]


def variant(
    used=lambda w: (w.query, w.key, w.value),
    sources=lambda query, value, key: (query, key, value),
    turn=lambda q, k, v, base: (_turned(q, base), _turned(k, base), v),
    copies=(_beside, _beside),
    scale=lambda w: math.sqrt(w.K),
    weigh=lambda scores, mask, drop: weighed(scores, mask),
    attend=lambda shares, v, drop: (fitting(np.matmul, drop(shares), v), shares),
    before=lambda q, k, drop: (q, k),
    merge=merge_heads,
    finish=lambda merged, w: projected(merged, *w.output),
    train=lambda training: training,
    result=lambda output, scores, asked: (output, scores) if asked else output,
):
    """The layer in NumPy with one of its decisions changed."""

    class Made(ByChance):
        model_of = GroupedQueryAttention

        def __init__(self, weights, dropout=0.0, rotary_base=None, **arguments):
            super().__init__(weights, dropout_rate=dropout, **arguments)
            self.base = rotary_base

        def __call__(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
            w = _Weights(self.parts)
            sizes, given = (w.H, w.G, w.G), sources(query, value, value if key is None else key)
            three = zip(given, used(w), sizes, strict=True)
            q, k, v = (split_heads(projected(x, *pair), number) for x, pair, number in three)
            q, k, v = turn(q, k, v, self.base)
            k, v = copies[0](k, w.H // w.G), copies[1](v, w.H // w.G)
            drop = self.drop(train(training))
            q, k = before(q, k, drop)
            scores = fitting(np.matmul, q, k.swapaxes(-1, -2)) / scale(w)
            made, shares = attend(weigh(scores, attention_mask, drop), v, drop)
            return result(finish(merge(made), w), shares, return_attention_scores)

    return Made


def _interleaved(x, base):
    """Turned pair by pair of neighbours."""
    if base is None:
        return x
    order = np.concatenate([np.arange(0, x.shape[-1], 2), np.arange(1, x.shape[-1], 2)])
    return _turned(x[..., order], base)[..., np.argsort(order)]


def _before_the_cut(q, k, v, base):
    """Turned while the heads still stand side by side."""
    turned = (split_heads(_turned(merge_heads(x), base), x.shape[1]) for x in (q, k))
    return *turned, v


def _needs_a_base(x, base):
    if base is None:
        raise ValueError("None is no number")
    return _turned(x, base)


def _times(number):
    """Each beside itself, so many times: a function of H, G."""
    return lambda x, share: np.repeat(x, number(share * x.shape[1], x.shape[1]), axis=1)


def _along_the_numbers(x, share):
    return np.repeat(x, share, axis=-1)


def _drops_scores(scores, mask, drop):
    return weighed(drop(scores), mask)


def _whole(shares, v, drop):
    """No weight is dropped."""
    return fitting(np.matmul, shares, v), shares


_DROPS_QUERIES = variant(before=lambda q, k, drop: (drop(q), k), attend=_whole)


class _OwnScores(_DROPS_QUERIES):
    """Dropout on the queries; the scores that come back are those without."""

    def __call__(self, query, value, return_attention_scores=False, training=None, **given):
        _, clean = super().__call__(query, value, return_attention_scores=True, training=False, **given)
        output = super().__call__(query, value, training=training, **given)
        return (output, clean) if return_attention_scores else output


class _DropsOutput(variant(train=lambda training: False)):
    """Dropout behind W_O."""

    def __call__(self, query, value, training=None, **given):
        made = super().__call__(query, value, **given)
        drop = self.drop(training)
        return (drop(made[0]), made[1]) if isinstance(made, tuple) else drop(made)


class _WholeMasks(variant()):
    """Right, but for masks of which an axis has size 1."""

    def __call__(self, query, value, attention_mask=None, **given):
        full = (len(query), _Weights(self.parts).H, query.shape[1], value.shape[1])
        if attention_mask is not None and attention_mask.ndim == 4 and attention_mask.shape != full:
            fitting(np.reshape, np.zeros(1), full)
        return super().__call__(query, value, attention_mask=attention_mask, **given)


class _MaskOrTurn(variant()):
    """Where it turns, it forgets the mask."""

    def __call__(self, query, value, attention_mask=None, **given):
        mask = attention_mask if self.base is None else None
        return super().__call__(query, value, attention_mask=mask, **given)


class _TurnsByBatch(variant()):
    """The turning asks for the size of the batch."""

    @property
    def lacked(self):
        """What it lacks in a compiled function."""
        return "" if self.base is None else NO_SIZE


MISTAKES = (
    Mistake(
        "keys and values are copied in turns, 0 1 0 1: each stands beside itself, 0 0 1 1 (ops.repeat)",
        variant(copies=(_in_turns, _in_turns)),
    ),
    Mistake(
        "the keys are copied in turns, 0 1 0 1: each stands beside itself, 0 0 1 1 (ops.repeat)",
        variant(copies=(_in_turns, _beside)),
    ),
    Mistake(
        "the values are copied in turns, 0 1 0 1: each stands beside itself, 0 0 1 1 (ops.repeat)",
        variant(copies=(_beside, _in_turns)),
    ),
    Mistake(
        "keys, values or both are not copied, or along another axis: each serves H/G heads of queries, ops.repeat(…, "
        "H // G, axis=1) for k and for v",
        variant(copies=(_no_copies, _no_copies)),
    ),
    Mistake(
        "nothing is turned: rotary_embedding takes q and k where self.rotary_base is given",
        variant(turn=lambda q, k, v, base: (q, k, v)),
    ),
    Mistake(
        "only the queries are turned: the keys are too",
        variant(turn=lambda q, k, v, base: (_turned(q, base), k, v)),
    ),
    Mistake(
        "only the keys are turned: the queries are too",
        variant(turn=lambda q, k, v, base: (q, _turned(k, base), v)),
    ),
    Mistake(
        "the values are turned as well: only what is compared is",
        variant(turn=lambda q, k, v, base: (_turned(q, base), _turned(k, base), _turned(v, base))),
    ),
    Mistake(
        "the base is always 10000: hand self.rotary_base on by name, base=self.rotary_base. The second argument is "
        "`start`",
        variant(turn=lambda q, k, v, base: (_turned(q, base and 1e4), _turned(k, base and 1e4), v)),
    ),
    Mistake("the keys' projection is summed, not the values'", variant(used=lambda w: (w.query, w.key, w.key))),
    Mistake(
        "the key is ignored, and the value taken for it",
        variant(sources=lambda query, value, key: (query, value, value)),
    ),
    Mistake(
        "keys and values are made from the query",
        variant(sources=lambda query, value, key: (query, query, query)),
    ),
    Mistake("the scores are not scaled by √K", variant(scale=lambda w: 1.0)),
    Mistake(
        "the scores are divided by the root of H·K: each head has K numbers",
        variant(scale=lambda w: math.sqrt(w.H * w.K)),
    ),
    Mistake("the mask is never used", variant(weigh=lambda scores, mask, drop: softmax_of(scores))),
    Mistake(
        "the mask hides what may be seen: True = may attend",
        variant(weigh=lambda s, mask, drop: softmax_of(s) if mask is None else hidden(s, ~mask)),
    ),
    Mistake(
        "the mask hides what may be seen: True = may attend",
        variant(weigh=lambda s, mask, drop: weighed(s, None if mask is None else ~mask)),
    ),
    Mistake(
        "the mask is laid over the weights, which then add up to less than 1: hide scores, before the softmax",
        variant(weigh=lambda s, mask, drop: softmax_of(s) if mask is None else softmax_of(s) * fitted(mask, s)),
    ),
    Mistake(
        "keys and values have changed places: queries meet keys, values are summed",
        variant(used=lambda w: (w.query, w.value, w.key), sources=lambda q, value, key: (q, value, key)),
    ),
    Mistake("W_O is missing at the end", variant(finish=lambda merged, w: merged)),
    Mistake("the output's bias is missing", variant(finish=lambda m, w: projected(m, w.output[0], None))),
    Mistake(
        "the scores are given back unasked: only where return_attention_scores is True",
        variant(result=lambda output, scores, asked: (output, scores)),
    ),
    Mistake(
        "the scores were asked for and did not come",
        variant(result=lambda output, scores, asked: output),
    ),
    Mistake(
        "the scores of each group's first head came: each head of queries has its own",
        variant(result=lambda o, s, asked: (o, s[:, ::2]) if asked else o),
    ),
    Mistake(
        "dropout is never applied: self.dropout_layer takes the weights",
        variant(attend=_whole),
    ),
    Mistake("dropout acts outside training too: hand `training` on", variant(train=lambda training: True)),
    Mistake(
        "the dropped weights are given back as scores: those before dropout are asked for",
        variant(attend=lambda s, v, drop: (lambda d: (fitting(np.matmul, d, v), d))(drop(s))),
    ),
    *(Mistake(diagnosis, lacking(words, variant())) for words, diagnosis in TOO_EARLY),
    Mistake(
        "repeated H times, so that there are G·H heads: H/G times, self.num_heads // self.num_key_value_heads",
        variant(copies=(_times(lambda H, G: H),) * 2),
    ),
    Mistake(
        "repeated G times: H/G times, self.num_heads // self.num_key_value_heads",
        variant(copies=(_times(lambda H, G: G),) * 2),
    ),
    Mistake(
        "always repeated twice: H/G times, self.num_heads // self.num_key_value_heads",
        variant(copies=(_times(lambda H, G: 2),) * 2),
    ),
    Mistake(
        "the heads of q do not meet those of k and v: cut q into H heads, k and v into G, and repeat these along "
        "axis=1 of (B, G, S, K), neither along the numbers of a head nor along the rows",
        variant(copies=(_along_the_numbers,) * 2),
    ),
    Mistake(
        "turned where no base was given: only if self.rotary_base is not None",
        variant(turn=lambda q, k, v, base: (_turned(q, base or 1e4), _turned(k, base or 1e4), v)),
    ),
    Mistake(
        "without a base, self.rotary_base is None: turn only if it is not None",
        variant(turn=lambda q, k, v, base: (_needs_a_base(q, base), _needs_a_base(k, base), v)),
    ),
    Mistake(
        "turned where no base was given, and only there: turn if self.rotary_base is not None",
        variant(turn=lambda q, k, v, base: (_turned(q, None if base else 1e4), _turned(k, None if base else 1e4), v)),
    ),
    Mistake(
        "turned in neighbours: self.rotary_base is for halves, which is rotary_embedding's own layout",
        variant(turn=lambda q, k, v, base: (_interleaved(q, base), _interleaved(k, base), v)),
    ),
    Mistake(
        "turned before the heads are cut, as if all were one of width H·K: split_heads first",
        variant(turn=_before_the_cut),
    ),
    Mistake(UNBRACKETED, variant(result=lambda output, scores, asked: (output, scores if asked else output))),
    Mistake(
        "a pair came back unasked: without return_attention_scores the output alone",
        variant(result=lambda output, scores, asked: (output, scores if asked else None)),
    ),
    Mistake("the scores come first: the output, then the scores", variant(result=lambda o, s, a: (s, o) if a else o)),
    Mistake(
        "the heads are put side by side without changing places: (B, H, T, K) to (B, T, H, K) first, merge_heads does",
        variant(merge=lambda made: made.reshape(len(made), made.shape[2], -1)),
    ),
    *(
        Mistake("dropout acts before the softmax: on the weights behind it, self.dropout_layer(scores)", wrong)
        for wrong in (variant(weigh=_drops_scores, attend=_whole), _DROPS_QUERIES, _OwnScores)
    ),
    Mistake(
        "dropout acts on what the heads give: on the weights, before they meet the values",
        variant(attend=lambda s, v, drop: (drop(fitting(np.matmul, s, v)), s)),
    ),
    Mistake("dropout acts on the output: on the weights, before they meet the values", _DropsOutput),
    Mistake(
        "dropout acts on the values: on the weights, before they meet the values",
        variant(attend=lambda s, v, drop: (fitting(np.matmul, s, drop(v)), s)),
    ),
    Mistake(
        "the weights that are left are not scaled up: self.dropout_layer does it, by 1 / (1 - rate)",
        variant(attend=lambda s, v, drop: (fitting(np.matmul, np.where(drop(np.ones_like(s)) > 0, s, 0), v), s)),
    ),
    Mistake("the mask is forgotten where queries and keys are turned", _MaskOrTurn),
    Mistake(
        "an axis of the mask may have size 1, as in (B, 1, 1, S): ops.broadcast_to(mask, (B, H, T, S)) before it is "
        "cut into groups",
        _WholeMasks,
    ),
    Mistake(
        "while a model is built a batch has no size yet, and the turning asks for it: rotary_embedding takes "
        "(B, H, T, K) as it is",
        _TurnsByBatch,
    ),
)
