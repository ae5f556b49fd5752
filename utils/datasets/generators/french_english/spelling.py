"""From words to a sentence: elision and contraction in French, a or an in English, capitals and punctuation."""

import unicodedata
from collections.abc import Iterable

ELIDING = frozenset("je me te se le la ne de que".split())
NOT_ELIDING_BEFORE = frozenset({"huit", "onze"})
CONTRACTIONS = {("à", "le"): "au", ("à", "les"): "aux", ("de", "le"): "du", ("de", "les"): "des"}


def starts_with_vowel(word: str) -> bool:
    """Whether a French word begins with a vowel sound: one of its letters, or a mute h (as every h is here).

    Args:
        word: a word of the grammar; "huit" and "onze", before which nothing is elided, give False.
    """
    first = unicodedata.normalize("NFD", word)[0].lower()
    return first in "aeiouyhœ" and word not in NOT_ELIDING_BEFORE


def elide(words: Iterable[str]) -> list[str]:
    """Drops the vowel of je, le, que… before a vowel: ["le", "Afrique"] becomes ["l'", "Afrique"].

    "si" loses its vowel before il and ils alone.
    """
    words = list(words)
    for i, (word, following) in enumerate(zip(words, words[1:], strict=False)):
        if word in ELIDING and starts_with_vowel(following):
            words[i] = f"{word[:-1]}'"
        elif word == "si" and following in ("il", "ils"):
            words[i] = "s'"
    return words


def contract(words: Iterable[str]) -> list[str]:
    """Joins à and de to the article after them: ["à", "le", "Japon"] becomes ["au", "Japon"]."""
    contracted: list[str] = []
    for word in words:
        pair = (contracted[-1] if contracted else "", word)
        if pair in CONTRACTIONS:
            contracted[-1] = CONTRACTIONS[pair]
        else:
            contracted.append(word)
    return contracted


def spell_french(words: Iterable[str], question: bool = False) -> str:
    """A French sentence: elided, contracted, with a capital, and " ?" after a question."""
    text = " ".join(contract(elide(words))).replace("' ", "'").replace(" ,", ",")
    return text[0].upper() + text[1:] + (" ?" if question else "")


def spell_english(words: Iterable[str], question: bool = False) -> str:
    """An English sentence: a becomes an where it must, a capital, and "?" after a question."""
    words = list(words)
    for i, (word, following) in enumerate(zip(words, words[1:], strict=False)):
        if word == "a" and following[0].lower() in "aeiou":  # no word here is spelt otherwise than it sounds
            words[i] = "an"
    text = " ".join(words).replace(" ,", ",")
    return text[0].upper() + text[1:] + ("?" if question else "")
