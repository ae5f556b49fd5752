"""Wrong answers to attention_pool."""

import numpy as np

from utils.checks.why_attention.softmax import softmax


def shares(scores):
    e = np.exp(scores - scores.max())
    return e / e.sum()


def pool(weights, values):
    return np.sum(weights[:, None] * values, axis=0), weights


def raw_scores(query, keys, values, temperature=1.0):
    return pool(keys.dot(query) / temperature, values)


def temperature_forgotten(query, keys, values, temperature=1.0):
    return pool(shares(keys.dot(query)), values)


def temperature_multiplied(query, keys, values, temperature=1.0):
    return pool(shares(keys.dot(query) * temperature), values)


def temperature_outside(query, keys, values, temperature=1.0):
    return pool(shares(keys.dot(query)) / temperature, values)


def cosines(query, keys, values, temperature=1.0):
    similarity = keys @ query / np.linalg.norm(keys, axis=1) / np.linalg.norm(query)
    return pool(shares(similarity / temperature), values)


def hard(query, keys, values, temperature=1.0):
    weights = np.zeros(len(keys))
    weights[(keys @ query).argmax()] = 1
    return values[(keys @ query).argmax()], weights


def uniform(query, keys, values, temperature=1.0):
    return values.mean(axis=0), np.full(len(keys), 1 / len(keys))


def root_of_width(query, keys, values, temperature=1.0):
    return pool(shares(keys @ query / (temperature * np.sqrt(query.size))), values)


def swapped(query, keys, values, temperature=1.0):
    return pool(shares(keys @ query / temperature), values)[::-1]


def mean_not_sum(query, keys, values, temperature=1.0):
    weights = shares(keys @ query / temperature)
    return np.mean(weights[:, None] * values, axis=0), weights


def keys_pooled(query, keys, values, temperature=1.0):
    return pool(shares(keys @ query / temperature), keys)


def one_result(query, keys, values, temperature=1.0):
    return shares(keys @ query / temperature) @ values


def unstable(query, keys, values, temperature=1.0):
    e = np.exp((keys @ query) / temperature)
    return pool(e / e.sum(), values)


def temperature_fixed(query, keys, values, temperature=1.0):
    return pool(shares(keys @ query / 1.0), values)


def weights_as_column(query, keys, values, temperature=1.0):
    weights = shares(keys @ query[:, None] / temperature)
    return (weights * values).sum(0), weights


def right(query, keys, temperature):
    return shares(keys @ query / temperature)


def scores_beside_it(query, keys, values, temperature=1.0):
    scores = keys @ query / temperature
    return shares(scores) @ values, scores


def scores_beside_it_undivided(query, keys, values, temperature=1.0):
    scores = keys @ query
    return shares(scores / temperature) @ values, scores


def values_weighted_by_scores(query, keys, values, temperature=1.0):
    scores = keys @ query / temperature
    return scores @ values, shares(scores)


def weights_alone(query, keys, values, temperature=1.0):
    return right(query, keys, temperature)


def three_results(query, keys, values, temperature=1.0):
    weights = right(query, keys, temperature)
    return weights @ values, weights, weights.sum()


def pooled_twice(query, keys, values, temperature=1.0):
    pooled = right(query, keys, temperature) @ values
    return pooled, pooled


def index_beside_it(query, keys, values, temperature=1.0):
    weights = right(query, keys, temperature)
    return weights @ values, weights.argmax()


def best_value(query, keys, values, temperature=1.0):
    weights = right(query, keys, temperature)
    return values[weights.argmax()], weights


def not_summed(query, keys, values, temperature=1.0):
    weights = right(query, keys, temperature)
    return weights.reshape(-1, 1) * values, weights


def summed_over_columns(query, keys, values, temperature=1.0):
    weights = right(query, keys, temperature)
    return np.sum(weights.reshape(-1, 1) * values, axis=-1), weights


def summed_to_one_number(query, keys, values, temperature=1.0):
    weights = right(query, keys, temperature)
    return np.sum(weights.reshape(-1, 1) * values), weights


def values_first(query, keys, values, temperature=1.0):
    weights = right(query, keys, temperature)
    return values @ weights, weights


def weights_along_columns(query, keys, values, temperature=1.0):
    weights = right(query, keys, temperature)
    return (weights * values).sum(axis=0), weights


def query_first(query, keys, values, temperature=1.0):
    return pool(shares(query @ keys / temperature), values)


def products_not_summed(query, keys, values, temperature=1.0):
    weights = softmax(query * keys / temperature)
    return weights @ values, weights


def mean_of_products(query, keys, values, temperature=1.0):
    return pool(shares((keys * query).mean(axis=1) / temperature), values)


def compared_with_values(query, keys, values, temperature=1.0):
    return pool(shares(values @ query / temperature), values)


def values_before_keys(query, values, keys, temperature=1.0):
    return pool(right(query, keys, temperature), values)


def distances(query, keys, values, temperature=1.0):
    return pool(shares(-np.linalg.norm(keys - query, axis=1) / temperature), values)


def one_softmax_a_score(query, keys, values, temperature=1.0):
    return pool(np.array([softmax(key @ query / temperature) for key in keys]), values)


def divided_by_the_sum(query, keys, values, temperature=1.0):
    scores = keys @ query / temperature
    return pool(scores / scores.sum(), values)


def not_divided(query, keys, values, temperature=1.0):
    return pool(np.exp(keys @ query / temperature), values)


def sigmoid(query, keys, values, temperature=1.0):
    return pool(1 / (1 + np.exp(-keys @ query / temperature)), values)


def twice(query, keys, values, temperature=1.0):
    return pool(shares(right(query, keys, temperature)), values)


def pooled_over_temperature(query, keys, values, temperature=1.0):
    weights = right(query, keys, temperature)
    return weights @ values / temperature, weights


def temperature_before_the_sum(query, keys, values, temperature=1.0):
    e = np.exp(keys @ query) / temperature
    return pool(e / e.sum(), values)


def lowest_temperature(query, keys, values, temperature=1.0):
    return pool(right(query, keys, max(temperature, 1e-3)), values)


def never_below_one(query, keys, values, temperature=1.0):
    return pool(right(query, keys, max(temperature, 1)), values)


def never_above_one(query, keys, values, temperature=1.0):
    return pool(right(query, keys, np.clip(temperature, 0, 1)), values)


def rounded(query, keys, values, temperature=1.0):
    weights = right(query, keys, temperature)
    return weights @ values, np.round(weights, 4)


def unstable_in_long_double(query, keys, values, temperature=1.0):
    e = np.exp(np.asarray(keys @ query / temperature, "longdouble"))
    return pool(e / e.sum(), values)


def clipped(query, keys, values, temperature=1.0):
    return pool(shares(np.clip(keys @ query / temperature, -50, 50)), values)


def hard_where_cold(query, keys, values, temperature=1.0):
    if temperature < 0.01:
        return pool(np.eye(len(keys))[np.argmax(keys @ query)], values)
    return pool(right(query, keys, temperature), values)


def both_divided(query, keys, values, temperature=1.0):
    return pool(shares((keys / temperature) @ (query / temperature)), values)


def root_of_temperature(query, keys, values, temperature=1.0):
    return pool(right(query, keys, temperature**0.5), values)


def temperature_with_a_little_added(query, keys, values, temperature=1.0):
    return pool(right(query, keys, temperature + 1e-6), values)


def power_of_the_weights(query, keys, values, temperature=1.0):
    return pool(shares(keys @ query) ** (1 / temperature), values)


def other_default(query, keys, values, temperature=0.1):
    return pool(right(query, keys, temperature), values)


MUTANTS = [
    (scores_beside_it, "scores came back beside"),
    (scores_beside_it_undivided, "scores came back beside"),
    (values_weighted_by_scores, "weighted by the scores"),
    (weights_alone, "only the weights"),
    (three_results, "more than two results"),
    (pooled_twice, "came back twice"),
    (index_beside_it, "number of the best entry"),
    (best_value, "best entry alone"),
    (not_summed, "are not summed"),
    (summed_over_columns, "along the wrong axis"),
    (summed_to_one_number, "one number"),
    (values_first, "not to a column"),
    (weights_along_columns, "belongs to a row"),
    (query_first, "down the columns"),
    (products_not_summed, "not summed"),
    (mean_of_products, "divided by D"),
    (compared_with_values, "compare the query with the values"),
    (values_before_keys, "changed places"),
    (distances, "distances"),
    (one_softmax_a_score, "every weight is 1"),
    (divided_by_the_sum, "shares of the scores themselves"),
    (not_divided, "divided by their sum"),
    (sigmoid, "sigmoid"),
    (twice, "taken twice"),
    (pooled_over_temperature, "only the scores are"),
    (temperature_before_the_sum, "temperature changes nothing"),
    (lowest_temperature, "raised to 0.001"),
    (never_below_one, "raised to 1:"),
    (never_above_one, "lowered to 1:"),
    (rounded, "rounded"),
    (raw_scores, "softmax is missing"),
    (temperature_forgotten, "temperature changes nothing"),
    (temperature_multiplied, "multiplied by the temperature"),
    (temperature_outside, "inside the softmax"),
    (cosines, "cosines, not dot products"),
    (hard, "all or nothing"),
    (uniform, "counts the same"),
    (root_of_width, "scaled by √D"),
    (swapped, "swapped"),
    (mean_not_sum, "not their sum"),
    (keys_pooled, "keys are pooled"),
    (one_result, "only the pooled value"),
    (unstable, "exp overflows"),
    (temperature_fixed, "temperature changes nothing"),
    (weights_as_column, "expected (2,)"),
    (unstable_in_long_double, "NaN"),
    (clipped, "clipped"),
    (hard_where_cold, "however low, take the softmax"),
    (both_divided, "temperature's square"),
    (root_of_temperature, "temperature's root"),
    (temperature_with_a_little_added, "added to the temperature"),
    (power_of_the_weights, "inside the softmax"),
    (other_default, "1.0 is its default"),
]
