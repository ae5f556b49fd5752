"""Labels of words and labels of pieces, entities and their score. No framework."""

from collections.abc import Sequence

import numpy as np

IGNORED = -100  # the label of a piece that asks for nothing


def align_labels(word_labels, word_ids) -> np.ndarray:
    """Gives each piece of a tokenized text the label that it is asked for.

    Args:
        word_labels: the label of each of N words, whole numbers.
        word_ids: for each of T pieces the number of its word, 0 to N - 1, or None for [CLS], [SEP] and padding.

    Returns:
        (T,) int32: the word's label at the first piece of each word, -100 at every other piece.
    """
    aligned, previous = [], None
    for word in word_ids:
        first = word is not None and word != previous
        aligned.append(word_labels[word] if first else -100)
        previous = word
    return np.array(aligned, "int32")


def decode_bio(labels) -> list[tuple[str, int, int]]:
    """Collects a sentence's entities from the labels of its words.

    Args:
        labels: for each word "B-PER" where an entity of type PER begins, "I-PER" inside it, "O" outside.

    Returns:
        (type, first, last + 1) of each entity, in order. An I- that continues no entity of its type opens one.
    """
    entities, opened, first = [], None, 0  # opened: the type of the entity that we are in
    for i, label in enumerate([*labels, "O"]):
        prefix, _, kind = label.partition("-")
        if opened is not None and (prefix != "I" or kind != opened):
            entities.append((opened, first, i))
            opened = None
        if opened is None and prefix != "O":
            opened, first = kind, i
    return entities


def may_follow(before: str, label: str) -> bool:
    """Whether a well-formed labelling may say `label` right after `before`: an I- needs its own type before it."""
    prefix, _, kind = label.partition("-")
    return prefix != "I" or (before != "O" and before.partition("-")[2] == kind)


def ill_formed(labels: Sequence[str]) -> int:
    """How many of a sentence's labels are an I- that continues no entity of its type."""
    return sum(not may_follow(before, label) for before, label in zip(["O", *labels], labels, strict=False))


def viterbi(scores, names) -> list[str]:
    """The well-formed labelling of a sentence that has the largest sum of scores (Viterbi 1967).

    Args:
        scores: for each of N words a score of each label, (N, C), such as the logarithms of probabilities.
        names: of the C labels. A type that has no B- among them may begin with its I-.

    Returns:
        N labels. Where the best label of each word is well-formed with its neighbours, those.
    """
    scores = np.asarray(scores, "float64")
    opens = [name[0] != "I" or f"B{name[1:]}" not in names for name in names]  # after anything, and at the start
    legal = [[o or may_follow(before, name) for o, name in zip(opens, names, strict=True)] for before in names]
    allowed = np.where(legal, 0.0, -np.inf)  # (C before, C after)
    best, came_from = np.where(opens, 0.0, -np.inf), []  # of the labellings so far that end in each label, the best
    for n, word in enumerate(scores):
        if n:
            sums = best[:, np.newaxis] + allowed  # (C before, C after)
            came_from.append(sums.argmax(axis=0))
            best = sums.max(axis=0)
        best = best + word
    path = [int(best.argmax())] if len(scores) else []
    for places in reversed(came_from):
        path.append(int(places[path[-1]]))
    return [names[n] for n in reversed(path)]


def entity_f1(gold, predicted) -> dict[str, float]:
    """Scores whole entities: right are those whose type, beginning and end are all right.

    Args:
        gold: for each sentence the right labels, such as ["B-PER", "O"].
        predicted: for each sentence as many labels.

    Returns:
        Over all sentences together {"precision": the share of predicted entities that are right, "recall": the
        share of gold entities that were found, "f1": their harmonic mean}; 0 where a share is of nothing.
    """
    right = claimed = wanted = 0
    for gold_labels, predicted_labels in zip(gold, predicted, strict=True):
        gold_entities, predicted_entities = set(decode_bio(gold_labels)), set(decode_bio(predicted_labels))
        right += len(gold_entities & predicted_entities)
        claimed += len(predicted_entities)
        wanted += len(gold_entities)
    precision = right / claimed if claimed else 0.0
    recall = right / wanted if wanted else 0.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return {"precision": precision, "recall": recall, "f1": f1}


def scores_by_type(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> dict[str, dict]:
    """`entity_f1` of each type alone, and under "support" how many entities of it there are in gold."""
    kinds = {kind for labels in (*gold, *predicted) for kind, _, _ in decode_bio(labels)}
    scores = {}
    for kind in sorted(kinds):
        only = [[[keep(label, kind) for label in labels] for labels in side] for side in (gold, predicted)]
        support = sum(len(decode_bio(labels)) for labels in only[0])
        scores[kind] = {**entity_f1(*only), "support": support}
    return scores


def keep(label: str, kind: str) -> str:
    """The label where it is of this type, else "O"."""
    return label if label.partition("-")[2] == kind else "O"


def token_accuracy(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> float:
    """The share of words whose label is right."""
    pairs = [(g, p) for labels, other in zip(gold, predicted, strict=True) for g, p in zip(labels, other, strict=True)]
    return sum(g == p for g, p in pairs) / len(pairs)


def f1_interval(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]], times: int = 1000,
                seed: int = 0) -> tuple[float, float]:  # fmt: skip
    """Where F1 would lie for 95 of 100 test sets drawn from the same sentences, with replacement (the bootstrap)."""
    counts = []
    for labels, other in zip(gold, predicted, strict=True):
        a, b = set(decode_bio(labels)), set(decode_bio(other))
        counts.append((len(a & b), len(a) + len(b)))
    counts = np.array(counts)  # F1 = 2 · right / (claimed + wanted)
    drawn = np.random.default_rng(seed).integers(0, len(counts), (times, len(counts)))
    right, both = counts[drawn].sum(axis=1).T
    low, high = np.quantile(2 * right / np.maximum(both, 1), [0.025, 0.975])
    return float(low), float(high)
