"""Unusual right answers to wordpiece_tokenize."""

import functools
import re

import numpy as np


def pieces_by_while(word, vocab, unknown="[UNK]"):
    out, rest, mark = [], word, ""
    while rest:
        n = len(rest)
        while n > 0 and mark + rest[:n] not in vocab:
            n -= 1
        if n == 0:
            return [unknown]
        out.append(mark + rest[:n])
        rest, mark = rest[n:], "##"
    return out


def pieces_by_recursion(word, vocab, unknown="[UNK]", mark=""):
    if word == "":
        return []
    for n in reversed(range(1, len(word) + 1)):
        if mark + word[:n] in vocab:
            rest = pieces_by_recursion(word[n:], vocab, unknown, "##")
            return [unknown] if rest == [unknown] and word[n:] else [mark + word[:n], *rest]
    return [unknown]


def pieces_by_max(word, vocab, unknown="[UNK]"):
    known, out, start = set(vocab), [], 0
    while start < len(word):
        mark = "##" if start else ""
        fits = [end for end in range(start + 1, len(word) + 1) if mark + word[start:end] in known]
        if not fits:
            return [unknown]
        out += [mark + word[start : max(fits)]]
        start = max(fits)
    return out


def pieces_by_vocabulary(word, vocab, unknown="[UNK]"):
    pieces, start = [], 0
    while start < len(word):
        mark = "##" if pieces else ""
        fits = [piece for piece in vocab if (mark + word[start:]).startswith(piece) and len(piece) > len(mark)]
        if not fits:
            return [unknown]
        pieces.append(max(fits, key=len))
        start += len(pieces[-1]) - len(mark)
    return pieces


def pieces_by_trie(word, vocab, unknown="[UNK]"):
    trie = {}
    for piece in vocab:
        node = trie
        for letter in piece:
            node = node.setdefault(letter, {})
        node[None] = piece
    out, start = [], 0
    while start < len(word):
        node, best, end = trie.get("#", {}).get("#", {}) if start else trie, None, start
        while end < len(word) and word[end] in node:
            node, end = node[word[end]], end + 1
            best = (node[None], end) if None in node else best
        if best is None:
            return [unknown]
        out.append(best[0])
        start = best[1]
    return out


def pieces_by_escaped_regex(word, vocab, unknown="[UNK]"):
    def any_of(pieces):
        return re.compile("|".join(map(re.escape, sorted(pieces, key=len, reverse=True))) or "(?!)")

    first = any_of(p for p in vocab if p and p[:2] != "##")
    later = any_of(p[2:] for p in vocab if p[:2] == "##" and p[2:])
    out, start = [], 0
    while start < len(word):
        found = (later if start else first).match(word, start)
        if found is None:
            return [unknown]
        out.append("##" * bool(start) + found[0])
        start = found.end()
    return out


class Pieces(list):
    """A list is a list."""


def pieces_by_numpy(word, vocab, unknown="[UNK]"):
    out, start = Pieces(), 0
    while start < len(word):
        ends = np.arange(start + 1, len(word) + 1)
        known = np.array([("##" if start else "") + word[start:end] in vocab for end in ends])
        if not known.any():
            return Pieces([unknown])
        out.append(np.str_(("##" if start else "") + word[start : ends[known][-1]]))
        start = int(ends[known][-1])
    return out


def pieces_by_reduce(word, vocab, unknown="[UNK]"):
    def step(state, _):
        out, i = state
        if out is None or i >= len(word):
            return state
        m = "##" * (i > 0)
        return next((([*out, m + word[i:j]], j) for j in range(len(word), i, -1) if m + word[i:j] in vocab), (None, i))

    out, _ = functools.reduce(step, word, ([], 0))
    return [unknown] if out is None else out


ALTERNATIVES = [pieces_by_trie, pieces_by_escaped_regex, pieces_by_numpy, pieces_by_reduce]
ALTERNATIVES += [pieces_by_vocabulary, pieces_by_while, pieces_by_recursion, pieces_by_max]
