"""The shapes in which files hold questions about passages, each turned into what SQuAD would write. No framework.

Read are SQuAD's own nesting and what is near to it: KorQuAD 2 (articles without paragraphs, one answer under "answer"),
CMRC 2018 ("context_text", "query_text", answers as bare texts), MRQA ("detected_answers"), NewsQA ("consensus"), labels
of Haystack, QuAC ("CANNOTANSWER"), and flat rows, with answers as the `datasets` library gives them. A bare text is an
answer where it stands in the passage exactly once. What is known to hold no spans is refused by its name.
"""

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from utils.datasets.readers.question_answers import ANSWER, CANNOT, MISSING, START, answers_of, key_of
from utils.datasets.readers.questions import NOTHING, Problem, brief, impossible_of, kind_of, ready

QUESTION = ("question", "query", "query_text", "q")
CONTEXT = ("context", "passage", "paragraph", "context_text")
ID = ("id", "question_id", "qid", "guid", "query_id", "_id")
FOREIGN = (  # keys that tell a data set, its name, and why its questions cannot be read
    ({"story", "questions", "answers"}, "CoQA", "its answers are written freely, in a conversation"),
    ({"supporting_facts", "context"}, "HotpotQA", "its passages are lists of sentences, and answers have no place"),
    ({"passage", "qa_pairs"}, "DROP", "its answers are numbers, dates and several spans"),
    ({"article", "questions", "options"}, "RACE", "its answers are choices"),
    ({"query", "passages"}, "MS MARCO", "its answers are written freely"),
    ({"annotations", "document_plaintext"}, "TyDi QA's primary task", "its answers are ranges of bytes; its secondary "
     "task, of gold passages, is read"),
    ({"plot", "qa"}, "DuoRC", "its answers are written freely, or have no places"),
    ({"plot", "question"}, "DuoRC", "its answers are written freely, or have no places"),
    ({"body", "snippets"}, "BioASQ", "its answers have no places"),
    ({"documents", "question", "question_type"}, "DuReader", "its answers are written freely"),
    ({"annotations", "document_tokens"}, "Natural Questions", "its answers are ranges of tokens"),
    ({"EntityPages", "Question"}, "TriviaQA", "its passages lie in other files"),
    ({"annotations", "question_text"}, "Natural Questions", "its answers are ranges of tokens"),
    ({"article", "question", "options"}, "RACE", "its answers are choices"),
)  # fmt: skip
CHOICE = re.compile(r"(?:(?:opt(?:ion)?|choice|op)[ _]?)?[a-e1-5]")  # what columns of choices are called
NAMES_CHOICE = re.compile(r"\(?(?:[A-Ea-e]|\d)\)?\.?")
NESTED = ("qas", "questions", "qa")  # keys of the questions of a passage


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


def keys_of(item: dict) -> str:
    """The keys of an object, for a message."""
    return (
        ", ".join(brief(name).replace('"', "'") for name in list(item)[:8]) + (", …" if len(item) > 8 else "") or "none"
    )


def usual(item):
    """An object with keys such as Question or Answer Text, with them as others write them; any other as it is.

    Of a row of the `datasets` server, {"row_idx": 0, "row": {…}}, what stands in it.
    """
    if isinstance(item, dict) and "row_idx" in item and isinstance(item.get("row"), dict):
        item = item["row"]
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
    nested = isinstance(item.get("paragraphs"), list) or (has_context and nested_key(item)) or _is_newsqa(item)
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
    return found or ("text" if "text" in item and key_of(item, (*ANSWER, "is_impossible", "qas")) else None)


def nested_key(item: dict) -> str | None:
    """The key of a passage's questions: qas, or another whose list holds questions; None where there are none."""
    if "qas" in item or key_of(item, QUESTION):
        return "qas" if "qas" in item else None
    for key in NESTED:
        asked = item.get(key)
        if isinstance(asked, list) and any(isinstance(one, dict) and key_of(one, QUESTION) for one in asked):
            return key
    return None


def has_text_answer(row) -> bool:
    """Whether an answer stands under "text": the passage has another key, and the answer a place."""
    return "text" in row and context_key(row) not in (None, "text") and key_of(row, START) is not None


def _is_newsqa(item: dict) -> bool:
    asked = item.get("questions")
    return isinstance(item.get("text"), str) and isinstance(asked, list) and any(
        isinstance(q, dict) and "q" in q for q in asked)  # fmt: skip


def _is_label(item: dict) -> bool:
    return "query" in item and isinstance(item.get("document"), dict) and "content" in item["document"]


def _choice(item: dict) -> str:
    """The answer of a flat row that is the letter or the number of a choice beside it; "" for any other."""
    answer = str(item.get(key_of(item, ANSWER) or "answer")).strip()
    if not NAMES_CHOICE.fullmatch(answer) or item.get(key_of(item, START) or "answer_start") not in (None, ""):
        return ""
    listed = next((item[key] for key in ("choices", "options") if item.get(key)), None)
    beside = [value for key, value in item.items() if CHOICE.fullmatch(key.lower())]
    texts = listed.values() if isinstance(listed, dict) else listed if isinstance(listed, list) else beside
    return answer if (listed or len(beside) > 1) and answer not in texts else ""


def quick(place: str, item) -> Asked | None:
    """A flat row with nothing odd in it, as `asked_in` would give it; None where that has to look."""
    if type(item) is not dict or type(context := item.get("context")) is not str or not context.strip():
        return None
    if "paragraphs" in item or "qas" in item or "questions" in item or "qa" in item or foreign(item):
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
    elif nested_key(item) and context_key(item):
        yield from _paragraph(file, place, item, title, answered)
    elif _is_label(item) and (item.get("is_correct_answer") is False or item.get("is_correct_document") is False):
        found, advice = "its makers say that the answer is wrong", "It was left out, as those who made the file meant"
        yield Problem("left out", file, str(item.get("id") or place), found, advice, kept=True)
    elif _is_label(item):
        yield from _flat(file, place, _label(item), title, answered)
    elif answered and (picked := _choice(item)):
        found = f"its answer, {brief(picked)}, names one of the choices beside it, and no words of the passage"
        yield Problem("bad answer", file, place, found, "Write the words of the passage that answer it, or take it out")
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
    key = nested_key(paragraph) or "qas"
    if not isinstance(paragraph.get(key), list):
        yield Problem("not SQuAD", file, place, "it has no list called qas", "Put its questions into a list, qas")
        return
    if not paragraph[key]:
        yield Asked(f"{place}.qas", title, context, MISSING, True)
    for n, raw in enumerate(paragraph[key]):
        where = f"{place}.{key}[{n}]".removeprefix(".")
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
    if (key := impossible_of(raw)[0]) in raw:
        found[key] = raw[key]
    answers = answers_of(file, name, raw, context, nested, "text" if has_text_answer(raw) else None)
    if isinstance(answers, Problem):
        return answers
    return Asked(place, title, context, found if answers is MISSING else {**found, "answers": answers}, nested)


# Whole files ---------------------------------------------------------------------------------------


def all_asked(file: str, content, answered: bool = True) -> Iterator[Asked | Problem]:
    """Every question of what a JSON file holds; `answered` as in `asked_in`."""
    if isinstance(content, dict) and isinstance(rows := content.get("rows"), list) and rows:
        if all(isinstance(one, dict) and isinstance(one.get("row"), dict) for one in rows):
            content = {"data": [one["row"] for one in rows]}  # as the `datasets` server gives rows
    if isinstance(content, dict) and isinstance(names := content.get("columns"), list):
        content = _of_split(content, names)
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
    elif isinstance(content, dict) and len(content) > 1 and all(map(is_recognised, content.values())):
        for key, row in content.items():  # rows under their names, as of pandas' index
            yield from asked_in(file, key, row, answered=answered)
    elif len(lists := _lists(content)) == 1:
        for key, items in lists.items():
            for n, item in enumerate(items):
                yield from asked_in(file, f"{key}[{n}]", item, answered=answered)
    elif lists:
        found = f"the file holds several lists of questions: {', '.join(lists)}"
        yield Problem("not SQuAD", file, "", found, "Write each into a file of its own")
    else:
        yield _unknown(file, content)


def _of_split(content: dict, names: list) -> dict:
    """What pandas writes with orient="split", as rows; anything else as it is."""
    rows = content.get("data")
    fits = isinstance(rows, list) and all(isinstance(row, list) and len(row) == len(names) for row in rows)
    if not fits or not all(isinstance(name, str) for name in names):
        return content
    return {"data": [dict(zip(names, row, strict=True)) for row in rows]}


def _lists(content) -> dict[str, list]:
    """The lists of an object that hold questions, as {"train": […]}, by their keys."""
    found = content.items() if isinstance(content, dict) else ()
    return {key: one for key, one in found if isinstance(one, list) and any(map(is_recognised, one))}


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
