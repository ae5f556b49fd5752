"""Sentences of two clauses: what is done next, why, when, what somebody thinks, and relative clauses."""

from dataclasses import replace

from utils.datasets.generators.choices import Chooser
from utils.datasets.generators.french_english import lexicon, phrases, predicates
from utils.datasets.generators.french_english.clauses import english_group, french_group, statement
from utils.datasets.generators.french_english.one_clause import weather_words
from utils.datasets.generators.french_english.phrases import Phrase, Words
from utils.datasets.generators.french_english.plans import Plan, Predicate
from utils.datasets.generators.french_english.settling import (
    Clause,
    Sentence,
    choose_doer,
    choose_tense,
    choose_verb,
    clause,
    fill,
    settle,
    spelt,
    tags_of,
)
from utils.datasets.generators.french_english.verbs import THINK, VERBS, Verb


def _pronoun_for(phrase: Phrase) -> Phrase:
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
    return spelt(*both, tags_of(plan, predicate) | tags_of(then, it) | {"two-verbs"})


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
    return spelt(*both, tags_of(plan, predicate) | tags_of(then, reply) | {"two-verbs", "object-pronoun", "lui"})


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
    return clause(chooser, Plan(subject, plain, tense, polarity))


def because(chooser: Chooser) -> Sentence:
    """Jane reste à Paris parce qu'elle est malade."""
    negative = chooser.chance(0.35)
    reasons = lexicon.REASONS_NOT_TO if negative else lexicon.REASONS
    french = chooser.pick(reasons, "verb")
    tense = chooser.pick(("present", "past"), "tense")
    subject = phrases.choose_subject(chooser, asked=True)
    first = _act(chooser, subject, french, tense, "pas" if negative else "")
    second = _state_clause(chooser, _pronoun_for(subject), tense, chooser.pick(reasons[french], "reason"))
    return _joined(first, (("parce", "que"), ("because",)), second, "parce-que")


def _joined(first: Clause, link: phrases.Pair, second: Clause, tag: str) -> Sentence:
    french = (*first[0], *link[0], *second[0])
    english = (*first[1], *link[1], *second[1])
    return spelt(french, english, first[2] | second[2] | {tag})


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
        act = _act(chooser, _pronoun_for(subject), french, "present")
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
    return _joined(head, (("que",), ("that",)), clause(chooser, said), "que")


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
    return spelt(*clause(chooser, settle(chooser, verb, whole)))


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
    return spelt(*statement(plan, predicate), tags)


def _shared(first: Verb, second: Verb) -> list[lexicon.Noun]:
    """What both can be done to."""
    uses = set(first.uses.split()), set(second.uses.split())
    return [noun for noun in lexicon.THINGS if noun.uses & uses[0] and noun.uses & uses[1] and not noun.mass]
