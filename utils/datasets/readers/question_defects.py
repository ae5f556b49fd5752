"""What is odd about questions that can be read: in one question, and in the habits of a file. No framework."""

import re
from collections import Counter
from collections.abc import Iterator

from utils.datasets.readers.findings import Defect
from utils.datasets.readers.questions import UNITS, Problem, Question
from utils.datasets.readers.text_defects import Coverage, Seen, bare, brief, damage, is_clean, unhit_spans

# Thai, Lao, Tibetan, Burmese, Khmer and others of their kind; Chinese, Japanese; Korean, whose particles join a word
UNSPACED = re.compile("[\u0e00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u1950-\u19df\u1a20-\u1aad\u1b00-\u1b7f"
                      "\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffef\U0001b000-\U0001b16f\U00020000-\U0003ffff]")  # fmt: skip
ENOUGH = 50  # answers that show where they mostly stand
LONG_ANSWER = 30  # words: no longer answer is ever predicted


def defects_of_question(item: Question, coverage: "Passages | None", seen: Seen) -> Iterator[tuple[str, str, str]]:
    """Kind, message, advice of what is odd about a question that can be used."""
    first = seen.before("passage", item.context, value=item.passage)
    if first is None:
        yield from damage(item.context)
    elif first != item.passage and seen.before("told", item.passage, value=True) is None:
        advice = "Put all its questions into one, so that no split parts them"
        yield "passage twice", f"the passage {brief(item.context)} is there as another paragraph too", advice
    if not is_clean(item.question):
        yield from damage(item.question)
    answers = hash(tuple(sorted([a.text for a in item.answers])))
    if first := seen.before("asked", item.context, bare(item.question), value=(item.id, answers)):
        same = first[1] == answers
        kind, found = ("asked twice", "the same answer") if same else ("one question, two answers", "another answer")
        advice = "Keep one" if same else "Keep one question, and list both answers under it if both are right"
        yield kind, f"question {first[0]} asks the same and has {found}", advice
    for text, start in item.answers:
        end = start + len(text)
        if len(text) > 2 * LONG_ANSWER and len(text.split()) > LONG_ANSWER:
            advice = f"Shorten it: answers of more than {LONG_ANSWER} pieces are never predicted unless you ask for it"
            yield "long answer", f"the answer {brief(text)} has {len(text.split())} words", advice
        if _cuts(item.context, start) or _cuts(item.context, end):
            around = item.context[max(0, start - 10) : end + 10]
            advice = "Move answer_start, or take the whole word"
            edge = "begins" if _cuts(item.context, start) else "ends"
            yield "answer cuts a word", f"the answer {brief(text)} {edge} within a word: {brief(around)}", advice
        if coverage is not None:
            yield from unhit_spans(*coverage.of(item.context), item.context, start, end, "answer")


def _cuts(text: str, place: int) -> bool:
    """Whether a word goes on across this place, in a script that puts spaces between words."""
    if not 0 < place < len(text) or text[place] == " " or text[place - 1] == " ":
        return False
    return all(c.isalnum() and not UNSPACED.match(c) for c in text[place - 1 : place + 1])


class Passages(Coverage):
    """What a tokenizer knows of passages; the last one's pieces are kept for its next question."""

    def __init__(self, tokenizer):
        super().__init__(tokenizer)
        self._last = None, None

    def of(self, context: str) -> tuple[list[tuple[int, int]], list[bool]]:
        """Start and end of each piece of a passage, and whether it is known."""
        if context != self._last[0]:
            self._last = context, self.pieces_of(context)
        return self._last[1]


class Habits:
    """Counts what only the whole file shows: where answers stand, and how many questions have none."""

    def __init__(self, file: str):
        self.file, self.questions, self.unanswerable, self.early = file, 0, 0, 0
        self.several, self.first = 0, 0
        self.units, self.misplaced = Counter(), ""  # of answers that are not there, and whose the last one is
        self.right = dict.fromkeys(UNITS, 0)  # answers that are there, though they would not be in these units

    def misread(self, problem: Problem) -> None:
        """Looks at what is wrong with a question: what its answer_start counts, if not characters."""
        if problem.kind in ("answer not there", "answer a little aside"):
            self.units[next((unit for unit in UNITS if f"answer_start counts {unit}" in problem.advice), "")] += 1
            self.misplaced = problem.id

    def watch(self, item: Question) -> None:
        """Looks at a question."""
        self.questions += 1
        self.unanswerable += not item.answers
        if item.id != self.misplaced and not item.context.isascii():
            for unit, (code, size) in UNITS.items():
                befores = [item.context[: answer.start] for answer in item.answers]
                self.right[unit] += any(len(b.encode(code, "surrogatepass")) != size * len(b) for b in befores)
        for text, start in item.answers[:1]:
            self.early += start < len(item.context) / 10
            place = item.context.find(text)
            if item.context.find(text, place + 1) >= 0:
                self.several += 1
                self.first += place == start

    def defects(self) -> Iterator[Defect]:
        """What there is to say at the end."""

        def defect(kind, message, advice):
            return Defect(kind, self.file, 0, "", message, advice, kept=True)

        (unit, count), *others = self.units.most_common() or [("", 0)]
        if unit and count > 1 and not others and not self.right[unit]:
            code, size = UNITS[unit]
            message = (
                f"answer_start counts {unit}, in all of this file: so counted, all {count} misplaced answers stand "
                "where they say, and none that this moves does in characters"
            )
            advice = f"Mend each, in Python: start = len(context.encode({code!r})[:{size} * start].decode({code!r}))"
            yield defect("other units", message, advice.replace("1 * ", ""))
        answered = self.questions - self.unanswerable
        if self.several >= 20 and self.first == self.several:
            advice = "Offsets made with str.find are often wrong; look at some, and mark the place that says it"
            message = f"all {self.several} answers that occur several times are marked at their first place"
            yield defect("always the first place", message, advice)
        if answered >= ENOUGH and self.early > 0.8 * answered:
            advice = "Ask about the rest of the passages too, or a model learns to read beginnings"
            yield defect("answers at the start", f"{self.early} of {answered} answers begin in the first tenth", advice)
        if self.questions >= 20 and 2 * self.unanswerable > self.questions:
            advice = "Add answerable ones, or a model that always declines looks good"
            message = f"{self.unanswerable} of {self.questions} questions have no answer"
            yield defect("mostly unanswerable", message, advice)
