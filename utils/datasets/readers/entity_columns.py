"""Texts with entities, a word a row: columns as CoNLL has them, and CSV with a header. No framework."""

import csv
from collections.abc import Iterator
from itertools import chain, islice

from utils.datasets.readers.entity_examples import SHOWN, Example
from utils.datasets.readers.entity_labels import TAG, LooseLabels, labelled
from utils.datasets.readers.entity_layout import ENTITY, PASSED_OVER, Layout, layout_of
from utils.datasets.readers.text_files import Problem

WORD_COLUMNS, TAG_COLUMNS = ("word", "token", "words", "tokens"), ("tag", "label", "ner", "ner_tag", "tags", "labels")
PEEK = 2000  # lines that tell the layout of columns
SENTENCE_COLUMNS = ("sentence #", "sentence", "sentence_id", "sentence id", "sentence_idx")


# Columns -------------------------------------------------------------------------------------------


def columns(file: str, lines: Iterator, tag_column: int | None = None) -> Iterator[Example | Problem]:
    """Examples and problems of columns, given number and text (or what is wrong) of each line.

    A word a line, blank lines between sentences; which column is the word's and which its label's, and whether lines
    with # are comments, the file's first PEEK lines tell.
    """
    head = list(islice(lines, PEEK))
    layout = layout_of([text for _, text in head if isinstance(text, str)], tag_column)
    if layout is None:
        found = f"there is no column {tag_column + 1} of labels" if tag_column is not None else "no column holds labels"
        yield Problem("unknown format", file, 0, found, "Give every word a label: B-PER, I-PER or O")
        return
    if told := layout.told(file):
        yield told
    if layout.numbered is not None:
        number = next(n for n, t in head if isinstance(t, str) and t.strip() and not t.startswith(("#", "-DOCSTART-")))
        advice = "The column after it was taken for the words; drop it to be rid of this line"
        yield Problem(
            "numbered words", file, number, f"column {layout.numbered + 1} numbers the words", advice, kept=True
        )
    rows, loose, first, passed = [], LooseLabels(file), None, []
    for number, text in chain(head, lines, [(0, "")]):
        if isinstance(text, Problem):
            rows.append((number, text))
        elif not text.strip() or text.startswith("-DOCSTART-"):
            yield from _sentence(file, rows, loose, first, layout)
            rows = []
        elif not layout.is_comment(text):
            cells = layout.cells(text)
            if layout.numbered is not None and PASSED_OVER.fullmatch(cells[layout.numbered]):
                passed.append((number, cells[layout.numbered]))
                continue
            rows.append((number, cells))
            first = first or rows[-1]
    if passed:
        number, what = passed[0]
        found = f"{len(passed)} rows are ranges of words or empty nodes, such as {what}"
        yield Problem("rows passed over", file, number, found, "Their words stand in rows of their own", kept=True)
    yield from loose.problems()


def _sentence(
    file: str, rows: list, loose: LooseLabels, first: tuple | None, layout: Layout
) -> Iterator[Example | Problem]:
    """One sentence from its rows; the file's first row shows how many columns there should be."""
    problems = [cells for _, cells in rows if isinstance(cells, Problem)]
    good = [(number, cells) for number, cells in rows if not isinstance(cells, Problem)]
    words = []
    for number, cells in good:
        tag = cells[-1 if layout.tag == layout.width - 1 else layout.tag] if len(cells) > 1 else ""
        word = cells[layout.word] if layout.word < len(cells) else ""
        if not tag or not word or len(cells) < 2:
            alone = len(cells) == 1 and TAG.fullmatch(cells[0])
            no_word = (tag and not word) or alone
            advice = "Write the word, a tab and its label; O is the label of a word outside all entities"
            found = f"there is a label and no word: {' '.join(cells).strip()[:SHOWN]!r}"
            found = found if no_word else f"{' '.join(cells)[:SHOWN]!r} has no label"
            problems.append(Problem("no label", file, number, found, advice))
        elif len(cells) < len(first[1]):  # what stands last is not the label, then
            found = f"{len(cells)} columns, line {first[0]} has {len(first[1])}"
            advice = "Give every word the same columns, its label last"
            problems.append(Problem("other number of columns", file, number, found, advice))
        else:
            words.append((number, word, f"{tag}-{ENTITY}" if layout.typeless and tag != "O" else tag))
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
