"""The answers of a question, however a file writes them, turned into the list that SQuAD would have. No framework.

A bare text is an answer where it stands in the passage exactly once. Where two keys contradict each other, or what is
written fits no form, that is named.
"""

import ast
import json
import math
import re
from collections.abc import Iterable

from utils.datasets.readers.questions import NOTHING, Problem, brief, differences, impossible_of

ANSWER = ("answer", "answers", "answer_text", "answer text", "answers.text", "answers_text")
START = (
    "answer_start",
    "answer start",
    "start",
    "answers.answer_start",
    "answer_start_char",
    "start_char",
    "char_start",
)
TEXT = ("text", "answer", "answer_text")
MISSING = object()
COPY = "Copy it from the context, letter by letter"
CANNOT = "CANNOTANSWER"  # stands at the end of every passage of QuAC
SAID = NOTHING | {"n/a", "no answer", "no_answer", "noanswer", "unanswerable", "not answerable"}  # that there is none
PRINTED = re.compile(r"\[\s*(|-?\d+(?:[\s,]+-?\d+)*)\s*,?\s*\]")  # whole numbers, as Python or NumPy prints them
ARRAY = re.compile(r"array\((\[[^\[\]]*\])(?:,\s*dtype=[\w.'<>]+)?\)")  # as NumPy prints one


def key_of(item: dict, known: Iterable[str]) -> str | None:
    """The first of the known keys that is there."""
    for name in known:  # no generator: this is asked several times a question
        if name in item:
            return name
    return None


def answers_of(file: str, name: str, raw: dict, context: str, nested: bool, text_key: str | None):
    """A question's answers as a list such as SQuAD's, or what is wrong with them.

    Args:
        file: the file's path, for messages.
        name: of the question.
        raw: the question.
        context: its passage.
        nested: whether it stands under its passage, as in SQuAD.
        text_key: the key of the answer's text where it is none of ANSWER.

    Returns:
        A list; a Problem; MISSING where there is no answer and the question says so; or what stands there for a list.
    """
    impossible = impossible_of(raw)[1] is True
    if (found := _detected_in(raw, context)) is not None:
        answers = found
    else:
        key = _key(raw) or text_key
        if key is None and impossible:
            return MISSING
        if key is None:
            keys = ", ".join(brief(one).replace('"', "'") for one in list(raw)[:8]) + (", …" if len(raw) > 8 else "")
            message = f"it has no list of answers; its keys are {keys or 'none'}"
            advice = 'Call the one that holds its answer "answer", and leave that empty where the passage has none'
            return Problem("bad answer", file, name, message, advice)
        if key == "answers" and _is_empty(raw[key]) and (other := _other(raw)):
            found = f"its answers are empty, but under {other!r} stands {brief(raw[other])}"
            return Problem("bad answer", file, name, found, "Take the one out that is wrong")
        answers = _answers(file, name, raw[key], raw.get(key_of(raw, START)), context, nested and key == "answers")
    if not isinstance(answers, list):
        return answers
    if context.rstrip().endswith(CANNOT) and answers and all(_says(one, (CANNOT,)) for one in answers):
        return []
    return [] if impossible and all(map(_is_blank, answers)) else answers


def _key(raw: dict) -> str | None:
    """The key of the answers: "answers" before others, but for those under which there is nothing at all."""
    first = key_of(raw, ("answers", *ANSWER))
    if first is None or not _is_nothing(raw[first]):
        return first
    return next((key for key in ANSWER if key in raw and not _is_nothing(raw[key])), first)


def _other(raw: dict) -> str | None:
    """A key beside "answers" that says an answer."""
    return next((key for key in ANSWER if key != "answers" and key in raw and not _says_none(raw[key])), None)


def _is_nothing(value) -> bool:
    """Whether a value is that of an empty cell: null, or NaN, or a text that says so."""
    return value is None or isinstance(value, float) and math.isnan(value) or value == ""


def _is_empty(value) -> bool:
    """Whether a list of answers, or the columns of one, has none."""
    return value == [] or isinstance(value, dict) and value.get(key_of(value, TEXT)) == []


def _says_none(value) -> bool:
    """Whether a value says that there is no answer."""
    return _is_nothing(value) or _is_empty(value) or isinstance(value, str) and value.strip().lower() in SAID


# Places --------------------------------------------------------------------------------------------


def _detected_in(raw: dict, context: str) -> list | None:
    """The answers of MRQA's forms, which give all places of each; None for a question of another form."""
    listed = raw.get("detected_answers")
    if isinstance(listed, dict) and isinstance(texts := listed.get("text"), list):
        spans = listed.get("char_spans")
        spans = spans if isinstance(spans, list) and len(spans) == len(texts) else [None] * len(texts)
        listed = [{"text": text, "char_spans": one} for text, one in zip(texts, spans, strict=True)]
    if isinstance(listed, list):
        return _detected(listed, context)
    texts, labels = raw.get("answers"), raw.get("labels")
    if not (isinstance(texts, list) and isinstance(labels, list) and 0 < len(labels) == len(texts)):
        return None
    if not all(isinstance(text, str) and _places(one) for text, one in zip(texts, labels, strict=True)):
        return None
    return _detected([{"text": text, "char_spans": one} for text, one in zip(texts, labels, strict=True)], context)


def _places(spans) -> list | None:
    """First and last characters as a list of pairs, however they are written."""
    if isinstance(spans, dict):
        first, last = spans.get("start"), spans.get("end")
        if isinstance(first, list) and isinstance(last, list) and len(first) == len(last):
            return [list(pair) for pair in zip(first, last, strict=True)]
        return [[first, last]] if isinstance(first, int) and isinstance(last, int) else None
    if isinstance(spans, list) and spans and all(isinstance(one, dict) for one in spans):
        return [place for one in spans for place in _places(one) or [None]]
    return spans if isinstance(spans, list) else None


def _detected(listed: list, context: str) -> list:
    """MRQA's answers: each text with its places, whose last character is counted in."""
    answers = []
    for item in listed:
        places = _places(item.get("char_spans")) if isinstance(item, dict) else None
        if not places:
            answers.append(item)
            continue
        for place in places:
            pair = isinstance(place, list) and len(place) == 2 and all(isinstance(n, int) for n in place)
            here = context[place[0] : place[1] + 1] if pair else ""
            text = item.get("text")
            same = isinstance(text, str) and _letters(here) == _letters(text)
            answers.append({"text": here if same else text, "answer_start": place[0] if pair else None})
    return answers


def _letters(text: str) -> str:
    """A text without blanks, in small letters."""
    return "".join(text.split()).casefold()


# Lists ---------------------------------------------------------------------------------------------


def _answers(file: str, name: str, given, start, context: str, strict: bool) -> list | Problem | None:
    """SQuAD's list of answers. `strict`: under SQuAD's own key, where nothing stands for a list but a list."""
    if isinstance(given, str) and given.lstrip()[:1] in ("{", "[") and given not in context:
        given = structure(given)
    if isinstance(given, dict):
        given = _from_columns(file, name, given)
        if isinstance(given, Problem):
            return given
    if isinstance(given, list):
        given = [one for item in given for one in _flattened(item if strict else _text(item))]
        starts = _starts(start) if all(isinstance(text, str) for text in given) else []
        if starts and len(starts) != len(given):
            return _not_together(file, name)
        starts = starts or [MISSING] * len(given)
        found = []
        for text, at in zip(given, starts, strict=True):
            one = _one(file, name, text, at, context) if isinstance(text, str) else _renamed(text, strict)
            if isinstance(one, Problem):
                return one
            found.append(one)
        return [] if found and all(_is_none(one) for one in found) else found
    given = _text(given)
    if strict:
        return given
    if _is_nothing(given):
        return []
    if isinstance(given, str):
        start = whole(found[0] if len(found := _starts(start)) == 1 else start)
        if isinstance(start, str):
            return Problem("bad answer", file, name, f"answer_start is {start!r}", "Write a whole number, from 0")
        said = given.strip().lower()
        if (
            not said
            or said in NOTHING
            and start is None
            and given.strip() not in context
            or said in SAID
            and start == -1
        ):
            return []
        one = _one(file, name, given, MISSING if start is None else start, context)
        return one if isinstance(one, Problem) else [one]
    return [given]  # whatever it is, it is no answer


def _from_columns(file: str, name: str, given: dict) -> list | Problem:
    """{"text": […], "answer_start": […]} as a list of answers; one answer as a list of one."""
    texts, starts = given.get(key_of(given, TEXT)), given.get(key_of(given, START))
    if not isinstance(texts, list):
        return [given]
    if not isinstance(starts, list) or len(texts) != len(starts):
        return _not_together(file, name)
    return [{"text": text, "answer_start": whole(at)} for text, at in zip(texts, starts, strict=True)]


def _starts(start) -> list:
    """The starts of a list of texts, as a list of numbers, or one, or a list that was printed; none where none are."""
    if isinstance(start, str) and (printed := PRINTED.fullmatch(ARRAY.sub(r"\1", start.strip()))):
        start = list(map(int, re.split(r"[\s,]+", printed[1]))) if printed[1] else []
    if isinstance(start, list):
        return start
    return [] if whole(start) is None else [start]


def _not_together(file: str, name: str) -> Problem:
    advice = 'Write {"text": ["…"], "answer_start": [0]}, both as long'
    return Problem("bad answer", file, name, "text and answer_start do not go together", advice)


def _flattened(item) -> list:
    """The answers that one of a list is: of columns as many as they are long, [30, "1790"] as an object."""
    if isinstance(item, dict):
        texts, starts = item.get(key_of(item, TEXT)), item.get(key_of(item, START))
        if isinstance(texts, list) and isinstance(starts, list) and len(texts) == len(starts):
            return [{"text": text, "answer_start": at} for text, at in zip(texts, starts, strict=True)]
    if isinstance(item, list) and len(item) == 2 and {*map(type, item)} == {int, str}:
        return [{"text": next(one for one in item if isinstance(one, str)),
                 "answer_start": next(one for one in item if isinstance(one, int))}]  # fmt: skip
    return [item]


def _text(value):
    """A number as the text that it was, 1790 or pandas' 1790.0; anything else as it is."""
    value = whole(value) if isinstance(value, float) and not math.isnan(value) else value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _renamed(answer, strict: bool):
    """An answer whose keys others call otherwise, as SQuAD calls them; as it is where it lacks one, to be shown so.

    `strict`: a start that is a text, or 30.0, stays one, as in SQuAD's own list, where such a file is no longer sound.
    """
    if not isinstance(answer, dict):
        return answer
    text, start = key_of(answer, TEXT), key_of(answer, START)
    if text is None or start is None:
        return answer
    return {"text": _text(answer[text]), "answer_start": answer[start] if strict else whole(answer[start])}


def _says(answer, words: Iterable[str]) -> bool:
    """Whether an answer's text is one of these."""
    return isinstance(answer, dict) and answer.get("text") in words


def _is_none(answer) -> bool:
    """Whether an answer says that there is none: no text, and a place before the first character."""
    if not isinstance(answer, dict) or answer.get("answer_start") != -1:
        return False
    return isinstance(text := answer.get("text"), str) and text.strip().lower() in SAID


def _is_blank(answer) -> bool:
    """Whether an answer has a text without a word, wherever it says that it stands, or none at all."""
    if not isinstance(answer, dict) or "text" not in answer:
        return False
    text, start = answer["text"], answer.get("answer_start")
    return text is None or isinstance(text, str) and (not text.strip() or text.lower() in SAID and start in (None, -1))


def _one(file: str, name: str, text: str, start, context: str) -> dict | Problem:
    """An answer at its place; without one, at the only place where it stands."""
    if start is not MISSING:
        return {"text": text, "answer_start": whole(start)}
    bare = text.strip()
    times = context.count(bare) if bare else 0
    if times > 1:
        advice = "Say which: add a column answer_start with the number of its first character, from 0"
        found = f"the answer {bare!r} stands in the context {times} times"
        return Problem("answer in several places", file, name, found, advice)
    if not times and bare:
        found = f"the answer {bare!r} does not stand in the context"
        ways = " and ".join(differences(bare, context))
        advice = f"The context holds it with {ways}; copy it from there" if ways else COPY
        return Problem("answer not there", file, name, found, advice)
    return {"text": bare, "answer_start": context.find(bare)}


# Values --------------------------------------------------------------------------------------------


def whole(value):
    """A number as pandas writes it, 15.0 or "15.0", as 15; None where there is none; anything else as it is."""
    if isinstance(value, float):
        return None if math.isnan(value) else int(value) if math.isfinite(value) and value == int(value) else value
    if isinstance(value, str):
        bare = value.strip()
        if bare.lower() in NOTHING:
            return None
        digits = bare.removesuffix(".0").removeprefix("-")
        return int(bare.removesuffix(".0")) if digits.isascii() and digits.isdecimal() else value
    return value


def structure(cell: str):
    """Answers that a cell holds as JSON, or as Python or NumPy print them; the cell itself where it does not."""
    for read in (json.loads, _printed):
        try:
            found = read(cell)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        texts = found if isinstance(found, list) else [found]
        if all(isinstance(text, (str, dict)) for text in texts):
            return found
    return cell


def _printed(cell: str):
    """What a cell is that Python or NumPy printed."""
    return ast.literal_eval(ARRAY.sub(r"\1", cell))
