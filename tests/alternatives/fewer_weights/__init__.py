"""Unusual right answers to lesson 17."""

from tests.alternatives.fewer_weights import lora_dense, mask_tokens, merge

ALTERNATIVES = {
    "LoRADense": lora_dense.ALTERNATIVES,
    "merge": merge.ALTERNATIVES,
    "mask_tokens": mask_tokens.ALTERNATIVES,
}
