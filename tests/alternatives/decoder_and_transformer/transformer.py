"""Unusual right answers to Transformer."""

import tensorflow as tf
from keras import ops

from utils.layers import Transformer as GivenTransformer


def is_transformer(call):
    """The lesson's class with this `call`."""
    return type(call.__name__, (GivenTransformer,), {"call": call})


@is_transformer
def masks_left_to_the_parts(self, inputs, training=None, return_attention_scores=False):
    """Both halves build their own mask where none is given; only cross-attention must be told."""
    source, target = inputs[0], inputs[1]
    cross = (source != self.pad_id)[:, None, None, :]
    encoded, one = self.encoder(source, training=training, return_attention_scores=True)
    decoded, two = self.decoder(
        target, encoded, cross_attention_mask=cross, training=training, return_attention_scores=True
    )
    logits = self.output_layer(decoded)
    return (logits, {**one, **two}) if return_attention_scores else logits


@is_transformer
def masks_with_tensorflow(self, inputs, training=None, return_attention_scores=False):
    source, target = (tf.convert_to_tensor(ids) for ids in inputs)
    T = tf.shape(target)[1]
    source_mask = tf.not_equal(source, self.pad_id)[:, tf.newaxis]  # (B, 1, S)
    target_mask = tf.sequence_mask(tf.range(1, T + 1), T) & tf.not_equal(target, self.pad_id)[:, tf.newaxis]
    asked = {"return_attention_scores": return_attention_scores}
    if not return_attention_scores:
        encoded = self.encoder(source, source_mask, training=training)
        return self.output_layer(self.decoder(target, encoded, target_mask, source_mask, training=training))
    encoded, scores = self.encoder(source, source_mask, training=training, **asked)
    decoded, more = self.decoder(target, encoded, target_mask, source_mask, training=training, **asked)
    scores.update(more)
    return self.output_layer(decoded), scores


@is_transformer
def output_by_hand(self, inputs, training=None, return_attention_scores=False):
    (source, target), kernel, bias = inputs, self.output_layer.kernel, self.output_layer.bias
    source_mask = ops.convert_to_tensor(source)[:, None, None] != self.pad_id
    encoded, scores = self.encoder(source, attention_mask=source_mask, training=training, return_attention_scores=True)
    decoded, others = self.decoder(
        target, encoded, cross_attention_mask=source_mask, training=training, return_attention_scores=True
    )
    logits = ops.einsum("btd,dv->btv", decoded, kernel) + bias
    return (logits, scores | others) if return_attention_scores else logits


ALTERNATIVES = [masks_left_to_the_parts, masks_with_tensorflow, output_by_hand]
