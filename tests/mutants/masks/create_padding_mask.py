"""Wrong answers to create_padding_mask."""

import numpy as np
import tensorflow as tf
from keras import ops


def true_at_padding(token_ids, pad_id=0):
    return ops.equal(token_ids, pad_id)[:, None, None, :]


def no_axes(token_ids, pad_id=0):
    return tf.math.not_equal(token_ids, pad_id)


def one_axis(token_ids, pad_id=0):
    return ops.expand_dims(ops.not_equal(token_ids, pad_id), 1)


def axes_behind(token_ids, pad_id=0):
    return np.expand_dims(token_ids != pad_id, axis=(2, 3))


def axes_in_front(token_ids, pad_id=0):
    mask = token_ids != pad_id
    return mask.reshape(1, 1, *mask.shape)


def queries_masked(token_ids, pad_id=0):
    return (token_ids != pad_id)[:, None, :, None]


def square(token_ids, pad_id=0):
    words = tf.not_equal(token_ids, pad_id)
    return tf.logical_and(words[:, tf.newaxis, :, tf.newaxis], words[:, tf.newaxis, tf.newaxis, :])


def zero_always(token_ids, pad_id=0):
    return tf.cast(token_ids, tf.bool)[:, None, None, :]


def greater(token_ids, pad_id=0):
    return ops.greater(token_ids, pad_id)[:, None, None, :]


def lengths(token_ids, pad_id=0):
    n = tf.math.count_nonzero(token_ids != pad_id, axis=1)
    return tf.sequence_mask(n, token_ids.shape[1])[:, None, None, :]


def first_sentence(token_ids, pad_id=0):
    mask = np.zeros((len(token_ids), 1, 1, token_ids.shape[1]), bool)
    mask[:] = token_ids[0] != pad_id
    return mask


def everything(token_ids, pad_id=0):
    return np.full((len(token_ids), 1, 1, token_ids.shape[1]), True)


def ones_and_zeros(token_ids, pad_id=0):
    return 1 - tf.cast(tf.math.equal(token_ids, pad_id), tf.float32)[:, tf.newaxis, tf.newaxis, :]


def ones_and_zeros_three_axes(token_ids, pad_id=0):
    return (1 - tf.cast(tf.math.equal(token_ids, pad_id), tf.float32))[:, tf.newaxis, :]


def old_tutorial(token_ids, pad_id=0):
    return tf.cast(tf.math.equal(token_ids, pad_id), tf.float32)[:, tf.newaxis, tf.newaxis, :]


def padding_additive(token_ids, pad_id=0):
    return np.where(token_ids == pad_id, -1e9, 0.0)[:, None, None, :]


def no_padding_allowed_at_all(token_ids, pad_id=0):
    return (token_ids < pad_id)[:, None, None, :]


def axis_at_the_end(token_ids, pad_id=0):
    return np.expand_dims(token_ids != pad_id, -1)


def repeated(token_ids, pad_id=0):
    B, S = token_ids.shape
    return np.broadcast_to((token_ids != pad_id)[:, None, None, :], (B, 1, S, S))


def until_the_first_padding(token_ids, pad_id=0):
    return ops.cast(ops.cumprod(ops.cast(token_ids != pad_id, "int32"), axis=1), "bool")[:, None, None, :]


def ten_thousand_lower(token_ids, pad_id=0):
    return (token_ids == pad_id).astype("float32")[:, None, None] * -1e4


def five_axes(token_ids, pad_id=0):
    return (token_ids != pad_id)[:, None, None, None]


def on_their_side(token_ids, pad_id=0):
    return ops.transpose(ops.not_equal(token_ids, pad_id))[:, None, None]


def zero_too(token_ids, pad_id=0):
    return ((token_ids != pad_id) & (token_ids != 0))[:, None, None, :]


def one_place_more(token_ids, pad_id=0):
    n = (token_ids != pad_id).sum(axis=1)
    return (np.arange(token_ids.shape[1]) <= n[:, None])[:, None, None]


def sentences_on_the_heads(token_ids, pad_id=0):
    return (token_ids != pad_id)[None, :, None, :]


def one_long_row(token_ids, pad_id=0):
    return ops.reshape(ops.not_equal(token_ids, pad_id), (1, 1, 1, -1))


def list_of_sentences(token_ids, pad_id=0):
    return [ops.not_equal(row, pad_id)[None, None] for row in token_ids]


def in_the_ids_themselves(token_ids, pad_id=0):
    token_ids[token_ids == pad_id] = 0
    return (token_ids != 0)[:, None, None, :]


MUTANTS = [
    (zero_too, "0 is hidden whatever was passed"),
    (one_place_more, "one place more"),
    (sentences_on_the_heads, "B stands where the heads"),
    (one_long_row, "one long row"),
    (list_of_sentences, "a list of sentences"),
    (in_the_ids_themselves, "it changes the array"),
    (until_the_first_padding, "follows the first padding"),
    (ten_thousand_lower, "additive form"),
    (five_axes, "three axes of length 1"),
    (on_their_side, "changed places"),
    (true_at_padding, "inverted"),
    (no_axes, "two axes of length 1 are missing"),
    (one_axis, "one axis of length 1 is missing"),
    (axes_behind, "stand behind S"),
    (axes_in_front, "stand before B"),
    (queries_masked, "masks queries"),
    (square, "queries are masked too"),
    (zero_always, "`pad_id` is ignored"),
    (greater, "greater than"),
    (lengths, "counted"),
    (first_sentence, "first one's mask"),
    (everything, "all True"),
    (ones_and_zeros, "numbers 1 and 0"),
    (ones_and_zeros_three_axes, "one axis of length 1 is missing"),
    (old_tutorial, "older convention"),
    (padding_additive, "additive form"),
    (no_padding_allowed_at_all, "all False"),
    (axis_at_the_end, "behind S"),
    (repeated, "one row for each query"),
]
