"""Wrong answers to GroupedQueryAttention."""

import math

from keras import ops

from utils.layers import GroupedQueryAttention as Given
from utils.layers import merge_heads, rotary_embedding, scaled_dot_product_attention, split_heads
from utils.layers.attention import project


def beside(x, share):
    return ops.repeat(x, share, axis=1)


def in_turns(x, share):
    return ops.tile(x, (1, share, 1, 1))


def as_it_is(x, share):
    return x


def turned(layer, q, k, v):
    if layer.rotary_base is None:
        return q, k, v
    return rotary_embedding(q, base=layer.rotary_base), rotary_embedding(k, base=layer.rotary_base), v


def attended(layer, q, k, v, mask, training):
    heads, scores = scaled_dot_product_attention(q, k, v, mask)
    if layer.dropout:
        heads = ops.matmul(layer.dropout_layer(scores, training=training), v)
    return heads, scores


def wrong(name, copy_key=beside, copy_value=beside, turn=turned, attend=attended, sources=None, heads=None,
          value_weights=None, finish=None, result=None):  # fmt: skip
    """The lesson's class with one step changed."""

    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
        key = value if key is None else key
        if sources:
            query, key, value = sources(query, key, value)
        number = heads(self) if heads else self.num_key_value_heads
        q = split_heads(project(query, self.query_weights), self.num_heads)
        k = split_heads(project(key, self.key_weights), number)
        v = split_heads(project(value, value_weights(self) if value_weights else self.value_weights), number)
        q, k, v = turn(self, q, k, v)
        share = self.num_heads // self.num_key_value_heads
        k, v = copy_key(k, share), copy_value(v, share)
        made, scores = attend(self, q, k, v, attention_mask, training)
        output = finish(self, merge_heads(made)) if finish else project(merge_heads(made), self.output_weights)
        if result:
            return result(output, scores, return_attention_scores)
        return (output, scores) if return_attention_scores else output

    return type(name, (Given,), {"call": call})


def by_hand(scale, layer, q, k, v, mask, training):
    scores = ops.matmul(q, ops.swapaxes(k, -1, -2)) / scale(layer)
    if mask is not None:
        mask = ops.convert_to_tensor(mask)
        scores = ops.where(mask[:, None] if len(mask.shape) == 3 else mask, scores, -1e9)
    weights = ops.softmax(scores)
    return ops.matmul(layer.dropout_layer(weights, training=training), v), weights


def only(layer, q, k, v, of_q, of_k, of_v, base=None):
    if layer.rotary_base is None:
        return q, k, v
    base = base or layer.rotary_base
    return tuple(rotary_embedding(x, base=base) if y else x for x, y in ((q, of_q), (k, of_k), (v, of_v)))


def scores_dropped(layer, q, k, v, mask, training):
    _, scores = scaled_dot_product_attention(q, k, v, mask)
    scores = layer.dropout_layer(scores, training=training)
    return ops.matmul(scores, v), scores


def own_cut(x, number):
    B, T, width = x.shape
    return ops.transpose(ops.reshape(x, (B, T, number, width // number)), (0, 2, 1, 3))


class SizesFixed(Given):
    """The axes are cut by hand, with the sizes that the arrays have."""

    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
        key = value if key is None else key
        q = own_cut(project(query, self.query_weights), self.num_heads)
        k = own_cut(project(key, self.key_weights), self.num_key_value_heads)
        v = own_cut(project(value, self.value_weights), self.num_key_value_heads)
        q, k, v = turned(self, q, k, v)
        share = self.num_heads // self.num_key_value_heads
        made, scores = attended(self, q, beside(k, share), beside(v, share), attention_mask, training)
        output = project(merge_heads(made), self.output_weights)
        return (output, scores) if return_attention_scores else output


MUTANTS = [
    (SizesFixed, "a batch has no size yet"),
    (wrong("copied_in_turns", in_turns, in_turns), "copied in turns"),
    (wrong("keys_in_turns", in_turns), "the keys are copied in turns"),
    (wrong("values_in_turns", copy_value=in_turns), "the values are copied in turns"),
    (wrong("no_copies", as_it_is, as_it_is), "not copied"),
    (wrong("cut_into_all", as_it_is, as_it_is, heads=lambda layer: layer.num_heads), "multiple of the number of heads"),
    (wrong("never_turned", turn=lambda layer, q, k, v: (q, k, v)), "nothing is turned"),
    (wrong("queries_only", turn=lambda layer, q, k, v: only(layer, q, k, v, 1, 0, 0)), "only the queries"),
    (wrong("keys_only", turn=lambda layer, q, k, v: only(layer, q, k, v, 0, 1, 0)), "only the keys"),
    (wrong("values_too", turn=lambda layer, q, k, v: only(layer, q, k, v, 1, 1, 1)), "values are turned"),
    (wrong("base_fixed", turn=lambda layer, q, k, v: only(layer, q, k, v, 1, 1, 0, 1e4)), "always 10000"),
    (wrong("keys_summed", value_weights=lambda layer: layer.key_weights), "keys' projection is summed"),
    (wrong("key_ignored", sources=lambda query, key, value: (query, value, value)), "key is ignored"),
    (wrong("of_the_query", sources=lambda query, key, value: (query, query, query)), "made from the query"),
    (wrong("not_scaled", attend=lambda *a: by_hand(lambda layer: 1.0, *a)), "not scaled"),
    (
        wrong("by_all", attend=lambda *a: by_hand(lambda layer: math.sqrt(layer.num_heads * layer.key_dim), *a)),
        "root of H·K",
    ),
    (wrong("no_mask", attend=lambda layer, q, k, v, m, t: attended(layer, q, k, v, None, t)), "never used"),
    (
        wrong(
            "mask_upside_down",
            attend=lambda layer, q, k, v, m, t: by_hand(
                lambda layer: math.sqrt(layer.key_dim), layer, q, k, v, None if m is None else ~m, t
            ),
        ),
        "hides what may be seen",
    ),
    (wrong("no_w_o", finish=lambda layer, merged: merged), "W_O is missing"),
    (
        wrong("no_output_bias", finish=lambda layer, m: project(m, (layer.output_weights[0], None))),
        "output's bias",
    ),
    (wrong("always_scores", result=lambda output, scores, asked: (output, scores)), "unasked"),
    (wrong("never_scores", result=lambda output, scores, asked: output), "did not come"),
    (
        wrong("no_dropout", attend=lambda layer, q, k, v, m, t: scaled_dot_product_attention(q, k, v, m)),
        "never applied",
    ),
    (wrong("scores_dropped", attend=scores_dropped), "given back as scores"),
]
