"""Unusual right answers to map_weights."""

import numpy as np
import tensorflow as tf

from utils.pretrained.checkpoint import RENAMED


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


ALTERNATIVES = [map_by_trying_every_row, map_by_rank]
