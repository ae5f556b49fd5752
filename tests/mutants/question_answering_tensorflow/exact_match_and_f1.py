"""Wrong answers to exact_match_and_f1."""

import re
import string
import unicodedata
from collections import Counter

import numpy as np


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


def _of_each(prediction, golds):
    given = _normal(prediction)
    wanted = [_normal(g) for g in golds if _normal(g)] or [[]]
    return given, wanted, max(float(given == g) for g in wanted), max(_f1(given, g) for g in wanted)


def scores_with_a_set_overlap(prediction, golds):
    given, wanted, exact, _ = _of_each(prediction, golds)
    f1s = []
    for gold in wanted:
        if not given or not gold:
            f1s.append(float(given == gold))
            continue
        shared = len(set(given) & set(gold))
        p, r = shared / len(given), shared / len(gold)
        f1s.append(2 * p * r / (p + r) if shared else 0.0)
    return exact, max(f1s)


def scores_per_cent(prediction, golds):
    _, _, exact, f1 = _of_each(prediction, golds)
    return exact * 100, f1 * 100


def scores_rounded_per_cent_of_f1(prediction, golds):
    _, _, exact, f1 = _of_each(prediction, golds)
    return exact, 100.0 * f1


def scores_in_a_dictionary(prediction, golds):
    _, _, exact, f1 = _of_each(prediction, golds)
    return {"EM": exact, "F1": f1}


def scores_f1_alone(prediction, golds):
    return _of_each(prediction, golds)[3]


def scores_for_each_gold(prediction, golds):
    given, wanted, _, _ = _of_each(prediction, golds)
    return [(float(given == gold), _f1(given, gold)) for gold in wanted]


def scores_gold_within(prediction, golds):
    given, wanted, _, f1 = _of_each(prediction, golds)
    return max(float(" ".join(gold) in " ".join(given)) for gold in wanted), f1


def scores_answer_within(prediction, golds):
    given, wanted, _, f1 = _of_each(prediction, golds)
    return float(any(" ".join(given) in " ".join(gold) for gold in wanted)), f1


def scores_either_within(prediction, golds):
    given, wanted, _, f1 = _of_each(prediction, golds)
    a = " ".join(given)
    return float(any(a in " ".join(gold) or " ".join(gold) in a for gold in wanted)), f1


def scores_default_of_nothing(prediction, golds):
    given, golds = _normal(prediction), [g for g in map(_normal, golds) if g]
    return max((float(given == g) for g in golds), default=0.0), max((_f1(given, g) for g in golds), default=0.0)


def scores_without_golds_are_right(prediction, golds):
    if not golds:
        return 1.0, 1.0
    return _of_each(prediction, golds)[2:]


def scores_without_golds_raw(prediction, golds):
    if not golds:
        return float(prediction == ""), float(prediction == "")
    return _of_each(prediction, golds)[2:]


def scores_no_golds_crash_on_max(prediction, golds):
    given = _normal(prediction)
    return max(float(given == _normal(g)) for g in golds), max(_f1(given, _normal(g)) for g in golds)


def scores_rounded(prediction, golds):
    _, _, exact, f1 = _of_each(prediction, golds)
    return exact, round(f1, 2)


def _golds(golds):
    return [g for g in golds if _normal(g)] or [""]


def _right(prediction, golds):
    golds = [_normal(g) for g in _golds(golds)]
    return float(_normal(prediction) in golds), max(_f1(_normal(prediction), g) for g in golds)


def scores_as_texts(prediction, golds):
    exact, f1 = _right(prediction, golds)
    return f"{exact:.2f}", f"{f1:.2f}"


def scores_to_three_digits(prediction, golds):
    return tuple(round(score, 3) for score in _right(prediction, golds))


def scores_to_four_digits(prediction, golds):
    return tuple(round(score, 4) for score in _right(prediction, golds))


def scores_exact_of_the_last(prediction, golds):
    exact, best = 0.0, 0.0
    for gold in _golds(golds):
        exact = float(_normal(prediction) == _normal(gold))
        best = max(best, _f1(_normal(prediction), _normal(gold)))
    return exact, best


def scores_of_the_likest(prediction, golds):
    best = max(_golds(golds), key=lambda gold: _f1(_normal(prediction), _normal(gold)))
    return float(_normal(prediction) == _normal(best)), _f1(_normal(prediction), _normal(best))


def scores_exact_of_the_first(prediction, golds):
    return float(_normal(prediction) == _normal(_golds(golds)[0])), _right(prediction, golds)[1]


def scores_added(prediction, golds):
    exact, f1 = 0.0, 0.0
    for gold in _golds(golds):
        exact += _normal(prediction) == _normal(gold)
        f1 += _f1(_normal(prediction), _normal(gold))
    return exact, f1


def scores_without_accents(prediction, golds):
    def bare(text):
        return "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")

    return _right(bare(prediction), [bare(g) for g in golds])


def scores_in_ascii(prediction, golds):
    return _right(prediction.encode("ascii", "ignore").decode(), [g.encode("ascii", "ignore").decode() for g in golds])


def scores_without_any_punctuation(prediction, golds):
    def words(text):
        return re.sub(r"\b(a|an|the)\b", " ", re.sub(r"[^\w\s]", "", text.lower())).split()

    golds = [words(g) for g in golds if words(g)] or [[]]
    return float(words(prediction) in golds), max(_f1(words(prediction), g) for g in golds)


def scores_of_the_raw_answer(prediction, golds):
    golds = [_normal(g) for g in _golds(golds)]
    return float(prediction.split() in golds), max(_f1(prediction.split(), g) for g in golds)


def scores_without_brackets(prediction, golds):
    def f1(given, gold):
        shared = sum((Counter(given) & Counter(gold)).values())
        if not shared:
            return float(given == gold)
        p, r = shared / len(given), shared / len(gold)
        return 2 * p * r / p + r

    return _right(prediction, golds)[0], max(f1(_normal(prediction), _normal(g)) for g in _golds(golds))


def scores_place_by_place(prediction, golds):
    def f1(given, gold):
        shared = sum(a == b for a, b in zip(given, gold, strict=False))
        return 2 * shared / (len(given) + len(gold)) if given or gold else 1.0

    return _right(prediction, golds)[0], max(f1(_normal(prediction), _normal(g)) for g in _golds(golds))


def scores_exact_in_any_order(prediction, golds):
    f1 = _right(prediction, golds)[1]
    return float(f1 == 1), f1


def scores_decline_is_wrong(prediction, golds):
    return _right(prediction, golds) if prediction else (0.0, 0.0)


def scores_decline_is_right(prediction, golds):
    return _right(prediction, golds) if prediction else (1.0, 1.0)


def scores_of_words_of_the_gold(prediction, golds):
    def f1(given, gold):
        shared = sum(word in given for word in gold)
        return 2 * shared / (len(given) + len(gold)) if given or gold else 1.0

    return _right(prediction, golds)[0], max(f1(_normal(prediction), _normal(g)) for g in _golds(golds))


def scores_with_an_empty_gold_appended(prediction, golds):
    if not golds:
        golds.append("")
    return _right(prediction, golds)


def scores_of_golds_normalised_in_place(prediction, golds):
    for n, gold in enumerate(golds):
        golds[n] = " ".join(_normal(gold))
    return _right(prediction, golds)


def _by(words, prediction, golds):
    given, golds = words(prediction), [words(g) for g in golds if words(g)] or [[]]
    return float(given in golds), max(_f1(given, g) for g in golds)


def _bare(text):
    return "".join(c for c in text.lower() if c not in string.punctuation)


def scores_with_leading_articles_removed(prediction, golds):
    return _by(lambda text: re.sub(r"^ *(a|an|the)\b", "", _bare(text)).split(), prediction, golds)


def scores_with_articles_first(prediction, golds):
    return _by(lambda text: _bare(re.sub(r"\b(a|an|the)\b", " ", text.lower())).split(), prediction, golds)


def scores_of_casefold(prediction, golds):
    return _by(lambda text: _normal(text.casefold()), prediction, golds)


def scores_of_declining_by_the_golds_as_they_are(prediction, golds):
    if not prediction:
        return float(not any(golds)), float(not any(golds))
    return _right(prediction, golds)


MUTANTS = [
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
    (scores_with_a_set_overlap, "do not take sets"),
    (scores_per_cent, "per cent"),
    (scores_rounded_per_cent_of_f1, "per cent"),
    (scores_in_a_dictionary, "a dictionary came back"),
    (scores_f1_alone, "one result came back"),
    (scores_for_each_gold, "one pair for all golds"),
    (scores_gold_within, "inside the other"),
    (scores_answer_within, "inside the other"),
    (scores_either_within, "inside the other"),
    (scores_default_of_nothing, "declining is right"),
    (scores_without_golds_are_right, "only an empty one is right"),
    (scores_without_golds_raw, "nothing is left of the answer"),
    (scores_no_golds_crash_on_max, "declining is right"),
    (scores_as_texts, "the scores are texts"),
    (scores_to_three_digits, "rounded"),
    (scores_to_four_digits, "rounded"),
    (scores_of_the_likest, "each of the two scores has its own best"),
    (scores_exact_of_the_last, "only the last right answer"),
    (scores_exact_of_the_first, "only the first right answer"),
    (scores_added, "are added"),
    (scores_without_accents, "accents"),
    (scores_in_ascii, "accents"),
    (scores_without_any_punctuation, "other punctuation"),
    (scores_of_the_raw_answer, "only the right answer is normalised"),
    (scores_without_brackets, "the brackets are missing"),
    (scores_place_by_place, "place by place"),
    (scores_exact_in_any_order, "the order of the words"),
    (scores_decline_is_wrong, "counted wrong at once"),
    (scores_decline_is_right, "counted right at once"),
    (scores_of_words_of_the_gold, "that the gold has twice"),
    (scores_with_an_empty_gold_appended, "it changes the list"),
    (scores_of_golds_normalised_in_place, "it changes the list"),
    (scores_rounded, "rounded"),
    (scores_with_leading_articles_removed, "at the beginning only"),
    (scores_with_articles_first, "punctuation first"),
    (scores_of_casefold, "casefold"),
    (scores_of_declining_by_the_golds_as_they_are, "so that declining is right"),
]
