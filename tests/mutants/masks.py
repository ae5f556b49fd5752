"""Wrong answers to lesson 04. For each exercise: (answer, words that its diagnosis must hold)."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops


def true_at_padding(token_ids, pad_id=0):
    return ops.equal(token_ids, pad_id)[:, None, None, :]


def no_axes(token_ids, pad_id=0):
    return tf.math.not_equal(token_ids, pad_id)


def one_axis(token_ids, pad_id=0):
    return ops.expand_dims(ops.not_equal(token_ids, pad_id), 1)


def axes_behind(token_ids, pad_id=0):
    return np.expand_dims(token_ids != pad_id, axis=(2, 3))


def axes_in_front(token_ids, pad_id=0):
    mask = token_ids != pad_id
    return mask.reshape(1, 1, *mask.shape)


def queries_masked(token_ids, pad_id=0):
    return (token_ids != pad_id)[:, None, :, None]


def square(token_ids, pad_id=0):
    words = tf.not_equal(token_ids, pad_id)
    return tf.logical_and(words[:, tf.newaxis, :, tf.newaxis], words[:, tf.newaxis, tf.newaxis, :])


def zero_always(token_ids, pad_id=0):
    return tf.cast(token_ids, tf.bool)[:, None, None, :]


def greater(token_ids, pad_id=0):
    return ops.greater(token_ids, pad_id)[:, None, None, :]


def lengths(token_ids, pad_id=0):
    n = tf.math.count_nonzero(token_ids != pad_id, axis=1)
    return tf.sequence_mask(n, token_ids.shape[1])[:, None, None, :]


def first_sentence(token_ids, pad_id=0):
    mask = np.zeros((len(token_ids), 1, 1, token_ids.shape[1]), bool)
    mask[:] = token_ids[0] != pad_id
    return mask


def everything(token_ids, pad_id=0):
    return np.full((len(token_ids), 1, 1, token_ids.shape[1]), True)


def ones_and_zeros(token_ids, pad_id=0):
    return 1 - tf.cast(tf.math.equal(token_ids, pad_id), tf.float32)[:, tf.newaxis, tf.newaxis, :]


def ones_and_zeros_three_axes(token_ids, pad_id=0):
    return (1 - tf.cast(tf.math.equal(token_ids, pad_id), tf.float32))[:, tf.newaxis, :]


def old_tutorial(token_ids, pad_id=0):
    return tf.cast(tf.math.equal(token_ids, pad_id), tf.float32)[:, tf.newaxis, tf.newaxis, :]


def padding_additive(token_ids, pad_id=0):
    return np.where(token_ids == pad_id, -1e9, 0.0)[:, None, None, :]


def no_padding_allowed_at_all(token_ids, pad_id=0):
    return (token_ids < pad_id)[:, None, None, :]


def axis_at_the_end(token_ids, pad_id=0):
    return np.expand_dims(token_ids != pad_id, -1)


def repeated(token_ids, pad_id=0):
    B, S = token_ids.shape
    return np.broadcast_to((token_ids != pad_id)[:, None, None, :], (B, 1, S, S))


def future_true(size):
    return ops.logical_not(ops.tril(ops.ones((size, size), "bool")))


def upper(size):
    return np.triu(np.ones((size, size), dtype=bool))


def diagonal_missing(size):
    i = np.arange(size)
    return i[:, None] > i[None, :]


def next_word_too(size):
    return np.array([[j <= i + 1 for j in range(size)] for i in range(size)])


def itself(size):
    return tf.eye(size) > 0


def no_limit(size):
    return tf.ones((size, size), tf.bool)


def corner(size):
    i = np.arange(size)
    return i[:, None] + i[None, :] < size


def other_corner(size):
    i = np.arange(size)
    return i[:, None] + i[None, :] >= size - 1


def too_large(size):
    i = np.arange(size + 1)
    return i[:, None] >= i


def too_small(size):
    i = np.arange(1, size)
    return i[:, None] >= i


def three_axes(size):
    return tf.cast(tf.linalg.band_part(tf.ones((1, size, size)), -1, 0), tf.bool)


def four_axes(size):
    return np.tril(np.ones((1, 1, size, size), bool))


def band_part_of_ones(size):
    return tf.linalg.band_part(tf.ones((1, size, size)), -1, 0)


def triangle_of_numbers(size):
    return np.tril(np.ones((size, size), int))


def one_is_future(size):
    return 1 - tf.linalg.band_part(tf.ones((size, size)), -1, 0)


def future_additive(size):
    return np.triu(np.ones((size, size)), k=1) * -1e9


def forgot_return(size):
    np.tril(np.ones((size, size), bool))


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


def still_boolean(mask, dtype="float32"):
    return ~mask


class Layer(keras.layers.Layer):
    def __init__(self, pad_id=0):
        super().__init__()
        self.pad_id = pad_id


class PadIdForgotten(Layer):
    def call(self, token_ids):
        return ops.not_equal(token_ids, 0)[:, None, None, :]


class PaddingTrue(Layer):
    def call(self, token_ids):
        return ops.equal(token_ids, self.pad_id)[:, None, None, :]


class TwoAxes(Layer):
    def call(self, token_ids):
        return token_ids != self.pad_id


class ThreeAxes(Layer):
    def call(self, token_ids):
        return ops.expand_dims(token_ids != self.pad_id, 1)


class Numbers(Layer):
    def call(self, token_ids):
        return ops.cast(ops.not_equal(token_ids, self.pad_id)[:, None, None, :], "int32")


class Unchanged(Layer):
    def call(self, token_ids):
        return token_ids


class PaddingByNumPy(Layer):
    def call(self, token_ids):
        return ops.convert_to_tensor(np.array(token_ids)[:, None, None, :] != self.pad_id)


class BatchSize(Layer):
    def call(self, x):
        positions = ops.arange(len(x))
        return positions[:, None] >= positions


class Width(Layer):
    def call(self, x):
        positions = ops.arange(ops.shape(x)[-1])
        return positions[:, None] >= positions


class StaticShape(Layer):
    def call(self, x):
        return tf.cast(tf.linalg.band_part(tf.ones((x.shape[1], x.shape[1])), -1, 0), tf.bool)


class LookAheadByNumPy(Layer):
    def call(self, x):
        T = ops.shape(x)[1]
        return ops.convert_to_tensor(np.tril(np.ones((T, T), bool)))


class LengthByLen(Layer):
    def call(self, x):
        T = len(x[0])
        return ops.arange(T)[:, None] >= ops.arange(T)


class Future(Layer):
    def call(self, x):
        positions = ops.arange(ops.shape(x)[1])
        return positions[:, None] < positions


class Transposed(Layer):
    def call(self, x):
        positions = ops.arange(ops.shape(x)[1])
        return positions[:, None] <= positions


class BatchAxis(Layer):
    def call(self, x):
        positions = ops.arange(ops.shape(x)[1])
        return positions[None, :, None] >= positions[None, None, :]


class Ones(Layer):
    def call(self, x):
        T = tf.shape(x)[1]
        return tf.linalg.band_part(tf.ones((T, T)), -1, 0)


MUTANTS = {
    "create_padding_mask": [
        (true_at_padding, "inverted"),
        (no_axes, "two axes of length 1 are missing"),
        (one_axis, "one axis of length 1 is missing"),
        (axes_behind, "stand behind S"),
        (axes_in_front, "stand before B"),
        (queries_masked, "masks queries"),
        (square, "queries are masked too"),
        (zero_always, "`pad_id` is ignored"),
        (greater, "greater than"),
        (lengths, "counted"),
        (first_sentence, "first one's mask"),
        (everything, "all True"),
        (ones_and_zeros, "numbers 1 and 0"),
        (ones_and_zeros_three_axes, "one axis of length 1 is missing"),
        (old_tutorial, "older convention"),
        (padding_additive, "additive form"),
        (no_padding_allowed_at_all, "all False"),
        (axis_at_the_end, "behind S"),
        (repeated, "one row for each query"),
    ],
    "create_look_ahead_mask": [
        (future_true, "inverted"),
        (upper, "transposed"),
        (diagonal_missing, "diagonal is left out"),
        (next_word_too, "one step too far"),
        (itself, "sees only itself"),
        (no_limit, "all True"),
        (corner, "wrong corner"),
        (other_corner, "wrong corner"),
        (too_large, "one word too many"),
        (too_small, "one word too few"),
        (three_axes, "one axis too many"),
        (four_axes, "two axes too many"),
        (band_part_of_ones, "numbers 1 and 0"),
        (triangle_of_numbers, "numbers 1 and 0"),
        (one_is_future, "older convention"),
        (future_additive, "additive form"),
        (forgot_return, "`return` missing"),
    ],
    "combine_masks": [
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
    ],
    "mask_to_additive": [
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
        (still_boolean, "dtype bool, expected numbers"),
    ],
    "PaddingMask": [
        (PadIdForgotten, "`self.pad_id` is not used"),
        (PaddingTrue, "inverted"),
        (TwoAxes, "axes of length 1 are missing"),
        (ThreeAxes, "only one of the two axes"),
        (Numbers, "numbers instead"),
        (Unchanged, "the ids came back"),
        (PaddingByNumPy, "not NumPy"),
    ],
    "LookAheadMask": [
        (BatchSize, "size of the batch"),
        (Width, "takes the last axis"),
        (StaticShape, "x.shape[1] is None"),
        (LookAheadByNumPy, "not NumPy"),
        (LengthByLen, "not NumPy"),
        (Future, "inverted"),
        (Transposed, "transposed"),
        (BatchAxis, "an axis too many"),
        (Ones, "numbers instead"),
    ],
}
