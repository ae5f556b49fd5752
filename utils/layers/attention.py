"""Attention, one head and many (Vaswani et al. 2017, section 3.2)."""

import math

import keras
from keras import ops

from utils.layers.contract import arguments_of, check_divisible, check_positive, check_rank, check_rate
from utils.layers.masks import fit_mask, lowest
from utils.layers.neighbours import hears_masks


def scaled_dot_product_attention(q, k, v, mask=None):
    """softmax(q kᵀ / √K) v: each query takes a weighted sum of the values.

    Args:
        q: queries (..., T, K).
        k: keys (..., S, K).
        v: values (..., S, Dv).
        mask: bool, True = may attend, (T, S), (B, T, S) or (B or 1, H or 1, T or 1, S).

    Returns:
        The output (..., T, Dv) and the weights (..., T, S). A query that may look nowhere gets zeros.
    """
    k_transposed = ops.swapaxes(k, -2, -1)  # (..., K, S)
    scores = ops.matmul(q, k_transposed) / math.sqrt(k.shape[-1])  # (..., T, S)
    if mask is not None:
        mask = fit_mask(mask, scores.shape)
        scores = ops.where(mask, scores, lowest(scores.dtype))
    weights = ops.softmax(scores, axis=-1)  # over the S keys
    if mask is not None:
        weights = ops.where(mask, weights, 0.0)  # changes only rows that may look nowhere
    return ops.matmul(weights, v), weights


@keras.saving.register_keras_serializable(package="transformer_course")
class ScaledDotProductAttention(keras.layers.Layer):
    """`scaled_dot_product_attention` as a layer. No weights.

    Call arguments:
        query: (B, T, K).
        value: (B, S, Dv).
        key: (B, S, K); None takes the value.
        attention_mask: bool, True = may attend, (T, S) or (B, T, S).
        return_attention_scores: return (output, weights) instead of the output (B, T, Dv).
    """

    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        key = value if key is None else key
        output, weights = scaled_dot_product_attention(query, key, value, attention_mask)
        return (output, weights) if return_attention_scores else output

    def compute_output_shape(self, query_shape, value_shape, key_shape=None):
        return (*query_shape[:-1], value_shape[-1])

    def compute_output_spec(self, *args, **kwargs):
        return keras.Operation.compute_output_spec(self, *args, **kwargs)  # by tracing: may be a pair


def split_heads(x, num_heads: int):
    """Cuts the last axis into heads.

    Args:
        x: (B, T, D).
        num_heads: H, a divisor of D.

    Returns:
        (B, H, T, D/H): head h holds columns h·D/H … (h+1)·D/H - 1.
    """
    check_rank(x, 3, "x", "(B, T, D)")
    check_divisible(x.shape[-1], num_heads)
    T, D = ops.shape(x)[1], x.shape[-1]
    x = ops.reshape(x, (-1, T, num_heads, D // num_heads))  # (B, T, H, D/H)
    return ops.transpose(x, (0, 2, 1, 3))  # (B, H, T, D/H)


def merge_heads(x):
    """Puts the heads side by side again, the inverse of `split_heads`.

    Args:
        x: (B, H, T, K).

    Returns:
        (B, T, H*K).
    """
    check_rank(x, 4, "x", "(B, H, T, K)")
    H, T, K = x.shape[1], ops.shape(x)[2], x.shape[3]
    x = ops.transpose(x, (0, 2, 1, 3))  # (B, T, H, K)
    return ops.reshape(x, (-1, T, H * K))


def project(x, weights):
    """X W + b, the kernel's three axes taken as the matrix they are.

    Args:
        x: (B, T, N).
        weights: a kernel of three axes with N·M entries, and a bias of M entries or None.

    Returns:
        (B, T, M).
    """
    kernel, bias = weights
    x = ops.matmul(x, ops.reshape(kernel, (int(x.shape[-1]), -1)))  # int: an exporter's size may be no plain number
    return x if bias is None else x + ops.reshape(bias, (-1,))


def glorot_matrix(inputs: tuple):
    """Glorot's uniform initialiser for a kernel that is a matrix with `inputs` as its row axes.

    Keras would take the first axis of a three-axis kernel for a convolution's window and start several
    times too small: 4 times at width 128 with 4 heads.
    """

    def initialise(shape, dtype=None):
        rows = math.prod(inputs)
        return ops.reshape(keras.initializers.GlorotUniform()((rows, math.prod(shape) // rows), dtype), shape)

    return initialise


@keras.saving.register_keras_serializable(package="transformer_course")
class MultiHeadAttention(keras.layers.Layer):
    """Several attentions side by side, each in its own projection, mixed by W_O (section 3.2.2).

    Weights have the order and the shapes of `keras.layers.MultiHeadAttention`'s: kernels (D, H, K) and
    biases (H, K) of query, key and value, then the output's (H, value_dim, D) and (D,).

    Args:
        num_heads: H.
        key_dim: K, the width of each head's queries and keys.
        value_dim: the width of each head's values; None takes `key_dim`.
        dropout: rate on the attention weights.
        use_bias: whether the projections have biases.

    Call arguments:
        query: (B, T, D). value: (B, S, Dv). key: (B, S, Dk); None takes the value.
        attention_mask: bool, True = may attend, (T, S), (B, T, S) or (B or 1, H or 1, T or 1, S).
        return_attention_scores: return (output, scores (B, H, T, S)) instead of the output (B, T, D).
    """

    def __init__(self, num_heads, key_dim, value_dim=None, dropout=0.0, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.num_heads, self.key_dim = num_heads, key_dim
        self.value_dim = key_dim if value_dim is None else value_dim
        check_positive(num_heads=num_heads, key_dim=key_dim, value_dim=self.value_dim)
        check_rate(dropout=dropout)
        self.dropout, self.use_bias = dropout, use_bias
        self.dropout_layer = keras.layers.Dropout(dropout, dtype=self.dtype_policy)

    def build(self, query_shape, value_shape, key_shape=None):
        d_query, d_value, d_key = query_shape[-1], value_shape[-1], (key_shape or value_shape)[-1]
        self.query_weights = self.add_projection("query", (d_query, self.num_heads, self.key_dim))
        self.key_weights = self.add_projection("key", (d_key, self.num_heads, self.key_dim))
        self.value_weights = self.add_projection("value", (d_value, self.num_heads, self.value_dim))
        self.output_weights = self.add_projection("output", (self.num_heads, self.value_dim, d_query))

    def add_projection(self, name, shape):
        output = name == "output"  # (H, value_dim) -> (D,); the other three go (D,) -> (H, K)
        inputs, bias_shape = (shape[:2], shape[2:]) if output else (shape[:1], shape[1:])
        kernel = self.add_weight(name=f"{name}_kernel", shape=shape, initializer=glorot_matrix(inputs))
        bias = self.add_weight(name=f"{name}_bias", shape=bias_shape, initializer="zeros") if self.use_bias else None
        return kernel, bias

    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
        key = value if key is None else key
        q = split_heads(project(query, self.query_weights), self.num_heads)  # (B, H, T, K)
        k = split_heads(project(key, self.key_weights), self.num_heads)  # (B, H, S, K)
        v = split_heads(project(value, self.value_weights), self.num_heads)  # (B, H, S, value_dim)
        heads, scores = scaled_dot_product_attention(q, k, v, attention_mask)  # (B, H, T, value_dim)
        if self.dropout:
            heads = ops.matmul(self.dropout_layer(scores, training=training), v)
        output = project(merge_heads(heads), self.output_weights)  # W_O mixes the heads: (B, T, D)
        return (output, scores) if return_attention_scores else output

    def get_config(self):
        return {**super().get_config(), **arguments_of(self)}

    def compute_output_shape(self, query_shape, value_shape, key_shape=None):
        return query_shape

    def compute_output_spec(self, *args, **kwargs):
        return keras.Operation.compute_output_spec(self, *args, **kwargs)  # by tracing: may be a pair


hears_masks(ScaledDotProductAttention)
hears_masks(MultiHeadAttention)
