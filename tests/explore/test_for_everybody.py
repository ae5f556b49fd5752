"""The explorer's page under axe-core, as it opens and with everything changed; and its sign of being at work."""

import pytest

from tests import browser as chromium
from tests.browser import Visit, axe
from utils.explore import write_page
from utils.tasks.translation import Translator

pytestmark = pytest.mark.xdist_group("explorer")


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    return write_page(Translator.load(), tmp_path_factory.mktemp("explore") / "explore.html")


@pytest.mark.parametrize(("dark", "width"), [(False, 1280), (True, 390)], ids=["light", "dark, on a phone"])
def test_the_page_is_for_everybody_with_everything_open_and_changed(page_file, dark, width):
    with chromium.opened() as browser:
        visit = Visit(browser, width, 800, dark)
        page = visit.open(page_file)
        assert axe(page) == []
        page.select_option("#kind", "matrix")
        page.uncheck("#lookAhead")
        page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
        page.locator("#choices button").nth(2).click()
        assert page.locator("#compared .now").is_visible()
        assert axe(page) == []
        assert visit.strangers == visit.errors == []


def test_a_long_run_says_that_it_is_at_work(page_file):
    with chromium.opened() as browser:
        visit = Visit(browser)
        page = visit.open(page_file)
        before = page.locator("#status").inner_text()
        page.evaluate("""() => {
          window.said = [];
          const status = find("status");
          new MutationObserver(() => said.push(status.textContent)).observe(status, { childList: true });
        }""")
        page.select_option("#beam", "4")
        page.wait_for_function("window.said.length > 1 && !document.body.hasAttribute('aria-busy')")
        said = page.evaluate("window.said")
        assert said[0] == "Working …" and said[-1] == before
        assert visit.errors == []
