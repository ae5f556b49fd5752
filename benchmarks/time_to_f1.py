"""How long until named entities are found with an F1 of 0.80, in how much memory: `python -m benchmarks.time_to_f1`.

The encoder, the train and the hand-written test sentences of the course, batches of 16, a rate that falls to 0 at step
240; every 20 steps the test is predicted, which is not counted, as importing and reading are not, and where F1 reaches
0.80 it ends. Ours at its rate; `transformers`' own recipe (`benchmarks.ner_transformers`) at ours and at the one that
its users take, of which the better counts. Each training is a process of its own, three seeds, one after the other; a
seed that does not get there counts with all its time, and is named.

`--bfloat16` adds both, at our rate, with products of numbers rounded to bfloat16, as `benchmarks.fine_tuning_step` has
them. That pays where the processor has instructions for it.

The test serves as a stopwatch here, for all alike: this F1 is not a model's score.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.ner import BATCH, OWN_RATE, RATE, SHIPPED
from benchmarks.regress import machine
from benchmarks.rows import note
from utils.datasets.readers.entity_files import read_entities
from utils.tasks.labels import entity_f1

ROOT = Path(__file__).resolve().parents[1]
STEPS, EVERY, WANTED = 240, 20, 0.80
SIDES = {"ours": RATE, "transformers, our rate": RATE, "transformers, its own": OWN_RATE}
HALF = "{}, bfloat16".format
IN_HALF = {HALF(side): RATE for side in list(SIDES)[:2]}


class Watch:
    """Counts the seconds of training alone, and knows when F1 is high enough."""

    def __init__(self, gold: list):
        self.gold, self.seconds, self.steps, self.f1 = gold, 0.0, 0, 0.0

    def start(self) -> None:
        """Training begins; compiling counts."""
        self.begun = time.monotonic()

    def reached(self, step: int, predict) -> bool:
        """Called after each step; `predict()` gives the test's labels."""
        self.steps = step
        if step % EVERY:
            return False
        self.seconds += time.monotonic() - self.begun
        self.f1 = entity_f1(self.gold, predict())["f1"]
        self.begun = time.monotonic()
        return self.f1 >= WANTED

    def said(self) -> str:
        """As the other process reads it."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return json.dumps({"seconds": self.seconds, "steps": self.steps, "f1": self.f1, "peak": peak})


class Reached(Exception):
    """Training may end."""


def ours(seed: int, rate: float, half: bool, train: list, test: list, watch: Watch) -> None:
    """A training of ours."""
    from utils.notebook import quiet_import

    keras = quiet_import("keras")
    from utils.pretrained.checkpoint import load_tokenizer
    from utils.pretrained.encoder import load_encoder
    from utils.tasks import fine_tuning
    from utils.tasks import token_classification as tc

    data = tc.lessons(train, "minilm", STEPS, BATCH, rate, seed)
    keras.utils.set_random_seed(seed)
    model = fine_tuning.EncoderWithHead(load_encoder(data.folder), len(data.labels))
    reader = tc.TokenClassifier(model, load_tokenizer(data.folder), data.labels, data.config)

    def on_step(step: int, loss: float) -> None:
        if watch.reached(step, lambda: reader.predict_labels(test)):
            raise Reached

    how = {"on_step": on_step, "progress": False, "matmul_precision": "bfloat16" if half else "float32"}
    watch.start()
    try:
        fine_tuning.fine_tune(model, data.batches, tc.label_loss, STEPS, rate, **how)
    except Reached:
        return


def theirs(seed: int, rate: float, half: bool, train: list, test: list, watch: Watch) -> None:
    """A training as `transformers` does it."""
    import torch
    from transformers import AutoModelForTokenClassification, AutoTokenizer, set_seed
    from transformers.utils import logging

    from benchmarks import ner_transformers as peer
    from utils.pretrained import fetch

    logging.set_verbosity_error()
    set_seed(seed)
    torch.set_float32_matmul_precision("medium" if half else "highest")
    rows, asked = ([([e.text[a:b] for a, b in e.words], e.labels()) for e in part] for part in (train, test))
    kinds = sorted({label[2:] for _, labels in rows for label in labels if label != "O"})
    labels = ["O", *(f"{prefix}-{kind}" for kind in kinds for prefix in "BI")]
    tokenizer = AutoTokenizer.from_pretrained(fetch())
    model = AutoModelForTokenClassification.from_pretrained(fetch(), num_labels=len(labels))
    job = {"rate": rate, "steps": STEPS, "batch_size": BATCH, "seed": seed}

    def on_step(step: int) -> bool:
        done = watch.reached(step, lambda: peer.predict(model, tokenizer, asked, labels))
        model.train()
        return done

    watch.start()
    peer.train(model, tokenizer, rows, {label: n for n, label in enumerate(labels)}, job, on_step)


def run(side: str, seed: int) -> dict:
    """One training in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.time_to_f1", "--side", side, str(seed)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True,
                          env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"})  # fmt: skip
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    return json.loads(done.stdout.splitlines()[-1])


def main(arguments: list[str] | None = None) -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.time_to_f1", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--bfloat16", action="store_true", help="also with products of bfloat16")
    parser.add_argument("--side", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.side:
        side, seed = options.side[0], int(options.side[1])
        train, test = (read_entities(SHIPPED / f"{split}.jsonl") for split in ("train", "test"))
        watch = Watch([e.labels() for e in test])
        rate, half = (SIDES | IN_HALF)[side], side in IN_HALF
        (ours if side.startswith("ours") else theirs)(seed, rate, half, train, test, watch)
        print(watch.said())
        return
    print(f"F1 {WANTED:.2f} on the hand-written test, {options.seeds} seeds; {machine()}\n")
    found = {side: [] for side in (SIDES | IN_HALF if options.bfloat16 else SIDES)}
    for seed in range(options.seeds):
        for side in found:
            one = run(side, seed)
            found[side].append(one)
            short = "" if one["f1"] >= WANTED else f", NOT reached: {one['f1']:.2f}"
            print(f"{side:32} seed {seed}: {one['seconds']:6.1f} s, {one['steps']:3} steps, "
                  f"{one['peak']:5.0f} MiB{short}", flush=True)  # fmt: skip
    middle = {side: {key: statistics.median(one[key] for one in ones) for key in ("seconds", "peak")}
              for side, ones in found.items()}  # fmt: skip
    better = min(list(SIDES)[1:], key=lambda side: middle[side]["seconds"])
    for side in ("ours", HALF("ours")):
        for against in (better, HALF(list(SIDES)[1])) if side in found else ():
            if against in found:
                compare(side, against, found, middle)


def compare(side: str, against: str, found: dict[str, list[dict]], middle: dict[str, dict]) -> None:
    """Two rows of the table of all benchmarks, and a line."""
    for what, key, unit in (
        (f"until entities have F1 {WANTED:.2f}", "seconds", "s"),
        ("  memory of that training", "peak", "MiB"),
    ):
        pairs = [(a[key], b[key]) for a, b in zip(found[side], found[against], strict=True)]
        note(what + side.removeprefix("ours"), against, pairs, unit)
    print(f"medians: {side} takes {middle[side]['seconds'] / middle[against]['seconds']:.2f} of the time of "
          f"{against}, and {middle[side]['peak'] / middle[against]['peak']:.2f} of its memory")  # fmt: skip


if __name__ == "__main__":
    main()
