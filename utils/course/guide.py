"""The teacher's guide: reads its pages and the lessons they speak of; writes the checks' diagnoses into them.

A page, `notebooks/teaching/<lesson>.md`, has the headings of PARTS in this order. Its table of mistakes stands between
two markers and is written from `utils.checks`: the author chooses the rows and says what to reply, the words of a
diagnosis are the checks' own. Words in italics are headings of the lesson, outside of that table.
"""

import difflib
import importlib.util
import itertools
import json
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from utils.course.source import ROOT, SOURCES, BuildError
from utils.files import write_whole

GUIDE = ROOT / "notebooks" / "teaching"
PARTS = (
    "What they will be able to do",
    "Plan",
    "Have running",
    "Three demos that never fail",
    "Questions to ask",
    "The commonest mistakes",
    "What to leave out",
    "Speaker's notes",
    "An exam question",
)
LENGTHS = (45, 90, 180)  # minutes of a course hour
CLOSING = (  # they need no speaker's note
    "What to remember",
    "Three questions for yourself",
    "Where to read on",
    "Next",
    "The end, and a beginning",
)
MOST = 10  # mistakes on a page
BEGIN, END = (
    "<!-- mistakes: the words are the checks'. Write them anew: python -m utils.course guide -->",
    "<!-- end -->",
)
HEAD = "| exercise | what the check says | what you say |\n|---|---|---|\n"
NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?(?:e[+-]?\d+)?(?!\w|\.\d)")
IN_TORCH = """
import json, torch
from utils.course.guide import diagnoses_here
print(json.dumps(diagnoses_here()))
"""

Known = dict[str, dict[str, list[str]]]  # lesson -> exercise -> its diagnoses, the most common first


@dataclass
class Section:
    """A section of an executed lesson: heading, level (2 is `##`), text, and its code cells with what they printed."""

    title: str
    level: int
    text: str = ""
    cells: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Demo:
    """A demo of a page: the lesson's section, the first line of its cell, and all that is said of it."""

    section: str
    code: str
    text: str


@dataclass
class Page:
    """A page of the guide: its file, and the text under each second-level heading, in order."""

    path: Path
    title: str
    parts: dict[str, str]

    @property
    def slug(self) -> str:
        """The lesson's, such as "04_masks"."""
        return self.path.stem

    @property
    def italics(self) -> list[str]:
        """What the page names in italics: headings of the lesson. The checks' own words are left out."""
        text = "\n".join(text for part, text in self.parts.items() if part != "The commonest mistakes")
        text = re.sub(r"^###.*$", "", text, flags=re.MULTILINE)  # a lesson's heading may hold italics of its own
        return re.findall(r"(?<![*\w])\*(?![*\s])([^*\n]+?)\*(?!\*)", text)

    @property
    def plan(self) -> list[tuple[list[str], list[int]]]:
        """The rows of the plan: the sections that each names, and its minutes in a course hour of each of LENGTHS.

        Raises:
            BuildError: minutes that are no whole numbers, or are missing.
        """
        rows = []
        for cells in table_rows(self.parts["Plan"]):
            sections = re.findall(r"(?<!\*)\*([^*]+)\*", cells[0])
            try:
                minutes = [0 if cells[n] == "–" else int(cells[n]) for n in range(1, 1 + len(LENGTHS))]
            except (ValueError, IndexError):
                raise BuildError(
                    f"{self.path.name}: minutes in the plan are whole numbers, or –. Found: {cells}"
                ) from None
            rows.append((sections, minutes))
        return rows

    @property
    def demos(self) -> list[Demo]:
        """The demos, each a numbered item that begins with the section in italics and the code in backticks.

        Raises:
            BuildError: an item does not begin so.
        """
        found = []
        for item in re.split(r"^\d\. ", self.parts["Three demos that never fail"], flags=re.MULTILINE)[1:]:
            item = " ".join(item.split())
            if not (start := re.match(r"\*(?P<section>[^*]+)\*, (?P<fence>``?) ?(?P<code>.+?) ?(?P=fence)", item)):
                raise BuildError(
                    f"{self.path.name}: a demo begins with *section*, `first line of the cell`. Found: {item[:80]!r}"
                )
            found.append(Demo(start["section"], start["code"], item[start.end() :]))
        return found

    @property
    def notes(self) -> dict[str, str]:
        """What is said to each section of the lesson, by its heading."""
        pieces = re.split(r"^### (.+)\n", self.parts["Speaker's notes"], flags=re.MULTILINE)
        return {title: text.strip() for title, text in zip(pieces[1::2], pieces[2::2], strict=True)}

    @property
    def mistakes(self) -> list[list[str]]:
        """The rows of the table of mistakes: exercise, diagnosis, what to say.

        Raises:
            BuildError: a row has not three cells, or the markers are not there.
        """
        rows = table_rows(self.between)
        if odd := next((row for row in rows if len(row) != 3), None):
            raise BuildError(f"{self.path.name}: a mistake is | exercise | diagnosis | what to say |. Found: {odd}")
        return [[exercise.strip("`"), said, reply] for exercise, said, reply in rows]

    @property
    def between(self) -> str:
        """What stands between the markers."""
        text = self.parts["The commonest mistakes"]
        if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
            raise BuildError(f"{self.path.name}: the table of mistakes stands between {BEGIN!r} and {END!r}. Add them")
        return text.split(BEGIN)[1].split(END)[0]


def read_page(path: Path) -> Page:
    """Reads a page.

    Raises:
        BuildError: its headings are not those of PARTS, in this order.
    """
    text = path.read_text(encoding="utf-8")
    pieces = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    if tuple(pieces[1::2]) != PARTS:
        odd = next((a or b for a, b in itertools.zip_longest(pieces[1::2], PARTS) if a != b), "")
        raise BuildError(
            f"{path.name}: its headings must be {', '.join(PARTS)}, in this order. The first amiss: {odd!r}"
        )
    return Page(path, pieces[0].split("\n")[0].removeprefix("# "), dict(zip(pieces[1::2], pieces[2::2], strict=True)))


def pages(folder: Path = GUIDE) -> list[Page]:
    """All pages, in the order of their lessons."""
    return [read_page(path) for path in sorted(folder.glob("[0-9][0-9]_*.md"))]


def table_rows(text: str) -> list[list[str]]:
    """The rows of a Markdown table, without its head; a bar inside a cell has a backslash before it."""
    rows = [line.strip().strip("|") for line in text.splitlines() if line.strip().startswith("|")]
    return [[c.strip().replace(r"\|", "|") for c in re.split(r"(?<!\\)\|", row)] for row in rows[2:]]


def sections(slug: str, folder: Path = ROOT / "notebooks") -> list[Section]:
    """The sections of a lesson as it was run: what stands before the first has the lesson's title.

    Pictures are left out of the outputs; their descriptions stay.
    """
    found = []
    for cell in nbformat.read(folder / f"{slug}.ipynb", as_version=4).cells:
        if cell.cell_type == "code":
            found[-1].cells.append((cell.source, "\n".join(map(_printed, cell.outputs))))
            continue
        for piece in re.split(r"^(?=#{1,3} )", cell.source, flags=re.MULTILINE):
            if head := re.match(r"(#{1,3}) (.+)\n?", piece):
                found.append(Section(head[2].strip(), len(head[1])))
                piece = piece[head.end() :]
            if found:
                found[-1].text += piece
    return found


def _printed(output) -> str:
    """An output as text."""
    return output.get("text") or output.get("data", {}).get("text/plain", "")


def numbers(text: str) -> list[str]:
    """The numbers in a text, without the commas between thousands."""
    return [found.replace(",", "") for found in NUMBER.findall(text)]


def diagnoses_here() -> Known:
    """The diagnoses of the exercises that can be checked in this process, each once, the most common first."""
    from utils.notebook import quiet_import

    quiet_import("utils.checks")
    here = quiet_import("utils.checks.frame").here()
    known: Known = {}
    for exercise in quiet_import("utils.checks.interaction").in_order():
        if exercise.framework == here:
            said = dict.fromkeys(mistake.diagnosis for mistake in exercise.mistakes)
            known.setdefault(exercise.notebook, {})[exercise.name] = list(said)
    return known


def diagnoses() -> Known:
    """The diagnoses of all exercises; of PyTorch's, asked in a process of their own, where it is installed.

    Raises:
        BuildError: PyTorch is installed, and its exercises cannot be read.
    """
    known = diagnoses_here()
    if importlib.util.find_spec("torch") is not None:
        asked = subprocess.run([sys.executable, "-c", IN_TORCH], cwd=ROOT, capture_output=True, text=True)
        if asked.returncode:
            said = asked.stderr.strip().splitlines() or ["nothing was said"]
            raise BuildError(f"PyTorch's exercises cannot be read: {said[-1]}")
        known |= json.loads(asked.stdout.splitlines()[-1])
    return known


def likest(words: str, known: list[str]) -> str | None:
    """The diagnosis that a row means: these words, the first that holds them, or else the nearest; None for none."""
    if words in known:
        return words
    holding = (said for said in known if words.lower() in said.lower())
    return next(holding, next(iter(difflib.get_close_matches(words, known, 1, 0.5)), None))


def table(page: Page, known: dict[str, list[str]]) -> str:
    """The page's table of mistakes in the words of the checks, with the rows that its author chose.

    Args:
        page: the page; a table without rows gets the first diagnoses of each exercise in turn.
        known: the diagnoses of each of the lesson's exercises.

    Raises:
        BuildError: a row names no exercise of the lesson, or nothing like one of its diagnoses; more than MOST rows.
    """
    rows = page.mistakes
    if not rows:
        in_turn = itertools.zip_longest(*([(name, said, "") for said in all_said] for name, all_said in known.items()))
        rows = [row for turn in in_turn for row in turn if row][:MOST]
    if len(rows) > MOST:
        raise BuildError(f"{page.path.name}: {len(rows)} mistakes; keep the {MOST} commonest")
    text = HEAD
    for exercise, words, reply in rows:
        if exercise not in known:
            raise BuildError(f"{page.path.name}: {exercise!r} is no exercise of the lesson: {', '.join(known)}")
        if (said := likest(words, known[exercise])) is None:
            choice = "\n  ".join(known[exercise])
            raise BuildError(f"{page.path.name}: {exercise} has no diagnosis like {words!r}. Choose one of\n  {choice}")
        text += f"| `{exercise}` | {_cell(said)} | {_cell(reply)} |\n"
    return f"\n{text}"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def rewrite(folder: Path = GUIDE) -> list[str]:
    """Writes the tables of mistakes anew; returns a line for each page that changed, and for each row worded anew."""
    changed = []
    for page, fresh in _tables(folder):
        if page.between != fresh:
            old = page.mistakes
            before, after = page.path.read_text(encoding="utf-8").split(BEGIN)
            write_whole(page.path, (before + BEGIN + fresh + END + after.split(END, 1)[1]).encode())
            changed.append(f"{page.path.name}: written")
            rows = zip(old, read_page(page.path).mistakes, strict=False)
            changed += [f"  {was[0]}: {was[1]!r} is now {now[1]!r}" for was, now in rows if was[1] != now[1]]
    return changed


def stale(folder: Path = GUIDE) -> list[str]:
    """The pages whose tables of mistakes are not in the checks' words, one line each with what to do."""
    return [
        f"teaching/{page.path.name}: its mistakes are not in the words of the checks. Run: python -m utils.course guide"
        for page, fresh in _tables(folder)
        if page.between != fresh
    ]


def _tables(folder: Path) -> list[tuple[Page, str]]:
    """Each page with its table as it should be; without PyTorch its lesson's page is left out, and that is said."""
    known, found = diagnoses(), []
    for page in pages(folder):
        if not (SOURCES / f"{page.slug}.py").exists():
            raise BuildError(f"teaching/{page.path.name}: there is no lesson of this name. Name the page as its lesson")
        if page.slug in known:
            found.append((page, table(page, known[page.slug])))
        else:
            print(f"{page.path.name}: not looked at, its exercises need PyTorch (requirements-torch.txt)")
    return found
