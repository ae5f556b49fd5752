"""What the tests share: a small example of every layer, and every backend's gradients and compiler."""

import dataclasses
import inspect
import math

import keras
import numpy as np
from keras import ops

import utils.layers
from utils.layers import (
    Block,
    BlockStack,
    Decoder,
    DecoderLayer,
    Encoder,
    EncoderLayer,
    FeedForward,
    GroupedQueryAttention,
    LanguageModel,
    LookAheadMask,
    MultiHeadAttention,
    PaddingMask,
    PositionalEncoding,
    ScaledDotProductAttention,
    SwiGLU,
    Transformer,
)

BACKEND = keras.backend.backend()
B, T, S, H, D, F = 2, 5, 7, 3, 12, 20  # all different, so that no axis can stand in for another
SOURCE_VOCABULARY, TARGET_VOCABULARY = 11, 13
EVERY_LAYER = [layer for name in utils.layers.__all__ if inspect.isclass(layer := getattr(utils.layers, name))]


def array(*shape, seed=0):
    """Normally distributed float32 numbers."""
    return np.random.default_rng([seed, *shape]).normal(size=shape).astype("float32")


def token_ids(length, vocabulary, padding=1, batch=B):
    """Sentences (batch, length) of ids from 1; the last of them ends in `padding` zeros."""
    ids = np.random.default_rng([length, vocabulary]).integers(1, vocabulary, (batch, length)).astype("int32")
    ids[-1, length - padding :] = 0
    return ids


def random_mask(*shape, seed=0):
    """A mask in which every query may attend somewhere."""
    rng = np.random.default_rng([seed, *shape])
    mask = rng.random(shape) < 0.5
    np.put_along_axis(mask, rng.integers(0, shape[-1], (*shape[:-1], 1)), True, axis=-1)
    return mask


@dataclasses.dataclass(frozen=True)
class Case:
    """A layer, what it is made with, what it is called on, and how many weights it then has."""

    layer: type
    arguments: dict
    inputs: dict
    weights: int = 0
    note: str = ""

    def __str__(self):
        return self.layer.__name__ + self.note

    def make(self, seed=1, **arguments):
        """A built layer with random weights: a fresh one's biases are all zero and would hide mistakes."""
        layer = self.layer(**self.arguments | arguments)
        layer(**self.symbols(dynamic=False))  # builds it, without computing anything
        return randomise(layer, seed)

    def symbols(self, dynamic=True):
        """The inputs as `keras.Input`s: no batch size and, where `dynamic`, only the last width known."""

        def symbol(x):
            width = x.shape[x.ndim - (x.dtype == "float32") :]
            unknown = [1 if n == 1 else None for n in x.shape[: x.ndim - len(width)]]
            return keras.Input((*unknown, *width)[1:] if dynamic else x.shape[1:], dtype=x.dtype.name)

        return keras.tree.map_structure(symbol, self.inputs)

    def model(self, layer):
        """A functional model that contains the layer, on inputs of unknown length."""
        symbols = self.symbols()
        return keras.Model(keras.tree.flatten(list(symbols.values())), layer(**symbols))


def randomise(layer, seed=1):
    """Gives every weight random values of a size that keeps the outputs around one."""
    rng = np.random.default_rng(seed)
    values = [rng.normal(size=w.shape) / math.sqrt(w.shape[0]) for w in layer.weights]
    layer.set_weights([v + (w.name == "gamma") for v, w in zip(values, layer.weights, strict=True)])
    return layer


def numpy_of(outputs):
    """Nested outputs as a flat list of arrays; a dict in the order of its keys."""
    return [ops.convert_to_numpy(x) for x in keras.tree.flatten(outputs)]


def assert_close(actual, expected, atol=1e-5):
    """Compares nested outputs number by number and shape by shape."""
    actual, expected = numpy_of(actual), numpy_of(expected)
    assert len(actual) == len(expected)
    for a, e in zip(actual, expected, strict=True):
        assert a.shape == e.shape
        np.testing.assert_allclose(a.astype("float64"), e.astype("float64"), rtol=0, atol=atol)


def accepts(layer, name):
    """Whether the layer's call has an argument of that name."""
    return name in inspect.signature(layer.call).parameters


def jit(function):
    """The function compiled by the backend: XLA for TensorFlow and JAX, Dynamo's graphs for PyTorch."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        return tf.function(function, jit_compile=True, autograph=False)
    if BACKEND == "jax":
        import jax

        return jax.jit(function)
    import torch

    return torch.compile(function, backend="eager", dynamic=False)  # C++ code for each test would take minutes


def gradients(function, weights, inputs):
    """The gradients of a scalar `function(*inputs)` by every weight and every input, as arrays."""
    inputs = [ops.convert_to_tensor(x) for x in inputs]
    if BACKEND == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(inputs)
            loss = function(*inputs)
        found = tape.gradient(loss, [w.value for w in weights] + inputs)
        return [tf.convert_to_tensor(g).numpy() for g in found]
    if BACKEND == "jax":
        import jax

        def stateless(values, inputs):
            with keras.StatelessScope(state_mapping=list(zip(weights, values, strict=True))):
                return function(*inputs)

        found = jax.grad(stateless, argnums=(0, 1))([w.value for w in weights], inputs)
        return [np.asarray(g) for g in found[0] + found[1]]
    import torch

    inputs = [x.clone().requires_grad_() for x in inputs]
    found = torch.autograd.grad(function(*inputs), [w.value for w in weights] + inputs)
    return [g.detach().numpy() for g in found]


def weighted_sum(outputs, seed=0):
    """A scalar in which every output number has its own random weight, so that no gradient cancels out."""
    return sum(ops.sum(x * ops.cast(array(*x.shape, seed=seed), x.dtype)) for x in keras.tree.flatten(outputs))


ATTENTION_INPUTS = {
    "query": array(B, T, D),
    "value": array(B, S, F),
    "key": array(B, S, D),
    "attention_mask": random_mask(B, T, S),
}
SOURCE, TARGET = token_ids(S, SOURCE_VOCABULARY, 3), token_ids(T, TARGET_VOCABULARY)
SIZES = {"embedding_dim": D, "num_heads": H, "fully_connected_dim": F}
ONE = {**SIZES, "dropout_rate": 0.0, "activation": "gelu"}
ENCODER = {**ONE, "num_layers": 2, "input_vocab_size": SOURCE_VOCABULARY, "maximum_position_encoding": 9}
LANGUAGE_MODEL = {**ONE, "num_layers": 2, "input_vocab_size": TARGET_VOCABULARY, "maximum_position_encoding": 9}
DECODER = {**ONE, "num_layers": 2, "target_vocab_size": TARGET_VOCABULARY, "maximum_position_encoding": 8}
TRANSFORMER = {
    **SIZES,
    "num_layers": 1,
    "input_vocab_size": SOURCE_VOCABULARY,
    "target_vocab_size": TARGET_VOCABULARY,
    "max_positional_encoding_input": 10,
    "max_positional_encoding_target": 8,
    "dropout_rate": 0.0,
}
ENCODER_LAYER_INPUTS = {"x": array(B, T, D), "attention_mask": random_mask(B, T, T)}
DECODER_LAYER_INPUTS = {
    "x": array(B, T, D),
    "encoder_output": array(B, S, D),
    "self_attention_mask": np.tril(np.ones((B, T, T), bool)),
    "cross_attention_mask": random_mask(B, 1, 1, S),
}
DECODER_INPUTS = {
    "token_ids": TARGET,
    "encoder_output": array(B, S, D),
    "cross_attention_mask": random_mask(B, 1, 1, S),
}
PRE = {"norm": "pre"}
GROUPS, HEADS = 3, 6
BLOCK = {"embedding_dim": D, "num_heads": H, "fully_connected_dim": F, "num_key_value_heads": 1}
SINCE = {"norm_kind": "rms", "norm": "pre", "gated": True, "activation": "silu", "use_bias": False}
STACK = {**BLOCK, "num_layers": 2, "input_vocab_size": TARGET_VOCABULARY}
CASES = [
    Case(PositionalEncoding, {"max_length": 9}, {"x": array(B, T, D)}),
    Case(PaddingMask, {"pad_id": 0}, {"token_ids": SOURCE}),
    Case(LookAheadMask, {}, {"x": TARGET}),
    Case(ScaledDotProductAttention, {}, ATTENTION_INPUTS),
    Case(MultiHeadAttention, {"num_heads": H, "key_dim": 4, "value_dim": 6}, ATTENTION_INPUTS, 8),
    Case(MultiHeadAttention, {"num_heads": H, "key_dim": 4, "use_bias": False}, ATTENTION_INPUTS, 4, " no bias"),
    Case(FeedForward, {"embedding_dim": D, "fully_connected_dim": F, "activation": "gelu"}, {"x": array(B, T, D)}, 4),
    Case(EncoderLayer, ONE, ENCODER_LAYER_INPUTS, 16),
    Case(DecoderLayer, ONE, DECODER_LAYER_INPUTS, 26),
    Case(Encoder, ENCODER, {"token_ids": SOURCE}, 1 + 2 * 16),
    Case(Encoder, ENCODER | PRE, {"token_ids": SOURCE}, 1 + 2 * 16 + 2, " pre"),
    Case(LanguageModel, LANGUAGE_MODEL, {"token_ids": TARGET}, 1 + 2 * 16 + 2 + 2),
    Case(LanguageModel, LANGUAGE_MODEL | {"norm": "post"}, {"token_ids": TARGET}, 1 + 2 * 16 + 2, " post"),
    Case(Decoder, DECODER, DECODER_INPUTS, 1 + 2 * 26),
    Case(Decoder, DECODER | PRE, DECODER_INPUTS, 1 + 2 * 26 + 2, " pre"),
    Case(Transformer, TRANSFORMER, {"inputs": (SOURCE, TARGET)}, 2 + (16 + 26) + 2),
    Case(SwiGLU, {"embedding_dim": D, "fully_connected_dim": F}, {"x": array(B, T, D)}, 3),
    Case(SwiGLU, {"embedding_dim": D, "fully_connected_dim": F, "use_bias": True}, {"x": array(B, T, D)}, 6, " bias"),
    Case(GroupedQueryAttention, {"num_heads": HEADS, "key_dim": 4, "num_key_value_heads": GROUPS}, ATTENTION_INPUTS, 8),
    Case(Block, BLOCK, ENCODER_LAYER_INPUTS, 16),
    Case(Block, BLOCK | SINCE | {"rotary_base": 100.0}, ENCODER_LAYER_INPUTS, 9, " since"),
    Case(BlockStack, STACK, {"token_ids": TARGET}, 1 + 2 * 16 + 1),
    Case(BlockStack, STACK | SINCE | {"positions": "rotary"}, {"token_ids": TARGET}, 1 + 2 * 9 + 2, " since"),
]
FIRST_CASE = {case.layer: case for case in reversed(CASES)}  # the one without a note
