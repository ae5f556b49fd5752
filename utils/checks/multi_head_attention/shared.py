"""What the exercises of this lesson share."""

import math

import numpy as np
from keras import ops

NO_SIZE = "it asks for the size of a batch that is not known yet"
NO_WIDTH = "it leaves the width of a head open"
NO_NUMBERS = "it asks for numbers that are not there yet"
NO_AXES = "it leaves even the number of axes open"
IN_NUMPY = "it computes in NumPy"
NO_GRADIENT = "no gradient reaches some of its weights"
NO_DICE = "compiled with dropout it fails, or drops the same weights at each call"

TOO_EARLY = (
    "while a model is being built there are no numbers yet, and no sentences to go through: .numpy(), int(…), "
    "B, T, D = tf.shape(x), an array's own methods and a loop over the batch come too early. Use ops"
)
SHAPE_OPEN = (
    "NumPy inside a model (by numpy_function or py_function) leaves even the number of axes open, and the next step "
    "will need it: ops alone"
)


def with_unknown_batch(function, *arrays, times=1):
    """The function compiled for batches of any size, then called; where that fails, in words what it lacked.

    Called several times it gives a list.
    """
    import tensorflow as tf

    signature = [tf.TensorSpec([None, *x.shape[1:]], x.dtype) for x in arrays]
    try:
        compiled = tf.function(function, input_signature=signature, autograph=False).get_concrete_function()
        if compiled.output_shapes.rank is None:
            return NO_AXES
        if compiled.output_shapes[-1] is None:
            return NO_WIDTH
        results = [compiled(*map(tf.constant, arrays)) for _ in range(times)]
        return results[0] if times == 1 else results
    except NotImplementedError as error:
        if not error.args:
            raise  # not started
        return IN_NUMPY if "numpy array" in str(error) else NO_NUMBERS
    except AttributeError:
        return NO_NUMBERS
    except (TypeError, ValueError) as error:
        if "must be real number" in str(error):  # √None
            return NO_WIDTH
        return NO_SIZE if "None" in str(error) or "len is not" in str(error) else NO_NUMBERS


def batch_unknown(answer, x, *others):
    """A function's result where the size of the batch is not known yet. NumPy is right too: arrays have a size."""
    result = answer(x, *others)
    if isinstance(result, np.ndarray):
        return result
    compiled = with_unknown_batch(lambda x: answer(x, *others), x)
    return result if isinstance(compiled, str) and compiled == IN_NUMPY else compiled


def lacking_numbers(function):
    """A right answer but for what it needs, numbers."""
    return lambda x, *others: function(ops.convert_to_tensor(ops.convert_to_tensor(x).numpy()), *others)


def leaving_axes_open(function):
    """A right answer but for its shape, which nobody knows while a model is being built."""

    def open_while_built(x, *others):
        import tensorflow as tf

        return tf.numpy_function(lambda values: values, [function(x, *others)], x.dtype)

    return open_while_built


def head_count(*shape):
    """Numbers counted up from 0 in that shape, float32: where each goes can be seen."""
    return np.arange(math.prod(shape), dtype="float32").reshape(shape)


def cut(order, shape):
    """Reshapes (B, T, D) as `shape` says of B, T, H and K, then puts the axes into `order`."""

    def split(x, num_heads):
        B, T, D = x.shape
        return x.reshape(shape(B, T, num_heads, D // num_heads)).transpose(order)

    return split


def glue(order, shape):
    """Puts the axes of (B, H, T, K) into `order`, then reshapes as `shape` says of B, H, T and K."""
    return lambda x: x.transpose(order).reshape(shape(*x.shape))
