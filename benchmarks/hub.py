"""A class at its hub: `python -m benchmarks.hub [1 2 4 8]`.

So many learners at once log in, start their servers, import Keras, run a lesson from its first cell to its last and
hand it in; the teacher grades all with one command. Prints seconds (the slowest learner's) and memory (the mean, each
shared page counted in parts), and how both grow. It needs `make hub`'s packages and bubblewrap.
"""

import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from tests.course.hub.conftest import Hub
from tests.course.hub.people import Person
from utils.course.hub.folder import ClassFolder
from utils.course.hub.run import servers
from utils.course.source import ROOT

LESSON = "03_self_attention"
SIZES = (1, 2, 4, 8)


def memory(hub: Hub, login: str) -> float:
    """MB that one learner's processes take, shared pages counted in parts."""
    mine = f"{ClassFolder(hub.folder).learners / login}"
    for server in servers(ClassFolder(hub.folder)):
        if mine in server.cmdline() and (below := server.children(recursive=True)):
            return sum(p.memory_full_info().pss for p in [server, *below]) / 2**20
    return 0.0


def work(hub: Hub, login: str) -> dict[str, float]:
    """One learner's morning; seconds of each step."""
    took, begin = {}, time.monotonic()
    person: Person = hub.person(login)
    person.start(600)
    kernel = person.kernel()
    person.run(kernel, ["import keras"], 600)
    took["a kernel with Keras"] = time.monotonic() - begin
    said = person.run(kernel, person.cells(LESSON), 900)
    took["the lesson run"] = time.monotonic() - begin
    wrong = [words for words in said if "Error:" in words]
    assert not wrong, wrong[0][:500]
    took["MB a learner"] = memory(hub, login)
    assert person.hand_in(LESSON).json()["handed_in"]
    took["handed in"] = time.monotonic() - begin
    return took


def measure(learners: int) -> dict[str, float]:
    """A class of so many."""
    with tempfile.TemporaryDirectory(prefix="course-hub-") as folder:
        names = [f"Learner Number{n}" for n in range(learners)]
        hub = Hub(Path(folder), "\n".join(names) + "\n")
        begin = time.monotonic()
        try:
            hub.start(600)
            up = time.monotonic() - begin
            with ThreadPoolExecutor(learners) as pool:
                rows = list(pool.map(lambda n: work(hub, f"learner-number{n}"), range(learners)))
            own = [psutil.Process(hub.process.pid), *psutil.Process(hub.process.pid).children()]
            parts = sum(p.memory_full_info().pss for p in own) / 2**20
        finally:
            hub.stop()
        begin = time.monotonic()
        command = [sys.executable, "-m", "utils.course", "grade", str(hub.folder / "handed_in"), "--out"]
        command += [str(hub.folder / "grades"), "--roster", str(hub.folder / "roster.csv")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-1000:]
        graded = (hub.folder / "grades" / "grades.csv").read_text(encoding="utf-8").count(f",{LESSON},")
        assert graded == learners, f"{graded} of {learners} graded"
        result = {"hub up": up, "hub MB": parts, "graded": time.monotonic() - begin}
        for key in rows[0]:
            values = [row[key] for row in rows]
            result[key] = sum(values) / len(values) if key.startswith("MB") else max(values)
        return result


def main() -> None:
    """Measures and prints the table."""
    sizes = [int(each) for each in sys.argv[1:]] or list(SIZES)
    columns = ("hub up", "a kernel with Keras", "the lesson run", "handed in", "graded", "MB a learner", "hub MB")
    print(f"{psutil.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GB, {LESSON}; seconds")
    print("learners  " + "  ".join(columns))
    for size in sizes:
        row = measure(size)
        print(f"{size:8d}  " + "  ".join(f"{row[name]:{len(name)}.0f}" for name in columns), flush=True)


if __name__ == "__main__":
    main()
