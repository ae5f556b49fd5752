"""Reads parallel text: tab-separated lines as Tatoeba and Anki give them, or two files aligned line by line."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from utils.datasets.readers.text_files import LONGEST_LINE, Problem, TextFileError, check_file, decode, read_lines

__all__ = ["LONGEST_LINE", "ParallelTextError", "Problem", "read_pairs"]


class ParallelTextError(TextFileError):
    """A file of parallel text cannot be read; `problem` is the line's where it is one line's fault, else None."""


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
        check_file(path, ParallelTextError)
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


def _numbered(path: Path) -> Iterator[tuple[int, bytes | None]]:
    return read_lines(path, ParallelTextError)


def _check_lengths(first: Path, second: Path) -> None:
    """Counted before any pair is given out: one line too many misaligns all that follow."""
    counts = [
        max((n for n, line in _numbered(path) if line is None or line.strip()), default=0) for path in (first, second)
    ]
    if counts[0] != counts[1]:
        raise ParallelTextError(
            f"Two aligned files must have the same number of lines: {first} has {counts[0]}, {second} has {counts[1]}. "
            "A line is missing or broken in two: find where they cease to be translations of each other."
        )


# Lines ---------------------------------------------------------------------------------------------


def _tabular(path: Path, columns: tuple[int, int]) -> Iterator[tuple[str, str] | Problem]:
    for number, line in _numbered(path):
        text = decode(path, number, line)
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
    for (number, left), (_, right) in zip(
        _numbered(first), _numbered(second), strict=False
    ):  # the same, but for blank ends
        pair = decode(first, number, left), decode(second, number, right)
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
