"""Every argument of every constructor does something; wrong ones are refused, with what was received."""

import dataclasses
import functools
import inspect
import re

import keras
import numpy as np
import pytest
from keras import ops

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
    combine_masks,
    create_padding_mask,
    mask_to_additive,
    merge_heads,
    positional_encoding,
    rotary_embedding,
    scaled_dot_product_attention,
    shift_matrix,
    split_heads,
)

from .harness import EVERY_LAYER, FIRST_CASE, SOURCE, TARGET, B, D, F, H, S, T, array, numpy_of, random_mask

ONE_LAYER = {
    "embedding_dim": (18, "shapes"),
    "num_heads": (4, "shapes"),
    "fully_connected_dim": (21, "shapes"),
    "dropout_rate": (0.5, "training"),
    "layernorm_eps": (0.3, "outputs"),
    "norm": ("pre", "outputs"),
    "activation": ("relu", "outputs"),
}
STACK = ONE_LAYER | {
    "num_layers": (3, "shapes"),
    "norm": ("pre", "shapes"),  # one more norm at the end
    "pad_id": (4, "outputs"),
}
BLOCK = {
    **{name: change for name, change in ONE_LAYER.items() if name != "num_heads"},
    "num_heads": (2, "shapes"),
    "num_key_value_heads": (3, "shapes"),
    "rotary_base": (10.0, "outputs"),
    "norm_kind": ("rms", "shapes"),
    "gated": (True, "shapes"),
    "activation": ("tanh", "outputs"),
    "use_bias": (False, "shapes"),
}
CHANGES = {  # another value of the argument, and what it changes beside the case in the harness
    PositionalEncoding: {"max_length": (T - 1, "limit")},
    PaddingMask: {"pad_id": (4, "outputs")},
    LookAheadMask: {},
    ScaledDotProductAttention: {},
    MultiHeadAttention: {
        "num_heads": (4, "shapes"),
        "key_dim": (5, "shapes"),
        "value_dim": (5, "shapes"),
        "dropout": (0.5, "training"),
        "use_bias": (False, "shapes"),
    },
    FeedForward: {
        "embedding_dim": (18, "shapes"),
        "fully_connected_dim": (21, "shapes"),
        "activation": ("relu", "outputs"),
        "dropout_rate": (0.5, "training"),
    },
    EncoderLayer: ONE_LAYER,
    DecoderLayer: ONE_LAYER,
    Encoder: STACK | {"input_vocab_size": (12, "shapes"), "maximum_position_encoding": (S - 1, "limit")},
    LanguageModel: STACK
    | {"norm": ("post", "shapes"), "input_vocab_size": (14, "shapes"), "maximum_position_encoding": (T - 1, "limit")},
    Decoder: STACK | {"target_vocab_size": (14, "shapes"), "maximum_position_encoding": (T - 1, "limit")},
    SwiGLU: {
        "embedding_dim": (18, "shapes"),
        "fully_connected_dim": (21, "shapes"),
        "activation": ("relu", "outputs"),
        "use_bias": (True, "shapes"),
        "dropout_rate": (0.5, "training"),
    },
    GroupedQueryAttention: {
        "num_heads": (3, "shapes"),
        "key_dim": (6, "shapes"),
        "num_key_value_heads": (2, "shapes"),
        "dropout": (0.5, "training"),
        "use_bias": (False, "shapes"),
        "rotary_base": (10.0, "outputs"),
    },
    Block: BLOCK,
    BlockStack: {name: change for name, change in BLOCK.items() if name != "rotary_base"}
    | {
        "num_layers": (3, "shapes"),
        "norm": ("pre", "shapes"),
        "input_vocab_size": (14, "shapes"),
        "positions": ("rotary", "outputs"),
        "rotary_base": (10.0, "rotary"),
        "scale_embedding": (False, "outputs"),
        "maximum_position_encoding": (T - 1, "limit"),
    },
    Transformer: {name: change for name, change in STACK.items() if name != "activation"}
    | {
        "input_vocab_size": (12, "shapes"),
        "target_vocab_size": (14, "shapes"),
        "max_positional_encoding_input": (S - 1, "limit"),
        "max_positional_encoding_target": (T - 1, "limit"),
    },
}


def arguments(layer):
    """The names of the constructor's own arguments: none where it is Keras'."""
    own = vars(layer).get("__init__", lambda: None)
    return [name for name in inspect.signature(own).parameters if name not in ("self", "kwargs")]


@pytest.mark.parametrize("layer, name", [(layer, name) for layer in EVERY_LAYER for name in arguments(layer)])
def test_every_argument_changes_something(layer, name):
    value, what = CHANGES[layer][name]
    case = FIRST_CASE[layer]
    if what == "limit":
        with pytest.raises(ValueError, match=f"max_length={value}"):
            case.make(**{name: value})
        return
    before, inputs = unchanged(case.layer), case.inputs
    if what == "rotary":  # it is used where positions turn
        before, value, what = case.make(positions="rotary"), value, "outputs"
        case = dataclasses.replace(case, arguments=case.arguments | {"positions": "rotary"})
    if name == "embedding_dim":  # the width of the inputs goes with it
        inputs = keras.tree.map_structure(lambda x: array(*x.shape[:-1], value) if x.shape[-1] == D else x, inputs)
    after = layer(**case.arguments | {name: value})
    after(**keras.tree.map_structure(lambda x: keras.Input(x.shape[1:], dtype=x.dtype.name), inputs))
    same_shapes = [w.shape for w in before.weights] == [w.shape for w in after.weights]
    assert same_shapes == (what != "shapes")
    if same_shapes:
        after.set_weights(before.get_weights())
        options = {"training": True} if what == "training" else {}
        assert differ(before(**inputs), after(**inputs)) == (what == "outputs")
        assert differ(before(**inputs, **options), after(**inputs, **options))


@functools.cache
def unchanged(layer):
    return FIRST_CASE[layer].make()


def differ(a, b):
    return any(
        np.abs(x.astype("float32") - y.astype("float32")).max() > 1e-3
        for x, y in zip(numpy_of(a), numpy_of(b), strict=True)
    )


def test_the_table_names_no_argument_that_is_gone():
    assert {layer: set(names) for layer, names in CHANGES.items()} == {
        layer: set(arguments(layer)) for layer in EVERY_LAYER
    }


# Refusals

LAYER, STACKED = (D, H, F), (1, D, H, F, 11, 9)
X, ENCODED = array(B, T, D), array(B, S, D)
Q, K = array(B, H, T, 4), array(B, H, S, 4)


def attend(mask):
    return lambda: scaled_dot_product_attention(Q, K, K, mask)


def attend_layer(mask):
    return lambda: MultiHeadAttention(H, 4)(X, ENCODED, attention_mask=mask)


def with_id(value):
    ids = SOURCE.copy()
    ids[1, 2] = value
    return ids


REFUSALS = {
    "heads do not divide the width": (lambda: split_heads(array(B, T, 10), 3), "width=10, num_heads=3"),
    "… of an encoder layer": (lambda: EncoderLayer(10, 3, F), "width=10, num_heads=3"),
    "… of a decoder layer": (lambda: DecoderLayer(10, 4, F), "width=10, num_heads=4"),
    "… of a model": (lambda: Transformer(1, 10, 3, F, 5, 5, 9, 9), "width=10, num_heads=3"),
    "no heads to split into": (lambda: split_heads(X, 0), "num_heads=0"),
    "no heads": (lambda: MultiHeadAttention(0, 4), "num_heads=0"),
    "no heads in a layer": (lambda: EncoderLayer(D, 0, F), "num_heads=0"),
    "half a head": (lambda: MultiHeadAttention(1.5, 4), "num_heads=1.5"),
    "heads by truth value": (lambda: MultiHeadAttention(True, 4), "num_heads=True"),
    "no key width": (lambda: MultiHeadAttention(H, 0), "key_dim=0"),
    "no value width": (lambda: MultiHeadAttention(H, 4, value_dim=0), "value_dim=0"),
    "negative width": (lambda: FeedForward(-1, F), "embedding_dim=-1"),
    "no hidden width": (lambda: EncoderLayer(D, H, 0), "fully_connected_dim=0"),
    "heads that no group can share": (lambda: GroupedQueryAttention(6, 4, 4), "num_heads=6, num_key_value_heads=4"),
    "… of a block": (lambda: Block(D, 4, F, 3), "num_heads=4, num_key_value_heads=3"),
    "… of a stack": (lambda: BlockStack(1, D, 4, F, 11, 8), "num_heads=4, num_key_value_heads=8"),
    "no group": (lambda: GroupedQueryAttention(6, 4, 0), "num_key_value_heads=0"),
    "unknown kind of norm": (lambda: Block(D, H, F, norm_kind="RMS"), "norm_kind='RMS'"),
    "unknown positions": (lambda: BlockStack(1, D, H, F, 11, positions="rope"), "positions='rope'"),
    "unknown layout": (lambda: rotary_embedding(X, layout="half"), "layout='half'"),
    "odd width to turn": (lambda: rotary_embedding(array(B, T, 5)), "d=5"),
    "text longer than its positions": (
        lambda: BlockStack(1, D, H, F, 13, maximum_position_encoding=4)(TARGET),
        "(2, 5, 12)",
    ),
    "no layers": (lambda: Encoder(0, *STACKED[1:]), "num_layers=0"),
    "no vocabulary": (lambda: Decoder(1, *LAYER, 0, 9), "target_vocab_size=0"),
    "no positions": (lambda: PositionalEncoding(0), "max_length=0"),
    "no positions to encode": (lambda: positional_encoding(0, 4), "positions=0"),
    "unknown norm": (lambda: EncoderLayer(*LAYER, norm="Pre"), "norm='Pre'"),
    "unknown norm of a decoder": (lambda: Decoder(*STACKED, norm="layer"), "norm='layer'"),
    "dropout of all": (lambda: MultiHeadAttention(H, 4, dropout=1.0), "dropout=1.0"),
    "dropout in per cent": (lambda: Transformer(1, *LAYER, 5, 5, 9, 9, dropout_rate=10), "rate=10"),
    "negative dropout": (lambda: FeedForward(D, F, dropout_rate=-0.1), "dropout_rate=-0.1"),
    "odd width": (lambda: positional_encoding(5, 7), "d=7"),
    "odd width of a shift": (lambda: shift_matrix(1, 9), "d=9"),
    "odd width of an encoder": (lambda: Encoder(1, 9, 3, F, 11, 9)(SOURCE), "d=9"),
    "three axes for two": (lambda: create_padding_mask(X), "(2, 5, 12)"),
    "ids with three axes": (lambda: Encoder(*STACKED)(SOURCE[..., np.newaxis]), "(2, 7, 1)"),
    "ids with one axis": (lambda: Decoder(*STACKED)(TARGET[0], ENCODED), "(5,)"),
    "symbolic ids with three axes": (lambda: Encoder(*STACKED)(keras.Input((7, 1), dtype="int32")), "(None, 7, 1)"),
    "split of two axes": (lambda: split_heads(X[0], 3), "(5, 12)"),
    "merge of three axes": (lambda: merge_heads(X), "(2, 5, 12)"),
    "positions for two axes": (lambda: PositionalEncoding(9)(X[0]), "(5, 12)"),
    "look-ahead of one axis": (lambda: LookAheadMask()(X[0, 0]), "(12,)"),
    "mask of one axis": (attend(np.ones(S, bool)), "(7,)"),
    "mask of five axes": (attend(np.ones((1, B, H, T, S), bool)), "(1, 2, 3, 5, 7)"),
    "mask of three axes for two": (
        lambda: scaled_dot_product_attention(X[0], X[0], X[0], random_mask(B, T, T)),
        "(2, 5, 5)",
    ),
    "mask transposed": (attend(random_mask(S, T)), "(7, 5)"),
    "mask of a batch transposed": (attend_layer(random_mask(B, S, T)), "(2, 7, 5)"),
    "symbolic mask transposed": (
        lambda: MultiHeadAttention(H, 4)(
            keras.Input((T, D)), keras.Input((S, D)), attention_mask=keras.Input((S, T), dtype="bool")
        ),
        "7, 5)",
    ),
    "mask of another batch": (attend_layer(random_mask(4, T, S)), "(4, 5, 7)"),
    "mask of other heads": (attend_layer(random_mask(B, 2, T, S)), "(2, 2, 5, 7)"),
    "target's padding for the source's": (attend_layer(create_padding_mask(TARGET)), "(2, 1, 1, 5)"),
    "padding mask without axes": (attend_layer(TARGET != 0), "(2, 5)"),
    "source longer than its positions": (lambda: Encoder(1, *LAYER, 11, 6)(SOURCE), "(2, 7, 12)"),
    "target longer than its positions": (lambda: Decoder(1, *LAYER, 13, 4)(TARGET, ENCODED), "(2, 5, 12)"),
    "symbolic source too long": (
        lambda: Encoder(1, *LAYER, 11, 6)(keras.Input((7,), dtype="int32")),
        "(None, 7, 12)",
    ),
    "start beyond the end": (lambda: PositionalEncoding(9)(X, start=5), "start=5"),
    "start beyond the end, a tensor": (lambda: PositionalEncoding(9)(X, start=ops.convert_to_tensor(6)), "start=6"),
    "start before the beginning": (lambda: PositionalEncoding(9)(X, start=-1), "start=-1"),
    "id beyond the vocabulary": (lambda: Encoder(*STACKED)(with_id(11)), "id 11"),
    "negative id": (lambda: Encoder(*STACKED)(with_id(-1)), "id -1"),
    "target id beyond the vocabulary": (lambda: Decoder(*STACKED)(with_id(300), ENCODED), "id 300"),
    "id beyond the vocabulary of a model": (
        lambda: Transformer(1, *LAYER, 11, 9, 9, 9)((SOURCE, np.full((B, T), 9))),
        "id 9",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refuses_and_says_what_it_received(name):
    call, received = REFUSALS[name]
    with pytest.raises(ValueError, match="(?s)Received.*" + re.escape(received)):
        call()


@pytest.mark.parametrize("dtype", ["float32", "int32", "uint8"])
@pytest.mark.parametrize(
    "use",
    [
        lambda mask: scaled_dot_product_attention(Q, K, K, mask),
        lambda mask: MultiHeadAttention(H, 4)(X, ENCODED, attention_mask=mask),
        lambda mask: ScaledDotProductAttention()(X, ENCODED, attention_mask=mask),
        lambda mask: combine_masks(mask, random_mask(B, T, S)),
        mask_to_additive,
    ],
)
def test_refuses_masks_of_numbers(use, dtype):
    with pytest.raises(TypeError, match=f"must be boolean, True = may attend. Received: dtype {dtype}"):
        use(np.ones((T, S), dtype))
