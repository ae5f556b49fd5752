"""A clause in both languages at once: tenses, negation, the places of pronouns, questions."""

from utils.datasets.generators.french_english.phrases import Phrase, Words
from utils.datasets.generators.french_english.plans import Plan, Predicate
from utils.datasets.generators.french_english.verbs import (
    ETRE_VERBS,
    MODALS,
    PERSONS,
    conjugate,
    imperfect,
    participle,
    past_participle,
    simple_past,
    third_person,
)

REFLEXIVES = dict(zip(PERSONS, ("me", "te", "se", "nous", "vous", "se"), strict=True))
NEGATIVE_WORDS = {"pas": ("pas",), "jamais": ("jamais",), "plus": ("plus",), "rien": ("rien",), "personne": ()}
ENGLISH_NEGATION = {"pas": ("not",), "rien": ("not",), "jamais": ("never",), "plus": ("no", "longer")}
ENGLISH_ADVERBS = {"souvent": ("often",), "parfois": ("sometimes",), "rarement": ("rarely",)}
IMPERFECT_FRAMES = frozenset({"state", "feeling", "age", "compare", "located", "weather"})


# French --------------------------------------------------------------------------------------------


def _form(forms: tuple[str, ...], person: str) -> str:
    return forms[PERSONS.index(person)]


def french_verb(plan: Plan, predicate: Predicate) -> tuple[Words, str, Words]:
    """The verb of a clause in three parts: pronouns before it, what is conjugated, what comes later.

    Args:
        plan: whose subject, verb and tense decide.
        predicate: whose pronouns and preceding object count.

    Returns:
        For "ne les a pas vus": ("les",), "a", ("vus",). For "va les voir": (), "va", ("les", "voir").
    """
    person, verb = plan.subject.person, plan.verb
    clitics = (*((REFLEXIVES[person],) if verb.reflexive else ()), *predicate.clitic)
    if plan.tense == "past" and verb.frame in IMPERFECT_FRAMES:
        return clitics, _form(imperfect(verb.french), person), ()
    if plan.tense == "past":
        with_etre = verb.french in ETRE_VERBS or verb.reflexive
        auxiliary = _form(conjugate("être" if with_etre else "avoir"), person)
        direct = verb.frame not in ("give", "to_person", "miss")  # only a direct object makes the participle agree
        agreement = plan.subject.agreement if with_etre else predicate.agreement if direct else "ms"
        return clitics, auxiliary, (participle(verb.french, agreement),)
    if plan.tense == "future" or plan.tense in MODALS:
        helper = conjugate("aller" if plan.tense == "future" else MODALS[plan.tense])
        return (), _form(helper, person), (*clitics, verb.french)
    return clitics, _form(conjugate(verb.french), person), ()


def french_group(plan: Plan, predicate: Predicate, inverted: bool = False) -> Words:
    """Everything after the subject but the time: "ne mange pas de viande", or "mange-t-elle" where inverted."""
    clitics, finite, later = french_verb(plan, predicate)
    before = ("ne",) if plan.polarity else ()
    if inverted:
        finite = invert(finite, plan.subject.pronoun)
    negation = NEGATIVE_WORDS.get(plan.polarity, ())
    adverb = (plan.adverb,) if plan.adverb else ()
    return (*before, *clitics, finite, *negation, *adverb, *later, *predicate.french)


def invert(finite: str, pronoun: str) -> str:
    """The verb with its pronoun after it: "vas-tu", "parlent-ils", "va-t-elle"."""
    between = "-t-" if pronoun in ("il", "elle") and finite[-1] in "ae" else "-"
    return f"{finite}{between}{pronoun}"


# English -------------------------------------------------------------------------------------------


def be(person: str, tense: str) -> str:
    """The form of be: am, is, are, was, were."""
    if tense == "past":
        return "was" if person in ("1s", "3s") else "were"
    return {"1s": "am", "3s": "is"}.get(person, "are")


def english_verb(plan: Plan, base: str, person: str, asked: bool) -> tuple[Words, Words]:
    """The verb of a clause in two parts, between which negation and adverbs stand.

    Args:
        plan: whose tense and polarity decide.
        base: the base form, with its particle.
        person: what the verb agrees with.
        asked: whether the subject comes after the first part.

    Returns:
        ("does",), ("look", "for") where an auxiliary is needed, else (), ("looks", "for").
    """
    tense, third = plan.tense, person == "3s"
    if tense == "future":
        return (be(person, "present"),), ("going", "to", *base.split())
    if tense == "since":
        return ("has" if third else "have",), tuple(past_participle(base).split())
    if tense in ("can", "must"):
        return (tense,), tuple(base.split())
    if base == "be":
        return (be(person, tense),), ()
    if tense == "want":
        base = f"want to {base}"
    if asked or plan.polarity in ("pas", "rien"):
        return ("did" if tense == "past" else "does" if third else "do",), tuple(base.split())
    form = simple_past(base) if tense == "past" else third_person(base) if third else base
    return (), tuple(form.split())


def english_group(plan: Plan, predicate: Predicate, subject: Phrase | None = None, asked: bool = False) -> Words:
    """The subject and everything after it but the time; with the auxiliary first where it is asked."""
    subject = subject or plan.subject
    auxiliary, main = english_verb(plan, predicate.english_verb, subject.english_agrees_as, asked)
    negation = ENGLISH_NEGATION.get(plan.polarity, ())
    adverb = ENGLISH_ADVERBS.get(plan.adverb, ())
    rest = (*negation, *adverb, *main, *predicate.english)
    if asked:
        return (*auxiliary, *subject.english, *rest)
    if auxiliary == ("can",) and negation == ("not",):
        auxiliary, rest = ("cannot",), rest[1:]
    return (*subject.english, *auxiliary, *rest)


# Statements and questions --------------------------------------------------------------------------

QUESTION_WORDS = {
    "oui": ((), ()),
    "où": (("où",), ("where",)),
    "quand": (("quand",), ("when",)),
    "pourquoi": (("pourquoi",), ("why",)),
    "que": (("que",), ("what",)),
    "qui-objet": (("qui",), ("who",)),
}


def statement(plan: Plan, predicate: Predicate, fronted: bool = False) -> tuple[Words, Words]:
    """A clause that states something, its time last, or first where `fronted`."""
    french = (*plan.subject.french, *french_group(plan, predicate))
    english = english_group(plan, predicate)
    if fronted:
        return (*plan.when.french, ",", *french), (*plan.when.english, ",", *english)
    return (*french, *plan.when.french), (*english, *plan.when.english)


def question(plan: Plan, predicate: Predicate, style: str) -> tuple[Words, Words]:
    """A clause that asks something.

    Args:
        plan: what is asked, and of whom.
        predicate: what is said, less what is asked.
        style: "est-ce" (Où est-ce que Jane va ?), "inverted" (Où va-t-elle ? Où Jane va-t-elle ?) or "swapped" (Où
            va Jane ?).

    Returns:
        The words in French and in English.
    """
    if plan.asks == "qui":
        return statement(plan, predicate)
    word, english_word = QUESTION_WORDS.get(plan.asks, predicate.asked)
    group = french_group(plan, predicate, inverted=style == "inverted")
    subject = plan.subject.french
    if style == "est-ce":
        french = (*word, "est-ce", "que", *subject, *group)
    elif style == "swapped":
        french = (*word, *group, *subject)
    else:
        french = (*word, *(() if plan.subject.kind == "pronoun" else subject), *group)
    english = (*english_word, *english_group(plan, predicate, asked=True))
    return (*french, *plan.when.french), (*english, *plan.when.english)
