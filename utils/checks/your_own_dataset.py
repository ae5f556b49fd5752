"""Exercises of lesson 14: a small validator for entities, one for questions, and splits that do not leak."""

import json
import random
from collections import Counter
from itertools import combinations, pairwise

from utils.checks.frame import Exercise, Mistake, Property, brief, case, register
from utils.datasets.validate import split_by_group

# validate_entities ---------------------------------------------------------------------------------


def validate_entities(lines) -> list[tuple[int, str]]:
    """Finds the lines that no model should learn from.

    Args:
        lines: texts, each an object of JSON: {"text": "…", "entities": [{"start": 0, "end": 4, "label": "PER"}]}.

    Returns:
        (number of the line from 1, kind) for each bad line, in order. The kind is the first of these that holds:
        "not JSON"; "no text": it is absent or has nothing but spaces; "out of range": for an entity
        0 <= start < end <= length of the text fails; "space": one begins or ends with white space; "overlap": two
        share a character; "twice": an earlier line has the same text.
    """
    problems, seen = [], set()
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
        except ValueError:
            problems.append((number, "not JSON"))
            continue
        text = record.get("text") or ""
        spans = sorted((entity["start"], entity["end"]) for entity in record.get("entities", []))
        covered = [text[start:end] for start, end in spans]
        if not text.strip():
            problems.append((number, "no text"))
        elif not all(0 <= start < end <= len(text) for start, end in spans):
            problems.append((number, "out of range"))
        elif any(words != words.strip() for words in covered):
            problems.append((number, "space"))
        elif any(first[1] > second[0] for first, second in pairwise(spans)):
            problems.append((number, "overlap"))
        elif text in seen:
            problems.append((number, "twice"))
        seen.add(text)
    return problems


def _line(text, *spans) -> str:
    entities = [{"start": a, "end": b, "label": label} for a, b, label in spans]
    return json.dumps({"text": text, "entities": entities}, ensure_ascii=False)


def _say(found) -> str | None:
    """What came back, as the list of pairs that is asked for."""
    if found is None:
        return None
    try:
        return str([(place.item() if hasattr(place, "item") else place, str(kind)) for place, kind in found])
    except (TypeError, ValueError):
        return f"{brief(found)}, which is no list of pairs"


def _entities_run(answer, lines):
    return _say(answer(list(lines)))


def _outside(spans, text):
    return not all(0 <= a < b <= len(text) for a, b in spans)


def _spaced(spans, text):
    return any(text[a:b] != text[a:b].strip() for a, b in spans)


def _overlapping(spans, text):
    return any(a < d and c < b for (a, b), (c, d) in combinations(spans, 2))


def _entities_with(first=1, blank=lambda text: not text.strip(), json_kind="not JSON", key=None, seen_when="always",
                   tests=(("out of range", _outside), ("space", _spaced), ("overlap", _overlapping)), last=True,
                   every=False, stop=False, twice=True, raw=False, chosen=slice(1)):  # fmt: skip
    """The reference with one of its steps done otherwise."""

    def validate(lines):
        problems, seen = [], []
        for number, line in enumerate(lines, start=first):
            try:
                record = json.loads(line)
            except ValueError:
                if json_kind:
                    problems.append((number, json_kind))
                if stop:
                    return problems
                continue
            text = record.get("text") or ""
            spans = [(e["start"], e["end"]) for e in record.get("entities", [])]
            kinds = ["no text"] if blank(text) else [kind for kind, test in tests if test(spans, text)]
            mark = line if raw else key(text) if key else text
            earlier = seen[-1:] if twice == "last" else seen
            if twice and mark in earlier and not blank(text):
                kinds.append("twice")
            if seen_when == "always" or not kinds:
                seen.append(mark)
            problems += [(number, kind) for kind in (kinds if every else kinds[chosen])]
            if stop and kinds:
                return problems
        return problems

    return validate


def _tests(**changes):
    """The three tests, some exchanged or (None) left out, in this order."""
    tests = {"out of range": _outside, "space": _spaced, "overlap": _overlapping}
    tests |= {name.replace("_", " "): test for name, test in changes.items()}
    return tuple((kind, test) for kind, test in tests.items() if test)


def _in_file_order(spans, text):
    return any(a[1] > b[0] for a, b in pairwise(spans))


def _first_and_last(record_tests):
    return tuple(reversed(record_tests))


def _one_by_one(lines):
    """Entity after entity is asked whether it is out of range, then whether it has spaces."""
    problems, seen = [], set()
    for number, line in enumerate(lines, start=1):
        ((_, kind),) = validate_entities([line]) or [(1, "")]
        if kind in ("out of range", "space"):
            record = json.loads(line)
            spans = [(e["start"], e["end"]) for e in record["entities"]]
            outside = (_outside([span], record["text"]) for span in spans)
            spaced = (_spaced([span], record["text"]) for span in spans)
            kind = next("out of range" if a else "space" for a, b in zip(outside, spaced, strict=True) if a or b)
        text = "" if kind == "not JSON" else json.loads(line).get("text", "")
        kind = kind or ("twice" if text in seen else "")
        seen.add(text)
        problems += [(number, kind)] * bool(kind)
    return problems


def _goes_on(lines):
    """After a line that is no JSON, what is left of the line before is looked at once more."""
    problems, seen, record = [], set(), {}
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
        except ValueError:
            problems.append((number, "not JSON"))
        found = validate_entities([json.dumps(record)])
        text = record.get("text") or ""
        problems += [(number, kind) for _, kind in found] or [(number, "twice")] * (text in seen)
        seen.add(text)
    return problems


def _numbers_only(lines):
    return [number for number, _ in validate_entities(lines)]


def _broken_lines(rng):
    good = _line("Tom left.", (0, 3, "PER"))
    blank = '{"text": "  ", "entities": []}'
    absent = '{"entities": []}'
    return [
        case([good, '{"text": "Tom']),
        case(["", good, blank, _line("Mia stayed."), absent, "{}"]),
        case([_line(f"Text {n}.") for n in range(int(rng.integers(2, 5)))] + ["[", _line("And so on."), "Tom B-PER"]),
    ]


def _range_lines(rng):
    n = int(rng.integers(20, 90))
    return [
        case([_line("Tom", (0, 3, "PER")), _line("Mia", (0, 4, "PER"))]),
        case([_line("Ada left.", (3, 3, "PER")), _line("Bob left.", (-3, 3, "PER")), _line("Cy left.", (2, 0, "PER"))]),
        case([_line("I met Tom", (6, 9, "PER")), _line("I met Bo", (0, 1, "PER"), (6, n, "PER")), _line("Nobody.")]),
    ]


def _space_lines(rng):
    return [
        case([_line("Tom left Cork.", (0, 3, "PER")), _line("Mia left Cork.", (0, 4, "PER"))]),
        case(
            [_line("So Tom left.", (2, 6, "PER")), _line("So Mia left.", (3, 7, "PER")), _line("Bo Li", (0, 5, "PER"))]
        ),
        case([_line("Ada\tleft", (0, 4, "PER")), _line("In Rome,\nyes", (3, 7, "LOC"), (7, 9, "LOC"))]),
    ]


def _overlap_lines(rng):
    pair = [(0, 3, "PER"), (3, 6, "LOC")]
    return [
        case([_line("TomRome", *pair), _line("New York", (0, 8, "LOC"), (4, 8, "LOC"))]),
        case(
            [
                _line("New York", (0, 8, "LOC"), (0, 3, "LOC")),
                _line("Ada Bell left", (4, 8, "PER"), (0, 3, "PER")),
                _line("Ada Bell wins", (0, 8, "PER"), (4, 8, "ORG")),
            ]
        ),
        case(
            [
                _line("Tom and Mia", (8, 11, "PER"), (0, 3, "PER"), (8, 11, "ORG")),
                _line("abcdef", (0, 4, "A"), (2, 6, "A")),
            ]
        ),
        case([_line("a b c d e", (0, 9, "X"), (8, 9, "Y"), (2, 3, "X")), _line("a b c d", (6, 7, "X"), (0, 1, "X"))]),
    ]


def _twice_lines(rng):
    return [
        case([_line("Tom left."), _line("Tom left.", (0, 3, "PER"))]),
        case(
            [_line("Tom left.", (0, 8, "A"), (4, 9, "B")), _line("Mia left."), _line("Tom left."), _line("tom left.")]
        ),
        case([_line("A."), _line("B."), _line("A."), _line("A."), _line("C."), _line("B.")]),
    ]


def _all_sorts(rng):
    lines = [
        _line("Tom left.", (0, 3, "PER")),
        "{",
        _line("Mia left.", (0, 4, "PER"), (0, 99, "PER")),
        _line("Ada Bell came", (0, 9, "PER"), (4, 8, "PER")),
        _line("Tom left.", (0, 4, "PER")),
        _line("Bo met Cy.", (0, 6, "PER"), (3, 6, "PER")),
        '{"text": "", "entities": [{"start": 0, "end": 3, "label": "PER"}]}',
        _line("Tom left."),
        _line("All is well.", (0, 3, "PER")),
    ]
    return [case(lines[:4]), case([lines[i] for i in rng.permutation(len(lines))]), case(lines)]


register(
    Exercise(
        name="validate_entities",
        notebook="14_your_own_dataset",
        reference=validate_entities,
        properties=(
            Property("lines that are not JSON, or have no text", 1, _broken_lines, _entities_run),
            Property(
                "entities outside their text; a good one may end where the text ends", 2, _range_lines, _entities_run
            ),
            Property("entities with white space at their ends", 1, _space_lines, _entities_run),
            Property("entities that overlap; neighbours may touch", 2, _overlap_lines, _entities_run),
            Property("texts that were there before", 1, _twice_lines, _entities_run),
            Property("a file with all of these: every bad line once, none invented", 2, _all_sorts, _entities_run),
        ),
        mistakes=(
            Mistake("lines are counted from 0; people and editors count from 1", _entities_with(first=0)),
            Mistake("it stops at the first bad line: report it and go on", _entities_with(stop=True)),
            Mistake(
                "a line that is no JSON is passed over in silence: it is the first thing to report",
                _entities_with(json_kind=""),
            ),
            Mistake("a text of nothing but spaces passes: compare text.strip()", _entities_with(blank=lambda t: not t)),
            Mistake('a text that is absent or blank passes: it is "no text"', _entities_with(blank=lambda t: False)),
            Mistake(
                "`end` is one past the last character: it may equal the text's length",
                _entities_with(tests=_tests(out_of_range=lambda s, t: not all(0 <= a < b < len(t) for a, b in s))),
            ),
            Mistake(
                "an entity that ends where it begins passes: start < end must hold",
                _entities_with(tests=_tests(out_of_range=lambda s, t: not all(0 <= a <= b <= len(t) for a, b in s))),
            ),
            Mistake(
                "a negative start passes: Python counts it from the end, and no error shows it",
                _entities_with(tests=_tests(out_of_range=lambda s, t: not all(a < b <= len(t) for a, b in s))),
            ),
            Mistake(
                "an entity whose end lies before its start passes",
                _entities_with(tests=_tests(out_of_range=lambda s, t: any(a < 0 or b > len(t) for a, b in s))),
            ),
            Mistake(
                "one entity's space is reported before another's range: ask for each kind whether any entity has it",
                _one_by_one,
            ),
            Mistake(
                "entities are never compared with the text's length",
                _entities_with(tests=_tests(out_of_range=lambda s, t: any(a < 0 or a >= b for a, b in s))),
            ),
            Mistake("entities outside the text pass", _entities_with(tests=_tests(out_of_range=None))),
            Mistake(
                "white space is looked for at the start only: compare with strip(), both ends",
                _entities_with(tests=_tests(space=lambda s, t: any(t[a:b] != t[a:b].lstrip() for a, b in s))),
            ),
            Mistake(
                "white space is looked for at the end only: compare with strip(), both ends",
                _entities_with(tests=_tests(space=lambda s, t: any(t[a:b] != t[a:b].rstrip() for a, b in s))),
            ),
            Mistake(
                "white space inside an entity is no mistake: look at its ends only",
                _entities_with(
                    tests=_tests(
                        space=lambda s, t: any(len(t[a:b].split()) != 1 or t[a:b] != t[a:b].strip() for a, b in s)
                    )
                ),
            ),
            Mistake(
                "only blanks are seen: tabs and line breaks are white space too, strip() takes them",
                _entities_with(tests=_tests(space=lambda s, t: any(t[a:b] != t[a:b].strip(" ") for a, b in s))),
            ),
            Mistake("white space around an entity passes", _entities_with(tests=_tests(space=None))),
            Mistake(
                "entities that only touch are no overlap: one may begin where the other ends",
                _entities_with(
                    tests=_tests(overlap=lambda s, t: any(a <= d and c <= b for (a, b), (c, d) in combinations(s, 2)))
                ),
            ),
            Mistake(
                "entities come in any order: sort them before comparing neighbours",
                _entities_with(tests=_tests(overlap=_in_file_order)),
            ),
            Mistake(
                "an entity inside another overlaps it too",
                _entities_with(
                    tests=_tests(
                        overlap=lambda s, t: any(
                            a < c < b < d or c < a < d < b for (a, b), (c, d) in combinations(s, 2)
                        )
                    )
                ),
            ),
            Mistake(
                "only entities that begin at the same place are compared",
                _entities_with(tests=_tests(overlap=lambda s, t: len({a for a, _ in s}) < len(s))),
            ),
            Mistake(
                "only equal spans are compared: two overlap as soon as they share a character",
                _entities_with(tests=_tests(overlap=lambda s, t: len(set(s)) < len(s))),
            ),
            Mistake("overlapping entities pass", _entities_with(tests=_tests(overlap=None))),
            Mistake(
                "whole lines are compared: the same text with other entities is the same text", _entities_with(raw=True)
            ),
            Mistake("only the line before is looked at: remember all texts in a set", _entities_with(twice="last")),
            Mistake(
                "case is ignored: here two texts are the same where every letter is", _entities_with(key=str.lower)
            ),
            Mistake(
                "only good lines are remembered: a text in a bad line has been there too",
                _entities_with(seen_when="good"),
            ),
            Mistake("texts that were there before pass", _entities_with(twice=False)),
            Mistake("a line is reported several times: only the first kind that holds", _entities_with(every=True)),
            Mistake(
                "the kinds are tried in another order: out of range, space, overlap, twice",
                _entities_with(tests=_first_and_last(_tests())),
            ),
            Mistake(
                "the last kind that holds is reported: try them in the order of the table, and stop at the first",
                _entities_with(chosen=slice(-1, None)),
            ),
            Mistake(
                "after a line that is not JSON the line before is looked at again: `continue` after reporting it",
                _goes_on,
            ),
            Mistake("numbers came back: pairs (number, kind) are asked for", _numbers_only),
        ),
        hints=(
            "One loop with enumerate(lines, start=1); inside it a chain of if and elif in the order of the docstring.",
            "json.loads raises ValueError. For overlaps sort the spans: then only neighbours need comparing.",
            "A set of texts tells what was there before; add each text at the end of the loop, bad line or not.",
        ),
    )
)

# validate_questions --------------------------------------------------------------------------------


def validate_questions(content) -> list[tuple[str, str]]:
    """Finds the questions that no model should learn from.

    Args:
        content: what a SQuAD file holds: {"data": [{"paragraphs": [{"context": "…", "qas": [{"id": "…",
            "question": "…", "answers": [{"text": "…", "answer_start": 0}], "is_impossible": false}]}]}]}.

    Returns:
        (id, kind) for each bad question, in order. The kind is the first of these that holds: "id twice": an earlier
        question has its id; "no answer": it has none, and is_impossible is false or absent; "impossible": it has one,
        but is_impossible is true; "not there": the context does not hold an answer at its answer_start;
        "asked twice": an earlier question of the same paragraph has the same words.
    """
    problems, ids = [], set()
    for article in content["data"]:
        for paragraph in article["paragraphs"]:
            context, asked = paragraph["context"], set()
            for item in paragraph["qas"]:
                answers, impossible = item["answers"], item.get("is_impossible", False)
                if item["id"] in ids:
                    problems.append((item["id"], "id twice"))
                elif not answers and not impossible:
                    problems.append((item["id"], "no answer"))
                elif answers and impossible:
                    problems.append((item["id"], "impossible"))
                elif not all(context[a["answer_start"] :].startswith(a["text"]) for a in answers):
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
                    leave=(), first_only=False, every=False, remember=True, by_place=False, order=1):  # fmt: skip
    """The reference with one of its steps done otherwise."""

    def validate(content):
        problems, ids, asked, number = [], set(), set(), 0
        for article in content["data"][: 1 if first_only == "article" else None]:
            for paragraph in article["paragraphs"][: 1 if first_only == "paragraph" else None]:
                ids = set() if id_scope == "paragraph" else ids
                asked = set() if asked_scope == "paragraph" else asked
                for item in paragraph["qas"]:
                    answers, impossible = item["answers"], item.get("is_impossible", absent)
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


def _qa(name, question, *answers, **more):
    return {"id": name, "question": question, "answers": [{"text": t, "answer_start": a} for t, a in answers], **more}


def _squad(*paragraphs):
    """One article for each list of paragraphs (context, *questions)."""
    articles = [{"paragraphs": [{"context": c, "qas": list(q)} for c, *q in article]} for article in paragraphs]
    return {"data": articles}


TALE = "Tom met Mia in Cork. Later Tom left Cork."


def _questions_run(answer, content):
    return _say(answer(json.loads(json.dumps(content))))


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


register(
    Exercise(
        name="validate_questions",
        notebook="14_your_own_dataset",
        reference=validate_questions,
        properties=(
            Property("an answer that is not where it says", 2, _not_there, _questions_run),
            Property("is_impossible and answers that contradict each other", 1, _impossible, _questions_run),
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
            "Three loops: articles, their paragraphs, their qas. One set of ids for the file, one of questions each "
            "paragraph.",
            "An answer is there if context[start : start + len(text)] == text. All answers of a question must be.",
            'is_impossible may be absent: item.get("is_impossible", False). An elif chain keeps the first kind only.',
        ),
    )
)

# split_by_group ------------------------------------------------------------------------------------


def _group(item):
    return item[0]


class _Name(str):
    """A group's name whose place in a set changes with `session`, as every text's does from one session to another."""

    session = 0
    __eq__ = str.__eq__

    def __hash__(self):
        return hash((_Name.session, str(self)))


def _name(item):
    return _Name(item[0])


def _parts(answer, items, fractions, seed, group_of=_group):
    """The answer's lists, as lists of tuples."""
    given = [tuple(item) for item in items]
    parts = [[tuple(item) if isinstance(item, (tuple, list)) else item for item in part]
             for part in answer(given, group_of, fractions, seed)]  # fmt: skip
    return parts, given == [tuple(item) for item in items]


def _complete_run(answer, items, fractions, seeds):
    """Whether each item is in one list, in words."""
    wanted, said = Counter(tuple(item) for item in items), set()
    for seed in seeds:
        parts, untouched = _parts(answer, items, fractions, seed)
        found = Counter(item for part in parts for item in part)
        if len(parts) != len(fractions):
            said.add("another number of lists than of fractions")
        elif found and not any(isinstance(item, tuple) for item in found):
            said.add("the lists hold no items")
        elif not untouched:
            said.add("the list it was given has changed")
        elif wanted - found:
            said.add("items are missing")
        elif found - wanted:
            said.add("items are there twice")
    return "; ".join(sorted(said)) or "each item is in one list"


def _whole_run(answer, items, fractions, seeds):
    """Whether a group is in two lists, in words."""
    for seed in seeds:
        parts, _ = _parts(answer, items, fractions, seed)
        groups = [{_group(item) for item in part} for part in parts]
        if any(a & b for a, b in combinations(groups, 2)):
            return "a group is in two lists"
    return "no group is in two lists"


def _size_run(answer, items, fractions, seeds):
    """How often the sizes are farther off than whole groups make necessary, in words."""
    largest = max(Counter(_group(item) for item in items).values())
    allowed = largest * (len(fractions) - 1)
    missed = []
    for seed in seeds:
        parts, _ = _parts(answer, items, fractions, seed)
        gaps = [abs(len(part) - share * len(items)) for part, share in zip(parts, fractions, strict=False)]
        missed.append(max(gaps) > allowed)
        over = [len(part) - share * len(items) for part, share in zip(parts, fractions, strict=False)]
    if all(missed):
        signs = [f"list {n} {'longer' if gap > 0 else 'shorter'}" for n, gap in enumerate(over, start=1)]
        return f"too far off with every seed: {', '.join(signs)} than asked"
    return "too far off with some seeds" if any(missed) else "as near as whole groups allow"


def _seed_run(answer, items, fractions, seeds):
    """Whether the seed alone decides, in words."""
    calls = []
    for call, session in enumerate((1, 1, 2)):
        random.seed(call)
        _Name.session = session
        calls.append([_parts(answer, items, fractions, seed, _name)[0] for seed in seeds])
    second, session = ("the same" if other == calls[0] else "another" for other in calls[1:])
    others = "others" if any(part != calls[0][0] for part in calls[0]) else "the same"
    return f"one seed gives {second} split on a second call, {session} in a second session; other seeds give {others}"


def _items(sizes):
    return [(f"g{g}", n) for g, size in enumerate(sizes) for n in range(size)]


def _grouped(rng):
    mixed = _items(rng.integers(1, 7, 30))
    order = rng.permutation(len(mixed))
    return [
        case(_items([2, 1, 2]), fractions=(0.5, 0.5), seeds=[0, 1]),
        case([mixed[i] for i in order], fractions=(0.7, 0.1, 0.2), seeds=[3, 4]),
        case(_items([1] * 23), fractions=(0.8, 0.2), seeds=[5]),
    ]


def _many(rng):
    return [case(_items(rng.integers(1, 7, 30)), fractions=(0.7, 0.1, 0.2), seeds=[3, 4, 5])]


def _uneven(rng):
    return [
        case(_items([1] * 40), fractions=(0.8, 0.2), seeds=list(range(5))),
        case(_items([12] * 6 + [1] * 60), fractions=(0.75, 0.25), seeds=list(range(30))),
        case(_items([2] * 50), fractions=(0.6, 0.1, 0.3), seeds=list(range(5))),
    ]


def _dealt(parts_of, listed=list):
    """A split that deals whole groups in the way given: (groups, sizes, fractions, total) -> number of each."""

    def split(items, group_of, fractions, seed=0):
        sizes = Counter(group_of(item) for item in items)
        groups = listed(sizes)
        random.Random(seed).shuffle(groups)
        number = parts_of(groups, sizes, fractions, len(items))
        return [[item for item in items if number.get(group_of(item)) == n] for n in range(len(fractions))]

    return split


def _by_count(groups, sizes, fractions, total, rounded=True):
    """The fractions are taken of the number of groups."""
    edges, place = [], 0.0
    for share in fractions:
        place += share * len(groups)
        edges.append(round(place))
    return {group: next(n for n, edge in enumerate(edges) if i < edge) for i, group in enumerate(groups)}


def _neediest(groups, sizes, fractions, total):
    """As the reference deals."""
    wanted, number = [share * total for share in fractions], {}
    for group in groups:
        number[group] = wanted.index(max(wanted))
        wanted[number[group]] -= sizes[group]
    return number


def _losing(groups, sizes, fractions, total):
    """Rounded down each time: what is left at the end is in no split."""
    number, place = {}, 0
    for n, share in enumerate(fractions):
        count = int(share * len(groups) * 0.999)
        number |= dict.fromkeys(groups[place : place + count], n)
        place += count
    return number


def _cut_items(order):
    """Items are dealt one by one, whatever their group."""

    def split(items, group_of, fractions, seed=0):
        items = order(list(items), seed)
        edges, place = [0], 0.0
        for share in fractions:
            place += share * len(items)
            edges.append(round(place))
        return [items[a:b] for a, b in pairwise(edges)]

    return split


def _cut_rounded(items, group_of, fractions, seed=0):
    items, place, parts = _shuffled(list(items), seed), 0, []
    for share in fractions:
        parts.append(items[place : place + round(share * len(items))])
        place += round(share * len(items))
    return parts


def _shuffled(items, seed):
    random.Random(seed).shuffle(items)
    return items


def _in_place(items, group_of, fractions, seed=0):
    random.Random(seed).shuffle(items)
    return split_by_group(items, group_of, fractions, seed)


def _groups_back(items, group_of, fractions, seed=0):
    return [list(dict.fromkeys(map(group_of, part))) for part in split_by_group(items, group_of, fractions, seed)]


def _unseeded(items, group_of, fractions, seed=0):
    return split_by_group(items, group_of, fractions, random.random())


def _seedless(items, group_of, fractions, seed=0):
    return split_by_group(items, group_of, fractions, 0)


register(
    Exercise(
        name="split_by_group",
        notebook="14_your_own_dataset",
        reference=split_by_group,
        properties=(
            Property("each item is in one list, and the list given stays as it was", 1, _grouped, _complete_run),
            Property("no group is in two lists", 2, _grouped, _whole_run),
            Property("sizes as near the fractions as whole groups allow", 2, _uneven, _size_run),
            Property("the same seed gives the same split, another seed another", 1, _many, _seed_run),
        ),
        mistakes=(
            Mistake("items are dealt one by one: a group lands in two lists. Deal groups", _cut_items(_shuffled)),
            Mistake("the seed is ignored: every seed gives the same split", _seedless),
            Mistake(
                "the list is cut where it stands: a group is cut in two, and nothing is shuffled",
                _cut_items(lambda items, seed: items),
            ),
            Mistake(
                "fractions are taken of the number of groups, but groups differ in size: count items", _dealt(_by_count)
            ),
            Mistake(
                "items are cut, each part rounded by itself: some may be lost, and groups are parted. Deal groups",
                _cut_rounded,
            ),
            Mistake("rounding down loses the last groups: every one must go somewhere", _dealt(_losing)),
            Mistake(
                "the first list gets everything",
                lambda items, group_of, fractions, seed=0: [list(items), *[[] for _ in fractions[1:]]],
            ),
            Mistake(
                "the fractions are ignored: all lists become equally long",
                lambda items, group_of, fractions, seed=0: split_by_group(
                    items, group_of, [1 / len(fractions)] * len(fractions), seed
                ),
            ),
            Mistake(
                "the fractions are taken from behind",
                lambda items, group_of, fractions, seed=0: split_by_group(items, group_of, fractions[::-1], seed),
            ),
            Mistake("the list it was given is shuffled in place: copy it, or shuffle the groups", _in_place),
            Mistake("the lists hold groups: fill them with the groups' items", _groups_back),
            Mistake("the seed does not decide: use random.Random(seed), not random itself", _unseeded),
            Mistake(
                "a set has another order in every session, so the seed decides nothing: keep the order of the items",
                _dealt(_neediest, lambda sizes: list(set(sizes))),
            ),
            Mistake(
                "an item is in two lists", lambda items, group_of, fractions, seed=0: [list(items) for _ in fractions]
            ),
        ),
        hints=(
            "First the groups: Counter(group_of(item) for item in items) has each with its size. Shuffle the groups.",
            "Deal group after group. Each goes to the list that still lacks most; its size is then taken off.",
            "wanted = [fraction * len(items) …]. The neediest is max(range(len(wanted)), key=lambda n: wanted[n]).",
        ),
    )
)
