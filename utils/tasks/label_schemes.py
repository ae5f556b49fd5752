"""What the labels of a saved model mean, whatever scheme it was trained with: BIO, BIOES, BILOU, types alone. NumPy."""

import re
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from utils.datasets.readers.entity_labels import OUTSIDE, TAG, UNDERSCORED, chunks, scheme_of
from utils.pretrained.files import EncoderError

NAMELESS = re.compile(r"(LABEL_)?\d+")  # what transformers writes where nobody named the labels, or numbers alone
MARKS = re.compile(r"[\[<](PAD|CLS|SEP|UNK|MASK|/?s)[\]>]", re.IGNORECASE)  # labels of what is no word
LATER = re.compile(r"X|PAD|IGNORE|[\[<].*[\]>]", re.IGNORECASE)  # beside B- and I-: of later pieces, of padding
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
        passed_over: labels that no word has, such as [CLS], or X of a word's later pieces: they mean O.
    """

    def __init__(self, labels: Sequence[str]):
        prefixed = any(re.match("[BI][-_]", label, re.IGNORECASE) for label in labels)
        unlike = LATER if prefixed else MARKS
        self.passed_over = [label for label in dict.fromkeys(labels) if unlike.fullmatch(label)]
        labels = ["O" if label in self.passed_over else label for label in labels]
        named = {label for label in labels if label not in OUTSIDE}
        form = scheme_of(set(labels))
        bare = not form.form and sum(TAG.fullmatch(label) is not None for label in named) <= len(named) / 2
        under = bare and all(UNDERSCORED.fullmatch(label) for label in named)
        self.tags = []
        for label in labels:
            tag = form.label(label)
            if tag != "O" and (under or bare):
                tag = f"{tag[0]}-{tag[2:]}" if under else f"I-{tag}"
            elif not TAG.fullmatch(tag):  # a type alone among labels that have a letter
                tag = f"I-{tag}"
            self.tags.append(tag)
        self.bio = [tag if tag == "O" else BIO.get(tag[0], tag[0]) + tag[1:] for tag in self.tags]
        self.is_bio = not self.passed_over and list(labels) == self.tags == self.bio
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


def labels_in(path: Path, config: dict) -> list[str]:
    """The names of a model's outputs, as its config.json has them; a list is read by its places.

    Args:
        path: of config.json, for the messages.
        config: what it says.

    Raises:
        EncoderError: it does not name the labels, each of them.
    """
    names, numbers = config.get("id2label"), config.get("label2id")
    names = {str(n): name for n, name in enumerate(names)} if isinstance(names, list) else names
    wanted = 'Write their names under "id2label", such as {"0": "O", "1": "B-PER"}'
    if not isinstance(names, dict) or sorted(names) != sorted(map(str, range(len(names)))):
        raise EncoderError(f"{path} does not name the labels. Received: id2label={names!r}. {wanted}")
    labels = [names[str(n)] for n in range(len(names))]
    if wrong := [label for label in labels if not isinstance(label, str) or not label.strip()]:
        raise EncoderError(f"{path} does not name the labels: each must be a text. Received: {wrong[0]!r}. {wanted}")
    if nameless(labels):
        other = f". label2id has {sorted(numbers)[:4]}" if isinstance(numbers, dict) and not nameless(numbers) else ""
        raise EncoderError(
            f"{path} names no labels: what they mean is not in the folder. Received: {labels[:4]}{other}. {wanted}"
        )
    if isinstance(numbers, dict):
        said = {label: int(n) for label, n in numbers.items() if str(n).isdigit()}
        places = {label: [n for n, other in enumerate(labels) if other == label] for label in labels}
        if wrong := [label for label in labels if said.get(label, places[label][0]) not in places[label]]:
            label = wrong[0]
            _warn(
                f"{path} contradicts itself: id2label has {label!r} as {places[label][0]}, label2id as {said[label]}. "
                "id2label is followed"
            )
    if passed_over := Meaning(labels).passed_over:
        _warn(f"{path}: the labels {', '.join(passed_over)} are of no word, and taken for O")
    return labels


def _warn(said: str) -> None:
    warnings.warn(said, stacklevel=4)
