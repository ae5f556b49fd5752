"""Texts with entities in JSON: an object a line, one array, or objects around it. No framework.

The file is gone through twice: first to see how it counts and what its numbers mean, then to read it.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from utils.datasets.readers import entity_tokens
from utils.datasets.readers.broken_json import no_json
from utils.datasets.readers.entity_csv import word_rows
from utils.datasets.readers.entity_examples import SHOWN, Example
from utils.datasets.readers.entity_foreign import tool_of_object
from utils.datasets.readers.entity_labels import LooseLabels, labelled
from utils.datasets.readers.entity_offsets import Custom, Text
from utils.datasets.readers.entity_overlaps import without_overlaps
from utils.datasets.readers.entity_packed import unpacked
from utils.datasets.readers.entity_passages import in_passages, of_passages
from utils.datasets.readers.entity_quick import Quick
from utils.datasets.readers.entity_records import TAKEN, Marked, Names, Odd, Passed, short, whole_number
from utils.datasets.readers.entity_reviewed import is_reviewed, reviewed
from utils.datasets.readers.entity_spans import (
    EMPTY,
    TEXT_KEYS,
    is_label_studio,
    is_pair,
    is_span,
    label_studio,
    spans_of,
    text_with_spans,
)
from utils.datasets.readers.entity_word_objects import are_words, table_of
from utils.datasets.readers.json_places import places
from utils.datasets.readers.label_names import HINT, names_in, strings
from utils.datasets.readers.text_files import Problem

SURVEYED = 5000  # texts with labels that tell how a file counts and names; then only those whose characters differ do
PADDING = -100  # the number of a label that PyTorch's losses pass over
DEPTH = 5  # objects around the texts
NOTHING = Passed("are null")  # as some tools write what nobody has annotated
BLANK = re.compile(r"[\s,]*")
Lines = Callable[[], Iterator]  # gives number and text (or what is wrong) of each line, anew at each call


def json_lines(file: str, lines: Lines, overlaps: str = "outer") -> Iterator[Example | Problem]:
    """Examples and problems of an object (or a list) a line."""
    if are_words(_of_lines(file, lines())):
        yield from word_rows(file, table_of(file, _of_lines(file, lines())))
        return

    def telling(custom: Custom) -> Iterator:
        return _of_lines(file, (line for line in lines() if custom.labelled < SURVEYED or _may_tell(line[1])))

    yield from _read(file, telling, _of_lines(file, lines()), overlaps)


def json_whole(file: str, lines: Lines, overlaps: str = "outer") -> Iterator[Example | Problem]:
    """Examples and problems of one array or object, over as many lines as it likes, or of several; held whole."""
    texts = []
    for _, text in lines():
        if isinstance(text, Problem):
            yield text
            return
        texts.append(text)
    whole = "\n".join(texts)
    if are_words(_of_whole(file, whole)):
        yield from word_rows(file, table_of(file, _of_whole(file, whole)))
        return
    yield from _read(file, lambda custom: _of_whole(file, whole), _of_whole(file, whole), overlaps)


def _may_tell(text: str | Problem) -> bool:
    """Whether a line far on in a file can still show how places are counted: not all its characters are alike."""
    return isinstance(text, str) and not (text.isascii() and "\\" not in text)


def _read(file: str, telling: Callable, items: Iterator, overlaps: str) -> Iterator[Example | Problem]:
    """Examples from items: what is settled first from those that may tell `Custom` something, then each."""
    custom, loose, passed, named = Custom(file), LooseLabels(file), {}, None  # named: what names labels, first
    anything = others = False
    for item in telling(custom):
        anything = True
        if not isinstance(item, Problem):
            _survey(item[1], custom)
    if not anything:
        yield Problem("empty file", file, 0, "the file holds no text", "Put texts with entities in it")
    yield from custom.settle()
    loose.pieces = custom.pieces
    quick = Quick(custom, loose)
    for item in items:
        if isinstance(item, Problem):
            yield item
            continue
        line, value = item
        if (example := quick.example(line, value)) is not None:
            others = True
            yield example
            continue
        for record in records(value):
            others = others or not isinstance(record, Names)
            if isinstance(record, Names):
                named = named or (line, value)
            elif isinstance(record, Odd) and record.kind == "no spans" and custom.tool_leaves_out:
                note = Passed("have no spans, and were taken for texts without entities", TAKEN)
                passed.setdefault(note, []).append(line)
                yield from _example(file, line, Marked(_text_of(value), marks=[]), custom, loose, overlaps)
            elif isinstance(record, Odd):
                yield Problem(record.kind, file, line, record.message, record.advice)
            elif isinstance(record, Passed):
                passed.setdefault(record, []).append(line)
            else:
                yield from _example(file, line, record, custom, loose, overlaps)
    for note, where in passed.items():
        found = f"{len(where)} {'text' if len(where) == 1 else 'texts'}, the first here, {note.why}"
        yield Problem("no text" if note == EMPTY else "left out", file, where[0], found, note.advice, kept=True)
    if named and not others:
        keys = ", ".join(map(str, list(named[1])[:8]))
        found = f"there are names of labels and no text; these keys stand there: {keys}"
        yield Problem(
            "no text", file, named[0], found, 'Write {"tokens": […], "ner_tags": […]} for each text, one a line'
        )
    yield from loose.problems()


def _survey(value: Any, custom: Custom) -> None:
    for record in records(value):
        if isinstance(record, (Marked, Names)):
            custom.watch(record)
    found = spans_of(value) if isinstance(value, dict) else None
    if isinstance(found, list) and any(isinstance(raw, dict) and isinstance(raw.get("labels"), list) for raw in found):
        custom.tool_leaves_out = True
    if isinstance(value, dict) and value.get("answer") in ("accept", "reject", "ignore"):
        custom.tool_leaves_out = True


def _text_of(value: dict) -> str:
    return next(value[key] for key in TEXT_KEYS if key in value)


# What an item says ---------------------------------------------------------------------------------


def records(item: Any) -> Iterator[Marked | Names | Odd | Passed]:
    """What an object, or a list, says about one text or several."""
    if isinstance(item, Passed):
        yield item
    elif is_pair(item):
        yield from records({"text": item[0], **(item[1] if isinstance(item[1], dict) else {"entities": item[1]})})
    elif isinstance(item, dict) and (rows := _of_pandas(item)) is not None:
        for row in rows:
            yield from records(row)
    elif known := tool_of_object(item):
        yield Odd("another tool", *known)
    elif isinstance(item, dict) and (apart := unpacked(item)) is not item:
        yield from records(apart)
    elif isinstance(item, list):
        yield from entity_tokens.nested(item)
    elif not isinstance(item, dict):
        advice = 'Write {"text": …, "entities": […]}'
        yield Odd("not an object", f"an object is wanted, this is {short(item)}", advice)
    elif "row" in item and "row_idx" in item:  # of the `datasets` server
        yield from records(item["row"])
    elif in_passages(item):
        yield from of_passages(item)
    elif not _is_example(item):
        yield from _around(item)
    elif item.get("answer") in ("reject", "ignore"):
        yield Passed(f'have the answer "{item["answer"]}"')
    elif isinstance(item.get("paragraphs"), list):
        yield from entity_tokens.spacy_document(item)
    elif is_label_studio(item):
        yield from label_studio(item)
    elif is_reviewed(item):
        yield from reviewed(item)
    elif entity_tokens.is_document(item):
        yield from entity_tokens.document(item)
    elif entity_tokens.token_list(item) is not None:
        yield from entity_tokens.token_records(item)
    else:
        yield from list(entity_tokens.in_one_string(item)) or text_with_spans(item)


def _of_pandas(item: dict) -> list[dict] | None:
    """The rows of a table as pandas writes it; None where it is none, or none with texts.

    {"columns": ["tokens", …], "data": [[["Jane", …], …], …]}, or {"tokens": {"0": ["Jane", …]}, "ner_tags": {"0": …}}.
    """
    names, data = item.get("columns"), item.get("data")
    if strings(names) and isinstance(data, list):
        good = bool(data) and all(isinstance(row, list) and len(row) == len(names) for row in data)
        rows = [dict(zip(names, row, strict=True)) for row in data] if good else []
    elif len(item) > 1 and all(isinstance(column, dict) and column for column in item.values()):
        columns = list(item.values())
        same = all(column.keys() == columns[0].keys() for column in columns) and all(map(str.isdecimal, columns[0]))
        rows = [{name: item[name][row] for name in item} for row in columns[0]] if same else []
    else:
        return None
    return rows if rows and all(map(_is_example, rows)) else None


def _is_example(item: dict) -> bool:
    """Whether an object is about a text of its own."""
    if is_label_studio(item) or isinstance(item.get("paragraphs"), list) or in_passages(item):
        return True
    if entity_tokens.is_document(item) or entity_tokens.token_list(item) is not None:
        return True
    return any(isinstance(item.get(key), str) for key in (*TEXT_KEYS, *entity_tokens.TOKEN_KEYS))


def _around(item: dict) -> Iterator[Marked | Names | Odd | Passed]:
    """What an object says that is not about one text: names of labels, or texts further in."""
    names = names_in({key: value for key, value in item.items() if not _lists_in(value, key)})
    if names:
        yield Names(names)
    lists = _lists_in(item, "")
    if len(lists) > 1:
        where = ", ".join(path for path, _ in lists[:4])
        advice = "Save each in a file of its own: they may be train and test"
        yield Odd("several lists", f"the object holds {len(lists)} lists of texts: {where}", advice)
    elif lists:
        for inner in lists[0][1]:
            yield from records(NOTHING if inner is None else inner)
    elif not names:
        yield from text_with_spans(item)


def _lists_in(value: Any, path: str, depth: int = DEPTH) -> list[tuple[str, list]]:
    """The lists of texts within an object, each with the way to it."""
    if not depth:
        return []
    if isinstance(value, list):
        texts = sum(_looks_like_example(inner) for inner in value)
        return [(path, value)] if texts and texts >= len(value) / 2 else []
    if not isinstance(value, dict) or _is_example(value):
        return []
    if value and all(isinstance(one, dict) and _looks_like_example(one) for one in value.values()):
        return [(path, list(value.values()))]  # texts under their names
    inner = ((f"{path}.{key}".removeprefix("."), one) for key, one in value.items())
    return [found for way, one in inner for found in _lists_in(one, way, depth - 1)]


def _looks_like_example(item: Any) -> bool:
    if isinstance(item, dict):
        item = item["row"] if isinstance(item.get("row"), dict) and "row_idx" in item else item
        return _is_example(item) and not is_span(item)
    return is_pair(item) or _is_sentence(item)


def _is_sentence(item: Any) -> bool:
    """Whether it is a list of words, each with its label."""
    if not isinstance(item, list) or not item:
        return False
    return all(map(entity_tokens.is_tagged_pair, item)) or all(map(entity_tokens.is_tagged_token, item))


# Examples ------------------------------------------------------------------------------------------


def _example(file: str, line: int, record: Marked, custom: Custom, loose: LooseLabels,
             overlaps: str) -> Iterator[Example | Problem]:  # fmt: skip
    """An example from a record, after what is wrong with it."""
    if custom.types and record.marks:
        marks = [mark._replace(label=custom.types.get(mark.label, mark.label)) if whole_number(mark.label) else mark
                 for mark in record.marks]  # fmt: skip
        record = record._replace(marks=marks)
    if record.marks and any(mark.other for mark in record.marks):
        record = record._replace(marks=[custom.named(m, record) if m.other else m for m in record.marks])
    if record.tags is not None:
        yield from _labelled(file, line, record, custom, loose)
    elif record.text is not None and not (record.tokens and custom.over_tokens):
        yield from without_overlaps(Text(file, line, record.text, custom.unit), record.marks, overlaps)
    else:
        yield from _over_tokens(file, line, record, custom, overlaps)


def _labelled(file: str, line: int, record: Marked, custom: Custom, loose: LooseLabels) -> Iterator[Example | Problem]:
    tags = record.tags
    if custom.numbered:
        tags = [0 if tag == "0" else tag for tag in tags] if {*tags} == {"0"} else tags
        tags = [custom.names.get(tag, tag) if whole_number(tag) else tag for tag in tags]
    odd = next((tag for tag in tags if not isinstance(tag, str) or not tag.strip()), None)
    if odd == PADDING:
        found = f"{PADDING} is no label, but marks what a model is not to learn: padding, further pieces of a word"
        advice = "Export the words before they were cut into pieces, or take these tokens and their labels out"
        yield Problem("bad label", file, line, found, advice)
        return
    if odd is not None or None in tags:
        advice = "Write labels by name, B-PER rather than 1: what a number means is not in the file. "
        advice += HINT
        yield Problem("bad label", file, line, f"{short(odd)} is no label", advice)
        return
    tags = [custom.scheme.label(tag.strip()) for tag in tags]
    words = [(line, word.strip(), tag) for word, tag in zip(record.tokens, tags, strict=True)]
    yield from labelled(file, line, words, [], loose)


def _over_tokens(file: str, line: int, record: Marked, custom: Custom, overlaps: str) -> Iterator[Example | Problem]:
    """Spans that count tokens become spans of the text that the tokens make, a space between any two."""
    words = [word.strip() for word in record.tokens]
    if not all(words):
        yield Problem("bad label", file, line, "a token is empty", "Give each token its word, or take it away")
        return
    offsets, place = [], 0
    for word in words:
        offsets.append((place, place + len(word)))
        place += len(word) + 1
    marks, last = [], custom.last if record.last is None else record.last
    for mark in record.marks:
        if whole_number(mark.start) and whole_number(mark.end):
            end = mark.end + last
            if not 0 <= mark.start < end <= len(words):
                found = f"the span {mark.start}–{mark.end} lies outside the {len(words)} tokens, or covers none"
                advice = "Count tokens from 0" + (", the end being the last token" if last else ", the end one past it")
                yield Problem("span out of range", file, line, found, advice)
                return
            mark = mark._replace(start=offsets[mark.start][0], end=offsets[end - 1][1], words=None)
        marks.append(mark)
    yield from without_overlaps(Text(file, line, " ".join(words)), marks, overlaps, tuple(offsets))


# Opening -------------------------------------------------------------------------------------------


class Twins:
    """Notes where a key stands twice in one object, since `json` keeps the last value without a word."""

    def __init__(self, file: str):
        self.file, self.line, self.found, self.count = file, 0, None, 0

    def as_dict(self, pairs: list[tuple[str, Any]]) -> dict:
        """The object, as `json` would make it."""
        item = dict(pairs)
        if len(item) < len(pairs):
            if (key := next((key for key, value in pairs if value != item[key]), None)) is not None:
                self.count, self.found = self.count + 1, self.found or (self.line, key)
        return item

    def problems(self) -> Iterator[Problem]:
        """What there is to say at the end of the file."""
        if self.found:
            line, key = self.found
            more = f"; so does one in {self.count - 1} more" if self.count > 1 else ""
            found = f"the key {key[:SHOWN]!r} stands twice in one object, and its last value was taken{more}"
            yield Problem("key twice", self.file, line, found, "Put both values into one list", kept=True)


def _of_lines(file: str, lines: Iterator) -> Iterator[tuple[int, Any] | Problem]:
    """Line and value of each item of a file with one a line."""
    twins = Twins(file)
    loads = json.JSONDecoder(object_pairs_hook=twins.as_dict).decode
    for number, text in lines:
        twins.line = number
        if isinstance(text, Problem):
            yield text
        elif text.strip():
            try:
                yield number, loads(text)
            except ValueError as error:
                advice = "Write one whole object a line; a line break within a text is \\n"
                yield Problem("not JSON", file, number, f"the line is no JSON: {error}", advice)
            except RecursionError:
                yield Problem("not JSON", file, number, "brackets are nested too deep", "Write one plain object a line")
    yield from twins.problems()


def _of_whole(file: str, whole: str) -> Iterator[tuple[int, Any] | Problem]:
    """Line and value of each item of arrays and objects that reach over lines."""
    twins = Twins(file)
    decoder, at = json.JSONDecoder(object_pairs_hook=twins.as_dict), BLANK.match(whole).end()
    number, counted = 1 + whole.count("\n", 0, at), at
    array = found = False
    while True:
        at = BLANK.match(whole, at).end()
        if not array and whole[at : at + 1] == "[" and not _is_one_item(whole, at):
            array, at = True, BLANK.match(whole, at + 1).end()
        number, counted = number + whole.count("\n", counted, at), at
        if at >= len(whole):
            if array:
                found = "the array has no end: the file may be cut short"
                yield Problem("not JSON", file, number, found, "Get it again, or close it with ]")
            yield from twins.problems()
            return
        if array and whole[at] == "]":
            array, at = False, at + 1
            continue
        try:
            twins.line = number
            value, end = decoder.raw_decode(whole, at)
        except (ValueError, RecursionError) as error:
            message = f"here the file is no JSON: {getattr(error, 'msg', 'nested too deep')}"
            if not found and (known := no_json(whole)):
                yield Problem("not JSON", file, number, *known)
                return
            wrong = number + whole.count("\n", at, getattr(error, "pos", at))
            yield Problem("not JSON", file, wrong, message, "Mend it; what follows was not read")
            return
        found = True
        around = isinstance(value, dict) and not tool_of_object(value) and not _is_example(value)
        if around and len(lists := _lists_in(value, "")) == 1:
            lines = places(whole[at:end])[0]
            head = {key: value[key] for key in value if not _lists_in(value[key], key)}
            if names_in(head):
                yield number, head
            way, texts = lists[0]
            for n, one in enumerate(texts):
                yield lines.get(f"{way}[{n}]", 1) + number - 1, NOTHING if one is None else one
        else:
            yield number, value
        at = end


def _is_one_item(whole: str, at: int) -> bool:
    """Whether an array is not a list of texts but one: spaCy's pair, or words with their labels."""
    try:
        value, _ = json.JSONDecoder().raw_decode(whole, at)
    except (ValueError, RecursionError):
        return False
    return is_pair(value) or _is_sentence(value)
