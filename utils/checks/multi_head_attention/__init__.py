"""Exercises of lesson 05: cutting vectors into heads, putting them together again, and the layer between."""

import utils.checks.multi_head_attention.split_heads
import utils.checks.multi_head_attention.merge_heads
import utils.checks.multi_head_attention.multi_head_attention
