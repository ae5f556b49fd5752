"""Wrong answers to LoRADense."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from utils.layers.low_rank import LoRADense as Given


def low(call):
    """The lesson's class with another `call`."""
    return type(call.__name__, (Given,), {"call": call})


def straight(self, x):
    """What the dense layer gives before the bend."""
    y = ops.matmul(x, self.kernel)
    return y if self.bias is None else y + self.bias


def change(self, x):
    """(x A) B."""
    return ops.matmul(ops.matmul(x, self.lora_a), self.lora_b)


@low
def the_dense_layer_alone(self, x):
    return self.activation(straight(self, x))


@low
def the_change_alone(self, x):
    return self.activation(self.alpha / self.rank * change(self, x))


@low
def the_change_and_the_bias(self, x):
    y = self.alpha / self.rank * change(self, x)
    return self.activation(y if self.bias is None else y + self.bias)


@low
def not_weighed(self, x):
    return self.activation(straight(self, x) + change(self, x))


@low
def alpha_alone(self, x):
    return self.activation(straight(self, x) + self.alpha * change(self, x))


@low
def upside_down(self, x):
    return self.activation(straight(self, x) + self.rank / self.alpha * change(self, x))


@low
def alpha_forgotten(self, x):
    return self.activation(straight(self, x) + change(self, x) / self.rank)


@low
def root_of_the_rank(self, x):
    return self.activation(straight(self, x) + self.alpha / self.rank**0.5 * change(self, x))


@low
def divided_by_the_width(self, x):
    return self.activation(straight(self, x) + self.alpha / x.shape[-1] * change(self, x))


@low
def divided_by_the_units(self, x):
    return self.activation(straight(self, x) + self.alpha / self.units * change(self, x))


@low
def in_whole_numbers(self, x):
    return self.activation(straight(self, x) + self.alpha // self.rank * change(self, x))


@low
def taken_away(self, x):
    return self.activation(straight(self, x) - self.alpha / self.rank * change(self, x))


@low
def the_sum_is_weighed(self, x):
    return self.activation(self.alpha / self.rank * (straight(self, x) + change(self, x)))


@low
def bias_forgotten(self, x):
    return self.activation(ops.matmul(x, self.kernel) + self.alpha / self.rank * change(self, x))


@low
def bias_in_both_parts(self, x):
    y = straight(self, x) + self.alpha / self.rank * change(self, x)
    return self.activation(y if self.bias is None else y + self.bias)


@low
def bias_taken_for_granted(self, x):
    y = ops.matmul(x, self.kernel) + self.bias
    return self.activation(y + self.alpha / self.rank * change(self, x))


@low
def no_activation(self, x):
    return straight(self, x) + self.alpha / self.rank * change(self, x)


@low
def bent_too_early(self, x):
    return self.activation(straight(self, x)) + self.alpha / self.rank * change(self, x)


@low
def only_the_change_is_bent(self, x):
    return straight(self, x) + self.alpha / self.rank * self.activation(change(self, x))


@low
def bent_in_the_bottleneck(self, x):
    hidden = self.activation(ops.matmul(x, self.lora_a))
    y = straight(self, x) + self.alpha / self.rank * ops.matmul(hidden, self.lora_b)
    return self.activation(y)


@low
def each_part_bent(self, x):
    return self.activation(straight(self, x)) + self.activation(self.alpha / self.rank * change(self, x))


@low
def bent_twice(self, x):
    return self.activation(self.activation(straight(self, x) + self.alpha / self.rank * change(self, x)))


@low
def in_numpy(self, x):
    x, a, b = np.asarray(x), np.asarray(self.lora_a), np.asarray(self.lora_b)
    y = x @ np.asarray(self.kernel) + self.alpha / self.rank * (x @ a) @ b
    return self.activation(y if self.bias is None else y + np.asarray(self.bias))


@low
def a_stays_too(self, x):
    low = ops.matmul(ops.matmul(x, ops.stop_gradient(self.lora_a)), self.lora_b)
    return self.activation(straight(self, x) + self.alpha / self.rank * low)


@low
def nothing_learns(self, x):
    return self.activation(straight(self, x) + self.alpha / self.rank * tf.stop_gradient(change(self, x)))


@low
def b_before_a(self, x):
    return self.activation(straight(self, x) + ops.matmul(ops.matmul(x, self.lora_b), self.lora_a))


@low
def nothing_returned(self, x):
    self.activation(straight(self, x) + self.alpha / self.rank * change(self, x))


@low
def keras_own_dense(self, x):
    dense = keras.layers.Dense(self.units, self.activation)
    return dense(x)


@low
def weighed_twice(self, x):
    scale = self.alpha / self.rank
    return self.activation(straight(self, x) + scale * (scale * change(self, x)))


@low
def the_kernel_is_weighed(self, x):
    y = self.alpha / self.rank * ops.matmul(x, self.kernel) + change(self, x)
    return self.activation(y if self.bias is None else y + self.bias)


@low
def the_bias_is_weighed(self, x):
    low = change(self, x) if self.bias is None else change(self, x) + self.bias
    return self.activation(ops.matmul(x, self.kernel) + self.alpha / self.rank * low)


@low
def the_bias_comes_last(self, x):
    y = self.activation(ops.matmul(x, self.kernel) + self.alpha / self.rank * change(self, x))
    return y if self.bias is None else y + self.bias


@low
def sizes_taken_apart(self, x):
    B, T, D = x.shape
    y = straight(self, ops.reshape(x, (B * T, D))) + self.alpha / self.rank * change(self, ops.reshape(x, (B * T, D)))
    return ops.reshape(self.activation(y), (B, T, self.units))


@low
def row_by_row(self, x):
    return ops.stack([self.activation(straight(self, row) + self.alpha / self.rank * change(self, row)) for row in x])


@low
def kernel_changed(self, x):
    self.kernel.assign_add(self.alpha / self.rank * ops.matmul(self.lora_a, self.lora_b))
    return self.activation(straight(self, x))


@low
def three_axes(self, x):
    y = ops.einsum("btd,dm->btm", x, self.kernel)
    y += self.alpha / self.rank * ops.einsum("btd,dr,rm->btm", x, self.lora_a, self.lora_b)
    return self.activation(y if self.bias is None else y + self.bias)


@low
def three_axes_or_two(self, x):
    kinds = {2: "td,dm->tm", 3: "btd,dm->btm"}
    y = ops.einsum(kinds[len(x.shape)], x, self.kernel) + self.alpha / self.rank * change(self, x)
    return self.activation(y if self.bias is None else y + self.bias)


@low
def the_kernel_stopped(self, x):
    return self.activation(ops.stop_gradient(straight(self, x)) + self.alpha / self.rank * change(self, x))


@low
def x_stopped(self, x):
    return self.activation(straight(self, x) + self.alpha / self.rank * change(self, ops.stop_gradient(x)))


@low
def both_stopped(self, x):
    x = ops.stop_gradient(x)
    return self.activation(straight(self, x) + self.alpha / self.rank * change(self, x))


@low
def kernel_kept(self, x):
    if not hasattr(self, "kept"):
        self.kept = np.array(self.kernel)
    y = ops.matmul(x, self.kept) + self.alpha / self.rank * change(self, x)
    return self.activation(y if self.bias is None else y + self.bias)


@low
def product_kept(self, x):
    if not hasattr(self, "product"):
        self.product = self.alpha / self.rank * ops.matmul(self.lora_a, self.lora_b)
    return self.activation(straight(self, x) + ops.matmul(x, self.product))


@low
def a_grows(self, x):
    self.lora_a.assign(self.alpha / self.rank * self.lora_a)
    return self.activation(straight(self, x) + change(self, x))


@low
def a_transposed(self, x):
    low = ops.matmul(ops.matmul(x, ops.transpose(self.lora_a)), self.lora_b)
    return self.activation(straight(self, x) + self.alpha / self.rank * low)


@low
def b_transposed(self, x):
    low = ops.matmul(ops.matmul(x, self.lora_a), ops.transpose(self.lora_b))
    return self.activation(straight(self, x) + self.alpha / self.rank * low)


@low
def change_of_y(self, x):
    y = straight(self, x)
    return self.activation(y + self.alpha / self.rank * change(self, y))


@low
def times_the_change(self, x):
    return self.activation(straight(self, x) * (self.alpha / self.rank * change(self, x)))


@low
def by_both(self, x):
    return self.activation(straight(self, x) + self.alpha * change(self, x) / (self.alpha + self.rank))


@low
def relu_always(self, x):
    return ops.relu(straight(self, x) + self.alpha / self.rank * change(self, x))


@low
def bent_within_the_if(self, x):
    y = ops.matmul(x, self.kernel) + self.alpha / self.rank * change(self, x)
    if self.bias is not None:
        y = self.activation(y + self.bias)
    return y


@low
def changed_within_the_if(self, x):
    y = ops.matmul(x, self.kernel)
    if self.use_bias:
        y = y + self.bias
        y = y + self.alpha / self.rank * change(self, x)
    return self.activation(y)


@low
def dropped_before_a(self, x, training=None):
    """As Hu et al. do."""
    y = self.alpha / self.rank * change(self, keras.random.dropout(x, 0.1) if training else x)
    return self.activation(straight(self, x) + y)


@low
def only_a_dense_layer_in_training(self, x, training=None):
    y = straight(self, x)
    return self.activation(y if training else y + self.alpha / self.rank * change(self, x))


MUTANTS = [
    (dropped_before_a, "in training something else"),
    (only_a_dense_layer_in_training, "in training something else"),
    (the_dense_layer_alone, "dense layer alone"),
    (the_change_alone, "only the change came back"),
    (the_change_and_the_bias, "the change and the bias"),
    (not_weighed, "not weighed"),
    (alpha_alone, "not shared among"),
    (upside_down, "upside down"),
    (alpha_forgotten, "alpha is left out"),
    (root_of_the_rank, "root of r"),
    (divided_by_the_width, "divided by D"),
    (divided_by_the_units, "divided by M"),
    (in_whole_numbers, "whole numbers"),
    (taken_away, "taken away"),
    (the_sum_is_weighed, "whole sum"),
    (bias_forgotten, "bias is missing"),
    (bias_in_both_parts, "bias is added twice"),
    (bias_taken_for_granted, "self.bias is None"),
    (no_activation, "activation is missing"),
    (bent_too_early, "dense layer's part alone"),
    (only_the_change_is_bent, "bends the change alone"),
    (bent_in_the_bottleneck, "between A and B"),
    (each_part_bent, "each part is bent"),
    (bent_twice, "acts twice"),
    (in_numpy, "works on numbers alone"),
    (a_stays_too, "no gradient arrives at A:"),
    (nothing_learns, "no gradient arrives at A and B:"),
    (b_before_a, "B before A"),
    (nothing_returned, "`return` missing"),
    (weighed_twice, "applied twice"),
    (the_kernel_is_weighed, "the change is not"),
    (the_bias_is_weighed, "the bias is weighed"),
    (the_bias_comes_last, "behind the activation"),
    (sizes_taken_apart, "any number of axes"),
    (row_by_row, "not compiled"),
    (kernel_changed, "changes the kernel"),
    (keras_own_dense, "no mistake known here"),
    (three_axes, "any number of axes"),
    (three_axes_or_two, "any number of axes"),
    (the_kernel_stopped, "x does not get its whole gradient"),
    (x_stopped, "x does not get its whole gradient"),
    (both_stopped, "x does not get its whole gradient"),
    (kernel_kept, "the kernel of the first call"),
    (product_kept, "A B of the first call"),
    (a_grows, "each call changes A"),
    (a_transposed, "A is transposed"),
    (b_transposed, "B is transposed"),
    (change_of_y, "made of what the kernel gives"),
    (times_the_change, "multiplied with the dense layer's part"),
    (by_both, "divided by alpha + r"),
    (relu_always, "relu whatever"),
    (bent_within_the_if, "the activation stands within"),
    (changed_within_the_if, "the change stands within"),
]
