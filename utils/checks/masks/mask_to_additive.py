"""The exercise mask_to_additive: what must hold, and what each mistake looks like."""

import keras
import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.masks.shared import mask_made
from utils.layers.masks import (
    mask_to_additive,
)

LOW = -1e4  # stands for every number that no score can lift into sight


def _meaning(answer, mask, dtype="float32"):
    """The additive mask with every low number made the same: which one was taken is the learner's affair."""
    result = answer(mask, dtype=dtype)
    additive = np.asarray(keras.ops.convert_to_numpy(result))
    if additive.dtype == bool:
        return additive
    additive = additive.astype("float64")
    for low, high, mark in ((-np.inf, -5000, LOW), (-5000, -1.5, -1000.0), (5000, np.inf, -LOW)):
        additive = np.where(np.isfinite(additive) & (additive > low) & (additive < high), mark, additive)
    return additive


def _dtype_name(answer, mask, dtype="float32"):
    return keras.backend.standardize_dtype(answer(mask, dtype=dtype).dtype)


def _chosen(where_true, where_false):
    """An additive mask of two numbers, made in float32 and cast at the end."""

    def additive(mask, dtype="float32"):
        return keras.ops.cast(np.where(mask, where_true, where_false).astype("float32"), dtype)

    return additive


def _product(mask, dtype="float32"):
    lowest = keras.ops.cast(keras.ops.convert_to_tensor(-1e9, "float32"), dtype)
    return keras.ops.cast(~np.asarray(mask), dtype) * lowest


_two_words = np.array([[True, False]])


register(
    Exercise(
        name="mask_to_additive",
        notebook="04_masks",
        reference=mask_to_additive,
        properties=(
            Property(
                "0 where True, a low finite number elsewhere",
                2,
                lambda rng: [case(_two_words), case(mask_made(rng, 3, 4)), case(mask_made(rng, 2, 1, 1, 5))],
                run=_meaning,
                tolerance=1e-6,
            ),
            Property(
                "in the dtype asked for",
                1,
                lambda rng: [case(_two_words, dtype=d) for d in ("float16", "bfloat16", "float32")],
                run=_dtype_name,
            ),
            Property(
                "finite also in float16, which ends at -65504",
                2,
                lambda rng: [case(_two_words, dtype="float16"), case(mask_made(rng, 3, 4), dtype="bfloat16")],
                run=_meaning,
                tolerance=1e-6,
            ),
        ),
        mistakes=(
            Mistake("inverted: the low number belongs where the mask is False", _chosen(-1e9, 0.0)),
            Mistake("inverted: what is added where the mask is True must be 0", _chosen(1e9, 0.0)),
            Mistake("1 and 0: this only casts the mask. What is added where True must be 0", _chosen(1.0, 0.0)),
            Mistake(
                "0 and 1: the 1 is still to be turned into a very low number, far below any score", _chosen(0.0, 1.0)
            ),
            Mistake("the sign is missing: a high number draws all weight to what is forbidden", _chosen(0.0, 1e9)),
            Mistake("0 everywhere: nothing is forbidden", _chosen(0.0, 0.0)),
            Mistake("-1 is not low enough: a score of 1 cancels it", _chosen(0.0, -1.0)),
            Mistake("not low enough: take a number that no score can cancel", _chosen(0.0, -1000.0)),
            Mistake(
                "in float16 this number is -inf: take one that the dtype can hold, from its finfo",
                _chosen(0.0, -1e9),
            ),
            Mistake(
                "in float16 this number is -inf: take one that the dtype can hold, from its finfo",
                _chosen(0.0, np.finfo("float32").min),
            ),
            Mistake("-inf makes NaN of a row that may look nowhere: take a finite number", _chosen(0.0, -np.inf)),
            Mistake("`dtype` is ignored", lambda mask, dtype="float32": _chosen(0.0, -1e9)(mask)),
            Mistake("`dtype` is ignored", lambda mask, dtype="float32": _chosen(0.0, -1e9)(mask, "float64")),
            Mistake("in float16 the low number is -inf, and 0 times -inf is NaN: choose with where", _product),
        ),
        hints=(
            "Two numbers are needed: one that changes no score, one that sinks it below all others.",
            "ops.where(mask, …, …) chooses between them; cast the result to dtype.",
            "float16 ends at -65504. lowest(dtype), imported at the top of the lesson, gives a number that fits.",
        ),
    )
)
