#!/usr/bin/env bash
# One would guess: a test cell whose last value is a half gives half a point, and one whose value is False
#   gives none.
# What happens: nbgrader reads the printed form. '0.5' is half a point, but NumPy 2 prints a half as
#   'np.float64(0.5)', which is no number: full marks. So are False and None. A line in the log says so; the
#   mark does not.
# Versions: nbgrader 0.9.6, numpy 2.4.6, ipykernel 7.4.0.
# Where it matters: part marks worked out with NumPy, np.mean(passed) for one: every learner gets all of them.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check nbgrader==0.9.6 numpy==2.4.6 ipykernel==7.4.0
# shellcheck source=/dev/null
source venv/bin/activate
export HOME="$tmp"
python -W ignore - <<'PY' 2>errors.txt || { cat errors.txt; exit 1; }
import os
import shutil
from importlib.metadata import version

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


def test_cell(name, source):
    mark = {"schema_version": 3, "grade_id": name, "cell_type": "code", "points": 1,
            "grade": True, "solution": False, "locked": True, "task": False}
    return new_code_cell(source, metadata={"nbgrader": mark})


tests = {
    "half": ("0.5", 0.5),
    "nought": ("0", 0.0),
    "numpy_half": ("import numpy as np\nnp.mean([True, False])", 1.0),
    "numpy_nought": ("np.float64(0)", 1.0),
    "false": ("False", 1.0),
}
print("nbgrader", version("nbgrader"))
os.makedirs("source/week1")
os.makedirs("submitted/sam/week1")
kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
cells = [test_cell(name, source) for name, (source, _) in tests.items()]
nbformat.write(new_notebook(cells=cells, metadata=kernel), "source/week1/task.ipynb")
shutil.copy("source/week1/task.ipynb", "submitted/sam/week1")
course = NbGraderAPI(CourseDirectory(root=os.getcwd()))
for step in (course.generate_assignment("week1"), course.autograde("week1", "sam")):
    still(step["success"], step.get("error") or step.get("log"))
with Gradebook("sqlite:///gradebook.db") as book:
    scores = {grade.name: grade.auto_score for grade in book.find_submission_notebook("task", "week1", "sam").grades}
for name, (source, wanted) in tests.items():
    print(f"{name}: {scores[name]} of 1 point for {source!r}")
    still(scores[name] == wanted, f"{name} gets {scores[name]}, not {wanted}")
PY
