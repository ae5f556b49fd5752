"""Wrong answers to lesson 03. For each exercise: (answer, words that its diagnosis must hold)."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops


def softmax(x, axis=-1):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


# project_qkv ---------------------------------------------------------------------------------------


def transposed_matrices(x, w_q, w_k, w_v):
    return np.dot(x, w_q.T), np.dot(x, w_k.T), np.dot(x, w_v.T)


def matrix_first(x, w_q, w_k, w_v):
    return tf.matmul(w_q, x), tf.matmul(w_k, x), tf.matmul(w_v, x)


def columns_as_words(x, w_q, w_k, w_v):
    x = np.transpose(x)
    return x @ w_q, x @ w_k, x @ w_v


def on_their_side(x, w_q, w_k, w_v):
    return w_q.T @ x.T, w_k.T @ x.T, w_v.T @ x.T


def entry_by_entry(x, w_q, w_k, w_v):
    return x * w_q, x * w_k, x * w_v


def key_of_query(x, w_q, w_k, w_v):
    q = x @ w_q
    k = q @ w_k
    v = x @ w_v
    return q, k, v


def one_name_for_all(x, w_q, w_k, w_v):
    results = []
    for w in (w_q, w_k, w_v):
        x = x @ w
        results.append(x)
    return tuple(results)


def one_matrix(x, w_q, w_k, w_v):
    q = k = v = x @ w_q
    return q, k, v


def key_with_query_matrix(x, w_q, w_k, w_v):
    return ops.matmul(x, w_q), ops.matmul(x, w_q), ops.matmul(x, w_v)


def values_from_key_matrix(x, w_q, w_k, w_v):
    return x.dot(w_q), x.dot(w_k), x.dot(w_k)


def values_unprojected(x, w_q, w_k, w_v):
    return x.dot(w_q), x.dot(w_k), x


def key_first(x, w_q, w_k, w_v):
    return np.einsum("td,dk->tk", x, w_k), np.einsum("td,dk->tk", x, w_q), np.einsum("td,dv->tv", x, w_v)


def value_second(x, w_q, w_k, w_v):
    return x @ w_q, x @ w_v, x @ w_k


def stacked(x, w_q, w_k, w_v):
    return np.array([x @ w_q, x @ w_k, x @ w_v])


def side_by_side(x, w_q, w_k, w_v):
    return x @ np.concatenate([w_q, w_k, w_v], axis=1)


def query_only(x, w_q, w_k, w_v):
    q = x @ w_q
    return q


def scaled_early(x, w_q, w_k, w_v):
    d_k = w_k.shape[-1]
    return x @ w_q / np.sqrt(d_k), x @ w_k, x @ w_v


def forgot_to_return(x, w_q, w_k, w_v):
    x @ w_q, x @ w_k, x @ w_v


# attention_for_one_word ----------------------------------------------------------------------------


def word(scores, v):
    weights = softmax(np.array(scores))
    vector = np.zeros(v.shape[1])
    for w, value in zip(weights, v, strict=True):
        vector += w * value
    return vector, weights


def unscaled(q, k, v, i):
    return word([np.dot(q[i], key) for key in k], v)


def over_k(q, k, v, i):
    return word([np.dot(q[i], key) / len(key) for key in k], v)


def root_of_words(q, k, v, i):
    return word([np.dot(q[i], key) / np.sqrt(len(k)) for key in k], v)


def root_of_queries(q, k, v, i):
    return word([np.dot(q[i], key) / np.sqrt(q.shape[0]) for key in k], v)


def root_of_values(q, k, v, i):
    return word([np.dot(q[i], key) / v.shape[-1] ** 0.5 for key in k], v)


def root_of_four(q, k, v, i):
    return word([np.dot(q[i], key) / np.sqrt(4) for key in k], v)


def own_value(q, k, v, i):
    weights = softmax(k @ q[i] / np.sqrt(k.shape[-1]))
    i = min(i, len(v) - 1)
    return weights[i] * v[i], weights


def times_root(q, k, v, i):
    return word([np.dot(q[i], key) * np.sqrt(len(key)) for key in k], v)


def root_after_softmax(q, k, v, i):
    weights = softmax(k @ q[i]) / np.sqrt(k.shape[-1])
    return weights @ v, weights


def no_softmax(q, k, v, i):
    weights = np.array([np.dot(q[i], key) for key in k]) / np.sqrt(k.shape[-1])
    return weights @ v, weights


def shares_without_exp(q, k, v, i):
    scores = np.array([np.dot(q[i], key) for key in k]) / np.sqrt(k.shape[-1])
    weights = scores / np.sum(scores)
    return weights @ v, weights


def bare_exponentials(q, k, v, i):
    weights = np.exp(k @ q[i] / np.sqrt(k.shape[-1]))
    return weights @ v, weights


def home_made_softmax(q, k, v, i):
    e = [np.exp(np.dot(q[i], key) / np.sqrt(len(key))) for key in k]
    weights = np.array(e) / sum(e)
    return weights @ v, weights


def others_only(q, k, v, i):
    scores = [np.dot(q[i], k[j]) / np.sqrt(k.shape[-1]) for j in range(len(k)) if j != i]
    return word(scores, np.array([v[j] for j in range(len(v)) if j != i]))


def self_at_zero(q, k, v, i):
    scores = k @ q[i] / np.sqrt(k.shape[-1])
    if i < len(scores):
        scores[i] = -1e9
    return word(scores, v)


def looking_back(q, k, v, i):
    return word([np.dot(q[i], k[j]) / np.sqrt(k.shape[-1]) for j in range(min(i + 1, len(k)))], v[: i + 1])


def key_asks(q, k, v, i):
    i = min(i, len(k) - 1)
    return word([np.dot(k[i], key) / np.sqrt(len(key)) for key in k], v)


def always_first(q, k, v, i):
    return word([np.dot(q[0], key) / np.sqrt(len(key)) for key in k], v)


def counted_from_one(q, k, v, i):
    return word([np.dot(q[i - 1], key) / np.sqrt(len(key)) for key in k], v)


def every_word(q, k, v, i):
    weights = softmax(q @ k.T / np.sqrt(k.shape[-1]))
    return weights @ v, weights


def cosines(q, k, v, i):
    return word([np.dot(q[i], key) / np.linalg.norm(q[i]) / np.linalg.norm(key) for key in k], v)


def keys_summed(q, k, v, i):
    return word([np.dot(q[i], key) / np.sqrt(len(key)) for key in k], k)


def mean_of_values(q, k, v, i):
    weights = softmax(k @ q[i] / np.sqrt(k.shape[-1]))
    return np.mean(weights[:, None] * v, axis=0), weights


def unsummed(q, k, v, i):
    weights = softmax(k @ q[i] / np.sqrt(k.shape[-1]))
    return np.array([w * value for w, value in zip(weights, v, strict=True)]), weights


def overwritten(q, k, v, i):
    weights = softmax(k @ q[i] / np.sqrt(k.shape[-1]))
    for j in range(len(v)):
        vector = weights[j] * v[j]
    return vector, weights


def best_value(q, k, v, i):
    weights = softmax(k @ q[i] / np.sqrt(k.shape[-1]))
    return v[np.argmax(weights)], weights


def weights_first(q, k, v, i):
    weights = softmax(k @ q[i] / np.sqrt(k.shape[-1]))
    return weights, weights @ v


def vector_only(q, k, v, i):
    return softmax(k @ q[i] / np.sqrt(k.shape[-1])) @ v


# scaled_dot_product_attention ----------------------------------------------------------------------


def fitted(mask, scores):
    mask = tf.convert_to_tensor(mask)
    return mask[:, tf.newaxis] if mask.shape.rank == 3 and scores.shape.rank == 4 else mask


def tf_attention(q, k, v, mask=None, scale=None, hide=None, keep=None):
    """What a learner's answer in TensorFlow looks like, with holes."""
    scores = tf.matmul(q, k, transpose_b=True) * (1 / np.sqrt(k.shape[-1]) if scale is None else scale)
    if mask is not None:
        mask = fitted(mask, scores)
        scores = tf.where(mask, scores, -1e9) if hide is None else hide(scores, mask)
    weights = tf.nn.softmax(scores, axis=-1)
    if mask is not None:
        weights = tf.where(mask, weights, 0.0) if keep is None else keep(weights, mask)
    return tf.matmul(weights, v), weights


def no_scale(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, scale=1.0)


def no_root(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, scale=1 / q.shape[-1])


def root_of_length(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, scale=1 / np.sqrt(k.shape[-2]))


def root_of_query_length(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, scale=len(q) ** -0.5)


def root_of_value_width(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, scale=v.shape[-1] ** -0.5)


def second_axis(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, scale=1 / np.sqrt(k.shape[1]))


def by_eight(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, scale=1 / 8)


def root_multiplied(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, scale=np.sqrt(k.shape[-1]))


def scale_after(q, k, v, mask=None):
    weights = softmax(q @ np.swapaxes(k, -2, -1)) / np.sqrt(k.shape[-1])
    return weights @ v, weights


def no_softmax_at_all(q, k, v, mask=None):
    scores = ops.matmul(q, ops.swapaxes(k, -2, -1)) / np.sqrt(k.shape[-1])
    return ops.matmul(scores, v), scores


def softmax_over_queries(q, k, v, mask=None):
    weights = ops.softmax(ops.matmul(q, ops.swapaxes(k, -2, -1)) / np.sqrt(k.shape[-1]), axis=-2)
    return ops.matmul(weights, v), weights


def softmax_axis_one(q, k, v, mask=None):
    weights = ops.softmax(ops.matmul(q, ops.swapaxes(k, -2, -1)) / np.sqrt(k.shape[-1]), axis=1)
    return ops.matmul(weights, v), weights


def softmax_of_everything(q, k, v, mask=None):
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(k.shape[-1])
    weights = np.exp(scores) / np.sum(np.exp(scores))
    return weights @ v, weights


def overflowing(q, k, v, mask=None):
    e = np.exp(q @ np.swapaxes(k, -1, -2) / np.sqrt(k.shape[-1]))
    weights = e / e.sum(axis=-1, keepdims=True)
    return weights @ v, weights


def keys_ask(q, k, v, mask=None):
    weights = ops.softmax(ops.matmul(k, ops.swapaxes(q, -2, -1)) / np.sqrt(k.shape[-1]))
    return ops.matmul(weights, v), weights


def normalised_vectors(q, k, v, mask=None):
    return tf_attention(tf.nn.l2_normalize(q, -1), tf.nn.l2_normalize(k, -1), v, mask, scale=1.0)


def not_itself(q, k, v, mask=None):
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(k.shape[-1])
    scores[..., np.arange(min(scores.shape[-2:])), np.arange(min(scores.shape[-2:]))] = -1e9
    weights = softmax(scores)
    return weights @ v, weights


def always_causal(q, k, v, mask=None):
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(k.shape[-1])
    weights = softmax(np.where(np.tril(np.ones(scores.shape)) == 1, scores, -1e9))
    return weights @ v, weights


def sums_keys(q, k, v, mask=None):
    _, weights = tf_attention(q, k, v, mask)
    return tf.matmul(weights, k), weights


def scores_times_values(q, k, v, mask=None):
    _, weights = tf_attention(q, k, v, mask)
    return tf.matmul(q, k, transpose_b=True) @ v / np.sqrt(k.shape[-1]), weights


def gives_scores(q, k, v, mask=None):
    scores = tf.matmul(q, k, transpose_b=True) / np.sqrt(k.shape[-1])
    return tf.matmul(tf.nn.softmax(scores), v), scores


def weights_before_output(q, k, v, mask=None):
    output, weights = tf_attention(q, k, v, mask)
    return weights, output


def output_alone(q, k, v, mask=None):
    return tf_attention(q, k, v, mask)[0]


def untransposed(q, k, v, mask=None):
    weights = tf.nn.softmax(tf.matmul(q, k) / np.sqrt(k.shape[-1]))
    return tf.matmul(weights, v), weights


def reshaped_keys(q, k, v, mask=None):
    shape = (*k.shape[:-2], k.shape[-1], k.shape[-2])
    weights = softmax(q @ k.reshape(shape) / np.sqrt(k.shape[-1]))
    return weights @ v, weights


def all_axes_turned(q, k, v, mask=None):
    weights = ops.softmax(ops.matmul(q, ops.transpose(k)) / np.sqrt(k.shape[-1]))
    return ops.matmul(weights, v), weights


def numpy_t(q, k, v, mask=None):
    weights = softmax(q @ k.T / np.sqrt(k.shape[-1]))
    return weights @ v, weights


def weights_transposed(q, k, v, mask=None):
    _, weights = tf_attention(q, k, v, mask)
    return tf.matmul(weights, v, transpose_a=True), weights


def numpy_dot(q, k, v, mask=None):
    weights = softmax(np.dot(q, np.swapaxes(k, -1, -2)) / np.sqrt(k.shape[-1]))
    return np.dot(weights, v), weights


def mask_ignored(q, k, v, mask=None):
    return tf_attention(q, k, v)


def mask_inverted(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, hide=lambda s, m: tf.where(m, -1e9, s), keep=lambda w, m: w)


def mask_added_with_plus(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, hide=lambda s, m: s + (1 - tf.cast(m, s.dtype)) * 1e9, keep=lambda w, m: w)


def mask_lowers_the_open(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, hide=lambda s, m: s + tf.cast(m, s.dtype) * -1e9, keep=lambda w, m: w)


def mask_afterwards(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, hide=lambda s, m: s, keep=lambda w, m: w * tf.cast(m, w.dtype))


def mask_multiplied(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, hide=lambda s, m: s * tf.cast(m, s.dtype), keep=lambda w, m: w)


def mask_added(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, hide=lambda s, m: s + tf.cast(m, s.dtype), keep=lambda w, m: w)


def mask_tiny(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, hide=lambda s, m: s + (1 - tf.cast(m, s.dtype)) * -1e-9, keep=lambda w, m: w)


def mask_on_values(q, k, v, mask=None):
    output, weights = tf_attention(q, k, v)
    return output if mask is None else tf.matmul(tf.where(fitted(mask, weights), weights, 0.0), v), weights


def mask_turned(q, k, v, mask=None):
    def hide(scores, mask):
        return tf.where(tf.linalg.matrix_transpose(mask), scores, -1e9)

    return tf_attention(q, k, v, mask, hide=hide, keep=lambda w, m: w)


def mask_on_heads(q, k, v, mask=None):
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(k.shape[-1])
    weights = softmax(scores if mask is None else np.where(mask, scores, -1e9))
    weights = weights if mask is None else weights * mask
    return weights @ v, weights


def uniform_where_blind(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, hide=lambda s, m: s + (1 - tf.cast(m, s.dtype)) * -1e9, keep=lambda w, m: w)


def old_shares_where_blind(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, hide=lambda s, m: s - 1e4 * (1 - tf.cast(m, s.dtype)), keep=lambda w, m: w)


def infinite(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, hide=lambda s, m: tf.where(m, s, -np.inf), keep=lambda w, m: w)


def renormalised(q, k, v, mask=None):
    def keep(weights, mask):
        weights = tf.where(mask, weights, 0.0)
        return weights / tf.reduce_sum(weights, axis=-1, keepdims=True)

    return tf_attention(q, k, v, mask, keep=keep)


def cleared_for_show(q, k, v, mask=None):
    output, weights = tf_attention(q, k, v, mask, keep=lambda w, m: w)
    return output, weights if mask is None else tf.where(fitted(mask, weights), weights, 0.0)


def output_cleared(q, k, v, mask=None):
    output, weights = tf_attention(q, k, v, mask, keep=lambda w, m: w)
    if mask is not None:
        output = tf.where(tf.reduce_any(fitted(mask, weights), axis=-1, keepdims=True), output, 0.0)
    return output, weights


# ScaledDotProductAttention.call ---------------------------------------------------------------------


def attend(q, k, v, mask=None):
    return tf_attention(q, k, v, mask)


class Base(keras.layers.Layer):
    pass


class BothAlways(Base):
    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        key = value if key is None else key
        return attend(query, key, value, attention_mask)


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


MUTANTS = {
    "project_qkv": [
        (transposed_matrices, "transposed"),
        (matrix_first, "wrong side"),
        (columns_as_words, "columns of x"),
        (on_their_side, "on their side"),
        (entry_by_entry, "entry by entry"),
        (key_of_query, "key is made from the query"),
        (one_name_for_all, "replaced on the way"),
        (one_matrix, "all three use w_q"),
        (key_with_query_matrix, "key uses w_q"),
        (values_from_key_matrix, "value uses w_k"),
        (values_unprojected, "w_v is missing"),
        (key_first, "query and key are swapped"),
        (value_second, "query, value, key"),
        (stacked, "three separate results"),
        (side_by_side, "three separate results"),
        (query_only, "only the query"),
        (scaled_early, "nothing is scaled yet"),
        (forgot_to_return, "`return` missing"),
    ],
    "attention_for_one_word": [
        (unscaled, "not divided by √K"),
        (over_k, "square root is missing"),
        (root_of_words, "number of words"),
        (root_of_queries, "number of words"),
        (root_of_values, "value's width"),
        (root_of_four, "fixed number"),
        (times_root, "multiplied by √K"),
        (root_after_softmax, "after the softmax"),
        (no_softmax, "raw scores"),
        (shares_without_exp, "divided by their sum"),
        (bare_exponentials, "do not sum to one"),
        (home_made_softmax, "exp overflows"),
        (others_only, "leaves itself out"),
        (self_at_zero, "leaves itself out"),
        (looking_back, "up to itself"),
        (key_asks, "word i's key"),
        (always_first, "i is ignored"),
        (counted_from_one, "one word too early"),
        (every_word, "attention of all words"),
        (cosines, "cosines"),
        (keys_summed, "keys are summed"),
        (mean_of_values, "mean of the weighted values"),
        (own_value, "own value alone"),
        (unsummed, "not summed"),
        (overwritten, "only the last word's share"),
        (best_value, "best word's value alone"),
        (weights_first, "swapped"),
        (vector_only, "only the vector"),
    ],
    "scaled_dot_product_attention": [
        (no_scale, "not divided by √K"),
        (no_root, "square root is missing"),
        (root_of_length, "number of words"),
        (root_of_query_length, "number of words"),
        (root_of_value_width, "value's width"),
        (second_axis, "count axes from the end"),
        (by_eight, "fixed number"),
        (root_multiplied, "multiplied by √K"),
        (scale_after, "after the softmax"),
        (no_softmax_at_all, "softmax is missing"),
        (gives_scores, "raw scores"),
        (softmax_over_queries, "runs over the queries"),
        (softmax_axis_one, "axis 1"),
        (softmax_of_everything, "whole matrix sums to one"),
        (overflowing, "exp overflows"),
        (keys_ask, "rows are keys"),
        (normalised_vectors, "cosines"),
        (not_itself, "leave themselves out"),
        (always_causal, "a mask's business"),
        (sums_keys, "keys are summed"),
        (scores_times_values, "not with weights"),
        (weights_before_output, "swapped"),
        (output_alone, "only the output"),
        (untransposed, "not transposed"),
        (reshaped_keys, "reshape"),
        (all_axes_turned, "in all its axes"),
        (numpy_t, "in all its axes"),
        (weights_transposed, "weights are transposed"),
        (numpy_dot, "np.dot"),
        (mask_ignored, "changes nothing"),
        (mask_tiny, "changes nothing"),
        (mask_inverted, "True = may attend"),
        (mask_added_with_plus, "True = may attend"),
        (mask_lowers_the_open, "True = may attend"),
        (mask_afterwards, "masked after the softmax"),
        (mask_multiplied, "a score of 0 is not hidden"),
        (mask_added, "added as 0 and 1"),
        (mask_on_values, "their keys still take a share"),
        (mask_turned, "axes are swapped"),
        (mask_on_heads, "taken for heads"),
        (uniform_where_blind, "still gives it shares"),
        (old_shares_where_blind, "still gives it shares"),
        (infinite, "NaN"),
        (renormalised, "NaN"),
        (cleared_for_show, "computed before that"),
        (output_cleared, "its weights are not"),
    ],
    "ScaledDotProductAttention": [
        (HandedToNumPy, "no gradient passes"),
        (BothAlways, "always returns both"),
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
    ],
}
