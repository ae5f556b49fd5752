"""Sentences to learn from, as a file or a list, and the labels that occur in them. No framework."""

import os
from collections.abc import Iterable, Sequence

from utils.datasets.readers.entity_files import Example, read_entities


def label_names(examples: Sequence[Example]) -> list[str]:
    """O, then B- and I- of each type that occurs, in the order of the alphabet.

    Raises:
        ValueError: there is no entity.
    """
    kinds = sorted({span.label for example in examples for span in example.spans})
    if not kinds:
        raise ValueError("There must be at least one entity to learn from. Received: none in any sentence")
    return ["O", *(f"{prefix}-{kind}" for kind in kinds for prefix in "BI")]


def as_examples(source) -> list[Example]:
    """Examples as a list, read from a file where a path is given.

    Raises:
        EntityFileError: the file cannot be read.
        TypeError, ValueError: it is neither a path nor a list of `Example` with something in it.
    """
    if isinstance(source, (str, os.PathLike)):
        return read_entities(source)
    examples = list(source) if isinstance(source, Iterable) else [source]
    for index, example in enumerate(examples):
        if not isinstance(example, Example):
            raise TypeError(f"Pass a path, or a list of Example. Received: number {index} is {example!r}")
    if not examples:
        raise ValueError("There must be at least one sentence. Received: none")
    return examples
