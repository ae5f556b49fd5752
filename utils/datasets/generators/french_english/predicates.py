"""What is said of a subject, in both languages at once: places, objects, people, states; and when."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from utils.datasets.generators.choices import Chooser
from utils.datasets.generators.french_english import lexicon as lexicon
from utils.datasets.generators.french_english import phrases as phrases
from utils.datasets.generators.french_english.lexicon import Noun, Place
from utils.datasets.generators.french_english.phrases import Pair, Phrase, Words
from utils.datasets.generators.french_english.spelling import starts_with_vowel
from utils.datasets.generators.french_english.verbs import Verb

NEGATIVE = frozenset({"pas", "jamais", "plus", "personne"})
OBJECT_PRONOUNS = {  # by whom: French before the verb, English after it
    "1s": ("me", "me"),
    "2s": ("te", "you"),
    "1p": ("nous", "us"),
    "2p": ("vous", "you"),
}


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


def choose_place(chooser: Chooser, places: Collection[Place]) -> Place:
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
        where = choose_place(chooser, _reachable(plan))
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


# Times ---------------------------------------------------------------------------------------------


def _when(french: str, english: str, habit: bool = False, *tags: str) -> When:
    return When(tuple(french.split()), tuple(english.split()), habit, frozenset({"time", *tags}))


def choose_hour(chooser: Chooser, hours: Collection[str] = tuple(lexicon.NUMBERS)[:10]) -> When:
    """At one of the full hours, or at noon."""
    if "deux" in hours and chooser.chance(0.15):
        return _when("à midi", "at noon", False, "hour")
    french = chooser.pick(hours, "hour")
    return _when(f"à {french} heures", f"at {lexicon.NUMBERS[french]} o'clock", False, "hour")


def choose_month(chooser: Chooser, months: Collection[str] = lexicon.MONTHS) -> When:
    """In a month, one of those given."""
    french = chooser.pick(months, "month", [5 if month == "septembre" else 1 for month in months])
    return _when(f"en {french}", f"in {lexicon.MONTHS[french]}", False, f"month:{french}")


def _months_and_seasons(chooser: Chooser, tense: str) -> When:
    if tense == "present" and chooser.chance(0.25):
        french, english = chooser.pick(lexicon.SEASONS.items(), "season")
        return _when(french, english, True, "season")
    return choose_month(chooser)


def _weekday(chooser: Chooser, tense: str) -> When:
    """Le lundi, on Mondays, in the present; lundi, on Monday, of a single day in the past or to come."""
    french, english = chooser.pick(lexicon.DAYS.items(), "day")
    if tense == "present":
        return _when(f"le {french}", f"on {english}s", True, "weekday")
    return _when(french, f"on {english}", False, "weekday")


def _distance(chooser: Chooser, tense: str, unit: str) -> When:
    """Two years ago, in three days."""
    french = phrases.choose_number(chooser)
    english = lexicon.NUMBERS[french]
    units = {"L": (("ans", "years"), ("mois", "months")), "D": (("jours", "days"), ("semaines", "weeks"))}[unit]
    french_unit, english_unit = chooser.pick(units, "unit")
    if tense == "past":
        return _when(f"il y a {french} {french_unit}", f"{english} {english_unit} ago", False, "ago")
    return _when(f"dans {french} {french_unit}", f"in {english} {english_unit}", False, "in-days")


def choose_since(chooser: Chooser) -> When:
    """For two years, since Monday, since September."""
    if chooser.chance(0.6):
        number = phrases.choose_number(chooser)
        french_unit, english_unit = chooser.pick((("ans", "years"), ("mois", "months"), ("semaines", "weeks")), "unit")
        english = f"for {lexicon.NUMBERS[number]} {english_unit}"
        return _when(f"depuis {number} {french_unit}", english, False, "depuis")
    french, english = chooser.pick((*lexicon.MONTHS.items(), *lexicon.DAYS.items()), "month")
    month = (f"month:{french}",) if french in lexicon.MONTHS else ()
    return _when(f"depuis {french}", f"since {english}", False, "depuis", *month)


def choose_time(chooser: Chooser, scale: str, tense: str) -> When:
    """A time that suits the scale of the verb ("L" months and years, "D" days, "C" hours) and the tense."""
    if tense == "since":
        return choose_since(chooser)
    single, tense = tense in ("past", "future"), tense if tense in ("present", "past") else "future"
    kind = chooser.pick(scale, "scale").upper()
    if kind == "C":
        return choose_hour(chooser)
    if kind == "O":
        return _when("à l' heure", "on time", False, "on-time")
    if kind == "L" and chooser.chance(0.65):
        return _months_and_seasons(chooser, tense)
    if single and chooser.chance(0.25):
        return _distance(chooser, tense, kind)
    if kind == "D" and chooser.chance(0.45):
        return _weekday(chooser, tense)
    french, english = chooser.pick(lexicon.FIXED_TIMES[tense, kind].items(), "time")
    return _when(french, english, tense == "present", f"time:{french}")
