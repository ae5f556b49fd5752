"""What every lesson's first cell calls, and how it prints numbers."""

import contextlib
import gc
import importlib
import importlib.util
import logging
import os
import random
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("tensorflow", "keras", "numpy", "matplotlib")
TORCH_PACKAGES = ("torch", "numpy", "matplotlib")


class NeedsPyTorch(ImportError):
    """PyTorch is not there; in a notebook this is one line that says how to get it."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def setup(seed: int = 0, framework: str = "keras") -> None:
    """Starts a lesson: imports its framework in silence, fixes the seeds, sets the figures' style, checks versions.

    Args:
        seed: of Python's, NumPy's and the framework's random numbers.
        framework: "keras", or "torch": then Keras and TensorFlow stay out of this process.

    Raises:
        NeedsPyTorch: the framework is "torch", and it is not installed.
    """
    packages = TORCH_PACKAGES if framework == "torch" else PACKAGES
    if framework == "torch":
        start_torch(seed)
    else:
        keras = quiet_import("keras")
        logging.getLogger("tensorflow").setLevel(logging.ERROR)  # a new length is a new trace, no reason to warn
        keras.utils.set_random_seed(seed)
        with stderr_silenced():
            keras.ops.zeros(1)  # the first tensor wakes the devices, which write notes of their own
    from utils.plots.style import use_style

    use_style()
    for line in version_notes(packages):
        print(line)
    versions = ", ".join(f"{package} {metadata.version(package).split('+')[0]}" for package in packages)
    print(f"Ready: {versions}. Seed {seed}.")


def start_torch(seed: int) -> None:
    """Imports PyTorch and fixes all seeds.

    Raises:
        NeedsPyTorch: it is not installed.
    """
    if importlib.util.find_spec("torch") is None:
        raise NeedsPyTorch(
            f"This lesson needs PyTorch. Run `%pip install torch=={locked_version('torch')}` in a cell, once, "
            "then restart the kernel."
        )
    import numpy as np

    torch = quiet_import("torch")
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - the notebook's own
    torch.manual_seed(seed)


def quiet_import(name: str):
    """Imports a module while the C++ libraries below it are kept from writing their start-up notes to stderr."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    with stderr_silenced(), collector_paused():
        return importlib.import_module(name)


@contextlib.contextmanager
def collector_paused():
    """Inside, nobody looks for garbage, and what came in is not looked through again: it stays anyway.

    An import brings hundreds of thousands of objects; looking through them time and again is a seventh of Keras' own.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if running:
            gc.enable()


@contextlib.contextmanager
def stderr_silenced():
    """Inside, file descriptor 2 leads nowhere: what C++ writes there no variable can stop."""
    sys.stderr.flush()
    saved, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)


def locked_version(package: str) -> str:
    """The version that the lock names."""
    lock = "requirements-torch.txt" if package == "torch" else "requirements.txt"
    return re.search(rf"^{package}==([^\s;\\]+)", (ROOT / lock).read_text(encoding="utf-8"), flags=re.MULTILINE)[1]


def version_notes(packages: tuple[str, ...] = PACKAGES) -> list[str]:
    """A line for each package outside the supported range, or other than the lock's."""
    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ranges = {r.name: r.specifier for r in map(Requirement, project["dependencies"])}
    notes = []
    for package in packages:
        have = metadata.version(package).split("+")[0]  # 2.13.0+cpu is 2.13.0 built for machines without a GPU
        want = locked_version(package)
        if package in ranges and have not in ranges[package]:
            notes.append(f"Note: {package} {have} is outside the supported range {ranges[package]}.")
        elif have != want:
            notes.append(f"Note: {package} {have} is not the locked {want}: the last digits below may differ.")
    return notes


def show(digits: int = 3, **values) -> None:
    """Prints numbers the same on every machine: rounded, without -0.0, each array under its name and shape.

    Args:
        digits: after the point.
        values: numbers, arrays, tensors or shapes; the name given is the name printed.
    """
    import numpy as np

    for name, value in values.items():
        if isinstance(value, (tuple, str)):
            print(f"{name} = {value}")
            continue
        array = np.asarray(value)
        if array.dtype.kind == "f" or array.dtype.name == "bfloat16":
            array = np.round(array.astype("float64"), digits) + 0.0
            form = {"float_kind": lambda x: f"{x:.{digits}f}"}
            text = np.array2string(array, formatter=form, separator="  ", max_line_width=110, threshold=200)
        else:
            text = np.array2string(array, separator="  ", max_line_width=110, threshold=200)
        shape = f" {array.shape}" if array.shape else ""
        print(f"{name}{shape} = {text}" if array.ndim < 2 else f"{name}{shape}\n{text}")
