"""Wrong answers to SwiGLU."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from utils.layers import SwiGLU as Given


def gated(call):
    """The lesson's class with this `call`."""
    return type(call.__name__, (Given,), {"call": call})


def straight(layer, x):
    bias = 0 if layer.bias is None else layer.bias
    return tf.matmul(x, layer.kernel) + bias


@gated
def no_gate(self, x, training=None):
    return self.dropout_layer(self.narrow(self.widen(x)), training=training)


@gated
def gate_alone(self, x, training=None):
    return self.dropout_layer(self.narrow(self.gate(x)), training=training)


@gated
def added(self, x, training=None):
    return self.dropout_layer(self.narrow(self.gate(x) + self.widen(x)), training=training)


@gated
def changed_places(self, x, training=None):
    hidden = straight(self.gate, x) * self.gate.activation(straight(self.widen, x))
    return self.dropout_layer(self.narrow(hidden), training=training)


@gated
def bent_twice(self, x, training=None):
    hidden = self.gate.activation(self.gate(x)) * self.widen(x)
    return self.dropout_layer(self.narrow(hidden), training=training)


@gated
def product_bent(self, x, training=None):
    return self.dropout_layer(self.narrow(ops.silu(self.gate(x) * self.widen(x))), training=training)


@gated
def both_bent(self, x, training=None):
    return self.dropout_layer(self.narrow(self.gate(x) * ops.silu(self.widen(x))), training=training)


@gated
def sigmoid(self, x, training=None):
    hidden = tf.sigmoid(straight(self.gate, x)) * self.widen(x)
    return self.dropout_layer(self.narrow(hidden), training=training)


@gated
def always_silu(self, x, training=None):
    hidden = tf.nn.silu(straight(self.gate, x)) * self.widen(x)
    return self.dropout_layer(self.narrow(hidden), training=training)


@gated
def no_bend(self, x, training=None):
    hidden = straight(self.gate, x) * self.widen(x)
    return self.dropout_layer(self.narrow(hidden), training=training)


@gated
def not_narrowed(self, x, training=None):
    return self.gate(x) * self.widen(x)


@gated
def with_residual(self, x, training=None):
    return x + self.dropout_layer(self.narrow(self.gate(x) * self.widen(x)), training=training)


@gated
def no_dropout(self, x, training=None):
    return self.narrow(self.gate(x) * self.widen(x))


@gated
def dropout_turned_around(self, x, training=None):
    return self.dropout_layer(self.narrow(self.gate(x) * self.widen(x)), training=not training)


@gated
def dropout_always(self, x, training=None):
    return self.dropout_layer(self.narrow(self.gate(x) * self.widen(x)), training=True)


@gated
def dropout_inside(self, x, training=None):
    return self.narrow(self.dropout_layer(self.gate(x) * self.widen(x), training=training))


@gated
def nothing_returned(self, x, training=None):
    self.dropout_layer(self.narrow(self.gate(x) * self.widen(x)), training=training)


@gated
def sizes_fixed(self, x, training=None):
    B, T, D = x.shape
    rows = ops.reshape(x, (B * T, D))
    made = ops.reshape(self.narrow(self.gate(rows) * self.widen(rows)), (B, T, D))
    return self.dropout_layer(made, training=training)


@gated
def product_in_numpy(self, x, training=None):
    hidden = np.asarray(self.gate(x)) * np.asarray(self.widen(x))
    return self.dropout_layer(self.narrow(hidden), training=training)


@gated
def gate_twice(self, x, training=None):
    return self.dropout_layer(self.narrow(self.gate(x) * self.gate(x)), training=training)


@gated
def sigmoid_besides(self, x, training=None):
    return self.dropout_layer(self.narrow(ops.sigmoid(self.gate(x)) * self.widen(x)), training=training)


@gated
def dropout_on_x(self, x, training=None):
    x = self.dropout_layer(x, training=training)
    return self.narrow(self.gate(x) * self.widen(x))


@gated
def dropout_inside_too(self, x, training=None):
    hidden = self.dropout_layer(self.gate(x) * self.widen(x), training=training)
    return self.dropout_layer(self.narrow(hidden), training=training)


@gated
def dropout_on_x_too(self, x, training=None):
    x = self.dropout_layer(x, training=training)
    return self.dropout_layer(self.narrow(self.gate(x) * self.widen(x)), training=training)


@gated
def dropout_twice(self, x, training=None):
    made = self.dropout_layer(self.narrow(self.gate(x) * self.widen(x)), training=training)
    return self.dropout_layer(made, training=training)


@gated
def new_dropout(self, x, training=None):
    made = self.narrow(self.gate(x) * self.widen(x))
    return keras.layers.Dropout(self.dropout_rate)(made, training=training)


@gated
def seeded_dropout(self, x, training=None):
    made = self.narrow(self.gate(x) * self.widen(x))
    return keras.random.dropout(made, self.dropout_rate, seed=0) if training else made


@gated
def dropout_of_numpy(self, x, training=None):
    made = self.narrow(self.gate(x) * self.widen(x))
    if not training or not self.dropout_rate:
        return made
    kept = np.random.random(made.shape) >= self.dropout_rate  # noqa: NPY002
    return made * kept.astype("float32") / (1 - self.dropout_rate)


@gated
def state_kept(self, x, training=None):
    if not hasattr(self, "last"):
        self.last = self.gate(x) * self.widen(x)
    return self.dropout_layer(self.narrow(self.last), training=training)


MUTANTS = [
    (sizes_fixed, "a batch has no size yet"),
    (product_in_numpy, "come too early"),
    (gate_twice, "multiplies itself"),
    (sigmoid_besides, "by a sigmoid besides"),
    (no_gate, "gate is missing"),
    (gate_alone, "only the gate"),
    (added, "the two are added"),
    (changed_places, "changed places"),
    (bent_twice, "bends twice"),
    (product_bent, "product is bent"),
    (both_bent, "both are bent"),
    (sigmoid, "not SwiGLU"),
    (always_silu, "always bends by silu"),
    (no_bend, "does not bend"),
    (not_narrowed, "narrow them to D"),
    (with_residual, "input is added"),
    (no_dropout, "never applied"),
    (dropout_always, "outside training too"),
    (dropout_turned_around, "and not in it"),
    (dropout_inside, "numbers in between"),
    (nothing_returned, "`return` missing"),
    (dropout_on_x, "dropout acts on the input"),
    (dropout_inside_too, "before it as well"),
    (dropout_on_x_too, "before it as well"),
    (dropout_twice, "acts twice on the output"),
    (new_dropout, "a new Dropout"),
    (seeded_dropout, "each call drops the same"),
    (dropout_of_numpy, "drawn once, while compiling"),
    (state_kept, "keep nothing of x in self"),
]
