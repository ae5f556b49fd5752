"""How far a share of few can be trusted."""

import numpy as np


def wilson(right: int, number: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval for a share: `right` of `number`, at 95 % for z = 1.96.

    Returns:
        Its lower and its upper end.
    """
    share, wide = right / number, 1 + z**2 / number
    middle = (share + z**2 / (2 * number)) / wide
    half = z / wide * np.sqrt(share * (1 - share) / number + z**2 / (4 * number**2))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))
