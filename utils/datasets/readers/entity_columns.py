"""Texts with entities, a word a row: columns as CoNLL has them, and CSV with a header. No framework."""

import csv
from collections.abc import Iterator
from itertools import chain

from utils.datasets.readers.entity_examples import SHOWN, Example
from utils.datasets.readers.entity_labels import BARE_TAG, TAG, LooseLabels, labelled
from utils.datasets.readers.text_files import Problem

WORD_COLUMNS, TAG_COLUMNS = ("word", "token", "words", "tokens"), ("tag", "label", "ner", "ner_tag", "tags", "labels")
SENTENCE_COLUMNS = ("sentence #", "sentence", "sentence_id", "sentence id", "sentence_idx")


# Columns -------------------------------------------------------------------------------------------


def has_tag(line: str) -> bool:
    """Whether a line is a row of columns whose last is a label."""
    cells = _cells(line)
    return len(cells) >= 2 and bool(TAG.fullmatch(cells[-1]) or BARE_TAG.fullmatch(cells[-1])) and cells[-1] != "."


def _cells(line: str) -> list[str]:
    """The columns of a line, separated by tabs where there is one, else by white space."""
    return [cell.strip() for cell in line.split("\t")] if "\t" in line.strip() else line.split()


def columns(file: str, lines: Iterator) -> Iterator[Example | Problem]:
    """Examples and problems of columns, given number and text (or what is wrong) of each line.

    A word a line, blank lines between sentences; first column the word, last its label.
    """
    rows, loose, first = [], LooseLabels(file), None
    for number, text in chain(lines, [(0, "")]):
        if isinstance(text, Problem):
            rows.append((number, text))
        elif not text.strip() or text.startswith("-DOCSTART-"):
            yield from _sentence(file, rows, loose, first)
            rows = []
        elif rows or not text.startswith("# ") or has_tag(text):  # elsewhere a comment
            rows.append((number, _cells(text)))
            first = first or rows[-1]
    yield from loose.problems()


def _sentence(file: str, rows: list, loose: LooseLabels, first: tuple | None) -> Iterator[Example | Problem]:
    """One sentence from its rows; the file's first row shows how many columns there should be."""
    problems = [cells for _, cells in rows if isinstance(cells, Problem)]
    good = [(number, cells) for number, cells in rows if not isinstance(cells, Problem)]
    numbered = len(good) > 2 and all(len(c) > 2 and c[0] == str(n + 1) for n, (_, c) in enumerate(good))
    if numbered:
        advice = "The second column was taken for the words; drop the first to be rid of this line"
        yield Problem("numbered words", file, good[0][0], "the first column numbers the words", advice, kept=True)
    words = []
    for number, cells in good:
        if len(cells) < 2 or not cells[-1] or not cells[numbered]:
            found = f"{' '.join(cells)[:SHOWN]!r} has {'no word' if len(cells) > 1 and cells[-1] else 'no label'}"
            advice = "Write the word, a tab and its label; O is the label of a word outside all entities"
            problems.append(Problem("no label", file, number, found, advice))
        elif len(cells) < len(first[1]):  # what stands last is not the label, then
            found = f"{len(cells)} columns, line {first[0]} has {len(first[1])}"
            advice = "Give every word the same columns, its label last"
            problems.append(Problem("other number of columns", file, number, found, advice))
        else:
            words.append((number, cells[numbered], cells[-1]))
    yield from labelled(file, rows[0][0] if rows else 0, words, problems, loose)


# CSV -----------------------------------------------------------------------------------------------


def read_header(line: str) -> tuple[int, int, int | None, str] | None:
    """Which columns of a CSV hold words, labels and the sentence, and what separates them; None where it is none."""
    for separator in (",", ";", "\t"):
        try:
            names = [name.strip().lower() for name in next(csv.reader([line], delimiter=separator))]
        except (csv.Error, StopIteration):
            continue
        words, tags, sentences = (
            next((names.index(name) for name in wanted if name in names), None)
            for wanted in (WORD_COLUMNS, TAG_COLUMNS, SENTENCE_COLUMNS)
        )
        if words is not None and tags is not None and words != tags:
            return words, tags, sentences, separator
    return None


def word_rows(file: str, lines: Iterator) -> Iterator[Example | Problem]:
    """Examples and problems of a CSV with a word a row, given number and text (or what is wrong) of each line.

    A new sentence begins where the sentence's column says so, or a row is empty.
    """
    number, header = next((n, text) for n, text in lines if isinstance(text, str) and text.strip())
    word_at, tag_at, sentence_at, separator = read_header(header)
    rows, problems, loose, again, name, start = [], [], LooseLabels(file), _Again(file), None, 0
    width = len(next(csv.reader([header], delimiter=separator)))
    at = [number]
    table = csv.reader(_tracked(lines, at, problems), delimiter=separator)
    while True:
        try:
            cells = next(table)
        except StopIteration:
            break
        except csv.Error as error:
            advice = "Close the quotes around what holds a separator or a quote; what follows was not read"
            yield Problem("bad quotes", file, at[0], f"the row cannot be read: {error}", advice)
            break
        sentence = cells[sentence_at].strip() if sentence_at is not None and len(cells) > sentence_at else ""
        if not any(cell.strip() for cell in cells) or (sentence and sentence != name):
            yield from labelled(file, start, rows, problems, loose)
            again.watch(at[0], sentence)
            rows, name = [], sentence or name
            problems.clear()
        if not any(cell.strip() for cell in cells):
            continue
        start = start if rows else at[0]
        if len(cells) != width:
            found = f"{len(cells)} columns, the header has {width}"
            advice = "Quote what holds a separator" if len(cells) > width else "Give the row all columns, empty or not"
            problems.append(Problem("other number of columns", file, at[0], found, advice))
        elif not cells[word_at].strip() or not cells[tag_at].strip():
            found = "the word is empty" if not cells[word_at].strip() else "the label is empty"
            advice = "Give the row a word and a label; O is the label outside all entities"
            problems.append(Problem("no label", file, at[0], found, advice))
        else:
            rows.append((at[0], " ".join(cells[word_at].split()), cells[tag_at].strip()))
    yield from labelled(file, start, rows, problems, loose)
    yield from again.problems()
    yield from loose.problems()


class _Again:
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


def _tracked(lines: Iterator, at: list, problems: list) -> Iterator[str]:
    """Texts for the CSV reader; what cannot be read goes to the problems, where it stands is noted in `at`."""
    for number, text in lines:
        at[0] = number
        if isinstance(text, Problem):
            problems.append(text)
        else:
            yield text + "\n"
