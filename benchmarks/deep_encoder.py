"""Lesson 06's stored experiment on depth: the norm behind the residual or before it, with and without warm-up.

`python -m benchmarks.deep_encoder` trains encoders of twelve layers on the reviews of `benchmarks.word_order` with
several seeds and learning rates, and writes data/experiments/deep_encoder.json.
"""

import argparse
import json
import os
from pathlib import Path

import numpy as np

from benchmarks.word_order import Trainer, accuracy

FILE = Path(__file__).resolve().parents[1] / "data" / "experiments" / "deep_encoder.json"
LAYERS, STEPS, BATCH, WARMUP, EVERY = 12, 800, 32, 200, 20
RATES = (3e-4, 1e-3)


def main() -> None:
    """Trains all, and writes the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    seeds = range(parser.parse_args().seeds)
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    rows = []
    for norm in ("pre", "post"):
        trainer = Trainer(norm=norm, num_layers=LAYERS)
        for seed in seeds:
            for rate in RATES:
                for warmup in (0, WARMUP):
                    arguments = {"learning_rate": rate, "warmup": warmup}
                    losses = trainer.train(seed, steps=STEPS, batch_size=BATCH, **arguments)
                    means = np.reshape(losses, (-1, EVERY)).mean(axis=1).round(4).tolist()
                    rows.append({"norm": norm, "seed": seed} | arguments | accuracy(trainer.model) | {"losses": means})
                    print(rows[-1], flush=True)
    content = {"command": "python -m benchmarks.deep_encoder", "layers": LAYERS, "every": EVERY, "rows": rows}
    FILE.write_text(json.dumps(content) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
