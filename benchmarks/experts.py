"""Ten fields of words for lesson 17's experts, and sentences in which to find them.

The fields are those of the grammar that made the translation pairs. A third of each field's words is kept back: no
sentence to learn from holds one, and those to be asked about do.
"""

import functools
import re
from collections import defaultdict

import numpy as np

from benchmarks.fewer_weights import english
from utils.datasets.generators.french_english import lexicon
from utils.datasets.readers.entity_files import Example, Span, split_words

LABELS = ["O", "B-IT", "I-IT"]
SENTENCES, ASKED = 160, 30  # of each field; to learn from, half of them without such a word, and to be asked about


def fields() -> dict[str, list[str]]:
    """Ten names, and for each the words of that field, in lower case."""

    def nouns(entries):
        return [word for noun in entries for word in (noun.english, noun.english_plural)]

    edible = [noun for noun in lexicon.THINGS if noun.uses & {"eat", "drink"}]
    colours = "white black red green blue yellow grey".split()
    found = {
        "names": [name.text for name in lexicon.NAMES],
        "people": nouns(lexicon.PEOPLE),
        "family": nouns(lexicon.KIN),
        "buildings": nouns(lexicon.BUILDINGS),
        "places": [place.english for place in lexicon.PLACES],
        "months": list(lexicon.MONTHS.values()),
        "days": list(lexicon.DAYS.values()),
        "numbers": list(lexicon.NUMBERS.values()),
        "food": nouns(edible),
        "colours": colours,
    }
    return {name: sorted({w.lower() for w in words if re.fullmatch(r"\w+", w or "") and "_" not in w})
            for name, words in found.items()}  # fmt: skip


def kept_back(words: list[str]) -> set[str]:
    """The third of a field's words that is not shown: of a noun singular and plural go together."""
    stems = sorted({_stem(word) for word in words})
    return {word for word in words if _stem(word) in stems[1::3]}


@functools.cache
def _texts() -> list[str]:
    return english("train")


def _stem(word: str) -> str:
    return word[:3]


def marked(sentence: str, words: set[str]) -> Example:
    """The sentence with every word of the field as a span."""
    places = tuple(split_words(sentence))
    spans = tuple(Span(a, b, "IT") for a, b in places if sentence[a:b].lower() in words)
    return Example(sentence, spans, places)


def sentences(name: str, seed: int = 0) -> tuple[list[Example], list[Example]]:
    """What the expert of a field learns from, and what it is asked about: there every word is one kept back."""
    words = set(fields()[name])
    back = kept_back(sorted(words))
    rng = np.random.default_rng([seed, sorted(fields()).index(name)])
    texts = _texts()
    shown, without, asked = [], [], []
    for n in rng.permutation(len(texts)):
        said = {texts[n][a:b].lower() for a, b in split_words(texts[n])}
        pile = asked if said & back and not said & (words - back) else without if not said & words else shown
        size = ASKED if pile is asked else SENTENCES // 2
        if len(pile) < size and not (pile is shown and said & back):
            pile.append(marked(texts[n], words))
        if len(shown) == len(without) == SENTENCES // 2 and len(asked) == ASKED:
            break
    return shown + without, asked


def by_neighbours(learn_from: list[Example], asked: list[Example]) -> list[np.ndarray]:
    """What a table marks that knows no words' meanings: of each sentence asked about, (number of words,) bool.

    A word that stood in a sentence to learn from is marked if it mostly was there. Another one is if what stood between
    its two neighbours there mostly was; where nothing did, what stood behind the first or before the second.
    """
    counted = defaultdict(lambda: np.zeros(2, int))  # how often not marked, and marked
    for words, gold in _words_and_marks(learn_from):
        for before, word, behind, mark in zip(words, words[1:], words[2:], gold, strict=False):
            for key in (("word", word), ("both", before, behind), ("before", before), ("behind", behind)):
                counted[key][int(mark)] += 1

    def mostly(before, word, behind):
        for keys in ((("word", word),), (("both", before, behind),), (("before", before), ("behind", behind))):
            counts = sum(counted[key] if key in counted else np.zeros(2, int) for key in keys)
            if counts.any():
                return bool(counts[1] >= counts[0])
        return False

    return [np.array([mostly(*three) for three in zip(words, words[1:], words[2:], strict=False)])
            for words, _ in _words_and_marks(asked)]  # fmt: skip


def _words_and_marks(examples: list[Example]) -> list[tuple[list[str], np.ndarray]]:
    """Of each sentence its words in lower case, with a mark of begin and end, and which of them are in the field."""
    return [(["<", *(e.text[a:b].lower() for a, b in e.words), ">"], np.array(e.labels()) != "O") for e in examples]
