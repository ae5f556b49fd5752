"""The roster as teachers keep it: spreadsheets of several makes; what contradicts itself is named by its line."""

import os
import re

import pytest

from tests.course.grade.test_collect import hand_in  # noqa: F401 - a fixture
from utils.course.grade.collect import submissions
from utils.course.grade.roster import read_roster

SAME = "learner,folder,due\nana,s1,2026-12-01\nbo,s2,\n"


@pytest.fixture
def roster(tmp_path):
    def write(content):
        path = tmp_path / "roster.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize(
    "content",
    [
        SAME,
        SAME.replace(",", ";"),
        SAME.replace(",", "\t"),
        SAME.replace("\n", "\r\n"),
        SAME.replace("\n", "\r"),
        "\ufeff" + SAME,
        "sep=;\n" + SAME.replace(",", ";"),
        SAME.replace(",", "\t").encode("utf-16"),
        "Learner , FOLDER,Due,e-mail\n ana ,s1/,2026-12-01,\n\n,,,\nbo,s2.ipynb,\n",
        '"learner","folder","due","note"\n"ana","s1","2026-12-01","late, twice\nill"\nbo,s2,,\n',
    ],
)
def test_rosters_as_spreadsheets_write_them(roster, content):
    read = read_roster(roster(content))
    assert read.learners == ["ana", "bo"] and read.named == {"s1": "ana", "s2": "bo"} and set(read.due) == {"ana"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "a heading with the columns"),
        ("name,folder\nana,s1\n", "Found: 'name', 'folder'"),
        ("learner,folder\n", "names nobody"),
        ("learner,folder\n,s1\n", "line 2: the learner has no name"),
        ("learner,folder\nana,s1\nbo,s1\n", "line 3: s1 stands there twice"),
        ("learner,learner\nana,bo\n", "'learner' stands there twice"),
        ("learner,folder\nMoss, Ana,s1\n", "line 2: 3 cells, and the heading has 2"),
        ("learner,due\nana,soon\n", "line 2: 'soon' is no date. Write it as 2026-12-01"),
        ("learner,due\nana,31.12.2026\n", "line 2: '31.12.2026' is no date"),
        ("learner,due\nana,12/31/2026\n", "line 2: '12/31/2026' is no date"),
        ("learner,due\nana,2026-02-30\n", "is no date"),
        ("learner,folder,due\nana,s1,2026-12-01\nana,s2,2026-12-02\n", "line 3: ana has another date above"),
        (
            "learner,folder\nana,s1\nJos\u00e9,s2\n".encode("latin-1"),
            'line 3: the roster is not UTF-8. Save it as "CSV',
        ),
        ("learner,folder\nana,4.17E+05\n", "line 2: 4.17E+05 is how a spreadsheet shortens a number"),
        ("learner;folder\n1,0E5;s1\n", "Make the column text there"),
        ("learner,folder\nana," + "x" * 200_000 + "\n", "line 2: the roster cannot be read"),
    ],
)
def test_what_is_wrong_is_named_by_its_line(roster, content, said):
    path = roster(content)
    with pytest.raises(ValueError, match=re.escape(said)) as error:
        read_roster(path)
    assert str(path) in str(error.value)


def test_a_roster_that_is_not_there_is_named(tmp_path):
    for path in (tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(ValueError, match="cannot be opened"):
            read_roster(path)


def test_a_date_is_until_the_end_of_its_day(roster, tmp_path, hand_in):  # noqa: F811
    path = hand_in("s1/01.ipynb")
    day = read_roster(roster("learner,due\nana,2026-12-01T00:00\n")).due["ana"]
    for when, hours in (("2026-12-01", 1), ("2026-12-01T10:00", 14), ("2026-12-01T10:00:00", 14)):
        os.utime(path, (day + 25 * 3600, day + 25 * 3600))
        (one,) = submissions(tmp_path, roster(f"learner,folder,due\nana,s1,{when}\n"))
        assert abs(one.late - (hours if "T" not in when else 15) * 3600) <= 1
    os.utime(path, (day + 23 * 3600, day + 23 * 3600))
    assert submissions(tmp_path, roster("learner,folder,due\nana,s1,2026-12-01\n"))[0].late == 0


def test_who_handed_in_nothing_is_named(roster, tmp_path, hand_in):  # noqa: F811
    hand_in("s1/01_why_attention.ipynb")
    hand_in("s2/x.ipynb", "{")
    hand_in("s9/01_why_attention.ipynb")
    found = {one.learner: one for one in submissions(tmp_path, roster("learner,folder\nana,s1\nbo,s2\ncleo,s3\n"))}
    assert set(found) == {"ana", "bo", "cleo", "s9"}
    assert (found["cleo"].status, found["cleo"].lesson) == ("not submitted", "01_why_attention")
    assert found["bo"].status == "unreadable notebook" and not found["ana"].problem
    assert "the roster does not name it" in found["s9"].remarks[0] and not found["ana"].remarks
