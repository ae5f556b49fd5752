"""Many sentences at once: the same tokens, sentences and scores as `utils.decoding`, whatever model and lengths."""

import importlib.util
import itertools
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from tests.test_decoding import END, START, make_model, model_of
from utils import decoding, fast_decoding
from utils.checks.decoding.quick import quickly
from utils.course.source import ROOT
from utils.datasets.generators.french_english import load
from utils.decoding import ablate_head, beam_search, greedy_decode
from utils.fast_decoding import batches, beams, decode_all, greedy, without_rivals
from utils.layers.inference import InNumPy, Memory, is_known
from utils.tasks.translation import Translator
from utils.text import pad_batch


def rows_of(seed, number=9):
    random = np.random.default_rng(seed)
    return [random.integers(3, 19, random.integers(1, 15)).astype("int32") for _ in range(number)]


@pytest.mark.parametrize("norm", ["post", "pre"])
def test_greedy_says_the_same_tokens(norm):
    lengths = set()
    for seed in range(4):
        model, source_ids = model_of(seed, norm), pad_batch(rows_of(seed))
        slow = greedy_decode(model, source_ids, 18, START, END, use_cache=False)
        fast = greedy(model, source_ids, 18, START, END)
        assert np.array_equal(fast, slow) and fast.dtype == np.int32
        lengths |= set((slow != 0).sum(axis=1).tolist())
    assert len(lengths) > 2  # some have ended, and were dropped, while others went on


def test_another_bend_is_the_layers_own():
    model, source_ids = make_model(seed=3), pad_batch(rows_of(3))
    before = greedy(model, source_ids, 18, START, END)
    for layer in (*model.encoder.encoder_layers, *model.decoder.decoder_layers):
        layer.feed_forward.widen.activation = keras.activations.silu
    assert is_known(model) and not np.array_equal(greedy(model, source_ids, 18, START, END), before)
    slow = greedy_decode(model, source_ids, 18, START, END, use_cache=False)
    assert np.array_equal(greedy(model, source_ids, 18, START, END), slow)


def test_the_likeliest_words_are_in_order():
    logits = np.random.default_rng(0).integers(0, 6, (50, 40)).astype("float32")  # many are equal
    expected = np.argsort(-logits, axis=1, kind="stable")
    values = np.take_along_axis(logits, fast_decoding.likeliest(logits, 7), axis=1)
    assert np.array_equal(values, np.take_along_axis(logits, expected[:, :7], axis=1))
    assert np.array_equal(fast_decoding.likeliest(logits, 40), expected)
    np.testing.assert_allclose(fast_decoding.log_of_sum(logits), np.log(np.exp(logits.astype("float64")).sum(1)))


def test_padding_that_is_said_or_read_in_the_middle_is_not_looked_at():
    model = model_of(1)
    bias = model.output_layer.bias.numpy()
    bias[0] += 3  # padding is a likely word
    model.output_layer.bias.assign(bias)
    source_ids = np.array([[5, 0, 7, 0], [0, 0, 0, 0], [3, 4, 5, 6]], "int32")
    slow = greedy_decode(model, source_ids, 12, START, END, use_cache=False)
    assert np.array_equal(greedy(model, source_ids, 12, START, END), slow)


@pytest.mark.parametrize(("width", "alpha"), [(2, 0.6), (3, 0.0), (4, 2.0), (2, -0.5)])
def test_a_beam_finds_the_same_sentences_with_the_same_scores(monkeypatch, width, alpha):
    monkeypatch.setattr(decoding, "compiled", quickly)
    for seed in range(3):
        model, source_ids = model_of(seed, vocabulary=5), pad_batch(rows_of(seed))
        ids, scores = beam_search(model, source_ids, 8, START, END, width, alpha)
        found, own = beams(model, source_ids, 8, START, END, width, alpha)
        assert np.array_equal(found, ids)
        np.testing.assert_allclose(own, scores, atol=1e-4)


@pytest.mark.parametrize("alpha", [0.0, 0.6, 3.0, -1.0])
def test_where_no_rival_is_seen_the_beam_says_what_greedy_says(monkeypatch, alpha):
    monkeypatch.setattr(decoding, "compiled", quickly)
    without = followed = 0
    for seed, sharper in itertools.product(range(4), (1, 8)):
        model, source_ids = model_of(seed, vocabulary=5), pad_batch(rows_of(seed))
        for weight in (model.output_layer.kernel, model.output_layer.bias):
            weight.assign(weight * sharper)  # surer of itself, with the same greedy sentence
        said, scores, left = without_rivals(model, source_ids, 8, START, END, alpha)
        ids, expected = beam_search(model, source_ids, 8, START, END, 3, alpha)
        for b in set(range(len(source_ids))) - set(left.tolist()):
            assert said[b][said[b] != 0].tolist() == ids[b][ids[b] != 0].tolist()
            np.testing.assert_allclose(scores[b], expected[b], atol=1e-4)
            without += 1
        followed += len(left)
    assert without >= 3 and followed >= 3  # both kinds were there


def test_rows_come_back_in_their_order_and_batches_hold_what_they_may():
    rows = rows_of(0, 40)
    order = list(batches(rows, 60))
    assert sorted(i for batch in order for i in batch) == list(range(40)) and len(order) > 3
    assert all(len(batch) * max(len(rows[i]) for i in batch) <= 60 for batch in order)
    assert list(batches([np.ones(90)], 60)) == [[0]] and list(batches([], 60)) == []


@pytest.mark.parametrize("width", [1, 3])
def test_many_sentences_are_each_alone(monkeypatch, width):
    monkeypatch.setattr(decoding, "compiled", quickly)
    monkeypatch.setattr(fast_decoding, "TOKENS", 60)
    model, rows = model_of(2), rows_of(3, 10)
    for row, said in zip(rows, decode_all(model, rows, 15, START, END, width), strict=True):
        alone = greedy_decode(model, row[None], 15, START, END)[0]
        alone = alone if width == 1 else beam_search(model, row[None], 15, START, END, width)[0][0]
        assert said[said != 0].tolist() == alone[alone != 0].tolist()


def test_products_have_their_cores_again_afterwards(monkeypatch):
    monkeypatch.setattr(fast_decoding, "TOKENS", 60)
    monkeypatch.setattr(fast_decoding.os, "cpu_count", lambda: 3)
    if not (before := [pool["num_threads"] for pool in fast_decoding.blas().info()]) or max(before) == 1:
        pytest.skip("NumPy's products have one core here")
    found, limit = [], fast_decoding.blas().limit
    monkeypatch.setattr(fast_decoding.blas(), "limit", lambda **options: found.append(options) or limit(**options))
    model, rows = model_of(2), rows_of(3, 10)
    said = decode_all(model, rows, 15, START, END)
    with pytest.raises(ValueError, match="at most 40 tokens to say"):
        decode_all(model, rows, 41, START, END)
    assert found == [{"limits": 1, "user_api": "blas"}] * 2
    assert [pool["num_threads"] for pool in fast_decoding.blas().info()] == before
    monkeypatch.setattr(fast_decoding.os, "cpu_count", lambda: 1)
    alone = decode_all(model, rows, 15, START, END)
    assert len(found) == 2 and all(map(np.array_equal, said, alone))


def test_other_models_are_left_to_the_layers():
    assert is_known(model_of(0))
    mixed = make_model(dtype="mixed_bfloat16", seed=None)
    assert not is_known(mixed)
    source_ids = pad_batch(rows_of(0))
    assert np.array_equal(greedy(mixed, source_ids, 6, START, END), greedy_decode(mixed, source_ids, 6, START, END))

    for change in (
        lambda model: setattr(model.output_layer, "activation", keras.activations.tanh),
        lambda model: setattr(
            model.encoder.encoder_layers[0].feed_forward.narrow, "activation", keras.activations.relu
        ),
        lambda model: setattr(model.encoder.encoder_layers[0].attention_norm, "gamma", None),
    ):
        changed = make_model(seed=None)
        change(changed)
        assert not is_known(changed)

    odd = make_model(seed=None)
    attention = odd.encoder.encoder_layers[0].self_attention
    attention.__class__ = type("Another", (type(attention),), {})
    assert not is_known(odd)


def test_new_weights_are_seen():
    model, source_ids = make_model(), pad_batch(rows_of(1))
    before = greedy(model, source_ids, 10, START, END)
    with ablate_head(model, "decoder/0/cross", 0):
        inside = greedy(model, source_ids, 10, START, END)
        assert np.array_equal(inside, greedy_decode(model, source_ids, 10, START, END, use_cache=False))
    assert not np.array_equal(inside, before)
    assert np.array_equal(greedy(model, source_ids, 10, START, END), before)


def test_weights_that_change_meanwhile_are_the_old_ones():
    """What is read is not copied: a training that goes on beside must not reach into it."""
    model, source_ids = make_model(), pad_batch(rows_of(1))
    memory, token = Memory(InNumPy(model), source_ids), np.full(len(source_ids), START)
    expected = Memory(InNumPy(model), source_ids).step(token)
    for weight in model.weights:
        weight.assign(weight + 1)
    assert np.array_equal(memory.step(token), expected)


def test_no_sentence_and_requests_that_cannot_be_met():
    model = model_of(0)
    assert greedy(model, np.zeros((0, 4), "int32"), 8, START, END).shape == (0, 0)
    assert beams(model, np.zeros((0, 4), "int32"), 8, START, END)[0].shape == (0, 0)
    assert decode_all(model, [], 8, START, END) == []
    with pytest.raises(ValueError, match="at most 40 tokens to say. Received: 41"):
        greedy(model, pad_batch(rows_of(0)), 41, START, END)
    with pytest.raises(ValueError, match="beam_width=0"):
        beams(model, pad_batch(rows_of(0)), 5, START, END, 0)
    with pytest.raises(ValueError, match="beam_width=0"):
        decode_all(model, rows_of(0), 5, START, END, 0)


SAYS = """\
import keras
from utils.tasks.translation import Translator
translator = Translator.load()
assert keras.backend.backend() == backend
assert translator(["Jane visite l'Afrique", "Marie mange une pomme"]) == ["Jane visits Africa", "Marie eats an apple"]
assert translator("Marie mange une pomme verte", 4) == "Marie eats a green apple"
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_other_backends_say_the_same(backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed: see requirements-test.txt and requirements-torch.txt")
    environment = os.environ | {"KERAS_BACKEND": backend, "OMP_NUM_THREADS": "1"}
    program = [sys.executable, "-c", f"backend = {backend!r}\n{SAYS}"]
    done = subprocess.run(program, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.xdist_group("translator")
def test_the_shipped_translators_tokens_are_the_layers():
    translator = Translator.load()
    french = [french for french, _ in load("test_random")[:300]]
    rows = [row[1:] for row in translator.source_vocabulary.encode_all(french)]
    slow = greedy_decode(translator.model, pad_batch(rows), 32, START, END)
    for fast, row in zip(decode_all(translator.model, rows, 32, START, END), slow, strict=True):
        assert fast[fast != 0].tolist() == row[row != 0].tolist()
    _, _, left = without_rivals(translator.model, pad_batch(rows), 32, START, END, 0.6)
    assert len(left) < 100  # it is sure of its words: few beams need to be followed
