"""The encoder: self-attention and feed-forward, each inside a residual and a norm (sections 3.1, 3.3)."""

import math

import keras
from keras import ops

from utils.layers.attention import MultiHeadAttention
from utils.layers.contract import check_token_ids
from utils.layers.frames import EncoderFrame, EncoderLayerFrame, FeedForwardFrame
from utils.layers.masks import create_padding_mask
from utils.layers.positional_encoding import PositionalEncoding


def layer_norm(x, gamma, beta, epsilon: float = 1e-6):
    """Normalises every token over its own features (Ba et al. 2016): no other token, no other sentence.

    Args:
        x: (..., D).
        gamma: scale (D,).
        beta: shift (D,).
        epsilon: added to the variance, inside the root.

    Returns:
        (..., D).
    """
    x, gamma, beta = (ops.convert_to_tensor(array) for array in (x, gamma, beta))
    mean = ops.mean(x, axis=-1, keepdims=True)
    variance = ops.mean(ops.square(x - mean), axis=-1, keepdims=True)
    return gamma * (x - mean) / ops.sqrt(variance + epsilon) + beta


@keras.saving.register_keras_serializable(package="transformer_course")
class FeedForward(FeedForwardFrame):
    """The same small network at every position: widen, bend, narrow (section 3.3).

    Args:
        embedding_dim: D, of input and output.
        fully_connected_dim: F, in between.
        activation: the bend.
        dropout_rate: on the output, before the residual adds it.

    Call arguments:
        x: (B, T, D). Returns (B, T, D).
    """

    def __init__(self, embedding_dim, fully_connected_dim, activation="relu", dropout_rate=0.0, **kwargs):
        super().__init__(**kwargs)
        self.keep(locals())
        self.widen = keras.layers.Dense(fully_connected_dim, activation=activation)
        self.narrow = keras.layers.Dense(embedding_dim)
        self.dropout_layer = keras.layers.Dropout(dropout_rate)

    def call(self, x, training=None):
        x = self.widen(x)  # (B, T, F)
        x = self.narrow(x)  # (B, T, D)
        return self.dropout_layer(x, training=training)


@keras.saving.register_keras_serializable(package="transformer_course")
class EncoderLayer(EncoderLayerFrame):
    """Self-attention, then feed-forward; each is added to what came in, and normalised (section 3.1).

    Args:
        embedding_dim: D. num_heads: H, a divisor of D. fully_connected_dim: F.
        dropout_rate: on the attention weights and on the output of both sub-layers.
        layernorm_eps: the norms' epsilon.
        norm: "post" normalises after the residual, as in the paper; "pre" before each sub-layer.
        activation: the feed-forward's.

    Call arguments:
        x: (B, T, D). attention_mask: bool, True = may attend; None allows all.
        return_attention_scores: return (output, scores (B, H, T, T)) instead of the output (B, T, D).
    """

    def __init__(self, embedding_dim, num_heads, fully_connected_dim, dropout_rate=0.1, layernorm_eps=1e-6,
                 norm="post", activation="relu", **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        self.keep(locals())
        self.self_attention = MultiHeadAttention(num_heads, embedding_dim // num_heads, dropout=dropout_rate)
        self.attention_dropout = keras.layers.Dropout(dropout_rate)
        self.attention_norm = keras.layers.LayerNormalization(epsilon=layernorm_eps)
        self.feed_forward = FeedForward(embedding_dim, fully_connected_dim, activation, dropout_rate)
        self.feed_forward_norm = keras.layers.LayerNormalization(epsilon=layernorm_eps)

    def call(self, x, attention_mask=None, training=None, return_attention_scores=False):
        residual = x
        x = self.attention_norm(x) if self.norm == "pre" else x
        x, scores = self.self_attention(
            x, x, attention_mask=attention_mask, return_attention_scores=True, training=training
        )
        x = residual + self.attention_dropout(x, training=training)
        x = self.attention_norm(x) if self.norm == "post" else x

        residual = x
        x = self.feed_forward_norm(x) if self.norm == "pre" else x
        x = residual + self.feed_forward(x, training=training)
        x = self.feed_forward_norm(x) if self.norm == "post" else x
        return (x, scores) if return_attention_scores else x


@keras.saving.register_keras_serializable(package="transformer_course")
class Encoder(EncoderFrame):
    """Embedding times √D, plus positions, then `num_layers` encoder layers (sections 3.1, 3.4, 3.5).

    Args:
        num_layers: how many. embedding_dim, num_heads, fully_connected_dim, dropout_rate, layernorm_eps,
            norm, activation: see `EncoderLayer`; dropout also acts on the embedded input, and "pre" adds
            a norm at the end.
        input_vocab_size: V. maximum_position_encoding: the longest input. pad_id: the id of padding.

    Call arguments:
        token_ids: (B, S). attention_mask: bool; None lets every word attend to every token but padding.
        return_attention_scores: return (output, {"encoder/0/self": (B, H, S, S), …}) instead of the
            output (B, S, D).
    """

    def __init__(self, num_layers, embedding_dim, num_heads, fully_connected_dim, input_vocab_size,
                 maximum_position_encoding, dropout_rate=0.1, layernorm_eps=1e-6, norm="post",
                 activation="relu", pad_id=0, **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        self.keep(locals())
        self.embedding = keras.layers.Embedding(input_vocab_size, embedding_dim)
        self.positional_encoding = PositionalEncoding(maximum_position_encoding)
        self.dropout_layer = keras.layers.Dropout(dropout_rate)
        sizes = (embedding_dim, num_heads, fully_connected_dim)
        options = (dropout_rate, layernorm_eps, norm, activation)
        self.encoder_layers = [EncoderLayer(*sizes, *options) for _ in range(num_layers)]
        self.final_norm = keras.layers.LayerNormalization(epsilon=layernorm_eps) if norm == "pre" else None

    def call(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
        check_token_ids(token_ids, self.input_vocab_size)
        if attention_mask is None:
            attention_mask = create_padding_mask(token_ids, self.pad_id)  # (B, 1, 1, S)
        x = self.embedding(token_ids) * math.sqrt(self.embedding_dim)  # (B, S, D)
        x = self.dropout_layer(self.positional_encoding(x), training=training)
        scores, options = {}, {"training": training, "return_attention_scores": True}
        for n, layer in enumerate(self.encoder_layers):
            x, scores[f"encoder/{n}/self"] = layer(x, attention_mask=attention_mask, **options)
        x = x if self.final_norm is None else self.final_norm(x)
        return (x, scores) if return_attention_scores else x
