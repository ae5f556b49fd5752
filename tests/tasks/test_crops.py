"""Parts of windows: the answer is whole in each, wherever it stands; nothing else changes but what is left out."""

from dataclasses import replace

import numpy as np
import pytest

from utils.tasks.crops import crops
from utils.tasks.passages import NULL, cut, label, to_learn_from
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


def test_every_part_holds_the_whole_answer_and_the_whole_question(asked):
    questions, windows, labels = asked
    parts, found = crops(windows, labels, LENGTH, 500)
    assert len(parts) == len(found) == 500 and found.dtype == "int32"
    for n, (part, (first, last)) in enumerate(zip(parts, found, strict=True)):
        window, question = windows[n % 5], questions[n % 5]
        assert len(part) == parts.lengths[n] and part.context.stop - part.context.start <= LENGTH
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


def test_the_cuts_are_anywhere_and_at_the_ends_of_sentences_where_they_can_be(asked):
    _, windows, labels = asked
    parts, found = crops(windows, labels, LENGTH, 1000)
    places = [{part.offsets[part.context.start] for part in list(parts)[n::5]} for n in range(5)]
    assert len(places[2]) > 2 and len(places[3]) > 5 and len(places[4]) == 1
    covered = {offset for part in list(parts)[3::5] for offset in part.offsets[part.context]}
    assert covered == set(windows[3].offsets[windows[3].context])  # of a question without an answer all is read
    begins = {windows[0].offsets[i] for i in range(windows[0].context.start, windows[0].context.stop)
              if windows[0].sentences[i] != windows[0].sentences[i - 1]}  # fmt: skip
    assert np.mean([part.offsets[part.context.start] in begins for part in list(parts)[3::5]]) > 0.8


def test_what_is_short_enough_stays_and_what_leaves_no_room_too(asked):
    _, windows, labels = asked
    assert crops(windows, labels, 400, 500)[0] is windows
    parts, found = crops(windows, labels, 5, 5)
    assert parts[4].ids == windows[4].ids and np.array_equal(found[4], labels[4])
    wide = np.array([[windows[0].context.start, windows[0].context.stop - 1], *labels[1:]])
    parts, found = crops(windows, wide, LENGTH, 5)
    assert parts[0].ids == windows[0].ids and np.array_equal(found[0], wide[0])


def test_every_window_has_its_turn_and_the_same_seed_cuts_alike(asked):
    _, windows, labels = asked
    one, other, third = (crops(windows, labels, LENGTH, 11, seed)[0] for seed in (0, 0, 1))
    assert [part.question for part in one] == [*range(5)] * 3  # whole rounds
    assert [part.ids for part in one] == [part.ids for part in other] != [part.ids for part in third]
    ways = (windows, LENGTH, 0), (windows, LENGTH, 1), (windows, 14, 0), (windows[:4], LENGTH, 0)
    marks = {crops(some, labels[: len(some)], length, 11, seed)[0].mark() for some, length, seed in ways}
    assert one.mark() == other.mark() and len(marks) == 4


@pytest.mark.parametrize("likeness", [0.0, 10.0])
@pytest.mark.parametrize("kinds", [1, 2])
def test_the_model_takes_parts_as_it_takes_windows(asked, likeness, kinds):
    _, windows, labels = asked
    parts, _ = crops(windows, labels, LENGTH, 5)
    settings = replace(SETTINGS, likeness=likeness)
    taken = as_read(parts, kinds, settings)
    assert [t.type_ids for t in taken] == [t.type_ids for t in as_read(list(parts), kinds, settings)]
    rows, (ids, types, mask) = EncodingBatches(taken, 5).batch(0)
    assert ids.shape == types.shape == mask.shape == (5, max(parts.lengths))
    assert [ids[row][mask[row]].tolist() for row in range(5)] == [parts[i].ids for i in rows]
