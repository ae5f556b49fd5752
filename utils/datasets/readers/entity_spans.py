"""Objects of JSON that mark entities by where they stand in a text: ours, and those of annotation tools. No framework.

spaCy's pairs and its own JSON, brat's, Doccano, DataTurks, Prodigy, Label Studio (its JSON-MIN and its full JSON),
UBIAI, LightTag, Rasa, PubAnnotation, Presidio, Flair, and CLUENER's spans under their types.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from utils.datasets.readers.entity_records import (
    TAKEN,
    Mark,
    Marked,
    Odd,
    Passed,
    counted,
    first_of,
    short,
    whole_number,
)

TEXT_KEYS = ("text", "content", "data", "document", "sentence", "textContent", "raw", "full_text", "source_text",
             "originalText", "generated_text")  # fmt: skip
SPAN_KEYS = ("entities", "spans", "label", "labels", "annotation", "annotations", "ents", "ner", "entity",
             "textSegmentAnnotations", "entity_mentions", "mentions", "named_entities", "denotations", "privacy_mask",
             "entity_list")  # fmt: skip
GUESSED = re.compile(r"(?i)predict|suggest|guess|proposal|candidate|comment|remark")  # no labels stand under such keys
STARTS = ("start", "start_offset", "startOffset", "begin", "start_char", "from")
ENDS = ("end", "end_offset", "endOffset", "stop", "end_char", "to")
MORE = ("pos", "position", "index", "idx", "offset", "char")  # what others put behind or before start and end
LOOSE_STARTS, LOOSE_ENDS = (
    {*words, *(word + more for word in words for more in MORE), *(more + word for word in words for more in MORE)}
    for words in (("start", "begin", "from"), ("end", "stop", "to"))
)
LABELS = ("label", "labels", "type", "tag", "entity_group", "entity_type", "category", "displayName", "class",
          "display_name", "Type", "label_type", "entity_label", "entityLabel", "label_name", "obj",
          "entity")  # fmt: skip
PLACES = ("span", "offsets", "indices", "range", "position", "offset")  # start and end in one list
CLAIMS = ("text", "mention", "surface", "quote")  # not "value", which Rasa takes for a synonym
CLAIMS_TOO = ("entity", "word", "entity_value")  # where what they say stands in the text

EMPTY = Passed("hold no text and no spans")
ADDRESS = re.compile(r"(?:https?://|s3://|gs://|/data/)\S+")  # of what was shown, in place of a text
BINARY = Passed(
    'were asked about one entity alone ("_is_binary"), and what else they hold was taken for outside',
    "Mark all entities of a text (ner.correct, ner.manual), or a model learns that the others are none",
)


def is_pair(item: Any) -> bool:
    """Whether it is spaCy's ["Jane left", {"entities": [[0, 4, "PER"]]}], or ["Jane left", [[0, 4, "PER"]]]; or []."""
    if not isinstance(item, list) or len(item) != 2 or not isinstance(item[0], str):
        return False
    spans = item[1] if isinstance(item[1], list) else [None]
    return isinstance(item[1], dict) or all(isinstance(s, list) and len(s) == 3 and whole_number(s[0]) for s in spans)


def text_with_spans(item: dict) -> Iterator[Marked | Odd | Passed]:
    """What an object says that holds a text and spans, after what is left out of it."""
    found = spans_of(item)
    if item.get("_is_binary") is True:
        yield BINARY
    if len(item.keys() & {*SPAN_KEYS}) > 1 and (more := _further_spans(item, found)):
        first = next(key for key in SPAN_KEYS if item.get(key) is found)
        why = f"hold spans under {' and under '.join(map(repr, more))} too, of which those under {first!r} were taken"
        yield Passed(why, "Take the others away to be rid of this, or put all that are entities into one list")
    if found == [] and (others := [key for key in _other_spans(item) if key not in ("tokens", "words", "sents")]):
        why = f"hold spans under {others[0]!r} beside an empty list of entities, and were taken without those"
        yield Passed(why, f"Take the empty list away, or call them {SPAN_KEYS[0]!r}, where they are right")
    if isinstance(found, list) and any(map(_is_refused, found)):
        key = next(key for key, value in item.items() if value is found)
        item = item | {key: (found := [raw for raw in found if not _is_refused(raw)])}
        yield Passed("hold spans that a reviewer called wrong", "Those spans were left out")
    yield _text_with_spans(item, found)


def _is_brat(raw: Any) -> bool:
    """Whether it is an entity of brat's JSON: ["T1", "PER", [[0, 8]]]."""
    named = isinstance(raw, list) and len(raw) == 3 and all(isinstance(one, str) for one in raw[:2])
    return named and isinstance(raw[2], list) and all(isinstance(one, list) and len(one) == 2 for one in raw[2])


def _in_pieces(raw: Any) -> bool:
    return _is_brat(raw) and len(raw[2]) > 1


def _is_refused(raw: Any) -> bool:
    """Whether a reviewer called a span wrong, as in LightTag and MedCAT."""
    return isinstance(raw, dict) and (raw.get("correct") is False or raw.get("deleted") is True)


def _text_with_spans(item: dict, found: Any) -> Marked | Odd | Passed:
    text = first_of(item, TEXT_KEYS)
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
    if found is None or found != found:
        found = []  # DataTurks' way of saying that there are none, and pandas' (NaN)
    if found == "absent" and (guesses := [key for key in item if GUESSED.search(key) and _are_spans(item[key])]):
        message = f"spans stand under {guesses[0]!r} alone, which are guesses or remarks"
        return Odd("no spans", message, f"Call them {SPAN_KEYS[0]!r} where they are right")
    if not isinstance(found, list):
        message = "there are no spans" if found == "absent" else f"the spans are {short(found)}, which says no places"
        advice = f"Put a list under one of {', '.join(SPAN_KEYS[:6])}; an empty one where nothing is an entity"
        return Odd("no spans", message, advice)
    if gap := next((raw for raw in found if _in_pieces(raw)), None):
        return Odd(
            "bad span", f"an entity stands in several pieces: {short(gap)}", "Mark it as several, or leave it out"
        )
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
    if isinstance(item.get("ents"), list) and item["ents"] and isinstance(item.get("spans"), dict):
        return item["ents"]  # spaCy's own JSON, whose "spans" are groups of others
    for value in known:
        if isinstance(value, (list, dict)) and value:
            return value
    if [] in known:
        return []
    others = _other_spans(item)
    if len(others) == 1:
        return item[others[0]]
    return known[0] if known else "absent"


def _other_spans(item: dict) -> list[str]:
    """The keys of other names under which spans stand, and no guesses."""
    return [key for key in item if _are_spans(item[key]) and key not in SPAN_KEYS and not GUESSED.search(key)]


def _are_spans(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(is_span, value))


def _further_spans(item: dict, taken: Any) -> list[str]:
    """The keys under which other spans stand than those that were taken."""
    if not any(item.get(key) is taken for key in SPAN_KEYS):
        return []
    found = []
    for key in SPAN_KEYS:
        value = item.get(key)
        if value is taken or value == taken or not value or not isinstance(value, (list, dict)):
            continue
        inner = [one for group in value.values() if isinstance(group, list) for one in group] if (
            isinstance(value, dict)) else value  # fmt: skip
        listed = (isinstance(one, list) and len(one) > 2 and sum(map(whole_number, one)) == 2 for one in inner)
        if inner and all(map(is_span, inner)) or inner and all(listed):
            found.append(key)
    return found


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
        numbers = [n for n, one in enumerate(raw) if whole_number(one)]
        names = [one for one in raw if isinstance(one, str)]
        if len(raw) == 4 and len(names) == 2 and numbers in ([0, 1], [1, 2], [2, 3]):  # perhaps its own text in it
            yield Mark(*raw[numbers[0] : numbers[0] + 2], names[0], None, names[1])
            return
        if _is_brat(raw) and len(raw[2]) == 1:
            raw = [*raw[2][0], raw[1]]
        elif len(raw) >= 3 and isinstance(raw[0], str) and all(map(whole_number, raw[1:3])):
            raw = [*raw[1:3], raw[0], *raw[3:]]
        if not 2 <= len(raw) <= 4:  # a fourth is a name of the entity in some register, as spaCy has it
            raw = [None, None]
        yield Mark(*map(counted, raw[:2]), _one(raw[2]) if len(raw) > 2 else None)
    elif isinstance(raw, dict) and isinstance(raw.get("points"), list):  # DataTurks: the end is the last character
        for point in raw["points"]:
            point = point if isinstance(point, dict) else {}
            start, end = map(counted, (point.get("start"), point.get("end")))
            yield Mark(start, end + 1 if whole_number(end) else end, _one(raw.get("label")), point.get("text"))
    elif isinstance(raw, dict):
        key = next((key for key in LABELS if raw.get(key) is not None), None)
        start, end = map(counted, _ends_of(raw))
        other = next((raw[one] for one in CLAIMS_TOO if one != key and isinstance(raw.get(one), str)), None)
        yield Mark(start, end, _one(raw.get(key)), _one(first_of(raw, CLAIMS)), other)
    else:
        yield Mark(None, None, None)


def _ends_of(raw: dict, depth: int = 2) -> tuple[Any, Any]:
    """Start and end, under their usual names, in one, under names near to the usual, or in an object further in."""
    start, end = first_of(raw, STARTS), first_of(raw, ENDS)
    if end is None:
        start, end = _in_one(raw) if start is None or "length" in raw else (start, end)
    if start is None or end is None:
        start, end = (
            next((value for key, value in raw.items() if letters_of(key) in names), None) if known is None else known
            for known, names in ((start, LOOSE_STARTS), (end, LOOSE_ENDS))
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
    for key in ("offset", "start"):
        if whole_number(raw.get(key)) and whole_number(raw.get("length")):
            return raw[key], raw[key] + raw["length"]
    found = _one(first_of(raw, PLACES))
    return tuple(found) if isinstance(found, list) and len(found) == 2 else (None, None)


def _one(label: Any) -> Any:
    """The label of a list that holds one; of Flair's {"value": "PER", "confidence": 0.9} the name."""
    if isinstance(label, list) and label and all(isinstance(one, dict) and "value" in one for one in label):
        label = [one["value"] for one in label]
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
        yield Passed("have further annotations, of which one was taken", TAKEN)
    results = [one for one in chosen.get("result") or [] if isinstance(one, dict)]
    labelled = {one.get("id") for one in results if str(one.get("type")).endswith("labels")}
    judged = any(_is_about(one, labelled) for one in results)
    results = [one for one in results if not _is_about(one, labelled)]
    marks = [mark for one in results if (mark := _region(one)) is not None]
    if any(isinstance(mark, Odd) for mark in marks):
        yield next(mark for mark in marks if isinstance(mark, Odd))
        return
    text = _shown(item["data"], marks)
    advice = 'Put the text under "text" in "data"; other kinds of data (audio, pictures, dialogues) are not read'
    if results and not marks and (parts := [one["value"] for one in results if _is_elsewhere(one)]):
        yield Odd("no text", f"what is marked is no part of a text: {short(parts[0])}", advice)
        return
    if text is None or not text.strip() or ADDRESS.fullmatch(text.strip()):
        yield Odd("no text", f"there is no text: {short(item['data'])}", advice)
        return
    if judged and not results:
        yield Passed("were judged as a whole, no span in them, and were taken for texts without entities", TAKEN)
    yield Marked(text, marks=marks)


def _is_about(result: dict, labelled: set) -> bool:
    """Whether a result says something of a region that has its label elsewhere: a choice, a rating, a remark."""
    kind = result.get("type")
    if not isinstance(kind, str) or kind.endswith("labels"):
        return False
    return kind != "taxonomy" or result.get("id") in labelled


def _is_elsewhere(result: dict) -> bool:
    """Whether a result labels a part of a picture, say, which has no start."""
    value = result.get("value")
    return str(result.get("type")).endswith("labels") and isinstance(value, dict) and "start" not in value


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
