"""The exercise cosine_similarity: what must hold, and what each mistake looks like."""

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.inputs import normal


def cosine_similarity(a, b) -> np.ndarray:
    """How far two vectors point the same way, whatever their lengths: 1 the same, 0 at right angles, -1 opposite.

    Args:
        a: (..., D).
        b: (..., D).

    Returns:
        (...), between -1 and 1.
    """
    a, b = np.asarray(a), np.asarray(b)
    lengths = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    return np.sum(a * b, axis=-1) / lengths


def _every_pair(lengths_too):
    def wrong(a, b):
        if a.ndim < 2 or b.ndim < 2:
            return cosine_similarity(a, b)
        la, lb = np.linalg.norm(a, axis=-1), np.linalg.norm(b, axis=-1)
        return a @ np.swapaxes(b, -1, -2) / (la[..., :, None] * lb[..., None, :] if lengths_too else la * lb)

    return wrong


register(
    Exercise(
        name="cosine_similarity",
        notebook="01_why_attention",
        reference=cosine_similarity,
        properties=(
            Property(
                "of two vectors",
                2,
                lambda rng: [
                    case(np.array([3.0, 4.0]), np.array([4.0, 3.0])),
                    case(np.array([1.0, 0.0]), np.array([0.0, 2.0])),
                    case(np.array([1.0, 2.0, 2.0]), np.array([-2.0, -4.0, -4.0])),
                    case(normal(rng, 7), 5 * normal(rng, 7)),
                ],
            ),
            Property(
                "of many pairs at once: the last axis is the vector's",
                1,
                lambda rng: [
                    case(normal(rng, 3, 2), normal(rng, 3, 2)),
                    case(normal(rng, 4, 2, 5), normal(rng, 4, 2, 5)),
                ],
            ),
            Property(
                "one vector against many (it broadcasts)",
                1,
                lambda rng: [
                    case(normal(rng, 3), normal(rng, 2, 3)),
                    case(normal(rng, 2, 1, 4), normal(rng, 5, 4)),
                ],
            ),
        ),
        mistakes=(
            Mistake("this is the dot product: divide by both lengths", lambda a, b: np.sum(a * b, axis=-1)),
            Mistake(
                "only one of the two lengths is divided out",
                lambda a, b: np.sum(a * b, axis=-1) / np.linalg.norm(a, axis=-1),
            ),
            Mistake(
                "only one of the two lengths is divided out",
                lambda a, b: np.sum(a * b, axis=-1) / np.linalg.norm(b, axis=-1),
            ),
            Mistake(
                "divided by the squares of the lengths: a root is missing",
                lambda a, b: np.sum(a * b, axis=-1) / (np.sum(a * a, axis=-1) * np.sum(b * b, axis=-1)),
            ),
            Mistake(
                "the lengths must be multiplied, not added",
                lambda a, b: np.sum(a * b, axis=-1) / (np.linalg.norm(a, axis=-1) + np.linalg.norm(b, axis=-1)),
            ),
            Mistake(
                "this is the distance 1 - cosine; the similarity is asked for",
                lambda a, b: 1 - cosine_similarity(a, b),
            ),
            Mistake(
                "everything is taken as one long vector: give sum and norm axis=-1",
                lambda a, b: np.sum(a * b) / (np.linalg.norm(a) * np.linalg.norm(b)),
            ),
            Mistake(
                "the norms run over the whole array: give np.linalg.norm axis=-1",
                lambda a, b: np.sum(a * b, axis=-1) / (np.linalg.norm(a) * np.linalg.norm(b)),
            ),
            Mistake(
                "the sum runs along the first axis: axis=-1 is the vector's",
                lambda a, b: cosine_similarity(np.swapaxes(a, 0, -1), np.swapaxes(b, 0, -1)),
            ),
            Mistake(
                "every vector of a is compared with every one of b: row i belongs to row i alone", _every_pair(True)
            ),
            Mistake(
                "every vector of a is compared with every one of b: row i belongs to row i alone", _every_pair(False)
            ),
            Mistake(
                "the sign is lost: -1 is a possible answer, for opposite vectors",
                lambda a, b: np.abs(cosine_similarity(a, b)),
            ),
            Mistake(
                "this is the angle; its cosine is asked for",
                lambda a, b: np.arccos(np.clip(cosine_similarity(a, b), -1, 1)),
            ),
            Mistake("divided by the number of entries, not by the lengths", lambda a, b: np.mean(a * b, axis=-1)),
        ),
        hints=(
            "The dot product grows with the lengths of both vectors. Divide both lengths out.",
            "The dot product along the last axis is np.sum(a * b, axis=-1); it also broadcasts.",
            "The length of a vector is np.linalg.norm(a, axis=-1). There are two vectors, so two lengths.",
        ),
    )
)
