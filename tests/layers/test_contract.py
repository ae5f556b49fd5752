"""What every layer owes: configurations, files, dtypes, training, compilation, symbolic shapes, gradients."""

import keras
import numpy as np
import pytest
from keras import ops
from keras.src.testing import TestCase

from utils.layers import FeedForward, Transformer

from .harness import (
    BACKEND,
    CASES,
    EVERY_LAYER,
    FIRST_CASE,
    SOURCE,
    TARGET,
    B,
    D,
    F,
    T,
    accepts,
    array,
    assert_close,
    gradients,
    jit,
    numpy_of,
    weighted_sum,
)

every_case = pytest.mark.parametrize("case", CASES, ids=str)
trainable_case = pytest.mark.parametrize("case", [case for case in CASES if case.weights], ids=str)
ONE_INPUT = [case for case in CASES if {*case.inputs} <= {"x", "attention_mask"} or len(case.inputs) == 1]


def both_calls(layer, inputs):
    """The layer's outputs without and, where it can, with attention scores."""
    scores = {"return_attention_scores": True}
    return [layer(**inputs, **more) for more in ([{}, scores] if accepts(layer, *scores) else [{}])]


def test_every_layer_has_a_case():
    assert {case.layer for case in CASES} == set(EVERY_LAYER) and len(EVERY_LAYER) == 16


@every_case
def test_config_holds_every_argument_and_the_name(case):
    layer = case.layer(**case.arguments, name="some_name")
    config = layer.get_config()
    assert config["name"] == "some_name"
    assert case.arguments.items() <= config.items()
    again = case.layer.from_config(config)
    assert again.get_config() == config
    assert case.layer.from_config(again.get_config()).get_config() == config


@every_case
def test_copied_weights_give_the_same_outputs(case):
    layer = case.make()
    copy = case.layer.from_config(layer.get_config())
    copy(**case.symbols())
    copy.set_weights(layer.get_weights())
    assert_close(both_calls(copy, case.inputs), both_calls(layer, case.inputs), atol=0)


@every_case
def test_saves_and_loads_and_saves_again(case, tmp_path):
    model = case.model(case.make(name="part"))
    data = keras.tree.flatten(list(case.inputs.values()))
    expected = numpy_of(model(data))
    for path in (tmp_path / "first.keras", tmp_path / "second.keras"):
        model.save(path)
        model = keras.saving.load_model(path)
        assert_close(model(data), expected, atol=0)
        part = model.get_layer("part")
        assert case.arguments.items() <= part.get_config().items()


@pytest.mark.parametrize("policy, is_global", [("mixed_bfloat16", True), ("mixed_float16", False)])
@every_case
def test_mixed_precision(case, policy, is_global):
    expected, dtype = case.make()(**case.inputs), policy.removeprefix("mixed_")
    if is_global:
        keras.config.set_dtype_policy(policy)
    layer = case.make() if is_global else case.make(dtype=policy)
    outputs = both_calls(layer, case.inputs)
    for output in keras.tree.flatten(outputs):
        kind = keras.backend.standardize_dtype(output.dtype)
        assert kind == ("bool" if case.layer.__name__.endswith("Mask") else dtype)
        assert np.isfinite(ops.convert_to_numpy(ops.cast(output, "float32"))).all()
    assert_close(ops.cast(outputs[0], "float32"), expected, atol=0.3 if dtype == "bfloat16" else 0.03)
    keras.config.set_dtype_policy("float32")
    for whole in (layer, case.layer.from_config(layer.get_config())):  # saved there, loaded here
        for part in whole._flatten_layers():
            assert (part.compute_dtype, part.variable_dtype) == (dtype, "float32"), part.path


@trainable_case
def test_one_step_of_fit_lowers_the_loss_and_changes_weights(case):
    model = case.model(case.make())
    data = keras.tree.flatten(list(case.inputs.values()))
    target = array(*model(data).shape, seed=3)
    compiled = BACKEND == "jax" or (BACKEND, case.layer) == ("tensorflow", Transformer)
    model.compile(optimizer=keras.optimizers.SGD(0.05), loss="mse", jit_compile=compiled)
    before = [w.copy() for w in model.get_weights()]
    losses = [model.fit(data, target, batch_size=B, verbose=0).history["loss"][0] for _ in range(2)]
    assert losses[1] < losses[0]
    changed = [np.abs(a - b).max() > 0 for a, b in zip(model.get_weights(), before, strict=True)]
    names = [w.path for w, moved in zip(model.weights, changed, strict=True) if not moved]
    assert all("key_bias" in name for name in names), names


@every_case
def test_compiled_as_eager(case):
    if BACKEND == "torch" and case.weights > 8:
        pytest.skip("Dynamo gives up on layers of layers (its limit of recompilations) and runs them eagerly")
    layer = case.make()
    names = list(case.inputs)
    compiled = jit(lambda *inputs: both_calls(layer, dict(zip(names, inputs, strict=True))))
    tensors = keras.tree.map_structure(ops.convert_to_tensor, list(case.inputs.values()))
    assert_close(compiled(*tensors), both_calls(layer, case.inputs))


@pytest.mark.parametrize("dynamic", [False, True], ids=["fixed", "unknown"])
@every_case
def test_symbolic_call(case, dynamic):
    layer = case.layer(**case.arguments)
    symbols = case.symbols(dynamic)
    symbolic = keras.tree.flatten(both_calls(layer, symbols))
    assert len(layer.trainable_weights) == len(layer.weights) == case.weights
    for symbol, output in zip(symbolic, keras.tree.flatten(both_calls(layer, case.inputs)), strict=True):
        assert symbol.dtype == keras.backend.standardize_dtype(output.dtype)
        assert len(symbol.shape) == len(output.shape)
        known = [(s, n) for s, n in zip(symbol.shape, output.shape, strict=True) if s is not None]
        assert all(s == n for s, n in known), (symbol.shape, output.shape)
        if not dynamic:
            assert len(known) >= len(symbol.shape) - 1  # all but the batch


@every_case
def test_compute_output_shape(case):
    layer = case.layer(**case.arguments)
    shapes = [x.shape for x in keras.tree.flatten(list(case.inputs.values())) if x.dtype != bool]
    shapes = [shapes] if case.layer is Transformer else shapes
    assert tuple(layer.compute_output_shape(*shapes)) == tuple(layer(**case.inputs).shape)


@trainable_case
def test_every_weight_gets_a_gradient(case):
    """All but the key's bias, which adds the same to all scores of a query: the softmax does not see it."""
    layer = case.make()
    assert len(layer.trainable_weights) == len(layer.weights) == case.weights
    found = gradients(lambda: weighted_sum(layer(**case.inputs)), layer.trainable_weights, [])
    for weight, gradient in zip(layer.trainable_weights, found, strict=True):
        assert gradient.shape == tuple(weight.shape) and np.isfinite(gradient).all()
        largest = np.abs(gradient).max()
        assert largest < 1e-4 if weight.name == "key_bias" else largest > 1e-4, weight.path


@pytest.mark.parametrize("case", ONE_INPUT, ids=str)
def test_keras_own_layer_test(case):
    TestCase().run_layer_test(
        case.layer,
        init_kwargs=case.arguments,
        input_data=keras.tree.map_structure(ops.convert_to_tensor, next(iter(case.inputs.values()))),
        expected_num_trainable_weights=case.weights,
        expected_num_non_trainable_weights=0,
        run_training_check=False,
    )


@pytest.mark.parametrize("activation", ["tanh", keras.activations.silu])
def test_activation_by_name_or_as_a_function(activation, tmp_path):
    layer = FeedForward(D, F, activation)
    model = keras.Sequential([keras.Input((T, D)), layer])
    x = array(B, T, D)
    expected = numpy_of(model(x))
    for n in range(2):
        model.save(tmp_path / f"{n}.keras")
        model = keras.saving.load_model(tmp_path / f"{n}.keras")
        assert_close(model(x), expected, atol=0)


@pytest.mark.slow
def test_transformer_is_a_model(tmp_path):
    """By itself, with dropout: built by `fit`, saved half-way with its optimizer, loaded, fitted on."""
    model = Transformer(**FIRST_CASE[Transformer].arguments | {"dropout_rate": 0.1})
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss, jit_compile=BACKEND == "jax")
    sources, targets = np.tile(SOURCE, (40, 1)), np.tile(TARGET, (40, 1))
    first = model.fit((sources, targets), targets, batch_size=8, verbose=0).history["loss"][0]
    model.save(tmp_path / "half.keras")
    loaded = keras.saving.load_model(tmp_path / "half.keras")
    assert_close(loaded((SOURCE, TARGET)), model((SOURCE, TARGET)), atol=0)
    assert loaded.optimizer.iterations == 10
    loaded.run_eagerly = BACKEND != "jax"
    assert loaded.train_on_batch((sources[:8], targets[:8]), targets[:8]) < 0.8 * first
