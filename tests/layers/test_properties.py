"""What no Transformer may do: see the future, notice padding, mix sentences, or make NaN of a blind query."""

import math

import keras
import numpy as np
import pytest
from keras import ops

from utils.layers import (
    Decoder,
    DecoderLayer,
    Encoder,
    EncoderLayer,
    FeedForward,
    MultiHeadAttention,
    Transformer,
    count_parameters,
    create_look_ahead_mask,
    positional_encoding,
    scaled_dot_product_attention,
)

from .harness import (
    BACKEND,
    DECODER,
    DECODER_LAYER_INPUTS,
    ENCODER,
    FIRST_CASE,
    SOURCE,
    SOURCE_VOCABULARY,
    TARGET,
    TARGET_VOCABULARY,
    B,
    D,
    H,
    S,
    T,
    array,
    assert_close,
    gradients,
    jit,
    numpy_of,
    random_mask,
    randomise,
    weighted_sum,
)

both_norms = pytest.mark.parametrize("norm", ["post", "pre"])
SCORES = {"return_attention_scores": True}


def make(layer, **arguments):
    return FIRST_CASE[layer].make(**arguments)


# Causality


@both_norms
@pytest.mark.parametrize("layer", [Transformer, Decoder, DecoderLayer])
def test_no_position_sees_a_later_one(layer, norm):
    model, encoded = make(layer, norm=norm), DECODER_LAYER_INPUTS["encoder_output"]

    def run(target):
        if layer is Transformer:
            return numpy_of(model((SOURCE, target)))[0]
        mask = {"self_attention_mask": create_look_ahead_mask(T)} if layer is DecoderLayer else {}
        return numpy_of(model(target, encoded, **mask))[0]

    target = array(B, T, D) if layer is DecoderLayer else np.where(TARGET == 0, 1, TARGET)
    before = run(target)
    for t in range(T):
        changed = target.copy()
        changed[:, t] = changed[:, t] % (TARGET_VOCABULARY - 1) + 1
        after = run(changed)
        np.testing.assert_allclose(after[:, :t], before[:, :t], rtol=0, atol=1e-6)
        assert (np.abs(after[:, t:] - before[:, t:]).max(axis=(0, 2)) > 1e-4).all()  # itself and all later


def test_every_position_sees_the_whole_source():
    model = make(Transformer)
    before = numpy_of(model((SOURCE, TARGET)))[0]
    for s in range(4):  # neither sentence has padding there
        changed = SOURCE.copy()
        changed[:, s] = changed[:, s] % (SOURCE_VOCABULARY - 1) + 1
        after = numpy_of(model((changed, TARGET)))[0]
        assert (np.abs(after - before).max(axis=-1) > 1e-5).all()


# Padding and batches


@both_norms
@pytest.mark.parametrize("more", [(3, 0), (0, 2), (1, 3)])
def test_more_padding_changes_nothing(norm, more):
    model = make(Transformer, norm=norm)
    padded = [np.pad(ids, ((0, 0), (0, n))) for ids, n in zip((SOURCE, TARGET), more, strict=True)]
    assert_close(model(padded)[:, :T], model((SOURCE, TARGET)))


def test_what_stands_at_a_masked_position_changes_nothing():
    encoder, keep = make(Encoder), np.arange(S) != 2
    mask = np.broadcast_to(keep, (B, 1, 1, S))
    changed = SOURCE.copy()
    changed[:, 2] = changed[:, 2] % (SOURCE_VOCABULARY - 1) + 1
    before, after = (numpy_of(encoder(ids, attention_mask=mask))[0] for ids in (SOURCE, changed))
    assert_close(after[:, keep], before[:, keep], atol=1e-6)
    assert np.abs(after - before).max() > 1e-3


@both_norms
def test_sentences_do_not_mix(norm):
    model = make(Transformer, norm=norm)
    together = numpy_of(model((SOURCE, TARGET)))[0]
    for b in range(B):
        assert_close(model((SOURCE[b : b + 1], TARGET[b : b + 1])), together[b : b + 1])
    assert_close(model((SOURCE[::-1].copy(), TARGET[::-1].copy())), together[::-1])


def test_positions_matter():
    encoder = make(Encoder)
    ids = np.full((1, S), 4, "int32")
    output = numpy_of(encoder(ids))[0][0]
    assert all(np.abs(output[i] - output[j]).max() > 1e-3 for i in range(S) for j in range(i))


# Attention scores


def test_scores_of_the_whole_model():
    _, scores = make(Transformer, num_layers=2)((SOURCE, TARGET), **SCORES)
    kinds = ("encoder/{}/self", "decoder/{}/self", "decoder/{}/cross")
    assert set(scores) == {kind.format(n) for kind in kinds for n in range(2)}
    for name, score in scores.items():
        score = ops.convert_to_numpy(score)
        queries, keys = (SOURCE, SOURCE) if "encoder" in name else (TARGET, SOURCE if "cross" in name else TARGET)
        assert score.shape == (B, H, queries.shape[1], keys.shape[1])
        allowed = np.broadcast_to((keys != 0)[:, np.newaxis, np.newaxis], score.shape)
        if name.startswith("decoder") and name.endswith("self"):
            allowed = allowed & np.tri(T, dtype=bool)
        np.testing.assert_array_equal(score > 0, allowed)
        np.testing.assert_allclose(score.sum(axis=-1), 1, atol=1e-6)


def test_pad_id_and_masks_of_the_parts():
    """The model's own masks are those that its parts build, and that a caller may pass."""
    model = make(Transformer, pad_id=3)
    mask = (SOURCE != 3)[:, np.newaxis, np.newaxis]
    encoded = model.encoder(SOURCE)
    assert_close(encoded, model.encoder(SOURCE, attention_mask=mask), atol=0)
    decoded = model.decoder(TARGET, encoded, cross_attention_mask=mask)
    own = np.tri(T, dtype=bool) & (TARGET != 3)[:, np.newaxis, np.newaxis]
    explicit = model.decoder(TARGET, encoded, self_attention_mask=own, cross_attention_mask=mask)
    assert_close(decoded, explicit, atol=0)
    assert_close(model.output_layer(decoded), model((SOURCE, TARGET)), atol=0)


# Queries that may look nowhere


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_a_blind_query_gets_zeros(dtype, compiled):
    layer = MultiHeadAttention(H, 4, dtype=dtype)
    inputs = [ops.cast(x, dtype) for x in (array(B, T, D), array(B, S, D))]
    layer(*inputs)
    bias = randomise(layer).get_weights()[-1]
    mask = random_mask(B, T, S)
    mask[:, 1] = False

    def both(query, value):
        return layer(query, value, attention_mask=mask), layer(query, value, attention_mask=mask, **SCORES)

    outputs = (jit(both) if compiled and BACKEND != "torch" else both)(*inputs)
    plain, output, scores = numpy_of(keras.tree.map_structure(lambda x: ops.cast(x, "float32"), outputs))
    for x in (plain, output, scores):
        assert np.isfinite(x).all()
    np.testing.assert_array_equal(scores[:, :, 1], 0)
    for x in (plain, output):
        np.testing.assert_array_equal(x[:, 1], np.broadcast_to(bias.astype("float32"), (B, D)))
    others = np.arange(T) != 1
    np.testing.assert_allclose(scores[:, :, others].sum(-1), 1, atol={"float32": 1e-6}.get(dtype, 2e-2))

    weighted = jit(scaled_dot_product_attention) if compiled else scaled_dot_product_attention
    nothing = ops.zeros((S, S), dtype="bool")
    assert all(not x.any() for x in numpy_of(weighted(inputs[1], inputs[1], inputs[1], nothing)))


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_gradients_through_a_blind_query_are_finite(dtype):
    layer = MultiHeadAttention(H, 4, dtype=dtype)
    inputs = [ops.cast(x, dtype) for x in (array(B, T, D), array(B, S, D))]
    layer(*inputs)
    randomise(layer)
    mask = random_mask(B, T, S)
    mask[:, 1] = False

    def loss(query, value):
        return weighted_sum(layer(query, value, attention_mask=mask, **SCORES))

    found = gradients(loss, layer.trainable_weights, inputs)
    assert all(np.isfinite(g).all() for g in found)
    assert not found[-2][:, 1].any() and found[-2][:, 0].any()  # the blind query learns nothing


@both_norms
@pytest.mark.parametrize("policy", ["float32", "mixed_float16", "mixed_bfloat16"])
def test_a_source_and_a_target_of_padding_alone(policy, norm):
    model = make(Transformer, dtype=policy, norm=norm)
    logits, scores = model((np.zeros_like(SOURCE), np.zeros_like(TARGET)), **SCORES)
    assert np.isfinite(ops.convert_to_numpy(ops.cast(logits, "float32"))).all()
    assert not any(ops.convert_to_numpy(ops.cast(score, "float32")).any() for score in scores.values())


# Parameter counts


@pytest.mark.parametrize(
    "sizes", [(1, 12, 3, 20, 11, 13), (2, 8, 1, 5, 3, 4), (3, 16, 8, 64, 30, 7), (1, 6, 6, 1, 1, 1)]
)
def test_count_parameters(sizes):
    model = Transformer(*sizes, 9, 8)
    model.build(((None, 9), (None, 8)))
    assert model.count_params() == count_parameters(*sizes) == sum(w.size for w in model.get_weights())


# Dropout


def dropped(layer, *args, **kwargs):
    """One output in training, after checking that none is dropped at inference, whichever way one says so."""
    first = layer(*args, **kwargs)
    assert_close(layer(*args, **kwargs, training=False), first, atol=0)
    return numpy_of(layer(*args, **kwargs, training=True))[0]


def assert_dropped(values, kept, rate):
    """Some `rate` of the values are zero, and the others `kept`, larger by as much as the zeros took."""
    zero = values == 0
    assert abs(zero.mean() - rate) < 0.05
    np.testing.assert_allclose(values[~zero], (kept / (1 - rate))[~zero], rtol=1e-4, atol=1e-5)


def test_dropout_on_attention_weights():
    layer, length = MultiHeadAttention(1, 30, dropout=0.3), 30
    query, value = array(8, length, length), np.broadcast_to(np.eye(length, dtype="float32"), (8, length, length))
    layer(query, value)
    weights = layer.get_weights()
    weights[4], weights[6] = np.eye(length)[:, np.newaxis], np.eye(length)[np.newaxis]  # output = weights
    layer.set_weights(weights)
    output, scores = numpy_of(layer(query, value, **SCORES, training=True))
    np.testing.assert_allclose(scores.sum(-1), 1, atol=1e-5)  # what is returned has not been dropped
    for values in (output, dropped(layer, query, value)):
        assert_dropped(values, scores[:, 0], 0.3)


def test_dropout_on_the_feed_forward_output():
    layer, x = FeedForward(30, 7, dropout_rate=0.4), array(20, 5, 30)
    layer(x)
    assert_dropped(dropped(randomise(layer), x), numpy_of(layer(x))[0], 0.4)


@pytest.mark.parametrize(
    "layer, part",
    [
        (EncoderLayer, "self_attention"),
        (EncoderLayer, "feed_forward"),
        (DecoderLayer, "self_attention"),
        (DecoderLayer, "cross_attention"),
        (DecoderLayer, "feed_forward"),
    ],
)
def test_dropout_on_every_sub_layer(layer, part):
    """All sub-layers give zeros but one, which gives ones: the residual adds what dropout left of them."""
    layer, x = layer(30, 3, 7, dropout_rate=0.4, norm="pre"), array(20, 5, 30)
    inputs = (x, x) if isinstance(layer, DecoderLayer) else (x,)
    layer(*inputs)
    layer.set_weights([np.zeros(w.shape) for w in layer.weights])
    bias = getattr(layer, part).weights[-1]
    bias.assign(np.ones(bias.shape))
    assert_dropped(dropped(layer, *inputs) - x, np.ones_like(x), 0.4)


@pytest.mark.parametrize("layer, arguments", [(Encoder, ENCODER), (Decoder, DECODER)])
def test_what_enters_the_first_layer(layer, arguments):
    """Embedding times √D plus positions; in training, dropped."""
    layer = layer(**arguments | {"dropout_rate": 0.4, "embedding_dim": 30})
    ids = np.random.default_rng(0).integers(1, 11, (20, 8)).astype("int32")
    inputs = (ids,) if isinstance(layer, Encoder) else (ids, array(20, S, 30))
    layer(*inputs)
    randomise(layer)
    parts = layer.encoder_layers if isinstance(layer, Encoder) else layer.decoder_layers
    seen = []
    parts[0].call = lambda x, *args, **kwargs: seen.append(x) or (x, *(None,) * len(inputs))
    layer(*inputs, training=False), layer(*inputs, training=True)
    plain, in_training = numpy_of(seen)
    table = layer.embedding.get_weights()[0]
    assert_close(plain, table[ids] * math.sqrt(30) + numpy_of(positional_encoding(8, 30))[0])
    assert_dropped(in_training, plain, 0.4)
