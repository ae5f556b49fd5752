"""The files that validate_entities is tried on: each function draws cases, lists of lines."""

import json

from utils.checks.frame import case


def _line(text, *spans) -> str:
    entities = [{"start": a, "end": b, "label": label} for a, b, label in spans]
    return json.dumps({"text": text, "entities": entities}, ensure_ascii=False)


def _also_further_down(draw):
    """The cases, and the first once more behind so many good lines: which lines are bad, is not known beforehand."""

    def cases(rng):
        drawn = draw(rng)
        before = [_line(f"Line {n} is fine.") for n in range(int(rng.integers(3, 40)))]
        return [*drawn, case([*before, *drawn[0].args[0]])]

    return cases


def broken_lines(rng):
    """Lines that are not JSON, or have no text."""
    good = _line("Tom left.", (0, 3, "PER"))
    blank = '{"text": "  ", "entities": []}'
    return [
        case([good, '{"text": "Tom']),
        case(["", good, blank, _line("Mia stayed."), '{"text": "", "entities": []}']),
        case([_line(f"Text {n}.") for n in range(int(rng.integers(2, 5)))] + ["[", _line("And so on."), "Tom B-PER"]),
        case([_line("1914."), _line("   "), _line("\t\n"), _line("\u00a0"), _line("\n"), _line("?")]),
        case([]),
    ]


@_also_further_down
def misshapen_lines(rng):
    """JSON that says something else."""
    texts = ["[1, 2]", "7", "null", '"Tom left."', "{}", '{"entities": []}', '{"text": "Tom left."}', '{"text": 5, '
             '"entities": []}', '{"text": null, "entities": []}']  # fmt: skip
    spans = ["null", '{"start": 0, "end": 3}', '[[0, 3, "PER"]]', '[{"end": 3}]', '[{"start": "0", "end": "3"}]',
             '[{"start": 0, "end": null}]', '[{"start": 0, "end": 2.5}]', '[{"start": false, "end": 3}]',
             '["PER"]', '[{"start": 0, "end": 3}, 4]',
             '"Tom"']  # fmt: skip
    bad = [*texts, *(f'{{"text": "Tom left {n}.", "entities": {given}}}' for n, given in enumerate(spans))]
    good = [_line(f"Mia met {n} people.", (0, 3, "PER")) for n in range(len(bad))]
    order = rng.permutation(len(bad))
    more = '{"id": 7, "text": "Ada left.", "entities": [{"start": 0, "end": 3}], "source": null}'  # and no label
    return [
        case([good[0], *texts, good[1]]),
        case([more, '{"text": "Bo left.", "entities": [{"start": 0, "end": 2}]}', good[0]]),
        case([line for n in order for line in (bad[n], good[n])][: int(rng.integers(15, 25))]),
        case([good[0], *(bad[n] for n in order), good[1]]),
    ]


@_also_further_down
def range_lines(rng):
    """Entities in and out of their text, which may hold more bytes than characters."""
    n = int(rng.integers(20, 90))
    return [
        case([_line("Tom", (0, 3, "PER")), _line("Mia", (0, 4, "PER"))]),
        case([_line("Ada left.", (3, 3, "PER")), _line("Bob left.", (-3, 3, "PER")), _line("Cy left.", (2, 0, "PER"))]),
        case([_line("I met Tom", (6, 9, "PER")), _line("I met Bo", (0, 1, "PER"), (6, n, "PER")), _line("Nobody.")]),
        case([_line("  Tom", (2, 5, "PER")), _line("Bo and Al", (-1, 2, "PER"), (7, 9, "PER")),
              _line("Bo met Al", (0, 2, "PER"), (3, 700, "PER"), (7, 9, "PER"))]),
        case([_line("Zoë", (0, 4, "PER")), _line("Är Åsa", (3, 6, "PER")), _line("🙂 Mia", (2, 6, "PER"))]),
        case([_line("Tom left.", (0, 99, "PER"), (4, 77, "X")), _line("Mia left.", (3, 8, "X"), (0, 99, "PER"))]),
        case([_line("Ida left.", (0, 99, "PER")), _line("Ida left.", (0, 3, "PER")), _line("Mia.", (0, 9, "PER"))]),
        case([_line("Oz left.", (0, 2, "PER"), (0, 70, "X")), _line("Bo left", (0, 70, "X"), (2, 7, "X"))]),
    ]  # fmt: skip


@_also_further_down
def space_lines(rng):
    """White space at an entity's ends, inside it and behind it."""
    return [
        case([_line("Tom left Cork.", (0, 3, "PER")), _line("Mia left Cork.", (0, 4, "PER"))]),
        case(
            [_line("So Tom left.", (2, 6, "PER")), _line("So Mia left.", (3, 7, "PER")), _line("Bo Li", (0, 5, "PER"))]
        ),
        case([_line("Ada\tleft", (0, 4, "PER")), _line("In Rome,\nyes", (3, 7, "LOC"), (7, 9, "LOC"))]),
        case([_line("Tom\u00a0left", (0, 4, "PER")), _line("Mia\r", (0, 4, "PER")), _line("Li\u2003", (0, 3, "PER"))]),
        case([_line("Ida saw Oz", (0, 4, "PER"), (8, 10, "PER")), _line("Zoë saw Oz", (0, 3, "PER"), (8, 10, "PER"))]),
        case(
            [
                _line("New\nYork", (0, 8, "LOC")),
                _line("New  York", (0, 9, "LOC")),
                _line("New\u00a0York", (0, 8, "LOC")),
            ]
        ),
        case([_line("Tom left.", (3, 4, "PER")), _line("So Tom left.", (2, 7, "PER")), _line("a\t b", (1, 3, "X"))]),
        case([_line("Tom met Mia.", (0, 4, "PER"), (7, 11, "PER")), _line("Tom met Mia.", (8, 11, "PER"))]),
    ]


@_also_further_down
def overlap_lines(rng):
    """Entities that overlap, or touch, in any order."""
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
                _line("Mia and Bo", (0, 3, "A"), (0, 3, "B")),
            ]
        ),
        case([_line("a b c d e", (0, 9, "X"), (8, 9, "Y"), (2, 3, "X")), _line("a b c d", (6, 7, "X"), (0, 1, "X"))]),
        case([_line("abcdef", (0, 4, "A"), (3, 6, "B")), _line("ghijkl", (3, 6, "A"), (0, 4, "B"))]),  # one character
        case(
            [
                _line("a New York", (0, 1, "X"), (2, 10, "LOC"), (6, 10, "LOC")),
                _line("New York a", (0, 8, "LOC"), (4, 8, "LOC"), (9, 10, "X")),
            ]
        ),
        case([_line("York it is", (0, 4, "LOC"), (0, 4, "LOC")), _line("New Cork", (4, 8, "LOC"), (0, 8, "LOC"))]),
        case([_line("a big dog", (2, 5, "X"), (0, 9, "X")), _line("abcdefg", (0, 3, "A"), (2, 5, "B"), (4, 6, "A"))]),
        case([_line("to Tom to", (0, 2, "X"), (7, 9, "X")), _line("Bo, Bo", (0, 2, "PER"), (4, 6, "PER"))]),  # as words
        case([_line("In Rome"), _line("In Rome", (0, 7, "X"), (3, 7, "LOC")), _line("In Rome", (3, 7, "LOC"))]),
    ]


@_also_further_down
def twice_lines(rng):
    """Texts that come again, or nearly."""
    return [
        case([_line("Tom left."), _line("Tom left.", (0, 3, "PER"))]),
        case(
            [_line("Tom left.", (0, 8, "A"), (4, 9, "B")), _line("Mia left."), _line("Tom left."), _line("tom left.")]
        ),
        case([_line("A."), _line("B."), _line("A."), _line("A."), _line("C."), _line("B.")]),
        case([_line(text) for text in ("Mia left.", " Mia left.", "Mia  left.", "Mia left. ", "Zoë", "Zoe\u0308")]),
    ]


def all_sorts(rng):
    """All kinds in a file: given as a list, and opened; one with a blank line and a separator within a text."""
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
    mixed = [lines[i] for i in rng.permutation(len(lines))]
    apart = [_line("Bo left.", (0, 2, "PER")), "", _line("Bo\u2028left.", (0, 2, "PER")), _line("Bo left.")]
    opened = [case(lines, opened=True), case(apart, opened=True)]
    return [case(lines[:4]), case(mixed), case(lines), *opened]
