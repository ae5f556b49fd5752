"""Names that can be shown and stored, whatever a file was called."""

import os
import unicodedata


def printable(name: str) -> str:
    """A name that can be shown and stored: what is no UTF-8 or would steer a terminal is written as its code.

    Two names that look the same, as one system and the next write an é, are the same.
    """
    name = os.fsencode(name).decode("utf-8", "backslashreplace")
    name = unicodedata.normalize("NFC", name)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)[:400]
