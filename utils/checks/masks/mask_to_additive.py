"""The exercise mask_to_additive: what must hold, and what each mistake looks like."""

import keras
import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, brief, case, register
from utils.checks.masks.shared import mask_made
from utils.layers.masks import (
    mask_to_additive,
)

LOW = -1e4  # stands for every number that no score can lift into sight


class Meant(str):
    """An additive mask that reads as what came back, and equals another that means the same."""

    def __new__(cls, additive, meaning):
        """From the numbers that came back, and what they mean."""
        made = super().__new__(cls, brief(additive))
        made.meaning = meaning
        return made

    def __eq__(self, other):
        return isinstance(other, Meant) and np.array_equal(self.meaning, other.meaning, equal_nan=True)

    def __hash__(self):
        return super().__hash__()

    def __repr__(self):
        return str(self)


def _numbers(answer, mask, dtype="float32"):
    result = answer(mask, dtype=dtype)
    return None if result is None else np.asarray(keras.ops.convert_to_numpy(result))


def _numbers_also_of_a_tensor(answer, mask, as_tensor=False):
    """Of a mask from NumPy, or given as a tensor, which is what create_look_ahead_mask makes."""
    return _numbers(answer, keras.ops.convert_to_tensor(mask) if as_tensor else mask)


def _dtype(shown, mask, dtype):
    return shown.dtype.name if isinstance(shown, np.ndarray) else f"no array, a {type(shown).__name__}"


def _without_ones(mask, dtype="float32"):
    return keras.ops.squeeze(mask_to_additive(mask, dtype))


def _of_arrays_alone(error):
    def additive(mask, dtype="float32"):
        if not isinstance(mask, np.ndarray):
            raise error("a tensor cannot do this")
        return keras.ops.cast(np.where(mask, 0.0, -1e4), dtype)

    return additive


def _meaning(shown, mask, dtype="float32", as_tensor=False):
    """The additive mask, told apart by what its numbers do: which low number was taken is the learner's affair."""
    if not isinstance(shown, np.ndarray) or shown.dtype == bool:
        return shown
    if shown.shape != mask.shape:
        return f"an array of shape {shown.shape}"
    shown = meaning = shown.astype("float64")
    for low, high, mark in ((-np.inf, -5000, LOW), (-5001, -1.5, -1000.0), (5000, np.inf, -LOW)):
        meaning = np.where(np.isfinite(meaning) & (meaning > low) & (meaning < high), mark, meaning)
    meaning = np.where(np.abs(meaning) < 1e-6, 0.0, meaning)
    return Meant(shown, meaning)


def _chosen(where_true, where_false):
    """An additive mask of two numbers, made in float32 and cast at the end."""

    def additive(mask, dtype="float32"):
        return keras.ops.cast(np.where(mask, where_true, where_false).astype("float32"), dtype)

    return additive


def _by_numpys_finfo(error):
    def additive(mask, dtype="float32"):
        if dtype == "bfloat16":
            raise error(f"data type {dtype!r} not inexact")
        return np.where(mask, 0, np.finfo(dtype).min).astype(dtype)

    return additive


def _of_two_axes(mask, dtype="float32"):
    if mask.ndim != 2:
        raise ValueError("this is made for two axes")
    return mask_to_additive(mask, dtype)


def _product(low):
    def additive(mask, dtype="float32"):
        number = keras.ops.cast(keras.ops.convert_to_tensor(low, "float32"), dtype)
        return keras.ops.cast(~np.asarray(mask), dtype) * number

    return additive


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
                lambda rng: [
                    case(_two_words),
                    case(mask_made(rng, 3, 4)),
                    case(mask_made(rng, 2, 1, 1, 5)),
                    case(mask_made(rng, 3, 4), as_tensor=True),
                ],
                run=_numbers_also_of_a_tensor,
                read=_meaning,
            ),
            Property(
                "in the dtype asked for",
                1,
                lambda rng: [case(_two_words, dtype=d) for d in ("float16", "bfloat16", "float32")],
                run=lambda answer, mask, dtype: answer(mask, dtype=dtype),
                read=_dtype,
            ),
            Property(
                "finite also in float16, which ends at -65504",
                2,
                lambda rng: [case(_two_words, dtype="float16"), case(mask_made(rng, 3, 4), dtype="bfloat16")],
                run=_numbers,
                read=_meaning,
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
            Mistake("0 everywhere, or next to it: nothing is forbidden", _chosen(0.0, 0.0)),
            Mistake("low everywhere: what is added where the mask is True must be 0", _chosen(-1e9, -1e9)),
            Mistake("1 where the mask is True: what is added there must be 0", _chosen(1.0, -1e9)),
            Mistake("the axes of length 1 are lost: the shape stays as the mask's is", _without_ones),
            *(
                Mistake(
                    "a mask may be a tensor, as create_look_ahead_mask gives one: that has no .astype, and neither "
                    "1 - mask nor mask == 0 works. Take keras.ops",
                    _of_arrays_alone(error),
                )
                for error in (AttributeError, TypeError, ValueError)
            ),
            Mistake("-1 is not low enough: a score of 1 cancels it", _chosen(0.0, -1.0)),
            Mistake("not low enough: take a number that no score can cancel", _chosen(0.0, -1000.0)),
            Mistake(
                "in float16 this number is -inf: take one that the dtype can hold, lowest(dtype)",
                _chosen(0.0, -1e9),
            ),
            Mistake(
                "in float16 this number is -inf: take one that the dtype can hold, lowest(dtype)",
                _chosen(0.0, np.finfo("float32").min),
            ),
            *(
                Mistake(
                    "NumPy alone does not know bfloat16: np.finfo refuses it. lowest(dtype) gives a number for each",
                    _by_numpys_finfo(error),
                )
                for error in (ValueError, TypeError)
            ),
            Mistake(
                "an axis too many: the shape stays as the mask's is",
                lambda mask, dtype="float32": mask_to_additive(mask, dtype)[None],
            ),
            Mistake("True and False came back: numbers to add are asked for", lambda mask, dtype="float32": mask),
            Mistake("True and False came back: numbers to add are asked for", lambda mask, dtype="float32": ~mask),
            Mistake(
                "-inf makes NaN of a row that may look nowhere: take a number that is finite in `dtype`",
                _chosen(0.0, -np.inf),
            ),
            *(
                Mistake(
                    f"`dtype` is ignored, at the end at least: the result is {made}, whatever is asked for",
                    lambda mask, dtype="float32", made=made: _chosen(0.0, -3e4)(mask, made),
                )
                for made in ("float32", "float64", "float16", "int64", "int32")
            ),
            *(
                Mistake("in float16 the low number is -inf, and 0 times -inf is NaN: choose with where", _product(low))
                for low in (-1e9, np.finfo("float32").min)
            ),
            Mistake(
                "it goes through two axes, rows and columns; a mask may have any number of them. Take all at once, "
                "with ops.where",
                _of_two_axes,
            ),
        ),
        hints=(
            "Two numbers are needed: one that changes no score, one that sinks it below all others.",
            "ops.where(mask, …, …) chooses between them; cast the result to dtype.",
            "float16 ends at -65504. lowest(dtype), imported at the top of the lesson, gives a number that fits.",
        ),
    )
)
