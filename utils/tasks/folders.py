"""A fine-tuned encoder as a folder that `transformers` reads too: weights by its names, no pickle. NumPy only."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from utils.files import write_whole
from utils.pretrained.checkpoint import RENAMED
from utils.pretrained.files import EncoderError, read_json, read_tensors
from utils.pretrained.tokenizer import tokenizer_settings

__all__ = ["as_checkpoint", "read_head", "read_json", "write_folder"]

KINDS = {"bert": "Bert", "distilbert": "DistilBert"}


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
    found = read_tensors(path, lambda names: [name for name in names if name in head], "Save it again")
    found = {head[name]: array for name, array in found.items()}
    found = {name: array.T if name.endswith("kernel") else array for name, array in found.items()}
    if (received := {name: array.shape for name, array in found.items()}) != shapes:
        raise EncoderError(
            f"{path} has no head for {task}, or one of other sizes. Received: {received or 'none'}, "
            f"expected: {shapes}. Pass a folder that `save` has written, or fine-tune this encoder first"
        )
    return {name: np.asarray(array, "float32") for name, array in found.items()}


def write_folder(folder, weights: dict[str, np.ndarray], head: dict[str, str], config: dict, task: str, tokenizer,
                 others: dict[str, dict] | None = None) -> None:  # fmt: skip
    """Writes model.safetensors, config.json, the tokenizer's files and others; each file is whole or not there.

    Args:
        folder: made if need be.
        weights: see `as_checkpoint`.
        head: see `as_checkpoint`.
        config: config.json of the encoder that was fine-tuned, with what is to be added.
        task: how transformers calls such a model, such as "TokenClassification".
        tokenizer: of the `tokenizers` library.
        others: further files, name -> what they say as JSON.

    Raises:
        OSError: the folder cannot be written or the disk is full.
    """
    folder = Path(folder)
    kind = config.get("model_type", "bert")
    config = {**config, "model_type": kind, "architectures": [f"{KINDS[kind]}For{task}"]}
    contents = {"tokenizer_config.json": tokenizer_settings(tokenizer, config)}
    contents |= {"config.json": config, **(others or {})}
    write_whole(folder / "model.safetensors", save(as_checkpoint(weights, kind, head), metadata={"format": "pt"}))
    write_whole(folder / "tokenizer.json", tokenizer.to_str().encode("utf-8"))
    for name, content in contents.items():  # the small ones last: where they stand, all is there
        write_whole(folder / name, json.dumps(content, indent=2, ensure_ascii=False).encode("utf-8"))
