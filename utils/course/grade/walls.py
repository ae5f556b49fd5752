"""What a box may hold of the course: the library as it stood before an exercise, with no answer to it or to later ones.

An answer builds on earlier lessons, so the box needs the library; but the library also holds what is asked for. Each
exercise gets a copy of its own: the modules that the lessons until then have used, and what these stand on. In it this
exercise's and all later ones' definitions are only names.
"""

import ast
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from utils.course.source import ROOT, library_imports, module_file, read_sources, split_symbol, symbol_source

LEFT_OUT = ("checks", "course", "plots")  # of utils; of checks what follows
KEPT_OF_CHECKS = ("frame.py", "guard.py")  # how an answer is run, and nothing about any exercise


@dataclass(frozen=True)
class Asked:
    """An exercise as the lessons ask for it.

    Attributes:
        name: of the function or class.
        method: the one that is blank; "" where all of it is.
        symbol: where the library has it.
        lesson: the lesson's slug.
    """

    name: str
    method: str
    symbol: str
    lesson: str


@cache
def asked() -> tuple[Asked, ...]:
    """All exercises, in the order in which the lessons ask for them."""
    return tuple(
        Asked(cell.name.split(".")[0], cell.blank, cell.symbol, source.slug)
        for source in read_sources()
        for cell in source.cells
        if cell.blank is not None
    )


def build_course(name: str, folder: Path, asking: frozenset[str] = frozenset()) -> Path:
    """Writes the library as it stood before an exercise.

    Args:
        name: of the exercise.
        folder: where `utils` is to stand; made if need be.
        asking: modules that the check itself needs where the answer runs.

    Returns:
        The folder.

    Raises:
        LookupError: no lesson asks for it.
    """
    order = [each.name for each in asked()]
    if name not in order:
        raise LookupError(f"no lesson asks for {name}")
    before, from_here = asked()[: order.index(name)], asked()[order.index(name) :]
    target = folder / "utils"
    shutil.copytree(
        ROOT / "utils",
        target,
        ignore=lambda at, names: [
            n for n in names if n == "__pycache__" or (Path(at) == ROOT / "utils" and n in LEFT_OUT)
        ],
    )
    _leave(target, reached_modules(used_until(name) | asking))
    checks = target / "checks"
    checks.mkdir()
    for file in KEPT_OF_CHECKS:
        shutil.copy(ROOT / "utils" / "checks" / file, checks)
    own = [each for each in before if each.symbol.startswith("utils.checks.")]  # answers that live nowhere else
    text = (
        '"""Answers to earlier exercises that are not part of the library itself."""\n\nimport numpy as np\n\n\n'
        "def check(obj, exercise=None):\n    return obj\n\n\ndef hint(name):\n    pass\n\n\ndef progress():\n    pass\n"
    )
    (checks / "__init__.py").write_text(
        text + "".join(f"\n\n{symbol_source(each.symbol)}\n" for each in own), encoding="utf-8"
    )
    at_hand, hidden = imported_until(name), {}
    for each in from_here:
        module, names = split_symbol(each.symbol)
        if module.startswith("utils.checks."):
            continue
        file = module_file(module)
        if not (folder / file.relative_to(ROOT)).exists():
            continue
        if each.name == name or names[0] not in reached_in(file, at_hand.get(module, set())):
            hidden.setdefault(file.relative_to(ROOT), []).append(names[0])
    for file, names in hidden.items():
        path = folder / file
        path.write_text(without(path.read_text(encoding="utf-8"), names), encoding="utf-8")
    return folder


def used_until(name: str) -> set[str]:
    """The modules of the library that the lessons have shown or imported when they ask for an exercise."""
    found = set()
    for source in read_sources():
        for cell in source.cells:
            found |= {module for module, _ in library_imports(cell.text)} if not cell.markdown else set()
            found |= {split_symbol(cell.symbol)[0]} if cell.symbol else set()
            if cell.blank is not None and cell.name.split(".")[0] == name:
                return found
    raise LookupError(f"no lesson asks for {name}")


@cache
def _imports(file: Path) -> frozenset[str]:
    found = set()
    for module, names in library_imports(file.read_text(encoding="utf-8")):
        found |= {module, *(f"{module}.{each}" for each in names)}  # what is imported may be a module itself
    return frozenset(found)


def reached_modules(modules: set[str]) -> set[str]:
    """Those modules of the library, the packages around them, and all that they import, those left out left out."""
    found, todo = set(), list(modules)
    while todo:
        module = todo.pop()
        top, _, below = module.partition(".")
        if module in found or top != "utils" or below.split(".")[0] in LEFT_OUT or not (file := module_file(module)):
            continue
        found.add(module)
        todo += [*_imports(file), *([module.rpartition(".")[0]] if "." in module else [])]
    return found


def _leave(target: Path, modules: set[str]) -> None:
    """Takes out of a copy of the library all but some modules, and what lies beside these and is no Python."""
    kept = {module_file(module).relative_to(ROOT) for module in modules}
    packages = {file.parent for file in kept}
    for path in sorted(target.rglob("*"), reverse=True):
        place = path.relative_to(target.parent)
        if path.is_file() and place not in kept and (path.suffix == ".py" or place.parent not in packages):
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def imported_until(name: str) -> dict[str, set[str]]:
    """What an exercise's lesson has taken from the library when it asks, by module."""
    lesson = next(each.lesson for each in asked() if each.name == name)
    source = next(source for source in read_sources() if source.slug == lesson)
    found: dict[str, set[str]] = {}
    for cell in source.cells:
        for module, names in () if cell.markdown else library_imports(cell.text):
            found.setdefault(module, set()).update(names)
        if cell.blank is not None and cell.name.split(".")[0] == name:
            break
    return found


def reached_in(file: Path, names: set[str]) -> set[str]:
    """Those of a module's definitions that some of its names need, the names themselves left out."""
    definitions = {
        node.name: {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    }
    seen, todo = set(), [name for name in names if name in definitions]
    while todo:
        below = definitions[todo.pop()] & set(definitions) - seen
        seen |= below
        todo += below
    return seen


def without(text: str, names: list[str]) -> str:
    """A module in which some functions and classes are only names: whoever calls one is told why."""
    lines = text.splitlines()
    nodes = [n for n in ast.parse(text).body if isinstance(n, (ast.FunctionDef, ast.ClassDef)) and n.name in names]
    if missing := set(names) - {node.name for node in nodes}:
        raise LookupError(f"there is no {sorted(missing)[0]} to hide")
    for node in sorted(nodes, key=lambda node: -node.lineno):
        first = min([d.lineno for d in node.decorator_list] + [node.lineno])
        raises = (
            f'raise LookupError("{node.name} is what is asked for, here or later: the library\'s own is not at hand")'
        )
        if isinstance(node, ast.FunctionDef):
            stub = [f"def {node.name}(*args, **kwargs):", f"    {raises}"]
        else:
            stub = [f"class {node.name}:", "    def __init__(self, *args, **kwargs):", f"        {raises}"]
        lines[first - 1 : node.end_lineno] = stub
    return "\n".join(lines) + "\n"
