"""The whole way from notebooks to grades: fair, the same twice, safe to stop, told in words."""

import csv
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.course.grade import NO_BOX
from utils.course.grade.sample import ABSENT, ENDLESS, MISTAKES, write_sample
from utils.course.grade.walls import asked, without
from utils.course.source import ROOT, symbol_source

boxed = pytest.mark.skipif(bool(NO_BOX), reason=NO_BOX)
ONE = pytest.mark.xdist_group("grading")


def command(folder, out, *more):
    return [sys.executable, "-m", "utils.course", "grade", str(folder), "--out", str(out), "--quiet", *more]


def run(folder, out, *more):
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.run(command(folder, out, *more), cwd=ROOT, capture_output=True, text=True, env=environment)


def grades(out):
    with open(out / "grades.csv", encoding="utf-8") as file:
        return {(row["learner"], row["lesson"]): row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """Four notebooks: two of the sample class, one that is right, one that is none."""
    folder = tmp_path_factory.mktemp("few")
    for path in write_sample(folder / "all")[:2]:
        (folder / "class" / path.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / "class" / path.parent.name)
    for learner, text in (("right", None), ("none", "{")):
        (folder / "class" / learner).mkdir()
        source = (ROOT / "notebooks" / "01_why_attention.ipynb").read_text(encoding="utf-8") if text is None else text
        (folder / "class" / learner / "01_why_attention.ipynb").write_text(source, encoding="utf-8")
    return folder / "class"


@pytest.fixture(scope="module")
def whole(few, tmp_path_factory):
    """What a run gives that nothing disturbs, its seed 3."""
    out = tmp_path_factory.mktemp("whole") / "out"
    result = run(few, out, "--seed", "3")
    assert result.returncode == 0, result.stderr
    return out


@boxed
@ONE
def test_from_a_folder_to_grades(few, whole, tmp_path):
    second = run(few, tmp_path / "b", "--seed", "2", "--workers", "1")
    assert second.returncode == 0, second.stderr
    told, again = grades(whole), grades(tmp_path / "b")
    assert told == again  # other inputs, the same grades
    right = told["right", "01_why_attention"]
    assert (right["score"], right["maximum"], right["status"]) == ("15", "15", "graded")
    assert told["none", "01_why_attention"]["status"] == "unreadable notebook"
    assert "no JSON" in told["none", "01_why_attention"]["reason"]
    page = (whole / "class.html").read_text(encoding="utf-8")
    assert "What to reteach" in page and "<script" not in page
    pages = list((whole / "feedback").iterdir())
    assert len(pages) == len({learner for learner, _ in told})
    assert {"moodle.csv", "canvas.csv", "gradebook.sqlite"} <= {p.name for p in whole.iterdir()}
    for path in pages:
        assert symbol_source("utils.checks.why_attention.softmax.softmax") not in path.read_text(encoding="utf-8")
    assert "holds grades already" in run(few, tmp_path / "b").stderr
    assert run(few, tmp_path / "b", "--resume").returncode == 0 and grades(tmp_path / "b") == told


@boxed
@ONE
def test_killed_at_any_moment_it_goes_on(few, whole, tmp_path):
    for wait in (4, 9, 14):
        line = command(few, tmp_path / "parts", "--seed", "3", "--resume", "--workers", "1")
        silent = subprocess.DEVNULL
        process = subprocess.Popen(line, cwd=ROOT, start_new_session=True, stderr=silent, stdout=silent)
        time.sleep(wait)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert run(few, tmp_path / "parts", "--seed", "3", "--resume", "--workers", "1").returncode == 0
    assert grades(tmp_path / "parts") == grades(whole)
    count = "SELECT COUNT(*) FROM submission"
    rows = [sqlite3.connect(out / "gradebook.sqlite").execute(count).fetchone() for out in (tmp_path / "parts", whole)]
    assert rows[0] == rows[1]


def test_without_walls_untrusted_work_is_refused(few, tmp_path):
    result = run(few, tmp_path / "x", "--isolation", "process")
    assert result.returncode == 2 and "no walls" in result.stderr and not (tmp_path / "x").exists()


@ONE
def test_without_walls_trusted_work_is_graded(few, tmp_path):
    result = run(few, tmp_path / "x", "--isolation", "process", "--trusted", "--workers", "1")
    assert result.returncode == 0, result.stderr
    assert grades(tmp_path / "x")["right", "01_why_attention"]["score"] == "15"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["nowhere"], "is no folder"), ([".", "--workers", "0"], "1 or more"), ([".", "--only", "77"], "no lesson '77'")],
)
def test_a_bad_call_gets_a_line(arguments, said, tmp_path):
    line = [sys.executable, "-m", "utils.course", "grade", *arguments, "--out", str(tmp_path / "out")]
    result = subprocess.run(
        line, cwd=tmp_path, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert result.returncode in (1, 2) and said in result.stderr and "Traceback" not in result.stderr


def test_the_sample_class_makes_the_mistakes_it_says():
    for each in asked():
        for old, new in MISTAKES.get(each.name, ()):
            assert old in symbol_source(each.symbol) and new != old, each.name
        old, new = ENDLESS.get(each.name, ("", "endless"))
        assert old in symbol_source(each.symbol) and new != old, each.name


def test_the_sample_class_has_one_late_one_cut_off_one_endless_and_one_absent(tmp_path):
    from utils.course.grade.collect import submissions

    assert len(write_sample(tmp_path)) == 30
    found = submissions(tmp_path, tmp_path / "roster.csv")
    unlucky = {one.lesson[:2]: one for one in found if one.learner == "jory-strand"}
    assert unlucky["01"].problem and unlucky["02"].late == 39 * 3600 and not unlucky["03"].problem
    assert sum("no JSON" in one.problem for one in found) == 1 == sum(one.late > 0 for one in found)
    new = ENDLESS["attention_for_one_word"][1]
    assert [one.learner for one in found if any(new in code for code in one.code)] == ["jory-strand"]
    assert ABSENT in (tmp_path / "roster.csv").read_text("utf-8") and not (tmp_path / ABSENT).exists()


def test_a_hidden_definition_is_only_a_name():
    text = without(
        "import math\n\n\n@cached\ndef f(x):\n    return x\n\n\nclass C:\n    a = 1\n\n\ndef g():\n    return 2\n",
        ["f", "C"],
    )
    space = {}
    exec(text, space)  # noqa: S102 - our own text
    assert space["g"]() == 2
    for name in ("f", "C"):
        with pytest.raises(LookupError, match=f"{name} is what is asked for"):
            space[name](1)


def test_cells_of_a_table_are_no_formulas():
    from utils.course.grade.exports import harmless

    for cell in ("=1+1", "+1", "-1", "@x", "\t=1", "  =1"):
        assert harmless(cell).startswith("'")
    assert harmless("ana") == "ana" and harmless(3) == 3


def test_pages_escape_what_learners_write(tmp_path):
    from utils.course.grade.collect import Submission
    from utils.course.grade.gradebook import Gradebook
    from utils.course.grade.pages import write_pages

    bad = "<script>alert(1)</script>\" onload='x'"
    mark = {
        "question": "softmax", "score": 0, "maximum": 5, "status": "graded", "reason": bad, "hint": bad, "input": [bad],
        "properties": [[bad, 1, False]], "diagnosis": bad, "expected": bad, "got": bad, "remarks": [bad],
        "seconds": 0.1,
    }  # fmt: skip
    book = Gradebook(tmp_path / "gradebook.sqlite")
    book.add(Submission(bad, Path("x"), "01_why_attention", code=["x"]), [mark])
    book.add(Submission("../../up", Path("y"), "01_why_attention", code=["y"]), [mark])
    write_pages(book, tmp_path, [{"question": bad, "one": bad, "other": bad, "share": 0.9}])
    pages = [tmp_path / "class.html", *(tmp_path / "feedback").iterdir()]
    assert len(pages) == 3 and {p.parent.name for p in pages[1:]} == {"feedback"}
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text and "onload='x'" not in text and "&lt;script&gt;" in text


def test_a_full_disk_leaves_the_gradebook_whole(tmp_path):
    from utils.course.grade.collect import Submission
    from utils.course.grade.gradebook import Gradebook, GradebookError

    book = Gradebook(tmp_path / "gradebook.sqlite")
    mark = {
        "question": "q",
        "score": 1,
        "maximum": 1,
        "status": "graded",
        "reason": "",
        "diagnosis": "",
        "remarks": [],
        "seconds": 0,
    }
    book.add(Submission("ana", Path("x"), "01_why_attention", code=["x"]), [mark])
    book.db.execute("PRAGMA max_page_count = 1")
    with pytest.raises(GradebookError, match="go on with --resume"):
        for n in range(200):
            book.add(
                Submission(f"bo{n}", Path("y" * 900), "01_why_attention", code=["y"]), [mark | {"reason": "z" * 900}]
            )
    assert "ana" in {row["learner"] for row in book.submissions()}
    assert book.db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_who_has_the_same_is_named_and_the_lessons_own_answer_is_not():
    from utils.course.grade.collect import Submission
    from utils.course.grade.likeness import pairs

    own = """
def attention_pool(query, keys, values, temperature=1.0):
    scores, best = [], None
    for key in keys:
        total = 0.0
        for a, b in zip(query, key):
            total = total + float(a) * float(b) / temperature
        scores.append(total)
        best = total if best is None or total > best else best
    parts = [np.exp(s - best) for s in scores]
    whole = sum(parts)
    mixed = [sum(p / whole * v[c] for p, v in zip(parts, values)) for c in range(len(values[0]))]
    return np.array(mixed), np.array([p / whole for p in parts])
"""
    renamed = own.replace("total", "t").replace("scores", "s_list").replace("best", "top").replace("    ", "  ")
    library = symbol_source(next(each.symbol for each in asked() if each.name == "attention_pool"))
    blank = library[: library.index(":\n") + 2] + "    raise NotImplementedError\n"
    slip = library.replace(" / temperature", "")  # the same small mistake
    handed = {"ana": own, "bo": "# mine\n" + renamed, "cleo": library, "dov": library}
    handed |= {"edda": blank, "finn": blank, "gus": slip, "hal": slip}
    found = [Submission(name, Path(name), "01_why_attention", code=[code]) for name, code in handed.items()]
    assert [(pair["one"], pair["other"]) for pair in pairs(found)] == [("ana", "bo")]
    assert json.dumps(pairs(found))


@boxed
@ONE
def test_several_machines_give_the_same_grades(few, whole, tmp_path):
    distributed = pytest.importorskip("distributed", reason="Dask is not installed (pip install distributed)")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        result = run(few, tmp_path / "spread", "--seed", "3", "--scheduler", cluster.scheduler_address)
    assert result.returncode == 0, result.stderr
    assert grades(tmp_path / "spread") == grades(whole)


def test_nbgraders_own_gradebook_takes_the_grades(tmp_path):
    from nbgrader.api import Gradebook as Theirs

    from utils.course.grade.collect import Submission
    from utils.course.grade.gradebook import Gradebook
    from utils.course.grade.to_nbgrader import write_nbgrader

    book = Gradebook(tmp_path / "ours.sqlite")
    mark = {"status": "graded", "reason": "", "diagnosis": "", "remarks": [], "seconds": 0.0}
    marks = [mark | {"question": "softmax", "score": 3, "maximum": 5}]
    marks += [mark | {"question": "attention_pool", "score": 6, "maximum": 6}]
    book.add(Submission("ana", Path("x"), "01_why_attention", code=["x"]), marks)
    book.add(Submission("bo", Path("y"), "", code=["y"]), [], "unreadable notebook", "no JSON")
    for _ in range(2):  # again: nothing twice
        assert write_nbgrader(book, tmp_path / "theirs" / "gradebook.db") == 1
    with Theirs(f"sqlite:///{tmp_path}/theirs/gradebook.db") as theirs:
        (submission,) = theirs.assignment_submissions("01_why_attention")
        assert (submission.student.id, submission.score, submission.max_score) == ("ana", 9.0, 11.0)
