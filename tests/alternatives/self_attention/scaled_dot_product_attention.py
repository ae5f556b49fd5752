"""Unusual right answers to scaled_dot_product_attention."""

import numpy as np

from tests.alternatives.self_attention.shared import by_einsum, by_tensorflow


def by_numpy(q, k, v, mask=None):
    scores = np.matmul(q, np.swapaxes(k, -1, -2)) / np.sqrt(q.shape[-1])
    if mask is not None:
        mask = mask[:, None] if mask.ndim == 3 and scores.ndim == 4 else mask
        scores = np.where(mask, scores, -np.inf)
    top = np.max(scores, axis=-1, keepdims=True)
    e = np.exp(scores - np.where(np.isfinite(top), top, 0))
    weights = e / np.maximum(e.sum(axis=-1, keepdims=True), 1e-30)
    return weights @ v, weights


def by_loops(q, k, v, mask=None):
    if q.ndim > 2:
        masks = [None] * len(q)
        if mask is not None:
            masks = [mask] * len(q) if mask.ndim == 2 else np.broadcast_to(mask, (len(q), *mask.shape[1:]))
        results = []
        for a, b, c, m in zip(q, k, v, masks, strict=True):
            m = m[0] if m is not None and m.ndim == 3 and len(m) == 1 else m
            results.append(by_loops(a, b, c, m))
        return tuple(np.stack(r) for r in zip(*results, strict=True))
    open_to = np.ones((len(q), len(k)), bool) if mask is None else np.broadcast_to(mask, (len(q), len(k)))
    weights = np.zeros((len(q), len(k)))
    for t in range(len(q)):
        seen = np.flatnonzero(open_to[t])
        if len(seen):
            scores = np.array([np.dot(q[t], k[s]) for s in seen]) / np.sqrt(k.shape[1])
            e = np.exp(scores - scores.max())
            weights[t, seen] = e / e.sum()
    return weights @ v, weights


ALTERNATIVES = [by_numpy, by_tensorflow, by_einsum, by_loops]
