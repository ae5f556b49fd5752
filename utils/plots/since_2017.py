"""Figures of lesson 15."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from utils.plots.ink import ink
from utils.plots.style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY, finish

EXPERIMENTS = Path(__file__).resolve().parents[2] / "data" / "experiments"
PLACES = 16  # that are averaged for one point of a curve


def load(name: str) -> dict:
    """A stored experiment."""
    return json.loads((EXPERIMENTS / f"{name}.json").read_text(encoding="utf-8"))


def pairs_of_features(K: int) -> dict[str, list[tuple[int, int]]]:
    """Draws which features are turned together, in both layouts.

    Args:
        K: the width of a head.

    Returns:
        layout -> its pairs.
    """
    pairs = {
        "halves": [(j, j + K // 2) for j in range(K // 2)],
        "interleaved": [(2 * j, 2 * j + 1) for j in range(K // 2)],
    }
    figure, axes = plt.subplots(1, 2, figsize=(11, 2.6))
    for ax, (layout, found) in zip(axes, pairs.items(), strict=True):
        for j, (pair, colour) in enumerate(zip(found, (BLUE, ORANGE, GREEN, RED, PURPLE, SKY), strict=False)):
            for feature in pair:
                ax.add_patch(
                    plt.Rectangle((feature, 0), 0.92, 0.92, facecolor=colour, alpha=0.35, edgecolor=colour, lw=2)
                )
                ax.text(feature + 0.46, 0.46, str(feature), ha="center", va="center", fontsize=17)
            a, b = (feature + 0.46 for feature in pair)
            arc = {
                "arrowstyle": "-",
                "lw": 3,
                "color": colour,
                "connectionstyle": f"arc3,rad={-0.9 / (b - a) ** 0.5:.2f}",
            }
            ax.annotate("", (b, 0.98), (a, 0.98), arrowprops=arc)
            ax.text(a, -0.12, f"pair {j}", ha="center", va="top", fontsize=13, color=ink(colour))
        ax.set(xlim=(-0.1, K), ylim=(-0.6, 2.15), title=f'layout="{layout}"')
        ax.axis("off")
    said = "; ".join(f"{layout}: {', '.join(f'{a} with {b}' for a, b in found)}" for layout, found in pairs.items())
    finish(figure, f"Which of {K} features are turned together. {said}.")
    return pairs


def bends() -> dict[str, np.ndarray]:
    """Draws relu and silu.

    Returns:
        name -> values at -6, -5.9, …, 6.
    """
    z = np.linspace(-6, 6, 121)
    curves = {"relu(z)": np.maximum(z, 0), "silu(z) = z · sigmoid(z)": z / (1 + np.exp(-z))}
    figure, ax = plt.subplots(figsize=(7.5, 3.6))
    for (name, values), colour, line in zip(curves.items(), (GREY, BLUE), ("--", "-"), strict=True):
        ax.plot(z, values, color=colour, ls=line, lw=3, label=name)
    ax.axhline(0, color="black", lw=0.8)
    ax.set(xlabel="z", ylim=(-1, 6), title="Silu is a relu with a soft corner")
    ax.legend(loc="upper left")
    lowest = float(curves["silu(z) = z · sigmoid(z)"].min())
    finish(figure, f"Relu and silu from -6 to 6. Silu follows relu far from 0, is smooth, and dips to {lowest:.2f}.")
    return curves


def shared_keys(num_heads: int, groups: tuple[int, ...]) -> dict[int, list[int]]:
    """Draws which head of keys and values each head of queries asks.

    Args:
        num_heads: H.
        groups: G of each drawing, from the left.

    Returns:
        G -> for each head of queries its head of keys.
    """
    figure, ax = plt.subplots(figsize=(11, 3.6))
    asked = {}
    for n, G in enumerate(groups):
        left, share = n * (num_heads + 1.2), num_heads // G
        asked[G] = [h // share for h in range(num_heads)]
        for h in range(num_heads):
            centre = left + (asked[G][h] + 0.5) * share
            ax.plot([left + h + 0.5, centre], [1.92, 0.88], color=GREY, lw=2, zorder=0)
            ax.add_patch(plt.Rectangle((left + h + 0.08, 1.9), 0.84, 0.7, facecolor=SKY, edgecolor=BLUE, lw=2))
            ax.text(left + h + 0.5, 2.25, f"q{h}", ha="center", va="center", fontsize=15)
        for g in range(G):
            centre = left + (g + 0.5) * share
            ax.add_patch(plt.Rectangle((centre - 0.42, 0.2), 0.84, 0.7, facecolor="#ffe3b0", edgecolor=ORANGE, lw=2))
            ax.text(centre, 0.55, f"kv{g}", ha="center", va="center", fontsize=14)
        name = {num_heads: "multi-head", 1: "multi-query"}.get(G, "grouped-query")
        ax.text(left + num_heads / 2, 3.0, f"{name}: G = {G}", ha="center", va="bottom", fontsize=16)
    ax.set(xlim=(-0.1, len(groups) * (num_heads + 1.2) - 1), ylim=(0, 3.6))
    ax.axis("off")
    said = "; ".join(f"G = {G}: heads ask {', '.join(map(str, heads))}" for G, heads in asked.items())
    finish(figure, f"{num_heads} heads of queries over their heads of keys and values. {said}.")
    return asked


def rows_of(stored: dict, task: str, steps: int | None = None) -> list[dict]:
    """The runs of a task; of those trained for different times the shortest, or what `steps` says."""
    rows = [r for r in stored["rows"] if r["task"] == task]
    steps = steps or min(r["steps"] for r in rows)
    return [r for r in rows if r["steps"] == steps]


def differences(stored: dict, task: str, score: str, steps: int | None = None) -> dict[str, np.ndarray]:
    """For each arm its score minus that of the block of 2017, seed by seed."""
    rows = rows_of(stored, task, steps)
    base = {r["seed"]: r[score] for r in rows if r["arm"] == "2017"}
    arms = [arm for arm in dict.fromkeys(r["arm"] for r in rows) if arm != "2017"]
    return {arm: np.array([r[score] - base[r["seed"]] for r in rows if r["arm"] == arm]) for arm in arms}


def swapped(stored: dict, panels: dict[str, tuple[str, str, str]], title: str) -> dict:
    """Draws what each change alone does to a score, each seed a mark, paired with the block of 2017.

    Args:
        stored: the experiment.
        panels: title of a panel -> (task, score, label of the axis); at most two.
        title: what to see.

    Returns:
        (panel's title, arm) -> differences, one a seed.
    """
    figure, axes = plt.subplots(1, len(panels), figsize=(11, 5.4), sharey=True)
    found = {}
    for ax, (name, (task, score, label)) in zip(np.atleast_1d(axes), panels.items(), strict=True):
        values = differences(stored, task, score)
        for place, (arm, differing) in enumerate(values.items()):
            ax.plot(differing, [place] * len(differing), "o", color=BLUE, ms=11, alpha=0.6, mec="white")
            found[name, arm] = differing
        ax.axvline(0, color="black", lw=1.2)
        ax.set(title=name, xlabel=label)
        ax.set_yticks(range(len(values)), list(values))
        ax.set_ylim(len(values) - 0.5, -0.5)
        ax.grid(axis="y", color="#dddddd")
        ax.tick_params(axis="y", length=0)
    figure.suptitle(title, x=0.01, ha="left", fontsize=18)
    said = "; ".join(f"{name}, {arm}: {v.mean():+.2f}" for (name, arm), v in found.items())
    finish(figure, f"{title}. Each change minus the block of 2017, means of three seeds: {said}.")
    return found


def beyond(stored: dict, panels: dict[str, tuple[str, str, int]], arms: tuple[str, ...], trained: int) -> dict:
    """Draws how good models are at each place of texts longer than those of training.

    Args:
        stored: the experiment.
        panels: title of a panel -> (task, label of the axis, steps of training); at most two.
        arms: which.
        trained: words of a text in training.

    Returns:
        (panel's title, arm) -> (seeds, pieces of 16 places).
    """
    figure, axes = plt.subplots(1, len(panels), figsize=(11, 4.8))
    found = {}
    for ax, (name, (task, label, steps)) in zip(np.atleast_1d(axes), panels.items(), strict=True):
        for arm, colour, line in zip(arms, (GREY, BLUE, ORANGE), ("--", "-", ":"), strict=False):
            values = np.array([r["by_place"] for r in rows_of(stored, task, steps) if r["arm"] == arm])
            places = np.arange(values.shape[1]) * PLACES + PLACES / 2
            ax.plot(places, values.mean(axis=0), color=colour, ls=line, lw=3.5, label=arm)
            ax.fill_between(places, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.2, lw=0)
            found[name, arm] = values
        ax.axvline(trained, color="black", lw=1.2)
        ax.set(title=name, xlabel="place in the text", ylabel=label, xlim=(0, None))
    top = np.atleast_1d(axes)[0]
    top.text(trained + 2, top.get_ylim()[1], "never trained", va="top", fontsize=14)
    title = "Beyond the trained length"
    figure.suptitle(title, x=0.01, ha="left", fontsize=18)
    figure.legend(*top.get_legend_handles_labels(), loc="outside lower center", ncols=len(arms))
    said = "; ".join(
        f"{name}, {arm}: {v.mean(axis=0)[0]:.2f} at the first places, {v.mean(axis=0)[-1]:.2f} at the last"
        for (name, arm), v in found.items()
    )
    finish(figure, f"{title}, {trained} words. {said}.")
    return found
