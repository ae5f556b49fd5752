"""The exercise create_look_ahead_mask: what must hold, and what each mistake looks like."""

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.layers.masks import create_look_ahead_mask, lowest

LENGTHS = (7, 10, 20, 32, 40, 50, 64, 100, 128, 256, 512)
LONG = 600  # more words than any of them


def _triangle(shift=0):
    return lambda size: np.tri(size, k=shift, dtype=bool)


register(
    Exercise(
        name="create_look_ahead_mask",
        notebook="04_masks",
        reference=create_look_ahead_mask,
        properties=(
            Property(
                "a word may look at itself and back, not ahead",
                3,
                lambda rng: [case(1), case(2), case(3), case(5), case(int(rng.integers(6, 20)))],
            ),
            Property("for any length", 1, lambda rng: [case(int(n)) for n in (*rng.integers(6, 20, 2), 20, LONG)]),
        ),
        mistakes=(
            Mistake(
                "inverted: True means *may look*, and stands on and below the diagonal",
                lambda size: ~np.tri(size, dtype=bool),
            ),
            Mistake(
                "transposed: rows are the words that look, columns the words looked at",
                lambda size: np.tri(size, dtype=bool).T,
            ),
            Mistake("the diagonal is left out: a word may look at itself", _triangle(-1)),
            Mistake("one step too far: each word sees the next one, which is the answer it has to guess", _triangle(1)),
            Mistake(
                "the first word sees nothing, not even itself: its row has one True",
                lambda size: np.tri(size, dtype=bool) & (np.arange(size) > 0)[:, None],
            ),
            Mistake(
                "the last word sees nothing: the rows go from 0 to size - 1",
                lambda size: np.tri(size, dtype=bool) & (np.arange(size) < size - 1)[:, None],
            ),
            Mistake("each word sees only itself: the past is allowed too", lambda size: np.eye(size, dtype=bool)),
            Mistake("all True: everything may be looked at", lambda size: np.ones((size, size), bool)),
            Mistake("all False: nothing may be looked at", lambda size: np.zeros((size, size), bool)),
            Mistake(
                "the triangle hangs in the wrong corner: one axis counts backwards",
                lambda size: np.tri(size, dtype=bool)[::-1],
            ),
            Mistake(
                "the triangle hangs in the wrong corner: one axis counts backwards",
                lambda size: np.tri(size, dtype=bool)[:, ::-1],
            ),
            *(
                Mistake(
                    f"the length {length} is written in, and longer sentences get no more: take `size`",
                    lambda size, length=length: np.tri(length, dtype=bool)[:size, :size],
                )
                for length in LENGTHS
            ),
            *(
                Mistake(
                    f"the length {length} is written in: take `size`",
                    lambda size, length=length: np.tri(length, dtype=bool),
                )
                for length in LENGTHS
            ),
            Mistake(
                "a list of rows came back: (T, T) is one array, made by one comparison or by stacking the rows",
                lambda size: list(np.tri(size, dtype=bool)),
            ),
            Mistake("one word too many: rows and columns are `size`", lambda size: np.tri(size + 1, dtype=bool)),
            Mistake("one word too few: rows and columns are `size`", lambda size: np.tri(size - 1, dtype=bool)),
            Mistake(
                "only the word before and the word itself: all of the past is allowed",
                lambda size: np.tri(size, dtype=bool) & ~np.tri(size, k=-2, dtype=bool),
            ),
            Mistake(
                "one axis too many: (T, T) is asked for, it broadcasts over batch and heads by itself",
                lambda size: np.tri(size, dtype=bool)[None],
            ),
            Mistake(
                "two axes too many: (T, T) is asked for, it broadcasts over batch and heads by itself",
                lambda size: np.tri(size, dtype=bool)[None, None],
            ),
            Mistake("numbers 1 and 0 instead of True and False", lambda size: np.tri(size)),
            Mistake("numbers 1 and 0 instead of True and False, and an axis too many", lambda size: np.tri(size)[None]),
            Mistake("numbers 1 and 0 instead of True and False, and transposed", lambda size: np.tri(size).T),
            Mistake(
                "1 at the future is an older convention: here the mask is boolean, and True at the past",
                lambda size: 1 - np.tri(size),
            ),
            *(
                Mistake(
                    "this is the additive form, numbers for the scores: here True and False are asked for",
                    lambda size, low=low: np.where(np.tri(size), 0, low),
                )
                for low in (-1e9, -1e4, -np.inf, float(np.finfo("float32").min), lowest("float32"))
            ),
            Mistake(
                "a single row came back: each word that looks has a row of its own, (T, T)",
                lambda size: np.ones(size, bool),
            ),
            Mistake(
                "the first word is hidden from all: count positions from 0",
                lambda size: np.tri(size, dtype=bool) & (np.arange(size) > 0),
            ),
            Mistake(
                "the first word may look ahead: its row has one True, at itself",
                lambda size: np.tri(size, dtype=bool) | (np.arange(size) == 0)[:, None],
            ),
        ),
        hints=(
            "Row i is the word that looks, column j the word looked at. When is j allowed for i?",
            "Number the positions from 0. A column of them compared with a row of them gives the whole square.",
            "positions as a column, (T, 1), against positions as a row, (1, T): they broadcast to (T, T).",
        ),
    )
)
