"""What Anki says of an export in its first lines, and its cells where they are HTML. No framework."""

import html
import re
from collections.abc import Sequence
from typing import NamedTuple

SETTING = re.compile(r"#(?:separator|html|tags|deck|notetype|guid|columns|if matches)(?: column)?s?:", re.IGNORECASE)
COLUMN = re.compile(r"#(?:tags|deck|notetype|guid) column:\s*(\d+)", re.IGNORECASE)
SEPARATORS = {"comma": ",", "semicolon": ";", "pipe": "|", "colon": ":", "space": " ", "tab": "\t"}
SOUND = re.compile(r"\[sound:[^\]]*\]")
BREAK = re.compile(r"<(?:br|/?div|/?p|/?li|/?ul|hr)\b[^<>]*>|&nbsp;", re.IGNORECASE)
TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)


class Settings(NamedTuple):
    """What the first lines say.

    Attributes:
        meta: columns, from 0, that hold tags, decks, types or ids.
        html: whether cells are HTML.
        separator: between the cells; "" where nothing is said, or none that is known.
    """

    meta: frozenset = frozenset()
    html: bool = False
    separator: str = ""


def settings_of(lines: Sequence[str]) -> Settings:
    """The settings among a file's first lines; those of another file's where there are none."""
    said = [line.strip() for line in lines if line.startswith("#") and SETTING.match(line)]
    meta = frozenset(int(found[1]) - 1 for line in said if (found := COLUMN.match(line)))
    values = {line[1:].partition(":")[0].lower(): line.partition(":")[2].strip() for line in said}
    separator = values.get("separator", "").lower()
    known = SEPARATORS.get(separator, separator if separator in SEPARATORS.values() else "")
    return Settings(meta, values.get("html", "").lower() == "true", known)


def plain(cell: str) -> str:
    """A cell of HTML as text: without tags and sounds, its characters written out."""
    text = html.unescape(TAG.sub("", BREAK.sub(" ", SOUND.sub("", cell))))
    return re.sub(r"[ \t\n]+", " ", text).strip()
