"""A text with its entities, as every reader of entities gives it and every task takes it. No framework."""

import re
from functools import lru_cache
from typing import NamedTuple
from unicodedata import category as category_of

SHOWN = 40  # characters of a text that a message shows
WORD = re.compile(r"\w+|[^\w\s\x00-\x1f\x7f-\x9f]")  # of texts that are PLAIN
PLAIN = re.compile(  # letters and signs of scripts with spaces; no marks, nothing that is not seen
    "[\\x00-\\xac\\xae-\u02ff\u0370-\u0482\u048a-\u0590\u2010-\u2027\u20a0-\u20bf]*"
)
JOINERS = "\u200c\u200d"
SPACELESS = (  # scripts without spaces between words, first and last code point
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF),  # Thai and Lao, Burmese, Khmer
    (0x3005, 0x3007), (0x3021, 0x3029), (0x3031, 0x303C), (0x3041, 0x30FF), (0x3105, 0x312F), (0x31A0, 0x31BF),
    (0x31F0, 0x31FF), (0xFF66, 0xFF9F), (0x1AFF0, 0x1B16F),  # kana, bopomofo and their signs
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF),  # Chinese characters
)  # fmt: skip


class Span(NamedTuple):
    """An entity: text[start:end], and its type."""

    start: int
    end: int
    label: str


class Example(NamedTuple):
    """A text with its entities.

    Attributes:
        text: as it stands in the file; of columns, the words with a space between any two.
        spans: the entities, in order, none within another.
        words: start and end of each word; of columns, the words given.
        line: where it begins in the file, from 1.
    """

    text: str
    spans: tuple[Span, ...]
    words: tuple[tuple[int, int], ...]
    line: int = 0

    def labels(self) -> list[str]:
        """For each word B- where an entity begins, I- inside, O outside; a word cut by a span belongs to it."""
        found, spans = [], list(self.spans)
        opened = None
        for start, end in self.words:
            while spans and spans[0].end <= start:
                spans.pop(0)
            inside = bool(spans) and spans[0].start < end
            found.append(f"{'I' if opened is spans[0] else 'B'}-{spans[0].label}" if inside else "O")
            opened = spans[0] if inside else None
        return found


def split_words(text: str) -> list[tuple[int, int]]:
    """Start and end of each word: a run of letters and digits, or a single sign.

    Where a script has no spaces between words (Chinese, Japanese, Thai, Lao, Burmese, Khmer), each of its characters
    is a word. A mark that combines belongs to the character before it. A character without width, which tokenizers
    drop, joins what it stands between; by itself it is no word.
    """
    if PLAIN.fullmatch(text):  # by far the most, and faster so
        return [found.span() for found in WORD.finditer(text)]
    words, run, reach = [], False, -1  # reach: where the last word ends, what has no width and follows it included
    for place, character in enumerate(text):
        kind = kind_of_character(character)
        follows = reach == place
        if kind == "letter" and follows and run or kind == "mark" and follows or kind == "joiner" and follows:
            words[-1] = (words[-1][0], place + 1)
        elif kind in ("letter", "own", "sign"):
            words.append((place, place + 1))
            run = kind == "letter"
        elif kind != "hidden" or not follows:
            continue
        reach = place + 1
    return words


@lru_cache(maxsize=65536)
def kind_of_character(character: str) -> str:
    """What a character is to `split_words`: letter, own (a word by itself), sign, mark, joiner, hidden, space.

    A control character is a space.
    """
    if character.isalnum() or character == "_":
        return "own" if not character.isdigit() and _of_spaceless_script(ord(character)) else "letter"
    if character.isspace():
        return "space"
    category = category_of(character)
    if category[0] == "M":
        return "mark"
    if category == "Cf":
        return "joiner" if character in JOINERS else "hidden"
    return "space" if category == "Cc" else "sign"


def _of_spaceless_script(code: int) -> bool:
    return any(first <= code <= last for first, last in SPACELESS)


def parts_words(character: str) -> bool:
    """Whether `split_words` would part a word there for other reasons than a sign: a space, a script without spaces."""
    return kind_of_character(character) in ("space", "own")


def unseen(text: str) -> bool:
    """Whether a stretch of a text holds nothing that is seen by itself: spaces, marks, characters without width."""
    return all(kind_of_character(character) in ("space", "mark", "joiner", "hidden") for character in text)
