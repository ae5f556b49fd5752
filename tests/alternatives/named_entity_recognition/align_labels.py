"""Unusual right answers to align_labels."""

import itertools

import numpy as np
import tensorflow as tf


def align_by_comparison(word_labels, word_ids):
    words = np.array([-1 if w is None else w for w in word_ids])
    new = np.concatenate([[True], words[1:] != words[:-1]]) & (words >= 0) if len(words) else np.zeros(0, bool)
    return np.where(new, np.append(word_labels, 0)[words], -100).astype("int32")


def align_by_seen_words(word_labels, word_ids):
    seen, out = {None}, []
    for word in word_ids:
        out.append(-100 if word in seen else word_labels[word])
        seen.add(word)
    return out


def align_by_groups(labels, ids):
    parts = [(word, len(list(group))) for word, group in itertools.groupby(ids)]
    rows = [[-100] * n if word is None else [labels[word]] + [-100] * (n - 1) for word, n in parts]
    return tf.constant(sum(rows, []), "int64")


def align_into_a_tuple(word_labels, word_ids):
    before = (None, *word_ids)
    return tuple(-100 if w in (None, p) else word_labels[w] for p, w in zip(before, word_ids, strict=False))


def align_by_first_places(word_labels, word_ids):
    out = np.full(len(word_ids), -100, "int64")
    for w in set(word_ids) - {None}:
        out[word_ids.index(w)] = word_labels[w]
    return out


def align_by_tensorflow(word_labels, word_ids):
    ids = tf.constant([-1 if w is None else w for w in word_ids])
    before = tf.concat([[-1], ids[:-1]], 0)
    return tf.where((ids >= 0) & (ids != before), tf.gather(word_labels, tf.maximum(ids, 0)), -100)


def align_where_numbers_grow(word_labels, word_ids):
    out, highest = [], -1
    for w in word_ids:
        new = w is not None and w > highest
        out.append(word_labels[w] if new else -100)
        highest = w if new else highest
    return np.array(out)


ALTERNATIVES = [align_by_first_places, align_by_tensorflow, align_where_numbers_grow]
ALTERNATIVES += [align_by_comparison, align_by_seen_words, align_by_groups, align_into_a_tuple]
