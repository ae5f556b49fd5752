"""How fast files are looked through and read: `python -m benchmarks.files`.

Files of N lines of each family are written, of invented words. With `--before FOLDER`, another checkout of the
project, both look through the same files, by turns, each in a process of its own: seconds of the processor without
what importing takes, the median of the pairs' ratios, and the largest memory. `--lines 1000000` shows whether memory
grows. `--train` measures the way from a file to the first step of training: reading, cutting into pieces, the step.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FAMILIES = ("columns", "json spans", "json tokens", "questions nested", "questions flat", "parallel text")
WORKER = """
import resource, sys, time
task, path = sys.argv[1:]
before = time.process_time()
if task == "pairs":
    {pairs}
elif task == "entities":
    {entities}
else:
    {questions}
loaded = time.process_time()
if task == "pairs":
    found, bad = 0, []
    for _ in read_pairs(path, on_error="skip", problems=bad):
        found += 1
else:
    found = (validate_entities if task == "entities" else validate_questions)(path, progress=False).checked
print(found, time.process_time() - loaded, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
SYLLABLES = ("ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "zu", "dar", "fel", "gin", "hol", "jun", "par")


def words_of(rng: random.Random, count: int) -> list[str]:
    """Invented words."""
    return ["".join(rng.choices(SYLLABLES, k=rng.randint(1, 4))) for _ in range(count)]


def labelled(rng: random.Random) -> tuple[list[str], list[tuple[int, int, str]]]:
    """A sentence of 5 to 15 words, and its entities as first word, last word + 1, type."""
    words, spans, at = words_of(rng, rng.randint(5, 15)), [], 0
    while at < len(words) - 1:
        if rng.random() < 0.15:
            end = at + rng.randint(1, 2)
            spans.append((at, end, rng.choice(("PER", "LOC", "ORG"))))
            words[at:end] = [word.capitalize() for word in words[at:end]]
            at = end
        at += 1
    return words, spans


def tags_of(words: list[str], spans: list[tuple[int, int, str]]) -> list[str]:
    """A label a word, BIO."""
    tags = ["O"] * len(words)
    for first, last, kind in spans:
        tags[first:last] = [f"B-{kind}", *[f"I-{kind}"] * (last - first - 1)]
    return tags


def places_of(words: list[str], spans: list[tuple[int, int, str]]) -> list[list]:
    """The spans as characters of the words with a space between any two."""
    starts = [len(" ".join(words[:n])) + (n > 0) for n in range(len(words))]
    return [[starts[a], starts[b - 1] + len(words[b - 1]), kind] for a, b, kind in spans]


def passages(rng: random.Random, questions: int) -> Iterator[tuple[str, list[dict]]]:
    """Passages of 60 words, five questions each."""
    for number in range(0, questions, 5):
        words = words_of(rng, 60)
        context, asked = " ".join(words), []
        for n in range(min(5, questions - number)):
            at = rng.randrange(len(words) - 2)
            start = len(" ".join(words[:at])) + (at > 0)
            answer = " ".join(words[at : at + 2])
            asked.append({"id": f"{number + n}", "question": " ".join(words_of(rng, 7)) + "?",
                          "answers": [{"text": answer, "answer_start": start}]})  # fmt: skip
        yield context, asked


def write(family: str, lines: int, path: Path) -> str:
    """Writes a file of a family; returns the task that reads it."""
    rng = random.Random(0)
    with path.open("w", encoding="utf-8") as file:
        if family == "columns":
            written = 0
            while written < lines:
                words, spans = labelled(rng)
                file.writelines(f"{word}\t{tag}\n" for word, tag in zip(words, tags_of(words, spans), strict=True))
                file.write("\n")
                written += len(words) + 1
        elif family.startswith("json"):
            for _ in range(lines):
                words, spans = labelled(rng)
                item = {"tokens": words, "ner_tags": tags_of(words, spans)}
                item = item if family == "json tokens" else {"text": " ".join(words), "label": places_of(words, spans)}
                file.write(json.dumps(item) + "\n")
        elif family == "questions nested":
            file.write('{"data": [{"title": "Mills", "paragraphs": [\n')
            for n, (context, asked) in enumerate(passages(rng, lines)):
                file.write(",\n" * (n > 0) + json.dumps({"context": context, "qas": asked}))
            file.write("\n]}]}\n")
        elif family == "questions flat":
            for context, asked in passages(rng, lines):
                for one in asked:
                    answer = one["answers"][0]
                    row = {"id": one["id"], "question": one["question"], "context": context}
                    row |= {"answer": answer["text"], "answer_start": answer["answer_start"]}
                    file.write(json.dumps(row) + "\n")
        else:
            for _ in range(lines):
                file.write(" ".join(words_of(rng, 9)) + "\t" + " ".join(words_of(rng, 9)) + "\n")
    return "pairs" if family == "parallel text" else "questions" if "questions" in family else "entities"


def look_through(root: Path, task: str, path: Path) -> tuple[int, float, float]:
    """What a checkout makes of a file: how much could be used, seconds of the processor, MiB at most."""
    new = (root / "utils" / "datasets" / "readers").is_dir()
    home = "utils.datasets.readers" if new else "utils.datasets"
    names = {
        "pairs": f"from {home}.parallel import read_pairs",
        "entities": f"from {home}.validate import validate_entities",
        "questions": f"from {home}.validate import validate_questions",
    }
    run = [sys.executable, "-c", WORKER.format(**names), task, str(path)]
    said = subprocess.run(run, cwd=root, env=os.environ | {"PYTHONPATH": str(root)}, capture_output=True, text=True)
    if said.returncode:
        raise RuntimeError(said.stderr.strip().splitlines()[-1])
    found, seconds, memory = said.stdout.split()[-3:]
    return int(found), float(seconds), float(memory)


def compare(before: Path | None, lines: int, times: int, families: list[str]) -> None:
    """Prints the table of families."""
    print(f"{lines} lines, seconds of the processor; {times} times by turns\n")
    print(f"{'family':18}{'used':>9}{'now':>8}{'MiB':>6}" + (f"{'before':>9}{'MiB':>6}{'faster':>9}" if before else ""))
    with tempfile.TemporaryDirectory() as folder:
        for family in families:
            path = Path(folder) / "file"
            task = write(family, lines, path)
            ours, theirs = [], []
            for turn in range(times):
                for who in (ours, theirs) if turn % 2 else (theirs, ours):
                    if who is ours or before:
                        who.append(look_through(ROOT if who is ours else before, task, path))
            used, seconds, memory = ours[0][0], statistics.median(o[1] for o in ours), max(o[2] for o in ours)
            row = f"{family:18}{used:9}{seconds:8.2f}{memory:6.0f}"
            if before:
                ratio = statistics.median(t[1] / o[1] for o, t in zip(ours, theirs, strict=True))
                row += f"{statistics.median(t[1] for t in theirs):9.2f}{max(t[2] for t in theirs):6.0f}{ratio:8.1f}×"
                row += "" if used == theirs[0][0] else f"  (it used {theirs[0][0]})"
            print(row, flush=True)


def way_to_the_first_step(sentences: int) -> None:
    """Prints what the way from a file of sentences to the first step of training takes, by the clock."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from utils.datasets.readers.entity_files import read_entities
    from utils.tasks.token_classification import fine_tune

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.jsonl"
        write("json tokens", sentences, path)
        start = time.perf_counter()
        examples = read_entities(path)
        read = time.perf_counter()

        class First(Exception):
            """The first step is over."""

        def stop(step, loss):
            raise First

        try:
            fine_tune(examples, steps=100, progress=False, on_step=stop)
        except First:
            first = time.perf_counter()
        print(f"{len(examples)} sentences: read in {read - start:.1f} s, the first step {first - read:.1f} s later")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, help="another checkout, to be compared with")
    parser.add_argument("--lines", type=int, default=100_000, help="of each file (default: 100000)")
    parser.add_argument("--times", type=int, default=3, help="how often each looks through each (default: 3)")
    parser.add_argument("--only", nargs="*", choices=FAMILIES, default=FAMILIES, help="these families alone")
    parser.add_argument("--train", action="store_true", help="the way to the first step, of so many sentences")
    options = parser.parse_args()
    if options.train:
        way_to_the_first_step(options.lines)
    else:
        compare(options.before, options.lines, options.times, options.only)


if __name__ == "__main__":
    main()
