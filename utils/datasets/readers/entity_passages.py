"""Documents in passages, whose entities count from the document's beginning: BioC's JSON and BigBio's. No framework."""

from collections.abc import Iterator
from typing import Any

from utils.datasets.readers.entity_records import Mark, Marked, Odd, Passed, short, whole_number
from utils.datasets.readers.entity_spans import EMPTY

COUNT = "Say where passages and entities begin, in characters from the document's beginning"


def in_passages(item: Any) -> bool:
    """Whether it is a document in passages that say where they begin."""
    parts = item.get("passages") if isinstance(item, dict) else None
    return isinstance(parts, list) and bool(parts) and all(
        isinstance(one, dict) and ("offset" in one or "offsets" in one) for one in parts)  # fmt: skip


def of_passages(item: dict) -> Iterator[Marked | Odd | Passed]:
    """The passages of a document, each a text with its entities; blank ones without entities are passed over."""
    parts = [one for part in item["passages"] for one in _sentences(part)]
    parts = [one for one in parts if one.get("text") or one.get("annotations")]  # BioC has some without either
    given = [(one, _text(one), _begin(one)) for one in parts]
    if (odd := next((one for one, text, begin in given if text is None or not whole_number(begin)), None)) is not None:
        yield Odd("no text", f"a passage has no text, or no place: {short(odd)}", COUNT)
        return
    shared, texts = _marks(item.get("entities") or item.get("annotations")), []
    for one, text, begin in given:
        inside = [mark for mark in shared if mark.start is not None and begin <= mark.start < begin + len(text)]
        texts.append((text, begin, _marks(one.get("annotations")) + inside))
    marks = [mark for _, _, inside in texts for mark in inside]
    if (odd := next((mark for mark in [*shared, *marks] if mark.start is None), None)) is not None:
        found = f"an entity has no place, or several: {odd.other}"
        yield Odd("bad span", found, "Mark it as several, or leave it out")
    elif (odd := next((mark for mark in shared if mark not in marks), None)) is not None:
        yield Odd("span out of range", f"an entity begins in no passage: {odd.other}", COUNT)
    else:
        texts = [one for one in texts if one[0].strip() or one[2]]
        if not texts:
            yield EMPTY
        for text, begin, inside in texts:
            places = [m._replace(start=m.start - begin, end=m.end - begin, other=None) for m in inside]
            yield Marked(text, marks=places)


def _sentences(part: dict) -> list[dict]:
    """A passage, or its sentences, where these hold its text."""
    inner = part.get("sentences")
    held = isinstance(inner, list) and inner and all(isinstance(one, dict) for one in inner)
    return inner if held and not _text(part) else [part]


def _text(part: dict) -> str | None:
    """The text of a passage: itself, or alone in a list."""
    text = part.get("text")
    text = text[0] if isinstance(text, list) and len(text) == 1 else text
    return text if isinstance(text, str) else None


def _begin(part: dict) -> Any:
    """Where a passage begins."""
    places = part.get("offsets")
    first = places[0] if isinstance(places, list) and len(places) == 1 else None
    return first[0] if isinstance(first, list) and len(first) == 2 else part.get("offset")


def _marks(given: Any) -> list[Mark]:
    """The entities of a list, or of whatever stands there for one."""
    return [_mark(raw) for raw in (given if isinstance(given, list) else [given] if given else [])]


def _mark(raw: Any) -> Mark:
    """An entity in the document, its places None where it has none or several; `other` shows it in messages."""
    one = raw if isinstance(raw, dict) else {}
    infons, words, places = one.get("infons"), one.get("text"), one.get("offsets")
    label = infons.get("type") if isinstance(infons, dict) else one.get("type")
    if isinstance(one.get("locations"), list):
        places = [(at.get("offset"), at.get("length")) for at in one["locations"] if isinstance(at, dict)]
        places = [[start, start + length] for start, length in places if whole_number(start) and whole_number(length)]
    only = places[0] if isinstance(places, list) and len(places) == 1 else None
    good = isinstance(only, list) and len(only) == 2 and all(map(whole_number, only))
    start, end = only if good else (None, None)
    words = words[0] if isinstance(words, list) and len(words) == 1 else words
    return Mark(start, end, label, words if isinstance(words, str) else None, short(raw))
