"""Unusual right answers to MultiHeadAttention."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from utils.layers import MultiHeadAttention as Given
from utils.layers import scaled_dot_product_attention
from utils.layers.attention import merge_heads, project, split_heads


def layer(call):
    """The lesson's class with this `call`."""
    return type(call.__name__, (Given,), {"call": call})


@layer
def by_einsum(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    (wq, bq), (wk, bk), (wv, bv), (wo, bo) = (
        (kernel, 0 if bias is None else bias)
        for kernel, bias in (self.query_weights, self.key_weights, self.value_weights, self.output_weights)
    )
    key = value if key is None else key
    q = ops.einsum("btd,dhk->bthk", query, wq) + bq
    k = ops.einsum("bsd,dhk->bshk", key, wk) + bk
    v = ops.einsum("bsd,dhk->bshk", value, wv) + bv
    scores = ops.einsum("bthk,bshk->bhts", q, k) / self.key_dim**0.5
    if attention_mask is not None:
        mask = ops.convert_to_tensor(attention_mask)
        mask = ops.expand_dims(mask, 1) if len(mask.shape) == 3 else mask
        scores = ops.where(mask, scores, -1e9)
    weights = ops.softmax(scores)
    heads = ops.einsum("bhts,bshv->bthv", self.dropout_layer(weights, training=training), v)
    output = ops.einsum("bthv,hvd->btd", heads, wo) + bo
    return (output, weights) if return_attention_scores else output


@layer
def by_a_loop_over_heads(
    self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None
):
    if key is None:
        key = value
    mask = attention_mask
    if mask is not None:
        mask = tf.convert_to_tensor(mask)
        mask = tf.reshape(mask, (1,) * (4 - len(mask.shape)) + tuple(mask.shape)) if len(mask.shape) < 3 else mask
        mask = mask[:, None] if len(mask.shape) == 3 else mask
    output, scores = 0.0, []
    for h in range(self.num_heads):
        q, k, v = (
            tf.matmul(x, kernel[:, h]) + (0 if bias is None else bias[h])
            for x, (kernel, bias) in (
                (query, self.query_weights),
                (key, self.key_weights),
                (value, self.value_weights),
            )
        )
        logits = tf.matmul(q, k, transpose_b=True) / np.sqrt(self.key_dim)
        if mask is not None:
            logits += (1 - tf.cast(mask[:, h if mask.shape[1] > 1 else 0], "float32")) * -1e9
        scores.append(tf.nn.softmax(logits))
        head = tf.matmul(self.dropout_layer(scores[-1], training=training), v)
        output += tf.matmul(head, self.output_weights[0][h])
    output += 0 if self.output_weights[1] is None else self.output_weights[1]
    return [output, tf.stack(scores, axis=1)] if return_attention_scores else output


@layer
def without_the_keys_bias(
    self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None
):
    """Adds the same to a whole row of scores, which the softmax takes out again."""
    key = value if key is None else key
    q = split_heads(project(query, self.query_weights), self.num_heads)
    k = split_heads(project(key, (self.key_weights[0], None)), self.num_heads)
    v = split_heads(project(value, self.value_weights), self.num_heads)
    _, scores = scaled_dot_product_attention(q, k, v, mask=attention_mask)
    dropped = keras.random.dropout(scores, self.dropout) if training and self.dropout > 0 else scores
    output = project(merge_heads(ops.matmul(dropped, v)), self.output_weights)
    if return_attention_scores:
        return output, scores
    return output


@layer
def training_from_the_context(
    self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None
):
    """Keras hands `training` on by itself to a layer called inside a layer."""
    key = key if key is not None else value
    q, k, v = (
        split_heads(project(x, w), num_heads=self.num_heads)
        for x, w in ((query, self.query_weights), (key, self.key_weights), (value, self.value_weights))
    )
    _, scores = scaled_dot_product_attention(q, k, v, attention_mask)
    output = project(merge_heads(self.dropout_layer(scores) @ v), self.output_weights)
    return (output, scores) if return_attention_scores else output


@layer
def by_shapes_asked_for(
    self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None
):
    def heads(x, weights):
        B, T = ops.shape(x)[0], ops.shape(x)[1]
        x = project(x, weights)
        return ops.transpose(ops.reshape(x, (B, T, self.num_heads, x.shape[2] // self.num_heads)), (0, 2, 1, 3))

    k = heads(value if key is None else key, self.key_weights)
    v = heads(value, self.value_weights)
    attended, scores = scaled_dot_product_attention(heads(query, self.query_weights), k, v, attention_mask)
    if training and self.dropout > 0:
        attended = self.dropout_layer(scores, training=True) @ v
    attended = ops.reshape(ops.swapaxes(attended, 1, 2), (-1, query.shape[1], self.num_heads * self.value_dim))
    output = project(attended, self.output_weights)
    return (output, scores) if return_attention_scores else output


@layer
def heads_as_sentences(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    """The heads wait in the batch; hidden weights are taken away behind the softmax, the rest divided by its sum."""
    H, key = self.num_heads, value if key is None else key
    q, k, v = (
        ops.swapaxes(ops.tensordot(x, kernel, axes=1) + (0 if bias is None else bias), 1, 2)
        for x, (kernel, bias) in ((query, self.query_weights), (key, self.key_weights), (value, self.value_weights))
    )
    q, k = (ops.reshape(x, (-1, x.shape[2], self.key_dim)) for x in (q / self.key_dim**0.5, k))
    scores = ops.softmax(ops.matmul(q, ops.swapaxes(k, 1, 2)))
    scores = ops.reshape(scores, (-1, H, *scores.shape[1:]))
    if attention_mask is not None:
        mask = attention_mask[:, None] if len(attention_mask.shape) == 3 else attention_mask
        scores = scores * ops.cast(mask, scores.dtype)
        scores = scores / ops.maximum(ops.sum(scores, axis=-1, keepdims=True), 1e-30)
    dropped = tf.nn.dropout(scores, self.dropout) if training and self.dropout else scores
    output = project(merge_heads(ops.matmul(dropped, v)), self.output_weights)
    return (output, scores) if return_attention_scores else output


@layer
def head_by_head(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    key = value if key is None else key
    q, k, v = (
        split_heads(project(x, w), self.num_heads)
        for x, w in ((query, self.query_weights), (key, self.key_weights), (value, self.value_weights))
    )
    scores = []
    for h in range(self.num_heads):
        mask = attention_mask
        if mask is not None and len(mask.shape) == 4:
            mask = mask[:, h if mask.shape[1] > 1 else 0]
        scores.append(scaled_dot_product_attention(q[:, h], k[:, h], v[:, h], mask)[1])
    self.seen = scores = ops.stack(scores, axis=1)
    chance = keras.random.uniform(ops.shape(scores), seed=self.dropout_layer.seed_generator) if self.dropout else None
    kept = ops.where(chance < self.dropout, 0.0, scores / (1 - self.dropout)) if training and self.dropout else scores
    output = ops.einsum("bhts,bhsv,hvd->btd", kept, v, self.output_weights[0])
    output = output if self.output_weights[1] is None else output + self.output_weights[1]
    return [output, scores] if return_attention_scores else output


ALTERNATIVES = [
    heads_as_sentences,
    head_by_head,
    by_einsum,
    by_a_loop_over_heads,
    by_shapes_asked_for,
    without_the_keys_bias,
    training_from_the_context,
]
