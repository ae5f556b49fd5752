"""A small report of a training: how the loss fell, the scores of each class, the worst errors; HTML and JSON."""

import html
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from utils.files import write_whole

WORST = 20  # errors shown
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{text-align:left;vertical-align:top;padding:.25rem .9rem;"
    "border-bottom:1px solid #ddd}ins{background:#c9ecdf;text-decoration:none}del{background:#f7d3c0}"
)


def write_report(folder, task: str, scores: dict, classes: dict[str, dict], worst: Sequence[dict], losses,
                 defects: Sequence = (), about: dict | None = None, scored_on: str = "dev",
                 note: str = "") -> dict:  # fmt: skip
    """Writes report.html and report.json into a folder; each is whole or not there.

    Args:
        folder: made if need be.
        task: what was learnt, as a title.
        scores: name -> number, over the whole set that they are of; empty where there is none.
        classes: for each class its scores, name -> number.
        worst: errors, the worst first: dictionaries of texts.
        losses: of every step.
        defects: what the validator found, `Defect`s.
        about: what else is to be told: files, settings.
        scored_on: the name of the set that the scores are of, such as "dev" or "test".
        note: what is to be known about the scores.

    Returns:
        What report.json holds.
    """
    content = {
        "task": task,
        "about": about or {},
        "scored_on": scored_on,
        "scores": _numbers(scores),
        "note": note,
        "classes": {name: _numbers(values) for name, values in classes.items()},
        "worst_errors": list(worst)[:WORST],
        "learning_curve": learning_curve(losses),
        "defects": [d._asdict() for d in defects],
    }
    write_whole(Path(folder) / "report.json", json.dumps(content, indent=1, ensure_ascii=False).encode("utf-8"))
    write_whole(Path(folder) / "report.html", as_html(content).encode("utf-8", "replace"))
    return content


def learning_curve(losses, points: int = 100) -> list[dict]:
    """The loss against the step: the mean of each of at most so many equal stretches."""
    losses = np.asarray(losses, "float64")
    losses = losses[np.isfinite(losses)]
    stretches = np.array_split(losses, min(points, len(losses))) if len(losses) else []
    ends = np.cumsum([len(s) for s in stretches]).tolist()
    return [{"step": end, "loss": round(float(s.mean()), 4)} for end, s in zip(ends, stretches, strict=True)]


def in_words(scores: dict) -> dict:
    """The scores under names that say what they are."""
    words = {"all_o_accuracy": "accuracy if nothing were labelled", "f1_interval": "f1, 95 % interval"}
    return {words.get(name, name.replace("_", " ")): value for name, value in scores.items()}


def _numbers(values: dict) -> dict:
    """Rounded, as JSON has them; pairs stay pairs."""
    return {k: np.round(np.asarray(v, "float64"), 4).tolist() for k, v in values.items() if not isinstance(v, dict)}


# HTML ----------------------------------------------------------------------------------------------


def as_html(content: dict) -> str:
    """The report as a page of its own; whatever the data hold stays text."""
    parts = [f"<h1>{html.escape(content['task'])}</h1>", _table(["", ""], content["about"].items())]
    if content["scores"]:
        parts += [f"<h2>Scores on {html.escape(content['scored_on'])}</h2>"]
        parts += [_table(["score", ""], in_words(content["scores"]).items())]
    if content["note"]:
        parts += [f"<p>{html.escape(content['note'])}</p>"]
    if content["classes"]:
        names = list(dict.fromkeys(name for values in content["classes"].values() for name in values))
        rows = ([kind, *(values.get(name, "") for name in names)] for kind, values in content["classes"].items())
        parts += ["<h2>Class by class</h2>", _table(["class", *names], rows)]
    parts += ["<h2>How the loss fell</h2>", _curve(content["learning_curve"])]
    if content["worst_errors"]:
        names = list(content["worst_errors"][0])
        rows = ([error.get(name, "") for name in names] for error in content["worst_errors"])
        parts += ["<h2>The worst errors</h2>", _table(names, rows)]
    if content["defects"]:
        rows = ([d["file"], d["line"] or "", d["id"], d["message"], d["advice"]] for d in content["defects"][:100])
        parts += ["<h2>What is wrong in the data</h2>", _table(["file", "line", "id", "found", "how to mend it"], rows)]
    title = html.escape(content["task"])
    head = f'<meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


def _table(names: Sequence[str], rows) -> str:
    head = "".join(f"<th>{html.escape(name)}</th>" for name in names)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(_shown(c))}</td>" for c in row) + "</tr>" for row in rows)
    return f"<table>{f'<tr>{head}</tr>' if any(names) else ''}{body}</table>"


def _shown(value) -> str:
    if isinstance(value, (list, tuple)):
        return " to ".join(map(_shown, value))
    return f"{value:.3f}" if isinstance(value, float) and value != int(value) else str(value)


def _curve(points: Sequence[dict], width: int = 640, height: int = 220) -> str:
    """A line, drawn as SVG: no picture beside the page."""
    if len(points) < 2:
        return "<p>Too few steps for a curve.</p>"
    last, top = points[-1]["step"], max(p["loss"] for p in points) or 1.0
    line = " ".join(f"{50 + width * p['step'] / last:.1f},{10 + height * (1 - p['loss'] / top):.1f}" for p in points)
    ends = f"from {points[0]['loss']:.3f} to {points[-1]['loss']:.3f} in {last} steps"
    return (
        f'<svg viewBox="0 0 {width + 70} {height + 50}" role="img" aria-label="The loss falls {ends}" width="100%">'
        f'<path d="M50 10V{height + 10}H{width + 50}" fill="none" stroke="#666"/>'
        f'<polyline points="{line}" fill="none" stroke="#0072B2" stroke-width="3"/>'
        f'<text x="45" y="20" text-anchor="end">{top:.1f}</text><text x="45" y="{height + 12}" '
        f'text-anchor="end">0</text><text x="{width + 50}" y="{height + 35}" text-anchor="end">step {last}</text></svg>'
        f"<p>Loss {ends}.</p>"
    )


# What each task says -------------------------------------------------------------------------------


def entity_errors(examples: Sequence, predicted: Sequence[Sequence[str]]) -> list[dict]:
    """The sentences with most entities missed, invented or of another type, the worst first."""
    from utils.tasks.labels import decode_bio

    found = []
    for example, labels in zip(examples, predicted, strict=True):
        sides = []
        for side in (example.labels(), labels):
            ends = [(kind, example.words[a][0], example.words[b - 1][1]) for kind, a, b in decode_bio(side)]
            sides.append({f"{example.text[start:end]} ({kind})" for kind, start, end in ends})
        missed, invented = sides[0] - sides[1], sides[1] - sides[0]
        if missed or invented:
            row = {"line": example.line, "text": example.text, "missed": ", ".join(sorted(missed)),
                   "invented": ", ".join(sorted(invented))}  # fmt: skip
            found.append((len(missed) + len(invented), row))
    return [row for _, row in sorted(found, key=lambda pair: -pair[0])]


def answer_errors(questions: Sequence, answers: Sequence[str]) -> list[dict]:
    """The questions whose answer shares least with the right ones, the worst first."""
    from utils.tasks.spans import exact_match_and_f1

    found = []
    for question, answer in zip(questions, answers, strict=True):
        golds = [gold.text for gold in question.answers]
        exact, f1 = exact_match_and_f1(answer, golds)
        if not exact:
            row = {"id": question.id, "question": question.question, "answered": answer or "(declined)",
                   "right": " / ".join(golds) or "(no answer)", "f1": round(f1, 3)}  # fmt: skip
            found.append((f1, row))
    return [row for _, row in sorted(found, key=lambda pair: pair[0])]


def answer_classes(questions: Sequence, answers: Sequence[str]) -> dict[str, dict]:
    """Scores by the first word of the question, the frequent ones, and of those without an answer."""
    from utils.tasks.spans import exact_match_and_f1

    groups: dict[str, list] = {}
    for question, answer in zip(questions, answers, strict=True):
        words = question.question.lower().split()
        name = words[0] if question.answers and words else "(no answer)"
        pair = exact_match_and_f1(answer, [gold.text for gold in question.answers])
        groups.setdefault(name, []).append(pair)
    order = sorted(groups, key=lambda name: -len(groups[name]))[:12]
    means = {name: np.mean(groups[name], axis=0) for name in order}
    return {n: {"exact_match": m[0], "f1": m[1], "questions": len(groups[n])} for n, m in means.items()}


def translation_errors(pairs: Sequence[tuple[str, str]], said: Sequence[str]) -> list[dict]:
    """The sentences whose translation shares fewest words with the right one, the worst first."""
    found = []
    for (source, target), text in zip(pairs, said, strict=True):
        if text != target:
            wanted, given = set(target.lower().split()), set(text.lower().split())
            share = len(wanted & given) / max(len(wanted | given), 1)
            found.append((share, {"source": source, "translated": text, "right": target}))
    return [row for _, row in sorted(found, key=lambda pair: pair[0])]


def translation_classes(pairs: Sequence[tuple[str, str]], said: Sequence[str]) -> dict[str, dict]:
    """The share translated word for word, by the length of the source."""
    groups: dict[str, list] = {}
    for (source, target), text in zip(pairs, said, strict=True):
        length = len(source.split())
        name = "1–5 words" if length <= 5 else "6–10 words" if length <= 10 else "more than 10 words"
        groups.setdefault(name, []).append(text == target)
    return {name: {"exact": float(np.mean(group)), "sentences": len(group)} for name, group in sorted(groups.items())}
