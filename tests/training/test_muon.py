"""Muon for kernels of three axes beside Keras' own for the matrices that they are."""

import functools
import importlib.util
import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from utils.layers import Transformer
from utils.training.muon import Muon

OPTIONS = {"adam_beta_2": 0.98, "epsilon": 1e-9, "weight_decay": 0.01}


def learn(optimizer, weights, steps=12):
    """Each weight after some steps whose gradients do not depend on its shape."""
    for step in range(steps):
        random = np.random.default_rng([3, step])
        flat = [random.normal(size=(int(np.prod(w.shape)),)).astype("float32") for w in weights]
        optimizer.apply_gradients([(tf.constant(g.reshape(w.shape)), w) for g, w in zip(flat, weights, strict=True)])
    return [w.numpy() for w in weights]


def variables(*shapes):
    random = np.random.default_rng(0)
    return [random.normal(size=shape).astype("float32") for shape in shapes]


@pytest.mark.parametrize("nesterov", [True, False])
@pytest.mark.parametrize(
    ("kind", "weight", "matrix"),
    [("ours", "query_kernel", (6, 8)), ("ours", "output_kernel", (8, 6)),
     ("keras", "query/kernel", (6, 8)), ("keras", "attention_output/kernel", (8, 6))],
)  # fmt: skip
def test_an_attention_kernel_moves_as_the_matrix_that_it_is(kind, weight, matrix, nesterov):
    from utils.layers import MultiHeadAttention

    layer = MultiHeadAttention(2, 4) if kind == "ours" else keras.layers.MultiHeadAttention(2, 4)
    layer.build((None, None, 6), (None, None, 6))
    [variable] = [v for v in layer.trainable_variables if v.path.endswith(weight)]
    flat = keras.Variable(variable.numpy().reshape(matrix), name="kernel")
    moved = learn(Muon(0.05, nesterov=nesterov, last_by_adam=False, **OPTIONS), [variable])[0]
    wanted = learn(keras.optimizers.Muon(0.05, nesterov=nesterov, **OPTIONS), [flat])[0]
    np.testing.assert_allclose(moved.reshape(matrix), wanted, rtol=1e-5, atol=1e-6)


def test_matrices_and_vectors_move_as_with_keras():
    pairs = []
    for kind in (functools.partial(Muon, last_by_adam=False), keras.optimizers.Muon):
        weights = [keras.Variable(x, name=n) for x, n in zip(variables((5, 9), (9, 4), (4,)), "abc", strict=True)]
        pairs.append(learn(kind(0.05, **OPTIONS), weights))
    for ours, theirs in zip(*pairs, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def small():
    sizes = dict(
        num_layers=1, embedding_dim=8, num_heads=2, fully_connected_dim=12, input_vocab_size=20, dropout_rate=0.0
    )
    model = Transformer(
        target_vocab_size=21, max_positional_encoding_input=9, max_positional_encoding_target=9, **sizes
    )
    model.build(((None, None), (None, None)))
    return model


def test_of_a_transformer_all_matrices_but_embeddings_and_logits_are_muons():
    model = small()
    optimizer = Muon(0.01)
    optimizer.build(model.trainable_variables)
    by_adam = {v.path.rpartition("/")[2] for v in model.trainable_variables if optimizer._should_use_adamw(v)}
    assert by_adam == {"embeddings", "gamma", "beta", "bias", "kernel", *(f"{n}_bias" for n in PROJECTIONS)}
    kernels = [v for v in model.trainable_variables if v.path.endswith("kernel") and optimizer._should_use_adamw(v)]
    assert kernels == [model.output_layer.kernel]


PROJECTIONS = ("query", "key", "value", "output")


def test_a_step_has_singular_values_near_one():
    """But for the scale of Liu et al.: 0.2 of the root of the longer axis."""
    kernel = keras.Variable(variables((6, 2, 8))[0], name="query_kernel")
    before = kernel.numpy()
    learn(Muon(1.0, weight_decay=None, last_by_adam=False), [kernel], steps=1)
    values = np.linalg.svd((before - kernel.numpy()).reshape(6, 16), compute_uv=False) / (0.2 * 16**0.5)
    assert values.min() > 0.6 and values.max() < 1.3


def test_it_is_saved_with_its_moments(tmp_path):
    model = small()
    model.compile(Muon(0.01, ns_steps=4), "mse")
    ids = np.arange(2, 12).reshape(2, 5)
    model.fit((ids, ids), np.zeros((2, 5, 21)), verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.optimizer.get_config() == model.optimizer.get_config() and isinstance(again.optimizer, Muon)
    for one, other in zip(model.optimizer.variables, again.optimizer.variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())
    for side in (model, again):
        side.fit((ids, ids), np.zeros((2, 5, 21)), verbose=0)
    for one, other in zip(model.weights, again.weights, strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), atol=1e-6)


IN_A_PROCESS = """
import sys
import keras, numpy as np
from utils.layers import MultiHeadAttention
from utils.training.muon import Muon
layer, random = MultiHeadAttention(2, 4), np.random.default_rng(0)
layer.build((None, None, 6), (None, None, 6))
for v in layer.trainable_variables:
    v.assign(random.normal(size=v.shape))
optimizer = Muon(0.05, last_by_adam=False, weight_decay=0.01)
optimizer.build(layer.trainable_variables)
for _ in range(6):
    found = [random.normal(size=v.shape).astype("float32") for v in layer.trainable_variables]
    optimizer.apply(list(map(keras.ops.convert_to_tensor, found)), layer.trainable_variables)
np.savez(sys.argv[1], *map(keras.ops.convert_to_numpy, layer.trainable_variables))
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_it_is_the_same_on_all_backends(backend, tmp_path):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed: see requirements-cluster.txt and requirements-torch.txt")
    for name in ("tensorflow", backend):
        environment = os.environ | {"KERAS_BACKEND": name, "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-c", IN_A_PROCESS, str(tmp_path / f"{name}.npz")]
        subprocess.run(command, cwd=pathlib.Path(__file__).parents[2], env=environment, check=True)
    with np.load(tmp_path / "tensorflow.npz") as ours, np.load(tmp_path / f"{backend}.npz") as others:
        for name in ours.files:
            np.testing.assert_allclose(ours[name], others[name], rtol=1e-4, atol=1e-5)
