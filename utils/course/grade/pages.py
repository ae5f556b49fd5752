"""Pages to read: one for each learner, one for the class. They open from disk, alone, on a phone too.

The templates lie in `templates/`. Every text of a learner's is escaped, and no page holds a script.
"""

import datetime
import re
import textwrap
from collections import Counter
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from utils.course.grade.gradebook import Gradebook
from utils.course.grade.names import mark_of
from utils.course.grade.walls import asked
from utils.files import write_whole

COMMONEST = 12  # diagnoses on the class page
UNTRIED = ("not found", "does not run", "not started")
WHY = 200  # characters of a reason on the class page
OWN_PAGE = re.compile(r"-[0-9a-f]{8}(?:[0-9a-f]{8})?\.html$")  # as file_name writes it, and did
STRESSED = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])")  # *so*, but no product and no *args
MEANINGS = {  # what a status says of a notebook; of several questions' the worst
    "not submitted": "Nothing is in the folder. That is no 0: grades.csv leaves the points empty.",
    "unreadable notebook": "The file cannot be read as a notebook of this course. Ask for it again.",
    "not started": "All blanks are as they were.",
    "not found": "No cell holds an answer: deleted, renamed, or turned into text.",
    "does not run": "Its answers are no Python, or break before they can be asked anything.",
    "timed out": "An answer did not end in time, even when tried again alone. Nearly always a loop without an end. "
                 "The other answers are graded.",
    "out of memory": "An answer took more memory than it may. The other answers are graded.",
    "died": "An answer's process ended before it could answer, or grading it failed: the page says which. The other "
            "answers are graded.",
    "cheating attempt": "Something came out of an answer's box that no answer can give by itself, such as a forged "
                        "reply. Look at the notebook before you speak with anybody, or hand on the page.",
}  # fmt: skip


def _environment() -> Environment:
    folder = Path(__file__).parent / "templates"
    loader = FileSystemLoader(folder)
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    made.filters |= {"capital": lambda text: text[:1].upper() + text[1:], "sentence": sentence, "worded": worded}
    return made


def sentence(text: str) -> str:
    """Of "is it whole?" "Is it whole?", of "no JSON" "No JSON.": a capital, and one mark at the end.

    A name of code with a colon, as in "softmax: not found", keeps its letters.
    """
    text = text.rstrip() if re.match(r"\w+:", text) else text[:1].upper() + text[1:].rstrip()
    return text if text.endswith(("?", "!", ".", "…")) else f"{text}."


def worded(text: str) -> Markup:
    """The checks' words as HTML, escaped: what stands between backticks as code, *what is stressed* so."""
    parts = re.split(r"`([^`\n]+)`", text)
    shown = [
        f"<code>{escape(part)}</code>" if n % 2 else STRESSED.sub(r"<em>\1</em>", str(escape(part)))
        for n, part in enumerate(parts)
    ]
    return Markup("".join(shown))


def write_pages(book: Gradebook, out: Path, alike: list[dict]) -> None:
    """Writes feedback/<learner>.html for each learner, and class.html; takes away the pages of who has another name.

    Args:
        book: the grades.
        out: the folder.
        alike: pairs of answers, see `likeness.pairs`.
    """
    templates = _environment()
    feedback = templates.get_template("feedback.html")
    by_learner: dict[str, list] = {}
    for row in book.submissions():
        by_learner.setdefault(row["learner"], []).append(row)
    for learner, rows in by_learner.items():
        handed_in = [row for row in rows if row["status"] != "not submitted"]
        lessons = [_lesson(row, book.questions(row["id"])) for row in handed_in]
        missing = [title_of(row["lesson"]) for row in rows if row not in handed_in and row["lesson"]]
        marks = [m for lesson in lessons for m in lesson["marks"]]
        text = feedback.render(
            title=f"Feedback for {learner}", learner=learner, lessons=lessons, missing=missing,
            explained=any(m["tried"] for m in marks), to_mend=any(m["colour"] != "good" for m in marks),
            stopped=any(held is None for m in marks if m["tried"] for _, _, held in m["properties"]),
        )  # fmt: skip
        write_whole(out / "feedback" / file_name(learner), text.encode("utf-8", "replace"))
    kept = {file_name(learner) for learner in by_learner}
    for path in (out / "feedback").glob("*.html"):
        if OWN_PAGE.search(path.name) and path.name not in kept:
            path.unlink()
    text = templates.get_template("class.html").render(title="The class", alike=alike, **class_of(book))
    write_whole(out / "class.html", text.encode("utf-8", "replace"))


def file_name(learner: str) -> str:
    """A file's name for a learner: readable, harmless, and no two alike."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", learner).strip("-.")[:60] or "learner"
    return f"{plain}-{mark_of(learner)}.html"


def title_of(lesson: str) -> str:
    """Of "03_self_attention" a heading."""
    return f"{lesson[:2]} · {lesson[3:].replace('_', ' ').capitalize()}" if lesson else "A notebook that is no lesson"


def late_words(seconds: float) -> str:
    """How late, in words; "" where it is not."""
    if seconds <= 0:
        return ""
    days, hours = int(seconds // 86400), int(seconds % 86400 // 3600)
    return f"{days} day{'s' * (days != 1)} and {hours} h" if days else f"{hours} h {int(seconds % 3600 // 60)} min"


def _lesson(row, marks: list[dict]) -> dict:
    about = {key: row[key] for key in ("score", "maximum", "status", "reason")}
    return about | {
        "title": title_of(row["lesson"]), "number": row["lesson"][:2], "late": late_words(row["late"]),
        "marks": [_question(m) for m in marks],
    }  # fmt: skip


def _question(m: dict) -> dict:
    colour = "good" if m["score"] == m["maximum"] else "part" if m["score"] else "bad"
    lines = [("input", "\n".join(m["input"]))] if m["input"] else []
    lines += [(name, m[key]) for name, key in (("expected", "expected"), ("yours", "got")) if m[key]]
    return m | {"colour": colour, "lines": lines, "tried": m["status"] not in UNTRIED}


def class_of(book: Gradebook) -> dict:
    """What the class page shows."""
    rows = book.submissions()
    marks: dict[tuple[str, str], list[dict]] = {}
    for row in rows:
        for m in book.questions(row["id"]):
            marks.setdefault((row["lesson"], m["question"]), []).append(m)
    wrong = Counter(
        (f"{lesson[:2]} {name}", m["diagnosis"])
        for (lesson, name), every in marks.items()
        for m in every
        if m["diagnosis"]
    )
    shown, lessons = wrong.most_common(COMMONEST), sorted({row["lesson"] for row in rows})
    known = {row["status"] for row in rows if row["status"] != "not started"}
    return {
        "learners": len({row["learner"] for row in rows}),
        "handed_in": sum(row["status"] != "not submitted" for row in rows),
        "late": any(row["late"] > 0 for row in rows),
        "meanings": [(status, meaning) for status, meaning in MEANINGS.items() if status in known],
        "more_diagnoses": len(wrong) - len(shown),
        "when": datetime.datetime.now().strftime("%d %B %Y, %H:%M"),
        "diagnoses": [(count, *what) for what, count in shown],
        "questions": [_how_it_went(*what, marks[what]) for what in sorted(marks, key=_in_order)],
        "lessons": [_column(lesson, rows) for lesson in lessons],
        "table": _table(rows, lessons),
        "troubles": _troubles(rows),
        "marked": any(map(_needs_a_look, rows)),
    }


def _in_order(question: tuple[str, str]) -> tuple:
    """Lessons by number, their questions as they are asked."""
    order = [each.name for each in asked()]
    lesson, name = question
    return lesson, order.index(name) if name in order else len(order), name


def _needs_a_look(row) -> bool:
    return row["late"] > 0 or row["status"] not in ("graded", "not submitted", "not started")


def _troubles(rows: list) -> list[dict]:
    """What needs a look, a line for each learner and reason: late with five lessons is one line."""
    lines: dict[tuple, list[str]] = {}
    for row in rows:
        if _needs_a_look(row) or (row["status"] == "not submitted" and not row["lesson"]):
            why = "" if row["status"] == "graded" else textwrap.shorten(row["reason"], WHY, placeholder=" …")
            what = (row["learner"], row["status"], why, late_words(row["late"]))
            lines.setdefault(what, []).append(row["lesson"][:2] or "–")
    return [
        {"learner": learner, "file": file_name(learner), "lessons": ", ".join(lessons), "status": status, "why": why,
         "late": late}
        for (learner, status, why, late), lessons in lines.items()
    ]  # fmt: skip


def _column(lesson: str, rows: list) -> dict:
    """The head of a lesson's column, with what it is worth where anybody's could be graded."""
    worth = max((row["maximum"] for row in rows if row["lesson"] == lesson), default=0)
    return {"number": lesson[:2] or "?", "title": title_of(lesson), "maximum": worth}


def _table(rows: list, lessons: list[str]) -> list[dict]:
    """A line for each learner: what each lesson came to."""
    lines: dict[str, dict] = {}
    for row in rows:
        cells = lines.setdefault(row["learner"], dict.fromkeys(lessons))
        cells[row["lesson"]] = row
    return [
        {"learner": learner, "file": file_name(learner), "cells": [_cell(cells[lesson]) for lesson in lessons]}
        for learner, cells in lines.items()
    ]


def _cell(row) -> dict:
    """What stands in the table for a notebook, or where there is none."""
    if row is None or row["status"] == "not submitted":
        return {"text": "–", "of": "", "star": "", "colour": "soft"}
    star = " *" if _needs_a_look(row) else ""
    if not row["maximum"]:
        return {"text": "no points", "of": "", "star": star, "colour": "bad"}
    colour = "good" if row["score"] == row["maximum"] else "part" if row["score"] else "bad"
    return {"text": str(row["score"]), "of": f" of {row['maximum']}", "star": star, "colour": colour}


def _how_it_went(lesson: str, name: str, every: list[dict]) -> dict:
    full = sum(m["score"] == m["maximum"] for m in every)
    none = sum(m["score"] == 0 for m in every)
    mean = sum(m["score"] for m in every) / max(1, sum(m["maximum"] for m in every))
    untried = sum(m["status"] in UNTRIED for m in every)
    return {"lesson": lesson[:2], "name": name, "full": full, "some": len(every) - full - none, "none": none,
            "untried": untried, "mean": mean}  # fmt: skip
