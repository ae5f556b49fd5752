"""What learners' checks have noted in their homes, read with care: anybody can write anything there."""

import json
import math
import time
from dataclasses import dataclass, field
from pathlib import Path

from utils.course.hub.copies import read_inside

LARGEST = 2**20  # bytes of such a file that are read
TRIES = 3  # failed checks in a row after which somebody is called stuck
LATELY = 2 * 3600  # seconds after which a failed check says nothing about now


@dataclass(frozen=True)
class Asked:
    """An exercise as the class page knows it.

    Attributes:
        name: of the function or class.
        lesson: the lesson's slug.
        points: that it is worth.
    """

    name: str
    lesson: str
    points: int


@dataclass
class Standing:
    """Where a learner stands, as their own checks say.

    Attributes:
        points: by lesson.
        stuck_at: the exercise in which the last checks failed; "" where none is.
        tries: how many failed there in a row.
        diagnosis: what the last of them said.
        seconds: since the last check; None where there was none.
    """

    points: dict[str, int] = field(default_factory=dict)
    stuck_at: str = ""
    tries: int = 0
    diagnosis: str = ""
    seconds: float | None = None


def standing(home: Path, exercises: list[Asked], now: float | None = None) -> Standing:
    """Where a learner stands. What cannot be read counts as nothing."""
    now = time.time() if now is None else now
    known = {each.name: each for each in exercises}
    found = Standing()
    for name, points in _json(home, ".progress.json").items():
        if name in known and isinstance(points, int):
            lesson = known[name].lesson
            found.points[lesson] = found.points.get(lesson, 0) + max(0, min(points, known[name].points))
    for line in reversed(_lines(home, ".attempts.jsonl")):
        try:
            attempt = json.loads(line)
            name, at, passed = str(attempt["exercise"]), float(attempt["at"]), bool(attempt["passed"])
        except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
            continue
        if name not in known or not 0 <= at < math.inf:  # nor what is no number
            continue
        found.seconds = max(0.0, now - at) if found.seconds is None else found.seconds
        if attempt.get("diagnosis") == "not started":
            continue
        if passed or found.stuck_at not in ("", name) or now - at > LATELY:
            break
        found.stuck_at, found.tries = name, found.tries + 1
        found.diagnosis = found.diagnosis or _shown(str(attempt.get("diagnosis", ""))[:300])
    if found.tries < TRIES:
        found.stuck_at, found.tries, found.diagnosis = "", 0, ""
    return found


def _shown(text: str) -> str:
    """A text in which nothing turns the direction of a page."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)


def _json(home: Path, name: str) -> dict:
    try:
        content = json.loads(read_inside(home, [name], LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _lines(home: Path, name: str) -> list[str]:
    try:
        return read_inside(home, [name], LARGEST, tail=True).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
