"""`python -m utils.course slides`: a deck of each lesson, one HTML file that opens from disk and needs no network.

reveal.js comes from the locked package sphinx-revealjs, which holds it whole, and is written into the file; formulas
are MathML. The deck measures itself when it opens and makes smaller what its reader's typeface has made too long.
"""

from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from utils.course.source import ROOT, BuildError
from utils.course.teach import code
from utils.course.teach.lessons import TEACHING, lessons, speakers_notes
from utils.course.teach.prompts import prompts
from utils.course.teach.storyboard import Slide, Storyboard
from utils.course.teach.text import inline_html, plain
from utils.files import write_whole

OUT = ROOT / "build" / "slides"
EXPLORER = ROOT / "build" / "explore.html"
TEMPLATES = Path(__file__).parent / "templates"
PARTS = {
    "reveal_css": "dist/reveal.css",
    "reveal_js": "dist/reveal.js",
    "notes_js": "plugin/notes/notes.js",
    "licence": "LICENSE",
}


def write_slides(wanted: list[str] | None = None, out: Path = OUT, teaching: Path = TEACHING) -> list[Path]:
    """Writes `<slug>.html` for each lesson.

    Args:
        wanted: numbers or slugs of lessons; none for all.
        out: the folder; made if need be. Where the explorer's page lies beside it, a deck leads there.
        teaching: where the guide's pages lie, whose words the speaker's notes begin with.

    Returns:
        The decks' paths.

    Raises:
        BuildError: a lesson does not exist or cannot be read, or reveal.js is not installed.
        OSError: a file cannot be written.
    """
    written = []
    explorer = f"../{EXPLORER.name}" if (out.parent / EXPLORER.name).exists() else None
    for lesson in lessons(wanted):
        path, notes = out / f"{lesson.slug}.html", speakers_notes(lesson.slug, teaching)
        board = Storyboard(lesson, notes, prompts(lesson.slug, teaching), explorer)
        write_whole(path, deck(lesson.title, board.make()).encode("utf-8"))
        for heading in board.guide:
            page = teaching / f"{lesson.slug}.md"
            print(
                f"{page}: the speaker's notes {heading!r} are on no slide, since no section is called so. Rename them"
            )
        written.append(path)
    return written


def deck(title: str, slides: list[Slide]) -> str:
    """A deck as one page.

    Args:
        title: the lesson's, as Markdown.
        slides: see `storyboard.Storyboard.make`.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    own = {name: (TEMPLATES / f"deck.{name}").read_text(encoding="utf-8") for name in ("css", "js")}
    return environment.get_template("deck.html").render(
        title=plain(inline_html(title)),
        slides=slides,
        reveal=reveal(),
        colours=code.colours(),
        own=own,
    )


@cache
def reveal() -> dict[str, str]:
    """The parts of reveal.js that a deck is made of.

    Raises:
        BuildError: the package that holds them is not installed.
    """
    try:
        folder = files("sphinx_revealjs") / "_static" / "revealjs"
    except ModuleNotFoundError as error:
        raise BuildError("reveal.js is not installed. Install what teaching needs: make teach") from error
    parts = {name: (folder / path).read_text(encoding="utf-8") for name, path in PARTS.items()}
    parts["reveal_css"] = parts["reveal_css"].partition("@media print{html:not(.print-pdf)")[0]  # deck.css has its own
    return {name: text.replace("</script", r"<\/script") if "js" in name else text for name, text in parts.items()}
