"""What a teacher and a learner read explains itself; what could not be graded says why and is no 0."""

import csv
import re

import pytest

from utils.course.grade.collect import Submission
from utils.course.grade.exports import write_exports
from utils.course.grade.gradebook import WORST, Gradebook
from utils.course.grade.pages import MEANINGS, late_words, sentence, worded, write_pages

MARK = {
    "question": "softmax", "score": 0, "maximum": 5, "status": "graded", "reason": "", "hint": "Two steps.",
    "properties": [["sums to one", 2, True], ["stable", 3, False]], "diagnosis": "", "input": [], "expected": "",
    "got": "", "remarks": [], "seconds": 0.1,
}  # fmt: skip
LESSON = "01_why_attention"


@pytest.fixture
def shown(tmp_path):
    """The class page, the learners' pages and the rows of grades.csv of some submissions with their marks."""

    def show(*handed_in):
        book = Gradebook(tmp_path / "gradebook.sqlite")
        for one, marks in handed_in:
            book.add(one, marks, one.status if one.problem else "", one.problem)
        book.choose(best=False)
        write_pages(book, tmp_path, [])
        write_exports(book, tmp_path)
        book.close()
        with open(tmp_path / "grades.csv", encoding="utf-8") as file:
            rows = {row["learner"]: row for row in csv.DictReader(file)}
        pages = {path.name.rpartition("-")[0]: text(path) for path in (tmp_path / "feedback").iterdir()}
        return text(tmp_path / "class.html"), pages, rows

    return show


def text(path):
    """What a page says, without its marks."""
    body = path.read_text(encoding="utf-8").partition("<main>")[2]
    return " ".join(re.sub(r"<[^>]*>", " ", body).replace("&#39;", "'").replace("&#34;", '"').split())


def test_every_status_has_its_meaning():
    assert set(MEANINGS) == {*WORST, "not submitted", "unreadable notebook"}


def test_each_status_is_told_and_explained(shown, tmp_path):
    handed_in = [
        (Submission(status.replace(" ", "-"), tmp_path / status, LESSON, code=[status]),
         [MARK | {"status": status, "reason": f"because {status}"}])
        for status in WORST
    ]  # fmt: skip
    handed_in.append((Submission("torn", tmp_path / "t", LESSON, problem="no JSON"), []))
    handed_in.append((Submission("away", tmp_path / "a", LESSON, problem="nothing", status="not submitted"), []))
    handed_in.append((Submission("fine", tmp_path / "f", LESSON, code=["x"]), [MARK | {"score": 5}]))
    page, pages, rows = shown(*handed_in)
    for status in (*WORST, "unreadable notebook"):
        assert status == "not started" or MEANINGS[status] in page, status
    assert (rows["torn"]["score"], rows["torn"]["maximum"], rows["away"]["score"]) == ("", "", "")
    assert (rows["fine"]["score"], rows["not-found"]["score"]) == ("5", "0")
    assert "torn no points *" in page and "away –" in page and "fine 5 of 5" in page
    assert "Unreadable notebook. No JSON." in pages["torn"]
    assert "Nothing was handed in for: 01 · Why attention" in pages["away"]
    assert "because timed out" in pages["timed-out"] and "0 of 0" not in page + "".join(pages.values())


def test_a_learners_page_says_what_holds_and_what_does_not(shown, tmp_path):
    mark = MARK | {
        "score": 2,
        "diagnosis": "it overflows",
        "input": ["x = [1000.]"],
        "expected": "[1.]",
        "got": "[nan]",
    }
    _, pages, _ = shown((Submission("ana", tmp_path / "x", LESSON, code=["x"]), [mark]))
    said = pages["ana"]
    assert "sums to one (2 of 2)" in said and "stable (0 of 3, does not hold)" in said
    assert "input x = [1000.] expected [1.] yours [nan]" in said
    assert said.index("What is wrong") < said.index("A hint")


def test_questions_stand_in_the_lessons_order(shown, tmp_path):
    names = ("cosine_similarity", "softmax", "attention_pool")
    marks = [MARK | {"question": name} for name in names]
    page, _, _ = shown((Submission("ana", tmp_path / "x", LESSON, code=["x"]), marks))
    assert page.index("01 cosine_similarity") < page.index("01 softmax") < page.index("01 attention_pool")


def test_late_in_words():
    words = [late_words(s) for s in (0, 60, 3600 * 5 + 120, 86400, 86400 * 3 + 7200)]
    assert words == ["", "0 h 1 min", "5 h 2 min", "1 day and 0 h", "3 days and 2 h"]


def test_a_learners_page_begins_with_what_is_to_mend(shown, tmp_path):
    right = MARK | {"question": "cosine_similarity", "score": 5, "properties": [["of two", 5, True]]}
    _, pages, _ = shown((Submission("ana", tmp_path / "x", LESSON, code=["x"]), [right, MARK]),
                        (Submission("ben", tmp_path / "y", LESSON, code=["y"]), [right]))  # fmt: skip
    assert "01 · Why attention : 5 of 10 points; to mend: softmax" in pages["ana"] and "What next?" in pages["ana"]
    assert "to mend" not in pages["ben"] and "What next?" not in pages["ben"] and "not tried" not in pages["ben"]


def test_the_page_of_who_has_another_name_now_is_taken_away(shown, tmp_path):
    one, own = Submission("Ana Moss", tmp_path / "x.ipynb", LESSON, code=["x"]), tmp_path / "feedback" / "notes.html"
    (tmp_path / "feedback").mkdir()
    for name in (old := "417-0123abcd.html"), own.name:
        (tmp_path / "feedback" / name).write_text("", encoding="utf-8")
    for _ in range(2):
        pages = list((tmp_path / "feedback").iterdir()) if shown((one, [MARK])) else []
        assert own in pages and len(pages) == 2 and old not in {path.name for path in pages}


def test_late_with_two_lessons_is_one_line(shown, tmp_path):
    lessons = (LESSON, "02_positional_encoding")
    page, _, _ = shown(*[(Submission("ana", tmp_path / each, each, code=["x"], late=3600.0), [MARK])
                         for each in lessons])  # fmt: skip
    assert page.count("Handed in 1 h 0 min late.") == 1 and "ana 01, 02" in page and "No points are taken off" in page


def test_a_long_reason_ends_at_a_word(shown, tmp_path):
    mark = MARK | {"status": "does not run", "reason": "reason " * 60}
    page, _, _ = shown((Submission("ana", tmp_path / "x", LESSON, code=["x"]), [mark]))
    assert "reason …" in page


def test_marks_of_stress_become_html_and_nothing_else_does():
    assert worded("True means *may look*, see `x * y`") == "True means <em>may look</em>, see <code>x * y</code>"
    for plain in ("np.sum(a * b * c)", "x*y*z", "f(*args, **more)"):
        assert worded(plain) == plain
    assert worded("`<b>` *<i>*") == "<code>&lt;b&gt;</code> <em>&lt;i&gt;</em>"
    assert [sentence(s) for s in ("is it whole?", "no JSON", "cut …", "softmax: not found.")] == [
        "Is it whole?", "No JSON.", "Cut …", "softmax: not found."]  # fmt: skip
