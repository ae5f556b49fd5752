"""Labels of words and pieces, entities, their score: equal to seqeval's on hundreds of sequences."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.seqeval_cases import FILE, cases
from utils.tasks.labels import (
    IGNORED,
    align_labels,
    decode_bio,
    entity_f1,
    f1_interval,
    scores_by_type,
    token_accuracy,
)

STORED = json.loads(FILE.read_text("utf-8"))
LABELS = st.sampled_from(["O", "B-PER", "I-PER", "B-ORG", "I-ORG"])


def test_the_stored_cases_are_those_that_the_command_makes():
    assert len(STORED["rows"]) >= 200
    assert [[gold, predicted] for gold, predicted, _ in STORED["rows"]] == [list(case) for case in cases()]


def test_scores_equal_those_stored_of_seqeval():
    for gold, predicted, (precision, recall, f1) in STORED["rows"]:
        scores = entity_f1(gold, predicted)
        assert np.allclose(list(scores.values()), [precision, recall, f1], atol=1e-12), (gold, predicted)


@pytest.mark.filterwarnings("ignore")
def test_scores_and_entities_equal_those_of_seqeval_itself():
    metrics = pytest.importorskip("seqeval.metrics", reason="seqeval is not installed: its stored scores are compared")
    from seqeval.metrics.sequence_labeling import get_entities

    for gold, predicted in cases():
        expected = [f(gold, predicted) for f in (metrics.precision_score, metrics.recall_score, metrics.f1_score)]
        assert np.allclose(list(entity_f1(gold, predicted).values()), expected)
        for labels in gold:
            assert decode_bio(labels) == [(kind, first, last + 1) for kind, first, last in get_entities(labels)]


def test_entities_of_labels():
    labels = "B-PER I-PER O B-LOC B-LOC I-LOC I-ORG O I-DATE".split()
    assert decode_bio(labels) == [("PER", 0, 2), ("LOC", 3, 4), ("LOC", 4, 6), ("ORG", 6, 7), ("DATE", 8, 9)]
    assert decode_bio([]) == decode_bio(["O"]) == []
    assert decode_bio(["B-creative-work", "I-creative-work"]) == [("creative-work", 0, 2)]


@settings(deadline=None, max_examples=200)
@given(st.lists(LABELS, max_size=12))
def test_entities_cover_all_words_that_are_not_outside(labels):
    covered = [i for _, first, last in decode_bio(labels) for i in range(first, last)]
    assert covered == [i for i, label in enumerate(labels) if label != "O"]


def test_labels_of_pieces():
    aligned = align_labels([3, 0, 5], [None, 0, 0, 1, 2, 2, 2, None, None])
    assert aligned.dtype == np.int32 and aligned.tolist() == [-100, 3, -100, 0, 5, -100, -100, -100, -100]
    assert align_labels([], [None, None]).tolist() == [IGNORED] * 2 and align_labels([1], []).shape == (0,)


def test_scores_of_each_type_and_of_words():
    gold = [["B-PER", "I-PER", "O", "B-LOC"], ["O", "O"]]
    predicted = [["B-PER", "I-PER", "O", "B-ORG"], ["O", "B-PER"]]
    scores = scores_by_type(gold, predicted)
    assert scores["PER"] == {"precision": 0.5, "recall": 1.0, "f1": pytest.approx(2 / 3), "support": 1}
    assert scores["LOC"]["recall"] == scores["ORG"]["f1"] == 0.0 and scores["ORG"]["support"] == 0
    assert token_accuracy(gold, predicted) == pytest.approx(4 / 6)
    assert entity_f1([["O"]], [["O"]]) == {"precision": 0.0, "recall": 0.0, "f1": 0.0}  # as seqeval has it
    with pytest.raises(ValueError):
        entity_f1(gold, predicted[:1])


def test_the_interval_holds_the_score_and_shrinks_with_more_sentences():
    rng = np.random.default_rng(0)
    gold = [["B-PER", "O", "B-LOC"]] * 400
    predicted = [["B-PER", "O", "B-LOC" if rng.random() < 0.7 else "O"] for _ in gold]
    (low, high), (low_few, high_few) = f1_interval(gold, predicted), f1_interval(gold[:40], predicted[:40])
    assert low < entity_f1(gold, predicted)["f1"] < high and high - low < high_few - low_few
    assert f1_interval(gold, predicted) == (low, high) and f1_interval([["O"]], [["O"]]) == (0.0, 0.0)
