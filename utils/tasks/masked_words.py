"""Masked words: pieces are hidden, and an encoder learns to say which they were (Devlin et al. 2018, section 3.1)."""

import numpy as np

from utils.tasks.labels import IGNORED


def mask_tokens(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    """Chooses pieces that are to be guessed, and hides most of them (Devlin et al. 2018, section 3.1).

    Args:
        token_ids: (B, T) whole numbers.
        maskable: (B, T) bool, False where none may be chosen: [CLS], [SEP] and padding.
        mask_id: the id of [MASK].
        vocabulary_size: V; ids go from 0 to V - 1.
        rng: a NumPy generator, from which all chance comes.
        rate: the probability with which a piece is chosen.

    Returns:
        The inputs (B, T) int32: of the chosen, 80 % are [MASK], 10 % a random id, 10 % as they were; all others are
        as they were. And the labels (B, T) int32: the right id of each chosen piece, -100 elsewhere.
    """
    token_ids = np.asarray(token_ids, "int32")
    chosen = maskable & (rng.random(token_ids.shape) < rate)
    fate = rng.random(token_ids.shape)  # below 0.8: hidden; then up to 0.9: another; the rest stays
    other = rng.integers(0, vocabulary_size, token_ids.shape)
    inputs = np.where(chosen & (fate < 0.9), other, token_ids)
    inputs = np.where(chosen & (fate < 0.8), mask_id, inputs)
    return inputs.astype("int32"), np.where(chosen, token_ids, IGNORED).astype("int32")
