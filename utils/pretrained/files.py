"""What reading any file of a model's folder needs: the one error, JSON, tensors."""

import json
import os
import re
import warnings
from collections.abc import Callable
from pathlib import Path

import ml_dtypes  # noqa: F401 (with it, NumPy knows bfloat16, which some checkpoints are stored in)
import numpy as np
from safetensors import SafetensorError, safe_open

WRAPPERS = re.compile(r"(?:(?:module|model|_orig_mod|_forward_module|network|net|0\.auto_model)\.)+")
POINTER = b"version https://git-lfs.github.com/spec/"  # how a file begins that stands for one kept elsewhere
INDEX = "model.safetensors.index.json"  # says in which of several files each tensor lies
SHOWN = 4  # of many names, so many are named
FLOATS = ("F64", "F32", "F16", "BF16")
CONVERT = (
    "Only safetensors are read, never pickle, which can run any code. To convert it where you trust its source, in "
    'transformers, model and tokenizer: AutoModel.from_pretrained({folder}).save_pretrained("converted"); '
    'AutoTokenizer.from_pretrained({folder}).save_pretrained("converted"). '
    "AutoModelForTokenClassification or AutoModelForQuestionAnswering keeps its head too"
)
PAGE = "Get model.safetensors from the model's page"
LIBRARIES = (  # files of weights in other forms, and what to do about them; the first that is there counts
    (("model-*-of-*.safetensors",),
     f"They are parts of one model. Get {INDEX}, too, which says what lies in which"),
    (("pytorch_model*.bin", "pytorch_model.bin.index.json"), ""),
    (("adapter_model.*", "adapter_config.json"), "An adapter is a few weights beside a model. With peft: "
     "AutoPeftModel….from_pretrained(folder).merge_and_unload().save_pretrained(another folder)"),
    (("*.incomplete", "*.part", "*.partial", "*.crdownload", "*.download", "*.aria2"),
     "A download has broken off: get it again"),
    (("tf_model*.h5", "flax_model*.msgpack", "*.ckpt*", "rust_model.ot"),
     f"{PAGE}, or convert it: transformers before 5 reads it, with from_tf=True or from_flax=True"),
    (("*.gguf", "*.onnx", "onnx/*.onnx", "openvino*", "*/openvino*.xml", "*.tflite", "saved_model.pb", "*.ot"),
     f"That is a form to run, not one to learn from. {PAGE}"),
    (("*.safetensors",), "If one of them holds the whole model, rename it to model.safetensors"),
)  # fmt: skip
DEEPER = ("*", "*/*", "*/*/*")  # where else a model may lie in a folder


class EncoderError(ValueError):
    """A folder does not hold an encoder that can be read: the message says which file, what was found, what to do."""


def no_config(folder: Path) -> str:
    """The message for a folder without config.json: what is there instead, and what to do."""
    if folder.is_file():
        return f"{folder} is a file. Pass the folder of an encoder; unpack an archive first"
    said = f"There is no config.json in {folder}"
    if (folder / "bert_config.json").is_file():
        return f"{said}, but bert_config.json: weights as Google published them. {PAGE}, with its config.json"
    return f"{said}. {_elsewhere(folder / 'config.json')}"


def has_weights(path: Path) -> bool:
    """Whether weights are there: model.safetensors, or beside it the index of several files."""
    return path.is_file() or path.with_name(INDEX).is_file()


def no_weights(path: Path) -> str:
    """The message for a folder without model.safetensors: what is there instead, and what to do."""
    folder = path.parent
    for patterns, advice in () if path.is_symlink() else LIBRARIES:
        there = sorted({found.relative_to(folder).as_posix() for p in patterns for found in folder.glob(p)})
        if there:
            advice = advice or CONVERT.format(folder=repr(os.fspath(folder)))
            return f"There is no model.safetensors in {folder}, only {', '.join(there[:4])}. {advice}"
    return f"There is no model.safetensors in {folder}. {_elsewhere(path)}"


def _elsewhere(path: Path) -> str:
    """What may be wrong where a file is not in its folder: a link leads nowhere, or a folder within is meant."""
    if path.is_symlink():
        return f"A link is, to {os.readlink(path)}, where nothing is: get the file itself"
    found = sorted(other.parent for way in DEEPER for other in path.parent.glob(f"{way}/{path.name}"))
    if not found:
        return "Is this the folder of an encoder?"
    found = [folder for folder in found if (folder / "model.safetensors").is_file()] or found
    more = f", or another of {len(found)} such" if len(found) > 1 else ""
    return f"There is one further down: pass {found[0]}{more}"


def read_json(path: Path) -> dict:
    """What a file of JSON says. Raises EncoderError where it is absent, damaged, or no object."""
    refuse_pointer(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
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
    """Some of a file's tensors, by their names in it; of several files, where only their index lies beside the name.

    Args:
        path: of a file of safetensors.
        wanted: which of the names are read.
        advice: what to do about a damaged file.

    Raises:
        EncoderError: it is damaged, or holds numbers of a kind that is not supported; an index contradicts its files.
    """
    index = path.with_name(INDEX)
    if path.name != INDEX.removesuffix(".index.json") or path.is_file() or not index.is_file():
        return _tensors_of(path, None, wanted, advice)
    parts = _parts_of(index)
    chosen = set(wanted([name for names in parts.values() for name in names]))
    found = {}
    for part, names in parts.items():
        found |= _tensors_of(part, names, lambda there: [name for name in there if name in chosen], advice)
    return found


def read_unwrapped(path: Path, wanted: Callable[[list[str]], list[str]], advice: str) -> dict[str, np.ndarray]:
    """`read_tensors`, by names without what a wrapper (DataParallel, torch.compile, Lightning) put before all of them.

    A warning says what was taken off.
    """
    front = ""

    def chosen(names: list[str]) -> list[str]:
        nonlocal front
        front = _front_of(names)
        return [front + name for name in wanted([name.removeprefix(front) for name in names])]

    found = read_tensors(path, chosen, advice)
    if front:
        warnings.warn(f"{path}: all names begin with {front!r}, of a wrapper; that is taken off", stacklevel=4)
    return {name.removeprefix(front): array for name, array in found.items()}


def _front_of(names: list[str]) -> str:
    """What a wrapper put before all names; "" where there is one without it."""
    found = WRAPPERS.match(names[0]) if names else None
    return found[0] if found and all(name.startswith(found[0]) for name in names) else ""


def _parts_of(index: Path) -> dict[Path, list[str]]:
    """The files that an index names, each with the tensors that it says lie there. Every file is there."""
    places = read_json(index).get("weight_map")
    if not isinstance(places, dict) or not places or not all(isinstance(part, str) for part in places.values()):
        raise EncoderError(
            f'{index} must say under "weight_map" in which file each tensor lies. Received: '
            f"{json.dumps(places)[:60]}. Get it again"
        )
    parts = {}
    for name, part in places.items():
        if part != Path(part).name or not part.endswith(".safetensors"):
            raise EncoderError(f"{index} must name files of safetensors beside it. Received: {part!r} for {name}")
        parts.setdefault(index.with_name(part), []).append(name)
    if missing := [part.name for part in parts if not part.is_file()]:
        raise EncoderError(
            f"{index} names {len(parts)} files, of which these are not there: {', '.join(missing[:SHOWN])}. "
            "Get them from where the others are from"
        )
    return parts


def _tensors_of(path: Path, expected: list[str] | None, wanted: Callable, advice: str) -> dict[str, np.ndarray]:
    """`read_tensors` of one file; `expected`: all that an index says of it."""
    refuse_pointer(path)
    try:
        with safe_open(path, framework="numpy") as file:
            there = list(file.keys())
            if expected is not None and (other := sorted(set(there) ^ set(expected))):
                what = "it has" if other[0] in there else "it lacks"
                raise EncoderError(
                    f"{path} does not hold what {INDEX} says: {what} {other[0]} ({len(other)} such). Are all files of "
                    "the same model? Nothing was loaded. Get them again"
                )
            names = wanted(there)
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
