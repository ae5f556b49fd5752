"""Wrong answers to LookAheadMask."""

import numpy as np
import tensorflow as tf
from keras import ops

from tests.mutants.masks.shared import Layer


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


class LengthAsInt(Layer):
    def call(self, x):
        T = int(ops.shape(x)[1])
        return ops.arange(T)[:, None] >= ops.arange(T)


class ByTri(Layer):
    def call(self, x):
        return ops.tri(ops.shape(x)[1], dtype="bool")


class BatchAndHeads(Layer):
    def call(self, x):
        positions = ops.arange(ops.shape(x)[1])
        return (positions[:, None] >= positions)[None, None]


MUTANTS = [
    (LengthAsInt, "as len, int"),
    (ByTri, "ops.tri"),
    (BatchAndHeads, "too many"),
    (BatchSize, "size of the batch"),
    (Width, "takes the last axis"),
    (StaticShape, "x.shape[1] is None"),
    (LookAheadByNumPy, "not NumPy"),
    (LengthByLen, "not NumPy"),
    (Future, "inverted"),
    (Transposed, "transposed"),
    (BatchAxis, "an axis too many"),
    (Ones, "numbers instead"),
]
