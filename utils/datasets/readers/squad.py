"""Reads questions about passages, in the JSON of SQuAD 1.1 and 2.0, plain or gzip.

Whatever is wrong with a file or a question becomes a `Problem`: `examine_questions` gives questions and problems in
the order of the file, `read_questions` the questions alone. No framework.
"""

import gzip
import json
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from utils.datasets.readers.parallel import FOREIGN

SHOWN = 40  # characters of a text that a message shows
ASIDE = 3  # characters by which an answer may be misplaced and is still taken


class Answer(NamedTuple):
    """A span of the context: its text, and the number of its first character."""

    text: str
    start: int


class Question(NamedTuple):
    """A question about a passage.

    Attributes:
        id: as the file has it, as text.
        question: its words.
        context: the passage.
        answers: the answers that count as right; none where the passage does not answer it.
        title: of the article, "" where it has none.
        passage: the number of the passage in the file, from 0.
    """

    id: str
    question: str
    context: str
    answers: tuple[Answer, ...]
    title: str = ""
    passage: int = 0


class Problem(NamedTuple):
    """What is wrong with a file or with one question in it, and what to do about it.

    Attributes:
        kind: in two or three words, such as "answer not there"; the kinds are those of `KINDS`.
        file: the file's path.
        id: the question's; where it has none, its place, such as "data[0].paragraphs[2].qas[1]"; "" for the file.
        message: what was found.
        advice: how to mend it.
        kept: whether the question can be used all the same, and is.
    """

    kind: str
    file: str
    id: str
    message: str
    advice: str
    kept: bool = False

    def __str__(self) -> str:
        where = f"{self.file}, question {self.id}" if self.id else self.file
        return f"{where}: {self.message}. {self.advice}."


KINDS = (
    "not a file", "cannot be unpacked", "not text", "not UTF-8", "not JSON", "not SQuAD", "no questions",
    "bad context", "bad question", "bad id", "id used twice", "bad answer", "answer not there", "empty answer",
    "no answer", "answer to an unanswerable question", "space around the answer", "answer a little aside",
)  # fmt: skip


class SquadError(ValueError):
    """Questions cannot be read; `problem` says what is wrong, `problems` all there is."""

    def __init__(self, message: str, problems: list[Problem]):
        super().__init__(message)
        self.problem, self.problems = problems[0], problems


def read_questions(path: str | os.PathLike, on_error: str = "raise", problems: list | None = None) -> list[Question]:
    """All questions of a file.

    Args:
        path: of a JSON file in the format of SQuAD 1.1 or 2.0; plain or gzip, told by content.
        on_error: "raise" where a question cannot be used, or "skip" to leave such questions out.
        problems: a list to which every problem is added, those of questions that are kept too.

    Raises:
        SquadError: there is no such file, it is not in that format or holds no question (whatever `on_error` is);
            or questions cannot be used and `on_error` is "raise".
    """
    if on_error not in ("raise", "skip"):
        raise ValueError(f'on_error must be "raise" or "skip". Received: on_error={on_error!r}')
    found = list(examine_questions(path))
    questions = [item for item in found if isinstance(item, Question)]
    bad = [item for item in found if isinstance(item, Problem)]
    if problems is not None:
        problems += bad
    fatal = [problem for problem in bad if not problem.kept and (on_error == "raise" or not problem.id)]
    if fatal:
        more = f" There are {len(fatal) - 1} more such problems." if len(fatal) > 1 else ""
        advice = ' Or leave such questions out: on_error="skip".' if fatal[0].id else ""
        raise SquadError(f"{fatal[0]}{more}{advice}", fatal)
    return questions


def examine_questions(path: str | os.PathLike) -> Iterator[Question | Problem]:
    """Every question of a file, and every problem, in the file's order; nothing is raised.

    A question with a problem that is not `kept` is not given; one with a kept problem follows that problem.
    """
    from utils.datasets.readers.flat_questions import examine_flat, format_of

    if format_of(path):  # a CSV, or a question a line
        yield from (item for _, item in examine_flat(path))
        return
    file, content = os.fspath(path), _load(Path(path))
    if isinstance(content, Problem):
        yield content
        return
    articles = content.get("data") if isinstance(content, dict) else None
    if not isinstance(articles, list):
        found = "an object without a list called data" if isinstance(content, dict) else f"a {_kind_of(content)}"
        advice = 'The file must begin {"data": [{"paragraphs": [{"context": "…", "qas": […]}]}]}'
        yield Problem("not SQuAD", file, "", f"the file holds {found}", advice)
        return
    seen: set[str] = set()
    passage, asked = 0, 0
    for place, title, paragraph in _paragraphs(file, articles):
        if isinstance(paragraph, Problem):
            yield paragraph
            continue
        for n, raw in enumerate(paragraph["qas"]):
            asked += 1
            yield from _question(file, f"{place}.qas[{n}]", raw, paragraph["context"], title, passage, seen)
        passage += 1
    if not asked:
        yield Problem(
            "no questions", file, "", "there is not one question in it", "Add some under qas, or pass another"
        )


# The file ------------------------------------------------------------------------------------------


def _load(path: Path):
    """What the JSON says, or the Problem that keeps it from being read."""
    file = str(path)
    if not path.is_file():
        what = "this is a folder" if path.is_dir() else "there is no such file"
        return Problem("not a file", file, "", what, "Pass the path of one JSON file")
    try:
        content = path.read_bytes()
    except OSError as error:
        return Problem("not a file", file, "", f"it cannot be read: {error.strerror}", "See that you may read it")
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.decompress(content)
        except (EOFError, OSError, zlib.error) as error:
            return Problem("cannot be unpacked", file, "", f"it begins like gzip, but: {error}", "Fetch it again")
    for beginning, advice in FOREIGN.items():
        if content.startswith(beginning):
            what, _, mend = advice.partition(": ")
            return Problem("not text", file, "", f"this is {what}", mend.capitalize() or "Pass the JSON file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = f"byte 0x{content[error.start]:02x} in line {line} is not UTF-8"
        return Problem("not UTF-8", file, "", found, "Save the file as UTF-8; it may be Latin-1 or Windows-1252")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        if not text.strip():
            return Problem("not JSON", file, "", "the file is empty", "Pass the JSON file of the questions")
        where = f"line {error.lineno}, column {error.colno}: {error.msg}" if hasattr(error, "lineno") else str(error)
        return Problem("not JSON", file, "", f"this is not JSON: {where}", "Mend that place, or export the file anew")


def _paragraphs(file: str, articles: list) -> Iterator[tuple[str, str, dict | Problem]]:
    """Place, title and paragraph for each paragraph; a Problem in its place where it cannot be used."""
    for a, article in enumerate(articles):
        paragraphs = article.get("paragraphs") if isinstance(article, dict) else None
        if not isinstance(paragraphs, list):
            yield "", "", Problem(
                "not SQuAD", file, f"data[{a}]", "it has no list called paragraphs", 'Write {"paragraphs": […]}'
            )  # fmt: skip
            continue
        title = article.get("title")
        for p, paragraph in enumerate(paragraphs):
            place = f"data[{a}].paragraphs[{p}]"
            yield place, title if isinstance(title, str) else "", _checked(file, place, paragraph)


def _checked(file: str, place: str, paragraph) -> dict | Problem:
    if not isinstance(paragraph, dict):
        return Problem("not SQuAD", file, place, f"it is a {_kind_of(paragraph)}", 'Write {"context": …, "qas": […]}')
    context = paragraph.get("context")
    if not isinstance(context, str) or not context.strip():
        found = "it has no context" if context is None else f"its context is {_brief(context)}"
        return Problem("bad context", file, place, found, "Give it the passage as text, or take it out")
    if not isinstance(paragraph.get("qas"), list):
        return Problem("not SQuAD", file, place, "it has no list called qas", "Put its questions into a list, qas")
    return paragraph


# A question ----------------------------------------------------------------------------------------


def _question(file, place, raw, context, title, passage, seen) -> Iterator[Question | Problem]:
    if not isinstance(raw, dict):
        yield Problem("not SQuAD", file, place, f"it is a {_kind_of(raw)}", 'Write {"id": …, "question": …, …}')
        return
    name = raw.get("id")
    if not isinstance(name, (str, int)) or isinstance(name, bool) or not str(name).strip():
        found = "it has no id" if name is None else f"its id is {_brief(name)}"
        yield Problem("bad id", file, place, found, "Give each question an id of its own", kept=True)
        name = place
    name = str(name)
    if name in seen:
        yield Problem(
            "id used twice", file, name, f"another question has this id; this one is {place}",
            "Give each an id of its own", kept=True,
        )  # fmt: skip
    seen.add(name)
    words = raw.get("question")
    if not isinstance(words, str) or not words.strip():
        found = "it has no question" if words is None else f"its question is {_brief(words)}"
        yield Problem("bad question", file, name, found, "Write the question as text, or take it out")
        return
    answers, problems = _answers(file, name, raw, context)
    yield from problems
    if all(problem.kept for problem in problems):
        yield Question(name, words.strip(), context, answers, title, passage)


def _answers(file: str, name: str, raw: dict, context: str) -> tuple[tuple[Answer, ...], list[Problem]]:
    listed, impossible = raw.get("answers"), raw.get("is_impossible")
    if listed is None and impossible is True:
        return (), []
    if not isinstance(listed, list):
        found = "it has no list of answers" if listed is None else f"its answers are a {_kind_of(listed)}"
        advice = 'Write "answers": [{"text": …, "answer_start": …}], and [] where there is none'
        return (), [Problem("bad answer", file, name, found, advice)]
    if not listed and impossible is False:
        advice = "Add the answer, or set is_impossible to true"
        return (), [Problem("no answer", file, name, "is_impossible is false, but it has no answer", advice)]
    if listed and impossible is True:
        kind, found = "answer to an unanswerable question", "is_impossible is true, but it has an answer"
        advice = "Set is_impossible to false, or move the answer to plausible_answers"
        return (), [Problem(kind, file, name, found, advice)]
    answers, problems = [], []
    for answer in listed:
        result, problem = _answer(file, name, answer, context)
        answers += [result] if result else []
        problems += [problem] if problem else []
    return tuple(answers), problems


def _answer(file: str, name: str, raw, context: str) -> tuple[Answer | None, Problem | None]:
    """The answer, without white space around it, and what is wrong with it."""
    where = file, name
    text, start = (raw.get(key) for key in ("text", "answer_start")) if isinstance(raw, dict) else (None, None)
    if not isinstance(text, str) or not isinstance(start, int) or isinstance(start, bool):
        advice = 'Write {"text": "…", "answer_start": …}: a text, and the number of its first character, from 0'
        return None, Problem("bad answer", *where, f"an answer is {_brief(raw)}", advice)
    if not text.strip():
        advice = "Write its words; where the passage does not answer, make answers [] and is_impossible true"
        return None, Problem("empty answer", *where, f"an answer is {_brief(text)}", advice)
    bare = text.strip()
    place = _place(bare, start, start + len(text) - len(text.lstrip()), context)
    if place is None:
        return None, Problem("answer not there", *where, *_elsewhere(bare, start, context))
    answer, advice = Answer(bare, place), f"It is read as {_brief(bare)} at {place}; write it so"
    if context[start : start + len(text)] != text:
        found = f"the answer {_brief(text)} is not at its answer_start, {start}, but close by"
        return answer, Problem("answer a little aside", *where, found, advice, kept=True)
    if bare != text:
        found = f"white space stands around the answer {_brief(text)}"
        return answer, Problem("space around the answer", *where, found, advice, kept=True)
    return answer, None


def _place(text: str, given: int, start: int, context: str) -> int | None:
    """Where the text stands: at `start` or `given`, or else at the nearest place at most ASIDE characters away."""
    aside = ASIDE if len(text) > ASIDE else 0  # a very short text stands anywhere by chance
    near = sorted(range(start - aside, start + aside + 1), key=lambda n: abs(n - start))
    return next((n for n in (start, given, *near) if n >= 0 and context.startswith(text, n)), None)


def _elsewhere(text: str, start: int, context: str) -> tuple[str, str]:
    """What stands where the answer should, and where the answer stands."""
    length = len(context)
    here = context[start : start + len(text)] if 0 <= start < length else ""
    found = f"at {start} stands {_brief(here)}" if here else f"{start} lies outside the context of {length} characters"
    found = f"the answer {_brief(text)} is not at its answer_start: {found}"
    for code, unit, name in (("utf-16-le", 2, "UTF-16 units, as JavaScript does"), ("utf-8", 1, "bytes of UTF-8")):
        before = context.encode(code, "surrogatepass")[: max(start, 0) * unit].decode(code, "replace")
        if start > 0 and len(before) != start and context[len(before) : len(before) + len(text)] == text:
            return found, f"answer_start counts {name}; count characters: here {len(before)}"
    places = [n for n in range(length) if context.startswith(text, n)] if text in context else []
    if not places:
        found_so = text.lower() in context.lower()
        return found, "It stands there in other letters, small or capital" if found_so else "Copy it from the context"
    nearest = sorted(places, key=lambda n: abs(n - start))[:3]
    listed = " or ".join(map(str, sorted(nearest))) + (" or elsewhere" if len(places) > 3 else "")
    return found, f"It stands at {listed}: put the right one into answer_start"


def _kind_of(value) -> str:
    names = {dict: "object", list: "list", str: "text", bool: "truth value", int: "number", float: "number"}
    return names.get(type(value), "null")


def _brief(value) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
