"""Wrong answers to combine_masks."""

import functools

import numpy as np
from keras import ops


def kept(masks):
    return [m for m in masks if m is not None]


def any_of(*masks):
    result = None
    for mask in kept(masks):
        result = mask if result is None else np.logical_or(result, mask)
    return result


def same(*masks):
    result = None
    for mask in kept(masks):
        result = mask if result is None else result == mask
    return result


def exactly_one(*masks):
    result = None
    for mask in kept(masks):
        result = mask if result is None else result ^ mask
    return result


def forbidden(*masks):
    result = None
    for mask in kept(masks):
        result = mask if result is None else ~np.logical_and(result, mask)
    return result


def first_two(*masks):
    masks = kept(masks)
    if len(masks) < 2:
        return masks[0] if masks else None
    return masks[0] & masks[1]


def overwritten(*masks):
    result = None
    for mask in kept(masks):
        shape = np.broadcast_shapes(mask.shape, () if result is None else result.shape)
        result = np.broadcast_to(mask, shape)
    return result


def batch_on_heads(*masks):
    result = None
    for mask in masks:
        if mask is not None:
            result = mask if result is None else ops.logical_and(result, mask)
    return result


def order_matters(*masks):
    result = None
    for mask in masks:
        if mask is None:
            continue
        if result is not None and len(result.shape) == 4 and len(mask.shape) == 3:
            mask = ops.expand_dims(mask, 1)
        result = mask if result is None else ops.logical_and(result, mask)
    return result


def heads_behind_queries(*masks):
    masks = kept(masks)
    if any(len(m.shape) == 4 for m in masks):
        masks = [ops.expand_dims(m, 2) if len(m.shape) == 3 else m for m in masks]
    return batch_on_heads(*masks)


def heads_always(*masks):
    return batch_on_heads(*[m[:, None] if len(m.shape) == 3 else m for m in kept(masks)])


def none_not_expected(*masks):
    result = masks[0]
    for mask in masks[1:]:
        result = result & mask
    return result


def none_wins(*masks):
    if None in [m if m is None else 0 for m in masks]:
        return None
    return batch_on_heads(*masks)


def true_for_nothing(*masks):
    result = np.array(True)
    for mask in kept(masks):
        result = result & mask
    return result


def product_of_numbers(*masks):
    result = None
    for mask in kept(masks):
        mask = mask.astype("float32")
        result = mask if result is None else result * mask
    return result


def list_of_masks(*masks):
    return kept(masks)


def python_all(*masks):
    return all(masks)


def until_none(*masks):
    result = None
    for mask in masks:
        if mask is None:
            return result
        result = mask if result is None else ops.logical_and(result, mask)
    return result


def return_in_the_loop(*masks):
    for mask in kept(masks):
        return mask


def by_numpys_methods(*masks):
    masks = [m.astype(bool) for m in with_heads(masks)]
    result = masks[0] if masks else None
    for mask in masks[1:]:
        result = result & mask
    return result


def with_heads(masks):
    masks = kept(masks)
    return [m[:, None] if len(m.shape) == 3 and any(len(n.shape) == 4 for n in masks) else m for m in masks]


def sum_of_two(*masks):
    masks = with_heads(masks)
    return sum(ops.cast(m, "int32") for m in masks) == 2 if masks else None


def nones_counted(*masks):
    left = with_heads(masks)
    return sum(ops.cast(m, "int32") for m in left) == len(masks) if left else None


def not_alone(*masks):
    masks = with_heads(masks)
    if len(masks) < 2:
        return None
    return functools.reduce(ops.logical_and, masks)


def first_decides(*masks):
    if masks[0] is None:
        return None
    return functools.reduce(ops.logical_and, with_heads(masks))


def begins_as_false(*masks):
    result = False
    for mask in with_heads(masks):
        result = ops.logical_and(result, mask)
    return result if kept(masks) else None


def neighbours(*masks):
    masks = with_heads(masks)
    result = masks[0] if masks else None
    for one, other in zip(masks, masks[1:], strict=False):
        result = ops.logical_and(one, other)
    return result


def heads_last(*masks):
    masks = kept(masks)
    if any(len(m.shape) == 4 for m in masks):
        masks = [ops.expand_dims(m, -1) if len(m.shape) == 3 else m for m in masks]
    return batch_on_heads(*masks)


def heads_last_by_numpy(*masks):
    masks = [np.asarray(m) for m in kept(masks)]
    if any(m.ndim == 4 for m in masks):
        masks = [m[..., None] if m.ndim == 3 else m for m in masks]
    return batch_on_heads_by_numpy(masks)


def batch_on_heads_by_numpy(masks):
    return functools.reduce(np.logical_and, masks) if masks else None


def heads_for_all(*masks):
    masks = kept(masks)
    if any(len(m.shape) == 4 for m in masks):
        masks = [ops.expand_dims(m, 1) if len(m.shape) < 4 else m for m in masks]
    return batch_on_heads(*masks)


def no_heads(*masks):
    masks = kept(masks)
    if any(len(m.shape) == 3 for m in masks):
        masks = [m[:, 0] if len(m.shape) == 4 else m for m in masks]
    return batch_on_heads(*masks)


def none_in_words(*masks):
    masks = with_heads(masks)
    return functools.reduce(ops.logical_and, masks) if masks else "None"


MUTANTS = [
    (sum_of_two, "for two masks only"),
    (nones_counted, "every None is counted"),
    (not_alone, "one mask alone"),
    (first_decides, "where the first is None"),
    (begins_as_false, "all False"),
    (neighbours, "only the last two masks"),
    (heads_last, "belongs in place 1"),
    (heads_last_by_numpy, "belongs in place 1"),
    (heads_for_all, "lands on the batch"),
    (no_heads, "is taken away"),
    (none_in_words, "got 'None'"),
    (until_none, "behind a None are not looked at"),
    (return_in_the_loop, "only the first mask"),
    (by_numpys_methods, "astype"),
    (any_of, "this is *or*"),
    (same, "equal"),
    (exactly_one, "exactly one allows"),
    (forbidden, "inverted"),
    (first_two, "only the first two"),
    (overwritten, "only the last mask"),
    (batch_on_heads, "batch lands on the heads"),
    (order_matters, "only where the mask of four axes came before"),
    (heads_behind_queries, "belongs in place 1"),
    (heads_always, "no mask has one"),
    (none_not_expected, "leave every None out"),
    (none_wins, "makes everything None"),
    (true_for_nothing, "give None back"),
    (list_of_masks, "a list of all masks"),
    (product_of_numbers, "numbers instead of True and False"),
    (python_all, "it raised ValueError"),
]
