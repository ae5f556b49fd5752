"""Figures of lesson 11: words and pieces, accuracy beside F1, what pre-training is worth, where it goes wrong."""

import matplotlib.pyplot as plt
import numpy as np

from utils.plots.style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, finish

PALE = {"PER": "#cfe4f5", "ORG": "#fbe3b5", "LOC": "#c9ecdf", "DATE": "#f7d3c0"}  # as in the highlighted text


def words_and_pieces(words: list[str], labels: list[str], pieces: list[str], word_ids: list[int | None],
                     asked: list[str]) -> list[int]:  # fmt: skip
    """Draws words with their labels above the pieces that a tokenizer makes of them, with what each is asked for.

    Args:
        words: N of them.
        labels: N, such as "B-PER".
        pieces: T of them, [CLS] and [SEP] too.
        word_ids: T, the number of each piece's word or None.
        asked: T, a label or "-100".

    Returns:
        How many pieces each word has.
    """
    figure, ax = plt.subplots(figsize=(11, 3.6))
    sizes = [word_ids.count(n) for n in range(len(words))]
    edges = np.cumsum([0.0, *(max(1.0, 0.17 * len(piece) + 0.2) for piece in pieces)])

    def box(left, right, y, text, colour, below, grey=False):
        ax.add_patch(plt.Rectangle((left + 0.05, y), right - left - 0.1, 0.8, facecolor=colour, edgecolor="#444444"))
        x, ink = (left + right) / 2, "#666666" if grey else "black"
        ax.text(x, y + 0.4, text, ha="center", va="center", fontsize=14, color=ink)
        ax.text(x, y - 0.28, below, ha="center", va="center", fontsize=14, color="#666666" if grey else BLUE)

    for n, (word, label) in enumerate(zip(words, labels, strict=True)):
        first = word_ids.index(n)
        box(edges[first], edges[first + sizes[n]], 1.95, word, PALE.get(label[2:], "#ffffff"), label)
    for t, (piece, word, label) in enumerate(zip(pieces, word_ids, asked, strict=True)):
        colour = "#eeeeee" if word is None else PALE.get(labels[word][2:], "#ffffff")
        box(edges[t], edges[t + 1], 0.5, piece, colour, label, grey=label == "-100")
    ax.set(xlim=(-0.1, edges[-1] + 0.1), ylim=(-0.1, 2.9), title="One label a word: its first piece is asked for it")
    ax.axis("off")
    finish(figure, f"{len(words)} words over their {len(pieces)} pieces; only each word's first piece has a label.")
    return sizes


def accuracy_beside_f1(rows: dict[str, tuple[float, float]], title: str) -> dict[str, tuple[float, float]]:
    """Draws the accuracy of words and the F1 of entities of several models, the best on top.

    Args:
        rows: name -> (accuracy, F1).
        title: what to see.
    """
    rows = dict(sorted(rows.items(), key=lambda item: item[1][1]))
    figure, ax = plt.subplots(figsize=(9, 1.5 + 0.75 * len(rows)))
    for y, (accuracy, f1) in enumerate(rows.values()):
        for shift, value, colour in ((0.19, accuracy, GREY), (-0.19, f1, BLUE)):
            ax.barh(y + shift, value, 0.36, color=colour)
            ax.text(value + 0.01, y + shift, f"{value:.2f}", va="center", fontsize=14)
    ax.set(xlim=(0, 1.08), yticks=range(len(rows)), yticklabels=list(rows), title=title, xlabel="share, 0 to 1")
    handles = [plt.Rectangle((0, 0), 1, 1, color=colour) for colour in (GREY, BLUE)]
    figure.legend(handles, ["accuracy of words", "F1 of entities"], loc="outside lower center", ncols=2)
    alt = "; ".join(f"{name}: accuracy {a:.2f}, F1 {f:.2f}" for name, (a, f) in rows.items())
    finish(figure, f"Accuracy and entity F1. {alt}.")
    return rows


def learning_curve(rows: list[dict], live: tuple[int, float] | None = None) -> dict[bool, list[float]]:
    """Draws F1 against the number of sentences, pre-trained and from scratch, with 95 % intervals.

    Args:
        rows: dictionaries with sentences, pretrained, f1, f1_interval.
        live: (sentences, F1) of the training that the lesson ran itself.

    Returns:
        F1 by "pretrained", in the order of the sentences.
    """
    figure, ax = plt.subplots()
    drawn = {}
    for pretrained, colour, name in ((True, BLUE, "pre-trained"), (False, ORANGE, "from scratch")):
        chosen = sorted((row for row in rows if row["pretrained"] == pretrained), key=lambda row: row["sentences"])
        x, y = [row["sentences"] for row in chosen], [row["f1"] for row in chosen]
        low, high = zip(*(row["f1_interval"] for row in chosen), strict=True)
        ax.fill_between(x, low, high, color=colour, alpha=0.18, lw=0)
        ax.plot(x, y, "o-", color=colour, markersize=9)
        ax.text(x[-1] * 1.12, max(y[-1], 0.04), name, color=colour, va="center", fontsize=15)
        drawn[pretrained] = y
    if live is not None:
        ax.plot(*live, "*", color=RED, markersize=20, zorder=5, label="trained just now")
        ax.legend(loc="upper left")
    ax.set(xscale="log", ylim=(0, 1), xlabel="sentences to learn from", ylabel="F1 on the hand-written test",
           title="What pre-training is worth")  # fmt: skip
    sizes = sorted({row["sentences"] for row in rows})
    ax.set_xticks(sizes, [f"{n:,}" for n in sizes])
    ax.set_xlim(sizes[0] * 0.8, sizes[-1] * 3.2)
    ax.minorticks_off()
    first, last = ([rows_[i] for rows_ in (drawn[True], drawn[False])] for i in (0, -1))
    finish(figure, f"F1 with {sizes[0]} sentences: pre-trained {first[0]:.2f}, from scratch {first[1]:.2f}; "
                   f"with {sizes[-1]}: {last[0]:.2f} and {last[1]:.2f}.")  # fmt: skip
    return drawn


def by_kind(kinds: dict[str, float], counts: dict[str, int]) -> dict[str, float]:
    """Draws F1 on each kind of sentence, the hardest below.

    Args:
        kinds: kind -> F1.
        counts: kind -> how many sentences.
    """
    kinds = dict(sorted(kinds.items(), key=lambda item: item[1]))
    figure, ax = plt.subplots(figsize=(9, 1.2 + 0.5 * len(kinds)))
    values = np.array(list(kinds.values()))
    colours = [PURPLE if name == "none" else GREEN for name in kinds]
    ax.barh(range(len(kinds)), values, color=colours)
    for y, value in enumerate(values):
        ax.text(value + 0.01, y, f"{value:.2f}", va="center", fontsize=14)
    names = [f"{name} ({counts[name]})" for name in kinds]
    ax.set(xlim=(0, 1.1), yticks=range(len(kinds)), yticklabels=names, xlabel="F1 (purple: share without a claim)",
           title="Where it goes wrong")  # fmt: skip
    finish(figure, "F1 by kind of sentence: " + ", ".join(f"{n} {v:.2f}" for n, v in kinds.items()) + ".")
    return kinds
