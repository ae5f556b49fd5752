"""Unusual right answers to lesson 06."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from utils.layers import Encoder as GivenEncoder
from utils.layers import EncoderLayer as GivenLayer
from utils.layers import FeedForward as GivenFeedForward
from utils.layers import create_padding_mask
from utils.layers.positional_encoding import positional_encoding


def norm_by_numpy(x, gamma, beta, epsilon=1e-6):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + epsilon) * gamma + beta


def norm_by_moments(x, gamma, beta, epsilon=1e-6):
    mean, variance = tf.nn.moments(tf.constant(x), axes=[-1], keepdims=True)
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, epsilon)


def norm_by_keras(x, gamma, beta, epsilon=1e-6):
    layer = keras.layers.LayerNormalization(epsilon=epsilon)
    layer.build(x.shape)
    layer.set_weights([gamma, beta])
    return layer(x)


def norm_by_a_loop(x, gamma, beta, epsilon=1e-6):
    words = x.reshape(-1, x.shape[-1]).astype("float64")
    out = np.empty_like(words)
    for n, word in enumerate(words):
        mean = sum(word) / len(word)
        spread = (sum((f - mean) ** 2 for f in word) / len(word) + epsilon) ** 0.5
        out[n] = [g * (f - mean) / spread + b for f, g, b in zip(word, gamma, beta, strict=True)]
    return out.reshape(x.shape).astype("float32")


def norm_by_einsum(x, gamma, beta, epsilon=1e-6):
    D = x.shape[-1]
    left = x - ops.einsum("...d->...", x)[..., None] / D
    return gamma * left * ops.rsqrt(ops.einsum("...d,...d->...", left, left)[..., None] / D + epsilon) + beta


def of(given):
    """The lesson's class with another `call`."""
    return lambda call: type(call.__name__, (given,), {"call": call})


@of(GivenFeedForward)
def feed_in_one_line(self, x, training=None):
    return self.dropout_layer(self.narrow(self.widen(x)), training=training)


@of(GivenFeedForward)
def feed_by_matrices(self, x, training=None):
    hidden = self.widen.activation(tf.matmul(x, self.widen.kernel) + self.widen.bias)
    x = tf.matmul(hidden, self.narrow.kernel) + self.narrow.bias
    return keras.random.dropout(x, self.dropout_rate) if training and self.dropout_rate else x


@of(GivenFeedForward)
def feed_word_by_word(self, x, training=None):
    """`training` comes from Keras' own context."""
    words = [self.narrow(self.widen(x[:, t])) for t in range(x.shape[1])]
    return self.dropout_layer(ops.stack(words, axis=1))


@of(GivenLayer)
def two_branches(self, x, attention_mask=None, training=None, return_attention_scores=False):
    def attend(x):
        return self.self_attention(x, x, x, attention_mask, return_attention_scores=True, training=training)

    if self.norm == "pre":
        y, scores = attend(self.attention_norm(x))
        x = x + self.attention_dropout(y, training=training)
        x = x + self.feed_forward(self.feed_forward_norm(x), training=training)
    else:
        y, scores = attend(x)
        x = self.attention_norm(x + self.attention_dropout(y, training=training))
        x = self.feed_forward_norm(x + self.feed_forward(x, training=training))
    if return_attention_scores:
        return x, scores
    return x


@of(GivenLayer)
def training_from_the_context(self, x, attention_mask=None, training=None, return_attention_scores=False):
    pre = self.norm == "pre"
    y = self.attention_norm(x) if pre else x
    y, scores = self.self_attention(y, value=y, attention_mask=attention_mask, return_attention_scores=True)
    x = keras.layers.add([x, self.attention_dropout(y)])
    x = x if pre else self.attention_norm(x)
    x = keras.layers.add([x, self.feed_forward(self.feed_forward_norm(x) if pre else x)])
    x = x if pre else self.feed_forward_norm(x)
    return [x, scores] if return_attention_scores else x


@of(GivenLayer)
def scores_only_where_asked(self, x, attention_mask=None, training=None, return_attention_scores=False):
    identity = keras.layers.Identity()
    pre1, post1 = (self.attention_norm, identity) if self.norm == "pre" else (identity, self.attention_norm)
    pre2, post2 = (self.feed_forward_norm, identity) if self.norm == "pre" else (identity, self.feed_forward_norm)
    y = self.self_attention(pre1(x), pre1(x), attention_mask=attention_mask, training=training)
    scores = None
    if return_attention_scores:
        _, scores = self.self_attention(pre1(x), pre1(x), attention_mask=attention_mask, return_attention_scores=True)
    x = post1(tf.add(x, self.attention_dropout(y, training=training)))
    x = post2(tf.add(x, self.feed_forward(pre2(x), training=training)))
    return x if scores is None else (x, scores)


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
        B, S = token_ids.shape
        attention_mask = ops.broadcast_to(ops.not_equal(token_ids, self.pad_id)[:, None, :], (B, S, S))
    x = self.positional_encoding(self.embedding(token_ids) * self.embedding_dim**0.5)
    x, scores = self.dropout_layer(x, training=training), {}
    for layer in self.encoder_layers:
        x, scores[f"encoder/{len(scores)}/self"] = layer(
            x, attention_mask=attention_mask, training=training, return_attention_scores=True
        )
    x = self.final_norm(x) if self.final_norm is not None else x
    return (x, scores) if return_attention_scores else x


ALTERNATIVES = {
    "layer_norm": [norm_by_numpy, norm_by_moments, norm_by_keras, norm_by_a_loop, norm_by_einsum],
    "FeedForward": [feed_in_one_line, feed_by_matrices, feed_word_by_word],
    "EncoderLayer": [two_branches, training_from_the_context, scores_only_where_asked],
    "Encoder": [by_index, positions_by_hand, three_axes_of_mask],
}
