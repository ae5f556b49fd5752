"""Tables that give an entity a row, and columns whose labels are numbers: turned into what other readers take.

A text, start, end and type a row, the rows of one text together; a word and the number of its label a line, and a file
beside that names the numbers. No framework.
"""

import csv
import json
from collections.abc import Callable, Iterator

from utils.datasets.readers.entity_columns import columns
from utils.datasets.readers.entity_csv import HeaderAgain, csv_rows, other_width
from utils.datasets.readers.entity_csv_spans import SEPARATORS, TEXTS, first_rows
from utils.datasets.readers.entity_examples import SHOWN, Example
from utils.datasets.readers.entity_json import json_lines
from utils.datasets.readers.entity_leading import cells_of
from utils.datasets.readers.entity_spans import CLAIMS, LABELS, LOOSE_ENDS, LOOSE_STARTS, letters_of
from utils.datasets.readers.label_names import HINT, names_beside
from utils.datasets.readers.text_files import Problem

TYPES = (*LABELS[:-1], "ner", "ner_tag", "annotation", LABELS[-1])
WORDS = (*CLAIMS, "entity", "entity_text", "word", "words", "phrase", "span", "value", "name")
HIGHEST = 300  # no scheme of labels has as many
FEW = 0.5  # numbers that stand for labels come again: of so many rows at most each has one of its own


# An entity a row -----------------------------------------------------------------------------------


class SpanColumns(dict):
    """The columns of text, start, end and type, and perhaps of the entity's own text; `separator` parts them."""

    separator = ","
    width = 0


def span_columns(lines: list[str]) -> SpanColumns | None:
    """Which columns of a CSV give an entity a row; None where the header does not name a text, its start and its end.

    Args:
        lines: the file's first ones, the header among them.
    """
    for separator in SEPARATORS if lines else ():
        rows = first_rows(lines, separator) if separator in lines[0] else []
        names = [name.strip().lower() for name in rows[0]] if rows else []
        places = {
            "text": next((names.index(name) for name in TEXTS if name in names), None),
            "start": next((n for n, name in enumerate(names) if letters_of(name) in LOOSE_STARTS), None),
            "end": next((n for n, name in enumerate(names) if letters_of(name) in LOOSE_ENDS), None),
            "label": next((names.index(name) for name in TYPES if name in names), None),
        }
        if None not in places.values() and len({*places.values()}) == 4 and len(rows) > 1:
            words = next((names.index(w) for w in WORDS if w in names and names.index(w) not in places.values()), None)
            found = SpanColumns(places if words is None else places | {"words": words})
            found.separator, found.width = separator, len(names)
            return found
    return None


def span_a_row(file: str, lines: Callable[[], Iterator], overlaps: str, at: SpanColumns) -> Iterator[Example | Problem]:
    """Examples and problems of a CSV with an entity a row.

    Args:
        file: the file's path.
        lines: gives number and text (or what is wrong) of each line, anew at each call.
        overlaps: see `without_overlaps`.
        at: as `span_columns` gives it.
    """
    named = ", ".join(f"{what} = {at[what] + 1}" for what in ("text", "start", "end", "label"))
    found = f"CSV with an entity a row: {named}; the rows of one text belong together, wherever they stand"
    yield Problem("columns told", file, 0, found, "See that no two texts read the same", kept=True)
    yield from json_lines(file, lambda: _texts(file, lines(), at), overlaps)


def _texts(file: str, lines: Iterator, at: SpanColumns) -> Iterator[tuple[int, str | Problem]]:
    """Line and the object, as JSON, of each text."""
    number, header = next((n, text) for n, text in lines if isinstance(text, str) and text.strip())
    problems: list[Problem] = []
    again = HeaderAgain(file, next(csv.reader([header], delimiter=at.separator)))
    rows = again.without(csv_rows(file, lines, at.separator, number, problems))
    texts: dict[str, tuple[int, list]] = {}  # of each the first line and the spans
    above, merged = None, []  # the row whose text stands for those below without one, as where cells were merged
    others = {*range(at.width)} - {*at.values()}
    for row in rows:
        if isinstance(row, Problem):
            yield row.line, row
            continue
        line, cells, faults = row
        above = None if faults else above
        yield from ((fault.line, fault) for fault in faults)
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != at.width:
            above = None
            yield line, other_width(file, line, len(cells), at.width)
            continue
        blank = above and above[at["text"]].strip() and not cells[at["text"]].strip()
        if blank and all(cells[n].strip() in ("", above[n].strip()) for n in others):
            merged.append(line)
        else:
            above = cells
        _, spans = texts.setdefault(above[at["text"]], (line, []))
        if any(cells[at[what]].strip().lower() not in ("", "nan", "none", "null") for what in ("start", "label")):
            spans.append(_span(cells, at))
    yield from ((line, json.dumps({"text": one, "entities": spans})) for one, (line, spans) in texts.items())
    if merged:
        count = "1 row has" if len(merged) == 1 else f"{len(merged)} rows have"
        found = f"{count} no text, the first here: taken for entities of the text above"
        advice = "That is how merged cells are saved; write the text into each row to be rid of this"
        problems.append(Problem("columns told", file, merged[0], found, advice, kept=True))
    yield from ((fault.line, fault) for fault in [*problems, *again.problems()])


def _span(cells: list[str], at: SpanColumns) -> dict:
    span = {what: _number(cells[at[what]].strip()) for what in ("start", "end")}
    span["label"] = cells[at["label"]].strip()
    return span | ({"text": cells[at["words"]]} if "words" in at else {})


def _number(cell: str) -> int | str:
    """A whole number, as pandas may write it: 4 or 4.0; else the cell itself, which a reader refuses."""
    digits = cell.removesuffix(".0")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else cell


# Numbers for labels --------------------------------------------------------------------------------


def numbered_of(lines: list[str]) -> tuple[bool, int] | None:
    """Whether tabs part the columns, and the highest label, where the last of two or more columns holds numbers for it.

    None where it does not: numbers that count or measure are higher, or hardly come again.
    """
    rows = [line for line in lines if line.strip() and not line.startswith(("-DOCSTART-", "#"))]
    tabs = sum("\t" in row.strip() for row in rows) > len(rows) / 2
    cells = [cells_of(row, tabs) for row in rows]
    if not cells or len({len(row) for row in cells}) != 1 or len(cells[0]) < 2:
        return None
    last = [row[-1] for row in cells]
    if not all(cell.isascii() and cell.isdecimal() and len(cell) < 4 for cell in last):
        return None
    words = sum(row[0].isdecimal() for row in cells) < len(cells) / 2 and "0" in last
    highest = max(map(int, last))
    alike = len({*last}) <= max(len(last) * FEW, 5)
    return (tabs, highest) if words and alike and highest < HIGHEST and len({*last}) > 1 else None


def number_rows(file: str, lines: Iterator, tabs: bool, highest: int) -> Iterator[Example | Problem]:
    """Examples and problems of columns whose labels are numbers: named by a file beside them, or refused."""
    names, said = names_beside(file, highest)
    if said:
        yield Problem("columns told", file, 0, said, "See that they are the right ones", kept=bool(names))
    if not names:
        if not said:
            found = f"the labels in the last column are numbers, up to {highest}: what one means is not in the file"
            yield Problem("bad label", file, 0, found, f"Write labels by name, B-PER rather than 1. {HINT}")
        return
    yield from columns(file, _named(file, lines, names, tabs))


def _named(file: str, lines: Iterator, names: dict[int, str], tabs: bool) -> Iterator[tuple[int, str | Problem]]:
    for number, text in lines:
        cells = [] if isinstance(text, Problem) or text.startswith(("-DOCSTART-", "#")) else cells_of(text, tabs)
        if len(cells) > 1:
            label = int(cells[-1]) if cells[-1].isascii() and cells[-1].isdecimal() else None
            if label not in names:
                found = f"{cells[-1][:SHOWN]!r} is no number of a label that has a name"
                text = Problem("bad label", file, number, found, "Name it in the file of the names, or correct it")
            else:
                text = "\t".join([*cells[:-1], names[label]])
        yield number, text
