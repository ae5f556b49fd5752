"""Spans of one text that are to stand beside each other: of those that overlap the outer is kept. No framework."""

from bisect import bisect_left
from collections.abc import Iterator

from utils.datasets.readers.entity_examples import SHOWN, Example, Span, unseen
from utils.datasets.readers.entity_offsets import Text
from utils.datasets.readers.entity_records import Mark
from utils.datasets.readers.text_files import Problem

OVERLAPS = ("outer", "refuse")  # what is done where spans overlap


def without_overlaps(text: Text, marks: list[Mark], overlaps: str = "outer",
                     words: tuple | None = None) -> Iterator[Example | Problem]:  # fmt: skip
    """An example from its marks, after what is wrong with them.

    Args:
        text: in which they are.
        marks: in the order of the file.
        overlaps: "outer" keeps the longer of two that overlap, of equally long ones the first; "refuse" neither, nor
            the text.
        words: start and end of each word; None: `split_words` tells.
    """
    spans, problems = [], []
    for mark in marks:
        span, wrong = text.span(mark)
        spans += [span] if span else []
        problems += wrong
    words = words if words is not None else tuple(sorted(zip(sorted(text.starts), sorted(text.ends), strict=True)))
    kept: list[Span] = []  # in the order of the text
    for span in sorted(spans, key=lambda span: span.start - span.end):
        place = bisect_left(kept, (span.start,))
        near = [kept[n] for n in (place - 1, place) if 0 <= n < len(kept)]
        other = next((one for one in near if one.start < span.end and span.start < one.end), None)
        if other is None:
            kept.insert(place, span)
            problems += _cut(text, span, words)
        elif span in near:
            found, advice = f"the span {_shown(text, span)} is there twice", "Take one away; it was taken once"
            problems.append(Problem("span twice", text.file, text.line, found, advice, kept=True))
        else:
            first, second = sorted((other, span))
            found = f"the spans {_shown(text, first)} and {_shown(text, second)} overlap"
            outer = overlaps == "outer"
            advice = f"{other.start}–{other.end} ({other.label}) was kept" if outer else "Keep one of them"
            problems.append(Problem("overlapping spans", text.file, text.line, found, advice, kept=outer))
    yield from problems
    if all(problem.kept for problem in problems):
        yield Example(text.text, tuple(kept), words, text.line)


def _shown(text: Text, span: Span) -> str:
    return f"{span.start}–{span.end} ({span.label}, {text.text[span.start : span.end][:SHOWN]!r})"


def _cut(text: Text, span: Span, words: tuple) -> Iterator[Problem]:
    """Whether a span begins or ends within a word, further than by what is not seen."""
    first = bisect_left(
        words, span.start + 1, key=lambda word: word[1]
    )  # the first word that ends in the span or later
    last = bisect_left(words, span.end, key=lambda word: word[0]) - 1  # the last that starts before its end
    before = text.text[words[first][0] : span.start] if first < len(words) else ""
    after = text.text[span.end : words[last][1]] if last >= 0 else ""
    if not unseen(before) or not unseen(after):
        advice = "Move it to the word's edge; the whole word was taken"
        found = f"the span {_shown(text, span)} begins or ends within a word"
        yield Problem("span cuts a word", text.file, text.line, found, advice, kept=True)
