"""Exercises of lesson 06: layer norm, the feed-forward, and the two layers that an encoder is built of."""

import utils.checks.encoder.layer_norm
import utils.checks.encoder.feed_forward
import utils.checks.encoder.encoder_layer
import utils.checks.encoder.encoder
