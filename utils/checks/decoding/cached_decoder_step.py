"""The exercise cached_decoder_step: what must hold, and what each mistake looks like."""

import functools
import math

import keras
import numpy as np
from keras import ops

from utils.checks.decoding.shared import PAD, SOURCES, TARGETS, any_seed, model_for, tiny_model
from utils.checks.decoding.twin import on_the_twin, updated
from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.in_numpy import softmax_of
from utils.decoding import cached_decoder_step, start_cache

LAYERS = {"post": 2, "pre": 3}


@functools.lru_cache(maxsize=16)
def _started(seed, source, norm, size):
    """The library's cache for a source, as tensors and as arrays."""
    cache = start_cache(tiny_model(seed, LAYERS[norm], norm), np.array(source, "int32"), size)
    return cache, keras.tree.map_structure(ops.convert_to_numpy, cache)


def _start(answer, seed, source_ids, norm, size):
    """The model and its cache, a dictionary that nobody else has; for a known mistake the twin and arrays."""
    tensors, arrays = _started(seed, tuple(map(tuple, source_ids.tolist())), norm, size)
    own = arrays if hasattr(answer, "on_the_twin") else tensors
    return model_for(answer, seed, LAYERS[norm], norm), keras.tree.map_structure(lambda x: x, own)


def _steps(answer, seed, source_ids, target_ids, norm="post", size=7):
    """The logits after each token of `target_ids`, one step after the other: (B, T, V)."""
    (model, cache), logits = _start(answer, seed, source_ids, norm, size), []
    for position in range(target_ids.shape[1]):
        one, cache = answer(model, target_ids[:, position], position, cache)
        logits.append(_plain(one))
    return np.stack(logits, axis=1)


def _branches(answer, seed, source_ids, target_ids, size=6):
    """Two ways on from one memory: the logits after the last token of each row, (B, V) twice.

    And what the memory was after the first: its mask, and the first layer's keys at the last token's place.
    """
    model, cache = _start(answer, seed, source_ids, "post", size)
    for position in range(target_ids.shape[1] - 1):
        _, cache = answer(model, target_ids[:, position], position, cache)
    last = target_ids.shape[1] - 1
    first, _ = answer(model, target_ids[:, last], last, cache)
    said = ops.convert_to_numpy(cache["said"]).astype("float32")
    keys = ops.convert_to_numpy(cache["self"][0][0])[:, :, last]
    other, _ = answer(model, np.full(len(target_ids), PAD, "int32"), last, cache)  # its own place: not a token
    return _plain(first), _plain(other), said, keys


def _plain(logits):
    if logits is None or not hasattr(logits, "shape"):
        raise TypeError(f"the logits (B, V) and the new cache are asked for; in place of the logits: {logits!r:.60}")
    return np.asarray(ops.convert_to_numpy(logits))


def _layer_by_layer(x, decoder, position, said, cross, source, memories):
    """All layers, each with a memory of its own."""
    kept = []
    for layer, memory, pair in zip(decoder.layers, memories, cross, strict=True):
        x, memory = layer.step(x, position, memory, said, pair, source)
        kept.append(memory)
    return x, kept


def _only_first(x, decoder, position, said, cross, source, memories):
    x, memory = decoder.layers[0].step(x, position, memories[0], said, cross[0], source)
    return x, [memory, *memories[1:]]


def _only_two(x, *rest):
    decoder, position, said, cross, source, memories = rest
    kept = list(memories)
    for n, layer in enumerate(decoder.layers[:2]):
        x, kept[n] = layer.step(x, position, memories[n], said, cross[n], source)
    return x, kept


def _from_last_to_first(x, decoder, position, said, cross, source, memories):
    kept = list(memories)
    for n in reversed(range(len(kept))):
        x, kept[n] = decoder.layers[n].step(x, position, memories[n], said, cross[n], source)
    return x, kept


def _each_from_the_start(x, decoder, position, said, cross, source, memories):
    """Every layer reads the embedding in place of what the one below has made."""
    kept, outcome = [], x
    for layer, memory, pair in zip(decoder.layers, memories, cross, strict=True):
        outcome, memory = layer.step(x, position, memory, said, pair, source)
        kept.append(memory)
    return outcome, kept


def _lost(x, *rest):
    """Every layer reads the embedding, and nobody reads the layers."""
    return x, _each_from_the_start(x, *rest)[1]


def _step(scale=math.sqrt, place=lambda position: position, marked=None, layers=_layer_by_layer,
          cross=lambda pairs: pairs, source=lambda mask: mask, memories=lambda old: old, kept=lambda old, new: new,
          said_kept=True, final=True, score=lambda model, x: model.scored(x)[:, 0], in_place=None,
          at=lambda position: position, position_too=False, number=None, pad=lambda model: model.pad_id,
          table=lambda model: model.decoder.table):  # fmt: skip
    """`cached_decoder_step` in NumPy, with its usual slips.

    Args:
        scale: D -> what the embedding is multiplied by.
        place: position -> which encoding is added, or which ones; None adds none, "all" those of all places.
        marked: (old said, is_token (B, 1, 1, 1), position) -> the mask of what may be looked at; None: as it should.
        layers: how the layers are called.
        cross: what becomes of the source's keys and values.
        source: what becomes of the source's mask.
        memories: which memory each layer gets.
        kept: which memories go into the new cache.
        said_kept: whether the mask goes into the new cache.
        final: whether pre-norm's last norm is there.
        score: (model, x) -> what comes back as logits.
        in_place: whether the cache that was given is changed: its "dict", or the "list" of memories in it.
        at: at which place the new key and value are kept.
        position_too: whether the position's encoding is multiplied like the embedding.
        number: (positions, position) -> one number that is added in place of the encoding.
        pad: model -> the id that counts as padding.
        table: model -> the embeddings that are asked.
    """
    marked = marked or (lambda said, is_token, position: updated(said, position, is_token))

    @on_the_twin
    def step(model, token, position, cache):
        decoder = model.decoder
        is_token = (token != pad(model)).reshape(-1, 1, 1, 1)
        said = marked(cache["said"], is_token, position)
        x = table(model)[token[:, None]] * scale(decoder.D)
        if number is not None:
            x = x + number(cache["positions"], position)
        elif place is not None:
            at_place = cache["positions"] if place == "all" else cache["positions"][:, np.atleast_1d(place(position))]
            x = x + at_place * (scale(decoder.D) if position_too else 1)
        pairs, mask = cross(cache["cross"]), source(cache["source"])
        x, new = layers(x, decoder, at(position), said, pairs, mask, memories(cache["self"]))
        x = decoder.normed(x) if final else x
        changes = {"self": kept(cache["self"], new), "said": said if said_kept else cache["said"]}
        if in_place == "dict":
            cache.update(changes)
        if in_place == "list":
            cache["self"][:] = changes["self"]
        return score(model, x), {**cache, **changes}

    return step


def _turned_around(said, is_token, position):
    return ~updated(said, position, is_token)


def _all_places(said, is_token, position):
    return np.ones_like(said)


def _only_itself(said, is_token, position):
    return updated(np.zeros_like(said), position, is_token)


def _padding_too(said, is_token, position):
    return updated(said, position, np.ones_like(is_token))


def _as_the_first_row(said, is_token, position):
    return updated(said, position, np.repeat(is_token[:1], len(is_token), axis=0))


def _one_late(said, is_token, position):
    return updated(said, position + 1, is_token)


register(
    Exercise(
        name="cached_decoder_step",
        notebook="09_decoding",
        reference=cached_decoder_step,
        oracle=_step(),
        properties=(
            Property(
                "the first token, at position 0",
                1,
                lambda rng: [case(seed=any_seed(rng), source_ids=SOURCES[:1], target_ids=TARGETS[:1, :1])],
                run=_steps,
            ),
            Property(
                "token after token, with what is remembered",
                2,
                lambda rng: [
                    case(seed=any_seed(rng), source_ids=SOURCES[:1], target_ids=TARGETS[:1, :3]),
                    case(seed=any_seed(rng), source_ids=SOURCES[:2], target_ids=TARGETS[:2, :3]),
                ],
                run=_steps,
            ),
            Property(
                "padding, in the source and among the tokens, is not looked at",
                1,
                lambda rng: [
                    case(
                        seed=any_seed(rng),
                        source_ids=SOURCES,
                        target_ids=np.where(np.eye(3, 4, 1, bool), PAD, TARGETS[:, :4]).astype("int32"),
                    )
                ],
                run=_steps,
            ),
            Property(
                "another model: pre-norm with the decoder's norm at the end, three layers, another id for padding",
                1,
                lambda rng: [case(seed=any_seed(rng), source_ids=SOURCES[:2], target_ids=TARGETS[:2, :2], norm="pre")],
                run=_steps,
            ),
            Property(
                "the cache that was given stays as it was: two ways can go on from it",
                1,
                lambda rng: [case(seed=any_seed(rng), source_ids=SOURCES[:2], target_ids=TARGETS[:2, :3])],
                run=_branches,
            ),
        ),
        mistakes=(
            Mistake(
                "√D is missing: the decoder multiplies its embedding by √embedding_dim", _step(scale=lambda D: 1.0)
            ),
            Mistake(
                "the embedding is divided by √D: it is multiplied",
                _step(scale=lambda D: 1 / math.sqrt(D)),
            ),
            Mistake("the embedding is multiplied by D: it is √D", _step(scale=float)),
            Mistake('no position is added: take this position\'s row of cache["positions"]', _step(place=None)),
            Mistake(
                "every token gets position 0: take the encoding of its own position", _step(place=lambda position: 0)
            ),
            Mistake(
                "the encodings of all positions are added: take this position's alone, it is (1, 1, D)",
                _step(place="all"),
            ),
            Mistake(
                "the encodings of all positions up to this one are added: take this position's alone, it is (1, 1, D)",
                _step(place=lambda position: np.arange(position + 1)),
            ),
            Mistake(
                "the position is multiplied by √D too: multiply the embedding, then add the position",
                _step(position_too=True),
            ),
            Mistake(
                "one number of the table is added: ops.take without an axis counts through all; axis=1 takes the row",
                _step(number=lambda positions, position: positions.reshape(-1)[position]),
            ),
            Mistake(
                'one number is added, the position itself: add its row of cache["positions"], ops.take(…, axis=1)',
                _step(number=lambda positions, position: position),
            ),
            Mistake("the position is one too large: the start token stands at 0", _step(place=lambda p: p + 1)),
            *(
                Mistake("the position is one too small: the start token stands at 0", _step(place=place))
                for place in (lambda p: max(p - 1, 0), lambda p: p - 1)
            ),
            Mistake(
                "the encoder's embedding is asked: the target's words have their own, model.decoder.embedding",
                _step(table=lambda model: model.encoder.table),
            ),
            *(
                Mistake(
                    "the embedding is multiplied by the root of another number: it is √D, decoder.embedding_dim",
                    _step(scale=scale),
                )
                for scale in (lambda D: 2.0, lambda D: math.sqrt(D / 4))  # of H, of K
            ),
            Mistake(
                "padding is taken for id 0: ask the model, token != model.pad_id",
                _step(pad=lambda model: 0),
            ),
            Mistake(
                "the first row's token says for all rows whether there is one: each row has its own",
                _step(marked=_as_the_first_row),
            ),
            Mistake(
                "two layers are run: a decoder may have more, go through decoder.decoder_layers",
                _step(layers=_only_two),
            ),
            Mistake("the layers are run from the last to the first", _step(layers=_from_last_to_first)),
            Mistake(
                "the position is counted from the end: take this position's row",
                _step(place=lambda p: 6 - p),
            ),
            Mistake(
                "the mask of what was said is wrong: True at this token's place and where words were said before",
                _step(marked=lambda said, is_token, position: said),
            ),
            Mistake(
                "the mask of what was said is wrong: True at this token's place and where words were said before",
                _step(marked=_turned_around),
            ),
            Mistake(
                "places that are still empty are looked at: only what is said may be",
                _step(marked=_all_places),
            ),
            Mistake(
                "the mask of what was said is wrong: True at this token's place and where words were said before",
                _step(marked=_one_late),
            ),
            Mistake(
                "the mark is always set at the first place: it belongs at `position`",
                _step(marked=lambda said, is_token, position: updated(said, 0, is_token)),
            ),
            Mistake(
                "key and value are kept one place too late: hand cached_layer_step `position` as it is",
                _step(at=lambda position: position + 1),
            ),
            Mistake(
                "what the layers give is lost: hand x from one to the next, and the last one's to the output layer",
                _step(layers=_lost),
            ),
            Mistake(
                "keys and values change places in the memory: hand each pair on as it comes",
                _step(kept=lambda old, new: [pair[::-1] for pair in new]),
            ),
            Mistake(
                "log-probabilities came back: logits are asked for, before any softmax",
                _step(score=lambda model, x: np.log(softmax_of(model.scored(x)[:, 0]))),
            ),
            Mistake(
                "the words before are hidden: keep the old marks, and hand on mask and memory in the new cache",
                _step(marked=_only_itself),
            ),
            Mistake(
                "padding is marked as said: mark the place only where the token is not padding",
                _step(marked=_padding_too),
            ),
            Mistake(
                "the words before are hidden: keep the old marks, and hand on mask and memory in the new cache",
                _step(said_kept=False),
            ),
            Mistake(
                "only this token's key and value are found: keep them at `position`, and hand the new memory on",
                _step(kept=lambda old, new: old),
            ),
            Mistake(
                "the words before are hidden: keep the old marks, and hand on mask and memory in the new cache",
                _step(kept=lambda old, new: old, said_kept=False),
            ),
            Mistake(
                'all layers share one memory: each has its own in cache["self"], and hands its own new one on',
                _step(memories=lambda old: [old[0]] * len(old)),
            ),
            Mistake(
                'all layers share one memory: each has its own in cache["self"], and hands its own new one on',
                _step(kept=lambda old, new: [new[-1]] * len(new)),
            ),
            Mistake(
                'all layers share one memory: each has its own in cache["self"], and hands its own new one on',
                _step(kept=lambda old, new: [new[0]] * len(new)),
            ),
            Mistake(
                "the memories come back in reverse order: first layer first",
                _step(kept=lambda old, new: new[::-1]),
            ),
            Mistake(
                'all layers look at the first one\'s keys and values of the source: each has its own in cache["cross"]',
                _step(cross=lambda pairs: [pairs[0]] * len(pairs)),
            ),
            Mistake(
                "the source's keys and values are exchanged: the pair is (keys, values)",
                _step(cross=lambda pairs: [pair[::-1] for pair in pairs]),
            ),
            Mistake("only the first layer is run: go through all of them", _step(layers=_only_first)),
            Mistake(
                "every layer starts from the embedding: hand each the output of the one before",
                _step(layers=_each_from_the_start),
            ),
            Mistake('the source\'s padding is looked at: hand on cache["source"]', _step(source=lambda mask: None)),
            Mistake(
                "the last norm is missing: where decoder.final_norm is not None, it comes before the output layer",
                _step(final=False),
            ),
            Mistake(
                "the logits have an axis too many: (B, V), not (B, 1, V)",
                _step(score=lambda model, x: model.scored(x)),
            ),
            Mistake(
                "squeeze without an axis takes B = 1 away too: [:, 0]",
                _step(score=lambda model, x: np.squeeze(model.scored(x))),
            ),
            Mistake(
                "vectors came back, not scores: the output layer makes logits of them",
                _step(score=lambda model, x: x[:, 0]),
            ),
            Mistake(
                "probabilities came back: logits are asked for, before any softmax",
                _step(score=lambda model, x: softmax_of(model.scored(x)[:, 0])),
            ),
            Mistake(
                "words came back, not scores: leave the argmax to the caller",
                _step(score=lambda model, x: model.scored(x)[:, 0].argmax(axis=-1)),
            ),
            Mistake(
                "the cache that was given is changed: build a new dict, {**cache, …}, and a new list of memories",
                _step(in_place="dict"),
            ),
            Mistake(
                "the cache that was given is changed: build a new dict, {**cache, …}, and a new list of memories",
                _step(in_place="list"),
            ),
            Mistake(
                "only this token's key and value are found: keep them at `position`, and hand the new memory on",
                _step(at=lambda position: 0),
            ),
        ),
        hints=(
            "Decoder.call of lesson 07, for one position: embedding times √D, plus its position, then every layer, "
            "then the last norm where there is one; and the output layer.",
            'decoder.embedding(token[:, None]) is (B, 1, D). ops.take(cache["positions"], position, axis=1) is its '
            'position. ops.slice_update(cache["said"], (0, 0, 0, position), …) marks it, with a bool (B, 1, 1, 1).',
            'cached_layer_step gives x and the layer\'s new memory. Zip decoder.decoder_layers with cache["self"] and '
            'cache["cross"], and collect the memories; return the logits (B, V) and {**cache, "self": …, "said": …}.',
        ),
    )
)
