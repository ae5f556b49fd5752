"""Unusual right answers to FeedForward."""

import keras
import tensorflow as tf
from keras import ops

from tests.alternatives.encoder.shared import of
from utils.layers import FeedForward as GivenFeedForward


@of(GivenFeedForward)
def feed_in_one_line(self, x, training=None):
    return self.dropout_layer(self.narrow(self.widen(x)), training=training)


@of(GivenFeedForward)
def feed_by_matrices(self, x, training=None):
    hidden = self.widen.activation(tf.matmul(x, self.widen.kernel) + self.widen.bias)
    x = tf.matmul(hidden, self.narrow.kernel) + self.narrow.bias
    return keras.random.dropout(x, self.dropout_rate) if training and self.dropout_rate else x


@of(GivenFeedForward)
def feed_word_by_word(self, x, training=None):
    """`training` comes from Keras' own context."""
    words = [self.narrow(self.widen(x[:, t])) for t in range(x.shape[1])]
    return self.dropout_layer(ops.stack(words, axis=1))


@of(GivenFeedForward)
def feed_without_training(self, x):
    """Keras knows whether this is training, and tells the layers inside."""
    return self.dropout_layer(self.narrow(self.widen(x)))


@of(GivenFeedForward)
def feed_with_chance_by_hand(self, x, training=None):
    x = self.narrow(self.widen(x))
    if training and self.dropout_rate > 0:
        kept = keras.random.uniform(ops.shape(x)) >= self.dropout_rate
        x = ops.where(kept, x / (1 - self.dropout_rate), 0.0)
    return x


ALTERNATIVES = [feed_in_one_line, feed_by_matrices, feed_word_by_word, feed_without_training, feed_with_chance_by_hand]
