"""Figures of lesson 16."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from utils.plots.ink import ink
from utils.plots.style import BLUE, CYCLE, GREEN, GREY, ORANGE, PURPLE, RED, SKY, finish

STRETCHES = BLUE, ORANGE, SKY, GREEN, PURPLE  # a colour for each token
FILE = Path(__file__).resolve().parents[2] / "data" / "experiments" / "a_decoder_alone.json"


def load() -> dict:
    """What `python -m benchmarks.a_decoder_alone` has stored."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def learning(losses: list[float], levels: dict[str, float]) -> float:
    """Draws the perplexity of each step's windows, smoothed, beside what others have.

    Args:
        losses: of each step, in nats.
        levels: by name, a perplexity to draw a line at.

    Returns:
        The perplexity of the last 20 steps.
    """
    smooth = np.exp(np.convolve(losses, np.ones(20) / 20, mode="valid"))
    figure, ax = plt.subplots(figsize=(9.5, 4.6))
    ax.plot(np.arange(len(smooth)) + 20, smooth, color=BLUE)
    for (name, level), colour in zip(levels.items(), (GREY, ORANGE, RED), strict=False):
        ax.axhline(level, color=colour, lw=2, ls="--")
        over = {"xytext": (0, 3), "textcoords": "offset points", "ha": "right", "va": "bottom"}
        ax.annotate(name, (len(losses), level), **over, color=ink(colour))
    ax.set(yscale="log", xlabel="step", ylabel="perplexity a piece")
    ticks = [2, 5, 10, 50, 200, 1000]
    ax.set_yticks(ticks, ticks)
    ax.minorticks_off()
    ax.set_title("From guessing to writing")
    finish(figure, f"Perplexity falls from {smooth[0]:.0f} to {smooth[-1]:.1f} in {len(losses)} steps; lines: "
                   + ", ".join(f"{name} {level:.1f}" for name, level in levels.items()))  # fmt: skip
    return float(smooth[-1])


def by_context(curves: dict[str, dict[int, list[float]]], title: str) -> dict[str, dict[int, float]]:
    """Draws perplexity against how many tokens may be read before.

    Args:
        curves: by name, by number of tokens, the perplexities of several seeds, or of one.
        title: what to see.

    Returns:
        The means.
    """
    figure, ax = plt.subplots(figsize=(9.5, 5.0))
    means = {}
    for n, ((name, curve), colour, marker) in enumerate(zip(curves.items(), CYCLE, "osD^v", strict=False)):
        places, over = [max(c, 0.6) for c in curve], len(curves) - 1 - n  # thinner lines and marks lie on thicker ones
        means[name] = {c: float(np.mean(values)) for c, values in curve.items()}
        style = {"marker": marker, "color": colour, "lw": 2.5 + 1.5 * over, "ms": 7 + 3.5 * over}
        ax.plot(places, list(means[name].values()), label=name, **style)
        ax.fill_between(places, *([f(v) for v in curve.values()] for f in (min, max)), color=colour, alpha=0.2)
    known = sorted({c for curve in curves.values() for c in curve})
    shown = [c for c in known if c in (0, 1, 2, 4, 8, 16, 32, 64)]
    ax.set(xscale="log", yscale="log", xlabel="tokens that may be read before", ylabel="perplexity a piece")
    ax.set_xticks([max(c, 0.6) for c in shown], shown)
    low, high = (f(v for curve in means.values() for v in curve.values()) for f in (min, max))
    ticks = [t for t in (2, 3, 4, 5, 7, 10, 20, 50, 100, 200) if low * 0.7 < t < high * 1.4]
    ax.set_yticks(ticks, ticks)
    ax.minorticks_off()
    ax.legend()
    ax.set_title(title)
    words = "; ".join(
        f"{name} " + ", ".join(f"{c}: {v:.1f}" for c, v in curve.items()) for name, curve in means.items()
    )
    finish(figure, f"Perplexity by tokens read before. {words}.")
    return means


def stretches(rows: dict[str, list[tuple[str, float]]], number: float) -> dict[str, str]:
    """Draws for each way of sampling the line from 0 to 1, cut into one stretch for each token, the likeliest first.

    Args:
        rows: by name, tokens with their shares, best first; shares of 0 are left out.
        number: where the dice have fallen.

    Returns:
        By name, the token that was drawn.
    """
    figure, ax = plt.subplots(figsize=(11, 0.95 * len(rows) + 1.3))
    tokens = dict.fromkeys(token for shares in rows.values() for token, _ in shares)
    colours, drawn = {token: STRETCHES[n % len(STRETCHES)] for n, token in enumerate(tokens)}, {}
    for place, (name, shares) in enumerate(rows.items()):
        left = 0.0
        for token, share in shares:
            if share <= 0:
                continue
            if left <= number < left + share:
                drawn[name] = token
            ax.barh(place, share, left=left, height=0.7, color=colours[token], edgecolor="white")
            if share > 0.055:
                half, middle = 0.005 + 0.0075 * len(token), left + share / 2  # of a word in letters of 15 points
                if left < number < left + share and abs(middle - number) < half:  # the dice's line would cross it
                    before = number - left > share / 2
                    middle = (left + number) / 2 if before else (number + left + share) / 2
                ax.text(middle, place, token, ha="center", va="center", fontsize=15,
                        color="white" if colours[token] == BLUE else "black")  # fmt: skip
            left += share
    ax.axvline(number, color="black", lw=2.5)
    ax.text(number, -0.55, f" {number:g}", color="black", ha="left", va="bottom", fontsize=15)
    ax.set_yticks(range(len(rows)), list(rows), fontsize=16)
    ax.set(xlim=(0, 1), xlabel="the dice")
    ax.invert_yaxis()
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.set_title("Each token has a stretch; the dice say where", pad=22)
    finish(figure, f"Stretches of tokens, likeliest first; at {number:g}: "
                   + ", ".join(f"{name} draws {token}" for name, token in drawn.items()))  # fmt: skip
    return drawn


def trade(points: dict[str, dict[str, list[float]]], title: str) -> dict[str, tuple[float, float]]:
    """Draws which share of the sentences the grammar gives against how varied they are, by setting.

    Args:
        points: by setting, "pairs" (variety) and "given" (grammar), a number for each seed.
        title: what to see.

    Returns:
        By setting, mean variety and mean share given.
    """
    kinds = {"temperature": (BLUE, "o"), "top-k": (ORANGE, "s"), "top-p": (GREEN, "D"), "1.5": (RED, "^")}
    figure, ax = plt.subplots(figsize=(10.5, 5.6))
    means, labels = {}, []
    for name, values in points.items():
        colour, marker = next(style for kind, style in kinds.items() if name.startswith(kind))
        x, y = (np.mean(values[key]) for key in ("pairs", "given"))
        means[name] = float(x), float(y)
        ax.plot(values["pairs"], [100 * v for v in values["given"]], marker, color=colour, alpha=0.35, ms=8)
        ax.plot(x, 100 * y, marker, color=colour, ms=13)
        labels.append((name, (x, 100 * y), ink(colour)))
    ax.set(xlabel="variety: share of different pairs of words", ylabel="given by the grammar, %", ylim=(-14, 72))
    ax.set_yticks(range(0, 71, 20))
    ax.margins(x=0.16)
    ax.set_title(title)
    beside_its_point(ax, labels)
    finish(figure, f"{title}. " + "; ".join(
        f"{name}: variety {x:.2f}, grammar {y:.0%}" for name, (x, y) in means.items()))  # fmt: skip
    return means


def beside_its_point(ax: plt.Axes, labels: list[tuple[str, tuple[float, float], str]]) -> list[plt.Annotation]:
    """Writes each label at that corner of its point where it covers the fewest points and other labels.

    Args:
        ax: all points are drawn.
        labels: text, place and colour of each.
    """
    ax.figure.draw_without_rendering()  # what is where
    points = np.concatenate([ax.transData.transform(line.get_xydata()) for line in ax.lines])
    written = []
    for text, place, colour in labels:
        ways = []
        for right, above in ((True, True), (True, False), (False, False), (False, True)):
            shift = {"xytext": (12 if right else -12, 8 if above else -8), "textcoords": "offset points"}
            sides = {"ha": "left" if right else "right", "va": "bottom" if above else "top"}
            label = ax.annotate(text, place, **shift, **sides, color=colour)
            box = label.get_window_extent().padded(4)
            ways.append((box.count_contains(points) + box.count_overlaps([o.get_window_extent() for o in written])
                         + (box.x1 > ax.bbox.x1), len(ways), label))  # fmt: skip
        for way in sorted(ways)[1:]:
            way[2].remove()
        written.append(min(ways)[2])
    return written


def likelihoods(shares: dict[str, float], right: str, title: str) -> str:
    """Draws what share each answer has of the likelihood of all.

    Args:
        shares: by answer.
        right: the one that is told.
        title: what to see.

    Returns:
        The likeliest.
    """
    figure, ax = plt.subplots(figsize=(10, 4.4))
    names = list(shares)
    bars = ax.bar(
        range(len(names)), [100 * shares[n] for n in names], color=[GREEN if n == right else GREY for n in names]
    )
    ax.bar_label(bars, fmt="%.0f", fontsize=14, padding=2)
    ax.set_xticks(range(len(names)), [n[:3] if len(names) > 9 else n for n in names], fontsize=15)
    ax.set(ylabel="share of the likelihood, %", ylim=(0, 115 * max(shares.values())))
    ax.set_title(title)
    best = max(shares, key=shares.get)
    finish(figure, f"{title}: " + ", ".join(f"{name} {share:.0%}" for name, share in shares.items()))
    return best
