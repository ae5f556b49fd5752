"""Objects of JSON that give words, and a label for each or spans over them. No framework.

Lists of tokens as data sets are published, GLiNER's and SpERT's, spaCy's own training format, documents of sentences,
pairs of word and label, and labels in one string.
"""

import re
from collections.abc import Iterator
from typing import Any

from utils.datasets.readers.entity_examples import kind_of_character
from utils.datasets.readers.entity_labels import PHRASES, TAG
from utils.datasets.readers.entity_records import (
    TAKEN,
    Mark,
    Marked,
    Odd,
    Passed,
    are_tags,
    first_of,
    short,
    whole_number,
)
from utils.datasets.readers.entity_spans import TEXT_KEYS, marks_of, spans_of, text_with_spans
from utils.datasets.readers.label_names import names_in, strings

TOKEN_KEYS = ("tokens", "words", "tokenized_text", "token", "word", "sentence", "text")
TAG_KEYS = ("ner_tags", "ner_tag", "ner", "tags", "labels", "label", "bio", "iob", "bio_tags", "iob_tags", "ner_labels",
            "tag", "token_labels", "entities")  # fmt: skip
WORD_KEYS = ("orth", "text", "token", "word", "form")
DIGITS = re.compile(r"-?[0-9]{1,9}")
UNSAID = "-"  # spaCy: nobody has said whether the word is in an entity
ADVICE = 'Give each token a label: {"tokens": […], "ner_tags": […]}'


def token_list(item: dict) -> list | None:
    """The tokens of an object, None where it has none."""
    return next((item[key] for key in TOKEN_KEYS if isinstance(item.get(key), list)), None)


def token_records(item: dict) -> Iterator[Marked | Odd | Passed]:
    """What an object says that holds a list of tokens."""
    tokens = token_list(item)
    text = first_of(item, TEXT_KEYS)
    if tokens and all(isinstance(token, dict) for token in tokens):
        words = [first_of(token, WORD_KEYS) for token in tokens]
        if isinstance(text, str):  # Prodigy, spaCy: the spans are the text's
            yield from text_with_spans(item)
            return
        tags = [next((token[key] for key in TAG_KEYS if key in token), None) for token in tokens]
        if strings(words) and all(tag is not None for tag in tags):
            yield from labelled_tokens(words, tags)
        elif strings(words) and spans_of(item) != "absent":
            yield Marked(tokens=words, marks=[m for raw in spans_of(item) for m in marks_of(raw)])
        else:
            yield Odd("no label", f"{len(tokens)} tokens, no labels", ADVICE)
        return
    if not tokens and isinstance(text, str) and "documentName" in item and spans_of(item) == "absent":
        yield Marked(text, marks=[])  # UBIAI, whose "tokens" are what was marked
        return
    if tokens and all(isinstance(token, list) for token in tokens):  # a column of sentences
        yield from _column(item, tokens)
        return
    tags = _tags(item, len(tokens))
    if tags is not None:
        tags = numbers_of(tags)
        if any(map(whole_number, tags)):
            names = names_in({key: value for key, value in item.items() if value is not tags and value is not tokens})
            tags = [names.get(tag, tag) if whole_number(tag) else tag for tag in tags]
        yield from labelled_tokens(tokens, tags)
        return
    found = spans_of(item)
    if isinstance(found, list) and all(isinstance(raw, (list, dict)) for raw in found):
        yield from _over_tokens(item, tokens, text, found)
        return
    tags = next((item[key] for key in TAG_KEYS if isinstance(item.get(key), list)), None)
    yield Odd("no label", f"{len(tokens)} tokens, {'no' if tags is None else len(tags)} labels", ADVICE)


def numbers_of(tags: list) -> list:
    """Labels as numbers where all are strings of digits; "0" alone may be a word for O."""
    digits = all(isinstance(tag, str) and DIGITS.fullmatch(tag) for tag in tags)
    return list(map(int, tags)) if digits and any(tag != "0" for tag in tags) else tags


def _tags(item: dict, length: int) -> list | None:
    """As many labels as there are tokens, from a list or one string: names before numbers, entities before others."""
    lists = []
    for key in TAG_KEYS:
        value = item.get(key)
        if isinstance(value, str) and are_tags(value.split()):
            value = value.split()
        if isinstance(value, list) and len(value) == length and not any(isinstance(v, (list, dict)) for v in value):
            lists.append(value)
    tagged = [tags for tags in lists if are_tags(tags)]
    named = [tags for tags in tagged if not {tag[2:] for tag in tags} <= PHRASES | {""} or {*tags} == {"O"}]
    return next(iter([*named, *tagged, *filter(strings, lists), *lists]), None)


def labelled_tokens(tokens: list, tags: list) -> Iterator[Marked | Odd | Passed]:
    """Tokens with a label each; those of which nobody has spoken are left out, and so are line breaks among them."""
    if any(isinstance(token, str) and token and token.isspace() for token in tokens):
        kept = [n for n, token in enumerate(tokens) if not (isinstance(token, str) and token and token.isspace())]
        yield Passed("hold words of white space alone, and were taken without those", TAKEN)
        if not kept:
            return
        tokens, tags = [tokens[n] for n in kept], [tags[n] for n in kept]
    if not all(isinstance(token, str) and token.strip() for token in tokens):
        odd = next(token for token in tokens if not isinstance(token, str) or not token.strip())
        yield Odd("bad label", f"{short(odd)} is no token", "Give each token its word, or take it and its label away")
    elif UNSAID in tags:
        yield Passed('hold words that nobody has judged ("-")')
    else:
        yield Marked(tokens=tokens, tags=tags)


def _column(item: dict, sentences: list) -> Iterator[Marked | Odd | Passed]:
    """{"tokens": [["Jane", …], …], "ner_tags": [[…], …]}: a data set written by its columns."""
    same = {key: value for key, value in item.items() if isinstance(value, list) and len(value) == len(sentences)}
    rest = {key: value for key, value in item.items() if key not in same}
    for row in zip(*same.values(), strict=True):
        one = dict(zip(same, row, strict=True))
        if token_list(one) is None or not strings(token_list(one)):
            yield Odd("no label", f"{short(one)} holds no list of tokens", ADVICE)
        else:
            yield from token_records(one | {key: value for key, value in rest.items() if names_in(value)})


def _over_tokens(item: dict, tokens: list, text: Any, found: list) -> Iterator[Marked | Odd]:
    """Spans over tokens, or over the text that stands beside them."""
    if not strings(tokens):
        yield Odd("no label", f"{short(tokens)} are no tokens", ADVICE)
        return
    if all(isinstance(raw, dict) and isinstance(raw.get("index"), list) and raw["index"] for raw in found) and found:
        places = [raw["index"] for raw in found]
        if odd := next((p for p in places if p != list(range(p[0], p[0] + len(p)))), None) if _numbers(places) else 0:
            yield Odd("bad span", f"the entity {short(odd)} has a gap", "Mark it as several, or leave it out")
            return
        if _numbers(places):
            yield Marked(None, tokens, None, [Mark(raw["index"][0], raw["index"][-1] + 1, raw.get("type"))
                                              for raw in found], last=False)  # fmt: skip
            return
    marks = [mark for raw in found for mark in marks_of(raw)]
    if isinstance(text, str) and text.strip():
        yield Marked(text, tokens, None, marks)
        return
    last = True if "tokenized_text" in item else False if _are_ranges(item.get("sentences"), len(tokens)) else None
    yield Marked(None, tokens, None, marks, last=last)  # GLiNER's ends are the last token; SciREX's are one past it


def _are_ranges(sentences: Any, length: int) -> bool:
    """Whether sentences are [first, one past the last] word of each, as in SciREX."""
    pairs = isinstance(sentences, list) and all(isinstance(one, list) and len(one) == 2 for one in sentences)
    return pairs and bool(sentences) and _numbers(sentences) and sentences[0][0] == 0 and sentences[-1][1] == length


def _numbers(places: list[list]) -> bool:
    return all(whole_number(place) for one in places for place in one)


# Documents -----------------------------------------------------------------------------------------


def spacy_document(item: dict) -> Iterator[Marked | Odd | Passed]:
    """The training format of spaCy 2: {"paragraphs": [{"sentences": [{"tokens": [{"orth": …, "ner": …}]}]}]}."""
    for paragraph in item["paragraphs"]:
        sentences = paragraph.get("sentences") if isinstance(paragraph, dict) else None
        if not isinstance(sentences, list):
            yield Odd("no label", f"a paragraph without sentences: {short(paragraph)}", 'Put them under "sentences"')
            continue
        for sentence in sentences:
            tokens = sentence.get("tokens") if isinstance(sentence, dict) else None
            if not isinstance(tokens, list) or not all(isinstance(token, dict) for token in tokens):
                yield Odd("no label", f"a sentence without tokens: {short(sentence)}", 'Put them under "tokens"')
            elif tokens:
                words, tags = ([token.get(key) for token in tokens] for key in ("orth", "ner"))
                yield from labelled_tokens(words, [UNSAID if tag is None else tag for tag in tags])


def is_document(item: dict) -> bool:
    """Whether it is a document of sentences, each a list of words, with spans for each in "ner"."""
    sentences, found = item.get("sentences"), item.get("ner")
    lists = isinstance(sentences, list) and isinstance(found, list) and len(sentences) == len(found)
    if not lists or not sentences or not all(isinstance(s, list) for s in (*sentences, *found)):
        return False
    return not any(s and _numbers([s]) for s in sentences)  # SciREX's are ranges of words


def document(item: dict) -> Iterator[Marked | Odd]:
    """A document of sentences (SciERC, DyGIE): places count words from its beginning, the end is the last word."""
    before = 0
    for words, spans in zip(item["sentences"], item["ner"], strict=True):
        marks = [mark for raw in spans for mark in marks_of(raw)]
        if not strings(words) or not all(whole_number(m.start) and whole_number(m.end) for m in marks):
            yield Odd("bad span", f"no words, or no places: {short([words, spans])}", "Write [first, last, label]")
        else:
            moved = [m._replace(start=m.start - before, end=m.end - before) for m in marks]
            yield Marked(None, words, None, moved, last=True)
        before += len(words)


# Lists and strings ---------------------------------------------------------------------------------


def is_tagged_pair(item: Any) -> bool:
    """Whether it is ["Jane", "NNP", "B-PER"]: a word, perhaps more, its label."""
    return isinstance(item, list) and len(item) >= 2 and strings(item) and TAG.fullmatch(item[-1]) is not None


def is_tagged_token(item: Any) -> bool:
    """Whether it is {"text": "Jane", "ner": "B-PER"}, as Stanza writes a word of a sentence."""
    if not isinstance(item, dict) or not isinstance(first_of(item, WORD_KEYS), str):
        return False
    return any(isinstance(item.get(key), str) and TAG.fullmatch(item[key]) for key in TAG_KEYS)


def nested(item: list) -> Iterator[Marked | Odd | Passed]:
    """A sentence as a list: of [word, …, label], or of two lists, the words and their labels."""
    if len(item) == 2 and strings(item[0]) and strings(item[1]) and len(item[0]) == len(item[1]) and are_tags(item[1]):
        yield from labelled_tokens(item[0], item[1])
    elif item and all(map(is_tagged_pair, item)):
        yield from labelled_tokens([pair[0] for pair in item], [pair[-1] for pair in item])
    elif item and all(map(is_tagged_token, item)):
        yield from token_records({"tokens": item})
    else:
        advice = 'Write {"text": …, "entities": […]}, or give every word of a list its label: [["Jane", "B-PER"]]'
        yield Odd("not an object", f"an object is wanted, this is {short(item)}", advice)


def in_one_string(item: dict) -> Iterator[Marked | Odd | Passed]:
    """{"text": "Jane left", "labels": "B-PER O"}: as many labels as words between spaces; nothing where it is not that.

    Of a script without spaces a label for each character, the spaces among them or not.
    """
    for key in TAG_KEYS:
        tags = item.get(key)
        tags = tags.split() if isinstance(tags, str) else tags
        if strings(tags) and are_tags(tags) and isinstance(text := first_of(item, (*TOKEN_KEYS, *TEXT_KEYS)), str):
            words, letters = text.split(), "".join(text.split())
            if len(words) != len(tags) and any(kind_of_character(c) == "own" for c in letters):
                words = next((list(one) for one in (letters, text) if len(one) == len(tags)), words)
            if len(words) != len(tags):
                found = f"{len(words)} words between spaces, {len(tags)} labels: {short(text)}"
                yield Odd("no label", found, ADVICE)
            else:
                yield from labelled_tokens(words, tags)
            return
