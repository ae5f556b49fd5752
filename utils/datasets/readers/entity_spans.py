"""Objects of JSON that mark entities by where they stand in a text: ours, and those of annotation tools. No framework.

spaCy's pairs, Doccano, DataTurks, Prodigy, Label Studio (its JSON-MIN and its full JSON), UBIAI, LightTag, Rasa, and
CLUENER's spans under their types.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from utils.datasets.readers.entity_records import Mark, Marked, Odd, Passed, first_of, short, whole_number

TEXT_KEYS = ("text", "content", "data", "document", "sentence", "textContent", "raw")
SPAN_KEYS = ("entities", "spans", "label", "labels", "annotation", "annotations", "ents", "ner", "entity",
             "textSegmentAnnotations", "entity_mentions", "mentions", "named_entities")  # fmt: skip
STARTS = ("start", "start_offset", "startOffset", "begin", "start_char", "from")
ENDS = ("end", "end_offset", "endOffset", "stop", "end_char", "to")
MORE = ("pos", "position", "index", "idx", "offset", "char")  # what others put behind or before start and end
LOOSE_STARTS, LOOSE_ENDS = (
    {*words, *(word + more for word in words for more in MORE), *(more + word for word in words for more in MORE)}
    for words in (("start", "begin", "from"), ("end", "stop", "to"))
)
LABELS = ("label", "labels", "type", "tag", "entity", "entity_group", "entity_type", "category", "displayName", "class",
          "display_name", "Type")  # fmt: skip
PLACES = ("span", "offsets", "indices", "range", "position", "offset")  # start and end in one list
CLAIMS = ("text", "mention", "surface", "quote")  # not "value", which Rasa takes for a synonym

EMPTY = Passed("hold no text and no spans")


def is_pair(item: Any) -> bool:
    """Whether it is spaCy's ["Jane left", {"entities": [[0, 4, "PER"]]}], or ["Jane left", [[0, 4, "PER"]]]."""
    if not isinstance(item, list) or len(item) != 2 or not isinstance(item[0], str):
        return False
    spans = item[1] if isinstance(item[1], list) else []
    listed = bool(spans) and all(isinstance(s, list) and len(s) == 3 and whole_number(s[0]) for s in spans)
    return isinstance(item[1], dict) or listed


def text_with_spans(item: dict) -> Marked | Odd | Passed:
    """What an object says that holds a text and spans."""
    text = first_of(item, TEXT_KEYS)
    found = spans_of(item)
    if text is None or found == "absent":
        text, found = _further_in(item, text, found)
    if text is None and isinstance(found, list) and (own := _claimed_text(item, found)):
        text = own
    if isinstance(text, str) and not text.strip() and found in ([], {}, None):
        return EMPTY
    if not isinstance(text, str) or not text.strip():
        keys = ", ".join(map(str, list(item)[:8])) or "nothing"
        advice = f"Put the text under one of {', '.join(TEXT_KEYS[:4])}; these keys stand there: {keys}"
        return Odd("no text", f"there is no text: {short(item)}", advice)
    if isinstance(found, dict):
        found = _spans_of_object(found)
    if found is None:
        found = []  # DataTurks' way of saying that there are none
    if not isinstance(found, list):
        message = "there are no spans" if found == "absent" else f"the spans are {short(found)}, which says no places"
        advice = f"Put a list under one of {', '.join(SPAN_KEYS[:6])}; an empty one for none"
        return Odd("no spans", message, advice)
    marks = [mark for raw in found for mark in marks_of(raw)]
    if marks and all(mark.start is None and mark.end is None for mark in marks):
        message = f"what is marked has no places: {short(found)}"
        advice = 'Say where each entity begins and ends, in characters from 0: [0, 4, "PER"]; a class of the whole '
        return Odd("bad span", message, advice + "text is no entity")
    return Marked(text, marks=marks)


def _further_in(item: dict, text: Any, found: Any) -> tuple[Any, Any]:
    """Text and spans where they stand in objects of the object, as SageMaker and AutoML have them; or as they were."""
    inner = list(_objects_in(item))
    if found == "absent" or found and not is_span(found[0] if isinstance(found, list) else found):
        lists = [one[key] for one in inner for key in SPAN_KEYS if isinstance(one.get(key), list)]
        spans = [one for one in lists if one and all(map(is_span, one))]
        if len(spans) == 1 or not spans and [] in lists:
            found = (spans or [[]])[0]
    if text is None and found != "absent":
        texts = [one[key] for one in inner for key in TEXT_KEYS if isinstance(one.get(key), str)]
        text = texts[0] if len(texts) == 1 else item.get("source")
    return text, found


def _objects_in(item: dict, depth: int = 3) -> Iterator[dict]:
    for value in item.values():
        if isinstance(value, dict) and depth:
            yield value
            yield from _objects_in(value, depth - 1)


def spans_of(item: dict) -> Any:
    """The spans of an object: of the keys that are known the first with something under it; "absent" where none is."""
    known = [item[key] for key in SPAN_KEYS if key in item]
    for value in known:
        if isinstance(value, (list, dict)) and value:
            return value
    others = [v for k, v in item.items() if k not in SPAN_KEYS and isinstance(v, list) and v and all(map(is_span, v))]
    if len(others) == 1:
        return others[0]
    return known[0] if known else "absent"


def is_span(raw: Any) -> bool:
    """Whether an object marks an entity, whatever the key is called under which it stands."""
    if not isinstance(raw, dict) or not {*LABELS} & {*raw}:
        return False
    return all(place is not None for place in _ends_of(raw))


def _claimed_text(item: dict, found: list) -> str | None:
    """The one string of an object in which all that its spans claim to cover stands where they say."""
    marks = [mark for raw in found for mark in marks_of(raw)]
    if not marks or not all(whole_number(m.start) and whole_number(m.end) and isinstance(m.words, str) for m in marks):
        return None
    texts = [v for v in item.values() if isinstance(v, str) and all(m.words == v[m.start : m.end] for m in marks)]
    return texts[0] if len(texts) == 1 else None


def _spans_of_object(found: dict) -> Any:
    """A list of spans from an object of them; the object itself where it is none of these.

    {"start": [0], "end": [4], "label": ["PER"]}, {"PER": [[0, 4]]} and {"PER": {"Jane": [[0, 3]]}}.
    """
    values = list(found.values())
    if {*STARTS} & {*found} and all(isinstance(v, list) for v in values) and len({len(v) for v in values}) == 1:
        return [dict(zip(found, row, strict=True)) for row in zip(*values, strict=True)]
    spans = []
    for label, inner in found.items():
        if isinstance(inner, list) and inner and all(isinstance(one, dict) for one in inner):  # GATE's own JSON
            if not all(place is not None for one in inner for place in _ends_of(one)):
                return found
            spans += [{"label": label} | one for one in inner]
            continue
        for words, places in inner.items() if isinstance(inner, dict) else [(None, inner)]:
            if not isinstance(places, list) or not all(isinstance(p, list) and len(p) == 2 for p in places):
                return found
            spans += [{"start": start, "end": end, "label": label, "text": words} for start, end in places]
    return spans if found else []


def marks_of(raw: Any) -> Iterator[Mark]:
    """The entities of one annotation, whatever it is; what it does not say is None."""
    if isinstance(raw, list):
        if len(raw) >= 3 and isinstance(raw[0], str) and all(map(whole_number, raw[1:3])):
            raw = [*raw[1:3], raw[0], *raw[3:]]
        if not 2 <= len(raw) <= 4:  # a fourth is a name of the entity in some register, as spaCy has it
            raw = [None, None]
        yield Mark(*raw[:2], _one(raw[2]) if len(raw) > 2 else None)
    elif isinstance(raw, dict) and isinstance(raw.get("points"), list):  # DataTurks: the end is the last character
        for point in raw["points"]:
            point = point if isinstance(point, dict) else {}
            end = point.get("end")
            yield Mark(point.get("start"), end + 1 if whole_number(end) else end, _one(raw.get("label")),
                       point.get("text"))  # fmt: skip
    elif isinstance(raw, dict):
        label = next((raw[key] for key in LABELS if raw.get(key) is not None), None)
        start, end = _ends_of(raw)
        yield Mark(start, end, _one(label), _one(first_of(raw, CLAIMS)))
    else:
        yield Mark(None, None, None)


def _ends_of(raw: dict, depth: int = 2) -> tuple[Any, Any]:
    """Start and end, under their usual names, in one, under names near to the usual, or in an object further in."""
    start, end = first_of(raw, STARTS), first_of(raw, ENDS)
    if start is None and end is None:
        start, end = _in_one(raw)
    if start is None and end is None:
        start, end = (
            next((value for key, value in raw.items() if letters_of(key) in names), None)
            for names in (LOOSE_STARTS, LOOSE_ENDS)
        )
    if start is None and end is None and depth:
        inner = (_ends_of(value, depth - 1) for value in raw.values() if isinstance(value, dict))
        start, end = next((ends for ends in inner if None not in ends), (None, None))
    return start, end


@lru_cache(maxsize=4096)
def letters_of(key: str) -> str:
    """The letters of a key alone, small: startOffset and start_offset are the same."""
    return re.sub(r"[\W_\d]", "", key).lower()


def _in_one(raw: dict) -> tuple[Any, Any]:
    """Start and end where one key gives both, {"span": [0, 4]}, or {"offset": 0, "length": 4}."""
    if whole_number(raw.get("offset")) and whole_number(raw.get("length")):
        return raw["offset"], raw["offset"] + raw["length"]
    found = _one(first_of(raw, PLACES))
    return tuple(found) if isinstance(found, list) and len(found) == 2 else (None, None)


def _one(label: Any) -> Any:
    """The label of a list that holds one."""
    return label[0] if isinstance(label, list) and len(label) == 1 else label


# Label Studio's full JSON --------------------------------------------------------------------------


def is_label_studio(item: dict) -> bool:
    """Whether it is a task of Label Studio: what was shown under "data", what was marked in "annotations"."""
    return isinstance(item.get("data"), dict) and ("annotations" in item or "completions" in item)


def label_studio(item: dict) -> Iterator[Marked | Odd | Passed]:
    """What a task of Label Studio says: its first annotation that nobody cancelled, what is called the truth first."""
    given = first_of(item, ("annotations", "completions"))
    given = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    good = [one for one in given if not (one.get("was_cancelled") or one.get("skipped"))]
    if not good:
        yield Passed("were skipped by their annotators" if given else "have no annotation yet")
        return
    chosen = next((one for one in good if one.get("ground_truth")), good[0])
    if len(good) > 1:
        yield Passed("have further annotations, of which one was taken")
    results = [one for one in chosen.get("result") or [] if isinstance(one, dict)]
    marks = [mark for one in results if (mark := _region(one)) is not None]
    if any(isinstance(mark, Odd) for mark in marks):
        yield next(mark for mark in marks if isinstance(mark, Odd))
        return
    text = _shown(item["data"], marks)
    if text is None or not text.strip():
        advice = 'Put the text under "text" in "data"; other kinds of data (audio, pictures, dialogues) are not read'
        yield Odd("no text", f"there is no text: {short(item['data'])}", advice)
        return
    yield Marked(text, marks=marks)


def _region(result: dict) -> Mark | Odd | None:
    """An entity that was marked; None for what marks none: a choice, a relation."""
    value = result.get("value")
    if not isinstance(value, dict) or "start" not in value:
        return None
    places = value.get("globalOffsets") if isinstance(value.get("globalOffsets"), dict) else value
    if isinstance(places.get("start"), str) or "startOffset" in value and places is value:
        found = f"a region says where it stands in another way: {short(value)}"
        return Odd("bad span", found, "Label plain text (<Text>), or export it as CoNLL2003")
    kind = result.get("type")
    label = value.get(kind) if isinstance(kind, str) else None
    label = label if label is not None else next((v for k, v in value.items() if k.endswith("labels")), None)
    if kind not in (None, "labels", "hypertextlabels") and label is None:
        return None
    return Mark(places.get("start"), places.get("end"), _one(label), value.get("text"))


def _shown(data: dict, marks: list[Mark]) -> str | None:
    """The text that was shown: under its usual name, the only one, or the only one that the marks fit."""
    usual = first_of(data, TEXT_KEYS)
    if isinstance(usual, str):
        return usual
    texts = [value for value in data.values() if isinstance(value, str)]
    if len(texts) > 1:
        claims = [m for m in marks if isinstance(m.words, str) and whole_number(m.start) and whole_number(m.end)]
        texts = [t for t in texts if claims and all(t[m.start : m.end] == m.words for m in claims)]
    return texts[0] if len(texts) == 1 else None
