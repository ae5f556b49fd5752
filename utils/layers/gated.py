"""RMS norm (Zhang and Sennrich 2019) and the gated feed-forward (Shazeer 2020)."""

import keras
from keras import ops

from utils.layers.block_frames import GatedFrame


def rms_norm(x, gamma, epsilon: float = 1e-6):
    """Divides every token by the root of the mean of its squares (Zhang and Sennrich 2019). No mean, no beta.

    Args:
        x: (..., D).
        gamma: scale (D,).
        epsilon: added to the mean square, inside the root.

    Returns:
        (..., D) in x's dtype; squared in float32, since float16 ends at 65,504 and the square of 300 does not fit.
    """
    x = ops.convert_to_tensor(x)
    wide = ops.cast(x, "float32")
    mean_square = ops.mean(ops.square(wide), axis=-1, keepdims=True)  # (..., 1)
    return ops.cast(gamma, x.dtype) * ops.cast(wide / ops.sqrt(mean_square + epsilon), x.dtype)


@keras.saving.register_keras_serializable(package="transformer_course")
class SwiGLU(GatedFrame):
    """A feed-forward with a gate: what one matrix makes is multiplied by what another lets through (Shazeer 2020).

    Args:
        embedding_dim: D, of input and output.
        fully_connected_dim: F, in between. Three matrices with 2F/3 have the weights of two with F.
        activation: the gate's bend; silu(z) = z·sigmoid(z) makes it SwiGLU, "gelu" GEGLU.
        use_bias: whether the three have biases.
        dropout_rate: on the output, before the residual adds it.

    Call arguments:
        x: (B, T, D). Returns (B, T, D).
    """

    def __init__(self, embedding_dim, fully_connected_dim, activation="silu", use_bias=False, dropout_rate=0.0,
                 **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        self.keep(locals())
        self.gate = keras.layers.Dense(fully_connected_dim, activation=activation, use_bias=use_bias)
        self.widen = keras.layers.Dense(fully_connected_dim, use_bias=use_bias)
        self.narrow = keras.layers.Dense(embedding_dim, use_bias=use_bias)
        self.dropout_layer = keras.layers.Dropout(dropout_rate)

    def call(self, x, training=None):
        let_through = self.gate(x)  # (B, T, F), bent
        x = self.narrow(let_through * self.widen(x))  # (B, T, D)
        return self.dropout_layer(x, training=training)
