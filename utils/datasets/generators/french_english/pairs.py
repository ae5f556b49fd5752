"""French→English pairs written for this course: how they are drawn from the grammar, split, stored and loaded.

`python -m utils.datasets.generators.french_english` writes the three files of data/french_english
anew; they come out the same.

Sentences begin with a capital and end without a full stop, as *Jane visite l'Afrique en septembre* does; a question
ends with " ?" in French and "?" in English. The English is British.
"""

import gzip
import re
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from utils.datasets.generators.choices import Chooser
from utils.datasets.generators.french_english.grammar import Sentence, sentence
from utils.datasets.generators.french_english.lexicon import THINGS
from utils.datasets.generators.french_english.verbs import Verb
from utils.datasets.readers.parallel import read_pairs

FOLDER = Path(__file__).resolve().parents[4] / "data" / "french_english"
SPLITS = ("train", "test_random", "test_compositional")
SEED = 1
SIZES = {"train": 40_000, "test_random": 2_000}
AT_LEAST = 10  # times that each word of the tests occurs in train
PAIRS_OF_JANE = 200  # test pairs with Jane, l'Afrique and septembre together
PAIRS_OF_OTHERS = 40  # test pairs of each other combination


class Combination(NamedTuple):
    """Known words that never come together in train: its kind, and the tags a sentence must have all of."""

    kind: str
    tags: frozenset[str]


JANE = Combination("Jane + Afrique + septembre", frozenset({"name:Jane", "place:Afrique", "month:septembre"}))


def _pairs(kind: str, first: str, second: str, text: str) -> tuple[Combination, ...]:
    pairs = (pair.split("+") for pair in text.split())
    return tuple(Combination(kind, frozenset({f"{first}:{a}", f"{second}:{b}"})) for a, b in pairs)


def _joint(kind: str, text: str) -> tuple[Combination, ...]:
    return tuple(Combination(kind, frozenset({f"{kind}:{pair}"})) for pair in text.split())


HELD_OUT = (
    JANE,
    *_pairs(
        "verb + place",
        "verb",
        "place",
        "habiter+Italie visiter+Japon aller+Canada revenir+Grèce partir+Espagne travailler+Londres arriver+Athènes "
        "quitter+Portugal rester+Inde voyager+Brésil visiter+Rome habiter+États-Unis",
    ),
    *_pairs(
        "subject + verb",
        "subject",
        "verb",
        "Omar+vendre Alice+lire Paul+nager Emma+acheter Karim+visiter Lina+inviter Victor+promener Marie+parler",
    ),
    *_joint(
        "adjective+noun",
        "petit+maison rouge+robe vieux+livre blanc+chat nouveau+voiture beau+fleur noir+sac intéressant+film "
        "bon+gâteau vert+porte",
    ),
    *_joint("number+noun", "trois+pomme cinq+livre deux+chat quatre+fleur six+œuf"),
    *_joint("tense+verb", "future+danser want+lire must+courir can+aider future+remercier want+promener"),
)


def words(text: str) -> list[str]:
    """The words and signs of a sentence: "l'", "Afrique", "va", "-", "t", "-", "elle", "?", "Jane", "'s"."""
    return re.findall(r"\w+'(?!s\b)(?=\w)|'s\b|\w+|[^\w\s]", text)


def held_out_by(tags: frozenset[str]) -> Combination | None:
    """The first combination that a sentence with these tags has all of, or None."""
    return next((combination for combination in HELD_OUT if combination.tags <= tags), None)


# Drawing -------------------------------------------------------------------------------------------


def generate(seed: int | str, number: int, wanted: dict | None = None) -> list[Sentence]:
    """Distinct sentences of the grammar, in the order drawn.

    Args:
        seed: the same seed gives the same sentences.
        number: how many.
        wanted: choices to steer, as utils.datasets.generators.choices.Chooser takes them.
    """
    return _draw(Chooser(seed, wanted), number, lambda made: True, set())


def _draw(chooser: Chooser, number: int, fits: Callable[[Sentence], bool], seen: set[str]) -> list[Sentence]:
    """Draw until there are that many which fit and have not been seen; these are added to the seen."""
    drawn: list[Sentence] = []
    while len(drawn) < number:
        made = sentence(chooser)
        if made.french not in seen and fits(made):
            seen.add(made.french)
            drawn.append(made)
    return drawn


def _text_of(option: object) -> str:
    """What a tag would call an option of the grammar."""
    if isinstance(option, tuple) and not hasattr(option, "_fields"):
        option = option[0]
    return getattr(option, "french", getattr(option, "text", option))


def _takes(verb: Verb, word: str) -> bool:
    """Whether a noun may be the verb's object, or a thing its subject."""
    uses = next(noun.uses for noun in THINGS if noun.french == word)
    return verb.subject == "thing" or (verb.frame in ("thing", "give") and bool(uses & set(verb.uses.split())))


def steer(combination: Combination) -> dict[str, Callable[[object], bool]]:
    """Which choices to steer so that a combination comes up often."""
    by_kind: dict[str, str] = {}
    for tag in combination.tags:
        kinds, texts = tag.split(":")
        by_kind |= zip(kinds.split("+"), texts.split("+"), strict=True)
    wanted = {"kind": lambda kind: kind.__name__ in ("simple_statement", "simple_question", "that")}
    if "subject" in by_kind:
        by_kind |= {"subject": "name", "name": by_kind["subject"]}
    if "number" in by_kind:
        by_kind["determiner"] = "N"
    if "noun" in by_kind:
        wanted["verb"] = lambda verb: _takes(verb, by_kind["noun"])
    if combination == JANE:
        by_kind["scale"] = "L"
        wanted["subject"] = lambda kind: kind in ("name", "couple", "kin")
        wanted["verb"] = lambda verb: getattr(verb, "uses", "") in ("world", "land")
    return wanted | {kind: lambda option, word=word: _text_of(option) == word for kind, word in by_kind.items()}


def draw_splits(seed: int = SEED) -> dict[str, list[Sentence]]:
    """Draws all three splits; the tests hold only words that train has often enough.

    Args:
        seed: the shipped files have SEED.

    Returns:
        By split, sentences with their tags.
    """
    seen: set[str] = set()
    chooser = Chooser(seed)
    train = _draw(chooser, SIZES["train"], lambda made: held_out_by(made.tags) is None, seen)
    counts = Counter(word for made in train for text in made[:2] for word in words(text))

    def fits(made: Sentence, combination: Combination | None) -> bool:
        known = all(counts[word] >= AT_LEAST for text in made[:2] for word in words(text))
        return known and held_out_by(made.tags) == combination

    random = _draw(chooser, SIZES["test_random"], lambda made: fits(made, None), seen)
    composed: list[Sentence] = []
    for number, combination in enumerate(HELD_OUT):
        chooser = Chooser(f"{seed}, combination {number}", steer(combination))
        quota = PAIRS_OF_JANE if combination == JANE else PAIRS_OF_OTHERS
        composed += _draw(chooser, quota, lambda made, wanted=combination: fits(made, wanted), seen)
    return {"train": train, "test_random": random, "test_compositional": composed}


def rows(sentences: Iterable[Sentence]) -> list[tuple[str, ...]]:
    """What is stored of sentences: (French, English), and which kind of combination is held out, where one is."""
    combinations = ((made, held_out_by(made.tags)) for made in sentences)
    return [made[:2] if held is None else (*made[:2], held.kind) for made, held in combinations]


# Files ---------------------------------------------------------------------------------------------


def pack(lines: Iterable[tuple[str, ...]]) -> bytes:
    """Lines of cells as gzipped tab-separated UTF-8, without a time stamp."""
    text = "".join("\t".join(line) + "\n" for line in lines)
    return gzip.compress(text.encode("utf-8"), mtime=0)


def write(folder: Path = FOLDER, seed: int = SEED) -> None:
    """Writes the three files."""
    folder.mkdir(parents=True, exist_ok=True)
    for split, sentences in draw_splits(seed).items():
        (folder / f"{split}.tsv.gz").write_bytes(pack(rows(sentences)))


def _file(split: str) -> Path:
    if split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(SPLITS)}. Received: split={split!r}")
    return FOLDER / f"{split}.tsv.gz"


def load(split: str) -> list[tuple[str, str]]:
    """The shipped pairs of a split.

    Args:
        split: "train", "test_random" (drawn as train is) or "test_compositional" (known words, combined as they
            never are in train).

    Returns:
        A list of (French, English).

    Raises:
        ValueError: there is no such split.
    """
    return list(read_pairs(_file(split), columns=(0, 1)))


def load_combinations() -> list[str]:
    """For each pair of test_compositional, in order, the kind of combination that train does not have."""
    return [kind for _, kind in read_pairs(_file("test_compositional"), columns=(0, 2))]


def main() -> int:
    """Writes the files and prints what they hold; returns the exit status."""
    write()
    for split in SPLITS:
        pairs = load(split)
        counts = [Counter(word for pair in pairs for word in words(pair[side])) for side in (0, 1)]
        print(f"{split}: {len(pairs)} pairs, {len(counts[0])} French and {len(counts[1])} English words")
    return 0
