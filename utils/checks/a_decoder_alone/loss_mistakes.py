"""What goes wrong in next_token_loss: the loss with one of its decisions changed."""

import warnings

import numpy as np
from keras import ops

from utils.checks.frame import Mistake
from utils.layers.language_model import check_text, next_token_loss


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
        token_ids, logits = check_text(token_ids, logits)
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


def _by_hand(x, largest):
    """The log-softmax, written out, once the largest is taken off, or what is taken for it."""
    x = x - largest(x)
    return x - ops.log(ops.sum(ops.exp(x), axis=-1, keepdims=True))


def _mended(mend):
    """0/0 where there is nothing to foretell, and then mended: a gradient goes through both."""

    def reduce(losses, read, asked, pad):
        is_token = ops.cast(ops.not_equal(asked, pad), losses.dtype)
        count = ops.sum(is_token)
        return mend(ops.sum(losses * is_token) / count, count)

    return reduce


def _zero_for_nan(mean, count):
    return ops.where(ops.isnan(mean), 0.0, mean)


def _without_nan(token_ids, logits, pad_id=0):
    return ops.nan_to_num(next_token_loss(token_ids, logits, pad_id))


SHIFT = "the scores at place t are for the token at t + 1: token_ids[:, 1:] and logits[:, :-1]"

MISTAKES = (
    Mistake(f"each place is asked for the token that it reads: {SHIFT}", _loss(pairs=lambda i, x: (i, x))),
    Mistake(f"each place is asked for the token before it: {SHIFT}", _loss(pairs=lambda i, x: (i[:, :-1], x[:, 1:]))),
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
        "0 is left out besides, though another id is padding: only `pad_id` is",
        _loss(
            reduce=_over(
                _at_least_one,
                lambda read, asked, pad: ops.logical_and(ops.not_equal(asked, pad), ops.not_equal(asked, 0)),
            )
        ),
    ),
    Mistake(
        "all ids up to `pad_id` are left out: only `pad_id` itself is padding, ops.not_equal",
        _loss(reduce=_over(_at_least_one, lambda read, asked, pad: ops.greater(asked, pad))),
    ),
    Mistake(
        "one too many is counted: divide by how many tokens are asked for, by 1 only where there are none",
        _loss(reduce=_over(lambda m: ops.sum(m) + 1)),
    ),
    Mistake(
        "one too few is counted: divide by how many tokens are asked for",
        _loss(reduce=_over(lambda m: ops.maximum(ops.sum(m) - 1, 1))),
    ),
    *(
        Mistake(
            "the gradient is NaN where there is nothing to foretell: 0/0 was mended once it had happened. "
            "Divide by ops.maximum(count, 1)",
            _loss(reduce=_mended(mend)),
        )
        for mend in (
            lambda mean, count: ops.where(count > 0, mean, 0.0),
            _zero_for_nan,
        )
    ),
    Mistake(
        "NaN becomes a loss of 0, and a network that has broken would look perfect: leave NaN, and divide by "
        "ops.maximum(count, 1)",
        _without_nan,
    ),
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
    Mistake("the sign: a logarithm of a probability is below 0, the loss is its opposite", _loss(after=lambda x: x)),
    Mistake(
        "its exponential came back, the perplexity: that is the next exercise",
        _loss(after=lambda x: ops.exp(-x)),
    ),
    Mistake("the logarithm is to the base 2: the natural one is asked for", _loss(after=lambda x: -x / np.log(2.0))),
    Mistake("the logarithm is missing: these are probabilities", _loss(log_p=lambda x: ops.softmax(x, axis=-1))),
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
        "exp of a large score is infinite: take each place's largest off first. ops.log_softmax does",
        _loss(log_p=lambda x: _by_hand(x, ops.zeros_like)),
    ),
    Mistake(
        "the largest of all scores is taken off, and where all are far below it, exp rounds to 0: each place's "
        "own, axis=-1. ops.log_softmax does",
        _loss(log_p=lambda x: _by_hand(x, ops.max)),
    ),
    *(
        Mistake(
            "a large loss is cut off, so the worst errors cost too little: ops.log_softmax needs neither clip nor "
            "epsilon",
            _loss(log_p=log_p),
        )
        for log_p in (
            lambda x: ops.log(ops.softmax(x, axis=-1) + 1e-7),
            lambda x: ops.maximum(ops.log_softmax(x, axis=-1), -20.0),
        )
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
        "the scores are taken for probabilities: they are logits, a softmax belongs over them, or from_logits=True",
        _loss(log_p=lambda x: ops.log_softmax(ops.log(ops.clip(x, 1e-7, 1 - 1e-7)), axis=-1)),
    ),
    Mistake(
        "the softmax runs over the texts: it is over the vocabulary, axis=-1",
        _loss(log_p=lambda x: ops.log_softmax(x, axis=0)),
    ),
    Mistake(
        "softmax twice: from_logits=True has one inside. Keras noticed, warned and took the logits: leave yours out",
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
)
