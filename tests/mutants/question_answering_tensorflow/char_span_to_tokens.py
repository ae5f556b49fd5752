"""Wrong answers to char_span_to_tokens."""

import numpy as np


def span_last_excluded(offsets, start, end):
    inside = []
    for t, (a, b) in enumerate(offsets):
        if a != b and a < end and b > start:
            inside.append(t)
    if not inside or offsets[inside[0]][0] > start or offsets[inside[-1]][1] < end:
        return None
    return inside[0], inside[-1] + 1


def span_counted_on(offsets, start, end):
    text = [(a, b, t) for t, (a, b) in enumerate(offsets) if a != b]
    if not text or start < text[0][0] or end > text[-1][1]:
        return None
    inside = [t for a, b, t in text if a < end and b > start]
    return (inside[0], inside[0] + len(inside) - 1) if inside else None


def span_of_special_tokens(offsets, start, end):
    first = last = None
    for t, (a, b) in enumerate(offsets):
        if a <= start and first is None and (b > start or start == 0):
            first = t
        if b >= end and last is None:
            last = t
    if first is None or last is None:
        return None
    return first, last


def span_only_exact(offsets, start, end):
    first = [t for t, o in enumerate(offsets) if o[0] == start and o[0] != o[1]]
    last = [t for t, o in enumerate(offsets) if o[1] == end and o[0] != o[1]]
    return (first[0], last[0]) if first and last else None


def span_cut_off(offsets, start, end):
    found = [t for t, (a, b) in enumerate(offsets) if a < b and not (b <= start or a >= end)]
    if len(found) == 0:
        return None
    return found[0], found[-1]


def span_wholly_inside(offsets, start, end):
    found = [t for t, (a, b) in enumerate(offsets) if a < b and a >= start and b <= end]
    return (min(found), max(found)) if found else None


def span_end_included(offsets, start, end):
    real = [t for t in range(len(offsets)) if offsets[t][0] < offsets[t][1]]
    if not real or start < offsets[real[0]][0] or end > offsets[real[-1]][1]:
        return None
    first = next(t for t in real if offsets[t][1] > start)
    last = [t for t in real if offsets[t][0] <= end][-1]
    return first, last


def span_zero_for_none(offsets, start, end):
    real = [t for t in range(len(offsets)) if offsets[t][0] < offsets[t][1]]
    if not real or start < offsets[real[0]][0] or end > offsets[real[-1]][1]:
        return 0, 0
    inside = [t for t in real if offsets[t][0] < end and offsets[t][1] > start]
    return (inside[0], inside[-1]) if inside else (0, 0)


def span_characters(offsets, start, end):
    real = [(a, b) for a, b in offsets if a < b]
    if not real or start < real[0][0] or end > real[-1][1]:
        return None
    inside = [(a, b) for a, b in real if a < end and b > start]
    return (inside[0][0], inside[-1][1]) if inside else None


def span_swapped(offsets, start, end):
    real = [t for t in range(len(offsets)) if offsets[t][0] < offsets[t][1]]
    if not real or start < offsets[real[0]][0] or end > offsets[real[-1]][1]:
        return None
    inside = [t for t in real if offsets[t][0] < end and offsets[t][1] > start]
    return (inside[-1], inside[0]) if inside else None


def span_of_the_holding_tokens(offsets, start, end):
    first = last = None
    for t, (a, b) in enumerate(offsets):
        if a <= start < b:
            first = t
        if a <= end - 1 < b:
            last = t
    if first is None or last is None:
        return None
    return first, last


def span_by_lists_of_holders(offsets, start, end):
    real = [o for o in offsets if o[0] < o[1]]
    if not real or start < real[0][0] or end > real[-1][1]:
        return None
    first = [t for t, (a, b) in enumerate(offsets) if a <= start < b]
    last = [t for t, (a, b) in enumerate(offsets) if a < end <= b]
    return (first[0], last[0]) if first and last else None


def span_of_holders_or_none(offsets, start, end):
    owner = {c: t for t, (a, b) in enumerate(offsets) for c in range(a, b)}
    return owner.get(start), owner.get(end - 1)


def span_holder_at_the_start(offsets, start, end):
    real = [t for t in range(len(offsets)) if offsets[t][0] < offsets[t][1]]
    if not real or start < offsets[real[0]][0] or end > offsets[real[-1]][1]:
        return None
    first = [t for t in real if offsets[t][0] <= start < offsets[t][1]]
    last = [t for t in real if offsets[t][0] < end]
    return (first[0], last[-1]) if first and last else None


def span_rounded_outwards(offsets, start, end):
    real = [t for t in range(len(offsets)) if offsets[t][0] < offsets[t][1]]
    if not real or start < offsets[real[0]][0] or end > offsets[real[-1]][1]:
        return None
    return max(t for t in real if offsets[t][0] <= start), min(t for t in real if offsets[t][1] >= end)


def span_touching_counts(offsets, start, end):
    found = [t for t, (a, b) in enumerate(offsets) if a < b and a <= end and b >= start]
    if not found or offsets[found[0]][0] > start or offsets[found[-1]][1] < end:
        return None
    return found[0], found[-1]


def span_pair_of_nones(offsets, start, end):
    real = [t for t in range(len(offsets)) if offsets[t][0] < offsets[t][1]]
    if not real or start < offsets[real[0]][0] or end > offsets[real[-1]][1]:
        return None, None
    found = [t for t in real if offsets[t][0] < end and offsets[t][1] > start]
    return found[0], found[-1]


def span_forgot_return(offsets, start, end):
    [t for t, (a, b) in enumerate(offsets) if a < end and b > start]


def span_end_as_last_character(offsets, start, end):
    real = [t for t, (a, b) in enumerate(offsets) if a < b]
    if not real or start < offsets[real[0]][0] or end >= offsets[real[-1]][1]:
        return None
    inside = [t for t in real if offsets[t][0] <= end and offsets[t][1] > start]
    return inside[0], inside[-1]


def span_end_as_last_character_holder(offsets, start, end):
    first = last = None
    for t, (a, b) in enumerate(offsets):
        if a == b:
            continue
        if a <= start < b:
            first = t
        if a <= end < b:
            last = t
    return None if first is None or last is None else (first, last)


def span_none_at_the_end(offsets, start, end):
    real = [t for t, (a, b) in enumerate(offsets) if a < b]
    if not real or start < offsets[real[0]][0] or not end < offsets[real[-1]][1]:
        return None
    inside = [t for t in real if offsets[t][0] < end and offsets[t][1] > start]
    return inside[0], inside[-1]


def span_ends_cut_off(offsets, start, end):
    inside = [t for t in range(1, len(offsets) - 1) if offsets[t][0] < end and offsets[t][1] > start]
    if not inside or offsets[inside[0]][0] > start or offsets[inside[-1]][1] < end:
        return None
    return inside[0], inside[-1]


def span_ends_cut_off_first(offsets, start, end):
    offsets = offsets[1:-1]
    real = [t for t, (a, b) in enumerate(offsets) if a < b]
    if not real or start < offsets[real[0]][0] or end > offsets[real[-1]][1]:
        return None
    inside = [t for t in real if offsets[t][0] < end and offsets[t][1] > start]
    return inside[0], inside[-1]


def span_of_floats(offsets, start, end):
    table = np.array(offsets, float)
    real = np.flatnonzero(table[:, 0] < table[:, 1])
    if not real.size or start < table[real[0], 0] or end > table[real[-1], 1]:
        return None
    inside = real[(table[real, 0] < end) & (table[real, 1] > start)]
    return inside[0] / 1, inside[-1] / 1


def _found_among(tokens, offsets, start, end):
    if not tokens or start < offsets[tokens[0]][0] or end > offsets[tokens[-1]][1]:
        return []
    return [t for t in tokens if offsets[t][0] < end and offsets[t][1] > start]


def _found(offsets, start, end):
    return _found_among([t for t, (a, b) in enumerate(offsets) if a < b], offsets, start, end)


def span_special_is_zero_zero(offsets, start, end):
    found = _found_among([t for t, o in enumerate(offsets) if tuple(o) != (0, 0)], offsets, start, end)
    return (found[0], found[-1]) if found else None


def span_special_ends_at_zero(offsets, start, end):
    found = _found_among([t for t, o in enumerate(offsets) if o[1] > 0], offsets, start, end)
    return (found[0], found[-1]) if found else None


def span_special_begins_at_zero(offsets, start, end):
    found = _found_among([t for t, (a, b) in enumerate(offsets) if a and b], offsets, start, end)
    return (found[0], found[-1]) if found else None


def span_without_cls(offsets, start, end):
    found = _found_among([t for t, (a, b) in enumerate(offsets) if a < b and t > 0], offsets, start, end)
    return (found[0], found[-1]) if found else None


def span_of_beginnings(offsets, start, end):
    hit = [t for t in _found(offsets, start, end) if offsets[t][0] >= start]
    return (hit[0], hit[-1]) if hit else None


def span_of_ends(offsets, start, end):
    hit = [t for t in _found(offsets, start, end) if offsets[t][1] <= end]
    return (hit[0], hit[-1]) if hit else None


def span_all_tokens(offsets, start, end):
    return _found(offsets, start, end) or None


def span_returns_at_once(offsets, start, end):
    for t in _found(offsets, start, end):
        return t, t


def span_false(offsets, start, end):
    found = _found(offsets, start, end)
    return bool(found) and (found[0], found[-1])


def span_empty_list(offsets, start, end):
    found = _found(offsets, start, end)
    return [found[0], found[-1]] if found else []


def span_raises(offsets, start, end):
    found = _found(offsets, start, end)
    if not found:
        raise ValueError("the answer is not in this window")
    return found[0], found[-1]


def span_min_of_nothing(offsets, start, end):
    found = _found(offsets, start, end)
    return min(found), max(found)


def span_begins_after(offsets, start, end):
    found = _found(offsets, start, end)
    return (found[0], found[-1]) if found and start > min(a for a, b in offsets if a < b) else None


def span_in_a_dictionary(offsets, start, end):
    found = _found(offsets, start, end)
    return {"start": found[0], "end": found[-1]} if found else None


def span_not_first(offsets, start, end):
    first = last = None
    for t in _found(offsets, start, end):
        if not first:
            first = t
        last = t
    return None if last is None else (first, last)


def span_zero_is_false(offsets, start, end):
    found = _found(offsets, start, end)
    first, last = (found[0], found[-1]) if found else (None, None)
    return (first, last) if first else None


def span_over_empty_ones(offsets, start, end):
    if not _found(offsets, start, end):
        return None
    hit = [t for t, (a, b) in enumerate(offsets) if (a, b) != (0, 0) and a < end and start < b]
    return hit[0], hit[-1]


def span_within_all_offsets(offsets, start, end):
    if start < min(a for a, _ in offsets) or end > max(b for _, b in offsets):
        return None
    hit = [t for t, (a, b) in enumerate(offsets) if a < b and a < end and start < b]
    return (hit[0], hit[-1]) if hit else None


def span_without_spaces(offsets, start, end):
    owner = {c: t for t, (a, b) in enumerate(offsets) for c in range(a, b)}
    if any(c not in owner for c in range(start, end)):
        return None
    return owner[start], owner[end - 1]


def span_and_its_length(offsets, start, end):
    found = _found(offsets, start, end)
    return (found[0], len(found)) if found else None


MUTANTS = [
    (span_counted_on, "counted on from the first"),
    (span_last_excluded, "the last token is included"),
    (span_of_special_tokens, "special tokens"),
    (span_only_exact, "only spans that begin and end where tokens do"),
    (span_cut_off, "None is asked for"),
    (span_wholly_inside, "wholly inside"),
    (span_end_included, "the token that begins there is not part"),
    (span_zero_for_none, "None is asked for, not (0, 0)"),
    (span_characters, "the numbers of the tokens are asked for"),
    (span_swapped, "swapped"),
    (span_of_the_holding_tokens, "begin or end at a space"),
    (span_by_lists_of_holders, "begin or end at a space"),
    (span_of_holders_or_none, "begin or end at a space"),
    (span_holder_at_the_start, "begin or end at a space"),
    (span_rounded_outwards, "begin or end at a space"),
    (span_touching_counts, "only touches the span"),
    (span_pair_of_nones, "not (None, None)"),
    (span_forgot_return, "is a `return` missing?"),
    (span_end_as_last_character, "the last character + 1"),
    (span_end_as_last_character_holder, "the last character + 1"),
    (span_none_at_the_end, "the last character + 1"),
    (span_ends_cut_off, "cut off as special"),
    (span_ends_cut_off_first, "cut off as special"),
    (span_special_is_zero_zero, "only (0, 0) is passed over"),
    (span_special_ends_at_zero, "only (0, 0) is passed over"),
    (span_special_begins_at_zero, "which begins at 0"),
    (span_without_cls, "the first token is cut off"),
    (span_of_beginnings, "that begin inside the span"),
    (span_of_ends, "that end inside the span"),
    (span_all_tokens, "its first and its last"),
    (span_returns_at_once, "inside the loop"),
    (span_false, "not False"),
    (span_empty_list, "not an empty list"),
    (span_raises, "not an error"),
    (span_min_of_nothing, "not an error"),
    (span_begins_after, "may begin where the first token begins"),
    (span_in_a_dictionary, "a dict, which is no pair"),
    (span_of_floats, "not whole"),
    (span_not_first, "ask `first is None`"),
    (span_zero_is_false, "0 is false"),
    (span_over_empty_ones, "only (0, 0) is passed over"),
    (span_within_all_offsets, "empty offsets of special tokens do not say"),
    (span_without_spaces, "spaces in it"),
    (span_and_its_length, "counts the span's tokens"),
]
