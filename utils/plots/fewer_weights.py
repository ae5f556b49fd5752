"""Figures of lesson 17: the way beside a kernel, F1 against what learns, blanks filled, a table of experts."""

import matplotlib.pyplot as plt
import numpy as np

from utils.plots.style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY, finish

MARKERS = {"head": "s", "queries and values": "D", "feed-forwards": "o", "all": "^"}
COLOURS = {"head": GREY, "queries and values": ORANGE, "feed-forwards": BLUE, "all": GREEN}


def way_beside(D: int, M: int, r: int) -> tuple[int, int]:
    """Draws a kernel that stays and the two thin matrices beside it, in their true proportions.

    Args:
        D: width of the input.
        M: width of the output.
        r: the rank.

    Returns:
        How many numbers the kernel has, and how many A and B have together.
    """
    figure, ax = plt.subplots(figsize=(11, 5.0))
    scale = 3.0 / max(D, M)
    d, m, thin = D * scale, M * scale, r * scale

    def box(x, y, width, height, colour, label, where, alpha=0.35):
        ax.add_patch(plt.Rectangle((x, y), width, height, facecolor=colour, alpha=alpha, edgecolor="none"))
        ax.add_patch(plt.Rectangle((x, y), width, height, fill=False, edgecolor=colour, lw=2))
        ax.text(*where, label, ha="center", va="center", fontsize=16)

    def arrow(start, end, colour="#444444"):
        ax.annotate("", end, start, arrowprops={"arrowstyle": "->", "lw": 2.5, "color": colour})

    top, low = 2.5, 0.4  # the two ways
    box(2.0, top - d / 2, m, d, GREY, f"W stays\n{D} × {M}", (2.0 + m / 2, top))
    box(2.0, low - d / 2 - 0.25, thin, d, BLUE, f"A  {D} × {r}", (2.95, low - 0.25))
    box(4.6, low - thin / 2, m, thin, RED, f"B  {r} × {M}", (4.6 + m / 2, low - 0.35))
    ax.text(0.3, (top + low) / 2, "x", fontsize=20, ha="center", va="center")
    arrow((0.5, (top + low) / 2 + 0.1), (1.9, top))
    arrow((0.5, (top + low) / 2 - 0.1), (1.9, low - 0.1))
    arrow((2.0 + thin + 0.1, low + 0.12), (4.5, low + 0.02), BLUE)
    ax.text(3.3, low + 0.32, "x A: r numbers", fontsize=14, color=BLUE, ha="center")
    arrow((2.1 + m, top), (8.5, (top + low) / 2 + 0.15))
    arrow((4.7 + m, low), (8.5, (top + low) / 2 - 0.15), RED)
    ax.text(8.3, low + 0.32, "· alpha / r", fontsize=15, color=RED, ha="left")
    ax.plot(8.85, (top + low) / 2, "o", ms=34, mfc="white", mec="black", mew=2)
    ax.text(8.85, (top + low) / 2 - 0.03, "+", fontsize=22, ha="center", va="center")
    arrow((9.2, (top + low) / 2), (10.1, (top + low) / 2))
    ax.text(10.4, (top + low) / 2, "y", fontsize=20, ha="center", va="center")
    ax.set(xlim=(0, 10.8), ylim=(low - d / 2 - 0.45, top + d / 2 + 0.2), aspect="equal")
    ax.set_title("Most numbers stay; the thin ones beside them learn")
    ax.axis("off")
    sizes = D * M, r * (D + M)
    finish(
        figure,
        f"Two ways from x to y, which are added. One through the kernel W, {D} by {M}, which stays; one through A, {D} "
        f"by {r}, and B, {r} by {M}, which learn: {sizes[1]:,} numbers beside {sizes[0]:,}.",
    )
    return sizes


def f1_by_numbers(rows: list[dict]) -> dict[tuple[str, int], list[float]]:
    """Draws F1 on the test against how many numbers learn, a mark for each training.

    Args:
        rows: dictionaries with where (head, queries and values, feed-forwards, all), numbers, test_f1 and, beside
            the feed-forwards, rank.

    Returns:
        (where, numbers) -> F1 of each training.
    """
    drawn: dict[tuple[str, int], list[float]] = {}
    for row in sorted(rows, key=lambda row: row["numbers"]):
        drawn.setdefault((row["where"], row["numbers"]), []).append(row["test_f1"])
    figure, ax = plt.subplots(figsize=(10, 5))
    for where, colour in COLOURS.items():
        chosen = {numbers: f1 for (w, numbers), f1 in drawn.items() if w == where}
        for n, (numbers, f1) in enumerate(chosen.items()):
            style = {"color": colour, "marker": MARKERS[where], "ms": 11, "ls": "", "alpha": 0.8}
            ax.plot([numbers] * len(f1), f1, label=where if n == 0 else None, **style)
        ax.plot(list(chosen), [np.mean(f1) for f1 in chosen.values()], color=colour, lw=2)
        for numbers in chosen if where == "feed-forwards" else ():
            rank = next(row["rank"] for row in rows if (row["where"], row["numbers"]) == (where, numbers))
            ax.annotate(f"rank {rank}", (numbers, max(chosen[numbers])), (0, 12), textcoords="offset points",
                        ha="center", fontsize=14, color=colour)  # fmt: skip
    ax.set(xscale="log", ylim=(0, 1), xlabel="numbers that learn", ylabel="F1 on the hand-written test",
           title="A hundredth of the weights goes as far as all")  # fmt: skip
    ax.legend(loc="lower right")
    means = "; ".join(f"{where}, {numbers:,} numbers: {np.mean(f1):.2f}" for (where, numbers), f1 in drawn.items())
    finish(figure, f"Entity F1 against the numbers that learn, a mark for each training. Means: {means}.")
    return drawn


def blanks_filled(groups: dict[str, dict[str, list[float]]]) -> dict[tuple[str, str], float]:
    """Draws the share of blanks filled rightly: a group for each text, a bar for each way, a mark a seed.

    Args:
        groups: text -> way -> one share a seed.

    Returns:
        (text, way) -> mean.
    """
    figure, ax = plt.subplots(figsize=(10, 4.8))
    ways = list(next(iter(groups.values())))
    means, width, named = {}, 0.8 / len(ways), []
    for n, (way, colour) in enumerate(zip(ways, (GREY, SKY, BLUE, GREEN, PURPLE), strict=False)):
        for place, (text, shares) in enumerate(groups.items()):
            x = place + (n - (len(ways) - 1) / 2) * width
            means[text, way] = float(np.mean(shares[way]))
            ax.bar(x, means[text, way], 0.9 * width, color=colour)
            named.append((x, way.replace(" ", "\n", 1)))
            ax.plot([x] * len(shares[way]), shares[way], "_", color="black", ms=16, mew=2)
            ax.text(x, max(shares[way]) + 0.015, f"{means[text, way]:.2f}", ha="center", fontsize=14)
    ax.set_xticks(*zip(*named, strict=True), fontsize=14)
    highest = max(max(shares) for ways_of in groups.values() for shares in ways_of.values())
    ax.set(
        ylim=(0, min(1.08, highest + 0.12)), ylabel="blanks filled rightly",
        title="A hundred steps of filling blanks: " + ", ".join(groups),
    )  # fmt: skip
    ax.tick_params(axis="x", length=0)
    said = "; ".join(f"{text}, {way}: {mean:.2f}" for (text, way), mean in means.items())
    finish(figure, f"Share of blanks filled rightly in sentences kept back, means of the seeds: {said}.")
    return means


def experts_table(shares: np.ndarray, names: list[str]) -> tuple[float, float]:
    """Draws what share of each field's words each expert finds: its own on the diagonal.

    Args:
        shares: (E, E), row: expert, column: whose words.
        names: E.

    Returns:
        The means on the diagonal and beside it.
    """
    figure, ax = plt.subplots(figsize=(10, 7.2))
    picture = ax.imshow(shares, vmin=0, vmax=1, cmap="Blues")
    for i, row in enumerate(shares):
        for j, share in enumerate(row):
            ax.text(j, i, f"{share:.2f}"[1:] if share < 1 else "1", ha="center", va="center", fontsize=14,
                    color="white" if share > 0.6 else "black")  # fmt: skip
    ax.set_xticks(range(len(names)), names, rotation=40, ha="right", fontsize=13)
    ax.set_yticks(range(len(names)), names, fontsize=13)
    ax.set(xlabel="whose words", ylabel="which expert looks", title="Each expert finds its own field's words")
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    figure.colorbar(picture, ax=ax, label="share found", shrink=0.8)
    own = float(np.diag(shares).mean())
    others = float(shares[~np.eye(len(shares), dtype=bool)].mean())
    finish(
        figure,
        f"A table of {len(names)} experts by {len(names)} fields. Of its own field's words an expert finds on average "
        f"{own:.2f}, of the others' {others:.2f}.",
    )
    return own, others
