"""AdamW in one operation beside Keras' own."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from utils.training.adam import FusedAdamW, summed


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


def learn(kind, steps=60, begin=0, made=None, **options):
    optimizer, weights = made or start(kind, **options)
    for step in range(begin, steps):
        optimizer.apply_gradients(zip(gradients(weights, step), weights, strict=True))
    return optimizer, weights


def assert_same(found, wanted, rtol=2e-5):
    (optimizer, weights), (other, others) = found, wanted
    assert int(optimizer.iterations) == int(other.iterations) > 0
    for a, b in zip([*weights, *optimizer.variables], [*others, *other.variables], strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=rtol, atol=1e-6 * np.abs(b.numpy()).max())


def test_a_row_that_comes_twice_counts_as_its_sum():
    optimizer, weights = start(FusedAdamW)
    other, others = start(keras.optimizers.AdamW)
    for step in range(60):
        found = gradients(weights, step, sparse=True)
        optimizer.apply_gradients(zip(found, weights, strict=True))
        other.apply_gradients(zip(map(tf.convert_to_tensor, found), others, strict=True))
    assert_same((optimizer, weights), (other, others))


@pytest.mark.parametrize("options", [{}, {"clipnorm": 0.5}, {"amsgrad": True}, {"use_ema": True},
                                     {"gradient_accumulation_steps": 3}, {"dtype": "float64"}], ids=str)  # fmt: skip
def test_it_gives_the_numbers_of_keras(options):
    assert_same(learn(FusedAdamW, **options), learn(keras.optimizers.AdamW, **options))


def test_it_is_one_operation_a_weight():
    optimizer, weights = start(FusedAdamW)
    run = tf.function(lambda: optimizer.apply_gradients(zip(gradients(weights, 0), weights, strict=True)))
    kinds = [operation.type for operation in run.get_concrete_function().graph.get_operations()]
    assert kinds.count("ResourceApplyAdam") == len(weights) and "Sqrt" not in kinds


WORDS, WIDTH, USED = 5000, 6, 300  # of a large table, and how many rows texts use


def start_with_table(kind, decay=0.1):
    random = np.random.default_rng(0)
    weights = [keras.Variable(random.normal(size=shape), dtype="float32", name=name)
               for name, shape in (("table", (WORDS, WIDTH)), ("kernel", (9, 4)))]  # fmt: skip
    optimizer = kind(keras.optimizers.schedules.CosineDecay(0.05, 60), decay, beta_2=0.98, epsilon=1e-8)
    optimizer.build(weights)
    return optimizer, weights


def learn_by_rows(made, begin=0, steps=60, whole=(), nothing=()):
    """Steps as a graph, of tokens that come more than once; at some of them the gradient is for the whole table."""
    optimizer, weights = made

    @tf.function
    def step(indices, values, kernel):
        rows = summed(tf.IndexedSlices(values, indices, (WORDS, WIDTH)))
        optimizer.apply_gradients(zip([rows, kernel], weights, strict=True))

    for n in range(begin, steps):
        random = np.random.default_rng([1, n])
        indices = tf.constant(np.append(random.integers(0, USED, 40), WORDS - 1))  # the last one stands for padding
        values = random.normal(size=(41, WIDTH)) * (np.arange(41) < 40)[:, np.newaxis] * (n not in nothing)
        values, kernel = tf.constant(values, "float32"), tf.constant(random.normal(size=(9, 4)), "float32")
        if n in whole:
            table = tf.convert_to_tensor(tf.IndexedSlices(values, indices, (WORDS, WIDTH)))
            optimizer.apply_gradients(zip([table, kernel], weights, strict=True))
        else:
            step(indices, values, kernel)
    return made


@pytest.mark.parametrize("whole", [range(60), [7, 30]], ids=["never by rows", "now and then"])
def test_of_a_large_table_only_used_rows_are_moved_to_the_same_numbers(whole):
    by_rows = learn_by_rows(start_with_table(FusedAdamW, 0.0), whole=[] if len(whole) > 2 else whole)
    assert_same(by_rows, learn_by_rows(start_with_table(keras.optimizers.AdamW, 0.0), whole=range(60)))


def test_weight_decay_begins_when_a_gradient_reaches_a_row():
    optimizer, (table, kernel) = learn_by_rows(start_with_table(FusedAdamW), steps=1)
    other, (moved, wanted) = learn_by_rows(start_with_table(keras.optimizers.AdamW), steps=1, whole=[0])
    begun, used = start_with_table(FusedAdamW)[1][0].numpy(), np.abs(other.variables[2].numpy()).any(axis=1)
    assert 20 < used.sum() <= 40
    np.testing.assert_allclose(table.numpy()[used], moved.numpy()[used], rtol=1e-5)
    np.testing.assert_array_equal(table.numpy()[~used], begun[~used])
    np.testing.assert_allclose(kernel.numpy(), wanted.numpy(), rtol=1e-5)


@pytest.mark.parametrize("nothing", [[], [0], [29, 30], range(60)], ids=str)
def test_stopped_anywhere_the_rows_go_on_as_if_nothing_had_happened(nothing):
    wanted = learn_by_rows(start_with_table(FusedAdamW), nothing=nothing)
    begun, again = learn_by_rows(start_with_table(FusedAdamW), 0, 30, nothing=nothing), start_with_table(FusedAdamW)
    learn_by_rows(again, 0, 12)  # of something else, before it is told where it stands
    for a, b in zip([*begun[1], *begun[0].variables], [*again[1], *again[0].variables], strict=True):
        b.assign(a)
    learn_by_rows(again, 30, nothing=nothing)
    for a, b in zip([*wanted[1], *wanted[0].variables], [*again[1], *again[0].variables], strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_a_large_table_is_not_walked_over():
    optimizer, weights = start_with_table(FusedAdamW)
    rows = tf.IndexedSlices(tf.ones((2, WIDTH)), tf.constant([3, 7]), (WORDS, WIDTH))
    run = tf.function(lambda: optimizer.apply_gradients(zip([rows, tf.ones((9, 4))], weights, strict=True)))
    operations = run.get_concrete_function().graph.get_operations()
    assert sum(operation.type == "ResourceApplyAdam" for operation in operations) == 1
    assert not [o for o in operations if o.type in ("AssignSubVariableOp", "AssignVariableOp")
                and o.inputs[1].shape.as_list() == [WORDS, WIDTH]]  # fmt: skip


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
