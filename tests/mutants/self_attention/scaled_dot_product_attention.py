"""Wrong answers to scaled_dot_product_attention."""

import numpy as np
import tensorflow as tf
from keras import ops

from tests.mutants.self_attention.shared import fitted, softmax, tf_attention


def asks_the_values(q, k, v, mask=None):
    weights = ops.softmax(ops.einsum("...tk,...sk->...ts", q, v) / np.sqrt(v.shape[-1]))
    return ops.matmul(weights, v), weights


def asks_the_values_and_sums_the_keys(q, k, v, mask=None):
    weights = softmax(q @ np.swapaxes(v, -1, -2) / np.sqrt(q.shape[-1]))
    return weights @ k, weights


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


def minus_twenty(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, hide=lambda s, m: tf.where(m, s, -20.0))


def minus_hundred_added(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, hide=lambda s, m: s - 100 * tf.cast(~m, s.dtype), keep=lambda w, m: w)


def thousand_lower(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, hide=lambda s, m: s + tf.where(m, 0.0, -1e3))


def left_ones_divided(q, k, v, mask=None):
    def keep(weights, mask):
        weights = tf.where(mask, weights, 0.0)
        return weights / (tf.reduce_sum(weights, axis=-1, keepdims=True) + 1e-9)

    return tf_attention(q, k, v, mask, hide=lambda s, m: s, keep=keep)


def highest_of_all(q, k, v, mask=None):
    scores = ops.matmul(q, ops.swapaxes(k, -1, -2)) / np.sqrt(k.shape[-1])
    e = ops.exp(scores - ops.max(scores, axis=-1, keepdims=True))
    if mask is not None:
        e = e * ops.cast(fitted(mask, scores), e.dtype)
    weights = e / ops.maximum(ops.sum(e, axis=-1, keepdims=True), 1e-30)
    return ops.matmul(weights, v), weights


def inverted_and_cleared(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, hide=lambda s, m: tf.where(m, -1e9, s))


def allowed_cleared(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, keep=lambda w, m: tf.where(m, 0.0, w))


def raised(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, hide=lambda s, m: tf.where(m, s, 1e9))


def no_mask_of_two_axes(q, k, v, mask=None):
    if mask is not None and len(mask.shape) == 2 and len(q.shape) == 4:
        mask = None
    return tf_attention(q, k, v, mask)


def blind_only_without_heads(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, keep=lambda w, m: w if len(w.shape) == 4 else tf.where(m, w, 0.0))


def nan_taken_from_the_output(q, k, v, mask=None):
    output, weights = infinite(q, k, v, mask)
    return ops.nan_to_num(output), weights


def softmax_twice(q, k, v, mask=None):
    weights = ops.softmax(ops.softmax(ops.matmul(q, ops.swapaxes(k, -2, -1)) / np.sqrt(k.shape[-1])))
    return ops.matmul(weights, v), weights


def first_axes_swapped(q, k, v, mask=None):
    weights = ops.softmax(ops.matmul(q, ops.swapaxes(k, 0, 1)) / np.sqrt(k.shape[-1]))
    return ops.matmul(weights, v), weights


def unscaled_scores_back(q, k, v, mask=None):
    scores = tf.matmul(q, k, transpose_b=True) / np.sqrt(k.shape[-1])
    return tf_attention(q, k, v, mask)[0], scores


def by_loops(q, k, v, mask=None):
    if q.ndim > 2:
        masks = [None] * len(q)
        if mask is not None:
            masks = [mask] * len(q) if mask.ndim == 2 else np.broadcast_to(mask, (len(q), *mask.shape[1:]))
        results = []
        for a, b, c, m in zip(q, k, v, masks, strict=True):
            m = m[0] if m is not None and m.ndim == 3 and len(m) == 1 else m
            results.append(by_loops(a, b, c, m))
        return tuple(np.stack(r) for r in zip(*results, strict=True))
    open_to = np.ones((len(q), len(k)), bool) if mask is None else np.broadcast_to(mask, (len(q), len(k)))
    weights = np.zeros((len(q), len(k)))
    for t in range(len(q)):
        seen = np.flatnonzero(open_to[t])
        if len(seen):
            scores = np.array([np.dot(q[t], k[s]) for s in seen]) / np.sqrt(k.shape[1])
            e = np.exp(scores - scores.max())
            weights[t, seen] = e / e.sum()
    return weights @ v, weights


def own_softmax(q, k, v, mask, shares):
    scores = ops.matmul(q, ops.swapaxes(k, -2, -1)) / np.sqrt(k.shape[-1])
    if mask is None:
        weights = shares(scores)
    else:
        weights = tf.where(fitted(mask, scores), shares(tf.where(fitted(mask, scores), scores, -1e9)), 0.0)
    return ops.matmul(weights, v), weights


def divided(e):
    return e / ops.sum(e, axis=-1, keepdims=True)


def clipped(q, k, v, mask=None):
    return own_softmax(q, k, v, mask, lambda s: divided(ops.exp(ops.clip(s, -60, 60))))


def nan_to_zero(q, k, v, mask=None):
    return own_softmax(q, k, v, mask, lambda s: ops.nan_to_num(divided(ops.exp(s))))


def largest_of_all_subtracted(q, k, v, mask=None):
    return own_softmax(q, k, v, mask, lambda s: divided(ops.exp(s - ops.max(s))))


def sums_in_a_row(q, k, v, mask=None):
    return own_softmax(q, k, v, mask, lambda s: ops.exp(s) / ops.sum(ops.exp(s), axis=-1))


def half_for_the_root(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, scale=1 / (k.shape[-1] * 1 / 2))


def root_cut(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, scale=1 / int(k.shape[-1] ** 0.5))


def low_times_the_score(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, hide=lambda s, m: s * tf.where(m, 1.0, -1e9))


def all_for_any(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, keep=lambda w, m: w * tf.cast(tf.reduce_all(m, -1, keepdims=True), w.dtype))


def one_question_for_all(q, k, v, mask=None):
    return tf_attention(q, k, v, mask, keep=lambda w, m: w * tf.cast(tf.reduce_any(m), w.dtype))


def false_everywhere_is_none(q, k, v, mask=None):
    if mask is not None and not np.any(mask):
        mask = None
    return tf_attention(q, k, v, mask)


def one_sentence_unwrapped(q, k, v, mask=None):
    output, weights = tf_attention(q, k, v, mask)
    return (output[0], weights[0]) if len(q.shape) == 3 and q.shape[0] == 1 else (output, weights)


def row_by_row(q, k, v, mask=None):
    if q.ndim > 2 or mask is not None:
        return tf_attention(q, k, v, mask)
    weights = ops.stack([ops.softmax(ops.matmul(k, one) / np.sqrt(k.shape[-1])) for one in q])
    return ops.matmul(weights, v), weights


MUTANTS = [
    (asks_the_values, "the query meets the values"),
    (asks_the_values_and_sums_the_keys, "changed places"),
    (clipped, "clipped scores"),
    (nan_to_zero, "NaN is then called 0"),
    (largest_of_all_subtracted, "the row's largest"),
    (sums_in_a_row, "keepdims=True is missing"),
    (half_for_the_root, "`** 1/2`"),
    (root_cut, "cut to a whole number"),
    (low_times_the_score, "multiplied by a number"),
    (all_for_any, "`all` stands for `any`"),
    (one_question_for_all, "ask query by query"),
    (false_everywhere_is_none, "counts as none"),
    (one_sentence_unwrapped, "expected (1, 3, 6)"),
    (row_by_row, "a loop over words"),
    (minus_twenty, "not low enough"),
    (minus_hundred_added, "not low enough"),
    (thousand_lower, "not low enough"),
    (left_ones_divided, "not low enough before the softmax"),
    (highest_of_all, "not low enough before the softmax"),
    (inverted_and_cleared, "True = may attend"),
    (allowed_cleared, "the others kept"),
    (raised, "raised, not lowered"),
    (no_mask_of_two_axes, "the numbers differ"),
    (blind_only_without_heads, "the numbers differ"),
    (nan_taken_from_the_output, "its weights are NaN"),
    (softmax_twice, "taken twice"),
    (first_axes_swapped, "axes 0 and 1 of k"),
    (unscaled_scores_back, "where the weights belong"),
    (by_loops, "a loop over words"),
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
]
