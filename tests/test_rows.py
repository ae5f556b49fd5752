"""All benchmarks' ratios as one table."""

import importlib
import inspect
import json
from pathlib import Path

import pytest

from benchmarks import rows


def test_a_row_is_noted_where_one_is_wanted(tmp_path, monkeypatch):
    place = tmp_path / "rows.jsonl"
    monkeypatch.delenv(rows.PLACE, raising=False)
    rows.note("a step", "a peer", [(1.0, 2.0)])
    monkeypatch.setenv(rows.PLACE, str(place))
    rows.note("a step", "a peer", [(1.0, 2.0), (3.0, 2.0), (1.0, 1.0)])
    rows.note("memory", "held", [(943, 971)], "MiB")
    found = [json.loads(row) for row in place.read_text().splitlines()]
    assert [row["work"] for row in found] == ["a step", "memory"]
    lines = rows.table(found).splitlines()
    assert len(lines) == 4 and "1.00 (0.50 to 1.50)" in lines[2] and "0.97" in lines[3] and "(" not in lines[3]


def test_the_ratio_is_the_median_of_pairs():
    row = {"work": "w", "against": "p", "pairs": [(1, 1), (10, 5), (3, 1)], "unit": "s"}
    assert "   2.00 (1.00 to 3.00)" in rows.line(row)  # and not 3 / 1, the medians' ratio


@pytest.mark.parametrize("name", rows.benchmarks("HEAD", Path("folder")))
def test_every_benchmark_of_the_table_notes_something(name):
    assert "note(" in inspect.getsource(importlib.import_module(f"benchmarks.{name}"))


def test_one_that_fails_is_named_and_the_others_run(monkeypatch, capfd):
    monkeypatch.setattr(rows, "benchmarks", lambda before, data: {"no_such": [], "regress": ["--help"]})
    assert rows.main([]) == 1
    said = capfd.readouterr()
    assert "usage: python -m benchmarks.regress" in said.out and "Failed, see above: no_such\n" in said.err
