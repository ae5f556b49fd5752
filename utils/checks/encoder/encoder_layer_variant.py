"""The encoder's layer in NumPy, right or with one of its decisions changed."""

import functools

import numpy as np

from utils.checks.in_numpy import ByChance, InvalidArgumentError, attended, cut, fed_forward, normalised_by
from utils.layers.encoder import EncoderLayer

HALVES = "attention", "feed_forward"
PLAIN = {"plain": 1e-6, "plain, Keras": 1e-3}  # norms without gamma and beta, and their epsilon


def encoder_layer_variant(
    order=HALVES,
    reads=lambda layer, half, x, first: x,
    asks=lambda normed, before: (normed, normed),
    mask_of=lambda mask, asked: mask,
    norm=lambda half, kind: half,
    when=lambda half, kind: (kind == "pre", kind == "post"),
    feed=lambda x, feed_forward: feed_forward(x),
    add=lambda half, before, normed, out, first: before + out,
    drop=lambda half, out, drop: drop(out) if half == "attention" else out,
    after=lambda half, x, drop: x,
    hears=lambda part, training: training,
    inner_norm=(),
    result=lambda x, scores, asked: (x, scores) if asked else x,
):
    """The encoder's layer with one of its decisions changed.

    What can be changed: order, of the halves; reads, what goes into a half; asks, the attention's (query, value);
    mask_of, its mask, where scores are asked for or not; norm, which belongs to a half, or None; when, (before the
    half, after the sum); feed, what the feed-forward does; add, the residual; drop, a half's dropout; after, what
    happens to the sum; hears, the `training` that a half gets, or the dropout between; inner_norm, with which norms
    what a half gives is normalised before the sum; result.
    """

    class Variant(ByChance):
        model_of = EncoderLayer

        def split(self, weights):
            names = ("attention", "attention_norm", "feed_forward", "feed_forward_norm")
            return dict(zip(names, cut(weights, 8, 2, 4), strict=True))

        def normalised(self, half, x):
            name = norm(half, self.norm)
            if name in PLAIN:
                return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + PLAIN[name])
            return x if name is None else normalised_by(self.parts[f"{name}_norm"], x)

        def __call__(self, x, attention_mask=None, training=None, return_attention_scores=False):
            first, scores = x, None
            lost, between = self.drop(hears("attention", training)), self.drop(hears("dropout", training))
            fed = functools.partial(
                fed_forward, self.parts["feed_forward"], drop=self.drop(hears("feed_forward", training))
            )
            for half in order:
                before, (pre, post), inner = x, when(half, self.norm), self.norm in inner_norm
                x = reads(self, half, x, first)
                x = normed = self.normalised(half, x) if pre else x
                if half == "attention":
                    query, value = asks(normed, before)
                    x, scores = attended(
                        self.parts[half], query, value, mask_of(attention_mask, return_attention_scores), lost
                    )
                else:
                    x = feed(x, fed)
                x = drop(half, x, between)
                x = self.normalised(half, x) if inner else x
                x = after(half, add(half, before, normed, x, first), between)
                x = self.normalised(half, x) if post and not inner else x
            return result(x, scores, return_attention_scores)

    return Variant


def without_residual(*halves):
    """No residual around these halves."""
    return lambda half, before, normed, out, first: out if half in halves else before + out


def norms(**names):
    """Other norms for these halves."""
    return lambda half, kind: names.get(half, half)


def sum_not_normalised(half, kind):
    """With post no norm between the halves."""
    return None if kind == "post" and half == "attention" else half


def normalised_sum(layer, half, x, first):
    """With post the feed-forward alone reads the normalised sum."""
    late = half == "feed_forward" and layer.norm == "post"
    return normalised_by(layer.parts["attention_norm"], x) if late else x


def as_key(mask, asked):
    """A mask that is taken for the key fits nowhere."""
    if mask is not None:
        raise InvalidArgumentError
