"""The built lessons and what the guide says of them, as slides and site read them."""

import re
from dataclasses import dataclass
from pathlib import Path

import nbformat

from utils.course.source import ROOT, BuildError

NOTEBOOKS = ROOT / "notebooks"
TEACHING = NOTEBOOKS / "teaching"
EXERCISES = NOTEBOOKS / "exercises"


@dataclass(frozen=True)
class Lesson:
    """A built lesson: its slug, such as "04_masks", its title, its question, a learner's minutes, and the notebook."""

    slug: str
    title: str
    question: str
    minutes: int
    book: nbformat.NotebookNode

    @property
    def number(self) -> int:
        """Such as 4."""
        return int(self.slug[:2])


def lessons(wanted: list[str] | None = None, folder: Path = NOTEBOOKS) -> list[Lesson]:
    """The built lessons, in the order of their numbers.

    Args:
        wanted: numbers or slugs, such as "04" or "04_masks"; None or none for all.
        folder: where the notebooks lie.

    Raises:
        BuildError: there is no such lesson, or one of them does not open as lessons do.
    """
    paths = {path.stem: path for path in sorted(folder.glob("[0-9][0-9]_*.ipynb"))}
    for name in wanted or ():
        if not any(name in (slug, slug[:2]) for slug in paths):
            raise BuildError(f"there is no lesson {name!r} in {folder}. There are: {', '.join(paths) or 'none'}")
    chosen = [slug for slug in paths if not wanted or slug in wanted or slug[:2] in wanted]
    if not chosen:
        raise BuildError(f"{folder} holds no lessons. Write them with: make build")
    return [read_lesson(paths[slug]) for slug in chosen]


def read_lesson(path: Path) -> Lesson:
    """Reads a built lesson.

    Raises:
        BuildError: the file is no notebook, or does not open as lessons do.
    """
    try:
        book = nbformat.read(path, as_version=4)
    except (ValueError, OSError, nbformat.reader.NotJSONError) as error:
        raise BuildError(f"{path} cannot be read as a notebook ({error}). Build it anew with: make build") from error
    opening = book.cells[0].source if book.cells and book.cells[0].cell_type == "markdown" else ""
    title = re.match(r"# (.+)\n", opening)
    question = re.search(r"^\*\*(.+?)\*\*$", opening, flags=re.MULTILINE)
    minutes = re.search(r"\*\*Minutes\*\* \| (\d+)", opening)
    if not (title and question and minutes):
        raise BuildError(
            f'{path}: the first cell must hold a line "# NN · Title", a question in bold on a line of its own, and '
            f'"| **Minutes** | 90 |". It begins {opening[:60]!r}. Mend its source, then: make build'
        )
    return Lesson(path.stem, title[1], question[1], int(minutes[1]), book)


def speakers_notes(slug: str, folder: Path = TEACHING) -> dict[str, str]:
    """What the guide has to say aloud, by the lesson's headings; nothing where the lesson has no page in it.

    Args:
        slug: such as "04_masks".
        folder: where the guide's pages lie, each with a section "## Speaker's notes" and in it "### <heading>".

    Returns:
        Markdown by heading, as `same_heading` writes it.
    """
    page = folder / f"{slug}.md"
    if not page.exists():
        return {}
    text = page.read_text(encoding="utf-8").replace("’", "'")
    section = re.search(r"^## Speaker's notes\s*$(.*?)(?=^## |\Z)", text, flags=re.MULTILINE | re.DOTALL)
    parts = re.split(r"^### (.+)$", section[1] if section else "", flags=re.MULTILINE)[1:]
    return {same_heading(h): said.strip() for h, said in zip(parts[::2], parts[1::2], strict=True)}


def same_heading(heading: str) -> str:
    """A heading's letters and digits, small: what stays the same however it is written."""
    return re.sub(r"[\W_]+", " ", heading.replace("’", "'").casefold()).strip()
