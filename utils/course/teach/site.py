"""`python -m utils.course site`: the lessons as a static site that needs no network, made by Sphinx.

Nothing is run: pages are made from the notebooks as they are stored. An exercise shows its blank first, its answer is
folded away. Each lesson can be downloaded as it is and as the learner's copy.
"""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

from utils.course.pages import with_link
from utils.course.source import ROOT, BuildError
from utils.course.teach.lessons import EXERCISES, NOTEBOOKS, TEACHING, Lesson, lessons
from utils.course.teach.slides import EXPLORER, write_slides

OUT = ROOT / "build" / "site"
CONFIGURATION = Path(__file__).parent / "sphinx"
FIGURE = re.compile(r'src="data:image/png;base64,([^"]+)"')
EMPTY_HEADER = re.compile(r"<th([^>]*)>\s*</th>")

INDEX = """\
# The Transformer, by building it

Numbered lessons that teach the Transformer by building it, in Keras and TensorFlow. Here they stand as they ran, with
their figures and answers; to work through one, download the learner's copy. All of this works without a network.

{table}

The [index of terms](terms.md) says which lesson explains a word.

{toctrees}
"""
TOCTREE = "```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{pages}\n```\n"


def write_site(out: Path = OUT, teaching: Path = TEACHING, explorer: Path = EXPLORER) -> Path:
    """Makes the site.

    Args:
        out: its folder; what a site left there before goes.
        teaching: where the guide's pages lie; they are in the site where they are.
        explorer: the explorer's page, which is in the site where it has been written.

    Returns:
        The path of the first page.

    Raises:
        BuildError: a lesson cannot be read, a link leads nowhere, or the folder holds something else than a site.
        OSError: a file cannot be written.
    """
    if out.exists() and any(out.iterdir()) and not (out / "searchindex.js").exists():
        raise BuildError(f"{out} holds something that is no site. Name an empty folder, or one that does not exist")
    with tempfile.TemporaryDirectory(prefix="site-") as folder:
        source, made = Path(folder) / "source", Path(folder) / "made"
        lay_out(source, teaching, explorer)
        run_sphinx(source, made)
        if out.exists():
            shutil.rmtree(out)
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(made, out)
    return out / "index.html"


def run_sphinx(source: Path, made: Path) -> None:
    """Runs Sphinx; each of its warnings is an error, as of a link that leads nowhere."""
    jobs = str(min(4, os.cpu_count() or 1))
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W", "--keep-going", "-j", jobs]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))}
    doctrees = ["-d", str(made.parent / "doctrees")]
    result = subprocess.run(
        [*command, *doctrees, str(source), str(made)], capture_output=True, text=True, env=environment
    )
    if result.returncode:
        told = (result.stderr or result.stdout).replace(f"{source}{os.sep}", "").strip()
        raise BuildError(f"Sphinx stopped:\n{told}\nMend the lesson or page that it names, then run this again")


def lay_out(source: Path, teaching: Path, explorer: Path) -> None:
    """Writes what Sphinx reads: its configuration, the lessons, the terms, the guide, and a first page."""
    shutil.copytree(CONFIGURATION, source, ignore=shutil.ignore_patterns("__pycache__"))
    extra, found = source / "extra", lessons()
    for folder, kind in ((NOTEBOOKS, "lessons"), (EXERCISES, "exercises")):
        (extra / "notebooks" / kind).mkdir(parents=True)
        for lesson in found:
            shutil.copy(folder / f"{lesson.slug}.ipynb", extra / "notebooks" / kind)
    if explorer.exists():
        shutil.copy(explorer, extra / EXPLORER.name)
    write_slides(None, extra / "slides", teaching)  # they lead to the explorer where it is
    for lesson in found:
        copy = nbformat.read(EXERCISES / f"{lesson.slug}.ipynb", as_version=4)
        page = as_page(lesson, copy, extra / "figures", explorer.exists())
        (source / f"{lesson.slug}.ipynb").write_text(nbformat.writes(page), encoding="utf-8")
    shutil.copy(NOTEBOOKS / "TERMS.md", source / "terms.md")
    guide = [page for page in (teaching / "README.md", *sorted(teaching.glob("[0-9][0-9]_*.md"))) if page.exists()]
    if guide:
        (source / "teaching").mkdir()
    for page in guide:
        shutil.copy(page, source / "teaching" / page.name)
    trees = [TOCTREE.format(caption="Lessons", pages="\n".join(lesson.slug for lesson in found))]
    trees += [TOCTREE.format(caption="To look up", pages="Index of terms <terms>")]
    if guide:
        trees.append(TOCTREE.format(caption="For the teacher", pages="\n".join(f"teaching/{p.stem}" for p in guide)))
    index = INDEX.format(table=table_of(found, explorer.exists()), toctrees="\n".join(trees))
    (source / "index.md").write_text(index, encoding="utf-8")


def table_of(found: list[Lesson], explorer: bool) -> str:
    """The lessons with their questions, and what else is there."""
    rows = [
        f"| [{lesson.title}]({lesson.slug}.ipynb) | {lesson.question} | {lesson.minutes}\N{NO-BREAK SPACE}min | "
        f'<a href="slides/{lesson.slug}.html">slides<span class="visually-hidden"> of {lesson.title}</span></a> |'
        for lesson in found
    ]
    table = "\n".join(["| lesson | the question | for you | to show |", "|---|---|---|---|", *rows])
    look = 'In the <a href="explore.html">explorer</a> the trained translator runs in your browser.'
    return f"{table}\n\n{look}" if explorer else table


def as_page(
    lesson: Lesson, copy: nbformat.NotebookNode, figures: Path, explorer: bool = False
) -> nbformat.NotebookNode:
    """A lesson as the site shows it.

    Args:
        lesson: the built lesson.
        copy: its learner's copy, whose blanks stand before the answers.
        figures: the folder that its figures are written to; made if need be.
        explorer: whether the site has the explorer's page, to which an output then leads that showed it.
    """
    figures.mkdir(exist_ok=True)

    def in_a_file(match: re.Match) -> str:
        content = base64.b64decode(match[1])
        name = f"{lesson.slug}-{hashlib.sha256(content).hexdigest()[:12]}.png"
        (figures / name).write_bytes(content)
        return f'src="{figures.name}/{name}"'

    blanks = {cell.id: cell.source for cell in copy.cells}
    cells = [lesson.book.cells[0], nbformat.v4.new_markdown_cell(given(lesson), id="given")]
    for cell in lesson.book.cells[1:]:
        tags = cell.metadata.pop("tags", [])
        for output in cell.get("outputs", ()):
            made = output.get("data", {}).get("text/html")
            if made:
                made = with_link(made, EXPLORER.name if explorer else None)
                made = EMPTY_HEADER.sub(r"<td\1></td>", FIGURE.sub(in_a_file, made))
                output.data["text/html"] = f'<div class="html-output">{made}</div>'
        if any(tag.startswith("exercise") for tag in tags):
            cells.append(nbformat.v4.new_code_cell(blanks[cell.id], id=f"{cell.id}-blank"))
            cell.metadata["tags"] = ["hide-input"]
            cell.metadata["mystnb"] = {"code_prompt_show": "Show an answer", "code_prompt_hide": "Hide the answer"}
        cells.append(cell)
    return nbformat.v4.new_notebook(cells=cells, metadata=lesson.book.metadata)


def given(lesson: Lesson) -> str:
    """What there is of a lesson, beside its page."""
    links = {
        "Learner's copy (notebook)": f"notebooks/exercises/{lesson.slug}.ipynb",
        "This lesson (notebook)": f"notebooks/lessons/{lesson.slug}.ipynb",
        "Slides": f"slides/{lesson.slug}.html",
    }
    items = [
        f'<li><a href="{path}"{"" if name == "Slides" else " download"}>{name}</a></li>' for name, path in links.items()
    ]
    return f'<ul class="given">{"".join(items)}</ul>'
