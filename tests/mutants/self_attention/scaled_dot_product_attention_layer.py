"""Wrong answers to ScaledDotProductAttention."""

import keras
import numpy as np
from keras import ops

from tests.mutants.self_attention.shared import tf_attention
from utils.layers.attention import scaled_dot_product_attention


def attend(q, k, v, mask=None):
    return tf_attention(q, k, v, mask)


class Base(keras.layers.Layer):
    pass


class BothAlways(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        key = value if key is None else key
        return attend(query, key, value, attention_mask)


class BothAlwaysAndNoMask(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        return attend(query, value if key is None else key, value)


class OutputAlways(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        key = value if key is None else key
        output, _ = attend(query, key, value, attention_mask)
        return output


class WeightsAlone(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        output, weights = attend(query, value if key is None else key, value, attention_mask)
        return weights if return_attention_scores else output


class ArgumentsAsTheyCome(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        key = value if key is None else key
        output, weights = attend(query, value, key, attention_mask)
        return (output, weights) if return_attention_scores else output


class KeyForgotten(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        output, weights = attend(query, value, value, attention_mask)
        return (output, weights) if return_attention_scores else output


class QueryAsKey(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        if key is None:
            key = query
        output, weights = attend(query, key, value, attention_mask)
        return (output, weights) if return_attention_scores else output


class MaskForgotten(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        key = value if key is None else key
        output, weights = attend(query, key, value)
        return (output, weights) if return_attention_scores else output


class MaskInverted(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        key = value if key is None else key
        mask = None if attention_mask is None else ~attention_mask
        output, weights = attend(query, key, value, mask)
        return (output, weights) if return_attention_scores else output


class WeightsFirst(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        key = value if key is None else key
        weights, output = attend(query, key, value, attention_mask)
        return (output, weights) if return_attention_scores else output


class ScaledTwice(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        key = value if key is None else key
        query = query / ops.sqrt(ops.cast(ops.shape(key)[-1], "float32"))
        output, weights = attend(query, key, value, attention_mask)
        return (output, weights) if return_attention_scores else output


class Unscaled(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        key = value if key is None else key
        output, weights = tf_attention(query, key, value, attention_mask, scale=1.0)
        return (output, weights) if return_attention_scores else output


class ReturnForgotten(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        attend(query, value if key is None else key, value, attention_mask)


class HandedToNumPy(keras.layers.Layer):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        q, v, k = (np.array(x) for x in (query, value, value if key is None else key))
        scores = np.einsum("btk,bsk->bts", q, k) / np.sqrt(k.shape[-1])
        if attention_mask is not None:
            scores = np.where(attention_mask, scores, -1e9)
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights = (weights / weights.sum(-1, keepdims=True)).astype("float32")
        output = keras.ops.convert_to_tensor(weights @ v)
        return (output, weights) if return_attention_scores else output


class SentenceBySentence(keras.layers.Layer):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        key = value if key is None else key
        outputs, shares = [], []
        for b in range(len(query)):
            mask = (
                attention_mask[b] if attention_mask is not None and len(attention_mask.shape) == 3 else attention_mask
            )
            output, weights = attend(query[b], key[b], value[b], mask)
            outputs.append(output)
            shares.append(weights)
        return (ops.stack(outputs), ops.stack(shares)) if return_attention_scores else ops.stack(outputs)


class ReshapedToItsBatch(keras.layers.Layer):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        B, T, _ = query.shape
        output, weights = attend(query, value if key is None else key, value, attention_mask)
        output = ops.reshape(output, (B, T, value.shape[-1]))
        return (output, weights) if return_attention_scores else output


class NoBrackets(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        output, weights = attend(query, value if key is None else key, value, attention_mask)
        return output, weights if return_attention_scores else output


class NoneBeside(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        output, weights = attend(query, value if key is None else key, value, attention_mask)
        return output, weights if return_attention_scores else None


class OtherWayRound(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        output, weights = attend(query, value if key is None else key, value, attention_mask)
        return (output, weights) if not return_attention_scores else output


class MaskWithoutScores(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        key = value if key is None else key
        if return_attention_scores:
            return attend(query, key, value)
        return attend(query, key, value, attention_mask)[0]


class MaskWithScores(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        key = value if key is None else key
        if return_attention_scores:
            return attend(query, key, value, attention_mask)
        return attend(query, key, value)[0]


class KeyOnlyWithoutScores(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        if return_attention_scores:
            return attend(query, key, value, attention_mask)
        return attend(query, value if key is None else key, value, attention_mask)[0]


class PairSwapped(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        output, weights = attend(query, value if key is None else key, value, attention_mask)
        return (weights, output) if return_attention_scores else output


class KeysAsk(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        output, weights = attend(value if key is None else key, query, value, attention_mask)
        return (output, weights) if return_attention_scores else output


class GradientHeldBack(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        query = ops.stop_gradient(query)
        output, weights = attend(query, value if key is None else key, value, attention_mask)
        return (output, weights) if return_attention_scores else output


class ValuesHeldBack(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        key = value if key is None else key
        output, weights = attend(query, key, ops.stop_gradient(value), attention_mask)
        return (output, weights) if return_attention_scores else output


class KeysInNumPy(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        key = np.array(value if key is None else key)
        output, weights = attend(query, key, value, attention_mask)
        return (output, weights) if return_attention_scores else output


class MaskKept(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        if attention_mask is not None:
            self.mask = attention_mask
        output, weights = attend(query, value if key is None else key, value, getattr(self, "mask", None))
        return (output, weights) if return_attention_scores else output


class FirstKeyKept(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        if not hasattr(self, "key"):
            self.key = value if key is None else key
        output, weights = attend(query, self.key, value, attention_mask)
        return (output, weights) if return_attention_scores else output


class WishKept(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        self.both = getattr(self, "both", False) or return_attention_scores
        output, weights = attend(query, value if key is None else key, value, attention_mask)
        return (output, weights) if self.both else output


class LearntScale(Base):
    def build(self, *shapes):
        self.scale = self.add_weight(shape=(), initializer="ones")

    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        output, weights = attend(self.scale * query, value if key is None else key, value, attention_mask)
        return (output, weights) if return_attention_scores else output


class WeightsHeldBack(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        output, weights = attend(query, value if key is None else key, value, attention_mask)
        return (output, ops.stop_gradient(weights)) if return_attention_scores else output


class ScoresInNumPy(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        output, weights = attend(query, value if key is None else key, value, attention_mask)
        return (np.array(output), np.array(weights)) if return_attention_scores else output


class WeightsReshapedToTheirBatch(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        output, weights = attend(query, value if key is None else key, value, attention_mask)
        weights = ops.reshape(weights, (query.shape[0], query.shape[1], value.shape[1]))
        return (output, weights) if return_attention_scores else output


class MaskWithAnAxisForHeads(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        q, k, v = (x[:, None] for x in (query, value if key is None else key, value))
        mask = None if attention_mask is None else attention_mask[:, None]
        output, weights = scaled_dot_product_attention(q, k, v, mask)
        return (output[:, 0], weights[:, 0]) if return_attention_scores else output[:, 0]


class MaskOnlyWithKey(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        output, weights = attend(query, value, value) if key is None else attend(query, key, value, attention_mask)
        return (output, weights) if return_attention_scores else output


class RawScores(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        key = value if key is None else key
        output, _ = attend(query, key, value, attention_mask)
        scores = ops.matmul(query, ops.swapaxes(key, 1, 2)) / np.sqrt(key.shape[-1])
        return (output, scores) if return_attention_scores else output


class Dropping(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
        key = value if key is None else key
        output, weights = attend(query, key, value, attention_mask)
        if training:
            weights = keras.random.dropout(weights, 0.1)
            output = ops.matmul(weights, value)
        return (output, weights) if return_attention_scores else output


MUTANTS = [
    (Dropping, "in training something else"),
    (MaskKept, "kept from one call"),
    (FirstKeyKept, "kept from one call"),
    (WishKept, "kept from one call"),
    (LearntScale, "it has weights"),
    (WeightsHeldBack, "something holds it back"),
    (ScoresInNumPy, "NumPy is at work"),
    (WeightsReshapedToTheirBatch, "x.shape[0] is None"),
    (MaskWithAnAxisForHeads, "for all sentences does not fit"),
    (MaskOnlyWithKey, "only where a key is given"),
    (RawScores, "raw scores come back"),
    (NoBrackets, "in brackets"),
    (NoneBeside, "in brackets"),
    (OtherWayRound, "wrong way round"),
    (MaskWithoutScores, "only without return_attention_scores"),
    (MaskWithScores, "only with return_attention_scores"),
    (KeyOnlyWithoutScores, "None"),
    (PairSwapped, "they are swapped"),
    (KeysAsk, "query and key are swapped"),
    (GradientHeldBack, "something holds it back"),
    (ValuesHeldBack, "something holds it back"),
    (KeysInNumPy, "NumPy is at work"),
    (SentenceBySentence, "x.shape[0] is None"),
    (ReshapedToItsBatch, "x.shape[0] is None"),
    (HandedToNumPy, "no gradient passes"),
    (BothAlways, "always returns both"),
    (BothAlwaysAndNoMask, "always returns both"),
    (OutputAlways, "asks for (output, weights)"),
    (WeightsAlone, "not the weights alone"),
    (ArgumentsAsTheyCome, "key and value are swapped"),
    (KeyForgotten, "key is not used"),
    (QueryAsKey, "place is taken by the query"),
    (MaskForgotten, "does not arrive"),
    (MaskInverted, "True = may attend"),
    (WeightsFirst, "weights and output are swapped"),
    (ScaledTwice, "twice"),
    (Unscaled, "not divided by √K"),
    (ReturnForgotten, "`return` missing"),
]
