"""Exercises of lesson 07: shifting the target, the decoder's layer, the decoder, the whole machine, its size."""

import functools
import math

import keras
import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.inputs import normal, random_mask
from utils.layers.decoder import Decoder, DecoderLayer, shift_right
from utils.layers.positional_encoding import get_angles
from utils.layers.transformer import Transformer, count_parameters


def _ids(rng, *shape, vocabulary=9):
    """Ids of words: 0 to 2 are kept for padding, start and end."""
    return rng.integers(3, vocabulary, shape).astype("int32")


def _joined(*parts):
    return np.concatenate(parts, axis=1).astype("int32")


def _starts(ids, start_id):
    return np.full_like(ids[:, :1], start_id)


def _one_long_row(ids, start_id):
    return np.concatenate([[start_id], ids.ravel()[:-1]]).reshape(ids.shape)


register(
    Exercise(
        name="shift_right",
        notebook="07_decoder_and_transformer",
        reference=shift_right,
        properties=(
            Property(
                "the start first, every word one place later, the last one gone",
                2,
                lambda rng: [
                    case(np.array([[5, 6, 7]], "int32"), 1),
                    case(_ids(rng, 2, 4), 1),
                    case(_ids(rng, 5, 3), 1),
                ],
            ),
            Property(
                "any start, padding behind, and a sentence of one word",
                1,
                lambda rng: [
                    case(_ids(rng, 2, 3), 2),
                    case(np.array([[7, 8, 2, 0, 0], [5, 6, 7, 8, 2]], "int32"), 14),
                    case(_ids(rng, 3, 1), 8),
                ],
            ),
        ),
        mistakes=(
            Mistake(
                "the last word is still there, so that the sentence has grown by one: drop it",
                lambda ids, start_id: _joined(_starts(ids, start_id), ids),
            ),
            Mistake(
                "the start has replaced the first word: it comes before it, and all words move one place on",
                lambda ids, start_id: _joined(_starts(ids, start_id), ids[:, 1:]),
            ),
            Mistake(
                "shifted to the left: the start belongs in front, and it is the last word that goes",
                lambda ids, start_id: _joined(ids[:, 1:], _starts(ids, start_id)),
            ),
            Mistake(
                "the start stands at the end: it belongs in front",
                lambda ids, start_id: _joined(ids[:, :-1], _starts(ids, start_id)),
            ),
            Mistake(
                "the last word has come round to the front: put the start there",
                lambda ids, start_id: np.roll(ids, 1, axis=1),
            ),
            Mistake(
                "the batch is shifted as one long row: each sentence begins with a start of its own",
                _one_long_row,
            ),
            Mistake(
                "the sentences are shifted, not their words: work along axis 1",
                lambda ids, start_id: np.concatenate([np.full_like(ids[:1], start_id), ids[:-1]]),
            ),
            Mistake("the last word is dropped, but no start is put in front", lambda ids, start_id: ids[:, :-1]),
            Mistake("the first word is dropped: it is the last that goes", lambda ids, start_id: ids[:, 1:]),
            Mistake(
                "the ids are counted up by one: it is the places that move",
                lambda ids, start_id: _joined(_starts(ids, start_id), ids[:, :-1] + 1),
            ),
            Mistake(
                "shifted by two places: one is enough",
                lambda ids, start_id: _joined(*[_starts(ids, start_id)] * 2, ids[:, :-2])[:, : ids.shape[1]],
            ),
            Mistake(
                "the start is fixed at 1: use `start_id`",
                lambda ids, start_id: _joined(_starts(ids, 1), ids[:, :-1]),
            ),
            Mistake(
                "the front is filled with padding: put `start_id` there",
                lambda ids, start_id: _joined(_starts(ids, 0), ids[:, :-1]),
            ),
            Mistake(
                "the start replaces every word: only the first column is the start",
                lambda ids, start_id: np.full_like(ids, start_id),
            ),
            Mistake("nothing was shifted: the ids came back as they were", lambda ids, start_id: ids),
        ),
        hints=(
            "Two pieces side by side: a column of starts, and the sentences without their last column.",
            "token_ids[:, :-1] is all but the last column. A column of starts has the shape of token_ids[:, :1].",
            "ops.full_like makes an array of one number in another's shape; ops.concatenate joins along axis=1.",
        ),
    )
)


# What the three classes share ---------------------------------------------------------------------------


@functools.lru_cache(maxsize=64)
def _built(kind, shapes, arguments):
    """A layer of that class, built once for all cases: making one takes longer than using it."""
    layer = kind(**dict(arguments))
    layer.build(*shapes)
    return layer


def _made(answer, shapes, seed, **arguments):
    """A layer of the answer's class, with weights drawn from a seed, biases and norms too."""
    layer = _built(getattr(answer, "model_of", answer), shapes, tuple(arguments.items()))
    rng = np.random.default_rng(seed)
    weights = [rng.normal(size=w.shape) * 0.7 + (w.name == "gamma") for w in layer.weights]
    if hasattr(answer, "model_of"):
        return answer(weights, **arguments)
    layer.set_weights(weights)
    return layer


def _grow(inputs, training=None):
    return inputs * 1.5 if training else inputs


def _marked(layer):
    """In training every dropout multiplies by 1.5 instead: that can be compared, chance cannot."""
    for part in layer._flatten_layers() if isinstance(layer, keras.layers.Layer) else ():
        if isinstance(part, keras.layers.Dropout):
            part.call = _grow
    return layer


def _several(results):
    return results if isinstance(results, (tuple, list)) else (results,)


def _flat(*results):
    """Results without nesting: a dict as its keys in one string and its values in their order; a tuple likewise."""
    flat = []
    for result in results:
        if isinstance(result, dict):
            flat += ["a dict: " + ", ".join(sorted(result)), *(result[key] for key in sorted(result))]
        elif isinstance(result, (tuple, list)):
            flat += [f"a {type(result).__name__} of {len(result)}", *_flat(*result)]
        else:
            flat.append(result)
    return tuple(flat)


def _only(results):
    """One result as it is, several side by side."""
    flat = _flat(*_several(results))
    return flat[0] if len(flat) == 1 else flat


def _given(**options):
    return {name: value for name, value in options.items() if value is not None}


def _causal(T):
    return np.tril(np.ones((T, T), bool))


# The same machine in NumPy: the oracle, and, with a decision changed, each of the mistakes. It is quick enough
# for fifty mistakes to be tried on an answer that failed.


class InvalidArgumentError(Exception):
    """Named after what TensorFlow raises where two arrays cannot be added."""


def _add(a, b):
    try:
        return a + b
    except ValueError as error:
        raise InvalidArgumentError from error


def _softmax(scores):
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def _attention(weights, query, value, mask, grow):
    """(output, scores) of multi-head attention with the eight weights."""
    w_q, b_q, w_k, b_k, w_v, b_v, w_o, b_o = weights
    q = np.einsum("btd,dhk->bhtk", query, w_q) + b_q[:, None]
    k, v = (np.einsum("bsd,dhk->bhsk", value, w) + b[:, None] for w, b in ((w_k, b_k), (w_v, b_v)))
    scores = q @ k.swapaxes(-1, -2) / math.sqrt(w_q.shape[-1])
    if mask is None:
        shares = _softmax(scores)
    else:
        mask = mask[:, None] if mask.ndim == 3 else mask
        if any(m not in (1, s) for m, s in zip(mask.shape[::-1], scores.shape[::-1], strict=False)):
            raise ValueError("the mask does not fit")
        shares = np.where(mask, _softmax(np.where(mask, scores, -1e9)), 0)
    return np.einsum("bhtk,hkd->btd", shares * grow @ v, w_o) + b_o, shares


def _feed_forward(weights, x, grow):
    w, b, w_back, b_back = weights
    return (np.maximum(x @ w + b, 0) @ w_back + b_back) * grow


def _norm(weights, x):
    gamma, beta = weights
    return gamma * (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-6) + beta


@functools.lru_cache(maxsize=32)
def _positions(length, D, start):
    angles = get_angles(np.arange(start, start + length)[:, None], np.arange(D)[None], D)
    return np.where(np.arange(D) % 2 == 0, np.sin(angles), np.cos(angles))


def _padding(ids, pad_id):
    return (ids != pad_id)[:, None, None]


def _own_mask(ids, pad_id):
    return _causal(ids.shape[1]) & _padding(ids, pad_id)


def _cut(weights, *lengths):
    """A list of weights in pieces of these lengths; the last piece is what is left."""
    pieces, at = [], 0
    for length in lengths:
        pieces.append(weights[at : at + length])
        at += length
    return [*pieces, weights[at:]]


class _InNumpy:
    """What is used like a class of the library: made with its arguments and with weights."""

    def __init__(self, weights, dropout_rate, norm="post", pad_id=0, **arguments):
        self.dropout_rate, self.norm, self.pad_id = dropout_rate, norm, pad_id
        self.D, self.num_layers = arguments["embedding_dim"], arguments.get("num_layers", 1)
        self.parts = self.split(weights)

    def grow(self, training):
        return 1.5 if training and self.dropout_rate else 1.0


# The decoder's layer ------------------------------------------------------------------------------------

ONE = {"embedding_dim": 4, "num_heads": 2, "fully_connected_dim": 5, "dropout_rate": 0.0}
WIDE = {"embedding_dim": 6, "num_heads": 3, "fully_connected_dim": 7, "dropout_rate": 0.0}


def _layer(answer, seed, **arguments):
    vectors = (None, None, arguments["embedding_dim"])
    return _made(answer, (vectors, vectors), seed, **arguments)


def _layer_output(answer, x, encoder_output, self_mask=None, cross_mask=None, seed=0, **arguments):
    layer = _layer(answer, seed, **arguments)
    masks = _given(self_attention_mask=self_mask, cross_attention_mask=cross_mask)
    return _only(layer(x, encoder_output, **masks))


def _layer_scores(answer, x, encoder_output, cross_mask=None, seed=0, **arguments):
    layer = _layer(answer, seed, **arguments)
    masks = _given(self_attention_mask=_causal(x.shape[1]), cross_attention_mask=cross_mask)
    return _only(layer(x, encoder_output, return_attention_scores=True, **masks))


def _layer_training(answer, x, encoder_output, seed=0, **arguments):
    layer = _marked(_layer(answer, seed, **arguments))
    return _flat(layer(x, encoder_output, training=True), layer(x, encoder_output))


def _layer_cases(rng, **arguments):
    return [
        case(normal(rng, 1, 2, 4), normal(rng, 1, 3, 4), seed=1, **ONE | arguments),
        case(normal(rng, 2, 3, 4), normal(rng, 2, 3, 4), seed=2, **ONE | arguments),
        case(normal(rng, 2, 5, 6), normal(rng, 2, 4, 6), seed=3, **WIDE | arguments),
    ]


def _mask_cases(rng):
    return [
        case(normal(rng, 1, 3, 4), normal(rng, 1, 3, 4), self_mask=_causal(3), seed=4, **ONE),
        case(normal(rng, 2, 4, 4), normal(rng, 2, 4, 4), cross_mask=random_mask(rng, 2, 1, 1, 4), seed=5, **ONE),
        case(
            normal(rng, 2, 4, 6),
            normal(rng, 2, 3, 6),
            self_mask=random_mask(rng, 2, 1, 4, 4),
            cross_mask=random_mask(rng, 2, 1, 1, 3),
            seed=6,
            **WIDE,
        ),
    ]


def _score_cases(rng):
    return [
        case(normal(rng, 1, 2, 4), normal(rng, 1, 3, 4), seed=9, **ONE),
        case(normal(rng, 2, 5, 6), normal(rng, 2, 4, 6), cross_mask=random_mask(rng, 2, 1, 1, 4), seed=10, **WIDE),
    ]


def _training_cases(rng):
    dropped = {"dropout_rate": 0.25}
    return [
        case(normal(rng, 1, 2, 4), normal(rng, 1, 3, 4), seed=11, **ONE | dropped),
        case(normal(rng, 2, 5, 6), normal(rng, 2, 4, 6), seed=12, norm="pre", **WIDE | dropped),
    ]


STEPS = ("self", "cross", "feed_forward")


def _asks(step, x, encoded):
    return (x, x) if step == "self" else (x, encoded)


def _dropped(step, out, grow):
    return out if step == "feed_forward" else out * grow


def _three(x, self_scores, cross_scores, asked):
    return (x, self_scores, cross_scores) if asked else x


def _layer_variant(
    order=STEPS,
    asks=_asks,
    attention=lambda step: step,
    masks=lambda step, self_mask, cross_mask: self_mask if step == "self" else cross_mask,
    norm=lambda step: step,
    when=lambda norm: (norm == "pre", norm == "post"),
    add=lambda step, before, normed, out, first: _add(before, out),
    drop=_dropped,
    after=lambda step, x, grow: x,
    inside=lambda training: training,
    outside=lambda training: training,
    inner_norm=False,
    result=_three,
):
    """The decoder's layer with one of its decisions changed.

    What can be changed: order, the sub-layers; asks, (query, value) of an attention; attention, which of the
    layer's two; masks, which one it gets; norm, which belongs to a sub-layer, or None; when, (before it, after
    the sum); add, the residual; drop, a sub-layer's dropout; after, what happens to the sum; inside, the
    `training` that attention and feed-forward get; outside, the two dropouts; inner_norm, a sub-layer's output
    is normalised before the sum; result.
    """

    class Variant(_InNumpy):
        model_of = DecoderLayer

        def split(self, weights):
            names = ("self", "cross", "feed_forward", "self_norm", "cross_norm", "feed_forward_norm")
            return dict(zip(names, _cut(weights, 8, 8, 4, 2, 2), strict=True))

        def normalised(self, step, x):
            return x if norm(step) is None else _norm(self.parts[f"{norm(step)}_norm"], x)

        def __call__(self, x, encoder_output, self_attention_mask=None, cross_attention_mask=None, training=None,
                     return_attention_scores=False):  # fmt: skip
            first, scores, (pre, post) = x, {"self": None, "cross": None}, when(self.norm)
            grow = self.grow(inside(training))
            for step in order:
                before, x = x, self.normalised(step, x) if pre else x
                normed = x
                if step == "feed_forward":
                    x = _feed_forward(self.parts[step], x, grow)
                else:
                    mask = masks(step, self_attention_mask, cross_attention_mask)
                    weights = self.parts[attention(step)]
                    x, scores[step] = _attention(weights, *asks(step, x, encoder_output), mask, grow)
                x = drop(step, x, self.grow(outside(training)))
                x = self.normalised(step, x) if inner_norm and post else x
                x = after(step, add(step, before, normed, x, first), self.grow(outside(training)))
                x = self.normalised(step, x) if post and not inner_norm else x
            return result(x, scores["self"], scores["cross"], return_attention_scores)

    return Variant


def _without_residual(*steps):
    return lambda step, before, normed, out, first: out if step in steps else _add(before, out)


def _without_norm(*steps):
    return lambda step: None if step in steps else step


def _norm_of(**names):
    return lambda step: names.get(step, step)


def _without_dropout(*steps):
    return lambda step, out, grow: out if step in steps else _dropped(step, out, grow)


register(
    Exercise(
        name="DecoderLayer",
        notebook="07_decoder_and_transformer",
        reference=DecoderLayer,
        oracle=_layer_variant(),
        properties=(
            Property(
                "three sub-layers; each is added to what came in, then normalised",
                3,
                _layer_cases,
                _layer_output,
            ),
            Property("each attention under its own mask, self and cross", 2, _mask_cases, _layer_output),
            Property(
                'norm="pre": each sub-layer gets the normalised input, the sum stays as it is',
                1,
                lambda rng: _layer_cases(rng, norm="pre"),
                _layer_output,
            ),
            Property("(output, self, cross) where the scores are asked for", 1, _score_cases, _layer_scores),
            Property("dropout in training, and only there", 1, _training_cases, _layer_training),
        ),
        mistakes=(
            Mistake(
                "cross-attention looks at the target again: its value is `encoder_output`",
                _layer_variant(asks=lambda step, x, encoded: (x, x)),
            ),
            Mistake(
                "in cross-attention query and value have changed places: the target asks, the source answers",
                _layer_variant(asks=lambda step, x, encoded: (x, x) if step == "self" else (encoded, x)),
            ),
            Mistake(
                "in cross-attention the source asks itself: the query is x, from the target",
                _layer_variant(asks=lambda step, x, encoded: (x, x) if step == "self" else (encoded, encoded)),
            ),
            Mistake(
                "self-attention looks at the source: there both query and value are x",
                _layer_variant(asks=lambda step, x, encoded: (x, encoded)),
            ),
            Mistake(
                "self-attention looks at the source and cross-attention at the target: they are swapped",
                _layer_variant(asks=lambda step, x, encoded: (x, encoded) if step == "self" else (x, x)),
            ),
            Mistake(
                "cross-attention is missing: the decoder never reads the source",
                _layer_variant(order=("self", "feed_forward")),
            ),
            Mistake(
                "self-attention is missing: the target's words never look at one another",
                _layer_variant(order=("cross", "feed_forward")),
            ),
            Mistake("the feed-forward is missing", _layer_variant(order=("self", "cross"))),
            Mistake(
                "cross-attention comes before self-attention: first the target looks at itself",
                _layer_variant(order=("cross", "self", "feed_forward")),
            ),
            Mistake(
                "the feed-forward comes before cross-attention: it is the last of the three",
                _layer_variant(order=("self", "feed_forward", "cross")),
            ),
            Mistake(
                "the same attention is used twice: the second is self.cross_attention",
                _layer_variant(attention=lambda step: "self"),
            ),
            Mistake(
                "self.cross_attention is used for both: the first is self.self_attention",
                _layer_variant(attention=lambda step: "cross"),
            ),
            Mistake(
                "self.self_attention and self.cross_attention have changed places",
                _layer_variant(attention=lambda step: "cross" if step == "self" else "self"),
            ),
            Mistake(
                "no residual anywhere: add what came in to what comes out of each sub-layer",
                _layer_variant(add=_without_residual(*STEPS)),
            ),
            Mistake("self-attention has no residual: add x to it", _layer_variant(add=_without_residual("self"))),
            Mistake(
                "cross-attention has no residual: add what went in, the target's x",
                _layer_variant(add=_without_residual("cross")),
            ),
            Mistake(
                "the feed-forward has no residual: add what went in",
                _layer_variant(add=_without_residual("feed_forward")),
            ),
            Mistake(
                "each residual adds the layer's first input: it is what went into that very sub-layer",
                _layer_variant(add=lambda step, before, normed, out, first: _add(first, out)),
            ),
            Mistake(
                "what went into cross-attention is not what is added after it: there it is still the layer's input",
                _layer_variant(
                    add=lambda step, before, normed, out, first: _add(first if step == "cross" else before, out)
                ),
            ),
            Mistake(
                "what went into the feed-forward is not what is added after it: there it is still the layer's input",
                _layer_variant(
                    add=lambda step, before, normed, out, first: _add(first if step == "feed_forward" else before, out)
                ),
            ),
            Mistake(
                "a sub-layer's output is normalised before the sum: add first, then normalise",
                _layer_variant(inner_norm=True),
            ),
            Mistake("nothing is normalised", _layer_variant(norm=_without_norm(*STEPS))),
            Mistake("self.self_norm is missing", _layer_variant(norm=_without_norm("self"))),
            Mistake("self.cross_norm is missing", _layer_variant(norm=_without_norm("cross"))),
            Mistake("self.feed_forward_norm is missing", _layer_variant(norm=_without_norm("feed_forward"))),
            Mistake(
                "self.self_norm serves all three: each sub-layer has a norm of its own",
                _layer_variant(norm=_norm_of(cross="self", feed_forward="self")),
            ),
            Mistake(
                "self.self_norm serves cross-attention too: that has self.cross_norm",
                _layer_variant(norm=_norm_of(cross="self")),
            ),
            Mistake(
                "self.cross_norm serves the feed-forward too: that has self.feed_forward_norm",
                _layer_variant(norm=_norm_of(feed_forward="cross")),
            ),
            Mistake(
                "the norms of cross-attention and feed-forward have changed places",
                _layer_variant(norm=_norm_of(cross="feed_forward", feed_forward="cross")),
            ),
            Mistake(
                "the norms of self- and cross-attention have changed places",
                _layer_variant(norm=_norm_of(self="cross", cross="self")),
            ),
            Mistake(
                'it normalises before the sub-layer: with norm="post" that comes after the sum',
                _layer_variant(when=lambda norm: (True, False)),
            ),
            Mistake(
                "it normalises before the sub-layer and again after the sum: self.norm says which of the two",
                _layer_variant(when=lambda norm: (True, True)),
            ),
            Mistake(
                'it always normalises after the sum: with norm="pre" that comes before the sub-layer',
                _layer_variant(when=lambda norm: (False, True)),
            ),
            Mistake(
                'with norm="pre" the normalised input is added: the residual is what came in, before the norm',
                _layer_variant(add=lambda step, before, normed, out, first: _add(normed, out)),
            ),
            Mistake(
                "both masks are ignored: hand each on to its attention, as attention_mask",
                _layer_variant(masks=lambda step, self_mask, cross_mask: None),
            ),
            Mistake(
                "self-attention ignores its mask, so that it sees the future: attention_mask=self_attention_mask",
                _layer_variant(masks=lambda step, self_mask, cross_mask: None if step == "self" else cross_mask),
            ),
            Mistake(
                "cross-attention ignores its mask, so that it looks at the source's padding",
                _layer_variant(masks=lambda step, self_mask, cross_mask: self_mask if step == "self" else None),
            ),
            Mistake(
                "the two masks have changed places",
                _layer_variant(masks=lambda step, self_mask, cross_mask: cross_mask if step == "self" else self_mask),
            ),
            Mistake(
                "cross-attention gets the mask of self-attention: it looks at the source, so it needs the source's",
                _layer_variant(masks=lambda step, self_mask, cross_mask: self_mask),
            ),
            Mistake(
                "self-attention gets the mask of cross-attention: it needs its own",
                _layer_variant(masks=lambda step, self_mask, cross_mask: cross_mask),
            ),
            Mistake(
                "the masks are turned around: True = may attend",
                _layer_variant(
                    masks=lambda step, self_mask, cross_mask: (
                        None if (mask := self_mask if step == "self" else cross_mask) is None else ~mask
                    )
                ),
            ),
            Mistake(
                "three results came back although the scores were not asked for: look at return_attention_scores",
                _layer_variant(result=lambda x, self_scores, cross_scores, asked: (x, self_scores, cross_scores)),
            ),
            Mistake(
                "only the output came back although the scores were asked for: look at return_attention_scores",
                _layer_variant(result=lambda x, self_scores, cross_scores, asked: x),
            ),
            Mistake(
                "the scores of self- and cross-attention have changed places: (output, self, cross)",
                _layer_variant(
                    result=lambda x, self_scores, cross_scores, asked: (x, cross_scores, self_scores) if asked else x
                ),
            ),
            Mistake(
                "the scores of cross-attention are missing: (output, self, cross)",
                _layer_variant(result=lambda x, self_scores, cross_scores, asked: (x, self_scores) if asked else x),
            ),
            Mistake(
                "the scores of self-attention are missing: (output, self, cross)",
                _layer_variant(result=lambda x, self_scores, cross_scores, asked: (x, cross_scores) if asked else x),
            ),
            Mistake(
                "the same scores came back twice: keep those of self-attention under another name",
                _layer_variant(
                    result=lambda x, self_scores, cross_scores, asked: (x, cross_scores, cross_scores) if asked else x
                ),
            ),
            Mistake(
                "the scores are in a pair of their own: give back (output, self, cross), three results",
                _layer_variant(
                    result=lambda x, self_scores, cross_scores, asked: (x, (self_scores, cross_scores)) if asked else x
                ),
            ),
            Mistake(
                "the attentions' outputs are never dropped: self.self_dropout and self.cross_dropout take them",
                _layer_variant(drop=_without_dropout("self", "cross")),
            ),
            Mistake("self.self_dropout is missing", _layer_variant(drop=_without_dropout("self"))),
            Mistake("self.cross_dropout is missing", _layer_variant(drop=_without_dropout("cross"))),
            Mistake(
                "the sum is dropped: drop what comes out of the attention, before it is added",
                _layer_variant(drop=_without_dropout("self", "cross"), after=_dropped),
            ),
            Mistake(
                "the feed-forward's output is dropped twice: it does that itself",
                _layer_variant(drop=lambda step, out, grow: out * grow),
            ),
            Mistake(
                "dropout never acts inside the attentions and the feed-forward: hand `training` on to them",
                _layer_variant(inside=lambda training: False),
            ),
            Mistake(
                "dropout acts outside training too: hand `training` on as it came",
                _layer_variant(inside=lambda training: True, outside=lambda training: True),
            ),
            Mistake(
                "dropout acts outside training too: hand `training` on as it came",
                _layer_variant(outside=lambda training: True),
            ),
            Mistake(
                "dropout acts outside training too: hand `training` on as it came",
                _layer_variant(inside=lambda training: True),
            ),
            Mistake(
                "dropout never acts: `training` is not handed on",
                _layer_variant(inside=lambda training: False, outside=lambda training: False),
            ),
        ),
        hints=(
            "It is the encoder's layer with one more block in the middle. Each block: residual = x, "
            "the sub-layer, the sum, the norm.",
            "self.self_attention(x, x, …) looks at the target, self.cross_attention(x, encoder_output, …) at the "
            "source. With return_attention_scores=True each gives (output, scores).",
            'With norm="post": x = self.cross_norm(residual + self.cross_dropout(x, training=training)). With "pre" '
            "the norm is applied to what goes into the sub-layer instead, and the residual is kept from before.",
        ),
    )
)


# The decoder ----------------------------------------------------------------------------------------------

SMALL = {"num_layers": 1, **ONE, "target_vocab_size": 9, "maximum_position_encoding": 7}
DEEP = {"num_layers": 2, **WIDE, "target_vocab_size": 11, "maximum_position_encoding": 8}


def _decoder(answer, seed, **arguments):
    return _made(answer, ((None, None), (None, None, arguments["embedding_dim"])), seed, **arguments)


def _decoder_output(answer, ids, encoder_output, self_mask=None, cross_mask=None, seed=0, **arguments):
    layer = _decoder(answer, seed, **arguments)
    masks = _given(self_attention_mask=self_mask, cross_attention_mask=cross_mask)
    return _only(layer(ids, encoder_output, **masks))


def _decoder_scores(answer, ids, encoder_output, cross_mask=None, seed=0, **arguments):
    layer = _decoder(answer, seed, **arguments)
    return _only(layer(ids, encoder_output, cross_attention_mask=cross_mask, return_attention_scores=True))


def _decoder_training(answer, ids, encoder_output, seed=0, **arguments):
    layer = _marked(_decoder(answer, seed, **arguments))
    return _flat(layer(ids, encoder_output, training=True), layer(ids, encoder_output))


def _one_place_cases(rng):
    return [
        case(_ids(rng, 1, 1), normal(rng, 1, 2, 4), seed=1, **SMALL),
        case(_ids(rng, 2, 1, vocabulary=11), normal(rng, 2, 3, 6), seed=2, **DEEP),
    ]


def _place_cases(rng):
    """The last with padding behind, in front and between, of another id than 0; 0 is a word there."""
    padded = np.array([[5, 6, 3, 7, 3], [3, 8, 0, 3, 4]], "int32")
    return [
        case(_ids(rng, 1, 2), normal(rng, 1, 2, 4), seed=3, **SMALL),
        case(_ids(rng, 2, 5, vocabulary=11), normal(rng, 2, 4, 6), seed=4, **DEEP),
        case(padded, normal(rng, 2, 4, 6), seed=5, pad_id=3, **DEEP),
    ]


def _given_mask_cases(rng):
    ids, encoded = _ids(rng, 2, 4, vocabulary=11), normal(rng, 2, 3, 6)
    return [
        case(ids, encoded, self_mask=random_mask(rng, 2, 1, 4, 4), seed=6, **DEEP),
        case(ids, encoded, cross_mask=random_mask(rng, 2, 1, 1, 3), seed=7, **DEEP),
        case(_ids(rng, 2, 4), normal(rng, 2, 4, 4), cross_mask=random_mask(rng, 2, 1, 1, 4), seed=8, **SMALL),
    ]


def _decoder_score_cases(rng):
    mask = np.ones((2, 1, 1, 4), bool)
    return [
        case(_ids(rng, 1, 2), normal(rng, 1, 3, 4), seed=9, **SMALL),
        case(_ids(rng, 2, 5, vocabulary=11), normal(rng, 2, 4, 6), cross_mask=mask, seed=10, **DEEP),
    ]


def _decoder_training_cases(rng):
    return [
        case(_ids(rng, 1, 2), normal(rng, 1, 3, 4), seed=11, **SMALL | {"dropout_rate": 0.25}),
    ]


def _embedded(decoder, ids, training, scale=math.sqrt, order=("scale", "positions", "dropout"), start=0):
    x = decoder.parts["embedding"][0][ids]
    for step in order:
        if step == "scale":
            x = x * scale(decoder.D)
        elif step == "positions":
            x = x + _positions(ids.shape[1], decoder.D, start)
        else:
            x = x * decoder.grow(training)
    return x


def _final(decoder, x):
    return _norm(decoder.parts["final"], x) if decoder.norm == "pre" else x


def _decoder_result(x, scores, asked):
    return (x, scores) if asked else x


def _decoder_variant(
    embed=_embedded,
    own=_own_mask,
    given=lambda mask, own: own if mask is None else mask,
    layers=lambda layers: layers,
    feed=lambda x, encoded: x,
    memory=lambda encoded, x: encoded,
    cross=lambda self_mask, cross_mask: cross_mask,
    training_inside=lambda training: training,
    finish=_final,
    keys=lambda n: (f"decoder/{n}/self", f"decoder/{n}/cross"),
    swapped=False,
    result=_decoder_result,
):
    """The decoder with one of its decisions changed.

    What can be changed: embed, from ids to the first layer's input; own, the mask it builds; given, which of
    the two it uses; layers, which run; feed, what each gets; memory, what it looks at in the encoder's place;
    cross, the mask for that; training_inside, what layers get as `training`; finish, after the last layer; keys,
    the scores' names; swapped, the scores stand under each other's; result.
    """

    class Variant(_InNumpy):
        model_of = Decoder

        def split(self, weights):
            embedding, *layers, final = _cut(weights, 1, *[26] * self.num_layers)
            options = {"embedding_dim": self.D, "dropout_rate": self.dropout_rate, "norm": self.norm}
            one = _layer_variant()
            return {"embedding": embedding, "layers": [one(w, **options) for w in layers], "final": final}

        def __call__(self, token_ids, encoder_output, self_attention_mask=None, cross_attention_mask=None,
                     training=None, return_attention_scores=False):  # fmt: skip
            self_mask = given(self_attention_mask, own(token_ids, self.pad_id))
            x, scores = embed(self, token_ids, training), {}
            for n, part in enumerate(layers(self.parts["layers"])):
                x, self_scores, cross_scores = part(
                    feed(x, encoder_output),
                    memory(encoder_output, x),
                    self_attention_mask=self_mask,
                    cross_attention_mask=cross(self_mask, cross_attention_mask),
                    training=training_inside(training),
                    return_attention_scores=True,
                )
                both = (cross_scores, self_scores) if swapped else (self_scores, cross_scores)
                scores.update(zip(keys(n), both, strict=True))
            return result(finish(self, x), scores, return_attention_scores)

    return Variant


def _embed(**changes):
    return functools.partial(_embedded, **changes)


def _last_only(x, scores, asked):
    last = max(scores, default="decoder/0/self").split("/")[1]
    return (x, {key: value for key, value in scores.items() if key.split("/")[1] == last}) if asked else x


register(
    Exercise(
        name="Decoder",
        notebook="07_decoder_and_transformer",
        reference=Decoder,
        oracle=_decoder_variant(),
        properties=(
            Property("one word: embedding, positions, the layers in a row", 2, _one_place_cases, _decoder_output),
            Property("several words: none sees a later one, nor padding", 2, _place_cases, _decoder_output),
            Property("masks that are given are used, each in its place", 1, _given_mask_cases, _decoder_output),
            Property(
                'norm="pre": one more norm at the end',
                1,
                lambda rng: [case(_ids(rng, 2, 4, vocabulary=11), normal(rng, 2, 3, 6), seed=13, norm="pre", **DEEP)],
                _decoder_output,
            ),
            Property(
                "(output, scores) where asked: a dict with two entries a layer",
                1,
                _decoder_score_cases,
                _decoder_scores,
            ),
            Property("dropout in training, and only there", 1, _decoder_training_cases, _decoder_training),
        ),
        mistakes=(
            Mistake(
                "the embedding is not scaled: multiply it by √D",
                _decoder_variant(embed=_embed(order=("positions", "dropout"))),
            ),
            Mistake(
                "the embedding is multiplied by D: it is √D",
                _decoder_variant(embed=_embed(scale=lambda D: D)),
            ),
            Mistake(
                "the embedding is divided by √D: it is multiplied",
                _decoder_variant(embed=_embed(scale=lambda D: 1 / math.sqrt(D))),
            ),
            Mistake(
                "the positions are scaled too: multiply by √D first, then add them",
                _decoder_variant(embed=_embed(order=("positions", "scale", "dropout"))),
            ),
            Mistake(
                "no positions are added: self.positional_encoding does it",
                _decoder_variant(embed=_embed(order=("scale", "dropout"))),
            ),
            Mistake(
                "neither scaled nor with positions: the bare embedding went into the layers",
                _decoder_variant(embed=_embed(order=("dropout",))),
            ),
            Mistake(
                "positions count from 1: the first is 0",
                _decoder_variant(embed=_embed(start=1)),
            ),
            Mistake(
                "only the first layer runs: loop over self.decoder_layers",
                _decoder_variant(layers=lambda layers: layers[:1]),
            ),
            Mistake(
                "only the last layer counts: each of self.decoder_layers takes the x that the one before it gave",
                _decoder_variant(layers=lambda layers: layers[-1:]),
            ),
            Mistake(
                "the first layer runs again and again: take each of self.decoder_layers in turn",
                _decoder_variant(layers=lambda layers: layers[:1] * len(layers)),
            ),
            Mistake(
                "the layers run in reverse order",
                _decoder_variant(layers=lambda layers: layers[::-1]),
            ),
            Mistake(
                "the layers look at the target in the source's place: every layer gets `encoder_output`",
                _decoder_variant(memory=lambda encoded, x: x),
            ),
            Mistake(
                "input and source have changed places: layer(x, encoder_output, …)",
                _decoder_variant(feed=lambda x, encoded: encoded, memory=lambda encoded, x: x),
            ),
            Mistake("no layer runs: the embedded words came back", _decoder_variant(layers=lambda layers: [])),
            Mistake(
                "without a mask it lets everything be seen: build one of look-ahead and padding",
                _decoder_variant(own=lambda ids, pad_id: None),
            ),
            Mistake(
                "its own mask hides padding only: a word must not see a later one, create_look_ahead_mask",
                _decoder_variant(own=_padding),
            ),
            Mistake(
                "its own mask hides the future only: padding too is not to be seen, create_padding_mask",
                _decoder_variant(own=lambda ids, pad_id: _causal(ids.shape[1])),
            ),
            Mistake(
                "its own mask is transposed: rows are the words that look",
                _decoder_variant(own=lambda ids, pad_id: _causal(ids.shape[1]).T & _padding(ids, pad_id)),
            ),
            Mistake(
                "its own mask takes padding to be 0: it is self.pad_id",
                _decoder_variant(own=lambda ids, pad_id: _own_mask(ids, 0)),
            ),
            Mistake(
                'allowed is what *either* mask allows: it must be both, "and"',
                _decoder_variant(own=lambda ids, pad_id: _causal(ids.shape[1]) | _padding(ids, pad_id)),
            ),
            Mistake(
                "a mask that is given is thrown away: build one only where self_attention_mask is None",
                _decoder_variant(given=lambda mask, own: own),
            ),
            Mistake(
                "a mask that is given is joined with the decoder's own: it stands alone",
                _decoder_variant(given=lambda mask, own: own if mask is None else mask & own),
            ),
            Mistake(
                "cross_attention_mask is not handed on to the layers",
                _decoder_variant(cross=lambda self_mask, cross_mask: None),
            ),
            Mistake(
                "cross-attention gets the target's mask: hand on cross_attention_mask, which is the source's",
                _decoder_variant(cross=lambda self_mask, cross_mask: self_mask),
            ),
            Mistake(
                "the norm at the end is missing: where self.final_norm is not None it takes x",
                _decoder_variant(finish=lambda decoder, x: x),
            ),
            Mistake(
                "a pair came back although the scores were not asked for: look at return_attention_scores",
                _decoder_variant(result=lambda x, scores, asked: (x, scores)),
            ),
            Mistake(
                "only the output came back although the scores were asked for: look at return_attention_scores",
                _decoder_variant(result=lambda x, scores, asked: x),
            ),
            Mistake(
                "the scores are a list: give them back as a dict, under names such as decoder/0/cross",
                _decoder_variant(result=lambda x, scores, asked: (x, list(scores.values())) if asked else x),
            ),
            Mistake(
                "the scores of the last layer only came back: collect two from each layer",
                _decoder_variant(result=_last_only),
            ),
            Mistake(
                "the layers are counted from 1: the first is decoder/0",
                _decoder_variant(keys=lambda n: (f"decoder/{n + 1}/self", f"decoder/{n + 1}/cross")),
            ),
            Mistake(
                "self and cross stand under each other's name: a layer gives (output, self, cross)",
                _decoder_variant(swapped=True),
            ),
            Mistake(
                "the scores of self-attention are missing in the dict",
                _decoder_variant(keys=lambda n: (f"decoder/{n}/cross", f"decoder/{n}/cross")),
            ),
            Mistake(
                "dropout never acts: self.dropout_layer takes the words with their positions, and the layers take "
                "`training`",
                _decoder_variant(embed=_embed(order=("scale", "positions")), training_inside=lambda training: False),
            ),
            Mistake(
                "self.dropout_layer is not used: it takes the words with their positions",
                _decoder_variant(embed=_embed(order=("scale", "positions"))),
            ),
            Mistake(
                "self.dropout_layer acts before the positions are added: it comes after",
                _decoder_variant(embed=_embed(order=("scale", "dropout", "positions"))),
            ),
            Mistake(
                "the layers do not hear that it is training: hand `training` on to them",
                _decoder_variant(training_inside=lambda training: False),
            ),
            Mistake(
                "dropout acts outside training too: hand `training` on as it came",
                _decoder_variant(training_inside=lambda training: True),
            ),
            Mistake(
                "dropout acts outside training too: hand `training` on as it came",
                _decoder_variant(
                    embed=lambda decoder, ids, training: _embedded(decoder, ids, True),
                    training_inside=lambda training: True,
                ),
            ),
        ),
        hints=(
            "Line by line the encoder's call, with two more things: the future is hidden too, and every layer also "
            "gets encoder_output.",
            "combine_masks(create_look_ahead_mask(T), create_padding_mask(token_ids, self.pad_id)), but only where "
            "self_attention_mask is None. T is ops.shape(token_ids)[1].",
            "In the loop: x, one, two = layer(x, encoder_output, self_attention_mask=…, cross_attention_mask=…, "
            "training=training, return_attention_scores=True); the two go into the dict under the layer's number.",
        ),
    )
)


# The whole machine ----------------------------------------------------------------------------------------

WORDS = {"input_vocab_size": 13, "target_vocab_size": 11}
PLACES = {"max_positional_encoding_input": 9, "max_positional_encoding_target": 8}
NARROW = {"num_layers": 1, **ONE, **WORDS, **PLACES}
BROAD = {"num_layers": 1, **WIDE, **WORDS, **PLACES}


def _model(answer, seed, **arguments):
    return _made(answer, (((None, None), (None, None)),), seed, **arguments)


def _logits(answer, source, target, seed=0, **arguments):
    return _only(_model(answer, seed, **arguments)((source, target)))


def _model_scores(answer, source, target, seed=0, **arguments):
    model = _model(answer, seed, **arguments)
    return _only(model((source, target), return_attention_scores=True))


def _model_training(answer, source, target, seed=0, **arguments):
    model = _marked(_model(answer, seed, **arguments))
    return _flat(model((source, target), training=True), model((source, target)))


def _padded(rng, length, *kept, vocabulary):
    """Sentences with words at the first `kept` places each, padding behind."""
    ids = _ids(rng, len(kept), length, vocabulary=vocabulary)
    return np.where(np.arange(length) < np.array(kept)[:, None], ids, 0).astype("int32")


def _one_target_word_cases(rng):
    return [
        case(_ids(rng, 1, 1), _ids(rng, 1, 1), seed=1, **NARROW),
        case(_ids(rng, 2, 4), _ids(rng, 2, 1), seed=2, **BROAD),
    ]


def _source_padding_cases(rng):
    return [
        case(_padded(rng, 4, 2, 4, vocabulary=13), _padded(rng, 4, 4, 3, vocabulary=9), seed=3, **NARROW),
        case(_padded(rng, 5, 5, 3, vocabulary=13), _ids(rng, 2, 1), seed=4, **BROAD),
    ]


def _target_cases(rng):
    return [
        case(_ids(rng, 1, 3, vocabulary=13), _ids(rng, 1, 2), seed=5, **NARROW),
        case(_ids(rng, 2, 4, vocabulary=13), _ids(rng, 2, 6), seed=6, **BROAD),
    ]


def _target_padding_cases(rng):
    target = np.array([[5, 6, 0, 7], [0, 8, 9, 0]], "int32")
    other = np.array([[5, 2, 0, 7, 2, 2], [2, 8, 9, 0, 4, 2]], "int32")
    source = np.array([[2, 5, 0], [7, 2, 2]], "int32")
    return [
        case(_padded(rng, 5, 3, 5, vocabulary=13), target, seed=7, **NARROW),
        case(source, other, seed=8, pad_id=2, **BROAD),
    ]


def _model_score_cases(rng):
    return [
        case(_ids(rng, 1, 3), _ids(rng, 1, 2), seed=9, **NARROW),
        case(_padded(rng, 5, 3, 5, vocabulary=13), _padded(rng, 4, 4, 2, vocabulary=11), seed=10, **BROAD),
    ]


def _model_training_cases(rng):
    dropped = {"dropout_rate": 0.25}
    return [case(_ids(rng, 2, 3), _ids(rng, 2, 2), seed=11, **NARROW | dropped)]


class _Encoder(_InNumpy):
    """The encoder; of what may go wrong in the whole machine, nothing happens in here."""

    def split(self, weights):
        embedding, *layers, final = _cut(weights, 1, *[16] * self.num_layers)
        return {"embedding": embedding, "layers": layers, "final": final}

    def __call__(self, ids, mask, training):
        grow, x, scores = self.grow(training), _embedded(self, ids, training), {}
        for n, weights in enumerate(self.parts["layers"]):
            attention, norm, feed_forward, last_norm = _cut(weights, 8, 2, 4)
            out, scores[f"encoder/{n}/self"] = _attention(attention, x, x, mask, grow)
            x = _norm(norm, x + out * grow)
            x = _norm(last_norm, x + _feed_forward(feed_forward, x, grow))
        return x, scores


def _masks(source, target, pad_id):
    """(the encoder's, the decoder's own, cross-attention's)."""
    return _padding(source, pad_id), _own_mask(target, pad_id), _padding(source, pad_id)


def _with_masks(encoder=None, own=None, cross=None):
    """The three masks, where one is replaced: by what a function makes of source, target and pad_id."""

    def masks(source, target, pad_id):
        changes = zip((encoder, own, cross), _masks(source, target, pad_id), strict=True)
        return [mask if change is None else change(source, target, pad_id) for change, mask in changes]

    return masks


def _everything(source, target, pad_id):
    return None


def _target_padding(source, target, pad_id):
    return _padding(target, pad_id)


def _model_result(logits, source_scores, target_scores, asked):
    return (logits, source_scores | target_scores) if asked else logits


def _model_variant(
    take=lambda inputs: inputs,
    masks=_masks,
    written=lambda source, target: target,
    memory=lambda encoded: encoded,
    dense=lambda x, kernel, bias: x @ kernel + bias,
    finish=lambda logits: logits,
    encoder_training=lambda training: training,
    decoder_training=lambda training: training,
    result=_model_result,
):
    """The Transformer with one of its decisions changed.

    What can be changed: take, (source, target) from the inputs; masks, the three; written, what the decoder
    reads; memory, what it looks at; dense, the last layer; finish, what follows it; encoder_training and
    decoder_training, what they are told; result.
    """

    class Variant(_InNumpy):
        model_of = Transformer

        def split(self, weights):
            options = {"embedding_dim": self.D, "num_layers": self.num_layers, "dropout_rate": self.dropout_rate}
            encoder, decoder, dense = _cut(weights, 1 + 16 * self.num_layers, 1 + 26 * self.num_layers)
            parts = {"encoder": _Encoder(encoder, **options), "decoder": _decoder_variant()(decoder, **options)}
            return parts | {"dense": dense}

        def __call__(self, inputs, training=None, return_attention_scores=False):
            source, target = take(inputs)
            source_mask, target_mask, cross_mask = masks(source, target, self.pad_id)
            encoded, source_scores = self.parts["encoder"](source, source_mask, encoder_training(training))
            decoded, target_scores = self.parts["decoder"](
                written(source, target),
                memory(encoded),
                self_attention_mask=np.ones((1, 1), bool) if target_mask is None else target_mask,
                cross_attention_mask=cross_mask,
                training=decoder_training(training),
                return_attention_scores=True,
            )
            logits = finish(dense(decoded, *self.parts["dense"]))
            return result(logits, source_scores, target_scores, return_attention_scores)

    return Variant


register(
    Exercise(
        name="Transformer",
        notebook="07_decoder_and_transformer",
        reference=Transformer,
        oracle=_model_variant(),
        properties=(
            Property("source and one word of target: encoder, decoder, logits", 2, _one_target_word_cases, _logits),
            Property("the source's padding is never looked at", 2, _source_padding_cases, _logits),
            Property("no word of the target sees a later one", 1, _target_cases, _logits),
            Property("nor padding of the target, whatever its id", 1, _target_padding_cases, _logits),
            Property("(logits, scores) where asked: one dict for both halves", 1, _model_score_cases, _model_scores),
            Property("dropout in training, and only there", 1, _model_training_cases, _model_training),
        ),
        mistakes=(
            Mistake(
                "a softmax at the end: logits are asked for, the loss does the softmax",
                _model_variant(finish=_softmax),
            ),
            Mistake(
                "a log-softmax at the end: logits are asked for, the loss does that",
                _model_variant(finish=lambda logits: np.log(_softmax(logits))),
            ),
            Mistake(
                "the ids of the likeliest words came back: logits are asked for, one for each word of the vocabulary",
                _model_variant(finish=lambda logits: np.argmax(logits, axis=-1)),
            ),
            Mistake(
                "the last layer is missing: self.output_layer turns (B, T, D) into (B, T, V)",
                _model_variant(dense=lambda x, kernel, bias: x),
            ),
            Mistake(
                "only the last place came back: logits are asked for at all T of them",
                _model_variant(finish=lambda logits: logits[:, -1:]),
            ),
            Mistake(
                "only the last place came back: logits are asked for at all T of them",
                _model_variant(finish=lambda logits: logits[:, -1]),
            ),
            Mistake(
                "source and target have changed places: inputs are (source_ids, target_ids)",
                _model_variant(take=lambda inputs: inputs[::-1]),
            ),
            Mistake(
                "the decoder reads the source: it reads target_ids, and looks at what the encoder gave",
                _model_variant(
                    written=lambda source, target: source,
                    masks=_with_masks(own=lambda source, target, pad_id: _own_mask(source, pad_id)),
                ),
            ),
            Mistake(
                "the encoder reads the target: it reads source_ids",
                _model_variant(take=lambda inputs: (inputs[1], inputs[1])),
            ),
            Mistake(
                "what the encoder gave never arrives at the decoder",
                _model_variant(memory=lambda encoded: np.zeros_like(encoded)),
            ),
            Mistake(
                "the encoder looks at padding: hand it the source's mask",
                _model_variant(masks=_with_masks(encoder=_everything)),
            ),
            Mistake(
                "cross-attention looks at the source's padding: hand the decoder the source's mask too",
                _model_variant(masks=_with_masks(cross=_everything)),
            ),
            Mistake(
                "neither the encoder nor cross-attention hides the source's padding",
                _model_variant(masks=_with_masks(encoder=_everything, cross=_everything)),
            ),
            Mistake(
                "cross-attention gets the padding of the target: it looks at the source, so it needs the source's",
                _model_variant(masks=_with_masks(cross=_target_padding)),
            ),
            Mistake(
                "cross-attention gets the mask of self-attention: it looks at the source, so it needs the source's",
                _model_variant(masks=_with_masks(cross=lambda source, target, pad_id: _own_mask(target, pad_id))),
            ),
            Mistake(
                "the masks of self- and cross-attention have changed places",
                _model_variant(
                    masks=_with_masks(
                        own=lambda source, target, pad_id: _padding(source, pad_id),
                        cross=lambda source, target, pad_id: _own_mask(target, pad_id),
                    )
                ),
            ),
            Mistake(
                "the encoder gets the target's padding: it reads the source",
                _model_variant(masks=_with_masks(encoder=_target_padding)),
            ),
            Mistake(
                "the encoder hides the future: there every word sees the whole sentence",
                _model_variant(masks=_with_masks(encoder=lambda source, target, pad_id: _own_mask(source, pad_id))),
            ),
            Mistake(
                "cross-attention hides the future: a word may see the whole source",
                _model_variant(
                    masks=_with_masks(
                        cross=lambda source, target, pad_id: (
                            np.tri(target.shape[1], source.shape[1], dtype=bool) & _padding(source, pad_id)
                        )
                    )
                ),
            ),
            Mistake(
                "the source's mask is turned around: True = may attend",
                _model_variant(
                    masks=_with_masks(
                        encoder=lambda source, target, pad_id: ~_padding(source, pad_id),
                        cross=lambda source, target, pad_id: ~_padding(source, pad_id),
                    )
                ),
            ),
            Mistake(
                "the target sees its own future: its mask hides padding only, create_look_ahead_mask is missing",
                _model_variant(masks=_with_masks(own=_target_padding)),
            ),
            Mistake(
                "the target's look-ahead mask is transposed: rows are the words that look",
                _model_variant(
                    masks=_with_masks(
                        own=lambda source, target, pad_id: _causal(target.shape[1]).T & _padding(target, pad_id)
                    )
                ),
            ),
            Mistake(
                "the target's mask hides the future only: its padding must be hidden too",
                _model_variant(masks=_with_masks(own=lambda source, target, pad_id: _causal(target.shape[1]))),
            ),
            Mistake(
                "padding is taken to be 0: it is self.pad_id",
                _model_variant(masks=lambda source, target, pad_id: _masks(source, target, 0)),
            ),
            Mistake(
                "a pair came back although the scores were not asked for: look at return_attention_scores",
                _model_variant(result=lambda logits, source, target, asked: (logits, source | target)),
            ),
            Mistake(
                "only the logits came back although the scores were asked for: look at return_attention_scores",
                _model_variant(result=lambda logits, source, target, asked: logits),
            ),
            Mistake(
                "the decoder's scores only: join both dicts, source_scores | target_scores",
                _model_variant(result=lambda logits, source, target, asked: (logits, target) if asked else logits),
            ),
            Mistake(
                "the encoder's scores only: join both dicts, source_scores | target_scores",
                _model_variant(result=lambda logits, source, target, asked: (logits, source) if asked else logits),
            ),
            Mistake(
                "three results: join the two dicts into one",
                _model_variant(
                    result=lambda logits, source, target, asked: (logits, source, target) if asked else logits
                ),
            ),
            Mistake(
                "a pair of dicts: join the two into one",
                _model_variant(
                    result=lambda logits, source, target, asked: (logits, (source, target)) if asked else logits
                ),
            ),
            Mistake(
                "neither half hears that it is training: hand `training` on to both",
                _model_variant(encoder_training=lambda training: False, decoder_training=lambda training: False),
            ),
            Mistake(
                "the encoder does not hear that it is training: hand `training` on to it",
                _model_variant(encoder_training=lambda training: False),
            ),
            Mistake(
                "the decoder does not hear that it is training: hand `training` on to it",
                _model_variant(decoder_training=lambda training: False),
            ),
            Mistake(
                "dropout acts outside training too: hand `training` on as it came",
                _model_variant(encoder_training=lambda training: True, decoder_training=lambda training: True),
            ),
        ),
        hints=(
            "Two masks are enough for three attentions. Ask of each attention: who is looked at? The mask is made "
            "from the ids of that one.",
            "source_mask = create_padding_mask(source_ids, self.pad_id) goes to the encoder and to the decoder's "
            "cross-attention. The target's is that of its padding and create_look_ahead_mask, combined.",
            "self.encoder(source_ids, attention_mask=…), then self.decoder(target_ids, encoded, "
            "self_attention_mask=…, cross_attention_mask=…), then self.output_layer. Both halves give (output, "
            "dict) with return_attention_scores=True; | joins two dicts.",
        ),
    )
)


# Its size ---------------------------------------------------------------------------------------------------


def _count(
    attention=lambda D, H: 4 * (D * D + D),
    feed_forward=lambda D, F: D * F + F + F * D + D,
    norm=lambda D: 2 * D,
    norms=(2, 3),
    attentions=(1, 2),
    stacks=(1, 1),
    embeddings=lambda D, V, W: (V + W) * D,
    output=lambda D, V, W: D * W + W,
    more=lambda N, D, V, W: 0,
):
    """The formula with one of its parts changed; (encoder, decoder) where a part is a pair."""

    def count(num_layers, embedding_dim, num_heads, fully_connected_dim, input_vocab_size, target_vocab_size):
        N, D, V, W = num_layers, embedding_dim, input_vocab_size, target_vocab_size
        layers = [
            a * attention(D, num_heads) + feed_forward(D, fully_connected_dim) + n * norm(D)
            for a, n in zip(attentions, norms, strict=True)
        ]
        stacked = N * sum(s * layer for s, layer in zip(stacks, layers, strict=True))
        return stacked + embeddings(D, V, W) + output(D, V, W) + more(N, D, V, W)

    return count


def _counts(*names):
    """Sizes, all different: layers, width, heads, inner width, source's and target's words."""
    sizes = {
        "tiny": (1, 4, 2, 5, 7, 3),
        "small": (1, 12, 3, 20, 11, 13),
        "deep": (3, 16, 8, 64, 30, 7),
        "base": (6, 512, 8, 2048, 37000, 32000),
    }
    return lambda rng: [case(*sizes[name]) for name in names]


register(
    Exercise(
        name="count_parameters",
        notebook="07_decoder_and_transformer",
        reference=count_parameters,
        properties=(
            Property("one layer of each kind", 2, _counts("tiny", "small"), tolerance=0),
            Property("several layers, and the size of the paper's", 2, _counts("deep", "base"), tolerance=0),
        ),
        mistakes=(
            Mistake(
                "attention has four matrices, here are three: query, key, value and output",
                _count(attention=lambda D, H: 3 * (D * D + D)),
            ),
            Mistake("the attention's biases are forgotten: D each, four times", _count(lambda D, H: 4 * D * D)),
            Mistake(
                "each head is counted at the full width: they share it, so H cancels out",
                _count(attention=lambda D, H: 4 * H * (D * D) + 3 * H * D + D),
            ),
            Mistake(
                "each head is counted at the full width: they share it, so H cancels out",
                _count(attention=lambda D, H: H * 4 * (D * D + D)),
            ),
            Mistake(
                "only one head is counted: all H together are D wide",
                _count(attention=lambda D, H: 4 * (D * (D // H) + D // H)),
            ),
            Mistake(
                "the feed-forward's biases are forgotten: F and D",
                _count(feed_forward=lambda D, F: 2 * D * F),
            ),
            Mistake(
                "all biases are forgotten, in attention, feed-forward and at the end",
                _count(lambda D, H: 4 * D * D, lambda D, F: 2 * D * F, output=lambda D, V, W: D * W),
            ),
            Mistake(
                "the feed-forward has two matrices, here is one: D to F, and F back to D",
                _count(feed_forward=lambda D, F: D * F + F),
            ),
            Mistake("the norms are forgotten: gamma and beta, D each", _count(norm=lambda D: 0)),
            Mistake("a norm has two vectors, gamma and beta: here is one", _count(norm=lambda D: D)),
            Mistake("the decoder's layer has three norms, here are two", _count(norms=(2, 2))),
            Mistake("the encoder's layer has two norms, here are three", _count(norms=(3, 3))),
            Mistake(
                "the decoder's layer has two attentions, here is one",
                _count(attentions=(1, 1)),
            ),
            Mistake(
                "the decoder's layer is counted as an encoder's: it has one attention and one norm more",
                _count(attentions=(1, 1), norms=(2, 2)),
            ),
            Mistake("the encoder's layers are missing", _count(stacks=(0, 1))),
            Mistake("the decoder's layers are missing", _count(stacks=(1, 0))),
            Mistake("both embeddings are missing", _count(embeddings=lambda D, V, W: 0)),
            Mistake("the source's embedding is missing", _count(embeddings=lambda D, V, W: W * D)),
            Mistake("the target's embedding is missing", _count(embeddings=lambda D, V, W: V * D)),
            Mistake(
                "an embedding has no biases: it is a table of V rows",
                _count(embeddings=lambda D, V, W: (V + W) * (D + 1)),
            ),
            Mistake("the layer at the end is missing: D times V, and V biases", _count(output=lambda D, V, W: 0)),
            Mistake("the last layer's biases are forgotten: one for each word", _count(output=lambda D, V, W: D * W)),
            Mistake(
                "the last layer's biases are D: there is one for each word",
                _count(output=lambda D, V, W: D * W + D),
            ),
            Mistake(
                "the last layer has as many outputs as the target has words, not the source",
                _count(output=lambda D, V, W: D * V + V),
            ),
            Mistake(
                "positions are counted: they are computed, not learned",
                _count(more=lambda N, D, V, W: 2 * 512 * D),
            ),
            Mistake(
                'norms at the end of both stacks are counted: only norm="pre" has them',
                _count(more=lambda N, D, V, W: 4 * D),
            ),
            Mistake(
                "all is multiplied by the number of layers: embeddings and the last layer are there once",
                _count(more=lambda N, D, V, W: (N - 1) * ((V + W) * D + D * W + W)),
            ),
            Mistake(
                "the layers are not multiplied by `num_layers`",
                lambda N, *sizes: _count()(1, *sizes),
            ),
        ),
        hints=(
            "Count the parts of each kind of layer: an encoder's has one attention, one feed-forward, two norms. "
            "What has a decoder's?",
            "A dense layer from n to m numbers has n·m weights and m biases. An attention is four of them, from D "
            "to D; a norm has gamma and beta.",
            "num_layers times (one encoder layer + one decoder layer), two tables of D numbers for each word, and "
            "a dense layer from D to the target's words.",
        ),
    )
)
