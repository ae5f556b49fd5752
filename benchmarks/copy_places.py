"""Lesson 07's second experiment on copying: the source's positions are shifted, and what is written moves along.

`python -m benchmarks.copy_places` trains small Transformers of one and two layers with several seeds, shifts the
encoder's positions, and writes data/experiments/copy_places.json. `shifted` and `follows` are what the lesson runs
live.
"""

import argparse
import contextlib
import json
import os
from pathlib import Path

import numpy as np

from benchmarks.copy_task import PAD, sentences, sizes, train, write

FILE = Path(__file__).resolve().parents[1] / "data" / "experiments" / "copy_places.json"
SHIFTS = (0, 1, 2)


@contextlib.contextmanager
def shifted(model, places: int):
    """Inside, every word of the source carries the position that many places on."""
    encoding = model.encoder.positional_encoding
    call = encoding.call
    encoding.call = lambda x, start=0: call(x, start=start + places)
    try:
        yield
    finally:
        del encoding.call


def follows(sources: np.ndarray, written: np.ndarray, places: int) -> np.ndarray:
    """For each sentence (B,) whether its words are written that many places later, the last ones left out."""
    lengths = (sources != PAD).sum(axis=1)
    pairs = zip(sources, written, lengths, strict=True)
    return np.array([(said[places:n] == source[: n - places]).all() for source, said, n in pairs])


def main() -> None:
    """Trains all, and writes the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    seeds = range(parser.parse_args().seeds)
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import keras

    from utils.layers import Transformer

    rows, (sources, _) = [], sentences(np.random.default_rng(1), 200)
    lengths = (sources != PAD).sum(axis=1)
    for layers in (1, 2):
        for seed in seeds:
            keras.utils.set_random_seed(seed)
            model = Transformer(**sizes() | {"num_layers": layers})
            train(model, steps=300, seed=seed, every=300)
            for places in SHIFTS:
                with shifted(model, places):
                    moved = follows(sources, write(model, sources), places)
                share = {int(n): round(float(moved[lengths == n].mean()), 3) for n in np.unique(lengths)}
                rows.append({"layers": layers, "seed": seed, "shift": places, "by_length": share})
                print(rows[-1], flush=True)
    content = {"command": "python -m benchmarks.copy_places", "rows": rows}
    FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
