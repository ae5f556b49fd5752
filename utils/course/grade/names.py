"""Names that can be shown and stored, whatever a file was called."""

import os
import unicodedata

JOINERS = "\u200c\u200d"


def printable(name: str) -> str:
    """A name that can be shown and stored: what is no UTF-8 or would steer a terminal is written as its code.

    Two names that look the same, as one system and the next write an é or a space, are the same. What joins or parts
    letters within a word, as in Persian, stays.
    """
    name = os.fsencode(name).decode("utf-8", "backslashreplace")
    name = unicodedata.normalize("NFC", name)
    name = "".join(" " if unicodedata.category(c) == "Zs" else c for c in name)
    return "".join(c if c.isprintable() or c in JOINERS else c.encode("unicode_escape").decode() for c in name)[:400]
