"""What the exercises of this lesson share."""

import numpy as np

from utils.checks.inputs import normal


def root_of(n):
    """√n as a float."""
    return float(np.sqrt(n))


def exponentials(scores):
    """Exp of the scores, safe from overflow."""
    return np.exp(scores - scores.max(axis=-1, keepdims=True))


def unstable(scores, dtype="float32"):
    """The softmax without the maximum taken out."""
    scores = scores.astype(dtype)  # exp of 88 is the last that float32 holds, of 709 that float64 does
    return np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)


def clipped(scores, limit):
    """The softmax of scores cut off at a limit."""
    return (
        exponentials(np.clip(scores, -limit, limit)) / exponentials(np.clip(scores, -limit, limit)).sum(-1)[..., None]
    )


def less(scores, other, dtype="float32"):
    """The softmax after another number than each row's largest is subtracted."""
    return unstable(scores.astype(dtype) - other(scores.astype(dtype)), dtype)


OTHERS = (  # than each row's largest score
    lambda s: s.mean(axis=-1, keepdims=True),
    lambda s: s.min(axis=-1, keepdims=True),
)


def best_only(scores):
    """All weight on the best score."""
    return np.eye(scores.shape[-1])[scores.argmax(axis=-1)]


def random_qkv(rng, *sizes, size=1.0, loud=False):
    """Random (q, k, v); `loud` makes the softmax overflow where it can, and key 0 win by far.

    Two scores of thousands that differ by less than 10 would not do: float32 rounds them by more than the shares bear.
    """
    *lead, T, S, K, Dv = sizes  # loud: key 1 has half of key 0's score, itself beyond exp: no clipping tells them apart
    q, k, v = size * normal(rng, *lead, T, K), normal(rng, *lead, S, K), normal(rng, *lead, S, Dv)
    if loud:
        q, k = 1000 * (1 + np.abs(q)), np.minimum(k, 0.9)
        k[..., 0, :], k[..., 1, :] = 1, 0.5
    return q, k, v


def some_cases(rng, *shape):
    """A mask (..., T, S): the first query may look everywhere, all others not at key 0, all of them at the last."""
    mask = rng.random(shape) < 0.5
    mask[..., 0] = False
    mask[..., -1] = True
    mask[..., 0, :] = True
    if mask.ndim == 3:  # no two sentences that follow each other have the same
        mask[::2, 1, 1], mask[1::2, 1, 1] = True, False
    return mask
