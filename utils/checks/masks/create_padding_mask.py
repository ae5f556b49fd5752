"""The exercise create_padding_mask: what must hold, and what each mistake looks like."""

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.masks.shared import sentences
from utils.layers.masks import create_padding_mask, lowest


def _scattered(rng, B, S):
    """Ids with padding before, between and after the words."""
    ids = sentences(rng, B, S)
    return np.stack([rng.permutation(np.roll(row, 1)) for row in ids]).astype("int32")


def _first_rows(ids, pad_id=0):
    return np.broadcast_to(ids[:1] != pad_id, ids.shape)[:, None, None]


def _counted(ids, pad_id=0):
    return (np.arange(ids.shape[1]) < (ids != pad_id).sum(1, keepdims=True))[:, None, None]


def _counted_with_one_more(ids, pad_id=0):
    return (np.arange(ids.shape[1]) <= (ids != pad_id).sum(1, keepdims=True))[:, None, None]


def _pairs(ids, pad_id=0):
    words = ids != pad_id
    return (words[:, :, None] & words[:, None, :])[:, None]


register(
    Exercise(
        name="create_padding_mask",
        notebook="04_masks",
        reference=create_padding_mask,
        properties=(
            Property(
                "True at words, False at padding, shape (B, 1, 1, S)",
                2,
                lambda rng: [
                    case(np.array([[5, 0]], "int32")),
                    case(np.array([[2, 3, 1], [4, 0, 0]], "int32")),
                    case(sentences(rng, 3, 5)),
                ],
            ),
            Property(
                "wherever the padding stands, also in front",
                1,
                lambda rng: [case(np.array([[0, 5, 0, 6]], "int32")), case(_scattered(rng, 3, 7))],
            ),
            Property(
                "any id can be the padding",
                1,
                lambda rng: [
                    case(np.array([[5, 0, 3, 3]], "int32"), pad_id=3),
                    case(np.array([[9, 4, 7, 7]], "int32"), pad_id=7),  # without a 0
                    case(sentences(rng, 2, 5, pad_id=7), pad_id=7),
                ],
            ),
        ),
        mistakes=(
            Mistake(
                "inverted: True means *may be looked at*, so True stands at words, not at padding",
                lambda ids, pad_id=0: (ids == pad_id)[:, None, None],
            ),
            Mistake(
                "two axes of length 1 are missing between B and S: they stand for heads and queries",
                lambda ids, pad_id=0: ids != pad_id,
            ),
            Mistake(
                "one axis of length 1 is missing: between B and S stand the heads *and* the queries",
                lambda ids, pad_id=0: (ids != pad_id)[:, None],
            ),
            Mistake(
                "the axes of length 1 stand behind S: they belong between B and S",
                lambda ids, pad_id=0: (ids != pad_id)[:, :, None, None],
            ),
            Mistake(
                "the axes of length 1 stand before B: they belong between B and S",
                lambda ids, pad_id=0: (ids != pad_id)[None, None],
            ),
            Mistake(
                "B stands where the heads will be, (1, B, 1, S): both axes of length 1 belong between B and S",
                lambda ids, pad_id=0: (ids != pad_id)[None, :, None],
            ),
            Mistake(
                "all sentences lie in one long row: B stays, (B, 1, 1, S)",
                lambda ids, pad_id=0: (ids != pad_id).reshape(1, 1, 1, -1),
            ),
            *(
                Mistake(
                    "a list of sentences came back, each an array of its own: compare all ids at once",
                    lambda ids, pad_id=0, axes=axes: [(row != pad_id)[axes] for row in ids],
                )
                for axes in (..., None, (None, None))
            ),
            Mistake(
                "this masks queries: the words lie on axis 2. Who is *looked at* lies on the last axis",
                lambda ids, pad_id=0: (ids != pad_id)[:, None, :, None],
            ),
            Mistake(
                "queries are masked too, so that padding may look nowhere: only the keys' axis is asked for",
                _pairs,
            ),
            Mistake(
                "`pad_id` is ignored: 0 is taken whatever was passed", lambda ids, pad_id=0: create_padding_mask(ids)
            ),
            Mistake(
                "greater than `pad_id`: smaller ids are words as well",
                lambda ids, pad_id=0: (ids > pad_id)[:, None, None],
            ),
            Mistake(
                "the words are counted, as if all padding stood at the end: compare each id",
                _counted,
            ),
            Mistake(
                "the words are counted, and one place more is True: compare each id instead",
                _counted_with_one_more,
            ),
            Mistake(
                "0 is hidden whatever was passed, beside `pad_id`: with another padding 0 is a word",
                lambda ids, pad_id=0: ((ids != pad_id) & (ids != 0))[:, None, None],
            ),
            Mistake(
                "whatever follows the first padding counts as padding too: compare each id",
                lambda ids, pad_id=0: np.cumprod(ids != pad_id, axis=1).astype(bool)[:, None, None],
            ),
            Mistake("every sentence gets the first one's mask", _first_rows),
            Mistake("all True: the padding may be looked at too", lambda ids, pad_id=0: _first_rows(ids, -1)),
            Mistake("all False: nobody may be looked at", lambda ids, pad_id=0: ~_first_rows(ids, -1)),
            Mistake(
                "the axes of length 1 belong between B and S: one is missing, the other stands behind S",
                lambda ids, pad_id=0: (ids != pad_id)[:, :, None],
            ),
            Mistake(
                "one row for each query is too many: an axis of length 1 says the same, for all",
                lambda ids, pad_id=0: np.repeat((ids != pad_id)[:, None, None], ids.shape[1], axis=2),
            ),
            Mistake(
                "numbers 1 and 0 instead of True and False: leave the comparison as it is",
                lambda ids, pad_id=0: (ids != pad_id)[:, None, None].astype("float32"),
            ),
            Mistake(
                "numbers instead of True and False, and two axes of length 1 are missing",
                lambda ids, pad_id=0: (ids != pad_id).astype("float32"),
            ),
            Mistake(
                "numbers instead of True and False, and one axis of length 1 is missing",
                lambda ids, pad_id=0: (ids != pad_id)[:, None].astype("float32"),
            ),
            Mistake(
                "1 at padding is an older convention: here the mask is boolean, and True at words",
                lambda ids, pad_id=0: (ids == pad_id)[:, None, None].astype("float32"),
            ),
            *(
                Mistake(
                    "this is the additive form, numbers for the scores: here True and False are asked for",
                    lambda ids, pad_id=0, low=low: np.where(ids == pad_id, low, 0.0)[:, None, None],
                )
                for low in (-1e9, -1e4, -np.inf, float(np.finfo("float32").min), lowest("float32"))
            ),
            Mistake(
                "three axes of length 1: two are asked for, between B and S",
                lambda ids, pad_id=0: (ids != pad_id)[:, None, None, None],
            ),
            Mistake(
                "B and S have changed places: (B, 1, 1, S) is asked for",
                lambda ids, pad_id=0: (ids != pad_id).T[:, None, None],
            ),
        ),
        hints=(
            "Which ids are words? Compare all of them with pad_id at once; the answer is boolean already.",
            "not_equal(token_ids, pad_id) has shape (B, S). What is missing are two axes of length 1.",
            "ops.expand_dims(…, (1, 2)), or [:, None, None, :], puts axes of length 1 where heads and queries will be.",
        ),
    )
)
