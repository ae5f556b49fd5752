"""The exercise validate_entities: what must hold, and what each mistake looks like."""

import io
import json
from itertools import combinations, pairwise

from utils.checks.frame import Exercise, Mistake, Property, register
from utils.checks.your_own_dataset.entity_lines import (
    all_sorts,
    broken_lines,
    misshapen_lines,
    overlap_lines,
    range_lines,
    space_lines,
    twice_lines,
)
from utils.checks.your_own_dataset.shared import LINE, has_shape, say


def validate_entities(lines) -> list[tuple[int, str]]:
    """Finds the lines that no model should learn from.

    Args:
        lines: texts, each an object of JSON: {"text": "…", "entities": [{"start": 0, "end": 4, "label": "PER"}]}.

    Returns:
        (number of the line from 1, kind) for each bad line, in order. The kind is the first of these that holds:
        "not JSON"; "wrong shape": it is JSON, but not of the shape LINE; "no text": there is nothing but white space;
        "out of range": for an entity 0 <= start < end <= length of the text fails; "space": one begins or ends with
        white space; "overlap": two share a character; "twice": an earlier line has the same text.
    """
    problems, seen = [], set()
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
        except ValueError:
            problems.append((number, "not JSON"))
            continue
        if not has_shape(record, LINE):
            problems.append((number, "wrong shape"))
            continue
        text = record["text"]
        spans = sorted((entity["start"], entity["end"]) for entity in record["entities"])
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


class OpenFile(io.StringIO):
    """What a file is: lines with their ends, gone through once; errors call it by this name."""


def _entities_run(answer, lines):
    return say(answer(list(lines)))


def _in_a_file(answer, lines, opened=False):
    return say(answer(OpenFile("\n".join(lines)) if opened else list(lines)))


def _outside(spans, text):
    return not all(0 <= a < b <= len(text) for a, b in spans)


def _spaced(spans, text):
    return any(text[a:b] != text[a:b].strip() for a, b in spans)


def _overlapping(spans, text):
    return any(a < d and c < b for (a, b), (c, d) in combinations(spans, 2))


def _entities_with(first=1, blank=lambda text: not text.strip(), json_kind="not JSON", key=None, seen_when="always",
                   tests=(("out of range", _outside), ("space", _spaced), ("overlap", _overlapping)), shape=LINE,
                   shape_kind="wrong shape", every=False, stop=(), twice=True, raw=False, chosen=slice(1),
                   read=lambda text: text, length=None):  # fmt: skip
    """The reference with one of its steps done otherwise."""

    def validate(lines):
        problems, seen = [], []
        for number, line in enumerate(lines, start=first):
            try:
                record = json.loads(line)
            except ValueError:
                if json_kind:
                    problems.append((number, json_kind))
                if "unread" in stop:
                    return problems
                continue
            if not has_shape(record, shape):
                if shape_kind:
                    problems.append((number, shape_kind))
                if "unread" in stop:
                    return problems
                continue
            text = read(record.get("text") or "")
            spans = [(e["start"], e["end"]) for e in record.get("entities") or []]
            reach = length(record["text"], line) if length else 0
            asked = [(kind, test(spans, text)) for kind, test in tests]
            asked = [("out of range", any(not 0 <= a < b <= reach for a, b in spans)), *asked[1:]] if length else asked
            kinds = ["no text"] if blank(text) else [kind for kind, holds in asked if holds]
            mark = line if raw else key(text) if key else text
            seen += [mark] * (seen_when == "before")
            earlier = seen[-1:] if twice == "last" else seen
            if twice and mark in earlier and not blank(text):
                kinds.append("twice")
            if seen_when == "always" or not kinds:
                seen.append(mark)
            problems += [(number, kind) for kind in (kinds if every else kinds[chosen])]
            if "bad" in stop and kinds or "read" in stop:
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

    return validate_entities(map(mended, lines))


def _caught(lines):
    """No shape is looked at: whatever raises is reported, and what raises nothing goes on."""
    problems, seen = [], set()
    for number, line in enumerate(lines, start=1):
        kinds, text = [], None
        try:
            record = json.loads(line)
            text, spans = record["text"], [(e["start"], e["end"]) for e in record["entities"]]
            tests = _tests() if text and text.strip() else [("no text", lambda *_: True)]
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
        found = validate_entities([json.dumps(record)])
        text = record.get("text") if isinstance(record, dict) else None
        text = text if isinstance(text, str) else ""
        problems += [(number, kind) for _, kind in found] or [(number, "twice")] * (text in seen)
        seen.add(text)
    return problems


def _no_empty_lines(lines):
    lines = list(lines)
    return [(number, kind) for number, kind in validate_entities(lines) if lines[number - 1].strip()]


def _nothing_in_a_file(lines):
    return validate_entities(lines) if isinstance(lines, list) else []


def _numbers_only(lines):
    return [number for number, _ in validate_entities(lines)]


register(
    Exercise(
        name="validate_entities",
        notebook="14_your_own_dataset",
        reference=validate_entities,
        properties=(
            Property("lines that are not JSON, or have no text", 1, broken_lines, _entities_run),
            Property("lines of JSON that say something else", 1, misshapen_lines, _entities_run),
            Property(
                "entities outside their text; a good one may end where the text ends", 2, range_lines, _entities_run
            ),
            Property("entities with white space at their ends", 1, space_lines, _entities_run),
            Property("entities that overlap; neighbours may touch", 2, overlap_lines, _entities_run),
            Property("texts that were there before", 1, twice_lines, _entities_run),
            Property("a file with all of these: every bad line once, none invented", 2, all_sorts, _in_a_file),
        ),
        mistakes=(
            Mistake("lines are counted from 0; people and editors count from 1", _entities_with(first=0)),
            Mistake("it stops at the first bad line: report it and go on", _entities_with(stop=("unread", "bad"))),
            Mistake(
                "it stops at a line that is no JSON, or of another shape: report it, then `continue`, not `break`",
                _entities_with(stop=("unread",)),
            ),
            Mistake(
                "it stops after one line: `return` stands inside the loop, and belongs behind it",
                _entities_with(stop=("read",)),
            ),
            Mistake("an empty line is passed over in silence: it is no JSON, report it", _no_empty_lines),
            Mistake(
                "a line that is no JSON is passed over in silence: it is the first thing to report",
                _entities_with(json_kind=""),
            ),
            Mistake("a text of nothing but spaces passes: compare text.strip()", _entities_with(blank=lambda t: not t)),
            Mistake('a text that is blank passes: it is "no text"', _entities_with(blank=lambda t: False)),
            Mistake(
                "JSON of another shape passes in silence: report it, then `continue`", _entities_with(shape_kind="")
            ),
            Mistake(
                'JSON of another shape is reported as "not JSON": it is JSON, but of the "wrong shape"',
                _entities_with(shape_kind="not JSON"),
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
                "the text is changed before it is looked at: white space at its ends counts in every offset",
                _entities_with(read=str.strip),
            ),
            Mistake(
                "bytes are counted: start and end count characters, len(text) of the text as it is",
                _entities_with(length=lambda text, line: len(text.encode())),
            ),
            Mistake(
                "the text is made bytes: start and end count characters of the text as it is",
                _entities_with(read=str.encode),
            ),
            Mistake(
                "`end` is compared with the length of the whole line: the text's counts",
                _entities_with(length=lambda text, line: len(line)),
            ),
            Mistake(
                "only the end is looked at: 0 <= start < end must hold as well",
                _entities_with(tests=_tests(out_of_range=lambda s, t: any(b > len(t) for _, b in s))),
            ),
            Mistake(
                "a line is out of range where one of its entities is: any, not all",
                _entities_with(tests=_tests(out_of_range=lambda s, t: all(not 0 <= a < b <= len(t) for a, b in s))),
            ),
            Mistake(
                "a line is out of range where one of its entities is: any, not all",
                _entities_with(
                    tests=_tests(out_of_range=lambda s, t: s and all(not 0 <= a < b <= len(t) for a, b in s))
                ),
            ),
            Mistake(
                "a line has the kind where one of its entities has it: any, not all",
                _entities_with(tests=_tests(space=lambda s, t: all(t[a:b] != t[a:b].strip() for a, b in s))),
            ),
            Mistake(
                "a line has the kind where one of its entities has it: any, not all",
                _entities_with(tests=_tests(space=lambda s, t: s and all(t[a:b] != t[a:b].strip() for a, b in s))),
            ),
            Mistake(
                "the character behind the entity is looked at: `end` is one past its last",
                _entities_with(
                    tests=_tests(space=lambda s, t: any(t[a].isspace() or t[b : b + 1].isspace() for a, b in s))
                ),
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
                "white space inside an entity is no mistake: look at its ends only",
                _entities_with(tests=_tests(space=lambda s, t: any(" " in t[a:b] for a, b in s))),
            ),
            Mistake(
                "only blanks are seen: tabs and line breaks are white space too, strip() takes them",
                _entities_with(tests=_tests(space=lambda s, t: any(t[a:b] != t[a:b].strip(" ") for a, b in s))),
            ),
            *(
                Mistake(
                    "white space has more signs than these few, such as \\u00a0 in words copied from a page: strip() "
                    "and isspace() know them all",
                    _entities_with(
                        tests=_tests(space=lambda s, t, few=few: any(t[a:b] != t[a:b].strip(few) for a, b in s))
                    ),
                )
                for few in (" \t\n", " \t\n\r\v\f")
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
            Mistake(
                "only the first two entities are compared: any two may overlap",
                _entities_with(tests=_tests(overlap=lambda s, t: _overlapping(sorted(s)[:2], t))),
            ),
            Mistake(
                "equal spans become one in a set: twice the same span overlaps itself",
                _entities_with(tests=_tests(overlap=lambda s, t: _overlapping(set(s), t))),
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
                "white space is taken off before texts are compared: the same are those with every character the same",
                _entities_with(key=str.strip),
            ),
            Mistake(
                "white space is evened out before texts are compared: the same are those with every character the same",
                _entities_with(key=lambda text: " ".join(text.split())),
            ),
            Mistake(
                "each text finds itself: ask whether it was there before you put it in",
                _entities_with(seen_when="before"),
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
            Mistake(
                "nothing is found in an open file: its lines can be gone through once, in one loop", _nothing_in_a_file
            ),
            Mistake("numbers came back: pairs (number, kind) are asked for", _numbers_only),
        ),
        hints=(
            "One loop with enumerate(lines, start=1); inside it a chain of if and elif in the order of the docstring.",
            "json.loads raises ValueError; then has_shape(record, LINE): behind it nothing can crash. For overlaps "
            "sort the spans: then only neighbours need comparing.",
            "A set of texts tells what was there before; add each text at the end of the loop, bad line or not.",
        ),
    )
)
