"""The site as someone opens it from disk, without a network: for everybody, its links lead somewhere, it searches."""

import re
from html.parser import HTMLParser
from urllib.parse import quote, unquote, urldefrag

import nbformat
import pytest

from tests.browser import Visit, axe
from utils.course.pages import without_pages
from utils.course.source import BuildError
from utils.course.teach.lessons import Lesson, lessons, speakers_notes
from utils.course.teach.site import as_page, write_site
from utils.course.teach.text import as_html, mathml

pytestmark = pytest.mark.xdist_group("teach")

ANSWER = r'<details class="admonition hide[^>]*>.*?</details>'
WITH_CODE = ("04_masks", "09_decoding")  # whose code stands for all
SLUGS = [lesson.slug for lesson in lessons()]
FETCHED = {"link": "href", "script": "src", "img": "src", "source": "src", "iframe": "src", "video": "src"}


class Page(HTMLParser):
    """A page's links, what it fetches, its anchors, and its pictures without alt text."""

    def __init__(self, path):
        super().__init__()
        self.links, self.fetched, self.anchors, self.mute = set(), set(), set(), []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a" and given.get("href"):
            self.links.add(given["href"])
        if given.get(FETCHED.get(tag, "")):
            self.fetched.add(given[FETCHED[tag]])
        if tag == "img" and len(given.get("alt") or "") < 20:
            self.mute.append(given.get("src", "")[:60])


@pytest.fixture(scope="session")
def pages(site):
    return {path: Page(path) for path in sorted(site.rglob("*.html")) if "_static" not in path.parts}


def test_every_lesson_the_terms_and_the_guide_have_a_page(site, pages):
    names = {path.relative_to(site).as_posix() for path in pages}
    wanted = {f"{slug}.html" for slug in SLUGS} | {f"slides/{slug}.html" for slug in SLUGS}
    assert wanted | {"index.html", "terms.html", "search.html", "teaching/00_start_here.html", "explore.html"} <= names
    for slug in SLUGS:
        assert (site / "notebooks" / "lessons" / f"{slug}.ipynb").exists()
        assert (site / "notebooks" / "exercises" / f"{slug}.ipynb").exists()


def test_links_lead_somewhere_and_nothing_is_fetched_from_elsewhere(pages):
    dead = []
    for path, page in pages.items():
        assert [url for url in page.fetched if re.match(r"(https?:)?//", url)] == [], path
        for link in page.links | page.fetched:
            url, anchor = urldefrag(link)
            if re.match(r"https?:|mailto:|data:", url):
                continue
            target = (path.parent / unquote(url.partition("?")[0])).resolve() if url else path
            found = pages.get(target)
            reveal = found is not None and target.parent.name == "slides" and anchor.startswith("/")
            if not target.exists() or (anchor and found and not reveal and anchor not in found.anchors):
                dead.append((path.name, link))
    assert dead == []


def test_every_figure_says_what_it_shows(site, pages):
    assert {path.name: page.mute for path, page in pages.items() if page.mute} == {}
    text = (site / "04_masks.html").read_text(encoding="utf-8")
    assert "data:image" not in text and len(re.findall(r'<img alt="[^"]{20,}"[^>]* src="figures/04_masks-', text)) == 7


def test_an_exercise_shows_its_blank_and_folds_its_answer(site):
    text = (site / "04_masks.html").read_text(encoding="utf-8")
    folded = re.findall(ANSWER, text, flags=re.DOTALL)
    assert len(folded) == 6 and all("an answer" in answer for answer in folded)
    outside = re.sub(ANSWER, "", text, flags=re.DOTALL)
    assert outside.count("NotImplementedError") == 6


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_is_for_everybody(browser, site, pages, dark):
    visit = Visit(browser, dark=dark)
    own = [path for path in pages if "slides" not in path.parts and path.name != "explore.html"]
    for path in own if not dark else own[::4]:
        page = visit.open(path)
        page.wait_for_load_state("load")
        page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
        without = () if path.stem in WITH_CODE else (".highlight",)  # one style sheet colours all code
        assert axe(page, without) == [], path.name
    assert visit.strangers == visit.errors == []
    visit.close()


def test_the_check_of_pages_sees_what_is_wrong(browser, tmp_path):
    (tmp_path / "bad.html").write_text("<!doctype html><html lang=en><title>x</title><main><h1>x</h1><img src=x>")
    visit = Visit(browser)
    assert [found for found in axe(visit.open(tmp_path / "bad.html")) if found.startswith("image-alt")]
    visit.close()


def test_search_finds_a_word_without_a_server(browser, site):
    visit = Visit(browser)
    page = visit.open(site / "search.html", "?q=perplexity")
    page.wait_for_selector("#search-results li a")
    assert any("08_training" in a.get_attribute("href") for a in page.locator("#search-results li a").all())
    assert visit.strangers == visit.errors == []
    visit.close()


def test_a_search_that_finds_nothing_says_what_is_not_looked_for(browser, site):
    visit = Visit(browser)
    for words in ("the", "√", "<b>🙂", "a" * 300):
        page = visit.open(site / "search.html", f"?q={quote(words)}")
        page.wait_for_function("document.querySelector('#search-results')?.innerText.includes('Nothing was found')")
        assert "categor" not in page.inner_text("#search-results")
    assert visit.strangers == visit.errors == []
    visit.close()


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_letters_twice_as_large_cut_nothing_off(browser, site, size):
    visit = Visit(browser, *size)
    for name in ("07_decoder_and_transformer", "12_question_answering_tensorflow", "teaching/00_start_here"):
        page = visit.open(site / f"{name}.html")
        page.add_style_tag(content=":root { font-size: 200% !important; --pst-font-size-base: 34px !important; }")
        cut = page.evaluate("""() => [...document.querySelectorAll(
          ".bd-article :is(h1, h2, h3, p, li), .prev-next-area *, .bd-sidebar-primary a")].filter((e) => {
            const box = e.getBoundingClientRect(), around = e.closest(".bd-article-container")?.getBoundingClientRect();
            return box.width && !e.closest("table, details") && (box.right > around?.right + 1 ||
              e.scrollWidth > e.clientWidth + 2 && getComputedStyle(e).display !== "inline");
          }).map((e) => e.outerHTML.slice(0, 90))""")
        assert cut == [] and page.evaluate(CUT)["page"] <= 0, name
    visit.close()


CUT = """() => ({
  page: document.documentElement.scrollWidth - innerWidth,
  text: [...document.querySelectorAll(".bd-article :is(h1, h2, h3, p, li) *, .bd-header p")].filter(
    (e) => e.getBoundingClientRect().right > innerWidth && !e.closest(".formula, pre, table, .headerlink"),
  ).map((e) => e.textContent),
  code: [...document.querySelectorAll(".bd-article .cell_input pre")].filter(
    (e) => e.clientWidth && e.scrollWidth > e.clientWidth + 1).length,
})"""


@pytest.mark.parametrize("width", [360, 320])
def test_a_phone_scrolls_in_one_direction(browser, site, width):
    visit = Visit(browser, width, 740)
    for name in ("index", "terms", "04_masks", "12_question_answering_tensorflow", "teaching/00_start_here"):
        told = visit.open(site / f"{name}.html").evaluate(CUT)
        assert told["page"] <= 0 and told["text"] == [], (name, told)
    visit.close()


def test_code_is_whole_on_a_projector_and_on_paper(browser, site):
    visit, said = Visit(browser), []
    visit.page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    for size in ((1280, 720), (1024, 768)):
        visit.page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
        assert visit.open(site / "04_masks.html").evaluate(CUT)["code"] == 0, size
    visit.page.emulate_media(media="print")
    wide = "[...document.querySelectorAll('.bd-article pre')].filter((e) => e.scrollWidth > e.clientWidth + 1).length"
    assert visit.page.evaluate(wide) == 0 and said == visit.errors == []
    visit.close()


def test_a_long_name_stays_in_its_column_and_the_keyboards_place_is_seen_in_any_colours(browser, site):
    context = browser.new_context(viewport={"width": 1280, "height": 720}, forced_colors="active")
    page = context.new_page()
    page.goto((site / "03_self_attention.html").as_uri())
    links = page.locator(".bd-sidebar-secondary a").all()
    assert len(links) > 10 and max(link.bounding_box()["x"] + link.bounding_box()["width"] for link in links) <= 1280
    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    context.close()


def test_previous_and_next_lead_through_the_lessons(site):
    text = (site / "04_masks.html").read_text(encoding="utf-8")
    for way, slug in (("left-prev", SLUGS[3]), ("right-next", SLUGS[5])):
        assert re.search(rf'class="{way}"\s+href="{slug}.html"', text), way


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(BuildError, match="no site"):
        write_site(tmp_path)
    assert (tmp_path / "letter.txt").read_text() == "mine"


def test_formulas_are_set_by_the_browser_alone():
    made = mathml(r"\mathrm{softmax}(x)_i = \frac{e^{x_i}}{\sum_j e^{x_j}}", block=True)
    assert "<mfrac>" in made and 'display="block"' in made and "<mtext>softmax</mtext>" in made
    assert "<math" in as_html("of $x$ and 5 $ or 6 $") and as_html("of $x$").count("<math") == 1


@pytest.mark.parametrize("tex", [r"\frac{1}", r"x^{2", r"\nosuchthing x"])
def test_a_formula_that_is_not_understood_is_named(tex):
    with pytest.raises(BuildError, match="formula"):
        mathml(tex)


@pytest.mark.parametrize("explorer", [True, False])
def test_where_a_lesson_shows_the_explorer_the_site_leads_to_it(tmp_path, explorer):
    made = without_pages('<div><iframe title="The &lt;T>" style="a" srcdoc="&lt;p>long"></iframe></div>')
    assert "long" not in made and "run this cell" in made
    output = nbformat.v4.new_output("execute_result", data={"text/html": made})
    cell = nbformat.v4.new_code_cell("explore(translator)", outputs=[output])
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# 09 · X"), cell])
    page = as_page(Lesson("09_x", "09 · X", "Why?", 10, book), book, tmp_path / "figures", explorer)
    made = page.cells[-1].outputs[0].data["text/html"]
    assert ('<a href="explore.html">The &lt;T></a>' in made) == explorer
    assert ("<code>make explore</code>" in made) != explorer and "run this cell" not in made


def test_speakers_notes_are_found_by_heading_however_it_is_written(tmp_path):
    page = "# X\n\n## Speaker's notes\n\n### Exercise: `box`\n\nSay *this*.\n\n### Next\n\nAnd that.\n"
    page += "\n## After\n\n### Next\n\nNo."
    (tmp_path / "07_boxes.md").write_text(page, encoding="utf-8")
    assert speakers_notes("07_boxes", tmp_path) == {"exercise box": "Say *this*.", "next": "And that."}
    assert speakers_notes("08_other", tmp_path) == {}
