"""Unusual right answers to validate_questions."""

from collections import defaultdict


def is_question(q):
    match q:
        case {"id": str(), "question": str(), "answers": list(answers)}:
            return all(type(a) is dict and type(a.get("text")) is str and type(a.get("answer_start")) is int
                       for a in answers)  # fmt: skip
    return False


def is_file(content):
    try:
        paragraphs = [p for a in content["data"] for p in a["paragraphs"]]
        return all(type(p["context"]) is str and all(type(q) is dict for q in p["qas"]) for p in paragraphs)
    except (KeyError, TypeError):
        return False


def questions_flat(content):
    if not is_file(content):
        return ((None, "wrong shape"),)
    rows = [(p["context"], n, q) for a in content["data"] for n, p in enumerate(a["paragraphs"]) for q in p["qas"]]
    bad, ids = [], defaultdict(int)
    for i, (context, n, q) in enumerate(rows):
        if not is_question(q):
            bad.append([q.get("id"), "wrong shape"])
            continue
        ids[q["id"]] += 1
        impossible = q.get("is_impossible") is True
        found = [(context.find(a["text"], a["answer_start"]) if a["text"] else None, a) for a in q["answers"]]
        wrong = [a for place, a in found if place != a["answer_start"]]
        before = [r for r in rows[:i] if r[0] is context and r[1] == n and is_question(r[2])]
        before = [r for r in before if r[2]["question"] == q["question"]]
        tests = [
            ("id twice", ids[q["id"]] > 1),
            ("no answer", not q["answers"] and not impossible),
            ("impossible", len(q["answers"]) > 0 and impossible),
            ("not there", len(wrong) > 0),
            ("asked twice", len(before) > 0),
        ]
        bad += [[q["id"], kind] for kind, holds in tests if holds][:1]
    return bad


ALTERNATIVES = [questions_flat]
