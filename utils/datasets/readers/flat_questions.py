"""Reads questions about passages from tables: a CSV with a header, or a line of JSON for each question.

Columns or keys: question, context, answer, and if you like answer_start, id, title. An empty answer says that the
passage does not answer. Where answer_start is missing, the answer must stand in the passage exactly once. In JSON
answers may also be a list of {"text", "answer_start"}, or {"text": […], "answer_start": […]}. One question is held
in memory at a time. No framework.
"""

import csv
import json
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from utils.datasets.readers.questions import Problem, Question, judge_question
from utils.datasets.readers.text_files import TextFileError, check_file, decode, read_lines

NAMES = {
    "question": ("question", "query"),
    "context": ("context", "passage", "paragraph", "text"),
    "answer": ("answer", "answers", "answer_text", "answer text"),
    "start": ("answer_start", "answer start", "start"),
    "id": ("id", "question_id"),
    "title": ("title",),
}
LOOKED_AT = 20  # lines that tell the format
LONGEST_CELL = 2**20  # characters; as long as the longest line


def format_of(path: str | os.PathLike) -> str | None:
    """What the content shows: "csv", "json lines", or None for neither (SQuAD's own JSON, say)."""
    try:
        check_file(Path(path))
        first = [text for _, text in islice(_lines(path), LOOKED_AT) if isinstance(text, str) and text.strip()]
    except (OSError, TextFileError):
        return None
    if not first:
        return None
    if _header(first[0]):
        return "csv"
    if any(_is_row(line) for line in first):
        return "json lines"
    return None


def examine_flat(path: str | os.PathLike) -> Iterator[tuple[int, Question | Problem]]:
    """Every question and every problem with the line it begins in; nothing is raised."""
    file = os.fspath(path)
    kind, seen, passages, line = format_of(path), set(), {}, 0
    try:
        rows = _csv_rows(file) if kind == "csv" else _json_rows(file)
        for line, row in rows:
            if isinstance(row, Problem):
                yield line, row
                continue
            number = passages.setdefault(hash(row["context"]), len(passages))
            yield from ((line, item) for item in _question(file, line, row, number, seen))
    except TextFileError as error:
        yield line, Problem("not text", file, "", str(error).rstrip("."), "Save it anew as UTF-8 text")
    if not line:
        yield 0, Problem("no questions", file, "", "there is not one row under the header", "Add some")


def _lines(path) -> Iterator[tuple[int, str | Problem]]:
    for number, line in read_lines(Path(path)):
        text = decode(Path(path), number, line)
        if isinstance(text, str):
            yield number, text
        else:
            yield number, Problem(text.kind, text.file, f"line {number}", text.message, text.advice)


def _is_row(line: str) -> bool:
    try:
        item = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(item, dict) and all(any(n in item for n in NAMES[key]) for key in ("question", "context"))


def _header(line: str) -> tuple[str, list[str]] | None:
    """Separator and the names of the columns, where the line names a question, a context and an answer."""
    for separator in (",", ";", "\t"):
        try:
            names = [name.strip().lower() for name in next(csv.reader([line], delimiter=separator))]
        except (csv.Error, StopIteration):
            continue
        if all(any(n in names for n in NAMES[key]) for key in ("question", "context", "answer")):
            return separator, names
    return None


def _csv_rows(file: str) -> Iterator[tuple[int, dict | Problem]]:
    """Line and what stands in its cells; a quoted cell may go over several lines."""
    lines = ((n, text) for n, text in _lines(file) if not isinstance(text, str) or text.strip() or n > 1)
    separator, names = _header(next(text for _, text in lines if isinstance(text, str) and text.strip()))
    at, faults = [1], []

    def texts() -> Iterable[str]:
        for number, text in lines:
            at[0] = number
            if isinstance(text, str):
                yield text + "\n"
            else:
                faults.append((number, text))

    before = csv.field_size_limit(LONGEST_CELL)
    table, begun = csv.reader(texts(), delimiter=separator, strict=True), at[0] + 1
    try:
        for cells in table:
            yield from faults
            faults.clear()
            if any(cell.strip() for cell in cells):
                yield begun, _cells(file, begun, names, cells)
            begun = at[0] + 1
    except csv.Error as error:
        advice = 'Close the quotes of the row, and write a quote within a cell twice (""); what follows was not read'
        yield begun, Problem("bad quotes", file, f"line {begun}", f"the row cannot be read: {error}", advice)
    finally:
        csv.field_size_limit(before)
    yield from faults


def _cells(file: str, line: int, names: list[str], cells: list[str]) -> dict | Problem:
    if len(cells) != len(names):
        found = f"{len(cells)} columns, the header has {len(names)}"
        advice = "Put quotes around a cell that holds the separator"
        return Problem("other number of columns", file, f"line {line}", found, advice)
    row = dict(zip(names, cells, strict=True))
    return {key: next((row[name] for name in known if name in row), None) for key, known in NAMES.items()}


def _json_rows(file: str) -> Iterator[tuple[int, dict | Problem]]:
    for number, text in _lines(file):
        if not isinstance(text, str):
            yield number, text
        elif text.strip():
            yield number, _json_row(file, number, text)


def _json_row(file: str, number: int, text: str) -> dict | Problem:
    where = file, f"line {number}"
    try:
        item = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Problem("not JSON", *where, f"the line is no JSON: {error}", "Write one whole object a line")
    if not isinstance(item, dict):
        return Problem("not SQuAD", *where, "the line is no object", 'Write {"question": …, "context": …, …}')
    return {key: next((item[name] for name in known if name in item), None) for key, known in NAMES.items()}


def _question(file: str, line: int, row: dict, passage: int, seen: set) -> Iterator[Question | Problem]:
    """A row as SQuAD would write it, judged as SQuAD's are."""
    name = str(row["id"] or f"line {line}").strip()
    context = row["context"]
    if not isinstance(context, str) or not context.strip():
        yield Problem("bad context", file, name, "there is no context", "Give it the passage as text")
        return
    answers = _answers(file, name, row["answer"], row["start"], context)
    if isinstance(answers, Problem):
        yield answers
        return
    title = row["title"] if isinstance(row["title"], str) else ""
    raw = {"id": name, "question": row["question"], "answers": answers}
    yield from judge_question(file, f"line {line}", raw, context, title, passage, seen)


def _answers(file: str, name: str, given, start, context: str) -> list | Problem:
    """SQuAD's list of answers."""
    if isinstance(given, dict):
        texts, starts = given.get("text"), given.get("answer_start")
        if not isinstance(texts, list) or not isinstance(starts, list) or len(texts) != len(starts):
            advice = 'Write {"text": ["…"], "answer_start": [0]}, both as long'
            return Problem("bad answer", file, name, "text and answer_start do not go together", advice)
        return [{"text": text, "answer_start": at} for text, at in zip(texts, starts, strict=True)]
    if isinstance(given, list):
        return given
    if given is None or (isinstance(given, str) and not given.strip()):
        return []
    if not isinstance(given, str):
        return [given]  # whatever it is, it is no answer
    if isinstance(start, str):
        if start.strip() and not start.strip().isdecimal():
            return Problem("bad answer", file, name, f"answer_start is {start!r}", "Write a whole number, from 0")
        start = int(start) if start.strip() else None
    if start is not None:
        return [{"text": given, "answer_start": start}]
    times = context.count(given.strip())
    if times > 1:
        advice = "Say which: add a column answer_start with the number of its first character, from 0"
        found = f"the answer {given.strip()!r} stands in the context {times} times"
        return Problem("answer in several places", file, name, found, advice)
    if not times:
        found = f"the answer {given.strip()!r} does not stand in the context"
        return Problem("answer not there", file, name, found, "Copy it from the context, letter by letter")
    return [{"text": given.strip(), "answer_start": context.find(given.strip())}]
