"""Which columns of a file hold the word and its label, and which lines are comments: told from the file. No framework.

What is decided by a guess is a `Problem` that keeps everything: it says what was recognised.
"""

import re
from collections import Counter
from typing import NamedTuple

from utils.datasets.readers.entity_labels import BARE_TAG, OUTSIDE, TAG
from utils.datasets.readers.text_files import Problem

PHRASES = {"NP", "VP", "PP", "ADVP", "ADJP", "SBAR", "PRT", "CONJP", "INTJ", "LST", "UCP"}  # chunks, no entities
LETTERS = {"B", "I", "O", "E", "S", "L", "U", "M"}  # a scheme's letters where no type stands behind them
ENTITY = "ENTITY"  # the type of entities that have none
INDEX = re.compile(r"\d+")
PASSED_OVER = re.compile(r"\d+-\d+|\d+\.\d+")  # CoNLL-U: a range of tokens, an empty node
METADATA = re.compile(r"#\s*[\w:.-]+\s+=(\s|$)")
MOST, SOME = 0.95, 0.5


class Layout(NamedTuple):
    """How the rows of a file are to be read; columns count from 0.

    Attributes:
        tabs: whether tabs separate the columns; else spaces do.
        width: how many columns a row has.
        word: the column of the word.
        tag: the column of the label.
        numbered: the column that numbers the words of a sentence, or None.
        typeless: whether the labels are a scheme's letters alone.
        tags: the labels seen, where they have no prefixes; empty where they have.
        comments: whether there are lines that begin with # and are no rows.
        said: what was recognised beyond word first and label last; "" where nothing was.
    """

    tabs: bool
    width: int
    word: int
    tag: int
    numbered: int | None
    typeless: bool
    tags: frozenset
    comments: bool
    said: str

    def cells(self, line: str) -> list[str]:
        """The columns of a line."""
        return cells_of(line, self.tabs)

    def is_comment(self, line: str) -> bool:
        """Whether a line that begins with # is no row."""
        if not line.startswith("#"):
            return False
        cells = self.cells(line)
        if METADATA.match(line) or len(cells) != self.width:
            return True
        return cells[self.tag] not in self.tags if self.tags else not TAG.fullmatch(cells[self.tag])

    def told(self, file: str) -> Problem | None:
        """What was recognised, for the reader of the file."""
        advice = "Choose another column of labels with --tag-column, or tag_column=… counted from 0"
        return Problem("columns told", file, 0, self.said, advice, kept=True) if self.said else None


def cells_of(line: str, tabs: bool) -> list[str]:
    """The columns of a line. A space of another kind, such as U+00A0, is part of its word."""
    if tabs:
        return [cell.strip() for cell in line.rstrip("\t\n ").split("\t")] if line.strip() else []
    return [cell for cell in re.split(r"[ \t]+", line.strip()) if cell]


def layout_of(lines: list[str], tag_column: int | None = None) -> Layout | None:
    """The layout that lines show, or None where no column holds labels.

    Args:
        lines: of the file, blank ones included: they end sentences.
        tag_column: the column of the labels from 0, where it is known.
    """
    lines = [line for line in lines if not line.startswith("-DOCSTART-")]
    plain = [line for line in lines if line.strip() and not line.startswith("#")] or [
        line for line in lines if line.strip()
    ]
    if not plain:
        return None
    tabs = sum("\t" in line.strip() for line in plain) > len(plain) / 2
    counts = Counter(len(cells_of(line, tabs)) for line in plain)
    width = counts.most_common(1)[0][0]
    rows = [cells for line in plain if len(cells := cells_of(line, tabs)) == width]
    if width < 2 or (tag_column is not None and not 0 <= tag_column < width):
        return None
    columns = list(zip(*rows, strict=True))
    indexed = _index_column(lines, tabs, width) if width > 2 else None
    tag, typeless, bare = _tag_column(columns, indexed, tag_column)
    if tag is None:
        return None
    word = _word_column(columns, tag, indexed)
    if word is None:
        return None
    layout = Layout(
        tabs, width, word, tag, indexed, typeless, frozenset(columns[tag]) if bare else frozenset(), False, ""
    )
    hashes = [line for line in lines if line.startswith("#")]
    comments = [line for line in hashes if layout.is_comment(line)]
    layout = layout._replace(comments=bool(comments))
    return layout._replace(said=_said(layout, columns, tag_column is not None))


def _tag_column(columns: list[tuple], indexed: int | None, wanted: int | None) -> tuple[int | None, bool, bool]:
    """The column of labels, whether they lack types, whether they lack prefixes."""
    if wanted is not None:
        values = set(columns[wanted])
        prefixed = _share(columns[wanted], TAG.fullmatch) > SOME
        return wanted, values <= LETTERS, not prefixed and not values <= LETTERS
    places = [n for n in range(len(columns)) if n != indexed]
    shares = {n: _share(columns[n], TAG.fullmatch) for n in places if any(c != "O" for c in columns[n])}
    tagged = [n for n, share in shares.items() if share > SOME and share >= 0.9 * max(shares.values())]
    if entities := [n for n in tagged if not {cell[2:] for cell in columns[n] if cell != "O"} <= PHRASES]:
        return entities[0], False, False
    later = places[1:] if len(places) > 1 else places
    letters = [n for n in later if set(columns[n]) <= LETTERS and "O" in columns[n] and "B" in columns[n]]
    if letters:
        return letters[0], True, False
    last = later[-1]
    if all(cell == "O" for cell in columns[last]) or tagged:  # nothing is labelled, or nothing but phrases
        return (tagged or [last])[-1], False, False
    bare = [n for n in later if _is_bare(columns[n])]
    return (bare[-1], False, True) if bare else (None, False, False)


def _is_bare(column: tuple) -> bool:
    """Whether a column holds types without prefixes: one that says *outside*, or few that come again and again."""
    if _share(column, BARE_TAG.fullmatch) <= SOME:
        return False
    distinct = len(set(column))
    return bool(OUTSIDE & set(column)) or (len(column) >= 4 and distinct <= len(column) / 2)


def _word_column(columns: list[tuple], tag: int, indexed: int | None) -> int | None:
    """The first column that is neither the label nor numbers beside it."""
    places = [n for n in range(len(columns)) if n not in (tag, indexed)]
    if indexed is not None:
        places = [n for n in places if n > indexed] or places
    if tag == 0:  # the label first: what follows may be offsets
        places = [n for n in places if _share(columns[n], INDEX.fullmatch) < MOST] or places
    return places[0] if places else None


def _index_column(lines: list[str], tabs: bool, width: int) -> int | None:
    """The column that counts the words of each sentence, from 0 or 1, decided for the whole file."""
    sentences, rows = [], []
    for line in [*lines, ""]:
        cells = cells_of(line, tabs)
        if not cells:
            sentences, rows = [*sentences, rows] if rows else sentences, []
        elif len(cells) == width and not (line.startswith("#") and not INDEX.fullmatch(cells[0])):
            rows.append(cells)
    for column in range(min(3, width - 2)):
        counted = total = 0
        for sentence in sentences:
            numbers = [cells[column] for cells in sentence if not PASSED_OVER.fullmatch(cells[column])]
            wanted = {start: [str(start + n) for n in range(len(numbers))] for start in (0, 1)}
            total += len(numbers)
            counted += len(numbers) * (numbers in wanted.values())
        if total > 1 and counted >= MOST * total:
            return column
    return None


def _share(column: tuple, holds) -> float:
    return sum(bool(holds(cell)) for cell in column) / len(column)


def _said(layout: Layout, columns: list[tuple], chosen: bool) -> str:
    parts = []
    first = 0 if layout.numbered is None else layout.numbered + 1
    labels = [n for n in range(layout.width) if n != layout.word and _share(columns[n], TAG.fullmatch) == 1.0
              and {cell[2:] for cell in columns[n] if cell != "O"} - PHRASES]  # fmt: skip
    if layout.word != first or layout.tag != layout.width - 1:
        parts.append(f"columns: word = {layout.word + 1}, label = {layout.tag + 1} of {layout.width}")
    if len(labels) > 1 and not chosen:
        parts.append(f"columns {' and '.join(str(n + 1) for n in labels)} hold labels, and the first was taken")
    if layout.typeless:
        parts.append(f"the labels have no types: all entities are {ENTITY}")
    if layout.comments:
        parts.append("lines that begin with # are comments")
    return "; ".join(parts)
