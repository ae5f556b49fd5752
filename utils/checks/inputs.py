"""Random inputs that several lessons' checks draw."""

import numpy as np


def normal(rng: np.random.Generator, *shape: int, mean: float = 0.0) -> np.ndarray:
    """Numbers from the normal distribution of deviation 1, float32."""
    return (mean + rng.normal(size=shape)).astype("float32")


def random_mask(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """A bool mask in which every query (the last axis) may look somewhere, and somewhere not."""
    mask = rng.random(shape) < 0.5
    rows = mask.reshape(-1, shape[-1])
    places = rng.permuted(np.tile(np.arange(shape[-1]), (len(rows), 1)), axis=1)
    rows[np.arange(len(rows)), places[:, 0]], rows[np.arange(len(rows)), places[:, 1]] = True, False
    return rows.reshape(shape)
