"""The exercise GroupedQueryAttention: what must hold, and what each mistake looks like."""

import math

import numpy as np

from utils.checks.encoder.shared import TOO_EARLY, compiled, lacking
from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.in_numpy import (
    ByChance,
    cut,
    fitting,
    hidden,
    layer_with,
    merge_heads,
    projected,
    softmax_of,
    split_heads,
    weighed,
)
from utils.checks.inputs import normal, random_mask
from utils.layers.grouped import GroupedQueryAttention


def _made(answer, inputs, seed, **arguments):
    """A layer of the answer's class with weights drawn from a seed, biases too, none of them small."""

    def draw(weights):
        rng = np.random.default_rng(seed)
        return [normal(rng, *w.shape) * np.float32(0.8 if len(w.shape) == 3 else 1.0) for w in weights]

    return layer_with(answer, tuple((None, None, x.shape[-1]) for x in inputs), draw, **arguments)


def _output(answer, query, value, attention_mask=None, seed=0, **arguments):
    return _made(answer, (query, value), seed, **arguments)(query, value, attention_mask=attention_mask)


def _with_key(answer, query, value, key, seed=0, **arguments):
    return _made(answer, (query, value, key), seed, **arguments)(query, value, key=key)


def _with_scores(answer, query, value, seed=0, **arguments):
    return _made(answer, (query, value), seed, **arguments)(query, value, return_attention_scores=True)


def _while_built(answer, query, value, attention_mask, seed=0, **arguments):
    layer = _made(answer, (query, value), seed, **arguments)
    call = lambda layer, query, value, mask: layer(query, value, attention_mask=mask)  # noqa: E731
    return compiled(layer, query, value, attention_mask, call=call)


def _both(answer, query, value, rate, training, seed, **arguments):
    """Output and scores in training or not, and both outside it."""
    layer = _made(answer, (query, value), seed, dropout=rate, **arguments)
    output, scores = layer(query, value, training=training, return_attention_scores=True)
    before, scores_before = layer(query, value, training=False, return_attention_scores=True)
    return output, scores, before, scores_before


def _lost(results, query, value, rate, **_):
    """What dropout did, in words: whether the output moved, whether the scores did, and whether it was a weight's."""
    output, scores, before, scores_before = results
    if output.shape != before.shape or scores.shape != scores_before.shape:
        return "shapes changed"
    if not np.allclose(scores, scores_before, atol=1e-5):
        return "the scores that come back were dropped"
    if np.allclose(output, before, atol=1e-5):
        return "nothing dropped"
    zeros = np.isclose(output, 0, atol=1e-7).mean()
    return "the output itself was dropped" if zeros > rate / 2 else "weights dropped"


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


def _variant(
    used=lambda w: (w.query, w.key, w.value),
    sources=lambda query, value, key: (query, key, value),
    turn=lambda q, k, v, base: (_turned(q, base), _turned(k, base), v),
    copies=(_beside, _beside),
    scale=lambda w: math.sqrt(w.K),
    weigh=weighed,
    attend=lambda shares, v, drop: (fitting(np.matmul, drop(shares), v), shares),
    finish=lambda merged, w: projected(merged, *w.output),
    train=lambda training: training,
    result=lambda output, scores, asked: (output, scores) if asked else output,
):
    """The layer in NumPy with one of its decisions changed."""

    class Variant(ByChance):
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
            share = w.H // w.G
            k, v = copies[0](k, share), copies[1](v, share)
            scores = fitting(np.matmul, q, k.swapaxes(-1, -2)) / scale(w)
            made, shares = attend(weigh(scores, attention_mask), v, self.drop(train(training)))
            return result(finish(merge_heads(made), w), shares, return_attention_scores)

    return Variant


SIZES = {"num_heads": 4, "key_dim": 3, "num_key_value_heads": 2, "use_bias": False}
TURNED = {"num_heads": 6, "key_dim": 4, "num_key_value_heads": 2, "use_bias": False, "rotary_base": 20.0}


def _pair(rng, T, S, D):
    return normal(rng, 2, T, D), normal(rng, 2, S, D)


register(
    Exercise(
        name="GroupedQueryAttention",
        notebook="15_since_2017",
        reference=GroupedQueryAttention,
        oracle=_variant(),
        properties=(
            Property(
                "four heads on two, six on three, all on one",
                2,
                lambda rng: [
                    case(*_pair(rng, 3, 3, 4), seed=1, **SIZES),
                    case(*_pair(rng, 4, 5, 6), seed=2, **SIZES | {"num_heads": 6, "num_key_value_heads": 3}),
                    case(*_pair(rng, 5, 2, 4), seed=3, **SIZES | {"num_key_value_heads": 1}),
                ],
                run=_output,
            ),
            Property(
                "a key of its own, and the biases",
                1,
                lambda rng: [
                    case(normal(rng, 2, 3, 4), normal(rng, 2, 5, 6), normal(rng, 2, 5, 6), seed=4, **SIZES),
                    case(*_pair(rng, 3, 4, 5), normal(rng, 2, 4, 5), seed=5, **SIZES | {"use_bias": True}),
                ],
                run=_with_key,
            ),
            Property(
                "queries and keys turned where a rotary base is given",
                1,
                lambda rng: [
                    case(*_pair(rng, 5, 5, 4), seed=6, **TURNED),
                    case(*_pair(rng, 3, 6, 5), seed=7, **TURNED | {"rotary_base": 500.0}),
                ],
                run=_output,
            ),
            Property(
                "a mask of two, three and four axes",
                1,
                lambda rng: [
                    case(*_pair(rng, 3, 3, 4), attention_mask=np.tril(np.ones((3, 3), bool)), seed=8, **SIZES),
                    case(*_pair(rng, 4, 5, 4), attention_mask=random_mask(rng, 2, 4, 5), seed=9, **SIZES),
                    case(*_pair(rng, 4, 5, 4), attention_mask=random_mask(rng, 2, 4, 4, 5), seed=10, **SIZES),
                ],
                run=_output,
            ),
            Property(
                "the scores, one (T, S) for each head of queries",
                1,
                lambda rng: [case(*_pair(rng, 3, 5, 4), seed=11, **SIZES)],
                run=_with_scores,
            ),
            Property(
                "dropout: on the weights, in training only",
                1,
                lambda rng: [
                    case(*_pair(rng, 5, 6, 8), rate=0.5, training=True, seed=12, **SIZES),
                    case(*_pair(rng, 5, 6, 8), rate=0.5, training=False, seed=13, **SIZES),
                ],
                run=_both,
                read=_lost,
            ),
            Property(
                "a batch whose size is not known yet",
                1,
                lambda rng: [case(*_pair(rng, 4, 5, 6), attention_mask=random_mask(rng, 2, 4, 5), seed=14, **SIZES)],
                run=_while_built,
            ),
        ),
        mistakes=(
            Mistake(
                "keys and values are copied in turns, 0 1 0 1: each stands beside itself, 0 0 1 1 (ops.repeat)",
                _variant(copies=(_in_turns, _in_turns)),
            ),
            Mistake(
                "the keys are copied in turns, 0 1 0 1: each stands beside itself, 0 0 1 1 (ops.repeat)",
                _variant(copies=(_in_turns, _beside)),
            ),
            Mistake(
                "the values are copied in turns, 0 1 0 1: each stands beside itself, 0 0 1 1 (ops.repeat)",
                _variant(copies=(_beside, _in_turns)),
            ),
            Mistake(
                "keys and values are not copied: each serves H/G heads of queries (ops.repeat on the axis of heads)",
                _variant(copies=(_no_copies, _no_copies)),
            ),
            Mistake(
                "nothing is turned: rotary_embedding takes q and k where self.rotary_base is given",
                _variant(turn=lambda q, k, v, base: (q, k, v)),
            ),
            Mistake(
                "only the queries are turned: the keys are too",
                _variant(turn=lambda q, k, v, base: (_turned(q, base), k, v)),
            ),
            Mistake(
                "only the keys are turned: the queries are too",
                _variant(turn=lambda q, k, v, base: (q, _turned(k, base), v)),
            ),
            Mistake(
                "the values are turned as well: only what is compared is",
                _variant(turn=lambda q, k, v, base: (_turned(q, base), _turned(k, base), _turned(v, base))),
            ),
            Mistake(
                "the base is always 10000: hand on self.rotary_base",
                _variant(turn=lambda q, k, v, base: (_turned(q, base and 1e4), _turned(k, base and 1e4), v)),
            ),
            Mistake(
                "the keys' projection is summed, not the values'", _variant(used=lambda w: (w.query, w.key, w.key))
            ),
            Mistake(
                "the key is ignored, and the value taken for it",
                _variant(sources=lambda query, value, key: (query, value, value)),
            ),
            Mistake(
                "keys and values are made from the query",
                _variant(sources=lambda query, value, key: (query, query, query)),
            ),
            Mistake("the scores are not scaled by √K", _variant(scale=lambda w: 1.0)),
            Mistake(
                "the scores are divided by the root of H·K: each head has K numbers",
                _variant(scale=lambda w: math.sqrt(w.H * w.K)),
            ),
            Mistake("the mask is never used", _variant(weigh=lambda scores, mask: softmax_of(scores))),
            Mistake(
                "the mask hides what may be seen: True = may attend",
                _variant(weigh=lambda s, mask: softmax_of(s) if mask is None else hidden(s, ~mask)),
            ),
            Mistake(
                "the mask hides what may be seen: True = may attend",
                _variant(weigh=lambda s, mask: weighed(s, None if mask is None else ~mask)),
            ),
            Mistake(
                "keys and values have changed places: queries meet keys, values are summed",
                _variant(used=lambda w: (w.query, w.value, w.key), sources=lambda q, value, key: (q, value, key)),
            ),
            Mistake("W_O is missing at the end", _variant(finish=lambda merged, w: merged)),
            Mistake("the output's bias is missing", _variant(finish=lambda m, w: projected(m, w.output[0], None))),
            Mistake(
                "the scores are given back unasked: only where return_attention_scores is True",
                _variant(result=lambda output, scores, asked: (output, scores)),
            ),
            Mistake(
                "the scores were asked for and did not come",
                _variant(result=lambda output, scores, asked: output),
            ),
            Mistake(
                "the scores of each group's first head came: each head of queries has its own",
                _variant(result=lambda o, s, asked: (o, s[:, ::2]) if asked else o),
            ),
            Mistake(
                "dropout is never applied: self.dropout_layer takes the weights",
                _variant(attend=lambda shares, v, drop: (fitting(np.matmul, shares, v), shares)),
            ),
            Mistake("dropout acts outside training too: hand `training` on", _variant(train=lambda training: True)),
            Mistake(
                "the dropped weights are given back as scores: those before dropout are asked for",
                _variant(attend=lambda s, v, drop: (lambda d: (fitting(np.matmul, d, v), d))(drop(s))),
            ),
            *(Mistake(diagnosis, lacking(words, _variant())) for words, diagnosis in TOO_EARLY),
        ),
        hints=(
            "Lesson 05's layer with two lines more: turn q and k, then give every head of queries its own copy of k "
            "and v.",
            "split_heads(project(key, self.key_weights), self.num_key_value_heads) gives (B, G, S, K). Where "
            "self.rotary_base is not None, rotary_embedding(q, base=self.rotary_base), and k likewise.",
            "ops.repeat(k, self.num_heads // self.num_key_value_heads, axis=1) puts each beside itself: 0 0 1 1. The "
            "rest is as before: attend, dropout, merge_heads, the output's projection.",
        ),
    )
)
