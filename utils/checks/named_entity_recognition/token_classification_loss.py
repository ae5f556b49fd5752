"""The exercise token_classification_loss: what must hold, and what each mistake looks like."""

import warnings

import keras
import numpy as np
import tensorflow as tf

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.named_entity_recognition.shared import NOTEBOOK
from utils.tasks.token_classification import token_classification_loss


def _batch(rng, B, T, C, ignored=0.4, scale=2.0):
    logits = rng.normal(size=(B, T, C), scale=scale).astype("float32")
    labels = rng.integers(0, C, (B, T)).astype("int32")
    if ignored:  # of several sentences the first is whole and the last half empty: each averaged alone is another loss
        labels[(rng.random((B, T)) < ignored) & (np.arange(B) >= (B > 1))[:, None]] = -100
        labels[-1, T - T // 2 :] = -100
    labels[0, 0], labels[0, 1], labels[-1, -1] = 0, C - 1, -100 if ignored else 0
    return case(labels, logits)


def _far_from_0(rng):
    """All scores of a piece are larger by the same number, which a softmax does not see."""
    labels, logits = _batch(rng, 3, 5, 4).args
    return case(labels, logits + np.float32(200))


def _empty(rng):
    return case(np.full((2, 3), -100, "int32"), rng.normal(size=(2, 3, 4)).astype("float32"))


def _losses(labels, logits):
    """The cross-entropy at each piece, label 0 where none is asked for; and where one is."""
    labels, logits = np.asarray(labels), np.asarray(logits, "float64")
    z = logits - logits.max(-1, keepdims=True)
    z = z - np.log(np.exp(z).sum(-1, keepdims=True))
    return -np.take_along_axis(z, np.maximum(labels, 0)[..., None], -1)[..., 0], labels != -100


def _scalar(answer, *args):
    """The loss; in words, if Keras found that it was given a softmax's shares and took the logits instead."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        value = answer(*args)
    found = any("does not represent logits" in str(w.message) for w in said)
    return "a softmax before from_logits=True" if found else value


def _log_of_shares(labels, logits):
    logits = tf.constant(logits)
    losses = -tf.math.log(tf.gather(tf.nn.softmax(logits), tf.maximum(labels, 0), batch_dims=2))
    asked = tf.constant(labels) != -100
    kept = tf.where(asked, losses, 0.0)
    return tf.math.divide_no_nan(tf.reduce_sum(kept), tf.reduce_sum(tf.cast(asked, "float32")))


def _softmax_of_keras(labels, logits):
    asked = keras.ops.cast(keras.ops.not_equal(labels, -100), "float32")
    shares = keras.ops.softmax(logits)
    losses = keras.losses.sparse_categorical_crossentropy(keras.ops.maximum(labels, 0), shares, from_logits=True)
    return keras.ops.sum(losses * asked) / keras.ops.maximum(keras.ops.sum(asked), 1)


def _loss_with(rule):
    def loss(labels, logits):
        losses, asked = _losses(labels, logits)
        return rule(losses, asked, np.asarray(labels))

    return loss


def _softmax(logits):
    e = np.exp(logits - logits.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def _gradient(answer, labels, logits):
    """The loss's gradient by the logits, as a step of training takes it."""
    logits = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = answer(labels, logits)
    found = tape.gradient(loss, logits) if tf.is_tensor(loss) else None
    return "no gradient" if found is None else tf.convert_to_tensor(found)


def _none_for_nothing(gradient, labels, logits):
    """The gradient; where no piece is asked for, none at all is as good as zeros."""
    missing = isinstance(gradient, str) and not np.any(np.asarray(labels) != -100)
    return np.zeros(np.shape(logits), "float32") if missing else gradient


def _by_sentence(losses, asked, labels):
    return np.mean([row[a].mean() if a.any() else 0.0 for row, a in zip(losses, asked, strict=True)])


def _neither(losses, asked, labels):
    return _masked_mean(losses, asked & (labels != 0))


def _zero_instead(losses, asked, labels):
    return _masked_mean(losses, labels != 0)


def _masked_mean(losses, asked):
    return (losses * asked).sum() / max(asked.sum(), 1)


def _negative_label(labels, logits):
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.constant(labels), tf.constant(logits))
    asked = tf.cast(tf.constant(labels) != -100, losses.dtype)
    return tf.reduce_sum(losses * asked) / tf.reduce_sum(asked)


def _rows_of_zeros(labels, logits):
    targets = tf.one_hot(labels, logits.shape[-1])
    losses = tf.nn.softmax_cross_entropy_with_logits(targets, logits)
    return tf.math.divide_no_nan(tf.reduce_sum(losses), tf.reduce_sum(targets))


def _without_logits(labels, logits):
    return np.asarray(keras.losses.sparse_categorical_crossentropy(np.maximum(labels, 0), np.asarray(logits)))


_share = tf.math.divide_no_nan


def _total(losses, labels):
    """The loss from those of all pieces, in TensorFlow."""
    asked = tf.cast(tf.constant(labels) != -100, "float32")
    return _share(tf.reduce_sum(losses * asked), tf.reduce_sum(asked))


def _clipped(most):
    def loss(labels, logits):
        clipped = tf.clip_by_value(logits, -most, most)
        return _total(tf.nn.sparse_softmax_cross_entropy_with_logits(tf.maximum(labels, 0), clipped), labels)

    return loss


def _softmax_over(axis):
    def loss(labels, logits):
        shares = tf.nn.log_softmax(tf.constant(logits), axis=axis)
        return _total(-tf.gather(shares, tf.maximum(labels, 0), batch_dims=2), labels)

    return loss


def _over_labels(labels, logits):
    targets = tf.one_hot(tf.maximum(labels, 0), logits.shape[-1])
    return _total(-tf.reduce_mean(targets * tf.nn.log_softmax(logits), axis=-1), labels)


def _label_by_label(labels, logits):
    targets = tf.one_hot(tf.maximum(labels, 0), logits.shape[-1])
    return _total(tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(targets, logits), axis=-1), labels)


def _masked_logits(labels, logits):
    asked = tf.cast(tf.constant(labels) != -100, "float32")
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.maximum(labels, 0), logits * asked[..., None])
    return _share(tf.reduce_sum(losses), tf.reduce_sum(asked))


def _in_tf(divide):
    """The loss with another division of the sum by the number of pieces asked for; it has a gradient."""

    def loss(labels, logits):
        asked = tf.cast(tf.constant(labels) != -100, "float32")
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.maximum(labels, 0), logits)
        return divide(tf.reduce_sum(losses * asked), tf.reduce_sum(asked))

    return loss


def _mean_of_those_asked(labels, logits):
    asked = tf.constant(labels) != -100
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.maximum(labels, 0), logits)
    return tf.reduce_mean(tf.boolean_mask(losses, asked))  # of nothing NaN, but no gradient's


def _by_place(labels, logits):
    asked = tf.cast(tf.constant(labels) != -100, "float32")
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.maximum(labels, 0), logits)
    return tf.reduce_mean(_share(tf.reduce_sum(losses * asked, axis=0), tf.reduce_sum(asked, axis=0)))


def _log_of_kept_shares(labels, logits):
    shares = tf.gather(tf.nn.softmax(tf.constant(logits)), tf.maximum(labels, 0), batch_dims=2)
    asked = tf.cast(tf.constant(labels) != -100, "float32")
    return _share(tf.reduce_sum(-tf.math.log(shares + 1e-9) * asked), tf.reduce_sum(asked))


def _kept_low(loss, labels, logits):
    """The loss; in words where it grows no more, however wrong the model is."""
    right = float(_masked_mean(*_losses(labels, logits)))
    number = isinstance(loss, np.ndarray) and loss.ndim == 0 and loss.dtype.kind == "f"
    return "a loss that grows no more" if number and 0 < loss < right / 2 else loss


register(
    Exercise(
        name="token_classification_loss",
        notebook=NOTEBOOK,
        reference=token_classification_loss,
        properties=(
            Property(
                "where every piece is asked for: the mean cross-entropy",
                1,
                lambda rng: [_batch(rng, 1, 2, 3, ignored=0), _batch(rng, 2, 5, 4, ignored=0)],
                run=_scalar,
            ),
            Property(
                "pieces with -100 count neither in the sum nor in the mean",
                2,
                lambda rng: [
                    _batch(rng, 1, 2, 3, ignored=0),
                    _batch(rng, 1, 3, 2),
                    _batch(rng, 2, 5, 4),
                    _batch(rng, 3, 7, 9, 0.6),
                ],
                run=_scalar,
            ),
            Property(
                "0 where no piece is asked for",
                1,
                lambda rng: [_empty(rng)],
            ),
            Property(
                "sure and wrong: logits of several hundred give a large loss, not an infinite one",
                1,
                lambda rng: [_batch(rng, 5, 6, 3, scale=300.0), _batch(rng, 4, 6, 4, scale=300.0), _far_from_0(rng)],
                run=_scalar,
                read=_kept_low,
            ),
            Property(
                "a gradient passes through it, of zeros where no piece is asked for",
                1,
                lambda rng: [_batch(rng, 1, 3, 2), _batch(rng, 2, 5, 4), _empty(rng)],
                run=_gradient,
                read=_none_for_nothing,
            ),
        ),
        mistakes=(
            Mistake(
                "no gradient reaches the logits: NumPy, float(…), .numpy() or stop_gradient at work; training needs tf",
                _loss_with(lambda losses, asked, labels: _masked_mean(losses, asked)),
            ),
            Mistake(
                "pieces with -100 get a gradient, as a target of zeros has one, though no loss: mask their losses",
                _rows_of_zeros,
            ),
            Mistake(
                "-100 is taken for label 0, and counted: leave these pieces out of sum and mean",
                _loss_with(lambda losses, asked, labels: losses.mean()),
            ),
            Mistake(
                "the sum is right, but divided by all pieces: divide by the number of those asked for",
                _loss_with(lambda losses, asked, labels: (losses * asked).mean()),
            ),
            Mistake(
                "this is the sum: divide by the number of pieces asked for",
                _loss_with(lambda losses, asked, labels: (losses * asked).sum()),
            ),
            Mistake(
                "divided by the number of sentences: divide by the number of pieces asked for",
                _loss_with(lambda losses, asked, labels: (losses * asked).sum() / len(losses)),
            ),
            Mistake(
                "each sentence is averaged alone: sum over the whole batch, then divide once",
                _loss_with(_by_sentence),
            ),
            Mistake("label 0 is left out: it is O, a label like others; leave out -100", _loss_with(_neither)),
            Mistake("label 0 is left out: it is O, a label like others; leave out -100", _loss_with(_zero_instead)),
            Mistake(
                "the mask is turned around: what counts is what is not -100",
                _loss_with(lambda losses, asked, labels: (losses * ~asked).sum() / max((~asked).sum(), 1)),
            ),
            Mistake(
                "a softmax was taken before the loss, which takes one itself: pass the logits",
                lambda labels, logits: _masked_mean(*_losses(labels, _softmax(np.asarray(logits, "float64")))),
            ),
            Mistake(
                "a softmax was taken before from_logits=True, which takes one itself: Keras notices here, and warns; "
                "pass the logits",
                _softmax_of_keras,
            ),
            Mistake(
                "the logarithm is taken of a share that is 0 to a computer: take tf.nn.log_softmax, or a cross-entropy "
                "that gets the logits",
                _log_of_shares,
            ),
            Mistake(
                "the cross-entropy takes logits for probabilities: say from_logits=True",
                lambda labels, logits: _masked_mean(_without_logits(labels, logits), np.asarray(labels) != -100),
            ),
            Mistake(
                "the sign is turned around: a loss is minus the logarithm",
                _loss_with(lambda losses, asked, labels: -_masked_mean(losses, asked)),
            ),
            Mistake(
                "the loss of each piece came back: one number, their mean, is asked for",
                _loss_with(lambda losses, asked, labels: losses * asked),
            ),
            *(
                Mistake("0/0 where no piece is asked for: give 0 there", wrong)
                for wrong in (_in_tf(tf.divide), _mean_of_those_asked)
            ),
            Mistake(
                "the gradient is NaN where no piece is asked for: tf.where hides the 0/0 from the loss alone; divide "
                "by at least 1, or with tf.math.divide_no_nan",
                _in_tf(lambda total, number: tf.where(number > 0, total / number, 0.0)),
            ),
            Mistake(
                "None where no piece is asked for: give 0 there",
                lambda labels, logits: token_classification_loss(labels, logits) if np.any(labels != -100) else None,
            ),
            Mistake(
                "the probability is kept away from 0, so that a model that is sure and wrong is not told: take the "
                "logits' own cross-entropy",
                _log_of_kept_shares,
            ),
            *(
                Mistake(
                    "the logits are clipped, so that a model that is sure and wrong is not told: pass them as they "
                    "are, the cross-entropy of logits takes large ones",
                    _clipped(most),
                )
                for most in (20.0, 50.0, 100.0)
            ),
            *(
                Mistake(
                    "the softmax runs over another axis: over the labels, which are the last, axis=-1",
                    _softmax_over(axis),
                )
                for axis in (1, 0)
            ),
            Mistake(
                "divided by the number of labels C: over them the one-hot product is summed, not averaged",
                _over_labels,
            ),
            Mistake(
                "each label is judged alone, by a sigmoid: a piece has one label, so a softmax over all of them",
                _label_by_label,
            ),
            Mistake(
                "the logits are masked: zeros have a cross-entropy too, log C; mask the losses",
                _masked_logits,
            ),
            Mistake(
                "this is the perplexity, e to the loss: the loss itself is asked for",
                _in_tf(lambda total, number: tf.exp(_share(total, number))),
            ),
            Mistake(
                "// leaves whole numbers only: divide with /",
                _in_tf(lambda total, number: total // tf.maximum(number, 1)),
            ),
            Mistake(
                "divided by the pieces asked for and one more: divide by their number, and see to 0/0 apart",
                _in_tf(lambda total, number: total / (number + 1)),
            ),
            Mistake(
                "logarithms to base 2: the natural one is asked for", _in_tf(lambda a, b: _share(a, b) / np.log(2))
            ),
            Mistake("each place is averaged alone: sum over the whole batch, then divide once", _by_place),
            Mistake(
                "a label that does not exist is given to the cross-entropy, such as -100, which is the number of none: "
                "put 0 there, and mask it",
                _negative_label,
            ),
        ),
        hints=(
            "Three steps: which pieces are asked for; the cross-entropy of every piece; the mean over those asked for.",
            "At -100 put any label that exists, tf.where does it, and remember which places they were.",
            "A mean over those asked for is a sum divided by a number. Which one, and what if it is 0?",
        ),
    )
)
