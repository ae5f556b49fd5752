"""Settling a clause: a verb in one of its senses, and a subject, a tense and a time that suit it."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from utils.datasets.generators.choices import Chooser
from utils.datasets.generators.french_english import lexicon, phrases
from utils.datasets.generators.french_english.clauses import statement
from utils.datasets.generators.french_english.phrases import Phrase, Words
from utils.datasets.generators.french_english.plans import Plan, Predicate, When
from utils.datasets.generators.french_english.predicates import FRAMES
from utils.datasets.generators.french_english.spelling import spell_english, spell_french
from utils.datasets.generators.french_english.times import choose_time
from utils.datasets.generators.french_english.verbs import VERBS, Verb

TENSE_WEIGHTS = {"present": 10, "past": 6, "future": 4, "want": 2, "can": 1.5, "must": 1.5, "since": 4}
Clause = tuple[Words, Words, frozenset[str]]  # French, English, tags


class Sentence(NamedTuple):
    """A French sentence, its English translation, and the tags of what it is made of ("place:Japon")."""

    french: str
    english: str
    tags: frozenset[str]


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


def _choose_polarity(chooser: Chooser, plan: Plan) -> str:
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
        return choose_time(chooser, "", "since")
    if plan.asks == "quand" or not plan.verb.scale or not chooser.chance(probability):
        return When()
    if plan.polarity in ("jamais", "plus") and plan.verb.scale != "L":
        return When()
    scale = plan.verb.scale.replace("d", "") if plan.tense == "present" else plan.verb.scale
    when = choose_time(chooser, scale, plan.tense) if scale else When()
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


def _choose_adverb(chooser: Chooser, plan: Plan) -> str:
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
    plan = replace(plan, polarity=_choose_polarity(chooser, plan))
    plan = replace(plan, when=choose_when(chooser, plan))
    return replace(plan, adverb=_choose_adverb(chooser, plan))


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


def spelt(french: Words, english: Words, tags: frozenset[str], asked: bool = False) -> Sentence:
    """A sentence from the words of both languages; `asked` where it is a question."""
    return Sentence(spell_french(french, asked), spell_english(english, asked), tags)


def clause(chooser: Chooser, plan: Plan) -> Clause:
    """The statement that a plan leads to."""
    predicate = fill(chooser, plan)
    return *statement(plan, predicate), tags_of(plan, predicate)
