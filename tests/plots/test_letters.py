"""Letters in figures can be read: dark on white, clear of lines and points; alt text says what was measured."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

matplotlib.use("agg")

from tests.plots.test_plots import luminance, shown  # noqa: E402
from utils.plots import a_decoder_alone, since_2017, why_attention  # noqa: E402
from utils.plots.ink import ink  # noqa: E402
from utils.plots.question_answering_tensorflow import losses_side_by_side, reliability  # noqa: E402
from utils.plots.style import CYCLE, GREY, use_style  # noqa: E402


@pytest.fixture
def figures(monkeypatch):
    """The figures drawn, still open and laid out."""
    drawn = []
    shown(monkeypatch)
    monkeypatch.setattr(plt, "close", drawn.append)
    with plt.rc_context():
        use_style()
        yield drawn
    monkeypatch.undo()
    plt.close("all")


def laid_out(figure):
    """The one pair of axes, with everything in its place: saving has left the places of another resolution."""
    figure.draw_without_rendering()
    (ax,) = figure.axes
    return ax


def scores():
    rng = np.random.default_rng(3)
    chances = rng.random(200)
    return chances, rng.random(200) < chances


def settings():
    full = [arm["settings"] for arm in a_decoder_alone.load()["arms"] if (arm["size"], arm["steps"]) == ("lesson", 400)]
    return {name: {key: [arm[name][key] for arm in full] for key in ("pairs", "given")} for name in full[0]}


DRAWN = {
    "reliability": lambda: reliability({"one": scores(), "two": scores()}),
    "learning": lambda: a_decoder_alone.learning([7.0] * 40, {"guessing": 1459, "frequency": 170.6, "other": 9}),
    "trade": lambda: a_decoder_alone.trade(settings(), "title"),
    "pairs": lambda: since_2017.pairs_of_features(8),
    "recall": lambda: why_attention.recall(why_attention.load_recall()),
}


def contrast(colour):
    return 1.05 / (luminance(colour) + 0.05)


@pytest.mark.parametrize("name", DRAWN)
def test_coloured_letters_are_dark_enough_on_white(figures, name):
    DRAWN[name]()
    texts = [text for text in figures[0].findobj(plt.Text) if text.get_text().strip()]
    faint = {text.get_text(): text.get_color() for text in texts if contrast(text.get_color()) < 4.5}
    assert len(texts) > 4 and not faint


def test_every_colour_of_the_palette_has_one_for_letters():
    assert min(contrast(ink(colour)) for colour in (*CYCLE, GREY)) >= 4.5


def test_the_words_over_a_line_do_not_touch_it(figures):
    DRAWN["learning"]()
    ax = laid_out(figures[0])
    for text in ax.texts:
        level = ax.transData.transform((0, text.xy[1]))[1]
        assert 3 < text.get_window_extent().y0 - level < 20, text


def test_the_line_of_the_dice_crosses_no_word(figures):
    words = {"Africa": 0.4, "Brazil": 0.25, "Canada": 0.2, "Peru": 0.15}
    for number in np.linspace(0.02, 0.98, 17):
        a_decoder_alone.stretches({"as it is": list(words.items())}, number)
        ax = laid_out(figures[-1])
        line = ax.transData.transform((number, 0))[0]
        boxes = {text.get_text(): text.get_window_extent() for text in ax.texts if text.get_text() in words}
        assert len(boxes) == len(words)
        crossed = [word for word, box in boxes.items() if box.x0 < line < box.x1]
        edges = np.cumsum([0, *words.values()])
        roomy = [w for w, a, b in zip(words, edges[:-1], edges[1:], strict=True) if max(number - a, b - number) > 0.11]
        assert not set(crossed) & set(roomy), number


def test_labels_lie_over_no_point_and_on_no_other_label(figures):
    DRAWN["trade"]()
    ax = laid_out(figures[0])
    points = np.concatenate([ax.transData.transform(line.get_xydata()) for line in ax.lines])
    boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) == 6 and sum(box.count_contains(points) for box in boxes) == 0
    assert not any(a.overlaps(b) for n, a in enumerate(boxes) for b in boxes[:n])


def test_the_alt_text_of_losses_says_how_far_each_is_from_the_first(monkeypatch):
    calls = shown(monkeypatch)
    curves = {"Keras": np.array([3.0, 2.0]), "PyTorch": np.array([3.0, 2.25]), "a\nthird": np.array([3.5, 2.0])}
    assert losses_side_by_side(curves) == 0.25
    said = calls[0]["text/plain"]
    assert "Keras and PyTorch differ by 0.250 at most. a third, dashed, differs from Keras by up to 0.500." in said
    losses_side_by_side(dict(list(curves.items())[:2]))
    assert "third" not in calls[1]["text/plain"]


def test_the_alt_text_of_times_says_them_and_no_winner(monkeypatch):
    calls = shown(monkeypatch)
    why_attention.time_against_length([32, 64], {"LSTM": [1.0, 2.0], "attention": [3.0, 4.0]})
    assert "from length 32 to 64: LSTM from 1.0 to 2.0; attention from 3.0 to 4.0." in calls[0]["text/plain"]
