"""Unusual right answers to make_windows."""

import numpy as np


def windows_by_a_loop(num_tokens, window, stride):
    windows, start = [], 0
    while num_tokens > 0:
        end = min(start + window, num_tokens)
        windows.append([start, end])
        if end == num_tokens:
            break
        start = end - stride
    return windows


def windows_by_count(num_tokens, window, stride):
    step = window - stride
    count = 0 if not num_tokens else 1 + max(0, -(-(num_tokens - window) // step))
    return [(step * k, min(step * k + window, num_tokens)) for k in range(count)]


def windows_in_numpy(num_tokens, window, stride):
    if num_tokens == 0:
        return np.zeros((0, 2), int)
    starts = np.arange(0, max(num_tokens - stride, 1), window - stride)
    return np.stack([starts, np.minimum(starts + window, num_tokens)], axis=1)


def windows_by_recursion(num_tokens, window, stride, start=0):
    if num_tokens <= 0:
        return []
    if start + window >= num_tokens:
        return [(start, num_tokens)]
    return [(start, start + window), *windows_by_recursion(num_tokens, window, stride, start + window - stride)]


def windows_that_end_elsewhere(num_tokens, window, stride):
    windows = [(a, min(a + window, num_tokens)) for a in range(0, num_tokens, window - stride)]
    return [pair for k, pair in enumerate(windows) if k == 0 or pair[1] != windows[k - 1][1]]


ALTERNATIVES = [windows_by_a_loop, windows_by_count, windows_in_numpy, windows_by_recursion, windows_that_end_elsewhere]
