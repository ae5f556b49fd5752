"""Parts of windows: the answer is whole in each, wherever it stands; nothing else changes but what is left out."""

from dataclasses import replace

import numpy as np
import pytest

from utils.tasks.crops import crops
from utils.tasks.fine_tuning import TaskBatches
from utils.tasks.passages import NULL, cut, label, to_learn_from
from utils.tasks.question_answering import column_of
from utils.tasks.reader import as_read
from utils.text.buckets import EncodingBatches

from .test_passages import GARDEN, LONG, SETTINGS, ask, tokenizer

__all__ = ["tokenizer"]  # a fixture

WHOLE = replace(SETTINGS, max_length=400, stride=0)
LENGTH = 16


@pytest.fixture
def asked(tokenizer):  # noqa: F811 - the fixture
    """Windows of questions with and without an answer, long and short, and the answers' tokens."""
    questions = [
        ask(LONG, "the garden", GARDEN),
        ask(LONG, LONG[:4], 0),
        ask(LONG, "the key", LONG.index("the key", len(LONG) // 2)),
        ask(LONG),
        ask("Jane went.", "Jane", 0),
    ]
    return questions, *to_learn_from(cut(questions, tokenizer, WHOLE), questions)


def all_parts(windows, labels, length, epochs, seed=0):
    """Parts and labels of so many epochs, one after the other."""
    parts, found = crops(windows, labels, length, seed)
    some = [(parts.of_epoch(e), found.of_epoch(e)) for e in range(epochs)]
    return [part for parts, _ in some for part in parts], np.concatenate([labels for _, labels in some])


def test_every_part_holds_the_whole_answer_and_the_whole_question(asked):
    questions, windows, labels = asked
    parts, found = all_parts(windows, labels, LENGTH, 100)
    assert len(parts) == len(found) == 500 and found.dtype == "int32"
    for n, (part, (first, last)) in enumerate(zip(parts, found, strict=True)):
        window, question = windows[n % 5], questions[n % 5]
        assert part.context.stop - part.context.start <= LENGTH
        assert len(part.ids) == len(part.type_ids) == len(part.offsets) == len(part.sentences)
        front = part.context.start
        assert part.ids[:front] == window.ids[:front] and part.ids[-1] == window.ids[-1]
        assert set(part.type_ids[:front]) == {0} and set(part.type_ids[front:]) == {1}
        at = window.offsets.index(part.offsets[front])
        assert part.ids[front:-1] == window.ids[at : at + len(part) - front - 1]
        assert part.offsets[front:-1] == window.offsets[at : at + len(part) - front - 1]
        numbers = np.array(part.sentences[front:])
        assert numbers[0] == 1 and (np.diff(numbers) >= 0).all() and (np.diff(numbers) <= 1).all()
        if question.answers:
            answer = question.answers[0]
            assert question.context[part.offsets[first][0] : part.offsets[last][1]] == answer.text
            assert part.offsets[first][0] == answer.start and (first, last) == label(part, question)
        else:
            assert (first, last) == NULL


def test_the_cuts_are_anywhere_between_sentences(asked):
    _, windows, labels = asked
    parts, found = all_parts(windows, labels, LENGTH, 200)
    places = [{part.offsets[part.context.start] for part in parts[n::5]} for n in range(5)]
    assert len(places[2]) > 2 and len(places[3]) > 5 and len(places[4]) == 1
    covered = {offset for part in parts[3::5] for offset in part.offsets[part.context]}
    assert covered == set(windows[3].offsets[windows[3].context])  # of a question without an answer all is read
    window = windows[3]
    inside = range(window.context.start, window.context.stop)
    begins = {window.offsets[i] for i in inside if window.sentences[i] != window.sentences[i - 1]}
    ends = {window.offsets[i] for i in inside if window.sentences[i] != window.sentences[i + 1]}
    ends.add(window.offsets[window.context.stop - 1])
    for part in parts[0::5] + parts[2::5] + parts[3::5]:
        assert part.offsets[part.context.start] in begins and part.offsets[part.context.stop - 1] in ends
    places = [
        (part.sentences[first], part.sentences[-1]) for part, (first, _) in zip(parts[2::5], found[2::5], strict=True)
    ]
    assert set(places) == {(1, 3), (2, 3), (3, 3)}  # the answer's sentence is now the first of three, now the last


def test_a_sentence_that_is_too_long_is_cut_within(tokenizer):  # noqa: F811
    text = "Jane took " + "the map, the key, the lamp, " * 8 + "the garden."
    question = ask(text, "the garden", text.index("the garden"))
    windows, labels = to_learn_from(cut([question], tokenizer, WHOLE), [question])
    parts, found = all_parts(windows, labels, LENGTH, 50)
    assert {part.context.stop - part.context.start for part in parts} == {LENGTH}
    for part, (first, last) in zip(parts, found, strict=True):
        assert text[part.offsets[first][0] : part.offsets[last][1]] == "the garden"


def test_what_is_short_enough_stays_and_what_leaves_no_room_too(asked):
    _, windows, labels = asked
    assert crops(windows, labels, 400)[0] is windows and crops(windows, labels, 400)[1] is labels
    parts, found = all_parts(windows, labels, 5, 1)
    assert parts[4].ids == windows[4].ids and np.array_equal(found[4], labels[4])
    wide = np.array([[windows[0].context.start, windows[0].context.stop - 1], *labels[1:]])
    parts, found = all_parts(windows, wide, LENGTH, 1)
    assert parts[0].ids == windows[0].ids and np.array_equal(found[0], wide[0])


@pytest.mark.parametrize("batch_size", [2, 3, 5])
def test_in_each_epoch_every_window_has_its_turn_once_cut_another_way(asked, batch_size):
    questions, windows, labels = asked
    parts, found = crops(windows, labels, LENGTH)
    batches = TaskBatches(parts, [column_of(found, 0), column_of(found, 1)], batch_size)
    cuts = set()
    for epoch in range(4):
        turns = []
        for step in range(epoch * batches.batches_per_epoch, (epoch + 1) * batches.batches_per_epoch):
            rows, _ = EncodingBatches.batch(batches, step)
            ids, _, mask, starts, ends = batches.batch(step)
            for row, *at in zip(rows, starts, ends, strict=True):
                part = parts.of_epoch(epoch)[row]
                assert ids[list(rows).index(row)].tolist()[: len(part)] == part.ids
                assert tuple(at) == label(part, questions[row]) == tuple(found.of_epoch(epoch)[row])
                turns.append(row)
                cuts.add((row, part.offsets[part.context.start]))
        assert sorted(turns) == [*range(5)]
    assert len(cuts) > 8


def test_the_same_seed_cuts_alike_and_the_mark_tells_others(asked):
    _, windows, labels = asked
    one, other, third = (crops(windows, labels, LENGTH, seed)[0] for seed in (0, 0, 1))
    last = [[part.ids for part in parts.of_epoch(epoch)] for parts in (one, other, third) for epoch in (3, 0)]
    assert last[:2] == last[2:4] and last[0] != last[4] and last[0] != last[1]
    ways = (windows, LENGTH, 0), (windows, LENGTH, 1), (windows, 14, 0), (windows[:4], LENGTH, 0)
    marks = {crops(some, labels[: len(some)], length, seed)[0].mark() for some, length, seed in ways}
    assert one.mark() == other.mark() and len(marks) == 4


@pytest.mark.parametrize("likeness", [0.0, 10.0])
@pytest.mark.parametrize("kinds", [1, 2])
def test_the_model_takes_parts_as_it_takes_windows(asked, likeness, kinds):
    _, windows, labels = asked
    parts, _ = crops(windows, labels, LENGTH)
    settings = replace(SETTINGS, likeness=likeness)
    for epoch in (0, 2):
        own = parts.of_epoch(epoch)
        taken = as_read(parts, kinds, settings).of_epoch(epoch)
        assert [t.type_ids for t in taken] == [t.type_ids for t in as_read(list(own), kinds, settings)]
        assert [t.ids for t in taken] == [part.ids for part in own] and list(taken.lengths) == list(map(len, own))
