"""The page of `serve` in a browser: late answers, a server that fails, and what it is for everybody."""

import json

import pytest

from tests import browser as chromium
from tests.browser import Visit, axe
from utils.tasks.shell.page import CSS, SCRIPT, page

pytestmark = pytest.mark.xdist_group("explorer")
HOME = "http://model.test/"
FILES = {"": (page("translate"), "text/html"), "page.css": (CSS, "text/css"), "page.js": (SCRIPT, "text/javascript")}


@pytest.fixture
def visit():
    with chromium.opened() as browser:
        visit = Visit(browser, 360, 740, home=HOME)
        visit.waiting = []

        def answer(route):
            name = route.request.url.removeprefix(HOME)
            if name == "predict":
                return visit.waiting.append(route)
            content, kind = FILES[name]
            return route.fulfill(body=content, content_type=f"{kind}; charset=utf-8")

        visit.page.route(f"{HOME}**", answer)
        visit.page.goto(HOME)
        yield visit
        assert visit.strangers == visit.errors == []


def ask(visit, text):
    """Asks, and waits until the question has left the page."""
    before = len(visit.waiting)
    visit.page.fill("#text", text)
    visit.page.click("button")
    for _ in range(100):
        if len(visit.waiting) > before:
            return
        visit.page.wait_for_timeout(20)


def test_a_late_answer_to_an_older_question_is_not_shown(visit):
    said = visit.page.locator("#said")
    ask(visit, "first")
    ask(visit, "second")
    assert said.inner_text() == "Working …"
    first, second = visit.waiting
    second.fulfill(json={"html": "<p>to the second</p>"})
    said.get_by_text("to the second").wait_for()
    first.fulfill(json={"html": "<p>to the first</p>"})
    visit.page.wait_for_timeout(200)
    assert said.inner_text() == "to the second" and axe(visit.page) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [("<h1>Bad gateway</h1>", "(502)"), ("{}", "(502)"), (json.dumps({"error": "too <long>"}), "too <long>")],
)
def test_a_server_that_fails_is_told_in_words(visit, body, words):
    ask(visit, "a" * 3000)
    visit.waiting[0].fulfill(status=502, body=body)
    visit.page.wait_for_selector("#said.bad")
    assert words in visit.page.locator("#said").inner_text()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360
    ask(visit, "again")
    visit.waiting[1].fulfill(json={"html": "<p>well</p>"})
    visit.page.get_by_text("well").wait_for()
    assert visit.page.locator("#said").get_attribute("class") == ""


def test_a_server_that_is_gone_is_told(visit):
    ask(visit, "x")
    visit.waiting[0].abort()
    visit.page.wait_for_selector("#said.bad")
    assert "does not answer" in visit.page.locator("#said").inner_text()
