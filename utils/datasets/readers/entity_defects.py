"""What is odd about texts with entities that can be read: in one text, and in the types of a file. No framework."""

import re
from collections import Counter
from collections.abc import Iterator

from utils.datasets.readers.entity_examples import Example
from utils.datasets.readers.entity_labels import UNDERSCORED
from utils.datasets.readers.findings import LISTED, Defect, Findings
from utils.datasets.readers.repeats import Repeats
from utils.datasets.readers.text_defects import Coverage, brief, damage, unhit_spans, words_without_piece

RARE, ENOUGH = 5, 50  # a label is rare below 5, once there are 50 entities
UNEVEN = 50  # times as many of one label as of another
ENDLESS = 500  # words of a sentence; no sentence has so many
NO_LABELS = ("o", "0", "out", "outside", "none", "null")


def defects_of_example(file: str, example: Example, columns: bool, repeats: Repeats) -> Iterator[Defect]:
    """What is odd about an example that can be used.

    Args:
        file: the file's path.
        example: as `examine_entities` gives it.
        columns: whether the file gives a word a row.
        repeats: the texts before it, to which it is added.
    """

    def defect(kind, message, advice):
        return Defect(kind, file, example.line, "", message, advice, kept=True)

    for problem in damage(example.text):
        yield defect(*problem)
    if columns and len(example.words) > ENDLESS:
        advice = "Put a blank line, or in a CSV another sentence number, between any two sentences"
        yield defect("endless sentence", f"a sentence of {len(example.words)} words begins here", advice)
    if columns:
        spaced = [word for start, end in example.words if " " in (word := example.text[start:end])]
        if spaced:
            advice = "Give each word a row; a quote may be open, or a line break stand in a cell"
            yield defect("space within a word", f"{brief(spaced[0])} stands where one word should", advice)
    repeats.add(example.text, example.line, example.spans)


def add_repeats(found: Findings, file: str, repeats: Repeats) -> None:
    """Adds the texts that came more than once to what was found: as many as are listed, the rest counted."""
    for same, (listed, count) in repeats.found(LISTED).items():
        kind, as_here = ("text twice", "as") if same else ("one text, two labellings", "with other entities")
        advice = "Keep one; split before you copy" if same else "Decide which is right, and keep that one"
        for one in listed:
            message = f"the text {one.shown} stands in line {one.first} already, {as_here} here"
            found.add(Defect(kind, file, one.line, "", message, advice, kept=True))
        found.count(kind, count - len(listed))


def defects_of_pieces(file: str, examples: list[Example], coverage: Coverage) -> Iterator[Defect]:
    """What the tokenizer makes of examples: words of which it makes nothing, entities that its pieces cannot hit."""
    codes = coverage.tokenizer.encode_batch([example.text for example in examples], add_special_tokens=False)
    for example, code in zip(examples, codes, strict=True):
        offsets, known = coverage.pieces_of(example.text, code)
        found = []
        if not example.text.isascii() and (lost := words_without_piece(offsets, example.words)):
            count = "1 word vanishes" if len(lost) == 1 else f"{len(lost)} words vanish"
            message = f"{count} in the tokenizer, such as {ascii(example.text[slice(*lost[0])])}"
            found.append(("word without a piece", message, "Take them out where they mean nothing: they stay O"))
        for span in example.spans:
            found += unhit_spans(offsets, known, example.text, span.start, span.end, "entity")
        for kind, message, advice in found:
            yield Defect(kind, file, example.line, "", message, advice, kept=True)


def defects_of_labels(file: str, labels: Counter, first: dict[str, int], texts: int) -> Iterator[Defect]:
    """What is odd about the types of a whole file.

    Args:
        file: the file's path.
        labels: how many entities there are of each type.
        first: type -> the line where it comes first.
        texts: how many texts there are.
    """

    def defect(kind, message, advice):
        return Defect(kind, file, 0, "", message, advice, kept=True)

    if not labels:
        if texts:
            yield defect("no entities", f"in {texts} texts there is not one entity", "Label some, or pass another file")
        return
    by_case: dict[str, list[str]] = {}
    for label in sorted(labels):
        by_case.setdefault(re.sub(r"\W|_", "", label.casefold()), []).append(label)
        if label.casefold() in NO_LABELS:
            advice = "A word outside all entities has the label O, a capital letter"
            yield defect("label for nothing", f"{labels[label]} entities are of the type {label!r}", advice)
        elif UNDERSCORED.fullmatch(label):
            advice = f"Write {label[0]}-{label[2:]}, with a hyphen"
            yield defect("underscore in a label", f"{label!r} was taken for a type", advice)
    for names in by_case.values():
        if len(names) > 1:
            shown = " and ".join(f"{name!r} ({labels[name]}, the first at line {first[name]})" for name in names)
            yield defect("label spelt two ways", f"{shown} differ in spelling alone", "Write them the same")
    top, most = labels.most_common(1)[0]
    if sum(labels.values()) >= ENOUGH:
        for label, count in labels.items():
            if count < RARE or count * UNEVEN < most:
                advice = "Label more of it, or merge it with another type: from so few nothing is learnt"
                times = "once" if count == 1 else f"{count} times, first"
                message = f"{label!r} occurs {times} in the text at line {first[label]}, {top!r} {most} times"
                yield defect("label imbalance", message, advice)
