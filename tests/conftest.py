"""`--fast` leaves out what takes long: what is marked slow, and what tests/long.json says.

`pytest tests --measure` writes that file anew: every test that took LIMIT seconds or more, start and end included.
With `--fast` as well it adds to the file: where a test that prepared something for others is left out, the next one
does so in its place.

Where several workers share the tests, what takes longest comes first: no core is left without work at the end.
"""

import json
import re
from collections import Counter
from pathlib import Path

FILE = Path(__file__).with_name("long.json")
LIMIT = 0.2
LONG = 20  # seconds: a test or a group of tests that comes first


def pytest_addoption(parser):
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
    if config.getoption("--fast"):
        left = {item: item.get_closest_marker("slow") or name_of(item.nodeid) in known for item in items}
        config.hook.pytest_deselected(items=[item for item in items if left[item]])
        items[:] = [item for item in items if not left[item]]
    elif hasattr(config, "workerinput"):
        units, seconds = [unit_of(item) for item in items], Counter()
        for unit, item in zip(units, items, strict=True):
            seconds[unit] += known.get(name_of(item.nodeid), 0)
        # The others stay where they are: tests of a file share what it prepares
        order = sorted(range(len(items)), key=lambda n: -seconds[units[n]] if seconds[units[n]] >= LONG else 0)
        items[:] = [items[n] for n in order]


def unit_of(item) -> str:
    """The tests that one worker runs, one after the other: a group, or a test by itself."""
    marker = item.get_closest_marker("xdist_group")
    return (marker.args or tuple(marker.kwargs.values()))[0] if marker else name_of(item.nodeid)


def pytest_terminal_summary(terminalreporter, config):
    """With `--measure`: writes the file, in the process that has all workers' reports."""
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
