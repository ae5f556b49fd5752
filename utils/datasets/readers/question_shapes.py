"""The shapes in which files hold questions about passages, each turned into what SQuAD would write. No framework.

Read are SQuAD's own nesting and what is near to it: KorQuAD 2 (articles without paragraphs, one answer under "answer"),
CMRC 2018 ("context_text", "query_text", answers as bare texts), MRQA ("detected_answers"), NewsQA ("consensus"), labels
of Haystack, QuAC ("CANNOTANSWER"), and flat rows, with answers as the `datasets` library gives them. A bare text is an
answer where it stands in the passage exactly once. What is known to hold no spans is refused by its name.
"""

import math
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from utils.datasets.readers.questions import NOTHING, Problem, brief, differences, kind_of, ready, truth

QUESTION = ("question", "query", "query_text", "q")
CONTEXT = ("context", "passage", "paragraph", "context_text")
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
ID = ("id", "question_id", "qid", "guid", "query_id", "_id")
FOREIGN = (  # keys that tell a data set, its name, and why its questions cannot be read
    ({"story", "questions", "answers"}, "CoQA", "its answers are written freely, in a conversation"),
    ({"supporting_facts", "context"}, "HotpotQA", "its passages are lists of sentences, and answers have no place"),
    ({"passage", "qa_pairs"}, "DROP", "its answers are numbers, dates and several spans"),
    ({"article", "questions", "options"}, "RACE", "its answers are choices"),
    ({"query", "passages"}, "MS MARCO", "its answers are written freely"),
    ({"annotations", "document_plaintext"}, "TyDi QA's primary task", "its answers are ranges of bytes; its secondary "
     "task, of gold passages, is read"),
    ({"body", "snippets"}, "BioASQ", "its answers have no places"),
    ({"documents", "question", "question_type"}, "DuReader", "its answers are written freely"),
    ({"annotations", "document_tokens"}, "Natural Questions", "its answers are ranges of tokens"),
    ({"EntityPages", "Question"}, "TriviaQA", "its passages lie in other files"),
    ({"annotations", "question_text"}, "Natural Questions", "its answers are ranges of tokens"),
    ({"article", "question", "options"}, "RACE", "its answers are choices"),
)  # fmt: skip
MISSING = object()
COPY = "Copy it from the context, letter by letter"
CANNOT = "CANNOTANSWER"  # stands at the end of every passage of QuAC


class Asked(NamedTuple):
    """A question with its passage, not judged yet.

    Attributes:
        place: in the file.
        title: of the article, "" where it has none.
        context: the passage.
        raw: the question as `judge_question` takes it.
        nested: whether it stands under its passage; flat rows belong to one passage where their texts are equal.
    """

    place: str
    title: str
    context: str
    raw: object
    nested: bool

    @property
    def group(self) -> str:
        """What is the same for all questions of a passage, and for no others of the file."""
        return self.place.rpartition(".")[0] if self.nested else f"text {hash(self.context)}"


def key_of(item: dict, known: Iterable[str]) -> str | None:
    """The first of the known keys that is there."""
    for name in known:  # no generator: this is asked several times a question
        if name in item:
            return name
    return None


def keys_of(item: dict) -> str:
    """The keys of an object, for a message."""
    return (
        ", ".join(brief(name).replace('"', "'") for name in list(item)[:8]) + (", …" if len(item) > 8 else "") or "none"
    )


def usual(item):
    """An object with keys such as Question or Answer Text, with them as others write them; any other as it is."""
    if not isinstance(item, dict) or any(key in item for key in (*QUESTION, *CONTEXT, "paragraphs", "data")):
        return item
    small = {key.strip().lower().replace(" ", "_"): value for key, value in item.items()}
    return small if len(small) == len(item) and key_of(small, QUESTION) and key_of(small, CONTEXT) else item


def is_recognised(item) -> bool:
    """Whether an object is of a shape that holds questions."""
    if not isinstance(item, dict) or rows_of_columns(item):
        return False
    item = usual(item)
    has_question, has_context = key_of(item, QUESTION), context_key(item)
    nested = isinstance(item.get("paragraphs"), list) or (has_context and "qas" in item) or _is_newsqa(item)
    return bool(nested or (has_question and has_context) or _is_label(item))


def foreign(item) -> str:
    """What an object is that is known and cannot be read, and why; "" for any other."""
    if not isinstance(item, dict):
        return ""
    return _known_by(tuple(item), isinstance(item.get("context"), str))


@lru_cache(maxsize=1024)
def _known_by(keys: tuple, has_context: bool) -> str:
    told = {*keys} - (
        {"supporting_facts"} if has_context else set()
    )  # a passage in one text can be read, whatever else
    found = next(((name, why) for needed, name, why in FOREIGN if needed <= told), None)
    return f"this looks like {found[0]}: {found[1]}" if found else ""


def context_key(item: dict) -> str | None:
    """The key of the passage; "text" is one where the answer has another."""
    found = key_of(item, CONTEXT)
    return found or ("text" if "text" in item and (key_of(item, ANSWER) or "is_impossible" in item) else None)


def has_text_answer(row) -> bool:
    """Whether an answer stands under "text": the passage has another key, and the answer a place."""
    return "text" in row and context_key(row) not in (None, "text") and key_of(row, START) is not None


def _is_newsqa(item: dict) -> bool:
    asked = item.get("questions")
    return isinstance(item.get("text"), str) and isinstance(asked, list) and any(
        isinstance(q, dict) and "q" in q for q in asked)  # fmt: skip


def _is_label(item: dict) -> bool:
    return "query" in item and isinstance(item.get("document"), dict) and "content" in item["document"]


def quick(place: str, item) -> Asked | None:
    """A flat row with nothing odd in it, as `asked_in` would give it; None where that has to look."""
    if type(item) is not dict or type(context := item.get("context")) is not str or not context.strip():
        return None
    if "paragraphs" in item or "qas" in item or "questions" in item or foreign(item):
        return None
    said = ready(item if type(item.get("id")) is str else {**item, "id": identity(item, place)}, context)
    if said is None or said.id.strip().lower() in NOTHING or CANNOT in context[-len(CANNOT) - 5 :]:
        return None
    title = item.get("title")
    return Asked(place, title if isinstance(title, str) else "", context, said._replace(id=said.id.strip()), False)


def asked_in(file: str, place: str, item, title: str = "", answered: bool = True) -> Iterator[Asked | Problem]:
    """Every question of an object: an article, a passage with its questions, or a flat row.

    Args:
        file: the file's path, for messages.
        place: of the object in the file.
        item: whatever stands there.
        title: of the article it stands in.
        answered: False asks nothing of answers: there may be none, and none are given.
    """
    if not isinstance(item, dict):
        advice = "Write an article with its paragraphs, or a question with its context"
        yield Problem("not SQuAD", file, place, f"it is a {kind_of(item)}, no list called paragraphs", advice)
        return
    item = usual(item)
    title = item["title"] if isinstance(item.get("title"), str) else title
    if known := foreign(item):
        advice = 'Turn each question into {"question": …, "context": …, "answer": …, "answer_start": …}'
        yield Problem("not SQuAD", file, place, known, advice)
    elif isinstance(item.get("paragraphs"), list):
        for n, paragraph in enumerate(item["paragraphs"]):
            yield from _paragraph(file, f"{place}.paragraphs[{n}]".removeprefix("."), paragraph, title, answered)
    elif _is_newsqa(item):
        yield from _newsqa(file, place, item, title)
    elif "qas" in item and context_key(item):
        yield from _paragraph(file, place, item, title, answered)
    elif _is_label(item) and (item.get("is_correct_answer") is False or item.get("is_correct_document") is False):
        found, advice = "its makers say that the answer is wrong", "It was left out, as those who made the file meant"
        yield Problem("left out", file, str(item.get("id") or place), found, advice, kept=True)
    elif _is_label(item):
        yield from _flat(file, place, _label(item), title, answered)
    elif key_of(item, QUESTION) and context_key(item):
        yield from _flat(file, place, item, title, answered)
    else:
        message = f"it has no list called paragraphs; its keys are {keys_of(item)}"
        yield Problem("not SQuAD", file, place, message, 'Write {"paragraphs": […]}, or a question and its context')


# Nested --------------------------------------------------------------------------------------------


def _paragraph(file: str, place: str, paragraph, title: str, answered: bool) -> Iterator[Asked | Problem]:
    if not isinstance(paragraph, dict):
        found = f"it is a {kind_of(paragraph)}"
        yield Problem("not SQuAD", file, place, found, 'Write {"context": …, "qas": […]}')
        return
    context = paragraph.get(context_key(paragraph) or "context")
    if not isinstance(context, str) or not context.strip():
        found = "it has no context" if context is None else f"its context is {brief(context)}"
        yield Problem("bad context", file, place, found, "Give it the passage as text, or take it out")
        return
    if not isinstance(paragraph.get("qas"), list):
        yield Problem("not SQuAD", file, place, "it has no list called qas", "Put its questions into a list, qas")
        return
    if not paragraph["qas"]:
        yield Asked(f"{place}.qas", title, context, MISSING, True)
    for n, raw in enumerate(paragraph["qas"]):
        where = f"{place}.qas[{n}]".removeprefix(".")
        yield _asked(file, where, title, context, raw, True, answered)


def _newsqa(file: str, place: str, item: dict, title: str) -> Iterator[Asked | Problem]:
    """NewsQA's JSON: of each question the span on which its readers agreed."""
    text = item["text"]
    for n, raw in enumerate(item["questions"]):
        where = f"{place}.questions[{n}]".removeprefix(".")
        agreed = raw.get("consensus") if isinstance(raw, dict) else None
        if not isinstance(agreed, dict):
            advice = "Take it out, or say under consensus where its answer begins and ends: s and e"
            yield Problem("bad answer", file, where, "it has no consensus of its readers", advice)
        elif agreed.get("badQuestion"):
            advice = "It was left out, as those who made the file meant"
            yield Problem("left out", file, where, "its readers call it a bad question", advice, kept=True)
        elif agreed.get("noAnswer"):
            yield Asked(where, title, text, {"id": where, "question": raw.get("q"), "answers": []}, True)
        else:
            begin, end = agreed.get("s"), agreed.get("e")
            whole = isinstance(begin, int) and isinstance(end, int) and 0 <= begin < end
            words = text[begin:end] if whole else ""
            if not words.strip():
                advice = "s and e are numbers of characters, from 0; e is one past the last"
                yield Problem("bad answer", file, where, f"its consensus is {brief(agreed)}", advice)
                continue
            begin += len(words) - len(words.lstrip())
            answer = {"text": words.strip(), "answer_start": begin}
            yield Asked(where, title, text, {"id": where, "question": raw.get("q"), "answers": [answer]}, True)


# Flat ----------------------------------------------------------------------------------------------


def _label(item: dict) -> dict:
    """A label of Haystack as a flat row."""
    answer = item.get("answer")
    row = {"id": item.get("id"), "question": item["query"], "context": item["document"]["content"]}
    if isinstance(answer, dict):
        places = answer.get("offsets_in_document") or answer.get("offsets_in_documents")
        start = places[0].get("start") if isinstance(places, list) and places and isinstance(places[0], dict) else None
        return {**row, "answer": answer.get("answer"), "answer_start": start}
    return {**row, "answer": answer}


def _flat(file: str, place: str, row: dict, title: str, answered: bool) -> Iterator[Asked | Problem]:
    context = row[context_key(row)]
    name = identity(row, place)
    if not isinstance(context, str) or not context.strip():
        found = f"its context is a {kind_of(context)}" if isinstance(context, (dict, list)) else "there is no context"
        yield Problem("bad context", file, name, found, "Give it the passage as text")
        return
    yield _asked(file, place, title, context, {**row, "id": name}, False, answered)


def identity(row: dict, place: str) -> str:
    """A flat row's id, or its place where it has none."""
    value = row.get(key_of(row, ID))
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        value = int(value)  # pandas, where another row has none
    bare = str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    return bare if bare.lower() not in NOTHING else place


def _asked(file: str, place: str, title: str, context: str, raw, nested: bool, answered: bool) -> Asked | Problem:
    """A question with its answers in SQuAD's form, or the problem that keeps them from it."""
    if not isinstance(raw, dict):
        return Asked(place, title, context, raw, nested)
    if answered and (said := ready(raw, context)) is not None and CANNOT not in context[-len(CANNOT) - 5 :]:
        return Asked(place, title, context, said, nested)
    found = {"id": raw.get(key_of(raw, ID)), "question": raw.get(key_of(raw, QUESTION))}
    if not answered:
        return Asked(place, title, context, {**found, "answers": []}, nested)
    name = str(found["id"] or place) if isinstance(found["id"], (str, int)) else place
    if "is_impossible" in raw:
        found["is_impossible"] = raw["is_impossible"]
    if isinstance(raw.get("detected_answers"), list):
        answers = _detected(raw["detected_answers"], context)
    else:
        key = key_of(raw, ("answers", *ANSWER)) or ("text" if has_text_answer(raw) else None)
        if key is None and (truth(raw.get("is_impossible")) is True):
            return Asked(place, title, context, found, nested)
        if key is None:
            message = f"it has no list of answers; its keys are {keys_of(raw)}"
            advice = 'Call the one that holds its answer "answer", and leave that empty where the passage has none'
            return Problem("bad answer", file, name, message, advice)
        start = raw.get(key_of(raw, START))
        answers = _answers(file, name, raw[key], start, context, nested and key == "answers")
    if isinstance(answers, Problem):
        return answers
    if isinstance(answers, list) and context.rstrip().endswith(CANNOT) and answers and all(
        isinstance(a, dict) and a.get("text") == CANNOT for a in answers
    ):  # fmt: skip
        answers = []
    if isinstance(answers, list) and all(map(_is_blank, answers)) and truth(raw.get("is_impossible")) is True:
        answers = []
    return Asked(place, title, context, {**found, "answers": answers}, nested)


def _detected(listed: list, context: str) -> list:
    """MRQA's answers: each text with its places, whose last character is counted in."""
    answers = []
    for item in listed:
        places = item.get("char_spans") if isinstance(item, dict) else None
        if not isinstance(places, list) or not places:
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
    return "".join(text.split()).casefold()


def _answers(file: str, name: str, given, start, context: str, strict: bool) -> list | Problem | None:
    """SQuAD's list of answers. `strict`: under SQuAD's own key, where nothing stands for a list but a list."""
    if isinstance(given, dict):
        given = _from_columns(file, name, given)
        if isinstance(given, Problem):
            return given
    if isinstance(given, list):
        starts = start if isinstance(start, list) and len(start) == len(given) else [MISSING] * len(given)
        found = []
        for text, at in zip(given, starts, strict=True):
            one = _one(file, name, text, at, context) if isinstance(text, str) else _renamed(text)
            if isinstance(one, Problem):
                return one
            found.append(one)
        return [] if found and all(_is_none(one) for one in found) else found
    if strict:
        return given
    if given is None or (isinstance(given, float) and math.isnan(given)):
        return []
    if isinstance(given, str):
        start = whole(start)
        if isinstance(start, str):
            return Problem("bad answer", file, name, f"answer_start is {start!r}", "Write a whole number, from 0")
        if not given.strip() or (given.strip().lower() in NOTHING and start is None and given.strip() not in context):
            return []
        one = _one(file, name, given, MISSING if start is None else start, context)
        return one if isinstance(one, Problem) else [one]
    return [given]  # whatever it is, it is no answer


def _from_columns(file: str, name: str, given: dict) -> list | Problem:
    """{"text": […], "answer_start": […]} as a list of answers; one answer as a list of one."""
    texts, starts = given.get("text"), given.get(key_of(given, START))
    if not isinstance(texts, list):
        return [given]
    if not isinstance(starts, list) or len(texts) != len(starts):
        advice = 'Write {"text": ["…"], "answer_start": [0]}, both as long'
        return Problem("bad answer", file, name, "text and answer_start do not go together", advice)
    return [{"text": text, "answer_start": whole(at)} for text, at in zip(texts, starts, strict=True)]


def _renamed(answer):
    """An answer whose keys others call otherwise, as SQuAD calls them; as it is where it lacks one, to be shown so."""
    if not isinstance(answer, dict):
        return answer
    text, start = key_of(answer, ("text", "answer", "answer_text")), key_of(answer, START)
    return answer if text is None or start is None else {"text": answer[text], "answer_start": answer[start]}


def _is_none(answer) -> bool:
    """Whether an answer says that there is none: no text, and a place before the first character."""
    return isinstance(answer, dict) and answer.get("text") == "" and answer.get("answer_start") == -1


def _is_blank(answer) -> bool:
    """Whether an answer has a text without a word, wherever it says that it stands."""
    return isinstance(answer, dict) and isinstance(text := answer.get("text"), str) and not text.strip()


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


# Whole files ---------------------------------------------------------------------------------------


def all_asked(file: str, content, answered: bool = True) -> Iterator[Asked | Problem]:
    """Every question of what a JSON file holds; `answered` as in `asked_in`."""
    if isinstance(content, dict) and isinstance(rows := content.get("rows"), list) and rows:
        if all(isinstance(one, dict) and isinstance(one.get("row"), dict) for one in rows):
            content = {"data": [one["row"] for one in rows]}  # as the `datasets` server gives rows
    if isinstance(content, dict) and isinstance(content.get("data"), list):
        for n, item in enumerate(content["data"]):
            yield from asked_in(file, f"data[{n}]", item, answered=answered)
    elif isinstance(content, list) and any(map(is_recognised, content)):
        for n, item in enumerate(content):
            yield from asked_in(file, f"[{n}]", item, answered=answered)
    elif isinstance(content, dict) and (rows := rows_of_columns(content)):
        for n, row in enumerate(rows):
            yield from asked_in(file, f"row {n}", row, answered=answered)
    elif is_recognised(content):
        yield from asked_in(file, "", content, answered=answered)
    else:
        yield _unknown(file, content)


def rows_of_columns(content: dict) -> list[dict]:
    """The rows of an object of equally long lists, as `Dataset.to_dict` writes them, or of pandas' objects of numbers.

    None for anything else.
    """
    if not isinstance(content.get(key_of(content, QUESTION) or ""), (list, dict)):
        return []
    named = [value for value in content.values() if isinstance(value, dict)]
    if named and len(named) == len(content) and all(one.keys() == named[0].keys() for one in named):
        content = {key: list(value.values()) for key, value in content.items()}
    lists = {key: value for key, value in content.items() if isinstance(value, list)}
    if not (key_of(lists, QUESTION) and context_key(lists) and len({len(v) for v in lists.values()}) == 1):
        return []
    return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]


def _unknown(file: str, content) -> Problem:
    advice = 'The file must begin {"data": [{"paragraphs": [{"context": "…", "qas": […]}]}]}, or be a list of ' \
        '{"question": …, "context": …, "answer": …}'  # fmt: skip
    first = content[0] if isinstance(content, list) and content else content
    inner = (
        next(iter(content.values()), None) if isinstance(content, dict) else None
    )  # DROP's passages, TriviaQA's list
    inner = inner[0] if isinstance(inner, list) and inner else inner
    if known := foreign(first) or foreign(inner):
        return Problem("not SQuAD", file, "", known, advice)
    if isinstance(content, dict):
        found = f"an object without a list called data; its keys are {keys_of(content)}"
    else:
        found = f"a {kind_of(content)}"
        found += f" of objects with the keys {keys_of(first)}" if isinstance(first, dict) else ""
    return Problem("not SQuAD", file, "", f"the file holds {found}", advice)
