"""The French→English grammar: one sentence after the other, drawn by a seeded chooser, with its translation.

Every French sentence has one English translation here. What French leaves open is settled by rule: the present is
English's simple present, the passé composé its simple past, "aller" with an infinitive is "going to", son and sa
belong to the subject, and a verb's le and la are always a person or always a thing.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from utils.datasets.generators.choices import Chooser
from utils.datasets.generators.french_english import lexicon as lexicon
from utils.datasets.generators.french_english import phrases as phrases
from utils.datasets.generators.french_english import predicates as predicates
from utils.datasets.generators.french_english.clauses import be, english_group, french_group, question, statement
from utils.datasets.generators.french_english.phrases import Phrase, Words
from utils.datasets.generators.french_english.predicates import FRAMES, Plan, Predicate, When
from utils.datasets.generators.french_english.spelling import spell_english, spell_french
from utils.datasets.generators.french_english.verbs import MISS, RAIN, SNOW, THINK, VERBS, WEATHER, Verb

TENSE_WEIGHTS = {"present": 10, "past": 6, "future": 4, "want": 2, "can": 1.5, "must": 1.5, "since": 4}
Clause = tuple[Words, Words, frozenset[str]]  # French, English, tags


class Sentence(NamedTuple):
    """A French sentence, its English translation, and the tags of what it is made of ("place:Japon")."""

    french: str
    english: str
    tags: frozenset[str]


# Settling a clause ---------------------------------------------------------------------------------


def choose_verb(chooser: Chooser, fits: Callable[[Verb], bool] | None = None) -> Verb:
    """A verb in one of its senses, among those that fit."""
    verbs = [verb for verb in VERBS if fits(verb)] if fits else VERBS
    return chooser.pick(verbs, "verb", [verb.weight for verb in verbs])


def choose_tense(chooser: Chooser, verb: Verb, without: frozenset[str] = frozenset()) -> str:
    """One of the tenses that suit the verb."""
    tenses = [tense for tense in verb.tenses if tense not in without]
    return chooser.pick(tenses, "tense", [TENSE_WEIGHTS[tense] for tense in tenses])


def choose_doer(chooser: Chooser, verb: Verb, asked: bool = False) -> Phrase:
    """A subject that suits the verb."""
    if verb.subject == "person":
        anyone = not asked and verb.frame not in ("age", "compare", "state", "feeling")  # nobody is older than Jane
        return phrases.choose_subject(chooser, asked, anyone, adult=verb.french in lexicon.FOR_ADULTS)
    chosen = {
        "animal": phrases.choose_animal,
        "vehicle": phrases.choose_vehicle,
        "thing": phrases.choose_described_thing,
    }
    if verb.frame == "located":
        return phrases.choose_described_thing(chooser, movable=True)
    return chosen[verb.subject](chooser)


def choose_polarity(chooser: Chooser, plan: Plan) -> str:
    """Whether and how the clause is denied."""
    if plan.subject.kind == "anyone":
        return "personne" if plan.subject.french == ("personne",) else ""
    if plan.tense == "since" or "indefinite" in plan.subject.tags or not chooser.chance(0.22):
        return ""
    options = ["pas", "pas", "pas"]
    of_thing = plan.verb.subject == "thing"  # a bag is not black sometimes, nor no longer
    if plan.tense == "present" and not of_thing and plan.verb.frame not in ("age", "compare"):
        options += ["jamais", "plus"]
    if plan.verb.frame == "thing" and set(plan.verb.uses.split()) & {"eat", "drink", "buy", "read"}:
        options += ["rien", "rien", "rien"] if plan.tense != "must" else []
    return chooser.pick(options, "polarity")


# The only times that suit some frames.
ONLY_TIMES = {
    "rise": frozenset({"weekday", "time:demain", "time:hier"}),
    "feeling": frozenset({"weekday", "time:hier", "time:hier soir", "time:ce matin"}),
}


def choose_when(chooser: Chooser, plan: Plan, probability: float = 0.45) -> When:
    """A time that suits the verb and the tense, or none."""
    if plan.tense == "since":
        return predicates.choose_time(chooser, "", "since")
    if plan.asks == "quand" or not plan.verb.scale or not chooser.chance(probability):
        return When()
    if plan.polarity in ("jamais", "plus") and plan.verb.scale != "L":
        return When()
    scale = plan.verb.scale.replace("d", "") if plan.tense == "present" else plan.verb.scale
    when = predicates.choose_time(chooser, scale, plan.tense) if scale else When()
    if (plan.polarity or plan.asks == "oui") and set(when.french) & {
        "chaque",
        "tous",
        "il",
        "dans",
    }:  # neither "not every day" nor "not two years ago"
        return When()
    fits = ONLY_TIMES.get(plan.verb.frame)
    if fits and not when.tags & fits:
        return When()
    return when


def choose_adverb(chooser: Chooser, plan: Plan) -> str:
    """Often, sometimes, rarely, or nothing."""
    repeats = plan.verb.scale not in ("", "d") or plan.verb.frame == "feeling"
    free = not plan.when.french and not plan.asks and plan.subject.kind != "anyone"
    if plan.tense != "present" or not repeats or not free or plan.polarity not in ("", "pas"):
        return ""
    if not chooser.chance(0.22):
        return ""
    return "souvent" if plan.polarity else chooser.pick(lexicon.ADVERBS, "adverb")


def settle(chooser: Chooser, verb: Verb, subject: Phrase, tense: str = "") -> Plan:
    """All that a statement needs before its words are chosen."""
    plan = Plan(subject, verb, tense or choose_tense(chooser, verb))
    plan = replace(plan, polarity=choose_polarity(chooser, plan))
    plan = replace(plan, when=choose_when(chooser, plan))
    return replace(plan, adverb=choose_adverb(chooser, plan))


def fill(chooser: Chooser, plan: Plan) -> Predicate:
    """The words after the verb."""
    return FRAMES[plan.verb.frame](chooser, plan)


def tags_of(plan: Plan, predicate: Predicate) -> frozenset[str]:
    """What a clause is made of."""
    tags = {f"verb:{plan.verb.french}", f"tense:{plan.tense}", f"tense+verb:{plan.tense}+{plan.verb.french}"}
    if plan.polarity:
        tags.add(f"not:{plan.polarity}")
    if plan.adverb:
        tags.add(f"adverb:{plan.adverb}")
    if plan.asks:
        tags.add(f"asks:{plan.asks}")
    return frozenset(tags) | plan.subject.tags | predicate.tags | plan.when.tags


def _sentence(french: Words, english: Words, tags: frozenset[str], asked: bool = False) -> Sentence:
    return Sentence(spell_french(french, asked), spell_english(english, asked), tags)


def _simple(chooser: Chooser, plan: Plan) -> Clause:
    predicate = fill(chooser, plan)
    return *statement(plan, predicate), tags_of(plan, predicate)


# Kinds of sentence ---------------------------------------------------------------------------------


def simple_statement(chooser: Chooser) -> Sentence:
    """Jane visite l'Afrique en septembre. Its time may come first."""
    verb = choose_verb(chooser)
    plan = settle(chooser, verb, choose_doer(chooser, verb))
    predicate = fill(chooser, plan)
    fronted = bool(plan.when.french) and plan.tense != "since" and chooser.chance(0.15)
    fronted = fronted and not plan.when.tags & {"on-time", "hour"}
    tags = tags_of(plan, predicate) | ({"fronted"} if fronted else set())
    return _sentence(*statement(plan, predicate, fronted), tags)


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
    style = choose_style(chooser, plan, predicate)
    tags = tags_of(plan, predicate) | {f"style:{style}"}
    return _sentence(*question(plan, predicate, style), tags, asked=True)


def choose_style(chooser: Chooser, plan: Plan, predicate: Predicate) -> str:
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
    return _sentence(*question(plan, predicate, "est-ce"), tags_of(plan, predicate), asked=True)


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
    return _sentence(*statement(plan, predicate), tags_of(plan, predicate) | tags)


def _weather_time(chooser: Chooser, plan: Plan, tags: frozenset[str]) -> When:
    if plan.tense != "present":
        return predicates.choose_time(chooser, "D", plan.tense)
    kind = next(tag for tag in tags if tag.startswith("weather:")).removeprefix("weather:")
    return predicates.choose_month(chooser, lexicon.SEASONABLE[kind])


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
    return _sentence(french, english, tags, asked=form == "oui")


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
    return _sentence(french, english_group(plan, predicate, who), tags_of(plan, predicate))


# Two clauses ---------------------------------------------------------------------------------------


def pronoun_for(phrase: Phrase) -> Phrase:
    """The pronoun that stands for a subject named before: elle for Jane."""
    if phrase.kind == "pronoun":
        return phrase
    matching = (p for p in phrases.PRONOUNS if (p.person, p.agreement) == (phrase.person, phrase.agreement))
    return next(matching)


def _second_group(plan: Plan, predicate: Predicate) -> tuple[Words, Words]:
    """A second verb after "et", with what it shares with the first left out: "va l'acheter et le lire"."""
    french = french_group(plan, predicate)
    english = english_group(plan, predicate)[len(plan.subject.english) :]
    if plan.tense == "future":
        return french[1:], english[3:]  # va; is going to
    return french, english


def chain(chooser: Chooser) -> Sentence:
    """Jane achète un livre et le lit."""
    first, second, use = chooser.pick(lexicon.CHAINS, "chain")
    is_first = {"acheter": "buy", "trouver": "find"}[first]
    tense = "past" if first == "trouver" else chooser.pick(("present", "past", "future"), "tense", (3, 3, 2))
    subject = phrases.choose_subject(chooser, asked=True)
    verbs = [next(v for v in VERBS if v.french == french and v.frame == "thing") for french in (first, second)]
    plan = Plan(subject, replace(verbs[0], determiners="IT", pronoun=""), tense)
    nouns = [noun for noun in lexicon.THINGS if noun.uses >= {is_first, use}]
    noun = chooser.pick(nouns, "noun")
    (french, english), number, tags = predicates.thing_phrase(chooser, plan, noun)
    predicate = Predicate(plan.verb.english, french, english, tags=tags)
    pronoun = "les" if number == "p" else {"m": "le", "f": "la"}[noun.gender]
    it = Predicate(
        verbs[1].english, (), ("them" if number == "p" else "it",), (pronoun,), noun.gender + number,
        tags=frozenset({"object-pronoun"}),
    )  # fmt: skip
    then = replace(plan, verb=verbs[1])
    both = (
        a + b + c
        for a, b, c in zip(statement(plan, predicate), (("et",), ("and",)), _second_group(then, it), strict=True)
    )
    return _sentence(*both, tags_of(plan, predicate) | tags_of(then, it) | {"two-verbs"})


def meeting(chooser: Chooser) -> Sentence:
    """Jane rencontre Paul et lui donne un livre: whom lui stands for is said before."""
    tense = chooser.pick(("present", "past", "future"), "tense", (3, 3, 2))
    subject = phrases.choose_subject(chooser, asked=True)
    verb = choose_verb(chooser, lambda v: v.french in ("voir", "rencontrer", "inviter", "aider"))
    plan = Plan(subject, verb, tense)
    other = predicates.choose_other(chooser, plan)
    predicate = Predicate(verb.english, other.french, other.english, tags=other.tags)
    plural = other.person == "3p"
    whom = "them" if plural else {"m": "him", "f": "her"}[other.agreement[0]]
    clitic = "leur" if plural else "lui"
    second = choose_verb(chooser, lambda v: v.frame == "give" or (v.frame == "to_person" and v.french == "parler"))
    then = Plan(subject, second, tense)
    if second.frame == "give":
        noun = predicates.choose_thing(chooser, then)
        then = replace(then, verb=replace(second, determiners="IIN" if "own" not in second.uses else "P"))
        (french, english), _, tags = predicates.thing_phrase(chooser, then, noun)
        reply = Predicate(second.english, french, (whom, *english), (clitic,), tags=tags)
    else:
        reply = Predicate("talk", (), ("to", whom), (clitic,))
    both = (
        a + b + c
        for a, b, c in zip(statement(plan, predicate), (("et",), ("and",)), _second_group(then, reply), strict=True)
    )
    return _sentence(*both, tags_of(plan, predicate) | tags_of(then, reply) | {"two-verbs", "object-pronoun", "lui"})


def _state_clause(chooser: Chooser, subject: Phrase, tense: str, word: str) -> Clause:
    """How somebody is: an adjective, or what French has."""
    is_feeling = word in lexicon.FEELINGS
    verb = next(v for v in VERBS if v.frame == ("feeling" if is_feeling else "state") and v.subject == "person")
    plan = Plan(subject, verb, tense)
    if is_feeling:
        predicate = Predicate("be", (word,), (lexicon.FEELINGS[word],))
    else:
        adjective = lexicon.ADJECTIVES[word]
        predicate = Predicate("be", (adjective.forms[subject.agreement],), (adjective.english,))
    return *statement(plan, predicate), tags_of(plan, predicate)


def _act(
    chooser: Chooser, subject: Phrase, french: str, tense: str, polarity: str = "", indoors: bool = False
) -> Clause:
    """What somebody does, without a time."""
    verbs = [v for v in VERBS if v.french == french and v.subject == "person" and tense in v.tenses]
    verb = chooser.pick([v for v in verbs if not (indoors or polarity) or v.uses != "world"], "verb")
    uses = "warm" if french == "porter" else verb.uses
    frame = "plain" if verb.frame == "rise" else verb.frame
    plain = replace(verb, pronoun="", determiners="I", uses=uses, frame=frame)
    plain = replace(plain, where="") if indoors else plain
    return _simple(chooser, Plan(subject, plain, tense, polarity))


def because(chooser: Chooser) -> Sentence:
    """Jane reste à Paris parce qu'elle est malade."""
    negative = chooser.chance(0.35)
    reasons = lexicon.REASONS_NOT_TO if negative else lexicon.REASONS
    french = chooser.pick(reasons, "verb")
    tense = chooser.pick(("present", "past"), "tense")
    subject = phrases.choose_subject(chooser, asked=True)
    first = _act(chooser, subject, french, tense, "pas" if negative else "")
    second = _state_clause(chooser, pronoun_for(subject), tense, chooser.pick(reasons[french], "reason"))
    return _joined(first, (("parce", "que"), ("because",)), second, "parce-que")


def _joined(first: Clause, link: phrases.Pair, second: Clause, tag: str) -> Sentence:
    french = (*first[0], *link[0], *second[0])
    english = (*first[1], *link[1], *second[1])
    return _sentence(french, english, first[2] | second[2] | {tag})


def when_or_if(chooser: Chooser) -> Sentence:
    """Quand il pleut, Jane reste à Paris. S'il a faim, il mange du pain."""
    link = chooser.pick(((("si",), ("if",)), (("quand",), ("when",))), "link")
    subject = phrases.choose_subject(chooser, asked=True)
    if chooser.chance(0.5):
        plan, predicate = weather_words(chooser, "present")
        kind = next(tag for tag in predicate.tags if tag.startswith("weather:")).removeprefix("weather:")
        acts = lexicon.WEATHER_ACTS.get(kind, ("promener", "nager", "courir"))
        condition = *statement(plan, predicate), tags_of(plan, predicate)
        act = _act(
            chooser, subject, chooser.pick(acts, "verb"), "present", indoors=kind in ("pleuvoir", "neiger", "froid")
        )
    else:
        french = chooser.pick(lexicon.REASONS, "verb")
        condition = _state_clause(chooser, subject, "present", chooser.pick(lexicon.REASONS[french], "reason"))
        act = _act(chooser, pronoun_for(subject), french, "present")
    words = tuple((*a, *b, ",") for a, b in zip(link, condition[:2], strict=True))
    return _joined((*words, condition[2]), ((), ()), act, link[0][0])


def that(chooser: Chooser) -> Sentence:
    """Jane pense que Paul est malade."""
    verb = chooser.pick(THINK, "verb")
    plan = Plan(phrases.choose_subject(chooser, asked=verb.french == "dire", anyone=False), verb)
    head = *statement(plan, Predicate(verb.english)), tags_of(plan, Predicate(verb.english))
    inner = choose_verb(chooser)
    doer = choose_doer(chooser, inner, asked=True)
    while doer.person[0] != "3" and doer.person == plan.subject.person:
        doer = choose_doer(chooser, inner, asked=True)
    said = settle(chooser, inner, doer)
    return _joined(head, (("que",), ("that",)), _simple(chooser, said), "que")


def who_relative(chooser: Chooser) -> Sentence:
    """La femme qui porte une robe rouge habite à Rome."""
    inner = choose_verb(chooser, lambda verb: verb.french in lexicon.WHO and verb.frame in ("place", "thing", "fixed"))
    verb = choose_verb(chooser, lambda verb: verb.subject == "person" and verb.french != inner.french)
    adult = bool({verb.french, inner.french} & lexicon.FOR_ADULTS)
    subject = phrases.choose_person(chooser, "DDDT", adult)
    relative = Plan(subject, replace(inner, pronoun="", determiners="I"))
    predicate = fill(chooser, relative)
    french = (*subject.french, "qui", *french_group(relative, predicate))
    english = (*subject.english, "who", *english_group(relative, predicate)[len(subject.english) :])
    tags = subject.tags | tags_of(relative, predicate) | {"relative-qui"}
    whole = replace(subject, french=french, english=english, tags=tags)
    return _sentence(*_simple(chooser, settle(chooser, verb, whole)))


def that_relative(chooser: Chooser) -> Sentence:
    """Paul lit le livre que Jane a acheté."""
    made = choose_verb(chooser, lambda v: v.french in lexicon.RELATIVES and v.frame == "thing")
    uses = lexicon.RELATIVES[made.french]
    done = choose_verb(chooser, lambda v: v.french in uses and v.frame == "thing" and _shared(v, made))
    noun = chooser.pick(_shared(done, made), "noun")
    number = chooser.pick("ssp", "plural")
    maker = phrases.choose_subject(chooser, asked=True)
    doer = phrases.as_subject(phrases.choose_name(chooser, maker.tags))
    past = Plan(maker, made, "past")
    bought = Predicate(made.english, agreement=noun.gender + number)
    french, english = phrases.definite(noun, number)
    french = (*french, "que", *maker.french, *french_group(past, bought))
    english = (*english, "that", *english_group(past, bought))
    plan = Plan(doer, done, choose_tense(chooser, done))
    predicate = Predicate(done.english, french, english, tags=phrases.noun_tags(noun, number))
    tags = tags_of(plan, predicate) | tags_of(past, bought) | {"relative-que"}
    return _sentence(*statement(plan, predicate), tags)


def _shared(first: Verb, second: Verb) -> list[lexicon.Noun]:
    """What both can be done to."""
    uses = set(first.uses.split()), set(second.uses.split())
    return [noun for noun in lexicon.THINGS if noun.uses & uses[0] and noun.uses & uses[1] and not noun.mass]


KINDS: dict[Callable[[Chooser], Sentence], float] = {
    simple_statement: 56,
    simple_question: 20,
    permission: 0.6,
    weather: 2.5,
    there_is: 3,
    missing: 2,
    chain: 2.5,
    meeting: 3,
    because: 3,
    when_or_if: 3,
    that: 2.5,
    who_relative: 1.5,
    that_relative: 2,
}


# Words that come once in a sentence, singular and plural taken as one.
_ONCE = {name.text.lower(): name.text for name in lexicon.NAMES} | {number: number for number in lexicon.NUMBERS}
for _noun in (*lexicon.THINGS, *lexicon.PEOPLE, *lexicon.KIN, *lexicon.SPOTS, *lexicon.BUILDINGS):
    _ONCE |= {form: _noun.french for form in (_noun.french, _noun.plural) if form}


def repeats(text: str) -> bool:
    """Whether a name, a number or a noun comes twice: "Lina sait que Lina…", "le sac est dans le sac"."""
    found = [_ONCE[word] for word in re.findall(r"\w+", text.lower()) if word in _ONCE]
    return len(found) != len(set(found))


def sentence(chooser: Chooser) -> Sentence:
    """One sentence of the grammar with its translation; what comes depends on the chooser alone."""
    while True:
        kind = chooser.pick(KINDS, "kind", list(KINDS.values()))
        made = kind(chooser)
        if not repeats(made.french):
            return made._replace(tags=made.tags | {f"kind:{kind.__name__}"})
