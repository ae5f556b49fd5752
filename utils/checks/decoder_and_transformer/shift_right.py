"""The exercise shift_right: what must hold, and what each mistake looks like."""

import numpy as np
import tensorflow as tf

from utils.checks.decoder_and_transformer.shared import word_ids
from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.layers.decoder import shift_right


def _joined(*parts):
    return np.concatenate(parts, axis=1).astype("int32")


def _starts(ids, start_id):
    return np.full_like(ids[:, :1], start_id)


def _one_long_row(ids, start_id):
    return np.concatenate([[start_id], ids.ravel()[:-1]]).reshape(ids.shape)


def _last_words_dropped(ids, start_id):
    """The last word of each sentence goes, wherever it stands, and padding stays where it is."""
    shifted = _joined(_starts(ids, start_id), ids[:, :-1])
    return np.where(ids == 0, 0, shifted).astype("int32")


def _words_alone(ids, start_id):
    """The same, the words picked out one by one, so that they close up."""
    rows = [[start_id, *row[row != 0][:-1], *row[row == 0]] for row in ids]
    return np.array(rows, "int32")


def _closed_up(ids, start_id):
    """The words close up, wherever there is padding in front of them or between."""
    rows = [[start_id, *row[row != 0], *row[row == 0]][:-1] for row in ids]
    return np.array(rows, "int32")


def _last_column_empty(ids, start_id):
    shifted = _joined(_starts(ids, start_id), ids[:, :-1])
    shifted[:, max(1, ids.shape[1] - 1) :] = 0
    return shifted


def _started_once(ids, start_id):
    """What came round to the front is replaced in the first sentence alone."""
    rolled = np.roll(ids, 1, axis=1)
    rolled[0, 0] = start_id
    return rolled


def _shifted_where_needed(ids, start_id):
    return ids if (ids[:, 0] == start_id).all() else _joined(_starts(ids, start_id), ids[:, :-1])


def _overwritten(ids, start_id):
    return _joined(_starts(ids, start_id), *[ids[:, :1]] * (ids.shape[1] - 1))


def _one_start(ids, start_id):
    return np.concatenate([np.full((1, 1), start_id, "int32"), ids[:, :-1]], axis=1)


def _one_start_by_tensorflow(ids, start_id):
    return tf.concat([tf.fill((1, 1), tf.constant(start_id, "int32")), ids[:, :-1]], axis=1)


def _kind(shown, ids, start_id):
    """Whether ids came back, in words: an array of whole numbers can be looked up in a vocabulary."""
    if shown.dtype.kind not in "iu":
        return f"numbers of dtype {shown.dtype}"
    return "whole numbers" if np.isin(shown, [*ids.flat, start_id]).all() else "numbers that are none of the ids"


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
                    case(np.array([[0, 0, 7, 8], [5, 0, 6, 2]], "int32"), 12),
                    case(np.array([[4, 5, 6], [4, 8, 0]], "int32"), 4),
                    case(word_ids(rng, 3, 1), 8),
                    case(np.array([[31999, 70000, 36999, 40000]], "int32"), 36998),
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
                "the batch is rolled as one long row, and its last word has come round to the front: axis=1, and the "
                "start in front",
                lambda ids, start_id: np.roll(ids, 1),
            ),
            *(
                Mistake("one long row came back: the shape stays (B, T), a row for each sentence", wrong)
                for wrong in (
                    lambda ids, start_id: _one_long_row(ids, start_id).ravel(),
                    lambda ids, start_id: _joined(_starts(ids, start_id), ids[:, :-1]).ravel(),
                )
            ),
            Mistake(
                "the sentences are rolled, not their words: work along axis 1",
                lambda ids, start_id: _joined(_starts(ids, start_id), np.roll(ids, 1, axis=0)[:, 1:]),
            ),
            Mistake(
                "shifted to the left, and the start put over what stood in front: words move to the right, roll by 1",
                lambda ids, start_id: _joined(_starts(ids, start_id), np.roll(ids, -1, axis=1)[:, 1:]),
            ),
            Mistake(
                "the first word stands everywhere: each place was copied from one that had been written already, so "
                "copy from the ids as they came",
                _overwritten,
            ),
            *(
                Mistake("there is one start for the whole batch: each sentence needs one, (B, 1)", wrong)
                for wrong in (_one_start, _one_start_by_tensorflow)
            ),
            *(
                Mistake(
                    "each sentence's last word is dropped, and padding stays in its place: it is the last column that "
                    "goes, whatever it holds",
                    wrong,
                )
                for wrong in (_last_words_dropped, _words_alone)
            ),
            Mistake(
                "the words close up where padding stands before them: all columns move alike, whatever they hold",
                _closed_up,
            ),
            Mistake(
                "the last column stays empty: it gets the word before the last, column t goes to t + 1 up to the end",
                _last_column_empty,
            ),
            Mistake(
                "only the first sentence begins with the start: put it into column 0 of all, [:, 0]",
                _started_once,
            ),
            Mistake(
                "ids that begin with the start already came back as they were: every target is shifted",
                _shifted_where_needed,
            ),
            Mistake(
                "two words are dropped behind, and one start put in front: drop one",
                lambda ids, start_id: _joined(_starts(ids, start_id), ids[:, :-2]),
            ),
            Mistake(
                "two starts are put in front: one is enough",
                lambda ids, start_id: _joined(*[_starts(ids, start_id)] * 2, ids[:, :-1]),
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
            *(
                Mistake(
                    f"the start is fixed at {fixed}: use `start_id`",
                    lambda ids, start_id, fixed=fixed: _joined(_starts(ids, fixed), ids[:, :-1]),
                )
                for fixed in (1, 2)
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
                    "large ids do not fit into so few bits: keep the ids' own dtype",
                    lambda ids, start_id, kind=kind: shift_right(ids, start_id).numpy().astype(kind),
                )
                for kind in ("int8", "uint8", "int16", "uint16")
            ),
            *(
                Mistake(
                    "the ids have become floats, and a float finds no word: give the column of starts the ids' dtype",
                    lambda ids, start_id, kind=kind: shift_right(ids, start_id).numpy().astype(kind),
                )
                for kind in ("float32", "float64", "float16")
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
