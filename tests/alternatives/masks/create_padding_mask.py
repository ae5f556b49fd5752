"""Unusual right answers to create_padding_mask."""

import numpy as np
import tensorflow as tf
from keras import ops


def padding_by_numpy(token_ids, pad_id=0):
    return (np.asarray(token_ids) != pad_id)[:, np.newaxis, np.newaxis, :]


def padding_by_tensorflow(ids, pad_id=0):
    return tf.logical_not(tf.equal(ids, pad_id))[:, tf.newaxis, tf.newaxis, :]


def padding_by_reshape(token_ids, pad_id=0):
    B, S = token_ids.shape
    return ops.reshape(ops.cast(token_ids - pad_id, "bool"), (B, 1, 1, S))


def padding_by_loops(token_ids, pad_id=0):
    mask = np.zeros((len(token_ids), 1, 1, len(token_ids[0])), dtype=bool)
    for b, sentence in enumerate(token_ids):
        for s, token in enumerate(sentence):
            mask[b, 0, 0, s] = token != pad_id
    return mask


def padding_by_one_hot(token_ids, pad_id=0):
    return ops.one_hot(token_ids, 64)[:, None, None, :, pad_id] == 0


def padding_stacked(token_ids, pad_id=0):
    return ops.stack([[[ops.not_equal(row, pad_id)]] for row in token_ids])


ALTERNATIVES = [
    padding_by_one_hot,
    padding_stacked,
    padding_by_numpy,
    padding_by_tensorflow,
    padding_by_reshape,
    padding_by_loops,
]
