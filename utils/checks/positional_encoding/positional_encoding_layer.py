"""The exercise PositionalEncoding: what must hold, and what each mistake looks like."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.layers.positional_encoding import PositionalEncoding, positional_encoding


# PositionalEncoding
def _layer(call: Callable) -> type:
    """The library's layer with another call(self, x, start=0)."""
    return type("PositionalEncoding", (PositionalEncoding,), {"call": call, "__doc__": call.__doc__})


def _window(self, x, start=0):
    return self.encoding[start : start + x.shape[1]]


def _sliced(first: int, last: int) -> tuple[type, ...]:
    """Rows cut out as start + first : start + T + last, of the array and of a tensor: they fail in other ways.

    From a tensor nothing can be cut before its first row: the error says so by itself.
    """

    def cut(self, x, start=0):
        return x + self.encoding[start + first : start + x.shape[1] + last]

    def cut_tensor(self, x, start=0):
        sizes = (x.shape[1] + last - first, x.shape[2])
        return x + keras.ops.slice(self.encoding, (start + first, 0), sizes)

    return (_layer(cut), _layer(cut_tensor)) if first >= 0 else (_layer(cut),)


def _rows_kept(self, x, start=0):
    self.rows = self.rows if hasattr(self, "rows") else _window(self, x, start)
    return x + self.rows


def _length_kept(self, x, start=0):
    self.length = getattr(self, "length", x.shape[1])
    return x + self.encoding[start : start + self.length]


def _still_in_training(self, x, start=0, training=False):
    return x if training else x + _window(self, x, start)


def _counted_on(self, x, start=0):
    self.next = getattr(self, "next", start)
    words = x + self.encoding[self.next : self.next + x.shape[1]]
    self.next += x.shape[1]
    return words


def _table_cut(self, x, start=0):
    self.encoding = _window(self, x, start)
    return x + self.encoding


def _table_shrinks(self, x, start=0):
    rows = _window(self, x, start)
    self.encoding = self.encoding / 2
    return x + rows


class _Weighty(PositionalEncoding):
    """The table as a weight of the layer."""

    def build(self, input_shape):
        super().build(input_shape)
        rows = self.encoding
        self.table = self.add_weight(shape=rows.shape, initializer=lambda *_, **__: keras.ops.convert_to_tensor(rows))

    def call(self, x, start=0):
        return x + self.table[start : start + x.shape[1]]


def _call(layer_class, max_length: int, x, **options):
    layer = layer_class(max_length)
    words = layer(x, **options)
    if layer.weights:
        return "it has weights"
    return f"a {type(words).__name__} of {len(words)}" if isinstance(words, (list, tuple)) else words


def _call_again(layer_class, max_length: int, x, **options):
    """Called for a second time, after another text."""
    layer = layer_class(max_length)
    layer(x[:1, :1])
    return layer(x, **options)


def _compiled(layer_class, max_length: int, x, **options):
    """Called inside a compiled function, as in training: on a tensor without values, whose B is unknown.

    In words if it gives something else in training.
    """
    layer = layer_class(max_length)
    in_training, outside = (np.asarray(layer_class(max_length)(x, training=t, **options)) for t in (True, False))
    if in_training.shape != outside.shape or not np.allclose(in_training, outside, atol=1e-5):
        return "something else in training"

    def with_gradient(words):
        with tf.GradientTape() as tape:
            tape.watch(words)
            added = layer(words, **options)
        return (added,) if (gradient := tape.gradient(added, words)) is None else (added, gradient)

    try:
        compiled = tf.function(with_gradient, autograph=False)
        came = compiled.get_concrete_function(tf.TensorSpec((None, *x.shape[1:]), tf.float32))(tf.constant(x))
    except Exception:
        return "an error"
    return came[0] if len(came) > 1 else "no gradient"


def _layer_cases(rng, *sizes) -> list:
    """Cases of (max_length, B, T, D, options); the last word of each sentence is 0."""
    cases = []
    for n, b, t, d, o in sizes:
        x = rng.normal(size=(b, t, d)).astype("float32")
        x[:, 1:][:, -1:] = 0
        cases.append(case(n, x, **o))
    return cases


register(
    Exercise(
        name="PositionalEncoding",
        notebook="02_positional_encoding",
        reference=PositionalEncoding,
        properties=(
            Property(
                "to word t the encoding of position t is added",
                2,
                lambda rng: _layer_cases(
                    rng,
                    *((5, 1, 2, 4, {}), (7, 3, 2, 4, {}), (9, 2, 5, 6, {})),
                    *((4, 3, 4, 2, {}), (8, 2, 6, 6, {}), (6, 2, 1, 4, {})),
                ),
                run=_call,
                tolerance=1e-5,
            ),
            Property(
                "`start` says at which position the first word stands, at every call",
                2,
                lambda rng: _layer_cases(
                    rng,
                    (9, 2, 3, 4, {"start": 2}),
                    (11, 2, 4, 6, {"start": 5}),
                    (6, 3, 1, 2, {"start": 4}),
                    (5, 2, 3, 4, {"start": 0}),
                ),
                run=_call_again,
                tolerance=1e-5,
            ),
            Property(
                "in a compiled model, where B is unknown; a gradient comes back through it",
                1,
                lambda rng: _layer_cases(rng, (9, 2, 5, 6, {}), (9, 3, 4, 2, {"start": 3})),
                run=_compiled,
            ),
        ),
        mistakes=(
            *(
                Mistake(
                    "the encoding came back without the words: add it to x",
                    _layer(lambda self, x, start=0, shown=shown: shown(_window(self, x, start), x)),
                )
                for shown in (
                    lambda rows, x: keras.ops.broadcast_to(rows, x.shape),
                    lambda rows, x: keras.ops.convert_to_tensor(rows),
                    lambda rows, x: keras.ops.convert_to_tensor(rows[None]),
                )
            ),
            *(
                Mistake("the tensor came back inside a list or a tuple (a comma after it?): return it alone", wrong)
                for wrong in (
                    _layer(lambda self, x, start=0: [x + _window(self, x, start)]),
                    _layer(lambda self, x, start=0: (x + _window(self, x, start),)),
                )
            ),
            Mistake(
                "several results came back: the sum of words and rows alone is asked for",
                _layer(lambda self, x, start=0: (x, _window(self, x, start))),
            ),
            *(
                Mistake("the sum is rounded or the encoding is: add it as it is", wrong)
                for wrong in (
                    _layer(lambda self, x, start=0: x + np.round(_window(self, x, start), 4)),
                    _layer(lambda self, x, start=0: x + np.round(_window(self, x, start), 3)),
                    _layer(lambda self, x, start=0: x + _window(self, x, start).astype("float16").astype("float32")),
                )
            ),
            Mistake("it has weights: the table is computed and never learnt, so it is none", _Weighty),
            *(
                Mistake(
                    "no gradient comes back through it: the words are learnt, and stop_gradient or NumPy cuts them off",
                    _layer(call),
                )
                for call in (
                    lambda self, x, start=0: keras.ops.stop_gradient(x) + _window(self, x, start),
                    lambda self, x, start=0: keras.ops.stop_gradient(x + _window(self, x, start)),
                )
            ),
            *(
                Mistake(
                    "something is kept from the first call (self.…): the next text has another length or start", wrong
                )
                for wrong in map(_layer, (_rows_kept, _length_kept, _counted_on, _table_cut, _table_shrinks))
            ),
            Mistake(
                "in training something else comes back: dropout comes in lesson 06, behind this layer",
                _layer(_still_in_training),
            ),
            Mistake(
                "a word of zeros stays zero: every word gets its position",
                _layer(
                    lambda self, x, start=0: keras.ops.where(
                        keras.ops.any(x != 0, axis=-1, keepdims=True), x + _window(self, x, start), 0.0
                    )
                ),
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
            *(
                Mistake(f"one position too {when}: the rows are those from start to start + T, the end left out", wrong)
                for when, first, last in (("late", 1, 1), ("early", -1, -1))
                for wrong in _sliced(first, last)
            ),
            *(
                Mistake("one row too few: a slice leaves out its end, so it goes to start + T", wrong)
                for wrong in (*_sliced(0, -1), *_sliced(1, 0))
            ),
            *(
                Mistake("one row too many: a slice leaves out its end, so it goes to start + T", wrong)
                for wrong in (*_sliced(0, 1), *_sliced(-1, 0))
            ),
            Mistake(
                "it fails where a model is compiled: there x.shape[0] is None, and x has no values: no NumPy, no len, "
                "no loop over sentences, no `if` on what it holds",
                _layer(lambda self, x, start=0: x + np.tile(_window(self, x, start), (x.shape[0], 1, 1))),
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
