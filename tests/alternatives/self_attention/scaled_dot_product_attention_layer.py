"""Unusual right answers to ScaledDotProductAttention."""

import keras
from keras import ops

from tests.alternatives.self_attention.shared import by_einsum, by_tensorflow


class ScaledByKeras(keras.layers.Layer):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        inputs = [query / query.shape[-1] ** 0.5, value] + ([] if key is None else [key])
        masks = None if attention_mask is None else ops.where(attention_mask, 0.0, -1e9)
        scores = ops.matmul(inputs[0], ops.transpose(inputs[-1], (0, 2, 1)))
        weights = ops.softmax(scores if masks is None else scores + masks)
        output = ops.matmul(weights, value)
        if return_attention_scores:
            return output, weights
        return output


class ScaledByTensorFlow(keras.layers.Layer):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        if key is None:
            key = value
        output, weights = by_tensorflow(query, key, value, mask=attention_mask)
        return [output, weights] if return_attention_scores else output


class ScaledByEinsum(keras.layers.Layer):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        both = by_einsum(query, key if key is not None else value, value, attention_mask)
        return tuple(both) if return_attention_scores else both[0]


class ScaledAsOneHead(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.shares = keras.layers.Softmax()

    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        if key is None:
            return self.call(query, value, value, attention_mask, return_attention_scores)
        scores = ops.einsum("btk,bsk->bts", query, key) * key.shape[-1] ** -0.5
        if attention_mask is not None:
            attention_mask = ops.broadcast_to(attention_mask, ops.shape(scores))
        weights = self.shares(scores, mask=attention_mask)
        output = weights @ value
        return (output, weights) if return_attention_scores else output


ALTERNATIVES = [ScaledAsOneHead, ScaledByKeras, ScaledByTensorFlow, ScaledByEinsum]
