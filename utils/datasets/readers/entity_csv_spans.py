"""Texts with entities in CSV whose cells hold spans, as JSON or as Python prints them. No framework.

Label Studio's CSV, and what pandas makes of spaCy's, Doccano's or a list's spans. A row becomes the object that the
readers of JSON take, so that offsets are told from the whole file there as well.
"""

import csv
import json
from collections.abc import Callable, Iterator
from typing import Any

from utils.datasets.readers.entity_csv import TEXT_COLUMNS, HeaderAgain, csv_rows, other_width
from utils.datasets.readers.entity_examples import SHOWN, Example
from utils.datasets.readers.entity_json import json_lines
from utils.datasets.readers.entity_packed import is_triple, structure
from utils.datasets.readers.entity_spans import SPAN_KEYS, TEXT_KEYS, is_span
from utils.datasets.readers.text_files import LONGEST_LINE, Problem

TEXTS = (*TEXT_COLUMNS, *(key.lower() for key in TEXT_KEYS), "sentences", "passage", "paragraph", "body", "full_text")
SEPARATORS = (",", ";", "\t")


def spans_header(lines: list[str]) -> tuple[int, int, str] | None:
    """Which columns of a CSV hold texts and spans, and what separates them; None where none hold spans.

    Args:
        lines: the file's first ones, the header among them.
    """
    for separator in SEPARATORS if lines else ():
        if separator not in lines[0]:
            continue
        rows = first_rows(lines, separator)
        if len(rows) < 2 or len(rows[0]) < 2:
            continue
        names, rows = [name.strip().lower() for name in rows[0]], [row for row in rows[1:] if len(row) == len(rows[0])]
        text = next((names.index(name) for name in TEXTS if name in names), None)
        if text is None or not rows:
            continue
        found = [n for n in range(len(names)) if n != text and _hold_spans([row[n] for row in rows])]
        if found:
            known = [n for n in found if names[n] in SPAN_KEYS]
            return text, (known or found)[0], separator
    return None


def first_rows(lines: list[str], separator: str) -> list[list[str]]:
    """The rows that the first lines hold whole."""
    rows, before = [], csv.field_size_limit(LONGEST_LINE)
    try:
        rows.extend(csv.reader((line + "\n" for line in lines), delimiter=separator, strict=True))
    except csv.Error:
        pass  # the last quote is open where the lines end, or a quote is wrong, which the reader will say
    finally:
        csv.field_size_limit(before)
    return [row for row in rows if row]


def _hold_spans(cells: list[str]) -> bool:
    there = [cell.strip() for cell in cells if cell.strip() and cell.strip() not in ("[]", "{}", "nan")]
    return bool(there) and sum(_is_spans(structure(cell)) for cell in there) > len(there) / 2


def _is_spans(value: Any) -> bool:
    """Whether a value marks entities by their places: a list of spans, or an object around one."""
    if isinstance(value, dict):
        inner = list(value.values())
        return is_span(value) or bool(inner) and all(_is_spans(one) or one == [] for one in inner)
    if not isinstance(value, list) or not value:
        return False
    return all(is_span(one) or is_triple(one) for one in value) or is_triple(value)


def span_rows(
    file: str, lines: Callable[[], Iterator], overlaps: str, at: tuple[int, int, str]
) -> Iterator[Example | Problem]:
    """Examples and problems of a CSV with spans in a column.

    Args:
        file: the file's path.
        lines: gives number and text (or what is wrong) of each line, anew at each call.
        overlaps: see `without_overlaps`.
        at: the columns of texts and spans and what separates columns, as `spans_header` gives them.
    """
    found = f"CSV: column {at[0] + 1} holds texts, column {at[1] + 1} their spans"
    yield Problem("columns told", file, 0, found, "Call them text and entities to be sure", kept=True)
    yield from json_lines(file, lambda: _as_objects(file, lines(), at), overlaps)


def _as_objects(file: str, lines: Iterator, at: tuple[int, int, str]) -> Iterator[tuple[int, str | Problem]]:
    """Line and the object, as JSON, that each row stands for."""
    text_at, spans_at, separator = at
    number, header = next((n, text) for n, text in lines if isinstance(text, str) and text.strip())
    names, problems = next(csv.reader([header], delimiter=separator)), []
    width, again = len(names), HeaderAgain(file, names)
    for row in again.without(csv_rows(file, lines, separator, number, problems)):
        if isinstance(row, Problem):
            yield row.line, row
            continue
        number, cells, faults = row
        yield from ((fault.line, fault) for fault in faults)
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != width:
            yield number, other_width(file, number, len(cells), width)
            continue
        cell = cells[spans_at].strip()
        value = structure(cell)
        if value is None and cell.lower() not in ("", "nan", "none", "null"):
            found, advice = f"this is no list of spans: {cell[:SHOWN]!r}", 'Write JSON: [{"start": 0, "end": 4, …}]'
            yield number, Problem("no spans", file, number, found, advice)
            continue
        value = [value] if isinstance(value, list) and is_triple(value) or is_span(value) else value
        inner = value if isinstance(value, dict) and "entities" in value else {"entities": value or []}
        yield number, json.dumps({**inner, "text": cells[text_at]})
    yield from ((fault.line, fault) for fault in (*problems, *again.problems()))
