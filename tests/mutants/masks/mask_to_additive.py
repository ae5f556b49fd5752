"""Wrong answers to mask_to_additive."""

import numpy as np
import tensorflow as tf
from keras import ops

from utils.layers.masks import lowest, mask_to_additive


def low_where_true(mask, dtype="float32"):
    return ops.cast(ops.where(mask, -1e9, 0.0), dtype)


def mask_times_low(mask, dtype="float32"):
    return np.array(mask).astype("float32") * -1e9


def only_cast(mask, dtype="float32"):
    return ops.cast(mask, dtype)


def only_inverted(mask, dtype="float32"):
    return 1 - ops.cast(mask, dtype)


def high(mask, dtype="float32"):
    return ops.cast(ops.where(mask, 0.0, 1e9), dtype)


def minus_one(mask, dtype="float32"):
    return tf.cast(mask, dtype) - 1


def minus_hundred(mask, dtype="float32"):
    return ops.where(mask, ops.cast(0, dtype), ops.cast(-100, dtype))


def logarithm(mask, dtype="float32"):
    return ops.log(ops.cast(mask, dtype))


def logarithm_of_a_bit(mask, dtype="float32"):
    return tf.math.log(tf.cast(mask, dtype) + 1e-9)


def infinite(mask, dtype="float32"):
    return ops.cast(np.where(mask, 0.0, -np.inf), dtype)


def float32_always(mask, dtype="float32"):
    return np.where(mask, 0.0, -1e9).astype("float32")


def float64_always(mask, dtype="float32"):
    return np.where(mask, 0.0, -1e9)


def no_room_in_float16(mask, dtype="float32"):
    return tf.cast(tf.where(mask, 0.0, -1e9), dtype)


def lowest_of_float32(mask, dtype="float32"):
    return tf.cast(np.where(mask, 0, np.finfo("float32").min), dtype)


def zero_times_infinity(mask, dtype="float32"):
    return (1 - ops.cast(mask, dtype)) * ops.cast(-1e9, dtype)


def numpys_finfo(mask, dtype="float32"):
    return ops.where(mask, ops.cast(0, dtype), ops.cast(np.finfo(dtype).min, dtype))


def numpys_finfo_by_number(mask, dtype="float32"):
    return np.where(mask, 0.0, np.finfo(np.dtype(dtype)).min).astype(dtype)


def minus_ten(mask, dtype="float32"):
    return ops.cast(ops.logical_not(mask), dtype) * -10


def lowest_of_another_dtype(mask, dtype="float32"):
    return ops.cast(ops.where(mask, 0.0, lowest("float32")), dtype)


def an_axis_too_many(mask, dtype="float32"):
    return mask_to_additive(mask, dtype)[None]


def still_boolean(mask, dtype="float32"):
    return ~mask


def of_arrays_alone(mask, dtype="float32"):
    return ops.cast(mask.astype("float32") * 1e4 - 1e4, dtype)


def one_minus_mask(mask, dtype="float32"):
    return ops.cast((1 - mask) * lowest(dtype), dtype)


def equal_to_zero(mask, dtype="float32"):
    return ops.cast(mask == 0, dtype) * -3e4


def lowest_not_cast(mask, dtype="float32"):
    return ops.where(mask, 0.0, lowest(dtype))


def half_always(mask, dtype="float32"):
    return ops.cast(ops.where(mask, 0.0, -3e4), "float16")


def low_everywhere(mask, dtype="float32"):
    return ops.cast(mask, dtype) * 0 + lowest(dtype)


def one_where_true(mask, dtype="float32"):
    return ops.cast(ops.where(mask, 1.0, -3e4), dtype)


def squeezed(mask, dtype="float32"):
    return ops.squeeze(mask_to_additive(mask, dtype))


def five_thousand(mask, dtype="float32"):
    return ops.cast(ops.where(mask, 0.0, -5000.0), dtype)


def a_list(mask, dtype="float32"):
    return np.where(mask, 0.0, -3e4).tolist()


def forgot_return(mask, dtype="float32"):
    ops.cast(ops.where(mask, 0.0, -3e4), dtype)


def tiny(mask, dtype="float32"):
    return ops.cast(ops.where(mask, 0.0, -1e-9), dtype)


def row_by_row(mask, dtype="float32"):
    return ops.cast([[0.0 if allowed else -1e4 for allowed in row] for row in mask], dtype)


def as_in_another_library(mask, dtype="float32"):
    return (1.0 - ops.cast(mask, dtype)) * float(np.finfo("float32").min)


def whole_numbers(mask, dtype="float32"):
    return np.where(mask, 0, -10_000)


def whole_numbers_in_a_tensor(mask, dtype="float32"):
    return (ops.cast(mask, "int32") - 1) * 10_000


MUTANTS = [
    (row_by_row, "any number of them"),
    (as_in_another_library, "0 times -inf is NaN"),
    (whole_numbers, "the result is int64"),
    (whole_numbers_in_a_tensor, "the result is int32"),
    (forgot_return, "`return` missing"),
    (tiny, "nothing is forbidden"),
    (of_arrays_alone, "may be a tensor"),
    (one_minus_mask, "may be a tensor"),
    (equal_to_zero, "may be a tensor"),
    (lowest_not_cast, "the result is float32"),
    (half_always, "the result is float16"),
    (low_everywhere, "low everywhere"),
    (one_where_true, "1 where the mask is True"),
    (squeezed, "axes of length 1 are lost"),
    (five_thousand, "not low enough"),
    (a_list, "no array, a list"),
    (low_where_true, "inverted"),
    (mask_times_low, "inverted"),
    (only_cast, "only casts the mask"),
    (only_inverted, "still to be turned into a very low number"),
    (high, "sign is missing"),
    (minus_one, "-1 is not low enough"),
    (minus_hundred, "not low enough"),
    (logarithm, "-inf makes NaN"),
    (logarithm_of_a_bit, "not low enough"),
    (infinite, "-inf makes NaN"),
    (float32_always, "`dtype` is ignored"),
    (float64_always, "`dtype` is ignored"),
    (no_room_in_float16, "in float16 this number is -inf"),
    (lowest_of_float32, "in float16 this number is -inf"),
    (zero_times_infinity, "0 times -inf is NaN"),
    (numpys_finfo, "np.finfo refuses it"),
    (numpys_finfo_by_number, "np.finfo refuses it"),
    (minus_ten, "not low enough"),
    (lowest_of_another_dtype, "in float16 this number is -inf"),
    (an_axis_too_many, "an axis too many"),
    (still_boolean, "True and False came back"),
]
