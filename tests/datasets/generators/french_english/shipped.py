"""The shipped pairs, as the tests of the pairs and of the grammar look at them; and how to look for a pattern."""

import itertools
import re
from collections import Counter
from pathlib import Path

from utils.datasets.generators.french_english import pairs as data

ROOT = Path(__file__).resolve().parents[4]
SPLITS = {split: data.load(split) for split in data.SPLITS}
EVERY = list(itertools.chain.from_iterable(SPLITS.values()))
TRANSLATION = dict(EVERY)
FRENCH, ENGLISH = ([pair[side] for pair in EVERY] for side in (0, 1))
TRAIN = [french for french, _ in SPLITS["train"]]
TRAIN_TEXT = "\n".join(TRAIN)
KNOWN = Counter(re.findall(r"\w+", TRAIN_TEXT))
WOMEN, MEN = "Jane Marie Alice Emma Lina".split(), "Paul Omar Karim Victor Antoine Martin".split()
NAMES = "|".join(WOMEN + MEN)
ETRE = "allé|arrivé|parti|resté|revenu|levé|couché|promené|reposé"


def matches(pattern, texts):
    """The texts in which a pattern is found; the tests show the first few."""
    found = re.compile(pattern)
    return [text for text in texts if found.search(text)][:5]


def found(pattern, texts):
    """Every match of a pattern."""
    compiled = re.compile(pattern)
    return [match for text in texts for match in compiled.finditer(text)]
