"""Exercises of lesson 15: rotary positions, RMS norm, the gated feed-forward, grouped queries."""

import utils.checks.since_2017.rotary_embedding
import utils.checks.since_2017.rms_norm
import utils.checks.since_2017.swiglu
import utils.checks.since_2017.grouped_query_attention
