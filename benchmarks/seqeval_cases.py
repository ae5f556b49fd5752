"""Random and adversarial label sequences, and what seqeval makes of them.

`python -m benchmarks.seqeval_cases`, with a Python that has seqeval 1.2.2, writes data/experiments/seqeval.json anew.
(seqeval itself is no dependency: it does not build everywhere.)
"""

import json
import random
import sys
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "data" / "experiments" / "seqeval.json"
KINDS = ("PER", "ORG", "creative-work", "x")
ADVERSARIAL = [
    [["O"]],
    [["B-PER"]],
    [["I-PER"]],
    [["O", "I-PER", "I-PER"]],
    [["B-PER", "I-ORG"]],
    [["B-PER", "I-ORG", "I-PER"]],
    [["I-PER", "B-PER", "B-PER"]],
    [["B-PER", "B-PER", "I-PER", "O", "I-PER"]],
    [["I-ORG"], ["I-ORG"]],
    [["B-creative-work", "I-creative-work", "I-work"]],
    [["B-PER", "O", "B-PER"], ["O", "O"], ["I-x"]],
    [["B-PER", "I-PER", "I-PER"], ["B-ORG"], ["O"]],
]


def sentences(rng: random.Random, sizes: list[int]) -> list[list[str]]:
    """Labels without any rule for what may follow what; some mostly O, some never."""
    outside = rng.choice((0.1, 0.5, 0.85))
    kinds = rng.sample(KINDS, rng.randint(1, len(KINDS)))

    def label() -> str:
        return "O" if rng.random() < outside else f"{rng.choice('BI')}-{rng.choice(kinds)}"

    return [[label() for _ in range(size)] for size in sizes]


def noisy(rng: random.Random, gold: list[list[str]]) -> list[list[str]]:
    """Gold with some labels changed: as a model that has learnt something gets them."""
    other = sentences(rng, [len(labels) for labels in gold])
    rate = rng.choice((0.0, 0.1, 0.4, 1.0))
    return [
        [o if rng.random() < rate else g for g, o in zip(a, b, strict=True)] for a, b in zip(gold, other, strict=True)
    ]


def cases() -> list[tuple[list, list]]:
    """Pairs of gold and predicted."""
    rng = random.Random(7)
    made = []
    for gold in ADVERSARIAL:
        sizes = [len(labels) for labels in gold]
        made += [
            (gold, gold),
            (gold, [["O"] * n for n in sizes]),
            (gold, sentences(rng, sizes)),
            (sentences(rng, sizes), gold),
        ]
    for _ in range(300):
        gold = sentences(rng, [rng.randint(1, 12) for _ in range(rng.randint(1, 5))])
        made.append((gold, noisy(rng, gold)))
    return made


def main() -> None:
    """Writes the file."""
    import warnings

    from seqeval.metrics import f1_score, precision_score, recall_score

    warnings.simplefilter("ignore")
    rows = []
    for gold, predicted in cases():
        scores = [float(score(gold, predicted)) for score in (precision_score, recall_score, f1_score)]
        rows.append([gold, predicted, scores])
    content = {"command": "python -m benchmarks.seqeval_cases", "seqeval": "1.2.2", "rows": rows}
    FILE.write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
