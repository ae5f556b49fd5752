"""The benchmark of translating and of finding names: its arithmetic, its turns, and a side that cannot be had."""

import pytest

from benchmarks import translating
from benchmarks.regress import BuildError


def test_a_row_holds_medians_and_the_ratios_of_pairs():
    ours, theirs = [(1.0, 2.0), (2.0, 2.0), (6.0, 1.0)], [(2.0, 4.0), (4.0, 2.0), (3.0, 4.0)]
    text = translating.row("greedy", ours, theirs, "before")
    numbers = [float(part.strip("()")) for part in text.split() if part.strip("()").replace(".", "").isdigit()]
    assert numbers == [2.0, 3.0, 0.5, 0.5, 2.0, 0.5, 0.25, 1.0] and text.endswith("before")


def test_the_sides_take_turns_and_every_answer_is_kept():
    asked = []
    sides = {name: lambda name=name: asked.append(name) or len(asked) for name in ("ours", "theirs")}
    assert translating.turns(3, sides) == {"theirs": [1, 4, 5], "ours": [2, 3, 6]}
    assert asked == ["theirs", "ours", "ours", "theirs", "theirs", "ours"]


def test_what_is_the_same_is_counted():
    assert translating.same(["a", "b", "c"], ["a", "x", "c"]) == "2 of 3 the same"


def test_fewer_than_three_times_are_refused(capsys):
    with pytest.raises(SystemExit):
        translating.parse(["--repeats", "2"])
    assert "Received: 2" in capsys.readouterr().err


def test_a_build_without_the_library_is_said_to_be_one(tmp_path):
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks" / "__init__.py").write_text("")
    with pytest.raises(BuildError, match="translation could not be started"):
        translating.Side("translation", tmp_path, 1)
