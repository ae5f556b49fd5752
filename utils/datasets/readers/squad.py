"""Reads questions about passages, in the JSON of SQuAD 1.1 and 2.0 and what is near to it, plain or gzip.

Whatever is wrong with a file or a question becomes a `Problem`: `examine_questions` gives questions and problems in
the order of the file, `read_questions` the questions alone. No framework.
"""

import codecs
import gc
import gzip
import json
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

from utils.datasets.readers.broken_json import beginning_of, no_json, one_after_another
from utils.datasets.readers.flat_questions import examine_flat, format_of, other_table
from utils.datasets.readers.json_places import twice
from utils.datasets.readers.question_answers import MISSING
from utils.datasets.readers.question_defects import Habits
from utils.datasets.readers.question_shapes import all_asked, is_recognised
from utils.datasets.readers.questions import KINDS, Answer, Problem, Question, Ready, brief, judge_question
from utils.datasets.readers.text_files import TextFileError, check_file, in_two, open_bytes, to_utf8

__all__ = [
    "KINDS",
    "Answer",
    "Problem",
    "Question",
    "SquadError",
    "examine_questions",
    "first_of",
    "read_questions",
]
BEGINNING = 2**20  # bytes of a large file that tell what it holds


class SquadError(ValueError):
    """Questions cannot be read; `problem` says what is wrong, `problems` all there is."""

    def __init__(self, message: str, problems: list[Problem]):
        super().__init__(message)
        self.problem, self.problems = problems[0], problems


def read_questions(path: str | os.PathLike, on_error: str = "raise", problems: list | None = None) -> list[Question]:
    """All questions of a file.

    Args:
        path: of a JSON file in the format of SQuAD 1.1 or 2.0 or near to it (see `question_shapes`), of a CSV, or of
            JSON Lines (see `flat_questions`); plain or gzip, told by content.
        on_error: "raise" where a question cannot be used, or "skip" to leave such questions out.
        problems: a list to which every problem is added, those of questions that are kept too; first, where all
            misplaced answers count bytes or UTF-16 units, that they do.

    Raises:
        SquadError: there is no such file, it is not in that format or holds no question (whatever `on_error` is);
            or questions cannot be used and `on_error` is "raise".
    """
    if on_error not in ("raise", "skip"):
        raise ValueError(f'on_error must be "raise" or "skip". Received: on_error={on_error!r}')
    found = list(examine_questions(path))
    questions = [item for item in found if isinstance(item, Question)]
    bad = [*_other_units(os.fspath(path), found), *(item for item in found if isinstance(item, Problem))]
    if problems is not None:
        problems += bad
    fatal = [problem for problem in bad if not problem.kept and (on_error == "raise" or not problem.id)]
    if fatal:
        more = f" There are {len(fatal) - 1} more such problems." if len(fatal) > 1 else ""
        advice = ' Or leave such questions out: on_error="skip".' if fatal[0].id else ""
        whole = f"{bad[0]} The first: " if bad[0].kind == "other units" else ""
        raise SquadError(f"{whole}{fatal[0]}{more}{advice}", fatal)
    return questions


def _other_units(file: str, found: list[Question | Problem]) -> Iterator[Problem]:
    """What is told where all of a file's answers count something else than characters, as one problem."""
    if any("answer_start counts" in item.advice for item in found if isinstance(item, Problem)):
        habits = Habits(file)
        for item in found:
            habits.watch(item) if isinstance(item, Question) else habits.misread(item)
        told = (defect for defect in habits.defects() if defect.kind == "other units")
        yield from (Problem(one.kind, file, "", one.message, one.advice, kept=True) for one in told)


def examine_questions(path: str | os.PathLike, answered: bool = True) -> Iterator[Question | Problem]:
    """Every question of a file, and every problem, in the file's order; nothing is raised.

    A question with a problem that is not `kept` is not given; one with a kept problem follows that problem. With
    `answered` False nothing is asked of answers: there may be none, and none are given.
    """
    if format_of(path):  # a CSV, or a question a line
        yield from (item for _, item in examine_flat(path, answered))
        return
    file, content = os.fspath(path), _load(Path(path))
    if isinstance(content, Problem):
        yield content
        return
    gc.freeze()  # the file's objects stay until its end: looking for rubbish among them again and again takes long
    try:
        yield from _examined(file, content, answered)
    finally:
        gc.unfreeze()


def _examined(file: str, content, answered: bool) -> Iterator[Question | Problem]:
    """Questions and problems of what a file's JSON says."""
    seen: set[str] = set()
    passages: dict[str, int] = {}
    asked = 0
    for item in all_asked(file, content, answered):
        if isinstance(item, Problem):
            yield item
            asked += 1
            continue
        passage = passages.setdefault(item.group, len(passages))
        if isinstance(item.raw, Ready) and item.raw.id not in seen:  # nearly all: nothing is left to judge
            asked += 1
            seen.add(item.raw.id)
            yield Question(item.raw.id, item.raw.question, item.context, item.raw.answers, item.title, passage)
        elif item.raw is not MISSING:
            asked += 1
            yield from judge_question(file, item.place, item.raw, item.context, item.title, passage, seen)
    if not asked:
        advice = "Add some under qas, or pass another"
        yield Problem("no questions", file, "", "there is not one question in it", advice)


def first_of(path: str | os.PathLike) -> Question | Problem:
    """The first of what `examine_questions` gives; of a large file of JSON the beginning is read alone, if it tells."""
    if not format_of(path):
        try:
            with open_bytes(Path(path)) as opened:
                head = opened.read(BEGINNING)
            text = codecs.getincrementaldecoder("utf-8-sig")().decode(head).lstrip()
        except (OSError, EOFError, zlib.error, UnicodeDecodeError):
            text = ""  # what is wrong is said when all of it is read
        if (content := beginning_of(text)) is not None:
            return next(_examined(os.fspath(path), content, answered=True))
    return next(examine_questions(path))


# The file ------------------------------------------------------------------------------------------


def _load(path: Path):
    """What the JSON says, or the Problem that keeps it from being read."""
    file = str(path)
    try:
        check_file(path)
        content = path.read_bytes()
        content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except IsADirectoryError as error:
        return Problem("not a file", file, "", f"this is a folder: {error}", "Pass the path of one file in it")
    except FileNotFoundError:
        return Problem("not a file", file, "", "there is no such file", "Check the spelling, and where you are")
    except TextFileError as error:
        return _no_text(file, *in_two(file, error))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        return Problem("cannot be unpacked", file, "", f"it begins like gzip, but: {error}", "Fetch it again")
    except OSError as error:
        return Problem("not a file", file, "", f"it cannot be read: {error.strerror}", "See that you may read it")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = f"byte 0x{content[error.start]:02x} in line {line} is not UTF-8"
        return Problem("not UTF-8", file, "", found, to_utf8(content))
    del content  # of a large file this is as much as its text
    counting = gc.isenabled()
    gc.disable()  # what is made here stays: to look for rubbish among it costs a third of the time
    try:
        value = json.loads(text)
        return _doubled(file, text, value) or value
    except (ValueError, RecursionError) as error:
        if not text.strip():
            return Problem("not JSON", file, "", "the file is empty", "Pass the JSON file of the questions")
        if (several := one_after_another(text)) and any(map(is_recognised, joined := _joined(several))):
            return joined
        if problem := other_table(file, text.lstrip().partition("\n")[0]):
            return problem
        if known := no_json(text, whole=True):
            return Problem("not JSON", file, "", *known)
        if text.lstrip()[0] not in "[{":
            first = brief(text.strip().partition("\n")[0])
            found = f"it begins {first}, which is neither JSON nor a table whose first row names its columns"
            advice = 'Write {"question": …, "context": …, "answer": …} a line, or SQuAD\'s JSON; or name the columns so'
            return Problem("not JSON", file, "", found, advice)
        where = f"line {error.lineno}, column {error.colno}: {error.msg}" if hasattr(error, "lineno") else str(error)
        if (sign := text[getattr(error, "pos", len(text)) :][:1]) and sign < " ":
            where = where.rpartition(": ")[0] + f": {ascii(sign)} stands there"
            advice = "Take it out; within a text JSON writes \\n and \\t. Or a quote is missing before it"
            return Problem("not JSON", file, "", f"this is not JSON: {where}", advice)
        return Problem("not JSON", file, "", f"this is not JSON: {where}", "Mend that place, or export the file anew")
    finally:
        if counting:
            gc.enable()


def _doubled(file: str, text: str, value) -> Problem | None:
    """The Problem of questions of which some are lost, since a key stands twice; looked for where keys are too many."""
    rows = value.get("data") if isinstance(value, dict) else value
    rows = [row for row in (rows if isinstance(rows, list) else [value]) if isinstance(row, dict)]
    passages = [
        passage
        for row in rows
        for passage in (row["paragraphs"] if isinstance(row.get("paragraphs"), list) else [row])
        if isinstance(passage, dict)
    ]
    asked = sum(len(one["qas"]) if isinstance(one.get("qas"), list) else 1 for one in passages)
    most = {"paragraphs": len(rows), "qas": len(passages), "context": len(passages)}
    most |= dict.fromkeys(("answers", "answer", "question", "is_impossible"), asked)
    if any(text.count(f'"{key}"') > most[key] for key in most) and (found := twice(text)):
        return Problem("not JSON", file, "", found, "Take one of the two out, or put them together")
    return None


def _no_text(file: str, found: str, advice: str) -> Problem:
    """The Problem of what `check_file` said of a file."""
    if found == "it is empty":
        return Problem("not JSON", file, "", "the file is empty", "Pass the JSON file of the questions")
    kind = "cannot be unpacked" if "cannot be unpacked" in found else "not text"
    return Problem(kind, file, "", found, advice or "Pass a file of text")


def _joined(several: list) -> list:
    """What JSON values one after the other say together: the articles of each, or each as a row."""
    inner = (one["data"] if isinstance(one, dict) and isinstance(one.get("data"), list) else one for one in several)
    return [item for one in inner for item in (one if isinstance(one, list) else [one])]
