"""Figures of lesson 04."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap

from utils.plots.style import BLUE, GREY, RED, WEIGHTS, finish

PALE, SHADE = "#EEEEEE", "#E8E8E8"
TWO_COLOURS = ListedColormap([PALE, BLUE])  # may not be looked at, may be


def padding_rows(sentences: list[list[str]], mask: np.ndarray) -> int:
    """Draws a batch as rows of words, coloured where a word may be looked at.

    Args:
        sentences: B lists of S words.
        mask: bool (B, S), True = word.

    Returns:
        How many places were drawn as words.
    """
    figure, ax = plt.subplots(figsize=(11, 2.6))
    _two_colours(ax, mask)
    for b, words in enumerate(sentences):
        for s, word in enumerate(words):
            ax.text(s, b, word, ha="center", va="center", color="white" if mask[b, s] else GREY, fontsize=15)
    ax.set(title="Blue: may be looked at", xticks=[], yticks=[])
    finish(figure, f"{len(mask)} sentences as rows of words; {int((~mask).sum())} places of padding are left pale.")
    return int(mask.sum())


def mask_grids(panels: list[tuple[str, np.ndarray, list[str]]]) -> list[int]:
    """Draws one or two masks as grids: a row for each word that looks, a column for each word looked at.

    Args:
        panels: (title, bool (T, S), the words), at most two.

    Returns:
        For each panel how many pairs may look.
    """
    figure, axes = plt.subplots(1, len(panels), figsize=(6.2 * len(panels), 5.8), squeeze=False)
    for ax, (title, mask, words) in zip(axes[0], panels, strict=True):
        _two_colours(ax, mask)
        _label(ax, words, words)
        ax.set_title(title)
    axes[0, 0].set_ylabel("who looks")
    counts = [int(mask.sum()) for _, mask, _ in panels]
    drawn = "; ".join(f"{title}: {n} pairs blue" for (title, *_), n in zip(panels, counts, strict=True))
    finish(figure, f"Grids of who may look (rows) at whom (columns). {drawn}.")
    return counts


def attention_maps(panels: list[tuple[str, np.ndarray]], rows: list[str], columns: list[str]) -> list[float]:
    """Draws two attention maps side by side, on one scale that ends a little above the largest weight.

    Args:
        panels: (title, weights (T, S)), two.
        rows: the T words that look.
        columns: the S words looked at; padding is called "[pad]".

    Returns:
        For each panel the weight on padding, the mean of the rows.
    """
    figure, axes = plt.subplots(1, 2, figsize=(12.4, 4.8))
    padding = np.array([word == "[pad]" for word in columns])
    sums = [float(weights[:, padding].sum(-1).mean()) for _, weights in panels]
    highest = 1.2 * max(weights.max() for _, weights in panels)
    for ax, (title, weights), weight in zip(axes, panels, sums, strict=True):
        image = ax.imshow(weights, cmap=WEIGHTS, vmin=0, vmax=highest, aspect="auto")
        _label(ax, rows, columns)
        ax.set_title(f"{title}: {weight:.2f} on padding")
    axes[0].set_ylabel("who looks")
    figure.colorbar(image, ax=axes, label="weight")
    said = " and ".join(f"{title}, {weight:.2f} on padding" for (title, _), weight in zip(panels, sums, strict=True))
    finish(figure, f"Two attention maps: {said}.")
    return sums


def influence_maps(panels: list[tuple[str, np.ndarray]], words: list[str]) -> list[float]:
    """Draws how far each guess (row) moves when a word (column) is replaced: 0 not at all, 1 altogether.

    Args:
        panels: (title, influence (T, T)), two.
        words: the T words.

    Returns:
        For each panel the largest influence of a word on a guess before it.
    """
    figure, axes = plt.subplots(1, 2, figsize=(12.4, 6.0))
    T = len(words)
    future = [float(np.triu(influence, k=1).max()) for _, influence in panels]
    for ax, (title, influence), most in zip(axes, panels, future, strict=True):
        image = ax.imshow(influence, cmap=WEIGHTS, vmin=0, vmax=1)
        edges = np.arange(T + 1) - 0.5
        ax.step(edges, edges, where="post", color=RED, lw=3)  # the past below, the future above
        _label(ax, words, words, "when this word is replaced")
        ax.set_title(f"{title}: {most:.2f} from the future")
    axes[0].set_ylabel("the guess after this word")
    figure.colorbar(image, ax=axes, label="moves by", shrink=0.8)
    said = "; ".join(
        f"{title}: at most {most:.2f} by a later word" for (title, _), most in zip(panels, future, strict=True)
    )
    finish(figure, f"How far each guess moves when a word is replaced. {said}.")
    return future


def loss_against_floor(losses: dict[str, list[float]], floor: float) -> dict[str, float]:
    """Draws the loss of each decoder while it learns, and the floor below which honest guessing cannot get.

    Args:
        losses: by name, one number for each time through the language; the honest one first.
        floor: the language's entropy, in the same unit.

    Returns:
        The last loss of each.
    """
    figure, ax = plt.subplots(figsize=(10, 4.8))
    ax.axhspan(0, floor, color=SHADE, lw=0)
    ax.axhline(floor, color=GREY, ls="--", lw=2)
    passes = len(next(iter(losses.values())))
    ax.text(6, floor / 2, "no honest guessing gets here", va="center", color="black")
    for colour, (name, loss) in zip((BLUE, RED), losses.items(), strict=True):
        ax.semilogx(range(1, passes + 1), loss, color=colour)
        ax.text(1.08 * passes, loss[-1] + 0.09, name, color=colour, va="center", weight="bold")
    ax.set(title="Too good to be true", xlabel="times through the language", ylabel="loss (nats a word)")
    ax.set(xlim=(1, 3.2 * passes), ylim=(-0.06, 2.5))
    ticks = [n for n in (1, 2, 5, 10, 20, 50, 100) if n <= passes]
    ax.set_xticks(ticks, [str(n) for n in ticks])
    ax.minorticks_off()
    said = "; ".join(f"{name} from {loss[0]:.2f} to {loss[-1]:.2f}" for name, loss in losses.items())
    finish(figure, f"Loss over {passes} times through the language, the floor at {floor:.2f}: {said}.")
    return {name: loss[-1] for name, loss in losses.items()}


def load_conventions(file: Path | None = None) -> dict:
    """What PyTorch and transformers did with a mask in each of its forms: command, versions, rows."""
    file = file or Path(__file__).resolve().parents[2] / "data" / "experiments" / "mask_conventions.json"
    return json.loads(file.read_text(encoding="utf-8"))


def load_cheating_decoder(file: Path | None = None) -> dict:
    """The stored experiment: command, floor, and one row for each way of passing the mask and each seed."""
    file = file or Path(__file__).resolve().parents[2] / "data" / "experiments" / "cheating_decoder.json"
    return json.loads(file.read_text(encoding="utf-8"))


def loss_and_sentences(stored: dict) -> dict[str, np.ndarray]:
    """Draws each trained decoder as a dot: its loss, and the share of right sentences among those it writes.

    Returns:
        For "keyword" and "fourth position" loss and share of every seed, (seeds, 2).
    """
    figure, ax = plt.subplots(figsize=(10, 4.6))
    ax.axvspan(-0.05, stored["floor"], color=SHADE, lw=0)
    ax.axvline(stored["floor"], color=GREY, ls="--", lw=2)
    ax.text(stored["floor"] / 2, 0.5, "no honest guessing gets here", ha="center", va="center", color="black")
    dots = {}
    for name, by_keyword, colour, marker in (("keyword", True, BLUE, "o"), ("fourth position", False, RED, "s")):
        rows = [r for r in stored["rows"] if r["by_keyword"] == by_keyword]
        dots[name] = np.array([[r["loss"], r["right"]] for r in rows])
        ax.plot(*dots[name].T, marker, color=colour, ms=10, alpha=0.7, ls="", clip_on=False)
    ax.text(0.04, 0.06, "fourth position", color=RED, weight="bold")
    ax.text(0.64, 0.97, "by keyword", color=BLUE, weight="bold", ha="right", va="center")
    ax.set(
        title="The lower loss writes the worse sentences",
        xlabel="loss (nats a word)",
        ylabel="share of right sentences",
    )
    ax.set(xlim=(-0.02, 0.8), ylim=(-0.04, 1.04))
    said = (f"{name}: loss {of[:, 0].min():.2f} to {of[:, 0].max():.2f}, {of[:, 1].min():.0%} to {of[:, 1].max():.0%}"
            for name, of in dots.items())  # fmt: skip
    finish(figure, f"Loss against the share of right sentences, the floor at {stored['floor']:.2f}. {'; '.join(said)}.")
    return dots


def _two_colours(ax, mask: np.ndarray) -> None:
    ax.imshow(mask, cmap=TWO_COLOURS, vmin=0, vmax=1, aspect="auto")
    ax.set_xticks(np.arange(mask.shape[1] + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(mask.shape[0] + 1) - 0.5, minor=True)
    ax.grid(which="minor", color="white", lw=4)
    ax.tick_params(which="both", length=0)
    ax.spines[:].set_visible(False)


def _label(ax, rows: list[str], columns: list[str], xlabel: str = "who is looked at") -> None:
    ax.set_xticks(range(len(columns)), columns, rotation=40, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(rows)), rows)
    ax.set_xlabel(xlabel)
