"""A decoder alone: it never looks ahead, and its loss and perplexity are those of the field."""

import json
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

from utils.layers import (
    Encoder,
    LanguageModel,
    combine_masks,
    create_look_ahead_mask,
    create_padding_mask,
    next_token_loss,
    perplexity,
)

from .harness import B, D, F, H, T, array, assert_close, numpy_of, randomise, token_ids

V, ROOT = 13, Path(__file__).resolve().parents[2]


@pytest.fixture(params=["pre", "post"])
def model(request):
    made = LanguageModel(2, D, H, F, V, 9, norm=request.param)
    made.build((None, None))
    return randomise(made)


def log_softmax(x):
    x = x.astype("float64")
    x = x - x.max(axis=-1, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=-1, keepdims=True))


def test_what_comes_later_changes_nothing_before(model):
    ids = token_ids(T, V, padding=0)
    later = ids.copy()
    later[:, 3:] = 1 + later[:, 3:] % (V - 1)
    one, other = numpy_of(model(ids))[0], numpy_of(model(later))[0]
    np.testing.assert_array_equal(one[:, :3], other[:, :3])
    assert np.abs(one[:, 3:] - other[:, 3:]).max() > 1e-2


def test_padding_behind_changes_nothing(model):
    ids = token_ids(T, V, padding=0)
    padded = np.pad(ids, ((0, 0), (0, 3)))
    assert_close(model(padded)[:, :T], model(ids))


def test_it_is_an_encoder_with_a_look_ahead_mask(model):
    encoder = Encoder(2, D, H, F, V, 9, norm=model.norm, activation="gelu")
    encoder.build((None, None))
    encoder.set_weights(model.encoder.get_weights())
    ids = token_ids(T, V, padding=1)
    mask = combine_masks(create_look_ahead_mask(T), create_padding_mask(ids))
    assert_close(model(ids), model.output_layer(encoder(ids, attention_mask=mask)))
    logits, scores = model(ids, return_attention_scores=True)
    assert_close(logits, model(ids))
    assert list(scores) == ["encoder/0/self", "encoder/1/self"]
    assert np.triu(numpy_of(scores["encoder/1/self"])[0], 1).max() == 0


@pytest.mark.parametrize("pad_id, padding", [(0, 0), (0, 2), (4, 2)])
def test_the_loss_is_the_mean_over_what_is_foretold(pad_id, padding):
    ids = token_ids(T, V, padding=0)
    ids[ids == pad_id] = pad_id + 1
    if padding:
        ids[-1, -padding:] = pad_id
    logits = 3 * array(B, T, V)
    log_p = np.take_along_axis(log_softmax(logits)[:, :-1], ids[:, 1:, None], axis=-1)[..., 0]
    kept = ids[:, 1:] != pad_id
    assert_close(next_token_loss(ids, logits, pad_id), -log_p[kept].mean())
    keras_loss = keras.losses.sparse_categorical_crossentropy(ids[:, 1:], logits[:, :-1], from_logits=True)
    assert_close(next_token_loss(ids, logits, pad_id), numpy_of(keras_loss)[0][kept].mean())
    assert_close(perplexity(log_p, kept), np.exp(-log_p[kept].mean()), atol=1e-3)


def test_nothing_to_foretell_costs_nothing():
    assert float(next_token_loss(np.zeros((2, 3), "int32"), array(2, 3, V))) == 0


def test_half_precision_does_not_round_the_loss():
    ids, logits = token_ids(T, V), 3 * array(B, T, V)
    half = next_token_loss(ids, ops.cast(logits, "bfloat16"))
    assert keras.backend.standardize_dtype(half.dtype) == "float32"
    assert abs(float(half) - float(next_token_loss(ids, logits))) < 0.05


@pytest.mark.parametrize(
    "ids, logits, words",
    [
        ((2, 5), (2, 4, V), r"ids of shape \(2, 5\), logits of shape \(2, 4, 13\)"),
        ((2, 5), (3, 5, V), r"logits of shape \(3, 5, 13\)"),
        ((5,), (2, 5, V), r"`token_ids` must have shape \(B, T\)"),
        ((2, 5), (5, V), r"`logits` must have shape \(B, T, V\)"),
    ],
)
def test_what_does_not_fit_is_told(ids, logits, words):
    with pytest.raises(ValueError, match=words):
        next_token_loss(np.ones(ids, "int32"), np.zeros(logits, "float32"))


def test_perplexity_of_guessing_is_the_number_of_tokens():
    log_p = np.full((2, 4), -np.log(17.0), "float32")
    assert float(perplexity(log_p, np.ones((2, 4), bool))) == pytest.approx(17, rel=1e-5)


def test_perplexity_leaves_out_padding_whatever_stands_there():
    log_p = np.log(np.array([[0.5, 0.25, 0.5], [0.1, 0.2, 0.9]], "float32"))
    is_token = np.array([[True, True, True], [True, False, False]])
    expected = (0.5 * 0.25 * 0.5 * 0.1) ** (-1 / 4)
    for there in (0.0, -3.0, -np.inf):
        given = np.where(is_token, log_p, there).astype("float32")
        assert float(perplexity(given, is_token)) == pytest.approx(expected, rel=1e-5)
    assert float(perplexity(log_p, is_token, units=2)) == pytest.approx(expected**2, rel=1e-5)


THEIRS = """
import json, sys
import numpy as np, torch
from transformers import GPT2Config, GPT2LMHeadModel
torch.manual_seed(3)
model = GPT2LMHeadModel(GPT2Config(vocab_size=13, n_positions=9, n_embd=12, n_layer=1, n_head=3)).eval()
ids = torch.tensor(np.random.default_rng(4).integers(1, 13, (2, 7)))
labels = ids.clone()
labels[1, -2:] = -100
with torch.no_grad():
    out = model(ids, labels=labels)
print(json.dumps([ids.tolist(), labels.tolist(), out.logits.tolist(), float(out.loss), float(torch.exp(out.loss))]))
"""


@pytest.mark.slow
def test_loss_and_perplexity_are_those_of_transformers():
    probe = "import importlib.util as i, sys; sys.exit(not (i.find_spec('torch') and i.find_spec('transformers')))"
    if subprocess.run([sys.executable, "-c", probe], check=False).returncode:
        pytest.skip("torch and transformers are not both installed")
    done = subprocess.run([sys.executable, "-c", THEIRS], cwd=ROOT, capture_output=True, text=True, check=True)
    ids, labels, logits, loss, theirs = json.loads(done.stdout.splitlines()[-1])
    ids = np.where(np.array(labels) == -100, 0, ids).astype("int32")
    logits = np.array(logits, "float32")
    assert float(next_token_loss(ids, logits)) == pytest.approx(loss, abs=1e-5)
    log_p = np.take_along_axis(log_softmax(logits)[:, :-1], ids[:, 1:, None], axis=-1)[..., 0]
    assert float(perplexity(log_p, ids[:, 1:] != 0)) == pytest.approx(theirs, rel=1e-5)
