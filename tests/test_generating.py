"""A decoder alone writes: the draw against brute force, the memory against the whole text, texts against the seed."""

import itertools

import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from tests.layers.harness import array, assert_close, numpy_of, randomise
from utils.generating import (
    cached_generation_step,
    generate,
    log_probabilities,
    next_logits,
    sample,
    start_memory,
)
from utils.layers import EncoderLayer, LanguageModel, create_look_ahead_mask

V, D, H, F, L = 13, 12, 3, 20, 32
FINE = 4000


@pytest.fixture(params=["pre", "post"])
def model(request):
    made = LanguageModel(2, D, H, F, V, L, norm=request.param)
    made.build((None, None))
    return randomise(made)


def distribution(logits, temperature, top_k, top_p):
    """By brute force: every set of tokens is tried, and the smallest that will do is kept."""
    p = np.exp((logits - logits.max()) / temperature)
    p /= p.sum()
    if top_k is not None:
        least = np.sort(p)[-min(top_k, len(p))]
        p = np.where(p >= least, p, 0)
        p /= p.sum()
    if top_p is not None:
        sets = (s for n in range(1, len(p) + 1) for s in itertools.combinations(range(len(p)), n))
        smallest = next(len(s) for s in sets if p[list(s)].sum() >= top_p - 1e-9)
        best = max(itertools.combinations(range(len(p)), smallest), key=lambda s: p[list(s)].sum())
        p = np.where(np.isin(np.arange(len(p)), best), p, 0)
        p /= p.sum()
    return p


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
@pytest.mark.parametrize("top_k", [None, 1, 3, 99])
@pytest.mark.parametrize("top_p", [None, 0.05, 0.6, 0.95, 1.0])
def test_tokens_come_as_often_as_brute_force_says(temperature, top_k, top_p):
    logits = 2 * array(7, seed=5)
    numbers = ((np.arange(FINE) + 0.5) / FINE).astype("float32")
    drawn = numpy_of(sample(np.tile(logits, (FINE, 1)), numbers, temperature, top_k, top_p))[0]
    shares = np.bincount(drawn, minlength=7) / FINE
    np.testing.assert_allclose(shares, distribution(logits, temperature, top_k, top_p), atol=2 / FINE)
    assert list(dict.fromkeys(drawn)) == sorted(set(drawn), key=lambda token: -logits[token])


def test_temperature_zero_is_the_likeliest_whatever_the_number():
    logits = array(5, V)
    for number in (0.0, 0.5, 0.999):
        drawn = sample(logits, np.full(5, number, "float32"), 0, 3, 0.5)
        np.testing.assert_array_equal(numpy_of(drawn)[0], logits.argmax(axis=-1))


def test_the_largest_number_below_one_draws_a_token_that_may_come():
    logits = np.concatenate([array(3, 50, seed=s) for s in range(40)])
    last = np.full(len(logits), np.nextafter(np.float32(1), np.float32(0)), "float32")
    for settings in ({}, {"top_k": 4}, {"top_p": 0.7}, {"temperature": 3.0, "top_p": 0.99}):
        drawn = numpy_of(sample(logits, last, **settings))[0]
        p = [distribution_of(row, **settings) for row in logits]
        assert all(share[token] > 0 for share, token in zip(p, drawn, strict=True))


def distribution_of(logits, temperature=1.0, top_k=None, top_p=None):
    """As `distribution`, for many tokens: sorted, not by sets."""
    p = np.exp((logits - logits.max()) / temperature)
    p = p / p.sum()
    order = np.argsort(-p)
    kept = np.zeros(len(p), bool)
    kept[order[:top_k]] = True
    if top_p is not None:
        before = np.cumsum(p[order]) - p[order]
        kept[order] &= before < top_p + 1e-6
    return np.where(kept, p, 0)


@pytest.mark.parametrize(
    "settings, words",
    [
        ({"temperature": -1}, "temperature=-1"),
        ({"temperature": float("nan")}, "temperature=nan"),
        ({"top_k": 0}, "top_k=0"),
        ({"top_p": 0}, "top_p=0"),
        ({"top_p": 1.5}, "top_p=1.5"),
    ],
)
def test_what_no_distribution_can_be_made_of_is_told(settings, words):
    with pytest.raises(ValueError, match=words):
        sample(array(2, V), np.zeros(2, "float32"), **settings)


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_step_by_step_equals_the_layer_on_the_whole(norm):
    layer = EncoderLayer(D, H, F, norm=norm)
    layer.build((None, None, D))
    randomise(layer)
    x = array(2, 5, D)
    memory, outputs = (ops.zeros((2, H, 7, D // H)),) * 2, []
    for position in range(5):
        one, memory = cached_generation_step(layer, x[:, position : position + 1], position, memory)
        outputs.append(numpy_of(one)[0])
    assert_close(np.concatenate(outputs, axis=1), layer(x, attention_mask=create_look_ahead_mask(5)))
    assert np.abs(numpy_of(memory)[0][:, :, 5:]).max() == 0


def test_token_by_token_equals_the_model_on_the_whole(model):
    ids = np.random.default_rng(3).integers(1, V, (2, 6)).astype("int32")
    whole = numpy_of(model(ids))[0]
    positions = model.encoder.positional_encoding(ops.zeros((1, L, D)))
    memory = start_memory(model, 2, L)
    for position in range(6):
        logits, memory = next_logits(model, ids[:, position], position, memory, positions)
        assert_close(logits, whole[:, position])


def by_hand(model, prompt, length, numbers, end_id, **sampling):
    """The whole prefix again for every token."""
    ids = list(prompt)
    while len(ids) < length:
        logits = model(np.array([ids], "int32"))[:, -1]
        token = int(sample(logits, numbers[len(ids) - 1 : len(ids)], **sampling)[0])
        if token == end_id:
            break
        ids.append(token)
    return ids


@pytest.mark.parametrize("sampling", [{}, {"temperature": 0}, {"temperature": 1.4, "top_k": 6, "top_p": 0.8}])
def test_texts_are_those_of_the_model_read_again_for_each_token(model, sampling):
    texts = generate(model, [1, 5, 4], number=3, max_length=14, end_id=2, seed=7, **sampling)
    numbers = np.random.default_rng(7).random((4, L), "float32")
    for row, text in enumerate(texts):
        assert text.tolist() == by_hand(model, [1, 5, 4], 14, numbers[row], 2, **sampling)
        assert text.dtype == np.int32


def test_the_seed_decides(model):
    one, same, other = (generate(model, [1], 4, 20, seed=seed) for seed in (1, 1, 2))
    assert [t.tolist() for t in one] == [t.tolist() for t in same] != [t.tolist() for t in other]


@pytest.mark.parametrize(
    "arguments, words",
    [
        ({"prompt": []}, "Received: 0 tokens"),
        ({"prompt": [1] * 9, "max_length": 9}, "Received: 9 tokens"),
        ({"prompt": [1], "max_length": L + 1}, f"at most {L}"),
        ({"prompt": [1, V]}, f"id {V}"),
        ({"prompt": [[1, 2]]}, r"\(P,\)"),
        ({"prompt": [1], "number": 0}, "number=0"),
        ({"prompt": [1], "temprature": 0.5}, "Received: temprature"),
        ({"prompt": [1], "top_p": 2}, "top_p=2"),
    ],
)
def test_what_cannot_be_written_is_told(arguments, words):
    model = LanguageModel(1, D, H, F, V, L)
    model.build((None, None))
    with pytest.raises(ValueError, match=words):
        generate(model, **{"max_length": 16, **arguments})


def test_log_probabilities_are_those_of_each_text_alone(model):
    rows = [np.random.default_rng(n).integers(1, V, n + 2).astype("int32") for n in range(9)]
    found = log_probabilities(model, rows, batch_size=4)
    for row, log_p in zip(rows, found, strict=True):
        alone = numpy_of(ops.log_softmax(model(row[None]), axis=-1))[0][0]
        assert log_p.shape == (len(row) - 1,)
        np.testing.assert_allclose(log_p, alone[np.arange(len(row) - 1), row[1:]], atol=1e-5)


def test_one_compiled_step_serves_every_position(model):
    positions = model.encoder.positional_encoding(ops.zeros((1, L, D)))
    step = tf.function(lambda t, p, m: next_logits(model, t, p, m, positions), autograph=False)
    memory = start_memory(model, 1, L)
    for position in range(4):
        _, memory = step(tf.constant([3]), tf.constant(position), memory)
    assert step.experimental_get_tracing_count() == 1
