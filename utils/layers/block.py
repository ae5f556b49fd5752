"""The block of 2017 with a switch for each thing that has changed since, and a stack of them that writes."""

import math

import keras
from keras import ops

from utils.layers.block_frames import BlockStackFrame, check_choice
from utils.layers.contract import check_token_ids
from utils.layers.encoder import FeedForward
from utils.layers.frames import EncoderLayerFrame
from utils.layers.gated import SwiGLU
from utils.layers.grouped import GroupedQueryAttention
from utils.layers.masks import create_look_ahead_mask
from utils.layers.positional_encoding import PositionalEncoding

NORMS = {"layer": keras.layers.LayerNormalization, "rms": keras.layers.RMSNormalization}


@keras.saving.register_keras_serializable(package="transformer_course")
class Block(EncoderLayerFrame):
    """Self-attention and feed-forward, each in a residual with a norm; every later idea is a switch.

    Args:
        embedding_dim: D. num_heads: H, a divisor of D. fully_connected_dim: F.
        num_key_value_heads: G, a divisor of H; None takes H.
        rotary_base: None, or the base by which queries and keys are turned.
        norm_kind: "layer" or "rms". norm: "post" or "pre". layernorm_eps: the norms' epsilon.
        gated: whether the feed-forward is a SwiGLU (with another activation, another gated unit).
        activation: the feed-forward's. use_bias: of projections and feed-forward.
        dropout_rate: on the attention weights and on the output of both sub-layers.

    Call arguments:
        x: (B, T, D). attention_mask: bool, True = may attend; None allows all. Returns (B, T, D).
    """

    def __init__(self, embedding_dim, num_heads, fully_connected_dim, num_key_value_heads=None, rotary_base=None,
                 norm_kind="layer", norm="post", gated=False, activation="relu", use_bias=True, dropout_rate=0.0,
                 layernorm_eps=1e-6, **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        self.keep(locals())
        check_choice("norm_kind", norm_kind, NORMS)
        self.self_attention = GroupedQueryAttention(
            num_heads, embedding_dim // num_heads, num_key_value_heads, dropout_rate, use_bias, rotary_base
        )
        self.attention_dropout = keras.layers.Dropout(dropout_rate)
        self.attention_norm = NORMS[norm_kind](epsilon=layernorm_eps)
        if gated:
            self.feed_forward = SwiGLU(embedding_dim, fully_connected_dim, activation, use_bias, dropout_rate)
        else:
            self.feed_forward = FeedForward(embedding_dim, fully_connected_dim, activation, dropout_rate)
            self.feed_forward.widen.use_bias = self.feed_forward.narrow.use_bias = use_bias  # not yet built
        self.feed_forward_norm = NORMS[norm_kind](epsilon=layernorm_eps)

    def call(self, x, attention_mask=None, training=None):
        residual = x
        x = self.attention_norm(x) if self.norm == "pre" else x
        x = self.self_attention(x, x, attention_mask=attention_mask, training=training)
        x = residual + self.attention_dropout(x, training=training)
        x = self.attention_norm(x) if self.norm == "post" else x

        residual = x
        x = self.feed_forward_norm(x) if self.norm == "pre" else x
        x = residual + self.feed_forward(x, training=training)
        return self.feed_forward_norm(x) if self.norm == "post" else x


@keras.saving.register_keras_serializable(package="transformer_course")
class BlockStack(BlockStackFrame):
    """Embedding, positions, blocks that see no later word, and a score for each word that may come next.

    Args:
        num_layers: how many blocks. input_vocab_size: V.
        embedding_dim, num_heads, fully_connected_dim, num_key_value_heads, norm_kind, norm, gated, activation,
            use_bias, dropout_rate, layernorm_eps: see `Block`; "pre" adds a norm at the end.
        positions: "sinusoidal" adds them to the embedding, "rotary" turns queries and keys, "none" has none.
        rotary_base: where they are turned. maximum_position_encoding: the longest text where they are added.
        scale_embedding: whether embeddings are multiplied by √D.

    Call arguments:
        token_ids: (B, T). Returns logits (B, T, V).
    """

    def __init__(self, num_layers, embedding_dim, num_heads, fully_connected_dim, input_vocab_size,
                 num_key_value_heads=None, positions="sinusoidal", rotary_base=10000.0, norm_kind="layer",
                 norm="post", gated=False, activation="relu", use_bias=True, dropout_rate=0.0, layernorm_eps=1e-6,
                 maximum_position_encoding=2048, scale_embedding=True, **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        self.keep(locals())
        check_choice("positions", positions, ("sinusoidal", "rotary", "none"))
        self.embedding = keras.layers.Embedding(input_vocab_size, embedding_dim)
        added = positions == "sinusoidal"
        self.positional_encoding = PositionalEncoding(maximum_position_encoding) if added else None
        sizes = (embedding_dim, num_heads, fully_connected_dim, num_key_value_heads)
        turned_by = rotary_base if positions == "rotary" else None
        options = (turned_by, norm_kind, norm, gated, activation, use_bias, dropout_rate, layernorm_eps)
        self.blocks = [Block(*sizes, *options) for _ in range(num_layers)]
        self.final_norm = NORMS[norm_kind](epsilon=layernorm_eps) if norm == "pre" else None
        self.output_layer = keras.layers.Dense(input_vocab_size, use_bias=False)

    def call(self, token_ids, training=None):
        check_token_ids(token_ids, self.input_vocab_size)
        x = self.embedding(token_ids)  # (B, T, D)
        x = x * math.sqrt(self.embedding_dim) if self.scale_embedding else x
        x = x if self.positional_encoding is None else self.positional_encoding(x)
        mask = create_look_ahead_mask(ops.shape(token_ids)[1])  # (T, T)
        for block in self.blocks:
            x = block(x, attention_mask=mask, training=training)
        x = x if self.final_norm is None else self.final_norm(x)
        return self.output_layer(x)  # (B, T, V)
