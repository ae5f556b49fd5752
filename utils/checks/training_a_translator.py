"""Exercises of lesson 08: what training makes small, what it watches, how fast it learns, and one step of it."""

import keras
import numpy as np
import tensorflow as tf

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.training.losses import masked_accuracy, masked_loss
from utils.training.schedules import WarmupSchedule
from utils.training.steps import CLIP_NORM, train_step

NO_GRADIENT, NOT_COMPILED = "no gradient", "an error inside tf.function"


def _labels(rng, B, T, V, pad_id=None):
    """Tokens from 0 to V - 1; with a pad_id every row but the first ends in padding, each at another place."""
    labels = rng.integers(0, V, (B, T))
    labels[labels == (0 if pad_id is None else pad_id)] = (0 if pad_id is None else pad_id) + 1
    if pad_id is not None:
        for b in range(1, B):
            labels[b, max(1, T - b) :] = pad_id
    return labels.astype("int32")


def _logits(rng, B, T, V, scale=2.0):
    return (scale * rng.normal(size=(B, T, V))).astype("float32")


def _guesses(rng, labels, V, share=0.5):
    """Logits that are right for some of the labels, padding among them."""
    logits = _logits(rng, *labels.shape, V)
    if 0 not in labels:
        logits[..., 0] -= 20  # where there is no padding, none is guessed
    right = rng.random(labels.shape) < share
    right[0], right[-1, 0] = True, False
    return (logits + 9.0 * right[..., None] * np.eye(V)[labels]).astype("float32")


# The loss ------------------------------------------------------------------------------------------


def _log_softmax(x, axis=-1):
    x = np.asarray(x, "float64")
    x = x - x.max(axis=axis, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=axis, keepdims=True))


def _unstable(x, dtype="float32"):
    e = np.exp(np.asarray(x, dtype))
    return np.log(e / e.sum(-1, keepdims=True))


def _smoothed(labels, V, epsilon):
    return (1 - epsilon) * np.eye(V)[labels] + epsilon / V


def _mean(losses, labels, pad_id):
    is_token = labels != pad_id
    return (losses * is_token).sum() / is_token.sum() if is_token.any() else 0.0


def _loss(log_p=_log_softmax, targets=_smoothed, mean=_mean, after=lambda loss: loss):
    """The loss with one of its parts replaced."""

    def answer(labels, logits, pad_id=0, label_smoothing=0.0):
        labels = np.asarray(labels)
        losses = -(targets(labels, logits.shape[-1], label_smoothing) * log_p(np.asarray(logits))).sum(-1)
        return np.asarray(after(mean(losses, labels, pad_id)))

    return answer


def _sentences_apart(losses, labels, pad_id):
    is_token = labels != pad_id
    each = (losses * is_token).sum(1) / np.maximum(is_token.sum(1), 1)
    return each.mean()


def _guessed_padding(labels, logits, pad_id=0, label_smoothing=0.0):
    losses = -(_smoothed(labels, logits.shape[-1], label_smoothing) * _log_softmax(logits)).sum(-1)
    return _mean(losses, np.asarray(logits).argmax(-1), pad_id)


def _padding_as_a_word(losses, labels, pad_id):
    return losses.mean()


def _nan_without_words(losses, labels, pad_id):
    is_token = labels != pad_id
    return (losses * is_token).sum() / is_token.sum()


def _without_entropy(labels, logits, pad_id=0, label_smoothing=0.0):
    t = _smoothed(labels, logits.shape[-1], label_smoothing)
    entropy = -(t * np.log(np.where(t > 0, t, 1.0))).sum(-1)
    return _mean(-(t * _log_softmax(logits)).sum(-1) - entropy, labels, pad_id)


def _others_share(labels, V, epsilon):
    right = np.eye(V)[labels]
    return (1 - epsilon) * right + (1 - right) * epsilon / (V - 1)


def _right_loses_all(labels, V, epsilon):
    right = np.eye(V)[labels]
    return (1 - epsilon) * right + (1 - right) * epsilon / V


def _smoothed_logits(labels, logits, pad_id=0, label_smoothing=0.0):
    moved = (1 - label_smoothing) * logits + label_smoothing / logits.shape[-1]
    return _loss()(labels, moved, pad_id)


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
    except Exception:  # whatever the answer meets there, among it NotImplementedError, has one reason
        return NOT_COMPILED


NUMPY_INSIDE = (
    "no gradient passes: NumPy, float(…) or .numpy() is at work inside. Training needs tf or keras.ops throughout"
)
PYTHON_INSIDE = (
    "it works number by number, but not compiled: inside tf.function there are no values yet, so no loop, no `if` "
    "and no len() over tensors. Compute all positions at once"
)

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
                    case(_labels(rng, 2, 3, 5), _logits(rng, 2, 3, 5)),
                ],
            ),
            Property(
                "padding counts for nothing, neither in the sum nor in the number",
                2,
                lambda rng: [
                    case(np.array([[2, 0]], "int32"), np.array([[[0, 1, 2], [3, 1, 4]]], "float32")),
                    case(np.array([[2, 1, 1], [1, 0, 0]], "int32"), _logits(rng, 2, 3, 4)),
                    case(_labels(rng, 3, 5, 7, pad_id=0), _logits(rng, 3, 5, 7)),
                ],
            ),
            Property(
                "any id can be the padding",
                1,
                lambda rng: [
                    case(np.array([[0, 3, 1, 3]], "int32"), _logits(rng, 1, 4, 5), pad_id=3),
                    case(_labels(rng, 3, 4, 6, pad_id=2), _logits(rng, 3, 4, 6), pad_id=2),
                ],
            ),
            Property(
                "label smoothing: the right word is worth 1 - ε + ε/V, every other ε/V",
                2,
                lambda rng: [
                    case(np.array([[1]], "int32"), np.array([[[1, 3, 0]]], "float32"), label_smoothing=0.3),
                    case(_labels(rng, 2, 3, 5), _logits(rng, 2, 3, 5), label_smoothing=0.1),
                    case(_labels(rng, 3, 4, 6, pad_id=0), _logits(rng, 3, 4, 6), label_smoothing=0.2),
                ],
            ),
            Property(
                "logits of a thousand are no trouble",
                1,
                lambda rng: [
                    case(np.array([[1, 2]], "int32"), np.array([[[0, 1000, 0], [0, 1000, 0]]], "float32")),
                    case(_labels(rng, 2, 3, 5), _logits(rng, 2, 3, 5, scale=1000.0)),
                ],
            ),
            Property(
                "nothing but padding: 0",
                1,
                lambda rng: [case(np.zeros((1, 2), "int32"), _logits(rng, 1, 2, 3))],
            ),
            Property(
                "a gradient passes, also compiled with shapes not known beforehand",
                1,
                lambda rng: [
                    case(_labels(rng, 2, 3, 5, pad_id=0), _logits(rng, 2, 3, 5), label_smoothing=0.1),
                ],
                run=_slope,
            ),
        ),
        mistakes=(
            Mistake(NUMPY_INSIDE, _loss()),
            Mistake(PYTHON_INSIDE, _by_loops),
            Mistake("padding counts like a word: it must be left out of the sum", _loss(mean=_padding_as_a_word)),
            Mistake(
                "padding is left out of the sum, but still counted: divide by the number of tokens, not by B·T",
                _loss(mean=lambda x, labels, pad: (x * (labels != pad)).mean()),
            ),
            Mistake(
                "a sum came back, so long batches weigh more: divide by the number of tokens",
                _loss(mean=lambda x, labels, pad: (x * (labels != pad)).sum()),
            ),
            Mistake(
                "averaged sentence by sentence, so words of short sentences weigh more: one mean over all tokens",
                _loss(mean=_sentences_apart),
            ),
            Mistake(
                "divided by the number of sentences: divide by the number of tokens",
                _loss(mean=lambda x, labels, pad: (x * (labels != pad)).sum() / len(x)),
            ),
            Mistake(
                "divided by the length T: divide by the number of tokens",
                _loss(mean=lambda x, labels, pad: (x * (labels != pad)).sum() / x.shape[1]),
            ),
            Mistake(
                "the mask is turned around: only padding counts",
                _loss(mean=lambda x, labels, pad: x[labels == pad].sum() / max((labels == pad).sum(), 1)),
            ),
            Mistake(
                "the mask comes from what the model guesses: it must come from the labels",
                _guessed_padding,
            ),
            Mistake(
                "one number for each token came back: a single number, their mean, is asked for",
                _loss(mean=lambda x, labels, pad: x * (labels != pad)),
            ),
            Mistake("the sign is turned around: likely words must make it small", _loss(after=lambda x: -x)),
            Mistake("its exponential came back, the perplexity: leave it as it is", _loss(after=np.exp)),
            Mistake("logarithms of base 2 (bits): take the natural one (nats)", _loss(after=lambda x: x / np.log(2))),
            Mistake("logarithms of base 10: take the natural one", _loss(after=lambda x: x / np.log(10))),
            Mistake(
                "two softmaxes: the loss takes logits and has one inside already. Leave yours out, or pass from_logits",
                _loss(log_p=lambda x: _log_softmax(np.exp(_log_softmax(x)))),
            ),
            Mistake(
                "1 - p instead of -log p: take the logarithm of the right word's probability",
                _loss(log_p=lambda x: np.exp(_log_softmax(x)) - 1),
            ),
            Mistake(
                "the right word's logit itself, without a softmax: the other words must count too",
                _loss(log_p=lambda x: x),
            ),
            Mistake(
                "logits were taken for probabilities: from_logits=True is missing",
                lambda labels, logits, pad_id=0, label_smoothing=0.0: masked_with_probabilities(
                    labels, logits, pad_id, label_smoothing
                ),
            ),
            Mistake(
                "the softmax runs over positions: it belongs on the last axis", _loss(lambda x: _log_softmax(x, 1))
            ),
            Mistake(
                "the softmax runs over sentences: it belongs on the last axis", _loss(lambda x: _log_softmax(x, 0))
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
                    _loss(log_p=lambda x, tiny=tiny: np.log(np.exp(_log_softmax(x)) + tiny)),
                )
                for tiny in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12)
            ),
            *(
                Mistake(
                    "a probability that rounds to 0 is cut off, so the worst errors cost too little: give the logits "
                    "to a loss that has softmax and logarithm in one",
                    _loss(log_p=lambda x, tiny=tiny: np.log(np.maximum(np.exp(_log_softmax(x)), tiny))),
                )
                for tiny in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12)
            ),
            Mistake(
                "`pad_id` is ignored: 0 is taken whatever was passed",
                lambda labels, logits, pad_id=0, label_smoothing=0.0: _loss()(labels, logits, 0, label_smoothing),
            ),
            Mistake(
                "greater than `pad_id`: smaller ids are words as well",
                _loss(mean=lambda x, labels, pad: _mean(x, np.maximum(labels, pad), pad)),
            ),
            Mistake(
                "`label_smoothing` is ignored",
                lambda labels, logits, pad_id=0, label_smoothing=0.0: _loss()(labels, logits, pad_id),
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
                _loss(targets=lambda labels, V, e: np.eye(V)[labels] + e / V),
            ),
            Mistake(
                "every other word gets the whole ε: share it, ε/V each",
                _loss(targets=lambda labels, V, e: (1 - e) * np.eye(V)[labels] + e * (1 - np.eye(V)[labels])),
            ),
            Mistake(
                "every word gets the whole ε: share it, ε/V each",
                _loss(targets=lambda labels, V, e: (1 - e) * np.eye(V)[labels] + e),
            ),
            Mistake(
                "the right word loses ε, but nobody gets it: every word is worth ε/V",
                _loss(targets=lambda labels, V, e: (1 - e) * np.eye(V)[labels]),
            ),
            Mistake(
                "1 - ε and ε have changed places: the right word keeps most",
                _loss(targets=lambda labels, V, e: _smoothed(labels, V, 1 - e) if e else np.eye(V)[labels]),
            ),
            Mistake(
                "ε is shared by V - 1 where V is asked for",
                _loss(targets=lambda labels, V, e: (1 - e) * np.eye(V)[labels] + e / (V - 1)),
            ),
            Mistake("the logits are smoothed: smooth the targets", _smoothed_logits),
            Mistake(
                "the targets' own entropy is subtracted, which makes it a divergence: the cross-entropy is asked for",
                _without_entropy,
            ),
            Mistake(
                "NaN for a batch of nothing but padding, 0/0: tf.math.divide_no_nan gives 0 there",
                _loss(mean=_nan_without_words),
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


def masked_with_probabilities(labels, logits, pad_id, label_smoothing):
    """What Keras' cross-entropy does where logits are given and probabilities expected."""
    own = keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing, reduction=None)
    losses = keras.ops.convert_to_numpy(own(np.eye(logits.shape[-1], dtype="float32")[labels], np.asarray(logits)))
    return np.asarray(_mean(losses, np.asarray(labels), pad_id))


# The accuracy --------------------------------------------------------------------------------------


# Three right and four wrong; ids from 1 would make one right, the lowest scores two.
SEVEN = np.eye(4, dtype="float32")[[[1, 2, 3, 2, 1, 1, 3]]] - np.eye(4, dtype="float32")[[[0, 0, 0, 1, 0, 0, 1]]]


def _accuracy(guess=lambda logits: logits.argmax(-1), share=_mean):
    """The accuracy with one of its parts replaced."""

    def answer(labels, logits, pad_id=0):
        labels = np.asarray(labels)
        return np.asarray(share((guess(np.asarray(logits)) == labels).astype("float64"), labels, pad_id))

    return answer


def _guesses_masked_too(labels, logits, pad_id=0):
    guess = np.asarray(logits).argmax(-1)
    counts = (labels != pad_id) & (guess != pad_id)
    return (guess == labels)[counts].mean() if counts.any() else np.float64(0)


def _guesses_masked_only(labels, logits, pad_id=0):
    guess = np.asarray(logits).argmax(-1)
    return _mean((guess == labels).astype("float64"), guess, pad_id)


def _never_padding(labels, logits, pad_id=0):
    logits = np.array(logits)
    logits[..., pad_id] = -1e9
    return _accuracy()(labels, logits, pad_id)


def _whole_sentences(right, labels, pad_id):
    return (right.astype(bool) | (labels == pad_id)).all(1).mean()


register(
    Exercise(
        name="masked_accuracy",
        notebook="08_training_a_translator",
        reference=masked_accuracy,
        properties=(
            Property(
                "the share of words whose highest score is the right one's",
                1,
                lambda rng: [
                    case(np.array([[1, 2]], "int32"), np.array([[[0, 3, 1], [0, 3, 1]]], "float32")),
                    case(np.array([[1, 2, 3, 1, 3, 2, 1]], "int32"), SEVEN),
                    case(labels := _labels(rng, 2, 3, 5), _guesses(rng, labels, 5)),
                    case(labels := _labels(rng, 3, 5, 4), _guesses(rng, labels, 4)),
                ],
            ),
            Property(
                "padding counts for nothing, guessed right or wrong",
                2,
                lambda rng: [
                    case(np.array([[1, 0]], "int32"), np.array([[[0, 3, 1], [3, 0, 1]]], "float32")),
                    case(np.array([[1, 0]], "int32"), np.array([[[3, 0, 1], [3, 0, 1]]], "float32")),
                    case(np.array([[2, 1, 1], [1, 0, 0]], "int32"), np.eye(3, dtype="float32")[[[2, 0, 1], [2, 0, 1]]]),
                    case(labels := _labels(rng, 3, 6, 5, pad_id=0), _guesses(rng, labels, 5)),
                ],
            ),
            Property(
                "any id can be the padding",
                1,
                lambda rng: [
                    case(np.array([[0, 2]], "int32"), np.array([[[3, 0, 1], [3, 0, 1]]], "float32"), pad_id=2),
                    case(
                        np.array([[0, 1, 4, 2, 2, 2]], "int32"),
                        5 * np.eye(5, dtype="float32")[[[0, 3, 4, 2, 1, 1]]],
                        pad_id=2,
                    ),
                    case(labels := _labels(rng, 3, 4, 6, pad_id=3), _guesses(rng, labels, 6), pad_id=3),
                ],
            ),
            Property(
                "nothing but padding: 0",
                1,
                lambda rng: [case(np.zeros((1, 2), "int32"), np.eye(3, dtype="float32")[[[2, 1]]])],
            ),
        ),
        mistakes=(
            Mistake(
                "a batch of nothing but padding gives 1: nothing was said right there, so 0",
                _accuracy(share=lambda right, labels, pad: _mean(right, labels, pad) if (labels != pad).any() else 1.0),
            ),
            Mistake(
                "padding counts like a word: leave it out, of the right ones and of the number",
                _accuracy(share=lambda right, labels, pad: right.mean()),
            ),
            Mistake(
                "padding is left out of the right ones, but still counted: divide by the number of tokens, not by B·T",
                _accuracy(share=lambda right, labels, pad: (right * (labels != pad)).mean()),
            ),
            Mistake(
                "right guesses at padding are counted in: leave them out of the sum as well",
                _accuracy(share=lambda right, labels, pad: right.sum() / max((labels != pad).sum(), 1)),
            ),
            Mistake(
                "a number of tokens came back: divide by how many there are",
                _accuracy(share=lambda right, labels, pad: (right * (labels != pad)).sum()),
            ),
            Mistake(
                "averaged sentence by sentence, so words of short sentences weigh more: one mean over all tokens",
                _accuracy(share=_sentences_apart),
            ),
            Mistake(
                "whole sentences are counted: a sentence with one wrong word is not all wrong here",
                _accuracy(share=_whole_sentences),
            ),
            Mistake("the share of wrong ones: turn it around", _accuracy(share=lambda r, *a: _mean(1 - r, *a))),
            Mistake("percent: a share from 0 to 1 is asked for", _accuracy(share=lambda *a: 100 * _mean(*a))),
            Mistake("the lowest score is taken: the highest is the guess", _accuracy(lambda x: x.argmin(-1))),
            Mistake(
                "ids are counted from 1: argmax counts from 0, as the labels do", _accuracy(lambda x: x.argmax(-1) + 1)
            ),
            Mistake(
                "the mask is turned around: only padding counts",
                _accuracy(share=lambda right, labels, pad: right[labels == pad].sum() / max((labels == pad).sum(), 1)),
            ),
            Mistake(
                "the mask comes from the guesses: a word that the model takes for padding is wrong, and counts",
                _guesses_masked_only,
            ),
            Mistake(
                "words that the model takes for padding are left out as well: they are wrong, and count",
                _guesses_masked_too,
            ),
            Mistake("padding may not be guessed: where it is, the guess is wrong, not replaced", _never_padding),
            Mistake(
                "one value for each token came back: a single number is asked for",
                _accuracy(share=lambda right, labels, pad: right * (labels != pad)),
            ),
            Mistake(
                "`pad_id` is ignored: 0 is taken whatever was passed",
                lambda labels, logits, pad_id=0: _accuracy()(labels, logits, 0),
            ),
            Mistake(
                "greater than `pad_id`: smaller ids are words as well",
                _accuracy(share=lambda right, labels, pad: _mean(right, np.maximum(labels, pad), pad)),
            ),
            Mistake(
                "NaN for a batch of nothing but padding, 0/0: tf.math.divide_no_nan gives 0 there",
                _accuracy(share=_nan_without_words),
            ),
        ),
        hints=(
            "Which word would the model say at each position? Compare with the labels, then think of the padding.",
            "tf.argmax(logits, axis=-1) gives (B, T). A position counts as right where it equals the label *and* the "
            "label is not padding.",
            "Two sums: positions that are right and words, positions that are words. Divide the first by the second; "
            "booleans must be cast to float32 first.",
        ),
    )
)


# The schedule --------------------------------------------------------------------------------------


def _schedule(rate):
    """A schedule whose rate is rate(step, d_model, warmup_steps), step a float32 tensor."""

    class WarmupSchedule(keras.optimizers.schedules.LearningRateSchedule):
        def __init__(self, d_model, warmup_steps=4000):
            self.d_model, self.warmup_steps = d_model, warmup_steps

        def __call__(self, step):
            return rate(tf.cast(step, "float32"), self.d_model, self.warmup_steps)

        def get_config(self):
            return {"d_model": self.d_model, "warmup_steps": self.warmup_steps}

    return WarmupSchedule


def _uncast():
    """A schedule that takes the step as it comes."""
    made = _schedule(None)
    made.__call__ = lambda self, step: self.d_model**-0.5 * tf.minimum(step**-0.5, step * self.warmup_steps**-1.5)
    return made


def _branching(step, d, w):
    return d**-0.5 * step * w**-1.5 if step < w else d**-0.5 * step**-0.5


def _rates(answer, d_model, warmup_steps, steps, dtype="float32"):
    schedule = answer(d_model, warmup_steps)
    return tf.stack([tf.cast(schedule(tf.constant(step, dtype)), "float32") for step in steps])


def _steered(answer, d_model, warmup_steps):
    """Where a weight goes in five steps of slope -1 that an optimizer takes with the schedule, compiled."""
    weight = keras.Variable(0.0)
    optimizer = keras.optimizers.SGD(answer(d_model, warmup_steps))
    optimizer.build([weight])

    @tf.function(autograph=False)
    def step():
        optimizer.apply([tf.constant(-1.0)])
        return weight.value + 0.0

    try:
        return tf.stack([step() for _ in range(5)])
    except Exception:  # whatever the answer meets there has one reason
        return NOT_COMPILED


register(
    Exercise(
        name="WarmupSchedule",
        notebook="08_training_a_translator",
        reference=WarmupSchedule,
        properties=(
            Property(
                "up in a line, down with the root, at every width",
                3,
                lambda rng: [
                    case(1, 4, (1, 2, 4, 8, 16, 100)),
                    case(16, 4, (1, 3, 4, 5, 20)),
                    case(9, 100, (1, 50, 99, 100, 101, 400, 2000)),
                    case(
                        int(rng.integers(20, 90)),
                        int(rng.integers(5, 50)),
                        tuple(sorted(rng.integers(1, 90, 6).tolist())),
                    ),
                ],
                run=lambda answer, d, w, steps: 100 * _rates(answer, d, w, steps),
            ),
            Property(
                "step 0: the rate is 0",
                1,
                lambda rng: [case(4, 10, (0,)), case(7, 3, (0, 2))],
                run=_rates,
            ),
            Property(
                "steps are whole numbers, as an optimizer counts them",
                1,
                lambda rng: [case(4, 10, (1.0, 20.0)), case(4, 10, (1, 5, 10, 20), dtype="int64")],
                run=_rates,
            ),
            Property("inside an optimizer, compiled", 1, lambda rng: [case(4, 3)], run=_steered),
        ),
        mistakes=(
            Mistake(
                "the larger of the two is taken: the way up and the way down are both limits, take the smaller",
                _schedule(lambda s, d, w: d**-0.5 * tf.maximum(s**-0.5, s * w**-1.5)),
            ),
            Mistake(
                "`d_model` is missing: multiply by d_model**-0.5",
                _schedule(lambda s, d, w: tf.minimum(s**-0.5, s * w**-1.5)),
            ),
            Mistake(
                "a wider model must learn more slowly: d_model to the power -0.5, not 0.5",
                _schedule(lambda s, d, w: d**0.5 * tf.minimum(s**-0.5, s * w**-1.5)),
            ),
            Mistake(
                "divided by d_model: by its root",
                _schedule(lambda s, d, w: tf.minimum(s**-0.5, s * w**-1.5) / d),
            ),
            Mistake(
                "d_model**-0.5 reaches only one of the two: it stands before the minimum",
                _schedule(lambda s, d, w: tf.minimum(d**-0.5 * s**-0.5, s * w**-1.5)),
            ),
            Mistake(
                "d_model**-0.5 reaches only one of the two: it stands before the minimum",
                _schedule(lambda s, d, w: tf.minimum(s**-0.5, d**-0.5 * s * w**-1.5)),
            ),
            Mistake(
                "the way up is too steep: warmup_steps to the power -1.5, not -0.5",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum(s**-0.5, s * w**-0.5)),
            ),
            Mistake(
                "the way up is too steep: step · warmup_steps**-1.5, not step / warmup_steps",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum(s**-0.5, s / w)),
            ),
            Mistake(
                "the way down is too steep: step to the power -0.5, not -1",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum(1 / s, s * w**-1.5)),
            ),
            Mistake(
                "the rate grows with the root of the step: the power is -0.5",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum(s**0.5, s * w**-1.5)),
            ),
            Mistake("only the way up: it never comes down again", _schedule(lambda s, d, w: d**-0.5 * s * w**-1.5)),
            Mistake(
                "the way up never counts, or is missing: step · warmup_steps**-1.5 is the smaller one early on",
                _schedule(lambda s, d, w: d**-0.5 * s**-0.5),
            ),
            Mistake(
                "the two were added: take the smaller",
                _schedule(lambda s, d, w: d**-0.5 * (s**-0.5 + s * w**-1.5)),
            ),
            Mistake(
                "the two were multiplied: take the smaller",
                _schedule(lambda s, d, w: d**-0.5 * (s**-0.5 * s * w**-1.5)),
            ),
            Mistake(
                "up, then level: it must come down with the root of the step",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum(w**-0.5, s * w**-1.5)),
            ),
            Mistake(
                "step**-0.5 and step have changed places: the root belongs to the way down",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum(s, s**-0.5 * w**-1.5)),
            ),
            Mistake(
                "d_model and warmup_steps have changed places",
                _schedule(lambda s, d, w: w**-0.5 * tf.minimum(s**-0.5, s * d**-1.5)),
            ),
            Mistake(
                "counted from 1: take the step as it comes",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum((s + 1) ** -0.5, (s + 1) * w**-1.5)),
            ),
            Mistake(
                "`warmup_steps` is ignored: 4000 is taken whatever was passed",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum(s**-0.5, s * 4000**-1.5)),
            ),
            Mistake(
                "NaN at step 0, infinity times 0: take the minimum of the two before anything is multiplied",
                _schedule(lambda s, d, w: d**-0.5 * s**-0.5 * tf.minimum(1.0, (s / w) ** 1.5)),
            ),
            Mistake(
                "step 0 is treated as step 1: leave it 0",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum(tf.maximum(s, 1) ** -0.5, tf.maximum(s, 1) * w**-1.5)),
            ),
            Mistake(
                "a whole number has no root in TensorFlow: cast the step to float32 first",
                _uncast(),
            ),
            Mistake(
                "it works number by number, but not compiled: NumPy, math and `if` need a value, and inside an "
                "optimizer there is none yet. ops.minimum takes the smaller of two tensors",
                _schedule(_branching),
            ),
        ),
        hints=(
            "Two curves, both functions of the step: one grows, one falls. Which of them holds at each step?",
            "The way down is step to the power -0.5, the way up is step times warmup_steps to the power -1.5.",
            "ops.minimum of the two, times d_model to the power -0.5; ops.cast(step, 'float32') comes first.",
        ),
    )
)


# The step ------------------------------------------------------------------------------------------


class Toy(keras.Model):
    """As small as a translator can be: the mean of the source plus the last word said, and scores for the next.

    With `moody` it is another model in training, as dropout makes it, but always the same one.
    """

    def __init__(self, V, pad_id, moody, scale, seed):
        super().__init__()
        rng, self.pad_id, self.moody = np.random.default_rng(seed), pad_id, moody
        self.source, self.target = keras.layers.Embedding(V, 3), keras.layers.Embedding(V, 3)
        self.scores = keras.layers.Dense(V)
        for layer, shape in ((self.source, (1, 1)), (self.target, (1, 1)), (self.scores, (1, 1, 3))):
            layer.build(shape)
            layer.set_weights([(scale * rng.normal(size=w.shape)).astype("float32") for w in layer.get_weights()])
        self.built = True

    def call(self, inputs, training=None):
        """Source ids (B, S) and target ids (B, T) to logits (B, T, V)."""
        source_ids, target_ids = inputs
        x = self.target(target_ids) + keras.ops.mean(self.source(source_ids), axis=1, keepdims=True)
        return self.scores(x * 0.5 if self.moody and training else x)


def _stepped(answer, source_ids, target_inputs, labels, V=5, pad_id=0, moody=False, scale=0.05, seed=0, compiled=False,
             **options):  # fmt: skip
    """The loss that came back, and every weight after one step of plain gradient descent."""
    model, optimizer = Toy(V, pad_id, moody, scale, seed), keras.optimizers.SGD(0.5)
    optimizer.build(model.trainable_variables)
    ids = [tf.constant(x) for x in (source_ids, target_inputs, labels)]

    def step(*ids):
        return answer(model, optimizer, *ids, **options)

    if compiled:
        try:
            loss = tf.function(step, input_signature=[tf.TensorSpec((None, None), "int32")] * 3, autograph=False)(*ids)
        except Exception:  # whatever the answer meets there has one reason
            return NOT_COMPILED
    else:
        try:
            loss = step(*ids)
        except ValueError as error:
            if "None" in str(error) or "No gradients" in str(error):
                return NO_GRADIENT
            raise
    if isinstance(loss, (tuple, list)):
        return "several results"
    return None if loss is None else (loss, *model.get_weights())


def _ids(rng, B, S, T, V, pad_id=0):
    """Source ids (B, S), target inputs (B, T) and labels (B, T), with padding."""
    source = _labels(rng, B, S, V, pad_id)
    said = _labels(rng, B, T + 1, V, pad_id)
    return source, said[:, :-1], said[:, 1:]


def _walk(learn, twice=False):
    """A step of which `learn` is one part: learn(model, tape, ids, ε) -> (loss, gradients)."""

    def answer(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
        for _ in range(1 + twice):
            with tf.GradientTape() as tape:
                loss, returned = learn(model, source_ids, target_inputs, labels, label_smoothing)
            _apply(model, optimizer, tape.gradient(loss, model.trainable_variables))
        return returned

    return answer


def _apply(model, optimizer, gradients, clip=lambda gradients: tf.clip_by_global_norm(gradients, CLIP_NORM)[0]):
    gradients = clip([tf.convert_to_tensor(g) for g in gradients])
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))


def _wrong_loss(training=True, **changed):
    """A step whose loss is made otherwise; `changed` names of the five inputs which take another's place."""

    def learn(model, source_ids, target_inputs, labels, label_smoothing):
        given = {"source": source_ids, "inputs": target_inputs, "labels": labels, "pad_id": model.pad_id}
        given |= {"smoothing": label_smoothing}
        given |= {name: given.get(value, value) for name, value in changed.items()}
        logits = model((given["source"], given["inputs"]), training=training)
        loss = masked_loss(given["labels"], logits, given["pad_id"], given["smoothing"])
        return loss, loss

    return _walk(learn)


def _wrong_step(clip, raw=False):
    """A step whose gradients are treated otherwise."""

    def answer(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
        with tf.GradientTape() as tape:
            loss = masked_loss(labels, model((source_ids, target_inputs), training=True), model.pad_id, label_smoothing)
        gradients = tape.gradient(loss, model.trainable_variables)
        gradients = gradients if raw else [tf.convert_to_tensor(g) for g in gradients]
        optimizer.apply_gradients(zip(clip(gradients), model.trainable_variables, strict=True))
        return loss

    return answer


def _softmaxed(model, source_ids, target_inputs, labels, label_smoothing):
    p = tf.nn.softmax(model((source_ids, target_inputs), training=True))
    loss = masked_loss(labels, p, model.pad_id, label_smoothing)
    return loss, loss


def _right(model, source_ids, target_inputs, labels, label_smoothing):
    loss = masked_loss(labels, model((source_ids, target_inputs), training=True), model.pad_id, label_smoothing)
    return loss, loss


def _only_looked(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    return _right(model, source_ids, target_inputs, labels, label_smoothing)[0]


def _loss_after(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    train_step(model, optimizer, source_ids, target_inputs, labels, label_smoothing)
    return _right(model, source_ids, target_inputs, labels, label_smoothing)[0]


def _gradients_back(model, optimizer, *args, **options):
    loss = train_step(model, optimizer, *args, **options)
    return loss, tf.constant(1.0)


def _head_only(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        loss, _ = _right(model, source_ids, target_inputs, labels, label_smoothing)
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, model.trainable_variables)]
    gradients = tf.clip_by_global_norm(gradients, CLIP_NORM)[0]
    optimizer.apply_gradients(
        [(g if n >= 2 else 0 * g, v) for n, (g, v) in enumerate(zip(gradients, model.trainable_variables, strict=True))]
    )
    return loss


def _outside(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    loss, _ = _right(model, source_ids, target_inputs, labels, label_smoothing)
    with tf.GradientTape() as tape:
        pass
    _apply(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


def _as_number(model, optimizer, *args, **options):
    return float(train_step(model, optimizer, *args, **options))


register(
    Exercise(
        name="train_step",
        notebook="08_training_a_translator",
        reference=train_step,
        properties=(
            Property(
                "every weight goes a step downhill, and the loss comes back",
                3,
                lambda rng: [
                    case(*_ids(rng, 1, 2, 2, 4), V=4, label_smoothing=0.0, seed=1),
                    case(*_ids(rng, 2, 3, 4, 5), label_smoothing=0.0, seed=2),
                    case(*_ids(rng, 3, 5, 2, 6), V=6, label_smoothing=0.0, seed=3),
                ],
                run=_stepped,
            ),
            Property(
                "dropout is on: the model is told that it is training",
                1,
                lambda rng: [case(*_ids(rng, 2, 3, 4, 5), moody=True, label_smoothing=0.0, seed=4)],
                run=_stepped,
            ),
            Property(
                "the model's padding and the label smoothing reach the loss",
                1,
                lambda rng: [
                    case(*_ids(rng, 2, 3, 4, 5, pad_id=2), pad_id=2, label_smoothing=0.0, seed=5),
                    case(*_ids(rng, 2, 3, 4, 5), label_smoothing=0.3, seed=6),
                    case(*_ids(rng, 3, 2, 5, 5, pad_id=3), pad_id=3, label_smoothing=0.2, seed=7),
                ],
                run=_stepped,
            ),
            Property(
                "a gradient longer than 1 is shortened to 1, all of it by one factor",
                2,
                lambda rng: [
                    case(*_ids(rng, 2, 3, 4, 5), label_smoothing=0.0, scale=3.0, seed=8),
                    case(*_ids(rng, 2, 7, 6, 5), label_smoothing=0.0, scale=2.0, seed=9),
                    case(*_ids(rng, 4, 5, 3, 6), V=6, scale=4.0, seed=10),
                ],
                run=_stepped,
            ),
            Property(
                "inside tf.function",
                1,
                lambda rng: [case(*_ids(rng, 2, 3, 4, 5), seed=11, compiled=True)],
                run=_stepped,
            ),
        ),
        mistakes=(
            Mistake(
                "it works number by number, but not compiled: float(…), .numpy() and print need a value, and inside "
                "tf.function there is none yet. Give the tensor back",
                _as_number,
            ),
            Mistake(
                "the tape saw nothing: the model and the loss must be called inside the `with`",
                _outside,
            ),
            Mistake("no weight has moved: the optimizer must apply the gradients", _only_looked),
            Mistake("the loss from after the step came back: return the one the step was made for", _loss_after),
            Mistake("two results came back: the loss alone is asked for", _gradients_back),
            Mistake(
                "uphill: the gradients' sign is turned around",
                _wrong_step(lambda gs: [-g for g in tf.clip_by_global_norm(gs, CLIP_NORM)[0]]),
            ),
            Mistake("two steps were made: one is asked for", _walk(_right, twice=True)),
            Mistake(
                "only some of the weights move: all trainable variables must, the embeddings too",
                _head_only,
            ),
            Mistake("dropout is off: pass training=True to the model", _wrong_loss(training=False)),
            Mistake("dropout is off: pass training=True to the model", _wrong_loss(training=None)),
            Mistake(
                "the decoder reads the labels, which are the answer: it reads target_inputs",
                _wrong_loss(inputs="labels"),
            ),
            Mistake(
                "the loss compares with what the decoder has read: compare with labels, one word further on",
                _wrong_loss(labels="inputs"),
            ),
            Mistake(
                "source and target have changed places: the model takes (source_ids, target_inputs)",
                _wrong_loss(source="inputs", inputs="source"),
            ),
            Mistake("the encoder reads the target: it reads source_ids", _wrong_loss(source="inputs")),
            Mistake("two softmaxes: masked_loss takes the logits as they are", _walk(_softmaxed)),
            Mistake("`label_smoothing` does not reach the loss", _wrong_loss(smoothing=0.0)),
            Mistake("0.1 is taken for `label_smoothing`, whatever was passed", _wrong_loss(smoothing=0.1)),
            Mistake("the model's pad_id does not reach the loss", _wrong_loss(pad_id=0)),
            Mistake(
                "neither pad_id nor label_smoothing reaches the loss",
                _wrong_loss(pad_id=0, smoothing=0.0),
            ),
            Mistake("nothing is shortened: tf.clip_by_global_norm(gradients, CLIP_NORM)", _wrong_step(lambda gs: gs)),
            Mistake(
                "each gradient is shortened by itself, so the direction changes: one factor for all together",
                _wrong_step(lambda gs: [tf.clip_by_norm(g, CLIP_NORM) for g in gs]),
            ),
            Mistake(
                "numbers are cut off one by one, so the direction changes: one factor for all together",
                _wrong_step(lambda gs: [tf.clip_by_value(g, -CLIP_NORM, CLIP_NORM) for g in gs]),
            ),
            Mistake(
                "short gradients are lengthened to 1: shorten only what is longer",
                _wrong_step(lambda gs: [g * CLIP_NORM / tf.linalg.global_norm(gs) for g in gs]),
            ),
            Mistake(
                "an embedding's gradient lies in rows, one each time a word occurs, and was measured so: "
                "tf.convert_to_tensor adds up what belongs to one word",
                _wrong_step(lambda gs: tf.clip_by_global_norm(gs, CLIP_NORM)[0], raw=True),
            ),
        ),
        hints=(
            "Four stations: predict, compare, ask for the slope, go. The first two happen while a tape records.",
            "model((source_ids, target_inputs), training=True) gives logits; masked_loss also wants model.pad_id and "
            "label_smoothing; tape.gradient(loss, model.trainable_variables) gives one gradient a weight.",
            "tf.convert_to_tensor each gradient; tf.clip_by_global_norm(gradients, CLIP_NORM) returns a pair, of which "
            "the first counts; optimizer.apply_gradients takes pairs (gradient, variable).",
        ),
    )
)
