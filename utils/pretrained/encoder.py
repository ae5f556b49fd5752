"""A checkpoint's weights in our layers, or the same layers without them; one vector for a whole text."""

import keras
from keras import ops

from utils.layers.pretrained_encoder import PretrainedEncoder
from utils.pretrained.checkpoint import read_config, read_weights


def load_encoder(folder, config: dict | None = None) -> PretrainedEncoder:
    """The encoder of any BERT or DistilBERT folder, in our layers, with its weights.

    Args:
        folder: with config.json and model.safetensors (or its parts), as `transformers` saves them; heads are left out.
        config: what `read_config` gives for this folder, or the same with other dropout; None reads it.

    Raises:
        EncoderError: the folder does not hold such an encoder, whole; the message says what is wrong.
    """
    config = read_config(folder) if config is None else config
    arrays = read_weights(folder, config)  # checked, before anything is made
    encoder = random_encoder(config)
    for path, weight in named_weights(encoder).items():
        weight.assign(arrays[path].reshape(weight.shape))  # (D, D) to (D, H, K): the same numbers in the same order
    return encoder


def random_encoder(folder, **changes) -> PretrainedEncoder:
    """An encoder of the same architecture that has learnt nothing: what pre-training is compared with.

    Args:
        folder: its config.json gives the sizes; or a dictionary of `PretrainedEncoder`'s arguments.
        changes: arguments that are to be others, such as num_layers=2.
    """
    config = folder if isinstance(folder, dict) else read_config(folder)
    encoder = PretrainedEncoder(**{**config, **changes})
    encoder.build((None, None))
    return encoder


def named_weights(encoder: PretrainedEncoder) -> dict[str, keras.Variable]:
    """Every weight of the encoder by the path that `map_weights` gives it."""
    parts = {
        f"embedding/{name}": getattr(encoder.embedding, name) for name in ("word", "position", "token_type", "norm")
    }
    for n, layer in enumerate(encoder.encoder_layers):
        layer_parts = {name: getattr(layer, name) for name in ("self_attention", "attention_norm", "feed_forward_norm")}
        layer_parts |= {f"feed_forward/{name}": getattr(layer.feed_forward, name) for name in ("widen", "narrow")}
        parts |= {f"encoder_layers/{n}/{name}": part for name, part in layer_parts.items()}
    return {f"{path}/{w.name}": w for path, part in parts.items() if part is not None for w in part.weights}


def mean_pool(hidden, padding_mask):
    """One vector for each text: the mean of its tokens' vectors, padding left out.

    Args:
        hidden: hidden states (B, T, D).
        padding_mask: bool (B, T), True = token.

    Returns:
        (B, D); zeros for a text without a token.
    """
    hidden = ops.convert_to_tensor(hidden)
    is_token = ops.expand_dims(ops.cast(padding_mask, hidden.dtype), -1)  # (B, T, 1)
    return ops.sum(hidden * is_token, axis=1) / ops.maximum(ops.sum(is_token, axis=1), 1)
