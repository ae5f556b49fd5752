"""Unusual right answers to greedy_decode."""

import numpy as np
import tensorflow as tf
from keras import ops

from utils.decoding import cached_decoder_step as library_step
from utils.decoding import start_cache
from utils.layers import create_padding_mask


def greedy_one_by_one(model, source_ids, max_length, start_id, end_id, use_cache=True):
    sentences = []
    for source in source_ids:
        source, said = source[None], [start_id]
        while len(said) <= max_length and said[-1] != end_id:
            logits = model((source, np.array([said], "int32")), training=False)
            said.append(int(np.argmax(logits[0, -1])))
        sentences.append([token for token in said[1:] if token != end_id])
    longest = max(map(len, sentences))
    return np.array([sentence + [model.pad_id] * (longest - len(sentence)) for sentence in sentences], "int32")


def greedy_by_tensorflow(model, source_ids, max_length, start_id, end_id, use_cache=False):
    mask = create_padding_mask(source_ids, model.pad_id)
    encoded = model.encoder(source_ids, attention_mask=mask)
    ids = tf.fill((len(source_ids), 1), start_id)
    for _ in range(max_length):
        decoded = model.decoder(ids, encoded, cross_attention_mask=mask)
        word = tf.argmax(model.output_layer(decoded)[:, -1], axis=-1, output_type=tf.int32)
        ids = tf.concat([ids, word[:, None]], axis=1)
    ended = tf.cumsum(tf.cast(ids[:, 1:] == end_id, tf.int32), axis=1) > 0
    return tf.where(ended, model.pad_id, ids[:, 1:])


def greedy_with_memory(model, source_ids, max_length, start_id, end_id, use_cache=True):
    cache, token = start_cache(model, source_ids, max_length), np.full(len(source_ids), start_id, "int32")
    ended, said = np.zeros(len(source_ids), bool), []
    for position in range(max_length):
        logits, cache = library_step(model, token, position, cache)
        token = np.asarray(ops.argmax(logits, axis=-1), "int32")
        ended |= token == end_id
        said.append(np.where(ended, model.pad_id, token))
    return np.stack(said, axis=1)


ALTERNATIVES = [greedy_one_by_one, greedy_by_tensorflow, greedy_with_memory]
