"""The Transformer's parts in NumPy: the oracle of several lessons and, with a step changed, each of their mistakes.

It is quick enough for fifty mistakes to be tried on an answer that failed. Weights come in the order in which the
library's layers list theirs. Where shapes do not fit, the errors have the names that TensorFlow's have.
"""

import functools
import math

import numpy as np

from utils.layers.positional_encoding import get_angles


class InvalidArgumentError(Exception):
    """Named after what TensorFlow raises where shapes do not fit."""


def fitting(operation, *arrays):
    """What NumPy makes of the arrays; where their shapes do not fit, TensorFlow's error."""
    try:
        return operation(*arrays)
    except ValueError as error:
        raise InvalidArgumentError from error


def added(a, b):
    """A + b."""
    return fitting(np.add, a, b)


def unchanged(x):
    """Stands for a step that does nothing."""
    return x


def grown(x):
    """Stands for dropout where numbers are compared: half as much again."""
    return x * 1.5


def lost_by_chance(rng, rate, x):
    """Dropout as it is: each number is lost with probability `rate`, and the others grow."""
    return np.where(rng.random(x.shape) < rate, 0, x / (1 - rate)).astype(x.dtype)


def causal(T):
    """The look-ahead mask, (T, T) bool."""
    return np.tril(np.ones((T, T), bool))


def padding(ids, pad_id):
    """The padding mask, (B, 1, 1, S) bool."""
    return (ids != pad_id)[:, None, None]


def own_mask(ids, pad_id):
    """What the decoder builds for itself: no later word, no padding; (B, 1, T, T) bool."""
    return causal(ids.shape[1]) & padding(ids, pad_id)


def softmax_of(scores, axis=-1):
    """The softmax over an axis, the last unless said otherwise."""
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True, initial=-np.inf))  # of nothing, nothing
    return powers / powers.sum(axis=axis, keepdims=True)


def with_heads(mask):
    """A mask (B, T, S) with an axis for the heads; others as they are."""
    return mask[:, None] if mask.ndim == 3 else mask


def fitted(mask, scores):
    """The mask, ready to be laid over the scores (B, H, T, S)."""
    mask = with_heads(mask)
    if any(m not in (1, s) for m, s in zip(mask.shape[::-1], scores.shape[::-1], strict=False)):
        raise ValueError("the mask does not fit")
    return mask


def hidden(scores, mask, axis=-1):
    """The softmax of scores, those under the mask hidden; a query that may look nowhere looks everywhere."""
    return softmax_of(scores if mask is None else np.where(fitted(mask, scores), scores, -1e9), axis)


def weighed(scores, mask):
    """The same, but a query that may look nowhere gets zeros, as in the library."""
    shares = hidden(scores, mask)
    return shares if mask is None else np.where(fitted(mask, scores), shares, 0)


def split_heads(x, num_heads):
    """Cuts the last axis into heads, (B, H, T, K)."""
    return x.reshape(*x.shape[:2], num_heads, x.shape[2] // num_heads).swapaxes(1, 2)


def merge_heads(x):
    """Puts the heads side by side again, (B, T, H·K)."""
    return x.swapaxes(1, 2).reshape(len(x), x.shape[2], x.shape[1] * x.shape[3])


def projected(x, kernel, bias):
    """X W + b, the kernel's three axes taken as the matrix they are; without a bias None."""
    x = fitting(np.matmul, x, fitting(np.reshape, kernel, (x.shape[-1], -1)))
    return x if bias is None else added(x, bias.reshape(-1))


class Projections:
    """The weights of multi-head attention: a kernel and a bias, or None, of query, key, value and output."""

    def __init__(self, weights):
        pairs = cut(weights, 2, 2, 2) if len(weights) == 8 else [(kernel, None) for kernel in weights]
        self.query, self.key, self.value, self.output = pairs
        self.num_heads, self.key_dim = self.query[0].shape[1:]
        self.value_dim = self.value[0].shape[2]


def weights_dropped(q, k, v, weigh, drop):
    """What the heads give, and their weights: dropout acts on the weights, those that come back are from before."""
    shares = weigh(q, k)
    return fitting(np.matmul, drop(shares), v), shares


def attended(
    weights,
    query,
    value,
    mask,
    drop,
    key=None,
    used=lambda w: (w.query, w.key, w.value),
    split=split_heads,
    scale=lambda w, query: math.sqrt(w.key_dim),
    weigh=weighed,
    attend=weights_dropped,
    merge=merge_heads,
    finish=lambda merged, w: projected(merged, *w.output),
):
    """(output, scores) of multi-head attention with its eight weights, or four without biases.

    What can be changed: used, the projections of query, key and value; split and merge; scale, what scores are
    divided by; weigh, from scores and mask to weights; attend, from q, k, v to heads and scores; finish, the last step.
    """
    w, key = Projections(weights), value if key is None else key
    three = zip((query, key, value), used(w), strict=True)
    q, k, v = (split(projected(x, *pair), w.num_heads) for x, pair in three)

    def weigh_two(q, k):
        return weigh(fitting(np.matmul, q, k.swapaxes(-1, -2)) / scale(w, query), mask)

    heads, scores = attend(q, k, v, weigh_two, drop)
    return finish(merge(heads), w), scores


def relu(x):
    """The usual bend."""
    return np.maximum(x, 0)


def fed_forward(weights, x, drop, bend=relu):
    """The feed-forward with its four weights."""
    w, b, w_back, b_back = weights
    return drop(bend(x @ w + b) @ w_back + b_back)


def normalised_by(weights, x):
    """The layer norm with its gamma and beta."""
    gamma, beta = weights
    return gamma * (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-6) + beta


@functools.lru_cache(maxsize=32)
def positions(length, D, start):
    """The encoding of `length` positions from `start` on, (length, D) float32."""
    angles = get_angles(np.arange(start, start + length)[:, None], np.arange(D)[None], D)
    return np.where(np.arange(D) % 2 == 0, np.sin(angles), np.cos(angles)).astype("float32")


def embedded(stack, ids, training, scale=math.sqrt, order=("scale", "positions", "dropout"), start=0):
    """Ids (B, T) as the first layer's input (B, T, D), in an encoder or a decoder."""
    x = stack.parts["embedding"][0][ids]
    for step in order:
        if step == "scale":
            x = x * scale(stack.D)
        elif step == "positions":
            x = x + positions(ids.shape[1], stack.D, start)
        else:
            x = stack.drop(training)(x)
    return x


def cut(weights, *lengths):
    """A list of weights in pieces of these lengths; the last piece is what is left."""
    pieces, at = [], 0
    for length in lengths:
        pieces.append(weights[at : at + length])
        at += length
    return [*pieces, weights[at:]]


class InNumpy:
    """What is used like a class of the library, `model_of`: made with its arguments and with weights."""

    def __init__(self, weights, dropout_rate=0.0, norm="post", pad_id=0, **arguments):
        self.dropout_rate, self.norm, self.pad_id = dropout_rate, norm, pad_id
        self.D, self.num_layers = arguments.get("embedding_dim"), arguments.get("num_layers", 1)
        self.parts = self.split(weights)

    def split(self, weights):
        """The weights by part."""
        return weights

    def drop(self, training):
        """What stands for dropout, a function of an array."""
        return grown if training and self.dropout_rate else unchanged


class ByChance(InNumpy):
    """The same with dropout as it is, for checks that say in words what it did."""

    def __init__(self, weights, **arguments):
        super().__init__(weights, **arguments)
        self.rng = np.random.default_rng(0)

    def drop(self, training):
        """What loses numbers by chance in training, a function of an array."""
        lost = functools.partial(lost_by_chance, self.rng, self.dropout_rate)
        return lost if training and self.dropout_rate else unchanged


@functools.lru_cache(maxsize=64)
def built(kind, shapes, arguments):
    """A layer of that class, built once for all cases: making one takes longer than using it."""
    layer = kind(**dict(arguments))
    layer.build(*shapes)
    return layer


def layer_with(kind, shapes, draw, **arguments):
    """A layer of a class, or what stands for one in NumPy, with the weights that `draw` makes of the layer's list."""
    layer = built(getattr(kind, "model_of", kind), shapes, tuple(arguments.items()))
    weights = draw(layer.weights)
    if hasattr(kind, "model_of"):
        return kind(weights, **arguments)
    for variable, weight in zip(layer.weights, weights, strict=True):
        variable.value.assign(weight, read_value=False)  # half of set_weights' time, and it is done for every case
    return layer
