"""What the exercises of this lesson and the next two share."""

import keras
import numpy as np

from utils.checks.in_numpy import layer_with


def fresh_with(kind, shapes, draw, **arguments):
    """As `layer_with`, but an answer's layer is a new one: what it kept from other calls is not there."""
    if hasattr(kind, "model_of"):
        return layer_with(kind, shapes, draw, **arguments)
    layer = kind(**arguments)
    layer.build(*shapes)
    layer.set_weights(draw(layer.weights))
    return layer


def compiled_twice(layer, call, *arrays):
    """What a compiled function gives for the same arrays, once and once more; two words where it cannot be compiled.

    In NumPy nothing is compiled: a known mistake says itself whether it could be.
    """
    import tensorflow as tf

    if not isinstance(layer, keras.layers.Layer):
        return (
            (UNCOMPILED, UNCOMPILED) if hasattr(layer, "uncompiled") else (call(layer, *arrays), call(layer, *arrays))
        )
    function = tf.function(lambda *given: call(layer, *given), autograph=False)
    given = [tf.constant(array) for array in arrays]
    try:
        return tuple(np.asarray(function(*given)) for _ in range(2))
    except NotImplementedError as error:
        if not error.args:
            raise  # not started
    except Exception:  # noqa: BLE001 - outside a function it was right
        pass
    return UNCOMPILED, UNCOMPILED


UNCOMPILED = "it cannot be compiled"


def error_of(answer, *args, **kwargs) -> str:
    """What a call raised: "ValueError", or another error's name; that it raised nothing."""
    try:
        answer(*args, **kwargs)
    except NotImplementedError:
        raise  # not started
    except Exception as error:  # noqa: BLE001 - whichever it is, it gets a name
        return "ValueError" if isinstance(error, ValueError) else type(error).__name__
    return TAKEN


TAKEN = "nothing"


def refused(errors: tuple) -> str:
    """Whether each of several calls raised ValueError, in words."""
    return REFUSED if all(error == "ValueError" for error in errors) else NOT_REFUSED


REFUSED, NOT_REFUSED = "each raised ValueError", "not each raised ValueError"
