"""Spans of text: from characters to tokens, long texts in windows, the best spans, and how an answer is scored.

NumPy only: TensorFlow's and PyTorch's question answering share it.
"""

import re
import string
from collections import Counter

import numpy as np


def char_span_to_tokens(offsets: list[tuple[int, int]], start: int, end: int) -> tuple[int, int] | None:
    """Finds the tokens that hold the characters from `start` up to, not including, `end`.

    Args:
        offsets: of T tokens, (first character, last + 1) each; empty ones, such as (0, 0), are special tokens.
        start: the first character.
        end: the last character + 1.

    Returns:
        The first and the last token, both included; None where the span is not wholly within these tokens.
    """
    tokens = [t for t, (first, last) in enumerate(offsets) if first < last]  # special tokens are empty
    if not tokens or start >= end or start < offsets[tokens[0]][0] or offsets[tokens[-1]][1] < end:
        return None
    touched = [t for t in tokens if offsets[t][0] < end and start < offsets[t][1]]
    return (touched[0], touched[-1]) if touched else None


def make_windows(num_tokens: int, window: int, stride: int) -> list[tuple[int, int]]:
    """Cuts a text into windows that overlap: what one window cuts in two, its neighbour may hold whole.

    Args:
        num_tokens: of the whole text.
        window: tokens of a window, at most.
        stride: tokens that two neighbours share, less than `window`.

    Returns:
        (start, end) of each window, the end not included. All tokens are covered; none for an empty text.
    """
    if not 0 <= stride < window:
        raise ValueError(f"`stride` must be 0 or more, and less than window={window}. Received: stride={stride}")
    if num_tokens == 0:
        return []
    starts = range(0, max(num_tokens - stride, 1), window - stride)  # from num_tokens - stride on, nothing is new
    return [(start, min(start + window, num_tokens)) for start in starts]


def best_spans(start_logits, end_logits, max_answer_length: int, n: int) -> list[tuple[int, int, float]]:
    """The n spans with the highest sum of start and end logit.

    Args:
        start_logits: (T,), for each token how well the answer begins there; -inf where it must not.
        end_logits: (T,), for each token how well the answer ends there.
        max_answer_length: tokens of an answer, at most.
        n: how many spans; fewer come back where there are not so many.

    Returns:
        (first, last, score), both tokens included, first <= last, the best first.
    """
    start_logits, end_logits = np.asarray(start_logits, "float64"), np.asarray(end_logits, "float64")
    T = len(start_logits)
    first = np.repeat(np.arange(T), max_answer_length)  # every span that is allowed, and no other
    last = first + np.tile(np.arange(max_answer_length), T)
    first, last = first[last < T], last[last < T]
    scores = start_logits[first] + end_logits[last]
    best = np.argsort(-scores, kind="stable")[:n]
    return [(int(first[i]), int(last[i]), float(scores[i])) for i in best if scores[i] > -np.inf]


def normalise_answer(text: str) -> str:
    """An answer as SQuAD compares it: small letters, no ASCII punctuation, no articles, single spaces."""
    text = "".join(c for c in text.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def exact_match_and_f1(prediction: str, golds: list[str]) -> tuple[float, float]:
    """Scores an answer against those that count as right, by SQuAD 2.0's rules; the best of each counts.

    Args:
        prediction: the answer given; "" declines to answer.
        golds: the right answers; none where declining is right.

    Returns:
        Exact match, 0.0 or 1.0, and F1 over words, 0.0 to 1.0, both after `normalise_answer`.
    """
    wanted = [words for gold in golds if (words := normalise_answer(gold).split())] or [[]]
    given = normalise_answer(prediction).split()
    exact, f1 = 0.0, 0.0
    for gold in wanted:
        exact = max(exact, float(given == gold))
        shared = sum((Counter(given) & Counter(gold)).values())  # a word counts as often as both have it
        total = len(given) + len(gold)
        f1 = max(f1, 2 * shared / total if total else 1.0)  # 2PR / (P + R); nothing for nothing is right
    return exact, f1
