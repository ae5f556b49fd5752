"""Wrong answers to lesson 09. For each exercise: (answer, words that its diagnosis must hold)."""

from tests.mutants.decoding import ablate_head, beam_search, cached_decoder_step, greedy_decode

MUTANTS = {
    "greedy_decode": greedy_decode.MUTANTS,
    "cached_decoder_step": cached_decoder_step.MUTANTS,
    "beam_search": beam_search.MUTANTS,
    "ablate_head": ablate_head.MUTANTS,
}
