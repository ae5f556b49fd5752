"""The decoder: an encoder that is blind to the future and also attends to the source (section 3.1)."""

import math

import keras
from keras import ops

from utils.layers.attention import MultiHeadAttention
from utils.layers.contract import check_token_ids
from utils.layers.encoder import FeedForward
from utils.layers.frames import DecoderFrame, DecoderLayerFrame
from utils.layers.masks import combine_masks, create_look_ahead_mask, create_padding_mask
from utils.layers.positional_encoding import PositionalEncoding


def shift_right(token_ids, start_id: int):
    """What the decoder reads while it learns to say `token_ids`: the start first, the last token dropped.

    Args:
        token_ids: (B, T).
        start_id: the id that begins every sentence.

    Returns:
        (B, T).
    """
    start = ops.full_like(token_ids[:, :1], start_id)
    return ops.concatenate([start, token_ids[:, :-1]], axis=1)


@keras.saving.register_keras_serializable(package="transformer_course")
class DecoderLayer(DecoderLayerFrame):
    """Self-attention, attention to the source, feed-forward; each with residual and norm (section 3.1).

    Args:
        all as `EncoderLayer`'s; dropout acts on the output of all three sub-layers.

    Call arguments:
        x: (B, T, D). encoder_output: (B, S, D).
        self_attention_mask, cross_attention_mask: bool, True = may attend; None allows all.
        return_attention_scores: return (output, self (B, H, T, T), cross (B, H, T, S)).
    """

    def __init__(self, embedding_dim, num_heads, fully_connected_dim, dropout_rate=0.1, layernorm_eps=1e-6,
                 norm="post", activation="relu", **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        self.keep(locals())
        self.self_attention = MultiHeadAttention(num_heads, embedding_dim // num_heads, dropout=dropout_rate)
        self.cross_attention = MultiHeadAttention(num_heads, embedding_dim // num_heads, dropout=dropout_rate)
        self.feed_forward = FeedForward(embedding_dim, fully_connected_dim, activation, dropout_rate)
        self.self_dropout, self.cross_dropout = (keras.layers.Dropout(dropout_rate) for _ in range(2))
        norms = [keras.layers.LayerNormalization(epsilon=layernorm_eps) for _ in range(3)]
        self.self_norm, self.cross_norm, self.feed_forward_norm = norms

    def call(self, x, encoder_output, self_attention_mask=None, cross_attention_mask=None, training=None,
             return_attention_scores=False):  # fmt: skip
        pre, post = self.norm == "pre", self.norm == "post"
        options = {"return_attention_scores": True, "training": training}

        residual, x = x, self.self_norm(x) if pre else x
        x, self_scores = self.self_attention(x, x, attention_mask=self_attention_mask, **options)
        x = residual + self.self_dropout(x, training=training)
        x = self.self_norm(x) if post else x

        residual, x = x, self.cross_norm(x) if pre else x
        x, cross_scores = self.cross_attention(x, encoder_output, attention_mask=cross_attention_mask, **options)
        x = residual + self.cross_dropout(x, training=training)
        x = self.cross_norm(x) if post else x

        residual, x = x, self.feed_forward_norm(x) if pre else x
        x = residual + self.feed_forward(x, training=training)
        x = self.feed_forward_norm(x) if post else x
        return (x, self_scores, cross_scores) if return_attention_scores else x


@keras.saving.register_keras_serializable(package="transformer_course")
class Decoder(DecoderFrame):
    """Embedding times √D, plus positions, then `num_layers` decoder layers (sections 3.1, 3.4, 3.5).

    Args:
        target_vocab_size: V. The others as `Encoder`'s.

    Call arguments:
        token_ids: (B, T). encoder_output: (B, S, D).
        self_attention_mask: bool; None hides the future and padding.
        cross_attention_mask: bool, from the source's padding; None allows all.
        return_attention_scores: return (output (B, T, D), {"decoder/0/self": (B, H, T, T),
            "decoder/0/cross": (B, H, T, S), …}) instead of the output.
    """

    def __init__(self, num_layers, embedding_dim, num_heads, fully_connected_dim, target_vocab_size,
                 maximum_position_encoding, dropout_rate=0.1, layernorm_eps=1e-6, norm="post",
                 activation="relu", pad_id=0, **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        self.keep(locals())
        self.embedding = keras.layers.Embedding(target_vocab_size, embedding_dim)
        self.positional_encoding = PositionalEncoding(maximum_position_encoding)
        self.dropout_layer = keras.layers.Dropout(dropout_rate)
        sizes = (embedding_dim, num_heads, fully_connected_dim)
        options = (dropout_rate, layernorm_eps, norm, activation)
        self.decoder_layers = [DecoderLayer(*sizes, *options) for _ in range(num_layers)]
        self.final_norm = keras.layers.LayerNormalization(epsilon=layernorm_eps) if norm == "pre" else None

    def call(self, token_ids, encoder_output, self_attention_mask=None, cross_attention_mask=None,
             training=None, return_attention_scores=False):  # fmt: skip
        check_token_ids(token_ids, self.target_vocab_size)
        if self_attention_mask is None:
            look_ahead = create_look_ahead_mask(ops.shape(token_ids)[1])
            self_attention_mask = combine_masks(look_ahead, create_padding_mask(token_ids, self.pad_id))
        x = self.embedding(token_ids) * math.sqrt(self.embedding_dim)  # (B, T, D)
        x = self.dropout_layer(self.positional_encoding(x), training=training)
        masks = {"self_attention_mask": self_attention_mask, "cross_attention_mask": cross_attention_mask}
        options, scores = {"training": training, "return_attention_scores": True}, {}
        for n, layer in enumerate(self.decoder_layers):
            x, scores[f"decoder/{n}/self"], scores[f"decoder/{n}/cross"] = layer(x, encoder_output, **masks, **options)
        x = x if self.final_norm is None else self.final_norm(x)
        return (x, scores) if return_attention_scores else x
