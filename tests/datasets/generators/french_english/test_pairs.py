"""The French→English pairs: what the seed gives is shipped, nothing held out is in train, and enough of everything."""

import gzip
import itertools
import re
from collections import Counter

import pytest

from tests.datasets.generators.french_english.shipped import (
    ENGLISH,
    ETRE,
    EVERY,
    FRENCH,
    KNOWN,
    NAMES,
    ROOT,
    SPLITS,
    TRAIN,
    TRAIN_TEXT,
    TRANSLATION,
    matches,
)
from utils.datasets.generators.french_english import lexicon
from utils.datasets.generators.french_english import pairs as data
from utils.datasets.generators.french_english.verbs import conjugate, participle

# The files -----------------------------------------------------------------------------------------


def test_the_files_are_what_the_seed_gives_and_hold_out_what_they_say():
    drawn = data.draw_splits()
    for split in data.SPLITS:
        shipped = (data.FOLDER / f"{split}.tsv.gz").read_bytes()
        assert gzip.decompress(shipped) == gzip.decompress(data.pack(data.rows(drawn[split]))), split
        assert shipped[4:8] == b"\0" * 4  # no time stamp: written again, the file stays the same
        for made in drawn[split]:
            assert (data.held_out_by(made.tags) is None) == (split != "test_compositional"), made.french


def test_there_is_enough_of_it_and_not_too_much():
    assert len(SPLITS["train"]) >= 20_000
    assert len(SPLITS["test_random"]) >= 1_000 and len(SPLITS["test_compositional"]) >= 1_000
    assert sum(path.stat().st_size for path in data.FOLDER.iterdir()) < 3e6


def test_every_pair_is_there_once_and_in_one_split():
    assert len(TRANSLATION) == len(EVERY)


def test_the_running_sentences_are_there():
    assert TRANSLATION["Jane visite l'Afrique en septembre"] == "Jane visits Africa in September"
    assert TRANSLATION["Le train a quitté la gare à l'heure"] == "The train left the station on time"
    assert ("Jane visite l'Afrique en septembre", "Jane visits Africa in September") in data.load("test_compositional")


def test_an_unknown_split_is_told():
    with pytest.raises(ValueError, match=r"train, test_random, test_compositional. Received: split='dev'"):
        data.load("dev")


def test_each_compositional_pair_says_what_is_held_out():
    kinds = Counter(data.load_combinations())
    assert sum(kinds.values()) == len(data.load("test_compositional"))
    assert set(kinds) == {combination.kind for combination in data.HELD_OUT} and min(kinds.values()) >= 150


def test_the_data_are_described():
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    for split in data.SPLITS:
        assert f"french_english/{split}.tsv.gz" in text


# The splits ----------------------------------------------------------------------------------------


def test_jane_africa_and_september_are_together_in_the_compositional_test_alone():
    def of(split):
        return [french for french, _ in SPLITS[split] if all(w in french for w in ("Jane", "Afrique", "septembre"))]

    assert of("train") == of("test_random") == []
    assert len(of("test_compositional")) >= 200
    for pair in itertools.combinations(("Jane", "Afrique", "septembre"), 2):
        assert sum(all(word in french for word in pair) for french in TRAIN) >= 15, pair


def forms_of_noun(word):
    return {form for noun in lexicon.THINGS if noun.french == word for form in (noun.plural, noun.french)}


def in_train(pattern):
    """How often a pattern is found in train, which is searched as one text: `.` and `^` keep to a line."""
    return sum(1 for _ in re.finditer(pattern, TRAIN_TEXT, re.MULTILINE))


def one_of(forms):
    return rf"\b({'|'.join(sorted(forms, key=len, reverse=True))})\b"


@pytest.mark.parametrize("combination", data.HELD_OUT[1:], ids=lambda c: " ".join(sorted(c.tags)))
def test_a_combination_is_absent_from_train_and_its_parts_are_there(combination):
    if len(combination.tags) == 1:
        first, second = min(combination.tags).split(":")[1].split("+")
    else:
        first, second = (tag.split(":")[1] for tag in sorted(combination.tags))
    ones, others = (
        {first},
        {second, *conjugate(second), *(participle(second, form) for form in ("ms", "fs", "mp", "fp"))},
    )
    if combination.kind == "adjective+noun":
        ones, others = set(lexicon.ADJECTIVES[first].forms.values()), forms_of_noun(second)
        together = "{one} {other}|{other} {one}|{other} (est|sont|étai\\w+) {one}"
    elif combination.kind == "number+noun":
        ones, others = {first, first.capitalize()}, forms_of_noun(second)
        together = "{one}( \\w+)? {other}"
    elif combination.kind == "tense+verb":
        helper = {"future": "aller", "want": "vouloir", "must": "devoir", "can": "pouvoir"}[first]
        ones, others = set(conjugate(helper)), {second}
        together = "{one}(-t?-?\\w+)?( pas| rien)?( \\w+| m'| l')? ?{other}"
    elif combination.kind == "verb + place":
        together = "{other}(?!.*\\w(er|ir|aire) ).*{one}"  # not "va arriver au Canada" for aller
    else:
        together = "^{one}(?: et \\w+)?(?:-| |se |ne |n'|l'|les |a |vous |nous |leur |m'|t')*{other}"
    with_one = [text for text in TRAIN if any(form in text for form in ones)]
    assert matches(together.format(one=one_of(ones), other=one_of(others)), with_one) == []
    assert sum(KNOWN[form.split("-")[0]] for form in ones) >= 50 and sum(KNOWN[form] for form in others) >= 50


def test_every_word_of_the_tests_is_known_from_train():
    for side in (0, 1):
        counts = Counter(word for pair in SPLITS["train"] for word in data.words(pair[side]))
        for split in ("test_random", "test_compositional"):
            for pair in SPLITS[split]:
                assert min(counts[word] for word in data.words(pair[side])) >= data.AT_LEAST >= 10, pair


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jane va-t-elle en Afrique ?", ["Jane", "va", "-", "t", "-", "elle", "en", "Afrique", "?"]),
        ("S'il l'a invitée, elle y va", ["S'", "il", "l'", "a", "invitée", ",", "elle", "y", "va"]),
        ("Jane's students' cars at two o'clock", "Jane 's students ' cars at two o' clock".split()),
    ],
)
def test_words_are_split_at_apostrophes_and_hyphens(text, expected):
    assert data.words(text) == expected


# What it covers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "pattern", "at_least"),
    [
        ("elision", r"\b[ljmtsndLJMTSND]'|\b[Qq]u'", 8000),
        ("au, aux, du, des", r"\b(au|aux|du|des)\b", 5000),
        ("en and au before countries", r"\b(en|au|aux) [A-ZÉ]\w+", 2000),
        ("en septembre", r"\ben (janv|févr|mars|avr|mai|juin|juil|août|sept|oct|nov|déc|été|au)", 1000),
        ("le lundi", r"(?i)\ble (lun|mar|mercre|jeu|vendre|same|diman)di?\w*", 500),
        ("lundi", r"(?i)(?<!le )\b(lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\b", 1000),
        ("an adjective before its noun", r"\b(petit|grand|beau|bel|joli|bon|vieux|vieil|nouve|jeune)\w* \w+", 3000),
        ("an adjective after its noun", r"\w+ (blanc|noir|rouge|vert|bleu|jaune|gris|ital|japon|angl)\w*", 1200),
        ("un vieil homme", r"\b(vieil|nouvel|bel) \w+", 60),
        ("a pronoun before the verb", r"\b(me|te|leur|m'|t'|l'|les|nous|vous) ?(ai|as|a|avons|avez|ont|\w+t)\b", 1500),
        ("lui", r"\blui\b", 400),
        ("leur, a pronoun", r"\bleur (ai|as|a|avons|avez|ont|parl|donn|montr|prêt|envo|racont|manqu|répon)", 200),
        ("pas", r"\bpas\b", 4000),
        ("jamais", r"\bjamais\b", 300),
        ("rien", r"\brien\b", 100),
        ("personne, tout le monde", r"(?i)\bpersonne n|\btout le monde\b", 300),
        ("passé composé with avoir", r"\b(ai|as|a|avons|avez|ont) (pas |rien )?\w+(é|u|is|it|ert)e?s?\b", 5000),
        ("passé composé with être", rf"\b(suis|es|est|sommes|êtes|sont) (pas )?({ETRE})", 1200),
        ("futur proche", r"\b(vais|vas|va|allons|allez|vont)\b.* \w+(er|ir|re)\b", 4000),
        ("venir, vouloir, pouvoir, devoir", r"\b(veu|voul|peu|pouv|doi|dev)\w+", 3000),
        ("où", r"(?i)\boù\b", 300),
        ("quand, asking", r"^Quand .*\?$", 500),
        ("qui, asking", r"^Qui ", 800),
        ("que and qu'est-ce que", r"^Qu(e |')", 200),
        ("est-ce que", r"(?i)\best-ce qu", 3000),
        ("inversion", r"-(t-)?(il|elle|tu|vous|nous|ils|elles)\b", 2000),
        ("pourquoi", r"^Pourquoi", 700),
        ("quel", r"(?i)\bquel(le)?s?\b", 200),
        ("combien", r"^Combien", 100),
        ("numbers", r"(?i)\b(deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze)\b", 3000),
        ("possessives", r"(?i)\b(mon|ma|mes|ton|ta|tes|son|sa|ses|notre|nos|votre|vos|leurs?) \w+", 4000),
        ("Jane's", rf"\b(de |d')({NAMES})\b", 1500),
        ("il y a … ans, ago", r"\bil y a \w+ (ans|mois|jours|semaines)|Il y a \w+ (ans|mois|jours|semaines)", 300),
        ("il y a, there is", r"^(Il y a|Il n'y a|Y a-t-il|Est-ce qu'il y a)", 500),
        ("depuis", r"\bdepuis\b", 300),
        ("avoir faim", r"\b(faim|soif|sommeil|peur|froid|chaud|raison|tort)\b", 800),
        ("manquer à", r"\bmanqu", 400),
        ("se lever", r"\b(se|s'|me|m'|te|t'|nous|vous) ?(est|sont|suis|es|l[eè]v|couch|prom[eè]n|repos)", 1000),
        ("plus … que", r"\bplus (grand|petit|jeune|fort)", 200),
        ("qui and que, relative", r"\w+ (qui|que|qu') \w+", 500),
        ("parce que", r"\bparce qu", 500),
        ("si and quand, not asking", r"^(S'il|Si|Quand) .*,", 500),
        ("weather", r"\b(pleut|neige|plu|fait (chaud|froid|beau))\b", 300),
    ],
)  # fmt: skip
def test_it_holds_enough_of(what, pattern, at_least):
    assert in_train(pattern) >= at_least, what


def test_translation_is_not_word_for_word():
    """Few pairs have as many words on both sides in the same order; half differ in length."""
    different = sum(len(f.split()) != len(e.split()) for f, e in zip(FRENCH, ENGLISH, strict=True))
    assert different > len(FRENCH) * 0.5
