"""Texts with entities in JSON, an object a line or one array: character spans, or lists of tokens. No framework."""

import json
import re
from collections.abc import Iterator

from utils.datasets.readers.entity_examples import SHOWN, Example, Span, split_words
from utils.datasets.readers.entity_labels import LooseLabels, labelled
from utils.datasets.readers.text_files import Problem

TEXT_KEYS, SPAN_KEYS = (
    ("text", "content", "data"),
    ("entities", "spans", "label", "labels", "annotation", "annotations"),
)


def json_lines(file: str, lines: Iterator) -> Iterator[Example | Problem]:
    """Examples and problems of an object a line, given number and text (or what is wrong) of each line."""
    for number, text in lines:
        if isinstance(text, Problem):
            yield text
        elif text.strip():
            try:
                item = json.loads(text)
            except ValueError as error:
                advice = "Write one whole object a line; a line break within a text is \\n"
                yield Problem("not JSON", file, number, f"the line is no JSON: {error}", advice)
            except RecursionError:
                yield Problem("not JSON", file, number, "brackets are nested too deep", "Write one plain object a line")
            else:
                yield from _object(file, number, item)


def json_array(file: str, lines: Iterator) -> Iterator[Example | Problem]:
    """Examples and problems of one array of objects, over as many lines as it likes; it is held whole.

    Given number and text (or what is wrong) of each line.
    """
    texts = []
    for _, text in lines:
        if isinstance(text, Problem):
            yield text
            return
        texts.append(text)
    whole, decoder = "\n".join(texts), json.JSONDecoder()
    place, number, counted = whole.index("[") + 1, 1, 0
    skip = re.compile(r"[\s,]*")
    while True:
        place = skip.match(whole, place).end()
        number, counted = number + whole.count("\n", counted, place), place
        if place >= len(whole) or whole[place] == "]":
            return
        try:
            item, place = decoder.raw_decode(whole, place)
        except (ValueError, RecursionError) as error:
            message = f"here the file is no JSON: {getattr(error, 'msg', 'nested too deep')}"
            yield Problem("not JSON", file, number, message, "Mend it; what follows was not read")
            return
        yield from _object(file, number, item)


def _object(file: str, line: int, item) -> Iterator[Example | Problem]:
    """An example from what one object says."""
    if not isinstance(item, dict):
        advice = 'Write {"text": …, "entities": […]}'
        yield Problem("not an object", file, line, f"an object is wanted, this is {_short(item)}", advice)
        return
    if isinstance(item.get("tokens"), list):
        yield from _token_lists(file, line, item)
        return
    text = next((item[key] for key in TEXT_KEYS if key in item), None)
    if not isinstance(text, str) or not text.strip():
        advice = f"Put the text under one of {', '.join(TEXT_KEYS)}"
        if isinstance(item.get("data"), dict):
            advice = "If it is from Label Studio, export it there as CoNLL2003: its own JSON is not read"
        yield Problem("no text", file, line, f"there is no text: {_short(item)}", advice)
        return
    found = next((item[key] for key in SPAN_KEYS if key in item), "absent")
    if found is None:
        found = []  # DataTurks' way of saying that there are none
    if not isinstance(found, list):
        known = ", ".join(SPAN_KEYS)
        message = "there are no spans" if found == "absent" else f"the spans are {_short(found)}, not a list"
        yield Problem("no spans", file, line, message, f"Put a list under one of {known}; an empty one for none")
        return
    spans, problems = [], []
    for raw in found:
        for start, end, label, words in _raw_spans(raw):
            span, problem = _checked_span(file, line, text, start, end, label, words)
            spans += [span] if span else []
            problems += problem
    yield from _example(file, line, text, spans, problems)


def _raw_spans(raw) -> Iterator[tuple]:
    """(start, end, label, the words it claims to be) of one annotation; None for what it does not say."""
    if isinstance(raw, (list, tuple)):
        yield (*raw[:3], *[None] * (3 - len(raw)), None) if len(raw) in (2, 3) else (None, None, None, None)
    elif isinstance(raw, dict) and isinstance(raw.get("points"), list):  # DataTurks: the end is the last character
        label = raw.get("label")
        label = label[0] if isinstance(label, list) and len(label) == 1 else label
        for point in raw["points"]:
            point = point if isinstance(point, dict) else {}
            end = point.get("end")
            yield point.get("start"), end + 1 if _whole_number(end) else end, label, point.get("text")
    elif isinstance(raw, dict):
        start, end = (raw.get(key, raw.get(f"{key}_offset")) for key in ("start", "end"))
        yield start, end, raw.get("label", raw.get("type")), raw.get("text")
    else:
        yield None, None, None, None


def _whole_number(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _checked_span(file: str, line: int, text: str, start, end, label, words) -> tuple[Span | None, list[Problem]]:
    """A span that can be used, or none; and what is wrong with it."""

    def wrong(kind: str, message: str, advice: str, kept: bool = False) -> Problem:
        return Problem(kind, file, line, message, advice, kept)

    if not _whole_number(start) or not _whole_number(end):
        advice = "Give start and end as whole numbers, characters counted from 0, the end one past the last"
        return None, [wrong("bad span", f"a span has start {_short(start)} and end {_short(end)}", advice)]
    shown = f"the span {start}–{end}"
    if not isinstance(label, str) or not label.strip():
        return None, [wrong("bad label", f"{shown} has the label {_short(label)}", "Give it one label, such as PER")]
    if start < 0 or end > len(text) or start > end:
        advice = "Count characters, not bytes, from 0; the end is one past the last, never before the start"
        return None, [wrong("span out of range", f"{shown} lies outside the text of {len(text)} characters", advice)]
    if not text[start:end].strip():
        advice = "Take the span away, or give it the characters of the entity"
        return None, [wrong("empty span", f"{shown} covers no word: {text[start:end]!r}", advice, kept=True)]
    if isinstance(words, str) and words.strip() != text[start:end].strip():
        advice = "Count characters from 0, not bytes, in the text as it stands in the file"
        found = f"{shown} covers {text[start:end][:SHOWN]!r}, but says {words[:SHOWN]!r}"
        return None, [wrong("span says other text", found, advice)]
    problems, label = [], label.strip()
    left = len(text[start:end]) - len(text[start:end].lstrip())
    right = len(text[start:end]) - len(text[start:end].rstrip())
    if left or right:
        found = f"{shown} begins or ends with white space: {text[start:end][:SHOWN]!r}"
        advice = f"Write {start + left}–{end - right}; it was taken so"
        problems.append(wrong("space around a span", found, advice, kept=True))
    return Span(start + left, end - right, label), problems


def _example(file: str, line: int, text: str, spans: list[Span], problems: list) -> Iterator[Example | Problem]:
    """An example from its spans, where they do not contradict each other."""
    spans = sorted(spans)
    words = split_words(text)
    starts, ends = {start for start, _ in words}, {end for _, end in words}
    kept: list[Span] = []
    for span in spans:
        shown = f"{span.start}–{span.end} ({span.label}, {text[span.start : span.end][:SHOWN]!r})"
        if kept and span == kept[-1]:
            found = f"the span {shown} is there twice"
            problems.append(Problem("span twice", file, line, found, "Take one away; it was taken once", kept=True))
            continue
        if kept and span.start < kept[-1].end:
            other = (
                f"{kept[-1].start}–{kept[-1].end} ({kept[-1].label}, {text[kept[-1].start : kept[-1].end][:SHOWN]!r})"
            )
            found = f"the spans {other} and {shown} overlap"
            problems.append(Problem("overlapping spans", file, line, found, "Keep one of them, the outer as a rule"))
        elif span.start not in starts or span.end not in ends:
            found = f"the span {shown} begins or ends within a word"
            advice = "Move it to the word's edge; the whole word was taken"
            problems.append(Problem("span cuts a word", file, line, found, advice, kept=True))
        kept.append(span)
    yield from problems
    if all(problem.kept for problem in problems):
        yield Example(text, tuple(kept), tuple(words), line)


def _token_lists(file: str, line: int, item: dict) -> Iterator[Example | Problem]:
    """{"tokens": ["Jane", …], "ner_tags": ["B-PER", …]}, as many data sets are published."""
    tokens = item["tokens"]
    tags = next((item[key] for key in ("ner_tags", "tags", "labels", "ner") if isinstance(item.get(key), list)), None)
    if tags is None or len(tags) != len(tokens):
        found = f"{len(tokens)} tokens, {'no' if tags is None else len(tags)} labels"
        yield Problem("no label", file, line, found, 'Give each token a label: {"tokens": […], "ner_tags": […]}')
    elif not all(isinstance(value, str) and value.strip() for value in (*tokens, *tags)):
        odd = next(value for value in (*tokens, *tags) if not isinstance(value, str) or not value.strip())
        advice = "Write labels by name, B-PER rather than 1: what a number means is not in the file"
        yield Problem("bad label", file, line, f"{_short(odd)} is no token or label", advice)
    else:
        words = [(line, "".join(word.split()), tag) for word, tag in zip(tokens, tags, strict=True)]
        yield from labelled(file, line, words, [], LooseLabels(file))


def _short(value) -> str:
    shown = json.dumps(value, ensure_ascii=False, default=repr)
    return shown if len(shown) <= SHOWN else shown[:SHOWN] + "…"
