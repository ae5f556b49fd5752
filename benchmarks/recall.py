"""Lesson 01's stored experiment: which unit still knows a value that it saw k steps ago, and on what condition?

`python -m benchmarks.recall` trains every unit at every distance, from small and from large embeddings, as Keras
starts it and started so that it carries, with several seeds, and writes data/experiments/recall.json: ten minutes or
so on one free core. `train` is what the lesson runs live for two of them.
"""

import argparse
import json
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

FILE = Path(__file__).resolve().parents[1] / "data" / "experiments" / "recall.json"
VALUES, WIDTH, BATCH, STEPS = 8, 32, 64, 400
UNITS = ("SimpleRNN", "GRU", "LSTM", "attention")
EMBEDDINGS = ("uniform", "normal")  # Keras' start, between -0.05 and 0.05; N(0, 1), PyTorch's
DISTANCES = (10, 20, 50, 100, 200)


def batch(rng: np.random.Generator, distance: int, size: int = BATCH) -> tuple[np.ndarray, np.ndarray]:
    """Sequences in which one item carries the cue, `distance` steps before the end.

    An item's id is its value, plus VALUES where it carries the cue: cue and value come in one embedding, so
    that no unit needs to know positions. Returns ids (size, distance + 1) and the cued values (size,).
    """
    ids = rng.integers(0, VALUES, (size, distance + 1))
    answers = ids[:, 0].copy()
    ids[:, 0] += VALUES
    return ids, answers


def open_gates(unit, bias: float = 5.0) -> None:
    """Sets a built GRU's or LSTM's biases so that its state is kept: sigmoid(5) = 0.993 of it at each step.

    The LSTM keeps by one gate and writes by another, so the second is closed as far. The GRU has one gate for both.
    """
    start = unit.cell.bias.numpy()
    if start.ndim == 2:  # GRU: (2, 3 D), the update gate first
        start[0, : unit.units] = bias
    else:  # LSTM: (4 D,), the gates that write, keep, the new content, and the output's
        start[: unit.units], start[unit.units : 2 * unit.units] = -bias, bias
    unit.cell.bias.assign(start)


def build(unit: str, embedding: str = "uniform", carry: bool = False):
    """Embedding, one unit of width 32, one dense layer onto the values.

    Args:
        unit: one of UNITS.
        embedding: one of EMBEDDINGS, the way it starts.
        carry: start the gates open; for attention, divide the scores by the root of the width.
    """
    import keras

    start = {"uniform": keras.initializers.RandomUniform(), "normal": keras.initializers.RandomNormal(stddev=1.0)}
    ids = keras.Input((None,), dtype="int32")
    x = keras.layers.Embedding(2 * VALUES, WIDTH, embeddings_initializer=start[embedding])(ids)
    if unit == "attention":
        query = keras.layers.Dense(WIDTH, name="query")(x[:, -1:])  # the last item asks
        query = query / WIDTH**0.5 if carry else query
        x = keras.layers.Attention(name="look")([query, x])[:, 0]
    else:
        layer = getattr(keras.layers, unit)(WIDTH)
        x = layer(x)
        if carry:
            open_gates(layer)
    return keras.Model(ids, keras.layers.Dense(VALUES)(x))


def train(
    unit: str, distance: int, embedding: str = "uniform", carry: bool = False, steps: int = STEPS, seeds=(0,)
) -> list[tuple[float, int]]:
    """Trains one unit at one distance, once for each seed; stops early where 512 new sequences are all right.

    Returns:
        For each seed the accuracy on 512 sequences more, and the steps that were taken.
    """
    import keras

    model = build(unit, embedding, carry)
    optimizer = keras.optimizers.Adam(3e-3, clipnorm=1.0)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, jit_compile=unit != "attention")
    optimizer.build(model.trainable_variables)
    fresh = [keras.ops.convert_to_numpy(v) for v in optimizer.variables]

    def accuracy():
        ids, answers = batch(rng, distance, size=512)
        return float(np.mean(np.argmax(model.predict_on_batch(ids), axis=-1) == answers))

    results = []
    for seed in seeds:  # compiled once for all of them
        keras.utils.set_random_seed(seed)
        model.set_weights(build(unit, embedding, carry).get_weights())
        for variable, value in zip(optimizer.variables, fresh, strict=True):
            variable.assign(value)
        rng = np.random.default_rng(seed)
        for step in range(1, steps + 1):
            model.train_on_batch(*batch(rng, distance))
            if step % 50 == 0 and accuracy() == 1:
                break
        results.append((accuracy(), step))
    return results


def main() -> None:
    """Trains all, and writes the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    arms = [(u, e, c) for u in UNITS for e in EMBEDDINGS for c in (False, True) if not (c and u == "SimpleRNN")]
    jobs = [(u, d, e, c, STEPS, range(arguments.seeds)) for d in reversed(DISTANCES) for u, e, c in arms]
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1")
    rows = []
    with ProcessPoolExecutor(arguments.processes) as pool:
        for (u, d, e, c, *_), results in zip(jobs, pool.map(train, *zip(*jobs, strict=True)), strict=True):
            print(u, d, e, "carry" if c else "", [(round(a, 2), n) for a, n in results], flush=True)
            rows += [
                {"unit": u, "embedding": e, "carry": c, "distance": d, "seed": s, "accuracy": round(a, 4), "steps": n}
                for s, (a, n) in enumerate(results)
            ]
    content = {"command": "python -m benchmarks.recall", "steps": STEPS, "chance": 1 / VALUES}
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(json.dumps(content | {"rows": rows}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
