"""The formulas, each beside a slow and plain computation of the same thing in float64."""

import keras
import numpy as np
import pytest
from keras import ops

from utils.layers import (
    LookAheadMask,
    PaddingMask,
    PositionalEncoding,
    combine_masks,
    create_look_ahead_mask,
    create_padding_mask,
    get_angles,
    layer_norm,
    mask_to_additive,
    positional_encoding,
    scaled_dot_product_attention,
    shift_matrix,
    shift_right,
)

from .harness import BACKEND, SOURCE, B, D, H, S, T, array, assert_close, jit, numpy_of, random_mask

DTYPES = ["float32", "float16", "bfloat16", *(["float64"] if BACKEND != "jax" else [])]  # JAX has it switched off


def exact_encoding(positions, d):
    """The paper's formula, number by number, in float64."""
    pairs = [[p / 10000 ** (2 * j / d) for j in range(d // 2)] for p in positions]
    return np.array([[f(angle) for angle in row for f in (np.sin, np.cos)] for row in pairs])


# Positions


@pytest.mark.parametrize("d", [2, 6, 128])
def test_two_columns_share_a_frequency(d):
    angles = get_angles(np.arange(9)[:, np.newaxis], np.arange(d)[np.newaxis], d)
    assert angles.shape == (9, d) and angles.dtype == np.float64
    np.testing.assert_array_equal(angles[:, 0::2], angles[:, 1::2])
    np.testing.assert_array_equal(angles[:, 0], np.arange(9))  # the first pair turns by one radian a step
    np.testing.assert_allclose(angles[1, 0::2], [10000 ** (-2 * j / d) for j in range(d // 2)])
    assert (np.diff(angles[1, 0::2]) < 0).all()


@pytest.mark.parametrize("positions, d", [(1, 2), (7, 6), (60, 128), (2000, 4)])
def test_positional_encoding_is_the_papers(positions, d):
    encoding = ops.convert_to_numpy(positional_encoding(positions, d))
    assert encoding.shape == (1, positions, d) and encoding.dtype == np.float32
    np.testing.assert_allclose(encoding[0], exact_encoding(range(positions), d), atol=1e-7)


@pytest.mark.parametrize("d", [2, 6, 128])
@pytest.mark.parametrize("k", [0, 1, 7, -1, -20, 100])
def test_shift_matrix_moves_every_encoding(k, d):
    R = shift_matrix(k, d)
    assert R.shape == (d, d) and R.dtype == np.float64
    positions = np.arange(-30, 50)
    np.testing.assert_allclose(exact_encoding(positions, d) @ R.T, exact_encoding(positions + k, d), atol=1e-12)
    np.testing.assert_allclose(R @ R.T, np.eye(d), atol=1e-12)
    np.testing.assert_allclose(R @ shift_matrix(-k, d), np.eye(d), atol=1e-12)


@pytest.mark.parametrize("start", [0, 3, 4])
@pytest.mark.parametrize("kind", [int, np.int64, "tensor", "compiled"])
def test_positional_encoding_starts_anywhere(start, kind):
    layer, x = PositionalEncoding(9), array(B, T, D)
    layer(x)
    if kind == "compiled":
        output = jit(lambda x, start: layer(x, start=start))(x, ops.convert_to_tensor(start))
    else:
        output = layer(x, start=ops.convert_to_tensor(start) if kind == "tensor" else kind(start))
    assert_close(output, x + exact_encoding(range(start, start + T), D), atol=1e-6)


# Masks


def test_padding_mask_and_its_layer():
    for pad_id in (0, 4):
        mask = numpy_of(create_padding_mask(SOURCE, pad_id))[0]
        assert mask.dtype == bool and mask.shape == (B, 1, 1, S)
        np.testing.assert_array_equal(mask[:, 0, 0], SOURCE != pad_id)
        np.testing.assert_array_equal(PaddingMask(pad_id)(SOURCE), mask)


def test_look_ahead_mask_and_its_layer():
    mask = numpy_of(create_look_ahead_mask(T))[0]
    assert mask.dtype == bool
    np.testing.assert_array_equal(mask, np.tril(np.ones((T, T))))
    for x in (array(B, T, D), np.ones((B, T), "int32")):
        np.testing.assert_array_equal(LookAheadMask()(x), mask)


def test_combine_masks():
    two, three, four = random_mask(T, S), random_mask(B, T, S), random_mask(B, 1, 1, S)
    heads = random_mask(B, H, T, S)
    assert combine_masks() is None and combine_masks(None, None) is None
    np.testing.assert_array_equal(combine_masks(None, two, None), two)
    np.testing.assert_array_equal(combine_masks(two, three), two & three)
    np.testing.assert_array_equal(combine_masks(two, None, four), two & four)
    for masks in ((three, four), (four, three), (two, three, four)):
        expected = three[:, np.newaxis] & four & (two if len(masks) == 3 else True)
        np.testing.assert_array_equal(combine_masks(*masks), expected)
    np.testing.assert_array_equal(combine_masks(heads, three), heads & three[:, np.newaxis])
    np.testing.assert_array_equal(combine_masks(two, ops.convert_to_tensor(three)), two & three)


@pytest.mark.parametrize("dtype", DTYPES)
def test_mask_to_additive(dtype):
    mask, scores = random_mask(B, H, T, S), ops.cast(10 * array(B, H, T, S), dtype)
    added = mask_to_additive(mask, dtype)
    assert keras.backend.standardize_dtype(added.dtype) == dtype
    values, summed, weights = (
        x.astype("float64") for x in numpy_of([added, scores + added, ops.softmax(scores + added)])
    )
    assert np.isfinite(values).all() and np.isfinite(summed).all()
    assert not values[mask].any() and (values[~mask] < -1e4).all() and not weights[~mask].any()
    expected = ops.softmax(ops.where(mask, ops.cast(scores, "float32"), -np.inf))
    assert_close(weights, expected, atol={"float16": 2e-3, "bfloat16": 2e-2}.get(dtype, 1e-6))


# Attention


def exact_attention(q, k, v, mask):
    """Attention by its definition in float64."""
    scores = np.einsum("...tk,...sk->...ts", q.astype("float64"), k.astype("float64")) / np.sqrt(q.shape[-1])
    scores = scores if mask is None else np.where(mask, scores, -np.inf)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    return np.einsum("...ts,...sd->...td", weights, v.astype("float64")), weights


RANK_AND_MASK = [
    *[((), mask) for mask in (None, (T, S))],
    *[((B,), mask) for mask in (None, (T, S), (B, T, S), (1, T, S), (B, 1, S), (B, 1, 1, S), (B, 1, T, S))],
    *[((B, H), mask) for mask in (None, (T, S), (B, T, S), (B, 1, 1, S), (B, H, T, S), (1, 1, T, S), (1, H, 1, S))],
]


@pytest.mark.parametrize("leading, mask_shape", RANK_AND_MASK)
def test_scaled_dot_product_attention(leading, mask_shape):
    q, k, v = array(*leading, T, 4), array(*leading, S, 4, seed=1), array(*leading, S, 9, seed=2)
    mask = None if mask_shape is None else random_mask(*mask_shape)
    fitted = mask
    if mask is not None and mask.ndim == 3 and len(leading) == 2:
        fitted = mask[:, np.newaxis]
    elif mask is not None and mask.ndim == 4 and len(leading) == 1:
        fitted = mask[:, 0]
    expected = exact_attention(q, k, v, fitted)
    output, weights = scaled_dot_product_attention(q, k, v, mask)
    assert_close((output, weights), expected, atol=1e-6)
    assert output.shape == (*leading, T, 9) and weights.shape == (*leading, T, S)
    as_tensors = [ops.convert_to_tensor(x) for x in (q, k, v)]
    assert_close(scaled_dot_product_attention(*as_tensors, mask=mask), expected, atol=1e-6)


def test_large_scores_do_not_overflow():
    q, k, v = 300 * array(T, 4), 300 * array(S, 4, seed=1), array(S, 9)
    assert_close(scaled_dot_product_attention(q, k, v), exact_attention(q, k, v, None))


# The rest


def test_layer_norm():
    x, gamma, beta = 3 * array(B, T, D) + 5, array(D), array(D, seed=1)
    for epsilon in (1e-6, 0.5):
        theirs = keras.layers.LayerNormalization(epsilon=epsilon)
        theirs.build(x.shape)
        theirs.set_weights([gamma, beta])
        ours = layer_norm(x, gamma, beta, epsilon)
        assert_close(ours, theirs(x))
        centred = x.astype("float64") - x.mean(-1, keepdims=True, dtype="float64")
        exact = gamma * centred / np.sqrt((centred**2).mean(-1, keepdims=True) + epsilon) + beta
        assert_close(ours, exact)
    assert_close(layer_norm(x[:1, :1], gamma, beta), layer_norm(x, gamma, beta)[:1, :1], atol=1e-6)


def test_shift_right():
    ids = np.array([[5, 6, 7], [8, 9, 0]], "int32")
    shifted = numpy_of(shift_right(ids, 2))[0]
    assert shifted.dtype == np.int32
    np.testing.assert_array_equal(shifted, [[2, 5, 6], [2, 8, 9]])
    np.testing.assert_array_equal(shift_right(ops.convert_to_tensor(ids), start_id=1), [[1, 5, 6], [1, 8, 9]])
    np.testing.assert_array_equal(shift_right(ids[:, :1], 2), [[2], [2]])
