"""What the splits of a data set have in common: texts, passages, runs of words. No framework."""

import csv
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from utils.datasets.readers.entity_examples import Example
from utils.datasets.readers.questions import Question
from utils.datasets.readers.text_defects import bare, brief, digest
from utils.datasets.readers.text_files import LONGEST_LINE, open_bytes

SHINGLE = 13  # words that are compared at once
OVERLAP, RUNS = 0.3, 40  # two passages overlap from this share of such runs, and so many of them, or from nearly all
SPLIT = r"(?:data_?)?split|subset|partition|ml_use"  # what keys and columns are called that say a row's split
NAMED = re.compile(rf'"(?:{SPLIT})"\s*:\s*"(\w+)"'.encode(), re.IGNORECASE)
NAMES = {*"train training dev devel development valid validation val test testing eval evaluation".split()}


def splits_said(path: str | Path) -> dict[str, int]:
    """The splits that the rows of a file say they are of, by a key or a column; name -> the line where it comes first.

    A file that cannot be read says none: its reader says why.
    """
    try:
        with open_bytes(Path(path)) as file:
            return _said(file)
    except (OSError, EOFError, zlib.error, ValueError, csv.Error):
        return {}


def _said(file: BinaryIO) -> dict[str, int]:
    """The same of a file that is open; a column's values are splits all of them, or it is another column."""
    found: dict[str, int] = {}
    begins = file.read(100).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    file.seek(0)
    is_json = begins in (b"{", b"[")
    for number, name in _of_keys(file) if is_json else _of_column(file):
        if name.lower() in NAMES:
            found.setdefault(name, number)
        elif name and not is_json:
            return {}
    return found


def _of_keys(file: BinaryIO) -> Iterator[tuple[int, str]]:
    number = 1
    while piece := file.readline(LONGEST_LINE):
        yield from ((number, name.decode()) for name in NAMED.findall(piece))
        number += piece.endswith(b"\n")


def _of_column(file: BinaryIO) -> Iterator[tuple[int, str]]:
    texts = (line.decode("utf-8-sig") for line in iter(lambda: file.readline(LONGEST_LINE), b""))
    head = next(texts, "")
    separator = max(",;\t", key=head.count)
    names = next(csv.reader([head], delimiter=separator))
    at = next((n for n, name in enumerate(names) if re.fullmatch(SPLIT, name.strip(), re.IGNORECASE)), None)
    table = csv.reader(texts, delimiter=separator) if at is not None else ()
    yield from ((table.line_num + 1, row[at].strip()) for row in table if len(row) == len(names))


class Splits:
    """Remembers the texts of earlier files."""

    def __init__(self):
        self.earlier: dict[int, tuple[str, int]] = {}
        self.now: dict[int, tuple[str, int]] = {}
        self.shingles: set[int] = set()
        self.new_shingles: set[int] = set()
        self.labels: set[str] = set()
        self.new_labels: set[str] = set()
        self.told: set[int] = set()

    def end(self) -> None:
        """A file is at its end: what it held is earlier now."""
        self.earlier = {**self.now, **self.earlier}
        self.shingles |= self.new_shingles
        self.labels |= self.new_labels
        self.now, self.new_shingles, self.new_labels, self.told = {}, set(), set(), set()

    def compare(self, number: int, file: str, line: int, item) -> Iterator[tuple[str, str, str, bool]]:
        """Kind, message, advice, kept of what an item has in common with earlier files.

        Args:
            number: of the file it is in, from 0.
            file: that file's path.
            line: where it begins; 0 where unknown.
            item: an example or a question.
        """
        text = text_of(item)
        key = digest(bare(text))
        if isinstance(item, Example) and number:
            for label in sorted({s.label for s in item.spans} - self.labels - self.told):
                self.told.add(label)
                yield "label not in train", f"{label!r} occurs here but in no earlier file", "It cannot be learnt", True
        if isinstance(item, Example):
            self.new_labels.update(span.label for span in item.spans)
        if key in self.told or key in self.now:
            return
        first = self.earlier.get(key)
        self.now[key] = (Path(file).name, line)
        shingles = _shingles(text)
        self.new_shingles |= shingles
        shared = len(shingles & self.shingles)
        what = "passage" if isinstance(item, Question) else "text"
        advice = f"Split anew by {what}, so that each is in one file only: split_by_group"
        if first:
            where = f"{first[0]}, line {first[1]}" if first[1] else first[0]
            yield f"{what} in two splits", f"the {what} {brief(text)} is also in {where}", advice, False
        elif shared > OVERLAP * len(shingles) and (shared >= RUNS or shared > 0.8 * len(shingles)):
            share = f"{shared / len(shingles):.0%}"
            message = f"of the {what} {brief(text)} {share} stands word for word in an earlier file"
            yield f"{what}s overlap", message, advice, False
        if first or shared:
            self.told.add(key)


def text_of(item) -> str:
    """What an item's model reads: an example's text, a question's passage."""
    return item.context if isinstance(item, Question) else item.text


def _shingles(text: str) -> set[int]:
    """Numbers of all runs of 13 words."""
    words = re.findall(r"\w+", text.casefold())
    return {digest(*words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1)}
