"""How a file counts the places of its entities, told from all of it; and where an entity stands. No framework.

Most count characters. Others count UTF-16 units (JavaScript, Java, C#) or bytes of UTF-8 (Go, Rust), or the text had
other line ends, or no escapes of HTML, when they counted; some count from 1, some give the last character in place of
the one behind it. Where a span also says which text it covers, that text is believed.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from html import unescape
from itertools import accumulate
from unicodedata import normalize

from utils.datasets.readers.entity_examples import SHOWN, Span, kind_of_character, split_words, unseen
from utils.datasets.readers.entity_labels import Scheme, are_pieces, is_outside, scheme_of
from utils.datasets.readers.entity_records import Mark, Marked, Names, short, whole_number
from utils.datasets.readers.label_names import HINT, names_beside
from utils.datasets.readers.text_files import Problem

WIDTHS: dict[str, Callable[[str], int]] = {
    "UTF-16 units": lambda character: 2 if character > "\uffff" else 1,
    "bytes of UTF-8": lambda character: len(character.encode("utf-8", "surrogatepass")),
    "characters, a line end CR LF being one": lambda character: int(character != "\r"),
    "characters, a line end LF being two": lambda character: 2 if character == "\n" else 1,
}
UNESCAPED = "characters of the text with HTML's escapes, such as &amp;, undone"
ESCAPE = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z]\w*);")
CHARACTERS, LAST = "characters", "characters, the end being the last one"
SHIFTS = {LAST: (0, 1), "characters from 1": (-1, -1), "characters from 1, the end being the last one": (-1, 0)}
CLAIM = 3  # what a span proves that says which text it covers, against one that only fits words
SHIFTED = 2  # spans that all fit where they are shifted alike, and none as it stands
CLEARLY = 10  # how many times as many spans must fit
LOOKED_AT = 1000  # texts in which ends are looked at
FEW = 200  # different labels that are remembered


class Custom:
    """How a file counts and names; `watch` all of it, then `settle`.

    Attributes:
        unit: what the places of spans in texts count.
        over_tokens: whether the spans of texts with tokens count tokens.
        last: whether the end of a span over tokens is its last token.
        scheme: how the labels of tokens are written.
        names: of the labels of tokens that stand as numbers.
        types: the names of types of spans that stand as numbers.
        labelled: how many texts with labels were looked at.
        tool_leaves_out: whether the file's tool writes no spans where there are none, as JSON-MIN and Prodigy.
    """

    def __init__(self, file: str):
        self.file, self.unit, self.over_tokens, self.last, self.scheme = file, CHARACTERS, False, False, Scheme()
        self.names: dict[int, str] = {}
        self.types: dict[int, str] = {}
        self.labelled, self._words = 0, []
        self._highest = {"tags": -1, "types": -1}  # numbers that stand for labels
        self.tool_leaves_out = False
        self._for, self._against, self._texts, self._tags = Counter(), Counter(), 0, set()
        self._differ, self._fit = Counter(), Counter()  # spans that stand elsewhere in a unit; of them, those that fit
        self._only = Counter()  # and those that fit there only
        self._ends, self._ends_beside = Counter(), Counter()  # of spans over tokens, of those beside a text
        self._points = self._beyond = 0  # spans that end where they start; those that cannot reach one further
        self._swapped = 0  # spans whose label is what they cover, and what stands beside it is nowhere; less the others

    def watch(self, record: Marked | Names) -> None:
        """Looks at what an object says."""
        if isinstance(record, Names):
            self.names = self.names or record.names
        elif record.tags is not None:
            self.labelled += not all(map(is_outside, record.tags))
            if len(self._tags) < FEW:
                self._tags.update(tag for tag in record.tags if isinstance(tag, str))
            if len(self._words) < LOOKED_AT:
                self._words += record.tokens
            self._highest["tags"] = max([self._highest["tags"], *filter(whole_number, record.tags)])
        elif record.marks:
            self.labelled += 1
            self._highest["types"] = max(
                [self._highest["types"], *filter(whole_number, (mark.label for mark in record.marks))]
            )
            marks = [m for m in record.marks if _are_whole(m)]
            marks = [self._claim(m, record) if m.other else m for m in marks]
            if record.text is None:
                self._watch_tokens(record, marks, self._ends)
            else:
                self._watch_text(record, marks)

    def _claim(self, mark: Mark, record: Marked) -> Mark:
        """A span with the text that it seems to claim, of two strings that stand beside its places."""
        label, other = self._stand(mark, record)
        self._swapped += 1 if label and not other else -1
        words = mark.other if other and not label else mark.label if label and not other else None
        return mark._replace(words=mark.words or words)

    @staticmethod
    def _stand(mark: Mark, record: Marked) -> tuple[bool, bool]:
        """Whether a span's label stands in the text where the span does, and whether what stands beside it is there."""
        tokens = record.text is None
        text = " ".join(map(str, record.tokens)) if tokens else record.text
        near = slice(max(0, mark.start - 1), max(0, mark.end + 1)) if _are_whole(mark) else slice(0)
        near = " ".join(map(str, record.tokens[near])) if tokens else text[near]
        return isinstance(mark.label, str) and mark.label in near, mark.other in text

    def named(self, mark: Mark, record: Marked) -> Mark:
        """A span with its type for the label, and what stands in the text for what it claims to cover."""
        if self._swapped > 0:
            mark = mark._replace(label=mark.other, other=mark.label if isinstance(mark.label, str) else "")
        return mark._replace(words=mark.words or (mark.other if self._stand(mark, record)[1] else None))

    def _watch_text(self, record: Marked, marks: list[Mark]) -> None:
        text, self._texts = record.text, self._texts + 1
        before = text[: max([0, *(mark.end for mark in marks)])]  # behind them no unit makes a difference
        plain = text.isascii() and not any(sign in before for sign in "\r\n&")  # then none does
        characters = () if plain else {*before}
        units = [u for u in WIDTHS if not self._refuted(u) and any(WIDTHS[u](one) != 1 for one in characters)]
        if "&" in characters and ESCAPE.search(text) and not self._refuted(UNESCAPED):
            units.append(UNESCAPED)
        if not units and self._texts > LOOKED_AT and not record.tokens:
            return
        starts, ends = edges(text)
        counts = {unit: counted(text, unit) for unit in units}
        for mark in marks:
            weight = CLAIM if isinstance(mark.words, str) else 1
            fits = _fits(text, starts, ends, mark.start, mark.end, mark.words)
            others = {unit: (place(c, mark.start), place(c, mark.end)) for unit, c in counts.items()}
            others |= {unit: (mark.start + first, mark.end + last) for unit, (first, last) in SHIFTS.items()}
            self._watch_last(text, marks, mark)
            for unit, (start, end) in others.items():
                also = start is not None and end is not None and _fits(text, starts, ends, start, end, mark.words)
                differs = (start, end) != (mark.start, mark.end)
                self._differ[unit] += differs
                self._fit[unit] += differs and also
                self._only[unit] += also and not fits
                self._for[unit] += weight * (also and not fits)
                self._against[unit] += weight * (fits and not also)
            if record.tokens:
                self._for["tokens"] += not fits and 0 <= mark.start <= mark.end <= len(record.tokens)
                self._against["tokens"] += fits or mark.end > len(record.tokens)
                self._watch_tokens(record, [mark], self._ends_beside)

    def _watch_last(self, text: str, marks: list[Mark], mark: Mark) -> None:
        """Looks whether the end of a span, which does not say its text, may be its last character, or has to be."""
        if not 0 <= mark.start <= mark.end or isinstance(mark.words, str):
            return
        if mark.start == mark.end < len(text):
            self._points += not unseen(text[mark.start])
        elif text[mark.end : mark.end + 1] == "" or kind_of_character(text[mark.end]) in ("sign", "space"):
            self._beyond += 1
        else:
            self._beyond += any(other.start == mark.end for other in marks if other.start != other.end)

    def _refuted(self, unit: str) -> bool:
        """Whether so many spans speak against a unit that it need not be looked at any more."""
        return self._against[unit] > LOOKED_AT and CLEARLY * self._for[unit] < self._against[unit]

    def _watch_tokens(self, record: Marked, marks: list[Mark], ends: Counter) -> None:
        for mark in marks:
            if isinstance(mark.words, str):
                for last in (True, False):
                    covered = "".join(map(str, record.tokens[max(0, mark.start) : mark.end + last]))
                    ends[last] += 2 * CLAIM * ("".join(covered.split()) == "".join(mark.words.split()))
            if record.last is None:
                ends[True] += mark.start == mark.end
                ends[False] += mark.end == len(record.tokens)

    @property
    def pieces(self) -> bool:
        """Whether words with labels were cut into pieces."""
        return are_pieces(self._words)

    @property
    def numbered(self) -> bool:
        """Whether labels of tokens stand as numbers."""
        return self._highest["tags"] >= 0

    def _name(self) -> Iterator[Problem]:
        """Looks beside the file for the names of numbers that it does not name itself."""
        for kind, highest in self._highest.items():
            named = self.names if kind == "tags" else self.types
            if highest < 0 or named:
                continue
            found, said = names_beside(self.file, highest, spans=kind == "types")
            named.update(found)
            if found:
                yield self._told(said)
            elif said:
                yield Problem("bad label", self.file, 0, said, "Leave the one that is right", kept=False)

    def settle(self) -> Iterator[Problem]:
        """Decides, and says what was recognised or guessed."""
        yield from self._name()
        self._for[LAST] += CLAIM * self._points * (not self._beyond)
        unit, most = max(self._for.items(), key=lambda item: item[1] * (item[0] != "tokens"), default=("", 0))
        enough = most >= CLEARLY * self._against[unit]
        if unit in SHIFTS:
            all_fit = SHIFTED <= self._only[unit] == self._differ[unit]
            enough = not self._against[unit] and (all_fit or unit == LAST and most >= CLAIM)
        if self._for["tokens"] and not self._against["tokens"]:
            self.over_tokens = True
            self._ends += self._ends_beside
            yield self._told("the spans count tokens, not characters")
        elif unit != "tokens" and most and enough and 2 * self._fit[unit] > self._differ[unit]:
            self.unit = unit
            yield self._told(f"spans fit their words only where offsets count {unit}, and were counted so")
        self.last = self._ends[True] > self._ends[False]
        if self._ends and not self._ends[True] and not self._ends[False]:
            found = "nothing shows whether a span over tokens ends at its last token or behind it: taken as behind it"
            yield self._told(found)
        self.scheme = scheme_of(self._tags | ({*self.names.values()} if self.numbered else set()))
        if self.scheme.said:
            yield self._told(self.scheme.said)

    def _told(self, found: str) -> Problem:
        return Problem(
            "counting told", self.file, 0, found, "Look at a few entities, whether they are right", kept=True
        )


def _are_whole(mark: Mark) -> bool:
    return whole_number(mark.start) and whole_number(mark.end)


def edges(text: str) -> tuple[set[int], set[int]]:
    """Where words start and where they end."""
    words = split_words(text)
    return {start for start, _ in words}, {end for _, end in words}


def counted(text: str, unit: str) -> list[int]:
    """How many of a unit stand before each character of a text, and in all of it."""
    if unit in WIDTHS:
        return list(accumulate(map(WIDTHS[unit], text), initial=0))
    widths = [1] * len(text)
    for escape in ESCAPE.finditer(text):  # it counts where it ends
        start, end = escape.span()
        widths[start:end] = [0] * (end - start - 1) + [len(unescape(escape[0]))]
    return list(accumulate(widths, initial=0))


def place(counts: list[int], offset: int) -> int | None:
    """The number of the character before which `offset` units stand; None where that is within one, or behind all."""
    found = bisect_left(counts, offset)
    return found if 0 <= offset and found < len(counts) and counts[found] == offset else None


def _fits(text: str, starts: set, ends: set, start: int, end: int, words) -> bool:
    if not 0 <= start < end <= len(text):
        return False
    if isinstance(words, str):
        return same_words(text[start:end], words)
    return start in starts and end in ends


def same_words(covered: str, words: str) -> bool:
    """Whether a stretch of text is what a span claims, but for spaces, case and how accents are composed."""
    if covered.split() == words.split():
        return True
    first, second = (normalize("NFKC", side).casefold().split() for side in (covered, words))
    return first == second and bool(first)


# One span ------------------------------------------------------------------------------------------


class Text:
    """A text in which spans are to be found.

    Args:
        file: its path, for the messages.
        line: where it begins.
        text: itself.
        unit: what offsets count, as `Custom` tells.
    """

    def __init__(self, file: str, line: int, text: str, unit: str = CHARACTERS):
        self.file, self.line, self.text, self.unit = file, line, text, unit
        self.starts, self.ends = edges(text)
        self.counts = counted(text, unit) if unit in (*WIDTHS, UNESCAPED) else None

    def span(self, mark: Mark) -> tuple[Span | None, list[Problem]]:
        """The span that a mark means, or none; and what is wrong with it."""
        start, end, label, words = mark[:4]
        if not whole_number(start) or not whole_number(end):
            advice = "Give start and end as whole numbers, characters counted from 0, the end one past the last"
            return None, [self._wrong("bad span", f"a span has start {short(start)} and end {short(end)}", advice)]
        shown, problems = f"the span {start}–{end}", []
        if isinstance(label, list) and all(isinstance(one, str) and one.strip() for one in label):
            if not label:
                advice = "Give it one label, such as PER, or take it away"
                return None, [self._wrong("bad label", f"{shown} has no label, and was left out", advice, kept=True)]
            found = f"{shown} has the labels {short(label)}, of which the first was taken"
            problems.append(self._wrong("bad label", found, "Give it one label", kept=True))
            label = label[0]
        if not isinstance(label, str) or not label.strip():
            advice = "Give it one label, such as PER"
            advice += f"; what a number means is not in the file. {HINT}" if whole_number(label) else ""
            return None, [self._wrong("bad label", f"{shown} has the label {short(label)}", advice)]
        first, last = self._places(start, end)
        words = words if isinstance(words, str) and words.strip() else None
        inside = first is not None and last is not None and 0 <= first <= last <= len(self.text)
        if words is not None and not (inside and same_words(self.text[first:last], words)):
            span, more = self._where_it_stands(start if first is None else first, shown, label.strip(), words)
            return span, problems + more
        if not inside:
            advice = "Count characters, not bytes, from 0; the end is one past the last, never before the start"
            found = f"{shown} lies outside the text of {len(self.text)} characters"
            return None, [self._wrong("span out of range", found, advice)]
        span, more = self._trimmed(first, last, shown, label.strip())
        return span, problems + more

    def _places(self, start: int, end: int) -> tuple[int | None, int | None]:
        if self.counts is not None:
            return place(self.counts, start), place(self.counts, end)
        first, last = SHIFTS.get(self.unit, (0, 0))
        return start + first, end + last

    def _trimmed(self, start: int, end: int, shown: str, label: str) -> tuple[Span | None, list[Problem]]:
        covered = self.text[start:end]
        if unseen(covered):
            advice = "Take the span away, or give it the characters of the entity"
            return None, [self._wrong("empty span", f"{shown} covers no word: {covered!r}", advice, kept=True)]
        left, right = len(covered) - len(covered.lstrip()), len(covered) - len(covered.rstrip())
        problems = []
        if left or right:
            found = f"{shown} begins or ends with white space: {covered[:SHOWN]!r}"
            advice = f"Write {start + left}–{end - right}; it was taken so"
            problems.append(self._wrong("space around a span", found, advice, kept=True))
        return Span(start + left, end - right, label), problems

    def _where_it_stands(self, start: int, shown: str, label: str, words: str) -> tuple[Span | None, list[Problem]]:
        """The place nearest to the offset where the span's own text stands, whole words before parts of words."""
        pattern = r"\s+".join(map(re.escape, words.split()))
        found = [match.span() for match in re.finditer(pattern, self.text)]
        found = [(a, b) for a, b in found if a in self.starts and b in self.ends] or found
        found.sort(key=lambda span: abs(span[0] - start))
        said = f"{shown} says {words[:SHOWN]!r}"
        advice = "Count characters from 0, not bytes, in the text as it stands in the file"
        if not found or len(found) > 1 and abs(found[0][0] - start) == abs(found[1][0] - start):
            where = "stands at two places equally near" if found else "stands nowhere in the text"
            message = f"{said}, which {where}: the span was left out"
            return None, [self._wrong("span says other text", message, advice, kept=True)]
        (first, last), *_ = found
        message = f"{said}, which stands at {first}–{last}: it was taken there"
        return Span(first, last, label), [self._wrong("span says other text", message, advice, kept=True)]

    def _wrong(self, kind: str, message: str, advice: str, kept: bool = False) -> Problem:
        return Problem(kind, self.file, self.line, message, advice, kept)
