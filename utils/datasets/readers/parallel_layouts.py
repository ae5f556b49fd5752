"""Which layout a file of parallel text has: columns among others, CSV, JSON, TMX or XLIFF, told from its content.

What is decided by a guess is a sentence to read, `Layout.said`; where nothing fits, the error says what was recognised.
"""

import csv
import json
import re
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from utils.datasets.readers.broken_json import of_line
from utils.datasets.readers.parallel_csv import next_row
from utils.datasets.readers.parallel_documents import (
    ANY,
    as_record,
    is_wide_xml,
    tmx_languages,
    whole_json,
    xliff_languages,
)
from utils.datasets.readers.parallel_foreign import SENTENCE, SHARE, foreign, is_object, of_one_side
from utils.datasets.readers.text_files import Problem, TextFileError, read_texts

PEEK = 2000  # lines that the layout is told from
NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)*(?:[eE][-+]?\d+)?%?")
SIDES = (("source", "target"), ("src", "tgt"), ("src", "trg"), ("src", "mt"), ("sentence1", "sentence2"))
HEADINGS = {name for pair in SIDES for name in pair} | {
    "en", "fr", "de", "es", "it", "nl", "pt", "pl", "ru", "zh", "ja", "ko", "ar", "hi", "tr", "cs", "sv", "fi", "el",
    "english", "french", "german", "spanish", "italian", "dutch", "portuguese", "polish", "russian", "chinese",
    "japanese", "korean", "arabic", "hindi", "turkish", "czech", "swedish", "finnish", "greek", "anglais", "français",
    "deutsch", "englisch", "französisch", "spanisch", "italienisch", "niederländisch", "portugiesisch", "polnisch",
    "russisch", "chinesisch", "japanisch", "koreanisch", "arabisch", "türkisch", "tschechisch", "schwedisch",
    "finnisch", "griechisch", "text", "translation", "sentence", "original", "reference", "source_text", "target_text",
    "source sentence", "target sentence",
}  # fmt: skip


WORDS = {"words", "word", "sentences", "sentence", "text", "texts", "phrase", "phrases", "lang", "language", "side"}
SETTING = re.compile(r"#(?:separator|html|tags|deck|notetype|guid|columns|if matches)(?: column)?s?:", re.IGNORECASE)
ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
ATTRIBUTION = re.compile(r"CC[- ]BY|CC0|attribution|licen[cs]e", re.IGNORECASE)
NO_SIDES = {
    "id", "label", "class", "category", "url", "title", "role", "name", "lang", "language", "date", "tag", "question",
    "answer", "context", "summary", "key", "file", "path", "author", "score", "sentiment", "type", "premise",
    "hypothesis",
}  # fmt: skip
INFERENCES = {"entailment", "neutral", "contradiction", "not_entailment"}
FLORES = re.compile(r"[a-z]{3}_[a-z]{4}")  # language and script, as eng_latn
CODE = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z]{2,4})?")
BARS = " ||| "  # between the sides, as word aligners want them


class Layout(NamedTuple):
    """How a file is to be read.

    Attributes:
        kind: "columns", "csv", "json lines", "json", "tmx" or "xliff".
        sides: two column numbers from 0, two keys of an object (a path of keys each), or two languages.
        header: whether the first row names the columns.
        said: what was recognised and guessed, to be printed; "" where there was nothing to guess.
        delimiter: between the columns.
        width: how many columns the first row of CSV has; 0 where that is not to be compared.
    """

    kind: str
    sides: tuple
    header: bool = False
    said: str = ""
    delimiter: str = "\t"
    width: int = 0


def recognise(path: Path, chosen: tuple[int, int] | None = None, error_class: type = TextFileError) -> Layout:
    """The layout of a file.

    Args:
        path: of the file.
        chosen: the columns of the two sides, from 0, where they are known.
        error_class: what is raised.

    Raises:
        error_class: two columns of text, two keys or two languages cannot be told, or columns were chosen and there
            are none; it says what was seen.
    """
    if is_wide_xml(path):
        return _of_xml(path, is_wide_xml(path), error_class)
    peeked = [text for _, text in islice(read_texts(path, error_class), PEEK)]
    lines = [text for text in peeked if isinstance(text, str) and text.strip()]
    faults = [text for text in peeked if isinstance(text, Problem)]
    if faults and not lines:
        raise error_class(str(faults[0]), faults[0])
    if not lines:
        raise error_class(f"{path} is empty but for blank lines: it holds no pair.")
    if "".join("".join(lines).split()) in ("[]", "{}"):
        raise error_class(f'{path} is JSON and holds no pair. Write {{"source": "…", "target": "…"}} a line.')
    first = lines[0].lstrip()
    is_xml = re.match(r"<\?xml|<!DOCTYPE|<tmx|<xliff", first, flags=re.IGNORECASE)
    braces = first.startswith("{") and sum(line.lstrip().startswith("{") for line in lines) >= SHARE * len(lines)
    objects = braces and ("\t" not in first or is_object(first))
    by_lines = objects and len(lines) > 1 and any(map(is_object, lines[:3]))
    whole = whole_json(path) if first[:1] in ("[", "{") and not by_lines else None
    objects = objects or all(_is_pair(line) for line in lines)
    if chosen is not None and (is_xml or objects or whole):
        named = " and ".join(str(column + 1) for column in chosen)
        what = "JSON" if not is_xml else "XLIFF" if "<xliff" in "".join([first, *lines[:5]]) else "TMX"
        raise error_class(
            f"{path} is {what}, which has no columns, and columns {named} were named. "
            "Leave them out: its sides are told from their names."
        )
    if is_xml:
        return _of_xml(path, "\n".join([first, *lines[:5]]), error_class)
    if whole:
        return _of_objects(path, whole[0], error_class, "json")
    if objects:
        return _json_lines(path, lines, error_class)
    if first.startswith("[") and _is_json_array(first):
        raise error_class(
            f"{path} begins like an array of JSON, and is none. Export it again, or write an object a line."
        )
    lines = [line for line in lines if not SETTING.match(line)]
    delimiter = BARS if sum(BARS in line for line in lines) >= SHARE * len(lines) else "\t"
    if delimiter == "\t" and (known := foreign(lines)):
        raise error_class(f"{path} {known}.")
    rows = [line.split(delimiter) for line in lines]
    if sum(len(row) > 1 for row in rows) * 2 < len(rows) and (found := _csv(lines, first, chosen)):
        return found
    layout = _columns(path, rows, error_class) if chosen is None else _chosen_columns(path, rows, chosen)
    if delimiter == BARS:
        return layout._replace(delimiter=BARS, said=layout.said or f"{path}: the sides are parted by |||")
    if _are_quoted(rows):
        said = f"{layout.said or path}; cells are quoted as in CSV".replace(f"{path};", f"{path}:")
        return layout._replace(kind="csv", said=said)
    return layout


def _of_xml(path: Path, begins: str, error_class: type) -> Layout:
    """The layout of TMX or XLIFF, given how the file begins."""
    if "<xliff" in begins:
        sides = xliff_languages(path, error_class)
        return Layout("xliff", sides, said=f"{path}: XLIFF, {sides[0]} to {sides[1]}")
    sides, guessed = tmx_languages(path, error_class)
    said = f"{path}: TMX, {sides[0]} to {sides[1]}".replace(ANY, "")
    return Layout("tmx", sides, said=f"{said}; {guessed}" if guessed else said)


def _are_quoted(rows: list[list[str]]) -> bool:
    """Whether cells between tabs are quoted as in CSV: those with a quote, which is written twice, or with a comma."""
    quoted = [cell for row in rows for cell in row if cell.startswith('"')]
    if not all(re.fullmatch(r'"(?:[^"]|"")*"', cell.strip()) for cell in quoted):
        return False
    commas = sum("," in cell for row in rows for cell in row)
    by_commas = len(quoted) >= 3 and commas == len(quoted) and all("," in cell for cell in quoted)
    return by_commas or any('""' in cell[1:-1] for cell in quoted)


# Columns -------------------------------------------------------------------------------------------


def _columns(path: Path, rows: list[list[str]], error_class: type) -> Layout:
    rows = [[cell.strip() for cell in row] for row in rows if len(row) > 1]
    width = max((len(row) for row in rows), default=0)
    if width < 2:
        raise error_class(
            f"{path}: no line has a tab, which is to part source and target, and the first is not that of a CSV that "
            "names both sides (source,target). Pass two files whose lines belong together, joined by a comma in the "
            "shell, or put a tab between the sides."
        )
    if listed := of_one_side(rows):
        raise error_class(f"{path} {listed}")
    full = [row for row in rows if len(row) == width] if width > 2 else rows
    if len(full) * 2 < len(rows):  # rows of several widths, such as one with a stray tab: the first two columns
        return Layout("columns", (0, 1), _is_heading(rows[0][:2]))
    body = full[1:] if len(full) > 1 else full
    numbers = [column for column in range(width) if _is_numeric([row[column] for row in body])]
    codes = [column for column in range(width) if _is_code([row[column] for row in body])]
    codes += [
        column
        for column in range(width)
        if width > 2 and column not in codes and _are_codes([row[column] for row in body])
    ]
    codes += [column for column in range(width) if _share([row[column] for row in body], ADDRESS.match) >= SHARE]
    empty = [column for column in range(width) if width > 2 and not any(row[column] for row in body)]
    text = [column for column in range(width) if column not in (*numbers, *codes, *empty)]
    single = [n for n in text if width > 2 and _share([row[n] for row in body], _is_single) == 1]
    told = [n for n in text if n not in single and _share([row[n] for row in body], SENTENCE.fullmatch) > 0.5]
    if len(told) > 1:  # names of files, domains, classes beside sentences
        text = [n for n in text if n not in single]
        kinds = {row[n].lower() for n in single for row in body}
        if kinds & INFERENCES and any({row[n].lower() for row in body} <= INFERENCES for n in single):
            raise error_class(
                f"{path} holds sentences of one language and whether one follows from the other ({min(kinds)}), and no "
                "translations. Name two columns with --columns where they are meant."
            )
    else:
        single = []
    names = (
        [n for n in text if len(rows[0]) == width and _names_side(rows[0][n])] if width > 2 and body is not full else []
    )
    if len(names) == 2 and rows[0][names[0]].lower() != rows[0][names[1]].lower():
        text = names
    classes = [n for n in (0, 1) if width == 2 and _are_classes([row[n] for row in body], [row[1 - n] for row in body])]
    if width == 2 and len(numbers) == 1:  # numbers and their names are translations; numbers and sentences are not
        numbers = numbers if _share([row[1 - numbers[0]] for row in body], lambda cell: " " in cell) > 0.5 else []
    if width == 2 and (numbers or classes):
        column, what = (numbers[0], "numbers") if numbers else (classes[0], "a few words that come again and again")
        raise error_class(
            f"{path}: column {column + 1} of 2 holds {what}, and no sentences. Pass a source and its translation a "
            "line, or name the two with --columns 1,2 (columns=(0, 1)) where they are meant."
        )
    if width == 2:
        text = [0, 1]
    if len(text) < 2:
        kinds = ("numbers", numbers), ("one code", codes), ("empty", empty)
        named = [next((what for what, columns in kinds if n in columns), "text") for n in range(width)]
        seen = ", ".join(f"{n} ({what})" for n, what in enumerate(named, start=1))
        raise error_class(
            f"{path}: two columns of text are wanted; recognised were columns {seen}. "
            "Name the two with --columns, as --columns 1,2; columns=(0, 1) in Python, where they are counted from 0."
        )
    sides = text[0], text[1]
    first = rows[0] if len(rows[0]) == width else []  # a shorter one is a row gone wrong, no heading
    named = [column for column in numbers if first and column not in sides and not NUMBER.fullmatch(first[column])]
    header = bool(named) or text == names != [] or bool(first) and _is_heading([first[column] for column in sides])
    said = []
    if sides != (0, 1):
        found = ("numbers", numbers), ("codes or addresses", codes), ("single words", single)
        passed = " and ".join(what for what, columns in found if columns)
        others = f"; others hold {passed}" if passed else "; others are empty" if empty else ""
        said.append(f"the sides are columns {sides[0] + 1} and {sides[1] + 1} of {width}{others}")
    more = [n for n in text[2:] if _share([row[n] for row in body], ATTRIBUTION.search) < SHARE]
    if more and any(row[n] for row in body for n in more):
        said.append(f"columns {', '.join(str(n + 1) for n in text)} hold text, and the first two were taken")
    if header:
        said.append(f"the first row names the columns ({', '.join(rows[0])}) and is passed over")
    return Layout("columns", sides, header, f"{path}: {'; '.join(said)}" if said else "")


def _chosen_columns(path: Path, rows: list[list[str]], chosen: tuple[int, int]) -> Layout:
    """Tab-separated text whose sides somebody named: what is left to tell is whether a heading comes first."""
    first = [cell.strip() for cell in rows[0]] if rows else []
    header = max(chosen) < len(first) and _is_heading([first[column] for column in chosen])
    said = f"{path}: the first row names the columns ({', '.join(first)}) and is passed over" if header else ""
    return Layout("columns", chosen, header, said)


def _is_numeric(cells: list[str]) -> bool:
    there = [cell for cell in cells if cell]
    return bool(there) and sum(bool(NUMBER.fullmatch(cell)) for cell in there) >= SHARE * len(there)


def _is_code(cells: list[str]) -> bool:
    """Whether it is the same short code in every row, such as a language's."""
    return len(cells) >= 3 and len(set(cells)) == 1 and re.fullmatch(r"[A-Za-z]{2,3}([-_]\w+)?", cells[0]) is not None


def _are_codes(cells: list[str]) -> bool:
    """Whether they are codes of several languages, as in a list of sentences of many."""
    return len(cells) >= 4 and len({*cells}) <= len(cells) / 2 and all(map(CODE.fullmatch, cells))


def _are_classes(cells: list[str], texts: list[str]) -> bool:
    """Whether they are classes of texts: a word each, few different ones beside many different texts."""
    few = len(cells) >= 20 and 5 * len({*cells}) <= len({*texts})
    return few and all(re.fullmatch(r"[\w-]+", cell) for cell in cells)


def _is_single(cell: str) -> bool:
    """Whether a cell is one word of letters that ends no sentence: a class, a domain, the name of a file."""
    return " " not in cell and cell.isascii() and not SENTENCE.fullmatch(cell)


def _share(cells: list[str], holds) -> float:
    there = [cell for cell in cells if cell]
    return sum(bool(holds(cell)) for cell in there) / len(there) if there else 0.0


def _is_heading(cells: list[str]) -> bool:
    return len(cells) == 2 and cells[0].lower() != cells[1].lower() and all(map(_names_side, cells))


def _names_side(cell: str) -> bool:
    """Whether a cell is the name of a side: english, src, or with more about it, as "English words/sentences"."""
    cell = cell.strip().strip('"').lower()
    words = re.findall(r"[^\W_]+", cell)
    return (
        cell in HEADINGS
        or FLORES.fullmatch(cell) is not None
        or any(word in HEADINGS for word in words)
        and {*words} <= HEADINGS | WORDS
    )


# CSV -----------------------------------------------------------------------------------------------


def _csv(lines: list[str], first: str, chosen: tuple[int, int] | None) -> Layout | None:
    """The layout of CSV whose first row names both sides, or whose columns somebody named.

    None where neither is so: a comma alone proves nothing.
    """
    for delimiter in (",", ";"):
        cells = [name.strip() for name in next_row(csv.reader([first], delimiter=delimiter)) or ()]
        names = [name.lower() for name in cells]
        sides = _named_sides(names)
        if sides is None:
            known = [n for n, name in enumerate(names) if _names_side(name)]
            sides = tuple(known) if len(known) == 2 else None
        if chosen is not None and max(chosen) < len(cells):
            header = sides is not None or _is_heading([cells[column] for column in chosen])
            said = f"CSV, separated by {delimiter!r}" + (f": {', '.join(cells)} names the columns" if header else "")
            return Layout("csv", chosen, header, said, delimiter, len(cells))
        if sides is not None:
            said = f"CSV: the sides are the columns {names[sides[0]]} and {names[sides[1]]}"
            return Layout("csv", sides, True, said, delimiter, len(cells))
    return None


def _named_sides(names: list[str]) -> tuple[int, int] | None:
    return next(((names.index(a), names.index(b)) for a, b in SIDES if a in names and b in names), None)


# JSON Lines ----------------------------------------------------------------------------------------


def _is_pair(line: str) -> bool:
    """Whether a line is [source, target]."""
    try:
        return line.startswith("[") and isinstance(as_record(json.loads(line)), dict)
    except (ValueError, RecursionError):
        return False


def _is_json_array(first: str) -> bool:
    return bool(re.match(r"\[\s*(\{|$)", first))


def _json_lines(path: Path, lines: list[str], error_class: type) -> Layout:
    try:
        example = of_line(lines[0])
    except ValueError:
        return Layout("json lines", (("source",), ("target",)), said=f"{path}: JSON Lines")  # the line will be named
    return _of_objects(path, example, error_class, "json lines")


def _of_objects(path: Path, example, error_class: type, kind: str) -> Layout:
    """The layout of objects, told from the first."""
    example = as_record(example)
    inner = example.get("translation") if isinstance(example, dict) else None
    record, prefix = (inner, ("translation",)) if isinstance(inner, dict) else (example, ())
    texts = [key for key, value in record.items() if isinstance(value, str)] if isinstance(record, dict) else []
    sides = _named_sides([key.lower() for key in texts])
    keys = [texts[n] for n in sides] if sides else [key for key in texts if key.lower() in HEADINGS]
    keys = keys if len(keys) == 2 else texts
    if len(keys) == 2 and any(key.lower() in NO_SIDES or key.startswith("@") for key in keys):
        raise error_class(
            f"{path}: JSON with texts under {keys[0]!r} and {keys[1]!r}, which are no sentence and its translation. "
            'Write {"source": "…", "target": "…"} a line.'
        )
    if len(keys) != 2:
        raise error_class(
            f"{path}: JSON, and which two keys hold the sides cannot be told: the first object has {texts}. "
            'Name them "source" and "target".'
        )
    said = f"{path}: {'JSON Lines' if kind == 'json lines' else 'JSON'}, {keys[0]} to {keys[1]}"
    return Layout(kind, tuple((*prefix, key) for key in keys), said=said)


def from_json(path: Path, number: int, text: str, layout: Layout) -> tuple[str, str] | Problem:
    """The two sides that a line's object holds."""
    where = str(path), number
    try:
        record = of_line(text)
    except (ValueError, RecursionError) as error:
        return Problem("not JSON", *where, f"the line is no JSON: {error}", "Write one object a line, in double quotes")
    return sides_of(path, number, record, layout)


def sides_of(path: Path, number: int, record, layout: Layout) -> tuple[str, str] | Problem:
    """The two sides that an object holds."""
    where, record, sides = (str(path), number), as_record(record), []
    for keys in layout.sides:
        value = record
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        if not isinstance(value, str):
            there = list(record) if isinstance(record, dict) else type(record).__name__
            return Problem("missing column", *where, f"there is no text under {'/'.join(keys)!r}; there is {there}",
                           "Use the same two keys in every line")  # fmt: skip
        sides.append(value.strip())
    return sides[0], sides[1]
