"""A lesson as slides: what of it is shown, in which order, and what is left for the speaker to say.

Where a cell has none of the tags below, the default holds: a short paragraph is shown whole, of a long one the
sentences that carry it; all of it stands in the speaker's notes. Code is shown without imports, assertions and long
docstrings, and what it printed comes at the next click. A figure has a slide to itself. An exercise is a pause with a
clock, and an answer on the slide behind it. Tags: "slide" shows a cell whole, "slide:notes" only to the speaker,
"slide:skip" nowhere.

Heights are estimates in pixels of a slide of 1280 × 720, for a wide typeface; what still does not fit, the page itself
makes smaller.
"""

import base64
import re
import struct
from dataclasses import dataclass, field

from markdown_it.token import Token

from utils.course.build import in_one_piece
from utils.course.pages import with_link
from utils.course.teach import code
from utils.course.teach.lessons import Lesson, same_heading
from utils.course.teach.prompts import Prompts
from utils.course.teach.text import as_html, inline_html, plain, reader

ROOM = 545  # under a slide's heading
CODE_LINE, CODE_WIDTH, CODE_FRAME = 27, 90, 34  # of 21 pixels
TEXT_LINE, TEXT_WIDTH, TEXT_GAP = 42, 66, 18  # of 30 pixels
FIGURE_ROOM, FIGURE_WIDTH = 330, 1168  # a figure gets at least so much of the height, and at most the width
FIGURE_SCALE = 0.5  # of its own pixels, at which letters of 12 points have 12 pixels
OUTPUT_LINES = 17  # printed lines on a slide
LONG = 50  # words; a longer paragraph is not shown whole
CLOSE = 1.2  # of its room a list or table may take, if only one line would be left over
LEAD_ROOM = 260  # of text on a slide with code
REMARK_ROOM = {"figure": 150, "code": 260, "output": ROOM}  # of text under what it speaks of
SENTENCE_END = re.compile(r"""(?<=[.!?])(?<!\bal\.)(?:\*\*|[*)"”])*\s+(?=[A-ZÀ-Ý*`$(“"\d\[−])""")
GUIDE = '<div class="guide">'
READ_ON = re.compile(r"\*\*(Where to read on):\*\*\s+(.*)", re.DOTALL)
QUESTION = re.compile(r"<details>\s*<summary>(.*?)</summary>(.*?)</details>", re.DOTALL)


@dataclass
class Block:
    """A piece of a slide: its HTML, how high it is, and what the speaker may say with it."""

    shown: str
    height: float
    said: str = ""
    lead: str = ""  # the paragraph's last sentence, where it leads to what comes next


@dataclass
class Slide:
    """A slide: its heading and blocks as HTML, the speaker's notes as HTML, and what kind it is."""

    heading: str
    kind: str = "text"
    blocks: list[Block] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def height(self) -> float:
        """What the blocks take."""
        return sum(block.height for block in self.blocks)


class Storyboard:
    """Makes a lesson's slides, cell after cell.

    Args:
        lesson: the built lesson.
        notes: what the guide says aloud, by heading.
        prompts: what else the guide has for the speaker.
        explorer: the explorer's address, as a deck may link to it; None where it has not been written.
    """

    def __init__(
        self, lesson: Lesson, notes: dict[str, str], prompts: Prompts | None = None, explorer: str | None = None
    ):
        self.lesson, self.guide, self.prompts, self.explorer = lesson, dict(notes), prompts or Prompts(), explorer
        self.begun: list[str] = []  # sections without a slide yet
        self.firsts: dict[str, Slide] = {}  # each section's first slide
        self.slides: list[Slide] = []
        self.heading = ""
        self.waiting: list[Block] = []  # text that has no slide yet
        self.unsaid: list[str] = []  # for the notes of the next slide
        self.exercise, self.asking = "", False  # asking: the exercise's own text is whole
        self.used: dict[str, frozenset[str]] = {}  # by a cell's id, the names that cells behind it need
        later: frozenset[str] = frozenset()
        for cell in reversed([c for c in lesson.book.cells if c.cell_type == "code"]):
            self.used[cell.id] = later
            later = code.needed(cell.source, later)
        answers = [c for c in lesson.book.cells if any(t.startswith("exercise") for t in tags_of(c))]
        self.answer_lines = {c.id: len(c.source.splitlines()) for c in answers}

    def make(self) -> list[Slide]:
        """All slides of the lesson."""
        self._opening(self.lesson.book.cells[0].source)
        for cell in self.lesson.book.cells[1:]:
            tags = tags_of(cell)
            if "slide:skip" in tags:
                continue
            if cell.cell_type == "markdown":
                self._markdown(cell.source, tags)
            else:
                self._code(cell, tags)
        self._flush()
        if self.unsaid and self.slides:
            self.slides[-1].notes += self.unsaid
        made = [slide for slide in self.slides if slide.blocks or slide.kind == "title"]
        numbers = {id(slide): n for n, slide in enumerate(made, start=1)}
        starts = {heading: numbers[id(slide)] for heading, slide in self.firsts.items()}
        for heading, slide in self.firsts.items():
            slide.notes.insert(0, self.prompts.section(heading, starts))
        made[0].notes.insert(0, self.prompts.opening(starts))
        if closing := self.firsts.get(same_heading("What to remember")):
            closing.notes.append(self.prompts.closing())
        return made

    def _opening(self, text: str) -> None:
        """The title with the question, and a slide of what the lesson is about."""
        about = re.findall(r"^\| \*\*(.+?)\*\* \| (.+?) \|$", text, flags=re.MULTILINE)
        intro = re.sub(r"^(# .+|\*\*.+\*\*|\|.*)$", "", text, flags=re.MULTILINE).strip()
        title = Slide(inline_html(self.lesson.title), "title", [Block(inline_html(self.lesson.question), 100)])
        title.notes = [f"<p>{inline_html(f'**{name}:** {what}')}</p>" for name, what in about] + [as_html(intro)]
        self.slides.append(title)
        self.heading = inline_html(self.lesson.question)
        self._markdown(intro, set())
        self._flush()

    def _markdown(self, text: str, tags: set[str]) -> None:
        if "slide:notes" in tags:
            self.unsaid.append(as_html(text))
            return
        start = 0
        for found in QUESTION.finditer(text):
            self._prose(text[start : found.start()], tags)
            self._question(found[1].strip(), found[2].strip())
            start = found.end()
        self._prose(text[start:], tags)

    def _prose(self, text: str, tags: set[str]) -> None:
        for group in groups(reader().parse(text)):
            if group[0].type == "heading_open" and group[0].tag in ("h1", "h2", "h3"):
                self._flush()
                self._section(group[1].content)
            elif group[0].type == "paragraph_open" and (found := READ_ON.fullmatch(group[1].content)):
                self._flush()
                self._section(found[1])
                self.waiting.append(paragraph(found[2], "slide" in tags))
            else:
                self.waiting += blocks_of(group, whole="slide" in tags or self.asking)

    def _section(self, heading: str) -> None:
        self.heading = inline_html(heading)
        self.exercise = heading.partition("Exercise: ")[2].strip("`")
        self.asking = heading.startswith("Exercise")
        self.begun.append(same_heading(heading))
        late = [said for said in self.unsaid if not said.startswith(GUIDE)]  # of the section before
        if self.slides:
            self.slides[-1].notes += late
            self.unsaid = [said for said in self.unsaid if said.startswith(GUIDE)]
        if said := self.guide.pop(same_heading(heading), ""):
            self.unsaid.append(f"{GUIDE}{as_html(said)}</div>")

    def _question(self, question: str, answer: str) -> None:
        """A question to the class; the answer comes at a click."""
        self._flush()
        said = as_html(answer)
        shown = f'<p class="question">{inline_html(question)}</p><div class="fragment answer">{said}</div>'
        words = plain(said)
        self._add(
            Slide(self.heading, "question", [Block(shown, 120 + text_height(question) + text_height(words), said)])
        )

    def _code(self, cell, tags: set[str]) -> None:
        text = code.what_matters(cell.source, "slide" in tags)
        self.unsaid += filter(None, [self.prompts.demo(cell.source)])
        if "slide" not in tags and code.is_checking(cell.source) and self.lesson.number:
            self.unsaid += [block.said for block in self.waiting]  # how the check works, and where the hints are
            self.waiting = []
            return
        if "slide:notes" in tags or not text or code.is_setting_up(cell.source):
            self._only_said()
            return
        where = f'<p class="cell">In the notebook: cell [{cell.execution_count}].</p>' if cell.execution_count else ""
        if "slide" not in tags and not cell.outputs and code.is_claiming(cell.source, self.used[cell.id]):
            if self.waiting and not self.waiting[-1].lead.endswith(":"):  # the sentence says what is asserted
                self.waiting[-1].said += "<p>The notebook asserts it.</p>" + where
                return
            text = code.with_claims(cell.source)
        if exercise := next((t for t in tags if t.startswith("exercise")), None):
            shown = next((t for t in tags if t.startswith("from:")), "")
            self.exercise = shown.rpartition(".")[2] or self.exercise
            self._pause(cell, exercise.partition(":")[2])
            self._long_code(text, "An answer", where)
            self.heading, self.asking = inline_html(f"`{self.exercise}`"), False
            return
        printed, figures = outputs_of(cell, self.explorer)
        if figures:
            self._figures(text, printed, figures, where)
        else:
            self._with_output(text, printed, where)

    def _with_output(self, text: str, printed: list[Block], where: str) -> None:
        """Code, and at the next click what it printed; on one slide where there is room."""
        block = code_block(text)
        together = block.height + sum(p.height for p in printed)
        if together + self._lead_height() <= ROOM:
            after = [Block(f'<div class="fragment">{p.shown}</div>', p.height) for p in printed]
            self._add(Slide(self.heading, "code", [*self._lead(), block, *after], [where]))
            return
        self._long_code(text, "", where)
        self._printed(printed)

    def _printed(self, printed: list[Block]) -> None:
        """What the last cell printed: on its slide where there is room, else behind it."""
        for one in printed:
            if self.slides[-1].height + one.height <= ROOM:
                self.slides[-1].blocks.append(Block(f'<div class="fragment">{one.shown}</div>', one.height))
            else:
                self._add(Slide(self.heading, "output", [one], ["<p>What the last cell printed.</p>"]))

    def _figures(self, text: str, printed: list[Block], figures: list[Block], where: str) -> None:
        """A figure with the sentence before it; code of more than a few lines has had its own slide."""
        if len(text.splitlines()) > 6:
            self._long_code(text, "", where)
            where = "<p>What the last cell drew.</p>"
        room = ROOM - figures[0].height
        small = [p for p in printed if p.height <= room]
        lead = self._lead(room - sum(p.height for p in small))
        for n, figure in enumerate(figures):
            blocks = [*lead, *small, figure] if n == 0 else [figure]
            self._add(Slide(self.heading, "figure", blocks, [where]))
        self._printed([p for p in printed if p not in small])

    def _long_code(self, text: str, name: str, where: str) -> None:
        """Code on as many slides as it needs, the first with the sentence before it."""
        lines = code.height(text.splitlines(), CODE_WIDTH)
        most = int((ROOM - CODE_FRAME) / CODE_LINE)
        lead = self._lead(ROOM - CODE_FRAME - CODE_LINE * (lines if lines <= most else 12))  # what fits is not torn
        first = int((ROOM - CODE_FRAME - sum(b.height for b in lead)) / CODE_LINE)
        parts = code.pieces(text, most, CODE_WIDTH, first)
        for n, part in enumerate(parts, start=1):
            count = f" <small>({n} of {len(parts)})</small>" if len(parts) > 1 else ""
            heading = (f"{name}: <code>{self.exercise}</code>" if name else self.heading) + count
            self._add(Slide(heading, "code", [*(lead if n == 1 else ()), code_block(part)], [where]))

    def _pause(self, cell, method: str) -> None:
        """The exercise, with a clock that counts down."""
        self._flush()
        text = code.blank_form(cell.source, method)
        most = int((ROOM - 150 - CODE_FRAME) / CODE_LINE)
        if code.height(text.splitlines(), CODE_WIDTH) > most:  # what the docstring says at length is in the notebook
            lines = code.what_matters(text, False).splitlines()
            text = "\n".join(lines[:most])
        minutes = self._minutes(cell)
        clock = (
            f'<div class="clock" data-minutes="{minutes}"><button type="button" class="less" aria-label="One minute '
            f'less">−</button><output role="timer">{minutes}:00</output><button type="button" class="more" '
            'aria-label="One minute more">+</button><button type="button" class="start">Start</button>'
            '<span class="told" role="status"></span></div>'
        )
        slide = Slide(f"Your turn: <code>{self.exercise}</code>", "pause", [Block(clock, 150), code_block(text)])
        slide.notes = [f"<p>A pause of {minutes} minutes. The clock starts at a click, or with the key C.</p>"]
        slide.notes.append(self.prompts.pause(self.exercise))
        self._add(slide)

    def _minutes(self, cell) -> int:
        """Half of a learner's minutes go to writing; each exercise gets its share by the length of its answer."""
        share = self.answer_lines[cell.id] / sum(self.answer_lines.values())
        return max(3, round(self.lesson.minutes * share / 2))

    def _lead_height(self) -> float:
        """How much of a slide the text takes that leads to what comes."""
        height = sum(block.height for block in self.waiting)
        if height <= LEAD_ROOM:
            return height
        return text_height(plain(self.waiting[-1].lead)) if self.waiting[-1].lead else 0.0

    def _lead(self, room: float = ROOM) -> list[Block]:
        """What waits, if it fits into the room; else its last sentence, the rest having had its own slides."""
        if sum(block.height for block in self.waiting) <= min(room, LEAD_ROOM):
            lead, self.waiting = self.waiting, []
            self.unsaid += [block.said for block in lead]
            return lead
        last = self.waiting[-1]
        if not last.lead or text_height(plain(last.lead)) > room:
            self._flush()
            return []
        self._leave_only(last.shown.removesuffix(f"{last.lead}</p>"))
        self._flush()
        return [Block(f"<p>{last.lead}</p>", text_height(plain(last.lead)), last.said)]

    def _leave_only(self, shown: str) -> None:
        """Of the last paragraph that waits only this, or nothing."""
        last = self.waiting.pop()
        if plain(shown):
            self.waiting.append(Block(f"{shown}</p>", text_height(plain(shown)), last.said))

    def _only_said(self) -> None:
        """What leads to a cell that is not shown is for the speaker alone."""
        if self.waiting and self.waiting[-1].lead.endswith(":"):
            last = self.waiting[-1]
            self._leave_only(last.shown.removesuffix(f"{last.lead}</p>"))
            self.unsaid.append(last.said)

    def _flush(self) -> None:
        """Slides for the text that waits."""
        waiting, self.waiting = self.waiting, []
        last = self.slides[-1] if self.slides else Slide("", "title")
        height = sum(block.height for block in waiting)
        if last.kind in REMARK_ROOM and last.heading == self.heading and 0 < height <= REMARK_ROOM[last.kind]:
            if last.height + height <= ROOM:  # a remark on what is there to be seen
                shown = "".join(block.shown for block in waiting)
                last.blocks.append(Block(f'<div class="fragment">{shown}</div>', height))
                last.notes += [block.said for block in waiting]
                return
        slide = None
        for block in waiting:
            if slide is None or slide.height + block.height > ROOM:
                slide = Slide(self.heading)
                self._add(slide)
            slide.blocks.append(block)
            slide.notes.append(block.said)

    def _add(self, slide: Slide) -> None:
        self.firsts |= dict.fromkeys(self.begun, slide)
        self.begun = []
        slide.notes = self.unsaid + slide.notes
        self.unsaid = []
        self.slides.append(slide)


def tags_of(cell) -> set[str]:
    """A cell's tags."""
    return set(cell.metadata.get("tags", ()))


def groups(tokens: list[Token]) -> list[list[Token]]:
    """The tokens of each paragraph, list, table or heading of a text."""
    made, depth = [], 0
    for token in tokens:
        if depth == 0:
            made.append([])
        made[-1].append(token)
        depth += token.nesting
    return made


def blocks_of(group: list[Token], whole: bool) -> list[Block]:
    """One paragraph, list, table or formula as blocks; a list or table that is too long for a slide as several."""
    kind = group[0].type
    if kind == "paragraph_open":
        return [paragraph(group[1].content, whole)]
    made = reader().renderer.render(group, reader().options, {})
    if kind in ("bullet_list_open", "ordered_list_open"):
        items = re.findall(r"<li>.*?</li>(?=\s*(?:<li>|</[ou]l>\s*\Z))", made, flags=re.DOTALL)
        return in_parts(items, f"<{group[0].tag}>", f"</{group[0].tag}>", ROOM - 60)
    if kind == "table_open":
        head = re.search(r"<thead>.*?</thead>", made, flags=re.DOTALL)[0]
        rows = re.findall(r"<tr>.*?</tr>", made.split("</thead>")[-1], flags=re.DOTALL)
        head = "" if not plain(head) else head
        return in_parts(rows, f"<table>{head}<tbody>", "</tbody></table>", ROOM - 80, table=True)
    if kind.startswith("math_block"):
        return [Block(made, 120, made)]
    return [Block(made, text_height(plain(made)), made)] if plain(made) or "<img" in made else []


def in_parts(items: list[str], begin: str, end: str, room: float, table: bool = False) -> list[Block]:
    """A list or table, cut where the room ends."""
    height = row_height if table else (lambda item: text_height(plain(item)) - TEXT_GAP / 2)
    parts, used = [[]], 0.0
    for item in items:
        if parts[-1] and used + height(item) > room:
            parts.append([])
            used = 0.0
        parts[-1].append(item)
        used += height(item)
    if len(parts) > 1 and len(parts[-1]) == 1 and sum(map(height, items)) <= room * CLOSE:
        parts = [items]  # in a smaller size rather than one line alone on a slide
    frame = 80 if table else 20
    firsts = [1 + sum(map(len, parts[:n])) for n in range(len(parts))]
    begins = [begin.replace("<ol>", f'<ol start="{first}">') for first in firsts]
    texts = [opening + "".join(part) + end for opening, part in zip(begins, parts, strict=True)]
    return [Block(text, sum(map(height, part)) + frame, text) for text, part in zip(texts, parts, strict=True)]


def row_height(row: str) -> float:
    """A table's row: its cells share the width."""
    cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, flags=re.DOTALL)
    widths = [len(plain(c)) for c in cells]
    lines = max([1, sum(widths) / 80, *(w / (80 / max(1, len(cells)) * 1.6) for w in widths)])
    return 14 + 36 * -(-lines // 1)


def paragraph(markdown: str, whole: bool) -> Block:
    """A paragraph: short ones whole, of long ones the sentences that carry them."""
    sentences = sentences_of(markdown)
    seen = [s for s in sentences if whole or not (s.startswith("(") and "import" in s)] or sentences  # none is shown
    kept = seen if whole else key_sentences(seen)
    shown, said = inline_html(" ".join(kept)), as_html(markdown)
    lead = inline_html(kept[-1]) if kept else ""
    if not shown.endswith(lead):
        lead = ""
    height = text_height(plain(shown)) + (60 if 'display="block"' in shown else 0)
    return Block(f"<p>{shown}</p>", height, said, lead)


def sentences_of(markdown: str) -> list[str]:
    """A paragraph's sentences; none is cut inside bold text, code or a formula."""
    text, made, start = " ".join(markdown.split()), [], 0
    for cut in SENTENCE_END.finditer(text):
        piece = text[start : cut.end()]
        if piece.count("**") % 2 == 0 and piece.count("`") % 2 == 0 and piece.count("$") % 2 == 0:
            if piece.count("(") <= piece.count(")"):
                made.append(piece.strip())
                start = cut.end()
    return [*made, text[start:].strip()] if text[start:].strip() else made


def key_sentences(sentences: list[str]) -> list[str]:
    """All where they are few words; else the first, those with bold words, a last one that leads on, and what fits."""
    words = [len(sentence.split()) for sentence in sentences]
    if sum(words) <= LONG:
        return sentences
    last = len(sentences) - 1
    leads = sentences[last].endswith((":", "?", ":**", "?**"))
    kept = {n for n, s in enumerate(sentences) if n == 0 or "**" in s or (n == last and leads)}
    for n in range(len(sentences)):
        if n not in kept and sum(words[m] for m in kept) + words[n] <= LONG - 8:
            kept.add(n)
    return [sentences[n] for n in sorted(kept)]


def text_height(text: str) -> float:
    """The height of a paragraph."""
    return TEXT_LINE * max(1, -(-len(text) // TEXT_WIDTH)) + TEXT_GAP


def code_block(text: str) -> Block:
    """Code in its frame."""
    shown = f'<pre class="code" tabindex="0"><code>{code.as_lines(text)}</code></pre>'
    return Block(shown, CODE_FRAME + CODE_LINE * code.height(text.splitlines(), CODE_WIDTH))


def outputs_of(cell, explorer: str | None) -> tuple[list[Block], list[Block]]:
    """What a cell printed, and its figures; a link to the explorer where it showed that."""
    printed, figures = [], []
    for output in in_one_piece(cell.outputs):
        data = output.get("data", {})
        if output["output_type"] == "stream" and output["text"].strip():
            printed.append(print_block(output["text"]))
        elif "<img" in data.get("text/html", ""):
            figures.append(figure_block(data["text/html"]))
        elif "text/html" in data:
            made = with_link(data["text/html"], explorer)
            printed.append(Block(f'<div class="html">{made}</div>', 60 + 0.6 * text_height(plain(made))))
        elif "text/markdown" in data:
            made = as_html(data["text/markdown"])
            rows = re.findall(r"<tr>.*?</tr>", made, flags=re.DOTALL)
            printed.append(Block(f'<div class="html">{made}</div>', sum(map(row_height, rows))))
        elif "text/plain" in data:
            printed.append(print_block(data["text/plain"]))
    return printed, figures


def figure_block(made: str) -> Block:
    """A figure so high that the letters in it can be read, which is told from the size that its file begins with."""
    need = FIGURE_ROOM
    if found := re.search(r"base64,(iVBORw0KGgo[\w+/]{29})", made):
        width, height = struct.unpack(">16x2I6x", base64.b64decode(found[1]))
        need = max(need, height * min(FIGURE_SCALE, FIGURE_WIDTH / max(1, width)))
    tall, need = ' class="tall"' * (need > ROOM + 25), min(ROOM - 25, need)
    return Block(f'<figure{tall} data-need="{need - 50:.0f}">{made}</figure>', need)


def print_block(text: str) -> Block:
    """Printed text, its long end left to the notebook."""
    lines = [
        line if len(line) <= 2 * CODE_WIDTH else f"{line[: 2 * CODE_WIDTH]} …" for line in text.strip("\n").split("\n")
    ]
    shown_lines = next(n for n in range(len(lines), 0, -1) if code.height(lines[:n], CODE_WIDTH) <= OUTPUT_LINES)
    if rest := len(lines) - shown_lines:
        lines = [*lines[: shown_lines - 1], f"… and {rest + 1} lines more, in the notebook"]
    shown = f'<pre class="output" tabindex="0">{code.as_output(chr(10).join(lines))}</pre>'
    return Block(shown, CODE_FRAME + CODE_LINE * code.height(lines, CODE_WIDTH))
