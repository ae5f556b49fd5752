"""Figures of lesson 02."""

import matplotlib.pyplot as plt
import numpy as np

from utils.plots.ink import ink
from utils.plots.style import BLUE, CYCLE, GREEN, GREY, ORANGE, RED, SIGNED, finish

HAND_COLOURS = (BLUE, GREEN, ORANGE, RED)


def bits_and_waves(positions: int, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Draws the bits of the numbers 0…positions-1 as square waves, and over each a smooth wave of the same period.

    Returns:
        The bits (positions, bits), lowest first, and the smooth waves at the same places.
    """
    figure, ax = plt.subplots(figsize=(11, 4.8))
    p, fine = np.arange(positions), np.linspace(-0.5, positions - 0.5, 600)
    digits = (p[:, np.newaxis] >> np.arange(bits)) & 1
    period = 2 ** np.arange(1, bits + 1)

    def waves(x):
        middle = 0.75 * period - 0.5  # of the first run of ones
        return (1 + np.cos(2 * np.pi * (np.asarray(x)[:, np.newaxis] - middle) / period)) / 2

    for b, colour in enumerate(HAND_COLOURS[:bits]):
        floor = -1.75 * b
        ax.plot(fine, floor + waves(fine)[:, b], color=colour, lw=4, alpha=0.45)
        for x, digit in zip(p, digits[:, b], strict=True):
            ax.text(
                x, floor + digit, str(digit), ha="center", va="center", fontsize=16, weight="bold", color=ink(colour)
            )
        ax.text(-0.9, floor + 0.5, f"digit {b}", ha="right", va="center", color=ink(colour))
    ax.set_title("Counting in binary: every digit swings at its own pace", pad=14)
    ax.set(xlabel="position", xlim=(-0.6, positions - 0.4), xticks=p, yticks=[])
    ax.spines["left"].set_visible(False)
    finish(
        figure, f"The binary digits of 0 to {positions - 1}; over each row of digits a smooth wave of the same period."
    )
    return digits, waves(p)


def barber_pole(encoding: np.ndarray) -> np.ndarray:
    """Draws an encoding as a picture, a row for each position: its even columns on the left, its odd ones on the right.

    Args:
        encoding: (positions, d), sine and cosine side by side.

    Returns:
        How often each even column changes its sign, (d/2,).
    """
    sines, cosines = encoding[:, 0::2], encoding[:, 1::2]
    positions, d = encoding.shape
    figure, axes = plt.subplots(1, 2, figsize=(12, 5.6), sharey=True)
    titles = "even columns: the sines", "odd columns: the cosines"
    for first, (ax, drawn, title) in enumerate(zip(axes, (sines, cosines), titles, strict=True)):
        area = (first - 1, d + first - 1, positions - 0.5, -0.5)  # every second column is drawn two columns wide
        image = ax.imshow(drawn, cmap=SIGNED, vmin=-1, vmax=1, aspect="auto", interpolation="nearest", extent=area)
        ax.set(title=title, xlabel="column")
    axes[0].set_ylabel("position")
    figure.colorbar(image, ax=axes, ticks=[-1, 0, 1], pad=0.02)
    changes = (np.diff(np.sign(sines[1:]), axis=0) != 0).sum(axis=0)
    finish(
        figure,
        f"Two heat maps of {positions} rows, one for each position, white at 0, red at 1. Down the first column the "
        f"sines change their sign {changes[0]} times, down the middle one {changes[len(changes) // 2]}, down the last "
        f"{changes[-1]}; there the cosines are at least {cosines[:, -1].min():.2f}.",
    )
    return changes


def clock_hands(encoding: np.ndarray, pairs: list[int]) -> np.ndarray:
    """Draws pairs of columns as clock hands: the sine says how far right, the cosine how far up.

    Args:
        encoding: (positions, d), sine and cosine side by side.
        pairs: which pairs to draw, one row of clocks for each.

    Returns:
        How far each hand turns from one position to the next, in radians, (pairs,).
    """
    positions = len(encoding)
    figure, ax = plt.subplots(figsize=(11, 0.96 * len(pairs) + 1.1))
    turns = []
    for row, (j, colour) in enumerate(zip(pairs, HAND_COLOURS, strict=False)):
        for p in range(positions):
            x, y = encoding[p, 2 * j : 2 * j + 2]
            ax.add_patch(plt.Circle((p, -row), 0.42, facecolor="white", edgecolor=GREY, lw=1.5))
            ax.plot([p, p], [-row + 0.36, -row + 0.42], color=GREY, lw=1.5)
            ax.plot([p, p + 0.36 * x], [-row, -row + 0.36 * y], color=colour, lw=4, solid_capstyle="round")
        cosine = np.clip(encoding[0, 2 * j : 2 * j + 2] @ encoding[1, 2 * j : 2 * j + 2], -1, 1)
        turns.append(float(np.arccos(cosine)))
        columns = f"columns\n{2 * j} and {2 * j + 1}"
        ax.text(-0.65, -row, columns, ha="right", va="center", color=ink(colour))
    for p in range(positions):
        ax.text(p, 0.55, str(p), ha="center", va="bottom")
    ax.text(-0.65, 0.55, "position", ha="right", va="bottom")
    ax.set_title("Each pair of columns is a clock hand with its own speed")
    ax.set(xlim=(-2.1, positions - 0.5), ylim=(-len(pairs) + 0.45, 0.95), aspect="equal")
    ax.axis("off")
    finish(
        figure,
        f"{len(pairs)} rows of clocks, one for each pair, at positions 0 to {positions - 1}. "
        "The first hand turns about a sixth of the circle at each step, the others less and less.",
    )
    return np.array(turns)


def similarity_against_lag(similarity: np.ndarray) -> int:
    """Draws how similar two positions are against their distance; where it rises, the line is thick.

    Args:
        similarity: at distance 0, 1, 2, …

    Returns:
        At how many steps it rises.
    """
    figure, ax = plt.subplots(figsize=(10, 4.6))
    lags = np.arange(len(similarity))
    rises = np.flatnonzero(np.diff(similarity) > 0)
    ax.plot(lags, similarity, color=BLUE, label="one step further, and less alike")
    for n, lag in enumerate(rises):
        label = "one step further, and more alike" if n == 0 else None
        ax.plot(lags[lag : lag + 2], similarity[lag : lag + 2], color=ORANGE, lw=7, solid_capstyle="butt", label=label)
    ax.set(title=f"Further is not always less alike: {len(rises)} rises in {len(lags) - 1} steps")
    ax.set(xlabel="distance in positions", ylabel="similarity", ylim=(0, 1.03), xlim=(0, len(lags)))
    ax.legend(loc="upper right")
    finish(figure, f"Similarity against distance, from {similarity[0]:.2f} at 0 to {similarity[-1]:.2f} at {lags[-1]}; "
                   f"{len(rises)} steps go up.")  # fmt: skip
    return len(rises)


def reach_of_bases(similarities: dict[int, np.ndarray]) -> dict[int, int]:
    """Draws similarity against distance for several bases; a dot where it first falls to 0.

    Args:
        similarities: for each base the similarity at distance 0, 1, 2, …

    Returns:
        For each base the first distance at which the similarity is not above 0.
    """
    figure, ax = plt.subplots(figsize=(10, 4.8))
    reach = {base: int(np.argmax(similarity <= 0)) for base, similarity in similarities.items()}
    for (base, similarity), colour in zip(similarities.items(), CYCLE, strict=False):
        lags = np.arange(1, reach[base] + 1)  # what comes after is a ripple around 0
        ax.plot(lags, similarity[1 : reach[base] + 1], color=colour, lw=1.3)
        ax.plot(reach[base], 0, "o", color=colour, ms=11, clip_on=False, zorder=3)
        ax.text(1.15 * reach[base], 0.03, f"{base}", color=ink(colour), va="bottom")
    ax.set(title="A larger base: a longer reach, and neighbours more alike", xscale="log", ylim=(0, 1.03))
    ax.set(xlabel="distance in positions", ylabel="similarity", xlim=(1, 3.2 * max(reach.values())))
    ax.xaxis.set_major_formatter("{x:g}")
    finish(
        figure,
        "Similarity against distance, on a logarithmic axis, a line for each base down to where it first is 0: "
        + ", ".join(f"base {base} at {lag}" for base, lag in reach.items())
        + ".",
    )
    return reach


def spread(places: np.ndarray, sizes: np.ndarray, fixed: int = 0) -> np.ndarray:
    """Moves boxes apart until none covers another; returns their new middles.

    Args:
        places: the boxes' middles (N, 2).
        sizes: their widths and heights (N, 2).
        fixed: how many of the last boxes stay where they are.
    """
    places, movable = places.copy(), len(places) - fixed
    for _ in range(200):
        before = places.copy()
        for a in range(len(places)):
            for b in range(min(a, movable)):
                apart = places[a] - places[b]
                overlap = (sizes[a] + sizes[b]) / 2 - np.abs(apart)
                if (overlap > 0).all():
                    axis = int(np.argmin(overlap / (sizes[a] + sizes[b])))
                    push = overlap[axis] * (1 if apart[axis] >= 0 else -1)
                    places[b, axis] -= push / 2 if a < movable else push
                    if a < movable:
                        places[a, axis] += push / 2
        if np.array_equal(before, places):
            break
    return places


def words_on_a_plane(planes: dict[str, np.ndarray], words: list[str], groups: list[str]) -> list[np.ndarray]:
    """Draws words on a plane, one panel each: a mark at each word's place, its name beside it.

    A grey line joins the words in the order of the sentence.

    Args:
        planes: for each panel's title the places (words, 2).
        words: in the order of the sentence.
        groups: for each word its family, at most four; it gives the mark.

    Returns:
        For each panel the words' places along the main axis, as drawn.
    """
    figure, axes = plt.subplots(1, len(planes), figsize=(12, 6.6))
    labels = [f"{n} {word}" for n, word in enumerate(words)]
    inches = np.array([[0.115 * len(label) + 0.06, 0.27] for label in labels])
    marks = dict(zip(dict.fromkeys(groups), zip(HAND_COLOURS, "os^D", strict=True), strict=False))
    drawn = []
    for ax, (title, places) in zip(axes, planes.items(), strict=True):
        places = places * np.where(places[-1] < places[0], -1, 1)  # which way an axis points is anybody's choice
        drawn.append(places[:, 0])
        low, high = places.min(axis=0), places.max(axis=0)
        unit = 1.6 * (high - low) / (5.4, 4.7)  # a panel's inch, in the places' units
        boxes = np.concatenate([inches, np.full((len(words), 2), 0.26)]) * unit
        apart = np.abs((places[:, np.newaxis] - places) / unit) < (0.9, 0.7)
        crowded = (apart.all(axis=-1) & (places[:, 1] > places[:, [1]])).any(axis=1)  # a mark right above: name below
        beside = places + np.where(crowded, -0.27, 0.27)[:, np.newaxis] * (0, 1) * unit
        names = spread(np.concatenate([beside, places]), boxes, fixed=len(words))[: len(words)]
        ax.plot(*places.T, color=GREY, lw=1.5, alpha=0.5, zorder=1)
        for n, label in enumerate(labels):
            colour, shape = marks[groups[n]]
            ax.plot(*places[n], shape, color=colour, ms=12, zorder=3)
            ax.plot(*zip(places[n], names[n], strict=True), color=colour, lw=1, zorder=2)
            box = {"boxstyle": "square,pad=0.05", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
            ax.text(*names[n], label, ha="center", va="center", fontsize=14, bbox=box, zorder=4)
        low, high = (low + high) / 2 - unit * (2.7, 2.35), (low + high) / 2 + unit * (2.7, 2.35)
        ax.set(title=title, xlim=(low[0], high[0]), ylim=(low[1], high[1]), xlabel="main axis", xticks=[], yticks=[])
    axes[0].set_ylabel("second axis")
    handles = [plt.Line2D([], [], color=c, marker=shape, ms=12, lw=0, label=f) for f, (c, shape) in marks.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(marks))
    orders = (" ".join(words[n] for n in np.argsort(along, kind="stable")) for along in drawn)
    said = (f"{title.replace(chr(10), ' ')}: {order}" for title, order in zip(planes, orders, strict=True))
    finish(figure, f"Words on planes, a mark for each family. Along the main axis, {'; '.join(said)}.")
    return drawn


def scores_by_place(scores: dict[str, np.ndarray]) -> dict[str, float]:
    """Draws the score of one query with one key at all pairs of places, a panel for each way to tell the places.

    Args:
        scores: for each panel's title the scores, (places of the query, places of the key).

    Returns:
        For each panel the largest difference between scores at the same distance.
    """
    figure, axes = plt.subplots(1, len(scores), figsize=(12, 5.8), sharey=True)
    differences = {}
    for ax, (title, panel) in zip(axes, scores.items(), strict=True):
        limit = np.abs(panel).max()
        image = ax.imshow(panel, cmap=SIGNED, vmin=-limit, vmax=limit, interpolation="nearest")
        figure.colorbar(image, ax=ax, pad=0.02, shrink=0.82)
        ax.set(title=title, xlabel="the key's place")
        T = len(panel)
        differences[title] = max(float(np.ptp(np.diagonal(panel, k))) for k in range(1 - T, T))
    axes[0].set_ylabel("the query's place")
    finish(
        figure,
        "Heat maps of one query's score with one key, by their places. Along a diagonal, places equally far apart, the "
        "scores differ by up to " + ", ".join(f"{most:.2f} ({title})" for title, most in differences.items()) + ".",
    )
    return differences


def order_against_weight(weights: list[float], correlations: np.ndarray, marks: dict[str, float]) -> np.ndarray:
    """Draws how well the main axis agrees with the order of the sentence, against the weight of the positions.

    Args:
        weights: the positions' length over the words'.
        correlations: (sentences, weights), without sign.
        marks: weights to be marked, by their label.

    Returns:
        The median at each weight.
    """
    figure, ax = plt.subplots(figsize=(10, 4.6))
    median = np.median(correlations, axis=0)
    ax.fill_between(weights, correlations.min(axis=0), correlations.max(axis=0), color=BLUE, alpha=0.15)
    ax.plot(weights, median, marker="o", color=BLUE)
    for label, weight in marks.items():
        ax.axvline(weight, color=RED, lw=2, ls="--")
        ax.text(weight + 0.03, 0.02, label, color=RED, va="bottom", rotation=90, fontsize=13)
    ax.set(title="The louder the positions, the better the order shows", ylim=(0, 1.03))
    ax.set(xlabel="length of a position / length of a word", ylabel="rank correlation")
    finish(figure, "Rank correlation between place in the sentence and place on the main axis, the median: "
                   f"{median[0]:.2f} at weight {weights[0]:g}, {median[-1]:.2f} at {weights[-1]:g}.")  # fmt: skip
    return median
