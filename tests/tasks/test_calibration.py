"""What a reader shows is what it is right in: chosen on some passages, measured on others."""

import numpy as np
import pytest

from utils.datasets.readers.squad import Answer, Question
from utils.tasks.calibration import calibrate, calibration_error, cross_validated
from utils.tasks.passages import NEVER, Reading, answers_of, shares

TEXT = "Jane went."


def drawn(number, sureness, seed=0, unanswerable=0.0):
    """Readings of which each is right as often as a share with that temperature says; 4 questions a passage."""
    rng, readings, questions = np.random.default_rng(seed), [], []
    for n in range(number):
        gap = rng.exponential(2.0)
        share = 1 / (1 + np.exp(-gap * sureness))
        good = rng.random() < share
        readings.append(Reading(-9.0, [(0, 4, gap), (5, 9, 0.0)]))
        answer = () if rng.random() < unanswerable else (Answer("Jane", 0) if good else Answer("went", 5),)
        questions.append(Question(str(n), "Who?", f"{TEXT} {n // 4}", answer))
    return readings, questions


def test_shares_are_a_softmax_with_a_temperature_and_a_doubt():
    reading = Reading(4.0, [(0, 4, 5.0), (5, 7, 3.0)])
    assert np.allclose(shares(reading, NEVER), np.exp([0, -2]) / (1 + np.exp(-2)))
    assert np.allclose(shares(reading, 0.0), np.exp([0, -1, -2]) / np.exp([0, -1, -2]).sum())
    warm = shares(reading, 0.0, temperature=2.0, doubt=0.5)
    assert np.allclose(warm, np.exp([0, -0.5, -1]) / (np.exp([0, -0.5, -1]).sum() + 0.5)) and warm.sum() < 1
    assert [a["score"] for a in answers_of(reading, TEXT, 0.0, 2.0, 0.5)] == pytest.approx(list(warm))
    assert [a["text"] for a in answers_of(reading, TEXT, 0.0, 2.0, 0.5)] == ["Jane", "", "we"]


@pytest.mark.parametrize("sureness", [0.25, 1.0])
def test_the_temperature_is_found_again(sureness):
    readings, questions = drawn(3000, sureness)
    temperature, doubt = calibrate(readings, questions, NEVER)
    assert temperature == pytest.approx(1 / sureness, rel=0.3) and doubt < 0.1


def test_a_doubt_is_chosen_where_even_the_surest_are_often_wrong():
    readings, questions = drawn(2000, 3.0, seed=1)
    wrong = Answer("went", 5)
    rng = np.random.default_rng(2)
    questions = [q._replace(answers=(wrong,)) if rng.random() < 0.4 else q for q in questions]
    temperature, doubt = calibrate(readings, questions, NEVER)
    assert doubt > 0.3
    surest = shares(Reading(-9.0, [(0, 4, 50.0), (5, 9, 0.0)]), NEVER, temperature, doubt)[0]
    assert 0.5 < surest < 0.75


def test_the_error_is_the_distance_between_shown_and_right():
    shown, right = np.array([0.95] * 4 + [0.25] * 2), np.array([1, 1, 1, 0, 0, 1])
    assert calibration_error(shown, right) == pytest.approx((4 * 0.2 + 2 * 0.25) / 6)
    assert calibration_error(np.ones(3), np.ones(3)) == 0 and calibration_error(np.zeros(2), np.ones(2)) == 1


def test_what_is_chosen_on_some_passages_holds_on_others():
    readings, questions = drawn(1500, 0.3, seed=3, unanswerable=0.2)
    found = cross_validated(readings, questions)
    assert found["calibration_error"] < 0.06 < found["uncalibrated_error"]
    assert 0 < found["f1"] < 1 and set(found) == {
        "f1", "answerable_f1", "declined", "calibration_error", "uncalibrated_error",
    }  # fmt: skip
