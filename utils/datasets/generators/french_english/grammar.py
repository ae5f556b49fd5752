"""The French→English grammar: one sentence after the other, drawn by a seeded chooser, with its translation.

Every French sentence has one English translation here. What French leaves open is settled by rule: the present is
English's simple present, the passé composé its simple past, "aller" with an infinitive is "going to", son and sa
belong to the subject, and a verb's le and la are always a person or always a thing.
"""

import re
from collections.abc import Callable

from utils.datasets.generators.choices import Chooser
from utils.datasets.generators.french_english import lexicon
from utils.datasets.generators.french_english.one_clause import (
    missing,
    permission,
    simple_question,
    simple_statement,
    there_is,
    weather,
)
from utils.datasets.generators.french_english.settling import Sentence
from utils.datasets.generators.french_english.two_clauses import (
    because,
    chain,
    meeting,
    that,
    that_relative,
    when_or_if,
    who_relative,
)

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
