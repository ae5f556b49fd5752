"""What a failed check draws: the expected matrix and the learner's, side by side."""

import matplotlib.pyplot as plt
import numpy as np

from utils.plots.style import SIGNED, finish


def expected_beside_yours(expected: np.ndarray, yours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draws two matrices on one scale; of more than two axes, the first matrix in which they differ.

    Args:
        expected: (..., rows, columns).
        yours: the same shape.

    Returns:
        The two matrices drawn, (rows, columns).
    """
    want, have = (np.asarray(a, "float64").reshape(-1, *a.shape[-2:]) for a in (expected, yours))
    first = int(np.argmax(np.any(~np.isclose(want, have, equal_nan=True), axis=(1, 2))))
    want, have = want[first], have[first]
    limit = max(np.abs(a[np.isfinite(a)]).max(initial=1e-9) for a in (want, have))
    figure, axes = plt.subplots(1, 2, sharey=True)
    for ax, matrix, title in zip(axes, (want, have), ("expected", "yours"), strict=True):
        image = ax.imshow(matrix, cmap=SIGNED, vmin=-limit, vmax=limit, aspect="auto")
        ax.set(title=title, xlabel="column")
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(plt.MaxNLocator(integer=True))
        for (row, column), value in np.ndenumerate(matrix if matrix.size <= 36 else np.empty((0, 0))):
            ax.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=13)
    axes[0].set_ylabel("row")
    figure.colorbar(image, ax=axes)
    rows = np.flatnonzero(np.any(~np.isclose(want, have, equal_nan=True), axis=1))
    finish(figure, f"The expected matrix beside yours; they differ in {len(rows)} of {len(want)} rows.")
    return want, have
