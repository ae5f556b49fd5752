"""Finds submissions in a folder and reads each as JSON, with limits on its size and depth. Nothing of theirs is run.

Whatever is not taken is named: a folder without a notebook, a link that leads elsewhere, an earlier attempt.
"""

import json
import os
import re
import stat
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from utils.course.grade.names import printable
from utils.course.grade.roster import Roster, read_roster
from utils.course.grade.walls import asked

LARGEST = 32 * 2**20  # bytes of a notebook
NO_WORK = {".ipynb_checkpoints", "__MACOSX", ".git"}  # folders that programs add
VALUES = 5_000_000  # of its JSON, at most: lists, objects, and what commas part; each takes memory once it is read
CELLS = 5000
CODE = 2 * 2**20  # characters of all its code
PYTHON_CELLS = {"capture", "debug", "memit", "mprun", "prun", "time", "timeit"}  # %%magic above what is Python
PACKED = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz")
OTHER_WORK = (*PACKED, ".py", ".html", ".htm", ".pdf", ".docx", ".ipynb.txt", ".ipynb.json", ".crdownload", ".part")
NAMED = 5  # files that a line names
NO_LESSON = "no lesson's exercise is in it: is it one of this course's notebooks?"


class Unreadable(Exception):
    """A notebook that cannot be read; the message says why."""


@dataclass
class Submission:
    """A notebook that somebody handed in, or one that is missing.

    Attributes:
        learner: who.
        path: the file, or the folder where there is none.
        lesson: the lesson's slug; "" where it cannot be told.
        handed_in: when, seconds since 1970: the file's own time.
        late: seconds after the date that the roster gives; 0 where it gives none.
        problem: why it cannot be read; "" where it can.
        status: what it is where there is a problem.
        remarks: what was guessed about it, or passed over beside it.
        code: its code cells' text.
        in_text: exercises that are answered in cells of text, which do not run.
    """

    learner: str
    path: Path
    lesson: str = ""
    handed_in: float = 0.0
    late: float = 0.0
    problem: str = ""
    status: str = "unreadable notebook"
    remarks: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list, repr=False)
    in_text: list[str] = field(default_factory=list, repr=False)


@dataclass
class Book:
    """What is read of a notebook: its code cells' text, the exercises that cells of text answer, its first words."""

    code: list[str]
    in_text: list[str]
    words: str


def read_notebook(path: Path) -> Book:
    """A notebook's text.

    Raises:
        Unreadable: the file is too large, no JSON, nested too deep, or no notebook.
    """
    raw = b""
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise Unreadable(f"the file has {size / 2**20:.0f} MB; {LARGEST // 2**20} are the most. Clear its outputs")
        raw = path.read_bytes()
        if (values := sum(map(raw.count, (b"[", b"{", b",")))) > VALUES:
            raise Unreadable(f"{values / 10**6:.0f} million values; {VALUES // 10**6} are the most. Clear its outputs")
        book = json.loads(raw)
    except OSError as error:
        raise Unreadable(f"the file cannot be opened: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"the file is not UTF-8{_what(raw)}: save it again from Jupyter") from error
    except RecursionError as error:
        raise Unreadable("the JSON is nested too deep for a notebook") from error
    except ValueError as error:
        what = _what(raw) or f", {error}: is it a notebook, downloaded whole?"
        raise Unreadable(f"the file is no JSON{what}") from error
    cells = book.get("cells") if isinstance(book, dict) else None
    if cells is None and isinstance(book, dict) and isinstance(book.get("worksheets"), list):  # format 3, before 2014
        sheets = [sheet.get("cells", []) for sheet in book["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
    if not isinstance(cells, list):
        raise Unreadable('the file has no list of "cells": it is JSON, but no notebook')
    if len(cells) > CELLS:
        raise Unreadable(f"{len(cells)} cells; {CELLS} are the most")
    found = Book([], [], "")
    for cell in cells:
        if not isinstance(cell, dict):
            continue
        text = _text(cell.get("source", cell.get("input", "")))
        if cell.get("cell_type") == "code":
            if _is_python(text):
                found.code.append(text)
            continue
        if cell.get("cell_type") == "heading" or (cell.get("cell_type") == "markdown" and not found.words):
            found.words = found.words or text[:500]
        defined = set(re.findall(r"^(?:def|class) (\w+)", text, flags=re.MULTILINE))
        found.in_text += [each.name for each in asked() if each.name in defined and each.name not in found.in_text]
    if sum(map(len, found.code)) > CODE:
        raise Unreadable(f"more than {CODE // 2**20} million characters of code")
    return found


def _text(source) -> str:
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    return source.replace("\r\n", "\n").replace("\r", "\n") if isinstance(source, str) else ""


def _is_python(text: str) -> bool:
    """Whether a code cell holds what runs in the notebook: not another language, nor what is written to a file."""
    magic = re.match(r"\s*%%\s*(\w+)", text)
    return magic is None or magic[1] in PYTHON_CELLS


def _what(raw: bytes) -> str:
    """What a file that is no notebook is, where that can be told, and what to do."""
    start = raw[:400].lstrip()
    if not start:
        return ": it is empty"
    if start.startswith(b"PK\x03\x04"):
        return ", it is a zip archive: unpack it"
    if start.startswith(b"\x1f\x8b"):
        return ", it is packed by gzip: unpack it"
    if start.startswith(b"%PDF"):
        return ", it is a PDF"
    if start.startswith(b"version https://git-lfs"):
        return ", it is a pointer to a file that git keeps elsewhere: git lfs pull"
    if start.startswith(b"<"):
        return ", it is a web page: download the notebook itself"
    if re.search(rb"^(<<<<<<<|>>>>>>>) ", raw, flags=re.MULTILINE):
        return ", git's marks of a merge stand in it: finish the merge"
    return ""


# Submissions ---------------------------------------------------------------------------------------


def submissions(folder: Path, roster: Path | None = None, attempts: str = "latest") -> list[Submission]:
    """Every notebook below a folder, by learner and lesson, and what is missing.

    The learner is the first folder's name, or the file's where it lies at the top; with a roster, whom it names.

    Args:
        folder: any tree; links that lead out of it are not followed.
        roster: CSV with the columns learner and folder (a folder's or file's name), and perhaps due (a date).
        attempts: of several notebooks for a lesson, "latest" keeps the last handed in, "best" keeps all to be graded.

    Raises:
        ValueError: the roster cannot be read, or the folder has no notebook.
    """
    listed = read_roster(roster) if roster else None
    lessons = {each.lesson for each in asked()}
    paths, others, closed = _files(folder)
    found = [_submission(path, folder, listed, lessons) for path in paths]
    if not found:
        if closed:
            raise ValueError(f"{closed[0][0]} cannot be opened: {closed[0][1]}. Give yourself the right to read it")
        beside = f", only {_listed(others)}" if others else ""
        advice = "Name the folder that the submissions are in"
        raise ValueError(f"{folder} holds no notebook (.ipynb){beside}. {advice}")
    found += [_closed(path, error, folder, listed) for path, error in closed]
    found += _without_notebooks(folder, others, found, listed)
    if attempts == "latest":
        found = _latest(found, folder)
    found += _not_handed_in(listed, found) if listed else []
    return sorted(found, key=lambda one: (one.learner, one.lesson, str(one.path)))


def _files(folder: Path) -> tuple[list[Path], list[Path], list[tuple[Path, str]]]:
    """What bears a notebook's name, what does not, and the folders that cannot be opened, with why."""
    notebooks, others, closed = [], [], []

    def note(error: OSError) -> None:
        closed.append((Path(error.filename), error.strerror or str(error)))

    for at, folders, files in os.walk(folder, onerror=note):
        folders[:] = sorted(name for name in folders if name not in NO_WORK)
        for name in [*files, *(name for name in folders if name.lower().endswith(".ipynb"))]:
            if not name.startswith("._"):
                (notebooks if name.lower().endswith(".ipynb") else others).append(Path(at, name))
    return sorted(notebooks), sorted(others), sorted(closed)


def _place(path: Path, folder: Path) -> str:
    """The first folder's name, or the file's without its ending."""
    parts = path.relative_to(folder).parts
    return printable(parts[0] if len(parts) > 1 or path.suffix.lower() != ".ipynb" else path.stem)


def _learner(place: str, at_top: bool, listed: Roster | None) -> tuple[str, list[str]]:
    """Who that is, and what was guessed."""
    if listed and place in listed.named:
        return listed.named[place], []
    learner = _without_lesson(place) if at_top else place
    if listed and learner in listed.named:
        return listed.named[learner], []
    guess = "the roster does not name it: the name of its folder or file is taken for the learner"
    return learner, [guess] if listed else []


def _submission(path: Path, folder: Path, listed: Roster | None, lessons: set[str]) -> Submission:
    """One file that bears a notebook's name."""
    at_top = len(path.relative_to(folder).parts) == 1
    learner, remarks = _learner(_place(path, folder), at_top, listed)
    one = Submission(learner, path, remarks=remarks)
    stem, words = re.sub(r"[ _-]*(?:\(\d+\)|copy\d*)$", "", path.stem, flags=re.IGNORECASE), ""
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise Unreadable("it is a link that leads out of the folder, and is not followed: hand in the file itself")
        info = path.stat()
        one.handed_in = info.st_mtime
        if not stat.S_ISREG(info.st_mode):
            what = "a folder" if stat.S_ISDIR(info.st_mode) else "no ordinary file"
            raise Unreadable(f"it has a notebook's name and is {what}")
        book = read_notebook(path)
        one.code, one.in_text, words = book.code, book.in_text, book.words
        one.lesson = which_lesson(stem, one.code, words, lessons)
        one.problem = "" if one.lesson else NO_LESSON
        if one.lesson and (by_name := by_its_name(stem, words, lessons)) and one.lesson not in by_name:
            one.remarks.append(f"its name or heading says {by_name[0]}, and it answers {one.lesson}: graded as that")
    except Unreadable as error:
        one.problem = str(error)
    except (OSError, RuntimeError) as error:  # a link to itself, or to nothing
        one.problem = f"the file cannot be opened: {getattr(error, 'strerror', None) or 'a link that leads to itself'}"
    if one.problem:
        one.lesson = one.lesson or which_lesson(stem, [], words, lessons)
    if listed and learner in listed.due:
        one.late = max(0.0, one.handed_in - listed.due[learner])
    return one


def _closed(path: Path, error: str, folder: Path, listed: Roster | None) -> Submission:
    """A folder that cannot be opened."""
    learner, remarks = _learner(_place(path, folder), False, listed)
    return Submission(learner, path, problem=f"the folder cannot be opened: {error}", remarks=remarks)


def _without_notebooks(
    folder: Path, others: list[Path], found: list[Submission], listed: Roster | None
) -> list[Submission]:
    """Learners of whom something is there, and no notebook."""
    having, beside = {one.learner for one in found}, {}
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False) and entry.name not in NO_WORK:
                beside.setdefault((printable(entry.name), False), [])
    for path in others:
        top = len(path.relative_to(folder).parts) == 1
        ending = next((ending for ending in OTHER_WORK if path.name.lower().endswith(ending)), "")
        if not top:
            beside.setdefault((_place(path, folder), False), []).append(path)
        elif ending:
            beside.setdefault((printable(path.name)[: -len(ending)], True), []).append(path)
    missing = []
    for (place, at_top), files in sorted(beside.items()):
        learner, remarks = _learner(place, at_top, listed)
        if learner in having:
            continue
        packed = any(path.name.lower().endswith(PACKED) for path in files)
        said = f"no notebook (.ipynb) is there, only {_listed(files)}" if files else "the folder is empty"
        said += ": unpack it" if packed else ""
        missing.append(Submission(learner, files[0] if at_top else folder / place, problem=said, status="not submitted",
                                  remarks=remarks))  # fmt: skip
    return missing


def _listed(paths: list[Path]) -> str:
    more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
    return ", ".join(printable(path.name) for path in paths[:NAMED]) + more


def _latest(found: list[Submission], folder: Path) -> list[Submission]:
    """Of a learner's several notebooks for a lesson the last; it says which were passed over."""
    every: dict[tuple, list[Submission]] = {}
    for one in sorted(found, key=lambda one: (one.handed_in, str(one.path))):
        every.setdefault((one.learner, one.lesson or str(one.path)), []).append(one)
    for *earlier, last in every.values():
        if not earlier:
            continue
        paths = [one.path.relative_to(folder) for one in earlier]
        last.remarks.append(f"of {len(earlier) + 1} notebooks for this lesson the latest counts, "
                            f"{printable(str(last.path.relative_to(folder)))}; --attempts best grades all")  # fmt: skip
        folders = {path.parts[1] for path in [*paths, last.path.relative_to(folder)] if len(path.parts) > 2}
        if len(folders) > 1:
            place = printable(last.path.relative_to(folder).parts[0])
            guess = f"they lie in {len(folders)} folders of {place}: if these are learners, grade {place} by itself"
            last.remarks.append(guess)
    return [one for *_, one in every.values()]


def _not_handed_in(listed: Roster, found: list[Submission]) -> list[Submission]:
    """Whom the roster names, and who has nothing for a lesson that others handed in."""
    lessons = sorted({one.lesson for one in found if one.lesson and not one.problem})
    having = {(one.learner, one.lesson) for one in found}
    nothing = Counter(one.learner for one in found if not one.lesson)  # something that may be any lesson's
    places = {learner: place for place, learner in reversed(listed.named.items())}
    none = {"problem": "nothing was handed in for it", "status": "not submitted"}
    return [
        Submission(learner, Path(places[learner]), lesson, **none)
        for learner in listed.learners
        for lesson in lessons
        if (learner, lesson) not in having and not nothing[learner]
    ]


def _without_lesson(stem: str) -> str:
    """Of "03_self_attention-ana (1)" the "ana", where anything is left."""
    stem = re.sub(r"[ _-]*(?:\(\d+\)|copy\d*)$", "", stem, flags=re.IGNORECASE) or stem
    for each in dict.fromkeys(each.lesson for each in asked()):
        if each in stem and (rest := stem.replace(each, "").strip("-_. ")):
            return rest
    return stem


def which_lesson(stem: str, code: list[str], words: str, lessons: set[str]) -> str:
    """The lesson that a notebook is: that whose exercises it defines; else by its heading, or by the file's name."""
    defined = {name for text in code for name in re.findall(r"^(?:def|class) (\w+)", text, flags=re.MULTILINE)}
    counts = {}
    for each in asked():
        counts[each.lesson] = counts.get(each.lesson, 0) + (each.name in defined)
    best = max(counts.values(), default=0)
    likely = [lesson for lesson, count in counts.items() if count == best and best]
    by_name = by_its_name(stem, words, lessons)
    agreeing = [lesson for lesson in likely if lesson in by_name]
    return (agreeing or likely or by_name or [""])[0]


def by_its_name(stem: str, words: str, lessons: set[str]) -> list[str]:
    """The lessons that a notebook's heading, or its file's name, may mean."""
    named = re.search(r"(?<!\d)(\d\d)(?!\d)", words.partition("\n")[0]) or re.match(r"(\d\d)(?!\d)", stem)
    return sorted(lesson for lesson in lessons if lesson in stem or (named and lesson.startswith(f"{named[1]}_")))
