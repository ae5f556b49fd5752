"""Calls that are compiled once for all lengths: a check that asks the tiny model a hundred times is soon done.

Answers see no difference: the results are the same, and what cannot be compiled, or fails, runs as ever.
"""

import functools
from collections.abc import Callable

import numpy as np
import tensorflow as tf

_PLAIN = (bool, int, float, str, type(None))
_LOOPS = ("greedy_loop", "beam_step")  # of the library's decoding, what runs for every word


class _Traced:
    """A function of arrays, traced once for each kind of arguments that it gets.

    Args:
        function: what is traced.
        shape: an array -> its shape as the trace knows it, None where any length will do.
        vocabularies: for the first arrays of ids, how many ids there are: compiled code does not look.
    """

    def __init__(self, function: Callable, shape: Callable, vocabularies: tuple = ()):
        self.function, self.shape, self.vocabularies, self.traces = function, shape, vocabularies, {}

    def __call__(self, *args, **options):
        if (arrays := self.arrays_of(args, options)) is not None:
            sketch = tf.nest.map_structure(lambda x: self.spec(x) if _is_array(x) else x, (args, options))
            if (key := repr(sketch)) not in self.traces:
                self.traces[key] = self.traced(sketch)
            if (trace := self.traces[key]) is not None:
                try:
                    return trace(*arrays)
                except tf.errors.OpError:  # said again below, in the library's own words
                    pass
        return self.function(*args, **options)

    def arrays_of(self, args, options) -> list | None:
        """The arrays among the arguments; None where this call is not one for compiled code."""
        leaves = tf.nest.flatten((args, options))
        if not tf.executing_eagerly() or not all(_is_array(x) or isinstance(x, _PLAIN) for x in leaves):
            return None
        arrays = [tf.convert_to_tensor(x) for x in leaves if _is_array(x)]
        ids = [x.numpy() for x in arrays if x.dtype.is_integer]
        known = all(((x >= 0) & (x < size)).all() for x, size in zip(ids, self.vocabularies, strict=False))
        return arrays if known else None

    def spec(self, x) -> tf.TensorSpec:
        """What the trace says of an array."""
        return tf.TensorSpec(self.shape(x), tf.as_dtype(x.dtype))

    def traced(self, sketch):
        """The trace for arguments of that kind; None where there can be none."""
        parts = tf.nest.flatten(sketch)

        def run(*arrays):
            given = iter(arrays)
            leaves = [next(given) if isinstance(part, tf.TensorSpec) else part for part in parts]
            args, options = tf.nest.pack_sequence_as(sketch, leaves)
            return self.function(*args, **options)

        specs = [part for part in parts if isinstance(part, tf.TensorSpec)]
        try:
            return tf.function(run, input_signature=specs, autograph=False).get_concrete_function()
        except Exception:  # whatever stands in the way: it runs as ever
            return None


def _is_array(x) -> bool:
    return isinstance(x, (tf.Tensor, np.ndarray))


def _any_lengths(x) -> list:
    """Whatever B, T and S are; the width stays, and a mask's axes of size 1."""
    width = x.ndim - 1 if tf.as_dtype(x.dtype).is_floating else None
    return [None if n == 0 or (n != width and (size != 1 or x.ndim == 2)) else size for n, size in enumerate(x.shape)]


def _any_rows(x) -> list:
    return [None, *x.shape[1:]] if x.ndim else []


def quick_call(call: Callable, *vocabularies: int) -> Callable:
    """A layer's call, compiled for sentences of any number and length, whose ids are below these numbers."""
    traced = _Traced(call, _any_lengths, vocabularies)

    def called(*args, **options):
        return traced(*args, **{k: v for k, v in options.items() if v is not None and v is not False})  # the defaults

    return called


@functools.cache
def _loop(function: Callable, model) -> _Traced:
    return _Traced(functools.partial(function, model), _any_rows)


def quickly(function: Callable, model, *constants) -> Callable:
    """In place of `decoding.compiled`: one trace for all shapes and constants; what runs once runs without."""
    if function.__name__ not in _LOOPS:
        return lambda *args: function(model, *constants, *args)
    loop = _loop(function, model)
    return lambda *args: loop(*(tf.constant(x) if isinstance(x, int) else x for x in (*constants, *args)))
