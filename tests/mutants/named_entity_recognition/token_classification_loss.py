"""Wrong answers to token_classification_loss."""

import keras
import numpy as np
import tensorflow as tf


def cross_entropy(labels, logits):
    return tf.nn.sparse_softmax_cross_entropy_with_logits(tf.maximum(labels, 0), logits)


def mask_of(labels):
    return tf.cast(tf.constant(labels) != -100, "float32")


def no_mask(labels, logits):
    return tf.reduce_mean(cross_entropy(labels, logits))


def mean_of_all(labels, logits):
    return tf.reduce_mean(cross_entropy(labels, logits) * mask_of(labels))


def sum_only(labels, logits):
    return tf.reduce_sum(cross_entropy(labels, logits) * mask_of(labels))


def by_batch(labels, logits):
    return tf.reduce_sum(cross_entropy(labels, logits) * mask_of(labels)) / labels.shape[0]


def sentence_by_sentence(labels, logits):
    mask = mask_of(labels)
    rows = tf.math.divide_no_nan(tf.reduce_sum(cross_entropy(labels, logits) * mask, 1), tf.reduce_sum(mask, 1))
    return tf.reduce_mean(rows)


def o_is_padding(labels, logits):
    mask = tf.cast(labels > 0, "float32")
    return tf.math.divide_no_nan(tf.reduce_sum(cross_entropy(labels, logits) * mask), tf.reduce_sum(mask))


def zero_is_padding(labels, logits):
    mask = tf.cast(labels != 0, "float32")
    return tf.math.divide_no_nan(tf.reduce_sum(cross_entropy(labels, logits) * mask), tf.reduce_sum(mask))


def upside_down(labels, logits):
    mask = 1 - mask_of(labels)
    return tf.math.divide_no_nan(tf.reduce_sum(cross_entropy(labels, logits) * mask), tf.reduce_sum(mask))


def softmax_first(labels, logits):
    mask = mask_of(labels)
    losses = cross_entropy(labels, tf.nn.softmax(logits))
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def likelihood(labels, logits):
    mask = mask_of(labels)
    chosen = tf.gather(tf.nn.log_softmax(logits), tf.maximum(labels, 0), batch_dims=2)
    return tf.math.divide_no_nan(tf.reduce_sum(chosen * mask), tf.reduce_sum(mask))


def not_reduced(labels, logits):
    return cross_entropy(labels, logits) * mask_of(labels)


def zero_over_zero(labels, logits):
    mask = mask_of(labels)
    return tf.reduce_sum(cross_entropy(labels, logits) * mask) / tf.reduce_sum(mask)


def as_it_is(labels, logits):
    mask = mask_of(labels)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def keras_without_logits(labels, logits):
    losses = keras.losses.sparse_categorical_crossentropy(np.maximum(labels, 0), logits)
    mask = mask_of(labels)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def loss_by_numpy(labels, logits):
    total, count = 0.0, 0
    for row, scores in zip(np.reshape(labels, -1), np.reshape(logits, (-1, logits.shape[-1])), strict=True):
        if row != -100:
            total += np.log(np.sum(np.exp(scores - scores.max()))) + scores.max() - scores[row]
            count += 1
    return total / count if count else 0.0


def loss_summed_by_numpy(labels, logits):
    losses = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True, ignore_class=-100)
    return np.sum(losses) / max(np.sum(labels != -100), 1)


def loss_of_empty_targets(labels, logits):
    targets = tf.one_hot(labels, logits.shape[-1])  # -100 is no class: a row of zeros
    losses = tf.nn.softmax_cross_entropy_with_logits(targets, logits)
    return tf.math.divide_no_nan(tf.reduce_sum(losses), tf.reduce_sum(targets))


def loss_as_a_float(labels, logits):
    mask = mask_of(labels)
    return float(tf.math.divide_no_nan(tf.reduce_sum(cross_entropy(labels, logits) * mask), tf.reduce_sum(mask)))


def loss_made_a_tensor_again(labels, logits):
    return tf.constant(loss_as_a_float(labels, logits))


def softmax_that_keras_sees(labels, logits):
    asked = keras.ops.cast(keras.ops.not_equal(labels, -100), "float32")
    shares = keras.activations.softmax(tf.constant(logits))
    losses = keras.ops.sparse_categorical_crossentropy(keras.ops.maximum(labels, 0), shares, from_logits=True)
    return keras.ops.sum(losses * asked) / keras.ops.maximum(keras.ops.sum(asked), 1)


def log_of_a_softmax(labels, logits):
    shares = tf.gather(tf.nn.softmax(logits), tf.maximum(labels, 0), batch_dims=2)
    losses = tf.where(tf.constant(labels) == -100, 0.0, -tf.math.log(shares))
    return tf.math.divide_no_nan(tf.reduce_sum(losses), tf.reduce_sum(mask_of(labels)))


def masked(labels, logits, divide):
    mask = mask_of(labels)
    return divide(tf.reduce_sum(cross_entropy(labels, logits) * mask), tf.reduce_sum(mask))


def none_where_none(labels, logits):
    return masked(labels, logits, tf.divide) if (labels != -100).any() else None


def one_piece_more(labels, logits):
    return masked(labels, logits, lambda total, number: total / (number + 1))


def in_bits(labels, logits):
    return masked(labels, logits, tf.math.divide_no_nan) / np.log(2)


def gradient_stopped(labels, logits):
    return tf.stop_gradient(masked(labels, logits, tf.math.divide_no_nan))


def place_by_place(labels, logits):
    mask = mask_of(labels)
    columns = tf.math.divide_no_nan(tf.reduce_sum(cross_entropy(labels, logits) * mask, 0), tf.reduce_sum(mask, 0))
    return tf.reduce_mean(columns)


def log_of_a_clipped_softmax(labels, logits):
    shares = tf.gather(tf.clip_by_value(tf.nn.softmax(logits), 1e-7, 1.0), tf.maximum(labels, 0), batch_dims=2)
    mask = mask_of(labels)
    return tf.math.divide_no_nan(tf.reduce_sum(-tf.math.log(shares) * mask), tf.reduce_sum(mask))


def averaged(losses, labels):
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask_of(labels)), tf.reduce_sum(mask_of(labels)))


def nan_behind_where(labels, logits):
    mask = tf.cast(tf.not_equal(labels, -100), tf.float32)
    losses = cross_entropy(tf.where(labels == -100, 0, labels), logits)
    total, count = tf.reduce_sum(losses * mask), tf.reduce_sum(mask)
    return tf.where(count > 0, total / count, 0.0)


def nan_behind_where_turned(labels, logits):
    n = tf.reduce_sum(mask_of(labels))
    return tf.where(
        tf.equal(n, 0), tf.zeros_like(n), tf.reduce_sum(cross_entropy(labels, logits) * mask_of(labels)) / n
    )


def minus_one_for_none(labels, logits):
    given = tf.where(tf.equal(labels, -100), -1, labels)
    return averaged(tf.nn.sparse_softmax_cross_entropy_with_logits(given, logits), labels)


def one_label_more(labels, logits):
    given = tf.where(tf.equal(labels, -100), logits.shape[-1], labels)
    return averaged(tf.nn.sparse_softmax_cross_entropy_with_logits(given, logits), labels)


def without_the_sign(labels, logits):
    return averaged(tf.nn.sparse_softmax_cross_entropy_with_logits(tf.abs(labels), logits), labels)


def clipped(most):
    return lambda labels, logits: averaged(cross_entropy(labels, tf.clip_by_value(logits, -most, most)), labels)


def softmax_over(axis):
    def loss(labels, logits):
        shares = tf.nn.log_softmax(logits, axis=axis)
        return averaged(-tf.gather(shares, tf.maximum(labels, 0), batch_dims=2), labels)

    return loss


def mean_over_labels(labels, logits):
    targets = tf.one_hot(tf.maximum(labels, 0), logits.shape[-1])
    return averaged(-tf.reduce_mean(tf.nn.log_softmax(logits) * targets, -1), labels)


def by_sigmoid(labels, logits):
    targets = tf.one_hot(tf.maximum(labels, 0), logits.shape[-1])
    return averaged(tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(targets, logits), -1), labels)


def logits_masked(labels, logits):
    mask = mask_of(labels)
    losses = cross_entropy(labels, logits * mask[:, :, None])
    return tf.math.divide_no_nan(tf.reduce_sum(losses), tf.reduce_sum(mask))


def perplexity(labels, logits):
    return tf.exp(averaged(cross_entropy(labels, logits), labels))


def whole_numbers(labels, logits):
    mask = mask_of(labels)
    return tf.reduce_sum(cross_entropy(labels, logits) * mask) // tf.maximum(tf.reduce_sum(mask), 1)


def mean_of_nothing(labels, logits):
    keep = labels != -100
    return tf.reduce_mean(cross_entropy(tf.boolean_mask(labels, keep), tf.boolean_mask(logits, keep)))


MUTANTS = [
    (mean_of_nothing, "0/0 where no piece"),
    (nan_behind_where, "the gradient is NaN where no piece"),
    (nan_behind_where_turned, "the gradient is NaN where no piece"),
    (minus_one_for_none, "a label that does not exist"),
    (one_label_more, "a label that does not exist"),
    (without_the_sign, "a label that does not exist"),
    *((clipped(most), "the logits are clipped") for most in (10.0, 30.0, 50.0, 100.0)),
    (softmax_over(1), "runs over another axis"),
    (softmax_over(0), "runs over another axis"),
    (mean_over_labels, "divided by the number of labels C"),
    (by_sigmoid, "by a sigmoid"),
    (logits_masked, "the logits are masked"),
    (perplexity, "the perplexity"),
    (whole_numbers, "// leaves whole numbers"),
    (no_mask, "taken for label 0, and counted"),
    (mean_of_all, "divided by all pieces"),
    (sum_only, "this is the sum"),
    (by_batch, "number of sentences"),
    (sentence_by_sentence, "each sentence is averaged alone"),
    (o_is_padding, "label 0 is left out"),
    (zero_is_padding, "label 0 is left out"),
    (upside_down, "turned around: what counts"),
    (softmax_first, "a softmax was taken"),
    (likelihood, "minus the logarithm"),
    (not_reduced, "each piece came back"),
    (zero_over_zero, "0/0 where no piece"),
    (as_it_is, "the number of none"),
    (keras_without_logits, "from_logits=True"),
    (softmax_that_keras_sees, "Keras notices here"),
    (log_of_a_softmax, "a share that is 0 to a computer"),
    (none_where_none, "None where no piece"),
    (one_piece_more, "and one more"),
    (in_bits, "base 2"),
    (gradient_stopped, "stop_gradient"),
    (place_by_place, "each place is averaged alone"),
    (log_of_a_clipped_softmax, "kept away from 0"),
    (loss_by_numpy, "no gradient reaches the logits"),
    (loss_summed_by_numpy, "no gradient reaches the logits"),
    (loss_of_empty_targets, "pieces with -100 get a gradient"),
    (loss_as_a_float, "no gradient reaches the logits"),
    (loss_made_a_tensor_again, "no gradient reaches the logits"),
]
