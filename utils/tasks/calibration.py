"""How sure a reader says it is, and how often it is right: two numbers chosen on dev make the first mean the second.

NumPy only. What is chosen on some passages is measured on others: `cross_validated`.
"""

from collections.abc import Sequence

import numpy as np

from utils.datasets.readers.squad import Question
from utils.tasks.passages import Reading, choose_threshold, right_answers, said, shares
from utils.tasks.spans import exact_match_and_f1

TEMPERATURES = np.geomspace(0.25, 16, 37)
DOUBTS = np.concatenate([[0.0], np.geomspace(0.01, 10, 31)])
FOLDS = 5


def calibrate(readings: Sequence[Reading], questions: Sequence[Question], threshold: float) -> tuple[float, float]:
    """The temperature and the doubt with which the probabilities shown surprise least on these questions.

    Of a grid of both, the pair with the highest likelihood of what was right and what was wrong (Guo et al. 2017,
    section 4, with a share for "something else" beside the temperature).

    Args:
        readings: of N questions.
        questions: the same N.
        threshold: above it questions are declined; see `Reading.margin`.

    Returns:
        (temperature, doubt): see `utils.tasks.passages.shares`.
    """
    right = _right(readings, questions, threshold)
    lowest, chosen = np.inf, (1.0, 0.0)
    for temperature in TEMPERATURES:
        # without a doubt the best answer's share is 1 over this sum
        sums = 1 / np.array([shares(reading, threshold, temperature)[0] for reading in readings])
        for doubt in DOUBTS:
            shown = np.clip(1 / (sums + doubt), 1e-6, 1 - 1e-6)
            surprise = -np.mean(np.where(right, np.log(shown), np.log(1 - shown)))
            if surprise < lowest:
                lowest, chosen = surprise, (float(temperature), float(doubt))
    return chosen


def calibration_error(shown: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """The expected calibration error: how far what is shown lies from what is right, answers put together by tenths.

    Args:
        shown: (N,) probabilities, 0 to 1.
        right: (N,) bool.
        bins: how many intervals of equal width (Guo et al. 2017, equation 3).

    Returns:
        The mean over answers of |mean shown - share right| of an answer's interval; 0 is perfect.
    """
    shown, right = np.asarray(shown, float), np.asarray(right, float)
    of = np.minimum((shown * bins).astype(int), bins - 1)
    apart = np.bincount(of, shown - right, bins)  # of each interval, the sum
    return float(np.abs(apart).sum() / max(len(shown), 1))


def cross_validated(readings: Sequence[Reading], questions: Sequence[Question]) -> dict[str, float]:
    """What thresholds and calibrations are worth on passages that they were not chosen on.

    Passages go into five parts in turn; for each part threshold, temperature and doubt are chosen on the other four.

    Returns:
        f1, answerable_f1, declined, calibration_error, uncalibrated_error (temperature 1, no doubt), 0 to 1 each.
    """
    passages = {context: n for n, context in enumerate(dict.fromkeys(q.context for q in questions))}
    part = np.array([passages[q.context] % FOLDS for q in questions])
    has_answer = np.array([bool(q.answers) for q in questions])
    f1, right, shown, plain = (np.zeros(len(questions)) for _ in range(4))
    for fold in range(FOLDS):
        others, own = np.flatnonzero(part != fold), np.flatnonzero(part == fold)
        chosen = [readings[i] for i in others], [questions[i] for i in others]
        threshold = choose_threshold(*chosen)
        temperature, doubt = calibrate(*chosen, threshold)
        right[own] = _right([readings[i] for i in own], [questions[i] for i in own], threshold)
        for i in own:
            answer = said(readings[i], questions[i].context, threshold)
            f1[i] = exact_match_and_f1(answer, right_answers(questions[i]))[1]
            shown[i] = shares(readings[i], threshold, temperature, doubt)[0]
            plain[i] = shares(readings[i], threshold)[0]
    return {
        "f1": float(f1.mean()),
        "answerable_f1": float(f1[has_answer].mean()) if has_answer.any() else 0.0,
        "declined": float(f1[~has_answer].mean()) if not has_answer.all() else 0.0,
        "calibration_error": calibration_error(shown, right),
        "uncalibrated_error": calibration_error(plain, right),
    }


def _right(readings: Sequence[Reading], questions: Sequence[Question], threshold: float) -> np.ndarray:
    """Whether each answer is right to the letter, (N,) bool; declining is, where there is no answer."""
    pairs = zip(readings, questions, strict=True)
    return np.array([exact_match_and_f1(said(r, q.context, threshold), right_answers(q))[0] == 1 for r, q in pairs])
