"""What is settled of a clause before its words: who, what, when, in which tense; and what follows the verb."""

from dataclasses import dataclass

from utils.datasets.generators.french_english.phrases import Pair, Phrase, Words
from utils.datasets.generators.french_english.verbs import Verb

NEGATIVE = frozenset({"pas", "jamais", "plus", "personne"})


@dataclass(frozen=True)
class When:
    """A time in both languages; `habit` where it says how often."""

    french: Words = ()
    english: Words = ()
    habit: bool = False
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Plan:
    """What is settled before the words of a clause are chosen.

    Attributes:
        subject: who.
        verb: what they do, in one sense of a French verb.
        tense: "present", "past", "future", "want", "can", "must" or "since" (a present that English puts in the
            perfect).
        polarity: "", "pas", "jamais", "plus", "rien", or "personne" where that is the subject.
        asks: "" for a statement, or what is asked: "oui", "où", "quand", "qui", "que"…
        when: the time, perhaps none.
        adverb: "souvent", "parfois", "rarement" or "".
    """

    subject: Phrase
    verb: Verb
    tense: str = "present"
    polarity: str = ""
    asks: str = ""
    when: When = When()
    adverb: str = ""

    @property
    def negative(self) -> bool:
        """Whether an indefinite object takes "de"."""
        return self.polarity in NEGATIVE

    @property
    def quantity(self) -> str:
        """What English puts before an indefinite plural or mass."""
        if self.verb.english == "wear":
            return ""
        if self.verb.english == "have" and (self.negative or self.asks == "oui"):
            return "any"
        if self.tense not in ("past", "future") or self.asks not in ("", "oui"):
            return ""
        return "any" if self.negative or self.asks == "oui" else "some"

    @property
    def habit(self) -> bool:
        """Whether this is said of many occasions, so that "the apple" would be odd."""
        return self.when.habit or bool(self.adverb) or self.polarity in ("jamais", "plus")


@dataclass(frozen=True)
class Predicate:
    """What follows the verb, and what goes with it.

    Attributes:
        french, english: the words after the verb.
        english_verb: the English base form.
        clitic: the object pronouns before the French verb.
        agreement: gender and number of a direct object that stands before the verb.
        asked: the noun of a question "quel livre", "combien de livres", in both languages.
        tags: what it is made of.
    """

    english_verb: str
    french: Words = ()
    english: Words = ()
    clitic: Words = ()
    agreement: str = "ms"
    asked: Pair = ((), ())
    tags: frozenset[str] = frozenset()
