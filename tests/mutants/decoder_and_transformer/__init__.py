"""Wrong answers to lesson 07. For each exercise: (answer, words that its diagnosis must hold)."""

from tests.mutants.decoder_and_transformer import count_parameters, decoder, decoder_layer, shift_right, transformer

MUTANTS = {
    "shift_right": shift_right.MUTANTS,
    "DecoderLayer": decoder_layer.MUTANTS,
    "Decoder": decoder.MUTANTS,
    "Transformer": transformer.MUTANTS,
    "count_parameters": count_parameters.MUTANTS,
}
