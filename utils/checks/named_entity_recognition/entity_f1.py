"""The exercise entity_f1: what must hold, and what each mistake looks like."""

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.guard import Crash
from utils.checks.named_entity_recognition.shared import KINDS, NOTEBOOK, proper, random_labels
from utils.tasks.labels import decode_bio, entity_f1


def _scores(answer, gold, predicted):
    found = answer(gold, predicted)
    if found is not None and not hasattr(found, "keys"):
        what = type(found).__name__
        return Crash("type", f"a dictionary with the keys precision, recall and f1 is asked for, not of type {what}")
    values = [] if found is None else list(found.values())
    if any(isinstance(found.get(key), str) for key in ("precision", "recall", "f1")) if found else False:
        return Crash("texts", "the scores are texts: numbers are asked for")
    for key, value in found.items() if found else ():
        if value is not None and (isinstance(value, str) or not _can_be_shown(value)):
            what = type(value).__name__
            return Crash(
                "no number", f"the entry {key!r} is of type {what}: a cell below prints each entry as a number"
            )
    if any(value is None or np.any(np.isnan(np.asarray(value, "float64"))) for value in values):
        return Crash("nan", "a share of nothing is None or NaN here: give 0")
    return found


def _can_be_shown(value):
    """Whether a cell can print it with two digits."""
    try:
        format(value, ".2f")
    except (TypeError, ValueError):
        return False
    return True


def _score(key):
    def run(answer, gold, predicted):
        found = _scores(answer, gold, predicted)
        return found if isinstance(found, Crash) else np.float64(found[key])

    return run


def _all_scores(answer, gold, predicted):
    found = _scores(answer, gold, predicted)
    if isinstance(found, Crash):
        return found
    return np.array([found[key] for key in ("precision", "recall", "f1")], "float64")


def _sides(*pairs):
    return case(*([text.split() for text in side] for side in zip(*pairs, strict=True)))


def _random_sides(rng, sizes):
    gold = [proper(rng, size) for size in sizes]
    predicted = []
    for labels in gold:
        other = random_labels(rng, len(labels), KINDS[:3], 0.5)
        change = rng.random(len(labels)) < 0.3
        predicted.append([o if c else g for g, o, c in zip(labels, other, change, strict=True)])
    return case([*gold, ["O", "B-LOC"]], [*predicted, ["O", "B-LOC"]])


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


def _cases_of_scores(rng):
    """In each something is right, so that nothing is divided by 0."""
    return [
        _sides(("O B-PER O B-LOC", "O B-PER O O")),
        _sides(("B-PER I-PER O B-LOC O", "B-PER O O B-LOC B-ORG"), ("B-DATE O B-PER", "B-DATE O B-LOC")),
        _sides(("O B-PER", "O B-PER"), ("B-LOC O", "I-LOC O"), ("O B-PER", "O B-PER"), ("O O B-LOC", "B-PER B-PER O")),
        _sides(("O B-PER", "O B-PER"), ("I-PER O B-LOC", "I-PER O O")),
        _sides(("B-PER O", "B-PER O"), ("B-PER O", "O O"), ("B-PER O", "O B-PER")),  # one sentence, read three ways
        _sides(("O B-PER", "O B-PER"), ("O O", "O B-LOC"), ("B-LOC O B-ORG", "O O O")),
        _sides(("B-PER I-PER I-PER O B-LOC I-LOC", "O B-PER O O O B-LOC"), ("B-ORG I-ORG B-PER", "B-ORG O B-PER")),
        _random_sides(rng, (6, 9, 4)),
        _random_sides(rng, (8, 5, 7, 10)),
    ]


EXACT = 1e-6  # a share in float32 is near enough, one of four digits is not


register(
    Exercise(
        name="entity_f1",
        notebook=NOTEBOOK,
        reference=entity_f1,
        properties=(
            Property(
                "precision: of the predicted entities, how many are right",
                2,
                _cases_of_scores,
                _score("precision"),
                tolerance=EXACT,
            ),
            Property(
                "recall: of the gold entities, how many were found",
                2,
                _cases_of_scores,
                _score("recall"),
                tolerance=EXACT,
            ),
            Property("f1: the harmonic mean of both", 1, _cases_of_scores, _all_scores, tolerance=EXACT),
            Property(
                "0 where nothing is right, nothing is predicted, nothing is there to find",
                1,
                lambda rng: [
                    _sides(("B-PER O", "B-PER O")),
                    _sides(("B-PER O", "O B-PER")),
                    _sides(("B-PER O", "O O")),
                    _sides(("O O", "B-PER O")),
                    _sides(("O O", "O O")),
                    case([], []),
                ],
                _all_scores,
            ),
        ),
        mistakes=(
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
        ),
        hints=(
            "For each sentence, decode both sides into sets of entities. What is right lies in both sets.",
            "Three counts over all sentences: right, predicted, gold. Precision and recall are two divisions.",
            "F1 = 2 · precision · recall / (precision + recall). Mind the three places where you may divide by 0.",
        ),
    )
)
