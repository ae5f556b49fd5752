"""Looks through your own data before a model does: what is wrong, in which line, and how to mend it.

`validate_entities("train.conll")` and `validate_questions("train.json")` find the faults of one file, `find_leaks`
those between files, `split_by_group` makes splits that do not leak. They read whatever the tasks read, an example at
a time. Texts of entities are remembered in a temporary file, of questions a few numbers each. No framework.
"""

import os
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

from utils.datasets.readers import entity_files, flat_questions
from utils.datasets.readers.entity_defects import (
    add_repeats,
    defects_of_example,
    defects_of_labels,
    defects_of_pieces,
)
from utils.datasets.readers.entity_files import Example, examine_entities
from utils.datasets.readers.findings import Defect, Findings
from utils.datasets.readers.json_places import Places
from utils.datasets.readers.leaks import Splits, splits_said, text_of
from utils.datasets.readers.question_defects import Habits, Passages, defects_of_question
from utils.datasets.readers.repeats import Repeats
from utils.datasets.readers.squad import Question, examine_questions, first_of
from utils.datasets.readers.text_defects import Coverage, Seen
from utils.datasets.readers.text_files import TextFileError, check_file, open_bytes

__all__ = [
    "Defect",
    "Findings",
    "add_splits",
    "find_leaks",
    "has_questions",
    "split_by_group",
    "validate_entities",
    "validate_questions",
    "without_leaks",
]
CHUNK = 2**20
TOGETHER = 512  # texts that are cut into pieces at once
SECONDS = 2  # before a bar is shown
NO_QUESTIONS = {"not SQuAD", "not JSON", "not text", "not UTF-8", "not a file", "cannot be unpacked", "no questions"}


def validate_entities(
    path: str | os.PathLike,
    tokenizer=None,
    progress: bool = True,
    tag_column: int | None = None,
    overlaps: str = "outer",
) -> Findings:
    """Everything that is wrong with a file of entities, in any format that `read_entities` reads.

    Args:
        path: of the file.
        tokenizer: of the `tokenizers` library: also find the spans that its pieces cannot hit.
        progress: show a bar where it takes more than two seconds.
        tag_column: of columns, which holds the labels, from 0; None: told from the file.
        overlaps: "outer" keeps the longer of two spans that overlap, "refuse" counts such a text as one to mend.

    Returns:
        A list of `Defect`; it prints as a report.
    """
    found, file = Findings([path]), os.fspath(path)
    found_at, labels, first = _Bytes(found, file), Counter(), {}
    columns = entity_files.format_of(path) in ("columns", "csv")
    coverage, waiting = None if tokenizer is None else Coverage(tokenizer), []
    with Repeats() as repeats:
        for item in _watched(examine_entities(path, tag_column, overlaps), found_at.lines, progress):
            if not isinstance(item, Example):
                found.add(Defect(item.kind, item.file, item.line, "", item.message, item.advice, item.kept))
                continue
            found.checked += 1
            for span in item.spans:
                labels[span.label] += 1
                first.setdefault(span.label, item.line)
            for defect in defects_of_example(file, item, columns, repeats):
                found.add(defect)
            if coverage is not None:
                waiting.append(item)
                if len(waiting) == TOGETHER:
                    _add(found, defects_of_pieces(file, waiting, coverage))
                    waiting.clear()
        add_repeats(found, file, repeats)
    if coverage is not None:
        _add(found, defects_of_pieces(file, waiting, coverage))
        _add(found, _not_known(file, coverage))
    _add(found, defects_of_labels(file, labels, first, found.checked))
    return _sorted(found)


def validate_questions(path: str | os.PathLike, tokenizer=None, progress: bool = True) -> Findings:
    """Everything that is wrong with a file of questions: SQuAD's JSON, a CSV, or a line of JSON for each.

    Args, returns: see `validate_entities`.
    """
    found, file = Findings([path]), os.fspath(path)
    found_at, seen, habits = _Bytes(found, file), Seen(), Habits(file)
    coverage = None if tokenizer is None else Passages(tokenizer)
    found_lines = _Lines(path)
    for line, item in _watched(found_lines.items(), found_at.lines, progress):
        if not isinstance(item, Question):
            habits.misread(item)
            line = line or found_lines.line(item)
            found.add(Defect(item.kind, item.file, line, item.id, item.message, item.advice, item.kept))
            continue
        found.checked += 1
        habits.watch(item)
        for kind, message, advice in defects_of_question(item, coverage, seen):
            found.add(Defect(kind, file, line or found_lines.line(item), item.id, message, advice, kept=True))
    _add(found, habits.defects())
    if coverage is not None:
        _add(found, _not_known(file, coverage))
    return _sorted(found)


def _not_known(file: str, coverage: Coverage) -> Iterator[Defect]:
    """Whether an encoder of another language was chosen."""
    if (said := coverage.said()) is not None:
        kind, message, advice = said
        yield Defect(kind, file, 0, "", message, advice, kept=True)


def _add(found: Findings, defects: Iterable[Defect]) -> None:
    for defect in defects:
        found.add(defect)


def find_leaks(paths: Sequence[str | os.PathLike], progress: bool = True, **how) -> Findings:
    """What stands in two splits at once, and labels that only a later split has.

    Texts are compared without regard to case, punctuation and spaces; passages also by runs of words, so that
    one that is cut from another is found.

    Args:
        paths: the files of the splits, training first; all of entities or all of questions.
        progress: show a bar where it takes more than two seconds.
        how: of entities, `tag_column` and `overlaps`: see `read_entities`.
    """
    found, splits = Findings(paths), Splits()
    found.verb = "compared"
    for number, path in enumerate(paths):
        lines = _Lines(path)
        questions = lines.has_questions
        items = lines.items() if questions else ((item.line, item) for item in examine_entities(path, **how))
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
    splits, shared = Splits(), {}
    for item in train:
        list(splits.compare(0, "", 0, item))
    splits.end()
    for item in dev:
        text = text_of(item)
        found = [kept for *_, kept in splits.compare(1, "", 0, item)]
        shared[text] = shared.get(text, False) or not all(found)
    return [item for item in dev if not shared[text_of(item)]]


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
            head, before, lines, windows = b"", b"", 0, 0
            with open_bytes(Path(file)) as opened:
                while chunk := opened.read(CHUNK):
                    head = head or chunk[:3]
                    lines += chunk.count(b"\n")
                    windows += chunk.count(b"\r\n") + (before == b"\r" and chunk[:1] == b"\n")
                    before = chunk[-1:]
        except (OSError, EOFError, TextFileError, ValueError):
            return  # the reader says what is wrong
        self.lines = lines
        if head == b"\xef\xbb\xbf":
            advice = "Save it as UTF-8 without it; it was passed over"
            found.add(Defect("byte order mark", file, 1, "", "the file begins with a byte order mark", advice, True))
        if 0 < windows < lines:
            rarer = _first_line(file, windows=2 * windows < lines)
            message = f"{windows} lines end in CRLF, {lines - windows} in LF; the first of the fewer"
            advice = "Two files were glued together, perhaps; save it with one kind of line end"
            found.add(Defect("mixed line ends", file, rarer, "", message, advice, True))
        add_splits(found, file)


def add_splits(found: Findings, file: str) -> None:
    """Adds that a file's rows say that they are of several splits."""
    if len(said := splits_said(file)) > 1:
        message = f"rows say that they are of {' and of '.join(map(repr, said))}, and all were read"
        advice = "Put each split into a file of its own: what was learnt is no evidence"
        found.add(Defect("several splits", file, [*said.values()][1], "", message, advice, True))


def _first_line(file: str, windows: bool) -> int:
    """The number of the first line that ends in CRLF, or in LF alone."""
    with open_bytes(Path(file)) as opened:
        ends = ((n, line.endswith(b"\r\n")) for n, line in enumerate(opened, start=1) if line.endswith(b"\n"))
        return next((n for n, is_windows in ends if is_windows == windows), 0)


def _watched(items: Iterable, total: int, progress: bool) -> Iterator:
    """The items, with a bar where it takes long: by lines where items have one, else by number."""
    bar = tqdm(items, unit=" texts", file=sys.stdout, disable=not progress, delay=SECONDS, leave=False, mininterval=0.5)
    bar.set_postfix_str(f"{total} lines" if total else "", refresh=False)
    yield from bar


def _sorted(found: Findings) -> Findings:
    found.sort(key=lambda defect: defect.line)
    return found


# A file of questions -------------------------------------------------------------------------------


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
        first = first_of(self.path)
        return isinstance(first, Question) or first.kind not in NO_QUESTIONS

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
