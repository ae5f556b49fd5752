"""Marks of a submission: each answer is run in a box and judged outside by the exercise's own properties.

Whatever goes wrong with one answer costs that answer alone. Imported by a worker: it brings the framework with it.
"""

import contextlib
import math
import time
import unicodedata
import zlib

from utils.checks.frame import EXERCISES, Exercise, Report, brief, comparable, examine
from utils.checks.interaction import inputs, where_they_differ
from utils.course.grade.answers import Found, answers
from utils.course.grade.box import Box
from utils.course.grade.collect import Submission
from utils.course.grade.isolation import BoxError
from utils.course.grade.names import heaps
from utils.course.grade.walls import asked

STATUS_OF = {"time": "timed out", "memory": "out of memory", "MemoryError": "out of memory", "died": "died",
             "exit": "died", "forged": "cheating attempt"}  # fmt: skip
UNTRIED = ("not found", "does not run", "not started", "timed out", "out of memory", "died", "cheating attempt")
TOGETHER = 240  # seconds by the clock for all answers of a notebook: ten that never end, and no more
ADVICE = {  # what stands in an error -> what is said beside it
    "FileNotFoundError": "answers are graded where no file is but the library: an answer may read none",
    "NameError": "a name may be left over from a cell that is gone: restart the kernel, and run all cells",
}
EXPLAINED = 2000  # characters of an input, of what was expected, of what came


def mark_submission(box: Box, submission: Submission, seed: int, only: set[str] | None = None) -> list[dict]:
    """The marks of each of a submission's answers that this box's framework can run.

    Args:
        box: where they run.
        submission: with its code.
        seed: the same seed draws the same inputs.
        only: names of exercises; None for all.
    """
    marks, until, right = [], time.monotonic() + TOGETHER, set()
    for found in answers(submission):
        exercise = EXERCISES.get(found.asked.name)
        if exercise is None or exercise.framework != box.framework or (only and exercise.name not in only):
            continue
        marks.append(got := mark(box, found, exercise, seed, until))
        earlier = {each.name for each in asked() if each.lesson < exercise.notebook}
        if own := frozenset(found.defines & (earlier | right)):  # as in the notebook, where they are the learner's own
            if got["score"] < got["maximum"] and got["status"] not in UNTRIED:
                again = mark(box, found, exercise, seed, until, own)
                marks[-1] = again if again["score"] > got["score"] else got
        if marks[-1]["score"] == marks[-1]["maximum"]:
            right.add(exercise.name)
    return marks


def mark(box: Box, found: Found, exercise: Exercise, seed: int, until: float = math.inf,
         own: frozenset[str] = frozenset()) -> dict:  # fmt: skip
    """The marks of one answer, as plain values: see `blank_mark` for what they are.

    Args:
        box: where it runs.
        found: the answer.
        exercise: that it answers.
        seed: of the inputs.
        until: when it is ended.
        own: earlier exercises that stay the learner's own; the others are the library's, right for all.
    """
    started = time.perf_counter()
    result = blank_mark(exercise)
    if found.missing:
        return readable(result | {"status": "does not run" if found.broken else "not found", "reason": found.missing})
    if time.monotonic() >= until:
        reason = f"not tried: the answers before it took more than {TOGETHER} seconds together"
        return result | {"status": "timed out", "reason": reason}
    inputs_of = zlib.crc32(f"{seed} {exercise.name}".encode())
    with box.open(exercise, found.cells, until, own) as answer:
        result["remarks"] = [*found.remarks, *answer.remarks]
        if answer.error:
            result |= {"status": "does not run", "reason": answer.error}
        else:
            try:
                result |= judged(examine(answer, exercise, inputs_of, answer))
            except BoxError:
                raise
            except Exception as error:  # noqa: BLE001 - what came out need not be what a judgement can take
                reason = f"what came out of the box cannot be judged: {type(error).__name__}"
                result |= {"status": "cheating attempt", "reason": reason}
    for error, advice in ADVICE.items():
        if error in result["reason"] + result["diagnosis"]:
            result["remarks"].append(advice)
    return readable(result | {"seconds": round(time.perf_counter() - started, 3)})


def readable(value):
    """The same with every text such as pages, tables and terminals can show: bounded, and nothing in it steers them."""
    if isinstance(value, str):
        steering = ("Cc", "Cf", "Cs")  # controls, marks that turn the direction, halves of characters
        value = value[:EXPLAINED]
        return "".join(
            "\N{REPLACEMENT CHARACTER}" if heaped or (unicodedata.category(c) in steering and c not in "\n\t") else c
            for c, heaped in zip(value, heaps(value), strict=True)
        )
    if isinstance(value, list):
        return [readable(part) for part in value]
    return {key: readable(part) for key, part in value.items()} if isinstance(value, dict) else value


def blank_mark(exercise: Exercise) -> dict:
    """What is known of a question before it is marked.

    Keys: question, score, maximum, status, reason, properties (name, points, whether it holds or was not tried),
    diagnosis, hint, input, expected, got, remarks, seconds.
    """
    properties = [[prop.name, prop.points, None] for prop in exercise.properties]
    return {
        "question": exercise.name, "score": 0, "maximum": exercise.points, "status": "graded", "reason": "",
        "properties": properties, "diagnosis": "", "hint": exercise.hints[0], "input": [], "expected": "", "got": "",
        "remarks": [], "seconds": 0.0,
    }  # fmt: skip


def judged(report: Report) -> dict:
    """What a report says, as plain values."""
    exercise, failure = report.exercise, report.failure
    held = zip(exercise.properties, report.outcomes, strict=True)
    found = {"score": report.points, "properties": [[prop.name, prop.points, outcome] for prop, outcome in held]}
    if report.not_started:
        return found | {
            "status": "not started",
            "reason": "the blank is as it was" + report.left_over.replace("\n", ". "),
        }
    if failure is None:
        return found | {"hint": ""}
    found["diagnosis"] = failure.diagnosis
    crash = getattr(failure.yours, "kind", "")
    if crash in STATUS_OF:
        found |= {"status": STATUS_OF[crash], "reason": failure.diagnosis}
    found["hint"] = exercise.hints[1]
    if failure.case is not None:
        found["input"] = [line[:EXPLAINED] for line in inputs(exercise, failure)]
        with contextlib.suppress(Exception):  # what cannot be shown, complex numbers say, is wrong all the same
            if comparable(failure.expected, failure.yours):
                want, yours, where = where_they_differ(failure)
                found |= {"expected": (brief(want) + where)[:EXPLAINED], "got": (brief(yours) + where)[:EXPLAINED]}
    return found
