"""Reads texts with entities: CoNLL columns, JSON with character spans, Doccano's and DataTurks' exports, CSV of words.

Which format a file is in its content tells, plain or gzip. Whatever is wrong becomes a `Problem` with its line:
`examine_entities` gives examples and problems in the order of the file, `read_entities` the examples alone. Both hold
one example in memory at a time (a JSON array is held whole). No framework.
"""

import csv
import json
import os
import re
from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from utils.datasets.readers.text_files import Problem, TextFileError, check_file, decode, read_lines

LOOKED_AT = 200  # lines that tell the format
SHOWN = 40  # characters of a text that a message shows
WORD = re.compile(r"\w+|[^\w\s]")
TAG = re.compile(r"O|[BIESLUM]-\S.*")
BARE_TAG = re.compile(r"[A-Za-z][\w]*")
UNDERSCORED = re.compile(r"[BIESLU]_\w+")
WORD_COLUMNS, TAG_COLUMNS = ("word", "token", "words", "tokens"), ("tag", "label", "ner", "ner_tag", "tags", "labels")
SENTENCE_COLUMNS = ("sentence #", "sentence", "sentence_id", "sentence id", "sentence_idx")
TEXT_KEYS, SPAN_KEYS = (
    ("text", "content", "data"),
    ("entities", "spans", "label", "labels", "annotation", "annotations"),
)
KINDS = (
    "not a file", "unknown format", "not UTF-8", "NUL byte", "carriage return", "line too long", "broken off",
    "not JSON", "not an object", "no text", "no spans", "bad span", "bad label", "empty span", "span out of range",
    "overlapping spans", "span says other text", "span twice", "space around a span", "span cuts a word", "no label",
    "label without B- or I-", "I- without B-", "numbered words", "empty file", "other number of columns",
    "bad quotes", "not text", "sentence comes back",
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


class EntityFileError(TextFileError):
    """Entities cannot be read; `problem` says what is wrong first, `problems` all there is."""

    def __init__(self, message: str, problems: list[Problem] | None = None):
        super().__init__(message, problems[0] if problems else None)
        self.problems = problems or []


def split_words(text: str) -> list[tuple[int, int]]:
    """Start and end of each word: a run of letters and digits, or a single sign."""
    return [found.span() for found in WORD.finditer(text)]


def read_entities(path: str | os.PathLike, on_error: str = "raise",
                  on_problem: Callable[[Problem], None] | None = None) -> list[Example]:  # fmt: skip
    """All examples of a file.

    Args:
        path: of the file; plain or gzip.
        on_error: "raise" where an example cannot be used, or "skip" to leave such examples out.
        on_problem: called with each problem, those of examples that are kept too.

    Raises:
        EntityFileError: there is no such file or nothing in it can be used (whatever `on_error` is), or an example
            cannot be used and `on_error` is "raise"; the message names the first line and counts the others.
    """
    if on_error not in ("raise", "skip"):
        raise ValueError(f'on_error must be "raise" or "skip". Received: on_error={on_error!r}')
    examples, bad = [], []
    for item in examine_entities(path):
        if isinstance(item, Example):
            examples.append(item)
            continue
        if on_problem is not None:
            on_problem(item)
        if not item.kept:
            bad.append(item)
    if bad and (on_error == "raise" or not bad[0].line or not examples):
        more = f" {len(bad) - 1} more lines cannot be used." if len(bad) > 1 else ""
        advice = ' Or leave such examples out: on_error="skip".' if bad[0].line and on_error == "raise" else ""
        raise EntityFileError(f"{bad[0]}{more}{advice}", bad)
    return examples


def examine_entities(path: str | os.PathLike) -> Iterator[Example | Problem]:
    """Every example of a file and every problem, in the file's order; nothing is raised.

    An example with a problem that is not `kept` is not given; one with a kept problem follows that problem.
    """
    file = os.fspath(path)
    try:
        check_file(Path(path))
        lines = _decoded(file)
        first = list(islice(lines, LOOKED_AT))
        reader = _reader_for([text for _, text in first if isinstance(text, str) and text.strip()])
        if reader is None:
            yield _unknown(file, first)
            return
        yield from reader(file, chain(first, lines))
    except OSError as error:
        yield Problem("not a file", file, 0, str(error).rstrip("."), "Pass the path of one file that can be read")
    except TextFileError as error:
        marks = {"is empty": "empty file", "breaks off": "broken off", "cannot be unpacked": "broken off"}
        kind = next((kind for words, kind in marks.items() if words in str(error)), "not text")
        yield Problem(kind, file, 0, str(error).rstrip("."), "See that it is UTF-8 text, plain or packed with gzip")


def format_of(path: str | os.PathLike) -> str | None:
    """The name of the format that a file's content shows: "columns", "json lines", "json", "csv"; None for none."""
    try:
        check_file(Path(path))
        first = [text for _, text in islice(_decoded(os.fspath(path)), LOOKED_AT) if isinstance(text, str)]
    except (OSError, TextFileError):
        return None
    names = {_json_lines: "json lines", _json_array: "json", _csv: "csv", _columns: "columns"}
    return names.get(_reader_for([text for text in first if text.strip()]))


def _decoded(file: str) -> Iterator[tuple[int, str | Problem]]:
    """Number and text of each line, or what is wrong with it."""
    for number, line in read_lines(Path(file)):
        yield number, decode(Path(file), number, line)


# Which format --------------------------------------------------------------------------------------


def _reader_for(lines: list[str]) -> Callable | None:
    """The reader of the format that the first lines show."""
    if not lines:
        return None
    if lines[0].lstrip().startswith("{") and any(isinstance(_as_json(line), dict) for line in lines):
        return _json_lines
    if lines[0].lstrip().startswith("[") and not _has_tag(lines[0]):
        return _json_array
    if _header(lines[0]):
        return _csv
    rows = [line for line in lines if not line.startswith(("-DOCSTART-", "# "))] or lines
    return _columns if sum(map(_has_tag, rows)) > len(rows) / 2 else None


def _has_tag(line: str) -> bool:
    cells = _cells(line)
    return len(cells) >= 2 and bool(TAG.fullmatch(cells[-1]) or BARE_TAG.fullmatch(cells[-1])) and cells[-1] != "."


def _as_json(line: str):
    try:
        return json.loads(line)
    except ValueError:
        return None


def _header(line: str) -> tuple[int, int, int | None, str] | None:
    """Which columns of a CSV hold words, labels and the sentence, and what separates them; None where it is none."""
    for separator in (",", ";", "\t"):
        try:
            names = [name.strip().lower() for name in next(csv.reader([line], delimiter=separator))]
        except (csv.Error, StopIteration):
            continue
        words, tags, sentences = (
            next((names.index(name) for name in wanted if name in names), None)
            for wanted in (WORD_COLUMNS, TAG_COLUMNS, SENTENCE_COLUMNS)
        )
        if words is not None and tags is not None and words != tags:
            return words, tags, sentences, separator
    return None


def _unknown(file: str, first: list) -> Problem:
    if not first or all(isinstance(text, str) and not text.strip() for _, text in first):
        return Problem("empty file", file, 0, "the file holds nothing but blank lines", "Put texts with entities in it")
    faulty = [text for _, text in first if isinstance(text, Problem)]
    if faulty and len(faulty) == len([1 for _, text in first if isinstance(text, Problem) or text.strip()]):
        return faulty[0]._replace(line=0, message=f"line {faulty[0].line}: {faulty[0].message}")
    number, text = next((n, t) for n, t in first if isinstance(t, str) and t.strip())
    return Problem(
        "unknown format", file, 0, f"line {number} begins {text[:SHOWN]!r}, which no known format does",
        'Pass columns (word, tab or space, label such as B-PER; a blank line between sentences), a CSV whose header '
        'names "word" and "tag", or a line of JSON for each text: {"text": "Jane left", "entities": [{"start": 0, '
        '"end": 4, "label": "PER"}]}; Doccano and DataTurks export such lines',
    )  # fmt: skip


# Columns -------------------------------------------------------------------------------------------


def _cells(line: str) -> list[str]:
    """The columns of a line, separated by tabs where there is one, else by white space."""
    return [cell.strip() for cell in line.split("\t")] if "\t" in line.strip() else line.split()


def _columns(file: str, lines: Iterator) -> Iterator[Example | Problem]:
    """Sentences of a word a line, blank lines between them; first column the word, last its label."""
    rows, loose, first = [], _Loose(file), None
    for number, text in chain(lines, [(0, "")]):
        if isinstance(text, Problem):
            rows.append((number, text))
        elif not text.strip() or text.startswith("-DOCSTART-"):
            yield from _sentence(file, rows, loose, first)
            rows = []
        elif rows or not text.startswith("# ") or _has_tag(text):  # elsewhere a comment
            rows.append((number, _cells(text)))
            first = first or rows[-1]
    yield from loose.problems()


def _sentence(file: str, rows: list, loose: "_Loose", first: tuple | None) -> Iterator[Example | Problem]:
    """One sentence from its rows; the file's first row shows how many columns there should be."""
    problems = [cells for _, cells in rows if isinstance(cells, Problem)]
    good = [(number, cells) for number, cells in rows if not isinstance(cells, Problem)]
    numbered = len(good) > 2 and all(len(c) > 2 and c[0] == str(n + 1) for n, (_, c) in enumerate(good))
    if numbered:
        advice = "The second column was taken for the words; drop the first to be rid of this line"
        yield Problem("numbered words", file, good[0][0], "the first column numbers the words", advice, kept=True)
    words = []
    for number, cells in good:
        if len(cells) < 2 or not cells[-1] or not cells[numbered]:
            found = f"{' '.join(cells)[:SHOWN]!r} has {'no word' if len(cells) > 1 and cells[-1] else 'no label'}"
            advice = "Write the word, a tab and its label; O is the label of a word outside all entities"
            problems.append(Problem("no label", file, number, found, advice))
        elif len(cells) < len(first[1]):  # what stands last is not the label, then
            found = f"{len(cells)} columns, line {first[0]} has {len(first[1])}"
            advice = "Give every word the same columns, its label last"
            problems.append(Problem("other number of columns", file, number, found, advice))
        else:
            words.append((number, cells[numbered], cells[-1]))
    yield from _labelled(file, rows[0][0] if rows else 0, words, problems, loose)


def _labelled(file: str, line: int, words: list, problems: list, loose: "_Loose") -> Iterator[Example | Problem]:
    """An example from words with labels: [(line, word, label), …]."""
    for number, word, tag in words:
        if not TAG.fullmatch(tag) and not BARE_TAG.fullmatch(tag):
            found = f"{tag!r} is no label of {word[:SHOWN]!r}"
            problems.append(Problem("bad label", file, number, found, "Write O, or B- or I- and a type: B-PER"))
    yield from problems
    if problems or not words:
        return
    offsets, place = [], 0
    for _, word, _ in words:
        offsets.append((place, place + len(word)))
        place += len(word) + 1
    loose.watch(words)
    spans = [Span(offsets[a][0], offsets[b - 1][1], label) for label, a, b in chunks([tag for _, _, tag in words])]
    yield Example(" ".join(word for _, word, _ in words), tuple(spans), tuple(offsets), line)


def chunks(tags: list[str]) -> list[tuple[str, int, int]]:
    """Entities of a sentence as (type, first, last + 1), whatever the scheme: BIO, IOB1, BIOES, BILOU, types alone.

    B, S and U begin an entity, so does anything of another type than the open one; E, L, S and U end it.
    """
    found, opened, first = [], None, 0
    for i, tag in enumerate([*tags, "O"]):
        prefix, label = ("I", tag) if tag != "O" and not TAG.fullmatch(tag) else (tag[0], tag[2:])
        if opened is not None and (prefix in "BSUO" or label != opened):
            found.append((opened, first, i))
            opened = None
        if opened is None and prefix != "O":
            opened, first = label, i
        if prefix in "ELSU" and opened is not None:
            found.append((opened, first, i + 1))
            opened = None
    return found


class _Loose:
    """Counts what is odd in a file's labels, which only the whole file can tell from its custom."""

    def __init__(self, file: str):
        self.file, self.bare, self.loose, self.begun = file, [], [], 0

    def watch(self, words: list) -> None:
        """Looks at the labels of a sentence."""
        before = "O"
        for number, _, tag in words:
            if not TAG.fullmatch(tag):
                if not self.bare and not UNDERSCORED.fullmatch(tag):  # of that the validator speaks
                    self.bare.append((number, tag))
            elif tag[0] == "I" and (before == "O" or before[2:] != tag[2:] or before[0] in "ELSU"):
                self.loose.append((number, tag))
            elif tag[0] == "B" and (before == "O" or before[2:] != tag[2:]):
                self.begun += 1  # a B- that IOB1 would have written I-
            before = tag

    def problems(self) -> Iterator[Problem]:
        """What there is to say at the end of the file."""
        if self.bare:
            number, tag = self.bare[0]
            advice = (
                f"Write B-{tag} where an entity begins and I-{tag} inside, or neighbours of one type are taken for one"
            )
            yield Problem("label without B- or I-", self.file, number, f"{tag!r} has no B- or I-", advice, kept=True)
        if self.loose and self.begun:
            number, tag = self.loose[0]
            more = f"; so do {len(self.loose) - 1} more" if len(self.loose) > 1 else ""
            found = f"{tag!r} begins an entity, though elsewhere in the file B- does{more}"
            yield Problem("I- without B-", self.file, number, found, f"Write B-{tag[2:]}; it was taken so", kept=True)


def _csv(file: str, lines: Iterator) -> Iterator[Example | Problem]:
    """A CSV with a word a row; a new sentence where the sentence's column says so, or a row is empty."""
    number, header = next((n, text) for n, text in lines if isinstance(text, str) and text.strip())
    word_at, tag_at, sentence_at, separator = _header(header)
    rows, problems, loose, again, name, start = [], [], _Loose(file), _Again(file), None, 0
    width = len(next(csv.reader([header], delimiter=separator)))
    at = [number]
    table = csv.reader(_tracked(lines, at, problems), delimiter=separator)
    while True:
        try:
            cells = next(table)
        except StopIteration:
            break
        except csv.Error as error:
            advice = "Close the quotes around what holds a separator or a quote; what follows was not read"
            yield Problem("bad quotes", file, at[0], f"the row cannot be read: {error}", advice)
            break
        sentence = cells[sentence_at].strip() if sentence_at is not None and len(cells) > sentence_at else ""
        if not any(cell.strip() for cell in cells) or (sentence and sentence != name):
            yield from _labelled(file, start, rows, problems, loose)
            again.watch(at[0], sentence)
            rows, name = [], sentence or name
            problems.clear()
        if not any(cell.strip() for cell in cells):
            continue
        start = start if rows else at[0]
        if len(cells) != width:
            found = f"{len(cells)} columns, the header has {width}"
            advice = "Quote what holds a separator" if len(cells) > width else "Give the row all columns, empty or not"
            problems.append(Problem("other number of columns", file, at[0], found, advice))
        elif not cells[word_at].strip() or not cells[tag_at].strip():
            found = "the word is empty" if not cells[word_at].strip() else "the label is empty"
            advice = "Give the row a word and a label; O is the label outside all entities"
            problems.append(Problem("no label", file, at[0], found, advice))
        else:
            rows.append((at[0], " ".join(cells[word_at].split()), cells[tag_at].strip()))
    yield from _labelled(file, start, rows, problems, loose)
    yield from again.problems()
    yield from loose.problems()


class _Again:
    """Counts the sentences of a CSV whose number was there before, other sentences between."""

    def __init__(self, file: str):
        self.file, self.seen, self.first, self.more = file, set(), None, 0

    def watch(self, number: int, sentence: str) -> None:
        """Looks at the sentence that begins in a line."""
        if sentence and hash(sentence) in self.seen:
            self.more += self.first is not None
            self.first = self.first or (number, sentence)
        self.seen.add(hash(sentence))

    def problems(self) -> Iterator[Problem]:
        """What there is to say at the end of the file."""
        if self.first:
            number, sentence = self.first
            more = f"; so does the number of {self.more} more" if self.more else ""
            found = f"the sentence {sentence[:SHOWN]!r} comes back after others{more}"
            advice = "Put its rows together, or go on counting; it was taken as a new sentence"
            yield Problem("sentence comes back", self.file, number, found, advice, kept=True)


def _tracked(lines: Iterator, at: list, problems: list) -> Iterator[str]:
    """Texts for the CSV reader; what cannot be read goes to the problems, where it stands is noted in `at`."""
    for number, text in lines:
        at[0] = number
        if isinstance(text, Problem):
            problems.append(text)
        else:
            yield text + "\n"


# JSON ----------------------------------------------------------------------------------------------


def _json_lines(file: str, lines: Iterator) -> Iterator[Example | Problem]:
    """An object a line."""
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


def _json_array(file: str, lines: Iterator) -> Iterator[Example | Problem]:
    """All objects in one array, over as many lines as it likes."""
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
    yield from _whole(file, line, text, spans, problems)


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


def _whole(file: str, line: int, text: str, spans: list[Span], problems: list) -> Iterator[Example | Problem]:
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
        yield from _labelled(file, line, words, [], _Loose(file))


def _short(value) -> str:
    shown = json.dumps(value, ensure_ascii=False, default=repr)
    return shown if len(shown) <= SHOWN else shown[:SHOWN] + "…"
