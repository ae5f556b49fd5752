"""Looks through your own data before a model does: what is wrong, in which line, and how to mend it.

`validate_entities("train.conll")` and `validate_questions("train.json")` find the faults of one file, `find_leaks`
those between files, `split_by_group` makes splits that do not leak. They read whatever the tasks read, an example at
a time; of each text a few numbers are remembered. No framework.
"""

import os
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path

from tqdm import tqdm

from utils.datasets.readers import entity_files, flat_questions, squad
from utils.datasets.readers.entity_files import Example, examine_entities
from utils.datasets.readers.findings import Defect, Findings
from utils.datasets.readers.json_places import Places
from utils.datasets.readers.squad import Question, examine_questions
from utils.datasets.readers.text_files import TextFileError, check_file, open_bytes

__all__ = ["Defect", "Findings", "find_leaks", "split_by_group", "validate_entities", "validate_questions"]
SHOWN = 40  # characters of a text that a message shows
CHUNK = 2**20
SECONDS = 2  # before a bar is shown
RARE, ENOUGH = 5, 50  # a label is rare below 5, once there are 50 entities
UNEVEN = 50  # times as many of one label as of another
ENDLESS = 500  # words of a sentence; no sentence has so many
LONG_ANSWER = 30  # words: no longer answer is ever predicted
SHINGLE = 13  # words that are compared at once
OVERLAP, RUNS = 0.3, 40  # two passages overlap from this share of such runs, and so many of them, or from nearly all
GARBLED = re.compile("Ã[\u0080-\u00bf\u0152-\u2122]|Â[\u00a0-\u00bf]|â€|ï»¿")
CONTROL = re.compile("[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f]")
INVISIBLE = re.compile("[\u200b\u2060\u00ad\ufeff]")
MARKUP = re.compile(r"&(?:amp|lt|gt|quot|nbsp|apos|#\d+);|</?(?:br|p|div|span|b|i|a|em|strong)\b[^<>]*>")
NO_LABELS = ("o", "0", "out", "outside", "none", "null")
DAMAGE = (
    ("letters lost", re.compile("\ufffd"), "a character was lost when the text was saved", "Export it anew as UTF-8"),
    ("garbled letters", GARBLED, "UTF-8 was read as Windows-1252",
     "Mend it with text.encode('cp1252').decode('utf-8'), or export it anew"),
    ("control character", CONTROL, "a control character stands in the text", "Take it out; counts of characters shift"),
    ("invisible character", INVISIBLE, "an invisible character stands in the text", "Take it out, or no word matches"),
    ("markup", MARKUP, "markup of a web page stands in the text", "Unescape it with html.unescape, and drop the tags"),
)  # fmt: skip


def validate_entities(path: str | os.PathLike, tokenizer=None, progress: bool = True) -> Findings:
    """Everything that is wrong with a file of entities, in any format that `read_entities` reads.

    Args:
        path: of the file.
        tokenizer: of the `tokenizers` library: also find the spans that its pieces cannot hit.
        progress: show a bar where it takes more than two seconds.

    Returns:
        A list of `Defect`; it prints as a report.
    """
    found, file = Findings([path]), os.fspath(path)
    found_at, labels, first, seen = _Bytes(found, file), Counter(), {}, _Seen()
    columns = entity_files.format_of(path) in ("columns", "csv")
    for item in _watched(examine_entities(path), found_at.lines, progress):
        if not isinstance(item, Example):
            found.add(Defect(item.kind, item.file, item.line, "", item.message, item.advice, item.kept))
            continue
        found.checked += 1
        labels.update(span.label for span in item.spans)
        for span in item.spans:
            first.setdefault(span.label, item.line)
        for defect in _of_example(file, item, columns, tokenizer, seen):
            found.add(defect)
    for defect in _of_labels(file, labels, first, found.checked):
        found.add(defect)
    return _sorted(found)


def validate_questions(path: str | os.PathLike, tokenizer=None, progress: bool = True) -> Findings:
    """Everything that is wrong with a file of questions: SQuAD's JSON, a CSV, or a line of JSON for each.

    Args, returns: see `validate_entities`.
    """
    found, file = Findings([path]), os.fspath(path)
    found_at, seen, habits = _Bytes(found, file), _Seen(), _Habits(file)
    found_lines = _Lines(path)
    for line, item in _watched(found_lines.items(), found_at.lines, progress):
        if not isinstance(item, Question):
            line = line or found_lines.line(item)
            found.add(Defect(item.kind, item.file, line, item.id, item.message, item.advice, item.kept))
            continue
        found.checked += 1
        habits.watch(item)
        for kind, message, advice in _of_question(item, tokenizer, seen):
            found.add(Defect(kind, file, line or found_lines.line(item), item.id, message, advice, kept=True))
    for defect in habits.defects():
        found.add(defect)
    return _sorted(found)


def find_leaks(paths: Sequence[str | os.PathLike], progress: bool = True) -> Findings:
    """What stands in two splits at once, and labels that only a later split has.

    Texts are compared without regard to case, punctuation and spaces; passages also by runs of words, so that
    one that is cut from another is found.

    Args:
        paths: the files of the splits, training first; all of entities or all of questions.
        progress: show a bar where it takes more than two seconds.
    """
    found, splits = Findings(paths), _Splits()
    found.verb = "compared"
    for number, path in enumerate(paths):
        lines = _Lines(path)
        questions = lines.has_questions
        items = lines.items() if questions else ((item.line, item) for item in examine_entities(path))
        for line, item in _watched(items, 0, progress):
            if isinstance(item, (Question, Example)):
                found.checked += 1
                for kind, message, advice, kept in splits.compare(number, os.fspath(path), line, item):
                    name = item.id if questions else ""
                    found.add(Defect(kind, os.fspath(path), line or lines.line(item), name, message, advice, kept))
        splits.end()
    return found


def has_questions(path: str | os.PathLike) -> bool:
    """Whether a file is one of questions about passages, in any format that is read."""
    return _Lines(path).has_questions


def without_leaks(train: Sequence, dev: Sequence) -> list:
    """What of dev has nothing to do with train: no text, or passage, that `find_leaks` would name as shared."""
    splits, shared = _Splits(), {}
    for item in train:
        list(splits.compare(0, "", 0, item))
    splits.end()
    for item in dev:
        text = _text(item)
        found = [kept for *_, kept in splits.compare(1, "", 0, item)]
        shared[text] = shared.get(text, False) or not all(found)
    return [item for item in dev if not shared[_text(item)]]


def split_by_group(items: Iterable, group_of: Callable, fractions: Sequence[float], seed: int = 0) -> list[list]:
    """Splits so that what belongs together stays together: no group is in two splits.

    Args:
        items: of any kind.
        group_of: item -> its group: a passage, a document, a person; anything hashable.
        fractions: the share of the items that each split is to have; they sum to one.
        seed: of the order in which groups are dealt.

    Returns:
        As many lists as fractions, each in the order of `items`. Groups come whole, so sizes are met as nearly as
        dealing them one by one can.
    """
    if abs(sum(fractions) - 1) > 1e-6 or min(fractions) < 0:
        raise ValueError(f"Fractions must sum to one, none negative. Received: fractions={fractions}")
    items = list(items)
    sizes = Counter(group_of(item) for item in items)  # group -> how many items
    groups = list(sizes)  # in order of appearance: the same on every run
    random.Random(seed).shuffle(groups)
    wanted = [fraction * len(items) for fraction in fractions]
    split_of = {}
    for group in groups:
        neediest = max(range(len(wanted)), key=lambda n: wanted[n])
        split_of[group] = neediest
        wanted[neediest] -= sizes[group]
    return [[item for item in items if split_of[group_of(item)] == n] for n in range(len(fractions))]


# Any file ------------------------------------------------------------------------------------------


class _Bytes:
    """Adds what only the bytes show: a byte order mark, two kinds of line ends. `lines`: how many there are."""

    def __init__(self, found: Findings, file: str):
        self.lines = 0
        try:
            check_file(Path(file))
            head, lines, windows, first = b"", 0, 0, {}
            with open_bytes(Path(file)) as opened:
                while chunk := opened.readline(CHUNK):
                    head = head or chunk[:3]
                    if chunk.endswith(b"\n"):
                        lines += 1
                        is_windows = chunk.endswith(b"\r\n")
                        windows += is_windows
                        first.setdefault(is_windows, lines)
        except (OSError, EOFError, TextFileError, ValueError):
            return  # the reader says what is wrong
        self.lines = lines
        if head == b"\xef\xbb\xbf":
            advice = "Save it as UTF-8 without it; it was passed over"
            found.add(Defect("byte order mark", file, 1, "", "the file begins with a byte order mark", advice, True))
        if len(first) == 2:
            rarer = 2 * windows < lines
            message = f"{windows} lines end in CRLF, {lines - windows} in LF; the first of the fewer"
            advice = "Two files were glued together, perhaps; save it with one kind of line end"
            found.add(Defect("mixed line ends", file, first[rarer], "", message, advice, True))


def _watched(items: Iterable, total: int, progress: bool) -> Iterator:
    """The items, with a bar where it takes long: by lines where items have one, else by number."""
    bar = tqdm(items, unit=" texts", file=sys.stdout, disable=not progress, delay=SECONDS, leave=False, mininterval=0.5)
    bar.set_postfix_str(f"{total} lines" if total else "", refresh=False)
    yield from bar


def _sorted(found: Findings) -> Findings:
    found.sort(key=lambda defect: defect.line)
    return found


def _digest(*parts) -> int:
    """Eight bytes that stand for texts."""
    return int.from_bytes(blake2b("\0".join(map(str, parts)).encode("utf-8", "replace"), digest_size=8).digest(), "big")


def _bare(text: str) -> str:
    """A text without case, punctuation and spaces."""
    return "".join(re.findall(r"\w+", text.casefold())) or text


def _brief(text: str) -> str:
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "…")


class _Seen:
    """Remembers texts by eight bytes each."""

    def __init__(self):
        self._known: dict[int, tuple] = {}

    def before(self, *parts, value):
        """What was remembered of these parts; None where they are new, and then the value is remembered."""
        key = _digest(*parts)
        if key in self._known:
            return self._known[key]
        self._known[key] = value
        return None


def _damage(text: str) -> Iterator[tuple[str, str, str]]:
    """Kind, message, advice of what shows that a text was damaged on its way."""
    for kind, pattern, meaning, advice in DAMAGE:
        if found := pattern.search(text):
            start = max(0, found.start() - 10)
            yield kind, f"{meaning}: {ascii(text[start : found.end() + 10])}", advice


# Entities ------------------------------------------------------------------------------------------


def _of_example(file: str, example: Example, columns: bool, tokenizer, seen: _Seen) -> Iterator[Defect]:
    def defect(kind, message, advice):
        return Defect(kind, file, example.line, "", message, advice, kept=True)

    for problem in _damage(example.text):
        yield defect(*problem)
    if columns and len(example.words) > ENDLESS:
        advice = "Put a blank line, or in a CSV another sentence number, between any two sentences"
        yield defect("endless sentence", f"a sentence of {len(example.words)} words begins here", advice)
    if columns:
        spaced = [word for start, end in example.words if " " in (word := example.text[start:end])]
        if spaced:
            advice = "Give each word a row; a quote may be open, or a line break stand in a cell"
            yield defect("space within a word", f"{_brief(spaced[0])} stands where one word should", advice)
    labelling = _digest(example.spans)
    if first := seen.before(example.text, value=(example.line, labelling)):
        line, same = first[0], first[1] == labelling
        kind, found = ("text twice", "as") if same else ("one text, two labellings", "with other entities")
        advice = "Keep one; split before you copy" if same else "Decide which is right, and keep that one"
        yield defect(kind, f"the text {_brief(example.text)} stands in line {line} already, {found} here", advice)
    if tokenizer is not None:
        offsets, known = _pieces(tokenizer, example.text)
        for span in example.spans:
            for kind, message, advice in _unhit(offsets, known, example.text, span.start, span.end, "entity"):
                yield defect(kind, message, advice)


def _of_labels(file: str, labels: Counter, first: dict[str, int], texts: int) -> Iterator[Defect]:
    def defect(kind, message, advice):
        return Defect(kind, file, 0, "", message, advice, kept=True)

    if not labels:
        if texts:
            yield defect("no entities", f"in {texts} texts there is not one entity", "Label some, or pass another file")
        return
    by_case: dict[str, list[str]] = {}
    for label in sorted(labels):
        by_case.setdefault(re.sub(r"\W|_", "", label.casefold()), []).append(label)
        if label.casefold() in NO_LABELS:
            advice = "A word outside all entities has the label O, a capital letter"
            yield defect("label for nothing", f"{labels[label]} entities are of the type {label!r}", advice)
        elif entity_files.UNDERSCORED.fullmatch(label):
            advice = f"Write {label[0]}-{label[2:]}, with a hyphen"
            yield defect("underscore in a label", f"{label!r} was taken for a type", advice)
    for names in by_case.values():
        if len(names) > 1:
            shown = " and ".join(f"{name!r} ({labels[name]}, the first at line {first[name]})" for name in names)
            yield defect("label spelt two ways", f"{shown} differ in spelling alone", "Write them the same")
    top, most = labels.most_common(1)[0]
    if sum(labels.values()) >= ENOUGH:
        for label, count in labels.items():
            if count < RARE or count * UNEVEN < most:
                advice = "Label more of it, or merge it with another type: from so few nothing is learnt"
                times = "once" if count == 1 else f"{count} times, first"
                message = f"{label!r} occurs {times} in the text at line {first[label]}, {top!r} {most} times"
                yield defect("label imbalance", message, advice)


# What the tokenizer makes of a span ----------------------------------------------------------------


def _pieces(tokenizer, text: str) -> tuple[list[tuple[int, int]], list[bool]]:
    """Start and end of each piece, and whether it is known."""
    code = tokenizer.encode(text, add_special_tokens=False)
    return code.offsets, [piece != "[UNK]" for piece in code.tokens]


def _unhit(offsets, known, text: str, start: int, end: int, what: str) -> Iterator[tuple[str, str, str]]:
    """What keeps a model from saying exactly text[start:end]."""
    shown = f"the {what} {_brief(text[start:end])}"
    touched = [t for t, (a, b) in enumerate(offsets) if a < end and start < b]
    if not touched:
        yield "no piece", f"{shown} vanishes in the tokenizer", "Take it out, or write it in letters it knows"
    elif not any(known[t] for t in touched):
        yield "unknown to the tokenizer", f"{shown} is only unknown pieces", "Choose an encoder of its language"
    elif offsets[touched[0]][0] < start or offsets[touched[-1]][1] > end:
        whole = text[offsets[touched[0]][0] : offsets[touched[-1]][1]]
        yield "within a piece", f"{shown} ends inside a piece; {_brief(whole)} is the nearest", "Move it to that"


# Questions -----------------------------------------------------------------------------------------


class _Lines:
    """A file's questions with their lines, where the file shows them; of SQuAD's JSON looked up when asked for."""

    def __init__(self, path):
        self.path, self._places = path, None
        self.flat = flat_questions.format_of(path)

    @property
    def has_questions(self) -> bool:
        """Whether this is a file of questions."""
        if self.flat:
            return True
        first = next(iter(squad.examine_questions(self.path)), None)
        return isinstance(first, Question) or first.kind not in ("not SQuAD", "not JSON")

    def items(self) -> Iterator[tuple[int, object]]:
        """Line (0: not known yet) and question or problem."""
        if self.flat:
            return flat_questions.examine_flat(self.path)
        return ((0, item) for item in examine_questions(self.path))

    def line(self, item) -> int:
        """The line in which a question or a problem's question begins."""
        if self.flat or not item.id:
            at = re.search(r"line (\d+)", item.message) if not self.flat and hasattr(item, "message") else None
            return int(at[1]) if at else 0
        if self._places is None:
            try:
                self._places = Places(self.path)
            except (OSError, ValueError):
                return 0
        again = getattr(item, "kind", "") == "id used twice"
        return self._places.line(item.id, again)


def _of_question(item: Question, tokenizer, seen: _Seen) -> Iterator[tuple[str, str, str]]:
    """Kind, message, advice of what is odd about a question that can be used."""
    first = seen.before("passage", item.context, value=item.passage)
    if first is None:
        yield from _damage(item.context)
    elif first != item.passage and seen.before("told", item.passage, value=True) is None:
        advice = "Put all its questions into one, so that no split parts them"
        yield "passage twice", f"the passage {_brief(item.context)} is there as another paragraph too", advice
    yield from _damage(item.question)
    answers = _digest(sorted(a.text for a in item.answers))
    if first := seen.before("asked", item.context, _bare(item.question), value=(item.id, answers)):
        same = first[1] == answers
        kind, found = ("asked twice", "the same answer") if same else ("one question, two answers", "another answer")
        advice = "Keep one" if same else "Keep one question, and list both answers under it if both are right"
        yield kind, f"question {first[0]} asks the same and has {found}", advice
    offsets = None
    for text, start in item.answers:
        end = start + len(text)
        if len(text.split()) > LONG_ANSWER:
            advice = f"Shorten it: answers of more than {LONG_ANSWER} pieces are never predicted unless you ask for it"
            yield "long answer", f"the answer {_brief(text)} has {len(text.split())} words", advice
        if _cuts(item.context, start) or _cuts(item.context, end):
            around = item.context[max(0, start - 10) : end + 10]
            advice = "Move answer_start, or take the whole word"
            edge = "begins" if _cuts(item.context, start) else "ends"
            yield "answer cuts a word", f"the answer {_brief(text)} {edge} within a word: {_brief(around)}", advice
        if tokenizer is not None:
            offsets = offsets or _pieces(tokenizer, item.context)
            yield from _unhit(*offsets, item.context, start, end, "answer")


def _cuts(text: str, place: int) -> bool:
    """Whether a word of an alphabet goes on across this place."""
    pair = text[max(0, place - 1) : place + 1]
    return 0 < place < len(text) and all(c.isalnum() and c < "\u2e80" for c in pair)


class _Habits:
    """Counts what only the whole file shows: where answers stand, and how many questions have none."""

    def __init__(self, file: str):
        self.file, self.questions, self.unanswerable, self.early = file, 0, 0, 0
        self.several, self.first = 0, 0

    def watch(self, item: Question) -> None:
        """Looks at a question."""
        self.questions += 1
        self.unanswerable += not item.answers
        for text, start in item.answers[:1]:
            self.early += start < len(item.context) / 10
            place = item.context.find(text)
            if item.context.find(text, place + 1) >= 0:
                self.several += 1
                self.first += place == start

    def defects(self) -> Iterator[Defect]:
        """What there is to say at the end."""

        def defect(kind, message, advice):
            return Defect(kind, self.file, 0, "", message, advice, kept=True)

        answered = self.questions - self.unanswerable
        if self.several >= 20 and self.first == self.several:
            advice = "Offsets made with str.find are often wrong; look at some, and mark the place that says it"
            message = f"all {self.several} answers that occur several times are marked at their first place"
            yield defect("always the first place", message, advice)
        if answered >= ENOUGH and self.early > 0.8 * answered:
            advice = "Ask about the rest of the passages too, or a model learns to read beginnings"
            yield defect("answers at the start", f"{self.early} of {answered} answers begin in the first tenth", advice)
        if self.questions >= 20 and 2 * self.unanswerable > self.questions:
            advice = "Add answerable ones, or a model that always declines looks good"
            message = f"{self.unanswerable} of {self.questions} questions have no answer"
            yield defect("mostly unanswerable", message, advice)


# Between files -------------------------------------------------------------------------------------


class _Splits:
    """Remembers the texts of earlier files."""

    def __init__(self):
        self.earlier: dict[int, tuple[str, int]] = {}
        self.now: dict[int, tuple[str, int]] = {}
        self.shingles: set[int] = set()
        self.new_shingles: set[int] = set()
        self.labels: set[str] = set()
        self.new_labels: set[str] = set()
        self.told: set[int] = set()
        self.number = 0

    def end(self) -> None:
        """A file is at its end: what it held is earlier now."""
        self.earlier = {**self.now, **self.earlier}
        self.shingles |= self.new_shingles
        self.labels |= self.new_labels
        self.now, self.new_shingles, self.new_labels, self.told = {}, set(), set(), set()

    def compare(self, number: int, file: str, line: int, item) -> Iterator[tuple[str, str, str, bool]]:
        """Kind, message, advice, kept of what an item has in common with earlier files."""
        text = _text(item)
        key = _digest(_bare(text))
        if isinstance(item, Example) and number:
            for label in sorted({s.label for s in item.spans} - self.labels - self.told):
                self.told.add(label)
                yield "label not in train", f"{label!r} occurs here but in no earlier file", "It cannot be learnt", True
        if isinstance(item, Example):
            self.new_labels.update(span.label for span in item.spans)
        if key in self.told or key in self.now:
            return
        first = self.earlier.get(key)
        self.now[key] = (Path(file).name, line)
        shingles = _shingles(text)
        self.new_shingles |= shingles
        shared = len(shingles & self.shingles)
        what = "passage" if isinstance(item, Question) else "text"
        advice = f"Split anew by {what}, so that each is in one file only: split_by_group"
        if first:
            where = f"{first[0]}, line {first[1]}" if first[1] else first[0]
            yield f"{what} in two splits", f"the {what} {_brief(text)} is also in {where}", advice, False
        elif shared > OVERLAP * len(shingles) and (shared >= RUNS or shared > 0.8 * len(shingles)):
            share = f"{shared / len(shingles):.0%}"
            message = f"of the {what} {_brief(text)} {share} stands word for word in an earlier file"
            yield f"{what}s overlap", message, advice, False
        if first or shared:
            self.told.add(key)


def _text(item) -> str:
    """What an item's model reads: an example's text, a question's passage."""
    return item.context if isinstance(item, Question) else item.text


def _shingles(text: str) -> set[int]:
    """Numbers of all runs of 13 words."""
    words = re.findall(r"\w+", text.casefold())
    return {_digest(*words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1)}
