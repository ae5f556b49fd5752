"""Lesson 01's stored experiment: which unit still knows a value that it saw k steps ago?

`python -m benchmarks.recall` trains every unit at every distance with several seeds and writes
data/experiments/recall.json. `train` is what the lesson runs live for one of them.
"""

import argparse
import json
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

FILE = Path(__file__).resolve().parents[1] / "data" / "experiments" / "recall.json"
VALUES, WIDTH, BATCH = 8, 32, 64
UNITS = ("SimpleRNN", "GRU", "LSTM", "attention")
DISTANCES = (5, 10, 20, 50, 100, 200)


def batch(rng: np.random.Generator, distance: int, size: int = BATCH) -> tuple[np.ndarray, np.ndarray]:
    """Sequences in which one item carries the cue, `distance` steps before the end.

    An item's id is its value, plus VALUES where it carries the cue: cue and value come in one embedding, so
    that no unit needs to know positions. Returns ids (size, distance + 1) and the cued values (size,).
    """
    ids = rng.integers(0, VALUES, (size, distance + 1))
    answers = ids[:, 0].copy()
    ids[:, 0] += VALUES
    return ids, answers


def build(unit: str):
    """Embedding, one unit of width 32, one dense layer onto the values."""
    import keras

    ids = keras.Input((None,), dtype="int32")
    x = keras.layers.Embedding(2 * VALUES, WIDTH)(ids)
    if unit == "attention":
        query = keras.layers.Dense(WIDTH, name="query")(x[:, -1:])  # the last item asks
        x = keras.layers.Attention(name="look")([query, x])[:, 0]
    else:
        x = getattr(keras.layers, unit)(WIDTH)(x)
    return keras.Model(ids, keras.layers.Dense(VALUES)(x))


def train(unit: str, distance: int, steps: int = 600, seed: int = 0) -> float:
    """Trains one unit at one distance for a fixed number of steps; returns its accuracy on new sequences."""
    import keras

    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    model = build(unit)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(3e-3, clipnorm=1.0), loss)
    for _ in range(steps):
        model.train_on_batch(*batch(rng, distance))
    ids, answers = batch(rng, distance, size=512)
    return float(np.mean(np.argmax(model.predict_on_batch(ids), axis=-1) == answers))


def main() -> None:
    """Trains all, and writes the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    jobs = [(u, d, 600, s) for d in reversed(DISTANCES) for u in UNITS for s in range(arguments.seeds)]
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1")
    with ProcessPoolExecutor(arguments.processes) as pool:
        scores = list(pool.map(train, *zip(*jobs, strict=True)))
    rows = [{"unit": u, "distance": d, "seed": s, "accuracy": a} for (u, d, _, s), a in zip(jobs, scores, strict=True)]
    FILE.parent.mkdir(parents=True, exist_ok=True)
    content = {"command": "python -m benchmarks.recall", "steps": 600, "chance": 1 / VALUES, "rows": rows}
    FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
