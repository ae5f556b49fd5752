"""The explorer's page as a class uses it: long texts, odd numbers, quick changes, a projector, a phone, paper."""

import pytest

from tests import browser as chromium
from tests.browser import Visit
from utils.explore import SENTENCES, write_page
from utils.tasks.translation import Translator

pytestmark = pytest.mark.xdist_group("explorer")

LONG = "Est-ce que je peux acheter le livre que Karim a perdu parce que nous avions sommeil au musée quand il a dormi"
LETTERS = """() => ({
  page: document.documentElement.scrollWidth - innerWidth,
  smallest: Math.min(...[...document.querySelectorAll("svg text")].map((e) => 15 * e.ownerSVGElement.getScreenCTM().a)),
  hidden: [...document.querySelectorAll(".picture")].filter(
    (e) => e.scrollWidth > e.clientWidth && e.tabIndex < 0).length,
})"""
SAME = "() => JSON.stringify(options()) === JSON.stringify(state.settings)"


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    return write_page(Translator.load(), tmp_path_factory.mktemp("explore") / "explore.html")


@pytest.fixture
def visit(page_file):
    with chromium.opened() as browser:
        visit = Visit(browser)
        visit.open(page_file)
        yield visit
        assert visit.strangers == visit.errors == []


@pytest.mark.parametrize("width", [1280, 360])
def test_letters_in_pictures_can_be_read_however_long_the_sentence_is(visit, width):
    page = visit.page
    page.set_viewport_size({"width": width, "height": 720})
    for text in (LONG, "W" * 30, max(SENTENCES, key=len), ""):
        page.evaluate("(text) => read(text)", text)
        for kind, name in (("arcs", "decoder/1/cross"), ("arcs", "encoder/0/self"), ("matrix", "decoder/1/self")):
            page.select_option("#kind", kind)
            page.select_option("#name", name)
            told = page.evaluate(LETTERS)
            assert told["smallest"] >= 12 and told["page"] <= 0 and told["hidden"] == 0, (text, kind, name, told)


def test_a_text_that_cannot_be_read_leaves_all_as_it_was_and_says_so(visit):
    page = visit.page
    before = page.locator("#status").inner_text()
    for text, words in (("mot " * 80, "This has 241"), ("x" * 1_000_000, "1000000 characters")):
        page.evaluate("(text) => { find('text').value = text; }", text)
        page.click("text=Translate")
        assert words in page.locator("#status").inner_text() and page.input_value("#text") == text
        page.locator("#target button").nth(2).click()
        assert "Still shown" in page.locator("#status").inner_text()  # and not as if it had been translated
        page.fill("#text", "")
        page.evaluate("() => { find('positions').click(); find('positions').click(); }")
        assert page.evaluate("[state.text, state.now.text]") == [SENTENCES[0], before]
    page.fill("#text", " ")
    page.click("text=Translate")
    assert page.locator("#status").inner_text() == "Nothing was said."
    assert page.locator("#after").inner_text() == page.locator("#legend").inner_text() == ""
    assert page.locator("#text").get_attribute("aria-invalid") == "false"


def test_what_a_translation_leaves_out_or_cannot_read_is_said_beside_it(visit):
    page = visit.page
    told = page.evaluate("explorer.data.sentences.map((text) => { read(text); return find('note').textContent; })")
    assert set(told) == {""}  # nothing beside the thirty, which are read whole
    note = page.locator("#note")
    odd = {
        "Marie mange.": "seen \u2068.\u2069:",
        "l’été\u200b 🙂 🙂": "seen \u2068’\u2069 U+200B \u2068🙂\u2069:",
        "שלום עולם": "seen \u2068ש",
    }
    for text, words in {LONG: "read 25 pieces and said 8", **odd}.items():
        page.fill("#text", text)
        page.click("text=Translate")
        assert words in note.inner_text(), text
    assert note.get_attribute("role") == "status"
    page.evaluate("update({ forced: Array(64).fill(state.now.tokens[0]) })")
    assert "came to no end, and was stopped after 64 pieces" in note.inner_text()
    page.fill("#text", "mot " * 80)
    page.click("text=Translate")
    assert note.inner_text() == ""  # nothing was read: the status says so


def test_a_head_is_not_said_to_look_where_the_mask_forbids_it(visit):
    visit.page.evaluate("choose('target', 0)")
    row = visit.page.locator("#from tr").nth(1)
    assert row.locator("td").all_inner_texts() == ["start 1.00"] * 4


@pytest.mark.parametrize(("typed", "shown"), [("99", "12"), ("-4", "0"), ("2.7", "3"), ("", "0"), ("5", "5")])
def test_the_padding_that_is_shown_is_the_padding_there_is(visit, typed, shown):
    page = visit.page
    page.fill("#pads", "")
    page.locator("#pads").press_sequentially(typed)
    page.locator("#pads").press("Tab")
    assert page.input_value("#pads") == shown
    assert page.evaluate("state.now.source.filter((id) => id === PAD).length") == int(shown)


def test_controls_say_what_was_computed_when_a_browser_comes_back(visit):
    page = visit.page
    page.uncheck("#lookAhead")
    page.locator("#heads input").nth(3).uncheck()
    page.select_option("#kind", "matrix")
    page.goto("about:blank")
    page.go_back()
    assert page.evaluate(SAME) and page.input_value("#sentences") == page.evaluate("state.text")
    page.evaluate(
        "() => { find('padding').checked = false; dispatchEvent(new Event('pageshow')); }"
    )  # as others restore
    assert page.evaluate(SAME)


def test_quick_changes_run_once_and_an_error_ends_the_sign_of_work(visit):
    page = visit.page
    page.select_option("#beam", "4")
    page.wait_for_function("!document.body.hasAttribute('aria-busy')")
    sign = page.evaluate("""() => {
      const run = explorer.run.bind(explorer);
      window.runs = [];
      explorer.run = (...given) => { runs.push(given[1]?.temperature); return run(...given); };
      for (const value of [-4, -2, 0, 2, 4]) {
        find("temperature").value = value;
        find("temperature").dispatchEvent(new Event("input", { bubbles: true }));
      }
      choose("target", 1);
      return find("status").textContent;
    }""")
    assert sign == "Working …"  # whatever else is redrawn
    page.wait_for_function("!document.body.hasAttribute('aria-busy')")
    assert page.evaluate("runs.filter(Boolean).map((each) => each.toFixed(1))") == ["2.5"] and page.evaluate(SAME)
    page.evaluate("() => { explorer.run = () => { throw new TypeError('out of order'); }; working(again); }")
    page.wait_for_function("!document.body.hasAttribute('aria-busy')")
    assert "out of order" in page.locator("#status").inner_text()


def test_a_redraw_keeps_tables_open_and_the_focus(visit):
    page = visit.page
    page.locator("#pictures summary").nth(1).click()
    page.locator("#pictures table").wait_for()
    page.evaluate("choose('target', 2)")
    page.locator("#pictures table").wait_for()
    assert page.locator("details[open]").count() == 1
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Table: Head 1"
    page.locator("#choices button").nth(3).focus()
    page.evaluate("update()")
    assert page.evaluate("[...find('choices').querySelectorAll('button')].indexOf(document.activeElement)") == 3


def test_all_as_it_was_takes_back_chosen_words_too(visit):
    page = visit.page
    before = page.locator("#status").inner_text()
    page.locator("#choices button").nth(2).click()
    page.uncheck("#positions")
    assert page.locator("#compared .now").is_visible()
    page.click("text=All as it was")
    page.wait_for_function("!find('compared').textContent")
    assert page.locator("#status").inner_text() == before and page.locator("#undo").is_hidden()


def test_each_words_likelihood_is_the_models_own_also_of_words_that_a_beam_chose(visit):
    told = visit.page.evaluate("""() => {
      const plain = explorer.run(state.text), rare = explorer.run(state.text, {}, [7, 8]);
      const known = plain.steps.map((step) => step.logP - step.choices.find(({ id }) => id === step.id).logP);
      const told = rare.steps.slice(0, 2).map(({ id, logP }) => [id, logP]);
      return { known: Math.max(...known.map(Math.abs)), rare: told };
    }""")
    assert told["known"] < 1e-6
    assert [row[0] for row in told["rare"]] == [7, 8] and all(row[1] < -1 and row[1] != -9 for row in told["rare"])


@pytest.mark.parametrize("look", [{"media": "print", "color_scheme": "dark"}, {"forced_colors": "active"}])
def test_paper_and_forced_colours_show_what_is_chosen(visit, look):
    page = visit.page
    page.emulate_media(**look)
    page.wait_for_timeout(300)  # a button's colour changes slowly
    told = page.evaluate("""() => {
      const look = (e) => getComputedStyle(e), [chosen, other] = document.querySelectorAll("#target button");
      return [look(document.querySelector("svg text")).fill, look(chosen).backgroundColor, look(other).backgroundColor];
    }""")
    assert told[1] != told[2]
    if "media" in look:
        assert told[0] == "rgb(26, 26, 26)"  # dark on white paper, though the screen is dark
