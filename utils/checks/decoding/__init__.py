"""Exercises of lesson 09: greedy and beam search, one cached step of the decoder, a head switched off."""

import utils.checks.decoding.greedy_decode
import utils.checks.decoding.cached_decoder_step
import utils.checks.decoding.beam_search
import utils.checks.decoding.ablate_head
from utils.checks.decoding.shared import END, SOURCES, START, tiny_model
