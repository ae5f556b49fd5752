"""Unusual right answers to PositionalEncoding."""

import keras
import numpy as np
import tensorflow as tf

from utils.layers import PositionalEncoding


class BySlice(PositionalEncoding):
    def call(self, x, start=0):
        return x + self.encoding[start : start + x.shape[1]]


class ByGather(PositionalEncoding):
    def call(self, x, start=0):
        rows = keras.ops.arange(keras.ops.shape(x)[1]) + start
        return keras.ops.add(x, keras.ops.take(self.encoding, rows, axis=0)[None])


class ByTensorflow(PositionalEncoding):
    def call(self, inputs, start=0):
        T = tf.shape(inputs)[1]
        return inputs + tf.cast(self.encoding, inputs.dtype)[tf.newaxis, start : start + T, :]


class WordByWord(PositionalEncoding):
    def call(self, x, start=0):
        words = [x[:, t] + self.encoding[start + t] for t in range(x.shape[1])]
        return keras.ops.stack(words, axis=1)


class ComputedAnew(keras.layers.Layer):
    def __init__(self, max_length):
        super().__init__()
        self.max_length = max_length

    def call(self, x, start=0):
        positions = np.arange(start, start + x.shape[1])[:, None]
        columns = np.arange(x.shape[2])
        angles = positions / 10000 ** (2 * (columns // 2) / x.shape[2])
        return x + np.where(columns % 2, np.cos(angles), np.sin(angles)).astype("float32")


class RowsRemembered(PositionalEncoding):
    """Keeps the rows of each start and length: nothing is wrong with that."""

    def call(self, x, start=0):
        kept = self.__dict__.setdefault("kept", {})
        place = start, x.shape[1]
        if place not in kept:
            kept[place] = self.encoding[start : start + x.shape[1]]
        return x + kept[place]


class SentencesMapped(PositionalEncoding):
    def call(self, x, start=0):
        rows = keras.ops.stop_gradient(self.encoding[start : start + x.shape[1]])
        return tf.map_fn(lambda words: words + rows, x)


ALTERNATIVES = [RowsRemembered, SentencesMapped, BySlice, ByGather, ByTensorflow, WordByWord, ComputedAnew]
