"""Wrong answers to lesson 01. For each exercise: (answer, words that its diagnosis must hold)."""

from tests.mutants.why_attention import attention_pool, cosine_similarity, softmax

MUTANTS = {
    "softmax": softmax.MUTANTS,
    "cosine_similarity": cosine_similarity.MUTANTS,
    "attention_pool": attention_pool.MUTANTS,
}
