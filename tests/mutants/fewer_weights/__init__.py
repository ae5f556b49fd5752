"""Wrong answers to lesson 17. For each exercise: (answer, words that its diagnosis must hold)."""

from tests.mutants.fewer_weights import lora_dense, mask_tokens, merge

MUTANTS = {
    "LoRADense": lora_dense.MUTANTS,
    "merge": merge.MUTANTS,
    "mask_tokens": mask_tokens.MUTANTS,
}
