"""Answers that are odd and honest get what the learner's own check gives them; nobody is accused of a slip."""

import sys
import time

import numpy as np
import pytest

from tests.course.grade import NO_BOX
from tests.course.grade.test_collect import answer_of, code_of
from tests.course.grade.test_wire import Crash
from utils.course.grade.answers import answers
from utils.course.grade.collect import Submission
from utils.course.grade.wire import TooLarge, decode, encode

LESSON = "01_why_attention"
BODY = (
    "    x = np.asarray(x)\n    e = np.exp(x - x.max(axis=axis, keepdims=True))\n"
    "    return e / e.sum(axis=axis, keepdims=True)\n"
)
HEAD, NP = "def softmax(x, axis=-1):\n", "import numpy as np"
BLANK = HEAD + '    """Makes shares."""\n    raise NotImplementedError\n'
SCALED = HEAD + BODY.replace("return e", "return SCALE * e")
POOL = """
def attention_pool(query, keys, values, temperature=1.0):
    weights = softmax(x=np.asarray(keys) @ np.asarray(query), scale=1 / temperature)
    return weights @ np.asarray(values), weights
"""


def run(found):
    space = {}
    for _, code in found.cells:
        exec(code, space)
    return space["softmax"]


def test_a_blank_copy_below_does_not_undo_what_was_written():
    found = answer_of("softmax", BLANK, "def softmax(x):\n    return 6\n", BLANK)
    assert run(found)(1) == 6 and "a second time below" in found.remarks[0]
    assert "NotImplementedError" in code_of(answer_of("softmax", BLANK))
    written = "class PositionalEncoding(Layer):\n    def call(self, x):\n        return 6\n"
    blank = written.replace("return 6", "raise NotImplementedError")
    assert "return 6" in code_of(answer_of("PositionalEncoding", written, blank))


@pytest.mark.parametrize("line", ["N += 1", "N = 1", "del N", "for N in [1]: pass", "import math as N"])
def test_what_an_answer_only_sets_goes_with_it(line):
    """A counter, say: nothing reads it, and without it the answer breaks."""
    answer = f"def softmax(x):\n    global N\n    {line}\n    return 6\n"
    for cells in (("N = 0", answer), (f"N = 0\n{answer}",)):
        assert "N = 0" in code_of(found := answer_of("softmax", *cells)) and run(found)(1) == 6


@pytest.mark.parametrize(
    "above",
    [
        "%time SCALE = 1",
        'if __name__ == "__main__":\n    SCALE = 1',
        "def set_up():\n    global SCALE\n    SCALE = 1\nset_up()",
        "SCALE = 1\n%time\n%time -p SCALE",
    ],
)
def test_values_of_a_notebooks_own_kind_go_with_an_answer(above):
    softmax = run(answer_of("softmax", NP, above, SCALED))
    assert np.allclose(softmax([1.0, 1.0]), 0.5)


def test_what_a_demo_below_the_check_calls_the_same_is_not_the_answers():
    cells = (NP, "SCALE = 1", SCALED, "softmax = check(softmax)", "SCALE = 7\nnp = 3")
    assert np.allclose(run(answer_of("softmax", *cells))([1.0, 1.0]), 0.5)
    mended = (
        "def h(x):\n    return 0",
        "def softmax(x):\n    return h(x)",
        "check(softmax)",
        "def h(x):\n    return 6",
    )
    assert run(answer_of("softmax", *mended))(1) == 6


def test_a_newer_pythons_notebook_is_told():
    code = ["def softmax(x):\n    return 1 +* x\n"]
    for version, told in (("3.99.1", True), (sys.version.split()[0], False), ("", False), ("3." + "9" * 4000, False)):
        one = Submission("ana", None, lesson=LESSON, code=code, python=version)
        missing = next(found.missing for found in answers(one) if found.asked.name == "softmax")
        assert ("saved by Python 3.99.1" in missing) == told


def test_an_answer_that_grows_from_cell_to_cell_is_whole():
    """As some books write classes; and as one wraps a function that is there."""
    grown = ("class softmax:\n    n = 6", "class softmax(softmax):\n    def __new__(cls, x):\n        return cls.n")
    wrapped = ("def softmax(x):\n    return 6", "old = softmax\ndef softmax(x):\n    return old(x)")
    timed = ("def same(f):\n    return lambda g: f", wrapped[0], "@same(softmax)\ndef softmax(x):\n    return 7")
    for cells in (grown, wrapped, timed):
        assert run(answer_of("softmax", *cells))(1) == 6
    itself = ("def softmax(x):\n    return 7", "def softmax(x):\n    return softmax(x - 1) if x else 6")
    assert "return 7" not in code_of(found := answer_of("softmax", *itself)) and run(found)(2) == 6


@pytest.mark.parametrize("line", ["softmax = softmax(1)", "softmax = (softmax(2) + 1)", "softmax = None"])
def test_a_result_that_takes_the_answers_name_is_not_the_answer(line):
    found = answer_of("softmax", "def softmax(x):\n    return 6", "check(softmax)", line)
    assert run(found)(1) == 6 and "given to a result or a value" in found.remarks[0]


def test_what_else_an_answer_may_be_made_of_stays_the_answer():
    for line in ("softmax = lambda x: softmax(x - 1) if x else 5", "softmax = max", "softmax = twice(softmax)"):
        found = answer_of("softmax", "def twice(f):\n    return f", "def softmax(x):\n    return 6", line)
        assert line in code_of(found) and not found.remarks


def test_an_import_alone_is_told():
    assert "it is imported, and no cell defines it" in answer_of("softmax", "from utils.checks import softmax").missing


@pytest.mark.slow
def test_a_notebook_that_takes_long_to_read_is_soon_done():
    cell = (("y = 1\n" * 200 + "%foo\n") * 60)[:60_000]
    started = time.process_time()
    list(answers(Submission("ana", None, lesson=LESSON, code=[cell] * 4)))
    assert time.process_time() - started < 30


def test_a_value_that_is_far_too_large_is_told_inside():
    for value in (np.zeros((3000, 3000)), np.zeros((1500, 1000), bool), [0.0] * 200_000, [["x" * 100_000] * 15]):
        with pytest.raises(TooLarge):
            encode(value, Crash, 4)
    assert len(decode(encode(np.zeros((500, 500)), Crash, 4), Crash)) == 500
    assert (
        len(decode(encode([[("g0", n) for n in range(30_000)]], Crash), Crash)[0]) == 30_000
    )  # as a right answer may be


def test_an_object_that_cannot_be_shown_comes_out_all_the_same():
    class Half:
        def __repr__(self):
            raise AttributeError("not yet")

    assert type(decode(encode([Half()], Crash), Crash)[0]).__name__ == "Half"


def test_what_cannot_be_shown_is_wrong_and_no_cheating():
    from utils.checks.frame import EXERCISES, Case, Failure, Report
    from utils.course.grade.marking import judged

    exercise = EXERCISES["softmax"]
    outcomes = [False] * len(exercise.properties)
    large = np.zeros((5, 7))
    failure = Failure("no numbers", Case((large,)), large, large.astype(complex), None, exercise.properties[0])
    assert judged(Report(exercise, outcomes, failure))["diagnosis"] == "no numbers"


@pytest.fixture(scope="module")
def marks():
    import utils.checks  # noqa: F401
    from utils.course.grade.box import Box
    from utils.course.grade.marking import mark_submission

    with Box() as box:
        yield lambda *code: {
            m["question"]: m for m in mark_submission(box, Submission("ana", None, lesson=LESSON, code=list(code)), 3)
        }


boxed = [pytest.mark.slow, pytest.mark.skipif(bool(NO_BOX), reason=NO_BOX), pytest.mark.xdist_group("odd answers")]


@pytest.mark.parametrize(
    "code",
    [
        (NP, "import sys, os", HEAD + "    sys.float_info.min, os.sep\n" + BODY),
        (NP, "import matplotlib.pyplot as plt", HEAD + "    plt.plot([1, 2])\n    plt.show()\n" + BODY),
        (NP, HEAD + "    print('x' * 10_000_000)\n" + BODY),
        (NP, "name = input('Your name?')", HEAD + BODY),
        (NP, "import threading, concurrent.futures", HEAD + "    threading.get_ident()\n" + BODY),
    ],
)
@pytest.mark.parametrize("at", [pytest.param(0, marks=boxed)])
def test_what_people_leave_in_an_answer_does_no_harm(marks, code, at):
    got = marks(*code)["softmax"]
    assert got["score"] == got["maximum"], got


@pytest.mark.parametrize("at", [pytest.param(0, marks=boxed)])
def test_a_slip_is_no_cheating(marks, at):
    for body, said in (
        ("    return np.zeros((4000, 4000))\n", "far more than is asked for"),
        ("    return [0.0] * 500_000\n", "far more than is asked for"),
        ("    return type('R', (), {'__repr__': lambda self: 1 / 0})()\n", "an array is asked for"),
    ):
        got = marks(NP, HEAD + body)["softmax"]
        assert got["status"] == "graded" and said in got["diagnosis"], got


@pytest.mark.parametrize("at", [pytest.param(0, marks=boxed)])
def test_what_is_only_in_the_learners_kernel_is_said(marks, at):
    got = marks(NP, HEAD + BODY.replace("np.", "gone."))["softmax"]
    assert "'gone' is not defined" in got["diagnosis"] and "restart the kernel" in got["remarks"][0], got


@pytest.mark.parametrize("at", [pytest.param(0, marks=boxed)])
def test_where_there_are_no_files_it_is_said(marks, at):
    got = marks(NP, HEAD + "    open('../data/mine.txt')\n" + BODY)["softmax"]
    assert "FileNotFoundError" in got["diagnosis"] and "no file is but the library" in got["remarks"][0], got


@pytest.mark.parametrize("at", [pytest.param(0, marks=boxed)])
def test_an_own_helper_that_can_more_than_is_asked_stays_the_learners(marks, at):
    more = HEAD.replace("axis=-1", "axis=-1, scale=1.0") + BODY.replace("np.asarray(x)", "np.asarray(x) * scale")
    got = marks(NP, more, POOL)
    assert all(got[name]["score"] == got[name]["maximum"] for name in ("softmax", "attention_pool")), got
    wrong = marks(NP, HEAD + "    return 0 * x\n", POOL.replace(", scale=1 / temperature", " / temperature"))
    assert wrong["softmax"]["score"] < wrong["softmax"]["maximum"]
    assert wrong["attention_pool"]["score"] == wrong["attention_pool"]["maximum"]
