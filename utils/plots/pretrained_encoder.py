"""Figures of lesson 10."""

import matplotlib.pyplot as plt
import numpy as np

from utils.plots.intervals import wilson
from utils.plots.style import BLUE, CYCLE, GREY, ORANGE, RED, WEIGHTS, finish


def wrong_details(gaps: dict[str, float], bound: float = 1e-5) -> list[str]:
    """Draws how far the hidden states are from the reference, for each detail that is done in another way.

    Args:
        gaps: by detail, the largest difference.
        bound: what still counts as the same.

    Returns:
        The details drawn above the bound.
    """
    figure, ax = plt.subplots(figsize=(11, 0.55 * len(gaps) + 1.6))
    names, values = list(gaps), np.array(list(gaps.values()))
    ax.barh(range(len(names)), values, color=[BLUE if v < bound else ORANGE for v in values], left=1e-7, height=0.62)
    for n, value in enumerate(values):
        power = int(np.floor(np.log10(value)))
        text = f"{value:.1f}" if value > 0.1 else rf"{value / 10**power:.0f} · $10^{{{power}}}$"
        ax.text(max(value, bound) * 1.3, n, text, va="center")
    ax.axvline(bound, color=GREY, ls="--", lw=2)
    ax.text(bound * 0.75, -0.95, "the same", color=GREY, ha="right", va="center")
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.set(xscale="log", xlim=(1e-7, 100), ylim=(len(names) - 0.4, -1.4), xlabel="largest difference to the reference")
    ax.set_xticks(10.0 ** np.arange(-7, 3))
    ax.set_title("One detail wrong")
    said = [f"{name} {value:.0e}" if value >= bound else f"{name} below {bound:.0e}" for name, value in gaps.items()]
    finish(figure, f"Bars: the largest difference of the hidden states. {'; '.join(said)}.")
    return [name for name, value in gaps.items() if value >= bound]


def one_word(before, after, senses, named: dict[int, str]) -> dict[str, np.ndarray]:
    """Draws the vectors of one word in N sentences, before and after the layers, in the plane where they differ most.

    Args:
        before: (N, D), what enters the first layer.
        after: (N, D), what leaves the last one.
        senses: what the word means in each, N names.
        named: the number of a sentence -> what to write beside it.

    Returns:
        The two sets of points drawn, (N, 2) each, around their own centre: both in the directions of `after`.
    """
    after, before = (np.asarray(x, "float64") - np.mean(x, axis=0) for x in (after, before))
    _, lengths, directions = np.linalg.svd(after, full_matrices=False)
    held, directions = (lengths[:2] ** 2).sum() / (lengths**2).sum(), directions[:2]  # (2, D)
    directions *= np.sign(directions.sum(axis=1, keepdims=True))
    points = {"before the first layer": before @ directions.T, "after the last": after @ directions.T}
    figure, axes = plt.subplots(1, 2, figsize=(12, 5.6), sharex=True, sharey=True)
    for ax, (title, places) in zip(axes, points.items(), strict=True):
        for sense, colour, marker in zip(dict.fromkeys(senses), CYCLE, "os^", strict=False):
            rows = np.array([s == sense for s in senses])
            ax.plot(*places[rows].T, marker, color=colour, ms=11, label=sense, ls="", alpha=0.9)
        ax.set(title=title, xticks=[], yticks=[])
        ax.margins(0.25)
    axes[1].set_title(f"after the last ({held:.0%} of the variance)")
    for n, text in named.items():
        x, y = points["after the last"][n]
        line = {"arrowstyle": "-", "color": GREY, "lw": 1.5, "shrinkB": 6}
        place = {"xytext": (14, 46) if y > 0 else (30, -14), "textcoords": "offset points"}
        axes[1].annotate(text, (x, y), ha="center" if y > 0 else "left", va="center", arrowprops=line, **place)
    axes[0].legend(loc="upper left", title="it means")
    said = []
    for title, places in points.items():
        apart = np.linalg.norm(places[:, None] - places, axis=-1) + np.where(np.eye(len(places)), np.inf, 0)
        same = sum(senses[n] == senses[m] for n, m in enumerate(apart.argmin(axis=1)))
        one = np.ptp(places) < 0.1 * max(map(np.ptp, points.values()))  # as the eye has it: both panels share axes
        said.append(f"{title} " + ("one point" if one else f"{same} lie next to one of the same sense"))
    finish(figure, f"The same word in {len(senses)} sentences: {'; '.join(said)}.")
    return points


def senses_by_layer(
    words: dict[str, list[float]], topics: dict[str, float], lucks: dict[str, float], numbers: dict[str, int]
) -> dict[str, tuple[float, float]]:
    """Draws for each word how often its nearest neighbour has the same sense, layer by layer.

    Args:
        words: by word, the share after each layer.
        topics: by word, the share where the sentence's mean is compared in the word's place.
        lucks: by word, the share that guessing has.
        numbers: by word, of how many sentences the share is.

    Returns:
        By word, Wilson's interval of the last share.
    """
    figure, axes = plt.subplots(1, len(words), figsize=(12, 4.8), sharey=True)
    ends = {}
    for ax, (word, values), colour in zip(axes, words.items(), CYCLE, strict=False):
        last = len(values) - 1
        low, high = ends[word] = wilson(values[-1] * numbers[word], numbers[word])
        ax.plot(values, marker="o", ms=9, color=colour)
        ax.errorbar(last, values[-1], [[values[-1] - low], [high - values[-1]]], color=colour, capsize=7, lw=2.5)
        ax.plot(last + 0.6, topics[word], "D", ms=11, color=GREY)
        ax.text(last + 0.95, topics[word], "topic", color=GREY, va="center")
        ax.axhline(lucks[word], color=GREY, ls=":", lw=2)
        ax.text(last + 0.95, lucks[word], "luck", color=GREY, va="bottom")
        ax.set(
            title=f"{word}: {numbers[word]} sentences", xlabel="after layer", xlim=(-0.3, last + 2.2), ylim=(0, 1.05)
        )
        ax.set_xticks(range(len(values)))
    axes[0].set_ylabel("nearest has the same sense")
    said = "; ".join(
        f"{word} from {v[0]:.2f} to {v[-1]:.2f} (interval {ends[word][0]:.2f} to {ends[word][1]:.2f}), "
        f"the sentence's mean {topics[word]:.2f}, luck {lucks[word]:.2f}"
        for word, v in words.items()
    )
    finish(figure, f"Share of sentences whose nearest neighbour has the same sense, by layer: {said}.")
    return ends


def phrases_grid(rows: list[str], columns: list[str], panels: dict[str, np.ndarray]) -> dict[str, float]:
    """Draws similarities between phrases and descriptions, by two ways, side by side.

    Args:
        rows: N phrases.
        columns: M descriptions, in a word or two.
        panels: title -> similarities (N, M).

    Returns:
        By title, by how much the right one leads on average: the right description of row n is column n.
    """
    figure, axes = plt.subplots(1, len(panels), figsize=(12, 4.9))
    leads = {}
    for n, (ax, (title, values)) in enumerate(zip(axes, panels.items(), strict=True)):
        ax.imshow(values, cmap=WEIGHTS, vmin=0, vmax=1)
        for (row, column), value in np.ndenumerate(values):
            bold = "bold" if column == values[row].argmax() else "normal"
            colour = "white" if value > 0.55 else "black"
            ax.text(column, row, f"{value:.2f}", ha="center", va="center", color=colour, fontsize=17, weight=bold)
        ax.set_xticks(range(len(columns)), columns)
        ax.set_yticks(range(len(rows)), rows if n == 0 else [])
        ax.set_title(title)
        others = np.where(np.eye(*values.shape, dtype=bool), -1, values).max(axis=1)
        leads[title] = float(np.mean(np.diag(values) - others))
    said = "; ".join(f"{title}: the right one leads by {lead:.2f} on average" for title, lead in leads.items())
    finish(figure, f"Two grids of cosine similarities, {', '.join(rows)} against {', '.join(columns)}. {said}.")
    return leads


def machine(layers: int, heads: int, width: int) -> list[str]:
    """Draws the encoder from text to hidden states: what is new in this lesson, and what is known from lesson 06.

    Returns:
        The labels of the boxes, from left to right.
    """
    boxes = {"pieces\nand ids": GREY, "word\n+ position\n+ segment": RED, "norm": RED}
    boxes |= {f"{layers} ×\nEncoderLayer\n({heads} heads)": BLUE, f"hidden states\n(B, T, {width})": GREY}
    centres = np.array([0, 1.95, 3.65, 5.6, 8.0])
    halves = np.array([0.66, 0.84, 0.5, 0.96, 1.0])
    figure, ax = plt.subplots(figsize=(12, 2.6))
    ax.set(xlim=(-0.8, 9.1), ylim=(-1.25, 0.95))
    ax.axis("off")
    for n, (label, colour) in enumerate(boxes.items()):
        shape = {"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": colour, "lw": 3}
        ax.text(centres[n], 0.2, label, ha="center", va="center", fontsize=16, bbox=shape)
        if n:
            ends = (centres[n] - halves[n], 0.2), (centres[n - 1] + halves[n - 1], 0.2)
            ax.annotate("", *ends, arrowprops={"arrowstyle": "->", "lw": 2.5, "shrinkA": 2, "shrinkB": 2})
    ax.text(2.8, -1.1, "new here", ha="center", color=RED)
    ax.text(centres[3], -1.1, "yours, from lesson 06", ha="center", color=BLUE)
    finish(figure, "From left to right: " + ", ".join(label.replace("\n", " ") for label in boxes) + ".")
    return [label.replace("\n", " ") for label in boxes]
