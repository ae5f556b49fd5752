"""The exercise cosine_similarity: what must hold, and what each mistake looks like."""

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.inputs import normal
from utils.checks.why_attention.softmax import alone


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


def _length(x, axis=-1, keepdims=False):
    return np.linalg.norm(x, axis=axis, keepdims=keepdims)


def _dot(a, b, axis=-1, keepdims=False):
    return np.sum(a * b, axis=axis, keepdims=keepdims)


def _divided(lengths, dot=_dot):
    """Another dot product divided by something else than the lengths."""
    return lambda a, b: dot(a, b) / lengths(a, b)


def _lengths(a, b):
    return _length(a) * _length(b)


def _sine(a, b):
    return np.sqrt(np.maximum(1 - cosine_similarity(a, b) ** 2, 0))


def _rounded(digits):
    return lambda a, b: np.round(cosine_similarity(a, b), digits)


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
                    case(np.array([0.03, 0.04]), np.array([0.04, 0.03])),
                    case(normal(rng, 7) / 4, 4 * normal(rng, 7)),
                    case(4 * normal(rng, 4), normal(rng, 4) / 4),
                ],
                tolerance=1e-5,
                read=alone,
            ),
            Property(
                "of many pairs at once: the last axis is the vector's",
                1,
                lambda rng: [
                    case(normal(rng, 3, 2), normal(rng, 3, 2)),
                    case(normal(rng, 3, 3), normal(rng, 3, 3)),
                    case(normal(rng, 4, 2, 5), normal(rng, 4, 2, 5)),
                ],
                tolerance=1e-5,
                read=alone,
            ),
            Property(
                "one vector against many (it broadcasts)",
                1,
                lambda rng: [
                    case(normal(rng, 3), normal(rng, 2, 3)),
                    case(normal(rng, 2, 1, 4), normal(rng, 5, 4)),
                ],
                tolerance=1e-5,
                read=alone,
            ),
        ),
        mistakes=(
            Mistake(
                "the result came back inside a tuple or a list (a comma after it?): return it alone",
                lambda a, b: (cosine_similarity(a, b),),
            ),
            Mistake("this is the dot product: divide by both lengths", _dot),
            *(
                Mistake("only one of the two lengths is divided out", wrong)
                for wrong in (_divided(lambda a, b: _length(a)), _divided(lambda a, b: _length(b)))
            ),
            *(
                Mistake("divided by one length, multiplied by the other: put the two lengths in brackets", wrong)
                for wrong in (
                    lambda a, b: _dot(a, b) / _length(a) * _length(b),
                    lambda a, b: _dot(a, b) / _length(b) * _length(a),
                )
            ),
            Mistake("multiplied by the lengths: divide by both", lambda a, b: _dot(a, b) * _lengths(a, b)),
            *(
                Mistake("the length of one vector is divided out twice, that of the other not at all", wrong)
                for wrong in (_divided(lambda a, b: _length(a) ** 2), _divided(lambda a, b: _length(b) ** 2))
            ),
            Mistake(
                "divided by the squares of the lengths: a root is missing",
                _divided(lambda a, b: _lengths(a, b) ** 2),
            ),
            Mistake(
                "divided by the root of the lengths: one root too many", _divided(lambda a, b: _lengths(a, b) ** 0.5)
            ),
            Mistake("the lengths must be multiplied, not added", _divided(lambda a, b: _length(a) + _length(b))),
            Mistake(
                "divided by the length of a * b; the length of a times that of b is asked for",
                _divided(lambda a, b: _length(a * b)),
            ),
            *(
                Mistake("a length is the root of the sum of squares, not the sum of the entries", wrong)
                for wrong in (
                    _divided(lambda a, b: np.abs(a).sum(-1) * np.abs(b).sum(-1)),
                    _divided(lambda a, b: a.sum(-1) * b.sum(-1)),
                )
            ),
            Mistake(
                "|a| is the length of a vector, one number; np.abs takes every entry's absolute value",
                _divided(lambda a, b: np.abs(a) * np.abs(b)),
            ),
            *(
                Mistake("divided by the number of entries, not by the lengths", wrong)
                for wrong in (
                    _divided(lambda a, b: a.shape[-1]),
                    _divided(lambda a, b: a.shape[-1] * b.shape[-1]),
                    _divided(lambda a, b: len(a) * len(b)),
                    _divided(lambda a, b: np.sqrt(a.shape[-1])),
                )
            ),
            *(
                Mistake("the products are averaged: the dot product is their sum", wrong)
                for wrong in (
                    lambda a, b: cosine_similarity(a, b) / a.shape[-1],
                    _divided(_lengths, lambda a, b: np.mean(a * b)),
                )
            ),
            *(
                Mistake("the products are not summed: the dot product is one number for each pair", wrong)
                for wrong in (
                    _divided(lambda a, b: _length(a, keepdims=True) * _length(b, keepdims=True), lambda a, b: a * b),
                    _divided(_lengths, lambda a, b: a * b),
                    _divided(lambda a, b: np.linalg.norm(a) * np.linalg.norm(b), lambda a, b: a * b),
                )
            ),
            *(
                Mistake("keepdims=True leaves an axis of length 1: leave it out, (..., D) becomes (...)", wrong)
                for wrong in (
                    lambda a, b: cosine_similarity(a, b)[..., np.newaxis],
                    _divided(lambda a, b: _length(a, keepdims=True) * _length(b, keepdims=True)),
                    _divided(_lengths, lambda a, b: _dot(a, b, keepdims=True)),
                )
            ),
            Mistake(
                "a vector is divided by its length along the wrong axis: give the norm keepdims=True",
                lambda a, b: _dot(a / _length(a), b / _length(b)),
            ),
            Mistake(
                "this is the distance 1 - cosine; the similarity is asked for",
                lambda a, b: 1 - cosine_similarity(a, b),
            ),
            Mistake(
                "this is how far apart the two points are; how alike their directions are is asked for",
                lambda a, b: _length(a - b),
            ),
            Mistake(
                "this is the correlation: do not subtract the mean",
                lambda a, b: cosine_similarity(a - a.mean(-1, keepdims=True), b - b.mean(-1, keepdims=True)),
            ),
            Mistake(
                "everything is taken as one long vector: give sum and norm axis=-1",
                lambda a, b: np.sum(a * b) / (np.linalg.norm(a) * np.linalg.norm(b)),
            ),
            Mistake(
                "the sum runs over everything: give it axis=-1, as the norms have it",
                _divided(_lengths, lambda a, b: np.sum(a * b)),
            ),
            *(
                Mistake("the norms run over the whole array: give np.linalg.norm axis=-1", wrong)
                for wrong in (
                    _divided(lambda a, b: np.linalg.norm(a) * np.linalg.norm(b)),
                    lambda a, b: _dot(a / np.linalg.norm(a), b / np.linalg.norm(b)),
                )
            ),
            *(
                Mistake("one of the norms runs over the whole array: give both axis=-1", wrong)
                for wrong in (
                    _divided(lambda a, b: np.linalg.norm(a) * _length(b)),
                    _divided(lambda a, b: _length(a) * np.linalg.norm(b)),
                )
            ),
            Mistake(
                "the sum runs along the first axis: axis=-1 is the vector's",
                _divided(lambda a, b: _length(a, 0) * _length(b, 0), lambda a, b: _dot(a, b, 0)),
            ),
            Mistake(
                "the sum runs along the first axis, the norms along the last: axis=-1 is the vector's",
                _divided(_lengths, lambda a, b: _dot(a, b, 0)),
            ),
            *(
                Mistake("the norms run along the first axis: axis=-1 is the vector's", wrong)
                for wrong in (
                    _divided(lambda a, b: _length(a, 0) * _length(b, 0)),
                    lambda a, b: _dot(a / _length(a, 0), b / _length(b, 0)),
                )
            ),
            *(
                Mistake("for two matrices @ and np.dot are the matrix product: sum a * b along axis=-1 instead", wrong)
                for wrong in (
                    _divided(lambda a, b: np.linalg.norm(a) * np.linalg.norm(b), np.dot),
                    _divided(_lengths, np.dot),
                )
            ),
            *(
                Mistake("every vector of a is compared with every one of b: row i belongs to row i alone", wrong)
                for wrong in (
                    _every_pair(True),
                    _every_pair(False),
                    _divided(lambda a, b: np.linalg.norm(a) * np.linalg.norm(b), np.inner),
                )
            ),
            Mistake(
                "the sign is lost: -1 is a possible answer, for opposite vectors",
                lambda a, b: np.abs(cosine_similarity(a, b)),
            ),
            Mistake(
                "negative similarities are cut off: -1 is a possible answer, for opposite vectors",
                lambda a, b: np.maximum(cosine_similarity(a, b), 0),
            ),
            Mistake(
                "the sign is turned around: 1 is for the same direction (Keras' loss of this name has a minus)",
                lambda a, b: -cosine_similarity(a, b),
            ),
            Mistake(
                "this is the angle; its cosine is asked for",
                lambda a, b: np.arccos(np.clip(cosine_similarity(a, b), -1, 1)),
            ),
            Mistake(
                "a cosine is taken of the cosine: the quotient is it already",
                lambda a, b: np.cos(cosine_similarity(a, b)),
            ),
            *(
                Mistake("the similarities are rounded: give them back with all their digits", _rounded(digits))
                for digits in (1, 2, 3, 4)
            ),
            *(
                Mistake(
                    f"{n:g} is added to the lengths, which changes what short vectors give: leave it out, or add 1e-8",
                    wrong,
                )
                for n in (1.0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
                for wrong in (
                    _divided(lambda a, b, n=n: _lengths(a, b) + n),
                    _divided(lambda a, b, n=n: (_length(a) + n) * (_length(b) + n)),
                )
            ),
            *(
                Mistake("short vectors are taken for longer ones: divide by the lengths, however small", wrong)
                for n in (1.0, 0.5, 0.1)
                for wrong in (
                    _divided(lambda a, b, n=n: np.maximum(_lengths(a, b), n)),
                    _divided(lambda a, b, n=n: np.maximum(_length(a), n) * np.maximum(_length(b), n)),
                )
            ),
            Mistake(
                "halved and moved to 0 to 1: -1 is a possible answer, for opposite vectors",
                lambda a, b: (1 + cosine_similarity(a, b)) / 2,
            ),
            Mistake("this is the angle's sine; its cosine is asked for", _sine),
            Mistake("the cosine is squared", lambda a, b: cosine_similarity(a, b) ** 2),
            Mistake(
                "this is the angle in degrees; its cosine is asked for",
                lambda a, b: np.degrees(np.arccos(np.clip(cosine_similarity(a, b), -1, 1))),
            ),
        ),
        hints=(
            "The dot product grows with the lengths of both vectors. Divide both lengths out.",
            "The dot product along the last axis is np.sum(a * b, axis=-1); it also broadcasts.",
            "The length of a vector is np.linalg.norm(a, axis=-1). There are two vectors, so two lengths.",
        ),
    )
)
