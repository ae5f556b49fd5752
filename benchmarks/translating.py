"""How fast texts are translated and names found: `python -m benchmarks.translating [--before COMMIT]`.

The shipped translator on the 2,000 sentences of the random test: greedily, with a beam of 4, and the first sentence of
a fresh process, imports and loading not counted; with `--before` the same of an older build, which must say the same.
Then entities in sentences, beside `transformers`' pipeline on PyTorch, in batches of 32; `--bfloat16` adds both with
products of numbers rounded to bfloat16, as `benchmarks.fine_tuning_step` has them. All sides are processes of their own
that work in turns, in one run. Medians by the clock, seconds of the processor, and ratios with their spread.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.regress import BuildError, machine, timed, worktree
from benchmarks.rows import note

WIDTH, BATCH = 4, 32


# What a side does, in a process of its own -----------------------------------------------------------


def translation(sentences: int, folder: str) -> dict:
    """The shipped translator on so many sentences."""
    from utils.datasets.generators.french_english import load
    from utils.tasks.translation import Translator

    translator, french = Translator.load(), [french for french, _ in load("test_random")[:sentences]]
    return {"greedy": lambda: translator(french), "beam": lambda: translator(french, WIDTH)}


def first(sentences: int, folder: str) -> dict:
    """The same on one sentence."""
    return {"first": translation(1, folder)["greedy"]}


def entity_texts(sentences: int) -> list[str]:
    """Train sentences, again and again."""
    from utils.datasets.readers.entity_files import read_entities

    texts = [example.text for example in read_entities("data/entities/train.jsonl")]
    return (texts * (1 + sentences // len(texts)))[:sentences]


def entities(sentences: int, folder: str, matmul_precision: str = "float32") -> dict:
    """A model of ours."""
    from utils.datasets.readers.entity_files import Example, split_words
    from utils.tasks.token_classification import load

    model, texts = load(folder, matmul_precision), entity_texts(sentences)

    def work():
        return [found for _, found in model.read([Example(t, (), tuple(split_words(t))) for t in texts])]

    return {"entities": work}


def pipeline(sentences: int, folder: str, matmul_precision: str = "highest") -> dict:
    """The same model in `transformers`."""
    import torch
    from transformers import pipeline as make
    from transformers.utils import logging

    logging.set_verbosity_error()
    torch.set_num_threads(os.cpu_count())
    torch.set_float32_matmul_precision(matmul_precision)
    ask = make("token-classification", model=folder, aggregation_strategy="first", batch_size=BATCH)
    texts = entity_texts(sentences)
    return {"entities": lambda: [[{"start": e["start"], "end": e["end"]} for e in row] for row in ask(texts)]}


IN_HALF = {
    "entities, bfloat16": partial(entities, matmul_precision="bfloat16"),
    "pipeline, bfloat16": partial(pipeline, matmul_precision="medium"),
}
SIDES = {"translation": translation, "first": first, "entities": entities, "pipeline": pipeline} | IN_HALF


def serve(side: str, sentences: int, folder: str) -> None:
    """Does what each line of standard input names; answers with the times and what came out."""
    work = SIDES[side](sentences, folder)
    print("ready", flush=True)
    for line in sys.stdin:
        call, said = work[line.strip()], []
        clock, processor = timed(lambda call=call, said=said: said.append(call()))
        print(json.dumps([clock, processor, said[0]]), flush=True)


class Side:
    """A side in a process of its own, of the build in a folder. Raises BuildError where it cannot be had."""

    def __init__(self, side: str, build: Path, sentences: int, folder: str = ""):
        environment = os.environ | {"PYTHONPATH": str(build)}
        own = str(Path(__file__).resolve().parent)  # an older build has its own `utils`, and this very file
        code = f"import benchmarks; benchmarks.__path__.insert(0, {own!r}); from benchmarks.translating import serve; "
        code += f"serve({side!r}, {sentences}, {folder!r})"
        command = [sys.executable, "-P", "-c", code]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
        self.process = subprocess.Popen(command, cwd=build, env=environment | {"TF_CPP_MIN_LOG_LEVEL": "3"}, **pipes)
        if self.process.stdout.readline().strip() != "ready":
            raise BuildError(f"{side} could not be started in {build}: run it there to see why")

    def __call__(self, name: str) -> tuple:
        """Seconds by the clock, of the processor, and what came out."""
        self.process.stdin.write(f"{name}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise BuildError(f"{name} ended with {self.process.wait()}: run it by itself to see why")
        return tuple(json.loads(line))

    def stop(self) -> None:
        """Ends it."""
        self.process.stdin.close()
        self.process.wait()


# The table -------------------------------------------------------------------------------------------


def row(what: str, ours: list[tuple], theirs: list[tuple], against: str) -> str:
    """A line: median times of ours and theirs, and the ratio of pairs, by the clock and of the processor."""
    note(what, against.partition(";")[0], [(a[0], b[0]) for a, b in zip(ours, theirs, strict=True)])
    parts = [f"{what:34} {statistics.median(t[0] for t in ours):8.3f} {statistics.median(t[0] for t in theirs):8.3f}  "]
    for figure in (0, 1):
        each = [a[figure] / b[figure] for a, b in zip(ours, theirs, strict=True)]
        parts.append(f" {statistics.median(each):5.2f} ({min(each):.2f} to {max(each):.2f})".ljust(25))
    return "".join(parts) + against


def turns(repeats: int, sides: dict) -> dict:
    """What each side's call gave in every round; who goes first changes."""
    found = {name: [] for name in sides}
    for repeat in range(repeats):
        for name in list(sides)[:: 1 if repeat % 2 else -1]:
            found[name].append(sides[name]())
    return found


def same(a: list, b: list) -> str:
    """How many of two lists are equal."""
    return f"{sum(x == y for x, y in zip(a, b, strict=True)):,} of {len(a):,} the same"


def translations(now: Path, before: Path | None, options) -> None:
    """The rows of the translator."""
    builds = {"now": now} | ({"before": before} if before else {})
    sides = {name: Side("translation", build, options.sentences) for name, build in builds.items()}
    calls = {
        (name, job): lambda side=side, job=job: side(job) for name, side in sides.items() for job in ("greedy", "beam")
    }
    cold = {key: call() for key, call in calls.items()}  # the first time compiles
    warm = turns(options.repeats, calls)
    for side in sides.values():
        side.stop()
    for name in list(builds)[1:]:
        for job in ("greedy", "beam"):
            said = same(cold["now", job][2], cold[name, job][2])
            print(row(f"{job}, for the first time", [cold["now", job]], [cold[name, job]], f"before; {said}"))
            print(row(f"{job}, after that", warm["now", job], warm[name, job], name), flush=True)
    print(row(f"a beam of {WIDTH}, after that", warm["now", "beam"], warm["now", "greedy"], "greedy"), flush=True)
    if before:
        fresh = turns(options.repeats, {name: lambda build=build: once(build) for name, build in builds.items()})
        print(row("first sentence, fresh process", fresh["now"], fresh["before"], "before"), flush=True)


def once(build: Path) -> tuple:
    """The first translation of a fresh process."""
    side = Side("first", build, 1)
    try:
        return side("first")
    finally:
        side.stop()


def names(now: Path, options) -> None:
    """The row of the entities; the model has learnt for a few steps, so that it finds some."""
    with tempfile.TemporaryDirectory() as scratch:
        code = "from utils.tasks.token_classification import fine_tune as f; import sys; "
        code += "f('data/entities/train.jsonl', steps=20, progress=False).save(sys.argv[1])"
        subprocess.run([sys.executable, "-c", code, scratch], cwd=now, check=True, stderr=subprocess.DEVNULL)
        chosen = ("entities", "pipeline", *(IN_HALF if options.bfloat16 else ()))
        sides = {name: Side(name, now, options.entities, scratch) for name in chosen}
        found = turns(options.repeats, {name: lambda side=side: side("entities") for name, side in sides.items()})
        for side in sides.values():
            side.stop()
    print(row("entities", found["entities"], found["pipeline"], "transformers' pipeline"))
    for against in ("pipeline", "pipeline, bfloat16") if options.bfloat16 else ():
        what, peer = "entities, bfloat16", f"transformers' {against}"
        said = same(*([call[2] for call in found[name]][0] for name in ("entities", what)))
        print(row(what, found[what], found[against], f"{peer}; {said} in float32"))


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.translating", description=__doc__)
    parser.add_argument("--before", help="a commit to compare with")
    parser.add_argument("--sentences", type=int, default=2000)
    parser.add_argument("--entities", type=int, default=10_000, help="sentences to find entities in; 0: none")
    parser.add_argument("--bfloat16", action="store_true", help="entities also with products of bfloat16")
    parser.add_argument("--repeats", type=int, default=3)
    found = parser.parse_args(arguments)
    if found.repeats < 3:
        parser.error(f"--repeats: fewer than 3 show no spread. Received: {found.repeats}")
    return found


def main() -> int:
    """Prints the table, a line as soon as it is known."""
    options = parse()
    print(f"{options.sentences:,} sentences, {options.repeats} times by turns; {machine()}\n")
    print(f"{'':34} {'ours, s':>8} {'theirs':>8}   {'by the clock':24} {'of the processor':24}against")
    try:
        with contextlib.ExitStack() as stack:
            before = stack.enter_context(worktree(options.before)) if options.before else None
            now = stack.enter_context(worktree(None))
            translations(now, before, options)
            if options.entities:
                names(now, options)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    print("\nRatios are our time divided by the other: median (lowest to highest).")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
