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
