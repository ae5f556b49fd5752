"""Figures draw what they are given, say it in words, and leave no figure open."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np

matplotlib.use("agg")

from utils.plots.compare import expected_beside_yours  # noqa: E402
from utils.plots.course_map import series_map  # noqa: E402
from utils.plots.style import CYCLE, finish  # noqa: E402


def shown(monkeypatch):
    """What the next figures display."""
    calls = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: calls.append(data))
    return calls


def test_a_figure_is_shown_with_its_alt_text_and_closed(monkeypatch):
    calls = shown(monkeypatch)
    figure, _ = plt.subplots()
    finish(figure, "An empty frame.")
    assert calls[0]["text/html"].startswith('<img alt="An empty frame." width=')
    assert 'src="data:image/png;base64,iVBORw0KGgo' in calls[0]["text/html"]
    assert calls[0]["text/plain"] == "Figure: An empty frame."
    assert not plt.get_fignums()


def test_the_same_figure_is_the_same_file(monkeypatch):
    calls = shown(monkeypatch)
    for _ in range(2):
        series_map()
    assert calls[0] == calls[1]


def test_the_first_matrix_that_differs_is_drawn(monkeypatch):
    calls = shown(monkeypatch)
    expected = np.zeros((2, 3, 4))
    yours = expected.copy()
    yours[1, 2] = 5
    want, have = expected_beside_yours(expected, yours)
    assert np.array_equal(have, yours[1]) and np.array_equal(want, expected[1])
    assert "differ in 1 of 3 rows" in calls[0]["text/html"]


def test_a_failed_check_draws_the_two_matrices_in_a_notebook(monkeypatch):
    from utils.checks import check, interaction, softmax

    calls = shown(monkeypatch)
    monkeypatch.setattr(interaction, "_in_notebook", lambda: True)
    check(lambda x: np.asarray(x) * 3, exercise="warm_up")
    assert calls == []  # numbers and vectors are written out
    rows_only = lambda x, axis=-1: softmax(x) if np.ndim(x) < 2 else softmax(x, axis=0)  # noqa: E731
    check(rows_only, exercise="softmax")
    assert len(calls) == 1 and "beside yours" in calls[0]["text/html"]


def luminance(colour):
    """Relative luminance, as the Web's accessibility guidelines define it."""
    channels = np.array(matplotlib.colors.to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_the_palette_can_be_told_apart_in_grey():
    greys = sorted(luminance(c) for c in CYCLE[:4])
    assert min(np.diff(greys)) > 0.01 and greys[-1] < 0.5  # and is dark enough on white
