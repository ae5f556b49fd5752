"""Wrong answers to lesson 07. For each exercise: (answer, words that its diagnosis must hold)."""

from tests.mutants.decoder_and_transformer import (
    count_parameters,
    decoder,
    decoder_layer,
    decoder_layer_cases,
    shift_right,
    transformer,
)

MUTANTS = {
    "shift_right": shift_right.MUTANTS,
    "DecoderLayer": decoder_layer.MUTANTS + decoder_layer_cases.MUTANTS,
    "Decoder": decoder.MUTANTS,
    "Transformer": transformer.MUTANTS,
    "count_parameters": count_parameters.MUTANTS,
}
