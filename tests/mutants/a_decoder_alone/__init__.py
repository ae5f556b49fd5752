"""Wrong answers to lesson 16. For each exercise: (answer, words that its diagnosis must hold)."""

from tests.mutants.a_decoder_alone import cached_generation_step, next_token_loss, perplexity, sample

MUTANTS = {
    "next_token_loss": next_token_loss.MUTANTS,
    "perplexity": perplexity.MUTANTS,
    "sample": sample.MUTANTS,
    "cached_generation_step": cached_generation_step.MUTANTS,
}
