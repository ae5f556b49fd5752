"""A fine-tuned encoder as a folder that `transformers` reads too: weights by its names, no pickle. NumPy only."""

import json
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from utils.files import write_whole
from utils.pretrained.checkpoint import RENAMED, EncoderError

KINDS = {"bert": "Bert", "distilbert": "DistilBert"}


def read_json(path: Path) -> dict:
    """What a file of JSON says. Raises EncoderError where it is absent or damaged."""
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EncoderError(f"{path} cannot be read, or is damaged: {error}") from error
    if not isinstance(content, dict):
        raise EncoderError(f"{path} must hold an object in braces. Received: {type(content).__name__}")
    return content


def as_checkpoint(weights: dict[str, np.ndarray], kind: str, head: dict[str, str]) -> dict[str, np.ndarray]:
    """The weights under transformers' names, the inverse of `map_weights`.

    Args:
        weights: by our paths, the matrix of a dense layer (inputs, outputs).
        kind: "bert" or "distilbert".
        head: the head's names in transformers -> our paths.
    """
    other = "encoder.layer" if kind == "distilbert" else "transformer.layer"
    names = {ours: f"{kind}.{theirs}" for theirs, ours in RENAMED.items() if not theirs.startswith(other)}
    names |= {ours: theirs for theirs, ours in head.items()}
    tensors = {}
    for path, array in weights.items():
        n = next((part for part in path.split("/") if part.isdigit()), "")
        name = names[path.replace(f"/{n}/", "/{n}/", 1)].replace("{n}", n)
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
    try:
        with safe_open(path, framework="numpy") as file:
            found = {head[name]: file.get_tensor(name) for name in file.keys() if name in head}
    except (OSError, SafetensorError) as error:
        raise EncoderError(f"{path} is damaged or cut short: {error}. Save it again") from error
    found = {name: array.T if name.endswith("kernel") else array for name, array in found.items()}
    if (received := {name: array.shape for name, array in found.items()}) != shapes:
        raise EncoderError(
            f"{path} has no head for {task}, or one of other sizes. Received: {received or 'none'}, "
            f"expected: {shapes}. Pass a folder that `save` has written, or fine-tune this encoder first"
        )
    return {name: np.asarray(array, "float32") for name, array in found.items()}


def write_folder(folder, weights: dict[str, np.ndarray], head: dict[str, str], config: dict, task: str, tokenizer,
                 others: dict[str, dict] | None = None) -> None:  # fmt: skip
    """Writes model.safetensors, config.json, tokenizer.json and others; each file is whole or not there.

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
    contents = {"config.json": config, **(others or {})}
    write_whole(folder / "model.safetensors", save(as_checkpoint(weights, kind, head), metadata={"format": "pt"}))
    write_whole(folder / "tokenizer.json", tokenizer.to_str().encode("utf-8"))
    for name, content in contents.items():  # the small ones last: where they stand, all is there
        write_whole(folder / name, json.dumps(content, indent=2, ensure_ascii=False).encode("utf-8"))
