"""The short way for objects of JSON that say what most do: a text and spans, or words and labels. No framework.

It gives the very example that the long way through `entity_json.records` would give, or nothing: whatever is odd, and
whatever there is something to say about, goes the long way. Most of a large file is read three times as fast so.
"""

from collections.abc import Callable
from typing import Any

from utils.datasets.readers.entity_examples import PLAIN, WORD, Example, Span
from utils.datasets.readers.entity_foreign import KEYS
from utils.datasets.readers.entity_labels import SIGNED, TAG, TWO_LABELS, LooseLabels, chunks
from utils.datasets.readers.entity_offsets import CHARACTERS, Custom
from utils.datasets.readers.entity_spans import SPAN_KEYS, TEXT_KEYS
from utils.datasets.readers.entity_tokens import TAG_KEYS, TOKEN_KEYS

SCALARS = (str, int, float, bool, type(None))
OTHERWISE = {"answer", "row", "row_idx", "paragraphs", "sentences", "completions", "status"}
FORMS = (("start", "end", "label"), ("start_offset", "end_offset", "label"))


class Quick:
    """Reads objects the short way.

    Args:
        custom: of the file, settled.
        loose: told of the labels of the examples that are given.
    """

    def __init__(self, custom: Custom, loose: LooseLabels):
        self.loose, self.good, self.simple, self.ways = loose, {"O"}, {"O"}, {}
        plain = custom.unit == CHARACTERS and not custom.types
        self.spans = plain and not custom.over_tokens
        self.tokens = not (custom.numbered or custom.pieces or custom.scheme.form or custom.scheme.outside)

    def example(self, line: int, item: Any) -> Example | None:
        """The example of an object, or None where it has to go the long way."""
        if type(item) is not dict:
            return None
        keys = tuple(item)
        if keys not in self.ways:
            self.ways[keys] = self._way(keys)
        way = self.ways[keys]
        if way is None:
            return None
        read, first, second, others = way
        for key in others:
            if not isinstance(item[key], SCALARS):
                return None
        return read(line, item[first], item[second])

    def _way(self, keys: tuple) -> tuple[Callable, str, str, list[str]] | None:
        """How objects with these keys are read: by what, and which two keys it takes; None for the long way."""
        texts, spans, tokens, tags = ([key for key in keys if key in known] for known in
                                      (TEXT_KEYS, SPAN_KEYS, TOKEN_KEYS, TAG_KEYS))  # fmt: skip
        if OTHERWISE & {*keys} or any(told <= {*keys} for told, *_ in KEYS) or len(self.ways) > 1000:
            return None
        others = [key for key in keys if key not in spans and key not in tags]
        if self.spans and len(texts) == len(spans) == 1 and {*tags} <= {*spans} and {*tokens} <= {*texts}:
            return self._of_spans, texts[0], spans[0], [key for key in others if key != texts[0]]
        if self.tokens and len(tokens) == len(tags) == 1 and {*spans} <= {*tags} and {*texts} <= {*tokens}:
            return self._of_tokens, tokens[0], tags[0], [key for key in others if key != tokens[0]]
        return None

    def _of_spans(self, line: int, text: Any, marks: Any) -> Example | None:
        if type(text) is not str or type(marks) is not list or not PLAIN.fullmatch(text) or not text.strip():
            return None
        spans, reached = [], 0
        for raw in marks:
            if type(raw) is list and len(raw) == 3:
                start, end, label = raw
            elif type(raw) is dict and len(raw) <= 4:
                form = next((form for form in FORMS if all(key in raw for key in form)), None)
                if form is None or len(raw) == 4 and "id" not in raw:
                    return None
                start, end, label = (raw[key] for key in form)
            else:
                return None
            if type(start) is not int or type(end) is not int or type(label) is not str:
                return None
            if not reached <= start < end <= len(text) or not label or label != label.strip():
                return None
            first, last = text[start], text[end - 1]
            if first <= " " or last <= " " or first.isspace() or last.isspace():
                return None
            if start and (first.isalnum() or first == "_") and (text[start - 1].isalnum() or text[start - 1] == "_"):
                return None  # within a word
            if end < len(text) and (last.isalnum() or last == "_") and (text[end].isalnum() or text[end] == "_"):
                return None
            spans.append(Span(start, end, label))
            reached = end
        return Example(text, tuple(spans), tuple([found.span() for found in WORD.finditer(text)]), line)

    def _of_tokens(self, line: int, tokens: Any, tags: Any) -> Example | None:
        if type(tokens) is not list or type(tags) is not list or not tokens or len(tokens) != len(tags):
            return None
        try:
            text, different = " ".join(tokens), {*tags}
        except TypeError:
            return None
        if not different <= self.good:
            if not all(type(tag) is str and TAG.fullmatch(tag) and tag == tag.strip() for tag in different):
                return None
            if any(map(TWO_LABELS.match, different)):
                return None
            self.good |= different
            self.simple |= {tag for tag in different if tag[0] in "BI"}
        words, place = [], 0
        for token in tokens:
            end = place + len(token)
            words.append((place, end))
            place = end + 1
        if not all(tokens) or len(text.split()) != len(tokens):  # white space in a token, or a token of nothing else
            return None
        if (not text.isascii() or "@@" in text) and SIGNED.search(text):
            return None
        self.loose.words += len(tokens)
        if different == {"O"}:
            return Example(text, (), tuple(words), line)
        if not different <= self.simple:
            self.loose.watch([(line, token, tag) for token, tag in zip(tokens, tags, strict=True)])
            spans = [Span(words[first][0], words[last - 1][1], label) for label, first, last in chunks(tags)]
            return Example(text, tuple(spans), tuple(words), line)
        return Example(text, tuple(self._of_bio(line, words, tags)), tuple(words), line)

    def _of_bio(self, line: int, words: list[tuple[int, int]], tags: list[str]) -> list[Span]:
        """What `chunks` gives and `LooseLabels.watch` counts, in one go, of labels that are O, B- or I- and a type."""
        spans, start, before, end = [], 0, "", 0  # before: the type of the word before, "" outside
        for tag, word in zip(tags, words, strict=True):
            kind = tag[2:]  # "" of O
            goes_on = kind == before and tag[0] == "I"
            if before and not goes_on:
                spans.append(Span(start, end, before))
            if kind:
                if not goes_on:
                    start = word[0]
                    if tag[0] == "I":
                        self.loose.loose.append((line, tag))
                    elif kind != before:
                        self.loose.begun += 1
                end = word[1]
            before = kind
        if before:
            spans.append(Span(start, end, before))
        return spans
