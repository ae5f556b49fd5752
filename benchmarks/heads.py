"""Lesson 09's stored experiment: what do the trained heads look at, and what is lost without each?

`python -m benchmarks.heads` measures the translator that comes with the course on sentences it has never seen and
writes data/experiments/heads.json. A cross-attention head *knows months* if, while a month is being said, its weight
lies on that month in the French sentence; weekdays, names and places likewise. Where it looks instead is counted too,
and the same is measured on the test of new combinations. Beside it stands the damage: how many more sentences go wrong
when the head says nothing, when all others of its layer say nothing, and when all do. `masses` and `exact_match` are
what the lesson runs live.
"""

import argparse
import contextlib
import json
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from utils.datasets.generators.french_english import load
from utils.datasets.generators.french_english.lexicon import DAYS, MONTHS, NAMES, PLACES
from utils.files import write_whole
from utils.text import pad_batch

FILE = Path(__file__).resolve().parents[1] / "data" / "experiments" / "heads.json"
ROLES = {
    "month": MONTHS,
    "weekday": DAYS,
    "who": {name.text: name.text for name in NAMES},
    "where": {place.french: place.english.split("_")[-1] for place in PLACES},  # "the_United_States" -> "States"
}
SENTENCES = 500  # of the random test, for the damage
BATCH = 100


class Spot(NamedTuple):
    """One word that has a role: in which sentence, where its pieces stand in French, at which step it is said."""

    role: str
    sentence: int
    source: range
    step: int  # the position of the decoder that says the English word's first piece


def place_of(pieces: list[str], word: str) -> range | None:
    """Where a word's pieces stand, if it is there exactly once."""
    spelt = "".join(pieces)
    joined = [0, *np.cumsum([len(piece) for piece in pieces])]  # where each piece begins in the text
    found = [n for n in range(len(spelt)) if spelt.startswith(word, n) and not spelt[n + len(word) :][:1].isalpha()]
    found = [n for n in found if n == 0 or not spelt[n - 1].isalpha()]
    if len(found) != 1 or found[0] + len(word) not in joined:
        return None
    last = joined.index(found[0] + len(word))
    first = max(n for n in range(len(pieces)) if joined[n] <= found[0])
    return range(first, last)


def find_spots(translator, pairs: list[tuple[str, str]]) -> list[Spot]:
    """Every word with a role that stands once in the French and once in the English of a pair."""
    spots = []
    for n, (french, english) in enumerate(pairs):
        source, target = translator.source_vocabulary.pieces(french), translator.target_vocabulary.pieces(english)
        for role, words in ROLES.items():
            for word, meaning in words.items():
                places = place_of(source, word) if word in french else None, place_of(target, meaning)
                if None not in places:
                    spots.append(Spot(role, n, places[0], places[1].start))
    return spots


def cross_attention(translator, pairs: list[tuple[str, str]]) -> dict[str, list[np.ndarray]]:
    """For each cross-attention the weights (H, T, S) of every pair, with teacher forcing."""
    sources = [row[1:] for row in translator.source_vocabulary.encode_all([french for french, _ in pairs])]
    targets = [row[:-1] for row in translator.target_vocabulary.encode_all([english for _, english in pairs])]
    weights = {}
    for first in range(0, len(pairs), BATCH):
        rows = slice(first, first + BATCH)
        ids = pad_batch(sources[rows]), pad_batch(targets[rows])
        _, scores = translator.model(ids, return_attention_scores=True)
        for key, value in scores.items():
            if key.endswith("cross"):
                weights.setdefault(key, []).extend(np.asarray(value))
    return weights


def masses(translator, pairs: list[tuple[str, str]], spots: list[Spot]) -> dict[str, dict[str, list[float]]]:
    """By head ("decoder/0/cross 2") and role: the share of its weight on the French word, for every spot."""
    weights, by_head = cross_attention(translator, pairs), {}
    for key, sentences in weights.items():
        for head in range(len(sentences[0])):
            roles = by_head.setdefault(f"{key} {head}", {role: [] for role in ROLES})
            for spot in spots:
                row = sentences[spot.sentence][head, spot.step]  # (S,)
                roles[spot.role].append(float(row[list(spot.source)].sum()))
    return by_head


def on_the_end(translator, pairs: list[tuple[str, str]], spots: list[Spot]) -> dict[str, dict[str, list[float]]]:
    """Like `masses`: the share of each head's weight on the end of the French sentence."""
    length = [len(translator.source_vocabulary.pieces(french)) for french, _ in pairs]
    return masses(
        translator,
        pairs,
        [spot._replace(source=range(length[spot.sentence], length[spot.sentence] + 1)) for spot in spots],
    )


def mean_of(by_head: dict[str, dict[str, list[float]]]) -> dict[str, dict[str, float]]:
    """The mean share of each head and role."""
    return {head: {role: float(np.mean(v)) for role, v in roles.items()} for head, roles in by_head.items()}


def exact_match(translator, pairs: list[tuple[str, str]]) -> float:
    """Share of the pairs translated word for word."""
    said = translator([french for french, _ in pairs])
    return float(np.mean([answer == english for answer, (_, english) in zip(said, pairs, strict=True)]))


def main() -> None:
    """Measures, prints, stores."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.heads", description=__doc__)
    parser.add_argument("--out", type=Path, default=FILE)
    parser.add_argument("--sentences", type=int, default=SENTENCES)
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from utils.decoding import ablate_head
    from utils.tasks.translation import Translator

    translator, pairs = Translator.load(), load("test_random")
    spots = find_spots(translator, pairs)
    means, ends = mean_of(masses(translator, pairs, spots)), mean_of(on_the_end(translator, pairs, spots))
    others = load("test_compositional")
    elsewhere = mean_of(masses(translator, others, find_spots(translator, others)))
    sample = pairs[: arguments.sentences]
    stacks = {"encoder": ("self",), "decoder": ("self", "cross")}
    keys = [
        f"{s}/{n}/{kind}" for s, kinds in stacks.items() for n in range(translator.model.num_layers) for kind in kinds
    ]
    whole, damage, together, alone = exact_match(translator, sample), {}, {}, {}

    def lost_without(off: list[tuple[str, int]]) -> float:
        with contextlib.ExitStack() as stack:
            for key, head in off:
                stack.enter_context(ablate_head(translator.model, key, head))
            return whole - exact_match(translator, sample)

    for key in keys:
        heads = range(translator.model.num_heads)
        together[key] = lost_without([(key, head) for head in heads])
        print(key, f"all heads off: {together[key]:.3f}", flush=True)
        for head in heads:
            name = f"{key} {head}"
            damage[name] = lost_without([(key, head)])
            alone[name] = lost_without([(key, other) for other in heads if other != head])
            print(name, f"off: {damage[name]:.3f}, left alone: {alone[name]:.3f}", means.get(name), flush=True)
    counts = {role: sum(spot.role == role for spot in spots) for role in ROLES}
    results = {
        "command": "python -m benchmarks.heads",
        "spots": counts,
        "mass": means,
        "end": ends,
        "sentences": len(sample),
    }
    results |= {
        "mass_on_new_combinations": elsewhere,
        "exact_match": whole,
        "damage": damage,
        "alone": alone,
        "together": together,
    }
    write_whole(arguments.out, json.dumps(results, indent=1).encode() + b"\n")


if __name__ == "__main__":
    main()
