"""`--fast` leaves out what takes long: what is marked slow, and what tests/long.json says.

`pytest tests --measure` writes that file anew: every test that took LIMIT seconds or more, start and end included.
With `--fast` as well it adds to the file: where a test that prepared something for others is left out, the next one
does so in its place.

With `--in-turn`, as `make test` has it, what takes half a minute, says the file, takes turns, and what takes a second
where it is marked `in_turn`, cases by the hundred that are alike: each commit runs a third, which its hash says.

Where several workers share the tests, what takes longest comes first: no core is left without work at the end.
"""

import json
import re
import subprocess
from collections import Counter
from pathlib import Path

FILE = Path(__file__).with_name("long.json")
LIMIT = 0.2
ALIKE, ALONE, TURNS = 1, 30, 3  # from so many seconds on tests take turns: those that are marked, and any
LONG = 20  # seconds: a test or a group of tests that comes first


def pytest_addoption(parser):
    parser.addoption("--in-turn", action="store_true", help="of what takes long and is marked, this commit's third")
    parser.addoption("--fast", action="store_true", help="leave out what takes long: tests/long.json, and slow tests")
    parser.addoption("--measure", action="store_true", help="write tests/long.json anew from what this run takes")


def name_of(nodeid: str) -> str:
    """A test's name without the group in which xdist keeps it."""
    return re.sub(r"@[\w-]+$", "", nodeid)


def pytest_configure(config):
    """The workers keep to the order below."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(config, items):
    """A test that the file does not know yet runs."""
    known = json.loads(FILE.read_text("utf-8"))["seconds"]
    left = {}
    if config.getoption("--fast"):
        left = {item: item.get_closest_marker("slow") or name_of(item.nodeid) in known for item in items}
    elif config.getoption("--in-turn"):
        left = waiting(items, known, turn())
    if left:
        config.hook.pytest_deselected(items=[item for item in items if left[item]])
        items[:] = [item for item in items if not left[item]]
    if hasattr(config, "workerinput"):
        units, seconds = [unit_of(item) for item in items], Counter()
        for unit, item in zip(units, items, strict=True):
            seconds[unit] += known.get(name_of(item.nodeid), 0)
        # The others stay where they are: tests of a file share what it prepares
        order = sorted(range(len(items)), key=lambda n: -seconds[units[n]] if seconds[units[n]] >= LONG else 0)
        items[:] = [items[n] for n in order]


def turn() -> int:
    """Which of the thirds this commit runs; the first where there is no history."""
    asked = ["git", "-C", str(FILE.parent), "rev-parse", "HEAD"]
    try:
        return int(subprocess.run(asked, capture_output=True, text=True, check=True).stdout, 16) % TURNS
    except (OSError, subprocess.CalledProcessError):
        return 0


def waiting(items, known: dict[str, float], turn: int) -> dict:
    """Of each test, whether it waits for another commit's turn. The thirds take about the same time."""
    took = {item: known.get(name_of(item.nodeid), 0) for item in items}
    long = [i for i in items if took[i] >= (ALIKE if i.get_closest_marker("in_turn") else ALONE)]
    thirds, waits = [0.0] * TURNS, dict.fromkeys(items, False)
    for item in sorted(long, key=lambda item: (-took[item], item.nodeid)):
        shortest = thirds.index(min(thirds))
        thirds[shortest] += took[item]
        waits[item] = shortest != turn
    return waits


def unit_of(item) -> str:
    """The tests that one worker runs, one after the other: a group, or a test by itself."""
    marker = item.get_closest_marker("xdist_group")
    return (marker.args or tuple(marker.kwargs.values()))[0] if marker else name_of(item.nodeid)


def pytest_terminal_summary(terminalreporter, config):
    """Says whose turn it was. With `--measure`: writes the file, in the process that has all workers' reports."""
    if config.getoption("--in-turn"):
        terminalreporter.write_line(f"of the long cases that take turns: third {turn() + 1} of {TURNS}")
    if not config.getoption("--measure"):
        return
    seconds = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if hasattr(report, "duration") and hasattr(report, "when"):
                seconds[name_of(report.nodeid)] += report.duration
    long = {name: round(taken, 2) for name, taken in seconds.items() if taken >= LIMIT}
    known = json.loads(FILE.read_text("utf-8"))["seconds"] if config.getoption("--fast") else {}
    commands = [f"python -m pytest tests -n 2 --dist loadgroup {which}--measure" for which in ("", "--fast ")]
    content = {"commands": commands, "seconds": dict(sorted((known | long).items()))}
    FILE.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    terminalreporter.write_line(f"{len(long)} of {len(seconds)} tests took {LIMIT:g} s or more: see {FILE.name}")
