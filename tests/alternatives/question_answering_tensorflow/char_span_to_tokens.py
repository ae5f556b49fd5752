"""Unusual right answers to char_span_to_tokens."""

import bisect

import numpy as np


def span_by_loops(offsets, start, end):
    first, last, reach = None, None, []
    for t, (a, b) in enumerate(offsets):
        if a == b:
            continue
        reach += [a, b]
        if not (b <= start or end <= a):
            first = t if first is None else first
            last = t
    if first is None or end <= start or start < min(reach) or end > max(reach):
        return None
    return [first, last]


def span_in_numpy(offsets, start, end):
    a, b = np.asarray(offsets).reshape(-1, 2).T
    real = np.flatnonzero(a < b)
    if start >= end or real.size == 0 or start < a[real].min() or end > b[real].max():
        return None
    hit = real[(a[real] < end) & (b[real] > start)]
    return (hit[0], hit[-1]) if hit.size else None


def span_by_bisection(offsets, start, end):
    numbers = [t for t, (a, b) in enumerate(offsets) if a < b]
    if not numbers or end <= start:
        return None
    real = [offsets[t] for t in numbers]
    if start < real[0][0] or end > real[-1][1]:
        return None
    first = bisect.bisect_right([b for _, b in real], start)
    last = bisect.bisect_left([a for a, _ in real], end) - 1
    return (numbers[first], numbers[last]) if first <= last else None


def span_character_by_character(offsets, start, end):
    owner = {c: t for t, (a, b) in enumerate(offsets) for c in range(a, b)}
    if not owner or end <= start or start < min(owner) or end - 1 > max(owner):
        return None
    hit = sorted({owner[c] for c in range(start, end) if c in owner})
    return (hit[0], hit[-1]) if hit else None


ALTERNATIVES = [span_by_loops, span_in_numpy, span_by_bisection, span_character_by_character]
