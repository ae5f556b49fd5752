"""The decks as a class sees them: nothing overflows, nothing is fetched, code can be read from the back."""

import re
import subprocess
import sys

import nbformat
import pytest

from tests.browser import Visit, axe
from utils.course.source import ROOT, BuildError
from utils.course.teach import code
from utils.course.teach.lessons import Lesson, lessons, speakers_notes
from utils.course.teach.prompts import Prompts, prompts
from utils.course.teach.slides import deck, write_slides
from utils.course.teach.storyboard import Storyboard, key_sentences, sentences_of

pytestmark = pytest.mark.xdist_group("teach")

MEASURE = """() => Reveal.getSlides().map((slide, n) => {
  Reveal.slide(n, 0, 99);
  const body = slide.querySelector(".body"), out = [], seen = new DOMRect(0, 0, innerWidth, innerHeight);
  for (const e of slide.querySelectorAll("*:not(aside, aside *)")) {
    const box = e.getBoundingClientRect();
    if (box.width && (box.left < -1 || box.top < -1 || box.right > seen.right + 1 || box.bottom > seen.bottom + 1))
      out.push(e.outerHTML.slice(0, 80));
  }
  const pixels = (e) => parseFloat(getComputedStyle(e).fontSize) * Reveal.getScale();
  return {
    n, out: out.slice(0, 2), over: [body.scrollHeight - body.clientHeight, body.scrollWidth - body.clientWidth],
    code: [...slide.querySelectorAll("pre")].map(pixels), text: [...slide.querySelectorAll(".body > p")].map(pixels),
    figures: [...slide.querySelectorAll("figure img")].map((e) => e.getBoundingClientRect().height),
    drawn: [...slide.querySelectorAll("figure img")].every((e) => e.naturalWidth > 0 && e.alt.length > 20),
  };
})"""


ALONE = """() => {  // the slide that is shown: what else the page holds is taken out, as axe walks through all of it
  window.away = [...document.querySelectorAll(".slides > section:not(.present)")].map((slide) => {
    const mark = document.createComment("");
    slide.replaceWith(mark);
    return [mark, slide];
  });
}"""
TOGETHER = "() => window.away.forEach(([mark, slide]) => mark.replaceWith(slide))"


def ready(visit, path, query=""):
    page = visit.open(path, query)
    page.wait_for_selector("html[data-ready=yes]")
    return page


def test_nothing_overflows_a_slide_and_code_can_be_read(browser, decks):
    visit = Visit(browser)
    for path in decks:
        page = ready(visit, path)
        slides = page.evaluate(MEASURE)
        assert len(slides) > 20
        page.set_viewport_size({"width": 1920, "height": 1080})
        page.wait_for_function("Math.abs(Reveal.getScale() - 1.5) < 0.01")
        slides += page.evaluate(MEASURE)
        page.set_viewport_size({"width": 1280, "height": 720})
        for slide in slides:
            where = f"{path.stem}, slide {slide['n'] + 1}"
            assert slide["out"] == [] and max(slide["over"]) <= 1, f"{where}: {slide}"
            assert min(slide["code"], default=20) >= 20 and min(slide["text"], default=18) >= 18, f"{where}: {slide}"
            assert slide["drawn"] and min(slide["figures"], default=280) >= 270, f"{where}: {slide}"
    assert visit.strangers == visit.errors == []
    visit.close()


def test_every_slide_is_for_everybody(browser, decks):
    visit = Visit(browser)
    for path in decks[4:6]:
        page = ready(visit, path)
        found = set()
        for n in range(0, page.evaluate("Reveal.getTotalSlides()"), 3):
            page.evaluate(f"Reveal.slide({n}, 0, 99)")
            if n % 30 == 0:
                found |= set(axe(page))
                continue
            page.evaluate(ALONE)
            found |= set(axe(page, within=("section.present",)))
            page.evaluate(TOGETHER)
        assert found == set(), path.stem
    visit.close()


def test_the_clock_counts_down_and_can_be_set(browser, decks):
    visit = Visit(browser)
    page = ready(visit, decks[4])
    n = page.evaluate("Reveal.getSlides().findIndex((slide) => slide.classList.contains('pause'))")
    page.evaluate(f"Reveal.slide({n})")
    clock = page.locator("section.present .clock output")
    minutes = int(clock.inner_text().split(":")[0])
    page.get_by_role("button", name="One minute more").locator("visible=true").click()
    assert clock.inner_text() == f"{minutes + 1}:00"
    page.keyboard.press("c")
    page.wait_for_function("document.querySelector('section.present output').textContent.endsWith(':58')")
    page.keyboard.press("c")
    assert page.locator("section.present .start").inner_text() == "Start"
    visit.close()


def test_the_speakers_view_shows_the_notes(browser, decks):
    visit = Visit(browser)
    page = ready(visit, decks[0], "#/1")
    with visit.context.expect_page() as window:
        page.keyboard.press("s")
    speaker = window.value
    speaker.wait_for_function(
        "document.querySelector('.speaker-controls-notes .value')?.textContent.trim().length > 40"
    )
    assert visit.strangers == visit.errors == []
    visit.close()


def test_it_prints_a_page_for_each_slide(browser, decks):
    visit = Visit(browser)
    page = ready(visit, decks[0], "?print-pdf")
    page.wait_for_selector(".pdf-page")
    assert page.locator(".pdf-page").count() == page.evaluate("Reveal.getTotalSlides()")
    page.evaluate("document.fonts.ready.then(() => true)")
    page.wait_for_timeout(1500)  # reveal.js goes on laying pages out for a moment
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == page.locator(".pdf-page").count()
    visit.close()


def test_the_guides_words_come_first_in_the_notes(decks):
    text = decks[0].read_text(encoding="utf-8")
    slides = re.findall(r"<section.*?</section>", text, flags=re.DOTALL)
    said = [n for n, slide in enumerate(slides) if "nobody is slow here" in slide]
    assert len(said) == 1 and "how we print them" in slides[said[0]]
    assert re.search(r'<aside class="notes"><div class="guide">', slides[said[0]])


def a_lesson(*cells, number="07"):
    opening = (
        f"# {number} · Boxes\n\n**What is a box?**\n\nA box holds things.\n\n| | |\n|---|---|\n| **Minutes** | 40 |"
    )
    made = [nbformat.v4.new_markdown_cell(opening)]
    for cell in cells:
        kind, text, tags, printed = (*cell, [], "")[:4] if len(cell) < 4 else cell
        new = nbformat.v4.new_markdown_cell if kind == "md" else nbformat.v4.new_code_cell
        made.append(new(text, metadata={"tags": tags}))
        if printed:
            made[-1].outputs = [nbformat.v4.new_output("stream", text=printed)]
    book = nbformat.v4.new_notebook(cells=made)
    return Lesson(f"{number}_boxes", f"{number} · Boxes", "What is a box?", 40, book)


def board(*cells, notes=()):
    return Storyboard(a_lesson(*cells), dict(notes)).make()


def shown(slide):
    return slide.heading + "".join(block.shown for block in slide.blocks)


def test_an_exercise_is_asked_before_it_is_answered():
    body = 'def box(x):\n    """Puts x into a box.\n\n    Args:\n        x: anything.\n    """\n    return [x]'
    slides = board(
        ("md", "## Exercise: `box`\n\nWrite it."), ("code", body, ["exercise", "from:a.b.box"]), ("md", "It is tried:"),
        ("code", "box = check(box)"),
    )  # fmt: skip
    kinds = [slide.kind for slide in slides]
    assert kinds[-3:] == ["text", "pause", "code"]
    assert "NotImplementedError" in shown(slides[-2]) and "return" not in shown(slides[-2])
    assert "return" in shown(slides[-1]) and "anything" not in shown(slides[-1])
    assert "It is tried" in "".join(slides[-1].notes)


def test_what_a_cell_printed_comes_at_a_click():
    slides = board(("md", "## A box\n\nCount it:"), ("code", "import os\nprint(1 + 1)\nassert 1 + 1 == 2", [], "2\n"))
    assert "Count it" in shown(slides[-1]) and "import" not in shown(slides[-1]) and "assert" not in shown(slides[-1])
    assert re.search(r'<div class="fragment"><pre class="output".*2', slides[-1].blocks[-1].shown)


def test_tags_say_what_is_shown_and_what_is_only_said():
    long = "One box is open. " * 40
    slides = board(
        ("md", "## Open\n\nA secret.", ["slide:notes"]),
        ("code", "print(1)", ["slide:skip"]),
        ("md", f"## Whole\n\n{long}"),
        ("md", f"## Also whole\n\n{long}", ["slide"]),
    )
    everything = "".join(map(shown, slides))
    assert "secret" not in everything and "print" not in everything
    assert "secret" in "".join(note for slide in slides for note in slide.notes)
    whole = {slide.heading: shown(slide).count("One box is open") for slide in slides}
    assert whole["Also whole"] == 40 and 0 < whole["Whole"] < 15


PAGE = """\
# 07 · Boxes: for the teacher

## What they will be able to do

## Plan

| sections | 45 | 90 | 180 | how |
|---|---|---|---|---|
| *A box*; *Two boxes* | 6 | 10 | 15 | demo |
| *Exercise: `box`* | – | 8 | 20 | they write |
| *A lid* | 5 | 5 | 5 | ask |

## Have running

- A box.

## Three demos that never fail

1. *Two boxes*, `count = 2`. They see 2. Say: “Two.”

## Questions to ask

### Is it open?
- **Heard:** “Yes.”

## The commonest mistakes

<!-- mistakes: the words are the checks'. Write them anew: python -m utils.course guide -->
| exercise | what the check says | what you say |
|---|---|---|
| `box` | nothing is inside | Look into it. |
<!-- end -->

## What to leave out

- Bags.

## Speaker's notes

### A box
A box, aloud.

## An exam question
"""


def test_the_notes_alone_tell_plan_demo_mistakes_and_questions(tmp_path):
    (tmp_path / "07_boxes.md").write_text(PAGE, encoding="utf-8")
    lesson = a_lesson(
        ("md", "## A box\n\nIt is one."), ("code", "print(1)", [], "1\n"), ("md", "## Two boxes\n\nCount:"),
        ("code", "import os\n\ncount = 2\nprint(count)", [], "2\n"), ("md", "## Exercise: `box`\n\nWrite it."),
        ("code", "def box(x):\n    return [x]", ["exercise", "from:a.b.box"]), ("md", "It is tried:"),
        ("code", "box = check(box)"), ("md", "## A lid\n\nIt closes."), ("md", "## What to remember\n\nBoxes."),
    )  # fmt: skip
    slides = Storyboard(lesson, speakers_notes("07_boxes", tmp_path), prompts("07_boxes", tmp_path)).make()
    notes = ["".join(slide.notes) for slide in slides]
    at = {slide.heading: n for n, slide in reversed(list(enumerate(slides, start=1)))}
    exercise, lid = at["Exercise: <code>box</code>"], at["A lid"]
    assert f"<td>{at['A box']}</td>" in notes[0] and f"<td>{lid}</td>" in notes[0] and "Bags" in notes[0]
    assert notes[at["A box"] - 1].startswith("<p>Minutes together with <em>Two boxes</em>: 6 of 45, 10 of 90")
    assert [n for n, note in enumerate(notes, start=1) if "Say: “Two.”" in note] == [at["Two boxes"]]
    assert f"In 45 minutes leave it out: go on at slide {lid}." in notes[exercise - 1]
    pause = next(n for n, slide in enumerate(slides) if slide.kind == "pause")
    assert "nothing is inside" in notes[pause] and "Look into it" in notes[pause]
    assert "It is tried" in notes[pause + 1] and "It is tried" not in notes[lid - 1]
    assert "Is it open?" in notes[at["What to remember"] - 1]


def test_a_page_without_the_guides_parts_prompts_nothing(tmp_path):
    (tmp_path / "07_boxes.md").write_text(PAGE.replace("## Plan", "## Plans"), encoding="utf-8")
    assert prompts("07_boxes", tmp_path) == prompts("08_none", tmp_path) == Prompts()


def test_a_sentence_says_what_is_asserted_and_the_assertion_stays_behind():
    slides = board(
        ("md", "## A box\n\nIt is closed. (The lid is imported below.)"), ("code", "import os\n\nassert os"),
        ("md", "## A bag\n\nIt is open:"), ("code", "assert True"),
    )  # fmt: skip
    assert "assert" not in shown(slides[-2]) and "imported" not in shown(slides[-2])
    assert "imported" in "".join(slides[-2].notes) and "assert" in shown(slides[-1])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("for n in 1, 2:\n    print(n)\n    assert n", "for n in 1, 2:\n    print(n)"),
        ("print(1)\nfor n in 1, 2:\n    if n:\n        assert n\n    assert n > 0", "print(1)"),
        ("if a:\n    assert b\nelse:\n    print(b)\n    assert c", "if a:\n    assert b\nelse:\n    print(b)"),
        ("for n in 1, 2:\n    assert n", "for n in 1, 2:\n    assert n"),
        ("def f(x):\n    assert x", "def f(x):\n    assert x"),
        ("x = [1,  # one\n     2]  # fmt: skip\ny = x  # noqa: B023", "x = [1,  # one\n     2]\ny = x"),
        ("def f(\n    x,\n):  # fmt: skip\n    return x", "def f(\n    x,\n):\n    return x"),
    ],
)
def test_no_assertion_and_no_word_to_a_formatter_is_left_in_code_that_does_more(text, shown):
    assert code.what_matters(text) == shown


def test_no_formatters_word_is_in_an_exercises_form():
    assert "fmt" not in code.blank_form("def f(a,\n      b):  # fmt: skip\n    return a", "")


def test_what_only_assertions_need_is_not_shown_and_what_later_cells_need_is():
    for later, there in (("print(2)", False), ("gap = 3\nprint(gap)", False), ("print(gap)", True)):
        slides = board(
            ("md", "## A box\n\nIt is closed."), ("code", "gap = 1 - 1\nassert gap == 0"),
            ("md", "## Next\n\nCount:"), ("code", later, [], "2\n"),
        )  # fmt: skip
        assert any("gap" in shown(slide) for slide in slides if slide.heading == "A box") == there, later
    slides = board(("md", "## A box\n\nHow far apart:"), ("code", "gap = 1 - 1\nassert gap == 0"))
    assert re.search("gap.*assert.*gap", shown(slides[-1]), flags=re.DOTALL)


def test_every_figure_of_a_lesson_is_on_a_slide_also_one_drawn_within_an_assertion():
    for lesson in lessons():
        cells = [cell for cell in lesson.book.cells if cell.cell_type == "code"]
        drawn = sum(str(output.get("data", {})).count("<img") for cell in cells for output in cell.outputs)
        assert sum(shown(slide).count("<img") for slide in Storyboard(lesson, {}).make()) == drawn, lesson.slug


def test_what_to_read_has_a_slide_of_its_own_and_no_line_stands_alone():
    items = "\n".join(f"- {'a box ' * 20}{n}" for n in range(6))
    slides = board(("md", f"## To remember\n\n{items}"), ("md", "## Questions\n\nWhy?\n\n**Where to read on:** *B*."))
    assert [slide.heading for slide in slides[-3:]] == ["To remember", "Questions", "Where to read on"]
    assert shown(slides[-3]).count("<li>") == 6
    assert "<em>B</em>" in shown(slides[-1]) and "read on" not in "".join(b.shown for b in slides[-1].blocks)


def test_a_question_to_oneself_hides_its_answer():
    slides = board(("md", "## Three questions\n\n<details><summary>1. Why $x$?</summary>\nBecause.\n</details>"))
    assert "Three questions" in slides[-1].heading
    assert re.search(
        r'class="question">1\. Why <.*<math.*</p><div class="fragment answer">.*Because', shown(slides[-1])
    )


def test_long_code_is_cut_between_statements():
    text = "\n\n".join(f"def f{n}(x):\n    y = x + {n}\n    return y" for n in range(12))
    pieces = code.pieces(text, 17, 80)
    assert len(pieces) > 1 and "\n\n".join(pieces) == text
    assert all(piece.startswith("def") for piece in pieces)
    assert all(code.height(piece.splitlines(), 80) <= 17 for piece in pieces)


def test_code_that_fits_a_slide_is_not_torn_for_the_text_before_it():
    text = "One box is open, and another is closed. " * 3
    lines = "\n".join(f"box_{n} = {n}" for n in range(15))
    slides = board(("md", f"## A box\n\n{text}\n\nCount them:"), ("code", f"{lines}\nprint(box_3)", [], "3\n"))
    torn = [slide for slide in slides if 'class="code"' in shown(slide)]
    assert len(torn) == 1 and "1 of" not in torn[0].heading and "Count them" in "".join(map(shown, slides))


def test_code_is_cut_into_no_more_pieces_than_it_needs():
    init = "\n".join(f"        self.part_{n} = {n}" for n in range(9))
    call = "    def call(self, x):\n        y = x\n        return y"
    text = f'class A:\n    """An A."""\n\n    def __init__(self):\n{init}\n\n{call}'
    first, second = code.pieces(text, 15, 80)
    assert first.endswith("self.part_8 = 8") and second.startswith("    def call")
    lines = "\n".join(f"x{n} = {n}" for n in range(30))
    assert [len(piece.splitlines()) for piece in code.pieces(lines, 16, 80, first=4)][0] <= 4
    branch = "if a:\n" + "    b = 1\n" * 8 + "else:\n" + "    b = 2\n" * 8
    assert not code.pieces(branch, 12, 80)[1].startswith("else")


def test_a_line_without_a_place_to_cut_is_still_shown_whole():
    text = "x = [" + ", ".join(map(str, range(200))) + "]\n" + "\n".join(f"y{n} = {n}" for n in range(30))
    assert "".join(code.pieces(text, 8, 60)).replace("\n", "") == text.replace("\n", "")


def test_a_sentence_is_not_cut_inside_code_bold_or_a_formula():
    text = "First, `a. B`. **Second. Still bold.** Third: $a. B$ holds. (Aside. Still aside.) Last?"
    assert sentences_of(text) == [
        "First, `a. B`.", "**Second. Still bold.**", "Third: $a. B$ holds.", "(Aside. Still aside.)", "Last?",
    ]  # fmt: skip


def test_no_sentence_ends_between_an_author_and_the_year():
    text = "Xiong et al. 2020, *On norms*; Haviv et al. 2022. So did Su et al. (2021)."
    assert sentences_of(text) == ["Xiong et al. 2020, *On norms*; Haviv et al. 2022.", "So did Su et al. (2021)."]


def test_the_sentences_that_carry_a_paragraph_are_kept_in_order():
    filler = "This is a sentence of some length that only explains what has been said before it again and once more."
    kept = key_sentences(["A box.", filler, filler, "It is **closed**.", filler, "Open it:"])
    assert kept[0] == "A box." and kept[-2:] == ["It is **closed**.", "Open it:"] and len(kept) < 6


def test_a_lesson_that_is_not_there_is_named():
    with pytest.raises(BuildError, match="no lesson '77'.*00_start_here"):
        lessons(["77"])


def test_notes_for_no_section_are_told(tmp_path, capsys):
    (tmp_path / "00_start_here.md").write_text("## Speaker's notes\n\n### The mop\n\nOops.\n", encoding="utf-8")
    write_slides(["00"], tmp_path / "out", tmp_path)
    assert "00_start_here.md" in (told := capsys.readouterr().out) and "'the mop'" in told


def test_the_command_writes_a_deck_and_says_what_is_wrong(tmp_path):
    (tmp_path / "file").write_text("")
    command = [sys.executable, "-m", "utils.course", "slides"]
    cases = (("00", "out", 0, "1 deck in"), ("77", "out", 1, "no lesson '77'"), ("00", "file/out", 1, "file"))
    for lesson, folder, status, words in cases:
        arguments = [*command, lesson, "--out", str(tmp_path / folder)]
        result = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True)
        assert result.returncode == status and words in result.stdout + result.stderr, result
        assert "Traceback" not in result.stderr
    assert (tmp_path / "out" / "00_start_here.html").exists()


def test_text_cannot_break_out_of_a_deck():
    cells = ("md", "## Tags\n\nShow `</script><b>`:"), ("code", "print('</section>')", [], "</aside><i>")
    made = deck("Boxes & `bags`", board(*cells))
    assert made.count("</section>") == made.count("<section") and "</aside><i>" not in made
    assert "<title>Boxes &amp; bags: slides</title>" in made
