"""Sentences with people, organisations, places and dates: generated, written by hand, stored and loaded.

`python -m utils.datasets.generators.entities` writes the files of data/entities anew; they come out the same. What was
written by hand stands in by_hand_train.txt, by_hand_dev.txt and by_hand_test.txt, each entity marked:
`[May](PER) sails.`
"""

import gzip
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from utils.datasets.generators.choices import Chooser
from utils.datasets.generators.entities import lexicon, templates
from utils.datasets.generators.entities.names import Names
from utils.datasets.readers.entity_files import Example, Span, split_words

FOLDER = Path(__file__).resolve().parents[4] / "data" / "entities"
SPLITS = ("train", "dev", "test")
TYPES = ("PER", "ORG", "LOC", "DATE")
SEED = 1
GENERATED = 1_700  # sentences of train
MARKED = re.compile(r"\[([^]]+)\]\(([A-Z]+)\)")


class Sentence(NamedTuple):
    """A text, its entities in order, and what kind of text it is."""

    text: str
    spans: tuple[Span, ...]
    kind: str


# Written by hand -----------------------------------------------------------------------------------


def parse_marked(line: str, kind: str = "") -> Sentence:
    """Reads `[May](PER) sails in [May](DATE).`; two characters, a backslash and an n, stand for a line break."""
    parts, place = [], 0
    for found in MARKED.finditer(line):
        parts += [(line[place : found.start()], None), found.groups()]
        place = found.end()
    parts.append((line[place:], None))
    return assemble([(text.replace(r"\n", "\n"), label) for text, label in parts], kind)


def assemble(parts: Iterable[tuple[str, str | None]], kind: str) -> Sentence:
    """Joins pieces of text, those of an entity with its type, those of none with None."""
    text, spans = "", []
    for piece, label in parts:
        if label is not None:
            spans.append(Span(len(text), len(text) + len(piece), label))
        text += piece
    return Sentence(text, tuple(spans), kind)


def read_by_hand(split: str) -> list[Sentence]:
    """The hand-written sentences of a split, in the file's order."""
    sentences, kind = [], ""
    for line in (FOLDER / f"by_hand_{split}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            kind = line.removeprefix("## ")
        elif line and not line.startswith("#"):
            sentences.append(parse_marked(line, kind))
    return sentences


# Sentences -----------------------------------------------------------------------------------------


class Writer:
    """Fills templates.

    Args:
        seed: the same seed writes the same sentences.
    """

    def __init__(self, seed: int | str):
        names = self.names = Names(seed)
        self.pick, self.chance = names.pick, names.chance
        self.entities = {
            "PER": lambda: [(names.person(), "PER")],
            "FIRST": lambda: [(names.first(), "PER")],
            "LAST": lambda: [(names.last(), "PER")],
            "ORG": names.organisation,
            "FIRM": lambda: [(names.firm(), "ORG")],
            "SCHOOL": lambda: [(names.school(), "ORG")],
            "CLUB": lambda: [(names.club(), "ORG")],
            "PAPER": lambda: [("the ", None), (f"{names.town()} {self.pick(lexicon.PAPERS)}", "ORG")],
            "SHORTORG": lambda: [("the ", None), (names.acronym(), "ORG")],
            "LOC": names.place,
            "TOWN": lambda: [(names.town(), "LOC")],
            "COUNTRY": lambda: [(self.pick(lexicon.COUNTRIES), "LOC")],
            "STREET": lambda: [(names.street(), "LOC")],
            "WATER": lambda: [(self.pick(lexicon.WATERS), "LOC")],
            "PLANET": lambda: [(self.pick(lexicon.PLANETS), "LOC")],
            "DATE": names.date,
            "ON": names.when,
            "MONTH": lambda: [(names.month(), "DATE")],
            "WEEKDAY": lambda: [(self.pick(lexicon.DAYS), "DATE")],
            "SEASON": lambda: [(f"{self.pick(lexicon.SEASONS)} {names.year()}", "DATE")],
            "FEAST": lambda: [(names.feast(), "DATE")],
        }
        self.fillers = {
            "job": lexicon.JOBS,
            "thing": lexicon.THINGS,
            "event": lexicon.EVENTS,
            "did": lexicon.DID,
            "title": lexicon.TITLES,
        }

    def fill(self, template: str) -> list[tuple[str, str | None]]:
        """A template with every slot filled, as pieces."""
        pieces, years = [], sorted(self.names.year() for _ in range(template.count("{YEAR}")))
        for n, part in enumerate(re.split(r"\{(\w+)\}", template)):
            if n % 2 == 0:
                pieces.append((part, None))
            elif part == "YEAR":
                pieces.append((years.pop(0), "DATE"))  # in order, as one tells a life
            elif part in self.entities:
                pieces += self.entities[part]()
            else:
                word = self.pick(self.fillers[part])
                before = pieces[-1][0] if pieces else ""
                if re.search(r"\b[Aa] $", before) and word[0] in "aeiou":
                    pieces[-1] = (before[:-1] + "n ", None)
                pieces.append((word, None))
        return [(text, label) for text, label in pieces if text]

    def prose(self) -> list:
        """One sentence or two joined, with a full stop."""
        template = self.pick(PROSE)
        pieces = self.fill(template)
        if template in CLAUSES and self.chance(0.2):
            second = self.pick(CLAUSES)
            second = second[0].lower() + second[1:]
            pieces += [(self.pick(("; ", ", and ", ", but ", " while ")), None), *self.fill(second)]
        elif template in CLAUSES and self.chance(0.3):
            pieces.append((self.pick(lexicon.AFTERTHOUGHTS), None))
        return stopped(pieces)

    def nameless(self) -> list:
        """A sentence without any entity."""
        after = self.pick(lexicon.AFTERTHOUGHTS) if self.chance(0.3) else ""
        return stopped([*self.fill(self.pick(NAMELESS)), (after, None)])

    def chat(self) -> list:
        """A message, in lower case for the most part."""
        pieces = self.fill(self.pick(CHAT)) + [(self.pick(("", "", "", " lol", "!!", " :)", " x", "...")), None)]
        return [(text.lower(), label) for text, label in pieces] if self.chance(0.85) else pieces

    def headline(self) -> list:
        """A headline: capitals at every word, or everywhere, and no articles."""
        pieces = [(text, label) for text, label in self.fill(self.pick(HEADLINES)) if text != "the "]
        if self.chance(0.4):
            return [(text.upper(), label) for text, label in pieces]
        return [(text if label else re.sub(r"\b[a-z]", lambda m: m[0].upper(), text), label) for text, label in pieces]

    def cv(self) -> list:
        """A few lines of a CV."""
        return self.fill(self.pick(CVS).replace(r"\n", "\n"))

    def sentence(self) -> Sentence:
        """One of any kind."""
        kinds = {"prose": 56, "nameless": 13, "chat": 12, "headline": 7, "cv": 12}
        kind = self.pick(list(kinds), weights=list(kinds.values()))
        pieces = [piece for piece in getattr(self, kind)() if piece[0]]
        if kind in ("prose", "nameless", "cv"):
            pieces[0] = (pieces[0][0][0].upper() + pieces[0][0][1:], pieces[0][1])
        if kind == "prose" and self.chance(0.08):
            pieces = [(text.lower(), label) for text, label in pieces]
        return assemble(pieces, kind)


PROSE, NAMELESS, CHAT, HEADLINES, CVS = (
    text.splitlines()
    for text in (templates.PROSE, templates.NAMELESS, templates.CHAT, templates.HEADLINES, templates.CVS)
)
CLAUSES = [
    line for line in PROSE if re.fullmatch(r"(\{|A |The |They |She |He |It |Our |We )[^.:;?()–]{16,60}[\w}]", line)
]


def stopped(pieces: list) -> list:
    """The pieces with a full stop at the end, unless something of the kind is there."""
    last = "".join(text for text, _ in pieces)[-1]
    return pieces if last in '.?!"' else [*pieces, (".", None)]


def generate(seed: int | str, number: int) -> list[Sentence]:
    """Sentences in the order drawn; no two differ in capitals and signs alone."""
    writer, seen, drawn = Writer(seed), set(), []
    while len(drawn) < number:
        made = writer.sentence()
        letters = "".join(character for character in made.text.lower() if character.isalnum())
        if letters not in seen:
            seen.add(letters)
            drawn.append(made)
    return drawn


# Files ---------------------------------------------------------------------------------------------


def _make_splits(seed: int = SEED) -> dict[str, list[Sentence]]:
    """Train, which mixes what is generated with what was written by hand, and dev and test, all by hand."""
    train = generate(seed, GENERATED) + read_by_hand("train")
    chooser = Chooser(f"{seed}, order")
    train.sort(key=lambda made: chooser.pick(range(10_000)))  # sort is stable: ties keep their order
    return {"train": train, "dev": read_by_hand("dev"), "test": read_by_hand("test")}


def as_json(sentence: Sentence) -> str:
    """A line of JSON with the character spans."""
    entities = [span._asdict() for span in sentence.spans]
    return json.dumps({"text": sentence.text, "entities": entities, "kind": sentence.kind}, ensure_ascii=False)


def as_bio(sentence: Sentence) -> str:
    """A line for each word, a tab, its label: B- where an entity begins, I- inside, O outside."""
    words = split_words(sentence.text)
    labels = Example(sentence.text, sentence.spans, tuple(words)).labels()
    pairs = zip(words, labels, strict=True)
    return "".join(f"{sentence.text[start:end]}\t{label}\n" for (start, end), label in pairs)


def contents(seed: int = SEED) -> dict[str, bytes]:
    """Each file by its name: for every split JSON Lines, and BIO columns packed with gzip."""
    files = {}
    for split, sentences in _make_splits(seed).items():
        files[f"{split}.jsonl"] = "".join(as_json(s) + "\n" for s in sentences).encode("utf-8")
        bio = "\n".join(as_bio(s) for s in sentences).encode("utf-8")
        files[f"{split}.conll.gz"] = gzip.compress(bio, mtime=0)
    return files


def write(folder: Path = FOLDER, seed: int = SEED) -> None:
    """Writes the six files."""
    for name, content in contents(seed).items():
        (folder / name).write_bytes(content)
