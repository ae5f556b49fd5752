"""Checkpoints: all that training needs to go on as if it had never stopped, in one file that is whole or not there.

A file holds the model's variables (weights, and the state of its dropout's random numbers), the optimizer's
(moments, step), the losses so far, and a few words about the data. No pickle: safetensors only.
"""

import contextlib
import json
import re
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from utils.files import write_whole

PARTIAL = "checkpoint.partial"  # being written; whoever finds one may overwrite it


class CheckpointError(RuntimeError):
    """A checkpoint could not be written or read: the message says which, why, and what is still there."""


def save_checkpoint(folder, model, optimizer, losses=(), about: dict | None = None, keep: int = 1) -> Path:
    """Writes `checkpoint-<step>.safetensors`, then removes all but the `keep` newest.

    Args:
        folder: where checkpoints lie; made if need be.
        model: a built Keras model.
        optimizer: its optimizer; `iterations` is the step.
        losses: the loss of every step so far.
        about: what else to remember, as JSON.
        keep: how many checkpoints stay.

    Raises:
        CheckpointError: the folder cannot be written or the disk is full; older checkpoints are as they were.
    """
    folder, step = Path(folder), int(optimizer.iterations)
    arrays = {name: np.asarray(v.numpy(), order="C") for name, v in named_variables(model, optimizer).items()}
    arrays["losses"] = np.asarray(losses, "float32")
    content = save(arrays, metadata={"step": str(step), "about": json.dumps(about or {})})
    path = folder / f"checkpoint-{step:08}.safetensors"
    try:
        write_whole(path, content, PARTIAL)
    except OSError as error:
        old = list_checkpoints(folder)
        last = f"The last one, {old[-1].name}, is intact: the same call goes on from it" if old else ""
        kept = last or "There is none before it"
        raise CheckpointError(
            f"The checkpoint of step {step} could not be written to {folder}: {error.strerror or error}. {kept}. "
            "Free some space or choose another folder"
        ) from error
    for old in list_checkpoints(folder)[:-keep]:
        with contextlib.suppress(OSError):
            old.unlink()
    return path


def load_checkpoint(path, model, optimizer) -> tuple[np.ndarray, dict]:
    """Puts model and optimizer back to where they were.

    Returns:
        The losses so far, (steps,) float32, and what `about` said.

    Raises:
        CheckpointError: the file cannot be read, or is of a model of other sizes. Nothing is changed then.
    """
    arrays, about = read_checkpoint(path)
    variables = named_variables(model, optimizer)
    for name in variables.keys() | arrays.keys() - {"losses"}:
        here, there = (tuple(d[name].shape) if name in d else "none" for d in (variables, arrays))
        if here != there:
            raise CheckpointError(
                f"{Path(path).name} is of another model or optimizer: {name} has shape {there} there and {here} here. "
                "Make the model as it was then, or choose an empty folder"
            )
    for name, variable in variables.items():
        variable.assign(arrays[name])
    return arrays["losses"], about


def read_checkpoint(path) -> tuple[dict[str, np.ndarray], dict]:
    """Every array by its name, and what `about` said. Raises CheckpointError where it cannot be read."""
    try:
        with safe_open(path, framework="numpy") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, json.loads(file.metadata()["about"])
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path} is not a checkpoint, or is damaged: {error}. Remove it to go on") from error


def list_checkpoints(folder) -> list[Path]:
    """The checkpoints in a folder, oldest first."""
    with contextlib.suppress(OSError):
        return sorted(p for p in Path(folder).iterdir() if re.fullmatch(r"checkpoint-\d{8,}\.safetensors", p.name))
    return []


def average_checkpoints(folder, model, last: int = 5) -> int:
    """Gives the model the mean of the last checkpoints' weights (section 6.1); returns how many there were.

    Raises:
        CheckpointError: there is none, or it is of another model.
    """
    paths = list_checkpoints(folder)[-last:]
    if not paths:
        raise CheckpointError(f"There is no checkpoint in {folder}. Train with a folder first")
    sums = {}
    for path in paths:
        arrays, _ = read_checkpoint(path)
        for name, variable in named_variables(model).items():
            if name not in arrays or arrays[name].shape != tuple(variable.shape):
                raise CheckpointError(f"{path.name} is of another model: {name} does not fit")
            sums[name] = sums.get(name, 0) + arrays[name].astype("float64")
    for name, variable in named_variables(model).items():
        if np.issubdtype(np.dtype(variable.dtype), np.floating):  # random numbers' state has no mean
            variable.assign((sums[name] / len(paths)).astype(variable.dtype))
    return len(paths)


def named_variables(model, optimizer=None) -> dict:
    """Every variable of both under a name of its own, always in the same order."""
    groups = {"model": model.variables, "optimizer": [] if optimizer is None else optimizer.variables}
    return {f"{group}/{n:04}": v for group, variables in groups.items() for n, v in enumerate(variables)}
