"""What a lesson looks like: small cells, a sentence between any two, alt text, links that lead somewhere."""

import html
import re

import nbformat
import numpy as np
import pytest

from utils.course.source import ROOT, SOURCES, read_source

LESSONS = sorted(SOURCES.glob("[0-9][0-9]_*.py"))


def code_lines(cell):
    return [line for line in cell.text.splitlines() if line.strip()]


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem)
def test_cells_are_small(path):
    cells = [c for c in read_source(path).cells if not c.markdown]
    own = [len(code_lines(c)) for c in cells if not c.symbol]
    assert np.median(own) <= 8 and np.percentile(own, 90) <= 20 and max(own) <= 45
    assert max((len(code_lines(c)) for c in cells if c.symbol), default=0) <= 75


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem)
def test_a_sentence_stands_between_any_two_code_cells(path):
    cells = read_source(path).cells
    pairs = [(a.line, b.line) for a, b in zip(cells, cells[1:], strict=False) if not a.markdown and not b.markdown]
    assert pairs == []


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem)
def test_a_lesson_opens_and_closes_as_all_do(path):
    text = path.read_text(encoding="utf-8")
    for part in ("**Minutes**", "**You build**", "## What to remember", "## Three questions for yourself"):
        assert part in text, part
    assert text.count("<details>") == text.count("</details>") == 3


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem)
def test_the_readme_says_the_lessons_minutes(path):
    minutes = re.search(r"\*\*Minutes\*\* \| (\d+)", path.read_text(encoding="utf-8"))[1]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| {path.stem[:2]} \| .*\| (\d+) min \|", readme, flags=re.MULTILINE)
    assert row[1] == minutes


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem)
def test_every_figure_has_alt_text_and_no_output_is_noise(path):
    book = nbformat.read(ROOT / "notebooks" / f"{path.stem}.ipynb", as_version=4)
    figures = 0
    for cell in book.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error" and output.get("name") != "stderr"
            assert "image/png" not in output.get("data", {}), "what shows a bare image drops its alt text"
            if found := re.search(r'<img alt="([^"]*)"', "".join(output.get("data", {}).get("text/html", ""))):
                figures += 1
                assert len(found[1]) > 20
                assert output.data["text/plain"] == f"Figure: {html.unescape(found[1])}"
    assert figures >= 1
    counts = [c.execution_count for c in book.cells if c.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem)
def test_links_lead_somewhere(path):
    last = max(int(p.stem[:2]) for p in LESSONS)
    known = {p.stem for p in LESSONS}
    for target in re.findall(r"\]\((\w+)\.ipynb\)", path.read_text(encoding="utf-8")):
        assert target in known or int(target[:2]) == last + 1, target  # the next one may be still to come
