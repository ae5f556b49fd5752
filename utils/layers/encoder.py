"""The encoder: self-attention and feed-forward, each inside a residual and a norm (sections 3.1, 3.3)."""

import math

import keras
from keras import ops

from utils.layers.attention import MultiHeadAttention
from utils.layers.contract import (
    arguments_of,
    check_divisible,
    check_norm,
    check_positive,
    check_rate,
    check_token_ids,
)
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
class FeedForward(keras.layers.Layer):
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
        check_positive(embedding_dim=embedding_dim, fully_connected_dim=fully_connected_dim)
        check_rate(dropout_rate=dropout_rate)
        self.embedding_dim, self.fully_connected_dim = embedding_dim, fully_connected_dim
        self.activation, self.dropout_rate = activation, dropout_rate
        policy = {"dtype": self.dtype_policy}  # the parts compute as the whole does
        self.widen = keras.layers.Dense(fully_connected_dim, activation=activation, **policy)
        self.narrow = keras.layers.Dense(embedding_dim, **policy)
        self.dropout_layer = keras.layers.Dropout(dropout_rate, **policy)

    def build(self, input_shape):
        self.widen.build(input_shape)
        self.narrow.build((*input_shape[:-1], self.widen.units))

    def call(self, x, training=None):
        x = self.widen(x)  # (B, T, F)
        x = self.narrow(x)  # (B, T, D)
        return self.dropout_layer(x, training=training)

    def get_config(self):
        return {**super().get_config(), **arguments_of(self)}

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.embedding_dim)


@keras.saving.register_keras_serializable(package="transformer_course")
class EncoderLayer(keras.layers.Layer):
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
        check_divisible(embedding_dim, num_heads)
        check_norm(norm)
        self.embedding_dim, self.num_heads = embedding_dim, num_heads
        self.fully_connected_dim, self.dropout_rate = fully_connected_dim, dropout_rate
        self.layernorm_eps, self.norm, self.activation = layernorm_eps, norm, activation
        policy = {"dtype": self.dtype_policy}  # the parts compute as the whole does
        key_dim = embedding_dim // num_heads
        self.self_attention = MultiHeadAttention(num_heads, key_dim, dropout=dropout_rate, **policy)
        self.attention_dropout = keras.layers.Dropout(dropout_rate, **policy)
        self.attention_norm = keras.layers.LayerNormalization(epsilon=layernorm_eps, **policy)
        sizes = (embedding_dim, fully_connected_dim)
        self.feed_forward = FeedForward(*sizes, activation, dropout_rate, **policy)
        self.feed_forward_norm = keras.layers.LayerNormalization(epsilon=layernorm_eps, **policy)

    def build(self, input_shape):
        self.self_attention.build(input_shape, input_shape)
        for layer in (self.attention_norm, self.feed_forward, self.feed_forward_norm):
            layer.build(input_shape)

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

    def get_config(self):
        return {**super().get_config(), **arguments_of(self)}

    def compute_output_shape(self, input_shape):
        return input_shape

    def compute_output_spec(self, *args, **kwargs):
        return keras.Operation.compute_output_spec(self, *args, **kwargs)  # by tracing: may be a pair


@keras.saving.register_keras_serializable(package="transformer_course")
class Encoder(keras.layers.Layer):
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
        check_positive(num_layers=num_layers, input_vocab_size=input_vocab_size)
        self.num_layers, self.embedding_dim, self.num_heads = num_layers, embedding_dim, num_heads
        self.fully_connected_dim, self.input_vocab_size = fully_connected_dim, input_vocab_size
        self.maximum_position_encoding, self.dropout_rate = maximum_position_encoding, dropout_rate
        self.layernorm_eps, self.norm, self.activation, self.pad_id = layernorm_eps, norm, activation, pad_id
        policy = {"dtype": self.dtype_policy}  # the parts compute as the whole does
        self.embedding = keras.layers.Embedding(input_vocab_size, embedding_dim, **policy)
        self.positional_encoding = PositionalEncoding(maximum_position_encoding, **policy)
        self.dropout_layer = keras.layers.Dropout(dropout_rate, **policy)
        sizes, options = (
            (embedding_dim, num_heads, fully_connected_dim),
            (dropout_rate, layernorm_eps, norm, activation),
        )
        self.encoder_layers = [EncoderLayer(*sizes, *options, **policy) for _ in range(num_layers)]
        self.final_norm = keras.layers.LayerNormalization(epsilon=layernorm_eps, **policy) if norm == "pre" else None

    def build(self, token_ids_shape):
        self.embedding.build(token_ids_shape)
        x_shape = (*token_ids_shape, self.embedding_dim)
        for layer in filter(None, (self.positional_encoding, *self.encoder_layers, self.final_norm)):
            layer.build(x_shape)

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

    def get_config(self):
        return {**super().get_config(), **arguments_of(self)}

    def compute_output_shape(self, token_ids_shape):
        x_shape = (*token_ids_shape, self.embedding_dim)
        return self.positional_encoding.compute_output_shape(x_shape)  # raises where it is too long

    def compute_output_spec(self, token_ids, return_attention_scores=False, **kwargs):
        output, scores = symbolic_outputs(self, token_ids)
        return (output, scores) if return_attention_scores else output


def symbolic_outputs(encoder, token_ids):
    """What an `Encoder` gives for ids that have no values yet: shapes and dtypes of its output and its scores.

    By hand, not by tracing as `EncoderLayer` does: for an unknown length JAX would try one that may be longer
    than the encoder's positions.
    """
    check_token_ids(token_ids, encoder.input_vocab_size)
    (B, S), H, dtype = token_ids.shape, encoder.num_heads, encoder.compute_dtype
    output = keras.KerasTensor(encoder.compute_output_shape((B, S)), dtype)
    scores = {f"encoder/{n}/self": keras.KerasTensor((B, H, S, S), dtype) for n in range(encoder.num_layers)}
    return output, scores
