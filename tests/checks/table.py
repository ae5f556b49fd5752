"""The table of the checks: mutants rejected with the right diagnosis, alternatives accepted."""

import importlib
import pkgutil
import sys

import tests.alternatives
import tests.mutants
import utils.checks  # noqa: F401 - registers the exercises
from utils.checks.frame import examine
from utils.checks.interaction import in_order


def _collected(package, attribute):
    modules = [importlib.import_module(f"{package.__name__}.{m.name}") for m in pkgutil.iter_modules(package.__path__)]
    return [(name, entry) for m in modules for name, entries in getattr(m, attribute).items() for entry in entries]


def mutants():
    """(exercise, wrong answer, words of its diagnosis) for all."""
    return [(name, *entry) for name, entry in _collected(tests.mutants, "MUTANTS")]


def alternatives():
    """(exercise, unusual right answer) for all."""
    return _collected(tests.alternatives, "ALTERNATIVES")


def table() -> list[tuple[str, int, int, int, int]]:
    """For each exercise: mutants named rightly, mutants, alternatives accepted, alternatives."""
    rows = []
    for exercise in in_order():
        wrong = [(m, words) for name, m, words in mutants() if name == exercise.name]
        right = [a for name, a in alternatives() if name == exercise.name]
        reports = [(examine(m, exercise), words) for m, words in wrong]
        rejected = sum(not r.passed and words in r.failure.diagnosis for r, words in reports)
        accepted = sum(examine(a, exercise).passed for a in right)
        rows.append((exercise.name, rejected, len(wrong), accepted, len(right)))
    return rows


if __name__ == "__main__":
    print(f"{'exercise':30}{'mutants named':>16}{'alternatives accepted':>24}")
    rows = table()
    for name, rejected, wrong, accepted, right in rows:
        print(f"{name:30}{f'{rejected}/{wrong}':>16}{f'{accepted}/{right}':>24}")
    sys.exit(any(rejected < wrong or accepted < right for _, rejected, wrong, accepted, right in rows))
