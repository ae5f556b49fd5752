"""Exercises of lesson 03: one word's attention by hand, then all words at once."""

import utils.checks.self_attention.project_qkv
import utils.checks.self_attention.attention_for_one_word
import utils.checks.self_attention.scaled_dot_product_attention
import utils.checks.self_attention.scaled_dot_product_attention_layer
