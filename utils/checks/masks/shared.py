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


def applied(cls, x, **options):
    """A layer of a class, made and called."""
    return cls(**options)(x)


def also_compiled(cls, x, **options):
    """The layer inside a compiled function that does not know its lengths beforehand."""
    import tensorflow as tf

    layer = cls(**options)
    signature = [tf.TensorSpec([None] * x.ndim, x.dtype)]
    try:
        compiled = tf.function(lambda inputs: layer(inputs), input_signature=signature, autograph=False)
        return compiled.get_concrete_function()(tf.constant(x))
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
