"""Parts of windows to learn from: shorter ones, cut anew each time a question's turn comes. NumPy only.

A step costs what its tokens cost. Where an answer stands in a passage of thirty lines, most of them teach little, and
read a second time they teach less: a part of half the length that holds the answer is learnt from in half the time, and
the next part is another one.
"""

import zlib
from collections.abc import Sequence

import numpy as np

from utils.tasks.passages import NULL, Window
from utils.text.buckets import OnDemand


def crops(windows: Sequence[Window], labels: np.ndarray, length: int, number: int,
          seed: int = 0) -> tuple[Sequence[Window], np.ndarray]:  # fmt: skip
    """Parts of the windows, each the question and at most `length` tokens of the passage.

    A part of a window with an answer holds the whole answer, anywhere in it. It begins and ends with a sentence where
    one begins and ends near enough. A window that is short enough stays as it is, and so does one whose answer is not.

    Args:
        windows: N of them, with `sentences`.
        labels: (N, 2), the first and last token of the answer in each, or NULL.
        length: tokens of the passage in a part, at most.
        number: of parts, at least; whole rounds of the N windows are made.
        seed: of the cuts.

    Returns:
        N times the rounds parts and their labels, (N times the rounds, 2) int32; the windows themselves where all of
        them are short enough.
    """
    N = len(windows)
    fronts = np.array([window.context.start for window in windows])
    if all(len(window) - front - 1 <= length for window, front in zip(windows, fronts, strict=True)):
        return windows, labels
    rng, rounds = np.random.default_rng([seed, 1]), max(1, -(-number // N))
    ends = np.array([part_of(window, label, length, rng) for _ in range(rounds)
                     for window, label in zip(windows, labels, strict=True)])  # fmt: skip
    fronts = np.tile(fronts, rounds)
    shifts = (ends[:, :1] - fronts[:, np.newaxis]).astype("int32")  # how much nearer to the front its tokens stand
    moved = np.tile(labels, (rounds, 1))
    moved = np.where((moved == NULL).all(axis=1, keepdims=True), moved, moved - shifts)

    def part(index: int) -> Window:
        return cut_out(windows[index % N], *ends[index])

    def mark() -> str:
        code = zlib.crc32(repr((length, seed)).encode())
        for window in windows:
            code = zlib.crc32(np.asarray(window.ids, "<i4").tobytes() + b"|", code)
        return f"{zlib.crc32(ends.astype('<i4').tobytes(), code):08x}"

    return OnDemand(fronts + ends[:, 1] - ends[:, 0] + 1, part, mark), moved.astype("int32")


def part_of(window: Window, label: Sequence[int], length: int, rng: np.random.Generator) -> tuple[int, int]:
    """Where a part begins and ends, the end not included: tokens of the window's context, as many as there is room for.

    Args:
        window: to be cut.
        label: the answer's first and last token, or NULL.
        length: tokens of the part, at most.
        rng: chance.
    """
    context = window.context
    first, last = label if tuple(label) != NULL else [rng.integers(context.start, context.stop)] * 2
    if context.stop - context.start <= length or last - first >= length:
        return context.start, context.stop
    begin = int(rng.integers(max(context.start, last + 1 - length), min(first, context.stop - length) + 1))
    end = begin + length
    numbers = np.array(window.sentences[context.start : context.stop + 1])
    begins = context.start + np.flatnonzero(np.diff(numbers, prepend=numbers[0] - 1))  # of sentences in the window
    inside = begins[(begins >= begin) & (begins <= first)]
    stops = begins[(begins > last) & (begins <= end)]
    begin = int(inside[0]) if len(inside) else begin
    if len(stops) and end < context.stop:
        end = int(stops[-1])
    return begin, end


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
