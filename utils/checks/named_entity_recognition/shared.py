"""What the exercises of this lesson share."""

NOTEBOOK = "11_named_entity_recognition"


KINDS = ("PER", "LOC", "ORG", "DATE")


def random_labels(rng, size, kinds=KINDS[:2], outside=0.35):
    """Labels at random, in no proper order."""
    picks = rng.random(size) < outside
    return ["O" if o else f"{rng.choice(['B', 'I'])}-{rng.choice(kinds)}" for o in picks]


def proper(rng, size):
    """Labels in which every I- continues an entity of its type, and no two entities touch."""
    labels = ["O"]
    while len(labels) < size:
        kind, length = rng.choice(KINDS), int(rng.integers(1, 4))
        labels += [f"B-{kind}", *[f"I-{kind}"] * (length - 1), "O"]
    return labels
