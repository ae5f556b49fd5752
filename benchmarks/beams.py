"""Lesson 09's stored experiment: what does a wider beam buy, and which number tells? `python -m benchmarks.beams`.

Two translators, the one that comes with the course and one that has learnt for 300 steps only, on 500 sentences of
the random test: share of tokens right with teacher forcing, and for each beam width sacreBLEU, the share of sentences
right word for word, and the seconds. Written to data/experiments/beams.json.
"""

import argparse
import json
import os
import time
from pathlib import Path

from utils.datasets.generators.french_english import load
from utils.files import write_whole

FILE = Path(__file__).resolve().parents[1] / "data" / "experiments" / "beams.json"
WIDTHS, SENTENCES, STEPS = (1, 2, 4, 8), 500, 300


def token_accuracy(translator, pairs: list[tuple[str, str]]) -> float:
    """Share of tokens right when the right words so far are given."""
    from utils.training import BucketedBatches, evaluate

    sources = [row[1:] for row in translator.source_vocabulary.encode_all([french for french, _ in pairs])]
    targets = translator.target_vocabulary.encode_all([english for _, english in pairs])
    return evaluate(translator.model, BucketedBatches(sources, targets))["accuracy"]


def measure(translator, pairs: list[tuple[str, str]], width: int) -> dict[str, float]:
    """BLEU, share of sentences right, and the seconds, for one beam width."""
    import sacrebleu

    sources, targets = (list(side) for side in zip(*pairs, strict=True))
    translator(sources, width)  # compiles
    start = time.perf_counter()
    said = translator(sources, width)
    seconds = time.perf_counter() - start
    right = sum(answer == target for answer, target in zip(said, targets, strict=True)) / len(pairs)
    return {"bleu": sacrebleu.corpus_bleu(said, [targets]).score, "exact_match": right, "seconds": seconds}


def main() -> None:
    """Trains the short one, measures both, prints and stores."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.beams", description=__doc__)
    parser.add_argument("--out", type=Path, default=FILE)
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from utils.tasks.translation import Translator

    pairs = load("test_random")[:SENTENCES]
    results = {"command": "python -m benchmarks.beams", "sentences": SENTENCES, "models": {}}
    short = Translator.train(load("train"), STEPS, progress=False)
    for name, translator in {f"{STEPS} steps": short, "shipped": Translator.load()}.items():
        rows = {width: measure(translator, pairs, width) for width in WIDTHS}
        results["models"][name] = {"token_accuracy": token_accuracy(translator, pairs), "widths": rows}
        print(name, results["models"][name], flush=True)
    write_whole(arguments.out, json.dumps(results, indent=1).encode() + b"\n")


if __name__ == "__main__":
    main()
