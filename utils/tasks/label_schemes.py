"""What the labels of a saved model mean, whatever scheme it was trained with: BIO, BIOES, BILOU, types alone. NumPy."""

import re
from collections.abc import Sequence

import numpy as np

from utils.datasets.readers.entity_labels import OUTSIDE, TAG, UNDERSCORED, chunks, scheme_of

NAMELESS = re.compile(r"LABEL_\d+")  # what transformers writes where nobody named the labels
BIO = {"S": "B", "U": "B", "W": "B", "E": "I", "L": "I", "M": "I"}  # what the other letters mean to BIO


class Meaning:
    """The meaning of a model's outputs.

    Args:
        labels: their names, such as ["O", "S-PER", "B-PER", "I-PER", "E-PER"] or ["O", "PATIENT"].

    Attributes:
        tags: for each output O, or a letter, a hyphen and a type. A type alone is I-: neighbours of a type are one.
        bio: for each output O, B- or I- of its type.
        is_bio: whether the labels are O, B- and I- as they stand.
        outside: the number of the output that says outside; 0 where none does.
    """

    def __init__(self, labels: Sequence[str]):
        named = {label for label in labels if label not in OUTSIDE}
        form = scheme_of(set(labels))
        bare = not form.form and sum(TAG.fullmatch(label) is not None for label in named) <= len(named) / 2
        under = bare and all(UNDERSCORED.fullmatch(label) for label in named)
        self.tags = []
        for label in labels:
            tag = form.label(label)
            if tag != "O" and (under or bare):
                tag = f"{tag[0]}-{tag[2:]}" if under else f"I-{tag}"
            self.tags.append(tag)
        self.bio = [tag if tag == "O" else BIO.get(tag[0], tag[0]) + tag[1:] for tag in self.tags]
        self.is_bio = list(labels) == self.tags == self.bio
        self.outside = self.tags.index("O") if "O" in self.tags else 0
        numbers = {tag: n for n, tag in enumerate(self.tags)}
        self._inside = np.array([numbers.get(f"I{tag[1:]}", n) if tag[0] == "B" else n
                                 for n, tag in enumerate(self.tags)])  # fmt: skip

    def of_path(self, outputs: Sequence[int]) -> list[str]:
        """The labels in BIO of a sentence's words, from the number of each word's output."""
        return self.in_bio([self.tags[n] for n in outputs])

    def in_bio(self, tags: Sequence[str]) -> list[str]:
        """The labels in BIO of a sentence's words, from tags; as they are where the model speaks BIO."""
        if self.is_bio:
            return list(tags)
        labels = ["O"] * len(tags)
        for kind, first, last in chunks(tags):
            labels[first:last] = [f"B-{kind}", *[f"I-{kind}"] * (last - first - 1)]
        return labels

    def continued(self, probabilities: np.ndarray) -> np.ndarray:
        """The probabilities of a word that lies in the piece of the word before it: what began there goes on, (C,)."""
        found = np.zeros_like(probabilities)
        np.add.at(found, self._inside, probabilities)
        return found


def nameless(labels: Sequence[str]) -> bool:
    """Whether the labels are numbers that transformers wrote: what they mean stands nowhere."""
    return bool(labels) and all(NAMELESS.fullmatch(label) for label in labels)
