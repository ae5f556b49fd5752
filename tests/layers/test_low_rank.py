"""LoRADense keeps the contract of all layers, and what is its own: the kernel stays, B begins at zero, merging."""

import re

import keras
import numpy as np
import pytest
from keras import ops

from utils.layers import FeedForward
from utils.layers.low_rank import LoRADense, beside, merge, merged

from . import test_contract as contract
from .harness import BACKEND, B, Case, D, F, T, array, assert_close, gradients, jit, numpy_of, weighted_sum

R = 4
ARGUMENTS = {"units": F, "rank": R, "alpha": 8.0, "activation": "gelu"}
PLAIN = Case(LoRADense, ARGUMENTS, {"x": array(B, T, D)}, 4)
BARE = Case(LoRADense, {"units": F, "rank": R, "use_bias": False}, {"x": array(B, T, D)}, 3, " no bias")
every_case = pytest.mark.parametrize("case", [PLAIN, BARE], ids=str)


@every_case
def test_configuration(case):
    contract.test_config_holds_every_argument_and_the_name(case)


@every_case
def test_copies(case):
    contract.test_copied_weights_give_the_same_outputs(case)


@every_case
def test_files(case, tmp_path):
    contract.test_saves_and_loads_and_saves_again(case, tmp_path)


@pytest.mark.parametrize("policy, is_global", [("mixed_bfloat16", True), ("mixed_float16", False)])
@every_case
def test_mixed_precision(case, policy, is_global):
    contract.test_mixed_precision(case, policy, is_global)


@every_case
def test_compiled(case):
    contract.test_compiled_as_eager(case)


@every_case
def test_shapes_known_beforehand(case):
    layer = case.layer(**case.arguments)
    symbol = layer(**case.symbols())
    assert symbol.shape == (None, None, F) and layer.compute_output_shape((B, T, D)) == (B, T, F)
    assert len(layer.weights) == case.weights and len(layer.trainable_weights) == 2


@pytest.mark.parametrize("shape", [(D,), (B, D), (B, T, D), (B, 3, T, D)], ids=str)
def test_it_is_what_the_formula_says(shape):
    layer = PLAIN.make()
    if len(shape) == 1:
        with pytest.raises(Exception):  # noqa: B017, PT011 - each backend has its own words: Keras wants a batch
            keras.layers.Dense(F)(array(*shape))
        return
    W, b, a, b_low = (w.astype("float64") for w in (layer.kernel.numpy(), layer.bias.numpy(), *low_rank(layer)))
    x = array(*shape).astype("float64")
    z = x @ W + b + 8.0 / R * (x @ a) @ b_low
    assert_close(layer(array(*shape)), numpy_of(keras.activations.gelu(ops.convert_to_tensor(z))))


def low_rank(layer):
    return [ops.convert_to_numpy(w.value) for w in (layer.lora_a, layer.lora_b)]


def fresh(**arguments):
    layer = LoRADense(**ARGUMENTS | arguments)
    layer.build((None, None, D))
    return layer


def test_at_the_start_nothing_has_changed():
    layer, dense = fresh(), keras.layers.Dense(F, activation="gelu")
    dense.build((None, None, D))
    dense.set_weights([ops.convert_to_numpy(w.value) for w in (layer.kernel, layer.bias)])
    assert not np.any(low_rank(layer)[1]) and np.abs(low_rank(layer)[0]).max() > 0
    assert_close(layer(array(B, T, D)), dense(array(B, T, D)), atol=1e-6)


def test_the_size_of_x_a_does_not_depend_on_the_width():
    for width in (16, 256):
        layer = LoRADense(5, 64)
        layer.build((None, width))
        size = np.std(array(100, width) @ low_rank(layer)[0])
        assert 0.8 < size < 1.25, (width, size)


def test_only_a_and_b_learn_and_at_the_start_only_b_is_moved():
    layer = fresh()
    assert [w.name for w in layer.trainable_weights] == ["lora_a", "lora_b"]
    of_a, of_b = gradients(lambda: weighted_sum(layer(array(B, T, D))), layer.trainable_weights, [])
    assert not of_a.any() and np.abs(of_b).max() > 1e-3
    layer = PLAIN.make()
    found = gradients(lambda: weighted_sum(layer(array(B, T, D))), layer.trainable_weights, [])
    assert all(np.abs(g).max() > 1e-3 for g in found)


def test_thawing_the_layer_does_not_thaw_the_kernel():
    layer = fresh()
    layer.trainable = False
    assert not layer.trainable_weights
    layer.trainable = True
    assert [w.name for w in layer.trainable_weights] == ["lora_a", "lora_b"]


def fitted(layer):
    """The layer after some steps towards outputs of its own kind, and how far the loss fell."""
    model = keras.Sequential([keras.Input((T, D)), layer])
    model.compile(keras.optimizers.Adam(0.02), "mse", jit_compile=BACKEND == "jax")
    losses = model.fit(array(16, T, D), array(16, T, F, seed=5), epochs=8, verbose=0).history["loss"]
    return losses[-1] / losses[0]


@every_case
def test_training_moves_a_and_b_and_leaves_kernel_and_bias(case):
    layer = case.layer(**case.arguments)
    layer.build((None, None, D))
    before = {w.name: ops.convert_to_numpy(w.value).copy() for w in layer.weights}
    assert fitted(layer) < 0.98
    moved = {w.name for w in layer.weights if np.abs(ops.convert_to_numpy(w.value) - before[w.name]).max() > 0}
    assert moved == {"lora_a", "lora_b"}


def test_it_learns_after_weights_were_loaded_from_a_file(tmp_path):
    """Keras' own, enabled before `load_weights`, does not: the file of the time before has no factors to load."""
    model = keras.Sequential([keras.Input((T, D)), fresh()])
    model.save_weights(tmp_path / "whole.weights.h5")
    again = keras.Sequential([keras.Input((T, D)), fresh()])
    again.load_weights(tmp_path / "whole.weights.h5")
    assert np.abs(low_rank(again.layers[0])[0]).max() > 0 and fitted(again.layers[0]) < 0.98


def test_kernels_of_a_dense_layer_go_in_by_name():
    dense, layer = keras.layers.Dense(F, activation="gelu"), fresh()
    dense.build((None, None, D))
    for weight in dense.weights:
        getattr(layer, weight.name).assign(weight)
    assert_close(layer(array(B, T, D)), dense(array(B, T, D)), atol=1e-6)
    assert np.abs(low_rank(layer)[0]).max() > 0


def test_as_keras_own():
    """The same numbers as `keras.layers.Dense` after `enable_lora`."""
    ours, theirs = PLAIN.make(), keras.layers.Dense(F, activation="gelu")
    theirs.build((None, None, D))
    theirs.enable_lora(R, lora_alpha=8.0)  # given to the constructor, its alpha is lost when the layer is built
    theirs._kernel.assign(ours.kernel)  # `kernel` is the sum
    theirs.bias.assign(ours.bias)
    theirs.lora_kernel_a.assign(ours.lora_a)
    theirs.lora_kernel_b.assign(ours.lora_b)
    assert_close(ours(array(B, T, D)), theirs(array(B, T, D)))
    kernel, a, b = (w.value for w in (ours.kernel, ours.lora_a, ours.lora_b))
    assert_close(merge(kernel, a, b, 8.0), theirs.kernel)


@every_case
def test_merged_gives_the_same_outputs(case):
    layer = case.make()
    dense = merged(layer)
    assert type(dense) is keras.layers.Dense and len(dense.weights) == case.weights - 2
    assert_close(dense(array(B, T, D)), layer(array(B, T, D)))


def test_merging_takes_the_shape_of_an_attentions_kernel():
    kernel, a, b = array(D, 3, 4), array(D, R), array(R, 12)
    expected = kernel + 2.0 / R * (a.astype("float64") @ b).reshape(kernel.shape)
    assert_close(merge(kernel, a, b, 2.0), expected.astype("float32"))
    assert_close(jit(lambda k, a, b: merge(k, a, b, 2.0))(*map(ops.convert_to_tensor, (kernel, a, b))), expected)


def test_alpha_is_the_rank_where_nothing_is_said():
    assert LoRADense(5, 3).alpha == 3 and LoRADense(5, 3).get_config()["alpha"] == 3


def test_beside_a_feed_forward():
    ours, plain = FeedForward(D, F, "gelu"), FeedForward(D, F, "gelu")
    beside(ours, R, 8.0)
    ours.build((None, None, D))
    plain.build((None, None, D))
    for name in ("widen", "narrow"):
        for weight in getattr(plain, name).weights:
            getattr(getattr(ours, name), weight.name).assign(weight)
    assert_close(ours(array(B, T, D)), plain(array(B, T, D)))
    assert len(ours.weights) == 8 and len(ours.trainable_weights) == 4
    assert not [layer for layer in ours._flatten_layers() if not layer.built and layer.weights != []]
    assert sum(isinstance(layer, keras.layers.Dense) for layer in ours._flatten_layers()) == 0


@pytest.mark.parametrize(
    ("call", "received"),
    [
        (lambda: LoRADense(0, 4), "units=0"),
        (lambda: LoRADense(5, 0), "rank=0"),
        (lambda: LoRADense(5, 1.5), "rank=1.5"),
        (lambda: LoRADense(5, 2, alpha=0), "alpha=0"),
        (lambda: LoRADense(5, 2, alpha=-1.0), "alpha=-1.0"),
        (lambda: beside(built_feed_forward(), 2), "FeedForward"),
    ],
)
def test_refuses_and_says_what_it_received(call, received):
    with pytest.raises(ValueError, match="(?s)Received.*" + re.escape(received)):
        call()


def built_feed_forward():
    layer = FeedForward(D, F)
    layer.build((None, None, D))
    return layer


@pytest.mark.parametrize("name", ["units", "rank", "alpha", "activation", "use_bias"])
def test_every_argument_changes_something(name):
    value = {"units": 7, "rank": 2, "alpha": 3.0, "activation": "relu", "use_bias": False}[name]
    before, after = PLAIN.make(), LoRADense(**ARGUMENTS | {name: value})
    after.build((None, None, D))
    if name in ("alpha", "activation"):
        after.set_weights(before.get_weights())
        assert np.abs(numpy_of(before(array(B, T, D)))[0] - numpy_of(after(array(B, T, D)))[0]).max() > 1e-3
    else:
        assert [w.shape for w in before.weights] != [w.shape for w in after.weights]
