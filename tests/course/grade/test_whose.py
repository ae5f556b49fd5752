"""Whose a file is: folders and names as learning platforms, browsers and people make them. Nobody is lost or merged."""

import os
import unicodedata

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
        (  # Moodle, marked blind: a number each, and no names
            {"Participant_7_assignsubmission_file_/x.ipynb": A, "Participant_9_assignsubmission_file_/x.ipynb": B},
            [("Participant 7", "01"), ("Participant 9", "02")],
        ),
        (  # Blackboard: the lesson as it is called there, the name, the attempt's time
            {"Lesson 1_mossana_attempt_2026-01-01-12-00-00_x.ipynb": A,
             "My_lesson_2_mossana_attempt_2026-01-02-12-00-00_eve_attempt_2026-01-02-12-00-00_x.ipynb": B},
            [("My_mossana", "02"), ("mossana", "01")],
        ),
        (  # Blackboard: logins with lines in them
            {"Lesson 1_moss_ana_attempt_2026-01-01-12-00-00_x.ipynb": A,
             "Lesson 1_lu_ana_attempt_2026-01-01-12-00-00_x.ipynb": A},
            [("lu_ana", "01"), ("moss_ana", "01")],
        ),
        (  # Brightspace: the person's number, the folder's, the name, the time
            {"101-7 - Ana Moss - Jan 1, 2026 1200 PM/x.ipynb": A,
             "101-8 - Ana Moss - 2 January, 2026 9:05 AM/x.ipynb": B},
            [("Ana Moss", "01"), ("Ana Moss", "02")],
        ),
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
        "fay_101_5001_x_mossana_attempt_2026-01-01-12-00-00_x.ipynb": A,
        "Eve_7_assignsubmission_file_Ana_8_assignsubmission_file_x.ipynb": A,
    }
    assert whose(files)[0] == [("Eve", "01"), ("eve", "01"), ("fay", "01")]


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
        ({"00417/x.ipynb": A}, "learner,folder\nAna,417\n", "Ana"),  # as a spreadsheet writes it
        ({"0417/x.ipynb": A, "00999/y.ipynb": A}, "learner,folder\nAna,417.0\nBo,00999\n", "Ana"),
        ({"My_work_moss_ana_attempt_2026-01-01-12-00-00_x.ipynb": A}, "learner,folder\nAna,moss_ana\n", "Ana"),
        ({"417,000/x.ipynb": A}, "learner,folder\nAna,417\n", "417,000"),
        ({"Participant_7_assignsubmission_file_/x.ipynb": A}, "learner,folder\nAna,7\n", "Ana"),
        ({"101-7 - Ana Moss - Jan 1, 2026 1200 PM/x.ipynb": A}, "learner,folder\nAna,101\n", "Ana"),
    ],
)
def test_a_roster_knows_a_name_in_other_letters(whose, files, roster, people):
    assert whose(files, roster)[0][0] == (people, "01")


def test_names_that_may_be_two_peoples_are_not_matched(whose):
    people, said = whose({"Ana_Moss/x.ipynb": A, "ANA MOSS/x.ipynb": A}, "learner\nana moss\n")
    assert people == [("ANA MOSS", "01"), ("Ana_Moss", "01")] and "does not name it" in said
    people, _ = whose({"रीमा/x.ipynb": A}, "learner\nराम\n")  # other vowels: another name
    assert ("राम", "01") not in people


def test_numbers_that_may_be_two_peoples_are_not_matched(whose):
    people, said = whose({"0417/x.ipynb": A, "00417/x.ipynb": A}, "learner,folder\nAna,417\n")
    assert people == [("00417", "01"), ("0417", "01")] and "does not name it" in said


def test_names_that_differ_late_are_two_peoples(whose, tmp_path):
    """Some of their signs are written as codes, and so they are longer than what is kept."""
    for last in "ab":
        folder = os.path.join(os.fsencode(tmp_path / "class"), b"\xff" * 120 + last.encode())
        os.makedirs(folder)
        with open(os.path.join(folder, b"x.ipynb"), "w", encoding="utf-8") as file:
            file.write(A)
    people, said = whose({"ana/x.ipynb": A})
    assert len(set(people)) == 3 and all(len(name) <= 400 for name, _ in people) and "2 notebooks" not in said


def test_names_that_only_look_alike_are_told(whose):
    names = [unicodedata.normalize(form, "Zoé") for form in ("NFC", "NFD")]
    people, said = whose({f"{name}/{n}.ipynb": A for n, name in enumerate(names)} | {"ana/x.ipynb": A})
    assert people == [("Zoé", "01"), ("ana", "01")] and "2 folders or files bear this name" in said
    assert "bear this name" not in whose({"bo/x.ipynb": A, "bo/y.ipynb": A})[1].replace(said, "")


def test_one_name_on_two_lines_of_a_roster_is_told(whose, tmp_path):
    _, said = whose({"s1/x.ipynb": A, "s2/x.ipynb": A}, "learner,folder\nAna,s1\nAna,s2\n")
    assert "lines 2 and 3: taken for one person" in said
    assert read_roster(tmp_path / "roster.csv").twice == {"Ana": [2, 3]}


@pytest.mark.parametrize(
    ("names", "latest"),
    [
        (("x.ipynb", "x (1).ipynb"), "x (1)"),
        (("a_attempt_2026-01-02-00-00-00_a.ipynb", "a_attempt_2026-01-01-00-00-00_b.ipynb"), "a_attempt_2026-01-02"),
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
    assert printable("👩\u200d🎓") == "👩\u200d🎓" and printable("a\u200db\u200d") == "a\\u200db\\u200d"
    assert printable("Ana\u3164") == "Ana\\u3164"  # a letter, and nothing to be seen


def test_the_python_that_saved_it_is_read(hand_in):  # noqa: F811
    path = hand_in("x.ipynb", notebook(RIGHT, metadata={"language_info": {"version": "3.99.1"}}))
    assert read_notebook(path).python == "3.99.1"
