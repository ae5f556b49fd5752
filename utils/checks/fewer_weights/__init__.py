"""Exercises of lesson 17: a dense layer with a change of low rank, merging it, and hiding words."""

import utils.checks.fewer_weights.lora_dense
import utils.checks.fewer_weights.merge
import utils.checks.fewer_weights.mask_tokens
