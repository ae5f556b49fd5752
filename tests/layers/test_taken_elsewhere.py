"""The layers taken elsewhere: exported with sizes unknown, quantized and saved, compiled by PyTorch."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

from tests.layers.harness import BACKEND, SOURCE_VOCABULARY, S, T, token_ids
from utils.layers import Encoder, PositionalEncoding, Transformer, combine_masks
from utils.layers.contract import check_divisible, check_positive, traced
from utils.layers.pretrained_encoder import PretrainedEncoder

HERE = Path(__file__)
EXPORTS = [
    ("jax", "tf_saved_model", "positional_encoding"),
    pytest.param("jax", "tf_saved_model", "transformer", marks=pytest.mark.slow),
    ("torch", "onnx", "attention"),
    ("torch", "openvino", "attention"),
]
NEEDED = {"tf_saved_model": ("tensorflow",), "onnx": ("onnx", "onnxruntime"), "openvino": ("openvino",)}


@pytest.mark.parametrize(("backend", "form", "name"), EXPORTS)
def test_what_is_exported_with_unknown_sizes_computes_the_same_at_every_size(backend, form, name, tmp_path):
    if BACKEND != "tensorflow":
        pytest.skip("once is enough: the backend is chosen in a process of its own")
    for package in (backend, *NEEDED[form]):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    command = [sys.executable, "-m", "tests.layers.exported", name, form, str(tmp_path)]
    environment = os.environ | {"KERAS_BACKEND": backend, "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, cwd=HERE.parents[2], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"


QUANTIZED = {
    "transformer": lambda: Transformer(1, 12, 3, 20, SOURCE_VOCABULARY, 13, 9, 8),
    "encoder": lambda: Encoder(2, 12, 3, 20, SOURCE_VOCABULARY, 9, norm="pre"),
    "pretrained": lambda: PretrainedEncoder(1, 12, 3, 20, SOURCE_VOCABULARY, 9),
}


@pytest.mark.filterwarnings("ignore:.*does not have a `quantize` method")
@pytest.mark.parametrize(("name", "mode"), [("transformer", "int8"), ("encoder", "int4"), ("pretrained", "int8")])
def test_a_quantized_model_comes_back_as_it_was_saved(name, mode, tmp_path):
    if name == "transformer":
        inputs, model = [token_ids(S, SOURCE_VOCABULARY), token_ids(T, 13)], QUANTIZED[name]()
    else:
        symbol = keras.Input((None,), dtype="int32")
        inputs, model = token_ids(S, SOURCE_VOCABULARY), keras.Model(symbol, QUANTIZED[name]()(symbol))
    plain = ops.convert_to_numpy(model(inputs))
    model.quantize(mode)
    saved = ops.convert_to_numpy(model(inputs))
    assert np.abs(saved - plain).max() > 1e-4  # it is quantized
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(ops.convert_to_numpy(loaded(inputs)), saved, atol=1e-6)
    kept = [part.quantization_mode for part in loaded._flatten_layers()]
    assert kept == [part.quantization_mode for part in model._flatten_layers()]
    assert mode in kept


def test_a_plain_model_says_nothing_of_quantization():
    assert "quantized" not in QUANTIZED["transformer"]().get_config()


def test_positions_are_looked_up_from_any_start():
    layer, x = PositionalEncoding(9), np.zeros((2, 3, 12), "float32")
    whole = ops.convert_to_numpy(layer(np.zeros((1, 9, 12), "float32")))
    for start in (0, 4, np.int64(6), ops.convert_to_tensor(2, "int64")):
        first = int(start)
        np.testing.assert_array_equal(ops.convert_to_numpy(layer(x, start=start))[0], whole[0, first : first + 3])


def test_sizes_that_an_exporter_traces_pass_and_wrong_ones_do_not():
    size = type("Size", (), {"__module__": "torch"})()
    if BACKEND != "torch":
        assert traced(size)
        check_positive(d=size)
        check_divisible(size, 3)
    assert not traced(np.int64(4))
    for wrong in (None, 2.5, "4", True, np.zeros(1), 0):
        assert not traced(wrong)
        with pytest.raises(ValueError, match="whole number of at least 1"):
            check_positive(d=wrong)


@pytest.mark.skipif(BACKEND != "torch", reason="PyTorch's compiler")
def test_pytorch_compiles_the_masks_and_attention_whole():
    import torch

    masks = torch.ones(5, 5, dtype=torch.bool).tril(), torch.ones(2, 1, 1, 5, dtype=torch.bool)
    compiled = torch.compile(combine_masks, backend="eager", fullgraph=True)
    np.testing.assert_array_equal(compiled(*masks), combine_masks(*masks))
    assert compiled(None, None) is None


@pytest.mark.skipif(BACKEND != "tensorflow", reason="TensorFlow's graph")
def test_the_exact_gelu_goes_to_onnx(tmp_path):
    pytest.importorskip("tf2onnx", reason="tf2onnx is not installed")
    onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    encoder, ids = QUANTIZED["pretrained"](), token_ids(S, SOURCE_VOCABULARY)
    wanted = ops.convert_to_numpy(encoder(ids))
    path = str(tmp_path / "encoder.onnx")
    encoder.export(path, format="onnx", verbose=False, input_signature=[keras.InputSpec("int32", (None, None))])
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {session.get_inputs()[0].name: ids})
    np.testing.assert_allclose(found, wanted, atol=5e-6)
