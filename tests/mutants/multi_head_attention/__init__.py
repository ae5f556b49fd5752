"""Wrong answers to lesson 05. For each exercise: (answer, words that its diagnosis must hold)."""

from tests.mutants.multi_head_attention import merge_heads, multi_head_attention, split_heads

MUTANTS = {
    "split_heads": split_heads.MUTANTS,
    "merge_heads": merge_heads.MUTANTS,
    "MultiHeadAttention": multi_head_attention.MUTANTS,
}
