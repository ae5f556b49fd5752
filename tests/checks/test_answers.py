"""Every wrong answer is named, every right one accepted. `python -m tests.checks.table` prints the table.

The inputs are the same at each run, and others with CHECKS_SEED=…; one that fails names its seed.
"""

from pathlib import Path

import pytest

from tests.checks.table import SEED, alternatives, counts, exercises_here, line, mutants
from utils.checks.frame import EXERCISES, SECONDS, Place, _drawn_for, examine, plain
from utils.checks.guard import guarded

EACH = exercises_here()


def each(entries):
    """Parameters whose tests one worker runs for each exercise: what the seed draws is then worked out once."""
    return [
        pytest.param(*e, id="-".join([e[0], e[1].__name__] if e[1:] else [e[0]]), marks=pytest.mark.xdist_group(e[0]))
        for e in entries
    ]


def examined(answer, name):
    report = examine(answer, EXERCISES[name], SEED)
    print(f"CHECKS_SEED={SEED}")  # shown where the test fails
    return report


@pytest.mark.parametrize("name", each((e.name,) for e in EACH))
def test_the_reference_passes(name):
    report = examined(EXERCISES[name].reference, name)
    assert report.passed, report.failure
    assert not report.notes


class Known(Place):
    """Where a known mistake answers; what it did is kept for the others that are compared with it."""

    def __init__(self, number):
        self.number = number

    def results(self, answer, exercise, n, cases):
        drawn, prop, found = _drawn_for(exercise, SEED), exercise.properties[n], []
        for m, c in enumerate(cases):
            (result,), _ = guarded(answer, prop.run, [c], SECONDS)
            found.append(plain(result))
            drawn.imitations[self.number, n, m] = prop.seen(found[-1], c)
        return found, ""


@pytest.mark.in_turn
@pytest.mark.slow
@pytest.mark.parametrize("name", each((e.name,) for e in EACH))
def test_every_known_mistake_is_told_from_the_others(name):
    exercise = EXERCISES[name]
    for number, mistake in enumerate(exercise.mistakes):
        report = examine(mistake.wrong, exercise, SEED, Known(number))
        assert not report.passed, (mistake.diagnosis, SEED)
        assert report.failure.diagnosis == mistake.diagnosis


@pytest.mark.in_turn
@pytest.mark.parametrize(("name", "mutant", "words"), each(mutants()))
def test_a_mutant_gets_its_diagnosis(name, mutant, words):
    report = examined(mutant, name)
    assert not report.passed
    assert words in report.failure.diagnosis


@pytest.mark.in_turn
@pytest.mark.parametrize(("name", "alternative"), each(alternatives()))
def test_an_alternative_is_accepted(name, alternative):
    report = examined(alternative, name)
    assert report.passed, report.failure


@pytest.mark.parametrize("exercise", EACH, ids=lambda e: e.name)
def test_an_exercise_is_complete(exercise):
    assert len(exercise.hints) == 3 and len(set(exercise.hints)) == 3
    assert exercise.points > 0
    assert len([m for m in mutants() if m[0] == exercise.name]) >= 3
    assert [a for a in alternatives() if a[0] == exercise.name]


def test_the_listing_has_as_many_as_there_are():
    page = Path(__file__).resolve().parents[2] / "benchmarks" / "README.md"
    listed = page.read_text(encoding="utf-8").splitlines()
    for name, (wrong, right) in counts().items():
        assert line(name, wrong, wrong, right, right) in listed, "paste what `make table` prints"
