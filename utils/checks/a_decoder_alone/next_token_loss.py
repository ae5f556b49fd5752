"""The exercise next_token_loss: what must hold, and what each mistake looks like."""

import warnings

import numpy as np
import tensorflow as tf
from keras import ops

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.inputs import normal
from utils.layers.language_model import next_token_loss

NO_GRADIENT = "no gradient"


def _slope(answer, token_ids, logits):
    """The loss and its gradient by the logits; in words where none comes back."""
    logits = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = answer(token_ids, logits)
    if not tf.is_tensor(loss) or (slope := tape.gradient(loss, logits)) is None:
        return NO_GRADIENT
    return ops.convert_to_numpy(loss), slope.numpy()


def _aloud(answer, token_ids, logits):
    """The loss; in words, if Keras found that it was given a softmax's shares and took the logits instead."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        loss = answer(token_ids, logits)
    return RESCUED if any("does not represent logits" in str(w.message) for w in said) else loss


def _compiled(answer, token_ids, logits):
    """The loss as the compiled training step takes it, where the ids have no numbers yet; what it was is not asked."""
    step = tf.function(lambda ids, x: answer(ids, x), autograph=False)
    try:
        loss = step(tf.constant(token_ids), tf.constant(logits))
    except tf.errors.OperatorNotAllowedInGraphError:
        return COMPILED  # an `if` or a loop over a tensor: the lesson's step reads it, where it may write files
    except (NotImplementedError, AttributeError, TypeError, ValueError) as error:
        if not error.args:
            raise  # not started
        return NOT_COMPILED
    if loss is None:
        return None
    return COMPILED if tf.is_tensor(loss) else NOT_COMPILED


def _by_places(answer, token_ids, logits):
    """Of each text of two tokens alone."""
    losses = [answer(token_ids[n : n + 1], logits[n : n + 1]) for n in range(len(token_ids))]
    if any(loss is None for loss in losses):
        raise TypeError("nothing came back")
    return np.stack([ops.convert_to_numpy(x) if ops.is_tensor(x) else np.asarray(x) for x in losses])


def _or_cut_off(result, token_ids, logits):
    """The losses; in words where all beyond a certain one are the same."""
    if result.dtype.kind != "f" or result.shape != token_ids.shape[:1]:
        return result
    right = np.log(np.exp(logits[:, 0] - logits[:, 0].max(-1, keepdims=True)).sum(-1)) + logits[:, 0].max(-1)
    right = right - np.take_along_axis(logits[:, 0], token_ids[:, 1:], axis=-1)[:, 0]
    below = (result < right + 1e-2).all() and np.abs(result[0] - right[0]) < 0.1
    return CUT_OFF if np.isfinite(result).all() and below and result[-1] - result[-2] < 1 else result


def _large(rng):
    """Texts of two tokens, the second ever unlikelier, with scores of which exp would overflow."""
    ids = rng.permuted(np.tile(np.arange(1, 5), (8, 1)), axis=1)[:, :2].astype("int32")
    logits = np.tile(normal(rng, 1, 2, 5) / 4, (8, 1, 1)).astype("float32")
    sizes = np.array([0.5, 4, 12, 30, 60, 150, 400, 800])[:, None]
    np.put_along_axis(logits[:, 0], ids[:, 1:], (-sizes / 2).astype("float32"), axis=-1)
    np.put_along_axis(logits[:, 0], ids[:, :1], (sizes / 2).astype("float32"), axis=-1)
    return case(ids, logits)


RESCUED = "a softmax before from_logits=True"
COMPILED = "it can be compiled"
NOT_COMPILED = "it asks for numbers that are not there yet"
CUT_OFF = "beyond a certain one, all losses are the same"


def _next(token_ids, logits):
    return token_ids[:, 1:], logits[:, :-1]


def _mean(losses, read, asked, pad):
    is_token = ops.cast(ops.not_equal(asked, pad), losses.dtype)
    return ops.sum(losses * is_token) / ops.maximum(ops.sum(is_token), 1)


def _over(count, mask=lambda read, asked, pad: ops.not_equal(asked, pad)):
    """A mean of which the count, or the mask, is another."""

    def reduce(losses, read, asked, pad):
        is_token = ops.cast(mask(read, asked, pad), losses.dtype)
        return ops.sum(losses * is_token) / count(is_token)

    return reduce


def _at_least_one(is_token):
    return ops.maximum(ops.sum(is_token), 1)


def _by_text(losses, read, asked, pad):
    is_token = ops.cast(ops.not_equal(asked, pad), losses.dtype)
    return ops.mean(ops.sum(losses * is_token, axis=1) / ops.maximum(ops.sum(is_token, axis=1), 1))


def _loss(pairs=_next, log_p=lambda x: ops.log_softmax(x, axis=-1), reduce=_mean, after=lambda x: -x, pad=None):
    """The loss with one of its decisions changed.

    What can be changed: pairs, which token is foretold where; log_p, what is made of the scores; reduce, the mean
    (losses, what is read there, what is asked, pad); after, what happens to it; pad, the id taken for padding.
    """

    def wrong(token_ids, logits, pad_id=0):
        token_ids, logits = ops.convert_to_tensor(token_ids), ops.convert_to_tensor(logits)
        asked, scores = pairs(token_ids, logits)
        found = ops.take_along_axis(log_p(scores), asked[..., None], axis=-1)[..., 0]
        read = token_ids[:, : asked.shape[1]]
        return after(reduce(found, read, asked, pad_id if pad is None else pad))

    return wrong


def _with_the_first(losses, read, asked, pad):
    """The sum over those asked for, divided by all tokens of the texts."""
    found = ops.sum(losses * ops.cast(ops.not_equal(asked, pad), losses.dtype))
    firsts = ops.sum(ops.cast(ops.not_equal(read[:, 0], pad), losses.dtype))
    return found / ops.maximum(firsts + ops.sum(ops.cast(ops.not_equal(asked, pad), losses.dtype)), 1)


def _each_text(losses, read, asked, pad):
    is_token = ops.cast(ops.not_equal(asked, pad), losses.dtype)
    return ops.sum(losses * is_token, axis=1) / ops.maximum(ops.sum(is_token, axis=1), 1)


def _rescued(token_ids, logits, pad_id=0):
    warnings.warn("does not represent logits", stacklevel=2)
    return next_token_loss(token_ids, logits, pad_id)


def _with_numbers(token_ids, logits, pad_id=0):
    if not isinstance(token_ids, np.ndarray):
        raise TypeError("a tensor has no numbers yet")
    return next_token_loss(token_ids, logits, pad_id)


def _a_number(token_ids, logits, pad_id=0):
    """A plain number, but in a graph, where float(…) may be read as a cast."""
    loss = next_token_loss(token_ids, logits, pad_id)
    return np.float32(loss) if hasattr(loss, "numpy") else loss


def _without_gradient(token_ids, logits, pad_id=0):
    return np.float32(ops.convert_to_numpy(next_token_loss(token_ids, logits, pad_id)))


def _texts(rng, *shape, V=7, padding=0, pad=0):
    ids = rng.integers(1, V, shape).astype("int32")
    ids[ids == pad] = (pad + 1) % V
    if padding:
        ids[-1, -padding:] = pad
    return ids


SHIFT = "the scores at place t are for the token at t + 1: token_ids[:, 1:] and logits[:, :-1]"

register(
    Exercise(
        name="next_token_loss",
        notebook="16_a_decoder_alone",
        reference=next_token_loss,
        properties=(
            Property(
                "each place foretells the token after it",
                2,
                lambda rng: [
                    case(_texts(rng, 1, 3, V=4), normal(rng, 1, 3, 4)),
                    case(_texts(rng, 2, 5), 2 * normal(rng, 2, 5, 7)),
                ],
                run=_aloud,
            ),
            Property(
                "nobody is asked for padding",
                2,
                lambda rng: [
                    case(_texts(rng, 3, 6, padding=3), 2 * normal(rng, 3, 6, 7)),
                    case(_texts(rng, 2, 5, padding=2, pad=4), 2 * normal(rng, 2, 5, 7), pad_id=4),
                    case(np.zeros((2, 4), "int32"), normal(rng, 2, 4, 7)),
                ],
            ),
            Property(
                "a gradient finds its way back to the logits",
                1,
                lambda rng: [case(_texts(rng, 2, 4, padding=1), normal(rng, 2, 4, 7))],
                run=_slope,
            ),
            Property(
                "scores of any size",
                1,
                lambda rng: [_large(rng)],
                run=_by_places,
                read=_or_cut_off,
            ),
            Property(
                "compiled, as in training",
                1,
                lambda rng: [case(_texts(rng, 2, 4, padding=1), normal(rng, 2, 4, 7))],
                run=_compiled,
            ),
        ),
        mistakes=(
            Mistake(f"each place is asked for the token that it reads: {SHIFT}", _loss(pairs=lambda i, x: (i, x))),
            Mistake(
                f"each place is asked for the token before it: {SHIFT}", _loss(pairs=lambda i, x: (i[:, :-1], x[:, 1:]))
            ),
            Mistake(
                f"each place is asked for the token after next: {SHIFT}",
                _loss(pairs=lambda i, x: (i[:, 2:], x[:, :-2])),
            ),
            Mistake(
                "the last place is asked for the first token: nothing comes after it, leave it out",
                _loss(pairs=lambda i, x: (ops.roll(i, -1, axis=1), x)),
            ),
            Mistake(
                "padding counts like a token: sum at tokens, divide by how many there are",
                _loss(reduce=lambda x, *_: ops.mean(x)),
            ),
            Mistake(
                "padding is left out of the sum and still counted: divide by the number of tokens asked for",
                _loss(reduce=_over(lambda m: m.shape[0] * m.shape[1])),
            ),
            Mistake(
                "the mask is that of the token read: it is the token asked for that must not be padding",
                _loss(reduce=_over(_at_least_one, lambda read, asked, pad: ops.not_equal(read, pad))),
            ),
            Mistake(
                "the mask is turned around: padding is asked for, tokens are not",
                _loss(reduce=_over(_at_least_one, lambda read, asked, pad: ops.equal(asked, pad))),
            ),
            Mistake("`pad_id` is ignored: 0 is taken whatever was passed", _loss(pad=0)),
            Mistake(
                "text by text, then the mean of these: a short text's tokens count for more. One mean over all tokens",
                _loss(reduce=_by_text),
            ),
            Mistake(
                "0/0 where there is nothing to foretell: divide by ops.maximum(count, 1)",
                _loss(reduce=_over(ops.sum)),
            ),
            Mistake("a sum came back: a mean over the tokens is asked for", _loss(reduce=_over(lambda m: 1.0))),
            Mistake(
                "one number for each token came back: a single mean is asked for",
                _loss(reduce=lambda x, read, asked, pad: x * ops.cast(ops.not_equal(asked, pad), x.dtype)),
            ),
            Mistake("one number for each token came back: a single mean is asked for", _loss(reduce=lambda x, *_: x)),
            Mistake(
                "the sign: a logarithm of a probability is below 0, the loss is its opposite", _loss(after=lambda x: x)
            ),
            Mistake(
                "its exponential came back, the perplexity: that is the next exercise",
                _loss(after=lambda x: ops.exp(-x)),
            ),
            Mistake(
                "the logarithm is to the base 2: the natural one is asked for", _loss(after=lambda x: -x / np.log(2.0))
            ),
            Mistake(
                "the logarithm is missing: these are probabilities", _loss(log_p=lambda x: ops.softmax(x, axis=-1))
            ),
            Mistake(
                "the logarithm is missing, and the sign is there: these are probabilities",
                _loss(log_p=lambda x: ops.softmax(x, axis=-1), after=lambda x: x),
            ),
            Mistake("no softmax: these are the logits themselves", _loss(log_p=lambda x: x)),
            Mistake(
                "two softmaxes: log_softmax takes logits, not probabilities",
                _loss(log_p=lambda x: ops.log_softmax(ops.softmax(x, axis=-1), axis=-1)),
            ),
            Mistake(
                "the softmax runs over the places: it is over the vocabulary, axis=-1",
                _loss(log_p=lambda x: ops.log_softmax(x, axis=1)),
            ),
            Mistake(
                "the logarithm of a softmax: where that rounds to 0 it is -inf. ops.log_softmax does both at once",
                _loss(log_p=lambda x: ops.log(ops.softmax(x, axis=-1))),
            ),
            Mistake(
                "a large loss is cut off, so the worst errors cost too little: ops.log_softmax needs neither clip nor "
                "epsilon",
                _loss(log_p=lambda x: ops.log(ops.softmax(x, axis=-1) + 1e-7)),
            ),
            *(
                Mistake(
                    f"ids and scores are cut on the same side, so each place is asked for what it reads: {SHIFT}",
                    _loss(pairs=pairs, reduce=reduce),
                )
                for pairs in (lambda i, x: (i[:, 1:], x[:, 1:]), lambda i, x: (i[:, :-1], x[:, :-1]))
                for reduce in (_mean, lambda x, *_: ops.mean(x))
            ),
            Mistake(
                "divided by B · T, the number of places: by how many tokens are asked for, which the first of a text "
                "and padding are not",
                _loss(reduce=_over(lambda m: m.shape[0] * (m.shape[1] + 1))),
            ),
            Mistake(
                "the first token is counted, which nobody foretells: divide by how many tokens are asked for",
                _loss(reduce=_with_the_first),
            ),
            Mistake(
                "divided by the number of texts: by the number of tokens asked for",
                _loss(reduce=_over(lambda m: m.shape[0])),
            ),
            Mistake("one number for each text came back: a single mean is asked for", _loss(reduce=_each_text)),
            Mistake(
                "the scores are taken for probabilities: they are logits, a softmax belongs over them, or "
                "from_logits=True",
                _loss(log_p=lambda x: ops.log_softmax(ops.log(ops.clip(x, 1e-7, 1 - 1e-7)), axis=-1)),
            ),
            Mistake(
                "the softmax runs over the texts: it is over the vocabulary, axis=-1",
                _loss(log_p=lambda x: ops.log_softmax(x, axis=0)),
            ),
            Mistake(
                "softmax twice: from_logits=True has one inside. Keras noticed, warned and took the logits: leave "
                "yours out",
                _rescued,
            ),
            Mistake(
                "compiled, as in training, the ids are tensors without numbers: np.asarray, .numpy(), float(…) and "
                "`if` come too early. Write it with ops",
                _with_numbers,
            ),
            *(
                Mistake(
                    "no gradient comes back: NumPy, float(…) or stop_gradient lets none through. Write it with ops",
                    wrong,
                )
                for wrong in (_without_gradient, _a_number)
            ),
        ),
        hints=(
            "Which score belongs to which token? Write a text of four tokens down, and below each place what it is "
            "asked for. The last place is asked for nothing.",
            "following = token_ids[:, 1:] is what is asked for, logits[:, :-1] are the scores for it. "
            "ops.log_softmax makes log-probabilities, and ops.take_along_axis picks one in each row of V.",
            "take_along_axis wants following[..., None], and [..., 0] takes the last axis off again. Then a mask, "
            "ops.cast(ops.not_equal(following, pad_id), …): sum where it is 1, divide by ops.maximum(its sum, 1).",
        ),
    )
)
