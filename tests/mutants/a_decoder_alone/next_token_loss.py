"""Wrong answers to next_token_loss."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

sparse = tf.nn.sparse_softmax_cross_entropy_with_logits


def words(labels, pad_id):
    return tf.cast(tf.not_equal(labels, pad_id), tf.float32)


def masked(losses, mask):
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def no_shift(token_ids, logits, pad_id=0):
    return masked(sparse(token_ids, logits), words(token_ids, pad_id))


def other_way(token_ids, logits, pad_id=0):
    labels = token_ids[:, :-1]
    return masked(sparse(labels, logits[:, 1:]), words(labels, pad_id))


def shifted_twice(token_ids, logits, pad_id=0):
    labels = token_ids[:, 2:]
    return masked(sparse(labels, logits[:, :-2]), words(labels, pad_id))


def rolled(token_ids, logits, pad_id=0):
    labels = np.roll(token_ids, -1, axis=1)
    return masked(sparse(labels, logits), words(labels, pad_id))


def plain_mean(token_ids, logits, pad_id=0):
    return tf.reduce_mean(sparse(token_ids[:, 1:], logits[:, :-1]))


def all_counted(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    return tf.reduce_mean(sparse(labels, logits[:, :-1]) * words(labels, pad_id))


def mask_of_the_read(token_ids, logits, pad_id=0):
    return masked(sparse(token_ids[:, 1:], logits[:, :-1]), words(token_ids[:, :-1], pad_id))


def inverted(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    return masked(sparse(labels, logits[:, :-1]), 1 - words(labels, pad_id))


def zero_is_padding(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    return masked(sparse(labels, logits[:, :-1]), words(labels, 0))


def by_text(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    mask = words(labels, pad_id)
    sums = tf.reduce_sum(sparse(labels, logits[:, :-1]) * mask, axis=1)
    return tf.reduce_mean(tf.math.divide_no_nan(sums, tf.reduce_sum(mask, axis=1)))


def divided_by_nothing(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    mask = words(labels, pad_id)
    return tf.reduce_sum(sparse(labels, logits[:, :-1]) * mask) / tf.reduce_sum(mask)


def total(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    return tf.reduce_sum(sparse(labels, logits[:, :-1]) * words(labels, pad_id))


def not_reduced(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    return sparse(labels, logits[:, :-1]) * words(labels, pad_id)


def log_likelihood(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    return -masked(sparse(labels, logits[:, :-1]), words(labels, pad_id))


def exponential(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    return tf.exp(masked(sparse(labels, logits[:, :-1]), words(labels, pad_id)))


def in_bits(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    return masked(sparse(labels, logits[:, :-1]), words(labels, pad_id)) / float(np.log(2))


def probability(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    p = tf.gather(tf.nn.softmax(logits[:, :-1]), labels, axis=-1, batch_dims=2)
    return -masked(p, words(labels, pad_id))


def score_itself(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    return -masked(
        tf.gather(tf.convert_to_tensor(logits)[:, :-1], labels, axis=-1, batch_dims=2), words(labels, pad_id)
    )


def two_softmaxes(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    return masked(sparse(labels, tf.nn.softmax(logits[:, :-1])), words(labels, pad_id))


def over_places(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    log_p = tf.nn.log_softmax(logits[:, :-1], axis=1)
    return -masked(tf.gather(log_p, labels, axis=-1, batch_dims=2), words(labels, pad_id))


def logarithm_of_softmax(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    log_p = tf.math.log(tf.nn.softmax(logits[:, :-1]))
    picked = tf.gather(log_p, labels, axis=-1, batch_dims=2)
    return -masked(picked, words(labels, pad_id))


def cut_off(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    log_p = tf.math.log(tf.nn.softmax(logits[:, :-1]) + 1e-9)
    return -masked(tf.gather(log_p, labels, axis=-1, batch_dims=2), words(labels, pad_id))


def in_numpy(token_ids, logits, pad_id=0):
    labels, x = np.asarray(token_ids)[:, 1:], np.asarray(logits, "float64")[:, :-1]
    x = x - x.max(-1, keepdims=True)
    log_p = x - np.log(np.exp(x).sum(-1, keepdims=True))
    picked = np.take_along_axis(log_p, labels[..., None], axis=-1)[..., 0]
    mask = labels != pad_id
    return np.float32(-(picked * mask).sum() / max(mask.sum(), 1))


def forgot_return(token_ids, logits, pad_id=0):
    ops.mean(keras.losses.sparse_categorical_crossentropy(token_ids[:, 1:], logits[:, :-1], from_logits=True))


def same_side(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    return masked(sparse(labels, logits[:, 1:]), words(labels, pad_id))


def same_side_last(token_ids, logits, pad_id=0):
    return tf.reduce_mean(sparse(token_ids[:, :-1], logits[:, :-1]))


def divided_by_all_places(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    losses = sparse(labels, logits[:, :-1]) * words(labels, pad_id)
    return tf.reduce_sum(losses) / (token_ids.shape[0] * token_ids.shape[1])


def first_counted(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    losses = sparse(labels, logits[:, :-1]) * words(labels, pad_id)
    return tf.reduce_sum(losses) / tf.maximum(tf.reduce_sum(words(token_ids, pad_id)), 1)


def divided_by_texts(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    return tf.reduce_sum(sparse(labels, logits[:, :-1]) * words(labels, pad_id)) / token_ids.shape[0]


def a_text_each(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    mask = words(labels, pad_id)
    return tf.math.divide_no_nan(
        tf.reduce_sum(sparse(labels, logits[:, :-1]) * mask, axis=1), tf.reduce_sum(mask, axis=1)
    )


def from_logits_forgotten(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    losses = keras.losses.sparse_categorical_crossentropy(labels, logits[:, :-1])
    return masked(losses, words(labels, pad_id))


def softmax_and_from_logits(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    p = ops.softmax(logits[:, :-1], axis=-1)
    losses = keras.losses.sparse_categorical_crossentropy(labels, p, from_logits=True)
    return masked(losses, words(labels, pad_id))


def over_texts(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    picked = tf.gather(tf.nn.log_softmax(logits[:, :-1], axis=0), labels, axis=-1, batch_dims=2)
    return -masked(picked, words(labels, pad_id))


def floor_of_log_p(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    picked = tf.gather(tf.nn.log_softmax(logits[:, :-1]), labels, axis=-1, batch_dims=2)
    return -masked(tf.maximum(picked, -20.0), words(labels, pad_id))


def logits_clipped(token_ids, logits, pad_id=0):
    return masked(sparse(token_ids[:, 1:], tf.clip_by_value(logits, -50, 50)[:, :-1]), words(token_ids[:, 1:], pad_id))


def ids_in_numpy(token_ids, logits, pad_id=0):
    labels = np.asarray(token_ids)[:, 1:]
    mask = (labels != pad_id).astype("float32")
    picked = ops.take_along_axis(ops.log_softmax(logits[:, :-1], axis=-1), labels[..., None], axis=-1)[..., 0]
    return -ops.sum(picked * mask) / max(mask.sum(), 1)


def count_as_a_number(token_ids, logits, pad_id=0):
    labels = ops.convert_to_tensor(token_ids)[:, 1:]
    mask = words(labels, pad_id)
    return tf.reduce_sum(sparse(labels, logits[:, :-1]) * mask) / max(float(tf.reduce_sum(mask)), 1.0)


def a_plain_number(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    return float(masked(sparse(labels, logits[:, :-1]), words(labels, pad_id)))


def gradient_stopped(token_ids, logits, pad_id=0):
    labels = token_ids[:, 1:]
    return masked(sparse(labels, ops.stop_gradient(logits)[:, :-1]), words(labels, pad_id))


def zero_is_padding_too(token_ids, logits, pad_id=0):
    labels = ops.convert_to_tensor(token_ids)[:, 1:]
    mask = ops.cast(ops.logical_and(labels > 0, labels != pad_id), "float32")
    return masked(sparse(labels, logits[:, :-1]), mask)


def beyond_padding(token_ids, logits, pad_id=0):
    labels = ops.convert_to_tensor(token_ids)[:, 1:]
    return masked(sparse(labels, logits[:, :-1]), ops.cast(labels > pad_id, "float32"))


def counted(count):
    def wrong(token_ids, logits, pad_id=0):
        labels = ops.convert_to_tensor(token_ids)[:, 1:]
        mask = words(labels, pad_id)
        return tf.reduce_sum(sparse(labels, logits[:, :-1]) * mask) / count(tf.reduce_sum(mask))

    return wrong


def mended(mend):
    def wrong(token_ids, logits, pad_id=0):
        labels = ops.convert_to_tensor(token_ids)[:, 1:]
        mask = words(labels, pad_id)
        log_p = ops.log_softmax(logits[:, :-1], axis=-1)
        picked = ops.take_along_axis(log_p, labels[..., None], axis=-1)[..., 0]
        return mend(-ops.sum(picked * mask) / ops.sum(mask), ops.sum(mask))

    return wrong


def zero_for_nan(token_ids, logits, pad_id=0):
    labels = ops.convert_to_tensor(token_ids)[:, 1:]
    loss = masked(sparse(labels, logits[:, :-1]), words(labels, pad_id))
    return ops.where(ops.isnan(loss), 0.0, loss)


def by_hand(largest):
    def wrong(token_ids, logits, pad_id=0):
        labels, x = ops.convert_to_tensor(token_ids)[:, 1:], ops.convert_to_tensor(logits)[:, :-1]
        x = x - largest(x)
        right = ops.take_along_axis(x, labels[..., None], axis=-1)[..., 0]
        return masked(ops.log(ops.sum(ops.exp(x), -1)) - right, words(labels, pad_id))

    return wrong


def off_by(factor):
    def wrong(token_ids, logits, pad_id=0):
        return factor * counted(lambda n: ops.maximum(n, 1))(token_ids, logits, pad_id)

    return wrong


MUTANTS = [
    (off_by(0.9999), "no mistake known"),
    (no_shift, "the token that it reads"),
    (other_way, "the token before it"),
    (shifted_twice, "the token after next"),
    (rolled, "asked for the first token"),
    (plain_mean, "padding counts like a token"),
    (all_counted, "still counted"),
    (mask_of_the_read, "the token asked for that must not be padding"),
    (inverted, "turned around"),
    (zero_is_padding, "`pad_id` is ignored"),
    (by_text, "text by text"),
    (divided_by_nothing, "0/0"),
    (total, "a sum came back"),
    (not_reduced, "one number for each token"),
    (log_likelihood, "the sign"),
    (exponential, "the perplexity"),
    (in_bits, "the base 2"),
    (probability, "the logarithm is missing"),
    (score_itself, "no softmax"),
    (two_softmaxes, "two softmaxes"),
    (over_places, "runs over the places"),
    (logarithm_of_softmax, "rounds to 0 it is -inf"),
    (cut_off, "cut off"),
    (in_numpy, "no gradient"),
    (forgot_return, "nothing came back"),
    (a_plain_number, "no gradient"),
    (gradient_stopped, "no gradient"),
    (same_side, "on the same side"),
    (same_side_last, "on the same side"),
    (divided_by_all_places, "divided by B"),
    (first_counted, "the first token is counted"),
    (divided_by_texts, "the number of texts"),
    (a_text_each, "one number for each text"),
    (from_logits_forgotten, "taken for probabilities"),
    (softmax_and_from_logits, "softmax twice"),
    (over_texts, "over the texts"),
    (floor_of_log_p, "cut off"),
    (logits_clipped, "cut off"),
    (ids_in_numpy, "without numbers"),
    (count_as_a_number, "without numbers"),
    (zero_is_padding_too, "0 is left out besides"),
    (beyond_padding, "all ids up to `pad_id`"),
    (counted(lambda n: n + 1), "one too many is counted"),
    (counted(lambda n: ops.maximum(n - 1, 1)), "one too few is counted"),
    (mended(lambda loss, count: ops.where(count > 0, loss, 0.0)), "the gradient is NaN"),
    (mended(lambda loss, count: ops.nan_to_num(loss)), "the gradient is NaN"),
    (zero_for_nan, "NaN becomes a loss of 0"),
    (by_hand(lambda x: 0.0), "exp of a large score"),
    (by_hand(ops.max), "the largest of all scores"),
]
