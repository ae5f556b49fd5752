"""Lesson 07's experiment: a Transformer learns to copy, once from logits, once from probabilities.

`python -m benchmarks.copy_task` trains both with several seeds and writes data/experiments/copy_task.json.
`sentences`, `train` and `write` are what the lesson runs live.
"""

import argparse
import json
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

FILE = Path(__file__).resolve().parents[1] / "data" / "experiments" / "copy_task.json"
PAD, START, END = range(3)
WORDS = "[pad] [start] [end] Jane visits Africa in September the train left station on time".split()
SHORTEST, LONGEST = 3, 8
STEPS, BATCH = 300, 64
VOCABULARIES = (len(WORDS), 100)


def sizes(vocabulary: int = len(WORDS)) -> dict:
    """What the Transformer is made with."""
    return {
        "num_layers": 1,
        "embedding_dim": 64,
        "num_heads": 4,
        "fully_connected_dim": 128,
        "input_vocab_size": vocabulary,
        "target_vocab_size": vocabulary,
        "max_positional_encoding_input": LONGEST + 2,  # room for positions that are shifted
        "max_positional_encoding_target": LONGEST + 1,
        "dropout_rate": 0.0,
    }


def sentences(rng: np.random.Generator, number: int, vocabulary: int = len(WORDS)) -> tuple[np.ndarray, np.ndarray]:
    """Words in any order: sources (number, 8), and what is to be said, (number, 9): the same and an end."""
    source = rng.integers(END + 1, vocabulary, (number, LONGEST)).astype("int32")
    lengths = rng.integers(SHORTEST, LONGEST + 1, (number, 1))
    places = np.arange(LONGEST + 1)
    source[places[:-1] >= lengths] = PAD
    labels = np.where(places == lengths, END, np.pad(source, [(0, 0), (0, 1)])).astype("int32")
    return source, labels


def with_softmax(model):
    """The same model, giving probabilities instead of logits."""
    import keras

    class Probabilities(keras.Model):
        def __init__(self):
            super().__init__()
            self.inner = model

        def call(self, inputs, training=None):
            return keras.ops.softmax(self.inner(inputs, training=training))

    return Probabilities()


def train(
    model, steps: int = STEPS, seed: int = 0, every: int = 20, vocabulary: int = len(WORDS)
) -> list[tuple[int, float]]:
    """Trains for a fixed number of steps on new sentences; (step, share of right words on 500 others) in between.

    The loss takes logits, whatever the model gives. Padding does not count.
    """
    import keras

    from utils.layers import shift_right
    from utils.training.losses import MaskedLoss

    rng = np.random.default_rng(seed)
    model.compile(keras.optimizers.Adam(1e-3), MaskedLoss())
    tests = sentences(np.random.default_rng(1000 + seed), 500, vocabulary)
    curve = []
    for step in range(steps + 1):
        if step % every == 0:
            curve.append((step, words_right(model, *tests)))
        if step < steps:
            source, labels = sentences(rng, BATCH, vocabulary)
            model.train_on_batch((source, keras.ops.convert_to_numpy(shift_right(labels, START))), labels)
    return curve


def words_right(model, source: np.ndarray, labels: np.ndarray) -> float:
    """The share of words guessed rightly, each from the right words before it."""
    import keras

    from utils.layers import shift_right

    inputs = source, keras.ops.convert_to_numpy(shift_right(labels, START))
    guesses = np.argmax(model.predict_on_batch(inputs), axis=-1)
    return float((guesses == labels)[labels != PAD].mean())


def write(model, source: np.ndarray) -> np.ndarray:
    """Word by word, always the likeliest, each read again before the next: ids (B, 9) without the start."""
    import keras

    said = np.full((len(source), LONGEST + 1), PAD, "int32")
    for place in range(LONGEST + 1):
        reads = np.pad(said[:, :-1], [(0, 0), (1, 0)], constant_values=START)  # what is not said yet is padding
        logits = keras.ops.convert_to_numpy(model((source, reads)))  # (B, 9, V)
        said[:, place] = np.argmax(logits[:, place], axis=-1)
    ended = np.cumsum(said == END, axis=1) - (said == END) > 0
    return np.where(ended, PAD, said)


def arm(output: str, vocabulary: int, seed: int) -> list[tuple[int, float]]:
    """One arm of the experiment: `output` is "logits" or "probabilities"."""
    import keras

    from utils.layers import Transformer

    keras.utils.set_random_seed(seed)
    model = Transformer(**sizes(vocabulary))
    return train(model if output == "logits" else with_softmax(model), seed=seed, vocabulary=vocabulary)


def main() -> None:
    """Trains all, and writes the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    outputs = ("logits", "probabilities")
    jobs = [(o, v, seed) for v in VOCABULARIES for o in outputs for seed in range(arguments.seeds)]
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1")
    with ProcessPoolExecutor(arguments.processes) as pool:
        curves = list(pool.map(arm, *zip(*jobs, strict=True)))
    rows = [
        {"output": o, "vocabulary": v, "seed": seed, "curve": [[step, round(share, 4)] for step, share in curve]}
        for (o, v, seed), curve in zip(jobs, curves, strict=True)
    ]
    FILE.parent.mkdir(parents=True, exist_ok=True)
    content = {"command": "python -m benchmarks.copy_task", "steps": STEPS, "rows": rows}
    FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
