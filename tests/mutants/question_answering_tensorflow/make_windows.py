"""Wrong answers to make_windows."""

import math

import numpy as np


def windows_step_is_stride(num_tokens, window, stride):
    windows, start = [], 0
    while start < num_tokens:
        windows.append((start, min(start + window, num_tokens)))
        if start + window >= num_tokens:
            break
        start += stride or window
    return windows


def windows_empty_tail(num_tokens, window, stride):
    return [(s, min(s + window, num_tokens)) for s in range(0, num_tokens, window - stride)]


def windows_without_overlap(num_tokens, window, stride):
    return [(s, min(s + window, num_tokens)) for s in range(0, num_tokens, window)]


def windows_lose_the_end(num_tokens, window, stride):
    windows, start = [], 0
    while start + window <= num_tokens:
        windows.append((start, start + window))
        start += window - stride
    return windows


def windows_reach_over(num_tokens, window, stride):
    windows, start = [], 0
    while num_tokens:
        windows.append((start, start + window))
        if start + window >= num_tokens:
            break
        start += window - stride
    return windows


def windows_end_included(num_tokens, window, stride):
    windows, start = [], 0
    while num_tokens:
        windows.append((start, min(start + window, num_tokens) - 1))
        if start + window >= num_tokens:
            break
        start += window - stride
    return windows


def windows_moved_back(num_tokens, window, stride):
    windows, start = [], 0
    while num_tokens:
        if start + window >= num_tokens:
            windows.append((max(num_tokens - window, 0), num_tokens))
            break
        windows.append((start, start + window))
        start += window - stride
    return windows


def windows_of_an_empty_text(num_tokens, window, stride):
    windows, start = [(0, min(window, num_tokens))], 0
    while windows[-1][1] < num_tokens:
        start += window - stride
        windows.append((start, min(start + window, num_tokens)))
    return windows


def windows_one_shared_too_many(num_tokens, window, stride):
    windows, start = [], 0
    while num_tokens:
        windows.append((start, min(start + window, num_tokens)))
        if start + window >= num_tokens:
            break
        start += max(1, window - stride - 1)
    return windows


def windows_of_floats(num_tokens, window, stride):
    step, windows = window - stride, []
    count = math.ceil((num_tokens - stride) / step) if num_tokens > stride else 1
    for start in np.linspace(0, step * (count - 1), count) if num_tokens else ():
        windows.append((start, min(start + window, num_tokens)))
    return windows


def _right(num_tokens, window, stride):
    windows, start = [], 0
    while start < num_tokens:
        windows.append((start, min(start + window, num_tokens)))
        if windows[-1][1] == num_tokens:
            break
        start += window - stride
    return windows


def windows_generated(num_tokens, window, stride):
    yield from _right(num_tokens, window, stride)


def windows_in_a_map(num_tokens, window, stride):
    return map(tuple, _right(num_tokens, window, stride))


def windows_in_a_set(num_tokens, window, stride):
    return set(_right(num_tokens, window, stride))


def windows_in_a_row(num_tokens, window, stride):
    out = []
    for start, end in _right(num_tokens, window, stride):
        out += [start, end]
    return out


def windows_of_token_numbers(num_tokens, window, stride):
    return [list(range(*pair)) for pair in _right(num_tokens, window, stride)]


def windows_return_at_once(num_tokens, window, stride):
    windows = []
    for pair in _right(num_tokens, window, stride):
        windows.append(pair)
        return windows
    return windows


def windows_forgotten(num_tokens, window, stride):
    _right(num_tokens, window, stride)


def windows_none_for_nothing(num_tokens, window, stride):
    return _right(num_tokens, window, stride) if num_tokens else None


def windows_a_pair_alone(num_tokens, window, stride):
    windows = _right(num_tokens, window, stride)
    return windows[0] if len(windows) == 1 else windows


def windows_stop_near_the_end(num_tokens, window, stride):
    windows, start = [], 0
    while start < num_tokens:
        end = min(start + window, num_tokens)
        windows.append((start, end))
        if end >= num_tokens - stride:
            break
        start = end - stride
    return windows


def windows_and_what_they_share(num_tokens, window, stride):
    return [(s, min(s + window + stride, num_tokens)) for s in range(0, num_tokens, window)]


def windows_backwards(num_tokens, window, stride):
    return [(end, start) for start, end in _right(num_tokens, window, stride)]


def windows_one_more_at_the_end(num_tokens, window, stride):
    windows, start = [], 0
    while num_tokens:
        windows.append((start, min(start + window, num_tokens)))
        if start + window > num_tokens:
            break
        start += window - stride
    return windows


def windows_in_two_lists(num_tokens, window, stride):
    windows = _right(num_tokens, window, stride)
    return [a for a, _ in windows], [b for _, b in windows]


def windows_as_slices(num_tokens, window, stride):
    return [slice(*pair) for pair in _right(num_tokens, window, stride)]


MUTANTS = [
    (windows_step_is_stride, "they move by window - stride"),
    (windows_empty_tail, "the last window holds nothing new"),
    (windows_without_overlap, "do not overlap"),
    (windows_lose_the_end, "the end of the text is lost"),
    (windows_reach_over, "reaches over the end"),
    (windows_end_included, "the end is not included"),
    (windows_moved_back, "moved back"),
    (windows_of_an_empty_text, "an empty text has no window"),
    (windows_one_shared_too_many, "one token too many is shared"),
    (windows_generated, "a generator came back"),
    (windows_in_a_map, "a map, which is no list"),
    (windows_in_a_set, "a set, which is no list"),
    (windows_in_a_row, "numbers stand in a row"),
    (windows_of_token_numbers, "the numbers of a window's tokens"),
    (windows_return_at_once, "inside the loop"),
    (windows_forgotten, "is a `return` missing?"),
    (windows_none_for_nothing, "an empty list is asked for, not None"),
    (windows_a_pair_alone, "a single pair came back"),
    (windows_stop_near_the_end, "not one that comes near"),
    (windows_and_what_they_share, "longer than `window`"),
    (windows_backwards, "start and end are swapped"),
    (windows_of_floats, "no whole numbers"),
    (windows_one_more_at_the_end, "another one follows"),
    (windows_in_two_lists, "two lists came back"),
    (windows_as_slices, "a slice in place of a pair"),
]
