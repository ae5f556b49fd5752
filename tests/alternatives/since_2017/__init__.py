"""Unusual right answers to lesson 15."""

from tests.alternatives.since_2017 import grouped_query_attention, rms_norm, rotary_embedding, swiglu

ALTERNATIVES = {
    "rotary_embedding": rotary_embedding.ALTERNATIVES,
    "rms_norm": rms_norm.ALTERNATIVES,
    "SwiGLU": swiglu.ALTERNATIVES,
    "GroupedQueryAttention": grouped_query_attention.ALTERNATIVES,
}
