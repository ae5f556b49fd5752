"""Whatever an answer does becomes a line, and the process lives on."""

import gc
import json
import os
import sys
import threading
import time
import types

import numpy as np
import pytest

from utils.checks import check, hint, progress
from utils.checks import interaction as i
from utils.checks.frame import EXERCISES, case, differs, examine, is_blank, plain
from utils.checks.guard import guarded

WARM_UP = EXERCISES["warm_up"]


@pytest.fixture(autouse=True)
def nothing_is_collected():
    """An alarm that meets a destructor is swallowed there, and pytest calls that an error; the guard's comes again."""
    gc.disable()
    yield
    gc.enable()


def endless(x):
    while True:
        pass


def endless_and_stubborn(x):
    while True:
        try:
            time.sleep(0.001)
        except Exception:
            continue


def endless_and_very_stubborn(x):
    while True:
        try:
            while True:
                pass
        except:  # noqa: E722 - the worst case
            continue


def endless_recursion(x):
    return endless_recursion(x)


def quits(x):
    sys.exit(0)


def kills(x):
    os._exit(0)


def interrupts(x):
    raise KeyboardInterrupt


def greedy(x):
    raise MemoryError


def own_base_exception(x):
    class Odd(BaseException):
        pass

    raise Odd("odd")


def in_place(x):
    x += x
    return x


def noisy(x):
    print("looking at", x)
    return 2 * x


def generator(x):
    yield 2 * x


def not_a_number(x):
    return np.asarray(x) * np.nan


def objects(x):
    return np.array([2 * x, None], dtype=object)


def words(x):
    return "six"


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (endless, "still running after"),
        (endless_and_stubborn, "still running after"),
        (endless_and_very_stubborn, "still running after"),
        (endless_recursion, "calls itself without an end"),
        (quits, "end the whole session"),
        (kills, "end the whole session"),
        (interrupts, "interrupted"),
        (greedy, "more memory"),
        (own_base_exception, "it raised Odd: odd"),
        (in_place, "changes the array it was given"),
        (generator, "generator came back"),
        (not_a_number, "NaN"),
        (objects, "array of dtype object"),
        (words, "'six'"),
    ],
    ids=lambda a: getattr(a, "__name__", ""),
)
def test_it_becomes_a_line(answer, line, monkeypatch):
    monkeypatch.setattr("utils.checks.frame.SECONDS", 0.5)
    report = examine(answer, WARM_UP)
    assert not report.passed
    assert line in report.failure.diagnosis


def test_without_an_alarm_signal_a_loop_is_stopped_all_the_same(monkeypatch):
    monkeypatch.setattr("utils.checks.frame.SECONDS", 0.5)
    reports = []
    thread = threading.Thread(target=lambda: reports.append(examine(endless, WARM_UP)))
    thread.start()
    thread.join(timeout=20)
    assert "still running" in reports[0].failure.diagnosis


def test_time_spent_waiting_for_a_busy_machine_is_not_held_against_an_answer(monkeypatch):
    monkeypatch.setattr("utils.checks.frame.SECONDS", 0.5)
    monkeypatch.setattr("os.getloadavg", lambda: (40.0 * os.cpu_count(), 0.0, 0.0))

    def kept_waiting(x):
        time.sleep(0.2)  # for each of several inputs
        return np.asarray(x) * 2

    report = examine(kept_waiting, WARM_UP)
    assert "still running" not in str(report.failure)


def test_an_answer_that_only_waits_is_ended_too(monkeypatch):
    monkeypatch.setattr("utils.checks.frame.SECONDS", 0.1)
    begun = time.monotonic()
    report = examine(lambda x: time.sleep(60), WARM_UP)
    assert "still running" in report.failure.diagnosis
    assert time.monotonic() - begun < 30


def test_where_nobody_else_works_waiting_is_ended_sooner(monkeypatch):
    monkeypatch.setattr("utils.checks.frame.SECONDS", 1.0)
    seconds = []
    for load in (0.0, 40.0 * os.cpu_count()):
        monkeypatch.setattr("os.getloadavg", lambda load=load: (load, 0.0, 0.0))
        begun = time.monotonic()
        assert "still running" in examine(lambda x: time.sleep(60), WARM_UP).failure.diagnosis
        seconds.append(time.monotonic() - begun)
    assert seconds[0] < seconds[1] - 1


@pytest.mark.parametrize("name", list(EXERCISES))
def test_a_blank_is_seen_without_running_anything(name, monkeypatch):
    def blank(*args):
        """Says what is to be done."""
        raise NotImplementedError

    class Layer:
        def __init__(self):
            raise RuntimeError("made")

        def call(self, x):
            raise NotImplementedError

    monkeypatch.setattr("utils.checks.frame.Drawn", None)
    for answer in (blank, Layer):
        report = examine(answer, EXERCISES[name], seed=1)
        assert report.not_started and report.points == 0 and report.outcomes[1:] == [None] * (len(report.outcomes) - 1)


def test_what_is_begun_or_raises_something_else_is_no_blank():
    def begun(x):
        x = 2 * x
        raise NotImplementedError

    def says_why(x):
        raise NotImplementedError("only for matrices")

    def another(x):
        raise ValueError

    assert not any(map(is_blank, (begun, says_why, another, np.tanh, int)))


def test_the_same_seed_keeps_inputs_expected_results_and_imitations(monkeypatch):
    exercise = EXERCISES["softmax"]

    def rows(x, axis=-1):
        return np.exp(x) / np.exp(x).sum(axis=0, keepdims=True)

    first = examine(rows, exercise, seed=5)
    monkeypatch.setattr("utils.checks.frame.plain", lambda value: value)
    tried = []
    monkeypatch.setattr("utils.checks.frame.guarded", lambda *a: tried.append(a) or guarded(*a))
    again = examine(rows, exercise, seed=5)
    assert again.failure.diagnosis == first.failure.diagnosis and again.failure.case is first.failure.case
    assert len(tried) == sum(o is not None for o in again.outcomes)  # the answer alone, no mistake
    assert examine(rows, exercise, seed=6).failure.case is not first.failure.case


def test_printing_is_noted_and_costs_nothing(capsys):
    report = examine(noisy, WARM_UP)
    assert report.passed and "it printed 'looking at" in report.notes[0]
    assert capsys.readouterr().out == ""


def test_the_line_of_an_error_is_shown():
    def wrong(x):
        return x + "2"

    assert 'return x + "2"' in examine(wrong, WARM_UP).failure.diagnosis


def test_check_returns_the_object_itself_or_the_librarys(capsys):
    def warm_up(x):
        return x + x

    assert check(warm_up) is warm_up
    assert "2 of 2 points" in capsys.readouterr().out
    assert check(noisy, exercise="warm_up") is noisy
    assert check(in_place, "warm_up") is WARM_UP.reference
    assert "What is wrong: it changes the array" in capsys.readouterr().out


def test_the_librarys_own_object_is_told_and_not_counted(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "p.json"))
    assert check(WARM_UP.reference) is WARM_UP.reference
    assert capsys.readouterr().out.startswith("This is the library's own warm_up, not yours")
    assert not list(tmp_path.iterdir())


def test_a_forgotten_raise_is_told(capsys):
    def warm_up(x):
        x = 2 * x
        raise NotImplementedError

    check(warm_up)
    assert "delete that line" in capsys.readouterr().out


def test_a_forgotten_return_is_told_where_several_results_are_asked_for():
    def attention_pool(query, keys, values, temperature=1.0):
        pass

    assert "is a `return` missing?" in examine(attention_pool, EXERCISES["attention_pool"]).failure.diagnosis


@pytest.mark.parametrize("wrap", [list, lambda a: a.tolist()])
def test_a_list_is_told_from_an_array(wrap):
    def softmax(x, axis=-1):
        e = np.exp(x - x.max(axis=axis, keepdims=True))
        return wrap(e / e.sum(axis=axis, keepdims=True))

    assert "list came back: wrap it in np.array" in examine(softmax, EXERCISES["softmax"]).failure.diagnosis


@pytest.mark.parametrize("yours", [[["word", n] for n in range(500)], {n: n for n in range(500)}, "B-PER" * 99 + "I"])
def test_a_diagnosis_quotes_a_long_answer_short_and_where_it_differs(yours):
    line = differs("B-PER" * 100, yours, 0)
    assert len(line) < 200 and ("I'" in line or not isinstance(yours, str)), line
    assert differs("B-PER", "O", 0) == "expected 'B-PER', got 'O'"


def test_inputs_stand_under_their_names_and_are_the_same_each_time(capsys):
    def attention_pool(query, keys, values, temperature=1.0):
        return keys[0], query

    for _ in range(2):
        check(attention_pool)
    first, second = capsys.readouterr().out.split("attention_pool: ")[1:]
    assert first == second and "input     query = [" in first and "input     keys = [[" in first


def test_not_started_is_said_so(capsys):
    def warm_up(x):
        raise NotImplementedError

    assert check(warm_up) is WARM_UP.reference
    assert capsys.readouterr().out.startswith("warm_up: not started")


@pytest.mark.parametrize("thing", [3, "text", None, np.ones(3)])
def test_what_is_no_function_is_told(thing, capsys):
    assert check(thing, exercise="warm_up") is WARM_UP.reference
    assert "a function or class is asked for" in capsys.readouterr().out


def test_an_unknown_exercise_lists_the_known_ones():
    def my_own(x):
        return x

    with pytest.raises(ValueError, match=r"no exercise .my_own.*The exercises are: warm_up, softmax"):
        check(my_own)


def test_three_hints_then_the_last_again(capsys, monkeypatch):
    monkeypatch.setattr(i, "_hints_given", {})
    for _ in range(4):
        hint("warm_up")
    lines = capsys.readouterr().out.splitlines()
    assert [line[:22] for line in lines] == [f"warm_up, hint {n} of 3: "[:22] for n in (1, 2, 3, 3)]


def test_progress_is_kept_and_never_falls(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "p.json"))
    check(noisy, exercise="warm_up")
    check(in_place, exercise="warm_up")
    capsys.readouterr()
    progress()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["✓", "00_start_here", "2/2"] and lines[1].split()[::2] == ["·", "0/15"]
    assert len(lines) < 25 and lines[-1].startswith("2 of ")
    assert [p.name for p in tmp_path.iterdir()] == ["p.json"]


def test_progress_lists_the_exercises_of_what_is_begun(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "p.json"))
    (tmp_path / "p.json").write_text('{"softmax": 5, "cosine_similarity": 1, "layer_norm": 0}')
    progress()
    words = [line.split() for line in capsys.readouterr().out.splitlines()]
    begun = words.index(["·", "01_why_attention", "6/15"])
    assert ["✓", "softmax", "5/5"] in words[begun:] and ["·", "cosine_similarity", "1/4"] in words[begun:]
    assert ["·", "attention_pool", "0/6"] in words and not any("layer_norm" in line for line in words)


def test_a_damaged_progress_file_is_said_so(tmp_path, monkeypatch, capsys):
    file = tmp_path / "p.json"
    monkeypatch.setenv("COURSE_PROGRESS", str(file))
    file.write_text("[1, 2")
    progress()
    assert "cannot be read" in capsys.readouterr().out


def test_nothing_is_recorded_in_the_lessons_with_answers(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "p.json"))
    monkeypatch.chdir(i.ROOT / "notebooks")
    check(noisy, exercise="warm_up")
    assert not list(tmp_path.iterdir())


def test_under_nbgrader_the_points_are_the_cells_result(monkeypatch, tmp_path, capfd):
    shown = []
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "p.json"))
    monkeypatch.setattr(i, "_in_notebook", lambda: True)
    monkeypatch.setattr("IPython.get_ipython", lambda: types.SimpleNamespace(displayhook=shown.append))

    def noisy_in_place(x):
        os.write(2, b"a native line\n")
        return in_place(x)

    assert check(noisy_in_place, exercise="warm_up") is EXERCISES["warm_up"].reference  # what follows has a right one
    assert shown == [1.0] and type(shown[0]) is float
    assert capfd.readouterr().err == "" and not list(tmp_path.iterdir())


def test_the_notebooks_random_numbers_are_left_alone():
    np.random.seed(3)  # noqa: NPY002
    want = np.random.random()  # noqa: NPY002
    np.random.seed(3)  # noqa: NPY002
    examine(noisy, EXERCISES["softmax"])
    assert np.random.random() == want  # noqa: NPY002


def appends(values, **_):
    values.append(0)


def sorts_within(values, **_):
    values[1].sort()


def takes_out(**names):
    names["names"].pop("a")


def counts_in_place(**names):
    names["names"]["a"] += 1


def fills(values, names):
    names["b"][:] = 0


@pytest.mark.parametrize(
    ("answer", "line"),
    [(appends, "changes the list"), (sorts_within, "changes the list"), (takes_out, "changes the dictionary"),
     (counts_in_place, "changes the dictionary"), (fills, "changes the array")],
)  # fmt: skip
def test_whatever_was_given_must_be_left_as_it_was(answer, line):
    given = case([1.5, [3, 2, float("nan")]], names={"a": 1, "b": np.array([np.nan, 1.0])})
    if answer in (takes_out, counts_in_place):
        given = case(**given.kwargs)
    found, _ = guarded(answer, lambda answer, *args, **kwargs: answer(*args, **kwargs) or 1, [given], 1)
    assert found[0].kind == "mutated" and line in found[0].line
    untouched, _ = guarded(lambda *args, **kwargs: 1, lambda answer, *a, **k: answer(*a, **k), [given], 1)
    assert untouched == [1]


def test_what_cannot_be_used_is_told_by_what_it_is():
    pair = lambda answer: sum(answer()[n] for n in (0, 1))  # noqa: E731
    found, _ = guarded(lambda: {"first": 1}, pair, [case()], 1)
    assert found[0].line.startswith("a dictionary came back, its keys are ['first']")
    assert differs((1, 2), (n for n in (1, 2)), 0).startswith("a generator came back, which computes nothing")


def strings(x):
    return np.full(np.shape(x), "six")


def calls_wrongly(x):
    return json.loads(x)


def test_python_s_own_lines_are_never_quoted():
    assert "line" in (said := examine(calls_wrongly, WARM_UP).failure.diagnosis) and "json.loads(x)" in said


def test_texts_in_an_array_of_the_right_shape_are_told():
    assert "numbers are asked for, an array of dtype" in examine(strings, WARM_UP).failure.diagnosis


def test_a_result_in_brackets_is_not_the_result():
    line = "one result is asked for, a tuple or list of one came back"
    assert line in examine(lambda x: (2 * x,), WARM_UP).failure.diagnosis
    assert line in differs(np.ones(3), plain([np.ones(3)]), 0)
    assert not differs((np.ones(3),), plain([np.ones(3)]), 0)
