"""Percent sources: their cells, the symbols they show, and the library code written into them.

A cell whose tags hold "from:utils.layers.masks.combine_masks" shows that symbol: `sync` writes the library's source
into it, so that a lesson can never drift from the library. Nothing here imports the library: files are only read.
"""

import ast
import json
import re
import textwrap
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "notebooks" / "source"
PACKAGES = ("utils", "benchmarks")  # what a lesson may import from the house
HEADER = re.compile(r"^# %%(?P<markdown> \[markdown\])?(?: tags=(?P<tags>\[.*\]))?\s*$")
TAGS = re.compile(r"^(from:[\w.]+|exercise(:\w+)?|slide(:notes|:skip)?|nbval-[a-z-]+|raises-exception)$")


class BuildError(Exception):
    """Something in a source or its run that an author has to mend: which file, which line, what to do."""


@dataclass
class Cell:
    """One cell of a source: its kind, its tags, its text, and the line of the source that it begins on."""

    markdown: bool
    text: str
    line: int
    tags: list[str] = field(default_factory=list)
    gap: int = 1  # blank lines after it, kept as they are

    @property
    def symbol(self) -> str | None:
        """The symbol that the cell shows, as a dotted path."""
        return next((t.removeprefix("from:") for t in self.tags if t.startswith("from:")), None)

    @property
    def name(self) -> str:
        """The symbol's own name; of a method, "Class.method"."""
        return ".".join(split_symbol(self.symbol)[1])

    @property
    def blank(self) -> str | None:
        """What the learner's copy leaves blank: "" the symbol itself, or the name of a method; None for nothing."""
        tag = next((t for t in self.tags if t.split(":")[0] == "exercise"), None)
        return None if tag is None else tag.removeprefix("exercise").removeprefix(":")


@dataclass
class Source:
    """A percent source as its cells."""

    path: Path
    cells: list[Cell]

    @property
    def slug(self) -> str:
        """Such as "03_self_attention"."""
        return self.path.stem

    def place(self, cell: Cell) -> str:
        """Where a cell is, for messages."""
        return f"{self.path.relative_to(self.path.parents[2])}, line {cell.line}"


def read_source(path: Path) -> Source:
    """Reads a source; raises BuildError for a header that is not understood."""
    source, lines = Source(path, []), path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        if line.startswith("# %%"):
            if not (header := HEADER.match(line)):
                raise BuildError(
                    f'{path.name}, line {number}: {line!r} is no cell header. Write "# %%", "# %% [markdown]" '
                    'or "# %% tags=[…]" with the tags in double quotes'
                )
            tags = json.loads(header["tags"] or "[]")
            if unknown := [t for t in tags if not TAGS.match(t)]:
                raise BuildError(f"{path.name}, line {number}: unknown tag {unknown[0]!r}")
            source.cells.append(Cell(bool(header["markdown"]), "", number, tags))
        elif source.cells:
            source.cells[-1].text += line + "\n"
        elif line.strip():
            raise BuildError(f'{path.name}, line {number}: text before the first cell. Begin with "# %% [markdown]"')
    for cell in source.cells:
        cell.gap = max(1, len(cell.text) - len(cell.text.rstrip("\n")) - 1)
        cell.text = cell.text.strip("\n")
    return source


def read_sources(folder: Path = SOURCES) -> list[Source]:
    """All sources, in the order of their numbers."""
    return [read_source(path) for path in sorted(folder.glob("[0-9][0-9]_*.py"))]


def as_text(source: Source) -> str:
    """The source as it stands in its file."""
    parts = []
    for cell in source.cells:
        header = "# %%" + (" [markdown]" if cell.markdown else "")
        header += f" tags={json.dumps(cell.tags)}" if cell.tags else ""
        parts.append(f"{header}\n{cell.text}\n" + "\n" * cell.gap)
    return "".join(parts).rstrip("\n") + "\n"


def synced(source: Source) -> Source:
    """The same source with the library's code in every cell that shows a symbol."""
    cells = []
    for cell in source.cells:
        text = cell.text
        if cell.symbol:
            try:
                text = symbol_source(cell.symbol)
            except LookupError as error:
                raise BuildError(f"{source.place(cell)}: {error}. Correct the tag, or add it to the library") from error
        cells.append(replace(cell, text=text))
    return Source(source.path, cells)


def split_symbol(symbol: str) -> tuple[str, tuple[str, ...]]:
    """A dotted path as its module and the names inside: ("utils.layers.masks", ("PaddingMask", "call"))."""
    parts = symbol.split(".")
    for n in range(len(parts), 0, -1):
        if module_file(".".join(parts[:n])):
            return ".".join(parts[:n]), tuple(parts[n:])
    raise LookupError(f"no module of the library is named in {symbol!r}")


def module_file(module: str) -> Path | None:
    """The file of a module or package of the library, or None."""
    path = ROOT.joinpath(*module.split("."))
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((p for p in candidates if p.is_file()), None)


@cache
def module_tree(path: Path) -> tuple[str, ast.Module]:
    """A file's text and its syntax tree."""
    text = path.read_text(encoding="utf-8")
    return text, ast.parse(text, str(path))


def symbol_source(symbol: str) -> str:
    """The source of a function, class or method as a lesson shows it: without its registration decorator.

    Raises:
        LookupError: there is no such symbol.
    """
    module, names = split_symbol(symbol)
    text, node = module_tree(module_file(module))
    for name in names:
        kinds = (ast.FunctionDef, ast.ClassDef)
        node = next((n for n in node.body if isinstance(n, kinds) and n.name == name), None)
        if node is None:
            raise LookupError(f"{module} has no function or class {'.'.join(names)!r}")
    if not names:
        raise LookupError(f"{symbol!r} is a module; name a function or class in it")
    kept = [d for d in node.decorator_list if "register_keras_serializable" not in ast.unparse(d)]
    first = min([d.lineno for d in kept] + [node.lineno])
    return textwrap.dedent("\n".join(text.splitlines()[first - 1 : node.end_lineno]))


def with_blank(text: str, method: str) -> str:
    """A definition whose body is `raise NotImplementedError`; of a class, the body of one method.

    Raises:
        LookupError: the class has no such method.
    """
    first, last, indent = _body_of(text, method)
    lines = text.splitlines()
    lines[first:last] = [f"{indent}raise NotImplementedError"]
    return "\n".join(lines)


def with_marks(text: str, method: str) -> str:
    """A definition with nbgrader's marks around what the learner's copy leaves blank.

    Raises:
        LookupError: the class has no such method.
    """
    first, last, indent = _body_of(text, method)
    lines = text.splitlines()
    lines[first:last] = [f"{indent}### BEGIN SOLUTION", *lines[first:last], f"{indent}### END SOLUTION"]
    return "\n".join(lines)


def _body_of(text: str, method: str) -> tuple[int, int, str]:
    """The lines, from and up to, of what is left blank in a definition, without its docstring; and their indent."""
    node = ast.parse(text).body[0]
    if method:
        methods = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == method]
        if not methods:
            raise LookupError(f"{node.name} has no method {method!r} to leave blank")
        node = methods[0]
    documented = ast.get_docstring(node) is not None
    body = node.body[1:] if documented else node.body
    return body[0].lineno - 1, node.end_lineno, " " * node.body[0].col_offset


def check_order(sources: list[Source]) -> None:
    """Raises BuildError where a symbol is introduced twice, or used before the cell that introduces it."""
    introduced: dict[str, tuple[int, int, str]] = {}
    for n, source in enumerate(sources):
        for m, cell in enumerate(source.cells):
            if not cell.symbol or "." in cell.name:
                continue
            if cell.name in introduced:
                raise BuildError(
                    f"{source.place(cell)}: {cell.name} was already introduced at {introduced[cell.name][2]}. "
                    f"Import it from utils here instead"
                )
            introduced[cell.name] = n, m, source.place(cell)
    for n, source in enumerate(sources):
        own: set[str] = set()  # functions that a lesson defines for itself, whatever a later one introduces
        for m, cell in enumerate(source.cells):
            own |= set() if cell.markdown or cell.symbol else names_defined(cell.text, source.place(cell))
            for name in () if cell.markdown or cell.symbol else names_used(cell.text, source.place(cell)):
                if name in introduced and name not in own and (n, m) < introduced[name][:2]:
                    raise BuildError(
                        f"{source.place(cell)}: {name} is used here, but introduced only at {introduced[name][2]}. "
                        "Move its introduction up, or do without it here"
                    )
    _check_imports(sources, introduced)


def _check_imports(sources: list[Source], introduced: dict) -> None:
    """A lesson must show what it introduces, and import what earlier lessons introduced."""
    for n, source in enumerate(sources):
        for cell in source.cells:
            for name in () if cell.markdown else imported_names(cell.text):
                if name in introduced and introduced[name][0] == n:
                    raise BuildError(
                        f"{source.place(cell)}: {name} is imported here and shown at {introduced[name][2]}. "
                        "Leave out the import: the cell that shows it defines it"
                    )


def parsed(text: str, place: str) -> ast.Module:
    """A cell's or a module's syntax tree; Jupyter's own lines, such as %timeit, are left out."""
    try:
        return ast.parse(re.sub(r"^[ \t]*[%!].*$", "", text, flags=re.MULTILINE))
    except SyntaxError as error:
        raise BuildError(f"{place}: {error.msg} in line {error.lineno} of the cell") from error


def names_used(text: str, place: str) -> set[str]:
    """The names that a cell reads or imports."""
    reads = (n for n in ast.walk(parsed(text, place)) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))
    return {n.id for n in reads} | imported_names(text)


def names_defined(text: str, place: str) -> set[str]:
    """The functions and classes that a cell defines."""
    kinds = ast.FunctionDef, ast.ClassDef
    return {n.name for n in ast.walk(parsed(text, place)) if isinstance(n, kinds)}


@cache
def library_imports(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each module of the library that a text imports, with the names that it takes from it."""
    found = []
    for node in ast.walk(parsed(text, "an import")):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PACKAGES:
            found.append((node.module, tuple(alias.name for alias in node.names)))
        elif isinstance(node, ast.Import):
            found += [(alias.name, ()) for alias in node.names if alias.name.split(".")[0] in PACKAGES]
    return tuple(found)


def imported_names(text: str) -> set[str]:
    """The names that a cell imports from the library."""
    return {name for _, names in library_imports(text) for name in names}
