"""Low-rank adaptation: a kernel that stays, and two thin matrices beside it that learn (Hu et al. 2021).

`LoRADense` is such a dense layer, `merge` adds what was learnt to the kernel, `beside` makes a feed-forward of them.
Symbols: D the width of the input, M that of the output, r the rank.
"""

import keras
import numpy as np
from keras import ops

from utils.layers.contract import arguments_of, check_positive
from utils.layers.encoder import FeedForward
from utils.layers.neighbours import carries_mask


@keras.saving.register_keras_serializable(package="transformer_course")
class LoRADense(keras.layers.Layer):
    """A dense layer whose kernel and bias stay, with a change of low rank beside them that learns (section 4.1).

    activation(x W + b + alpha / r (x A) B). A is drawn by chance; B begins at zero, and so does the change.

    Args:
        units: M. rank: r.
        alpha: how much the change weighs; None takes r, so that it weighs 1.
        activation: the bend.
        use_bias: whether there is b.

    Call arguments:
        x: (..., D). Returns (..., M).
    """

    def __init__(self, units, rank, alpha=None, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        check_positive(units=units, rank=rank)
        self.units, self.rank, self.use_bias = units, rank, use_bias
        self.alpha = rank if alpha is None else alpha
        if not self.alpha > 0:
            raise ValueError(f"`alpha` must be above 0. Received: alpha={alpha!r}")
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        D, M, r = input_shape[-1], self.units, self.rank
        stays = {"trainable": False}
        self.kernel = self.add_weight(name="kernel", shape=(D, M), initializer="glorot_uniform", **stays)
        self.bias = self.add_weight(name="bias", shape=(M,), initializer="zeros", **stays) if self.use_bias else None
        draw = keras.initializers.RandomNormal(stddev=D**-0.5)  # x A is then about as large as x
        self.lora_a = self.add_weight(name="lora_a", shape=(D, r), initializer=draw)
        self.lora_b = self.add_weight(name="lora_b", shape=(r, M), initializer="zeros")

    def call(self, x):
        y = ops.matmul(x, self.kernel)  # (..., M)
        y = y if self.bias is None else y + self.bias
        change = ops.matmul(ops.matmul(x, self.lora_a), self.lora_b)  # (..., D) -> (..., r) -> (..., M)
        return self.activation(y + self.alpha / self.rank * change)

    def get_config(self):
        activation = keras.activations.serialize(self.activation)
        return {**super().get_config(), **arguments_of(self), "activation": activation}

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)


carries_mask(LoRADense)


def merge(kernel, lora_a, lora_b, alpha):
    """The kernel with what was learnt beside it added to it: one matrix, and not a product more.

    Args:
        kernel: W, (D, M), or the (D, H, K) of an attention with H·K = M.
        lora_a: A, (D, r).
        lora_b: B, (r, M).
        alpha: how much the change weighs, shared among the r columns.

    Returns:
        W + alpha / r A B, in the shape of the kernel.
    """
    kernel, lora_a, lora_b = (ops.convert_to_tensor(array) for array in (kernel, lora_a, lora_b))
    change = ops.matmul(lora_a, lora_b)  # (D, M)
    return kernel + alpha / lora_a.shape[1] * ops.reshape(change, kernel.shape)


def beside(feed_forward: FeedForward, rank: int, alpha=None) -> None:
    """Gives a feed-forward two `LoRADense` for its two dense layers, before it is built.

    Args:
        feed_forward: not built yet: its weights are loaded afterwards, into `kernel` and `bias` under the same names.
        rank: r of both.
        alpha: see `LoRADense`.

    Raises:
        ValueError: it is built, so that its weights would be lost.
    """
    if feed_forward.built:
        raise ValueError(f"Change the layer before it is built: its weights would be lost. Received: {feed_forward}")
    for name in ("widen", "narrow"):
        dense = getattr(feed_forward, name)
        feed_forward._tracker.untrack(dense)  # or it would stay among the parts, without weights for ever
        low_rank = LoRADense(dense.units, rank, alpha, dense.activation, name=f"{dense.name}_low_rank")
        setattr(feed_forward, name, low_rank)


def merged(layer: LoRADense) -> keras.layers.Dense:
    """The dense layer that computes the same: what is deployed once the change is settled."""
    D = layer.kernel.shape[0]
    dense = keras.layers.Dense(layer.units, layer.activation, layer.use_bias, dtype=layer.dtype_policy)
    dense.build((None, D))
    arrays = (ops.convert_to_numpy(w.value) for w in (layer.kernel, layer.lora_a, layer.lora_b))
    dense.kernel.assign(merge(*(np.asarray(array, "float32") for array in arrays), layer.alpha))
    if layer.use_bias:
        dense.bias.assign(layer.bias)
    return dense
