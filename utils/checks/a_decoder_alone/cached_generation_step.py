"""The exercise cached_generation_step: what must hold, and what each mistake looks like."""

import functools

import numpy as np
import tensorflow as tf
from keras import ops

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.guard import Crash
from utils.checks.inputs import normal
from utils.decoding import attend_to, keys_and_values
from utils.generating import cached_generation_step
from utils.layers import EncoderLayer

D, H = 8, 2


@functools.cache
def _built(norm):
    layer = EncoderLayer(D, H, 12, dropout_rate=0.5, norm=norm)
    layer.build((None, None, D))
    return layer


@functools.lru_cache(maxsize=32)
def _weights(norm, seed):
    rng = np.random.default_rng(seed)
    return [normal(rng, *w.shape, mean=w.name == "gamma") / np.float32(2) for w in _built(norm).weights]


def _layer(norm, seed):
    layer = _built(norm)
    layer.set_weights(_weights(norm, seed))
    return layer


def _empty(rows, room):
    return tuple(ops.zeros((rows, H, room, D // H)) for _ in range(2))


def _steps(answer, x, norm, seed, room=6):
    """The outputs at all places, one step after the other (B, T, D), and what is remembered in the end."""
    layer, memory, outputs = _layer(norm, seed), _empty(len(x), room), []
    for position in range(x.shape[1]):
        one, memory = answer(layer, ops.convert_to_tensor(x[:, position : position + 1]), position, memory)
        outputs.append(_plain(one))
    keys, values = memory
    return np.concatenate(outputs, axis=1), _plain(keys), _plain(values)


def _plain(tensor):
    if not hasattr(tensor, "shape"):
        raise TypeError(f"the output (B, 1, D) and the new memory are asked for; in place of a tensor: {tensor!r:.60}")
    return np.asarray(ops.convert_to_numpy(tensor))


def _branches(answer, x, norm, seed, room=6):
    """Two ways on from one memory: what is read a second time must not have been changed by the first."""
    layer, memory = _layer(norm, seed), _empty(len(x), room)
    for position in range(2):
        _, memory = answer(layer, ops.convert_to_tensor(x[:, position : position + 1]), position, memory)
    ways = [answer(layer, ops.convert_to_tensor(x[:, n : n + 1]), 2, memory)[0] for n in (2, 3, 2)]
    return tuple(_plain(way) for way in ways)


def _compiled(answer, x, norm, seed, room=6):
    """With a position that has no number yet, as in the compiled loop."""
    layer, memory = _layer(norm, seed), _empty(len(x), room)
    result = answer(layer, ops.convert_to_tensor(x[:, :1]), 0, memory)
    if isinstance(result, (tuple, list)) and len(result) == 2 and hasattr(result[1], "shape"):
        return Crash("one tensor", "the new memory is a pair, (keys, values), as the old one: one tensor came back")
    step = tf.function(lambda x, position, memory: answer(layer, x, position, memory), autograph=False)
    try:
        for position in range(2):
            one, memory = step(tf.constant(x[:, position : position + 1]), tf.constant(position), memory)
    except (NotImplementedError, AttributeError, TypeError, ValueError) as error:
        if not error.args:
            raise  # not started
        return TOO_EARLY
    return _plain(one)


TOO_EARLY = "it asks for numbers that are not there yet"


def _step(
    before=lambda norm, x: norm(x),
    attended=lambda residual, normed, new: residual + new,
    of=lambda x, normed: normed,
    asks=lambda x, normed: normed,
    at=lambda position: position,
    put=lambda old, at, new: ops.slice_update(old, (0, 0, at, 0), new),
    read=lambda places, position: places <= position,
    order=lambda pair: pair,
    held=lambda memory: memory,
    looked=lambda old, kept: kept,
    norms=lambda layer: (layer.attention_norm, layer.feed_forward_norm),
    second=lambda came, x: x,
    memory_out=lambda old, new: new,
    after=lambda norm, x: norm(x),
    takes=lambda came, x: x,
    fed=lambda layer, x, norm: norm(x),
    feed=lambda layer, x: layer.feed_forward(x),
    fed_residual=lambda residual, normed, new: residual + new,
    fed_after=lambda norm, x: norm(x),
    style=None,
):
    """The cached step with one of its decisions changed.

    What can be changed: before, the norm in front of attention under pre; of, of what keys and values are made;
    asks, what the query is made of; at, where the new ones are kept, put, how; read, which places are looked at; order,
    of keys and values; held, what of the old memory each is put into; looked, which memory attention reads; norms, the
    two; attended, the residual; after, the norm behind it under post; memory_out, what is handed on; takes, what the
    feed-forward reads; fed, feed, fed_residual, fed_after, the same of the feed-forward; second, its residual; style,
    pre or post whatever the layer's is.
    """

    def wrong(layer, x, position, memory):
        norm, came = style or layer.norm, x
        first, last = norms(layer)
        normed = before(first, x) if norm == "pre" else x
        new = keys_and_values(layer.self_attention, of(x, normed))
        kept = tuple(put(o, at(position), n) for o, n in zip(held(memory), order(new), strict=True))
        mask = read(ops.arange(ops.shape(kept[0])[2]), position)[None, :]
        x = attended(x, normed, attend_to(layer.self_attention, asks(x, normed), *looked(memory, kept), mask))
        x = after(first, x) if norm == "post" else x
        residual = second(came, x)
        normed = fed(layer, takes(came, x), last) if norm == "pre" else x
        x = fed_residual(residual, normed, feed(layer, normed))
        x = fed_after(last, x) if norm == "post" else x
        return x, memory_out(memory, kept)

    return wrong


def _plain_layer(layer, x, position, memory):
    """The layer itself, on one place: it remembers nothing."""
    return layer(x), memory


def _with_numbers(layer, x, position, memory):
    """Right, but asks the position for its number."""
    if not isinstance(position, int):
        raise TypeError("a tensor has no number yet")
    return cached_generation_step(layer, x, position, memory)


def _same(norm, x):
    return x


register(
    Exercise(
        name="cached_generation_step",
        notebook="16_a_decoder_alone",
        reference=cached_generation_step,
        properties=(
            Property(
                "the first place, where there is nothing to remember",
                1,
                lambda rng: [case(normal(rng, 1, 1, D), norm="post", seed=1)],
                run=_steps,
            ),
            Property(
                "place after place, as the whole layer with a look-ahead mask",
                3,
                lambda rng: [
                    case(normal(rng, 1, 2, D), norm="post", seed=2),
                    case(normal(rng, 3, 4, D), norm="post", seed=3, room=5),
                ],
                run=_steps,
            ),
            Property(
                "a pre-norm layer",
                2,
                lambda rng: [case(normal(rng, 2, 3, D, mean=0.7), norm="pre", seed=4, room=8)],
                run=_steps,
            ),
            Property(
                "two ways on from one memory",
                1,
                lambda rng: [case(normal(rng, 2, 4, D), norm="pre", seed=5)],
                run=_branches,
            ),
            Property(
                "compiled, with a position that is a tensor",
                1,
                lambda rng: [case(normal(rng, 2, 2, D), norm="pre", seed=6)],
                run=_compiled,
            ),
        ),
        mistakes=(
            Mistake(
                "nothing is remembered: this place sees itself alone. Keys and values go into the memory", _plain_layer
            ),
            Mistake(
                "the old memory is handed on: hand on the one with the new key and value",
                _step(memory_out=lambda old, new: old),
            ),
            Mistake("the new key and value are kept at place 0: keep them at `position`", _step(at=lambda position: 0)),
            Mistake("kept one place late: the first token stands at 0", _step(at=lambda position: position + 1)),
            Mistake(
                "keys and values are exchanged: the memory is (keys, values)", _step(order=lambda pair: pair[::-1])
            ),
            Mistake(
                "the memory comes back as (values, keys): hand it on as (keys, values)",
                _step(memory_out=lambda old, new: new[::-1]),
            ),
            Mistake(
                "attention gets the values for keys: attend_to wants the keys first, then the values",
                _step(looked=lambda old, kept: kept[::-1]),
            ),
            Mistake(
                "the values are put into the keys' memory: memory[0] holds keys, memory[1] values",
                _step(held=lambda memory: (memory[0], memory[0])),
            ),
            Mistake(
                "the key is kept twice: the second of the memory takes the value",
                _step(order=lambda pair: (pair[0], pair[0])),
            ),
            Mistake(
                "attention looks at the old memory: at the one with the new key and value",
                _step(looked=lambda old, kept: old),
            ),
            Mistake(
                "attention looks at the old values: at those with the new one",
                _step(looked=lambda old, kept: (kept[0], old[1])),
            ),
            Mistake(
                "kept one place early: the token at `position` stands there, the first at 0",
                _step(at=lambda position: position - 1),
            ),
            Mistake(
                "the mask is turned around: True where one may look, at the places up to `position`",
                _step(read=lambda places, position: places >= position),
            ),
            Mistake(
                "places that are still empty are looked at: only those up to `position` may be",
                _step(read=lambda places, position: places >= 0),
            ),
            Mistake(
                "this place does not see itself: up to `position`, and it is among them",
                _step(read=lambda places, position: places < ops.maximum(position, 1)),
            ),
            Mistake(
                "this place does not see itself: up to `position`, and it is among them",
                _step(read=lambda places, position: places < position),
            ),
            Mistake(
                "this place sees itself alone: look at those before it too",
                _step(read=lambda places, position: places == position),
            ),
            Mistake(
                "the mask is turned around: True where one may look, at the places up to `position`",
                _step(read=lambda places, position: places > position),
            ),
            Mistake(
                "one place too many is looked at: the next one is still empty",
                _step(read=lambda places, position: places <= position + 1),
            ),
            Mistake(
                "the first residual is missing: add what came in", _step(attended=lambda residual, normed, new: new)
            ),
            Mistake(
                "the normed x is added: the residual is what came in, before the norm",
                _step(attended=lambda residual, normed, new: normed + new),
            ),
            Mistake(
                "the second residual is missing: add what the feed-forward was given",
                _step(fed_residual=lambda r, normed, new: new),
            ),
            Mistake(
                "the normed x is added behind the feed-forward: the residual is from before the norm",
                _step(fed_residual=lambda residual, normed, new: normed + new),
            ),
            Mistake(
                "the normed x is added, both times: a residual is what came in, before the norm",
                _step(attended=lambda r, normed, new: normed + new, fed_residual=lambda r, normed, new: normed + new),
            ),
            Mistake(
                "both residuals are missing: add what came in, to attention and to the feed-forward",
                _step(attended=lambda r, normed, new: new, fed_residual=lambda r, normed, new: new),
            ),
            Mistake(
                "the second residual is the first one again: it is what came out of attention",
                _step(second=lambda came, x: came),
            ),
            Mistake(
                "the two norms are exchanged: attention_norm is attention's, feed_forward_norm the other's",
                _step(norms=lambda layer: (layer.feed_forward_norm, layer.attention_norm)),
            ),
            *(
                Mistake(
                    "one norm stands in both places: attention and feed-forward have one each",
                    _step(norms=lambda layer, name=name: (getattr(layer, name),) * 2),
                )
                for name in ("attention_norm", "feed_forward_norm")
            ),
            Mistake("the feed-forward is missing", _step(feed=lambda layer, x: 0 * x, fed=lambda layer, x, norm: x)),
            Mistake("the feed-forward is missing", _step(feed=lambda layer, x: 0 * x)),
            Mistake(
                "the feed-forward's half is missing: after attention come norm, feed-forward and residual once more",
                _step(feed=lambda layer, x: 0 * x, fed=lambda layer, x, norm: x, fed_after=_same),
            ),
            Mistake(
                "the feed-forward reads what came in: it reads what attention and the first residual have left",
                _step(takes=lambda came, x: came),
            ),
            Mistake(
                "the new key and value are put behind the memory, which has room for L places and grows: they belong "
                "at `position`, ops.slice_update",
                _step(put=lambda old, at, new: ops.concatenate([old, new], axis=2)),
            ),
            Mistake(
                "the memory that comes back ends at `position`, and there is no room for the next: ops.slice_update "
                "keeps all L places",
                _step(put=lambda old, at, new: ops.concatenate([old[:, :, :at], new], axis=2)),
            ),
            Mistake("post-norm whatever the layer is: layer.norm says where its norms stand", _step(style="post")),
            Mistake("pre-norm whatever the layer is: layer.norm says where its norms stand", _step(style="pre")),
            Mistake(
                "under pre-norm, attention's norm is missing: it comes before keys, values and query",
                _step(before=_same),
            ),
            Mistake(
                "keys and values are made of x before the norm: under pre-norm all three come from the normed x",
                _step(of=lambda x, normed: x),
            ),
            Mistake(
                "the query is made of x before the norm: under pre-norm all three come from the normed x",
                _step(asks=lambda x, normed: x),
            ),
            Mistake("under pre-norm, the feed-forward's norm is missing", _step(fed=lambda layer, x, norm: x)),
            Mistake(
                "the feed-forward reads attention's norm: it has one of its own",
                _step(fed=lambda layer, x, norm: layer.attention_norm(x)),
            ),
            Mistake("under post-norm, the norm behind attention is missing", _step(after=_same)),
            Mistake("under post-norm, the last norm is missing", _step(fed_after=_same)),
            Mistake("under post-norm, both norms are missing", _step(after=_same, fed_after=_same)),
            Mistake(
                "compiled, the position is a tensor without a number: int(…), range, `if` and slices whose length it "
                "decides come too early. ops.slice_update takes it as it is",
                _with_numbers,
            ),
        ),
        hints=(
            "EncoderLayer.call of lesson 06, line for line; only the attention differs: its keys and values come "
            "out of the memory, after the new ones have been put in.",
            "keys_and_values(layer.self_attention, x) makes the new pair, (B, H, 1, K) each. "
            "ops.slice_update(old, (0, 0, position, 0), new) is the memory with it, and leaves the old one alone.",
            "Which of the L places may be looked at? A row of L bools, for attend_to. Behind attention all is as in "
            "the layer; the memory goes back beside the output.",
        ),
    )
)
