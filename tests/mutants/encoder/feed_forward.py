"""Wrong answers to FeedForward."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from tests.mutants.encoder.shared import feed


@feed
def not_narrowed(self, x, training=None):
    return self.dropout_layer(self.widen(x), training=training)


@feed
def not_widened(self, x, training=None):
    return self.dropout_layer(self.narrow(x), training=training)


@feed
def narrow_first(self, x, training=None):
    return self.dropout_layer(self.widen(self.narrow(x)), training=training)


@feed
def with_residual(self, x, training=None):
    return x + self.dropout_layer(self.narrow(self.widen(x)), training=training)


@feed
def bent_at_the_end(self, x, training=None):
    return self.dropout_layer(ops.relu(self.narrow(self.widen(x))), training=training)


@feed
def always_relu(self, x, training=None):
    hidden = tf.nn.relu(tf.matmul(x, self.widen.kernel) + self.widen.bias)
    return self.dropout_layer(self.narrow(hidden), training=training)


@feed
def never_bent(self, x, training=None):
    hidden = tf.matmul(x, self.widen.kernel) + self.widen.bias
    return self.dropout_layer(self.narrow(hidden), training=training)


@feed
def relu_on_top(self, x, training=None):
    return self.dropout_layer(self.narrow(ops.relu(self.widen(x))), training=training)


@feed
def activation_twice(self, x, training=None):
    hidden = keras.activations.get(self.activation)(self.widen(x))
    return self.dropout_layer(self.narrow(hidden), training=training)


@feed
def no_dropout(self, x, training=None):
    return self.narrow(self.widen(x))


@feed
def dropout_always(self, x, training=None):
    return self.dropout_layer(self.narrow(self.widen(x)), training=True)


@feed
def dropout_inside(self, x, training=None):
    x = self.dropout_layer(self.widen(x), training=training)
    return self.narrow(x)


@feed
def dropout_first(self, x, training=None):
    return self.narrow(self.widen(self.dropout_layer(x, training=training)))


@feed
def nothing_returned(self, x, training=None):
    x = self.widen(x)
    x = self.narrow(x)
    self.dropout_layer(x, training=training)


@feed
def through_numpy(self, x, training=None):
    return self.dropout_layer(np.asarray(self.narrow(self.widen(x))), training=training)


@feed
def words_in_one_row(self, x, training=None):
    B, T, D = x.shape
    x = self.narrow(self.widen(ops.reshape(x, (B * T, D))))
    return self.dropout_layer(ops.reshape(x, (B, T, D)), training=training)


@feed
def trains_where_said_not_to(self, x, training=None):
    return self.dropout_layer(self.narrow(self.widen(x)), training=training is not None)


@feed
def outside_training_only(self, x, training=None):
    return self.dropout_layer(self.narrow(self.widen(x)), training=not training)


@feed
def a_list_of_one(self, x, training=None):
    return [self.dropout_layer(self.narrow(self.widen(x)), training=training)]


@feed
def rate_of_its_own(self, x, training=None):
    return keras.layers.Dropout(0.1)(self.narrow(self.widen(x)), training=training)


@feed
def made_anew(self, x, training=None):
    x = keras.layers.Dense(self.fully_connected_dim, activation=self.activation)(x)
    return self.dropout_layer(keras.layers.Dense(self.embedding_dim)(x), training=training)


@feed
def bent_behind(self, x, training=None):
    x = self.narrow(x @ self.widen.kernel + self.widen.bias)
    return self.dropout_layer(self.widen.activation(x), training=training)


@feed
def without_first_bias(self, x, training=None):
    hidden = self.widen.activation(x @ self.widen.kernel)
    return self.dropout_layer(self.narrow(hidden), training=training)


@feed
def without_second_bias(self, x, training=None):
    return self.dropout_layer(self.widen(x) @ self.narrow.kernel, training=training)


@feed
def trains_unless_told(self, x, training=True):
    return self.dropout_layer(self.narrow(self.widen(x)), training=training)


@feed
def trains_where_not_told(self, x, training=None):
    return self.dropout_layer(self.narrow(self.widen(x)), training=training is None)


@feed
def not_scaled_up(self, x, training=None):
    x = self.narrow(self.widen(x))
    kept = keras.random.uniform(ops.shape(x)) >= self.dropout_rate
    return x * ops.cast(kept, x.dtype) if training else x


@feed
def rate_for_the_rest(self, x, training=None):
    x = self.narrow(self.widen(x))
    return tf.nn.dropout(x, 1 - self.dropout_rate) if training and self.dropout_rate else x


@feed
def whole_words(self, x, training=None):
    drop = keras.layers.Dropout(self.dropout_rate, noise_shape=(None, None, 1))
    return drop(self.narrow(self.widen(x)), training=training)


@feed
def the_same_places(self, x, training=None):
    return keras.layers.SpatialDropout1D(self.dropout_rate)(self.narrow(self.widen(x)), training=training)


@feed
def numpys_chance(self, x, training=None):
    x = self.narrow(self.widen(x))
    kept = np.random.rand(*x.shape) >= self.dropout_rate  # noqa: NPY002
    return ops.where(kept, x / (1 - self.dropout_rate), 0) if training else x


@feed
def fixed_seed(self, x, training=None):
    x = self.narrow(self.widen(x))
    return keras.random.dropout(x, self.dropout_rate, seed=0) if training and self.dropout_rate else x


@feed
def gradient_cut(self, x, training=None):
    return self.dropout_layer(self.narrow(ops.stop_gradient(self.widen(x))), training=training)


@feed
def in_doubles(self, x, training=None):
    return ops.cast(self.dropout_layer(self.narrow(self.widen(x)), training=training), "float64")


MUTANTS = [
    (made_anew, "made inside `call`"),
    (bent_behind, "stands between the two layers"),
    (without_first_bias, "first layer's biases"),
    (without_second_bias, "second layer's biases"),
    (trains_unless_told, "its default is None"),
    (trains_where_not_told, "its default is None"),
    (not_scaled_up, "not scaled up"),
    (rate_for_the_rest, "share that stays"),
    (whole_words, "whole words are dropped"),
    (the_same_places, "same places in all"),
    (numpys_chance, "a batch has no size yet"),
    (fixed_seed, "fixed seed"),
    (gradient_cut, "gradient does not come back"),
    (in_doubles, "another dtype"),
    (through_numpy, "before there are numbers"),
    (words_in_one_row, "a batch has no size yet"),
    (trains_where_said_not_to, "training=False is taken for training"),
    (outside_training_only, "turned around"),
    (a_list_of_one, "list of its own"),
    (rate_of_its_own, "times 1.11"),
    (not_narrowed, "second layer is missing"),
    (not_widened, "incompatible"),
    (narrow_first, "incompatible"),
    (with_residual, "input is added"),
    (bent_at_the_end, "output is bent"),
    (always_relu, "always a relu"),
    (never_bent, "not bent"),
    (relu_on_top, "on top"),
    (activation_twice, "acts twice"),
    (no_dropout, "never applied"),
    (dropout_always, "outside training"),
    (dropout_inside, "on the hidden numbers"),
    (dropout_first, "on the input"),
    (nothing_returned, "`return` missing"),
]
