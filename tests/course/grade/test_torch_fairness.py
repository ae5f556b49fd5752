"""PyTorch's lesson through the grader: the same tests, in a process where PyTorch is and Keras is not."""

import pytest

from tests.checks.test_torch_answers import NEEDS_TORCH, run_alone
from tests.course.grade import NO_BOX

RUN = """
import sys, torch, pytest
status = pytest.main(["-p", "no:cacheprovider", "-p", "no:xdist", "tests/course/grade/test_fairness.py"])
assert not {"keras", "tensorflow"} & sys.modules.keys()
sys.exit(status)
"""


@NEEDS_TORCH
@pytest.mark.skipif(bool(NO_BOX), reason=NO_BOX)
def test_pytorchs_lesson_is_graded_as_it_is_checked():
    done = run_alone(RUN)
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
    assert "passed" in done.stdout and "failed" not in done.stdout
