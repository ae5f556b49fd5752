"""One deck as it is used: on paper, on a phone, by keyboard; and figures as large as their letters need."""

import base64
import re
import struct

import pytest

from tests.browser import Visit, axe
from utils.course.teach import code
from utils.course.teach.slides import write_slides
from utils.course.teach.storyboard import FIGURE_ROOM, ROOM, figure_block

pytestmark = pytest.mark.xdist_group("teach")

SEEN = """() => Reveal.getSlides().map((slide, n) => {
  Reveal.slide(n, 0, 99);
  const body = slide.querySelector(".body"), scale = Reveal.getScale();
  const size = (e) => parseFloat(getComputedStyle(e).fontSize);
  return {
    n: n + 1, over: Math.max(body.scrollHeight - body.clientHeight, body.scrollWidth - body.clientWidth),
    text: Math.min(99, ...[...slide.querySelectorAll(".body > p")].map((e) => scale * size(e))),
    figures: [...slide.querySelectorAll("figure img")].map(
      (e) => Math.min(e.clientWidth / e.naturalWidth, e.clientHeight / e.naturalHeight)),
  };
})"""


@pytest.fixture(scope="module")
def deck_04(tmp_path_factory):
    return write_slides(["04"], tmp_path_factory.mktemp("slides"))[0]


@pytest.fixture
def visit(browser):
    visit = Visit(browser)
    yield visit
    assert visit.strangers == visit.errors == []
    visit.close()


def ready(visit, path, query=""):
    page = visit.open(path, query)
    page.wait_for_selector("html[data-ready=yes]")
    return page


def test_on_paper_every_slide_is_one_page_with_its_figure_and_its_margin(visit, deck_04):
    page = ready(visit, deck_04, "?print-pdf")
    page.wait_for_function("document.querySelectorAll('.pdf-page').length >= Reveal.getTotalSlides()")
    told = page.evaluate("""() => ({
      pages: document.querySelectorAll(".pdf-page").length - Reveal.getTotalSlides(),
      tall: [...document.querySelectorAll(".pdf-page")].filter((e) => e.offsetHeight > 730).length,
      over: [...document.querySelectorAll(".body")].filter((e) => e.scrollHeight > e.clientHeight + 1).length,
      figures: [...document.querySelectorAll("figure img")].map((e) => e.clientHeight),
      left: document.querySelector(".pdf-page h2").getBoundingClientRect().left,
    })""")
    assert told["pages"] == told["tall"] == told["over"] == 0 and told["left"] > 40
    assert len(told["figures"]) > 5 and min(told["figures"]) > 250


@pytest.mark.parametrize(("width", "height", "wide"), [(400, 740, 720), (320, 180, 533)])
def test_the_browsers_own_command_prints_a_slide_a_page_too(browser, deck_04, tmp_path, width, height, wide):
    visit = Visit(browser, width, height)  # held upright or magnified: paper is wide all the same
    page = ready(visit, deck_04)
    page.evaluate("Reveal.getSlides().slice(5).forEach((slide) => slide.remove())")  # five stand for all
    page.pdf(path=tmp_path / "printed.pdf", prefer_css_page_size=True)
    printed = (tmp_path / "printed.pdf").read_bytes()
    assert len(re.findall(rb"/Type /Page\b", printed)) == 5
    assert set(re.findall(rb"/MediaBox \[[^]]*\]", printed)) == {b"/MediaBox [0 0 960 540]"}
    now = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--w')")
    assert now == f"{wide}px"  # as it was
    visit.close()


def test_the_keyboard_reaches_only_what_is_seen_and_its_place_is_seen_in_any_colours(browser, deck_04):
    context = browser.new_context(viewport={"width": 1280, "height": 720}, forced_colors="active")
    page = context.new_page()
    page.goto(deck_04.resolve().as_uri())
    page.wait_for_selector("html[data-ready=yes]")
    page.evaluate("Reveal.slide(Reveal.getSlides().findIndex((slide) => slide.classList.contains('pause')))")
    reached = []
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("""() => {
          const at = document.activeElement, outside = at.closest("section:not(.present)");
          return outside || (at !== document.body && getComputedStyle(at).outlineStyle === "none") ? at.outerHTML : "";
        }""")
        )
    assert not any(reached), reached
    colour = "getComputedStyle(document.querySelector('.controls-arrow'), '::after').backgroundColor"
    assert page.evaluate(colour) != page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert page.locator(".controls").evaluate("(e) => getComputedStyle(e).forcedColorAdjust") == "none"
    context.close()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(deck_04.resolve().as_uri())
    assert "Allow JavaScript" in page.inner_text("body") and page.locator("noscript h1").bounding_box()["height"] > 20
    context.close()


def test_a_phone_shows_slides_upright_whole_and_in_letters_to_be_read(visit, deck_04):
    page = visit.page
    page.set_viewport_size({"width": 360, "height": 740})
    ready(visit, deck_04)
    slides = page.evaluate(SEEN)
    assert len(slides) > 20 and sum(len(slide["figures"]) for slide in slides) > 5
    for slide in slides:
        assert slide["over"] <= 1 and slide["text"] >= 12 and min(slide["figures"], default=1) > 0.3, slide
    page.set_viewport_size({"width": 740, "height": 360})  # the phone is turned
    page.wait_for_function("Math.abs(Reveal.getScale() - 0.5) < 0.01 && !document.querySelector('.upright')")
    assert max(slide["over"] for slide in page.evaluate(SEEN)) <= 1


def test_on_a_projector_a_figures_letters_can_be_read(visit, deck_04):
    slides = ready(visit, deck_04).evaluate(SEEN)
    scales = [scale for slide in slides for scale in slide["figures"]]
    assert min(scales) > 0.42 and max(slide["over"] for slide in slides) <= 1  # 15 points are 30 pixels of the file


@pytest.mark.parametrize("size", [(320, 180), (320, 256), (427, 240), (280, 150)], ids=str)
def test_magnified_to_four_hundred_percent_letters_grow_and_what_is_below_is_reached_by_keys(visit, deck_04, size):
    visit.page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    page = ready(visit, deck_04)
    slides = page.evaluate(SEEN)
    assert len(slides) > 20 and sum(len(slide["figures"]) for slide in slides) > 5
    for slide in slides:
        assert slide["text"] >= 17.5 and min(slide["figures"], default=1) > 0.42, slide
    place = """(() => {
      const [a, b] = [".frame", ".body"].map((name) => Reveal.getCurrentSlide().querySelector(name));
      return [a.scrollTop, a.scrollHeight - a.clientHeight, b.scrollLeft, b.scrollWidth - b.clientWidth];
    })()"""
    n = page.evaluate("Reveal.getSlides().findIndex((slide) => slide.querySelector('figure'))")
    page.evaluate(f"Reveal.slide({n})")
    for key, at in (("ArrowDown", 0), ("ArrowRight", 2)):
        for _ in range(30):
            there = page.evaluate(place)
            assert page.evaluate("Reveal.getIndices().h") == n
            if there[at] >= there[at + 1] - 1 > 30:
                break
            page.keyboard.press(key)
        else:
            raise AssertionError(f"{key} does not reach the end: {there}")
    page.keyboard.press("Space")
    assert page.evaluate("Reveal.getIndices().h") == n + 1


def test_what_comes_at_a_click_on_a_small_screen_is_scrolled_to(visit, deck_04):
    visit.page.set_viewport_size({"width": 320, "height": 180})
    page = ready(visit, deck_04)
    seen = page.evaluate("""() => Reveal.getSlides().flatMap((slide, n) => {
      Reveal.slide(n, 0, -1);
      return [...slide.querySelectorAll(".fragment")].map((fragment) => {
        Reveal.nextFragment();
        const box = fragment.getBoundingClientRect();
        return box.height > 0 && box.top < innerHeight - 30 && box.bottom > 0;
      });
    })""")
    assert len(seen) > 10 and all(seen)


def test_a_figure_as_high_as_a_slide_has_nearly_all_of_it(visit, tmp_path):
    page = ready(visit, write_slides(["07"], tmp_path)[0])
    assert page.locator("figure.tall").count() == 1
    n = page.evaluate("Reveal.getSlides().findIndex((slide) => slide.querySelector('figure.tall'))")
    page.evaluate(f"Reveal.slide({n})")
    figure, head = (page.locator(f"section.present {name}").bounding_box() for name in ("figure img", "h2"))
    assert figure["height"] > 0.48 * 1296 and figure["y"] + figure["height"] <= 712  # its file is so high
    assert head["y"] >= 8 and head["y"] + head["height"] <= figure["y"]


@pytest.mark.parametrize("size", [(1280, 720), (1024, 768), (360, 740)])
def test_on_the_first_slide_nothing_lies_over_the_help(visit, deck_04, size):
    visit.page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    page = ready(visit, deck_04)
    number, keys = (page.locator(name).bounding_box() for name in (".slide-number", ".keys"))
    assert keys["y"] + keys["height"] <= number["y"] or number["x"] + number["width"] <= keys["x"]


def test_space_presses_the_button_that_the_keyboard_has_reached_and_else_goes_on(visit, deck_04):
    page = ready(visit, deck_04)
    n = page.evaluate("Reveal.getSlides().findIndex((slide) => slide.classList.contains('pause'))")
    page.evaluate(f"Reveal.slide({n})")
    start = page.locator("section.present .start")
    for key in ("Space", "Enter"):
        start.focus()
        page.keyboard.press(key)
        assert page.evaluate("Reveal.getIndices().h") == n
    assert start.inner_text() == "Start"  # on, and off again
    start.click()
    assert start.inner_text() == "Pause"
    page.keyboard.press("Space")  # who uses the mouse goes on with Space
    assert page.evaluate("Reveal.getIndices().h") == n + 1


def test_help_comes_at_a_question_mark_wherever_the_keyboard_has_it_and_names_the_clock(visit, deck_04):
    page = ready(visit, deck_04)
    page.keyboard.press("?")  # as a German keyboard sends it: not on the key that reveal.js looks for
    box = page.locator(".r-overlay-help")
    assert "Start or stop the clock" in box.inner_text() and axe(page, within=(".r-overlay-help",)) == []
    content = box.locator(".r-overlay-content")
    assert content.evaluate("(e) => e.scrollHeight - e.clientHeight") <= 0  # whole on a projector
    page.set_viewport_size({"width": 320, "height": 180})
    page.keyboard.press("ArrowDown")
    page.wait_for_function("document.querySelector('.r-overlay-content').scrollTop > 0")
    page.keyboard.press("?")
    assert box.count() == 0 and page.evaluate("Reveal.getIndices().h + 9 * Reveal.isPaused()") == 0


@pytest.mark.parametrize("address", ["#/999", "#nonsense", "#/3x", "#/%E0", "#/-2"])
def test_an_address_that_names_no_slide_is_told_until_the_slide_is_turned(visit, deck_04, address):
    page = ready(visit, deck_04, address)
    told = page.locator(".astray")
    count, shown = page.evaluate("[Reveal.getTotalSlides(), Reveal.getIndices().h]")
    assert told.inner_text() == (
        f"No slide of this deck is at “{address}”: its {count} slides are #/0 to #/{count - 1}. This is #/{shown}."
    )
    page.evaluate("Reveal.slide(4)")
    assert told.inner_text() == "" and told.bounding_box()["height"] == 0
    page.evaluate(f"location.hash = '{address}'")  # typed into the open window
    page.wait_for_function("document.querySelector('.astray').textContent")
    assert told.inner_text().startswith(f"No slide of this deck is at “{address}”")


@pytest.mark.parametrize("address", ["", "#", "#/", "#/0", "#/7", "#/7/0/0"])
def test_an_address_that_names_a_slide_opens_it_and_nothing_is_told(visit, deck_04, address):
    page = ready(visit, deck_04, address)
    assert page.evaluate("Reveal.getIndices().h") == 7 * ("7" in address)
    assert page.locator(".astray").inner_text() == ""
    page.evaluate("location.hash = '#/9'")
    page.wait_for_function("Reveal.getIndices().h === 9")
    assert page.locator(".astray").inner_text() == ""


def test_the_end_of_a_pause_is_said_in_words(visit, deck_04):
    page = ready(visit, deck_04)
    page.evaluate("Reveal.slide(Reveal.getSlides().findIndex((slide) => slide.classList.contains('pause')))")
    told = page.locator("section.present .told")
    assert told.inner_text() == "" and told.get_attribute("role") == "status"
    for _ in range(60):
        page.locator("section.present .less").click()
        if told.inner_text():
            break
    assert told.inner_text() == "Time is up" and page.locator("section.present output").inner_text() == "0:00"
    page.locator("section.present .more").click()
    assert told.inner_text() == ""


def test_a_long_line_goes_on_further_in_than_it_begins():
    made = code.as_lines('def f():\n    """A <b> &."""\n        return 1')
    assert re.findall(r"--in: (\d+)ch", made) == ["4", "8"]
    assert made.count('<span class="line">') == 1


@pytest.mark.parametrize(
    ("size", "need"), [((1600, 400), FIGURE_ROOM), ((1584, 900), 450), ((4000, 2000), 584), ((1900, 1300), ROOM - 25)]
)
def test_a_figure_is_as_high_as_its_letters_need(size, need):
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s2I", 13, b"IHDR", *size) + bytes(30)
    block = figure_block(f'<img src="data:image/png;base64,{base64.b64encode(png).decode()}">')
    assert block.height == pytest.approx(min(need, ROOM - 25)) and f'data-need="{block.height - 50:.0f}"' in block.shown
    assert figure_block("<img src='x.svg'>").height == FIGURE_ROOM
