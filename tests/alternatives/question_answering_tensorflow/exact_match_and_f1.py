"""Unusual right answers to exact_match_and_f1."""

import collections
import re
import string

import numpy as np


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


ALTERNATIVES = [scores_step_by_step, scores_by_words, scores_by_generators]
