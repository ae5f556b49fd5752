"""The whole machine: encoder, decoder, and a dense layer from vectors to words (the paper's figure 1)."""

import keras
from keras import ops

from utils.layers.decoder import Decoder
from utils.layers.encoder import Encoder
from utils.layers.frames import TransformerFrame
from utils.layers.masks import combine_masks, create_look_ahead_mask, create_padding_mask


@keras.saving.register_keras_serializable(package="transformer_course")
class Transformer(TransformerFrame):
    """Reads a source sentence, and for each target position gives a score to every word that may come next.

    Args:
        num_layers: of the encoder, and of the decoder. input_vocab_size, target_vocab_size: how many ids.
        max_positional_encoding_input, max_positional_encoding_target: the longest. The others as `Encoder`'s.

    Call arguments:
        inputs: the pair source_ids (B, S), target_ids (B, T); the target begins with the start token.
        return_attention_scores: return (logits, dict) instead of the logits (B, T, V). The dict's keys are
            "encoder/0/self", "decoder/0/self", "decoder/0/cross" and so on, its values (B, H, T, S).
    """

    def __init__(self, num_layers, embedding_dim, num_heads, fully_connected_dim, input_vocab_size,
                 target_vocab_size, max_positional_encoding_input, max_positional_encoding_target,
                 dropout_rate=0.1, layernorm_eps=1e-6, norm="post", pad_id=0, **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        self.keep(locals())
        sizes = (num_layers, embedding_dim, num_heads, fully_connected_dim)
        options = {"dropout_rate": dropout_rate, "layernorm_eps": layernorm_eps, "norm": norm, "pad_id": pad_id}
        self.encoder = Encoder(*sizes, input_vocab_size, max_positional_encoding_input, **options)
        self.decoder = Decoder(*sizes, target_vocab_size, max_positional_encoding_target, **options)
        self.output_layer = keras.layers.Dense(target_vocab_size)  # logits

    def call(self, inputs, training=None, return_attention_scores=False):
        source_ids, target_ids = inputs
        source_mask = create_padding_mask(source_ids, self.pad_id)  # (B, 1, 1, S), for both readers of the source
        target_mask = combine_masks(
            create_look_ahead_mask(ops.shape(target_ids)[1]),  # (T, T): no looking ahead
            create_padding_mask(target_ids, self.pad_id),  # (B, 1, 1, T): no looking at padding
        )
        options = {"training": training, "return_attention_scores": True}
        encoded, source_scores = self.encoder(source_ids, attention_mask=source_mask, **options)
        decoded, target_scores = self.decoder(
            target_ids, encoded, self_attention_mask=target_mask, cross_attention_mask=source_mask, **options
        )
        logits = self.output_layer(decoded)
        return (logits, source_scores | target_scores) if return_attention_scores else logits


def count_parameters(
    num_layers: int,
    embedding_dim: int,
    num_heads: int,
    fully_connected_dim: int,
    input_vocab_size: int,
    target_vocab_size: int,
) -> int:
    """How many numbers a `Transformer` of these sizes learns, by the formula; equals its `count_params()`.

    `num_heads` cancels out: heads share the width between them.
    """
    D, F = embedding_dim, fully_connected_dim
    attention = 4 * (D * D + D)  # query, key, value, output
    feed_forward = D * F + F + F * D + D
    norm = 2 * D  # gamma and beta
    encoder_layer = attention + feed_forward + 2 * norm
    decoder_layer = 2 * attention + feed_forward + 3 * norm
    embeddings = (input_vocab_size + target_vocab_size) * D
    output_layer = D * target_vocab_size + target_vocab_size
    return num_layers * (encoder_layer + decoder_layer) + embeddings + output_layer
