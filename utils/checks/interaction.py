"""What a learner calls: `check`, `hint`, `progress`."""

import contextlib
import inspect
import json
import os
import sys
import time
import zlib
from pathlib import Path

import numpy as np

from utils.checks.frame import (
    EXERCISES,
    SMALL,
    Exercise,
    Failure,
    Report,
    brief,
    comparable,
    differs,
    examine,
    here,
    leaves,
)

ROOT = Path(__file__).resolve().parents[2]
_hints_given: dict[str, int] = {}


def check(obj, exercise: str | None = None):
    """Checks an answer and prints what holds, and for the first thing that does not, which mistake it is.

    Args:
        obj: the function or class that answers an exercise.
        exercise: the exercise's name; by default the object's own `__name__`.

    Returns:
        The object to carry on with: `obj` itself where everything holds, the library's version otherwise.

    Raises:
        ValueError: there is no exercise of that name.
    """
    found = find(exercise or getattr(obj, "__name__", type(obj).__name__))
    if found.framework != here():
        print(f"{found.name} belongs to lesson {found.notebook}: check it there")
        return obj
    if isinstance(obj, layer_classes()):
        print(f"{found.name}: pass the class itself, `check({found.name})`, not a layer made from it")
        return found.reference
    if not callable(obj):
        print(f"{found.name}: a function or class is asked for, this is {brief(obj)}")
        return found.reference
    if obj is found.reference:
        print(f"This is the library's own {found.name}, not yours: run the cell with your answer, then check it.")
        return obj
    seed = zlib.crc32(found.name.encode())  # the same inputs each time you try
    if under_nbgrader := bool(os.environ.get("NBGRADER_EXECUTION")):
        with _nothing_on_stderr():
            report = examine(obj, found, seed)
    else:
        report = examine(obj, found, seed)
    print(as_text(report))
    if under_nbgrader:
        show_points(report)
    else:
        draw(report)
        record(report)
    return obj if report.passed else found.reference


def show_points(report: Report) -> None:
    """Makes the points the cell's result, in a notebook: nbgrader counts a number that is the last thing shown.

    A NumPy number there would be full marks, and so would nothing.
    """
    if _in_notebook():
        from IPython import get_ipython

        get_ipython().displayhook(float(report.points))


@contextlib.contextmanager
def _nothing_on_stderr():
    """Inside, nothing reaches standard error, native lines neither: one there costs a cell all its points."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def hint(name) -> None:
    """Prints the next of an exercise's three hints; after the last, the last again.

    Args:
        name: the exercise's name, or the function or class itself.

    Raises:
        ValueError: there is no exercise of that name.
    """
    found = find(name if isinstance(name, str) else getattr(name, "__name__", str(name)))
    given = min(_hints_given.get(found.name, 0), len(found.hints) - 1)
    _hints_given[found.name] = given + 1
    print(f"{found.name}, hint {given + 1} of {len(found.hints)}: {found.hints[given]}")


def progress() -> None:
    """Prints the map of the series: a line a lesson, and the exercises of those that are begun and not yet done."""
    done, lessons = load_progress(), {}
    for exercise in in_order():
        lessons.setdefault(exercise.notebook, []).append(exercise)
    wide, width = max(map(len, lessons)) + 4, max(map(len, EXERCISES)) + 4
    for lesson, exercises in lessons.items():
        points = [done.get(exercise.name, 0) for exercise in exercises]
        total = sum(exercise.points for exercise in exercises)
        print(f"{'✓' if sum(points) == total else '·'} {lesson:{wide}}{sum(points)}/{total}")
        if 0 < sum(points) < total:
            for exercise, given in zip(exercises, points, strict=True):
                mark = "✓" if given == exercise.points else "·"
                print(f"    {mark} {exercise.name:{width}}{given}/{exercise.points}")
    print(f"{sum(done.get(name, 0) for name in EXERCISES)} of {sum(e.points for e in EXERCISES.values())} points")


def in_order() -> list[Exercise]:
    """All exercises, in the order of their lessons."""
    return sorted(EXERCISES.values(), key=lambda e: e.notebook)


def layer_classes() -> tuple[type, ...]:
    """What a layer is an instance of, in the framework that is here."""
    keras, torch = sys.modules.get("keras"), sys.modules.get("torch")
    return ((keras.layers.Layer,) if keras else ()) + ((torch.nn.Module,) if torch else ())


def find(name: str) -> Exercise:
    """The exercise of that name; a method's name, such as "Layer.call", finds its class."""
    if (key := name.removesuffix(".call").removesuffix(".forward")) in EXERCISES:
        return EXERCISES[key]
    raise ValueError(
        f"There is no exercise {name!r}. Name it: check(my_function, exercise=…). "
        f"The exercises are: {', '.join(e.name for e in in_order())}"
    )


def as_text(report: Report) -> str:
    """The report as a fixed table."""
    exercise = report.exercise
    if report.not_started:
        return f"{exercise.name}: not started. hint({exercise.name!r}) helps you to begin.{report.left_over}"
    lines = [f"{exercise.name}: {report.points} of {exercise.points} points"]
    for prop, held in zip(exercise.properties, report.outcomes, strict=True):
        mark = {True: "✓", False: "✗", None: "·"}[held]
        lines.append(f"  {mark} {prop.name} ({prop.points})" + (", not tried" if held is None else ""))
    lines += [f"  note: {note}" for note in report.notes]
    if failure := report.failure:
        lines += ["", f"What is wrong: {failure.diagnosis}"]
        lines += [f"  input     {line}" for line in inputs(exercise, failure)] if failure.case else []
        if comparable(failure.expected, failure.yours):
            want, yours, where = where_they_differ(failure)
            lines += [f"  expected  {brief(want)}{where}", f"  yours     {brief(yours)}{where}"]
        if failure.difference is not None:
            lines.append(f"  largest difference  {failure.difference:.3g}")
        lines.append(f"\nThe library's {exercise.name} is in place, so that you can read on; come back any time.")
    return "\n".join(lines)


def where_they_differ(failure: Failure) -> tuple:
    """What was expected and what came, and where that is: of large arrays the first numbers that differ."""
    pairs = list(zip(leaves(failure.expected), leaves(failure.yours), strict=True))
    if all(getattr(want, "size", 0) <= SMALL for want, _ in pairs):
        return failure.expected, failure.yours, ""
    for part, (want, yours) in enumerate(pairs):
        if not isinstance(want, np.ndarray) or not differs(want, yours, failure.prop.tolerance):
            continue
        kind = "complex128" if "c" in (want.dtype.kind, yours.dtype.kind) else "float64"
        mine, own = want.astype(kind), yours.astype(kind)
        alike = (mine == own) | np.isnan(mine) & np.isnan(own)
        with np.errstate(invalid="ignore"):  # infinite in both
            far = np.where(alike, 0, np.abs(np.nan_to_num(mine - own, nan=np.inf)))
        limit = failure.prop.tolerance * max(1.0, float(np.abs(want[np.isfinite(want)]).max(initial=0)))
        places = np.argwhere(far > limit if want.dtype != bool else want != yours)
        if not places.size:
            return failure.expected, failure.yours, ""
        *row, start = (int(i) for i in places[0])
        piece = (*row, slice(start, start + 4))
        result = f"result {part + 1}" if len(pairs) > 1 else "the result"
        place = ", ".join(str(i) for i in row) + (", " if row else "")
        return want[piece], yours[piece], f"  at [{place}{start}:] of {result}, shape {want.shape}"
    return failure.expected, failure.yours, ""


def inputs(exercise: Exercise, failure: Failure) -> list[str]:
    """The inputs of a case, each under its parameter's name; an unnamed one where nobody gave it any."""
    case = failure.case
    pairs = list(zip(_names(exercise, failure), case.args, strict=True)) + list(case.kwargs.items())
    return [f"{name} = {brief(value)}" if name else brief(value) for name, value in pairs]


def _names(exercise: Exercise, failure: Failure) -> list[str]:
    """Names for the inputs given by position: those of what uses the answer, else of the answer's own parameters."""
    count = len(failure.case.args)
    kinds = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD
    using = [p.name for p in inspect.signature(failure.prop.run).parameters.values() if p.kind in kinds][1:]
    if len(using) >= count:
        return using[:count]
    own = [] if isinstance(exercise.reference, type) else list(inspect.signature(exercise.reference).parameters)
    return own[:count] if len(own) >= count else [""] * count


def draw(report: Report) -> None:
    """In a notebook, draws the first wrong matrix beside the expected one."""
    failure = report.failure
    if failure is None or not _in_notebook() or not comparable(failure.expected, failure.yours):
        return
    for want, yours in zip(leaves(failure.expected), leaves(failure.yours), strict=True):
        shape = getattr(want, "shape", ())
        if len(shape) >= 2 and min(shape[-2:]) > 1 and differs(want, yours, failure.prop.tolerance):
            from utils.plots.compare import expected_beside_yours

            expected_beside_yours(want, yours)
            return


def _in_notebook() -> bool:
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return type(get_ipython()).__name__ == "ZMQInteractiveShell"


def progress_file() -> Path:
    """Where progress is kept: `.progress.json` at the top of the course, or where COURSE_PROGRESS says."""
    return Path(os.environ.get("COURSE_PROGRESS") or ROOT / ".progress.json")


def load_progress() -> dict[str, int]:
    """Points by exercise. A file that cannot be read is said so, and counts as empty."""
    file = progress_file()
    try:
        points = json.loads(file.read_text(encoding="utf-8"))
        return {name: int(p) for name, p in points.items() if name in EXERCISES}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        print(f"{file} cannot be read ({error}); starting afresh. Delete it to be rid of this line.")
        return {}


def record(report: Report) -> None:
    """Keeps the best points reached, outside the lessons that show the answers."""
    if Path.cwd() == ROOT / "notebooks":
        return
    if file := os.environ.get("COURSE_ATTEMPTS"):
        note_attempt(report, Path(file))
    points, file = load_progress(), progress_file()
    if report.points <= points.get(report.exercise.name, 0):
        return
    points[report.exercise.name] = report.points
    part = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        part.write_text(json.dumps(points, indent=1), encoding="utf-8")
        part.replace(file)
    except OSError as error:
        print(f"Your progress could not be written to {file} ({error}); the check itself counts.")


def note_attempt(report: Report, file: Path) -> None:
    """Adds a line to a class's list of attempts, from which a teacher sees who is stuck. Only a class server asks."""
    line = {
        "at": time.time(),
        "exercise": report.exercise.name,
        "points": report.points,
        "passed": report.passed,
        "diagnosis": report.failure.diagnosis if report.failure else "not started" if report.not_started else "",
    }
    try:
        with file.open("a", encoding="utf-8") as attempts:
            attempts.write(json.dumps(line) + "\n")
    except OSError as error:
        print(f"{file} could not be written ({error}); the check itself counts.")
