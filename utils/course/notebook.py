"""A source as two notebooks: the lesson, and the learner's copy with blanks."""

import hashlib
import re

import nbformat

from utils.course.source import ROOT, BuildError, Source, library_imports, module_file, split_symbol, with_blank

KERNEL = {  # what JupyterLab would write on opening: if it differs, a notebook nobody has touched counts as unsaved
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
        "version": "3.11.7",  # another Python's Jupyter writes its own, and marks the notebook
    },
}


def lesson(source: Source) -> nbformat.NotebookNode:
    """The lesson, not yet run: every cell as the source has it."""
    cells = []
    for n, cell in enumerate(source.cells):
        new = nbformat.v4.new_markdown_cell if cell.markdown else nbformat.v4.new_code_cell
        text = markdown_text(cell.text) if cell.markdown else cell.text
        metadata = {"tags": cell.tags} if cell.tags else {}
        cells.append(new(text, id=cell_id(source, n), metadata=metadata))
    return nbformat.v4.new_notebook(cells=cells, metadata=KERNEL)


def learners_copy(source: Source, points: dict[str, int]) -> nbformat.NotebookNode:
    """The same with blanks, and with nbgrader's metadata on the blanks and on the cells that check them.

    Args:
        source: the lesson's source, synced.
        points: what each exercise is worth.
    """
    book = lesson(source)
    blanks = {cell.name: n for n, cell in enumerate(source.cells) if cell.blank is not None}
    for name, n in blanks.items():
        cell = source.cells[n]
        try:
            book.cells[n].source = with_blank(cell.text, cell.blank)
        except LookupError as error:
            raise BuildError(f"{source.place(cell)}: {error}") from error
        book.cells[n].metadata["nbgrader"] = nbgrader(name, solution=True)
        checks = [m for m, c in enumerate(source.cells) if m > n and re.search(rf"\bcheck\({name}\b", c.text)]
        if not checks or name not in points:
            what = f"no later cell calls check({name})" if not checks else "utils.checks has no such exercise"
            raise BuildError(f"{source.place(cell)}: {name} is left blank, but {what}. Add it")
        book.cells[checks[0]].metadata["nbgrader"] = nbgrader(f"check-{name}", points=points[name])
    for cell in book.cells:
        tags = [t for t in cell.metadata.get("tags", []) if not t.startswith(("from:", "exercise", "slide"))]
        cell.metadata.pop("tags", None)
        if tags:
            cell.metadata["tags"] = tags
    return book


def nbgrader(grade_id: str, points: int | None = None, solution: bool = False) -> dict:
    """A cell's metadata as nbgrader's schema, version 3, wants it."""
    graded = {} if points is None else {"points": points}
    return {
        "schema_version": 3,
        "grade_id": grade_id.replace(".", "-"),
        "grade": points is not None,
        "solution": solution,
        "locked": not solution,
        "task": False,
        **graded,
    }


def cell_id(source: Source, n: int) -> str:
    """Stable: from the slug and the position."""
    return f"{source.slug.replace('_', '-')}-{n:03d}"


def markdown_text(text: str) -> str:
    """A markdown cell's text without the comment signs it has in the source."""
    return "\n".join(line.removeprefix("#").removeprefix(" ") for line in text.splitlines())


def fingerprint(source: Source) -> str:
    """A hash of what a lesson's outputs depend on: its code, the files it reaches, the experiments they read."""
    digest = hashlib.sha256()
    for cell in source.cells:
        if not cell.markdown:
            digest.update(cell.text.encode() + b"\0")
    modules = {m for c in source.cells for m in modules_of(c.text, source.slug)}
    modules |= {split_symbol(c.symbol)[0] for c in source.cells if c.symbol}
    files = {module_file(m) for m in reached(modules, source.slug)}
    experiments = (ROOT / "data" / "experiments").glob("*.json")
    files |= {e for e in experiments if any(e.name in f.read_text(encoding="utf-8") for f in list(files))}
    for file in sorted(files):
        digest.update(file.relative_to(ROOT).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()


def reached(modules: set[str], slug: str) -> set[str]:
    """These modules and all of the library that they import, of `utils.checks` only what the lesson uses."""
    seen, todo = set(), set(modules)
    while todo:
        module = todo.pop()
        seen.add(module)
        todo |= modules_of(module_file(module).read_text(encoding="utf-8"), slug) - seen
    return seen


def modules_of(text: str, slug: str) -> set[str]:
    """The library's modules that define the names a text imports."""
    found = set()
    for module, names in library_imports(text):
        file = module_file(module)
        if file is None:
            raise BuildError(f"{module} is imported, but the library has no such module")
        if module == "utils.checks":
            own = f"utils.checks.{slug[3:]}"
            found |= {"utils.checks.frame", "utils.checks.guard", "utils.checks.interaction"}
            found |= {own} if module_file(own) else set()
        elif file.name != "__init__.py":
            found.add(module)
        found |= {f"{module}.{name}" for name in names if module_file(f"{module}.{name}")}
        for exporter, exported in library_imports(file.read_text(encoding="utf-8")):
            found |= {exporter} if file.name == "__init__.py" and set(names) & set(exported) else set()
    return found
