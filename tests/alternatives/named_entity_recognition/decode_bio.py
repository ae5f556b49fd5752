"""Unusual right answers to decode_bio."""

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


ALTERNATIVES = [decode_by_growing, decode_by_starts, decode_recursively]
