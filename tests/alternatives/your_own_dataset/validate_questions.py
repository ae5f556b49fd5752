"""Unusual right answers to validate_questions."""

from collections import defaultdict


def questions_flat(content):
    rows = [(p["context"], n, q) for a in content["data"] for n, p in enumerate(a["paragraphs"]) for q in p["qas"]]
    bad, ids = [], defaultdict(int)
    for i, (context, n, q) in enumerate(rows):
        ids[q["id"]] += 1
        impossible = q.get("is_impossible") is True
        wrong = [a for a in q["answers"] if context.find(a["text"], a["answer_start"]) != a["answer_start"]]
        before = [r for r in rows[:i] if r[0] is context and r[1] == n and r[2]["question"] == q["question"]]
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
