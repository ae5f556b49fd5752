"""Which column of a file holds the words: what stands before them or behind them may number rows, words or sentences.

Told from all rows together, since a word may be a number, and a number may be a word. No framework.
"""

import re
from itertools import groupby, pairwise

from utils.datasets.readers.entity_labels import BARE_TAG

INDEX = re.compile(r"\d{1,9}")
PASSED_OVER = re.compile(r"\d+-\d+|\d+\.\d+")  # CoNLL-U: a range of tokens, an empty node
MARK = re.compile(r"</?[A-Za-z][\w.-]*(?:\s[^<>]*)?/?>|EOS")  # <s>, </doc>; MeCab's end of a sentence
SPEECH = re.compile(r"[A-Z]{1,5}\$?|[^\w\s]+")  # a part of speech, or a sign
MOST, SOME = 0.95, 0.5
KINDS_OF_WORD = 60  # parts of speech are fewer, words more


def cells_of(line: str, tabs: bool) -> list[str]:
    """The columns of a line. A space of another kind, such as U+00A0, is part of its word."""
    if tabs:
        return [cell.strip() for cell in line.rstrip("\t\n ").split("\t")] if line.strip() else []
    return [cell for cell in re.split(r"[ \t]+", line.strip()) if cell]


def is_mark(line: str) -> bool:
    """Whether a line is no row but says where a sentence or a text begins or ends."""
    return line[:1] in ("<", "E") and MARK.fullmatch(line.rstrip()) is not None


def blocks_of(lines: list[str], tabs: bool, width: int) -> list[list[list[str]]]:
    """The rows of the usual width between blank lines."""
    blocks, rows = [], []
    for line in [*lines, ""]:
        cells = cells_of(line, tabs)
        if not cells:
            blocks, rows = [*blocks, rows] if rows else blocks, []
        elif len(cells) == width and not (line.startswith("#") and not INDEX.fullmatch(cells[0])):
            rows.append(cells)
    return blocks


def by_sentence(blocks: list[list[list[str]]], column: int) -> list[list[list[str]]]:
    """The rows in blocks that end where the number of the sentence changes too."""
    return [list(rows) for block in blocks for _, rows in groupby(block, key=lambda cells: cells[column])]


def index_column(sentences: list[list[list[str]]], width: int) -> int | None:
    """The column that counts the words of each sentence, from 0 or 1, decided for the whole file."""
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


def sentence_column(blocks: list[list[list[str]]], width: int) -> int | None:
    """The column that numbers the sentences, or names them: the same row after row, then a higher or a new one."""
    for column in range(width):
        rows = [cells[column] for block in blocks for cells in block]
        first = column < min(2, width - 2)  # where it may number a single sentence
        if len(rows) < 2 or not first and len({*rows}) < 2:
            continue
        within = len(rows) - len(blocks)
        if all(map(INDEX.fullmatch, rows)):
            steps = [int(after) - int(before) for before, after in pairwise(rows)]
            if min(steps) >= 0 and within and steps.count(0) >= within / 2:
                return column
        elif first and all(any(map(str.isdigit, name)) for name in {*rows}):
            runs = [name for name, _ in groupby(rows)]
            after = [cells[column + 1] for block in blocks for cells in block]
            if len({*runs}) == len(runs) and len(rows) - len(runs) >= within / 2 and _wordy(after, len(runs)):
                return column
    return None


def _wordy(column: tuple | list, more: int = 0) -> bool:
    """Whether a column holds as many different cells as words do, and `more` than another; no parts of speech."""
    different = {*column}
    return len(different) > max(more, min(KINDS_OF_WORD, len(column) / 2)) and not all(map(SPEECH.fullmatch, different))


def word_column(columns: list[tuple], tag: int, apart: set[int], blocks: list[list[list[str]]]) -> int | None:
    """The first column that is neither the label, nor set `apart`, nor counts or measures the words behind it.

    Args:
        columns: the cells of each.
        tag: the labels'.
        apart: the columns that number words and sentences.
        blocks: the rows between blank lines.
    """
    places = [n for n in range(len(columns)) if n != tag and n not in apart]
    if tag == 0:  # the label first: what follows may be offsets
        places = [
            n for n in places if sum(map(bool, map(INDEX.fullmatch, columns[n]))) < MOST * len(columns[n])
        ] or places
    while len(places) > 1 and _is_beside_words(columns, places, blocks):
        places.pop(0)
    later = [n for n in places if n > max(apart, default=0)]
    if later and places[0] < later[0] and _wordy(columns[later[0]], len({*columns[places[0]]})):
        return later[0]
    return places[0] if places else None


def _is_beside_words(columns: list[tuple], places: list[int], blocks: list[list[list[str]]]) -> bool:
    """Whether the first column in question is the same in every row, or counts rows, or gives a word's place or length.

    The next column that is not all numbers has to hold words, then.
    """
    first, *others = places
    column = columns[first]
    words = next((columns[n] for n in others if not all(map(INDEX.fullmatch, columns[n]))), ())
    if len(column) < 3 or not _wordy(words):
        return False
    if len({*column}) == 1:
        return True
    if not all(map(INDEX.fullmatch, column)):
        return False
    numbers = list(map(int, column))
    measured = sum(number == len(word) for number, word in zip(numbers, words, strict=True))
    rising = all(before < after for before, after in pairwise(numbers))
    inside = [pair for block in blocks for pair in pairwise(int(cells[first]) for cells in block)]
    return rising or measured >= MOST * len(column) or len(inside) > 1 and all(a < b for a, b in inside)


def types_beside(columns: list[tuple] | list[list[str]], letters: int, word: int, outside: set[str]) -> int | None:
    """The column of the types where labels are letters alone, as spaCy's ent_iob_ and ent_type_ stand side by side.

    Args:
        columns: the cells of each.
        letters: the column of B, I and O.
        word: the words'.
        outside: what may stand for no type, and for O.
    """
    for n in sorted({*range(len(columns))} - {letters, word}, key=lambda n: abs(n - letters)):
        pairs = list(zip(columns[letters], columns[n], strict=True))
        named = {cell for letter, cell in pairs if letter not in outside}
        apart = all((letter in outside) == (cell in outside) for letter, cell in pairs)
        if apart and 0 < len(named) <= KINDS_OF_WORD and all(map(BARE_TAG.fullmatch, named)):
            return n
    return None
