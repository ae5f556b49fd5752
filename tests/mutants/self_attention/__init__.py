"""Wrong answers to lesson 03. For each exercise: (answer, words that its diagnosis must hold)."""

from tests.mutants.self_attention import (
    attention_for_one_word,
    project_qkv,
    scaled_dot_product_attention,
    scaled_dot_product_attention_layer,
)

MUTANTS = {
    "project_qkv": project_qkv.MUTANTS,
    "attention_for_one_word": attention_for_one_word.MUTANTS,
    "scaled_dot_product_attention": scaled_dot_product_attention.MUTANTS,
    "ScaledDotProductAttention": scaled_dot_product_attention_layer.MUTANTS,
}
