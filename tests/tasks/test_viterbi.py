"""Constrained decoding: Viterbi's labels are the best of all well-formed ones, found by trying them all."""

import itertools

import numpy as np
import pytest

from utils.datasets.readers.entity_files import Example, split_words
from utils.tasks.labels import decode_bio, ill_formed, may_follow, viterbi
from utils.tasks.token_classification import TokenClassifier

NAMES = ["O", "B-LOC", "I-LOC", "B-a-b", "I-a-b"]


def legal(labels):
    """Written anew, so that it can contradict `may_follow`: each I- has a B- or an I- of its type before it."""
    before = ["O", *labels]
    return all(label[0] != "I" or before[i] in (f"B{label[1:]}", label) for i, label in enumerate(labels))


def best_of_all(scores, names=NAMES):
    sums = {
        path: sum(scores[n, i] for n, i in enumerate(path))
        for path in itertools.product(range(len(names)), repeat=len(scores))
        if legal([names[i] for i in path])
    }
    return [names[i] for i in max(sums, key=sums.get)]


@pytest.mark.parametrize("length", [1, 2, 3, 5])
@pytest.mark.parametrize("scale", [0.1, 1.0, 30.0])
def test_it_finds_the_best_of_all_well_formed_labellings(length, scale):
    rng, forced = np.random.default_rng([length, int(10 * scale)]), 0
    for _ in range(20):
        scores = rng.normal(size=(length, len(NAMES)), scale=scale)
        found, best = viterbi(scores, NAMES), [NAMES[i] for i in scores.argmax(axis=1)]
        assert found == best_of_all(scores) and legal(found) and not ill_formed(found)
        forced += not legal(best)
        assert found == best or not legal(best)  # a well-formed argmax stays as it is
    assert forced > 0  # so it had something to do


def test_its_order_of_names_and_its_type_play_no_part():
    scores = np.random.default_rng(0).normal(size=(6, 5))
    order = [3, 1, 4, 0, 2]
    shuffled = viterbi(scores[:, order].tolist(), [NAMES[i] for i in order])
    assert shuffled == viterbi(scores, NAMES) == viterbi(scores.astype("float32"), NAMES)


def test_what_may_follow_what():
    assert may_follow("B-LOC", "I-LOC") and may_follow("I-a-b", "I-a-b") and may_follow("I-LOC", "B-LOC")
    assert not any(may_follow(before, "I-LOC") for before in ("O", "B-a-b", "I-a-b"))
    assert ill_formed("I-LOC O I-LOC I-LOC B-a-b I-LOC".split()) == 3 and ill_formed([]) == 0


def test_corners():
    assert viterbi(np.zeros((0, 5)), NAMES) == []
    assert viterbi([[-np.inf, -np.inf, 0.0, -np.inf, -np.inf]], NAMES)[0] in ("O", "B-LOC", "B-a-b")  # only I- is left
    scores = np.log([[0.1, 0.9], [0.2, 0.8]])
    assert viterbi(scores, ["O", "I-LOC"]) == ["I-LOC", "I-LOC"]  # a type without a B- begins with its I-


class Fixed(TokenClassifier):
    """A classifier whose probabilities are given."""

    def __init__(self, probabilities):
        self.labels, self.given = NAMES, probabilities

    def probabilities(self, examples):
        return self.given[: len(examples)]


def test_the_classifier_decodes_as_it_is_told():
    shares = np.array([[0.5, 0.1, 0.4, 0, 0], [0.3, 0.1, 0.6, 0, 0], [0.1, 0.4, 0.2, 0.3, 0]])
    text, model = "we left Cork", Fixed([shares])
    example = Example(text, (), tuple(split_words(text)))
    assert model.predict_labels([example]) == [["O", "I-LOC", "B-LOC"]]  # as it was before there was a choice
    assert model.predict_labels([example], decode="viterbi") == [["O", "O", "B-LOC"]]
    (one,) = model.predict(text, decode="viterbi")
    assert (one["text"], one["label"], one["score"]) == ("Cork", "LOC", 0.4)
    assert [e["score"] for e in model.predict(text)] == [0.6, 0.4]
    with pytest.raises(ValueError, match="beam"):
        model.predict(text, decode="beam")
    gold = example._replace(spans=())
    assert model.evaluate([gold, gold._replace(spans=())][:1], decode="viterbi")["accuracy"] == pytest.approx(2 / 3)
    assert decode_bio(model.predict_labels([gold])[0]) == [("LOC", 1, 2), ("LOC", 2, 3)]
