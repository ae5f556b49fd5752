"""Passages of any length: windows, labels, readings put together, thresholds, scores."""

from dataclasses import replace

import numpy as np
import pytest

from tests.tasks import small_bert
from utils.datasets.readers.squad import Answer, Question
from utils.pretrained.checkpoint import load_tokenizer
from utils.tasks.passages import (
    NEVER,
    NULL,
    Reading,
    Settings,
    answers_of,
    choose_threshold,
    cut,
    label,
    put_together,
    relevance,
    said,
    scores_of,
    threshold_curve,
    to_learn_from,
    to_read,
)

SETTINGS = Settings(max_length=24, stride=4, max_question=8, max_answer_length=6)
LONG = " ".join(f"{who} took the {what}." for who in ("Jane", "Omar", "Lina") for what in ("map", "key", "lamp")) + (
    " Jane went to the garden."
)
GARDEN = LONG.index("the garden")


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    return load_tokenizer(small_bert.make(tmp_path_factory.mktemp("bert")))


def ask(context, text=None, start=0, question="Where did Jane go?"):
    return Question("", question, context, () if text is None else (Answer(text, start),))


def test_windows_hold_question_and_context_with_offsets(tokenizer):
    windows = cut([ask(LONG)], tokenizer, SETTINGS)
    assert len(windows) > 2 and max(map(len, windows)) == 24
    for w in windows:
        pieces = [tokenizer.id_to_token(i) for i in w.ids]
        assert pieces[:7] == "[CLS] where did jane go ? [SEP]".split() and pieces[-1] == "[SEP]"
        assert w.type_ids == [0] * 7 + [1] * (len(w) - 7)
        assert w.offsets[:7] == [(0, 0)] * 7 and w.offsets[-1] == (0, 0)
        for piece, (start, end) in zip(pieces[w.context], w.offsets[w.context], strict=True):
            assert LONG[start:end].lower() == piece
    reached = {offset for w in windows for offset in w.offsets[w.context]}
    assert reached == set(tokenizer.encode(LONG, add_special_tokens=False).offsets)
    first, second = (w.offsets[w.context] for w in windows[:2])
    assert first[-4:] == second[:4]


def test_a_long_question_is_cut_and_an_empty_passage_has_no_window(tokenizer):
    windows = cut([ask("Jane went.", question="what " * 30), ask(" \n")], tokenizer, SETTINGS)
    assert len(windows) == 1 and windows[0].type_ids.count(0) == 8 + 2


def test_the_label_is_the_answer_or_null(tokenizer):
    question = ask(LONG, "the garden", GARDEN)
    windows = cut([question], tokenizer, SETTINGS)
    labels = [label(w, question) for w in windows]
    assert labels[:-1] == [NULL] * (len(windows) - 1)
    first, last = labels[-1]
    assert LONG[windows[-1].offsets[first][0] : windows[-1].offsets[last][1]] == "the garden"
    assert [label(w, ask(LONG)) for w in windows] == [NULL] * len(windows)


def test_the_second_of_two_places_is_learnt_where_it_is_the_right_one(tokenizer):
    text = "Jane took the map. Omar took the map."
    question = ask(text, "the map", text.rindex("the map"))
    (window,) = cut([question], tokenizer, replace(SETTINGS, max_length=40))
    assert window.offsets[label(window, question)[0]][0] == text.rindex("the map")


def test_of_many_windows_without_the_answer_a_few_are_learnt_from(tokenizer):
    questions = [ask(LONG, "the garden", GARDEN), ask("Jane went.", "Jane", 0), ask(LONG)]
    windows = cut(questions, tokenizer, SETTINGS)
    for negatives in (0, 1, 2):
        chosen, labels = to_learn_from(windows, questions, negatives)
        of = [w.question for w in chosen]
        assert labels.dtype == "int32" and labels.shape == (len(chosen), 2)
        assert [of.count(n) for n in range(3)] == [1 + negatives, 1, negatives]
        assert (labels[[n == 1 for n in of]] != 0).all() and not labels[[n == 2 for n in of]].any()


def test_the_windows_without_the_answer_are_those_most_like_the_question(tokenizer):
    question = ask(LONG, "the garden", GARDEN, question="Who took the lamp?")
    windows = cut([question], tokenizer, replace(SETTINGS, max_length=16))
    chosen, labels = to_learn_from(windows, [question])
    assert [bool(first) for first, _ in labels] == [False, False, True]
    lamp = tokenizer.token_to_id("lamp")
    assert all(lamp in w.ids[w.context] for w in chosen[:2]) and len(windows) > 5


def test_relevance_is_bm25_over_the_windows_of_a_question(tokenizer):
    questions = [ask(LONG, question="Who took the lamp? Lina?"), ask(LONG.lower() * 3, question="garden garden")]
    windows = cut(questions, tokenizer, SETTINGS)
    scores = relevance(windows)
    for number, question in enumerate(questions):
        texts = [[tokenizer.id_to_token(i) for i in w.ids[w.context]] for w in windows if w.question == number]
        mean = sum(map(len, texts)) / len(texts)
        for text, score in zip(texts, scores[[w.question == number for w in windows]], strict=True):
            expected = 0.0
            for word in set(tokenizer.encode(question.question, add_special_tokens=False).tokens):
                holding, tf = sum(word in t for t in texts), text.count(word)
                idf = np.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
                expected += idf * tf * (1.2 + 1) / (tf + 1.2 * (1 - 0.75 + 0.75 * len(text) / mean))
            assert score == pytest.approx(expected)
    assert scores.max() > 1


def test_of_many_windows_the_most_relevant_are_read_in_their_order(tokenizer):
    questions = [ask(LONG), ask("Jane went."), ask(LONG, question="Who took the key?"), ask(LONG, question="!")]
    windows = cut(questions, tokenizer, SETTINGS)
    assert to_read(windows, 100) == windows and to_read([], 3) == []
    read = to_read(windows, 2)
    assert [w.question for w in read] == [0, 0, 1, 2, 2, 3, 3]
    assert [windows.index(w) for w in read] == sorted(windows.index(w) for w in read)
    assert "garden" in " ".join(tokenizer.id_to_token(i) for w in read[:2] for i in w.ids)
    assert read[-2:] == [w for w in windows if w.question == 3][:2]  # nothing speaks for one: the first


def logits_for(windows, span=None, height=5.0, null=0.0):
    """Flat logits, but for a span of characters where a window holds it whole, and null."""
    for w in windows:
        start, end = np.zeros((2, len(w)))
        start[0] = end[0] = null / 2
        if span:
            starts = [t for t, o in enumerate(w.offsets) if o[0] == span[0] and o != (0, 0)]
            ends = [t for t, o in enumerate(w.offsets) if o[1] == span[1]]
            if starts and ends:
                start[starts[0]], end[ends[0]] = height, height
        yield start, end


def test_readings_are_put_together_over_windows(tokenizer):
    question = ask(LONG)
    windows = cut([question], tokenizer, SETTINGS)
    (reading,) = put_together(windows, logits_for(windows, (GARDEN, GARDEN + 10), null=3.0), 1, SETTINGS)
    assert reading.spans[0] == (GARDEN, GARDEN + 10, 10.0) and said(reading, LONG, NEVER) == "the garden"
    assert len({span[:2] for span in reading.spans}) == len(reading.spans) == SETTINGS.n_best


def test_the_null_score_is_the_minimum_over_windows(tokenizer):
    windows = cut([ask(LONG)], tokenizer, SETTINGS)
    nulls = [float(n) for n in range(len(windows), 0, -1)]
    logits = [next(iter(logits_for([w], null=null))) for w, null in zip(windows, nulls, strict=True)]
    assert put_together(windows, logits, 1, SETTINGS)[0].null_score == 1.0


def test_no_answer_reaches_out_of_the_context(tokenizer):
    questions = [ask("Jane went.")]
    (window,) = windows = cut(questions, tokenizer, SETTINGS)
    start = np.where(np.array(window.type_ids) == 0, 50.0, 0.0)
    end = np.zeros(len(window))
    end[-1] = 50.0  # [SEP]
    (reading,) = put_together(windows, [(start, end)], 1, SETTINGS)
    assert reading.best == 0.0 and reading.null_score == 50.0


def test_a_passage_without_a_token_is_declined():
    (reading,) = put_together([], [], 1, SETTINGS)
    assert said(reading, " ", NEVER) == ""
    assert answers_of(reading, " ", NEVER) == [{"text": "", "start": 0, "end": 0, "score": 1.0}]


READING = Reading(4.0, [(0, 4, 5.0), (5, 7, 3.0)])


def test_answers_are_cut_from_the_passage_with_probabilities():
    answers = answers_of(READING, "Jane is here", NEVER)
    assert [a["text"] for a in answers] == ["Jane", "is"] and sum(a["score"] for a in answers) == pytest.approx(1)
    assert answers[0]["score"] == pytest.approx(1 / (1 + np.exp(-2)))


@pytest.mark.parametrize(("threshold", "best"), [(0.0, "Jane"), (-1.0, "Jane"), (-1.1, ""), (-5.0, "")])
def test_null_comes_first_where_it_exceeds_the_best_span_by_more_than_the_threshold(threshold, best):
    answers = answers_of(READING, "Jane is here", threshold)
    assert answers[0]["text"] == best == said(READING, "Jane is here", threshold)
    assert len(answers) == 3 and sum(a["score"] for a in answers) == pytest.approx(1)
    assert [a["score"] for a in answers] == sorted((a["score"] for a in answers), reverse=True)


def readings_with(margins):
    return [Reading(margin, [(0, 4, 0.0)]) for margin in margins]


def test_the_threshold_is_the_best_on_these_questions():
    right, wrong, none = ask("Jane went.", "Jane", 0), ask("Jane went.", "went", 5), ask("Jane went.")
    questions = [right, right, wrong, none, none, right]
    readings = readings_with([-3.0, -2.0, -2.5, 1.0, 2.0, 1.5])
    curve = threshold_curve(readings, questions)
    for n, threshold in enumerate(curve["threshold"]):  # the curve says what deciding at it gives
        answers = [said(r, q.context, threshold) for r, q in zip(readings, questions, strict=True)]
        scores = scores_of(answers, questions)
        for name in ("f1", "answerable_f1", "declined"):
            assert curve[name][n] == pytest.approx(scores[name]), (threshold, name)
    assert -2 < choose_threshold(readings, questions) < 1
    assert choose_threshold(readings[:3], questions[:3]) == NEVER


def test_where_nothing_can_be_answered_everything_is_declined():
    questions, readings = [ask("Jane went.")] * 3, readings_with([0.0, -1.0, 2.0])
    threshold = choose_threshold(readings, questions)
    assert [said(r, q.context, threshold) for r, q in zip(readings, questions, strict=True)] == ["", "", ""]


def test_a_question_without_a_span_does_not_spoil_the_curve():
    questions = [ask("Jane went.", "Jane", 0), ask(" "), ask("Jane went.")]
    readings = [Reading(-1.0, [(0, 4, 0.0)]), Reading(0.0, []), Reading(3.0, [(0, 4, 0.0)])]
    threshold = choose_threshold(readings, questions)
    assert np.isfinite(threshold)
    assert [said(r, q.context, threshold) for r, q in zip(readings, questions, strict=True)] == ["Jane", "", ""]


def test_scores_stand_apart_for_what_can_be_answered_and_what_cannot():
    questions = [ask("Jane went.", "Jane", 0), ask("Jane went.", "went", 5), ask("Jane went."), ask("Jane went.")]
    scores = scores_of(["Jane", "", "", "Jane"], questions)
    assert scores == {"exact_match": 0.5, "f1": 0.5, "questions": 4, "answerable_f1": 0.5, "declined": 0.5}
    assert scores_of(["Jane"], questions[:1]) == {"exact_match": 1.0, "f1": 1.0, "questions": 1}
