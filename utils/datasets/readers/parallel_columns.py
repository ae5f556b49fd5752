"""Which two of the columns of a table hold a sentence and its translation, told from names and from what stands there.

What is decided by a guess is a sentence to read, `Layout.said`; where nothing fits, the error says what was recognised.
"""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from utils.datasets.readers.broken_json import FROM_YAML, is_yaml
from utils.datasets.readers.parallel_foreign import GENRES, INFERENCES, SENTENCE, SHARE, of_one_side
from utils.datasets.readers.parallel_headings import is_heading, judged, other_texts, sides_among
from utils.datasets.readers.parallel_marks import (
    ADDRESS,
    NUMBER,
    are_classes,
    are_codes,
    beside_text,
    is_code,
    is_numeric,
    is_single,
    mark_of,
    share,
)

ATTRIBUTION = re.compile(r"CC[- ]BY|CC0|attribution|licen[cs]e", re.IGNORECASE)
MOST = 0.75  # of the rows, whose number of columns the others must not exceed
NAME = "Name the two with --columns, as --columns 1,2; columns=(0, 1) in Python, where they are counted from 0."
MEANT = "Name two columns with --columns where they are meant."


class Layout(NamedTuple):
    """How a file is to be read.

    Attributes:
        kind: "columns", "csv", "json lines", "json", "tmx" or "xliff".
        sides: two column numbers from 0, two keys of an object (a path of keys each), or two languages.
        said: what was recognised and guessed, to be printed; "" where there was nothing to guess.
        delimiter: between the columns.
        width: how many columns a row has at most; 0 where that is not to be compared.
        names: the cells of the first row where that names the columns: a row that says the same again is no pair.
        html: whether the cells are HTML.
        believed: whether somebody named the columns: then nothing that stands there is left out as a placeholder.
        about: lines that say something of the file, and are no rows.
    """

    kind: str
    sides: tuple
    said: str = ""
    delimiter: str = "\t"
    width: int = 0
    names: tuple = ()
    html: bool = False
    believed: bool = False
    about: frozenset = frozenset()


def columns_of(path: Path, rows: list[list[str]], error_class: type, meta: frozenset = frozenset()) -> Layout:
    """The layout of rows between whose cells tabs stand.

    Args:
        path: of the file.
        rows: the first, the cells of each.
        error_class: what is raised.
        meta: columns, from 0, of which the file itself says that they hold no side.

    Raises:
        error_class: which two columns hold the sides cannot be told, or there are none.
    """
    whole = "\n".join(row[0] for row in rows if len(row) == 1)
    rows = [[cell.strip() for cell in row] for row in rows if len(row) > 1]
    if not rows and is_yaml(whole):
        raise error_class(f"{path}: this is YAML. {FROM_YAML}.")
    if not rows:
        raise error_class(
            f"{path}: no line has a tab, which is to part source and target, and the first is not that of a CSV that "
            "names both sides (source,target). Pass two files whose lines belong together, joined by a comma in the "
            "shell, or put a tab between the sides."
        )
    if listed := of_one_side(rows) or len(rows) > 1 and judged(rows[0]):
        raise error_class(f"{path} {listed}" + ("" if listed.endswith(".") else f". {MEANT}"))
    usual, often = _usual_width(rows)
    if 2 * often < len(rows):  # of several widths: the first two columns
        header = is_heading(rows[0][:2])
        said = f"{path}: rows have {_widths(rows)} columns, and the first two were taken"
        return Layout("columns", (0, 1), said, names=tuple(rows[0]) if header else ())
    found = _Columns(path, rows, usual, meta)
    sides = found.sides(error_class)
    header, said = found.heading(sides), found.told(sides, often)
    if header:
        said.append(f"the first row names the columns ({', '.join(rows[0])}) and is passed over")
    said = f"{path}: {'; '.join(said)}" if said else ""
    names = tuple(rows[0]) if header else ()
    return Layout("columns", sides, said, width=_compared(rows, usual, often), names=names)


def chosen_columns(path: Path, rows: list[list[str]], chosen: tuple[int, int]) -> Layout:
    """Tab-separated text whose sides somebody named: what is left to tell is whether a heading comes first."""
    first = [cell.strip() for cell in rows[0]] if rows else []
    header = max(chosen) < len(first) and is_heading([first[column] for column in chosen])
    said = f"{path}: the first row names the columns ({', '.join(first)}) and is passed over" if header else ""
    width = _compared(rows, *_usual_width(rows)) if rows else 0
    width, names = max(width, max(chosen) + 1) if width else 0, tuple(first) if header else ()
    return Layout("columns", chosen, said, width=width, names=names, believed=True)


def _usual_width(rows: list[list[str]]) -> tuple[int, int]:
    """How many columns most rows have, and how many rows those are."""
    widths = Counter(map(len, rows))
    usual = max(widths, key=lambda width: (widths[width], width))
    return usual, widths[usual]


def _widths(rows: list[list[str]]) -> str:
    """The fewest and the most columns of a row, to be told."""
    return f"{min(map(len, rows))} to {max(map(len, rows))}"


def _compared(rows: list[list[str]], usual: int, often: int) -> int:
    """How many columns a row may have; 0 where many have more, or what more they have is an attribution."""
    more = [cell for row in rows for cell in row[usual:] if cell.strip()]
    return 0 if often < MOST * len(rows) or any(map(ATTRIBUTION.search, more)) else usual


class _Columns:
    """The columns of a table by what stands in them: numbers, codes, marks, nothing, or text."""

    def __init__(self, path: Path, rows: list[list[str]], width: int, meta: frozenset):
        self.path, self.rows, self.width = path, rows, width
        full = [row for row in rows if len(row) == width]
        self.body = full[1:] if len(full) > 1 else full
        self.first = rows[0] if len(rows[0]) == width else []  # a shorter one is a row gone wrong, no heading
        every = range(width)
        self.meta = [n for n in every if n in meta and width - len(meta) > 1]
        self.numbers = [n for n in every if is_numeric(self.cells(n))]
        self.codes = [n for n in every if is_code(self.cells(n))]
        self.codes += [n for n in every if width > 2 and n not in self.codes and are_codes(self.cells(n))]
        self.codes += [n for n in every if share(self.cells(n), ADDRESS.match) >= SHARE]
        self.empty = [n for n in every if width > 2 and not any(self.cells(n))]
        known = {*self.meta, *self.numbers, *self.codes, *self.empty}
        self.marks = {n: mark for n in every if width > 2 and n not in known and (mark := mark_of(self.cells(n)))}
        self.text = [n for n in every if n not in known and n not in self.marks]
        self.single, self.named = [], False

    def cells(self, column: int) -> list[str]:
        """What stands in a column, but for the first row."""
        return [row[column] for row in self.body]

    def sides(self, error_class: type) -> tuple[int, int]:
        """The columns of the two sides."""
        if self.width == 2:
            self._check_two(error_class)
            return self._checked(0, 1, error_class)
        if any({*self.cells(n)} <= GENRES for n in self.text if any(self.cells(n))):
            raise error_class(f"{self.path} holds pairs of one language and how alike they are (STS). {MEANT}")
        single = [n for n in self.text if share(self.cells(n), is_single) == 1]
        told = [n for n in self.text if n not in single and share(self.cells(n), SENTENCE.fullmatch) > 0.5]
        if len(told) > 1:  # classes and other single words beside sentences
            self.text, self.single = [n for n in self.text if n not in single], single
            self._check_inferences(error_class)
        named = sides_among([self.first[n] for n in self.text], doubtful=True) if self.first and self.heads() else ()
        named = sorted(self.text[n] for n in named or ())
        if is_heading([self.first[n] for n in named], self._speak(named)):
            self.text, self.named = named, True
        if len(self.text) < 2:
            raise error_class(f"{self.path}: two columns of text are wanted; recognised were {self._kinds()}. {NAME}")
        return self._checked(*self.text[:2], error_class)

    def _checked(self, first: int, second: int, error_class: type) -> tuple[int, int]:
        """The two columns; raises where the first row names them as other texts than a sentence and its translation."""
        names = [self.first[n] for n in (first, second)] if self.first and self.heads() else ("", "")
        if other_texts(*names):
            named = " and ".join(names)
            raise error_class(
                f"{self.path}: the columns are named {named}, which are no sentence and its translation. {MEANT}"
            )
        return first, second

    def heads(self) -> bool:
        """Whether there are rows below the first that it may name."""
        return self.body != [self.first]

    def _check_two(self, error_class: type) -> None:
        """Raises where one of two columns holds no sentences."""
        both = self.cells(0), self.cells(1)
        for n, (cells, others) in enumerate((both, both[::-1])):
            what = "a few words that come again and again" if are_classes(cells, others) else beside_text(cells, others)
            if what:
                raise error_class(
                    f"{self.path}: column {n + 1} of 2 holds {what}, and no sentences. Pass a source and its "
                    "translation a line, or name the two with --columns 1,2 (columns=(0, 1)) where they are meant."
                )

    def _check_inferences(self, error_class: type) -> None:
        """Raises where a column of single words says whether one sentence follows from the other."""
        kinds = {cell.lower() for n in self.single for cell in self.cells(n)}
        if any({cell.lower() for cell in self.cells(n)} <= INFERENCES for n in self.single):
            raise error_class(
                f"{self.path} holds sentences of one language and whether one follows from the other "
                f"({min(kinds & INFERENCES)}), and no translations. {MEANT}"
            )

    def _kinds(self) -> str:
        """Every column with what it was taken for, to be told."""
        kinds = ("numbers", self.numbers), ("one code", self.codes), ("empty", self.empty), ("no side", self.meta)
        named = [next((what for what, columns in kinds if n in columns), self.marks.get(n, "text"))
                 for n in range(self.width)]  # fmt: skip
        return "columns " + ", ".join(f"{n} ({what})" for n, what in enumerate(named, start=1))

    def heading(self, sides: tuple[int, int]) -> bool:
        """Whether the first row names the columns."""
        if not self.first:
            return False
        numbers = [n for n in self.numbers if n not in sides and not NUMBER.fullmatch(self.first[n])]
        return bool(numbers) or self.named or is_heading([self.first[n] for n in sides], self._speak(sides))

    def _speak(self, columns: Sequence[int]) -> bool:
        """Whether one of the columns holds more than single words."""
        return any(share(self.cells(n), lambda c: " " in c or SENTENCE.fullmatch(c)) > 0.5 for n in columns)

    def told(self, sides: tuple[int, int], often: int) -> list[str]:
        """What was guessed, to be told."""
        said = []
        if sides != (0, 1):
            found = [("numbers", self.numbers), ("codes or addresses", self.codes), ("single words", self.single)]
            found += [(mark, [n]) for n, mark in self.marks.items()]
            passed = " and ".join(dict.fromkeys(what for what, columns in found if columns))
            others = f"; others hold {passed}" if passed else "; others are empty" if self.empty else ""
            others = "; others hold what the file says" if self.meta and not passed else others
            said.append(f"the sides are columns {sides[0] + 1} and {sides[1] + 1} of {self.width}{others}")
        more = [n for n in self.text[2:] if share(self.cells(n), ATTRIBUTION.search) < SHARE]
        if any(cell for n in more for cell in self.cells(n)):
            said.append(f"columns {', '.join(str(n + 1) for n in self.text)} hold text, and the first two were taken")
        if often < MOST * len(self.rows):
            said.append(f"rows have {_widths(self.rows)} columns, most {self.width}")
        return said
