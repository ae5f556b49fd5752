"""Wrong answers to lesson 15. For each exercise: (answer, words that its diagnosis must hold)."""

from tests.mutants.since_2017 import grouped_query_attention, rms_norm, rotary_embedding, swiglu

MUTANTS = {
    "rotary_embedding": rotary_embedding.MUTANTS,
    "rms_norm": rms_norm.MUTANTS,
    "SwiGLU": swiglu.MUTANTS,
    "GroupedQueryAttention": grouped_query_attention.MUTANTS,
}
