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


class MadeOnce(Layer):
    def build(self, shape):
        self.mask = None

    def call(self, x):
        if self.mask is None:
            self.mask = ops.tril(ops.ones((ops.shape(x)[1], ops.shape(x)[1]), "bool"))
        return self.mask


class NumPyInTheGraph(Layer):
    def call(self, x):
        return tf.py_function(lambda T: ops.arange(T)[:, None] >= ops.arange(T), [tf.shape(x)[1]], tf.bool)


class CutFromEight(Layer):
    def call(self, x):
        T = ops.shape(x)[1]
        return ops.tril(ops.ones((8, 8), "bool"))[:T, :T]


class Before(Layer):
    def call(self, x):
        positions = ops.arange(ops.shape(x)[1])
        return positions[:, None] > positions


class OneFurther(Layer):
    def call(self, x):
        positions = ops.arange(ops.shape(x)[1])
        return positions[:, None] + 1 >= positions


class Everything(Layer):
    def call(self, x):
        T = ops.shape(x)[1]
        return ops.ones((T, T), "bool")


class ForEachSentence(Layer):
    def call(self, x):
        B, T = ops.shape(x)[0], ops.shape(x)[1]
        return ops.broadcast_to(ops.arange(T)[:, None] >= ops.arange(T), (B, T, T))


class ASquareForAll(Layer):
    def build(self, shape):
        self.all = ops.tril(ops.ones((64, 64), "bool"))

    def call(self, x):
        size = ops.shape(x)[1]
        return self.all[:size, :size]


MUTANTS = [
    (ASquareForAll, "the length 64 is written in, and"),
    (MadeOnce, "mask of the first call"),
    (NumPyInTheGraph, "number of axes open"),
    (CutFromEight, "shape (8, 8), expected (40, 40)"),
    (Before, "diagonal is left out"),
    (OneFurther, "one step too far"),
    (Everything, "all True"),
    (ForEachSentence, "a square for each sentence"),
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
