"""What goes wrong in entity_f1: the scores with one of their steps done in another way."""

from collections import Counter
from itertools import takewhile

import numpy as np

from utils.checks.frame import Mistake
from utils.tasks.labels import decode_bio, entity_f1


def _from_counts(right, claimed, wanted, unguarded=()):
    """The scores; those in `unguarded` divide by 0."""

    def share(key, part, whole):
        return part / whole if whole or key in unguarded else 0.0

    precision, recall = share("precision", right, claimed), share("recall", right, wanted)
    f1 = share("f1", 2 * precision * recall, precision + recall)
    return {"precision": precision, "recall": recall, "f1": f1}


def _counted(match, unguarded=()):
    """`entity_f1` with another rule for what is right: match(gold entities, predicted entities) -> their number."""

    def score(gold, predicted):
        pairs = [(decode_bio(g), decode_bio(p)) for g, p in zip(gold, predicted, strict=True)]
        right = sum(match(g, p) for g, p in pairs)
        return _from_counts(right, sum(len(p) for _, p in pairs), sum(len(g) for g, _ in pairs), unguarded)

    return score


def _same_part(part):
    return _counted(lambda g, p: len({part(e) for e in g} & {part(e) for e in p}))


def _overlap(g, p):
    return sum(any(a == x and b < z and y < c for x, y, z in g) for a, b, c in p)


def _by_words(gold, predicted):
    pairs = [(g, p) for a, b in zip(gold, predicted, strict=True) for g, p in zip(a, b, strict=True)]
    right = sum(g == p != "O" for g, p in pairs)
    return _from_counts(right, sum(p != "O" for _, p in pairs), sum(g != "O" for g, _ in pairs))


def _accuracy(gold, predicted):
    pairs = [(g, p) for a, b in zip(gold, predicted, strict=True) for g, p in zip(a, b, strict=True)]
    share = sum(g == p for g, p in pairs) / len(pairs)
    return {"precision": share, "recall": share, "f1": share}


def _joined(gold, predicted):
    return entity_f1([sum(map(list, gold), [])], [sum(map(list, predicted), [])])


def _one_set(gold, predicted):
    a, b = ({e for labels in side for e in decode_bio(labels)} for side in (gold, predicted))
    return _from_counts(len(a & b), len(b), len(a))


def _sentences(gold, predicted):
    right = sum(set(decode_bio(g)) == set(decode_bio(p)) for g, p in zip(gold, predicted, strict=True))
    return _from_counts(right, len(predicted), len(gold))


def _mean_of(groups):
    def score(gold, predicted):
        found = [entity_f1(g, p) for g, p in groups(gold, predicted)]
        return {key: float(np.mean([f[key] for f in found])) for key in ("precision", "recall", "f1")}

    return score


def _types(gold, predicted):
    kinds = sorted({label[2:] for labels in gold for label in labels if label != "O"}) or [""]
    for kind in kinds:
        yield [
            [[label if label[2:] == kind else "O" for label in labels] for labels in side] for side in (gold, predicted)
        ]


def _changed(change):
    return lambda gold, predicted: change(entity_f1(gold, predicted))


def _nothing_is_perfect(gold, predicted):
    scores = entity_f1(gold, predicted)
    empty = not any(decode_bio(labels) for labels in predicted)
    return dict.fromkeys(scores, 1.0) if empty else scores


_PERFECT = dict.fromkeys(("precision", "recall", "f1"), 1.0)


def _any(side):
    return any(decode_bio(labels) for labels in side)


def _share_of_nothing(*perfect):
    """`entity_f1` in which these are 1 where they are a share of nothing."""

    def score(gold, predicted):
        found = entity_f1(gold, predicted)
        sides = {"precision": predicted, "recall": gold}
        found |= {key: 1.0 for key in perfect if not _any(sides[key])}
        total = found["precision"] + found["recall"]
        return found | {"f1": 2 * found["precision"] * found["recall"] / total if total else 0.0}

    return score


def _without_brackets(scores):
    p, r = scores["precision"], scores["recall"]
    return {**scores, "f1": 2 * p * r / p + r if p else 0.0}


def _whole(scores):
    p, r = float(int(scores["precision"])), float(int(scores["recall"]))
    return {"precision": p, "recall": r, "f1": 2 * p * r / (p + r) if p + r else 0.0}


def _passes_over(side):
    """`entity_f1` without the sentences in which one side, 0 for gold and 1 for predicted, has no entity."""

    def score(gold, predicted):
        kept = [pair for pair in zip(gold, predicted, strict=True) if decode_bio(pair[side])]
        return entity_f1([g for g, _ in kept], [p for _, p in kept])

    return score


def _divides_by_nothing(*unguarded):
    return _counted(lambda g, p: len(set(g) & set(p)), unguarded)


def _pooled(match):
    """`entity_f1` of all sentences' entities in one list: match(gold, predicted) -> how many are right."""

    def score(gold, predicted):
        g, p = ([e for labels in side for e in decode_bio(labels)] for side in (gold, predicted))
        return _from_counts(match(g, p), len(p), len(g))

    return score


def _up_to_the_first(without, found=entity_f1):
    """`entity_f1` up to the first sentence that is `without`: (gold entities, predicted ones) -> bool."""

    def score(gold, predicted):
        pairs = list(zip(gold, predicted, strict=True))
        kept = list(takewhile(lambda pair: not without(*map(decode_bio, pair)), pairs))
        scores = entity_f1 if len(kept) == len(pairs) else found
        return scores([g for g, _ in kept], [p for _, p in kept])

    return score


def _zeros(gold, predicted):
    return dict.fromkeys(_PERFECT, 0.0)


def _with_more(small, in_f1):
    """The scores with a small number in their denominators, in that of F1 too or not."""

    def score(gold, predicted):
        pairs = [(set(decode_bio(g)), set(decode_bio(p))) for g, p in zip(gold, predicted, strict=True)]
        right = sum(len(g & p) for g, p in pairs)
        precision = right / (sum(len(p) for _, p in pairs) + small)
        recall = right / (sum(len(g) for g, _ in pairs) + small)
        below = precision + recall + (small if in_f1 else 0)
        return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / below if below else 0.0}

    return score


def _harmonic(precision, recall):
    total = precision + recall
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / total if total else 0.0}


def _f1_of_means(gold, predicted):
    found = [entity_f1([g], [p]) for g, p in zip(gold, predicted, strict=True)]
    return _harmonic(*(sum(f[key] for f in found) / max(len(found), 1) for key in ("precision", "recall")))


def _by_the_wrong_ones(guarded):
    """Precision and recall divide by those that are wrong, or missed, alone."""

    def score(gold, predicted):
        pairs = [(set(decode_bio(g)), set(decode_bio(p))) for g, p in zip(gold, predicted, strict=True)]
        right, wrong, missed = (sum(map(len, s)) for s in zip(*((g & p, p - g, g - p) for g, p in pairs), strict=True))
        return _harmonic(*(0.0 if guarded and not whole else right / whole for whole in (wrong, missed)))

    return score


def _by_union(gold, predicted):
    pairs = [(set(decode_bio(g)), set(decode_bio(p))) for g, p in zip(gold, predicted, strict=True)]
    either = sum(len(g | p) for g, p in pairs)
    return dict.fromkeys(_PERFECT, sum(len(g & p) for g, p in pairs) / either if either else 0.0)


def _each_pair_once(gold, predicted):
    pairs = dict.fromkeys((tuple(g), tuple(p)) for g, p in zip(gold, predicted, strict=True))
    return entity_f1(*([list(pair[n]) for pair in pairs] for n in (0, 1)))


def _by_a_dictionary(gold, predicted):
    found = dict(zip(map(tuple, gold), predicted, strict=True))
    return entity_f1(gold, [found[tuple(g)] for g in gold])


MISTAKES = (
    Mistake("words are counted, not entities: compare what decode_bio gives", _by_words),
    Mistake(
        "of equal sentences all are compared with the prediction of the first: index finds that one; use zip",
        lambda gold, predicted: entity_f1(gold, [predicted[gold.index(g)] for g in gold]),
    ),
    Mistake("this is the accuracy of words: compare what decode_bio gives", _accuracy),
    Mistake(
        "precision is divided by the number of gold entities: divide by that of the predicted ones",
        _changed(lambda s: {**s, "precision": s["recall"]}),
    ),
    Mistake(
        "recall is divided by the number of predicted entities: divide by that of the gold ones",
        _changed(lambda s: {**s, "recall": s["precision"]}),
    ),
    Mistake(
        "the average of precision and recall is not F1: take the harmonic mean",
        _changed(lambda s: {**s, "f1": (s["precision"] + s["recall"]) / 2}),
    ),
    Mistake(
        "F1 is half of what it should be: a factor 2 is missing",
        _changed(lambda s: {**s, "f1": s["f1"] / 2}),
    ),
    Mistake(
        "F1 is their geometric mean: take the harmonic one",
        _changed(lambda s: {**s, "f1": float(np.sqrt(s["precision"] * s["recall"]))}),
    ),
    Mistake(
        "each sentence is scored alone and the scores averaged: count over all sentences, divide once",
        _mean_of(lambda gold, predicted: [([g], [p]) for g, p in zip(gold, predicted, strict=True)]),
    ),
    Mistake(
        "each type is scored alone and the scores averaged: count all types together",
        _mean_of(_types),
    ),
    Mistake(
        "the type is not compared: an entity is right where its type, beginning and end are",
        _same_part(lambda e: e[1:]),
    ),
    Mistake(
        "the end is not compared: an entity is right where its type, beginning and end are",
        _same_part(lambda e: e[:2]),
    ),
    Mistake(
        "the beginning is not compared: an entity is right where its type, beginning and end are",
        _same_part(lambda e: (e[0], e[2])),
    ),
    Mistake(
        "an entity that is met in part counts as right: all of it must be",
        _counted(_overlap),
    ),
    Mistake(
        "at most one entity a sentence counts as right: count all that both sides have",
        _counted(lambda g, p: bool(set(g) & set(p))),
    ),
    Mistake("sentences are counted, not entities: compare what decode_bio gives, one by one", _sentences),
    Mistake(
        "sentences without gold entities are passed over: what is predicted there is wrong, and counts",
        _passes_over(0),
    ),
    Mistake(
        "sentences without predicted entities are passed over: what was missed there counts",
        _passes_over(1),
    ),
    Mistake(
        "entities of different sentences fall together in one set: count each sentence's, then add",
        _one_set,
    ),
    Mistake(
        "the sentences are joined to one, and entities run across their borders: decode each by itself",
        _joined,
    ),
    Mistake(
        "per cent came back: scores lie between 0 and 1",
        _changed(lambda s: {key: 100 * value for key, value in s.items()}),
    ),
    Mistake("nothing predicted counts as perfect: where a share is of nothing, it is 0", _nothing_is_perfect),
    *(
        Mistake("a share of nothing counts as perfect: it is 0", wrong)
        for wrong in (
            lambda gold, predicted: entity_f1(gold, predicted) if gold else _PERFECT,
            lambda gold, predicted: entity_f1(gold, predicted) if _any(gold) or _any(predicted) else _PERFECT,
            _share_of_nothing("precision"),
            _share_of_nothing("recall"),
            _share_of_nothing("precision", "recall"),
        )
    ),
    Mistake(
        "entities are compared in pairs, first with first: after one that is missed nothing fits; take sets",
        _counted(lambda g, p: sum(a == b for a, b in zip(g, p, strict=False))),
    ),
    Mistake(
        "the brackets: 2 · precision · recall / precision + recall divides by precision alone",
        _changed(_without_brackets),
    ),
    Mistake(
        "precision times recall is not F1: take the harmonic mean",
        _changed(lambda s: {**s, "f1": s["precision"] * s["recall"]}),
    ),
    Mistake(
        "// leaves whole numbers only: a share is divided with /",
        _changed(_whole),
    ),
    *(
        Mistake(
            "rounded: give the numbers as they are",
            _changed(lambda s, digits=digits: {key: round(value, digits) for key, value in s.items()}),
        )
        for digits in (2, 3, 4, 5)
    ),
    Mistake(
        "only the first sentence is looked at: is the `return` inside the loop?",
        lambda gold, predicted: entity_f1(gold[:1], predicted[:1]),
    ),
    Mistake(
        "only the last sentence counts: set the counts to 0 before the loop, not inside",
        lambda gold, predicted: entity_f1(gold[-1:], predicted[-1:]),
    ),
    Mistake(
        "nothing is right: precision + recall is 0, and F1 is divided by it; give 0 there",
        _divides_by_nothing("f1"),
    ),
    Mistake(
        "nothing is predicted: precision is divided by 0; give 0 there",
        _divides_by_nothing("precision"),
    ),
    Mistake(
        "nothing is there to find: recall is divided by 0; give 0 there",
        _divides_by_nothing("recall"),
    ),
    Mistake(
        "nothing is predicted, or nothing is there to find: precision or recall is divided by 0; give 0 there",
        _divides_by_nothing("precision", "recall"),
    ),
    *(
        Mistake(
            "all sentences' entities lie in one list, so that one is right by what stands in another sentence: compare "
            "each sentence's by themselves",
            _pooled(match),
        )
        for match in (
            lambda g, p: sum((Counter(g) & Counter(p)).values()),
            lambda g, p: sum(e in g for e in p),
            lambda g, p: sum(e in p for e in g),
            lambda g, p: sum(a == b for a, b in zip(g, p, strict=False)),
        )
    ),
    *(
        Mistake(
            "it stops at the first sentence without entities, by break or return: go on with the next, by continue",
            _up_to_the_first(without, found),
        )
        for without in (
            lambda g, p: not g and not p,
            lambda g, p: not g,
            lambda g, p: not p,
            lambda g, p: not g or not p,
        )
        for found in (entity_f1, _zeros)
    ),
    *(
        Mistake(
            "a small number is added to what is divided by, and all shares are too small: divide by the count itself, "
            "and give 0 where it is 0",
            _with_more(small, in_f1),
        )
        for small in (1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1)
        for in_f1 in (True, False)
    ),
    Mistake(
        "each sentence is scored alone and the scores averaged: count over all sentences, divide once",
        _f1_of_means,
    ),
    *(
        Mistake(
            "divided by the wrong ones alone: precision is right / (right + wrong), recall right / (right + missed)",
            _by_the_wrong_ones(guarded),
        )
        for guarded in (True, False)
    ),
    *(
        Mistake("what is right lies in both sets: that is a & b, not a | b, `a and b` or `a or b`", _counted(match))
        for match in (
            lambda g, p: len(set(g) | set(p)),
            lambda g, p: len(g and p),
            lambda g, p: len(p and g),
            lambda g, p: len(g or p),
            lambda g, p: len(p or g),
        )
    ),
    Mistake(
        "an entity counts as right only where all of its sentence is: compare what decode_bio gives, one by one",
        _counted(lambda g, p: len(set(g)) if set(g) == set(p) else 0),
    ),
    Mistake(
        "divided by what either side has: precision divides by the predicted entities, recall by the gold", _by_union
    ),
    Mistake(
        "F1 is the smaller of precision and recall: take the harmonic mean",
        _changed(lambda s: {**s, "f1": min(s["precision"], s["recall"])}),
    ),
    Mistake(
        "the last sentence is left out: go through all of them",
        lambda gold, predicted: entity_f1(gold[:-1], predicted[:-1]),
    ),
    Mistake(
        "equal sentences are counted once: go through the lists themselves, not through a set of them",
        _each_pair_once,
    ),
    Mistake(
        "of equal sentences all are compared with the prediction of the last: a dictionary keeps that one; use zip",
        _by_a_dictionary,
    ),
)
