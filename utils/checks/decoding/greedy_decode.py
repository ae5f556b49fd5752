"""The exercise greedy_decode: what must hold, and what each mistake looks like."""

from unittest import mock

import numpy as np

from utils import decoding
from utils.checks.decoding.quick import quickly
from utils.checks.decoding.shared import (
    END,
    PAD,
    SOURCES,
    START,
    ids_of,
    logits_after,
    model_for,
    renamed,
    up_to_the_end,
    wide,
)
from utils.checks.decoding.twin import on_the_twin
from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.decoding import greedy_decode


def _said(answer, seed, source_ids, max_length, start_id=START, end_id=END):
    """What is said, each word with the whole prefix read again, as the lesson asks for it."""
    with mock.patch.object(decoding, "compiled", quickly):
        ids = answer(model_for(answer, seed), source_ids, max_length, start_id, end_id, use_cache=False)
    return wide(ids, max_length, len(source_ids))


def _said_by_default(answer, seed, source_ids, max_length, start_id, end_id, pad_id=PAD):
    """The same with the answer's own `use_cache`, and of a model whose padding has that id; none is read."""
    model = model_for(answer, seed)
    with mock.patch.object(decoding, "compiled", quickly), mock.patch.object(model, "pad_id", pad_id):
        ids = answer(model, source_ids, max_length, start_id, end_id)
    return wide(ids, max_length, len(source_ids), pad_id)


def _greedy(
    read=list, choose=np.argmax, masked=True, until=all, shown=up_to_the_end, steps=lambda n: n, after=None, same=False,
    start=lambda given: given, end=lambda given: given, padded=False, filled_with=lambda pad_id: pad_id, narrow=False,
):  # fmt: skip
    """Greedy decoding with its usual slips.

    Args:
        read: which prefix the model is asked about, given what was said, start first.
        choose: logits (V,) -> word.
        masked: whether the source's padding is hidden.
        until: finished (B,) -> whether to stop.
        shown: (a row of tokens said, without start, the end's id) -> what is given back of it.
        steps: `max_length` -> how many words are said at most.
        after: what a finished sentence says; None: it goes on.
        same: all sentences are the first.
        start: the id given -> the one that is used.
        end: likewise.
        padded: whether the prefix is filled up with padding, and the word read at its very last place.
        filled_with: the model's padding -> what stands behind a sentence.
        narrow: whether no column is beyond the longest sentence.
    """

    @on_the_twin
    def decode(model, source_ids, max_length, start_id, end_id, use_cache=True):
        start_id, end_id = start(start_id), end(end_id)
        said = [[start_id] for _ in source_ids]
        sources = source_ids[:1].repeat(len(said), axis=0) if same else source_ids
        for _ in range(steps(max_length)):
            finished = [end_id in row for row in said]
            if until(finished):
                break
            for row, source, done in zip(said, sources, finished, strict=True):
                prefix = [*read(row), *[PAD] * (max_length + 1 - len(row))] if padded else read(row)
                word = int(choose(logits_after(model.seed, source, prefix, masked)))
                row.append(after if done and after is not None else word)
        rows = [shown(row[1:], end_id) for row in said]
        width = max([0 if narrow else max_length, *map(len, rows)])
        ids = np.full((len(rows), width), filled_with(model.pad_id), "int32")
        for filled, row in zip(ids, rows, strict=True):
            filled[: len(row)] = row
        return ids

    return decode


def _whole(row, end):
    return row


def _with_end(row, end):
    return row[: len(up_to_the_end(row, end)) + 1]


def _last_rise(logits):
    """The last word that scores more than the one before it, 0 where none does."""
    return max(np.flatnonzero(np.diff(logits) > 0) + 1, default=0)


def _without_end(row, end):
    """Words after the end stay, the end itself becomes padding."""
    return [PAD if token == end else token for token in row]


# Seeds for which sentences are of several lengths, and in which no two known mistakes look alike.
GREEDY_SEEDS = {"one": (57, 0, 2), "endless": (57,), "batch": (10, 8), "padding": (51, 12), "ids": (0, 1)}


def _greedy_cases(name, rows, length):
    """A case for each seed of that name, its words renamed by chance."""
    return lambda rng: [
        case(seed=s, source_ids=SOURCES[rows], max_length=length) for s in renamed(rng, GREEDY_SEEDS[name])
    ]


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
                _greedy_cases("one", slice(0, 1), 5),
                run=_said,
            ),
            Property(
                "at most `max_length` tokens, where no end comes",
                1,
                _greedy_cases("endless", slice(0, 1), 4),
                run=_said,
            ),
            Property(
                "a batch: each sentence ends where it ends, with padding behind",
                2,
                _greedy_cases("batch", slice(0, 2), 5),
                run=_said,
            ),
            Property(
                "the source's padding is not looked at",
                1,
                _greedy_cases("padding", slice(1, 3), 5),
                run=_said,
            ),
            Property(
                "whatever the ids of start and end are",
                1,
                lambda rng: [
                    case(seed=s, source_ids=SOURCES[:2], max_length=5, start_id=int(ids[4]), end_id=int(ids[e]), **pad)
                    for s in renamed(rng, GREEDY_SEEDS["ids"])
                    for ids in [ids_of(s)]
                    for e, pad in ((END, {}), (5, {"pad_id": START}))
                ],
                run=_said_by_default,
            ),
        ),
        mistakes=(
            Mistake(
                "the start token came back: leave the first column out",
                _greedy(shown=lambda row, end: [START, *up_to_the_end(row, end)]),
            ),
            Mistake(
                "the end token, or what was said after it, came back: padding stands from the end on",
                _greedy(shown=_with_end),
            ),
            Mistake(
                "the end token, or what was said after it, came back: padding stands from the end on",
                _greedy(shown=_whole),
            ),
            Mistake(
                "the end token, or what was said after it, came back: padding stands from the end on",
                _greedy(shown=_without_end),
            ),
            Mistake(
                "the end token, or what was said after it, came back: padding stands from the end on",
                _greedy(shown=_whole, after=END),
            ),
            Mistake(
                "start and end came back with the words: leave out the first column, and pad from the end on",
                _greedy(shown=lambda row, end: [START, *_with_end(row, end)]),
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
                "the word is read at a place that holds padding: the next word stands at the last token's place",
                _greedy(padded=True),
            ),
            Mistake(
                "the word is read at a place that holds padding: the next word stands at the last token's place",
                _greedy(read=lambda said: [*said, PAD]),
            ),
            Mistake(
                "the end token, or what was said after it, came back: padding stands from the end on",
                _greedy(shown=_whole, until=lambda finished: False),
            ),
            Mistake(
                "only the last sentence's end is looked at: go on until every row is finished",
                _greedy(until=lambda finished: finished[-1]),
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
                "the sentence always begins with the same id: put `start_id` first, whatever it is",
                _greedy(start=lambda given: START),
            ),
            Mistake(
                "the sentence always ends with the same id: compare with `end_id`, whatever it is",
                _greedy(end=lambda given: END),
            ),
            Mistake(
                "the ids of start and end are always the same ones: use `start_id` and `end_id`, whatever they are",
                _greedy(start=lambda given: START, end=lambda given: END),
            ),
            *(
                Mistake(
                    "what stands behind a sentence is always 0: model.pad_id says what, whatever it is",
                    _greedy(filled_with=lambda pad_id: PAD, narrow=narrow),
                )
                for narrow in (True, False)
            ),
            Mistake(
                "the sentence begins with the end token: put `start_id` first", _greedy(read=lambda s: [END, *s[1:]])
            ),
            Mistake("the sentence begins with padding: put `start_id` first", _greedy(read=lambda s: [PAD, *s[1:]])),
            Mistake("the least likely word is taken: argmax, not argmin", _greedy(choose=np.argmin)),
            Mistake(
                "the search for the best score begins at 0, and finds no word where all scores are below: argmax, or "
                "begin at -inf",
                _greedy(choose=lambda logits: np.argmax(np.maximum(logits, 0))),
            ),
            Mistake(
                "each score is compared with the one before it, not with the best so far: argmax",
                _greedy(choose=_last_rise),
            ),
            Mistake(
                "the new word is put in front of the prefix: it belongs behind",
                _greedy(read=lambda said: said[::-1], shown=lambda row, end: up_to_the_end(row, end)[::-1]),
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
