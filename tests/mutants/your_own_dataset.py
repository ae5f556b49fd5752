"""Wrong answers to lesson 14. For each exercise: (answer, words that its diagnosis must hold)."""

import json
import random

# validate_entities ---------------------------------------------------------------------------------


def judged(text, spans, seen):
    if not text or not text.strip():
        return "no text"
    for a, b in spans:
        if a < 0 or b > len(text) or a >= b:
            return "out of range"
    for a, b in spans:
        if text[a].isspace() or text[b - 1].isspace():
            return "space"
    for i in range(len(spans)):
        for j in range(i):
            if spans[i][0] < spans[j][1] and spans[j][0] < spans[i][1]:
                return "overlap"
    return "twice" if text in seen else None


def read(line):
    record = json.loads(line)
    return record.get("text"), [(e["start"], e["end"]) for e in record.get("entities", [])]


def each_line(lines, judge=judged, first=1, key=lambda line, text: text, remember=lambda kind: True):
    """The report on all lines; a mistake is a judge of its own, or another way to count or to remember."""
    out, seen = [], set()
    for i, line in enumerate(lines, first):
        try:
            text, spans = read(line)
        except ValueError:
            out.append((i, "not JSON"))
            continue
        kind = judge(text, spans, seen)
        if kind is None and key(line, text) in seen:
            kind = "twice"
        if kind:
            out.append((i, kind))
        if remember(kind):
            seen.add(key(line, text))
    return out


def counts_from_zero(lines):
    return each_line(lines, first=0)


def first_only(lines):
    return each_line(lines)[:1]


def strict_end(lines):
    def judge(text, spans, seen):
        kind = judged(text, spans, seen)
        return "out of range" if kind != "no text" and any(b >= len(text) for a, b in spans) else kind

    return each_line(lines, judge)


def trusts_python_with_negatives(lines):
    def judge(text, spans, seen):
        kind = judged(text, spans, seen)
        return None if kind == "out of range" and all(a < b <= len(text) for a, b in spans) else kind

    return each_line(lines, judge)


def touching(lines):
    def judge(text, spans, seen):
        kind, spans = judged(text, spans, seen), sorted(spans)
        touch = any(a[1] >= b[0] for a, b in zip(spans, spans[1:], strict=False))
        return "overlap" if kind in (None, "twice") and touch else kind

    return each_line(lines, judge)


def unsorted_neighbours(lines):
    def judge(text, spans, seen):
        kind = judged(text, spans, set())
        if kind in (None, "overlap"):
            return "overlap" if any(b[0] < a[1] for a, b in zip(spans, spans[1:], strict=False)) else None
        return kind

    return each_line(lines, judge)


def no_strip_of_text(lines):
    def judge(text, spans, seen):
        return judged(text, spans, seen) if text and text.strip() else None if text else "no text"

    return each_line(lines, judge)


def lines_as_keys(lines):
    return each_line(lines, lambda text, spans, seen: judged(text, spans, set()), key=lambda line, text: line)


def never_twice(lines):
    return each_line(lines, lambda text, spans, seen: judged(text, spans, set()), remember=lambda kind: False)


def good_ones_remembered(lines):
    return each_line(lines, remember=lambda kind: not kind)


def reversed_order(lines):
    def judge(text, spans, seen):
        if text and text in seen:
            return "twice"
        for i in range(len(spans)):
            for j in range(i):
                if spans[i][0] < spans[j][1] and spans[j][0] < spans[i][1]:
                    return "overlap"
        return judged(text, spans, seen)

    return each_line(lines, judge)


def entity_by_entity(lines):
    def judge(text, spans, seen):
        if text and text.strip():
            for a, b in spans:
                if a < 0 or b > len(text) or a >= b:
                    return "out of range"
                if text[a].isspace() or text[b - 1].isspace():
                    return "space"
        return judged(text, spans, seen)

    return each_line(lines, judge)


def no_continue(lines):
    out, seen, text, spans = [], set(), None, []
    for i, line in enumerate(lines, 1):
        try:
            text, spans = read(line)
        except ValueError:
            out.append((i, "not JSON"))
        kind = judged(text, spans, seen)
        if kind:
            out.append((i, kind))
        seen.add(text)
    return out


def only_numbers(lines):
    return [i for i, _ in each_line(lines)]


def forgot_return(lines):
    counts_from_zero(lines)


# validate_questions --------------------------------------------------------------------------------


def walk(content, there, per_file=False, impossible=True, twice=True, ids_twice=True):
    out, ids, words = [], [], []
    for article in content["data"]:
        for par in article["paragraphs"]:
            if not per_file:
                words = []
            for q in par["qas"]:
                no = bool(q.get("is_impossible"))
                if ids_twice and q["id"] in ids:
                    out.append((q["id"], "id twice"))
                elif len(q["answers"]) == 0 and not no:
                    out.append((q["id"], "no answer"))
                elif impossible and len(q["answers"]) > 0 and no:
                    out.append((q["id"], "impossible"))
                elif not there(q["answers"], par["context"]):
                    out.append((q["id"], "not there"))
                elif twice and q["question"] in words:
                    out.append((q["id"], "asked twice"))
                ids.append(q["id"])
                words.append(q["question"])
    return out


def exact(answers, context):
    return all(context[a["answer_start"] :][: len(a["text"])] == a["text"] for a in answers)


def anywhere(content):
    return walk(content, lambda answers, context: all(a["text"] in context for a in answers))


def by_find(content):
    return walk(content, lambda answers, c: all(c.find(a["text"]) == a["answer_start"] for a in answers))


def first_answer(content):
    return walk(content, lambda answers, context: exact(answers[:1], context))


def any_answer(content):
    return walk(content, lambda answers, context: not answers or any(exact([a], context) for a in answers))


def words_of_the_file(content):
    return walk(content, exact, per_file=True)


def ignores_impossible(content):
    return walk(content, exact, impossible=False)


def ids_may_repeat(content):
    return walk(content, exact, ids_twice=False)


def one_article(content):
    return walk({"data": content["data"][:1]}, exact)


def wrong_key(content):
    return walk({"data": content["articles"]}, exact)


# split_by_group ------------------------------------------------------------------------------------


def shuffle_and_cut(items, group_of, fractions, seed=0):
    items = list(items)
    random.Random(seed).shuffle(items)
    out, start = [], 0
    for f in fractions:
        end = start + round(f * len(items))
        out.append(items[start:end])
        start = end
    return out


def shuffle_and_slice(items, group_of, fractions, seed=0):
    items = sorted(items, key=lambda x: random.Random(f"{seed}{x}").random())
    ends = [round(sum(fractions[: k + 1]) * len(items)) for k in range(len(fractions))]
    return [items[a:b] for a, b in zip([0, *ends], ends, strict=False)]


def counts_groups(items, group_of, fractions, seed=0):
    groups = sorted({group_of(x) for x in items})
    random.Random(seed).shuffle(groups)
    out, start = [], 0
    for k, f in enumerate(fractions):
        end = len(groups) if k == len(fractions) - 1 else start + round(f * len(groups))
        mine = set(groups[start:end])
        out.append([x for x in items if group_of(x) in mine])
        start = end
    return out


def dealt(groups, items, group_of, fractions):
    """Group after group to the list that lacks most: as it should be, so that the order is the mistake."""
    out, want = [[] for _ in fractions], [f * len(items) for f in fractions]
    for g in groups:
        mine = [x for x in items if group_of(x) == g]
        k = want.index(max(want))
        out[k] += mine
        want[k] -= len(mine)
    return out


def by_global_random(items, group_of, fractions, seed=0):
    groups = list(dict.fromkeys(group_of(x) for x in items))
    random.shuffle(groups)
    return dealt(groups, items, group_of, fractions)


def set_of_groups(items, group_of, fractions, seed=0):
    groups = list({group_of(x) for x in items})
    random.Random(seed).shuffle(groups)
    return dealt(groups, items, group_of, fractions)


def largest_first(items, group_of, fractions, seed=0):
    groups = sorted({group_of(x) for x in items}, key=lambda g: (-sum(group_of(x) == g for x in items), g))
    return dealt(groups, items, group_of, fractions)


def all_in_train(items, group_of, fractions, seed=0):
    out = [[] for _ in fractions]
    out[0] = list(items)
    return out


def names_of_groups(items, group_of, fractions, seed=0):
    groups = sorted({group_of(x) for x in items})
    random.Random(seed).shuffle(groups)
    edge = round(fractions[0] * len(groups))
    return [groups[:edge], groups[edge:]] + [[] for _ in fractions[2:]]


MUTANTS = {
    "validate_entities": [
        (counts_from_zero, "counted from 0"),
        (first_only, "stops at the first bad line"),
        (strict_end, "one past the last character"),
        (trusts_python_with_negatives, "negative start passes"),
        (touching, "only touch"),
        (unsorted_neighbours, "sort them"),
        (no_strip_of_text, "text.strip()"),
        (lines_as_keys, "whole lines are compared"),
        (never_twice, "there before pass"),
        (good_ones_remembered, "only good lines are remembered"),
        (reversed_order, "in the order of the table"),
        (entity_by_entity, "whether any entity has it"),
        (no_continue, "`continue` after reporting it"),
        (only_numbers, "pairs (number, kind)"),
        (forgot_return, "nothing came back"),
    ],
    "validate_questions": [
        (anywhere, "finds it anywhere"),
        (by_find, "gives the first place"),
        (first_answer, "only the first answer"),
        (any_answer, "one good answer is not enough"),
        (words_of_the_file, "a new set for each"),
        (ignores_impossible, "says it has none passes"),
        (ids_may_repeat, "ids used twice pass"),
        (one_article, "only the first article"),
        (wrong_key, "KeyError"),
    ],
    "split_by_group": [
        (shuffle_and_cut, "rounded by itself"),
        (shuffle_and_slice, "dealt one by one"),
        (counts_groups, "number of groups"),
        (by_global_random, "the seed does not decide"),
        (set_of_groups, "a set has another order"),
        (largest_first, "the seed is ignored"),
        (all_in_train, "gets everything"),
        (names_of_groups, "the lists hold groups"),
    ],
}
