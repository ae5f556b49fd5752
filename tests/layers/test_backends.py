"""The same tests again on the other two backends, each away from TensorFlow in a process of its own."""

import importlib.util
import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__)
TESTS = sorted(str(path) for path in HERE.parent.glob("test_*.py") if path != HERE)
QUICK_TO_COMPILE = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_backend(backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed: see requirements-test.txt and requirements-torch.txt")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"KERAS_BACKEND": backend, "OMP_NUM_THREADS": "1", "XLA_FLAGS": QUICK_TO_COMPILE}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *TESTS]  # two would compile everything twice
    done = subprocess.run(command, cwd=HERE.parents[2], env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-20000:]}\n{done.stderr[-2000:]}"
