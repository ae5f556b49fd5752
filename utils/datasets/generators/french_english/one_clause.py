"""Sentences of one clause: statements, questions, the weather, "il y a", and "manquer", whose sides change places."""

from dataclasses import replace

from utils.datasets.generators.choices import Chooser
from utils.datasets.generators.french_english import lexicon, phrases, predicates
from utils.datasets.generators.french_english.clauses import be, english_group, french_group, question, statement
from utils.datasets.generators.french_english.phrases import Phrase
from utils.datasets.generators.french_english.plans import Plan, Predicate, When
from utils.datasets.generators.french_english.settling import (
    Sentence,
    choose_doer,
    choose_tense,
    choose_verb,
    choose_when,
    fill,
    settle,
    spelt,
    tags_of,
)
from utils.datasets.generators.french_english.times import choose_month, choose_time
from utils.datasets.generators.french_english.verbs import MISS, RAIN, SNOW, WEATHER


def simple_statement(chooser: Chooser) -> Sentence:
    """Jane visite l'Afrique en septembre. Its time may come first."""
    verb = choose_verb(chooser)
    plan = settle(chooser, verb, choose_doer(chooser, verb))
    predicate = fill(chooser, plan)
    fronted = bool(plan.when.french) and plan.tense != "since" and chooser.chance(0.15)
    fronted = fronted and not plan.when.tags & {"on-time", "hour"}
    tags = tags_of(plan, predicate) | ({"fronted"} if fronted else set())
    return spelt(*statement(plan, predicate, fronted), tags)


def simple_question(chooser: Chooser) -> Sentence:
    """Quand Jane visite-t-elle l'Afrique ?"""  # noqa: D400, D415
    verb = choose_verb(chooser)
    asks = chooser.pick(verb.asks, "asks", [2 if word == "oui" else 1 for word in verb.asks])
    subject = phrases.WHO if asks == "qui" else choose_doer(chooser, verb, asked=True)
    without = frozenset({"must", "since", "can"} if asks == "pourquoi" else {"must", "since"})
    plan = Plan(subject, verb, choose_tense(chooser, verb, without), asks=asks)
    if asks == "pourquoi" and chooser.chance(0.3):
        plan = replace(plan, polarity="pas")
    plan = replace(plan, when=choose_when(chooser, plan, 0.3))
    predicate = fill(chooser, plan)
    style = _choose_style(chooser, plan, predicate)
    tags = tags_of(plan, predicate) | {f"style:{style}"}
    return spelt(*question(plan, predicate, style), tags, asked=True)


def _choose_style(chooser: Chooser, plan: Plan, predicate: Predicate) -> str:
    """How a question is built: "est-ce", "inverted" or "swapped"; see `clauses.question`."""
    pronoun = plan.subject.kind == "pronoun"
    if plan.verb.frame == "located" and plan.asks == "où":
        return "swapped"  # Où sont les clés ?
    styles = ["est-ce"]
    if not plan.polarity and (pronoun or plan.asks != "que") and not (pronoun and _opens_oddly(plan, predicate)):
        styles += ["inverted"]
    if plan.asks in ("où", "que") and plan.tense == "present" and not pronoun and not predicate.french:
        styles += ["swapped", "swapped"]
    return chooser.pick(styles, "style")


def _opens_oddly(plan: Plan, predicate: Predicate) -> bool:
    """Whether the inverted question would open with a verb that seldom does; être, avoir, aller… often do."""
    helped = plan.tense in ("past", "future", "want", "can") or plan.verb.french in ("être", "avoir")
    before = plan.verb.reflexive or predicate.clitic in (("me",), ("te",), ("nous",), ("vous",), ("leur",))
    return plan.asks == "oui" and (not helped or (before and plan.tense in ("present", "past")))


def permission(chooser: Chooser) -> Sentence:
    """Est-ce que je peux ouvrir la fenêtre ? The one question that is asked about oneself."""
    verb = choose_verb(chooser, lambda verb: "can" in verb.tenses and verb.frame in ("thing", "fixed", "place"))
    subject = chooser.pick(phrases.PRONOUNS[:2])
    plan = Plan(subject, verb, "can", asks="oui")
    predicate = fill(chooser, plan)
    return spelt(*question(plan, predicate, "est-ce"), tags_of(plan, predicate), asked=True)


def weather_words(chooser: Chooser, tense: str, polarity: str = "") -> tuple[Plan, Predicate]:
    """What the weather is, was or is going to be like; without a time."""
    it = Phrase(("il",), ("it",), kind="it")
    kind = chooser.pick(("pleuvoir", "neiger", "froid", "chaud", "beau"), "weather", (3, 2, 2, 2, 2))
    if kind in ("pleuvoir", "neiger"):
        verb = RAIN if kind == "pleuvoir" else SNOW
        return Plan(it, verb, tense, polarity), Predicate(verb.english, tags=frozenset({"weather", f"weather:{kind}"}))
    if kind == "beau":
        it = Phrase(("il",), ("the", "weather"), kind="it")
    english = ("be", "nice" if kind == "beau" else lexicon.WEATHER[kind])
    plan = Plan(it, WEATHER, tense, polarity)
    head = Predicate("be", (kind,), english[1:], tags=frozenset({"weather", f"weather:{kind}"}))
    return plan, head


def weather(chooser: Chooser) -> Sentence:
    """Il pleut souvent à Londres en novembre."""
    tense = chooser.pick(("present", "past", "future"), "tense", (3, 2, 2))
    plan, predicate = weather_words(chooser, tense, "pas" if chooser.chance(0.15) else "")
    tags = predicate.tags
    if chooser.chance(0.6):
        places = [p for p in lexicon.PLACES if plan.verb != SNOW or p.french in lexicon.SNOWY]
        place = chooser.pick(places, "place")
        french, english = predicates.to_place(place), ("in", *place.english.split("_"))
        predicate = replace(predicate, french=predicate.french + french, english=predicate.english + english)
        tags |= {f"place:{place.french}"}
    if tense == "present" and chooser.chance(0.4):
        plan = replace(plan, adverb="souvent" if plan.polarity else chooser.pick(("souvent", "parfois")))
    if chooser.chance(0.6):
        plan = replace(plan, when=_weather_time(chooser, plan, tags))
    return spelt(*statement(plan, predicate), tags_of(plan, predicate) | tags)


def _weather_time(chooser: Chooser, plan: Plan, tags: frozenset[str]) -> When:
    if plan.tense != "present":
        return choose_time(chooser, "D", plan.tense)
    kind = next(tag for tag in tags if tag.startswith("weather:")).removeprefix("weather:")
    return choose_month(chooser, lexicon.SEASONABLE[kind])


def there_is(chooser: Chooser) -> Sentence:
    """Il y a trois livres sur la table. Il n'y a pas de chat dans le jardin."""
    noun, spots = _present_thing(chooser)
    tense = chooser.pick(("present", "past"), "tense", (3, 1))
    form = chooser.pick(("", "", "", "oui", "pas") if tense == "present" else ("", "", "", "pas"), "form")
    what, number, tags = _what_there_is(chooser, noun, form)
    where = predicates.location(chooser, spots, noun.french)
    verb, had = be(f"3{number}", tense), "a" if tense == "present" else "avait"
    if form == "oui":
        head = chooser.pick((("y", "a-t-il"), ("est-ce", "que", "il", "y", "a")), "style"), (verb, "there")
    else:
        head = ("il", "ne", "y", had, "pas") if form else ("il", "y", had), ("there", verb)
    french, english = ((*a, *b, *c) for a, b, c in zip(head, what, where, strict=True))
    tags |= {"il-y-a", "verb:avoir", f"tense:{tense}"}
    tags |= {"": set(), "oui": {"asks:oui"}, "pas": {"not:pas"}}[form]
    return spelt(french, english, tags, asked=form == "oui")


def _present_thing(chooser: Chooser) -> tuple[lexicon.Noun, str]:
    """A thing or an animal, and the key of the locations where it may be."""
    animal = chooser.chance(0.4)
    uses = {"have"} if animal else {"own", "read", "eat", "drink"}
    noun = chooser.pick([n for n in lexicon.THINGS if n.uses & uses and n.french not in lexicon.NOT_LYING], "noun")
    return noun, "animals" if animal else "food" if noun.uses & {"eat", "drink"} else "things"


def _what_there_is(chooser: Chooser, noun: lexicon.Noun, form: str) -> tuple[phrases.Pair, str, frozenset[str]]:
    """The noun in both languages, its number and its tags."""
    number = "s" if noun.mass else chooser.pick("sp", "plural")
    tags = phrases.noun_tags(noun, number)
    if form == "pas":
        french, english = phrases.indefinite(noun, number, negative=True)
        return (french, ("no", *(english[1:] if english[0] == "a" else english))), number, tags
    if number == "p" and not form and chooser.chance(0.6):
        word = phrases.choose_number(chooser)
        return phrases.counted(noun, word), number, tags | {f"number+noun:{word}+{noun.french}"}
    adjectives = phrases.choose_adjectives(chooser, noun, 0.25)
    pair = phrases.indefinite(noun, number, adjectives, quantity="any" if form else "some")
    return pair, number, tags | phrases.adjective_tags(noun, adjectives)


OBJECT_FORMS = {"je": "me", "il": "him", "elle": "her", "nous": "us", "ils": "them", "elles": "them"}


def missing(chooser: Chooser) -> Sentence:
    """Paul manque à Jane: Jane misses Paul. What is the subject in French is the object in English."""
    missed = phrases.choose_name(chooser) if chooser.chance(0.5) else phrases.choose_kin(chooser)
    if chooser.chance(0.3):
        missed = chooser.pick([p for p in phrases.PRONOUNS if p.person not in ("1s", "1p")], "pronoun")
    tense = chooser.pick(("present", "past", "future"), "tense", (3, 2, 2))
    polarity = "pas" if chooser.chance(0.15) else ""
    if chooser.chance(0.55):
        whose = {"1s": "me", "1p": "nous", "3p": "leur"}
        who = chooser.pick([p for p in phrases.PRONOUNS if p.person in whose], "pronoun")
        clitic, after = (whose[who.person],), ()
    else:
        who = phrases.choose_name(chooser, missed.tags) if chooser.chance(0.6) else phrases.choose_person(chooser, "D")
        clitic, after = (), ("à", *who.french)
    plan = Plan(missed, MISS, tense, polarity)
    english = missed.english
    if missed.kind == "pronoun":
        english = (OBJECT_FORMS.get(missed.french[0], "you"),)
    predicate = Predicate("miss", after, english, clitic, tags=who.tags | {"miss"})
    french = (*missed.french, *french_group(plan, predicate))
    return spelt(french, english_group(plan, predicate, who), tags_of(plan, predicate))
