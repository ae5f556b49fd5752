"""Wrong answers to attention_for_one_word."""

import numpy as np

from tests.mutants.self_attention.shared import softmax


def word(scores, v):
    weights = softmax(np.array(scores))
    vector = np.zeros(v.shape[1])
    for w, value in zip(weights, v, strict=True):
        vector += w * value
    return vector, weights


def asks_the_values(q, k, v, i):
    return word([np.dot(q[i], value) / np.sqrt(len(q[i])) for value in v], v)


def asks_the_values_and_sums_the_keys(q, k, v, i):
    return word(v @ q[i] / np.sqrt(k.shape[1]), k)


def unscaled(q, k, v, i):
    return word([np.dot(q[i], key) for key in k], v)


def over_k(q, k, v, i):
    return word([np.dot(q[i], key) / len(key) for key in k], v)


def root_of_words(q, k, v, i):
    return word([np.dot(q[i], key) / np.sqrt(len(k)) for key in k], v)


def root_of_queries(q, k, v, i):
    return word([np.dot(q[i], key) / np.sqrt(q.shape[0]) for key in k], v)


def root_of_values(q, k, v, i):
    return word([np.dot(q[i], key) / v.shape[-1] ** 0.5 for key in k], v)


def root_of_four(q, k, v, i):
    return word([np.dot(q[i], key) / np.sqrt(4) for key in k], v)


def own_value(q, k, v, i):
    weights = softmax(k @ q[i] / np.sqrt(k.shape[-1]))
    i = min(i, len(v) - 1)
    return weights[i] * v[i], weights


def times_root(q, k, v, i):
    return word([np.dot(q[i], key) * np.sqrt(len(key)) for key in k], v)


def root_after_softmax(q, k, v, i):
    weights = softmax(k @ q[i]) / np.sqrt(k.shape[-1])
    return weights @ v, weights


def no_softmax(q, k, v, i):
    weights = np.array([np.dot(q[i], key) for key in k]) / np.sqrt(k.shape[-1])
    return weights @ v, weights


def shares_without_exp(q, k, v, i):
    scores = np.array([np.dot(q[i], key) for key in k]) / np.sqrt(k.shape[-1])
    weights = scores / np.sum(scores)
    return weights @ v, weights


def bare_exponentials(q, k, v, i):
    weights = np.exp(k @ q[i] / np.sqrt(k.shape[-1]))
    return weights @ v, weights


def home_made_softmax(q, k, v, i):
    e = [np.exp(np.dot(q[i], key) / np.sqrt(len(key))) for key in k]
    weights = np.array(e) / sum(e)
    return weights @ v, weights


def others_only(q, k, v, i):
    scores = [np.dot(q[i], k[j]) / np.sqrt(k.shape[-1]) for j in range(len(k)) if j != i]
    return word(scores, np.array([v[j] for j in range(len(v)) if j != i]))


def self_at_zero(q, k, v, i):
    scores = k @ q[i] / np.sqrt(k.shape[-1])
    if i < len(scores):
        scores[i] = -1e9
    return word(scores, v)


def looking_back(q, k, v, i):
    return word([np.dot(q[i], k[j]) / np.sqrt(k.shape[-1]) for j in range(min(i + 1, len(k)))], v[: i + 1])


def key_asks(q, k, v, i):
    i = min(i, len(k) - 1)
    return word([np.dot(k[i], key) / np.sqrt(len(key)) for key in k], v)


def always_first(q, k, v, i):
    return word([np.dot(q[0], key) / np.sqrt(len(key)) for key in k], v)


def counted_from_one(q, k, v, i):
    return word([np.dot(q[i - 1], key) / np.sqrt(len(key)) for key in k], v)


def every_word(q, k, v, i):
    weights = softmax(q @ k.T / np.sqrt(k.shape[-1]))
    return weights @ v, weights


def cosines(q, k, v, i):
    return word([np.dot(q[i], key) / np.linalg.norm(q[i]) / np.linalg.norm(key) for key in k], v)


def keys_summed(q, k, v, i):
    return word([np.dot(q[i], key) / np.sqrt(len(key)) for key in k], k)


def mean_of_values(q, k, v, i):
    weights = softmax(k @ q[i] / np.sqrt(k.shape[-1]))
    return np.mean(weights[:, None] * v, axis=0), weights


def unsummed(q, k, v, i):
    weights = softmax(k @ q[i] / np.sqrt(k.shape[-1]))
    return np.array([w * value for w, value in zip(weights, v, strict=True)]), weights


def overwritten(q, k, v, i):
    weights = softmax(k @ q[i] / np.sqrt(k.shape[-1]))
    for j in range(len(v)):
        vector = weights[j] * v[j]
    return vector, weights


def best_value(q, k, v, i):
    weights = softmax(k @ q[i] / np.sqrt(k.shape[-1]))
    return v[np.argmax(weights)], weights


def weights_first(q, k, v, i):
    weights = softmax(k @ q[i] / np.sqrt(k.shape[-1]))
    return weights, weights @ v


def vector_only(q, k, v, i):
    return softmax(k @ q[i] / np.sqrt(k.shape[-1])) @ v


def scores_beside_it(q, k, v, i):
    scores = k @ q[i] / np.sqrt(k.shape[-1])
    return softmax(scores) @ v, scores


def unscaled_and_scores_back(q, k, v, i):
    scores = np.array([np.dot(q[i], key) for key in k])
    return softmax(scores) @ v, scores


def exponentials_beside_it(q, k, v, i):
    e = np.exp(k @ q[i] / np.sqrt(k.shape[-1]))
    return e / e.sum() @ v, e


def return_in_the_loop(q, k, v, i):
    weights = softmax(k @ q[i] / np.sqrt(k.shape[-1]))
    vector = np.zeros(v.shape[1])
    for w, value in zip(weights, v, strict=True):
        vector += w * value
        return vector, weights


def without_the_last(q, k, v, i):
    weights = softmax(k @ q[i] / np.sqrt(k.shape[-1]))
    return sum(weights[j] * v[j] for j in range(len(k) - 1)), weights


def from_the_second(q, k, v, i):
    weights = softmax(k @ q[i] / np.sqrt(k.shape[-1]))
    return sum(weights[j] * v[j] for j in range(1, len(k))), weights


def sum_of_scores(q, k, v, i):
    scores = k @ q[i] / np.sqrt(k.shape[-1])
    return scores @ v, softmax(scores)


def softmax_of_softmax(q, k, v, i):
    return word(softmax(k @ q[i] / np.sqrt(k.shape[-1])), v)


def softmax_each(q, k, v, i):
    weights = np.array([softmax(np.array([np.dot(q[i], key)]))[0] for key in k])
    return weights @ v, weights


def next_word(q, k, v, i):
    return word(k @ q[i + 1] / np.sqrt(k.shape[-1]), v)


def root_twice(q, k, v, i):
    scores = np.array([np.dot(q[i], key) / np.sqrt(len(key)) for key in k])
    return word(scores / np.sqrt(k.shape[-1]), v)


def both_in_one(q, k, v, i):
    weights = softmax(k @ q[i] / np.sqrt(k.shape[-1]))
    return np.concatenate([weights @ v, weights])


def clipped(q, k, v, i):
    e = np.exp(np.clip(k @ q[i] / np.sqrt(k.shape[-1]), -50, 50))
    return e / e.sum() @ v, e / e.sum()


def nan_to_zero(q, k, v, i):
    e = np.exp(k @ q[i] / np.sqrt(k.shape[-1]))
    weights = np.nan_to_num(e / e.sum())
    return weights @ v, weights


def mean_subtracted(q, k, v, i):
    scores = k @ q[i] / np.sqrt(k.shape[-1])
    e = np.exp(scores - np.mean(scores))
    return e / e.sum() @ v, e / e.sum()


def two_decimals(q, k, v, i):
    weights = softmax(k @ q[i] / np.sqrt(k.shape[-1])).round(2)
    return weights @ v, weights


def half_for_the_root(q, k, v, i):
    return word([np.dot(q[i], key) / len(key) ** 1 / 2 for key in k], v)


def root_cut(q, k, v, i):
    return word([np.dot(q[i], key) / int(np.sqrt(len(key))) for key in k], v)


def loop_over_queries(q, k, v, i):
    weights = softmax(np.array([np.dot(q[i], k[j]) for j in range(len(q))]) / np.sqrt(k.shape[-1]))
    return sum(weights[j] * v[j] for j in range(len(q))), weights


def over_the_queries(q, k, v, i):
    weights = softmax(q @ k.T / np.sqrt(k.shape[-1]), axis=0)[i]
    return weights @ v, weights


def a_row_of_queries(q, k, v, i):
    weights = softmax(q[i : i + 1] @ k.T / np.sqrt(k.shape[-1]))
    return weights @ v, weights


def summed_to_a_number(q, k, v, i):
    weights = softmax(k @ q[i] / np.sqrt(k.shape[-1]))
    return np.sum(weights[:, None] * v), weights


def summed_along_the_values(q, k, v, i):
    weights = softmax(k @ q[i] / np.sqrt(k.shape[-1]))
    return np.sum(weights[:, None] * v, axis=1), weights


MUTANTS = [
    (asks_the_values, "the query meets the values"),
    (asks_the_values_and_sums_the_keys, "changed places"),
    (clipped, "clipped scores"),
    (nan_to_zero, "NaN is then called 0"),
    (mean_subtracted, "another number than the largest"),
    (two_decimals, "rounded"),
    (half_for_the_root, "`** 1/2`"),
    (root_cut, "cut to a whole number"),
    (loop_over_queries, "as many keys as there are queries"),
    (over_the_queries, "runs over the queries"),
    (a_row_of_queries, "q[i : i + 1]"),
    (summed_to_a_number, "a single number"),
    (summed_along_the_values, "along each value"),
    (scores_beside_it, "where the weights belong"),
    (unscaled_and_scores_back, "where the weights belong"),
    (exponentials_beside_it, "these sum to one"),
    (return_in_the_loop, "inside the loop"),
    (without_the_last, "last word's share is left out"),
    (from_the_second, "first word's share is left out"),
    (sum_of_scores, "summed with scores"),
    (softmax_of_softmax, "taken twice"),
    (softmax_each, "a softmax to itself"),
    (next_word, "one word too late"),
    (root_twice, "by √K twice"),
    (both_in_one, "holds both"),
    (unscaled, "not divided by √K"),
    (over_k, "square root is missing"),
    (root_of_words, "number of words"),
    (root_of_queries, "number of words"),
    (root_of_values, "value's width"),
    (root_of_four, "fixed number"),
    (times_root, "multiplied by √K"),
    (root_after_softmax, "after the softmax"),
    (no_softmax, "raw scores"),
    (shares_without_exp, "divided by their sum"),
    (bare_exponentials, "do not sum to one"),
    (home_made_softmax, "exp overflows"),
    (others_only, "leaves itself out"),
    (self_at_zero, "leaves itself out"),
    (looking_back, "up to itself"),
    (key_asks, "word i's key"),
    (always_first, "i is ignored"),
    (counted_from_one, "one word too early"),
    (every_word, "attention of all words"),
    (cosines, "cosines"),
    (keys_summed, "keys are summed"),
    (mean_of_values, "mean of the weighted values"),
    (own_value, "own value alone"),
    (unsummed, "not summed"),
    (overwritten, "only the last word's share"),
    (best_value, "best word's value alone"),
    (weights_first, "swapped"),
    (vector_only, "only the vector"),
]
