"""Counting as a language model: the n-grams that lesson 16 sets beside its decoder.

An n-gram model foretells a token from the n - 1 before it, by how often it has followed them. Two ways to treat what
was never seen: `AddK` counts k of everything; `KneserNey` takes a discount off every count and gives it to what the
shorter context says, where a token counts by how many contexts it has followed (Kneser and Ney 1995; interpolated,
with the three discounts of Chen and Goodman 1999, estimated from the counts).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np


class AddK:
    """P(w | c) = (count(c w) + k) / (count(c) + k V).

    Args:
        order: n, at least 1.
        vocabulary_size: V.
        k: what is added to each count.
    """

    def __init__(self, order: int, vocabulary_size: int, k: float = 0.01):
        self.order, self.V, self.k = order, vocabulary_size, k
        self.pairs, self.contexts = Counter(), Counter()

    def fit(self, texts: Iterable[Sequence[int]]) -> "AddK":
        """Counts texts of ids, the start token first."""
        for text in texts:
            for place in range(1, len(text)):
                context = tuple(text[max(0, place - self.order + 1) : place])
                self.pairs[context, text[place]] += 1
                self.contexts[context] += 1
        return self

    def p(self, token: int, context: Sequence[int]) -> float:
        """The probability of a token after a context, of which the last n - 1 tokens count."""
        context = tuple(context[len(context) - min(len(context), self.order - 1) :])
        return (self.pairs[context, token] + self.k) / (self.contexts[context] + self.k * self.V)


class KneserNey:
    """Interpolated, modified Kneser-Ney.

    Args:
        order: n, at least 1.
        vocabulary_size: V; the shortest context of all gives 1/V to each token.
    """

    def __init__(self, order: int, vocabulary_size: int):
        self.order, self.V = order, vocabulary_size
        self.followers: list[dict] = [defaultdict(Counter) for _ in range(order)]  # by length of context
        self.kept: list[dict] = []
        self.discounts: list[tuple[float, ...]] = []

    def fit(self, texts: Iterable[Sequence[int]]) -> "KneserNey":
        """Counts texts of ids, the start token first."""
        seen = [set() for _ in range(self.order)]
        for text in texts:
            text = tuple(text)
            for place in range(1, len(text)):
                longest = min(place, self.order - 1)
                for length in range(longest, -1, -1):
                    context = text[place - length : place]
                    if length == longest:  # the longest context there is counts how often
                        self.followers[length][context][text[place]] += 1
                    else:  # a shorter one counts after how many different tokens
                        before = text[place - length - 1], context, text[place]
                        if before not in seen[length]:
                            seen[length].add(before)
                            self.followers[length][context][text[place]] += 1
        self.discounts = [self._discounts(level) for level in self.followers]
        for level, discounts in zip(self.followers, self.discounts, strict=True):
            totals = {c: (sum(f.values()), sum(discounts[min(n, 3)] for n in f.values())) for c, f in level.items()}
            self.kept.append(totals)
        return self

    @staticmethod
    def _discounts(level: dict) -> tuple[float, ...]:
        """What is taken off a count of 0, 1, 2 and 3 or more, from how many counts there are of 1, 2, 3 and 4."""
        n = Counter(count for followers in level.values() for count in followers.values())
        if not all(n[count] for count in (1, 2, 3)):
            return (0.0, 0.5, 0.5, 0.5)
        y = n[1] / (n[1] + 2 * n[2])
        return (0.0, *(min(max(c - (c + 1) * y * n[c + 1] / n[c], 0.05), c - 0.05) for c in (1, 2, 3)))

    def p(self, token: int, context: Sequence[int]) -> float:
        """The probability of a token after a context, of which the last n - 1 tokens count."""
        probability = 1 / self.V
        for length in range(min(len(context), self.order - 1) + 1):
            end = tuple(context[len(context) - length :])
            if end not in self.kept[length]:
                continue  # never seen: what the shorter one says stands
            total, taken = self.kept[length][end]
            count = self.followers[length][end][token]
            own = count - self.discounts[length][min(count, 3)]
            probability = (own + taken * probability) / total
        return probability


def log_p(model, texts: Iterable[Sequence[int]]) -> list[np.ndarray]:
    """For each text the natural logarithm of the probability of its second token, its third, and so on."""
    return [
        np.array([math.log(model.p(text[place], text[:place])) for place in range(1, len(text))])
        for text in map(tuple, texts)
    ]
