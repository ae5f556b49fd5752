"""Unusual right answers to best_spans."""

import heapq
import itertools

import numpy as np
import tensorflow as tf


def spans_by_loops(start_logits, end_logits, max_answer_length, n):
    spans = []
    for first in range(len(start_logits)):
        for last in range(first, min(first + max_answer_length, len(end_logits))):
            score = start_logits[first] + end_logits[last]
            if score > -np.inf:
                spans.append((first, last, score))
    return sorted(spans, key=lambda span: span[2], reverse=True)[:n]


def spans_in_a_matrix(start_logits, end_logits, max_answer_length, n):
    T = len(start_logits)
    length = np.arange(T)[None, :] - np.arange(T)[:, None] + 1
    scores = np.asarray(start_logits)[:, None] + np.asarray(end_logits)[None, :]
    scores = np.where((length >= 1) & (length <= max_answer_length), scores, -np.inf)
    order = np.argsort(-scores, axis=None, kind="stable")[:n]
    return [(i // T, i % T, scores.flat[i]) for i in order if np.isfinite(scores.flat[i])]


def spans_by_a_heap(start_logits, end_logits, max_answer_length, n):
    pairs = itertools.combinations_with_replacement(range(len(start_logits)), 2)
    allowed = ((float(start_logits[i] + end_logits[j]), i, j) for i, j in pairs if j - i < max_answer_length)
    return [[i, j, s] for s, i, j in heapq.nlargest(n, (span for span in allowed if span[0] > -np.inf))]


def spans_in_tensorflow(start_logits, end_logits, max_answer_length, n):
    scores = tf.convert_to_tensor(start_logits)[:, None] + tf.convert_to_tensor(end_logits)[None]
    band = tf.linalg.band_part(tf.ones_like(scores), 0, min(max_answer_length, len(start_logits)) - 1)
    scores = tf.reshape(tf.where(band > 0, scores, -np.inf), [-1])
    best = tf.math.top_k(scores, min(n, scores.shape[0]))
    T = len(start_logits)
    return [(int(i) // T, int(i) % T, float(s)) for s, i in zip(best.values, best.indices, strict=True) if s > -np.inf]


def spans_of_the_same_score_later_ones_first(start_logits, end_logits, max_answer_length, n):
    first, last = np.triu_indices(len(start_logits))
    first, last = first[last - first < max_answer_length], last[last - first < max_answer_length]
    scores = np.asarray(start_logits)[first] + np.asarray(end_logits)[last]
    order = np.argsort(scores, kind="stable")[::-1][:n]
    return tuple((first[k], last[k], scores[k]) for k in order if scores[k] != -np.inf)


ALTERNATIVES = [
    spans_by_loops,
    spans_in_a_matrix,
    spans_by_a_heap,
    spans_in_tensorflow,
    spans_of_the_same_score_later_ones_first,
]
