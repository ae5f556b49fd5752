"""The machine's own Chromium, for tests of what people open: pages, slides, notebooks.

Where there is none, these tests skip, saying so; in CI (`CI=1`) that is an error.
"""

import atexit
import functools
import os
import shutil
from contextlib import contextmanager

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
WAIT = 180_000  # milliseconds: tests share their cores
MISSING = "no Chromium on this machine (on Debian and Ubuntu: apt install chromium): nothing was opened"


def needed() -> str:
    """Chromium's path; without it the test skips, or fails in CI."""
    if CHROMIUM is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
    return CHROMIUM


@functools.cache
def the_browser():
    """A browser, driven by Playwright: one for a process, since Playwright's loop cannot be started in it again."""
    path = needed()
    from playwright.sync_api import sync_playwright

    playwright = sync_playwright().start()
    browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
    atexit.register(playwright.stop)
    atexit.register(browser.close)
    return browser


@contextmanager
def opened():
    """The browser; the windows opened meanwhile are closed behind."""
    browser = the_browser()
    before = set(browser.contexts)
    yield browser
    for context in set(browser.contexts) - before:
        context.close()


class Visit:
    """A window, which notes every request that leaves the page's own place, and every error."""

    def __init__(self, browser, width=1280, height=720, dark=False, home=("file:", "data:", "blob:", "about:")):
        scheme = "dark" if dark else "light"
        self.context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        self.context.set_default_timeout(WAIT)
        self.strangers, self.errors, self.home = [], [], home
        self.context.on("request", self._requested)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _requested(self, request):
        if not request.url.startswith(self.home):
            self.strangers.append(request.url)

    def open(self, path, query=""):
        self.page.goto(path.resolve().as_uri() + query)
        return self.page

    def close(self):
        self.context.close()


def axe(page, without=(), within=()) -> list[str]:
    """What axe-core objects to on a page: rule, message, elements.

    Of what stands in the selectors `without` nothing; with `within`, of those elements alone, in half the time.
    """
    from axe_playwright_python.sync_playwright import Axe

    options = {"resultTypes": ["violations"], "preload": False}
    context = {"exclude": [[selector] for selector in without]} if without else {}
    context |= {"include": [[selector] for selector in within]} if within else {}
    found = Axe().run(page, context=context or None, options=options).response["violations"]
    return [f"{v['id']}: {v['help']}: {[n['html'][:150] for n in v['nodes'][:3]]}" for v in found]
