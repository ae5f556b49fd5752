"""Where sentences begin in a CSV that gives a word a row: by a column's name, by its numbers, or not at all."""

import re
from collections.abc import Iterator
from itertools import groupby, pairwise

from utils.datasets.readers.entity_examples import SHOWN
from utils.datasets.readers.text_files import Problem

COUNTED = r"[ _.-]*(?:#|id|idx|index|no|nr|num|number)"
SENTENCE_COLUMN = re.compile(rf"(?:sent(?:ence)?s?|satz)(?:{COUNTED})?\.?")
DOCUMENT_COLUMN = re.compile(rf"(?:doc(?:ument)?|file|article)s?{COUNTED}\.?")
LIKE_A_NAME = re.compile(rf"\w*{COUNTED}\.?|(?:doc(?:ument)?|file|article|seq(?:uence)?|example|record|paragraph)s?")
WORD_NUMBER = re.compile(rf"(?:word|token|tok)?{COUNTED}\.?")
NUMBER = re.compile(r"\d{1,9}(?:\.0)?")
ENDS = ("!", "?", "…", "。", "！", "？", "।", "؟", "۔", ".")
EMPTY = ("", "nan", "none", "null", "na", "<na>", r"\n")  # of an empty cell, as pandas or PostgreSQL print it
FEW = 60  # rows; no sentence has many more


def sentence_columns(names: list[str], word: int) -> tuple[int, ...]:
    """The columns whose names say that they number the sentences, that of the document before."""
    found = [n for n, name in enumerate(names) if n != word and SENTENCE_COLUMN.fullmatch(name)]
    if not found:
        return ()
    counted = [n for n in found if re.search(rf"{COUNTED}\.?$", names[n])]
    documents = [n for n, name in enumerate(names) if DOCUMENT_COLUMN.fullmatch(name)]
    return (*documents[:1], (counted or found)[0])


class Sentences:
    """Tells where a new sentence begins; an empty cell goes on with the last.

    Attributes:
        said: what was told from values alone; "" where a name tells it, or nothing does.
        shown: the number of the sentence that a row belongs to.
        known: whether any column tells it.
    """

    def __init__(self, columns: tuple[int, ...], names: list[str], taken: tuple[int, ...], rows: list[list[str]]):
        """`taken`: the columns of words and labels; `rows`: the first ones, of the header's width."""
        self.columns, self.said, self.counts = columns, "", False
        self.document, self.name, self.shown = "", None, ""
        if not columns:
            for n in sorted({*range(len(names))} - {*taken}):
                cells = [row[n].strip() for row in rows]
                kind = _kind(cells, names[n])
                if kind:
                    self.columns, self.counts = (n,), kind == "words"
                    self.said = f"column {n + 1}, {names[n][:SHOWN]!r}, numbers the {kind}" + (
                        ": a sentence begins where it starts again" if self.counts else ""
                    )
                    break
        self.known = bool(self.columns)

    def changes(self, cells: list[str]) -> bool:
        """Whether a row begins another sentence than the row before."""
        found = [cells[n].strip() if n < len(cells) else "" for n in self.columns]
        if not found or found[-1].lower() in EMPTY:
            return False
        if self.counts:
            before, self.name = self.name, _whole(found[-1])
            return before is None or self.name is None or self.name <= before
        self.document = found[0] or self.document if found[1:] else ""
        before, self.name = self.name, (self.document, found[-1])
        self.shown = " ".join(filter(None, self.name))
        return self.name != before


def _whole(cell: str) -> int | None:
    """A whole number, as pandas may write it too: 4 or 4.0."""
    return int(cell.removesuffix(".0")) if cell.isascii() and NUMBER.fullmatch(cell) else None


def _kind(cells: list[str], name: str) -> str:
    """Whether cells number "sentences" or the "words" of each; "" for neither.

    Sentences: runs of the same number, each higher than the last, or of the same name where the column's own name
    speaks of one. Words: up by one, or back to where it began. 0 and 1 alone may be a mark of some words: there, and
    where no sentence has three words, the column's name must speak, too.
    """
    numbers = [_whole(cell) for cell in cells]
    if len(cells) < 3 or None in numbers:
        runs = [value for value, _ in groupby(cells)]
        named = LIKE_A_NAME.fullmatch(name) and all(cells) and 1 < len(runs) <= len(cells) / 2
        return "sentences" if named and len({*runs}) == len(runs) else ""
    steps = [after - before for before, after in pairwise(numbers)]
    if min(steps) >= 0 and max(steps) > 0 and steps.count(0) >= len(steps) / 2:
        return "sentences" if {*numbers} != {0, 1} or LIKE_A_NAME.fullmatch(name) else ""
    if max(numbers) < numbers[0] + 2 and not WORD_NUMBER.fullmatch(name):
        return ""
    again = [after for (_, after), step in zip(pairwise(numbers), steps, strict=True) if step != 1]
    return "words" if again and numbers[0] in (0, 1) and {*again} == {numbers[0]} and 1 in steps else ""


class Unparted:
    """Watches rows that nothing parts into sentences, and says so where they hold more than one, as far as one sees."""

    def __init__(self, file: str):
        self.file, self.rows, self.inner, self.ended = file, 0, 0, False

    def watch(self, word: str) -> None:
        """Looks at the next word."""
        self.inner += self.ended
        self.rows += 1
        self.ended = word.strip() in ENDS

    def problems(self) -> Iterator[Problem]:
        """What there is to say at the end of the file."""
        if self.rows > FEW or self.inner:
            found = f"no column numbers the sentences: all {self.rows} rows were taken for one"
            advice = "Number them in a column sentence_id, or leave a row empty between any two"
            yield Problem("columns told", self.file, 0, found, advice, kept=True)


class Returning:
    """Counts the sentences of a CSV whose number was there before, other sentences between."""

    def __init__(self, file: str):
        self.file, self.seen, self.first, self.more = file, set(), None, 0

    def watch(self, number: int, sentence: str) -> None:
        """Looks at the sentence that begins in a line."""
        if sentence and hash(sentence) in self.seen:
            self.more += self.first is not None
            self.first = self.first or (number, sentence)
        self.seen.add(hash(sentence))

    def problems(self) -> Iterator[Problem]:
        """What there is to say at the end of the file."""
        if self.first:
            number, sentence = self.first
            more = f"; so does the number of {self.more} more" if self.more else ""
            found = f"the sentence {sentence[:SHOWN]!r} comes back after others{more}"
            advice = "Put its rows together, or go on counting; it was taken as a new sentence"
            yield Problem("sentence comes back", self.file, number, found, advice, kept=True)
