"""Spans: characters to tokens, windows, the best spans against brute force, scores by SQuAD's rules."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.tasks.spans import best_spans, char_span_to_tokens, exact_match_and_f1, make_windows, normalise_answer

# "Jane visits Zanzibar." as [CLS] jane visits zan ##zibar . [SEP]
OFFSETS = [(0, 0), (0, 4), (5, 11), (12, 15), (15, 20), (20, 21), (0, 0)]


@pytest.mark.parametrize(
    ("span", "tokens"),
    [
        ((0, 4), (1, 1)),
        ((5, 11), (2, 2)),
        ((12, 20), (3, 4)),
        ((0, 21), (1, 5)),
        ((13, 14), (3, 3)),  # within a token: the whole token
        ((6, 13), (2, 3)),
        ((4, 6), (2, 2)),  # a space in front
        ((4, 5), None),  # nothing but a space
        ((12, 12), None),
        ((20, 22), None),  # runs out of the window
        ((25, 30), None),
        ((-1, 3), None),
    ],
)
def test_characters_to_tokens(span, tokens):
    assert char_span_to_tokens(OFFSETS, *span) == tokens


def test_a_window_that_cuts_the_answer_has_none():
    assert char_span_to_tokens(OFFSETS[:4], 12, 20) is None  # its end is in the next window
    assert char_span_to_tokens([(0, 0), *OFFSETS[4:]], 12, 20) is None  # its beginning was in the last
    assert char_span_to_tokens([(0, 0), (0, 0)], 0, 4) is None and char_span_to_tokens([], 0, 4) is None


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4)), min_size=1, max_size=12), st.data())
def test_the_tokens_are_the_fewest_that_hold_the_span(pieces, data):
    offsets, at = [], 0
    for gap, length in pieces:
        offsets.append((at + gap, at + gap + length))
        at += gap + length
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(offsets) - 1)] * 2)))
    start, end = offsets[first][0], offsets[last][1]
    assert char_span_to_tokens([(0, 0), *offsets, (0, 0)], start, end) == (first + 1, last + 1)


@given(st.integers(0, 300), st.integers(1, 40), st.data())
def test_windows_cover_overlap_and_have_no_empty_tail(num_tokens, window, data):
    stride = data.draw(st.integers(0, window - 1))
    windows = make_windows(num_tokens, window, stride)
    assert sorted({t for start, end in windows for t in range(start, end)}) == list(range(num_tokens))
    assert all(0 < end - start <= window for start, end in windows)
    for (_, end), (start, _) in itertools.pairwise(windows):
        assert end - start == stride
    assert all(end - start == window for start, end in windows[:-1])
    ends = [end for _, end in windows]
    assert len(set(ends)) == len(ends)  # each reaches further than the one before


def test_every_short_enough_span_is_whole_in_some_window():
    windows = make_windows(100, 20, 8)
    for start in range(93):
        assert any(a <= start and start + 8 <= b for a, b in windows)


@pytest.mark.parametrize(("window", "stride"), [(4, 4), (4, 5), (4, -1), (0, 0)])
def test_windows_that_would_not_move_are_refused(window, stride):
    with pytest.raises(ValueError, match=f"Received: stride={stride}"):
        make_windows(10, window, stride)


@given(st.integers(1, 9), st.integers(1, 10), st.integers(1, 100), st.integers(0, 10**6))
def test_best_spans_are_those_of_brute_force(T, longest, n, seed):
    start, end = np.random.default_rng(seed).normal(size=(2, T))
    pairs = [(i, j) for i in range(T) for j in range(i, min(i + longest, T))]
    want = sorted(pairs, key=lambda p: -(start[p[0]] + end[p[1]]))[:n]
    found = best_spans(start, end, longest, n)
    assert [(i, j) for i, j, _ in found] == want
    assert np.allclose([s for *_, s in found], [start[i] + end[j] for i, j in want])


def test_where_nothing_may_begin_no_span_begins():
    start, end = np.array([-np.inf, 1.0, 0.0]), np.array([3.0, 0.0, -np.inf])
    assert [(i, j) for i, j, _ in best_spans(start, end, 3, 9)] == [(1, 1)]
    assert best_spans([], [], 3, 9) == []


# Scores. The expected values are worked out by hand from the rules of SQuAD's official script. ---------

CASES = [  # prediction, golds, exact match, F1
    ("Jane", ["Jane"], 1, 1),
    ("jane", ["JANE"], 1, 1),
    ("The old mill", ["an old  mill"], 1, 1),  # articles, spaces
    ("old mill.", ["old mill"], 1, 1),  # punctuation
    ("U.S.A.", ["USA"], 1, 1),  # punctuation goes without leaving a space
    ("well-known", ["well known"], 0, 0),
    ("well-known", ["wellknown"], 1, 1),
    ("“Jane”", ["Jane"], 0, 0),  # only ASCII punctuation counts
    ("theatre", ["atre"], 0, 0),  # an article is a whole word
    ("a.", ["the"], 1, 1),  # nothing is left of either: only an empty answer is right
    ("the cat sat", ["cat"], 0, 2 * (1 / 2) * 1 / (1 / 2 + 1)),
    ("cat", ["the cat sat"], 0, 2 / 3),
    ("sat cat", ["cat sat"], 0, 1),  # F1 does not look at order
    ("cat cat", ["cat"], 0, 2 / 3),  # a word counts as often as both have it
    ("cat cat dog", ["cat dog dog"], 0, 2 / 3),
    ("in September", ["September", "in September 1999"], 0, 0.8),  # the best of several
    ("Omar", ["Jane", "Omar"], 1, 1),
    ("", [], 1, 1),  # declined, rightly
    ("", [""], 1, 1),
    ("", ["Jane"], 0, 0),  # declined, wrongly
    ("Jane", [], 0, 0),
    ("Jane", [""], 0, 0),
    ("the", [], 1, 1),  # nothing is left of it
    ("Jane", ["", "Jane"], 1, 1),
    ("", ["", "Jane"], 0, 0),  # an empty gold beside others does not count
    ("", ["the", "Jane"], 0, 0),
    ("4,000", ["4000"], 1, 1),
    ("l'Afrique", ["lAfrique"], 1, 1),
    ("Élan", ["élan"], 1, 1),
]


@pytest.mark.parametrize(("prediction", "golds", "exact", "f1"), CASES)
def test_scores(prediction, golds, exact, f1):
    assert exact_match_and_f1(prediction, golds) == pytest.approx((exact, f1))


@given(st.text("ab the.,-", max_size=20), st.lists(st.text("ab the.,-", max_size=20), max_size=3))
def test_scores_as_precision_and_recall_say(prediction, golds):
    exact, f1 = exact_match_and_f1(prediction, golds)
    given_words = normalise_answer(prediction).split()
    kept = [normalise_answer(g).split() for g in golds if normalise_answer(g)] or [[]]
    best = 0.0
    for gold in kept:
        left, shared = list(gold), 0
        for word in given_words:
            if word in left:
                left.remove(word)
                shared += 1
        if not gold or not given_words:
            best = max(best, float(gold == given_words))
        elif shared:
            precision, recall = shared / len(given_words), shared / len(gold)
            best = max(best, 2 * precision * recall / (precision + recall))
    assert f1 == pytest.approx(best)
    assert exact == float(any(" ".join(given_words) == " ".join(g) for g in kept))
