"""Whatever a check accepts must run in the rest of its lesson: `python -m tests.course.in_place [04 05 …]`.

Runs a lesson's code cells in this process with unusual right answers in place of the lesson's own: in the first round
the first alternative of every exercise, in the second the second, and so on. Cells that follow use them, with their
assertions.
"""

import argparse
import contextlib
import io
import os
import re
import sys
from unittest import mock

from utils.course.source import ROOT, SOURCES, read_source

CHECK = re.compile(r"^(\w+) = check\(\1\)$", re.MULTILINE)


def exercises_of(slug: str) -> list[str]:
    """The exercises that a lesson checks, in order."""
    return [name for cell in code_cells(slug) for name in CHECK.findall(cell.text)]


def code_cells(slug: str) -> list:
    return [cell for cell in read_source(SOURCES / f"{slug}.py").cells if not cell.markdown]


def rounds(slug: str, known: dict[str, list]) -> int:
    """How many rounds there are: as many as the exercise with most alternatives has."""
    return max((len(known.get(name, ())) for name in exercises_of(slug)), default=0)


def run(slug: str, known: dict[str, list], number: int) -> list[str]:
    """Runs a lesson with alternatives in place.

    Args:
        slug: the lesson.
        known: exercise -> its alternatives.
        number: which of them; where there are fewer, they begin anew.

    Returns:
        The names of what was put in place.

    Raises:
        RuntimeError: an alternative was not accepted.
        Exception: what a later cell raises.
    """
    names, used = {"__name__": "__main__"}, []
    for cell in code_cells(slug):
        if found := CHECK.search(cell.text):
            exec(compile(cell.text[: found.start()], f"{slug}, line {cell.line}", "exec"), names)
            name = found[1]
            answer = known[name][number % len(known[name])]
            accepted = names["check"](answer, name)
            if accepted is not answer:
                raise RuntimeError(f"{name}: {answer.__name__} is not accepted")
            names[name] = answer
            used.append(f"{name} ← {answer.__name__}")
            exec(compile(cell.text[found.end() :], f"{slug}, line {cell.line}", "exec"), names)
        else:
            exec(compile(cell.text, f"{slug}, line {cell.line}", "exec"), names)
    return used


@contextlib.contextmanager
def in_the_lessons_place():
    """Inside, the folder is the notebooks', figures are drawn and not shown, and what is printed is kept back."""
    before = os.getcwd()
    os.chdir(ROOT / "notebooks")
    try:
        with (
            mock.patch("IPython.display.display", lambda *args, **kwargs: None),
            contextlib.redirect_stdout(io.StringIO()),
        ):
            yield
    finally:
        os.chdir(before)


def main() -> None:
    """Every round of the lessons named, or of all that this process's framework has."""
    parser = argparse.ArgumentParser(prog="python -m tests.course.in_place", description=__doc__)
    parser.add_argument("lessons", nargs="*", help="numbers; all where none is given")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("MPLBACKEND", "agg")
    from tests.checks.table import alternatives

    known, failed = {}, 0
    for name, answer in alternatives():
        known.setdefault(name, []).append(answer)
    for path in sorted(SOURCES.glob("[0-9][0-9]_*.py")):
        slug = path.stem
        here = all(name in known for name in exercises_of(slug))
        if (arguments.lessons and slug[:2] not in arguments.lessons) or not here:
            continue
        for number in range(rounds(slug, known)):
            try:
                with in_the_lessons_place():
                    used = run(slug, known, number)
                print(f"{slug}, round {number + 1}: {', '.join(used)}", flush=True)
            except Exception as error:  # noqa: B902 - whatever it is, the next round is tried
                failed += 1
                print(f"{slug}, round {number + 1}: {type(error).__name__}: {error}", flush=True)
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
