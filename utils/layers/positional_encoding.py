"""Sinusoidal positions (Vaswani et al. 2017, section 3.5)."""

import keras
import numpy as np
from keras import ops

from utils.layers.contract import arguments_of, check_even, check_positive, check_rank, concrete
from utils.layers.neighbours import carries_mask


def get_angles(pos, i, d: int) -> np.ndarray:
    """The angle of every position at every column.

    Args:
        pos: positions, (N, 1).
        i: column numbers 0…d-1, (1, d). Columns 2j and 2j+1 share one frequency.
        d: the model width.

    Returns:
        (N, d) float64, in radians: pos / 10000^(2j/d).
    """
    j = np.asarray(i) // 2
    return np.asarray(pos, dtype="float64") / 10000.0 ** (2 * j / d)


def positional_encoding(positions: int, d: int):
    """The encoding of positions 0…positions-1: sine on even columns, cosine on odd ones.

    Args:
        positions: how many positions.
        d: the model width, even.

    Returns:
        (1, positions, d) float32.
    """
    check_positive(positions=positions)
    check_even(d)
    angles = get_angles(np.arange(positions)[:, np.newaxis], np.arange(d)[np.newaxis, :], d)
    encoding = np.empty_like(angles)
    encoding[:, 0::2] = np.sin(angles[:, 0::2])
    encoding[:, 1::2] = np.cos(angles[:, 1::2])
    return ops.convert_to_tensor(encoding[np.newaxis], dtype="float32")


def shift_matrix(k: int, d: int) -> np.ndarray:
    """The matrix R that moves every encoding k positions on: encoding(p + k) = R @ encoding(p), for every p.

    Args:
        k: how many positions; may be negative.
        d: the model width, even.

    Returns:
        (d, d) float64: one 2 x 2 rotation for each frequency, along the diagonal.
    """
    check_even(d)
    angles = get_angles(np.array([[k]]), np.arange(d)[np.newaxis, :], d)[0]
    rotation = np.zeros((d, d))
    for j in range(0, d, 2):
        c, s = np.cos(angles[j]), np.sin(angles[j])
        rotation[j : j + 2, j : j + 2] = [[c, s], [-s, c]]
    return rotation


@keras.saving.register_keras_serializable(package="transformer_course")
class PositionalEncoding(keras.layers.Layer):
    """Adds to each word's vector the encoding of its position. No weights.

    Args:
        max_length: the longest sequence it can take.

    Call arguments:
        x: (B, T, D), D even.
        start: the position of the first word of `x`. Returns (B, T, D).
    """

    def __init__(self, max_length, **kwargs):
        super().__init__(**kwargs)
        check_positive(max_length=max_length)
        self.max_length = max_length

    def build(self, input_shape):
        check_even(input_shape[-1])
        columns = np.arange(input_shape[-1])[np.newaxis, :]
        angles = get_angles(np.arange(self.max_length)[:, np.newaxis], columns, input_shape[-1])
        # (max_length, D), in NumPy: `fit` builds layers inside a compiled function, where tensors have no values yet
        self.encoding = np.where(columns % 2 == 0, np.sin(angles), np.cos(angles)).astype("float32")

    def call(self, x, start=0):
        check_rank(x, 3, "x", "(B, T, D)")
        self.check_length(x.shape, start)
        positions = ops.add(start, ops.arange(ops.shape(x)[1], dtype="int32"))  # (T,)
        return x + ops.take(ops.cast(self.encoding, x.dtype), positions, axis=0)

    def check_length(self, shape, start=0):
        T, first = shape[1], concrete(start)
        if isinstance(T, int) and first is not None and not 0 <= first <= self.max_length - T:
            raise ValueError(
                f"Positions {first}…{first + T - 1} do not fit into max_length={self.max_length}. "
                f"Received: x of shape {tuple(shape)}, start={first}. Shorten the input or raise max_length"
            )

    def compute_output_shape(self, input_shape):
        self.check_length(input_shape)
        return input_shape

    def get_config(self):
        return {**super().get_config(), **arguments_of(self)}


carries_mask(PositionalEncoding)
