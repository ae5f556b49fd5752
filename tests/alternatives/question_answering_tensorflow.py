"""Right answers to lesson 12's exercises, written otherwise."""

import bisect
import collections
import heapq
import itertools
import re
import string

import keras
import numpy as np
import tensorflow as tf
from keras import ops


def span_by_loops(offsets, start, end):
    first, last, reach = None, None, []
    for t, (a, b) in enumerate(offsets):
        if a == b:
            continue
        reach += [a, b]
        if not (b <= start or end <= a):
            first = t if first is None else first
            last = t
    if first is None or end <= start or start < min(reach) or end > max(reach):
        return None
    return [first, last]


def span_in_numpy(offsets, start, end):
    a, b = np.asarray(offsets).reshape(-1, 2).T
    real = np.flatnonzero(a < b)
    if start >= end or real.size == 0 or start < a[real].min() or end > b[real].max():
        return None
    hit = real[(a[real] < end) & (b[real] > start)]
    return (hit[0], hit[-1]) if hit.size else None


def span_by_bisection(offsets, start, end):
    shift = next((t for t, (a, b) in enumerate(offsets) if a < b), None)
    if shift is None or end <= start:
        return None
    real = [o for o in offsets if o[0] < o[1]]
    if start < real[0][0] or end > real[-1][1]:
        return None
    first = bisect.bisect_right([b for _, b in real], start)
    last = bisect.bisect_left([a for a, _ in real], end) - 1
    return (shift + first, shift + last) if first <= last else None


def span_character_by_character(offsets, start, end):
    owner = {c: t for t, (a, b) in enumerate(offsets) for c in range(a, b)}
    if not owner or end <= start or start < min(owner) or end - 1 > max(owner):
        return None
    hit = sorted({owner[c] for c in range(start, end) if c in owner})
    return (hit[0], hit[-1]) if hit else None


def windows_by_a_loop(num_tokens, window, stride):
    windows, start = [], 0
    while num_tokens > 0:
        end = min(start + window, num_tokens)
        windows.append([start, end])
        if end == num_tokens:
            break
        start = end - stride
    return windows


def windows_by_count(num_tokens, window, stride):
    step = window - stride
    count = 0 if not num_tokens else 1 + max(0, -(-(num_tokens - window) // step))
    return [(step * k, min(step * k + window, num_tokens)) for k in range(count)]


def windows_in_numpy(num_tokens, window, stride):
    if num_tokens == 0:
        return np.zeros((0, 2), int)
    starts = np.arange(0, max(num_tokens - stride, 1), window - stride)
    return np.stack([starts, np.minimum(starts + window, num_tokens)], axis=1)


def windows_by_recursion(num_tokens, window, stride, start=0):
    if num_tokens <= 0:
        return []
    if start + window >= num_tokens:
        return [(start, num_tokens)]
    return [(start, start + window), *windows_by_recursion(num_tokens, window, stride, start + window - stride)]


def loss_of_keras(start_positions, end_positions, start_logits, end_logits):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return 0.5 * (loss(start_positions, start_logits) + loss(end_positions, end_logits))


def loss_of_tensorflow(start_positions, end_positions, start_logits, end_logits):
    start = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=start_positions, logits=start_logits)
    end = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=end_positions, logits=end_logits)
    return (tf.reduce_mean(start) + tf.reduce_mean(end)) / 2


def loss_text_by_text(start_positions, end_positions, start_logits, end_logits):
    total = 0.0
    for positions, logits in ((start_positions, start_logits), (end_positions, end_logits)):
        shares = ops.log_softmax(logits, axis=-1)
        for b in range(logits.shape[0]):
            total = total - shares[b, int(positions[b])]
    return total / 2 / start_logits.shape[0]


def loss_by_one_hot(start_positions, end_positions, start_logits, end_logits):
    positions = ops.concatenate([start_positions, end_positions], axis=0)
    logits = ops.concatenate([start_logits, end_logits], axis=0)
    wanted = ops.one_hot(positions, logits.shape[-1])
    return ops.mean(ops.logsumexp(logits, axis=-1) - ops.sum(ops.where(wanted > 0, logits, 0.0), axis=-1))


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


def _words(text):
    kept = text.lower().translate(str.maketrans("", "", string.punctuation))
    return [word for word in re.findall(r"\S+", re.sub(r"\b(?:an?|the)\b", " ", kept))]


def scores_step_by_step(prediction, golds):
    golds = [_words(gold) for gold in golds]
    golds = [gold for gold in golds if gold]
    if not golds:
        golds = [[]]
    given, best_exact, best_f1 = _words(prediction), 0.0, 0.0
    for gold in golds:
        best_exact = max(best_exact, 1.0 if given == gold else 0.0)
        if not given or not gold:
            f1 = 1.0 if given == gold else 0.0
        else:
            common = sum((collections.Counter(given) & collections.Counter(gold)).values())
            precision, recall = common / len(given), common / len(gold)
            f1 = 0.0 if common == 0 else 2 * precision * recall / (precision + recall)
        best_f1 = max(best_f1, f1)
    return best_exact, best_f1


def scores_by_words(prediction, golds):
    def normal(text):
        text = "".join(c for c in text.lower() if c not in string.punctuation)
        return [word for word in text.split() if word not in ("a", "an", "the")]

    given = normal(prediction)
    rows = []
    for gold in [normal(g) for g in golds if normal(g)] or [[]]:
        shared = sum(min(given.count(word), gold.count(word)) for word in set(gold))
        size = len(given) + len(gold)
        rows.append((float(given == gold), 2 * shared / size if size else 1.0))
    return list(np.max(rows, axis=0))


def scores_by_generators(prediction, golds):
    wanted = [w for w in map(_words, golds) if w] or [[]]
    given = _words(prediction)

    def f1(gold):
        left, shared = list(gold), 0
        for word in given:
            if word in left:
                left.remove(word)
                shared += 1
        return 2 * shared / max(1, len(given) + len(gold)) if given or gold else 1

    return any(given == gold for gold in wanted), max(map(f1, wanted))


ALTERNATIVES = {
    "char_span_to_tokens": [span_by_loops, span_in_numpy, span_by_bisection, span_character_by_character],
    "make_windows": [windows_by_a_loop, windows_by_count, windows_in_numpy, windows_by_recursion],
    "qa_loss": [loss_of_keras, loss_of_tensorflow, loss_text_by_text, loss_by_one_hot],
    "best_spans": [spans_by_loops, spans_in_a_matrix, spans_by_a_heap, spans_in_tensorflow],
    "exact_match_and_f1": [scores_step_by_step, scores_by_words, scores_by_generators],
}
