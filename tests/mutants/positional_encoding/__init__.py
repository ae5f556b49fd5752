"""Wrong answers to lesson 02. For each exercise: (answer, words that its diagnosis must hold)."""

from tests.mutants.positional_encoding import get_angles, positional_encoding, positional_encoding_layer, shift_matrix

MUTANTS = {
    "get_angles": get_angles.MUTANTS,
    "positional_encoding": positional_encoding.MUTANTS,
    "shift_matrix": shift_matrix.MUTANTS,
    "PositionalEncoding": positional_encoding_layer.MUTANTS,
}
