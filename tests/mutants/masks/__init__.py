"""Wrong answers to lesson 04. For each exercise: (answer, words that its diagnosis must hold)."""

from tests.mutants.masks import (
    combine_masks,
    create_look_ahead_mask,
    create_padding_mask,
    look_ahead_mask,
    mask_to_additive,
    padding_mask,
)

MUTANTS = {
    "create_padding_mask": create_padding_mask.MUTANTS,
    "create_look_ahead_mask": create_look_ahead_mask.MUTANTS,
    "combine_masks": combine_masks.MUTANTS,
    "mask_to_additive": mask_to_additive.MUTANTS,
    "PaddingMask": padding_mask.MUTANTS,
    "LookAheadMask": look_ahead_mask.MUTANTS,
}
