"""The map of the series: fifteen lessons in three stretches, and optional ones."""

import sys
from pathlib import Path

import matplotlib.pyplot as plt

from utils.plots.style import BLUE, GREEN, GREY, RED, finish, use_style

STRETCHES = (
    ("The parts", BLUE, (("00", "start here"), ("01", "why attention"), ("02", "positions"), ("03", "self-attention"))),
    ("", BLUE, (("04", "masks"), ("05", "many heads"), ("06", "encoder"), ("07", "whole machine"))),
    ("It learns, it speaks", GREEN, (("08", "a translator"), ("09", "decoding"))),
    ("Real weights, real tasks", RED, (("10", "real BERT"), ("11", "names in text"), ("12", "questions in TF"))),
    ("", RED, (("13", "and in PyTorch"), ("14", "your own data"))),
    ("What came after (optional)", GREY, (("15", "since 2017"), ("16", "a decoder alone"), ("17", "fewer weights"))),
)


def series_map(save: Path | None = None) -> list[str]:
    """Draws the lessons as boxes along a path.

    Args:
        save: a PNG file to write instead of showing the figure.

    Returns:
        The lessons' numbers in the order drawn.
    """
    figure, ax = plt.subplots(figsize=(11, 7))
    numbers, y = [], 1.0
    for stretch, colour, lessons in STRETCHES:
        y -= 1.55 if stretch else 0.95
        ax.text(-0.1, y + 0.42, stretch, color=colour, fontsize=16, weight="bold", va="bottom")
        for column, (number, title) in enumerate(lessons):
            x = column * 2.75
            box = {"boxstyle": "round,pad=0.1", "facecolor": colour, "alpha": 0.13, "edgecolor": colour}
            ax.add_patch(plt.matplotlib.patches.FancyBboxPatch((x, y - 0.3), 2.35, 0.62, **box))
            ax.text(x + 0.12, y, number, color=colour, fontsize=17, weight="bold", va="center")
            ax.text(x + 0.6, y, title, fontsize=14, va="center")
            if column:
                ax.annotate("", (x - 0.1, y), (x - 0.28, y), arrowprops={"arrowstyle": "->", "color": colour, "lw": 2})
            numbers.append(number)
    ax.set(xlim=(-0.2, 10.8), ylim=(y - 0.5, 0.4))
    ax.axis("off")
    if save:
        figure.savefig(save, dpi=110, metadata={"Software": None})
        plt.close(figure)
    else:
        finish(
            figure, "The series as a path of fifteen boxes, from 00 start here to 14 your own data; then optional ones."
        )
    return numbers


if __name__ == "__main__":
    use_style()
    series_map(Path(sys.argv[1]))
