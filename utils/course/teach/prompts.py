"""What the guide tells the speaker beside the words to say: the plan, demos, common mistakes, questions to ask.

A teacher who has opened nothing but a deck finds all of it in the notes: the plan with the slides' numbers on the
first, a section's minutes at its beginning, a demo where its cell is, an exercise's mistakes in its pause, and the
questions at the end.
"""

from dataclasses import dataclass, field
from pathlib import Path

from utils.course.guide import LENGTHS, PARTS, Page, read_page, table_rows
from utils.course.teach.lessons import TEACHING, same_heading
from utils.course.teach.text import as_html


@dataclass
class Row:
    """A row of the plan: the sections it names, its minutes in an hour of each of LENGTHS, and how it is done."""

    sections: list[str]
    minutes: list[int]
    how: str


@dataclass
class Prompts:
    """What a page of the guide holds for the speaker; nothing where a lesson has no page."""

    rows: list[Row] = field(default_factory=list)
    ready: str = ""  # what to have running, and what to leave out
    demos: dict[str, str] = field(default_factory=dict)  # by the first line of the demo's cell
    mistakes: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # by exercise: the check's words, yours
    questions: str = ""

    def opening(self, starts: dict[str, int]) -> str:
        """The plan as HTML, for the first slide.

        Args:
            starts: the number of each section's first slide, by `same_heading`.
        """
        if not self.rows:
            return ""
        head = "".join(f"<th>{name}</th>" for name in ("slide", "sections", *map(str, LENGTHS), "how"))
        lines = []
        for row in self.rows:
            cells = [str(first_slide(row, starts) or ""), as_html("; ".join(row.sections))]
            cells += [str(m or "–") for m in row.minutes] + [as_html(row.how)]
            lines.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
        told = "<p>The plan, in minutes of 45, 90 and 180. G, a number and Enter lead to a slide.</p>"
        return f"{told}{table}{as_html(self.ready)}"

    def section(self, heading: str, starts: dict[str, int]) -> str:
        """A section's minutes as HTML, and where to go on if there is no time for it.

        Args:
            heading: the section's, as `same_heading` writes it.
            starts: the number of each section's first slide.
        """
        found = next((n for n, row in enumerate(self.rows) if heading in map(same_heading, row.sections)), None)
        if found is None:
            return ""
        row = self.rows[found]
        others = [s for s in row.sections if same_heading(s) != heading]
        given = ", ".join(f"{m} of {length}" for m, length in zip(row.minutes, LENGTHS, strict=True) if m)
        told = [f"Minutes{' together with ' + ' and '.join(f'*{s}*' for s in others) if others else ''}: {given}."]
        for n, length in enumerate(LENGTHS):
            if row.minutes[n] == 0:
                later = next((r for r in self.rows[found + 1 :] if r.minutes[n]), None)
                number = first_slide(later, starts) if later else starts.get(same_heading("What to remember"))
                told.append(f"In {length} minutes leave it out{f': go on at slide {number}' if number else ''}.")
        return as_html(" ".join([*told, f"How: {row.how}." if row.how else ""]))

    def demo(self, source: str) -> str:
        """What the guide says of the demo in this cell, as HTML; nothing where the cell is none."""
        lines = [line.strip() for line in source.splitlines()]
        return "".join(as_html(f"**A demo.** {said}") for first, said in self.demos.items() if first in lines)

    def pause(self, exercise: str) -> str:
        """The commonest mistakes of an exercise as HTML."""
        known = [f"- {said}. *You say:* {reply}" for said, reply in self.mistakes.get(exercise, ())]
        return as_html("\n".join(["**What the check often says, and what you say:**", "", *known])) if known else ""

    def closing(self) -> str:
        """Questions to ask, with what people answer, as HTML."""
        return as_html(f"**Questions to ask**\n\n{self.questions}") if self.questions else ""


def first_slide(row: Row, starts: dict[str, int]) -> int | None:
    """The number of the first slide of what a row names."""
    return min((starts[s] for s in map(same_heading, row.sections) if s in starts), default=None)


def prompts(slug: str, folder: Path = TEACHING) -> Prompts:
    """What the guide's page on a lesson holds for the speaker.

    Args:
        slug: such as "04_masks".
        folder: where the guide's pages lie. A page that has only some of the guide's parts gives none.

    Raises:
        BuildError: the plan, a demo or a row of the mistakes is not written as the guide wants it.
    """
    path = folder / f"{slug}.md"
    if not path.exists() or any(f"\n## {part}\n" not in path.read_text(encoding="utf-8") for part in PARTS):
        return Prompts()
    page = read_page(path)
    mistakes: dict[str, list[tuple[str, str]]] = {}
    for exercise, said, reply in page.mistakes:
        mistakes.setdefault(exercise, []).append((said, reply))
    ready = f"**Have running**\n\n{page.parts['Have running'].strip()}\n\n**What to leave out**\n\n"
    return Prompts(
        rows=plan(page),
        ready=ready + page.parts["What to leave out"].strip(),
        demos={demo.code.strip(): demo.text.lstrip(" .") for demo in page.demos},
        mistakes=mistakes,
        questions=page.parts["Questions to ask"].strip().replace("### ", "#### "),
    )


def plan(page: Page) -> list[Row]:
    """The plan's rows, with what stands in their last column."""
    hows = [cells[1 + len(LENGTHS)] for cells in table_rows(page.parts["Plan"])]
    return [Row(sections, minutes, how) for (sections, minutes), how in zip(page.plan, hows, strict=True)]
