"""The parts of the French→English grammar: nouns with their company, places, forms of verbs, vowels."""

import pytest

from utils.datasets.generators.french_english import lexicon
from utils.datasets.generators.french_english.phrases import definite, demonstrative, describe, indefinite, possessive
from utils.datasets.generators.french_english.predicates import from_place, to_place
from utils.datasets.generators.french_english.spelling import spell_english, spell_french, starts_with_vowel
from utils.datasets.generators.french_english.verbs import (
    conjugate,
    participle,
    past_participle,
    simple_past,
    third_person,
)


def noun(word, kind="THINGS"):
    return next(noun for noun in getattr(lexicon, kind) if noun.french == word)


def adjectives(text):
    return [lexicon.ADJECTIVES[word] for word in text.split()]


@pytest.mark.parametrize(
    ("pair", "french", "english"),
    [
        (describe(noun("maison"), "s", adjectives("petit blanc")), "petite maison blanche", "small white house"),
        (describe(noun("garçon", "PEOPLE"), "p", adjectives("petit")), "petits garçons", "little boys"),
        (definite(noun("homme", "PEOPLE"), "s", adjectives("vieux")), "le vieil homme", "the old man"),
        (definite(noun("homme", "PEOPLE")), "l'homme", "the man"),
        (indefinite(noun("fleur"), "p", adjectives("beau")), "de belles fleurs", "beautiful flowers"),
        (indefinite(noun("fleur"), "p", adjectives("rouge")), "des fleurs rouges", "red flowers"),
        (indefinite(noun("eau"), "s"), "de l'eau", "water"),
        (indefinite(noun("pain"), "s", quantity="some"), "du pain", "some bread"),
        (indefinite(noun("pomme"), "p", negative=True, quantity="any"), "de pommes", "any apples"),
        (indefinite(noun("orange"), "s"), "une orange", "an orange"),
        (demonstrative(noun("oiseau"), "s"), "cet oiseau", "this bird"),
        (demonstrative(noun("oiseau"), "s", adjectives("joli")), "ce joli oiseau", "this pretty bird"),
        (possessive(noun("écharpe"), "s", "3sf"), "son écharpe", "her scarf"),
        (possessive(noun("écharpe"), "s", "3sm", adjectives("vieux")), "sa vieille écharpe", "his old scarf"),
    ],
)
def test_a_noun_with_its_company(pair, french, english):
    assert spell_french(pair[0]).lower() == french and spell_english(pair[1]).lower() == english


@pytest.mark.parametrize(
    ("place", "to", "source"),
    [
        ("Afrique", "En Afrique", "D'Afrique"),
        ("France", "En France", "De France"),
        ("Japon", "Au Japon", "Du Japon"),
        ("Ouganda", "En Ouganda", "D'Ouganda"),
        ("États-Unis", "Aux États-Unis", "Des États-Unis"),
        ("Athènes", "À Athènes", "D'Athènes"),
    ],
)
def test_to_and_from_a_place(place, to, source):
    where = next(each for each in lexicon.PLACES if each.french == place)
    assert spell_french(to_place(where)) == to and spell_french(from_place(where)) == source


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (conjugate("manger")[3], "mangeons"),
        (conjugate("chanter"), ("chante", "chantes", "chante", "chantons", "chantez", "chantent")),
        (participle("aller", "fp"), "allées"),
        (participle("prendre", "mp"), "pris"),
        (participle("prendre", "fp"), "prises"),
        (third_person("go"), "goes"),
        (third_person("watch"), "watches"),
        (third_person("play"), "plays"),
        (third_person("look for"), "looks for"),
        (simple_past("come back"), "came back"),
        (simple_past("travel"), "travelled"),
        (past_participle("know"), "known"),
    ],
)
def test_a_form_of_a_verb(form, expected):
    assert form == expected


@pytest.mark.parametrize("word", ["Afrique", "hôtel", "œuf", "États-Unis", "y", "enfant"])
def test_vowels(word):
    assert starts_with_vowel(word) and not starts_with_vowel("huit") and not starts_with_vowel("Japon")
