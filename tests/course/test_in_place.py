"""What a check accepts runs in the rest of its lesson. `python -m tests.course.in_place` does it with all of them."""

import matplotlib
import pytest

from tests.checks.table import alternatives
from tests.course.in_place import exercises_of, in_the_lessons_place, rounds, run


@pytest.fixture(scope="module")
def known():
    matplotlib.use("agg")
    by_name = {}
    for name, answer in alternatives():
        by_name.setdefault(name, []).append(answer)
    return by_name


@pytest.mark.slow
@pytest.mark.parametrize("slug", ["02_positional_encoding", "04_masks", "05_multi_head_attention"])
def test_a_lesson_runs_with_unusual_answers_in_place(slug, known):
    with in_the_lessons_place():
        used = run(slug, known, 0)
    assert len(used) == len(exercises_of(slug)) > 2
    assert rounds(slug, known) > 1


def test_what_is_not_accepted_is_said(known):
    with in_the_lessons_place(), pytest.raises(RuntimeError, match="warm_up: <lambda> is not accepted"):
        run("00_start_here", known | {"warm_up": [lambda x: x]}, 0)
