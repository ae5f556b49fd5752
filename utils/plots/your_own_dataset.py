"""Figures of lesson 14."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from utils.plots.style import BLUE, GREY, ORANGE, RED, finish

STORED = Path(__file__).resolve().parents[2] / "data" / "experiments" / "own_data.json"


def stored() -> dict:
    """What `python -m benchmarks.own_data` wrote."""
    return json.loads(STORED.read_text(encoding="utf-8"))


def leak(rows: list[dict]) -> dict[str, float]:
    """Draws F1 on the test sentences that hid in the training data, on all, and on those that did not.

    Args:
        rows: of the stored experiment, with "leaked", "whole", "unseen" and "seed".

    Returns:
        The mean of each.
    """
    figure, ax = plt.subplots(figsize=(9, 3.8))
    names = {"leaked": "the half that leaked", "whole": "the whole test", "unseen": "the clean half"}
    means = {key: float(np.mean([row[key] for row in rows])) for key in names}
    bars = ax.barh(list(names.values()), list(means.values()), color=[RED, GREY, BLUE], height=0.55)
    for y, (bar, key) in enumerate(zip(bars, names, strict=True)):
        seeds = [row[key] for row in rows]
        ax.text(bar.get_width() / 2, y, f"{means[key]:.2f}", color="white", ha="center", va="center", fontsize=18)
        ax.plot(seeds, y + np.linspace(-0.15, 0.15, len(seeds)), "o", color="black", ms=7)
    ax.invert_yaxis()
    ax.set(title="What is reported, and what it is made of", xlim=(0, 1.05), xlabel="entity F1 (a dot: one training)")
    shown = ", ".join(f"{names[key]} {mean:.2f}" for key, mean in means.items())
    finish(figure, f"Three bars of entity F1 of the same models: {shown}; dots show each training.")
    return means


def learning_curve(rows: list[dict], here: tuple[int, float] | None = None) -> dict[int, float]:
    """Draws F1 against the number of sentences, each training a dot, the mean a line.

    Args:
        rows: of the stored experiment, with "sentences", "steps", "seed" and "f1"; of each size those with most steps
            count, but for a size's odd longer training with one seed.
        here: number of sentences and F1 of a training just made.

    Returns:
        For each number of sentences the mean F1.
    """
    figure, ax = plt.subplots(figsize=(9, 4.6))
    sizes, short = sorted({row["sentences"] for row in rows}), min(row["steps"] for row in rows)
    means = {size: float(np.mean([row["f1"] for row in enough(rows, size)])) for size in sizes}
    for chosen, colour, label in (
        ([row for row in rows if row["steps"] == short], GREY, f"{short} steps, however many sentences"),
        ([row for size in sizes for row in enough(rows, size)], BLUE, "eight rounds or more"),
    ):
        mean = [np.mean([row["f1"] for row in chosen if row["sentences"] == size]) for size in sizes]
        ax.plot([row["sentences"] for row in chosen], [row["f1"] for row in chosen], "o", color=colour, ms=7)
        ax.plot(sizes, mean, color=colour, label=label, ls="--" if colour == GREY else "-")
    if here:
        ax.plot(*here, "*", color=ORANGE, ms=22, label="yours, just now", zorder=0)
    ax.set_xscale("log", base=2)
    ax.set_xticks(sizes, [str(size) for size in sizes])
    ax.minorticks_off()
    ax.set(title="Does it still rise?", xlabel="sentences learnt from (each tick: twice as many)",
           ylabel="entity F1", ylim=(0, 1))  # fmt: skip
    ax.legend(loc="lower right", fontsize=13)
    ends = f"from {means[sizes[0]]:.2f} at {sizes[0]} to {means[sizes[-1]]:.2f} at {sizes[-1]}"
    few = np.mean([row["f1"] for row in rows if row["steps"] == short and row["sentences"] == sizes[-1]])
    finish(figure, f"Entity F1 against the number of training sentences, on a logarithmic scale: with enough steps it "
                   f"goes {ends}; with {short} steps it is {few:.2f} there."
                   + (f" A star: yours, of {here[0]} sentences." if here else ""))  # fmt: skip
    return means


def enough(rows: list[dict], size: int) -> list[dict]:
    """The trainings of a size with the steps that it needs: the most that several seeds have."""
    of_size = [row for row in rows if row["sentences"] == size]
    counts = {steps: sum(row["steps"] == steps for row in of_size) for steps in {row["steps"] for row in of_size}}
    steps = max(steps for steps, count in counts.items() if count > 1)
    return [row for row in of_size if row["steps"] == steps]
