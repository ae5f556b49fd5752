"""`--fast` leaves out what takes long: what is marked slow, and what tests/long.json says.

`pytest tests --measure` writes that file anew: every test that took LIMIT seconds or more, start and end included.
With `--fast` as well it adds to the file: where a test that prepared something for others is left out, the next one
does so in its place.
"""

import json
import re
from collections import Counter
from pathlib import Path

FILE = Path(__file__).with_name("long.json")
LIMIT = 0.2


def pytest_addoption(parser):
    parser.addoption("--fast", action="store_true", help="leave out what takes long: tests/long.json, and slow tests")
    parser.addoption("--measure", action="store_true", help="write tests/long.json anew from what this run takes")


def name_of(nodeid: str) -> str:
    """A test's name without the group in which xdist keeps it."""
    return re.sub(r"@[\w-]+$", "", nodeid)


def pytest_collection_modifyitems(config, items):
    """A test that the file does not know yet runs."""
    if config.getoption("--fast"):
        known = json.loads(FILE.read_text("utf-8"))["seconds"]
        left = {item: item.get_closest_marker("slow") or name_of(item.nodeid) in known for item in items}
        config.hook.pytest_deselected(items=[item for item in items if left[item]])
        items[:] = [item for item in items if not left[item]]


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
    chosen = '-m "not slow"', "--fast"
    commands = [f"python -m pytest tests -n 2 --dist loadgroup {which} --measure" for which in chosen]
    content = {"commands": commands, "seconds": dict(sorted((known | long).items()))}
    FILE.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    terminalreporter.write_line(f"{len(long)} of {len(seconds)} tests took {LIMIT:g} s or more: see {FILE.name}")
