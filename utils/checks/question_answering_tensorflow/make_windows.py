"""The exercise make_windows: what must hold, and what each mistake looks like."""

import operator

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.tasks.spans import make_windows


def _windows(answer, *args):
    """The windows in words: [(0, 4), (3, 7)]; where a later cell could do nothing with them, what they are."""
    found = answer(*args)
    if found is None:
        return "None"
    if isinstance(found, str) or not hasattr(found, "__getitem__") or not hasattr(found, "__len__"):
        return f"a {type(found).__name__}, which is no list"
    for window in found:
        if isinstance(window, (str, dict, set, slice)):
            return f"a {type(window).__name__} in place of a pair"
        if not hasattr(window, "__iter__"):
            return "numbers in place of pairs"
    try:
        return str([tuple(operator.index(n) for n in window) for window in found])
    except TypeError:
        return "no pairs of whole numbers"


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


def _one_more(num_tokens, window, stride):
    """Stops only after a window that would reach beyond the text."""
    windows = make_windows(num_tokens, window, stride)
    start = len(windows) * (window - stride)
    return [*windows, (start, num_tokens)] if windows and start + stride == num_tokens > start else windows


def _never_short(num_tokens, window, stride):
    return make_windows(num_tokens, window, stride) if num_tokens > window else []


def _ends_too_soon(num_tokens, window, stride):
    """Stops at a window that reaches over all but the last `stride` tokens."""
    windows = make_windows(num_tokens, window, stride)
    return [w for k, w in enumerate(windows) if k == 0 or windows[k - 1][1] < num_tokens - stride]


def _sizes(*rows):
    return lambda rng: [case(*row) for row in rows]


def _and_one_drawn(rows, rest):
    """These, and one by chance; `rest`: (rng, how far windows move) -> how many tokens its last window has anew."""

    def cases(rng):
        window = int(rng.integers(5, 15))
        stride = int(rng.integers(1, window // 2))
        move = window - stride
        tokens = window + int(rng.integers(2, 7)) * move - move + rest(rng, move)
        return [*_sizes(*rows)(rng), case(tokens, window, stride)]

    return cases


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
            Property(
                "neighbours share `stride` tokens",
                2,
                _and_one_drawn(((10, 4, 1), (13, 5, 2), (22, 7, 1)), lambda rng, move: move),
                run=_windows,
            ),
            Property(
                "the last window ends with the text",
                1,
                _and_one_drawn(((11, 4, 1), (12, 5, 2), (9, 7, 1)), lambda rng, move: int(rng.integers(1, move))),
                run=_windows,
            ),
            Property(
                "no window without a new token",
                1,
                lambda rng: _sizes((9, 6, 3), (12, 6, 4))(rng) + _random_sizes(rng),
                run=_windows,
            ),  # fmt: skip
            Property(
                "a short text is one window, an empty text none",
                1,
                lambda rng: _sizes(
                    (3, 5, 2), (5, 5, 2), (2, 6, 3), (1, 4, 1), (0, 4, 1), (int(rng.integers(6, 30)), 30, 8)
                )(rng),
                run=_windows,
            ),  # fmt: skip
            Property(
                "without overlap",
                1,
                lambda rng: _sizes((9, 4, 0), (8, 4, 0), (int(rng.integers(20, 60)), int(rng.integers(5, 9)), 0))(rng),
                run=_windows,
            ),
        ),
        mistakes=(
            Mistake("None came back: is a `return` missing?", lambda n, window, stride: None),
            Mistake(
                "a generator came back, which can be gone through once: give back a list",
                lambda n, window, stride: (pair for pair in make_windows(n, window, stride)),
            ),
            Mistake(
                "numbers stand in a row: a list of pairs, (start, end) of each window, is asked for",
                lambda n, window, stride: [number for pair in make_windows(n, window, stride) for number in pair],
            ),
            Mistake(
                "the numbers of a window's tokens came back: only (start, end) of each is asked for",
                _windows_with(give=lambda start, n, window, stride: tuple(range(start, min(start + window, n)))),
            ),
            Mistake(
                "only the first window came back: is the `return` inside the loop?",
                lambda n, window, stride: make_windows(n, window, stride)[:1],
            ),
            Mistake(
                "start and end are swapped",
                _windows_with(give=lambda start, n, window, stride: (min(start + window, n), start)),
            ),
            Mistake(
                "the windows are longer than `window`: what they share is part of it",
                _windows_with(
                    lambda n, window, stride: range(0, n, window),
                    give=lambda start, n, window, stride: (start, min(start + window + stride, n)),
                ),
            ),
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
                "the windows move by `stride`; they share `stride` tokens, so they move by window - stride",
                lambda n, window, stride: make_windows(n, window, window - (stride or window)),
            ),
            Mistake(
                "the ends are no whole numbers: tokens are cut out with them",
                lambda n, window, stride: [(a / 1, b / 1) for a, b in make_windows(n, window, stride)],
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
                "where a window ends with the text another one follows, of what it has already: stop at "
                "start + window >= num_tokens",
                _one_more,
            ),
            Mistake(
                "two lists came back, starts and ends: a list of pairs, (start, end) of each window, is asked for",
                lambda n, window, stride: tuple(zip(*make_windows(n, window, stride), strict=True)) or ((), ()),
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
                "the end of the text is lost: the last window is the first that reaches it, not one that comes near",
                _ends_too_soon,
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
            Mistake(
                "an empty text has no window: an empty list is asked for, not None",
                lambda n, window, stride: make_windows(n, window, stride) or None,
            ),
            Mistake(
                "a text that fits into one window is a list of one window: a single pair came back",
                lambda n, window, stride: (0, n) if 0 < n <= window else make_windows(n, window, stride),
            ),
        ),
        hints=(
            "How far does the next window begin after this one, if both are `window` long and share `stride`?",
            "They begin at 0, window - stride, 2 (window - stride), …; each ends at min(start + window, num_tokens).",
            "Stop after the first window that ends at num_tokens. When the loop does that, short texts come out right; "
            "only the empty text needs a thought.",
        ),
    )
)
