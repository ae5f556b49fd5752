"""Noun phrases in both languages at once: articles, agreement, places of adjectives, possessors, subjects."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from utils.datasets.generators.choices import Chooser
from utils.datasets.generators.french_english import lexicon
from utils.datasets.generators.french_english.lexicon import Adjective, Name, Noun
from utils.datasets.generators.french_english.spelling import starts_with_vowel

Words = tuple[str, ...]
Pair = tuple[Words, Words]  # the same in French and in English

# By owner: French before a masculine singular (and any vowel), a feminine singular, a plural; English.
POSSESSIVES = {
    "1s": (("mon", "ma", "mes"), "my"),
    "2s": (("ton", "ta", "tes"), "your"),
    "3sm": (("son", "sa", "ses"), "his"),
    "3sf": (("son", "sa", "ses"), "her"),
    "1p": (("notre", "notre", "nos"), "our"),
    "2p": (("votre", "votre", "vos"), "your"),
    "3p": (("leur", "leur", "leurs"), "their"),
}


@dataclass(frozen=True)
class Phrase:
    """What can be a subject: words in both languages and what agrees with them.

    Attributes:
        french, english: the words, not yet elided or contracted.
        person: "1s" to "3p", what the French verb agrees with.
        agreement: gender and number ("fs"), what participles and adjectives agree with.
        kind: "name", "pronoun", "noun", "anyone" (quelqu'un, personne…) or "it".
        owner: a key of POSSESSIVES, or "" where it owns nothing.
        tags: what it is made of.
    """

    french: Words
    english: Words
    person: str = "3s"
    agreement: str = "ms"
    kind: str = "noun"
    owner: str = ""
    tags: frozenset[str] = frozenset()
    english_person: str = ""

    @property
    def english_agrees_as(self) -> str:
        """What the English verb agrees with: the same person, where nothing else is said."""
        return self.english_person or self.person

    @property
    def pronoun(self) -> str:
        """The pronoun that follows the verb in a question: "elle" for Jane."""
        if self.person in ("3s", "3p"):
            return {"m": "il", "f": "elle"}[self.agreement[0]] + ("s" if self.person == "3p" else "")
        return {"2s": "tu", "1p": "nous", "2p": "vous"}[self.person]


PRONOUNS = (
    *(Phrase(("je",), ("I",), "1s", gender + "s", "pronoun", "1s") for gender in "mf"),
    *(Phrase(("tu",), ("you",), "2s", gender + "s", "pronoun", "2s") for gender in "mf"),
    Phrase(("il",), ("he",), "3s", "ms", "pronoun", "3sm"),
    Phrase(("elle",), ("she",), "3s", "fs", "pronoun", "3sf"),
    *(Phrase(("nous",), ("we",), "1p", gender + "p", "pronoun", "1p") for gender in "mf"),
    *(Phrase(("vous",), ("you",), "2p", form, "pronoun", "2p") for form in ("mp", "fp", "ms", "fs")),
    Phrase(("ils",), ("they",), "3p", "mp", "pronoun", "3p"),
    Phrase(("elles",), ("they",), "3p", "fp", "pronoun", "3p"),
)
PRONOUN_WEIGHTS = (5, 5, 6, 6, 8, 8, 6, 6, 4, 4, 3, 3, 5, 5)
ANYONE = (
    Phrase(("tout", "le", "monde"), ("everyone",), kind="anyone"),
    Phrase(("quelqu'un",), ("someone",), kind="anyone"),
    Phrase(("personne",), ("nobody",), kind="anyone"),
)
WHO = Phrase(("qui",), ("who",), kind="anyone")


def describe(noun: Noun, number: str, adjectives: Sequence[Adjective] = ()) -> Pair:
    """The noun with its adjectives, each in its place and agreeing: ("petite", "maison", "blanche").

    Args:
        noun: the noun.
        number: "s" or "p".
        adjectives: in the order of English.
    """
    form = noun.gender + number
    french = [noun.french if number == "s" else noun.plural]
    english = [noun.english if number == "s" else noun.english_plural]
    for adjective in reversed(adjectives):
        word = adjective.forms[form]
        if adjective.before and form == "ms" and starts_with_vowel(french[0]):
            word = adjective.forms.get("vowel", word)
        french = [word, *french] if adjective.before else [*french, word]
        is_small_person = adjective.english == "small" and (noun in lexicon.PEOPLE)
        english.insert(0, "little" if is_small_person else adjective.english)
    return tuple(french), tuple(english)


def definite(noun: Noun, number: str = "s", adjectives: Sequence[Adjective] = ()) -> Pair:
    """The noun with le, la or les; elision comes later."""
    french, english = describe(noun, number, adjectives)
    article = "les" if number == "p" else {"m": "le", "f": "la"}[noun.gender]
    return (article, *french), ("the", *english)


def indefinite(
    noun: Noun, number: str, adjectives: Sequence[Adjective] = (), negative: bool = False, quantity: str = ""
) -> Pair:
    """The noun with un, une, des, du, or de: "de belles fleurs", and any that a negative verb has left.

    Args:
        noun: the noun.
        number: "s" or "p".
        adjectives: in the order of English.
        negative: whether it is the object of a negative verb, so that its article is "de".
        quantity: what stands before an English plural or mass: "some", "any" or "".
    """
    french, english = describe(noun, number, adjectives)
    if noun.mass:
        article = ("de",) if negative else ("de", {"m": "le", "f": "la"}[noun.gender])
    elif negative:
        article = ("de",)
    elif number == "p":
        article = ("de",) if adjectives and adjectives[0].before else ("des",)
    else:
        article = ({"m": "un", "f": "une"}[noun.gender],)
    if number == "s" and not noun.mass:
        return (*article, *french), ("a", *english)
    return (*article, *french), ((quantity, *english) if quantity else english)


def demonstrative(noun: Noun, number: str, adjectives: Sequence[Adjective] = ()) -> Pair:
    """The noun with ce, cet, cette or ces."""
    french, english = describe(noun, number, adjectives)
    if number == "p":
        return ("ces", *french), ("these", *english)
    masculine = "cet" if starts_with_vowel(french[0]) else "ce"
    return (masculine if noun.gender == "m" else "cette", *french), ("this", *english)


def possessive(noun: Noun, number: str, owner: str, adjectives: Sequence[Adjective] = ()) -> Pair:
    """The noun with mon, ma, mes…; "mon amie", since a feminine vowel takes the masculine form."""
    french, english = describe(noun, number, adjectives)
    (masculine, feminine, plural), whose = POSSESSIVES[owner]
    if number == "p":
        word = plural
    else:
        word = masculine if noun.gender == "m" or starts_with_vowel(french[0]) else feminine
    return (word, *french), (whose, *english)


def genitive(noun: Noun, number: str, possessor: Phrase) -> Pair:
    """The noun and whose it is: "la voiture de Jane", "Jane's car"."""
    french, _ = definite(noun, number)
    _, english = describe(noun, number)
    *others, last = possessor.english
    owner = (*others, f"{last}'" if last.endswith("s") else f"{last}'s")
    return (*french, "de", *possessor.french), (*owner, *english)


def counted(noun: Noun, number_word: str, adjectives: Sequence[Adjective] = ()) -> Pair:
    """The noun in the plural after a number: "trois chats"."""
    french, english = describe(noun, "p", adjectives)
    return (number_word, *french), (lexicon.NUMBERS[number_word], *english)


# Choices -------------------------------------------------------------------------------------------


def choose_adjectives(chooser: Chooser, noun: Noun, probability: float = 0.3) -> tuple[Adjective, ...]:
    """None, one or two adjectives that suit the noun; of two, the second is a colour or an origin."""
    if not noun.adjectives or not chooser.chance(probability):
        return ()
    chosen = [chooser.pick(noun.adjectives, "adjective")]
    after = [word for word in noun.adjectives if word in lexicon.COLOURS_AND_ORIGINS and word not in chosen]
    if after and lexicon.ADJECTIVES[chosen[0]].before and chooser.chance(0.2):
        chosen.append(chooser.pick(after, "adjective"))
    return tuple(lexicon.ADJECTIVES[word] for word in chosen)


def choose_number(chooser: Chooser) -> str:
    """A number from two to twelve, the smaller ones more often."""
    return chooser.pick(lexicon.NUMBERS, "number", (9, 9, 6, 5, 4, 3, 3, 3, 4, 2, 3))


def adjective_tags(noun: Noun, adjectives: Sequence[Adjective]) -> frozenset[str]:
    """One tag for each adjective with its noun: "adjective+noun:petit+maison"."""
    return frozenset(f"adjective+noun:{adjective.forms['ms']}+{noun.french}" for adjective in adjectives)


def noun_tags(noun: Noun, number: str) -> frozenset[str]:
    """The noun and its number, as the tests want to know them."""
    return frozenset({f"noun:{noun.french}", f"number:{number}"})


def name_phrase(name: Name) -> Phrase:
    """A first name as a phrase."""
    tags = frozenset({f"name:{name.text}"})
    return Phrase((name.text,), (name.text,), "3s", f"{name.gender}s", "name", f"3s{name.gender}", tags)


def choose_name(chooser: Chooser, without: frozenset[str] = frozenset()) -> Phrase:
    """A first name; `without` are the tags of those already in the sentence."""
    free = [name for name in lexicon.NAMES if f"name:{name.text}" not in without]
    return name_phrase(chooser.pick(free, "name", [2 if name.text == "Jane" else 1 for name in free]))


def _third(pair: Pair, noun: Noun, number: str, tags: frozenset[str]) -> Phrase:
    owner = "3p" if number == "p" else f"3s{noun.gender}"
    return Phrase(*pair, f"3{number}", noun.gender + number, "noun", owner, tags | noun_tags(noun, number))


def choose_person(chooser: Chooser, determiners: str = "DDDDTIN", adult: bool = False) -> Phrase:
    """Somebody named by what they are: "la voisine", "cet homme", "deux étudiants"; no child, where `adult`."""
    people = [noun for noun in lexicon.PEOPLE if not (adult and f"noun:{noun.french}" in lexicon.CHILDREN)]
    noun = chooser.pick(people, "person")
    determiner = chooser.pick(determiners, "determiner")
    number = "p" if determiner == "N" else chooser.pick("sssp", "plural")
    adjectives = choose_adjectives(chooser, noun, 0.2)
    tags = adjective_tags(noun, adjectives)
    if determiner == "N":
        word = choose_number(chooser)
        return _third(counted(noun, word, adjectives), noun, "p", tags | {f"number+noun:{word}+{noun.french}"})
    if determiner == "I":
        return _third(indefinite(noun, number, adjectives, quantity="some"), noun, number, tags | {"indefinite"})
    build = {"D": definite, "T": demonstrative}[determiner]
    return _third(build(noun, number, adjectives), noun, number, tags)


def choose_kin(chooser: Chooser, owners: Sequence[str] = ("1s", "2s", "1p", "2p", "3p")) -> Phrase:
    """Somebody named by whom they belong to: "ma sœur", "le frère de Jane", "nos amis"."""
    noun = chooser.pick(lexicon.KIN, "kin")
    number = "p" if not noun.mass and chooser.chance(0.2) else "s"
    if not owners or chooser.chance(0.35):
        whose = choose_name(chooser) if chooser.chance(0.7) else choose_person(chooser, "D")
        return _third(genitive(noun, number, whose), noun, number, whose.tags | {"genitive"})
    owner = chooser.pick(owners, "owner")
    return _third(possessive(noun, number, owner), noun, number, frozenset({"possessive"}))


def choose_couple(chooser: Chooser) -> Phrase:
    """Two names: "Jane et Paul", masculine in French as soon as one of them is."""
    first = choose_name(chooser)
    second = choose_name(chooser, first.tags)
    gender = "f" if first.agreement == second.agreement == "fs" else "m"
    return Phrase(
        (*first.french, "et", *second.french),
        (*first.english, "and", *second.english),
        "3p",
        f"{gender}p",
        "name",
        "3p",
        first.tags | second.tags | {"couple"},
    )


def choose_subject(chooser: Chooser, asked: bool = False, anyone: bool = True, adult: bool = False) -> Phrase:
    """Somebody who does something.

    Args:
        chooser: what chooses.
        asked: whether to leave out what would be odd in a question (je, a student, tout le monde…).
        anyone: whether it may be tout le monde, quelqu'un or personne.
        adult: whether to leave out children.
    """
    weights = {"name": 30, "pronoun": 38, "person": 16, "kin": 11, "couple": 4}
    weights |= {"anyone": 4} if anyone and not asked else {}
    kind = chooser.pick(weights, "subject", list(weights.values()))
    if kind == "pronoun":
        free = [i for i, phrase in enumerate(PRONOUNS) if not (asked and phrase.person == "1s")]
        phrase = PRONOUNS[chooser.pick(free, "pronoun", [PRONOUN_WEIGHTS[i] for i in free])]
    elif kind == "anyone":
        phrase = chooser.pick(ANYONE)
    elif kind == "person":
        phrase = choose_person(chooser, "DDDT" if asked else "DDDDTIN", adult)
    else:
        phrase = {"kin": choose_kin, "couple": choose_couple}.get(kind, choose_name)(chooser)
    return as_subject(phrase)


def as_subject(phrase: Phrase) -> Phrase:
    """The phrase with a tag for each name that is the subject, and one for its kind."""
    named = {tag.replace("name:", "subject:") for tag in phrase.tags if phrase.kind == "name"}
    return replace(phrase, tags=phrase.tags | named | {f"subject-kind:{phrase.kind}"})


def choose_animal(chooser: Chooser) -> Phrase:
    """An animal as a subject, which owns nothing here."""
    noun = chooser.pick([noun for noun in lexicon.THINGS if noun.french in ("chat", "chien", "cheval")], "noun")
    number = chooser.pick("sssp", "plural")
    adjectives = choose_adjectives(chooser, noun)
    phrase = _third(definite(noun, number, adjectives), noun, number, adjective_tags(noun, adjectives))
    return replace(phrase, owner="", tags=phrase.tags | {"subject-kind:animal"})


def choose_vehicle(chooser: Chooser) -> Phrase:
    """A train, a bus, a plane or a boat as a subject."""
    noun = chooser.pick(lexicon.VEHICLES, "noun", (3, 2, 2, 2))
    adjectives = choose_adjectives(chooser, noun, 0.15)
    pair = (definite if chooser.chance(0.8) else demonstrative)(noun, "s", adjectives)
    phrase = _third(pair, noun, "s", adjective_tags(noun, adjectives))
    return replace(phrase, owner="", tags=phrase.tags | {"subject-kind:vehicle"})


def choose_described_thing(chooser: Chooser, movable: bool = False) -> Phrase:
    """A thing that something can be said of: "la maison", "les portes"; if `movable`, one that can lie somewhere."""
    nouns = [noun for noun in lexicon.THINGS if noun.french in (lexicon.MOVABLE if movable else lexicon.STATES)]
    noun = chooser.pick(nouns, "noun")
    number = "p" if not noun.mass and chooser.chance(0.3) else "s"
    if "own" in noun.uses and chooser.chance(0.4):
        if chooser.chance(0.5):
            owner = chooser.pick(("1s", "2s", "1p", "2p", "3p"), "owner")
            phrase = _third(possessive(noun, number, owner), noun, number, frozenset({"possessive"}))
        else:
            whose = choose_name(chooser)
            phrase = _third(genitive(noun, number, whose), noun, number, whose.tags | {"genitive"})
    else:
        build = definite if chooser.chance(0.75) else demonstrative
        phrase = _third(build(noun, number), noun, number, frozenset())
    return replace(phrase, owner="", tags=phrase.tags | {"subject-kind:thing"})
