"""Unusual right answers to Decoder."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from utils.layers import Decoder as GivenDecoder


def is_decoder(call):
    """The lesson's class with this `call`."""
    return type(call.__name__, (GivenDecoder,), {"call": call})


@is_decoder
def masks_by_hand(self, token_ids, encoder_output, self_attention_mask=None, cross_attention_mask=None,
                  training=None, return_attention_scores=False):  # fmt: skip
    ids = tf.convert_to_tensor(token_ids)
    mask = self_attention_mask
    if mask is None:
        T = ids.shape[1]
        mask = tf.linalg.band_part(tf.ones((T, T)), -1, 0) > 0
        mask = mask[None, None] & (ids != self.pad_id)[:, None, None, :]
    x = self.positional_encoding(self.embedding(ids) * self.embedding_dim**0.5)
    x = self.dropout_layer(x, training=training)
    found = {}
    for n in range(self.num_layers):
        x, found[f"decoder/{n}/self"], found[f"decoder/{n}/cross"] = self.decoder_layers[n](
            x, encoder_output, mask, cross_attention_mask, training=training, return_attention_scores=True
        )
    if self.norm == "pre":
        x = self.final_norm(x)
    if return_attention_scores:
        return x, found
    return x


@is_decoder
def a_mask_of_three_axes(self, token_ids, encoder_output, self_attention_mask=None, cross_attention_mask=None,
                         training=None, return_attention_scores=False):  # fmt: skip
    ids = ops.convert_to_tensor(token_ids)
    if self_attention_mask is None:
        self_attention_mask = np.tri(ids.shape[1], dtype=bool)[None] & (ids != self.pad_id)[:, None]  # (B, T, T)
    x = ops.multiply(self.embedding(ids), np.sqrt(np.float32(self.embedding_dim)))
    x, scores = self.dropout_layer(self.positional_encoding(x)), {}
    for n, layer in enumerate(self.decoder_layers):
        results = layer(
            x,
            encoder_output=encoder_output,
            self_attention_mask=self_attention_mask,
            cross_attention_mask=cross_attention_mask,
            return_attention_scores=True,
        )
        x = results[0]
        scores.update({f"decoder/{n}/cross": results[2], f"decoder/{n}/self": results[1]})
    x = self.final_norm(x) if self.final_norm else x
    return [x, scores] if return_attention_scores else x


@is_decoder
def two_loops(self, token_ids, encoder_output, self_attention_mask=None, cross_attention_mask=None,
              training=None, return_attention_scores=False):  # fmt: skip
    if self_attention_mask is None:
        places = keras.ops.arange(token_ids.shape[1])
        self_attention_mask = (places[:, None] >= places) & (token_ids != self.pad_id)[:, None, None]
    x = self.embedding(token_ids) * self.embedding_dim**0.5
    x = self.dropout_layer(self.positional_encoding(x), training=training)
    masks, all_scores = (self_attention_mask, cross_attention_mask), {}
    for n, layer in enumerate(self.decoder_layers):
        if return_attention_scores:
            x, *both = layer(x, encoder_output, *masks, training=training, return_attention_scores=True)
            all_scores |= dict(zip((f"decoder/{n}/self", f"decoder/{n}/cross"), both, strict=True))
        else:
            x = layer(x, encoder_output, *masks, training=training)
    if self.final_norm is not None:
        x = self.final_norm(x)
    return (x, all_scores) if return_attention_scores else x


ALTERNATIVES = [masks_by_hand, a_mask_of_three_axes, two_loops]
