"""What reading any file of a model's folder needs: the one error, JSON, tensors."""

import json
from collections.abc import Callable
from pathlib import Path

import ml_dtypes  # noqa: F401 (with it, NumPy knows bfloat16, which some checkpoints are stored in)
import numpy as np
from safetensors import SafetensorError, safe_open

POINTER = b"version https://git-lfs.github.com/spec/"  # how a file begins that stands for one kept elsewhere
FLOATS = ("F64", "F32", "F16", "BF16")


class EncoderError(ValueError):
    """A folder does not hold an encoder that can be read: the message says which file, what was found, what to do."""


def read_json(path: Path) -> dict:
    """What a file of JSON says. Raises EncoderError where it is absent, damaged, or no object."""
    refuse_pointer(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise EncoderError(f"There is no {path.name} in {path.parent}. Is this the folder of an encoder?") from error
    except (OSError, ValueError) as error:
        raise EncoderError(f"{path} cannot be read, or is damaged: {error}") from error
    if not isinstance(content, dict):
        raise EncoderError(f"{path} must hold an object in braces. Received: {type(content).__name__}")
    return content


def refuse_pointer(path: Path) -> None:
    """Raises EncoderError where Git has left a note in place of a large file."""
    try:
        with path.open("rb") as file:
            found = file.read(len(POINTER)) == POINTER
    except OSError:
        return  # who reads the file next says why that fails
    if found:
        raise EncoderError(
            f"{path} is a Git LFS pointer: a note of {path.stat().st_size} bytes in place of the file. To get it, "
            "run `git lfs install` and `git lfs pull` in that folder, or download it from the model's page"
        )


def read_tensors(path: Path, wanted: Callable[[list[str]], list[str]], advice: str) -> dict[str, np.ndarray]:
    """Some of a file's tensors, by their names in it.

    Args:
        path: of a file of safetensors.
        wanted: which of the names are read.
        advice: what to do about a damaged file.

    Raises:
        EncoderError: it is damaged, or holds numbers of a kind that is not supported.
    """
    refuse_pointer(path)
    try:
        with safe_open(path, framework="numpy") as file:
            names = wanted(list(file.keys()))
            kinds = {name: file.get_slice(name).get_dtype() for name in names}
            if other := [name for name, kind in kinds.items() if kind not in FLOATS]:
                raise EncoderError(
                    f"{path}: the weights must be stored as one of {', '.join(FLOATS)}. Received: {other[0]} as "
                    f"{kinds[other[0]]} ({len(other)} such tensors). Where transformers reads the model, save it with "
                    "model.float().save_pretrained(folder)"
                )
            return {name: file.get_tensor(name) for name in names}
    except (OSError, SafetensorError) as error:
        raise EncoderError(f"{path} is damaged or cut short: {error}. {advice}") from error
