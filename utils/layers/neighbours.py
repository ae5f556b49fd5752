"""Masks that travel with a tensor, (B, T), True = token, as `keras.layers.Embedding(mask_zero=True)` sends them.

Each function here takes a class and changes it.
"""

import functools
import inspect

import keras
from keras import ops

from utils.layers.masks import combine_masks


def carries_mask(layer: type) -> None:
    """Its output has the mask of its first input, as Keras' dense layer and norms do."""
    layer.compute_mask = lambda self, inputs, previous_mask: previous_mask


def hears_masks(attention: type) -> None:
    """No query looks at a key that the mask of its value or of its key hides; `attention_mask` may hide more.

    Its output has the query's mask. For a class called on `query`, `value`, `key` and `attention_mask`.
    """
    call = attention.__call__

    @functools.wraps(call)
    def hearing(self, *args, **kwargs):
        if any(isinstance(x, keras.KerasTensor) for x in (*args, *kwargs.values())):
            return call(self, *args, **kwargs)  # masks come with the values, each time that the model is run
        names = inspect.signature(self.call).parameters
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        sent = [getattr(given.get(name), "_keras_mask", None) for name in ("value", "key")]
        sent = [ops.expand_dims(ops.cast(mask, "bool"), 1) for mask in sent if mask is not None]  # (B, 1, S)
        if not sent:
            return call(self, *args, **kwargs)
        given["attention_mask"] = combine_masks(given.get("attention_mask"), *sent)
        return call(self, **given)

    attention.__call__ = hearing
    carries_mask(attention)
