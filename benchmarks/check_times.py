"""How long a check lets a learner wait: `python -m benchmarks.check_times`.

Every exercise's check, on one core, on every right answer, wrong answer and blank that the tests know: the
processor's seconds from the call of `check` to its last line. "first" is the first answer in a process, when nothing
has been built yet; the others follow. Then one endless loop for each kind of exercise, by the clock.

Each exercise runs in a process of its own, one after the other, lesson 13's where PyTorch is and Keras is not.
"""

import contextlib
import importlib.util
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ONE_CORE = {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3"}
ENDLESS = ("warm_up", "scaled_dot_product_attention", "greedy_decode", "validate_entities")


def of_one(name: str) -> dict:
    """Seconds of one exercise's check, in this process: by kind of answer, a list each."""
    from tests.checks import table
    from utils.checks.frame import EXERCISES

    reference = EXERCISES[name].reference

    def blank(*args, **kwargs):
        raise NotImplementedError

    right = [answer for other, answer in table.alternatives() if other == name]
    wrong = [answer for other, answer, _ in table.mutants() if other == name]
    seconds = {"first": [seconds_of(right[0], name)], "not started": [seconds_of(blank, name)]}
    return seconds | {
        "right": [seconds_of(answer, name) for answer in (own(reference), *right)],
        "wrong": [seconds_of(answer, name) for answer in wrong],
    }


def own(reference):
    """The library's answer as a learner's own."""
    if isinstance(reference, type):
        return type(reference.__name__, (reference,), {"__module__": "__main__"})
    return lambda *args, **kwargs: reference(*args, **kwargs)


def seconds_of(answer, name: str, clock=time.process_time) -> float:
    """How long `check` takes, by the processor unless said otherwise."""
    from utils.checks import check

    begun = clock()
    with contextlib.redirect_stdout(io.StringIO()):
        check(answer, name)
    return clock() - begun


def endless(name: str) -> float:
    """Seconds by the clock until a loop without an end has its line."""

    def loop(*args, **kwargs):
        while True:
            pass

    return seconds_of(loop, name, time.perf_counter)


def measured(function: str, name: str, torch: bool) -> object:
    """What a function of this file gives in a process of its own, on one core."""
    code = "import torch\n" if torch else ""
    code += f"import json\nfrom benchmarks import check_times as c\nprint()\nprint(json.dumps(c.{function}({name!r})))"
    core = {next(iter(os.sched_getaffinity(0)))} if hasattr(os, "sched_getaffinity") else None
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=os.environ | ONE_CORE | QUIET | {"COURSE_PROGRESS": f"{scratch}/progress.json"},
            capture_output=True,
            text=True,
            preexec_fn=(lambda: os.sched_setaffinity(0, core)) if core else None,
        )
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def main() -> int:
    """Prints a row an exercise, then the shares within 2 and 5 seconds, and the endless loops."""
    from utils.notebook import quiet_import

    quiet_import("utils.checks")
    exercises = quiet_import("utils.checks.interaction").in_order()
    print(f"{'exercise':30}{'first':>8}{'not started':>13}{'right':>8}{'wrong, median':>15}{'wrong, longest':>16}")
    every = []
    for exercise in exercises:
        if (torch := exercise.framework == "torch") and not importlib.util.find_spec("torch"):
            continue
        found = measured("of_one", exercise.name, torch)
        every += [s for kind in found.values() for s in kind]
        wrong = sorted(found["wrong"])
        row = found["first"][0], found["not started"][0], max(found["right"]), wrong[len(wrong) // 2], wrong[-1]
        print(
            f"{exercise.name:30}" + "".join(f"{s:{n}.2f}" for s, n in zip(row, (8, 13, 8, 15, 16), strict=True)),
            flush=True,
        )
    within = [f"{sum(s <= limit for s in every) / len(every):.1%} within {limit} s" for limit in (2, 5)]
    print(f"{len(every)} checks: {', '.join(within)}; the longest {max(every):.1f} s")
    for name in ENDLESS:
        print(f"an endless loop in {name}: {measured('endless', name, torch=False):.1f} s by the clock")
    return 0


if __name__ == "__main__":
    sys.exit(main())
