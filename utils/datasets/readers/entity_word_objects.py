"""JSON with an object a word, as pandas writes a table of words: read as the CSV that it is. No framework."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from utils.datasets.readers.entity_csv import WORD_COLUMNS, Header, read_header
from utils.datasets.readers.text_files import Problem

LOOKED_AT = 200  # objects that tell


def are_words(items: Iterable) -> bool:
    """Whether the first items are objects of a word and its label each.

    In a list they also have to say to which sentence each belongs: else the list is a sentence, as Stanza's.
    """
    found = [item[1] for item in islice(items, LOOKED_AT) if not isinstance(item, Problem)]
    alone = not any(isinstance(value, list) for value in found)
    first = [one for value in found for one in (value if isinstance(value, list) else [value])][:LOOKED_AT]
    header = _header(first[0]) if len(first) > 1 else None
    if header is None or not (alone or header.sentence):
        return False
    return all(isinstance(one, dict) and [*one] == [*first[0]] and _is_word(one, header) for one in first)


def _header(item: Any) -> Header | None:
    """Which keys of an object hold a word and its label; None where none do."""
    header = read_header(_row(item)) if isinstance(item, dict) and item else None
    known = header is not None and header.names[header.word] in WORD_COLUMNS
    return header if known and "score" not in header.names else None  # a model's guesses leave out what is O


def _is_word(item: dict, header: Header) -> bool:
    values = list(item.values())
    if any(isinstance(value, (dict, list)) for value in values):
        return False
    word, tags = values[header.word], [values[n] for n in header.tags]
    return not (isinstance(word, str) and " " in word.strip()) and any(isinstance(t, str) and t.split() for t in tags)


def table_of(file: str, items: Iterable) -> Iterator[tuple[int, str | Problem]]:
    """The lines of a CSV that hold the same, each with the number of its object's line."""
    names = None
    for item in items:
        if isinstance(item, Problem):
            yield item.line, item
            continue
        line, value = item
        for one in value if isinstance(value, list) else [value]:
            if names is None:
                names = list(one)
                yield line, _row(names)
            if isinstance(one, dict) and one.keys() == {*names}:
                yield line, _row(["" if one[name] is None else one[name] for name in names])
            else:
                there = ", ".join(map(str, one)) if isinstance(one, dict) else type(one).__name__
                found = f"the objects before it hold {', '.join(names)}, this one {there}"
                yield line, Problem("not an object", file, line, found, "Give every word the same keys")


def _row(cells: Iterable) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(" ".join(str(cell).splitlines()) for cell in cells)
    return out.getvalue()
