"""The losses against Keras' own, the schedule against its formula, and a step against itself."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from utils.layers import Transformer
from utils.training import MaskedLoss, WarmupSchedule, masked_accuracy, masked_loss, train_step


def make_predictions(seed=0, B=3, T=5, V=7, pad_id=0):
    random = np.random.default_rng(seed)
    labels = random.integers(1, V, (B, T))
    labels[0, 3:] = labels[2, 1:] = pad_id
    return labels, random.normal(size=(B, T, V)).astype("float32") * 3


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 999), st.integers(2, 30), st.sampled_from([0.0, 0.1, 0.5]))
def test_the_loss_is_keras_own_over_the_tokens(seed, V, smoothing):
    labels, logits = make_predictions(seed, V=V)
    real = labels != 0
    own = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing)
    expected = own(keras.utils.to_categorical(labels[real], V), logits[real])
    np.testing.assert_allclose(masked_loss(labels, logits, label_smoothing=smoothing), expected, rtol=1e-5)
    if not smoothing:
        sparse = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
        np.testing.assert_allclose(masked_loss(labels, logits), sparse(labels, logits), rtol=1e-5)


def test_padding_counts_for_nothing():
    labels, logits = make_predictions()
    changed = np.where((labels == 0)[..., None], 99.0, logits)
    longer = np.pad(labels, ((0, 0), (0, 4))), np.pad(logits, ((0, 0), (0, 4), (0, 0)), constant_values=5)
    for function in (masked_loss, masked_accuracy):
        expected = function(labels, logits).numpy()
        np.testing.assert_allclose([function(labels, changed), function(*longer)], expected, rtol=1e-6)


@pytest.mark.parametrize("pad_id", [0, 4, -100])
def test_any_id_can_be_padding(pad_id):
    labels, logits = make_predictions(pad_id=pad_id)
    labels[1] = 3
    real = labels != pad_id
    chosen = np.take_along_axis(logits[real], labels[real][:, None], axis=-1)[:, 0]
    expected = np.mean(np.log(np.exp(logits[real]).sum(-1)) - chosen)
    np.testing.assert_allclose(masked_loss(labels, logits, pad_id), expected, rtol=1e-5)
    np.testing.assert_allclose(
        masked_accuracy(labels, logits, pad_id), np.mean(logits[real].argmax(-1) == labels[real]), rtol=1e-6
    )


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_all_padding_is_zero_and_so_is_its_gradient(smoothing):
    logits = tf.random.normal((2, 3, 5))
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = masked_loss(np.zeros((2, 3)), logits, label_smoothing=smoothing)
    assert loss == 0 and masked_accuracy(np.zeros((2, 3)), logits) == 0
    assert not np.any(tape.gradient(loss, logits))


def test_knowing_nothing_costs_the_vocabularys_logarithm():
    np.testing.assert_allclose(masked_loss([[3, 4, 0]], np.zeros((1, 3, 50)), label_smoothing=0.1), np.log(50), 1e-5)


def test_shapes_that_do_not_fit_and_odd_smoothing_are_refused():
    labels, logits = make_predictions()
    for wrong in ((labels[:, :4], logits), (labels, logits[0]), (labels[0], logits)):
        for function in (masked_loss, masked_accuracy):
            with pytest.raises(ValueError, match="with the same B and T. Received"):
                function(*wrong)
    with pytest.raises(ValueError, match="label_smoothing=1"):
        masked_loss(labels, logits, label_smoothing=1)


def test_as_keras_loss_it_is_the_same_number():
    labels, logits = make_predictions()
    loss = MaskedLoss(label_smoothing=0.2)
    np.testing.assert_allclose(loss(labels, logits), masked_loss(labels, logits, label_smoothing=0.2), rtol=1e-6)
    assert keras.losses.deserialize(keras.losses.serialize(loss)).label_smoothing == 0.2


def test_low_precision_logits_are_summed_in_float32():
    labels, logits = make_predictions()
    half = tf.cast(logits, "bfloat16")
    assert masked_loss(labels, half).dtype == "float32"
    np.testing.assert_allclose(masked_loss(labels, half), masked_loss(labels, logits), rtol=0.02)


@pytest.mark.parametrize(("d_model", "warmup"), [(512, 4000), (128, 10)])
def test_the_schedule_follows_its_formula(d_model, warmup):
    schedule = WarmupSchedule(d_model, warmup)
    for step in (1, 2, warmup - 1, warmup, warmup + 1, 10 * warmup):
        expected = d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
        np.testing.assert_allclose(schedule(step), expected, rtol=1e-5)
    assert schedule(0) == 0
    again = keras.optimizers.schedules.deserialize(keras.optimizers.schedules.serialize(schedule))
    assert isinstance(again, WarmupSchedule) and again.get_config() == schedule.get_config()


def test_a_schedule_needs_whole_positive_numbers():
    with pytest.raises(ValueError, match="warmup_steps=0"):
        WarmupSchedule(64, 0)


def make_model(dropout_rate=0.0):
    keras.utils.set_random_seed(0)
    model = Transformer(1, 16, 2, 24, 11, 13, 20, 20, dropout_rate=dropout_rate)
    model.build(((None, None), (None, None)))
    return model


def make_batch():
    random = np.random.default_rng(0)
    source, target = random.integers(3, 11, (4, 6)), random.integers(3, 13, (4, 8))
    return tuple(ids.astype("int32") for ids in (source, target[:, :-1], target[:, 1:]))


def test_a_step_is_the_same_eagerly_and_compiled():
    losses, weights = [], []
    for run in (train_step, tf.function(train_step)):
        model = make_model()
        optimizer = keras.optimizers.SGD(WarmupSchedule(16, 4))  # Adam would blow up what is only rounding
        losses.append([float(run(model, optimizer, *make_batch())) for _ in range(4)])
        weights.append(model.get_weights())
        assert optimizer.iterations == 4
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-4)
    for a, b in zip(*weights, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)


def test_one_batch_can_be_learnt_by_heart():
    model, step = make_model(), tf.function(train_step)
    optimizer = keras.optimizers.Adam(5e-3)
    source, target, labels = make_batch()
    losses = [float(step(model, optimizer, source, target, labels, label_smoothing=0.0)) for _ in range(150)]
    assert losses[-1] < 0.1 < 2 < losses[0]
    assert masked_accuracy(labels, model((source, target))) == 1


def test_a_long_gradient_is_shortened():
    model = make_model()
    model.output_layer.kernel.assign(model.output_layer.kernel * 100)  # a gradient far longer than 1
    before = [w.copy() for w in model.get_weights()]
    train_step(model, keras.optimizers.SGD(1.0), *make_batch())
    moved = np.sqrt(sum(np.square(a - b).sum() for a, b in zip(model.get_weights(), before, strict=True)))
    np.testing.assert_allclose(moved, 1.0, rtol=1e-3)
