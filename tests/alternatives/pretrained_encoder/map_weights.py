"""Unusual right answers to map_weights."""

import numpy as np
import tensorflow as tf

from utils.pretrained.checkpoint import RENAMED, our_path


def bare(name):
    for prefix in ("bert.", "distilbert."):
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name


def map_by_trying_every_row(checkpoint):
    mapped = {}
    for pattern, path in RENAMED.items():
        for name, array in checkpoint.items():
            for n in range(100):
                if bare(name) == pattern.format(n=n):
                    turned = np.array(array).transpose() if "kernel" in path else array
                    mapped[path.format(n=n)] = turned
    return mapped


def map_by_rank(checkpoint):
    def parts(name):
        words = bare(name).split(".")
        numbers = [w for w in words if w.isdigit()]
        return RENAMED.get(".".join("{n}" if w.isdigit() else w for w in words)), "".join(numbers)

    found = {name: parts(name) for name in checkpoint}
    return {
        path.replace("{n}", n): tf.transpose(checkpoint[name]).numpy()
        if checkpoint[name].ndim == 2 and "embeddings" not in name
        else checkpoint[name]
        for name, (path, n) in found.items()
        if path
    }


def map_number_by_number(checkpoint):
    def turned(matrix):
        other = np.empty(matrix.shape[::-1], matrix.dtype)
        for i, j in np.ndindex(*matrix.shape):
            other[j, i] = matrix[i, j]
        return other

    return {
        our_path(n): turned(a) if a.ndim == 2 and "embeddings" not in n else a
        for n, a in checkpoint.items()
        if our_path(n) is not None
    }


def map_recursively(checkpoint):
    if not checkpoint:
        return {}
    (name, array), *rest = checkpoint.items()
    path = our_path(name)
    own = {} if path is None else {path: np.stack(list(array), axis=1) if path.endswith("kernel") else array}
    return {**own, **map_recursively(dict(rest))}


def map_backwards_in_double(checkpoint):
    ours = {}
    for name in sorted(checkpoint, reverse=True):
        if (path := our_path(name)) is not None:
            array = np.asarray(checkpoint[name], "float64")
            ours |= {path: np.einsum("oi->io", array).copy() if path.endswith("kernel") else array}
    return ours


ALTERNATIVES = [map_number_by_number, map_recursively, map_backwards_in_double]
ALTERNATIVES += [map_by_trying_every_row, map_by_rank]
