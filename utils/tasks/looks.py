"""A passage read twice, cut differently each time: the mean of two scores hangs less on where the cuts fall.

NumPy only. It costs no training: it changes the scores of a trained reader's spans, so which of them is the best, and
when it declines.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from utils.tasks.passages import Reading, Settings

SHORTER = 4 / 5  # the second time windows have so much of their length
MORE = 4 / 3  # and so many times as many are read, so that they reach about as far


def cuts(settings: Settings) -> list[Settings]:
    """How the passage is cut each time that it is read: as the settings say, then into shorter windows.

    What a token's logits are depends on what else is in its window, and that is chance: where cuts fall.
    """
    if settings.looks == 1:
        return [settings]
    shortest = settings.max_question + settings.stride + 4  # three marks, and more of the passage than is shared
    length = max(int(SHORTER * settings.max_length), min(shortest, settings.max_length))
    return [settings, replace(settings, max_length=length, max_windows=math.ceil(MORE * settings.max_windows))]


def averaged(readings: Sequence[Reading], n_best: int) -> Reading:
    """One reading of a question from several: the mean of each span's scores, and of the null scores.

    A span that one of them does not list has at most that one's lowest score there, which is taken for it.

    Args:
        readings: of the same question, at least one.
        n_best: how many spans are kept.
    """
    lists = [{(start, end): score for start, end, score in reading.spans} for reading in readings]
    lists = [scores for scores in lists if scores]
    lowest = [min(scores.values()) for scores in lists]
    spans = dict.fromkeys(span for scores in lists for span in scores)
    means = {
        span: float(np.mean([scores.get(span, low) for scores, low in zip(lists, lowest, strict=True)]))
        for span in spans
    }
    best = sorted(means.items(), key=lambda item: (-item[1], item[0]))[:n_best]
    null = float(np.mean([reading.null_score for reading in readings]))
    return Reading(null, [(*span, score) for span, score in best])
