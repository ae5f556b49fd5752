"""Figures of lesson 03."""

import matplotlib.pyplot as plt
import numpy as np

from utils.plots.style import BLUE, CYCLE, GREY, ORANGE, RED, WEIGHTS, finish


def asking(words: list[str], asker: int, question: str, answers: list[str]) -> list[tuple[str, str]]:
    """Draws one word asking its question of every word of the sentence, itself among them.

    Args:
        words: the sentence, T words.
        asker: whose question it is.
        question: in a few words.
        answers: what each word can answer, T short lines.

    Returns:
        The links drawn, as pairs of words (asker, asked).
    """
    figure, ax = plt.subplots(figsize=(11, 4.4))
    ax.set(xlim=(-0.6, len(words) - 0.4), ylim=(-0.75, 2.65))
    ax.axis("off")
    bubble = {"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": BLUE, "lw": 2.5}
    ax.text(
        asker, 2.15, f"{words[asker]} asks: {question}", ha="center", va="center", color=BLUE, fontsize=18, bbox=bubble
    )
    links = []
    for n, (word, answer) in enumerate(zip(words, answers, strict=True)):
        line = {"arrowstyle": "->", "lw": 2.5, "color": BLUE, "shrinkA": 0, "shrinkB": 2}
        ax.annotate("", (n, 0.5), (asker + 0.28 * (n - asker), 1.8), arrowprops=line)
        ax.text(n, 0.28, word, ha="center", va="center", fontsize=18, weight="bold")
        ax.text(n, -0.3, answer, ha="center", va="center", fontsize=15, color=GREY)
        links.append((words[asker], word))
    finish(
        figure,
        f"{words[asker]} asks all {len(words)} words, itself included: {question} Below each, what it can answer.",
    )
    return links


def by_hand(words: list[str], questions: list[str], q, k, v, i: int) -> dict[str, np.ndarray]:
    """Draws one word's attention as a table: keys, dot products, scaled, shares as bars, values, their sum.

    Args:
        words: T words.
        questions: what each of the K columns of queries and keys stands for.
        q: (T, K).
        k: (T, K).
        v: (T, 2).
        i: whose turn it is.

    Returns:
        The numbers drawn: scores (T,), scaled (T,), weights (T,), parts (T, 2), output (2,).
    """
    scores = k @ q[i]
    scaled = scores / np.sqrt(k.shape[1])
    weights = np.exp(scaled) / np.exp(scaled).sum()
    parts = weights[:, None] * v
    figure, ax = plt.subplots(figsize=(11, 6.4))
    ax.set(xlim=(0, 11), ylim=(-0.15, 6.9))
    ax.axis("off")
    cells = [1.75 + 0.5 * c for c in range(k.shape[1])]
    for c, question in zip(cells, questions, strict=True):
        ax.text(c + 0.02, 6.02, question, rotation=50, fontsize=14, color=GREY, ha="left", va="bottom")
    heads = ("dot\nproduct", f"÷ √{k.shape[1]}", "exp", "÷ sum:\nthe weight", "value", "weight\n× value")
    columns = (4.3, 5.05, 5.8, 7.15, 8.85, 10.25)
    for x, text in zip(columns, heads, strict=True):
        ax.text(x, 6.3, text, ha="center", va="center", color=GREY)
    _cells(ax, cells, 5.4, q[i], np.ones(len(q[i])), BLUE)
    ax.text(1.35, 5.4, f"query {words[i]}", ha="right", va="center", color=BLUE, weight="bold")
    for n, word in enumerate(words):
        y = 4.4 - 0.8 * n
        ax.text(1.35, y, word, ha="right", va="center", weight="bold" if n == i else "normal")
        _cells(ax, cells, y, k[n], q[i] * k[n], GREY)
        numbers = (f"{scores[n]:g}", f"{scaled[n]:g}", f"{np.exp(scaled[n]):.2f}", "")
        pairs = (f"({v[n, 0]:g}, {v[n, 1]:g})", f"({parts[n, 0]:.2f}, {parts[n, 1]:.2f})")
        for x, text in zip(columns, numbers + pairs, strict=True):
            ax.text(x, y, text, ha="center", va="center")
        ax.add_patch(plt.Rectangle((6.35, y - 0.24), 1.6 * weights[n], 0.48, color=BLUE))
        ax.text(6.43 + 1.6 * weights[n], y, f"{weights[n]:.3f}", va="center")
    ax.plot([5.4, 6.2], [0.72, 0.72], color="black", lw=1.5)
    ax.text(5.8, 0.4, f"{np.exp(scaled).sum():.2f}", ha="center", va="center")
    ax.plot([9.4, 11], [0.72, 0.72], color="black", lw=1.5)
    output = parts.sum(axis=0)
    total = f"A⟨{i + 1}⟩ = ({output[0]:.2f}, {output[1]:.2f})"
    ax.text(10.98, 0.35, total, ha="right", va="center", color=RED, weight="bold", fontsize=18)
    finish(
        figure,
        f"A table with one row for each word: its key, the dot product with {words[i]}'s query, the scaled score, its "
        "exponential, the weight as a bar, the value, and weight times value. "
        f"The longest bar is {words[int(weights.argmax())]}'s.",
    )
    return {"scores": scores, "scaled": scaled, "weights": weights, "parts": parts, "output": output}


def _cells(ax, lefts, y, numbers, shades, edge):
    for x, number, shade in zip(lefts, numbers, shades, strict=True):
        colour = "#cfe3f3" if shade > 0 else "white"
        ax.add_patch(plt.Rectangle((x - 0.22, y - 0.27), 0.46, 0.54, facecolor=colour, edgecolor=edge, lw=1.5))
        ax.text(x + 0.01, y, f"{number:g}", ha="center", va="center", fontsize=16)


def weighted_sum(words: list[str], v, weights, i: int) -> np.ndarray:
    """Draws the values as points in a plane and their weighted sum among them.

    Args:
        words: T words.
        v: (T, 2).
        weights: (T,).
        i: whose sum it is.

    Returns:
        The sum drawn, (2,).
    """
    figure, ax = plt.subplots(figsize=(9, 5))
    output = weights @ v
    for word, value, weight in zip(words, v, weights, strict=True):
        ax.plot(
            *zip(value, output, strict=True),
            color=BLUE,
            lw=1 + 9 * weight,
            alpha=0.45,
            solid_capstyle="round",
            zorder=1,
        )
        ax.plot(*value, "o", color=GREY, ms=11, zorder=2)
        side = 13 if value[1] >= 1 else -28
        ax.annotate(f"{word} {weight:.2f}", value, (0, side), textcoords="offset points", ha="center")
    ax.plot(*output, "*", color=RED, ms=24, zorder=3)
    ax.annotate(f"A⟨{i + 1}⟩", output, (-8, -32), textcoords="offset points", ha="center", color=RED, fontsize=18)
    ax.set(title="The weighted sum lies among the values", xlabel="something happens", ylabel="it is a place")
    low, high = v.min(axis=0), v.max(axis=0)
    ax.set(xlim=(low[0] - 0.6, high[0] + 0.6), ylim=(low[1] - 0.9, high[1] + 0.8))
    said = ", ".join(f"{word} {weight:.2f}" for word, weight in zip(words, weights, strict=True))
    finish(figure, f"{len(words)} values as points, joined to their sum by lines as thick as the weights: {said}.")
    return output


def weights_grid(words: list[str], weights: list, titles: list[str]) -> np.ndarray:
    """Draws attention weights, one row a query: who looks at whom. One panel, or two side by side.

    Args:
        words: T words, along both axes.
        weights: one or two matrices (T, T).
        titles: one for each matrix.

    Returns:
        The matrices drawn, (panels, T, T).
    """
    weights = np.asarray([np.asarray(w) for w in weights])
    panels, T = len(weights), len(words)
    figure, axes = plt.subplots(1, panels, figsize=(7.4, 6) if panels == 1 else (12, 6.2), squeeze=False)
    for n, (ax, matrix, title) in enumerate(zip(axes[0], weights, titles, strict=True)):
        ax.imshow(matrix, cmap=WEIGHTS, vmin=0, vmax=1)
        for (row, column), value in np.ndenumerate(matrix):
            colour = "white" if value > 0.55 else "black"
            ax.text(column, row, f"{value:.2f}", ha="center", va="center", color=colour, fontsize=15 if T < 6 else 14)
        ax.set_xticks(range(T), words, rotation=40, ha="right")
        ax.set_yticks(range(T), words if n == 0 else [])
        ax.set(title=title, xlabel="looks at")
    axes[0, 0].set_ylabel("who looks")
    figure.get_layout_engine().set(h_pad=0.12)  # inches: the titles touch the edge without
    rows = [f"{words[r]} at {words[int(weights[-1, r].round(3).argmax())]}" for r in range(T)]
    finish(figure, f"Grid of weights, each row summing to 1. Looks most ({titles[-1]}): {', '.join(rows)}.")
    return weights


def frozen_softmax(widths: list[int], largest: dict[str, list], gradient: dict[str, list]) -> dict[str, tuple]:
    """Draws what happens to the softmax as keys get wider, with and without the root.

    Args:
        widths: the K measured.
        largest: by line, the mean largest weight at each width.
        gradient: by line, for each width the norms of the gradients at many queries.

    Returns:
        By line, at the last width: (largest weight, 10th percentile of the gradient, median, 90th percentile).
    """
    figure, axes = plt.subplots(1, 2, figsize=(12, 5))
    ends = {}
    for (name, weights), colour, marker in zip(largest.items(), (RED, BLUE), "os", strict=True):
        low, middle, high = (np.array([np.quantile(g, p) for g in gradient[name]]) for p in (0.1, 0.5, 0.9))
        axes[0].plot(widths, weights, color=colour, marker=marker, label=name)
        axes[1].plot(widths, middle, color=colour, marker=marker)
        axes[1].fill_between(widths, low, high, color=colour, alpha=0.22)
        ends[name] = (weights[-1], low[-1], middle[-1], high[-1])
    for ax in axes:
        ax.set_xscale("log", base=2)
        ax.set_xticks(widths, [str(w) for w in widths])
        ax.set_xlabel("K, the width of a key")
    axes[0].set(title="The largest weight", ylim=(0, 1.05))
    axes[0].legend(loc="lower right")
    axes[1].set(title="Gradient at a query: the middle 80 %", yscale="log", ylim=(1e-6, 30))
    said = (f"{name}: largest weight from {largest[name][0]:.2f} to {end[0]:.2f}, at the last width the middle 80 % of "
            f"the gradients from {'below ' if end[1] < 1e-6 else ''}{max(end[1], 1e-6):.0e} to {end[3]:.0e}"
            for name, end in ends.items())  # fmt: skip
    finish(figure, f"K from {widths[0]} to {widths[-1]}. " + "; ".join(said) + ".")
    return ends


def looks_of_station(names: list[str], weights: np.ndarray) -> np.ndarray:
    """Draws how strongly *station* looks at the word in the train's place, for several words and seeds.

    Args:
        names: what stands in the train's place.
        weights: (seeds, names).

    Returns:
        The mean over the seeds, (names,).
    """
    figure, ax = plt.subplots(figsize=(9, 4.4))
    mean = weights.mean(axis=0)
    ax.bar(range(len(names)), mean, color=BLUE, width=0.6)
    spread = np.linspace(-0.18, 0.18, len(weights))
    for n, column in enumerate(weights.T):
        ax.plot(n + spread, column, "o", color=ORANGE, mec="black", ms=8)
    ax.set_xticks(range(len(names)), names)
    ax.set(title="Does station look at the one who left?", ylabel="weight", ylim=(0, 1.05))
    ax.set_xlabel("The … left the station on time")
    means = ", ".join(f"{name} {m:.1f}" for name, m in zip(names, mean, strict=True))
    finish(figure, f"Bars of station's mean weight on the word in the train's place: {means}. A dot for each seed.")
    return mean


def cost(lengths: list[int], milliseconds: list[float], megabytes: list[float]) -> float:
    """Draws time and memory of one attention against the number of words.

    Returns:
        The power of T with which the time grows, over the lengths from 2048 on.
    """
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.6))
    panels = ((milliseconds, "Time", "milliseconds"), (megabytes, "Memory of the weights", "MB"))
    for ax, (values, title, unit), colour in zip(axes, panels, CYCLE, strict=False):
        ax.loglog(lengths, values, marker="o", color=colour)
        for power, style, label in (
            (2, ":", "T²: twice the words, four times"),
            (1, "--", "T: twice the words, twice"),
        ):
            ax.loglog(
                lengths,
                [values[-1] * (n / lengths[-1]) ** power for n in lengths],
                style,
                color=GREY,
                lw=2,
                label=label,
            )
        ax.set(title=title, xlabel="words T", ylabel=unit, ylim=(0.5 * min(values), 2 * max(values)))
        ax.set_xticks(lengths[::2], [str(n) for n in lengths[::2]])
        ticks = [t for n in range(-1, 5) for t in (10.0**n, 3 * 10.0**n) if 0.5 * min(values) < t < 2 * max(values)]
        ax.set_yticks(ticks, [f"{t:g}" for t in ticks])
        ax.minorticks_off()
    axes[1].legend(loc="upper left", fontsize=13)
    said = (f"{title.lower()} from {values[0]:.3g} to {values[-1]:.3g} {unit}" for values, title, unit in panels)
    finish(figure, f"From {lengths[0]} to {lengths[-1]} words: " + ", ".join(said) + "; dashed T, dotted T².")
    long = [n for n, T in enumerate(lengths) if T >= 2048]
    logs = np.log([[lengths[n], milliseconds[n]] for n in long])
    return float(np.polyfit(*logs.T, 1)[0])
