"""Grouped queries (Ainslie et al. 2023): several heads ask of the same keys and values."""

import keras
from keras import ops

from utils.layers.attention import MultiHeadAttention, merge_heads, project, scaled_dot_product_attention, split_heads
from utils.layers.contract import check_positive
from utils.layers.rotary import rotary_embedding


@keras.saving.register_keras_serializable(package="transformer_course")
class GroupedQueryAttention(MultiHeadAttention):
    """H heads of queries over G heads of keys and values; heads h·G/H, rounded down, share one (Ainslie et al. 2023).

    Weights have the order and the shapes of `keras.layers.GroupQueryAttention`'s: kernels (D, H, K), (D, G, K),
    (D, G, K), (H, K, D), each with its bias.

    Args:
        num_heads: H.
        key_dim: K, the width of each head.
        num_key_value_heads: G, a divisor of H; None takes H, one has it from Shazeer (2019): multi-query attention.
        dropout: rate on the attention weights.
        use_bias: whether the projections have biases.
        rotary_base: None, or the base by which queries and keys are turned, in halves.

    Call arguments:
        query: (B, T, D). value: (B, S, Dv). key: (B, S, Dk); None takes the value.
        attention_mask: bool, True = may attend, (T, S), (B, T, S) or (B or 1, H or 1, T or 1, S).
        return_attention_scores: return (output, scores (B, H, T, S)) instead of the output (B, T, D).
    """

    def __init__(self, num_heads, key_dim, num_key_value_heads=None, dropout=0.0, use_bias=True, rotary_base=None,
                 **kwargs):  # fmt: skip
        super().__init__(num_heads, key_dim, dropout=dropout, use_bias=use_bias, **kwargs)
        self.num_key_value_heads = num_heads if num_key_value_heads is None else num_key_value_heads
        self.rotary_base = rotary_base
        check_groups(num_heads, self.num_key_value_heads)

    def build(self, query_shape, value_shape, key_shape=None):
        d_query, d_value, d_key = query_shape[-1], value_shape[-1], (key_shape or value_shape)[-1]
        H, G, K = self.num_heads, self.num_key_value_heads, self.key_dim
        self.query_weights = self.add_projection("query", (d_query, H, K))
        self.key_weights = self.add_projection("key", (d_key, G, K))
        self.value_weights = self.add_projection("value", (d_value, G, K))
        self.output_weights = self.add_projection("output", (H, K, d_query))

    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
        key = value if key is None else key
        q = split_heads(project(query, self.query_weights), self.num_heads)  # (B, H, T, K)
        k = split_heads(project(key, self.key_weights), self.num_key_value_heads)  # (B, G, S, K)
        v = split_heads(project(value, self.value_weights), self.num_key_value_heads)  # (B, G, S, K)
        if self.rotary_base is not None:
            q, k = rotary_embedding(q, base=self.rotary_base), rotary_embedding(k, base=self.rotary_base)
        share = self.num_heads // self.num_key_value_heads
        k, v = ops.repeat(k, share, axis=1), ops.repeat(v, share, axis=1)  # each beside itself: (B, H, S, K)
        heads, scores = scaled_dot_product_attention(q, k, v, attention_mask)  # (B, H, T, K)
        if self.dropout:
            heads = ops.matmul(self.dropout_layer(scores, training=training), v)
        output = project(merge_heads(heads), self.output_weights)  # (B, T, D)
        return (output, scores) if return_attention_scores else output


def check_groups(num_heads: int, num_key_value_heads: int) -> None:
    """Raises ValueError where the heads cannot be shared out evenly over those of keys and values."""
    check_positive(num_heads=num_heads, num_key_value_heads=num_key_value_heads)
    if num_heads % num_key_value_heads:
        raise ValueError(
            "The number of heads must be a multiple of those of keys and values, so that each of these serves as many. "
            f"Received: num_heads={num_heads}, num_key_value_heads={num_key_value_heads}"
        )


def cache_bytes(num_layers: int, num_key_value_heads: int, key_dim: int, places: int, bytes_each: int = 2) -> int:
    """What keys and values of one text weigh that is being written: 2 · layers · G · K · L · bytes.

    Args:
        num_layers: of the model.
        num_key_value_heads: G.
        key_dim: K.
        places: L, how many tokens are kept.
        bytes_each: of a number, 2 in half precision.
    """
    return 2 * num_layers * num_key_value_heads * key_dim * places * bytes_each
