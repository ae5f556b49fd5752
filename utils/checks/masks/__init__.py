"""Exercises of lesson 04: masks, as functions and as layers."""

import utils.checks.masks.create_padding_mask
import utils.checks.masks.create_look_ahead_mask
import utils.checks.masks.combine_masks
import utils.checks.masks.mask_to_additive
import utils.checks.masks.padding_mask
import utils.checks.masks.look_ahead_mask
