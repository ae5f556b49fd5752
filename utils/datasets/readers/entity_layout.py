"""Which columns of a file hold the word and its label, and which lines are comments: told from the file. No framework.

What is decided by a guess is a `Problem` that keeps everything: it says what was recognised.
"""

import re
from collections import Counter
from typing import NamedTuple

from utils.datasets.readers.entity_examples import SHOWN, kind_of_character
from utils.datasets.readers.entity_labels import (
    BARE_TAG,
    LETTERS,
    OUTSIDE,
    PHRASES,
    PIECE,
    TAG,
    Scheme,
    outside_of,
    scheme_of,
)
from utils.datasets.readers.entity_leading import (
    INDEX,
    SOME,
    blocks_of,
    by_sentence,
    cells_of,
    index_column,
    is_mark,
    sentence_column,
    types_beside,
    word_column,
)
from utils.datasets.readers.text_files import Problem

# Own code in place of `conllu`: that knows CoNLL-U's ten columns alone, in which entities have no place of their own,
# and takes a word "#" for a comment.
UPOS = {*"ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X _".split()}
ATTRIBUTE = re.compile(r"(?:^|\|)((?i:ner|ne|name|entity|named_?entity|bio|iob))=([^|]+)")
METADATA = re.compile(r"#\s*[\w:.-]+\s+=(\s|$)")
WORD_NAME = re.compile(r"(?i)words?|tokens?|forms?|text")
HEADING = re.compile(r"(?i)(?:ner?|bio|iob|entity|named)?[ _-]?(?:tags?|labels?|types?)|ner?|entity|bio|iob2?")
QUOTED = re.compile(r'"(?:[^"]|"")*"')
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z]{2,8})*:\S")  # as WikiANN writes en:Jane, zh-min-nan:Jane
SEGMENTED = re.compile(r"[^\W\d_]\d")  # as Weibo NER writes each character: 大0 学1
NO_TYPE = OUTSIDE | {"", "-", "--"}


class Layout(NamedTuple):
    """How the rows of a file are to be read; columns count from 0.

    Attributes:
        tabs: whether tabs separate the columns; else spaces do.
        width: how many columns a row has.
        word: the column of the word.
        tag: the column of the label.
        numbered: the column that numbers the words of a sentence, or None.
        sentence: the column that numbers the sentences, or None.
        scheme: how the labels are written.
        tags: the labels seen, where they are not B-PER, I-PER and O; empty where they are.
        attribute: of CoNLL-U, the name of the label in the last column, such as NER in NER=B-PER; or "".
        comments: whether there are lines that begin with # and are no rows.
        quoted: whether cells stand in quotes, as Excel puts them.
        header: whether the first row names the columns.
        languages: whether each word begins with its language, as en:Jane.
        segmented: whether each word is a character and its place in a word, as 学1.
        types: the column of the types where `tag` holds letters alone, or None.
        said: what was recognised beyond word first and label last; "" where nothing was.
    """

    tabs: bool
    width: int
    word: int
    tag: int
    numbered: int | None
    sentence: int | None
    scheme: Scheme
    tags: frozenset
    attribute: str
    comments: bool
    quoted: bool
    header: bool
    languages: bool
    segmented: bool
    types: int | None
    said: str

    def cells(self, line: str) -> list[str]:
        """The columns of a line."""
        cells = cells_of(_unquoted(line) if self.quoted else line, self.tabs)
        if self.attribute and len(cells) == self.width:
            found = (one[2] for one in ATTRIBUTE.finditer(cells[self.tag]) if one[1] == self.attribute)
            cells[self.tag] = next(found, "O")
        if self.languages and len(cells) > self.word and LANGUAGE.match(cells[self.word]):
            cells[self.word] = cells[self.word].partition(":")[2]
        if self.segmented and len(cells) > self.word and SEGMENTED.fullmatch(cells[self.word]):
            cells[self.word] = cells[self.word][0]
        if self.types is not None:
            cells += ["_"] * (len(cells) == self.width - 1 and line.count("\t") == self.width - 1)
            if len(cells) == self.width and cells[self.tag] not in OUTSIDE:
                cells[self.tag] = f"{cells[self.tag]}-{cells[self.types]}"
        return cells

    def has_space_for_word(self, line: str) -> bool:
        """Whether a row's word is white space, as where each character of a text has a row."""
        if self.tabs:
            cells = line.split("\t")
            return self.word < len(cells) - 1 and bool(cells[self.word]) and not cells[self.word].strip()
        return self.width == 2 and self.word == 0 and line[:2].isspace() and line.strip() in {"O", *self.scheme.outside}

    def is_comment(self, line: str) -> bool:
        """Whether a line that begins with # is no row."""
        if not line.startswith("#"):
            return False
        cells = self.cells(line)
        if PIECE.match(line) and len(cells) == self.width and cells[self.tag] == "X":  # as BERT's readers label it
            return False
        if METADATA.match(line) or len(cells) != self.width:
            return True
        return cells[self.tag] not in self.tags if self.tags else not TAG.fullmatch(cells[self.tag])

    def told(self, file: str) -> Problem | None:
        """What was recognised, for the reader of the file."""
        advice = "Choose another column of labels with --tag-column, or tag_column=… counted from 0"
        return Problem("columns told", file, 0, self.said, advice, kept=True) if self.said else None


def _are_quoted(lines: list[str]) -> bool:
    """Whether tabs part cells of which some stand in quotes: all, or all that hold a comma or a quote, as of Excel."""
    cells = [cell for line in lines for cell in cells_of(line, True)]
    quoted = [cell for cell in cells if cell.startswith('"')]
    if not quoted or not all(map(QUOTED.fullmatch, quoted)):
        return False
    return len(quoted) == len(cells) or all("," in cell or '""' in cell[1:-1] for cell in quoted)


def _unquoted(line: str) -> str:
    """A line with tabs, its cells taken out of their quotes."""
    cells = (cell[1:-1].replace('""', '"') if QUOTED.fullmatch(cell) else cell for cell in line.split("\t"))
    return "\t".join(cells)


def layout_of(lines: list[str], tag_column: int | None = None) -> Layout | None:
    """The layout that lines show, or None where no column holds labels.

    Args:
        lines: of the file, blank ones included: they end sentences.
        tag_column: the column of the labels from 0, where it is known.
    """
    lines = ["" if is_mark(line) else line for line in lines if not line.startswith("-DOCSTART-")]
    plain = [line for line in lines if line.strip() and not line.startswith("#")] or [
        line for line in lines if line.strip()
    ]
    if not plain:
        return None
    tabs = sum("\t" in line.strip() for line in plain) > len(plain) / 2
    quoted = tabs and _are_quoted(plain)
    if quoted:
        lines, plain = list(map(_unquoted, lines)), list(map(_unquoted, plain))
    if tabs and (filled := _filled(plain)):
        lines, plain = [filled.get(line, line) for line in lines], [filled.get(line, line) for line in plain]
    counts = Counter(len(cells_of(line, tabs)) for line in plain)
    width = counts.most_common(1)[0][0]
    rows = [cells for line in plain if len(cells := cells_of(line, tabs)) == width]
    if width < 2 or (tag_column is not None and not 0 <= tag_column < width):
        return None
    columns = list(zip(*rows, strict=True))
    header = len(cells_of(plain[0], tabs)) == width and _names_columns(columns, tag_column, tabs)
    if header:
        columns = list(zip(*(cells for cells in rows if cells != rows[0]), strict=True))
        lines = [line for line in lines if line.strip() != plain[0].strip()]
    blocks = blocks_of(lines, tabs, width) if width > 2 else []
    numbers = sentence_column(blocks, width)
    indexed = index_column(blocks if numbers is None else by_sentence(blocks, numbers), width)
    apart = {n for n in (indexed, numbers) if n is not None}
    attribute = ""
    if tag_column is None and is_conllu(columns):
        attribute = _attribute(columns)
        tag, prefixed = 9 if attribute else None, True
    else:
        tag, prefixed = _tag_column(columns, apart, tag_column, tabs)
    if tag is None or (tag_column is None and not attribute and _are_sentences(columns, tag, tabs, lines)):
        return None
    word = word_column(columns, tag, apart, blocks)
    if word is None:
        return None
    scheme, types = Scheme() if attribute else scheme_of(set(columns[tag])), None
    if scheme.form == "letters":
        types = types_beside(columns, tag, word, NO_TYPE)
        scheme = scheme if types is None else Scheme("", scheme.outside)
    tags = frozenset() if (prefixed or types is not None) and not scheme.outside else frozenset(columns[tag])
    layout = Layout(tabs, width, word, tag, indexed, numbers, scheme, tags, attribute, False, quoted, header, False,
                    _are_segmented(columns[word]), types, "")  # fmt: skip
    hashes = [line for line in lines if line.startswith("#")]
    comments = [line for line in hashes if layout.is_comment(line)]
    languages = len(columns[word]) > 1 and all(map(LANGUAGE.match, columns[word]))
    layout = layout._replace(comments=bool(comments), languages=languages)
    return layout._replace(said=_said(layout, columns, tag_column is not None, rows[0]))


def _filled(lines: list[str]) -> dict[str, str]:
    """Rows whose last cell is empty with a sign in it, where a letter stands before each: spaCy's empty type."""
    cells = [line.split("\t") for line in lines]
    if len({*map(len, cells)}) != 1 or len(cells[0]) < 3 or not all(row[-2].strip() in LETTERS for row in cells):
        return {}
    return {line: f"{line.rstrip()}\t_" for line, row in zip(lines, cells, strict=True) if not row[-1].strip()}


def _are_segmented(words: tuple) -> bool:
    """Whether each word is one character, of a script without spaces, and a digit."""
    return len(words) > 1 and all(SEGMENTED.fullmatch(word) and kind_of_character(word[0]) == "own" for word in words)


def _tag_column(columns: list[tuple], apart: set[int], wanted: int | None,
                tabs: bool) -> tuple[int | None, bool]:  # fmt: skip
    """The column of labels, and whether they are B-PER, I-PER and O, or of another form."""
    if wanted is not None:
        return wanted, _share(columns[wanted], TAG.fullmatch) > SOME
    places = [n for n in range(len(columns)) if n not in apart]
    shares = {n: _share(columns[n], TAG.fullmatch) for n in places if any(c != "O" for c in columns[n])}
    tagged = [n for n, share in shares.items() if share > SOME and share >= 0.9 * max(shares.values())]
    if entities := [n for n in tagged if not {cell[2:] for cell in columns[n] if cell != "O"} <= PHRASES]:
        return entities[0], True
    later = places[1:] if len(places) > 1 else places
    schemes = {n: scheme_of(set(columns[n])).form for n in later}
    if sure := [n for n, form in schemes.items() if form in ("lower", "suffix", "sign") or form and "O" in columns[n]]:
        return sure[0], False
    last = later[-1]
    if all(cell == "O" for cell in columns[last]):  # nothing is labelled
        return last, True
    if tagged:  # nothing but phrases
        return tagged[-1], True
    if letters := [n for n, form in schemes.items() if form]:
        return letters[0], False
    bare = [n for n in later if _is_bare(columns[n], tabs)]
    return (bare[-1] if bare else None), False


def _are_sentences(columns: list[tuple], tag: int, tabs: bool, lines: list[str]) -> bool:
    """Whether rows are sentences of equal length rather than a word and a label without prefix each.

    Between tabs: the first column holds whole texts, so the last is a class of each. Between spaces: the last words are
    no set of types, which come again or are written in capitals; letters alone stand behind a word, or sentences end.
    """
    if all(cell in OUTSIDE for cell in columns[tag]) or any(TAG.fullmatch(c) and c != "O" for c in columns[tag]):
        return False
    if scheme_of({*columns[tag]}).form in ("lower", "suffix", "sign"):  # no sentences end in b-per, PER-B, B_PER
        return False
    if tabs:
        return tag > 0 and _share(columns[0], lambda cell: " " in cell) > SOME
    named = [cell for cell in columns[tag] if cell not in OUTSIDE]
    if {*named} <= LETTERS:
        blank = any(not line.strip() for line in lines[:-1])
        return len(columns) > 2 and not blank and "I" not in named
    capitals = all(cell.isupper() and len(cell) > 1 for cell in named)
    return not capitals and 2 * len({*named}) > len(named)


def _names_columns(columns: list[tuple], wanted: int | None, tabs: bool) -> bool:
    """Whether the first row is a header: where all others have labels, it alone has none."""
    first_row, *rows = zip(*columns, strict=True)
    others = list(zip(*(row for row in rows if row != first_row), strict=True)) or [()]
    if not others[0] or is_conllu(others):
        return False
    tag, prefixed = _tag_column(others, set(), wanted, tabs)
    first = "O" if tag is None else columns[tag][0]
    if TAG.fullmatch(first) or first in OUTSIDE:
        return False
    if prefixed:
        types = {cell[2:].casefold() for cell in others[tag]} - {""}
        parts = (first, first[1:], first[2:], first[:-2], first.rpartition("-")[2])  # PER, BPER, b_PER, PER-B, O^B-PER
        slip = {part.casefold() for part in parts} & types
        if slip and not any(WORD_NAME.fullmatch(column[0]) for column in columns):
            return False  # a label of the first word that was spoilt
        return all(TAG.fullmatch(cell) for cell in others[tag]) and any(cell != "O" for cell in others[tag])
    return HEADING.fullmatch(first) is not None and first not in others[tag]


def _is_bare(column: tuple, tabs: bool) -> bool:
    """Whether a column holds types without prefixes.

    One of them says *outside*, or all have signs, as art-music has. Without either, parts of speech, or the last words
    of plain sentences, would be taken for types.
    """
    if outside_of({*column}):
        return True
    named = [cell for cell in column if cell not in OUTSIDE]
    if not named or _share(tuple(named), BARE_TAG.fullmatch) <= SOME:
        return False
    signed = tabs and all(BARE_TAG.fullmatch(cell) and not cell.isalnum() for cell in named)
    outside = {*column} & OUTSIDE
    return bool(outside & {"O", "0", "_"} if not tabs else outside) or signed


def _attribute(columns: list[tuple]) -> str:
    """The name under which a CoNLL-U file's last column gives the label, such as NER in NER=B-PER; "" for none."""
    every = [one for cell in columns[9] for one in ATTRIBUTE.finditer(cell)]
    found = Counter(one[1] for one in every if TAG.fullmatch(one[2]))
    bare = Counter(one[1] for one in every if one[1].lower() in ("ner", "ne") and BARE_TAG.fullmatch(one[2]))
    return next((names.most_common(1)[0][0] for names in (found, bare) if names), "")


def is_conllu(columns: list[tuple]) -> bool:
    """Whether columns are CoNLL-U's ten: parts of speech in the fourth, heads in the seventh."""
    if len(columns) != 10 or not {*columns[3]} <= UPOS:
        return False
    return all(cell == "_" or INDEX.fullmatch(cell) for cell in columns[6])


def _share(column: tuple, holds) -> float:
    return sum(bool(holds(cell)) for cell in column) / len(column)


def _said(layout: Layout, columns: list[tuple], chosen: bool, first_row: list[str]) -> str:
    parts = []
    first = 0 if layout.numbered is None else layout.numbered + 1
    labels = [n for n in range(layout.width) if n != layout.word and _share(columns[n], TAG.fullmatch) == 1.0
              and {cell[2:] for cell in columns[n] if cell != "O"} - PHRASES]  # fmt: skip
    if layout.word != first or layout.tag != layout.width - 1:
        parts.append(f"columns: word = {layout.word + 1}, label = {layout.tag + 1} of {layout.width}")
    if len(labels) > 1 and not chosen:
        parts.append(f"columns {' and '.join(str(n + 1) for n in labels)} hold labels, and the first was taken")
    if layout.attribute:
        parts.append(f"labels were taken from {layout.attribute}=… in the last column")
    if layout.scheme.said:
        parts.append(layout.scheme.said)
    if not layout.tabs and layout.tags and not layout.scheme.form and not parts:
        parts.append("a row was taken for a word and its type, not for a sentence")
    types = {cell[2:] for cell in columns[layout.tag] if TAG.fullmatch(cell) and cell != "O"}
    if types and types <= PHRASES:
        parts.append("the labels are phrases (NP, VP), and no names are labelled")
    if layout.languages:
        start = columns[layout.word][0].partition(":")[0]
        parts.append(f"each word begins with its language, {start}:, which was taken off")
    if layout.segmented:
        parts.append("behind each character stands its place in a word, as in 学1, which was taken off")
    if layout.types is not None:
        parts.append(f"the letters in column {layout.tag + 1} and the types in column {layout.types + 1} were joined")
    if layout.quoted:
        parts.append("cells stand in quotes, as of a spreadsheet, and were taken out of them")
    if layout.header:
        parts.append(f"the first row ({' '.join(first_row)[:SHOWN]}) names the columns, and was passed over")
    if layout.comments:
        parts.append("lines that begin with # are comments")
    return "; ".join(parts)
