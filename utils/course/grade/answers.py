"""Finds in a notebook's code the answers, each with what it stands on. Nothing of theirs is run.

An answer is the last cell that defines the exercise's function or class; with it go the imports, functions, classes and
values that its names lead to, from any cell.
"""

import ast
import contextlib
import re
import symtable
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

from utils.course.grade.collect import Submission
from utils.course.grade.walls import Asked, asked

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
MOST = 2000  # pieces of code that an answer may stand on
ROUNDS, PARSED = 40, 300_000  # Jupyter's lines looked for one by one: in a cell so many, in so many characters


@dataclass
class Found:
    """An answer in a notebook.

    Attributes:
        asked: the exercise.
        cells: code in order, each with whether it defines the answer itself; empty where there is none.
        missing: why there is none, or why it cannot be used; "" where all is well.
        broken: whether there is one, and it is no Python.
        remarks: what was guessed.
        defines: names of functions and classes that its code makes.
    """

    asked: Asked
    cells: list[tuple[bool, str]]
    missing: str = ""
    broken: bool = False
    remarks: list[str] = field(default_factory=list)
    defines: set[str] = field(default_factory=set)


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
    every, broken, left = [], [], [PARSED]
    for text in submission.code:
        try:
            every += pieces(*python_of(text, left))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            broken.append((text, _in_words(error)))
    _set_by_calls(every)
    if broken and _newer(submission.python):
        here = f"{sys.version_info[0]}.{sys.version_info[1]}"
        advice = (
            f"it was saved by Python {submission.python[:20]}, and this is {here}: what is new there is unknown here"
        )
        broken = [(text, f"{error} ({advice}; grade it with that Python)") for text, error in broken]
    for each in (each for each in asked() if each.lesson == submission.lesson):
        yield _answer(each, every, broken, submission.in_text)


def _newer(version: str) -> bool:
    """Whether a notebook's Python is newer than this one."""
    found = re.match(r"(\d{1,4})\.(\d{1,4})", version)
    return found is not None and (int(found[1]), int(found[2])) > sys.version_info[:2]


def _set_by_calls(every: list[Piece]) -> None:
    """Notes what a call at the top of a cell makes, where the function says `global`."""
    sets: dict[str, set[str]] = {}
    for piece in every:
        for node in piece.nodes if "global" in piece.code else ():
            if isinstance(node, DEFINITIONS):
                names = {name for part in ast.walk(node) if isinstance(part, ast.Global) for name in part.names}
                sets.setdefault(node.name, set()).update(names)
    for piece in every if sets else ():
        for node in piece.nodes:
            if isinstance(node, (ast.Expr, ast.Assign)) and isinstance(node.value, ast.Call):
                piece.touched |= sets.get(getattr(node.value.func, "id", ""), set())


def _in_words(error: Exception) -> str:
    """Why a cell is no Python, with the line that it stumbles over."""
    if isinstance(error, SyntaxError) and error.lineno:
        line = (error.text or "").strip()
        return f"{error.msg}, line {error.lineno} of the cell" + (f": {line[:100]}" if line else "")
    return f"{type(error).__name__}: {error}"[:200]


def python_of(text: str, left: list[int]) -> tuple[str, ast.Module]:
    """A cell's Python and its tree. Jupyter's own lines say nothing, and only where they are no Python.

    Args:
        text: the cell.
        left: how many characters of the notebook may still be parsed again to find such lines one by one.
    """
    text = text.lstrip("\ufeff")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what an answer writes, such as "\d"
        for turn in range(ROUNDS):
            try:
                return text, ast.parse(text)
            except SyntaxError as error:
                left[0] -= len(text)
                if left[0] < 0 and turn:
                    break
                lines, n = text.split("\n"), (error.lineno or 0) - 1
                if not 0 <= n < len(lines) or (plain := _without_magic(lines[n])) == lines[n]:
                    break
                text = "\n".join([*lines[:n], plain, *lines[n + 1 :]])
        text = "\n".join(map(_without_magic, text.split("\n")))
        return text, ast.parse(text)


def _without_magic(line: str) -> str:
    timed = re.match(r"([ \t]*)%(?:time|prun|memit)[ \t]+([^-\s].*)", line)  # runs what follows, and keeps it
    if timed and _parses(timed[2]):
        return timed[1] + timed[2]
    if found := re.match(r"([ \t]*)(?:[%!?]|[\w.]+\?\??\s*$)", line):
        return f"{found[1]}pass"
    found = re.match(r"([ \t]*\w[\w., ]*=)[ \t]*[%!]", line)
    return f"{found[1]} None" if found else line


def _parses(text: str) -> bool:
    try:
        return bool(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def pieces(text: str, tree: ast.Module) -> list[Piece]:
    """A cell's statements with their lines; those that share a line stay together, or it would run twice."""
    lines, spans, mains = text.split("\n"), [], []
    for node in tree.body:
        if _is_main(node):  # as in a script: in a notebook it always holds
            mains.append((len(spans), node.body))
            continue
        first = min([d.lineno for d in getattr(node, "decorator_list", [])] + [node.lineno])
        if spans and first <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], node.end_lineno)
            spans[-1][2].append(node)
        else:
            spans.append([first, node.end_lineno, [node]])
    result = []
    for n, (first, last, nodes) in enumerate([*spans, (0, 0, [])]):
        result += [Piece([node], ast.unparse(node)) for at, body in mains if at == n for node in body]
        if not nodes:
            continue
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


def _is_main(node: ast.stmt) -> bool:
    """Whether it is `if __name__ == "__main__":`."""
    if not isinstance(node, ast.If) or node.orelse or not isinstance(node.test, ast.Compare):
        return False
    sides = [node.test.left, *node.test.comparators]
    said = {
        getattr(side, "id", None) or getattr(side, "value", None) for side in sides if not isinstance(side, ast.Call)
    }
    return len(sides) == 2 and isinstance(node.test.ops[0], ast.Eq) and said == {"__name__", "__main__"}


def _is_blank(piece: Piece, each: Asked) -> bool:
    """Whether it is the learner's copy's, nothing written yet."""
    for node in piece.nodes:
        if isinstance(node, ast.ClassDef) and each.method:
            node = next((part for part in node.body if getattr(part, "name", "") == each.method), node)
        if isinstance(node, DEFINITIONS):
            body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
            raised = body[0].exc if len(body) == 1 and isinstance(body[0], ast.Raise) else None
            if isinstance(raised, ast.Call) and not raised.args:
                raised = raised.func
            return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    return False


def _is_result(piece: Piece, name: str) -> bool:
    """Whether it gives an answer's name to what the answer gave, or to a value: softmax = softmax(x), softmax = 1."""
    for node in piece.nodes:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and name in bound_by(node)[0]:
            calls = (getattr(part.func, "id", "") for part in ast.walk(node.value) if isinstance(part, ast.Call))
            return not isinstance(node.value, ast.Lambda) and (isinstance(node.value, ast.Constant) or name in calls)
    return False


def _check_of(each: Asked, every: list[Piece], own: int) -> int | None:
    """The last piece below an answer that checks it."""
    for n in range(len(every) - 1, own - 1, -1):
        for node in every[n].nodes:
            call = getattr(node, "value", None)
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "check" and call.args:
                if getattr(call.args[0], "id", "") == each.name:
                    return n
    return None


def _answer(each: Asked, every: list[Piece], broken: list[tuple[str, str]], in_text: list[str]) -> Found:
    made = [n for n, piece in enumerate(every) if each.name in piece.whole and not all(map(_imports, piece.nodes))]
    made = made or [n for n, piece in enumerate(every) if each.name in piece.whole | piece.touched
                    and not all(map(_from_utils, piece.nodes))]  # fmt: skip
    if not made:
        for text, error in broken:
            if re.search(rf"^(?:def|class) {each.name}\b", text, flags=re.MULTILINE):
                return Found(each, [], f"its cell is no Python: {error}", broken=True)
        if any(each.name in piece.whole for piece in every):
            return Found(each, [], "it is imported, and no cell defines it: was the cell deleted?")
        if each.name in in_text:
            return Found(each, [], "it stands in a cell of text, which does not run: make it a code cell again")
        return Found(each, [], "no cell defines it: was the cell deleted, or its name changed?")
    blank = [n for n in made if _is_blank(every[n], each)]
    spent = [n for n in made if _is_result(every[n], each.name)]
    solved = [n for n in made if n not in blank and n not in spent]
    own = (solved or made)[-1]
    dropped = {n for n in (*blank, *spent) if n > own} if solved else set()
    remarks = []
    if dropped & {*blank}:
        remarks.append("it stands there a second time below, blank: what was written above is graded")
    if dropped & {*spent}:
        remarks.append("below it its name is given to a result or a value: what was written above is graded")
    bound: dict[str, list[int]] = {}
    imported = {name for piece in every if any(map(_imports, piece.nodes)) for name in piece.whole}
    for n, piece in enumerate(every):
        imports, says = any(map(_imports, piece.nodes)), all(isinstance(node, ast.Expr) for node in piece.nodes)
        for name in piece.whole | piece.touched:
            if n in dropped or (name == each.name and imports and n not in made) or (says and name in imported):
                continue  # torch.seed() makes nothing
            bound.setdefault(name, []).append(n)
    if (checked := _check_of(each, every, own)) is not None:  # a value below its check was not there: a demo's x, k
        for name, places in bound.items():
            bound[name] = [n for n in places if n <= checked or name in every[n].defined] or places
    chosen = {own, *(n for n, piece in enumerate(every[:own]) if "*" in piece.whole)}
    chosen |= {n for n in bound[each.name] if n > own}  # such as a method that is added below
    todo, seen = sorted(chosen), {each.name}
    if each.name not in every[own].defined:  # softmax = faster(softmax)
        seen = set()
    while todo and len(chosen) < MOST:
        n = todo.pop()
        if n <= own and each.name in seen and each.name in every[n].code and _reads_at_once(every[n], each.name):
            earlier = [m for m in solved if m < n] or [m for m in made if m < n]
            todo += {*earlier[-1:]} - chosen
            chosen |= {*earlier[-1:]}
        for name in names_read(every[n]) - seen:
            seen.add(name)
            for n in reversed(bound.get(name, ())):  # as the kernel would: what was defined last holds
                if len(chosen) >= MOST:
                    break
                if n not in chosen:
                    chosen.add(n)
                    todo.append(n)
                if name in every[n].defined or (name in every[n].whole and name not in names_read(every[n])):
                    break
    later = any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for p in every for node in p.nodes)
    above = "from __future__ import annotations\n" if later else ""  # what one cell says of it holds for all
    cells = [(n == own, above + every[n].code) for n in sorted(chosen)]
    defines = {name for n in chosen if n != own for name in every[n].defined}
    return Found(each, cells, remarks=remarks, defines=defines)


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


def _reads_at_once(piece: Piece, name: str) -> bool:
    """Whether it needs what a name meant until then, as class Encoder(Encoder) does, and not only when it is called."""
    with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return name in _read_in(symtable.symtable(piece.code, "cell", "exec"), at_once=True)
    return False


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


def _read_in(table: symtable.SymbolTable, at_once: bool = False) -> set[str]:
    found, todo = set(), [table]
    while todo:
        scope = todo.pop()
        todo += [child for child in scope.get_children() if not at_once or _runs_at_once(child)]
        read = (s for s in scope.get_symbols() if s.is_referenced() or s.is_declared_global())  # global n; n += 1
        found |= {s.get_name() for s in read if scope is table or s.is_global()}
    return found


def _runs_at_once(scope: symtable.SymbolTable) -> bool:
    return scope.get_type() == "class" or scope.get_name() in ("listcomp", "setcomp", "dictcomp", "genexpr")
