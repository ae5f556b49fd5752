"""The exercise PositionalEncoding: what must hold, and what each mistake looks like."""

from collections.abc import Callable

import keras
import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.layers.positional_encoding import PositionalEncoding, positional_encoding


# PositionalEncoding
def _layer(call: Callable) -> type:
    """The library's layer with another call(self, x, start=0)."""
    return type("PositionalEncoding", (PositionalEncoding,), {"call": call, "__doc__": call.__doc__})


def _window(self, x, start=0):
    return self.encoding[start : start + x.shape[1]]


def _call(layer_class, max_length: int, x, **options):
    return layer_class(max_length)(x, **options)


def _layer_cases(rng, *sizes) -> list:
    """Cases of (max_length, B, T, D, options)."""
    return [case(n, rng.normal(size=(b, t, d)).astype("float32"), **o) for n, b, t, d, o in sizes]


register(
    Exercise(
        name="PositionalEncoding",
        notebook="02_positional_encoding",
        reference=PositionalEncoding,
        properties=(
            Property(
                "to word t the encoding of position t is added",
                3,
                lambda rng: _layer_cases(
                    rng, (5, 1, 2, 4, {}), (7, 3, 2, 4, {}), (9, 2, 5, 6, {}), (4, 3, 4, 2, {}), (8, 2, 6, 6, {})
                ),
                run=_call,
            ),
            Property(
                "`start` says at which position the first word stands",
                2,
                lambda rng: _layer_cases(
                    rng,
                    (9, 2, 3, 4, {"start": 2}),
                    (11, 2, 4, 6, {"start": 5}),
                    (6, 3, 1, 2, {"start": 4}),
                    (5, 2, 3, 4, {"start": 0}),
                ),
                run=_call,
            ),
        ),
        mistakes=(
            Mistake(
                "the encoding came back without the words: add it to x",
                _layer(lambda self, x, start=0: keras.ops.broadcast_to(_window(self, x, start), x.shape)),
            ),
            Mistake(
                "the encoding came back without the words: add it to x",
                _layer(lambda self, x, start=0: keras.ops.convert_to_tensor(_window(self, x, start))),
            ),
            Mistake("x came back as it was: nothing is added", _layer(lambda self, x, start=0: x)),
            Mistake(
                "`start` is ignored: the rows begin at start, not at 0",
                _layer(lambda self, x, start=0: x + _window(self, x)),
            ),
            Mistake(
                "multiplied: the encoding is added",
                _layer(lambda self, x, start=0: x * _window(self, x, start)),
            ),
            Mistake(
                "subtracted: the encoding is added",
                _layer(lambda self, x, start=0: x - _window(self, x, start)),
            ),
            Mistake("added twice", _layer(lambda self, x, start=0: x + 2 * _window(self, x, start))),
            Mistake(
                "set beside the words: it is added, so that the width stays D",
                _layer(
                    lambda self, x, start=0: keras.ops.concatenate(
                        [x, keras.ops.broadcast_to(_window(self, x, start), x.shape)], axis=-1
                    )
                ),
            ),
            Mistake(
                "x is scaled by √D here: that is done where the words are embedded, not in this layer",
                _layer(lambda self, x, start=0: x * np.sqrt(x.shape[-1]) + _window(self, x, start)),
            ),
            Mistake(
                "the encoding is scaled by 1/√D: add it as it is",
                _layer(lambda self, x, start=0: x + _window(self, x, start) / np.sqrt(x.shape[-1])),
            ),
            Mistake(
                "the sum is halved: add, without a mean",
                _layer(lambda self, x, start=0: (x + _window(self, x, start)) / 2),
            ),
            Mistake(
                "the rows end at T instead of start + T",
                _layer(lambda self, x, start=0: x + self.encoding[start : x.shape[1]]),
            ),
            Mistake(
                "the rows begin at 0 instead of start",
                _layer(lambda self, x, start=0: x + self.encoding[: start + x.shape[1]]),
            ),
            Mistake(
                "`start` counts words, not pieces of T words: the rows begin at start",
                _layer(lambda self, x, start=0: x + self.encoding[start * x.shape[1] : (start + 1) * x.shape[1]]),
            ),
            Mistake(
                "all max_length rows are added: cut out those from start to start + T",
                _layer(lambda self, x, start=0: x + self.encoding),
            ),
            Mistake(
                "all max_length rows are added: cut out those from start to start + T",
                _layer(lambda self, x, start=0: x + self.encoding[start:]),
            ),
            Mistake(
                "as many rows as there are sentences: T is the second axis of x, x.shape[1]",
                _layer(lambda self, x, start=0: x + self.encoding[start : start + x.shape[0]]),
            ),
            Mistake(
                "as many rows as there are columns: T is the second axis of x, x.shape[1]",
                _layer(lambda self, x, start=0: x + self.encoding[start : start + x.shape[2]]),
            ),
            Mistake(
                "each sentence has one position, each word should: the encoding runs along the second axis",
                _layer(lambda self, x, start=0: x + self.encoding[start : start + x.shape[0], np.newaxis]),
            ),
            Mistake(
                "every word has the position of the first: take T rows, from start to start + T",
                _layer(lambda self, x, start=0: x + self.encoding[start]),
            ),
            Mistake(
                "one position too late: the first word stands at start",
                _layer(lambda self, x, start=0: x + _padded(self)[start + 1 : start + 1 + x.shape[1]]),
            ),
            Mistake(
                "one position too early: the first word stands at start",
                _layer(lambda self, x, start=0: x + np.roll(self.encoding, 1, axis=0)[start : start + x.shape[1]]),
            ),
            Mistake(
                "the rows come in backward order",
                _layer(lambda self, x, start=0: x + _window(self, x, start)[::-1]),
            ),
            Mistake(
                "the last T rows of the table: those from start to start + T are asked for",
                _layer(lambda self, x, start=0: x + self.encoding[self.max_length - x.shape[1] :]),
            ),
            Mistake(
                "`start` is added as a number: it says which rows to take",
                _layer(lambda self, x, start=0: x + _window(self, x) + start),
            ),
            Mistake(
                "`start` cuts words off x: it says which rows of the encoding to take",
                _layer(lambda self, x, start=0: x[:, start:] + self.encoding[: x.shape[1]][start:]),
            ),
            Mistake(
                "`start` words are passed over: all words get a position, the first one start",
                _layer(lambda self, x, start=0: x + _window(self, x) * (np.arange(x.shape[1]) >= start)[:, np.newaxis]),
            ),
        ),
        hints=(
            "self.encoding has a row for each position, (max_length, D). x has T words: which rows belong to them?",
            "The rows from start to start + T, where T is the second axis of x. They broadcast over the sentences.",
            "A slice of self.encoding, self.encoding[first:last], can be added to x as it is.",
        ),
    )
)


def _padded(layer) -> np.ndarray:
    """The layer's table, a few rows longer."""
    return np.asarray(positional_encoding(layer.max_length + 4, layer.encoding.shape[1]))[0]
