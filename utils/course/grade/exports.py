"""Grades as other programs take them. No cell of a table can be taken for a formula by a spreadsheet."""

import csv
import io
import re
from pathlib import Path

from utils.course.grade.gradebook import COLUMNS, Gradebook
from utils.course.grade.pages import title_of
from utils.files import write_whole

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - some read the wide ones so, too
INNER = re.compile(r"([;|]\s*|[\t\r\n]\s*)(?=[=+@＝＋＠-])")  # noqa: RUF001 - where others part cells, it begins one


def write_exports(book: Gradebook, out: Path) -> None:
    """Writes grades.csv, a row for each learner and lesson; moodle.csv and canvas.csv, a row for each learner."""
    rows = book.submissions()
    _write(out / "grades.csv", [COLUMNS, *([_cell(row, column) for column in COLUMNS] for row in rows)])
    lessons = sorted({row["lesson"] for row in rows if row["maximum"]})
    learners = sorted({row["learner"] for row in rows})
    score = {(row["learner"], row["lesson"]): row["score"] for row in rows if row["maximum"]}
    maximum = {row["lesson"]: row["maximum"] for row in rows if row["maximum"]}
    table = [[learner, *(score.get((learner, lesson), "") for lesson in lessons)] for learner in learners]
    _write(out / "moodle.csv", [["username", *(title_of(lesson) for lesson in lessons)], *table])
    fixed = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    points = ["    Points Possible", "", "", "", "", *(maximum[lesson] for lesson in lessons)]
    body = [[learner, "", "", learner, "", *cells] for learner, *cells in table]
    _write(out / "canvas.csv", [[*fixed, *(title_of(lesson) for lesson in lessons)], points, *body])


def _cell(row, column: str):
    """What stands there of a submission; nothing, and no 0, for the points of one that could not be graded."""
    return "" if column in ("score", "maximum") and not row["maximum"] else row[column]


def harmless(value):
    """A cell that a spreadsheet shows and does not run."""
    if not isinstance(value, str):
        return value
    begins = value.lstrip().startswith(FORMULA) or value.startswith(FORMULA)
    value = " ".join(INNER.sub(r"\1'", value).splitlines())
    return f"'{value}" if begins else value


def _write(path: Path, rows: list) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([[harmless(cell) for cell in row] for row in rows])
    write_whole(path, text.getvalue().encode("utf-8", "replace"))
