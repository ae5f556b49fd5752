"""Exercises of lesson 09: greedy and beam search, one cached step of the decoder, a head switched off.

All of them are tried on a tiny Transformer with random weights: three real words, an end, nothing else. So few
sentences are possible that what the model says after each of them fits into a table; the oracles and the known
mistakes read there, and only the answer asks the model.
"""

import contextlib
import functools
import itertools
import math
from unittest import mock

import numpy as np
from keras import ops

from utils import decoding
from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.decoding import ablate_head, beam_search, cached_decoder_step, greedy_decode, start_cache
from utils.layers import Transformer
from utils.layers.masks import create_padding_mask

PAD, START, END = 0, 1, 2
V, LONGEST = 6, 5  # target words, padding, start and end among them; the longest sentence tried

# The model -------------------------------------------------------------------------------------------


@functools.cache
def _shared_model(num_layers: int, norm: str) -> Transformer:
    model = Transformer(num_layers, 8, 2, 12, 9, V, 16, 16, norm=norm)
    model.build(((None, None), (None, None)))
    return model


def tiny_model(seed: int, num_layers: int = 1, norm: str = "post") -> Transformer:
    """The checks' Transformer: target ids 0 padding, 1 start, 2 end, 3 to 5 words; it never says the first two.

    Args:
        seed: of its random weights.
        num_layers: of encoder and decoder; width 8, 2 heads.
        norm: "post" or "pre".
    """
    model = _shared_model(num_layers, norm)
    model.set_weights(_tiny_weights(seed, num_layers, norm))
    model.seed = seed
    return model


@functools.lru_cache(maxsize=16)  # the reference and the answer are given the same
def _tiny_weights(seed: int, num_layers: int, norm: str) -> list[np.ndarray]:
    model, rng = _shared_model(num_layers, norm), np.random.default_rng(seed)
    model.set_weights([0.9 * rng.normal(size=w.shape) + ("gamma" in w.path) for w in model.weights])
    source_ids, target_ids = rng.integers(3, 9, (16, 5)), rng.integers(3, V, (16, LONGEST))
    said = model((source_ids, target_ids)).numpy().reshape(-1, V).mean(axis=0)
    model.output_layer.bias.assign_sub(said + np.array([30, 30, 0, 0, 0, 0]))  # not one word for ever
    return model.get_weights()


@functools.lru_cache(maxsize=64)
def _table(seed: int, source: tuple, masked: bool) -> np.ndarray:
    """Logits after each beginning of up to LONGEST tokens: (V, …, V, LONGEST, V), float64."""
    model, source_ids = tiny_model(seed), np.array([source], "int32")
    prefixes = np.array(list(itertools.product(range(V), repeat=LONGEST)), "int32")
    encoded = ops.repeat(model.encoder(source_ids), len(prefixes), axis=0)
    mask = create_padding_mask(source_ids, PAD) if masked else None
    logits = model.output_layer(model.decoder(prefixes, encoded, cross_attention_mask=mask))
    return ops.convert_to_numpy(logits).astype("float64").reshape(*[V] * LONGEST, LONGEST, V)


def _logits(model, source, prefix, masked=True) -> np.ndarray:
    """What the model gives each next word after a beginning, (V,)."""
    beginning = tuple(int(token) for token in prefix) + (PAD,) * (LONGEST - len(prefix))
    return _table(model.seed, tuple(source.tolist()), masked)[beginning][len(prefix) - 1]


def _log_p(model, source, prefix, masked=True) -> np.ndarray:
    logits = _logits(model, source, prefix, masked)
    return logits - np.log(np.exp(logits - logits.max()).sum()) - logits.max()


def _eager(function, model, *constants):
    """In place of `decoding.compiled`: for so little, compiling would take longer than running."""
    return lambda *args: function(model, *constants, *args)


def _wide(ids, max_length):
    """Ids with as many columns as there may be: how much padding stands behind the longest is left open."""
    if ids is None:
        return None
    ids = np.asarray(ops.convert_to_numpy(ids) if ops.is_tensor(ids) else ids)
    if ids.ndim != 2 or ids.shape[1] >= max_length:
        return ids
    return np.pad(ids, ((0, 0), (0, max_length - ids.shape[1])), constant_values=PAD)


# Greedy ----------------------------------------------------------------------------------------------


def _said(answer, seed, source_ids, max_length):
    with mock.patch.object(decoding, "compiled", _eager):
        return _wide(answer(tiny_model(seed), source_ids, max_length, START, END), max_length)


def _cut(row):
    """Up to the first end."""
    return row[: row.index(END)] if END in row else row


def _greedy(read=list, choose=np.argmax, masked=True, until=all, shown=_cut, steps=lambda n: n, after=None, same=False):
    """Greedy decoding with its usual slips.

    Args:
        read: which prefix the model is asked about, given what was said, start first.
        choose: logits (V,) -> word.
        masked: whether the source's padding is hidden.
        until: finished (B,) -> whether to stop.
        shown: a row of tokens said, without start -> what is given back of it.
        steps: `max_length` -> how many words are said at most.
        after: what a finished sentence says; None: it goes on.
        same: all sentences are the first.
    """

    def decode(model, source_ids, max_length, start_id, end_id, use_cache=True):
        said = [[start_id] for _ in source_ids]
        sources = source_ids[:1].repeat(len(said), axis=0) if same else source_ids
        for _ in range(steps(max_length)):
            finished = [end_id in row for row in said]
            if until(finished):
                break
            for row, source, done in zip(said, sources, finished, strict=True):
                word = int(choose(_logits(model, source, read(row), masked)))
                row.append(after if done and after is not None else word)
        rows = [shown(row[1:]) for row in said]
        ids = np.zeros((len(rows), max([max_length, *map(len, rows)])), "int32")
        for filled, row in zip(ids, rows, strict=True):
            filled[: len(row)] = row
        return ids

    return decode


def _without_end(row):
    """Words after the end stay, the end itself becomes padding."""
    return [PAD if token == END else token for token in row]


# Seeds for which sentences are of several lengths, and in which no two known mistakes look alike.
GREEDY_SEEDS = {"one": (57, 0, 2), "endless": (57,), "batch": (10, 8), "padding": (51, 12)}
BEAM_SEEDS = {
    "greedy": (0, 2, 1),
    "wide": (7, 6, 0),
    "between": (21, 47),
    "penalty": (99, 127, 17),
    "endless": (0, 7, 1),
    "batch": (70, 1, 5),
}
SOURCES = np.array([[3, 7, 5, 8, 4], [6, 4, 8, 3, 7], [5, 3, 6, 0, 0]], "int32")  # the last is shorter

register(
    Exercise(
        name="greedy_decode",
        notebook="09_decoding",
        reference=greedy_decode,
        oracle=_greedy(),
        properties=(
            Property(
                "one sentence: word after word, up to its end",
                2,
                lambda rng: [case(seed=s, source_ids=SOURCES[:1], max_length=5) for s in GREEDY_SEEDS["one"]],
                run=_said,
            ),
            Property(
                "at most `max_length` tokens, where no end comes",
                1,
                lambda rng: [case(seed=s, source_ids=SOURCES[:1], max_length=4) for s in GREEDY_SEEDS["endless"]],
                run=_said,
            ),
            Property(
                "a batch: each sentence ends where it ends, with padding behind",
                2,
                lambda rng: [case(seed=s, source_ids=SOURCES[:2], max_length=5) for s in GREEDY_SEEDS["batch"]],
                run=_said,
            ),
            Property(
                "the source's padding is not looked at",
                1,
                lambda rng: [case(seed=s, source_ids=SOURCES[1:], max_length=5) for s in GREEDY_SEEDS["padding"]],
                run=_said,
            ),
        ),
        mistakes=(
            Mistake(
                "the start token came back: leave the first column out", _greedy(shown=lambda row: [START, *_cut(row)])
            ),
            Mistake(
                "the end token, or what was said after it, came back: padding stands from the end on",
                _greedy(shown=lambda row: [*row[: len(_cut(row)) + 1]]),
            ),
            Mistake(
                "the end token, or what was said after it, came back: padding stands from the end on",
                _greedy(shown=list),
            ),
            Mistake(
                "the end token, or what was said after it, came back: padding stands from the end on",
                _greedy(shown=_without_end),
            ),
            Mistake(
                "the end token, or what was said after it, came back: padding stands from the end on",
                _greedy(shown=list, after=END),
            ),
            Mistake(
                "start and end came back with the words: leave out the first column, and pad from the end on",
                _greedy(shown=lambda row: [START, *row[: len(_cut(row)) + 1]]),
            ),
            Mistake(
                "the word is read at the first position, each time: the next word stands at the last token's place",
                _greedy(read=lambda said: said[:1]),
            ),
            Mistake(
                "the word is read one place too early: the scores of the next word stand at the last token's place",
                _greedy(read=lambda said: said[:-1] or said),
            ),
            Mistake(
                "the decoder reads the last word only: without a memory it needs the whole prefix",
                _greedy(read=lambda said: said[-1:]),
            ),
            Mistake(
                "the prefix lacks the start: the decoder reads start first, then the words said",
                _greedy(read=lambda said: said[1:] or said),
            ),
            Mistake(
                "the sentence begins with the end token: put `start_id` first", _greedy(read=lambda s: [END, *s[1:]])
            ),
            Mistake("the sentence begins with padding: put `start_id` first", _greedy(read=lambda s: [PAD, *s[1:]])),
            Mistake("the least likely word is taken: argmax, not argmin", _greedy(choose=np.argmin)),
            Mistake(
                "the new word is put in front of the prefix: it belongs behind",
                _greedy(read=lambda said: said[::-1], shown=lambda row: _cut(row)[::-1]),
            ),
            Mistake("one word too many where no end comes", _greedy(steps=lambda n: n + 1)),
            Mistake("one word too few: `max_length` tokens may be said", _greedy(steps=lambda n: n - 1)),
            Mistake("only one word is said: repeat until the end", _greedy(steps=lambda n: 1)),
            Mistake(
                "the first sentence to end ends all: go on until every row is finished",
                _greedy(until=any),
            ),
            Mistake("only the first sentence's end is looked at", _greedy(until=lambda finished: finished[0])),
            Mistake(
                "every sentence became the first one: each row has words of its own",
                _greedy(same=True),
            ),
            Mistake(
                "the decoder looks at the source's padding: pass cross_attention_mask, made from the source's ids",
                _greedy(masked=False),
            ),
        ),
        hints=(
            "The encoder runs once, before the loop. The decoder runs once for each word, on all that is said so far. "
            "To try the check's model yourself: from utils.checks.decoding import tiny_model.",
            "model.decoder(ids, encoded, cross_attention_mask=…) gives a vector for each place; model.output_layer of "
            "the last token's vector scores the next word. ops.argmax over the last axis chooses it.",
            "Keep `finished`, one bool a row. A finished row gets padding in place of its word; a row is finished once "
            "it has said the end. cut_at_end tidies up what the loop has said, start left out.",
        ),
    )
)


# One step with a memory ------------------------------------------------------------------------------

TARGETS = np.array([[START, 4, 3, 5, 3], [START, 5, 5, 4, 4], [START, 3, 4, 4, 5]], "int32")


def _steps(answer, seed, source_ids, target_ids, norm="post", size=7):
    """The logits after each token of `target_ids`, one step after the other: (B, T, V)."""
    model = tiny_model(seed, 2, norm)
    cache, logits = start_cache(model, source_ids, size), []
    for position in range(target_ids.shape[1]):
        one, cache = answer(model, target_ids[:, position], position, cache)
        logits.append(_plain(one))
    return np.stack(logits, axis=1)


def _branches(answer, seed, source_ids, target_ids, size=6):
    """Two ways on from one memory: the logits after the last token of each row, (B, V) twice, and its mask then."""
    model = tiny_model(seed, 2)
    cache = start_cache(model, source_ids, size)
    for position in range(target_ids.shape[1] - 1):
        _, cache = answer(model, target_ids[:, position], position, cache)
    last = target_ids.shape[1] - 1
    first, _ = answer(model, target_ids[:, last], last, cache)
    said = ops.convert_to_numpy(cache["said"]).astype("float32")
    other, _ = answer(model, np.full(len(target_ids), PAD, "int32"), last, cache)  # its own place: not a token
    return _plain(first), _plain(other), said


def _plain(logits):
    if logits is None or not hasattr(logits, "shape"):
        raise TypeError(f"the logits (B, V) and the new cache are asked for; in place of the logits: {logits!r:.60}")
    return np.asarray(ops.convert_to_numpy(logits))


def _layer_by_layer(x, decoder, position, cache, said, cross, source, memories):
    """All layers, each with a memory of its own."""
    kept = []
    for layer, memory, pair in zip(decoder.decoder_layers, memories, cross, strict=True):
        x, memory = decoding.cached_layer_step(layer, x, position, memory, said, pair, source)
        kept.append(memory)
    return x, kept


def _only_first(x, decoder, position, cache, said, cross, source, memories):
    x, memory = decoding.cached_layer_step(decoder.decoder_layers[0], x, position, memories[0], said, cross[0], source)
    return x, [memory, *memories[1:]]


def _each_from_the_start(x, decoder, position, cache, said, cross, source, memories):
    """Every layer reads the embedding in place of what the one below has made."""
    kept, outcome = [], x
    for layer, memory, pair in zip(decoder.decoder_layers, memories, cross, strict=True):
        outcome, memory = decoding.cached_layer_step(layer, x, position, memory, said, pair, source)
        kept.append(memory)
    return outcome, kept


def _step(scale=lambda decoder: math.sqrt(decoder.embedding_dim), place=lambda position: position, marked=None,
          layers=_layer_by_layer, cross=lambda pairs: pairs, source=lambda mask: mask, memories=lambda old: old,
          kept=lambda old, new: new, said_kept=True, final=True, score=None, in_place=False,
          at=lambda position: position):  # fmt: skip
    """`cached_decoder_step` with its usual slips.

    Args:
        scale: what the embedding is multiplied by.
        place: position -> which position's encoding is added; None adds none.
        marked: (old said, is_token (B, 1, 1, 1), position) -> the mask of what may be looked at; None: as it should.
        layers: how the layers are called.
        cross: what becomes of the source's keys and values.
        source: what becomes of the source's mask.
        memories: which memory each layer gets.
        kept: which memories go into the new cache.
        said_kept: whether the mask goes into the new cache.
        final: whether pre-norm's last norm is there.
        score: (model, x) -> what comes back as logits.
        in_place: whether the cache that was given is changed.
        at: at which place the new key and value are kept.
    """
    marked = marked or (lambda said, is_token, position: ops.slice_update(said, (0, 0, 0, position), is_token))
    score = score or (lambda model, x: model.output_layer(x)[:, 0])

    def step(model, token, position, cache):
        decoder = model.decoder
        is_token = ops.reshape(ops.not_equal(token, model.pad_id), (-1, 1, 1, 1))
        said = marked(cache["said"], is_token, position)
        x = decoder.embedding(token[:, None]) * scale(decoder)
        if place is not None:
            x = x + ops.take(cache["positions"], place(position), axis=1)
        pairs, mask = cross(cache["cross"]), source(cache["source"])
        x, new = layers(x, decoder, at(position), cache, said, pairs, mask, memories(cache["self"]))
        x = decoder.final_norm(x) if final and decoder.final_norm is not None else x
        changes = {"self": kept(cache["self"], new), "said": said if said_kept else cache["said"]}
        if in_place:
            cache.update(changes)
        return score(model, x), {**cache, **changes}

    return step


def _turned_around(said, is_token, position):
    return ops.logical_not(ops.slice_update(said, (0, 0, 0, position), is_token))


def _all_places(said, is_token, position):
    return ops.ones_like(said)


def _only_itself(said, is_token, position):
    return ops.slice_update(ops.zeros_like(said), (0, 0, 0, position), is_token)


def _padding_too(said, is_token, position):
    return ops.slice_update(said, (0, 0, 0, position), ops.ones_like(is_token))


def _one_late(said, is_token, position):
    return ops.slice_update(said, (0, 0, 0, position + 1), is_token)


register(
    Exercise(
        name="cached_decoder_step",
        notebook="09_decoding",
        reference=cached_decoder_step,
        properties=(
            Property(
                "the first token, at position 0",
                1,
                lambda rng: [case(seed=1, source_ids=SOURCES[:1], target_ids=TARGETS[:1, :1])],
                run=_steps,
            ),
            Property(
                "token after token, with what is remembered",
                2,
                lambda rng: [
                    case(seed=2, source_ids=SOURCES[:1], target_ids=TARGETS[:1, :3]),
                    case(seed=3, source_ids=SOURCES[:2], target_ids=TARGETS[:2, :4]),
                ],
                run=_steps,
            ),
            Property(
                "padding, in the source and among the tokens, is not looked at",
                1,
                lambda rng: [
                    case(
                        seed=4,
                        source_ids=SOURCES,
                        target_ids=np.where(np.eye(3, 4, 1, bool), PAD, TARGETS[:, :4]).astype("int32"),
                    )
                ],
                run=_steps,
            ),
            Property(
                "pre-norm: the decoder's norm at the end",
                1,
                lambda rng: [case(seed=5, source_ids=SOURCES[:2], target_ids=TARGETS[:2, :2], norm="pre")],
                run=_steps,
            ),
            Property(
                "the cache that was given stays as it was: two ways can go on from it",
                1,
                lambda rng: [case(seed=6, source_ids=SOURCES[:2], target_ids=TARGETS[:2, :3])],
                run=_branches,
            ),
        ),
        mistakes=(
            Mistake(
                "√D is missing: the decoder multiplies its embedding by √embedding_dim", _step(scale=lambda d: 1.0)
            ),
            Mistake(
                "the embedding is divided by √D: it is multiplied",
                _step(scale=lambda d: 1 / math.sqrt(d.embedding_dim)),
            ),
            Mistake("the embedding is multiplied by D: it is √D", _step(scale=lambda d: float(d.embedding_dim))),
            Mistake('no position is added: take this position\'s row of cache["positions"]', _step(place=None)),
            Mistake(
                "every token gets position 0: take the encoding of its own position", _step(place=lambda position: 0)
            ),
            Mistake("the position is one too large: the start token stands at 0", _step(place=lambda p: p + 1)),
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
                _step(score=lambda model, x: model.output_layer(x)),
            ),
            Mistake(
                "vectors came back, not scores: the output layer makes logits of them",
                _step(score=lambda model, x: x[:, 0]),
            ),
            Mistake(
                "probabilities came back: logits are asked for, before any softmax",
                _step(score=lambda model, x: ops.softmax(model.output_layer(x)[:, 0])),
            ),
            Mistake(
                "words came back, not scores: leave the argmax to the caller",
                _step(score=lambda model, x: ops.argmax(model.output_layer(x)[:, 0], axis=-1)),
            ),
            Mistake(
                "the cache that was given is changed: build a new dict, {**cache, …}",
                _step(in_place=True),
            ),
            Mistake(
                "only this token's key and value are found: keep them at `position`, and hand the new memory on",
                _step(at=lambda position: 0),
            ),
        ),
        hints=(
            "Decoder.call of notebook 07, for one position: embedding times √D, plus its position, then every layer, "
            "then the last norm where there is one; and the output layer.",
            'decoder.embedding(token[:, None]) is (B, 1, D). ops.take(cache["positions"], position, axis=1) is its '
            'position. ops.slice_update(cache["said"], (0, 0, 0, position), …) marks it, with a bool (B, 1, 1, 1).',
            'cached_layer_step gives x and the layer\'s new memory. Zip decoder.decoder_layers with cache["self"] and '
            'cache["cross"], and collect the memories; return the logits (B, V) and {**cache, "self": …, "said": …}.',
        ),
    )
)


# Beams -----------------------------------------------------------------------------------------------


def _best(answer, seed, source_ids, max_length, beam_width, **options):
    """Ids and scores as `answer` gives them; by name or by position, both must do."""
    with mock.patch.object(decoding, "compiled", _eager):
        given = tiny_model(seed), source_ids, max_length, START, END
        ids, scores = answer(*given, beam_width=beam_width, **options)
    return _wide(ids, max_length), np.asarray(ops.convert_to_numpy(scores) if ops.is_tensor(scores) else scores)


def _gnmt(length, alpha):
    return ((5 + length) / 6) ** alpha


def _first_best(finished):
    return max(finished, key=lambda pair: pair[0])


def _beam(penalty=_gnmt, gain=None, add=lambda p, q: p + q, counted=lambda n: n, choose=_first_best, starts=1,
          width=lambda k: k, kept="all", enough=lambda n, k: n >= k, by_score=True, shown=_cut, nothing="best",
          text="parent", memory="parent", alpha=lambda given: given, ends=True, masked=True, same=False,
          result=lambda score: score):  # fmt: skip
    """Beam search with its usual slips.

    Args:
        penalty: (length, α) -> what a log-probability is divided by.
        gain: logits (V,) -> what each word adds; None: its log-probability.
        add: how it is added up.
        counted: length with the end -> the length that is punished.
        choose: which of the finished (score, sentence) is the best.
        starts: how many copies of the start begin.
        width: `beam_width` -> how many beginnings are kept.
        kept: "all": k beginnings go on; "shrinking": as many fewer as have ended.
        enough: (finished, k) -> whether to stop.
        by_score: whether the finished are compared by score; otherwise by log-probability.
        shown: a sentence -> what is given back of it.
        nothing: where none is finished: "best" beginning, "empty", or "preferred" even where some are.
        text: whose words a continuation carries on: its "parent"'s or its "slot"'s.
        memory: whose memory it carries on, likewise.
        alpha: `length_penalty` -> α.
        ends: whether the end is looked at.
        masked: whether the source's padding is hidden.
        same: all sentences are the first.
        result: score -> what comes back.
    """

    def of_one(model, source, max_length, k, alpha):
        def words_after(beginning):
            if gain is None:
                return _log_p(model, source, beginning, masked)
            return gain(_logits(model, source, beginning, masked))

        beams = [(0.0, [START], [START])] * (k if starts is None else starts)  # sum, text, what the model remembers
        finished, length = [], 0
        for length in range(1, max_length + 1):
            continuations = [
                (add(p, q), slot, w)
                for slot, (p, _, remembered) in enumerate(beams)
                for w, q in enumerate(words_after(remembered))
            ]
            best = sorted(continuations, key=lambda c: -c[0])[: 2 * k]
            new = []
            for place, (p, slot, w) in enumerate(best):
                own = min(len(new), len(beams) - 1)
                sentence = beams[slot if text == "parent" else own][1] + [w]
                remembered = beams[slot if memory == "parent" else own][2] + [w]
                if w == END and ends:
                    if place < k and len(finished) < k:
                        score = p / penalty(counted(length), alpha)
                        finished.append((score if by_score else p, sentence[1:], score))
                else:
                    new.append((p, sentence, remembered))
            beams = new[: k - len(finished)] if kept == "shrinking" else new[:k]
            if enough(len(finished), k) or not beams:
                break
        if finished and nothing != "preferred":
            _, sentence, score = choose(finished)
            return shown(sentence), score
        if nothing == "empty":
            return [], -np.inf
        return shown(beams[0][1][1:]), beams[0][0] / penalty(counted(length), alpha)

    def search(model, source_ids, max_length, start_id, end_id, beam_width=4, length_penalty=0.6):
        sources = source_ids[:1].repeat(len(source_ids), axis=0) if same else source_ids
        best = [of_one(model, source, max_length, width(beam_width), alpha(length_penalty)) for source in sources]
        ids = np.zeros((len(best), max_length + 1), "int32")
        for filled, (sentence, _) in zip(ids, best, strict=True):
            filled[: len(sentence)] = sentence
        ids = ids if ids[:, -1].any() else ids[:, :-1]
        return ids, np.array([result(score) for _, score in best])

    return search


def _with_end(row):
    return row[: len(_cut(row)) + 1]


def _beam_cases(name, rows, length, widths, **options):
    """A case for each seed of that name and each width."""
    return lambda rng: [
        case(seed=s, source_ids=SOURCES[rows], max_length=length, beam_width=k, **options)
        for s in BEAM_SEEDS[name]
        for k in widths
    ]


register(
    Exercise(
        name="beam_search",
        notebook="09_decoding",
        reference=beam_search,
        oracle=_beam(),
        properties=(
            Property(
                "a beam of width 1 says what greedy says",
                1,
                _beam_cases("greedy", slice(0, 1), 4, (1,), length_penalty=0.0),
                run=_best,
            ),
            Property(
                "a wide beam finds the best sentence of all",
                2,
                _beam_cases("wide", slice(0, 1), 3, (40,), length_penalty=0.0),
                run=_best,
            ),
            Property(
                "widths in between: of all continuations the best k go on",
                2,
                _beam_cases("between", slice(0, 1), 5, (2, 3), length_penalty=0.0),
                run=_best,
            ),
            Property(
                "the length penalty",
                1,
                _beam_cases("penalty", slice(0, 1), 5, (3,)),
                run=_best,
            ),
            Property(
                "where nothing ends, the likeliest beginning comes back",
                1,
                _beam_cases("endless", slice(0, 1), 3, (2,), length_penalty=0.6),
                run=_best,
            ),
            Property(
                "a batch: each sentence has a beam of its own",
                1,
                _beam_cases("batch", slice(0, 3), 4, (2,)),
                run=_best,
            ),
        ),
        mistakes=(
            Mistake("the start token came back", _beam(shown=lambda row: [START, *_cut(row)])),
            Mistake("the end token came back: cut_at_end takes it off", _beam(shown=_with_end)),
            Mistake(
                "logits are added up: they are not log-probabilities yet, subtract the log of the sum of their "
                "exponentials",
                _beam(gain=lambda logits: logits),
            ),
            Mistake(
                "probabilities are added up: they multiply, so add their logarithms",
                _beam(gain=lambda logits: np.exp(logits - np.log(np.exp(logits).sum()))),
            ),
            Mistake(
                "only the last word's log-probability counts: add it to that of the words before",
                _beam(add=lambda p, q: q),
            ),
            Mistake("a probability came back: the score is a log-probability", _beam(result=np.exp)),
            Mistake("the sign is wrong: log-probabilities are negative, larger is better", _beam(result=lambda s: -s)),
            Mistake(
                "only one beginning is followed: `beam_width` is ignored, or all k begin alike and so stay alike",
                _beam(starts=None),
            ),
            Mistake(
                "only one beginning is followed: `beam_width` is ignored, or all k begin alike and so stay alike",
                _beam(width=lambda k: 1),
            ),
            Mistake(
                "the words go to the wrong beginnings: carry the parent's words over, ids[row, parents]",
                _beam(text="slot"),
            ),
            Mistake(
                "the memory goes to the wrong beginnings: tell the model whose child each one is",
                _beam(memory="slot"),
            ),
            Mistake(
                "words and memory go to the wrong beginnings: both must follow the parents",
                _beam(text="slot", memory="slot"),
            ),
            Mistake(
                "the beam shrinks when a sentence ends: k beginnings that have not ended go on",
                _beam(kept="shrinking"),
            ),
            Mistake(
                "the best is chosen before the penalty: compare scores, not log-probabilities", _beam(by_score=False)
            ),
            Mistake(
                "the first sentence to end is taken: go on until k have ended, then take the best score",
                _beam(enough=lambda n, k: n >= 1),
            ),
            Mistake(
                "the first sentence to end is taken: go on until k have ended, then take the best score",
                _beam(choose=lambda finished: finished[0]),
            ),
            Mistake("the worst of the finished is taken", _beam(choose=lambda f: min(f, key=lambda pair: pair[0]))),
            Mistake(
                "the last sentence to end is taken: of those that ended, take the one with the best score",
                _beam(choose=lambda finished: finished[-1]),
            ),
            Mistake(
                "a beginning that has not ended is returned although others have: the best finished one comes back",
                _beam(nothing="preferred"),
            ),
            Mistake(
                "nothing comes back where no sentence has ended: return the likeliest beginning", _beam(nothing="empty")
            ),
            Mistake("the end is not looked at: a sentence that has said it is finished", _beam(ends=False)),
            Mistake("no length penalty: divide by ((5 + tokens) / 6)^α", _beam(alpha=lambda given: 0.0)),
            Mistake("the penalty is always that of α = 0.6: use `length_penalty`", _beam(alpha=lambda given: 0.6)),
            Mistake(
                "multiplied by the penalty where it should be divided", _beam(penalty=lambda n, a: 1 / _gnmt(n, a))
            ),
            Mistake("divided by tokens^α: it is ((5 + tokens) / 6)^α", _beam(penalty=lambda n, a: n**a)),
            Mistake(
                "divided by the number of tokens: it is ((5 + tokens) / 6)^α",
                _beam(penalty=lambda n, a: n),
            ),
            Mistake("the 6 is missing: ((5 + tokens) / 6)^α", _beam(penalty=lambda n, a: (5 + n) ** a)),
            Mistake(
                "the power is missing: ((5 + tokens) / 6)^α", _beam(penalty=lambda n, a: (5 + n) / 6 * a if a else 1)
            ),
            Mistake("α is multiplied, not a power: ((5 + tokens) / 6)^α", _beam(penalty=lambda n, a: (5 + n) / 6)),
            Mistake("the end is not counted: it is one of the tokens", _beam(counted=lambda n: n - 1)),
            Mistake("the start is counted: only tokens that were said count", _beam(counted=lambda n: n + 1)),
            Mistake("the decoder looks at the source's padding", _beam(masked=False)),
            Mistake("every sentence became the first one: each row has a beam of its own", _beam(same=True)),
        ),
        hints=(
            "Keep k beginnings with the sum of their log-probabilities. Each step: all their continuations, the best "
            "of them, those that ended set aside. To try it yourself: from utils.checks.decoding import tiny_model.",
            "likeliest_words = start_beams(model, source_ids, max_length, k) asks the model, with its memory; "
            "best_continuations gives the 2k best, of which at most k end. ids[row, parents] carries the words over.",
            "Of the first k, those whose word is the end are finished: keep (score, sentence). The first k that have "
            "not ended go on. Stop when k are finished; if none is by the last step, take the best beginning.",
        ),
    )
)


# A head switched off ---------------------------------------------------------------------------------


class _Stop(Exception):
    pass


def _inside_and_after(answer, seed, key, head, fails=False, within=None):
    """The logits inside the `with`, and once it is left; with a head of `within` off around it, where one is given."""
    model = tiny_model(seed, 2)
    inputs = SOURCES, TARGETS[:, :4]
    inside, around = None, answer(model, *within) if within else contextlib.nullcontext()
    with around:
        try:
            with answer(model, key, head):
                inside = ops.convert_to_numpy(model(inputs))
                if fails:
                    raise _Stop
        except _Stop:
            pass
        after = ops.convert_to_numpy(model(inputs))
    return inside, after, ops.convert_to_numpy(model(inputs))


def _ablation(change, weights=lambda attention: attention.output_weights[:1], restore="always", pick=None):
    """`ablate_head` with its usual slips.

    Args:
        change: (copy of a weight, head) -> None, in place.
        weights: which weights of the attention are changed.
        restore: "always", "without exceptions", "never", or "to zero", where what was kept is the changed array.
        pick: (model, key) -> which attention; None: the right one.
    """

    @contextlib.contextmanager
    def ablate(model, key, head):
        attention = (pick or decoding.find_attention)(model, key)
        variables = weights(attention)
        before = [ops.convert_to_numpy(w).copy() for w in variables]
        for variable, old in zip(variables, before, strict=True):
            new = old if restore == "to zero" else old.copy()
            change(new, head)
            variable.assign(new)

        def put_back():
            for variable, old in zip(variables, before, strict=True):
                variable.assign(old)

        if restore == "without exceptions":
            yield
            put_back()
            return
        try:
            yield
        finally:
            if restore != "never":
                put_back()

    return ablate


def _zero(place):
    """Sets what `place` names of a weight, given the head, to zero."""

    def change(weight, head):
        weight[place(head)] = 0.0

    return change


def _mean(weight, head):
    weight[head] = weight.mean(axis=0)


def _only(weight, head):
    weight[[h for h in range(len(weight)) if h != head]] = 0.0


def _kernel(name):
    return lambda attention: getattr(attention, f"{name}_weights")[:1]


def _other_stack(model, key):
    """The layer asked for, in the other kind of attention."""
    stack, layer, kind = key.split("/")
    if stack == "decoder":
        return decoding.find_attention(model, f"decoder/{layer}/{'self' if kind == 'cross' else 'cross'}")
    return decoding.find_attention(model, f"decoder/{layer}/self")


def _first_layer(model, key):
    stack, _, kind = key.split("/")
    return decoding.find_attention(model, f"{stack}/0/{kind}")


ROWS = _zero(lambda head: head)  # of W_O (H, K, D): all that a head may say

register(
    Exercise(
        name="ablate_head",
        notebook="09_decoding",
        reference=ablate_head,
        properties=(
            Property(
                "inside the `with`, the head says nothing; afterwards all is as before",
                2,
                lambda rng: [
                    case(seed=1, key="decoder/1/cross", head=1),
                    case(seed=2, key="encoder/1/self", head=0),
                    case(seed=3, key="decoder/0/self", head=1),
                ],
                run=_inside_and_after,
            ),
            Property(
                "it comes back after an error inside the `with`, too",
                1,
                lambda rng: [case(seed=4, key="decoder/0/cross", head=0, fails=True)],
                run=_inside_and_after,
            ),
            Property(
                "two heads of one attention, one `with` inside the other",
                1,
                lambda rng: [case(seed=5, key="decoder/1/self", head=1, within=("decoder/1/self", 0))],
                run=_inside_and_after,
            ),
        ),
        mistakes=(
            Mistake(
                "after an error inside the `with` the head stays off: put it back in `finally`",
                _ablation(ROWS, restore="without exceptions"),
            ),
            Mistake(
                "the head stays off: after the `yield`, assign a copy of what was there before",
                _ablation(ROWS, restore="never"),
            ),
            Mistake(
                "the head stays off: after the `yield`, assign a copy of what was there before",
                _ablation(ROWS, restore="to zero"),
            ),
            Mistake("nothing is switched off: assign the changed W_O to the kernel", _ablation(lambda w, head: None)),
            Mistake(
                "all heads are switched off: only rows `head` of W_O become zero",
                _ablation(_zero(lambda head: slice(None))),
            ),
            Mistake(
                "the other heads are switched off: rows `head` of W_O become zero, counted from 0",
                _ablation(_only),
            ),
            Mistake(
                "the other heads are switched off: rows `head` of W_O become zero, counted from 0",
                _ablation(_zero(lambda head: (head + 1) % 2)),
            ),
            Mistake(
                "column `head` of every head became zero: the heads are the first axis of W_O (H, K, D)",
                _ablation(_zero(lambda head: (slice(None), head))),
            ),
            Mistake(
                "one of the D outputs became zero: the heads are the first axis of W_O (H, K, D)",
                _ablation(_zero(lambda head: (Ellipsis, head))),
            ),
            Mistake("only one row of the head became zero: W_O has K rows for it", _ablation(_zero(lambda h: (h, 0)))),
            Mistake(
                "the bias went too: it belongs to no head",
                _ablation(
                    lambda w, head: _zero(lambda h: h if w.ndim == 3 else slice(None))(w, head),
                    weights=lambda attention: attention.output_weights,
                ),
            ),  # fmt: skip
            Mistake(
                "the head's queries became zero: then it looks at all words alike, and goes on speaking",
                _ablation(_zero(lambda head: (slice(None), head)), weights=_kernel("query")),
            ),
            Mistake(
                "the head's keys became zero: then it looks at all words alike, and goes on speaking",
                _ablation(_zero(lambda head: (slice(None), head)), weights=_kernel("key")),
            ),
            Mistake(
                "the head's values became zero, but not their bias: that is still said. Its rows of W_O hold it all",
                _ablation(_zero(lambda head: (slice(None), head)), weights=_kernel("value")),
            ),
            Mistake("the head got the mean of all heads' rows: it should say nothing", _ablation(_mean)),
            Mistake(
                "another attention was changed: find_attention(model, key) finds the one that is meant",
                _ablation(ROWS, pick=_other_stack),
            ),
            Mistake(
                "the first layer's head was switched off: the key names the layer", _ablation(ROWS, pick=_first_layer)
            ),
        ),
        hints=(
            "Notebook 05: the output of the layer is a sum, and head h adds head_h · W_O^h. What must be zero for that "
            "to add nothing?",
            "find_attention(model, key).output_weights is the pair (kernel, bias); the kernel is (H, K, D). Copy it to "
            "a NumPy array, set the head's rows to zero, kernel.assign(…).",
            "Then `yield`, which runs what stands inside the `with`; and in `finally`, after it, assign what was there "
            "before.",
        ),
    )
)
