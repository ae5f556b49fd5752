"""A question about a passage, and what is wrong with one: what all readers of questions share. No framework."""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from utils.datasets.readers.entity_records import counted

SHOWN = 40  # characters of a text that a message shows
NOTHING = {"", "nan", "none", "null", "na", "<na>", r"\n"}  # how pandas, PostgreSQL (\N) and others write an empty cell
ANSWERED = dict.fromkeys(  # other names of is_impossible, and what each says of a question that the passage answers
    ("isImpossible", "isimpossible", "impossible", "unanswerable", "is_unanswerable", "no_answer"), False
) | dict.fromkeys(("answerable", "is_answerable", "isAnswerable", "isanswerable", "has_answer"), True)
ASIDE = 3  # characters by which an answer may be misplaced and is still taken
KINDS = (
    "not a file", "cannot be unpacked", "not text", "not UTF-8", "not JSON", "not SQuAD", "no questions",
    "bad context", "bad question", "bad id", "id used twice", "bad answer", "answer not there", "empty answer",
    "no answer", "answer to an unanswerable question", "space around the answer", "answer a little aside",
    "answer written otherwise", "line ends counted as two", "answer in several places", "bad is_impossible",
    "left out", "other number of columns", "bad quotes", "NUL byte", "carriage return", "line too long", "other units",
    "passage of a row above",
)  # fmt: skip
UNITS = {  # what an answer_start may count in place of characters: a code, and how many of its bytes are one unit
    "UTF-16 units, as JavaScript does": ("utf-16-le", 2),
    "bytes of UTF-8": ("utf-8", 1),
}
ONCE = "line ends counted as two"  # the kind that is told of the first question alone: it holds of all of a file
APOSTROPHES = re.compile("[\u2019\u2018\u02bc\u00b4`]")
FOLDS = (  # in what a text may differ from the passage though both look the same, and what makes it equal
    ("the same letters, composed otherwise", lambda text: unicodedata.normalize("NFC", text)),
    ("other white space", lambda text: re.sub(r"\s+", " ", text)),
    ("another apostrophe", lambda text: APOSTROPHES.sub("'", text)),
)


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


class Ready(NamedTuple):
    """A question with answers that stand where they say, as `ready` found it: there is nothing to judge but its id."""

    id: str
    question: str
    answers: tuple[Answer, ...]


class Problem(NamedTuple):
    """What is wrong with a file or with one question in it, and what to do about it.

    It has an id where the `Problem` of `text_files` has a line: JSON may stand on a single one.

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


def ready(raw: dict, context: str) -> Ready | None:
    """A question that says all that SQuAD asks for, with nothing odd in it, as nearly all do; None for any other.

    Args:
        raw: the question: its answers as SQuAD writes them, as `datasets` does, or one "answer" and "answer_start".
        context: its passage.
    """
    name, words = raw.get("id"), raw.get("question")
    if type(name) is not str or type(words) is not str or not name.strip() or not words.strip():
        return None
    if not (words.isascii() and context.isascii() and name.isascii()) and has_half(name + words + context):
        return None
    given, says = raw.get("answers"), raw.get("is_impossible")
    if given is None and "answers" not in raw and type(raw.get("answer")) is str:
        found = [(raw["answer"], raw.get("answer_start"))]
    elif type(given) is list and all(type(one) is dict for one in given):
        found = [(one.get("text"), one.get("answer_start")) for one in given]
    elif type(given) is dict and type(texts := given.get("text")) is type(starts := given.get("answer_start")) is list:
        found = list(zip(texts, starts, strict=False)) if len(texts) == len(starts) else [(None, None)]
    else:
        return None
    if says is not None and (type(says) is not bool or says is bool(found)) or "detected_answers" in raw:
        return None
    if not raw.keys().isdisjoint(ANSWERED):
        return None
    if not found and (raw.get("answer") or raw.get("answer_text")):  # another key that may contradict
        return None
    for text, start in found:
        if type(text) is not str or type(start) is not int or start < 0 or not context.startswith(text, start):
            return None
        if not text or text != text.strip():
            return None
    return Ready(name, words.strip(), tuple([Answer(*one) for one in found]))


def judge_question(
    file: str, place: str, raw, context: str, title: str, passage: int, seen: set[str]
) -> Iterator[Question | Problem]:
    """A question as SQuAD writes it, where it can be used, after what is wrong with it.

    Args:
        file: the file's path, for the messages.
        place: of the question in the file; its id where it has none.
        raw: {"id": …, "question": …, "answers": [{"text": …, "answer_start": …}]}, a `Ready`, or whatever stands there.
        context: the passage, a text that is not blank.
        title: of the article, "" where it has none.
        passage: the number of the passage in the file, from 0.
        seen: the ids so far, to which this one is added.
    """
    if isinstance(raw, Ready) and raw.id not in seen:
        seen.add(raw.id)
        yield Question(raw.id, raw.question, context, raw.answers, title, passage)
        return
    if isinstance(raw, Ready):
        answers = [answer._asdict() for answer in raw.answers]
        answers = [{"text": one["text"], "answer_start": one["start"]} for one in answers]
        raw = {"id": raw.id, "question": raw.question, "answers": answers}
    if not isinstance(raw, dict):
        yield Problem("not SQuAD", file, place, f"it is a {kind_of(raw)}", 'Write {"id": …, "question": …, …}')
        return
    name = raw.get("id")
    if not isinstance(name, (str, int)) or isinstance(name, bool) or not str(name).strip():
        found = "it has no id" if name is None else f"its id is {brief(name)}"
        yield Problem("bad id", file, place, found, "Give each question an id of its own", kept=True)
        name = place
    name = place if has_half(str(name)) else str(name)
    if name in seen:
        yield Problem(
            "id used twice", file, name, f"another question has this id; this one is {place}",
            "Give each an id of its own", kept=True,
        )  # fmt: skip
    seen.add(name)
    words = raw.get("question")
    if not isinstance(words, str) or not words.strip():
        found = "it has no question" if words is None else f"its question is {brief(words)}"
        yield Problem("bad question", file, name, found, "Write the question as text, or take it out")
        return
    if half := next((what for what, text in (("question", words), ("context", context)) if has_half(text)), None):
        found = f"its {half} holds half of a character, a lone surrogate"
        yield Problem(f"bad {half}", file, name, found, "The text was cut or badly converted; export it anew")
        return
    answers, problems = _answers(file, name, raw, context)
    for problem in problems:
        if problem.kind != ONCE or f"\0{ONCE}" not in seen:
            yield problem
        if problem.kind == ONCE:
            seen.add(f"\0{ONCE}")
    if all(problem.kept for problem in problems):
        yield Question(name, words.strip(), context, answers, title, passage)


def _answers(file: str, name: str, raw: dict, context: str) -> tuple[tuple[Answer, ...], list[Problem]]:
    listed, (key, impossible) = raw.get("answers"), impossible_of(raw)
    said, other = ("true", "false") if ANSWERED.get(key, False) != impossible else ("false", "true")
    if isinstance(impossible, str):
        found = f"is_impossible is {impossible}, which says neither yes nor no"
        return (), [Problem("bad is_impossible", file, name, found, "Write true or false")]
    if listed is None and impossible is True:
        return (), []
    if not isinstance(listed, list):
        found = "it has no list of answers" if listed is None else f"its answers are a {kind_of(listed)}"
        advice = 'Write "answers": [{"text": …, "answer_start": …}], and [] where there is none'
        return (), [Problem("bad answer", file, name, found, advice)]
    if not listed and impossible is False:
        advice = f"Add the answer, or set {key} to {other}"
        return (), [Problem("no answer", file, name, f"{key} is {said}, but it has no answer", advice)]
    if listed and impossible is True:
        kind, found = "answer to an unanswerable question", f"{key} is {said}, but it has an answer"
        advice = f"Set {key} to {other}, or move the answer to plausible_answers"
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
    start = counted(start)
    if not isinstance(text, str) or not isinstance(start, int) or isinstance(start, bool):
        advice = 'Write {"text": "…", "answer_start": …}: a text, and the number of its first character, from 0'
        return None, Problem("bad answer", *where, f"an answer is {brief(raw)}", advice)
    if not text.strip():
        advice = "Write its words; where the passage does not answer, make answers [] and is_impossible true"
        return None, Problem("empty answer", *where, f"an answer is {brief(text)}", advice)
    bare, begins = text.strip(), start + len(text) - len(text.lstrip())
    if (place := _without_crlf(bare, start, begins, context)) is not None:
        found = f"answer_start counts CR LF as two: {brief(bare)} is given at {start} and stands at {place}"
        advice = "It is read so, wherever this file does it; count each line end as one character"
        return Answer(bare, place), Problem(ONCE, *where, found, advice, kept=True)
    place = _place(bare, start, begins, context)
    if place is None:
        return _otherwise(file, name, text, start, context)
    answer, advice = Answer(bare, place), f"It is read as {brief(bare)} at {place}; write it so"
    if context[start : start + len(text)] != text:
        found = f"the answer {brief(text)} is not at its answer_start, {start}, but close by"
        if (unit := _unit_of(bare, begins, context)) and unit[1] == place:
            advice += f", or see whether answer_start counts {unit[0]}"
        return answer, Problem("answer a little aside", *where, found, advice, kept=True)
    if bare != text:
        found = f"white space stands around the answer {brief(text)}"
        return answer, Problem("space around the answer", *where, found, advice, kept=True)
    return answer, None


def _place(text: str, given: int, start: int, context: str) -> int | None:
    """Where the text stands: at `start` or `given`, or else at the nearest place at most ASIDE characters away."""
    aside = ASIDE if len(text) > ASIDE else 0  # a very short text stands anywhere by chance
    near = sorted(range(start - aside, start + aside + 1), key=lambda n: abs(n - start))
    return next((n for n in (start, given, *near) if n >= 0 and context.startswith(text, n)), None)


def _without_crlf(text: str, given: int, start: int, context: str) -> int | None:
    """Where the text stands if `start` counts each line end before it as two; None where it stands as given, or not."""
    if start <= 0 or "\n" not in context[:start] or any(context.startswith(text, n) for n in (start, given) if n >= 0):
        return None
    before = context.replace("\n", "\r\n")[:start]
    place = len(before) - before.count("\r\n")
    right = place != start and start - context.count("\n", 0, place) == place
    return place if right and context.startswith(text, place) else None


def _otherwise(file: str, name: str, text: str, start: int, context: str) -> tuple[Answer | None, Problem]:
    """An answer that is not there letter by letter: as the context writes it, where that looks the same, or none."""
    bare, begins = text.strip(), start + len(text) - len(text.lstrip())
    ways = differences(bare, context)
    if ways and (piece := _same_looking(bare, begins, context)):
        how = " and ".join(differences(bare, piece))
        found = f"the context writes the answer {ascii(bare)[:SHOWN]} otherwise, {ascii(piece)[:SHOWN]}: {how}"
        advice = f"It is read as the context writes it, at {begins}; copy it from the context"
        return Answer(piece, begins), Problem("answer written otherwise", file, name, found, advice, kept=True)
    found, advice = _elsewhere(bare, start, context)
    if ways:
        advice = f"The context holds it with {' and '.join(ways)}; copy it from there"
    return None, Problem("answer not there", file, name, found, advice)


def differences(text: str, context: str) -> list[str]:
    """In what a text differs from what looks the same in the context, as FOLDS names it; none where nothing does."""
    every = [fold for _, fold in FOLDS]
    if text in context or _folded(text, every) not in _folded(context, every):
        return []
    found = []
    for name, fold in FOLDS:
        others = [one for one in every if one is not fold]
        found += [name] if _folded(text, others) not in _folded(context, others) else []
    return found


def _folded(text: str, folds: list) -> str:
    for fold in folds:
        text = fold(text)
    return text


def _same_looking(text: str, start: int, context: str) -> str:
    """What stands at a place and looks the same as the text; "" where nothing does."""
    every = [fold for _, fold in FOLDS]
    wanted = _folded(text, every)
    if start < 0 or _folded(context[start : start + 4], every)[:1] != wanted[:1]:  # soon told, of nearly all
        return ""
    for end in range(start + 1, min(len(context), start + 4 * len(text)) + 1):
        whole = not unicodedata.combining(context[end : end + 1] or " ")  # no letter is cut from its accent
        if whole and _folded(context[start:end], every) == wanted:
            return context[start:end]
    return ""


def _elsewhere(text: str, start: int, context: str) -> tuple[str, str]:
    """What stands where the answer should, and where the answer stands."""
    length = len(context)
    here = context[start : start + len(text)] if 0 <= start < length else ""
    found = f"at {start} stands {brief(here)}" if here else f"{start} lies outside the context of {length} characters"
    found = f"the answer {brief(text)} is not at its answer_start: {found}"
    if unit := _unit_of(text, start, context):
        return found, f"answer_start counts {unit[0]}; count characters: here {unit[1]}"
    places = [n for n in range(length) if context.startswith(text, n)] if text in context else []
    if not places:
        if text.lower() in context.lower():
            return found, "It stands there in other letters, small or capital"
        if len(text) > 1 and start >= 0 and context.startswith(text[:-1], start):
            other = brief(context[start + len(text) - 1 : start + len(text)] or "the end")
            return found, f"Only its last character, {brief(text[-1])}, differs: there stands {other}; copy it anew"
        return found, "Copy it from the context"
    nearest = sorted(places, key=lambda n: abs(n - start))[:3]
    listed = " or ".join(map(str, sorted(nearest))) + (" or elsewhere" if len(places) > 3 else "")
    return found, f"It stands at {listed}: put the right one into answer_start"


def _unit_of(text: str, start: int, context: str) -> tuple[str, int] | None:
    """Which of UNITS answer_start counts if not characters, and where the text then stands; None where neither fits."""
    for name, (code, size) in UNITS.items():
        place = len(context.encode(code, "surrogatepass")[: max(start, 0) * size].decode(code, "replace"))
        if start > 0 and place != start and context.startswith(text, place):
            return name, place
    return None


def truth(value) -> bool | None | str:
    """Whether a value says yes or no, as JSON, pandas or a person writes it; None for neither, else as a text."""
    text = str(value).strip().lower()
    if value is None or text in NOTHING:
        return None
    if isinstance(value, (dict, list)):
        return brief(value)
    said = {"true": True, "1": True, "1.0": True, "yes": True, "false": False, "0": False, "0.0": False, "no": False}
    return said.get(text, str(value))


def impossible_of(raw: dict) -> tuple[str, bool | None | str]:
    """The key under which a question says whether the passage answers it, and what `truth` makes of "it does not"."""
    if "is_impossible" not in raw and not raw.keys().isdisjoint(ANSWERED):
        for key in ANSWERED:
            if isinstance(value := truth(raw.get(key)), bool):  # else it is of another kind, a choice perhaps
                return key, value != ANSWERED[key]
    return "is_impossible", truth(raw.get("is_impossible"))


def has_half(text: str) -> bool:
    """Whether a text holds half of a UTF-16 pair, which is no character and cannot be written."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def kind_of(value) -> str:
    """What JSON calls a value of this kind."""
    names = {dict: "object", list: "list", str: "text", bool: "truth value", int: "number", float: "number"}
    return names.get(type(value), "null")


def brief(value) -> str:
    """A value as JSON, of which at most SHOWN characters are shown."""
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8")
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
