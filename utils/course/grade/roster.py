"""The roster: who handed in which folder, and until when. A table as spreadsheets save it."""

import csv
import datetime
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

from utils.course.grade.names import printable

COLUMNS = ("learner", "folder", "due")
ROUNDED = re.compile(r"\d[.,]\d+[Ee]\+?\d+")
DATE = "Write it as 2026-12-01, which is until the end of that day, or 2026-12-01T18:00"


@dataclass
class Roster:
    """What a roster says.

    Attributes:
        learners: in its order.
        named: folder or file, without .ipynb -> learner.
        due: learner -> seconds since 1970; who has no date is not in it.
        twice: learner -> lines, of those who stand there more than once, each time with another folder.
    """

    learners: list[str] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)
    due: dict[str, float] = field(default_factory=dict)
    twice: dict[str, list[int]] = field(default_factory=dict)


def read_roster(path: Path) -> Roster:
    """Reads a table with the columns learner, folder and perhaps due, parted by commas, semicolons or tabs.

    Where folder is empty or has no column, it is the learner's name. Other columns are passed over. A date without a
    time is the end of that day, by this machine's clock.

    Raises:
        ValueError: it cannot be read, or a line contradicts another; it names the line and what to do.
    """
    heading, rows = _table(path)
    roster, lines = Roster(), {}
    for line, row in rows:
        if len(row) > len(heading):
            advice = "Put what holds a comma, a semicolon or a tab into quotation marks"
            raise ValueError(f"{path}, line {line}: {len(row)} cells, and the heading has {len(heading)}. {advice}")
        cells = dict(zip(heading, (cell.strip() for cell in row), strict=False))
        learner = printable(cells.get("learner", ""))
        for name in ("learner", "folder"):
            if ROUNDED.fullmatch(cells.get(name, "")):
                advice = "Make the column text there, write the numbers whole, and save it again"
                raise ValueError(f"{path}, line {line}: {cells[name]} is how a spreadsheet shortens a number. {advice}")
        if not learner:
            raise ValueError(f"{path}, line {line}: the learner has no name")
        place = printable(cells.get("folder", "").replace("\\", "/").strip("/").removesuffix(".ipynb")) or learner
        if place in roster.named:
            raise ValueError(f"{path}, line {line}: {place} stands there twice. Each folder belongs to one learner, "
                             "and two of one name need a folder each, and two names")  # fmt: skip
        roster.named[place] = learner
        when = _due(cells["due"], f"{path}, line {line}") if cells.get("due") else None
        if learner in roster.learners and roster.due.get(learner) != when:
            raise ValueError(f"{path}, line {line}: {learner} has another date above. Each learner has one")
        lines.setdefault(learner, []).append(line)
        if learner not in roster.learners:
            roster.learners.append(learner)
        if when is not None:
            roster.due[learner] = when
    roster.twice = {learner: several for learner, several in lines.items() if len(several) > 1}
    if not roster.learners:
        raise ValueError(f"{path}: the roster names nobody: a line for each learner is wanted below the heading")
    return roster


def _table(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The heading in small letters, and the other rows with their lines' numbers."""
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except OSError as error:
        raise ValueError(f"{path}: the roster cannot be opened: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ValueError(f'{path}, line {line}: the roster is not UTF-8. Save it as "CSV UTF-8"') from error
    first, _, rest = text.partition("\n")
    skipped = 0
    if first.strip().lower().startswith("sep="):  # a spreadsheet's own line
        first, text, skipped = rest.partition("\n")[0], rest, 1
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = [(reader.line_num + skipped, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise ValueError(f"{path}, line {reader.line_num + skipped}: the roster cannot be read, {error}") from error
    heading = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    if "learner" not in heading:
        found = ", ".join(map(repr, heading[:8])) or "nothing"
        raise ValueError(
            f'{path}: a heading with the columns "learner" and "folder" is wanted, perhaps "due". Found: {found}'
        )
    if twice := [name for name in COLUMNS if heading.count(name) > 1]:
        raise ValueError(f"{path}: the column {twice[0]!r} stands there twice")
    return heading, rows[1:]


def _due(text: str, where: str) -> float:
    """Seconds since 1970 of a date, or of a date and a time."""
    try:
        when = datetime.datetime.fromisoformat(text)
        if len(text) <= len("2026-12-01"):
            when = when.replace(hour=23, minute=59, second=59)
        return when.timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"{where}: {text!r} is no date. {DATE}") from error
