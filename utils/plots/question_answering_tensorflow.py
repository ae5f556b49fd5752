"""Figures of lesson 12."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patheffects import withStroke

from utils.plots.ink import ink
from utils.plots.style import BLUE, CYCLE, GREEN, GREY, ORANGE, RED, SKY, finish

PALE = "#cfe3f3"


def question_and_passage(pieces: list[str], type_ids: list[int], span: tuple[int, int]) -> dict[str, int]:
    """Draws what the model reads, token by token, and the two numbers that are asked for.

    Args:
        pieces: T tokens: [CLS] question [SEP] context [SEP].
        type_ids: 0 for the question, 1 for the context, (T,).
        span: the answer's first and last token.

    Returns:
        How many tokens each part has: question, context, answer.
    """
    figure, ax = plt.subplots(figsize=(12, 3.4))
    widths = [0.45 + 0.25 * max(1.6, len(piece)) for piece in pieces]
    lefts = np.concatenate([[0], np.cumsum(widths)])
    ax.set(xlim=(-0.1, lefts[-1] + 0.1), ylim=(-1.25, 2.0))
    ax.axis("off")
    for n, (piece, kind) in enumerate(zip(pieces, type_ids, strict=True)):
        inside = span[0] <= n <= span[1]
        face = ORANGE if inside else PALE if kind == 0 else "white"
        ax.add_patch(plt.Rectangle((lefts[n] + 0.05, 0), widths[n] - 0.1, 0.75, facecolor=face, edgecolor=GREY, lw=1.5))
        ax.text(lefts[n] + widths[n] / 2, 0.37, piece, ha="center", va="center", fontsize=15)
    boundary = lefts[type_ids.index(1)]
    for left, right, text in ((0, boundary, "question: token type 0"), (boundary, lefts[-1], "passage: token type 1")):
        ax.plot([left + 0.1, right - 0.1], [-0.3, -0.3], color=GREY, lw=2)
        ax.text((left + right) / 2, -0.7, text, ha="center", color=GREY)
    ends = [("starts here", span[0], "right"), ("ends here", span[1], "left")]
    for text, n, side in ends:
        x = lefts[n] + widths[n] / 2
        ax.annotate("", (x, 0.8), (x, 1.5), arrowprops={"arrowstyle": "-|>", "color": RED, "lw": 2.5})
        ax.text(x + (-0.15 if side == "right" else 0.15), 1.45, text, ha=side, color=RED, weight="bold")
    finish(
        figure,
        f"The question's {type_ids.index(1)} tokens, special ones included, then the passage's. The answer, "
        f"{' '.join(pieces[span[0] : span[1] + 1])}, is coloured; arrows mark its first and its last token.",
    )
    counts = {"question": type_ids.count(0), "context": type_ids.count(1)}
    return counts | {"answer": span[1] - span[0] + 1}


def windows_over_text(num_tokens: int, cuts: dict[str, list[tuple[int, int]]], span: tuple[int, int]) -> dict[str, int]:
    """Draws the windows of a text as bars, for several ways to cut it, with an answer that may be cut in two.

    Args:
        num_tokens: of the text.
        cuts: a title -> its windows, (start, end) each.
        span: the answer, (start, end), its end not included.

    Returns:
        For each title, how many windows hold the whole answer.
    """
    figure, axes = plt.subplots(1, len(cuts), figsize=(12, 4.6), sharey=True)
    rows = max(map(len, cuts.values()))
    whole = {}
    for ax, (title, windows) in zip(np.atleast_1d(axes), cuts.items(), strict=True):
        whole[title] = 0
        ax.axvspan(*span, color=ORANGE, alpha=0.35, lw=0)
        for row, (start, end) in enumerate(windows):
            holds = start <= span[0] and span[1] <= end
            whole[title] += holds
            ax.barh(rows - row, end - start, left=start, height=0.6, color=GREEN if holds else SKY, edgecolor="white")
        ax.set(title=title, xlabel="token of the passage", xlim=(0, num_tokens), ylim=(0.3, rows + 0.7), yticks=[])
        ax.set_xticks(range(0, num_tokens, 100))
        ax.spines["left"].set_visible(False)
    handles = [plt.Rectangle((0, 0), 1, 1, color=colour) for colour in (GREEN, SKY)]
    handles.append(plt.Rectangle((0, 0), 1, 1, color=ORANGE, alpha=0.35))
    names = ["holds the answer whole", "does not", "the answer"]
    figure.legend(handles, names, loc="outside lower center", ncols=3)
    said = ", ".join(f"{title}: {n} of {len(cuts[title])} windows hold the answer" for title, n in whole.items())
    finish(figure, f"Windows of a passage of {num_tokens} tokens as bars, the answer as a vertical band. {said}.")
    return whole


def logits_by_token(pieces: list[str], start_shares, end_shares, span: tuple[int, int]) -> tuple[str, str]:
    """Draws for each token how likely the answer begins and ends there.

    Args:
        pieces: T tokens.
        start_shares: (T,), they sum to one.
        end_shares: (T,), the same.
        span: the span that was chosen, both tokens included.

    Returns:
        The likeliest first and the likeliest last token.
    """
    figure, ax = plt.subplots(figsize=(12, 4.4))
    x = np.arange(len(pieces))
    ax.axvspan(span[0] - 0.5, span[1] + 0.5, color=ORANGE, alpha=0.25, lw=0, label="the chosen span")
    ax.bar(x - 0.2, start_shares, 0.4, color=BLUE, label="begins here")
    ax.bar(x + 0.2, end_shares, 0.4, color=RED, label="ends here")
    ax.set_xticks(x, pieces, rotation=60, ha="right", rotation_mode="anchor", fontsize=14)
    ax.set(ylim=(0, 1.3), yticks=(0, 0.5, 1), ylabel="share", xlim=(-0.7, len(pieces) - 0.3))
    ax.set_title("Two bars for each token: the answer begins here, ends here")
    ax.legend(loc="upper right", ncols=3)
    best = pieces[int(np.argmax(start_shares))], pieces[int(np.argmax(end_shares))]
    finish(figure, f"For each token two bars. The answer most likely begins at {best[0]} and ends at {best[1]}.")
    return best


def windows_light_up(scores, texts: list[str], holds) -> int:
    """Draws how good the best span of each window of a long page is.

    Args:
        scores: of each window's best span, (N,).
        texts: each window's best span.
        holds: whether the window holds the answer whole, (N,) bool.

    Returns:
        The number of the window that lights up most.
    """
    scores = np.asarray(scores, float)
    figure, ax = plt.subplots(figsize=(12, 0.48 * len(scores) + 1.9))
    rows, winner = np.arange(len(scores))[::-1], int(np.argmax(scores))
    ax.barh(rows, scores, color=[ORANGE if held else SKY for held in holds], height=0.7)
    widest, left = max(scores.max(), 0), min(0, scores.min())
    for n, (row, score, text) in enumerate(zip(rows, scores, texts, strict=True)):
        shown = text if len(text) <= 34 else text[:33] + "…"
        weight = "bold" if n == winner else "normal"
        ax.text(max(score, 0) + 0.01 * widest, row, f" {shown}", va="center", fontsize=14, weight=weight)
    ax.axvline(0, color=GREY, lw=1)
    ax.set_yticks(rows, [f"window {n + 1}" for n in range(len(scores))], fontsize=14)
    ax.set(xlabel="score of the best span: the sum of its two logits", ylim=(-0.6, len(scores) - 0.4))
    ax.set_xlim(left - 0.04 * (widest - left), 1.6 * widest)
    ax.set_title("Every window proposes a span; the highest bar answers")
    handles = [plt.Rectangle((0, 0), 1, 1, color=colour) for colour in (ORANGE, SKY)]
    figure.legend(handles, ["holds the answer whole", "does not"], loc="outside lower center", ncols=2)
    finish(
        figure,
        f"{len(scores)} bars, one for each window: the score of its best span. {sum(map(bool, holds))} windows hold "
        f"the answer whole. The longest bar is window {winner + 1}, {texts[winner]}.",
    )
    return winner


def reliability(groups: dict[str, tuple], edges=(0, 0.5, 0.7, 0.9, 0.99, 1)) -> dict[str, tuple[float, float]]:
    """Draws how often answers are right that are shown with about the same score.

    Args:
        groups: a name -> the scores shown, (N,), and whether each answer is right, (N,).
        edges: of the bins.

    Returns:
        For each name the mean score shown, and the share that is right.
    """
    figure, ax = plt.subplots(figsize=(11, 5.4))
    ax.plot([0, 1], [0, 1], color=GREY, ls="--", lw=2, label="right as often as shown")
    means, left = {}, 0.2
    for n, (name, (shown, right)) in enumerate(groups.items()):
        shown, right = np.asarray(shown, float), np.asarray(right, float)
        means[name] = float(shown.mean()), float(right.mean())
        of_bin = np.clip(np.digitize(shown, edges) - 1, 0, len(edges) - 2)
        rows = [(shown[of_bin == k], right[of_bin == k]) for k in range(len(edges) - 1) if (of_bin == k).any()]
        x, y, counts = np.array([(a.mean(), b.mean(), len(a)) for a, b in rows]).T
        left = left if x.min() > left else 0
        middle, half = wilson(y, counts)
        errors = np.clip([y - middle + half, middle + half - y], 0, None)
        ax.errorbar(x, y, yerr=errors, color=CYCLE[n], marker="os"[n % 2], ms=8, capsize=5, label=name)
        for at, share, count in zip(x, y, counts, strict=True):
            right_of_it = n % 2 or at > 0.98
            place = {
                "xytext": (9 if right_of_it else -9, -16 if n % 2 else 8),
                "ha": "left" if right_of_it else "right",
            }
            text = ax.annotate(f"{count:.0f}", (at, share), textcoords="offset points", color=ink(CYCLE[n]), **place)
            text.set_path_effects([withStroke(linewidth=4, foreground="white")])  # lines may pass behind it
    ax.set(xlabel="score shown", ylabel="share of answers that are right", xlim=(left, 1.06), ylim=(0, 1.08))
    ax.set_title("Below the dashed line a reader is surer than it is right")
    ax.legend(loc="lower right")
    said = ", ".join(f"{name}: shown {a:.2f} on average, right {b:.2f}" for name, (a, b) in means.items())
    finish(figure, f"Share of right answers over the score shown, with 95 % intervals; a dashed diagonal. {said}.")
    return means


def wilson(share, number, z: float = 1.96):
    """The middle and the half width of Wilson's interval for a share of `number`."""
    number = np.asarray(number, float)
    wide = 1 + z**2 / number
    middle = (share + z**2 / (2 * number)) / wide
    return middle, z / wide * np.sqrt(share * (1 - share) / number + z**2 / (4 * number**2))


def threshold_curve(curve: dict[str, np.ndarray], chosen: float) -> dict[str, float]:
    """Draws what is gained and lost as a model declines less and less.

    Args:
        curve: threshold, f1, answerable_f1 and declined, (N,) each.
        chosen: the threshold to mark.

    Returns:
        The three scores at the chosen threshold.
    """
    figure, ax = plt.subplots(figsize=(10, 4.8))
    lines = {"f1": ("F1, all questions", BLUE), "answerable_f1": ("F1, those with an answer", GREEN),
             "declined": ("declined, of those without", RED)}  # fmt: skip
    x = curve["threshold"]
    for name, (label, colour) in lines.items():
        ax.step(x, curve[name], color=colour, label=label, where="post")
    ax.axvline(chosen, color=GREY, ls=":", lw=2)
    ax.text(chosen, 1.02, " chosen on dev", ha="left", va="bottom", color=GREY)
    ax.set(xlabel="threshold: decline where null - best exceeds it", ylabel="F1, or share declined")
    ax.set(ylim=(0, 1.0), xlim=(x[1], x[-2]))
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    at = int(np.searchsorted(x, chosen, side="right")) - 1
    values = {name: float(curve[name][max(at, 0)]) for name in lines}
    finish(
        figure,
        f"Three curves over the threshold from {x[1]:.1f} to {x[-2]:.1f}. At the one chosen on dev F1 over all is "
        f"{values['f1']:.2f}, of the answerable {values['answerable_f1']:.2f}, and {values['declined']:.0%} of the "
        "others are declined.",
    )
    return values


def arms(names: list[str], values, low, high, title: str, label: str, grey=()) -> dict[str, float]:
    """Draws scores of several arms with their confidence intervals.

    Args:
        names: of the arms.
        values: (N,).
        low: (N,), the intervals' lower ends.
        high: (N,), their upper ends.
        title: says what to see.
        label: of the axis.
        grey: names of those that are there for comparison only.

    Returns:
        The values by name.
    """
    figure, ax = plt.subplots(figsize=(11, 0.75 * len(names) + 1.6))
    rows = np.arange(len(names))[::-1]
    values, low, high = (np.asarray(x, float) for x in (values, low, high))
    ax.barh(rows, values, color=[GREY if name in grey else BLUE for name in names], height=0.6)
    ax.errorbar(values, rows, xerr=[values - low, high - values], fmt="none", color="black", capsize=6, lw=2)
    for row, value, end in zip(rows, values, high, strict=True):
        ax.text(end + 0.015, row, f"{value:.2f}", va="center")
    ax.set_yticks(rows, names)
    ax.set(xlabel=label, xlim=(0, min(1.0, max(high) * 1.2 + 0.05)))
    ax.set_title(title)
    finish(figure, f"{title}. " + ", ".join(f"{n} {v:.2f}" for n, v in zip(names, values, strict=True)) + ".")
    return dict(zip(names, values.tolist(), strict=True))


def losses_side_by_side(losses: dict[str, np.ndarray]) -> float:
    """Draws the losses of a few steps, taken by several programs, on top of each other.

    Args:
        losses: a name -> the loss before each step, (N,). The first two are the ones to compare.

    Returns:
        The largest difference between the first two.
    """
    figure, ax = plt.subplots(figsize=(9, 4.4))
    looks = [{"marker": "o", "ms": 13, "mfc": "none", "mew": 2.5}, {"marker": "x", "ms": 9, "mew": 2.5}]
    for n, (name, values) in enumerate(losses.items()):
        look = looks[n] if n < len(looks) else {"marker": ".", "ls": "--"}
        ax.plot(np.arange(1, len(values) + 1), values, label=name, color=(BLUE, RED, GREY)[n % 3], **look)
    steps = len(next(iter(losses.values())))
    ax.set(xlabel="step", ylabel="loss before it", xticks=range(1, steps + 1), ylim=(0, None))
    ax.set_title("Two frameworks, one curve")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    one, other = list(losses.values())[:2]
    apart = float(np.abs(np.asarray(one) - np.asarray(other)).max())
    pair, dashed = list(losses)[:2], [" ".join(name.split()) for name in list(losses)[2:]]
    said = f"The losses of {steps} steps: {' and '.join(pair)} differ by {apart:.3f} at most."
    further = [float(np.abs(np.asarray(values) - np.asarray(one)).max()) for values in list(losses.values())[2:]]
    finish(figure, said + "".join(f" {name}, dashed, differs from {pair[0]} by up to {far:.3f}."
                                  for name, far in zip(dashed, further, strict=True)))  # fmt: skip
    return apart
