"""Unusual right answers to lesson 07."""

from tests.alternatives.decoder_and_transformer import (
    count_parameters,
    decoder,
    decoder_layer,
    shift_right,
    transformer,
)

ALTERNATIVES = {
    "shift_right": shift_right.ALTERNATIVES,
    "DecoderLayer": decoder_layer.ALTERNATIVES,
    "Decoder": decoder.ALTERNATIVES,
    "Transformer": transformer.ALTERNATIVES,
    "count_parameters": count_parameters.ALTERNATIVES,
}
