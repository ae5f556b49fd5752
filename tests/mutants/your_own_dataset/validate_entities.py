"""Wrong answers to validate_entities."""

import json

from tests.mutants.your_own_dataset.entity_tests import (
    against_the_last,
    begins_inside,
    begins_or_ends_inside,
    ends_of_two_kinds,
    first_entity,
    others_only,
    pairs,
    returns_too_early,
    something_and_space,
    space_joined,
    up_to_the_last_character,
    with_itself,
    words_in_words,
)
from utils.checks.your_own_dataset.shared import LINE, has_shape


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
    if not has_shape(record, LINE):
        return None, []
    return record["text"], [(e["start"], e["end"]) for e in record["entities"]]


def each_line(lines, judge=judged, first=1, key=lambda line, text: text, remember=lambda kind: True):
    """The report on all lines; a mistake is a judge of its own, or another way to count or to remember."""
    out, seen = [], set()
    for i, line in enumerate(lines, first):
        try:
            text, spans = read(line)
        except ValueError:
            out.append((i, "not JSON"))
            continue
        if text is None:
            out.append((i, "wrong shape"))
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
        kind = "wrong shape" if text is None else judged(text, spans, seen)
        if kind:
            out.append((i, kind))
        seen.add(text)
    return out


def trusts_json(lines):
    out, seen = [], set()
    for i, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
        except ValueError:
            out.append((i, "not JSON"))
            continue
        text = record.get("text") or ""
        kind = judged(text, [(e["start"], e["end"]) for e in record.get("entities", [])], seen)
        if kind:
            out.append((i, kind))
        seen.add(text)
    return out


def shape_is_no_json(lines):
    return [(n, "not JSON" if kind == "wrong shape" else kind) for n, kind in each_line(lines)]


def shape_passes(lines):
    return [(n, kind) for n, kind in each_line(lines) if kind != "wrong shape"]


def catches_everything(lines):
    out, seen = [], set()
    for i, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
            text = record["text"]
            kind = judged(text, [(e["start"], e["end"]) for e in record["entities"]], seen)
        except ValueError:
            kind, text = "not JSON", None
        except (KeyError, TypeError, AttributeError):
            kind, text = "wrong shape", None
        if kind:
            out.append((i, kind))
        seen.add(text)
    return out


def absent_is_none(lines):
    def mended(line):
        try:
            record = json.loads(line)
        except ValueError:
            return line
        if isinstance(record, dict):
            record["entities"] = record.get("entities") or []
        return json.dumps(record)

    return each_line([mended(line) for line in lines])


def mended(change):
    """Each text changed before anything is asked of it."""

    def validate(lines):
        def judge(text, spans, seen):
            return judged(change(text), spans, seen)

        return each_line(lines, judge, key=lambda line, text: change(text))

    return validate


def strips_first(lines):
    return mended(str.strip)(lines)


def stripped_keys(lines):
    return each_line(lines, key=lambda line, text: text.strip())


def evened_keys(lines):
    return each_line(
        lines, lambda text, spans, seen: judged(text, spans, ()), key=lambda line, text: " ".join(text.split())
    )


def counts_bytes(lines):
    def judge(text, spans, seen):
        kind = judged(text, [(a, min(b, len(text))) for a, b in spans if b <= len(text.encode())], seen)
        return "out of range" if kind != "no text" and any(b > len(text.encode()) for a, b in spans) else kind

    return each_line(lines, judge)


def any_entity_all(lines):
    def judge(text, spans, seen):
        kind = judged(text, spans, seen)
        if kind == "out of range" and not all(a < 0 or b > len(text) or a >= b for a, b in spans):
            kind = judged(text, [(max(a, 0), min(b, len(text))) for a, b in spans], seen)
        return kind

    return each_line(lines, judge)


def breaks(lines):
    out, seen = [], []
    for i, line in enumerate(lines, 1):
        try:
            text, spans = read(line)
        except ValueError:
            out.append((i, "not JSON"))
            break
        if text is None:
            out.append((i, "wrong shape"))
            break
        out += [(i, kind)] if (kind := judged(text, spans, seen)) else []
        seen.append(text)
    return out


def goes_through_twice(lines):
    kinds = {}
    total = sum(1 for _ in lines)
    for number, kind in each_line(lines):
        kinds[number] = kind
    return [(n, kinds[n]) for n in range(1, total + 1) if n in kinds]


def by_index(lines):
    return each_line([lines[i] for i in range(len(lines))])


def bools_are_ints(lines):
    return each_line([line.replace("false", "0").replace("true", "1") for line in lines])


def character_behind(lines):
    def judge(text, spans, seen):
        kind = judged(text, spans, seen)
        if kind in (None, "space", "overlap", "twice"):
            if any(text[a].isspace() or text[b : b + 1].isspace() for a, b in spans):
                return "space"
            return None if kind == "space" else kind
        return kind

    return each_line(lines, judge)


def only_numbers(lines):
    return [i for i, _ in each_line(lines)]


def forgot_return(lines):
    counts_from_zero(lines)


def tested(blank=None, outside=None, space=None, overlap=None, order=("out of range", "space", "overlap")):
    """The report by a chain of tests of which some are another's; each is asked of text and spans."""
    tests = {
        "out of range": outside or (lambda text, spans: any(a < 0 or b > len(text) or a >= b for a, b in spans)),
        "space": space or (lambda text, spans: any(text[a:b] != text[a:b].strip() for a, b in spans)),
        "overlap": overlap or (lambda text, spans: any(x[0] < y[1] and y[0] < x[1] for x, y in pairs(spans))),
    }

    def judge(text, spans, seen):
        if (blank or (lambda text: not text.strip()))(text):
            return "no text"
        found = (kind for kind in order if (text in seen if kind == "twice" else tests[kind](text, spans)))
        return next(found, None)

    return lambda lines: each_line(lines, judge)


def one_pair_an_entity(kinds):
    def validate(lines):
        lines, out = list(lines), []
        for n, kind in each_line(lines):
            text, spans = read(lines[n - 1]) if kind != "not JSON" else (None, [])
            times = [judged(text, [span], ()) for span in spans].count(kind) if kind in kinds else 1
            out += [(n, kind)] * times
        return out

    return validate


def carried_over(lines):
    out, seen, kind = [], set(), None
    for i, line in enumerate(lines, 1):
        try:
            text, spans = read(line)
        except ValueError:
            out.append((i, "not JSON"))
            continue
        if text is None:
            out.append((i, "wrong shape"))
            continue
        kind = kind or judged(text, spans, seen)
        if kind:
            out.append((i, kind))
        seen.add(text)
    return out


def uncounted(lines):
    out, seen, n = [], set(), 1
    for line in lines:
        try:
            text, spans = read(line)
        except ValueError:
            out.append((n, "not JSON"))
            continue
        if text is None:
            out.append((n, "wrong shape"))
            continue
        if kind := judged(text, spans, seen):
            out.append((n, kind))
        seen.add(text)
        n += 1
    return out


def asks_for_a_label(lines):
    bare = [i for i, line in enumerate(lines, 1) if '"start"' in line and "label" not in line]
    found = dict(each_line(lines)) if isinstance(lines, list) else {}
    return sorted((found | dict.fromkeys(bare, "wrong shape")).items()) if bare else each_line(lines)


def reads_and_splits(lines):
    return each_line(lines if isinstance(lines, list) else lines.read().split("\n"))


def reads_and_splits_lines(lines):
    return each_line(lines if isinstance(lines, list) else lines.read().splitlines())


def blank_lines_skipped(lines):
    lines = list(lines)
    return [(n, kind) for n, kind in each_line(lines) if lines[n - 1] != "\n"]


def counted_texts(lines):
    lines = list(lines)
    found, texts = dict(each_line(lines)), []
    for line in lines:
        try:
            texts.append(read(line)[0])
        except ValueError:
            texts.append(None)
    for i, text in enumerate(texts, 1):
        if i not in found and text is not None and texts.count(text) > 1:
            found[i] = "twice"
    return sorted(found.items())


def forgets(kind):
    return lambda lines: each_line(lines, remember=lambda found: found != kind)


MUTANTS = [
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
    (trusts_json, "it raised AttributeError"),
    (shape_is_no_json, 'it is JSON, but of the "wrong shape"'),
    (shape_passes, "passes in silence: report it"),
    (catches_everything, "caught where it crashes"),
    (absent_is_none, "counts as one that has none"),
    (strips_first, "white space at its ends counts"),
    (stripped_keys, "taken off before texts are compared"),
    (evened_keys, "evened out"),
    (counts_bytes, "bytes are counted"),
    (any_entity_all, "any, not all"),
    (breaks, "not `break`"),
    (goes_through_twice, "in an open file"),
    (by_index, "'OpenFile' has no len()"),
    (bools_are_ints, "bool is a kind of int"),
    (character_behind, "character behind the entity"),
    (only_numbers, "pairs (number, kind)"),
    (forgot_return, "nothing came back"),
    (tested(overlap=up_to_the_last_character), "share one character"),
    (tested(overlap=returns_too_early), "`return False` inside the loop"),
    (tested(overlap=against_the_last), "only the last entity is compared"),
    (tested(overlap=begins_inside), "either may begin inside"),
    (tested(overlap=begins_or_ends_inside), "either may begin inside"),
    (tested(overlap=others_only), "equal spans become one"),
    (tested(overlap=with_itself), "compared with itself"),
    (tested(overlap=words_in_words), "words are compared, not places"),
    (tested(space=ends_of_two_kinds), "at both ends passes"),
    (tested(space=something_and_space), "at both ends passes"),
    (tested(space=space_joined), "white space inside an entity"),
    (tested(space=first_entity("space")), "only the first entity"),
    (tested(outside=first_entity("range")), "only the first entity"),
    (tested(blank=lambda text: not text.strip(" ")), "only blanks are taken for nothing"),
    (tested(blank=lambda text: text in ("", " ", "  ")), "only blanks are taken for nothing"),
    (tested(blank=lambda text: not any(c.isalpha() for c in text)), "without a letter"),
    (tested(order=("space", "out of range", "overlap")), "the kinds have an order"),
    (tested(order=("twice", "out of range", "space", "overlap")), "the last kind that is tried"),
    (tested(order=("out of range", "space", "twice", "overlap")), "the last kind that is tried"),
    (one_pair_an_entity(("out of range",)), "one kind and one pair"),
    (one_pair_an_entity(("space",)), "one kind and one pair"),
    (carried_over, "carried over from a line before"),
    (uncounted, "is not counted"),
    (asks_for_a_label, "a label is asked for"),
    (reads_and_splits, "behind the last is no line"),
    (reads_and_splits_lines, "U+2028"),
    (blank_lines_skipped, "an empty line"),
    (counted_texts, "the first of equal texts"),
    (forgets("out of range"), "a text in a bad line"),
    (forgets("space"), "a text in a bad line"),
    (forgets("overlap"), "a text in a bad line"),
]
