"""Rows of CSV, read line by line: a line that is no text costs the row that it stands in.

Others are read on, unless that line held a quote which closes a cell. No framework.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from utils.datasets.readers.text_files import LONGEST_LINE, Problem, read_texts

MARK = "\ufeff"  # the byte order mark, which belongs at the beginning of a file and nowhere else


def mark_of_bytes(path: Path, number: int) -> Problem:
    """What is told of a line that begins with a byte order mark, as where files were put one after the other."""
    found = "the line begins with a byte order mark, as where files were joined"
    return Problem("byte order mark", str(path), number, found, "It was taken out", kept=True)


def read_csv(path: Path, delimiter: str, error_class: type) -> Iterator[tuple[int, list[str] | Problem]]:
    """Each row with the line that it begins on, or what is wrong with a line; a quoted cell may go over several lines.

    Args:
        path: of the file.
        delimiter: between the cells.
        error_class: what is raised.

    Raises:
        error_class: a quote is opened and never closed; it says on which line.
    """
    at, faults = [], []  # the lines of the row that is being read; what is wrong with lines

    def texts() -> Iterator[str]:
        for number, text in read_texts(path, error_class):
            if isinstance(text, str):
                at.append(number)
                if text[:1] == MARK:
                    faults.append((number, mark_of_bytes(path, number)))
                    text = text.lstrip(MARK)
                yield text + "\n"
            else:
                faults.append((number, text))

    first = next((text for _, text in read_texts(path, error_class) if isinstance(text, str) and text.strip()), "")
    spaced = f"{delimiter} " in first and '"' not in first  # names, with a blank behind each comma
    reader = csv.reader(texts(), delimiter=delimiter, skipinitialspace=spaced, strict=True)
    while True:
        at.clear()
        try:
            row = next_row(reader)
        except csv.Error as error:
            yield from faults
            raise error_class(
                f"{path}, line {at[0]}: a quote is opened on the row that begins here and the file ends, or goes "
                f'on, before it is closed rightly ({error}). Close it, or write it twice ("") where it is meant.'
            ) from error
        yield from faults
        within = bool(at) and any(number > at[0] for number, one in faults if not one.kept)  # a line of it is lost
        faults.clear()
        if row is None:
            return
        if row and not within:
            yield at[0], row


def next_row(reader: Iterator[list[str]]) -> list[str] | None:
    """The next row, whose cells may be as long as a line is let be; None after the last."""
    before = csv.field_size_limit(LONGEST_LINE)
    try:
        return next(reader, None)
    finally:
        csv.field_size_limit(before)
