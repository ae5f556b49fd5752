"""What the exercises of this lesson share."""


def sentences(rng, B, S, pad_id=0):
    """Ids with padding in every row and a word in every row; 0 is a word where it is not the padding."""
    ids = rng.integers(0, 12, (B, S)).astype("int32")
    ids[ids == pad_id] = pad_id + 1
    for row in ids:
        row[rng.integers(1, S) :] = pad_id
    return ids


def mask_made(rng, *shape):
    """A random bool mask."""
    return rng.random(shape) < 0.5


KEPT = "the mask of the first call is kept and given back again: each call makes one from what it was given"
SHAPE_OPEN = (
    "NumPy inside a model (by numpy_function or py_function) leaves even the number of axes open, and attention will "
    "need it: keras.ops alone"
)


def applied(cls, x, called_before=None, **options):
    """A layer of a class, made and called; called before with something else, where that is given."""
    layer = cls(**options)
    if called_before is not None:
        layer(called_before)
    return layer(x)


def also_compiled(cls, x, **options):
    """The layer inside a compiled function that does not know its lengths beforehand."""
    import tensorflow as tf

    layer = cls(**options)
    signature = [tf.TensorSpec([None] * x.ndim, x.dtype)]
    try:
        compiled = tf.function(lambda inputs: layer(inputs), input_signature=signature, autograph=False)
        compiled = compiled.get_concrete_function()
        if getattr(compiled.output_shapes, "rank", 0) is None:
            return "it leaves the number of axes open while the model is being compiled"
        return compiled(tf.constant(x))
    except (NotImplementedError, AttributeError) as error:
        if not error.args:
            raise  # not started
        return "it asks for numbers while the model is being compiled"
    except (TypeError, ValueError) as error:
        what = "a length" if "None" in str(error) else "numbers"
        return f"it asks for {what} while the model is being compiled"


def layer_made(base, call):
    """The class with another `call`."""
    return type(base.__name__, (base,), {"call": call})


def kept(call):
    """A `call` that gives back what it gave at the first."""

    def once(self, x):
        if not hasattr(self, "first"):
            self.first = call(self, x)
        return self.first

    return once


def unshaped(mask):
    """The mask; where a model is being compiled, one whose shape nobody knows."""
    import tensorflow as tf

    return tf.numpy_function(lambda values: values, [mask], tf.bool)
