"""The table of the checks: mutants rejected with the right diagnosis, alternatives accepted.

As a command it draws new inputs at each run, as a learner's check does, and names the seed. Tests draw the same ones at
each run, so that they fail for a change alone. CHECKS_SEED=… sets the seed of either.
"""

import importlib
import importlib.util
import os
import pkgutil
import secrets
import subprocess
import sys
from collections.abc import Iterator

if "torch" in sys.argv:
    import torch  # noqa: F401 - then PyTorch's exercises are those that are here

import tests.alternatives
import tests.mutants
import utils.checks  # noqa: F401 - registers the exercises
from utils.checks.frame import examine, here
from utils.checks.interaction import in_order

SEED = int(os.environ.get("CHECKS_SEED") or (secrets.randbelow(2**32) if __name__ == "__main__" else 2017))
os.environ["CHECKS_SEED"] = str(SEED)  # for the processes that this one starts


def _collected(package, attribute):
    names = [m.name for m in pkgutil.iter_modules(package.__path__)]
    names = [name for name in names if name.endswith("_pytorch") == (here() == "torch")]
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    return [(name, entry) for m in modules for name, entries in getattr(m, attribute).items() for entry in entries]


def mutants():
    """(exercise, wrong answer, words of its diagnosis) for all."""
    return [(name, *entry) for name, entry in _collected(tests.mutants, "MUTANTS")]


def alternatives():
    """(exercise, unusual right answer) for all."""
    return _collected(tests.alternatives, "ALTERNATIVES")


def exercises_here():
    """The exercises of this process's framework, in the order of their lessons."""
    return [exercise for exercise in in_order() if exercise.framework == here()]


def counts() -> dict[str, tuple[int, int]]:
    """For each exercise: mutants, alternatives."""
    wrong, right = ([name for name, *_ in entries()] for entries in (mutants, alternatives))
    return {e.name: (wrong.count(e.name), right.count(e.name)) for e in exercises_here()}


def table() -> Iterator[tuple[str, int, int, int, int]]:
    """For each exercise: mutants named rightly, mutants, alternatives accepted, alternatives."""
    for exercise in exercises_here():
        wrong = [(m, words) for name, m, words in mutants() if name == exercise.name]
        right = [a for name, a in alternatives() if name == exercise.name]
        reports = [(examine(m, exercise, SEED), words) for m, words in wrong]
        rejected = sum(not r.passed and words in r.failure.diagnosis for r, words in reports)
        accepted = sum(examine(a, exercise, SEED).passed for a in right)
        yield exercise.name, rejected, len(wrong), accepted, len(right)


def line(name: str, rejected: int, wrong: int, accepted: int, right: int) -> str:
    """A row as it is printed."""
    return f"{name:30}{f'{rejected}/{wrong}':>16}{f'{accepted}/{right}':>24}"


if __name__ == "__main__":
    if here() == "keras":
        print(f"CHECKS_SEED={SEED}")
        print(f"{'exercise':30}{'mutants named':>16}{'alternatives accepted':>24}", flush=True)
    bad = False
    for row in table():
        print(line(*row), flush=True)
        bad |= row[1] < row[2] or row[3] < row[4]
    if here() == "keras" and importlib.util.find_spec("torch"):  # PyTorch's, in a process of their own
        sys.stdout.flush()
        bad |= subprocess.run([sys.executable, "-m", "tests.checks.table", "torch"]).returncode != 0
    sys.exit(bad)
