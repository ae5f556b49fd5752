"""Wrong answers to lesson 06. For each exercise: (answer, words that its diagnosis must hold)."""

from tests.mutants.encoder import encoder, encoder_layer, feed_forward, layer_norm

MUTANTS = {
    "layer_norm": layer_norm.MUTANTS,
    "FeedForward": feed_forward.MUTANTS,
    "EncoderLayer": encoder_layer.MUTANTS,
    "Encoder": encoder.MUTANTS,
}
