"""The grammar of the French→English pairs: one English for each French, the same in any process, no noun twice."""

import os
import re
import subprocess
import sys
import zlib

import pytest

from tests.datasets.generators.french_english.shipped import ROOT, SPLITS
from utils.datasets.generators.choices import Chooser
from utils.datasets.generators.french_english import lexicon
from utils.datasets.generators.french_english import pairs as data
from utils.datasets.generators.french_english.grammar import repeats, sentence


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


def test_a_noun_does_not_come_twice():
    assert (
        repeats("Le sac est dans le sac") and repeats("Lina sait que Lina danse") and repeats("Deux chats, deux chiens")
    )
    assert not repeats("Le livre est dans le sac")
