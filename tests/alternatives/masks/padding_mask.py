"""Unusual right answers to PaddingMask."""

import keras
import tensorflow as tf
from keras import ops


class PaddingAgain(keras.layers.Layer):
    def __init__(self, pad_id=0):
        super().__init__()
        self.pad_id = pad_id

    def call(self, token_ids):
        return ops.not_equal(token_ids, self.pad_id)[:, None, None, :]


class PaddingByTensorFlow(PaddingAgain):
    def call(self, ids):
        return tf.expand_dims(tf.expand_dims(tf.not_equal(ids, self.pad_id), 1), 1)


class PaddingToItsLengths(PaddingAgain):
    def call(self, token_ids):
        B, S = ops.shape(token_ids)
        return ops.reshape(ops.not_equal(token_ids, self.pad_id), (B, 1, 1, S))


class PaddingSentenceBySentence(PaddingAgain):
    def call(self, token_ids):
        return ops.vectorized_map(lambda row: ops.not_equal(row, self.pad_id)[None, None], token_ids)


ALTERNATIVES = [PaddingSentenceBySentence, PaddingToItsLengths, PaddingAgain, PaddingByTensorFlow]
