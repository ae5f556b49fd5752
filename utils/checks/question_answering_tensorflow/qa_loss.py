"""The exercise qa_loss: what must hold, and what each mistake looks like."""

import warnings

import numpy as np
import tensorflow as tf
from keras import ops

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.guard import Crash
from utils.tasks.question_answering import qa_loss


def _logs(logits, axis=-1):
    return tf.nn.log_softmax(tf.cast(logits, "float64"), axis=axis)


def _picked(positions, values):
    """Of each row the value at its position, (B,)."""
    return tf.gather(values, positions, batch_dims=1)


def _surprise(positions, logits):
    return -_picked(positions, _logs(logits))


def _mean_of_both(s, e):
    return tf.reduce_mean((s + e) / 2)


def _loss_with(start=_surprise, end=None, join=_mean_of_both):
    """The loss with one of its steps done otherwise; it has a gradient and works in a graph, as real answers do."""
    end = end or start

    def loss(start_positions, end_positions, start_logits, end_logits):
        return tf.cast(join(start(start_positions, start_logits), end(end_positions, end_logits)), "float64")

    return loss


def _as_shares(positions, logits):
    return tf.cast(ops.sparse_categorical_crossentropy(positions, logits), "float64")  # without from_logits=True


def _without_null(of_none):
    """The mean over the windows that hold an answer; `of_none` where none does."""

    def mean(positions, logits):
        kept = tf.boolean_mask(_surprise(positions, logits), positions != 0)
        number = tf.cast(tf.size(kept), "float64")
        return tf.where(number > 0, tf.math.divide_no_nan(tf.reduce_sum(kept), number), tf.cast(of_none, "float64"))

    return mean


def _softmax_before(start_positions, end_positions, start_logits, end_logits):
    """TensorFlow's softmax, which Keras notices in a graph only."""
    return qa_loss(start_positions, end_positions, tf.nn.softmax(start_logits), tf.nn.softmax(end_logits))


def _softmax_twice(positions, logits):
    return _surprise(positions, tf.nn.softmax(tf.cast(logits, "float64")))


def _shares(positions, logits):
    return _picked(positions, tf.nn.softmax(tf.cast(logits, "float64")))


def _log_of_float32_shares(positions, logits):
    return -tf.math.log(_picked(positions, tf.nn.softmax(logits)))


def _log_of_unstable_shares(positions, logits):
    e = tf.exp(logits)
    return -tf.math.log(_picked(positions, e / tf.reduce_sum(e, axis=-1, keepdims=True)))


def _log_of_unstable_sum(positions, logits):
    return tf.math.log(tf.reduce_sum(tf.exp(logits), axis=-1)) - _picked(positions, logits)


def _one_hot(positions, logits):
    return tf.one_hot(positions, tf.shape(logits)[1], dtype="float64")


def _squared(positions, logits):
    return tf.reduce_mean((tf.nn.softmax(tf.cast(logits, "float64")) - _one_hot(positions, logits)) ** 2, axis=-1)


def _over_the_batch(positions, logits):
    return -_picked(positions, _logs(logits, axis=0))


def _sigmoid(positions, logits):
    x, y = tf.cast(logits, "float64"), _one_hot(positions, logits)
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=x), axis=-1)


def _kept_low(loss, start_positions, end_positions, start_logits, end_logits):
    """The loss; in words where it grows no more, however wrong the model is."""
    right = float(_loss_with()(start_positions, end_positions, start_logits, end_logits))
    number = isinstance(loss, np.ndarray) and loss.ndim == 0 and loss.dtype.kind == "f"
    return "a loss that grows no more" if number and 0 < loss < right / 2 else loss


def _of_all_texts(positions, logits):
    """Each text's surprise at the positions of all texts, (B,) means of B."""
    return tf.reduce_mean(tf.gather(-_logs(logits), positions, axis=1), axis=-1)


def _scalar(answer, *args):
    """The loss; in words, if Keras found that it was given a softmax's shares and took the logits instead."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        value = answer(*args)
    if any("does not represent logits" in str(w.message) for w in said):
        return "a softmax before from_logits=True"
    return value if value is None else np.asarray(value, "float64") if np.isscalar(value) else value


def _gradients(answer, start_positions, end_positions, start_logits, end_logits):
    """The loss's gradient by both logits, as training takes it."""
    logits = tf.constant(start_logits), tf.constant(end_logits)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = answer(start_positions, end_positions, *logits)
    if not tf.is_tensor(loss):
        return "no gradient"
    found = tape.gradient(loss, logits)
    return "no gradient" if any(g is None for g in found) else tf.stack(found)


def _compiled(answer, *arrays):
    """The loss from a graph that is made before B and T are known, as in the lesson's training."""
    signature = [tf.TensorSpec([None] * a.ndim, a.dtype) for a in arrays]

    @tf.function(input_signature=signature, autograph=False)
    def run(*tensors):
        return tf.cast(answer(*tensors), "float64")

    try:
        return run(*map(tf.constant, arrays))
    except (NotImplementedError, ValueError, TypeError, AttributeError) as error:
        if isinstance(error, NotImplementedError) and not str(error):
            raise
        if any(word in str(error) for word in ("NoneType", "None values", "of None", "iterat", "as an integer")):
            return "an error while the graph is made"
        what = str(error).strip().splitlines()[0][:200] if str(error).strip() else "no more is said"
        return Crash("graph", f"it works on numbers, and in a step's graph it raises {type(error).__name__}: {what}")


def _in_numpy(start_positions, end_positions, start_logits, end_logits):
    return _loss_with()(start_positions, end_positions, np.asarray(start_logits), np.asarray(end_logits))


def _text_by_text(start_positions, end_positions, start_logits, end_logits):
    B = start_logits.shape[0]
    losses = [
        qa_loss(*(x[b : b + 1] for x in (start_positions, end_positions, start_logits, end_logits))) for b in range(B)
    ]
    return sum(losses) / B


def _loss_cases(*sizes, spread=1.0, low=False):
    def cases(rng):
        made = []
        for B, T in sizes:
            start, end = (spread * rng.normal(size=(2, B, T))).astype("float32")
            positions = np.sort(rng.integers(1, T - 1, (2, B)), axis=0).astype("int32")
            if low:
                start[:, -1] = end[:, -1] = -1.7e38
            made.append(case(*positions, start, end))
        return made

    return cases


def _null_cases(rng):
    cases = _loss_cases((1, 4), (3, 5))(rng)
    for c in cases:
        c.args[0][0] = c.args[1][0] = 0
    return cases


def _hand_case(rng):
    start, end = np.log(np.array([[[1, 2, 1, 4]], [[1, 1, 3, 1]]])).astype("float32")
    return [case(np.array([1]), np.array([2]), start, end)]  # shares of 2/8 and 3/6


def _sure_case(rng):
    logits = np.array([[0, 3000, -3000]], "float32")
    right, wrong = np.array([1]), np.array([2])
    return [case(right, wrong, logits, logits), case(right, right, logits, logits)]


def _swapped_ends(sp, ep, sl, el):
    return qa_loss(ep, sp, sl, el)


_BASE_2 = _loss_with(join=lambda s, e: tf.reduce_mean((s + e) / 2) / np.log(2))


register(
    Exercise(
        name="qa_loss",
        notebook="12_question_answering_tensorflow",
        reference=qa_loss,
        properties=(
            Property(
                "one text: the mean surprise at start and end",
                2,
                lambda rng: _hand_case(rng) + _loss_cases((1, 5))(rng),
                run=_scalar,
            ),  # fmt: skip
            Property("several texts: the mean over them", 1, _loss_cases((3, 4), (5, 7)), run=_scalar),
            Property(
                "position 0, [CLS], where a window holds no answer: it counts like any other",
                1,
                _null_cases,
                run=_scalar,
            ),
            Property(
                "finite where the model is quite sure, and wrong",
                1,
                lambda rng: _sure_case(rng) + _loss_cases((3, 6), spread=300.0)(rng),
                run=_scalar,
                read=_kept_low,
            ),  # fmt: skip
            Property("finite with the very low logits of padding", 1, _loss_cases((2, 5), low=True), run=_scalar),
            Property(
                "a gradient passes through it",
                1,
                lambda rng: _loss_cases((2, 5))(rng) + _loss_cases((2, 4), low=True)(rng),
                run=_gradients,
            ),
            Property(
                "works in a compiled step, where B and T are not known yet", 1, _loss_cases((3, 4)), run=_compiled
            ),
        ),
        mistakes=(
            Mistake(
                "B and T are not known when a step's graph is made: no loop over texts, and sizes come from ops.shape",
                _text_by_text,
            ),
            Mistake("no gradient passes: NumPy is at work inside; training needs keras.ops", _in_numpy),
            Mistake(
                "no gradient passes: what comes back is cut off from the logits, by stop_gradient or as a constant",
                lambda *given: tf.stop_gradient(_loss_with()(*given)),
            ),
            Mistake(
                "softmax twice: these are logits already. Keras noticed, warned and took them: leave the softmax out",
                lambda sp, ep, sl, el: qa_loss(sp, ep, ops.softmax(sl), ops.softmax(el)),
            ),
            *(
                Mistake("the cross-entropy takes logits for probabilities: say from_logits=True", wrong)
                for wrong in (_loss_with(_as_shares), _loss_with(_as_shares, join=lambda s, e: tf.reduce_mean(s + e)))
            ),
            Mistake(
                "start and end are summed: halve, for their mean", _loss_with(join=lambda s, e: tf.reduce_mean(s + e))
            ),
            *(
                Mistake("windows labelled 0 are left out: 0 is [CLS], and the right answer there", _loss_with(wrong))
                for wrong in (
                    _without_null(of_none=0.0),
                    _without_null(of_none=np.nan),
                    lambda p, x: tf.where(p == 0, tf.zeros((), "float64"), _surprise(p, x)),
                )
            ),
            *(
                Mistake(
                    "the brackets: in Python s + e / 2 halves e alone; (s + e) / 2 halves both",
                    _loss_with(join=join),
                )
                for join in (
                    lambda s, e: tf.reduce_mean(s + e / 2),
                    lambda s, e: tf.reduce_mean(s / 2 + e),
                )
            ),
            *(
                Mistake("from_logits=True is missing at one of the two: both rows are logits", _loss_with(*both))
                for both in ((_surprise, _as_shares), (_as_shares, _surprise))
            ),
            *(
                Mistake("halved twice: the mean over start and end is half their sum", _loss_with(join=join))
                for join in (
                    lambda s, e: tf.reduce_mean(s + e) / 4,
                    lambda s, e: tf.reduce_sum(s + e) / 4,
                )
            ),
            Mistake(
                "doubled: the mean over start and end is half their sum",
                _loss_with(join=lambda s, e: tf.reduce_mean(s + e) * 2),
            ),
            Mistake(
                "divided by the number of texts twice: a mean over the batch has done it already",
                _loss_with(join=lambda s, e: tf.reduce_mean(s + e) / 2 / tf.cast(tf.size(s), s.dtype)),
            ),
            Mistake(
                "each text is scored at the positions of all texts: take of each row the number at its own position",
                _loss_with(_of_all_texts),
            ),
            Mistake(
                "the larger of the two surprises: their mean is asked for",
                _loss_with(join=lambda s, e: tf.reduce_mean(tf.maximum(s, e))),
            ),
            Mistake("the end does not count", _loss_with(join=lambda s, e: tf.reduce_mean(s))),
            Mistake("the start does not count", _loss_with(join=lambda s, e: tf.reduce_mean(e))),
            Mistake(
                "summed over the batch: take the mean, or a larger batch would have a larger loss",
                _loss_with(join=lambda s, e: tf.reduce_sum(s + e) / 2),
            ),
            Mistake(
                "start and end are summed: halve, for their mean",
                _loss_with(join=lambda s, e: tf.reduce_sum(s + e)),
            ),
            Mistake("a loss for each text came back: take their mean", _loss_with(join=lambda s, e: (s + e) / 2)),
            Mistake("a loss for each text came back: take their mean", _loss_with(join=lambda s, e: s + e)),
            *(
                Mistake("softmax twice: these are logits already, say from_logits=True", wrong)
                for wrong in (_loss_with(_softmax_twice), _softmax_before)
            ),
            Mistake("the logarithm is missing: this is the probability itself", _loss_with(_shares)),
            Mistake(
                "the logarithm is missing: this is one minus the probability",
                _loss_with(lambda p, x: 1 - _shares(p, x)),
            ),
            Mistake("the sign: a loss is minus the logarithm", _loss_with(lambda p, x: -_surprise(p, x))),
            Mistake(
                "the logits themselves, without a softmax", _loss_with(lambda p, x: -_picked(p, tf.cast(x, "float64")))
            ),
            Mistake(
                "a softmax of which the logarithm is taken afterwards overflows: use from_logits=True",
                _loss_with(_log_of_unstable_shares),
            ),
            *(
                Mistake(
                    "the exponentials overflow before their sum's logarithm is taken: use from_logits=True, or "
                    "ops.logsumexp",
                    _loss_with(wrong),
                )
                for wrong in (
                    _log_of_unstable_sum,
                    lambda p, x: _log_of_unstable_sum(p, tf.cast(x, "float64")),
                )
            ),
            Mistake(
                "a softmax of which the logarithm is taken afterwards is log 0: use from_logits=True",
                _loss_with(_log_of_float32_shares),
            ),
            Mistake(
                "the probability is cut off near 0, so a wrong model that is sure is not told: use from_logits=True",
                _loss_with(lambda p, x: -tf.math.log(tf.clip_by_value(_shares(p, x), 1e-7, 1 - 1e-7))),
            ),
            Mistake(
                "start and end are swapped: start positions go with start logits, end positions with end logits",
                _swapped_ends,
            ),
            Mistake(
                "both ends are compared with the start logits",
                lambda sp, ep, sl, el: _loss_with()(sp, ep, sl, sl),
            ),
            Mistake(
                "both ends are compared with the end logits",
                lambda sp, ep, sl, el: _loss_with()(sp, ep, el, el),
            ),
            Mistake(
                "both are compared with the start position",
                lambda sp, ep, sl, el: _loss_with()(sp, sp, sl, el),
            ),
            Mistake("squared differences: the cross-entropy is asked for", _loss_with(_squared)),
            Mistake("a yes or no for every token: the tokens compete, so softmax, not sigmoid", _loss_with(_sigmoid)),
            Mistake("the softmax runs over the batch: over the T tokens, the last axis", _loss_with(_over_the_batch)),
            Mistake("logarithms to base 2: the natural one is asked for", _BASE_2),
            Mistake(
                "the two surprises are multiplied: their mean is asked for",
                _loss_with(join=lambda s, e: tf.reduce_mean(s * e)),
            ),
        ),
        hints=(
            "Two classifications among T tokens: where does it start, where does it end? Each has its cross-entropy.",
            "ops.sparse_categorical_crossentropy(positions, logits, from_logits=True) gives (B,), one for each text.",
            "Take the mean of the two, then ops.mean over the batch.",
        ),
    )
)
