"""Lesson 14's stored experiments: would more sentences help, and what is a leaked test worth?

`python -m benchmarks.own_data` trains an entity model on 50 to 800 sentences, and on sentences among which half of
the test hides; it writes data/experiments/own_data.json after each, and a second run does only what is missing there.
`train` is what the lesson runs live.
"""

import argparse
import json
import random
from pathlib import Path

from utils.datasets.readers.entity_files import Example, read_entities

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "data" / "experiments" / "own_data.json"
ENTITIES = ROOT / "data" / "entities"
SIZES = (50, 200, 800, 100, 400)  # the ends first: they say most
STEPS, BATCH, RATE = 120, 16, 3e-4


def sentences(size: int, seed: int) -> list[Example]:
    """So many sentences of the train split, drawn at random; a larger draw with the same seed holds the smaller."""
    everything = read_entities(ENTITIES / "train.jsonl")
    random.Random(seed).shuffle(everything)
    return everything[:size]


def test_halves() -> tuple[list[Example], list[Example]]:
    """The hand-written test sentences, every second one in each half."""
    test = read_entities(ENTITIES / "test.jsonl")
    return test[::2], test[1::2]


def train(examples, seed: int = 0, steps: int = STEPS, progress: bool = False):
    """The model that these sentences give: 120 steps of 16, whatever their number."""
    from utils.tasks.token_classification import fine_tune

    return fine_tune(examples, steps=steps, batch_size=BATCH, learning_rate=RATE, seed=seed, progress=progress)


def curve_row(size: int, seed: int) -> dict:
    """F1 on the test after learning from so many sentences."""
    scores = train(sentences(size, seed), seed).evaluate(ENTITIES / "test.jsonl")
    return {"sentences": size, "seed": seed, "f1": scores["f1"], "all_o_accuracy": scores["all_o_accuracy"]}


def leak_row(half: int, seed: int) -> dict:
    """F1 on the half of the test that hid in the training data, and on the other half; 200 sentences in all."""
    halves = test_halves()
    model = train([*sentences(200 - len(halves[half]), seed), *halves[half]], seed)
    leaked, unseen = (model.evaluate(halves[n])["f1"] for n in (half, 1 - half))
    return {"half": half, "seed": seed, "leaked": leaked, "unseen": unseen}


def main() -> None:
    """Trains all, and writes the file after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    seeds = range(parser.parse_args().seeds)
    content = {"command": "python -m benchmarks.own_data", "steps": STEPS, "batch": BATCH, "curve": [], "leak": []}
    if FILE.is_file() and (before := json.loads(FILE.read_text(encoding="utf-8")))["steps"] == STEPS:
        content = before
    done = {(part, row.get("sentences"), row["seed"]) for part in ("curve", "leak") for row in content[part]}
    for seed in seeds:
        for size in (*SIZES[:2], None, *SIZES[2:]):
            part = "curve" if size else "leak"
            if (part, size, seed) in done:
                continue
            row = curve_row(size, seed) if size else leak_row(seed % 2, seed)
            print(part, row, flush=True)
            content[part].append(row)
            FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
