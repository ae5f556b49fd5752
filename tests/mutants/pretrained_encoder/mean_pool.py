"""Wrong answers to mean_pool."""

import numpy as np
import tensorflow as tf


def plain_mean(hidden, padding_mask):
    return tf.reduce_mean(hidden, 1)


def divided_by_length(hidden, padding_mask):
    return (hidden * padding_mask[:, :, None]).mean(axis=1)


def summed(hidden, padding_mask):
    return np.einsum("btd,bt->bd", hidden, padding_mask.astype("float32"))


def batch_count(hidden, padding_mask):
    return np.where(padding_mask[..., None], hidden, 0).sum(1) / max(np.count_nonzero(padding_mask), 1)


def mask_turned(hidden, padding_mask):
    return np.stack([h[~m].mean(0) if (~m).any() else h[0] * 0 for h, m in zip(hidden, padding_mask, strict=True)])


def only_the_count(hidden, padding_mask):
    return hidden.sum(axis=1) / np.maximum(padding_mask.sum(axis=1), 1)[:, None]


def first_token(hidden, padding_mask):
    return tf.constant(hidden)[:, 0]


def not_the_first(hidden, padding_mask):
    m = padding_mask[:, 1:, None].astype("float32")
    return (hidden[:, 1:] * m).sum(1) / np.clip(m.sum(1), 1, None)


def largest(hidden, padding_mask):
    low = np.where(padding_mask[..., None], hidden, -np.inf).max(axis=1)
    return np.where(np.isfinite(low), low, 0)


def over_texts(hidden, padding_mask):
    return np.mean(hidden, axis=0)


def over_columns(hidden, padding_mask):
    return np.mean(hidden, axis=2)


def very_low(hidden, padding_mask):
    return tf.reduce_mean(tf.where(padding_mask[..., None], hidden, -1e9), axis=1)


def unit_length(hidden, padding_mask):
    pooled = np.einsum("btd,bt->bd", hidden, padding_mask) / np.maximum(padding_mask.sum(1, keepdims=True), 1)
    return pooled / np.maximum(np.sqrt((pooled**2).sum(1, keepdims=True)), 1e-9)


def first_so_many(hidden, padding_mask):
    counts = padding_mask.sum(axis=1)
    return np.stack([h[:n].mean(0) if n else np.zeros(h.shape[1]) for h, n in zip(hidden, counts, strict=True)])


def divided_by_zero(hidden, padding_mask):
    m = tf.cast(padding_mask, tf.float32)[..., None]
    return tf.reduce_sum(hidden * m, 1) / tf.reduce_sum(m, 1)


def axis_kept(hidden, padding_mask):
    m = padding_mask[..., None]
    return (hidden * m).sum(1, keepdims=True) / np.maximum(m.sum(1, keepdims=True), 1)


def one_more(hidden, padding_mask):
    m = padding_mask[..., None].astype("float32")
    return (hidden * m).sum(1) / (m.sum(1) + 1)


def zeroes_padding_in_place(hidden, padding_mask):
    hidden[~padding_mask] = 0
    return hidden.sum(1) / np.maximum(padding_mask.sum(1, keepdims=True), 1)


def a_list(hidden, padding_mask):
    return [[float(x) for x in row] for row in only_words(hidden, padding_mask)]


def only_words(hidden, padding_mask):
    return [h[m].mean(axis=0) if m.any() else np.zeros(h.shape[-1]) for h, m in zip(hidden, padding_mask, strict=True)]


def whole_numbers(hidden, padding_mask):
    return np.stack(only_words(hidden, padding_mask)).astype("int32")


def for_the_batch(hidden, padding_mask):
    return np.mean(only_words(hidden, padding_mask), axis=0)


def a_tuple_of_vectors(hidden, padding_mask):
    return tuple(only_words(hidden, padding_mask))


def mask_not_expanded(hidden, padding_mask):
    m = tf.cast(padding_mask, tf.float32)
    return tf.reduce_sum(hidden * m, axis=1) / tf.maximum(tf.reduce_sum(m, axis=1), 1)


def mask_expanded_before(hidden, padding_mask):
    m = padding_mask[:, None].astype("float32")
    return (hidden * m).sum(axis=1) / np.maximum(m.sum(axis=-1), 1)


def counts_without_an_axis(hidden, padding_mask):
    m = padding_mask.astype("float32")
    return np.einsum("btd,bt->bd", hidden, m) / np.clip(m.sum(axis=1), 1, None)


def over_columns_with_the_mask(hidden, padding_mask):
    m = padding_mask[..., None].astype("float32")
    return (hidden * m).sum(axis=2) / np.maximum(m.sum(axis=2), 1)


def divided_by_texts(hidden, padding_mask):
    return tf.reduce_sum(tf.where(padding_mask[..., None], hidden, 0.0), axis=1) / hidden.shape[0]


def last_token(hidden, padding_mask):
    return np.stack([h[n - 1] for h, n in zip(hidden, padding_mask.sum(axis=1), strict=True)])


def not_the_last(hidden, padding_mask):
    rows = []
    for h, m in zip(hidden, padding_mask, strict=True):
        tokens = h[: max(m.sum() - 1, 0)]
        rows.append(tokens.mean(axis=0) if len(tokens) else np.zeros(h.shape[-1]))
    return np.stack(rows)


def one_mask_for_all(hidden, padding_mask):
    m = padding_mask[0][None, :, None]
    return (hidden * m).sum(axis=1) / np.maximum(m.sum(axis=1), 1)


def one_number(hidden, padding_mask):
    m = padding_mask[..., None].astype("float32")
    return (hidden * m).sum() / np.maximum(m.sum(), 1)


def turned(hidden, padding_mask):
    return np.stack(only_words(hidden, padding_mask), axis=1)


def floored(hidden, padding_mask):
    m = padding_mask[..., None]
    return (hidden * m).sum(axis=1) // np.maximum(m.sum(axis=1), 1)


def all_tokens_together(hidden, padding_mask):
    return hidden[padding_mask].mean(axis=0)


def without_both_ends(hidden, padding_mask):
    out = []
    for h, k in zip(hidden, padding_mask, strict=True):
        t = h[k][1:-1]
        out.append(t.mean(0) if len(t) else np.zeros(h.shape[-1]))
    return np.stack(out)


def without_both_columns(hidden, padding_mask):
    m = padding_mask[:, 1:-1, None]
    return (hidden[:, 1:-1] * m).sum(axis=1) / np.maximum(m.sum(axis=1), 1)


def counted_over_texts(hidden, padding_mask):
    m = padding_mask[..., None].astype("float32")
    return (hidden * m).sum(axis=1) / np.maximum(m.sum(axis=0), 1)


def counted_over_texts_without_an_axis(hidden, padding_mask):
    return (hidden * padding_mask[:, :, None]).sum(axis=1) / np.maximum(padding_mask.sum(axis=0), 1)


def returns_in_the_loop(hidden, padding_mask):
    for h, m in zip(hidden, padding_mask, strict=True):
        return h[m].mean(axis=0)


def with_the_counts(hidden, padding_mask):
    m = padding_mask[..., None]
    c = np.maximum(m.sum(axis=1), 1)
    return (hidden * m).sum(axis=1) / c, c


def sums_and_counts(hidden, padding_mask):
    return [(hidden * padding_mask[..., None]).sum(axis=1), padding_mask.sum(axis=1)]


def summed_whole(hidden, padding_mask):
    return hidden.sum(axis=1)


MUTANTS = [
    (summed_whole, "the sum, and padding is in it"),
    (without_both_ends, "[CLS] and [SEP] too"),
    (without_both_columns, "[CLS] and [SEP] too"),
    (counted_over_texts, "the count runs over the texts"),
    (counted_over_texts_without_an_axis, "the count runs over the texts"),
    (returns_in_the_loop, "is the `return` inside the loop?"),
    (with_the_counts, "return the pooled vectors alone"),
    (sums_and_counts, "return the pooled vectors alone"),
    (a_tuple_of_vectors, "a tuple came back"),
    (mask_not_expanded, "laid over the wrong axes"),
    (mask_expanded_before, "laid over the wrong axes"),
    (counts_without_an_axis, "keep the counts' last axis"),
    (over_columns_with_the_mask, "D numbers of a token"),
    (divided_by_texts, "divided by the number of texts"),
    (last_token, "the last token's vector"),
    (not_the_last, "the last token is left out"),
    (one_mask_for_all, "the first text's mask is used for all"),
    (one_number, "one number came back"),
    (turned, "lies on its side"),
    (floored, "cut to whole ones"),
    (all_tokens_together, "one vector for the whole batch"),
    (whole_numbers, "cut to whole ones"),
    (for_the_batch, "one vector for the whole batch"),
    (one_more, "one more than there are tokens"),
    (zeroes_padding_in_place, "it changes the array it was given"),
    (a_list, "a list came back"),
    (plain_mean, "the mask is not used"),
    (divided_by_length, "the count does not"),
    (summed, "this is the sum"),
    (batch_count, "the whole batch"),
    (mask_turned, "mask is turned around"),
    (only_the_count, "the sum does not"),
    (first_token, "first token's vector"),
    (not_the_first, "first token is left out"),
    (largest, "largest of each column"),
    (over_texts, "runs over the texts"),
    (over_columns, "D numbers of a token"),
    (very_low, "very low number"),
    (unit_length, "length one"),
    (first_so_many, "as many as the mask counts"),
    (divided_by_zero, "0/0"),
    (axis_kept, "an axis of length 1"),
]
