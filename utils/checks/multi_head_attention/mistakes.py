"""What goes wrong in MultiHeadAttention: the layer in NumPy with one of its steps changed."""

import functools
import math

import numpy as np

from utils.checks.frame import Mistake
from utils.checks.in_numpy import (
    ByChance,
    added,
    attended,
    fitted,
    fitting,
    hidden,
    lost_by_chance,
    merge_heads,
    projected,
    softmax_of,
    split_heads,
    unchanged,
    weighed,
)
from utils.checks.multi_head_attention.shared import NO_NUMBERS, NO_SIZE, NO_WIDTH, cut, glue
from utils.layers.attention import MultiHeadAttention


def variant(
    inputs=lambda query, value, key: (query, value, key),
    train=lambda training: training,
    lost=lost_by_chance,
    residual=False,
    lacks="",
    result=lambda output, scores, asked: (output, scores) if asked else output,
    **steps,
):
    """The layer with one of its decisions changed.

    What can be changed: inputs, (query, value, key); train, the `training` that dropout hears; lost, what dropout
    does with the rate; residual, the query is added; lacks, what it says where the size of the batch is not known yet;
    result; and the steps of `attended`.
    """

    class Variant(ByChance):
        model_of, lacked = MultiHeadAttention, lacks

        def __init__(self, weights, dropout=0.0, **arguments):
            super().__init__(weights, dropout_rate=dropout, **arguments)

        def drop(self, training):
            if not (train(training) and self.dropout_rate):
                return unchanged
            return lambda x: lost(self.rng, self.dropout_rate, x)

        def __call__(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
            asking, value, key = inputs(query, value, key)
            output, scores = attended(
                self.parts, asking, value, attention_mask, self.drop(training), key, **{"weigh": hidden} | steps
            )
            return result(added(output, asking) if residual else output, scores, return_attention_scores)

    return Variant


def _weights_of(*names):
    """The projections of query, key, value made with the named weights instead."""
    return lambda w: [getattr(w, name) for name in names]


def _without_bias(*names):
    """The projections of query, key, value, those named without their biases."""
    three = ("query", "key", "value")
    return lambda w: [(getattr(w, name)[0], None) if name in names else getattr(w, name) for name in three]


def _masked_by(change):
    """Weights whose mask is used as `change` says: (scores, mask as numbers) -> weights."""
    return lambda scores, mask: (
        softmax_of(scores) if mask is None else change(scores, fitted(mask, scores).astype("float32"))
    )


def _mask_changed(change):
    """Weights under a mask that `change` has turned into another."""
    return lambda scores, mask: hidden(scores, None if mask is None else change(mask))


def _over_the_heads(scores, mask):
    """The mask is laid over the scores without an axis for the heads."""
    return softmax_of(scores if mask is None else fitting(np.where, mask, scores, np.float32(-1e9)))


def _without_scaling_up(rng, rate, x):
    """Dropout whose numbers that stay do not grow."""
    return lost_by_chance(rng, rate, x) * (1 - rate)


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


def _before_the_softmax(scale):
    """Gives back scores that no softmax has seen."""

    def attend(q, k, v, weigh, drop):
        return fitting(np.matmul, weigh(q, k), v), fitting(np.matmul, q, k.swapaxes(-1, -2)) / scale(q)

    return attend


def _never_dropped(q, k, v, weigh, drop):
    """No dropout."""
    weights = weigh(q, k)
    return fitting(np.matmul, weights, v), weights


def _output_dropped(q, k, v, weigh, drop):
    """Dropout on the sums over the values."""
    weights = weigh(q, k)
    return drop(fitting(np.matmul, weights, v)), weights


def _values_dropped(q, k, v, weigh, drop):
    """Dropout on the values."""
    weights = weigh(q, k)
    return fitting(np.matmul, weights, drop(v)), weights


def _scores_dropped(q, k, v, weigh, drop, returned=True):
    """Dropout before the softmax; gives back what came of it, or what comes without."""
    weights = weigh(drop(q), k)
    return fitting(np.matmul, weights, v), weights if returned else weigh(q, k)


def _dropped_returned(q, k, v, weigh, drop):
    """Gives back the weights after dropout."""
    weights = drop(weigh(q, k))
    return fitting(np.matmul, weights, v), weights


def _output_transposed(merged, w):
    """The output's projection turned around."""
    kernel, bias = w.output
    output = fitting(np.matmul, merged, kernel.reshape(-1, kernel.shape[-1]).T)
    return output if bias is None else added(output, bias)


def _output_without_bias(merged, w):
    """The output's projection without its bias."""
    return projected(merged, w.output[0], None)


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
    Mistake("the output's bias is forgotten", variant(finish=_output_without_bias)),
    Mistake(
        "all biases are forgotten",
        variant(used=_without_bias("query", "key", "value"), finish=_output_without_bias),
    ),
    Mistake("the mask is ignored: hand it on to the attention", variant(weigh=lambda s, mask: softmax_of(s))),
    Mistake(
        "the mask is turned around: True = may attend",
        variant(weigh=_masked_by(lambda s, m: softmax_of(s - 1e9 * m))),
    ),
    Mistake(
        "the mask is turned around: True = may attend",
        variant(weigh=lambda scores, mask: weighed(scores, None if mask is None else ~mask)),
    ),
    Mistake(
        "the mask is multiplied into the scores: a score of 0 still gets a weight; hide it below all others",
        variant(weigh=_masked_by(lambda s, m: softmax_of(s * m))),
    ),
    Mistake(
        "the mask is multiplied into the weights after the softmax: they no longer sum to one",
        variant(weigh=_masked_by(lambda s, m: softmax_of(s) * m)),
    ),
    Mistake(
        "the mask is added to the scores as 0 and 1: hide a score by a very large negative number",
        variant(weigh=_masked_by(lambda s, m: softmax_of(s + m))),
    ),
    Mistake(
        "masked scores become large positive: the sign of the mask's number is wrong",
        variant(weigh=_masked_by(lambda s, m: softmax_of(s + (1 - m) * 1e9))),
    ),
    Mistake(
        "the mask's last two axes are swapped: rows are queries, columns are keys",
        variant(weigh=_mask_changed(lambda mask: mask.swapaxes(-2, -1))),
    ),
    Mistake(
        "a mask (B, T, S) is laid over the heads instead of the sentences: give it an axis for the heads, at 1",
        variant(weigh=_over_the_heads),
    ),
    Mistake(
        "the first head's mask is used for all heads",
        variant(weigh=_mask_changed(lambda m: m[:, :1] if m.ndim == 4 else m)),
    ),
    Mistake(
        "the first sentence's mask is used for all sentences",
        variant(weigh=_mask_changed(lambda m: m[:1] if m.ndim > 2 else m)),
    ),
    Mistake(
        "a pair came back although the scores were not asked for: look at return_attention_scores",
        variant(result=lambda output, scores, asked: (output, scores)),
    ),
    Mistake(
        "the scores came back instead of the output",
        variant(result=lambda output, scores, asked: scores),
    ),
    Mistake(
        "only the output came back although the scores were asked for: look at return_attention_scores",
        variant(result=lambda output, scores, asked: output),
    ),
    Mistake(
        "the order is (output, scores): here they are swapped",
        variant(result=lambda output, scores, asked: (scores, output) if asked else output),
    ),
    Mistake(
        "the scores are averaged over the heads: give back one (T, S) for each head",
        variant(result=lambda o, scores, asked: (o, scores.mean(axis=1)) if asked else o),
    ),
    Mistake(
        "the scores are summed over the heads: give back one (T, S) for each head",
        variant(result=lambda o, scores, asked: (o, scores.sum(axis=1)) if asked else o),
    ),
    Mistake(
        "only the first head's scores came back: give back all H of them",
        variant(result=lambda o, scores, asked: (o, scores[:, 0]) if asked else o),
    ),
    Mistake(
        "the scores' last two axes are swapped: (B, H, T, S), rows are queries",
        variant(result=lambda o, scores, asked: (o, scores.swapaxes(-2, -1)) if asked else o),
    ),
    Mistake(
        "the scores' heads stand behind the words: their shape is (B, H, T, S)",
        variant(result=lambda o, scores, asked: (o, scores.swapaxes(1, 2)) if asked else o),
    ),
    Mistake(
        "these scores are from before the softmax: the weights are asked for",
        variant(attend=_before_the_softmax(lambda q: math.sqrt(q.shape[-1]))),
    ),
    Mistake(
        "these scores are from before the softmax: the weights are asked for",
        variant(attend=_before_the_softmax(lambda q: 1.0)),
    ),
    Mistake("dropout is never applied: self.dropout_layer takes the weights", variant(attend=_never_dropped)),
    Mistake("dropout acts outside training too: hand `training` on to it", variant(train=lambda training: True)),
    Mistake(
        "dropout acts on what the heads give, after the sum over the values: it belongs on the weights",
        variant(attend=_output_dropped),
    ),
    Mistake("dropout acts on the values: it belongs on the weights", variant(attend=_values_dropped)),
    Mistake(
        "dropout acts before the softmax: it belongs on the weights that come out of it",
        variant(attend=_scores_dropped),
    ),
    Mistake(
        "dropout acts before the softmax: it belongs on the weights that come out of it",
        variant(attend=functools.partial(_scores_dropped, returned=False)),
    ),
    Mistake(
        "the scores that come back are those after dropout: give back the ones from before",
        variant(attend=_dropped_returned),
    ),
    Mistake(
        "the rate says how many to drop, here it is how many to keep",
        variant(lost=lambda rng, rate, x: lost_by_chance(rng, 1 - rate, x)),
    ),
    Mistake(
        "the weights that stay must grow by 1/(1 - rate), so that the expected sum stays: self.dropout_layer does both",
        variant(lost=_without_scaling_up),
    ),
    Mistake(
        "while a model is being built the batch has no size yet, x.shape[0] is None: write -1 for B in a reshape, or "
        "ops.shape(x)[0]; look into your split_heads and merge_heads too",
        variant(weigh=weighed, lacks=NO_SIZE),
    ),
    Mistake(
        "with B from ops.shape, a -1 for the last axis leaves the width of a head open, and √K needs it: write it out; "
        "look into your split_heads too",
        variant(weigh=weighed, lacks=NO_WIDTH),
    ),
    Mistake(
        "it asks for numbers that a model being built has not: keras.ops, not NumPy; in your split_heads and "
        "merge_heads too",
        variant(weigh=weighed, lacks=NO_NUMBERS),
    ),
)
