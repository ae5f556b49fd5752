"""Finds submissions in a folder and reads each as JSON, with limits on its size and depth. Nothing of theirs is run.

Whatever is not taken is named: a folder without a notebook, a link, an earlier attempt.
"""

import json
import os
import re
import stat
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from utils.course.grade.names import printable
from utils.course.grade.roster import Roster, read_roster
from utils.course.grade.walls import asked
from utils.course.grade.whose import (
    ENDINGS,
    Names,
    Whose,
    apart,
    copy_number,
    depth_of,
    names_lesson,
    parts_below,
    stem_of,
    whose,
)

LARGEST = 32 * 2**20  # bytes of a notebook
NO_WORK = {".ipynb_checkpoints", "__MACOSX", ".git"}  # folders that programs add
VALUES = 5_000_000  # of its JSON, at most: lists, objects, and what commas part; each takes memory once it is read
CELLS = 5000
ATTEMPTS = 50  # of a learner at a lesson that are graded: who hands in a thousand keeps nobody waiting
DEEPEST = 40  # folders within each other
DEFINED = (r"^(?:async +)?(?:def|class) +(\w+)", r"^(\w+) *= *lambda\b")
CODE = 200_000  # characters of all its code: they are parsed outside, which takes seconds for so many; lessons have 40k
PYTHON_CELLS = {"capture", "debug", "memit", "mprun", "prun", "time", "timeit"}  # %%magic above what is Python
PACKED = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz")
UNFINISHED = (".crdownload", ".part", ".download", ".partial")  # as browsers name what is not yet whole
OTHER_WORK = (*PACKED, *UNFINISHED, ".doc", ".docx", ".gif", ".heic", ".htm", ".html", ".ipynb~", ".jpeg", ".jpg",
              ".json", ".md", ".odt", ".pages", ".pdf", ".png", ".py", ".qmd", ".rmd", ".rtf", ".txt")  # fmt: skip
NOTES = {"readme", "license", "licence", "requirements", "contributing", "index", "roster"}  # nobody's names
AT_ONCE = 2.0  # seconds between two files that bear the same time: some programs keep only even ones
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
        python: the version of Python that the notebook says it was saved by.
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
    python: str = ""


@dataclass
class Book:
    """What is read of a notebook: its code, exercises that cells of text answer, headings, its Python and language."""

    code: list[str]
    in_text: list[str]
    words: str
    python: str = ""
    language: str = ""


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
                found.code.append(_as_jupyter_reads(text))
            continue
        heads = (
            [text] if cell.get("cell_type") == "heading" else re.findall(r"^#+[^\n]*", text[:500], flags=re.MULTILINE)
        )
        found.words = (found.words + "".join(f"# {head.lstrip('# ')}\n" for head in heads))[:2000]
        defined = set(re.findall(r"^[ \t>]*(?:def|class) (\w+)", text, flags=re.MULTILINE))
        found.in_text += [each.name for each in asked() if each.name in defined and each.name not in found.in_text]
    about = book.get("metadata")
    for key, name in (("kernelspec", "language"), ("language_info", "name")):
        says = about.get(key) if isinstance(about, dict) else None
        says = says if isinstance(says, dict) else {}
        found.language = str(says.get(name) or found.language)[:40]
    if _python(found.language):
        found.python = str(says.get("version", ""))[:40]
    if sum(map(len, found.code)) > CODE:
        raise Unreadable(f"more than {CODE:,} characters of code")
    return found


def _text(source) -> str:
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    return source.replace("\r\n", "\n").replace("\r", "\n") if isinstance(source, str) else ""


def _as_jupyter_reads(text: str) -> str:
    """A cell without what Jupyter takes off before it runs it: an indent of all its lines, a prompt that was copied."""
    first = re.search(r"^([ \t]*)(\S.*)", text, flags=re.MULTILINE)
    if first and first[1]:
        text = "\n".join(line.removeprefix(first[1]) for line in text.split("\n"))
    if first and re.match(r">>>( |$)", first[2]):
        text = re.sub(r"^(?:>>>|\.\.\.)(?: |$)", "", text, flags=re.MULTILINE)
    elif first and re.match(r"In \[\d+\]: ", first[2]):
        text = re.sub(r"^(?:In \[\d+\]: |[ \t]*\.{3,}: ?)", "", text, flags=re.MULTILINE)
    return text


def _python(language: str) -> bool:
    return "python" in language.lower() or not language


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
    if not raw.strip(b"\0"):
        return ": only zeros are in it, as where a file was not synchronised"
    if re.search(rb"^(<<<<<<<|>>>>>>>) ", raw, flags=re.MULTILINE):
        return ", git's marks of a merge stand in it: finish the merge"
    return ""


# Submissions ---------------------------------------------------------------------------------------


def submissions(
    folder: Path, roster: Path | None = None, attempts: str = "latest", leave_out: Path | None = None
) -> list[Submission]:
    """Every notebook below a folder, by learner and lesson, and what is missing.

    The learner is the first folder's name, or the file's where it lies at the top; with a roster, whom it names.
    Folders of lessons, and one around all, are gone through; names as learning platforms give them are known.

    Args:
        folder: any tree; links are not followed.
        roster: CSV with the columns learner and folder (a folder's or file's name), and perhaps due (a date).
        attempts: of several notebooks for a lesson, "latest" keeps the last handed in, "best" keeps all to be graded.
        leave_out: the folder of the grades, which may lie within.

    Raises:
        ValueError: the roster cannot be read, or the folder has no notebook.
    """
    listed = read_roster(roster) if roster else None
    lessons = {each.lesson for each in asked()}
    paths, others, folders, closed = _files(folder, leave_out)
    found = [_submission(path, lessons) for path in paths]
    if not found:
        if closed:
            raise ValueError(
                f"{printable(str(closed[0][0]))} cannot be opened: {closed[0][1]}. Give yourself the right to read it"
            )
        beside = f", only {_listed(others)}" if others else ""
        unpack = "Unpack it, and name the folder" if any(map(_is_packed, others)) else "Name the folder"
        raise ValueError(f"{folder} holds no notebook (.ipynb){beside}. {unpack} that the submissions are in")
    depth = depth_of([path.relative_to(folder).parts for path in paths], listed)
    found += [Submission("", path, problem=f"the folder cannot be opened: {error}") for path, error in closed]
    missing, beside = _without_notebooks(folder, others, folders, depth)
    places = [_whose(one, folder, depth) for one in found]
    _name([*zip(places, found, strict=True), *missing], listed, folder, depth)
    having = {one.learner: one for one in reversed(found)}
    found += list({one.learner: one for _, one in reversed(missing) if one.learner not in having}.values())
    for (_, one), files in zip(missing, beside, strict=True):
        who = one.learner
        if who in having and (unread := [path for path in files if _is_packed(path)]):
            having[who].remarks.append(f"beside it lies {_listed(unread)}, which is not looked into: unpack it")
    found = _of_two_lessons(found)
    found = _latest(found, folder) if attempts == "latest" else _newest(found)
    found += _not_handed_in(listed, found) if listed else []
    return sorted(found, key=lambda one: (one.learner, one.lesson, str(one.path)))


def _files(folder: Path, leave_out: Path | None) -> tuple[list[Path], list[Path], list[Path], list[tuple[Path, str]]]:
    """What bears a notebook's name, what does not, folders, and those that cannot be opened, with why."""
    notebooks, others, every, closed = [], [], [], []
    away = leave_out.resolve() if leave_out else None

    def note(error: OSError) -> None:
        closed.append((Path(error.filename), error.strerror or str(error)))

    for at, folders, files in os.walk(folder, onerror=note):
        own = away is not None and Path(at).resolve() == away  # grades among the submissions
        folders[:] = sorted(name for name in folders if name not in NO_WORK and not (own and name == "feedback"))
        folders[:] = [name for name in folders if away is None or Path(at, name).resolve() != away]
        if len(Path(at).relative_to(folder).parts) >= DEEPEST and folders:
            closed.append((Path(at), f"folders lie in it deeper than {DEEPEST} within each other"))
            folders.clear()
        every += [Path(at, name) for name in folders if not name.lower().endswith(".ipynb")]
        for name in [*files, *(name for name in folders if name.lower().endswith(".ipynb"))]:
            if not name.startswith("._") and not (own and Path(name).suffix in (".html", ".sqlite")):
                (notebooks if ENDINGS.search(name) else others).append(Path(at, name))
    return sorted(notebooks), sorted(others), sorted(every), sorted(closed)


def _submission(path: Path, lessons: set[str]) -> Submission:
    """One file that bears a notebook's name; whose it is, is told later."""
    one = Submission("", path)
    stem, words = re.sub(r"[ _-]*(?:\(\d+\)|copy\d*)$", "", stem_of(path.name), flags=re.IGNORECASE), ""
    if path.suffix.lower() != ".ipynb":
        one.remarks.append(f"its name ends in {path.suffix}, as a browser saves it; it is read as a notebook")
    try:
        info = path.lstat()
        if stat.S_ISLNK(info.st_mode):  # perhaps to another learner's
            raise Unreadable("it is a link, and is not followed: hand in the file itself")
        one.handed_in = info.st_mtime
        if not stat.S_ISREG(info.st_mode):
            what = "a folder" if stat.S_ISDIR(info.st_mode) else "no ordinary file"
            raise Unreadable(f"it has a notebook's name and is {what}")
        book = read_notebook(path)
        one.code, one.in_text, words, one.python = book.code, book.in_text, book.words, book.python
        one.lesson = which_lesson(stem, one.code, words, lessons)
        one.problem = "" if one.lesson else NO_LESSON
        if not _python(book.language):
            said = f"the notebook says that its language is {printable(book.language)}, and Python is asked for"
            one.remarks.append(f"{said}: was another kernel chosen?")
        if one.lesson and (by_name := by_its_name(stem, words, lessons)) and one.lesson not in by_name:
            one.remarks.append(f"its name or heading says {by_name[0]}, and it answers {one.lesson}: graded as that")
    except Unreadable as error:
        one.problem = str(error)
    except OSError as error:
        one.problem = f"the file cannot be opened: {error.strerror}"
    if one.problem:
        one.lesson = one.lesson or which_lesson(stem, [], words, lessons)
    return one


def _whose(one: Submission, folder: Path, depth: int) -> Whose:
    place = parts_below(one.path, folder, depth)
    if ENDINGS.search(one.path.name):
        found = whose(place, one.lesson)
    else:  # a folder
        found = whose((*(place or one.path.parts[-1:]), ""), "")
    if depth:  # a roster may name it from the top
        found.keys = [*whose((*one.path.relative_to(folder).parts, ""), "").keys, *found.keys]
    return found


def _name(every: list[tuple[Whose, Submission]], listed: Roster | None, folder: Path, depth: int) -> None:
    """Says of each whose it is, how late, and what was guessed of that."""
    two = apart([(place.learner, place.number, one.lesson) for place, one in every])
    for place, _ in every:
        if place.number and place.learner in two:
            name = place.learner
            place.keys = [key for key in place.keys if key != name]
            place.learner = f"{name} ({place.number})"
            place.remarks.append(f"several handed in the same lesson as {name}: told apart by the platform's numbers")
    names = Names(listed, [place for place, _ in every])
    looks: dict[str, set[str]] = {}
    for _, one in every:
        own = parts_below(one.path, folder, depth)[:1]
        looks.setdefault(printable("".join(own)), set()).update(own)
    for place, one in every:
        one.learner, remarks = names.of(place)
        if (several := len(looks[printable("".join(parts_below(one.path, folder, depth)[:1]))])) > 1:
            remarks = [*remarks, f"{several} folders or files bear this name, in signs that only look alike: taken for "
                                 "one person"]  # fmt: skip
        if above := one.path.relative_to(folder).parts[:depth]:
            above = printable("/".join(above))
            remarks = [*remarks, f"{above} is taken for a folder around the learners' own, and no learner"]
        if listed and one.learner in listed.twice:
            lines = " and ".join(map(str, listed.twice[one.learner]))
            remarks = [*remarks, f"the roster has {one.learner} in lines {lines}: taken for one person with several "
                                 "folders; two people need two names"]  # fmt: skip
        one.remarks = [*remarks, *one.remarks]
        if listed and one.learner in listed.due:
            one.late = max(0.0, one.handed_in - listed.due[one.learner])


def _is_packed(path: Path) -> bool:
    return path.name.lower().endswith((*PACKED, *UNFINISHED))


def _without_notebooks(
    folder: Path, others: list[Path], folders: list[Path], depth: int
) -> tuple[list[tuple[Whose, Submission]], list[list[Path]]]:
    """Each learner's place, as if no notebook were there; and what else lies there, for each."""
    beside: dict[tuple[str, bool], list[Path]] = {}
    at: dict[tuple[str, bool], Path] = {}
    for path in folders:
        if len(place := parts_below(path, folder, depth)) == 1:
            beside.setdefault((place[0], False), [])
            at.setdefault((place[0], False), path)
    for path in others:
        place = parts_below(path, folder, depth)
        ending = next((ending for ending in OTHER_WORK if path.name.lower().endswith(ending)), "")
        if len(place) > 1:
            beside.setdefault((place[0], False), []).append(path)
        elif place and ending and path.name[: -len(ending)].lower() not in NOTES:
            key = (path.name[: -len(ending)], True)
            beside.setdefault(key, []).append(path)
            at.setdefault(key, path)
    missing = []
    for (name, at_top), files in sorted(beside.items()):
        said = f"no notebook (.ipynb) is there, only {_listed(files)}" if files else "the folder is empty"
        said += ": unpack it" if any(path.name.lower().endswith(PACKED) for path in files) else ""
        path = at.get((name, at_top), files[0] if files else folder)
        if path.is_symlink():
            said = "it is a link, and is not followed: put the folder itself there"
        place = whose((f"{stem_of(name)}.ipynb",) if at_top else (name, ""), "")
        missing.append((place, Submission("", path, problem=said, status="not submitted")))
    return missing, [files for _, files in sorted(beside.items())]


def _listed(paths: list[Path]) -> str:
    more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
    return ", ".join(printable(path.name) for path in paths[:NAMED]) + more


def _of_two_lessons(found: list[Submission]) -> list[Submission]:
    """The same with those notebooks twice that answer all of a second lesson, for which nothing else was handed in."""
    having, more = {(one.learner, one.lesson) for one in found}, []
    for one in found:
        if one.problem:
            continue
        for lesson, (count, total) in answered(one.code).items():
            if lesson == one.lesson or count < min(2, total) or (one.learner, lesson) in having:
                continue
            if count == total:
                having.add((one.learner, lesson))
                told = f"it answers {one.lesson} and {lesson}: graded as both"
                more.append(replace(one, lesson=lesson, remarks=[*one.remarks, told]))
            else:
                told = f"it also defines {count} of {total} exercises of {lesson}, which are not graded"
                one.remarks.append(f"{told}: hand these in as a notebook of their own")
    return [*found, *more]


def _latest(found: list[Submission], folder: Path) -> list[Submission]:
    """Of a learner's several notebooks for a lesson the last that can be read; it says which were passed over."""
    every: dict[tuple, list[Submission]] = {}
    for one in sorted(found, key=lambda one: (one.handed_in, str(one.path))):
        every.setdefault((one.learner, one.lesson or str(one.path)), []).append(one)
    kept = []
    for several in every.values():
        readable = [one for one in several if not one.problem] or several
        newest = max(one.handed_in for one in readable)
        at_once = [one for one in readable if newest - one.handed_in <= AT_ONCE]
        last = max(at_once, key=lambda one: (copy_number(one.path.name), one.handed_in, str(one.path)))
        kept.append(last)
        if len(several) == 1:
            continue
        last.remarks.append(f"of {len(several)} notebooks for this lesson the latest counts, "
                            f"{_below(last, folder)}; with --attempts best all are graded")  # fmt: skip
        for one in several:
            if one.problem and one is not last:
                last.remarks.append(f"{_below(one, folder)} does not count, {one.problem}")
        if len({tuple(one.code) for one in at_once}) > 1:
            same = [copy_number(one.path.name) for one in at_once]
            by = "the highest number in its name" if len(set(same)) == len(same) else "its name, which may be wrong"
            last.remarks.append(f"{len(at_once)} of them bear the same time: the latest is told by {by}")
        paths = [one.path.relative_to(folder) for one in several]
        folders = {path.parts[1] for path in paths if len(path.parts) > 2}
        if len(folders) > 1 and len({path.parts[0] for path in paths}) == 1:
            place = printable(paths[0].parts[0])
            guess = f"they lie in {len(folders)} folders of {place}: if these are learners, grade {place} by itself"
            last.remarks.append(guess)
    return kept


def _newest(found: list[Submission]) -> list[Submission]:
    """The same without those attempts that are too many; the latest says so."""
    every: dict[tuple, list[Submission]] = {}
    for one in sorted(found, key=lambda one: (one.handed_in, str(one.path)), reverse=True):
        every.setdefault((one.learner, one.lesson, one.problem and str(one.path)), []).append(one)
    for several in every.values():
        if len(several) > ATTEMPTS:
            several[0].remarks.append(f"of {len(several)} notebooks for this lesson the {ATTEMPTS} newest are graded")
    return [one for several in every.values() for one in several[:ATTEMPTS]]


def _below(one: Submission, folder: Path) -> str:
    return printable(str(one.path.relative_to(folder)))


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


def answered(code: list[str]) -> dict[str, tuple[int, int]]:
    """Of each lesson how many of its exercises are defined, and how many it has."""
    defined = {name for text in code for one in DEFINED for name in re.findall(one, text, flags=re.MULTILINE)}
    counts: dict[str, tuple[int, int]] = {}
    for each in asked():
        count, total = counts.get(each.lesson, (0, 0))
        counts[each.lesson] = count + (each.name in defined), total + 1
    return counts


def which_lesson(stem: str, code: list[str], words: str, lessons: set[str]) -> str:
    """The lesson that a notebook is: that whose exercises it defines; else by its heading, or by the file's name."""
    counts = {lesson: count for lesson, (count, _) in answered(code).items()}
    best = max(counts.values(), default=0)
    likely = [lesson for lesson, count in counts.items() if count == best and best]
    by_name = by_its_name(stem, words, lessons)
    agreeing = [lesson for lesson in likely if lesson in by_name]
    if agreeing or likely or by_name:
        return (agreeing or likely or by_name)[0]
    checked = {name for text in code for name in re.findall(r"\bcheck\((\w+)", text)}  # where the answers are gone
    by_check = [each.lesson for each in asked() if each.name in checked]
    return (by_check or sorted(lesson for lesson in lessons if names_lesson(stem, lesson)) or [""])[0]


def by_its_name(stem: str, words: str, lessons: set[str]) -> list[str]:
    """The lessons that a notebook's heading, or its file's name, says."""
    numbers = re.findall(r"^#+\s*(\d\d)(?!\d)", words, flags=re.MULTILINE)
    return sorted(lesson for lesson in lessons if lesson in stem or lesson[:2] in numbers)
