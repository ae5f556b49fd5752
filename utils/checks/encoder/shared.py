"""What the exercises of this lesson share."""

import functools

import numpy as np
from keras import ops

from utils.checks.inputs import normal


@functools.lru_cache(maxsize=64)
def built_layer(kind, shape, **arguments):
    """A layer of a class, built for inputs of a shape; sizes that do not matter are None, so that few are built."""
    layer = kind(**arguments)
    layer.build(shape)
    return layer


def with_weights(kind, shape, seed, **arguments):
    """A layer with weights drawn from a seed: biases, gammas and betas too, all of them large enough to see."""
    layer = built_layer(kind, (None, None, *shape[2:]), **arguments)
    rng = np.random.default_rng(seed)
    layer.set_weights(
        [normal(rng, *w.shape, mean=w.name == "gamma") / (1.5 if len(w.shape) > 1 else 1) for w in layer.weights]
    )
    return layer


def borrowing_variant(kind, call):
    """What is used like a class of the library, with another `call`; borrows a layer built once."""

    class Variant:
        def __init__(self, **arguments):
            self.arguments = arguments

        def build(self, shape):
            self.borrow(built_layer(kind, tuple(shape), **self.arguments))

        def borrow(self, layer):
            self.layer, self.weights, self.set_weights = layer, layer.weights, layer.set_weights

        def __call__(self, x, attention_mask=None, training=None, return_attention_scores=False):
            return call(self.layer, ops.convert_to_tensor(x), attention_mask, training, return_attention_scores)

    return Variant


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
    return "something else changed"


def random_mask(rng, *shape):
    """A bool mask in which every query may look at the first place and not at the last, and back in the first row."""
    mask = rng.random(shape) < 0.5
    mask[..., 0], mask[..., -1] = True, False
    mask[..., 0, :] = mask[..., 0, ::-1]
    return mask
