"""Wrong answers to entity_f1."""

from collections import Counter

import numpy as np

from tests.mutants.named_entity_recognition.shared import right_entities


def found(labels):
    return set(right_entities(list(labels)))


def harmonic(p, r):
    return 2 * p * r / (p + r) if p + r > 0 else 0.0


def shares(right, predicted, gold):
    p = right / predicted if predicted else 0.0
    r = right / gold if gold else 0.0
    return p, r, harmonic(p, r)


def as_dictionary(scores):
    return dict(zip(("precision", "recall", "f1"), scores, strict=True))


def counts(gold, predicted):
    right = sum(len(found(g) & found(p)) for g, p in zip(gold, predicted, strict=True))
    return right, sum(len(found(p)) for p in predicted), sum(len(found(g)) for g in gold)


def words_counted(gold, predicted):
    g, p = sum(gold, []), sum(predicted, [])
    right = sum(a == b and a != "O" for a, b in zip(g, p, strict=True))
    return as_dictionary(shares(right, sum(b != "O" for b in p), sum(a != "O" for a in g)))


def accuracy(gold, predicted):
    g, p = np.array(sum(gold, [])), np.array(sum(predicted, []))
    return dict.fromkeys(("precision", "recall", "f1"), np.mean(g == p))


def swapped(gold, predicted):
    p, r, f = shares(*counts(gold, predicted))
    return {"precision": r, "recall": p, "f1": f}


def recall_twice(gold, predicted):
    p, r, f = shares(*counts(gold, predicted))
    return {"precision": r, "recall": r, "f1": f}


def precision_twice(gold, predicted):
    p, r, f = shares(*counts(gold, predicted))
    return {"precision": p, "recall": p, "f1": f}


def plain_mean(gold, predicted):
    p, r, f = shares(*counts(gold, predicted))
    return {"precision": p, "recall": r, "f1": (p + r) / 2}


def without_the_two(gold, predicted):
    p, r, f = shares(*counts(gold, predicted))
    return {"precision": p, "recall": r, "f1": p * r / (p + r) if p + r else 0.0}


def root(gold, predicted):
    p, r, f = shares(*counts(gold, predicted))
    return {"precision": p, "recall": r, "f1": np.sqrt(p * r)}


def mean_over_sentences(gold, predicted):
    each = [shares(*counts([g], [p])) for g, p in zip(gold, predicted, strict=True)]
    return as_dictionary(np.mean(each, axis=0))


def mean_over_types(gold, predicted):
    kinds = {e[0] for g in gold for e in found(g)}
    each = []
    for kind in kinds:
        pairs = [({e for e in found(g) if e[0] == kind}, {e for e in found(p) if e[0] == kind})
                 for g, p in zip(gold, predicted, strict=True)]  # fmt: skip
        each.append(
            shares(sum(len(a & b) for a, b in pairs), sum(len(b) for _, b in pairs), sum(len(a) for a, _ in pairs))
        )
    return as_dictionary(np.mean(each, axis=0) if each else (0.0, 0.0, 0.0))


def compared_by(part):
    def score(gold, predicted):
        right = sum(
            len({part(e) for e in found(g)} & {part(e) for e in found(p)}) for g, p in zip(gold, predicted, strict=True)
        )
        return as_dictionary(shares(right, *counts(gold, predicted)[1:]))

    return score


def no_types(gold, predicted):
    return compared_by(lambda e: (e[1], e[2]))(gold, predicted)


def no_ends(gold, predicted):
    return compared_by(lambda e: (e[0], e[1]))(gold, predicted)


def no_beginnings(gold, predicted):
    return compared_by(lambda e: (e[0], e[2]))(gold, predicted)


def partly(gold, predicted):
    right = 0
    for g, p in zip(gold, predicted, strict=True):
        for kind, first, last in found(p):
            right += any(kind == k and first < b and a < last for k, a, b in found(g))
    return as_dictionary(shares(right, *counts(gold, predicted)[1:]))


def one_big_set(gold, predicted):
    g, p = set().union(*map(found, gold)), set().union(*map(found, predicted))
    return as_dictionary(shares(len(g & p), len(p), len(g)))


def one_long_sentence(gold, predicted):
    return as_dictionary(shares(*counts([sum(gold, [])], [sum(predicted, [])])))


def per_cent(gold, predicted):
    return as_dictionary(tuple(100 * s for s in shares(*counts(gold, predicted))))


def nothing_is_right(gold, predicted):
    right, claimed, wanted = counts(gold, predicted)
    return as_dictionary(shares(right, claimed, wanted) if claimed else (1.0, 1.0, 1.0))


def divides_by_nothing(gold, predicted):
    right, claimed, wanted = counts(gold, predicted)
    p, r = right / claimed, right / wanted
    return as_dictionary((p, r, 2 * p * r / (p + r)))


def divides_where_nothing_is_right(gold, predicted):
    right, claimed, wanted = counts(gold, predicted)
    p, r = right / claimed if claimed else 0.0, right / wanted if wanted else 0.0
    return as_dictionary((p, r, 2 * p * r / (p + r)))


def divides_by_no_prediction(gold, predicted):
    right, claimed, wanted = counts(gold, predicted)
    p, r = right / claimed, right / max(wanted, 1)
    return as_dictionary((p, r, harmonic(p, r)))


def divides_by_no_gold(gold, predicted):
    right, claimed, wanted = counts(gold, predicted)
    p, r = right / max(claimed, 1), right / wanted
    return as_dictionary((p, r, harmonic(p, r)))


def guards_f1_only(gold, predicted):
    right, claimed, wanted = counts(gold, predicted)
    p, r = right / claimed, right / wanted
    return as_dictionary((p, r, harmonic(p, r)))


def three_numbers(gold, predicted):
    return shares(*counts(gold, predicted))


def f1_alone(gold, predicted):
    return shares(*counts(gold, predicted))[2]


def other_names(gold, predicted):
    p, r, f = shares(*counts(gold, predicted))
    return {"precision": p, "recall": r, "F1": f}


def correct_is_one_list(gold, predicted):
    right = sum(
        len([e for e in right_entities(p) if e in right_entities(g)]) > 0 for g, p in zip(gold, predicted, strict=True)
    )
    return as_dictionary(shares(right, *counts(gold, predicted)[1:]))


def true_positives_once(gold, predicted):
    right = sum(found(g) == found(p) for g, p in zip(gold, predicted, strict=True))
    return as_dictionary(shares(right, len(predicted), len(gold)))


def totals(pairs):
    right = sum(len(g & p) for g, p in pairs)
    return as_dictionary(shares(right, sum(len(p) for _, p in pairs), sum(len(g) for g, _ in pairs)))


def without_empty_gold(gold, predicted):
    return totals([(found(g), found(p)) for g, p in zip(gold, predicted, strict=True) if found(g)])


def without_empty_predictions(gold, predicted):
    pairs = []
    for i in range(len(predicted)):
        p = found(predicted[i])
        if not p:
            continue
        pairs.append((found(gold[i]), p))
    return totals(pairs)


def decodes_in_place(gold, predicted):
    for i in range(len(gold)):
        gold[i], predicted[i] = found(gold[i]), found(predicted[i])
    return totals(list(zip(gold, predicted, strict=True)))


def perfect_without_sentences(gold, predicted):
    return as_dictionary(shares(*counts(gold, predicted)) if len(gold) else (1.0, 1.0, 1.0))


def perfect_without_entities(gold, predicted):
    right, claimed, wanted = counts(gold, predicted)
    return as_dictionary(shares(right, claimed, wanted) if claimed or wanted else (1.0, 1.0, 1.0))


def precision_of_nothing_is_one(gold, predicted):
    right, claimed, wanted = counts(gold, predicted)
    p, r = right / claimed if claimed else 1.0, right / wanted if wanted else 0.0
    return as_dictionary((p, r, harmonic(p, r)))


def nothing_is_nan(gold, predicted):
    right, claimed, wanted = counts(gold, predicted)
    p, r = (right / whole if whole else float("nan") for whole in (claimed, wanted))
    return as_dictionary((p, r, harmonic(p, r)))


def scores_as_texts(gold, predicted):
    return {key: str(value) for key, value in as_dictionary(shares(*counts(gold, predicted))).items()}


def scores_rounded(gold, predicted):
    return {key: round(value, 2) for key, value in as_dictionary(shares(*counts(gold, predicted))).items()}


def scores_in_an_array(gold, predicted):
    return np.array(shares(*counts(gold, predicted)))


def entities_in_pairs(gold, predicted):
    right = 0
    for g, p in zip(gold, predicted, strict=True):
        right += sum(a == b for a, b in zip(right_entities(g), right_entities(p), strict=False))
    return as_dictionary(shares(right, *counts(gold, predicted)[1:]))


def without_brackets(gold, predicted):
    p, r, _ = shares(*counts(gold, predicted))
    return as_dictionary((p, r, 2 * p * r / p + r if p else 0.0))


def whole_shares(gold, predicted):
    right, claimed, wanted = counts(gold, predicted)
    p, r = right // max(claimed, 1), right // max(wanted, 1)
    return as_dictionary((p, r, harmonic(p, r)))


def returns_at_once(gold, predicted):
    right = claimed = wanted = 0
    for g, p in zip(gold, predicted, strict=True):
        right, claimed, wanted = right + len(found(g) & found(p)), claimed + len(found(p)), wanted + len(found(g))
        return as_dictionary(shares(right, claimed, wanted))
    return as_dictionary((0.0, 0.0, 0.0))


def counts_set_back(gold, predicted):
    right = claimed = wanted = 0
    for g, p in zip(gold, predicted, strict=True):
        right = claimed = wanted = 0
        right, claimed, wanted = right + len(found(g) & found(p)), claimed + len(found(p)), wanted + len(found(g))
    return as_dictionary(shares(right, claimed, wanted))


def first_of_equal_sentences(gold, predicted):
    right = wanted = claimed = 0
    for g in gold:
        a, b = found(g), found(predicted[gold.index(g)])
        right, wanted, claimed = right + len(a & b), wanted + len(a), claimed + len(b)
    p, r = right / max(claimed, 1), right / max(wanted, 1)
    return {"precision": p, "recall": r, "f1": harmonic(p, r)}


def with_the_counts(gold, predicted):
    right = wanted = claimed = 0
    for g, p in zip(gold, predicted, strict=True):
        right, wanted, claimed = right + len(found(g) & found(p)), wanted + len(found(g)), claimed + len(found(p))
    p, r = right / max(claimed, 1), right / max(wanted, 1)
    return {"precision": p, "recall": r, "f1": harmonic(p, r), "counts": (right, claimed, wanted)}


def scores_of(right, claimed, wanted, small=0.0):
    p = right / (claimed + small) if claimed + small else 0.0
    r = right / (wanted + small) if wanted + small else 0.0
    return {"precision": p, "recall": r, "f1": 2 * p * r / (p + r + small) if p + r else 0.0}


def one_list(gold, predicted):
    all_gold, all_pred = [], []
    for g, p in zip(gold, predicted, strict=True):
        all_gold += right_entities(g)
        all_pred += right_entities(p)
    return scores_of(sum(e in all_gold for e in all_pred), len(all_pred), len(all_gold))


def one_counter(gold, predicted):
    g = Counter(e for labels in gold for e in right_entities(labels))
    p = Counter(e for labels in predicted for e in right_entities(labels))
    return scores_of(sum((g & p).values()), sum(p.values()), sum(g.values()))


def taken_from_one_list(gold, predicted):
    left = [e for labels in gold for e in right_entities(labels)]
    wanted, claimed, right = len(left), 0, 0
    for labels in predicted:
        for e in right_entities(labels):
            claimed += 1
            if e in left:
                left.remove(e)
                right += 1
    return scores_of(right, claimed, wanted)


def lists_side_by_side(gold, predicted):
    g, p = ([e for labels in side for e in right_entities(labels)] for side in (gold, predicted))
    return scores_of(sum(a == b for a, b in zip(g, p, strict=False)), len(p), len(g))


def counting(right=lambda a, b: len(a & b), stop=None, small=0.0, zeros=False):
    def score(gold, predicted):
        tp = claimed = wanted = 0
        for a, b in zip(gold, predicted, strict=True):
            a, b = set(right_entities(a)), set(right_entities(b))
            if stop is not None and stop(a, b):
                if zeros:
                    return {"precision": 0.0, "recall": 0.0, "f1": 0.0}
                break
            tp += right(a, b)
            claimed += len(b)
            wanted += len(a)
        return scores_of(tp, claimed, wanted, small)

    return score


def averaged_first(gold, predicted):
    ps, rs = [0.0] * (not gold), [0.0] * (not gold)
    for a, b in zip(gold, predicted, strict=True):
        a, b = set(right_entities(a)), set(right_entities(b))
        ps.append(len(a & b) / len(b) if b else 0)
        rs.append(len(a & b) / len(a) if a else 0)
    p, r = np.mean(ps), np.mean(rs)
    return {"precision": p, "recall": r, "f1": 2 * p * r / (p + r) if p + r else 0.0}


def wrong_ones(guarded):
    def score(gold, predicted):
        tp = fp = fn = 0
        for a, b in zip(gold, predicted, strict=True):
            a, b = set(right_entities(a)), set(right_entities(b))
            tp, fp, fn = tp + len(a & b), fp + len(b - a), fn + len(a - b)
        p = tp / fp if fp or not guarded else 0.0
        r = tp / fn if fn or not guarded else 0.0
        return {"precision": p, "recall": r, "f1": 2 * p * r / (p + r) if p + r else 0.0}

    return score


def counts_as_a_default(gold, predicted, counts=[0, 0, 0]):  # noqa: B006 - that is the mistake
    for a, b in zip(gold, predicted, strict=True):
        a, b = set(right_entities(a)), set(right_entities(b))
        counts[0] += len(a & b)
        counts[1] += len(b)
        counts[2] += len(a)
    return scores_of(*counts)


def equal_pairs_once(gold, predicted):
    pairs = {(tuple(a), tuple(b)) for a, b in zip(gold, predicted, strict=True)}
    return counting()([a for a, _ in pairs], [b for _, b in pairs])


def by_a_dictionary(gold, predicted):
    found = dict(zip(map(tuple, gold), predicted, strict=True))
    return counting()(gold, [found[tuple(labels)] for labels in gold])


def smaller_of_both(gold, predicted):
    scores = counting()(gold, predicted)
    return scores | {"f1": min(scores["precision"], scores["recall"])}


MUTANTS = [
    (one_list, "all sentences' entities lie in one list"),
    (one_counter, "all sentences' entities lie in one list"),
    (taken_from_one_list, "all sentences' entities lie in one list"),
    (lists_side_by_side, "all sentences' entities lie in one list"),
    (counting(stop=lambda a, b: not a and not b), "it stops at the first sentence without entities"),
    (counting(stop=lambda a, b: not a and not b, zeros=True), "it stops at the first sentence without entities"),
    (counting(stop=lambda a, b: not b), "it stops at the first sentence without entities"),
    (counting(stop=lambda a, b: not a or not b), "it stops at the first sentence without entities"),
    *((counting(small=small), "a small number is added") for small in (1e-7, 1e-6, 1e-5, 1e-4, 1)),
    (averaged_first, "each sentence is scored alone"),
    (wrong_ones(True), "divided by the wrong ones alone"),
    (wrong_ones(False), "divided by the wrong ones alone"),
    (counting(lambda a, b: len(a | b)), "that is a & b"),
    (counting(lambda a, b: len(a or b)), "that is a & b"),
    (counting(lambda a, b: len(a and b)), "that is a & b"),
    (counting(lambda a, b: len(a) if a == b else 0), "only where all of its sentence is"),
    (counts_as_a_default, "what is counted stays from call to call"),
    (equal_pairs_once, "equal sentences are counted once"),
    (by_a_dictionary, "the prediction of the last"),
    (smaller_of_both, "the smaller of precision and recall"),
    (lambda gold, predicted: counting()(gold[:-1], predicted[:-1]), "the last sentence is left out"),
    (first_of_equal_sentences, "of equal sentences"),
    (with_the_counts, "the entry 'counts' is of type tuple"),
    (words_counted, "words are counted"),
    (accuracy, "accuracy of words"),
    (swapped, "precision is divided by the number of gold"),
    (recall_twice, "precision is divided by the number of gold"),
    (precision_twice, "recall is divided by the number of predicted"),
    (plain_mean, "average of precision and recall"),
    (without_the_two, "factor 2"),
    (root, "geometric"),
    (mean_over_sentences, "each sentence is scored alone"),
    (mean_over_types, "each type is scored alone"),
    (no_types, "type is not compared"),
    (no_ends, "end is not compared"),
    (no_beginnings, "beginning is not compared"),
    (partly, "met in part"),
    (one_big_set, "fall together in one set"),
    (one_long_sentence, "run across their borders"),
    (per_cent, "per cent"),
    (nothing_is_right, "counts as perfect"),
    (divides_by_nothing, "nothing is right"),
    (divides_where_nothing_is_right, "nothing is right"),
    (divides_by_no_prediction, "nothing is predicted: precision"),
    (divides_by_no_gold, "nothing is there to find: recall"),
    (guards_f1_only, "nothing is predicted, or nothing is there to find"),
    (perfect_without_sentences, "a share of nothing counts as perfect"),
    (perfect_without_entities, "a share of nothing counts as perfect"),
    (precision_of_nothing_is_one, "a share of nothing counts as perfect"),
    (nothing_is_nan, "None or NaN here"),
    (scores_as_texts, "the scores are texts"),
    (scores_rounded, "rounded"),
    (scores_in_an_array, "a dictionary with the keys"),
    (entities_in_pairs, "compared in pairs"),
    (without_brackets, "the brackets"),
    (whole_shares, "// leaves whole numbers"),
    (returns_at_once, "inside the loop"),
    (counts_set_back, "before the loop"),
    (three_numbers, "a dictionary with the keys"),
    (f1_alone, "a dictionary with the keys"),
    (other_names, "'f1' is missing in the dictionary"),
    (correct_is_one_list, "at most one entity a sentence"),
    (true_positives_once, "sentences are counted"),
    (without_empty_gold, "sentences without gold entities are passed over"),
    (without_empty_predictions, "sentences without predicted entities are passed over"),
    (decodes_in_place, "it changes the list it was given"),
]
