"""Wrong answers to shift_right."""

import numpy as np
import tensorflow as tf
from keras import ops


def kept_the_last(token_ids, start_id):
    return tf.pad(token_ids, [[0, 0], [1, 0]], constant_values=start_id)


def start_in_place(token_ids, start_id):
    ids = np.array(token_ids)
    ids[:, 0] = start_id
    return ids


def shifted_left(token_ids, start_id):
    return np.concatenate([token_ids[:, 1:], np.full((len(token_ids), 1), start_id)], axis=1)


def start_behind(token_ids, start_id):
    return np.append(token_ids[:, :-1], np.full((len(token_ids), 1), start_id), axis=1)


def rolled(token_ids, start_id):
    return tf.roll(token_ids, shift=1, axis=1)


def rolled_without_axis(token_ids, start_id):
    ids = np.roll(token_ids, 1)
    ids[0, 0] = start_id
    return ids


def sentences_shifted(token_ids, start_id):
    return np.vstack([np.full((1, token_ids.shape[1]), start_id), token_ids[:-1]])


def only_dropped(token_ids, start_id):
    return token_ids[:, 0:-1]


def start_is_one(token_ids, start_id):
    return ops.concatenate([ops.ones_like(token_ids[:, :1]), token_ids[:, :-1]], axis=1)


def padding_in_front(token_ids, start_id):
    return np.pad(token_ids, [(0, 0), (1, 0)])[:, :-1]


def in_place(token_ids, start_id):
    token_ids[:, 1:] = token_ids[:, :-1].copy()
    token_ids[:, 0] = start_id
    return token_ids


def with_floats(token_ids, start_id):
    return np.concatenate([np.ones((len(token_ids), 1)) * start_id, token_ids[:, :-1]], axis=1)


def cast_to_float(token_ids, start_id):
    ids = tf.cast(token_ids, "float32")
    return tf.concat([tf.fill((len(ids), 1), float(start_id)), ids[:, :-1]], axis=1)


def no_return(token_ids, start_id):
    np.concatenate([np.full((len(token_ids), 1), start_id), token_ids[:, :-1]], axis=1)


def rolled_as_one(token_ids, start_id):
    return np.roll(token_ids, 1)


def flat_insert(token_ids, start_id):
    return np.insert(token_ids, 0, start_id)[:-1]


def sentences_rolled(token_ids, start_id):
    ids = np.roll(token_ids, 1, axis=0)
    ids[:, 0] = start_id
    return ids


def rolled_back(token_ids, start_id):
    ids = np.roll(token_ids, -1, axis=1)
    ids[:, 0] = start_id
    return ids


def overwritten(token_ids, start_id):
    ids = np.array(token_ids)
    for t in range(1, ids.shape[1]):
        ids[:, t] = ids[:, t - 1]
    ids[:, 0] = start_id
    return ids


def one_start_for_all(token_ids, start_id):
    return np.concatenate([[[start_id]], token_ids[:, :-1]], axis=1)


def one_start_for_all_by_tensorflow(token_ids, start_id):
    return tf.concat([[[start_id]], token_ids[:, :-1]], axis=1)


def last_word_dropped(token_ids, start_id):
    rows = []
    for row in token_ids:
        words = [int(i) for i in row if i]
        rows.append([start_id, *words[:-1]] + [0] * (len(row) - len(words)))
    return np.array(rows)


def two_dropped(token_ids, start_id):
    return np.pad(token_ids[:, :-2], [(0, 0), (1, 0)], constant_values=start_id)


def two_starts(token_ids, start_id):
    return np.pad(token_ids[:, :-1], [(0, 0), (2, 0)], constant_values=start_id)


def start_is_two(token_ids, start_id):
    return np.pad(token_ids[:, :-1], [(0, 0), (1, 0)], constant_values=2)


def in_bytes(token_ids, start_id):
    return np.pad(token_ids[:, :-1], [(0, 0), (1, 0)], constant_values=start_id).astype("uint8")


def words_closed_up(token_ids, start_id):
    rows = [[start_id] + [int(i) for i in row if i] + [0] * len(row) for row in token_ids]
    return np.array([row[: token_ids.shape[1]] for row in rows])


def last_column_forgotten(token_ids, start_id):
    ids = np.zeros_like(token_ids)
    ids[:, 0] = start_id
    for t in range(1, token_ids.shape[1] - 1):
        ids[:, t] = token_ids[:, t - 1]
    return ids


def first_sentence_started(token_ids, start_id):
    ids = np.roll(token_ids, 1, axis=1)
    ids[0, 0] = start_id
    return ids


def not_where_it_starts(token_ids, start_id):
    if (token_ids[:, 0] == start_id).all():
        return token_ids
    return np.pad(token_ids[:, :-1], [(0, 0), (1, 0)], constant_values=start_id)


def in_halves(token_ids, start_id):
    return ops.cast(np.pad(token_ids[:, :-1], [(0, 0), (1, 0)], constant_values=start_id), "float16")


MUTANTS = [
    (words_closed_up, "the words close up"),
    (last_column_forgotten, "last column stays empty"),
    (first_sentence_started, "only the first sentence"),
    (not_where_it_starts, "every target is shifted"),
    (in_halves, "have become floats"),
    (rolled_as_one, "rolled as one long row"),
    (flat_insert, "one long row came back"),
    (sentences_rolled, "sentences are rolled"),
    (rolled_back, "shifted to the left, and"),
    (overwritten, "the first word stands everywhere"),
    (one_start_for_all, "one start for the whole batch"),
    (one_start_for_all_by_tensorflow, "one start for the whole batch"),
    (last_word_dropped, "last column that goes"),
    (two_dropped, "two words are dropped"),
    (two_starts, "two starts"),
    (start_is_two, "fixed at 2"),
    (in_bytes, "so few bits"),
    (kept_the_last, "has grown by one"),
    (start_in_place, "replaced the first word"),
    (shifted_left, "shifted to the left"),
    (start_behind, "start stands at the end"),
    (rolled, "come round to the front"),
    (rolled_without_axis, "one long row"),
    (sentences_shifted, "sentences are shifted"),
    (only_dropped, "no start is put in front"),
    (start_is_one, "fixed at 1"),
    (padding_in_front, "filled with padding"),
    (in_place, "changes the array"),
    (with_floats, "have become floats"),
    (cast_to_float, "have become floats"),
    (no_return, "`return` missing"),
]
