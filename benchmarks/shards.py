"""Training on more than the memory holds: `python -m benchmarks.shards` (some 15 minutes), or with sizes of your own.

Files of 50,000, 500,000 and 5,000,000 pairs of invented sentences are written on the spot. Of each a small translator
learns 50 steps, in a process of its own, with `shards=`, and of those that fit also without. It prints the seconds
until the first step, the largest memory that the process ever had, and the size of the shards on disk. A second process
on the same data must have the same losses, or it stops with an error.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.files import SYLLABLES, words_of
from benchmarks.rows import note

ROOT = Path(__file__).resolve().parents[1]
SIZES = (50_000, 500_000, 5_000_000)
FITS = 500_000  # pairs: as many as are also held
TWICE = 50_000  # pairs: as many as are trained on a second time, to compare the losses
LEARN = """
import json, resource, sys, time
from utils.notebook import quiet_import
quiet_import("keras")
from utils.tasks.translation import Translator
path, shards = sys.argv[1:]
begun, first = time.monotonic(), []
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
translator = Translator.train(
    path, 50, vocabulary_size=2000, num_layers=1, embedding_dim=64, num_heads=2, fully_connected_dim=128,
    progress=False, shards=shards or None, on_step=lambda step, loss: first or first.append(time.monotonic()))
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"seconds": first[0] - begun, "before": before / 1024, "peak": after / 1024,
                  "losses": translator.history["loss"].tolist()}))
"""


def write_pairs(path: Path, number: int) -> None:
    """Pairs of sentences of 5 to 15 words: the second has the first's words, each spelt backwards.

    In one of ten a word is new, so that their number grows with that of the sentences.
    """
    rng = random.Random(0)
    with open(path, "w", encoding="utf-8") as file:
        for n in range(number):
            words = words_of(rng, rng.randint(5, 15))
            if n % 10 == 0:
                words[0] += "".join(SYLLABLES[int(digit)] for digit in str(n))
            file.write(f"{' '.join(words)}.\t{' '.join(word[::-1] for word in words)}.\n")


def learnt(path: Path, shards: Path | None) -> dict:
    """What a training in a process of its own says."""
    command = [sys.executable, "-c", LEARN, str(path), str(shards or "")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def main(arguments: list[str] | None = None) -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", type=int, nargs="*", default=SIZES, help="how many pairs")
    with tempfile.TemporaryDirectory() as scratch:
        path, shards = Path(scratch) / "pairs.tsv", Path(scratch) / "shards"
        for number in parser.parse_args(arguments).sizes:
            write_pairs(path, number)
            peaks = []
            for where in (shards, *([None] if number <= FITS else [])):
                found = learnt(path, where)
                peaks.append(found["peak"])
                how = "held" if where is None else "in shards"
                print(f"{number:9,} pairs ({path.stat().st_size / 2**20:4.0f} MiB) {how:9}: first step after "
                      f"{found['seconds']:6.1f} s, memory {found['peak']:6.0f} MiB, of which {found['before']:.0f} "
                      "before anything was read", flush=True)  # fmt: skip
                if where and number <= TWICE and learnt(path, where)["losses"] != found["losses"]:
                    sys.exit("The same data in the same order gave other losses")
            if len(peaks) == 2:
                note(f"memory, {number:,} pairs in shards", "held", [tuple(peaks)], "MiB")
            size = sum(file.stat().st_size for file in shards.iterdir()) / 2**20
            print(f"{'':9} on disk {size:.0f} MiB in {len(list(shards.glob('*.ids')))} shards", flush=True)


if __name__ == "__main__":
    main()
