"""Reads texts with entities: columns, CSV, JSON with spans or with tokens, the exports of annotation tools.

Which format a file is in its content tells, plain or gzip. Whatever is wrong becomes a `Problem` with its line:
`examine_entities` gives examples and problems in the order of the file, `read_entities` the examples alone. Both hold
one example in memory at a time (JSON that is no line for each, and a CSV with an entity a row, are held whole). No
framework.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, islice
from pathlib import Path

from utils.datasets.readers.entity_adapted import bracket_rows, comma_of, comma_rows, is_comma_spaced, is_ontonotes
from utils.datasets.readers.entity_columns import (
    PEEK,
    columns,
    glued,
    glued_rows,
    says_outside,
    sentence_rows,
    sides_of,
    until_told,
)
from utils.datasets.readers.entity_csv import are_texts, read_header, word_rows
from utils.datasets.readers.entity_csv_spans import span_rows, spans_header
from utils.datasets.readers.entity_examples import SHOWN, Example, Span, split_words
from utils.datasets.readers.entity_foreign import ADVICE, tool_of_lines
from utils.datasets.readers.entity_guesses import guess, words_over_labels
from utils.datasets.readers.entity_json import json_lines, json_whole
from utils.datasets.readers.entity_labels import chunks
from utils.datasets.readers.entity_layout import layout_of
from utils.datasets.readers.entity_overlaps import OVERLAPS
from utils.datasets.readers.entity_rows import number_rows, numbered_of, span_a_row, span_columns
from utils.datasets.readers.entity_spans import is_pair
from utils.datasets.readers.entity_tokens import is_tagged_pair
from utils.datasets.readers.text_files import (
    Problem,
    TextFileError,
    check_file,
    decode,
    in_two,
    open_bytes,
    read_texts,
)

__all__ = [
    "KINDS",
    "EntityFileError",
    "Example",
    "Problem",
    "Span",
    "chunks",
    "examine_entities",
    "format_of",
    "read_entities",
    "split_words",
]
LOOKED_AT = 200  # lines that tell the format
NO_JSON = object()
JSON = re.compile(  # and no mark in brackets, such as [CLS] or [Jane|PER]
    r"\s*[\[{]\s*(?:$|[\[{\]}\"'/(\d-]|u'|(?:true|false|null|None|NaN)\b|\w+\s*:)"
)
KINDS = (
    "not a file", "unknown format", "not UTF-8", "NUL byte", "carriage return", "line too long", "broken off",
    "not JSON", "not an object", "no text", "no spans", "bad span", "bad label", "empty span", "span out of range",
    "overlapping spans", "span says other text", "span twice", "space around a span", "span cuts a word", "no label",
    "label without B- or I-", "I- without B-", "numbered words", "empty file", "other number of columns",
    "bad quotes", "not text", "sentence comes back", "columns told", "rows passed over", "counting told", "left out",
    "several lists", "key twice", "half a character", "another tool",
)  # fmt: skip


class EntityFileError(TextFileError):
    """Entities cannot be read; `problem` says what is wrong first, `problems` all there is."""

    def __init__(self, message: str, problems: list[Problem] | None = None):
        super().__init__(message, problems[0] if problems else None)
        self.problems = problems or []


def read_entities(path: str | os.PathLike, on_error: str = "raise",
                  on_problem: Callable[[Problem], None] | None = None,
                  tag_column: int | None = None, overlaps: str = "outer") -> list[Example]:  # fmt: skip
    """All examples of a file.

    Args:
        path: of the file; plain or gzip.
        on_error: "raise" where an example cannot be used, or "skip" to leave such examples out.
        on_problem: called with each problem, those of examples that are kept too.
        tag_column: of columns, which holds the labels, from 0; None: told from the file.
        overlaps: "outer" keeps the longer of two spans that overlap, "refuse" leaves out such a text.

    Raises:
        EntityFileError: there is no such file or nothing in it can be used (whatever `on_error` is), or an example
            cannot be used and `on_error` is "raise"; the message names the first line and counts the others.
        ValueError: there is no such `on_error` or `overlaps`.
    """
    if on_error not in ("raise", "skip"):
        raise ValueError(f'on_error must be "raise" or "skip". Received: on_error={on_error!r}')
    examples, bad, said = [], [], []
    for item in examine_entities(path, tag_column, overlaps):
        if isinstance(item, Example):
            examples.append(item)
            continue
        if on_problem is not None:
            on_problem(item)
        if item.kind == "left out" or item.kind == "no text" and item.kept:
            said.append(str(item))
        if not item.kept:
            bad.append(item)
    if not examples and not bad:
        raise EntityFileError(f"{path}: no text in it can be used. {' '.join(said)}".strip())
    bad.sort(key=lambda problem: problem.line > 0)  # what is wrong with the whole file first: it breaks off, say
    if bad and (on_error == "raise" or not bad[0].line or not examples):
        more = f" {len(bad) - 1} more lines cannot be used." if len(bad) > 1 else ""
        advice = ' Or leave such examples out: on_error="skip".' if bad[0].line and on_error == "raise" else ""
        raise EntityFileError(f"{bad[0]}{more}{advice}", bad)
    return examples


def examine_entities(
    path: str | os.PathLike, tag_column: int | None = None, overlaps: str = "outer"
) -> Iterator[Example | Problem]:
    """Every example of a file and every problem, in the file's order; of the file nothing is raised.

    `tag_column` and `overlaps` as in `read_entities`.

    An example with a problem that is not `kept` is not given; one with a kept problem follows that problem.
    """
    if overlaps not in OVERLAPS:
        raise ValueError(f'overlaps must be "outer" or "refuse". Received: overlaps={overlaps!r}')
    return _printable(os.fspath(path), _examined(path, tag_column, overlaps))


def _printable(file: str, items: Iterator) -> Iterator[Example | Problem]:
    """The same, half characters (as JSON may escape them) refused: no tokenizer takes them, no screen shows them."""
    for item in items:
        if isinstance(item, Problem):
            said = (text.encode("utf-8", "backslashreplace").decode() for text in (item.message, item.advice))
            yield item._replace(**dict(zip(("message", "advice"), said, strict=True)))
            continue
        if item.text.isascii() and all(span.label.isascii() for span in item.spans):
            yield item
            continue
        try:
            "".join((item.text, *(span.label for span in item.spans))).encode()
            yield item
        except UnicodeEncodeError as error:
            found = f"half a character stands there: {ascii(error.object[max(0, error.start - 10) : error.end + 10])}"
            advice = "Export it anew: something was cut within a character"
            yield Problem("half a character", file, item.line, found, advice)


def _examined(path: str | os.PathLike, tag_column: int | None, overlaps: str) -> Iterator[Example | Problem]:
    file = os.fspath(path)
    try:
        check_file(Path(path))
        lines = _decoded(file)
        first = list(islice(lines, LOOKED_AT))
        reader = _reader_for([text for _, text in first if isinstance(text, str)], tag_column)
        if reader is None and (tells := says_outside([text for _, text in first if isinstance(text, str)])):
            more = until_told(lines, tells)
            telling = [text for _, text in (*first, (0, ""), *more[-PEEK:]) if isinstance(text, str)]
            reader = _reader_for(telling, tag_column)
            first += more
        reader = json_whole if _is_one_long_line(path, first) else reader
        if reader in (columns, word_rows):
            reader = partial(reader, tag_column=tag_column)
        elif reader is not None and tag_column is not None:
            found = f"column {tag_column + 1} was named for the labels, and the file has no such columns"
            yield Problem("columns told", file, 0, found, "It was read as its content says", kept=True)
        if reader is None:
            yield _unknown(file, first)
        elif reader is span_rows:
            at = spans_header([text for _, text in first if isinstance(text, str)])
            yield from span_rows(file, partial(_decoded, file), overlaps, at)
        elif reader is span_a_row:
            at = span_columns([text for _, text in first if isinstance(text, str)])
            yield from span_a_row(file, partial(_decoded, file), overlaps, at)
        elif reader is number_rows:
            at = numbered_of([text for _, text in first if isinstance(text, str)])
            yield from number_rows(file, chain(first, lines), *at)
        elif reader in (json_lines, json_whole):
            yield from reader(file, partial(_whole if reader is json_whole else _decoded, file), overlaps)
        else:
            yield from reader(file, chain(first, lines))
    except OSError as error:
        found, advice = (f"it cannot be read: {error.strerror}", "") if error.strerror else in_two(file, error)
        yield Problem("not a file", file, 0, found, advice or "Pass the path of one file that can be read")
    except TextFileError as error:
        marks = {"is empty": "empty file", "breaks off": "broken off", "cannot be unpacked": "broken off"}
        kind = next((kind for words, kind in marks.items() if words in str(error)), "not text")
        found, advice = in_two(file, error)
        yield Problem(kind, file, 0, found, advice or "See that it is UTF-8 text, plain or packed with gzip")


def format_of(path: str | os.PathLike) -> str | None:
    """The name of the format that a file's content shows, or None.

    "columns", "rows of sentences", "csv", "csv with spans", "json lines" (an object or list a line), "json".
    """
    try:
        check_file(Path(path))
        first = list(islice(_decoded(os.fspath(path)), LOOKED_AT))
        if _is_one_long_line(path, first):
            return "json"
        first = [text for _, text in first if isinstance(text, str)]
    except (OSError, TextFileError):
        return None
    names = {
        json_lines: "json lines",
        json_whole: "json",
        word_rows: "csv",
        span_rows: "csv with spans",
        span_a_row: "csv with spans",
        number_rows: "columns",
        comma_rows: "columns",
        bracket_rows: "columns",
        columns: "columns",
        sentence_rows: "rows of sentences",
        glued_rows: "rows of sentences",
    }
    return names.get(_reader_for(first))


def _decoded(file: str) -> Iterator[tuple[int, str | Problem]]:
    """Number and text of each line, without marks of files that were joined, or what is wrong with it."""
    for number, text in read_texts(Path(file)):
        yield number, text.lstrip("\ufeff") if isinstance(text, str) and text[:1] == "\ufeff" else text


def _whole(file: str) -> Iterator[tuple[int, str | Problem]]:
    """The same of a file that is to be held whole: no line is too long."""
    with open_bytes(Path(file)) as opened:
        content = opened.read().removeprefix(b"\xef\xbb\xbf")
    for number, line in enumerate(content.split(b"\n"), start=1):
        yield number, decode(Path(file), number, line.removesuffix(b"\r"))


def _is_one_long_line(path: str | os.PathLike, first: list) -> bool:
    """Whether a file is JSON whose first line is longer than a line of text may be, as exports are."""
    if not first or not isinstance(first[0][1], Problem) or first[0][1].kind != "line too long":
        return False
    with open_bytes(Path(path)) as opened:
        return opened.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"[", b"{")


# Which format --------------------------------------------------------------------------------------


def _reader_for(every: list[str], tag_column: int | None = None) -> Callable | None:
    """The reader of the format that the first lines show, blank ones among them."""
    lines = [line for line in every if line.strip()]
    if not lines or tool_of_lines(lines, surely=True) or words_over_labels(lines):
        return None
    whole = [_as_json(line) for line in lines]
    items = sum(isinstance(item, dict) or _is_text(item) for item in whole)
    if items > len(lines) / 2 and (len(lines) > 1 or isinstance(whole[0], dict)) or items and whole[0] is not NO_JSON:
        if len(lines) > 1 or isinstance(whole[0], dict):
            return json_lines  # an array or object over several lines has few lines that are an object by themselves
    if is_ontonotes(lines):
        return bracket_rows
    if spans_header(lines):
        return span_rows
    if span_columns(lines):
        return span_a_row
    layout = layout_of(every, tag_column) or layout_of(every)
    if JSON.match(lines[0]) and (layout is None or whole[0] is not NO_JSON):
        return json_whole
    if read_header(lines[0]):
        return None if are_texts(lines) else word_rows
    if sides_of(lines):
        return sentence_rows
    if glued(lines):
        return glued_rows
    if layout is not None and not (is_comma_spaced(lines) and comma_of(lines)):
        return columns
    if comma_of(lines):
        return comma_rows
    return number_rows if numbered_of(lines) else None


def _is_text(item) -> bool:
    """Whether a list in a line of its own is a text: spaCy's pair, or words with their labels."""
    return is_pair(item) or isinstance(item, list) and bool(item) and all(map(is_tagged_pair, item))


def _as_json(line: str):
    """What the line says by itself, or NO_JSON."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return NO_JSON


def _unknown(file: str, first: list) -> Problem:
    if not first or all(isinstance(text, str) and not text.strip() for _, text in first):
        return Problem("empty file", file, 0, "the file holds nothing but blank lines", "Put texts with entities in it")
    faulty = [text for _, text in first if isinstance(text, Problem)]
    if faulty and len(faulty) == len([1 for _, text in first if isinstance(text, Problem) or text.strip()]):
        return faulty[0]._replace(line=0, message=f"line {faulty[0].line}: {faulty[0].message}")
    number, text = next((n, t) for n, t in first if isinstance(t, str) and t.strip())
    if known := tool_of_lines([t for _, t in first if isinstance(t, str) and t.strip()]):
        return Problem("another tool", file, 0, *known)
    if Path(file).suffix == ".txt" and Path(file).with_suffix(".ann").is_file():
        found = f"the text's entities stand beside it, in {Path(file).with_suffix('.ann').name}, as brat writes them"
        return Problem("another tool", file, 0, found, ADVICE)
    if known := guess([t for _, t in first if isinstance(t, str)]):
        return Problem("unknown format", file, 0, *known)
    return Problem(
        "unknown format", file, 0, f"line {number} begins {text[:SHOWN]!r}, which no known format does",
        'Pass columns (word, tab or space, label such as B-PER; a blank line between sentences), a CSV whose header '
        'names "word" and "tag", or a line of JSON for each text: {"text": "Jane left", "entities": [{"start": 0, '
        '"end": 4, "label": "PER"}]}; Doccano and DataTurks export such lines',
    )  # fmt: skip
