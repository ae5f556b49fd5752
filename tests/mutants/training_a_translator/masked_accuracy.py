"""Wrong answers to masked_accuracy."""

import numpy as np
import tensorflow as tf
from keras import ops

from tests.mutants.training_a_translator.shared import words


def padding_counted(labels, logits, pad_id=0):
    return np.mean(np.argmax(logits, axis=-1) == labels)


def right_words_over_all(labels, logits, pad_id=0):
    right = tf.cast(tf.argmax(logits, -1, output_type=tf.int32) == labels, tf.float32)
    return tf.reduce_mean(right * words(labels, pad_id))


def padding_among_the_right(labels, logits, pad_id=0):
    right = tf.cast(tf.argmax(logits, -1, output_type=tf.int32) == labels, tf.float32)
    return tf.math.divide_no_nan(tf.reduce_sum(right), tf.reduce_sum(words(labels, pad_id)))


def sentence_means(labels, logits, pad_id=0):
    right, mask = np.argmax(logits, -1) == labels, labels != pad_id
    return np.mean([r[m].mean() if m.any() else 0.0 for r, m in zip(right, mask, strict=True)])


def exact_match(labels, logits, pad_id=0):
    right = (np.argmax(logits, -1) == labels) | (labels == pad_id)
    return np.float32(right.all(axis=1).mean())


def in_percent(labels, logits, pad_id=0):
    right, mask = np.argmax(logits, -1) == labels, labels != pad_id
    return 100.0 * np.sum(right & mask) / max(mask.sum(), 1)


def how_many(labels, logits, pad_id=0):
    return np.sum((np.argmax(logits, -1) == labels) & (labels != pad_id))


def lowest_score(labels, logits, pad_id=0):
    right, mask = np.argmin(logits, -1) == labels, labels != pad_id
    return np.sum(right & mask) / max(mask.sum(), 1)


def error_rate(labels, logits, pad_id=0):
    wrong, mask = np.argmax(logits, -1) != labels, labels != pad_id
    return np.sum(wrong & mask) / max(mask.sum(), 1)


def mask_from_guesses(labels, logits, pad_id=0):
    guess = np.argmax(logits, -1)
    mask = guess != pad_id
    return np.sum((guess == labels) & mask) / max(mask.sum(), 1)


def both_masks(labels, logits, pad_id=0):
    guess = np.argmax(logits, -1)
    mask = (guess != pad_id) & (labels != pad_id)
    return np.sum((guess == labels) & mask) / max(mask.sum(), 1)


def zero_is_padding_here_too(labels, logits, pad_id=0):
    right, mask = np.argmax(logits, -1) == labels, labels != 0
    return np.sum(right & mask) / max(mask.sum(), 1)


def nan_without_words(labels, logits, pad_id=0):
    right, mask = np.argmax(logits, -1) == labels, labels != pad_id
    return np.mean(right[mask])


def one_without_words(labels, logits, pad_id=0):
    right, mask = np.argmax(logits, -1) == labels, labels != pad_id
    return np.mean(right[mask]) if mask.any() else 1.0


def one_each(labels, logits, pad_id=0):
    return ops.cast((ops.argmax(logits, -1) == labels) & (labels != pad_id), "float32")


def as_sets(labels, logits, pad_id=0):
    said = np.argmax(logits, -1)
    pairs = {(int(y), bool(s == y)) for y, s in zip(labels.ravel(), said.ravel(), strict=True) if y != pad_id}
    kinds = {y for y, _ in pairs}
    return len([y for y in kinds if (y, True) in pairs]) / max(len(kinds), 1)


def likelier_than_not(labels, logits, pad_id=0):
    p, mask = np.asarray(tf.nn.softmax(logits)), labels != pad_id
    right = np.take_along_axis(p, labels[..., None], axis=-1)[..., 0] > 0.5
    return (right & mask).sum() / max(mask.sum(), 1)


def expected_share(labels, logits, pad_id=0):
    p, mask = np.asarray(tf.nn.softmax(logits)), labels != pad_id
    return (np.take_along_axis(p, labels[..., None], axis=-1)[..., 0] * mask).sum() / max(mask.sum(), 1)


def as_integer(labels, logits, pad_id=0):
    mask = labels != pad_id
    return int(((np.argmax(logits, -1) == labels) & mask).sum() / max(mask.sum(), 1))


def none_without_words(labels, logits, pad_id=0):
    mask = labels != pad_id
    return np.mean(np.argmax(logits, -1)[mask] == labels[mask]) if mask.any() else None


def right_ones(labels, logits, pad_id=0):
    return np.argmax(logits, -1) == labels


def right_words_one_by_one(labels, logits, pad_id=0):
    return (np.argmax(logits, -1) == labels)[labels != pad_id]


def share_of_each_sentence(labels, logits, pad_id=0):
    right, mask = np.argmax(logits, -1) == labels, labels != pad_id
    return (right & mask).sum(axis=1) / np.maximum(mask.sum(axis=1), 1)


def without_axis(labels, logits, pad_id=0):
    right, mask = np.argmax(logits) == labels, labels != pad_id
    return np.sum(right & mask) / max(mask.sum(), 1)


def over_places(labels, logits, pad_id=0):
    right, mask = np.argmax(logits, axis=1) == labels, labels != pad_id
    return np.sum(right & mask) / max(mask.sum(), 1)


def axis_left_to_tensorflow(labels, logits, pad_id=0):
    right = tf.cast(tf.equal(tf.argmax(logits, output_type=tf.int32), labels), tf.float32)
    mask = words(labels, pad_id)
    return tf.math.divide_no_nan(tf.reduce_sum(right * mask), tf.reduce_sum(mask))


def padding_made_equal(labels, logits, pad_id=0):
    mask = labels != pad_id
    return np.mean(np.argmax(logits, -1) * mask == labels * mask)


def padding_made_equal_by_words(labels, logits, pad_id=0):
    mask = labels != pad_id
    return np.sum(np.argmax(logits, -1) * mask == labels * mask) / max(mask.sum(), 1)


def one_added(labels, logits, pad_id=0):
    right, mask = np.argmax(logits, -1) == labels, labels != pad_id
    return np.sum(right & mask) / (1 + mask.sum())


def by_len(labels, logits, pad_id=0):
    return np.sum((np.argmax(logits, -1) == labels) & (labels != pad_id)) / len(labels)


def by_length(labels, logits, pad_id=0):
    return np.sum((np.argmax(logits, -1) == labels) & (labels != pad_id)) / labels.shape[-1]


def bytes_for_ids(labels, logits, pad_id=0):
    said, labels = np.argmax(logits, -1).astype("uint8"), labels.astype("uint8")
    mask = labels != pad_id
    return ((said == labels) & mask).sum() / max(mask.sum(), 1)


def counted_in_bytes(labels, logits, pad_id=0):
    mask = tf.cast(labels != pad_id, tf.int8)
    right = tf.cast(tf.argmax(logits, -1, output_type=tf.int32) == labels, tf.int8) * mask
    right, count = (tf.cast(tf.reduce_sum(x), tf.float32) for x in (right, mask))
    return tf.math.divide_no_nan(right, count)


def own_softmax(labels, logits, pad_id=0):
    p, mask = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True), labels != pad_id
    return ((np.argmax(p, -1) == labels) & mask).sum() / max(mask.sum(), 1)


def moved_by_a_place(labels, logits, pad_id=0):
    right, mask = np.argmax(logits[:, :-1], -1) == labels[:, 1:], labels[:, 1:] != pad_id
    return (right & mask).sum() / max(mask.sum(), 1)


def end_dropped(labels, logits, pad_id=0):
    right, mask = (np.argmax(logits, -1) == labels)[:, :-1], labels[:, :-1] != pad_id
    return (right & mask).sum() / max(mask.sum(), 1)


def by_lengths(labels, logits, pad_id=0):
    lengths = (labels != pad_id).sum(axis=1)
    mask = np.arange(labels.shape[1]) < lengths[:, None]
    return ((np.argmax(logits, -1) == labels) & mask).sum() / max(mask.sum(), 1)


def up_to_the_first_padding(labels, logits, pad_id=0):
    mask = np.cumprod(labels != pad_id, axis=1).astype(bool)
    return ((np.argmax(logits, -1) == labels) & mask).sum() / max(mask.sum(), 1)


def guesses_times_mask(labels, logits, pad_id=0):
    mask = labels != pad_id
    return np.sum(np.argmax(logits, -1) * mask == labels) / max(mask.sum(), 1)


def means_of_those_with_words(labels, logits, pad_id=0):
    right, mask = np.argmax(logits, -1) == labels, labels != pad_id
    shares = [r[m].mean() for r, m in zip(right, mask, strict=True) if m.any()]
    return np.mean(shares) if shares else 0.0


def three_decimals(labels, logits, pad_id=0):
    right, mask = np.argmax(logits, -1) == labels, labels != pad_id
    return round(float(np.sum(right & mask) / max(mask.sum(), 1)), 3)


def axes_kept(labels, logits, pad_id=0):
    right, mask = np.argmax(logits, -1) == labels, labels != pad_id
    return np.sum(right & mask, keepdims=True) / max(mask.sum(), 1)


MUTANTS = [
    (bytes_for_ids, "kept in 8 bits"),
    (counted_in_bytes, "kept in 8 bits"),
    (own_softmax, "exp overflows"),
    (moved_by_a_place, "moved against each other"),
    (end_dropped, "the last position is left out"),
    (by_lengths, "stand at the end only"),
    (up_to_the_first_padding, "stand at the end only"),
    (guesses_times_mask, "not the guesses"),
    (means_of_those_with_words, "sentence by sentence"),
    (three_decimals, "rounded"),
    (axes_kept, "axes around it"),
    (right_ones, "one value for each token"),
    (right_words_one_by_one, "one by one"),
    (share_of_each_sentence, "one value for each sentence"),
    (without_axis, "highest score of all"),
    (over_places, "wrong axis"),
    (axis_left_to_tensorflow, "wrong axis"),
    (padding_made_equal, "padding counts as right: leave"),
    (padding_made_equal_by_words, "not in the number"),
    (one_added, "one is added"),
    (by_len, "number of sentences"),
    (by_length, "length T"),
    (likelier_than_not, "above one half"),
    (expected_share, "mean probability"),
    (as_integer, "cut to a whole number"),
    (none_without_words, "gives None"),
    (as_sets, "each kind of word counts once"),
    (padding_counted, "padding counts like a word"),
    (right_words_over_all, "still counted"),
    (padding_among_the_right, "right guesses at padding"),
    (sentence_means, "sentence by sentence"),
    (exact_match, "whole sentences"),
    (in_percent, "percent"),
    (how_many, "a number of tokens"),
    (lowest_score, "the lowest score"),
    (error_rate, "share of wrong ones"),
    (mask_from_guesses, "comes from the guesses"),
    (both_masks, "left out as well"),
    (zero_is_padding_here_too, "`pad_id` is ignored"),
    (nan_without_words, "0/0"),
    (one_without_words, "gives 1"),
    (one_each, "one value for each token"),
]
