"""Submissions a minute, ours beside nbgrader's, in one run: `python -m benchmarks.grading`.

Right submissions of one lesson; nbgrader gets the course that `python -m utils.course instructor` writes. Our time is
the whole command's, boxes and imports included; so is nbgrader's. What a further submission costs is the slope between
a few and many.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from utils.course.instructor import write_instructor
from utils.course.source import ROOT

LESSON = "03_self_attention"


def seconds_of(command: list[str], folder: Path) -> float:
    """How long a command takes; it must succeed."""
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=environment)
    return time.perf_counter() - start


def processor_name() -> str:
    """What the system calls the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )


def filled(course: Path) -> str:
    """The lesson's learner's copy with its answers, as nbgrader's course has it."""
    return (course / "source" / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8")


def hand_in(text: str, folder: Path, count: int, place: str) -> None:
    """The same notebook from so many learners."""
    for n in range(count):
        path = folder / place.format(learner=f"learner{n:04}", lesson=LESSON)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def main() -> None:
    """Grades a few by both, then more and more by ours; prints the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grading", description=__doc__)
    parser.add_argument("--nbgrader", type=int, default=3, help="submissions that nbgrader grades (default: 3)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 40, 160], help="of classes, for ours")
    options = parser.parse_args()
    workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    with tempfile.TemporaryDirectory() as name:
        folder, rates = Path(name), {}
        write_instructor(folder / "course")
        text = filled(folder / "course")
        seconds_of([sys.executable, "-m", "nbgrader", "generate_assignment", LESSON], folder / "course")
        hand_in(text, folder / "course", options.nbgrader, "submitted/{learner}/{lesson}/{lesson}.ipynb")
        theirs = seconds_of([sys.executable, "-m", "nbgrader", "autograde", LESSON], folder / "course")
        rates["nbgrader"] = options.nbgrader / theirs * 60
        print(f"{processor_name()}, {workers} cores; lesson {LESSON}")
        print(
            f"nbgrader: {options.nbgrader} submissions in {theirs:.0f} s, {rates['nbgrader']:.1f} a minute", flush=True
        )
        for size in options.sizes:
            hand_in(text, folder / f"class{size}", size, "{learner}/{lesson}.ipynb")
            command = [sys.executable, "-m", "utils.course", "grade", str(folder / f"class{size}"), "--quiet"]
            ours = seconds_of([*command, "--out", str(folder / f"out{size}")], ROOT)
            rates[size] = size / ours * 60
            print(f"ours: {size} in {ours:.0f} s, {rates[size]:.1f} a minute, "
                  f"{rates[size] / rates['nbgrader']:.1f} times nbgrader's", flush=True)  # fmt: skip
        print(json.dumps({str(key): round(value, 1) for key, value in rates.items()}))


if __name__ == "__main__":
    main()
