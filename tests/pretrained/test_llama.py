"""A Llama saved by `transformers`, in our blocks: the same logits, and a clear word where it cannot be read."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from keras import ops
from safetensors.numpy import load_file, save_file

from utils.layers import to_halves
from utils.pretrained.files import EncoderError
from utils.pretrained.llama import load_llama, map_llama_weights, named_weights, read_llama_config

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "data" / "pretrained" / "tiny_llama"


@pytest.fixture
def folder(tmp_path):
    """A copy of the shipped one."""
    return Path(shutil.copytree(TINY, tmp_path / "llama"))


def gap(folder):
    expected = load_file(folder / "expected.safetensors")
    return np.abs(np.asarray(load_llama(folder)(expected["ids"])) - expected["logits"]).max()


def change(folder, **settings):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | settings), encoding="utf-8")


def test_the_shipped_llama_gives_its_logits():
    expected = load_file(TINY / "expected.safetensors")
    assert np.ptp(expected["logits"]) > 2  # no comparison of nothing with nothing
    assert gap(TINY) < 1e-5


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("transformers") is None, reason="transformers is not installed")
@pytest.mark.parametrize("options", [[], ["--tied", "--heads", "1"]])
def test_one_made_now_gives_its_logits(options, tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "benchmarks.tiny_llama", "--out", str(tmp_path), *options]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=600)
    assert gap(tmp_path) < 1e-5
    if not options:
        made, shipped = (load_file(f / "expected.safetensors") for f in (tmp_path, TINY))
        np.testing.assert_array_equal(made["ids"], shipped["ids"])


@pytest.mark.parametrize("switch", [{"rope_parameters": {"rope_type": "default", "rope_theta": 1e4}},
                                    {"rms_norm_eps": 0.1}])  # fmt: skip
def test_settings_arrive(folder, switch):
    change(folder, **switch)
    assert gap(folder) > 1e-3


def test_the_old_name_of_the_base(folder):
    change(folder, rope_parameters=None, rope_theta=500.0)
    assert gap(folder) < 1e-5


def test_interleaved_files_are_put_in_order(folder):
    """As the first Llama files have them: neighbours are a pair."""
    path, tensors = folder / "model.safetensors", load_file(folder / "model.safetensors")
    for name, heads in (("q_proj", 4), ("k_proj", 2)):
        for full in [n for n in tensors if name in n]:
            kernel = tensors[full].T  # (D, H·K) in halves
            pairs = kernel.reshape(24, heads, 2, -1).swapaxes(-1, -2).reshape(kernel.shape)
            np.testing.assert_array_equal(ops.convert_to_numpy(to_halves(pairs, heads)), kernel)
            tensors[full] = np.ascontiguousarray(pairs.T)
    save_file(tensors, path)
    assert gap(folder) > 1e-2


def test_every_weight_has_a_name_and_no_two_share_one():
    model = load_llama(TINY)
    named = named_weights(model)
    assert len(named) == len(model.weights) == len({id(w) for w in named.values()})
    mapped = map_llama_weights(load_file(TINY / "model.safetensors"))
    assert mapped.keys() == named.keys()


@pytest.mark.parametrize(
    "settings, words",
    [
        ({"model_type": "mistral"}, "model_type must be \"llama\". Received: model_type='mistral'"),
        ({"hidden_act": "gelu"}, "hidden_act must be 'silu'. Received: 'gelu'"),
        ({"attention_bias": True}, "attention_bias must be False. Received: True"),
        ({"mlp_bias": True}, "mlp_bias must be False"),
        ({"rope_scaling": {"rope_type": "llama3", "factor": 8.0}}, "only plain rotary positions"),
        ({"rope_parameters": {"rope_type": "yarn", "rope_theta": 1e4}}, "only plain rotary positions"),
        ({"rope_parameters": {"rope_theta": -1}}, "rotary_base must be a number above 0. Received: -1"),
        ({"rms_norm_eps": "small"}, "layernorm_eps must be a number above 0"),
        ({"num_attention_heads": 5}, "num_attention_heads=5"),
        ({"num_key_value_heads": 3}, "num_key_value_heads=3"),
        ({"head_dim": 8}, "head_dim must be 6"),
        ({"vocab_size": None}, "vocab_size must be a whole number of at least 1. Received: vocab_size=None"),
        ({"num_hidden_layers": True}, "num_hidden_layers=True"),
        ({"num_hidden_layers": 3}, "9 tensors are missing"),
        ({"num_hidden_layers": 1}, "a Llama has no blocks/1/"),
        ({"intermediate_size": 48}, "must have the shape (24, 48), as config.json says. Received: (24, 40)"),
    ],
)
def test_what_cannot_be_read_is_told(folder, settings, words):
    change(folder, **settings)
    with pytest.raises(EncoderError) as told:
        load_llama(folder)
    assert words in str(told.value) and str(folder) in str(told.value)


def test_a_folder_without_weights_or_with_damaged_ones(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(EncoderError, match="damaged or cut short"):
        load_llama(folder)
    path.unlink()
    with pytest.raises(EncoderError, match=r"There is no model\.safetensors"):
        load_llama(folder)
    (folder / "config.json").unlink()
    with pytest.raises(EncoderError, match=r"There is no config\.json"):
        read_llama_config(folder)
