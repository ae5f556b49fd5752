"""Lesson 14's stored experiments: would more sentences help, and what is a leaked test worth?

`python -m benchmarks.own_data` trains an entity model on 50 to 800 sentences, and on sentences among which half of
the test hides; it writes data/experiments/own_data.json after each, and a second run does only what is missing there.
Each size has the steps that it needs: eight rounds through its sentences, never fewer than 120 steps. Beside that
stands what 120 steps give, however many sentences there are. `train` is what the lesson runs live.
"""

import argparse
import json
import random
from pathlib import Path

from utils.datasets.readers.entity_files import Example, read_entities

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "data" / "experiments" / "own_data.json"
ENTITIES = ROOT / "data" / "entities"
SIZES = (50, 100, 200, 400, 800)
STEPS, ROUNDS, BATCH, RATE = 120, 8, 16, 3e-4


def sentences(size: int, seed: int) -> list[Example]:
    """So many sentences of the train split, drawn at random; a larger draw with the same seed holds the smaller."""
    everything = read_entities(ENTITIES / "train.jsonl")
    random.Random(seed).shuffle(everything)
    return everything[:size]


def test_halves() -> tuple[list[Example], list[Example]]:
    """The hand-written test sentences, every second one in each half."""
    test = read_entities(ENTITIES / "test.jsonl")
    return test[::2], test[1::2]


def steps_for(size: int) -> int:
    """Eight rounds, at least 120 steps."""
    return max(STEPS, ROUNDS * size // BATCH)


def train(examples, seed: int = 0, steps: int = STEPS, progress: bool = False):
    """The model that these sentences give."""
    from utils.tasks.token_classification import fine_tune

    return fine_tune(examples, steps=steps, batch_size=BATCH, learning_rate=RATE, seed=seed, progress=progress)


def curve_row(size: int, steps: int, seed: int) -> dict:
    """F1 on the test after learning from so many sentences."""
    f1 = train(sentences(size, seed), seed, steps).evaluate(ENTITIES / "test.jsonl")["f1"]
    return {"sentences": size, "steps": steps, "seed": seed, "f1": round(f1, 4)}


def leak_row(half: int, seed: int) -> dict:
    """F1 on the whole test, half of which hid in the training data, and on each half; 200 sentences in all."""
    halves = test_halves()
    model = train([*sentences(200 - len(halves[half]), seed), *halves[half]], seed)
    parts = {"leaked": halves[half], "unseen": halves[1 - half], "whole": ENTITIES / "test.jsonl"}
    return {"half": half, "seed": seed, **{name: round(model.evaluate(part)["f1"], 4) for name, part in parts.items()}}


def plan(seeds: int) -> list[tuple]:
    """(part, arguments of its function), what says most first."""
    rows = []
    for seed in range(seeds):
        rows += [("leak", seed % 2, seed)]
        rows += [("curve", size, steps_for(size), seed) for size in reversed(SIZES)]
        rows += [("curve", size, STEPS, seed) for size in SIZES]
    return list(dict.fromkeys(rows))


def main() -> None:
    """Trains all, and writes the file after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    content = {"command": "python -m benchmarks.own_data", "batch": BATCH, "rate": RATE, "curve": [], "leak": []}
    if FILE.is_file() and (before := json.loads(FILE.read_text(encoding="utf-8"))).get("rate") == RATE:
        content = before
    done = {("curve", row["sentences"], row["steps"], row["seed"]) for row in content["curve"]}
    done |= {("leak", row["half"], row["seed"]) for row in content["leak"]}
    for part, *arguments in plan(parser.parse_args().seeds):
        if (part, *arguments) not in done:
            row = (curve_row if part == "curve" else leak_row)(*arguments)
            print(part, row, flush=True)
            content[part].append(row)
            FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
