"""Unusual right answers to lesson 01."""

from tests.alternatives.why_attention import attention_pool, cosine_similarity, softmax

ALTERNATIVES = {
    "softmax": softmax.ALTERNATIVES,
    "cosine_similarity": cosine_similarity.ALTERNATIVES,
    "attention_pool": attention_pool.ALTERNATIVES,
}
