"""Whose a file is: folders and names as learning platforms, browsers and people make them. Nobody is lost or merged."""

import os

import pytest

from tests.course.grade.test_collect import RIGHT, hand_in, notebook  # noqa: F401 - a fixture
from utils.course.grade.collect import read_notebook, submissions
from utils.course.grade.names import printable
from utils.course.grade.roster import read_roster

SECOND = "def get_angles(p, d):\n    return 1\ndef shift_matrix(k, d):\n    return 1\n"
ALL_OF_01 = "def cosine_similarity(a, b):\n    return 1\ndef attention_pool(q, k, v):\n    return 1\n" + RIGHT
A, B = notebook(RIGHT), notebook(SECOND, heading="# 02 · Positional encoding")


@pytest.fixture
def whose(hand_in, tmp_path):  # noqa: F811
    """(learner, number of the lesson) of each file that is there, in order; and all that was said."""

    def of(files, roster=None, **options):
        for place, content in files.items():
            os.utime(hand_in(f"class/{place}", content), (1000, 1000))
        table = hand_in("roster.csv", roster) if roster else None
        found = submissions(tmp_path / "class", table, **options)
        said = " | ".join(remark for one in found for remark in (*one.remarks, one.problem))
        return sorted((one.learner, one.lesson[:2]) for one in found if one.status != "not submitted"), said

    return of


@pytest.mark.parametrize(
    ("files", "people"),
    [
        (  # Canvas: name, perhaps LATE, the person's number, the file's, its name
            {"mossana_101_5001_01_why_attention.ipynb": A, "mossana_LATE_101_5002_Untitled-1.ipynb": B},
            [("mossana", "01"), ("mossana", "02")],
        ),
        (  # Canvas: two of one name
            {"mossana_101_5001_x.ipynb": A, "mossana_102_5002_x.ipynb": A},
            [("mossana (101)", "01"), ("mossana (102)", "01")],
        ),
        (  # Moodle: the number is another for each assignment
            {"Ana Moss_7_assignsubmission_file_/x.ipynb": A, "Ana Moss_9_assignsubmission_file_/x.ipynb": B},
            [("Ana Moss", "01"), ("Ana Moss", "02")],
        ),
        (  # Moodle: two of one name
            {"Ana Moss_7_assignsubmission_file_/x.ipynb": A, "Ana Moss_9_assignsubmission_file_/x.ipynb": A},
            [("Ana Moss (7)", "01"), ("Ana Moss (9)", "01")],
        ),
        ({"Ana Moss_7_assignsubmission_file_x.ipynb": A}, [("Ana Moss", "01")]),
        ({"Moss_Ana_ana1_4711/20260101120000_x.ipynb": A}, [("Moss_Ana_ana1_4711", "01")]),  # Ilias
        ({"01_why_attention/ana.ipynb": A, "01_why_attention/bo.ipynb": A}, [("ana", "01"), ("bo", "01")]),
        ({"Lesson 1/ana/x.ipynb": A, "Lesson 2/ana/x.ipynb": B}, [("ana", "01"), ("ana", "02")]),
        ({"all/ana/x.ipynb": A, "all/bo/x.ipynb": A, "all/cleo/y.ipynb": B},
         [("ana", "01"), ("bo", "01"), ("cleo", "02")]),
        ({"ana/01_why_attention/x.ipynb": A, "ana/02_positional_encoding/x.ipynb": B}, [("ana", "01"), ("ana", "02")]),
        ({"ana_01.ipynb": A, "lesson02-ana.ipynb": B, "bo why attention.ipynb": A},
         [("ana", "01"), ("ana", "02"), ("bo", "01")]),
        ({"Copy of 01_why_attention-ana.ipynb": A, "ana_02_positional_encoding-1.ipynb": B},
         [("ana", "01"), ("ana", "02")]),
        (  # saved from mails: nobody's name, and not one person's
            {"01_why_attention.ipynb": A, "01_why_attention (1).ipynb": A},
            [("01_why_attention", "01"), ("01_why_attention (1)", "01")],
        ),
    ],
)  # fmt: skip
def test_names_as_platforms_and_people_give_them(whose, files, people):
    assert whose(files)[0] == people


def test_a_file_cannot_choose_whose_it_is(whose):
    """What a learner calls a file stands behind what the platform writes."""
    files = {
        "eve_101_5001_mossana_102_5002_x.ipynb": A,
        "Eve_7_assignsubmission_file_Ana_8_assignsubmission_file_x.ipynb": A,
    }
    assert whose(files)[0] == [("Eve", "01"), ("eve", "01")]


@pytest.mark.parametrize(
    ("files", "roster", "people"),
    [
        ({"mossana_101_5001_x.ipynb": A}, "learner,folder\nAna Moss,mossana\n", "Ana Moss"),
        ({"mossana_101_5001_x.ipynb": A}, "learner,folder\nAna Moss,101\n", "Ana Moss"),
        ({"mossana_101_5001_x.ipynb": A}, 'learner\n"Moss, Ana"\n', "Moss, Ana"),
        ({"mossana_101_5001_x.ipynb": A}, "learner\nAna Moss\n", "Ana Moss"),
        ({"Ana_Moss/x.ipynb": A}, "learner\nana moss\n", "ana moss"),
        ({"Ana Moss/x.ipynb": A}, "learner\nAna\u00a0Moss\n", "Ana Moss"),
        ({"hw1/ana/x.ipynb": A}, "learner,folder\nAna,hw1/ana\n", "Ana"),
        ({"hw1/ana/x.ipynb": A}, "learner,folder\nAna,hw1\\ana\n", "Ana"),
        ({"old/ana/x.ipynb": A}, "learner,folder\nAna,old\n", "Ana"),
    ],
)
def test_a_roster_knows_a_name_in_other_letters(whose, files, roster, people):
    assert whose(files, roster)[0] == [(people, "01")]


def test_names_that_may_be_two_peoples_are_not_matched(whose):
    people, said = whose({"Ana_Moss/x.ipynb": A, "ANA MOSS/x.ipynb": A}, "learner\nana moss\n")
    assert people == [("ANA MOSS", "01"), ("Ana_Moss", "01")] and "does not name it" in said
    people, _ = whose({"रीमा/x.ipynb": A}, "learner\nराम\n")  # other vowels: another name
    assert ("राम", "01") not in people


def test_one_name_on_two_lines_of_a_roster_is_told(whose, tmp_path):
    _, said = whose({"s1/x.ipynb": A, "s2/x.ipynb": A}, "learner,folder\nAna,s1\nAna,s2\n")
    assert "lines 2 and 3: taken for one person" in said
    assert read_roster(tmp_path / "roster.csv").twice == {"Ana": [2, 3]}


@pytest.mark.parametrize(
    ("names", "latest"),
    [
        (("x.ipynb", "x (1).ipynb"), "x (1)"),
        (("x-9.ipynb", "x-10.ipynb", "x.ipynb"), "x-10"),
        (("20260102000000_a.ipynb", "20260101000000_b.ipynb"), "20260102"),
    ],
)
def test_of_files_with_the_same_time_the_name_tells_the_latest(whose, names, latest):
    _, said = whose({f"ana/{name}": notebook(RIGHT, f"n = {n}") for n, name in enumerate(names)})
    assert f"the latest counts, ana/{latest}" in said and "bear the same time" in said


def test_a_torn_file_does_not_hide_a_whole_one(whose, hand_in, tmp_path):  # noqa: F811
    os.utime(hand_in("class/ana/01_why_attention (1).ipynb", A[:60]), (5000, 5000))
    (tmp_path / "class" / "ana" / "01_why_attention (1).ipynb").rename(
        tmp_path / "class" / "ana" / "01_why_attention_.ipynb"
    )
    people, said = whose({"ana/01_why_attention.ipynb": A})
    assert people == [("ana", "01")] and "does not count, the file is no JSON" in said
    assert not submissions(tmp_path / "class")[0].problem


def test_nothing_beside_a_notebook_is_passed_over(whose):
    people, said = whose({"ana/x.ipynb": A, "ana/02_positional_encoding.ipynb.txt": B, "ana/rest.zip": "PK",
                          "ana/x.html": "", "bo/x.ipynb.json": A})  # fmt: skip
    assert people == [("ana", "01"), ("ana", "02"), ("bo", "01")]
    assert "beside it lies rest.zip" in said and "read as a notebook" in said and "x.html" not in said


def test_a_notebook_with_two_lessons_is_both(whose):
    people, said = whose({"ana/x.ipynb": notebook(ALL_OF_01, SECOND), "bo/x.ipynb": notebook(RIGHT, heading="Mine")})
    assert people == [("ana", "01"), ("bo", "01")] and "2 of 4 exercises of 02_positional_encoding" in said
    every = SECOND + "def positional_encoding(a, b):\n    return 1\nclass PositionalEncoding:\n    pass\n"
    people, said = whose({"ana/x.ipynb": notebook(ALL_OF_01, every)})
    assert ("ana", "01") in people and ("ana", "02") in people and "graded as both" in said


def test_grades_among_the_submissions_are_no_submission(whose, tmp_path):
    files = {"ana/x.ipynb": A, "grades/class.html": "", "grades/feedback/ana.html": ""}
    found = submissions(tmp_path / "class", leave_out=tmp_path / "class" / "grades") if whose(files) else []
    assert [one.learner for one in found] == ["ana"]


def test_a_lesson_is_told_by_its_heading_wherever_that_stands(whose):
    cells = '{"cells": [{"cell_type": "markdown", "source": "%s"}, {"cell_type": "markdown", "source": "%s"}]}'
    people, _ = whose({"ana/x.ipynb": cells % ("Ana Moss, group 12", "# 03 · Self-attention"),
                       "bo/x.ipynb": cells % ("Bo, group 12", "Hello"),
                       "cleo/x.ipynb": notebook("check(softmax)", heading="Mine")})  # fmt: skip
    assert people == [("ana", "03"), ("bo", ""), ("cleo", "01")]


def test_letters_that_are_joined_or_parted_stay():
    assert printable("علی\u200cرضا") == "علی\u200cرضا" and printable("a\u00a0b") == "a b"
    assert printable("a\u202eb") == "a\\u202eb"


def test_the_python_that_saved_it_is_read(hand_in):  # noqa: F811
    path = hand_in("x.ipynb", notebook(RIGHT, metadata={"language_info": {"version": "3.99.1"}}))
    assert read_notebook(path).python == "3.99.1"
