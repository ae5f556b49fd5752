"""Wrong answers to PaddingMask."""

import numpy as np
import tensorflow as tf
from keras import ops

from tests.mutants.masks.shared import Layer


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


class ToItsLengths(Layer):
    def call(self, token_ids):
        B, S = token_ids.shape
        return ops.reshape(ops.not_equal(token_ids, self.pad_id), (B, 1, 1, S))


class SentenceBySentence(Layer):
    def call(self, token_ids):
        return ops.stack([[[ops.not_equal(row, self.pad_id)]] for row in token_ids])


class ForEachOfTheBatch(Layer):
    def call(self, token_ids):
        rows = [ops.not_equal(token_ids[b], self.pad_id) for b in range(token_ids.shape[0])]
        return ops.stack(rows)[:, None, None, :]


class MadeOnce(Layer):
    def call(self, token_ids):
        if not hasattr(self, "mask"):
            self.mask = ops.not_equal(token_ids, self.pad_id)[:, None, None, :]
        return self.mask


class Greater(Layer):
    def call(self, token_ids):
        return ops.greater(token_ids, self.pad_id)[:, None, None, :]


class OfOneDtype(Layer):
    def call(self, token_ids):
        return tf.not_equal(token_ids, tf.constant(self.pad_id))[:, None, None, :]


class NumPyInTheGraph(Layer):
    def call(self, token_ids):
        return tf.numpy_function(lambda ids: (ids != self.pad_id)[:, None, None], [token_ids], tf.bool)


class AxesInFront(Layer):
    def call(self, token_ids):
        return ops.not_equal(token_ids, self.pad_id)[None, None]


class QueriesMasked(Layer):
    def call(self, token_ids):
        return ops.not_equal(token_ids, self.pad_id)[:, None, :, None]


MUTANTS = [
    (MadeOnce, "mask of the first call"),
    (Greater, "greater than"),
    (OfOneDtype, "int64 too"),
    (NumPyInTheGraph, "number of axes open"),
    (AxesInFront, "belong between B and S"),
    (QueriesMasked, "belong between B and S"),
    (ToItsLengths, "token_ids.shape holds None"),
    (SentenceBySentence, "also in what it calls"),
    (ForEachOfTheBatch, "token_ids.shape holds None"),
    (PadIdForgotten, "`self.pad_id` is not used"),
    (PaddingTrue, "inverted"),
    (TwoAxes, "axes of length 1 are missing"),
    (ThreeAxes, "only one of the two axes"),
    (Numbers, "numbers instead"),
    (Unchanged, "the ids came back"),
    (PaddingByNumPy, "not NumPy"),
]
