"""A folder with a BERT or a DistilBERT in it: its sizes, its weights under our names, its tokenizer. No framework.

The folder holds config.json, model.safetensors, or its parts and their index, and tokenizer.json or vocab.txt, as
`transformers` saves them.
"""

import re
import warnings
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from utils.pretrained.files import EncoderError, has_weights, no_config, no_weights, read_json, read_unwrapped
from utils.pretrained.tokenizer import read_tokenizer

# Sizes ---------------------------------------------------------------------------------------------

# Our argument -> its name in config.json, and the value that `transformers` takes where it is absent.
SETTINGS = {
    "bert": {
        "num_layers": ("num_hidden_layers", 12),
        "embedding_dim": ("hidden_size", 768),
        "num_heads": ("num_attention_heads", 12),
        "fully_connected_dim": ("intermediate_size", 3072),
        "input_vocab_size": ("vocab_size", 30522),
        "maximum_position_encoding": ("max_position_embeddings", 512),
        "num_token_types": ("type_vocab_size", 2),
        "dropout_rate": ("hidden_dropout_prob", 0.1),
        "attention_dropout_rate": ("attention_probs_dropout_prob", 0.1),
        "layernorm_eps": ("layer_norm_eps", 1e-12),
        "activation": ("hidden_act", "gelu"),
        "pad_id": ("pad_token_id", 0),
    },
    "distilbert": {
        "num_layers": ("n_layers", 6),
        "embedding_dim": ("dim", 768),
        "num_heads": ("n_heads", 12),
        "fully_connected_dim": ("hidden_dim", 3072),
        "input_vocab_size": ("vocab_size", 30522),
        "maximum_position_encoding": ("max_position_embeddings", 512),
        "dropout_rate": ("dropout", 0.1),
        "attention_dropout_rate": ("attention_dropout", 0.1),
        "activation": ("activation", "gelu"),
        "pad_id": ("pad_token_id", 0),
    },
}
# What a DistilBERT has no setting for: no segments, one epsilon, no dropout between attention and its residual.
FIXED = {
    "bert": {},
    "distilbert": {"num_token_types": 0, "layernorm_eps": 1e-12, "dropout_after_attention": False},
}
# Names that a DistilBERT's settings may have as well.
ALSO = {"dim": "hidden_size", "n_layers": "num_hidden_layers", "n_heads": "num_attention_heads"}
# transformers' classes; any other is code of the model's own.
CLASS = re.compile(r"(?:TF|Flax)?(Bert|DistilBert)(?:Model|LMHeadModel|For[A-Z]\w*)")
COUNTS = ("num_layers", "embedding_dim", "num_heads", "fully_connected_dim", "input_vocab_size")
COUNTS += ("maximum_position_encoding", "num_token_types", "pad_id")
ACTIVATIONS = {  # theirs -> ours; see `utils.layers.pretrained_encoder.gelu_tanh`
    "gelu": "gelu",  # x times the normal distribution's Φ(x), by the error function, not its tanh approximation
    "gelu_python": "gelu",
    "gelu_new": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "relu": "relu",
    "silu": "silu",
    "swish": "silu",
}


def read_config(folder) -> dict:
    """What config.json says, as the arguments of `utils.layers.pretrained_encoder.PretrainedEncoder`.

    Raises:
        EncoderError: there is no such file, it cannot be read, or it describes something that is not supported.
    """
    path = Path(folder) / "config.json"
    if not path.is_file():
        raise EncoderError(no_config(Path(folder)))
    config = read_json(path)
    kind = _kind_of(path, config)
    _refuse_variants(path, config)
    arguments = dict(FIXED[kind])
    for name, (theirs, default) in SETTINGS[kind].items():
        value = config.get(theirs, config.get(ALSO.get(theirs), default))
        if config.get(ALSO.get(theirs), value) != value:
            other = ALSO[theirs]
            raise EncoderError(f"{path} contradicts itself: {theirs}={value!r}, and {other}={config[other]!r}")
        arguments[name] = _checked(path, name, theirs, default if name == "pad_id" and value is None else value)
    if arguments["embedding_dim"] % arguments["num_heads"]:
        raise EncoderError(
            f"{path}: the width must be a multiple of the number of heads. "
            f"Received: width {arguments['embedding_dim']}, {arguments['num_heads']} heads"
        )
    if arguments["pad_id"] >= arguments["input_vocab_size"]:
        raise EncoderError(
            f"{path}: pad_token_id must be the number of a piece. Received: pad_token_id={arguments['pad_id']}, "
            f"vocab_size={arguments['input_vocab_size']}"
        )
    return arguments


def _kind_of(path: Path, config: dict) -> str:
    """Which of `SETTINGS` it is, as model_type says; an old config without one is a BERT's, if nothing contradicts."""
    kind, names = config.get("model_type"), config.get("architectures") or []
    names = [str(name) for name in (names if isinstance(names, list) else [names])]
    families = {name: found[1].lower() if (found := CLASS.fullmatch(name)) else "" for name in names}
    if kind is None and "hidden_size" in config:
        if set(families.values()) - {"bert"}:
            raise EncoderError(
                f"{path} has no model_type, and its architectures are {names}: this is no BERT, though it may have the "
                f"tensors of one. Write the model_type into it. Supported: {sorted(SETTINGS)}"
            )
        kind = "bert"
        if not families:
            warnings.warn(
                f"{path} says neither model_type nor architectures. It is taken for a BERT's; a RoBERTa's looks the "
                'same, and would be read wrong. To settle it, write "model_type": "bert" into it',
                stacklevel=3,
            )
    if kind not in SETTINGS:
        raise EncoderError(
            f"{path}: this architecture is not supported. Received: model_type={kind!r}. Supported: {sorted(SETTINGS)}"
        )
    if (others := [name for name, family in families.items() if family != kind]) or config.get("auto_map"):
        warnings.warn(
            f"{path} names {', '.join(others) or 'code of its own (auto_map)'} beside model_type={kind!r}. The weights "
            "are read as the plain encoder's that model_type says, which may not be what they were trained in",
            stacklevel=3,
        )
    return kind


def _refuse_variants(path: Path, config: dict) -> None:
    """Raises for what BERT's code could do beside what a BERT is: it would load and compute something else."""
    only = {"position_embedding_type": "absolute", "is_decoder": False, "add_cross_attention": False}
    only |= {"pruned_heads": {}, "quantization_config": None}
    for name, supported in only.items():
        if config.get(name, supported) not in (supported, None):
            raise EncoderError(f"{path}: {name} must be {supported!r}. Received: {config[name]!r}")


def _checked(path: Path, name: str, theirs: str, value):
    """A setting, or an EncoderError that names it."""
    if name == "activation":
        if not isinstance(value, str) or value not in ACTIVATIONS:
            known = ", ".join(ACTIVATIONS)
            raise EncoderError(f"{path}: this activation is not supported. Received: {value!r}. Supported: {known}")
        return ACTIVATIONS[value]
    if name in COUNTS:
        least = 0 if name in ("pad_id", "num_token_types") else 1
        good = isinstance(value, int) and not isinstance(value, bool) and value >= least
        wanted = f"a whole number of at least {least}"
    else:
        good = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1
        wanted = "a number in [0, 1)"
    if not good:
        raise EncoderError(f"{path}: {theirs} must be {wanted}. Received: {theirs}={value!r}")
    return value


# Weights -------------------------------------------------------------------------------------------

# The name in a checkpoint -> the path of ours; {n} is the number of the layer.
RENAMED = {
    "embeddings.word_embeddings.weight": "embedding/word/embeddings",
    "embeddings.position_embeddings.weight": "embedding/position/embeddings",
    "embeddings.token_type_embeddings.weight": "embedding/token_type/embeddings",
    "embeddings.LayerNorm.weight": "embedding/norm/gamma",
    "embeddings.LayerNorm.bias": "embedding/norm/beta",
    # BERT
    "encoder.layer.{n}.attention.self.query.weight": "encoder_layers/{n}/self_attention/query_kernel",
    "encoder.layer.{n}.attention.self.query.bias": "encoder_layers/{n}/self_attention/query_bias",
    "encoder.layer.{n}.attention.self.key.weight": "encoder_layers/{n}/self_attention/key_kernel",
    "encoder.layer.{n}.attention.self.key.bias": "encoder_layers/{n}/self_attention/key_bias",
    "encoder.layer.{n}.attention.self.value.weight": "encoder_layers/{n}/self_attention/value_kernel",
    "encoder.layer.{n}.attention.self.value.bias": "encoder_layers/{n}/self_attention/value_bias",
    "encoder.layer.{n}.attention.output.dense.weight": "encoder_layers/{n}/self_attention/output_kernel",
    "encoder.layer.{n}.attention.output.dense.bias": "encoder_layers/{n}/self_attention/output_bias",
    "encoder.layer.{n}.attention.output.LayerNorm.weight": "encoder_layers/{n}/attention_norm/gamma",
    "encoder.layer.{n}.attention.output.LayerNorm.bias": "encoder_layers/{n}/attention_norm/beta",
    "encoder.layer.{n}.intermediate.dense.weight": "encoder_layers/{n}/feed_forward/widen/kernel",
    "encoder.layer.{n}.intermediate.dense.bias": "encoder_layers/{n}/feed_forward/widen/bias",
    "encoder.layer.{n}.output.dense.weight": "encoder_layers/{n}/feed_forward/narrow/kernel",
    "encoder.layer.{n}.output.dense.bias": "encoder_layers/{n}/feed_forward/narrow/bias",
    "encoder.layer.{n}.output.LayerNorm.weight": "encoder_layers/{n}/feed_forward_norm/gamma",
    "encoder.layer.{n}.output.LayerNorm.bias": "encoder_layers/{n}/feed_forward_norm/beta",
    # DistilBERT
    "transformer.layer.{n}.attention.q_lin.weight": "encoder_layers/{n}/self_attention/query_kernel",
    "transformer.layer.{n}.attention.q_lin.bias": "encoder_layers/{n}/self_attention/query_bias",
    "transformer.layer.{n}.attention.k_lin.weight": "encoder_layers/{n}/self_attention/key_kernel",
    "transformer.layer.{n}.attention.k_lin.bias": "encoder_layers/{n}/self_attention/key_bias",
    "transformer.layer.{n}.attention.v_lin.weight": "encoder_layers/{n}/self_attention/value_kernel",
    "transformer.layer.{n}.attention.v_lin.bias": "encoder_layers/{n}/self_attention/value_bias",
    "transformer.layer.{n}.attention.out_lin.weight": "encoder_layers/{n}/self_attention/output_kernel",
    "transformer.layer.{n}.attention.out_lin.bias": "encoder_layers/{n}/self_attention/output_bias",
    "transformer.layer.{n}.sa_layer_norm.weight": "encoder_layers/{n}/attention_norm/gamma",
    "transformer.layer.{n}.sa_layer_norm.bias": "encoder_layers/{n}/attention_norm/beta",
    "transformer.layer.{n}.ffn.lin1.weight": "encoder_layers/{n}/feed_forward/widen/kernel",
    "transformer.layer.{n}.ffn.lin1.bias": "encoder_layers/{n}/feed_forward/widen/bias",
    "transformer.layer.{n}.ffn.lin2.weight": "encoder_layers/{n}/feed_forward/narrow/kernel",
    "transformer.layer.{n}.ffn.lin2.bias": "encoder_layers/{n}/feed_forward/narrow/bias",
    "transformer.layer.{n}.output_layer_norm.weight": "encoder_layers/{n}/feed_forward_norm/gamma",
    "transformer.layer.{n}.output_layer_norm.bias": "encoder_layers/{n}/feed_forward_norm/beta",
}
HEADS = ("cls.", "classifier.", "qa_outputs.", "pre_classifier.")  # what stands on top of the encoder
HEADS += ("vocab_transform.", "vocab_layer_norm.", "vocab_projector.")
SHOWN = 4  # of many names, so many are named


def our_path(name: str) -> str | None:
    """The path of our weight for a name in a checkpoint, or None for what is not the encoder's."""
    name = name.removeprefix("bert.").removeprefix("distilbert.")
    n = "".join(re.findall(r"layer\.(\d+)\.", name))  # the number of the layer, "" outside the layers
    path = RENAMED.get(name.replace(f"layer.{n}.", "layer.{n}."))
    return path and path.replace("{n}", n)


def map_weights(checkpoint: dict) -> dict:
    """Gives each tensor of a BERT's or DistilBERT's encoder the path of our weight, and our orientation.

    Args:
        checkpoint: name -> array, with or without "bert." or "distilbert." in front. The matrix of a dense
            layer is (outputs, inputs) there.

    Returns:
        Path -> array; the matrix of a dense layer is (inputs, outputs). What is not the encoder's is left out.
    """
    mapped = {}
    for name, array in checkpoint.items():
        path = our_path(name)
        if path is not None:
            mapped[path] = array.T if path.endswith("kernel") else array
    return mapped


def read_weights(folder, config: dict | None = None) -> dict[str, np.ndarray]:
    """The encoder's weights by our paths, float32, each of the shape that config.json demands.

    Heads and pooler are left out; a multi-head kernel is the matrix it is, (D, D).

    Raises:
        EncoderError: the file is absent or damaged; a tensor is missing, unexpected or of another shape.
    """
    config = read_config(folder) if config is None else config
    path = Path(folder) / "model.safetensors"
    if not has_weights(path):
        raise EncoderError(no_weights(path))
    tensors = read_unwrapped(path, names_in_encoder, "Delete it and get it again")
    mapped = map_weights({_spelt_today(name): array for name, array in tensors.items()})
    _refuse_names(path, tensors)
    if (path.parent / "adapter_config.json").is_file():
        warnings.warn(
            f"{path.parent} holds an adapter beside the model (adapter_config.json). It is left out; where peft is "
            "installed, transformers adds it. To have it, merge it: merge_and_unload().save_pretrained(another folder)",
            stacklevel=2,
        )
    _check_complete(path, config, {name: our_path(_spelt_today(name)) for name in tensors}, mapped)
    return {p: np.asarray(array, "float32") for p, array in mapped.items()}


def _refuse_names(path: Path, tensors: dict) -> None:
    """Raises where two tensors are meant for one weight and differ, or all names have something in front of them."""
    held = {}
    for name, array in tensors.items():
        first = held.setdefault(our_path(_spelt_today(name)) or name, name)
        if first != name and not np.array_equal(tensors[first], array):
            raise EncoderError(f"{path} holds two tensors for one weight, and they differ: {first} and {name}")
    word = "embeddings.word_embeddings.weight"
    fronts = {name.removesuffix(word) for name in tensors if name.endswith(word) and our_path(name) is None}
    if len(fronts) == 1 and not any(our_path(_spelt_today(name)) for name in tensors):
        raise EncoderError(
            f"{path}: the names of its tensors begin with {fronts.pop()!r}, which a BERT's do not: something around "
            "the model was saved with it. Save the model inside alone, model.save_pretrained(folder), or take that "
            "beginning off the names with safetensors.numpy's load_file and save_file. Nothing was loaded"
        )


def _check_complete(path: Path, config: dict, paths: dict[str, str | None], mapped: dict) -> None:
    """Raises where a tensor is missing, is not expected, or is of another shape than config.json says."""
    shapes = weight_shapes(config)
    problems = {
        "missing": [f"{p} (in a BERT: {_bert_name(p)})" for p in shapes if p not in mapped],
        "unexpected": [name for name, p in paths.items() if p not in shapes],
        "of another shape": [
            f"{name} gives {p} the shape {mapped[p].shape}, config.json says {shapes[p]}"
            for name, p in paths.items()
            if p in shapes and mapped[p].shape != shapes[p]
        ],
    }
    for problem, found in problems.items():
        if found:
            count = "1 tensor is" if len(found) == 1 else f"{len(found)} tensors are"
            more = f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
            raise EncoderError(
                f"{path} does not fit its config.json: {count} {problem}: {'; '.join(found[:SHOWN])}{more}. "
                "Nothing was loaded. Are both files of the same model?"
            )


def weight_shapes(config: dict) -> dict[str, tuple[int, ...]]:
    """The shape of each of our weights by its path; of a multi-head kernel, that of the matrix it is."""
    D, F = config["embedding_dim"], config["fully_connected_dim"]
    rows = {"word": "input_vocab_size", "position": "maximum_position_encoding", "token_type": "num_token_types"}
    shapes = {f"embedding/{name}/embeddings": (config[key], D) for name, key in rows.items() if config[key]}
    shapes |= {"embedding/norm/gamma": (D,), "embedding/norm/beta": (D,)}
    layer = {f"self_attention/{name}_kernel": (D, D) for name in ("query", "key", "value", "output")}
    layer |= {f"self_attention/{name}_bias": (D,) for name in ("query", "key", "value", "output")}
    layer |= {"feed_forward/widen/kernel": (D, F), "feed_forward/widen/bias": (F,)}
    layer |= {"feed_forward/narrow/kernel": (F, D), "feed_forward/narrow/bias": (D,)}
    layer |= {f"{norm}/{name}": (D,) for norm in ("attention_norm", "feed_forward_norm") for name in ("gamma", "beta")}
    return shapes | {f"encoder_layers/{n}/{p}": s for n in range(config["num_layers"]) for p, s in layer.items()}


def names_in_encoder(names) -> list[str]:
    """Those of a checkpoint's names that an encoder must know: without heads, pooler and mere counters."""
    prefix = next((p for p in ("bert.", "distilbert.") if any(name.startswith(p) for name in names)), "")
    apart = tuple(prefix + part for part in ("pooler.", "embeddings.position_ids", "embeddings.token_type_ids"))
    apart += () if prefix else HEADS  # where there is a prefix, a head is what has none
    return [name for name in names if name.startswith(prefix) and not name.startswith(apart)]


def _spelt_today(name: str) -> str:
    """Old checkpoints call a norm's weight and bias gamma and beta."""
    return name.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias")


def _bert_name(path: str) -> str:
    """What BERT calls one of our weights."""
    n = "".join(re.findall(r"encoder_layers/(\d+)/", path))
    general = path.replace(f"encoder_layers/{n}/", "encoder_layers/{n}/")
    return next(name for name, ours in RENAMED.items() if ours == general).replace("{n}", n)


# Tokens --------------------------------------------------------------------------------------------


def wordpiece_tokenize(word: str, vocab, unknown: str = "[UNK]") -> list[str]:
    """Cuts a word into the longest pieces that the vocabulary holds, from the left, as BERT does (Devlin et al. 2018).

    Args:
        word: one word, already lower-cased where the vocabulary is.
        vocab: the pieces; one that continues a word is written "##…".
        unknown: what the whole word becomes where some part of it is in no piece.

    Returns:
        The pieces, none for an empty word.
    """
    pieces, start = [], 0
    while start < len(word):
        mark = "##" if start else ""
        for end in range(len(word), start, -1):  # the longest first
            if mark + word[start:end] in vocab:
                break
        else:
            return [unknown]
        pieces.append(mark + word[start:end])
        start = end
    return pieces


def load_tokenizer(folder) -> Tokenizer:
    """The folder's tokenizer, which neither cuts nor pads, from tokenizer.json or else from vocab.txt.

    `encode(text)` and `encode(question, context)` give ids with [CLS] and [SEP], `type_ids` (0 first text,
    1 second) and `offsets` into the texts. "[SEP]" written in a text stays text; an added "[E1]" stays whole.

    Raises:
        EncoderError: there is no such file, it cannot be read, or it does not fit config.json.
    """
    folder = Path(folder)
    tokenizer = read_tokenizer(folder)
    if (folder / "config.json").is_file():
        rows, numbers = read_config(folder)["input_vocab_size"], tokenizer.get_vocab().values()
        if (pieces := max(numbers) + 1) > rows:
            raise EncoderError(
                f"The tokenizer in {folder} has {pieces} pieces, the model rows for {rows}. Are both of the same model?"
            )
    return tokenizer
