"""Finds submissions in a folder, and in each notebook the answers with what they stand on. Nothing of theirs is run.

A notebook is read as JSON, with limits on its size and depth. An answer is the last cell that defines the exercise's
function or class; with it go the imports, functions, classes and values that its names lead to, from any cell.
"""

import ast
import csv
import datetime
import json
import re
import symtable
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from utils.course.grade.walls import Asked, asked

LARGEST = 32 * 2**20  # bytes of a notebook
CELLS = 5000
CODE = 2 * 2**20  # characters of all its code
BLANK = "raise NotImplementedError"


class Unreadable(Exception):
    """A notebook that cannot be read; the message says why."""


@dataclass
class Submission:
    """A notebook that somebody handed in.

    Attributes:
        learner: who.
        path: the file.
        lesson: the lesson's slug; "" where it cannot be told.
        handed_in: when, seconds since 1970.
        late: seconds after the date that the roster gives; 0 where it gives none.
        problem: why it cannot be read; "" where it can.
        code: its code cells' text.
    """

    learner: str
    path: Path
    lesson: str = ""
    handed_in: float = 0.0
    late: float = 0.0
    problem: str = ""
    code: list[str] = field(default_factory=list, repr=False)


def code_cells(path: Path) -> tuple[list[str], dict]:
    """The text of a notebook's code cells, and its first lines of text, for telling which lesson it is.

    Raises:
        Unreadable: the file is too large, no JSON, nested too deep, or no notebook.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise Unreadable(f"the file has {size / 2**20:.0f} MB; {LARGEST // 2**20} are the most")
        book = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise Unreadable(f"the file cannot be opened: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Unreadable("the file is not UTF-8: save it again from Jupyter") from error
    except RecursionError as error:
        raise Unreadable("the JSON is nested too deep for a notebook") from error
    except ValueError as error:
        raise Unreadable(f"the file is no JSON, {error}: is it a notebook, downloaded whole?") from error
    cells = book.get("cells") if isinstance(book, dict) else None
    if cells is None and isinstance(book, dict) and isinstance(book.get("worksheets"), list):  # format 3, before 2014
        sheets = [sheet.get("cells", []) for sheet in book["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
    if not isinstance(cells, list):
        raise Unreadable('the file has no list of "cells": it is JSON, but no notebook')
    if len(cells) > CELLS:
        raise Unreadable(f"{len(cells)} cells; {CELLS} are the most")
    code, words = [], ""
    for cell in cells:
        if isinstance(cell, dict):
            text = _text(cell.get("source", cell.get("input", "")))
            if cell.get("cell_type") == "code":
                code.append(text)
            elif cell.get("cell_type") == "markdown" and not words:
                words = text[:500]
    if sum(map(len, code)) > CODE:
        raise Unreadable(f"more than {CODE // 2**20} million characters of code")
    return code, words


def _text(source) -> str:
    if isinstance(source, list):
        return "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else ""


# Submissions ---------------------------------------------------------------------------------------


def submissions(folder: Path, roster: Path | None = None, attempts: str = "latest") -> list[Submission]:
    """Every notebook below a folder, by learner and lesson.

    The learner is the first folder's name, or the file's where it lies at the top; with a roster, whom it names.

    Args:
        folder: any tree; links that lead elsewhere are passed over.
        roster: CSV with the columns learner and folder (a folder's or file's name), and perhaps due (a date).
        attempts: of several notebooks for a lesson, "latest" keeps the last handed in, "best" keeps all to be graded.

    Raises:
        ValueError: the roster cannot be read, or the folder has no notebook.
    """
    named, due = read_roster(roster) if roster else ({}, {})
    found, lessons = [], {each.lesson for each in asked()}
    root = folder.resolve()
    for path in sorted(folder.rglob("*.ipynb")):
        if ".ipynb_checkpoints" in path.parts or not path.resolve().is_relative_to(root) or not path.is_file():
            continue
        parts = path.relative_to(folder).parts
        place = parts[0] if len(parts) > 1 else path.stem
        learner = printable(named.get(place, place) if len(parts) > 1 else named.get(place, _without_lesson(place)))
        one = Submission(learner, path, handed_in=path.stat().st_mtime)
        if learner in due:
            one.late = max(0.0, one.handed_in - due[learner])
        try:
            one.code, words = code_cells(path)
            one.lesson = which_lesson(path.stem, one.code, words, lessons)
            one.problem = "" if one.lesson else "no lesson's exercise is in it: is it one of this course's notebooks?"
        except Unreadable as error:
            one.problem = str(error)
            one.lesson = which_lesson(path.stem, [], "", lessons)
        found.append(one)
    if not found:
        raise ValueError(f"{folder} holds no notebook (.ipynb). Name the folder that the submissions are in")
    if attempts == "best":
        return found
    latest = {}
    for one in sorted(found, key=lambda one: (one.handed_in, str(one.path))):
        latest[one.learner, one.lesson or str(one.path)] = one
    return sorted(latest.values(), key=lambda one: (one.learner, one.lesson))


def printable(name: str) -> str:
    """A name that can be shown and stored: what is no letter of UTF-8 or would steer a terminal is replaced."""
    name = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)[:200]


def _without_lesson(stem: str) -> str:
    """Of "03_self_attention-ana" the "ana", where anything is left."""
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
    named = re.search(r"(?<!\d)(\d\d)(?!\d)", words.partition("\n")[0]) or re.match(r"(\d\d)(?!\d)", stem)
    by_name = [lesson for lesson in lessons if lesson in stem or (named and lesson.startswith(named[1]))]
    agreeing = [lesson for lesson in likely if lesson in by_name]
    return (agreeing or likely or sorted(by_name) or [""])[0]


def read_roster(path: Path) -> tuple[dict[str, str], dict[str, float]]:
    """Who handed in which folder or file, and until when each may.

    Raises:
        ValueError: a column is missing, or a date is none; it says where.
    """
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path}: the roster cannot be read, {error}") from error
    if not rows or "learner" not in rows[0]:
        raise ValueError(f'{path}: a heading with the columns "learner" and "folder" is wanted, perhaps "due"')
    named, due = {}, {}
    for line, row in enumerate(rows, start=2):
        learner = (row.get("learner") or "").strip()
        place = (row.get("folder") or learner).strip()
        if place in named:
            raise ValueError(f"{path}, line {line}: {place} stands there twice. Each folder belongs to one learner")
        named[place] = learner
        if when := (row.get("due") or "").strip():
            try:
                due[learner] = datetime.datetime.fromisoformat(when).timestamp()
            except ValueError as error:
                advice = "Write it as 2026-12-01 or 2026-12-01T18:00"
                raise ValueError(f"{path}, line {line}: {when!r} is no date. {advice}") from error
    return named, due


# Answers -------------------------------------------------------------------------------------------


@dataclass
class Found:
    """An answer in a notebook.

    Attributes:
        asked: the exercise.
        cells: code in order, each with whether it defines the answer itself; empty where there is none.
        missing: why there is none, or why it cannot be used; "" where all is well.
        broken: whether there is one, and it is no Python.
    """

    asked: Asked
    cells: list[tuple[bool, str]]
    missing: str = ""
    broken: bool = False


def answers(submission: Submission) -> Iterator[Found]:
    """The answers of a notebook, one for each exercise of its lesson."""
    trees, broken = [], []
    for text in submission.code:
        plain = re.sub(r"^[ \t]*[%!].*$", "pass", text, flags=re.MULTILINE)  # Jupyter's own lines
        try:
            trees.append((plain, ast.parse(plain)))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            broken.append((plain, f"{type(error).__name__}: {error}"[:200]))
    statements = [(node, text) for text, tree in trees for node in tree.body]
    for each in (each for each in asked() if each.lesson == submission.lesson):
        yield _answer(each, statements, broken)


def _answer(each: Asked, statements: list, broken: list[tuple[str, str]]) -> Found:
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    own = [n for n, (node, _) in enumerate(statements) if isinstance(node, definitions) and node.name == each.name]
    own = own or [n for n, (node, _) in enumerate(statements) if each.name in bound_by(node) and not _from_utils(node)]
    if not own:
        for text, error in broken:
            if re.search(rf"^(?:def|class) {each.name}\b", text, flags=re.MULTILINE):
                return Found(each, [], f"its cell is no Python: {error}", broken=True)
        return Found(each, [], "no cell defines it: was the cell deleted, or its name changed?")
    chosen = {own[-1]}
    todo, bound = [own[-1]], {}
    for n, (node, _) in enumerate(statements):
        for name in bound_by(node):
            bound.setdefault(name, []).append(n)
    seen = set()
    while todo:
        for name in names_read(*statements[todo.pop()]) - seen - {each.name}:
            seen.add(name)
            for n in bound.get(name, ())[-1:]:  # as the kernel would: what was defined last holds
                if n not in chosen:
                    chosen.add(n)
                    todo.append(n)
    cells = [(n == own[-1], _segment(*statements[n])) for n in sorted(chosen)]
    return Found(each, cells)


def _segment(node: ast.stmt, text: str) -> str:
    lines = text.splitlines()
    first = min([d.lineno for d in getattr(node, "decorator_list", [])] + [node.lineno])
    return "\n".join(lines[first - 1 : node.end_lineno])


def _from_utils(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "utils"


def bound_by(node: ast.stmt) -> set[str]:
    """The names that a statement at the top of a cell defines. A check's own assignment defines nothing."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name.partition(".")[0]) for alias in node.names}
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        value = node.value
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "check":
            return set()
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return {n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)}
    return set()


def names_read(node: ast.stmt, text: str) -> set[str]:
    """The names of the module that a statement reads, in functions within it too."""
    try:
        table = symtable.symtable(_segment(node, text), "cell", "exec")
    except (SyntaxError, ValueError, RecursionError):
        return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    found, todo = set(), [table]
    while todo:
        scope = todo.pop()
        todo += scope.get_children()
        found |= {s.get_name() for s in scope.get_symbols() if s.is_referenced() and (scope is table or s.is_global())}
    return found
