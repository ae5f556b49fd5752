"""The French→English pairs: one English for each French, both of them right, and nothing held out in train."""

import gzip
import itertools
import os
import re
import subprocess
import sys
import zlib
from collections import Counter
from pathlib import Path

import pytest

from utils.datasets.generators.choices import Chooser
from utils.datasets.generators.french_english import lexicon as lexicon
from utils.datasets.generators.french_english import pairs as data
from utils.datasets.generators.french_english.grammar import repeats, sentence
from utils.datasets.generators.french_english.phrases import definite, demonstrative, describe, indefinite, possessive
from utils.datasets.generators.french_english.predicates import from_place, to_place
from utils.datasets.generators.french_english.spelling import spell_english, spell_french, starts_with_vowel
from utils.datasets.generators.french_english.verbs import (
    VERBS,
    conjugate,
    participle,
    past_participle,
    simple_past,
    third_person,
)

ROOT = Path(__file__).resolve().parents[3]
SPLITS = {split: data.load(split) for split in data.SPLITS}
EVERY = list(itertools.chain.from_iterable(SPLITS.values()))
TRANSLATION = dict(EVERY)
FRENCH, ENGLISH = ([pair[side] for pair in EVERY] for side in (0, 1))
TRAIN = [french for french, _ in SPLITS["train"]]
TRAIN_TEXT = "\n".join(TRAIN)
KNOWN = Counter(re.findall(r"\w+", TRAIN_TEXT))
TAGGED = data.generate("tagged", 4000)
VOWEL = "[aeiouyàâæéèêëîïôœùûhAEIOUYÀÂÆÉÈÊËÎÏÔŒÙÛH]"  # every h of the grammar but that of "huit" is mute
WOMEN, MEN = "Jane Marie Alice Emma Lina".split(), "Paul Omar Karim Victor Antoine Martin".split()
NAMES = "|".join(WOMEN + MEN)


def matches(pattern, texts):
    """The texts in which a pattern is found; the tests show the first few."""
    found = re.compile(pattern)
    return [text for text in texts if found.search(text)][:5]


def found(pattern, texts):
    """Every match of a pattern."""
    compiled = re.compile(pattern)
    return [match for text in texts for match in compiled.finditer(text)]


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


# One English for each French -----------------------------------------------------------------------


class FewWords(Chooser):
    """Chooses among two words of each kind, so that the same French comes up again and again."""

    FREE = frozenset(
        "kind tense asks style polarity determiner subject plural scale agreement object link form".split()
    )

    def pick(self, options, kind="", weights=None):
        options = list(options)
        if kind and kind not in self.FREE and len(options) > 2:
            names = [f"{self.seed}{getattr(option, 'french', option)}".encode() for option in options]
            by_seed = sorted(range(len(options)), key=lambda i: zlib.crc32(names[i]))
            options, weights = [options[i] for i in by_seed[:2]], None
        return super().pick(options, kind, weights)


@pytest.mark.parametrize("seed", range(6))
def test_one_french_sentence_has_one_english(seed):
    chooser = FewWords(seed)
    chooser.seed = seed
    known, again = {}, 0
    for _ in range(1000):
        made = sentence(chooser)
        again += made.french in known
        assert known.setdefault(made.french, made.english) == made.english, made.french
    assert again > 50


def test_words_that_look_alike_are_told_apart_by_what_stands_beside_them():
    """One French form, two English ones: noun or verb, girl or daughter, small or little, talk or speak."""
    for french, readings in {
        r"porte(s|nt)?\b": {"door": r"doors?\b", "wear": r"wears?\b"},
        r"montre(s|nt)?\b": {"watch": r"watch(es)?\b", "show": r"shows?\b"},
        r"filles?\b": {"girl": r"girls?\b", "daughter": r"daughters?\b"},
        r"\blits?\b": {"bed": r"\bbed\b", "read": r"\breads?\b"},
        r"\bpetite?s?\b": {"small": r"\bsmall\b", "little": r"\blittle\b", "shorter": r"\bshorter\b"},
        r"\bparle": {"talk": r"\btalks? to\b", "speak": r"\bspeaks?\b"},
        r"\bregarde": {"watch": r"\bwatch", "look at": r"\blooks? at\b"},
    }.items():
        translations = [made for text, made in SPLITS["train"] if re.search(french, text)]
        for reading, pattern in readings.items():
            assert sum(bool(re.search(pattern, text)) for text in translations) >= 20, (french, reading)


@pytest.mark.parametrize("nouns", ["THINGS", "PEOPLE", "KIN", "VEHICLES", "BUILDINGS", "SPOTS"])
def test_a_form_belongs_to_one_noun_of_its_kind(nouns):
    forms = [form for noun in getattr(lexicon, nouns) for form in {noun.french, noun.plural} - {""}]
    assert len(forms) == len(set(forms))


def test_the_same_seed_gives_the_same_sentences_in_any_process():
    here = data.generate("a seed", 300)
    assert here == data.generate("a seed", 300) != data.generate("another", 300)
    command = (
        "import zlib; from utils.datasets.generators.french_english.pairs import generate;"
        "print(zlib.crc32(repr([(m.french, m.english, sorted(m.tags)) for m in generate('a seed', 300)]).encode()))"
    )
    expected = zlib.crc32(repr([(m.french, m.english, sorted(m.tags)) for m in here]).encode())
    for seed in ("1", "2"):  # the order of a set must not show
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        run = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, env=environment, cwd=ROOT)
        assert run.stdout.strip() == str(expected), run.stderr


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


# French --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "pattern"),
    [
        ("elision", rf"(?i)\b(je|me|te|se|le|la|ne|de|que|ce)\b (?!huit|onze){VOWEL}"),
        ("no elision before a consonant or huit", rf"(?i)\b(j|m|t|s|l|n|d|qu)'(huit|onze|(?!{VOWEL}))"),
        ("contraction", r"(?i)\b(à|de) (le|les)\b"),
        ("s'il, not si il", r"(?i)\bsi ils?\b|\bs'elle"),
        ("mon amie, not ma amie", rf"(?i)\b([mts]a) {VOWEL}"),
        ("ma sœur, not mon sœur", r"(?i)\b[mts]on (sœur|mère|tante|fille|clé|montre|robe|chemise|voiture)\b"),
        ("cet homme, cette femme, ce garçon", rf"(?i)\bce {VOWEL}|\bcet (?!{VOWEL})|\bcet \w+e (femme|fille)"),
        ("un vieil homme", rf"(?i)\b(un|le|ce|[mts]on|notre|votre|leur|du|au) (beau|nouveau|vieux) {VOWEL}"),
        ("un vieux livre, not vieil", rf"(?i)\b(bel|nouvel|vieil) (?!{VOWEL})"),
        ("va-t-elle, not va-elle", r"[ae]-(il|elle)\b|[^aAe]-t-|-t-(ils|elles|tu|vous|nous)"),
        ("ne before pas", r"^(?!.*\b([Nn]e |[Nn]')).*\b(pas|jamais|rien)\b"),
        ("one space before a question mark, none before a comma", r"[^ ]\?|  | ,|,[^ ]|\u00a0"),
        ("no full stop, no space at an end", r"[.!]|^ | $"),
        ("a capital at the start", r"^[^A-ZÀÉÊ]"),
        ("pas de, not pas un", r"\b(pas|jamais) (un|une) "),
        ("a country's preposition", r"\b(à|au|aux|le|les|du) (l'|la )?(Fr|It|Esp|In|Ch|Gr|Ég|Norv|Af|As|Eu)\w+"),
        ("a country's preposition", r"\b(en|la|de la) (Jap|Brés|Can|Mar|Port|Sén|États|Pays)|\bau Ouganda"),
        ("à Paris", r"\b(en|au|la|le) (Paris|Londres|Rome|Athènes|Lisbonne|Tokyo|Dakar|Vienne|Bruxelles|Oslo)"),
        ("en septembre, au printemps", r"\b(au|à|dans) (septembre|mai|été|hiver|automne)|en printemps"),
        ("months and days take no capital", r"\b[\w,]+ (Janvier|Mars|Mai|Septembre|Lundi|Mardi|Dimanche)"),
        ("one negation", r"\bpas\b.*\bpas\b.*\bne\b.*\bpas\b|\bpas jamais|\bpas rien|\bpas plus [^gpjf]"),
    ],
)
def test_no_sentence_breaks_a_rule_of_french(rule, pattern):
    assert matches(pattern, FRENCH) == [], rule


PRONOUNS_BEFORE = r"(?:n'|ne )?(?:y )?(?:(?:[ltms]'|(?:me|te|se|le|la|les|leur|lui|nous|vous) )*)"
ENDINGS = {
    "je": r"(e|s|x|ai)",
    "tu": r"(s|x)",
    "il": r"(e|t|d|a)",
    "elle": r"(e|t|d|a)",
    "nous": r"(ons|sommes)",
    "vous": r"(ez|êtes|faites|dites)",
    "ils": r"nt",
    "elles": r"nt",
}


@pytest.mark.parametrize("pronoun", ENDINGS)
def test_the_verb_agrees_with_its_pronoun(pronoun):
    start = rf"(?:^|^Est-ce que |^Est-ce qu'|, |parce que |parce qu'|pense que |pense qu'){pronoun}"
    verbs = found(rf"(?i){start} {PRONOUNS_BEFORE}(\w+)(?!')\b", FRENCH)
    assert len(verbs) >= 400
    wrong = [match[0] for match in verbs if not re.search(rf"{ENDINGS[pronoun]}$", match[1].lower())]
    assert wrong[:5] == []
    for match in found(rf"(\w+)-(?:t-)?{pronoun}\b", FRENCH):
        assert re.search(rf"{ENDINGS[pronoun]}$", match[1].lower()), match.string


ETRE = "allé|arrivé|parti|resté|revenu|levé|couché|promené|reposé"
OF_ETRE = rf"(?:ne |n')?(?:se |s'|s'en )?(?:est|sont)(?: pas)? ({ETRE})(e?s?)\b"


@pytest.mark.parametrize(
    ("subject", "ending"),
    [
        ("Elle", "e"),
        ("Il", ""),
        ("Elles", "es"),
        ("Ils", "s"),
        (f"({'|'.join(WOMEN)})", "e"),
        (f"({'|'.join(MEN)})", ""),
        (f"({'|'.join(WOMEN)}) et ({'|'.join(WOMEN)})", "es"),
        (f"({NAMES}) et ({'|'.join(MEN)})", "s"),
        (f"({'|'.join(MEN)}) et ({NAMES})", "s"),
        ("(La|Cette) (femme|fille|voisine|boulangère)", "e"),
        ("(Le|Ce) (garçon|médecin|voisin|train)", ""),
    ],
)
def test_the_participle_agrees_with_the_subject_of_etre(subject, ending):
    verbs = found(rf"^{subject} {OF_ETRE}", FRENCH)
    assert len(verbs) >= (3 if " et " in subject else 15)
    assert [match[0] for match in verbs if match[match.lastindex] != ending][:5] == []


def test_the_participle_agrees_with_an_object_before_it():
    """La pomme… et l'a mangée; les livres que Jane a lus; quelle robe a-t-elle achetée."""
    had, article = "(?:ai|as|a|avons|avez|ont)", "(une|cette|un|ce|cet|des|ces)"
    chained = found(rf"{had} (?:acheté|trouvé) {article} [^,]* et (?:l'|les ){had} (\w+)$", FRENCH)
    assert len(chained) > 100
    for match in chained:
        form = {"une": "[étu]e", "cette": "[étu]e", "des": "s", "ces": "s"}.get(match[1], "[étu]")
        assert re.search(rf"{form}$", match[2]), match.string
    which = {"Quelle": "[étu]e", "Quelles": "[étu]es", "Quels": "[étu]s", "Quel": "[étu]"}
    asked = found(rf"^({'|'.join(which)}) .*\b{had}(?:-\w+)* (\w+(?:é|u|ert|rit)e?s?)\b", FRENCH)
    assert len(asked) > 50
    for match in asked:
        assert re.search(rf"({which[match[1]]})$", match[2]), match.string


def test_the_english_of_a_pronoun_is_told_by_the_participle():
    """L'a invité: him; l'a invitée: her; les a invités: them."""
    for form, english in {"é": "him", "ée": "her"}.items():
        told = found(rf"\bl'(ai|as|a|avons|avez|ont) (invit|rencontr|aid|remerci){form}\b", FRENCH)
        assert len(told) >= 10
        for match in told:
            assert re.search(rf"\b{english}\b", TRANSLATION[match.string]), match.string


def test_adjectives_agree_with_what_they_are_said_of():
    for made in TAGGED:
        for tag in made.tags:
            if tag.startswith("agrees:"):
                form, agreement = tag.removeprefix("agrees:").split(":")
                assert re.search(rf"\b{form}\b", made.french), made.french
                gender, number = agreement
                assert number == "s" or form[-1] in "sx", made.french
                assert gender == "m" or re.search(r"e(s|)$", form), made.french


# English -------------------------------------------------------------------------------------------

BASES = {verb.english.split()[0] for verb in VERBS} | set(
    "take have prepare cook do wash play speak learn like hate listen look rain snow miss think say know".split()
)
SAME_IN_THE_PAST = {"read"}
THIRD = {third_person(base) for base in BASES} - {"is"}
PAST = {simple_past(base) for base in BASES} | {"were", "was"}
ADVERBS = r"(?:often |sometimes |rarely |never |no longer )?"


@pytest.mark.parametrize(
    ("rule", "pattern"),
    [
        ("an before a vowel", r"(?i)\ba [aeiou]|\ban [^aeiou]"),
        ("a capital at the start, no space at an end", r"^[^A-Z]|^ | $"),
        ("no full stop, and no space before a sign", r"[.!]| [?,]|  "),
        ("months and days take a capital", r"\b(january|april|september|monday|tuesday|sunday|may \d)\b"),
        ("languages and countries take a capital", r"\b(french|italian|japanese|english|africa|japan)\b"),
        ("I takes a capital", r"\bi\b"),
        ("British spelling", r"\b(gray|neighbor\w*|traveled|color|favorite|theater|center)\b"),
        ("no short forms", r"n't\b|'m\b|'re\b|'ve\b|'ll\b"),
        ("he and she are subjects, him and her are not", r"^(Him|Her|Them|Me|Us) |\b(to|and) (he|she|they|we|I)\b$"),
        ("not only after an auxiliary", r"\b(?!do|does|did|is|are|am|was|were|has|have|can|must|why)\w+ not\b(?!.*\?)"),
        ("no plural of a mass", r"\b(breads|cheeses|meats|rices|waters|milks|chocolates|musics)\b"),
        ("irregular plurals", r"\b(mans|womans|childs|tomatos|scarfs|storys|strawberrys|watchs|buss)\b"),
    ],
)
def test_no_sentence_breaks_a_rule_of_english(rule, pattern):
    assert matches(pattern, [text.replace("cannot", "can not") for text in ENGLISH]) == [], rule


def test_he_visits_and_they_visit():
    third = found(rf"(?:^|that |because |, )(?:He|She|he|she|{NAMES}) {ADVERBS}(\w+)", ENGLISH)
    assert len(third) > 3000
    finite = THIRD | PAST | set("is was has does did can cannot must and wants".split())
    assert {match[1] for match in third} <= finite
    other = found(rf"(?:^|that |because |, )(?:I|You|We|They|i|you|we|they) {ADVERBS}(\w+)", ENGLISH)
    assert len(other) > 3000
    assert {match[1] for match in other} <= BASES | PAST | set("am are were have do did can cannot must want".split())
    couples = found(rf"^(?:{NAMES}) and (?:{NAMES}) {ADVERBS}(\w+)", ENGLISH)
    assert {match[1] for match in couples} <= BASES | PAST | set("are were have do did can cannot must want".split())


def test_do_is_followed_by_the_bare_verb():
    after = found(r"\b(?:do|does|did|cannot|must) not (?:often )?(\w+)", ENGLISH)
    assert len(after) > 2000 and {match[1] for match in after} <= BASES | {"want"}
    after = found(r"\b(?:going|want|wants) to (\w+)", ENGLISH)
    assert len(after) > 5000 and {match[1] for match in after} <= BASES | {"be"}


def test_tenses_correspond():
    """What the French verb says of the time, the English says too."""
    for made in TAGGED:
        if "kind:simple_statement" in made.tags and "tense:past" in made.tags:
            assert re.search(r"\bdid\b|\bwas\b|\bwere\b", made.english) or {*made.english.split()} & PAST, made
        if "kind:simple_statement" in made.tags and "tense:future" in made.tags:
            assert re.search(r"\b(am|is|are) (not )?going to\b", made.english), made
        if "not:jamais" in made.tags:
            assert "never" in made.english, made
        if "not:pas" in made.tags:
            assert re.search(r"\bnot\b|\bcannot\b|\bno\b", made.english), made


def test_his_and_her_follow_the_subject():
    pairs = {french: english for french, english in EVERY if not re.search(r"\b(et|qui|que|qu')\b", french)}
    for names, whose in ((WOMEN, "her"), (MEN, "his")):
        mine = [text for text in pairs if re.search(rf"^({'|'.join(names)}) .*\b(son|sa|ses)\b", text)]
        assert len(mine) > 100
        for text in mine:
            assert re.search(rf"\b{whose}\b", pairs[text]), text
    theirs = [text for text in pairs if re.search(r"\bleurs?\b (clés?|sacs?|vélos?|livres?|chats?)\b", text)]
    assert theirs and all(re.search(r"\btheir\b", pairs[text]) for text in theirs)


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


# The parts -----------------------------------------------------------------------------------------


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


def test_a_noun_does_not_come_twice():
    assert (
        repeats("Le sac est dans le sac") and repeats("Lina sait que Lina danse") and repeats("Deux chats, deux chiens")
    )
    assert not repeats("Le livre est dans le sac")
