"""Where the sentences of a text begin and end, by its stops. No framework, no table of any one language."""

import re

STOP = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)|\n|[。！？]")  # a stop in 3.5 or in a name such as U.S.A is none
TITLES = r"\b(?:Mr|Mrs|Ms|Mx|Dr|St|No|Nos|Prof|vs|Fig|e\.g|i\.e|cf|al)"  # and initials: they end in a stop, and go on
SHORT = re.compile(rf"(?:{TITLES}|\b[A-Z])\.$")


def sentences(text: str) -> list[tuple[int, int]]:
    """Cuts a text into sentences: at stops before a space, and at line breaks.

    A full stop behind an initial or a title, as in *Dr. J. Brown*, ends nothing. A mistake costs little where it
    is used: two sentences that are taken for one are found together.

    Args:
        text: any text.

    Returns:
        (start, end) of each in characters, the end not included; together they cover the text from its first
        character to its last. None for a text of spaces.
    """
    spans, start = [], 0
    for stop in STOP.finditer(text):
        said = text[start : stop.end()]
        if said.strip() and not SHORT.search(said):
            spans.append((start, stop.end()))
            start = stop.end()
    if text[start:].strip():
        spans.append((start, len(text)))
    elif spans:
        spans[-1] = (spans[-1][0], len(text))
    return spans
