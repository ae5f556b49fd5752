"""Reads questions about passages from tables: a CSV with a header, or a line of JSON for each question.

Columns or keys: question, context, answer, and if you like answer_start, is_impossible, id, title. An empty answer
says that the passage does not answer. Where answer_start is missing, the answer must stand in the passage exactly
once. In a CSV an empty passage is the one above, as where cells were merged, if the answer stands there; that is told.
Answers may also be a list of {"text", "answer_start"}, or {"text": […], "answer_start": […]}; in a CSV as JSON or as
Python prints them. A line of JSON may also hold a passage with its questions: see `question_shapes`. One line is held
in memory at a time. No framework.
"""

import contextlib
import csv
import json
import os
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

from utils.datasets.readers.broken_json import of_line
from utils.datasets.readers.json_places import twice
from utils.datasets.readers.question_answers import ANSWER, MISSING, START, key_of, structure
from utils.datasets.readers.question_shapes import (
    CONTEXT,
    QUESTION,
    Asked,
    asked_in,
    foreign,
    has_text_answer,
    is_recognised,
    keys_of,
    quick,
)
from utils.datasets.readers.questions import Problem, Question, judge_question
from utils.datasets.readers.text_files import TextFileError, check_file, in_two, read_texts

LOOKED_AT = 20  # lines that tell the format
PEEK = 200  # lines that tell whether quotes between tabs are signs of the text
CLOSE = 'Close the quotes of the row, and write a quote within a cell twice (""); what follows was not read'
MERGED = "an empty cell for the passage, as merged cells leave it, the first here: the passage above counts"
UNMERGED = "Fill in the passage where another one is meant"
BARE = re.compile(r'"[^"]+"[^"]')  # a cell that only begins with a quoted word
QUOTED = re.compile(r'"(?:[^"]|"")*"')
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
    if first[0].rstrip().endswith("},") and _is_row(first[0].rstrip()[:-1]):
        return "json lines"  # a comma behind each, as behind the items of a list
    rows = [_is_row(line) for line in first]
    if first[0].lstrip().startswith("{") and (any(rows[:2]) or sum(rows) > len(rows) / 2):
        return "json lines"  # of JSON over several lines only the last object of a list is a row by itself
    return "json lines" if sum(rows) > len(rows) / 2 and not first[0].lstrip().startswith("[") else None


def examine_flat(path: str | os.PathLike, answered: bool = True) -> Iterator[tuple[int, Question | Problem]]:
    """Every question and every problem with the line it begins in; nothing is raised. `answered` as in `asked_in`."""
    file = os.fspath(path)
    kind, seen, passages, line = format_of(path), set(), {}, 0
    try:
        rows = _csv_rows(file, answered) if kind == "csv" else _json_rows(file, answered)
        for line, item in rows:
            if isinstance(item, Problem):
                yield line, item
                continue
            number = passages.setdefault(item.group, len(passages))
            if item.raw is not MISSING:
                judged = judge_question(file, item.place, item.raw, item.context, item.title, number, seen)
                yield from ((line, one) for one in judged)
    except TextFileError as error:
        found, advice = in_two(file, error)
        kind = "cannot be unpacked" if "breaks off" in found else "not text"
        yield line, Problem(kind, file, "", found, advice or "Save it anew as UTF-8 text")
    if not line:
        yield 0, Problem("no questions", file, "", "there is not one row under the header", "Add some")


def _lines(path) -> Iterator[tuple[int, str | Problem]]:
    for number, text in read_texts(Path(path)):
        if isinstance(text, str):
            yield number, text.removeprefix("\ufeff")  # which stands within where files were joined
        else:
            yield number, Problem(text.kind, text.file, f"line {number}", text.message, text.advice)


def _is_row(line: str) -> bool:
    try:
        item = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return is_recognised(item) or _is_header(item) or bool(foreign(item))


def _is_header(item) -> bool:
    """Whether this is MRQA's first line, which describes the others."""
    return isinstance(item, dict) and list(item) == ["header"]


def _header(line: str) -> tuple[str, list[str]] | None:
    """Separator and the names of the columns, where the line names a question and a context."""
    for separator, names in _split(line):
        has_answer = key_of(names, ANSWER) is not None
        if key_of(names, QUESTION) and (key_of(names, CONTEXT) or ("text" in names and has_answer)):
            return separator, names
    return None


def _split(line: str) -> Iterator[tuple[str, list[str]]]:
    for separator in (",", ";", "\t"):
        try:
            names = [name.strip().lower() for name in next(csv.reader([line], delimiter=separator))]
        except (csv.Error, StopIteration):
            continue
        if len(names) > 1:
            yield separator, names


def other_table(file: str, line: str) -> Problem | None:
    """What is wrong with a table, or with lines of JSON, that hold no question with its passage; None for others.

    Args:
        file: the file's path, for the message.
        line: its first line.
    """
    with contextlib.suppress(ValueError, RecursionError):
        if isinstance(item := json.loads(line), dict):
            found = f"these are lines of JSON, and no question with its passage; the keys are {keys_of(item)}"
            return Problem("not SQuAD", file, "", found, 'Write {"question": …, "context": …, "answer": …}, one a line')
    for _, names in _split(line):
        if key_of(names, QUESTION) and all(re.fullmatch(r"[\w .#-]*", name) for name in names):
            found = f"the header names {', '.join(map(repr, names[:8]))}, and no column with the passages"
            if "answer_char_ranges" in names or "answer_token_ranges" in names:
                found = "this looks like NewsQA's table: the answers of several readers, not yet put together"
            return Problem("not SQuAD", file, "", found, "Name the columns question, context, answer, answer_start")
    return None


def _csv_rows(file: str, answered: bool) -> Iterator[tuple[int, Asked | Problem]]:
    """Line and what stands in its cells; a quoted cell may go over several lines."""
    lines = ((n, text) for n, text in _lines(file) if not isinstance(text, str) or text.strip() or n > 1)
    separator, names = _header(next(text for _, text in lines if isinstance(text, str) and text.strip()))
    if answered and not key_of(names, (*ANSWER, "is_impossible")) and not has_text_answer(dict.fromkeys(names)):
        found = f"no column holds answers; the header names {keys_of(dict.fromkeys(names))}"
        advice = 'Call the column of the answers "answer", and leave it empty where the passage has none'
        yield 1, Problem("no answer", file, "", found, advice)
        return
    head = list(islice(lines, PEEK)) if separator == "\t" else []
    quoting = csv.QUOTE_NONE if _has_bare_quotes(head, len(names)) else csv.QUOTE_MINIMAL
    at, faults, inside, lines = [1], [], [], chain(head, lines)  # inside: the lines of the row that is being read

    def texts() -> Iterable[str]:
        for number, text in lines:
            at[0] = number
            if isinstance(text, str):
                inside.append(text)
                yield text + "\n"
            else:
                faults.append((number, text))

    before, above, merged = csv.field_size_limit(LONGEST_CELL), "", []
    passages = names.index(key_of(names, CONTEXT) or "text")  # their column
    table, begun = csv.reader(texts(), delimiter=separator, strict=True, quoting=quoting), at[0] + 1
    try:
        for cells in table:
            yield from faults
            faults.clear()
            if _are_rows(inside, separator, names):
                found = f"a quote opens in this line and is closed in line {at[0]} only, rows between"
                yield begun, Problem("bad quotes", file, f"line {begun}", found, CLOSE)
                break
            inside.clear()
            if len(cells) == len(names) and cells[passages].strip():
                above = cells[passages]
            elif _is_merged(names, cells, above):
                cells[passages] = above
                merged.append(begun)
            if any(cell.strip() for cell in cells):
                yield begun, _cells(file, begun, names, cells, answered)
            begun = at[0] + 1
    except csv.Error as error:
        yield begun, Problem("bad quotes", file, f"line {begun}", f"the row cannot be read: {error}", CLOSE)
    finally:
        csv.field_size_limit(before)
    yield from faults
    if merged:
        found = f"{'1 row has' if len(merged) == 1 else f'{len(merged)} rows have'} {MERGED}"
        yield merged[0], Problem("passage of a row above", file, f"line {merged[0]}", found, UNMERGED, kept=True)


def _is_merged(names: list[str], cells: list[str], above: str) -> bool:
    """Whether a row without a passage asks of the one above, as where cells were merged: any answer stands there."""
    if not above or len(cells) != len(names):
        return False
    row = dict(zip(names, cells, strict=True))
    answer = (row.get(key_of(row, ("answers", *ANSWER))) or "").strip()
    return bool((row.get(key_of(row, QUESTION)) or "").strip()) and (answer[:1] in ("{", "[") or answer in above)


def _has_bare_quotes(lines: list, width: int) -> bool:
    """Whether cells between tabs hold quotes that are signs of their text, as where nobody quotes cells.

    A quoted cell may go over several lines: a cell that only opens tells this where every line is a whole row.
    """
    rows = [text.split("\t") for _, text in lines if isinstance(text, str) and text.strip()]
    if any(BARE.match(cell) for cells in rows for cell in cells):
        return True
    opened = any(cell.startswith('"') and not QUOTED.fullmatch(cell) for cells in rows for cell in cells)
    return opened and all(len(cells) == width for cells in rows)


def _are_rows(lines: list[str], separator: str, names: list[str]) -> bool:
    """Whether each line of what was read as one row is a whole row by itself: a quote has swallowed some.

    Where quotes are doubled, somebody quoted with care. Prose has commas too: outside tabs each answer must stand in
    its own passage, and its start be a number or none.
    """
    if len(lines) < 2 or any(line.count(separator) != len(names) - 1 or '""' in line for line in lines):
        return False
    cells = [[cell.strip(' \t"') for cell in line.split(separator)] for line in lines]
    rows = [dict(zip(names, one, strict=True)) for one in cells]
    return separator == "\t" or all(map(_fits, rows)) and any(row.get(key_of(row, ANSWER)) for row in rows)


def _fits(row: dict) -> bool:
    """Whether there are a question and a passage, the answer stands there, and its start is a number or none."""
    context, answer = row.get(key_of(row, CONTEXT)) or "", row.get(key_of(row, ANSWER)) or ""
    start = row.get(key_of(row, START)) or "0"
    asked = row.get(key_of(row, QUESTION))
    return bool(asked and context) and answer in context and start.removesuffix(".0").isdecimal()


def _cells(file: str, line: int, names: list[str], cells: list[str], answered: bool) -> Asked | Problem:
    if len(cells) != len(names):
        found = f"{len(cells)} columns, the header has {len(names)}"
        advice = "Put quotes around a cell that holds the separator"
        return Problem("other number of columns", file, f"line {line}", found, advice)
    row = dict(zip(names, cells, strict=True))
    context = row.get(key_of(row, CONTEXT)) or ""
    if (key := key_of(row, ("answers", *ANSWER))) and row[key].lstrip()[:1] in ("{", "[") and row[key] not in context:
        row[key] = structure(row[key])
    return next(asked_in(file, f"line {line}", row, answered=answered))


def _json_rows(file: str, answered: bool) -> Iterator[tuple[int, Asked | Problem]]:
    for number, text in _lines(file):
        if not isinstance(text, str):
            yield number, text
        elif text.strip():
            yield from ((number, item) for item in _json_row(file, number, text, answered))


def _json_row(file: str, number: int, text: str, answered: bool) -> Iterator[Asked | Problem]:
    place = f"line {number}"
    try:
        item = of_line(text)
    except (ValueError, RecursionError) as error:
        yield Problem("not JSON", file, place, f"the line is no JSON: {error}", "Write one whole object a line")
        return
    asked = len(item["qas"]) if isinstance(item, dict) and isinstance(item.get("qas"), list) else 1
    keys = ('"answers"', '"answer"', '"question"', '"is_impossible"')
    if (text.count('"context"') > 1 or any(text.count(key) > max(asked, 1) for key in keys)) and (found := twice(text)):
        yield Problem("not JSON", file, place, found, "Take one of the two out, or put them together")
        return
    if answered and (asked := quick(place, item)) is not None:
        yield asked
    elif not isinstance(item, dict):
        yield Problem("not SQuAD", file, place, "the line is no object", 'Write {"question": …, "context": …, …}')
    elif is_recognised(item) or foreign(item):
        yield from asked_in(file, place, item, answered=answered)
    elif not _is_header(item):
        message = f"it has no question and context; its keys are {keys_of(item)}"
        yield Problem("bad question", file, place, message, 'Write {"question": …, "context": …, "answer": …}')
