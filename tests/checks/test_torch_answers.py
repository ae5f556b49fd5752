"""PyTorch's exercises: the same tests as the others', in a process where PyTorch is and Keras is not."""

import importlib.util
import os
import subprocess
import sys

import pytest

from utils.checks import check
from utils.checks.frame import EXERCISES
from utils.notebook import ROOT, NeedsPyTorch, start_torch

NEEDS_TORCH = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="PyTorch is not installed: see requirements-torch.txt"
)
RUN = """
import sys, torch, pytest
status = pytest.main(["-p", "no:cacheprovider", "tests/checks/test_answers.py"])
assert not {"keras", "tensorflow"} & sys.modules.keys()
sys.exit(status)
"""
SESSION = """
import sys
from utils.notebook import setup
setup(3, framework="torch")
import torch
from utils.checks import check, hint, progress
from utils.tasks.question_answering_torch import QAModel, training_step
first = torch.rand(1).item()
setup(3, framework="torch")
assert torch.rand(1).item() == first
def training_step(model, optimizer, batch):
    raise NotImplementedError
check(training_step)
class Mine(QAModel):
    pass
Mine.__name__ = "QAModel"
assert check(Mine) is Mine
check(Mine({"num_layers": 1, "embedding_dim": 4, "num_heads": 1, "fully_connected_dim": 4, "input_vocab_size": 4,
      "maximum_position_encoding": 4, "num_token_types": 2, "attention_dropout_rate": 0.0, "dropout_rate": 0.0,
      "layernorm_eps": 1e-12, "activation": "gelu"}))
hint("QAModel.forward")
progress()
assert not {"keras", "tensorflow"} & sys.modules.keys()
"""


def run_alone(code):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900
    )


@NEEDS_TORCH
@pytest.mark.slow
def test_pytorchs_answers():
    done = run_alone(RUN)
    assert done.returncode == 0, f"{done.stdout[-10000:]}\n{done.stderr[-2000:]}"


@NEEDS_TORCH
def test_a_session_of_pytorchs_lesson_has_no_keras():
    done = run_alone(SESSION)
    assert done.returncode == 0 and done.stderr == "", f"{done.stdout[-3000:]}\n{done.stderr[-2000:]}"
    assert done.stdout.startswith("Ready: torch ")
    assert "training_step: not started" in done.stdout and "QAModel: 5 of 5 points" in done.stdout
    assert "pass the class itself" in done.stdout and "QAModel, hint 1 of 3" in done.stdout


def test_where_keras_is_they_are_known_by_name_and_points(capsys):
    exercise = EXERCISES["QAModel"]
    assert exercise.points == 5 and exercise.notebook == "13_question_answering_pytorch"

    def training_step(model, optimizer, batch):
        return 0.0

    assert check(training_step) is training_step
    assert "belongs to lesson 13_question_answering_pytorch" in capsys.readouterr().out


def test_without_pytorch_one_line_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NeedsPyTorch, match=r"%pip install torch==\d") as caught:
        start_torch(0)
    (line,) = caught.value._render_traceback_()
    assert line.startswith("This lesson needs PyTorch.") and "\n" not in line
