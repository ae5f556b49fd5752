"""Wrong answers to lesson 12's exercises, as learners write them, with words of the diagnosis each must get."""

import re
import string

import keras
import numpy as np
import tensorflow as tf
from keras import ops


def span_last_excluded(offsets, start, end):
    inside = []
    for t, (a, b) in enumerate(offsets):
        if a != b and a < end and b > start:
            inside.append(t)
    if not inside or offsets[inside[0]][0] > start or offsets[inside[-1]][1] < end:
        return None
    return inside[0], inside[-1] + 1


def span_of_special_tokens(offsets, start, end):
    first = last = None
    for t, (a, b) in enumerate(offsets):
        if a <= start and first is None and (b > start or start == 0):
            first = t
        if b >= end and last is None:
            last = t
    if first is None or last is None:
        return None
    return first, last


def span_only_exact(offsets, start, end):
    first = [t for t, o in enumerate(offsets) if o[0] == start and o[0] != o[1]]
    last = [t for t, o in enumerate(offsets) if o[1] == end and o[0] != o[1]]
    return (first[0], last[0]) if first and last else None


def span_cut_off(offsets, start, end):
    found = [t for t, (a, b) in enumerate(offsets) if a < b and not (b <= start or a >= end)]
    if len(found) == 0:
        return None
    return found[0], found[-1]


def span_wholly_inside(offsets, start, end):
    found = [t for t, (a, b) in enumerate(offsets) if a < b and a >= start and b <= end]
    return (min(found), max(found)) if found else None


def span_end_included(offsets, start, end):
    real = [t for t in range(len(offsets)) if offsets[t][0] < offsets[t][1]]
    if not real or start < offsets[real[0]][0] or end > offsets[real[-1]][1]:
        return None
    first = next(t for t in real if offsets[t][1] > start)
    last = [t for t in real if offsets[t][0] <= end][-1]
    return first, last


def span_zero_for_none(offsets, start, end):
    real = [t for t in range(len(offsets)) if offsets[t][0] < offsets[t][1]]
    if not real or start < offsets[real[0]][0] or end > offsets[real[-1]][1]:
        return 0, 0
    inside = [t for t in real if offsets[t][0] < end and offsets[t][1] > start]
    return (inside[0], inside[-1]) if inside else (0, 0)


def span_characters(offsets, start, end):
    real = [(a, b) for a, b in offsets if a < b]
    if not real or start < real[0][0] or end > real[-1][1]:
        return None
    inside = [(a, b) for a, b in real if a < end and b > start]
    return (inside[0][0], inside[-1][1]) if inside else None


def span_swapped(offsets, start, end):
    real = [t for t in range(len(offsets)) if offsets[t][0] < offsets[t][1]]
    if not real or start < offsets[real[0]][0] or end > offsets[real[-1]][1]:
        return None
    inside = [t for t in real if offsets[t][0] < end and offsets[t][1] > start]
    return (inside[-1], inside[0]) if inside else None


def span_of_the_holding_tokens(offsets, start, end):
    first = last = None
    for t, (a, b) in enumerate(offsets):
        if a <= start < b:
            first = t
        if a <= end - 1 < b:
            last = t
    if first is None or last is None:
        return None
    return first, last


def span_by_lists_of_holders(offsets, start, end):
    real = [o for o in offsets if o[0] < o[1]]
    if not real or start < real[0][0] or end > real[-1][1]:
        return None
    first = [t for t, (a, b) in enumerate(offsets) if a <= start < b]
    last = [t for t, (a, b) in enumerate(offsets) if a < end <= b]
    return (first[0], last[0]) if first and last else None


def span_of_holders_or_none(offsets, start, end):
    owner = {c: t for t, (a, b) in enumerate(offsets) for c in range(a, b)}
    return owner.get(start), owner.get(end - 1)


def span_holder_at_the_start(offsets, start, end):
    real = [t for t in range(len(offsets)) if offsets[t][0] < offsets[t][1]]
    if not real or start < offsets[real[0]][0] or end > offsets[real[-1]][1]:
        return None
    first = [t for t in real if offsets[t][0] <= start < offsets[t][1]]
    last = [t for t in real if offsets[t][0] < end]
    return (first[0], last[-1]) if first and last else None


def span_rounded_outwards(offsets, start, end):
    real = [t for t in range(len(offsets)) if offsets[t][0] < offsets[t][1]]
    if not real or start < offsets[real[0]][0] or end > offsets[real[-1]][1]:
        return None
    return max(t for t in real if offsets[t][0] <= start), min(t for t in real if offsets[t][1] >= end)


def span_touching_counts(offsets, start, end):
    found = [t for t, (a, b) in enumerate(offsets) if a < b and a <= end and b >= start]
    if not found or offsets[found[0]][0] > start or offsets[found[-1]][1] < end:
        return None
    return found[0], found[-1]


def span_pair_of_nones(offsets, start, end):
    real = [t for t in range(len(offsets)) if offsets[t][0] < offsets[t][1]]
    if not real or start < offsets[real[0]][0] or end > offsets[real[-1]][1]:
        return None, None
    found = [t for t in real if offsets[t][0] < end and offsets[t][1] > start]
    return found[0], found[-1]


def span_forgot_return(offsets, start, end):
    [t for t, (a, b) in enumerate(offsets) if a < end and b > start]


def windows_step_is_stride(num_tokens, window, stride):
    windows, start = [], 0
    while start < num_tokens:
        windows.append((start, min(start + window, num_tokens)))
        if start + window >= num_tokens:
            break
        start += stride or window
    return windows


def windows_empty_tail(num_tokens, window, stride):
    return [(s, min(s + window, num_tokens)) for s in range(0, num_tokens, window - stride)]


def windows_without_overlap(num_tokens, window, stride):
    return [(s, min(s + window, num_tokens)) for s in range(0, num_tokens, window)]


def windows_lose_the_end(num_tokens, window, stride):
    windows, start = [], 0
    while start + window <= num_tokens:
        windows.append((start, start + window))
        start += window - stride
    return windows


def windows_reach_over(num_tokens, window, stride):
    windows, start = [], 0
    while num_tokens:
        windows.append((start, start + window))
        if start + window >= num_tokens:
            break
        start += window - stride
    return windows


def windows_end_included(num_tokens, window, stride):
    windows, start = [], 0
    while num_tokens:
        windows.append((start, min(start + window, num_tokens) - 1))
        if start + window >= num_tokens:
            break
        start += window - stride
    return windows


def windows_moved_back(num_tokens, window, stride):
    windows, start = [], 0
    while num_tokens:
        if start + window >= num_tokens:
            windows.append((max(num_tokens - window, 0), num_tokens))
            break
        windows.append((start, start + window))
        start += window - stride
    return windows


def windows_of_an_empty_text(num_tokens, window, stride):
    windows, start = [(0, min(window, num_tokens))], 0
    while windows[-1][1] < num_tokens:
        start += window - stride
        windows.append((start, min(start + window, num_tokens)))
    return windows


def windows_one_shared_too_many(num_tokens, window, stride):
    windows, start = [], 0
    while num_tokens:
        windows.append((start, min(start + window, num_tokens)))
        if start + window >= num_tokens:
            break
        start += max(1, window - stride - 1)
    return windows


def loss_summed(start_positions, end_positions, start_logits, end_logits):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return loss(start_positions, start_logits) + loss(end_positions, end_logits)


def loss_softmax_twice(start_positions, end_positions, start_logits, end_logits):
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    start = cross_entropy(start_positions, tf.nn.softmax(start_logits))
    end = cross_entropy(end_positions, tf.nn.softmax(end_logits))
    return (start + end) / 2


def loss_of_the_start(start_positions, end_positions, start_logits, end_logits):
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(start_positions, start_logits))


def loss_of_each_text(start_positions, end_positions, start_logits, end_logits):
    start = tf.nn.sparse_softmax_cross_entropy_with_logits(start_positions, start_logits)
    end = tf.nn.sparse_softmax_cross_entropy_with_logits(end_positions, end_logits)
    return (start + end) / 2


def loss_summed_over_the_batch(start_positions, end_positions, start_logits, end_logits):
    start = tf.nn.sparse_softmax_cross_entropy_with_logits(start_positions, start_logits)
    end = tf.nn.sparse_softmax_cross_entropy_with_logits(end_positions, end_logits)
    return tf.reduce_sum(start + end) / 2


def loss_same_logits(start_positions, end_positions, start_logits, end_logits):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return (loss(start_positions, start_logits) + loss(end_positions, start_logits)) / 2


def loss_positions_swapped(start_positions, end_positions, start_logits, end_logits):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return (loss(end_positions, start_logits) + loss(start_positions, end_logits)) / 2


def loss_not_from_logits(start_positions, end_positions, start_logits, end_logits):
    rows = np.arange(len(start_positions))
    start = np.exp(start_logits) / np.exp(start_logits).sum(axis=1, keepdims=True)
    end = np.exp(end_logits) / np.exp(end_logits).sum(axis=1, keepdims=True)
    return -(np.log(start[rows, start_positions]) + np.log(end[rows, end_positions])).mean() / 2


def loss_without_from_logits(start_positions, end_positions, start_logits, end_logits):
    start = ops.sparse_categorical_crossentropy(start_positions, start_logits)
    end = ops.sparse_categorical_crossentropy(end_positions, end_logits)
    return ops.mean((start + end) / 2)


def loss_object_without_from_logits(start_positions, end_positions, start_logits, end_logits):
    loss = keras.losses.SparseCategoricalCrossentropy()
    return loss(start_positions, start_logits) + loss(end_positions, end_logits)


def loss_leaves_out_null(start_positions, end_positions, start_logits, end_logits):
    start = ops.sparse_categorical_crossentropy(start_positions, start_logits, from_logits=True)
    end = ops.sparse_categorical_crossentropy(end_positions, end_logits, from_logits=True)
    asked = ops.cast(ops.not_equal(start_positions, 0), "float32")
    return ops.sum(asked * (start + end) / 2) / ops.maximum(ops.sum(asked), 1)


def loss_leaves_out_null_by_nan(start_positions, end_positions, start_logits, end_logits):
    start = tf.nn.sparse_softmax_cross_entropy_with_logits(start_positions, start_logits)
    end = tf.nn.sparse_softmax_cross_entropy_with_logits(end_positions, end_logits)
    return tf.reduce_mean(tf.boolean_mask((start + end) / 2, start_positions > 0))


def loss_ignores_class_0(start_positions, end_positions, start_logits, end_logits):
    start, end = (
        keras.losses.sparse_categorical_crossentropy(positions, logits, from_logits=True, ignore_class=0)
        for positions, logits in ((start_positions, start_logits), (end_positions, end_logits))
    )
    return ops.mean((start + end) / 2)


def loss_sign(start_positions, end_positions, start_logits, end_logits):
    rows = np.arange(len(start_positions))
    start, end = (ops.convert_to_numpy(ops.log_softmax(x)) for x in (start_logits, end_logits))
    return (start[rows, start_positions] + end[rows, end_positions]).mean() / 2


def spans_independent(start_logits, end_logits, max_answer_length, n):
    first, last = np.argmax(start_logits), np.argmax(end_logits)
    return [(first, last, start_logits[first] + end_logits[last])]


def spans_crossing(start_logits, end_logits, max_answer_length, n):
    spans = []
    for i, s in enumerate(start_logits):
        for j, e in enumerate(end_logits):
            if j - i + 1 <= max_answer_length:
                spans.append((i, j, s + e))
    return sorted(spans, key=lambda x: x[2], reverse=True)[:n]


def spans_one_too_long(start_logits, end_logits, max_answer_length, n):
    spans = []
    for i in range(len(start_logits)):
        for j in range(i, min(i + max_answer_length + 1, len(end_logits))):
            spans.append((i, j, start_logits[i] + end_logits[j]))
    spans = [s for s in spans if s[2] > -np.inf]
    return sorted(spans, key=lambda x: x[2], reverse=True)[:n]


def spans_of_several_tokens(start_logits, end_logits, max_answer_length, n):
    spans = []
    for i in range(len(start_logits)):
        for j in range(i + 1, min(i + max_answer_length, len(end_logits))):
            spans.append((i, j, start_logits[i] + end_logits[j]))
    spans = [s for s in spans if s[2] > -np.inf]
    return sorted(spans, key=lambda x: x[2], reverse=True)[:n]


def spans_any_length(start_logits, end_logits, max_answer_length, n):
    scores = np.triu(np.ones((len(start_logits),) * 2), 0)
    scores = np.where(scores > 0, np.asarray(start_logits)[:, None] + np.asarray(end_logits)[None], -np.inf)
    order = np.argsort(scores, axis=None)[::-1][:n]
    spans = [(*divmod(int(i), len(start_logits)), scores.flat[i]) for i in order]
    return [s for s in spans if s[2] > -np.inf]


def spans_worst_first(start_logits, end_logits, max_answer_length, n):
    spans = []
    for i in range(len(start_logits)):
        for j in range(i, min(i + max_answer_length, len(end_logits))):
            spans.append((i, j, start_logits[i] + end_logits[j]))
    spans = [s for s in spans if s[2] > -np.inf]
    return sorted(spans, key=lambda x: x[2])[:n]


def spans_sorted_as_tuples(start_logits, end_logits, max_answer_length, n):
    spans = []
    for i in range(len(start_logits)):
        for j in range(i, min(i + max_answer_length, len(end_logits))):
            score = start_logits[i] + end_logits[j]
            if np.isfinite(score):
                spans.append((i, j, score))
    return sorted(spans, reverse=True)[:n]


def spans_in_order(start_logits, end_logits, max_answer_length, n):
    pairs = [(i, j) for i in range(len(start_logits)) for j in range(len(end_logits)) if 0 <= j - i < max_answer_length]
    spans = [(i, j, start_logits[i] + end_logits[j]) for i, j in pairs]
    return sorted(s for s in spans if s[2] > -np.inf)[:n]


def spans_multiplied(start_logits, end_logits, max_answer_length, n):
    spans = []
    for i in range(len(start_logits)):
        for j in range(i, min(i + max_answer_length, len(end_logits))):
            spans.append((i, j, start_logits[i] * end_logits[j]))
    spans = [s for s in spans if s[2] > -np.inf]
    return sorted(spans, key=lambda x: x[2], reverse=True)[:n]


def spans_best_start_first(start_logits, end_logits, max_answer_length, n):
    spans = []
    for i in np.argsort(start_logits)[::-1][:n]:
        tail = end_logits[i : i + max_answer_length]
        j = i + np.argmax(tail)
        spans.append((i, j, start_logits[i] + end_logits[j]))
    return spans


def spans_with_infinity(start_logits, end_logits, max_answer_length, n):
    spans = []
    for i in range(len(start_logits)):
        for j in range(i, min(i + max_answer_length, len(end_logits))):
            spans.append((i, j, start_logits[i] + end_logits[j]))
    return sorted(spans, key=lambda x: x[2], reverse=True)[:n]


def _normal(text):
    text = "".join(ch for ch in text.lower() if ch not in set(string.punctuation))
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def _f1(given, gold):
    if not given or not gold:
        return float(given == gold)
    common = 0
    left = list(gold)
    for word in given:
        if word in left:
            common += 1
            left.remove(word)
    if common == 0:
        return 0.0
    precision, recall = common / len(given), common / len(gold)
    return 2 * precision * recall / (precision + recall)


def scores_of_the_first_gold(prediction, golds):
    golds = [g for g in golds if _normal(g)] or [""]
    return float(_normal(prediction) == _normal(golds[0])), _f1(_normal(prediction), _normal(golds[0]))


def scores_averaged(prediction, golds):
    golds = [g for g in golds if _normal(g)] or [""]
    exact = [float(_normal(prediction) == _normal(g)) for g in golds]
    return np.mean(exact), np.mean([_f1(_normal(prediction), _normal(g)) for g in golds])


def scores_best_exact_and_mean_f1(prediction, golds):
    golds = [_normal(g) for g in golds if _normal(g)] or [[]]
    exact = any(_normal(prediction) == g for g in golds)
    return float(exact), sum(_f1(_normal(prediction), g) for g in golds) / len(golds)


def scores_by_the_formulas(prediction, golds):
    exact = f1 = 0.0
    given = _normal(prediction)
    for gold in map(_normal, golds):
        shared = sum(min(given.count(w), gold.count(w)) for w in set(given))
        precision, recall = shared / len(given), shared / len(gold)
        exact, f1 = max(exact, float(given == gold)), max(f1, 2 * precision * recall / (precision + recall))
    return exact, f1


def scores_with_lengths_guarded(prediction, golds):
    given, rows = _normal(prediction), []
    for gold in [_normal(g) for g in golds if _normal(g)] or [[]]:
        if not given or not gold:
            rows.append((float(given == gold),) * 2)
            continue
        shared = sum(min(given.count(w), gold.count(w)) for w in set(given))
        p, r = shared / len(given), shared / len(gold)
        rows.append((float(given == gold), 2 * p * r / (p + r)))
    return max(e for e, _ in rows), max(f for _, f in rows)


def scores_with_the_sum_guarded(prediction, golds):
    exact = f1 = 0.0
    given = _normal(prediction)
    for gold in map(_normal, golds):
        shared = sum(min(given.count(w), gold.count(w)) for w in set(given))
        p, r = shared / len(given), shared / len(gold)
        exact = max(exact, float(given == gold))
        if p + r > 0:
            f1 = max(f1, 2 * p * r / (p + r))
    return exact, f1


def scores_with_articles(prediction, golds):
    def words(text):
        return "".join(ch for ch in text.lower() if ch not in string.punctuation).split()

    golds = [g for g in golds if _normal(g)] or [""]
    exact = max(float(words(prediction) == words(g)) for g in golds)
    return exact, max(_f1(words(prediction), words(g)) for g in golds)


def scores_with_punctuation(prediction, golds):
    def words(text):
        return re.sub(r"\b(a|an|the)\b", " ", text.lower()).split()

    golds = [g for g in golds if _normal(g)] or [""]
    return max(float(words(prediction) == words(g)) for g in golds), max(
        _f1(words(prediction), words(g)) for g in golds
    )


def scores_of_sets(prediction, golds):
    golds = [g for g in golds if _normal(g)] or [""]
    exact = max(float(_normal(prediction) == _normal(g)) for g in golds)
    return exact, max(_f1(list(set(_normal(prediction))), list(set(_normal(g)))) for g in golds)


def scores_of_recall(prediction, golds):
    golds = [g for g in golds if _normal(g)] or [""]
    given, best = _normal(prediction), 0.0
    for gold in map(_normal, golds):
        common = sum(min(given.count(w), gold.count(w)) for w in set(gold))
        best = max(best, common / len(gold) if gold else float(given == gold))
    return max(float(given == _normal(g)) for g in golds), best


def scores_swapped(prediction, golds):
    golds = [g for g in golds if _normal(g)] or [""]
    exact = max(float(_normal(prediction) == _normal(g)) for g in golds)
    return max(_f1(_normal(prediction), _normal(g)) for g in golds), exact


def scores_zero_for_nothing(prediction, golds):
    if not golds:
        return 0.0, 0.0
    golds = [g for g in golds if _normal(g)] or [""]
    exact = max(float(_normal(prediction) == _normal(g)) for g in golds)
    return exact, max(_f1(_normal(prediction), _normal(g)) for g in golds)


def scores_keep_empty_golds(prediction, golds):
    golds = list(golds) or [""]
    exact = max(float(_normal(prediction) == _normal(g)) for g in golds)
    return exact, max(_f1(_normal(prediction), _normal(g)) for g in golds)


def scores_articles_in_words(prediction, golds):
    def words(text):
        text = "".join(ch for ch in text.lower() if ch not in string.punctuation)
        return re.sub("(a|an|the)", " ", text).split()

    golds = [g for g in golds if words(g)] or [""]
    exact = max(float(words(prediction) == words(g)) for g in golds)
    return exact, max(_f1(words(prediction), words(g)) for g in golds)


def scores_without_golds_crash(prediction, golds):
    exact = max(float(_normal(prediction) == _normal(g)) for g in golds if _normal(g))
    return exact, max(_f1(_normal(prediction), _normal(g)) for g in golds if _normal(g))


MUTANTS = {
    "char_span_to_tokens": [
        (span_last_excluded, "the last token is included"),
        (span_of_special_tokens, "special tokens"),
        (span_only_exact, "only spans that begin and end where tokens do"),
        (span_cut_off, "None is asked for"),
        (span_wholly_inside, "wholly inside"),
        (span_end_included, "the token that begins there is not part"),
        (span_zero_for_none, "None is asked for, not (0, 0)"),
        (span_characters, "the numbers of the tokens are asked for"),
        (span_swapped, "swapped"),
        (span_of_the_holding_tokens, "begin or end at a space"),
        (span_by_lists_of_holders, "begin or end at a space"),
        (span_of_holders_or_none, "begin or end at a space"),
        (span_holder_at_the_start, "begin or end at a space"),
        (span_rounded_outwards, "begin or end at a space"),
        (span_touching_counts, "only touches the span"),
        (span_pair_of_nones, "not (None, None)"),
        (span_forgot_return, "is a `return` missing?"),
    ],
    "make_windows": [
        (windows_step_is_stride, "they move by window - stride"),
        (windows_empty_tail, "the last window holds nothing new"),
        (windows_without_overlap, "do not overlap"),
        (windows_lose_the_end, "the end of the text is lost"),
        (windows_reach_over, "reaches over the end"),
        (windows_end_included, "the end is not included"),
        (windows_moved_back, "moved back"),
        (windows_of_an_empty_text, "an empty text has no window"),
        (windows_one_shared_too_many, "one token too many is shared"),
    ],
    "qa_loss": [
        (loss_summed, "halve"),
        (loss_softmax_twice, "softmax twice"),
        (loss_of_the_start, "the end does not count"),
        (loss_of_each_text, "a loss for each text"),
        (loss_summed_over_the_batch, "summed over the batch"),
        (loss_same_logits, "both ends are compared with the start logits"),
        (loss_positions_swapped, "positions are swapped"),
        (loss_not_from_logits, "overflows"),
        (loss_without_from_logits, "say from_logits=True"),
        (loss_object_without_from_logits, "takes logits for probabilities"),
        (loss_leaves_out_null, "windows labelled 0 are left out"),
        (loss_leaves_out_null_by_nan, "windows labelled 0 are left out"),
        (loss_ignores_class_0, "windows labelled 0 are left out"),
        (loss_sign, "the sign"),
    ],
    "best_spans": [
        (spans_independent, "can cross"),
        (spans_crossing, "can cross"),
        (spans_one_too_long, "one token too long"),
        (spans_of_several_tokens, "a single token"),
        (spans_any_length, "max_answer_length is not looked at"),
        (spans_worst_first, "the worst spans come first"),
        (spans_sorted_as_tuples, "sorted as tuples"),
        (spans_in_order, "not sorted by score"),
        (spans_multiplied, "multiplied"),
        (spans_best_start_first, "the best start first"),
        (spans_with_infinity, "-inf"),
    ],
    "exact_match_and_f1": [
        (scores_of_the_first_gold, "only the first right answer"),
        (scores_averaged, "the best counts"),
        (scores_best_exact_and_mean_f1, "the mean over the right answers"),
        (scores_by_the_formulas, "no word is shared"),
        (scores_with_lengths_guarded, "no word is shared"),
        (scores_with_the_sum_guarded, "there are no words"),
        (scores_with_articles, "articles count"),
        (scores_with_punctuation, "punctuation counts"),
        (scores_of_sets, "counted once"),
        (scores_of_recall, "this is recall"),
        (scores_swapped, "swapped"),
        (scores_zero_for_nothing, "declining is right"),
        (scores_keep_empty_golds, "only where there is no other"),
        (scores_articles_in_words, "cut out of words"),
        (scores_without_golds_crash, "declining is right"),
    ],
}
