"""Experts: the few weights that learn beside an encoder that stays, many sets of them in one file.

`encoder = adapted_encoder(fetch("minilm"), rank=8)` learns in its `LoRADense` alone; `expert_of(model)` is what was
learnt, `put_on(model, expert)` gives it back, while the model stays compiled and the other weights stay where they are.
"""

import os
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from utils.files import write_whole
from utils.layers.low_rank import LoRADense, beside, merge
from utils.layers.pretrained_encoder import PretrainedEncoder
from utils.pretrained.checkpoint import read_config, read_weights
from utils.pretrained.encoder import named_weights
from utils.pretrained.files import EncoderError, read_tensors

SIGN = "|"  # between the name of an expert and the path of a weight


class ExpertError(ValueError):
    """An expert does not fit the model, or a file of experts cannot be read or written; says what to do."""


def adapted_encoder(folder: str | os.PathLike, rank: int, alpha: float | None = None) -> PretrainedEncoder:
    """A pre-trained encoder that stays, with changes of low rank beside its feed-forwards that learn.

    Args:
        folder: with config.json and model.safetensors, as for `load_encoder`.
        rank: r of both dense layers of each feed-forward.
        alpha: see `LoRADense`.

    Raises:
        EncoderError: the folder does not hold such an encoder, whole.
        ValueError: rank or alpha cannot be.
    """
    config = read_config(folder)
    arrays = read_weights(folder, config)
    encoder = PretrainedEncoder(**config)
    for layer in encoder.encoder_layers:
        beside(layer.feed_forward, rank, alpha)
    encoder.build((None, None))
    for path, weight in named_weights(encoder).items():
        weight.trainable = learns = path.endswith(("lora_a", "lora_b"))
        if not learns:  # what learns keeps its start: a file of the time before knows nothing of it
            weight.assign(arrays[path].reshape(weight.shape))
    return encoder


def expert_of(model) -> dict[str, np.ndarray]:
    """What the model has learnt: each weight that learns by its path, as a copy.

    Args:
        model: with `weights_by_path`, as `EncoderWithHead` and `MaskedWords`.
    """
    found = {path: weight for path, weight in model.weights_by_path().items() if weight.trainable}
    return {path: np.array(weight.numpy(), "float32") for path, weight in found.items()}


def put_on(model, expert: dict[str, np.ndarray]) -> None:
    """Gives the weights that learn the values of an expert; nothing else is touched, nothing compiled anew.

    Raises:
        ExpertError: the expert is of another model: paths or shapes differ. Nothing has been changed then.
    """
    weights = {path: weight for path, weight in model.weights_by_path().items() if weight.trainable}
    wanted = {path: tuple(weight.shape) for path, weight in weights.items()}
    received = {path: np.shape(array) for path, array in expert.items()}
    if wrong := [path for path in wanted | received if wanted.get(path) != received.get(path)]:
        path = wrong[0]
        raise ExpertError(
            f"This expert is of another model: {len(wrong)} of its weights do not fit. Received for {path}: "
            f"{received.get(path, 'nothing')}, expected {wanted.get(path, 'nothing')}. Make the model with the rank "
            "that the expert was trained with"
        )
    for path, weight in weights.items():
        weight.assign(expert[path])


def save_experts(path: str | os.PathLike, experts: dict[str, dict[str, np.ndarray]]) -> int:
    """Writes many experts into one safetensors file.

    Args:
        path: of the file; whole or not there.
        experts: name -> what `expert_of` gave.

    Returns:
        The bytes of the file.

    Raises:
        ExpertError: there is none, or a name holds the sign "|".
    """
    if not experts or (odd := [name for name in experts if SIGN in name or not name]):
        shown = repr(odd[0]) if experts else "no expert"
        raise ExpertError(f'Experts need names, and no name may hold "{SIGN}". Received: {shown}')
    flat = {f"{name}{SIGN}{key}": array for name, expert in experts.items() for key, array in expert.items()}
    content = save({key: np.ascontiguousarray(array, "float32") for key, array in flat.items()})
    write_whole(Path(path), content)
    return len(content)


def load_experts(path: str | os.PathLike) -> dict[str, dict[str, np.ndarray]]:
    """Reads what `save_experts` wrote.

    Raises:
        ExpertError: there is no such file, or it is not one of experts.
    """
    again = "Write it anew with save_experts"
    try:
        tensors = read_tensors(Path(path), lambda names: names, again)
    except EncoderError as error:
        raise ExpertError(str(error)) from error
    experts = {}
    for key, array in tensors.items():
        name, sign, of = key.partition(SIGN)
        if not sign:
            raise ExpertError(f"{path} is no file of experts: {key!r} does not say whose it is. {again}")
        experts.setdefault(name, {})[of] = array
    if not experts:
        raise ExpertError(f"{path} holds no expert. {again}")
    return experts


def merged_arrays(model) -> dict[str, np.ndarray]:
    """All weights by path, what was learnt beside a kernel added to it: an encoder without adapters takes them."""
    arrays = {path: np.asarray(weight.numpy(), "float32") for path, weight in model.weights_by_path().items()}
    for n, layer in enumerate(model.encoder.encoder_layers):
        for name in ("widen", "narrow"):
            if isinstance(part := getattr(layer.feed_forward, name), LoRADense):
                at = f"encoder_layers/{n}/feed_forward/{name}"
                a, b = arrays.pop(f"{at}/lora_a"), arrays.pop(f"{at}/lora_b")
                arrays[f"{at}/kernel"] = np.asarray(merge(arrays[f"{at}/kernel"], a, b, part.alpha))
    return arrays
