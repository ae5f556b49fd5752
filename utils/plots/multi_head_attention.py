"""Figures of lesson 05."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from utils.plots.style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY, WEIGHTS, finish

HEAD_COLOURS = (BLUE, ORANGE, GREEN)
WORD_COLOURS = (SKY, ORANGE, GREEN, PURPLE, BLUE)


def head_rows(words: list[str], questions: list[str], weights: np.ndarray, title: str) -> np.ndarray:
    """Draws one row of weights a head, written into their cells.

    Args:
        words: S words that can be looked at.
        questions: what each head asks.
        weights: (heads, S).
        title: what to see.

    Returns:
        For each head the index of the word it looks at most.
    """
    figure, ax = plt.subplots(figsize=(max(8.0, 1.5 * len(words)), 1.3 + 0.8 * len(questions)))
    ax.imshow(weights, cmap=WEIGHTS, vmin=0, vmax=1, aspect="auto")
    for (row, column), weight in np.ndenumerate(weights):
        colour = "white" if weight > 0.5 else "black"
        ax.text(column, row, f"{weight:.2f}", ha="center", va="center", color=colour, fontsize=17)
    ax.set_xticks(range(len(words)), words, fontsize=17)
    ax.set_yticks(range(len(questions)), questions, fontsize=17)
    figure.suptitle(title, x=0.01, ha="left", fontsize=17)
    ax.tick_params(length=0)
    top = weights.argmax(axis=1)
    looks = ", ".join(f"{q} looks most at {words[w]}" for q, w in zip(questions, top, strict=True))
    finish(figure, f"One row of attention weights a head over the words {' '.join(words)}: {looks}.")
    return top


def heads_side_by_side(heads: int, width: int) -> tuple[int, int]:
    """Draws the whole layer: X to every head, each its own attention, side by side, through W_O.

    Returns:
        The number of strips drawn in the concatenation, and the columns of each.
    """
    figure, ax = plt.subplots(figsize=(11, 4.4))
    ax.set(xlim=(0, 11), ylim=(0, 4.4))
    ax.axis("off")
    ax.set_title(f"{heads} small attentions side by side, mixed by one matrix")

    def box(x, y, w, h, text, colour, alpha=0.18):
        ax.add_patch(plt.Rectangle((x, y), w, h, facecolor=colour, alpha=alpha, edgecolor="none"))
        ax.add_patch(plt.Rectangle((x, y), w, h, fill=False, edgecolor=colour, lw=2))
        ax.text(x + w / 2, y + h / 2, text, ha="center", va="center", fontsize=15)

    def arrow(start, end, colour=GREY):
        ax.annotate("", end, start, arrowprops={"arrowstyle": "->", "lw": 2.2, "color": colour})

    box(0.1, 1.45, 1.0, 1.3, "X\n(T, D)", GREY)
    for h in range(heads):
        colour, y = HEAD_COLOURS[h % len(HEAD_COLOURS)], 3.15 - 1.4 * h
        box(2.0, y, 1.6, 0.9, rf"$W_q^{h}\; W_k^{h}\; W_v^{h}$", colour)
        box(4.3, y, 1.6, 0.9, f"attention\n{h}", colour)
        arrow((1.15, 2.1), (1.95, y + 0.45))
        arrow((3.65, y + 0.45), (4.25, y + 0.45), colour)
        box(7.0, 3.35 - (h + 1) * 0.83, 1.0, 0.83, f"head {h}", colour)
        arrow((5.95, y + 0.45), (6.95, 3.35 - (h + 0.5) * 0.83), colour)
    ax.text(7.5, 3.5, "(T, H·K)", ha="center", va="bottom", fontsize=15)
    box(8.6, 1.65, 0.9, 0.9, "$W_O$", RED)
    box(10.0, 1.45, 0.95, 1.3, "out\n(T, D)", GREY)
    arrow((8.05, 2.1), (8.55, 2.1))
    arrow((9.55, 2.1), (9.95, 2.1))
    finish(
        figure,
        f"X goes to {heads} heads, each with three small matrices and an attention of its own; "
        "their results are laid side by side and mixed by one matrix W_O.",
    )
    return heads, width


def split_origins(words: list[str], right: np.ndarray, wrong: np.ndarray) -> int:
    """Draws which word each entry of two heads came from: split with the swap of axes, and without.

    Args:
        words: T words.
        right: (H, T, K) indices of words.
        wrong: the same shape.

    Returns:
        How many entries of the wrong split stand in another word's row.
    """
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.8), sharey=True)
    figure.get_layout_engine().set(wspace=0.1)
    titles = ("reshape, then swap axes", "reshaped straight to (H, T, K)")
    for ax, heads, title in zip(axes, (right, wrong), titles, strict=True):
        H, T, K = heads.shape
        for (h, t, k), word in np.ndenumerate(heads):
            x = h * (K + 0.25) + k
            colour = WORD_COLOURS[word % len(WORD_COLOURS)]
            ax.add_patch(plt.Rectangle((x, T - 1 - t), 1, 1, facecolor=colour, alpha=0.45, edgecolor="white", lw=2))
            ax.text(x + 0.5, T - 0.5 - t, words[word], ha="center", va="center", fontsize=14)
        for h in range(H):
            ax.text(h * (K + 0.25) + K / 2, T + 0.15, f"head {h}", ha="center", va="bottom", fontsize=15)
        ax.set(xlim=(0, H * (K + 0.25) - 0.25), ylim=(0, T + 0.6), xticks=[], title=title)
        ax.set_yticks(np.arange(T) + 0.5, [f"row of {w}" for w in reversed(words)])
        ax.tick_params(length=0)
        for spine in ax.spines.values():
            spine.set_visible(False)
    rows = np.arange(len(words))[None, :, None]
    strangers = int((wrong != rows).sum())
    finish(
        figure,
        "Each entry of two heads, named after the word it came from. Left, every row holds its own word. "
        f"Right, {strangers} of {wrong.size} entries stand in another word's row.",
    )
    return strangers


def influence(words: list[str], panels: dict[str, np.ndarray]) -> dict[str, int]:
    """Draws which word's output feels which word's input, under a look-ahead mask.

    Args:
        words: T words.
        panels: two titles, each with a bool (T, T): row = output, column = input.

    Returns:
        For each panel, how many outputs feel a later word.
    """
    figure, axes = plt.subplots(1, 2, figsize=(11, 5), sharey=True)
    leaks = {}
    for ax, (title, felt) in zip(axes, panels.items(), strict=True):
        later = np.triu(np.ones_like(felt), 1)
        leaks[title] = int((felt & later).sum())
        ax.imshow(np.where(felt, 0.55, 0.0), cmap=WEIGHTS, vmin=0, vmax=1)
        for i, j in zip(*np.nonzero(felt & later), strict=True):
            ax.add_patch(plt.Rectangle((j - 0.5, i - 0.5), 1, 1, facecolor=RED, edgecolor="white", lw=2))
            ax.text(j, i, "leak", ha="center", va="center", color="white", fontsize=14)
        for i, j in zip(*np.nonzero(~felt & ~later), strict=True):
            ax.text(j, i, "blind", ha="center", va="center", color=GREY, fontsize=14)
        ax.set_xticks(range(len(words)), words, rotation=35, ha="right")
        ax.set_yticks(range(len(words)), words)
        ax.set(title=f"{title}: {leaks[title]} leaks", xlabel="changed word")
    axes[0].set_ylabel("output of")
    said = "; ".join(f"{title}: {n} leaks from the future" for title, n in leaks.items())
    finish(figure, f"Which output feels which input under a look-ahead mask. {said}.")
    return leaks


def load_two_looks(file: Path | None = None) -> dict:
    """The stored experiment: command, steps, and one row for each task, number of looks, of heads, and seed."""
    file = file or Path(__file__).resolve().parents[2] / "data" / "experiments" / "two_looks.json"
    return json.loads(file.read_text(encoding="utf-8"))


def shares(stored: dict, task: str) -> dict[int, np.ndarray]:
    """For each number of looks, what came back: (numbers of heads, seeds)."""
    rows = [r for r in stored["rows"] if r["task"] == task]
    heads, looks = (sorted({r[name] for r in rows}) for name in ("heads", "looks"))
    return {
        n: np.array([[r["share"] for r in rows if (r["looks"], r["heads"]) == (n, h)] for h in heads]) for n in looks
    }


def looks_and_heads(stored: dict, task: str, title: str, ylabel: str, predicted: bool = False) -> dict[int, np.ndarray]:
    """Draws what came back against the number of heads, one line for each number of looks: mean, and every seed.

    Args:
        stored: the experiment.
        task: which of its tasks.
        title: what to see.
        ylabel: what is measured.
        predicted: also draw min(heads / looks, 1).

    Returns:
        For each number of looks the mean at each number of heads.
    """
    figure, ax = plt.subplots(figsize=(9.5, 4.8))
    heads, means = [1, 2, 4], {}
    for (looks, values), colour, marker in zip(shares(stored, task).items(), (GREY, BLUE, RED), "^os", strict=True):
        means[looks] = values.mean(axis=1)
        label = "1 look" if looks == 1 else f"{looks} looks at once"
        ax.plot(heads, means[looks], marker=marker, ms=11, color=colour, label=label)
        for seed in values.T:
            ax.plot(heads, seed, ".", color=colour, ms=5)
        if predicted:
            ax.plot(heads, np.minimum(np.array(heads) / looks, 1), ls=":", lw=2, color="black")
    if predicted:
        ax.plot([], [], ls=":", lw=2, color="black", label="heads / looks")
    ax.set(title=title, xlabel="heads that share a width of 32", ylabel=ylabel, ylim=(0, 1.06))
    ax.set_xscale("log", base=2)
    ax.set_xticks(heads, [str(h) for h in heads])
    ax.minorticks_off()
    ax.legend(loc="lower right")
    said = "; ".join(f"{n} looks: {', '.join(f'{m:.2f}' for m in mean)}" for n, mean in means.items())
    finish(figure, f"What came back with 1, 2 and 4 heads. {said}.")
    return means
