"""Two builds beside each other on the four main jobs: `python -m benchmarks.regress COMMIT [COMMIT]`.

The jobs: a training step of an encoder, a training step of the translator, greedy translation, predicting entities.
Each commit is checked out into a worktree of its own; the second build is the working tree where no other is named.
Every job runs in a fresh process, the two builds by turns, in one run; what is printed are ratios, the second build's
time divided by the first's, by the clock and of the processor: the median of the pairs, the lowest and the highest.
"""

import argparse
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STEPS, WARM = 24, 4  # of a training, and how many of them are not counted
SENTENCES = 2000


# What a build does, in a process of its own; by names that every build has ---------------------------


def encoder_step() -> tuple[float, float]:
    """The median step of fine-tuning all weights of the encoder, on the entity sentences."""
    from utils.tasks.token_classification import fine_tune

    return steps_of(lambda on_step: fine_tune(entity_sentences(), steps=STEPS, on_step=on_step, progress=False))


def translator_step() -> tuple[float, float]:
    """The median step of training a translator of the shipped one's sizes."""
    from utils.datasets.generators.french_english import load
    from utils.tasks.translation import Translator

    pairs = load("train")[:4000]
    return steps_of(lambda on_step: Translator.train(pairs, 2 * STEPS, on_step=on_step, progress=False))


def greedy_translation() -> tuple[float, float]:
    """The shipped translator on the random test, after a first time that compiles."""
    from utils.datasets.generators.french_english import load
    from utils.tasks.translation import Translator

    translator, sentences = Translator.load(), [french for french, _ in load("test_random")[:SENTENCES]]
    translator(sentences)
    return timed(lambda: translator(sentences))


def predicting_entities() -> tuple[float, float]:
    """An encoder that has learnt for one step on the entity sentences, several times over, after a first time."""
    from utils.tasks.token_classification import fine_tune

    examples = entity_sentences()
    model = fine_tune(examples, steps=1, progress=False)
    many = (examples * (1 + SENTENCES // len(examples)))[:SENTENCES]
    model.predict_labels(many[:200])
    return timed(lambda: model.predict_labels(many))


JOBS = {
    "encoder step": encoder_step,
    "translator step": translator_step,
    "greedy translation": greedy_translation,
    "predicting entities": predicting_entities,
}


def entity_sentences() -> list:
    """The train sentences of the build at hand."""
    from utils.datasets.readers.entity_files import read_entities

    return read_entities("data/entities/train.jsonl")


def timed(work) -> tuple[float, float]:
    """Seconds by the clock and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


def steps_of(train) -> tuple[float, float]:
    """The medians of a training's steps, the first ones left out."""
    marks = []
    train(lambda step, loss: marks.append((float(loss) and time.perf_counter(), time.process_time())))
    both = [[b - a for a, b in zip(times, times[1:], strict=False)][WARM:] for times in zip(*marks, strict=True)]
    clock, processor = map(statistics.median, both)
    return clock, processor


# The comparison --------------------------------------------------------------------------------------


class BuildError(RuntimeError):
    """A build cannot be had, or does not do its job; the message says why."""


@contextlib.contextmanager
def worktree(commit: str | None) -> Iterator[Path]:
    """The folder of a build: a commit's, which goes again afterwards, or for None the working tree.

    Raises:
        BuildError: git knows no such commit.
    """
    if commit is None:
        yield ROOT
        return
    with tempfile.TemporaryDirectory(prefix="regress-") as scratch:
        folder = Path(scratch) / "tree"
        git("worktree", "add", "--detach", str(folder), commit)
        try:
            yield folder
        finally:
            git("worktree", "remove", "--force", str(folder))


def git(*arguments: str) -> str:
    """What git says. Raises BuildError with its own words where it fails."""
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise BuildError("There is no git here: it checks the builds out") from error
    if done.returncode:
        words = done.stderr.strip().splitlines() or ["it did not say why"]
        raise BuildError(f"git {' '.join(arguments[:2])} failed: {words[-1]}")
    return done.stdout.strip()


def run_job(job: str, folder: Path) -> tuple[float, float]:
    """One job of the build in a folder: seconds by the clock and of the processor.

    Raises:
        BuildError: the job failed; the message is the last line that it wrote.
    """
    environment = os.environ | {"PYTHONPATH": str(folder), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-P", str(Path(__file__).resolve()), "--job", job]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"it ended with {done.returncode} and said nothing"]
        raise BuildError(f"{job} failed in {folder}: {lines[-1]}")
    clock, processor = json.loads(done.stdout.strip().splitlines()[-1])
    return clock, processor


def compared(jobs, folders: tuple[Path, Path], repeats: int, run=run_job) -> Iterator[tuple[str, list]]:
    """Each job with its pairs, one a repeat: ((clock, processor) of the first build, the same of the second)."""
    for job in jobs:
        pairs = []
        for repeat in range(repeats):
            order = (0, 1) if repeat % 2 == 0 else (1, 0)  # who goes first changes: a machine may slow down
            found = {side: run(job, folders[side]) for side in order}
            pairs.append((found[0], found[1]))
        yield job, pairs


def ratios(pairs: list, figure: int) -> tuple[float, float, float]:
    """Of the second build's times divided by the first's: median, lowest, highest. Figure 0 is the clock's."""
    each = [after[figure] / before[figure] for before, after in pairs]
    return statistics.median(each), min(each), max(each)


def row(job: str, pairs: list) -> str:
    """A line of the table."""
    before, after = (statistics.median(pair[side][0] for pair in pairs) for side in (0, 1))
    clock, processor = ("{:5.2f} ({:.2f} to {:.2f})".format(*ratios(pairs, figure)) for figure in (0, 1))
    return f"{job:20} {before:9.3f} {after:9.3f}   {clock:22} {processor:22}"


def machine() -> str:
    """Cores, processor, and the versions that times depend on."""
    from importlib.metadata import version

    versions = ", ".join(f"{name} {version(name)}" for name in ("tensorflow", "keras", "numpy"))
    return f"{os.cpu_count()} cores, {processor_name()}, Python {platform.python_version()}, {versions}"


def processor_name() -> str:
    """As the system calls it."""
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "")
    return platform.processor() or platform.machine()


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.regress", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("before", nargs="?", default="HEAD", help="the first build, a commit (default: HEAD)")
    parser.add_argument("after", nargs="?", help="the second (default: the working tree as it is)")
    parser.add_argument("--repeats", type=int, default=3, help="pairs of each job, at least 3 (default: 3)")
    parser.add_argument("--jobs", nargs="+", choices=JOBS, default=list(JOBS), metavar="JOB", help=", ".join(JOBS))
    parser.add_argument("--job", choices=JOBS, help=argparse.SUPPRESS)  # what a fresh process is called with
    found = parser.parse_args(arguments)
    if found.repeats < 3:
        parser.error(f"--repeats: fewer than 3 pairs show no spread. Received: {found.repeats}")
    return found


def main() -> int:
    """Prints the table, a line as soon as it is known."""
    options = parse()
    if options.job:
        print(json.dumps(JOBS[options.job]()))
        return 0
    try:
        with worktree(options.before) as before, worktree(options.after) as after:
            names = git("rev-parse", "--short", options.before), options.after or "the working tree"
            print(f"{names[0]} beside {names[1]}, {options.repeats} pairs by turns; {machine()}\n")
            print(f"{'job':20} {'before, s':>9} {'after, s':>9}   {'by the clock':22} {'of the processor':22}")
            for job, pairs in compared(options.jobs, (before, after), options.repeats):
                print(row(job, pairs), flush=True)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    print("\nRatios are after divided by before: median of the pairs (lowest to highest).")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
