"""Masks: boolean, True = may attend. They say which key each query may look at."""

import keras
import ml_dtypes
from keras import ops

from utils.layers.contract import arguments_of, check_rank, takes_ids


def create_padding_mask(token_ids, pad_id: int = 0):
    """True where there is a token, False where there is padding.

    Args:
        token_ids: (B, S).
        pad_id: the id that fills short sentences up.

    Returns:
        (B, 1, 1, S) bool: the same for every head and every query.
    """
    check_rank(token_ids, 2, "token_ids", "(B, S)")
    return ops.expand_dims(ops.not_equal(token_ids, pad_id), (1, 2))


def create_look_ahead_mask(size: int):
    """Each position may look at itself and at what came before.

    Args:
        size: the length T.

    Returns:
        (T, T) bool, True on and below the diagonal.
    """
    positions = ops.arange(size)
    return ops.expand_dims(positions, 1) >= ops.expand_dims(positions, 0)


def combine_masks(*masks):
    """Allowed is what every mask allows.

    Args:
        masks: bool, of shapes that broadcast; None is ignored. A (B, T, S) mask beside one of four axes
            counts as (B, 1, T, S).

    Returns:
        The broadcast "and", or None where all are None.
    """
    combined, rank = None, max([0, *(len(m.shape) for m in masks if m is not None)])
    for mask in masks:
        if mask is None:
            continue
        mask = check_mask(mask)
        if rank == 4 and len(mask.shape) == 3:
            mask = ops.expand_dims(mask, 1)
        combined = mask if combined is None else ops.logical_and(combined, mask)
    return combined


def mask_to_additive(mask, dtype: str = "float32"):
    """The mask as numbers to add to the scores: 0 where True, a very low one elsewhere.

    Args:
        mask: bool, any shape.
        dtype: that of the scores.

    Returns:
        The same shape in `dtype`, finite in every dtype.
    """
    low = ops.convert_to_tensor(lowest(dtype), dtype)
    return ops.where(check_mask(mask), ops.zeros_like(low), low)


def lowest(dtype: str) -> float:
    """Half of the lowest number that `dtype` holds: a score can be added to it and it stays finite."""
    return float(ml_dtypes.finfo(keras.backend.standardize_dtype(dtype)).min) / 2


def check_mask(mask):
    """The mask as a tensor. Raises TypeError where it is not boolean."""
    if not isinstance(mask, keras.KerasTensor):
        mask = ops.convert_to_tensor(mask)
    dtype = keras.backend.standardize_dtype(mask.dtype)
    if dtype != "bool":
        raise TypeError(
            f"A mask must be boolean, True = may attend. Received: dtype {dtype}. "
            "Where 1 means token, pass `mask == 1`; of an additive mask, where 0 may attend, pass `mask == 0`"
        )
    return mask


def fit_mask(mask, scores_shape: tuple):
    """Gives an attention mask as many axes as the scores have.

    Args:
        mask: bool (T, S), (B, T, S) or (B or 1, H or 1, T or 1, S).
        scores_shape: (..., T, S), two to four axes.

    Returns:
        The mask, ready to broadcast against the scores.

    Raises:
        TypeError: it is not boolean.
        ValueError: its shape does not fit the scores'.
    """
    mask = check_mask(mask)
    shape, rank = tuple(mask.shape), len(scores_shape)
    if len(shape) == 3 and rank == 4:
        mask = ops.expand_dims(mask, 1)  # (B, T, S): the same for every head
    elif len(shape) == 4 and rank == 3 and shape[1] == 1:
        mask = ops.squeeze(mask, 1)  # one head's worth, for scores without a head axis
    fits = len(shape) in (2, 3, 4) and len(mask.shape) <= rank
    pairs = zip(reversed(mask.shape), reversed(scores_shape), strict=False)
    if not fits or any(m not in (1, s) for m, s in pairs if isinstance(m, int) and isinstance(s, int)):
        raise ValueError(
            "An attention mask must have shape (T, S), (B, T, S) or (B or 1, H or 1, T or 1, S). "
            f"Received: mask of shape {shape} for scores of shape {tuple(scores_shape)}"
        )
    return mask


@keras.saving.register_keras_serializable(package="transformer_course")
class PaddingMask(keras.layers.Layer):
    """`create_padding_mask` as a layer: token ids (B, S) to a bool mask (B, 1, 1, S).

    Args:
        pad_id: the id that fills short sentences up.
    """

    def __init__(self, pad_id=0, **kwargs):
        super().__init__(**kwargs)
        self.pad_id = pad_id

    def call(self, token_ids):
        return create_padding_mask(token_ids, self.pad_id)

    def get_config(self):
        return {**super().get_config(), **arguments_of(self)}

    def compute_output_shape(self, token_ids_shape):
        return (token_ids_shape[0], 1, 1, token_ids_shape[1])

    def compute_output_spec(self, token_ids):
        return keras.KerasTensor(self.compute_output_shape(token_ids.shape), "bool")


takes_ids(PaddingMask)


@keras.saving.register_keras_serializable(package="transformer_course")
class LookAheadMask(keras.layers.Layer):
    """`create_look_ahead_mask` as a layer: (B, T) or (B, T, D) to a bool mask (T, T)."""

    def call(self, x):
        if len(x.shape) not in (2, 3):
            raise ValueError(f"`x` must have shape (B, T) or (B, T, D). Received: shape {tuple(x.shape)}")
        return create_look_ahead_mask(ops.shape(x)[1])

    def compute_output_shape(self, x_shape):
        return (x_shape[1], x_shape[1])

    def compute_output_spec(self, x):
        return keras.KerasTensor(self.compute_output_shape(x.shape), "bool")
