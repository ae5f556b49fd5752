"""Losses that go wrong somewhere: what the known mistakes of masked_loss are made of."""

import keras
import numpy as np
import tensorflow as tf

from utils.training.losses import masked_loss


def tokens_in(losses, labels, pad_id):
    """1 for each token, 0 for padding."""
    return tf.cast(tf.not_equal(labels, pad_id), losses.dtype)


def mean_over_tokens(losses, labels, pad_id):
    """The mean of the losses of tokens, 0 where there are none."""
    is_token = tokens_in(losses, labels, pad_id)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * is_token), tf.reduce_sum(is_token))


def sentences_apart(losses, labels, pad_id, divide=tf.math.divide_no_nan):
    """The mean over sentences of each one's mean."""
    is_token = tokens_in(losses, labels, pad_id)
    return tf.reduce_mean(divide(tf.reduce_sum(losses * is_token, axis=1), tf.reduce_sum(is_token, axis=1)))


def sum_over(count):
    """The sum of the losses of tokens, divided by count(losses, which are tokens)."""

    def mean(losses, labels, pad_id):
        is_token = tokens_in(losses, labels, pad_id)
        return tf.reduce_sum(losses * is_token) / tf.cast(count(losses, is_token), losses.dtype)

    return mean


def counted(labels, pad_id, kind="float32"):
    """How many labels are not padding, counted in numbers of that kind."""
    return tf.cast(tf.reduce_sum(tf.cast(tf.not_equal(labels, pad_id), kind)), "float32")


def miscounted(kind):
    """The sum of the losses of tokens, divided by their number in a kind that may be too small for it."""

    def mean(losses, labels, pad_id):
        total = tf.reduce_sum(losses * tokens_in(losses, labels, pad_id))
        return tf.math.divide_no_nan(total, counted(labels, pad_id, kind))

    return mean


def only_padding(losses, labels, pad_id):
    """The mean of the losses of padding."""
    is_padding = 1 - tokens_in(losses, labels, pad_id)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * is_padding), tf.reduce_sum(is_padding))


def unstable(x, dtype="float32"):
    """The logarithm of a softmax as the formula has it, without care for large numbers."""
    e = tf.exp(tf.cast(x, dtype))
    return tf.cast(tf.math.log(e / tf.reduce_sum(e, axis=-1, keepdims=True)), "float32")


def smoothed(labels, V, epsilon):
    """Targets with label smoothing."""
    return (1 - epsilon) * tf.one_hot(labels, V) + epsilon / V


def as_compiled(loss):
    """The loss, marked: compiled this mistake does the same, and to compile them all would take long."""
    loss.as_compiled = True
    return loss


def loss_with(log_p=tf.nn.log_softmax, targets=smoothed, mean=mean_over_tokens, after=lambda loss: loss):
    """The loss with one of its parts replaced: in TensorFlow, so that a gradient passes as in a learner's."""

    def answer(labels, logits, pad_id=0, label_smoothing=0.0):
        labels, logits = tf.cast(labels, "int32"), tf.cast(logits, "float32")
        losses = -tf.reduce_sum(targets(labels, logits.shape[-1], label_smoothing) * log_p(logits), axis=-1)
        return as_compiled(after(mean(losses, labels, pad_id)))

    return answer


def cut(part, of_logits=None):
    """The loss of a part of the positions."""

    def answer(labels, logits, pad_id=0, label_smoothing=0.0):
        return loss_with()(
            labels[:, part], logits[:, part if of_logits is None else of_logits], pad_id, label_smoothing
        )

    return answer


def of_labels(change):
    """The loss of other labels."""

    def answer(labels, logits, pad_id=0, label_smoothing=0.0):
        return loss_with()(change(tf.cast(labels, "int32")), logits, pad_id, label_smoothing)

    return answer


def without_padding_id(change_targets=False):
    """Padding's id is no word: it gets no share of ε, or no share of the softmax."""

    def answer(labels, logits, pad_id=0, label_smoothing=0.0):
        is_word = 1 - tf.one_hot(pad_id, logits.shape[-1])
        if change_targets:
            return loss_with(targets=lambda *a: smoothed(*a) * is_word)(labels, logits, pad_id, label_smoothing)
        return loss_with()(labels, logits - 1e9 * (1 - is_word), pad_id, label_smoothing)

    return answer


def each_word_apart(over):
    """Each word is asked on its own: over(the V words' losses)."""

    def answer(labels, logits, pad_id=0, label_smoothing=0.0):
        targets = smoothed(tf.cast(labels, "int32"), logits.shape[-1], label_smoothing)
        losses = over(tf.nn.sigmoid_cross_entropy_with_logits(targets, tf.cast(logits, "float32")), axis=-1)
        return as_compiled(mean_over_tokens(losses, labels, pad_id))

    return answer


def logarithm_apart(right_and_rest):
    """-log p of the right word looked up: right_and_rest(logits, labels) -> that, and the mean over all words."""

    def answer(labels, logits, pad_id=0, label_smoothing=0.0):
        right, rest = right_and_rest(tf.cast(logits, "float32"), tf.cast(labels, "int32"))
        losses = (1 - label_smoothing) * right + (label_smoothing * rest if label_smoothing else 0.0)
        return as_compiled(mean_over_tokens(losses, labels, pad_id))

    return answer


def of_softmax(logits, labels):
    """From the logarithm of a softmax."""
    log_p = tf.math.log(tf.nn.softmax(logits))
    return -tf.gather(log_p, labels, batch_dims=2), -tf.reduce_mean(log_p, axis=-1)


def of_exponentials(logits, labels):
    """From exponentials as they are."""
    total = tf.math.log(tf.reduce_sum(tf.exp(logits), axis=-1))
    return total - tf.gather(logits, labels, batch_dims=2), total - tf.reduce_mean(logits, axis=-1)


def softmax_for_keras(labels, logits, pad_id=0, label_smoothing=0.0):
    """Two softmaxes, of which Keras takes one away where it compiles."""
    targets = smoothed(tf.cast(labels, "int32"), logits.shape[-1], label_smoothing)
    losses = keras.losses.categorical_crossentropy(targets, tf.nn.softmax(logits), from_logits=True)
    return mean_over_tokens(losses, labels, pad_id)


def until_padding(losses, labels, pad_id):
    """The mean of what stands before each sentence's first padding."""
    counts = tf.math.cumprod(tf.cast(tf.not_equal(labels, pad_id), losses.dtype), axis=1)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * counts), tf.reduce_sum(counts))


def in_numpy(*args, **options):
    """Right, but no gradient passes."""
    return np.asarray(masked_loss(*args, **options))


def guessed_padding(labels, logits, pad_id=0, label_smoothing=0.0):
    """The mask comes from what the model guesses."""
    guessed = tf.argmax(logits, axis=-1, output_type="int32")
    return loss_with(mean=lambda losses, labels, pad: mean_over_tokens(losses, guessed, pad))(
        labels, logits, pad_id, label_smoothing
    )


def without_entropy(labels, logits, pad_id=0, label_smoothing=0.0):
    """Without the targets' own entropy."""
    t = smoothed(tf.cast(labels, "int32"), logits.shape[-1], label_smoothing)
    entropy = -tf.reduce_sum(t * tf.math.log(tf.where(t > 0, t, 1.0)), axis=-1)
    return loss_with(mean=lambda losses, *a: mean_over_tokens(losses - entropy, *a))(
        labels, logits, pad_id, label_smoothing
    )


def others_share(labels, V, epsilon):
    """Targets of which the V - 1 others share ε."""
    right = tf.one_hot(labels, V)
    return (1 - epsilon) * right + (1 - right) * epsilon / (V - 1)


def targets_of(right, others):
    """Targets of which the right word gets right(ε, V), every other others(ε, V)."""

    def targets(labels, V, epsilon):
        hot = tf.one_hot(labels, V)
        return right(epsilon, V) * hot + others(epsilon, V) * (1 - hot)

    return targets


def right_loses_all(labels, V, epsilon):
    """Targets of which the right word does not get its ε/V."""
    right = tf.one_hot(labels, V)
    return (1 - epsilon) * right + (1 - right) * epsilon / V


def smoothed_logits(labels, logits, pad_id=0, label_smoothing=0.0):
    """The logits are smoothed, not the targets."""
    moved = (1 - label_smoothing) * logits + label_smoothing / logits.shape[-1]
    return loss_with()(labels, moved, pad_id)


def from_probabilities(labels, logits, pad_id=0, label_smoothing=0.0):
    """What Keras' cross-entropy does where logits are given and probabilities expected."""
    own = keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing, reduction=None)
    losses = own(tf.one_hot(labels, logits.shape[-1]), tf.convert_to_tensor(logits))
    return mean_over_tokens(losses, labels, pad_id)


def from_sparse_probabilities(labels, logits, pad_id=0, label_smoothing=0.0):
    """The same where the labels are not made to targets."""
    losses = keras.losses.sparse_categorical_crossentropy(labels, tf.convert_to_tensor(logits))
    return mean_over_tokens(losses, labels, pad_id)


def arguments_swapped(labels, logits, pad_id=0, label_smoothing=0.0):
    """Targets and logits have changed places."""
    targets = smoothed(tf.cast(labels, "int32"), logits.shape[-1], label_smoothing)
    losses = -tf.reduce_sum(tf.cast(logits, "float32") * tf.nn.log_softmax(targets), axis=-1)
    return mean_over_tokens(losses, labels, pad_id)


def blank_scores(mean):
    """The scores of padding are set to 0, which makes all words equally likely there."""

    def answer(labels, logits, pad_id=0, label_smoothing=0.0):
        scores = logits * tf.cast(tf.not_equal(labels, pad_id), "float32")[..., None]
        return loss_with(mean=mean)(labels, scores, pad_id, label_smoothing)

    return answer


def shared_by_length(labels, logits, pad_id=0, label_smoothing=0.0):
    """ε is divided by the length."""
    T = logits.shape[1]
    hot = tf.one_hot(tf.cast(labels, "int32"), logits.shape[-1])
    return loss_with(targets=lambda *a: (1 - label_smoothing) * hot + label_smoothing / T)(labels, logits, pad_id)


def by_loops(labels, logits, pad_id=0, label_smoothing=0.0):
    """Right, but only where tensors have values."""
    V, total, count = logits.shape[-1], 0.0, 0
    log_p = tf.nn.log_softmax(tf.cast(logits, "float32"))
    for b in range(len(labels)):
        for t in range(len(labels[b])):
            if labels[b][t] != pad_id:
                right, rest = log_p[b, t, int(labels[b][t])], tf.reduce_sum(log_p[b, t])
                total, count = total - (1 - label_smoothing) * right - label_smoothing / V * rest, count + 1
    return total / max(count, 1)
