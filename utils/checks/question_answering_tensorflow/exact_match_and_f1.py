"""The exercise exact_match_and_f1: what must hold, and what each mistake looks like."""

import re
import string
import unicodedata

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.question_answering_tensorflow import overlaps
from utils.tasks.spans import exact_match_and_f1, normalise_answer


def _pair(answer, prediction, golds):
    """The two scores; what is no pair of numbers in words."""
    found = answer(prediction, golds)
    if found is None:
        return None
    if isinstance(found, dict):
        return "a dictionary"
    if isinstance(found, (set, frozenset)):
        return "a set, which has no order"
    if isinstance(found, str) or not hasattr(found, "__iter__") or np.shape(found) == ():
        return "one result"
    if any(isinstance(part, str) for part in found):
        return "texts"
    if not all(map(_is_number, found)):
        return "not two numbers"
    if len(found) != 2:
        return f"{len(found)} numbers"
    return np.array([float(part) for part in found])


def _is_number(part):
    return not isinstance(part, (str, list, tuple)) and np.asarray(part).dtype.kind in "biuf" and np.ndim(part) == 0


def _score_with(
    normal=normalise_answer,
    f1=overlaps.f1,
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


def _without_accents(text):
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _ascii(text):
    return text.encode("ascii", "ignore").decode()


def _one_side(given=False, gold=False):
    """Words as they are on one side, as if the other alone had to be normalised."""

    def score(prediction, golds):
        a = prediction.split() if given else normalise_answer(prediction).split()
        golds = [g for g in golds if normalise_answer(g)] or [""]
        golds = [g.split() if gold else normalise_answer(g).split() for g in golds]
        return max(float(a == b) for b in golds), max(overlaps.f1(a, b) for b in golds)

    return score


def _crash_without_golds(prediction, golds):
    return _score_with(kept=lambda golds: [g for g in golds if normalise_answer(g)])(prediction, golds)


def _exact_of_the_likest(prediction, golds):
    """Both scores of the first right answer that has the best F1."""
    golds = [g for g in golds if normalise_answer(g)] or [""]
    return max((exact_match_and_f1(prediction, [g]) for g in golds), key=lambda scores: scores[1])


def _word(rng):
    """A word that nobody knows, without an article in it."""
    return "".join(rng.choice(list("bdgklmoprsuvz"), int(rng.integers(5, 8))))


def _answered(*rows, one_of):
    """These, and four times one of those that `one_of` makes of three such words: which, is not known beforehand."""

    def cases(rng):
        choices = [one_of(_word(rng), _word(rng), _word(rng)) for _ in range(4)]
        return [case(*row) for row in (*rows, *(each[rng.integers(len(each))] for each in choices))]

    return cases


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
                    ("mp3_player", ["mp3player"]),
                    ("mill of the king", ["mill of king"]),
                    one_of=lambda a, b, c: ((f"The {a}, {b}.", [f"{a} {b.upper()}"]), (f"A {a}.", [f"the {c} {b}!"])),
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
                    one_of=lambda a, b, c: ((f"{a} {b}", [f"{a} {b} {c}"]), (f"{a} {b} {c}", [f"{c} {a} {c} {c}"])),
                ),
                run=_pair,
                tolerance=1e-6,  # float32 is near enough, four digits are not
            ),  # fmt: skip
            Property(
                "of several right answers the best counts",
                1,
                _answered(
                    ("May", ["in May", "May"]),
                    ("May", ["May", "in May"]),
                    ("in May", ["May June", "in May 1999", "May"]),
                    ("harbour", ["old harbour", "harbour wall of stone"]),
                    ("old mill", ["mill old", "old mill"]),  # the same F1, and one is exact
                    one_of=lambda a, b, c: ((a, [f"{a} {b}", f"{c} {a} {b}"]), (f"{a} {b}", [c, f"{a} {b}"])),
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
                    ("“old”", ["old"]),  # normalise_answer takes out ASCII punctuation alone
                    ("São Tomé", ["Sao Tome"]),
                    ("Orléans", ["Orlans"]),
                    ("Straße", ["Strasse"]),
                    ("May", ["June", "in May"]),
                    one_of=lambda a, b, c: ((a, [b]), (f"{a} {b}", [f"{c} {b}"])),
                ),
                run=_pair,
            ),  # fmt: skip
            Property(
                "declining is right where there is no answer, and only there",
                1,
                _answered(
                    *(("in May", ["May"]), ("", ["May"]), ("", []), ("May", []), ("", [""]), ("May", [""])),
                    one_of=lambda a, b, c: ((a, [""]), ("", [f"{b} {c}"]), ("", [""]), (f"{a} {b}", [a])),
                ),
                run=_pair,
            ),
            Property(
                "a gold of which nothing is left does not count beside others",
                1,
                _answered(
                    ("", ["", "May"]),
                    ("", ["the", "May"]),
                    ("", ["the"]),
                    ("May", ["", "May"]),
                    ("a", []),
                    ("the May", ["", "the mat"]),
                    ("an oar", ["", "an ear"]),
                    ("theatre", ["", "atre"]),
                    one_of=lambda a, b, c: ((a, ["", a]), ("the", ["", a]), ("", ["the"]), (f"{a} {b}", ["", a])),
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
            *(
                Mistake(f"only the {which} right answer is looked at", wrong)
                for which, one in (("first", lambda scores: scores[0]), ("last", lambda scores: scores[-1]))
                for wrong in (_score_with(best=one), _score_with(best_exact=one), _score_with(best=one, best_exact=max))
            ),
            Mistake("the scores of all right answers are added: the best counts", _score_with(best=sum)),
            Mistake(
                "letters with accents are changed or lost: normalise_answer leaves them as they are",
                _score_with(_normal(_without_accents, normalise_answer)),
            ),
            Mistake(
                "letters with accents are changed or lost: normalise_answer leaves them as they are",
                _score_with(_normal(_ascii, normalise_answer)),
            ),
            Mistake(
                "ß becomes ss by casefold: normalise_answer takes lower",
                _score_with(_normal(str.casefold, normalise_answer)),
            ),
            Mistake(
                "articles are taken out at the beginning only: within an answer too",
                _score_with(_normal(_lower, _no_punctuation, lambda t: re.sub(r"^\s*(a|an|the)\b", " ", t))),
            ),
            Mistake(
                "articles go before punctuation, and the A of U.S.A. is taken for one: punctuation first",
                _score_with(_normal(_lower, _no_articles, _no_punctuation)),
            ),
            Mistake(
                "other punctuation than normalise_answer's is taken out, such as “ and ”: normalise with that",
                _score_with(_normal(_lower, lambda t: re.sub(r"[^\w\s]", "", t), _no_articles)),
            ),
            *(
                Mistake(f"only the {side} is normalised: both must be", wrong)
                for side, wrong in (("right answer", _one_side(given=True)), ("answer given", _one_side(gold=True)))
            ),
            Mistake(
                "the exact match is that of the right answer with the best F1: each of the two scores has its own best",
                _exact_of_the_likest,
            ),
            *(
                Mistake("the mean over the right answers: the best counts", _score_with(best=f1, best_exact=exact))
                for exact, f1 in ((np.mean, np.mean), (max, np.mean), (np.mean, max))
            ),
            Mistake("the worst of the right answers: the best counts", _score_with(best=min)),
            Mistake(
                "all right answers are joined to one: compare with each",
                _score_with(kept=lambda golds: [" ".join(golds)]),
            ),  # fmt: skip
            Mistake("this is precision: F1 weighs it with recall", _score_with(f1=overlaps.precision)),
            Mistake("this is recall: F1 weighs it with precision", _score_with(f1=overlaps.recall)),
            Mistake(
                "the plain mean of precision and recall: F1 is their harmonic mean",
                _score_with(f1=overlaps.mean_of_both),
            ),
            Mistake(
                "the root of precision times recall: F1 is their harmonic mean, 2PR / (P + R)",
                _score_with(f1=lambda given, gold: overlaps.product(given, gold) ** 0.5),
            ),
            Mistake("precision times recall: F1 is 2PR / (P + R)", _score_with(f1=overlaps.product)),
            Mistake("2PR / (P + R) without the 2", _score_with(f1=lambda given, gold: overlaps.f1(given, gold) / 2)),
            Mistake("shared words over all words (Jaccard): F1 is 2PR / (P + R)", _score_with(f1=overlaps.jaccard)),
            Mistake("divided by the longer of the two: F1 is 2PR / (P + R)", _score_with(f1=overlaps.accuracy)),
            *(
                Mistake("words that come twice are counted once: count them, do not take sets", _score_with(f1=wrong))
                for wrong in (overlaps.sets, overlaps.set_overlap)
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
            Mistake(
                "the scores are texts: two numbers are asked for, exact match and F1",
                lambda p, golds: tuple(map(str, exact_match_and_f1(p, golds))),
            ),
            Mistake("one result came back: two are asked for, as in `return exact, f1`", lambda p, golds: 0.5),
            Mistake(
                "two numbers are asked for, exact match and F1: one pair for all golds, not one for each",
                lambda p, golds: [exact_match_and_f1(p, [gold]) for gold in golds or [""]],
            ),
            *(
                Mistake(
                    "rounded: give the numbers as they are",
                    lambda p, golds, digits=digits: tuple(round(s, digits) for s in exact_match_and_f1(p, golds)),
                )
                for digits in (1, 2, 3, 4, 5)
            ),
            Mistake(
                "the brackets are missing: 2PR / P + R is (2PR / P) + R",
                _score_with(f1=overlaps.without_brackets),
            ),
            Mistake(
                "the brackets are missing: what stands after a + is not divided by",
                _score_with(f1=overlaps.lengths_without_brackets),
            ),
            Mistake(
                "words are compared place by place: they are shared wherever they stand",
                _score_with(f1=overlaps.in_their_places),
            ),
            *(
                Mistake(
                    "the order of the words is not compared: an exact match has the same words in the same order", wrong
                )
                for wrong in (
                    _score_with(exact=lambda given, gold: float(sorted(given) == sorted(gold))),
                    _score_with(exact=lambda given, gold: float(set(given) == set(gold))),
                )
            ),
            Mistake(
                "an empty answer is counted wrong at once: it is right where there is no right answer",
                lambda p, golds: exact_match_and_f1(p, golds) if p else (0.0, 0.0),
            ),
            Mistake(
                "an empty answer is counted right at once: it is right only where there is no right answer",
                lambda p, golds: exact_match_and_f1(p, golds) if p else (1.0, 1.0),
            ),
            Mistake(
                "a word that the gold has twice is found twice in an answer that has it once: count with "
                "Counter(…) & Counter(…)",
                _score_with(f1=overlaps.any_words_of_gold),
            ),
            Mistake(
                "a word said twice is found twice in a gold that has it once: count with Counter(…) & Counter(…)",
                _score_with(f1=overlaps.any_words),
            ),
            *(
                Mistake(
                    "nothing is given, or nothing was asked for: there are no words, and nothing may be divided by 0",
                    wrong,
                )
                for wrong in (
                    _score_with(f1=overlaps.zero_where_none_is_shared),
                    _score_with(f1=overlaps.zero_where_none_is_shared, kept=list),
                    lambda p, golds: (
                        _score_with(f1=overlaps.zero_where_none_is_shared, kept=list)(p, golds) if golds else (0, 0)
                    ),
                )
            ),
            *(
                Mistake("no word is shared: F1 is 0, and nothing may be divided by 0", _score_with(f1=wrong))
                for wrong in (overlaps.by_formula, lambda a, b: overlaps.by_formula(a, b) if a and b else float(a == b))
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
                "nothing given and nothing asked for is right: F1 is 1 there, not 0",
                _score_with(f1=overlaps.none_is_zero),
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
            *(
                Mistake("without a right answer, declining is right: (1, 1) for an answer that is empty", wrong)
                for wrong in (
                    lambda p, golds: exact_match_and_f1(p, golds) if any(golds) else (0.0, 0.0),
                    lambda p, golds: exact_match_and_f1(p, golds) if any(map(normalise_answer, golds)) else (0.0, 0.0),
                )
            ),
            *(
                Mistake("golds of which nothing is left are no right answers, so that declining is right", wrong)
                for wrong in (
                    lambda p, golds: exact_match_and_f1(p, golds) if p else (float(not any(golds)),) * 2,
                    lambda p, golds: exact_match_and_f1(p, golds) if p else (float(not golds),) * 2,
                )
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
                    *(
                        _score_with(exact=e)
                        for e in (overlaps.contains, overlaps.contained, overlaps.either_way, overlaps.words_within)
                    ),
                    *(_score_with(exact=e, f1=e) for e in (overlaps.contains, overlaps.contained, overlaps.either_way)),
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
