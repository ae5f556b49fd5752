"""Unusual right answers to combine_masks."""

import numpy as np
import tensorflow as tf
from keras import ops


def with_heads(masks):
    masks = [m for m in masks if m is not None]
    four = any(len(m.shape) == 4 for m in masks)
    return [m[:, None] if four and len(m.shape) == 3 else m for m in masks]


def combined_by_numpy(*masks):
    masks = with_heads(masks)
    result = masks[0] if masks else None
    for mask in masks[1:]:
        result = result & mask
    return result


def combined_by_product(*masks):
    product = None
    for mask in with_heads(masks):
        mask = tf.cast(mask, tf.int32)
        product = mask if product is None else product * mask
    return None if product is None else product == 1


def combined_by_stacking(*masks):
    masks = with_heads(masks)
    return np.all(np.stack(np.broadcast_arrays(*masks)), axis=0) if masks else None


def combined_by_what_is_forbidden(*masks):
    masks = with_heads(masks)
    if not masks:
        return None
    forbidden = ops.logical_not(masks[0])
    for mask in masks[1:]:
        forbidden = ops.logical_or(forbidden, ops.logical_not(mask))
    return ops.logical_not(forbidden)


def combined_recursively(*masks):
    masks = with_heads(masks)
    if len(masks) < 2:
        return masks[0] if masks else None
    return combined_recursively(np.minimum(masks[0], masks[1]), *masks[2:])


def combined_from_the_last(*masks):
    masks = [ops.convert_to_tensor(m) for m in with_heads(masks)]
    result = masks.pop() if masks else None
    while masks:
        result = masks.pop() & result
    return result


def combined_by_count(*masks):
    masks = with_heads(masks)
    return sum(ops.cast(m, "int32") for m in masks) == len(masks) if masks else None


def combined_on_equal_axes(*masks):
    masks = [m for m in masks if m is not None]
    rank, result = max((len(m.shape) for m in masks), default=0), None
    for mask in masks:
        while len(mask.shape) < rank:
            mask = ops.expand_dims(mask, 1 if len(mask.shape) == 3 else 0)
        result = mask if result is None else ops.where(mask, result, False)
    return result


ALTERNATIVES = [
    combined_by_count,
    combined_on_equal_axes,
    combined_from_the_last,
    combined_by_numpy,
    combined_by_product,
    combined_by_stacking,
    combined_by_what_is_forbidden,
    combined_recursively,
]
