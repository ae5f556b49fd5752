"""Unusual right answers to split_by_group."""

from collections import defaultdict

import numpy as np


def split_one_after_the_other(items, group_of, fractions, seed=0):
    members, items = defaultdict(list), tuple(items)
    for i, item in enumerate(items):
        members[group_of(item)].append(i)
    names = sorted(members, key=repr)
    order = np.random.default_rng(seed).permutation(len(names))
    parts, ends = [[] for _ in fractions], np.cumsum(fractions) * len(items)
    n = done = 0
    for i in order:
        while done >= ends[n] - 1e-9 and n < len(fractions) - 1:
            n += 1
        parts[n].extend(members[names[i]])
        done += len(members[names[i]])
    return tuple([items[i] for i in sorted(part)] for part in parts)


ALTERNATIVES = [split_one_after_the_other]
