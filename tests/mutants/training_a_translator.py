"""Wrong answers to lesson 08. For each exercise: (answer, words that its diagnosis must hold)."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from utils.training.losses import masked_loss
from utils.training.steps import CLIP_NORM

sparse = tf.nn.sparse_softmax_cross_entropy_with_logits


def smooth(labels, logits, epsilon):
    V = logits.shape[-1]
    return tf.one_hot(labels, V) * (1 - epsilon) + epsilon / V


def each(labels, logits, epsilon):
    return tf.nn.softmax_cross_entropy_with_logits(smooth(labels, logits, epsilon), logits)


def words(labels, pad_id):
    return tf.cast(labels != pad_id, tf.float32)


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


# The accuracy --------------------------------------------------------------------------------------


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


# The schedule --------------------------------------------------------------------------------------


def schedule(name, rate):
    """A learner's class, its `__call__` the only difference."""

    class WarmupSchedule(keras.optimizers.schedules.LearningRateSchedule):
        def __init__(self, d_model, warmup_steps=4000):
            self.d_model, self.warmup_steps = d_model, warmup_steps

        def __call__(self, step):
            return rate(self, step)

        def get_config(self):
            return {"d_model": self.d_model, "warmup_steps": self.warmup_steps}

    WarmupSchedule.__name__ = name
    return WarmupSchedule


def number(step):
    return ops.cast(step, "float32")


def rates(scale=-0.5, down=-0.5, up=-1.5, shift=0, choose=ops.minimum):
    return lambda self, step: (
        self.d_model**scale
        * choose((number(step) + shift) ** down, (number(step) + shift) * float(self.warmup_steps) ** up)
    )


larger = schedule("larger", rates(choose=ops.maximum))
no_width = schedule("no_width", rates(scale=0))
wider_is_faster = schedule("wider_is_faster", rates(scale=0.5))
width_itself = schedule("width_itself", rates(scale=-1))
too_steep_up = schedule("too_steep_up", rates(up=-0.5))
share_of_the_way = schedule("share_of_the_way", rates(up=-1))
too_steep_down = schedule("too_steep_down", rates(down=-1))
root_grows = schedule("root_grows", rates(down=0.5))
from_one = schedule("from_one", rates(shift=1))
added = schedule("added", rates(choose=lambda a, b: a + b))
always_4000 = schedule(
    "always_4000", lambda self, s: self.d_model**-0.5 * ops.minimum(number(s) ** -0.5, number(s) * 4000**-1.5)
)
never_down = schedule("never_down", lambda self, s: self.d_model**-0.5 * number(s) * self.warmup_steps**-1.5)
no_warm_up = schedule("no_warm_up", lambda self, s: self.d_model**-0.5 * number(s) ** -0.5)
level = schedule(
    "level",
    lambda self, s: self.d_model**-0.5 * ops.minimum(self.warmup_steps**-0.5, number(s) * self.warmup_steps**-1.5),
)
nan_at_zero = schedule(
    "nan_at_zero",
    lambda self, s: (self.d_model * number(s)) ** -0.5 * ops.minimum(1.0, (number(s) / self.warmup_steps) ** 1.5),
)
swapped = schedule(
    "swapped",
    lambda self, s: self.warmup_steps**-0.5 * ops.minimum(number(s) ** -0.5, number(s) * self.d_model**-1.5),
)
not_cast = schedule("not_cast", lambda self, s: self.d_model**-0.5 * tf.minimum(s**-0.5, s * self.warmup_steps**-1.5))
by_if = schedule(
    "by_if",
    lambda self, s: (
        self.d_model**-0.5 * (number(s) * self.warmup_steps**-1.5 if s < self.warmup_steps else number(s) ** -0.5)
    ),
)
by_numpy = schedule(
    "by_numpy",
    lambda self, s: (
        self.d_model**-0.5 * np.float32(min(float(s) ** -0.5 if s > 0 else np.inf, float(s) * self.warmup_steps**-1.5))
    ),
)


# The step ------------------------------------------------------------------------------------------


def finish(model, optimizer, gradients):
    gradients, _ = tf.clip_by_global_norm([tf.convert_to_tensor(g) for g in gradients], CLIP_NORM)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))


def without_training(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs))
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


def reads_the_answer(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, labels), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


def learns_to_repeat(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(target_inputs, logits, model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


def ids_swapped(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((target_inputs, source_ids), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


def smoothing_lost(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


def smoothing_fixed(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, 0.1)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


def padding_lost(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, label_smoothing=label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


def unclipped(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


def clipped_one_by_one(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    gradients = tape.gradient(loss, model.trainable_variables)
    gradients = [tf.clip_by_norm(tf.convert_to_tensor(g), CLIP_NORM) for g in gradients]
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


def clipped_by_value(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    gradients = tape.gradient(loss, model.trainable_variables)
    gradients = [tf.clip_by_value(tf.convert_to_tensor(g), -CLIP_NORM, CLIP_NORM) for g in gradients]
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


def rows_not_added(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, model.trainable_variables), CLIP_NORM)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


def uphill(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = -masked_loss(labels, logits, model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return -loss


def never_applied(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    tape.gradient(loss, model.trainable_variables)
    return loss


def outside_the_tape(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    logits = model((source_ids, target_inputs), training=True)
    with tf.GradientTape() as tape:
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


def a_float(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss.numpy()


def step_without_return(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    a_float(model, optimizer, source_ids, target_inputs, labels, label_smoothing)


def loss_and_logits(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss, logits


MUTANTS = {
    "masked_loss": [
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
    ],
    "masked_accuracy": [
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
    ],
    "WarmupSchedule": [
        (larger, "the larger of the two"),
        (no_width, "`d_model` is missing"),
        (wider_is_faster, "a wider model"),
        (width_itself, "by its root"),
        (too_steep_up, "not -0.5"),
        (share_of_the_way, "not step / warmup_steps"),
        (too_steep_down, "not -1"),
        (root_grows, "grows with the root"),
        (from_one, "counted from 1"),
        (added, "were added"),
        (always_4000, "`warmup_steps` is ignored"),
        (never_down, "only the way up"),
        (no_warm_up, "the way up never counts"),
        (level, "up, then level"),
        (nan_at_zero, "NaN at step 0"),
        (swapped, "changed places"),
        (not_cast, "cast the step"),
        (by_if, "not compiled"),
        (by_numpy, "not compiled"),
    ],
    "train_step": [
        (without_training, "dropout is off"),
        (reads_the_answer, "reads the labels"),
        (learns_to_repeat, "one word further on"),
        (ids_swapped, "changed places"),
        (smoothing_lost, "`label_smoothing` does not"),
        (smoothing_fixed, "0.1 is taken"),
        (padding_lost, "pad_id does not reach"),
        (unclipped, "nothing is shortened"),
        (clipped_one_by_one, "by itself"),
        (clipped_by_value, "one by one"),
        (rows_not_added, "lies in rows"),
        (uphill, "uphill"),
        (never_applied, "no weight has moved"),
        (outside_the_tape, "inside the `with`"),
        (a_float, "not compiled"),
        (step_without_return, "nothing came back"),
        (loss_and_logits, "the loss alone"),
    ],
}
