"""A folder with a Llama in it (Touvron et al. 2023), as `transformers` saves it, in a stack of our blocks."""

from pathlib import Path

import keras
import numpy as np

from utils.layers.block import BlockStack
from utils.pretrained.files import INDEX, EncoderError, has_weights, read_json, read_tensors

# Our argument -> its name in config.json, and what `transformers` takes where it is absent (None: it must be there).
COUNTS = {
    "num_layers": "num_hidden_layers",
    "embedding_dim": "hidden_size",
    "num_heads": "num_attention_heads",
    "fully_connected_dim": "intermediate_size",
    "input_vocab_size": "vocab_size",
}
ONLY = {"hidden_act": "silu", "attention_bias": False, "mlp_bias": False}  # what our block does not do otherwise
SWITCHES = {"positions": "rotary", "norm_kind": "rms", "norm": "pre", "gated": True, "activation": "silu"}
SWITCHES |= {"use_bias": False, "scale_embedding": False}

RENAMED = {
    "model.embed_tokens.weight": "embedding/embeddings",
    "model.layers.{n}.self_attn.q_proj.weight": "blocks/{n}/self_attention/query_kernel",
    "model.layers.{n}.self_attn.k_proj.weight": "blocks/{n}/self_attention/key_kernel",
    "model.layers.{n}.self_attn.v_proj.weight": "blocks/{n}/self_attention/value_kernel",
    "model.layers.{n}.self_attn.o_proj.weight": "blocks/{n}/self_attention/output_kernel",
    "model.layers.{n}.input_layernorm.weight": "blocks/{n}/attention_norm/scale",
    "model.layers.{n}.post_attention_layernorm.weight": "blocks/{n}/feed_forward_norm/scale",
    "model.layers.{n}.mlp.gate_proj.weight": "blocks/{n}/feed_forward/gate/kernel",
    "model.layers.{n}.mlp.up_proj.weight": "blocks/{n}/feed_forward/widen/kernel",
    "model.layers.{n}.mlp.down_proj.weight": "blocks/{n}/feed_forward/narrow/kernel",
    "model.norm.weight": "final_norm/scale",
    "lm_head.weight": "output_layer/kernel",
}


def read_llama_config(folder) -> dict:
    """What config.json says, as the arguments of `utils.layers.BlockStack`.

    Raises:
        EncoderError: there is no such file, it cannot be read, or it describes something that is not supported.
    """
    path = Path(folder) / "config.json"
    config = read_json(path)
    if config.get("model_type") != "llama":
        raise EncoderError(f'{path}: model_type must be "llama". Received: model_type={config.get("model_type")!r}')
    for name, supported in ONLY.items():
        if config.get(name, supported) != supported:
            raise EncoderError(f"{path}: {name} must be {supported!r}. Received: {config[name]!r}")
    sizes = {ours: _whole(path, theirs, config.get(theirs)) for ours, theirs in COUNTS.items()}
    groups = config.get("num_key_value_heads")
    sizes["num_key_value_heads"] = _whole(path, "num_key_value_heads", groups or sizes["num_heads"])
    width, heads = sizes["embedding_dim"], sizes["num_heads"]
    if width % heads or (width // heads) % 2 or heads % sizes["num_key_value_heads"]:
        raise EncoderError(
            f"{path}: heads must share the width evenly, each an even number, and groups the heads. Received: "
            f"hidden_size={width}, num_attention_heads={heads}, num_key_value_heads={sizes['num_key_value_heads']}"
        )
    if config.get("head_dim") not in (None, width // heads):
        raise EncoderError(f"{path}: head_dim must be {width // heads}, the width shared out. Received: "
                           f"head_dim={config['head_dim']!r}")  # fmt: skip
    numbers = {"rotary_base": _rotary_base(path, config), "layernorm_eps": config.get("rms_norm_eps", 1e-6)}
    for name, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
            raise EncoderError(f"{path}: {name} must be a number above 0. Received: {value!r}")
    return SWITCHES | sizes | {name: float(value) for name, value in numbers.items()}


def _whole(path: Path, name: str, value) -> int:
    """A size, or an EncoderError that names it."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise EncoderError(f"{path}: {name} must be a whole number of at least 1. Received: {name}={value!r}")
    return value


def _rotary_base(path: Path, config: dict):
    """The base, under its old name or its new one; other ways to turn are refused."""
    new = config.get("rope_parameters") or {}
    for ways in (new, config.get("rope_scaling") or {}):
        if not isinstance(ways, dict) or ways.get("rope_type", ways.get("type", "default")) != "default":
            raise EncoderError(f"{path}: only plain rotary positions are supported. Received: {ways!r}")
    return new.get("rope_theta", config.get("rope_theta", 10000.0))


def map_llama_weights(checkpoint: dict) -> dict:
    """Gives each tensor of a Llama the path of our weight, and our orientation.

    Args:
        checkpoint: name -> array; the matrix of a dense layer is (outputs, inputs) there.

    Returns:
        Path -> array, a matrix (inputs, outputs). A name that is none of a Llama's keeps it.
    """
    mapped = {}
    for name, array in checkpoint.items():
        n = "".join(part for part in name.split(".") if part.isdigit())  # the number of the block, "" outside
        path = RENAMED.get(name.replace(f".{n}.", ".{n}.") if n else name, name).replace("{n}", n)
        mapped[path] = array.T if path.endswith("kernel") else array
    if "output_layer/kernel" not in mapped and "embedding/embeddings" in mapped:
        mapped["output_layer/kernel"] = mapped["embedding/embeddings"].T  # tied: one table serves twice
    return mapped


def named_weights(model: BlockStack) -> dict[str, keras.Variable]:
    """Every weight of a built stack by the path that `map_llama_weights` gives it."""
    parts = {name: getattr(model, name) for name in ("embedding", "final_norm", "output_layer")}
    for n, block in enumerate(model.blocks):
        inner = {name: getattr(block, name) for name in ("self_attention", "attention_norm", "feed_forward_norm")}
        inner |= {f"feed_forward/{name}": getattr(block.feed_forward, name) for name in ("gate", "widen", "narrow")}
        parts |= {f"blocks/{n}/{name}": part for name, part in inner.items()}
    return {f"{path}/{w.name}": w for path, part in parts.items() for w in part.weights}


def load_llama(folder) -> BlockStack:
    """The Llama of a folder in our blocks, with its weights, float32.

    Args:
        folder: with config.json and model.safetensors, or its parts and their index.

    Raises:
        EncoderError: the folder holds no such model, whole, or one whose numbers ours would not give.
    """
    arguments, path = read_llama_config(folder), Path(folder) / "model.safetensors"
    if not has_weights(path):
        raise EncoderError(f"There is no model.safetensors in {path.parent}, nor {INDEX}. Only safetensors are read")
    tensors = read_tensors(path, lambda names: names, "Delete it and get it again")
    arrays = map_llama_weights({n: a for n, a in tensors.items() if not n.endswith("rotary_emb.inv_freq")})
    model = BlockStack(**arguments)
    model.build((None, None))
    weights = named_weights(model)
    if missing := sorted(weights.keys() - arrays.keys()):
        raise EncoderError(f"{path}: {len(missing)} tensors are missing, {missing[0]} the first. Nothing was loaded")
    if unexpected := sorted(arrays.keys() - weights.keys()):
        raise EncoderError(f"{path}: a Llama has no {unexpected[0]}; {len(unexpected)} such. Nothing was loaded")
    for name, weight in weights.items():
        wanted = matrix_shape(name, tuple(weight.shape))
        if arrays[name].shape != wanted:
            raise EncoderError(f"{path}: {name} must have the shape {wanted}, as config.json says. Received: "
                               f"{arrays[name].shape}")  # fmt: skip
    for name, weight in weights.items():  # (D, H·K) to (D, H, K): the same numbers in the same order
        weight.assign(np.ascontiguousarray(arrays[name], "float32").reshape(weight.shape))
    return model


def matrix_shape(name: str, shape: tuple) -> tuple:
    """The shape of a weight as a checkpoint has it, where three axes are a matrix."""
    if len(shape) < 3:
        return shape
    return (shape[0] * shape[1], shape[2]) if name.endswith("output_kernel") else (shape[0], shape[1] * shape[2])
