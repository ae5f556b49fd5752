"""Exercises of lesson 12: spans, windows, the loss, the best spans, the scores."""

import itertools
import re
import string
from collections import Counter

import numpy as np
import tensorflow as tf
from keras import ops

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.why_attention import softmax
from utils.tasks.question_answering import qa_loss
from utils.tasks.spans import best_spans, char_span_to_tokens, exact_match_and_f1, make_windows, normalise_answer

# char_span_to_tokens -------------------------------------------------------------------------------

# [CLS] when ? [SEP] jane visits zan ##zi ##bar in may . [SEP], the text being "Jane  visits Zanzibar in May."
TEXT = [(0, 4), (6, 12), (13, 16), (16, 18), (18, 21), (22, 24), (25, 28), (28, 29)]
OFFSETS = [(0, 0)] * 4 + TEXT + [(0, 0)]


def _span(answer, offsets, start, end):
    """The first and last token as an array, None as it is, whatever else it is in words."""
    found = answer(offsets, start, end)
    if found is None:
        return None
    if any(t is None for t in found):
        return "None in place of a token's number"
    pair = [int(np.asarray(t)) for t in found]
    return np.array(pair) if len(pair) == 2 else f"{len(pair)} numbers"


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


def _by_lookup(offsets, start, end):
    starts, ends = [a for a, _ in offsets], [b for _, b in offsets]
    return (starts.index(start), ends.index(end)) if start in starts and end in ends else None


def _by_lookup_of_text(offsets, start, end):
    starts, ends = [a if a < b else None for a, b in offsets], [b if a < b else None for a, b in offsets]
    return (starts.index(start), ends.index(end)) if start in starts and end in ends else None


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
        case(TEXT, 6, 21),
        case(TEXT, 28, 29),
    ]
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
    return cases


def _within(rng):
    return [case(TEXT, 14, 15), case(TEXT, 15, 19), case(OFFSETS, 7, 23), case(OFFSETS, 17, 27)]


def _at_spaces(rng):
    two = [(0, 4), (6, 12)]
    cases = [case(two, 4, 8), case(two, 2, 5), case(two, 5, 8), case(TEXT, 4, 13), case(OFFSETS, 12, 22)]
    return [*cases, case(OFFSETS, 4, 8), case(OFFSETS, 24, 26)]


def _not_there(rng):
    beginning, end = OFFSETS[:7] + [(0, 0)], [(0, 0)] * 4 + OFFSETS[7:]
    cut = [(beginning, 13, 21), (end, 13, 21), (beginning, 25, 28), (end, 0, 4), (beginning, 6, 12), (end, 18, 24)]
    return [case(*arguments) for arguments in cut] + [case([(0, 0)] * 3, 0, 4)]


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
                "where the span is not there, None is asked for, not (-1, -1)",
                _span_with(give=lambda found, offsets: (found[0], found[-1]) if found else (-1, -1)),
            ),
            Mistake(
                "where the span is not there, None is asked for, not (None, None)",
                _span_with(give=lambda found, offsets: (found[0], found[-1]) if found else (None, None)),
            ),
            Mistake(
                "tokens are counted without the special ones: give the number in the whole list",
                _span_with(
                    give=lambda f, offsets: (
                        tuple(sum(a < b for a, b in offsets[:t]) for t in (f[0], f[-1])) if f else None
                    )
                ),
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

# make_windows --------------------------------------------------------------------------------------


def _windows(answer, *args):
    """The windows in words: [(0, 4), (3, 7)]."""
    found = answer(*args)
    return None if found is None else str([tuple(int(np.asarray(n)) for n in window) for window in found])


def _windows_with(starts=None, give=None, empty=()):
    """The reference with one of its steps done otherwise."""
    starts = starts or (lambda n, window, stride: range(0, max(n - stride, 1), window - stride))
    give = give or (lambda start, n, window, stride: (start, min(start + window, n)))

    def cut(num_tokens, window, stride):
        if num_tokens == 0:
            return list(empty)
        return [give(start, num_tokens, window, stride) for start in starts(num_tokens, window, stride)]

    return cut


def _shifted(num_tokens, window, stride):
    windows = make_windows(num_tokens, window, stride)
    return windows[:-1] + [(max(0, num_tokens - window), num_tokens)] if windows else []


def _only_full(num_tokens, window, stride):
    return [w for w in make_windows(num_tokens, window, stride) if w[1] - w[0] == window]


def _never_short(num_tokens, window, stride):
    return make_windows(num_tokens, window, stride) if num_tokens > window else []


def _sizes(*rows):
    return lambda rng: [case(*row) for row in rows]


def _random_sizes(rng):
    cases = []
    for _ in range(6):
        window = int(rng.integers(3, 12))
        stride = int(rng.integers(1, window))
        cases.append(case(int(rng.integers(window + 1, 60)), window, stride))
    return cases


register(
    Exercise(
        name="make_windows",
        notebook="12_question_answering_tensorflow",
        reference=make_windows,
        properties=(
            Property("neighbours share `stride` tokens", 2, _sizes((10, 4, 1), (13, 5, 2), (22, 7, 1)), run=_windows),
            Property("the last window ends with the text", 1, _sizes((11, 4, 1), (12, 5, 2), (9, 7, 1)), run=_windows),
            Property(
                "no window without a new token",
                1,
                lambda rng: _sizes((9, 6, 3), (12, 6, 4))(rng) + _random_sizes(rng),
                run=_windows,
            ),  # fmt: skip
            Property(
                "a short text is one window, an empty text none",
                1,
                _sizes((3, 5, 2), (5, 5, 2), (2, 6, 3), (1, 4, 1), (0, 4, 1)),
                run=_windows,
            ),  # fmt: skip
            Property("without overlap", 1, _sizes((9, 4, 0), (8, 4, 0)), run=_windows),
        ),
        mistakes=(
            Mistake(
                "the windows move by `stride`; they share `stride` tokens, so they move by window - stride",
                _windows_with(lambda n, window, stride: range(0, n, stride)),
            ),
            Mistake(
                "the windows move by `stride`; they share `stride` tokens, so they move by window - stride",
                _windows_with(lambda n, window, stride: range(0, max(n - window + stride, 1), stride)),
            ),
            Mistake(
                "the windows move by `stride`; they share `stride` tokens, so they move by window - stride",
                _windows_with(lambda n, window, stride: range(0, max(n - stride, 1), stride)),
            ),
            Mistake(
                "the windows do not overlap: the stride is not used",
                _windows_with(lambda n, window, stride: range(0, n, window)),
            ),
            Mistake(
                "one token too many is shared: they move by window - stride",
                _windows_with(lambda n, window, stride: range(0, max(n - stride - 1, 1), max(1, window - stride - 1))),
            ),
            Mistake(
                "one token too few is shared: they move by window - stride",
                _windows_with(lambda n, window, stride: range(0, max(n - stride + 1, 1), window - stride + 1)),
            ),
            Mistake(
                "the last window holds nothing new: stop as soon as one reaches the end of the text",
                _windows_with(lambda n, window, stride: range(0, n, window - stride)),
            ),
            Mistake(
                "the end of the text is lost: a last window that is not full counts too",
                _only_full,
            ),
            Mistake(
                "the end of the text is lost: a last window that is not full counts too",
                _windows_with(lambda n, window, stride: range(0, max(n - window, 0) + 1, window - stride)),
            ),
            Mistake(
                "the end of the text is lost: a last window that is not full counts too",
                _windows_with(lambda n, window, stride: range(0, max(n - window, 1), window - stride)),
            ),
            Mistake(
                "a window reaches over the end of the text: min(start + window, num_tokens)",
                _windows_with(give=lambda start, n, window, stride: (start, start + window)),
            ),
            Mistake(
                "the end is not included: it is the last token + 1",
                _windows_with(give=lambda start, n, window, stride: (start, min(start + window, n) - 1)),
            ),
            Mistake(
                "the second number is a length; the window's end is asked for",
                _windows_with(give=lambda start, n, window, stride: (start, min(start + window, n) - start)),
            ),
            Mistake(
                "the last window is moved back to be full: then it shares more than `stride` tokens",
                _shifted,
            ),
            Mistake(
                "a text that fits into one window is one window",
                _never_short,
            ),
            Mistake(
                "a text no longer than the stride is lost: it is one window",
                _windows_with(lambda n, window, stride: range(0, n - stride, window - stride)),
            ),
            Mistake("an empty text has no window", _windows_with(empty=((0, 0),))),
        ),
        hints=(
            "How far does the next window begin after this one, if both are `window` long and share `stride`?",
            "They begin at 0, window - stride, 2 (window - stride), …; each ends at min(start + window, num_tokens).",
            "Stop after the first window that ends at num_tokens. When the loop does that, short texts come out right; "
            "only the empty text needs a thought.",
        ),
    )
)

# qa_loss -------------------------------------------------------------------------------------------


def _log_softmax(x):
    x = np.asarray(x, "float64")
    x = x - x.max(axis=-1, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=-1, keepdims=True))


def _surprise(positions, logits):
    return -_log_softmax(logits)[np.arange(len(positions)), positions]  # (B,)


def _loss_with(start=_surprise, end=None, join=lambda s, e: np.mean((s + e) / 2)):
    end = end or start

    def loss(start_positions, end_positions, start_logits, end_logits):
        with np.errstate(all="ignore"):
            return np.float64(join(start(start_positions, start_logits), end(end_positions, end_logits)))

    return loss


def _as_shares(positions, logits):
    return np.asarray(ops.sparse_categorical_crossentropy(positions, logits))  # without from_logits=True


def _without_null(of_none):
    """The mean over the windows that hold an answer; `of_none` where none does."""

    def mean(positions, logits):
        kept = _surprise(positions, logits)[positions != 0]
        return kept.mean() if kept.size else of_none

    return mean


def _softmax_twice(positions, logits):
    return _surprise(positions, softmax(np.asarray(logits, "float64")))


def _probability(positions, logits):
    return softmax(np.asarray(logits, "float64"))[np.arange(len(positions)), positions]


def _float32_shares(logits):
    return softmax(np.asarray(logits, "float32"))


def _log_of_logits(positions, logits):
    return -np.asarray(logits)[np.arange(len(positions)), positions]


def _squared(positions, logits):
    return np.mean((softmax(np.asarray(logits, "float64")) - np.eye(logits.shape[1])[positions]) ** 2, axis=-1)


def _over_the_batch(positions, logits):
    x = np.asarray(logits, "float64")
    shares = np.exp(x - x.max(axis=0)) / np.exp(x - x.max(axis=0)).sum(axis=0)
    return -np.log(shares[np.arange(len(positions)), positions])


def _sigmoid(positions, logits):
    x, y = np.asarray(logits, "float64"), np.eye(logits.shape[1])[positions]
    return np.mean(np.maximum(x, 0) - x * y + np.log1p(np.exp(-np.abs(x))), axis=-1)


def _scalar(answer, *args):
    value = answer(*args)
    return value if value is None else np.asarray(value, "float64") if np.isscalar(value) else value


def _gradients(answer, start_positions, end_positions, start_logits, end_logits):
    """The loss's gradient by both logits, inside a compiled step, as training takes it."""
    logits = tf.constant(start_logits), tf.constant(end_logits)

    @tf.function(autograph=False)
    def run(*logits):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            loss = answer(start_positions, end_positions, *logits)
        return tape.gradient(loss, logits)

    try:
        found = run(*logits)
    except (NotImplementedError, ValueError, TypeError, AttributeError) as error:
        if isinstance(error, NotImplementedError) and not str(error):
            raise
        return "no gradient"
    return "no gradient" if any(g is None for g in found) else tuple(found)


def _in_numpy(start_positions, end_positions, start_logits, end_logits):
    return _loss_with()(start_positions, end_positions, np.asarray(start_logits), np.asarray(end_logits))


def _loss_cases(*sizes, spread=1.0, low=False):
    def cases(rng):
        made = []
        for B, T in sizes:
            start, end = (spread * rng.normal(size=(2, B, T))).astype("float32")
            positions = np.sort(rng.integers(1, T - 1, (2, B)), axis=0).astype("int32")
            if low:
                start[:, -1] = end[:, -1] = -1.7e38
            made.append(case(*positions, start, end))
        return made

    return cases


def _null_cases(rng):
    cases = _loss_cases((1, 4), (3, 5))(rng)
    for c in cases:
        c.args[0][0] = c.args[1][0] = 0
    return cases


def _hand_case(rng):
    start, end = np.log(np.array([[[1, 2, 1, 4]], [[1, 1, 3, 1]]])).astype("float32")
    return [case(np.array([1]), np.array([2]), start, end)]  # shares of 2/8 and 3/6


def _sure_case(rng):
    logits = np.array([[0, 300, -300]], "float32")
    return [case(np.array([1]), np.array([2]), logits, logits)]  # right at the start, wrong at the end


def _swapped_ends(sp, ep, sl, el):
    return qa_loss(ep, sp, sl, el)


_BASE_2 = _loss_with(join=lambda s, e: np.mean((s + e) / 2) / np.log(2))

register(
    Exercise(
        name="qa_loss",
        notebook="12_question_answering_tensorflow",
        reference=qa_loss,
        properties=(
            Property(
                "one text: the mean surprise at start and end",
                2,
                lambda rng: _hand_case(rng) + _loss_cases((1, 5))(rng),
                run=_scalar,
            ),  # fmt: skip
            Property("several texts: the mean over them", 1, _loss_cases((3, 4), (5, 7)), run=_scalar),
            Property(
                "position 0, [CLS], where a window holds no answer: it counts like any other",
                1,
                _null_cases,
                run=_scalar,
            ),
            Property(
                "finite where the model is quite sure, and wrong",
                1,
                lambda rng: _sure_case(rng) + _loss_cases((3, 6), spread=300.0)(rng),
                run=_scalar,
            ),  # fmt: skip
            Property("finite with the very low logits of padding", 1, _loss_cases((2, 5), low=True), run=_scalar),
            Property("a gradient passes through it", 1, _loss_cases((2, 5)), run=_gradients),
        ),
        mistakes=(
            Mistake("no gradient passes: NumPy is at work inside; training needs keras.ops", _in_numpy),
            *(
                Mistake("the cross-entropy takes logits for probabilities: say from_logits=True", wrong)
                for wrong in (_loss_with(_as_shares), _loss_with(_as_shares, join=lambda s, e: np.mean(s + e)))
            ),
            Mistake("start and end are summed: halve, for their mean", _loss_with(join=lambda s, e: np.mean(s + e))),
            *(
                Mistake("windows labelled 0 are left out: 0 is [CLS], and the right answer there", _loss_with(wrong))
                for wrong in (
                    _without_null(of_none=0.0),
                    _without_null(of_none=np.nan),
                    lambda p, x: np.where(p == 0, 0.0, _surprise(p, x)),
                )
            ),
            Mistake("the end does not count", _loss_with(join=lambda s, e: np.mean(s))),
            Mistake("the start does not count", _loss_with(join=lambda s, e: np.mean(e))),
            Mistake(
                "summed over the batch: take the mean, or a larger batch would have a larger loss",
                _loss_with(join=lambda s, e: np.sum(s + e) / 2),
            ),
            Mistake(
                "start and end are summed: halve, for their mean",
                _loss_with(join=lambda s, e: np.sum(s + e)),
            ),
            Mistake("a loss for each text came back: take their mean", _loss_with(join=lambda s, e: (s + e) / 2)),
            Mistake("a loss for each text came back: take their mean", _loss_with(join=lambda s, e: s + e)),
            Mistake("softmax twice: these are logits already, say from_logits=True", _loss_with(_softmax_twice)),
            Mistake("the logarithm is missing: this is the probability itself", _loss_with(_probability)),
            Mistake(
                "the logarithm is missing: this is one minus the probability",
                _loss_with(lambda p, x: 1 - _probability(p, x)),
            ),
            Mistake("the sign: a loss is minus the logarithm", _loss_with(lambda p, x: -_surprise(p, x))),
            Mistake("the logits themselves, without a softmax", _loss_with(_log_of_logits)),
            Mistake(
                "a softmax of which the logarithm is taken afterwards overflows: use from_logits=True",
                _loss_with(lambda p, x: -np.log(_unstable(x)[np.arange(len(p)), p])),
            ),
            Mistake(
                "a softmax of which the logarithm is taken afterwards is log 0: use from_logits=True",
                _loss_with(lambda p, x: -np.log(_float32_shares(x)[np.arange(len(p)), p])),
            ),
            Mistake(
                "the probability is cut off near 0, so a wrong model that is sure is not told: use from_logits=True",
                _loss_with(lambda p, x: -np.log(np.clip(_probability(p, x), 1e-7, 1 - 1e-7))),
            ),
            Mistake("start and end positions are swapped", _swapped_ends),
            Mistake(
                "both ends are compared with the start logits",
                lambda sp, ep, sl, el: _loss_with()(sp, ep, sl, sl),
            ),
            Mistake(
                "both ends are compared with the end logits",
                lambda sp, ep, sl, el: _loss_with()(sp, ep, el, el),
            ),
            Mistake(
                "both are compared with the start position",
                lambda sp, ep, sl, el: _loss_with()(sp, sp, sl, el),
            ),
            Mistake("squared differences: the cross-entropy is asked for", _loss_with(_squared)),
            Mistake("a yes or no for every token: the tokens compete, so softmax, not sigmoid", _loss_with(_sigmoid)),
            Mistake("the softmax runs over the batch: over the T tokens, the last axis", _loss_with(_over_the_batch)),
            Mistake("logarithms to base 2: the natural one is asked for", _BASE_2),
            Mistake(
                "the two surprises are multiplied: their mean is asked for",
                _loss_with(join=lambda s, e: np.mean(s * e)),
            ),
        ),
        hints=(
            "Two classifications among T tokens: where does it start, where does it end? Each has its cross-entropy.",
            "ops.sparse_categorical_crossentropy(positions, logits, from_logits=True) gives (B,), one for each text.",
            "Take the mean of the two, then ops.mean over the batch.",
        ),
    )
)


def _unstable(x):
    e = np.exp(np.asarray(x, "float32"))
    return e / e.sum(axis=-1, keepdims=True)


# best_spans ----------------------------------------------------------------------------------------


def _rows(answer, *args):
    """(first, last, score) of each span as a row, (n, 3)."""
    found = answer(*args)
    if found is None:
        return None
    return np.array([[float(np.asarray(part)) for part in span] for span in found]).reshape(-1, 3)


def _spans_with(allowed=None, score=None, order=None, give=None):
    """All pairs, with one step done otherwise."""
    allowed = allowed or (lambda i, j, longest: i <= j < i + longest)
    score = score or (lambda s, e: s + e)

    def best(start_logits, end_logits, max_answer_length, n):
        s, e = np.asarray(start_logits, "float64"), np.asarray(end_logits, "float64")
        pairs = [(i, j) for i in range(len(s)) for j in range(len(e)) if allowed(i, j, max_answer_length)]
        spans = [(i, j, float(score(s[i], e[j]))) for i, j in pairs]
        spans = [span for span in spans if span[2] > -np.inf]
        spans = order(spans) if order else sorted(spans, key=lambda span: -span[2])
        return give(spans, n) if give else spans[:n]

    return best


def _independent(start_logits, end_logits, max_answer_length, n):
    i, j = int(np.argmax(start_logits)), int(np.argmax(end_logits))
    return [(i, j, float(start_logits[i] + end_logits[j]))]


def _end_after_start(start_logits, end_logits, max_answer_length, n):
    spans = []
    for i in np.argsort(-np.asarray(start_logits), kind="stable")[:n]:
        j = i + int(np.argmax(end_logits[i : i + max_answer_length]))
        spans.append((int(i), int(j), float(start_logits[i] + end_logits[j])))
    return spans


def _top_of_each(start_logits, end_logits, max_answer_length, n):
    starts, ends = (np.argsort(-np.asarray(x), kind="stable")[:n] for x in (start_logits, end_logits))
    spans = [(int(i), int(j), float(start_logits[i] + end_logits[j]))
             for i in starts for j in ends if i <= j < i + max_answer_length]  # fmt: skip
    return sorted(spans, key=lambda span: -span[2])[:n]


def _shares(start_logits, end_logits, max_answer_length, n):
    s, e = (softmax(np.asarray(x, "float64")) for x in (start_logits, end_logits))
    return _spans_with(score=lambda a, b: a * b)(s, e, max_answer_length, n)


def _sums_of_shares(start_logits, end_logits, max_answer_length, n):
    s, e = (softmax(np.asarray(x, "float64")) for x in (start_logits, end_logits))
    return _spans_with()(s, e, max_answer_length, n)


def _logits(rng, T, longest, n):
    return case(*rng.normal(size=(2, T)).astype("float32"), longest, n)


def _crossing(rng):
    start, end = np.array([[0, 1, 5, 0], [3, 0, 1, 0]], "float32")
    uncrossed = np.array([[0, 1, 0, 0.5], [0, 0, 4, 1]], "float32")
    return [case(start, end, 4, 1), case(*uncrossed, 4, 1), *(_logits(rng, T, T, 1) for T in (3, 6, 9))]


def _many(rng):
    start, end = np.array([[0, 1, 5, 0.5], [3, 0.2, 1, 0]], "float32")
    return [case(start, end, 4, 3), _logits(rng, 7, 7, 12), _logits(rng, 3, 3, 50)]


def _short_only(rng):
    start, end = np.array([[5, 0, 0, 1, 0.3], [0.1, 0, 1, 0, 4.2]], "float32")
    return [case(start, end, 3, 2), _logits(rng, 8, 2, 6), _logits(rng, 6, 1, 4), _logits(rng, 9, 4, 40)]


def _forbidden(rng):
    cases = []
    for T in (4, 7):
        c = _logits(rng, T, T, 20)
        c.args[0][:2] = c.args[1][-1] = -np.inf
        cases.append(c)
    return cases


register(
    Exercise(
        name="best_spans",
        notebook="12_question_answering_tensorflow",
        reference=best_spans,
        properties=(
            Property("the best span: start and end chosen together, first <= last", 2, _crossing, run=_rows),
            Property("the n best, the best first", 2, _many, run=_rows),
            Property("no span longer than max_answer_length", 1, _short_only, run=_rows),
            Property("nothing begins or ends where a logit is -inf", 1, _forbidden, run=_rows),
        ),
        mistakes=(
            Mistake("start and end can cross: choose them together, among pairs with first <= last", _independent),
            Mistake(
                "start and end can cross: choose them together, among pairs with first <= last",
                _spans_with(allowed=lambda i, j, longest: j < i + longest),
            ),
            Mistake(
                "start and end can cross: choose them together, among pairs with first <= last",
                _spans_with(allowed=lambda i, j, longest: abs(j - i) < longest),
            ),
            Mistake(
                "start and end can cross: choose them together, among pairs with first <= last",
                _spans_with(allowed=lambda i, j, longest: True),
            ),
            Mistake(
                "an answer may be a single token: first may equal last",
                _spans_with(allowed=lambda i, j, longest: i < j < i + longest),
            ),
            Mistake(
                "one token too long: first and last both count, so last < first + max_answer_length",
                _spans_with(allowed=lambda i, j, longest: i <= j <= i + longest),
            ),
            Mistake(
                "one token too short: last may be first + max_answer_length - 1",
                _spans_with(allowed=lambda i, j, longest: i <= j < i + longest - 1),
            ),
            Mistake("max_answer_length is not looked at", _spans_with(allowed=lambda i, j, longest: i <= j)),
            Mistake(
                "the logits are multiplied: logarithms of shares are added, and so are logits",
                _spans_with(score=lambda s, e: s * e),
            ),
            Mistake("only the start's logit counts", _spans_with(score=lambda s, e: s)),
            Mistake("only the end's logit counts", _spans_with(score=lambda s, e: e)),
            Mistake(
                "the score is the sum of the two logits, not their mean", _spans_with(score=lambda s, e: (s + e) / 2)
            ),
            Mistake("the larger of the two logits is taken: their sum is asked for", _spans_with(score=max)),
            Mistake(
                "the worst spans come first: sort from the highest score down",
                _spans_with(order=lambda spans: sorted(spans, key=lambda span: span[2])),
            ),
            Mistake(
                "the right spans, but the worst of them first",
                _spans_with(give=lambda spans, n: spans[:n][::-1]),
            ),
            Mistake(
                "not sorted by score: the best must come first",
                _spans_with(order=lambda spans: spans),
            ),
            Mistake(
                "not sorted by score: the best must come first",
                _spans_with(give=lambda spans, n: sorted(spans[:n])),
            ),
            Mistake(
                "sorted as tuples, that is by their first index: sort by the score",
                _spans_with(order=lambda spans: sorted(spans, reverse=True)),
            ),
            Mistake("only the best span came back: n are asked for", _spans_with(give=lambda spans, n: spans[:1])),
            Mistake("all spans came back: n are asked for", _spans_with(give=lambda spans, n: spans)),
            Mistake("one span too many came back", _spans_with(give=lambda spans, n: spans[: n + 1])),
            Mistake("one span too few came back", _spans_with(give=lambda spans, n: spans[: n - 1])),
            Mistake(
                "last is included: this gives the token after it",
                _spans_with(give=lambda spans, n: [(i, j + 1, s) for i, j, s in spans[:n]]),
            ),
            Mistake(
                "the order is (first, last, score)",
                _spans_with(give=lambda spans, n: [(s, i, j) for i, j, s in spans[:n]]),
            ),
            Mistake(
                "the best start first, then its best end: a better pair may have another start",
                _end_after_start,
            ),
            Mistake(
                "pairs of the n best starts with the n best ends: the best pair need not be among them",
                _top_of_each,
            ),
            Mistake("the score is asked for in logits: no softmax here", _shares),
            Mistake("shares are added: add the logits, and leave the softmax out", _sums_of_shares),
            Mistake(
                "spans with a score of -inf came back: leave them out",
                lambda s, e, longest, n: _with_infinite(s, e, longest, n),
            ),
        ),
        hints=(
            "Score every pair of tokens that is allowed, then sort. With T = 384 that is no work for a computer.",
            "Allowed are pairs with first <= last < first + max_answer_length. The score is start_logits[first] + "
            "end_logits[last].",
            "Two loops that append (first, last, score) to a list; sort it by score, the highest first; give back the "
            "first n. Leave out what scores -inf.",
        ),
    )
)


def _with_infinite(start_logits, end_logits, longest, n):
    s, e = np.asarray(start_logits, "float64"), np.asarray(end_logits, "float64")
    T = len(s)
    spans = [(i, j, float(s[i] + e[j])) for i in range(T) for j in range(i, min(T, i + longest))]
    return sorted(spans, key=lambda span: -span[2])[:n]


# exact_match_and_f1 --------------------------------------------------------------------------------


def _pair(answer, prediction, golds):
    found = answer(prediction, golds)
    return None if found is None else np.array([float(np.asarray(part)) for part in found])


def _words(prediction, gold):
    """Words of both, how many they share, each as often as both have it."""
    return len(prediction), len(gold), sum((Counter(prediction) & Counter(gold)).values())


def _f1(given, gold):
    a, b, shared = _words(given, gold)
    return 2 * shared / (a + b) if a + b else 1.0


def _precision(given, gold):
    a, b, shared = _words(given, gold)
    return shared / a if a else float(a == b)


def _recall(given, gold):
    a, b, shared = _words(given, gold)
    return shared / b if b else float(a == b)


def _score_with(
    normal=normalise_answer,
    f1=_f1,
    exact=None,
    kept=None,
    best=max,
    split=str.split,
    normal_for_exact=None,
    best_exact=None,
):
    """The reference with one of its steps done otherwise."""
    exact = exact or (lambda a, b: float(a == b))
    normal_for_exact = normal_for_exact or normal

    def score(prediction, golds):
        golds = kept(golds) if kept else [g for g in golds if normalise_answer(g)] or [""]
        exacts = [exact(normal_for_exact(prediction).split(), normal_for_exact(g).split()) for g in golds]
        f1s = [f1(split(normal(prediction)), split(normal(g))) for g in golds]
        return float((best_exact or best)(exacts)), float(best(f1s))

    return score


def _lower(text):
    return text.lower()


def _no_punctuation(text):
    return "".join(c for c in text if c not in string.punctuation)


def _no_articles(text):
    return re.sub(r"\b(a|an|the)\b", " ", text)


def _normal(*steps):
    def normal(text):
        for step in steps:
            text = step(text)
        return " ".join(text.split())

    return normal


def _none_is_zero(given, gold):
    a, b, shared = _words(given, gold)
    return 2 * shared / (a + b) if shared else 0.0


def _by_formula(given, gold):
    a, b, shared = _words(given, gold)
    return 2 * (shared / a) * (shared / b) / (shared / a + shared / b)


def _zero_where_none_is_shared(given, gold):
    a, b, shared = _words(given, gold)
    precision, recall = shared / a, shared / b
    return 2 * precision * recall / (precision + recall) if shared else 0.0


def _sets(given, gold):
    return _f1(sorted(set(given)), sorted(set(gold)))


def _contains(given, gold):
    return float(" ".join(gold) in " ".join(given))


def _any_words(given, gold):
    """Shared words counted by `in`, again for each time they are said."""
    a, b = len(given), len(gold)
    shared = sum(word in gold for word in given)
    return 2 * shared / (a + b) if a + b else 1.0


def _accuracy(given, gold):
    a, b, shared = _words(given, gold)
    return shared / max(a, b) if max(a, b) else 1.0


def _mean_of_both(given, gold):
    return (_precision(given, gold) + _recall(given, gold)) / 2


def _product(given, gold):
    return _precision(given, gold) * _recall(given, gold)


def _jaccard(given, gold):
    a, b, shared = _words(given, gold)
    return shared / (a + b - shared) if a + b else 1.0


def _crash_without_golds(prediction, golds):
    return _score_with(kept=lambda golds: [g for g in golds if normalise_answer(g)])(prediction, golds)


def _answered(*rows):
    return lambda rng: [case(*row) for row in rows]


register(
    Exercise(
        name="exact_match_and_f1",
        notebook="12_question_answering_tensorflow",
        reference=exact_match_and_f1,
        properties=(
            Property(
                "capitals, punctuation, articles and spaces do not count",
                2,
                _answered(
                    ("Zanzibar", ["zanzibar"]),
                    ("in May.", ["in May"]),
                    ("The old mill", ["old mill"]),
                    ("an  apple", ["the apple"]),
                    ("a mill", ["mill"]),
                    ("U.S.A.", ["USA"]),
                    ("4,000 m", ["4000 m"]),
                ),
                run=_pair,
            ),  # fmt: skip
            Property(
                "F1 counts the words that both have",
                2,
                _answered(
                    ("old mill by night", ["old mill"]),
                    ("mill", ["old stone mill"]),
                    ("mill old", ["old mill"]),
                    ("very very old", ["very old"]),
                    ("tick tick tock", ["tick tock tock tock"]),
                    ("x y z", ["z w"]),
                ),
                run=_pair,
            ),  # fmt: skip
            Property(
                "of several right answers the best counts",
                1,
                _answered(
                    ("May", ["in May", "May"]),
                    ("in May", ["May June", "in May 1999", "May"]),
                    ("harbour", ["old harbour", "harbour wall of stone"]),
                ),
                run=_pair,
            ),  # fmt: skip
            Property(
                "both are 0 where no word is shared",
                1,
                _answered(
                    ("mill", ["old mill"]),
                    ("blue", ["red"]),
                    ("theatre", ["atre"]),
                    ("well-known", ["well known"]),
                    ("May", ["June", "in May"]),
                ),
                run=_pair,
            ),  # fmt: skip
            Property(
                "declining is right where there is no answer, and only there",
                1,
                _answered(("in May", ["May"]), ("", ["May"]), ("", []), ("May", []), ("", [""]), ("May", [""])),
                run=_pair,
            ),
            Property(
                "a gold of which nothing is left does not count beside others",
                1,
                _answered(
                    ("", ["", "May"]),
                    ("", ["the", "May"]),
                    ("May", ["", "May"]),
                    ("a", []),
                    ("the May", ["", "the mat"]),
                    ("an oar", ["", "an ear"]),
                    ("theatre", ["", "atre"]),
                ),
                run=_pair,
            ),  # fmt: skip
        ),
        mistakes=(
            Mistake("capitals count here: make both lower case", _score_with(_normal(_no_punctuation, _no_articles))),
            Mistake(
                "capitals count here: make both lower case", _score_with(_normal(_no_articles, _no_punctuation))
            ),  # fmt: skip
            Mistake("punctuation counts here: take it out", _score_with(_normal(_lower, _no_articles))),
            Mistake("articles count here: take out a, an and the", _score_with(_normal(_lower, _no_punctuation))),
            Mistake("nothing is normalised: capitals, punctuation and articles must not count", _score_with(_normal())),
            Mistake("only capitals are taken care of, not punctuation and articles", _score_with(_normal(_lower))),
            Mistake(
                "articles are cut out of words (theatre): take them out as whole words only",
                _score_with(_normal(_lower, _no_punctuation, lambda t: t.replace("the", " ").replace("an ", " "))),
            ),
            Mistake(
                "articles are cut out of words (theatre): take them out as whole words only",
                _score_with(_normal(_lower, _no_punctuation, lambda t: re.sub("a|an|the", " ", t))),
            ),
            Mistake(
                "articles are cut out of words (theatre): take them out as whole words only",
                _score_with(_normal(_lower, _no_punctuation, lambda t: re.sub("the|an|a", " ", t))),
            ),
            Mistake(
                "of the articles only `the` is taken out: a and an as well",
                _score_with(_normal(_lower, _no_punctuation, lambda t: re.sub(r"\bthe\b", " ", t))),
            ),
            Mistake(
                "punctuation becomes a space and cuts words in two: take it out without leaving one",
                _score_with(
                    _normal(_lower, lambda t: "".join(" " if c in string.punctuation else c for c in t), _no_articles)
                ),
            ),
            Mistake(
                "punctuation is taken off the ends only: within words too",
                _score_with(_normal(_lower, lambda t: t.strip(string.punctuation), _no_articles)),
            ),
            Mistake(
                "the exact match compares the texts as they are: normalise for it too",
                _score_with(normal_for_exact=_normal()),
            ),
            Mistake(
                "F1 compares the words as they are: normalise for it too",
                _score_with(_normal(), normal_for_exact=normalise_answer),
            ),  # fmt: skip
            Mistake("only the first right answer is looked at", _score_with(best=lambda scores: scores[0])),
            Mistake("only the last right answer is looked at", _score_with(best=lambda scores: scores[-1])),
            *(
                Mistake("the mean over the right answers: the best counts", _score_with(best=f1, best_exact=exact))
                for exact, f1 in ((np.mean, np.mean), (max, np.mean), (np.mean, max))
            ),
            Mistake("the worst of the right answers: the best counts", _score_with(best=min)),
            Mistake(
                "all right answers are joined to one: compare with each",
                _score_with(kept=lambda golds: [" ".join(golds)]),
            ),  # fmt: skip
            Mistake("this is precision: F1 weighs it with recall", _score_with(f1=_precision)),
            Mistake("this is recall: F1 weighs it with precision", _score_with(f1=_recall)),
            Mistake("the plain mean of precision and recall: F1 is their harmonic mean", _score_with(f1=_mean_of_both)),
            Mistake("precision times recall: F1 is 2PR / (P + R)", _score_with(f1=_product)),
            Mistake("2PR / (P + R) without the 2", _score_with(f1=lambda given, gold: _f1(given, gold) / 2)),
            Mistake("shared words over all words (Jaccard): F1 is 2PR / (P + R)", _score_with(f1=_jaccard)),
            Mistake("divided by the longer of the two: F1 is 2PR / (P + R)", _score_with(f1=_accuracy)),
            Mistake("words that come twice are counted once: count them, do not take sets", _score_with(f1=_sets)),
            Mistake(
                "a word said twice is found twice in a gold that has it once: count with Counter(…) & Counter(…)",
                _score_with(f1=_any_words),
            ),
            *(
                Mistake(
                    "nothing is given, or nothing was asked for: there are no words, and nothing may be divided by 0",
                    wrong,
                )
                for wrong in (
                    _score_with(f1=_zero_where_none_is_shared),
                    _score_with(f1=_zero_where_none_is_shared, kept=list),
                    lambda p, golds: (
                        _score_with(f1=_zero_where_none_is_shared, kept=list)(p, golds) if golds else (0, 0)
                    ),
                )
            ),
            Mistake(
                "no word is shared: F1 is 0, and nothing may be divided by 0",
                _score_with(f1=_by_formula),
            ),
            Mistake("letters are compared: F1 is over words", _score_with(split=list)),
            Mistake(
                "letters are compared: F1 is over words",
                _score_with(split=lambda text: [c for c in text if c != " "]),
            ),
            Mistake(
                "F1 must not be all or nothing: part of an answer earns part of the score",
                _score_with(f1=lambda given, gold: float(given == gold)),
            ),  # fmt: skip
            Mistake(
                "a gold inside the answer is not an exact match: they must be the same", _score_with(exact=_contains)
            ),
            Mistake(
                "the order is (exact match, F1): here they are swapped",
                lambda prediction, golds: exact_match_and_f1(prediction, golds)[::-1],
            ),
            Mistake(
                "nothing given and nothing asked for is right: F1 is 1 there, not 0", _score_with(f1=_none_is_zero)
            ),
            Mistake('without a right answer, declining is right: take [""] for the golds then', _crash_without_golds),
            Mistake(
                'nothing is left of the answer "a": look at it normalised',
                lambda prediction, golds: (
                    exact_match_and_f1(prediction, golds)
                    if [g for g in golds if normalise_answer(g)]
                    else (float(not prediction),) * 2
                ),
            ),
            Mistake(
                "without a right answer, declining is right: (1, 1) for an answer that is empty",
                lambda prediction, golds: exact_match_and_f1(prediction, golds) if golds else (0.0, 0.0),
            ),
            Mistake(
                "without a right answer only an empty one is right",
                lambda prediction, golds: exact_match_and_f1(prediction, golds) if golds else (1.0, 1.0),
            ),
            Mistake(
                "golds of which nothing is left after normalising count only where there is no other",
                _score_with(kept=lambda golds: golds or [""]),
            ),
            Mistake(
                '"the" normalises to nothing: look at what is left of a gold, not at the gold itself',
                _score_with(kept=lambda golds: [g for g in golds if g] or [""]),
            ),
        ),
        hints=(
            "For each gold: normalise both, split into words, compare. Then the best over golds. What are the golds "
            "where there is no right answer?",
            "Counter(given) & Counter(gold) holds the shared words, each as often as both have it; sum its values. "
            "P = shared / len(given), R = shared / len(gold), F1 = 2PR / (P + R).",
            "F1 is also 2 * shared / (len(given) + len(gold)), which only fails where both are empty: then they are "
            'the same, and it is 1. Golds that normalise to nothing are dropped; if none is left, use [""].',
        ),
    )
)
