"""Figures of lesson 14."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from utils.plots.style import BLUE, GREEN, GREY, ORANGE, RED, finish

STORED = Path(__file__).resolve().parents[2] / "data" / "experiments" / "own_data.json"


def stored() -> dict:
    """What `python -m benchmarks.own_data` wrote."""
    return json.loads(STORED.read_text(encoding="utf-8"))


def shared_passages(shares: dict[str, float]) -> dict[str, float]:
    """Draws for each way of splitting the share of dev questions whose passage is in train as well.

    Args:
        shares: way of splitting -> share, 0 to 1.

    Returns:
        The same.
    """
    figure, ax = plt.subplots(figsize=(9, 2.9))
    bars = ax.barh(list(shares), list(shares.values()), color=[RED, GREEN][: len(shares)], height=0.55)
    ax.bar_label(bars, [f" {share:.0%}" for share in shares.values()], fontsize=16)
    ax.invert_yaxis()
    ax.set(title="Dev questions whose passage was learnt from", xlim=(0, 1.12), xlabel="share of dev questions")
    listed = ", ".join(f"{way} {share:.0%}" for way, share in shares.items())
    finish(figure, f"Horizontal bars of the share of dev questions whose passage is also in train: {listed}.")
    return shares


def leak(rows: list[dict]) -> dict[str, float]:
    """Draws F1 on the test sentences that hid in the training data, and on the others.

    Args:
        rows: of the stored experiment, with "leaked", "unseen" and "seed".

    Returns:
        The mean of each.
    """
    figure, ax = plt.subplots(figsize=(9, 3.2))
    names = {"leaked": "hidden in train", "unseen": "never seen"}
    means = {key: float(np.mean([row[key] for row in rows])) for key in names}
    bars = ax.barh(list(names.values()), list(means.values()), color=[RED, BLUE], height=0.55)
    for y, (bar, key) in enumerate(zip(bars, names, strict=True)):
        seeds = [row[key] for row in rows]
        ax.text(bar.get_width() / 2, y, f"{means[key]:.2f}", color="white", ha="center", va="center", fontsize=18)
        ax.plot(seeds, y + np.linspace(-0.15, 0.15, len(seeds)), "o", color="black", ms=7)
    ax.invert_yaxis()
    ax.set(title="One model, one test in two halves", xlim=(0, 1.15), xlabel="entity F1 (a dot: one training)")
    shown = ", ".join(f"{names[key]} {mean:.2f}" for key, mean in means.items())
    finish(figure, f"Two bars of entity F1 of the same models: {shown}; dots show each training.")
    return means


def learning_curve(rows: list[dict], here: tuple[int, float] | None = None) -> dict[int, float]:
    """Draws F1 against the number of sentences, each training a dot, the mean a line.

    Args:
        rows: of the stored experiment, with "sentences", "seed" and "f1".
        here: number of sentences and F1 of a training just made.

    Returns:
        For each number of sentences the mean F1.
    """
    figure, ax = plt.subplots(figsize=(9, 4.4))
    sizes = sorted({row["sentences"] for row in rows})
    means = {size: float(np.mean([row["f1"] for row in rows if row["sentences"] == size])) for size in sizes}
    ax.plot(
        [row["sentences"] for row in rows], [row["f1"] for row in rows], "o", color=GREY, ms=7, label="one training"
    )
    ax.plot(sizes, list(means.values()), color=BLUE, label="mean")
    if here:
        ax.plot(*here, "*", color=ORANGE, ms=22, label="yours, just now", zorder=0)
    ax.set_xscale("log", base=2)
    ax.set_xticks(sizes, [str(size) for size in sizes])
    ax.minorticks_off()
    ax.set(
        title="Does it still rise?",
        xlabel="sentences learnt from (each tick: twice as many)",
        ylabel="entity F1",
        ylim=(0, 1),
    )
    if sizes and any(b != 2 * a for a, b in zip(sizes, sizes[1:], strict=False)):
        ax.set_xlabel("sentences learnt from (logarithmic)")
    ax.legend(loc="lower right")
    ends = f"from {means[sizes[0]]:.2f} at {sizes[0]} to {means[sizes[-1]]:.2f} at {sizes[-1]}"
    finish(figure, f"Entity F1 against the number of training sentences, on a logarithmic scale, rising {ends}.")
    return means
