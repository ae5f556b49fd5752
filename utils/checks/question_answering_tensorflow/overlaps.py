"""How much of two lists of words is shared: F1, and what is taken for it. For the exercise exact_match_and_f1."""

from collections import Counter


def words(prediction, gold):
    """Words of both, how many they share, each as often as both have it."""
    return len(prediction), len(gold), sum((Counter(prediction) & Counter(gold)).values())


def f1(given, gold):
    """What is asked for."""
    a, b, shared = words(given, gold)
    return 2 * shared / (a + b) if a + b else 1.0


def precision(given, gold):
    """The share of the words given."""
    a, b, shared = words(given, gold)
    return shared / a if a else float(a == b)


def recall(given, gold):
    """The share of the gold's words."""
    a, b, shared = words(given, gold)
    return shared / b if b else float(a == b)


def none_is_zero(given, gold):
    """Nothing against nothing is 0."""
    a, b, shared = words(given, gold)
    return 2 * shared / (a + b) if shared else 0.0


def by_formula(given, gold):
    """2PR / (P + R) with nothing guarded."""
    a, b, shared = words(given, gold)
    return 2 * (shared / a) * (shared / b) / (shared / a + shared / b)


def zero_where_none_is_shared(given, gold):
    """2PR / (P + R) where something is shared; P and R are unguarded."""
    a, b, shared = words(given, gold)
    precision, recall = shared / a, shared / b
    return 2 * precision * recall / (precision + recall) if shared else 0.0


def sets(given, gold):
    """Words that come twice count once."""
    return f1(sorted(set(given)), sorted(set(gold)))


def set_overlap(given, gold):
    """Shared words as a set, all words as a list."""
    return 2 * len(set(given) & set(gold)) / (len(given) + len(gold)) if given or gold else 1.0


def contains(given, gold):
    """Whether the answer has the gold in it."""
    return float(" ".join(gold) in " ".join(given))


def contained(given, gold):
    """Whether the gold has the answer in it."""
    return float(" ".join(given) in " ".join(gold))


def either_way(given, gold):
    """Whether one is in the other."""
    return max(contains(given, gold), contained(given, gold))


def words_within(given, gold):
    """Whether the answer has all words of the gold."""
    return float(set(gold) <= set(given))


def any_words(given, gold):
    """Shared words counted by `in`, again for each time they are said."""
    a, b = len(given), len(gold)
    shared = sum(word in gold for word in given)
    return 2 * shared / (a + b) if a + b else 1.0


def any_words_of_gold(given, gold):
    """The same from the other side."""
    return any_words(gold, given)


def in_their_places(given, gold):
    """Words are shared only at the same place."""
    total = len(given) + len(gold)
    return 2 * sum(a == b for a, b in zip(given, gold, strict=False)) / total if total else 1.0


def without_brackets(given, gold):
    """2PR / P + R."""
    a, b, shared = words(given, gold)
    return 2 * (shared / a) * (shared / b) / (shared / a) + shared / b if shared else float(given == gold)


def lengths_without_brackets(given, gold):
    """2 shared / given + gold."""
    a, b, shared = words(given, gold)
    return 2 * shared / a + b if shared else float(given == gold)


def accuracy(given, gold):
    """Divided by the longer one."""
    a, b, shared = words(given, gold)
    return shared / max(a, b) if max(a, b) else 1.0


def mean_of_both(given, gold):
    """The plain mean of precision and recall."""
    return (precision(given, gold) + recall(given, gold)) / 2


def product(given, gold):
    """Precision times recall."""
    return precision(given, gold) * recall(given, gold)


def jaccard(given, gold):
    """Shared words over all words."""
    a, b, shared = words(given, gold)
    return shared / (a + b - shared) if a + b else 1.0
