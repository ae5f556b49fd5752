"""The exercise merge_heads: what must hold, and what each mistake looks like."""

import numpy as np
from keras import ops

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.inputs import normal
from utils.checks.multi_head_attention.shared import (
    SHAPE_OPEN,
    TOO_EARLY,
    batch_unknown,
    glue,
    head_count,
    lacking_numbers,
    leaving_axes_open,
)
from utils.layers.attention import merge_heads


def _size_wanted(x):
    B, H, T, K = x.shape
    return ops.reshape(ops.transpose(x, (0, 2, 1, 3)), (B, T, H * K))


def _overlapping(x):
    B, H, T, K = x.shape
    merged = np.zeros((B, T, H * K), x.dtype)
    for h in range(H):
        merged[..., h : h + K] = x[:, h]
    return merged


def _width_left_open(x):
    B, T = ops.shape(x)[0], ops.shape(x)[2]
    return ops.reshape(ops.transpose(x, (0, 2, 1, 3)), (B, T, -1))


register(
    Exercise(
        name="merge_heads",
        notebook="05_multi_head_attention",
        reference=merge_heads,
        properties=(
            Property(
                "one sentence: each word gets its heads side by side",
                2,
                lambda rng: [case(head_count(1, 2, 2, 2)), case(head_count(1, 2, 4, 3)), case(normal(rng, 1, 3, 5, 2))],
            ),
            Property(
                "a batch of sentences",
                1,
                lambda rng: [case(normal(rng, 2, 3, 5, 4)), case(normal(rng, 3, 2, 4, 5))],
            ),
            Property(
                "one head, and heads of one column",
                1,
                lambda rng: [case(normal(rng, 2, 1, 3, 4)), case(normal(rng, 2, 4, 3, 1))],
            ),
            Property(
                "also in a model that is being built, where B is not known yet",
                1,
                lambda rng: [case(normal(rng, 2, 4, 3, 2))],
                run=batch_unknown,
            ),
        ),
        mistakes=(
            Mistake(
                "the shape is right, the content is not: reshaped without swapping axes first, so that a word gets "
                "pieces of other words",
                glue((0, 1, 2, 3), lambda B, H, T, K: (B, T, H * K)),
            ),
            Mistake(
                "the heads are shuffled like cards: column 0 of every head, then column 1 … Each head's K columns "
                "stay together",
                glue((0, 2, 3, 1), lambda B, H, T, K: (B, T, H * K)),
            ),
            Mistake(
                "the last two axes were swapped, T and K: swap H and T, axes 1 and 2",
                glue((0, 1, 3, 2), lambda B, H, T, K: (B, T, H * K)),
            ),
            Mistake("the heads are averaged: put them side by side, H·K columns", lambda x: x.mean(axis=1)),
            Mistake("the heads are added up: put them side by side, H·K columns", lambda x: x.sum(axis=1)),
            Mistake(
                "the heads are put one below the other: T stays, the columns become H·K",
                glue((0, 1, 2, 3), lambda B, H, T, K: (B, H * T, K)),
            ),
            Mistake(
                "the axes are swapped, but H and K are still two: reshape to (B, T, H·K)",
                lambda x: x.transpose(0, 2, 1, 3),
            ),
            Mistake(
                "H and T are read off after the swap, where they have changed places: (B, T, H·K) is wanted",
                glue((0, 2, 1, 3), lambda B, H, T, K: (B, H, T * K)),
            ),
            Mistake(
                "the heads are stacked on an axis of their own: lay them side by side on the last, (B, T, H·K)",
                lambda x: x.transpose(0, 2, 3, 1),
            ),
            Mistake(
                "the heads have gone to the batch: they belong side by side on the last axis, (B, T, H·K)",
                lambda x: np.concatenate(list(x.swapaxes(0, 1))),
            ),
            Mistake(
                "an axis of length 1 is left where the heads were: (B, T, H·K) has three",
                lambda x: np.concatenate(np.split(x, x.shape[1], axis=1), axis=-1),
            ),
            Mistake(
                "the words have lost their axis: only H and K melt into one, (B, T, H·K)",
                glue((0, 2, 1, 3), lambda B, H, T, K: (B, T * H * K)),
            ),
            Mistake("the strips overlap: head h fills the columns from h·K to before (h + 1)·K", _overlapping),
            Mistake(
                "words and columns are swapped: the result is (B, T, H·K)",
                glue((0, 1, 3, 2), lambda B, H, T, K: (B, H * K, T)),
            ),
            Mistake(
                "batch and words ended up on one axis: keep three axes, (B, T, H·K)",
                glue((0, 2, 1, 3), lambda B, H, T, K: (B * T, H * K)),
            ),
            Mistake(
                "the heads stand in reverse order: head 0 comes first",
                lambda x: glue((0, 2, 1, 3), lambda B, H, T, K: (B, T, H * K))(x[:, ::-1]),
            ),
            Mistake(
                "while a model is being built the batch has no size yet, x.shape[0] is None: write -1 for B in the "
                "reshape, or ops.shape(x)[0]",
                _size_wanted,
            ),
            Mistake(
                "with B from ops.shape, a -1 for the last axis leaves the width of a word open, and the next "
                "projection will need it: write H * K there",
                _width_left_open,
            ),
            Mistake(SHAPE_OPEN, leaving_axes_open(merge_heads)),
            Mistake(TOO_EARLY, lacking_numbers(merge_heads)),
            *(
                Mistake(
                    "the axes stand in another order before the reshape: (B, T, H, K) is wanted, only axes 1 and 2 "
                    "change places",
                    glue(order, lambda B, H, T, K: (B, T, H * K)),
                )
                for order in ((0, 3, 2, 1), (0, 3, 1, 2), (2, 0, 1, 3), (2, 1, 0, 3), (3, 2, 1, 0))
            ),
            Mistake(
                "a list of heads came back: put them side by side in one array, (B, T, H·K)",
                lambda x: list(x.swapaxes(0, 1)),
            ),
            Mistake("only the first head is left", lambda x: x[:, 0]),
            Mistake("only the last head is left", lambda x: x[:, -1]),
            Mistake(
                "two heads are written in, the others are lost: there are x.shape[1] of them",
                lambda x: np.concatenate([x[:, 0], x[:, 1 % x.shape[1]]], axis=-1),
            ),
            Mistake("nothing was merged: the array came back as it was", lambda x: x),
        ),
        hints=(
            "split_heads backwards: its two steps, undone in reverse order.",
            "First bring the words before the heads: (B, H, T, K) becomes (B, T, H, K).",
            "A reshape may then melt the last two axes into one of H·K entries.",
        ),
    )
)
