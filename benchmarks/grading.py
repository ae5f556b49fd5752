"""Submissions a minute, ours beside nbgrader's, in one run: `python -m benchmarks.grading`.

Right submissions of one lesson; nbgrader gets the course that `python -m utils.course instructor` writes. Our time is
the whole command's, boxes and imports included; so is nbgrader's. What a further submission costs is the slope between
a few and many. Processor seconds, which a busy machine changes little, are those of all processes that took part; the
memory is that of the largest of them, and of the one that reads all submissions. `--nbgrader 0` leaves nbgrader out.
"""

import argparse
import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from utils.course.instructor import write_instructor
from utils.course.source import ROOT

LESSON = "03_self_attention"


@dataclass
class Taken:
    """What a command took: seconds by the clock and of the processors; megabytes of its own, and of any process."""

    seconds: float
    worked: float
    own: float
    largest: float


def taken_by(command: list[str], folder: Path) -> Taken:
    """Runs a command, which must succeed. Linux: what is waited for tells what it and all below it used."""
    start, own = time.perf_counter(), 0
    with tempfile.TemporaryFile() as said:
        environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=subprocess.STDOUT, env=environment)
        while True:
            status = Path("/proc", str(process.pid), "status")
            with contextlib.suppress(OSError, StopIteration):  # none any more once it has ended
                line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
                own = max(own, int(line.split()[1]))
            done, code, used = os.wait4(process.pid, os.WNOHANG)
            if done:
                break
            time.sleep(0.2)
        process.returncode = os.waitstatus_to_exitcode(code)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{command} failed: {said.read().decode('utf-8', 'replace')[-2000:]}")
    taken = time.perf_counter() - start
    return Taken(taken, used.ru_utime + used.ru_stime, own / 1024, used.ru_maxrss / 1024)


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
        print(f"{processor_name()}, {workers} cores; lesson {LESSON}", flush=True)
        if options.nbgrader:
            taken_by([sys.executable, "-m", "nbgrader", "generate_assignment", LESSON], folder / "course")
            hand_in(text, folder / "course", options.nbgrader, "submitted/{learner}/{lesson}/{lesson}.ipynb")
            theirs = taken_by([sys.executable, "-m", "nbgrader", "autograde", LESSON], folder / "course")
            rates["nbgrader"] = options.nbgrader / theirs.seconds * 60
            print(f"nbgrader: {options.nbgrader} in {theirs.seconds:.0f} s ({theirs.worked:.0f} of the processors), "
                  f"{rates['nbgrader']:.1f} a minute", flush=True)  # fmt: skip
        for size in options.sizes:
            hand_in(text, folder / f"class{size}", size, "{learner}/{lesson}.ipynb")
            command = [sys.executable, "-m", "utils.course", "grade", str(folder / f"class{size}"), "--quiet"]
            ours = taken_by([*command, "--out", str(folder / f"out{size}")], ROOT)
            rates[size] = size / ours.seconds * 60
            times = f", {rates[size] / rates['nbgrader']:.1f} times nbgrader's" if options.nbgrader else ""
            print(
                f"ours: {size} in {ours.seconds:.0f} s ({ours.worked:.0f} of the processors), {rates[size]:.1f} a "
                f"minute{times}; {ours.own:.0f} MB, the largest of its processes {ours.largest:.0f} MB",
                flush=True,
            )
        print(json.dumps({str(key): round(value, 1) for key, value in rates.items()}))


if __name__ == "__main__":
    main()
