"""Unusual right answers to lesson 03."""

from tests.alternatives.self_attention import (
    attention_for_one_word,
    project_qkv,
    scaled_dot_product_attention,
    scaled_dot_product_attention_layer,
)

ALTERNATIVES = {
    "project_qkv": project_qkv.ALTERNATIVES,
    "attention_for_one_word": attention_for_one_word.ALTERNATIVES,
    "scaled_dot_product_attention": scaled_dot_product_attention.ALTERNATIVES,
    "ScaledDotProductAttention": scaled_dot_product_attention_layer.ALTERNATIVES,
}
