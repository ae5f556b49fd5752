"""The exercise masked_loss: what must hold, and what each mistake looks like."""

import keras
import numpy as np
import tensorflow as tf

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.training_a_translator.shared import (
    NO_GRADIENT,
    one_number,
    random_labels,
    random_logits,
    what_is_missing,
)
from utils.training.losses import masked_loss


def _is_token(losses, labels, pad_id):
    return tf.cast(tf.not_equal(labels, pad_id), losses.dtype)


def _mean(losses, labels, pad_id):
    """The mean of the losses of tokens, 0 where there are none."""
    is_token = _is_token(losses, labels, pad_id)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * is_token), tf.reduce_sum(is_token))


def _sentences_apart(losses, labels, pad_id, divide=tf.math.divide_no_nan):
    """The mean over sentences of each one's mean."""
    is_token = _is_token(losses, labels, pad_id)
    return tf.reduce_mean(divide(tf.reduce_sum(losses * is_token, axis=1), tf.reduce_sum(is_token, axis=1)))


def _sum_over(count):
    """The sum of the losses of tokens, divided by count(losses, which are tokens)."""

    def mean(losses, labels, pad_id):
        is_token = _is_token(losses, labels, pad_id)
        return tf.reduce_sum(losses * is_token) / tf.cast(count(losses, is_token), losses.dtype)

    return mean


def _only_padding(losses, labels, pad_id):
    is_padding = 1 - _is_token(losses, labels, pad_id)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * is_padding), tf.reduce_sum(is_padding))


def _unstable(x, dtype="float32"):
    e = tf.exp(tf.cast(x, dtype))
    return tf.cast(tf.math.log(e / tf.reduce_sum(e, axis=-1, keepdims=True)), "float32")


def _smoothed(labels, V, epsilon):
    return (1 - epsilon) * tf.one_hot(labels, V) + epsilon / V


def _loss(log_p=tf.nn.log_softmax, targets=_smoothed, mean=_mean, after=lambda loss: loss):
    """The loss with one of its parts replaced: in TensorFlow, so that a gradient passes as in a learner's."""

    def answer(labels, logits, pad_id=0, label_smoothing=0.0):
        labels, logits = tf.cast(labels, "int32"), tf.cast(logits, "float32")
        losses = -tf.reduce_sum(targets(labels, logits.shape[-1], label_smoothing) * log_p(logits), axis=-1)
        return after(mean(losses, labels, pad_id))

    return answer


def _in_numpy(*args, **options):
    return np.asarray(masked_loss(*args, **options))


def _guessed_padding(labels, logits, pad_id=0, label_smoothing=0.0):
    guessed = tf.argmax(logits, axis=-1, output_type="int32")
    return _loss(mean=lambda losses, labels, pad: _mean(losses, guessed, pad))(labels, logits, pad_id, label_smoothing)


def _without_entropy(labels, logits, pad_id=0, label_smoothing=0.0):
    t = _smoothed(tf.cast(labels, "int32"), logits.shape[-1], label_smoothing)
    entropy = -tf.reduce_sum(t * tf.math.log(tf.where(t > 0, t, 1.0)), axis=-1)
    return _loss(mean=lambda losses, *a: _mean(losses - entropy, *a))(labels, logits, pad_id, label_smoothing)


def _others_share(labels, V, epsilon):
    right = tf.one_hot(labels, V)
    return (1 - epsilon) * right + (1 - right) * epsilon / (V - 1)


def _targets(right, others):
    """Targets of which the right word gets right(ε, V), every other others(ε, V)."""

    def targets(labels, V, epsilon):
        hot = tf.one_hot(labels, V)
        return right(epsilon, V) * hot + others(epsilon, V) * (1 - hot)

    return targets


def _right_loses_all(labels, V, epsilon):
    right = tf.one_hot(labels, V)
    return (1 - epsilon) * right + (1 - right) * epsilon / V


def _smoothed_logits(labels, logits, pad_id=0, label_smoothing=0.0):
    moved = (1 - label_smoothing) * logits + label_smoothing / logits.shape[-1]
    return _loss()(labels, moved, pad_id)


def _from_probabilities(labels, logits, pad_id=0, label_smoothing=0.0):
    """What Keras' cross-entropy does where logits are given and probabilities expected."""
    own = keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing, reduction=None)
    losses = own(tf.one_hot(labels, logits.shape[-1]), tf.convert_to_tensor(logits))
    return _mean(losses, labels, pad_id)


def _from_sparse_probabilities(labels, logits, pad_id=0, label_smoothing=0.0):
    """The same where the labels are not made to targets."""
    losses = keras.losses.sparse_categorical_crossentropy(labels, tf.convert_to_tensor(logits))
    return _mean(losses, labels, pad_id)


def _arguments_swapped(labels, logits, pad_id=0, label_smoothing=0.0):
    targets = _smoothed(tf.cast(labels, "int32"), logits.shape[-1], label_smoothing)
    losses = -tf.reduce_sum(tf.cast(logits, "float32") * tf.nn.log_softmax(targets), axis=-1)
    return _mean(losses, labels, pad_id)


def _blank_scores(mean):
    """The scores of padding are set to 0, which makes all words equally likely there."""

    def answer(labels, logits, pad_id=0, label_smoothing=0.0):
        scores = logits * tf.cast(tf.not_equal(labels, pad_id), "float32")[..., None]
        return _loss(mean=mean)(labels, scores, pad_id, label_smoothing)

    return answer


def _shared_by_length(labels, logits, pad_id=0, label_smoothing=0.0):
    T = logits.shape[1]
    hot = tf.one_hot(tf.cast(labels, "int32"), logits.shape[-1])
    return _loss(targets=lambda *a: (1 - label_smoothing) * hot + label_smoothing / T)(labels, logits, pad_id)


def _by_loops(labels, logits, pad_id=0, label_smoothing=0.0):
    """Right, but only where tensors have values."""
    V, total, count = logits.shape[-1], 0.0, 0
    log_p = tf.nn.log_softmax(tf.cast(logits, "float32"))
    for b in range(len(labels)):
        for t in range(len(labels[b])):
            if labels[b][t] != pad_id:
                right, rest = log_p[b, t, int(labels[b][t])], tf.reduce_sum(log_p[b, t])
                total, count = total - (1 - label_smoothing) * right - label_smoothing / V * rest, count + 1
    return total / max(count, 1)


def _slope(answer, labels, logits, **options):
    """The gradient at the logits, first step by step, then compiled; in words where there is none."""
    labels, logits = tf.constant(labels), tf.constant(logits)

    def gradient(labels, logits):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            loss = answer(labels, logits, **options)
        return tape.gradient(loss, logits) if tf.is_tensor(loss) else None

    if gradient(labels, logits) is None:
        return NO_GRADIENT
    shapes = tf.TensorSpec((None, None), "int32"), tf.TensorSpec((None, None, logits.shape[-1]), "float32")
    try:
        return tf.function(gradient, input_signature=shapes, autograph=False)(labels, logits)
    except Exception as error:  # whatever the answer meets there, among it NotImplementedError, has one of two reasons
        return what_is_missing(error)


NUMPY_INSIDE = (
    "no gradient passes: NumPy, float(…) or .numpy() is at work inside. Training needs tf or keras.ops throughout"
)


PYTHON_INSIDE = (
    "it works number by number, but not compiled: inside tf.function there are no values yet, so no loop, no `if` "
    "and no len() over tensors. Compute all positions at once"
)


def _without_sizes(labels, logits, pad_id=0, label_smoothing=0.0):
    """Right, but only where the batch has a size."""
    B, T = labels.shape
    return masked_loss(tf.reshape(labels, (1, B * T)), tf.reshape(logits, (1, B * T, -1)), pad_id, label_smoothing)


register(
    Exercise(
        name="masked_loss",
        notebook="08_training_a_translator",
        reference=masked_loss,
        properties=(
            Property(
                "without padding: the mean of -log p of the right words",
                2,
                lambda rng: [
                    case(np.array([[1]], "int32"), np.array([[[1, 3]]], "float32")),
                    case(np.array([[2, 1]], "int32"), np.array([[[0, 1, 2], [3, 1, 0]]], "float32")),
                    case(random_labels(rng, 2, 3, 5), random_logits(rng, 2, 3, 5)),
                ],
                read=one_number,
            ),
            Property(
                "padding counts for nothing, neither in the sum nor in the number",
                2,
                lambda rng: [
                    case(np.array([[2, 0]], "int32"), np.array([[[0, 1, 2], [3, 1, 4]]], "float32")),
                    case(np.array([[2, 1, 1], [1, 0, 0]], "int32"), random_logits(rng, 2, 3, 4)),
                    case(random_labels(rng, 3, 5, 7, pad_id=0), random_logits(rng, 3, 5, 7)),
                    case(np.array([[2, 1, 3], [0, 0, 0]], "int32"), random_logits(rng, 2, 3, 4)),  # a row to fill up
                ],
                read=one_number,
            ),
            Property(
                "any id can be the padding",
                1,
                lambda rng: [
                    case(np.array([[0, 3, 1, 3]], "int32"), random_logits(rng, 1, 4, 5), pad_id=3),
                    case(random_labels(rng, 3, 4, 6, pad_id=2), random_logits(rng, 3, 4, 6), pad_id=2),
                ],
                read=one_number,
            ),
            Property(
                "label smoothing: the right word is worth 1 - ε + ε/V, every other ε/V",
                2,
                lambda rng: [
                    case(np.array([[1]], "int32"), np.array([[[1, 3, 0]]], "float32"), label_smoothing=0.3),
                    case(random_labels(rng, 2, 3, 5), random_logits(rng, 2, 3, 5), label_smoothing=0.1),
                    case(random_labels(rng, 3, 4, 6, pad_id=0), random_logits(rng, 3, 4, 6), label_smoothing=0.2),
                ],
                read=one_number,
            ),
            Property(
                "logits of a thousand are no trouble",
                1,
                lambda rng: [
                    case(np.array([[1, 2]], "int32"), np.array([[[0, 1000, 0], [0, 1000, 0]]], "float32")),
                    case(random_labels(rng, 2, 3, 5), random_logits(rng, 2, 3, 5, scale=1000.0)),
                ],
                read=one_number,
            ),
            Property(
                "nothing but padding: 0",
                1,
                lambda rng: [case(np.zeros((1, 2), "int32"), random_logits(rng, 1, 2, 3))],
                read=one_number,
            ),
            Property(
                "a gradient passes, also compiled with shapes not known beforehand",
                1,
                lambda rng: [
                    case(random_labels(rng, 2, 3, 5, pad_id=0), random_logits(rng, 2, 3, 5), label_smoothing=0.1),
                ],
                run=_slope,
            ),
        ),
        mistakes=(
            Mistake(NUMPY_INSIDE, _in_numpy),
            Mistake(PYTHON_INSIDE, _by_loops),
            Mistake(
                "while the step is compiled a batch has no size, labels.shape holds None: tf.shape(labels) gives "
                "tensors, or leave the sizes alone",
                _without_sizes,
            ),
            Mistake(
                "padding counts like a word: it must be left out of the sum",
                _loss(mean=lambda x, *a: tf.reduce_mean(x)),
            ),
            Mistake(
                "padding is left out of the sum, but still counted: divide by the number of tokens, not by B·T",
                _loss(mean=_sum_over(lambda x, m: tf.size(x))),
            ),
            Mistake(
                "padding is left out of the number, but not of the sum: set its losses to 0 before they are added up",
                _loss(mean=lambda x, *a: tf.math.divide_no_nan(tf.reduce_sum(x), tf.reduce_sum(_is_token(x, *a)))),
            ),
            Mistake(
                "a sum came back, so long batches weigh more: divide by the number of tokens",
                _loss(mean=_sum_over(lambda x, m: 1)),
            ),
            *(
                Mistake(
                    "averaged sentence by sentence, so words of short sentences weigh more: one mean over all tokens",
                    _loss(mean=lambda *a, divide=divide: _sentences_apart(*a, divide)),
                )
                for divide in (tf.math.divide_no_nan, tf.math.divide)
            ),
            Mistake(
                "divided by the number of sentences: divide by the number of tokens",
                _loss(mean=_sum_over(lambda x, m: tf.shape(x)[0])),
            ),
            Mistake(
                "divided by the length T: divide by the number of tokens",
                _loss(mean=_sum_over(lambda x, m: tf.shape(x)[1])),
            ),
            Mistake(
                "one is added to the number of tokens: 0/0 alone needs care, and tf.math.divide_no_nan takes it",
                _loss(mean=_sum_over(lambda x, m: tf.reduce_sum(m) + 1)),
            ),
            *(
                Mistake(
                    "padding's scores are set to 0, and so it costs ln V each time: it is the losses that the mask "
                    "takes out, before they are added up",
                    _blank_scores(mean),
                )
                for mean in (
                    lambda x, *a: tf.reduce_mean(x),
                    lambda x, *a: tf.math.divide_no_nan(tf.reduce_sum(x), tf.reduce_sum(_is_token(x, *a))),
                )
            ),
            Mistake(
                "divided by V too: over the words of a position it is a sum, the mean is over positions",
                _loss(targets=lambda labels, V, e: _smoothed(labels, V, e) / V),
            ),
            Mistake(
                "the mask is turned around: only padding counts",
                _loss(mean=_only_padding),
            ),
            Mistake(
                "the mask comes from what the model guesses: it must come from the labels",
                _guessed_padding,
            ),
            *(
                Mistake(
                    "one number for each token came back: a single number, their mean, is asked for", _loss(mean=mean)
                )
                for mean in (
                    lambda x, *a: x * _is_token(x, *a),
                    lambda x, *a: x * _is_token(x, *a) / tf.reduce_sum(_is_token(x, *a)),
                    lambda x, *a: x,
                )
            ),
            *(
                Mistake(
                    "one number for each sentence came back: a single number, the mean over all tokens, is asked for",
                    _loss(mean=mean),
                )
                for mean in (
                    lambda x, *a: tf.reduce_sum(x * _is_token(x, *a), axis=1),
                    lambda x, *a: tf.reduce_sum(x * _is_token(x, *a), axis=1) / tf.reduce_sum(_is_token(x, *a)),
                    lambda x, *a: tf.reduce_mean(x, axis=1),
                )
            ),
            Mistake(
                "the losses of the words came back, one by one: a single number, their mean, is asked for",
                _loss(mean=lambda x, labels, pad_id: x[labels != pad_id]),
            ),
            Mistake("the sign is turned around: likely words must make it small", _loss(after=lambda x: -x)),
            Mistake("its exponential came back, the perplexity: leave it as it is", _loss(after=tf.exp)),
            Mistake("logarithms of base 2 (bits): take the natural one (nats)", _loss(after=lambda x: x / np.log(2))),
            Mistake("logarithms of base 10: take the natural one", _loss(after=lambda x: x / np.log(10))),
            Mistake(
                "two softmaxes: the loss takes logits and has one inside already. Leave yours out, or pass from_logits",
                _loss(log_p=lambda x: tf.nn.log_softmax(tf.nn.softmax(x))),
            ),
            Mistake(
                "1 - p instead of -log p: take the logarithm of the right word's probability",
                _loss(log_p=lambda x: tf.nn.softmax(x) - 1),
            ),
            Mistake(
                "the right word's logit itself, without a softmax: the other words must count too",
                _loss(log_p=lambda x: x),
            ),
            *(
                Mistake("logits were taken for probabilities: from_logits=True is missing", wrong)
                for wrong in (_from_probabilities, _from_sparse_probabilities)
            ),
            Mistake(
                "targets and logits have changed places: the loss takes the targets first",
                _arguments_swapped,
            ),
            Mistake(
                "the softmax runs over positions: it belongs on the last axis", _loss(lambda x: tf.nn.log_softmax(x, 1))
            ),
            Mistake(
                "the softmax runs over sentences: it belongs on the last axis", _loss(lambda x: tf.nn.log_softmax(x, 0))
            ),
            *(
                Mistake(
                    "exp overflows, or the logarithm meets a probability that rounded to 0: give the logits to a loss "
                    "that has softmax and logarithm in one",
                    _loss(log_p=lambda x, dtype=dtype: _unstable(x, dtype)),
                )
                for dtype in ("float32", "float64")
            ),
            *(
                Mistake(
                    "a probability that rounds to 0 is cut off, so the worst errors cost too little: give the logits "
                    "to a loss that has softmax and logarithm in one",
                    _loss(log_p=lambda x, tiny=tiny: tf.math.log(tf.nn.softmax(x) + tiny)),
                )
                for tiny in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12)
            ),
            *(
                Mistake(
                    "a probability that rounds to 0 is cut off, so the worst errors cost too little: give the logits "
                    "to a loss that has softmax and logarithm in one",
                    _loss(log_p=lambda x, tiny=tiny: tf.math.log(tf.maximum(tf.nn.softmax(x), tiny))),
                )
                for tiny in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12)
            ),
            Mistake(
                "`pad_id` is ignored: 0 is taken whatever was passed",
                lambda labels, logits, pad_id=0, label_smoothing=0.0: _loss()(labels, logits, 0, label_smoothing),
            ),
            Mistake(
                "greater than `pad_id`: smaller ids are words as well",
                _loss(mean=lambda x, labels, pad: _mean(x, tf.maximum(labels, pad), pad)),
            ),
            Mistake(
                "`label_smoothing` is ignored",
                lambda labels, logits, pad_id=0, label_smoothing=0.0: _loss()(labels, logits, pad_id),
            ),
            Mistake(
                "0.1 is taken for `label_smoothing`, whatever was passed",
                lambda labels, logits, pad_id=0, label_smoothing=0.0: _loss()(labels, logits, pad_id, 0.1),
            ),
            Mistake(
                "ε is shared among the other V - 1 words: here all V get ε/V, the right one too",
                _loss(targets=_others_share),
            ),
            Mistake(
                "the right word is worth 1 - ε only, and the targets sum to less than 1: it gets its ε/V too",
                _loss(targets=_right_loses_all),
            ),
            Mistake(
                "every word gets ε/V, but the right one still has 1, not 1 - ε: the targets sum to more than 1",
                _loss(targets=lambda labels, V, e: tf.one_hot(labels, V) + e / V),
            ),
            Mistake(
                "every other word gets the whole ε: share it, ε/V each",
                _loss(targets=lambda labels, V, e: (1 - e) * tf.one_hot(labels, V) + e * (1 - tf.one_hot(labels, V))),
            ),
            Mistake(
                "every word gets the whole ε: share it, ε/V each",
                _loss(targets=lambda labels, V, e: (1 - e) * tf.one_hot(labels, V) + e),
            ),
            Mistake(
                "the right word loses ε, but nobody gets it: every word is worth ε/V",
                _loss(targets=lambda labels, V, e: (1 - e) * tf.one_hot(labels, V)),
            ),
            *(
                Mistake("1 - ε and ε have changed places: the right word keeps most", _loss(targets=targets))
                for targets in (
                    lambda labels, V, e: _smoothed(labels, V, 1 - e) if e else tf.one_hot(labels, V),
                    lambda labels, V, e: _smoothed(labels, V, 1 - e),
                    _targets(lambda e, V: e, lambda e, V: (1 - e) / V),
                    _targets(lambda e, V: e, lambda e, V: 1 - e),
                )
            ),
            *(
                Mistake(
                    "the right word's share and the others' have changed places: on_value is the right word's",
                    _loss(targets=_targets(lambda e, V: e / V, right)),
                )
                for right in (lambda e, V: 1 - e + e / V, lambda e, V: 1 - e)
            ),
            Mistake(
                "the right word has its share, but the others get nothing: every other is worth ε/V",
                _loss(targets=_targets(lambda e, V: 1 - e + e / V, lambda e, V: 0.0)),
            ),
            Mistake(
                "the others have their ε/V, but the right word still has 1: it gives ε away, 1 - ε + ε/V are left",
                _loss(targets=_targets(lambda e, V: 1.0, lambda e, V: e / V)),
            ),
            Mistake(
                "1 - ε + ε is divided by V: only the ε behind the plus is, so mind the brackets",
                _loss(targets=_targets(lambda e, V: 1 / V, lambda e, V: e / V)),
            ),
            Mistake("ε is shared by the length T: it is V words that share it", _shared_by_length),
            Mistake(
                "ε is shared by V - 1 where V is asked for",
                _loss(targets=lambda labels, V, e: (1 - e) * tf.one_hot(labels, V) + e / (V - 1)),
            ),
            Mistake("the logits are smoothed: smooth the targets", _smoothed_logits),
            Mistake(
                "the targets' own entropy is subtracted, which makes it a divergence: the cross-entropy is asked for",
                _without_entropy,
            ),
            Mistake(
                "NaN for a batch of nothing but padding, 0/0: tf.math.divide_no_nan gives 0 there",
                _loss(mean=_sum_over(lambda x, m: tf.reduce_sum(m))),
            ),
        ),
        hints=(
            "Three things in a row: what each position should have said, how much it cost, and which positions count.",
            "tf.one_hot takes on_value and off_value; tf.nn.softmax_cross_entropy_with_logits(targets, logits) gives "
            "one loss a position, (B, T), straight from logits.",
            "tf.cast(tf.not_equal(labels, pad_id), losses.dtype) is 1 at words. Sum the losses there, and divide by "
            "how many there are; tf.math.divide_no_nan copes with none.",
        ),
    )
)
