"""Runs lessons and writes notebooks; proves that what is committed is what the sources give."""

import contextlib
import os
import re
import sys
import tempfile
from importlib import metadata
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from utils.course.notebook import KERNEL, fingerprint, learners_copy, lesson
from utils.course.pages import without_pages
from utils.course.source import ROOT, SOURCES, BuildError, Source, as_text, check_order, read_sources, synced

NOTEBOOKS = ROOT / "notebooks"
EXERCISES = NOTEBOOKS / "exercises"
SECONDS = 600  # for one cell: four minutes is the budget of a whole lesson


def build(slugs: list[str], force: bool = False, folder: Path = SOURCES) -> list[str]:
    """Writes the notebooks of the sources whose code, or the library under it, has changed; returns what it did.

    Args:
        slugs: the lessons to look at, by slug or number; none means all.
        force: run them even where nothing changed.
        folder: where the sources are.

    Raises:
        BuildError: which file, which cell, what to do.
    """
    sources = [synced(s) for s in read_sources(folder)]
    check_order(sources)
    points, done = exercise_points(), []
    for source in chosen(sources, slugs):
        write(source.path, as_text(source))
        write(folder.parent / "exercises" / f"{source.slug}.ipynb", as_json(learners_copy(source, points)))
        path = folder.parent / f"{source.slug}.ipynb"
        book = lesson(source)
        book.metadata["course"] = {"fingerprint": fingerprint(source)}
        stored = read_notebook(path)
        if force or stored is None or stored.metadata.get("course") != book.metadata["course"]:
            print(f"{source.slug}: running", flush=True)
            run(book, source)
            done.append(source.slug)
        else:
            keep_outputs(book, stored)
        write(path, as_json(book))
    return done


def stale(folder: Path = SOURCES) -> list[str]:
    """What is not what the sources give, one line each with what to do; empty where all is fresh."""
    sources, points, problems = read_sources(folder), exercise_points(), []
    check_order([synced(s) for s in sources])
    for source in sources:
        fresh = synced(source)
        if as_text(fresh) != source.path.read_text(encoding="utf-8"):
            problems.append(f"{source.path.name}: differs from the library's code. Run: make build")
        copy = folder.parent / "exercises" / f"{source.slug}.ipynb"
        if not copy.exists() or copy.read_text(encoding="utf-8") != as_json(learners_copy(fresh, points)):
            problems.append(f"exercises/{copy.name}: is not what its source gives. Run: make build")
        path = folder.parent / f"{source.slug}.ipynb"
        stored, book = read_notebook(path), lesson(fresh)
        if stored is None or stored.metadata.get("course") != {"fingerprint": fingerprint(fresh)}:
            problems.append(
                f"{path.name}: its code, or the library under it, has changed since its run. Run: make build"
            )
            continue
        book.metadata["course"] = stored.metadata["course"]
        keep_outputs(book, stored)
        if path.read_text(encoding="utf-8") != as_json(book):
            problems.append(
                f"{path.name}: differs from its source. Change the source, never the notebook, then run: make build"
            )
    known = {s.slug for s in sources}
    for path in (*folder.parent.glob("*.ipynb"), *folder.parent.glob("exercises/*.ipynb")):
        if path.stem not in known:
            problems.append(f"{path.name}: has no source. Delete it, or write notebooks/source/{path.stem}.py")
    return problems


def chosen(sources: list[Source], slugs: list[str]) -> list[Source]:
    """The sources named by slug, by number or by path; all where none is named."""
    names = [Path(s).stem for s in slugs]
    for name in names:
        if not any(s.slug == name or s.slug[:2] == name for s in sources):
            raise BuildError(f"There is no lesson {name!r}. The lessons are: {', '.join(s.slug for s in sources)}")
    return [s for s in sources if not names or s.slug in names or s.slug[:2] in names]


def exercise_points() -> dict[str, int]:
    """What each exercise is worth."""
    from utils.notebook import quiet_import

    quiet_import("utils.checks")
    known = quiet_import("utils.checks.frame").EXERCISES
    return {name: exercise.points for name, exercise in known.items()}


def run(book: nbformat.NotebookNode, source: Source) -> None:
    """Runs a lesson in place, in the locked environment, and makes its outputs fit to be stored."""
    check_environment()
    folder = source.path.parents[1]
    with tempfile.TemporaryDirectory() as scratch, environment(COURSE_PROGRESS=f"{scratch}/progress.json"):
        client = NotebookClient(
            book, timeout=SECONDS, kernel_name="python3", record_timing=False, resources={"metadata": {"path": folder}}
        )
        try:
            client.execute()
        except CellExecutionError as error:
            failed = (any(o.output_type == "error" for o in c.get("outputs", ())) for c in book.cells)
            n = list(failed).index(True)
            raise BuildError(
                f"{source.place(source.cells[n])}: the cell fails: {error.ename}: {error.evalue}. "
                "Mend it and build again; the notebook built before is as it was"
            ) from error
    book.metadata.pop("widgets", None)
    book.metadata["language_info"] = KERNEL["language_info"]
    for n, cell in enumerate(book.cells):
        if cell.cell_type == "code":
            cell.outputs = in_one_piece(cell.outputs)
        for output in cell.get("outputs", ()):
            if "text/html" in output.get("data", {}):
                output.data["text/html"] = without_pages(output.data["text/html"])
            check_output(output, source, n)
    nbformat.validate(book)


def check_output(output: dict, source: Source, n: int) -> None:
    """Raises BuildError for an output that must not be stored: stderr, a machine's path, a widget."""
    text = "".join(str(v) for k, v in output.get("data", {}).items() if not k.startswith("image/"))
    text = re.sub(r'base64,[^"]*', "", text) + output.get("text", "")  # a picture's letters say nothing
    problem = None
    if output.output_type == "stream" and output.name == "stderr":
        problem = f"it writes to stderr: {text[:200]!r}"
    elif path := next((p for p in (str(ROOT), str(Path.home()) + "/", "/tmp/") if p in text), None):
        problem = f"its output holds a path of this machine: {path!r}"
    elif any("widget" in kind for kind in output.get("data", ())):
        problem = "its output is a widget, which nobody can read later"
    elif found := re.search(r"<[\w.]+ (?:object )?at 0x[0-9a-f]+>", text):
        problem = f"its output holds an address, new at every run: {found[0]!r}"
    if problem:
        raise BuildError(f"{source.place(source.cells[n])}: {problem}. Mend the cell and build again")


def check_environment() -> None:
    """Raises BuildError where this environment is not the locked one: stored outputs are promised for the lock."""
    locked = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    for package in ("tensorflow", "keras", "numpy", "matplotlib"):
        want = re.search(rf"^{package}==([^\s;\\]+)", locked, flags=re.MULTILINE)[1]
        have = metadata.version(package)
        if have != want:
            raise BuildError(
                f"{package} {have} is installed, the lock says {want}. Build with: make build, which installs the lock"
            )


def keep_outputs(book: nbformat.NotebookNode, stored: nbformat.NotebookNode) -> None:
    """Takes the stored outputs over, code cell by code cell."""
    ran = [c for c in stored.cells if c.cell_type == "code"]
    for cell, old in zip((c for c in book.cells if c.cell_type == "code"), ran, strict=False):
        cell.outputs, cell.execution_count = in_one_piece(old.outputs), old.execution_count


def in_one_piece(outputs: list) -> list:
    """Outputs with what follows on in the same stream put together: where it is cut, chance says."""
    joined = []
    for output in outputs:
        if joined and output.output_type == "stream" and joined[-1].get("name") == output.name:
            joined[-1].text += output.text
        else:
            joined.append(output.copy())
    return joined


def read_notebook(path: Path) -> nbformat.NotebookNode | None:
    """A built notebook, or None where there is none that can be read: then it is built anew."""
    try:
        return nbformat.read(path, as_version=4)
    except (FileNotFoundError, ValueError, nbformat.reader.NotJSONError):
        return None


def as_json(book: nbformat.NotebookNode) -> str:
    """A notebook as its file's text."""
    return nbformat.writes(book, version=4) + "\n"


def write(path: Path, text: str) -> None:
    """Writes a file whole or not at all, and leaves it alone where nothing changes."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def environment(**variables: str):
    """Sets environment variables for the kernels started inside."""
    before = dict(os.environ)
    os.environ.update(variables, PYTHONHASHSEED="0")
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    os.environ["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
