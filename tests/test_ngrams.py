"""The n-grams that lesson 16 sets beside its decoder: distributions, and what they say of small texts by hand."""

import numpy as np
import pytest

from benchmarks.ngrams import AddK, KneserNey, log_p

V = 7
TEXTS = [tuple(np.random.default_rng(n).integers(1, V, 4 + n % 5).tolist()) for n in range(60)]
CONTEXTS = [(), (1,), (6, 2), (3, 3, 3), (5, 1, 4, 2), (2, 6, 1, 1)]


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize("model", [AddK, KneserNey])
def test_probabilities_of_all_tokens_sum_to_one(model, order):
    fitted = model(order, V).fit(TEXTS)
    for context in CONTEXTS:
        p = [fitted.p(token, context) for token in range(V)]
        assert min(p) > 0 and sum(p) == pytest.approx(1)


def test_add_k_by_hand():
    model = AddK(2, 4, k=0.5).fit([(1, 2, 3), (1, 2, 2)])
    assert model.p(2, (1,)) == pytest.approx((2 + 0.5) / (2 + 2))
    assert model.p(3, (9, 2)) == pytest.approx((1 + 0.5) / (2 + 2))
    assert model.p(0, (3,)) == pytest.approx(1 / 4)


def test_a_word_that_follows_one_only_counts_once():
    texts = [(1, 5, 6)] * 10 + [(1, n, 4) for n in (2, 3, 5)]
    model = KneserNey(2, V).fit(texts)
    assert model.followers[0][()][6] == 1 and model.followers[0][()][4] == 3
    assert model.p(4, (0,)) > model.p(6, (0,))


def test_longer_contexts_help_where_they_were_seen():
    text = tuple([1, 2, 3, 1, 2, 4, 5, 2, 6] * 20)
    orders = [np.mean(log_p(KneserNey(order, V).fit([text]), [text])[0]) for order in (1, 2, 3, 4)]
    assert orders == sorted(orders) and orders[-1] > orders[0] + 1


def test_log_p_has_one_number_for_each_token_foretold():
    found = log_p(KneserNey(3, V).fit(TEXTS), TEXTS[:3])
    assert [len(row) for row in found] == [len(text) - 1 for text in TEXTS[:3]]
