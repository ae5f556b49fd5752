"""Quiet TensorFlow, progress kept apart, a place on the path for the library; and each lesson's time under nbval."""

import atexit
import os
import shutil
import tempfile
from collections import Counter

from utils.course.pages import FRAME, LINE

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
SCRATCH = tempfile.mkdtemp(prefix="course-")
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)
os.environ["COURSE_PROGRESS"] = os.path.join(SCRATCH, "progress.json")


def pytest_collectstart(collector):
    """Under nbval a figure is compared but for its pixels, which differ between processors, a page as it is stored."""
    if hasattr(collector, "sanitize_patterns"):
        collector.sanitize_patterns[r'data:image/png;base64,[^"]*'] = "pixels"
        collector.sanitize_patterns[FRAME.pattern] = LINE


def pytest_terminal_summary(terminalreporter):
    """Says what each lesson took, its kernel's start included."""
    seconds = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            path = getattr(report, "nodeid", "").split("::")[0]
            if path.endswith(".ipynb") and hasattr(report, "duration"):
                seconds[path] += report.duration
    if seconds:
        terminalreporter.section("seconds of each lesson")
        for path, taken in sorted(seconds.items()):
            terminalreporter.write_line(f"{path:60}{taken:8.0f}")
        terminalreporter.write_line(f"{'together':60}{seconds.total():8.0f}")
