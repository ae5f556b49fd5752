"""A text with its entities, as every reader of entities gives it and every task takes it. No framework."""

import re
from typing import NamedTuple

SHOWN = 40  # characters of a text that a message shows
WORD = re.compile(r"\w+|[^\w\s]")


class Span(NamedTuple):
    """An entity: text[start:end], and its type."""

    start: int
    end: int
    label: str


class Example(NamedTuple):
    """A text with its entities.

    Attributes:
        text: as it stands in the file; of columns, the words with a space between any two.
        spans: the entities, in order, none within another.
        words: start and end of each word; of columns, the words given.
        line: where it begins in the file, from 1.
    """

    text: str
    spans: tuple[Span, ...]
    words: tuple[tuple[int, int], ...]
    line: int = 0

    def labels(self) -> list[str]:
        """For each word B- where an entity begins, I- inside, O outside; a word cut by a span belongs to it."""
        found, spans = [], list(self.spans)
        opened = None
        for start, end in self.words:
            while spans and spans[0].end <= start:
                spans.pop(0)
            inside = bool(spans) and spans[0].start < end
            found.append(f"{'I' if opened is spans[0] else 'B'}-{spans[0].label}" if inside else "O")
            opened = spans[0] if inside else None
        return found


def split_words(text: str) -> list[tuple[int, int]]:
    """Start and end of each word: a run of letters and digits, or a single sign."""
    return [found.span() for found in WORD.finditer(text)]
