"""Unusual right answers to decode_bio."""

import re
from collections import namedtuple

from tests.alternatives.named_entity_recognition.shared import decode_by_growing, decode_by_starts


def decode_recursively(labels, offset=0):
    if not labels:
        return ()
    if labels[0] == "O":
        return decode_recursively(labels[1:], offset + 1)
    kind, n = labels[0][2:], 1
    while n < len(labels) and labels[n] == f"I-{kind}":
        n += 1
    return ((kind, offset, offset + n), *decode_recursively(labels[n:], offset + n))


Entity = namedtuple("Entity", "type first last")


def decode_by_regex(labels):
    kinds = [label[2:] for label in labels]
    signs = [
        "o" if label == "O" else "b" if label[0] == "B" or i == 0 or kinds[i - 1] != kinds[i] else "i"
        for i, label in enumerate(labels)
    ]
    return [Entity(kinds[m.start()], m.start(), m.end()) for m in re.finditer("bi*", "".join(signs))]


def decode_by_yields(labels):
    run = None
    for n, label in enumerate([*labels, "O"]):
        if run and label != "I-" + run[0]:
            yield (*run, n)
            run = None
        if not run and label != "O":
            run = (label[2:], n)


ALTERNATIVES = [decode_by_regex, decode_by_yields]
ALTERNATIVES += [decode_by_growing, decode_by_starts, decode_recursively]
