"""One site, its decks in it, and one browser for all tests of a worker."""

from pathlib import Path

import pytest

from tests import browser as chromium
from utils.course.teach.site import write_site

GUIDE = """\
# Teaching lesson 00

## Speaker's notes

### Numbers, shapes and how we print them

Say aloud that nobody is slow here.
"""


def pytest_collection_modifyitems(items):
    """What needs the whole site is slow; nothing else here is."""
    for item in items:
        if item.path.parent == Path(__file__).parent and "site" in item.fixturenames:
            item.add_marker("slow")


@pytest.fixture(scope="session")
def browser():
    with chromium.opened() as opened:
        yield opened


@pytest.fixture(scope="session")
def guide(tmp_path_factory):
    """A guide of one page, invented."""
    folder = tmp_path_factory.mktemp("teaching")
    (folder / "00_start_here.md").write_text(GUIDE, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def explorer(tmp_path_factory):
    """Stands for the explorer's page, which has tests of its own."""
    path = tmp_path_factory.mktemp("explorer") / "explore.html"
    path.write_text("<!doctype html><html lang=en><title>Explorer</title><h1>Explorer</h1>", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def site(tmp_path_factory, guide, explorer):
    """The folder of the whole site."""
    return write_site(tmp_path_factory.mktemp("built") / "site", guide, explorer).parent


@pytest.fixture(scope="session")
def decks(site):
    """The decks of all lessons."""
    return sorted((site / "slides").glob("*.html"))
