"""Wrong answers to MultiHeadAttention: scales, masks of some kinds only, gradients, dropout's dice, what is kept."""

import math

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from tests.mutants.multi_head_attention.shared import Given
from utils.layers.attention import merge_heads, project, scaled_dot_product_attention, split_heads


def layer_with(name, attend=scaled_dot_product_attention, drop=None, finish=None, weights=None, result=None):
    """The library's layer with one of its steps exchanged; a step that is given gets the layer first."""

    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
        key = value if key is None else key
        used = weights(self) if weights else (self.query_weights, self.key_weights, self.value_weights)
        q, k, v = (split_heads(project(x, w), self.num_heads) for x, w in zip((query, key, value), used, strict=True))
        extra = () if attend is scaled_dot_product_attention else (query,)
        heads, scores = attend(q, k, v, attention_mask, *extra)
        if self.dropout and drop:
            heads = drop(self, heads, scores, v, training)
        elif self.dropout:
            heads = ops.matmul(self.dropout_layer(scores, training=training), v)
        output = finish(self, heads) if finish else project(merge_heads(heads), self.output_weights)
        if result:
            return result(output, scores, return_attention_scores, training)
        return (output, scores) if return_attention_scores else output

    return type(name, (Given,), {"call": call})


def hiding(hide, scale=None):
    """An attention whose scores are hidden by a function of scores and mask."""

    def attend(q, k, v, mask, query):
        scores = ops.matmul(q, ops.swapaxes(k, 2, 3)) / (scale(q, query) if scale else math.sqrt(q.shape[-1]))
        weights = ops.softmax(scores if mask is None else hide(scores, mask))
        return ops.matmul(weights, v), weights

    return attend


def four(mask):
    return mask[:, None] if len(mask.shape) == 3 else mask


def by_a_number(number):
    return hiding(lambda scores, mask: ops.where(four(mask), scores, number))


def of_rank(*ranks):
    return hiding(lambda s, mask: ops.where(four(mask), s, -1e9) if len(mask.shape) in ranks else s)


def added_ten(scores, mask):
    return scores - 10 * (1 - ops.cast(four(mask), "float32"))


def stopped_weights(q, k, v, mask, query):
    _, weights = scaled_dot_product_attention(q, k, v, mask)
    weights = ops.stop_gradient(weights)
    return ops.matmul(weights, v), weights


def stopped_values(q, k, v, mask, query):
    return scaled_dot_product_attention(q, k, tf.stop_gradient(v), mask)


def dropped(how):
    """Dropout in training by a function of (layer, weights)."""
    return lambda self, heads, scores, v, training: ops.matmul(how(self, scores), v) if training else heads


def by_numpy(self, scores):
    kept = np.random.default_rng().random(scores.shape) >= self.dropout
    return scores * kept.astype("float32") / (1 - self.dropout)


def comparison_turned_around(self, scores):
    return ops.where(keras.random.uniform(ops.shape(scores)) > self.dropout, 0.0, scores / (1 - self.dropout))


def sums_to_one(self, scores):
    left = self.dropout_layer(scores, training=True)
    return left / (ops.sum(left, axis=-1, keepdims=True) + 1e-9)


def same_for_all(self, scores):
    return keras.random.dropout(scores, self.dropout, noise_shape=(1, 1, *scores.shape[2:]))


def unless_told(self, heads, scores, v, training):
    return ops.matmul(self.dropout_layer(scores, training=training is not False), v)


def where_told_not_to(self, heads, scores, v, training):
    return ops.matmul(self.dropout_layer(scores, training=training is not None), v)


def outside(self, heads, scores, v, training):
    return ops.matmul(self.dropout_layer(scores, training=not training), v)


def bias_for_each_head(self, heads):
    kernel, bias = self.output_weights
    each = [ops.matmul(heads[:, h], kernel[h]) + (0 if bias is None else bias) for h in range(self.num_heads)]
    return sum(each)


def bias_twice(self, heads):
    output = project(merge_heads(heads), self.output_weights)
    return output if self.output_weights[1] is None else output + self.output_weights[1]


def weights_of_the_first_call(self):
    if not hasattr(self, "first"):
        pairs = self.query_weights, self.key_weights, self.value_weights
        self.first = [[w if w is None else ops.convert_to_tensor(w) + 0 for w in pair] for pair in pairs]
    return self.first


class TrainingUnlessTold(Given):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=True):
        return Given.call(self, query, value, key, attention_mask, return_attention_scores, training)


def pair_in_training(output, scores, asked, training):
    return (output, scores) if asked or training else output


def shared_out(root):
    return hiding(lambda s, mask: ops.where(four(mask), s, -1e9), scale=root)


MUTANTS = [
    (layer_with("WidthSharedOut", shared_out(lambda q, x: math.sqrt(x.shape[-1] / q.shape[1]))), "√(D/H)"),
    (layer_with("WidthSharedOutWhole", shared_out(lambda q, x: (x.shape[-1] // q.shape[1]) ** 0.5)), "√(D/H)"),
    (layer_with("HiddenByTen", by_a_number(-10.0)), "not low enough"),
    (layer_with("HiddenByAHundred", by_a_number(-100.0)), "not low enough"),
    (layer_with("HiddenByAThousand", by_a_number(-1000.0)), "not low enough"),
    (layer_with("TenLower", hiding(added_ten)), "not low enough"),
    (layer_with("OnlyThreeAxes", of_rank(3)), "two or four axes is ignored"),
    (layer_with("OnlyTwoAxes", of_rank(2)), "three or four axes is ignored"),
    (layer_with("NotFourAxes", of_rank(2, 3)), "a mask of four axes is ignored"),
    (layer_with("StoppedWeights", stopped_weights), "gradient is cut off"),
    (layer_with("StoppedValues", stopped_values), "gradient is cut off"),
    (layer_with("FixedSeed", drop=dropped(lambda s, x: keras.random.dropout(x, s.dropout, seed=0))), "at each call"),
    (layer_with("NumPysDice", drop=dropped(by_numpy)), "at each call"),
    (layer_with("NewLayer", drop=dropped(lambda s, x: keras.layers.Dropout(s.dropout)(x, training=True))), "each call"),
    (layer_with("TurnedAround", drop=dropped(comparison_turned_around)), "as many weights are dropped as should stay"),
    (layer_with("SumsToOne", drop=dropped(sums_to_one)), "made to sum to one"),
    (layer_with("SameForAll", drop=dropped(same_for_all)), "in all heads and all sentences"),
    (layer_with("ATenth", drop=dropped(lambda self, x: keras.random.dropout(x, 0.1))), "0.1 is written in"),
    (layer_with("Twice", drop=dropped(lambda s, x: s.dropout_layer(s.dropout_layer(x)))), "acts twice"),
    (layer_with("UnlessTold", drop=unless_told), "None is not True"),
    (TrainingUnlessTold, "None is not True"),
    (layer_with("WhereToldNotTo", drop=where_told_not_to), "where `training` is False"),
    (layer_with("Outside", drop=outside), "and only there"),
    (layer_with("BiasForEachHead", finish=bias_for_each_head), "more than once"),
    (layer_with("BiasTwice", finish=bias_twice), "more than once"),
    (layer_with("WeightsKept", weights=weights_of_the_first_call), "the numbers differ"),
    (layer_with("PairInTraining", result=pair_in_training), "a pair, though"),
]
