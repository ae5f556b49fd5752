"""Figures of lesson 06."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from utils.plots.style import BLUE, GREEN, GREY, ORANGE, RED, SKY, finish

EXPERIMENTS = Path(__file__).resolve().parents[2] / "data" / "experiments"
MARKERS = "os^Dv"


def load(name: str) -> dict:
    """A stored experiment: its command, and its rows."""
    return json.loads((EXPERIMENTS / f"{name}.json").read_text(encoding="utf-8"))


def bend() -> np.ndarray:
    """Draws how two relus make the answer that no straight line can: h0 - 2 h1 over n + b.

    Returns:
        The answer at 0, 1 and 2.
    """
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.0), sharey=True)
    s = np.linspace(0, 2, 101)
    h0, h1 = s, np.maximum(s - 1, 0)
    axes[0].plot(s, h0, color=BLUE, label="$h_0$ = relu($n + b$)")
    axes[0].plot(s, h1, color=ORANGE, ls="--", label="$h_1$ = relu($n + b - 1$)")
    axes[0].set(title="two bent lines …", xlabel="$n + b$", xticks=[0, 1, 2], yticks=[0, 1, 2])
    axes[0].legend(loc="upper left")
    answer = h0 - 2 * h1
    axes[1].plot(s, answer, color=GREEN)
    places = np.array([0, 1, 2])
    values = np.interp(places, s, answer)
    axes[1].plot(places, values, "o", color=GREEN, ms=12)
    words = ("good", "bad\nnot good", "not bad")
    for place, value, word in zip(places, values, words, strict=True):
        above = value > 0
        axes[1].text(place, value + (0.15 if above else -0.15), word, ha="center", va="bottom" if above else "top")
    axes[1].set(
        title="… make a peak: $h_0 - 2\\,h_1$",
        xlabel="$n + b$",
        xticks=[0, 1, 2],
        xlim=(-0.35, 2.35),
        ylim=(-0.55, 2.1),
    )
    finish(
        figure,
        "Left, two lines that are zero up to a point and then rise, from 0 and from 1. Right, the first minus "
        "twice the second: 0 for good, 1 for bad and for not good, 0 again for not bad.",
    )
    return values


def by_depth(panels: dict[str, dict[str, np.ndarray]], title: str, ylabels: tuple[str, ...]) -> dict:
    """Draws something measured all the way up a stack, on a logarithmic axis: mean of the seeds, and their range.

    Args:
        panels: title -> name -> (seeds, places), all above 0. An odd number of places is below, between and above half
            layers, an even number is one a layer.
        title: what to see.
        ylabels: what is measured in each panel.

    Returns:
        For each panel and name, the mean (geometric) over seeds at the first and at the last place.
    """
    figure, axes = plt.subplots(1, len(panels), figsize=(13.5 if len(panels) > 2 else 11, 4.8))
    ends = {}
    for ax, (panel, curves), ylabel in zip(axes, panels.items(), ylabels, strict=True):
        for (name, values), colour, marker in zip(curves.items(), (RED, BLUE, GREEN, ORANGE), MARKERS, strict=False):
            number = values.shape[1]
            places = np.arange(number) / 2 if number % 2 else np.arange(1, number + 1)
            ax.fill_between(places, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.2, lw=0)
            mean = np.exp(np.log(values).mean(axis=0))
            ax.plot(places, mean, color=colour, marker=marker, ms=9, markevery=8 if number % 2 else 4, label=name)
            ends[panel, name] = mean[[0, -1]]
        ax.set(title=panel, xlabel="layer, from the input up", ylabel=ylabel, yscale="log")
        ax.set_xticks([0, 6, 12, 18, 24])
        ax.minorticks_off()
    figure.suptitle(title, x=0.01, ha="left", fontsize=18)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    said = "; ".join(f"{p}, {n}: from {a:.1e} to {b:.1e}" for (p, n), (a, b) in ends.items())
    finish(figure, f"{title}. By layer of a stack of 24: {said}.")
    return ends


def shared_means(sentences: int, words: int, features: int) -> tuple[int, int]:
    """Draws which numbers share one mean: under batch norm one feature of all words, under layer norm one word.

    Returns:
        How many numbers share a mean: under batch norm, under layer norm.
    """
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.4))
    counts = []
    titles = ("batch norm: one feature of every word", "layer norm: one word")
    for ax, title, batch in zip(axes, titles, (True, False), strict=True):
        count = 0
        for b in range(sentences):
            for t in range(words):
                for d in range(features):
                    chosen = d == 1 if batch else (b, t) == (0, 2)
                    count += chosen
                    x, y = b * (words + 0.8) + t, features - 1 - d
                    colour = BLUE if chosen else "#eeeeee"
                    ax.add_patch(plt.Rectangle((x, y), 0.94, 0.94, facecolor=colour, edgecolor="none"))
            label = f"sentence {b + 1}"
            ax.text(b * (words + 0.8) + words / 2, features + 0.15, label, ha="center", va="bottom", fontsize=15)
        width = sentences * (words + 0.8)
        ax.set(xlim=(-0.2, width), ylim=(-0.2, features + 0.9), title=title, xlabel="words", xticks=[])
        ax.set_yticks(np.arange(features) + 0.45, [f"feature {d}" for d in reversed(range(features))])
        ax.tick_params(length=0)
        for spine in ax.spines.values():
            spine.set_visible(False)
        counts.append(count)
    finish(
        figure,
        f"A batch of {sentences} sentences of {words} words with {features} features. Batch norm: the {counts[0]} "
        f"numbers of one feature share a mean. Layer norm: the {counts[1]} features of one word do.",
    )
    return counts[0], counts[1]


def encoder_layers() -> int:
    """Draws the two ways to build an encoder layer, from the bottom up.

    Returns:
        How many places a gradient passes a norm on its way down the residuals: post, and 0 for pre.
    """
    figure, axes = plt.subplots(1, 2, figsize=(11, 6.4))
    post = [("attention", SKY), ("+", None), ("norm", ORANGE), ("feed-forward", GREEN), ("+", None), ("norm", ORANGE)]
    pre = [("norm", ORANGE), ("attention", SKY), ("+", None), ("norm", ORANGE), ("feed-forward", GREEN), ("+", None)]
    crossed = 0
    for ax, parts, title in zip(axes, (post, pre), ('norm="post", as in the paper', 'norm="pre"'), strict=True):
        ax.set(xlim=(-2.2, 3.2), ylim=(-0.5, 8.6), title=title)
        ax.axis("off")
        y, fork = 0.55, 0.2
        ax.text(0, -0.1, "x", ha="center", va="center", fontsize=18)
        last = 0.15
        for n, (name, colour) in enumerate(parts):
            height = 0.55 if name == "+" else 0.85
            ax.annotate("", (0, y), (0, last), arrowprops={"arrowstyle": "->", "lw": 2, "color": GREY})
            if name == "+":
                ax.plot(0, y + 0.3, "o", ms=30, mfc="white", mec="black", mew=2)
                ax.text(0, y + 0.28, "+", ha="center", va="center", fontsize=18)
                ax.plot([0, 1.9, 1.9], [fork, fork, y + 0.3], color=RED, lw=3)
                ax.annotate(
                    "", (0.33, y + 0.3), (1.93, y + 0.3), arrowprops={"arrowstyle": "->", "lw": 3, "color": RED}
                )
                height = 0.6
            else:
                box = {"facecolor": colour, "alpha": 0.3, "edgecolor": "none"}
                ax.add_patch(plt.Rectangle((-1.35, y), 2.7, height, **box))
                ax.add_patch(plt.Rectangle((-1.35, y), 2.7, height, fill=False, edgecolor=colour, lw=2))
                ax.text(0, y + height / 2, name, ha="center", va="center", fontsize=17)
            last = y + height
            y = last + 0.5
            after_sum = name == "+"
            if (parts is post and name == "norm") or (parts is pre and after_sum):
                fork = last + 0.17
            crossed += parts is post and name == "norm" and n > 0
        ax.annotate("", (0, last + 0.55), (0, last), arrowprops={"arrowstyle": "->", "lw": 2, "color": GREY})
    axes[0].text(2.05, 1.2, "residual", color=RED, fontsize=16, rotation=90, va="center")
    finish(
        figure,
        "An encoder layer from the bottom up. Post: attention, plus x, norm; feed-forward, plus what came in, norm. "
        "Pre: norm, attention, plus x; norm, feed-forward, plus what came in; nothing stands on the residual's way.",
    )
    return crossed


def accuracies(groups: dict[str, dict[str, np.ndarray]], title: str, ylabel: str = "share that is right") -> dict:
    """Draws for each name the mean of several seeds with the range from the worst to the best.

    Args:
        groups: legend -> name -> one accuracy a seed.
        title: what to see.
        ylabel: what is measured.

    Returns:
        (legend, name) -> mean.
    """
    names = list(next(iter(groups.values())))
    figure, ax = plt.subplots(figsize=(10.5, 4.8))
    means, width = {}, 0.36
    for n, ((legend, values), colour) in enumerate(zip(groups.items(), (SKY, BLUE), strict=False)):
        places = np.arange(len(names)) + (n - (len(groups) - 1) / 2) * width
        mean = np.array([np.mean(values[name]) for name in names])
        low = mean - [np.min(values[name]) for name in names]
        high = np.array([np.max(values[name]) for name in names]) - mean
        error = {"ecolor": "black", "capsize": 7, "error_kw": {"lw": 2}}
        ax.bar(places, mean, 0.92 * width, yerr=[low, high], color=colour, label=legend, **error)
        for place, value, up in zip(places, mean, high, strict=True):
            ax.text(place, value + up + 0.02, f"{value:.2f}", ha="center", va="bottom", fontsize=15)
        means |= {(legend, name): m for name, m in zip(names, mean, strict=True)}
    ax.axhline(0.5, color=GREY, ls=":", lw=2)
    ax.text(len(names) - 0.4, 0.52, "guessing", color=GREY, fontsize=14, va="bottom", ha="left")
    ax.set(ylabel=ylabel, ylim=(0, 1.13), xlim=(-0.5, len(names) + 0.12))
    ax.set_xticks(range(len(names)), [name.replace(" with", "\nwith") for name in names])
    ax.tick_params(axis="x", length=0)
    figure.suptitle(title, x=0.01, ha="left", fontsize=17)
    figure.legend(loc="outside lower center", ncols=2)
    said = "; ".join(f"{name}, {legend}: {m:.2f}" for (legend, name), m in means.items())
    finish(figure, f"{title}. Means of five seeds, bars from the worst to the best: {said}.")
    return means


def order_rows(stored: dict) -> dict[str, dict[str, np.ndarray]]:
    """The experiment on order as `accuracies` takes it: plain reviews and twins, for every model."""
    rows = [r for r in stored["rows"] if r["experiment"] == "order"]
    models = ["bag of words", "bag with a hidden layer", "encoder without positions", "encoder"]
    return {
        legend: {m: np.array([r[key] for r in rows if r["model"] == m]) for m in models}
        for legend, key in (
            ("no “not” in the review", "plain"),
            ("“not” before the first or the second (twins)", "twins"),
        )
    }


def norm_rows(stored: dict) -> dict[str, dict[str, np.ndarray]]:
    """The experiment on norms as `accuracies` takes it: twins under layer norm and batch norm."""
    rows = [r for r in stored["rows"] if r["experiment"] == "norm"]
    conditions = list(dict.fromkeys(r["condition"] for r in rows))
    return {
        f"{n} norm": {
            c: np.array([r["twins"] for r in rows if (r["condition"], r["normalisation"]) == (c, n)])
            for c in conditions
        }
        for n in ("batch", "layer")
    }


def remembered(stored: dict, arms: tuple[str, ...], title: str, names: tuple[int, ...] = (32, 64)) -> dict:
    """Draws how many of the facts each model knows in the end, a group of bars for each number of facts.

    Args:
        stored: the experiment.
        arms: which.
        title: what to see.
        names: how many names there were; their square is the number of facts.

    Returns:
        (names, arm) -> share known, one for each seed.
    """
    rows = [r for r in stored["rows"] if r["task"] == "facts"]
    known = {
        (n, a): np.array([r["known"] for r in rows if (r["names"], r["arm"]) == (n, a)]) for n in names for a in arms
    }
    weights = {a: next(r["weights"] for r in rows if (r["names"], r["arm"]) == (names[-1], a)) for a in arms}
    figure, ax = plt.subplots(figsize=(10.5, 0.9 + 0.62 * len(arms) * len(names)))
    height = 0.8 / len(names)
    for k, (n, colour) in enumerate(zip(names, (SKY, BLUE)[-len(names) :], strict=True)):
        for place, arm in enumerate(arms):
            shares, y = known[n, arm], place + (k - (len(names) - 1) / 2) * height
            ax.barh(y, shares.mean(), 0.9 * height, color=colour, label=f"{n**2:,} facts" if place == 0 else None)
            ax.plot(shares, [y] * len(shares), "|", color="black", ms=14, mew=2)
            ax.text(1.01, y, f"{shares.mean():.2f}", va="center", fontsize=15)
    ax.set_yticks(range(len(arms)), [f"{arm}\n{weights[arm]:,} weights" for arm in arms])
    ax.set(xlim=(0.5, 1), ylim=(len(arms) - 0.5, -0.5), xlabel="share of the facts that it knows (guessing: 0.5)")
    ax.tick_params(axis="y", length=0)
    ax.set_title(title)
    if len(names) > 1:
        figure.legend(loc="outside lower center", ncols=len(names))
    said = "; ".join(f"{a}, {n**2} facts: {shares.mean():.2f}" for (n, a), shares in known.items())
    finish(figure, f"{title}. Share of random facts that each model knows, means of {len(shares)} seeds: {said}.")
    return known


def deep_losses(stored: dict, rates: tuple[float, float]) -> dict:
    """Draws the loss of twelve-layer encoders in training, with and without warm-up: pre as a range, post run by run.

    Args:
        stored: the experiment.
        rates: learning rates, one a panel.

    Returns:
        (rate, norm, warm-up) -> last losses, one a seed.
    """
    figure, axes = plt.subplots(1, 2, figsize=(11, 5.2), sharey=True)
    last = {}
    arms = [
        ("pre", False, GREEN, "-"),
        ("pre", True, BLUE, "--"),
        ("post", True, ORANGE, "--"),
        ("post", False, RED, "-"),
    ]
    for ax, rate in zip(axes, rates, strict=True):
        for norm, warm, colour, line in arms:
            chosen = [
                r["losses"]
                for r in stored["rows"]
                if (r["norm"], r["learning_rate"], r["warmup"] > 0) == (norm, rate, warm)
            ]
            curves = np.array(chosen)
            steps = (np.arange(curves.shape[1]) + 0.5) * stored["every"]
            label = f"{norm}, {'warm-up' if warm else 'no warm-up'}"
            if norm == "pre":
                ax.fill_between(steps, curves.min(axis=0), curves.max(axis=0), color=colour, alpha=0.2, lw=0)
            else:
                ax.plot(steps, curves.T, color=colour, lw=1.2, alpha=0.6)
            ax.plot(steps, curves.mean(axis=0), color=colour, ls=line, lw=3.5, label=label)
            last[rate, norm, warm] = curves[:, -1]
        ax.axhline(np.log(2), color=GREY, ls=":", lw=2)
        ax.set(title=f"learning rate {rate:g}", xlabel="training step", ylim=(0, 0.85))
    axes[0].text(steps[-1], np.log(2) + 0.015, "guessing", color=GREY, fontsize=14, ha="right", va="bottom")
    axes[0].set_ylabel("loss")
    figure.suptitle("Twelve layers: how far does the loss come?", x=0.01, ha="left", fontsize=18)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=14)
    said = "; ".join(
        f"{n}, {'warm-up' if w else 'no warm-up'} at {r:g}: {np.mean(x):.2f}" for (r, n, w), x in last.items()
    )
    finish(figure, f"Loss of encoders of twelve layers in training, five seeds. At the end: {said}.")
    return last
