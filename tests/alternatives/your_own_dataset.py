"""Unusual right answers to lesson 14."""

import json
from collections import defaultdict

import numpy as np


def entities_by_numpy(lines):
    bad, known = [], []
    for n, line in enumerate(lines):
        try:
            item = json.loads(line)
        except json.JSONDecodeError:
            bad.append((n + 1, "not JSON"))
            continue
        text = str(item.get("text", ""))
        covered = np.zeros(len(text), int)
        kind = "" if text.split() else "no text"
        spans = [(e["start"], e["end"]) for e in item.get("entities", [])]
        if not kind and any(a not in range(len(text)) or b <= a or b > len(text) for a, b in spans):
            kind = "out of range"
        if not kind and any(text[a : a + 1].isspace() or text[b - 1 : b].isspace() for a, b in spans):
            kind = "space"
        if not kind:
            for a, b in spans:
                covered[a:b] += 1
            kind = "overlap" if covered.max(initial=0) > 1 else "twice" if text in known else ""
        known.append(text)
        if kind:
            bad.append((np.int64(n + 1), kind))
    return tuple(bad)


def entities_as_a_generator(lines):
    yield from entities_by_numpy(lines)


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


def split_one_after_the_other(items, group_of, fractions, seed=0):
    members = defaultdict(list)
    for item in items:
        members[group_of(item)].append(item)
    names = sorted(members)
    order = np.random.default_rng(seed).permutation(len(names))
    parts, ends = [[] for _ in fractions], np.cumsum(fractions) * len(items)
    n = done = 0
    for i in order:
        while done >= ends[n] - 1e-9 and n < len(fractions) - 1:
            n += 1
        parts[n].extend(members[names[i]])
        done += len(members[names[i]])
    return tuple(parts)


ALTERNATIVES = {
    "validate_entities": [entities_by_numpy, entities_as_a_generator],
    "validate_questions": [questions_flat],
    "split_by_group": [split_one_after_the_other],
}
