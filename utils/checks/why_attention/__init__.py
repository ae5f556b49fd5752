"""Exercises of lesson 01: softmax, cosine similarity, attention as a soft dictionary."""

import utils.checks.why_attention.softmax
import utils.checks.why_attention.cosine_similarity
import utils.checks.why_attention.attention_pool
