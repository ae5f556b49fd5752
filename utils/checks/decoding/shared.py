"""What the exercises of this lesson share."""

import functools
import itertools

import numpy as np
import tensorflow as tf
from keras import ops

from utils.layers import Transformer
from utils.layers.masks import create_padding_mask

PAD, START, END = 0, 1, 2


V, LONGEST = 6, 5  # target words, padding, start and end among them; the longest sentence tried


class _Compiled(Transformer):
    """The library's Transformer, whose logits are compiled once for all lengths: called a hundred times, it counts."""

    @functools.cached_property
    def _run(self):
        ids = tf.TensorSpec((None, None), "int32")
        return tf.function(lambda *inputs: Transformer.__call__(self, inputs), (ids, ids), autograph=False)

    def __call__(self, inputs, **options):
        """The logits; whatever is asked for beyond them, or does not fit, as ever."""
        if not options and self.built and tf.executing_eagerly():
            try:
                source, target = (np.asarray(ids) for ids in inputs)
                if {source.dtype.kind, target.dtype.kind} <= {"i", "u"}:
                    return self._run(source.astype("int32"), target.astype("int32"))
            except (tf.errors.OpError, TypeError, ValueError):  # said again below, in the library's own words
                return super().__call__(inputs)
        return super().__call__(inputs, **options)


@functools.cache
def shared_model(num_layers: int, norm: str) -> Transformer:
    """The Transformer whose weights `tiny_model` sets anew, built once."""
    kind = _Compiled if num_layers == 1 else Transformer  # two layers: for answers that change how they run
    model = kind(num_layers, 8, 2, 12, 9, V, 16, 16, norm=norm)
    model.build(((None, None), (None, None)))
    return model


def tiny_model(seed: int, num_layers: int = 1, norm: str = "post") -> Transformer:
    """The checks' Transformer: target ids 0 padding, 1 start, 2 end, 3 to 5 words; it never says the first two.

    Args:
        seed: of its random weights.
        num_layers: of encoder and decoder; width 8, 2 heads.
        norm: "post" or "pre".
    """
    model = shared_model(num_layers, norm)
    model.set_weights(tiny_weights(seed, num_layers, norm))
    model.seed = seed
    return model


@functools.lru_cache(maxsize=16)  # the reference and the answer are given the same
def tiny_weights(seed: int, num_layers: int, norm: str) -> list[np.ndarray]:
    """Weights under which the model says more than one word."""
    model, rng = shared_model(num_layers, norm), np.random.default_rng(seed)
    model.set_weights([0.9 * rng.normal(size=w.shape) + ("gamma" in w.path) for w in model.weights])
    source_ids, target_ids = rng.integers(3, 9, (16, 5)), rng.integers(3, V, (16, LONGEST))
    said = model((source_ids, target_ids)).numpy().reshape(-1, V).mean(axis=0)
    model.output_layer.bias.assign_sub(said + np.array([30, 30, 0, 0, 0, 0]))  # not one word for ever
    return model.get_weights()


@functools.lru_cache(maxsize=64)
def logits_table(seed: int, source: tuple, masked: bool) -> np.ndarray:
    """Logits after each beginning of up to LONGEST tokens: (V, …, V, LONGEST, V), float64."""
    model, source_ids = tiny_model(seed), np.array([source], "int32")
    prefixes = np.array(list(itertools.product(range(V), repeat=LONGEST)), "int32")
    encoded = ops.repeat(model.encoder(source_ids), len(prefixes), axis=0)
    mask = create_padding_mask(source_ids, PAD) if masked else None
    logits = model.output_layer(model.decoder(prefixes, encoded, cross_attention_mask=mask))
    return ops.convert_to_numpy(logits).astype("float64").reshape(*[V] * LONGEST, LONGEST, V)


def logits_after(model, source, prefix, masked=True) -> np.ndarray:
    """What the model gives each next word after a beginning, (V,)."""
    beginning = tuple(int(token) for token in prefix) + (PAD,) * (LONGEST - len(prefix))
    return logits_table(model.seed, tuple(source.tolist()), masked)[beginning][len(prefix) - 1]


def eager(function, model, *constants):
    """In place of `decoding.compiled`: for so little, compiling would take longer than running."""
    return lambda *args: function(model, *constants, *args)


def wide(ids, max_length):
    """Ids with as many columns as there may be: how much padding stands behind the longest is left open."""
    if ids is None:
        return None
    ids = np.asarray(ops.convert_to_numpy(ids) if ops.is_tensor(ids) else ids)
    if ids.ndim != 2 or ids.shape[1] >= max_length:
        return ids
    return np.pad(ids, ((0, 0), (0, max_length - ids.shape[1])), constant_values=PAD)


def up_to_the_end(row):
    """Up to the first end."""
    return row[: row.index(END)] if END in row else row


SOURCES = np.array([[3, 7, 5, 8, 4], [6, 4, 8, 3, 7], [5, 3, 6, 0, 0]], "int32")  # the last is shorter


TARGETS = np.array([[START, 4, 3, 5, 3], [START, 5, 5, 4, 4], [START, 3, 4, 4, 5]], "int32")
