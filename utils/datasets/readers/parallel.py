"""Reads parallel text: tab-separated lines as of Tatoeba and Anki, CSV, JSON, TMX, XLIFF, or two aligned files."""

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from utils.datasets.readers.parallel_csv import read_csv
from utils.datasets.readers.parallel_documents import is_wide_xml, read_tmx, read_xliff, whole_json
from utils.datasets.readers.parallel_foreign import MARKUP, SHARE, no_lines
from utils.datasets.readers.parallel_layouts import BARS, PEEK, SETTING, Layout, from_json, recognise, sides_of
from utils.datasets.readers.text_files import LONGEST_LINE, Problem, TextFileError, check_file, read_texts

__all__ = ["LONGEST_LINE", "ParallelTextError", "Problem", "read_pairs"]

FEW = 5  # pairs that tell nothing about a file yet
PARTS = {"\t": "tab", ",": "comma", ";": "semicolon", BARS: BARS.strip()}  # how people call what parts the columns


class ParallelTextError(TextFileError):
    """A file of parallel text cannot be read; `problem` is the line's where it is one line's fault, else None."""


def read_pairs(
    source: str | os.PathLike | Sequence[str | os.PathLike],
    columns: tuple[int, int] | None = None,
    on_error: str = "raise",
    problems: list[Problem] | None = None,
    reverse: bool = False,
    tell: Callable[[str], None] = print,
) -> Iterator[tuple[str, str]]:
    """Reads pairs of sentences, one after the other, without holding the file in memory.

    Plain or gzip (told by content, not by name), UTF-8 with or without a byte order mark, lines ended by LF or CRLF.
    White space around a sentence is dropped, lines that are blank (in both files) are passed over. Columns of numbers
    (Tatoeba's, a score) and of one language code are not taken for sentences, nor a row that names the columns.

    Args:
        source: the path of a file, tab-separated, CSV whose first row names both sides, JSON, TMX or XLIFF; or two
            paths of files whose n-th lines are translations of each other.
        columns: which columns of a tab-separated file or of CSV hold the two sides, from 0; others are ignored. None:
            told from the content.
        on_error: "raise" stops at the first bad line, "skip" leaves bad lines out.
        problems: a list to which each line left out is added.
        reverse: the second side first.
        tell: called with a sentence that says what was recognised, where anything was guessed.

    Returns:
        An iterator of (source sentence, target sentence).

    Raises:
        FileNotFoundError, IsADirectoryError: there is no such file, or it is a folder; at once.
        ParallelTextError: the file is empty, no text, or of no known layout, or two files differ in length or hold
            no sentence a line; at once. A bad line, where on_error is "raise"; an archive that breaks off; when they
            are reached.
        ValueError, TypeError: an argument is not one of those above.
    """
    _check_arguments(source, columns, on_error)
    collected = [] if problems is None else problems
    paths = [Path(source)] if isinstance(source, (str, os.PathLike)) else [Path(path) for path in source]
    for path in paths:
        if not is_wide_xml(path):
            check_file(path, ParallelTextError)
    if len(paths) == 2:
        peeked = [_check_plain(path) for path in paths]
        _check_lengths(*paths)
        if said := _alike(*paths, *peeked):
            tell(said)
        found = _aligned(*paths)
    else:
        layout = recognise(paths[0], columns, ParallelTextError)
        if layout.said:
            tell(layout.said)
        found = _in_layout(paths[0], layout)
    good = _keep_good(found, on_error, collected)
    return ((target, source) for source, target in good) if reverse else good


def _check_arguments(source, columns: tuple[int, int], on_error: str) -> None:
    if isinstance(source, (bytes, dict, set)) or not isinstance(source, (str, os.PathLike, Sequence)):
        raise TypeError(f"source must be a path or two paths. Received: {source!r}")
    if not isinstance(source, (str, os.PathLike)) and len(source) != 2:
        raise ValueError(f"source must be one path or exactly two. Received: {len(source)} of them, {source!r}")
    if on_error not in ("raise", "skip"):
        raise ValueError(f'on_error must be "raise" or "skip". Received: on_error={on_error!r}')
    if columns is not None and (len(columns) != 2 or not all(isinstance(c, int) and c >= 0 for c in columns)):
        raise ValueError(f"columns must be two numbers, counted from 0. Received: columns={columns!r}")


def _check_lengths(first: Path, second: Path) -> None:
    """Counted before any pair is given out: one line too many misaligns all that follow."""
    counts = [
        max(
            (n for n, line in read_texts(path, ParallelTextError) if isinstance(line, Problem) or line.strip()),
            default=0,
        )
        for path in (first, second)
    ]
    if counts[0] != counts[1]:
        raise ParallelTextError(
            f"Two aligned files must have the same number of lines: {first} has {counts[0]}, {second} has {counts[1]}. "
            "A line is missing or broken in two: find where they cease to be translations of each other."
        )


def _check_plain(path: Path) -> list[str | Problem]:
    """The first lines of one of two aligned files, where it is not known to hold something else than sentences."""
    texts = [text for _, text in islice(read_texts(path, ParallelTextError), PEEK)]
    known = no_lines([text for text in texts if isinstance(text, str) and text.strip()])
    if known or is_wide_xml(path):
        raise ParallelTextError(f"{path} {known or MARKUP}.")
    return texts


def _alike(first: Path, second: Path, left: list[str | Problem], right: list[str | Problem]) -> str:
    """What is to be told of two aligned files, given their first lines, that are the same; "" for others."""
    if first.samefile(second):
        return (
            f"{first} is named twice: each sentence is taken for its own translation. Name the file of the other "
            "side, or this one alone where it holds both sides"
        )
    both = zip(left, right, strict=False)
    pairs = [(a.strip(), b.strip()) for a, b in both if isinstance(a, str) and isinstance(b, str) and a.strip()]
    same = sum(a == b for a, b in pairs)
    if len(pairs) < FEW or same < SHARE * len(pairs):
        return ""
    return f"{first} and {second}: both sides are the same in {same} of the first {len(pairs)} lines. Is that meant?"


# Lines ---------------------------------------------------------------------------------------------


def _in_layout(path: Path, layout: Layout) -> Iterator[tuple[str, str] | Problem]:
    if layout.kind == "tmx":
        yield from read_tmx(path, layout.sides, ParallelTextError)
    elif layout.kind == "xliff":
        yield from read_xliff(path, layout.sides, ParallelTextError)
    elif layout.kind == "json":
        for number, record in enumerate(whole_json(path) or (), start=1):
            yield _two_texts(path, 0, sides_of(path, 0, record, layout), f"text {number}: ")
    elif layout.kind == "csv":
        for number, cells in read_csv(path, layout.delimiter, layout.header, ParallelTextError):
            yield cells if isinstance(cells, Problem) else _two_cells(path, number, cells, layout)
    else:
        yield from _line_by_line(path, layout)


def _line_by_line(path: Path, layout: Layout) -> Iterator[tuple[str, str] | Problem]:
    header = layout.header
    delimiter, sides, last = layout.delimiter, layout.sides, layout.kind == "columns" and max(layout.sides)
    for number, text in read_texts(path, ParallelTextError):
        if isinstance(text, Problem):
            yield text
        elif not text.strip():
            continue
        elif layout.kind == "json lines":
            yield _two_texts(path, number, from_json(path, number, text, layout))
        elif text[0] == "#" and SETTING.match(text):  # of Anki's export
            continue
        elif header:
            header = False
        else:
            cells = text.split(delimiter)
            pair = (cells[sides[0]].strip(), cells[sides[1]].strip()) if len(cells) > last else ()
            yield pair if pair and pair[0] and pair[1] else _two_cells(path, number, cells, layout)


def _two_texts(path: Path, number: int, pair: tuple[str, str] | Problem, place: str = "") -> tuple[str, str] | Problem:
    """The sides of an object, or what is wrong with them; `place` says where, in a file without lines."""
    if isinstance(pair, Problem):
        return pair._replace(message=f"{place}{pair.message}")
    if all(pair):
        return pair
    return Problem("empty side", str(path), number, f"{place}a side is empty", "Fill it or drop it")


def _two_cells(path: Path, number: int, cells: list[str], layout: Layout) -> tuple[str, str] | Problem:
    columns = layout.sides
    if layout.width and any(cell.strip() for cell in cells[layout.width :]):
        found = f"{len(cells)} columns, the first row has {layout.width}"
        return Problem("other number of columns", str(path), number, found, "Quote what holds a separator")
    if len(cells) <= max(columns):
        found = f"{len(cells)} column{'s' * (len(cells) > 1)}, and column {max(columns) + 1} is wanted"
        named = PARTS.get(layout.delimiter, repr(layout.delimiter))
        advice = f"Separate the sides by one {named}, or choose other columns with --columns"
        return Problem("missing column", str(path), number, found, advice)
    pair = cells[columns[0]].strip(), cells[columns[1]].strip()
    for column, side in zip(columns, pair, strict=True):
        if not side:
            return Problem("empty side", str(path), number, f"column {column + 1} is empty", "Fill it or drop the line")
    return pair


def _aligned(first: Path, second: Path) -> Iterator[tuple[str, str] | Problem]:
    both = (read_texts(path, ParallelTextError) for path in (first, second))
    for (number, left), (_, right) in zip(*both, strict=False):  # the same, but for blank ends
        pair = left, right
        bad = [side for side in pair if isinstance(side, Problem)]
        if bad:
            yield bad[0]
            continue
        pair = pair[0].strip(), pair[1].strip()
        if all(pair):
            yield pair
        elif any(pair):
            empty = second if pair[0] else first
            yield Problem("empty side", str(empty), number, "the line is empty", "Fill it or drop it in both files")


def _keep_good(
    found: Iterator[tuple[str, str] | Problem], on_error: str, problems: list[Problem]
) -> Iterator[tuple[str, str]]:
    for item in found:
        if not isinstance(item, Problem):
            yield item
        elif on_error == "raise":
            raise ParallelTextError(f'{item} Or pass on_error="skip" to leave such lines out.', item)
        else:
            problems.append(item)
