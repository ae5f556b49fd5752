"""The answer to validate_entities with one of its steps done otherwise: how its known mistakes are imitated."""

import json
from itertools import combinations, pairwise

from utils.checks.your_own_dataset.shared import LINE, has_shape


def outside(spans, text):
    """Whether an entity lies outside its text."""
    return not all(0 <= a < b <= len(text) for a, b in spans)


def spaced(spans, text):
    """Whether an entity begins or ends with white space."""
    return any(text[a:b] != text[a:b].strip() for a, b in spans)


def overlapping(spans, text):
    """Whether two share a character."""
    return any(a < d and c < b for (a, b), (c, d) in combinations(spans, 2))


def entities_with(first=1, blank=lambda text: not text.strip(), json_kind="not JSON", key=None,
                  remember=lambda kinds: True, before=False, shape=LINE, shape_kind="wrong shape", every=False, stop=(),
                  tests=(("out of range", outside), ("space", spaced), ("overlap", overlapping)), twice=True,
                  raw=False, chosen=slice(1), read=lambda text: text, length=None, each=(), carry=False,
                  unread_count=True):  # fmt: skip
    """`validate_entities`, but for what is said: see where it is used."""

    def validate(lines):
        problems, seen, number, carried = [], [], first - 1, []
        for line in lines:
            number += 1
            try:
                record = json.loads(line)
            except ValueError:
                if json_kind:
                    problems.append((number, json_kind))
                if "unread" in stop:
                    return problems
                number -= not unread_count
                continue
            if not has_shape(record, shape):
                if shape_kind:
                    problems.append((number, shape_kind))
                if "unread" in stop:
                    return problems
                number -= not unread_count
                continue
            text = read(record.get("text") or "")
            spans = [(e["start"], e["end"]) for e in record.get("entities") or []]
            reach = length(record["text"], line) if length else 0
            asked = [(kind, test(spans, text)) for kind, test in tests]
            asked = [("out of range", any(not 0 <= a < b <= reach for a, b in spans)), *asked[1:]] if length else asked
            kinds = ["no text"] if blank(text) else [kind for kind, holds in asked if holds]
            mark = line if raw else key(text) if key else text
            seen += [mark] * before
            earlier = seen[-1:] if twice == "last" else seen
            again = bool(twice) and mark in earlier and not blank(text)
            if again:
                kinds.insert(0 if twice == "first" else len(kinds), "twice")
            if twice == "before overlap" and kinds == ["overlap", "twice"]:
                kinds.reverse()
            if remember(kinds):
                seen.append(mark)
            kinds = carried or kinds
            carried = kinds if carry else []
            times = how_often(kinds[0], spans, text) if kinds and kinds[0] in each else 1
            problems += [(number, kind) for kind in (kinds if every else kinds[chosen])] * times
            if "bad" in stop and kinds or "read" in stop:
                return problems
        return problems

    return validate


def how_often(kind, spans, text):
    """How many entities, or for "overlap" neighbours, have the kind."""
    if kind == "overlap":
        return sum(a[1] > b[0] for a, b in pairwise(sorted(spans)))
    return sum({"out of range": outside, "space": spaced}[kind]([span], text) for span in spans)


def tests_with(**changes):
    """The three tests, some exchanged or (None) left out, in this order."""
    tests = {"out of range": outside, "space": spaced, "overlap": overlapping}
    tests |= {name.replace("_", " "): test for name, test in changes.items()}
    return tuple((kind, test) for kind, test in tests.items() if test)


def in_file_order(spans, text):
    """Whether neighbours overlap, in the order in which they are given."""
    return any(a[1] > b[0] for a, b in pairwise(spans))


def backwards(tests):
    """The tests, the last first."""
    return tuple(reversed(tests))
