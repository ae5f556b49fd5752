"""The teacher's guide: what a page names exists, its numbers are the lesson's, its diagnoses the checks'."""

import importlib.util
import re
from functools import cache

import pytest

from utils.course import guide
from utils.course.source import ROOT, SOURCES, BuildError

LESSONS = [path.stem for path in sorted(SOURCES.glob("[0-9][0-9]_*.py"))]
FROM_HERE = 20  # smaller whole numbers count things on the page itself
FREE = ("Plan", "Have running", "The commonest mistakes", "An exam question")  # parts whose numbers are their own
EACH = pytest.mark.parametrize("slug", LESSONS)


@cache
def page(slug):
    return guide.read_page(guide.GUIDE / f"{slug}.md")


@cache
def sections(slug):
    return guide.sections(slug)


def bare(title):
    return title.replace("*", "")


def everything(slug):
    """All that stands in the lesson as it was run."""
    return "\n".join(part for s in sections(slug) for part in (s.title, s.text, *(p for cell in s.cells for p in cell)))


def readme():
    return (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_lesson_has_its_page_and_no_page_is_left_over():
    assert [path.stem for path in sorted(guide.GUIDE.glob("*.md")) if path.stem != "README"] == LESSONS
    linked = (guide.GUIDE / "README.md").read_text(encoding="utf-8")
    assert all(f"({slug}.md)" in linked for slug in LESSONS)


@EACH
def test_a_page_has_its_parts_and_can_be_read_in_a_break(slug):
    assert page(slug).title.startswith(f"{sections(slug)[0].title}: ")
    assert all(len(text.strip()) > 60 for text in page(slug).parts.values())
    assert 90 <= len(page(slug).path.read_text(encoding="utf-8").splitlines()) <= 190


@EACH
def test_the_plans_minutes_add_up_and_every_row_names_sections(slug):
    rows = page(slug).plan
    assert [sum(minutes[n] for _, minutes in rows) for n in range(3)] == list(guide.LENGTHS)
    assert all(names for names, _ in rows)


@EACH
def test_what_stands_in_italics_is_a_section_of_the_lesson(slug):
    known = {bare(section.title) for section in sections(slug)}
    assert [name for name in page(slug).italics if name not in known] == []
    assert len(page(slug).italics) > 6


@EACH
def test_demos_quote_a_cell_and_what_it_printed(slug):
    demos = page(slug).demos
    assert len(demos) == 3
    for demo in demos:
        section = next(s for s in sections(slug) if bare(s.title) == demo.section)
        firsts = [" ".join(source.split("\n")[0].split()) for source, _ in section.cells]
        assert firsts.count(demo.code) == 1, f"{demo.section}: {demo.code}"
        printed = guide.numbers("\n".join(output for _, output in section.cells))
        said = guide.numbers(re.sub(r"`[^`]*`", "", demo.text))
        assert [number for number in said if number not in printed] == [], demo.section
        assert "Say: “" in demo.text


@EACH
def test_numbers_are_the_lessons(slug):
    text = "\n".join(text for part, text in page(slug).parts.items() if part not in FREE)
    known = set(guide.numbers(everything(slug)))
    said = [number for number in guide.numbers(text) if not number.isdigit() or int(number) >= FROM_HERE]
    assert [number for number in said if number not in known] == []


@EACH
def test_its_running_time_is_the_readmes(slug):
    measured = re.search(rf"^\| {slug[:2]} \| .* \| (\d+) s \|$", readme(), flags=re.MULTILINE)[1]
    said = re.findall(r"(\d+) s on (?:four|two) cores", page(slug).parts["Have running"])
    assert said == ([] if slug == "00_start_here" else [measured])


@EACH
def test_code_that_is_quoted_stands_in_the_lesson_or_the_readme(slug):
    text = "\n".join(text for part, text in page(slug).parts.items() if part not in FREE or part == "Have running")
    known = everything(slug) + readme()
    quoted = [a or b for a, b in re.findall(r"``\s?(.+?)\s?``|`([^`]+)`", text)]
    assert [code for code in quoted if code not in known] == []


@EACH
def test_questions_have_wrong_and_right_answers(slug):
    questions = re.split(r"^### ", page(slug).parts["Questions to ask"], flags=re.MULTILINE)[1:]
    assert 4 <= len(questions) <= 6
    for question in questions:
        assert question.split("\n")[0].endswith("?") and "- **Heard:**" in question and "- **Right:**" in question


@EACH
def test_every_section_has_a_speakers_note(slug):
    titles = [s.title for s in sections(slug) if s.level > 1 and s.title not in guide.CLOSING]
    assert list(page(slug).notes) == titles
    assert all(len(note) > 60 for note in page(slug).notes.values())


@EACH
def test_the_exam_question_has_marks_and_a_folded_solution(slug):
    exam = page(slug).parts["An exam question"]
    assert exam.count("<details>") == exam.count("</details>") == 1
    total, asked = re.search(r"\*\*(\d+)\s+marks\*\*", exam), exam.split("<details>")[0]
    parts = re.findall(r"\((\d+)\)$", asked, flags=re.MULTILINE)
    assert int(total[1]) == sum(map(int, parts)), "the parts' marks, at the ends of their lines, add up"


def test_mistakes_are_in_the_checks_words_and_each_has_a_reply(monkeypatch):
    known, torch = guide.diagnoses(), importlib.util.find_spec("torch")
    assert set(LESSONS) - set(known) == (set() if torch else {"13_question_answering_pytorch"})
    monkeypatch.setattr(guide, "diagnoses", lambda: known)
    assert guide.stale() == []
    for slug in LESSONS:
        rows = page(slug).mistakes
        assert 2 <= len(rows) <= guide.MOST and all(len(row) == 3 and len(row[2]) > 10 for row in rows), slug
        assert len({(exercise, said) for exercise, said, _ in rows}) == len(rows), slug


KNOWN = {"04_masks": {"f": ["inverted: True means yes", "an axis | is missing"], "g": ["the sign is missing"]}}


def made(folder, rows="", **parts):
    """A page of the least that can be read."""
    text = {part: "\n" for part in guide.PARTS} | parts
    text["The commonest mistakes"] = f"\n{guide.BEGIN}\n{guide.HEAD}{rows}{guide.END}\n"
    path = folder / "04_masks.md"
    path.write_text("# 04\n\n" + "".join(f"## {part}\n{t}\n" for part, t in text.items()), encoding="utf-8")
    return path


def test_rows_are_written_in_the_words_of_the_checks(tmp_path, monkeypatch):
    monkeypatch.setattr(guide, "diagnoses", lambda: KNOWN)
    path = made(tmp_path, "| f | missing | Count the axes |\n| `g` | the sign is forgotten | Low, not high |\n")
    assert len(guide.stale(tmp_path)) == 1 and "04_masks.md" in guide.stale(tmp_path)[0]
    said = guide.rewrite(tmp_path)
    assert said[0] == "04_masks.md: written" and "'missing' is now 'an axis | is missing'" in said[1] and len(said) == 3
    assert guide.rewrite(tmp_path) == guide.stale(tmp_path) == []
    assert r"| `f` | an axis \| is missing | Count the axes |" in path.read_text(encoding="utf-8")
    assert guide.read_page(path).mistakes[1] == ["g", "the sign is missing", "Low, not high"]


def test_a_table_without_rows_gets_the_first_of_each_exercise_in_turn(tmp_path, monkeypatch):
    monkeypatch.setattr(guide, "diagnoses", lambda: KNOWN)
    path = made(tmp_path)
    guide.rewrite(tmp_path)
    assert [row[:2] for row in guide.read_page(path).mistakes] == [
        ["f", "inverted: True means yes"],
        ["g", "the sign is missing"],
        ["f", "an axis | is missing"],
    ]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("| h | inverted | Turn it |\n", "'h' is no exercise of the lesson: f, g"),
        ("| g | zebras everywhere, quite another thing | … |\n", "the sign is missing"),
        ("| g | the sign is missing | … |\n" * 11, "keep the 10 commonest"),
        ("| g | the sign is missing |\n", "what to say"),
    ],
)
def test_a_row_that_cannot_be_meant_is_refused(tmp_path, monkeypatch, rows, words):
    monkeypatch.setattr(guide, "diagnoses", lambda: KNOWN)
    made(tmp_path, rows)
    with pytest.raises(BuildError, match="04_masks.md") as error:
        guide.rewrite(tmp_path)
    assert words in str(error.value)


def test_a_page_with_other_headings_is_refused(tmp_path):
    path = made(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("## Plan", "## Plans"), encoding="utf-8")
    with pytest.raises(BuildError, match="04_masks.md.*'Plans'"):
        guide.read_page(path)


@pytest.mark.parametrize(
    ("part", "text", "read", "words"),
    [
        ("Plan", "| s | 45 | 90 | 180 |\n|---|---|---|---|\n| *A* | five | 5 | 5 |\n", "plan", "whole numbers"),
        ("Three demos that never fail", "\n1. Run the first cell.\n", "demos", "begins with"),
    ],
)
def test_a_plan_or_a_demo_that_cannot_be_read_is_refused(tmp_path, part, text, read, words):
    with pytest.raises(BuildError, match=f"04_masks.md.*{words}"):
        getattr(guide.read_page(made(tmp_path, **{part: text})), read)


def test_a_page_of_no_lesson_is_refused_and_one_that_cannot_be_looked_at_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(guide, "diagnoses", dict)  # as where nothing that the exercises need is installed
    path = made(tmp_path)
    assert guide.stale(tmp_path) == [] and "04_masks.md: not looked at" in capsys.readouterr().out
    path.rename(tmp_path / "04_mask.md")
    with pytest.raises(BuildError, match="04_mask.md: there is no lesson"):
        guide.stale(tmp_path)


def test_italics_are_sections_bold_and_headings_are_not(tmp_path):
    asked = "\n### Why *so*?\n- **Right:** *Whose padding?* and 2 * 3 * 4, `a*b*c`.\n"
    assert guide.read_page(made(tmp_path, **{"Questions to ask": asked})).italics == ["Whose padding?"]


def test_markers_that_are_gone_are_asked_for(tmp_path):
    path = made(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace(guide.END, ""), encoding="utf-8")
    with pytest.raises(BuildError, match="Add them"):
        guide.read_page(path).mistakes  # noqa: B018 - reading it is the test


def test_numbers_are_found_as_they_are_written():
    assert guide.numbers("1,000 of 0.647, 3e-05 and x2, at 1.5.2; ends with 12.") == ["1000", "0.647", "3e-05", "12"]
