"""Each attempt gets what its honest twin gets; nobody else is touched; nothing is left behind."""

import ctypes
import json
import os
import platform
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.course.grade import NO_BOX

pytestmark = [
    pytest.mark.skipif(bool(NO_BOX), reason=NO_BOX),
    pytest.mark.xdist_group("attacks"),
]


@pytest.fixture(scope="module")
def box():
    import utils.checks  # noqa: F401
    from utils.course.grade.box import Box, BoxError

    try:
        with Box(megabytes=400, seconds=4.0) as made:
            made.short_list = False  # it is the walls that are tried
            yield made
    except BoxError as error:
        pytest.skip(f"answers cannot be shut in here: {error}")


def marks_of(box, code, name="softmax"):
    from utils.checks.frame import EXERCISES
    from utils.course.grade.answers import answers
    from utils.course.grade.collect import Submission
    from utils.course.grade.marking import mark

    submission = Submission("somebody", None, lesson=EXERCISES[name].notebook, code=[code])
    found = next(found for found in answers(submission) if found.asked.name == name)
    return mark(box, found, EXERCISES[name], seed=7)


def harmless(mark):
    """Whether a gradebook, a page and a terminal can take it."""
    text = json.dumps(mark, ensure_ascii=False)
    return len(text.encode()) < 20_000 and "\x1b" not in text and len(mark["remarks"]) <= 10


def all_attacks():
    from tests.attacks.submissions import ATTACKS

    return [pytest.param(attack, id=attack.name) for attack in ATTACKS]


@pytest.fixture(scope="module")
def honest(box):
    kept = {}

    def of(code):
        if code not in kept:
            kept[code] = marks_of(box, code)["score"]
        return kept[code]

    return of


@pytest.mark.parametrize("attack", all_attacks())
def test_an_attempt_gets_what_its_honest_twin_gets(box, honest, attack):
    from tests.attacks.submissions import RIGHT

    listener = socket.socket(socket.AF_UNIX)
    name = f"course-test-listener-{os.getpid()}"  # tests may run beside each other
    listener.bind(f"\0{name}")
    listener.listen()
    with listener:
        mark = marks_of(box, attack.code.replace("course-test-listener", name))
    assert harmless(mark), mark
    assert mark["score"] <= honest(attack.honest), mark
    if mark["status"] == "graded":
        assert mark["score"] == honest(attack.honest), mark
    assert mark["status"] in attack.statuses, mark
    assert marks_of(box, RIGHT)["score"] == mark["maximum"], "the next learner's answer"


KEEPS_A_KEY = """
import ctypes

def softmax(x, axis=-1):
    key = ctypes.CDLL(None).syscall({number}, {arguments})
    raise ValueError("found" if key > 0 else "nothing")
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the system calls have other numbers here")
def test_no_key_outlasts_an_answer():
    from utils.course.grade.box import Box, BoxError

    def in_a_session():
        if ctypes.CDLL(None).syscall(250, 1, None) < 0:  # of this thread alone
            return "no keyrings"
        with Box(megabytes=400, seconds=4.0) as made:
            made.short_list = False
            marks_of(made, KEEPS_A_KEY.format(number=248, arguments="b'user', b'course:left', b'x', 1, -3"))
            left = KEEPS_A_KEY.format(number=250, arguments="10, -3, b'user', b'course:left', 0")
            return marks_of(made, left)["diagnosis"]

    with ThreadPoolExecutor(1) as pool:
        try:
            said = pool.submit(in_a_session).result()
        except BoxError as error:
            pytest.skip(f"answers cannot be shut in here: {error}")
    if said == "no keyrings":
        pytest.skip("there are no keyrings here")
    assert "ValueError: nothing" in said, said


def test_there_are_enough():
    assert len(all_attacks()) >= 40


def test_nothing_is_left(box):
    left = [name for name in os.listdir(box.folder / "courses") if name != "softmax"]
    assert not left and not list((box.folder / "tmp").iterdir())
