"""Names that can be shown and stored, whatever a file was called."""

import hashlib
import os
import unicodedata

LONGEST = 400  # characters
JOINERS = "\u200c\u200d"
BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs by their kind, and nothing to be seen
MARKS = 5  # upon a letter: more cover the lines around it


def printable(name: str) -> str:
    """A name that can be shown and stored: what is no UTF-8 or would steer a terminal is written as its code.

    Two names that look the same, as one system and the next write an é or a space, are the same. What joins or parts
    letters within a word, as in Persian, stays. Of a very long one the end becomes a mark, another for each.
    """
    name = os.fsencode(name).decode("utf-8", "backslashreplace")
    name = unicodedata.normalize("NFC", name)
    name = "".join(" " if unicodedata.category(c) == "Zs" else c for c in name)
    around, heaped = f"a{name}a", heaps(name)
    name = "".join(
        c if _shows(c, around[n] + around[n + 2]) and not heaped[n] else c.encode("unicode_escape").decode()
        for n, c in enumerate(name)
    )
    if len(name) <= LONGEST:
        return name
    return f"{name[: LONGEST - 17]}~{mark_of(name)}"


def _shows(c: str, beside: str) -> bool:
    return not any(map(str.isascii, beside)) if c in JOINERS else c.isprintable() and c not in BLANK


def heaps(text: str) -> list[bool]:
    """Of each character whether it is one mark too many upon a letter."""
    found, marks = [], 0
    for c in text:
        marks = marks + 1 if unicodedata.category(c) in ("Mn", "Me") else 0
        found.append(marks > MARKS)
    return found


def mark_of(name: str) -> str:
    """Sixteen letters and digits that nobody finds another name for."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
