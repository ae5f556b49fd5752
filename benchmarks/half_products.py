"""What products of bfloat16 cost and gain: `python -m benchmarks.half_products`.

Named entities as in `benchmarks.ner`, the course's own sentences, 400 steps, three seeds: with `matmul_precision` of
float32 and of bfloat16 by turns, in one process. Prints F1 on the hand-written test, the 95 % interval of the
difference over sentences and seeds, and the time of the first kind of training divided by that of the other.
"""

import os
import statistics
import time

from benchmarks.ner import SEEDS, SHIPPED, difference, train
from utils.datasets.readers.entity_files import read_entities
from utils.tasks.labels import entity_f1

PRECISIONS = ("float32", "bfloat16")


def main() -> None:
    """Trains, and prints."""
    learnt, asked = (read_entities(SHIPPED / f"{split}.jsonl") for split in ("train", "test"))
    said, seconds = ({precision: [] for precision in PRECISIONS} for _ in range(2))
    for seed in SEEDS[:3]:
        for precision in PRECISIONS[:: 1 if seed % 2 else -1]:
            start = time.perf_counter()
            model = train(learnt, seed=seed, matmul_precision=precision)
            seconds[precision].append(time.perf_counter() - start)
            said[precision].append(model.predict_labels(asked))
            score = entity_f1([example.labels() for example in asked], said[precision][-1])["f1"]
            print(f"seed {seed}, {precision}: F1 {score:.3f}, {seconds[precision][-1]:.0f} s", flush=True)
    gold = [example.labels() for example in asked]
    low, high = difference(gold, said["bfloat16"], said["float32"])
    shares = [half / whole for half, whole in zip(seconds["bfloat16"], seconds["float32"], strict=True)]
    print(f"F1 with bfloat16 less F1 with float32: {low:.3f} to {high:.3f}")
    print(f"time: {statistics.median(shares):.2f} of float32's ({min(shares):.2f} to {max(shares):.2f})")


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
