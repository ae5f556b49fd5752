"""The exercise char_span_to_tokens: what must hold, and what each mistake looks like."""

import itertools
import operator

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.tasks.spans import char_span_to_tokens

# [CLS] when ? [SEP] jane visits zan ##zi ##bar in may . [SEP], the text being "Jane  visits Zanzibar in May."
TEXT = [(0, 4), (6, 12), (13, 16), (16, 18), (18, 21), (22, 24), (25, 28), (28, 29)]


OFFSETS = [(0, 0)] * 4 + TEXT + [(0, 0)]


def _span(answer, offsets, start, end):
    """The first and last token as an array; None, which is a legal result, and whatever else it is in words."""
    found = answer(offsets, start, end)
    if found is None:
        return "None"
    if isinstance(found, (bool, np.bool_)):
        return str(found)
    if isinstance(found, (str, dict, set)) or not hasattr(found, "__getitem__"):
        return f"a {type(found).__name__}, which is no pair of tokens"
    if any(t is None for t in found):
        return "None in place of a token's number"
    try:
        pair = [operator.index(t) for t in found]
    except TypeError:
        return "numbers that are not whole"
    return np.array(pair) if len(pair) == 2 else f"{len(pair)} {'number' if len(pair) == 1 else 'numbers'}"


def _span_with(tokens_of=None, touches=None, outside=None, give=None):
    """The reference with one of its steps done otherwise."""

    def find(offsets, start, end):
        kept = tokens_of(offsets) if tokens_of else [t for t, (a, b) in enumerate(offsets) if a < b]
        out = outside or (lambda offsets, kept, start, end: start < offsets[kept[0]][0] or offsets[kept[-1]][1] < end)
        if not kept or start >= end or out(offsets, kept, start, end):
            return give((), offsets) if give else None
        test = touches or (lambda a, b, start, end: a < end and start < b)
        found = [t for t in kept if test(*offsets[t], start, end)]
        if give:
            return give(found, offsets)
        return (found[0], found[-1]) if found else None

    return find


def _holding(offsets, kept, character):
    return [t for t in kept if offsets[t][0] <= character < offsets[t][1]]


def _or_before(offsets, kept, character):
    return [t for t in kept if offsets[t][0] <= character][-1:]


def _or_after(offsets, kept, character):
    return [t for t in kept if character < offsets[t][1]][:1]


def _by_ends(first, last, nothing=None):
    """The token at each end, found by a rule of its own; right are _or_after and _or_before."""

    def find(offsets, start, end):
        kept = [t for t, (a, b) in enumerate(offsets) if a < b]
        if not kept or start < offsets[kept[0]][0] or offsets[kept[-1]][1] < end:
            return None
        ends = first(offsets, kept, start) + last(offsets, kept, end - 1)
        return tuple(ends) if len(ends) == 2 else nothing

    return find


def _every(offsets):
    return list(range(len(offsets)))


def _not_zeros(offsets):
    """All but (0, 0), as if only these were empty."""
    return [t for t, (a, b) in enumerate(offsets) if (a, b) != (0, 0)]


def _not_from_zero(offsets):
    return [t for t, (a, b) in enumerate(offsets) if 0 < a < b]


def _but_the_first(offsets):
    return [t for t, (a, b) in enumerate(offsets) if t and a < b]


def _or_an_error(offsets, start, end):
    if (found := char_span_to_tokens(offsets, start, end)) is None:
        raise ValueError
    return found


def _by_lookup(offsets, start, end):
    starts, ends = [a for a, _ in offsets], [b for _, b in offsets]
    return (starts.index(start), ends.index(end)) if start in starts and end in ends else None


def _by_lookup_of_text(offsets, start, end):
    starts, ends = [a if a < b else None for a, b in offsets], [b if a < b else None for a, b in offsets]
    return (starts.index(start), ends.index(end)) if start in starts and end in ends else None


def _by_reach(offsets, start, end):
    """The first token that reaches over `start`, an empty one at it included, and the first that reaches `end`."""
    first = [t for t, (a, b) in enumerate(offsets) if a <= start and (start < b or a == b == start)]
    last = [t for t, (_, b) in enumerate(offsets) if end <= b]
    return (first[0], last[0]) if first and last else None


def _cut_off(offsets):
    """All but the first and the last, as if these were always special."""
    return [t for t in range(1, len(offsets) - 1) if offsets[t][0] < offsets[t][1]]


def _shifted(offsets, start, end):
    """Without the first and the last, and counted from there."""
    return char_span_to_tokens(offsets[1:-1], start, end)


def _unless_zero(offsets, start, end):
    """The first token is asked for by `not first`, which is true of 0 as well."""
    found = _span_with(give=lambda found, offsets: list(found))(offsets, start, end)
    return (found[1] if found[0] == 0 and len(found) > 1 else found[0], found[-1]) if found else None


def _beyond_all(offsets, kept, start, end):
    """Whether the span begins before all tokens or ends after them, empty ones included."""
    return start < min(a for a, _ in offsets) or max(b for _, b in offsets) < end


def _without_gaps(offsets, start, end):
    """Tokens of a span of which each character is in one."""
    held = {c for a, b in offsets for c in range(a, b)}
    return char_span_to_tokens(offsets, start, end) if held >= set(range(start, end)) else None


def _text_goes_on(offsets, kept, start, end):
    """Whether the span reaches over these tokens, for an `end` that is taken for the last character."""
    return start < offsets[kept[0]][0] or offsets[kept[-1]][1] <= end


def _holders_of_both(offsets, start, end):
    """The tokens that hold the characters number `start` and number `end`."""
    first, last = _holding(offsets, _every(offsets), start), _holding(offsets, _every(offsets), end)
    return (first[0], last[0]) if first and last else None


def _offsets_at_random(rng, special=True):
    at, offsets = 0, []
    for _ in range(6 + int(rng.integers(4))):
        at += int(rng.integers(0, 2))
        length = int(rng.integers(1, 6))
        offsets.append((at, at + length))
        at += length
    return [(0, 0)] * 3 + offsets + [(0, 0)] if special else offsets


def _whole_words(rng):
    cases = [
        case([(0, 4), (5, 11)], 5, 11),
        case([(0, 3), (3, 5), (5, 8)], 3, 5),
        case(TEXT, 0, 4),
        case(TEXT, 0, 12),
        case(TEXT, 6, 21),
        case(TEXT, 28, 29),
    ]
    cases += [case(TEXT[2:6], 13, 18), case(TEXT[2:6], 13, 24)]  # of a part of the text, which begins later
    cases += [case(TEXT, 13, 16), case(TEXT, 16, 18)]  # their neighbours begin where they end, end where they begin
    for _ in range(3):
        offsets = _offsets_at_random(rng, special=False)
        first, last = sorted(rng.integers(0, len(offsets), 2))
        cases.append(case(offsets, offsets[first][0], offsets[last][1]))
    return cases


def _with_special(rng):
    cases = [case(OFFSETS, 13, 21), case(OFFSETS, 0, 4), case(OFFSETS, 0, 29)]
    for _ in range(2):
        offsets = _offsets_at_random(rng)
        first, last = sorted(rng.integers(3, len(offsets) - 1, 2))
        cases.append(case(offsets, offsets[first][0], offsets[last][1]))
    return [*cases, case([(0, 4), (6, 6), (7, 12)], 0, 12)]  # one stands within the span


def _further_on(rng, start, end):
    """That span, but behind so many special tokens: the numbers of its own are not known beforehand."""
    return case([(0, 0)] * int(rng.integers(5, 30)) + OFFSETS, start, end)


def _within(rng):
    return [
        case(TEXT, 14, 15),
        case(TEXT, 15, 19),
        case(OFFSETS, 7, 23),
        case(OFFSETS, 17, 27),
        _further_on(rng, 7, 23),
    ]


def _at_spaces(rng):
    two, three = [(0, 4), (6, 12)], [(0, 4), (6, 6), (7, 12)]
    cases = [case(two, 4, 8), case(two, 2, 5), case(two, 5, 8), case(TEXT, 4, 13), case(OFFSETS, 12, 22)]
    cases += [case(OFFSETS, 4, 8), case(OFFSETS, 24, 26), case(three, 5, 9), case(three, 2, 7)]
    return [*cases, _further_on(rng, 4, 8)]


def _not_there(rng):
    beginning, end = OFFSETS[:7] + [(0, 0)], [(0, 0)] * 4 + OFFSETS[7:]
    cut = [(beginning, 13, 21), (end, 13, 21), (beginning, 25, 28), (end, 0, 4), (beginning, 6, 12), (end, 18, 24)]
    far = [([(0, 4), (5, 9), (30, 30)], 5, 20), ([(2, 2), (10, 14), (15, 20)], 4, 14)]  # special, though not (0, 0)
    return [*(case(*arguments) for arguments in cut + far), case([(0, 0)] * 3, 0, 4), _further_on(rng, 13, 21)]


register(
    Exercise(
        name="char_span_to_tokens",
        notebook="12_question_answering_tensorflow",
        reference=char_span_to_tokens,
        properties=(
            Property("the first and the last token of a span", 2, _whole_words, run=_span),
            Property("special tokens, whose offsets are empty, are passed over", 1, _with_special, run=_span),
            Property("a span that begins or ends within a token gets the whole token", 1, _within, run=_span),
            Property("a span may begin or end at a space, between two tokens", 1, _at_spaces, run=_span),
            Property("None where the span is not wholly in these tokens", 2, _not_there, run=_span),
        ),
        mistakes=(
            Mistake(
                "the numbers are not whole: tokens are looked up with them",
                lambda offsets, start, end: tuple(map(float, char_span_to_tokens(offsets, start, end) or (0, 0))),
            ),
            Mistake(
                "the last token is included: this gives the one after it",
                _span_with(give=lambda found, offsets: (found[0], found[-1] + 1) if found else None),
            ),
            Mistake(
                "first and last token are swapped",
                _span_with(give=lambda found, offsets: (found[-1], found[0]) if found else None),
            ),
            Mistake(
                "these are numbers of characters; the numbers of the tokens are asked for",
                _span_with(give=lambda f, offsets: (offsets[f[0]][0], offsets[f[-1]][1]) if f else None),
            ),
            Mistake(
                "the end is the last character + 1: the token that begins there is not part of the span",
                _span_with(touches=lambda a, b, start, end: a <= end and start < b),
            ),
            Mistake(
                "a token that ends where the span begins is not part of it: its end is the last character + 1",
                _span_with(touches=lambda a, b, start, end: a < end and start <= b),
            ),
            Mistake(
                "a token that only touches the span shares no character with it: ends are the last character + 1",
                _span_with(touches=lambda a, b, start, end: a <= end and start <= b),
            ),
            *(
                Mistake(
                    "a span may begin or end at a space, in no token: take the tokens that share a character with it",
                    wrong,
                )
                for wrong in (
                    *(
                        _by_ends(*rules)
                        for rules in itertools.product((_holding, _or_before, _or_after), repeat=2)
                        if rules != (_or_after, _or_before)
                    ),
                    _by_ends(_holding, _holding, nothing=(None, None)),
                )
            ),
            Mistake(
                "only spans that begin and end where tokens do are found: an answer may lie within a token",
                _by_lookup_of_text,
            ),
            *(
                Mistake(f"only tokens that {verb} inside the span are taken: one that it touches belongs to it", wrong)
                for verb, touches in (
                    ("begin", lambda a, b, start, end: start <= a < end),
                    ("end", lambda a, b, start, end: start < b <= end),
                )
                for wrong in (_span_with(touches=touches), _span_with(outside=lambda *_: False, touches=touches))
            ),
            Mistake(
                "part of the span is cut off by the window, and what is left of it came back: None is asked for",
                _span_with(outside=lambda *_: False),
            ),
            *(
                Mistake(
                    "only tokens that lie wholly inside the span are taken: one that it touches belongs to it", wrong
                )
                for wrong in (
                    _span_with(touches=lambda a, b, start, end: start <= a and b <= end),
                    _span_with(outside=lambda *_: False, touches=lambda a, b, s, e: s <= a and b <= e),
                )
            ),
            *(
                Mistake(
                    "the empty offsets (0, 0) of special tokens are taken for text: pass over tokens with a == b",
                    wrong,
                )
                for wrong in (
                    _span_with(tokens_of=_every),
                    _span_with(
                        tokens_of=_every, outside=lambda *_: False, touches=lambda a, b, s, e: a >= s and b <= e
                    ),
                    _by_lookup,
                    _by_reach,
                )
            ),
            *(
                Mistake("only (0, 0) is passed over: empty is every token with a == b, wherever it stands", wrong)
                for wrong in (
                    _span_with(tokens_of=_not_zeros),
                    lambda offsets, start, end: (
                        _span_with(tokens_of=_not_zeros)(offsets, start, end)
                        if char_span_to_tokens(offsets, start, end)
                        else None
                    ),
                )
            ),
            Mistake(
                "where text begins and ends, empty offsets of special tokens do not say: part of the span is cut off, "
                "and what is left of it came back",
                _span_with(outside=_beyond_all),
            ),
            Mistake(
                "token 0 is not kept as the first: `not first` is true of 0 as well, ask `first is None`", _unless_zero
            ),
            Mistake(
                "where the first token is number 0, None came back: 0 is false in `if first`, ask `is None`",
                _span_with(give=lambda found, offsets: (found[0], found[-1]) if found and found[0] else None),
            ),
            Mistake(
                "where the last token is number 0, None came back: 0 is false in `if last`, ask `is None`",
                _span_with(give=lambda found, offsets: (found[0], found[-1]) if found and found[-1] else None),
            ),
            Mistake("a span may have spaces in it, which no token holds: that is no reason for None", _without_gaps),
            Mistake(
                "the second number counts the span's tokens: its last token is asked for",
                _span_with(give=lambda found, offsets: (found[0], len(found)) if found else None),
            ),
            *(
                Mistake(
                    "the text's first token, which begins at 0, is taken for a special one: these are empty, a == b",
                    wrong,
                )
                for wrong in (
                    _span_with(tokens_of=_not_from_zero),
                    _span_with(tokens_of=_not_from_zero, outside=lambda *_: False),
                )
            ),
            *(
                Mistake(
                    "the first token is cut off as special: which are special, their empty offsets say",
                    wrong,
                )
                for wrong in (
                    _span_with(tokens_of=_but_the_first),
                    _span_with(tokens_of=_but_the_first, outside=lambda *_: False),
                )
            ),
            Mistake(
                "part of the span is cut off at the window's end, and what is left came back: None is asked for",
                _span_with(outside=lambda offsets, kept, start, end: start < offsets[kept[0]][0]),
            ),
            Mistake(
                "part of the span is cut off at the window's beginning, and what is left came back: None is asked for",
                _span_with(outside=lambda offsets, kept, start, end: offsets[kept[-1]][1] < end),
            ),
            Mistake(
                "where the span is not there, None is asked for, not (0, 0)",
                _span_with(give=lambda found, offsets: (found[0], found[-1]) if found else (0, 0)),
            ),
            Mistake(
                "where the span is not there, None is asked for, not False",
                _span_with(give=lambda found, offsets: (found[0], found[-1]) if found else False),
            ),
            Mistake(
                "where the span is not there, None is asked for, not an empty list",
                _span_with(give=lambda found, offsets: (found[0], found[-1]) if found else []),
            ),
            Mistake("where the span is not there, None is asked for, not an error", _or_an_error),
            Mistake(
                "where the span is not there, None is asked for, not (-1, -1)",
                _span_with(give=lambda found, offsets: (found[0], found[-1]) if found else (-1, -1)),
            ),
            Mistake(
                "where the span is not there, None is asked for, not (None, None)",
                _span_with(give=lambda found, offsets: (found[0], found[-1]) if found else (None, None)),
            ),
            Mistake(
                "all tokens of the span came back: its first and its last are asked for",
                _span_with(give=lambda found, offsets: list(found) if found else None),
            ),
            Mistake(
                "only the span's first token came back, twice: is the `return` inside the loop?",
                _span_with(give=lambda found, offsets: (found[0], found[0]) if found else None),
            ),
            Mistake(
                "the last token is counted on from the first: an empty one may stand between them",
                _span_with(give=lambda found, offsets: (found[0], found[0] + len(found) - 1) if found else None),
            ),
            Mistake(
                "tokens are counted without the special ones: give the number in the whole list",
                _span_with(
                    give=lambda f, offsets: (
                        tuple(sum(a < b for a, b in offsets[:t]) for t in (f[0], f[-1])) if f else None
                    )
                ),
            ),
            *(
                Mistake(
                    "`end` is the last character + 1, so a span may end where the last token ends: None only beyond",
                    wrong,
                )
                for wrong in (
                    _span_with(outside=_text_goes_on),
                    _holders_of_both,
                    _span_with(outside=_text_goes_on, touches=lambda a, b, start, end: a <= end and start < b),
                    _span_with(outside=_text_goes_on, touches=lambda a, b, start, end: a <= end and start <= b),
                )
            ),
            *(
                Mistake(
                    "a span may begin where the first token begins: None only where it begins before",
                    _span_with(
                        outside=lambda offsets, kept, s, e: s <= offsets[kept[0]][0] or offsets[kept[-1]][1] < e
                    ),
                ),
                Mistake(
                    "a span may begin where the first token begins and end where the last one ends: None only beyond",
                    _span_with(
                        outside=lambda offsets, kept, s, e: s <= offsets[kept[0]][0] or offsets[kept[-1]][1] <= e
                    ),
                ),
            ),
            *(
                Mistake(
                    "the first and the last token are cut off as special: which are special, their empty offsets say",
                    wrong,
                )
                for wrong in (
                    _span_with(tokens_of=_cut_off),
                    _span_with(tokens_of=_cut_off, outside=lambda *_: False),
                    _shifted,
                    lambda offsets, start, end: _span_with(outside=lambda *_: False)(offsets[1:-1], start, end),
                )
            ),
            Mistake(
                "None came back each time: is a `return` missing? None says that the span is not in these tokens",
                lambda offsets, start, end: None,
            ),
        ),
        hints=(
            "A token belongs to the span if they share a character. For a token (a, b) and a span (start, end), when "
            "do they share none?",
            "They share one where a < end and start < b. Leave out the tokens with a == b first: they hold no text.",
            "Collect the numbers of those tokens; the first and the last are the answer. Before that: does the text of "
            "these tokens begin after start, or end before end? Then the span is not wholly here.",
        ),
    )
)
