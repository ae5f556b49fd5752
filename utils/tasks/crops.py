"""Parts of windows to learn from: shorter ones, cut anew each time a question's turn comes. NumPy only.

A step costs what its tokens cost. Where an answer stands in a passage of thirty lines, most of them teach little, and
read a second time they teach less: a part of half the length that holds the answer is learnt from in half the time, and
the next part is another one.
"""

import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from utils.tasks.passages import NULL, Window
from utils.text.buckets import Anew, OnDemand


def crops(windows: Sequence[Window], labels: np.ndarray, length: int,
          seed: int = 0) -> tuple[Sequence[Window], Sequence]:  # fmt: skip
    """Parts of the windows, each the question and at most `length` tokens of the passage; other ones in each epoch.

    A part of a window with an answer holds the whole answer, anywhere in it, and consists of whole sentences: see
    `part_of`. A window that is short enough stays as it is, and so does one whose answer is not.

    Args:
        windows: N of them, with `sentences`.
        labels: (N, 2), the first and last token of the answer in each, or NULL.
        length: tokens of the passage in a part, at most.
        seed: of the cuts; those of epoch e depend on it and e alone.

    Returns:
        The N parts, and the first and last token of the answer in each, (N, 2) int32 in each epoch; what was given
        where all windows are short enough.
    """
    fronts = np.array([window.context.start for window in windows])
    if all(len(window) - front - 1 <= length for window, front in zip(windows, fronts, strict=True)):
        return windows, labels
    without = (np.asarray(labels) == NULL).all(axis=1, keepdims=True)

    @lru_cache(2)
    def ends_of(epoch: int) -> np.ndarray:
        """Where each part begins and ends in its window, (N, 2)."""
        rng = np.random.default_rng([seed, epoch, 1])
        pairs = zip(windows, labels, strict=True)
        return np.array([part_of(window, label, length, rng) for window, label in pairs])

    def parts(epoch: int) -> OnDemand:
        ends = ends_of(epoch)
        return OnDemand(fronts + ends[:, 1] - ends[:, 0] + 1, lambda i: cut_out(windows[i], *ends[i]), mark)

    def moved(epoch: int) -> np.ndarray:
        """The labels, as much nearer to the front as the tokens are that they name."""
        shifts = ends_of(epoch)[:, :1] - fronts[:, np.newaxis]
        return np.where(without, labels, labels - shifts).astype("int32")

    def mark() -> str:
        code = zlib.crc32(repr((length, seed)).encode())
        for window in windows:
            code = zlib.crc32(np.asarray(window.ids, "<i4").tobytes() + b"|", code)
        return f"{zlib.crc32(np.asarray(labels, '<i4').tobytes(), code):08x}"

    return Anew(len(windows), parts, mark), Anew(len(windows), moved, mark)


def part_of(window: Window, label: Sequence[int], length: int, rng: np.random.Generator) -> tuple[int, int]:
    """Where a part begins and ends, the end not included: tokens of the window's context, as many as there is room for.

    The sentence of the answer, or any where there is none, takes in a neighbour before or after it, as chance wills,
    until the next would be too much. No part begins or ends within a sentence that fits: it would give the answer away.

    Args:
        window: to be cut.
        label: the answer's first and last token, or NULL.
        length: tokens of the part, at most.
        rng: chance.
    """
    low, high = window.context.start, window.context.stop
    first, last = label if tuple(label) != NULL else [rng.integers(low, high)] * 2
    if high - low <= length or last - first >= length:
        return low, high
    numbers = np.array(window.sentences[low:high])
    starts = low + np.flatnonzero(np.diff(numbers, prepend=numbers[0] - 1))  # of sentences, in the window
    stops = np.append(starts[1:], high)
    i, j = (int(np.searchsorted(starts, token, side="right")) - 1 for token in (first, last))
    if stops[j] - starts[i] > length:  # this alone is too long
        begin = int(rng.integers(max(starts[i], last + 1 - length), min(first, stops[j] - length) + 1))
        return begin, begin + length
    while True:
        moves = [(-1, 0)] if i > 0 and stops[j] - starts[i - 1] <= length else []
        moves += [(0, 1)] if j + 1 < len(stops) and stops[j + 1] - starts[i] <= length else []
        if not moves:
            return int(starts[i]), int(stops[j])
        before, after = moves[rng.integers(len(moves))]
        i, j = i + before, j + after


def cut_out(window: Window, begin: int, end: int) -> Window:
    """The window with these tokens of its context alone, its first sentence being number 1 again."""
    front = window.context.start
    numbers = np.array(window.sentences[begin:end])
    numbers = (numbers - numbers[0] + 1).tolist()
    return Window(
        window.question,
        [*window.ids[:front], *window.ids[begin:end], window.ids[-1]],
        [*window.type_ids[: front + end - begin], window.type_ids[-1]],
        [*window.offsets[:front], *window.offsets[begin:end], window.offsets[-1]],
        [*window.sentences[:front], *numbers, numbers[-1]],
    )
