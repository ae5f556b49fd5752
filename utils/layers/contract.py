"""What every layer here keeps to: arguments are checked, errors say what was received, all is remembered."""

import inspect

import keras
import numpy as np
from keras import ops


def arguments_of(layer: keras.layers.Layer) -> dict:
    """What the layer was made with, for its `get_config`: each argument is the attribute of its name."""
    names = inspect.signature(type(layer).__init__).parameters
    return {name: getattr(layer, name) for name in names if name not in ("self", "kwargs")}


def check_positive(**arguments: int) -> None:
    """Raises ValueError for the first argument that is not a whole number of at least 1, as far as it is known."""
    for name, value in arguments.items():
        if not traced(value) and (isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1):
            raise ValueError(f"`{name}` must be a whole number of at least 1. Received: {name}={value!r}")


def traced(size) -> bool:
    """Whether a size is the stand-in of an exporter for one that may be any: JAX and PyTorch write sizes so."""
    package = type(size).__module__.partition(".")[0]
    return package == "jax" or (package == "torch" and (not keras.ops.is_tensor(size) or size.ndim == 0))


def check_divisible(embedding_dim: int, num_heads: int) -> None:
    """Raises ValueError where the model width cannot be split into equal heads."""
    check_positive(embedding_dim=embedding_dim, num_heads=num_heads)
    if not traced(embedding_dim) and embedding_dim % num_heads:
        raise ValueError(
            "The width must be a multiple of the number of heads, so that every head gets an equal share. "
            f"Received: width={embedding_dim}, num_heads={num_heads} (remainder {embedding_dim % num_heads})"
        )


def check_even(d: int) -> None:
    """Raises ValueError for a width that does not split into sine and cosine pairs."""
    check_positive(d=d)
    if d % 2:
        raise ValueError(f"The width of a positional encoding must be even: sin and cos share it. Received: d={d}")


def check_rate(**rates: float) -> None:
    """Raises ValueError for a dropout rate outside [0, 1)."""
    for name, rate in rates.items():
        if not 0 <= rate < 1:
            raise ValueError(f"`{name}` must lie in [0, 1). Received: {name}={rate!r}")


def check_norm(norm: str) -> None:
    """Raises ValueError unless `norm` is "post" or "pre"."""
    if norm not in ("post", "pre"):
        raise ValueError(f'`norm` must be "post" (as in the paper) or "pre". Received: norm={norm!r}')


def check_rank(x, rank: int, name: str, axes: str) -> None:
    """Raises ValueError where `x` has not the number of axes that `axes`, such as "(B, T, D)", shows."""
    if len(x.shape) != rank:
        raise ValueError(f"`{name}` must have shape {axes}. Received: shape {tuple(x.shape)}")


def check_token_ids(token_ids, vocabulary_size: int) -> None:
    """Raises ValueError for ids that are not (B, T), and, where they are concrete, outside the vocabulary.

    Inside a compiled function ids have no values yet, so only their shape is checked there. XLA then reads
    some row of the table without complaint: check your data once, outside.
    """
    check_rank(token_ids, 2, "token_ids", "(B, T)")
    values = concrete(token_ids)
    if values is None or values.size == 0:
        return
    low, high = values.min(), values.max()
    if low < 0 or high >= vocabulary_size:
        wrong = low if low < 0 else high
        raise ValueError(
            f"Token ids must lie in 0…{vocabulary_size - 1} (vocabulary of {vocabulary_size}). "
            f"Received: id {wrong:g}. Was the text tokenized with another vocabulary?"
        )


def concrete(x) -> np.ndarray | None:
    """The values of `x`, or None where there are none yet (a symbolic call, a compiled function)."""
    if isinstance(x, (int, np.integer, np.ndarray, list, tuple)):
        return np.asarray(x)
    if isinstance(x, keras.KerasTensor):
        return None
    try:
        return ops.convert_to_numpy(x)
    except (TypeError, NotImplementedError, AttributeError, RuntimeError):
        return None  # a placeholder of the backend: TensorFlow's graph, JAX's tracer, PyTorch's meta device
