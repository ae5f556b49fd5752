"""What came after 2017, beside the field's own: rotary positions, RMS norm, gates, grouped queries."""

import keras
import numpy as np
import pytest
from keras import ops

from utils.layers import (
    Block,
    BlockStack,
    EncoderLayer,
    GroupedQueryAttention,
    MultiHeadAttention,
    SwiGLU,
    cache_bytes,
    rms_norm,
    rotary_embedding,
    shift_matrix,
    to_halves,
)

from .harness import TARGET, B, D, S, T, array, assert_close, numpy_of, random_mask, randomise

HEADS, K = 6, 8
LAYOUTS = ("halves", "interleaved")


def turned(x, places, base, layout):
    """By complex numbers: pair j is a number, and is multiplied by e^(i·angle). In float64."""
    x, half = np.asarray(x, "float64"), x.shape[-1] // 2
    a, b = (x[..., :half], x[..., half:]) if layout == "halves" else (x[..., 0::2], x[..., 1::2])
    angles = np.outer(places, base ** (-2.0 * np.arange(half) / x.shape[-1]))
    z = (a + 1j * b) * np.exp(1j * angles)
    parts = [z.real, z.imag]
    return np.concatenate(parts, -1) if layout == "halves" else np.stack(parts, -1).reshape(x.shape)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("start, base", [(0, 10000.0), (3, 10000.0), (11, 50.0)])
def test_rotary_is_a_product_of_complex_numbers(layout, start, base):
    x = array(B, 3, T, K)
    expected = turned(x, start + np.arange(T), base, layout)
    assert_close(rotary_embedding(x, start, base, layout), expected)
    assert_close(rotary_embedding(x, ops.convert_to_tensor(start), base, layout), expected)
    assert np.abs(expected - turned(x, start + np.arange(T), base, LAYOUTS[layout == "halves"])).max() > 0.1


def test_interleaved_turns_by_the_shift_matrix_the_other_way():
    """The course's encoding has the sine first, so that its matrix turns clockwise."""
    x = array(T, K)
    rows = [shift_matrix(-p, K) @ row for p, row in enumerate(x)]
    assert_close(rotary_embedding(x, layout="interleaved"), np.array(rows))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_scores_depend_on_the_distance_alone(layout):
    q, k = array(1, K), array(1, K, seed=1)
    scores = np.array(
        [
            [float(ops.sum(rotary_embedding(q, p, layout=layout) * rotary_embedding(k, p + d, layout=layout)))]
            for d in (0, 1, 7)
            for p in (0, 5, 90)
        ]
    ).reshape(3, 3)
    assert np.ptp(scores, axis=1).max() < 1e-5 < 1e-2 < np.ptp(scores[:, 0])


def test_rotary_is_keras_hubs_in_halves_and_not_interleaved():
    hub = pytest.importorskip("keras_hub", reason="KerasHub is not installed: pip install keras-hub")
    x = np.random.default_rng(0).normal(size=(2, 9, 3, 16)).astype("float32")  # (B, T, H, K), as it wants them
    theirs = ops.convert_to_numpy(hub.layers.RotaryEmbedding(max_wavelength=10000)(x, start_index=4))
    ours = {
        layout: ops.convert_to_numpy(rotary_embedding(x.swapaxes(1, 2), start=4, layout=layout)).swapaxes(1, 2)
        for layout in ("halves", "interleaved")
    }
    assert np.abs(theirs - ours["halves"]).max() < 1e-6 and np.abs(theirs - ours["interleaved"]).max() > 1


def test_rotary_angles_are_exact_in_half_precision():
    """bfloat16 counts 256, 256, 258: places counted in it would fall together."""
    x = array(1, K)
    for start in (257, 4097):
        exact = turned(x, [start], 10000.0, "halves")
        got = rotary_embedding(ops.cast(x, "bfloat16"), start)
        assert keras.backend.standardize_dtype(got.dtype) == "bfloat16"
        assert_close(ops.cast(got, "float32"), exact, atol=0.05)


def test_kernels_change_their_layout_and_scores_stay():
    x, w_q, w_k = array(T, D), array(D, HEADS * K), array(D, HEADS * K, seed=1)

    def scores(w_q, w_k, layout):
        q, k = (ops.swapaxes(ops.reshape(x @ np.asarray(w), (T, HEADS, K)), 0, 1) for w in (w_q, w_k))
        q, k = rotary_embedding(q, layout=layout), rotary_embedding(k, layout=layout)
        return ops.matmul(q, ops.swapaxes(k, 1, 2))

    expected = scores(w_q, w_k, "interleaved")
    moved = [ops.convert_to_numpy(to_halves(w, HEADS)) for w in (w_q, w_k)]
    assert_close(scores(*moved, "halves"), expected, atol=1e-4)
    assert np.abs(numpy_of(scores(w_q, w_k, "halves"))[0] - numpy_of(expected)[0]).max() > 1
    assert_close(to_halves(w_q[0], HEADS), moved[0][0], atol=0)


@pytest.mark.parametrize("shape", [(D,), (T, D), (B, T, D)])
@pytest.mark.parametrize("epsilon", [1e-6, 0.5])
def test_rms_norm_is_keras_own(shape, epsilon):
    x, gamma = array(*shape) * 3 + 1, array(D, seed=1)
    layer = keras.layers.RMSNormalization(epsilon=epsilon)
    layer.build((*shape[:-1], D))
    layer.scale.assign(gamma)
    assert_close(rms_norm(x, gamma, epsilon), layer(x))


def test_rms_norm_of_large_numbers_in_float16():
    x = ops.cast(300 * (1 + array(B, D) ** 2), "float16")
    normed = rms_norm(x, np.ones(D, "float32"))
    assert keras.backend.standardize_dtype(normed.dtype) == "float16"
    assert_close(ops.mean(ops.square(ops.cast(normed, "float32")), axis=-1), np.ones(B), atol=0.01)


def test_swiglu_by_hand():
    layer, x = SwiGLU(D, 20), array(B, T, D)
    layer.build(x.shape)
    gate, widen, narrow = randomise(layer).get_weights()
    z = x @ gate
    assert_close(layer(x), (z / (1 + np.exp(-z)) * (x @ widen)) @ narrow)


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
@pytest.mark.parametrize("use_bias", [True, False])
def test_grouped_queries_are_keras_own(groups, use_bias):
    ours = GroupedQueryAttention(HEADS, K, groups, use_bias=use_bias)
    theirs = keras.layers.GroupQueryAttention(K, HEADS, groups, use_bias=use_bias)
    query, value, mask = array(B, T, D), array(B, S, D, seed=1), random_mask(B, T, S)
    both = []
    for layer in (ours, theirs):
        layer.build(query.shape, value.shape)
        layer.set_weights(randomise(ours).get_weights())
        both.append(layer(query, value, attention_mask=mask, return_attention_scores=True))
    assert [w.shape for w in ours.weights] == [w.shape for w in theirs.weights]
    assert_close(both[0], both[1])


def test_as_many_groups_as_heads_is_multi_head_attention():
    grouped, many = GroupedQueryAttention(HEADS, K), MultiHeadAttention(HEADS, K)
    x = array(B, T, D)
    for layer in (many, grouped):
        layer.build(x.shape, x.shape)
        layer.set_weights(randomise(many).get_weights())
    assert_close(grouped(x, x), many(x, x))


def test_each_group_serves_its_neighbours():
    """Heads 0 to 2 share the first key, 3 to 5 the second: the second's values reach only these."""
    layer, x = GroupedQueryAttention(HEADS, K, 2, use_bias=False), array(B, T, D)
    layer.build(x.shape, x.shape)
    randomise(layer)
    *first, value, output = layer.get_weights()
    output[3:] = 0
    layer.set_weights([*first, value, output])
    before = numpy_of(layer(x, x))
    value[:, 1] = 9
    layer.set_weights([*first, value, output])
    assert_close(layer(x, x), before, atol=0)
    value[:, 0] = 9
    layer.set_weights([*first, value, output])
    assert np.abs(numpy_of(layer(x, x))[0] - before[0]).max() > 1


def test_what_a_cache_weighs():
    assert cache_bytes(32, 32, 128, 8192) == 4 * 2**30 == 4 * cache_bytes(32, 8, 128, 8192)
    assert cache_bytes(1, 1, 4, 3, 4) == array(3, 4).nbytes * 2


@pytest.mark.parametrize("positions", ["sinusoidal", "rotary", "none"])
def test_no_word_feels_a_later_one(positions):
    model = BlockStack(2, D, 3, 20, 13, positions=positions)
    before = numpy_of(randomise(built(model))(TARGET))[0]
    later = TARGET.copy()
    later[:, 3] = TARGET[:, 3] % 12 + 1
    after = numpy_of(model(later))[0]
    assert_close(after[:, :3], before[:, :3])
    assert (np.abs(after - before)[:, 3:].max(axis=(1, 2)) > 1e-3).all()


def built(model):
    model(TARGET)
    return model


def test_without_positions_earlier_words_are_a_set():
    model = randomise(built(BlockStack(1, D, 3, 20, 13, positions="none")))
    shuffled = TARGET[:, [2, 0, 1, 3, 4]]
    assert_close(numpy_of(model(shuffled))[0][:, 3:], numpy_of(model(TARGET))[0][:, 3:])
    turned_model = BlockStack(1, D, 3, 20, 13, positions="rotary")
    built(turned_model).set_weights(model.get_weights())
    differ = numpy_of(turned_model(shuffled))[0][:, 3:] - numpy_of(turned_model(TARGET))[0][:, 3:]
    assert np.abs(differ).max() > 1e-3


@pytest.mark.parametrize("norm", ["post", "pre"])
def test_with_every_switch_off_it_is_lesson_06s_layer(norm):
    layer = EncoderLayer(D, 3, 20, dropout_rate=0.0, norm=norm)
    block, x, mask = Block(D, 3, 20, norm=norm), array(B, T, D), random_mask(B, T, T)
    for part in (layer, block):
        part.build(x.shape)
        part.set_weights(randomise(layer).get_weights())
    assert_close(block(x, attention_mask=mask), layer(x, attention_mask=mask), atol=0)


def test_a_rotary_block_feels_distances_and_no_places():
    """The same words one place later, behind a word that is hidden, are read alike."""
    block = Block(D, 3, 20, rotary_base=100.0)
    x, mask = array(B, T, D), np.tril(np.ones((T, T), bool))
    block.build(x.shape)
    randomise(block)
    moved = np.concatenate([array(B, 1, D, seed=5), x], axis=1)
    hidden = np.tril(np.ones((T + 1, T + 1), bool))
    hidden[1:, 0] = False
    assert_close(block(moved, attention_mask=hidden)[:, 1:], block(x, attention_mask=mask))
