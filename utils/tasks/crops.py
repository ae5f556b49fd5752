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

BESIDE = 0.25


def crops(windows: Sequence[Window], labels: np.ndarray, length: int, seed: int = 0,
          beside: float = BESIDE) -> tuple[Sequence[Window], Sequence]:  # fmt: skip
    """Parts of the windows, each the question and at most `length` tokens of the passage; other ones in each epoch.

    A part of a window with an answer holds the whole answer, anywhere in it. It begins and ends with a sentence where
    one begins and ends near enough. A window that is short enough stays as it is, and so does one whose answer is not.

    Now and then a part lies beside the sentence of the answer and holds nothing of it: who reads in several windows
    must know what one without the answer looks like.

    Args:
        windows: N of them, with `sentences`.
        labels: (N, 2), the first and last token of the answer in each, or NULL.
        length: tokens of the passage in a part, at most.
        seed: of the cuts; those of epoch e depend on it and e alone.
        beside: how often a window with an answer that can be cut gives a part beside it, 0 to 1.

    Returns:
        The N parts, and the first and last token of the answer in each or NULL, (N, 2) int32 in each epoch; what was
        given where all windows are short enough.

    Raises:
        ValueError: `beside` is no share.
    """
    fronts = np.array([window.context.start for window in windows])
    if all(len(window) - front - 1 <= length for window, front in zip(windows, fronts, strict=True)):
        return windows, labels
    if not 0 <= beside <= 1:
        raise ValueError(f"`beside` must be between 0 and 1. Received: beside={beside!r}")

    @lru_cache(2)
    def ends_of(epoch: int) -> np.ndarray:
        """Where each part begins and ends in its window, and whether it holds the answer, (N, 3)."""
        rng = np.random.default_rng([seed, epoch, 1])
        pairs = zip(windows, labels, strict=True)
        return np.array([part_of(window, label, length, beside, rng) for window, label in pairs])

    def parts(epoch: int) -> OnDemand:
        ends = ends_of(epoch)
        return OnDemand(fronts + ends[:, 1] - ends[:, 0] + 1, lambda i: cut_out(windows[i], *ends[i, :2]), mark)

    def moved(epoch: int) -> np.ndarray:
        """The labels, as much nearer to the front as the tokens are that they name."""
        begins, _, holding = ends_of(epoch).T[..., np.newaxis]
        return np.where(holding, labels - (begins - fronts[:, np.newaxis]), NULL).astype("int32")

    def mark() -> str:
        code = zlib.crc32(repr((length, seed, beside)).encode())
        for window in windows:
            code = zlib.crc32(np.asarray(window.ids, "<i4").tobytes() + b"|", code)
        return f"{zlib.crc32(np.asarray(labels, '<i4').tobytes(), code):08x}"

    return Anew(len(windows), parts, mark), Anew(len(windows), moved, mark)


def part_of(window: Window, label: Sequence[int], length: int, beside: float,
            rng: np.random.Generator) -> tuple[int, int, bool]:  # fmt: skip
    """Where a part begins and ends, the end not included: tokens of the window's context, as many as there is room for.

    Args:
        window: to be cut.
        label: the answer's first and last token, or NULL.
        length: tokens of the part, at most.
        beside: see `crops`.
        rng: chance.

    Returns:
        Beginning, end, and whether the part holds an answer.
    """
    low, high = window.context.start, window.context.stop
    holds = tuple(label) != NULL
    first, last = label
    if high - low <= length or last - first >= length:
        return low, high, holds
    numbers = np.array(window.sentences[low:high])
    if holds and rng.random() < beside:
        others = low + np.flatnonzero((numbers < numbers[first - low]) | (numbers > numbers[last - low]))
        if len(others):
            holds, first = False, int(rng.choice(others))
            if first < label[0]:
                high = int(others[others < label[0]][-1]) + 1
            else:
                low = int(others[others > label[1]][0])
            last = first
    elif not holds:
        first = last = int(rng.integers(low, high))
    begin = int(rng.integers(max(low, last + 1 - length), max(low, min(first, high - length)) + 1))
    end = min(begin + length, high)
    begins = window.context.start + np.flatnonzero(np.diff(numbers, prepend=numbers[0] - 1))  # of sentences
    inside = begins[(begins >= begin) & (begins <= first)]
    stops = begins[(begins > last) & (begins <= end)]
    begin = int(inside[0]) if len(inside) else begin
    if len(stops) and end < high:
        end = int(stops[-1])
    return begin, end, holds


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
