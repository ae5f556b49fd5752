"""The grader and the learner's own check are of one opinion: same specification, same marks, walls or none."""

import base64
import os
import shutil

import pytest

from tests.checks.table import SEED, alternatives, exercises_here, mutants
from tests.course.grade import NO_BOX
from utils.checks.frame import EXERCISES, examine, here
from utils.course.grade.answers import answers
from utils.course.grade.box import Box, dumps
from utils.course.grade.collect import Submission, read_notebook
from utils.course.grade.isolation import BoxError
from utils.course.grade.marking import mark
from utils.course.grade.walls import Asked, asked, build_course
from utils.course.source import ROOT, symbol_source

pytestmark = [
    pytest.mark.skipif(bool(NO_BOX), reason=NO_BOX),
    pytest.mark.xdist_group("fairness"),
]
ALL = bool(os.environ.get("GRADE_ALL"))  # every alternative and every mutant; otherwise one of each for each exercise


@pytest.fixture(scope="module")
def box():
    try:
        with Box(here()) as made:
            made.short_list = False  # answers of the tests come as objects
            yield made
    except BoxError as error:
        pytest.skip(f"answers cannot be shut in here: {error}")


LESSONS = sorted({each.lesson for each in asked() if each.lesson.endswith("_pytorch") == (here() == "torch")})
in_keras = pytest.mark.skipif(here() == "torch", reason="of a lesson whose framework is not here")


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_lessons_own_answers_get_everything(box, lesson):
    code = read_notebook(ROOT / "notebooks" / f"{lesson}.ipynb").code
    for found in answers(Submission("ana", None, lesson=lesson, code=code)):
        got = mark(box, found, EXERCISES[found.asked.name], seed=11)
        assert got["score"] == got["maximum"], got
        assert got["status"] == "graded" and not got["reason"] and not got["diagnosis"]


def with_the_librarys_own(box, name):
    """Layers of the tests are made from the library's own, so here, and only here, a box has it."""
    course = build_course_once(box, name)
    left_out = shutil.ignore_patterns("checks", "course", "plots", "__pycache__")
    shutil.copytree(ROOT / "utils", course / "utils", ignore=left_out, dirs_exist_ok=True)


def build_course_once(box, name):
    course = box.folder / "courses" / name
    return course if course.exists() else build_course(name, course)


def in_the_box(box, name, answer):
    """An answer of the tests, as an object, behind walls."""
    import cloudpickle

    import tests

    cloudpickle.register_pickle_by_value(tests)
    with_the_librarys_own(box, name)
    sent = base64.b64encode(dumps(answer)).decode()
    with box.open(
        EXERCISES[name], [(True, f"import base64, pickle\n{name} = pickle.loads(base64.b64decode({sent!r}))")]
    ) as a:
        assert not a.error, a.error
        return examine(a, EXERCISES[name], SEED, a)


def chosen(entries):
    first = {}
    for entry in entries:
        first.setdefault(entry[0], entry)
    kept = entries if ALL else list(first.values())
    return [pytest.param(*entry, id=f"{entry[0]}-{n}") for n, entry in enumerate(kept)]


@pytest.mark.in_turn
@pytest.mark.parametrize(("name", "answer"), chosen(alternatives()))
def test_unusual_right_answers_get_everything(box, name, answer):
    assert in_the_box(box, name, answer).points == EXERCISES[name].points


@pytest.mark.in_turn
@pytest.mark.parametrize(("name", "answer", "words"), chosen(mutants()))
def test_wrong_answers_get_the_same_as_from_check(box, name, answer, words):
    behind, here = in_the_box(box, name, answer), examine(answer, EXERCISES[name], SEED)
    assert (behind.points, behind.outcomes) == (here.points, here.outcomes)
    assert words in behind.failure.diagnosis


def test_no_reference_travels_into_a_box():
    """What goes in of an exercise holds neither its answer nor its known mistakes."""
    for exercise in exercises_here():
        own = next(each for each in asked() if each.name == exercise.name)
        sent = dumps([prop.run for prop in exercise.properties])
        for mistake in exercise.mistakes:
            assert mistake.diagnosis.encode() not in sent, exercise.name
        assert not holds(sent, own), exercise.name


def holds(sent: bytes, own: Asked) -> bool:
    """Whether a pickle names the library's answer: its module and, right behind, its name."""
    import pickletools

    words = [argument for _, argument, _ in pickletools.genops(sent) if isinstance(argument, str)]
    module = own.symbol.rpartition(".")[0]
    return any(a == module and b == own.name for a, b in zip(words, words[1:], strict=False))


@in_keras
def test_cells_may_stand_in_any_order(box):
    code = read_notebook(ROOT / "notebooks" / "01_why_attention.ipynb").code[::-1]
    for found in answers(Submission("ana", None, lesson="01_why_attention", code=code)):
        got = mark(box, found, EXERCISES[found.asked.name], seed=5)
        assert got["score"] == got["maximum"] and not got["remarks"], got


@in_keras
def test_an_earlier_answer_that_is_no_python_costs_only_itself(box):
    own = symbol_source(next(each.symbol for each in asked() if each.name == "attention_pool"))
    submission = Submission("ana", None, lesson="01_why_attention", code=["import numpy as np", "def softmax(x:", own])
    got = {found.asked.name: mark(box, found, EXERCISES[found.asked.name], seed=3) for found in answers(submission)}
    assert got["attention_pool"]["score"] == got["attention_pool"]["maximum"]
    assert got["softmax"]["status"] == "does not run" and "no Python: '(' was never closed" in got["softmax"]["reason"]


@in_keras
def test_a_refused_import_is_quoted_from_the_answer(box):
    code = "def softmax(x, axis=-1):\n    import shelve\n    return x\n"
    submission = Submission("ana", None, lesson="01_why_attention", code=["import numpy as np", code])
    box.short_list = True
    try:
        (got,) = (mark(box, f, EXERCISES["softmax"], seed=3) for f in answers(submission) if f.asked.name == "softmax")
    finally:
        box.short_list = False
    assert got["diagnosis"] == "it raised ImportError: shelve is not at hand for answers (line 2: `import shelve`)"
