"""The exercise PaddingMask: what must hold, and what each mistake looks like."""

import keras
import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.in_numpy import InvalidArgumentError
from utils.checks.masks.shared import (
    KEPT,
    SHAPE_OPEN,
    also_compiled,
    applied,
    kept,
    layer_made,
    sentences,
    unshaped,
)
from utils.layers.masks import (
    PaddingMask,
    create_padding_mask,
)


def _padding(call):
    return layer_made(PaddingMask, call)


def _reshaped_to_its_lengths(self, token_ids):
    B, S = token_ids.shape
    return keras.ops.reshape(create_padding_mask(token_ids, self.pad_id), (B, 1, 1, S))


def _of_int32_alone(self, token_ids):
    if token_ids.dtype == "int64":
        raise InvalidArgumentError("two dtypes")
    return create_padding_mask(token_ids, self.pad_id)


def _for_so_many_sentences(self, token_ids):
    each = [create_padding_mask(token_ids[b : b + 1], self.pad_id) for b in range(token_ids.shape[0])]
    return keras.ops.concatenate(each)


register(
    Exercise(
        name="PaddingMask",
        notebook="04_masks",
        reference=PaddingMask,
        properties=(
            Property(
                "a layer from ids (B, S) to a mask (B, 1, 1, S)",
                1,
                lambda rng: [
                    case(np.array([[5, 0]], "int32")),
                    case(sentences(rng, 3, 5)),
                    case(sentences(rng, 3, 5).astype("int64")),
                    case(sentences(rng, 2, 4), called_before=np.array([[6, 0, 0]], "int32")),
                ],
                run=applied,
            ),
            Property(
                "with the `pad_id` it was made with",
                1,
                lambda rng: [
                    case(np.array([[5, 0, 3, 3]], "int32"), pad_id=3),
                    case(np.array([[9, 4, 7, 7]], "int32"), pad_id=7),  # without a 0
                    case(sentences(rng, 2, 5, pad_id=7), pad_id=7),
                ],
                run=applied,
            ),
            Property(
                "also inside a compiled model, where lengths are not known beforehand",
                1,
                lambda rng: [case(sentences(rng, 2, 3)), case(sentences(rng, 2, 4, pad_id=5), pad_id=5)],
                run=also_compiled,
            ),
        ),
        mistakes=(
            Mistake(
                "`self.pad_id` is not used: pass it on",
                _padding(lambda self, token_ids: create_padding_mask(token_ids)),
            ),
            Mistake(
                "greater than `self.pad_id`: smaller ids are words as well",
                _padding(lambda self, token_ids: keras.ops.greater(token_ids, self.pad_id)[:, None, None]),
            ),
            Mistake(KEPT, _padding(kept(lambda self, token_ids: create_padding_mask(token_ids, self.pad_id)))),
            Mistake(
                "ids may be int64 too: compare them with self.pad_id as it is, not with a tensor of a dtype of its own",
                _padding(_of_int32_alone),
            ),
            Mistake(
                SHAPE_OPEN,
                _padding(lambda self, token_ids: unshaped(create_padding_mask(token_ids, self.pad_id))),
            ),
            Mistake(
                "inverted: True stands at words",
                _padding(lambda self, token_ids: ~create_padding_mask(token_ids, self.pad_id)),
            ),
            Mistake(
                "the axes of length 1 are missing: create_padding_mask makes them",
                _padding(lambda self, token_ids: keras.ops.not_equal(token_ids, self.pad_id)),
            ),
            *(
                Mistake(
                    "the axes of length 1 belong between B and S: create_padding_mask puts them there",
                    _padding(lambda self, token_ids, at=at: keras.ops.not_equal(token_ids, self.pad_id)[at]),
                )
                for at in ((..., None, None), (None, None), (..., None, slice(None), None), (None, slice(None), None))
            ),
            Mistake(
                "only one of the two axes of length 1 is there: create_padding_mask makes both",
                _padding(lambda self, token_ids: keras.ops.not_equal(token_ids, self.pad_id)[:, None]),
            ),
            Mistake(
                "numbers instead of True and False",
                _padding(
                    lambda self, token_ids: keras.ops.cast(create_padding_mask(token_ids, self.pad_id), "float32")
                ),
            ),
            Mistake("the ids came back, not their mask", _padding(lambda self, token_ids: token_ids)),
            Mistake(
                "it asks for numbers that a model being compiled has not (as len, int, loops and ops.tri do): "
                "keras.ops, not NumPy, also in what it calls",
                _padding(
                    lambda self, token_ids: keras.ops.convert_to_tensor(
                        (np.asarray(token_ids) != self.pad_id)[:, None, None]
                    )
                ),
            ),
            *(
                Mistake(
                    "token_ids.shape holds None where lengths are not known beforehand: ops.shape(token_ids) always "
                    "knows, and axes of length 1 need no lengths",
                    _padding(call),
                )
                for call in (_reshaped_to_its_lengths, _for_so_many_sentences)
            ),
        ),
        hints=(
            "The work is done already: you have written create_padding_mask.",
            "Call it with the ids, and with the pad_id that the layer was made with.",
            "What was given to __init__ is kept on self.",
        ),
    )
)
