"""Which layout a file of parallel text has: columns among others, CSV, JSON, TMX or XLIFF, told from its content.

What is decided by a guess is a sentence to read, `Layout.said`; where nothing fits, the error says what was recognised.
"""

import csv
import json
import re
from collections import Counter
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

from utils.datasets.readers.broken_json import of_line
from utils.datasets.readers.json_places import twice
from utils.datasets.readers.language_names import DOUBTFUL, language_of
from utils.datasets.readers.parallel_anki import SETTING, Settings, settings_of
from utils.datasets.readers.parallel_columns import MEANT, Layout, chosen_columns, columns_of
from utils.datasets.readers.parallel_csv import next_row
from utils.datasets.readers.parallel_documents import (
    ANY,
    BROKEN,
    as_record,
    is_wide_xml,
    tmx_languages,
    whole_json,
    xliff_languages,
)
from utils.datasets.readers.parallel_foreign import SENTENCE, SHARE, foreign, is_object
from utils.datasets.readers.parallel_headings import (
    NO_SIDES,
    is_heading,
    judged,
    languages_among,
    other_texts,
    sides_among,
)
from utils.datasets.readers.parallel_marks import ABSENT, FEW, NUMBER
from utils.datasets.readers.questions import has_half
from utils.datasets.readers.text_files import Problem, TextFileError, open_bytes, read_texts

__all__ = ["BARS", "PEEK", "SETTING", "Layout", "from_json", "recognise", "sides_of"]

PEEK = 2000  # lines that the layout is told from
BARS = "|||"  # between the sides, as word aligners want them
LANGUAGES = ("sl", "tl", "lp")  # keys under which a language may stand, of Slovene and Tagalog too
INNER = ("text", "sentence", "content", "value", "segment")  # where a side that is an object has its text
XML = re.compile(r"<\?xml|<!DOCTYPE|<tmx|<xliff", flags=re.IGNORECASE)
WRITE = 'Write {"source": "…", "target": "…"} a line.'


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
    peeked = [
        text.removeprefix("\ufeff") if isinstance(text, str) else text
        for _, text in islice(read_texts(path, error_class), PEEK)
    ]
    lines = [text for text in peeked if isinstance(text, str) and text.strip()]
    faults = [text for text in peeked if isinstance(text, Problem)]
    if peeked and isinstance(peeked[0], Problem) and peeked[0].kind == "line too long":
        lines = _begin_of(path, lines) + lines  # what has few line ends, as programs write it, is not read by lines
    if faults and not lines:
        raise error_class(str(faults[0]), faults[0])
    if not lines:
        raise error_class(f"{path} is empty but for blank lines: it holds no pair.")
    if "".join("".join(lines).split()) in ("[]", "{}"):
        raise error_class(f'{path} is JSON and holds no pair. Write {{"source": "…", "target": "…"}} a line.')
    first = lines[0].lstrip()
    is_xml = XML.match(first)
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
        return _of_lists(path, whole[:PEEK], "json") or _of_objects(path, _telling(whole[:PEEK]), error_class, "json")
    if objects:
        return _json_lines(path, lines, error_class)
    if first.startswith("[") and _is_json_array(first):
        raise error_class(
            f"{path} begins like an array of JSON, and is none. Export it again, or write an object a line."
        )
    if first[0] in "[{" and not any("\t" in line or BARS in line for line in lines):
        _refuse_json(path, error_class)
    anki, lines = settings_of(lines), [line for line in lines if not SETTING.match(line)]
    about = _comments(lines, "\t")
    lines = lines[len(about) :]
    if anki.separator not in ("", "\t") and chosen is None:
        return _of_anki(path, lines, anki, error_class)
    delimiter = BARS if sum(BARS in line for line in lines) >= SHARE * len(lines) else "\t"
    if delimiter == "\t" and (known := foreign(lines)):
        raise error_class(f"{path} {known}.")
    rows = [line.split(delimiter) for line in lines]
    if sum(len(row) > 1 for row in rows) * 2 < len(rows) and (found := _csv(path, lines, chosen, error_class)):
        return found
    layout = chosen_columns(path, rows, chosen) if chosen else columns_of(path, rows, error_class, anki.meta)
    if anki.html:
        layout = layout._replace(
            html=True, said=f"{layout.said or path}; cells are HTML".replace(f"{path};", f"{path}:")
        )
    if about:
        said = f"{layout.said or path}; its first lines begin with # and are passed over ({about[0][:40]!r})"
        layout = layout._replace(about=frozenset(about), said=said.replace(f"{path};", f"{path}:"))
    if delimiter == BARS:
        return layout._replace(delimiter=BARS, said=layout.said or f"{path}: the sides are parted by |||")
    if _are_quoted(rows):
        said = f"{layout.said or path}; cells are quoted as in CSV".replace(f"{path};", f"{path}:")
        names = tuple(cell.strip('"') for cell in layout.names)
        return layout._replace(kind="csv", said=said, width=0, names=names)
    return layout


def _comments(lines: list[str], delimiter: str) -> list[str]:
    """The lines at the beginning that start with # and have other columns than the rows behind them."""
    about = list(takewhile(lambda line: line.startswith("#"), lines))
    widths = Counter(line.count(delimiter) for line in lines[len(about) :])
    usual = max(widths, key=widths.get, default=0)
    return about if usual and all(line.count(delimiter) != usual for line in about) else []


def _begin_of(path: Path, lines: list[str]) -> list[str]:
    """How a file of XML or JSON begins whose first line is too long to be shown; none for any other.

    `lines` are those after it: an array may go on there, and lines of JSON begin anew.
    """
    with open_bytes(path) as file:
        begin = file.read(2000).decode("utf-8-sig", "replace").lstrip()
    array = begin[:1] == "[" and lines and lines[0].lstrip()[:1] in ("{", "[", "]")
    if XML.match(begin):
        return [begin]
    return [begin[:1]] if array or not lines and begin[:1] in ("[", "{") else []


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
    bare = [cell.strip() for row in rows for cell in row if not cell.startswith('"')]
    if sides_among([cell.strip(' "') for cell in rows[0]]) and rows[0][0][:1] == '"' and len(rows) >= FEW:
        if all(not cell or NUMBER.fullmatch(cell) or cell in ABSENT for cell in bare):  # every text is, the names too
            return True
    if not all(re.fullmatch(r'"(?:[^"]|"")*"', cell.strip()) for cell in quoted):
        return _go_on(rows)
    commas = sum("," in cell for row in rows for cell in row)
    by_commas = len(quoted) >= 3 and commas == len(quoted) and all("," in cell for cell in quoted)
    return by_commas or any('""' in cell[1:-1] for cell in quoted)


def _go_on(rows: list[list[str]]) -> bool:
    """Whether rows have as many cells each where quotes hold them together, over several lines, and not as they are."""
    try:
        read = list(csv.reader(("\t".join(row) + "\n" for row in rows), delimiter="\t", strict=True))
    except csv.Error:
        return False
    return len(set(map(len, rows))) > 1 and len(set(map(len, read))) == 1 < len(read[0])


# CSV -----------------------------------------------------------------------------------------------


def _csv(path: Path, lines: list[str], chosen: tuple[int, int] | None, error_class: type) -> Layout | None:
    """The layout of CSV whose first row names both sides, or whose columns somebody named.

    None where neither is so: a comma alone proves nothing.
    """
    for delimiter in (",", ";"):
        cells = [name.strip() for name in _cells(lines[0], delimiter)]
        sides = sides_among(cells, _are_sentences(lines, cells, delimiter))
        if chosen is not None and max(chosen) < len(cells):
            header = sides is not None or is_heading([cells[column] for column in chosen])
            named = f": {', '.join(cells)} names the columns" if header else ""
            said = f"{path}: CSV, separated by {delimiter!r}{named}"
            names = tuple(cells) if header else ()
            return Layout("csv", chosen, said, delimiter, len(cells), names, believed=True)
        prose = f"{delimiter} " in lines[0] and 2 * sum(len(_cells(line, delimiter)) == len(cells) for line in lines)
        if len(cells) < 2 or f"{delimiter} " in lines[0] and prose <= len(lines):
            continue
        if len(lines) > 1 and (known := judged(cells)):
            raise error_class(f"{path} {known}. {MEANT}")
        if len(cells) == 2 and other_texts(*cells):
            raise error_class(f"{path}: the columns are {cells[0]} and {cells[1]}, no sentence and its translation. "
                              f"{MEANT}")  # fmt: skip
        if sides is not None:
            rows = [row for line in lines[1:FEW] if len(row := _cells(line, delimiter)) == len(cells) > 2]
            if rows and all(row[n].strip() == cells[n] for row in rows for n in sides):
                return _beside_languages(path, cells, sides, delimiter, error_class)
            said = f"{path}: CSV, the sides are the columns {cells[sides[0]].lower()} and {cells[sides[1]].lower()}"
            return Layout("csv", sides, said, delimiter, len(cells), tuple(cells))
        if len(languages := languages_among(cells)) > 2:
            raise error_class(f"{path}: CSV with the columns {', '.join(languages)}, and two sides are wanted. {MEANT}")
    return None


def _beside_languages(path: Path, cells: list[str], sides: tuple[int, int], delimiter: str, error_class: type):
    """The layout of CSV without a header, whose every row names both languages as the first one does."""
    named, texts = f"{cells[sides[0]]} and {cells[sides[1]]}", [n for n in range(len(cells)) if n not in sides]
    if len(texts) != 2:
        raise error_class(f"{path}: each row names {named}, and the sentences stand in other columns. {MEANT}")
    said = f"{path}: CSV, each row names {named}; columns {texts[0] + 1} and {texts[1] + 1} are the sides"
    return Layout("csv", tuple(texts), said, delimiter, len(cells))


def _cells(line: str, delimiter: str) -> list[str]:
    """The cells of a line of CSV; none where it is no row by itself."""
    try:
        return next_row(csv.reader([line], delimiter=delimiter, skipinitialspace=True)) or []
    except csv.Error:
        return []


def _are_sentences(lines: list[str], names: list[str], delimiter: str) -> bool:
    """Whether text stands in the columns that are called as a language may be, and as much else: id, no."""
    unsure = [n for n, name in enumerate(names) if name.lower() in DOUBTFUL]
    rows = [row for line in lines[1:] if len(row := _cells(line, delimiter)) == len(names)] if unsure else []
    return bool(rows) and all(2 * sum(_is_sentence(row[n]) for row in rows) > len(rows) for n in unsure)


def _is_sentence(cell: str) -> bool:
    """Whether a cell is more than a word."""
    return " " in cell.strip() or SENTENCE.fullmatch(cell.strip()) is not None


def _of_anki(path: Path, lines: list[str], anki: Settings, error_class: type) -> Layout:
    """The layout of an export whose first lines say which sign stands between the cells."""
    rows = [_cells(line, anki.separator) for line in lines]
    layout = columns_of(path, [row for row in rows if row], error_class, anki.meta)
    said = f"{layout.said or path}; the file says that {anki.separator!r} stands between its cells"
    said = said.replace(f"{path};", f"{path}:") + ("; cells are HTML" if anki.html else "")
    return layout._replace(kind="csv", delimiter=anki.separator, said=said, html=anki.html)


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
    items = [example, *(of_line(line) for line in lines[1:] if is_object(line))]
    if layout := _of_lists(path, items, "json lines"):
        return layout
    example = _telling(items)
    return _of_objects(path, example, error_class, "json lines", alone=len(lines) == 1)


def _of_lists(path: Path, items: list, kind: str) -> Layout | None:
    """The layout of doccano's sequences: under "text" one side, under "label" a list of others, sentences all of them.

    None where what stands in the lists may be classes of texts, which come again and are no sentences.
    """
    key = next((key for key in ("label", "labels") if all(isinstance(one, dict) and key in one for one in items)), None)
    both = [(one.get("text"), one[key]) for one in items if one[key]] if key else []
    if not both or not all(isinstance(text, str) and isinstance(inner, list) for text, inner in both):
        return None
    if not all(isinstance(side, str) for _, inner in both for side in inner):
        return None
    texts, firsts = {text for text, _ in both}, {inner[0].strip() for _, inner in both}
    ended = sum(SENTENCE.fullmatch(side) is not None for side in firsts)
    if len(firsts) < SHARE * len(texts) or ended < SHARE * len(firsts):
        return None
    more = f", of several {key}s the first" if any(len(inner) > 1 for _, inner in both) else ""
    said = f"{path}: {'JSON Lines' if kind == 'json lines' else 'JSON'}, text to {key}{more}"
    return Layout(kind, (("text",), (key, 0)), said=said)


def _telling(items: list) -> Any:
    """The item that the sides are told from: the first with two texts, since one of the very first may be null."""
    return next((item for item in items if len(_texts(_record_of(item)[0])) > 1), items[0])


def _record_of(item: Any) -> tuple[Any, tuple]:
    """The object that holds a pair's two texts, and the way to it."""
    item = as_record(item)
    inner = item.get("translation") if isinstance(item, dict) else None
    return (inner, ("translation",)) if isinstance(inner, dict) else (item, ())


def _of_objects(path: Path, example, error_class: type, kind: str, alone: bool = False) -> Layout:
    """The layout of objects, told from one; two texts of one that is `alone` are no pair by chance of number."""
    record, prefix = _record_of(example)
    texts = _texts(record)
    if not texts and isinstance(record, dict) and (said := _several(record)):
        raise error_class(f"{path} {said}")
    if isinstance(record, dict) and (known := judged(list(record))):
        raise error_class(f"{path} {known}. {WRITE}")
    names = list(texts)
    unsure = [name for name in names if name.lower() in DOUBTFUL]
    sides = sides_among(names, bool(prefix) or all(_is_sentence(texts[name][1]) for name in unsure))
    keys = [names[n] for n in sides] if sides else names
    if len(keys) == 2 and not sides and any(key.lower() in NO_SIDES or key[:1] in ("@", "_") for key in keys):
        raise error_class(
            f"{path}: JSON with texts under {keys[0]!r} and {keys[1]!r}, which are no sentence and its translation. "
            f"{WRITE}"
        )
    if len(keys) != 2 or alone and not sides:
        raise error_class(
            f"{path}: JSON, and which two keys hold the sides cannot be told: the first object has {names}. "
            'Name them "source" and "target".'
        )
    said = f"{path}: {'JSON Lines' if kind == 'json lines' else 'JSON'}, {keys[0]} to {keys[1]}"
    return Layout(kind, tuple((*prefix, *texts[key][0]) for key in keys), said=said)


def _texts(record: Any) -> dict[str, tuple[tuple, str]]:
    """The keys that hold a text, or an object with one: the way to it, and the text. Names of languages are none."""
    found = {}
    for key, value in record.items() if isinstance(record, dict) else ():
        within = next((name for name in INNER if isinstance(value, dict) and isinstance(value.get(name), str)), None)
        text = value if within is None else value[within]
        is_code = "lang" in key.lower() or key.lower() in LANGUAGES
        if isinstance(text, str) and not (is_code and language_of(text)):
            found[key] = ((key,) if within is None else (key, within)), text
    return found


def _several(record: dict) -> str:
    """What is said of an object that holds several lists of pairs, and what to do; "" for any other."""
    lists = [key for key, one in record.items() if isinstance(one, list) and one and isinstance(one[0], (dict, list))]
    if len(lists) < 2:
        return ""
    named = ", ".join(lists[:6])
    return f"is JSON and holds several lists ({named}). Write each into a file of its own, an object a line."


def _refuse_json(path: Path, error_class: type) -> None:
    """Raises where a file is JSON from which no pairs can be told, or begins as an object of it and is none."""
    try:
        with open_bytes(path) as file:
            value = json.loads(file.read().decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        if re.match(r'\s*\{\s*("[^"]*"\s*:|$)', error.doc[:1000], flags=re.MULTILINE):
            raise error_class(
                f"{path} begins like JSON, and is none: line {error.lineno}, column {error.colno}: {error.msg}. "
                "Mend that place, or export it again."
            ) from error
        return
    except (ValueError, RecursionError, *BROKEN):
        return
    said = _several(value) if isinstance(value, dict) else ""
    keys = ", ".join(list(value)[:6]) if isinstance(value, dict) else ""
    raise error_class(f"{path} {said}" if said else f"{path} is JSON with {f'the keys {keys}' if keys else 'a list'}, "
                      f"and no list of pairs is in it. {WRITE}")  # fmt: skip


def from_json(path: Path, number: int, text: str, layout: Layout) -> tuple[str, str] | Problem:
    """The two sides that a line's object holds."""
    where = str(path), number
    try:
        record = of_line(text)
    except (ValueError, RecursionError) as error:
        return Problem("not JSON", *where, f"the line is no JSON: {error}", "Write one object a line, in double quotes")
    if any(text.count(f'"{keys[-1]}"') > 1 for keys in layout.sides) and (found := twice(text)):
        return Problem("key twice", *where, found, "Take one of the two out")
    return sides_of(path, number, record, layout)


def sides_of(path: Path, number: int, record, layout: Layout) -> tuple[str, str] | Problem:
    """The two sides that an object holds."""
    where, record, sides = (str(path), number), as_record(record), []
    for keys in layout.sides:
        value, named = record, "/".join(key for key in keys if key != 0)
        for key in keys:
            if isinstance(value, dict):
                value = value.get(key)
            else:
                value = value[0] if key == 0 and isinstance(value, list) and value else None
        if not isinstance(value, str):
            there = list(record) if isinstance(record, dict) else type(record).__name__
            return Problem("missing column", *where, f"there is no text under {named!r}; there is {there}",
                           "Use the same two keys in every line")  # fmt: skip
        if not value.isascii() and has_half(value):
            found = f"the text under {named!r} holds half of a character (a lone surrogate)"
            return Problem("half a character", *where, found, "Export it anew, or take the half out")
        sides.append(value.strip())
    return sides[0], sides[1]
