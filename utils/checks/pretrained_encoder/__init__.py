"""Exercises of lesson 10: word pieces, a checkpoint's weights under our names, one vector for a sentence."""

import utils.checks.pretrained_encoder.wordpiece_tokenize
import utils.checks.pretrained_encoder.map_weights
import utils.checks.pretrained_encoder.mean_pool
