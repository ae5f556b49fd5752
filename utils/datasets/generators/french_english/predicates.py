"""What is said of a subject, in both languages at once: places, objects, people, states."""

from collections.abc import Callable, Collection
from dataclasses import replace

from utils.datasets.generators.choices import Chooser
from utils.datasets.generators.french_english import lexicon, phrases
from utils.datasets.generators.french_english.lexicon import Noun, Place
from utils.datasets.generators.french_english.phrases import Pair, Phrase, Words
from utils.datasets.generators.french_english.plans import Plan, Predicate
from utils.datasets.generators.french_english.spelling import starts_with_vowel
from utils.datasets.generators.french_english.times import choose_hour

OBJECT_PRONOUNS = {  # by whom: French before the verb, English after it
    "1s": ("me", "me"),
    "2s": ("te", "you"),
    "1p": ("nous", "us"),
    "2p": ("vous", "you"),
}


# Places --------------------------------------------------------------------------------------------


def to_place(place: Place) -> Words:
    """In, at or to it: "en Afrique", "au Japon", "aux États-Unis", "à Paris"."""
    if place.article in ("le", "les") and not (place.article == "le" and starts_with_vowel(place.french)):
        return ("à", place.article, place.french)
    return ("en" if place.article else "à", place.french)


def from_place(place: Place) -> Words:
    """From it: "d'Afrique", "du Japon", "des États-Unis", "de Paris"."""
    if place.article in ("le", "les") and not starts_with_vowel(place.french):
        return ("de", place.article, place.french)
    return ("de", "les", place.french) if place.article == "les" else ("de", place.french)


def _place_words(place: Place, link: str) -> Words:
    if link == "à":
        return to_place(place)
    if link == "de":
        return from_place(place)
    article = (place.article,) if place.article else ()
    return (*article, place.french) if link == "-" else (link, *article, place.french)


def _reachable(plan: Plan) -> list[Place]:
    """Where the subject can go: no boat goes to Uganda, no train to a continent, and one does not travel in a city."""
    if "noun:bateau" in plan.subject.tags:
        return [place for place in lexicon.PLACES if place.french in lexicon.BY_SEA]
    by_land = bool(plan.subject.tags & {"noun:train", "noun:bus"})
    cities = plan.verb.uses == "world"
    return [place for place in lexicon.PLACES if (not by_land if place.article else cities)]


def _choose_place(chooser: Chooser, places: Collection[Place]) -> Place:
    """One of the places; Africa is where Jane goes, and comes more often."""
    return chooser.pick(places, "place", [4 if place.french == "Afrique" else 1 for place in places])


def _building(chooser: Chooser, plan: Plan) -> tuple[Pair, frozenset[str]]:
    if plan.verb.subject == "vehicle":
        noun = lexicon.STOPS[next(tag for tag in plan.subject.tags if tag.startswith("noun:"))[5:]]
    else:
        noun = chooser.pick([noun for noun in lexicon.BUILDINGS if plan.verb.uses in noun.uses], "building")
    french, english = phrases.definite(noun)
    no_article = "-" in noun.uses
    return (french, english[1:] if no_article else english), frozenset({f"building:{noun.french}"})


def place(chooser: Chooser, plan: Plan) -> Predicate:
    """A country, a city or a building, after the prepositions of the verb."""
    verb = plan.verb
    if plan.asks in ("où", "que"):
        return Predicate(verb.english)
    french_link, english_link = verb.link
    if verb.uses in ("world", "land"):
        where = _choose_place(chooser, _reachable(plan))
        french, english = _place_words(where, french_link), tuple(where.english.split("_"))
        tags = frozenset({f"place:{where.french}"})
    else:
        (french, english), tags = _building(chooser, plan)
        french = french if french_link == "-" else (french_link, *french)
    english = english if english_link == "-" else (english_link, *english)
    return Predicate(verb.english, french, english, tags=tags)


def location(chooser: Chooser, where: str, without: str = "") -> Pair:
    """Where something happens: "sous l'arbre", "près du lac"; not in or at the noun `without`."""
    free = [spot.rsplit(" ", 1) for spot in lexicon.LOCATIONS[where].split(", ")]
    preposition, noun_word = chooser.pick([spot for spot in free if spot[1] != without], "location")
    noun = next(noun for noun in lexicon.SPOTS if noun.french == noun_word)
    french, english = phrases.definite(noun)
    return (*preposition.split(), *french), (*lexicon.PREPOSITIONS[preposition].split(), *english)


def _with_location(chooser: Chooser, plan: Plan, predicate: Predicate, probability: float) -> Predicate:
    if not plan.verb.where or plan.asks == "où" or not chooser.chance(probability):
        return predicate
    french, english = location(chooser, plan.verb.where)
    return replace(
        predicate,
        french=(*predicate.french, *french),
        english=(*predicate.english, *english),
        tags=predicate.tags | {"location"},
    )


# Things --------------------------------------------------------------------------------------------


def _determiners(plan: Plan) -> str:
    fits = plan.verb.determiners
    if not plan.subject.owner:
        fits = fits.replace("P", "")
    if plan.negative:
        fits = fits.replace("N", "").replace("B", "")
    if plan.habit:
        fits = fits.replace("D", "").replace("T", "").replace("N", "").replace("G", "")
    return fits or plan.verb.determiners[0]


def _determiner(chooser: Chooser, plan: Plan, noun: Noun) -> str:
    """How the noun comes: one of those that suit the verb, as far as they suit the noun."""
    determiner = chooser.pick(_determiners(plan), "determiner")
    if noun.mass and determiner not in "DB":
        return "I"
    if determiner in "NB" and "afford" in noun.uses:
        return "I"
    if determiner in "PG" and "own" not in noun.uses and noun.french not in lexicon.OWNED:
        return "I" if plan.habit and "I" in plan.verb.determiners else "D"
    return determiner


def _number(chooser: Chooser, plan: Plan, noun: Noun, determiner: str) -> str:
    """Singular or plural: one wears one hat, several people several; one does not eat cakes."""
    if noun.mass or ("afford" in noun.uses and determiner == "I"):
        return "s"
    if plan.verb.french == "porter":
        return plan.subject.agreement[1]
    many = plan.habit or plan.negative
    if determiner in "NB" or (determiner == "I" and many and plan.verb.french != "avoir"):
        return "p"
    return chooser.pick("sp", "plural")


def thing_phrase(chooser: Chooser, plan: Plan, noun: Noun) -> tuple[Pair, str, frozenset[str]]:
    """A noun as an object, with its number and tags: "une petite maison", "ses clés", "trois livres"."""
    determiner = _determiner(chooser, plan, noun)
    number = _number(chooser, plan, noun, determiner)
    adjectives = () if determiner in "GB" else phrases.choose_adjectives(chooser, noun)
    tags = phrases.noun_tags(noun, number) | phrases.adjective_tags(noun, adjectives)
    if determiner == "N":
        word = phrases.choose_number(chooser)
        return phrases.counted(noun, word, adjectives), number, tags | {f"number+noun:{word}+{noun.french}", "counted"}
    if determiner == "G":
        whose = phrases.choose_name(chooser, plan.subject.tags)
        return phrases.genitive(noun, number, whose), number, tags | whose.tags | {"genitive"}
    if determiner == "B":
        french, english = phrases.describe(noun, number)
        return (("beaucoup", "de", *french), ("a", "lot", "of", *english)), number, tags | {"beaucoup"}
    if determiner == "P":
        return phrases.possessive(noun, number, plan.subject.owner, adjectives), number, tags | {"possessive"}
    if determiner == "I":
        return phrases.indefinite(noun, number, adjectives, plan.negative, plan.quantity), number, tags
    build = {"D": phrases.definite, "T": phrases.demonstrative}[determiner]
    return build(noun, number, adjectives), number, tags


def choose_thing(chooser: Chooser, plan: Plan) -> Noun:
    """A noun that the verb can be done to; nobody buys a house every day."""
    uses = set(plan.verb.uses.split())
    nouns = lexicon.THINGS
    if plan.habit and "afford" in uses:
        uses.discard("afford")
        nouns = [noun for noun in nouns if "own" not in noun.uses]
    if plan.subject.agreement[0] == "m":
        uses.discard("dress")
    return chooser.pick([noun for noun in nouns if noun.uses.intersection(uses)], "noun")


def thing(chooser: Chooser, plan: Plan) -> Predicate:
    """A thing as the direct object, a pronoun for it, or the thing that is asked for."""
    verb = plan.verb
    if plan.polarity == "rien":
        return Predicate(verb.english, english=("anything",), tags=frozenset({"rien"}))
    if plan.asks == "que":
        return Predicate(verb.english)
    if plan.asks in ("quel", "combien"):
        return _asked_thing(chooser, plan)
    if verb.pronoun and not plan.habit and chooser.chance(0.2):
        return _thing_pronoun(chooser, plan)
    (french, english), _, tags = thing_phrase(chooser, plan, choose_thing(chooser, plan))
    predicate = Predicate(verb.english, french, english, tags=tags)
    return _with_location(chooser, plan, predicate, 0.2)


def _thing_pronoun(chooser: Chooser, plan: Plan) -> Predicate:
    forms = ("ms", "fs") if plan.verb.uses.startswith("drink") else ("ms", "fs", "mp", "fp")
    gender, number = chooser.pick(forms, "agreement")
    clitic = "les" if number == "p" else {"m": "le", "f": "la"}[gender]
    english = "them" if number == "p" else "it"
    tags = frozenset({"object-pronoun"})
    return Predicate(plan.verb.english, (), (english,), (clitic,), gender + number, tags=tags)


def _asked_thing(chooser: Chooser, plan: Plan) -> Predicate:
    """The noun of "quel livre" or "combien de livres", with which the participle agrees."""
    uses = plan.verb.uses.split()
    nouns = [noun for noun in lexicon.THINGS if noun.uses.intersection(uses) and not noun.mass]
    noun = chooser.pick(nouns, "noun")
    number = "p" if plan.asks == "combien" else chooser.pick("ssp", "plural")
    french, english = phrases.describe(noun, number)
    form = noun.gender + number
    if plan.asks == "combien":
        asked = ("combien", "de", *french), ("how", "many", *english)
    else:
        which = {"ms": "quel", "fs": "quelle", "mp": "quels", "fp": "quelles"}[form]
        asked = (which, *french), ("which", *english)
    return Predicate(plan.verb.english, agreement=form, asked=asked, tags=phrases.noun_tags(noun, number))


def fixed(chooser: Chooser, plan: Plan) -> Predicate:
    """One of the phrases that go with the verb, whose English may be another verb: "have breakfast"."""
    options = lexicon.FIXED_OBJECTS[plan.verb.uses]
    french = chooser.pick(options, "fixed")
    for verb in ("listen to", "look at"):
        if options[french].startswith(verb):
            return Predicate(verb, tuple(french.split()), tuple(options[french].removeprefix(verb).split()))
    head, *english = options[french].split()
    return Predicate(head, tuple(french.split()), tuple(english), tags=frozenset({f"fixed:{french}"}))


# People --------------------------------------------------------------------------------------------


def choose_other(chooser: Chooser, plan: Plan) -> Phrase:
    """Somebody who is not the subject, as an object."""
    kind = chooser.pick(("name", "kin", "person"), "object", (4, 3, 3))
    if kind == "name":
        return phrases.choose_name(chooser, plan.subject.tags)
    if kind == "kin":
        owner = plan.subject.owner
        return phrases.choose_kin(chooser, (owner,) if owner else ())
    return phrases.choose_person(chooser, "DDDT")


def _pronoun_person(chooser: Chooser, plan: Plan) -> tuple[str, str]:
    """A pronoun of the first or second person that is not the subject's own: French, English."""
    own = plan.subject.person[0]
    free = [pair for who, pair in OBJECT_PRONOUNS.items() if own == "3" or who[0] != own]
    return chooser.pick(free, "object-pronoun")


def person(chooser: Chooser, plan: Plan) -> Predicate:
    """Somebody as the direct object, or a pronoun before the verb: "la remercie", "l'a invitée", "nous aide"."""
    verb = plan.verb
    if plan.asks == "qui-objet":
        return Predicate(verb.english)
    if chooser.chance(0.45):
        predicate = _person_pronoun(chooser, plan)
    else:
        other = choose_other(chooser, plan)
        predicate = Predicate(verb.english, other.french, other.english, tags=other.tags)
    return _with_location(chooser, plan, predicate, 0.3)


def _person_pronoun(chooser: Chooser, plan: Plan) -> Predicate:
    """Him and her only where French tells them apart: not in "l'invite", but in "l'a invité" and "l'a invitée"."""
    verb, tags = plan.verb, frozenset({"object-pronoun"})
    if chooser.chance(0.35):
        clitic, english = _pronoun_person(chooser, plan)
        agreement = chooser.pick(("mp", "fp") if clitic in ("nous", "vous") else ("ms", "fs"), "agreement")
        return Predicate(verb.english, (), (english,), (clitic,), agreement, tags=tags)
    told_apart = plan.tense == "past" or not starts_with_vowel(verb.french)
    gender, number = chooser.pick(("ms", "fs", "mp", "fp") if told_apart else ("mp", "fp"), "agreement")
    if number == "p":
        return Predicate(verb.english, (), ("them",), ("les",), gender + number, tags=tags)
    clitic, english = {"m": ("le", "him"), "f": ("la", "her")}[gender]
    return Predicate(verb.english, (), (english,), (clitic,), gender + number, tags=tags)


def _receiver(chooser: Chooser, plan: Plan) -> tuple[Words, Words, Words, frozenset[str]]:
    """To whom: French after the verb, French before it, English, tags. "lui" is left to coordination."""
    if chooser.chance(0.35):
        clitic, english = _pronoun_person(chooser, plan) if chooser.chance(0.5) else ("leur", "them")
        return (), (clitic,), (english,), frozenset({"object-pronoun"})
    other = choose_other(chooser, plan)
    return ("à", *other.french), (), other.english, other.tags


def give(chooser: Chooser, plan: Plan) -> Predicate:
    """A thing to somebody: French puts the thing first, English the person: "gives Paul a book"."""
    after, clitic, receiver, tags = _receiver(chooser, plan)
    plan = replace(plan, when=replace(plan.when, habit=False))
    (french, english), _, more = thing_phrase(chooser, plan, choose_thing(chooser, plan))
    return Predicate(plan.verb.english, (*french, *after), (*receiver, *english), clitic, tags=tags | more | {"give"})


def to_person(chooser: Chooser, plan: Plan) -> Predicate:
    """To somebody, where English may have another preposition or none: "answers the teacher"."""
    after, clitic, receiver, tags = _receiver(chooser, plan)
    preposition = () if plan.verb.link[1] == "-" else (plan.verb.link[1],)
    return Predicate(plan.verb.english, after, (*preposition, *receiver), clitic, tags=tags)


# The rest ------------------------------------------------------------------------------------------


def plain(chooser: Chooser, plan: Plan) -> Predicate:
    """Nothing, or a location."""
    return _with_location(chooser, plan, Predicate(plan.verb.english), 0.7)


def rise(chooser: Chooser, plan: Plan) -> Predicate:
    """Early, late or at an hour, unless that is asked."""
    if plan.asks == "quand" or (not plan.habit and chooser.chance(0.2)):
        return Predicate(plan.verb.english)
    if chooser.chance(0.5):
        french, english = chooser.pick((("tôt", "early"), ("tard", "late")), "fixed")
        return Predicate(plan.verb.english, (french,), (english,))
    hour = choose_hour(chooser, lexicon.BEDTIMES[plan.verb.french])
    return Predicate(plan.verb.english, hour.french, hour.english, tags=hour.tags)


def state(chooser: Chooser, plan: Plan) -> Predicate:
    """An adjective that agrees with the subject: "Les portes sont ouvertes"."""
    if plan.verb.subject == "thing":
        word = chooser.pick(lexicon.STATES[_noun_of(plan.subject)].split(), "adjective")
    else:
        moods = [word for word in lexicon.MOODS if plan.asks != "pourquoi" or word != "prêt"]
        word = chooser.pick(moods, "adjective")
    adjective = lexicon.ADJECTIVES[word]
    tags = frozenset({f"agrees:{adjective.forms[plan.subject.agreement]}:{plan.subject.agreement}"})
    if plan.verb.subject == "thing":
        tags |= {f"adjective+noun:{word}+{_noun_of(plan.subject)}"}
    return Predicate("be", (adjective.forms[plan.subject.agreement],), (adjective.english,), tags=tags)


def _noun_of(subject: Phrase) -> str:
    return next(tag for tag in subject.tags if tag.startswith("noun:")).removeprefix("noun:")


def feeling(chooser: Chooser, plan: Plan) -> Predicate:
    """What French has and English is: "Jane a faim", "Jane is hungry"."""
    french = chooser.pick(lexicon.FEELINGS, "feeling")
    return Predicate("be", (french,), (lexicon.FEELINGS[french],), tags=frozenset({"feeling"}))


def age(chooser: Chooser, plan: Plan) -> Predicate:
    """How old: "Jane a vingt ans", "Jane is twenty years old"."""
    child = plan.subject.kind in ("name", "pronoun") or plan.subject.tags & lexicon.CHILDREN
    number = chooser.pick(lexicon.NUMBERS if child else lexicon.ADULT_AGES, "age")
    return Predicate(
        "be", (number, "ans"), ((lexicon.NUMBERS | lexicon.ADULT_AGES)[number], "years", "old"), tags=frozenset({"age"})
    )


def compare(chooser: Chooser, plan: Plan) -> Predicate:
    """More than somebody else: "plus grande que Paul", "taller than Paul"."""
    word = chooser.pick(lexicon.COMPARATIVES, "comparative")
    other = choose_other(chooser, plan)
    form = lexicon.ADJECTIVES[word].forms[plan.subject.agreement]
    english = (lexicon.COMPARATIVES[word], "than", *other.english)
    return Predicate("be", ("plus", form, "que", *other.french), english, tags=other.tags | {"comparison"})


def located(chooser: Chooser, plan: Plan) -> Predicate:
    """Where a thing is."""
    if plan.asks == "où":
        return Predicate("be")
    french, english = location(chooser, "things", without=_noun_of(plan.subject))
    return Predicate("be", french, english, tags=frozenset({"location"}))


FRAMES: dict[str, Callable[[Chooser, Plan], Predicate]] = {
    function.__name__: function
    for function in (place, thing, fixed, person, give, to_person, plain, rise, state, feeling, age, compare, located)
}
