"""Wrong answers to lesson 10. For each exercise: (answer, words that its diagnosis must hold)."""

from tests.mutants.pretrained_encoder import map_weights, mean_pool, wordpiece_tokenize

MUTANTS = {
    "wordpiece_tokenize": wordpiece_tokenize.MUTANTS,
    "map_weights": map_weights.MUTANTS,
    "mean_pool": mean_pool.MUTANTS,
}
