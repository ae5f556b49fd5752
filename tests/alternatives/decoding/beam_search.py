"""Unusual right answers to beam_search."""

import functools
import math

import numpy as np
import tensorflow as tf
from keras import ops

from utils.decoding import best_continuations, penalty, start_beams


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


def beam_of_a_billion(model, source_ids, max_length, start_id, end_id, beam_width=4, length_penalty=0.6):
    """The last of the copies counts, the others are unlikely rather than impossible; what has ended sinks likewise."""
    B, k = len(source_ids), beam_width
    row, likeliest_words = np.arange(B)[:, None], start_beams(model, source_ids, max_length, k)
    ids, parents = np.full((B, k, 1), start_id), np.zeros((B, k), int)
    log_p = np.where(np.arange(k) == k - 1, 0.0, -1e9) * np.ones((B, 1))
    best = [(-1e12, ids[b, 0, 1:]) for b in range(B)]
    for length in range(1, max_length + 1):
        parents, words, log_p = best_continuations(log_p, *likeliest_words(ids[..., -1], parents))
        ids = np.concatenate([ids[row, parents], words[..., None]], axis=-1)
        for b in range(B):
            for i in range(k):
                if words[b, i] == end_id and log_p[b, i] > -1e8:
                    best[b] = max(best[b], (log_p[b, i] / penalty(length, length_penalty), ids[b, i, 1:-1]), key=_score)
        log_p = np.where(words == end_id, log_p - 1e10, log_p)
        order = np.argsort(-log_p, axis=1, kind="stable")[:, :k]
        ids, parents, log_p = ids[row, order], parents[row, order], log_p[row, order]
    for b in range(B):
        if best[b][0] < -1e11:
            best[b] = log_p[b, 0] / penalty(max_length, length_penalty), ids[b, 0, 1:]
    out = np.full((B, max_length), model.pad_id, "int64")
    for b in range(B):
        out[b, : len(best[b][1])] = best[b][1]
    return [out, [score for score, _ in best]]


def _score(pair):
    return pair[0]


ALTERNATIVES = [beam_of_a_billion, beam_by_lists, beam_that_never_stops_early, beam_by_position, beam_of_tensors]
