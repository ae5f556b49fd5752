"""Wrong answers to best_spans."""

import numpy as np


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


def spans_in_a_float_array(start_logits, end_logits, max_answer_length, n):
    T, rows = len(start_logits), []
    for i in range(T):
        for j in range(i, min(i + max_answer_length, T)):
            rows.append([i, j, start_logits[i] + end_logits[j]])
    rows = np.array([r for r in rows if r[2] > -np.inf])
    return rows[np.argsort(-rows[:, 2])][:n]


def spans_without_scores(start_logits, end_logits, max_answer_length, n):
    T = len(start_logits)
    pairs = [(i, j) for i in range(T) for j in range(i, min(i + max_answer_length, T))]
    pairs = [(i, j) for i, j in pairs if start_logits[i] + end_logits[j] > -np.inf]
    return sorted(pairs, key=lambda p: start_logits[p[0]] + end_logits[p[1]], reverse=True)[:n]


def spans_the_best_alone(start_logits, end_logits, max_answer_length, n):
    T = len(start_logits)
    pairs = [(i, j) for i in range(T) for j in range(i, min(i + max_answer_length, T))]
    i, j = max(pairs, key=lambda p: start_logits[p[0]] + end_logits[p[1]])
    return i, j, start_logits[i] + end_logits[j]


def _scored(start_logits, end_logits, max_answer_length):
    spans = []
    for i in range(len(start_logits)):
        for j in range(i, min(i + max_answer_length, len(end_logits))):
            score = float(start_logits[i] + end_logits[j])
            if score > -np.inf:
                spans.append((i, j, score))
    return spans


def spans_by_their_score(start_logits, end_logits, max_answer_length, n):
    found = {}
    for i, j, score in _scored(start_logits, end_logits, max_answer_length):
        found[score] = (i, j)
    return [(*found[score], score) for score in sorted(found, reverse=True)[:n]]


def spans_looked_up_by_score(start_logits, end_logits, max_answer_length, n):
    spans = _scored(start_logits, end_logits, max_answer_length)
    scores = [span[2] for span in spans]
    return [spans[scores.index(score)] for score in sorted(scores, reverse=True)[:n]]


def spans_best_end_of_each_start(start_logits, end_logits, max_answer_length, n):
    spans = []
    for i in range(len(start_logits)):
        j = i + int(np.argmax(end_logits[i : i + max_answer_length]))
        if np.isfinite(start_logits[i] + end_logits[j]):
            spans.append((i, j, float(start_logits[i] + end_logits[j])))
    return sorted(spans, key=lambda span: -span[2])[:n]


def _sorted(start_logits, end_logits, max_answer_length):
    return sorted(_scored(start_logits, end_logits, max_answer_length), key=lambda span: -span[2])


def spans_above_zero(start_logits, end_logits, max_answer_length, n):
    return [span for span in _sorted(start_logits, end_logits, max_answer_length) if span[2] > 0][:n]


def spans_generated(start_logits, end_logits, max_answer_length, n):
    yield from _sorted(start_logits, end_logits, max_answer_length)[:n]


def spans_with_scores_as_texts(start_logits, end_logits, max_answer_length, n):
    return [(i, j, f"{score}") for i, j, score in _sorted(start_logits, end_logits, max_answer_length)[:n]]


def spans_in_three_lists(start_logits, end_logits, max_answer_length, n):
    firsts, lasts, scores = zip(*_sorted(start_logits, end_logits, max_answer_length)[:n], strict=True)
    return list(firsts), list(lasts), list(scores)


def spans_in_a_set(start_logits, end_logits, max_answer_length, n):
    return set(_sorted(start_logits, end_logits, max_answer_length)[:n])


def spans_by_length(start_logits, end_logits, max_answer_length, n):
    return [(i, j - i + 1, score) for i, j, score in _sorted(start_logits, end_logits, max_answer_length)[:n]]


def spans_filled_up(start_logits, end_logits, max_answer_length, n):
    spans = _sorted(start_logits, end_logits, max_answer_length)[:n]
    return spans + [(0, 0, -np.inf)] * (n - len(spans))


def spans_from_the_flat_scores(start_logits, end_logits, max_answer_length, n):
    T = len(start_logits)
    scores = np.full((T, T), -np.inf)
    for i in range(T):
        for j in range(i, min(T, i + max_answer_length)):
            scores[i, j] = float(start_logits[i]) + float(end_logits[j])
    out = []
    for k in np.argsort(-scores, axis=None, kind="stable")[:n]:
        first, last = int(k / T), k - np.floor(k / T) * T
        if scores.flat[k] > -np.inf:
            out.append((first, last, scores.flat[k]))
    return out


def spans_by_other_names(start, end, max_len, k):
    pairs = [(i, j, start[i] + end[j]) for i in range(len(start)) for j in range(i, min(len(end), i + max_len))]
    return sorted((p for p in pairs if p[2] > -np.inf), key=lambda p: -p[2])[:k]


def spans_of_the_twenty_best(start_logits, end_logits, max_answer_length, n):
    starts, ends = np.argsort(start_logits)[-1:-21:-1], np.argsort(end_logits)[-1:-21:-1]
    spans = _sorted(start_logits, end_logits, max_answer_length)
    return [span for span in spans if span[0] in starts and span[1] in ends][:n]


def spans_rounded(start_logits, end_logits, max_answer_length, n):
    return [(i, j, round(score, 4)) for i, j, score in _sorted(start_logits, end_logits, max_answer_length)[:n]]


def spans_with_n_first(start_logits, end_logits, n, max_answer_length):
    return _sorted(start_logits, end_logits, max_answer_length)[:n]


def spans_or_none(start_logits, end_logits, max_answer_length, n):
    return _sorted(start_logits, end_logits, max_answer_length)[:n] or None


def spans_over_nothing_infinite(start_logits, end_logits, max_answer_length, n):
    both = np.asarray(start_logits) + np.asarray(end_logits)
    spans = _sorted(start_logits, end_logits, max_answer_length)
    return [(i, j, score) for i, j, score in spans if np.isfinite(both[i : j + 1]).all()][:n]


def spans_by_length_first(start_logits, end_logits, max_answer_length, n):
    return sorted(_sorted(start_logits, end_logits, max_answer_length), key=lambda span: span[1] - span[0])[:n]


def spans_without_cls(start_logits, end_logits, max_answer_length, n):
    return [span for span in _sorted(start_logits, end_logits, max_answer_length) if span[0] > 0][:n]


def spans_of_log_shares(start_logits, end_logits, max_answer_length, n):
    start, end = (np.float64(x) - np.log(np.sum(np.exp(np.float64(x)))) for x in (start_logits, end_logits))
    return _sorted(start, end, max_answer_length)[:n]


def spans_sure_that_texts_are_longer(start_logits, end_logits, max_answer_length, n):
    T, spans = len(start_logits), _sorted(start_logits, end_logits, max_answer_length)
    if max_answer_length > T:
        raise IndexError("index out of range")
    return spans[:n]


MUTANTS = [
    (spans_from_the_flat_scores, "no whole numbers"),
    (spans_by_other_names, "unexpected keyword argument 'max_answer_length'"),
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
    (spans_in_a_float_array, "no whole numbers"),
    (spans_without_scores, "the score is missing"),
    (spans_by_their_score, "with the same score only one"),
    (spans_looked_up_by_score, "comes twice"),
    (spans_best_end_of_each_start, "the best end of each start"),
    (spans_above_zero, "a negative score"),
    (spans_generated, "a generator came back"),
    (spans_with_scores_as_texts, "the scores are texts"),
    (spans_in_three_lists, "three lists came back"),
    (spans_in_a_set, "a set, which is no list"),
    (spans_by_length, "the second number is the span's length"),
    (spans_filled_up, "not 6: "),
    (spans_the_best_alone, "a list of them is asked for"),
    (spans_of_the_twenty_best, "some of the best starts and ends"),
    (spans_rounded, "rounded"),
    (spans_with_n_first, "the order of the arguments"),
    (spans_or_none, "an empty list is asked for, not None"),
    (spans_over_nothing_infinite, "may pass over"),
    (spans_by_length_first, "sorted by length first"),
    (spans_without_cls, "no span begins at token 0"),
    (spans_of_log_shares, "no log_softmax"),
    (spans_sure_that_texts_are_longer, "it raised IndexError"),
]
