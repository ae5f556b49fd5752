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


def hidden_too_late(layer, q, k, v, mask, training):
    weights = ops.softmax(ops.matmul(q, ops.swapaxes(k, -1, -2)) / math.sqrt(layer.key_dim))
    if mask is not None:
        mask = ops.convert_to_tensor(mask)
        weights = ops.where(mask[:, None] if len(mask.shape) == 3 else mask, weights, 0.0)
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


def each(layer, q, k, turn):
    return (q, k) if layer.rotary_base is None else (turn(layer, q), turn(layer, k))


def base_as_start(layer, q, k, v):
    return *each(layer, q, k, lambda layer, x: rotary_embedding(x, layer.rotary_base)), v


def in_neighbours(layer, q, k, v):
    turn = lambda layer, x: rotary_embedding(x, base=layer.rotary_base, layout="interleaved")  # noqa: E731
    return *each(layer, q, k, turn), v


def uncut(layer, q, k, v):
    turn = lambda layer, x: split_heads(rotary_embedding(merge_heads(x), base=layer.rotary_base), x.shape[1])  # noqa: E731
    return *each(layer, q, k, turn), v


def always(base):
    return lambda layer, q, k, v: (*(rotary_embedding(x, base=base(layer.rotary_base)) for x in (q, k)), v)


def where_it_is_none(layer, q, k, v):
    return (rotary_embedding(q), rotary_embedding(k), v) if layer.rotary_base is None else (q, k, v)


def by_batch(layer, q, k, v):
    def turn(layer, x):
        B, H, T, K = x.shape
        flat = ops.reshape(x, (B * H, T, K))
        return ops.reshape(rotary_embedding(flat, base=layer.rotary_base), (B, H, T, K))

    return *each(layer, q, k, turn), v


def along(axis, number):
    return lambda x, share: ops.repeat(x, number(share, x.shape[1]), axis=axis)


def dropped(of_q=None, of_heads=None, of_v=None, own_scores=False):
    """Dropout on something else than the weights."""

    def attend(layer, q, k, v, mask, training):
        lost = lambda x: layer.dropout_layer(x, training=training)  # noqa: E731
        _, clean = scaled_dot_product_attention(q, k, v, mask)
        heads, scores = scaled_dot_product_attention(lost(q) if of_q else q, k, lost(v) if of_v else v, mask)
        return lost(heads) if of_heads else heads, clean if own_scores else scores

    return attend


def unscaled(layer, q, k, v, mask, training):
    heads, scores = scaled_dot_product_attention(q, k, v, mask)
    if layer.dropout and training:
        kept = layer.dropout_layer(ops.ones_like(scores), training=True) * (1 - layer.dropout)
        heads = ops.matmul(kept * scores, v)
    return heads, scores


def before_the_softmax(layer, q, k, v, mask, training):
    scores = ops.matmul(q, ops.swapaxes(k, -1, -2)) / layer.key_dim**0.5
    if mask is not None:
        mask = ops.convert_to_tensor(mask)
        scores = ops.where(mask[:, None] if len(mask.shape) == 3 else mask, scores, -1e9)
    weights = ops.softmax(layer.dropout_layer(scores, training=training))
    return ops.matmul(weights, v), weights


def mask_or_turn(layer, q, k, v, mask, training):
    return attended(layer, q, k, v, mask if layer.rotary_base is None else None, training)


def in_groups(layer, q, k, v, mask, training):
    G, T, S = layer.num_key_value_heads, ops.shape(q)[2], ops.shape(k)[2]
    grouped = (-1, G, layer.num_heads // G, T)
    scores = ops.matmul(q, ops.swapaxes(k, -1, -2)) / layer.key_dim**0.5
    if mask is not None:
        mask = ops.convert_to_tensor(mask)
        mask = mask[:, None, None] if len(mask.shape) == 3 else mask
        mask = ops.reshape(mask, (*grouped, S)) if len(mask.shape) == 4 else mask
        scores = ops.reshape(ops.where(mask, ops.reshape(scores, (*grouped, S)), -1e9), (-1, layer.num_heads, T, S))
    weights = ops.softmax(scores)
    return ops.matmul(layer.dropout_layer(weights, training=training), v), weights


class OutputDropped(Given):
    def call(self, query, value, training=None, return_attention_scores=False, **given):
        output, scores = super().call(query, value, return_attention_scores=True, training=False, **given)
        output = self.dropout_layer(output, training=training)
        return (output, scores) if return_attention_scores else output


class MergedByReshape(wrong("MergedByReshape")):
    def call(self, query, value, **given):
        swap = lambda layer, merged: project(swapped(layer, merged), layer.output_weights)  # noqa: E731
        return wrong("Reshaped", finish=swap).call(self, query, value, **given)


def swapped(layer, merged):
    heads = ops.swapaxes(ops.reshape(merged, (-1, ops.shape(merged)[1], layer.num_heads, layer.key_dim)), 1, 2)
    return ops.reshape(heads, (-1, ops.shape(merged)[1], layer.num_heads * layer.key_dim))


BOTH = ("copy_key", "copy_value")
MUTANTS = [
    (SizesFixed, "a batch has no size yet"),
    (wrong("copied_in_turns", in_turns, in_turns), "copied in turns"),
    (wrong("keys_in_turns", in_turns), "the keys are copied in turns"),
    (wrong("values_in_turns", copy_value=in_turns), "the values are copied in turns"),
    (wrong("no_copies", as_it_is, as_it_is), "both are not copied"),
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
    (wrong("hidden_too_late", attend=hidden_too_late), "laid over the weights"),
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
    (wrong("only_keys_copied", copy_value=as_it_is), "both are not copied"),
    (wrong("only_values_copied", copy_key=as_it_is), "both are not copied"),
    (wrong("words_repeated", **dict.fromkeys(BOTH, along(2, lambda share, G: share))), "along another axis"),
    (wrong("times_h", **dict.fromkeys(BOTH, along(1, lambda share, G: share * G))), "repeated H times"),
    (wrong("times_g", **dict.fromkeys(BOTH, along(1, lambda share, G: G))), "repeated G times"),
    (wrong("times_two", **dict.fromkeys(BOTH, along(1, lambda share, G: 2))), "always repeated twice"),
    (
        wrong("numbers_repeated", **dict.fromkeys(BOTH, along(-1, lambda share, G: share))),
        "along the numbers of a head",
    ),
    (wrong("rows_repeated", **dict.fromkeys(BOTH, along(0, lambda share, G: share))), "nor along the rows"),
    (wrong("base_as_start", turn=base_as_start), "The second argument is `start`"),
    (wrong("in_neighbours", turn=in_neighbours), "turned in neighbours"),
    (wrong("uncut", turn=uncut), "turned before the heads are cut"),
    (wrong("always_turned", turn=always(lambda base: base or 1e4)), "turned where no base was given: only"),
    (wrong("no_if", turn=always(lambda base: base)), "turn only if it is not None"),
    (wrong("if_turned_around", turn=where_it_is_none), "and only there"),
    (wrong("turned_by_batch", turn=by_batch), "the turning asks for it"),
    (wrong("no_brackets", result=lambda o, s, asked: (o, s if asked else o)), "always a pair"),
    (wrong("none_beside_it", result=lambda o, s, asked: (o, s if asked else None)), "a pair came back unasked"),
    (wrong("scores_first", result=lambda o, s, asked: (s, o) if asked else o), "the scores come first"),
    (MergedByReshape, "without changing places"),
    (wrong("scores_lose", attend=before_the_softmax), "before the softmax"),
    (wrong("queries_lose", attend=dropped(of_q=True)), "before the softmax"),
    (wrong("queries_lose_unseen", attend=dropped(of_q=True, own_scores=True)), "before the softmax"),
    (wrong("heads_lose", attend=dropped(of_heads=True)), "what the heads give"),
    (wrong("values_lose", attend=dropped(of_v=True)), "dropout acts on the values"),
    (OutputDropped, "dropout acts on the output"),
    (wrong("unscaled", attend=unscaled), "not scaled up"),
    (wrong("mask_or_turn", attend=mask_or_turn), "forgotten where queries and keys are turned"),
    (wrong("in_groups", attend=in_groups), "may have size 1"),
]
