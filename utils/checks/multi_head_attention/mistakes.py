"""What goes wrong in MultiHeadAttention: the layer in NumPy with one of its steps changed."""

import functools
import math

import numpy as np

from utils.checks.frame import Mistake
from utils.checks.in_numpy import (
    added,
    fitting,
    hidden,
    merge_heads,
    projected,
    softmax_of,
    split_heads,
    weighed,
)
from utils.checks.multi_head_attention.masks_scores_dropout import MASKS_SCORES_DROPOUT
from utils.checks.multi_head_attention.shared import cut, glue
from utils.checks.multi_head_attention.variant import variant


def _weights_of(*names):
    """The projections of query, key, value made with the named weights instead."""
    return lambda w: [getattr(w, name) for name in names]


def _not_projected(w):
    """No projections of query, key and value."""
    return [(np.eye(len(kernel), dtype="float32"), None) for kernel, _ in (w.query, w.key, w.value)]


def _without_bias(*names):
    """The projections of query, key, value, those named without their biases."""
    three = ("query", "key", "value")
    return lambda w: [(getattr(w, name)[0], None) if name in names else getattr(w, name) for name in three]


def _one_head(q, k, v, weigh, drop):
    """No split: one softmax over the whole width."""
    num_heads = q.shape[1]
    q, k, v = (merge_heads(x)[:, None] for x in (q, k, v))
    weights = weigh(q, k)
    return split_heads((weights @ v)[:, 0], num_heads), weights[:, 0]


def _crossed(q, k, v, weigh, drop):
    """The keys ask, the queries answer."""
    weights = weigh(k, q)
    return fitting(np.matmul, drop(weights), v), weights


def _output_transposed(merged, w):
    """The output's projection turned around."""
    kernel, bias = w.output
    output = fitting(np.matmul, merged, kernel.reshape(-1, kernel.shape[-1]).T)
    return output if bias is None else added(output, bias)


def _output_without_bias(merged, w):
    """The output's projection without its bias."""
    return projected(merged, w.output[0], None)


def _output_biased(merged, w, times):
    """The output's projection with its bias so many times."""
    kernel, bias = w.output
    return projected(merged, kernel, None if bias is None else times * bias)


def _heads_averaged(merged, w):
    """The heads' contributions averaged."""
    output = projected(merged, w.output[0], None) / w.num_heads
    return output if w.output[1] is None else added(output, w.output[1])


MISTAKES = (
    Mistake("the scores are not scaled: divide q·k by √K", variant(scale=lambda w, query: 1.0)),
    Mistake(
        "scaled by the root of the model's width D: each head has K columns, so divide by √K",
        variant(scale=lambda w, query: math.sqrt(query.shape[-1])),
    ),
    *(
        Mistake(
            "scaled by √(D/H), the model's width shared out: K is self.key_dim, and that may be another",
            variant(scale=scale),
        )
        for scale in (
            lambda w, query: math.sqrt(query.shape[-1] / w.num_heads),
            lambda w, query: math.sqrt(max(query.shape[-1] // w.num_heads, 1)),
        )
    ),
    Mistake(
        "scaled by the root of all heads' width H·K: one head's dot product runs over K columns",
        variant(scale=lambda w, query: math.sqrt(w.num_heads * w.key_dim)),
    ),
    Mistake(
        "divided by K: either the root is missing, or √K is divided out twice",
        variant(scale=lambda w, query: w.key_dim),
    ),
    Mistake(
        "multiplied by √K where it should be divided",
        variant(scale=lambda w, query: 1 / math.sqrt(w.key_dim)),
    ),
    Mistake(
        "divided by √H, the number of heads: it is √K, the width of a head",
        variant(scale=lambda w, query: math.sqrt(w.num_heads)),
    ),
    Mistake(
        "scaled by the root of `value_dim`: the dot product runs over the K columns of q and k",
        variant(scale=lambda w, query: math.sqrt(w.value_dim)),
    ),
    Mistake(
        "scaled by the root of the sentence's length: it is √K, the width of a head",
        variant(scale=lambda w, query: math.sqrt(query.shape[1])),
    ),
    Mistake(
        "W_O is missing: the merged heads still need the output's projection",
        variant(finish=lambda merged, w: merged),
    ),
    Mistake(
        "the output's projection is applied transposed",
        variant(finish=_output_transposed),
    ),
    Mistake(
        "the heads are averaged on the way out: W_O adds what they contribute, without dividing by H",
        variant(finish=_heads_averaged),
    ),
    Mistake(
        "the query is added to the output: that belongs to the encoder's layer, not to this one",
        variant(residual=True),
    ),
    Mistake(
        "the heads are merged without swapping axes first, so that words mix: use merge_heads",
        variant(merge=glue((0, 1, 2, 3), lambda B, H, T, K: (B, T, H * K))),
    ),
    Mistake(
        "the heads are merged column by column, not head by head: use merge_heads",
        variant(merge=glue((0, 2, 3, 1), lambda B, H, T, K: (B, T, H * K))),
    ),
    Mistake(
        "the heads are merged in reverse order: W_O's first rows belong to head 0",
        variant(merge=lambda x: merge_heads(x[:, ::-1])),
    ),
    Mistake(
        "q, k, v are reshaped straight to (B, H, T, K), so that words mix: use split_heads",
        variant(split=cut((0, 1, 2, 3), lambda B, T, H, K: (B, H, T, K))),
    ),
    Mistake(
        "q, k, v are cut into every H-th column, not into strips: use split_heads",
        variant(split=cut((0, 3, 1, 2), lambda B, T, H, K: (B, T, K, H))),
    ),
    Mistake(
        "q, k, v are split into `key_dim` heads: there are `num_heads` of them",
        variant(split=lambda x, num_heads: split_heads(x, x.shape[-1] // num_heads)),
    ),
    Mistake(
        "q, k, v are split into `key_dim` heads: there are `num_heads` of them",
        variant(
            split=lambda x, num_heads: split_heads(x, x.shape[-1] // num_heads),
            scale=lambda w, query: math.sqrt(w.num_heads),
        ),
    ),
    Mistake(
        "q, k, v and the merge all lack the swap of axes: each head sees only a piece of the sentence",
        variant(
            split=cut((0, 1, 2, 3), lambda B, T, H, K: (B, H, T, K)),
            merge=glue((0, 1, 2, 3), lambda B, H, T, K: (B, T, H * K)),
        ),
    ),
    Mistake(
        "within each word the heads attend to one another: bring them before the words, (B, H, T, K)",
        variant(
            split=lambda x, num_heads: x.reshape(*x.shape[:2], num_heads, -1),
            merge=lambda x: x.reshape(*x.shape[:2], -1),
        ),
    ),
    Mistake(
        "one wide head: q, k, v were not split, so a single softmax serves all",
        variant(attend=_one_head),
    ),
    Mistake(
        "one wide head: q, k, v were not split, so a single softmax serves all",
        variant(attend=_one_head, scale=lambda w, query: math.sqrt(w.num_heads * w.key_dim)),
    ),
    Mistake(
        "query and key are swapped: rows of the scores belong to the query's words",
        variant(attend=_crossed),
    ),
    Mistake(
        "the softmax runs over the queries: each query's weights over the S keys sum to one, axis=-1",
        variant(weigh=functools.partial(hidden, axis=-2)),
    ),
    Mistake(
        "the softmax runs over the heads: each head has a softmax of its own, over the S keys, axis=-1",
        variant(weigh=functools.partial(hidden, axis=1)),
    ),
    Mistake(
        "the softmax acts twice: the attention's weights have been through it",
        variant(weigh=lambda scores, mask: softmax_of(weighed(scores, mask))),
    ),
    Mistake("the softmax is missing", variant(weigh=lambda scores, mask: scores)),
    Mistake(
        "the keys' projection is summed: v is the value, projected with self.value_weights",
        variant(used=_weights_of("query", "key", "key")),
    ),
    Mistake(
        "the keys are projected with the query's weights",
        variant(used=_weights_of("query", "query", "value")),
    ),
    Mistake(
        "the queries are projected with the key's weights",
        variant(used=_weights_of("key", "key", "value")),
    ),
    Mistake(
        "query, key and value are all projected with the query's weights: each has weights of its own",
        variant(used=_weights_of("query", "query", "query")),
    ),
    Mistake(
        "the values are projected with the query's weights",
        variant(used=_weights_of("query", "key", "query")),
    ),
    Mistake(
        "query, key and value are not projected: project each with its weights, then split",
        variant(used=_not_projected),
    ),
    Mistake(
        "the queries are compared with v, not with k: the attention takes q, k, v, and k is made with self.key_weights",
        variant(used=_weights_of("query", "value", "value")),
    ),
    Mistake(
        "k and v have changed places: the attention takes q, k, v; k is made with self.key_weights, v with "
        "self.value_weights",
        variant(used=_weights_of("query", "value", "key")),
    ),
    Mistake(
        "without a key the query is taken for it: the value is",
        variant(inputs=lambda query, value, key: (query, value, query if key is None else key)),
    ),
    Mistake(
        "everything is made from the query: keys and values come from the other sequence",
        variant(inputs=lambda query, value, key: (query, query, query)),
    ),
    Mistake(
        "everything is made from the value: the queries come from the query",
        variant(inputs=lambda query, value, key: (value, value, value)),
    ),
    Mistake(
        "the values are made from the query: they come from the other sequence",
        variant(inputs=lambda query, value, key: (query, query, value if key is None else key)),
    ),
    Mistake(
        "query and value have changed places: the query asks, the value is summed",
        variant(inputs=lambda query, value, key: (value, query, query if key is None else key)),
    ),
    Mistake(
        "the key is ignored: use the value only where no key is given",
        variant(inputs=lambda query, value, key: (query, value, value)),
    ),
    Mistake(
        "the key serves as value too: keys are compared, values are summed",
        variant(
            inputs=lambda query, value, key: (
                query,
                value if key is None else key,
                value if key is None else key,
            )
        ),
    ),  # fmt: skip
    Mistake(
        "key and value have changed places: the order is query, value, key",
        variant(inputs=lambda query, value, key: (query, value, value) if key is None else (query, key, value)),
    ),
    Mistake("all three biases of q, k, v are forgotten", variant(used=_without_bias("query", "key", "value"))),
    Mistake("the query's bias is forgotten", variant(used=_without_bias("query"))),
    Mistake("the query's bias is forgotten", variant(used=_without_bias("query", "key"))),
    Mistake("the value's bias is forgotten", variant(used=_without_bias("value"))),
    Mistake(
        "the output's bias is added more than once: it belongs to the sum of all heads, once",
        variant(finish=lambda merged, w: _output_biased(merged, w, w.num_heads)),
    ),
    Mistake(
        "the output's bias is added more than once: it belongs to the sum of all heads, once",
        variant(finish=lambda merged, w: _output_biased(merged, w, 2)),
    ),
    Mistake("the output's bias is forgotten", variant(finish=_output_without_bias)),
    Mistake(
        "all biases are forgotten",
        variant(used=_without_bias("query", "key", "value"), finish=_output_without_bias),
    ),
    *MASKS_SCORES_DROPOUT,
)
