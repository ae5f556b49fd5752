"""Lesson 05's stored experiment: one wide head against many narrow ones, where several looks are needed at once.

`python -m benchmarks.two_looks` trains every number of heads on every number of looks with several seeds and writes
data/experiments/two_looks.json. `train` is what the lesson runs live for two of them.

Eight items lie side by side; some of them are marked, each with a mark of its own. One query must hand back what
every marked item carries. All models of a task have the same number of parameters. `--part longer` runs only what the
weights themselves can carry: notes of two widths, and four looks after 2,000 steps.
"""

import argparse
import json
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

FILE = Path(__file__).resolve().parents[1] / "data" / "experiments" / "two_looks.json"
ITEMS, NOTE, WORDS, WIDTH, BATCH = 8, 8, 16, 32, 128
TASKS = ("notes", "words", "marked words")
HEADS, LOOKS = (1, 2, 4), (1, 2, 4)
LONGER = (  # heads, looks, task, steps, numbers in a note
    (1, 2, "notes", 600, 4), (1, 2, "notes", 2000, 8), (1, 4, "notes", 2000, 8), (2, 4, "notes", 2000, 8),
)  # fmt: skip


def batch(
    rng: np.random.Generator, looks: int, task: str = "notes", size: int = BATCH, note: int = NOTE
) -> tuple[list, np.ndarray]:
    """Items, their marks, and what the marked ones carry.

    Returns:
        [items, marks], targets. Items are notes (size, ITEMS, note) of random numbers, or words (size, ITEMS);
        marks (size, ITEMS) are 0 for none, or 1 to `looks`; targets are the marked items in the marks' order,
        (size, looks, note) or (size, looks).
    """
    shape = (size, ITEMS, note)
    items = rng.normal(size=shape).astype("float32") if task == "notes" else rng.integers(0, WORDS, shape[:2])
    places = rng.permuted(np.tile(np.arange(ITEMS), (size, 1)), axis=1)[:, :looks]
    marks = np.zeros((size, ITEMS), "int32")
    np.put_along_axis(marks, places, np.arange(1, looks + 1)[None], axis=1)
    return [items, marks], np.stack([items[np.arange(size), p] for p in places.T], axis=1)


def build(heads: int, looks: int, task: str, layer=None, note: int = NOTE):
    """One learnt query looks at all items once, through `heads` heads of width WIDTH / heads; then one dense layer.

    In "notes" and "words" an item's vector is the sum of what it carries and its mark. In "marked words" each word
    has a vector of its own for each mark.
    """
    import keras

    if layer is None:
        from utils.layers import MultiHeadAttention as layer
    marks = keras.Input((ITEMS,), dtype="int32")
    items = keras.Input((ITEMS, note)) if task == "notes" else keras.Input((ITEMS,), dtype="int32")
    if task == "marked words":
        x = keras.layers.Embedding(WORDS * (looks + 1), WIDTH)(items + WORDS * marks)
    else:
        carried = keras.layers.Dense(WIDTH) if task == "notes" else keras.layers.Embedding(WORDS, WIDTH)
        x = carried(items) + keras.layers.Embedding(looks + 1, WIDTH)(marks)
    query = keras.layers.Embedding(1, WIDTH)(keras.ops.zeros_like(marks[:, :1]))
    looked = layer(heads, WIDTH // heads)(query, x)[:, 0]
    parts = note if task == "notes" else WORDS
    return keras.Model([items, marks], keras.layers.Reshape((looks, parts))(keras.layers.Dense(looks * parts)(looked)))


def learn(heads: int, looks: int, task: str = "notes", steps: int = 600, seed: int = 0, layer=None, note: int = NOTE):
    """Trains a model for a fixed number of steps.

    Args:
        heads: how many share the width of 32.
        looks: how many items are marked.
        task: "notes", "words" or "marked words".
        steps: of training.
        seed: of weights and data.
        layer: a multi-head attention layer's class; None takes the library's.
        note: numbers in a note.

    Returns:
        The model, and the generator of its data, to draw new ones.
    """
    import keras

    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    model = build(heads, looks, task, layer, note)
    loss = "mse" if task == "notes" else keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(5e-3, steps)), loss)
    for _ in range(steps):
        model.train_on_batch(*batch(rng, looks, task, note=note))
    return model, rng


def share_back(model, rng: np.random.Generator, looks: int, task: str = "notes", note: int = NOTE) -> float:
    """What share came back, on new items: of notes the variance that is explained, of words those that are right."""
    inputs, targets = batch(rng, looks, task, 1024, note)
    outputs = model.predict_on_batch(inputs)
    if task == "notes":
        return float(1 - np.mean((outputs - targets) ** 2) / np.var(targets))
    return float(np.mean(np.argmax(outputs, axis=-1) == targets))


def train(heads: int, looks: int, task: str, steps: int, seed: int, note: int = NOTE) -> float:
    """Trains one model and says what share came back."""
    model, rng = learn(heads, looks, task, steps, seed, note=note)
    return share_back(model, rng, looks, task, note)


def main() -> None:
    """Trains all, and writes the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--part", choices=("rows", "longer"), help="run only this part, and keep the other")
    arguments = parser.parse_args()
    seeds = range(arguments.seeds)
    jobs = {
        "rows": [(h, n, t, 600, s, NOTE) for t in TASKS for n in LOOKS for h in HEADS for s in seeds],
        "longer": [job[:4] + (s, job[4]) for job in LONGER for s in seeds],
    }
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1")
    content = {"command": "python -m benchmarks.two_looks", "steps": 600, "width": WIDTH}
    if FILE.exists():
        content = json.loads(FILE.read_text(encoding="utf-8")) | content
    for part in [arguments.part] if arguments.part else jobs:
        with ProcessPoolExecutor(arguments.processes) as pool:
            shares = list(pool.map(train, *zip(*jobs[part], strict=True)))
        content[part] = [
            {"task": t, "looks": n, "heads": h, "seed": s, "share": round(share, 4)}
            | ({"steps": steps, "note": note} if part == "longer" else {})
            for (h, n, t, steps, s, note), share in zip(jobs[part], shares, strict=True)
        ]
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
