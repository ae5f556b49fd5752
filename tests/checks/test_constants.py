"""A part of a check that asks for 0, NaN or a kind of number is not earned by giving just that, whatever comes."""

import keras
import numpy as np
import pytest

from tests.checks.table import SEED
from utils.checks.frame import EXERCISES, SECONDS, _drawn_for, differs, plain
from utils.checks.guard import guarded


def refuses(*_, **__):
    raise ValueError("always")


def always(value):
    return lambda *_, **__: value


class SameRate(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, *_):
        super().__init__()

    def __call__(self, step):
        return 0.1


@pytest.mark.parametrize(
    ("name", "part", "answer"),
    [
        ("shift_right", "ids stay whole numbers", lambda ids, start_id: np.zeros_like(ids)),
        ("count_parameters", "a whole number, an int", always(100)),
        ("masked_loss", "nothing but padding: 0", always(np.float32(0))),
        ("masked_accuracy", "nothing but padding: 0", always(np.float32(0))),
        ("WarmupSchedule", "inside an optimizer, compiled", SameRate),
        ("wordpiece_tokenize", "the whole word is unknown where one part is", always(["[UNK]"])),
        ("rms_norm", "half precision: numbers in the hundreds", lambda x, gamma, epsilon=0: (x * 0 + 1) * gamma),
        ("next_token_loss", "NaN stays NaN", always(np.float32(np.nan))),
        ("next_token_loss", "NaN stays NaN", refuses),
        ("perplexity", "infinite where the exponential is beyond all numbers", always(np.float32(np.inf))),
    ],
)
def test_a_constant_earns_no_part(name, part, answer):
    exercise = EXERCISES[name]
    n, prop = next((n, p) for n, p in enumerate(exercise.properties) if p.name.startswith(part))
    cases, expected = _drawn_for(exercise, SEED).cases(n)
    results, _ = guarded(answer, prop.run, cases, SECONDS)
    shown = [prop.seen(plain(r), c) for r, c in zip(results, cases, strict=False)]
    assert any(differs(e, r, prop.tolerance) for e, r in zip(expected, shown, strict=False))
