"""The exercise entity_f1: what must hold, and what each mistake looks like."""

import copy

import numpy as np

from utils.checks.frame import Exercise, Property, case, register
from utils.checks.guard import Crash
from utils.checks.named_entity_recognition.score_mistakes import MISTAKES
from utils.checks.named_entity_recognition.shared import KINDS, NOTEBOOK, proper, random_labels
from utils.tasks.labels import entity_f1


def _scores(answer, gold, predicted):
    found = answer(gold, predicted)
    if found is not None and not hasattr(found, "keys"):
        what = type(found).__name__
        return Crash("type", f"a dictionary with the keys precision, recall and f1 is asked for, not of type {what}")
    values = [] if found is None else list(found.values())
    if any(isinstance(found.get(key), str) for key in ("precision", "recall", "f1")) if found else False:
        return Crash("texts", "the scores are texts: numbers are asked for")
    for key, value in found.items() if found else ():
        if value is not None and (isinstance(value, str) or not _can_be_shown(value)):
            what = type(value).__name__
            return Crash(
                "no number", f"the entry {key!r} is of type {what}: a cell below prints each entry as a number"
            )
    if any(value is None or np.any(np.isnan(np.asarray(value, "float64"))) for value in values):
        return Crash("nan", "a share of nothing is None or NaN here: give 0")
    return found


def _can_be_shown(value):
    """Whether a cell can print it with two digits."""
    try:
        format(value, ".2f")
    except (TypeError, ValueError):
        return False
    return True


def _score(key):
    def run(answer, gold, predicted):
        found = _scores(answer, gold, predicted)
        return found if isinstance(found, Crash) else np.float64(found[key])

    return run


def _precision_twice(answer, gold, predicted):
    """The precision; in words where other sentences in between change it."""
    again = copy.deepcopy((gold, predicted))
    found = _score("precision")(answer, gold, predicted)
    if isinstance(found, Crash):
        return found
    answer([["B-PER", "B-LOC"]], [["B-PER", "B-ORG"]])
    if np.array_equal(found, np.float64(answer(*again)["precision"]), equal_nan=True):
        return found
    line = "the same sentences give something else later: what is counted stays from call to call; begin at 0 inside"
    return Crash("remembers", line)


def _all_scores(answer, gold, predicted):
    found = _scores(answer, gold, predicted)
    if isinstance(found, Crash):
        return found
    return np.array([found[key] for key in ("precision", "recall", "f1")], "float64")


def _sides(*pairs):
    return case(*([text.split() for text in side] for side in zip(*pairs, strict=True)))


def _random_sides(rng, sizes):
    gold = [proper(rng, size) for size in sizes]
    predicted = []
    for labels in gold:
        other = random_labels(rng, len(labels), KINDS[:3], 0.5)
        change = rng.random(len(labels)) < 0.3
        predicted.append([o if c else g for g, o, c in zip(labels, other, change, strict=True)])
    return case([*gold, ["O", "B-LOC"]], [*predicted, ["O", "B-LOC"]])


def _cases_of_scores(rng):
    """In each something is right, so that nothing is divided by 0."""
    return [
        _sides(("O B-PER O B-LOC", "O B-PER O O")),
        _sides(("B-PER I-PER O B-LOC O", "B-PER O O B-LOC B-ORG"), ("B-DATE O B-PER", "B-DATE O B-LOC")),
        _sides(("O B-PER", "O B-PER"), ("B-LOC O", "I-LOC O"), ("O B-PER", "O B-PER"), ("O O B-LOC", "B-PER B-PER O")),
        _sides(("O B-PER", "O B-PER"), ("I-PER O B-LOC", "I-PER O O")),
        _sides(("B-PER O", "B-PER O"), ("B-PER O", "O O"), ("B-PER O", "O B-PER")),  # one sentence, read three ways
        _sides(("O B-PER", "O B-PER"), ("O O", "O B-LOC"), ("B-LOC O B-ORG", "O O O")),
        _sides(("B-PER I-PER I-PER O B-LOC I-LOC", "O B-PER O O O B-LOC"), ("B-ORG I-ORG B-PER", "B-ORG O B-PER")),
        _sides(("B-PER O", "O O"), ("O O", "B-PER O"), ("O B-LOC", "O B-LOC")),  # one entity, in two sentences
        _sides(("O B-PER", "O B-PER"), ("O O", "O O"), ("B-LOC O", "O B-LOC"), ("B-ORG", "B-ORG")),
        _random_sides(rng, (6, 9, 4)),
        _random_sides(rng, (8, 5, 7, 10)),
    ]


SHARE = 8e-8  # what float32 keeps of a share is near enough; one with 1e-7 in its denominator is not
EXACT = 5e-7  # F1 is rounded several times; one of four digits is not near enough, nor one with 1e-6


register(
    Exercise(
        name="entity_f1",
        notebook=NOTEBOOK,
        reference=entity_f1,
        properties=(
            Property(
                "precision: of the predicted entities, how many are right",
                2,
                _cases_of_scores,
                _precision_twice,
                tolerance=SHARE,
            ),
            Property(
                "recall: of the gold entities, how many were found",
                2,
                _cases_of_scores,
                _score("recall"),
                tolerance=SHARE,
            ),
            Property("f1: the harmonic mean of both", 1, _cases_of_scores, _all_scores, tolerance=EXACT),
            Property(
                "0 where nothing is right, nothing is predicted, nothing is there to find",
                1,
                lambda rng: [
                    _sides(("B-PER O", "B-PER O")),
                    _sides(("B-PER O", "O B-PER")),
                    _sides(("B-PER O", "O O")),
                    _sides(("O O", "B-PER O")),
                    _sides(("O O", "O O")),
                    case([], []),
                ],
                _all_scores,
            ),
        ),
        mistakes=MISTAKES,
        hints=(
            "For each sentence, decode both sides into sets of entities. What is right lies in both sets.",
            "Three counts over all sentences: right, predicted, gold. Precision and recall are two divisions.",
            "Each of three divisions may be by 0: nothing predicted, nothing there, neither share above 0.",
        ),
    )
)
