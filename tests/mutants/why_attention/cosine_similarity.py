"""Wrong answers to cosine_similarity."""

import numpy as np


def dot(a, b):
    return np.einsum("...d,...d->...", a, b)


def one_length(a, b):
    return dot(a, b) / np.sqrt(np.sum(np.square(a), axis=-1))


def no_root(a, b):
    return dot(a, b) / (dot(a, a) * dot(b, b))


def lengths_added(a, b):
    return dot(a, b) / (np.sqrt(dot(a, a)) + np.sqrt(dot(b, b)))


def distance(a, b):
    return 1 - dot(a, b) / np.sqrt(dot(a, a) * dot(b, b))


def one_long_vector(a, b):
    return np.vdot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b))


def norms_of_everything(a, b):
    return (a * b).sum(-1) / np.linalg.norm(a) / np.linalg.norm(b)


def absolute(a, b):
    return abs(dot(a, b)) / np.sqrt(dot(a, a) * dot(b, b))


def angle(a, b):
    return np.arccos(np.clip(dot(a, b) / np.sqrt(dot(a, a) * dot(b, b)), -1, 1))


def average(a, b):
    return (np.asarray(a) * b).mean(-1)


def all_pairs(a, b):
    if np.ndim(a) == 1:
        return dot(a, b) / np.sqrt(dot(a, a) * dot(b, b))
    unit = lambda x: x / np.linalg.norm(x, axis=-1, keepdims=True)  # noqa: E731
    return np.matmul(unit(a), np.moveaxis(unit(b), -1, -2))


def all_pairs_divided_by_columns(a, b):
    return np.dot(a, b.T) / (np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1))


MUTANTS = [
    (dot, "dot product: divide"),
    (one_length, "only one of the two lengths"),
    (no_root, "a root is missing"),
    (lengths_added, "multiplied, not added"),
    (distance, "1 - cosine"),
    (one_long_vector, "one long vector"),
    (norms_of_everything, "norms run over the whole array"),
    (absolute, "sign is lost"),
    (angle, "angle"),
    (average, "number of entries"),
    (all_pairs, "every vector of a"),
    (all_pairs_divided_by_columns, "every vector of a"),
]
