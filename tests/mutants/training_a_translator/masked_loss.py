"""Wrong answers to masked_loss."""

import keras
import numpy as np
import tensorflow as tf

from tests.mutants.training_a_translator.shared import words

sparse = tf.nn.sparse_softmax_cross_entropy_with_logits


def smooth(labels, logits, epsilon):
    V = logits.shape[-1]
    return tf.one_hot(labels, V) * (1 - epsilon) + epsilon / V


def each(labels, logits, epsilon):
    return tf.nn.softmax_cross_entropy_with_logits(smooth(labels, logits, epsilon), logits)


def plain_mean(labels, logits, pad_id=0, label_smoothing=0.0):
    return tf.reduce_mean(each(labels, logits, label_smoothing))


def all_positions_counted(labels, logits, pad_id=0, label_smoothing=0.0):
    return tf.reduce_mean(each(labels, logits, label_smoothing) * words(labels, pad_id))


def total(labels, logits, pad_id=0, label_smoothing=0.0):
    return tf.reduce_sum(each(labels, logits, label_smoothing) * words(labels, pad_id))


def by_sentence(labels, logits, pad_id=0, label_smoothing=0.0):
    mask = words(labels, pad_id)
    losses = tf.reduce_sum(each(labels, logits, label_smoothing) * mask, axis=1)
    return tf.reduce_mean(tf.math.divide_no_nan(losses, tf.reduce_sum(mask, axis=1)))


def per_sentence_count(labels, logits, pad_id=0, label_smoothing=0.0):
    losses = each(labels, logits, label_smoothing) * words(labels, pad_id)
    return tf.reduce_sum(losses) / len(labels)


def inverted(labels, logits, pad_id=0, label_smoothing=0.0):
    mask = tf.cast(tf.equal(labels, pad_id), tf.float32)
    return tf.math.divide_no_nan(tf.reduce_sum(each(labels, logits, label_smoothing) * mask), tf.reduce_sum(mask))


def not_reduced(labels, logits, pad_id=0, label_smoothing=0.0):
    return each(labels, logits, label_smoothing) * words(labels, pad_id)


def positive_sign(labels, logits, pad_id=0, label_smoothing=0.0):
    log_p = tf.nn.log_softmax(logits)
    losses = tf.reduce_sum(smooth(labels, logits, label_smoothing) * log_p, axis=-1)
    mask = words(labels, pad_id)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def softmax_first(labels, logits, pad_id=0, label_smoothing=0.0):
    p = tf.nn.softmax(logits)
    mask = words(labels, pad_id)
    losses = tf.nn.softmax_cross_entropy_with_logits(smooth(labels, logits, label_smoothing), p)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def without_from_logits(labels, logits, pad_id=0, label_smoothing=0.0):
    targets = smooth(labels, logits, label_smoothing)
    losses = keras.losses.categorical_crossentropy(targets, tf.convert_to_tensor(logits))
    mask = words(labels, pad_id)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def log_of_softmax(labels, logits, pad_id=0, label_smoothing=0.0):
    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    losses = -(np.asarray(smooth(labels, logits, label_smoothing)) * np.log(p)).sum(axis=-1)
    mask = labels != pad_id
    return np.sum(losses * mask) / max(mask.sum(), 1)


def with_a_tiny_number(labels, logits, pad_id=0, label_smoothing=0.0):
    log_p = tf.math.log(tf.nn.softmax(logits) + 1e-9)
    losses = -tf.reduce_sum(smooth(labels, logits, label_smoothing) * log_p, axis=-1)
    mask = words(labels, pad_id)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def softmax_over_positions(labels, logits, pad_id=0, label_smoothing=0.0):
    log_p = tf.nn.log_softmax(logits, axis=1)
    losses = -tf.reduce_sum(smooth(labels, logits, label_smoothing) * log_p, axis=-1)
    mask = words(labels, pad_id)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def zero_is_padding(labels, logits, pad_id=0, label_smoothing=0.0):
    mask = tf.cast(tf.cast(labels, tf.bool), tf.float32)
    return tf.math.divide_no_nan(tf.reduce_sum(each(labels, logits, label_smoothing) * mask), tf.reduce_sum(mask))


def greater_than_padding(labels, logits, pad_id=0, label_smoothing=0.0):
    mask = tf.cast(labels > pad_id, tf.float32)
    return tf.math.divide_no_nan(tf.reduce_sum(each(labels, logits, label_smoothing) * mask), tf.reduce_sum(mask))


def no_smoothing(labels, logits, pad_id=0, label_smoothing=0.0):
    losses, mask = sparse(labels, logits), words(labels, pad_id)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def among_the_others(labels, logits, pad_id=0, label_smoothing=0.0):
    V, mask = logits.shape[-1], words(labels, pad_id)
    targets = tf.one_hot(labels, V, on_value=1 - label_smoothing, off_value=label_smoothing / (V - 1))
    losses = tf.nn.softmax_cross_entropy_with_logits(targets, logits)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def less_than_one(labels, logits, pad_id=0, label_smoothing=0.0):
    V, mask = logits.shape[-1], words(labels, pad_id)
    targets = tf.one_hot(labels, V, on_value=1 - label_smoothing, off_value=label_smoothing / V)
    losses = -tf.reduce_sum(targets * tf.nn.log_softmax(logits), axis=-1)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def whole_epsilon(labels, logits, pad_id=0, label_smoothing=0.0):
    mask, hot = words(labels, pad_id), tf.one_hot(labels, logits.shape[-1])
    targets = hot * (1 - label_smoothing) + (1 - hot) * label_smoothing
    losses = -tf.reduce_sum(targets * tf.nn.log_softmax(logits), axis=-1)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def nan_for_padding(labels, logits, pad_id=0, label_smoothing=0.0):
    mask = words(labels, pad_id)
    return tf.reduce_sum(each(labels, logits, label_smoothing) * mask) / tf.reduce_sum(mask)


def all_in_numpy(labels, logits, pad_id=0, label_smoothing=0.0):
    logits = np.asarray(logits, "float64")
    log_p = logits - logits.max(-1, keepdims=True)
    log_p -= np.log(np.exp(log_p).sum(-1, keepdims=True))
    targets = np.eye(logits.shape[-1])[labels] * (1 - label_smoothing) + label_smoothing / logits.shape[-1]
    mask = np.asarray(labels) != pad_id
    return np.float32((-(targets * log_p).sum(-1) * mask).sum() / max(mask.sum(), 1))


def with_an_if(labels, logits, pad_id=0, label_smoothing=0.0):
    mask = words(labels, pad_id)
    if tf.reduce_sum(mask) == 0:
        return tf.constant(0.0)
    return tf.reduce_sum(each(labels, logits, label_smoothing) * mask) / tf.reduce_sum(mask)


def forgot_return(labels, logits, pad_id=0, label_smoothing=0.0):
    tf.reduce_mean(each(labels, logits, label_smoothing))


def always_a_tenth(labels, logits, pad_id=0, label_smoothing=0.0):
    mask = words(labels, pad_id)
    return tf.math.divide_no_nan(tf.reduce_sum(each(labels, logits, 0.1) * mask), tf.reduce_sum(mask))


def mean_of_the_rows_means(labels, logits, pad_id=0, label_smoothing=0.0):
    mask = words(labels, pad_id)
    losses = tf.reduce_sum(each(labels, logits, label_smoothing) * mask, axis=1) / tf.reduce_sum(mask, axis=1)
    return tf.reduce_mean(losses)


def only_the_number_is_masked(labels, logits, pad_id=0, label_smoothing=0.0):
    mask = words(labels, pad_id)
    return tf.math.divide_no_nan(tf.reduce_sum(each(labels, logits, label_smoothing)), tf.reduce_sum(mask))


def scores_masked(labels, logits, pad_id=0, label_smoothing=0.0):
    return tf.reduce_mean(each(labels, logits * words(labels, pad_id)[..., None], label_smoothing))


def one_more_word(labels, logits, pad_id=0, label_smoothing=0.0):
    mask = words(labels, pad_id)
    return tf.reduce_sum(each(labels, logits, label_smoothing) * mask) / (1.0 + tf.reduce_sum(mask))


def shares_not_added(labels, logits, pad_id=0, label_smoothing=0.0):
    mask = words(labels, pad_id)
    return tf.math.divide_no_nan(each(labels, logits, label_smoothing) * mask, tf.reduce_sum(mask))


def a_loss_for_each_sentence(labels, logits, pad_id=0, label_smoothing=0.0):
    mask = words(labels, pad_id)
    losses = tf.reduce_sum(each(labels, logits, label_smoothing) * mask, axis=-1)
    return tf.math.divide_no_nan(losses, tf.reduce_sum(mask, axis=-1))


def chosen_losses(labels, logits, pad_id=0, label_smoothing=0.0):
    return tf.boolean_mask(each(labels, logits, label_smoothing), labels != pad_id)


def mean_over_words_too(labels, logits, pad_id=0, label_smoothing=0.0):
    losses = -tf.reduce_mean(smooth(labels, logits, label_smoothing) * tf.nn.log_softmax(logits), axis=-1)
    mask = words(labels, pad_id)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def with_targets(name, right, others):
    def answer(labels, logits, pad_id=0, label_smoothing=0.0):
        V, e, mask = logits.shape[-1], label_smoothing, words(labels, pad_id)
        targets = tf.one_hot(labels, V, on_value=float(right(e, V)), off_value=float(others(e, V)))
        losses = tf.nn.softmax_cross_entropy_with_logits(targets, logits)
        return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))

    answer.__name__ = name
    return answer


smoothed_the_other_way = with_targets("smoothed_the_other_way", lambda e, V: e, lambda e, V: (1 - e) / V)


on_and_off_swapped = with_targets("on_and_off_swapped", lambda e, V: e / V, lambda e, V: 1 - e + e / V)


off_value_forgotten = with_targets("off_value_forgotten", lambda e, V: 1 - e + e / V, lambda e, V: 0)


on_value_forgotten = with_targets("on_value_forgotten", lambda e, V: 1, lambda e, V: e / V)


brackets = with_targets("brackets", lambda e, V: (1 - e + e) / V, lambda e, V: e / V)


def shared_by_the_length(labels, logits, pad_id=0, label_smoothing=0.0):
    T, mask = tf.cast(tf.shape(labels)[1], tf.float32), words(labels, pad_id)
    targets = tf.one_hot(labels, logits.shape[-1]) * (1 - label_smoothing) + label_smoothing / T
    losses = tf.nn.softmax_cross_entropy_with_logits(targets, logits)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def arguments_swapped(labels, logits, pad_id=0, label_smoothing=0.0):
    losses = tf.nn.softmax_cross_entropy_with_logits(logits, smooth(labels, logits, label_smoothing))
    mask = words(labels, pad_id)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def sparse_without_from_logits(labels, logits, pad_id=0, label_smoothing=0.0):
    losses = keras.losses.SparseCategoricalCrossentropy(reduction="none")(labels, logits)
    mask = words(labels, pad_id)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def flat_by_shape(labels, logits, pad_id=0, label_smoothing=0.0):
    B, T = labels.shape
    losses = tf.reshape(each(labels, logits, label_smoothing), (B * T,))
    mask = tf.reshape(words(labels, pad_id), (B * T,))
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def last_place_dropped(labels, logits, pad_id=0, label_smoothing=0.0):
    losses, mask = each(labels, logits, label_smoothing)[:, :-1], words(labels, pad_id)[:, :-1]
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def moved_by_a_place(labels, logits, pad_id=0, label_smoothing=0.0):
    losses, mask = each(labels[:, 1:], logits[:, :-1], label_smoothing), words(labels[:, 1:], pad_id)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def ids_from_one(labels, logits, pad_id=0, label_smoothing=0.0):
    mask = words(labels, pad_id)
    return tf.math.divide_no_nan(tf.reduce_sum(each(labels - 1, logits, label_smoothing) * mask), tf.reduce_sum(mask))


def log_of_the_right_ones_share(labels, logits, pad_id=0, label_smoothing=0.0):
    log_p, mask = tf.math.log(tf.nn.softmax(logits)), words(labels, pad_id)
    losses = -tf.gather(log_p, labels, batch_dims=2)
    if label_smoothing:
        losses = (1 - label_smoothing) * losses - label_smoothing * tf.reduce_mean(log_p, axis=-1)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def log_of_a_sum(labels, logits, pad_id=0, label_smoothing=0.0):
    total = tf.math.log(tf.reduce_sum(tf.exp(logits), axis=-1))
    losses = total - tf.reduce_sum(smooth(labels, logits, label_smoothing) * logits, axis=-1)
    mask = words(labels, pad_id)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def with_a_millionth(labels, logits, pad_id=0, label_smoothing=0.0):
    log_p = tf.math.log(tf.nn.softmax(logits) + 1e-6)
    losses = -tf.reduce_sum(smooth(labels, logits, label_smoothing) * log_p, axis=-1)
    mask = words(labels, pad_id)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def softmax_and_from_logits(labels, logits, pad_id=0, label_smoothing=0.0):
    targets, mask = smooth(labels, logits, label_smoothing), words(labels, pad_id)
    losses = keras.losses.categorical_crossentropy(targets, tf.nn.softmax(logits), from_logits=True)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def smooth_twice(labels, logits, pad_id=0, label_smoothing=0.0):
    own = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=label_smoothing, reduction=None)
    losses, mask = own(smooth(labels, logits, label_smoothing), logits), words(labels, pad_id)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def no_share_for_padding(labels, logits, pad_id=0, label_smoothing=0.0):
    V, mask = logits.shape[-1], words(labels, pad_id)
    targets = smooth(labels, logits, label_smoothing) * (1 - tf.one_hot(pad_id, V))
    losses = tf.nn.softmax_cross_entropy_with_logits(targets, logits)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def padding_never_said(labels, logits, pad_id=0, label_smoothing=0.0):
    logits = tf.convert_to_tensor(logits) - 1e9 * tf.one_hot(pad_id, logits.shape[-1])
    mask = words(labels, pad_id)
    return tf.math.divide_no_nan(tf.reduce_sum(each(labels, logits, label_smoothing) * mask), tf.reduce_sum(mask))


def sigmoids(labels, logits, pad_id=0, label_smoothing=0.0):
    targets, mask = smooth(labels, logits, label_smoothing), words(labels, pad_id)
    losses = tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(targets, logits), axis=-1)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def bytes_for_ids(labels, logits, pad_id=0, label_smoothing=0.0):
    labels = tf.cast(tf.cast(labels, tf.int8), tf.int32)
    mask = words(labels, pad_id)
    return tf.math.divide_no_nan(tf.reduce_sum(each(labels, logits, label_smoothing) * mask), tf.reduce_sum(mask))


def counted_in_bytes(labels, logits, pad_id=0, label_smoothing=0.0):
    count = tf.cast(tf.reduce_sum(tf.cast(labels != pad_id, tf.int8)), tf.float32)
    return tf.math.divide_no_nan(tf.reduce_sum(each(labels, logits, label_smoothing) * words(labels, pad_id)), count)


def nonzero_counted(labels, logits, pad_id=0, label_smoothing=0.0):
    count = tf.cast(tf.math.count_nonzero(labels), tf.float32)
    return tf.math.divide_no_nan(tf.reduce_sum(each(labels, logits, label_smoothing) * words(labels, pad_id)), count)


def up_to_the_first_padding(labels, logits, pad_id=0, label_smoothing=0.0):
    mask = tf.math.cumprod(words(labels, pad_id), axis=1)
    return tf.math.divide_no_nan(tf.reduce_sum(each(labels, logits, label_smoothing) * mask), tf.reduce_sum(mask))


def axes_kept(labels, logits, pad_id=0, label_smoothing=0.0):
    mask = words(labels, pad_id)
    total = tf.reduce_sum(each(labels, logits, label_smoothing) * mask, keepdims=True)
    return tf.math.divide_no_nan(total, tf.reduce_sum(mask))


def with_a_stop(labels, logits, pad_id=0, label_smoothing=0.0):
    mask = words(labels, pad_id)
    losses = each(labels, tf.stop_gradient(logits), label_smoothing)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def a_little_less(labels, logits, pad_id=0, label_smoothing=0.0):
    """As where the sum is rounded, or some number added to the count: nothing large is cut off."""
    mask = words(labels, pad_id)
    return 0.9999 * tf.math.divide_no_nan(
        tf.reduce_sum(each(labels, logits, label_smoothing) * mask), tf.reduce_sum(mask)
    )


MUTANTS = [
    (a_little_less, "no mistake known"),
    (last_place_dropped, "the last position is left out"),
    (moved_by_a_place, "moved against each other"),
    (ids_from_one, "counted from 1"),
    (log_of_the_right_ones_share, "rounded to 0"),
    (log_of_a_sum, "exp overflows"),
    (with_a_millionth, "cut off"),
    (softmax_and_from_logits, "two softmaxes"),
    (smooth_twice, "smoothed twice"),
    (no_share_for_padding, "gets no share of ε"),
    (padding_never_said, "padding's own score"),
    (sigmoids, "by a sigmoid"),
    (bytes_for_ids, "kept in 8 bits"),
    (counted_in_bytes, "kept in 8 bits"),
    (nonzero_counted, "but not the number"),
    (up_to_the_first_padding, "behind a padding"),
    (axes_kept, "axes around it"),
    (with_a_stop, "stop_gradient"),
    (only_the_number_is_masked, "but not of the sum"),
    (scores_masked, "costs ln V"),
    (one_more_word, "one is added"),
    (shares_not_added, "one number for each token"),
    (a_loss_for_each_sentence, "one number for each sentence"),
    (chosen_losses, "one by one"),
    (mean_over_words_too, "divided by V too"),
    (smoothed_the_other_way, "1 - ε and ε have changed places"),
    (on_and_off_swapped, "on_value is the right word's"),
    (off_value_forgotten, "the others get nothing"),
    (on_value_forgotten, "still has 1: it gives"),
    (brackets, "mind the brackets"),
    (shared_by_the_length, "shared by the length"),
    (arguments_swapped, "takes the targets first"),
    (sparse_without_from_logits, "taken for probabilities"),
    (flat_by_shape, "has no size"),
    (always_a_tenth, "0.1 is taken for `label_smoothing`"),
    (mean_of_the_rows_means, "sentence by sentence"),
    (plain_mean, "padding counts like a word"),
    (all_positions_counted, "still counted"),
    (total, "a sum came back"),
    (by_sentence, "sentence by sentence"),
    (per_sentence_count, "the number of sentences"),
    (inverted, "turned around"),
    (not_reduced, "one number for each token"),
    (positive_sign, "the sign"),
    (softmax_first, "two softmaxes"),
    (without_from_logits, "taken for probabilities"),
    (log_of_softmax, "exp overflows"),
    (with_a_tiny_number, "cut off"),
    (softmax_over_positions, "runs over positions"),
    (zero_is_padding, "`pad_id` is ignored"),
    (greater_than_padding, "greater than"),
    (no_smoothing, "`label_smoothing` is ignored"),
    (among_the_others, "the other V - 1"),
    (less_than_one, "sum to less than 1"),
    (whole_epsilon, "the whole ε"),
    (nan_for_padding, "0/0"),
    (all_in_numpy, "no gradient passes"),
    (with_an_if, "not compiled"),
    (forgot_return, "nothing came back"),
]
