"""Unusual right answers to lesson 06."""

from tests.alternatives.encoder import encoder, encoder_layer, feed_forward, layer_norm

ALTERNATIVES = {
    "layer_norm": layer_norm.ALTERNATIVES,
    "FeedForward": feed_forward.ALTERNATIVES,
    "EncoderLayer": encoder_layer.ALTERNATIVES,
    "Encoder": encoder.ALTERNATIVES,
}
