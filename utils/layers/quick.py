"""The course's layers as they are trained, and asked, on TensorFlow: the same numbers, fewer walks through memory.

Beside its products, a step of fine-tuning spends its time on reading and writing large arrays, once for every small
operation and once more for its gradient. Here dropout draws 16 random bits for a number instead of 32, and norm, gelu
and dropout bring a gradient of few operations. Nothing here has weights, and a model is the same before and after:

    with quick.layers_of(model):
        logits = model(...)  # traced by `tf.function`

`matmul_precision="bfloat16"` also rounds what the products multiply, weights and everything between them staying
float32. Where the processor has instructions for that (AMX, AVX512-BF16) a product takes half the time or less.
"""

import contextlib
import math
from collections.abc import Iterator

import keras
import numpy as np
from keras import ops

from utils.layers.attention import MultiHeadAttention, merge_heads, split_heads
from utils.layers.masks import fit_mask, mask_to_additive

STEPS = 1 << 16  # a rate of dropout is rounded to 65536ths
PRECISIONS = ("float32", "bfloat16")


@contextlib.contextmanager
def layers_of(model, matmul_precision: str = "float32") -> Iterator[None]:
    """Inside, dropout, layer norms, exact gelus and attention of `model` are computed as below; layers keep all else.

    Only what is exactly Keras' layer or the course's attention, and computes in float32, on TensorFlow: on another
    backend, in half precision and in subclasses nothing changes.

    Args:
        model: a Keras model or layer.
        matmul_precision: "float32", or "bfloat16": attention and dense layers multiply by `half_product`.

    Raises:
        ValueError: another precision, or bfloat16 on another backend than TensorFlow.
    """
    check_precision(matmul_precision)
    here = keras.backend.backend() == "tensorflow"
    if matmul_precision != "float32" and not here:
        backend = keras.backend.backend()
        raise ValueError(f"Products of {matmul_precision} need Keras' TensorFlow backend. Received: {backend}")
    quick = QUICK if matmul_precision == "float32" else QUICK | HALF
    changed = []
    try:
        for part in model._flatten_layers() if here else ():
            if part.compute_dtype != "float32":
                continue
            if isinstance(part, keras.layers.Dense) and part.activation is keras.activations.gelu:
                changed.append((part, "activation", part.activation))
                part.activation = gelu
            if type(part) in quick:
                changed.append((part, "__class__", type(part)))
                part.__class__ = quick[type(part)]
        yield
    finally:
        for part, name, value in changed:
            setattr(part, name, value)


class Dropout(keras.layers.Dropout):
    """Each number stays with probability 1 - rate, and is divided by that (Srivastava et al. 2014)."""

    def call(self, inputs, training=False):
        """Any shape."""
        if not training or not 0 < self.rate < 1 or self.noise_shape is not None:
            return super().call(inputs, training=training)
        import tensorflow as tf

        size, seed = tf.size(inputs), tf.cast(self.seed_generator.next() % (2**31 - 2), "int32")  # as Keras draws
        pairs = tf.random.stateless_uniform([(size + 1) // 2], seed, minval=None, maxval=None, dtype="uint32")
        bits = tf.reshape(tf.reshape(tf.bitcast(pairs, "uint16"), [-1])[:size], tf.shape(inputs))
        dropped = min(max(round(self.rate * STEPS), 1), STEPS - 1)
        kept = tf.cast(bits >= np.uint16(dropped), "float32") * (STEPS / (STEPS - dropped))  # 0 or 1 / (1 - rate)

        @tf.custom_gradient
        def apply(x):
            return x * kept, lambda upstream: upstream * kept

        return apply(inputs)


class LayerNormalization(keras.layers.LayerNormalization):
    """A norm over the last axis (Ba et al. 2016)."""

    def call(self, inputs):
        """(..., D)."""
        axes = [self.axis] if isinstance(self.axis, int) else list(self.axis)
        if axes not in ([-1], [len(inputs.shape) - 1]) or self.gamma is None or self.beta is None:
            return super().call(inputs)
        return normalise(inputs, self.gamma, self.beta, self.epsilon)


def normalise(x, gamma, beta, epsilon: float):
    """What `keras.ops.layer_normalization` gives for x (..., D), gamma and beta (D,), over the last axis."""
    import tensorflow as tf

    @tf.custom_gradient
    def apply(x, gamma, beta):
        x = x - tf.reduce_mean(x, -1, keepdims=True)
        scale = tf.math.rsqrt(tf.reduce_mean(tf.square(x), -1, keepdims=True) + epsilon)
        x = x * scale

        def gradient(upstream):
            rows = [-1, tf.shape(x)[-1]]
            d_gamma = tf.reduce_sum(tf.reshape(upstream * x, rows), 0)
            d_beta = tf.reduce_sum(tf.reshape(upstream, rows), 0)
            d = upstream * gamma
            along = tf.reduce_mean(d * x, -1, keepdims=True)  # what the norm takes away: the mean, and the length
            return (d - tf.reduce_mean(d, -1, keepdims=True) - x * along) * scale, d_gamma, d_beta

        return x * gamma + beta, gradient

    return apply(*(tf.convert_to_tensor(each) for each in (x, gamma, beta)))


def gelu(x):
    """The exact gelu, x·Φ(x) (Hendrycks and Gimpel 2016), of any shape."""
    import tensorflow as tf

    @tf.custom_gradient
    def apply(x):
        below = 0.5 + 0.5 * tf.math.erf(x * math.sqrt(0.5))  # Φ(x)

        def gradient(upstream):
            density = tf.exp(tf.square(x) * -0.5) * (1 / math.sqrt(2 * math.pi))
            return upstream * (below + x * density)

        return x * below, gradient

    return apply(x)


def check_precision(matmul_precision: str) -> None:
    """Raises ValueError unless it is one of PRECISIONS."""
    if matmul_precision not in PRECISIONS:
        raise ValueError(f"`matmul_precision` must be float32 or bfloat16. Received: {matmul_precision!r}")


def product(x, y, transpose_y: bool = False):
    """The matrix product x @ y in float32, or x @ yᵀ: x (..., M, N), y (..., N, K) or (..., K, N)."""
    return ops.matmul(x, ops.swapaxes(y, -2, -1) if transpose_y else y)


def half_product(x, y, transpose_y: bool = False):
    """`product` of both rounded to bfloat16, and so are result and gradients; all are float32 again outside.

    Args:
        x: (..., M, N).
        y: a matrix, or of the same leading axes as x: (..., N, K), with `transpose_y` (..., K, N).
        transpose_y: multiply by yᵀ.

    Returns:
        (..., M, K), float32. Each number is off by a 256th of itself at most, beside what rounding x and y does.
    """
    import tensorflow as tf

    def rounded(array, axes):
        array = tf.cast(array, "bfloat16")
        return tf.reshape(array, [-1, tf.shape(array)[-1]]) if axes else array

    x, y = (tf.convert_to_tensor(each) for each in (x, y))
    flat = len(y.shape) == 2 < len(x.shape)  # one large product is quicker than many small ones

    @tf.custom_gradient
    def apply(x, y):
        a, b = rounded(x, flat), rounded(y, False)
        result = tf.cast(tf.matmul(a, b, transpose_b=transpose_y), "float32")
        if flat:
            result = tf.reshape(result, tf.concat([tf.shape(x)[:-1], tf.shape(result)[-1:]], 0))
            result.set_shape([*x.shape[:-1], y.shape[0 if transpose_y else 1]])

        def gradient(upstream):
            u = rounded(upstream, flat)
            d_x = tf.cast(tf.matmul(u, b, transpose_b=not transpose_y), "float32")
            left, right = (u, a) if transpose_y else (a, u)
            return tf.reshape(d_x, tf.shape(x)), tf.cast(tf.matmul(left, right, transpose_a=True), "float32")

        return result, gradient

    return apply(x, y)


class Attention(MultiHeadAttention):
    """The queries are scaled instead of the scores, and a mask is added instead of chosen by."""

    product = staticmethod(product)

    def project(self, x, weights):
        """`utils.layers.attention.project`, by this layer's products."""
        kernel, bias = weights
        x = self.product(x, ops.reshape(kernel, (int(x.shape[-1]), -1)))
        return x if bias is None else x + ops.reshape(bias, (-1,))

    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
        """See `MultiHeadAttention`."""
        key = value if key is None else key
        q = self.project(query, self.query_weights) / math.sqrt(self.key_dim)
        q = split_heads(q, self.num_heads)  # (B, H, T, K)
        k = split_heads(self.project(key, self.key_weights), self.num_heads)  # (B, H, S, K)
        v = split_heads(self.project(value, self.value_weights), self.num_heads)  # (B, H, S, value_dim)
        scores = self.product(q, k, transpose_y=True)  # (B, H, T, S)
        mask = None if attention_mask is None else fit_mask(attention_mask, scores.shape)
        weights = ops.softmax(scores if mask is None else scores + mask_to_additive(mask), axis=-1)
        heads = self.product(self.dropout_layer(weights, training=training), v)  # (B, H, T, value_dim)
        if mask is not None:
            heads *= ops.cast(ops.any(mask, axis=-1, keepdims=True), "float32")  # who may look nowhere takes nothing
        output = self.project(merge_heads(heads), self.output_weights)
        if not return_attention_scores:
            return output
        return output, weights if mask is None else ops.where(mask, weights, 0.0)


class HalfAttention(Attention):
    """Its six products are `half_product`."""

    product = staticmethod(half_product)


class HalfDense(keras.layers.Dense):
    """Its product is `half_product`."""

    def call(self, inputs, training=None):
        """(..., N) to (..., units)."""
        if len(inputs.shape) < 2 or self.lora_enabled or self.quantization_mode is not None:
            return super().call(inputs, training=training)
        x = half_product(inputs, self.kernel)
        x = x if self.bias is None else x + self.bias
        return x if self.activation is None else self.activation(x)


QUICK = {
    keras.layers.Dropout: Dropout,
    keras.layers.LayerNormalization: LayerNormalization,
    MultiHeadAttention: Attention,
}
HALF = {keras.layers.Dense: HalfDense, MultiHeadAttention: HalfAttention}
