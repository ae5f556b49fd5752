"""The exercise shift_right: what must hold, and what each mistake looks like."""

import numpy as np

from utils.checks.decoder_and_transformer.shared import word_ids
from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.layers.decoder import shift_right


def _joined(*parts):
    return np.concatenate(parts, axis=1).astype("int32")


def _starts(ids, start_id):
    return np.full_like(ids[:, :1], start_id)


def _one_long_row(ids, start_id):
    return np.concatenate([[start_id], ids.ravel()[:-1]]).reshape(ids.shape)


def _kind(shown, ids, start_id):
    """Whether ids came back, in words: an array of whole numbers can be looked up in a vocabulary."""
    return "whole numbers" if shown.dtype.kind in "iu" else f"numbers of dtype {shown.dtype}"


register(
    Exercise(
        name="shift_right",
        notebook="07_decoder_and_transformer",
        reference=shift_right,
        properties=(
            Property(
                "the start first, every word one place later, the last one gone",
                2,
                lambda rng: [
                    case(np.array([[5, 6, 7]], "int32"), 1),
                    case(word_ids(rng, 2, 4), 1),
                    case(word_ids(rng, 5, 3), 1),
                ],
            ),
            Property(
                "any start, padding behind, and a sentence of one word",
                1,
                lambda rng: [
                    case(word_ids(rng, 2, 3), 2),
                    case(np.array([[7, 8, 2, 0, 0], [5, 6, 7, 8, 2]], "int32"), 14),
                    case(word_ids(rng, 3, 1), 8),
                ],
            ),
            Property("ids stay whole numbers", 1, lambda rng: [case(word_ids(rng, 2, 3), 1)], read=_kind),
        ),
        mistakes=(
            Mistake(
                "the last word is still there, so that the sentence has grown by one: drop it",
                lambda ids, start_id: _joined(_starts(ids, start_id), ids),
            ),
            Mistake(
                "the start has replaced the first word: it comes before it, and all words move one place on",
                lambda ids, start_id: _joined(_starts(ids, start_id), ids[:, 1:]),
            ),
            Mistake(
                "shifted to the left: the start belongs in front, and it is the last word that goes",
                lambda ids, start_id: _joined(ids[:, 1:], _starts(ids, start_id)),
            ),
            Mistake(
                "the start stands at the end: it belongs in front",
                lambda ids, start_id: _joined(ids[:, :-1], _starts(ids, start_id)),
            ),
            Mistake(
                "the last word has come round to the front: put the start there",
                lambda ids, start_id: np.roll(ids, 1, axis=1),
            ),
            Mistake(
                "the batch is shifted as one long row: each sentence begins with a start of its own",
                _one_long_row,
            ),
            Mistake(
                "the sentences are shifted, not their words: work along axis 1",
                lambda ids, start_id: np.concatenate([np.full_like(ids[:1], start_id), ids[:-1]]),
            ),
            Mistake("the last word is dropped, but no start is put in front", lambda ids, start_id: ids[:, :-1]),
            Mistake("the first word is dropped: it is the last that goes", lambda ids, start_id: ids[:, 1:]),
            Mistake(
                "the ids are counted up by one: it is the places that move",
                lambda ids, start_id: _joined(_starts(ids, start_id), ids[:, :-1] + 1),
            ),
            Mistake(
                "shifted by two places: one is enough",
                lambda ids, start_id: _joined(*[_starts(ids, start_id)] * 2, ids[:, :-2])[:, : ids.shape[1]],
            ),
            Mistake(
                "the start is fixed at 1: use `start_id`",
                lambda ids, start_id: _joined(_starts(ids, 1), ids[:, :-1]),
            ),
            Mistake(
                "the front is filled with padding: put `start_id` there",
                lambda ids, start_id: _joined(_starts(ids, 0), ids[:, :-1]),
            ),
            Mistake(
                "the start replaces every word: only the first column is the start",
                lambda ids, start_id: np.full_like(ids, start_id),
            ),
            *(
                Mistake(
                    "the ids have become floats, and a float finds no word: give the column of starts the ids' dtype",
                    lambda ids, start_id, kind=kind: shift_right(ids, start_id).numpy().astype(kind),
                )
                for kind in ("float32", "float64")
            ),
            Mistake("nothing was shifted: the ids came back as they were", lambda ids, start_id: ids),
        ),
        hints=(
            "Two pieces side by side: a column of starts, and the sentences without their last column.",
            "token_ids[:, :-1] is all but the last column. A column of starts has the shape of token_ids[:, :1].",
            "ops.full_like makes an array of one number in another's shape; ops.concatenate joins along axis=1.",
        ),
    )
)
