"""The hub's own pages in a browser: who has no mouse starts a server and stops it, and is told what happens."""

import csv

import pytest

from tests import browser as chromium
from tests.browser import WAIT, Visit, axe

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("hub")]

AT = "document.activeElement?.innerText?.trim() ?? ''"
OUTLINE = "getComputedStyle(document.activeElement).outlineStyle"


def walk_to(page, words):
    """Tab until the focus is on what says `words`; every place on the way is seen."""
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement !== document.body"):
            assert page.evaluate(OUTLINE) != "none", page.evaluate("document.activeElement.outerHTML")
        if page.evaluate(AT) == words:
            return
    raise AssertionError(f"Tab does not reach {words!r}")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_server_is_started_and_stopped_without_a_mouse(hub, key):
    with (hub.folder / "passwords.csv").open(encoding="utf-8", newline="") as lines:
        password = next(row["password"] for row in csv.DictReader(lines) if row["login"] == "fen")
    with chromium.opened() as browser:
        visit = Visit(browser, home=(hub.url,))
        page = visit.page
        page.goto(f"{hub.url}/hub/login?next=/hub/home")
        page.keyboard.type("fen")  # the focus begins there
        page.keyboard.press("Tab")
        page.keyboard.type(password)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{hub.url}/hub/home", wait_until="load")  # the login's own address ends alike
        if page.locator("#stop").count() == 0:  # else another test left it running
            walk_to(page, "Start My Server")
            page.keyboard.press("Enter")
            page.wait_for_url("**/spawn-pending/**")
            assert axe(page) == []
            page.wait_for_url("**/user/fen/**", timeout=WAIT)
            page.goto(f"{hub.url}/hub/home")
        assert axe(page) == []
        page.wait_for_selector("#stop[tabindex='0']")
        walk_to(page, "Stop My Server")
        page.keyboard.press(key)
        told = page.get_by_role("status")
        assert "stopping" in told.inner_text() or "stopped" in told.inner_text()
        page.wait_for_function("document.getElementById('told').textContent.includes('has stopped')")
        assert page.locator("#stop").is_hidden() and page.evaluate(AT) == "Start My Server"
        page.reload()
        assert page.locator("#stop").count() == 0
        assert visit.strangers == visit.errors == []


def test_a_server_that_does_not_stop_is_said_to_run_still(hub):
    person = hub.person("fen")
    person.start()
    with chromium.opened() as browser:
        visit = Visit(browser, home=(hub.url,))
        for cookie in person.browser.cookies:
            given = {name: getattr(cookie, name) for name in ("name", "value", "domain", "path")}
            visit.context.add_cookies([given])
        page = visit.page
        page.goto(f"{hub.url}/hub/home")
        visit.context.route("**/hub/api/users/fen/server**", lambda route: route.fulfill(status=500, body="{}"))
        page.wait_for_selector("#stop[tabindex='0']")
        walk_to(page, "Stop My Server")
        page.keyboard.press("Enter")
        page.wait_for_function("document.getElementById('told').textContent.includes('did not stop')")
