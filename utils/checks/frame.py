"""How an answer is checked: properties on random inputs, and for the first that fails, which mistake it is.

An exercise lists *properties* (what must hold, each with points) and *mistakes* (answers known to be wrong, each
with its diagnosis). An answer that differs from the oracle is run beside every known mistake on the same inputs:
the one that gives the same numbers is the diagnosis, however the answer is written.
"""

import ast
import dis
import inspect
import os
import random
import sys
import textwrap
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from utils.checks.guard import Crash, guarded

SHOWN = 600  # characters of a list or a dictionary
IN_A_LINE = 60  # characters of either, or of a text, where a diagnosis quotes it; expected and yours follow
SECONDS = 4.8  # for one property; a right answer needs milliseconds
SMALL = 20  # numbers of an array that are shown whole
KEPT = 64  # exercises whose inputs, expected results and imitated mistakes are kept


@dataclass(frozen=True)
class Case:
    """One input: `args` are passed by position, `kwargs` by name."""

    args: tuple = ()
    kwargs: dict = field(default_factory=dict)

    def __str__(self) -> str:
        values = [brief(a) for a in self.args] + [f"{k}={brief(v)}" for k, v in self.kwargs.items()]
        return ", ".join(values)


def case(*args, **kwargs) -> Case:
    """A case, written as the call would be."""
    return Case(args, kwargs)


@dataclass(frozen=True)
class Property:
    """Something that must hold.

    Attributes:
        name: in a few words, as the learner reads it.
        points: what it is worth.
        cases: random generator -> list of cases, the smallest first.
        run: (answer, *args, **kwargs) -> array, str, None, or a tuple of them; how the answer is used on a case.
        read: (that result, *args, **kwargs) -> what is compared; made of the result alone, out of the answer's reach.
        tolerance: the largest difference allowed, relative to max(1, largest expected magnitude).
    """

    name: str
    points: int
    cases: Callable[[np.random.Generator], list[Case]]
    run: Callable = lambda answer, *args, **kwargs: answer(*args, **kwargs)
    tolerance: float = 1e-4
    read: Callable | None = None

    def seen(self, result, c: Case):
        """A plain result as it is compared; a Crash where it cannot be read at all."""
        if self.read is None or isinstance(result, Crash):
            return result
        try:
            with np.errstate(all="ignore"):  # what came back may hold anything
                return self.read(result, *c.args, **c.kwargs)
        except Exception as error:  # noqa: BLE001 - whatever came back, it becomes a line to read
            line = "what came back is not what is asked for, compare it with the text"
            return Crash("unusable", f"{line}: {type(error).__name__}: {str(error)[:120]}")


@dataclass(frozen=True)
class Mistake:
    """A wrong answer and its name.

    Attributes:
        diagnosis: one line: what this mistake is, and where to look.
        wrong: an answer that makes it.
    """

    diagnosis: str
    wrong: Callable


@dataclass(frozen=True)
class Exercise:
    """What is asked, what must hold, what usually goes wrong.

    Attributes:
        name: the symbol's name.
        notebook: its slug, such as "03_self_attention".
        reference: the library's version, to carry on with where the answer fails.
        properties: in the order in which they are tried.
        mistakes: known wrong answers, the most common first.
        hints: three, each saying more than the last, none the answer.
        oracle: what gives the expected values; the reference unless said otherwise.
        framework: "keras" or "torch"; the two never meet in one process.
    """

    name: str
    notebook: str
    reference: Callable
    properties: tuple[Property, ...]
    mistakes: tuple[Mistake, ...]
    hints: tuple[str, str, str]
    oracle: Callable | None = None
    framework: str = "keras"

    @property
    def points(self) -> int:
        """What the whole exercise is worth."""
        return sum(p.points for p in self.properties)


@dataclass
class Failure:
    """The first thing that does not hold, and what there is to say about it."""

    diagnosis: str
    case: Case | None = None
    expected: object = None
    yours: object = None
    difference: float | None = None
    prop: Property | None = None


@dataclass
class Report:
    """What came of a check: for each property True, False or None (not tried); the first failure; notes."""

    exercise: Exercise
    outcomes: list[bool | None]
    failure: Failure | None = None
    not_started: bool = False
    left_over: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether everything holds."""
        return all(self.outcomes)

    @property
    def points(self) -> int:
        """The points of what holds."""
        return sum(p.points for p, held in zip(self.exercise.properties, self.outcomes, strict=True) if held)


EXERCISES: dict[str, Exercise] = {}


def here() -> str:
    """The framework whose exercises can be checked in this process."""
    return "torch" if "torch" in sys.modules and "keras" not in sys.modules else "keras"


def register(exercise: Exercise) -> Exercise:
    """Makes an exercise known to `check`, `hint` and `progress`."""
    EXERCISES[exercise.name] = exercise
    return exercise


class Drawn:
    """What an exercise's random generator gave, property by property: drawn and worked out when first asked for.

    With a seed these stay the same, so that they are kept: whoever checks again waits for the own answer alone.
    """

    def __init__(self, exercise: Exercise, seed: int | None):
        self.exercise, self.rng = exercise, np.random.default_rng(seed)
        self.kept: list[tuple[list[Case], list]] = []
        self.imitations: dict[tuple[int, int, int], object] = {}

    def cases(self, n: int) -> tuple[list[Case], list]:
        """The cases of property n, and what is expected of each. Asked for in order."""
        while len(self.kept) <= n:
            prop, oracle = self.exercise.properties[len(self.kept)], self.exercise.oracle or self.exercise.reference
            cases = prop.cases(self.rng)
            expected = [prop.seen(plain(prop.run(oracle, *c.args, **c.kwargs)), c) for c in cases]
            self.kept.append((cases, expected))
        return self.kept[n]

    def imitation(self, mistake: int, n: int, m: int):
        """What a known mistake does on case m of property n."""
        key = mistake, n, m
        if key not in self.imitations:
            wrong, prop = self.exercise.mistakes[mistake].wrong, self.exercise.properties[n]
            c = self.kept[n][0][m]
            (result,), _ = guarded(wrong, prop.run, [c], SECONDS)
            self.imitations[key] = prop.seen(plain(result), c)
        return self.imitations[key]


_drawn: dict[tuple[str, int], Drawn] = {}


def _drawn_for(exercise: Exercise, seed: int | None) -> Drawn:
    """New inputs without a seed; with one, those of the time before, if this very exercise was examined with it."""
    if seed is None:
        return Drawn(exercise, None)
    if (kept := _drawn.get((exercise.name, seed))) is None or kept.exercise is not exercise:
        if len(_drawn) >= KEPT:
            del _drawn[next(iter(_drawn))]
        kept = _drawn[exercise.name, seed] = Drawn(exercise, seed)
    return kept


def examine(answer, exercise: Exercise, seed: int | None = None, place: "Place | None" = None) -> Report:
    """Tries every property on an answer. Nothing that the answer does is trusted; nothing is printed.

    Args:
        answer: the function or class, or what `place` knows it by.
        exercise: what must hold of it.
        seed: the same seed draws the same inputs; None draws new ones each time.
        place: where the answer runs; in this process unless said otherwise.
    """
    place = place or Place()
    if place.is_blank(answer):
        outcomes = [False] + [None] * (len(exercise.properties) - 1)
        return Report(exercise, outcomes, Failure("not started"), not_started=True)
    state = random.getstate(), np.random.get_state()  # noqa: NPY002 - the notebook's, given back below
    try:
        return _examine(answer, exercise, _drawn_for(exercise, seed), place)
    finally:
        random.setstate(state[0])
        np.random.set_state(state[1])  # noqa: NPY002


def _examine(answer, exercise: Exercise, drawn: Drawn, place: "Place") -> Report:
    report, done = Report(exercise, [None] * len(exercise.properties)), []
    for n, prop in enumerate(exercise.properties):
        cases, expected = drawn.cases(n)
        results, printed = place.results(answer, exercise, n, cases)
        results = [prop.seen(r, c) for r, c in zip(results, cases, strict=False)]
        done.append(results)
        if printed and not report.notes:
            report.notes.append(f"it printed {printed!r}; remove it once you have seen what you wanted to see")
        if results and isinstance(results[-1], Crash) and results[-1].kind == "not started":
            report.not_started = not any(report.outcomes)
            report.left_over = place.left_over(answer)
        wrong = any(differs(e, r, prop.tolerance) for e, r in zip(expected, results, strict=False))
        report.outcomes[n] = not wrong and len(results) == len(cases)
        if results and isinstance(results[-1], Crash) and results[-1].final:
            break
    if False in report.outcomes:
        report.failure = _explain(drawn, done, report.outcomes)
    return report


class Place:
    """Where an answer runs: here, in this process, under a guard. A grader puts walls in between."""

    def is_blank(self, answer) -> bool:
        """Whether nothing was written yet."""
        return is_blank(answer)

    def left_over(self, answer) -> str:
        """What to say where the blank's own line still stands."""
        return left_over(answer)

    def results(self, answer, exercise: Exercise, n: int, cases: list[Case]) -> tuple[list, str]:
        """What property n gets on its cases, plain or a Crash each, fewer where one is final; what it printed first."""
        results, printed = guarded(answer, exercise.properties[n].run, cases, SECONDS)
        return [r if isinstance(r, Crash) else plain(r) for r in results], printed


def _explain(drawn: Drawn, done: list[list], outcomes: list[bool | None]) -> Failure:
    n = outcomes.index(False)
    prop, (cases, expected) = drawn.exercise.properties[n], drawn.cases(n)
    first = next(m for m, (e, r) in enumerate(zip(expected, done[n], strict=False)) if differs(e, r, prop.tolerance))
    yours, want = done[n][first], expected[first]
    difference = None
    if comparable(want, yours):
        pairs = zip(leaves(want), leaves(yours), strict=True)
        difference = max((gap(w, y) for w, y in pairs if not isinstance(w, str)), default=None)
    failure = Failure("", cases[first], want, yours, difference, prop)
    if isinstance(yours, Crash) and yours.final:
        failure.diagnosis = yours.line
    elif (mistake := _likeliest_mistake(drawn, done, outcomes, n)) is not None:
        failure.diagnosis = mistake.diagnosis
    else:
        failure.diagnosis = yours.line if isinstance(yours, Crash) else differs(want, yours, prop.tolerance)
    return failure


def _likeliest_mistake(drawn: Drawn, done: list[list], outcomes: list[bool | None], n: int) -> Mistake | None:
    """Of the mistakes with the answer's results on property n, the first with most of its results elsewhere.

    One that fails where the answer holds, or holds on property n, is not what the answer does. One that holds on a
    later property where the answer fails may be half of it: the answer makes another mistake besides.
    """
    if all(isinstance(r, Crash) for r in done[n]):
        return None
    best, most, (expected, tolerance) = None, -1, (drawn.cases(n)[1], drawn.exercise.properties[n].tolerance)
    for number, mistake in enumerate(drawn.exercise.mistakes):
        alike = -1  # but for property n
        for each in range(len(done)):  # those before n hold: most mistakes fail there already
            if outcomes[each] is None:
                continue
            if _imitates(drawn, number, each, done[each]):
                alike += 1
            elif outcomes[each] or each == n:
                break
        else:
            if not any(differs(expected[m], drawn.imitation(number, n, m), tolerance) for m in range(len(done[n]))):
                continue
            if alike > most:
                best, most = mistake, alike
            if alike == len(done) - 1:
                break
    return best


def _imitates(drawn: Drawn, number: int, n: int, results: list) -> bool:
    tolerance = drawn.exercise.properties[n].tolerance
    return all(_same(drawn.imitation(number, n, m), r, tolerance) for m, r in enumerate(results))


def _same(imitation, result, tolerance: float) -> bool:
    """Whether a mistake did on a case just what the answer did."""
    if isinstance(result, Crash) or isinstance(imitation, Crash):
        return isinstance(result, Crash) and isinstance(imitation, Crash) and result.kind == imitation.kind
    return not differs(imitation, result, tolerance)


def plain(value):
    """A result as an ndarray, a str, None or a tuple of them; else as it is, a Crash where it cannot be read."""
    if value is None or isinstance(value, (str, Crash)):
        return value
    try:
        return _plain(value)
    except Exception as error:  # noqa: BLE001 - whatever came back, it becomes a line to read
        said = f"{type(error).__name__}: {' '.join(str(error).split()).partition('. ')[0][:120]}"
        return Crash("unusable", f"what came back cannot be read as numbers: {type(value).__name__} ({said})")


def _plain(value):
    if isinstance(value, (tuple, list)) and any(has_parts(value, v) for v in value):
        return tuple(v if v is None or isinstance(v, (str, Crash)) else _plain(v) for v in value)
    if isinstance(value, (bool, int, float, np.generic, np.ndarray)):
        return np.asarray(value)
    keras, torch = sys.modules.get("keras"), sys.modules.get("torch")  # whichever the lesson has, or none
    if keras and (keras.ops.is_tensor(value) or isinstance(value, keras.Variable)):
        if "bfloat16" in str(value.dtype) and hasattr(value, "numpy"):
            return np.asarray(value.numpy())  # NumPy alone refuses a single number
        return np.asarray(keras.ops.convert_to_numpy(value))
    if torch and isinstance(value, torch.Tensor):
        value = value.detach().cpu()
        return (value.float() if value.dtype == torch.bfloat16 else value).numpy()
    return value


def has_parts(value, part) -> bool:
    """Whether a tuple or list is several results; a list of single numbers is one result, in the wrong type."""
    return part is None or (hasattr(part, "shape") and (isinstance(value, tuple) or tuple(part.shape) != ()))


def is_blank(answer) -> bool:
    """Whether an answer, or the method that is asked for, is still `raise NotImplementedError` and nothing else."""
    methods = [vars(answer).get(name) for name in ("call", "forward")] if isinstance(answer, type) else [answer]
    return any(isinstance(m, types.FunctionType) and _only_raises(m.__code__) for m in methods)


def _only_raises(code: types.CodeType) -> bool:
    idle = ("RESUME", "CACHE", "NOP", "COPY_FREE_VARS", "MAKE_CELL")
    steps = [i for i in dis.get_instructions(code) if i.opname not in idle]
    return [i.opname for i in steps] == ["LOAD_GLOBAL", "RAISE_VARARGS"] and steps[0].argval == "NotImplementedError"


def left_over(answer) -> str:
    """What to say where an answer was begun, but its `raise NotImplementedError` still stands."""
    try:
        body = ast.parse(textwrap.dedent(inspect.getsource(answer))).body[0].body
    except (OSError, TypeError, SyntaxError, AttributeError):
        return ""
    begun = len(body) - (ast.get_docstring(ast.Module(body, [])) is not None) > 1
    return "\nYou have begun, but `raise NotImplementedError` is still there: delete that line." if begun else ""


def leaves(value) -> tuple:
    """The parts of a result, one or several."""
    return value if isinstance(value, tuple) else (value,)


def comparable(expected, yours) -> bool:
    """Whether two results have the same structure and shapes, so that numbers can be set beside each other."""
    a, b = leaves(expected), leaves(yours)
    return len(a) == len(b) and all(
        type(x) is type(y) and getattr(x, "shape", None) == getattr(y, "shape", None) for x, y in zip(a, b, strict=True)
    )


def gap(expected, yours) -> float:
    """The largest absolute difference; infinite where one is not a number or one is finite and the other not."""
    if expected is None:
        return 0.0
    if expected.size == 0:
        return 0.0
    if yours.dtype.kind not in "biuf":
        return float("inf")
    with np.errstate(all="ignore"):
        a, b = expected.astype("float64"), yours.astype("float64")
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        difference = np.where(same, 0.0, np.abs(a - b))
    return float(np.max(np.where(np.isnan(difference), np.inf, difference)))


def differs(expected, yours, tolerance: float) -> str:
    """What is wrong with a result, in a line without knowledge of the exercise; empty where nothing is."""
    if isinstance(yours, Crash):
        return yours.line
    a, b = leaves(expected), leaves(yours)
    if yours is None and expected is not None:
        return "nothing came back: is a `return` missing?"
    if isinstance(yours, Iterator):
        what = type(yours).__name__
        article = "an" if what[0] in "aeiou" else "a"
        return f"{article} {what} came back, which computes nothing until it is gone through: return the results"
    if len(a) > 1 and isinstance(yours, dict):
        return f"a dictionary came back: the {len(a)} results themselves are asked for, in their order"
    if len(b) == 1 and isinstance(yours, tuple) and not isinstance(expected, tuple):
        return "one result is asked for, a tuple or list of one came back: is there a comma or a bracket too many?"
    if len(a) != len(b):
        asked = f"{len(a)} results are" if len(a) > 1 else "one result is"
        return f"{asked} asked for, {len(b)} came back"
    for part, (x, y) in enumerate(zip(a, b, strict=True)):
        where = f"result {part + 1} of {len(a)}: " if len(a) > 1 else ""
        if line := _leaf_differs(x, y, tolerance):
            return where + line
    return ""


def _leaf_differs(x, y, tolerance: float) -> str:
    if isinstance(x, str) or x is None or isinstance(y, str) or y is None:
        same = x is y if x is None or y is None else isinstance(x, str) and isinstance(y, str) and x == y
        return "" if same else "expected {}, got {}".format(*(brief(v, IN_A_LINE) for v in _from_difference(x, y)))
    if not isinstance(x, np.ndarray):  # a known mistake gives no array
        return "" if type(x) is type(y) and repr(x) == repr(y) else f"{type(y).__name__} came back"
    if not isinstance(y, np.ndarray):
        advice = ": wrap it in np.array(…)" if isinstance(y, (list, tuple)) else ""
        return f"an array is asked for, {type(y).__name__} came back{advice}"
    if y.dtype.kind not in "biuf":
        if y.dtype.name != "bfloat16":
            return f"numbers are asked for, an array of dtype {y.dtype} came back"
        y = y.astype("float32")
    if x.shape != y.shape:
        swapped = sorted(x.shape) == sorted(y.shape)
        return f"shape {y.shape}, expected {x.shape}" + (": axes are in another order" if swapped else "")
    if x.dtype == bool and y.dtype != bool:
        return f"dtype {y.dtype}, expected bool: a mask says yes or no"
    if x.dtype != bool and y.dtype == bool:
        return f"dtype bool, expected numbers ({x.dtype})"
    if np.isnan(y.astype("float64")).any() and not np.isnan(x.astype("float64")).any():
        return "NaN: somewhere an overflow, 0/0 or inf - inf"
    scale = max(1.0, float(np.abs(x.astype("float64")).max(initial=0.0, where=np.isfinite(x.astype("float64")))))
    if gap(x, y) > tolerance * scale:
        return "the numbers differ; no mistake known here gives yours"
    return ""


def _from_difference(x, y) -> tuple:
    """Two values; of long texts what stands around the first difference, or their beginning."""
    texts = [v for v in (x, y) if isinstance(v, str)]
    if max(map(len, texts), default=0) <= IN_A_LINE:
        return x, y
    same = len(os.path.commonprefix(texts)) if len(texts) == 2 else 0
    start = max(0, same - IN_A_LINE // 2)

    def cut(v):
        return "…" * (start > 0) + v[start : start + IN_A_LINE] + "…" * (len(v) > start + IN_A_LINE)

    return tuple(cut(v) if isinstance(v, str) else v for v in (x, y))


def brief(value, characters: int = SHOWN) -> str:
    """A value in one line: small arrays whole, larger ones by shape; of lists and dictionaries so many characters."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return repr(value)
    value, kind = plain(value), type(value).__name__
    if isinstance(value, (list, dict)):
        shown = repr(value)
        return shown if len(shown) <= characters else f"{shown[:characters]}…"
    if isinstance(value, tuple):
        return "(" + ", ".join(brief(v, characters) for v in value) + ")"
    if isinstance(value, np.ndarray):
        if value.size <= SMALL:
            kwargs = {"precision": 3, "separator": ", ", "suppress_small": True, "max_line_width": 1000}
            return " ".join(np.array2string(value, **kwargs).split())
        return f"{value.dtype} array of shape {value.shape}"
    return f"a {kind}"
