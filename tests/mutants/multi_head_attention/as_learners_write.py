"""Wrong answers to MultiHeadAttention made of the lesson's own functions; some need to know the batch's size."""

import numpy as np
from keras import ops

from tests.mutants.multi_head_attention.shared import layer
from utils.layers.attention import merge_heads, project, scaled_dot_product_attention, split_heads


def by_the_book(self, query, value, key, training, asked, split=split_heads, attend=None, merge=merge_heads):
    """The library's steps, one of them exchanged."""
    key = value if key is None else key
    q, k, v = (
        split(project(x, w), self.num_heads)
        for x, w in ((query, self.query_weights), (key, self.key_weights), (value, self.value_weights))
    )
    heads, scores = attend(q, k, v)
    if self.dropout:
        heads = ops.matmul(self.dropout_layer(scores, training=training), v)
    output = project(merge(heads), self.output_weights)
    return (output, scores) if asked else output


@layer
def q_v_k(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    def attend(q, k, v):
        return scaled_dot_product_attention(q, v, k, attention_mask)

    return by_the_book(self, query, value, key, training, return_attention_scores, attend=attend)


@layer
def q_v_k_and_summed_again(
    self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None
):
    def attend(q, k, v):
        _, scores = scaled_dot_product_attention(q, v, k, attention_mask)
        return ops.matmul(scores, v), scores

    return by_the_book(self, query, value, key, training, return_attention_scores, attend=attend)


@layer
def k_q_v(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    def attend(q, k, v):
        return scaled_dot_product_attention(k, q, v, attention_mask)

    return by_the_book(self, query, value, key, training, return_attention_scores, attend=attend)


@layer
def not_the_mask(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    def attend(q, k, v):
        mask = None if attention_mask is None else ops.logical_not(attention_mask)
        return scaled_dot_product_attention(q, k, v, mask)

    return by_the_book(self, query, value, key, training, return_attention_scores, attend=attend)


@layer
def split_by_key_dim(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    def split(x, num_heads):
        return split_heads(x, self.key_dim)

    def attend(q, k, v):
        return scaled_dot_product_attention(q, k, v, attention_mask)

    return by_the_book(self, query, value, key, training, return_attention_scores, split, attend)


@layer
def split_by_shape(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    def split(x, num_heads):
        B, T, D = x.shape
        return ops.transpose(ops.reshape(x, (B, T, num_heads, D // num_heads)), (0, 2, 1, 3))

    def attend(q, k, v):
        return scaled_dot_product_attention(q, k, v, attention_mask)

    return by_the_book(self, query, value, key, training, return_attention_scores, split, attend)


@layer
def width_left_open(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    def split(x, num_heads):
        return ops.transpose(ops.reshape(x, (ops.shape(x)[0], x.shape[1], num_heads, -1)), (0, 2, 1, 3))

    def attend(q, k, v):
        return scaled_dot_product_attention(q, k, v, attention_mask)

    return by_the_book(self, query, value, key, training, return_attention_scores, split, attend)


@layer
def merged_by_shape(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    def merge(x):
        B, H, T, K = x.shape
        return ops.reshape(ops.transpose(x, (0, 2, 1, 3)), (B, T, H * K))

    def attend(q, k, v):
        return scaled_dot_product_attention(q, k, v, attention_mask)

    return by_the_book(self, query, value, key, training, return_attention_scores, attend=attend, merge=merge)


@layer
def sentence_by_sentence(
    self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None
):
    def merge(x):
        return ops.stack([ops.concatenate(ops.unstack(x[b]), axis=-1) for b in range(len(x))])

    def attend(q, k, v):
        return scaled_dot_product_attention(q, k, v, attention_mask)

    return by_the_book(self, query, value, key, training, return_attention_scores, attend=attend, merge=merge)


@layer
def split_by_numpy(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    def split(x, num_heads):
        return np.stack(np.split(np.asarray(x), num_heads, axis=-1), axis=1)

    def attend(q, k, v):
        return scaled_dot_product_attention(q, k, v, attention_mask)

    return by_the_book(self, query, value, key, training, return_attention_scores, split, attend)


@layer
def by_numpy(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    arrays = [None if a is None else ops.convert_to_numpy(a) for a in (query, value, key)]
    query, value, key = arrays[0], arrays[1], arrays[1] if arrays[2] is None else arrays[2]
    heads, scores = 0, None
    parts = []
    for x, weights in ((query, self.query_weights), (key, self.key_weights), (value, self.value_weights)):
        kernel, bias = (None if w is None else ops.convert_to_numpy(w) for w in weights)
        parts.append(np.einsum("btd,dhk->bhtk", x, kernel) + (0 if bias is None else bias[:, None, :]))
    q, k, v = parts
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(self.key_dim)
    if attention_mask is not None:
        mask = ops.convert_to_numpy(attention_mask)
        scores = np.where(mask[:, None] if mask.ndim == 3 else mask, scores, -1e9)
    scores = np.exp(scores - scores.max(-1, keepdims=True))
    scores = scores / scores.sum(-1, keepdims=True)
    dropped = scores
    if training and self.dropout:
        dropped = np.where(np.random.default_rng(0).random(scores.shape) < self.dropout, 0, scores / (1 - self.dropout))
    heads = np.einsum("bhts,bhsk->bthk", dropped, v)
    kernel, bias = (None if w is None else ops.convert_to_numpy(w) for w in self.output_weights)
    output = np.einsum("bthk,hkd->btd", heads, kernel) + (0 if bias is None else bias)
    output, scores = ops.cast(output, "float32"), ops.cast(scores, "float32")
    return (output, scores) if return_attention_scores else output


@layer
def brackets_of_the_pair(
    self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None
):
    def attend(q, k, v):
        return scaled_dot_product_attention(q, k, v, attention_mask)

    output, scores = by_the_book(self, query, value, key, training, True, attend=attend)
    return output, scores if return_attention_scores else output


@layer
def a_list_of_one(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    def attend(q, k, v):
        return scaled_dot_product_attention(q, k, v, attention_mask)

    output, scores = by_the_book(self, query, value, key, training, True, attend=attend)
    return [output] + ([scores] if return_attention_scores else [])


@layer
def minus_infinity(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    def attend(q, k, v):
        scores = ops.matmul(q, ops.swapaxes(k, 2, 3)) / np.sqrt(self.key_dim)
        if attention_mask is not None:
            mask = attention_mask[:, None] if len(attention_mask.shape) == 3 else attention_mask
            scores = ops.where(mask, scores, -np.inf)
        scores = ops.softmax(scores)
        return ops.matmul(scores, v), scores

    return by_the_book(self, query, value, key, training, return_attention_scores, attend=attend)


@layer
def softmax_twice(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    def attend(q, k, v):
        scores = ops.softmax(scaled_dot_product_attention(q, k, v, attention_mask)[1])
        return ops.matmul(scores, v), scores

    return by_the_book(self, query, value, key, training, return_attention_scores, attend=attend)


@layer
def one_set_of_weights(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    key = value if key is None else key
    q, k, v = (split_heads(project(x, self.query_weights), self.num_heads) for x in (query, key, value))
    heads, scores = scaled_dot_product_attention(q, k, v, attention_mask)
    output = project(merge_heads(heads), self.output_weights)
    return (output, scores) if return_attention_scores else output


@layer
def never_projected(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    key = value if key is None else key
    q, k, v = (split_heads(x, self.num_heads) for x in (query, key, value))
    heads, scores = scaled_dot_product_attention(q, k, v, attention_mask)
    output = project(merge_heads(heads), self.output_weights)
    return (output, scores) if return_attention_scores else output


@layer
def output_dropped(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = (
        split_heads(project(x, w), self.num_heads)
        for x, w in (
            (query, self.query_weights),
            (value if key is None else key, self.key_weights),
            (value, self.value_weights),
        )
    )
    heads, scores = scaled_dot_product_attention(q, k, v, attention_mask)
    output = self.dropout_layer(project(merge_heads(heads), self.output_weights), training=training)
    return (output, scores) if return_attention_scores else output


MUTANTS = [
    (brackets_of_the_pair, "Put brackets around the pair"),
    (a_list_of_one, "list of its own"),
    (minus_infinity, "has become NaN"),
    (softmax_twice, "acts twice"),
    (one_set_of_weights, "all projected with the query's weights"),
    (never_projected, "are not projected"),
    (output_dropped, "after the sum over the values"),
    (q_v_k, "k and v have changed places"),
    (q_v_k_and_summed_again, "compared with v"),
    (k_q_v, "query and key are swapped"),
    (not_the_mask, "turned around"),
    (split_by_key_dim, "`key_dim` heads"),
    (split_by_shape, "x.shape[0] is None"),
    (width_left_open, "width of a head open"),
    (merged_by_shape, "x.shape[0] is None"),
    (sentence_by_sentence, "x.shape[0] is None"),
    (split_by_numpy, "asks for numbers"),
    (by_numpy, "asks for numbers"),
]
