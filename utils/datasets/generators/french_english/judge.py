"""Does the grammar give this English sentence? It is asked to say it.

The grammar makes sentences and reads none. But its chooser can be led: of the options of every choice those stay whose
English stands in the sentence. Led so, it says the sentence within some hundreds of draws, if it can at all. A yes is
certain. A no may be wrong where the draws have run out: `data/experiments/a_decoder_alone.json` says how often.
"""

import functools
import math
import random
import re

from utils.datasets.generators.choices import Chooser
from utils.datasets.generators.french_english import lexicon, phrases
from utils.datasets.generators.french_english.grammar import KINDS, repeats
from utils.datasets.generators.french_english.verbs import IRREGULAR_ENGLISH

DRAWS, PATIENCE = 1500, 250  # in all; without coming nearer, before it starts anew
THROWS = 150  # in one draw; real sentences took 25 at most
# What a sentence of a kind, a tense or a polarity is bound to have one of.
MARKS = {
    "permission": ("may", "can"),
    "weather": ("it",),
    "there_is": ("there",),
    "missing": ("miss", "misses", "missed"),
    "chain": ("and",),
    "meeting": ("who",),
    "because": ("because",),
    "when_or_if": ("when", "if"),
    "that": ("that",),
    "who_relative": ("who",),
    "that_relative": ("that",),
    "future": ("going",),
    "want": ("want", "wants", "wanted"),
    "can": ("can",),
    "must": ("must",),
    "since": ("since", "for"),
    "pas": ("not",),
    "jamais": ("never",),
    "plus": ("no",),
    "rien": ("nothing", "anything"),
    "name": tuple(name.text for name in lexicon.NAMES),
    "couple": tuple(name.text for name in lexicon.NAMES),
    "person": tuple(word for noun in lexicon.PEOPLE for word in (noun.english, noun.english_plural)),
    "kin": tuple(word for noun in lexicon.KIN for word in (noun.english, noun.english_plural) if word),
    "pronoun": ("i", "you", "he", "she", "it", "we", "they"),
    "anyone": ("someone", "everyone", "nobody"),
}


def is_given(sentence: str, draws: int = DRAWS) -> bool:
    """Whether the grammar gives an English sentence, as far as so many draws can tell.

    Args:
        sentence: English as the grammar spells it: a capital first, no full stop.
        draws: how often the grammar may try.
    """
    led = Led(sentence)
    kinds = [kind for kind in KINDS if led.suits(kind.__name__)]
    weights = [max(KINDS[kind], 8) for kind in kinds]
    wanted, best, since = spaced(sentence).split(), math.inf, 0
    for _ in range(draws if kinds else 0):
        led.dice.throw_again(everything=since > PATIENCE)
        best, since = (math.inf, 0) if since > PATIENCE else (best, since + 1)
        try:
            made = led.pick(kinds, "", weights)(led)
        except Astray:
            continue
        if made.english == sentence and not repeats(made.french):
            return True
        if (apart := distance(spaced(made.english).split(), wanted)) <= best:
            best, since = apart, since if apart == best else 0
            led.dice.keep()
    return False


def distance(a: list[str], b: list[str]) -> int:
    """How many words have to be put in, taken out or exchanged to make one sentence of another (Levenshtein)."""
    row = list(range(len(b) + 1))
    for i, word in enumerate(a):
        diagonal, row[0] = row[0], i + 1
        for j, other in enumerate(b):
            diagonal, row[j + 1] = row[j + 1], min(row[j + 1] + 1, row[j] + 1, diagonal + (word != other))
    return row[-1]


class Astray(Exception):
    """A draw that does not end: the grammar wants two different words where it is held to one."""


class Dice:
    """Random numbers that are thrown again one or two at a time; what has led nearer is kept.

    Args:
        seed: the same seed, the same throws.
    """

    def __init__(self, seed: str):
        self.source, self.best, self.now, self.at = random.Random(seed), [], [], 0

    def random(self) -> float:
        """The next number: the one of this place, or a new one. Raises `Astray` after `THROWS`."""
        if self.at == THROWS:
            raise Astray
        if self.at == len(self.now):
            self.now.append(self.source.random())
        self.at += 1
        return self.now[self.at - 1]

    def throw_again(self, everything: bool) -> None:
        """Goes back to the first place; some of the numbers kept are replaced, or all."""
        self.now, self.at = ([] if everything else list(self.best)), 0
        for _ in range(self.source.choice((1, 1, 2)) if self.now else 0):
            self.now[self.source.randrange(len(self.now))] = self.source.random()

    def keep(self) -> None:
        """Keeps the numbers that were used."""
        self.best = self.now[: self.at]


class Led(Chooser):
    """A chooser that keeps to what stands in a sentence, wherever that leaves something.

    Args:
        sentence: in English.
    """

    def __init__(self, sentence: str):
        super().__init__(sentence)
        self._random = self.dice = Dice(sentence)
        self.text = spaced(sentence)

    def pick(self, options, kind: str = "", weights=None):
        """One of the options that the sentence has, each as likely as its weight."""
        options = list(options)
        kept = [n for n, option in enumerate(options) if self.suits(option, kind)] or range(len(options))
        return super().pick([options[n] for n in kept], "", weights and [weights[n] for n in kept])

    def suits(self, option, kind: str = "") -> bool:
        """Whether the sentence may hold an option; True for one of which nothing is known."""
        if option in ("simple_question", "simple_statement"):
            return ("?" in self.text) == (option == "simple_question")
        if option == "permission" and "?" not in self.text:
            return False
        if kind in ("tense", "polarity", "subject", "object", "") and option in MARKS:
            return self.has(MARKS[option])
        if kind == "pronoun" and isinstance(option, int):
            option = phrases.PRONOUNS[option]
        if kind == "location":
            return self.has(KNOWN[option[1]]) if option[1] in KNOWN else True
        english = english_of(option)
        return not english or self.has(english)

    def has(self, phrases) -> bool:
        """Whether one of some phrases stands in the sentence."""
        return any(spaced(phrase) in self.text for phrase in phrases)


@functools.cache
def spaced(text: str) -> str:
    """The words of a text and its question mark, small, with a space on both sides of each."""
    return " " + " ".join(re.findall(r"[^\W_]+|\?", text.lower())) + " "


def english_of(option) -> tuple[str, ...]:
    """What an option of the grammar may look like in English; nothing where that is not known."""
    if isinstance(option, lexicon.Name):
        return (option.text,)
    if isinstance(option, lexicon.Noun):
        return tuple(word for word in (option.english, option.english_plural) if word)
    if isinstance(option, phrases.Phrase):
        return (" ".join(option.english),)
    if isinstance(option, lexicon.Place):
        return (option.english,)
    if hasattr(option, "frame"):
        return verb_forms(option.english)
    if isinstance(option, tuple) and len(option) == 2 and all(isinstance(part, str) for part in option):
        return (option[1],)
    return KNOWN.get(option, ()) if isinstance(option, str) else ()


def verb_forms(english: str) -> tuple[str, ...]:
    """A verb as it may stand in a sentence: its first word in all forms."""
    word = english.split(" ")[0].split("_")[0]
    if word == "have":
        return ("have", "has", "had", "having")
    if word == "be":
        return ("am", "is", "are", "was", "were", "be", "been")
    stem = word[:-1] if word.endswith("e") else word
    regular = (
        word,
        word + "s",
        word + "es",
        stem + "ed",
        stem + "ing",
        word + word[-1] + "ed",
        word + word[-1] + "ing",
    )
    y = (word[:-1] + "ies", word[:-1] + "ied") if word.endswith("y") else ()
    return (*regular, *y, *IRREGULAR_ENGLISH.get(word, ()))


def _known() -> dict[str, tuple[str, ...]]:
    """French words by which the grammar names an option, with their English."""
    found: dict[str, tuple[str, ...]] = {}
    tables = (lexicon.MONTHS, lexicon.DAYS, lexicon.NUMBERS, lexicon.ADULT_AGES, lexicon.ADVERBS, lexicon.COMPARATIVES)
    for table in tables:
        found |= {french: (english,) for french, english in table.items()}
    found |= {french: (word.english,) for french, word in lexicon.ADJECTIVES.items()}
    for noun in (*lexicon.SPOTS, *lexicon.BUILDINGS, *lexicon.THINGS):
        found[noun.french] = tuple(word for word in (noun.english, noun.english_plural) if word)
    return found


KNOWN = _known()
