"""What the exercises of this lesson share."""

import keras
import numpy as np

from utils.checks.in_numpy import layer_with
from utils.checks.inputs import normal

NO_NUMBERS = "it asks for numbers that are not there yet"
NO_SIZE = "it asks for the size of a batch that is not known yet"


def with_weights(kind, shape, seed, **arguments):
    """A layer with weights drawn from a seed: biases, gammas and betas too, all of them large enough to see.

    Sizes that do not matter are None, so that few are built.
    """

    def draw(weights):
        rng = np.random.default_rng(seed)
        return [
            normal(rng, *w.shape, mean=w.name == "gamma") / np.float32(1.5 if len(w.shape) > 1 else 1) for w in weights
        ]

    return layer_with(kind, ((None, None, *shape[2:]),), draw, **arguments)


def compiled(layer, *arrays, call=lambda layer, *arrays: layer(*arrays)):
    """What a layer gives in a compiled function, for a batch of any size; where that fails, in words what it lacked.

    In NumPy nothing is compiled: a known mistake says itself what it lacks.
    """
    import tensorflow as tf

    if not isinstance(layer, keras.layers.Layer):
        return getattr(layer, "lacked", "") or call(layer, *arrays)
    signature = [tf.TensorSpec([None, *array.shape[1:]], array.dtype) for array in arrays]
    function = tf.function(lambda *given: call(layer, *given), input_signature=signature, autograph=False)
    try:
        return function(*map(tf.constant, arrays))
    except (NotImplementedError, AttributeError) as error:
        if not error.args:
            raise  # not started
        return NO_NUMBERS
    except (TypeError, ValueError) as error:
        return NO_SIZE if "None" in str(error) or "len is not" in str(error) else NO_NUMBERS


def alone(result):
    """One result; said to be in a list where it came back in one."""
    in_a_list = isinstance(result, (tuple, list)) and len(result) == 1
    return (*result, "in a list of its own") if in_a_list else result


def lacking(words, variant):
    """A right answer but for what it lacks in a compiled function."""
    return type("Lacking", (variant,), {"lacked": words})


UNBRACKETED = "always a pair: `a, b if asked else c` is read as `a, (b if asked else c)`. Put brackets around the pair"
IN_A_LIST = (
    "the output came back in a list of its own: without the scores it is returned alone, without brackets or comma"
)

TOO_EARLY = (
    (
        NO_NUMBERS,
        "in training the call is compiled, before there are numbers: np.asarray, .numpy(), int(…) and `if` on a tensor "
        "come too early. Use ops",
    ),
    (
        NO_SIZE,
        "while a model is built a batch has no size yet, .shape[0] is None: ops.shape(x)[0], or an axis of size 1",
    ),
)


def ratio_words(made, base, rate) -> str:
    """What dropout did to numbers that would be `base` without it."""
    ratio = made / base
    if np.allclose(ratio, 1, atol=1e-3):
        return "nothing dropped"
    kept = 1 / (1 - rate)
    if np.isclose(ratio[..., None], (0, kept), atol=1e-3).any(axis=-1).all():
        return "some numbers dropped, the others scaled up"
    if np.isclose(ratio[..., None], (0, 1), atol=1e-3).any(axis=-1).all():
        return "some numbers dropped, the others not scaled up"
    if np.isclose(ratio[..., None], (0, 1 / rate), atol=1e-3).any(axis=-1).all():
        return "the rate taken for the share to keep"
    if np.isclose(ratio[..., None], (0, kept**2), atol=1e-3).any(axis=-1).all():
        return "dropped twice"
    factor = float(np.max(np.abs(ratio), initial=0.0))
    if np.isclose(ratio[..., None], (0, factor), atol=1e-3).any(axis=-1).all():
        return f"some numbers dropped, the others times {factor:.2f}"
    return "something else changed"


def random_mask(rng, *shape):
    """A bool mask in which every query may look at the first place and not at the last, and back in the first row."""
    mask = rng.random(shape) < 0.5
    mask[..., 0], mask[..., -1] = True, False
    mask[..., 0, :] = mask[..., 0, ::-1]
    return mask
