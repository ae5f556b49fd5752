"""Unusual right answers to lesson 09."""

import contextlib
import math

import numpy as np
import tensorflow as tf
from keras import ops

from utils.decoding import cached_decoder_step as library_step
from utils.decoding import cached_layer_step, find_attention, start_cache
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


def step_by_tensorflow(model, token, position, cache):
    decoder, places = model.decoder, tf.range(cache["said"].shape[-1])
    known = tf.reshape(token != model.pad_id, (-1, 1, 1, 1))
    said = tf.where(places == position, known, cache["said"])
    x = decoder.embedding(token)[:, None] * decoder.embedding_dim**0.5
    x += cache["positions"][:, position : position + 1]
    new = []
    for n, layer in enumerate(decoder.decoder_layers):
        x, pair = cached_layer_step(layer, x, position, cache["self"][n], said, cache["cross"][n], cache["source"])
        new.append(pair)
    if decoder.final_norm is not None:
        x = decoder.final_norm(x)
    return tf.squeeze(model.output_layer(x), axis=1), dict(cache, self=new, said=said)


def step_by_scores_on_all(model, token, position, cache):
    logits, new = library_step(model, token, position, cache)
    shift = tf.reduce_logsumexp(logits, axis=-1, keepdims=True)
    return (logits - shift) + shift, new


def beam_by_lists(model, source_ids, max_length, start_id, end_id, beam_width=4, length_penalty=0.6):
    best = [_beam_of_one(model, row, max_length, start_id, end_id, beam_width, length_penalty) for row in source_ids]
    longest = max(len(sentence) for _, sentence in best)
    ids = [list(sentence) + [model.pad_id] * (longest - len(sentence)) for _, sentence in best]
    return np.array(ids, "int32").reshape(len(best), longest), [score for score, _ in best]


def _beam_of_one(model, source, max_length, start_id, end_id, k, alpha):
    beams, finished = [(0.0, (start_id,))], []
    for _ in range(max_length):
        prefixes = np.array([ids for _, ids in beams], "int32")
        logits = np.asarray(model((np.tile(source, (len(beams), 1)), prefixes))[:, -1], "float64")
        log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
        grown = [(p + q, (*ids, w)) for (p, ids), row in zip(beams, log_p, strict=True) for w, q in enumerate(row)]
        grown = sorted(grown, reverse=True)[: 2 * k]
        for p, ids in grown[:k]:
            if ids[-1] == end_id and len(finished) < k:
                finished.append((p / ((4 + len(ids)) / 6) ** alpha, ids[1:-1]))
        beams = [beam for beam in grown if beam[1][-1] != end_id][:k]
        if len(finished) == k:
            break
    if finished:
        return max(finished)
    p, ids = beams[0]
    return p / math.pow((5 + max_length) / 6, alpha), ids[1:]


def beam_by_position(model, source_ids, max_length, start_id, end_id, width=None, alpha=None, **named):
    k, a = named.get("beam_width", width), named.get("length_penalty", alpha)
    ids, scores = beam_by_lists(model, source_ids, max_length, start_id, end_id, k, 0.6 if a is None else a)
    return tf.constant(ids), tf.constant(scores, tf.float64)


def beam_of_tensors(model, source_ids, max_length, start_id, end_id, beam_width=4, length_penalty=0.6):
    ids, scores = beam_by_lists(model, source_ids, max_length, start_id, end_id, beam_width, length_penalty)
    return ops.convert_to_tensor(ids), np.array(scores, "float32")


class AblateByClass:
    """A context manager written as a class."""

    def __init__(self, model, key, head):
        self.kernel, self.head = find_attention(model, key).output_weights[0], head

    def __enter__(self):
        self.before = tf.identity(self.kernel)
        heads = tf.range(self.kernel.shape[0])[:, None, None]
        self.kernel.assign(tf.where(heads == self.head, 0.0, self.before))

    def __exit__(self, *error):
        self.kernel.assign(self.before)


@contextlib.contextmanager
def ablate_by_values(model, key, head):
    """A head says nothing, too, where its values are zero, bias and all."""
    attention = find_attention(model, key)
    kernel, bias = attention.value_weights
    before = kernel.numpy(), bias.numpy()
    kernel.assign(before[0] * (np.arange(kernel.shape[1]) != head)[None, :, None])
    bias.assign(before[1] * (np.arange(bias.shape[0]) != head)[:, None])
    try:
        yield
    finally:
        kernel.assign(before[0])
        bias.assign(before[1])


ALTERNATIVES = {
    "greedy_decode": [greedy_one_by_one, greedy_by_tensorflow, greedy_with_memory],
    "cached_decoder_step": [step_by_tensorflow, step_by_scores_on_all],
    "beam_search": [beam_by_lists, beam_by_position, beam_of_tensors],
    "ablate_head": [AblateByClass, ablate_by_values],
}
