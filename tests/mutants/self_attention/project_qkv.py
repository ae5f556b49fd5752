"""Wrong answers to project_qkv."""

import numpy as np
import tensorflow as tf
from keras import ops


def transposed_matrices(x, w_q, w_k, w_v):
    return np.dot(x, w_q.T), np.dot(x, w_k.T), np.dot(x, w_v.T)


def matrix_first(x, w_q, w_k, w_v):
    return tf.matmul(w_q, x), tf.matmul(w_k, x), tf.matmul(w_v, x)


def columns_as_words(x, w_q, w_k, w_v):
    x = np.transpose(x)
    return x @ w_q, x @ w_k, x @ w_v


def on_their_side(x, w_q, w_k, w_v):
    return w_q.T @ x.T, w_k.T @ x.T, w_v.T @ x.T


def entry_by_entry(x, w_q, w_k, w_v):
    return x * w_q, x * w_k, x * w_v


def key_of_query(x, w_q, w_k, w_v):
    q = x @ w_q
    k = q @ w_k
    v = x @ w_v
    return q, k, v


def one_name_for_all(x, w_q, w_k, w_v):
    results = []
    for w in (w_q, w_k, w_v):
        x = x @ w
        results.append(x)
    return tuple(results)


def one_matrix(x, w_q, w_k, w_v):
    q = k = v = x @ w_q
    return q, k, v


def key_with_query_matrix(x, w_q, w_k, w_v):
    return ops.matmul(x, w_q), ops.matmul(x, w_q), ops.matmul(x, w_v)


def values_from_key_matrix(x, w_q, w_k, w_v):
    return x.dot(w_q), x.dot(w_k), x.dot(w_k)


def values_unprojected(x, w_q, w_k, w_v):
    return x.dot(w_q), x.dot(w_k), x


def key_first(x, w_q, w_k, w_v):
    return np.einsum("td,dk->tk", x, w_k), np.einsum("td,dk->tk", x, w_q), np.einsum("td,dv->tv", x, w_v)


def value_second(x, w_q, w_k, w_v):
    return x @ w_q, x @ w_v, x @ w_k


def stacked(x, w_q, w_k, w_v):
    return np.array([x @ w_q, x @ w_k, x @ w_v])


def side_by_side(x, w_q, w_k, w_v):
    return x @ np.concatenate([w_q, w_k, w_v], axis=1)


def query_only(x, w_q, w_k, w_v):
    q = x @ w_q
    return q


def scaled_early(x, w_q, w_k, w_v):
    d_k = w_k.shape[-1]
    return x @ w_q / np.sqrt(d_k), x @ w_k, x @ w_v


def forgot_to_return(x, w_q, w_k, w_v):
    x @ w_q, x @ w_k, x @ w_v


def value_of_query(x, w_q, w_k, w_v):
    q = x @ w_q
    return q, x @ w_k, q @ w_v


def keys_on_their_side(x, w_q, w_k, w_v):
    return x @ w_q, np.transpose(x @ w_k), x @ w_v


def first_word(x, w_q, w_k, w_v):
    return tuple(np.dot(x[0], w) for w in (w_q, w_k, w_v))


def all_scaled(x, w_q, w_k, w_v):
    return tuple(x @ w / w.shape[1] ** 0.5 for w in (w_q, w_k, w_v))


def without_value(x, w_q, w_k, w_v):
    return x @ w_q, x @ w_k


def return_in_the_loop(x, w_q, w_k, w_v):
    q, k, v = [], [], []
    for word in x:
        q.append(word @ w_q)
        k.append(word @ w_k)
        v.append(word @ w_v)
        return np.array(q), np.array(k), np.array(v)


def overwritten_in_the_loop(x, w_q, w_k, w_v):
    for word in x:
        q, k, v = word @ w_q, word @ w_k, word @ w_v
    return q, k, v


def query_with_key_matrix(x, w_q, w_k, w_v):
    return x @ w_k, x @ w_k, x @ w_v


def query_twice(x, w_q, w_k, w_v):
    q, k = x @ w_q, x @ w_k
    return q, k, q


def query_last(x, w_q, w_k, w_v):
    return x @ w_k, x @ w_v, x @ w_q


def value_before_query(x, w_q, w_k, w_v):
    return x @ w_v, x @ w_q, x @ w_k


def attention_at_once(x, w_q, w_k, w_v):
    q, k, v = x @ w_q, x @ w_k, x @ w_v
    return ops.matmul(ops.softmax(q @ k.T / w_k.shape[1] ** 0.5), v)


MUTANTS = [
    (return_in_the_loop, "only the first word"),
    (overwritten_in_the_loop, "only the last word's"),
    (query_with_key_matrix, "query uses w_k"),
    (query_twice, "query came back as the value"),
    (query_last, "key, value, query"),
    (value_before_query, "value, query, key"),
    (attention_at_once, "attention already"),
    (value_of_query, "value is made from the query"),
    (keys_on_their_side, "keys stand on their side"),
    (first_word, "only the first word"),
    (all_scaled, "nothing is scaled yet"),
    (without_value, "without the value"),
    (transposed_matrices, "transposed"),
    (matrix_first, "wrong side"),
    (columns_as_words, "columns of x"),
    (on_their_side, "on their side"),
    (entry_by_entry, "entry by entry"),
    (key_of_query, "key is made from the query"),
    (one_name_for_all, "replaced on the way"),
    (one_matrix, "all three use w_q"),
    (key_with_query_matrix, "key uses w_q"),
    (values_from_key_matrix, "value uses w_k"),
    (values_unprojected, "w_v is missing"),
    (key_first, "query and key are swapped"),
    (value_second, "query, value, key"),
    (stacked, "three separate results"),
    (side_by_side, "three separate results"),
    (query_only, "only the query"),
    (scaled_early, "nothing is scaled yet"),
    (forgot_to_return, "`return` missing"),
]
