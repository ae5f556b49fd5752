"""Every wrong answer is named, every right one accepted. `python -m tests.checks.table` prints the table."""

from pathlib import Path

import pytest

from tests.checks.table import alternatives, counts, exercises_here, line, mutants
from utils.checks.frame import EXERCISES, examine

EACH = exercises_here()


def named(exercise, answer):
    return f"{exercise}-{answer.__name__}"


@pytest.mark.parametrize("exercise", EACH, ids=lambda e: e.name)
def test_the_reference_passes(exercise):
    report = examine(exercise.reference, exercise)
    assert report.passed, report.failure
    assert not report.notes


@pytest.mark.slow
@pytest.mark.parametrize("exercise", EACH, ids=lambda e: e.name)
def test_every_known_mistake_is_told_from_the_others(exercise):
    for mistake in exercise.mistakes:
        report = examine(mistake.wrong, exercise)
        assert not report.passed, mistake.diagnosis
        assert report.failure.diagnosis == mistake.diagnosis


@pytest.mark.parametrize(("exercise", "mutant", "words"), [pytest.param(*m, id=named(*m[:2])) for m in mutants()])
def test_a_mutant_gets_its_diagnosis(exercise, mutant, words):
    report = examine(mutant, EXERCISES[exercise])
    assert not report.passed
    assert words in report.failure.diagnosis


@pytest.mark.parametrize(("exercise", "alternative"), [pytest.param(*a, id=named(*a)) for a in alternatives()])
def test_an_alternative_is_accepted(exercise, alternative):
    report = examine(alternative, EXERCISES[exercise])
    assert report.passed, report.failure


@pytest.mark.parametrize("exercise", EACH, ids=lambda e: e.name)
def test_an_exercise_is_complete(exercise):
    assert len(exercise.hints) == 3 and len(set(exercise.hints)) == 3
    assert exercise.points > 0
    assert len([m for m in mutants() if m[0] == exercise.name]) >= 3
    assert [a for a in alternatives() if a[0] == exercise.name]


def test_the_readme_lists_as_many_as_there_are():
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8").splitlines()
    for name, (wrong, right) in counts().items():
        assert line(name, wrong, wrong, right, right) in readme, "paste the listing of `make table` into the README"
