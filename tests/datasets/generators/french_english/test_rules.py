"""Rules of French and of English that no shipped pair breaks, and what both sides must agree in."""

import re

import pytest

from tests.datasets.generators.french_english.shipped import (
    ENGLISH,
    ETRE,
    EVERY,
    FRENCH,
    MEN,
    NAMES,
    TRANSLATION,
    WOMEN,
    found,
    matches,
)
from utils.datasets.generators.french_english import pairs as data
from utils.datasets.generators.french_english.verbs import VERBS, simple_past, third_person

TAGGED = data.generate("tagged", 4000)
VOWEL = "[aeiouyàâæéèêëîïôœùûhAEIOUYÀÂÆÉÈÊËÎÏÔŒÙÛH]"  # every h of the grammar but that of "huit" is mute


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
