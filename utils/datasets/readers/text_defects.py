"""What can be wrong with any text: it was damaged on its way, it was there before, no piece of it hits a span.

Of each text a few numbers are remembered. No framework.
"""

import re
from collections.abc import Iterator
from hashlib import blake2b

SHOWN = 40  # characters of a text that a message shows
GARBLED = re.compile("Ã[\u0080-\u00bf\u0152-\u2122]|Â[\u00a0-\u00bf]|â€|ï»¿")
CONTROL = re.compile("[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f]")
INVISIBLE = re.compile("[\u200b\u2060\u00ad\ufeff]")
MARKUP = re.compile(r"&(?:amp|lt|gt|quot|nbsp|apos|#\d+);|</?(?:br|p|div|span|b|i|a|em|strong)\b[^<>]*>")
SIGNS = {code: None for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")}
DAMAGE = (
    ("letters lost", re.compile("\ufffd"), "a character was lost when the text was saved", "Export it anew as UTF-8"),
    ("garbled letters", GARBLED, "UTF-8 was read as Windows-1252",
     "Mend it with text.encode('cp1252').decode('utf-8'), or export it anew"),
    ("control character", CONTROL, "a control character stands in the text", "Take it out; counts of characters shift"),
    ("invisible character", INVISIBLE, "an invisible character stands in the text",
     "Its word keeps it, and tokenizers drop it: take it out unless it is meant"),
    ("pieces of words", re.compile(r"\w@@ \w|\u2581\w"), "words were cut into pieces (@@ or \u2581 between)",
     "Pass the text as it was before, or join them: sed 's/@@ //g' for the first"),
    ("markup", MARKUP, "markup of a web page stands in the text", "Unescape it with html.unescape, and drop the tags"),
)  # fmt: skip
ANY = re.compile("|".join(f"(?:{pattern.pattern})" for _, pattern, _, _ in DAMAGE))  # found in few texts, and sooner


def digest(*parts) -> int:
    """Eight bytes that stand for texts."""
    return int.from_bytes(blake2b("\0".join(map(str, parts)).encode("utf-8", "replace"), digest_size=8).digest(), "big")


def bare(text: str) -> str:
    """A text without case, punctuation and spaces."""
    if text.isascii():
        return text.lower().translate(SIGNS) or text
    return "".join(re.findall(r"\w+", text.casefold())) or text


def brief(text: str) -> str:
    """A text in quotes, of which at most SHOWN characters are shown."""
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "…")


class Seen:
    """Remembers texts by eight bytes each."""

    def __init__(self):
        self._known: dict[int, tuple] = {}

    def before(self, *parts, value):
        """What was remembered of these parts; None where they are new, and then the value is remembered."""
        key = hash(parts)
        if key in self._known:
            return self._known[key]
        self._known[key] = value
        return None


def is_clean(text: str) -> bool:
    """Whether a glance shows that nothing damaged a text, as of by far the most."""
    return text.isascii() and text.isprintable() and not any(sign in text for sign in ("&", "<", "@@ "))


def damage(text: str) -> Iterator[tuple[str, str, str]]:
    """Kind, message, advice of what shows that a text was damaged on its way."""
    if is_clean(text) or not ANY.search(text):
        return
    for kind, pattern, meaning, advice in DAMAGE:
        if found := pattern.search(text):
            start = max(0, found.start() - 10)
            yield kind, f"{meaning}: {ascii(text[start : found.end() + 10])}", advice


# What the tokenizer makes of a span ----------------------------------------------------------------


TOO_MANY = 0.005  # the share of characters in unknown pieces from which a file is told that its encoder knows it not


class Coverage:
    """Counts what a tokenizer knows of the texts of a file.

    Args:
        tokenizer: of the `tokenizers` library.
    """

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer
        self.unknown_piece = getattr(tokenizer.model, "unk_token", None) or "[UNK]"
        self.unknown_id = tokenizer.token_to_id(self.unknown_piece)
        self.characters = self.unknown = self.pieces = self.texts = 0
        self.shown = ""

    def pieces_of(self, text: str, code=None) -> tuple[list[tuple[int, int]], list[bool]]:
        """Start and end of each piece of a text, and whether it is known; the text is counted.

        Args:
            text: itself.
            code: what the tokenizer made of it, where that is known.
        """
        code = self.tokenizer.encode(text, add_special_tokens=False) if code is None else code
        offsets, ids = code.offsets, code.ids
        self.characters += len(text)
        if self.unknown_id is None or self.unknown_id not in ids:
            return offsets, [True] * len(ids)
        known = [number != self.unknown_id for number in ids]
        lost = [(start, end) for (start, end), is_known in zip(offsets, known, strict=True) if not is_known]
        self.unknown += sum(end - start for start, end in lost)
        self.pieces += len(lost)
        self.texts += 1
        self.shown = self.shown or text[lost[0][0] : lost[0][1]]
        return offsets, known

    def said(self) -> tuple[str, str, str] | None:
        """Kind, message, advice where much of the file is unknown to the tokenizer."""
        if self.unknown <= TOO_MANY * self.characters:
            return None
        share = self.unknown / self.characters
        message = (
            f"{share:.0%} of all characters stand in pieces that the encoder's tokenizer does not know: {self.pieces} "
            f"pieces in {self.texts} texts, such as {brief(self.shown)}. All of them are one to it"
        )
        return "unknown to the tokenizer", message, "Choose an encoder of the texts' language: --encoder DIR"


def words_without_piece(offsets, words) -> list[tuple[int, int]]:
    """The words of which the tokenizer makes nothing: no piece touches them.

    Args:
        offsets: start and end of each piece, as `pieces` gives them.
        words: start and end of each word, in order.
    """
    found, t = [], 0
    real = [(start, end) for start, end in offsets if end > start]
    for start, end in words:
        while t < len(real) and real[t][1] <= start:
            t += 1
        if t == len(real) or real[t][0] >= end:
            found.append((start, end))
    return found


def unhit_spans(offsets, known, text: str, start: int, end: int, what: str) -> Iterator[tuple[str, str, str]]:
    """Kind, message, advice of what keeps a model from saying exactly text[start:end].

    Args:
        offsets: start and end of each piece in the text, as `pieces` gives them.
        known: whether each piece is known.
        text: of which the pieces were made.
        start: of the span.
        end: one past the span's last character.
        what: the span is called in the message, such as "entity".
    """
    shown = f"the {what} {brief(text[start:end])}"
    touched = [t for t, (a, b) in enumerate(offsets) if a < end and start < b]
    if not touched:
        yield "no piece", f"{shown} vanishes in the tokenizer", "Take it out, or write it in letters it knows"
    elif not any(known[t] for t in touched):
        yield "unknown to the tokenizer", f"{shown} is only unknown pieces", "Choose an encoder of its language"
    elif offsets[touched[0]][0] < start or offsets[touched[-1]][1] > end:
        whole = text[offsets[touched[0]][0] : offsets[touched[-1]][1]]
        yield "within a piece", f"{shown} ends inside a piece; {brief(whole)} is the nearest", "Move it to that"
