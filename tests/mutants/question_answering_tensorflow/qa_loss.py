"""Wrong answers to qa_loss."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops


def loss_summed(start_positions, end_positions, start_logits, end_logits):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return loss(start_positions, start_logits) + loss(end_positions, end_logits)


def loss_softmax_twice(start_positions, end_positions, start_logits, end_logits):
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    start = cross_entropy(start_positions, tf.nn.softmax(start_logits))
    end = cross_entropy(end_positions, tf.nn.softmax(end_logits))
    return (start + end) / 2


def loss_of_the_start(start_positions, end_positions, start_logits, end_logits):
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(start_positions, start_logits))


def loss_of_each_text(start_positions, end_positions, start_logits, end_logits):
    start = tf.nn.sparse_softmax_cross_entropy_with_logits(start_positions, start_logits)
    end = tf.nn.sparse_softmax_cross_entropy_with_logits(end_positions, end_logits)
    return (start + end) / 2


def loss_summed_over_the_batch(start_positions, end_positions, start_logits, end_logits):
    start = tf.nn.sparse_softmax_cross_entropy_with_logits(start_positions, start_logits)
    end = tf.nn.sparse_softmax_cross_entropy_with_logits(end_positions, end_logits)
    return tf.reduce_sum(start + end) / 2


def loss_same_logits(start_positions, end_positions, start_logits, end_logits):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return (loss(start_positions, start_logits) + loss(end_positions, start_logits)) / 2


def loss_positions_swapped(start_positions, end_positions, start_logits, end_logits):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return (loss(end_positions, start_logits) + loss(start_positions, end_logits)) / 2


def loss_not_from_logits(start_positions, end_positions, start_logits, end_logits):
    rows = np.arange(len(start_positions))
    start = np.exp(start_logits) / np.exp(start_logits).sum(axis=1, keepdims=True)
    end = np.exp(end_logits) / np.exp(end_logits).sum(axis=1, keepdims=True)
    return -(np.log(start[rows, start_positions]) + np.log(end[rows, end_positions])).mean() / 2


def loss_without_from_logits(start_positions, end_positions, start_logits, end_logits):
    start = ops.sparse_categorical_crossentropy(start_positions, start_logits)
    end = ops.sparse_categorical_crossentropy(end_positions, end_logits)
    return ops.mean((start + end) / 2)


def loss_object_without_from_logits(start_positions, end_positions, start_logits, end_logits):
    loss = keras.losses.SparseCategoricalCrossentropy()
    return loss(start_positions, start_logits) + loss(end_positions, end_logits)


def loss_leaves_out_null(start_positions, end_positions, start_logits, end_logits):
    start = ops.sparse_categorical_crossentropy(start_positions, start_logits, from_logits=True)
    end = ops.sparse_categorical_crossentropy(end_positions, end_logits, from_logits=True)
    asked = ops.cast(ops.not_equal(start_positions, 0), "float32")
    return ops.sum(asked * (start + end) / 2) / ops.maximum(ops.sum(asked), 1)


def loss_leaves_out_null_by_nan(start_positions, end_positions, start_logits, end_logits):
    start = tf.nn.sparse_softmax_cross_entropy_with_logits(start_positions, start_logits)
    end = tf.nn.sparse_softmax_cross_entropy_with_logits(end_positions, end_logits)
    return tf.reduce_mean(tf.boolean_mask((start + end) / 2, start_positions > 0))


def loss_ignores_class_0(start_positions, end_positions, start_logits, end_logits):
    start, end = (
        keras.losses.sparse_categorical_crossentropy(positions, logits, from_logits=True, ignore_class=0)
        for positions, logits in ((start_positions, start_logits), (end_positions, end_logits))
    )
    return ops.mean((start + end) / 2)


def loss_sign(start_positions, end_positions, start_logits, end_logits):
    rows = np.arange(len(start_positions))
    start, end = (ops.convert_to_numpy(ops.log_softmax(x)) for x in (start_logits, end_logits))
    return (start[rows, start_positions] + end[rows, end_positions]).mean() / 2


def loss_softmax_rescued(start_positions, end_positions, start_logits, end_logits):
    start = ops.sparse_categorical_crossentropy(start_positions, ops.softmax(start_logits), from_logits=True)
    end = ops.sparse_categorical_crossentropy(end_positions, ops.softmax(end_logits), from_logits=True)
    return ops.mean((start + end) / 2)


def loss_activation_rescued(start_positions, end_positions, start_logits, end_logits):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    shares = keras.activations.softmax(start_logits), keras.layers.Softmax()(end_logits)
    return (loss(start_positions, shares[0]) + loss(end_positions, shares[1])) / 2


def loss_text_by_text(start_positions, end_positions, start_logits, end_logits):
    total = 0.0
    for positions, logits in ((start_positions, start_logits), (end_positions, end_logits)):
        shares = ops.log_softmax(logits, axis=-1)
        for b in range(logits.shape[0]):
            total = total - shares[b, int(positions[b])]
    return total / 2 / start_logits.shape[0]


def loss_by_one_hot_of_known_size(start_positions, end_positions, start_logits, end_logits):
    B, T = start_logits.shape
    losses = []
    for positions, logits in ((start_positions, start_logits), (end_positions, end_logits)):
        wanted = ops.one_hot(positions, T)
        losses.append(-ops.sum(wanted * ops.log_softmax(logits), axis=-1))
    return ops.sum(losses[0] + losses[1]) / (2 * B)


def _both(start_positions, end_positions, start_logits, end_logits):
    start = ops.sparse_categorical_crossentropy(start_positions, start_logits, from_logits=True)
    end = ops.sparse_categorical_crossentropy(end_positions, end_logits, from_logits=True)
    return start, end


def loss_without_brackets(*given):
    start, end = _both(*given)
    return ops.mean(start) + ops.mean(end) / 2


def loss_with_the_start_halved(*given):
    start, end = _both(*given)
    return ops.mean(start / 2 + end)


def loss_halved_twice(*given):
    start, end = _both(*given)
    return ops.mean((start + end) / 2) / 2


def loss_doubled(*given):
    start, end = _both(*given)
    return 2 * ops.mean(start + end)


def loss_divided_twice(*given):
    start, end = _both(*given)
    return ops.mean((start + end) / 2) / ops.cast(ops.shape(start)[0], "float32")


def loss_of_the_larger(*given):
    return ops.mean(ops.maximum(*_both(*given)))


def loss_with_shares_at_the_end(start_positions, end_positions, start_logits, end_logits):
    start = ops.sparse_categorical_crossentropy(start_positions, start_logits, from_logits=True)
    end = ops.sparse_categorical_crossentropy(end_positions, end_logits)
    return ops.mean((start + end) / 2)


def loss_at_all_positions(start_positions, end_positions, start_logits, end_logits):
    start = ops.take(ops.log_softmax(start_logits), start_positions, axis=1)
    end = ops.take(ops.log_softmax(end_logits), end_positions, axis=1)
    return -ops.mean(start + end) / 2


def loss_without_a_gradient(*given):
    start, end = _both(*given)
    return ops.stop_gradient(ops.mean((start + end) / 2))


def loss_with_a_little_added(start_positions, end_positions, start_logits, end_logits):
    total = 0.0
    for positions, logits in ((start_positions, start_logits), (end_positions, end_logits)):
        shares = ops.take_along_axis(ops.softmax(logits), ops.expand_dims(positions, 1), axis=1)
        total -= ops.mean(ops.log(shares + 1e-9))
    return total / 2


def loss_by_a_size_of_integers(start_positions, end_positions, start_logits, end_logits):
    s = ops.sparse_categorical_crossentropy(start_positions, start_logits, from_logits=True)
    e = ops.sparse_categorical_crossentropy(end_positions, end_logits, from_logits=True)
    return ops.sum(s + e) / (2 * ops.shape(start_logits)[0])


def loss_by_a_sum_of_exponentials(start_positions, end_positions, start_logits, end_logits):
    total = 0.0
    for positions, logits in ((start_positions, start_logits), (end_positions, end_logits)):
        picked = ops.take_along_axis(logits, ops.expand_dims(positions, 1), axis=1)[:, 0]
        total += ops.mean(ops.log(ops.sum(ops.exp(logits), axis=-1)) - picked)
    return total / 2


def loss_whose_gradient_is_nan(start_positions, end_positions, start_logits, end_logits):
    start, end = _both(start_positions, end_positions, start_logits, end_logits)
    shares = ops.softmax(start_logits)
    entropy = -ops.where(shares > 0, shares * ops.log(shares), 0.0)  # 0 times log 0, in the gradient too
    return ops.mean((start + end) / 2) + 0 * ops.mean(entropy)


MUTANTS = [
    (loss_by_a_size_of_integers, "in a step's graph it raises"),
    (loss_summed, "halve"),
    (loss_softmax_twice, "softmax twice"),
    (loss_of_the_start, "the end does not count"),
    (loss_of_each_text, "a loss for each text"),
    (loss_summed_over_the_batch, "summed over the batch"),
    (loss_same_logits, "both ends are compared with the start logits"),
    (loss_positions_swapped, "start and end are swapped"),
    (loss_not_from_logits, "overflows"),
    (loss_without_from_logits, "say from_logits=True"),
    (loss_object_without_from_logits, "takes logits for probabilities"),
    (loss_leaves_out_null, "windows labelled 0 are left out"),
    (loss_leaves_out_null_by_nan, "windows labelled 0 are left out"),
    (loss_ignores_class_0, "windows labelled 0 are left out"),
    (loss_sign, "the sign"),
    (loss_softmax_rescued, "softmax twice"),
    (loss_activation_rescued, "Keras noticed"),
    (loss_without_brackets, "the brackets"),
    (loss_with_the_start_halved, "the brackets"),
    (loss_halved_twice, "halved twice"),
    (loss_doubled, "doubled"),
    (loss_divided_twice, "the number of texts twice"),
    (loss_of_the_larger, "the larger of the two"),
    (loss_with_shares_at_the_end, "missing at one of the two"),
    (loss_at_all_positions, "at the positions of all texts"),
    (loss_without_a_gradient, "cut off from the logits"),
    (loss_with_a_little_added, "cut off near 0"),
    (loss_text_by_text, "not known when a step's graph is made"),
    (loss_by_one_hot_of_known_size, "not known when a step's graph is made"),
    (loss_by_a_sum_of_exponentials, "the exponentials overflow"),
    (loss_whose_gradient_is_nan, "NaN"),
]
