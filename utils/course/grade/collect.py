"""Finds submissions in a folder, and in each notebook the answers with what they stand on. Nothing of theirs is run.

A notebook is read as JSON, with limits on its size and depth. An answer is the last cell that defines the exercise's
function or class; with it go the imports, functions, classes and values that its names lead to, from any cell.
"""

import ast
import csv
import datetime
import json
import os
import re
import symtable
import unicodedata
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from utils.course.grade.walls import Asked, asked

LARGEST = 32 * 2**20  # bytes of a notebook
NO_WORK = (".ipynb_checkpoints", "__MACOSX")  # folders that programs add
CELLS = 5000
CODE = 2 * 2**20  # characters of all its code
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
MOST = 2000  # pieces of code that an answer may stand on
ROUNDS, SHORT = 40, 100_000  # Jupyter's lines that are looked for one by one, in a cell of so many characters


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
        source = "".join(part for part in source if isinstance(part, str))
    return source.replace("\r\n", "\n").replace("\r", "\n") if isinstance(source, str) else ""


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
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".ipynb"):
        if set(NO_WORK) & set(path.parts) or path.name.startswith("._") or not _is_file_in(path, root):
            continue
        parts = path.relative_to(folder).parts
        place = printable(parts[0] if len(parts) > 1 else path.stem)
        learner = named.get(place, place if len(parts) > 1 else _without_lesson(place))
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


def _is_file_in(path: Path, root: Path) -> bool:
    try:
        return path.resolve().is_relative_to(root) and path.is_file()
    except (OSError, RuntimeError):  # a link to itself
        return False


def printable(name: str) -> str:
    """A name that can be shown and stored: what is no UTF-8 or would steer a terminal is written as its code.

    Two names that look the same, as one system and the next write an é, are the same.
    """
    name = os.fsencode(name).decode("utf-8", "backslashreplace")
    name = unicodedata.normalize("NFC", name)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)[:400]


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
        learner = printable((row.get("learner") or "").strip())
        place = printable((row.get("folder") or "").strip()) or learner
        if not learner:
            raise ValueError(f"{path}, line {line}: the learner has no name")
        if place in named:
            raise ValueError(f"{path}, line {line}: {place} stands there twice. Each folder belongs to one learner")
        named[place] = learner
        if when := (row.get("due") or "").strip():
            try:
                due[learner] = datetime.datetime.fromisoformat(when).timestamp()
            except (ValueError, OverflowError) as error:
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


@dataclass
class Piece:
    """Statements at the top of a cell that share their lines: nearly always one.

    Attributes:
        nodes: their syntax trees.
        code: their lines.
        defined: names of its functions and classes.
        whole: names that are something new afterwards, these and others.
        touched: names that may be, or that are changed.
        reads: names that it reads; None until somebody asks.
    """

    nodes: list[ast.stmt]
    code: str
    defined: set[str] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    reads: set[str] | None = None


def answers(submission: Submission) -> Iterator[Found]:
    """The answers of a notebook, one for each exercise of its lesson."""
    every, broken = [], []
    for text in submission.code:
        try:
            every += pieces(*python_of(text))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            broken.append((text, f"{type(error).__name__}: {error}"[:200]))
    for each in (each for each in asked() if each.lesson == submission.lesson):
        yield _answer(each, every, broken)


def python_of(text: str) -> tuple[str, ast.Module]:
    """A cell's Python and its tree. Jupyter's own lines say nothing, and only where they are no Python."""
    text = text.lstrip("\ufeff")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what an answer writes, such as "\d"
        for _ in range(ROUNDS if len(text) < SHORT else 1):
            try:
                return text, ast.parse(text)
            except SyntaxError as error:
                lines, n = text.split("\n"), (error.lineno or 0) - 1
                if not 0 <= n < len(lines) or (plain := _without_magic(lines[n])) == lines[n]:
                    break
                text = "\n".join([*lines[:n], plain, *lines[n + 1 :]])
        text = "\n".join(map(_without_magic, text.split("\n")))
        return text, ast.parse(text)


def _without_magic(line: str) -> str:
    if found := re.match(r"([ \t]*)(?:[%!?]|[\w.]+\?\??\s*$)", line):
        return f"{found[1]}pass"
    found = re.match(r"([ \t]*\w[\w., ]*=)[ \t]*[%!]", line)
    return f"{found[1]} None" if found else line


def pieces(text: str, tree: ast.Module) -> list[Piece]:
    """A cell's statements with their lines; those that share a line stay together, or it would run twice."""
    lines, spans = text.split("\n"), []
    for node in tree.body:
        first = min([d.lineno for d in getattr(node, "decorator_list", [])] + [node.lineno])
        if spans and first <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], node.end_lineno)
            spans[-1][2].append(node)
        else:
            spans.append([first, node.end_lineno, [node]])
    result = []
    for first, last, nodes in spans:
        if all(isinstance(node, ast.Import) for node in nodes):  # import os, numpy as np: without the one, the other
            every = [ast.Import([alias]) for node in nodes for alias in node.names]
            result += [Piece([node], ast.unparse(node)) for node in every]
        else:
            result.append(Piece(nodes, "\n".join(lines[first - 1 : last])))
    for piece in result:
        piece.defined = {node.name for node in piece.nodes if isinstance(node, DEFINITIONS)}
        for node in piece.nodes:
            whole, touched = bound_by(node)
            piece.whole |= whole
            piece.touched |= touched
    return result


def _answer(each: Asked, every: list[Piece], broken: list[tuple[str, str]]) -> Found:
    made = [n for n, piece in enumerate(every) if each.name in piece.whole and not all(map(_imports, piece.nodes))]
    made = made or [n for n, piece in enumerate(every) if each.name in piece.whole | piece.touched
                    and not all(map(_from_utils, piece.nodes))]  # fmt: skip
    if not made:
        for text, error in broken:
            if re.search(rf"^(?:def|class) {each.name}\b", text, flags=re.MULTILINE):
                return Found(each, [], f"its cell is no Python: {error}", broken=True)
        return Found(each, [], "no cell defines it: was the cell deleted, or its name changed?")
    own = made[-1]
    bound: dict[str, list[int]] = {}
    imported = {name for piece in every if any(map(_imports, piece.nodes)) for name in piece.whole}
    for n, piece in enumerate(every):
        imports, says = any(map(_imports, piece.nodes)), all(isinstance(node, ast.Expr) for node in piece.nodes)
        for name in piece.whole | piece.touched:
            if not (name == each.name and imports and n not in made) and not (
                says and name in imported
            ):  # torch.seed()
                bound.setdefault(name, []).append(n)
    chosen = {own, *(n for n, piece in enumerate(every[:own]) if "*" in piece.whole)}
    chosen |= {n for n in bound[each.name] if n > own}  # such as a method that is added below
    todo, seen = sorted(chosen), {each.name}
    if each.name not in every[own].defined:  # softmax = faster(softmax)
        seen = set()
    while todo and len(chosen) < MOST:
        for name in names_read(every[todo.pop()]) - seen:
            seen.add(name)
            for n in reversed(bound.get(name, ())):  # as the kernel would: what was defined last holds
                if n not in chosen:
                    chosen.add(n)
                    todo.append(n)
                if name in every[n].defined or (name in every[n].whole and name not in names_read(every[n])):
                    break
    later = any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for p in every for node in p.nodes)
    above = "from __future__ import annotations\n" if later else ""  # what one cell says of it holds for all
    return Found(each, [(n == own, above + every[n].code) for n in sorted(chosen)])


def _imports(node: ast.stmt) -> bool:
    return isinstance(node, (ast.Import, ast.ImportFrom))


def _from_utils(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "utils"


def bound_by(node: ast.stmt) -> tuple[set[str], set[str]]:
    """The names that a statement at the top of a cell makes, and those that it may make or changes.

    A check's own assignment does neither.
    """
    if isinstance(node, DEFINITIONS):
        return {node.name}, set()
    if _imports(node):
        return {(alias.asname or alias.name.partition(".")[0]) for alias in node.names}, set()
    value = getattr(node, "value", None)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "check":
        return set(), set()
    whole, touched, todo = set(), set(), [node]
    if isinstance(node, ast.Expr) and isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        if isinstance(value.func.value, ast.Name):  # table.append(1)
            touched.add(value.func.value.id)
    while todo:
        part = todo.pop()
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            touched.add(part.id)
        elif isinstance(part, (ast.Attribute, ast.Subscript)) and isinstance(part.ctx, ast.Store):
            while isinstance(part, (ast.Attribute, ast.Subscript)):
                part = part.value
            touched |= {part.id} if isinstance(part, ast.Name) else set()
        elif isinstance(part, DEFINITIONS):
            touched.add(part.name)
        elif isinstance(part, (ast.Import, ast.ImportFrom)):
            touched |= bound_by(part)[0]
        elif not isinstance(part, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            todo += ast.iter_child_nodes(part)
    if isinstance(node, ast.Assign) or (isinstance(node, ast.AnnAssign) and node.value):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
            whole |= {part.id for part in parts if isinstance(part, ast.Name)}
    return whole, touched - whole


def names_read(piece: Piece) -> set[str]:
    """The names of the module that a piece reads, in functions within it too."""
    if piece.reads is None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                piece.reads = _read_in(symtable.symtable(piece.code, "cell", "exec"))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            every = (part for node in piece.nodes for part in ast.walk(node))
            piece.reads = {part.id for part in every if isinstance(part, ast.Name)}
        piece.reads |= {node.target.id for node in piece.nodes
                        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)}  # fmt: skip
    return piece.reads


def _read_in(table: symtable.SymbolTable) -> set[str]:
    found, todo = set(), [table]
    while todo:
        scope = todo.pop()
        todo += scope.get_children()
        found |= {s.get_name() for s in scope.get_symbols() if s.is_referenced() and (scope is table or s.is_global())}
    return found
