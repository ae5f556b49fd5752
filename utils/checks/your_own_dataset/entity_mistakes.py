"""The known mistakes of validate_entities: what each is called, and an answer that makes it."""

import json
from itertools import combinations

from utils.checks.frame import Mistake
from utils.checks.your_own_dataset.entity_imitations import (
    backwards,
    entities_with,
    in_file_order,
    outside,
    overlapping,
    spaced,
    tests_with,
)
from utils.checks.your_own_dataset.shared import LINE, has_shape

_right = entities_with()


def _one_by_one(lines):
    """Entity after entity is asked whether it is out of range, then whether it has spaces."""
    problems, seen = [], set()
    for number, line in enumerate(lines, start=1):
        ((_, kind),) = _right([line]) or [(1, "")]
        if kind in ("out of range", "space"):
            record = json.loads(line)
            spans = [(e["start"], e["end"]) for e in record["entities"]]
            kinds = [
                "out of range" if outside([span], record["text"]) else "space" * spaced([span], record["text"])
                for span in spans
            ]
            kind = next(filter(None, kinds))
        text = "" if kind in ("not JSON", "wrong shape") else json.loads(line)["text"]
        kind = kind or ("twice" if text in seen else "")
        seen.add(text)
        problems += [(number, kind)] * bool(kind)
    return problems


def _without_entities(lines):
    """Entities that are absent, or null, are none."""

    def mended(line):
        try:
            record = json.loads(line)
        except ValueError:
            return line
        if not isinstance(record, dict) or record.get("entities") is not None:
            return line
        return json.dumps({**record, "entities": []})

    return _right(map(mended, lines))


def _caught(lines):
    """No shape is looked at: whatever raises is reported, and what raises nothing goes on."""
    problems, seen = [], set()
    for number, line in enumerate(lines, start=1):
        kinds, text = [], None
        try:
            record = json.loads(line)
            text, spans = record["text"], [(e["start"], e["end"]) for e in record["entities"]]
            tests = tests_with() if text and text.strip() else [("no text", lambda *_: True)]
            kinds = [kind for kind, test in tests if test(spans, text)] or ["twice"] * (text in seen)
        except ValueError:
            kinds = ["not JSON"]
        except (KeyError, TypeError, AttributeError):
            kinds, text = ["wrong shape"], None
        seen.add(text)
        problems += [(number, kind) for kind in kinds[:1]]
    return problems


def _goes_on(lines):
    """After a line that is no JSON, what is left of the line before is looked at once more."""
    problems, seen, record = [], set(), {}
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
        except ValueError:
            problems.append((number, "not JSON"))
        found = _right([json.dumps(record)])
        text = record.get("text") if isinstance(record, dict) else None
        text = text if isinstance(text, str) else ""
        problems += [(number, kind) for _, kind in found] or [(number, "twice")] * (text in seen)
        seen.add(text)
    return problems


def _no_empty_lines(lines):
    lines = list(lines)
    return [(number, kind) for number, kind in _right(lines) if lines[number - 1].strip()]


def _nothing_in_a_file(lines):
    return _right(lines) if isinstance(lines, list) else []


def _split_by_hand(lines):
    """An open file is read whole and cut at its line ends, behind the last of which stands nothing."""
    return _right(lines if isinstance(lines, list) else lines.read().split("\n"))


def _cut_at_every_end(lines):
    return _right(lines if isinstance(lines, list) else lines.read().splitlines())


def _no_blank_lines_of_a_file(lines):
    lines = list(lines)
    return [(number, kind) for number, kind in _right(lines) if lines[number - 1] != "\n"]


def _numbers_of_bools(lines):
    """JSON's true and false are taken for numbers, as `isinstance(…, int)` does."""

    def mended(line):
        try:
            record = json.loads(line)
        except ValueError:
            return line
        for entity in record.get("entities") or [] if isinstance(record, dict) else []:
            if isinstance(entity, dict):
                entity |= {key: int(value) for key, value in entity.items() if value in (True, False)}
        return json.dumps(record)

    return _right(map(mended, lines))


def _doubles(lines):
    """Of texts that stand there several times the first is reported too."""
    lines = list(lines)
    texts = [_text(line) for line in lines]
    again = [(n, "twice") for n, text in enumerate(texts, start=1) if text and text.strip() and texts.count(text) > 1]
    found = {number: kind for number, kind in again} | dict(p for p in _right(lines) if p[1] != "twice")
    return sorted(found.items())


def _text(line):
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record["text"] if has_shape(record, LINE) else None


def _numbers_only(lines):
    return [number for number, _ in _right(lines)]


MISTAKES = (
    Mistake("lines are counted from 0; people and editors count from 1", entities_with(first=0)),
    Mistake("it stops at the first bad line: report it and go on", entities_with(stop=("unread", "bad"))),
    Mistake(
        "it stops at a line that is no JSON, or of another shape: report it, then `continue`, not `break`",
        entities_with(stop=("unread",)),
    ),
    Mistake(
        "it stops after one line: `return` stands inside the loop, and belongs behind it",
        entities_with(stop=("read",)),
    ),
    Mistake("an empty line is passed over in silence: it is no JSON, report it", _no_empty_lines),
    Mistake("an empty line of a file is passed over in silence: it is no JSON, report it", _no_blank_lines_of_a_file),
    Mistake(
        "a file is cut at its line ends, and what stands behind the last is no line: go through the file",
        _split_by_hand,
    ),
    Mistake(
        "splitlines() cuts at signs within a text too, such as U+2028: go through the file itself",
        _cut_at_every_end,
    ),
    Mistake(
        "a line that is no JSON, or of another shape, is not counted: count first, or use enumerate",
        entities_with(unread_count=False),
    ),
    Mistake("a kind is carried over from a line before: begin each line without one", entities_with(carry=True)),
    Mistake(
        "true and false pass as numbers, since bool is a kind of int: has_shape looks at the type itself",
        _numbers_of_bools,
    ),
    Mistake(
        "a label is asked for: a line may say more than the shape, and need not",
        entities_with(shape={"text": str, "entities": [{"start": int, "end": int, "label": str}]}),
    ),
    Mistake(
        "a line that is no JSON is passed over in silence: it is the first thing to report",
        entities_with(json_kind=""),
    ),
    Mistake("a text of nothing but spaces passes: compare text.strip()", entities_with(blank=lambda t: not t)),
    Mistake('a text that is blank passes: it is "no text"', entities_with(blank=lambda t: False)),
    *(
        Mistake(
            "only blanks are taken for nothing: tabs and line ends are white space too, strip() takes them",
            wrong,
        )
        for wrong in (
            entities_with(blank=lambda t: not t.strip(" ")),
            entities_with(blank=lambda t: t in ("", " ", "  ")),
        )
    ),
    Mistake(
        "a text without a letter counts as none: only white space is nothing, digits are text",
        entities_with(blank=lambda t: not any(c.isalpha() for c in t)),
    ),
    Mistake("JSON of another shape passes in silence: report it, then `continue`", entities_with(shape_kind="")),
    Mistake(
        'JSON of another shape is reported as "not JSON": it is JSON, but of the "wrong shape"',
        entities_with(shape_kind="not JSON"),
    ),
    Mistake(
        "another shape is caught where it crashes only: a text of null crashes nothing; ask has_shape first",
        _caught,
    ),
    Mistake(
        "a line without entities, or with null, counts as one that has none: here it is of the wrong shape",
        _without_entities,
    ),
    Mistake(
        "`end` is one past the last character: it may equal the text's length",
        entities_with(tests=tests_with(out_of_range=lambda s, t: not all(0 <= a < b < len(t) for a, b in s))),
    ),
    Mistake(
        "an entity that ends where it begins passes: start < end must hold",
        entities_with(tests=tests_with(out_of_range=lambda s, t: not all(0 <= a <= b <= len(t) for a, b in s))),
    ),
    Mistake(
        "a negative start passes: Python counts it from the end, and no error shows it",
        entities_with(tests=tests_with(out_of_range=lambda s, t: not all(a < b <= len(t) for a, b in s))),
    ),
    Mistake(
        "an entity whose end lies before its start passes",
        entities_with(tests=tests_with(out_of_range=lambda s, t: any(a < 0 or b > len(t) for a, b in s))),
    ),
    *(
        Mistake(
            "a line has one kind and one pair, however many of its entities have it",
            entities_with(each=(kind,)),
        )
        for kind in ("out of range", "space", "overlap")
    ),
    Mistake(
        "a line has one kind and one pair, however many of its entities have it",
        entities_with(each=("out of range", "space", "overlap")),
    ),
    Mistake(
        'all entities are asked for "space" before "out of range": the kinds have an order',
        entities_with(tests=(("space", spaced), ("out of range", outside), ("overlap", overlapping))),
    ),
    Mistake(
        "one entity's space is reported before another's range: ask for each kind whether any entity has it",
        _one_by_one,
    ),
    *(
        Mistake(
            "only the first entity of a line is looked at: does a `return` or `else` stand inside the loop?",
            wrong,
        )
        for wrong in (
            entities_with(tests=tests_with(out_of_range=lambda s, t: outside(s[:1], t))),
            entities_with(tests=tests_with(space=lambda s, t: spaced(s[:1], t))),
            entities_with(
                tests=tests_with(out_of_range=lambda s, t: outside(s[:1], t), space=lambda s, t: spaced(s[:1], t))
            ),
        )
    ),
    Mistake(
        "the text is changed before it is looked at: white space at its ends counts in every offset",
        entities_with(read=str.strip),
    ),
    Mistake(
        "bytes are counted: start and end count characters, len(text) of the text as it is",
        entities_with(length=lambda text, line: len(text.encode())),
    ),
    Mistake(
        "the text is made bytes: start and end count characters of the text as it is",
        entities_with(read=str.encode),
    ),
    Mistake(
        "`end` is compared with the length of the whole line: the text's counts",
        entities_with(length=lambda text, line: len(line)),
    ),
    Mistake(
        "only the end is looked at: 0 <= start < end must hold as well",
        entities_with(tests=tests_with(out_of_range=lambda s, t: any(b > len(t) for _, b in s))),
    ),
    Mistake(
        "a line is out of range where one of its entities is: any, not all",
        entities_with(tests=tests_with(out_of_range=lambda s, t: all(not 0 <= a < b <= len(t) for a, b in s))),
    ),
    Mistake(
        "a line is out of range where one of its entities is: any, not all",
        entities_with(tests=tests_with(out_of_range=lambda s, t: s and all(not 0 <= a < b <= len(t) for a, b in s))),
    ),
    Mistake(
        "a line has the kind where one of its entities has it: any, not all",
        entities_with(tests=tests_with(space=lambda s, t: all(t[a:b] != t[a:b].strip() for a, b in s))),
    ),
    Mistake(
        "a line has the kind where one of its entities has it: any, not all",
        entities_with(tests=tests_with(space=lambda s, t: s and all(t[a:b] != t[a:b].strip() for a, b in s))),
    ),
    Mistake(
        "the character behind the entity is looked at: `end` is one past its last",
        entities_with(tests=tests_with(space=lambda s, t: any(t[a].isspace() or t[b : b + 1].isspace() for a, b in s))),
    ),
    Mistake(
        "entities are never compared with the text's length",
        entities_with(tests=tests_with(out_of_range=lambda s, t: any(a < 0 or a >= b for a, b in s))),
    ),
    Mistake("entities outside the text pass", entities_with(tests=tests_with(out_of_range=None))),
    Mistake(
        "white space is looked for at the start only: compare with strip(), both ends",
        entities_with(tests=tests_with(space=lambda s, t: any(t[a:b] != t[a:b].lstrip() for a, b in s))),
    ),
    Mistake(
        "white space is looked for at the end only: compare with strip(), both ends",
        entities_with(tests=tests_with(space=lambda s, t: any(t[a:b] != t[a:b].rstrip() for a, b in s))),
    ),
    Mistake(
        "white space inside an entity is no mistake: look at its ends only",
        entities_with(
            tests=tests_with(space=lambda s, t: any(len(t[a:b].split()) != 1 or t[a:b] != t[a:b].strip() for a, b in s))
        ),
    ),
    Mistake(
        "white space inside an entity is no mistake: look at its ends only",
        entities_with(tests=tests_with(space=lambda s, t: any(" " in t[a:b] for a, b in s))),
    ),
    Mistake(
        "only blanks are seen: tabs and line breaks are white space too, strip() takes them",
        entities_with(tests=tests_with(space=lambda s, t: any(t[a:b] != t[a:b].strip(" ") for a, b in s))),
    ),
    *(
        Mistake(
            "white space has more signs than these few, such as \\u00a0 in words copied from a page: strip() "
            "and isspace() know them all",
            entities_with(tests=tests_with(space=lambda s, t, few=few: any(t[a:b] != t[a:b].strip(few) for a, b in s))),
        )
        for few in (" \t\n", " \t\n\r\v\f")
    ),
    *(
        Mistake("white space inside an entity is no mistake: look at its ends only", wrong)
        for wrong in (
            entities_with(tests=tests_with(space=lambda s, t: any(t[a:b] != " ".join(t[a:b].split()) for a, b in s))),
            entities_with(tests=tests_with(space=lambda s, t: spaced(s, t) or any("\n" in t[a:b] for a, b in s))),
            entities_with(tests=tests_with(space=lambda s, t: spaced(s, t) or any("  " in t[a:b] for a, b in s))),
        )
    ),
    *(
        Mistake("an entity with white space at both ends passes, or one that is nothing else", wrong)
        for wrong in (
            entities_with(
                tests=tests_with(space=lambda s, t: any(t[a:b].strip() and t[a:b] != t[a:b].strip() for a, b in s))
            ),
            entities_with(
                tests=tests_with(space=lambda s, t: any(t[a : a + 1].isspace() != t[b - 1 : b].isspace() for a, b in s))
            ),
        )
    ),
    Mistake("white space around an entity passes", entities_with(tests=tests_with(space=None))),
    Mistake(
        "entities that only touch are no overlap: one may begin where the other ends",
        entities_with(
            tests=tests_with(overlap=lambda s, t: any(a <= d and c <= b for (a, b), (c, d) in combinations(s, 2)))
        ),
    ),
    Mistake(
        "entities come in any order: sort them before comparing neighbours",
        entities_with(tests=tests_with(overlap=in_file_order)),
    ),
    Mistake(
        "an entity inside another overlaps it too",
        entities_with(
            tests=tests_with(
                overlap=lambda s, t: any(a < c < b < d or c < a < d < b for (a, b), (c, d) in combinations(s, 2))
            )
        ),
    ),
    Mistake(
        "only entities that begin at the same place are compared",
        entities_with(tests=tests_with(overlap=lambda s, t: len({a for a, _ in s}) < len(s))),
    ),
    Mistake(
        "only equal spans are compared: two overlap as soon as they share a character",
        entities_with(tests=tests_with(overlap=lambda s, t: len(set(s)) < len(s))),
    ),
    Mistake(
        "only the first two entities are compared: any two may overlap",
        entities_with(tests=tests_with(overlap=lambda s, t: overlapping(sorted(s)[:2], t))),
    ),
    Mistake(
        "equal spans become one in a set: twice the same span overlaps itself",
        entities_with(tests=tests_with(overlap=lambda s, t: overlapping(set(s), t))),
    ),
    Mistake(
        "entities that share one character pass: `end` is one past the last, so compare start < end",
        entities_with(
            tests=tests_with(overlap=lambda s, t: any(a < d - 1 and c < b - 1 for (a, b), (c, d) in combinations(s, 2)))
        ),
    ),
    Mistake(
        "only the first entity is compared with the others: is a `return False` inside the loop?",
        entities_with(tests=tests_with(overlap=lambda s, t: any(overlapping([s[0], x], t) for x in s[1:]))),
    ),
    Mistake(
        "only the last entity is compared with the others: any two may overlap",
        entities_with(tests=tests_with(overlap=lambda s, t: any(overlapping([s[-1], x], t) for x in s[:-1]))),
    ),
    *(
        Mistake("of two entities the later one is asked for only: either may begin inside the other", wrong)
        for wrong in (
            entities_with(
                tests=tests_with(overlap=lambda s, t: any(a <= c < b for (a, b), (c, _) in combinations(s, 2)))
            ),
            entities_with(
                tests=tests_with(
                    overlap=lambda s, t: any(a <= c < b or a < d <= b for (a, b), (c, d) in combinations(s, 2))
                )
            ),
        )
    ),
    Mistake(
        "each entity is compared with itself, and overlaps: compare two different ones",
        entities_with(tests=tests_with(overlap=lambda s, t: any(a < d and c < b for a, b in s for c, d in s))),
    ),
    Mistake(
        "words are compared, not places: the same word may stand in a text twice",
        entities_with(
            tests=tests_with(overlap=lambda s, t: any(t[a:b] in t[c:d] for (a, b), (c, d) in combinations(s, 2)))
        ),
    ),
    Mistake("overlapping entities pass", entities_with(tests=tests_with(overlap=None))),
    Mistake("whole lines are compared: the same text with other entities is the same text", entities_with(raw=True)),
    Mistake("only the line before is looked at: remember all texts in a set", entities_with(twice="last")),
    Mistake("case is ignored: here two texts are the same where every letter is", entities_with(key=str.lower)),
    Mistake(
        "white space is taken off before texts are compared: the same are those with every character the same",
        entities_with(key=str.strip),
    ),
    Mistake(
        "white space is evened out before texts are compared: the same are those with every character the same",
        entities_with(key=lambda text: " ".join(text.split())),
    ),
    Mistake(
        "each text finds itself: ask whether it was there before you put it in",
        entities_with(before=True),
    ),
    Mistake(
        "only good lines are remembered: a text in a bad line has been there too",
        entities_with(remember=lambda kinds: not kinds),
    ),
    *(
        Mistake(
            "a text in a bad line has been there too: is a `continue` before it is remembered?",
            entities_with(remember=lambda kinds, bad=bad: kinds[:1] != [bad]),
        )
        for bad in ("out of range", "space", "overlap")
    ),
    *(
        Mistake('"twice" is the last kind that is tried: a line may be bad in another way before', wrong)
        for wrong in (entities_with(twice="first"), entities_with(twice="before overlap"))
    ),
    Mistake("the first of equal texts is reported too: only what has an earlier one is", _doubles),
    Mistake("texts that were there before pass", entities_with(twice=False)),
    Mistake("a line is reported several times: only the first kind that holds", entities_with(every=True)),
    Mistake(
        "the kinds are tried in another order: out of range, space, overlap, twice",
        entities_with(tests=backwards(tests_with())),
    ),
    Mistake(
        "the last kind that holds is reported: try them in the order of the table, and stop at the first",
        entities_with(chosen=slice(-1, None)),
    ),
    Mistake(
        "after a line that is not JSON the line before is looked at again: `continue` after reporting it",
        _goes_on,
    ),
    Mistake("nothing is found in an open file: its lines can be gone through once, in one loop", _nothing_in_a_file),
    Mistake("numbers came back: pairs (number, kind) are asked for", _numbers_only),
)
