"""The exercise validate_questions: what must hold, and what each mistake looks like."""

import json

from utils.checks.frame import Exercise, Mistake, Property, case, register
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
    start = answer["answer_start"]
    return context[start : start + len(answer["text"])] == answer["text"]


def _questions_with(there=_there, which=all, absent=False, id_scope="file", asked_scope="paragraph", key=lambda q: q,
                    leave=(), first_only=False, every=False, remember=True, by_place=False, order=1, shape=QUESTION,
                    shape_kind="wrong shape", frame=SQUAD):  # fmt: skip
    """The reference with one of its steps done otherwise."""

    def validate(content):
        if not has_shape(content, frame):
            return [(None, "wrong shape")]
        problems, ids, asked, number = [], set(), set(), 0
        for article in content["data"][: 1 if first_only == "article" else None]:
            for paragraph in article["paragraphs"][: 1 if first_only == "paragraph" else None]:
                ids = set() if id_scope == "paragraph" else ids
                asked = set() if asked_scope == "paragraph" else asked
                for item in paragraph["qas"]:
                    if not has_shape(item, shape):
                        problems += [(number if by_place else item.get("id"), shape_kind)] if shape_kind else []
                        number += 1
                        continue
                    answers, impossible = item.get("answers") or [], item.get("is_impossible", absent)
                    kinds = [
                        ("id twice", item["id"] in ids),
                        ("no answer", not answers and not impossible),
                        ("impossible", bool(answers) and impossible),
                        ("not there", not which([there(a, paragraph["context"]) for a in answers] or [True])),
                        ("asked twice", key(item["question"]) in asked),
                    ]
                    found = [kind for kind, holds in kinds if holds and kind not in leave][::order]
                    name = number if by_place else item["id"]
                    problems += [(name, kind) for kind in (found if every else found[:1])]
                    if remember or not found:
                        ids.add(item["id"])
                        asked.add(key(item["question"]))
                    number += 1
        return problems

    return validate


def _no_file(content):
    return validate_questions(content) if has_shape(content, SQUAD) else []


def _qa(name, question, *answers, **more):
    return {"id": name, "question": question, "answers": [{"text": t, "answer_start": a} for t, a in answers], **more}


def _squad(*paragraphs):
    """One article for each list of paragraphs (context, *questions)."""
    articles = [{"paragraphs": [{"context": c, "qas": list(q)} for c, *q in article]} for article in paragraphs]
    return {"data": articles}


TALE = "Tom met Mia in Cork. Later Tom left Cork."


def _questions_run(answer, content):
    return say(answer(json.loads(json.dumps(content))))


def _ids_twice(rng):
    fine = ("Ada left.", _qa("a", "Who?", ("Ada", 0)), _qa("b", "Who left?", ("Ada", 0)))
    return [
        case(_squad([("Ada left.", _qa("a", "Who?", ("Ada", 0)), _qa("a", "And who?", ("Ada", 0)))])),
        case(_squad([fine, (TALE, _qa("a", "Who met?", ("Tom", 0)))], [("Bo.", _qa("b", "Who is it?", ("Bo", 0)))])),
        case(_squad([fine], [(TALE, _qa("c", "Who?", ("Tom", 0)), _qa("c", "Where?", ("Cork", 15)))])),
    ]


def _impossible(rng):
    return [
        case(_squad([(TALE, _qa("a", "Who?", is_impossible=False), _qa("b", "Why?", is_impossible=True))])),
        case(_squad([(TALE, _qa("a", "Who?", ("Tom", 0), is_impossible=True), _qa("b", "Why?"))])),
        case(
            _squad(
                [
                    (TALE, _qa("a", "Who?", ("Tom", 0))),
                    ("Nobody.", _qa("b", "How?"), _qa("c", "Why?", is_impossible=True)),
                ]
            )
        ),
    ]


def _not_there(rng):
    n = int(rng.integers(3, 9))
    return [
        case(_squad([(TALE, _qa("a", "Who?", ("Tom", 0)), _qa("b", "Where?", ("Cork", 14)))])),
        case(
            _squad(
                [
                    (
                        TALE,
                        _qa("a", "Who left?", ("Tom", 27)),
                        _qa("b", "Who?", ("tom", 0)),
                        _qa("c", "What?", ("Tom", 8)),
                    )
                ]
            )
        ),
        case(
            _squad(
                [
                    (
                        TALE,
                        _qa("a", "Where?", ("Cork", 15), ("Cork", 36 - n)),
                        _qa("b", "Where then?", ("Cork", 36 - n), ("Cork", 15)),
                        _qa("c", "When?", ("Later", 21), ("at last", 0)),
                    )
                ]
            )
        ),
        case(
            _squad([(TALE, _qa("a", "Where last?", ("Cork.", 36), ("Cork", 36)), _qa("b", "What?", ("Cork. No", 36)))])
        ),
    ]


def _asked_twice(rng):
    return [
        case(_squad([(TALE, _qa("a", "Who left?", ("Tom", 27)), _qa("b", "Who left?", ("Tom", 27)))])),
        case(
            _squad(
                [
                    (TALE, _qa("a", "Who?", ("Tom", 0)), _qa("b", "who?", ("Tom", 0))),
                    ("Bo.", _qa("c", "Who?", ("Bo", 0))),
                ]
            )
        ),
        case(
            _squad(
                [(TALE, _qa("a", "Who?", ("Tom", 5)), _qa("b", "Where?", ("Cork", 15)), _qa("c", "Who?", ("Tom", 0)))]
            )
        ),
        case(
            _squad(
                [(TALE, _qa("a", "Who?", ("Tom", 0)))],
                [("Bo left.", _qa("b", "Who?", ("Bo", 0)), _qa("d", "Who?", ("Bo", 0)))],
            )
        ),
    ]


def _questions_of_all_sorts(rng):
    items = [
        _qa("a", "Who?", ("Tom", 0)),
        _qa("b", "Where?", ("Cork", 3)),
        _qa("c", "Who?", ("Tom", 2), is_impossible=True),
        _qa("a", "Who?", ("Tom", 7)),
        _qa("d", "Why?"),
        _qa("e", "Who?", ("Mia", 9)),
        _qa("f", "Where?", ("Cork", 15)),
        _qa("g", "When?", is_impossible=True),
    ]
    order = rng.permutation(len(items))
    return [
        case(_squad([(TALE, *items[:3])])),
        case(_squad([(TALE, *items)], [(TALE, _qa("h", "Who?", ("Tom", 0)), _qa("b", "Who?", ("Tom", 1)))])),
        case(_squad([(TALE, *[items[i] for i in order])])),
    ]


def _misshapen(rng):
    """Questions that lack something, or have it in another type, among good ones; then files that are none."""
    good = [_qa(f"g{n}", f"Who was it, {n}?", ("Tom", 0)) for n in range(8)]
    bad = [
        {"id": "no answers", "question": "Who?"},
        {"id": "null", "question": "Who?", "answers": None, "is_impossible": True},
        {"id": "one answer", "question": "Who?", "answers": {"text": "Tom", "answer_start": 0}},
        {"id": "no place", "question": "Who?", "answers": [{"text": "Tom"}]},
        {"id": "place as text", "question": "Who?", "answers": [{"text": "Tom", "answer_start": "0"}]},
        {"id": "texts", "question": "Who?", "answers": ["Tom"]},
        {"id": "nothing asked", "answers": [{"text": "Tom", "answer_start": 0}]},
        {"question": "Who has no id?", "answers": [{"text": "Tom", "answer_start": 0}]},
    ]
    order = rng.permutation(len(bad))
    mixed = [item for n in order for item in (bad[n], good[n])]
    files = [{}, {"data": None}, {"articles": []}, {"data": [{"paragraphs": [{"context": TALE, "qas": None}]}]}]
    files += [[1, 2], {"data": [{"paragraphs": [{"qas": []}]}]}, {"data": [{"title": "Tom"}]}]
    return [
        case(_squad([(TALE, good[0], bad[0], good[1])])),
        case(_squad([(TALE, *mixed[:7])], [(TALE, *mixed[7:])])),
        *(case(content) for content in files),
    ]


register(
    Exercise(
        name="validate_questions",
        notebook="14_your_own_dataset",
        reference=validate_questions,
        properties=(
            Property("an answer that is not where it says", 2, _not_there, _questions_run),
            Property("is_impossible and answers that contradict each other", 1, _impossible, _questions_run),
            Property("JSON of another shape: a question, or the file", 1, _misshapen, _questions_run),
            Property("an id used twice in the file", 1, _ids_twice, _questions_run),
            Property("a question asked twice of one paragraph", 1, _asked_twice, _questions_run),
            Property(
                "a file with all of these: every bad question once, none invented",
                2,
                _questions_of_all_sorts,
                _questions_run,
            ),
        ),
        mistakes=(
            Mistake(
                "questions of another shape pass in silence: report them, then `continue`",
                _questions_with(shape_kind=""),
            ),
            Mistake('a file of another shape passes in silence: [(None, "wrong shape")] is asked for', _no_file),
            Mistake(
                'a question without answers in its object is reported as "no answer": it is of the "wrong shape"',
                _questions_with(shape_kind="no answer"),
            ),
            Mistake(
                "`answer in context` finds it anywhere: look at answer_start, where it must stand",
                _questions_with(there=lambda a, c: a["text"] in c),
            ),
            Mistake(
                "context.find gives the first place: a later one is as good, if answer_start says so",
                _questions_with(there=lambda a, c: c.find(a["text"]) == a["answer_start"]),
            ),
            Mistake(
                "capital and small letters are different characters: compare as they stand",
                _questions_with(there=lambda a, c: c[a["answer_start"] :].lower().startswith(a["text"].lower())),
            ),
            Mistake(
                "only the first answer is looked at: all must be where they say",
                _questions_with(which=lambda found: found[0]),
            ),
            Mistake("one good answer is not enough: all must be where they say", _questions_with(which=any)),
            Mistake("answers that are not where they say pass", _questions_with(leave=("not there",))),
            Mistake(
                "the answer is cut one character short: the slice ends at start + len(text)",
                _questions_with(
                    there=lambda a, c: c[a["answer_start"] : a["answer_start"] + len(a["text"]) - 1] == a["text"]
                ),
            ),
            Mistake(
                "only the first letter is compared",
                _questions_with(there=lambda a, c: c[a["answer_start"] :][:1] == a["text"][:1]),
            ),
            Mistake(
                "a question without answers is fine only where is_impossible is true",
                _questions_with(leave=("no answer",)),
            ),
            Mistake(
                "where is_impossible is absent the question can be answered: get it with the default False",
                _questions_with(absent=True),
            ),
            Mistake("an answer to a question that says it has none passes", _questions_with(leave=("impossible",))),
            Mistake(
                "an id must be used once in the whole file: make the set before the loops",
                _questions_with(id_scope="paragraph"),
            ),
            Mistake("ids used twice pass", _questions_with(leave=("id twice",))),
            Mistake(
                "the same question about another paragraph is another question: a new set for each",
                _questions_with(asked_scope="file"),
            ),
            Mistake(
                "case is ignored: here two questions are the same where every letter is", _questions_with(key=str.lower)
            ),
            Mistake(
                "only good questions are remembered: one in a bad entry was asked as well",
                _questions_with(remember=False),
            ),
            Mistake("questions asked twice pass", _questions_with(leave=("asked twice",))),
            Mistake("only the first article is read", _questions_with(first_only="article")),
            Mistake("only the first paragraph of an article is read", _questions_with(first_only="paragraph")),
            Mistake(
                "a question is reported several times: only the first kind that holds", _questions_with(every=True)
            ),
            Mistake(
                "the last kind that holds is reported: try them in the order of the table, and stop at the first",
                _questions_with(order=-1),
            ),
            Mistake("the number of the question came back; its id is asked for", _questions_with(by_place=True)),
        ),
        hints=(
            "has_shape first: of the file, then of each question. Three loops: articles, paragraphs, qas. One set of "
            "ids for the file, one of questions each paragraph.",
            "An answer is there if context[start : start + len(text)] == text. All answers of a question must be.",
            'is_impossible may be absent: item.get("is_impossible", False). An elif chain keeps the first kind only.',
        ),
    )
)
