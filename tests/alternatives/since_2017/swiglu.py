"""Unusual right answers to SwiGLU."""

import keras
import tensorflow as tf
from keras import ops

from utils.layers import SwiGLU as Given


def gated(call):
    """The lesson's class with this `call`."""
    return type(call.__name__, (Given,), {"call": call})


@gated
def in_one_line(self, x, training=None):
    return self.dropout_layer(self.narrow(ops.multiply(self.widen(x), self.gate(x))), training=training)


@gated
def by_matrices(self, x, training=None):
    def dense(layer, x):
        return tf.matmul(x, layer.kernel) + (0 if layer.bias is None else layer.bias)

    made = dense(self.narrow, self.gate.activation(dense(self.gate, x)) * dense(self.widen, x))
    return keras.random.dropout(made, self.dropout_rate) if training and self.dropout_rate else made


@gated
def word_by_word(self, x, training=None):
    """`training` comes from Keras' own context."""
    words = [self.narrow(self.gate(x[:, t]) * self.widen(x[:, t])) for t in range(x.shape[1])]
    return self.dropout_layer(ops.stack(words, axis=1))


ALTERNATIVES = [in_one_line, by_matrices, word_by_word]
