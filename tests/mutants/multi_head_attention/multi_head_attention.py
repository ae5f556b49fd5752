"""Wrong answers to MultiHeadAttention; `masks_scores_dropout` has more."""

import numpy as np
from keras import ops

from tests.mutants.multi_head_attention import as_learners_write, masks_scores_dropout, scales_masks_dice
from tests.mutants.multi_head_attention.shared import cut, end, glue, hidden, layer, qkv, right_scores
from utils.layers.attention import project


@layer
def no_scale(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    weights = ops.softmax(hidden(ops.einsum("bhtk,bhsk->bhts", q, k), attention_mask))
    return end(self, weights, v, training, return_attention_scores)


@layer
def root_of_model_width(
    self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None
):
    q, k, v = qkv(self, query, value, value if key is None else key)
    scores = ops.einsum("bhtk,bhsk->bhts", q, k) / np.sqrt(query.shape[-1])
    return end(self, ops.softmax(hidden(scores, attention_mask)), v, training, return_attention_scores)


@layer
def root_of_all_heads(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    scores = ops.einsum("bhtk,bhsk->bhts", q, k) / np.sqrt(self.num_heads * self.key_dim)
    return end(self, ops.softmax(hidden(scores, attention_mask)), v, training, return_attention_scores)


@layer
def root_forgotten(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    scores = ops.einsum("bhtk,bhsk->bhts", q, k) / self.key_dim
    return end(self, ops.softmax(hidden(scores, attention_mask)), v, training, return_attention_scores)


@layer
def root_of_heads(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    scores = ops.einsum("bhtk,bhsk->bhts", q, k) * self.num_heads**-0.5
    return end(self, ops.softmax(hidden(scores, attention_mask)), v, training, return_attention_scores)


@layer
def root_of_value_dim(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    scores = ops.einsum("bhtk,bhsk->bhts", q, k) / self.value_dim**0.5
    return end(self, ops.softmax(hidden(scores, attention_mask)), v, training, return_attention_scores)


@layer
def root_of_length(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    scores = ops.einsum("bhtk,bhsk->bhts", q, k) / query.shape[1] ** 0.5
    return end(self, ops.softmax(hidden(scores, attention_mask)), v, training, return_attention_scores)


@layer
def key_dim_heads(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    key = value if key is None else key
    q = cut(project(query, self.query_weights), self.key_dim)
    k = cut(project(key, self.key_weights), self.key_dim)
    v = cut(project(value, self.value_weights), self.key_dim)
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    return end(self, weights, v, training, return_attention_scores)


@layer
def values_from_the_query(
    self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None
):
    q, k, v = qkv(self, query, query, value if key is None else key)
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    return end(self, weights, v, training, return_attention_scores)


@layer
def query_and_value_swapped(
    self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None
):
    query, value = value, query
    q, k, v = qkv(self, query, value, value if key is None else key)
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    return end(self, weights, v, training, return_attention_scores)


@layer
def with_residual(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    output, weights = end(self, ops.softmax(right_scores(self, q, k, attention_mask)), v, training, True)
    return (query + output, weights) if return_attention_scores else query + output


@layer
def no_w_o(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    output = glue(ops.matmul(weights, v))
    return (output, weights) if return_attention_scores else output


@layer
def mean_of_heads(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    heads = ops.matmul(weights, v)
    kernel, bias = self.output_weights
    each = [ops.matmul(heads[:, h], kernel[h]) for h in range(self.num_heads)]
    output = ops.mean(ops.stack(each), axis=0) + (0 if bias is None else bias)
    return (output, weights) if return_attention_scores else output


@layer
def merged_by_reshape(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    heads = ops.matmul(weights, v)
    concat = ops.reshape(heads, (query.shape[0], query.shape[1], -1))
    output = project(concat, self.output_weights)
    return (output, weights) if return_attention_scores else output


@layer
def merged_backwards(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    heads = ops.matmul(weights, v)
    concat = ops.concatenate([heads[:, h] for h in range(self.num_heads - 1, -1, -1)], axis=-1)
    output = project(concat, self.output_weights)
    return (output, weights) if return_attention_scores else output


@layer
def split_by_reshape(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    key = value if key is None else key
    q = ops.reshape(project(query, self.query_weights), (query.shape[0], self.num_heads, query.shape[1], -1))
    k = ops.reshape(project(key, self.key_weights), (key.shape[0], self.num_heads, key.shape[1], -1))
    v = ops.reshape(project(value, self.value_weights), (value.shape[0], self.num_heads, value.shape[1], -1))
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    return end(self, weights, v, training, return_attention_scores)


@layer
def reshapes_everywhere(
    self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None
):
    key = value if key is None else key
    q = ops.reshape(project(query, self.query_weights), (query.shape[0], self.num_heads, query.shape[1], -1))
    k = ops.reshape(project(key, self.key_weights), (key.shape[0], self.num_heads, key.shape[1], -1))
    v = ops.reshape(project(value, self.value_weights), (value.shape[0], self.num_heads, value.shape[1], -1))
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    concat = ops.reshape(ops.matmul(weights, v), (query.shape[0], query.shape[1], -1))
    output = project(concat, self.output_weights)
    return (output, weights) if return_attention_scores else output


@layer
def heads_of_a_word(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    key, H = value if key is None else key, self.num_heads
    q = ops.reshape(project(query, self.query_weights), (query.shape[0], query.shape[1], H, -1))
    k = ops.reshape(project(key, self.key_weights), (key.shape[0], key.shape[1], H, -1))
    v = ops.reshape(project(value, self.value_weights), (value.shape[0], value.shape[1], H, -1))
    weights = ops.softmax(ops.matmul(q, ops.transpose(k, (0, 1, 3, 2))) / np.sqrt(self.key_dim))
    concat = ops.reshape(ops.matmul(weights, v), (query.shape[0], query.shape[1], -1))
    output = project(concat, self.output_weights)
    return (output, weights) if return_attention_scores else output


@layer
def never_split(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    key = value if key is None else key
    q, k = project(query, self.query_weights), project(key, self.key_weights)
    weights = ops.softmax(ops.matmul(q, ops.swapaxes(k, 1, 2)) / np.sqrt(q.shape[-1]))
    output = project(ops.matmul(weights, project(value, self.value_weights)), self.output_weights)
    return (output, weights) if return_attention_scores else output


@layer
def query_and_key_swapped(
    self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None
):
    q, k, v = qkv(self, query, value, value if key is None else key)
    weights = ops.softmax(ops.matmul(k, ops.swapaxes(q, -1, -2)) / np.sqrt(self.key_dim))
    return end(self, weights, v, training, return_attention_scores)


@layer
def softmax_over_queries(
    self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None
):
    q, k, v = qkv(self, query, value, value if key is None else key)
    weights = ops.softmax(right_scores(self, q, k, attention_mask), axis=2)
    return end(self, weights, v, training, return_attention_scores)


@layer
def softmax_over_heads(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    weights = ops.softmax(right_scores(self, q, k, attention_mask), axis=1)
    return end(self, weights, v, training, return_attention_scores)


@layer
def no_softmax(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    return end(self, right_scores(self, q, k, attention_mask), v, training, return_attention_scores)


@layer
def value_by_key_weights(
    self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None
):
    q, k, _ = qkv(self, query, value, value if key is None else key)
    v = cut(project(value, self.key_weights), self.num_heads)
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    return end(self, weights, v, training, return_attention_scores)


@layer
def key_by_query_weights(
    self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None
):
    q, _, v = qkv(self, query, value, value if key is None else key)
    k = cut(project(value if key is None else key, self.query_weights), self.num_heads)
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    return end(self, weights, v, training, return_attention_scores)


@layer
def sums_the_keys(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    return end(self, weights, k, training, return_attention_scores)


@layer
def query_stands_in_for_key(
    self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None
):
    q, k, v = qkv(self, query, value, query if key is None else key)
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    return end(self, weights, v, training, return_attention_scores)


@layer
def only_self_attention(
    self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None
):
    q, k, v = qkv(self, query, query, query)
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    return end(self, weights, v, training, return_attention_scores)


@layer
def key_forgotten(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value)
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    return end(self, weights, v, training, return_attention_scores)


@layer
def key_is_value(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    value = key if key is not None else value
    q, k, v = qkv(self, query, value, value)
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    return end(self, weights, v, training, return_attention_scores)


@layer
def paper_order(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    if key is not None:
        key, value = value, key
    q, k, v = qkv(self, query, value, value if key is None else key)
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    return end(self, weights, v, training, return_attention_scores)


def kernel_only(x, weights):
    return project(x, (weights[0], None))


@layer
def no_bias_at_all(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    key, H = value if key is None else key, self.num_heads
    q, k, v = (
        cut(kernel_only(x, w), H)
        for x, w in ((query, self.query_weights), (key, self.key_weights), (value, self.value_weights))
    )
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    output = kernel_only(glue(ops.matmul(weights, v)), self.output_weights)
    return (output, weights) if return_attention_scores else output


@layer
def no_output_bias(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    output = ops.einsum("bhtk,hkd->btd", ops.matmul(weights, v), self.output_weights[0])
    return (output, weights) if return_attention_scores else output


@layer
def no_value_bias(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, _ = qkv(self, query, value, value if key is None else key)
    v = ops.einsum("bsd,dhk->bhsk", value, self.value_weights[0])
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    return end(self, weights, v, training, return_attention_scores)


@layer
def no_query_bias(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    _, k, v = qkv(self, query, value, value if key is None else key)
    q = ops.einsum("btd,dhk->bhtk", query, self.query_weights[0])
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    return end(self, weights, v, training, return_attention_scores)


MUTANTS = [
    (no_scale, "not scaled"),
    (root_of_model_width, "model's width D"),
    (root_of_all_heads, "width H·K"),
    (root_forgotten, "divided by K"),
    (root_of_heads, "divided by √H"),
    (root_of_value_dim, "root of `value_dim`"),
    (root_of_length, "sentence's length"),
    (key_dim_heads, "`key_dim` heads"),
    (values_from_the_query, "values are made from the query"),
    (query_and_value_swapped, "query and value have changed"),
    (with_residual, "query is added"),
    (no_w_o, "W_O is missing"),
    (mean_of_heads, "averaged on the way out"),
    (merged_by_reshape, "merged without swapping"),
    (merged_backwards, "merged in reverse order"),
    (split_by_reshape, "reshaped straight"),
    (reshapes_everywhere, "all lack the swap"),
    (heads_of_a_word, "within each word"),
    (never_split, "one wide head"),
    (query_and_key_swapped, "query and key are swapped"),
    (softmax_over_queries, "runs over the queries"),
    (softmax_over_heads, "runs over the heads"),
    (no_softmax, "softmax is missing"),
    (value_by_key_weights, "keys' projection is summed"),
    (key_by_query_weights, "keys are projected with the query's"),
    (sums_the_keys, "keys' projection is summed"),
    (query_stands_in_for_key, "query is taken for it"),
    (only_self_attention, "everything is made from the query"),
    (key_forgotten, "key is ignored"),
    (key_is_value, "serves as value too"),
    (paper_order, "changed places"),
    (no_bias_at_all, "all biases"),
    (no_output_bias, "output's bias"),
    (no_value_bias, "value's bias"),
    (no_query_bias, "query's bias"),
    *masks_scores_dropout.MUTANTS,
    *as_learners_write.MUTANTS,
    *scales_masks_dice.MUTANTS,
]
