"""The instructor's course: nbgrader's own commands run on it, and give what the checks give."""

import json
import os
import shutil
import subprocess
import sys

import nbformat
import pytest

from utils.course.instructor import write_instructor
from utils.course.source import ROOT, symbol_source

LESSON = "02_positional_encoding"
ANSWERS = "utils.layers.positional_encoding."


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    write_instructor(folder)
    return folder


def nbgrader(course, *arguments):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("COURSE_")}
    result = subprocess.run([sys.executable, "-m", "nbgrader", *arguments], cwd=course, capture_output=True, text=True,
                            env=environment)  # fmt: skip
    assert result.returncode == 0, result.stderr[-3000:]
    return result.stderr


def cells(path):
    return [(cell.cell_type, cell.source) for cell in nbformat.read(path, as_version=4).cells]


@pytest.mark.slow
@pytest.mark.xdist_group("nbgrader")
def test_what_is_released_is_the_learners_copy(course):
    lessons = [path.name for path in sorted((course / "source").iterdir())]
    assert len(lessons) == len(list((ROOT / "notebooks" / "exercises").glob("*.ipynb")))
    for lesson in lessons if os.environ.get("GRADE_ALL") else lessons[:6:2]:
        nbgrader(course, "generate_assignment", lesson)
        released = cells(course / "release" / lesson / f"{lesson}.ipynb")
        assert released == cells(ROOT / "notebooks" / "exercises" / f"{lesson}.ipynb"), lesson


@pytest.mark.slow
@pytest.mark.xdist_group("nbgrader")
def test_points_are_those_of_the_checks(course):
    """One has all right, one has the first blank and a mistake, one has nothing."""
    if not (course / "release" / LESSON).exists():
        nbgrader(course, "generate_assignment", LESSON)
    released = course / "release" / LESSON / f"{LESSON}.ipynb"
    right = {name: symbol_source(ANSWERS + name) for name in
             ("get_angles", "positional_encoding", "shift_matrix", "PositionalEncoding")}  # fmt: skip
    half = dict(right, positional_encoding=right["positional_encoding"].replace('dtype="float32"', 'dtype="float64"'))
    del half["get_angles"]
    for learner, filled in {"ana": right, "bo": half, "cleo": {}}.items():
        book = json.loads(released.read_text(encoding="utf-8"))
        for cell in book["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id", "").removesuffix("-call")
            if name in filled:
                cell["source"] = filled[name].splitlines(keepends=True)
        path = course / "submitted" / learner / LESSON / f"{LESSON}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(book), encoding="utf-8")
    nbgrader(course, "autograde", LESSON)
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        score = {s.student.id: s.score for s in book.assignment_submissions(LESSON)}
        assert book.find_assignment(LESSON).max_score == 17
    assert score == {"ana": 17.0, "bo": 12.0, "cleo": 0.0}
    nbgrader(course, "generate_feedback", LESSON)
    page = (course / "feedback" / "bo" / LESSON / f"{LESSON}.html").read_text(encoding="utf-8")
    assert "3 of 4 points" in page and "✗ float32" in page


def test_the_course_can_be_moved(tmp_path):
    write_instructor(tmp_path / "here", tmp_path / "library")
    assert repr(str(tmp_path / "library")) in (tmp_path / "here" / "nbgrader_config.py").read_text(encoding="utf-8")
    shutil.move(tmp_path / "here", tmp_path / "there")
    assert (tmp_path / "there" / "source" / LESSON / f"{LESSON}.ipynb").is_file()
