"""The exercise split_heads: what must hold, and what each mistake looks like."""

import numpy as np
from keras import ops

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.inputs import normal
from utils.checks.multi_head_attention.shared import (
    SHAPE_OPEN,
    TOO_EARLY,
    batch_unknown,
    cut,
    head_count,
    lacking_numbers,
    leaving_axes_open,
)
from utils.layers.attention import split_heads


def _size_wanted(x, num_heads):
    B, T, D = x.shape
    return ops.transpose(ops.reshape(x, (B, T, num_heads, D // num_heads)), (0, 2, 1, 3))


def _width_left_open(x, num_heads):
    B, T = ops.shape(x)[0], ops.shape(x)[1]
    return ops.transpose(ops.reshape(x, (B, T, num_heads, -1)), (0, 2, 1, 3))


register(
    Exercise(
        name="split_heads",
        notebook="05_multi_head_attention",
        reference=split_heads,
        properties=(
            Property(
                "one sentence: head h takes its own strip of columns, of every word",
                2,
                lambda rng: [
                    case(head_count(1, 2, 4), 2),
                    case(head_count(1, 4, 6), 2),
                    case(normal(rng, 1, 5, 12), 3),
                ],
            ),
            Property(
                "a batch of sentences",
                1,
                lambda rng: [
                    case(normal(rng, 2, 3, 8), 4),
                    case(normal(rng, 4, 5, 6), 2),
                    case(rng.integers(0, 99, (2, 5, 4)), 2),  # whole numbers too
                ],
            ),
            Property(
                "one head, and as many heads as columns",
                1,
                lambda rng: [case(normal(rng, 2, 3, 4), 1), case(normal(rng, 2, 3, 5), 5)],
            ),
            Property(
                "also in a model that is being built, where B is not known yet",
                1,
                lambda rng: [case(normal(rng, 2, 3, 8), 4)],
                run=batch_unknown,
            ),
        ),
        mistakes=(
            Mistake(
                "the shape is right, the content is not: reshaped straight to (B, H, T, K), so that a head holds "
                "pieces of other words. Reshape to (B, T, H, K) first, then swap two axes",
                cut((0, 1, 2, 3), lambda B, T, H, K: (B, H, T, K)),
            ),
            Mistake(
                "the heads' axis still stands behind the words': swap axes 1 and 2, to (B, H, T, K)",
                cut((0, 1, 2, 3), lambda B, T, H, K: (B, T, H, K)),
            ),
            Mistake(
                "head h got every H-th column, not a strip of neighbours: H comes before K in the reshape",
                cut((0, 3, 1, 2), lambda B, T, H, K: (B, T, K, H)),
            ),
            Mistake(
                "`num_heads` was taken for the width of a head: there must be num_heads of them, each D/H wide",
                cut((0, 2, 1, 3), lambda B, T, H, K: (B, T, K, H)),
            ),
            Mistake(
                "the last two axes are swapped: a head is (T, K), one row a word",
                cut((0, 2, 3, 1), lambda B, T, H, K: (B, T, H, K)),
            ),
            Mistake(
                "axes H and K are swapped, T stays where it was: order the axes (B, H, T, K)",
                cut((0, 1, 3, 2), lambda B, T, H, K: (B, T, H, K)),
            ),
            Mistake(
                "the heads come before the batch: the order is (B, H, T, K)",
                cut((2, 0, 1, 3), lambda B, T, H, K: (B, T, H, K)),
            ),
            *(
                Mistake(
                    "the axes stand in another order behind the reshape: (B, H, T, K) is wanted, only axes 1 and 2 "
                    "change places",
                    cut(order, lambda B, T, H, K: (B, T, H, K)),
                )
                for order in ((0, 3, 1, 2), (0, 3, 2, 1), (1, 2, 0, 3), (2, 1, 0, 3), (3, 2, 1, 0))
            ),
            Mistake(
                "the shape is right, the content is not: words and columns were swapped before the reshape, so that "
                "a head holds pieces of other words",
                lambda x, num_heads: np.reshape(
                    np.swapaxes(x, 1, 2), (len(x), num_heads, x.shape[1], x.shape[2] // num_heads)
                ),
            ),
            Mistake(
                "two heads are written in: take `num_heads`",
                lambda x, num_heads: cut((0, 2, 1, 3), lambda B, T, H, K: (B, T, H, K))(x, 2),
            ),
            Mistake(
                "heads and batch share one axis: keep four axes, (B, H, T, K)",
                lambda x, num_heads: np.concatenate(np.split(x, num_heads, axis=-1)),
            ),
            Mistake(
                "the words were cut into groups, not the columns: every head sees all T words",
                lambda x, num_heads: x.reshape(x.shape[0], num_heads, -1, x.shape[2]),
            ),
            Mistake(
                "the heads stand in reverse order: head 0 takes the first columns",
                lambda x, num_heads: np.stack(np.split(x, num_heads, axis=-1)[::-1], axis=1),
            ),
            Mistake(
                "a list of heads came back: stack them along axis 1, to one array (B, H, T, K)",
                lambda x, num_heads: np.split(x, num_heads, axis=-1),
            ),
            Mistake(
                "while a model is being built the batch has no size yet, x.shape[0] is None: write -1 for B in the "
                "reshape, or ops.shape(x)[0]",
                _size_wanted,
            ),
            Mistake(
                "with B from ops.shape, a -1 for the last axis leaves the width of a head open, and √K will need it: "
                "write D // num_heads there",
                _width_left_open,
            ),
            Mistake(SHAPE_OPEN, leaving_axes_open(split_heads)),
            Mistake(
                "each strip lacks its last column: head h ends with column (h + 1)·K - 1, and a slice ends before its "
                "end, h * K : (h + 1) * K",
                lambda x, num_heads: np.stack([s[..., :-1] for s in np.split(x, num_heads, axis=-1)], axis=1),
            ),
            Mistake(TOO_EARLY, lacking_numbers(split_heads)),
            Mistake(
                "the strips overlap: strip h begins at column h·K and ends before (h + 1)·K",
                lambda x, num_heads: np.stack([x[..., h : h + x.shape[2] // num_heads] for h in range(num_heads)], 1),
            ),
            Mistake("nothing was cut: the array came back as it was", lambda x, num_heads: x),
        ),
        hints=(
            "A reshape can only cut an axis into two neighbours. Which axis is cut, and into which two?",
            "The last axis D becomes (H, D/H): ops.reshape gives (B, T, H, D/H). The words are still outside.",
            "Then bring the heads before the words: ops.transpose with an order of the four axes 0, 1, 2, 3.",
        ),
    )
)
