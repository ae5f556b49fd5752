"""The exercise masked_accuracy: what must hold, and what each mistake looks like."""

import numpy as np
import tensorflow as tf

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.training_a_translator.shared import (
    mean_of,
    nan_without_words,
    one_number,
    random_labels,
    random_logits,
    sentences_apart,
)
from utils.training.losses import masked_accuracy


def _guesses(rng, labels, V, share=0.5):
    """Logits that are right for some of the labels, padding among them."""
    logits = random_logits(rng, *labels.shape, V)
    if 0 not in labels:
        logits[..., 0] -= 20  # where there is no padding, none is guessed
    right = rng.random(labels.shape) < share
    right[0], right[-1, 0] = True, False
    return (logits + 9.0 * right[..., None] * np.eye(V)[labels]).astype("float32")


# The right word leads by a hair, with a probability far below one half; second in one place of four.
CLOSE = np.array([[[0.1, 0.3, 0.2, 0.0], [0.2, 0.1, 0.3, 0.1], [0.1, 0.2, 0.3, 0.4], [0.3, 0.2, 0.0, 0.1]]], "float32")

# Three right and four wrong; ids from 1 would make one right, the lowest scores two.
SEVEN = np.eye(4, dtype="float32")[[[1, 2, 3, 2, 1, 1, 3]]] - np.eye(4, dtype="float32")[[[0, 0, 0, 1, 0, 0, 1]]]


# As many places as words, so that an argmax over the wrong axis fits the labels; by places it gives 2, 3, 0, 1.
SQUARE = np.array([[[0, 3, 2, 7], [0, 9, 5, 1], [6, 0, 8, 4], [7, 0, 2, 3]]], "float32")


# Numbers whose exponential overflows, or vanishes.
FAR = np.array([[[0, 800, 1000, 5], [-900, -1000, -800, -2000]]], "float32")


def _many(rng):
    """More words and more kinds of words than 8 bits can count."""
    labels = random_labels(rng, 20, 16, 300)
    labels[:, 1] = 256
    return case(labels, _guesses(rng, labels, 300))


def _accuracy(guess=lambda logits: logits.argmax(-1), share=mean_of):
    """The accuracy with one of its parts replaced."""

    def answer(labels, logits, pad_id=0):
        labels = np.asarray(labels)
        return np.asarray(share((guess(np.asarray(logits)) == labels).astype("float64"), labels, pad_id))

    return answer


def _over_axis(axis):
    """The guess over another axis, in NumPy and in TensorFlow: where shapes do not fit, each has its own error."""

    def by_tensorflow(labels, logits, pad_id=0):
        right = tf.cast(tf.equal(tf.argmax(logits, axis=axis, output_type="int32"), labels), "float32")
        is_token = tf.cast(tf.not_equal(labels, pad_id), "float32")
        return tf.math.divide_no_nan(tf.reduce_sum(right * is_token), tf.reduce_sum(is_token))

    return _accuracy(lambda logits: logits.argmax(axis)), by_tensorflow


def _cut(part, of_logits=None):
    """The accuracy at a part of the positions."""

    def answer(labels, logits, pad_id=0):
        return _accuracy()(labels[:, part], logits[:, part if of_logits is None else of_logits], pad_id)

    return answer


def _exponentials(logits):
    """The softmax as the formula has it, without care for large numbers."""
    e = np.exp(logits)
    return e / e.sum(-1, keepdims=True)


def _in_8_bits(kind):
    """Ids that are kept in 8 bits."""

    def answer(labels, logits, pad_id=0):
        labels, guess = labels.astype(kind), np.asarray(logits).argmax(-1).astype(kind)
        return mean_of((guess == labels).astype("float64"), labels, pad_id)

    return answer


def _counted_in(kind):
    """Right ones and tokens counted in numbers that may be too small for it."""

    def share(right, labels, pad):
        n = (labels != pad).sum(dtype=kind)
        return (right * (labels != pad)).astype(kind).sum(dtype=kind) / float(n) if n else 0.0

    return _accuracy(share=share)


def _until_padding(right, labels, pad):
    counts = np.cumprod(labels != pad, axis=1)
    return (right * counts).sum() / max(counts.sum(), 1)


def _among_the_first(right, labels, pad):
    """As many places of each sentence as it has words, from the left."""
    counts = np.arange(labels.shape[1]) < (labels != pad).sum(1, keepdims=True)
    return (right * counts).sum() / max(counts.sum(), 1)


def _sentences_with_words(right, labels, pad):
    shares = [r[y != pad].mean() for r, y in zip(right, labels, strict=True) if (y != pad).any()]
    return np.mean(shares) if shares else 0.0


def _guesses_made_zero(labels, logits, pad_id=0):
    """Guesses at padding become 0, and are compared with the labels as they are."""
    is_token = labels != pad_id
    return (np.asarray(logits).argmax(-1) * is_token == labels).sum() / max(is_token.sum(), 1)


def _guesses_masked_too(labels, logits, pad_id=0):
    guess = np.asarray(logits).argmax(-1)
    counts = (labels != pad_id) & (guess != pad_id)
    return (guess == labels)[counts].mean() if counts.any() else np.float64(0)


def _guesses_masked_only(labels, logits, pad_id=0):
    guess = np.asarray(logits).argmax(-1)
    return mean_of((guess == labels).astype("float64"), guess, pad_id)


def _never_padding(labels, logits, pad_id=0):
    logits = np.array(logits)
    logits[..., pad_id] = -1e9
    return _accuracy()(labels, logits, pad_id)


def _probabilities(labels, logits):
    e = np.exp(logits - np.max(logits, axis=-1, keepdims=True))
    return np.take_along_axis(e / e.sum(-1, keepdims=True), labels[..., None], axis=-1)[..., 0]


def _above_one_half(labels, logits, pad_id=0):
    return mean_of((_probabilities(labels, logits) > 0.5).astype("float64"), labels, pad_id)


def _mean_probability(labels, logits, pad_id=0):
    return mean_of(_probabilities(labels, logits), labels, pad_id)


def _each_kind_once(labels, logits, pad_id=0):
    guess = np.asarray(logits).argmax(-1)
    kinds = set(labels[labels != pad_id].tolist())
    return np.float64(len({k for k in kinds if (guess == k)[labels == k].any()}) / len(kinds) if kinds else 0.0)


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
                    case(np.array([[2, 1, 3, 3]], "int32"), SQUARE),
                    case(np.array([[1, 2, 3, 1]], "int32"), CLOSE),
                    case(labels := random_labels(rng, 2, 3, 5), _guesses(rng, labels, 5)),
                    case(labels := random_labels(rng, 3, 5, 4), _guesses(rng, labels, 4)),
                    case(np.array([[2, 2]], "int32"), FAR),
                    _many(rng),
                ],
                read=one_number,
                tolerance=1e-5,
            ),
            Property(
                "padding counts for nothing, guessed right or wrong",
                2,
                lambda rng: [
                    case(np.array([[1, 0]], "int32"), np.array([[[0, 3, 1], [3, 0, 1]]], "float32")),
                    case(np.array([[1, 0]], "int32"), np.array([[[3, 0, 1], [3, 0, 1]]], "float32")),
                    case(np.array([[2, 1, 1], [1, 0, 0]], "int32"), np.eye(3, dtype="float32")[[[2, 0, 1], [2, 0, 1]]]),
                    case(labels := random_labels(rng, 3, 6, 5, pad_id=0), _guesses(rng, labels, 5)),
                    case(np.array([[2, 1, 1], [0, 0, 0]], "int32"), np.eye(3, dtype="float32")[[[2, 1, 0], [0, 1, 0]]]),
                ],
                read=one_number,
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
                    case(np.array([[0, 3, 1, 3]], "int32"), np.eye(5, dtype="float32")[[[0, 3, 2, 1]]], pad_id=3),
                    case(labels := random_labels(rng, 3, 4, 6, pad_id=3), _guesses(rng, labels, 6), pad_id=3),
                ],
                read=one_number,
            ),
            Property(
                "nothing but padding: 0",
                1,
                lambda rng: [
                    case(np.zeros((1, 2), "int32"), np.eye(3, dtype="float32")[[[2, 1]]]),
                    case(np.array([[2, 1]], "int32"), np.eye(3, dtype="float32")[[[2, 1]]]),  # else 0 would do for all
                ],
                read=one_number,
            ),
        ),
        mistakes=(
            Mistake(
                "a batch of nothing but padding gives 1: nothing was said right there, so 0",
                _accuracy(
                    share=lambda right, labels, pad: mean_of(right, labels, pad) if (labels != pad).any() else 1.0
                ),
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
                _accuracy(share=sentences_apart),
            ),
            Mistake(
                "averaged sentence by sentence, so words of short sentences weigh more: one mean over all tokens",
                _accuracy(share=_sentences_with_words),
            ),
            Mistake(
                "whole sentences are counted: a sentence with one wrong word is not all wrong here",
                _accuracy(share=_whole_sentences),
            ),
            Mistake(
                "right where its probability is above one half: right is what has the highest score, however low",
                _above_one_half,
            ),
            Mistake(
                "the mean probability of the right words: right or wrong is asked for, by the highest score",
                _mean_probability,
            ),
            Mistake("cut to a whole number: a share has decimals", _accuracy(share=lambda *a: np.trunc(mean_of(*a)))),
            *(
                Mistake(
                    "rounded: hand the share back as it is", _accuracy(share=lambda *a, n=n: np.round(mean_of(*a), n))
                )
                for n in (1, 2, 3, 4)
            ),
            Mistake(
                "exp overflows where scores are large: the highest score is the likeliest word's, and needs no softmax",
                _accuracy(lambda x: _exponentials(x).argmax(-1)),
            ),
            *(
                Mistake(
                    "kept in 8 bits, which end at 127 or 255: cast to int32 or float32",
                    wrong(kind),
                )
                for kind in ("int8", "uint8")
                for wrong in (_in_8_bits, _counted_in)
            ),
            *(
                Mistake(f"the {which} position is left out: every position counts that is no padding", _cut(part))
                for which, part in (("last", slice(None, -1)), ("first", slice(1, None)))
            ),
            Mistake(
                "labels and logits are moved against each other by a place: the logits at a position are for its own "
                "label",
                _cut(slice(1, None), slice(None, -1)),
            ),
            *(
                Mistake(
                    "padding is taken to stand at the end only: compare each label with pad_id, wherever it stands",
                    _accuracy(share=share),
                )
                for share in (_until_padding, _among_the_first)
            ),
            Mistake(
                "the number came back with axes around it: leave keepdims and brackets out",
                _accuracy(share=lambda *a: np.reshape(mean_of(*a), (1, 1))),
            ),
            Mistake(
                "a batch of nothing but padding gives None: nothing was said right there, so 0",
                lambda labels, logits, pad_id=0: (
                    masked_accuracy(labels, logits, pad_id) if (np.asarray(labels) != pad_id).any() else None
                ),
            ),
            Mistake("the share of wrong ones: turn it around", _accuracy(share=lambda r, *a: mean_of(1 - r, *a))),
            Mistake(
                "each kind of word counts once: every place counts, also where its word came before",
                _each_kind_once,
            ),
            Mistake("percent: a share from 0 to 1 is asked for", _accuracy(share=lambda *a: 100 * mean_of(*a))),
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
            Mistake(
                "guesses at padding become 0, which counts as right where padding's id is 0: multiply what is right "
                "by the mask, not the guesses",
                _guesses_made_zero,
            ),
            Mistake("padding may not be guessed: where it is, the guess is wrong, not replaced", _never_padding),
            *(
                Mistake("one value for each token came back: a single number is asked for", _accuracy(share=share))
                for share in (lambda right, labels, pad: right * (labels != pad), lambda right, *a: right)
            ),
            Mistake(
                "the words' own values came back, one by one: a single number, their mean, is asked for",
                _accuracy(share=lambda right, labels, pad: right[labels != pad]),
            ),
            Mistake(
                "one value for each sentence came back: a single number, over all tokens, is asked for",
                _accuracy(share=lambda right, labels, pad: (right * (labels != pad)).sum(1)),
            ),
            *(
                Mistake("the highest score is sought along the wrong axis: the words are on the last, axis=-1", wrong)
                for wrong in (*_over_axis(1), *_over_axis(0))
            ),
            Mistake(
                "the highest score of all was sought: each position has its own, axis=-1",
                _accuracy(lambda x: x.argmax()),
            ),
            Mistake(
                "padding counts as right: leave it out, of the right ones and of the number",
                _accuracy(share=lambda right, labels, pad: np.where(labels == pad, 1, right).mean()),
            ),
            Mistake(
                "padding counts as right, and is not in the number: leave it out of both",
                _accuracy(
                    share=lambda right, labels, pad: (
                        np.where(labels == pad, 1, right).sum() / max((labels != pad).sum(), 1)
                    )
                ),
            ),
            Mistake(
                "one is added to the number of tokens: 0/0 alone needs care, and tf.math.divide_no_nan takes it",
                _accuracy(
                    share=lambda right, labels, pad: (right * (labels != pad)).sum() / ((labels != pad).sum() + 1)
                ),
            ),
            *(
                Mistake(
                    f"divided by the {what}: divide by the number of tokens",
                    _accuracy(
                        share=lambda right, labels, pad, axis=axis: (right * (labels != pad)).sum() / labels.shape[axis]
                    ),
                )
                for axis, what in ((0, "number of sentences"), (1, "length T"))
            ),
            Mistake(
                "`pad_id` is ignored: 0 is taken whatever was passed",
                lambda labels, logits, pad_id=0: _accuracy()(labels, logits, 0),
            ),
            Mistake(
                "greater than `pad_id`: smaller ids are words as well",
                _accuracy(share=lambda right, labels, pad: mean_of(right, np.maximum(labels, pad), pad)),
            ),
            Mistake(
                "NaN for a batch of nothing but padding, 0/0: tf.math.divide_no_nan gives 0 there",
                _accuracy(share=nan_without_words),
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
