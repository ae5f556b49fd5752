"""The build as an author uses it, on a small course of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import nbformat
import pytest

from utils.course import build as b
from utils.course.notebook import learners_copy
from utils.course.source import ROOT, BuildError, read_sources, synced

PREAMBLE = 'import sys\n\nsys.path[:0] = ["..", "../.."]\n'
LESSON = f"""# %% [markdown]
# # A lesson

# %%
{PREAMBLE}
x = 2

# %% [markdown]
# Twice x.

# %%
print(2 * x)
"""


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "notebooks" / "source"
    folder.mkdir(parents=True)
    (folder / "00_a.py").write_text(LESSON, encoding="utf-8")
    return folder


def snapshot(folder):
    files = sorted(p for p in folder.parent.rglob("*") if p.is_file())
    return {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in files}


def test_a_stream_is_stored_in_one_piece():
    def output(kind="stream", **fields):
        return nbformat.v4.new_output(kind, **fields)

    def said(text, name="stdout"):
        return output(name=name, text=text)

    shown = output("display_data", data={"image/png": "x"}, metadata={})
    pieces = [said("one\n"), said("two\n"), shown, said("three"), said("four", "stderr"), said("five")]
    assert b.in_one_piece(pieces) == [said("one\ntwo\n"), *pieces[2:]]
    assert pieces[0].text == "one\n" and b.in_one_piece([]) == []


def test_build_runs_writes_and_is_then_fresh(course):
    assert b.build([], folder=course) == ["00_a"]
    book = nbformat.read(course.parent / "00_a.ipynb", as_version=4)
    assert [c.id for c in book.cells] == ["00-a-000", "00-a-001", "00-a-002", "00-a-003"]
    assert [c.execution_count for c in book.cells if c.cell_type == "code"] == [1, 2]
    assert book.cells[3].outputs[0].text == "4\n"
    copy = nbformat.read(course.parent / "exercises" / "00_a.ipynb", as_version=4)
    assert all(not c.outputs and c.execution_count is None for c in copy.cells if c.cell_type == "code")
    assert b.stale(course) == []

    before = snapshot(course)
    assert b.build([], folder=course) == []
    assert snapshot(course) == before

    path = course / "00_a.py"
    path.write_text(LESSON.replace("Twice x.", "Two times x."), encoding="utf-8")
    assert [line.split(":")[0] for line in b.stale(course)] == ["exercises/00_a.ipynb", "00_a.ipynb"]
    assert b.build([], folder=course) == []  # prose alone needs no run
    assert b.stale(course) == []


def test_a_notebook_changed_by_hand_is_told(course):
    b.build([], folder=course)
    path = course.parent / "00_a.ipynb"
    path.write_text(path.read_text().replace("Twice", "Thrice"), encoding="utf-8")
    assert b.stale(course) == [
        "00_a.ipynb: differs from its source. Change the source, never the notebook, then run: make build"
    ]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("1 / 0", r"00_a\.py, line 14: the cell fails: ZeroDivisionError: division by zero"),
        ("import sys\nprint('x', file=sys.stderr)", "it writes to stderr"),
        (f"print({str(ROOT)!r})", "holds a path of this machine"),
        ("print(object())", "holds an address"),
    ],
)
def test_a_bad_cell_is_told_and_the_notebook_before_stays(course, code, words):
    b.build([], folder=course)
    before = (course.parent / "00_a.ipynb").read_bytes()
    (course / "00_a.py").write_text(LESSON.replace("print(2 * x)", code), encoding="utf-8")
    with pytest.raises(BuildError, match=words):
        b.build([], folder=course)
    assert (course.parent / "00_a.ipynb").read_bytes() == before


def test_an_unknown_lesson_is_told(course):
    with pytest.raises(BuildError, match="There is no lesson '07'. The lessons are: 00_a"):
        b.build(["07"], folder=course)


def test_another_version_than_the_lock_is_refused(monkeypatch):
    monkeypatch.setattr(b.metadata, "version", lambda package: "1.0")
    with pytest.raises(BuildError, match=r"tensorflow 1\.0 is installed, the lock says"):
        b.check_environment()


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="interrupts by signal")
def test_an_interrupted_build_leaves_the_notebooks_whole(course):
    b.build([], folder=course)
    before = (course.parent / "00_a.ipynb").read_bytes()
    (course / "00_a.py").write_text(LESSON.replace("print(2 * x)", "import time\ntime.sleep(60)"), encoding="utf-8")
    script = f"from pathlib import Path; from utils.course.build import build; build([], folder=Path({str(course)!r}))"
    run = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True)
    assert b"running" in run.stdout.readline()
    time.sleep(4)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert (course.parent / "00_a.ipynb").read_bytes() == before
    assert not list(course.parent.glob(".*"))


def test_a_write_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    path = tmp_path / "a.ipynb"
    path.write_text("before")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(OSError, match="No space left"):
        b.write(path, "after")
    assert path.read_text() == "before" and list(tmp_path.iterdir()) == [path]


def test_learners_copies_satisfy_nbgrader():
    from nbgrader.nbgraderformat import MetadataValidator

    points = b.exercise_points()
    for source in map(synced, read_sources()):
        copy = nbformat.from_dict(json.loads(nbformat.writes(learners_copy(source, points))))
        MetadataValidator().validate_nb(copy)
        graded = [c.metadata.nbgrader for c in copy.cells if "nbgrader" in c.metadata]
        assert len(graded) == 2 * sum(c.blank is not None for c in source.cells) >= 2
        assert all(g["points"] > 0 for g in graded if g["grade"])


def test_every_exercise_is_left_blank_in_its_own_lesson():
    from utils.checks.frame import EXERCISES

    b.exercise_points()
    blanks = {c.name: source.slug for source in read_sources() for c in source.cells if c.blank is not None}
    assert blanks == {name: exercise.notebook for name, exercise in EXERCISES.items()}


@pytest.mark.slow
def test_nbval_is_green_on_a_lesson_and_red_on_an_altered_output(tmp_path):
    lesson = "00_start_here.ipynb"
    shutil.copytree(ROOT / "utils", tmp_path / "utils")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copy(ROOT / "requirements.txt", tmp_path)
    (tmp_path / "notebooks").mkdir()
    path = tmp_path / "notebooks" / lesson
    text = (ROOT / "notebooks" / lesson).read_text(encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--nbval", str(path)]
    for content, green in ((text, True), (text.replace("warm_up: 2 of 2 points", "warm_up: 1 of 2 points"), False)):
        path.write_text(content, encoding="utf-8")
        result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert (result.returncode == 0) == green, result.stdout
