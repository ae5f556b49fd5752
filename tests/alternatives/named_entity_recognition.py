"""Unusual right answers to lesson 11."""

import itertools

import keras
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


def decode_by_growing(labels):
    entities = []
    for i, label in enumerate(labels):
        if label == "O":
            continue
        kind = label.split("-", 1)[1]
        if label[0] == "I" and entities and entities[-1][0] == kind and entities[-1][2] == i:
            entities[-1][2] += 1
        else:
            entities.append([kind, i, i + 1])
    return list(map(tuple, entities))


def decode_by_starts(labels):
    def starts(i):
        label = labels[i]
        return label != "O" and (label[0] == "B" or i == 0 or labels[i - 1][2:] != label[2:] or labels[i - 1] == "O")

    firsts = [i for i in range(len(labels)) if starts(i)]
    for first in firsts:
        last = first + 1
        while last < len(labels) and labels[last] == "I-" + labels[first][2:]:
            last += 1
        yield labels[first][2:], np.int64(first), np.int64(last)


def decode_recursively(labels, offset=0):
    if not labels:
        return ()
    if labels[0] == "O":
        return decode_recursively(labels[1:], offset + 1)
    kind, n = labels[0][2:], 1
    while n < len(labels) and labels[n] == f"I-{kind}":
        n += 1
    return ((kind, offset, offset + n), *decode_recursively(labels[n:], offset + n))


def f1_by_numbered_entities(gold, predicted):
    def everything(side):
        return {(n, *entity) for n, labels in enumerate(side) for entity in decode_by_growing(labels)}

    g, p = everything(gold), everything(predicted)
    right = len(g & p)
    scores = np.divide([right, right, 2 * right], np.maximum([len(p), len(g), len(p) + len(g)], 1))
    return dict(zip(("precision", "recall", "f1"), scores, strict=True))


def f1_by_loops(y_true, y_pred):
    tp = fp = fn = 0
    for g, p in zip(y_true, y_pred, strict=True):
        g, p = list(decode_by_starts(g)), list(decode_by_starts(p))
        tp += sum(entity in g for entity in p)
        fp += sum(entity not in g for entity in p)
        fn += sum(entity not in p for entity in g)
    f1 = tf.math.divide_no_nan(2.0 * tp, 2.0 * tp + fp + fn)
    return {
        "recall": tp / (tp + fn) if tp else 0,
        "precision": tp / (tp + fp) if tp else 0,
        "f1": f1,
        "support": tp + fn,
    }


def loss_by_gathering(labels, logits):
    asked = tf.where(tf.constant(labels) != -100)
    if len(asked) == 0:
        return 0.0
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.gather_nd(labels, asked), tf.gather_nd(logits, asked))
    return tf.reduce_mean(losses)


def loss_by_keras(labels, logits):
    asked = keras.ops.cast(keras.ops.not_equal(labels, -100), "float32")
    losses = keras.losses.sparse_categorical_crossentropy(keras.ops.maximum(labels, 0), logits, from_logits=True)
    return keras.ops.sum(losses * asked) / keras.ops.maximum(keras.ops.sum(asked), 1)


def loss_by_keras_ignore_class(labels, logits):
    asked = np.sum(labels != -100)
    losses = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True, ignore_class=-100)
    return keras.ops.sum(losses) / max(asked, 1)


def loss_piece_by_piece(labels, logits):
    losses = []
    for label, scores in zip(np.reshape(labels, -1), tf.reshape(logits, (-1, logits.shape[-1])), strict=True):
        if label != -100:
            losses.append(tf.reduce_logsumexp(scores) - scores[label])
    return sum(losses) / len(losses) if losses else 0.0


def loss_of_the_rows_asked(labels, logits):
    rows = np.flatnonzero(np.reshape(labels, -1) != -100)
    if not rows.size:
        return tf.constant(0.0)
    scores = tf.gather(tf.reshape(logits, (-1, logits.shape[-1])), rows)
    targets = np.reshape(labels, -1)[rows]
    return tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(targets, scores, from_logits=True))


def loss_by_one_hot(labels, logits):
    targets = tf.one_hot(labels, logits.shape[-1])  # -100 is no class: a row of zeros
    losses = -tf.reduce_sum(targets * tf.nn.log_softmax(logits), axis=-1)
    return tf.math.divide_no_nan(tf.reduce_sum(losses), tf.reduce_sum(targets))


ALTERNATIVES = {
    "align_labels": [align_by_comparison, align_by_seen_words, align_by_groups],
    "decode_bio": [decode_by_growing, decode_by_starts, decode_recursively],
    "entity_f1": [f1_by_numbered_entities, f1_by_loops],
    "token_classification_loss": [
        loss_by_gathering, loss_by_keras, loss_by_keras_ignore_class, loss_piece_by_piece, loss_of_the_rows_asked,
        loss_by_one_hot,
    ],
}  # fmt: skip
