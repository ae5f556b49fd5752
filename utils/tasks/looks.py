"""A passage read twice, cut differently each time; and spans that are credited with those that overlap them.

NumPy only. Neither costs any training: they change the scores that a trained reader's spans have, so which of them is
the best, and when it declines.
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


def with_overlaps(reading: Reading) -> Reading:
    """The reading with each span credited with those that overlap it, as far as they do.

    With o(i, j) = 2 · shared characters / characters of both, which is the F1, over characters, of one for the other,
    span i's new score is the logarithm of the sum over j of o(i, j) · e^(score of j). So the best span is the one whose
    expected F1 is highest, if shares of e^score are chances to be right: the choice that Kumar and Byrne (2004) call
    minimum Bayes risk. Three good answers that share words outvote a single one elsewhere that scores a little more.
    """
    if not reading.spans:
        return reading
    start, end, score = (np.array(column) for column in zip(*reading.spans, strict=True))
    shared = np.clip(np.minimum(end[:, None], end) - np.maximum(start[:, None], start), 0, None)
    length = end - start
    overlap = 2 * shared / (length[:, None] + length)  # (n, n), 1 on the diagonal
    with np.errstate(divide="ignore"):  # where nothing is shared: the logarithm of 0 adds nothing
        credited = np.logaddexp.reduce(np.log(overlap) + score, axis=1)
    order = np.argsort(-credited, kind="stable")
    spans = [(int(start[i]), int(end[i]), float(credited[i])) for i in order]
    return Reading(reading.null_score, spans, float(np.logaddexp.reduce(score)))
