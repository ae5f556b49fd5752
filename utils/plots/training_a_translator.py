"""Figures of lesson 08."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from utils.plots.style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, finish


def padding(panels: dict[str, np.ndarray]) -> dict[str, float]:
    """Draws batches as grids of cells: a word is filled, padding is empty.

    Args:
        panels: two titles, each with a bool (rows, width), True = word.

    Returns:
        For each panel the share of padding.
    """
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.8), sharey=True, sharex=True)
    shares, widest = {}, max(is_word.shape[1] for is_word in panels.values())
    for ax, (title, is_word) in zip(axes, panels.items(), strict=True):
        rows = len(is_word)
        shares[title] = 1 - is_word.mean()
        ax.pcolormesh(np.where(is_word, 0.75, 0.06), cmap="Blues", vmin=0, vmax=1, edgecolors="white", linewidth=1.5)
        ax.set(title=title, xlabel="position", xlim=(0, widest), ylim=(rows, 0))
        ax.set_xticks(np.arange(4, widest + 1, 4) - 0.5, [str(n) for n in range(4, widest + 1, 4)])
        ax.set_yticks([])
    axes[0].set_ylabel("sentences of one batch")
    said = "; ".join(f"{title}, {1 - share:.0%} of the cells are filled" for title, share in shares.items())
    finish(figure, f"Forty rows each of two batches, one row a sentence, filled cells are words. {said}.")
    return shares


def smoothing(V: int, epsilons: tuple[float, ...]) -> dict[float, tuple[float, float]]:
    """Draws the loss against the lead of the right word's score over all the others'.

    Args:
        V: how many words there are.
        epsilons: label smoothing, 0 for none.

    Returns:
        For each ε the lead at which the loss is smallest, of those drawn, and that loss.
    """
    figure, ax = plt.subplots()
    lead, lowest = np.linspace(0, 20, 2001), {}
    log_p_right = -np.log1p((V - 1) * np.exp(-lead))
    for epsilon, colour, style in zip(epsilons, (BLUE, RED, GREEN), ("-", "--", ":"), strict=False):
        right = 1 - epsilon + epsilon / V
        loss = -right * log_p_right - (1 - right) * (log_p_right - lead)
        best = int(loss.argmin())
        lowest[epsilon] = float(lead[best]), float(loss[best])
        ax.plot(lead, loss, color=colour, ls=style, label=f"ε = {epsilon}" if epsilon else "without smoothing")
        if epsilon:
            ax.plot(*lowest[epsilon], "o", ms=11, color=colour)
            label = f"lowest: {lowest[epsilon][1]:.2f}\nat a lead of {lowest[epsilon][0]:.1f}"
            ax.annotate(label, lowest[epsilon], (lowest[epsilon][0] - 0.6, 2.5), color=colour, ha="left")
    ax.set(
        title="Smoothed labels: sure is good, surer is worse",
        xlabel="by how much the right word's score leads all the others",
        ylabel="loss (nats)",
        ylim=(0, None),
    )
    ax.set_xlim(0, 20)
    ax.legend(loc="upper right")
    said = "; ".join(f"with ε = {e} it is lowest, {y:.2f}, at a lead of {x:.1f}" for e, (x, y) in lowest.items())
    finish(figure, f"Loss against the lead of the right word's score: {said}.")
    return lowest


def rates(steps, schedules: dict[str, list[float]], stop: int) -> dict[str, int]:
    """Draws learning rates against the step.

    Args:
        steps: where they were asked.
        schedules: a label each, with the rate at these steps.
        stop: the step at which the lesson's training ends.

    Returns:
        For each schedule the step of its highest rate.
    """
    figure, ax = plt.subplots()
    peaks = {}
    for (label, rate), colour, style in zip(schedules.items(), (BLUE, ORANGE), ("-", "--"), strict=True):
        ax.plot(steps, rate, color=colour, ls=style, label=label)
        peaks[label] = int(steps[np.argmax(rate)])
    ax.axvline(stop, color=GREY, ls=":", lw=2)
    top = max(max(rate) for rate in schedules.values())
    ax.text(stop + 60, 0.3 * top, f"our training\nends here, {stop}", color=GREY, va="bottom")
    ax.set(
        title="Up in a line, down with the root", xlabel="step", ylabel="learning rate", xlim=(0, None), ylim=(0, None)
    )
    ax.legend(loc="upper right")
    said = "; ".join(f"{label}: highest at step {peak}" for label, peak in peaks.items())
    finish(figure, f"Learning rate against the step. {said}. A dotted line marks step {stop}.")
    return peaks


def diary(sentences: list[str], said: dict[int, list[str]], wanted: list[str]) -> int:
    """Shows what was said of each sentence after so many steps, as a table.

    Args:
        sentences: the sources.
        said: after how many steps, what was said of each.
        wanted: what should be said.

    Returns:
        How many sentences were right at the end.
    """
    from IPython.display import Markdown, display

    rows = [["", *sentences], ["---"] * (len(sentences) + 1)]
    for steps, texts in said.items():
        marked = [f"**{a}**" if a == b else short(a) for a, b in zip(texts, wanted, strict=True)]
        rows.append([f"{steps} steps", *marked])
    display(Markdown("\n".join("| " + " | ".join(row) + " |" for row in rows)))
    return sum(a == b for a, b in zip(texts, wanted, strict=True))


def short(text: str, longest: int = 48) -> str:
    """A text in a table's cell: cut where it is long."""
    text = text.replace("|", "/") or "(nothing)"
    return text if len(text) <= longest else text[:longest].rstrip() + " …"


def learning(losses, watched: dict[int, tuple[float, float]], start: float, floor: float) -> np.ndarray:
    """Draws the training loss, its mean over twenty steps, and what was measured on validation sentences.

    Args:
        losses: one a step.
        watched: after how many steps, the validation loss, and the same with the source of another sentence.
        start: what a model that knows nothing should have.
        floor: what no training loss can get below.

    Returns:
        The means, from step 20 on.
    """
    figure, ax = plt.subplots(figsize=(11, 5.4))
    losses, steps = np.asarray(losses), sorted(watched)
    mean = np.convolve(losses, np.ones(20) / 20, "valid")
    own, strange = np.array([watched[n] for n in steps]).T
    ax.plot(steps, strange, color=RED, ls="--", marker="^", ms=8, label="validation, another sentence's French")
    ax.plot(np.arange(20, len(losses) + 1), mean, color=BLUE, label="training, smoothed labels")
    ax.plot(steps, own, color=GREEN, ls="-.", marker="o", ms=7, label="validation, its own French")
    for height, text in ((start, f"ln V = {start:.2f}"), (floor, f"floor of the blue one: {floor:.2f}")):
        ax.axhline(height, color=GREY, ls=":", lw=2)
        ax.text(4, height + 0.05, text, ha="left", va="bottom", color=GREY)
    ax.set(title="The French helps more and more", xlabel="step", ylabel="loss (nats a token)", xlim=(0, None))
    ax.set_ylim(0, 1.12 * start)
    ax.legend(loc="upper right", bbox_to_anchor=(1, 0.56))
    said = f"the validation loss to {own[-1]:.2f}, with another sentence's French it ends at {strange[-1]:.2f}"
    finish(figure, f"The training loss falls from {losses[0]:.2f} to {mean[-1]:.2f} over {len(losses)} steps; {said}.")
    return mean


def lengths(norms: np.ndarray) -> float:
    """Draws how long the gradient was at each step, with a line at 1.

    Args:
        norms: (seeds, steps).

    Returns:
        The share of steps in which it was longer than 1.
    """
    figure, ax = plt.subplots(figsize=(11, 4.2))
    above = float(np.mean(norms > 1))
    for seed, (values, colour) in enumerate(zip(norms, (BLUE, ORANGE), strict=False)):
        ax.plot(np.arange(1, len(values) + 1), values, color=colour, lw=1.5, label=f"seed {seed}")
    ax.axhline(1, color=GREY, ls=":", lw=2.5, label="shortened to this in ours")
    title = f"Longer than 1 in {above:.0%} of the steps, at most {norms.max():.1f}"
    ax.set(title=title, xlabel="step", ylabel="length of the gradient", xlim=(0, None), ylim=(0, None))
    ax.legend()
    finish(figure, f"The length of the gradient at every step, not clipped. {title}.")
    return above


def load_ablations(file: Path | None = None) -> dict:
    """The stored experiment: command, steps, and one row for each arm and seed."""
    file = file or Path(__file__).resolve().parents[2] / "data" / "experiments" / "translator_ablations.json"
    return json.loads(file.read_text(encoding="utf-8"))


def of_arm(stored: dict, arm: str, what: str) -> np.ndarray:
    """What was measured of an arm: (seeds,), or (seeds, steps / 10) for "losses"."""
    return np.array([row[what] for row in stored["rows"] if row["arm"] == arm])


def exact_matches(stored: dict, arms: list[str], what: str = "test_random") -> dict[str, float]:
    """Draws the share of sentences that each arm translates word for word: a bar for the mean, a dot for each seed.

    Returns:
        For each arm the mean.
    """
    figure, ax = plt.subplots(figsize=(9.5, 1.4 + 0.52 * len(arms)))
    means = {}
    for y, arm in enumerate(arms):
        values = of_arm(stored, arm, what)
        means[arm] = float(values.mean())
        colour = GREEN if arm.startswith("recurrent") else {"full": BLUE}.get(arm, ORANGE)
        ax.barh(y, means[arm], color=colour, alpha=0.55, height=0.66)
        ax.plot(values, np.full(len(values), y), "o", color=colour, ms=8)
        ax.text(max(values.max(), 0) + 0.03, y, f"{means[arm]:.0%}", va="center")
    ax.set_yticks(range(len(arms)), arms)
    ax.invert_yaxis()
    ax.set(title="Word for word right, after 600 steps", xlim=(0, 1.12), xlabel="share of 500 new sentences")
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1])
    ax.tick_params(axis="y", length=0)
    finish(figure, "Sentences right: " + "; ".join(f"{arm}: {mean:.0%}" for arm, mean in means.items()) + ".")
    return means


def loss_curves(stored: dict, arms: list[str], title: str) -> dict[str, float]:
    """Draws the training loss of some arms, the mean over seeds.

    Returns:
        For each arm the loss of the last ten steps.
    """
    figure, ax = plt.subplots()
    last = {}
    for arm, colour, style in zip(arms, (BLUE, RED, GREEN, PURPLE), ("-", "--", "-.", ":"), strict=False):
        losses = of_arm(stored, arm, "losses").mean(axis=0)
        last[arm] = float(losses[-1])
        ax.plot(10 * np.arange(1, len(losses) + 1), losses, color=colour, ls=style, label=arm)
    ax.set(title=title, xlabel="step", ylabel="training loss (nats a token)", ylim=(0, None))
    ax.legend()
    finish(figure, "Training loss at the end: " + "; ".join(f"{arm}: {loss:.2f}" for arm, loss in last.items()) + ".")
    return last
