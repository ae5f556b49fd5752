"""Unusual right answers to lesson 02."""

from tests.alternatives.positional_encoding import (
    get_angles,
    positional_encoding,
    positional_encoding_layer,
    shift_matrix,
)

ALTERNATIVES = {
    "get_angles": get_angles.ALTERNATIVES,
    "positional_encoding": positional_encoding.ALTERNATIVES,
    "shift_matrix": shift_matrix.ALTERNATIVES,
    "PositionalEncoding": positional_encoding_layer.ALTERNATIVES,
}
