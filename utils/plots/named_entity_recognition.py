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


def learning_curve(rows: list[dict], live: tuple[int, float] | None = None) -> dict[tuple[bool, int, int], list[float]]:
    """Draws F1 against the number of sentences, pre-trained and from scratch: a mark for each training.

    Args:
        rows: dictionaries with sentences, pretrained, steps, f1, f1_interval.
        live: (sentences, F1) of the training that the lesson ran itself.

    Returns:
        (pretrained, sentences, steps) -> F1 of each training.
    """
    figure, ax = plt.subplots(figsize=(9, 5))
    short, drawn = min(row["steps"] for row in rows), {}
    for row in rows:
        drawn.setdefault((row["pretrained"], row["sentences"], row["steps"]), []).append(row["f1"])
    for pretrained, colour, name in ((True, BLUE, "pre-trained"), (False, ORANGE, "from scratch")):
        chosen = sorted((row for row in rows if row["pretrained"] == pretrained), key=lambda row: row["sentences"])
        sizes = sorted({row["sentences"] for row in chosen if row["steps"] == short})
        ax.plot(sizes, [np.mean(drawn[pretrained, size, short]) for size in sizes], color=colour)
        for row in chosen:
            longer = row["steps"] > short
            label = f"{name}, {row['steps']} steps"
            known = label in ax.get_legend_handles_labels()[1]
            x, style = row["sentences"] * (1.12 if longer else 1), {"color": colour, "capsize": 4, "markersize": 9}
            low, high = ([abs(row["f1"] - edge)] for edge in row["f1_interval"])
            ax.errorbar(x, row["f1"], (low, high), fmt="D" if longer else "o", label=None if known else label, **style)
    if live is not None:
        ax.plot(*live, "*", color=RED, markersize=20, zorder=5, label="yours, just now")
    ax.set(xscale="log", ylim=(-0.02, 1), xlabel="sentences to learn from", ylabel="F1 on the hand-written test",
           title="Fifty sentences with pre-training, a thousand without")  # fmt: skip
    ax.legend(loc="upper left", fontsize=13)
    sizes = sorted({row["sentences"] for row in rows})
    ax.set_xticks(sizes, [f"{n:,}" for n in sizes])
    ax.set_xlim(sizes[0] * 0.8, sizes[-1] * 1.6)
    ax.minorticks_off()
    means = [f"{'pre-trained' if p else 'from scratch'}, {n} sentences, {s} steps: {np.mean(f1):.2f}"
             for (p, n, s), f1 in drawn.items()]  # fmt: skip
    finish(figure, "Entity F1 of each training. " + "; ".join(means) + ".")
    return drawn


def where_it_goes_wrong(panels: dict[str, dict], counts: dict[str, int], longer: dict[str, float]) -> None:
    """Draws F1 with its 95 % interval, group by group, the hardest below; a panel for each way to group.

    Args:
        panels: title -> {group: (F1, low, high)}.
        counts: group -> how many entities or sentences it has.
        longer: group -> F1 of other models, drawn as a hollow mark.
    """
    sizes = [len(rows) for rows in panels.values()]
    figure, axes = plt.subplots(len(panels), 1, figsize=(9, 1.5 + 0.42 * sum(sizes)), height_ratios=sizes, sharex=True)
    said = []
    for ax, (title, rows) in zip(axes, panels.items(), strict=True):
        rows = dict(sorted(rows.items(), key=lambda item: item[1][0]))
        f1, low, high = np.array(list(rows.values())).T
        ax.errorbar(f1, range(len(rows)), xerr=(f1 - low, high - f1), fmt="o", color=GREEN, markersize=9, capsize=4,
                    label="this lesson's model, with its 95 % interval")  # fmt: skip
        ax.plot([longer[name] for name in rows], range(len(rows)), "D", markerfacecolor="white", color=PURPLE,
                markersize=8, markeredgewidth=2, label="400 steps on all of train, six seeds")  # fmt: skip
        ax.set(title=title, xlim=(0, 1), yticks=range(len(rows)), ylim=(-0.6, len(rows) - 0.4),
               yticklabels=[f"{name} ({counts[name]})" for name in rows])  # fmt: skip
        said += [f"{name} {value[0]:.2f} ({value[1]:.2f} to {value[2]:.2f})" for name, value in rows.items()]
    axes[-1].set_xlabel("F1 of entities")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=13)
    finish(figure, "F1 with 95 % intervals: " + ", ".join(said) + ".")
