"""The exercise best_spans: what must hold, and what each mistake looks like."""

import operator

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.why_attention.softmax import softmax
from utils.tasks.spans import best_spans

NEAR = 5e-7  # sums in float32 are near enough, five digits are not


def _rows(answer, *args):
    """(first, last, score) of each span as a row, (n, 3); in words where a later cell could do nothing with them.

    The last two arguments are named, as later cells name them.
    """
    start_logits, end_logits, longest, n = args
    return _as_rows(answer(start_logits, end_logits, max_answer_length=longest, n=n))


def _rows_by_place(answer, *args):
    """The same, all arguments given by their places, as one later cell does."""
    return _as_rows(answer(*args))


def _as_rows(found):
    if found is None:
        return None
    if isinstance(found, str) or not hasattr(found, "__getitem__") or not hasattr(found, "__len__"):
        return f"a {type(found).__name__}, which is no list"
    rows = []
    for span in found:
        if isinstance(span, (str, dict)) or not hasattr(span, "__len__"):
            return f"a {type(span).__name__} in place of a span"
        if len(span) != 3:
            return f"a span of {len(span)} {'number' if len(span) == 1 else 'numbers'}"
        if not (_is_whole(span[0]) and _is_whole(span[1])) and not (_is_whole(span[1]) and _is_whole(span[2])):
            return "tokens whose numbers are not whole"
        if isinstance(span[2], str):
            return "scores that are texts"
        rows.append([float(part) for part in span])
    return np.array(rows, "float64").reshape(-1, 3)


def _in_order(rows, *args):
    """Those of the same score by their tokens, as nobody says which comes first; in words if there are more or less."""
    if not isinstance(rows, np.ndarray):
        return rows
    asked = len(best_spans(*args))
    if len(rows) != asked:
        return f"{len(rows)}, not {asked}: " + " ".join(f"{first:g}–{last:g}" for first, last, _ in rows)
    groups = np.cumsum(np.diff(rows[:, 2], prepend=np.nan) != 0)
    return rows[np.lexsort((rows[:, 1], rows[:, 0], groups))]


def _is_whole(number):
    """Whether a list can be asked for that element."""
    try:
        operator.index(number)
    except TypeError:
        return False
    return True


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


def _top_of_each(many):
    """Pairs of so many starts and ends as `many` says for n."""

    def best(start_logits, end_logits, max_answer_length, n):
        starts, ends = (np.argsort(-np.asarray(x), kind="stable")[: many(n)] for x in (start_logits, end_logits))
        spans = [(int(i), int(j), float(start_logits[i] + end_logits[j]))
                 for i in starts for j in ends if i <= j < i + max_answer_length]  # fmt: skip
        return sorted((span for span in spans if span[2] > -np.inf), key=lambda span: -span[2])[:n]

    return best


def _finite_all_along(start_logits, end_logits, max_answer_length, n):
    spans = best_spans(start_logits, end_logits, max_answer_length, 10**6)
    finite = np.isfinite(start_logits) & np.isfinite(end_logits)
    return [span for span in spans if finite[span[0] : span[1] + 1].all()][:n]


def _log_shares(start_logits, end_logits, max_answer_length, n):
    s, e = (np.log(softmax(np.asarray(x, "float64"))) for x in (start_logits, end_logits))
    return best_spans(s, e, max_answer_length, n)


def _once_a_score(which):
    """Spans kept by their score: of those that have the same one is left, the first (0) or the last (-1)."""

    def order(spans):
        scores = sorted({span[2] for span in spans}, reverse=True)
        return [[span for span in spans if span[2] == score][which] for score in scores]

    return order


def _looked_up_by_score(spans):
    scores = [span[2] for span in spans]
    return [spans[scores.index(score)] for score in sorted(scores, reverse=True)]


def _once_a_start(spans):
    best = {}
    for span in sorted(spans, key=lambda span: -span[2]):
        best.setdefault(span[0], span)
    return list(best.values())


def _apart(spans):
    kept = []
    for span in sorted(spans, key=lambda span: -span[2]):
        if all(span[1] < other[0] or other[1] < span[0] for other in kept):
            kept.append(span)
    return kept


def _by_length(start_logits, end_logits, max_answer_length, n):
    spans = best_spans(start_logits, end_logits, max_answer_length, 10**6)
    return sorted(((i, j, score / (j - i + 1)) for i, j, score in spans), key=lambda span: -span[2])[:n]


def _without(finite):
    """Only where `finite(start logit, end logit)`; what else scores -inf stays."""

    def best(start_logits, end_logits, max_answer_length, n):
        spans = _with_infinite(start_logits, end_logits, max_answer_length, 10**6)
        return [span for span in spans if finite(start_logits[span[0]], end_logits[span[1]])][:n]

    return best


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
    apart = np.array([[1.2, 0, 0, 0, 5, 5.1, 5.2, 5.3], [5.3, 5.2, 5.1, 5, 0, 0, 0, 1]], "float32")
    return [
        case(start, end, 4, 1),
        case(*uncrossed, 4, 1),
        case(*apart, 8, 1),
        *(_logits(rng, T, T, 1) for T in (3, 6, 9)),
    ]


def _many(rng):
    start, end = np.array([[0, 1, 5, 0.5], [3, 0.2, 1, 0]], "float32")
    alike = [[0, 1, 2], [3, 2, 1]], [[4, 0, 2, 1, 3], [1, 3, 0, 4, 2]]  # many spans have the same score
    ties = [case(*np.array(pair, "float32"), len(pair[0]), 20) for pair in alike]
    return [case(start, end, 4, 3), _logits(rng, 7, 7, 12), _logits(rng, 3, 3, 50), *ties]


def _short_only(rng):
    start, end = np.array([[5, 0, 0, 1, 0.3], [0.1, 0, 1, 0, 4.2]], "float32")
    sizes = ((8, 2, 6), (6, 1, 4), (9, 4, 40), (60, 8, 300), (3, 8, 4), (1, 5, 2))  # there are texts shorter than that
    return [case(start, end, 3, 2), *(_logits(rng, *size) for size in sizes)]


def _forbidden(rng):
    cases = []
    for T in (4, 7):
        c = _logits(rng, T, T, 20)
        c.args[0][:2] = c.args[1][-1] = -np.inf
        cases.append(c)
    cases[1].args[0][3] = cases[1].args[1][4] = -np.inf  # spans may pass over these
    nowhere = np.full(3, -np.inf, "float32")
    return [*cases, case(nowhere, nowhere, 3, 2)]


register(
    Exercise(
        name="best_spans",
        notebook="12_question_answering_tensorflow",
        reference=best_spans,
        properties=(
            Property(
                "the best span: start and end chosen together, first <= last",
                2,
                _crossing,
                run=_rows_by_place,
                read=_in_order,
                tolerance=NEAR,
            ),
            Property("the n best, the best first", 2, _many, run=_rows, read=_in_order, tolerance=NEAR),
            Property(
                "no span longer than max_answer_length", 1, _short_only, run=_rows, read=_in_order, tolerance=NEAR
            ),
            Property(
                "nothing begins or ends where a logit is -inf", 1, _forbidden, run=_rows, read=_in_order, tolerance=NEAR
            ),
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
            *(
                Mistake(
                    "a fixed number stands in max_answer_length's place",
                    lambda s, e, max_answer_length, n, longest=longest: best_spans(s, e, longest, n),
                )
                for longest in (10, 15, 20, 30, 50)
            ),
            Mistake("max_answer_length is not looked at", _spans_with(allowed=lambda i, j, longest: i <= j)),
            Mistake(
                "the logits are multiplied: logarithms of shares are added, and so are logits",
                _spans_with(score=lambda s, e: s * e),
            ),
            Mistake(
                "first and last are no whole numbers: tokens are looked up with them",
                _spans_with(give=lambda spans, n: [tuple(map(float, span)) for span in spans[:n]]),
            ),
            *(
                Mistake("first and last are no whole numbers: tokens are looked up with them", _spans_with(give=give))
                for give in (
                    lambda spans, n: [(i, float(j), score) for i, j, score in spans[:n]],
                    lambda spans, n: [(float(i), j, score) for i, j, score in spans[:n]],
                )
            ),
            Mistake(
                "one span alone came back: a list of them is asked for, of one with n = 1",
                lambda s, e, max_answer_length, n: best_spans(s, e, max_answer_length, 1)[0],
            ),
            Mistake(
                "the scores are texts: numbers are asked for",
                _spans_with(give=lambda spans, n: [(i, j, str(score)) for i, j, score in spans[:n]]),
            ),
            Mistake(
                "a generator came back, which can be gone through once: give back a list",
                _spans_with(give=lambda spans, n: (span for span in spans[:n])),
            ),
            *(
                Mistake("three lists came back: for each span one (first, last, score) is asked for", wrong)
                for wrong in (
                    _spans_with(give=lambda spans, n: tuple(map(list, zip(*spans[:n], strict=True)))),
                    _spans_with(give=lambda spans, n: tuple(map(np.array, zip(*spans[:n], strict=True)))),
                )
            ),
            Mistake(
                "the score is missing: each span is (first, last, score)",
                _spans_with(give=lambda spans, n: [span[:2] for span in spans[:n]]),
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
            *(
                Mistake("of spans with the same score only one came back: a list keeps them all", wrong)
                for wrong in (_spans_with(order=_once_a_score(0)), _spans_with(order=_once_a_score(-1)))
            ),
            Mistake(
                "spans are looked up by their score, so where two have the same one comes twice: sort the spans",
                _spans_with(order=_looked_up_by_score),
            ),
            Mistake(
                "only the best end of each start came back: of the n best several may have the same start",
                _spans_with(order=_once_a_start),
            ),
            Mistake(
                "spans that overlap a better one are left out: the n best may overlap",
                _spans_with(order=_apart),
            ),
            Mistake("the score is divided by the span's length: the sum of two logits is asked for", _by_length),
            Mistake(
                "spans with a negative score are left out: only a score of -inf counts for nothing",
                _spans_with(order=lambda spans: sorted((s for s in spans if s[2] > 0), key=lambda span: -span[2])),
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
                "the second number is the span's length: its last token is asked for",
                _spans_with(give=lambda spans, n: [(i, j - i + 1, s) for i, j, s in spans[:n]]),
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
                _top_of_each(lambda n: n),
            ),
            *(
                Mistake("pairs of some of the best starts and ends: the best pair need not be among them", wrong)
                for wrong in (
                    *(_top_of_each(lambda n, more=more: n + more) for more in (1, 2)),
                    _top_of_each(lambda n: 2 * n),
                    *(_top_of_each(lambda n, k=k: k) for k in (3, 5, 10, 20)),
                )
            ),
            Mistake(
                "the order of the arguments is start_logits, end_logits, max_answer_length, n",
                lambda s, e, n, max_answer_length: best_spans(s, e, max_answer_length, n),
            ),
            Mistake(
                "where there is no span, an empty list is asked for, not None",
                lambda s, e, max_answer_length, n: best_spans(s, e, max_answer_length, n) or None,
            ),
            Mistake(
                "a span may pass over a logit of -inf: it must not begin or end there",
                _finite_all_along,
            ),
            Mistake(
                "sorted by length first: by the score alone",
                _spans_with(order=lambda spans: sorted(spans, key=lambda span: (span[1] - span[0], -span[2]))),
            ),
            *(
                Mistake(
                    "the scores are rounded: give them back with all their digits",
                    _spans_with(give=lambda spans, n, digits=d: [(i, j, round(s, digits)) for i, j, s in spans[:n]]),
                )
                for d in (1, 2, 3, 4, 5)
            ),
            Mistake(
                "no span begins at token 0 here: any token may, unless its logit is -inf",
                _spans_with(order=lambda spans: sorted((s for s in spans if s[0]), key=lambda span: -span[2])),
            ),
            Mistake("the score is asked for in logits: no softmax here", _shares),
            Mistake("the score is asked for in logits: no log_softmax here", _log_shares),
            Mistake("shares are added: add the logits, and leave the softmax out", _sums_of_shares),
            *(
                Mistake("spans with a score of -inf came back: leave them out", wrong)
                for wrong in (
                    lambda s, e, max_answer_length, n: _with_infinite(s, e, max_answer_length, n),
                    _without(lambda start, end: start > -np.inf),
                    _without(lambda start, end: end > -np.inf),
                )
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
