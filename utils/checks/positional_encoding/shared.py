"""What the exercises of this lesson share."""

import numpy as np


def columns(d: int) -> np.ndarray:
    """The indices of d columns, (1, d)."""
    return np.arange(d)[np.newaxis]


def as_it_came(answer, *args):
    """What an answer gives back; in words where it is a list, a tuple or np.matrix, which is no array."""
    came_back = answer(*args)
    if isinstance(came_back, (list, tuple)):
        return f"a list or tuple of {len(came_back)}"
    return "np.matrix" if isinstance(came_back, np.matrix) else came_back
