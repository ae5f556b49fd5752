"""Grades into nbgrader's own gradebook, through its own interface: `--nbgrader gradebook.db`."""

import os
import sys
from pathlib import Path

from utils.course.grade.gradebook import Gradebook


def write_nbgrader(book: Gradebook, path: Path) -> int:
    """Writes every grade that counts: an assignment a lesson, a grade cell a question, named as in the notebooks.

    What nbgrader's gradebook has already stays; a learner's grades for the same lesson are replaced.

    Args:
        book: ours.
        path: of nbgrader's, a file of SQLite; made if need be.

    Returns:
        How many submissions were written.

    Raises:
        ValueError: nbgrader is not installed.
    """
    try:
        from nbgrader.api import Gradebook as Theirs
    except ImportError as error:
        raise ValueError("--nbgrader needs nbgrader: .venv/bin/python -m pip install nbgrader") from error
    path.parent.mkdir(parents=True, exist_ok=True)
    programs = os.environ.get("PATH", "").split(os.pathsep)
    if (own := os.path.dirname(sys.executable)) not in programs:  # it calls alembic, which is installed beside it
        os.environ["PATH"] = os.pathsep.join([own, *programs])
    rows = [row for row in book.submissions() if row["maximum"]]
    with Theirs(f"sqlite:///{path.resolve()}") as theirs:
        for row in rows:
            lesson, learner = row["lesson"], row["learner"]
            theirs.update_or_create_assignment(lesson)
            theirs.update_or_create_notebook(lesson, lesson)
            marks = book.questions(row["id"])
            for mark in marks:
                theirs.update_or_create_grade_cell(
                    f"check-{mark['question']}", lesson, lesson, max_score=mark["maximum"], cell_type="code"
                )
            theirs.update_or_create_student(learner)
            theirs.update_or_create_submission(lesson, learner)
            for mark in marks:
                grade = theirs.find_grade(f"check-{mark['question']}", lesson, lesson, learner)
                grade.auto_score, grade.needs_manual_grade = float(mark["score"]), False
            theirs.db.commit()
    return len(rows)
