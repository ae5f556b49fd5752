"""Figures of lesson 01."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from utils.plots.style import BLUE, GREEN, GREY, ORANGE, RED, WEIGHTS, finish

UNIT_COLOURS = {"SimpleRNN": GREEN, "GRU": ORANGE, "LSTM": RED, "attention": BLUE}


def bottleneck(words: list[str]) -> dict[str, int]:
    """Draws how word one reaches the last word: through every unit of a chain, or over one link.

    Returns:
        The number of steps from the first word to the last, for each way.
    """
    figure, axes = plt.subplots(1, 2, figsize=(11, 3.8))
    T = len(words)
    for ax, title in zip(axes, (f"Recurrence: {T - 1} steps", "Attention: 1 step"), strict=True):
        ax.set(title=title, xlim=(-0.6, T - 0.4), ylim=(-0.75, 2.2))
        ax.axis("off")
        for t, word in enumerate(words):
            ax.text(t, -0.35, word, ha="center", va="top", fontsize=15)
            ax.add_patch(plt.Circle((t, 0.25), 0.22, facecolor="white", edgecolor=GREY, lw=2))
    arrow = {"arrowstyle": "->", "lw": 3}
    for t in range(T - 1):
        axes[0].annotate("", (t + 0.76, 0.25), (t + 0.24, 0.25), arrowprops=arrow | {"color": RED})
        link = arrow | {"color": BLUE, "connectionstyle": f"arc3,rad={-0.2 - 0.35 / (T - 1 - t)}"}
        axes[1].annotate("", (T - 1.05, 0.5), (t, 0.5), arrowprops=link)
    axes[0].text((T - 1) / 2, 1.0, "everything so far\nmust fit into one vector", ha="center", color=RED)
    finish(
        figure,
        f"Left, {T} circles in a chain, each passing one arrow on to the next. "
        "Right, every circle has an arrow of its own straight to the last.",
    )
    return {"recurrence": T - 1, "attention": 1}


def gradient_reach(norms: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Draws how strongly the output feels an input, against how long ago that input was; log scale.

    Args:
        norms: for each unit the gradient's norm at distances 0, 1, 2, …

    Returns:
        For each unit the norm at distance 0 and at the last distance, (2,).
    """
    figure, ax = plt.subplots()
    for unit, norm in norms.items():
        ax.semilogy(norm, color=UNIT_COLOURS[unit])
        ax.text(len(norm), norm[-1], f" {unit}", color=UNIT_COLOURS[unit], va="center")
    ax.set(title="How far back does learning reach, before any training?")
    ax.set(xlabel="steps back", ylabel="gradient (norm)", xlim=(0, 1.2 * len(next(iter(norms.values())))))
    ends = {unit: norm[[0, -1]] for unit, norm in norms.items()}
    finish(figure, "Gradient norm against steps back, one line for each unit, on a logarithmic scale.")
    return ends


def similarity_grid(words: list[str], similarities: np.ndarray) -> np.ndarray:
    """Draws all pairwise similarities, written into their cells.

    Returns:
        The matrix drawn, (words, words).
    """
    figure, ax = plt.subplots(figsize=(9, 6))
    ax.imshow(similarities, cmap=WEIGHTS, vmin=0, vmax=1)
    for (i, j), value in np.ndenumerate(similarities):
        ax.text(j, i, f"{value:.2f}", ha="center", va="center", color="white" if value > 0.5 else "black")
    ax.set_xticks(range(len(words)), words, rotation=35, ha="right")
    ax.set_yticks(range(len(words)), words)
    ax.set_title("Who points the same way?")
    order = np.argsort(similarities[0])[::-1]
    finish(figure, f"Grid of cosine similarities. The word nearest to {words[0]} is {words[order[1]]}.")
    return similarities


def scores_to_shares(scores: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Draws scores beside the shares that softmax makes of them.

    Returns:
        The sum of the shares drawn.
    """
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.8))
    places = np.arange(len(scores))
    axes[0].bar(places, scores, color=GREY)
    axes[0].axhline(0, color="black", lw=1)
    axes[0].set(title="scores", xlabel="entry", xticks=places)
    axes[1].bar(places, shares, color=BLUE)
    axes[1].set(title="softmax: shares", xlabel="entry", xticks=places, ylim=(0, 1))
    for place, share in zip(places, shares, strict=True):
        axes[1].text(place, share + 0.02, f"{share:.2f}", ha="center")
    finish(figure, f"Scores {np.round(scores, 1).tolist()} become shares {np.round(shares, 2).tolist()}.")
    return shares.sum()


def temperature_sweep(temperatures: list[float], weights: np.ndarray, names: list[str]) -> np.ndarray:
    """Draws one bar chart a temperature: from a lookup to an average.

    Args:
        temperatures: at most four.
        weights: (temperatures, entries).
        names: of the entries.

    Returns:
        The largest weight at each temperature.
    """
    figure, axes = plt.subplots(1, len(temperatures), figsize=(11, 4.2), sharey=True)
    for ax, temperature, row in zip(axes, temperatures, weights, strict=True):
        ax.bar(range(len(row)), row, color=BLUE)
        ax.set(title=f"T = {temperature:g}", ylim=(0, 1.02))
        ax.set_xticks(range(len(row)), names, rotation=60, ha="right")
    axes[0].set_ylabel("weight")
    finish(figure, "Weights of the dictionary's entries: one entry takes all when cold, all get the same when hot.")
    return weights.max(axis=1)


def load_recall(file: Path | None = None) -> dict:
    """The stored experiment: command, steps, chance, and one row for each unit, distance and seed."""
    file = file or Path(__file__).resolve().parents[2] / "data" / "experiments" / "recall.json"
    return json.loads(file.read_text(encoding="utf-8"))


def recall(stored: dict) -> dict[str, np.ndarray]:
    """Draws the accuracy of every unit against the distance: the mean of the seeds, and their whole range.

    Returns:
        For each unit the mean accuracy at each distance.
    """
    figure, ax = plt.subplots(figsize=(10, 5))
    distances = sorted({row["distance"] for row in stored["rows"]})
    means = {}
    for unit, colour in UNIT_COLOURS.items():
        scores = np.array(
            [[r["accuracy"] for r in stored["rows"] if (r["unit"], r["distance"]) == (unit, d)] for d in distances]
        )
        means[unit] = scores.mean(axis=1)
        style = "-" if unit == "attention" else "--"
        ax.plot(distances, means[unit], style, marker="o", color=colour, label=unit)
        ax.fill_between(distances, scores.min(axis=1), scores.max(axis=1), color=colour, alpha=0.15)
    ax.axhline(stored["chance"], color=GREY, lw=1.5, ls=":")
    ax.text(distances[0], stored["chance"] + 0.02, "guessing", color=GREY)
    ax.set(title="Who still knows the cued value?", xlabel="steps since the cue", ylabel="accuracy", ylim=(0, 1.05))
    ax.set_xscale("log")
    ax.set_xticks(distances, [str(d) for d in distances])
    ax.minorticks_off()
    ax.legend(loc="lower left", bbox_to_anchor=(0.02, 0.22))
    finish(figure, "Accuracy against distance: attention stays at 1, the recurrent units fall to guessing.")
    return means


def time_against_length(lengths: list[int], milliseconds: dict[str, list[float]]) -> dict[str, float]:
    """Draws the time of one pass against the sequence's length.

    Returns:
        For each unit how many times longer the longest takes than the one before it.
    """
    figure, ax = plt.subplots()
    for unit, times in milliseconds.items():
        ax.loglog(lengths, times, marker="o", color=UNIT_COLOURS[unit])
        ax.text(lengths[0], times[0] * 1.25, unit, color=UNIT_COLOURS[unit])
    ax.set(title="One pass over the whole sequence", xlabel="length", ylabel="milliseconds")
    ax.set_xticks(lengths, [str(n) for n in lengths])
    ax.minorticks_off()
    finish(figure, "Time against length: the recurrent unit's line starts higher than attention's.")
    return {unit: times[-1] / times[-2] for unit, times in milliseconds.items()}
