"""The exercise validate_questions: what must hold, and what each mistake looks like."""

import re

from utils.checks.frame import Exercise, Mistake, Property, register
from utils.checks.your_own_dataset.question_files import (
    asked_twice,
    ids_twice,
    impossible,
    misshapen,
    not_there,
    questions_of_all_sorts,
)
from utils.checks.your_own_dataset.shared import QUESTION, SQUAD, has_shape, say


def validate_questions(content) -> list[tuple[str, str]]:
    """Finds the questions that no model should learn from.

    Args:
        content: what a SQuAD file holds: {"data": [{"paragraphs": [{"context": "…", "qas": [{"id": "…",
            "question": "…", "answers": [{"text": "…", "answer_start": 0}], "is_impossible": false}]}]}]}.

    Returns:
        (id, kind) for each bad question, in order. The kind is the first of these that holds: "wrong shape": it is
        not of the shape QUESTION (its id is None where it has none); "id twice": an earlier question has its id; "no
        answer": it has none, and is_impossible is false or absent; "impossible": it has one, but is_impossible is
        true; "not there": the context does not hold an answer at its answer_start; "asked twice": an earlier
        question of the same paragraph has the same words. Content that is not of the shape SQUAD gives
        [(None, "wrong shape")].
    """
    if not has_shape(content, SQUAD):
        return [(None, "wrong shape")]
    problems, ids = [], set()
    for article in content["data"]:
        for paragraph in article["paragraphs"]:
            context, asked = paragraph["context"], set()
            for item in paragraph["qas"]:
                if not has_shape(item, QUESTION):
                    problems.append((item.get("id"), "wrong shape"))
                    continue
                answers, impossible = item["answers"], item.get("is_impossible", False)
                if item["id"] in ids:
                    problems.append((item["id"], "id twice"))
                elif not answers and not impossible:
                    problems.append((item["id"], "no answer"))
                elif answers and impossible:
                    problems.append((item["id"], "impossible"))
                elif not all(
                    a["text"] and 0 <= a["answer_start"] and context.startswith(a["text"], a["answer_start"])
                    for a in answers
                ):
                    problems.append((item["id"], "not there"))
                elif item["question"] in asked:
                    problems.append((item["id"], "asked twice"))
                ids.add(item["id"])
                asked.add(item["question"])
    return problems


def _there(answer, context):
    return bool(answer["text"]) and answer["answer_start"] >= 0 and _cut(answer, context) == answer["text"]


def _places(text, context):
    """Where a text stands, as `finditer` goes on behind each."""
    return [match.start() for match in re.finditer(re.escape(text), context)] if text else []


def _cut(answer, context, more=0):
    """What a slice takes from the context, as long as the answer or so."""
    start = answer["answer_start"]
    return context[start : start + len(answer["text"]) + more]


def _found(text, context):
    """Where a text stands that is read as a pattern; nowhere where it is none."""
    try:
        return list(re.finditer(text, context))
    except re.error:
        return []


def _at(text, context, start):
    """Whether a pattern begins there."""
    try:
        return re.compile(text).match(context, start)
    except re.error:
        return None


def _evened(text):
    return " ".join(text.split())


def _each_once(found):
    return [pair for n, pair in enumerate(found) if pair not in found[:n]]


def _no_answer(answers, impossible):
    return not answers and not impossible


def _clash(answers, impossible, item):
    return bool(answers) and bool(impossible)


def _questions_with(there=_there, which=all, absent=False, id_scope="file", asked_scope="paragraph", key=lambda q: q,
                    leave=(), only=slice(None), every=False, remember=lambda found: True, early=(), by_place=False,
                    order=(0, 1, 2, 3, 4), shape=QUESTION, shape_kind="wrong shape", id_key=lambda name: name,
                    shape_id=lambda item: item.get("id"), frame=SQUAD, none=_no_answer, clash=_clash, each=False,
                    words=lambda found: True, ids_first=False, last_id=False, context_of=None, of=(),
                    ill=()):  # fmt: skip
    """The reference with one of its steps done otherwise."""
    parts = [only if level in of else slice(None) for level in ("article", "paragraph", "question")]

    def validate(content):
        if not has_shape(content, frame):
            return [(None, "wrong shape")]
        problems, ids, asked, number = [], [], [], 0
        for article in content["data"][parts[0]]:
            ids = [] if id_scope == "article" else ids
            asked = [] if asked_scope == "article" else asked
            for paragraph in article["paragraphs"][parts[1]]:
                ids = [] if id_scope == "paragraph" else ids
                asked = [] if asked_scope == "paragraph" else asked
                context = context_of(content, article) if context_of else paragraph["context"]
                for item in paragraph["qas"][parts[2]]:
                    if not has_shape(item, shape) and not (ids_first and item.get("id") in ids):
                        problems += [(number if by_place else shape_id(item), shape_kind)] if shape_kind else []
                        ids += [item.get("id")] if "id" in ill else []
                        asked += [item.get("question")] if "words" in ill else []
                        number += 1
                        continue
                    answers, impossible = item.get("answers") or [], item.get("is_impossible", absent)
                    if "id" in early:
                        ids.append(id_key(item["id"]))
                    if "words" in early:
                        asked.append(key(item["question"]))
                    found_there = [there(a, context) for a in answers]
                    kinds = [
                        ("id twice", id_key(item["id"]) in (ids[-1:] if last_id else ids)),
                        ("no answer", none(answers, impossible)),
                        ("impossible", clash(answers, impossible, item)),
                        ("not there", not which(found_there or [True])),
                        ("asked twice", key(item.get("question")) in asked if "question" in item else False),
                    ]
                    found = [kinds[n][0] for n in order if kinds[n][1] and kinds[n][0] not in leave]
                    name = number if by_place else item["id"]
                    times = found_there.count(False) if each and found[:1] == ["not there"] else 1
                    problems += [(name, kind) for kind in (found if every else found[:1])] * times
                    if remember(found):
                        ids.append(id_key(item["id"]))
                        if words(found) and "question" in item:
                            asked.append(key(item["question"]))
                    number += 1
        return problems

    return validate


def _either(diagnosis, there, **changes):
    """A mistake twice: by one who asks for an answer's text and a start from 0 on, and by one who does not."""
    asked = lambda a, c: a["text"] and a["answer_start"] >= 0 and there(a, c)  # noqa: E731
    return [Mistake(diagnosis, _questions_with(there=one, **changes)) for one in (asked, there)]


def _no_file(content):
    return validate_questions(content) if has_shape(content, SQUAD) else []


def _questions_run(answer, content):
    found = answer(content)
    if found is not None and not hasattr(found, "__len__"):  # a later cell counts them
        return f"a {type(found).__name__}, which is no list of pairs"
    return say(found)


register(
    Exercise(
        name="validate_questions",
        notebook="14_your_own_dataset",
        reference=validate_questions,
        properties=(
            Property("an answer that is not where it says", 2, not_there, _questions_run),
            Property("is_impossible and answers that contradict each other", 1, impossible, _questions_run),
            Property("JSON of another shape: a question, or the file", 1, misshapen, _questions_run),
            Property("an id used twice in the file", 1, ids_twice, _questions_run),
            Property("a question asked twice of one paragraph", 1, asked_twice, _questions_run),
            Property(
                "a file with all of these: every bad question once, none invented",
                2,
                questions_of_all_sorts,
                _questions_run,
            ),
        ),
        mistakes=(
            Mistake(
                "questions of another shape pass in silence: report them, then `continue`",
                _questions_with(shape_kind=""),
            ),
            Mistake(
                "one question of another shape condemns the whole file: SQUAD asks for objects only, QUESTION for more",
                _questions_with(frame={"data": [{"paragraphs": [{"context": str, "qas": [QUESTION]}]}]}),
            ),
            Mistake(
                "a file without articles has the shape SQUAD, and nothing bad in it: the empty list is asked for",
                lambda content: validate_questions(content) if content != {"data": []} else [(None, "wrong shape")],
            ),
            Mistake('a file of another shape passes in silence: [(None, "wrong shape")] is asked for', _no_file),
            Mistake(
                'a question without answers in its object is reported as "no answer": it is of the "wrong shape"',
                _questions_with(shape_kind="no answer"),
            ),
            *_either(
                "`answer in context` finds it anywhere: look at answer_start, where it must stand",
                lambda a, c: a["text"] in c,
            ),
            *_either(
                "it is found anywhere behind answer_start: it must begin there",
                lambda a, c: a["text"] in c[a["answer_start"] :],
            ),
            Mistake(
                "a negative answer_start passes: Python counts it from the end, and no error shows it",
                _questions_with(there=lambda a, c: a["text"] and c.startswith(a["text"], a["answer_start"])),
            ),
            Mistake(
                "a negative answer_start passes: Python counts it from the end, and no error shows it",
                _questions_with(there=lambda a, c: a["text"] and _cut(a, c) == a["text"]),
            ),
            Mistake(
                "an empty answer passes: it stands everywhere, and is never an answer",
                _questions_with(there=lambda a, c: a["answer_start"] >= 0 and _cut(a, c) == a["text"]),
            ),
            Mistake(
                "an empty answer and a negative answer_start pass: a slice takes both without an error",
                _questions_with(there=lambda a, c: _cut(a, c) == a["text"]),
            ),
            *_either(
                "white space is taken off before they are compared: every character counts",
                lambda a, c: _cut(a, c).strip() == a["text"].strip(),
            ),
            *(
                Mistake("white space is taken off before they are compared: every character counts", wrong)
                for wrong in (_questions_with(there=lambda a, c: _there({**a, "text": a["text"].strip()}, c)),)
            ),
            *(
                Mistake("the context is changed before it is looked at: white space counts in every offset", wrong)
                for wrong in (
                    _questions_with(there=lambda a, c: _there(a, c.strip())),
                    _questions_with(there=lambda a, c: _there(a, _evened(c))),
                )
            ),
            Mistake(
                "bytes are counted: answer_start counts characters",
                _questions_with(there=lambda a, c: _there({**a, "text": a["text"].encode()}, c.encode())),
            ),
            Mistake(
                "answer_start is counted from 1: it counts from 0",
                _questions_with(there=lambda a, c: _there({**a, "answer_start": a["answer_start"] - 1}, c)),
            ),
            Mistake(
                "the slice is one character too long: it ends at start + len(text)",
                _questions_with(there=lambda a, c: a["text"] and _cut(a, c, 1) == a["text"]),
            ),
            *_either(
                "what stands there may be shorter than the answer: compare with ==, not with `in`",
                lambda a, c: _cut(a, c) in a["text"],
            ),
            Mistake(
                "context.find gives the first place: a later one is as good, if answer_start says so",
                _questions_with(there=lambda a, c: c.find(a["text"]) == a["answer_start"]),
            ),
            *_either(
                "first and last place are tried, and an answer may stand between: look at answer_start alone",
                lambda a, c: a["answer_start"] in (c.find(a["text"]), c.rfind(a["text"])),
            ),
            *(
                mistake
                for there in (
                    lambda a, c: a["answer_start"] in [m.start() for m in _found(a["text"], c)],
                    lambda a, c: bool(_at(a["text"], c, a["answer_start"])),
                )
                for mistake in _either(
                    "the answer is read as a pattern, in which . $ ( and others are signs: compare text, without re",
                    there,
                )
            ),
            *_either(
                "capital and small letters are different characters: compare as they stand",
                lambda a, c: _cut(a, c).lower() == a["text"].lower(),
            ),
            *_either(
                "only the first answer is looked at: all must be where they say",
                lambda a, c: _cut(a, c) == a["text"],
                which=lambda found: found[0],
            ),
            Mistake(
                "only the last answer is looked at: all must be where they say",
                _questions_with(which=lambda found: found[-1]),
            ),
            *_either(
                "one good answer is not enough: all must be where they say",
                lambda a, c: _cut(a, c) == a["text"],
                which=any,
            ),
            *_either(
                "places that overlap are missed: ask what stands at answer_start, and search for nothing",
                lambda a, c: a["answer_start"] in _places(a["text"], c),
            ),
            *_either(
                "the context's end is taken off before it is looked at: it may belong to an answer",
                lambda a, c: _cut(a, c.rstrip()) == a["text"],
            ),
            *_either(
                "stops and commas are taken off before they are compared: every character counts",
                lambda a, c: _cut(a, c).strip(".,") == a["text"].strip(".,"),
            ),
            Mistake("answers that are not where they say pass", _questions_with(leave=("not there",))),
            Mistake(
                "the answer is cut one character short: the slice ends at start + len(text)",
                _questions_with(there=lambda a, c: a["text"] and _cut(a, c, -1) == a["text"]),
            ),
            *_either(
                "only the first letter is compared",
                lambda a, c: _cut(a, c)[:1] == a["text"][:1],
            ),
            Mistake(
                "a question without answers is fine only where is_impossible is true",
                _questions_with(leave=("no answer",)),
            ),
            Mistake(
                "where is_impossible is absent the question can be answered: get it with the default False",
                _questions_with(absent=True),
            ),
            Mistake(
                "where is_impossible is true there need be no answer: only without it is none a mistake",
                _questions_with(none=lambda answers, impossible: not answers),
            ),
            Mistake(
                "is_impossible without answers is as it should be: only with them it is a mistake",
                _questions_with(clash=lambda answers, impossible, item: impossible),
            ),
            Mistake(
                "is_impossible: false beside answers is as it should be: look at its value, not whether it is there",
                _questions_with(clash=lambda answers, impossible, item: answers and "is_impossible" in item),
            ),
            Mistake("an answer to a question that says it has none passes", _questions_with(leave=("impossible",))),
            Mistake(
                "an id must be used once in the whole file: make the set before the loops",
                _questions_with(id_scope="paragraph"),
            ),
            Mistake(
                "an id must be used once in the whole file, not in each article: make the set before the loops",
                _questions_with(id_scope="article"),
            ),
            Mistake(
                "each question finds itself: ask whether the id was there before you put it in",
                _questions_with(early=("id",)),
            ),
            Mistake(
                "equal pairs become one: each bad question has a pair of its own, doubles too",
                lambda content: _each_once(validate_questions(content)),
            ),
            Mistake(
                "a dictionary keeps one kind for each id: make a list of pairs, doubles too",
                lambda content: list(dict(validate_questions(content)).items()),
            ),
            Mistake(
                "the pairs are sorted: they come in the order of the file",
                lambda content: sorted(validate_questions(content), key=lambda pair: str(pair[0])),
            ),
            Mistake(
                "an id is compared with the one before only: keep all of them in a set", _questions_with(last_id=True)
            ),
            *(
                Mistake("ids are the same where every character is: compare them as they stand", wrong)
                for wrong in (_questions_with(id_key=str.lower), _questions_with(id_key=str.strip))
            ),
            *(
                Mistake(
                    "a question of the wrong shape is no earlier one: remember neither its id nor its words",
                    _questions_with(ill=ill),
                )
                for ill in (("id",), ("words",), ("id", "words"))
            ),
            Mistake(
                '"wrong shape" comes before "id twice": ask has_shape first of all', _questions_with(ids_first=True)
            ),
            Mistake("ids used twice pass", _questions_with(leave=("id twice",))),
            Mistake(
                "the same question about another paragraph is another question: a new set for each",
                _questions_with(asked_scope="file"),
            ),
            Mistake(
                "the same question about another paragraph is another question: a new set for each, not for an article",
                _questions_with(asked_scope="article"),
            ),
            Mistake(
                "case is ignored: here two questions are the same where every letter is", _questions_with(key=str.lower)
            ),
            *(
                Mistake(
                    "questions are changed before they are compared: the same are those with every character", wrong
                )
                for wrong in (
                    _questions_with(key=str.strip),
                    _questions_with(key=lambda q: tuple(q.split())),
                    _questions_with(key=lambda q: frozenset(q.split())),
                    _questions_with(key=lambda q: q.rstrip(" ?")),
                )
            ),
            Mistake(
                "each question finds itself: ask whether its words were there before you put them in",
                _questions_with(early=("words",)),
            ),
            *(
                Mistake(
                    "the words of a bad question are forgotten, though it was asked: is a `continue` before they are "
                    "remembered?",
                    _questions_with(words=lambda found, bad=bad: found[:1] not in ([b] for b in bad)),
                )
                for bad in (("no answer",), ("impossible",), ("not there",), ("no answer", "impossible"))
            ),
            Mistake(
                "only good questions are remembered: one in a bad entry was asked as well",
                _questions_with(remember=lambda found: not found),
            ),
            Mistake(
                "of a question whose id is there twice the words are not remembered: it was asked as well",
                _questions_with(remember=lambda found: "id twice" not in found),
            ),
            Mistake("questions asked twice pass", _questions_with(leave=("asked twice",))),
            Mistake("only the first article is read", _questions_with(only=slice(1), of=("article",))),
            Mistake(
                "only the first paragraph of an article is read", _questions_with(only=slice(1), of=("paragraph",))
            ),
            Mistake("the first article is passed over", _questions_with(only=slice(1, None), of=("article",))),
            Mistake(
                "only the last paragraph of an article is read: the loop over questions belongs inside that over "
                "paragraphs",
                _questions_with(only=slice(-1, None), of=("paragraph",)),
            ),
            Mistake(
                "only the first question of all is read: does `return` stand inside the loops?",
                _questions_with(only=slice(1), of=("article", "paragraph", "question")),
            ),
            *(
                Mistake("each answer is looked for in its own paragraph's context, not in the first one's", wrong)
                for wrong in (
                    _questions_with(context_of=lambda content, article: content["data"][0]["paragraphs"][0]["context"]),
                    _questions_with(context_of=lambda content, article: article["paragraphs"][0]["context"]),
                )
            ),
            Mistake(
                "only the first paragraph of the first article is read: does `return` stand inside a loop?",
                _questions_with(only=slice(1), of=("article", "paragraph")),
            ),
            Mistake(
                "a question of another shape is reported without its id: item.get has it, where there is one",
                _questions_with(shape_id=lambda item: None),
            ),
            *(
                Mistake(
                    'the kinds are tried in another order: "id twice" comes before those that ask for answers', wrong
                )
                for wrong in (
                    _questions_with(order=(1, 0, 2, 3, 4)),
                    _questions_with(order=(1, 2, 0, 3, 4)),
                    _questions_with(order=(1, 2, 3, 0, 4)),
                    _questions_with(order=(1, 2, 3, 4, 0)),
                )
            ),
            *(
                Mistake("the kinds are tried in another order than the table has: the first that holds counts", wrong)
                for wrong in (
                    _questions_with(order=(0, 1, 2, 4, 3)),
                    _questions_with(order=(0, 1, 4, 2, 3)),
                    _questions_with(order=(0, 4, 1, 2, 3)),
                    _questions_with(order=(0, 1, 3, 2, 4)),
                )
            ),
            Mistake("a question has one pair, however many of its answers are not there", _questions_with(each=True)),
            Mistake(
                "a question is reported several times: only the first kind that holds", _questions_with(every=True)
            ),
            Mistake(
                "the last kind that holds is reported: try them in the order of the table, and stop at the first",
                _questions_with(order=(4, 3, 2, 1, 0)),
            ),
            Mistake("the number of the question came back; its id is asked for", _questions_with(by_place=True)),
        ),
        hints=(
            "has_shape first: of the file, then of each question. Three loops: articles, paragraphs, qas. One set of "
            "ids for the file, one of questions each paragraph.",
            "context[start : start + len(text)] must be the text; is an empty one there, or one with a start below 0?",
            "All answers must be there. is_impossible may be absent. One question gets one kind, the first that holds.",
        ),
    )
)
