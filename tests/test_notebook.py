"""`setup` and `show`: what every lesson's first cell does, and how numbers are printed."""

import gc
import importlib
import subprocess
import sys

import numpy as np
import pytest

from utils import notebook
from utils.notebook import quiet_import, show


def test_show_rounds_and_kills_minus_zero(capsys):
    show(x=np.array([[-0.0001, 0.12345], [1.0, -2.0]]), n=3, digits=2)
    assert capsys.readouterr().out == "x (2, 2)\n[[0.00  0.12]\n [1.00  -2.00]]\nn = 3\n"


def test_show_takes_shapes_booleans_and_tensors(capsys):
    import keras

    show(shape=(2, 3), mask=np.array([True, False]), y=keras.ops.ones((2,)), digits=1)
    assert capsys.readouterr().out == "shape = (2, 3)\nmask (2,) = [ True  False]\ny (2,) = [1.0  1.0]\n"


def test_setup_is_silent_but_for_one_line():
    run = subprocess.run(
        [sys.executable, "-c", "from utils.notebook import setup; setup(3)"],
        capture_output=True, text=True, cwd=notebook.ROOT, env={"PATH": "", "MPLBACKEND": "agg"},
    )  # fmt: skip
    assert run.stderr == ""
    assert run.stdout.startswith("Ready: tensorflow ") and run.stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("version", "words"), [("2.21.99", "is not the locked"), ("1.15.0", "outside the supported range")]
)
def test_other_versions_are_noted(monkeypatch, version, words):
    real = notebook.metadata.version
    monkeypatch.setattr(notebook.metadata, "version", lambda p: version if p == "tensorflow" else real(p))
    assert words in " ".join(notebook.version_notes())


@pytest.mark.parametrize("running", [True, False])
def test_an_import_leaves_the_search_for_garbage_as_it_was(running, monkeypatch):
    seen = []
    monkeypatch.setattr(importlib, "import_module", lambda name: seen.append(gc.isenabled()) or 1 / len(name))
    before = gc.isenabled()
    try:
        (gc.enable if running else gc.disable)()
        assert quiet_import("x") == 1 and gc.isenabled() is running
        with pytest.raises(ZeroDivisionError):
            quiet_import("")
        assert gc.isenabled() is running and seen == [False, False]
    finally:
        gc.unfreeze()
        (gc.enable if before else gc.disable)()
