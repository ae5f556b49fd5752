"""What one submission says or holds costs nobody else a grade, a page or an evening. Nothing of theirs is run."""

import contextlib
import json
import re
import sys
import time
import types
from pathlib import Path

import numpy as np
import pytest

import utils.checks  # noqa: F401 - fills the list of exercises
from utils.course.grade.collect import Submission
from utils.course.grade.gradebook import Gradebook
from utils.course.grade.likeness import pairs, runs_of
from utils.course.grade.names import printable
from utils.course.grade.wire import HEAD, KEYS, NUMBERS, TEXT, TooLarge, WireError, decode, encode


class Crash:
    """Stands for `guard.Crash`."""

    def __init__(self, kind, line, final):
        self.kind, self.line, self.final = kind, line, final


def handed_in(learner, code, lesson="01_why_attention"):
    return Submission(learner, Path(f"{learner}.ipynb"), lesson=lesson, code=[code])


def a_mark(**more):
    return {
        "question": "softmax", "score": 0, "maximum": 5, "status": "graded", "reason": "", "properties": [],
        "diagnosis": "", "hint": "", "input": [], "expected": "", "got": "", "remarks": [], "seconds": 0.0,
    } | more  # fmt: skip


def test_a_gradebook_takes_every_text(tmp_path):
    book = Gradebook(tmp_path / "gradebook.sqlite")
    one = Submission("ana", Path("caf\udce9.ipynb"), lesson="01_why_attention", code=["\ud800"])
    book.add(one, [a_mark(diagnosis="\ud800", reason="\udfff\0")])
    assert book.has(one) and [row["learner"] for row in book.submissions()] == ["ana"]
    book.add(one, [a_mark()])
    assert len(book.submissions()) == 1
    book.close()


def test_likeness_takes_every_answer():
    large = "def softmax(x, axis=-1):\n    return 0x" + "f" * 5000 + "\n"  # too many digits to be written out
    assert pairs([handed_in("ana", large), handed_in("bo", large)]) == []
    assert len(runs_of("x = [" + "1," * 200_000 + "]")) < 5000
    assert runs_of("x = 1 + 1 + 1 + 1") != runs_of("x = 2 + 2 + 2 + 2")


def test_likeness_of_a_large_class_is_soon_told():
    def own(n):
        return "def softmax(x, axis=-1):\n" + "".join(f"    x = x.a{n}_{m}(x, {m})\n" for m in range(40))

    found = [handed_in(f"learner {n}", own(n)) for n in range(300)]
    started = time.monotonic()
    assert pairs([*found, handed_in("twin", own(7))])[0]["other"] == "twin"
    assert time.monotonic() - started < 60


@pytest.mark.parametrize(
    "value",
    [b'{"list": [' + b'{"none": true},' * (HEAD // 15) + b'{"none": true}]}', b'{"float": "' + b"1" * 1000 + b'"}'],
)
def test_a_reply_that_would_grow_is_none(value):
    with pytest.raises(WireError):
        decode(b'{"value": ' + value + b', "blobs": []}\n', Crash)


@pytest.mark.parametrize(("lengths", "fits"), [([NUMBERS], True), ([NUMBERS + 1], False), ([1, NUMBERS], False)])
def test_a_reply_of_too_many_numbers_is_none(lengths, fits):
    """A judgement makes many bytes of each: what is small as a reply, such as a mask, is not so outside."""
    parts = [{"array": ["bool", [length], n]} for n, length in enumerate(lengths)]
    reply = json.dumps({"value": {"list": parts}, "blobs": lengths}).encode() + b"\n" + bytes(sum(lengths))
    if fits:
        assert len(decode(reply, Crash)) == len(lengths)
    else:
        with pytest.raises(WireError):
            decode(reply, Crash)


def test_an_array_that_is_empty_and_wide_is_none():
    """Its sum over the empty axis would have as many numbers as it is wide."""
    with pytest.raises(WireError):
        decode(b'{"value": {"array": ["bool", [0, 1073741824], 0]}, "blobs": [0]}\n', Crash)
    with pytest.raises(TooLarge):
        encode(np.zeros((2**30, 0)), Crash)
    assert decode(encode(np.zeros((0, 5)), Crash), Crash).shape == (0, 5)


def test_a_long_text_among_many_is_none():
    """As an array of texts each has the longest one's room: 100,000 characters, and 200,000 empty ones, 80 GB."""
    for value in (["x" * TEXT] + [""] * 200, [("x" * TEXT, "")] * 100, [["x" * 2**12]] + [[None]] * 2**13):
        with pytest.raises(TooLarge):
            encode([value], Crash)
    many = b'{"list": [{"text": "' + b"x" * TEXT + b'"}' + b', {"text": ""}' * 200 + b"]}"
    with pytest.raises(WireError):
        decode(b'{"value": ' + many + b', "blobs": []}\n', Crash)
    apart = {"results": ["x" * 1000] * 1000, "printed": "x" * TEXT}
    assert decode(encode(apart, Crash), Crash) == apart


def test_a_dictionary_of_many_tuples_is_none():
    """Tuples can be chosen so that all share a hash; then a dictionary of 50,000 takes minutes."""
    pairs = [[{"tuple": [{"int": n}]}, {"none": True}] for n in range(KEYS + 1)]
    for several, fits in ((pairs, False), (pairs[1:], True)):
        reply = json.dumps({"value": {"dict": several}, "blobs": []}).encode() + b"\n"
        if fits:
            assert len(decode(reply, Crash)) == KEYS
        else:
            with pytest.raises(WireError):
                decode(reply, Crash)
    with pytest.raises(TooLarge):
        encode({(n,): None for n in range(KEYS + 1)}, Crash)


@pytest.mark.parametrize("blobs", [(0, 0), (1, 0), (0, 2), (-2, -1)])
def test_numbers_of_a_reply_are_taken_once_and_in_order(blobs):
    parts = ", ".join(f'{{"array": ["uint8", [4], {blob}]}}' for blob in blobs)
    with pytest.raises(WireError):
        decode(f'{{"value": {{"list": [{parts}]}}, "blobs": [4, 4]}}\n'.encode() + bytes(8), Crash)


def test_words_of_a_reply_are_bounded():
    said = decode(b'{"value": {"crash": ["k", "' + b"x" * 10**6 + b'", true]}, "blobs": []}\n', Crash)
    assert len(said.line) == 1000
    assert len(decode(b'{"value": {"text": "' + b"x" * 10**6 + b'"}, "blobs": []}\n', Crash)) == TEXT


def test_texts_of_a_mark_steer_nothing():
    from utils.course.grade.marking import readable

    mark = readable(a_mark(diagnosis="\x1b[2Ja\u202eb\ud800\n", remarks=["x" * 10**6], properties=[["sums", 2, None]]))
    assert not {"\x1b", "\u202e", "\ud800"} & set(mark["diagnosis"]) and mark["diagnosis"].endswith("\n")
    assert len(mark["remarks"][0]) == 2000 and mark["properties"] == [["sums", 2, None]]


def test_no_letter_covers_the_lines_around_it():
    from utils.course.grade.marking import readable

    heap, hindi = "Z" + "\u0335" * 50, "हिन्दी"
    assert readable(heap).count("\u0335") == printable(heap).count("\u0335") == 5
    assert printable(heap) != printable(heap + "\u0335") and readable(hindi) == printable(hindi) == hindi


def test_a_page_is_one_learners_alone():
    """A name that is like another's may be looked for until the first signs of its mark are the same."""
    from utils.course.grade.pages import file_name

    one, other = file_name("Ana Moss"), file_name("Ana!Moss")
    assert one != other and all(re.fullmatch(r"Ana-Moss-[0-9a-f]{16,}\.html", name) for name in (one, other))


def test_a_line_that_is_no_python_steers_nothing():
    from utils.checks.frame import EXERCISES
    from utils.course.grade.answers import answers
    from utils.course.grade.marking import mark

    submission = handed_in("ana", "def softmax(x):\n    return '\x1b]0;title\x07\u202e' x\n")
    found = next(found for found in answers(submission) if found.asked.name == "softmax")
    got = mark(None, found, EXERCISES["softmax"], seed=1)  # nothing of it is run
    assert got["status"] == "does not run" and "line 2 of the cell" in got["reason"]
    assert not {"\x1b", "\x07", "\u202e"} & set(got["reason"])


def test_what_breaks_a_worker_costs_one_submission(monkeypatch):
    from utils.course.grade import run

    class Future:
        def __init__(self, one):
            self.one = one

        def result(self):
            if self.one == "bad":
                raise TypeError("never thought of")
            return [a_mark()]

    class Pool:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def shutdown(self, **_):
            pass

        def submit(self, _, one):
            return Future(one)

    monkeypatch.setattr(run, "_pool", lambda *_: Pool())
    monkeypatch.setattr(run, "wait", lambda waiting, **_: type("Ended", (), {"done": list(waiting)}))
    got = {one: error for one, _, error in run._by_processes(iter([("good",), ("bad",), ("fine",)]), 1, "")}
    assert not got["good"] and not got["fine"] and "failed twice, never thought of" in got["bad"]


@pytest.mark.skipif(sys.platform != "linux", reason="the box is Linux's")
def test_memory_that_was_put_out_to_disk_counts(monkeypatch):
    from utils.course.grade import sealed

    status = "VmRSS:\t15 kB\nRssAnon:\t5 kB\nRssFile:\t7 kB\nRssShmem:\t3 kB\nVmSwap:\t100 kB\n"
    monkeypatch.setattr(sealed.Path, "read_text", lambda self: status)
    assert sealed.anonymous("1") == 108


def test_what_breaks_a_worker_of_a_cluster_costs_one_submission(monkeypatch, tmp_path):
    from utils.course.grade import run

    class Future:
        def __init__(self, one):
            self.bad, self.lost = one.learner == "bad", one.learner == "lost"

        def cancelled(self):
            return self.lost

        def exception(self):
            return TypeError("never thought of") if self.bad else None

        def result(self):
            return [a_mark(score=5)]

    class Client:
        def __init__(self, _):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def submit(self, _, one, *__, **___):
            return Future(one)

    monkeypatch.setitem(sys.modules, "distributed", types.SimpleNamespace(Client=Client, as_completed=list))
    book = Gradebook(tmp_path / "gradebook.sqlite")
    found = [handed_in(name, "") for name in ("bad", "fine", "good")]
    run.grade(found, book, 2, scheduler="tcp://nowhere:1", shown=False)
    assert [(row["score"], row["status"]) for row in book.submissions()] == [(0, "died"), (5, "graded"), (5, "graded")]
    assert "never thought of. Look at this notebook" in book.submissions()[0]["reason"] and not book.has(found[0])
    lost = handed_in("lost", "")
    with pytest.raises(RuntimeError, match="is lost.*go on with --resume"):
        run.grade([lost], book, 2, scheduler="tcp://nowhere:1", shown=False)
    assert not book.has(lost) and len(book.submissions()) == 3
    book.close()


def test_no_worker_outlives_a_grader_that_is_killed(tmp_path):
    import subprocess

    from utils.course.source import ROOT

    script = f"import os\nfrom utils.course.grade.run import _pool\npool = _pool(1, {str(tmp_path)!r})\n"
    script += "print(pool.submit(os.getpid).result(), flush=True)\ninput()\n"
    grader = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert grader.stdout.readline().strip().isdigit()
    grader.kill()
    grader.communicate(timeout=60)  # which ends with the last process that has its output, the worker


def test_what_a_killed_run_left_is_taken_away(monkeypatch, tmp_path):
    import os
    import subprocess
    import tempfile

    from utils.course.grade import run

    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, kept = tmp_path / f"{run.FOLDER}{gone.pid}-x", tmp_path / f"{run.FOLDER}{os.getpid()}-y"
    others = [tmp_path / f"{run.FOLDER}old", tmp_path / f"{run.FOLDER}{10**30}-z", tmp_path / "course-else"]
    for folder in (left, kept, *others):
        (folder / "deep").mkdir(parents=True)
    os.symlink(tmp_path / "course-else", tmp_path / f"{run.FOLDER}{gone.pid}-link")
    run._sweep()
    assert not left.exists() and kept.exists() and all((folder / "deep").exists() for folder in others)


@pytest.mark.parametrize("status", ["timed out", "died"])
def test_what_others_may_have_done_is_tried_alone(monkeypatch, tmp_path, status):
    from utils.course.grade import run

    rounds = []

    def by_processes(tasks, workers, _):
        rounds.append(workers)
        for one, *_ in tasks:
            late = one.learner == "never" or (one.learner == "pushed aside" and workers > 1)
            yield one, [a_mark(status=status) if late else a_mark(score=5)], ""

    monkeypatch.setattr(run, "_by_processes", by_processes)
    book = Gradebook(tmp_path / "gradebook.sqlite")
    run.grade([handed_in(name, "") for name in ("never", "pushed aside", "soon")], book, 2, shown=False)
    assert rounds == [2, 1]
    assert [(r["learner"], r["score"], r["status"]) for r in book.submissions()] == [
        ("never", 0, status), ("pushed aside", 5, "graded"), ("soon", 5, "graded"),
    ]  # fmt: skip
    book.close()


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ""])
def test_a_run_that_is_stopped_before_it_tries_again_does_so_later(monkeypatch, tmp_path, error):
    from utils.course.grade import run

    alone = False

    def by_processes(tasks, workers, _):
        if workers == 1 and error and not alone:
            raise error
        for one, *_ in tasks:
            yield one, [a_mark(score=5) if alone and workers == 1 else a_mark(score=2, status="timed out")], ""

    monkeypatch.setattr(run, "_by_processes", by_processes)
    book, found = Gradebook(tmp_path / "gradebook.sqlite"), [handed_in("ana", ""), handed_in("bo", "")]
    with contextlib.suppress(KeyboardInterrupt):
        run.grade(found, book, 2, shown=False)
    alone = True
    run.grade(found, book, 2, resume=True, shown=False)
    assert [row["score"] for row in book.submissions()] == ([5, 5] if error else [2, 2])
    book.close()


def test_who_breaks_a_worker_alone_keeps_the_first_marks(monkeypatch, tmp_path):
    from utils.course.grade import run

    def by_processes(tasks, workers, _):
        for one, *_ in tasks:
            yield (one, [], "failed twice") if workers == 1 else (one, [a_mark(score=2, status="timed out")], "")

    monkeypatch.setattr(run, "_by_processes", by_processes)
    book = Gradebook(tmp_path / "gradebook.sqlite")
    run.grade([handed_in("ana", ""), handed_in("bo", "")], book, 2, shown=False)
    assert [(row["score"], row["status"]) for row in book.submissions()] == [(2, "timed out")] * 2
    book.close()
