"""The exercise LookAheadMask: what must hold, and what each mistake looks like."""

import keras
import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.inputs import normal
from utils.checks.masks.create_look_ahead_mask import LENGTHS, LONG
from utils.checks.masks.shared import KEPT, SHAPE_OPEN, also_compiled, applied, kept, layer_made, unshaped
from utils.layers.masks import LookAheadMask, create_look_ahead_mask


def _look_ahead(call):
    return layer_made(LookAheadMask, call)


def _compared(compare):
    def call(self, x):
        positions = keras.ops.arange(keras.ops.shape(x)[1])
        return compare(positions[:, None], positions)

    return call


def _first_of(most, size):
    """The mask of `size` words, cut from that of `most`."""
    return create_look_ahead_mask(most)[:size, :size]


OTHER_TRIANGLES = (
    ("the diagonal is left out: a word may look at itself", lambda row, column: row > column),
    ("one step too far: each word sees the next one", lambda row, column: row + 1 >= column),
    ("all True: everything may be looked at", lambda row, column: row + column >= 0),
)


register(
    Exercise(
        name="LookAheadMask",
        notebook="04_masks",
        reference=LookAheadMask,
        properties=(
            Property(
                "a layer from ids (B, T) or vectors (B, T, D) to a mask (T, T)",
                2,
                lambda rng: [
                    case(rng.integers(0, 5, (1, 2)).astype("int32")),
                    case(rng.integers(0, 5, (4, 3)).astype("int32")),
                    case(normal(rng, 2, 5, 4)),
                    case(rng.integers(0, 5, (1, 40)).astype("int32")),
                    case(rng.integers(0, 5, (1, LONG)).astype("int32")),
                    case(rng.integers(0, 5, (3, int(rng.integers(7, 30)))).astype("int32")),
                    case(rng.integers(0, 5, (2, 6)).astype("int32"), called_before=np.array([[1, 2, 3, 4]], "int32")),
                ],
                run=applied,
            ),
            Property(
                "also inside a compiled model, where T is not known beforehand",
                1,
                lambda rng: [
                    case(rng.integers(0, 5, (2, int(rng.integers(3, 9)))).astype("int32")),
                    case(normal(rng, 2, 5, 4)),
                ],
                run=also_compiled,
            ),
        ),
        mistakes=(
            Mistake(
                "this takes the size of the batch: T is the length of axis 1",
                _look_ahead(lambda self, x: create_look_ahead_mask(keras.ops.shape(x)[0])),
            ),
            Mistake(
                "this takes the last axis: of vectors (B, T, D) that is D. T is the length of axis 1",
                _look_ahead(lambda self, x: create_look_ahead_mask(keras.ops.shape(x)[-1])),
            ),
            Mistake(
                "this takes the axis before the last: of ids (B, T) that is B. T is the length of axis 1",
                _look_ahead(lambda self, x: create_look_ahead_mask(keras.ops.shape(x)[-2])),
            ),
            Mistake(
                "x.shape[1] is None where lengths are not known beforehand: ops.shape(x)[1] always knows",
                _look_ahead(lambda self, x: create_look_ahead_mask(x.shape[1])),
            ),
            Mistake(KEPT, _look_ahead(kept(lambda self, x: create_look_ahead_mask(keras.ops.shape(x)[1])))),
            Mistake(
                SHAPE_OPEN,
                _look_ahead(lambda self, x: unshaped(create_look_ahead_mask(keras.ops.shape(x)[1]))),
            ),
            *(Mistake(line, _look_ahead(_compared(compare))) for line, compare in OTHER_TRIANGLES),
            Mistake(
                "inverted: True stands on and below the diagonal",
                _look_ahead(lambda self, x: ~create_look_ahead_mask(keras.ops.shape(x)[1])),
            ),
            Mistake(
                "transposed: rows are the words that look",
                _look_ahead(lambda self, x: keras.ops.transpose(create_look_ahead_mask(keras.ops.shape(x)[1]))),
            ),
            Mistake(
                "an axis too many: (T, T) is the same for the whole batch",
                _look_ahead(lambda self, x: create_look_ahead_mask(keras.ops.shape(x)[1])[None]),
            ),
            Mistake(
                "a square for each sentence: (T, T) is the same for the whole batch",
                _look_ahead(
                    lambda self, x: keras.ops.repeat(
                        create_look_ahead_mask(keras.ops.shape(x)[1])[None], keras.ops.shape(x)[0], axis=0
                    )
                ),
            ),
            Mistake(
                "numbers instead of True and False",
                _look_ahead(lambda self, x: keras.ops.cast(create_look_ahead_mask(keras.ops.shape(x)[1]), "float32")),
            ),
            Mistake(
                "an axis for the batch and one for the heads are too many: (T, T) is the same for all",
                _look_ahead(lambda self, x: create_look_ahead_mask(keras.ops.shape(x)[1])[None, None]),
            ),
            *(
                Mistake(
                    f"the length {length} is written in, and longer sentences get no more: take axis 1 of x",
                    _look_ahead(lambda self, x, most=length: _first_of(most, keras.ops.shape(x)[1])),
                )
                for length in LENGTHS
            ),
            Mistake("x is masked and returned: the mask itself is asked for", _look_ahead(lambda self, x: x)),
            Mistake(
                "it asks for numbers that a model being compiled has not (as len, int, loops and ops.tri do): "
                "keras.ops, not NumPy, also in what it calls",
                _look_ahead(lambda self, x: create_look_ahead_mask(np.asarray(x).shape[1])),
            ),
        ),
        hints=(
            "You have written create_look_ahead_mask. All it needs is the length T.",
            "x is (B, T) or (B, T, D): in both T is the length of axis 1.",
            "x.shape[1] can be None inside a compiled model; ops.shape(x)[1] cannot.",
        ),
    )
)
