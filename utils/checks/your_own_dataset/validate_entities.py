"""The exercise validate_entities: what must hold, and what each mistake looks like."""

import json
from itertools import combinations, pairwise

from utils.checks.frame import Exercise, Mistake, Property, case, register
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


def _line(text, *spans) -> str:
    entities = [{"start": a, "end": b, "label": label} for a, b, label in spans]
    return json.dumps({"text": text, "entities": entities}, ensure_ascii=False)


def _entities_run(answer, lines):
    return say(answer(list(lines)))


def _outside(spans, text):
    return not all(0 <= a < b <= len(text) for a, b in spans)


def _spaced(spans, text):
    return any(text[a:b] != text[a:b].strip() for a, b in spans)


def _overlapping(spans, text):
    return any(a < d and c < b for (a, b), (c, d) in combinations(spans, 2))


def _entities_with(first=1, blank=lambda text: not text.strip(), json_kind="not JSON", key=None, seen_when="always",
                   tests=(("out of range", _outside), ("space", _spaced), ("overlap", _overlapping)), shape=LINE,
                   shape_kind="wrong shape", every=False, stop=False, twice=True, raw=False,
                   chosen=slice(1)):  # fmt: skip
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
            if not has_shape(record, shape):
                if shape_kind:
                    problems.append((number, shape_kind))
                if stop:
                    return problems
                continue
            text = record.get("text") or ""
            spans = [(e["start"], e["end"]) for e in record.get("entities") or []]
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


def _numbers_only(lines):
    return [number for number, _ in validate_entities(lines)]


def _broken_lines(rng):
    good = _line("Tom left.", (0, 3, "PER"))
    blank = '{"text": "  ", "entities": []}'
    return [
        case([good, '{"text": "Tom']),
        case(["", good, blank, _line("Mia stayed."), '{"text": "", "entities": []}']),
        case([_line(f"Text {n}.") for n in range(int(rng.integers(2, 5)))] + ["[", _line("And so on."), "Tom B-PER"]),
    ]


def _misshapen_lines(rng):
    texts = ["[1, 2]", "7", "null", '"Tom left."', "{}", '{"entities": []}', '{"text": "Tom left."}', '{"text": 5, '
             '"entities": []}', '{"text": null, "entities": []}']  # fmt: skip
    spans = ["null", '{"start": 0, "end": 3}', '[[0, 3, "PER"]]', '[{"end": 3}]', '[{"start": "0", "end": "3"}]',
             '[{"start": 0, "end": null}]', '[{"start": 0, "end": 2.5}]', '["PER"]', '[{"start": 0, "end": 3}, 4]',
             '"Tom"']  # fmt: skip
    bad = [*texts, *(f'{{"text": "Tom left {n}.", "entities": {given}}}' for n, given in enumerate(spans))]
    good = [_line(f"Mia met {n} people.", (0, 3, "PER")) for n in range(len(bad))]
    order = rng.permutation(len(bad))
    return [
        case([good[0], *texts, good[1]]),
        case([line for n in order for line in (bad[n], good[n])][: int(rng.integers(15, 25))]),
        case([good[0], *(bad[n] for n in order), good[1]]),
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
            Property("lines of JSON that say something else", 1, _misshapen_lines, _entities_run),
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
            "json.loads raises ValueError; then has_shape(record, LINE): behind it nothing can crash. For overlaps "
            "sort the spans: then only neighbours need comparing.",
            "A set of texts tells what was there before; add each text at the end of the loop, bad line or not.",
        ),
    )
)
