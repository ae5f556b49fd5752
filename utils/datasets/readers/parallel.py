"""Reads parallel text: tab-separated lines as of Tatoeba and Anki, CSV, JSON, TMX, XLIFF, or two aligned files."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, zip_longest
from pathlib import Path

from utils.datasets.readers.entity_examples import unseen
from utils.datasets.readers.parallel_anki import plain
from utils.datasets.readers.parallel_csv import MARK, mark_of_bytes, read_csv
from utils.datasets.readers.parallel_documents import is_wide_xml, read_tmx, read_xliff, whole_json
from utils.datasets.readers.parallel_foreign import MARKUP, SHARE, TAGS, no_lines
from utils.datasets.readers.parallel_layouts import BARS, PEEK, SETTING, Layout, from_json, recognise, sides_of
from utils.datasets.readers.parallel_marks import ABSENT, beside_text, mark_of, placeholder, share
from utils.datasets.readers.text_files import LONGEST_LINE, Problem, TextFileError, check_file, read_texts

__all__ = ["LONGEST_LINE", "ParallelTextError", "Problem", "read_pairs"]

SAME = "same"  # ids before the sentences of two files, equal line by line
SHORT = 20  # characters of a side that may all be unseen
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
    (Tatoeba's, a score) and of one language code are not taken for sentences, nor a row that names the columns. What is
    passed over on the way (placeholders of sentences, that row once more) is told at the end.

    Args:
        source: the path of a file, tab-separated, CSV whose first row names both sides, JSON, TMX or XLIFF; or two
            paths of files whose n-th lines are translations of each other.
        columns: which columns of a tab-separated file or of CSV hold the two sides, from 0; others are ignored. None:
            told from the content.
        on_error: "raise" stops at the first bad line, "skip" leaves bad lines out.
        problems: a list to which each line left out is added.
        reverse: the second side first.
        tell: called with a sentence that says what was recognised, where anything was guessed, and at the end what was
            passed over.

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
        numbered = _numbered(*peeked)
        if numbered:
            tell(f"{paths[0]} and {paths[1]}: an id and a tab stand before each sentence, and are passed over")
        found = _aligned(*paths, numbered)
    else:
        layout = recognise(paths[0], columns, ParallelTextError)
        if layout.said:
            tell(layout.said)
        found = _in_layout(paths[0], layout)
    good = _keep_good(found, on_error, collected, tell, paths[0] if len(paths) == 1 else None)
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
    words = {a.split()[0] for a, b in pairs if [a.split()[0]] == b.split()[:1]}
    if len(pairs) >= FEW and len(words) == len(pairs) and all(re.search(r"\d", word) for word in words):
        return (
            f"{first} and {second}: each line begins with the same word in both ({pairs[0][0].split()[0]}), another in "
            "each line. Take it out where it is an id and no part of the sentence"
        )
    sides = [*zip(*pairs, strict=True)]
    for path, cells, others in ((first, *sides), (second, *sides[::-1])) if len(pairs) >= FEW else ():
        if what := beside_text(cells, others):
            return f"{path} holds {what}, and no sentences. Is that meant?"
    if len(pairs) < FEW or same < SHARE * len(pairs):
        return ""
    return f"{first} and {second}: both sides are the same in {same} of the first {len(pairs)} lines. Is that meant?"


def _numbered(left: list[str | Problem], right: list[str | Problem]) -> str:
    """Whether an id and a tab stand before each sentence of two files, given their first lines; "" where none do."""
    both = [(a.split("\t"), b.split("\t")) for a, b in zip(left, right, strict=False)
            if isinstance(a, str) and isinstance(b, str) and a.strip() and b.strip()]  # fmt: skip
    cells = [(a, b) for a, b in both if len(a) == len(b) == 2 and a[0].strip() and " " not in a[0].strip()]
    if not cells or len(cells) < SHARE * len(both):
        return ""
    names = [[pair[n][0].strip() for pair in cells] for n in (0, 1)]
    same = sum(a == b for a, b in zip(*names, strict=True)) >= SHARE * len(cells)
    digits = share(names[0], lambda name: any(map(str.isdecimal, name))) >= SHARE
    return SAME if same and digits else "other" if all(map(mark_of, names)) else ""


# Lines ---------------------------------------------------------------------------------------------


def _in_layout(path: Path, layout: Layout) -> Iterator[tuple[str, str] | Problem]:
    if layout.kind == "tmx":
        yield from read_tmx(path, layout.sides, ParallelTextError)
    elif layout.kind == "xliff":
        yield from read_xliff(path, layout.sides, ParallelTextError)
    elif layout.kind == "json":
        for number, record in enumerate(whole_json(path) or (), start=1):
            yield from _two_texts(path, 0, sides_of(path, 0, record, layout), f"text {number}: ")
    elif layout.kind == "csv":
        yield from _of_csv(path, layout)
    else:
        yield from _line_by_line(path, layout)


def _of_csv(path: Path, layout: Layout) -> Iterator[tuple[str, str] | Problem]:
    """The pairs of CSV; a row that names the columns is none, nor is a setting of Anki's."""
    names = 0
    for number, cells in read_csv(path, layout.delimiter, ParallelTextError):
        if isinstance(cells, Problem):
            yield cells
        elif layout.names and cells[0].strip() == layout.names[0] and _are_names(cells, layout):
            names += 1
            if names > 1:
                yield _again(path, number)
        elif not SETTING.match(cells[0]):
            yield from _two_cells(path, number, cells, layout)


def _line_by_line(path: Path, layout: Layout) -> Iterator[tuple[str, str] | Problem]:
    delimiter, sides, last = layout.delimiter, layout.sides, layout.kind == "columns" and max(layout.sides)
    begins, names = layout.names[0] if layout.names else None, 0
    width, plainly = layout.width or LONGEST_LINE, not layout.html
    for number, text in read_texts(path, ParallelTextError):
        if isinstance(text, Problem):
            yield text
            continue
        if text[:1] == MARK:
            yield mark_of_bytes(path, number)
            text = text.lstrip(MARK)
        if not text.strip() or text in layout.about:
            continue
        if layout.kind == "json lines":
            yield from _two_texts(path, number, from_json(path, number, text, layout))
        elif text[0] != "#" or not SETTING.match(text):  # of Anki's export
            cells = text.split(delimiter)
            if cells[0].strip() == begins and _are_names(cells, layout):
                names += 1
                if names > 1:
                    yield _again(path, number)
                continue
            pair = (cells[sides[0]].strip(), cells[sides[1]].strip()) if last < len(cells) <= width else ()
            good = plainly and pair and pair[0] and pair[1] and pair[0] not in ABSENT and pair[1] not in ABSENT
            if good and not (_is_unseen(pair[0]) or _is_unseen(pair[1])):
                yield pair
            else:
                yield from _two_cells(path, number, cells, layout)


def _are_names(cells: list[str], layout: Layout) -> bool:
    """Whether a row is that which names the columns."""
    return tuple(map(str.strip, cells)) == layout.names


def _again(path: Path, number: int) -> Problem:
    """What is told of a row that names the columns once more."""
    found = "the row names the columns once more, as where files were joined"
    return Problem("names again", str(path), number, found, "It was passed over", kept=True)


def _two_texts(
    path: Path, number: int, pair: tuple[str, str] | Problem, place: str = ""
) -> Iterator[tuple[str, str] | Problem]:
    """The sides of an object, or what is wrong with them; `place` says where, in a file without lines."""
    if isinstance(pair, Problem):
        yield pair._replace(message=f"{place}{pair.message}")
    elif all(pair):
        yield from _spoken(path, number, pair)
    else:
        yield Problem("empty side", str(path), number, f"{place}a side is empty", "Fill it or drop it")


def _is_unseen(side: str) -> bool:
    """Whether a side, which is not empty, holds marks and characters without width alone."""
    return not side.isascii() and len(side) <= SHORT and unseen(side)


def _spoken(path: Path, number: int, pair: tuple[str, str], believed: bool = False) -> Iterator:
    """A pair of sentences; where a side says that there is none, that is told, and it is left out unless believed."""
    if blank := next((side for side in pair if _is_unseen(side)), ""):
        found = f"a side holds nothing that can be seen: {ascii(blank)}"
        yield Problem("empty side", str(path), number, found, "Fill it or drop the pair")
        return
    absent = placeholder(pair) if pair[0] in ABSENT or pair[1] in ABSENT else ""
    if absent:
        found = f"{absent} stands where a sentence is wanted"
        advice = "It was kept, since the columns were named" if believed else "The pair was left out"
        yield Problem("placeholder", str(path), number, found, advice, kept=True)
    if not absent or believed:
        yield pair


def _two_cells(path: Path, number: int, cells: list[str], layout: Layout) -> Iterator[tuple[str, str] | Problem]:
    """The sides of a row, or what is wrong with it."""
    columns = layout.sides
    if layout.width and any(cell.strip() for cell in cells[layout.width :]):
        yield _too_many(path, number, cells, layout)
        return
    if len(cells) <= max(columns):
        found = f"{len(cells)} column{'s' * (len(cells) > 1)}, and column {max(columns) + 1} is wanted"
        named = PARTS.get(layout.delimiter, repr(layout.delimiter))
        advice = f"Separate the sides by one {named}, or choose other columns with --columns"
        yield Problem("missing column", str(path), number, found, advice)
        return
    pair = tuple(plain(cells[n]) if layout.html else cells[n].strip() for n in columns)
    if all(pair):
        yield from _spoken(path, number, pair, layout.believed)
    else:
        found = f"column {columns[bool(pair[0])] + 1} is empty"
        yield Problem("empty side", str(path), number, found, "Fill it or drop the line")


def _too_many(path: Path, number: int, cells: list[str], layout: Layout) -> Problem:
    """What is wrong with a row of more columns than the others have."""
    kind = "other number of columns"
    if layout.kind == "csv":
        found = f"{len(cells)} columns, the first row has {layout.width}"
        return Problem(kind, str(path), number, found, "Quote what holds a separator")
    named = PARTS.get(layout.delimiter, repr(layout.delimiter))
    advice = f"Take out the {named} that is too many, or add a column to all rows"
    return Problem(kind, str(path), number, f"{len(cells)} columns, most rows have {layout.width}", advice)


def _aligned(first: Path, second: Path, numbered: str) -> Iterator[tuple[str, str] | Problem]:
    """The lines of two files; of lines that begin with an id and a tab, what comes behind."""
    both = (read_texts(path, ParallelTextError) for path in (first, second))
    for (one, left), (other, right) in zip_longest(*both, fillvalue=(0, "")):  # blank ends, or what was added since
        number, pair = max(one, other), (left, right)
        bad = [side for side in pair if isinstance(side, Problem)]
        if bad:
            yield bad[0]
            continue
        if left[:1] == MARK or right[:1] == MARK:
            yield mark_of_bytes(first if left[:1] == MARK else second, number)
            pair = left.lstrip(MARK), right.lstrip(MARK)
        if numbered:
            names = [side.partition("\t")[0].strip() if "\t" in side else "" for side in pair]
            if numbered == SAME and names[0] != names[1]:
                found = f"the id is {names[0]!r} here and {names[1]!r} in {second}"
                yield Problem("other id", str(first), number, found, "Put lines of one id beside each other")
                continue
            pair = tuple(side.partition("\t")[2] if "\t" in side else side for side in pair)
        pair = pair[0].strip(), pair[1].strip()
        if pair[0][:1] == pair[1][:1] == "<" and all(map(TAGS.fullmatch, pair)):
            yield Problem("markup", str(first), number, "markup alone in both files", "It was passed over", kept=True)
        elif all(pair):
            yield from _spoken(first, number, pair)
        elif any(pair):
            empty = second if pair[0] else first
            yield Problem("empty side", str(empty), number, "the line is empty", "Fill it or drop it in both files")


def _keep_good(
    found: Iterator[tuple[str, str] | Problem],
    on_error: str,
    problems: list[Problem],
    tell: Callable[[str], None],
    alone: Path | None,
) -> Iterator[tuple[str, str]]:
    """The pairs; what is wrong is raised or listed, and at the end is told what was passed over.

    And that both sides are the same, of a file that is `alone`; of two this was told before.
    """
    pairs = same = 0
    passed: dict[tuple, list] = {}  # file, message, advice -> the first line, and how many there are
    for item in found:
        if not isinstance(item, Problem):
            pairs, same = pairs + 1, same + (item[0] == item[1])
            yield item
        elif item.kept:
            passed.setdefault((item.file, item.message, item.advice), [item.line, 0])[1] += 1
        elif on_error == "raise":
            raise ParallelTextError(f'{item} Or pass on_error="skip" to leave such lines out.', item)
        else:
            problems.append(item)
    for (file, message, advice), (line, times) in passed.items():
        where = f"line {line}" if line else "once"
        more = f", and {times - 1} more like it" if times > 1 else ""
        tell(f"{file}, {where}: {message}. {advice}{more}")
    if alone and pairs >= FEW and same >= SHARE * pairs:
        tell(f"{alone}: both sides are the same in {same} of {pairs} pairs. Is that meant?")
