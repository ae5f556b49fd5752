"""Reads parallel text: tab-separated lines as Tatoeba and Anki give them, or two files aligned line by line."""

import gzip
import os
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

LONGEST_LINE = 2**20  # bytes; a line is held in memory, so its length is bounded
HEAD = 4096  # bytes looked at to tell text from what is not
FOREIGN = {  # how files begin that are often passed by mistake
    b"PK\x03\x04": "a zip archive: unpack it and pass the text file inside",
    b"BZh": "a bzip2 archive: unpack it, or pack it with gzip instead",
    b"\xfd7zXZ": "an xz archive: unpack it, or pack it with gzip instead",
    b"\x28\xb5\x2f\xfd": "a zstd archive: unpack it, or pack it with gzip instead",
    b"7z\xbc\xaf": "a 7z archive: unpack it and pass the text file inside",
    b"\x1f\x8b": "gzip inside gzip: unpack it once",
    b"%PDF": "a PDF: export it as plain text",
    b"\xff\xfe": "UTF-16 text: save it as UTF-8",
    b"\xfe\xff": "UTF-16 text: save it as UTF-8",
}


class Problem(NamedTuple):
    """What is wrong with one line of parallel text, and what to do about it.

    Attributes:
        kind: "missing column", "empty side", "not UTF-8", "NUL byte", "carriage return" or "line too long".
        file: the file's path.
        line: the line's number, from 1.
        message: what was found.
        advice: how to mend it.
    """

    kind: str
    file: str
    line: int
    message: str
    advice: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.message}. {self.advice}."


class ParallelTextError(ValueError):
    """A file of parallel text cannot be read; `problem` is the line's where it is one line's fault, else None."""

    def __init__(self, message: str, problem: Problem | None = None):
        super().__init__(message)
        self.problem = problem


def read_pairs(
    source: str | os.PathLike | Sequence[str | os.PathLike],
    columns: tuple[int, int] = (0, 1),
    on_error: str = "raise",
    problems: list[Problem] | None = None,
) -> Iterator[tuple[str, str]]:
    """Reads pairs of sentences, one after the other, without holding the file in memory.

    Plain or gzip (told by content, not by name), UTF-8 with or without a byte order mark, lines ended by LF or CRLF.
    White space around a sentence is dropped, lines that are blank (in both files) are passed over.

    Args:
        source: the path of a tab-separated file, or two paths of files whose n-th lines are translations of each
            other.
        columns: which columns of a tab-separated file hold the two sides, from 0; others are ignored. Anki's
            English→French file has (English, French, attribution): (1, 0) gives French first.
        on_error: "raise" stops at the first bad line, "skip" leaves bad lines out.
        problems: a list to which each line left out is added.

    Returns:
        An iterator of (source sentence, target sentence).

    Raises:
        FileNotFoundError, IsADirectoryError: there is no such file, or it is a folder; at once.
        ParallelTextError: the file is empty or no text, or two files differ in length; at once. A bad line, where
            on_error is "raise"; an archive that breaks off; when they are reached.
        ValueError, TypeError: an argument is not one of those above.
    """
    _check_arguments(source, columns, on_error)
    collected = [] if problems is None else problems
    paths = [Path(source)] if isinstance(source, (str, os.PathLike)) else [Path(path) for path in source]
    for path in paths:
        _check_file(path)
    if len(paths) == 2:
        _check_lengths(*paths)
        found = _aligned(*paths)
    else:
        found = _tabular(paths[0], columns)
    return _keep_good(found, on_error, collected)


def _check_arguments(source, columns: tuple[int, int], on_error: str) -> None:
    if isinstance(source, (bytes, dict, set)) or not isinstance(source, (str, os.PathLike, Sequence)):
        raise TypeError(f"source must be a path or two paths. Received: {source!r}")
    if not isinstance(source, (str, os.PathLike)) and len(source) != 2:
        raise ValueError(f"source must be one path or exactly two. Received: {len(source)} of them, {source!r}")
    if on_error not in ("raise", "skip"):
        raise ValueError(f'on_error must be "raise" or "skip". Received: on_error={on_error!r}')
    if len(columns) != 2 or not all(isinstance(column, int) and column >= 0 for column in columns):
        raise ValueError(f"columns must be two numbers, counted from 0. Received: columns={columns!r}")


# Files ---------------------------------------------------------------------------------------------


def _open(path: Path) -> BinaryIO:
    """Open a file for reading bytes, through gzip where its first two bytes say so."""
    file = path.open("rb")
    packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    return gzip.GzipFile(fileobj=_Owned(file), mode="rb") if packed else file


class _Owned:
    """A file that is closed with the GzipFile that reads it."""

    def __init__(self, file: BinaryIO):
        self._file = file
        self.read = file.read
        self.seek = file.seek
        self.close = file.close


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder. Pass the path of one file in it.")
    if not path.exists():
        where = path.absolute().parent
        hint = f"The folder {where} exists" if where.is_dir() else f"The folder {where} does not exist either"
        raise FileNotFoundError(f"There is no file {path}. {hint}: check the spelling.")
    try:
        with _open(path) as file:
            head = file.read(HEAD)
    except (EOFError, OSError, zlib.error) as error:
        if isinstance(error, PermissionError):
            raise
        raise ParallelTextError(f"{path} begins like gzip but cannot be unpacked: {error}. Fetch it again.") from error
    if not head:
        raise ParallelTextError(f"{path} is empty.")
    for beginning, advice in FOREIGN.items():
        if head.startswith(beginning):
            raise ParallelTextError(f"{path} is {advice}.")
    control = sum(byte < 32 and byte not in b"\t\n\r\f\v\x1b" for byte in head)
    if control > max(8, len(head) / 10):
        raise ParallelTextError(f"{path} is binary, not text. Pass UTF-8 text, plain or packed with gzip.")


def _lines(path: Path) -> Iterator[tuple[int, bytes | None]]:
    """Number and bytes of each line, without its end; None for a line that is too long to hold."""
    number = 0
    try:
        with _open(path) as file:
            while line := file.readline(LONGEST_LINE + 1):
                number += 1
                whole = len(line) <= LONGEST_LINE
                while not line.endswith(b"\n") and (rest := file.readline(LONGEST_LINE)):
                    whole, line = False, rest
                line = line.removesuffix(b"\n").removesuffix(b"\r")
                yield number, (line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line) if whole else None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ParallelTextError(f"{path} breaks off after line {number}: {error}. Fetch it again.") from error


def _check_lengths(first: Path, second: Path) -> None:
    """Counted before any pair is given out: one line too many misaligns all that follow."""
    counts = [
        max((n for n, line in _lines(path) if line is None or line.strip()), default=0) for path in (first, second)
    ]
    if counts[0] != counts[1]:
        raise ParallelTextError(
            f"Two aligned files must have the same number of lines: {first} has {counts[0]}, {second} has {counts[1]}. "
            "A line is missing or broken in two: find where they cease to be translations of each other."
        )


# Lines ---------------------------------------------------------------------------------------------


def _decode(file: Path, number: int, line: bytes | None) -> str | Problem:
    """The text of a line, or what is wrong with it."""
    where = str(file), number
    if line is None:
        return Problem(
            "line too long", *where, f"the line is longer than {LONGEST_LINE} bytes", "Break it into sentences"
        )
    if b"\0" in line:
        return Problem("NUL byte", *where, "the line holds a NUL byte", "Save the file as UTF-8 text")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        found = f"byte {error.start + 1} of the line, 0x{line[error.start]:02x}, is not UTF-8"
        return Problem("not UTF-8", *where, found, "Save the file as UTF-8; it may be Latin-1 or Windows-1252")
    if "\r" in text:
        found = "a carriage return stands inside the line"
        return Problem("carriage return", *where, found, "End lines with LF or CRLF, and nothing else")
    return text


def _tabular(path: Path, columns: tuple[int, int]) -> Iterator[tuple[str, str] | Problem]:
    for number, line in _lines(path):
        text = _decode(path, number, line)
        if isinstance(text, Problem):
            yield text
        elif text.strip():
            yield _two_cells(path, number, text.split("\t"), columns)


def _two_cells(path: Path, number: int, cells: list[str], columns: tuple[int, int]) -> tuple[str, str] | Problem:
    if len(cells) <= max(columns):
        found = f"{len(cells)} column{'s' * (len(cells) > 1)}, and column {max(columns)} (from 0) is wanted"
        advice = "Separate the sides by one tab, or choose others with columns=(…, …)"
        return Problem("missing column", str(path), number, found, advice)
    pair = cells[columns[0]].strip(), cells[columns[1]].strip()
    for column, side in zip(columns, pair, strict=True):
        if not side:
            return Problem("empty side", str(path), number, f"column {column} is empty", "Fill it or drop the line")
    return pair


def _aligned(first: Path, second: Path) -> Iterator[tuple[str, str] | Problem]:
    for (number, left), (_, right) in zip(_lines(first), _lines(second), strict=False):  # the same, but for blank ends
        pair = _decode(first, number, left), _decode(second, number, right)
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
