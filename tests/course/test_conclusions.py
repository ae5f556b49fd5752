"""Every headline conclusion of a lesson has a cell that shows it, and a change under which it was tried again.

`conclusions/<lesson>.toml` lists them: the words of the bullet under "What to remember", a line of the code cell that
shows it, and as `shake` a line of the cell that changes scale, seed, size, split or task, or the command in
`benchmarks/` that did; `exact = true` in its place for an identity or a convention.
"""

import re
import tomllib
from pathlib import Path

import pytest

from utils.course.source import ROOT, SOURCES, read_source

FOLDER = Path(__file__).parent / "conclusions"
LESSONS = sorted(SOURCES.glob("[0-9][0-9]_*.py"))
NAMES = [path.stem for path in LESSONS]


def bullets(path: Path) -> list[str]:
    """The conclusions of a lesson, each on one line."""
    text = re.sub(r"^# ?", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    section = text.split("## What to remember\n", 1)[1].split("\n## ", 1)[0].split("\n%%", 1)[0]
    return [" ".join(bullet.split()) for bullet in re.split(r"^- ", section, flags=re.MULTILINE)[1:]]


def stated(path: Path) -> list[dict]:
    return tomllib.loads((FOLDER / f"{path.stem}.toml").read_text(encoding="utf-8"))["conclusion"]


def code_cells(path: Path) -> list[str]:
    return [cell.text for cell in read_source(path).cells if not cell.markdown]


@pytest.mark.parametrize("path", LESSONS, ids=NAMES)
def test_every_conclusion_is_stated_once(path):
    said, entries = bullets(path), stated(path)
    assert said
    for entry in entries:
        assert sum(entry["says"] in bullet for bullet in said) == 1, entry["says"]
    for bullet in said:
        assert any(entry["says"] in bullet for entry in entries), f"without support: {bullet}"


@pytest.mark.parametrize("path", LESSONS, ids=NAMES)
def test_every_conclusion_has_a_cell_and_a_shake(path):
    cells = code_cells(path)
    for entry in stated(path):
        showing = [cell for cell in cells if entry["cell"] in cell]
        assert len(showing) == 1, f"{len(showing)} cells hold {entry['cell']!r}"
        assert "assert" in showing[0] or "check(" in showing[0], f"nothing is asserted beside {entry['cell']!r}"
        assert ("shake" in entry) != (entry.get("exact") is True), f"a shake, or exact = true: {entry['says']}"
        if (shake := entry.get("shake", "")).startswith("python -m benchmarks."):
            module = shake.split()[2].split(".")[1]
            assert (ROOT / "benchmarks" / f"{module}.py").exists(), shake
            assert f"benchmarks.{module}" in path.read_text(encoding="utf-8"), f"the lesson does not name {shake}"
        elif shake:
            assert any(shake in cell for cell in cells), f"no cell holds {shake!r}"


def test_most_conclusions_are_shaken():
    entries = [entry for path in LESSONS for entry in stated(path)]
    assert sum("shake" in entry for entry in entries) > 0.6 * len(entries)


def test_no_list_is_left_over():
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(NAMES)
