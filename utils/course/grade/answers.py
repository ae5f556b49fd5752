"""Finds in a notebook's code the answers, each with what it stands on. Nothing of theirs is run.

An answer is the last cell that defines the exercise's function or class; with it go the imports, functions, classes and
values that its names lead to, from any cell.
"""

import ast
import re
import symtable
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

from utils.course.grade.collect import Submission
from utils.course.grade.walls import Asked, asked

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
MOST = 2000  # pieces of code that an answer may stand on
ROUNDS, SHORT = 40, 100_000  # Jupyter's lines that are looked for one by one, in a cell of so many characters


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
            broken.append((text, _in_words(error)))
    for each in (each for each in asked() if each.lesson == submission.lesson):
        yield _answer(each, every, broken, submission.in_text)


def _in_words(error: Exception) -> str:
    """Why a cell is no Python, with the line that it stumbles over."""
    if isinstance(error, SyntaxError) and error.lineno:
        line = (error.text or "").strip()
        return f"{error.msg}, line {error.lineno} of the cell" + (f": {line[:100]}" if line else "")
    return f"{type(error).__name__}: {error}"[:200]


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


def _answer(each: Asked, every: list[Piece], broken: list[tuple[str, str]], in_text: list[str]) -> Found:
    made = [n for n, piece in enumerate(every) if each.name in piece.whole and not all(map(_imports, piece.nodes))]
    made = made or [n for n, piece in enumerate(every) if each.name in piece.whole | piece.touched
                    and not all(map(_from_utils, piece.nodes))]  # fmt: skip
    if not made:
        for text, error in broken:
            if re.search(rf"^(?:def|class) {each.name}\b", text, flags=re.MULTILINE):
                return Found(each, [], f"its cell is no Python: {error}", broken=True)
        if each.name in in_text:
            return Found(each, [], "it stands in a cell of text, which does not run: make it a code cell again")
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
