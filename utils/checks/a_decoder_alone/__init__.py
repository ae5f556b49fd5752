"""Exercises of lesson 16: what a decoder alone is scored by, how it draws a token, how it remembers."""

import utils.checks.a_decoder_alone.next_token_loss
import utils.checks.a_decoder_alone.perplexity
import utils.checks.a_decoder_alone.sample
import utils.checks.a_decoder_alone.cached_generation_step
