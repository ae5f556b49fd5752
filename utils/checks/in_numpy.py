"""The Transformer's parts in NumPy: the oracle of later lessons and, with a decision changed, each of their mistakes.

It is quick enough for fifty mistakes to be tried on an answer that failed. Weights come in the order in which the
library's layers list theirs.
"""

import functools
import math

import numpy as np

from utils.layers.positional_encoding import get_angles


def causal(T):
    """The look-ahead mask, (T, T) bool."""
    return np.tril(np.ones((T, T), bool))


class InvalidArgumentError(Exception):
    """Named after what TensorFlow raises where two arrays cannot be added."""


def added(a, b):
    """A + b; where their shapes do not fit, TensorFlow's error."""
    try:
        return a + b
    except ValueError as error:
        raise InvalidArgumentError from error


def softmax_of(scores):
    """The softmax over the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def attended(weights, query, value, mask, grow):
    """(output, scores) of multi-head attention with the eight weights."""
    w_q, b_q, w_k, b_k, w_v, b_v, w_o, b_o = weights
    q = np.einsum("btd,dhk->bhtk", query, w_q) + b_q[:, None]
    k, v = (np.einsum("bsd,dhk->bhsk", value, w) + b[:, None] for w, b in ((w_k, b_k), (w_v, b_v)))
    scores = q @ k.swapaxes(-1, -2) / math.sqrt(w_q.shape[-1])
    if mask is None:
        shares = softmax_of(scores)
    else:
        mask = mask[:, None] if mask.ndim == 3 else mask
        if any(m not in (1, s) for m, s in zip(mask.shape[::-1], scores.shape[::-1], strict=False)):
            raise ValueError("the mask does not fit")
        shares = np.where(mask, softmax_of(np.where(mask, scores, -1e9)), 0)
    return np.einsum("bhtk,hkd->btd", shares * grow @ v, w_o) + b_o, shares


def fed_forward(weights, x, grow):
    """The feed-forward with its four weights."""
    w, b, w_back, b_back = weights
    return (np.maximum(x @ w + b, 0) @ w_back + b_back) * grow


def normalised_by(weights, x):
    """The layer norm with its gamma and beta."""
    gamma, beta = weights
    return gamma * (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-6) + beta


@functools.lru_cache(maxsize=32)
def positions(length, D, start):
    """The encoding of `length` positions from `start` on, (length, D)."""
    angles = get_angles(np.arange(start, start + length)[:, None], np.arange(D)[None], D)
    return np.where(np.arange(D) % 2 == 0, np.sin(angles), np.cos(angles))


def padding(ids, pad_id):
    """The padding mask, (B, 1, 1, S) bool."""
    return (ids != pad_id)[:, None, None]


def own_mask(ids, pad_id):
    """What the decoder builds for itself: no later word, no padding; (B, 1, T, T) bool."""
    return causal(ids.shape[1]) & padding(ids, pad_id)


def cut(weights, *lengths):
    """A list of weights in pieces of these lengths; the last piece is what is left."""
    pieces, at = [], 0
    for length in lengths:
        pieces.append(weights[at : at + length])
        at += length
    return [*pieces, weights[at:]]


class InNumpy:
    """What is used like a class of the library: made with its arguments and with weights."""

    def __init__(self, weights, dropout_rate, norm="post", pad_id=0, **arguments):
        self.dropout_rate, self.norm, self.pad_id = dropout_rate, norm, pad_id
        self.D, self.num_layers = arguments["embedding_dim"], arguments.get("num_layers", 1)
        self.parts = self.split(weights)

    def grow(self, training):
        """What stands for dropout: half as much again in training."""
        return 1.5 if training and self.dropout_rate else 1.0
