"""Unusual right answers to beam_search."""

import functools
import math

import numpy as np
import tensorflow as tf
from keras import ops


def beam_by_lists(model, source_ids, max_length, start_id, end_id, beam_width=4, length_penalty=0.6, wait=False):
    one = functools.partial(_beam_of_one, wait=wait)
    best = [one(model, row, max_length, start_id, end_id, beam_width, length_penalty) for row in source_ids]
    longest = max(len(sentence) for _, sentence in best)
    ids = [list(sentence) + [model.pad_id] * (longest - len(sentence)) for _, sentence in best]
    return np.array(ids, "int32").reshape(len(best), longest), [score for score, _ in best]


def _beam_of_one(model, source, max_length, start_id, end_id, k, alpha, wait=False):
    """Keeps the k best finished, and stops when not even the worst of those can be beaten; with `wait` at the end."""
    beams, finished = [(0.0, (start_id,))], []
    for length in range(1, max_length + 1):
        prefixes = np.array([ids for _, ids in beams], "int32")
        logits = np.asarray(model((np.tile(source, (len(beams), 1)), prefixes))[:, -1], "float64")
        log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
        grown = [(p + q, (*ids, w)) for (p, ids), row in zip(beams, log_p, strict=True) for w, q in enumerate(row)]
        grown = sorted(grown, reverse=True)[: 2 * k]
        finished += [(p / ((4 + len(ids)) / 6) ** alpha, ids[1:-1]) for p, ids in grown[:k] if ids[-1] == end_id]
        finished = sorted(finished, reverse=True)[:k]
        beams = [beam for beam in grown if beam[1][-1] != end_id][:k]
        lengths = range(length + 1, max_length + 1)
        hope = max((beams[0][0] / ((5 + n) / 6) ** alpha for n in lengths), default=-math.inf)
        if not wait and len(finished) == k and hope <= finished[-1][0]:
            break
    if finished:
        return finished[0]
    p, ids = beams[0]
    return p / math.pow((5 + max_length) / 6, alpha), ids[1:]


def beam_that_never_stops_early(model, source_ids, max_length, start_id, end_id, beam_width=4, length_penalty=0.6):
    return beam_by_lists(model, source_ids, max_length, start_id, end_id, beam_width, length_penalty, wait=True)


def beam_by_position(model, source_ids, max_length, start_id, end_id, width=4, alpha=None, **named):
    k, a = named.get("beam_width", width), named.get("length_penalty", alpha)
    ids, scores = beam_by_lists(model, source_ids, max_length, start_id, end_id, k, 0.6 if a is None else a)
    return tf.constant(ids), tf.constant(scores, tf.float64)


def beam_of_tensors(model, source_ids, max_length, start_id, end_id, beam_width=4, length_penalty=0.6):
    ids, scores = beam_by_lists(model, source_ids, max_length, start_id, end_id, beam_width, length_penalty)
    return ops.convert_to_tensor(ids), np.array(scores, "float32")


ALTERNATIVES = [beam_by_lists, beam_that_never_stops_early, beam_by_position, beam_of_tensors]
