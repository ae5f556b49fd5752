"""`python -m utils.course instructor OUT`: the lessons as a course that nbgrader's own commands work on.

The instructor's notebook is the learner's copy with the answers filled in between nbgrader's marks, so that what
`nbgrader generate_assignment` releases is the learner's copy again, cell for cell. Points are what `check` gives: it
hands them to nbgrader as the cell's result, part marks too.
"""

from pathlib import Path

import nbformat

from utils.course.build import exercise_points
from utils.course.notebook import learners_copy
from utils.course.source import ROOT, read_sources, synced, with_marks
from utils.files import write_whole

CONFIG = '''\
"""What nbgrader has to know of this course. Run its commands in this folder."""

import os
import sys

c = get_config()  # noqa: F821 - nbgrader's own
HERE = os.path.dirname(os.path.abspath(__file__))

c.CourseDirectory.course_id = "transformer"
c.CourseDirectory.root = HERE
c.ClearSolutions.code_stub = {{"python": "raise NotImplementedError"}}  # the blank of the learner's copies
c.ExecutePreprocessor.timeout = c.Execute.timeout = 1800  # seconds a cell: some train

os.environ["PYTHONPATH"] = {root!r}  # where the course's library, utils, lies
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")  # nbgrader calls alembic
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # a native line on standard error costs a cell all its points
'''


def write_instructor(out: Path, root: Path = ROOT) -> list[Path]:
    """Writes nbgrader_config.py and source/<lesson>/<lesson>.ipynb for each lesson with exercises.

    Args:
        out: the course's folder; made if need be.
        root: where `utils` will be found when notebooks are run.

    Raises:
        OSError: it cannot be written.
        BuildError: a source does not fit the library.
    """
    written = [out / "nbgrader_config.py"]
    write_whole(written[0], CONFIG.format(root=str(root)).encode("utf-8"))
    points = exercise_points()
    for source in map(synced, read_sources()):
        blanks = {n: cell for n, cell in enumerate(source.cells) if cell.blank is not None}
        book = learners_copy(source, points)
        for n, cell in blanks.items():
            book.cells[n].source = with_marks(cell.text, cell.blank)
        path = out / "source" / source.slug / f"{source.slug}.ipynb"
        write_whole(path, nbformat.writes(book).encode("utf-8"))
        written.append(path)
    return written
