"""Exercises of lesson 07: shifting the target, the decoder's layer, the decoder, the whole machine, its size."""

import utils.checks.decoder_and_transformer.shift_right
import utils.checks.decoder_and_transformer.decoder_layer
import utils.checks.decoder_and_transformer.decoder
import utils.checks.decoder_and_transformer.transformer
import utils.checks.decoder_and_transformer.count_parameters
