"""Each lesson's time and memory: `python -m benchmarks.lessons`."""

import tempfile
import threading
import time
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient

from utils.course.build import environment

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"


class Peak(threading.Thread):
    """Watches the memory of this process's children, kernels and what they start."""

    def __init__(self):
        super().__init__(daemon=True)
        self.bytes, self.done = 0, threading.Event()

    def run(self) -> None:
        """Looks five times a second."""
        while not self.done.wait(0.2):
            total = 0
            for child in psutil.Process().children(recursive=True):
                try:
                    total += child.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.bytes = max(self.bytes, total)


def measure(path: Path) -> tuple[float, int]:
    """Runs a lesson; returns its seconds and its largest memory in bytes."""
    book, peak = nbformat.read(path, as_version=4), Peak()
    peak.start()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch, environment(COURSE_PROGRESS=f"{scratch}/progress.json"):
        NotebookClient(book, timeout=600, resources={"metadata": {"path": str(path.parent)}}).execute()
    seconds = time.perf_counter() - start
    peak.done.set()
    peak.join()
    return seconds, peak.bytes


def main() -> None:
    """Measures all lessons, one after the other, and prints the table."""
    print(f"{'lesson':30}{'seconds':>9}{'memory':>12}")
    for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")):
        seconds, memory = measure(path)
        print(f"{path.stem:30}{seconds:9.0f}{memory / 1e6:9.0f} MB", flush=True)


if __name__ == "__main__":
    main()
