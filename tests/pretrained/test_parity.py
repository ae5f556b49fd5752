"""Is it really BERT? Our hidden states and tokens beside those of `transformers`, or beside what it once gave."""

import importlib.util
import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from utils.pretrained import fetch, load_encoder
from utils.pretrained.checkpoint import load_tokenizer
from utils.text.buckets import pad_encodings

from .reference import SMALL, STORED, STORED_COLUMNS, TEXTS

ROOT = pathlib.Path(__file__).parents[2]
NAMES = [name for name, _, _ in SMALL]
INSTALLED = all(importlib.util.find_spec(name) for name in ("torch", "transformers"))


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The folder that `transformers` has filled with checkpoints and hidden states, in its own process."""
    if not INSTALLED:
        pytest.skip("transformers is not installed: the stored checkpoints are tested instead")
    folder = tmp_path_factory.mktemp("reference")
    command = [sys.executable, "-m", "tests.pretrained.reference", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads((folder / "names.json").read_text()) == NAMES
    return folder


@pytest.fixture(scope="module")
def minilm():
    """Our encoder with the pre-trained weights, and its tokenizer."""
    folder = fetch()
    return load_encoder(folder), load_tokenizer(folder)


def encode(tokenizer, text):
    return tokenizer.encode(*(text if isinstance(text, tuple) else (text,)))


def assert_small_agrees(folder):
    expected = np.load(folder / "expected.npz")
    encoder = load_encoder(folder)
    inputs = {"token_type_ids": expected["types"], "padding_mask": expected["mask"]}
    if not encoder.num_token_types:
        del inputs["token_type_ids"]
    got = np.asarray(encoder(expected["ids"], **inputs))
    np.testing.assert_allclose(got[expected["mask"]], expected["hidden"][expected["mask"]], rtol=0, atol=1e-5)


def assert_minilm_agrees(minilm, path, columns):
    encoder, tokenizer = minilm
    expected = np.load(path)
    for n, text in enumerate(TEXTS):
        code = encode(tokenizer, text)
        assert code.ids == expected[f"ids_{n}"].tolist() and code.type_ids == expected[f"types_{n}"].tolist(), text
        assert code.offsets == [tuple(pair) for pair in expected[f"offsets_{n}"].tolist()], text
        got = np.asarray(encoder(*pad_encodings([code])))[0]
        np.testing.assert_allclose(got[:, columns], expected[f"hidden_{n}"], rtol=0, atol=1e-5, err_msg=str(text))


@pytest.mark.slow
def test_twenty_texts_and_more_of_the_pretrained_encoder(minilm, written):
    assert len(TEXTS) >= 20
    assert_minilm_agrees(minilm, written / "minilm.npz", slice(None))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_small_checkpoint(written, name):
    assert_small_agrees(written / name)


def test_the_pretrained_encoder_gives_what_is_stored(minilm):
    assert_minilm_agrees(minilm, STORED / "minilm.npz", STORED_COLUMNS)


@pytest.mark.parametrize("name", json.loads((STORED / "names.json").read_text()))
def test_a_stored_checkpoint(name):
    assert_small_agrees(STORED / name)


def test_all_texts_in_one_padded_batch_are_as_each_alone(minilm):
    encoder, tokenizer = minilm
    codes = [encode(tokenizer, text) for text in TEXTS if len(text) < 100]
    inputs = pad_encodings(codes)
    together = np.asarray(encoder(*inputs))
    for n, code in enumerate(codes):
        alone = np.asarray(encoder(*pad_encodings([code])))[0]
        np.testing.assert_allclose(together[n][inputs[2][n]], alone, rtol=0, atol=1e-5)
