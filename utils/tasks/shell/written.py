"""Answers as they are written: JSON Lines, columns, plain text, or a page with what was found in colours."""

import html
import json
from typing import TextIO

from utils.tasks.highlight import Highlighted
from utils.tasks.shell.rows import Row
from utils.tasks.shell.saved import TASKS, Answer

ENDS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "\x85\u2028\u2029"}  # JSON lets them be, and some end a line there
FORMS = ("jsonl", "conll", "html", "text")
STYLE = (
    "body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111}"
    ".row{border-bottom:1px solid #ddd;padding:.5rem 0}.bad{color:#a00}.line{color:#666;font-size:.8em}"
)


class Writer:
    """Writes one answer after the other.

    Args:
        file: open for text.
        task: "ner", "qa" or "translate".
        form: one of FORMS; "conll" is for ner alone.
    """

    def __init__(self, file: TextIO, task: str, form: str = "jsonl"):
        self.file, self.task = file, task
        self._one = getattr(self, f"_{form}")
        self._page = form == "html"

    def begin(self) -> None:
        """Writes what stands before the first answer."""
        if self._page:
            title = f"What the model says: {TASKS[self.task]}"
            self.file.write(f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
                            f"<style>{STYLE}</style><h1>{title}</h1>\n")  # fmt: skip

    def end(self) -> None:
        """Writes what stands behind the last."""
        if self._page:
            self.file.write("</html>\n")

    def write(self, row: Row, answer: Answer) -> None:
        """Writes the answer to a row, or what is wrong with it."""
        self.file.write(self._one(row, answer) + "\n")

    def _jsonl(self, row: Row, answer: Answer) -> str:
        content = {"line": row.line}
        if row.id is not None:
            content["id"] = row.id
        content |= {"error": answer.error} if answer.error else answer.content
        return json.dumps(content, ensure_ascii=False).translate(ENDS)

    def _conll(self, row: Row, answer: Answer) -> str:
        if answer.error:
            return f"# line {row.line} could not be read\n"
        spans, labels = list(answer.content["entities"]), []
        for start, end in row.content.words:
            found = next((s for s in spans if s["start"] < end and start < s["end"]), None)
            first = found is not None and found["start"] >= start
            labels.append("O" if found is None else f"{'B' if first else 'I'}-{found['label']}")
        words = (row.content.text[start:end] for start, end in row.content.words)
        return "".join(f"{_flat(word)}\t{label}\n" for word, label in zip(words, labels, strict=True))

    def _text(self, row: Row, answer: Answer) -> str:
        if answer.error:
            return ""
        if self.task == "ner":
            return _flat(repr(Highlighted(answer.content["text"], answer.content["entities"])))
        return _flat(answer.content["answer" if self.task == "qa" else "translation"])

    def _html(self, row: Row, answer: Answer) -> str:
        if answer.error:
            body = f'<span class="bad">{html.escape(answer.error)}</span>'
        elif self.task == "translate":
            body = f"{html.escape(answer.content['text'])}<br><b>{html.escape(answer.content['translation'])}</b>"
        else:
            body = as_html(self.task, answer.content, row)
        return f'<div class="row"><span class="line">line {row.line}</span> {body}</div>'


def as_html(task: str, content: dict, row: Row) -> str:
    """A text with its entities, or a passage with the answer, in colours; whatever they hold stays text."""
    if task == "ner":
        return Highlighted(content["text"], content["entities"])._repr_html_()
    found = [{"start": content["start"], "end": content["end"], "label": "answer"}] if content["answer"] else []
    declined = "" if found else " <i>(the passage does not say)</i>"
    shown = Highlighted(row.content.context, found)._repr_html_()
    return f"<b>{html.escape(content['question'])}</b>{declined}{shown}"


def _flat(text: str) -> str:
    """A text on one line."""
    return " ".join(text.splitlines()).replace("\t", " ")
