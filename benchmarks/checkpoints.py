"""Trains the translator that comes with the course, from nothing: `make checkpoints`.

Lesson 08's recipe, only longer. What is in data/translator is replaced if the new one reaches the floors below on
sentences it has never seen, and else left alone. The scores go to data/experiments/translator.json.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

from utils.datasets.generators.french_english import load
from utils.files import write_whole

FILE = Path(__file__).resolve().parents[1] / "data" / "experiments" / "translator.json"
FLOORS = {"test_random": 0.97, "test_compositional": 0.90}  # shares of sentences translated word for word
JANE = "Jane visite l'Afrique en septembre", "Jane visits Africa in September"
STEPS = 4000


def exact_match(translator, pairs: list[tuple]) -> tuple[float, list[tuple[str, str, str]]]:
    """Share of the pairs translated word for word, and the others as (source, target, said)."""
    said = translator([pair[0] for pair in pairs])
    wrong = [(*pair[:2], got) for pair, got in zip(pairs, said, strict=True) if pair[1] != got]
    return 1 - len(wrong) / len(pairs), wrong


def main() -> int:
    """Trains, measures, and ships what is good enough; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checkpoints", description=__doc__)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="another folder than data/translator")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from utils.tasks.translation import SHIPPED, Translator

    folder = arguments.out or SHIPPED
    with tempfile.TemporaryDirectory() as scratch:
        start = time.perf_counter()
        Translator.train(load("train"), arguments.steps, seed=arguments.seed).save(scratch)
        minutes = (time.perf_counter() - start) / 60
        translator = Translator.load(scratch)  # what is measured is what is shipped
    scores = {}
    for split in FLOORS:
        scores[split], wrong = exact_match(translator, load(split))
        print(f"{split}: {scores[split]:.2%} word for word")
        for source, target, said in wrong[:5]:
            print(f"  {source}\n    should be  {target}\n    is         {said}")
    said = translator(JANE[0])
    print(f"{JANE[0]} -> {said}\n{minutes:.1f} minutes for {arguments.steps} steps")
    if said != JANE[1] or any(scores[split] < floor for split, floor in FLOORS.items()):
        print(f"That is below the floors {FLOORS}, or Jane's sentence is wrong: {folder} is left as it was")
        return 1
    translator.save(folder)
    if folder == SHIPPED:
        about = {"command": "make checkpoints", "steps": arguments.steps, "minutes": round(minutes, 1)}
        about |= {"parameters": translator.model.count_params(), "exact_match": scores, "jane": said}
        write_whole(FILE, json.dumps(about, indent=1).encode() + b"\n")
    print(f"Saved in {folder}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
