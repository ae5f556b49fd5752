"""Two builds beside each other: the arithmetic of the ratios, who goes first, and what is said where a build fails."""

import subprocess
from pathlib import Path

import pytest

from benchmarks import regress

PAIRS = [((2.0, 4.0), (1.0, 1.0)), ((2.0, 2.0), (3.0, 1.0)), ((4.0, 1.0), (4.0, 0.5))]  # (clock, processor) of each


def test_a_ratio_is_the_median_of_the_pairs_with_the_lowest_and_the_highest():
    assert regress.ratios(PAIRS, 0) == (1.0, 0.5, 1.5)
    assert regress.ratios(PAIRS, 1) == (0.5, 0.25, 0.5)


def test_a_row_gives_both_medians_and_both_ratios():
    numbers = regress.row("greedy translation", PAIRS).removeprefix("greedy translation").split()
    assert [float(n.strip("()")) for n in numbers if n != "to"] == [2.0, 3.0, 1.0, 0.5, 1.5, 0.5, 0.25, 0.5]


def test_the_builds_take_turns_and_each_pair_keeps_its_sides():
    asked = []

    def run(job, folder):
        asked.append(folder.name)
        return float(len(asked)), 1.0

    ((job, pairs),) = regress.compared(["encoder step"], (Path("old"), Path("new")), 3, run)
    assert job == "encoder step" and asked == ["old", "new", "new", "old", "old", "new"]
    assert [(before[0], after[0]) for before, after in pairs] == [(1, 2), (4, 3), (5, 6)]


def test_the_arguments():
    assert regress.parse([]).before == "HEAD" and regress.parse([]).after is None
    assert regress.parse([]).jobs == list(regress.JOBS) and len(regress.JOBS) == 4
    options = regress.parse(["v1", "v2", "--repeats", "5", "--jobs", "encoder step"])
    assert (options.before, options.after, options.repeats, options.jobs) == ("v1", "v2", 5, ["encoder step"])


@pytest.mark.parametrize("wrong", [["--repeats", "2"], ["--jobs", "sewing"]])
def test_what_shows_nothing_is_refused(wrong, capsys):
    with pytest.raises(SystemExit):
        regress.parse(wrong)
    assert wrong[1] in capsys.readouterr().err


def test_times_are_those_of_the_work_alone():
    marks = []

    def train(on_step):
        for step in range(regress.WARM + 4):
            on_step(step, 0.5)
            marks.append(step)

    clock, processor = regress.steps_of(train)
    assert 0 <= clock < 0.5 and 0 <= processor < 0.5 and len(marks) == regress.WARM + 4


def fails(code):
    def run(command, **options):
        return subprocess.CompletedProcess(command, code, "", "Traceback\nModuleNotFoundError: no keras\n")

    return run


def test_a_build_that_fails_says_why_in_its_own_words(monkeypatch):
    monkeypatch.setattr(regress.subprocess, "run", fails(1))
    with pytest.raises(regress.BuildError, match="encoder step failed in old: ModuleNotFoundError: no keras"):
        regress.run_job("encoder step", Path("old"))
    with pytest.raises(regress.BuildError, match="git worktree add failed: ModuleNotFoundError"):
        with regress.worktree("nowhere"):
            pass


def test_the_working_tree_needs_no_git(monkeypatch):
    monkeypatch.setattr(regress.subprocess, "run", fails(1))
    with regress.worktree(None) as folder:
        assert folder == regress.ROOT
