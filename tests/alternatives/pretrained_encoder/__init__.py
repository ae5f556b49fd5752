"""Unusual right answers to lesson 10."""

from tests.alternatives.pretrained_encoder import map_weights, mean_pool, wordpiece_tokenize

ALTERNATIVES = {
    "wordpiece_tokenize": wordpiece_tokenize.ALTERNATIVES,
    "map_weights": map_weights.ALTERNATIVES,
    "mean_pool": mean_pool.ALTERNATIVES,
}
