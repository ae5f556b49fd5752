"""Texts with entities in CSV with a header: a word a row, or a sentence and all its labels a row. No framework."""

import csv
import json
import re
from collections.abc import Iterator
from functools import partial
from itertools import chain, islice
from typing import NamedTuple

from utils.datasets.readers.entity_columns import PEEK, sentence, until_told
from utils.datasets.readers.entity_csv_sentences import Returning, Sentences, Unparted, sentence_columns
from utils.datasets.readers.entity_examples import SHOWN, Example
from utils.datasets.readers.entity_labels import (
    PHRASES,
    TAG,
    LooseLabels,
    Scheme,
    are_pieces,
    is_outside,
    labelled,
    scheme_of,
)
from utils.datasets.readers.entity_layout import NO_TYPE
from utils.datasets.readers.entity_leading import types_beside
from utils.datasets.readers.entity_records import are_tags, whole_number
from utils.datasets.readers.label_names import HINT, names_beside
from utils.datasets.readers.text_files import LONGEST_LINE, Problem

WORD_COLUMNS, TAG_COLUMNS = (
    ("word", "token", "words", "tokens"),
    (
        "tag",
        "label",
        "ner",
        "ner_tag",
        "tags",
        "labels",
        "entity",
        "entity_tag",
        "entity_label",
        "ner_label",
        "ne",
        "iob",
        "ner_tags",
        "ner tags",
        "bio",
    ),
)
TEXT_COLUMNS = ("text", "sentence", "content")  # of a sentence a row
LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|-?\d+")
ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U(000[0-9a-f]{5})|(.))")
QUOTED = re.compile(r'"(?:[^"]|"")*"')
BETWEEN = re.compile(r"[\s,]*")


class Header(NamedTuple):
    """The columns of a CSV with words, or texts, and labels; they count from 0.

    Attributes:
        names: of all columns, in small letters.
        word: the column of the words, or texts.
        tags: the columns whose names speak of labels, the likeliest first.
        sentence: the columns that number the sentences: none, one, or a document's and its sentences'.
        separator: what stands between columns.
        blanks: whether a blank follows each separator.
    """

    names: list[str]
    word: int
    tags: list[int]
    sentence: tuple[int, ...]
    separator: str
    blanks: bool

    def tag(self, rows: list[list[str]]) -> int:
        """The column of the labels: of those named so the first in which rows hold labels and not O alone."""
        found = {n: _tags_in([row[n] for row in rows]) for n in self.tags} if len(self.tags) > 1 else {}
        sure = [n for n, tags in found.items() if tags - {"O"}]
        named = [n for n in sure if not {tag[2:] for tag in found[n] - {"O"}} <= PHRASES]
        return (named or sure or self.tags)[0]

    def said(self, tag: int) -> str:
        """Which of several columns was taken for the labels; "" where there was one."""
        names = " and ".join(repr(self.names[n]) for n in sorted(self.tags))
        return f"the columns {names} may hold the labels, and {self.names[tag]!r} was taken" if self.tags[1:] else ""


def read_header(line: str) -> Header | None:
    """Which columns of a CSV hold words, labels and the sentence, and what separates them; None where it is none."""
    for separator in (",", ";", "\t"):
        try:
            cells = next(csv.reader([line], delimiter=separator, skipinitialspace=True))
        except (csv.Error, StopIteration):
            continue
        names = [name.strip().lower() for name in cells]
        words, texts = (
            next((names.index(name) for name in wanted if name in names), None)
            for wanted in (WORD_COLUMNS, TEXT_COLUMNS)
        )
        tags = [names.index(name) for name in TAG_COLUMNS if name in names]
        blanks = separator != "\t" and line.count(separator) == line.count(f"{separator} ")
        if tags and words is not None:
            return Header(names, words, tags, sentence_columns(names, words), separator, blanks)
        tags = [n for n in tags if not names[n].startswith("entity")]
        if tags and texts is not None:
            return Header(names, texts, tags, (), separator, blanks)
    return None


def _tags_in(cells: list[str]) -> set[str]:
    """The labels that cells hold, one each or lists of them; nothing where one holds something else."""
    several = [tag for cell in cells if cell.strip() for tag in listed(cell) or [""]]
    return {*several} if are_tags(several) else set()


def are_texts(lines: list[str]) -> bool:
    """Whether a CSV gives whole texts a row, each with one word about it, as for sorting texts: no entities are there.

    Args:
        lines: the file's first ones, the header among them.
    """
    header = read_header(lines[0])
    try:
        table = csv.reader((line + "\n" for line in lines), delimiter=header.separator, skipinitialspace=True)
        rows = list(table)
    except csv.Error:
        return False
    rows = [row for row in rows[1:] if len(row) == len(rows[0])]
    tag_at = header.tag(rows)
    pairs = [(row[header.word].strip(), row[tag_at].strip()) for row in rows]
    pairs = [(text, tag) for text, tag in pairs if text and tag]
    spaced = sum(" " in text and not text.startswith("[") and " " not in tag and tag[:1] != "[" for text, tag in pairs)
    named = any(TAG.fullmatch(tag) for _, tag in pairs)
    return spaced > len(pairs) / 2 and not named


def word_rows(file: str, lines: Iterator, tag_column: int | None = None) -> Iterator[Example | Problem]:
    """Examples and problems of a CSV, given number and text (or what is wrong) of each line.

    A row is a word, and a new sentence begins where the sentence's column says so, or a row is empty. Or a row is a
    sentence, its cells lists, or words and labels parted by spaces. `tag_column`: the labels', from 0, where known.
    """
    number, line = next((n, text) for n, text in lines if isinstance(text, str) and text.strip())
    header, problems = read_header(line), []
    cells = next(csv.reader([line], delimiter=header.separator, skipinitialspace=header.blanks))
    width, again = len(cells), HeaderAgain(file, cells)
    rows = csv_rows(file, lines, header.separator, number, problems, header.blanks)  # adds what stands after the last
    rows = again.without(rows)
    head = list(islice(rows, PEEK))
    whole = [row[1] for row in head if not isinstance(row, Problem) and len(row[1]) == width]
    tag_at = header.tag(whole) if tag_column is None else tag_column
    if not 0 <= tag_at < width or tag_at == header.word:
        tag_at = header.tag(whole)
        found = f"column {tag_column + 1} was named for the labels, and the header of {width} names no such column"
        yield Problem("columns told", file, 0, found, f"Column {tag_at + 1} was taken, as the header says", kept=True)
    elif tag_column is None and (said := header.said(tag_at)):
        yield Problem("columns told", file, 0, said, "Choose with --tag-column, or tag_column=… from 0", kept=True)
    if all(not (tag := row[tag_at].strip()) or is_outside(tag) for row in whole):  # nothing is labelled yet
        more = until_told(rows, lambda row: any(tag and not is_outside(tag) for tag in row[1][tag_at : tag_at + 1]))
        head += more
        whole += [row[1] for row in more[-PEEK:] if not isinstance(row, Problem) and len(row[1]) == width]
    known, loose = [(row[header.word], row[tag_at]) for row in whole], LooseLabels(file)
    if _are_sentences([tags for _, tags in known if tags.strip()], header.names[header.word] in TEXT_COLUMNS):
        loose.pieces = are_pieces([w for row in whole for w in listed(row[header.word]) or () if isinstance(w, str)])
        yield from _sentences(file, chain(head, rows), header.word, tag_at, width, problems, loose)
    else:
        tags = {tag.strip() for _, tag in known} - {""}
        names = {}
        if tags and all(map(_is_number, tags)):
            names, said = names_beside(file, max(map(int, tags)))
            if said:
                yield Problem("columns told", file, 0, said, "See that they are the right ones", kept=bool(names))
            if not names:
                found = "the labels are numbers, and what one means is not in the file"
                yield Problem("bad label", file, 0, found, f"Write labels by name, B-PER rather than 1. {HINT}")
                return
        scheme, types = scheme_of(tags) if not names else Scheme(), None
        if scheme.form == "letters":
            types = types_beside(list(zip(*whole, strict=True)), tag_at, header.word, NO_TYPE)
            scheme = scheme if types is None else Scheme("", scheme.outside)
        if types is not None:
            found = (
                f"the letters in column {header.names[tag_at]!r} and the types in {header.names[types]!r} were joined"
            )
            yield Problem("columns told", file, 0, found, "Write B-PER, I-PER and O to be rid of this", kept=True)
        if scheme.said:
            yield Problem("columns told", file, 0, scheme.said, "Write B-PER, I-PER and O to be rid of this", kept=True)
        at = header.word, tag_at
        starts = Sentences(header.sentence, header.names, at, [row for row in whole if any(map(str.strip, row))])
        if starts.said:
            yield Problem("columns told", file, 0, starts.said, "Name it sentence_id, or drop it", kept=True)
        joined = partial(_joined, at=(tag_at, types)) if types is not None else None
        table = chain(head, rows) if joined is None else map(joined, chain(head, rows))
        loose.pieces = are_pieces([row[header.word].strip() for row in whole])
        yield from _words(file, table, at, starts, width, problems, scheme, names, loose)
    yield from again.problems()


def _joined(row: tuple | Problem, at: tuple[int, int]) -> tuple | Problem:
    """A row whose letter and type, in columns of their own, are one label."""
    if isinstance(row, Problem) or len(row[1]) <= max(at) or (letter := row[1][at[0]].strip()) in NO_TYPE:
        return row
    cells = [*row[1]]
    cells[at[0]] = f"{letter}-{cells[at[1]].strip()}"
    return row[0], cells, row[2]


def _words(file: str, table: Iterator, at: tuple, starts: Sentences, width: int, problems: list,
           scheme: Scheme, names: dict[int, str], loose: LooseLabels) -> Iterator[Example | Problem]:  # fmt: skip
    """Sentences from rows of a word; `at`: the columns of the word and its label; `names`: of numbers for labels."""
    (word_at, tag_at), rows, again, start = at, [], Returning(file), 0
    whole, ends = Unparted(file), starts.known  # ends: whether anything ends a sentence
    for row in table:
        if isinstance(row, Problem):  # an open quote: what is left of the sentence is no whole one
            yield row
            rows, ends = [], True
            continue
        number, cells, faults = row
        blank, new = not any(cell.strip() for cell in cells), starts.changes(cells)
        if blank or new:
            yield from labelled(file, start, rows, problems, loose)
            again.watch(number, starts.shown if new else "")
            rows, ends = [], ends or whole.rows > 0
            problems.clear()
        problems += faults
        if blank:
            continue
        whole.watch(cells[word_at] if len(cells) > word_at else "")
        start = start if rows else number
        if len(cells) != width:
            problems.append(other_width(file, number, len(cells), width))
        elif not cells[word_at].strip() or not cells[tag_at].strip():
            found = "the word is empty" if not cells[word_at].strip() else "the label is empty"
            advice = "Give the row a word and a label; O is the label outside all entities"
            problems.append(Problem("no label", file, number, found, advice))
        else:
            word = re.sub(r"[ \t\r\n]+", " ", cells[word_at]).strip()
            tag = cells[tag_at].strip()
            tag = names.get(int(tag), tag) if names and _is_number(tag) else tag
            rows.append((number, word, scheme.label(tag)))
    yield from labelled(file, start, rows, problems, loose)
    if not ends:
        yield from whole.problems()
    yield from again.problems()
    yield from loose.problems()


class HeaderAgain:
    """Passes over the rows of a CSV that repeat its header, as they do where files were joined, and counts them."""

    def __init__(self, file: str, cells: list[str]):
        self.file, self.cells, self.lines = file, self._plain(cells), []

    @staticmethod
    def _plain(cells: list[str]) -> list[str]:
        return [cell.strip('\ufeff \t"') for cell in cells]

    def without(self, rows: Iterator) -> Iterator:
        """The rows, an empty one in place of each header."""
        first = self.cells[0]
        for row in rows:
            if not isinstance(row, Problem) and row[1] and first in row[1][0] and self._plain(row[1]) == self.cells:
                self.lines.append(row[0])
                row = row[0], [], row[2]
            yield row

    def problems(self) -> Iterator[Problem]:
        """What there is to say at the end of the file."""
        if self.lines:
            found = "the header stands here again" + (f", and {len(self.lines) - 1} more times" * (len(self.lines) > 1))
            yield Problem("rows passed over", self.file, self.lines[0], found, "It was passed over", kept=True)


def other_width(file: str, number: int, found: int, width: int) -> Problem:
    """What is wrong with a row of `found` columns."""
    advice = "Quote what holds a separator" if found > width else "Give the row all columns, empty or not"
    return Problem("other number of columns", file, number, f"{found} columns, the header has {width}", advice)


# A sentence a row ----------------------------------------------------------------------------------


def _are_sentences(cells: list[str], texts: bool) -> bool:
    """Whether cells hold all labels of a sentence: lists, or several labels between spaces.

    Most of them; where the other column is called a text, some are enough.
    """
    several = sum(
        cell.startswith("[") or len(tags := cell.split()) > 1 and (are_tags(tags) or all(map(_is_number, tags)))
        for cell in map(str.strip, cells)
    )
    return several > len(cells) / 2 or texts and several > 0


def _sentences(file: str, table: Iterator, word_at: int, tag_at: int, width: int,
               problems: list, loose: LooseLabels) -> Iterator[Example | Problem]:  # fmt: skip
    names = None  # of labels that stand as numbers, once they are looked for
    for row in table:
        if isinstance(row, Problem):
            yield row
            continue
        number, cells, faults = row
        yield from faults
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != width:
            yield other_width(file, number, len(cells), width)
            continue
        words, tags = listed(cells[word_at]), listed(cells[tag_at])
        if tags and all(map(_is_number, tags)):
            if names is None:
                names, said = names_beside(file, max(map(int, tags)))
                if said:
                    yield Problem("columns told", file, 0, said, "See that they are the right ones", kept=bool(names))
            tags = [names.get(int(tag), tag) for tag in tags]
        if words is None or tags is None or not all(isinstance(word, str) for word in words):
            odd = cells[tag_at] if tags is None else cells[word_at]
            found, advice = f"this is no list: {odd[:SHOWN]!r}", 'Write lists as JSON: ["Jane", "left"]'
            yield Problem("no label", file, number, found, advice)
        elif any(map(_is_number, tags)):
            advice = f"Write labels by name, B-PER rather than 1: what a number means is not in the file. {HINT}"
            yield Problem("bad label", file, number, f"labels are numbers: {cells[tag_at][:SHOWN]!r}", advice)
        else:
            yield from sentence(file, number, words, tags, loose)
    yield from problems
    yield from loose.problems()


def _is_number(tag) -> bool:
    return whole_number(tag) or isinstance(tag, str) and tag.isascii() and tag.isdecimal()


def listed(cell: str) -> list | None:
    """The strings or numbers of a cell: a list of JSON, Python or NumPy, or what spaces part; None where neither."""
    cell = cell.strip()
    if not (cell.startswith("[") and cell.endswith("]")):
        return cell.split()
    try:
        found = json.loads(cell)
        return found if all(isinstance(item, str) or whole_number(item) for item in found) else None
    except (ValueError, RecursionError):
        found, place = [], 1
    for literal in LITERAL.finditer(cell, 1):
        if not BETWEEN.fullmatch(cell, place, literal.start()):
            return None
        text = literal[0]
        found.append(ESCAPE.sub(_unescaped, text[1:-1]) if text[0] in "'\"" else int(text[:18]))
        place = literal.end()
    return found if BETWEEN.fullmatch(cell, place, len(cell) - 1) else None


def _unescaped(escape: re.Match) -> str:
    """The character behind a backslash, as Python writes strings."""
    code = escape[1] or escape[2] or escape[3]
    return chr(int(code, 16)) if code else {"n": "\n", "t": "\t", "r": "\r"}.get(escape[4], escape[4])


# Rows and quotes -----------------------------------------------------------------------------------


class _Row:
    """The lines of the row that is being read."""

    def __init__(self, separator: str):
        self.separator, self.lines, self.faults = separator, [], []

    def opened(self) -> int:
        """The line in which the quote opened that is not closed, or not before a separator."""
        opened, inside = self.lines[0][0], False
        for number, text in self.lines:
            at, starts = 0, not inside  # starts: whether a cell begins here, where alone a quote opens
            while at < len(text):
                character = text[at]
                if inside and character == '"' and text[at + 1 : at + 2] == '"':
                    at += 1
                elif inside and character == '"':
                    inside = False
                    if text[at + 1 : at + 2] not in ("", "\n", self.separator):
                        return opened
                elif not inside and character == '"' and starts:
                    opened, inside = number, True
                starts = not inside and character == self.separator
                at += 1
        return opened


def csv_rows(file: str, lines: Iterator, separator: str, number: int, problems: list,
             blanks: bool = False) -> Iterator[tuple | Problem]:  # fmt: skip
    """(line, cells, what is wrong with lines before it) of each row; the last is a problem where a quote stays open.

    `blanks`: whether those that follow a separator belong to it.
    """
    row = _Row(separator)
    head = list(islice(lines, PEEK))
    quoting = csv.QUOTE_NONE if separator == "\t" and _has_bare_quotes(head) else csv.QUOTE_MINIMAL
    tracked = _tracked(chain(head, lines), row)
    table = csv.reader(tracked, delimiter=separator, strict=True, quoting=quoting, skipinitialspace=blanks)
    advice = 'Close it, and write a quote that is a word as four: """"; what follows was not read'
    while True:
        row.lines, row.faults = [], []
        before = csv.field_size_limit(LONGEST_LINE)  # it would stop at 131,072 characters
        try:
            cells = next(table)
        except StopIteration:
            problems += row.faults
            return
        except csv.Error as error:
            opened = row.opened() if row.lines else number
            yield Problem("bad quotes", file, opened, f"a quote opens in this line and is not closed: {error}", advice)
            return
        finally:
            csv.field_size_limit(before)
        number = row.lines[-1][0]
        if any(_holds_rows(cell, separator) for cell in cells):
            found = f"a quote opens in this line and is closed in line {number} only, rows between"
            yield Problem("bad quotes", file, row.lines[0][0], found, advice)
            return
        yield number, cells, row.faults


def _has_bare_quotes(lines: list) -> bool:
    """Whether cells between tabs hold quotes that are signs of their text, as where nobody quotes cells."""
    cells = (cell for _, text in lines if isinstance(text, str) for cell in text.split("\t"))
    return any(cell.startswith('"') and not QUOTED.fullmatch(cell) for cell in cells)


def _holds_rows(cell: str, separator: str) -> bool:
    """Whether a cell of several lines holds a line that ends, or goes on, with a label of its own."""
    parts = cell.split("\n") if "\n" in cell else []
    return any(TAG.fullmatch(field.strip()) for part in parts for field in part.split(separator)[1:])


def _tracked(lines: Iterator, row: _Row) -> Iterator[str]:
    """Texts for the CSV reader; the row knows its lines and what cannot be read."""
    for number, text in lines:
        if isinstance(text, Problem):
            row.faults.append(text)
        else:
            row.lines.append((number, text))
            yield text + "\n"
