"""Pages to read: one for each learner, one for the class. They open from disk, alone, on a phone too.

Every text of a learner's is escaped; no page holds a script.
"""

import datetime
import hashlib
import re
from collections import Counter
from html import escape
from pathlib import Path

from utils.course.grade.gradebook import Gradebook
from utils.files import write_whole

STYLE = """
:root { color-scheme: light dark; --ink: #1c2330; --soft: #56607a; --line: #d5dae4; --card: #fff; --page: #f4f6fa;
  --good: #1b7f4d; --bad: #b3261e; --part: #8a5a00; --bar: #3567c4 }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebf2; --soft: #aab3c7; --line: #39425a; --card: #1d2333;
  --page: #141927; --good: #6fd3a0; --bad: #ff9c93; --part: #f0c060; --bar: #8fb2ff } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1.2rem; max-width: 52rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.5rem; margin: .2rem 0 } h2 { font-size: 1.2rem; margin: 2rem 0 .6rem } h3 { margin: 0; font-size: 1rem }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .9rem 1rem; margin: .7rem 0 }
.soft { color: var(--soft) } .good { color: var(--good) } .bad { color: var(--bad) } .part { color: var(--part) }
.score { float: right; font-weight: 600 } ul { padding-left: 1.2rem; margin: .5rem 0 } li.held { list-style: "✓ " }
li.failed { list-style: "✗ " } li.untried { list-style: "· " }
pre { overflow-x: auto; white-space: pre-wrap; background: var(--page); border: 1px solid var(--line); padding: .6rem;
  border-radius: .4rem; font-size: .85rem; margin: .5rem 0 }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .35rem .5rem; vertical-align: top;
  border-bottom: 1px solid var(--line) } td.number, th.number { text-align: right; white-space: nowrap }
.scroll { overflow-x: auto } .bar { display: inline-block; height: .8rem; background: var(--bar); border-radius: .2rem }
"""


def page(title: str, body: str) -> bytes:
    """A whole page."""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}'
    policy = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    text = f'<!doctype html>\n<html lang="en">\n{head}</title>\n{policy}\n<style>{STYLE}</style>\n<main>\n{body}\n</main>\n</html>\n'
    return text.encode("utf-8", "replace")


def file_name(learner: str) -> str:
    """A file's name for a learner: readable, harmless, and no two alike."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", learner).strip("-.")[:60] or "learner"
    return f"{plain}-{hashlib.sha256(learner.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}.html"


def write_pages(book: Gradebook, out: Path) -> None:
    """Writes feedback/<learner>.html for each learner, and class.html."""
    by_learner: dict[str, list] = {}
    for row in book.submissions():
        by_learner.setdefault(row["learner"], []).append(row)
    for learner, rows in by_learner.items():
        parts = [f"<h1>{escape(learner)}</h1>"]
        parts += [_lesson(row, book.questions(row["id"])) for row in rows]
        write_whole(out / "feedback" / file_name(learner), page(f"Feedback for {learner}", "\n".join(parts)))
    write_whole(out / "class.html", page("The class", class_page(book, by_learner)))


def title_of(lesson: str) -> str:
    """Of "03_self_attention" a heading."""
    return f"{lesson[:2]} · {lesson[3:].replace('_', ' ')}" if lesson else "A notebook that is no lesson"


def _lesson(row, marks: list[dict]) -> str:
    parts = [
        f'<h2>{escape(title_of(row["lesson"]))} <span class="score">{row["score"]} of {row["maximum"]}</span></h2>'
    ]
    if row["late"] > 0:
        parts.append(f'<p class="part">Handed in {escape(late_words(row["late"]))} late.</p>')
    if not marks:
        parts.append(f'<div class="card"><p class="bad">{escape(row["status"])}: {escape(row["reason"])}</p></div>')
    return "\n".join(parts + [_question(m) for m in marks])


def late_words(seconds: float) -> str:
    """How late, in words."""
    days, hours = int(seconds // 86400), int(seconds % 86400 // 3600)
    return f"{days} day{'s' * (days != 1)} and {hours} h" if days else f"{hours} h {int(seconds % 3600 // 60)} min"


def _question(m: dict) -> str:
    colour = "good" if m["score"] == m["maximum"] else "part" if m["score"] else "bad"
    parts = [f'<span class="score {colour}">{m["score"]} of {m["maximum"]}</span><h3>{escape(m["question"])}</h3>']
    if m["status"] != "graded":
        parts.append(f'<p class="{colour}">{escape(m["status"].capitalize())}. {escape(m["reason"])}</p>')
    if m["status"] not in ("not found", "does not run", "not started"):
        kinds = {True: "held", False: "failed", None: "untried"}
        rows = [f'<li class="{kinds[held]}">{escape(name)} ({points}){", not tried" * (held is None)}</li>'
                for name, points, held in m["properties"]]  # fmt: skip
        parts.append(f"<ul>{''.join(rows)}</ul>")
    if m["diagnosis"]:
        parts.append(f"<p><b>What is wrong:</b> {escape(m['diagnosis'])}</p>")
    lines = [f"input     {line}" for line in m["input"]]
    lines += [f"{name:10}{m[key]}" for name, key in (("expected", "expected"), ("yours", "got")) if m[key]]
    if lines:
        parts.append(f"<pre>{escape(chr(10).join(lines))}</pre>")
    if m["hint"]:
        parts.append(f'<p class="soft"><b>A hint:</b> {escape(m["hint"])}</p>')
    parts += [f'<p class="soft">Note: {escape(remark)}</p>' for remark in m["remarks"]]
    return f'<section class="card">{"".join(parts)}</section>'


def class_page(book: Gradebook, by_learner: dict[str, list]) -> str:
    """What to reteach tomorrow: how each question went, the commonest diagnoses, and who scored what."""
    rows = [row for rows in by_learner.values() for row in rows]
    marks: dict[tuple[str, str], list[dict]] = {}
    for row in rows:
        for m in book.questions(row["id"]):
            marks.setdefault((row["lesson"], m["question"]), []).append(m)
    when = datetime.datetime.now().strftime("%d %B %Y, %H:%M")
    parts = [f'<h1>The class</h1><p class="soft">{len(by_learner)} learners, {len(rows)} notebooks. {when}</p>']
    parts += ["<h2>What to reteach</h2>", _diagnoses(marks), "<h2>How each question went</h2>", _questions(marks)]
    parts += ["<h2>Who</h2>", _learners(by_learner)]
    return "\n".join(parts)


def _diagnoses(marks: dict) -> str:
    found = Counter(
        (lesson, question, m["diagnosis"])
        for (lesson, question), every in marks.items()
        for m in every
        if m["diagnosis"]
    )
    if not found:
        return '<p class="card">Nothing went wrong.</p>'
    rows = [
        f'<tr><td class="number">{count}</td><td>{escape(lesson[:2])} {escape(question)}</td><td>{escape(diagnosis)}</td></tr>'
        for (lesson, question, diagnosis), count in found.most_common(12)
    ]
    head = '<tr><th class="number">learners</th><th>question</th><th>what is wrong</th></tr>'
    return f'<div class="card scroll"><table>{head}{"".join(rows)}</table></div>'


def _questions(marks: dict) -> str:
    head = '<tr><th>question</th><th class="number">all points</th><th class="number">some</th><th class="number">none</th><th>mean</th></tr>'
    rows = []
    for (lesson, question), every in sorted(marks.items()):
        full = sum(m["score"] == m["maximum"] for m in every)
        none = sum(m["score"] == 0 for m in every)
        mean = sum(m["score"] for m in every) / max(1, sum(m["maximum"] for m in every))
        bar = f'<span class="bar" style="width:{6 * mean:.2f}rem"></span> {mean:.0%}'
        rows.append(f'<tr><td>{escape(lesson[:2])} {escape(question)}</td><td class="number">{full}</td>'
                    f'<td class="number">{len(every) - full - none}</td><td class="number">{none}</td><td>{bar}</td></tr>')  # fmt: skip
    return f'<div class="card scroll"><table>{head}{"".join(rows)}</table></div>'


def _learners(by_learner: dict[str, list]) -> str:
    head = '<tr><th>learner</th><th>lesson</th><th class="number">score</th><th>status</th></tr>'
    rows = []
    for learner, every in by_learner.items():
        for row in every:
            link = f'<a href="feedback/{escape(file_name(learner))}">{escape(learner)}</a>'
            status = row["status"] + (f", {late_words(row['late'])} late" if row["late"] > 0 else "")
            rows.append(f'<tr><td>{link}</td><td>{escape(row["lesson"][:2])}</td><td class="number">{row["score"]} of '
                        f'{row["maximum"]}</td><td>{escape(status)}</td></tr>')  # fmt: skip
    return f'<div class="card scroll"><table>{head}{"".join(rows)}</table></div>'
