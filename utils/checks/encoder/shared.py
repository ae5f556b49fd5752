"""What the exercises of this lesson share."""

import functools

import keras
import numpy as np
from keras import ops

from utils.checks.in_numpy import layer_with
from utils.checks.inputs import normal

NO_NUMBERS = "it asks for numbers that are not there yet"
NO_SIZE = "it asks for the size of a batch that is not known yet"
NO_GRADIENT = "not all that is learnt gets a gradient"
OTHER_KIND = "it comes back in another dtype than the layer computes in"
SAME_DROPPED = "the same numbers are dropped at every call"
OTHER_EACH_TIME = "two calls with the same input give different numbers"


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


def _plainly(layer, *arrays, **options):
    return layer(*arrays, **options)


def compiled(layer, *arrays, call=_plainly):
    """What a layer gives in a compiled function, for a batch of any size; where that fails, in words what it lacked.

    In NumPy nothing is compiled: a known mistake says itself what it lacks.
    """
    if not isinstance(layer, keras.layers.Layer):
        return getattr(layer, "lacked", "") or call(layer, *arrays)
    return _in_a_compiled_function(lambda *given: call(layer, *given), arrays)


def _first(results):
    return results[0] if isinstance(results, (tuple, list)) else results


def compiled_in_training(layer, *arrays, call=_plainly, **options):
    """The same in training, with more `options` if there are any; of several results the first."""
    if not isinstance(layer, keras.layers.Layer):
        return getattr(layer, "lacked", "") or _first(call(layer, *arrays, **options))

    def train(*given):
        return _first(call(layer, *given, training=True, **options))

    made = _in_a_compiled_function(train, arrays)
    return made if isinstance(made, str) or made.dtype == layer.compute_dtype else OTHER_KIND


def trained(layer, *arrays):
    """What a layer with dropout gives in a compiled function, where it is trained besides.

    Other numbers must be dropped at each call, and a gradient must come back to all weights and to the input.
    """
    import tensorflow as tf

    if not isinstance(layer, keras.layers.Layer):
        return getattr(layer, "lacked", "") or layer(*arrays)
    lost = []

    def use_and_train(*given):
        with tf.GradientTape() as tape:
            tape.watch(given)
            made = layer(*given, training=True)
        gradients = tape.gradient(made, [*given, *(v.value for v in layer.trainable_variables)])
        lost.extend(g for g in gradients if g is None)
        return layer(*given), made

    results = _in_a_compiled_function(use_and_train, arrays, times=2)
    if isinstance(results, str):
        return results
    (result, made), (_, again) = results
    if made.dtype != layer.compute_dtype:
        return OTHER_KIND
    if lost:
        return NO_GRADIENT
    return SAME_DROPPED if np.array_equal(made, again) else result


def _in_a_compiled_function(call, arrays, times=None):
    """What `call` gives there, or a list where it is called several times; in words where it cannot be compiled."""
    import tensorflow as tf

    signature = [tf.TensorSpec([None, *array.shape[1:]], array.dtype) for array in arrays]
    function = tf.function(call, input_signature=signature, autograph=False)
    try:
        results = [function(*map(tf.constant, arrays)) for _ in range(times or 1)]
    except (NotImplementedError, AttributeError) as error:
        if not error.args:
            raise  # not started
        return NO_NUMBERS
    except (TypeError, ValueError) as error:
        return NO_SIZE if "None" in str(error) or "len is not" in str(error) else NO_NUMBERS
    return results if times else results[0]


def _alike(a, b) -> bool:
    """Whether two arrays do not differ, as far as they can be compared."""
    if not all(hasattr(x, "dtype") for x in (a, b)) or a.shape != b.shape:
        return True
    return np.allclose(ops.convert_to_numpy(a), ops.convert_to_numpy(b), 1e-4, 1e-4)


def steadily(run):
    """The same way to use an answer, but twice; in words where the second time gives something else."""

    def twice(answer, *args, **kwargs):
        first, second = (run(answer, *args, **kwargs) for _ in range(2))
        pairs = zip(*(keras.tree.flatten(result) for result in (first, second)), strict=False)
        steady = all(_alike(a, b) for a, b in pairs)
        return first if steady else OTHER_EACH_TIME

    return twice


_dice = np.random.default_rng(0)


def by_dice(x):
    """Other numbers at each call, as new random weights give them."""
    return x + _dice.normal(size=x.shape).astype(x.dtype)


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

NOT_COMPILED = (
    *TOO_EARLY,
    (OTHER_KIND, "it came back in another dtype, and the layers around it compute in float32: do not cast it"),
)

NOT_TRAINED = (
    *NOT_COMPILED,
    (
        NO_GRADIENT,
        "the gradient does not come back to all weights and to what came in: nothing may be cut off, by NumPy or by "
        "stop_gradient",
    ),
    (
        SAME_DROPPED,
        "the same numbers are dropped at every call, by a fixed seed or by NumPy's chance, which is asked once, when "
        "the call is compiled: self.dropout_layer draws anew each time",
    ),
)

RESTLESS = (
    "two calls with the same input give different numbers: a layer that is made inside `call` has new random weights "
    "each time. Use the parts that __init__ has made"
)
FALSE_DROPS = "training=False is taken for training: hand `training` on as it came"
DEFAULT_DROPS = "where nothing is said of training it drops: its default is None, and None switches dropout off"


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


def unscaled(x, drop):
    """Dropout that leaves the others as they were."""
    return np.where(drop(x) == 0, 0, x)


def kept_for_dropped(x, drop):
    """Dropout that takes the rate for the share to keep."""
    if not isinstance(drop, functools.partial):
        return x
    rng, rate = drop.args
    return drop.func(rng, 1 - rate, x)


def random_mask(rng, *shape):
    """A bool mask in which every query may look at the first place and not at the last, and back in the first row."""
    mask = rng.random(shape) < 0.5
    mask[..., 0], mask[..., -1] = True, False
    mask[..., 0, :] = mask[..., 0, ::-1]
    return mask
