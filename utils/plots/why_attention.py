"""Figures of lesson 01."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from utils.plots.ink import ink
from utils.plots.style import BLUE, GREEN, GREY, ORANGE, RED, WEIGHTS, finish, listed

UNIT_COLOURS = {"SimpleRNN": GREEN, "GRU": ORANGE, "LSTM": RED, "attention": BLUE}
UNIT_LINES = {"SimpleRNN": "-.", "GRU": "--", "LSTM": ":", "attention": "-"}


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


def gradient_reach(sizes: tuple[float, ...], norms: dict[str, np.ndarray], title: str) -> dict[str, np.ndarray]:
    """Draws how strongly the output feels an input, against how long ago that input was; log scale, a panel a size.

    Args:
        sizes: of the inputs.
        norms: for each unit the gradient's norm for each size at distances 0, 1, 2, …, (sizes, T).
        title: above all panels.

    Returns:
        For each unit the median norm 1 to 10 steps back, and at the last ten distances, (sizes, 2).
    """
    figure, axes = plt.subplots(1, len(sizes), figsize=(12, 4.6), sharey=True)
    for ax, size, of_unit in zip(axes, sizes, zip(*norms.values(), strict=True), strict=True):
        for unit, norm in zip(norms, of_unit, strict=True):
            ax.semilogy(np.maximum(norm, 1e-30), UNIT_LINES[unit], color=UNIT_COLOURS[unit], label=unit)
        ax.set(title=f"inputs of size {size:g}", xlabel="steps back", ylim=(1e-12, 50))
        ax.set_yticks(10.0 ** np.arange(-12, 1, 3))
        ax.minorticks_off()
    axes[0].set_ylabel("gradient (norm)")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(norms))
    figure.suptitle(title, x=0.01, ha="left")
    finish(
        figure,
        f"Gradient norm against steps back on a logarithmic scale, a panel for each size of the inputs, "
        f"a line for each unit: {', '.join(norms)}.",
    )
    near_and_far = slice(1, 11), slice(-10, None)
    return {unit: np.stack([np.median(norm[:, s], axis=1) for s in near_and_far], 1) for unit, norm in norms.items()}


def similarity_grid(words: list[str], similarities: np.ndarray) -> np.ndarray:
    """Draws all pairwise similarities, written into their cells.

    Returns:
        The matrix drawn, (words, words).
    """
    similarities = np.asarray(similarities)
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
    shares = np.asarray(shares)
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.8))
    places = np.arange(len(scores))
    axes[0].bar(places, scores, color=GREY)
    axes[0].axhline(0, color="black", lw=1)
    axes[0].set(title="scores", xlabel="entry", xticks=places)
    axes[1].bar(places, shares, color=BLUE)
    axes[1].set(title="softmax: shares", xlabel="entry", xticks=places, ylim=(0, 1))
    for place, share in zip(places, shares, strict=True):
        axes[1].text(place, share + 0.02, f"{share:.2f}", ha="center")
    finish(figure, f"Scores {listed(scores, 1)} become shares {listed(shares)}.")
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
        ax.set(ylim=(0, 1.02))
        ax.set_title(f"temperature {temperature:g}", fontsize=14)
        ax.set_xticks(range(len(row)), names, rotation=60, ha="right")
    axes[0].set_ylabel("weight")
    said = (f"at {t:g} from {min(row):.2f} to {max(row):.2f}" for t, row in zip(temperatures, weights, strict=True))
    finish(figure, f"Weights of the dictionary's {len(names)} entries by temperature: {', '.join(said)}.")
    return weights.max(axis=1)


def load_recall(file: Path | None = None) -> dict:
    """The stored experiment: command, steps, chance, and one row a unit, embedding, start, distance and seed."""
    file = file or Path(__file__).resolve().parents[2] / "data" / "experiments" / "recall.json"
    return json.loads(file.read_text(encoding="utf-8"))


def recall(stored: dict) -> dict[tuple[str, str, bool], np.ndarray]:
    """Draws accuracy against distance: a column for each unit, above as Keras starts it, below started to carry.

    Returns:
        For each (unit, embedding, whether started to carry) the mean accuracy of the seeds at each distance.
    """
    figure, axes = plt.subplots(2, len(UNIT_COLOURS), figsize=(12, 6.4), sharex=True, sharey=True)
    distances = sorted({row["distance"] for row in stored["rows"]})
    places = np.arange(len(distances))
    looks = {"uniform": {"lw": 7, "alpha": 0.35}, "normal": {"lw": 2, "marker": "o", "ms": 6}}
    names = {"uniform": "small: within ±0.05", "normal": "large: N(0, 1)"}
    means = {}
    for (unit, colour), column in zip(UNIT_COLOURS.items(), axes.T, strict=True):
        for carry, ax in enumerate(column):
            for embedding, look in looks.items():
                arm = [r for r in stored["rows"] if (r["unit"], r["embedding"], r["carry"]) == (unit, embedding, carry)]
                if not arm:
                    continue
                scores = np.array([[r["accuracy"] for r in arm if r["distance"] == d] for d in distances])
                means[unit, embedding, bool(carry)] = scores.mean(axis=1)
                ax.plot(places, scores.mean(axis=1), color=colour, label=names[embedding], **look)
                ax.fill_between(places, scores.min(axis=1), scores.max(axis=1), color=colour, alpha=0.15, lw=0)
            ax.axhline(stored["chance"], color=GREY, lw=1.5, ls=":")
            ax.set(ylim=(0, 1.06), xlim=(-0.3, len(places) - 0.7))
            ax.set_xticks(places, [str(d) for d in distances], fontsize=12)
        column[0].set_title(unit, color=ink(colour))
        column[1].set_title("scores divided" if unit == "attention" else "gates open", color=ink(colour), fontsize=14)
        column[1].set_xlabel("steps since the cue", fontsize=13)
    corner = axes[1, 0]  # the plain unit has no gate to open
    corner.axis("off")
    corner.set(title="", xlabel="")
    corner.lines[0].remove()
    corner.text(0.5, 0.9, "above: as Keras starts them", ha="center", fontsize=12, transform=corner.transAxes)
    for handle in (
        legend := corner.legend(*axes[0, 1].get_legend_handles_labels(), loc="center", fontsize=11)
    ).legend_handles:
        handle.set_color(GREY)
    legend.set_title("the embeddings start", prop={"size": 12})
    axes[0, 0].tick_params(labelbottom=True)
    axes[1, 1].tick_params(labelleft=True)
    axes[0, 3].text(0, stored["chance"] + 0.03, "guessing", color=GREY, fontsize=12)
    axes[0, 0].set_ylabel("accuracy")
    axes[1, 1].set_ylabel("accuracy")
    finish(
        figure,
        "Accuracy against distance, a column for each unit. Above, as Keras starts them, most lines fall to "
        "guessing somewhere; below, with gates open or scores divided, they stay high.",
    )
    return means


def time_against_length(lengths: list[int], milliseconds: dict[str, list[float]]) -> dict[str, float]:
    """Draws the time of one pass against the sequence's length.

    Returns:
        For each unit how many times longer the longest takes than the one before it.
    """
    figure, ax = plt.subplots()
    for unit, times in milliseconds.items():
        ax.loglog(lengths, times, UNIT_LINES[unit], marker="o", color=UNIT_COLOURS[unit], label=unit)
    ax.set(title="One pass over the whole sequence", xlabel="length", ylabel="milliseconds")
    ax.legend(loc="upper left")
    ax.set_xticks(lengths, [str(n) for n in lengths])
    low, high = (f(t for times in milliseconds.values() for t in times) for f in (min, max))
    ticks = [m * 10.0**e for e in range(-3, 5) for m in (1, 2, 5) if low / 2 < m * 10.0**e < high * 2]
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    finish(figure, f"Milliseconds of one pass, from length {lengths[0]} to {lengths[-1]}: " + "; ".join(
        f"{unit} from {times[0]:.1f} to {times[-1]:.1f}" for unit, times in milliseconds.items()) + ".")  # fmt: skip
    return {unit: times[-1] / times[-2] for unit, times in milliseconds.items()}
