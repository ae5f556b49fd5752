"""Rows of CSV, read line by line: a line that is no text costs the row that it stands in.

Others are read on, unless that line held a quote which closes a cell. No framework.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from utils.datasets.readers.text_files import LONGEST_LINE, Problem, read_texts


def read_csv(path: Path, delimiter: str, header: bool, error_class: type) -> Iterator[tuple[int, list[str] | Problem]]:
    """Each row with the line that it begins on, or what is wrong with a line; a quoted cell may go over several lines.

    Args:
        path: of the file.
        delimiter: between the cells.
        header: whether the first row is to be passed over.
        error_class: what is raised.

    Raises:
        error_class: a quote is opened and never closed; it says on which line.
    """
    at, faults = [], []  # the lines of the row that is being read; what is wrong with lines

    def texts() -> Iterator[str]:
        for number, text in read_texts(path, error_class):
            if isinstance(text, str):
                at.append(number)
                yield text + "\n"
            else:
                faults.append((number, text))

    reader = csv.reader(texts(), delimiter=delimiter, strict=True)
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
        within = bool(at) and any(number > at[0] for number, _ in faults)  # a line of this very row is lost
        faults.clear()
        if row is None:
            return
        if row and header:
            header = False
        elif row and not within:
            yield at[0], row


def next_row(reader: Iterator[list[str]]) -> list[str] | None:
    """The next row, whose cells may be as long as a line is let be; None after the last."""
    before = csv.field_size_limit(LONGEST_LINE)
    try:
        return next(reader, None)
    finally:
        csv.field_size_limit(before)
