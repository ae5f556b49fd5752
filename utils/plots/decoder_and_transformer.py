"""Figures of lesson 07."""

import contextlib
import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.offsetbox import AnnotationBbox, HPacker, TextArea
from matplotlib.patches import FancyBboxPatch

from utils.plots.style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY, WEIGHTS, finish

# One colour for each axis, in the X-ray: since all sizes differ, a number's colour says what it counts.
AXES = {"B": GREY, "S": RED, "T": BLUE, "D": GREEN, "H": PURPLE, "F": "#8A6D00", "V": "black"}
INK = "#222222"


def target_and_source(target: list[str], source: list[str], own: np.ndarray, cross: np.ndarray) -> tuple[int, int]:
    """Draws the decoder's two masks, one word a row: what it sees of the target, what of the source.

    Args:
        target: T words, padding included.
        source: S words, padding included.
        own: bool (T, T).
        cross: bool (T, S) or (1, S), the same for every row.

    Returns:
        How many pairs are allowed in each.
    """
    cross = np.broadcast_to(cross, (len(target), len(source)))
    figure, axes = plt.subplots(1, 2, figsize=(12.5, 5.6), width_ratios=(len(target), len(source)))
    panels = (("Self-attention: the target's mask", own, target), ("Cross-attention: the source's mask", cross, source))
    for ax, (title, mask, columns) in zip(axes, panels, strict=True):
        ax.imshow(np.where(mask, 0.62, 0.0), cmap=WEIGHTS, vmin=0, vmax=1, aspect="auto")
        ax.set_xticks(np.arange(-0.5, mask.shape[1]), minor=True)
        ax.set_yticks(np.arange(-0.5, mask.shape[0]), minor=True)
        ax.grid(which="minor", color="white", lw=2)
        ax.tick_params(which="both", length=0)
        ax.set_xticks(range(len(columns)), columns, rotation=40, ha="right", rotation_mode="anchor")
        ax.set_yticks(range(len(target)), target)
        ax.set_title(title)
    axes[0].set_ylabel("who looks")
    pairs = int(own.sum()), int(cross.sum())
    finish(
        figure,
        f"Two grids, blue where a target word may look. Left, at the target: a triangle without padding, {pairs[0]} "
        f"pairs. Right, at the source: every row alike, all words and no padding, {pairs[1]} pairs.",
    )
    return pairs


def cross_attention(said: list[str], source: list[str], weights: np.ndarray, title: str) -> np.ndarray:
    """Draws where the decoder looks in the source while it says each word.

    Args:
        said: T words, the next word at each place.
        source: S words.
        weights: (T, S).
        title: what to see.

    Returns:
        For each row the index of the source word looked at most.
    """
    figure, ax = plt.subplots(figsize=(9.5, 5.6))
    ax.imshow(weights, cmap=WEIGHTS, vmin=0, vmax=1, aspect="auto")
    for (row, column), weight in np.ndenumerate(weights):
        if weight >= 0.1:
            ax.text(
                column,
                row,
                f"{weight:.2f}",
                ha="center",
                va="center",
                color="white" if weight > 0.5 else "black",
                fontsize=14,
            )
    ax.set_xticks(range(len(source)), source, rotation=30, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(said)), said)
    ax.set(title=title, xlabel="source", ylabel="about to say")
    ax.tick_params(length=0)
    top = weights.argmax(axis=1)
    finish(figure, f"Weights of cross-attention, a row for each word about to be said: {' '.join(said)}. {title}.")
    return top


def load_copy_task(name: str = "copy_task") -> dict:
    """A stored experiment on copying: its command, and its rows."""
    file = Path(__file__).resolve().parents[2] / "data" / "experiments" / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8"))


def learning_to_copy(stored: dict) -> dict[int, dict[str, np.ndarray]]:
    """Draws the share of right words against training steps, a panel for each vocabulary: mean, and every seed.

    Args:
        stored: the experiment.

    Returns:
        For each vocabulary and output the curves of all seeds, (seeds, points).
    """
    vocabularies = sorted({row["vocabulary"] for row in stored["rows"]})
    figure, axes = plt.subplots(1, len(vocabularies), figsize=(12, 4.6), sharey=True)
    curves = {}
    for ax, vocabulary in zip(axes, vocabularies, strict=True):
        curves[vocabulary] = {}
        for output, colour in (("logits", BLUE), ("probabilities", RED)):
            rows = [r["curve"] for r in stored["rows"] if (r["vocabulary"], r["output"]) == (vocabulary, output)]
            steps, shares = np.array(rows)[0, :, 0], np.array(rows)[:, :, 1]
            ax.plot(steps, shares.T, color=colour, lw=1, alpha=0.5)
            ax.plot(steps, shares.mean(axis=0), color=colour, lw=3.5, label=output)
            curves[vocabulary][output] = shares
        ax.set(title=f"{vocabulary} words", xlabel="training steps", ylim=(0, 1.04))
    axes[0].set_ylabel("share of right words")
    axes[0].legend(loc="lower right", title="the loss was given")
    ends = "; ".join(
        f"with {v} words {100 * c['logits'][:, -1].mean():.0f} and {100 * c['probabilities'][:, -1].mean():.0f} percent"
        for v, c in curves.items()
    )
    finish(figure, f"Right words against training steps, from logits and from probabilities. At the end: {ends}.")
    return curves


# The X-ray --------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _recorded(parts: dict):
    """Inside, every call of these layers leaves the shapes of what went in and what came out, under its name."""
    shapes = {}

    def shape_of(value):
        return tuple(int(n) for n in value.shape) if hasattr(value, "shape") else None

    def recorder(name, call):
        def recorded(*args, **kwargs):
            result = call(*args, **kwargs)
            outputs = result if isinstance(result, tuple) else (result,)
            shapes[name] = {
                "in": [shape_of(a) for a in args],
                "mask": shape_of(kwargs.get("attention_mask")),
                "out": [shape_of(r) for r in outputs],
            }
            return result

        return recorded

    for name, part in parts.items():
        part.call = recorder(name, part.call)
    try:
        yield shapes
    finally:
        for part in parts.values():
            del part.call


def tensor_shapes(model, source: np.ndarray, target: np.ndarray) -> dict[str, tuple[int, ...]]:
    """The shape of every tensor in a forward pass, taken down while it happens.

    Args:
        model: a `Transformer`, post-norm.
        source: ids (B, S).
        target: ids (B, T).

    Returns:
        Shapes by name, in the order of the pass.
    """
    encoder, decoder = model.encoder.encoder_layers[-1], model.decoder.decoder_layers[-1]
    parts = {
        "encoder embedding": model.encoder.embedding,
        "encoder positions": model.encoder.positional_encoding,
        "encoder self": encoder.self_attention,
        "encoder inside": encoder.feed_forward.widen,
        "encoder": encoder,
        "decoder embedding": model.decoder.embedding,
        "decoder positions": model.decoder.positional_encoding,
        "decoder self": decoder.self_attention,
        "decoder cross": decoder.cross_attention,
        "decoder inside": decoder.feed_forward.widen,
        "decoder": decoder,
    }
    with _recorded(parts) as seen:
        logits = model((source, target))
    return {
        "source ids": seen["encoder embedding"]["in"][0],
        "source embedded": seen["encoder positions"]["out"][0],
        "source mask": seen["encoder self"]["mask"],
        "encoder scores": seen["encoder self"]["out"][1],
        "encoder attended": seen["encoder self"]["out"][0],
        "encoder inside": seen["encoder inside"]["out"][0],
        "encoder output": seen["encoder"]["out"][0],
        "target ids": seen["decoder embedding"]["in"][0],
        "target embedded": seen["decoder positions"]["out"][0],
        "target mask": seen["decoder self"]["mask"],
        "decoder scores": seen["decoder self"]["out"][1],
        "decoder attended": seen["decoder self"]["out"][0],
        "memory": seen["decoder cross"]["in"][1],
        "cross mask": seen["decoder cross"]["mask"],
        "cross scores": seen["decoder cross"]["out"][1],
        "decoder crossed": seen["decoder cross"]["out"][0],
        "decoder inside": seen["decoder inside"]["out"][0],
        "decoder output": seen["decoder"]["out"][0],
        "logits": tuple(int(n) for n in logits.shape),
    }


def _letters(shapes: dict) -> dict[int, str]:
    """Which axis a number counts. Raises ValueError where two sizes are equal: then the picture could not say."""
    (B, S), (_, T) = shapes["source ids"], shapes["target ids"]
    sizes = {
        "B": B,
        "S": S,
        "T": T,
        "D": shapes["encoder output"][-1],
        "H": shapes["encoder scores"][1],
        "F": shapes["encoder inside"][-1],
        "V": shapes["logits"][-1],
    }
    if len(set(sizes.values()) | {1}) <= len(sizes):
        raise ValueError(f"All sizes must differ, and none be 1. Received: {sizes}")
    return {size: letter for letter, size in sizes.items()}


class _Sheet:
    """One sheet to draw on, in inches."""

    def __init__(self, width, height, letters):
        self.figure = plt.figure(figsize=(width, height), layout="none")
        self.ax = self.figure.add_axes((0, 0, 1, 1))
        self.ax.set(xlim=(0, width), ylim=(0, height))
        self.ax.axis("off")
        self.letters = letters

    def block(self, x, y, w, h, colour, title, size=17, alpha=0.16):
        """A rounded box with its lower left corner at (x, y)."""
        style = "round,pad=0,rounding_size=0.09"
        for face, line in ((colour, "none"), ("none", colour)):
            patch = FancyBboxPatch((x, y), w, h, style, facecolor=face, edgecolor=line, lw=2)
            patch.set_alpha(alpha if face == colour else 1)
            self.ax.add_patch(patch)
        self.text(x + w / 2, y + h / 2, title, size)

    def text(self, x, y, text, size=15, colour=INK, **options):
        options = {"ha": "center", "va": "center"} | options
        self.ax.text(x, y, text, fontsize=size, color=colour, **options)

    def line(self, points, colour=INK, arrow=True, lw=2.6, ls="-"):
        """A line through points, with a head at its end."""
        xs, ys = zip(*points, strict=True)
        self.ax.plot(xs[:-1] + (xs[-1],), ys[:-1] + (ys[-1],), color=colour, lw=lw, ls=ls, solid_joinstyle="round")
        if arrow:
            (x0, y0), (x1, y1) = points[-2:]
            n = max(abs(x1 - x0), abs(y1 - y0))
            near = (x1 - 0.02 * (x1 - x0) / n, y1 - 0.02 * (y1 - y0) / n)
            head = {"arrowstyle": "-|>,head_width=0.32,head_length=0.55", "color": colour, "lw": lw}
            self.ax.annotate("", (x1, y1), near, arrowprops=head | {"shrinkA": 0, "shrinkB": 0})

    def frame(self, x, y, w, h, colour):
        """A tinted field behind what is repeated."""
        style = "round,pad=0,rounding_size=0.2"
        self.ax.add_patch(FancyBboxPatch((x, y), w, h, style, facecolor=colour, edgecolor="none", alpha=0.07))

    def shape(self, x, y, shape, size=16, align=(0, 0.5), before=""):
        """A shape, each number in the colour of its axis."""
        words = [(f"{before}(", INK)]
        for n, number in enumerate(shape):
            words += [(", ", INK)] if n else []
            words.append((str(number), AXES[self.letters[number]] if number != 1 else INK))
        words.append((")", INK))
        pieces = [
            TextArea(word, textprops={"color": c, "fontsize": size, "fontweight": "bold" if c != INK else "normal"})
            for word, c in words
        ]
        packed = HPacker(children=pieces, pad=0, sep=0)
        self.ax.add_artist(AnnotationBbox(packed, (x, y), box_alignment=align, frameon=False, pad=0.12))


def xray(model, source: np.ndarray, target: np.ndarray, words: tuple[str, str, str]) -> dict[str, tuple[int, ...]]:
    """Draws the whole machine, with the shape of every tensor on its arrow, from a real forward pass.

    Args:
        model: a `Transformer`, post-norm.
        source: ids (B, S).
        target: ids (B, T). All sizes of model and ids differ.
        words: the first source sentence, what its decoder reads, what it should say.

    Returns:
        The shapes drawn, by name.
    """
    shapes = tensor_shapes(model, source, target)
    sheet = _Sheet(13.33, 9.0, _letters(shapes))
    left, right, width = 1.0, 7.1, 3.3  # the two columns' left edges, and the width of a block
    low, first, step, done = 0.95, 2.5, 1.48, 1.1  # heights: embedding, first sub-layer, to the next, its own
    middle, other = left + width / 2, right + width / 2
    layers = "1 layer" if model.num_layers == 1 else f"{model.num_layers} layers"
    sheet.text(0.3, 8.62, "The Transformer, X-rayed", 25, ha="left", weight="bold")
    sheet.frame(left - 0.45, first - 0.24, width + 0.9, step + 1.43, RED)
    sheet.frame(right - 0.45, first - 0.24, width + 0.9, 2 * step + 1.43, BLUE)
    sheet.text(left - 0.4, first + step + 1.5, f"ENCODER,\n{layers}", 17, RED, ha="left", weight="bold")
    sheet.text(right + width + 0.65, first + 2 * step + 0.5, f"DECODER,\n{layers}", 17, BLUE, ha="left", weight="bold")

    def up(x, y0, y1, name, side=1):
        sheet.line([(x, y0), (x, y1)])
        sheet.shape(x + 0.14 * side, (y0 + y1) / 2 - 0.03, shapes[name], align=((1 - side) / 2, 0.5))

    def embed(x, name, sentence, ids):
        sheet.text(x, 0.32, sentence, 15)
        up(x, 0.5, low, ids, side=-1)
        sheet.block(x - width / 2, low, width, 0.6, GREY, "embedding · √D + positions", 16)
        up(x, low + 0.6, first, name)

    def sub_layer(x, n, colour, title, inside, name, side):
        y, edge = first + n * step, x + side * width / 2
        sheet.block(x - width / 2, y, width, 0.72, colour, "")
        sheet.text(x, y + 0.52, title, 17)
        sheet.shape(x, y + 0.2, shapes[name], 15, (0.5, 0.5), f"{inside} ")
        sheet.block(x - width / 2, y + 0.76, width, 0.34, GREY, "add & norm", 17, 0.1)
        round_it = [(x, y - 0.12), (edge + side * 0.2, y - 0.12), (edge + side * 0.2, y + 0.93), (edge, y + 0.93)]
        sheet.line(round_it, GREY, lw=1.8)  # the residual

    embed(middle, "source embedded", words[0], "source ids")
    embed(other, "target embedded", words[1], "target ids")
    sub_layer(middle, 0, ORANGE, "self-attention", "scores", "encoder scores", -1)
    up(middle, first + done, first + step, "encoder attended")
    sub_layer(middle, 1, GREEN, "feed-forward", "inside", "encoder inside", -1)
    sub_layer(other, 0, ORANGE, "masked self-attention", "scores", "decoder scores", -1)
    up(other, first + done, first + step, "decoder attended", side=-1)
    sub_layer(other, 1, ORANGE, "cross-attention", "scores", "cross scores", 1)
    up(other, first + step + done, first + 2 * step, "decoder crossed")
    sub_layer(other, 2, GREEN, "feed-forward", "inside", "decoder inside", -1)
    top = first + 2 * step + done
    up(other, top, top + 0.62, "decoder output")
    sheet.block(other - width / 2, top + 0.62, width, 0.58, SKY, "one dense layer", 17)
    up(other, top + 1.2, top + 1.75, "logits")
    sheet.text(other + 1.5, top + 1.46, "logits", 16, ha="left")
    sheet.text(other, top + 1.97, words[2], 15)

    # What the encoder found
    y, cross = first + step + 1.82, first + step
    way = [(middle, first + step + done), (middle, y), (5.85, y), (5.85, cross + 0.52), (right, cross + 0.52)]
    sheet.line(way, RED, lw=3.4)
    sheet.shape(middle + 0.14, y - 0.24, shapes["memory"])
    sheet.text(middle, y + 0.22, "keys and values for every layer", 15, RED, ha="left")

    # The masks
    dashed = {"lw": 2.2, "ls": (0, (4, 2))}
    sheet.line([(middle, 0.68), (5.35, 0.68), (5.35, first + 0.36), (left + width, first + 0.36)], RED, **dashed)
    sheet.line([(5.35, first + 0.36), (5.35, cross + 0.2), (right, cross + 0.2)], RED, **dashed)
    sheet.text(5.47, 2.1, "mask: padding", 14, RED, ha="left")
    sheet.shape(5.43, 1.8, shapes["source mask"], 15)
    x = right + width + 0.75
    sheet.line([(other, 0.68), (x, 0.68), (x, first + 0.36), (right + width, first + 0.36)], BLUE, **dashed)
    sheet.text(x + 0.12, 2.2, "mask: future\nand padding", 14, BLUE, ha="left")
    sheet.shape(x + 0.08, 1.75, shapes["target mask"], 15)
    names = {"B": "sentences", "S": "source places", "T": "target places", "D": "width of a vector", "H": "heads",
             "F": "inner width", "V": "target words"}  # fmt: skip
    for n, (size, letter) in enumerate(sorted(sheet.letters.items(), key=lambda pair: list(names).index(pair[1]))):
        y = 8.14 - 0.29 * n
        sheet.text(0.55, y, f"{letter} = {size}", 16, AXES[letter], ha="left", weight="bold")
        sheet.text(1.55, y, names[letter], 15, AXES[letter], ha="left")
    finish(
        sheet.figure,
        "The whole Transformer with the shape of every tensor on its arrow. Left the encoder, right the decoder; the "
        "encoder's output feeds cross-attention. Two dashed lines are masks: the source's padding goes to the encoder "
        "and to cross-attention, the target's future and padding to the decoder's self-attention.",
    )
    return shapes
