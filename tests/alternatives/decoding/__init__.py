"""Unusual right answers to lesson 09."""

from tests.alternatives.decoding import ablate_head, beam_search, cached_decoder_step, greedy_decode

ALTERNATIVES = {
    "greedy_decode": greedy_decode.ALTERNATIVES,
    "cached_decoder_step": cached_decoder_step.ALTERNATIVES,
    "beam_search": beam_search.ALTERNATIVES,
    "ablate_head": ablate_head.ALTERNATIVES,
}
