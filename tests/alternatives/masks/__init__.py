"""Unusual right answers to lesson 04."""

from tests.alternatives.masks import (
    combine_masks,
    create_look_ahead_mask,
    create_padding_mask,
    look_ahead_mask,
    mask_to_additive,
    padding_mask,
)

ALTERNATIVES = {
    "create_padding_mask": create_padding_mask.ALTERNATIVES,
    "create_look_ahead_mask": create_look_ahead_mask.ALTERNATIVES,
    "combine_masks": combine_masks.ALTERNATIVES,
    "mask_to_additive": mask_to_additive.ALTERNATIVES,
    "PaddingMask": padding_mask.ALTERNATIVES,
    "LookAheadMask": look_ahead_mask.ALTERNATIVES,
}
