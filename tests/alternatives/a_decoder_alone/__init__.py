"""Unusual right answers to lesson 16."""

from tests.alternatives.a_decoder_alone import cached_generation_step, next_token_loss, perplexity, sample

ALTERNATIVES = {
    "next_token_loss": next_token_loss.ALTERNATIVES,
    "perplexity": perplexity.ALTERNATIVES,
    "sample": sample.ALTERNATIVES,
    "cached_generation_step": cached_generation_step.ALTERNATIVES,
}
