"""Unusual right answers to lesson 10."""

import keras
import numpy as np
import tensorflow as tf

from utils.bert import RENAMED

# wordpiece_tokenize --------------------------------------------------------------------------------


def pieces_by_while(word, vocab, unknown="[UNK]"):
    out, rest, mark = [], word, ""
    while rest:
        n = len(rest)
        while n > 0 and mark + rest[:n] not in vocab:
            n -= 1
        if n == 0:
            return [unknown]
        out.append(mark + rest[:n])
        rest, mark = rest[n:], "##"
    return out


def pieces_by_recursion(word, vocab, unknown="[UNK]", mark=""):
    if word == "":
        return []
    for n in reversed(range(1, len(word) + 1)):
        if mark + word[:n] in vocab:
            rest = pieces_by_recursion(word[n:], vocab, unknown, "##")
            return [unknown] if rest == [unknown] and word[n:] else [mark + word[:n], *rest]
    return [unknown]


def pieces_by_max(word, vocab, unknown="[UNK]"):
    known, out, start = set(vocab), (), 0
    while start < len(word):
        mark = "##" if start else ""
        fits = [end for end in range(start + 1, len(word) + 1) if mark + word[start:end] in known]
        if not fits:
            return (unknown,)
        out += (mark + word[start : max(fits)],)
        start = max(fits)
    return out


# map_weights ---------------------------------------------------------------------------------------


def bare(name):
    for prefix in ("bert.", "distilbert."):
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name


def map_by_trying_every_row(checkpoint):
    mapped = {}
    for pattern, path in RENAMED.items():
        for name, array in checkpoint.items():
            for n in range(12):
                if bare(name) == pattern.format(n=n):
                    turned = np.array(array).transpose() if "kernel" in path else array
                    mapped[path.format(n=n)] = turned
    return mapped


def map_by_rank(checkpoint):
    def parts(name):
        words = bare(name).split(".")
        numbers = [w for w in words if w.isdigit()]
        return RENAMED.get(".".join("{n}" if w.isdigit() else w for w in words)), "".join(numbers)

    found = {name: parts(name) for name in checkpoint}
    return {
        path.replace("{n}", n): tf.transpose(checkpoint[name]).numpy()
        if checkpoint[name].ndim == 2 and "embeddings" not in name
        else checkpoint[name]
        for name, (path, n) in found.items()
        if path
    }


# mean_pool -----------------------------------------------------------------------------------------


def pool_by_loops(hidden, padding_mask):
    out = np.zeros((len(hidden), np.shape(hidden)[-1]), "float32")
    for b, (rows, keep) in enumerate(zip(np.asarray(hidden), np.asarray(padding_mask), strict=True)):
        tokens = [row for row, k in zip(rows, keep, strict=True) if k]
        if tokens:
            out[b] = sum(tokens) / len(tokens)
    return out


def pool_by_einsum(hidden, padding_mask):
    m = keras.ops.cast(padding_mask, "float32")
    counts = keras.ops.sum(m, axis=1, keepdims=True)
    return keras.ops.einsum("btd,bt->bd", hidden, m) / keras.ops.where(counts == 0, 1.0, counts)


def pool_by_tensorflow(hidden, padding_mask):
    m = tf.cast(padding_mask, tf.float32)[:, :, tf.newaxis]
    return tf.math.divide_no_nan(tf.reduce_sum(hidden * m, axis=1), tf.reduce_sum(m, axis=1))


def pool_by_weights(hidden, padding_mask):
    weights = padding_mask / np.maximum(padding_mask.sum(axis=-1, keepdims=True), 1)
    return np.squeeze(weights[:, np.newaxis] @ np.asarray(hidden, "float64"), 1)


ALTERNATIVES = {
    "wordpiece_tokenize": [pieces_by_while, pieces_by_recursion, pieces_by_max],
    "map_weights": [map_by_trying_every_row, map_by_rank],
    "mean_pool": [pool_by_loops, pool_by_einsum, pool_by_tensorflow, pool_by_weights],
}
