"""Exercises of lesson 02: the angles, the encoding, the matrix that shifts it, the layer that adds it."""

import utils.checks.positional_encoding.get_angles
import utils.checks.positional_encoding.positional_encoding
import utils.checks.positional_encoding.shift_matrix
import utils.checks.positional_encoding.positional_encoding_layer
