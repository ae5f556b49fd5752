"""Unusual right answers to GroupedQueryAttention."""

import tensorflow as tf
from keras import ops

from utils.layers import GroupedQueryAttention as Given
from utils.layers import merge_heads, rotary_embedding, scaled_dot_product_attention, split_heads
from utils.layers.attention import project


def layer(call):
    """The lesson's class with this `call`."""
    return type(call.__name__, (Given,), {"call": call})


@layer
def without_copies(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    """The heads of a group stand on an axis of their own, and keys and values are broadcast over it."""
    key, H, G = value if key is None else key, self.num_heads, self.num_key_value_heads
    q = split_heads(project(query, self.query_weights), H)
    k = split_heads(project(key, self.key_weights), G)[:, :, None]  # (B, G, 1, S, K)
    v = split_heads(project(value, self.value_weights), G)[:, :, None]
    if self.rotary_base is not None:
        q, k = (rotary_embedding(x, base=self.rotary_base) for x in (q, k))
    B, T, S = ops.shape(q)[0], ops.shape(q)[2], ops.shape(k)[3]
    q = ops.reshape(q, (B, G, H // G, T, self.key_dim))
    scores = ops.matmul(q, ops.swapaxes(k, -1, -2)) / self.key_dim**0.5  # (B, G, H/G, T, S)
    if attention_mask is not None:
        mask = ops.convert_to_tensor(attention_mask)
        mask = mask[:, None] if len(mask.shape) == 3 else mask
        mask = ops.broadcast_to(mask, (B, H, T, S))
        scores = ops.where(ops.reshape(mask, (B, G, H // G, T, S)), scores, -1e9)
    weights = ops.softmax(scores)
    heads = ops.matmul(self.dropout_layer(weights, training=training), v)
    output = project(merge_heads(ops.reshape(heads, (B, H, T, self.key_dim))), self.output_weights)
    return (output, ops.reshape(weights, (B, H, T, S))) if return_attention_scores else output


@layer
def head_by_head(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    key = value if key is None else key
    q = split_heads(project(query, self.query_weights), self.num_heads)
    k = split_heads(project(key, self.key_weights), num_heads=self.num_key_value_heads)
    v = split_heads(project(value, self.value_weights), num_heads=self.num_key_value_heads)
    if self.rotary_base:
        q, k = rotary_embedding(q, base=self.rotary_base), rotary_embedding(k, base=self.rotary_base)
    mask = None if attention_mask is None else tf.convert_to_tensor(attention_mask)
    share, made, scores = self.num_heads // self.num_key_value_heads, [], []
    for h in range(self.num_heads):
        own = mask[:, h % mask.shape[1]] if mask is not None and len(mask.shape) == 4 else mask
        _, weights = scaled_dot_product_attention(q[:, h], k[:, h // share], v[:, h // share], own)
        made.append(self.dropout_layer(weights, training=training) @ v[:, h // share])
        scores.append(weights)
    output = project(tf.concat(made, axis=-1), self.output_weights)
    return (output, tf.stack(scores, axis=1)) if return_attention_scores else output


@layer
def by_take(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    """Which head of keys each head of queries asks, as a list."""
    if key is None:
        key = value
    asked = [h * self.num_key_value_heads // self.num_heads for h in range(self.num_heads)]
    q = split_heads(project(query, self.query_weights), self.num_heads)
    k = ops.take(split_heads(project(key, self.key_weights), self.num_key_value_heads), asked, axis=1)
    v = ops.take(split_heads(project(value, self.value_weights), self.num_key_value_heads), asked, axis=1)
    if self.rotary_base is not None:
        q, k = (rotary_embedding(x, 0, self.rotary_base, "halves") for x in (q, k))
    made, scores = scaled_dot_product_attention(q, k, v, attention_mask)
    if training and self.dropout > 0:
        made = self.dropout_layer(scores, training=True) @ v
    output = project(merge_heads(made), self.output_weights)
    return [output, scores] if return_attention_scores else output


ALTERNATIVES = [without_copies, head_by_head, by_take]
