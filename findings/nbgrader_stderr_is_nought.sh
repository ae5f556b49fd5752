#!/usr/bin/env bash
# One would guess: a test cell whose assertions all hold gets its points, whatever it prints.
# What happens: any line on stderr makes it nought: a progress line, a warning, a library's log. The test
#   passed, and the learner gets 0.
# Versions: nbgrader 0.9.6, ipykernel 7.4.0.
# Where it matters: test cells that import or run TensorFlow or JAX, which speak on stderr; a
#   DeprecationWarning in a learner's answer.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check nbgrader==0.9.6 ipykernel==7.4.0
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
    "silent": ("assert 1 + 1 == 2", 1.0),
    "stdout": ("print('epoch 1')\nassert 1 + 1 == 2", 1.0),
    "stderr": ("import sys\nprint('epoch 1', file=sys.stderr)\nassert 1 + 1 == 2", 0.0),
    "warning": ("import warnings\nwarnings.warn('old name')\nassert 1 + 1 == 2", 0.0),
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
