"""What every layer here keeps to: arguments are checked, errors say what was received, all is remembered."""

import inspect

import keras
import numpy as np
from keras import ops


def arguments_of(layer: keras.layers.Layer) -> dict:
    """What the layer was made with, for its `get_config`: each argument is the attribute of its name.

    A class derived from one of ours may take more arguments and hand on the others by `**kwargs`: those of both are
    told, but for what it decides itself and does not take from outside.

    Raises:
        NotImplementedError: a derived class neither keeps an argument nor tells it in a `get_config` of its own.
    """
    given = names_given(layer)
    kept, kinds = {}, [kind for kind in type(layer).__mro__ if "__init__" in vars(kind)]
    for kind in kinds:
        parameters = list(inspect.signature(kind.__init__).parameters.values())[1:]
        names = [x.name for x in parameters if x.kind not in (x.VAR_POSITIONAL, x.VAR_KEYWORD)]
        for name in names:
            if hasattr(layer, name) and (kind is kinds[0] or given is None or name in given):
                kept.setdefault(name, getattr(layer, name))
            elif not hasattr(layer, name) and "get_config" not in vars(kind):
                raise NotImplementedError(
                    f"{kind.__name__} takes `{name}` and does not keep it: a saved one could not be made again. Write "
                    f"`self.{name} = {name}` in its `__init__`, or a `get_config` that tells it"
                )
        if names and (kind.__module__.startswith("utils.layers.") or len(names) == len(parameters)):
            break
    return kept


def names_given(layer: keras.layers.Layer) -> set | None:
    """Which arguments it was made with; None where that is not known, and all may be."""
    if not isinstance(layer, keras.Model):  # of a layer Keras notes them, where all are simple
        return getattr(getattr(layer, "_auto_config", None), "config", None)
    args, kwargs = getattr(layer, "_given", ((), {}))
    parameters = list(inspect.signature(type(layer).__init__).parameters.values())[1:]
    if any(x.kind == x.VAR_POSITIONAL for x in parameters):
        return None
    return {*kwargs, *(x.name for x in parameters[: len(args)])}


def takes_ids(layer: type) -> None:
    """For a class: ids given as floats, as `keras.Input((None,))` makes them, stay: bfloat16 knows 256 and 258 only."""
    layer.autocast = property(lambda self: False, lambda self, value: None)


def check_positive(**arguments: int) -> None:
    """Raises ValueError for the first argument that is not a whole number of at least 1, as far as it is known."""
    for name, value in arguments.items():
        if not traced(value) and (isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1):
            raise ValueError(f"`{name}` must be a whole number of at least 1. Received: {name}={value!r}")


def check_plain(**arguments: int) -> None:
    """Raises ValueError for a size that is NumPy's: Keras' own layers, which are made of it, take a plain int alone."""
    for name, value in arguments.items():
        if isinstance(value, np.integer):
            raise ValueError(f"`{name}` must be a plain int. Received: {name}={value!r}. Write int({value})")


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
    dtype = str(token_ids.dtype)
    if "int" not in dtype and "float" not in dtype:
        raise ValueError(f"Token ids must be whole numbers. Received: dtype {dtype}. Tokens are looked up before this")
    values = concrete(token_ids)
    if values is None or values.size == 0:
        return
    if "int" not in dtype and not (whole := values == np.floor(values)).all():
        raise ValueError(
            f"Token ids must be whole numbers. Received: {values[~whole][0]:g}, dtype {dtype}. Are these vectors?"
        )
    low, high = values.min(), values.max()
    if low < 0 or high >= vocabulary_size:
        wrong = low if low < 0 else high
        raise ValueError(
            f"Token ids must lie in 0…{vocabulary_size - 1} (vocabulary of {vocabulary_size}). "
            f"Received: id {wrong:g}. Was the text tokenized with another vocabulary?"
        )


def check_width(shape: tuple, embedding_dim: int) -> None:
    """Raises ValueError where x is not as wide as the layer that adds its own output to it."""
    if isinstance(shape[-1], int) and shape[-1] != embedding_dim:
        raise ValueError(
            f"What comes in must be as wide as `embedding_dim`, since it is added to what comes out. "
            f"Received: shape {tuple(shape)}, embedding_dim={embedding_dim}"
        )


def check_pair(inputs) -> None:
    """Raises ValueError where a model's inputs are not a pair of sources and targets, a target for each source."""
    if not isinstance(inputs, (list, tuple)) or len(inputs) != 2:
        kind = f"{type(inputs).__name__} of {len(inputs)}" if isinstance(inputs, (dict, list, tuple)) else "one array"
        raise ValueError(f"The inputs must be one pair, (source_ids, target_ids). Received: {kind}")
    shapes = [tuple(x.shape) for x in inputs if hasattr(x, "shape")]
    batches = {shape[0] for shape in shapes if shape and isinstance(shape[0], int)} - {1}
    if len(batches) > 1:
        raise ValueError(f"There must be a target for each source. Received: shapes {shapes[0]} and {shapes[1]}")


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
