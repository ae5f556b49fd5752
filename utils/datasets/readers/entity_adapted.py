"""Columns that others write in another way, turned line by line into a word, a tab and its label. No framework.

A comma or semicolon between columns without a header; OntoNotes, whose entities stand in brackets: "(PER*", "*", "*)".
"""

import csv
import re
from collections.abc import Iterator

from utils.datasets.readers.entity_columns import columns
from utils.datasets.readers.entity_examples import SHOWN, Example
from utils.datasets.readers.entity_labels import TAG, scheme_of
from utils.datasets.readers.entity_leading import MOST
from utils.datasets.readers.text_files import Problem

BRACKET = re.compile(r"\*|\(([^()*\s]+)\*?\)|\(([^()*\s]+)\*|\*\)")
ONTONOTES = 11  # columns of CoNLL-2012, at least: as many more as a sentence has predicates
WORD, ENTITY = 3, 10


# Commas --------------------------------------------------------------------------------------------


def comma_of(lines: list[str]) -> str:
    """The sign between columns of a file without a header, words and labels a line; "" where it is none of these."""
    rows = [line for line in lines if line.strip() and not line.startswith(("#", "-DOCSTART-"))]
    for sign in ",;|":
        cells = [_cells(row, sign) for row in rows if row.strip(f"{sign} \t")]  # else it ends a sentence
        other = all(len(row) > 1 for row in cells) and scheme_of({row[-1] for row in cells}).form in ("sign", "suffix")
        tagged = sum(len(row) > 1 and (other or TAG.fullmatch(row[-1]) is not None) for row in cells)
        if cells and tagged >= MOST * len(cells) and any(row[-1] != "O" for row in cells):
            return sign
    return ""


def _cells(line: str, sign: str) -> list[str]:
    """The columns of a line; where the word is the sign itself, and nobody quoted it, it is the first column."""
    line = line.strip()
    if line.startswith(sign * 2):
        return [sign, *line[2:].split(sign)]
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=sign, strict=True))]
    except (csv.Error, StopIteration):
        return [cell.strip() for cell in line.split(sign)]


def is_comma_spaced(lines: list[str]) -> bool:
    """Whether all cells but the last of each row end with a comma, as in "Jane, B-PER": no words do that throughout."""
    rows = [line.split() for line in lines if "\t" not in line and not line.startswith("-DOCSTART-")]
    return bool(rows) and all(row[1:] and all(len(cell) > 1 and cell[-1] == "," for cell in row[:-1]) for row in rows)


def comma_rows(file: str, lines: Iterator) -> Iterator[Example | Problem]:
    """Examples and problems of columns with a comma, semicolon or bar between."""
    head = []
    for item in lines:
        head.append(item)
        if len(head) == 200:
            break
    sign = comma_of([text for _, text in head if isinstance(text, str)]) or ","

    def rewritten() -> Iterator:
        for part in (head, lines):
            for number, text in part:
                if not isinstance(text, Problem):
                    blank = not text.strip(f"{sign} \t") or text.startswith("-DOCSTART-")
                    text = "" if blank else "\t".join(_cells(text, sign))
                yield number, text

    found = f"columns with {sign!r} between and no header"
    yield Problem("columns told", file, 0, found, "Put tabs between columns to be rid of this", kept=True)
    yield from columns(file, rewritten())


# Brackets ------------------------------------------------------------------------------------------


def is_ontonotes(lines: list[str]) -> bool:
    """Whether these are the columns of CoNLL-2012: the number of the word third, entities in brackets eleventh."""
    rows = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    good = sum(
        len(row) > ONTONOTES - 1 and row[2].isdecimal() and BRACKET.fullmatch(row[ENTITY]) is not None for row in rows
    )
    return bool(rows) and good >= MOST * len(rows)


def bracket_rows(file: str, lines: Iterator) -> Iterator[Example | Problem]:
    """Examples and problems of OntoNotes' columns."""
    found = "columns of OntoNotes: word = 4, entities in brackets = 11"
    yield Problem("columns told", file, 0, found, "See that the entities are right", kept=True)
    yield from columns(file, _without_brackets(file, lines))


def _without_brackets(file: str, lines: Iterator) -> Iterator[tuple[int, str | Problem]]:
    opened = ""
    for number, text in lines:
        if isinstance(text, Problem):
            yield number, text
        elif not text.strip() or text.startswith("#"):
            opened = ""
            yield number, ""
        else:
            row = text.split()
            mark = BRACKET.fullmatch(row[ENTITY]) if len(row) > ENTITY else None
            begun = (mark[1] or mark[2] or "") if mark else ""
            if mark is None or begun and opened or mark[0] == "*)" and not opened:
                shown = row[ENTITY] if len(row) > ENTITY else text
                found = f"{shown[:SHOWN]!r} is no bracket of an entity there"
                yield number, Problem("bad label", file, number, found, "Write (PER*, *, *) or (PER)")
                opened = ""
                continue
            label = f"B-{begun}" if begun else f"I-{opened}" if opened else "O"
            opened = (mark[2] or "") if begun else "" if mark[0] == "*)" else opened
            yield number, f"{row[WORD]}\t{label}"
