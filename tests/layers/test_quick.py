"""The layers as they are trained on TensorFlow: the numbers and gradients of those whose place they take."""

import keras
import numpy as np
import pytest
from keras import ops

from utils.layers import MultiHeadAttention, quick
from utils.layers.pretrained_encoder import PretrainedEncoder

from .harness import BACKEND, array, random_mask, randomise

here = pytest.mark.skipif(BACKEND != "tensorflow", reason="elsewhere nothing is changed, which is tested below")
SIZES = {"num_layers": 2, "embedding_dim": 12, "num_heads": 3, "fully_connected_dim": 20, "input_vocab_size": 40,
         "maximum_position_encoding": 32}  # fmt: skip
MASKS = {
    "none": None,
    "padding": np.array([[1, 1, 1, 1, 0, 0, 0], [1] * 7], bool)[:, np.newaxis, np.newaxis],
    "(T, S)": random_mask(5, 7),
    "(B, T, S)": random_mask(2, 5, 7),
    "(B, H, T, S)": random_mask(2, 3, 5, 7),
    "some may look nowhere": random_mask(2, 1, 5, 7) & (np.arange(5) != 2)[:, np.newaxis],
}


def gradients(compute, *arrays, upstream):
    """What `compute` gives, and the gradients of its sum weighted by `upstream`, compiled, sizes unknown."""
    import tensorflow as tf

    @tf.function(input_signature=[tf.TensorSpec([None] * (a.ndim - 1) + [a.shape[-1]], a.dtype) for a in arrays])
    def run(*inputs):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            result = compute(*inputs)
            loss = tf.reduce_sum(result * upstream)
        return result, *tape.gradient(loss, inputs)

    return [ops.convert_to_numpy(each) for each in run(*map(tf.constant, arrays))]


def assert_same(found, wanted):
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=2e-6 * max(1, np.abs(b).max()))


@here
@pytest.mark.parametrize("shape", [(3, 8), (2, 5, 12), (2, 3, 4, 16)], ids=str)
@pytest.mark.parametrize("scale, shift", [(1, 0), (1e-3, 0), (100, 30)], ids=str)
def test_norm_is_keras(shape, scale, shift):
    x, gamma, beta = array(*shape) * np.float32(scale) + np.float32(shift), array(shape[-1], seed=1), array(shape[-1])
    upstream = array(*shape, seed=2)
    found = gradients(lambda *a: quick.normalise(*a, 1e-6), x, gamma, beta, upstream=upstream)
    wanted = gradients(lambda *a: ops.layer_normalization(*a, epsilon=1e-6), x, gamma, beta, upstream=upstream)
    for a, b in zip(found, wanted, strict=True):  # far from 0 Keras' own loses digits
        np.testing.assert_allclose(a, b, rtol=1e-3 if shift else 1e-5, atol=2e-5 * np.abs(b).max())


@here
def test_gelu_is_keras_to_the_ends():
    x = np.concatenate([np.linspace(-12, 12, 4801), [-1e4, 1e4, 0]]).astype("float32").reshape(-1, 4)
    upstream = array(*x.shape)
    assert_same(gradients(quick.gelu, x, upstream=upstream), gradients(keras.activations.gelu, x, upstream=upstream))


@here
@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
def test_attention_is_the_courses(mask):
    layer = MultiHeadAttention(3, 4)
    layer.build((2, 5, 12), (2, 7, 12))
    randomise(layer, 1)
    query, value, upstream = array(2, 5, 12), array(2, 7, 12), array(2, 5, 12, seed=3)

    def compute(q, v):
        return layer(q, v, attention_mask=mask)

    wanted = gradients(compute, query, value, upstream=upstream)
    weights = ops.convert_to_numpy(layer(query, value, attention_mask=mask, return_attention_scores=True)[1])
    with quick.layers_of(layer):
        assert type(layer) is quick.Attention
        assert_same(gradients(compute, query, value, upstream=upstream), wanted)
        _, found = layer(query, value, attention_mask=mask, return_attention_scores=True)
        np.testing.assert_allclose(found, weights, atol=1e-6)
    assert type(layer) is MultiHeadAttention


@here
@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("shape", [(101, 73), (7, 3, 50, 31)], ids=str)
def test_dropout_keeps_so_many_and_the_mean(rate, shape):
    layer = keras.layers.Dropout(rate, seed=4)
    x = np.ones(shape, "float32")
    with quick.layers_of(layer):
        (first, gradient), second = gradients(lambda x: layer(x, training=True), x, upstream=x), layer(x, training=True)
        asleep = layer(x, training=False)
    kept = first != 0
    assert abs(kept.mean() - (1 - rate)) < 5 * np.sqrt(rate * (1 - rate) / x.size)
    np.testing.assert_allclose(first[kept], 1 / (1 - rate), rtol=1e-4)
    np.testing.assert_array_equal(gradient, first)  # what was dropped learns nothing, what stays is scaled alike
    assert (ops.convert_to_numpy(second) != first).mean() > 0.1  # drawn anew
    np.testing.assert_array_equal(ops.convert_to_numpy(asleep), x)


@here
def test_dropout_depends_on_the_seed_alone():
    def draw(seed):
        layer = keras.layers.Dropout(0.5, seed=seed)
        with quick.layers_of(layer):
            return [ops.convert_to_numpy(layer(np.ones((9, 9), "float32"), training=True)) for _ in range(3)]

    np.testing.assert_array_equal(draw(1), draw(1))
    assert not np.array_equal(draw(1), draw(2))


@here
def test_dropout_has_no_pattern():
    layer = keras.layers.Dropout(0.5, seed=1)
    with quick.layers_of(layer):
        kept = ops.convert_to_numpy(layer(np.ones((256, 256), "float32"), training=True)) > 0
    kept = kept - kept.mean()
    for step in ((0, 1), (1, 0), (1, 1), (0, 2), (0, 128)):  # neighbours, and both halves of 32 bits
        assert abs((kept * np.roll(kept, step, (0, 1))).mean()) < 5 / 4 / 256


@here
@pytest.mark.parametrize("options", [{"rate": 0.0}, {"rate": 0.5, "noise_shape": (3, 1)}], ids=str)
def test_other_dropouts_stay_keras(options):
    layer, same = (keras.layers.Dropout(**options, seed=3) for _ in range(2))
    x = array(3, 4)
    with quick.layers_of(layer):
        np.testing.assert_array_equal(layer(x, training=True), same(x, training=True))


@here
def test_a_model_is_the_same_before_and_after():
    model = PretrainedEncoder(**SIZES)
    model.build((None, None))
    parts, kinds = list(model._flatten_layers()), [type(part) for part in model._flatten_layers()]
    bends = [getattr(part, "activation", None) for part in parts]
    with pytest.raises(KeyError), quick.layers_of(model):
        inside = [type(part) for part in parts]
        assert sum(getattr(part, "activation", None) is quick.gelu for part in parts) == SIZES["num_layers"]
        raise KeyError
    changed = {kind for kind, was in zip(inside, kinds, strict=True) if kind is not was}
    assert changed == {quick.Attention, quick.LayerNormalization, quick.Dropout}
    assert [type(part) for part in parts] == kinds and [getattr(part, "activation", None) for part in parts] == bends


@here
def test_an_encoder_learns_the_same():
    import tensorflow as tf

    model = PretrainedEncoder(**SIZES, dropout_rate=0.0, attention_dropout_rate=0.0)
    model.build((None, None))
    randomise(model, 2)
    ids = np.random.default_rng(0).integers(1, 40, (3, 9)).astype("int32")
    mask = np.arange(9) < np.array([[9], [4], [1]])

    def learnt():
        with tf.GradientTape() as tape:
            hidden = model(ids, padding_mask=mask, training=True)
            loss = tf.reduce_mean(tf.square(hidden[mask] - 0.3))
        return [loss, *map(tf.convert_to_tensor, tape.gradient(loss, model.trainable_variables))]

    wanted = learnt()
    with quick.layers_of(model):
        found = learnt()
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)


# Products of bfloat16 ------------------------------------------------------------------------------


def rounded(x):
    """The same numbers with eight bits each."""
    return ops.convert_to_numpy(ops.cast(ops.cast(x, "bfloat16"), "float32")).astype("float64")


SHAPES = {
    "matrices": ((7, 12), (12, 5), False),
    "one matrix for all": ((2, 7, 12), (12, 5), False),
    "it lies the other way": ((2, 3, 7, 12), (5, 12), True),
    "each has its own": ((2, 3, 7, 12), (2, 3, 12, 5), False),
    "each its own, the other way": ((2, 3, 7, 12), (2, 3, 5, 12), True),
}


@here
@pytest.mark.parametrize("x_shape, y_shape, transpose", SHAPES.values(), ids=SHAPES)
def test_a_half_product_is_that_of_rounded_numbers(x_shape, y_shape, transpose):
    x, y = array(*x_shape), array(*y_shape, seed=1)
    upstream = array(*x_shape[:-1], 5, seed=2)
    found = gradients(lambda *a: quick.half_product(*a, transpose_y=transpose), x, y, upstream=upstream)
    a, b, u = rounded(x), rounded(y), rounded(upstream)
    turned = np.swapaxes(b, -2, -1) if transpose else b
    d_y = np.swapaxes(a, -2, -1) @ u
    d_y = d_y.sum(tuple(range(d_y.ndim - y.ndim)))
    wanted = a @ turned, u @ np.swapaxes(turned, -2, -1), np.swapaxes(d_y, -2, -1) if transpose else d_y
    for one, other in zip(found, wanted, strict=True):
        assert one.dtype == "float32" and one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=1 / 128, atol=1e-4)
    plain = gradients(lambda *a: quick.product(*a, transpose_y=transpose), x, y, upstream=upstream)
    for one, other in zip(found, plain, strict=True):
        assert 0 < np.abs(one - other).max() < 0.02 * np.abs(other).max()


@here
def test_with_half_products_an_encoder_says_nearly_the_same_and_keeps_its_weights():
    model = PretrainedEncoder(**SIZES)
    model.build((None, None))
    randomise(model, 2)
    ids = np.random.default_rng(0).integers(1, 40, (3, 9)).astype("int32")
    mask = np.arange(9) < np.array([[9], [4], [1]])
    before, parts = [w.numpy() for w in model.weights], list(model._flatten_layers())
    kinds = [type(part) for part in parts]
    wanted = ops.convert_to_numpy(model(ids, padding_mask=mask))
    with quick.layers_of(model, "bfloat16"):
        found = ops.convert_to_numpy(model(ids, padding_mask=mask))
        inside = {type(part) for part in parts} - set(kinds)
    halves = {quick.HalfAttention, quick.HalfDense}
    assert inside == halves | {quick.LayerNormalization, quick.Dropout}
    assert found.dtype == "float32" and 1e-5 < np.abs(found - wanted)[mask].max() < 0.1
    assert [type(part) for part in parts] == kinds
    for weight, was in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), was)


@here
def test_a_dense_layer_of_another_kind_multiplies_as_it_did():
    layer, x = keras.layers.Dense(4, activation="relu"), array(3, 5)
    layer.build((3, 5))
    layer.enable_lora(2)
    wanted = ops.convert_to_numpy(layer(x))
    with quick.layers_of(layer, "bfloat16"):
        np.testing.assert_array_equal(ops.convert_to_numpy(layer(x)), wanted)


@pytest.mark.parametrize("precision", ["float16", "medium", None, 16])
def test_another_precision_is_refused(precision):
    with pytest.raises(ValueError, match=f"must be float32 or bfloat16. Received: {precision!r}"):
        with quick.layers_of(keras.layers.Dense(3), precision):
            pass


class Mine(keras.layers.Dropout):
    """Somebody's own."""


@pytest.mark.parametrize("make", [lambda: Mine(0.5), lambda: keras.layers.Dense(3), lambda: MultiHeadAttention(
    3, 4, dtype="mixed_bfloat16"), lambda: keras.layers.LayerNormalization(dtype="float16")])  # fmt: skip
def test_what_is_not_known_stays(make):
    layer = make()
    kinds = [type(part) for part in layer._flatten_layers()]
    with quick.layers_of(layer):
        assert [type(part) for part in layer._flatten_layers()] == kinds


@pytest.mark.skipif(BACKEND == "tensorflow", reason="for the others")
def test_elsewhere_nothing_changes():
    layer = MultiHeadAttention(3, 4, dropout=0.1)
    with quick.layers_of(layer):
        assert type(layer) is MultiHeadAttention and type(layer.dropout_layer) is keras.layers.Dropout
    with pytest.raises(ValueError, match="need Keras' TensorFlow backend"), quick.layers_of(layer, "bfloat16"):
        pass
