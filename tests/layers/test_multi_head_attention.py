"""Our multi-head attention beside Keras' own: the same weights give the same numbers, forwards and backwards."""

import keras
import numpy as np
import pytest
from keras import ops

from utils.layers import MultiHeadAttention, ScaledDotProductAttention, merge_heads, split_heads

from .harness import (
    BACKEND,
    B,
    D,
    H,
    S,
    T,
    array,
    assert_close,
    gradients,
    numpy_of,
    random_mask,
    randomise,
    weighted_sum,
)

MASKS = [None, "TS", "BTS", "B11S", "BHTS", "11TS", "B1TS", "1HTS"]
SCORES = {"return_attention_scores": True}


@pytest.mark.parametrize("use_bias", [True, False])
@pytest.mark.parametrize("sources", ["self", "cross", "cross with keys"])
@pytest.mark.parametrize("mask_axes", MASKS)
def test_agrees_with_keras(mask_axes, sources, use_bias):
    seed = [len(sources)]
    if BACKEND != "jax":  # which would compile everything for every size
        seed += [MASKS.index(mask_axes), use_bias]
    rng = np.random.default_rng(seed)
    sizes = {"1": 1, **{axis: int(rng.integers(2, 5)) for axis in "BHT"}}
    sizes["S"] = sizes["T"] + (0 if sources == "self" else int(rng.integers(1, 4)))
    d_query, d_value, d_key, key_dim, value_dim = (int(n) for n in rng.permutation(5) + 2)

    inputs = [array(sizes["B"], sizes["T"], d_query)]
    if sources != "self":
        inputs.append(array(sizes["B"], sizes["S"], d_value, seed=1))
    if sources == "cross with keys":
        inputs.append(array(sizes["B"], sizes["S"], d_key, seed=2))
    mask = None if mask_axes is None else random_mask(*(sizes[axis] for axis in mask_axes))

    def call(layer, *inputs, **options):
        query, value, key = (*inputs, None)[:3] if len(inputs) > 1 else (inputs[0], inputs[0], None)
        return layer(query, value, key=key, attention_mask=mask, **options)

    arguments = {"value_dim": value_dim if rng.random() < 0.7 else None, "use_bias": use_bias}
    ours = MultiHeadAttention(sizes["H"], key_dim, **arguments)
    theirs = keras.layers.MultiHeadAttention(sizes["H"], key_dim, **arguments)
    call(ours, *inputs), call(theirs, *inputs, **SCORES)

    def call_theirs(*inputs):
        """Keras' fused path, but on JAX, where it takes no values wider or narrower than the keys."""
        return call(theirs, *inputs, **SCORES)[0] if BACKEND == "jax" else call(theirs, *inputs)

    theirs.set_weights(randomise(ours).get_weights())
    assert_close(call(ours, *inputs, **SCORES), call(theirs, *inputs, **SCORES))
    assert_close(call(ours, *inputs), call_theirs(*inputs))
    assert_close(
        gradients(lambda *x: weighted_sum(call(ours, *x)) / 4, ours.trainable_weights, inputs),
        gradients(lambda *x: weighted_sum(call_theirs(*x)) / 4, theirs.trainable_weights, inputs),
    )
    ours.set_weights(randomise(theirs, seed=2).get_weights())
    assert_close(call(ours, *inputs, **SCORES), call(theirs, *inputs, **SCORES))


def test_a_mask_in_fourth_place_is_the_attention_mask():
    """In Keras' layer it would be taken for a `query_mask`, without a word."""
    layer, mask = MultiHeadAttention(H, 4), random_mask(T, S)
    query, value = array(B, T, D), array(B, S, D)
    by_place, by_name, without = numpy_of(
        [layer(query, value, value, mask), layer(query, value, attention_mask=mask), layer(query, value)]
    )
    np.testing.assert_array_equal(by_place, by_name)
    assert np.abs(by_place - without).max() > 1e-3


@pytest.mark.parametrize("lengths", [(T, S), (None, None), (T, None), (None, S)])
@pytest.mark.parametrize("kind", [MultiHeadAttention, ScaledDotProductAttention])
def test_shapes_before_there_are_numbers(kind, lengths):
    t, s = lengths
    layer = MultiHeadAttention(H, 4, value_dim=6) if kind is MultiHeadAttention else kind()
    heads, width = ((H,), D) if kind is MultiHeadAttention else ((), 9)
    query, value, key = keras.Input((t, D)), keras.Input((s, 9)), keras.Input((s, D))
    assert layer.compute_output_shape((B, t, D), (B, s, 9), (B, s, D)) == (B, t, width)
    assert layer.compute_output_shape((None, t, D), (None, s, 9)) == (None, t, width)
    output, scores = layer(query, value, key, **SCORES)
    assert layer(query, value, key).shape == output.shape == (None, t, width)
    assert scores.shape == (None, *heads, t, s)


@pytest.mark.parametrize("key_dim", [D, D // H, 5])
def test_parameter_count(key_dim):
    layer = MultiHeadAttention(H, key_dim)
    layer.build((None, T, D), (None, S, D))
    assert layer.count_params() == 3 * (D * H * key_dim + H * key_dim) + H * key_dim * D + D
    if key_dim == D // H:
        assert layer.count_params() == 4 * (D * D + D)  # the paper's: heads share the width


def test_output_is_the_sum_of_what_each_head_contributes():
    layer = MultiHeadAttention(H, 4, value_dim=6)
    query, value = array(B, T, D), array(B, S, D)
    layer(query, value)
    randomise(layer)
    output, scores = numpy_of(layer(query, value, **SCORES))
    *_, value_kernel, value_bias, output_kernel, output_bias = layer.get_weights()
    contributions = [scores[:, h] @ (value @ value_kernel[:, h] + value_bias[h]) @ output_kernel[h] for h in range(H)]
    assert_close(output, sum(contributions) + output_bias)


def test_split_heads_layout_and_inverse():
    x = array(B, T, D)
    heads = ops.convert_to_numpy(split_heads(x, H))
    np.testing.assert_array_equal(heads, x.reshape(B, T, H, D // H).transpose(0, 2, 1, 3))
    np.testing.assert_array_equal(heads[:, 1], x[..., D // H : 2 * D // H])
    np.testing.assert_array_equal(merge_heads(heads), x)


def test_kernels_start_as_large_as_a_matrix_would():
    layer = MultiHeadAttention(8, 16)
    layer.build((None, None, 128), (None, None, 128))
    for kernel in layer.get_weights()[::2]:
        limit = np.sqrt(6 / (128 + 8 * 16))
        assert 0.98 * limit < np.abs(kernel).max() <= limit
        assert abs(kernel.std() - limit / np.sqrt(3)) < 0.02 * limit
