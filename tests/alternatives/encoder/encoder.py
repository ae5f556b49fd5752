"""Unusual right answers to Encoder."""

import numpy as np
import tensorflow as tf
from keras import ops

from tests.alternatives.encoder.shared import of
from utils.layers import Encoder as GivenEncoder
from utils.layers import create_padding_mask
from utils.layers.positional_encoding import positional_encoding


@of(GivenEncoder)
def by_index(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    if attention_mask is None:
        attention_mask = tf.not_equal(token_ids, self.pad_id)[:, tf.newaxis, tf.newaxis, :]
    x = self.embedding(token_ids)
    x *= tf.math.sqrt(tf.cast(self.embedding_dim, x.dtype))
    x = self.positional_encoding(x)
    x = self.dropout_layer(x, training=training)
    attention = {}
    for i in range(len(self.encoder_layers)):
        x, block = self.encoder_layers[i](x, attention_mask, training=training, return_attention_scores=True)
        attention["encoder/" + str(i) + "/self"] = block
    if self.norm == "pre":
        x = self.final_norm(x)
    if return_attention_scores:
        return x, attention
    return x


@of(GivenEncoder)
def positions_by_hand(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    mask = create_padding_mask(token_ids, pad_id=self.pad_id) if attention_mask is None else attention_mask
    x = ops.take(self.embedding.embeddings, token_ids, axis=0) * np.sqrt(self.embedding_dim)
    x = x + positional_encoding(token_ids.shape[1], self.embedding_dim)
    x = self.dropout_layer(ops.cast(x, "float32"))
    pairs = []
    for layer in self.encoder_layers:
        x, scores = layer(x, attention_mask=mask, return_attention_scores=True)
        pairs.append(scores)
    x = self.final_norm(x) if self.final_norm else x
    return (x, {f"encoder/{n}/self": s for n, s in enumerate(pairs)}) if return_attention_scores else x


@of(GivenEncoder)
def three_axes_of_mask(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    if attention_mask is None:
        B, S = ops.shape(token_ids)
        attention_mask = ops.broadcast_to(ops.not_equal(token_ids, self.pad_id)[:, None, :], (B, S, S))
    x = self.positional_encoding(self.embedding(token_ids) * self.embedding_dim**0.5)
    x, scores = self.dropout_layer(x, training=training), {}
    for layer in self.encoder_layers:
        x, scores[f"encoder/{len(scores)}/self"] = layer(
            x, attention_mask=attention_mask, training=training, return_attention_scores=True
        )
    x = self.final_norm(x) if self.final_norm is not None else x
    return (x, scores) if return_attention_scores else x


@of(GivenEncoder)
def rows_by_one_hot(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    if attention_mask is None:
        attention_mask = create_padding_mask(token_ids, self.pad_id)
    x = ops.matmul(ops.one_hot(token_ids, self.input_vocab_size), self.embedding.embeddings)
    x = self.dropout_layer(self.positional_encoding(x * self.embedding_dim**0.5), training=training)
    found, n = {}, 0
    while n < self.num_layers:
        x, found[f"encoder/{n}/self"] = self.encoder_layers[n](
            x, attention_mask, training=training, return_attention_scores=True
        )
        n += 1
    x = self.final_norm(x) if self.norm == "pre" else x
    return [x, found] if return_attention_scores else x


ALTERNATIVES = [by_index, positions_by_hand, three_axes_of_mask, rows_by_one_hot]
