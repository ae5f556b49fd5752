"""Unusual right answers to lesson 05."""

from tests.alternatives.multi_head_attention import merge_heads, multi_head_attention, split_heads

ALTERNATIVES = {
    "split_heads": split_heads.ALTERNATIVES,
    "merge_heads": merge_heads.ALTERNATIVES,
    "MultiHeadAttention": multi_head_attention.ALTERNATIVES,
}
