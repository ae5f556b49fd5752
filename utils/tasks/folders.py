"""A fine-tuned encoder as a folder that `transformers` reads too: weights by its names, no pickle. NumPy only."""

import json
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from utils.files import write_whole
from utils.pretrained.checkpoint import CLASS, HEADS, RENAMED
from utils.pretrained.files import EncoderError, read_json, read_unwrapped
from utils.pretrained.tokenizer import tokenizer_settings

__all__ = ["as_checkpoint", "read_head", "read_json", "write_folder"]

KINDS = {"bert": "Bert", "distilbert": "DistilBert"}
# What a config.json says of the model that it came with, and not of what is saved: other outputs, other numbers, code.
OF_ANOTHER = ("id2label", "label2id", "num_labels", "_num_labels", "problem_type", "auto_map", "torch_dtype")


def as_checkpoint(weights: dict[str, np.ndarray], kind: str, head: dict[str, str]) -> dict[str, np.ndarray]:
    """The weights under transformers' names, the inverse of `map_weights`.

    Args:
        weights: by our paths, the matrix of a dense layer (inputs, outputs).
        kind: "bert" or "distilbert".
        head: the head's names in transformers -> our paths.

    Raises:
        ValueError: a weight has no name there, as those of a quantized model.
    """
    other = "encoder.layer" if kind == "distilbert" else "transformer.layer"
    names = {ours: f"{kind}.{theirs}" for theirs, ours in RENAMED.items() if not theirs.startswith(other)}
    names |= {ours: theirs for theirs, ours in head.items()}
    tensors = {}
    for path, array in weights.items():
        n = next((part for part in path.split("/") if part.isdigit()), "")
        general = path.replace(f"/{n}/", "/{n}/", 1)
        if general not in names:
            raise ValueError(
                f"A weight called {path} has no name in transformers, so nothing was saved. Of a quantized model there "
                "are such: save the model before `quantize`, and quantize what `load` gives"
            )
        name = names[general].replace("{n}", n)
        tensors[name] = np.ascontiguousarray(array.T if path.endswith("kernel") else array, "float32")
    return tensors


def read_head(folder, head: dict[str, str], shapes: dict[str, tuple[int, ...]], task: str) -> dict[str, np.ndarray]:
    """The head's weights by our paths, the matrix of a dense layer (inputs, outputs).

    Args:
        folder: with model.safetensors.
        head: the head's names in transformers -> our paths.
        shapes: our paths -> the shapes they must have.
        task: for the message, such as "question answering".

    Raises:
        EncoderError: there is none, or it is of another shape.
    """
    path = Path(folder) / "model.safetensors"
    found = read_unwrapped(path, lambda names: _of_head(path, names, head), "Save it again")
    found = {head[name]: array for name, array in found.items()}
    found = {name: array.T if name.endswith("kernel") else array for name, array in found.items()}
    if (received := {name: array.shape for name, array in found.items()}) != shapes:
        raise EncoderError(
            f"{path} has no head for {task}, or one of other sizes. Received: {received or 'none'}, "
            f"expected: {shapes}. Pass a folder that `save` has written, or fine-tune this encoder first"
        )
    return {name: np.asarray(array, "float32") for name, array in found.items()}


def _of_head(path: Path, names: list[str], head: dict[str, str]) -> list[str]:
    """Those of some names that are the head's. Warns of what is neither its, nor the encoder's, nor a known head's."""
    known = (*HEADS, "bert.", "distilbert.", "loss", "criterion")
    others = [name for name in names if not name.startswith(known)]
    if len(others) < len(names) and others and any(name in head for name in names):
        warnings.warn(
            f"{path} holds more than encoder and head: {', '.join(others[:4])}. That is left out, as by transformers. "
            "A model that was trained to go through it says something else here",
            stacklevel=4,
        )
    return [name for name in names if name in head]


def refuse_other_heads(path: Path, config: dict, task: str) -> None:
    """Raises EncoderError where a config.json says that the head is for another task, though it may look the same.

    Args:
        path: of config.json.
        config: what it says.
        task: how transformers calls such a model, such as "TokenClassification".
    """
    names = config.get("architectures")
    named = [name for name in names if CLASS.fullmatch(str(name))] if isinstance(names, list) else []
    if named and not any(name.endswith(f"For{task}") for name in named):
        raise EncoderError(
            f"{path} says that the model is a {', '.join(named)}: it has no head for {task}. Pass a folder that `save` "
            "has written, or fine-tune this encoder first"
        )


def write_folder(folder, weights: dict[str, np.ndarray], head: dict[str, str], config: dict, task: str, tokenizer,
                 others: dict[str, dict] | None = None, labels: Sequence[str] = ()) -> None:  # fmt: skip
    """Writes model.safetensors, config.json, the tokenizer's files and others; each file is whole or not there.

    Args:
        folder: made if need be.
        weights: see `as_checkpoint`.
        head: see `as_checkpoint`.
        config: config.json of the encoder that was fine-tuned. What it says of another head is left out.
        task: how transformers calls such a model, such as "TokenClassification".
        tokenizer: of the `tokenizers` library.
        others: further files, name -> what they say as JSON.
        labels: the names of the outputs, where they have names.

    Raises:
        OSError: the folder cannot be written or the disk is full.
    """
    folder = Path(folder)
    kind = config.get("model_type", "bert")
    config = {name: value for name, value in config.items() if name not in OF_ANOTHER}
    config |= {"model_type": kind, "architectures": [f"{KINDS[kind]}For{task}"], "dtype": "float32"}
    if labels:
        config["id2label"] = {str(n): label for n, label in enumerate(labels)}
        config["label2id"] = {label: n for n, label in enumerate(labels)}
    contents = {"tokenizer_config.json": tokenizer_settings(tokenizer, config)}
    contents |= {"config.json": config, **(others or {})}
    write_whole(folder / "model.safetensors", save(as_checkpoint(weights, kind, head), metadata={"format": "pt"}))
    write_whole(folder / "tokenizer.json", tokenizer.to_str().encode("utf-8"))
    for name, content in contents.items():  # the small ones last: where they stand, all is there
        write_whole(folder / name, json.dumps(content, indent=2, ensure_ascii=False).encode("utf-8"))
