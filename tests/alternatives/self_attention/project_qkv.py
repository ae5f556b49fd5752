"""Unusual right answers to project_qkv."""

import numpy as np
import tensorflow as tf
from keras import ops


def project_by_einsum(x, w_q, w_k, w_v):
    return [np.einsum("td,dk->tk", x, w) for w in (w_q, w_k, w_v)]


def project_by_tensorflow(x, w_q, w_k, w_v):
    return tuple(tf.linalg.matmul(x, w) for w in (w_q, w_k, w_v))


def project_at_once(x, w_q, w_k, w_v):
    K = w_q.shape[1]
    everything = ops.matmul(x, ops.concatenate([w_q, w_k, w_v], axis=1))
    return everything[:, :K], everything[:, K : 2 * K], everything[:, 2 * K :]


def project_by_loops(x, w_q, w_k, w_v):
    def times(w):
        return np.array([sum(a * row for a, row in zip(word, w, strict=True)) for word in x])

    return times(w_q), times(w_k), times(w_v)


ALTERNATIVES = [project_by_einsum, project_by_tensorflow, project_at_once, project_by_loops]
