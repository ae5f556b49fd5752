"""Every choice of a grammar is made in one place, so that it can be seeded, or steered to a wanted word."""

import random
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


class Chooser:
    """Makes choices at random from a seed; `wanted` steers those of a kind to the options that it holds for.

    Args:
        seed: the same seed makes the same choices.
        wanted: kind of choice -> whether an option is wanted. Where none of the options is, all stay possible.
    """

    def __init__(self, seed: int | str, wanted: dict[str, Callable[[object], bool]] | None = None):
        self._random = random.Random(seed)
        self._wanted = wanted or {}

    def pick(self, options: Iterable[T], kind: str = "", weights: Sequence[float] | None = None) -> T:
        """One of the options, each as likely as its weight (equally likely without weights)."""
        options = list(options)
        if kind in self._wanted:
            kept = [i for i, option in enumerate(options) if self._wanted[kind](option)] or range(len(options))
            options, weights = [options[i] for i in kept], weights and [weights[i] for i in kept]
        if weights is None:
            return options[int(self._random.random() * len(options))]
        left = self._random.random() * sum(weights)
        for option, weight in zip(options, weights, strict=True):
            left -= weight
            if left < 0:
                return option
        return options[-1]  # where rounding has left a crumb

    def chance(self, probability: float) -> bool:
        """True as often as the probability says."""
        return self._random.random() < probability
