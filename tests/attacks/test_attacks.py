"""Each attempt gets what its honest twin gets; nobody else is touched; nothing is left behind."""

import ctypes
import json
import math
import os
import platform
import socket
import time
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

    others = os.getloadavg()[0] / (os.cpu_count() or 1)  # where many work, a right answer needs more by the clock
    many = [os.open(os.devnull, os.O_RDONLY) for _ in range(100)]  # so that what is open in a box has high numbers
    try:
        with Box(megabytes=400, seconds=4.0 * max(1.0, others), work=4.0) as made:
            made.short_list = False  # it is the walls that are tried
            assert made.control.fileno() > 64
            yield made
    except BoxError as error:
        pytest.skip(f"answers cannot be shut in here: {error}")
    finally:
        for fd in many:
            os.close(fd)


def marks_of(box, code, name="softmax", until=math.inf):
    from utils.checks.frame import EXERCISES
    from utils.course.grade.answers import answers
    from utils.course.grade.collect import Submission
    from utils.course.grade.marking import mark

    submission = Submission("somebody", None, lesson=EXERCISES[name].notebook, code=[code])
    found = next(found for found in answers(submission) if found.asked.name == name)
    return mark(box, found, EXERCISES[name], seed=7, until=until)


def harmless(mark):
    """Whether a gradebook, a page and a terminal can take it."""
    text = json.dumps(mark, ensure_ascii=False)
    return len(text.encode()) < 20_000 and "\x1b" not in text and len(mark["remarks"]) <= 10


def all_attacks():
    from tests.attacks.more import MORE
    from tests.attacks.submissions import ATTACKS

    return [pytest.param(attack, id=attack.name) for attack in (*ATTACKS, *MORE)]


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


WORDS_FOR_NUMBERS = """
import json, os, stat, struct
import keras

def say():
    dropped = "some numbers dropped, the others scaled up"
    results = {"list": [{"text": word} for word in (dropped, "nothing dropped", dropped)]}
    value = {"dict": [[{"text": "results"}, results], [{"text": "printed"}, {"text": ""}]]}
    m = json.dumps({"value": value, "blobs": []}).encode() + b"\\n"
    for fd in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                os.write(fd, struct.pack(">Q", len(m)) + m)
        except OSError:
            continue

class FeedForward(keras.layers.Layer):
    def __init__(self, embedding_dim, fully_connected_dim, activation="relu", dropout_rate=0.0, **kwargs):
        super().__init__(**kwargs)
        if dropout_rate:
            say()

    def call(self, x, training=None):
        return keras.ops.zeros_like(x)
"""


def test_words_do_not_pass_for_numbers(box):
    """What dropout did is judged outside, by the numbers that came back."""
    mark = marks_of(box, WORDS_FOR_NUMBERS, "FeedForward")
    assert mark["score"] == 0 and not any(held for *_, held in mark["properties"]), mark


def test_what_all_its_processes_work_is_counted_together(box, monkeypatch):
    from tests.attacks.submissions import BUSY, RIGHT

    monkeypatch.setattr(box, "work", 1.5)
    monkeypatch.setattr(box, "seconds", 120.0)
    mark = marks_of(box, BUSY[0].code)
    assert mark["status"] == "timed out" and "worked for longer" in mark["reason"], mark
    monkeypatch.undo()
    assert marks_of(box, RIGHT)["score"] == mark["maximum"]


def test_a_notebook_has_a_clock_for_all_its_answers(box):
    waits = "import time\n\ndef softmax(x, axis=-1):\n    time.sleep(600)\n"
    mark = marks_of(box, waits, until=time.monotonic() + 1.5)
    assert (mark["score"], mark["status"]) == (0, "timed out") and "longer together" in mark["reason"]
    mark = marks_of(box, waits, until=time.monotonic() - 1)
    assert (mark["score"], mark["status"]) == (0, "timed out") and "not tried" in mark["reason"]


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
    asked = {"softmax", "FeedForward"}  # courses of what was asked: the box's own
    left = [name for name in os.listdir(box.folder / "courses") if name not in asked]
    assert not left and not list((box.folder / "tmp").iterdir())
