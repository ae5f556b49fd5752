"""The encoder as a layer: masks, segments, lengths, training, files, dtypes; pooled vectors; the untrained twin."""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from utils.layers.pretrained_encoder import BertEmbedding, PretrainedEncoder
from utils.pretrained import fetch
from utils.pretrained.checkpoint import read_config
from utils.pretrained.encoder import load_encoder, mean_pool, random_encoder

from .reference import STORED, small_inputs
from .test_folder import ROOT

FOLDERS = {"bert": STORED / "bert_tokens", "distilbert": STORED / "distil_answers"}
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
every_family = pytest.mark.parametrize("family", FOLDERS)


@pytest.fixture(autouse=True)
def _fresh_state():
    policy = keras.config.dtype_policy()
    keras.utils.set_random_seed(0)
    yield
    keras.config.set_dtype_policy(policy)


def inputs_of(folder):
    """Ids, segments and mask (3, 11)."""
    return small_inputs({"type_vocab_size": 2} | json.loads((folder / "config.json").read_text()))


def call(encoder, inputs, **more):
    types = inputs["types"] if encoder.num_token_types else None
    return np.asarray(encoder(inputs["ids"], token_type_ids=types, padding_mask=inputs["mask"], **more))


# Masks, segments, lengths --------------------------------------------------------------------------


@every_family
def test_padding_changes_nothing(family):
    encoder, inputs = load_encoder(FOLDERS[family]), inputs_of(FOLDERS[family])
    before = call(encoder, inputs)
    for name, filler in {"ids": 7, "types": 1, "mask": False}.items():
        inputs[name] = np.pad(inputs[name], ((0, 0), (0, 3)), constant_values=filler)
    after = call(encoder, inputs)
    real = inputs["mask"][:, :11]
    np.testing.assert_allclose(after[:, :11][real], before[real], atol=2e-6)


@every_family
def test_what_is_left_out_is_all_tokens_of_the_first_text(family):
    encoder, inputs = load_encoder(FOLDERS[family]), inputs_of(FOLDERS[family])
    inputs |= {"types": np.zeros_like(inputs["ids"]), "mask": np.ones_like(inputs["mask"])}
    np.testing.assert_array_equal(np.asarray(encoder(inputs["ids"])), call(encoder, inputs))


def test_segments_and_positions_and_the_mask_count():
    encoder, inputs = load_encoder(FOLDERS["bert"]), inputs_of(FOLDERS["bert"])
    before = call(encoder, inputs)
    for name, other in {
        "types": 1 - inputs["types"],
        "mask": inputs["mask"][::-1],
        "ids": inputs["ids"][:, ::-1],
    }.items():
        assert np.abs(call(encoder, {**inputs, name: other}) - before).max() > 0.01, name


def test_what_does_not_fit_is_refused():
    encoder, inputs = load_encoder(FOLDERS["bert"]), inputs_of(FOLDERS["bert"])
    ids = inputs["ids"]
    with pytest.raises(ValueError, match=r"has learnt 19 positions. Received: token_ids of shape \(1, 20\)"):
        encoder(np.zeros((1, 20), "int32"))
    with pytest.raises(ValueError, match=r"`token_ids` must have shape \(B, T\)"):
        encoder(ids[0])
    with pytest.raises(ValueError, match="Token ids must lie in 0…96"):
        encoder(ids + 97)
    with pytest.raises(TypeError, match="A mask must be boolean, True = may attend"):
        encoder(ids, padding_mask=inputs["mask"].astype("int32"))
    with pytest.raises(ValueError, match=r"`padding_mask` must have shape \(B, T\)"):
        encoder(ids, padding_mask=inputs["mask"][:, np.newaxis])
    with pytest.raises(ValueError, match="Segments must lie in 0…1. Received: 2"):
        encoder(ids, token_type_ids=inputs["types"] * 0 + 2)
    with pytest.raises(ValueError, match=r"`token_type_ids` must have the shape of the ids, \(3, 11\)"):
        encoder(ids, token_type_ids=inputs["types"][:, :4])


def test_an_encoder_without_segments_takes_them_and_does_without():
    encoder, inputs = load_encoder(FOLDERS["distilbert"]), inputs_of(FOLDERS["distilbert"])
    with_them = encoder(inputs["ids"], inputs["types"], inputs["mask"])
    np.testing.assert_array_equal(np.asarray(with_them), call(encoder, inputs))


# Training ------------------------------------------------------------------------------------------


@every_family
def test_every_weight_has_a_gradient_inside_a_compiled_step(family):
    encoder, inputs = load_encoder(FOLDERS[family]), inputs_of(FOLDERS[family])
    optimizer = keras.optimizers.AdamW(1e-2)
    optimizer.build(encoder.trainable_variables)

    @tf.function(input_signature=[tf.TensorSpec((None, None), "int32"), tf.TensorSpec((None, None), "bool")])
    def step(ids, mask):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(encoder(ids, padding_mask=mask, training=True) - 0.5))
        gradients = tape.gradient(loss, encoder.trainable_variables)
        assert all(g is not None for g in gradients)
        optimizer.apply_gradients(zip(gradients, encoder.trainable_variables, strict=True))
        return loss

    ids, mask = inputs["ids"].astype("int32"), inputs["mask"]
    losses = [float(step(ids[:, :n], mask[:, :n])) for n in [11, 8] * 15]
    assert losses[-2] < 0.7 * losses[0]


@every_family
def test_dropout_is_the_configs_and_off_unless_training(family):
    folder = FOLDERS[family]
    encoder, inputs = load_encoder(folder), inputs_of(folder)
    np.testing.assert_array_equal(call(encoder, inputs), call(encoder, inputs, training=False))
    assert np.abs(call(encoder, inputs, training=True) - call(encoder, inputs)).max() > 0.01
    config = read_config(folder) | {"dropout_rate": 0.3, "attention_dropout_rate": 0.0}
    layer = random_encoder(config).encoder_layers[0]
    rates = [layer.attention_dropout.rate, layer.feed_forward.dropout_layer.rate, layer.self_attention.dropout]
    assert rates == [0.3 if family == "bert" else 0.0, 0.3, 0.0]
    config |= {"dropout_rate": 0.0, "attention_dropout_rate": 0.2}
    encoder = random_encoder(config)
    inner = encoder.encoder_layers[0]
    assert (inner.self_attention.dropout_layer.rate, inner.attention_dropout.rate) == (0.2, 0.0)
    assert np.abs(call(encoder, inputs, training=True) - call(encoder, inputs)).max() > 1e-3
    still = random_encoder(config, attention_dropout_rate=0.0)
    np.testing.assert_array_equal(call(still, inputs, training=True), call(still, inputs))


@pytest.mark.slow
def test_keras_fit_trains_what_stands_on_it(tmp_path):
    encoder, inputs = load_encoder(FOLDERS["bert"]), inputs_of(FOLDERS["bert"])
    given = [keras.Input((None,), dtype=kind) for kind in ("int32", "int32", "bool")]
    hidden = encoder(given[0], token_type_ids=given[1], padding_mask=given[2])
    assert hidden.shape == (None, None, 30)
    model = keras.Model(given, keras.layers.Dense(4)(hidden))
    model.compile("adamw", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    arrays = [inputs["ids"], inputs["types"], inputs["mask"]]
    losses = model.fit(arrays, inputs["ids"] % 4, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < 0.8 * losses[0]
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(again.predict(arrays, verbose=0), model.predict(arrays, verbose=0), atol=1e-6)


# Files, dtypes, compilation ------------------------------------------------------------------------


@every_family
def test_saved_and_loaded_it_is_the_same(family, tmp_path):
    encoder, inputs = load_encoder(FOLDERS[family]), inputs_of(FOLDERS[family])
    encoder.save(tmp_path / "encoder.keras")
    again = keras.models.load_model(tmp_path / "encoder.keras")
    assert again.get_config() == encoder.get_config()
    np.testing.assert_array_equal(call(again, inputs), call(encoder, inputs))
    encoder.save_weights(tmp_path / "encoder.weights.h5")
    other = random_encoder(FOLDERS[family])
    assert np.abs(call(other, inputs) - call(encoder, inputs)).max() > 0.1
    other.load_weights(tmp_path / "encoder.weights.h5")
    np.testing.assert_array_equal(call(other, inputs), call(encoder, inputs))


def test_an_activation_of_ours_survives_a_file(tmp_path):
    encoder = random_encoder(FOLDERS["bert"], activation="gelu_tanh")
    encoder.save(tmp_path / "encoder.keras")
    inputs = inputs_of(FOLDERS["bert"])
    np.testing.assert_array_equal(
        call(keras.models.load_model(tmp_path / "encoder.keras"), inputs), call(encoder, inputs)
    )


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision(policy):
    encoder, inputs = load_encoder(FOLDERS["bert"]), inputs_of(FOLDERS["bert"])
    expected = call(encoder, inputs)
    keras.config.set_dtype_policy(policy)
    half = encoder_like(encoder)
    hidden = half(inputs["ids"], token_type_ids=inputs["types"], padding_mask=inputs["mask"])
    assert keras.backend.standardize_dtype(hidden.dtype) == policy.removeprefix("mixed_")
    np.testing.assert_allclose(np.asarray(hidden, "float32")[inputs["mask"]], expected[inputs["mask"]], atol=0.1)


def encoder_like(encoder):
    config = {name: value for name, value in encoder.get_config().items() if name not in ("dtype", "name")}
    copy = PretrainedEncoder.from_config(config)
    copy.build((None, None))
    copy.set_weights(encoder.get_weights())
    return copy


def test_compiled_by_xla_it_gives_the_same():
    encoder, inputs = load_encoder(FOLDERS["bert"]), inputs_of(FOLDERS["bert"])
    compiled = tf.function(lambda i, t, m: encoder(i, t, m), jit_compile=True)
    got = np.asarray(compiled(*(inputs[name] for name in ("ids", "types", "mask"))))
    np.testing.assert_allclose(got[inputs["mask"]], call(encoder, inputs)[inputs["mask"]], atol=1e-5)


def test_the_embedding_keeps_its_arguments():
    layer = BertEmbedding(23, 6, 11, num_token_types=0, layernorm_eps=1e-5, dropout_rate=0.2, name="x")
    again = BertEmbedding.from_config(layer.get_config())
    assert again.get_config() == layer.get_config() and again.num_token_types == 0


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_other_backends_give_the_same(backend):
    code = f"""
import importlib.util, sys
sys.modules["tensorflow"] = None
if importlib.util.find_spec({backend!r}) is None:
    sys.exit(77)
import keras, numpy as np
from utils.pretrained.encoder import load_encoder
expected = np.load({str(FOLDERS["bert"] / "expected.npz")!r})
got = load_encoder({str(FOLDERS["bert"])!r})(expected["ids"], expected["types"], expected["mask"])
mask = expected["mask"]
print(np.abs(keras.ops.convert_to_numpy(got)[mask] - expected["hidden"][mask]).max())
"""
    environment = {**os.environ, "KERAS_BACKEND": backend}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode == 77:
        pytest.skip(f"{backend} is not installed")
    assert done.returncode == 0, done.stderr[-2000:]
    assert float(done.stdout) < 1e-5


# The untrained twin, the pooled vector --------------------------------------------------------------


def test_the_untrained_twin_has_the_sizes_and_none_of_the_weights():
    config = read_config(fetch())
    twin = random_encoder(fetch(), num_layers=1, embedding_dim=24, fully_connected_dim=48)
    assert (twin.num_heads, twin.input_vocab_size, len(twin.encoder_layers)) == (12, config["input_vocab_size"], 1)
    table = np.asarray(twin.embedding.word.embeddings)
    assert table.shape == (30522, 24) and 0.015 < table.std() < 0.02
    keras.utils.set_random_seed(0)
    one = random_encoder(FOLDERS["bert"]).get_weights()
    keras.utils.set_random_seed(0)
    assert all(np.array_equal(a, b) for a, b in zip(one, random_encoder(FOLDERS["bert"]).get_weights(), strict=True))


def test_mean_pool_leaves_padding_out():
    hidden = np.random.default_rng(0).normal(size=(3, 5, 4)).astype("float32")
    mask = np.arange(5) < np.array([[5], [2], [0]])
    expected = np.stack([hidden[0].mean(axis=0), hidden[1, :2].mean(axis=0), np.zeros(4)])
    for given in (hidden, tf.constant(hidden), keras.ops.convert_to_tensor(hidden)):
        np.testing.assert_allclose(np.asarray(mean_pool(given, mask)), expected, atol=1e-6)
    spoilt = np.where(mask[..., np.newaxis], hidden, 1e9).astype("float32")
    np.testing.assert_allclose(np.asarray(mean_pool(spoilt, mask)), expected, atol=1e-6)
