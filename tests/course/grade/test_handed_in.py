"""Nothing that lies in the folder is passed over without a word, and every guess is said."""

import json
import os
import zipfile

import pytest

from tests.course.grade.test_collect import RIGHT, found_in, hand_in, notebook  # noqa: F401 - a fixture
from utils.course.grade.collect import ATTEMPTS, Submission, read_notebook, submissions
from utils.course.grade.gradebook import Gradebook


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"PK\x03\x04....", "zip archive: unpack it"),
        (b"\x1f\x8b\x08....", "packed by gzip: unpack it"),
        (b"%PDF-1.7 ...", "it is a PDF"),
        (bytes(4096), "only zeros"),
        (b"<!DOCTYPE html><html>", "web page: download the notebook itself"),
        (b"version https://git-lfs.github.com/spec/v1\noid x", "git lfs pull"),
        (notebook(RIGHT).encode()[:-40], "downloaded whole"),
        (b'{"cells": [\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> theirs\n]}', "finish the merge"),
        (b'{"cells": [], "a": "\xe9"}', "not UTF-8"),
        (b'{"cells": 1' + b"0" * 5000 + b"}", "no JSON"),
    ],
)
def test_what_is_no_notebook_is_named_for_what_it_is(tmp_path, content, said):
    (tmp_path / "ana").mkdir()
    (tmp_path / "ana" / "01_why_attention.ipynb").write_bytes(content)
    one = found_in(tmp_path)["ana"]
    assert said in one.problem and (one.status, one.lesson) == ("unreadable notebook", "01_why_attention")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-16-be"])
def test_a_notebook_in_another_encoding_of_unicode_is_read(tmp_path, encoding):
    path = tmp_path / "x.ipynb"
    path.write_bytes(notebook(RIGHT + "# é").encode(encoding))
    assert read_notebook(path).code == [RIGHT + "# é"]


@pytest.mark.parametrize(
    "cells",
    [
        [{"cell_type": "code", "source": RIGHT}],  # nothing but the code
        [{"cell_type": "code", "source": [RIGHT], "metadata": {"id": "Ab1", "cellView": "form"}, "execution_count": 3}],
        [{"cell_type": "code", "source": RIGHT.splitlines(True), "metadata": {"vscode": {"languageId": "python"}}}],
        [{"cell_type": "code", "source": RIGHT, "id": "a"}, {"cell_type": "code", "source": "x = 1", "id": "a"}],
        [None, 3, "x", [], {"cell_type": "code"}, {"cell_type": "code", "source": {"a": 1}},
         {"cell_type": "code", "source": [1, None, RIGHT], "metadata": None, "outputs": {"a": []}}],
    ],
)  # fmt: skip
def test_cells_as_programs_write_them(hand_in, tmp_path, cells):  # noqa: F811
    hand_in("ana/Untitled.ipynb", json.dumps({"cells": cells, "metadata": {"colab": {}}, "nbformat": 4}))
    one = found_in(tmp_path)["ana"]
    assert RIGHT in one.code and one.lesson == "01_why_attention" and not one.problem


@pytest.mark.parametrize(
    "book",
    [
        {"worksheets": [{"cells": [{"cell_type": "heading", "source": "01 x", "level": 1},
                                   {"cell_type": "code", "input": [RIGHT]}]}], "nbformat": 3},
        {"worksheets": [{"cells": [{"cell_type": "code", "input": RIGHT}]}, {"cells": None}, None], "nbformat": 2},
    ],
)  # fmt: skip
def test_formats_before_2015(hand_in, tmp_path, book):  # noqa: F811
    hand_in("ana/x.ipynb", json.dumps(book))
    assert found_in(tmp_path)["ana"].code == [RIGHT] and found_in(tmp_path)["ana"].lesson == "01_why_attention"


def test_what_only_bears_a_notebooks_name_is_named(hand_in, tmp_path):  # noqa: F811
    hand_in("ana/x.ipynb")
    for name in ("bo", "cleo", "dov", "edda"):
        (tmp_path / name).mkdir()
    (tmp_path / "bo" / "x.ipynb").mkdir()
    os.mkfifo(tmp_path / "cleo" / "x.ipynb")
    os.symlink(tmp_path / "dov" / "x.ipynb", tmp_path / "dov" / "x.ipynb")
    os.symlink("gone", tmp_path / "edda" / "x.ipynb")
    found = found_in(tmp_path)
    assert not found["ana"].problem and "is a folder" in found["bo"].problem
    assert "no ordinary file" in found["cleo"].problem
    assert all("it is a link" in found[name].problem for name in ("dov", "edda"))


def test_a_learner_without_a_notebook_is_named(hand_in, tmp_path):  # noqa: F811
    hand_in("ana/x.ipynb")
    (tmp_path / "bo").mkdir()
    (tmp_path / "cleo").mkdir()
    with zipfile.ZipFile(tmp_path / "cleo" / "work.zip", "w") as file:
        file.writestr("x.ipynb", notebook(RIGHT))
    hand_in("dov.zip", "")
    hand_in("edda/x.py", RIGHT)
    hand_in("ana.pdf", "")  # ana has a notebook
    hand_in("README.md", "")
    found = found_in(tmp_path)
    assert set(found) == {"ana", "bo", "cleo", "dov", "edda"}
    assert {found[name].status for name in ("bo", "cleo", "dov", "edda")} == {"not submitted"}
    assert "is empty" in found["bo"].problem and "only x.py" in found["edda"].problem
    assert all("unpack it" in found[name].problem for name in ("cleo", "dov"))


def test_a_folder_that_may_not_be_opened_is_named(hand_in, tmp_path, monkeypatch):  # noqa: F811
    hand_in("ana/x.ipynb")
    hand_in("bo/x.ipynb")
    hand_in("cleo/deep/x.ipynb")
    scandir = os.scandir

    def closed(path):
        if str(path).endswith(("bo", "deep")):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    found = found_in(tmp_path)
    assert not found["ana"].problem
    for name in ("bo", "cleo"):
        assert found[name].problem == "the folder cannot be opened: Permission denied"
        assert found[name].status == "unreadable notebook"
    with pytest.raises(ValueError, match="bo cannot be opened: Permission denied"):
        submissions(tmp_path / "bo")


def test_a_file_that_may_not_be_opened_is_named(hand_in, tmp_path, monkeypatch):  # noqa: F811
    path = hand_in("ana/x.ipynb")

    def closed(self):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(type(path), "read_bytes", closed)
    assert found_in(tmp_path)["ana"].problem == "the file cannot be opened: Permission denied"


@pytest.mark.parametrize(
    "cell",
    [
        "\n" + "".join(f"    {line}\n" for line in RIGHT.splitlines()),
        "".join(f"\t{line}\n" for line in RIGHT.splitlines()),
        ">>> " + RIGHT.rstrip().replace("\n", "\n... "),
        "In [3]: " + RIGHT.rstrip().replace("\n", "\n   ...: "),
    ],
)
def test_a_cell_is_read_as_jupyter_runs_it(hand_in, tmp_path, cell):  # noqa: F811
    hand_in("ana/x.ipynb", notebook(cell, heading="Mine"))
    one = found_in(tmp_path)["ana"]
    assert one.lesson == "01_why_attention" and one.code[0].strip() == RIGHT.strip()


def test_a_cell_that_begins_as_usual_stays_as_it_is(hand_in, tmp_path):  # noqa: F811
    hand_in("ana/x.ipynb", notebook("# a\n    # b", RIGHT + '"""\n>>> softmax(x)\n"""'))
    assert found_in(tmp_path)["ana"].code == ["# a\n    # b", RIGHT + '"""\n>>> softmax(x)\n"""']


def test_a_notebook_of_another_language_is_told(hand_in, tmp_path):  # noqa: F811
    for name, about in (
        ("ana", {"kernelspec": {"language": "R"}}),
        ("bo", {"language_info": {"name": "julia", "version": "3.99.1"}}),
        ("cleo", {"kernelspec": {"language": "python"}, "language_info": {"name": "ipython", "version": "3.9.1"}}),
        ("dov", {"kernelspec": ["x"], "language_info": None}),
    ):
        hand_in(f"{name}/x.ipynb", notebook(RIGHT, metadata=about))
    found = found_in(tmp_path)
    assert "its language is R, and" in found["ana"].remarks[0] and "is julia" in found["bo"].remarks[0]
    assert not found["cleo"].remarks and not found["dov"].remarks
    assert found["cleo"].python == "3.9.1" and not found["bo"].python


def test_what_lies_at_the_top_and_is_no_notebook_is_named(hand_in, tmp_path):  # noqa: F811
    for name in "ana.ipynb bo.txt cleo.ipynb.zip dov.jpg edda.json README.md roster.txt .DS_Store".split():
        hand_in(name)
    assert set(found_in(tmp_path)) == {"ana", "bo", "cleo", "dov", "edda"}


def test_folders_within_folders_without_an_end_cost_nobody_else_a_grade(hand_in, tmp_path):  # noqa: F811
    hand_in("ana/x.ipynb")
    hand_in("bo/" + "d/" * 30 + "x.ipynb")
    hand_in("eve/" + "d/" * 60 + "x.ipynb")  # as many as a thousand, and looking through them breaks off
    found = found_in(tmp_path)
    assert not found["ana"].problem and not found["bo"].problem and "deeper than 40" in found["eve"].problem


def test_who_hands_in_very_often_keeps_nobody_waiting(hand_in, tmp_path):  # noqa: F811
    for n in range(ATTEMPTS + 5):
        os.utime(hand_in(f"ana/{n}.ipynb", notebook(RIGHT, f"n = {n}")), (1000 + n, 1000 + n))
    hand_in("bo/x.ipynb")
    found = submissions(tmp_path, attempts="best")
    kept = {one.path.name for one in found if one.learner == "ana"}
    assert kept == {f"{n}.ipynb" for n in range(5, ATTEMPTS + 5)} and len(found) == ATTEMPTS + 1
    said = [remark for one in found for remark in one.remarks]
    assert said == [f"of {ATTEMPTS + 5} notebooks for this lesson the {ATTEMPTS} newest are graded"]


def test_guesses_are_said(hand_in, tmp_path):  # noqa: F811
    hand_in("ana/03_self_attention.ipynb", notebook(RIGHT, heading="# Mine"))  # and it answers lesson 01
    for n, place in enumerate(("bo/1/x.ipynb", "bo/2/x.ipynb", "bo/2/y.ipynb")):
        os.utime(hand_in(place), (n, n))
    hand_in("01_why_attention-cleo (1).ipynb")
    found = found_in(tmp_path)
    assert set(found) == {"ana", "bo", "cleo"} and found["ana"].lesson == "01_why_attention"
    assert "its name or heading says 03_self_attention" in found["ana"].remarks[0]
    said = " ".join(found["bo"].remarks)
    assert "of 3 notebooks for this lesson the latest counts" in said and "2 folders of bo" in said
    assert not found["cleo"].remarks


def test_what_was_mended_since_counts(tmp_path):
    book = Gradebook(tmp_path / "gradebook.sqlite")
    broken = Submission("ana", tmp_path / "x.ipynb", problem="no JSON")
    book.add(broken, [], broken.status, broken.problem)
    gone = Submission("bo", tmp_path / "bo", problem="the folder is empty", status="not submitted")
    book.add(gone, [], gone.status, gone.problem)
    book.choose(best=False)
    assert [row["status"] for row in book.submissions()] == ["unreadable notebook", "not submitted"]
    for name in ("01_why_attention", "02_positional_encoding"):
        none = Submission("cleo", tmp_path, name, problem="nothing", status="not submitted")
        book.add(none, [], none.status, none.problem)
    book.forget_the_missing({"01_why_attention"})
    book.add(Submission("ana", tmp_path / "x.ipynb", "01_why_attention", code=["x = 1"]), [])
    book.choose(best=False)
    assert [(row["learner"], row["lesson"][:2], row["status"]) for row in book.submissions()] == [
        ("ana", "01", "graded"),
        ("cleo", "02", "not submitted"),
    ]
