"""Figures of lesson 09."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from utils.plots.style import BLUE, GREEN, ORANGE, RED, WEIGHTS, finish, listed

EXPERIMENTS = Path(__file__).resolve().parents[2] / "data" / "experiments"


def load_experiment(name: str) -> dict:
    """What `python -m benchmarks.<name>` has stored."""
    return json.loads((EXPERIMENTS / f"{name}.json").read_text(encoding="utf-8"))


def word_by_word(steps: list[list[tuple[str, float]]]) -> list[float]:
    """Draws a column for each step: the likeliest words, best first, with their probabilities.

    Args:
        steps: for each step its likeliest (word, probability), best first.

    Returns:
        The probability of the word chosen at each step.
    """
    grid = np.array([[p for _, p in step] for step in steps]).T  # (candidates, steps)
    figure, ax = plt.subplots(figsize=(1.62 * len(steps) + 1, 1.0 + 0.9 * len(grid)))
    ax.imshow(grid, cmap=WEIGHTS, vmin=0, vmax=1, aspect="auto")
    for column, step in enumerate(steps):
        for row, (word, p) in enumerate(step):
            weight = "bold" if row == 0 else "normal"
            ax.text(column, row, f"{word}\n{p:.3f}", ha="center", va="center", fontsize=15, fontweight=weight,
                    color="white" if p > 0.5 else "black")  # fmt: skip
    ax.set_xticks(range(len(steps)), [f"step {n}" for n in range(len(steps))])
    ax.set_yticks(range(len(grid)), ["said", *[f"{n}." for n in range(2, len(grid) + 1)]])
    ax.tick_params(length=0)
    ax.set_title("What could come next, and what was said")
    said = " ".join(step[0][0] for step in steps)
    finish(figure, f"For each of {len(steps)} steps the likeliest pieces with probabilities; said is: {said}.")
    return [step[0][1] for step in steps]


def work(length: int) -> tuple[int, int]:
    """Draws which places the decoder computes at each step, without and with a memory.

    Returns:
        The number of places computed without, and with.
    """
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.6), sharey=True)
    counts = []
    for ax, title, colour, again in zip(
        axes, ("the whole prefix, each time", "with a memory"), (RED, BLUE), (True, False), strict=True
    ):
        known = [(step, place) for step in range(length) for place in range(step + 1)]
        places = [(step, place) for step, place in known if again or place == step]
        for t, s in known:
            filled = (t, s) in places
            ax.add_patch(plt.Rectangle((s, t), 0.86, 0.86, facecolor=colour if filled else "none",
                                       edgecolor=colour, alpha=1 if filled else 0.5, lw=1.5))  # fmt: skip
        ax.set(xlim=(-0.2, length), ylim=(length, -0.2), xlabel="place in the sentence", aspect="equal")
        ax.set_xticks([]), ax.set_yticks([])
        ax.set_title(f"{title}: {len(places)}")
        counts.append(len(places))
    axes[0].set_ylabel("step")
    finish(figure, f"{length} steps: without a memory {counts[0]} places are computed, with one {counts[1]}.")
    return counts[0], counts[1]


def time_by_room(stored: dict) -> dict[str, list[float]]:
    """Draws the milliseconds that one more token takes against the places there is room for, with and without a memory.

    Args:
        stored: by room, the milliseconds under "cached" and "whole prefix".

    Returns:
        The milliseconds of both, by room.
    """
    places = [int(room) for room in stored]
    rows = {"the whole prefix again": "whole prefix", "with a memory": "cached"}
    figure, ax = plt.subplots(figsize=(9.5, 4.8))
    drawn = {}
    for (name, key), colour, way in zip(rows.items(), (RED, BLUE), ("run as it is", "compiled"), strict=True):
        drawn[name] = [row[key] for row in stored.values()]
        ax.plot(places, drawn[name], "o-", color=colour)
        ax.annotate(f"{name} ({way})", (places[-2], drawn[name][-2]), (0, 14), textcoords="offset points",
                    color=colour, ha="right", fontsize=16)  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel="words before it, or places in the memory", ylabel="ms for one more word")
    ax.set_xticks(places, [f"{place:,}" for place in places])
    ax.minorticks_off()
    ax.set_ylim(top=3 * max(map(max, drawn.values())))
    ax.set_title("More room costs more, and far less than reading again")
    finish(figure, f"Milliseconds for one more word with {listed(places, 0)} places: " + "; ".join(
        f"{name} {listed(times, 1)}" for name, times in drawn.items()))  # fmt: skip
    return drawn


def three_numbers(stored: dict, model: str) -> dict[str, list[float]]:
    """Draws BLEU and the share of sentences right against the beam's width, with the accuracy as a line.

    Returns:
        Both, for each width.
    """
    result = stored["models"][model]
    widths = list(result["widths"])
    bleu = [row["bleu"] for row in result["widths"].values()]
    right = [100 * row["exact_match"] for row in result["widths"].values()]
    figure, ax = plt.subplots(figsize=(9.5, 4.8))
    places = np.arange(len(widths))
    for shift, values, colour, name in ((-0.2, bleu, BLUE, "BLEU"), (0.2, right, ORANGE, "sentences right, %")):
        bars = ax.bar(places + shift, values, 0.38, color=colour, label=name)
        ax.bar_label(bars, fmt="%.1f", fontsize=15)
    accuracy = 100 * result["token_accuracy"]
    ax.axhline(accuracy, color=GREEN, lw=2.5)
    ax.text(len(widths) - 0.5, accuracy + 1.5, f"words right, given the right words before: {accuracy:.0f} %",
            ha="right", color=GREEN, fontsize=15)  # fmt: skip
    ax.set_xticks(places, [f"width {width}" for width in widths])
    ax.set_ylim(0, 1.15 * max(accuracy, *bleu))
    ax.legend(frameon=False, loc="center left", bbox_to_anchor=(0, 0.68))
    ax.set_title(f"The translator after {model}")
    finish(figure, f"After {model}: accuracy {accuracy:.0f} %; with widths {', '.join(map(str, widths))} BLEU "
                   f"{listed(bleu, 1)} and {listed(right, 1)} % of the sentences right.")  # fmt: skip
    return {"bleu": bleu, "right": right}


def heads_and_roles(means: dict[str, dict[str, float]], lost: dict[str, float]) -> np.ndarray:
    """Draws for each head how much of its weight lies on the word that means who, where, when; and what it is worth.

    Args:
        means: by head, by role, the mean share of its weight.
        lost: by head, the share of sentences that go wrong without it.

    Returns:
        The shares, (heads, roles).
    """
    heads, roles = list(means), list(next(iter(means.values())))
    grid = np.array([[means[head][role] for role in roles] for head in heads])
    cost = np.array([100 * lost[head] for head in heads])
    figure, (ax, side) = plt.subplots(
        1, 2, figsize=(11, 0.62 * len(heads) + 1.6), sharey=True, gridspec_kw={"width_ratios": [3, 2]}
    )
    ax.imshow(grid, cmap=WEIGHTS, vmin=0, vmax=1, aspect="auto")
    for (row, column), share in np.ndenumerate(grid):
        ax.text(column, row, f"{share:.2f}", ha="center", va="center", color="white" if share > 0.5 else "black",
                fontsize=16)  # fmt: skip
    ax.set_xticks(range(len(roles)), roles, fontsize=16)
    ax.set_yticks(range(len(heads)), [short(head) for head in heads], fontsize=15)
    ax.tick_params(length=0)
    ax.set_title("weight on that French word")
    bars = side.barh(range(len(heads)), cost, color=RED)
    side.bar_label(bars, fmt="%.1f", padding=4, fontsize=15)
    side.axvline(0, color="black", lw=1)
    side.set_xlim(min(0, cost.min()) - 0.2, max(2, 1.3 * cost.max()))
    side.set_xlabel("sentences lost without it, %")
    side.set_title("and if it is silent?")
    finish(figure, "Weight of each cross-attention head on the word that means " + ", ".join(roles) + ": "
           + "; ".join(f"{short(head)} {np.round(row, 2).tolist()}" for head, row in zip(heads, grid, strict=True))
           + f". Sentences lost without each, in per cent: {np.round(cost, 1).tolist()}.")  # fmt: skip
    return grid


def short(head: str) -> str:
    """Of decoder/0/cross 2: layer 0, head 2."""
    key, number = head.split()
    return f"layer {key.split('/')[1]}, head {number}"


def losses(together: dict[str, float]) -> dict[str, float]:
    """Draws what is lost when all heads of one attention are silent.

    Returns:
        The same, in per cent.
    """
    names = {"encoder": "encoder", "decoder": "decoder"}
    labels, values = [], []
    for key, lost in together.items():
        stack, layer, kind = key.split("/")
        labels.append(f"{names[stack]} {layer}, {kind}")
        values.append(100 * lost)
    figure, ax = plt.subplots(figsize=(9.5, 4.4))
    bars = ax.barh(labels, values, color=BLUE)
    ax.bar_label(bars, fmt="%.1f", padding=4, fontsize=15)
    ax.invert_yaxis()
    ax.set(xlim=(0, 1.25 * max(values)), xlabel="sentences lost, %")
    ax.set_title("All four heads of one attention silent")
    finish(figure, "Sentences lost with a whole attention silent, in per cent: "
           + ", ".join(f"{label} {value:.1f}" for label, value in zip(labels, values, strict=True)))  # fmt: skip
    return dict(zip(together, values, strict=True))


def who_looks_where(weights: np.ndarray, said: list[str], source: list[str], title: str) -> list[str]:
    """Draws attention weights: a row for each word while it is being said, a column for each source piece.

    Args:
        weights: (T, S).
        said: T pieces.
        source: S pieces.
        title: what to see.

    Returns:
        For each row the source piece that it looks at most.
    """
    figure, ax = plt.subplots(figsize=(1.3 * len(source) + 2, 0.72 * len(said) + 1.8))
    ax.imshow(weights, cmap=WEIGHTS, vmin=0, vmax=1, aspect="auto")
    for (row, column), weight in np.ndenumerate(weights):
        if weight >= 0.1:
            ax.text(column, row, f"{weight:.2f}", ha="center", va="center", fontsize=15,
                    color="white" if weight > 0.5 else "black")  # fmt: skip
    ax.set_xticks(range(len(source)), source, fontsize=16)
    ax.set_yticks(range(len(said)), said, fontsize=16)
    ax.tick_params(length=0)
    ax.set(xlabel="looks at", ylabel="while saying")
    ax.set_title(title)
    top = [source[column] for column in weights.argmax(axis=1)]
    finish(figure, f"{title}: " + ", ".join(f"{word} looks at {s}" for word, s in zip(said, top, strict=True)))
    return top
