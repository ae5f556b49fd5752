"""The exercise exact_match_and_f1: what must hold, and what each mistake looks like."""

import re
import string
from collections import Counter

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.tasks.spans import exact_match_and_f1, normalise_answer


def _pair(answer, prediction, golds):
    """The two scores; what is no pair of numbers in words."""
    found = answer(prediction, golds)
    if found is None:
        return None
    if isinstance(found, dict):
        return "a dictionary"
    if isinstance(found, str) or not hasattr(found, "__iter__") or np.shape(found) == ():
        return "one result"
    if not all(map(_is_number, found)):
        return "not two numbers"
    return np.array([float(part) for part in found])


def _is_number(part):
    return not isinstance(part, (str, list, tuple)) and np.asarray(part).dtype.kind in "biuf" and np.ndim(part) == 0


def _words(prediction, gold):
    """Words of both, how many they share, each as often as both have it."""
    return len(prediction), len(gold), sum((Counter(prediction) & Counter(gold)).values())


def _f1(given, gold):
    a, b, shared = _words(given, gold)
    return 2 * shared / (a + b) if a + b else 1.0


def _precision(given, gold):
    a, b, shared = _words(given, gold)
    return shared / a if a else float(a == b)


def _recall(given, gold):
    a, b, shared = _words(given, gold)
    return shared / b if b else float(a == b)


def _score_with(
    normal=normalise_answer,
    f1=_f1,
    exact=None,
    kept=None,
    best=max,
    split=str.split,
    normal_for_exact=None,
    best_exact=None,
):
    """The reference with one of its steps done otherwise."""
    exact = exact or (lambda a, b: float(a == b))
    normal_for_exact = normal_for_exact or normal

    def score(prediction, golds):
        golds = kept(golds) if kept else [g for g in golds if normalise_answer(g)] or [""]
        exacts = [exact(normal_for_exact(prediction).split(), normal_for_exact(g).split()) for g in golds]
        f1s = [f1(split(normal(prediction)), split(normal(g))) for g in golds]
        return float((best_exact or best)(exacts)), float(best(f1s))

    return score


def _lower(text):
    return text.lower()


def _no_punctuation(text):
    return "".join(c for c in text if c not in string.punctuation)


def _no_articles(text):
    return re.sub(r"\b(a|an|the)\b", " ", text)


def _normal(*steps):
    def normal(text):
        for step in steps:
            text = step(text)
        return " ".join(text.split())

    return normal


def _none_is_zero(given, gold):
    a, b, shared = _words(given, gold)
    return 2 * shared / (a + b) if shared else 0.0


def _by_formula(given, gold):
    a, b, shared = _words(given, gold)
    return 2 * (shared / a) * (shared / b) / (shared / a + shared / b)


def _zero_where_none_is_shared(given, gold):
    a, b, shared = _words(given, gold)
    precision, recall = shared / a, shared / b
    return 2 * precision * recall / (precision + recall) if shared else 0.0


def _sets(given, gold):
    return _f1(sorted(set(given)), sorted(set(gold)))


def _set_overlap(given, gold):
    """Shared words as a set, all words as a list."""
    return 2 * len(set(given) & set(gold)) / (len(given) + len(gold)) if given or gold else 1.0


def _contains(given, gold):
    return float(" ".join(gold) in " ".join(given))


def _contained(given, gold):
    return float(" ".join(given) in " ".join(gold))


def _either_way(given, gold):
    return max(_contains(given, gold), _contained(given, gold))


def _words_within(given, gold):
    return float(set(gold) <= set(given))


def _any_words(given, gold):
    """Shared words counted by `in`, again for each time they are said."""
    a, b = len(given), len(gold)
    shared = sum(word in gold for word in given)
    return 2 * shared / (a + b) if a + b else 1.0


def _accuracy(given, gold):
    a, b, shared = _words(given, gold)
    return shared / max(a, b) if max(a, b) else 1.0


def _mean_of_both(given, gold):
    return (_precision(given, gold) + _recall(given, gold)) / 2


def _product(given, gold):
    return _precision(given, gold) * _recall(given, gold)


def _jaccard(given, gold):
    a, b, shared = _words(given, gold)
    return shared / (a + b - shared) if a + b else 1.0


def _crash_without_golds(prediction, golds):
    return _score_with(kept=lambda golds: [g for g in golds if normalise_answer(g)])(prediction, golds)


def _answered(*rows):
    return lambda rng: [case(*row) for row in rows]


register(
    Exercise(
        name="exact_match_and_f1",
        notebook="12_question_answering_tensorflow",
        reference=exact_match_and_f1,
        properties=(
            Property(
                "capitals, punctuation, articles and spaces do not count",
                2,
                _answered(
                    ("Zanzibar", ["zanzibar"]),
                    ("in May.", ["in May"]),
                    ("The old mill", ["old mill"]),
                    ("an  apple", ["the apple"]),
                    ("a mill", ["mill"]),
                    ("U.S.A.", ["USA"]),
                    ("4,000 m", ["4000 m"]),
                ),
                run=_pair,
            ),  # fmt: skip
            Property(
                "F1 counts the words that both have",
                2,
                _answered(
                    ("old mill by night", ["old mill"]),
                    ("mill", ["old stone mill"]),
                    ("mill old", ["old mill"]),
                    ("very very old", ["very old"]),
                    ("tick tick tock", ["tick tock tock tock"]),
                    ("bora bora", ["bora bora"]),
                    ("on bora bora", ["bora bora island"]),
                    ("x y z", ["z w"]),
                ),
                run=_pair,
            ),  # fmt: skip
            Property(
                "of several right answers the best counts",
                1,
                _answered(
                    ("May", ["in May", "May"]),
                    ("in May", ["May June", "in May 1999", "May"]),
                    ("harbour", ["old harbour", "harbour wall of stone"]),
                ),
                run=_pair,
            ),  # fmt: skip
            Property(
                "both are 0 where no word is shared",
                1,
                _answered(
                    ("mill", ["old mill"]),
                    ("blue", ["red"]),
                    ("theatre", ["atre"]),
                    ("well-known", ["well known"]),
                    ("May", ["June", "in May"]),
                ),
                run=_pair,
            ),  # fmt: skip
            Property(
                "declining is right where there is no answer, and only there",
                1,
                _answered(("in May", ["May"]), ("", ["May"]), ("", []), ("May", []), ("", [""]), ("May", [""])),
                run=_pair,
            ),
            Property(
                "a gold of which nothing is left does not count beside others",
                1,
                _answered(
                    ("", ["", "May"]),
                    ("", ["the", "May"]),
                    ("May", ["", "May"]),
                    ("a", []),
                    ("the May", ["", "the mat"]),
                    ("an oar", ["", "an ear"]),
                    ("theatre", ["", "atre"]),
                ),
                run=_pair,
            ),  # fmt: skip
        ),
        mistakes=(
            Mistake("capitals count here: make both lower case", _score_with(_normal(_no_punctuation, _no_articles))),
            Mistake(
                "capitals count here: make both lower case", _score_with(_normal(_no_articles, _no_punctuation))
            ),  # fmt: skip
            Mistake("punctuation counts here: take it out", _score_with(_normal(_lower, _no_articles))),
            Mistake("articles count here: take out a, an and the", _score_with(_normal(_lower, _no_punctuation))),
            Mistake("nothing is normalised: capitals, punctuation and articles must not count", _score_with(_normal())),
            Mistake("only capitals are taken care of, not punctuation and articles", _score_with(_normal(_lower))),
            Mistake(
                "articles are cut out of words (theatre): take them out as whole words only",
                _score_with(_normal(_lower, _no_punctuation, lambda t: t.replace("the", " ").replace("an ", " "))),
            ),
            Mistake(
                "articles are cut out of words (theatre): take them out as whole words only",
                _score_with(_normal(_lower, _no_punctuation, lambda t: re.sub("a|an|the", " ", t))),
            ),
            Mistake(
                "articles are cut out of words (theatre): take them out as whole words only",
                _score_with(_normal(_lower, _no_punctuation, lambda t: re.sub("the|an|a", " ", t))),
            ),
            Mistake(
                "of the articles only `the` is taken out: a and an as well",
                _score_with(_normal(_lower, _no_punctuation, lambda t: re.sub(r"\bthe\b", " ", t))),
            ),
            Mistake(
                "punctuation becomes a space and cuts words in two: take it out without leaving one",
                _score_with(
                    _normal(_lower, lambda t: "".join(" " if c in string.punctuation else c for c in t), _no_articles)
                ),
            ),
            Mistake(
                "punctuation is taken off the ends only: within words too",
                _score_with(_normal(_lower, lambda t: t.strip(string.punctuation), _no_articles)),
            ),
            Mistake(
                "the exact match compares the texts as they are: normalise for it too",
                _score_with(normal_for_exact=_normal()),
            ),
            Mistake(
                "F1 compares the words as they are: normalise for it too",
                _score_with(_normal(), normal_for_exact=normalise_answer),
            ),  # fmt: skip
            Mistake("only the first right answer is looked at", _score_with(best=lambda scores: scores[0])),
            Mistake("only the last right answer is looked at", _score_with(best=lambda scores: scores[-1])),
            *(
                Mistake("the mean over the right answers: the best counts", _score_with(best=f1, best_exact=exact))
                for exact, f1 in ((np.mean, np.mean), (max, np.mean), (np.mean, max))
            ),
            Mistake("the worst of the right answers: the best counts", _score_with(best=min)),
            Mistake(
                "all right answers are joined to one: compare with each",
                _score_with(kept=lambda golds: [" ".join(golds)]),
            ),  # fmt: skip
            Mistake("this is precision: F1 weighs it with recall", _score_with(f1=_precision)),
            Mistake("this is recall: F1 weighs it with precision", _score_with(f1=_recall)),
            Mistake("the plain mean of precision and recall: F1 is their harmonic mean", _score_with(f1=_mean_of_both)),
            Mistake("precision times recall: F1 is 2PR / (P + R)", _score_with(f1=_product)),
            Mistake("2PR / (P + R) without the 2", _score_with(f1=lambda given, gold: _f1(given, gold) / 2)),
            Mistake("shared words over all words (Jaccard): F1 is 2PR / (P + R)", _score_with(f1=_jaccard)),
            Mistake("divided by the longer of the two: F1 is 2PR / (P + R)", _score_with(f1=_accuracy)),
            *(
                Mistake("words that come twice are counted once: count them, do not take sets", _score_with(f1=wrong))
                for wrong in (_sets, _set_overlap)
            ),
            *(
                Mistake("per cent: 1.0 is asked for where all is right, not 100", wrong)
                for wrong in (
                    lambda p, golds: tuple(100 * score for score in exact_match_and_f1(p, golds)),
                    lambda p, golds: (exact_match_and_f1(p, golds)[0], 100 * exact_match_and_f1(p, golds)[1]),
                    lambda p, golds: (100 * exact_match_and_f1(p, golds)[0], exact_match_and_f1(p, golds)[1]),
                )
            ),
            Mistake(
                "a dictionary came back: two floats are asked for, exact match and F1, as in `return exact, f1`",
                lambda p, golds: dict(zip(("exact_match", "f1"), exact_match_and_f1(p, golds), strict=True)),
            ),
            Mistake("one result came back: two are asked for, as in `return exact, f1`", lambda p, golds: 0.5),
            Mistake(
                "two numbers are asked for, exact match and F1: one pair for all golds, not one for each",
                lambda p, golds: [exact_match_and_f1(p, [gold]) for gold in golds or [""]],
            ),
            Mistake(
                "rounded: give the numbers as they are",
                lambda p, golds: tuple(round(score, 2) for score in exact_match_and_f1(p, golds)),
            ),
            Mistake(
                "a word said twice is found twice in a gold that has it once: count with Counter(…) & Counter(…)",
                _score_with(f1=_any_words),
            ),
            *(
                Mistake(
                    "nothing is given, or nothing was asked for: there are no words, and nothing may be divided by 0",
                    wrong,
                )
                for wrong in (
                    _score_with(f1=_zero_where_none_is_shared),
                    _score_with(f1=_zero_where_none_is_shared, kept=list),
                    lambda p, golds: (
                        _score_with(f1=_zero_where_none_is_shared, kept=list)(p, golds) if golds else (0, 0)
                    ),
                )
            ),
            *(
                Mistake("no word is shared: F1 is 0, and nothing may be divided by 0", _score_with(f1=wrong))
                for wrong in (_by_formula, lambda a, b: _by_formula(a, b) if a and b else float(a == b))
            ),
            Mistake("letters are compared: F1 is over words", _score_with(split=list)),
            Mistake(
                "letters are compared: F1 is over words",
                _score_with(split=lambda text: [c for c in text if c != " "]),
            ),
            Mistake(
                "F1 must not be all or nothing: part of an answer earns part of the score",
                _score_with(f1=lambda given, gold: float(given == gold)),
            ),  # fmt: skip
            Mistake(
                "the order is (exact match, F1): here they are swapped",
                lambda prediction, golds: exact_match_and_f1(prediction, golds)[::-1],
            ),
            Mistake(
                "nothing given and nothing asked for is right: F1 is 1 there, not 0", _score_with(f1=_none_is_zero)
            ),
            *(
                Mistake('without a right answer, declining is right: take [""] for the golds then', wrong)
                for wrong in (_crash_without_golds, _score_with(kept=list))
            ),
            Mistake(
                'nothing is left of the answer "a": look at it normalised',
                lambda prediction, golds: (
                    exact_match_and_f1(prediction, golds)
                    if [g for g in golds if normalise_answer(g)]
                    else (float(not prediction),) * 2
                ),
            ),
            Mistake(
                "without a right answer, declining is right: (1, 1) for an answer that is empty",
                lambda prediction, golds: exact_match_and_f1(prediction, golds) if golds else (0.0, 0.0),
            ),
            Mistake(
                "without a right answer, declining is right: (1, 1) for an answer that is empty",
                lambda prediction, golds: exact_match_and_f1(prediction, golds) if any(golds) else (0.0, 0.0),
            ),
            Mistake(
                "without a right answer only an empty one is right",
                lambda prediction, golds: exact_match_and_f1(prediction, golds) if golds else (1.0, 1.0),
            ),
            Mistake(
                "golds of which nothing is left after normalising count only where there is no other",
                _score_with(kept=lambda golds: golds or [""]),
            ),
            Mistake(
                '"the" normalises to nothing: look at what is left of a gold, not at the gold itself',
                _score_with(kept=lambda golds: [g for g in golds if g] or [""]),
            ),
            *(
                Mistake("one text inside the other is not an exact match: they must be the same", wrong)
                for wrong in (
                    *(_score_with(exact=e) for e in (_contains, _contained, _either_way, _words_within)),
                    *(_score_with(exact=e, f1=e) for e in (_contains, _contained, _either_way)),
                )
            ),
        ),
        hints=(
            "For each gold: normalise both, split into words, compare. Then the best over golds. What are the golds "
            "where there is no right answer?",
            "Counter(given) & Counter(gold) holds the shared words, each as often as both have it; sum its values. "
            "P = shared / len(given), R = shared / len(gold), F1 = 2PR / (P + R).",
            "F1 is also 2 * shared / (len(given) + len(gold)), which only fails where both are empty: then they are "
            'the same, and it is 1. Golds that normalise to nothing are dropped; if none is left, use [""].',
        ),
    )
)
