"""Texts with entities in columns as CoNLL has them, a word a row, or a sentence and its labels a row. No framework."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain, islice, pairwise

from utils.datasets.readers.entity_examples import SHOWN, Example
from utils.datasets.readers.entity_labels import BARE_TAG, TAG, LooseLabels, are_pieces, is_outside, labelled
from utils.datasets.readers.entity_layout import Layout, layout_of
from utils.datasets.readers.entity_leading import KINDS_OF_WORD, MOST, PASSED_OVER, cells_of, is_mark
from utils.datasets.readers.entity_records import are_tags
from utils.datasets.readers.text_files import Problem

KINDS = 100  # parts of speech are fewer
PEEK = 2000  # lines that tell the layout of columns
NOTHING = ("", "O", "_", "-", "*")  # what a row that is no word's has in place of a label
LATE = 100 * PEEK  # lines in which the first label is looked for, where those have none


class Over:
    """Counts rows that hold no word and were passed over, by what they hold."""

    def __init__(self, file: str):
        self.file, self.first, self.count = file, {}, Counter()

    def add(self, what: str, number: int, text: str) -> None:
        """Counts a row."""
        self.first.setdefault(what, (number, text.strip()[:SHOWN]))
        self.count[what] += 1

    def problems(self) -> Iterator[Problem]:
        """What there is to say at the end of the file."""
        for what, (number, text) in self.first.items():
            rows = "1 row holds" if self.count[what] == 1 else f"{self.count[what]} rows hold"
            found = f"{rows} {what}, the first here: {text!r}"
            yield Problem("rows passed over", self.file, number, found, "They were passed over", kept=True)


DOCUMENT = "-DOCSTART-"  # marks where one begins, in a row of its own


def _is_word(text: str, before: str | Problem, after: str | Problem, layout: Layout) -> bool | None:
    """Whether a row that looks like a document's mark is a word of a sentence; None where it may be either.

    A word may have a label, and no row for marks fills its columns with -X-. Rows on both sides tell it, too.
    """
    cells = layout.cells(text)
    if len(cells) != layout.width or cells[layout.word] != DOCUMENT or "-X-" in cells:
        return False
    if cells[layout.tag] not in (*NOTHING, *layout.scheme.outside):
        return True
    beside = sum(isinstance(row, Problem) or bool(row.strip()) for row in (before, after))
    return (False, None, True)[beside]


def until_told(items: Iterator, tells: Callable) -> list:
    """Further items, as far as PEEK behind the first that tells something; at most LATE where none does."""
    found = []
    for item in islice(items, LATE):
        found.append(item)
        if tells(item):
            return found + list(islice(items, PEEK))
    return found


def says_outside(texts: list[str]) -> Callable | None:
    """What tells a line that labels something, where all these rows end in one word for O that is not O.

    None where they end otherwise.
    """
    rows = [text for text in texts if text.strip() and not text.startswith(("#", "-DOCSTART-")) and not is_mark(text)]
    tabs = 2 * sum("\t" in row.strip() for row in rows) > len(rows)
    ends = {cells[-1] if len(cells := cells_of(row, tabs)) > 1 else "" for row in rows}
    if len(ends) != 1 or not all(map(is_outside, ends)):
        return None
    return lambda line: isinstance(line[1], str) and len(cells := cells_of(line[1], tabs)) > 1 and cells[-1] not in ends


def _first_labels(lines: Iterator, layout: Layout, texts: list[str]) -> list:
    """Further lines, where the first ones label nothing: up to those that do, in whichever column."""
    rows = [cells for text in texts if len(cells := _row(text, layout)) == layout.width]
    empty = [n for n in range(layout.width) if n != layout.word and all(cells[n] == "O" for cells in rows)]
    if layout.tag not in empty:
        return []

    def tells(line: tuple) -> bool:
        cells = _row(line[1], layout)
        return len(cells) == layout.width and any(cells[n] != "O" for n in empty)

    return until_told(lines, tells)


def _row(text: str | Problem, layout: Layout) -> list[str]:
    """The cells of a line that is a row; none of any other."""
    plain = isinstance(text, str) and text.strip() and not text.startswith("-DOCSTART-") and not is_mark(text)
    return layout.cells(text) if plain and not layout.is_comment(text) else []


def columns(file: str, lines: Iterator, tag_column: int | None = None) -> Iterator[Example | Problem]:
    """Examples and problems of columns, given number and text (or what is wrong) of each line.

    A word a line, blank lines between sentences; which column is the word's and which its label's, and whether lines
    with # are comments, the file's first PEEK lines tell, and where these label nothing, the first ones that do.
    """
    head = list(islice(lines, PEEK))
    texts = [text for _, text in head if isinstance(text, str)]
    layout, more = layout_of(texts, tag_column), []
    if layout is not None:
        more = _first_labels(lines, layout, texts)
    elif tells := says_outside(texts):
        more = until_told(lines, tells)
    if more:
        head += more
        layout = layout_of([*texts, "", *(text for _, text in more[-PEEK:] if isinstance(text, str))], tag_column)
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
    if layout.sentence is not None:
        found = f"column {layout.sentence + 1} numbers the sentences"
        yield Problem("numbered words", file, 0, found, "A new one begins where it changes, too", kept=True)
    rows, loose, passed, spaced, before = [], LooseLabels(file), [], [], None
    over = Over(file)
    known = [cells for _, text in head if len(cells := _row(text, layout)) == layout.width]
    loose.pieces = are_pieces([cells[layout.word] for cells in known])
    usual = ((n, layout.cells(t)) for n, t in head if isinstance(t, str) and t.strip() and not layout.is_comment(t))
    first, header = next((row for row in usual if len(row[1]) == layout.width), None), None
    above: str | Problem = ""
    for (number, text), (_, below) in pairwise(chain(head, lines, [(0, ""), (0, "")])):
        is_document = isinstance(text, str) and text.startswith(DOCUMENT)
        if is_document:
            is_word = _is_word(text, above, below, layout)
            is_document = not is_word
            if is_word is None:
                over.add("a document's mark right beside a word", number, text)
        above = text
        if isinstance(text, Problem):
            rows.append((number, text))
        elif not text.strip() or is_document or text[0] in "<E" and is_mark(text):
            yield from _sentence(file, rows, loose, first, layout)
            rows = []
            if is_mark(text):
                over.add("a mark where a sentence or a text begins or ends", number, text)
        elif not layout.is_comment(text):
            cells = layout.cells(text)
            if layout.header and header in (None, text.strip()):
                if header is not None:
                    over.add("the names of the columns again", number, text)
                    yield from _sentence(file, rows, loose, first, layout)
                    rows = []
                header = text.strip()
                continue
            if (len(cells) < layout.width or not cells[layout.word]) and layout.has_space_for_word(text):
                over.add("white space where a word should stand", number, text)
                continue
            if layout.numbered is not None and PASSED_OVER.fullmatch(cells[min(layout.numbered, len(cells) - 1)]):
                passed.append(
                    (number, cells[layout.numbered], cells[layout.tag] if len(cells) == layout.width else "O")
                )
                continue
            if not layout.tabs and len(cells) > layout.width and layout.word < layout.tag:
                cells = _joined(cells, layout)
                spaced.append((number, cells[layout.word]))
            if layout.sentence is not None and len(cells) == layout.width:
                if rows and cells[layout.sentence] != before:
                    yield from _sentence(file, rows, loose, first, layout)
                    rows = []
                before = cells[layout.sentence]
            rows.append((number, cells))
    if spaced:
        count = "1 row has" if len(spaced) == 1 else f"{len(spaced)} rows have"
        found = f"{count} more columns, a word with spaces, such as {spaced[0][1][:SHOWN]!r}"
        yield Problem(
            "columns told", file, spaced[0][0], found, "Put tabs between columns; each is one word", kept=True
        )
    yield from over.problems()
    if passed:
        number, what, _ = passed[0]
        found = f"{len(passed)} rows are ranges of words or empty nodes, such as {what}"
        yield Problem("rows passed over", file, number, found, "Their words stand in rows of their own", kept=True)
        if lost := [row for row in passed if row[2] not in (*NOTHING, *layout.scheme.outside)]:
            number, what, tag = lost[0]
            found = f"{len(lost)} of these rows have a label, which was passed over, the first here, {tag!r} of {what}"
            yield Problem("rows passed over", file, number, found, "Label the words in their own rows", kept=True)
    yield from loose.problems()


def _joined(cells: list[str], layout: Layout) -> list[str]:
    """The columns of a row in which the word has spaces: what is too many belongs to it."""
    more, at = len(cells) - layout.width, layout.word
    return [*cells[:at], " ".join(cells[at : at + more + 1]), *cells[at + more + 1 :]]


def _sentence(
    file: str, rows: list, loose: LooseLabels, first: tuple | None, layout: Layout
) -> Iterator[Example | Problem]:
    """One sentence from its rows; the file's first row shows how many columns there should be."""
    problems = [cells for _, cells in rows if isinstance(cells, Problem)]
    good = [(number, cells) for number, cells in rows if not isinstance(cells, Problem)]
    words = []
    for number, cells in good:
        tag_at = -1 if layout.tag == layout.width - 1 else layout.tag
        short = 1 < len(cells) <= max(tag_at, layout.word)
        tag = cells[tag_at] if len(cells) > 1 and not short else ""
        word = cells[layout.word] if layout.word < len(cells) else ""
        if short:
            problems.append(_short_row(file, number, cells, first))
        elif not tag or not word or len(cells) < 2:
            alone = len(cells) == 1 and TAG.fullmatch(cells[0])
            no_word = (tag and not word) or alone
            advice = "Write the word, a tab and its label; O is the label of a word outside all entities"
            found = f"there is a label and no word: {' '.join(cells).strip()[:SHOWN]!r}"
            found = found if no_word else f"{' '.join(cells)[:SHOWN]!r} has no label"
            problems.append(Problem("no label", file, number, found, advice))
        elif len(cells) > layout.width or len(cells) < layout.width:  # what stands last is not the label, then
            problems.append(_short_row(file, number, cells, first))
        else:
            words.append((number, word, layout.scheme.label(tag)))
    yield from labelled(file, rows[0][0] if rows else 0, words, problems, loose)


def _short_row(file: str, number: int, cells: list[str], first: tuple) -> Problem:
    found = f"{len(cells)} columns, line {first[0]} has {len(first[1])}"
    return Problem("other number of columns", file, number, found, "Give every word the same columns, its label last")


# A sentence a row ----------------------------------------------------------------------------------


def sides_of(lines: list[str]) -> tuple[int, int] | None:
    """Which side of the tab holds the words and which their labels, where a row is a sentence; None where none is."""
    rows = [cells for line in lines if line.strip() and len(cells := line.strip("\n").split("\t")) == 2]
    if not rows or len(rows) < MOST * len([line for line in lines if line.strip()]):
        return None
    for words, tags in ((0, 1), (1, 0)):
        good = [r for r in rows if are_tags(r[tags].split()) and len(r[words].split()) == len(r[tags].split())]
        if len(good) > len(rows) / 2 and any(len(row[tags].split()) > 1 for row in good):
            return words, tags
    return None


def glued(lines: list[str]) -> str:
    """The sign between word and label where a row is a sentence such as Jane/B-PER left/O; "" where none is."""
    rows = [line.split() for line in lines if line.strip()]
    if all(len(row) == 1 for row in rows):
        return ""
    for sign in "/|_\\":
        parts = [[part.rpartition(sign) for part in row] for row in rows]
        kinds = {tag for row in parts for _, _, tag in row}
        bare = "O" in kinds and 1 < len(kinds) <= KINDS_OF_WORD and all(map(BARE_TAG.fullmatch, kinds))  # Jane/PERSON
        good = sum(all(word and (bare or TAG.fullmatch(tag)) for word, _, tag in row) for row in parts)
        if rows and good >= MOST * len(rows):
            return sign
    return ""


def _parts_of_speech(lines: list[str], sign: str) -> bool:
    """Whether between each word and its label stands a part of speech, as WikiNER has them: Jane|NNP|I-PER."""
    parts = [part.rsplit(sign, 2) for line in lines for part in line.split()]
    three = [part for part in parts if len(part) == 3 and part[0] and part[1]]
    named = sum(part[1].isalpha() for part in three) > len(three) / 2
    return named and len(three) >= MOST * len(parts) and len({part[1] for part in three}) <= KINDS


def glued_rows(file: str, lines: Iterator) -> Iterator[Example | Problem]:
    """Examples and problems of rows of a sentence, each word with its label behind a sign."""
    head = list(islice(lines, PEEK))
    texts = [text for _, text in head if isinstance(text, str)]
    sign = glued(texts) or "/"
    speech = _parts_of_speech(texts, sign)
    found = f"a row is a sentence, each word with its {'part of speech and its ' * speech}label behind {sign!r}"
    yield Problem("columns told", file, 0, found, "See that the last such sign of a word is the one", kept=True)
    loose = LooseLabels(file)
    for number, text in chain(head, lines):
        if isinstance(text, Problem):
            yield text
        elif text.strip():
            parts = [part.rsplit(sign, 1 + speech) for part in text.split()]
            whole = [part if len(part) > 1 else ["", *part] for part in parts]
            yield from sentence(file, number, [p[0] for p in whole], [p[-1] for p in whole], loose)
    yield from loose.problems()


def sentence_rows(file: str, lines: Iterator) -> Iterator[Example | Problem]:
    """Examples and problems of rows of a sentence, a tab and a label for each of its words."""
    head = list(islice(lines, PEEK))
    words_at, tags_at = sides_of([text for _, text in head if isinstance(text, str)]) or (0, 1)
    found = "a row is a sentence, words " + ("first" if words_at == 0 else "last") + ", a label for each"
    yield Problem("columns told", file, 0, found, "Words and labels are parted by spaces", kept=True)
    loose = LooseLabels(file)
    for number, text in chain(head, lines):
        if isinstance(text, Problem):
            yield text
        elif text.strip():
            cells = text.split("\t")
            yield from sentence(file, number, cells[words_at] if len(cells) == 2 else text,
                                cells[tags_at] if len(cells) == 2 else "", loose)  # fmt: skip
    yield from loose.problems()


def sentence(file: str, number: int, words, tags, loose: LooseLabels) -> Iterator[Example | Problem]:
    """A sentence from its words and as many labels, each a list or parted by spaces."""
    words, tags = (side.split() if isinstance(side, str) else side for side in (words, tags))
    problems = []
    if len(words) != len(tags) or not all(word.strip() for word in words):
        found = f"{len(words)} words, {len(tags)} labels: {' '.join(words)[:SHOWN]!r}"
        problems.append(Problem("no label", file, number, found, "Give every word one label; O outside all entities"))
        tags = ["O"] * len(words)
    rows = [(number, word.strip(), tag.strip()) for word, tag in zip(words, tags, strict=True)]
    yield from labelled(file, number, rows, problems, loose)
