"""A gradebook that is used again: what was replaced, taken away, or failed by the machine's fault; and tables."""

import argparse
import contextlib
import os
import sqlite3
import subprocess
import sys

import pytest

from tests.course.grade import NO_BOX
from tests.course.grade.test_hostile import a_mark
from utils.course.grade.__main__ import add_arguments, main, tell
from utils.course.grade.collect import Submission
from utils.course.grade.exports import harmless
from utils.course.grade.gradebook import Gradebook, GradebookError
from utils.course.grade.walls import asked, build_course, reached_modules, used_until
from utils.course.source import ROOT

LESSON = "01_why_attention"


@pytest.fixture
def book(tmp_path):
    made = Gradebook(tmp_path / "out" / "gradebook.sqlite")
    yield made
    made.close()


def handed_in(path, code="x", learner="ana", **more):
    return Submission(learner, path, LESSON, code=[code], **more)


def counting(book, found, folder, best=False):
    book.choose(best, found, folder)
    return [(row["learner"], row["score"]) for row in book.submissions()]


def test_a_file_that_was_replaced_counts_no_more(book, tmp_path):
    old, new = (
        handed_in(tmp_path / "x.ipynb", "old", handed_in=9.0),
        handed_in(tmp_path / "x.ipynb", "new", handed_in=1.0),
    )
    book.add(old, [a_mark(score=5)])
    book.add(new, [a_mark(score=2)])
    assert counting(book, [new], tmp_path) == [("ana", 2)]  # though its own time is earlier
    assert counting(book, [old], tmp_path) == [("ana", 5)]  # and the first again


def test_who_has_another_name_by_the_roster_is_not_there_twice(book, tmp_path):
    book.add(handed_in(tmp_path / "x.ipynb"), [a_mark(score=5)])
    named = handed_in(tmp_path / "x.ipynb", learner="Ana Moss")
    book.add(named, [a_mark(score=5)])
    assert counting(book, [named], tmp_path) == [("Ana Moss", 5)]


def test_what_was_graded_from_another_folder_stays(book, tmp_path):
    book.add(handed_in(tmp_path / "a" / "x.ipynb"), [a_mark(score=5)])
    later = handed_in(tmp_path / "b" / "y.ipynb", learner="bo")
    book.add(later, [a_mark(score=1)])
    assert counting(book, [later], tmp_path / "b") == [("ana", 5), ("bo", 1)]


def test_two_files_that_are_no_lesson_are_both_told(book, tmp_path):
    for name in ("a.ipynb", "b.ipynb"):
        book.add(Submission("ana", tmp_path / name, problem="no JSON"), [], "unreadable notebook", "no JSON")
    book.choose(best=False)
    assert len(book.submissions()) == 2


def test_a_later_file_that_cannot_be_read_does_not_count(book, tmp_path):
    book.add(handed_in(tmp_path / "a.ipynb", handed_in=1.0), [a_mark(score=5)])
    torn = Submission("ana", tmp_path / "b.ipynb", LESSON, handed_in=2.0, problem="no JSON")
    book.add(torn, [], torn.status, torn.problem)
    for best in (False, True):
        book.choose(best)
        assert [row["score"] for row in book.submissions()] == [5]


def test_what_the_machine_failed_is_tried_again(book, tmp_path):
    one = handed_in(tmp_path / "x.ipynb")
    book.add(one, [], "died", "grading it failed twice")
    assert not book.has(one)
    book.add(one, [a_mark(status="died")])  # an answer that died is graded
    assert book.has(one)


def test_a_newer_roster_says_what_is_late(book, tmp_path):
    book.add(handed_in(tmp_path / "x.ipynb"), [a_mark()])
    book.keep_up(handed_in(tmp_path / "x.ipynb", late=60.0))
    assert [row["late"] for row in book.submissions()] == [60.0]


def test_a_gradebook_that_cannot_be_used_says_what_to_do(book, tmp_path):
    """Reading or writing: a line with the file, what is wrong, and the way out."""
    book.add(handed_in(tmp_path / "x.ipynb"), [a_mark()])
    uses = (book.is_empty, book.submissions, lambda: book.seed, lambda: book.has(handed_in(tmp_path / "x.ipynb")),
            lambda: book.add(handed_in(tmp_path / "y.ipynb"), []), lambda: book.choose(best=True))  # fmt: skip
    book.db.execute("PRAGMA busy_timeout = 1")
    with contextlib.closing(sqlite3.connect(book.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for use in uses:
            with pytest.raises(GradebookError, match=r"gradebook\.sqlite .* locked\. Another program has it open"):
                use()
    assert len(book.submissions()) == 1
    book.db.execute("PRAGMA query_only = ON")
    with pytest.raises(GradebookError, match="readonly database. Give yourself the right"):
        uses[-2]()
    with contextlib.closing(sqlite3.connect(tmp_path / "other.sqlite")) as other:
        other.execute("CREATE TABLE submission (name TEXT)")
    with (
        contextlib.closing(Gradebook(tmp_path / "other.sqlite").db),
        pytest.raises(GradebookError, match="no gradebook"),
    ):
        Gradebook(tmp_path / "other.sqlite").submissions()
    (tmp_path / "no.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(GradebookError, match="not a database. It is damaged, or no gradebook"):
        Gradebook(tmp_path / "no.sqlite")
    with pytest.raises(GradebookError, match="unable to open database file. Give yourself the right"):
        Gradebook(tmp_path)


def test_two_do_not_grade_into_one_folder(book, tmp_path, capsys):
    (tmp_path / "in" / "ana").mkdir(parents=True)
    (tmp_path / "in" / "ana" / "x.ipynb").write_text("{")
    book.hold()
    options = argparse.ArgumentParser()
    add_arguments(options)
    call = [str(tmp_path / "in"), "--out", str(book.path.parent), "--isolation", "process", "--trusted", "--quiet"]
    assert main(options.parse_args(call)) == 1
    assert "being graded into already" in capsys.readouterr().err and not (book.path.parent / "class.html").exists()
    book.close()
    assert main(options.parse_args(call)) == 0 and (book.path.parent / "class.html").exists()


def test_who_is_killed_lets_go_of_the_folder(book):
    script = "import sys\nfrom pathlib import Path\nfrom utils.course.grade.gradebook import Gradebook\n"
    script += f"book = Gradebook(Path({str(book.path)!r}))\nbook.hold()\nprint('held', flush=True)\ninput()\n"
    other = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout.readline().strip() == "held"
    with pytest.raises(GradebookError, match="from another machine"):
        book.hold()
    other.kill()
    other.communicate(timeout=60)
    book.hold()


def test_of_many_who_are_late_it_says_how_many_more(book, tmp_path, capsys):
    found = [handed_in(tmp_path / f"{n}.ipynb", learner=f"ana {n}", late=60.0) for n in range(7)]
    for one in found:
        book.add(one, [a_mark()])
    tell(book, tmp_path, found)
    assert "ana 4 and 2 more, see class.html" in capsys.readouterr().out


@pytest.mark.skipif(bool(NO_BOX), reason=NO_BOX)
def test_pages_that_cannot_be_written_cost_no_grade(tmp_path, capsys):
    from utils.course.grade.__main__ import add_arguments, main

    (tmp_path / "class" / "ana").mkdir(parents=True)
    (tmp_path / "class" / "ana" / "x.ipynb").write_text("{")
    parser, out = argparse.ArgumentParser(), tmp_path / "out"
    add_arguments(parser)
    line = [str(tmp_path / "class"), "--out", str(out), "--quiet", "--resume"]
    out.mkdir()
    (out / "feedback").write_text("a file in the way")
    assert main(parser.parse_args(line)) == 1
    assert "feedback" in (said := capsys.readouterr().err) and "is kept: mend this, then go on with --resume" in said
    (out / "feedback").unlink()
    assert main(parser.parse_args(line)) == 0
    assert len(list((out / "feedback").iterdir())) == 1 and "unreadable" in (out / "grades.csv").read_text("utf-8")


@pytest.mark.parametrize("cell", ["x;=1+1", "x; @a", "x\n=1+1", "x\t-1", "x|+1", "\u00a0=1", "＝1+1", "x\r\n=1"])
def test_no_part_of_a_cell_is_a_formula_where_others_part_cells(cell):
    shown = harmless(cell)
    assert "\n" not in shown and "\r" not in shown
    for sign in ";\t|":
        assert not any(part.strip().startswith(("=", "+", "-", "@", "＝")) for part in shown.split(sign)), shown


def test_words_stay_as_they_are():
    for cell in ("Moss, Ana", "softmax: not found; line 2", "a - b", 'say "x"', "O'Neil"):
        assert harmless(cell) == cell


@pytest.mark.slow
def test_a_box_holds_no_module_that_came_later(tmp_path):
    folder = build_course("softmax", tmp_path)
    there = {os.path.relpath(path, tmp_path) for path in folder.rglob("*.*") if path.is_file()}
    assert "utils/checks/guard.py" in there and not any("decoding" in name or "explore" in name for name in there)
    later = reached_modules(used_until("softmax"))
    assert later <= reached_modules(used_until(asked()[-1].name))
    with pytest.raises(LookupError, match="no lesson asks for"):
        used_until("absent")
