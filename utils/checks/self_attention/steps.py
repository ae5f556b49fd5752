"""Attention in NumPy, some of its steps replaced: the known mistakes of scaled_dot_product_attention are made of it."""

import keras
import numpy as np

from utils.checks.self_attention.shared import root_of
from utils.checks.why_attention.softmax import softmax


def flip(x):
    """The last two axes swapped."""
    return np.swapaxes(x, -1, -2)


def scores_of(q, k, v):
    """Scores, divided by √K."""
    return q @ flip(k) / root_of(k.shape[-1])


def fitted(mask, scores):
    """A mask with an axis for the heads where there are heads."""
    return mask[:, None] if mask.ndim == 3 and scores.ndim == 4 else mask


def hidden(scores, mask):
    """Scores that are not to be seen, made very low."""
    return np.where(fitted(mask, scores), scores, -1e30)


def cleared(weights, mask):
    """Weights that the mask forbids, set to 0."""
    return np.where(fitted(mask, weights), weights, 0.0)


def unchanged(x, mask):
    """A step that is left out."""
    return x


def attention(scores=scores_of, hide=hidden, shares=softmax, clear=cleared, pool=lambda w, v, q, k: w @ v):
    """The function with some of its steps replaced."""

    def answer(q, k, v, mask=None):
        s = scores(q, k, v)
        weights = shares(s if mask is None else hide(s, mask))
        weights = weights if mask is None else clear(weights, mask)
        return pool(weights, v, q, k), weights

    return answer


def scaled_by(factor):
    """Attention whose products are multiplied by another factor."""
    return attention(lambda q, k, v: q @ flip(k) * factor(q, k, v))


def changed(change):
    """The right results, changed at the end."""

    def answer(q, k, v, mask=None):
        output, weights = attention()(q, k, v, mask)
        return change(output, weights, root_of(k.shape[-1]))

    return answer


def along(axis):
    """Attention whose softmax runs along another axis."""
    return attention(shares=lambda s: softmax(s, axis=axis))


def twice(scores):
    """The softmax of the softmax."""
    return softmax(softmax(scores))


def scores_returned(q, k, v, mask=None):
    """The right output, and scores beside it."""
    return attention()(q, k, v, mask)[0], scores_of(q, k, v)


def lengths(x):
    """The length of each vector."""
    return np.linalg.norm(x, axis=-1, keepdims=True)


def below_diagonal(q, k, v):
    """Scores without those of later words."""
    return np.where(np.tril(np.ones((q.shape[-2], k.shape[-2]), bool)), scores_of(q, k, v), -1e30)


def off_diagonal(q, k, v):
    """Scores without those of words with themselves."""
    return np.where(np.eye(q.shape[-2], k.shape[-2], dtype=bool), -1e30, scores_of(q, k, v))


def keys_as_rows(q, k, v, mask=None):
    """The keys ask."""
    weights = softmax(flip(scores_of(q, k, v)))
    return weights @ v, weights


def dots(q, k, v, mask=None):
    """By np.dot, which crosses sentences."""
    weights = softmax(np.dot(q, flip(k)) / root_of(k.shape[-1]))
    return np.dot(weights, v), weights


def with_ops(ops, turned=lambda ops, k: ops.swapaxes(k, -1, -2), read=lambda ops, w: w):
    """With the keys turned, or the weights read, in another way, by NumPy or by Keras: they raise different errors."""

    def answer(q, k, v, mask=None):
        weights = keras.ops.softmax(ops.matmul(q, turned(ops, k)) / root_of(k.shape[-1]))
        return ops.matmul(read(ops, weights), v), weights

    return answer


def values_asked(ops, values=lambda k, v: v):
    """The query compared with the values; then these are summed, or others."""

    def answer(q, k, v, mask=None):
        weights = keras.ops.softmax(ops.matmul(q, ops.swapaxes(v, -1, -2)) / root_of(k.shape[-1]))
        return ops.matmul(weights, values(k, v)), weights

    return answer


def reshaped(ops, k):
    """The keys cut anew instead of turned."""
    return ops.reshape(k, (*k.shape[:-2], k.shape[-1], k.shape[-2]))


def moved(size):
    """Adds a number to the scores that are not to be seen, in float32 as the learner's own would."""
    return lambda s, m: s + np.float32(size) * ~fitted(m, s)


def set_to(size):
    """Puts a number in the place of the scores that are not to be seen."""
    return lambda s, m: np.where(fitted(m, s), s, np.float32(size))


def shared_out_again(tiny, shares, least):
    """Shares of all keys; what the mask leaves of them is divided by its sum, and that by no less than `tiny`."""

    def clear(weights, mask):
        left = cleared(weights, mask)
        return left / least(left.sum(axis=-1, keepdims=True), tiny)

    return attention(hide=unchanged, shares=shares, clear=clear)


def values_hidden(q, k, v, mask=None):
    """The mask acts on the values alone."""
    weights = softmax(scores_of(q, k, v))
    return (weights if mask is None else cleared(weights, mask)) @ v, weights


def cleared_too_late(q, k, v, mask=None):
    """Weights cleared after the output was computed."""
    output, weights = attention(clear=unchanged)(q, k, v, mask)
    return output, weights if mask is None else cleared(weights, mask)


def uncleared_weights(q, k, v, mask=None):
    """The right output, beside weights that are not cleared."""
    return attention()(q, k, v, mask)[0], attention(clear=unchanged)(q, k, v, mask)[1]


def nan_in_the_weights(q, k, v, mask=None):
    """An output without NaN, beside weights with it."""
    output, weights = attention(hide=set_to(-np.inf), clear=unchanged)(q, k, v, mask)
    return np.nan_to_num(output), weights


def word_by_word(q, k, v, mask=None):
    """One query after the other."""
    if q.ndim > 2 or mask is not None:
        return attention()(q, k, v, mask)
    root = root_of(k.shape[-1])
    weights = np.stack([softmax(np.array([np.dot(one, other) for other in k]) / root) for one in q])
    return weights @ v, weights
