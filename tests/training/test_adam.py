"""AdamW in one operation beside Keras' own."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from utils.training.adam import FusedAdamW


def start(kind, dtype="float32", **options):
    random = np.random.default_rng(0)
    weights = [keras.Variable(random.normal(size=shape), dtype=dtype, name=name)
               for name, shape in (("kernel", (30, 7)), ("bias", (7,)), ("table", (50, 3)))]  # fmt: skip
    optimizer = kind(keras.optimizers.schedules.CosineDecay(0.05, 60), 0.1, beta_2=0.98, epsilon=1e-8, **options)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    optimizer.build(weights)
    return optimizer, weights


def gradients(weights, step, sparse=False):
    random = np.random.default_rng([1, step])
    found = [tf.constant(random.normal(size=w.shape) * 10.0 ** random.integers(-6, 3), w.dtype) for w in weights]
    if sparse:
        rows = tf.constant([3, 7, 3])
        found[2] = tf.IndexedSlices(tf.gather(found[2], rows), rows, found[2].shape)
    return found


def learn(kind, steps=60, begin=0, made=None, sparse=False, **options):
    optimizer, weights = made or start(kind, **options)
    for step in range(begin, steps):
        optimizer.apply_gradients(zip(gradients(weights, step, sparse), weights, strict=True))
    return optimizer, weights


def assert_same(found, wanted, rtol=2e-5):
    (optimizer, weights), (other, others) = found, wanted
    assert int(optimizer.iterations) == int(other.iterations) > 0
    for a, b in zip([*weights, *optimizer.variables], [*others, *other.variables], strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=rtol, atol=1e-6 * np.abs(b.numpy()).max())


@pytest.mark.parametrize("options", [{}, {"clipnorm": 0.5}, {"amsgrad": True}, {"sparse": True}, {"use_ema": True},
                                     {"gradient_accumulation_steps": 3}, {"dtype": "float64"}], ids=str)  # fmt: skip
def test_it_gives_the_numbers_of_keras(options):
    assert_same(learn(FusedAdamW, **options), learn(keras.optimizers.AdamW, **options))


def test_it_is_one_operation_a_weight():
    optimizer, weights = start(FusedAdamW)
    run = tf.function(lambda: optimizer.apply_gradients(zip(gradients(weights, 0), weights, strict=True)))
    kinds = [operation.type for operation in run.get_concrete_function().graph.get_operations()]
    assert kinds.count("ResourceApplyAdam") == len(weights) and "Sqrt" not in kinds


def test_keras_goes_on_where_it_stopped_and_the_other_way_round():
    for first, second in ((FusedAdamW, keras.optimizers.AdamW), (keras.optimizers.AdamW, FusedAdamW)):
        begun, weights = learn(first, 30)
        optimizer, others = start(second)
        for a, b in zip([*weights, *begun.variables], [*others, *optimizer.variables], strict=True):
            b.assign(a)
        assert_same(learn(second, 60, 30, (optimizer, others)), learn(keras.optimizers.AdamW))


def test_its_settings_can_be_kept():
    optimizer = keras.optimizers.deserialize(keras.optimizers.serialize(FusedAdamW(0.1, 0.2, beta_1=0.8)))
    assert type(optimizer) is FusedAdamW and (optimizer.beta_1, optimizer.weight_decay) == (0.8, 0.2)
